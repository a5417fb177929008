"""nbgrader: a copy of its own gradebook with the marks in it, or the CSV that it exports.

nbgrader is asked to write its gradebook itself; it needs to be installed for this, and only here.
"""

import contextlib
import csv
import io
import os
import sqlite3
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from dlbook.grading.gradebook import Gradebook
from dlbook.grading.lms.people import ClassMarks, Matched, Row, class_marks, match, waiting
from dlbook.grading.lms.table import LmsError, require_free, write_new
from dlbook.grading.tables import FORMULA, shown
from dlbook.grading.totals import Total, totals

COLUMNS = (
    "assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email",
    "raw_score", "late_submission_penalty", "score", "max_score",
)  # fmt: skip
INSTALL = "python -m pip install 'nbgrader==0.9.6'"


@dataclass
class Filled:
    """What was filled in, in words and as data."""

    path: Path
    matched: Matched
    marks: int = 0
    by_hand: int = 0  # have a grade that somebody gave in nbgrader
    added: list[str] = field(default_factory=list)

    def text(self) -> str:
        """Return it as a person reads it."""
        people = len(self.matched.pairs)
        lines = [f"{self.marks} marks of {people} student{'' if people == 1 else 's'} filled in."]
        if self.by_hand:
            lines.append(
                f"{self.by_hand} of them have a manual grade in nbgrader, which goes before ours."
            )
        for head, names in (
            ("New in the gradebook:", self.added),
            ("With marks, but NOT in the gradebook:",
             [f"{mark.student}: {why}" for mark, why in self.matched.lost]),
        ):  # fmt: skip
            if names:
                lines += ["", f"{head} {len(names)}.", *(f"  {shown(name)}" for name in names)]
        return "\n".join([*lines, "", f"Filled: {shown(str(self.path))}"])


def as_csv(
    book: Gradebook, notebooks: Sequence[str] = (), assignment: str = ""
) -> tuple[str, list[str]]:
    """Return marks in the form of `nbgrader export`: a row for each student and assignment.

    Parameters
    ----------
    book : Gradebook
    notebooks : sequence of str, optional
        Only these exercises.
    assignment : str, optional
        The assignment that all of them belong to; otherwise each is one of its own.

    Returns
    -------
    str, list of str
        The table, and who is left out: what could not be graded is no zero.
    """
    marks = class_marks(book, notebooks)
    times = _times(book, {name: assignment or name for name in marks.notebooks})
    open_questions, left_out = waiting(book), set()
    rows: dict[tuple[str, str], list[Total]] = {}
    for total in totals(book):
        name = assignment or total.notebook
        if total.notebook in marks.notebooks and (total.student, total.notebook) in open_questions:
            left_out.add((name, total.student))
        if total.notebook in marks.notebooks and total.max_points:
            rows.setdefault((name, total.student), []).append(total)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for (name, student), each in sorted(rows.items()):
        if (name, student) in left_out:
            continue
        raw, off = sum(t.points for t in each), sum(t.penalty for t in each)
        most = marks.worth if assignment else float(each[0].max_points)
        writer.writerow([
            _harmless(name), "", times.get((student, name), ""), _harmless(student), "", "", "",
            round(raw, 2), round(off, 2), round(raw - off, 2), most,
        ])  # fmt: skip
    return text.getvalue(), [f"{student}: {name}" for name, student in sorted(left_out)]


def fill(
    book: Gradebook,
    given: Path,
    path: Path,
    notebooks: Sequence[str] = (),
    assignment: str = "",
    add_students: bool = False,
) -> Filled:
    """Write a copy of nbgrader's gradebook with a class's marks in it.

    Parameters
    ----------
    book : Gradebook
        Ours.
    given : Path
        nbgrader's, usually called ``gradebook.db``; it is only read.
    path : Path
        The copy.
    notebooks : sequence of str, optional
        Only these exercises.
    assignment : str, optional
        nbgrader's assignment, where the same notebook is in several.
    add_students : bool, optional
        Add those whom nbgrader doesn't know.

    Raises
    ------
    LmsError
        If nbgrader isn't installed, its gradebook can't be used, or doesn't know the exercises.
        Then nothing is written.
    """
    api = _api()
    require_free(path)
    marks = class_marks(book, notebooks)
    with _copied(given, path) as copy, _opened(api, copy, given) as theirs:
        places = {name: _assignment(theirs, name, assignment, given) for name in marks.notebooks}
        rows = [
            Row(i, s.id, _full_name(s), tuple(filter(None, (s.id, s.email, s.lms_user_id))))
            for i, s in enumerate(theirs.students)
        ]
        matched = match(marks.marks, rows, "nbgrader")
        done = Filled(path, matched)
        if add_students:
            _add(theirs, done)
        if not matched.pairs:
            raise LmsError(
                f"Nobody with marks is in {given}. Add them with --add-students, or with "
                "`nbgrader db student add`."
            )
        _write(api, theirs, book, marks, places, done)
    return done


def _add(theirs, done: Filled) -> None:
    for mark, _ in done.matched.lost:
        theirs.add_student(mark.student)
        done.added.append(mark.student)
        done.matched.pairs.append((mark, Row(-1, mark.student, "")))
    done.matched.lost = []


def _write(api, theirs, book: Gradebook, marks: ClassMarks, places: dict, done: Filled) -> None:
    """Fill in the points of each question, and what late work costs."""
    ids = {mark.student: row.number for mark, row in done.matched.pairs}
    times = _times(book, places)
    off = {(t.student, t.notebook): t.penalty for t in totals(book)}
    open_questions, begun = waiting(book), set()
    for one in book.marks(("student", "notebook", "question", "points")):
        student, notebook = ids.get(one["student"]), one["notebook"]
        if student is None or notebook not in places:
            continue
        assignment = places[notebook]
        if (student, notebook) not in begun:
            begun.add((student, notebook))
            time = times.get((one["student"], assignment))
            when = {"timestamp": time} if time else {}
            theirs.update_or_create_submission(assignment, student, **when)
            submitted = theirs.find_submission_notebook(notebook, assignment, student)
            submitted.late_submission_penalty = float(off[one["student"], notebook])
        try:
            grade = theirs.find_grade(f"{one['question']}-check", notebook, assignment, student)
        except api.MissingEntry:
            raise LmsError(
                f"nbgrader's {assignment} has no cell {one['question']}-check. Run `nbgrader "
                f"generate_assignment {assignment} --force` with this book's notebooks first."
            ) from None
        grade.auto_score = float(one["points"])
        is_open = one["question"] in open_questions.get((one["student"], notebook), ())
        grade.needs_manual_grade = is_open and grade.manual_score is None
        done.by_hand += grade.manual_score is not None
        done.marks += 1
    theirs.db.commit()


def _assignment(theirs, notebook: str, wanted: str, given: Path) -> str:
    """Return the assignment of nbgrader's in which a notebook is; none is made."""
    there = [a.name for a in theirs.assignments if notebook in {n.name for n in a.notebooks}]
    found = [name for name in there if name == wanted] if wanted else there
    if len(found) == 1:
        return found[0]
    if wanted or not there:
        raise LmsError(
            f"{given} has no assignment {shown(wanted or notebook)!r} with the notebook "
            f"{notebook!r}. There are: {', '.join(a.name for a in theirs.assignments) or 'none'}. "
            "`nbgrader generate_assignment` makes one; --notebook and --assignment choose."
        )
    raise LmsError(
        f"{notebook!r} is in several assignments: {', '.join(found)}. Choose with --assignment."
    )


def _api():
    try:
        from nbgrader import api  # noqa: PLC0415 - no dependency of ours
    except ImportError:
        raise LmsError(
            f"nbgrader is not installed here. Install it: {INSTALL}. Or write its table, with "
            "--csv FILE."
        ) from None
    return api


@contextlib.contextmanager
def _copied(given: Path, path: Path) -> Iterator[Path]:
    """Give a copy of a database, which gets its name only if all went well."""
    if not given.is_file():
        raise LmsError(
            f"There is no file {given}. nbgrader's gradebook is in the folder of the course, and "
            "is usually called gradebook.db."
        )
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.absolute().parent)
    os.close(handle)
    copy = Path(name)
    try:
        try:
            with (
                contextlib.closing(
                    sqlite3.connect(f"{given.absolute().as_uri()}?mode=ro", uri=True)
                ) as source,
                contextlib.closing(sqlite3.connect(copy)) as target,
            ):
                tables = {row[0] for row in source.execute("SELECT name FROM sqlite_master")}
                if not {"student", "assignment", "submitted_assignment", "grade"} <= tables:
                    raise LmsError(f"{given} is no gradebook of nbgrader's.")
                source.backup(target)
        except sqlite3.Error as error:
            raise LmsError(f"{given} is no gradebook of nbgrader's ({error}).") from None
        yield copy
        write_new(path, copy.read_bytes())
    finally:
        with contextlib.suppress(FileNotFoundError):
            copy.unlink()


@contextlib.contextmanager
def _opened(api, copy: Path, given: Path) -> Iterator:
    from sqlalchemy import URL  # noqa: PLC0415 - nbgrader brings it

    theirs = None
    try:
        with warnings.catch_warnings():  # SQLAlchemy's, about how nbgrader adds submissions
            warnings.simplefilter("ignore")
            theirs = api.Gradebook(URL.create("sqlite", database=str(copy)))
            yield theirs
    except LmsError:
        raise
    except Exception as error:  # of another version of nbgrader, for example
        reason = f"{type(error).__name__}: {str(error)[:200]}"
        raise LmsError(
            f"nbgrader can't use {given} ({reason}). If it is of an older nbgrader, run "
            "`nbgrader db upgrade` first."
        ) from None
    finally:
        if theirs is not None:
            theirs.close()


def _full_name(student) -> str:
    return f"{student.last_name}, {student.first_name}" if student.last_name else ""


def _times(book: Gradebook, places: dict[str, str]) -> dict[tuple[str, str], str]:
    """Return when each student handed in an assignment, the last of its notebooks."""
    found: dict[tuple[str, str], str] = {}
    for row in book.handed():
        if row["handed_in"] and row["notebook"] in places:
            place = row["student"], places[row["notebook"]]
            found[place] = max(found.get(place, ""), _utc(row["handed_in"]))
    return found


def _utc(time: str) -> str:
    """Return a time as nbgrader keeps it: in UTC, without saying so."""
    when = datetime.fromisoformat(time)
    with contextlib.suppress(OverflowError):  # at the end of all years, as only a forged one is
        when = when.astimezone(UTC) if when.tzinfo else when
    return when.replace(tzinfo=None).isoformat(" ")


def _harmless(text: str) -> str:
    return f"'{text}" if text.lstrip(" \u00a0\ufeff").startswith(FORMULA) else text
