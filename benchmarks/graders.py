"""The graders that are compared: for each, its own layout of the same notebooks, and its marks.

Getting ready (a course, reference outputs, an environment of its own) is not measured.
"""

import csv
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import measure
from students import Student

from dlbook.exercises import key

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
OTTER = "7.0.0"
# What the notebooks' cells and Otter's tests import, in the versions that are here.
OTTER_NEEDS = (
    "numpy", "matplotlib", "scikit-learn", "ipykernel", "tqdm", "threadpoolctl", "platformdirs",
)  # fmt: skip
# A check writes down what a student has reached, unless it is told not to.
QUIET = {"DLBOOK_PROGRESS": "off"}

Marks = dict[str, set[str]]  # student: questions that were found right


class UnavailableError(RuntimeError):
    """A grader that isn't there; the message says what is missing."""


class FailedError(RuntimeError):
    """A grader that didn't grade: its numbers would say nothing."""


@dataclass(frozen=True)
class Job:
    """A class in one grader's layout: the command that grades it, and how to read its marks."""

    command: list[str]
    folder: Path
    marks: Callable[[], Marks]
    environment: dict[str, str] = field(default_factory=dict)
    good: tuple[int, ...] = (0,)


@dataclass(frozen=True)
class Place:
    """Where a job is made.

    Parameters
    ----------
    folder : Path
        For this job alone.
    tools : Path
        For what is made once, such as Otter's own environment.
    exercise : str
        ``"neuron"``.
    workers : int
    """

    folder: Path
    tools: Path
    exercise: str
    workers: int

    @property
    def solution(self) -> Path:
        """The instructor's notebook, with its outputs."""
        return ROOT / "solutions" / f"{self.exercise}.ipynb"


# --- This project ------------------------------------------------------------------------------


def ours(students: Sequence[Student], place: Place, *options: str) -> Job:
    """`dlbook grade`, sandbox on."""
    for student in students:
        _write(place.folder / "class" / student.name / f"{place.exercise}.ipynb", student.notebook)
    return again(place, *options)


def again(place: Place, *options: str, out: str = "marks") -> Job:
    """Return the job of `ours` for a class that is written already."""
    command = [
        str(BIN / "dlbook"), "grade", "class", "--out", out, "--workers", str(place.workers),
        "--seed", "1", *options,
    ]  # fmt: skip
    return Job(command, place.folder, lambda: _ours_marks(place.folder / out / "grades.csv"))


def cold(students: Sequence[Student], place: Place) -> Job:
    """`dlbook grade` with a kernel for each submission that begins with nothing."""
    told = subprocess.run(
        [str(BIN / "dlbook"), "grade", "--help"], capture_output=True, text=True, check=True
    )
    if "--cold-kernels" not in told.stdout:
        raise UnavailableError("`dlbook grade` has no --cold-kernels here.")
    return ours(students, place, "--cold-kernels")


def _ours_marks(path: Path) -> Marks:
    marks: Marks = {}
    with open(path, newline="", encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            if row["outcome"] == "not graded":
                raise FailedError(f"{row['student']}, {row['question']}: {row['message']}")
            found = marks.setdefault(row["student"], set())
            if row["outcome"] == "correct":
                found.add(row["question"])
    return marks


# --- nbval -------------------------------------------------------------------------------------


def nbval(students: Sequence[Student], place: Place) -> Job:
    """Plain nbval: the instructor's notebooks with the students' answers, one pytest session."""
    solution = json.loads(place.solution.read_text(encoding="utf-8"))
    for student in students:
        answers = _answers_in(json.loads(student.notebook))
        for cell in solution["cells"]:
            name = _grade_id(cell)
            cell["source"] = answers.get(name, cell["source"])
        _write(place.folder / "merged" / f"{student.name}.ipynb", json.dumps(solution, indent=1))
    # This project's own pytest plugin stays out: a plain nbval doesn't load it.
    command = [
        sys.executable, "-m", "pytest", "--nbval", "merged", "-q", "-p", "no:cacheprovider",
        "-p", "no:dlbook", "--junitxml", "marks.xml",
    ]  # fmt: skip
    code = [cell for cell in solution["cells"] if cell["cell_type"] == "code"]
    checks = {
        f"Cell {number}": _grade_id(cell).removesuffix("-check")
        for number, cell in enumerate(code)
        if _grade_id(cell).endswith("-check")
    }
    read = lambda: _nbval_marks(place.folder / "marks.xml", checks)  # noqa: E731
    return Job(command, place.folder, read, QUIET, good=(0, 1))


def _nbval_marks(path: Path, checks: dict[str, str]) -> Marks:
    marks: Marks = {}
    for case in ET.parse(path).iter("testcase"):
        student = re.search(r"student-\d+", case.get("classname", ""))
        if student is None or case.get("name") not in checks:
            continue
        found = marks.setdefault(student[0], set())
        if not any(child.tag in ("failure", "error", "skipped") for child in case):
            found.add(checks[case.get("name")])
    return marks


# --- nbgrader ----------------------------------------------------------------------------------


def nbgrader(students: Sequence[Student], place: Place) -> Job:
    """`nbgrader autograde`, on a course whose assignment is in its database already."""
    if importlib.util.find_spec("nbgrader") is None:
        raise UnavailableError("nbgrader is not installed: pip install nbgrader==0.9.6")
    course, exercise = place.folder, place.exercise
    source = course / "source" / exercise / f"{exercise}.ipynb"
    _write(source, place.solution.read_text(encoding="utf-8"))
    environment = {**QUIET, "PATH": f"{BIN}:{os.environ['PATH']}"}
    _run([str(BIN / "nbgrader"), "generate_assignment", exercise, "--create"], course, environment)
    for student in students:
        handed_in = course / "submitted" / student.name / exercise / f"{exercise}.ipynb"
        _write(handed_in, student.notebook)
    command = [str(BIN / "nbgrader"), "autograde", exercise, "--create"]
    return Job(command, course, lambda: _nbgrader_marks(course, exercise), environment)


def _nbgrader_marks(course: Path, exercise: str) -> Marks:
    from nbgrader.api import Gradebook  # noqa: PLC0415 - only where it is installed

    marks: Marks = {}
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as book:
        for submission in book.assignment_submissions(exercise):
            found = marks.setdefault(submission.student.id, set())
            for grade in (g for n in submission.notebooks for g in n.grades):
                if grade.score == grade.max_score:
                    found.add(grade.name.removesuffix("-check"))
    return marks


# --- Otter -------------------------------------------------------------------------------------

_OTTER_TEST = """from otter.test_files import test_case

OK_FORMAT = False

name = "{name}"
points = {points}


@test_case()
def test_answer(env):
    from dlbook.exercises import key
    from dlbook.exercises.answers import judge_in

    assert judge_in(key.question("{name}"), env).outcome == "correct"
"""

_OTTER_API = """
import json, pathlib
from otter.api import grade_submission
for path in sorted(pathlib.Path("handed-in").glob("*.ipynb")):
    graded = grade_submission(str(path), "autograder.zip", quiet=True)
    tests = [{"name": n, "score": r.score, "max_score": r.possible}
             for n, r in graded.results.items()]
    pathlib.Path("results", path.stem, "results.json").write_text(json.dumps({"tests": tests}))
"""


def otter(students: Sequence[Student], place: Place) -> Job:
    """`otter run`, Otter's own command without a container, for one submission after the other."""
    environment = _otter_course(students, place)
    command = [
        "xargs", "-a", "names", "-P", str(place.workers), "-I", "{}", "otter", "run",
        "handed-in/{}.ipynb", "-a", "autograder.zip", "-o", "results/{}", "--no-logo",
    ]  # fmt: skip
    return Job(command, place.folder, lambda: _otter_marks(place.folder / "results"), environment)


def otter_api(students: Sequence[Student], place: Place) -> Job:
    """`otter.api.grade_submission` in a loop: Otter's own start is paid once."""
    environment = _otter_course(students, place)
    command = [str(_otter_python(place.tools)), "-c", _OTTER_API]
    return Job(command, place.folder, lambda: _otter_marks(place.folder / "results"), environment)


def _otter_course(students: Sequence[Student], place: Place) -> dict[str, str]:
    python, folder = otter_environment(place.tools), place.folder
    environment = {**QUIET, "PATH": f"{python.parent}:{os.environ['PATH']}"}
    for question in key.questions(place.exercise).values():
        test = _OTTER_TEST.format(name=question.id, points=question.points)
        _write(folder / "tests" / f"{question.id}.py", test)
    generate = ["generate", "-t", "tests", "-o", "autograder.zip"]
    options = ["--no-config", "--no-requirements", "--no-environment"]
    _run([str(python.parent / "otter"), *generate, *options], folder, environment)
    for student in students:
        _write(folder / "handed-in" / f"{student.name}.ipynb", student.notebook)
        (folder / "results" / student.name).mkdir(parents=True)
    _write(folder / "names", "".join(f"{student.name}\n" for student in students))
    return environment


def otter_environment(tools: Path) -> Path:
    """Make Otter's own virtual environment, once, and return its Python."""
    python, done = _otter_python(tools), tools / "otter" / f"otter-{OTTER}-is-here"
    if done.exists():
        return python
    _run([sys.executable, "-m", "venv", "--clear", str(tools / "otter")], tools)
    needs = [f"{name}=={version(name)}" for name in OTTER_NEEDS]
    headless = f"opencv-python-headless=={_opencv()}"
    otter_itself = f"otter-grader[grading]=={OTTER}"
    pip = [str(python), "-m", "pip", "install", "--quiet"]
    _run([*pip, otter_itself, headless, "flit_core>=3.12,<4", *needs], tools)
    _run([*pip, "--no-deps", "--no-build-isolation", "--editable", str(ROOT)], tools)
    done.touch()
    return python


def _otter_python(tools: Path) -> Path:
    return tools / "otter" / "bin" / "python"


def _opencv() -> str:
    for name in ("opencv-python", "opencv-python-headless"):
        if importlib.util.find_spec("cv2") is not None:
            try:
                return version(name)
            except ImportError:
                continue
    raise UnavailableError("OpenCV is not installed.")


def _otter_marks(results: Path) -> Marks:
    marks: Marks = {}
    for path in results.glob("*/results.json"):
        tests = json.loads(path.read_text(encoding="utf-8"))["tests"]
        marks[path.parent.name] = {
            test["name"] for test in tests if test.get("max_score") == test.get("score", 0)
        }
    return marks


# --- All of them -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Grader:
    """A grader by name.

    Parameters
    ----------
    title : str
    prepare : function
        Returns a `Job` for (students, place).
    wanted : float or None
        How often this project's processor seconds it takes at least, by the project's own aim,
        for a class of 200.
    wanted_wall : float or None
        The same for wall seconds.
    judges_alone : bool
        Whether a right answer that uses a wrong one must be found right.
    """

    title: str
    prepare: Callable[[Sequence[Student], Place], Job]
    wanted: float | None = None
    wanted_wall: float | None = None
    judges_alone: bool = False


GRADERS = {
    "ours": Grader("`dlbook grade`", ours, judges_alone=True),
    "cold": Grader("`dlbook grade --cold-kernels`", cold, 5, judges_alone=True),
    "nbval": Grader("plain nbval, one session", nbval, 8),
    "nbgrader": Grader("`nbgrader autograde`", nbgrader, 12, 10),
    "otter": Grader("Otter, `otter run` for each", otter, 30),
    "otter-api": Grader("Otter, its API in one process", otter_api),
}


def check(marks: Marks, students: Sequence[Student], alone: bool) -> int:
    """Return how many answers were found right, after making sure that it is these.

    Raises
    ------
    FailedError
        If somebody's marks are missing, a right answer was not found right, or a wrong one was.
    """
    for student in students:
        found = marks.get(student.name)
        if found is None:
            raise FailedError(f"{student.name} has no marks.")
        missed = (student.right if alone else student.surely_right) - found
        too_many = found - student.right
        if missed or too_many:
            raise FailedError(
                f"{student.name}: right and not found so: {sorted(missed)}; "
                f"wrong and found right: {sorted(too_many)}."
            )
    return sum(len(marks[student.name]) for student in students)


def _grade_id(cell: dict) -> str:
    return cell["metadata"].get("nbgrader", {}).get("grade_id", "")


def _answers_in(notebook: dict) -> dict[str, list[str]]:
    return {
        _grade_id(cell): cell["source"]
        for cell in notebook["cells"]
        if cell["metadata"].get("nbgrader", {}).get("solution")
    }


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _run(command: list[str], folder: Path, environment: dict[str, str] | None = None) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        command, cwd=folder, env={**measure.plain_environment(), **(environment or {})},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise FailedError(f"{Path(command[0]).name} {command[1]}: {done.stderr[-1500:]}")


def remove(folder: Path) -> None:
    """Remove a job's folder."""
    shutil.rmtree(folder, ignore_errors=True)
