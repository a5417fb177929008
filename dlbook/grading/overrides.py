"""A teacher's last word: points from a CSV that count in place of the machine's.

The whole file is held against the gradebook before anything is written.
"""

import difflib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from dlbook.grading import sheets
from dlbook.grading.gradebook import Gradebook

COLUMNS = ("student", "question", "points", "comment")
BACK = ("", "-", "–", "—")  # in place of points: the machine's count again
SUGGESTED = 20  # faults for which near names are looked up: that takes its time


@dataclass(frozen=True)
class Word:
    """What a teacher says of one answer; no points take back what was said."""

    student: str
    notebook: str
    question: str
    points: float | None
    comment: str


class People:
    """Finds a student by the gradebook's name or by the platform's id."""

    def __init__(self, book: Gradebook) -> None:
        self.names = {_same(row["student"]): row["student"] for row in book.sums()}
        self.ids: dict[str, set[str]] = {}
        for row in book.students():
            self.names.setdefault(_same(row["student"]), row["student"])
            if row["student_id"]:
                self.ids.setdefault(_same(row["student_id"]), set()).add(row["student"])
        self._left = SUGGESTED

    def find(self, cell: str) -> set[str]:
        """Return whom a cell may mean: one, or there is a fault.

        A name that could be a formula has a mark before it in our tables; it may stay.
        """
        known = _same(cell)
        found = {
            self.names[name] for name in (known, known.removeprefix("'")) if name in self.names
        }
        return found | self.ids.get(known, set())

    def fault(self, cell: str, found: set[str]) -> str:
        """Say what is wrong where there is nobody, or more than one."""
        if found:
            return f"{cell!r} may be {listed(sorted(found), 'or')}. Use the name."
        return f"there is no student {cell!r}.{self._near(cell)}"

    def near(self, cell: str, names: Iterable[str]) -> str:
        """Return what might be meant, as a sentence."""
        self._left -= 1
        if self._left < 0:
            return ""
        folded = {name.casefold(): name for name in names}
        close = difflib.get_close_matches(cell.casefold(), folded, 3, 0.6)
        return f" Is it {listed([folded[name] for name in close], 'or')}?" if close else ""

    def _near(self, cell: str) -> str:
        near = self.near(cell, self._all)
        return near or " Write the name as in grades.csv, or the platform's id."

    @cached_property
    def _all(self) -> list[str]:
        return [*self.names.values(), *self.ids]


def check(path: Path, book: Gradebook) -> tuple[list[Word], list[str]]:
    """Read a file of overrides, and hold it against the gradebook.

    Returns
    -------
    list of Word, list of str
        What it says, and the names of columns that aren't used.

    Raises
    ------
    sheets.SheetError
        If something in it is wrong: all of it, line by line.
    """
    sheet = sheets.read(path, COLUMNS, ("notebook",))
    people = People(book)
    asked: dict[str, list[dict]] = {}
    for row in book.marks(("student", "notebook", "question", "max_points")):
        asked.setdefault(row["student"], []).append(row)
    words, faults, seen = [], [], {}
    for row in sheet.rows:
        place, own = _place(row, people, asked)
        points, more = _points(row["points"], place)
        faults += [(row.line, fault) for fault in (*own, *more)]
        if place is None:
            continue
        key = (place["student"], place["notebook"], place["question"])
        if key in seen:
            faults.append((
                row.line, f"{key[0]} and {key[2]} stand in line {seen[key]} too. Leave one.",
            ))  # fmt: skip
        seen.setdefault(key, row.line)
        words.append(Word(*key, points, row["comment"]))
    sheet.require(faults)
    return words, sheet.unused


def news(words: Sequence[Word], book: Gradebook, by: str) -> list[Word]:
    """Return what isn't said already, by the same person, of the same work."""
    standing = {(w["student"], w["notebook"], w["question"]): w for w in book.last_words()}
    found = []
    for word in words:
        old = standing.get((word.student, word.notebook, word.question))
        if old is None and word.points is None:
            continue
        if old is None or old["changed"] or (
            (old["points"], old["comment"], old["set_by"]) != (word.points, word.comment, by)
        ):  # fmt: skip
            found.append(word)
    return found


def _place(row: sheets.Row, people: People, asked: dict) -> tuple[dict | None, list[str]]:
    """Return the gradebook's row that is meant, or what is wrong."""
    found = people.find(row["student"])
    if len(found) != 1:
        return None, [people.fault(row["student"], found)]
    (student,) = found
    own = [one for one in asked.get(student, []) if one["max_points"]]
    meant = [one for one in own if one["question"] == row["question"]]
    if not meant:
        near = people.near(row["question"], [one["question"] for one in own])
        return None, [f"{student} has no question {row['question']!r}.{near or _there(own)}"]
    if row["notebook"]:
        meant = [one for one in meant if one["notebook"] == row["notebook"]]
        if not meant:
            return None, [f"{student} has no {row['question']} in a notebook {row['notebook']!r}."]
    if len(meant) > 1:
        names = listed([one["notebook"] for one in meant], "and")
        return None, [f"{row['question']} is in {names}. Say which in a column notebook."]
    return meant[0], []


def _points(cell: str, place: dict | None) -> tuple[float | None, list[str]]:
    """Return the points, None for none; and what is wrong with them."""
    if cell in BACK:
        return None, []
    number = cell.replace(",", ".").replace("\u2212", "-")
    if not re.fullmatch(r"-?\d{1,9}(\.\d*)?", number, re.ASCII):
        return None, [f"{cell!r} is no number of points. Write 1 or 0.5; nothing takes it back."]
    points = float(number)
    if points < 0:
        return None, [f"{cell} points are below 0."]
    if round(points, 2) != points:
        return None, [f"{cell} points have more than two decimals."]
    if place is not None and points > place["max_points"]:
        return None, [f"{cell} points are more than {place['max_points']}, the most for "
                      f"{place['question']}."]  # fmt: skip
    return points, []


def _there(own: Sequence[dict]) -> str:
    names = [one["question"] for one in own]
    return f" There are: {', '.join(names[:10])}." if names else " None of the work was graded."


def listed(names: Sequence[str], word: str) -> str:
    """Return names as a sentence has them: "a, b or c"."""
    return f"{', '.join(names[:-1])} {word} {names[-1]}" if len(names) > 1 else names[0]


def _same(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).split())
