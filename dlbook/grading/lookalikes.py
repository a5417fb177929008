"""Answers that look alike: places for a person to look, never a verdict.

Two answers look alike if they have the same form (`forms`): nothing but names, comments, layout and
the order of independent lines tells them apart. Often that means nothing, so two kinds are
left out:

- **Short forms**, of at most `SHORT` nodes. There are few sensible ways to write so little. The
  number is measured: the answer key, the solutions and the sample class were written one
  without the other, and where they agree by chance they have up to 27 nodes, once 30.
- **Common forms**, which more than a `SHARE` of the right answers to a question have, and at least
  `CROWD` of them. What everybody writes is what the book teaches.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from dlbook.grading.gradebook import Gradebook

SHORT = 30
SHARE = 1 / 3
CROWD = 6


@dataclass(frozen=True)
class Alike:
    """Answers to one question that have the same form.

    Parameters
    ----------
    question, form : str
    size : int
        In nodes of its tree.
    count : int
        How many students wrote it.
    is_reference : bool
        Whether it is a right answer that can be seen in the book.
    why_not : str
        ``"short"`` or ``"common"`` where it says nothing, otherwise empty.
    """

    question: str
    form: str
    size: int
    count: int
    is_reference: bool
    why_not: str


def alike(book: Gradebook) -> list[Alike]:
    """Return all groups of answers that look alike, and answers that are the book's own.

    The longest first, as it takes most to write the same by chance; the smaller group first of two.
    """
    right = dict(
        book.select("SELECT question, COUNT(*) FROM result WHERE outcome = 'correct' GROUP BY 1")
    )
    found = [
        Alike(question, form, size, count, bool(own), _why_not(size, good, right.get(question, 0)))
        for question, form, size, count, own, good in book.select(
            "SELECT question, form, MAX(size), COUNT(*), MAX(is_reference), "
            "SUM(result.outcome = 'correct') "
            "FROM answer JOIN result USING (student, notebook, question) "
            "GROUP BY question, form HAVING COUNT(*) > 1 OR MAX(is_reference)"
        )
    ]
    return sorted(found, key=lambda one: (-one.size, one.count, one.question, one.form))


def members(book: Gradebook, one: Alike) -> Iterator[tuple[str, str, str, str]]:
    """Return who wrote it: student, outcome, mistake and the text."""
    return book.select(
        "SELECT student, outcome, mistake, text "
        "FROM answer JOIN result USING (student, notebook, question) "
        "WHERE question = ? AND form = ? ORDER BY student", one.question, one.form,
    )  # fmt: skip


def _why_not(size: int, right_ones: int, all_right: int) -> str:
    if size <= SHORT:
        return "short"
    return "common" if right_ones >= CROWD and right_ones > SHARE * all_right else ""
