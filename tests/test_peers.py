"""Others can take the exercises as they are: nbval, and nbgrader from source to marks."""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from dlbook.exercises import key

ROOT = Path(__file__).parents[1]


def run(folder: Path, *command: str) -> subprocess.CompletedProcess:
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


# --- nbval ------------------------------------------------------------------------------------


def nbval(folder: Path) -> subprocess.CompletedProcess:
    return run(folder, sys.executable, "-m", "pytest", "-q", "--nbval", "solutions")


@pytest.fixture
def copied(tmp_path) -> Path:
    (tmp_path / "solutions").mkdir()
    for name in ("neuron.ipynb", "conftest.py"):
        shutil.copy(ROOT / "solutions" / name, tmp_path / "solutions" / name)
    return tmp_path


def change(folder: Path, grade_id: str, edit) -> None:
    path = folder / "solutions" / "neuron.ipynb"
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id:
            edit(cell)
    nbformat.write(notebook, path)


def test_nbval_passes_a_sound_solution(copied):
    assert nbval(copied).returncode == 0


def test_nbval_fails_where_a_reference_breaks(copied):
    def breaks(cell):
        cell.source = "def relu(z):\n    return abs(z)"

    change(copied, "neuron-relu", breaks)
    done = nbval(copied)
    assert done.returncode == 1
    assert "The minus sign is dropped" in done.stdout


def test_nbval_fails_where_a_stored_output_is_missing(copied):
    change(copied, "neuron-relu-check", lambda cell: cell.outputs.clear())
    done = nbval(copied)
    assert done.returncode != 0
    assert "the check has no stored" in done.stdout + done.stderr


def test_nbval_fails_where_a_cell_was_never_run(copied):
    change(copied, "neuron-relu", lambda cell: cell.update(execution_count=None))
    done = nbval(copied)
    assert done.returncode != 0
    assert "never run" in done.stdout + done.stderr


# --- nbgrader ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Path:
    """An nbgrader course: generated from the solutions, handed in twice, autograded."""
    if importlib.util.find_spec("nbgrader") is None:
        advice = "nbgrader is not installed: pip install nbgrader==0.9.6 to try it as well"
        if os.environ.get("DLBOOK_REQUIRE_ORACLES"):
            pytest.fail(advice)
        pytest.skip(advice)
    folder = tmp_path_factory.mktemp("course")
    handed_in = {"right": ROOT / "solutions", "untouched": ROOT / "exercises"}
    for target in (
        folder / "source" / "five",
        *(folder / "submitted" / s / "five" for s in handed_in),
    ):
        target.mkdir(parents=True)
    for name in key.notebooks():
        shutil.copy(ROOT / "solutions" / f"{name}.ipynb", folder / "source" / "five")
        for student, origin in handed_in.items():
            shutil.copy(origin / f"{name}.ipynb", folder / "submitted" / student / "five")
    for command in ("generate_assignment", "autograde"):
        done = run(folder, "nbgrader", command, "five", "--create")
        assert done.returncode == 0, done.stderr[-3000:]
        assert "ERROR" not in done.stderr, done.stderr[-3000:]
    return folder


def marks(course: Path) -> dict[str, tuple[float, float]]:
    from nbgrader.api import Gradebook  # noqa: PLC0415 - a test-only extra

    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as book:
        return {s.student.id: (s.score, s.max_score) for s in book.assignment_submissions("five")}


@pytest.mark.oracle
def test_nbgrader_gives_an_all_right_submission_full_marks_and_an_untouched_one_none(course):
    assert marks(course) == {"right": (50.0, 50.0), "untouched": (0.0, 50.0)}


@pytest.mark.oracle
def test_nbgraders_own_release_holds_no_answer(course):
    for name in key.notebooks():
        text = (course / "release" / "five" / f"{name}.ipynb").read_text(encoding="utf-8")
        assert "SOLUTION" not in text
        assert text.count("raise NotImplementedError") == len(key.questions(name))
