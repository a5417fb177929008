"""All questions of the course, by id: the book's own thirty, or those of a course's answer key."""

import ast
import difflib
import types

from dlbook.exercises import course
from dlbook.exercises.course import CourseError
from dlbook.exercises.question import Question

TUTOR = "from dlbook.exercises import check, hint, progress"
SETUP = f"import numpy as np\n\n{TUTOR}"  # a module of the answer key may have another


def notebooks() -> tuple[str, ...]:
    """Return the names of the course's exercises, in order."""
    return course.current().notebooks


def questions(notebook: str | None = None) -> dict[str, Question]:
    """Return the questions by id, of one notebook or of all, in the order of the book.

    Raises
    ------
    CourseError
        If the course's own answer key can't be used; every reason is in the message.
    """
    names = notebooks() if notebook is None else (notebook,)
    return {question.id: question for name in names for question in _of(name)}


def question(name: str) -> Question:
    """Return the question with this id.

    Raises
    ------
    LookupError
        If there is none; the message names the most similar.
    """
    notebook = str(name).split("-")[0]
    known = questions(notebook if notebook in notebooks() else None)
    if name in known:
        return known[name]
    near = difflib.get_close_matches(str(name), list(questions()), n=3, cutoff=0.3)
    advice = f" Did you mean {' or '.join(repr(n) for n in near)}?" if near else ""
    other = (
        ""
        if notebook in notebooks()
        else " A notebook of another course must lie in that course's folder."
    )
    raise LookupError(
        f"There is no question {name!r}.{advice} "
        f"The id stands in the line above each question.{other}"
    )


def setup(notebook: str) -> str:
    """Return the text of a notebook's first code cell, which runs before every answer."""
    return getattr(course.current().module(notebook), "SETUP", SETUP)


@course.cached
def setup_imports() -> frozenset[str]:
    """Return the imports of all setup cells: who says one again in an answer binds nothing new."""
    trees = [ast.parse(setup(name)) for name in notebooks()]
    kinds = (ast.Import, ast.ImportFrom)
    return frozenset(ast.unparse(n) for tree in trees for n in tree.body if isinstance(n, kinds))


def faults(notebook: str, module: types.ModuleType) -> list[str]:
    """Return what keeps a module of the answer key from being used, a sentence for each fault."""
    asked = getattr(module, "QUESTIONS", None)
    if not isinstance(asked, list | tuple):
        return ["It has no QUESTIONS. Write at its end: QUESTIONS = [Question(...), ...]"]
    if not asked:
        return ["Its QUESTIONS are empty. Add one, or take the module away."]
    found = []
    if not isinstance(getattr(module, "SETUP", ""), str):
        found.append("Its SETUP must be the text of the notebook's first code cell.")
    ids: list[str] = []
    names: list[str] = []
    for number, one in enumerate(asked, start=1):
        if not isinstance(one, Question):
            found.append(f"Number {number} of its QUESTIONS is no Question. Given: {one!r:.60}")
            continue
        found += [f"{one.id!r}: {fault}" for fault in _faults_of(one, notebook)]
        ids.append(str(one.id))
        names.append(_name(one))
    found += [
        f"Two questions have the id {one!r}. An id stands for one question: give one another id."
        for one in dict.fromkeys(ids) if ids.count(one) > 1
    ]  # fmt: skip
    names = [name for _, name in dict.fromkeys(zip(ids, names, strict=True)) if name]
    found += [
        f"Two questions ask for a function {name!r}. Give one of them another name."
        for name in dict.fromkeys(names) if names.count(name) > 1
    ]  # fmt: skip
    return found


@course.cached
def _of(notebook: str) -> tuple[Question, ...]:
    """Return the questions of one notebook, when nothing is wrong with them."""
    used = course.current()
    module = used.module(notebook)
    found = faults(notebook, module) if notebook in used.own else []
    if found:
        lines = "".join(f"\n- {fault}" for fault in found)
        raise CourseError(f"{used.place(notebook)} can't be used:{lines}")
    return tuple(module.QUESTIONS)


def _name(question: Question) -> str:
    try:
        return question.name
    except AttributeError:
        return ""


def _faults_of(question: Question, notebook: str) -> list[str]:
    """Return what is wrong with what one question says of itself."""
    found = []
    if not isinstance(question.id, str) or not question.id.startswith(f"{notebook}-"):
        found.append(f"its id must begin with the name of its notebook, {notebook + '-'!r}.")
    elif not course.QUESTION_ID.fullmatch(question.id):
        found.append("its id must be lower-case words and numbers with hyphens between them.")
    points = question.points
    if isinstance(points, bool) or not isinstance(points, int) or points < 1:
        found.append(
            f"its points must be a whole number, 1 or more. Given: {points!r}. Write: points=2"
        )
    try:
        question.arguments  # noqa: B018 - it is read from the signature
    except (SyntaxError, ValueError, TypeError, AttributeError):
        found.append(
            "its signature must read as the student writes it, such as 'relu(z)'. "
            f"Given: {question.signature!r}"
        )
    for part in ("reference", "cases"):
        if not callable(getattr(question, part)):
            found.append(f"its {part} must be a function. Given: {getattr(question, part)!r:.60}")
    return found
