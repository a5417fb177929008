"""From a solution to an exercise: the answers taken out, everything else as it was.

`solutions/<name>.ipynb` is written by a person; `exercises/<name>.ipynb` is made from it here
and never written by hand.
"""

import hashlib
import json
import re
from pathlib import Path

import nbformat

from dlbook.exercises import key

BEGIN, END = "# BEGIN SOLUTION", "# END SOLUTION"
STUB = ("# Write your answer here, in place of the three dots.", "...")
METADATA = {
    "schema_version", "grade", "solution", "locked", "task", "grade_id", "points", "cell_type",
    "checksum",
}  # fmt: skip
TELLING = 12  # characters from which on a line of an answer may not stand anywhere else


class NotReleasableError(ValueError):
    """A solution from which no exercise can be made."""


class WorkedInError(ValueError):
    """An exercise in which somebody has written; it is left as it is."""


def release(solution: Path, exercise: Path, force: bool = False) -> None:
    """Write the exercise notebook of a solution.

    Parameters
    ----------
    solution, exercise : Path
    force : bool, optional
        Replace an exercise even if somebody has written in it.

    Raises
    ------
    NotReleasableError
        If the solution isn't complete, or an answer would survive; nothing is written.
    WorkedInError
        If there is an exercise already that isn't as it was released.
    """
    text = exercise_text(solution)
    if exercise.exists() and not force and not untouched(exercise):
        raise WorkedInError(
            f"{exercise.name} has been worked in since it was released, so it is left as it is. "
            "Move it to another folder first, or say --force to lose what is in it."
        )
    exercise.write_text(text, encoding="utf-8")


def exercise_text(solution: Path) -> str:
    """Return the exercise notebook of a solution, as the text of its file.

    Raises
    ------
    NotReleasableError
        If the solution isn't complete, or an answer would survive.
    """
    notebook = nbformat.read(solution, as_version=4)
    _require_complete(notebook, solution)
    taken = []
    for cell in notebook.cells:
        if _kind(cell) == "solution":  # in the book it is folded away; an exercise shows its stub
            cell.metadata.pop("tags", None)
            cell.metadata.pop("mystnb", None)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
            cell.metadata.pop("execution", None)  # when its author ran it
            cell.source, lines = take_out(cell.source)
            taken += lines
    _require_no_leak(notebook, taken)
    notebook.metadata["dlbook"] = {"released": _fingerprint(notebook)}
    return nbformat.writes(notebook) + "\n"


def take_out(source: str) -> tuple[str, list[str]]:
    """Replace what stands between the markers by a stub; return that, and what was taken.

    Raises
    ------
    NotReleasableError
        If a marker has no partner.
    """
    kept, taken, inside = [], [], False
    for line in source.splitlines():
        mark = line.strip()
        if mark == BEGIN:
            if inside:
                raise NotReleasableError(f"{BEGIN} stands twice before {END}.")
            inside = True
            indent = line[: len(line) - len(line.lstrip())]
            kept += [indent + stub for stub in STUB]
        elif mark == END:
            if not inside:
                raise NotReleasableError(f"{END} without {BEGIN} before it.")
            inside = False
        elif re.search(r"(BEGIN|END)\s+SOLUTION", line, re.IGNORECASE):
            raise NotReleasableError(f"A marker must be exactly {BEGIN} or {END}. Given: {mark!r}.")
        else:
            (taken if inside else kept).append(line)
    if inside:
        raise NotReleasableError(f"{BEGIN} without {END} after it.")
    return "\n".join(kept), taken


def untouched(exercise: Path) -> bool:
    """Say whether an exercise is still what was released."""
    try:
        notebook = nbformat.read(exercise, as_version=4)
    except (OSError, ValueError, nbformat.ValidationError):
        return False
    return is_as_released(notebook)


def is_as_released(notebook: nbformat.NotebookNode) -> bool:
    """Say whether a notebook's cells are still what was released."""
    released = notebook.metadata.get("dlbook", {}).get("released")
    return released == _fingerprint(notebook)


def _fingerprint(notebook: nbformat.NotebookNode) -> str:
    """Return a hash of the cells' texts; opening, running and saving don't change it."""
    cells = [[cell.cell_type, cell.source] for cell in notebook.cells]
    return hashlib.sha256(json.dumps(cells).encode()).hexdigest()


def _kind(cell: nbformat.NotebookNode) -> str:
    marks = cell.metadata.get("nbgrader", {})
    return "solution" if marks.get("solution") else "grade" if marks.get("grade") else ""


def _require_complete(notebook: nbformat.NotebookNode, path: Path) -> None:
    """Every question has its answer cell and its check cell, in this order, with its points."""
    asked = key.questions(path.stem) if path.stem in key.notebooks() else {}
    if not asked:
        raise NotReleasableError(
            f"{path.name} belongs to no chapter. A solution is called "
            f"{', '.join(f'{name}.ipynb' for name in key.notebooks())}."
        )
    found = []
    for cell in notebook.cells:
        marks = cell.metadata.get("nbgrader")
        if marks is None:
            if BEGIN in cell.source or END in cell.source:
                raise NotReleasableError(
                    f"A cell of {path.name} holds a solution without nbgrader's metadata."
                )
            continue
        if marks.get("schema_version") != 3 or set(marks) - METADATA:
            raise NotReleasableError(
                f"{path.name}, cell {marks.get('grade_id')!r}: nbgrader's metadata must have the "
                "schema version 3 and no other keys."
            )
        if not (marks.get("solution") or marks.get("grade")):
            continue
        found.append(marks["grade_id"])
        if marks.get("solution") and BEGIN not in cell.source:
            raise NotReleasableError(
                f"{path.name}, cell {marks['grade_id']!r} is an answer cell without {BEGIN}."
            )
        question = asked.get(marks["grade_id"].removesuffix("-check"))
        if marks.get("grade") and (question is None or marks.get("points") != question.points):
            raise NotReleasableError(
                f"{path.name}, cell {marks['grade_id']!r}: its points aren't the question's."
            )
    wanted = [name for q in asked.values() for name in (q.id, f"{q.id}-check")]
    if found != wanted:
        missing = [name for name in wanted if name not in found]
        raise NotReleasableError(
            f"{path.name} must hold an answer cell and a check cell for each question, in the "
            f"order of the book. Missing: {missing or 'none, but the order differs'}."
        )


def _require_no_leak(notebook: nbformat.NotebookNode, taken: list[str]) -> None:
    whole = "\n".join(cell.source for cell in notebook.cells)
    for line in taken:
        code = line.split("#")[0].strip()
        if len(code) >= TELLING and code in whole:
            raise NotReleasableError(
                f"This line of an answer would survive elsewhere in the exercise: {code!r}"
            )
