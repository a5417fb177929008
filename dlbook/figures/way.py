"""The way of one answer, from the file that was handed in to its mark, and past which walls."""

from typing import NamedTuple

from dlbook.figures.common import WIDTH, described, in_book_style
from dlbook.figures.described import (
    BIAS,
    GREY,
    HIDDEN,
    INPUT,
    OUTPUT,
    SMALL_FONT_SIZE,
    DescribedFigure,
    Sheet,
)


class Station(NamedTuple):
    """Something that is done to an answer, and the modules that do it."""

    place: tuple[float, float]  # the middle of its box, in inches
    words: str
    modules: tuple[str, ...]
    look: tuple[str, str]


LEFT, RIGHT = 1.65, 4.75
WIDE, HIGH = 2.62, 0.98
STATIONS = {
    "handed in": Station((LEFT, 5.5), "a file in a download\nis found", ("grading.intake",), INPUT),
    "cut out": Station(
        (RIGHT, 5.5),
        "only the answers are\ncut out, and mended",
        ("grading.notebooks", "grading.pieces"),
        INPUT,
    ),
    "run": Station(
        (RIGHT, 3.98),
        "an answer runs on\nsecret inputs",
        ("grading.inside", "exercises.probe"),
        OUTPUT,
    ),
    "oracle": Station(
        (LEFT, 3.98), "works out what a right\nfunction would return", ("grading.oracle",), HIDDEN
    ),
    "seen": Station(
        (RIGHT, 2.32), "what was seen comes\nout as text", ("grading.observed",), HIDDEN
    ),
    "key": Station((LEFT, 2.32), "the answer key\nsays what is right", ("exercises.key",), HIDDEN),
    "verdict": Station(
        (RIGHT, 0.86), "both are compared:\nthe verdict", ("exercises.verdict",), HIDDEN
    ),
    "gradebook": Station((LEFT, 0.86), "the mark is\nwritten down", ("grading.gradebook",), BIAS),
}
# From, to, and whether it is there only if an answer uses an earlier, wrong one.
STEPS = (
    ("handed in", "cut out", False),
    ("cut out", "run", False),
    ("run", "seen", False),
    ("run", "oracle", True),
    ("oracle", "run", True),
    ("key", "oracle", False),
    ("seen", "verdict", False),
    ("key", "verdict", False),
    ("verdict", "gradebook", False),
)
IN_THE_SANDBOX = ("run",)


@in_book_style
def answer_way_diagram(*, description: str | None = None) -> DescribedFigure:
    """Draw what is done to an answer that was handed in, and what of it in the sandbox.

    Parameters
    ----------
    description : str, optional
        Words to put before the text alternative.

    Returns
    -------
    DescribedFigure

    Examples
    --------
    >>> answer_way_diagram().text_alternative[:51]
    'The way of one answer, in 8 boxes. One stands withi'
    """
    fig = Sheet(described(_in_words(), description), WIDTH, 6.25)
    _draw_sandbox(fig)
    for station in STATIONS.values():
        x, y = station.place
        fig.box(x, y, WIDE, HIGH, station.look)
        fig.write(x, y + 0.13, station.words)
        names = ", ".join(name.rpartition(".")[2] for name in station.modules)
        fig.write(x, y - 0.33, names, station.look[1], size=SMALL_FONT_SIZE)
    for here, there, dashed in STEPS:
        start, end = _edges(STATIONS[here].place, STATIONS[there].place, shifted=dashed)
        fig.arrow(start, end, dashed=dashed)
    return fig


def _draw_sandbox(fig: Sheet) -> None:
    for name in IN_THE_SANDBOX:
        x, y = STATIONS[name].place
        left, right = x - WIDE / 2 - 0.13, x + WIDE / 2 + 0.13
        fig.frame((left, right, y - HIGH / 2 - 0.12, y + HIGH / 2 + 0.36), GREY, 1.6)
        fig.write(right - 0.1, y + HIGH / 2 + 0.2, "sandbox", GREY, bold=True, ha="right")


def _edges(here: tuple, there: tuple, shifted: bool) -> tuple[tuple, tuple]:
    """Return where an arrow leaves one box and comes to another."""
    (x, y), (to_x, to_y) = here, there
    if x != to_x:
        side = 1 if to_x > x else -1
        up = (0.2 * side if shifted else 0.0) if y == to_y else -0.2
        end = to_y + up if y == to_y else to_y + 0.3
        return (x + side * WIDE / 2, y + up), (to_x - side * WIDE / 2, end)
    side = 1 if to_y > y else -1
    return (x, y + side * HIGH / 2), (to_x, to_y - side * HIGH / 2)


def _in_words() -> str:
    number = {name: at for at, name in enumerate(STATIONS, start=1)}
    boxes = [
        f"{number[name]}: {' '.join(station.words.split())} "
        f"({', '.join(module.rpartition('.')[2] for module in station.modules)})"
        for name, station in STATIONS.items()
    ]
    plain = [f"{number[a]} to {number[b]}" for a, b, dashed in STEPS if not dashed]
    asked = [f"{number[a]} to {number[b]}" for a, b, dashed in STEPS if dashed]
    inside = " and ".join(str(number[name]) for name in IN_THE_SANDBOX)
    return (
        f"The way of one answer, in {len(STATIONS)} boxes. One stands within a frame, the sandbox: "
        f"number {inside}. {'; '.join(boxes)}. Arrows lead from {', '.join(plain)}; dashed ones, "
        f"for a question and its answer, from {' and '.join(asked)}."
    )
