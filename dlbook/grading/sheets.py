"""A table that a person made, read whole before anything is done with it.

Commas, semicolons or tabs; UTF-8, UTF-16 or the older encoding of Windows; columns in any order.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dlbook.grading import texts
from dlbook.grading.tables import shown
from dlbook.grading.texts import NoTextError

LARGEST = 5_000_000  # bytes: ten thousands of rows
CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")
SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs"}


class SheetError(ValueError):
    """A file that can't be used as it is; all its faults at once.

    Parameters
    ----------
    path : Path
    faults : sequence of str
    """

    def __init__(self, path: Path, faults: Sequence[str]) -> None:
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        listed = "\n".join(f"  {shown(fault)}" for fault in faults)
        super().__init__(f"{path} has {count}, so nothing was changed.\n{listed}")
        self.faults = tuple(faults)


@dataclass(frozen=True)
class Row:
    """One row: its line in the file, and its cells by column."""

    line: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


@dataclass(frozen=True)
class Sheet:
    """Rows that could be read, what is wrong with others, and columns that nobody asked for."""

    path: Path
    rows: list[Row]
    faults: list[tuple[int, str]]
    unused: list[str]

    def require(self, faults: Sequence[tuple[int, str]]) -> None:
        """Do nothing if neither the rows nor what they say is at fault; otherwise tell all."""
        found = sorted([*self.faults, *faults])
        if found:
            raise SheetError(self.path, [f"line {line}: {text}" for line, text in found])


def read(path: Path, columns: Sequence[str], others: Sequence[str] = ()) -> Sheet:
    """Read a table with a header.

    Parameters
    ----------
    path : Path
        It is only read.
    columns : sequence of str
        Must be there, in any order.
    others : sequence of str, optional
        May be there. All other columns are passed over.

    Raises
    ------
    SheetError
        If it is no such table; the message says what it is, and what to do.
    """
    text = _text(path, columns)
    separator = _separator(text, columns)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    header: list[str] = []
    rows, faults, line = [], [], 1
    try:
        for cells in reader:
            here, line = line, reader.line_num + 1
            if not any(cell.strip() for cell in cells) or (not header and cells[0][:4] == "sep="):
                continue
            if not header:
                header = _header(path, cells, columns, separator)
            elif fault := _count_fault(cells, header, separator):
                faults.append((here, fault))
            else:
                clean = [" ".join(cell.split()) for cell in cells]
                rows.append(Row(here, dict(zip(header, clean, strict=False))))
    except csv.Error as error:
        raise SheetError(
            path, [f"line {reader.line_num}: the quotes don't match ({error}). Mend that line."]
        ) from None
    if not rows and not faults:
        raise SheetError(path, ["It has a header, and no row under it."])
    unused = [name for name in header if name and name not in (*columns, *others)]
    return Sheet(path, rows, faults, unused)


def _text(path: Path, columns: Sequence[str]) -> str:
    wanted = f"Give a CSV file with the columns {', '.join(columns)}."
    try:
        data = texts.read(path, LARGEST)
        *_, text = texts.decoded(data)
        if CONTROL.search(text):
            raise NoTextError("has signs in it that are no text")
    except NoTextError as error:
        raise SheetError(path, [f"It {error}. {wanted}"]) from None
    if text.lstrip()[:1] in ("{", "[", "<"):
        raise SheetError(path, [f"It is a notebook or a page, and no table. {wanted}"])
    return text


def _separator(text: str, columns: Sequence[str]) -> str:
    """Return what stands between the cells: what gives the most of the columns asked for."""
    lines = [line for line in text.splitlines() if line.strip() and line[:4] != "sep="]

    def named(separator: str) -> int:
        found = {_plain(cell.strip(' "')) for cell in lines[0].split(separator)}
        return len(found & set(columns))

    return max(SEPARATORS, key=named) if lines else ","


def _header(path: Path, cells: Sequence[str], columns: Sequence[str], separator: str) -> list[str]:
    names = [_plain(cell) for cell in cells]
    seen = ", ".join(name[:40] for name in names[:10])
    wanted = f"Its first row must name the columns {', '.join(columns)}; it has: {seen}."
    faults = [f"There is no column {name}. {wanted}" for name in columns if name not in names]
    twice = {name for name in names if name in columns and names.count(name) > 1}
    faults += [f"There are several columns {name}. Leave one." for name in sorted(twice)]
    if faults:
        raise SheetError(path, faults)
    return names


def _count_fault(cells: Sequence[str], header: Sequence[str], separator: str) -> str:
    """Say what is wrong with the number of cells; empty cells too many are nothing."""
    between = SEPARATORS[separator]
    if len(cells) < len(header):
        return f"has {len(cells)} of {len(header)} cells. Empty cells need their {between} as well."
    if any(cell.strip() for cell in cells[len(header) :]):
        return (
            f"has {len(cells)} cells, and the header has {len(header)}. "
            f'Put a text that holds {between} in quotes: "0,5".'
        )
    return ""


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())
