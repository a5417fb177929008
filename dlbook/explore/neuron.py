"""One neuron to play with: weights, bias, activation; its sum, its line, its curve, its slope."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import traitlets

from dlbook.arguments import as_choice, as_floats, as_number
from dlbook.explore.figure import Figure
from dlbook.explore.modules import joined
from dlbook.figures import DescribedFigure, decision_regions
from dlbook.figures.described import as_text
from dlbook.neuron import ACTIVATIONS

CORNERS = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])


class Neuron(Figure):
    """A neuron with two inputs.

    Parameters
    ----------
    weights : list of two numbers, optional
    bias : float, optional
    activation : str, optional
        A key of `dlbook.neuron.ACTIVATIONS`.
    inputs : list of two numbers, optional
        Where the point lies, from 0 to 1 each.
    goal : list of four 0s and 1s, optional
        For the corners (0, 0), (1, 0), (0, 1) and (1, 1): shall the neuron be active? The figure
        says how many are as wanted, and sets `solved` when all are.
    task : str, optional
        The same in words.

    Examples
    --------
    >>> figure = Neuron(weights=[1, 1], bias=-0.5, activation="step")
    >>> figure.weights, figure.solved
    ([1.0, 1.0], False)
    """

    _esm = joined("neuron")

    inputs = traitlets.List(traitlets.Float()).tag(sync=True)
    weights = traitlets.List(traitlets.Float()).tag(sync=True)
    bias = traitlets.Float().tag(sync=True)
    activation = traitlets.Enum(list(ACTIVATIONS)).tag(sync=True)
    goal = traitlets.List(traitlets.Int()).tag(sync=True)
    solved = traitlets.Bool(False).tag(sync=True)

    def __init__(
        self,
        weights: Sequence[float] = (0.6, -0.4),
        bias: float = 0.1,
        activation: str = "relu",
        inputs: Sequence[float] = (1.0, 0.5),
        goal: Sequence[int] = (),
        task: str = "",
        **traits: Any,
    ) -> None:
        super().__init__(
            weights=_two(weights, "weights"),
            bias=as_number(bias, "bias"),
            activation=as_choice(activation, "activation", list(ACTIVATIONS)),
            inputs=_two(inputs, "inputs"),
            goal=_as_goal(goal),
            task=task,
            **traits,
        )

    def still(self) -> DescribedFigure:
        """Draw the line that the neuron makes in the plane, and its four corners."""

        def active(points: np.ndarray) -> np.ndarray:
            sums = (points @ np.array(self.weights) + self.bias).round(10)
            return (sums >= 0 if self.activation == "step" else sums > 0).astype(int)

        w1, w2 = self.weights
        return decision_regions(
            CORNERS,
            self.goal or active(CORNERS),
            active,
            resolution=240,
            names=["silent", "active"],
            feature_names=["first input", "second input"],
            description=f"A neuron with the weights {as_text(w1)} and {as_text(w2)} and the bias "
            f"{as_text(self.bias)}. On a screen this is a figure to play with.",
        )


def _two(values: Sequence[float], name: str) -> list[float]:
    array = as_floats(values, name, ("inputs",))
    if len(array) != 2:
        raise ValueError(
            f"The figure shows a neuron with two inputs, so {name} must be two numbers. "
            f"Given: {len(array)}."
        )
    return array.tolist()


def _as_goal(goal: Sequence[int]) -> list[int]:
    wanted = [int(value) for value in goal]
    if wanted and (len(wanted) != len(CORNERS) or set(wanted) - {0, 1}):
        raise ValueError(
            "goal must say for each of the four corners 1 (active) or 0 (silent). "
            f"Given: {list(goal)}. An example: [0, 0, 0, 1], only the corner (1, 1)."
        )
    return wanted
