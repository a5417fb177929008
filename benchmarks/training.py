"""How long an update of a network takes: the book's, scikit-learn's, PyTorch's, and the floor.

``python benchmarks/training.py`` lets all of them do the same work in turn, in one run, on one
thread; sees that they arrive at the same weights; and puts the tables into `README.md`. About
five minutes, on a machine at rest; ``--quick`` takes one and writes nothing.
"""

import argparse
import gc
import itertools
import logging
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from statistics import median

import numpy as np
import record
import torch
from sklearn.neural_network import MLPClassifier
from sklearn.utils import shuffle
from threadpoolctl import threadpool_info, threadpool_limits

from dlbook.drawing import draw_digits
from dlbook.inplace import Trainer
from dlbook.layers import Network
from dlbook.training import evaluate, train

NETWORKS = {  # how many updates are timed at once, in batches of 1, 32 and 128
    (2, 16, 16, 3): (200, 200, 100),
    (64, 32, 10): (200, 200, 100),
    (64, 128, 64, 10): (200, 100, 40),
    (784, 128, 10): (100, 40, 15),
    (784, 512, 256, 10): (30, 10, 4),
}
BATCHES = (1, 32, 128)
RATES = {"gradient descent": 0.01, "momentum": 0.001, "adam": 0.001}  # so that nothing blows up
AGREE = {"float64": 1e-12, "float32": 1e-5}  # how far two weights may be apart after the warm-up
AGREE_ADAM = {"float64": 1e-6, "float32": 1e-2}  # it makes whole steps of what is nearly 0
MOVED = 1e-4  # and how far some weight must have moved until then
TINY = 1e-16  # in Adam's divisor: scikit-learn adds it at another place, where 1e-8 would be seen
OURS, EAGER, FUSED, COMPILED, SKLEARN, FLOOR = (
    "this book", "PyTorch eager", "PyTorch eager, fused step", "torch.compile", "scikit-learn",
    "the matrix products alone",
)  # fmt: skip
LARGE = (784, 512, 256, 10)
WANTED = {  # network, batch: times as long PyTorch and scikit-learn, this book over the floor
    ((2, 16, 16, 3), 32): (8, 5, None),
    ((64, 32, 10), 32): (8, 5, None),
    ((64, 128, 64, 10), 32): (5, 3.5, 2.2),
    ((784, 128, 10), 32): (2, 1.7, 1.45),
    (LARGE, 32): (1.3, 1.4, 1.3),
    (LARGE, 128): (1.3, 1.4, 1.3),
}
CHAPTERS = ("neuron", "layers", "losses", "updates", "training", "inplace", "images", "worked")
IMPORT_MS, DIGITS_SECONDS, DIGITS_RIGHT = 50, 10, 0.97


@dataclass(frozen=True)
class Case:
    """One kind of work: which network, how many samples in a batch, which steps, which floats."""

    sizes: tuple[int, ...]
    batch: int
    optimiser: str
    dtype: str

    @property
    def updates(self) -> int:
        """How many are timed at once."""
        return NETWORKS[self.sizes][BATCHES.index(self.batch)]


class Work:
    """The same start, data and order of the samples for all."""

    def __init__(self, case: Case) -> None:
        rng = np.random.default_rng(0)
        samples = case.batch * case.updates
        self.case, self.rate = case, RATES[case.optimiser]
        self.x = rng.uniform(0, 0.5, (samples, case.sizes[0])).astype(case.dtype)
        self.labels = np.arange(samples) % case.sizes[-1]
        self.start = Network.random(case.sizes, rng, dtype=case.dtype)
        # scikit-learn makes the order anew in each call, from the same seed the same.
        self.order = shuffle(np.arange(samples), random_state=np.random.RandomState(0))

    def batches(self) -> list[np.ndarray]:
        """Return which samples belong to each batch."""
        size = self.case.batch
        return [self.order[i : i + size] for i in range(0, len(self.order), size)]


# --- Who takes part: a function that makes all updates once, and one that tells the weights ----

Part = tuple[Callable[[], object], Callable[[], list[np.ndarray]]]


def ours(work: Work) -> Part:
    """Return the book's trainer, as `dlbook.training.train` uses it."""
    network = work.start.copy()
    trainer, batches = Trainer(network, work.case.optimiser, work.rate), work.batches()
    if work.case.optimiser == "adam":
        trainer.step = partial(trainer.adam_step, tiny=TINY)
    return lambda: trainer.epoch(work.x, work.labels, batches), lambda: network.parameters


def pytorch(work: Work, fused: bool = False, compiled: bool = False) -> Part:
    """Return a loop in PyTorch as its tutorials write it."""
    start = [torch.tensor(array) for array in work.start.parameters]
    parts = []
    for weights, bias in zip(start[::2], start[1::2], strict=True):
        layer = torch.nn.Linear(*weights.shape, dtype=weights.dtype)
        layer.weight.data, layer.bias.data = weights.T.contiguous(), bias
        parts += [layer, torch.nn.ReLU()]
    model, mean_loss = torch.nn.Sequential(*parts[:-1]), torch.nn.CrossEntropyLoss()
    make = torch.optim.Adam if work.case.optimiser == "adam" else torch.optim.SGD
    options = {"momentum": {"momentum": 0.9}, "adam": {"eps": TINY}}.get(work.case.optimiser, {})
    optimiser = make(model.parameters(), lr=work.rate, fused=fused or None, **options)
    x, labels = torch.tensor(work.x), torch.tensor(work.labels)
    batches = [torch.tensor(batch) for batch in work.batches()]

    def loss_of(x: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        return mean_loss(model(x), labels)

    step = optimiser.step
    if compiled:
        loss_of, step = torch.compile(loss_of), torch.compile(step)

    def epoch() -> None:
        for batch in batches:
            optimiser.zero_grad()
            loss_of(x[batch], labels[batch]).backward()
            step()

    def weights() -> list[np.ndarray]:
        return [
            array.detach().numpy() for part in parts[::2] for array in (part.weight.T, part.bias)
        ]

    return epoch, weights


def scikit_learn(work: Work) -> Part:
    """Return scikit-learn's network; one `partial_fit` is one epoch."""
    case = work.case
    peer = MLPClassifier(
        case.sizes[1:-1], solver="adam" if case.optimiser == "adam" else "sgd", alpha=0,
        batch_size=case.batch, learning_rate_init=work.rate, random_state=0, tol=0,
        momentum=0.9 if case.optimiser == "momentum" else 0, nesterovs_momentum=False,
        epsilon=TINY,
    )  # fmt: skip
    peer.partial_fit(work.x, work.labels, classes=np.arange(case.sizes[-1]))  # makes its arrays
    start = [array.copy() for array in work.start.parameters]
    peer.coefs_, peer.intercepts_ = start[::2], start[1::2]
    del peer._optimizer  # it has made steps already; the next call makes a new one

    def weights() -> list[np.ndarray]:
        pairs = zip(peer.coefs_, peer.intercepts_, strict=True)
        return [array for pair in pairs for array in pair]

    return lambda: peer.partial_fit(work.x, work.labels), weights


def products(work: Work) -> Part:
    """Return the matrix products of the same updates, and nothing else."""
    sizes, rng = work.case.sizes, np.random.default_rng(1)

    def drawn(rows: int, columns: int) -> np.ndarray:
        return rng.normal(size=(rows, columns)).astype(work.case.dtype)

    weights = [np.array(layer.weights) for layer in work.start.layers]
    slopes = [np.empty_like(array) for array in weights]
    inputs, upstream = ([drawn(work.case.batch, n) for n in sizes] for _ in range(2))
    results = [np.empty_like(array) for array in inputs]
    layers = range(len(weights))

    def epoch() -> None:
        for _ in range(work.case.updates):
            for k in layers:
                np.dot(inputs[k], weights[k], out=results[k + 1])
            for k in reversed(layers):
                np.dot(inputs[k].T, upstream[k + 1], out=slopes[k])
                if k:
                    np.dot(upstream[k + 1], weights[k].T, out=results[k])

    return epoch, list


# --- The measurement ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Found:
    """What was found out about one case.

    Parameters
    ----------
    case : Case
    seconds : dict of name to float
        Of one update, the median over the rounds.
    ratios : dict of name to float
        How many times as long as this book's it takes: the median over the rounds of each
        round's own ratio.
    apart : dict of name to float
        The largest distance between a weight of this book's and the same one of the other.
    """

    case: Case
    seconds: dict[str, float]
    ratios: dict[str, float]
    apart: dict[str, float]


def measure(case: Case, rounds: int, compiled: bool) -> Found:
    """Let all do the same work: once to compare the weights, then in turn, round by round."""
    work = Work(case)
    makers = {
        OURS: ours,
        EAGER: pytorch,
        FUSED: lambda work: pytorch(work, fused=True),
        SKLEARN: scikit_learn,
        FLOOR: products,
    }
    if compiled:
        makers[COMPILED] = lambda work: pytorch(work, compiled=True)
    epochs, tellers, apart, mine = {}, [], {}, []
    for name, make in makers.items():
        epochs[name], weights = make(work)
        try:
            epochs[name]()
        except RuntimeError as error:  # torch.compile needs a C++ compiler
            print(f"{name} doesn't work here: {str(error).splitlines()[0]}")
            del epochs[name]
            continue
        tellers.append(weights)
        theirs = weights()
        mine = mine or [array.copy() for array in theirs]
        if theirs:
            apart[name] = max(float(np.abs(a - b).max()) for a, b in zip(mine, theirs, strict=True))
    times = {name: [] for name in epochs}
    gc.disable()
    for turn in range(rounds):
        names = list(epochs)
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            started = time.perf_counter()
            epochs[name]()
            times[name].append((time.perf_counter() - started) / case.updates)
    gc.enable()
    moved = max(np.abs(a - b).max() for a, b in zip(mine, work.start.parameters, strict=True))
    finite = all(np.isfinite(array).all() for weights in tellers for array in weights())
    if moved < MOVED or not finite:
        apart[OURS] = np.inf  # nothing was learnt, or a training blew up: the times mean nothing
    ratios = {
        name: median(theirs / own for theirs, own in zip(each, times[OURS], strict=True))
        for name, each in times.items()
    }
    return Found(case, {name: median(each) for name, each in times.items()}, ratios, apart)


def doubts(found: list[Found]) -> list[str]:
    """Say who has arrived at other weights, so that nothing is compared with them."""
    said = []
    for result in found:
        case = result.case
        for name, distance in result.apart.items():
            if not distance <= (AGREE_ADAM if case.optimiser == "adam" else AGREE)[case.dtype]:
                said.append(f"{name} has other weights, {distance:.2g} apart: {case}")
    return said


def digits() -> tuple[float, float]:
    """Train on 10,000 drawn digits; return the seconds, and the share of unseen ones read."""

    def drawn(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
        images, labels = draw_digits(count, 28, np.random.default_rng(seed))
        return (images.reshape(count, -1) / 255).astype(np.float32), labels

    x, labels = drawn(10_000, 0)
    network = Network.random([784, 128, 10], np.random.default_rng(2), dtype="float32")
    history = train(
        network, x, labels, epochs=10, learning_rate=0.05, optimiser_name="momentum",
        rng=np.random.default_rng(3), progress=False,
    )  # fmt: skip
    return history.seconds, evaluate(network, *drawn(5_000, 1)).accuracy


def importing(name: str, rounds: int = 9) -> float:
    """Return the processor seconds that a chapter's module takes where NumPy is there already.

    Those of the thread that imports: NumPy's own have just begun, and wait busily for a moment.
    """
    code = (
        "import time, numpy; start = time.thread_time(); "
        f"import dlbook.{name}; print(time.thread_time() - start)"
    )
    command = [sys.executable, "-c", code]
    done = [
        subprocess.run(command, cwd=record.HERE.parent, capture_output=True, text=True, check=True)
        for _ in range(rounds)
    ]
    return median(float(run.stdout) for run in done)


# --- The tables --------------------------------------------------------------------------------


def wanted_table(found: list[Found]) -> str:
    """Return what was wanted and what was reached: float32, momentum."""
    rows = []
    for result in found:
        case, ratios = result.case, result.ratios
        key = (case.sizes, case.batch)
        if key not in WANTED or (case.optimiser, case.dtype) != ("momentum", "float32"):
            continue
        eager, sklearn, floor = WANTED[key]
        reached = 1 / ratios[FLOOR]
        rows.append([
            named(case.sizes), case.batch, f"{result.seconds[OURS] * 1e6:.0f}",
            f"{ratios[EAGER]:.2f} x", f"{eager:g} x", f"{ratios[FUSED]:.2f} x",
            f"{ratios[COMPILED]:.2f} x" if COMPILED in ratios else "not run",
            f"{ratios[SKLEARN]:.2f} x", f"{sklearn:g} x",
            f"{reached:.2f} x", f"at most {floor:g} x" if floor else "",
        ])  # fmt: skip
    head = (
        "network", "batch", "an update, us", EAGER, "wanted", "fused step", COMPILED, SKLEARN,
        "wanted", "of the products alone", "wanted",
    )  # fmt: skip
    return record.table(head, rows)


def whole_table(found: list[Found]) -> str:
    """Return all cases, float32 and float64 side by side."""
    by_case = {result.case: result for result in found}
    rows = []
    for case in by_case:
        if case.dtype != "float32":
            continue
        row = [named(case.sizes), case.batch, case.optimiser]
        for dtype in ("float32", "float64"):
            result = by_case[Case(case.sizes, case.batch, case.optimiser, dtype)]
            row += [f"{result.seconds[OURS] * 1e6:.0f}"]
            row += [f"{result.ratios[name]:.2f} x" for name in (EAGER, FUSED, SKLEARN)]
            row += [f"{1 / result.ratios[FLOOR]:.2f} x"]
        rows.append(row)
    columns = ("us", "PyTorch", "fused", SKLEARN, "of the products")
    head = ("network", "batch", "steps", *(f"{d}: {c}" for d in ("32", "64") for c in columns))
    return record.table(head, rows)


def behind(found: list[Found]) -> str:
    """Say where another one is faster, in 32-bit floats."""
    slower = [
        f"{named(r.case.sizes)}, batch {r.case.batch}, {r.case.optimiser}: {name}, "
        f"{r.ratios[name]:.2f} x"
        for r in found for name in (EAGER, FUSED, SKLEARN)
        if r.case.dtype == "float32" and r.ratios[name] < 1
    ]  # fmt: skip
    count = sum(r.case.dtype == "float32" for r in found)
    if not slower:
        return f"In none of the {count} cases with 32-bit floats is PyTorch or scikit-learn faster."
    return f"Of {count} cases with 32-bit floats, faster than this book: {'; '.join(slower)}."


def agreement(found: list[Found]) -> str:
    """Say how far apart the weights were."""

    def most(dtype: str, adam: bool, name: str) -> str:
        apart = [
            r.apart.get(name, 0.0)
            for r in found
            if r.case.dtype == dtype and adam == (r.case.optimiser == "adam")
        ]
        return f"{max(apart, default=0.0):.0e}"

    rows = [
        [f"{bits}, {steps}", *(most(dtype, steps == "adam", name) for name in (EAGER, SKLEARN))]
        for dtype, bits in (("float64", "64-bit floats"), ("float32", "32-bit floats"))
        for steps in ("gradient descent and momentum", "adam")
    ]
    head = ("the largest difference between two weights", EAGER, SKLEARN)
    told = (
        "From the same start, after the same updates (as many as are timed at once), each one's "
        "weights were compared with this book's:"
    )
    return f"{told}\n\n{record.table(head, rows)}"


def named(sizes: tuple[int, ...]) -> str:
    """Return a network's sizes as they are spoken."""
    return "-".join(map(str, sizes))


def fewer(rounds: int) -> int:
    """Return how many rounds are enough where nothing is wanted."""
    return max(3, rounds // 2)


def where(rounds: int) -> str:
    """Say what the numbers depend on."""
    machine = record.machine()
    packages = ", ".join(
        f"{name} {version(name)}" for name in ("numpy", "scikit-learn", "torch", "threadpoolctl")
    )
    blas = [
        f"{info['internal_api']} {info['version']}"
        for info in threadpool_info()
        if "numpy" in info["filepath"] and info["user_api"] == "blas"
    ]
    return (
        f"Medians of {rounds} rounds, and of {fewer(rounds)} where nothing is wanted. "
        f"{machine['cores']} cores of {machine['processor']}, one thread, "
        f"Python {machine['python']}, {packages}; {', '.join(blas)}. Load average: "
        f"{os.getloadavg()[2]:.1f} (about 1 where nothing else runs)."
    )


def chapters_table() -> str:
    """Return how fast digits are learnt, and how long the chapters' modules take to import."""
    seconds, right = digits()
    times = {name: importing(name) * 1e3 for name in CHAPTERS}
    slowest = max(times, key=times.get)
    rows = [
        ["ten epochs on 10,000 drawn digits of 28 x 28, seconds", f"{seconds:.1f}",
         f"at most {DIGITS_SECONDS}"],
        ["5,000 unseen ones read after that", f"{right:.1%}", f"{DIGITS_RIGHT:.0%}"],
        [f"importing a chapter's module after NumPy, processor ms: the slowest, `{slowest}`",
         f"{times[slowest]:.0f}", f"at most {IMPORT_MS}"],
    ]  # fmt: skip
    return record.table(("", "reached", "wanted"), rows)


def cases(quick: bool) -> list[Case]:
    """Return what is measured; in a hurry, only what something is wanted of."""
    if quick:
        return [Case(sizes, batch, "momentum", "float32") for sizes, batch in WANTED]
    kinds = itertools.product(NETWORKS, BATCHES, RATES, AGREE)
    return [Case(*kind) for kind in kinds]


def main() -> None:
    """Measure, print, and put the tables into the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, help="how often each is timed (13; --quick: 5)")
    parser.add_argument("--quick", action="store_true", help="some cases, and write nothing")
    arguments = parser.parse_args()
    rounds = arguments.rounds or (5 if arguments.quick else 13)
    torch.set_num_threads(1)
    logging.getLogger("torch").setLevel(logging.ERROR)
    warnings.simplefilter("ignore")
    found = []
    with threadpool_limits(1):
        for case in cases(arguments.quick):
            asked = (case.sizes, case.batch) in WANTED and case.optimiser == "momentum"
            compiled = asked and case.dtype == "float32" and not arguments.quick
            found.append(measure(case, rounds if asked else fewer(rounds), compiled))
            told = "  ".join(f"{name} {ratio:.2f}" for name, ratio in found[-1].ratios.items())
            print(f"{case.dtype} {named(case.sizes)} batch {case.batch} {case.optimiser}: "
                  f"{found[-1].seconds[OURS] * 1e6:.0f} us; {told}", flush=True)  # fmt: skip
            if compiled:
                torch.compiler.reset()
        learnt = chapters_table()
    first = "\n\n".join([wanted_table(found), behind(found), agreement(found), where(rounds)])
    print(f"\n{first}\n\n{whole_table(found) if not arguments.quick else ''}\n\n{learnt}")
    if said := doubts(found):
        sys.exit("\n".join(said))
    if not arguments.quick:
        record.put("training", first)
        record.put("training-all", whole_table(found))
        record.put("training-chapters", learnt)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TORCHINDUCTOR_CACHE_DIR"] = folder
        main()
