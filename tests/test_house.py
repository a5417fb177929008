"""The house stands as it was drawn: which module imports which, and how long each may be."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "dlbook"
CHAPTERS = ["neuron", "layers", "losses", "updates", "inplace", "training", "images"]
# Lines with one statement each, however it is wrapped; docstrings, comments, imports don't count.
READ_IN_CLASS = 150


def floor_of(name: str) -> int:
    """0: chapters and what they stand on; 1: explore, exercises; 2: grading; 3: command line."""
    if name in ("cli", "cli_marks", "building", "pages", "printing"):
        return 3
    return {"grading": 2, "exercises": 1, "explore": 1}.get(name, 0)


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("dlbook"):
            below = node.module.split(".")[1:]
            names |= {below[0]} if below else {alias.name for alias in node.names}
        if isinstance(node, ast.Import):
            names |= {a.name.split(".")[1] for a in node.names if a.name.startswith("dlbook.")}
    return names - {"__version__"}


def modules() -> list[Path]:
    return [p for p in sorted(PACKAGE.rglob("*.py")) if p.name != "__init__.py"]


@pytest.mark.parametrize("path", modules(), ids=lambda p: p.stem)
def test_a_module_imports_from_its_own_floor_or_below(path):
    here = path.relative_to(PACKAGE).with_suffix("").parts[0]
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
