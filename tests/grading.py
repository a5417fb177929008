"""What the tests of the grader share: notebooks as students hand them in."""

import copy
import json
import os
from functools import cache
from pathlib import Path

import pytest

from dlbook.grading import sandbox
from dlbook.grading.grade import Graded, Settings, grade

ROOT = Path(__file__).parents[1]


@cache
def _solution(name: str) -> str:
    return (ROOT / "solutions" / f"{name}.ipynb").read_text(encoding="utf-8")


def notebook(name: str = "neuron", before: str = "", after: str = "", **answers: str) -> dict:
    """Return a notebook with all answers right but those given, by the question's last words.

    ``notebook("neuron", relu="def relu(z): ...")``; cells before and after all others.
    """
    data = copy.deepcopy(json.loads(_solution(name)))
    left = dict(answers)
    for cell in data["cells"]:
        marks = cell["metadata"].get("nbgrader", {})
        word = marks.get("grade_id", "").removeprefix(f"{name}-").replace("-", "_")
        if marks.get("solution") and word in left:
            cell["source"] = left.pop(word)
    assert not left, f"no such questions: {left}"
    data["cells"] = [*_cells(before), *data["cells"], *_cells(after)]
    return data


def _cells(source: str) -> list[dict]:
    cell = {"cell_type": "code", "source": source, "metadata": {}, "outputs": [],
            "execution_count": None}  # fmt: skip
    return [cell] if source else []


def graded(data: dict | bytes, file: str = "", **settings) -> Graded:
    """Grade a notebook in a sandbox."""
    contents = data if isinstance(data, bytes) else json.dumps(data).encode()
    wanted = {"seed": 11, "question_seconds": 3.0} | settings
    return grade(contents, file or "notebook.ipynb", Settings(**wanted))


def outcomes(done: Graded) -> dict[str, tuple[str, int]]:
    """Return outcome and points by the question's last words."""
    return {
        r.question.split("-", 1)[1].replace("-", "_"): (r.outcome, r.points) for r in done.results
    }


def needs_a_sandbox():
    """Skip a test where no sandbox can be had; where all must be had, fail."""
    try:
        sandbox.require()
    except sandbox.NoSandboxError as error:
        if os.environ.get("DLBOOK_REQUIRE_ORACLES"):
            pytest.fail(str(error))
        pytest.skip(str(error))
