"""Scores to play with: softmax makes probabilities of them, a loss says how wrong these are."""

from collections.abc import Sequence
from typing import Any

import traitlets

from dlbook.arguments import as_floats, as_labels, as_number
from dlbook.explore.figure import Figure
from dlbook.explore.modules import joined
from dlbook.figures import DescribedFigure, probability_bars
from dlbook.losses import cross_entropy, softmax

REACH = 5.0  # a score lies between -REACH and REACH
MOST_CLASSES = 5


class Softmax(Figure):
    """Scores, their probabilities, and for one true class the loss and its slopes.

    Parameters
    ----------
    scores : list of numbers, optional
        One for each class, from -5 to 5.
    names : list of str, optional
        Of the classes, from two to five.
    true_class : int, optional
        The place of the true class in the list.
    goal : float, optional
        Below this the loss is to be brought, while the true class keeps the score that it starts
        with. The figure says how far this is, and sets `solved` when it is done. 0: no goal.
    task : str, optional
        The same in words.

    Examples
    --------
    >>> figure = Softmax([0.4, 0.1], ["flat", "edge"], true_class=1)
    >>> round(figure.loss, 4)
    0.8544
    """

    _esm = joined("softmax")

    scores = traitlets.List(traitlets.Float()).tag(sync=True)
    names = traitlets.List(traitlets.Unicode()).tag(sync=True)
    true_class = traitlets.Int(0).tag(sync=True)
    goal = traitlets.Float(0.0).tag(sync=True)
    kept = traitlets.List().tag(sync=True)  # for the goal: a class, and the score it has to keep
    solved = traitlets.Bool(False).tag(sync=True)
    reach = traitlets.Float(REACH).tag(sync=True)

    def __init__(
        self,
        scores: Sequence[float] = (1.0, 2.0, -0.5),
        names: Sequence[str] = ("cat", "dog", "bird"),
        true_class: int = 0,
        goal: float = 0.0,
        task: str = "",
        **traits: Any,
    ) -> None:
        names = [str(name) for name in names]
        if not 2 <= len(names) <= MOST_CLASSES:
            raise ValueError(
                f"The figure shows from 2 to {MOST_CLASSES} classes. Given: {len(names)} names."
            )
        [true_class] = as_labels([true_class], classes=len(names), name="true_class").tolist()
        goal = as_number(goal, "goal", least=0)
        super().__init__(names=names, task=task, goal=goal, **{"true_class": true_class, **traits})
        self.scores = list(scores)
        self.kept = [true_class, self.scores[true_class]] if goal else []

    @traitlets.validate("scores")
    def _require_scores(self, proposal: dict) -> list[float]:
        scores = as_floats(proposal["value"], "scores", ("classes",))
        if len(scores) != len(self.names) or abs(scores).max() > REACH:
            raise ValueError(
                f"scores must be one number from {-REACH:g} to {REACH:g} for each class. "
                f"Given: {scores.tolist()} for {', '.join(self.names)}."
            )
        return scores.tolist()

    @traitlets.validate("true_class")
    def _require_class(self, proposal: dict) -> int:
        classes = len(self.names)
        return int(as_labels([proposal["value"]], classes=classes, name="true_class")[0])

    @property
    def probabilities(self) -> list[float]:
        """What softmax makes of the scores."""
        return softmax([self.scores])[0].tolist()

    @property
    def loss(self) -> float:
        """The cross-entropy: minus the logarithm of the true class's probability."""
        return cross_entropy([self.probabilities], [self.true_class])

    def still(self) -> DescribedFigure:
        """Draw the probabilities as bars, with the true class marked."""
        scores = ", ".join(
            f"{name} {score:g}" for name, score in zip(self.names, self.scores, strict=True)
        )
        return probability_bars(
            self.probabilities,
            self.names,
            self.true_class,
            description=f"What softmax makes of the scores {scores.replace('-', '−')}. The loss "
            f"is {self.loss:.4f}. On a screen this is a figure to play with.",
        )
