"""Pieces of Python: a student's cells mended, joined and cut, until each piece can be parsed."""

import ast
import copy
import functools
import re
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from dlbook.exercises import course, key
from dlbook.grading.cells import LARGEST_CELL, Cell
from dlbook.grading.statements import UNPARSABLE, Statement, statements_in

MOST_STATEMENTS = 50_000  # all cells together
MOST_PARSED = 12_000_000  # characters, each as often as it is parsed
LONGEST_JOIN = 4  # cells
SHORT = 4000  # characters of a cell that is remembered

# What the instructor's setup cell binds before any chunk runs.
SETUP = {"np", "cv2", "Path", "tempfile", "draw_digits", "check", "hint", "progress"}


@dataclass(frozen=True)
class Chunk:
    """Source to run in one go, and where it stands in the student's notebook.

    Parameters
    ----------
    source : str
        Python that compiles, without magics. Its lines have the numbers that they have in the
        cell. Only an answer with a syntax error doesn't compile.
    place : str
        ``"cell 7"``.
    """

    source: str
    place: str


@dataclass(frozen=True)
class _Broken:
    """Lines of a cell that are no Python, from which line on, and why."""

    text: str
    line: int
    why: str

    def chunk(self, place: str) -> Chunk:
        """Return it for the message of its error, with the line numbers of the cell."""
        return Chunk("\n" * (self.line - 1) + self.text, place)


@dataclass(eq=False)
class Piece:
    """Python that compiles: a cell, several joined, or what is left of one."""

    number: int
    place: str
    ids: frozenset[str]
    source: str = ""
    statements: list[Statement] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    broken: list["_Broken"] = field(default_factory=list)
    writes: str = ""  # the module that it writes

    def __post_init__(self) -> None:
        self.binding = self._where("binds")
        self.changing, self.calling = self._where("changes"), self._where("called")

    def _where(self, what: str) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for at, statement in enumerate(self.statements):
            for name in getattr(statement, what):
                found.setdefault(name, []).append(at)
        return found

    def answers(self, name: str) -> list[int]:
        """Return which statements bind a name to more than a stub or a result."""
        return [at for at in self.binding.get(name, []) if name in self.statements[at].answers]

    def is_sure(self, name: str) -> bool:
        """Say whether one of them surely makes it a function."""
        return any(name in self.statements[at].sure for at in self.answers(name))

    def binders(self, name: str, question: bool = False) -> list[int]:
        """Return which statements bind a name; a question's to its answer if there is one."""
        found = self.binding.get(name, [])
        if not question:
            return found
        return self.answers(name) or [at for at in found if name not in self.statements[at].results]

    def changers(self, name: str) -> list[int]:
        """Return which statements alter the object that has this name."""
        imported = name in SETUP or any(self.statements[at].modules for at in self.binders(name))
        return self.changing.get(name, []) + ([] if imported else self.calling.get(name, []))

    def chunk(self, taken: Iterable[int]) -> Chunk:
        """Return some of the statements, on the lines on which they stand."""
        lines = self.source.split("\n")
        kept = [""] * len(lines)
        future = {at for at, statement in enumerate(self.statements) if statement.future}
        for at in future | set(taken):
            place = slice(self.statements[at].first - 1, self.statements[at].last)
            kept[place] = lines[place]
        return Chunk("\n".join(kept).rstrip("\n") + "\n", self.place)


# What word processors and web pages put in place of spaces, and what can't be seen at all.
_INVISIBLE = dict.fromkeys(map(ord, "\xa0\u1680\u202f\u205f\u3000"), " ")
_INVISIBLE |= dict.fromkeys(range(0x2000, 0x200B), " ")
_INVISIBLE |= dict.fromkeys([0xAD, *range(0x200B, 0x2010), 0x2060, 0xFEFF], "")
_INVISIBLE |= dict.fromkeys([0x0B, 0x85, 0x2028, 0x2029], "\n")
_PROMPT = re.compile(r"\s*In \[\d*\]:")
_CELL_MAGIC = re.compile(r"(?:[ \t]*(?:#.*)?\n)*[ \t]*%%(\w+)(.*)")
_RUN_HERE = ("time", "timeit", "capture", "prun", "memit")
_CONTINUES = re.compile(r"(?:[ \t]*(?:#.*)?\n)*(?:[ \t]+[^\s#]|(?:else|elif|except|finally)\b)")
_DEFINED = re.compile(
    r"^[ \t]*+(?:async[ \t]+)?(?:(?:def|class)[ \t]+(\w+)|(\w+)[ \t]*=(?!=))", re.MULTILINE
)
_MARGIN = re.compile(r"(?!else\b|elif\b|except\b|finally\b)[^\s#)\]}]")


class _Parser:
    """Parses, repairs and salvages, and knows how much of that is still allowed."""

    def __init__(self) -> None:
        self.left, self.statements_left = MOST_PARSED, MOST_STATEMENTS
        self.error = ""

    def tree(self, text: str) -> ast.Module | None:
        self.left -= len(text) + 300  # a call takes time, however short the text
        if self.left < 0:
            self.error = "there is too much to parse"
            return None
        try:
            tree = ast.parse(text)
            compile(tree, "cell", "exec", dont_inherit=True)
        except UNPARSABLE as error:
            message = error.msg if isinstance(error, SyntaxError) else ""
            self.error = str(message or "too deeply nested")[:100]
            return None
        return tree

    def parsed(self, text: str) -> tuple[str, ast.Module, str] | None:
        """Return text that compiles, its tree and a note; None where no repair helps."""
        errors = []
        for variant, note in self._variants(text):
            tree = self.tree(variant)
            if tree is not None:
                return variant, tree, note
            errors.append(self.error)
        self.error = errors[0]
        return None

    def _variants(self, text: str) -> Iterator[tuple[str, str]]:
        """Yield a text as it is, then repaired in more and more ways."""
        prompted = _PROMPT.match(text) is not None
        if prompted and (plain := self._without_magics(text)) is not None:
            yield plain, ""  # first, as "In [1]: x = 1" would be Python
        yield text, ""
        if not prompted and (plain := self._without_magics(text)) is not None:
            yield plain, ""
        clean = text.translate(_INVISIBLE)
        if clean != text:
            note = "invisible characters were taken out, or replaced by spaces."
            yield clean, note
            if (plain := self._without_magics(clean)) is not None:
                yield plain, note
        for width in (4, 8):
            if "\t" in clean:
                yield clean.expandtabs(width), "its tabs were replaced by spaces."

    def _without_magics(self, text: str) -> str | None:
        """Return a text without IPython's magics; None where there are none, or too many."""
        marks = sum(map(_is_magic, text.split("\n")))
        cost = marks * (len(text) + 3000)  # each one makes IPython read all of it again
        if not marks or cost > min(self.left, MOST_PARSED // 4):
            return None
        self.left -= cost
        return _without_magics(text)

    def statements(self, tree: ast.Module) -> list[Statement]:
        self.statements_left -= len(tree.body)
        return statements_in(tree) if self.statements_left >= 0 else []

    def _known(self, text: str) -> tuple[str, list[Statement], int, str] | None:
        """Return what is in a cell that is Python as it is, and may have been seen before."""
        if len(text) > SHORT or self.left < len(text) + 300 or _PROMPT.match(text):
            return None
        known = _as_it_is(text)
        if known is None or self.statements_left < known[1]:
            return None
        self.left -= len(text) + 300  # as if it had been parsed: the limits depend on nobody else
        self.statements_left -= known[1]
        return text, list(known[0]), known[1], ""

    def _read(self, text: str) -> tuple[str, list[Statement], int, str] | None:
        parsed = self.parsed(text)
        if parsed is None:
            return None
        source, tree, note = parsed
        return source, self.statements(tree), len(tree.body), note

    def piece(self, cells: list[Cell], text: str, notes: Iterable[str] = ()) -> Piece | None:
        """Return a piece made of all of this text; None where it doesn't compile."""
        read = self._known(text) or self._read(text)
        if read is None:
            return None
        source, statements, count, note = read
        place = _place([cell.number for cell in cells])
        piece = Piece(
            cells[0].number, place, frozenset(c.grade_id for c in cells if c.grade_id),
            source, statements, list(notes),
        )  # fmt: skip
        if note:
            piece.notes.append(f"{place.capitalize()}: {note}")
        if count and not statements:
            piece.notes.append(f"{place.capitalize()} is left out: there is too much to read.")
        return piece

    def salvaged(self, cell: Cell, text: str) -> Piece:
        """Return what compiles of a cell, block by block, and note what doesn't."""
        lines = text.split("\n")
        starts = [at for at, line in enumerate(lines) if _MARGIN.match(line)]
        starts = [at for at in starts if at == 0 or not lines[at - 1].startswith("@")]
        ends = sorted({0, *starts, len(lines)})
        kept, lost, at = [""] * len(lines), [], 0
        while at < len(ends) - 1:
            found, size = self._first_block(lines, ends[at : at + 10])
            start, at = ends[at], at + size
            if found is None:
                lost.append(_Broken("\n".join(lines[start : ends[at]]), start + 1, self.error))
            else:
                found = found[: ends[at] - start]
                kept[start : start + len(found)] = found
        return self._left_over(cell, kept, lost)

    def _first_block(self, lines: list[str], ends: list[int]) -> tuple[list[str] | None, int]:
        """Return the first lines that compile, and over how many statements they reach."""
        error = "there is too much to parse"
        sizes = range(1, len(ends)) if self.left > 0 else ()
        for size in sizes:  # a triple-quoted text may reach over several
            block = "\n".join(lines[ends[0] : ends[size]])
            parsed = self.parsed(block)
            error = self.error if size == 1 else error
            if parsed is None and block[:1].isspace():
                parsed = self.parsed(textwrap.dedent(block))
            if parsed is not None:
                return parsed[0].split("\n"), size
        self.error = error
        return None, 1

    def _left_over(self, cell: Cell, kept: list[str], lost: list[_Broken]) -> Piece:
        tree = self.tree("\n".join(kept))
        if tree is None:  # each part compiles, all of them don't: a misplaced __future__
            kept = ["" if "__future__" in line else line for line in kept]
            tree = self.tree("\n".join(kept)) or ast.Module([], [])
        piece = Piece(
            cell.number, f"cell {cell.number}", frozenset({cell.grade_id} - {""}),
            "\n".join(kept), self.statements(tree), [], lost,
        )  # fmt: skip
        for part in lost[:3]:
            if not _is_magic(part.text.strip().split("\n")[0]):
                piece.notes.append(
                    f"Cell {cell.number}, line {part.line}: left out, as it isn't Python "
                    f"({part.why})."
                )
        return piece


@course.forget_when_another_is_used
@functools.lru_cache(maxsize=500)  # most cells of a class are the exercise's own
def _as_it_is(text: str) -> tuple[tuple[Statement, ...], int] | None:
    """Return the statements of a text, and how many there are; None where it isn't Python."""
    try:
        tree = ast.parse(text)
        compile(tree, "cell", "exec", dont_inherit=True)
    except UNPARSABLE:
        return None
    count = len(tree.body)
    return tuple(statements_in(tree)), count


def _is_magic(line: str) -> bool:
    """Say whether a line looks like IPython's, not Python's."""
    line = line.strip()
    if line.startswith(("%", "!", "?", ">>>")) or line.endswith("?"):
        return True
    return re.search(r"=[ \t]*[!%]", line) is not None or _PROMPT.match(line) is not None


def _without_magics(text: str) -> str | None:
    """Return a text without IPython's magics, on the same lines; None where IPython fails."""
    from IPython.core.inputtransformer2 import TransformerManager  # noqa: PLC0415 - half a second

    text = re.sub(r"^([ \t]*)%time[ \t]+(?=[^\s-])", r"\1", text, flags=re.MULTILINE)
    before = text.split("\n")
    blank = next((at for at, line in enumerate(before) if line.strip()), 0)
    try:
        plain = TransformerManager().transform_cell("\n".join(before[blank:]))
    except Exception:  # it is made for what people type, not for what is sent in
        return None
    after = [""] * blank + plain.rstrip("\n").split("\n")
    for at, line in enumerate(after):
        if re.match(r"\s*get_ipython\(\)\.", line) and (at >= len(before) or line != before[at]):
            after[at] = line[: len(line) - len(line.lstrip())] + "pass"
    return "\n".join(after)


def _place(numbers: list[int]) -> str:
    *most, last = [str(number) for number in sorted(set(numbers))]
    return f"cells {', '.join(most)} and {last}" if most else f"cell {last}"


class Student:
    """All Python of one notebook, in pieces, and where the names of the book are bound."""

    def __init__(self, cells: list[Cell], notes: list[str]) -> None:
        self.parser, self.notes = _Parser(), notes
        self.functions = {question.name for question in key.questions().values()}
        self.cells = cells
        self.ids = {cell.grade_id for cell in cells}
        self.files: list[tuple[Cell, str]] = []  # written by %%writefile
        self.pieces: list[Piece] = []
        self.bodies = {cell.number: self._body(cell) for cell in cells if cell.kind == "code"}
        self._join_and_salvage()
        self.homes: dict[str, list[Piece]] = {}
        for piece in self.pieces:
            for name in piece.binding:
                self.homes.setdefault(name, []).append(piece)
        self.everything = self._everything()
        self.dynamic = any(s.dynamic for piece in self.pieces for s in piece.statements)
        self.named = set(self.homes)
        other = [part.text for piece in self.pieces for part in piece.broken]
        other += [cell.source for cell in cells if cell.kind != "code"]
        text = "\n".join(other)
        self.named |= mentioned(text).intersection(self.functions)

    def _everything(self) -> list[tuple[Piece, list[int], Chunk]]:
        """Return each piece without the calls of check, hint and progress."""
        found = []
        for piece in self.pieces:
            kept = [at for at, statement in enumerate(piece.statements) if not statement.tool]
            if kept:
                found.append((piece, kept, piece.chunk(kept)))
        return found

    def _body(self, cell: Cell) -> str:
        """Return a cell's Python, without the cell magics that stand before it."""
        text = cell.source
        while match := _CELL_MAGIC.match(text):
            magic, rest = match[1], match[2].strip()
            below = text[match.end() :]
            text = "\n" * text[: match.end()].count("\n") + below
            if magic in _RUN_HERE:
                continue
            if magic in ("writefile", "file"):
                self._write(cell, rest, below.removeprefix("\n"))
                return ""
            piece = self.parser.piece([cell], text)
            if not self._answers(piece):
                self.notes.append(f"Cell {cell.number} is left out: it isn't Python, but {magic}.")
                return ""
        return text

    def _write(self, cell: Cell, name: str, body: str) -> None:
        match = re.fullmatch(r"(?:-a\s+)?['\"]?(?:\./)?(\w+(?:\.\w+)?)['\"]?", name)
        if match is None:
            self.notes.append(f"Cell {cell.number} is left out: it writes a file elsewhere.")
            return
        mode = "a" if name.startswith("-a") else "w"
        source = f"with open({match[1]!r}, {mode!r}, encoding='utf-8') as _file: "
        source += f"_file.write({body!r})"
        piece = self.parser.piece([cell], source)
        if piece is None:
            return
        piece.writes = match[1].removesuffix(".py")
        tree = self.parser.tree(body)
        own = piece.statements[0] = copy.deepcopy(piece.statements[0])  # others may know it, too
        for statement in self.parser.statements(tree) if tree else ():
            own.modules |= statement.modules
        self.pieces.append(piece)
        self.files.append((cell, body))

    def _join_and_salvage(self) -> None:
        code = [cell for cell in self.cells if self.bodies.get(cell.number, "").strip()]
        # First every cell by itself: what is broken takes no time from what is whole.
        self.alone = {cell.number: self._alone(cell) for cell in code}
        used: set[int] = set()
        for at, cell in enumerate(code):
            if cell.number in used:
                continue
            piece = self.alone[cell.number]
            text, after = self.bodies[cell.number], code[at + 1 : at + 2]
            begins_badly = piece is None or self._goes_on(cell)
            if begins_badly or (after and self._goes_on(after[0])):
                joined = self._joined(code, at)
                if joined is not None:
                    piece, numbers = joined
                    used |= numbers
            if piece is None and _CONTINUES.match(text):
                text = textwrap.dedent(text)
            self.pieces.append(piece or self.parser.salvaged(cell, text))
        self.pieces.sort(key=lambda piece: piece.number)

    def _alone(self, cell: Cell) -> Piece | None:
        """Return the piece that a cell is by itself, at the left margin."""
        text = self.bodies[cell.number]
        if not _CONTINUES.match(text):
            return self.parser.piece([cell], text)
        note = f"Cell {cell.number}: all of it was indented; it was moved to the left margin."
        return self.parser.piece([cell], textwrap.dedent(text), [note])

    def _goes_on(self, cell: Cell) -> bool:
        """Say whether a cell begins in the middle of something."""
        if not _CONTINUES.match(self.bodies.get(cell.number, "")):
            return False
        return not self._answers(self.alone[cell.number])

    def _answers(self, piece: Piece | None) -> set[str]:
        return {name for name in self.functions if piece and piece.answers(name)}

    def _joined(self, code: list[Cell], at: int) -> tuple[Piece, set[int]] | None:
        """Join a cell with those after it: with code alone, then with text in between too."""
        everything = self.cells[self.cells.index(code[at]) :]
        for row, wanted in ((code[at:], False), (everything, True)):
            best = None
            for size in range(2, min(LONGEST_JOIN, len(row)) + 1):
                if best and not self._goes_on(row[size - 1]):
                    break
                piece = self._joining(row[:size], wanted)
                if piece is not None:
                    best = piece, {cell.number for cell in row[:size]}
            if best:
                return best
        return None

    def _joining(self, cells: list[Cell], wanted: bool) -> Piece | None:
        """Return cells joined to one, if no answer is lost by it, and one is won if `wanted`."""
        texts = [self.bodies.get(cell.number, cell.source) for cell in cells]
        if sum(map(len, texts)) > LARGEST_CELL // 4:
            return None
        # An answer that is whole needs nothing put in front of it.
        if any(self._answers(self.alone.get(cell.number)) for cell in cells[1:]):
            return None
        piece = self.parser.piece(cells, "\n".join(texts))
        if piece is None:
            return None
        before, now = self._answers(self.alone.get(cells[0].number)), self._answers(piece)
        if not before <= now or (wanted and not now - before):
            return None
        place = piece.place.capitalize()
        piece.notes.append(f"{place} were joined: one goes on where the other ends.")
        return piece

    def retyped(self, name: str) -> list[Piece]:
        """Return answers that stand in text cells, or only in files that a cell would write."""
        texts = [
            (cell, text)
            for cell in self.cells
            if cell.kind != "code" and mentions(name, cell.source)
            for text in _code_in(cell.source)
        ]
        found = []
        for cell, text in texts + [file for file in self.files if mentions(name, file[1])]:
            piece = self.parser.piece([cell], text) or self.parser.piece(
                [cell], textwrap.dedent(text)
            )
            if piece and piece.answers(name):
                what = f"a {cell.kind} cell" if cell.kind != "code" else "a file that it writes"
                piece.notes.append(f"{piece.place.capitalize()}: taken as code from {what}.")
                found.append(piece)
        return found


def _code_in(text: str) -> Iterator[str]:
    """Yield a text cell's text, then each fenced block of it on the same lines."""
    yield text
    for match in re.finditer(r"^(```|~~~)[^\n]*\n(.*?)^\1", text, re.MULTILINE | re.DOTALL):
        yield "\n" * text[: match.start(2)].count("\n") + match[2]


def mentioned(text: str) -> set[str]:
    """Return the names that a text looks as if it meant to define."""
    return {match[1] or match[2] for match in _DEFINED.finditer(text)}


def mentions(name: str, text: str) -> bool:
    """Say whether a text looks as if it meant to define this name."""
    return name in mentioned(text)
