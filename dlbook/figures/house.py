"""The house: the package's rooms on their floors, and who imports whom, read from its sources.

The sources are parsed and never run. The drawing is made from what was read, so it can't show
an import that isn't there. Read from top to bottom: the rooms, reading, drawing, placing arrows.
"""

import ast
import functools
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.patches import FancyArrowPatch, Polygon

from dlbook.figures.common import AXIS_LINE, WIDTH, described, in_book_style
from dlbook.figures.described import (
    BIAS,
    GREY,
    HIDDEN,
    INPUT,
    OUTPUT,
    SMALL_FONT_SIZE,
    DescribedFigure,
    Sheet,
    counted,
    listed,
)

PACKAGE = Path(__file__).parents[1]


class Room(NamedTuple):
    """A part of the package that does one thing.

    Parameters
    ----------
    name : str
        As it is drawn.
    floor : int
        A room imports from its own floor and from those below it.
    holds : tuple of str
        The folders and single modules that are in it.
    what : str
        A few words that fit into its box.
    wall : tuple of float
        Where the box begins and ends, in inches from the left.
    """

    name: str
    floor: int
    holds: tuple[str, ...]
    what: str
    wall: tuple[float, float]


# From the cellar to the roof. A new folder or module of the package belongs into one of these.
ROOMS = (
    Room(
        "chapters",
        0,
        (
            "neuron", "layers", "losses", "updates", "inplace", "training", "images", "drawing",
            "worked", "idx", "arguments", "opencv",
        ),
        "the code of the book",
        (0.85, 3.5),
    ),
    Room("figures", 0, ("figures",), "pictures", (4.2, 6.0)),
    Room("exercises", 1, ("exercises",), "the answer key", (1.6, 3.4)),
    Room("explore", 1, ("explore",), "figures to play with", (4.1, 6.0)),
    Room("grading", 2, ("grading",), "a class is graded", (0.55, 2.3)),
    Room(
        "command line",
        3,
        ("cli", "cli_marks", "cli_new", "doctor", "starter"),
        "what you type",
        (0.55, 2.85),
    ),
    Room("pages", 3, ("pages", "building", "printing"), "the book is built", (4.0, 6.0)),
)  # fmt: skip
LOOKS = (INPUT, HIDDEN, OUTPUT, BIAS)  # of the floors
STOREY, BOX, CELLAR = 1.36, 0.84, 0.62  # heights in inches


def room_of(module: str) -> Room:
    """Return the room of a module, such as ``"grading.lms.canvas"``.

    Raises
    ------
    LookupError
        If it is in none; the message says where to put it.

    Examples
    --------
    >>> room_of("grading.lms.canvas").name
    'grading'
    """
    first = module.partition(".")[0]
    for room in ROOMS:
        if first in room.holds:
            return room
    raise LookupError(
        f"dlbook.{module} is in no room of the house. Given: {first!r}. "
        "Add it to a room in ROOMS, in dlbook/figures/house.py, or make a room for it there."
    )


def modules(package: Path = PACKAGE) -> dict[str, Path]:
    """Return every module of the package by its name: ``"grading.lms.canvas"``.

    What a folder's ``__init__`` holds goes by the folder's name. The package's own holds its
    version alone, and is in no room.
    """
    found = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        if name:
            found[name] = path
    return found


def imports(package: Path = PACKAGE) -> dict[str, dict[str, bool]]:
    """Return for each module what it imports of the package, and whether it does so at once.

    An import inside of a function is done only when that function is called: False. So is one
    that only a tool for types reads.
    """
    paths = modules(package)
    found: dict[str, dict[str, bool]] = {}
    for here, path in paths.items():
        inside = here if path.name == "__init__.py" else here.rpartition(".")[0]
        needs: dict[str, bool] = {}
        for name, at_once in _names(path, path.stat().st_mtime_ns, package.name, inside):
            # What follows the module's name is something in it: a function, for example.
            while name and name not in paths:
                name = name.rpartition(".")[0]  # noqa: PLW2901
            if name and name != here:
                needs[name] = needs.get(name, False) or at_once
        found[here] = needs
    return found


def doors(package: Path = PACKAGE) -> dict[tuple[str, str], bool]:
    """Return which room imports which other, and whether any import of it is done at once.

    Raises
    ------
    LookupError
        If a module is in no room.
    """
    found: dict[tuple[str, str], bool] = {}
    for here, needs in imports(package).items():
        for there, at_once in needs.items():
            pair = room_of(here).name, room_of(there).name
            if pair[0] != pair[1]:
                found[pair] = found.get(pair, False) or at_once
    return found


def held(room: str, package: Path = PACKAGE) -> dict[str, Path]:
    """Return the modules that a room holds; a folder's ``__init__`` is a door and not counted.

    Raises
    ------
    LookupError
        If a module of the package is in no room.
    """
    found = modules(package)
    inside = {name: path for name, path in found.items() if room_of(name).name == room}
    return {name: path for name, path in inside.items() if path.name != "__init__.py"}


def storeys(room: str, package: Path = PACKAGE) -> list[list[str]]:
    """Return the modules of a room from the lowest to the highest.

    The lowest import nothing of this room, each of the others something of the storey just
    below, and nothing of its own or a higher one, not even in a call.

    Raises
    ------
    ValueError
        If some import each other in a circle.

    Examples
    --------
    >>> storeys("figures")[:2]
    [['described'], ['common']]
    """
    needs = imports(package)
    own = held(room, package)
    # A folder's door is passed through: who imports it imports what it imports.
    reached = {name: set(there) for name, there in needs.items() if room_of(name).name == room}
    for door in sorted(reached.keys() - own.keys()):
        for name, there in reached.items():
            if door in there:
                there.update(reached[door] - {name})
    inside = {name: reached[name] for name in own}
    found = []
    while inside:
        lowest = sorted(name for name, needs in inside.items() if not needs & inside.keys())
        if not lowest:
            raise ValueError(
                f"Among these modules is a circle of imports: {listed(sorted(inside))}. "
                "Move what both need into a module below both."
            )
        found.append([name.removeprefix(f"{room}.") for name in lowest])
        inside = {name: needs for name, needs in inside.items() if name not in lowest}
    return found


def first_sentence(path: Path) -> str:
    """Return the line with which a module says what it is."""
    words = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return words.split("\n\n")[0].split("\n")[0]


@in_book_style
def house_diagram(package: Path = PACKAGE, *, description: str | None = None) -> DescribedFigure:
    """Draw the rooms on their floors, and an arrow wherever one imports another.

    Parameters
    ----------
    package : Path, optional
        The folder that holds the sources.
    description : str, optional
        Words to put before the text alternative.

    Returns
    -------
    DescribedFigure

    Raises
    ------
    LookupError
        If a module is in no room.
    ValueError
        If there is no free place for an arrow.
    """
    counts = {room.name: len(held(room.name, package)) for room in ROOMS}
    found = doors(package)
    rooms = [room for room in ROOMS if counts[room.name]]
    floors = max(room.floor for room in rooms) + 1
    eaves = CELLAR + floors * STOREY
    words = _house_in_words(rooms, counts, found)

    fig = Sheet(described(words, description), WIDTH, eaves + 0.75)
    _draw_walls(fig, floors, eaves)
    for room in rooms:
        left, right, bottom, top = _box(room)
        middle, look = (left + right) / 2, LOOKS[room.floor]
        fig.box(middle, (bottom + top) / 2, right - left, top - bottom, look)
        line = {"size": SMALL_FONT_SIZE, "va": "baseline"}
        fig.write(middle, top - 0.27, room.name, bold=True, va="baseline")
        fig.write(middle, top - 0.5, room.what, **line)
        fig.write(middle, top - 0.73, counted(counts[room.name], "module"), look[1], **line)
    for pair, (start, end) in _ways(rooms, found).items():
        _draw_door(fig, start, end, at_once=found[pair], gid=" imports ".join(pair))
    for x, at_once, text in ((0.9, True, "imports"), (2.5, False, "imports only when called")):
        _draw_door(fig, (x, 0.32), (x + 0.55, 0.32), at_once=at_once, gid=None)
        fig.write(x + 0.65, 0.32, text, GREY, size=SMALL_FONT_SIZE, ha="left")
    return fig


@functools.lru_cache(maxsize=512)  # to parse a hundred files takes a second
def _names(path: Path, _changed: int, package: str, inside: str) -> tuple[tuple[str, bool], ...]:
    whole = ast.parse(path.read_text(encoding="utf-8"))
    return tuple(_imported(whole, package, inside, at_once=True))


def _imported(
    node: ast.AST, package: str, inside: str, at_once: bool
) -> Iterator[tuple[str, bool]]:
    """Yield what the code below `node` imports of the package, without the package's name."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            first, _, rest = alias.name.partition(".")
            if first == package:
                yield rest, at_once
    elif isinstance(node, ast.ImportFrom):
        base = (node.module or "").split(".") if node.module else []
        if node.level:  # from . import x: from the folder, or from further out
            parts = inside.split(".") if inside else []
            base = [*parts[: len(parts) - node.level + 1], *base]
        elif base[:1] == [package]:
            base = base[1:]
        else:
            return
        for alias in node.names:
            yield ".".join([*base, alias.name]), at_once
    else:
        later = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) or (
            isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
        )
        for child in ast.iter_child_nodes(node):
            yield from _imported(child, package, inside, at_once and not later)


def _house_in_words(rooms: list[Room], counts: dict[str, int], found: dict) -> str:
    words = [
        f"A house with {counted(sum(counts.values()), 'module')} in {counted(len(rooms), 'room')}."
    ]
    for floor in range(max(room.floor for room in rooms), -1, -1):
        here = [
            f"{room.name} ({room.what}) with {counted(counts[room.name], 'module')}"
            for room in rooms
            if room.floor == floor
        ]
        words.append(f"{'Ground floor' if floor == 0 else f'Floor {floor}'}: {listed(here)}.")
    for at_once, kind in (
        (True, "Arrows, each an import, lead"),
        (False, "Dashed arrows, for imports only in a function that is called, lead"),
    ):
        arrows = []
        for room in reversed(rooms):
            others = [
                other.name for other in rooms if found.get((room.name, other.name)) is at_once
            ]
            arrows += [f"from {room.name} to {listed(others)}"] if others else []
        words += [f"{kind} {'; '.join(arrows)}."] if arrows else []
    floors = {room.name: room.floor for room in rooms}
    if all(floors[here] >= floors[there] for here, there in found):
        words.append("No arrow leads upwards.")
    return " ".join(words)


def _draw_walls(fig: Sheet, floors: int, eaves: float) -> None:
    left, right = 0.45, WIDTH - 0.28
    roof = [(left - 0.18, eaves), ((left + right) / 2, eaves + 0.6), (right + 0.14, eaves)]
    fig.ax.add_patch(Polygon(roof, closed=True, fill=False, ec=AXIS_LINE, lw=1.6, zorder=1))
    heights = [CELLAR + floor * STOREY for floor in range(floors)]
    fig.segments([[(left, y), (right, y)] for y in heights], AXIS_LINE, 1.6)
    fig.segments([[(x, CELLAR), (x, eaves)] for x in (left, right)], AXIS_LINE, 1.6)
    for floor, y in enumerate(heights):
        text = "ground floor" if floor == 0 else f"floor {floor}"
        fig.write(0.26, y + STOREY / 2, text, GREY, size=SMALL_FONT_SIZE, rotation=90)


def _box(room: Room) -> tuple[float, float, float, float]:
    """Return where a room's box is: left, right, bottom, top."""
    bottom = CELLAR + room.floor * STOREY + (STOREY - BOX) / 2
    return *room.wall, bottom, bottom + BOX


def _ways(rooms: list[Room], found: dict) -> dict[tuple[str, str], tuple]:
    """Return where each arrow begins and ends, so that none runs through a room or into another."""
    ways: dict[tuple[str, str], tuple] = {}
    named = {room.name: room for room in rooms}
    for pair in sorted(found, key=lambda pair: (abs(_fall(named, pair)), pair)):
        here, there = (_box(named[name]) for name in pair)
        others = [_box(room) for room in rooms if room.name not in pair]
        taken = [end for way in ways.values() for end in way]
        free = (
            (start, end)
            for start, end in _straight(here, there)
            if all(np.hypot(a[0] - b[0], a[1] - b[1]) > 0.22 for a in (start, end) for b in taken)
            and not any(_runs_through(start, end, box) for box in others)
        )
        way = min(free, key=lambda way: _cost(way, here, there), default=None)
        if way is None:
            raise ValueError(
                f"There is no place for an arrow from {pair[0]} to {pair[1]}. "
                "Move the boxes apart: the walls in ROOMS, in dlbook/figures/house.py."
            )
        ways[pair] = way
    return ways


def _fall(named: dict[str, Room], pair: tuple[str, str]) -> int:
    return named[pair[0]].floor - named[pair[1]].floor


def _straight(here: tuple, there: tuple) -> Iterator[tuple]:
    """Yield straight lines from the edge of one box to that of another."""
    if here[2] == there[2]:  # side by side
        right_of = here[0] > there[0]
        x, other = (here[0], there[1]) if right_of else (here[1], there[0])
        for y in np.linspace(here[2] + 0.14, here[3] - 0.14, 7):
            yield (x, float(y)), (other, float(y))
        return
    falls = here[2] > there[2]
    y, other = (here[2], there[3]) if falls else (here[3], there[2])
    starts = np.linspace(here[0] + 0.2, here[1] - 0.2, 25)
    for x, to in itertools.product(starts, np.linspace(there[0] + 0.2, there[1] - 0.2, 25)):
        yield (float(x), y), (float(to), other)
    for x in starts:
        if there[0] + 0.2 <= x <= there[1] - 0.2:
            yield (float(x), y), (float(x), other)


def _cost(way: tuple, here: tuple, there: tuple) -> float:
    """Prefer what is upright, and what is in the middle of both boxes."""
    (x, y), (to, other) = way
    if y == other:
        return abs(y - (here[2] + here[3]) / 2)
    centre = abs(x - (here[0] + here[1]) / 2) + abs(to - (there[0] + there[1]) / 2)
    return 6 * abs(x - to) + centre


def _runs_through(start: tuple, end: tuple, box: tuple, margin: float = 0.1) -> bool:
    """Say whether a straight line comes into a box or near to it."""
    along = np.linspace(0, 1, 60)[:, np.newaxis]
    x, y = (np.array(start) + along * (np.array(end) - np.array(start))).T
    left, right, bottom, top = box
    near_x = (x > left - margin) & (x < right + margin)
    return bool((near_x & (y > bottom - margin) & (y < top + margin)).any())


def _draw_door(fig: Sheet, start: tuple, end: tuple, *, at_once: bool, gid: str | None) -> None:
    line = {"lw": 1.5, "color": GREY, "linestyle": "-" if at_once else (0, (3, 1.6))}
    arrow = FancyArrowPatch(
        start, end, arrowstyle="-|>", mutation_scale=13, shrinkA=0, shrinkB=0, zorder=4, **line
    )
    arrow.set_gid(gid)
    fig.ax.add_patch(arrow)
