"""Moodle: the grading worksheet of an assignment, filled so that it can be uploaded again.

Its headings are in the site's language, and most of its columns may be missing. What never changes
is their order and what is in them: "Participant 12" first; the grade, then the most that can be
had, then words such as whether the grade can be changed.
"""

import re
from collections.abc import Sequence
from pathlib import Path

from dlbook.grading.lms.filling import Sheet, read_table, sheet_rows
from dlbook.grading.lms.table import LmsError, Table, number
from dlbook.grading.tables import shown

PARTICIPANT = re.compile(r"([^\W\d][^\d]*?)\s*(\d+)")  # the word is in the site's language
GRADE = {
    "grade", "bewertung", "note", "nota", "calificación", "qualificació", "cualificación",
    "kalifikazioa", "valutazione", "betyg",
}  # fmt: skip
WANTED = (
    "Give the grading worksheet of the assignment. In Moodle: the assignment's submissions, "
    "Actions, Download grading worksheet"
)


def read_worksheet(path: Path, column: str = "", remarks: str = "") -> Sheet:
    """Find the students and the column to fill in a grading worksheet.

    Parameters
    ----------
    path : Path
    column : str, optional
        The heading of the column for the grades, where it isn't plain.
    remarks : str, optional
        The heading of the column for one line of words; none is filled unless named.

    Raises
    ------
    LmsError
        If it is another file, or not plain which column is meant.
    """
    table, rows = read_table(path)
    first = _identifier(table, rows)
    grade = _named(table, column) if column else _grade(table, rows, first)
    most = {number(value) for value in table.column(grade + 1, rows)}
    if len(most) != 1 or None in most:
        raise LmsError(
            f"There is no maximum grade in the column after {shown(table.titles[grade])!r}. "
            f"Is the assignment graded by points? {WANTED}."
        )
    between = range(first + 1, grade)
    keys = [i for i in between if i > first + 1 and _tells_apart(table.column(i, rows))]
    found = sheet_rows(
        table, rows, lambda row: PARTICIPANT.fullmatch(table.value(row, first).strip())[2],
        lambda row: table.value(row, first + 1) if between else "", keys,
    )  # fmt: skip
    told = _named(table, remarks) if remarks else None
    if told is not None and told <= grade + 1:
        raise LmsError(f"{shown(remarks)!r} is no column for comments: they stand after the grade.")
    plain = table.separator == "," and table.encoding == "utf-8"
    hint = "" if plain else (
        "Moodle takes back files in UTF-8 with commas between the cells. This one is otherwise: "
        "if Moodle refuses it, download the worksheet again and don't save it in between."
    )  # fmt: skip
    commas = table.has_decimal_comma([grade, grade + 1])
    return Sheet(table, "moodle", found, grade, most.pop(), commas, told, hint)


def _identifier(table: Table, rows: Sequence[int]) -> int:
    """Return the column that says "Participant 12", in whatever language."""
    twice = ""
    for i in range(len(table.titles)):
        values = table.column(i, rows)
        found = [PARTICIPANT.fullmatch(value) for value in values]
        if all(found) and len({f[1] for f in found}) == 1:
            if len({f[2] for f in found}) == len(rows):
                return i
            twice = twice or next(value for value in values if values.count(value) > 1)
    if twice:
        raise LmsError(
            f"{shown(twice)} has several rows in {table.name}. Download the worksheet again."
        )
    raise LmsError(
        f'{table.name} has no column of Moodle\'s numbers, such as "Participant 12". {WANTED}.'
    )


def _grade(table: Table, rows: Sequence[int], first: int) -> int:
    """Return the column for grades: numbers or nothing, and beside it always the same maximum."""
    fitting = [i for i in range(first + 1, len(table.titles) - 2) if _is_grade(table, rows, i)]
    if len(fitting) > 1:
        known = [i for i in fitting if table.titles[i].strip().casefold() in GRADE]
        fitting = known or fitting
    if len(fitting) == 1:
        return fitting[0]
    listed = "".join(f"\n  {shown(table.titles[i])}" for i in fitting or range(len(table.titles)))
    if not fitting:
        _require_whole(table, rows)
    if fitting:
        raise LmsError(f"Which column is for the grades? Name it with --column. Perhaps:{listed}")
    raise LmsError(
        f"{table.name} has no column of grades with a maximum grade after it. Is the assignment "
        f"graded by points? {WANTED}. Its columns are:{listed}"
    )


def _require_whole(table: Table, rows: Sequence[int]) -> None:
    """Raise LmsError if a row was cut off: then no column fits, and the row is why."""
    for row in rows:
        if len(table.rows[row]) < len(table.titles):
            raise LmsError(
                f"Line {table.line(row)} of {table.name} has {len(table.rows[row])} cells, and "
                f"the heading {len(table.titles)}. Download the worksheet again."
            )


def _is_grade(table: Table, rows: Sequence[int], column: int) -> bool:
    most = {number(value) for value in table.column(column + 1, rows)}
    if len(most) != 1 or None in most or 0 in most:
        return False
    (most,) = most
    own = [number(value) for value in table.column(column, rows) if value]
    after = table.column(column + 2, rows)
    return (
        all(value is not None and 0 <= value <= most for value in own)
        and all(value and number(value) is None for value in after)
    )  # fmt: skip


def _tells_apart(values: Sequence[str]) -> bool:
    """Say whether a column can be used to know people by: nothing stands in it twice."""
    there = [value for value in values if value]
    return bool(there) and len(set(there)) == len(there)


def _named(table: Table, column: str) -> int:
    wanted = column.strip().casefold()
    found = [i for i, title in enumerate(table.titles) if title.strip().casefold() == wanted]
    if len(found) == 1 and found[0] < len(table.titles):
        return found[0]
    trouble = "Several columns are" if found else "No column is"
    listed = "".join(f"\n  {shown(title)}" for title in table.titles)
    raise LmsError(f"{trouble} called {shown(column)!r}. There are:{listed}")
