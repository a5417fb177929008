"""Statements of a student's program: what they bind, need and change. Nothing here is run."""

import ast
import dis
import inspect
import types
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from dlbook.exercises import key

UNPARSABLE = (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError, SystemError)
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
class Statement:
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


def statements_in(tree: ast.Module) -> list[Statement]:
    """Return the statements at a module's left margin, those on one line together."""
    groups: list[tuple[int, int, list[ast.stmt]]] = []
    for node in tree.body:
        starts = [d.lineno for d in getattr(node, "decorator_list", ())]
        first, last, nodes = min([node.lineno, *starts]), node.end_lineno, [node]
        if groups and first <= groups[-1][1]:
            first, _, before = groups.pop()
            nodes = [*before, node]
        groups.append((first, last, nodes))
    return [_statement(*group) for group in groups]


def _statement(first: int, last: int, nodes: list[ast.stmt]) -> Statement:
    it = Statement(first, last)
    module = ast.Module(nodes, [])
    try:
        try:
            _add_names(it, compile(module, "cell", "exec", dont_inherit=True))
        except ValueError:  # `dis` prints constants, and numbers of 5,000 digits raise
            _clip_numbers(module)
            _add_names(it, compile(module, "cell", "exec", dont_inherit=True))
    except UNPARSABLE:
        return it
    stubs: set[str] = set()
    for node in _inner(nodes):
        _add_meaning(it, node, stubs)
    it.answers = (it.binds - stubs - it.results) | it.sure
    it.dynamic |= bool(_DYNAMIC & (it.now | it.later))
    it.tool = all(_is_tool(node) for node in nodes)
    it.setup = all(isinstance(n, ast.Import | ast.ImportFrom) for n in nodes) and all(
        ast.unparse(node) in key.setup_imports() for node in nodes
    )
    return it


def _clip_numbers(module: ast.Module) -> None:
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, int):
            node.value = min(node.value, 2**64)


def _add_names(it: Statement, code: types.CodeType) -> None:
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


def _add_meaning(it: Statement, node: ast.AST, stubs: set[str]) -> None:
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


def _add_value(it: Statement, names: set[str], value: ast.expr) -> None:
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
