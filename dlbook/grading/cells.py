"""The cells of a notebook as it came: any encoding, any format, damaged or not."""

import json
import re
from dataclasses import dataclass

from dlbook.exercises import course, key

LARGEST_FILE = 50_000_000  # bytes
LARGEST_CELL = 1_000_000  # characters
LARGEST_SOURCE = 3_000_000  # characters, all cells together
MOST_CELLS = 2_000
MOST_VALUES = 5_000_000  # in the JSON, counted by its punctuation
MOST_LINES = 20_000  # in one cell: a million one-letter lines would take a gigabyte to parse


class UnreadableError(ValueError):
    """A file that can't be graded; the message says why, and what to do."""


@dataclass(frozen=True)
class Cell:
    """One cell of a student's notebook.

    Parameters
    ----------
    number : int
        Its position in the notebook, from 1, all cells counted.
    source : str
        As Python text, magics and all.
    grade_id : str
        nbgrader's id, or the cell's own where that is the id of an exercise's cell; else ``""``.
    kind : str
        ``"code"``, ``"markdown"`` or ``"raw"``.
    """

    number: int
    source: str
    grade_id: str
    kind: str


def exercise_named(file: str) -> str:
    """Return the name of the exercise that a file's name holds; "" where it holds none."""
    called = [name for name in key.notebooks() if name in file.replace("\\", "/").lower()]
    return called[0] if len(called) == 1 else ""


_OTHER_FILES = (
    (b"%PDF", "a PDF"), (b"PK\x03\x04", "a zip archive or an Office document"),
    (b"\x1f\x8b", "a compressed archive"), (b"Rar!", "a compressed archive"),
    (b"7z\xbc\xaf", "a compressed archive"), (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"), (b"\xd0\xcf\x11\xe0", "an Office document"),
)  # fmt: skip
_HAND_IN = "Hand in the notebook itself, the file that ends in .ipynb."
_AGAIN = "Open it in JupyterLab, save it and hand it in again; if it doesn't open, an earlier copy."


def notebook_in(contents: bytes, file: str, notes: list[str]) -> dict:
    """Return the notebook as JSON has it."""
    text = _decoded(contents, file, notes)
    if sum(map(text.count, ",[{")) > MOST_VALUES:
        raise UnreadableError(f"{file} holds too much to be read. {_CLEAR}")
    # Numbers mean nothing here, and one of 5,000 digits would be an error.
    decoder = json.JSONDecoder(strict=False, parse_int=lambda _: 0, parse_float=lambda _: 0.0)
    try:
        data, end = decoder.raw_decode(text)
    except json.JSONDecodeError as error:
        raise UnreadableError(f"{file} {_what_is_wrong(text, error)}") from None
    if not isinstance(data, dict) or not {"cells", "worksheets"} & data.keys():
        raise UnreadableError(f"{file} is no notebook: it has no cells. {_HAND_IN}")
    if text[end:].strip("\0 \t\r\n"):
        notes.append("The file goes on after the notebook's end; what stands there is left out.")
    return data


_CLEAR = "Clear its outputs (menu Edit, Clear Outputs of All Cells), save it and hand it in again."


def _decoded(contents: bytes, file: str, notes: list[str]) -> str:
    if len(contents) > LARGEST_FILE:
        raise UnreadableError(f"{file} is larger than {LARGEST_FILE // 1_000_000} MB. {_CLEAR}")
    if not contents.strip(b"\0 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise UnreadableError(f"{file} is empty. {_AGAIN}")
    for start, what in _OTHER_FILES:
        if contents.startswith(start):
            raise UnreadableError(f"{file} is {what}, not a notebook. {_HAND_IN}")
    encoding = json.detect_encoding(contents)
    try:
        text = contents.decode(encoding, "surrogatepass")
    except UnicodeDecodeError:
        if not encoding.startswith("utf-8"):
            raise UnreadableError(
                f"{file} is damaged: it isn't {encoding} text. {_AGAIN}"
            ) from None
        text = contents.decode("cp1252", "replace")
        notes.append("The file isn't UTF-8; it was read as Windows-1252, accents may be wrong.")
    return text.lstrip("\ufeff\0 \t\r\n")


def _what_is_wrong(text: str, error: json.JSONDecodeError) -> str:
    if re.search(r"^(<{7}|>{7}) ", text, re.MULTILINE):
        return (
            "has Git's conflict markers in it (<<<<<<< and >>>>>>>): two versions were merged and "
            "not sorted out. Take one of the two versions (git checkout --ours, or --theirs)."
        )
    if text.startswith("<"):
        return f"is a web page, not a notebook. {_HAND_IN}"
    if not text.startswith("{"):
        script = re.search(r"^(def|import|from|class|# %%) ?", text, re.MULTILINE)
        return f"is {'a Python script, ' if script else ''}no notebook. {_HAND_IN}"
    if error.pos >= len(text.rstrip("\0 \t\r\n")) or error.msg.startswith("Unterminated"):
        return f"is cut off: its end is missing. {_AGAIN}"
    return f"is damaged (line {error.lineno}: {error.msg}). {_AGAIN}"


_KINDS = {"code": "code", "markdown": "markdown", "html": "markdown", "heading": "markdown"}


def cells_in(data: dict, file: str, notes: list[str]) -> list[Cell]:
    """Return the cells of a notebook of any format, old or new."""
    found = data.get("cells")
    if not isinstance(found, list):
        sheets = data.get("worksheets")
        sheets = sheets if isinstance(sheets, list) else []
        lists = [sheet.get("cells") for sheet in sheets if isinstance(sheet, dict)]
        found = [cell for cells in lists if isinstance(cells, list) for cell in cells]
    if len(found) > MOST_CELLS:
        notes.append(f"It has {len(found)} cells; those after cell {MOST_CELLS} are left out.")
    known = _known_ids()
    cells, total = [], 0
    for number, cell in enumerate(found[:MOST_CELLS], 1):
        source = _source(cell) if isinstance(cell, dict) else None
        if source is None:
            notes.append(f"Cell {number} is damaged and left out.")
            continue
        if len(source) > LARGEST_CELL or source.count("\n") + source.count(";") > MOST_LINES:
            notes.append(f"Cell {number} is too large and left out.")
            continue
        total += len(source)
        if total > LARGEST_SOURCE:
            notes.append(
                f"There is too much source; what stands from cell {number} on is left out."
            )
            break
        kind = cell.get("cell_type", "code" if "outputs" in cell else "raw")
        kind = _KINDS.get(kind, "raw") if isinstance(kind, str) else "raw"
        cells.append(Cell(number, source, _grade_id(cell, known), kind))
    return cells


@course.cached
def _known_ids() -> frozenset[str]:
    ids = {f"{q}{end}" for q in key.questions() for end in ("", "-check")}
    return frozenset(ids | {f"{name}-setup" for name in key.notebooks()})


def _source(cell: dict) -> str | None:
    """Return a cell's source as text that can be encoded; None where there is none."""
    names = ("source", "input", "code", "text")  # the last three in formats before 4
    value = next((cell[name] for name in names if cell.get(name) is not None), None)
    if isinstance(value, list):
        lines = [line for line in value if isinstance(line, str)]
        ended = any(line.endswith(("\n", "\r")) for line in lines)
        value = ("" if ended else "\n").join(lines)
    if not isinstance(value, str):
        return None
    value = value.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    return re.sub("[\ud800-\udfff]", "\ufffd", value)


def _grade_id(cell: dict, known: frozenset[str]) -> str:
    metadata = cell.get("metadata")
    marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    found = marks.get("grade_id") if isinstance(marks, dict) else None
    own = cell.get("id")
    if isinstance(found, str) and found:
        return found
    return own if isinstance(own, str) and own in known else ""
