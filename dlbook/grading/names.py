"""What students are called on a page about the class: by their names, or by numbers.

Numbers are drawn from the gradebook's own secret, so that neither their order nor a list of the
class tells who is who, and the same gradebook gives the same numbers again.
"""

import hashlib
from collections.abc import Iterable

from dlbook.grading.gradebook import Gradebook

MANY = 40  # names in one place; of others it is said how many they are


class Names:
    """Everybody's name on the page, or number.

    Parameters
    ----------
    book : Gradebook
    anonymous : bool
        Numbers instead of names.
    """

    def __init__(self, book: Gradebook, anonymous: bool) -> None:
        self.anonymous = anonymous
        found = book.select(
            "SELECT student FROM result UNION SELECT student FROM work UNION "
            "SELECT student FROM problem WHERE student != ''"
        )
        students = [student for (student,) in found]
        self.labels = {student: student for student in students}
        order = sorted(students, key=lambda name: (name.casefold(), name))
        if anonymous:
            secret = "".join(seed for (seed,) in book.select("SELECT seed FROM run WHERE id = 1"))
            order = sorted(
                students,
                key=lambda name: hashlib.sha256(f"{secret} {name!a}".encode()).digest(),
            )
            self.labels = {name: f"Student {at}" for at, name in enumerate(order, 1)}
        self.order = {student: at for at, student in enumerate(order)}

    def __len__(self) -> int:
        return len(self.order)

    def __getitem__(self, student: str) -> str:
        return self.labels[student]

    def place(self, student: str) -> int:
        """Return where a student stands in the order in which all are shown."""
        return self.order[student]

    def listed(self, students: Iterable[str]) -> dict:
        """Return what some of them are called, and how many more there are than can be shown."""
        found = sorted(set(students), key=self.place)
        return {
            "names": [self.labels[student] for student in found[:MANY]],
            "more": max(0, len(found) - MANY),
        }
