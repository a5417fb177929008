"""A CSV file in which cells can be filled while every other byte stays as it is.

Python's own csv module reads such files well, but doesn't tell where a cell lies, or how it was
quoted: what it writes again is another file.
"""

import contextlib
import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from dlbook.grading import texts
from dlbook.grading.texts import NoTextError

SEPARATORS = (",", ";", "\t")
LARGEST_FILE = 50_000_000  # bytes
NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?", re.ASCII)


class LmsError(ValueError):
    """The marks can't go where they should; the message says why and what to do."""


class Cell(NamedTuple):
    """What a cell says, and where it lies in the file's text."""

    value: str
    start: int
    end: int
    quoted: bool


class Table:
    """The cells of a file that a learning platform has exported.

    Parameters
    ----------
    data : bytes
    name : str
        Of the file, for messages.

    Raises
    ------
    LmsError
        If it is no table of text.
    """

    def __init__(self, data: bytes, name: str) -> None:
        self.name = name
        try:
            self.mark, self.encoding, self.text = texts.decoded(data)
        except NoTextError as error:
            raise LmsError(f"{name} {error}. Export it again, as CSV.") from None
        self.separator, self.rows = _best_reading(self.text, name)
        self.titles = [cell.value for cell in self.rows[0]]

    def value(self, row: int, column: int) -> str:
        """Return what a cell says; nothing where its row ends before."""
        cells = self.rows[row]
        return cells[column].value if column < len(cells) else ""

    def column(self, column: int, rows: Sequence[int]) -> list[str]:
        """Return what the cells of some rows say, without blanks around it."""
        return [self.value(row, column).strip() for row in rows]

    def has_decimal_comma(self, columns: Sequence[int]) -> bool:
        """Say whether numbers in these columns are written as 7,5.

        Where no number tells, a semicolon between the cells does: it is there to keep the comma
        free.
        """
        values = [value for c in columns for value in self.column(c, range(1, len(self.rows)))]
        fractions = [v for v in values if NUMBER.fullmatch(v) and not v.lstrip("-").isdigit()]
        commas = [v for v in fractions if "," in v]
        if commas and len(commas) < len(fractions):
            dot = next(v for v in fractions if "." in v)
            raise LmsError(
                f"{self.name} has numbers with a decimal comma ({commas[0]}) and with a point "
                f"({dot}). Export it again, so that all are written in one way."
            )
        return bool(commas) if fractions else self.separator == ";"

    def filled(self, cells: Mapping[tuple[int, int], str]) -> bytes:
        """Return the file's bytes with other texts in the cells (row, column), and nothing else."""
        pieces, done = [], 0
        for (row, column), value in sorted(cells.items()):
            if column >= len(self.rows[row]):
                raise LmsError(
                    f"Line {self.line(row)} of {self.name} ends before the column "
                    f"{self.titles[column]!r}. Export the file again."
                )
            cell = self.rows[row][column]
            pieces += [self.text[done : cell.start], self._written(value, cell.quoted)]
            done = cell.end
        pieces.append(self.text[done:])
        return self.mark + "".join(pieces).encode(self.encoding)

    def line(self, row: int) -> int:
        """Return the line of the file on which a row begins, counted from 1."""
        before = self.text[: self.rows[row][0].start]
        return 1 + len(re.findall(r"\r\n|\r|\n", before))

    def _written(self, value: str, quoted: bool) -> str:
        if quoted or any(char in value for char in f'{self.separator}"\r\n'):
            return '"' + value.replace('"', '""') + '"'
        return value


def read(path: Path) -> Table:
    """Read a file that a learning platform has exported.

    Raises
    ------
    LmsError
        If there is none, or it is something else.
    """
    try:
        data = texts.read(path, LARGEST_FILE)
    except NoTextError as error:
        raise LmsError(f"{path} {error}.") from None
    return Table(data, path.name)


def number(text: str) -> float | None:
    """Return the number that a cell holds, whatever its decimal mark; None where it holds none.

    Examples
    --------
    >>> number(" 7,50 "), number("7.5"), number("EX")
    (7.5, 7.5, None)
    """
    text = text.strip()
    return float(text.replace(",", ".")) if NUMBER.fullmatch(text) else None


def require_free(path: Path) -> None:
    """Raise LmsError if something is there already, or nothing can be: nothing is overwritten."""
    if path.exists() or path.is_symlink():
        raise LmsError(f"{path} is there already. Move it away, or name another with --out.")
    folder = path.absolute().parent
    if not folder.is_dir():
        raise LmsError(f"There is no folder {folder} for {path.name}. Make it first.")
    if not os.access(folder, os.W_OK):
        raise LmsError(f"You may not write into {folder}. Name a file elsewhere with --out.")


def write_new(path: Path, data: bytes) -> None:
    """Write a file whole or not at all, and never over another one."""
    require_free(path)
    handle, beside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.absolute().parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        _put(Path(beside), path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(beside)


def _put(beside: Path, path: Path) -> None:
    """Give a file its name, unless another has got it meanwhile."""
    umask = os.umask(0)
    os.umask(umask)
    beside.chmod(0o666 & ~umask)  # as any new file, not only for its owner
    try:
        os.link(beside, path)
    except FileExistsError:
        require_free(path)
    except OSError:  # a disk without links
        require_free(path)
        os.replace(beside, path)


def _best_reading(text: str, name: str) -> tuple[str, list[list[Cell]]]:
    """Return the separator with which the file makes sense, and its rows."""
    readings, reasons = [], []
    for separator in SEPARATORS:
        try:
            rows = split(text, separator)
        except LmsError as error:
            reasons.append(f"{name}: {error}")
            continue
        wide = len(rows[0])
        if wide < 2:
            continue
        longer = next((row for row in rows if len(row) > wide), None)
        if longer is not None:
            line = 1 + text.count("\n", 0, longer[0].start)
            reasons.append(
                f"Line {line} of {name} has {len(longer)} cells, and the heading {wide}. "
                "Export the file again."
            )
            continue
        readings.append((sum(len(row) == wide for row in rows), wide, separator, rows))
    if not readings:
        raise LmsError((reasons or [f"{name} is no CSV file: its first line has no columns."])[0])
    *_, separator, rows = max(readings, key=lambda reading: reading[:2])
    return separator, rows


def split(text: str, separator: str) -> list[list[Cell]]:
    """Split text into rows of cells, by the rules of Python's csv module.

    Examples
    --------
    >>> [[cell.value for cell in row] for row in split('a,"b, c"', ",")]
    [['a', 'b, c']]
    """
    plain = rf"[^{separator}\r\n]*"
    pattern = re.compile(rf'(?:"((?:[^"]|"")*+)("?)({plain})|({plain}))({separator}|\r\n|\r|\n|\Z)')
    rows: list[list[Cell]] = [[]]
    position = 0
    while True:
        found = pattern.match(text, position)
        inside, closed, rest, bare, ended = found.groups()
        if inside is not None and not closed:
            line = 1 + text.count("\n", 0, found.start())
            raise LmsError(f"a quotation mark in line {line} is never closed.")
        value = bare if inside is None else inside.replace('""', '"') + rest
        rows[-1].append(Cell(value, found.start(), found.start(5), inside is not None))
        position = found.end()
        if ended == separator:
            continue
        if position == len(text):
            return rows
        rows.append([])
