"""Whose row is whose: by the platform's own numbers first, then by what is surely one person's."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from dlbook.grading.gradebook import Gradebook
from dlbook.grading.lms.table import LmsError
from dlbook.grading.totals import Total, totals

NOT_THERE = "nobody in the file has this name"
SEVERAL = "several fit, and none is guessed"
NAMELESS = "Canvas has left the name out; download the work again when it isn't anonymous any more"


@dataclass(frozen=True)
class Mark:
    """What one student has got for the exercises that were asked for.

    Parameters
    ----------
    student, student_id, layout : str
        As the gradebook has them.
    points : float
        All together, less what late work costs.
    waiting : bool
        Something of it could not be graded, and waits for a person.
    remark : str
        One line in words, about each exercise.
    others : tuple of str
        Numbers under which other work of the student came: Moodle has one for each assignment.
    """

    student: str
    student_id: str
    layout: str
    points: float
    waiting: bool
    remark: str
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class ClassMarks:
    """What a class has got.

    Parameters
    ----------
    marks : list of Mark
        One for each student who has any of the exercises.
    notebooks : list of str
        The exercises that are counted together.
    worth : float
        The points of all of them.
    """

    marks: list[Mark]
    notebooks: list[str]
    worth: float

    @property
    def called(self) -> str:
        """The exercises in words."""
        return " + ".join(self.notebooks)


@dataclass(frozen=True)
class Row:
    """One student's row in a platform's file.

    Parameters
    ----------
    at : int
        Where it lies.
    number : str
        The platform's own number for the student.
    name : str
    keys : tuple of str
        What else names exactly one person: login, e-mail address.
    """

    at: int
    number: str
    name: str
    keys: tuple[str, ...] = ()

    @property
    def called(self) -> str:
        """The name with the number: of two people of one name, it says which."""
        return f"{self.name} ({self.number})" if self.name else self.number


@dataclass
class Matched:
    """Who was found, and who wasn't.

    `by_name` where nobody's number is in the file, though the platform has given them numbers.
    """

    pairs: list[tuple[Mark, Row]] = field(default_factory=list)
    lost: list[tuple[Mark, str]] = field(default_factory=list)  # and why
    without: list[Row] = field(default_factory=list)
    by_name: bool = False


def class_marks(book: Gradebook, notebooks: Sequence[str] = ()) -> ClassMarks:
    """Return everybody's marks for some exercises together; for all of them unless named.

    Raises
    ------
    LmsError
        If there are no marks, or none for an exercise that is named.
    """
    everything = [total for total in totals(book) if total.max_points]
    there = list(dict.fromkeys(total.notebook for total in everything))
    if not there:
        raise LmsError(f"{book.path} holds no marks yet. Run `dlbook grade` first.")
    require_known(notebooks, there)
    chosen = [name for name in there if name in notebooks or not notebooks]
    counted = [total for total in everything if total.notebook in chosen]
    worth = {name: max(t.max_points for t in counted if t.notebook == name) for name in chosen}
    asked: dict[tuple[str, str], list[dict]] = {}
    for row in book.marks(("student", "notebook", "question", "points", "max_points", "outcome")):
        asked.setdefault((row["student"], row["notebook"]), []).append(row)
    open_questions = waiting(book)
    layouts = {work["student"]: work["layout"] for work in book.students()}
    numbers: dict[tuple[str, str], list[str]] = {}
    for work in book.students():
        numbers.setdefault((work["student"], work["layout"]), []).append(work["student_id"])
    own: dict[str, list] = {}
    for total in counted:
        own.setdefault(total.student, []).append(total)
    marks = [
        Mark(
            student,
            each[0].student_id,
            layouts.get(student, ""),
            sum(t.final for t in each),
            any((student, t.notebook) in open_questions for t in each),
            " ".join(_remark(t, asked[student, t.notebook], worth[t.notebook]) for t in each),
            tuple(numbers.get((student, layouts.get(student, "")), ())),
        )
        for student, each in own.items()
    ]
    return ClassMarks(marks, chosen, float(sum(worth.values())))


def require_known(notebooks: Sequence[str], there: Sequence[str]) -> None:
    """Raise LmsError if an exercise is named of which there are no marks."""
    for name in notebooks:
        if name not in there:
            raise LmsError(
                f"There are no marks for {name!r}. There are some for: {', '.join(there)}."
            )


def waiting(book: Gradebook) -> dict[tuple[str, str], set[str]]:
    """Return which questions of whom could not be graded, and wait for a teacher's last word."""
    said = book.last_words()
    answered = {(word["student"], word["notebook"], word["question"]) for word in said}
    found: dict[tuple[str, str], set[str]] = {}
    for row in book.marks(("student", "notebook", "question", "outcome")):
        place = row["student"], row["notebook"]
        if row["outcome"] == "not graded" and (*place, row["question"]) not in answered:
            found.setdefault(place, set()).add(row["question"])
    return found


def match(marks: Sequence[Mark], rows: Sequence[Row], layout: str) -> Matched:
    """Find each student's row; where two could be meant, none is taken.

    Parameters
    ----------
    marks : sequence of Mark
    rows : sequence of Row
    layout : str
        The one whose numbers the rows have: ``"canvas"``, ``"moodle"``.
    """
    taken: dict[Mark, Row] = {}
    used: set[Row] = set()
    why: dict[Mark, str] = {}

    def take(mark_keys, row_keys) -> None:
        for mark, fitting in _fitting(marks, rows, mark_keys, row_keys).items():
            if mark in taken or mark in why:
                continue
            (row, others), *more = fitting
            if more or others > 1 or row in used:
                why[mark] = SEVERAL
            else:
                taken[mark] = row
                used.add(row)

    take(lambda mark: _number(mark, layout), lambda row: {row.number})
    by_name = not taken and any(_number(mark, layout) for mark in marks)
    if taken:  # the numbers are this file's: who has another one is another person
        for mark in marks:
            if _number(mark, layout) and mark not in taken:
                why.setdefault(mark, f"nobody in the file has the number {mark.student_id}")
    take(lambda mark: {_plain(mark.student)}, lambda row: {_plain(k) for k in row.keys if k})
    take(lambda mark: _forms(_name(mark)), lambda row: _forms(row.name))
    take(lambda mark: _run_together(_name(mark)), lambda row: _squeezed(row.name))
    return Matched(
        [(mark, taken[mark]) for mark in marks if mark in taken],
        [
            (mark, why.get(mark, NAMELESS if _is_nameless(mark) else NOT_THERE))
            for mark in marks
            if mark not in taken
        ],
        [row for row in rows if row not in used],
        by_name,
    )


def _fitting(marks, rows, mark_keys, row_keys) -> dict[Mark, list[tuple[Row, int]]]:
    """Return for each mark the rows that share a key with it, and how many marks each fits."""
    holders: dict[str, list[Row]] = {}
    for row in rows:
        for key in row_keys(row):
            holders.setdefault(key, []).append(row)
    fitting = {
        mark: list(dict.fromkeys(row for key in mark_keys(mark) for row in holders.get(key, ())))
        for mark in marks
    }
    counts: dict[Row, int] = {}
    for found in fitting.values():
        for row in found:
            counts[row] = counts.get(row, 0) + 1
    return {mark: [(row, counts[row]) for row in found] for mark, found in fitting.items() if found}


def _number(mark: Mark, layout: str) -> set[str]:
    """Return a student's numbers on this platform; Canvas's anonymous ones are others."""
    own = mark.layout == layout and not _is_nameless(mark)
    return {mark.student_id, *mark.others} - {""} if own else set()


def _is_nameless(mark: Mark) -> bool:
    return mark.layout == "canvas" and mark.student.startswith("anon_")


def _name(mark: Mark) -> str:
    """Return the name without the number that tells people of one name apart."""
    return mark.student.removesuffix(f" ({mark.student_id})")


def _plain(text: str) -> str:
    text = unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())
    return re.sub(r"[\s_]+", " ", text).strip()


def _forms(name: str) -> set[str]:
    """Return a name as it is, and the other way round at each of its commas."""
    plain = _plain(name)
    cuts = [i for i, char in enumerate(plain) if char == ","]
    return {plain} | {f"{plain[i + 1 :].strip()} {plain[:i].strip()}" for i in cuts} - {""}


def _run_together(name: str) -> set[str]:
    """Return a name that may be Canvas's in a download: ``doejane``."""
    plain = _plain(name)
    return {plain} if plain.isalnum() else set()


def _squeezed(name: str) -> set[str]:
    """Return what Canvas makes of "Doe, Jane" in the name of a file."""
    return {"".join(filter(str.isalnum, _plain(name)))} if "," in name else set()


def _remark(total: Total, rows: Sequence[dict], worth: int) -> str:
    told = [f"{total.final:.4g} of {worth} points in {total.notebook}."]
    missed = [
        f"{row['question'].removeprefix(total.notebook + '-')} ({row['outcome']})"
        for row in rows
        if row["points"] < row["max_points"]
    ]
    if missed:
        told.append(f"Look at: {', '.join(missed)}.")
    if total.penalty:
        why = " ".join(total.why.split()).rstrip(".") or "late"
        told.append(f"{total.penalty:.4g} taken off: {why}.")
    return " ".join(told)
