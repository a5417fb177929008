"""Gradescope: the `results.json` with which an autograder tells it a student's marks."""

import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from dlbook.grading.gradebook import Gradebook
from dlbook.grading.lms.people import class_marks
from dlbook.grading.lms.table import require_free
from dlbook.grading.report import file_names


def write(book: Gradebook, out: Path, notebooks: Sequence[str] = ()) -> tuple[int, list[str]]:
    """Write ``out/<student>/results.json`` for everybody.

    Parameters
    ----------
    book : Gradebook
    out : Path
        A folder that isn't there yet: it appears whole or not at all.
    notebooks : sequence of str, optional
        Only these exercises.

    Returns
    -------
    int, list of str
        How many there are, and who is left out: what could not be graded is no zero.

    Raises
    ------
    LmsError
        If the folder is there, or there are no marks.
    """
    require_free(out)
    counted = class_marks(book, notebooks)
    marks = [mark for mark in counted.marks if not mark.waiting]
    own: dict[str, list[dict]] = {}
    for row in book.results():
        if row["notebook"] in counted.notebooks:
            own.setdefault(row["student"], []).append(row["details"])
    names = file_names(sorted(mark.student for mark in marks))
    beside = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.absolute().parent))
    try:
        for mark in marks:
            folder = beside / names[mark.student]
            folder.mkdir()
            text = json.dumps(results(mark, own[mark.student]), ensure_ascii=False, indent=1)
            clean = text.encode("utf-8", "replace")  # no half of a sign
            (folder / "results.json").write_bytes(clean + b"\n")
        beside.chmod(0o755)
        os.rename(beside, out)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    return len(marks), [mark.student for mark in counted.marks if mark.waiting]


def results(mark, questions: Sequence[dict]) -> dict:
    """Return what Gradescope is told of one student.

    Parameters
    ----------
    mark : people.Mark
    questions : sequence of dict
        The student's results, as the gradebook keeps their details.
    """
    return {
        "score": round(mark.points, 2),
        "output": mark.remark,
        "output_format": "text",
        "test_output_format": "text",
        "visibility": "visible",
        "tests": [
            {
                "name": one["question"],
                "score": one["points"],
                "max_score": one["max_points"],
                "status": "passed" if one["points"] == one["max_points"] else "failed",
                "output": one["feedback"],
            }
            for one in questions
        ],
    }
