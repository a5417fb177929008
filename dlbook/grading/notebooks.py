"""A student's answers, taken out of the notebook as it came: read, repaired, found, cut free.

Nothing here runs what a student wrote; it is parsed, and that is all. Read in this order: the
file, its cells, the pieces of Python in them, the answer to each question, and what it needs.
"""

import ast
import builtins
import dis
import inspect
import json
import re
import textwrap
import types
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from dlbook.exercises import key
from dlbook.exercises.question import Question

LARGEST_FILE = 50_000_000  # bytes
LARGEST_CELL = 1_000_000  # characters
LARGEST_SOURCE = 3_000_000  # characters, all cells together
MOST_CELLS = 2_000
MOST_VALUES = 5_000_000  # in the JSON, counted by its punctuation
MOST_LINES = 20_000  # in one cell: a million one-letter lines would take a gigabyte to parse
MOST_STATEMENTS = 50_000  # all cells together
MOST_PARSED = 12_000_000  # characters, each as often as it is parsed
LONGEST_JOIN = 4  # cells

# What the instructor's setup cell binds before any chunk runs.
SETUP = {"np", "cv2", "Path", "tempfile", "draw_digits", "check", "hint", "progress"}
SETUP_IMPORTS = {
    "import numpy as np",
    "import cv2",
    "import tempfile",
    "from pathlib import Path",
    "from dlbook.images import draw_digits",
    "from dlbook.exercises import check, hint, progress",
}


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
class Answer:
    """What a student handed in for one question.

    Parameters
    ----------
    question : str
        The question's id.
    found : bool
        Whether anything binds the function's name, be it the untouched stub.
    chunks : tuple of Chunk
        What the answer needs, in the order in which to run it; the answer itself comes last.
    whole : tuple of Chunk
        All code of the notebook, for a second try; empty where it would add nothing.
    uses : tuple of str
        Functions of earlier questions of the notebook that the chunks use.
    notes : tuple of str
        What was repaired, one sentence each.
    """

    question: str
    found: bool
    chunks: tuple[Chunk, ...] = ()
    whole: tuple[Chunk, ...] = ()
    uses: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Work:
    """One student's notebook.

    Parameters
    ----------
    notebook : str
        Which exercise it is: ``"neuron"``.
    answers : dict of Answer
        For every question of that exercise, by id, in order.
    notes : tuple of str
        What was repaired, as far as it belongs to no one answer.
    """

    notebook: str
    answers: dict[str, Answer]
    notes: tuple[str, ...] = ()


def read(contents: bytes, file: str) -> Work:
    """Take the answers out of a student's notebook.

    Parameters
    ----------
    contents : bytes
        The file's, whatever they are.
    file : str
        The file's name, for messages; it also tells the exercise where nothing else does.

    Raises
    ------
    UnreadableError
        If it is no notebook, or none of this book's.
    """
    notes: list[str] = []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python's, about a student's "\d" and "is 1"
            cells = _cells(_notebook_in(contents, file, notes), file, notes)
            student = _Student(cells, notes)
            asked = _questions_of(student, file, notes)
            choices = {question.name: _choice(student, question) for question in asked}
            answers = {q.id: _answer(student, asked, q, choices) for q in asked}
    except (RecursionError, MemoryError):
        raise UnreadableError(
            f"{file} is too deeply nested to be read. Clear its outputs (menu Edit, Clear "
            "Outputs of All Cells), save it and hand it in again."
        ) from None
    told = {note for answer in answers.values() for note in answer.notes}
    for piece in student.pieces:
        notes += [note for note in piece.notes if note not in told]
    return Work(asked[0].notebook, answers, tuple(dict.fromkeys(notes)))


def exercise_of(contents: bytes, file: str) -> str:
    """Return the name of the exercise that a notebook belongs to; "" where nothing tells."""
    notes: list[str] = []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            student = _Student(_cells(_notebook_in(contents, file, notes), file, notes), notes)
            return _questions_of(student, file, notes)[0].notebook
    except (UnreadableError, RecursionError, MemoryError):
        return exercise_named(file)


def exercise_named(file: str) -> str:
    """Return the name of the exercise that a file's name holds; "" where it holds none."""
    called = [name for name in key.NOTEBOOKS if name in file.replace("\\", "/").lower()]
    return called[0] if len(called) == 1 else ""


# The file ---------------------------------------------------------------------------------------

_OTHER_FILES = (
    (b"%PDF", "a PDF"), (b"PK\x03\x04", "a zip archive or an Office document"),
    (b"\x1f\x8b", "a compressed archive"), (b"Rar!", "a compressed archive"),
    (b"7z\xbc\xaf", "a compressed archive"), (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"), (b"\xd0\xcf\x11\xe0", "an Office document"),
)  # fmt: skip
_HAND_IN = "Hand in the notebook itself, the file that ends in .ipynb."
_AGAIN = "Open it in JupyterLab, save it and hand it in again; if it doesn't open, an earlier copy."


def _notebook_in(contents: bytes, file: str, notes: list[str]) -> dict:
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


# Its cells --------------------------------------------------------------------------------------

_KINDS = {"code": "code", "markdown": "markdown", "html": "markdown", "heading": "markdown"}


def _cells(data: dict, file: str, notes: list[str]) -> list[Cell]:
    """Return the cells of a notebook of any format, old or new."""
    found = data.get("cells")
    if not isinstance(found, list):
        sheets = data.get("worksheets")
        sheets = sheets if isinstance(sheets, list) else []
        lists = [sheet.get("cells") for sheet in sheets if isinstance(sheet, dict)]
        found = [cell for cells in lists if isinstance(cells, list) for cell in cells]
    if len(found) > MOST_CELLS:
        notes.append(f"It has {len(found)} cells; those after cell {MOST_CELLS} are left out.")
    known = {f"{q}{end}" for q in key.questions() for end in ("", "-check")}
    known |= {f"{name}-setup" for name in key.NOTEBOOKS}
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


def _grade_id(cell: dict, known: set[str]) -> str:
    metadata = cell.get("metadata")
    marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    found = marks.get("grade_id") if isinstance(marks, dict) else None
    own = cell.get("id")
    if isinstance(found, str) and found:
        return found
    return own if isinstance(own, str) and own in known else ""


def _questions_of(student: "_Student", file: str, notes: list[str]) -> list[Question]:
    """Return the questions of the exercise that this is: by ids, by functions, by its name."""
    points = {}
    for name in key.NOTEBOOKS:
        asked = key.questions(name).values()
        marked = sum(not student.ids.isdisjoint({q.id, f"{q.id}-check"}) for q in asked)
        points[name] = 100 * marked + sum(q.name in student.named for q in asked)
    best = max(points, key=points.get)
    if not points[best]:
        best = exercise_named(file)
        if not best:
            names = ", ".join(f"{name}.ipynb" for name in key.NOTEBOOKS)
            raise UnreadableError(
                f"{file} holds no question of this book. The exercises are {names}."
            )
    for name in key.NOTEBOOKS:
        if name != best and points[name] >= 3:
            notes.append(f"It also holds parts of {name}; it was taken as {best}.")
    return list(key.questions(best).values())


# Statements: what they bind, need and change ----------------------------------------------------

_UNPARSABLE = (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError, SystemError)
_LOADS = {"LOAD_NAME", "LOAD_GLOBAL", "LOAD_FROM_DICT_OR_GLOBALS"}
_AT_ONCE = {"<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"}
_DYNAMIC = {
    "exec", "eval", "compile", "globals", "locals", "vars", "setattr", "__import__", "importlib",
    "__builtins__", "builtins",
}  # fmt: skip
_WRAPPERS = {"vectorize", "frompyfunc", "partial", "jit", "njit", "cache", "lru_cache"}
_COMPOUND = (ast.stmt, ast.ExceptHandler, ast.match_case)
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass
class _Statement:
    """One statement at the left margin, or several that share a line.

    ``answers`` are the names that it binds to more than an untouched stub, ``sure`` those of
    them that are surely functions, ``results`` those bound to what the function of that name
    returned. ``now`` is loaded when it runs, ``later`` when a function in it is called. Methods
    are called on ``called``, and objects of ``changes`` are altered otherwise.
    """

    first: int
    last: int
    binds: set[str] = field(default_factory=set)
    answers: set[str] = field(default_factory=set)
    sure: set[str] = field(default_factory=set)
    results: set[str] = field(default_factory=set)
    wraps: set[str] = field(default_factory=set)
    now: set[str] = field(default_factory=set)
    later: set[str] = field(default_factory=set)
    changes: set[str] = field(default_factory=set)
    called: set[str] = field(default_factory=set)
    modules: set[str] = field(default_factory=set)
    star: bool = False
    future: bool = False
    dynamic: bool = False  # what it does can't be seen in its text
    tool: bool = False  # check, hint, progress and their import
    setup: bool = False  # an import of the setup cell, word for word


def _statements(tree: ast.Module) -> list[_Statement]:
    groups: list[tuple[int, int, list[ast.stmt]]] = []
    for node in tree.body:
        starts = [d.lineno for d in getattr(node, "decorator_list", ())]
        first, last, nodes = min([node.lineno, *starts]), node.end_lineno, [node]
        if groups and first <= groups[-1][1]:
            first, _, before = groups.pop()
            nodes = [*before, node]
        groups.append((first, last, nodes))
    return [_statement(*group) for group in groups]


def _statement(first: int, last: int, nodes: list[ast.stmt]) -> _Statement:
    it = _Statement(first, last)
    module = ast.Module(nodes, [])
    for node in ast.walk(module):  # `dis` prints constants, and numbers of 5,000 digits raise
        if isinstance(node, ast.Constant) and isinstance(node.value, int):
            node.value = min(node.value, 2**64)
    try:
        _add_names(it, compile(module, "cell", "exec", dont_inherit=True))
    except _UNPARSABLE:
        return it
    stubs: set[str] = set()
    for node in _inner(nodes):
        _add_meaning(it, node, stubs)
    it.answers = (it.binds - stubs - it.results) | it.sure
    it.dynamic |= bool(_DYNAMIC & (it.now | it.later))
    it.tool = all(_is_tool(node) for node in nodes)
    it.setup = all(isinstance(n, ast.Import | ast.ImportFrom) for n in nodes) and all(
        ast.unparse(node) in SETUP_IMPORTS for node in nodes
    )
    return it


def _add_names(it: _Statement, code: types.CodeType) -> None:
    """Add the global names that compiled code stores and loads."""
    waiting = [(code, True)]
    while waiting:
        part, at_once = waiting.pop()
        stored, loaded = set(), set()
        for step in dis.get_instructions(part):
            if step.opname in _LOADS:
                loaded.add(step.argval)
            elif step.opname == "STORE_NAME":
                stored.add(step.argval)
            elif step.opname == "STORE_GLOBAL":
                (it.binds if at_once else it.later).add(step.argval)
                it.dynamic |= not at_once
            elif step.opname in ("DELETE_NAME", "DELETE_GLOBAL"):
                it.changes.add(step.argval)
        if part is code:
            it.binds |= stored - {"__doc__", "__annotations__"}
        elif at_once:  # a class: what it stores is its own
            loaded -= stored
        (it.now if at_once else it.later).update(loaded)
        for inner in part.co_consts:
            if isinstance(inner, types.CodeType):
                body = not inner.co_flags & inspect.CO_OPTIMIZED or inner.co_name in _AT_ONCE
                waiting.append((inner, at_once and body))


def _inner(nodes: Iterable[ast.stmt]) -> Iterator[ast.AST]:
    """Go through statements and those inside of if, for, try, with; not into functions."""
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, _DEFINITIONS):
            waiting += [n for n in ast.iter_child_nodes(node) if isinstance(n, _COMPOUND)]


def _add_meaning(it: _Statement, node: ast.AST, stubs: set[str]) -> None:
    """Add what only the text tells: stubs, sure answers, results, imports, changed objects."""
    if isinstance(node, _DEFINITIONS):
        (stubs if _is_stub(node) else it.sure).add(node.name)
    elif isinstance(node, ast.Import):
        it.modules |= {alias.name.split(".")[0] for alias in node.names}
        it.sure |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
    elif isinstance(node, ast.ImportFrom):
        it.modules.add((node.module or "").split(".")[0])
        it.star |= node.names[0].name == "*"
        it.future |= node.module == "__future__"
        it.sure |= {alias.asname or alias.name for alias in node.names} - {"*"}
    elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        _add_value(it, {t.id for t in targets if isinstance(t, ast.Name)}, node.value)
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        call = node.value
        if isinstance(call.func, ast.Attribute) and (root := _root(call.func)):
            inside = [*call.args, *call.keywords]
            names = any(isinstance(n, ast.Name) for part in inside for n in ast.walk(part))
            (it.called if names and call.func.attr != "seed" else it.changes).add(root)
    for target in _targets(node):
        if not isinstance(target, ast.Name) and (root := _root(target)):
            it.changes.add(root)


def _add_value(it: _Statement, names: set[str], value: ast.expr) -> None:
    """Add what an assignment gives to names: a function, a wrapped one, or a result of itself."""
    if isinstance(value, ast.Lambda | ast.Name | ast.Attribute):
        it.sure |= names
        return
    inside = list(ast.walk(value))
    loaded = {node.id for node in inside if isinstance(node, ast.Name)}
    calls = [node.func for node in inside if isinstance(node, ast.Call)]
    results = names & {call.id for call in calls if isinstance(call, ast.Name)}
    it.results |= results
    if {getattr(call, "attr", getattr(call, "id", "")) for call in calls} & _WRAPPERS:
        it.sure |= names - results
        it.wraps |= (names - results) & loaded


def _targets(node: ast.AST) -> list[ast.expr]:
    waiting = list(getattr(node, "targets", ()))
    waiting += [node.target] if hasattr(node, "target") else []
    flat = []
    while waiting:
        target = waiting.pop()
        inside = getattr(target, "elts", None)
        waiting += inside or []
        if inside is None:
            flat.append(target.value if isinstance(target, ast.Starred) else target)
    return flat


def _root(node: ast.expr) -> str:
    """Return ``cache`` for ``cache.items[0].update``; nothing where a call is in between."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _is_stub(node: ast.AST) -> bool:
    """Say whether nobody has written anything into a function yet."""
    if isinstance(node, ast.ClassDef):
        return False
    for part in node.body:
        if isinstance(part, ast.Pass):
            continue
        if isinstance(part, ast.Expr | ast.Return):
            value = part.value
            empty = value is None or isinstance(value, ast.Constant)
            text = isinstance(part, ast.Expr)  # a docstring, three dots
            if empty and (text or value is None or value.value in (None, ...)):
                continue
        if isinstance(part, ast.Raise) and "NotImplemented" in _called(part.exc):
            continue
        return False
    return True


def _called(node: ast.expr | None) -> str:
    node = node.func if isinstance(node, ast.Call) else node
    return node.id if isinstance(node, ast.Name) else ""


def _is_tool(node: ast.stmt) -> bool:
    if isinstance(node, ast.ImportFrom):
        return (node.module or "").startswith("dlbook.exercises")
    call = node.value if isinstance(node, ast.Expr) else None
    return isinstance(call, ast.Call) and _called(call) in ("check", "hint", "progress")


# Pieces of Python -------------------------------------------------------------------------------


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
class _Piece:
    """Python that compiles: a cell, several joined, or what is left of one."""

    number: int
    place: str
    ids: frozenset[str]
    source: str = ""
    statements: list[_Statement] = field(default_factory=list)
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
        except _UNPARSABLE as error:
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

    def statements(self, tree: ast.Module) -> list[_Statement]:
        self.statements_left -= len(tree.body)
        return _statements(tree) if self.statements_left >= 0 else []

    def piece(self, cells: list[Cell], text: str, notes: Iterable[str] = ()) -> _Piece | None:
        """Return a piece made of all of this text; None where it doesn't compile."""
        parsed = self.parsed(text)
        if parsed is None:
            return None
        source, tree, note = parsed
        place = _place([cell.number for cell in cells])
        piece = _Piece(
            cells[0].number, place, frozenset(c.grade_id for c in cells if c.grade_id),
            source, self.statements(tree), list(notes),
        )  # fmt: skip
        if note:
            piece.notes.append(f"{place.capitalize()}: {note}")
        if tree.body and not piece.statements:
            piece.notes.append(f"{place.capitalize()} is left out: there is too much to read.")
        return piece

    def salvaged(self, cell: Cell, text: str) -> _Piece:
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

    def _left_over(self, cell: Cell, kept: list[str], lost: list[_Broken]) -> _Piece:
        tree = self.tree("\n".join(kept))
        if tree is None:  # each part compiles, all of them don't: a misplaced __future__
            kept = ["" if "__future__" in line else line for line in kept]
            tree = self.tree("\n".join(kept)) or ast.Module([], [])
        piece = _Piece(
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


class _Student:
    """All Python of one notebook, in pieces, and where the names of the book are bound."""

    def __init__(self, cells: list[Cell], notes: list[str]) -> None:
        self.parser, self.notes = _Parser(), notes
        self.functions = {question.name for question in key.questions().values()}
        self.cells = cells
        self.ids = {cell.grade_id for cell in cells}
        self.files: list[tuple[Cell, str]] = []  # written by %%writefile
        self.pieces: list[_Piece] = []
        self.bodies = {cell.number: self._body(cell) for cell in cells if cell.kind == "code"}
        self._join_and_salvage()
        self.homes: dict[str, list[_Piece]] = {}
        for piece in self.pieces:
            for name in piece.binding:
                self.homes.setdefault(name, []).append(piece)
        self.everything = self._everything()
        self.dynamic = any(s.dynamic for piece in self.pieces for s in piece.statements)
        self.named = set(self.homes)
        other = [part.text for piece in self.pieces for part in piece.broken]
        other += [cell.source for cell in cells if cell.kind != "code"]
        text = "\n".join(other)
        self.named |= {name for name in self.functions if _mentions(name, text)}

    def _everything(self) -> list[tuple[_Piece, list[int], Chunk]]:
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
        for statement in self.parser.statements(tree) if tree else ():
            piece.statements[0].modules |= statement.modules
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

    def _alone(self, cell: Cell) -> _Piece | None:
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

    def _answers(self, piece: _Piece | None) -> set[str]:
        return {name for name in self.functions if piece and piece.answers(name)}

    def _joined(self, code: list[Cell], at: int) -> tuple[_Piece, set[int]] | None:
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

    def _joining(self, cells: list[Cell], wanted: bool) -> _Piece | None:
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

    def retyped(self, name: str) -> list[_Piece]:
        """Return answers that stand in text cells, or only in files that a cell would write."""
        texts = [
            (cell, text)
            for cell in self.cells
            if cell.kind != "code" and _mentions(name, cell.source)
            for text in _code_in(cell.source)
        ]
        found = []
        for cell, text in texts + [file for file in self.files if _mentions(name, file[1])]:
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


def _mentions(name: str, text: str) -> bool:
    """Say whether a text looks as if it meant to define this name."""
    pattern = rf"^[ \t]*+(?:async[ \t]+)?(?:(?:def|class)[ \t]+{name}\b|{name}[ \t]*=(?!=))"
    return re.search(pattern, text, re.MULTILINE) is not None


# The answer to a question -----------------------------------------------------------------------


@dataclass(frozen=True)
class _Choice:
    """Which piece holds the answer; ``raw`` is an answer that is no Python."""

    piece: _Piece | None = None
    raw: Chunk | None = None
    notes: tuple[str, ...] = ()


def _choice(student: _Student, question: Question) -> _Choice:
    """Choose the piece that answers a question, and say so where it isn't the obvious one."""
    name, pieces = question.name, student.pieces
    good = [piece for piece in pieces if piece.answers(name)]
    own = [piece for piece in good if question.id in piece.ids]
    if good:
        group = own or good
        piece = ([p for p in group if p.is_sure(name)] or group)[-1]
        notes = _why(student, question, piece, good, bool(own))
        later = [p for p in good if p.number > piece.number]
        wrapped = [
            p for p in later if any(name in p.statements[at].wraps for at in p.answers(name))
        ]
        if wrapped:
            piece = wrapped[-1]
            notes = [f"{question.id}: {name} is wrapped again in {piece.place}, which counts."]
        return _Choice(piece, notes=tuple(notes))
    if retyped := student.retyped(name):
        piece = retyped[-1]
        return _Choice(piece, notes=(f"{question.id}: the answer was found in {piece.place}.",))
    broken = [
        (question.id in piece.ids, at, piece.place, part)
        for at, piece in enumerate(pieces)
        for part in piece.broken
        if _mentions(name, part.text)
        or (question.id in piece.ids and not piece.binders(name, question=True))
    ]
    if broken:
        *_, place, part = max(broken, key=lambda found: found[:2])
        note = f"{question.id}: its answer in {place} isn't Python ({part.why})."
        return _Choice(raw=part.chunk(place), notes=(note,))
    stubs = [piece for piece in pieces if piece.binders(name, question=True)]
    own = [piece for piece in stubs if question.id in piece.ids]
    return _Choice((own or stubs or [None])[-1])


def _why(
    student: _Student, question: Question, piece: _Piece, good: list[_Piece], own: bool
) -> list[str]:
    others = ", ".join(other.place for other in good if other is not piece)
    if own:
        said = f"{question.name} is also defined in {others}; the answer in {piece.place} counts."
        return [f"{question.id}: {said}"] if others else []
    lost = question.id not in student.ids
    why = "its cell had lost its id" if lost else "its own cell holds no answer"
    also = f" It is also defined in {others}." if others else ""
    return [
        f"{question.id}: {why}; the answer was found in {piece.place} by the name "
        f"{question.name}.{also}"
    ]


def _answer(
    student: _Student, asked: list[Question], question: Question, choices: dict[str, _Choice]
) -> Answer:
    """Return one question's answer, with what it needs."""
    choice = choices[question.name]
    if choice.raw is not None:
        return Answer(question.id, True, (choice.raw,), notes=choice.notes)
    cut = _Slice(student, choices, question.name)
    if choice.piece is not None:
        cut.take(choice.piece, question.name)
        cut.complete()
    chunks = cut.chunks()
    before = [q.name for q in asked[: asked.index(question)]]
    notes = [*choice.notes, *(note for piece in cut.taken for note in piece.notes)]
    return Answer(
        question.id,
        choice.piece is not None,
        chunks,
        _whole(student, cut, chunks),
        tuple(name for name in before if name in cut.used),
        tuple(dict.fromkeys(notes)),
    )


class _Slice:
    """The statements that one answer needs."""

    def __init__(self, student: _Student, choices: dict[str, _Choice], name: str) -> None:
        self.student, self.choices, self.name = student, choices, name
        self.answer = choices[name].piece
        self.taken: dict[_Piece, set[int]] = {}
        self.before: dict[_Piece, list[_Piece]] = {}  # later cells that must run earlier
        self.used: set[str] = set()
        self.missing: set[str] = set()
        # What has been done already, for a name that is bound and used ten thousand times.
        self.followed: set[tuple[str, _Piece, bool]] = set()
        self.known: dict[tuple[str, _Piece], list[int]] = {}
        self.took: set[tuple[str, _Piece]] = set()
        self.waiting: list[tuple[_Piece, int]] = []
        self.writers = [piece for piece in student.pieces if piece.writes]
        self.setup = [p for p in student.pieces if any(i.endswith("-setup") for i in p.ids)]

    def take(self, piece: _Piece, name: str) -> None:
        """Take what binds a name in a piece, and what changes it there."""
        if (name, piece) not in self.took:
            self.took.add((name, piece))
            self._add(piece, piece.binders(name, name in self.choices))
            self._add(piece, piece.changers(name))

    def complete(self) -> None:
        """Take what is needed by what was taken, until nothing is missing that is there."""
        self._follow()
        if self.missing:
            last = max((piece.number for piece in self.taken), default=0)
            for piece in [p for p in self.student.pieces if p.number <= last]:
                self._add(piece, [at for at, s in enumerate(piece.statements) if s.star])
            self._follow()

    def _add(self, piece: _Piece, places: list[int]) -> None:
        for at in places:
            if at not in self.taken.setdefault(piece, set()):
                self.taken[piece].add(at)
                self.waiting.append((piece, at))

    def _follow(self) -> None:
        while self.waiting:
            piece, at = self.waiting.pop()
            statement = piece.statements[at]
            for name in sorted(statement.now | statement.later):
                if name in self.choices and name != self.name:
                    self.used.add(name)
                # Where it stands matters only where the name is bound below, in its own cell.
                here = self._here(name, piece)
                settled = bool(here) and not (name in statement.now and here[0] >= at)
                if (name, piece, settled) not in self.followed:
                    self.followed.add((name, piece, settled))
                    self._need(name, piece, settled)
            for home in self.writers if statement.modules else ():
                if home.writes in statement.modules and home is not piece:
                    self._before(piece, home)
                    self._add(home, [0])

    def _here(self, name: str, piece: _Piece) -> list[int]:
        """Return which statements of a piece bind a name that is needed in it."""
        if (name, piece) not in self.known:
            found = piece.answers(name) if name in self.choices else piece.binders(name)
            self.known[name, piece] = [at for at in found if not _is_given(piece, name, at)]
        return self.known[name, piece]

    def _need(self, name: str, piece: _Piece, settled: bool) -> None:
        """Take what binds a name that a piece needs: there, before it, or after it."""
        self._add(piece, piece.changing.get(name, []))
        if here := self._here(name, piece):
            self._add(piece, here)
            self._add(piece, piece.changers(name))
        if settled:
            return
        choice = self.choices.get(name)
        if choice is not None and choice.piece is not piece:
            if choice.piece is not None:
                self._before(piece, choice.piece)
                self.take(choice.piece, name)
            return
        homes = [p for p in self.student.homes.get(name, ()) if self._here(name, p)]
        earlier = [p for p in homes if p.number < piece.number]
        later = [p for p in homes if p.number > piece.number]
        if earlier:
            self.take(earlier[-1], name)
        elif name in SETUP or hasattr(builtins, name):
            for setup in self.setup:  # np.seterr(...)
                self._add(setup, setup.changers(name))
        elif later and not here:
            self._before(piece, later[0])
            self.take(later[0], name)
        elif not here:
            self.missing.add(name)

    def _before(self, piece: _Piece, needed: _Piece) -> None:
        if needed.number > piece.number:
            self.before.setdefault(piece, []).append(needed)

    def chunks(self) -> tuple[Chunk, ...]:
        """Return the chunks by cell, those that others need before them, the answer last."""
        order: dict[_Piece, None] = {}
        seen = {self.answer}
        waiting = sorted(self.taken, key=lambda piece: -piece.number)
        while waiting:
            piece = waiting[-1]
            seen.add(piece)
            first = [p for p in self.before.get(piece, ()) if p in self.taken and p not in seen]
            if first and piece not in order:
                waiting += sorted(set(first), key=lambda piece: -piece.number)
                continue
            waiting.pop()
            if piece is not self.answer:
                order[piece] = None
        pieces = [*order, self.answer] if self.answer else []
        return tuple(piece.chunk(self.taken[piece]) for piece in pieces)


def _is_given(piece: _Piece, name: str, at: int) -> bool:
    """Say whether a statement isn't meant where a name is used that is there anyway.

    The setup cell's own imports are not; nor is ``sum = 0`` where ``sum(...)`` is called.
    """
    statement = piece.statements[at]
    if name in SETUP:
        return statement.setup and any(i.endswith("-setup") for i in piece.ids)
    return hasattr(builtins, name) and name not in statement.sure


def _whole(student: _Student, cut: _Slice, chunks: tuple[Chunk, ...]) -> tuple[Chunk, ...]:
    """Return all code of a notebook, if it does anything that the slice doesn't."""
    left = [
        piece.statements[at]
        for piece, kept, _ in student.everything
        for at in kept
        if at not in cut.taken.get(piece, ())
    ]
    # Where something is done that can't be seen, even a call of a function may be needed.
    if not (left and student.dynamic) and not any(_matters(cut, part) for part in left):
        return ()
    whole = tuple(chunk for _, _, chunk in student.everything)
    if cut.answer is None:
        return whole
    rebound = any(home.number > cut.answer.number for home in student.homes.get(cut.name, ()))
    return (*whole, chunks[-1]) if rebound or cut.answer not in student.pieces else whole


def _matters(cut: _Slice, statement: _Statement) -> bool:
    """Say whether a statement outside of the slice does more than show something."""
    if cut.answer is None:  # nothing that can be seen binds the name
        return statement.star or any(p.writes in statement.modules for p in cut.writers)
    return bool(statement.binds | statement.changes | statement.called) and not statement.setup
