"""An answer's form: what is left without names, comments, layout and order of independent lines.

Two answers with the same form do the same thing in the same steps. Nothing here is run, and
whatever a text holds, it stops nobody: what is too long, too deep or no Python has no form.

Lines change places only where that is sure to change nothing: assignments of values that are
computed without effects, and definitions of functions, as far as neither uses what the other binds.
"""

import ast
import builtins
import functools
import hashlib
import inspect
import json
from collections.abc import Iterable, Sequence

import numpy as np

from dlbook.exercises import course, key
from dlbook.grading import harmless
from dlbook.grading.marks import Written

LONGEST = 20_000  # characters
LARGEST = 3000  # nodes of the tree
DEEPEST = 60  # nodes within nodes
LONGEST_RUN = 40  # lines that are put in order together
SHOWN = 4000  # characters of a text that are kept, to be looked at


def _words(text: str) -> set[str]:
    return set(text.split())


# Functions and methods that change nothing, called with few arguments: NumPy's last one may be
# `out`, which is written to.
PURE = _words("""
    abs all any bool complex dict divmod float frozenset int isinstance len list max min pow range
    repr round set slice sorted str sum tuple
    """)
LAZY = _words("enumerate filter iter map reversed zip")  # using one up changes it
METHODS = _words("""
    all any argmax argmin argsort astype copy count cumsum dot endswith flatten format get index
    item items join keys lower max mean min nonzero prod ravel repeat replace reshape round split
    squeeze startswith std strip sum swapaxes take tolist transpose upper values var
    """)
MANY = _words("arange astype clip full linspace reshape swapaxes take transpose where")
CHANGING = _words("""
    apply_along_axis apply_over_axes copyto fill_diagonal frompyfunc fromfunction load place put
    put_along_axis putmask save savetxt savez seterr vectorize
    """)
EFFECTS = (ast.Yield, ast.YieldFrom, ast.Await, ast.NamedExpr, ast.Starred)
IMPORTS = (ast.Import, ast.ImportFrom)
SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
BINDING = {  # nodes that bind a name which is no `Name`
    ast.ExceptHandler: "name", ast.MatchAs: "name", ast.MatchStar: "name",
    ast.MatchMapping: "rest",
}  # fmt: skip
SETUP = {"np": "numpy"}  # as the setup cell imports it


class _NoFormError(ValueError):
    """The text is too large to be looked at."""


def written(question: str, sources: Sequence[str]) -> Written | None:
    """Return an answer as it was written, with its form; None where it has none.

    Parameters
    ----------
    question : str
        The question's id.
    sources : sequence of str
        The pieces of Python that the answer consists of, itself last.
    """
    return _written(question, tuple(sources))


@course.forget_when_another_is_used
@functools.lru_cache(maxsize=500)  # many answers of a class are the same
def _written(question: str, sources: tuple[str, ...]) -> Written | None:
    try:
        found = _form(question, sources)
    except Exception:  # whatever a text makes of it: an answer without a form is graded like any
        return None
    if found is None:
        return None
    form, size, text = found
    return Written(question, form, size, form in _references(question), text[:SHOWN])


@course.cached
def _references(question: str) -> frozenset[str]:
    """Return the forms of the right answers that there are to be seen.

    They are the answer key's own function, and the solution's cell where the notebook is there.
    """
    found = [_own_source(question), *_solutions(question.split("-", 1)[0]).get(question, ())]
    forms = set()
    for source in found:
        form = _form(question, (source,)) if source else None
        forms |= {form[0]} if form else set()
    return frozenset(forms)


def _own_source(question: str) -> str:
    try:
        return inspect.getsource(key.question(question).reference)
    except (OSError, TypeError):
        return ""


@course.cached
def _solutions(notebook: str) -> dict[str, list[str]]:
    """Return the answer cells of a notebook with solutions, by question."""
    path = course.current().solution(notebook)
    found: dict[str, list[str]] = {}
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    except (OSError, ValueError):  # the package is here without its book
        return {}
    for cell in cells:
        marks = cell["metadata"].get("nbgrader", {})
        if marks.get("solution"):
            found.setdefault(marks["grade_id"], []).append("".join(cell["source"]))
    return found


def _form(question: str, sources: Sequence[str]) -> tuple[str, int, str] | None:
    """Return the digest of an answer's form, its size in nodes, and its text."""
    if sum(map(len, sources)) > LONGEST:
        raise _NoFormError
    asked = key.question(question)
    others = {q.name for q in key.questions(asked.notebook).values()} - {asked.name}
    nodes, lines, modules = [], [], dict(SETUP)
    for source in sources:
        text = source.split("\n")
        for node in harmless.parsed(source).body:
            if "import" in source:
                _add_imports(node, modules)
            if isinstance(node, IMPORTS) or (isinstance(node, SCOPES) and node.name in others):
                continue
            nodes.append(node)
            first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
            lines += text[first - 1 : node.end_lineno]
    if not nodes:
        return None
    writer = _Writer(asked.name, modules)
    form = writer.whole(nodes)
    digest = hashlib.sha256(form.encode("utf-8", "backslashreplace")).hexdigest()
    return digest[:32], writer.size, "\n".join(lines)


def _add_imports(node: ast.stmt, modules: dict[str, str]) -> None:
    """Note what names stand for that are imported, wherever that is."""
    for one in _within(node):
        for alias in one.names if isinstance(one, IMPORTS) else ():
            if isinstance(one, ast.ImportFrom):
                name, path = alias.asname or alias.name, f"{one.module}.{alias.name}"
            elif alias.asname:
                name, path = alias.asname, alias.name
            else:
                name = path = alias.name.split(".")[0]
            if modules.setdefault(name, path) != path:
                raise _NoFormError


class _Scope:
    """Names that are bound together, and the numbers that they get when they are met."""

    def __init__(self, bound: set[str], above: "_Scope | None" = None, of_class=False) -> None:
        self.bound, self.above, self.of_class = bound, above, of_class
        self.level: int = above.level + 1 if above else 0
        self.numbers: dict[str, str] = {}
        self.known: dict[str, str] = {}  # in place of numbers, while an order is looked for

    def home(self, name: str) -> "_Scope | None":
        """Return the scope in which a name is bound; None where it is somebody else's."""
        scope: _Scope | None = self
        while scope is not None and (
            name not in scope.bound or (scope.of_class and scope is not self)
        ):
            scope = scope.above
        return scope

    def numbered(self, name: str) -> str:
        """Return what stands for a name."""
        home = self.home(name)
        if home is None or home.of_class:
            return name
        if name in home.known:
            return home.known[name]
        if name not in home.numbers:
            home.numbers[name] = f"${home.level}.{len(home.numbers)}"
        return home.numbers[name]


class _Writer:
    """Writes a tree down as text, in which names are numbers."""

    def __init__(self, name: str, modules: dict[str, str]) -> None:
        self.name, self.modules = name, modules
        self.size = self.depth = self.work = 0
        self.sortable = True
        self.keywords: set[str] = set()  # by which arguments are given: these names stay
        self.top = _Scope(set())
        self.top.numbers[name] = name

    def whole(self, nodes: Sequence[ast.stmt]) -> str:
        """Return all statements of an answer."""
        kept: set[int] = set()
        for node in (inner for one in nodes for inner in _within(one)):
            if isinstance(node, ast.Call):
                kept |= {id(one) for one in node.args}
                if isinstance(node.func, ast.Name):
                    self.keywords |= {word.arg for word in node.keywords if word.arg}
            elif isinstance(node, ast.For | ast.comprehension):
                kept.add(id(node.iter))
            if _is_lazy(node) and id(node) not in kept:
                self.sortable = False
        self.top.bound = _bound_in(nodes)
        return self.block(nodes, self.top)

    def block(self, nodes: Sequence[ast.stmt], scope: _Scope) -> str:
        """Return statements in an order that doesn't depend on how independent ones stood."""
        nodes = [node for node in nodes if not _says_nothing(node)]
        parts: list[str] = []
        run: list[ast.stmt] = []
        for at, node in enumerate(nodes):
            if self.sortable and self._is_movable(node, scope):
                run.append(node)
                continue
            parts += self._run(run, nodes[at:], scope)
            run = []
            parts.append(self.text(node, scope))
        parts += self._run(run, [], scope)
        return f"[{';'.join(parts)}]"

    def text(self, node: object, scope: _Scope) -> str:
        """Return anything in a tree as text."""
        if isinstance(node, list):
            if node and isinstance(node[0], ast.stmt):
                return self.block(node, scope)
            return f"[{','.join([self.text(one, scope) for one in node])}]"
        if not isinstance(node, ast.AST):
            return f"{type(node).__name__}:{node!r}"
        self.size += 1
        self.depth += 1
        self.work += 1
        if self.size > LARGEST or self.work > 4 * LARGEST or self.depth > DEEPEST:
            raise _NoFormError
        made = self._node(node, scope)
        self.depth -= 1
        return made

    def _node(self, node: ast.AST, scope: _Scope) -> str:
        match node:
            case ast.Name():
                return self._name(node.id, scope)
            case ast.Constant():
                return f"{type(node.value).__name__}:{node.value!r}"
            case ast.Attribute() if (path := self._path(node, scope)) is not None:
                return path
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
                return self._function(node, scope)
            case ast.ClassDef():
                inner = _Scope(_bound_in(node.body), scope, of_class=True)
                heads = [node.bases, node.keywords, node.decorator_list]
                body = self.text(node.body, inner)
                return f"class {scope.numbered(node.name)}{self.text(heads, scope)}{body}"
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                return self._comprehension(node, scope)
            case ast.AnnAssign(value=ast.expr()):
                return self._plain("Assign", [[node.target], node.value], scope)
            case ast.Global() | ast.Nonlocal():
                return f"{type(node).__name__}{[scope.numbered(name) for name in node.names]}"
        binding = BINDING.get(type(node))
        values = [
            ast.Name(value) if field == binding and value else value
            for field in _fields(type(node))
            for value in [getattr(node, field, None)]
        ]
        return self._plain(type(node).__name__, values, scope)

    def _plain(self, name: str, values: Iterable[object], scope: _Scope) -> str:
        return f"{name}({','.join([self.text(value, scope) for value in values])})"

    def _name(self, name: str, scope: _Scope) -> str:
        if name in self.modules and scope.home(name) is None:
            return self.modules[name]
        return scope.numbered(name)

    def _path(self, node: ast.expr, scope: _Scope) -> str | None:
        """Return the whole name of what an attribute of a module is; None for all others."""
        if isinstance(node, ast.Attribute):
            path = self._path(node.value, scope)
            return path and f"{path}.{node.attr}"
        known = isinstance(node, ast.Name) and node.id in self.modules
        return self.modules[node.id] if known and scope.home(node.id) is None else None

    def _function(self, node, scope: _Scope) -> str:
        given = node.args
        defaults = self.text([given.defaults, given.kw_defaults], scope)
        arguments = [*given.posonlyargs, *given.args, given.vararg, *given.kwonlyargs, given.kwarg]
        names = [a.arg for a in arguments if a is not None]
        body = node.body if isinstance(node.body, list) else [node.body]
        inner = _Scope(_bound_in(body) | set(names), scope)
        kinds = [len(given.posonlyargs), len(given.args), given.vararg is not None,
                 len(given.kwonlyargs), given.kwarg is not None]  # fmt: skip
        for name in names:
            if name in self.keywords:
                inner.numbers[name] = name
            inner.numbered(name)
        name = type(node).__name__
        if not isinstance(node, ast.Lambda):
            name += f" {scope.numbered(node.name)}{self.text(node.decorator_list, scope)}"
        return f"{name}{kinds}{defaults}{self.text(body, inner)}"

    def _comprehension(self, node, scope: _Scope) -> str:
        first, *_ = node.generators
        begins = self.text(first.iter, scope)  # the only part that is outside
        targets = {n.id for g in node.generators for n in _within(g.target) if _is_stored(n)}
        inner = _Scope(targets, scope)
        parts = [begins]
        for at, each in enumerate(node.generators):
            parts += [self.text(each.target, inner), self.text(each.ifs, inner), str(each.is_async)]
            parts += [self.text(each.iter, inner)] if at else []
        made = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        return f"{type(node).__name__}({','.join(parts)}:{self.text(made, inner)})"

    # --- The order of independent lines ---------------------------------------------------------

    def _run(self, run: list[ast.stmt], after: list[ast.stmt], scope: _Scope) -> list[str]:
        """Return statements that may change places, as text in an order of its own."""
        if 1 < len(run) <= LONGEST_RUN:
            run = self._in_order(run, after, scope)
        return [self.text(node, scope) for node in run]

    def _in_order(self, run: list[ast.stmt], after, scope: _Scope) -> list[ast.stmt]:
        reads = [_read(node) for node in run]
        writes = [_bound_in([node]) for node in run]
        needs = [
            {i for i in range(j)
             if writes[i] & (reads[j] | writes[j]) or reads[i] & writes[j]}
            for j in range(len(run))
        ]  # fmt: skip
        if all(j - 1 in needs[j] for j in range(1, len(run))):
            return run  # there is no other
        keys = self._keys(run, writes, scope)
        later = {name: at for at, name in enumerate(_first_read(after))}
        ranks = []
        for j in range(len(run)):
            users = sorted(keys[i] for i in range(len(run)) if j in needs[i])
            first = min((later.get(name, len(later)) for name in writes[j]), default=0)
            ranks.append((keys[j], users, first, j))
        order: list[int] = []
        while len(order) < len(run):
            ready = [j for j in range(len(run)) if j not in order and needs[j] <= set(order)]
            order.append(min(ready, key=ranks.__getitem__))
        return [run[j] for j in order]

    def _keys(self, run, writes, scope: _Scope) -> list[str]:
        """Return for each statement what it computes, whatever the names and wherever it stands."""
        size, keys = self.size, []
        homes = {name: home for w in writes for name in w if (home := scope.home(name))}
        chain = [scope]
        while chain[-1].above is not None:
            chain.append(chain[-1].above)
        numbers = [one.numbers for one in chain]
        reaching: dict[str, str] = {}
        for node in run:
            deferred = isinstance(node, ast.FunctionDef)
            for one, kept in zip(chain, numbers, strict=True):
                one.numbers, one.known = dict(kept), {}
            for name, home in homes.items():
                if deferred or name in reaching or name not in home.numbers:
                    home.known[name] = "?" if deferred else reaching.get(name, "?")
            parts = node if deferred else [node.value, *map(_shape, _targets(node))]
            text = self.text(parts, scope).encode("utf-8", "backslashreplace")
            keys.append(hashlib.blake2b(text, digest_size=8).hexdigest())
            if not deferred:
                places = [n.id for t in _targets(node) for n in _within(t) if _is_stored(n)]
                reaching |= {name: f"<{keys[-1]}.{at}>" for at, name in enumerate(places)}
        for one, kept in zip(chain, numbers, strict=True):
            one.numbers, one.known = kept, {}
        self.size = size
        return keys

    def _is_movable(self, node: ast.stmt, scope: _Scope) -> bool:
        if isinstance(node, ast.FunctionDef):
            given = [*node.args.defaults, *filter(None, node.args.kw_defaults)]
            return not node.decorator_list and all(isinstance(d, ast.Constant) for d in given)
        targets = _targets(node)
        if not targets or not all(_is_plain(target) for target in targets):
            return False
        return all(self._is_pure(n, scope) for n in _within(node.value))

    def _is_pure(self, node: ast.AST, scope: _Scope) -> bool:
        if isinstance(node, EFFECTS):
            return False
        if not isinstance(node, ast.Call):
            return True
        if any(word.arg in (None, "out") for word in node.keywords):
            return False
        function, given = node.func, len(node.args)
        if isinstance(function, ast.Name):
            own = scope.home(function.id) is not None or function.id in self.modules
            return not own and function.id in PURE | LAZY and hasattr(builtins, function.id)
        path = self._path(function, scope)
        if path is not None:
            module, _, name = path.rpartition(".")
            return module == "math" or (module == "numpy" and _is_plain_numpy(name, given))
        if not isinstance(function, ast.Attribute) or function.attr not in METHODS:
            return False
        return given <= 1 or function.attr in MANY


def _is_lazy(node: ast.AST) -> bool:
    """Say whether this makes something that can be used up."""
    called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    return isinstance(node, ast.GeneratorExp) or (called and node.func.id in LAZY)


@functools.cache
def _fields(kind: type[ast.AST]) -> list[str]:
    return [field for field in kind._fields if field not in ("ctx", "type_comment")]


def _says_nothing(node: ast.stmt) -> bool:
    match node:
        case ast.Pass() | ast.Import() | ast.ImportFrom() | ast.Expr(value=ast.Constant()):
            return True
        case ast.AnnAssign(value=None):
            return True
    return False


def _is_stored(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)


def _targets(node: ast.stmt) -> list[ast.expr]:
    if isinstance(node, ast.Assign):
        return node.targets
    return [node.target] if isinstance(node, ast.AnnAssign) and node.value else []


def _is_plain(target: ast.expr) -> bool:
    """Say whether a target binds names, and changes nothing that is there."""
    if isinstance(target, ast.Tuple | ast.List):
        return all(isinstance(one, ast.Name) for one in target.elts)
    return isinstance(target, ast.Name)


def _shape(target: ast.expr) -> ast.Constant:
    return ast.Constant(len(target.elts) if isinstance(target, ast.Tuple | ast.List) else "name")


def _is_plain_numpy(name: str, given: int) -> bool:
    """Say whether a function of NumPy's, called with so many arguments, changes none of them."""
    function = getattr(np, name, None)
    if isinstance(function, np.ufunc):
        return given <= function.nin
    return callable(function) and name not in CHANGING and (given <= 2 or name in MANY)


def _within(node: ast.AST) -> list[ast.AST]:
    """Return a node and all that is in it; `ast.walk` takes twice as long."""
    found = [node]
    for one in found:
        for name in _fields(type(one)):
            value = getattr(one, name, None)
            if isinstance(value, ast.AST):
                found.append(value)
            elif isinstance(value, list):
                found += [part for part in value if isinstance(part, ast.AST)]
    return found


def _bound_in(nodes: Iterable[ast.AST]) -> set[str]:
    """Return the names that statements bind in their own scope."""
    names: set[str] = set()
    foreign: set[str] = set()
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        kind = type(node)
        if kind is ast.Name:
            names |= {node.id} if not isinstance(node.ctx, ast.Load) else set()
            continue
        if kind in SCOPES:
            names.add(node.name)
            continue
        if kind in (ast.Constant, ast.Lambda):
            continue
        if kind in (ast.Global, ast.Nonlocal):
            foreign |= set(node.names)
        elif kind in BINDING and getattr(node, BINDING[kind]):
            names.add(getattr(node, BINDING[kind]))
        for name in _fields(kind):
            value = getattr(node, name, None)
            if kind is ast.comprehension and name == "target":
                continue
            if isinstance(value, ast.AST):
                waiting.append(value)
            elif isinstance(value, list):
                waiting += [part for part in value if isinstance(part, ast.AST)]
    return names - foreign


def _read(node: ast.stmt) -> set[str]:
    """Return the names that a statement reads when it runs, a definition none."""
    if isinstance(node, ast.FunctionDef):
        return set()
    return {n.id for n in _within(node.value) if isinstance(n, ast.Name)}


def _first_read(nodes: Iterable[ast.AST]) -> list[str]:
    """Return the names that are read, in the order in which they are."""
    loads = (n.id for node in nodes for n in _within(node) if isinstance(n, ast.Name))
    return list(dict.fromkeys(loads))
