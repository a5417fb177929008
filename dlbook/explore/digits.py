"""A pad to draw digits on, what becomes of them as input, and what a trained network says."""

import base64
from collections.abc import Sequence
from typing import Any

import numpy as np
import traitlets
from numpy.typing import ArrayLike

from dlbook.arguments import FloatArray, as_labels
from dlbook.explore.figure import Figure
from dlbook.explore.modules import joined
from dlbook.figures import DescribedFigure
from dlbook.figures.common import WIDTH, in_book_style
from dlbook.figures.described import BLUE, GREY, HIDDEN, INK, OUTPUT, Sheet
from dlbook.layers import Dense, Network

SIDE = 16  # of the network's picture
CLASSES = 10
LEVELS = 45  # a weight is sent as a whole number from -45 to 45, times its neuron's step
# One letter for each of the 91 numbers; none of them ends a <script> or needs a backslash.
LETTERS = "".join(chr(code) for code in range(33, 127) if chr(code) not in '"<\\')


class Digits(Figure):
    """A pad to draw on with mouse, finger or keys, and a network that reads what is on it.

    Parameters
    ----------
    network : Network
        From 256 inputs, a picture of 16 x 16, to 10 probabilities.
    pictures : uint8 array, shape (samples, 16, 16), optional
        Examples to start from; the first is on the pad at the start. As they are many
        numbers in a page, about ten are enough.
    labels : list of digits, shape (samples,), optional
        What the examples are.
    goal : list of two digits, optional
        ``[7, 1]``: draw a 7 that the network takes for a 1. The figure sets `solved` when
        it is done.
    task : str, optional
        The same in words.

    Attributes
    ----------
    network : Network
        What the figure calculates with. To keep a page light each weight is rounded, so
        that a neuron has 91 different weights at most: its answers are nearly those of the
        network that was given. See `rounded`.
    pixels : list of 256 ints
        What is on the pad, from 0 to 255; set it to show a picture of your own.
    probabilities : array, shape (10,)
        What `network` says to `pixels`.

    Examples
    --------
    >>> figure = Digits(Network.random([256, 4, 10], np.random.default_rng(0)))
    >>> len(figure.pixels), float(figure.probabilities.sum().round(6))
    (256, 1.0)
    """

    _esm = joined("digits")

    parameters = traitlets.Dict().tag(sync=True)
    pixels = traitlets.List(traitlets.Int(min=0, max=255), minlen=256, maxlen=256).tag(sync=True)
    examples = traitlets.List().tag(sync=True)
    pen = traitlets.List(traitlets.Int(min=0, max=SIDE - 1), minlen=2, maxlen=2).tag(sync=True)
    # Of the picture. OpenCV's lines are 2 fine pixels of 64 wider than `draw_digits` asks for.
    pen_width = traitlets.Float(0.14).tag(sync=True)
    tool = traitlets.Enum(["pen", "eraser"], default_value="pen").tag(sync=True)
    meant = traitlets.Int(-1).tag(sync=True)
    goal = traitlets.List(traitlets.Int()).tag(sync=True)
    solved = traitlets.Bool(False).tag(sync=True)

    def __init__(
        self,
        network: Network,
        pictures: ArrayLike | None = None,
        labels: Sequence[int] = (),
        goal: Sequence[int] = (),
        task: str = "",
        **traits: Any,
    ) -> None:
        self.network = rounded(_as_reader(network))
        examples = _as_examples(pictures, labels)
        goal = _as_goal(goal)
        start = {"pixels": [0] * SIDE**2, "meant": goal[0] if goal else -1}
        if examples:
            start = {"pixels": list(base64.b64decode(examples[0][1])), "meant": examples[0][0]}
        super().__init__(
            parameters=_as_json(self.network),
            examples=examples,
            goal=goal,
            task=task,
            **{"pen": [8, 8], **start, **traits},
        )

    @property
    def probabilities(self) -> FloatArray:
        """What the figure's network says to what is on the pad, shape (10,)."""
        return self.network(np.array([self.pixels]) / 255)[0]

    def still(self) -> DescribedFigure:
        """Draw what is on the pad and the ten probabilities beside it."""
        return _draw(np.array(self.pixels).reshape(SIDE, SIDE) / 255, self.probabilities)


def rounded(network: Network) -> Network:
    """Return a network whose weights can be sent in one letter each.

    The weights of a neuron become whole numbers from -45 to 45 times a step of its own,
    which is a 45th of its largest weight; biases keep six decimals.

    Parameters
    ----------
    network : Network

    Returns
    -------
    Network
        A new one; `network` stays as it is.

    Notes
    -----
    Of the 1,000 fresh digits of the chapter on pictures one is read otherwise than before.
    """
    layers = []
    for layer in network.layers:
        counts, steps = _counted(layer.weights)
        layers.append(Dense(counts * steps, layer.bias.round(6), layer.activation.name))
    return Network(layers, network.output)


def _counted(weights: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return whole numbers (inputs, units) and the step (units,) that they are multiplied by."""
    largest = np.abs(weights).max(axis=0)
    steps = np.where(largest > 0, largest / LEVELS, 1.0)
    steps = np.array([float(f"{step:.9g}") for step in steps])
    return np.rint(weights / steps), steps


def _as_json(network: Network) -> dict:
    """Return a rounded network as the browser takes it: letters, steps, biases."""
    layers = []
    for layer in network.layers:
        counts, steps = _counted(layer.weights)
        letters = "".join(LETTERS[LEVELS + int(count)] for count in counts.ravel())
        layers.append(
            {
                "letters": letters,
                "steps": steps.tolist(),
                "bias": layer.bias.tolist(),
                "activation": layer.activation.name,
            }
        )
    return {"layers": layers, "output": network.output}


def _as_reader(network: object) -> Network:
    if not isinstance(network, Network):
        raise TypeError(
            "network must be a Network, as the chapter trains one. "
            f"Given: {type(network).__name__}."
        )
    inputs, outputs = network.sizes[0], network.sizes[-1]
    if (inputs, outputs, network.output) != (SIDE**2, CLASSES, "softmax"):
        raise ValueError(
            "network must take 256 numbers, a picture of 16 x 16, and give 10 probabilities. "
            f"Given: {inputs} inputs, {outputs} outputs, output={network.output!r}."
        )
    return network


def _as_examples(pictures: ArrayLike | None, labels: Sequence[int]) -> list[list]:
    if pictures is None:
        return []
    array = np.asarray(pictures)
    if array.dtype != np.uint8 or array.shape[1:] != (SIDE, SIDE):
        raise ValueError(
            "pictures must be uint8 pictures of 16 x 16, shape (samples, 16, 16). "
            f"Given: {array.dtype}, shape {array.shape}."
        )
    labels = as_labels(labels, len(array), CLASSES)
    return [
        [int(label), base64.b64encode(picture.tobytes()).decode("ascii")]
        for label, picture in zip(labels, array, strict=True)
    ]


def _as_goal(goal: Sequence[int]) -> list[int]:
    wanted = [int(digit) for digit in goal]
    if wanted and (len(wanted) != 2 or not all(0 <= digit < CLASSES for digit in wanted)):
        raise ValueError(
            "goal must be two digits: the one that is drawn, and the one that the network shall "
            f"say. Given: {list(goal)}. An example: [7, 1]."
        )
    return wanted


@in_book_style
def _draw(picture: FloatArray, probabilities: FloatArray) -> DescribedFigure:
    height = 3.4
    listed = "; ".join(f"{digit} {p:.2f}" for digit, p in enumerate(probabilities))
    best = int(probabilities.argmax())
    sheet = Sheet(
        "A digit of 16 x 16 pixels, and what a trained network says to it. Probabilities: "
        f"{listed}. The highest is {best}. In the book's page on a screen this is a figure to "
        "play with: a pad to draw digits on.",
        WIDTH,
        height,
    )
    side = 2.7
    sheet.pixels(picture, (0.1, 0.1 + side, 0.25, 0.25 + side), 64)
    sheet.write(0.1, height - 0.2, "input", ha="left")
    left, full = side + 0.9, WIDTH - side - 1.7
    sheet.write(left - 0.1, height - 0.2, "answer", ha="left")
    for digit, p in enumerate(probabilities):
        y = height - 0.58 - 0.27 * digit
        look = OUTPUT if digit == best else HIDDEN
        sheet.fill((left, left + full, y - 0.005, y + 0.005), "#dfe4ea")
        sheet.fill((left, left + max(full * p, 0.01), y - 0.09, y + 0.09), look[1])
        colour = INK if digit == best else GREY
        sheet.write(left - 0.2, y, str(digit), colour)
        sheet.write(left + full + 0.1, y, f"{p:.2f}", colour, ha="left")
    sheet.frame((left, left, height - 0.44, 0.32), BLUE, 0.8)
    return sheet.settle()
