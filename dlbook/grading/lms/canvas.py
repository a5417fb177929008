"""Canvas: the CSV file that its gradebook exports, filled so that it can be imported again."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dlbook.grading.lms.filling import Sheet, read_table, sheet_rows
from dlbook.grading.lms.table import LmsError, Table, number
from dlbook.grading.tables import shown

ASSIGNMENT = re.compile(r"(.*) \((\d+)\)", re.DOTALL | re.ASCII)
PERSONAL = ("sis user id", "sis login id", "integration id")
NOBODY = "Student, Test"  # a student whom Canvas invents, so that teachers can look around
WANTED = "Give the file that Canvas exports: Grades, Export, Export Entire Gradebook."


@dataclass(frozen=True)
class _Assignment:
    column: int
    title: str  # "Neuron (4711)": Canvas finds its assignments by this number
    most: float

    @property
    def name(self) -> str:
        return ASSIGNMENT.fullmatch(self.title)[1]

    @property
    def number(self) -> str:
        return ASSIGNMENT.fullmatch(self.title)[2]


def read_export(path: Path, column: str = "", notebooks: Sequence[str] = ()) -> Sheet:
    """Find the students and the column to fill in an export of Canvas's gradebook.

    Parameters
    ----------
    path : Path
    column : str, optional
        An assignment: its heading, with its number or without, or the number alone.
    notebooks : sequence of str, optional
        The exercises whose marks are to go in.

    Raises
    ------
    LmsError
        If it is another file, or not plain which column is meant.
    """
    table, rows = read_table(path)
    number_column = _number_column(table, rows)
    students = [row for row in rows if table.value(row, number_column).strip()]
    points = _points_row(table, [row for row in rows if row not in set(students)])
    assignments = [
        _Assignment(i, title, most)
        for i, title in enumerate(table.titles)
        if ASSIGNMENT.fullmatch(title) and (most := number(table.value(points, i))) is not None
    ]
    chosen = _chosen(table, assignments, column, notebooks)
    first = {title.casefold(): i for i, title in reversed(list(enumerate(table.titles)))}
    apart = first.get("lastname"), first.get("firstname")

    def name(row: int) -> str:
        if None in apart:
            return _name(table.value(row, 0))
        return ", ".join(_name(table.value(row, i)) for i in apart)

    keys = [i for title, i in first.items() if title in PERSONAL]
    found = sheet_rows(
        table, students, lambda row: table.value(row, number_column).strip(), name, keys
    )
    counted = [a.column for a in assignments]
    return Sheet(
        table, "canvas", found, chosen.column, chosen.most, table.has_decimal_comma(counted),
        invented=NOBODY,
    )  # fmt: skip


def _name(cell: str) -> str:
    """Return a name without what Canvas writes around one that could be a formula: ="=Eve"."""
    return cell[2:-1] if cell.startswith('="') and cell.endswith('"') else cell


def _number_column(table: Table, rows: Sequence[int]) -> int:
    """Return the column with Canvas's own numbers: by its heading, or else by what is in it."""
    for i, title in enumerate(table.titles):
        if title.strip().casefold() == "id":
            return i
    for i in (1, 2):
        found = [value for value in table.column(i, rows) if value]
        if found and all(value.isdecimal() for value in found):
            return i
    raise LmsError(f"{table.name} has no column of Canvas's numbers, ID. {WANTED}")


def _points_row(table: Table, others: Sequence[int]) -> int:
    """Return the row that says what each assignment is out of."""
    for row in others:
        if table.value(row, 0).strip().casefold() == "points possible":
            return row
    for row in others:
        if any(number(cell.value) is not None for cell in table.rows[row]):
            return row
    raise LmsError(
        f"{table.name} has no row Points Possible, so it isn't what Canvas has exported. {WANTED}"
    )


def _chosen(
    table: Table, assignments: Sequence[_Assignment], column: str, notebooks: Sequence[str]
) -> _Assignment:
    """Return the assignment that is meant; never a guess."""
    listed = "".join(f"\n  {shown(a.title)}" for a in assignments)
    if not assignments:
        raise LmsError(
            f"{table.name} has no assignment that takes points. Make one in Canvas, and export "
            "again."
        )
    if column:
        wanted = column.strip().casefold()
        for told in ("title", "name", "number"):
            found = [a for a in assignments if getattr(a, told).strip().casefold() == wanted]
            if found:
                break
        trouble = "Several columns are called" if found else "No column that takes points is called"
        trouble += f" {shown(column)!r}. There are:{listed}"
    else:
        names = {name.casefold() for name in notebooks} if len(notebooks) == 1 else set()
        found = [a for a in assignments if a.name.strip().casefold() in names]
        found = found or (list(assignments) if len(assignments) == 1 else [])
        trouble = f"Which column is meant? Name it with --column. There are:{listed}"
    if len(found) != 1:
        raise LmsError(trouble)
    return found[0]
