"""Finding a student's answer among the names of a notebook, and judging it there."""

import builtins
import functools
import types
from dataclasses import replace

import numpy as np

from dlbook.exercises import key
from dlbook.exercises.question import Question
from dlbook.exercises.verdict import Judge, Verdict


def judge_in(question: Question, namespace: dict, seed: int = 0) -> Verdict:
    """Judge the answer that a notebook's names hold.

    An answer may use the functions of earlier cells. One that fails is judged once more with
    the earlier answers put right: a mistake made there is paid for there only.

    Parameters
    ----------
    question : Question
    namespace : dict
        The notebook's names. It is as before when this returns.
    seed : int, optional
        Of the inputs.
    """
    if question.name not in namespace:
        return Verdict(
            question, "not attempted", 0,
            finding=f"There is no function {question.name} yet. "
            "Write it in the cell above, and run that cell first.",
        )  # fmt: skip
    function = namespace[question.name]
    if not callable(function):
        return Verdict(
            question, "not attempted", 0,
            finding=f"{question.name} isn't a function any more: your notebook has given the name "
            f"to something else ({type(function).__name__}). Run the cell with def again.",
        )  # fmt: skip
    borrowed = withheld_in(question, function, namespace)
    if borrowed:
        return Verdict(
            question, "incorrect", 0, difference="form",
            finding=f"Your {question.name} uses {borrowed}. Here it is to be written with NumPy "
            "and OpenCV only; where answers are graded, nothing else is there.",
        )  # fmt: skip
    judge = Judge(question, seed)
    verdict = judge.verdict(judge.observe(function, namespace))
    if verdict.outcome in ("correct", "not attempted"):
        return verdict
    used = names_used(function, namespace)
    earlier = [q for q in earlier_questions(question) if q.name in used]
    if earlier:
        names = [q.name for q in earlier]
        kept = {name: namespace[name] for name in names if name in namespace}
        namespace.update({q.name: q.reference for q in earlier})
        try:
            again = judge.verdict(judge.observe(function, namespace))
        finally:
            for name in names:
                namespace.pop(name, None)
            namespace.update(kept)
        if again.outcome == "correct":
            return replace(again, note=works_with(names, question.name))
        if again.mistake is not None and verdict.mistake is None:
            return replace(again, note=f"(Seen with a right {' and '.join(names)}.)")
    if verdict.outcome == "error":
        verdict = replace(verdict, note=" ".join(_replaced_names(used, namespace)))
    return verdict


def withheld_in(question: Question, function: object, namespace: dict) -> str:
    """Return the package that a function uses though the question doesn't allow it, or ""."""
    if not question.withheld:
        return ""
    for name in sorted(names_used(function, namespace)):
        value = namespace.get(name)
        module = value.__name__ if isinstance(value, types.ModuleType) else None
        module = module or str(getattr(value, "__module__", ""))
        if name in question.withheld and name not in namespace:
            return name
        if module.split(".")[0] in question.withheld:
            return module.split(".")[0]
    return ""


def earlier_questions(question: Question) -> list[Question]:
    """Return the questions that stand before this one in its notebook."""
    before = []
    for other in key.questions(question.notebook).values():
        if other.id == question.id:
            break
        before.append(other)
    return before


def names_used(function: object, namespace: dict) -> set[str]:
    """Return the global names that a function uses, and those that its helpers use.

    It looks into helpers, wrapped functions, partial ones, classes and their methods.
    """
    found: set[str] = set()
    seen: set[int] = set()
    waiting = [function]
    while waiting:
        part = waiting.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        if isinstance(part, types.CodeType):
            waiting += [inner for inner in part.co_consts if isinstance(inner, types.CodeType)]
            new = set(part.co_names) - found
            found |= new
            waiting += [namespace[name] for name in new if name in namespace]
        else:
            waiting += _inside(part, namespace)
    return found


def _inside(part: object, namespace: dict) -> list:
    """Return the code of a function, and the functions that it holds on to."""
    if isinstance(part, types.FunctionType):
        cells = [c.cell_contents for c in part.__closure__ or () if c != types.CellType()]
        return [part.__code__, *cells, *(part.__defaults__ or ())]
    if isinstance(part, types.MethodType):
        return [part.__func__]
    if isinstance(part, functools.partial):
        return [part.func, *part.args]
    if isinstance(part, type):
        own = part.__module__ == namespace.get("__name__", "__main__")
        return [*vars(part).values(), *part.__bases__] if own else []
    if isinstance(part, staticmethod | classmethod | property):
        return [getattr(part, "__func__", None) or part.fget]
    return [type(part)] if callable(part) else []


def works_with(names: list[str], name: str) -> str:
    """Say that an answer is right where the earlier ones that it uses are."""
    listed = " and ".join(names)
    return (
        f"It uses your {listed}, which {'is' if len(names) == 1 else 'are'}n't right yet. "
        f"With a right {listed} it works, so {name} gets its points."
    )


def _replaced_names(used: set[str], namespace: dict) -> list[str]:
    """Say which of Python's and NumPy's names the notebook has given another meaning."""
    told = []
    if "np" in used and namespace.get("np") is not np:
        what = type(namespace["np"]).__name__ if "np" in namespace else None
        now = f"now it means something else ({what})" if what else "it isn't there"
        told.append(f"np must mean NumPy, and {now}. Run the notebook's first code cell again.")
    for name in sorted(used & namespace.keys() & vars(builtins).keys()):
        if namespace[name] is not getattr(builtins, name) and not name.startswith("_"):
            kind = type(namespace[name]).__name__
            told.append(
                f"Your notebook has given Python's own name {name} to something else ({kind}). "
                f"Choose another name for that, and run: del {name}"
            )
    return told
