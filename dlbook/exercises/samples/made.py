"""Answers made from an answer key: what students might write to a course's own questions.

The text of a reference or of a mistake, as it stands in the key's module, with the helpers that it
needs, under the name that the question asks for. Each is judged before it is used.
"""

import ast
import builtins
import inspect
import json
import types
from pathlib import Path

from dlbook.exercises import course, key
from dlbook.exercises.question import Question
from dlbook.exercises.verdict import Judge

KNOWN = {"numpy", "math"}  # modules that an answer may import
_MARKERS = ("# BEGIN SOLUTION", "# END SOLUTION")


def right_texts(question: Question) -> list[str]:
    """Return right answers: the solution's cell, and the reference."""
    found = [*_solution_cells(question), text_of(question.reference, question)]
    return [text for text in dict.fromkeys(found) if text and _outcome(text, question) == "correct"]


def wrong_texts(question: Question) -> list[tuple[str, str, str, int]]:
    """Return wrong answers, each with its outcome, the mistake that it is, and its points."""
    found = []
    for mistake in question.mistakes:
        for way in mistake.ways:
            text = text_of(way, question)
            verdict = _verdict(text, question) if text else None
            if verdict and verdict.mistake is not None and verdict.mistake.id == mistake.id:
                found.append((text, verdict.outcome, mistake.id, verdict.points))
                break
    return found


def text_of(function: object, question: Question) -> str:
    """Return a function of the key's as a whole answer cell; "" where its text can't be told.

    Parameters
    ----------
    function : function
        Written with ``def`` or ``lambda`` in a module.
    question : Question
        Gives the name; the functions of its notebook's other questions stay what the student has.
    """
    if not isinstance(function, types.FunctionType) or function.__closure__:
        return ""
    try:
        tree = ast.parse(Path(inspect.getsourcefile(function)).read_text(encoding="utf-8"))
    except (OSError, TypeError, SyntaxError, ValueError):
        return ""
    node = _node_of(function, tree)
    if node is None:
        return ""
    if isinstance(node, ast.Lambda):
        node = ast.FunctionDef(question.name, node.args, [ast.Return(node.body)], [])
    there = _definitions(tree)
    own = key.questions(question.notebook).values()
    given = {*vars(builtins), *_bound(key.setup(question.notebook)), *(q.name for q in own)}
    needed: dict[str, ast.stmt] = {}
    waiting = [node]
    while waiting:
        for name in sorted(_globals(waiting.pop()) - given - {node.name} - needed.keys()):
            if name not in there:
                return ""
            needed[name] = there[name]
            waiting.append(there[name])
    old, node = node.name, ast.parse(ast.unparse(ast.fix_missing_locations(node))).body[0]
    for part in ast.walk(node):
        if isinstance(part, ast.Name) and part.id == old:
            part.id = question.name
    node.name = question.name
    _drop_docstring(node)
    order = sorted(dict.fromkeys(needed.values()), key=lambda one: one.lineno)
    return "\n\n".join(ast.unparse(one) for one in [*order, node])


def _verdict(text: str, question: Question):
    judge, namespace = Judge(question), {}
    try:
        exec(key.setup(question.notebook), namespace)  # ours, as the text is: it is from the key
        for other in key.questions(question.notebook).values():
            namespace[other.name] = other.reference
        exec(text, namespace)
    except Exception:
        return None
    return judge.verdict(judge.observe(namespace[question.name], namespace))


def _outcome(text: str, question: Question) -> str:
    verdict = _verdict(text, question)
    return verdict.outcome if verdict else ""


def _solution_cells(question: Question) -> list[str]:
    try:
        path = course.current().solution(question.notebook)
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        sources = [
            "".join(cell["source"]).splitlines()
            for cell in cells
            if cell["metadata"].get("nbgrader", {}).get("grade_id") == question.id
        ]
    except (OSError, ValueError, LookupError, TypeError):
        return []
    return ["\n".join(x for x in lines if x.strip() not in _MARKERS) for lines in sources]


def _node_of(function: types.FunctionType, tree: ast.Module) -> ast.FunctionDef | ast.Lambda | None:
    """Return the definition of a function in the tree of its file; None where two might be it."""
    code = function.__code__
    found = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.Lambda)
        and node.lineno == code.co_firstlineno
        and not getattr(node, "decorator_list", [])
        and getattr(node, "name", "<lambda>") == code.co_name
    ]
    if len(found) > 1:
        columns = {position[2] for position in code.co_positions() if position[2] is not None}
        found = [node for node in found if node.body.col_offset in columns]
    return found[0] if len(found) == 1 else None


def _definitions(tree: ast.Module) -> dict[str, ast.stmt]:
    """Return what a module's top binds and an answer may hold, by name."""
    found: dict[str, ast.stmt] = {}
    for node in tree.body:
        if isinstance(node, ast.Import):
            known = all(alias.name in KNOWN for alias in node.names)
            found |= {a.asname or a.name: node for a in node.names} if known else {}
        elif isinstance(node, ast.ImportFrom) and node.module in KNOWN:
            found |= {alias.asname or alias.name: node for alias in node.names}
        elif isinstance(node, ast.FunctionDef) and not node.decorator_list:
            found[node.name] = node
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found[node.targets[0].id] = node
    return found


def _globals(node: ast.AST) -> set[str]:
    """Return the names that a definition uses and doesn't bind itself, or bind in it somewhere."""
    bound = {part.arg for part in ast.walk(node) if isinstance(part, ast.arg)}
    names = [part for part in ast.walk(node) if isinstance(part, ast.Name)]
    bound |= {part.id for part in names if not isinstance(part.ctx, ast.Load)}
    inner = (ast.FunctionDef, ast.ClassDef)
    bound |= {part.name for part in ast.walk(node) if isinstance(part, inner)}
    return {part.id for part in names} - bound if not isinstance(node, ast.Import) else set()


def _bound(source: str) -> set[str]:
    return {
        alias.asname or alias.name.split(".")[0]
        for node in ast.parse(source).body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }


def _drop_docstring(node: ast.FunctionDef) -> None:
    if ast.get_docstring(node) is not None:
        node.body = node.body[1:] or [ast.Pass()]
