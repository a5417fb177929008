"""Steps down a slope to play with: a start, a learning rate, momentum, and each step's numbers."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import traitlets

from dlbook.arguments import FloatArray, as_choice, as_count, as_floats, as_number
from dlbook.explore.figure import Figure
from dlbook.explore.modules import joined
from dlbook.figures import DescribedFigure, loss_surface, loss_valley
from dlbook.updates import gradient_descent_step, momentum_step

MOST_STEPS = 200
FAR = 1e6  # a walk that is so far away has left for good
STEPS_ON_PAPER = 8  # where none has been taken yet
MOST_ON_PAPER = 10  # each dot on the map has its weight, and a page must stay light


class Ground(NamedTuple):
    """A loss over one parameter or two, and where a walk on it begins."""

    loss: Callable[[FloatArray], float]
    slope: Callable[[FloatArray], FloatArray]
    reach: list[float]  # of each parameter, to either side of 0, in the picture
    start: list[float]
    rate: float


def _bowl(w: FloatArray) -> float:
    return float((w**2).sum())


def _two_valleys(w: FloatArray) -> float:
    w = float(w[0])
    return w**4 / 4 - w**3 / 15 - 0.72 * w**2 + 0.288 * w + 0.7488


def _long_valley(w: FloatArray) -> float:
    return float((w[0] ** 2 + 50 * w[1] ** 2) / 2)


GROUNDS = {
    "bowl": Ground(_bowl, lambda w: 2 * w, [3.0], [2.0], 0.1),
    # Level at -1.2 (the deep valley), at 0.2 (the hill) and at 1.2.
    "two valleys": Ground(
        _two_valleys, lambda w: (w + 1.2) * (w - 0.2) * (w - 1.2), [2.2], [1.9], 0.1
    ),
    "round bowl": Ground(_bowl, lambda w: 2 * w, [3.0, 3.0], [-2.0, 1.5], 0.1),
    "long valley": Ground(
        _long_valley, lambda w: np.array([1.0, 50.0]) * w, [5.0, 1.4], [-4.0, 1.0], 0.035
    ),
}


class Descent(Figure):
    """Gradient descent on a loss over one parameter or two, with momentum if wanted.

    Parameters
    ----------
    ground : {"bowl", "two valleys", "round bowl", "long valley"}, optional
        The loss. One parameter: ``w ** 2``, and a curve with a deep valley at -1.2 and a
        shallow one at 1.2. Two: ``w1 ** 2 + w2 ** 2``, and ``(w1 ** 2 + 50 * w2 ** 2) / 2``.
    start : list of one number or two, optional
    rate : float, optional
        The learning rate.
    momentum : float, optional
        From 0 (plain gradient descent) to below 1.
    steps : int, optional
        How many have been taken, from 0 to 200.
    goal : dict, optional
        ``{"loss": 0.001, "steps": 12}``: from this start the loss shall be below 0.001, and stay
        there, after at most 12 steps. ``{"walk": "jumps"}``: find a walk that never comes to
        rest and never leaves. ``{"walk": "leaves"}``: find one that diverges. The figure says
        how far the reader is, and sets `solved`.
    task : str, optional
        The same in words.

    Examples
    --------
    >>> figure = Descent(start=[2], rate=0.25, steps=3)
    >>> figure.path().ravel()
    array([2.  , 1.  , 0.5 , 0.25])
    """

    _esm = joined("descent")

    ground = traitlets.Enum(list(GROUNDS)).tag(sync=True)
    start = traitlets.List(traitlets.Float()).tag(sync=True)
    rate = traitlets.Float().tag(sync=True)
    momentum = traitlets.Float().tag(sync=True)
    steps = traitlets.Int().tag(sync=True)
    goal = traitlets.Dict().tag(sync=True)
    solved = traitlets.Bool(False).tag(sync=True)

    def __init__(
        self,
        ground: str = "bowl",
        start: Sequence[float] | None = None,
        rate: float | None = None,
        momentum: float = 0.0,
        steps: int = 0,
        goal: Mapping[str, Any] | None = None,
        task: str = "",
        **traits: Any,
    ) -> None:
        as_choice(ground, "ground", list(GROUNDS))
        usual = GROUNDS[ground]
        start = _as_start(usual.start if start is None else start, ground)
        super().__init__(
            ground=ground,
            start=start,
            rate=as_number(usual.rate if rate is None else rate, "rate", above=0),
            momentum=as_number(momentum, "momentum", least=0, below=1),
            steps=as_count(steps, "steps", least=0),
            goal=_as_goal(goal or {}, ground, start),
            task=task,
            **traits,
        )

    def path(self, steps: int | None = None) -> FloatArray:
        """Walk again from the start, by the functions of the chapter.

        Parameters
        ----------
        steps : int, optional
            How many; as many as have been taken in the figure where not given.

        Returns
        -------
        array, shape (steps + 1, parameters)
            Its first row is the start. Fewer rows where the walk has left for good.
        """
        ground = GROUNDS[self.ground]
        path, velocity = [np.array(self.start)], np.zeros(len(self.start))
        for _ in range(self.steps if steps is None else steps):
            here = path[-1]
            if np.abs(here).max() >= FAR:
                break
            slope = ground.slope(here)
            if self.momentum == 0:
                (there,) = gradient_descent_step([here], [slope], self.rate)
            else:
                (there,), (velocity,) = momentum_step(
                    [here], [velocity], [slope], self.rate, self.momentum
                )
            path.append(there)
        return np.array(path)

    def still(self) -> DescribedFigure:
        """Draw the beginning of the walk: of what has been taken, or of what would come."""
        ground = GROUNDS[self.ground]
        path = self.path(min(self.steps, MOST_ON_PAPER) or STEPS_ON_PAPER)
        inside = (np.abs(path) <= ground.reach).all(axis=1)
        path = path[: len(path) if inside.all() else int(inside.argmin())]
        with_momentum = f" and the momentum {self.momentum:g}" if self.momentum else ""
        more = f"These are the first {MOST_ON_PAPER} steps. " if self.steps > MOST_ON_PAPER else ""
        words = (
            f"Steps down a slope with the learning rate {self.rate:g}{with_momentum}. "
            f"{more if inside.all() else 'The walk leaves the picture. '}"
            "In the book's page on a screen this is a figure to play with."
        )
        if len(ground.reach) == 1:
            w = np.linspace(-ground.reach[0], ground.reach[0], 81)
            return loss_valley(
                w,
                [ground.loss(np.array([value])) for value in w],
                path.ravel(),
                [ground.loss(place) for place in path],
                description=words,
            )
        across, up = (np.linspace(-reach, reach, 25) for reach in ground.reach)
        losses = [[ground.loss(np.array([x, y])) for x in across] for y in up]
        return loss_surface(across, up, losses, path, description=words)

    @traitlets.validate("start")
    def _start_of_this_ground(self, proposal: dict) -> list[float]:
        return _as_start(proposal["value"], self.ground)

    @traitlets.validate("rate")
    def _right_rate(self, proposal: dict) -> float:
        return as_number(proposal["value"], "rate", above=0)

    @traitlets.validate("momentum")
    def _right_momentum(self, proposal: dict) -> float:
        return as_number(proposal["value"], "momentum", least=0, below=1)

    @traitlets.validate("steps")
    def _right_count(self, proposal: dict) -> int:
        return min(as_count(proposal["value"], "steps", least=0), MOST_STEPS)

    @traitlets.observe("ground")
    def _begin_on_this_ground(self, change: dict) -> None:
        usual = GROUNDS[change["new"]]
        if len(self.start) not in (0, len(usual.start)):
            self.start, self.rate, self.steps = usual.start, usual.rate, 0


def _as_start(start: Sequence[float], ground: str) -> list[float]:
    array = as_floats(start, "start", ("parameters",))
    wanted = len(GROUNDS[ground].start)
    if len(array) != wanted:
        raise ValueError(
            f"The ground {ground!r} has {wanted} parameter{'s' * (wanted > 1)}, so start must be "
            f"a list of {wanted}. Given: {len(array)}. An example: {GROUNDS[ground].start}."
        )
    return array.astype(float).tolist()


def _as_goal(goal: Mapping[str, Any], ground: str, start: list[float]) -> dict[str, Any]:
    """Return a goal with the ground and the start that it is meant for."""
    if not goal:
        return {}
    if set(goal) == {"loss", "steps"}:
        loss = as_number(goal["loss"], "goal['loss']", above=0)
        wanted = {"loss": loss, "steps": as_count(goal["steps"], "goal['steps']")}
    elif set(goal) == {"walk"}:
        wanted = {"walk": as_choice(goal["walk"], "goal['walk']", ["jumps", "leaves"])}
    else:
        raise ValueError(
            f"goal must say what is to be reached. Given: {dict(goal)}. "
            'Examples: {"loss": 0.001, "steps": 12} or {"walk": "jumps"}.'
        )
    return {**wanted, "ground": ground, "start": start}
