"""How much accuracy two rules for the end of a training lose: the plain one, and the patient one.

``python benchmarks/stopping.py`` trains 60 small networks on four kinds of data, and puts a table
into `README.md`. About a minute. It measures accuracy, not time, so any machine will do.
"""

import itertools
from collections.abc import Callable

import numpy as np
import record
from sklearn.datasets import load_digits
from threadpoolctl import threadpool_limits

from dlbook.drawing import draw_digits
from dlbook.inplace import Trainer, as_data
from dlbook.layers import Network
from dlbook.training import (
    accuracy,
    has_converged,
    has_stopped_improving,
    one_epoch_batches,
    standardise,
)
from dlbook.worked import draw_two_pixels

EPOCHS, SEEDS = 400, 5
STEPS = {"gradient descent": 0.05, "momentum": 0.02, "adam": 0.002}  # with their learning rates
LOST = 0.02  # two points of accuracy
LEARNT = {  # samples to learn from; as many again are held out
    "two pixels": 200, "two pixels, wrong labels": 200, "handwritten digits": 500,
    "drawn digits": 500,
}  # fmt: skip
UNSEEN = 2000
RULES = {  # which losses, which rule, and whether the best weights are kept or the last
    "it changes by less than 0.0001": (
        "training", lambda losses: len(losses) > 1 and abs(losses[-1] - losses[-2]) < 1e-4, False,
    ),
    "it falls by less than 0.0001": (
        "training", lambda losses: has_converged(losses, 1e-4, 1), False,
    ),
    "20 epochs without a held-out loss that is 1 % lower; the best weights": (
        "held out", has_stopped_improving, True,
    ),
}  # fmt: skip


def two_pixels(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw the worked example's pictures."""
    return draw_two_pixels(2 * LEARNT["two pixels"] + UNSEEN, rng)


def wrong_labels(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw the same, with 15 of 100 labels wrong."""
    x, labels = two_pixels(rng)
    return x, np.where(rng.random(len(x)) < 0.15, 1 - labels, labels)


def handwritten(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return scikit-learn's digits of 8 x 8, shuffled."""
    data = load_digits()
    order = rng.permutation(len(data.data))
    return data.data[order], data.target[order]


def drawn(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw digits of 16 x 16."""
    images, labels = draw_digits(2 * LEARNT["drawn digits"] + UNSEEN, 16, rng)
    return images.reshape(len(images), -1) / 255, labels


DATA = {  # and the network's hidden layers
    "two pixels": (two_pixels, (16,)),
    "two pixels, wrong labels": (wrong_labels, (64, 64)),
    "handwritten digits": (handwritten, (32,)),
    "drawn digits": (drawn, (32,)),
}


def curves(kind: str, optimiser: str, seed: int) -> dict[str, list[float]]:
    """Train for all epochs; return both losses and the accuracy on unseen samples, by epoch."""
    rng = np.random.default_rng(seed)
    make, hidden = DATA[kind]
    x, labels = make(rng)
    count = LEARNT[kind]
    learnt, others = standardise(x[:count], x[count:])
    network = Network.random([x.shape[1], *hidden, labels.max() + 1], rng, dtype="float32")
    train_part = as_data(network, learnt, labels[:count])
    held_out = as_data(network, others[:count], labels[count : 2 * count])
    unseen = as_data(network, others[count:], labels[2 * count :])
    trainer = Trainer(network, optimiser, STEPS[optimiser])
    found = {"training": [], "held out": [], "right": []}
    for epoch in range(EPOCHS + 1):
        if epoch:
            trainer.epoch(*train_part, one_epoch_batches(count, 32, rng))
        found["training"].append(network.loss(*train_part))
        found["held out"].append(network.loss(*held_out))
        found["right"].append(accuracy(network.predict(unseen[0]), unseen[1]))
    return found


def stop(losses: list[float], rule: Callable[[list[float]], bool]) -> int:
    """Return the epoch at which a rule ends the training; the last one if it never does."""
    return next((n - 1 for n in range(1, EPOCHS + 1) if rule(losses[:n])), EPOCHS)


def text_of(runs: list[dict[str, list[float]]]) -> str:
    """Return the table, as Markdown."""
    rows = []
    for name, (which, rule, keeps_best) in RULES.items():
        lost, epochs = [], []
        for run in runs:
            end = stop(run[which], rule)
            kept = int(np.argmin(run["held out"][: end + 1])) if keeps_best else end
            best = run["right"][int(np.argmin(run["held out"]))]
            lost.append(best - run["right"][kept])
            epochs.append(end)
        rows.append((
            name, f"{sum(points > LOST for points in lost)} of {len(runs)}",
            f"{100 * max(lost):.1f}", f"{np.median(epochs):.0f}",
        ))  # fmt: skip
    head = (
        "the training ends when", "runs that lose more than two points", "the most points lost",
        "epochs, median",
    )  # fmt: skip
    return record.table(head, rows)


def main() -> None:
    """Train, print, and put the table into the page."""
    kinds = itertools.product(DATA, STEPS, range(SEEDS))
    with threadpool_limits(1):
        text = text_of([curves(*kind) for kind in kinds])
    print(text)
    record.put("stopping", text)


if __name__ == "__main__":
    main()
