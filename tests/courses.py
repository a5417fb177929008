"""A small course of one's own, for tests: one exercise with two questions, and nothing built in."""

from pathlib import Path

import nbformat

KEY = '''"""Two questions about slopes."""

import math

import numpy as np

from dlbook.exercises.question import Case, Question, Section, mistake

SETUP = """\\
import math

import numpy as np

from dlbook.exercises import check, hint, progress"""

LEAKY = Section("slopes", "A leak")


def leaky_relu(z, slope):
    """Return z where it is positive, a small part of it elsewhere."""
    return np.where(z > 0, z, slope * z)


def both(z, slope):
    """Return the value and the same twice."""
    return [leaky_relu(z, slope), 2 * leaky_relu(z, slope)]


def cases(rng):
    """Draw both signs."""
    return [
        Case((np.array([-2.0, 0.0, 3.0]), 0.1)),
        Case((rng.normal(0, 2, 5).round(2), 0.25)),
    ]


def no_leak(z, slope):
    return np.maximum(z, 0.0)


QUESTIONS = [
    Question(
        id="slopes-leaky-relu",
        points=2,
        signature="leaky_relu(z, slope)",
        reference=leaky_relu,
        cases=cases,
        read=LEAKY,
        hints=["What is to happen where z is positive?", "And elsewhere?"],
        mistakes=[
            mistake(
                "no-leak",
                "Nothing leaks",
                "Your function gives 0 for negative numbers. A small part of them must get by.",
                no_leak,
            ),
            mistake(
                "leak-everywhere",
                "The slope is everywhere",
                "Your function multiplies positive numbers by the slope, too. They must stay.",
                lambda z, slope: slope * z,
            ),
        ],
    ),
    Question(
        id="slopes-both",
        points=3,
        signature="both(z, slope)",
        reference=both,
        cases=cases,
        read=LEAKY,
        hints=["Call the one above.", "Then twice that."],
        mistakes=[
            mistake(
                "only-one",
                "Only one of two",
                "Your function gives one array. It is to give a list of two of them.",
                lambda z, slope: [leaky_relu(z, slope)],
            ),
        ],
    ),
]
'''

TOC = """\
format: jb-book
root: book/intro
parts:
  - caption: Chapters
    numbered: true
    chapters:
      - file: book/before
      - file: book/slopes  # the second
  - caption: Exercises
    chapters:
      - file: exercises/slopes
"""

LEAKY = "def leaky_relu(z, slope):\n    {}return np.where(z > 0, z, slope * z){}"
BOTH = "def both(z, slope):\n    {}a = leaky_relu(z, slope)\n    return [a, 2 * a]{}"
MARKS = ("# BEGIN SOLUTION\n    ", "\n    # END SOLUTION")
SETUP = "import math\n\nimport numpy as np\n\nfrom dlbook.exercises import check, hint, progress"


def write(folder: Path) -> Path:
    """Write the course into a folder, its exercise not yet released, and return the folder."""
    for name, text in {"answer_key/slopes.py": KEY, "_toc.yml": TOC}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    for name in ("solutions", "exercises", "book"):
        (folder / name).mkdir()
    nbformat.write(solution(), folder / "solutions" / "slopes.ipynb")
    return folder


def solution() -> nbformat.NotebookNode:
    """Return the notebook with the answers."""
    cells = [
        nbformat.v4.new_markdown_cell("# Slopes"),
        _code(SETUP, {"grade_id": "slopes-setup", "locked": True}),
        _code(LEAKY.format(*MARKS), {"grade_id": "slopes-leaky-relu", "solution": True}),
        _code(
            'check("slopes-leaky-relu")',
            {"grade_id": "slopes-leaky-relu-check", "grade": True, "locked": True, "points": 2},
        ),
        _code(BOTH.format(*MARKS), {"grade_id": "slopes-both", "solution": True}),
        _code(
            'check("slopes-both")',
            {"grade_id": "slopes-both-check", "grade": True, "locked": True, "points": 3},
        ),
    ]
    notebook = nbformat.v4.new_notebook(cells=cells)
    for number, cell in enumerate(cells):
        cell.id = f"cell-{number}"
    return notebook


def submission(folder: Path, student: str, answers: dict[str, str]) -> None:
    """Write a student's notebook: the released exercise, with texts in place of some stubs."""
    notebook = nbformat.read(folder / "exercises" / "slopes.ipynb", as_version=4)
    for cell in notebook.cells:
        marks = cell.metadata.get("nbgrader", {})
        if marks.get("solution") and marks["grade_id"] in answers:
            cell.source = answers[marks["grade_id"]]
    target = folder / "submissions" / student
    target.mkdir(parents=True)
    nbformat.write(notebook, target / "slopes.ipynb")


def _code(source: str, marks: dict) -> nbformat.NotebookNode:
    whole = {"schema_version": 3, "grade": False, "solution": False, "locked": False, **marks}
    return nbformat.v4.new_code_cell(source, metadata={"nbgrader": whole})
