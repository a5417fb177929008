"""What each student has for each exercise in the end: points, less what late work costs.

It sees the gradebook's rows only.
"""

from dataclasses import dataclass

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
        Why something is taken off, in words; empty where nothing is.
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
        return self.points - self.penalty


def totals(book: Gradebook) -> list[Total]:
    """Return one total for each student and exercise, by student, then in the class's order."""
    ids = {row["student"]: row["student_id"] for row in book.students()}
    summed: dict[tuple[str, str], list[float]] = {}
    for row in book.marks(("student", "notebook", "points", "max_points")):
        both = summed.setdefault((row["student"], row["notebook"]), [0, 0])
        both[0] += row["points"]
        both[1] += row["max_points"]
    return [
        Total(student, ids.get(student, ""), notebook, points, int(most))
        for (student, notebook), (points, most) in summed.items()
    ]
