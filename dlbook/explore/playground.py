"""A playground: a small network that is trained before the reader's eyes."""

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import numpy as np
import traitlets

from dlbook.arguments import FloatArray, IntArray, NotFiniteError, as_choice, as_count, as_number
from dlbook.explore.figure import Figure
from dlbook.explore.modules import joined
from dlbook.figures import DescribedFigure, decision_regions
from dlbook.layers import Dense, Network
from dlbook.training import train_epoch
from dlbook.updates import optimiser

DATA = {"clusters": 3, "circles": 2, "xor": 2, "spiral": 3}  # each with its number of classes
SAMPLES = 240
ACTIVATIONS = ("relu", "tanh", "sigmoid", "identity")
PACES = ("slow", "steady", "fast")
MOST_LAYERS, MOST_NEURONS = 3, 16
LIMITS = {
    "learning_rate": (0.0001, 10.0),
    "batch_size": (1, SAMPLES),
    "noise": (0.0, 0.4),
    "held_out": (0.0, 0.8),
    "seed": (0, 9999),
}
EDGE = 2.35  # of the plane: no sample lies further out
EPOCHS_OF_THE_STILL_FIGURE = 100

DEFAULTS: dict[str, Any] = {
    "data": "circles",
    "hidden": [4],
    "activation": "tanh",
    "learning_rate": 0.1,
    "batch_size": 32,
    "noise": 0.0,
    "held_out": 0.5,
    "seed": 1,
}
GOALS: dict[str, dict[str, Any]] = {
    "line": {
        "label": "Clusters without a hidden layer",
        "task": "Separate the three clusters without any hidden layer. Do straight borders do?",
        "settings": {"data": "clusters", "hidden": [2], "held_out": 0.2},
    },
    "xor": {
        "label": "XOR with few neurons",
        "task": "Separate XOR with one hidden layer: how few neurons are enough? "
        "A start can be unlucky. Then try another seed.",
        "settings": {"data": "xor", "hidden": [4], "held_out": 0.2},
    },
    "by heart": {
        "label": "Learnt by heart",
        "task": "15 in 100 labels are wrong, and half of the samples are held out. Let it run "
        "until it has learnt by heart. Then find out what helps against that.",
        "settings": {"hidden": [16, 16], "noise": 0.15, "learning_rate": 0.3},
    },
    "spiral": {
        "label": "Unwind the spiral",
        "task": "Unwind the spiral: 95 of 100 held-out points right. Which layers does it take?",
        "settings": {"data": "spiral", "hidden": [4], "held_out": 0.2},
    },
}


class Samples(NamedTuple):
    """What a playground trains on, and what it holds out."""

    x_train: FloatArray
    labels_train: IntArray
    x_held_out: FloatArray
    labels_held_out: IntArray


class Playground(Figure):
    """A network with two inputs that is trained live, on one of four small data sets.

    Every number that is left out comes from the goal, or is an ordinary one.

    Parameters
    ----------
    data : {"clusters", "circles", "xor", "spiral"}, optional
    hidden : list of int, optional
        How many neurons each hidden layer has: at most three layers of 1 to 16.
    activation : {"relu", "tanh", "sigmoid", "identity"}, optional
        Of the hidden layers.
    learning_rate : float, optional
        From 0.0001 to 10.
    batch_size : int, optional
    noise : float, optional
        The share of wrong labels, from 0 to 0.4.
    held_out : float, optional
        The share of samples that is never trained on, from 0 to 0.8.
    seed : int, optional
        From 0 to 9999. It decides the samples, the first weights and the order of the batches.
    goal : {"", "line", "xor", "by heart", "spiral"}, optional
        A thing to find out. The figure says how far the reader is, and sets `solved`.
    task : str, optional
        In words; each goal has its own.

    Attributes
    ----------
    running : bool
        Set it to start and to stop the training; see also `run`, `pause`, `step`, `start_again`.
    updates : int
        How many there were.
    epochs, loss, held_out_loss : list
        The two curves, one value for each of `epochs` (every second, fourth .. after long time).
    accuracy, held_out_accuracy : float
        From 0 to 1.

    Examples
    --------
    >>> figure = Playground(data="xor", hidden=[2], seed=3)
    >>> figure.network().sizes
    [2, 2, 2]
    >>> Playground.from_link(figure.link).hidden
    [2]
    """

    _esm = joined("playground")

    data = traitlets.Enum(list(DATA)).tag(sync=True)
    hidden = traitlets.List(
        traitlets.Int(min=1, max=MOST_NEURONS), minlen=0, maxlen=MOST_LAYERS
    ).tag(sync=True)
    activation = traitlets.Enum(list(ACTIVATIONS)).tag(sync=True)
    learning_rate = traitlets.Float(min=1e-4, max=10.0).tag(sync=True)
    batch_size = traitlets.Int(min=1, max=SAMPLES).tag(sync=True)
    noise = traitlets.Float(min=0.0, max=0.4).tag(sync=True)
    held_out = traitlets.Float(min=0.0, max=0.8).tag(sync=True)
    seed = traitlets.Int(min=0, max=9999).tag(sync=True)
    goal = traitlets.Enum(["", *GOALS]).tag(sync=True)
    goals = traitlets.List(traitlets.Dict()).tag(sync=True)
    pace = traitlets.Enum(list(PACES), default_value="steady").tag(sync=True)
    shown = traitlets.List(traitlets.Int(min=1), maxlen=2).tag(sync=True)
    running = traitlets.Bool(False).tag(sync=True)
    solved = traitlets.Bool(False).tag(sync=True)
    updates = traitlets.Int(0).tag(sync=True)
    epochs = traitlets.List(traitlets.Int()).tag(sync=True)
    loss = traitlets.List(traitlets.Float()).tag(sync=True)
    held_out_loss = traitlets.List(traitlets.Float()).tag(sync=True)
    accuracy = traitlets.Float(0.0).tag(sync=True)
    held_out_accuracy = traitlets.Float(0.0).tag(sync=True)
    parameters = traitlets.List(traitlets.List(traitlets.Float())).tag(sync=True)

    def __init__(
        self,
        data: str | None = None,
        hidden: list[int] | None = None,
        activation: str | None = None,
        learning_rate: float | None = None,
        batch_size: int | None = None,
        noise: float | None = None,
        held_out: float | None = None,
        seed: int | None = None,
        goal: str = "",
        task: str = "",
        **traits: Any,
    ) -> None:
        given = {
            "data": data,
            "hidden": hidden,
            "activation": activation,
            "learning_rate": learning_rate,
            "batch_size": batch_size,
            "noise": noise,
            "held_out": held_out,
            "seed": seed,
        }
        as_choice(goal, "goal", ["", *GOALS])
        aim = GOALS.get(goal, {"settings": {}, "task": ""})
        chosen = {name: value for name, value in given.items() if value is not None}
        settings = _checked({**DEFAULTS, **aim["settings"], **chosen})
        goals = [
            {**about, "name": name, "settings": {**DEFAULTS, **about["settings"]}}
            for name, about in GOALS.items()
        ]
        super().__init__(**settings, goal=goal, task=task or aim["task"], goals=goals, **traits)

    @classmethod
    def from_link(cls, link: str, **traits: Any) -> "Playground":
        """Make the playground that somebody has sent: a link, or the text under the figure.

        It is data from somebody else: what isn't known is left out, and what is too large or
        too small is brought back into its limits.

        Parameters
        ----------
        link : str
        **traits
            As for `Playground`; they go before what the link says.

        Raises
        ------
        ValueError
            If there are no settings of a playground in it.
        """
        text = str(link).strip()
        pairs = dict(parse_qsl(text.rpartition("#")[2][:500]))
        settings = _read(pairs)
        if "playground" not in pairs or not settings:
            raise ValueError(
                f"This is no link to a playground. Given: {text[:60]!r}. "
                "Copy the whole text from the field under the figure. "
                "An example: 'playground=1&data=xor&hidden=4'."
            )
        return cls(**{**settings, **traits})

    @property
    def link(self) -> str:
        """The settings as text, for `from_link` and after the ``#`` of the page's address."""
        hidden = "-".join(str(count) for count in self.hidden) or "none"
        start = f"playground=1&data={self.data}&hidden={hidden}&activation={self.activation}"
        return start + "".join(f"&{name}={getattr(self, name):g}" for name in LIMITS)

    def run(self) -> None:
        """Start the training in the page, or let it go on."""
        self.running = True

    def pause(self) -> None:
        """Stop the training in the page; nothing is lost."""
        self.running = False

    def step(self, updates: int = 1) -> None:
        """Make some updates in the page, at most 1,000 at a time."""
        self.send({"updates": min(as_count(updates, "updates"), 1000)})

    def start_again(self) -> None:
        """Go back to the first weights."""
        self.send({"start_again": True})

    def samples(self) -> Samples:
        """Return what the page trains on, as arrays (samples, 2) and (samples,)."""
        draw = _Random(3 * self.seed)
        classes = DATA[self.data]
        points = [_PLACES[self.data](i, draw) for i in range(SAMPLES)]
        x = np.array(points).clip(-EDGE, EDGE)
        labels = [_class_of(self.data, i) for i in range(SAMPLES)]
        for i in range(SAMPLES):
            chance, other = draw.uniform(), draw.below(classes - 1)
            if chance < self.noise:
                labels[i] = (labels[i] + 1 + other) % classes
        y = np.array(labels)
        order = draw.shuffle(list(range(SAMPLES)))
        count = _rounded(self.held_out * SAMPLES)
        out, kept = order[:count], order[count:]
        return Samples(x[kept], y[kept], x[out], y[out])

    def network(self) -> Network:
        """Return the network as it is in the page now: it is trained, or about to be."""
        network = self._first_network()
        flat = self.parameters
        if [len(values) for values in flat] == [p.size for p in network.parameters]:
            shapes = [p.shape for p in network.parameters]
            network.parameters = [np.array(v).reshape(s) for v, s in zip(flat, shapes, strict=True)]
        return network

    def still(self) -> DescribedFigure:
        """Draw the regions of the network: as it is, or after 100 epochs."""
        samples = self.samples()
        network, epochs = self.network(), self.epochs[-1] if self.epochs else 0
        if not self.parameters:
            network, epochs = self._trained(EPOCHS_OF_THE_STILL_FIGURE)
        sizes = "-".join(map(str, network.sizes))
        return decision_regions(
            samples.x_train,
            samples.labels_train,
            network.predict,
            resolution=100,
            names=["A", "B", "C"][: DATA[self.data]],
            feature_names=["first input", "second input"],
            description=f"A network {sizes} on the data set {self.data} after {epochs} epochs. "
            "In the book's page on a screen this is a figure to play with.",
        )

    def _first_network(self) -> Network:
        draw = _Random(3 * self.seed + 1)
        sizes = [2, *self.hidden, DATA[self.data]]
        layers = []
        for number, (inputs, units) in enumerate(pairwise(sizes), start=1):
            last = number == len(sizes) - 1
            he = self.activation == "relu" and not last
            spread = math.sqrt(2 / inputs if he else 2 / (inputs + units))
            weights = [[spread * draw.normal() for _ in range(units)] for _ in range(inputs)]
            kind = "identity" if last else self.activation
            layers.append(Dense(np.array(weights), np.zeros(units), kind))
        return Network(layers)

    def _epochs_of_batches(self, samples: int) -> Iterator[list[IntArray]]:
        """Yield the batches of one epoch after the other, as the page makes them."""
        draw = _Random(3 * self.seed + 2)
        order = list(range(samples))
        while True:
            draw.shuffle(order)
            starts = range(0, samples, self.batch_size)
            yield [np.array(order[start : start + self.batch_size]) for start in starts]

    def _trained(self, epochs: int) -> tuple[Network, int]:
        """Train from the start as the page does; untrained where the numbers grow without end."""
        network, samples = self._first_network(), self.samples()
        step = optimiser("gradient descent", self.learning_rate)
        batches = self._epochs_of_batches(len(samples.x_train))
        try:
            with np.errstate(over="ignore", invalid="ignore"):
                for _ in range(epochs):
                    train_epoch(network, samples.x_train, samples.labels_train, next(batches), step)
                network.loss(samples.x_train, samples.labels_train)
        except NotFiniteError:
            return self._first_network(), 0
        return network, epochs


def _class_of(data: str, i: int) -> int:
    if data == "xor":  # four corners; 1 where exactly one of the two inputs is high
        return (i % 2) ^ (i // 2 % 2)
    return i % DATA[data]


def _in_clusters(i: int, draw: "_Random") -> tuple[float, float]:
    angle = math.pi / 2 + 2 * math.pi * (i % 3) / 3
    across, up = 0.42 * draw.normal(), 0.42 * draw.normal()
    return 1.3 * math.cos(angle) + across, 1.3 * math.sin(angle) + up


def _in_circles(i: int, draw: "_Random") -> tuple[float, float]:
    share, angle = draw.uniform(), 2 * math.pi * draw.uniform()
    radius = 1.25 + 0.6 * share if i % 2 else 0.85 * math.sqrt(share)
    return radius * math.cos(angle), radius * math.sin(angle)


def _in_xor(i: int, draw: "_Random") -> tuple[float, float]:
    across, up = 0.36 * draw.normal(), 0.36 * draw.normal()
    return (1.15 if i % 2 else -1.15) + across, (1.15 if i // 2 % 2 else -1.15) + up


def _in_spiral(i: int, draw: "_Random") -> tuple[float, float]:
    share = draw.uniform()
    angle = 2 * math.pi * (i % 3) / 3 + 4 * share + 0.12 * draw.normal()
    radius = 0.15 + 1.9 * share
    return radius * math.cos(angle), radius * math.sin(angle)


_PLACES = {
    "clusters": _in_clusters,
    "circles": _in_circles,
    "xor": _in_xor,
    "spiral": _in_spiral,
}


class _Random:
    """makeRandom of mathematics.js: the same seed gives the same samples here and in the page."""

    def __init__(self, seed: int) -> None:
        self.state = [(seed ^ 0x9E3779B9) & 0xFFFFFFFF, 362436069, 521288629, 88675123]
        for _ in range(32):
            self._next()

    def _next(self) -> int:
        x, y, z, w = self.state
        t = (x ^ (x << 11)) & 0xFFFFFFFF
        new = w ^ (w >> 19) ^ t ^ (t >> 8)
        self.state = [y, z, w, new]
        return new

    def uniform(self) -> float:
        first = self._next()
        return (first * 2**21 + (self._next() >> 11)) / 2**53

    def normal(self) -> float:
        radius = math.sqrt(-2 * math.log(1 - self.uniform()))
        return radius * math.cos(2 * math.pi * self.uniform())

    def below(self, n: int) -> int:
        return math.floor(self.uniform() * n)

    def shuffle(self, values: list[int]) -> list[int]:
        for i in range(len(values) - 1, 0, -1):
            j = self.below(i + 1)
            values[i], values[j] = values[j], values[i]
        return values


def _checked(settings: dict[str, Any]) -> dict[str, Any]:
    """Return the settings if all can be shown; otherwise say which one can't, and why."""
    hidden = [as_count(count, "each hidden layer") for count in settings["hidden"]]
    if len(hidden) > MOST_LAYERS or max(hidden, default=1) > MOST_NEURONS:
        raise ValueError(
            f"The playground has room for {MOST_LAYERS} hidden layers of {MOST_NEURONS} neurons. "
            f"Given: {hidden}. An example: hidden=[16, 16]."
        )
    checked = {
        "data": as_choice(settings["data"], "data", list(DATA)),
        "hidden": hidden,
        "activation": as_choice(settings["activation"], "activation", list(ACTIVATIONS)),
    }
    for name, (low, high) in LIMITS.items():
        whole = isinstance(low, int)
        value = (
            as_count(settings[name], name, least=low)
            if whole
            else as_number(settings[name], name, least=low)
        )
        if value > high:
            raise ValueError(f"{name} must be at most {high:g}. Given: {value:g}.")
        checked[name] = value
    return checked


def _read(pairs: dict[str, str]) -> dict[str, Any]:
    """Read the settings that somebody else has sent: leave out, round, bring into the limits."""
    settings: dict[str, Any] = {}
    for name, choices in (("data", DATA), ("activation", ACTIVATIONS)):
        if pairs.get(name) in choices:
            settings[name] = pairs[name]
    if pairs.get("hidden") == "none":
        settings["hidden"] = []
    else:
        counts = [_number(text) for text in pairs.get("hidden", "").split("-")[:MOST_LAYERS]]
        if counts and None not in counts:
            settings["hidden"] = [_rounded(min(max(c, 1), MOST_NEURONS)) for c in counts]
    for name, (low, high) in LIMITS.items():
        value = _number(pairs.get(name, ""))
        if value is not None:
            value = min(max(value, low), high)
            settings[name] = _rounded(value) if isinstance(low, int) else value
    return settings


def _rounded(value: float) -> int:
    return math.floor(value + 0.5)  # as in JavaScript, halves too


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
