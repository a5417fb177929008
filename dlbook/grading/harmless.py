"""Which answers can be run in one process, as none can disturb what comes after it.

Most answers are a function that takes numbers and returns numbers. Where that can be seen in the
text, answers run one after the other in one kernel, which saves most of the time. Pure; a list
of what is allowed, so that whatever isn't known to be harmless gets a fork of its own.
"""

import ast
import builtins
import functools
import math
import symtable
import types
import warnings
from collections import Counter

import numpy as np


def _words(text: str) -> set[str]:
    return set(text.split())


IMPORTED = {"numpy": "np", "math": "math"}  # modules, and what a name of theirs stands for here
FROM = {  # modules, and what may be imported from them; the probe's own insides may not
    "math": {name for name in vars(math) if not name.startswith("_")},
    "dlbook.exercises": {"check", "hint", "progress"},
    "dlbook.images": {"draw_digits"},
}
# Of Python's own functions.
CALLED = _words("""
    abs all any bool complex dict divmod enumerate filter float frozenset int isinstance len list
    map max min pow print range repr reversed round set slice sorted str sum tuple zip
    ArithmeticError AssertionError Exception IndexError KeyError NotImplementedError RuntimeError
    TypeError ValueError ZeroDivisionError NotImplemented Ellipsis
    """)
# What changes NumPy for everybody, or reaches files and other modules.
SHARED = _words("""
    seterr seterrcall setbufsize set_printoptions printoptions errstate get_include
    load loadtxt genfromtxt fromfile fromregex memmap save savetxt savez savez_compressed
    info show_config show_runtime test
    """)
# Of arrays, generators, lists, dicts, sets and text: they change at most their own.
METHODS = _words("""
    T add all any append argmax argmin argsort astype choice clear clip conj copy count cumprod
    cumsum diagonal dot dtype endswith extend fill flat flatten format get imag index insert
    integers is_integer item items join keys lower max mean min name ndim nonzero normal
    permutation permuted pop prod ptp random ravel real remove repeat replace reshape reverse
    round searchsorted setdefault shape shuffle size sort split squeeze standard_normal
    startswith std strip sum swapaxes take tolist trace transpose uniform update upper values
    var view
    """)
LINEAR = {name for name in vars(np.linalg) if name.islower() and not name.startswith("_")}
NODES = (
    ast.Module, ast.FunctionDef, ast.arguments, ast.arg, ast.Lambda, ast.Return, ast.Expr,
    ast.Assign, ast.AugAssign, ast.AnnAssign, ast.For, ast.While, ast.If, ast.Pass, ast.Break,
    ast.Continue, ast.Raise, ast.Assert, ast.Import, ast.ImportFrom, ast.alias, ast.BoolOp,
    ast.BinOp, ast.UnaryOp, ast.IfExp, ast.Dict, ast.Set, ast.List, ast.Tuple, ast.Compare,
    ast.Call, ast.keyword, ast.Attribute, ast.Subscript, ast.Slice, ast.Starred, ast.Name,
    ast.Constant, ast.JoinedStr, ast.FormattedValue, ast.ListComp, ast.SetComp, ast.DictComp,
    ast.GeneratorExp, ast.comprehension, ast.NamedExpr, ast.expr_context, ast.boolop,
    ast.operator, ast.unaryop, ast.cmpop,
)  # fmt: skip


def are_harmless(chunks) -> bool:
    """Say whether running these pieces of a program can change nothing but their own names.

    Parameters
    ----------
    chunks : sequence of pieces.Chunk
    """
    return all(is_harmless(chunk.source) for chunk in chunks)


def adds_nothing(whole, chunks) -> bool:
    """Say whether running all of a notebook can't make an answer other than it is by itself.

    So it is where all of it is harmless, the answer consists of functions and numbers, and
    nothing else in the notebook binds a name that it uses.

    Parameters
    ----------
    whole : sequence of pieces.Chunk
        All code of the notebook.
    chunks : sequence of pieces.Chunk
        The answer, with what it needs.
    """
    if not (are_harmless(whole) and are_harmless(chunks)):
        return False
    if not all(_is_fixed(s) for chunk in chunks for s in parsed(chunk.source).body):
        return False
    used = set().union(*(_global_names(chunk.source) for chunk in chunks))
    return all(_times_bound(name, whole) == _times_bound(name, chunks) for name in used)


def _times_bound(name: str, chunks) -> int:
    return sum(_bound_by(chunk.source)[name] for chunk in chunks)


@functools.lru_cache(maxsize=200)
def parsed(source: str) -> ast.Module:
    """Return the tree of a text, which whoever asks may read and not change."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Python's, about a student's "\d" and "is 1"
        return ast.parse(source)


def _is_fixed(statement: ast.stmt) -> bool:
    """Say whether what a statement binds stays as it is, whoever uses it."""
    match statement:
        case ast.FunctionDef(args=arguments):
            given = [*arguments.defaults, *filter(None, arguments.kw_defaults)]
            return all(isinstance(default, ast.Constant) for default in given)
        case ast.Assign(value=ast.Constant()) | ast.Import() | ast.Expr(value=ast.Constant()):
            return True
    return False


@functools.lru_cache(maxsize=200)
def _global_names(source: str) -> set[str]:
    """Return the names of a piece of Python that aren't local to a function."""
    top = symtable.symtable(source, "answer", "exec")
    names, waiting = {symbol.get_name() for symbol in top.get_symbols()}, [top]
    while waiting:
        table = waiting.pop()
        names |= {symbol.get_name() for symbol in table.get_symbols() if symbol.is_global()}
        waiting += table.get_children()
    return names


@functools.lru_cache(maxsize=200)
def _bound_by(source: str) -> Counter:
    """Return how often each name is bound in a piece, its functions' insides left out."""
    names: Counter = Counter()
    for statement in parsed(source).body:
        if isinstance(statement, ast.FunctionDef):
            names[statement.name] += 1
        else:
            names.update(node.id for node in ast.walk(statement) if _binds(node))
    return names


@functools.lru_cache(maxsize=500)
def is_harmless(source: str) -> bool:
    """Say whether a piece of Python consists of nothing but what is known to be harmless."""
    try:
        tree = parsed(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    nodes = list(ast.walk(tree))
    bound = {node.id for node in nodes if _binds(node)} | {"np"}
    bound |= {node.name for node in nodes if isinstance(node, ast.FunctionDef)}
    bound |= {node.arg for node in nodes if isinstance(node, ast.arg)}
    bound |= {a.asname or a.name for a in nodes if isinstance(a, ast.alias)}
    return all(_is_allowed(node, bound) for node in nodes)


def _binds(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)


def _is_allowed(node: ast.AST, bound: set[str]) -> bool:
    if not isinstance(node, NODES):
        return False
    match node:
        case ast.FunctionDef():
            return not node.decorator_list and not node.name.startswith("__")
        case ast.Import():
            return all(a.name in IMPORTED and a.asname in (None, "np") for a in node.names)
        case ast.ImportFrom():
            return {a.name for a in node.names} <= FROM.get(node.module or "", set())
        case ast.Name():
            return _is_known(node, bound)
        case ast.Attribute():
            return isinstance(node.ctx, ast.Load) and _is_own(node)
        case ast.Subscript() if not isinstance(node.ctx, ast.Load):
            return _root(node) is not None
    return True


def _is_known(node: ast.Name, bound: set[str]) -> bool:
    """Say whether a name is the answer's own, NumPy, or a harmless one of Python's."""
    name = node.id
    if name in ("np", "numpy", "math"):
        return isinstance(node.ctx, ast.Load)
    foreign = hasattr(builtins, name) and name not in CALLED and name not in bound
    return not foreign and not name.startswith("__")


def _is_own(node: ast.Attribute) -> bool:
    """Say whether an attribute is a plain function of NumPy's, or a method that changes its own."""
    match node.value:
        case ast.Name(id="np" | "numpy"):
            return node.attr in ("linalg", "random") or _is_plain(np, node.attr)
        case ast.Name(id="math"):
            return not node.attr.startswith("_")
        case ast.Attribute(value=ast.Name(id="np" | "numpy"), attr="linalg"):
            return node.attr in LINEAR
        case ast.Attribute(value=ast.Name(id="np" | "numpy"), attr="random"):
            return node.attr == "default_rng"
        case ast.Attribute(value=ast.Name(id="np" | "numpy"), attr=attr):
            # np.add.at, np.float64.mean: what a ufunc or a type of NumPy's can do
            return isinstance(getattr(np, attr, None), np.ufunc) and not node.attr.startswith("_")
    return node.attr in METHODS


def _is_plain(module: types.ModuleType, name: str) -> bool:
    value = getattr(module, name, module)
    shared = isinstance(value, types.ModuleType | dict | list | set)
    return not (shared or name.startswith("_") or name in SHARED)


def _root(node: ast.expr) -> str | None:
    """Return the name whose items are set; None where it isn't a name of the answer's own."""
    while isinstance(node, ast.Subscript):
        node = node.value
    if isinstance(node, ast.Name) and node.id not in ("np", "numpy", "math"):
        return node.id
    return None
