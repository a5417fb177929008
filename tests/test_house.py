"""The house stands as it was drawn: which module imports which, and how long each may be."""

import ast
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from matplotlib.patches import FancyArrowPatch

from dlbook.figures import house

PACKAGE = Path(__file__).parents[1] / "dlbook"
CHAPTERS = ["neuron", "layers", "losses", "updates", "inplace", "training", "images"]
# Lines with one statement each, however it is wrapped; docstrings, comments, imports don't count.
READ_IN_CLASS = 150


def floor_of(name: str) -> int:
    """0: chapters and what they stand on; 1: explore, exercises; 2: grading; 3: command line."""
    return house.room_of(name).floor


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("dlbook"):
            below = node.module.split(".")[1:]
            names |= {below[0]} if below else {alias.name for alias in node.names}
        if isinstance(node, ast.Import):
            names |= {a.name.split(".")[1] for a in node.names if a.name.startswith("dlbook.")}
    return names - {"__version__"}


def place(path: Path) -> str:
    """Return the folder of the package in which a file is, or its own name beside them."""
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def modules() -> list[Path]:
    return [p for p in sorted(PACKAGE.rglob("*.py")) if p.name != "__init__.py"]


@pytest.mark.parametrize("path", modules(), ids=lambda p: p.stem)
def test_a_module_imports_from_its_own_floor_or_below(path):
    here = place(path)
    for other in imported(path):
        assert floor_of(other) <= floor_of(here), f"{here} imports {other}, which is above it"


@pytest.mark.parametrize(("here", "there"), [("explore", "exercises"), ("exercises", "explore")])
def test_figures_to_play_with_and_exercises_know_nothing_of_each_other(here, there):
    for path in sorted((PACKAGE / here).rglob("*.py")):
        assert there not in imported(path), f"{path.name} imports {there}"


def test_imports_make_no_circle():
    # What a function imports when it is called makes no circle: only module tops count.
    graph = {}
    for path in modules():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        here = ".".join(("dlbook", *path.relative_to(PACKAGE).with_suffix("").parts))
        graph[here] = {
            name
            for node in tree.body
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("dlbook")
            for name in (node.module, *(f"{node.module}.{alias.name}" for alias in node.names))
        }
    while graph:
        leaves = {name for name, needs in graph.items() if not needs & graph.keys()}
        assert leaves, f"these import each other: {sorted(graph)}"
        graph = {name: needs for name, needs in graph.items() if name not in leaves}


# --- The drawing ------------------------------------------------------------------------------


def sources() -> list[Path]:
    return [p for p in sorted(PACKAGE.rglob("*.py")) if p != PACKAGE / "__init__.py"]


def imports_between_rooms() -> set[tuple[str, str]]:
    """Return which room imports which other, found without the module that draws them."""
    named = {first: room.name for room in house.ROOMS for first in room.holds}
    pairs = {(named[place(p)], named[other]) for p in sources() for other in imported(p)}
    return {(here, there) for here, there in pairs if here != there}


def arrows_of(figure) -> dict[tuple[str, str], FancyArrowPatch]:
    patches = figure.findobj(lambda part: isinstance(part, FancyArrowPatch) and part.get_gid())
    assert len({patch.get_gid() for patch in patches}) == len(patches)
    return {tuple(patch.get_gid().split(" imports ")): patch for patch in patches}


@pytest.fixture(scope="module")
def drawing():
    return house.house_diagram()


@pytest.mark.parametrize("path", sources(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_every_module_belongs_to_one_room(path):
    first = place(path)
    assert house.room_of(first)  # or it says where to add it
    assert sum(first in room.holds for room in house.ROOMS) == 1


def test_there_is_an_arrow_for_every_import_between_rooms_and_no_other(drawing):
    assert arrows_of(drawing).keys() == imports_between_rooms()


def test_the_text_alternative_tells_the_same_arrows(drawing):
    told = re.findall(r"from ([a-z ]+) to ([^.;]+)[.;]", drawing.text_alternative)
    pairs = {(here, there) for here, many in told for there in re.split(", | and ", many)}
    assert pairs == imports_between_rooms()
    assert "No arrow leads upwards." in drawing.text_alternative


def test_the_numbers_in_the_rooms_are_those_of_their_files(drawing):
    counts = Counter(house.room_of(place(path)).name for path in modules())
    assert re.search(rf"house with {counts.total()} modules in {len(counts)} rooms", (
        drawing.text_alternative
    ))  # fmt: skip
    for name, count in counts.items():
        assert re.search(rf"\b{name} \([^)]+\) with {count} modules?\b", drawing.text_alternative)


def test_an_arrow_leads_from_one_room_to_the_other_and_through_none(drawing):
    boxes = {room.name: house._box(room) for room in house.ROOMS}

    def inside(x, y, box):
        return box[0] - 0.02 <= x <= box[1] + 0.02 and box[2] - 0.02 <= y <= box[3] + 0.02

    for (here, there), patch in arrows_of(drawing).items():
        (x, y), (to_x, to_y) = patch._posA_posB
        assert inside(x, y, boxes[here])
        assert inside(to_x, to_y, boxes[there])
        for step in range(1, 20):
            at = (x + (to_x - x) * step / 20, y + (to_y - y) * step / 20)
            assert not any(inside(*at, box) for box in boxes.values()), (here, there)


def test_an_arrow_without_a_place_is_refused_with_what_to_do():
    walled_in = [*house.ROOMS, house.Room("a wall", 1, (), "", (0.2, 6.2))]
    with pytest.raises(ValueError, match=r"no place for an arrow from pages to figures.*house\.py"):
        house._ways(walled_in, {("pages", "figures"): True})


def write(folder: Path, files: dict[str, str]) -> Path:
    package = folder / "dlbook"
    for name, text in {"__init__.py": "", **files}.items():
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text(text, encoding="utf-8")
    return package


def test_an_import_in_whatever_form_is_seen_and_one_in_a_function_is_told_apart(tmp_path):
    package = write(tmp_path, {
        "layers.py": "",
        "neuron.py": "import numpy\nimport dlbook.layers as other\nfrom dlbook import __version__",
        "figures/__init__.py": "from dlbook.figures.curves import draw",
        "figures/curves.py": "from dlbook import layers, neuron\n",
        "exercises/__init__.py": "",
        "exercises/key.py": "def f():\n    from ..layers import dense\n    from . import plain",
        "exercises/plain.py": (
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import dlbook.neuron\n"
            "try:\n    from dlbook.figures import draw\nexcept ImportError:\n    pass"
        ),
        "grading/__init__.py": "",
        "grading/lms/__init__.py": "",
        "grading/lms/canvas.py": "from ...exercises.key import f\nfrom .. import lms\n",
    })  # fmt: skip
    assert house.imports(package) == {
        "layers": {},
        "neuron": {"layers": True},
        "figures": {"figures.curves": True},
        "figures.curves": {"layers": True, "neuron": True},
        "exercises": {},
        "exercises.key": {"layers": False, "exercises.plain": False},
        "exercises.plain": {"neuron": False, "figures": True},
        "grading": {},
        "grading.lms": {},
        "grading.lms.canvas": {"exercises.key": True, "grading.lms": True},
    }
    words = house.house_diagram(package).text_alternative
    assert (
        "Arrows, each an import, lead from grading to exercises; from exercises to figures" in words
    )
    assert "only in a function that is called, lead from exercises to chapters." in words


def test_a_module_in_no_room_is_refused_with_where_to_add_it(tmp_path):
    package = write(tmp_path, {"layers.py": "", "surprise.py": ""})
    with pytest.raises(LookupError, match=r"dlbook\.surprise is in no room.*house\.py"):
        house.house_diagram(package)


def test_an_arrow_upwards_would_be_drawn_and_told(tmp_path):
    package = write(tmp_path, {"layers.py": "import dlbook.grading.cells", "grading/cells.py": ""})
    figure = house.house_diagram(package)
    assert arrows_of(figure).keys() == {("chapters", "grading")}
    assert "No arrow leads upwards" not in figure.text_alternative


def test_the_storeys_of_grading_stand_on_each_other():
    level = {name: at for at, names in enumerate(house.storeys("grading")) for name in names}
    files = [p for p in modules() if place(p) == "grading"]
    assert sorted(level) == sorted(
        ".".join(p.relative_to(PACKAGE / "grading").with_suffix("").parts) for p in files
    )
    for path in files:
        here = level[".".join(path.relative_to(PACKAGE / "grading").with_suffix("").parts)]
        text = path.read_text(encoding="utf-8")
        for other in re.findall(r"from dlbook\.grading\.([\w.]+) import", text):
            assert other not in level or level[other] < here
    assert level["inside"] == level["sandbox"] == 0 < level["kernels"] < level["grade"]


def test_a_circle_inside_of_a_room_has_no_storeys(tmp_path):
    files = {"layers.py": "import dlbook.neuron", "neuron.py": "import dlbook.layers"}
    with pytest.raises(ValueError, match="a circle of imports: layers and neuron"):
        house.storeys("chapters", write(tmp_path, files))


# --- Chapters ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_module_is_short_enough_to_be_read_in_class(name):
    tree = ast.parse((PACKAGE / f"{name}.py").read_text(encoding="utf-8"))
    documented = (ast.Module, ast.FunctionDef, ast.ClassDef)
    for node in ast.walk(tree):
        if isinstance(node, documented) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    tree.body = [n for n in tree.body if not isinstance(n, ast.Import | ast.ImportFrom)]
    assert len(ast.unparse(tree).replace("\n\n", "\n").splitlines()) <= READ_IN_CLASS


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_module_loads_neither_opencv_nor_matplotlib(name):
    code = (
        f"import sys, dlbook.{name}; "
        "heavy = ('cv2', 'matplotlib', 'ipywidgets', 'anywidget', 'dlbook.explore', 'tqdm'); "
        "print([m for m in heavy if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
