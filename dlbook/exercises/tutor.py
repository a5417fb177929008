"""What a student calls in a notebook: `check`, `hint` and `progress`."""

import sys

from dlbook.exercises import course, key, record
from dlbook.exercises.answers import judge_in
from dlbook.exercises.course import CourseError
from dlbook.exercises.question import Question
from dlbook.exercises.words import SIGNS, Message, Part, Table, headline_of, message_of

_checked: dict[str, tuple[str, int]] = {}  # question: (outcome, points), since the kernel started
_hinted: dict[str, int] = {}  # question: how many hints were given


class NotRightError(Exception):
    """An answer isn't right yet. Shown as one line; the whole message stands above it."""

    def __init__(self, message: Message, headline: str) -> None:
        super().__init__(str(message))
        self.headline = headline

    def _render_traceback_(self) -> list[str]:
        # IPython shows this in place of a traceback: where our own code raised helps nobody.
        return [self.headline]


def check(name: str) -> None:
    """Check the answer to a question, and say what is wrong with it, or that it is right.

    Parameters
    ----------
    name : str
        The question's id, such as ``"neuron-relu"``.

    Raises
    ------
    NotRightError
        If the answer isn't right; it shows as its message alone.
    """
    question = _question(name)
    verdict = judge_in(question, sys._getframe(1).f_globals)
    _checked[question.id] = verdict.outcome, verdict.points
    record.remember(question.id, verdict.outcome, verdict.points)
    message = message_of(verdict)
    _show(message)
    if verdict.outcome != "correct":
        raise NotRightError(message, headline_of(verdict))


def hint(name: str) -> None:
    """Give one more hint at each call.

    Parameters
    ----------
    name : str
        The question's id.
    """
    question = _question(name)
    given = _hinted.get(question.id, 0)
    _hinted[question.id] = given + 1
    hints = list(question.hints)
    number = min(given, len(hints) - 1)
    parts = [Part(hints[number])]
    if given >= len(hints):
        parts = [Part(text, f"{i}.") for i, text in enumerate(hints, start=1)]
        parts.append(Part(f"{question.read}.", "That was all. Read again:"))
        _show(Message(f"All hints for {question.id}.", parts))
        return
    _show(Message(f"Hint {given + 1} of {len(hints)} for {question.id}.", parts))


def progress() -> None:
    """Show what is done: in this notebook since it was started, and on this machine."""
    names = set(sys._getframe(1).f_globals)
    remembered = record.read()
    notebook = _notebook(names)
    parts: list[Part | Table] = []
    if notebook is not None:
        parts.append(_table_of(notebook, remembered))
    totals = []
    for other in key.notebooks():
        asked = key.questions(other).values()
        points = sum(_remembered_points(q, remembered) for q in asked)
        number = course.current().chapters.get(other, "·")
        totals.append((f"{number} {other}", f"{points} of {sum(q.points for q in asked)}"))
    parts.append(Table([("chapter", "points on this machine"), *totals]))
    _show(Message("How far you are", parts))


def _table_of(notebook: str, remembered: dict) -> Table:
    rows = [("question", "points", "this notebook", "this machine")]
    for question in key.questions(notebook).values():
        outcome, points = _checked.get(question.id, ("", 0))
        here = f"{SIGNS[outcome]} {outcome or 'not checked'}"
        if outcome not in ("", "correct") and points:
            here += f", {points} points"
        then = str(remembered.get(question.id, {}).get("outcome", ""))
        before = f"{SIGNS.get(then, '·')} {then or 'never checked'}"
        rows.append((question.id, str(question.points), here, before))
    return Table(rows)


def _remembered_points(question: Question, remembered: dict) -> int:
    points = remembered.get(question.id, {}).get("points", 0)
    return min(points, question.points) if isinstance(points, int) and points > 0 else 0


def _notebook(names: set[str]) -> str | None:
    """Return the notebook that this is: by what was checked, or by the functions that are here."""
    counts = {
        notebook: sum(1000 * (q.id in _checked) + (q.name in names) for q in asked.values())
        for notebook in key.notebooks()
        for asked in [key.questions(notebook)]
    }
    best = max(counts, key=counts.get)
    return best if counts[best] else None


def _question(name: str) -> Question:
    try:
        return key.question(name)
    except LookupError as error:
        message = Message("Which question?", [Part(str(error.args[0]))])
        _show(message)
        raise NotRightError(message, "There is no such question. See above.") from None
    except CourseError as error:
        message = Message("This course's answer key is broken", [Part(str(error))])
        _show(message)
        raise NotRightError(message, "Tell whoever runs the course. See above.") from None


def _show(message: Message) -> None:
    """Show a message in the notebook, or print it where there is none."""
    shell = sys.modules.get("IPython")
    if shell is not None and shell.get_ipython() is not None:
        from IPython.display import display  # noqa: PLC0415 - only in a notebook

        display(message)
        return
    print(message)
