"""Filling the column of a platform's file with marks, and saying what was done."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from dlbook.grading.lms.people import ClassMarks, Mark, Matched, Row, match
from dlbook.grading.lms.table import LmsError, Table, number, read, require_free, write_new
from dlbook.grading.tables import shown

BY_NAME = (
    "Nobody's number in {} is in this file, so people were found by their names. Is it the file "
    "of this class and this assignment?"
)
NAMED_AT_MOST = 20  # who handed in nothing


@dataclass(frozen=True)
class Sheet:
    """What was found in a platform's file.

    Parameters
    ----------
    table : Table
    layout : str
        Whose file it is: ``"canvas"`` or ``"moodle"``.
    rows : list of Row
    column : int
        The one for the marks.
    most : float or None
        The points that the platform gives at most; None where it doesn't say.
    decimal_comma : bool
    remarks : int or None
        The column for one line of words.
    hint : str
        What else is to be said of the file.
    invented : str
        The name of a student who is no person.
    """

    table: Table
    layout: str
    rows: list[Row]
    column: int
    most: float | None
    decimal_comma: bool
    remarks: int | None = None
    hint: str = ""
    invented: str = ""

    @property
    def title(self) -> str:
        """The heading of the column for the marks."""
        return self.table.titles[self.column]


@dataclass
class Filled:
    """What filling a file did, in words and as data."""

    path: Path
    sheet: Sheet
    matched: Matched
    new: int = 0
    changed: int = 0
    same: int = 0
    left: int = 0  # had a grade, and only empty cells were to be filled
    remarks: int = 0
    staying: list[tuple[Row, str]] = field(default_factory=list)
    waiting: list[Mark] = field(default_factory=list)

    def text(self) -> str:
        """Return it as a person reads it."""
        lines = [
            f"{_cells(self.new + self.changed)} of {shown(self.sheet.title)!r} filled"
            + (f", {self.changed} of them had another grade" if self.changed else "") + "."
        ]  # fmt: skip
        if self.same:
            lines.append(f"{_cells(self.same)} held the right grade already.")
        if self.left:
            lines.append(f"{_cells(self.left)} had another grade, and kept it.")
        if self.remarks:
            lines.append(f"{_cells(self.remarks)} got a remark.")
        lines += told(
            "These cells hold no number, and stay as they are:",
            [f"{row.called}: {value}" for row, value in self.staying],
        )
        lines += told(
            "Not graded yet, so their cells stay as they are:",
            [mark.student for mark in self.waiting],
        )
        lines += told(
            "In the file, without marks, so their cells stay as they are:",
            [row.called for row in self.matched.without
             if not row.name or row.name != self.sheet.invented], NAMED_AT_MOST,
        )  # fmt: skip
        lines += told(
            "With marks, but NOT in the file:",
            [f"{mark.student}, {_points(mark)}: {why}" for mark, why in self.matched.lost],
        )
        if self.matched.by_name:
            lines += ["", BY_NAME.format(self.sheet.layout.capitalize())]
        lines += [shown(self.sheet.hint)] if self.sheet.hint else []
        return "\n".join([*lines, "", f"Filled: {shown(str(self.path))}"])


def free_name(given: Path, out: Path | None) -> Path:
    """Return where the filled file goes: beside the one that was given, which is kept."""
    path = out or given.with_name(f"{given.stem} filled{given.suffix}")
    require_free(path)
    return path


def fill(
    sheet: Sheet, marks: ClassMarks, path: Path, scale: bool = False, only_empty: bool = False
) -> Filled:
    """Write a copy of a platform's file with marks in one column, and nothing else changed.

    Raises
    ------
    LmsError
        If the points don't go together, or nobody of the class is in the file. Then nothing is
        written.
    """
    factor = _factor(sheet, marks, scale)
    matched = match(marks.marks, sheet.rows, sheet.layout)
    if not matched.pairs:
        raise LmsError("\n".join([
            f"Nobody with marks is in {sheet.table.name}. Is it of another class, or of another "
            "assignment?",
            *told("With marks:", [f"{mark.student}: {why}" for mark, why in matched.lost], 3),
            *told("In the file:", [row.called for row in sheet.rows], 3),
        ]))  # fmt: skip
    done = Filled(path, sheet, matched)
    cells: dict[tuple[int, int], str] = {}
    for mark, row in matched.pairs:
        if mark.waiting:
            done.waiting.append(mark)
            continue
        is_ours = _fill_cell(done, cells, row, _rounded(mark, factor, sheet), only_empty)
        is_free = sheet.remarks is not None and not sheet.table.value(row.at, sheet.remarks).strip()
        if is_ours and is_free:
            cells[row.at, sheet.remarks] = mark.remark
            done.remarks += 1
    write_new(path, sheet.table.filled(cells))
    return done


def sheet_rows(table: Table, rows: Sequence[int], number_of, name_of, keys: Sequence[int]) -> list:
    """Return the students' rows of a table."""
    return [
        Row(row, number_of(row), name_of(row).strip(), tuple(table.value(row, k) for k in keys))
        for row in rows
    ]


def read_table(path: Path) -> tuple[Table, list[int]]:
    """Read a platform's file; return it with those of its rows that hold anything."""
    table = read(path)
    rows = [i for i, cells in enumerate(table.rows) if i and any(c.value.strip() for c in cells)]
    if not rows:
        raise LmsError(f"{table.name} has headings, but no students. Export it again.")
    return table, rows


def told(head: str, names: Sequence[str], most: int | None = None) -> list[str]:
    """Return lines that name people or things below a head; none where there are none."""
    if not names:
        return []
    lines = ["", f"{head} {len(names)}.", *(f"  {shown(name)}" for name in names[:most])]
    if most is not None and len(names) > most:
        lines.append(f"  ... and {len(names) - most} more")
    return lines


def _fill_cell(done: Filled, cells: dict, row: Row, points: Decimal, only_empty: bool) -> bool:
    """Fill a cell, unless it is to stay; say whether our mark is in it now."""
    sheet = done.sheet
    old = sheet.table.value(row.at, sheet.column).strip()
    before = number(old)
    if old and before is None:  # EX for excused, N/A for not assigned
        done.staying.append((row, old))
        return False
    if before is not None and abs(before - float(points)) < 0.005:
        done.same += 1
        return True
    if old and only_empty:
        done.left += 1
        return False
    done.changed += bool(old)
    done.new += not old
    text = f"{points.normalize():f}"
    cells[row.at, sheet.column] = text.replace(".", ",") if sheet.decimal_comma else text
    return True


def _rounded(mark: Mark, factor: float, sheet: Sheet) -> Decimal:
    """Return a student's mark as the platform is to have it, with two decimals at most."""
    points = mark.points * factor
    if not math.isfinite(points) or points < 0 or points > (sheet.most or math.inf) + 1e-9:
        most = f"from 0 to {sheet.most:g}" if sheet.most else "0 or more"
        raise LmsError(
            f"{shown(mark.student)} has {points:g} points, but {shown(sheet.title)!r} takes "
            f"{most}. Nothing was written. Correct the mark, or the points in "
            f"{sheet.layout.capitalize()}."
        )
    return Decimal(repr(points)).quantize(Decimal("0.01"), ROUND_HALF_UP)


def _factor(sheet: Sheet, marks: ClassMarks, scale: bool) -> float:
    if sheet.most is None or math.isclose(sheet.most, marks.worth):
        return 1.0
    if scale and sheet.most > 0:
        return sheet.most / marks.worth
    advice = (
        f"Add --scale to scale the marks to {sheet.most:g}"
        if sheet.most > 0 else "Give it points there first"
    )  # fmt: skip
    raise LmsError(
        f"{shown(sheet.title)!r} is out of {sheet.most:g} points in {sheet.table.name}, but "
        f"{marks.called} is out of {marks.worth:g}. {advice}, or name the exercise with --notebook."
    )


def _points(mark: Mark) -> str:
    return "1 point" if mark.points == 1 else f"{mark.points:.4g} points"


def _cells(count: int) -> str:
    return "1 cell" if count == 1 else f"{count} cells"
