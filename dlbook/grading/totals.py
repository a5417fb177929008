"""What each student has for each exercise in the end: points, less what late work costs.

It sees the gradebook's rows only.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from dlbook.grading import late
from dlbook.grading.gradebook import Gradebook


@dataclass(frozen=True)
class Total:
    """One student's marks for one exercise.

    Parameters
    ----------
    student, student_id, notebook : str
        As the gradebook has them; the id as the LMS gave it, or empty.
    points : float
        Of all questions, a teacher's last word included.
    max_points : int
    penalty : float
        What is taken off for late work; 0 or more, never more than `points`.
    why : str
        Why something is taken off, in words, or why nothing is though the work was late.
    """

    student: str
    student_id: str
    notebook: str
    points: float
    max_points: int
    penalty: float = 0
    why: str = ""

    @property
    def final(self) -> float:
        """The mark that counts."""
        return tidy(self.points - self.penalty)


def totals(book: Gradebook) -> list[Total]:
    """Return one total for each student and exercise, by student, then in the class's order."""
    ids = {row["student"]: row["student_id"] for row in book.students()}
    takes_off = _LateWork(book)
    found = []
    for row in book.sums():
        student, notebook = row["student"], row["notebook"]
        points, most = tidy(row["points"]), row["max_points"]
        penalty, why = takes_off(student, notebook, points, most)
        found.append(
            Total(student, ids.get(student, ""), notebook, points, most, tidy(penalty), why)
        )
    return found


def rules(book: Gradebook) -> dict[str, late.Rule | None]:
    """Return the rule for late work by exercise; an empty name stands for all others."""
    return {row["notebook"]: _rule(row) if row["due"] else None for row in book.late_rules()}


def tidy(number: float) -> float:
    """Return a number of points without what adding up tenths leaves: 1 and not 1.0.

    Examples
    --------
    >>> tidy(0.1 + 0.2), tidy(1.0)
    (0.3, 1)
    """
    rounded = round(number, 2)
    return int(rounded) if rounded == int(rounded) else rounded


class _LateWork:
    """Says what is taken off, by the rules of a gradebook; the times are read only for rules."""

    def __init__(self, book: Gradebook) -> None:
        self.rules = rules(book)
        here = any(self.rules.values())
        handed = book.handed() if here else []
        self.handed = {(row["student"], row["notebook"]): row for row in handed}
        longer = book.extensions() if here else []
        self.longer = {
            (row["student"], row["notebook"]): late.read_due(row["due"]) for row in longer
        }

    def __call__(self, student: str, notebook: str, points: float, most: float):
        rule = self.rules.get(notebook, self.rules.get(""))
        if rule is None:
            return 0, ""
        own = self.handed[student, notebook]
        extended = self.longer.get((student, notebook), self.longer.get((student, "")))
        return late.penalty(rule, points, most, _time(own["handed_in"]), own["late"], extended)


def _rule(row: dict) -> late.Rule:
    return late.Rule(
        late.read_due(row["due"]),
        late.read_amount(row["per_day"], "per day"),
        row["grace_seconds"],
        late.read_amount(row["cap"], "cap"),
    )


def _time(text: str | None) -> datetime | None:
    if not text:
        return None
    when = datetime.fromisoformat(text)
    return when if when.tzinfo else when.replace(tzinfo=UTC)
