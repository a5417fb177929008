"""Pages for students and for the class, from the gradebook's rows: they can't show more than those.

All text goes through Jinja's escaping; the pages forbid scripts and requests besides.
"""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import cache
from itertools import groupby
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from dlbook.exercises.words import SIGNS
from dlbook.grading import tables
from dlbook.grading.gradebook import Gradebook
from dlbook.grading.totals import Total, tidy, totals

OUTCOME_SIGNS = {**SIGNS, "not graded": "·"}
WORDS = {
    "correct": "correct",
    "incorrect": "not right yet",
    "error": "stopped with an error",
    "timed out": "too slow",
    "not attempted": "not attempted",
    "not graded": "could not be graded",
}
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?$", re.IGNORECASE)
LONGEST = 80  # characters of a file's name


def write_feedback(book: Gradebook, folder: Path) -> int:
    """Write a page for each student and exercise; return how many there are.

    They are ``folder/<student>/<notebook>.html``, with names that every system can hold.
    """
    results = book.results()
    students = file_names(sorted({row["student"] for row in results}))
    notes = {
        place: [row["note"] for row in rows]
        for place, rows in groupby(book.notes(), lambda row: (row["student"], row["notebook"]))
    }
    whole = {(total.student, total.notebook): total for total in totals(book)}
    count = 0
    ordered = sorted(results, key=lambda row: (row["student"], row["notebook"]))
    for (student, notebook), rows in groupby(
        ordered, lambda row: (row["student"], row["notebook"])
    ):  # fmt: skip
        page = feedback_page(
            student, notebook, [row["details"] for row in rows],
            notes.get((student, notebook), []), whole[student, notebook],
        )  # fmt: skip
        path = folder / students[student] / f"{file_names([notebook])[notebook]}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page, encoding="utf-8")
        count += 1
    return count


def feedback_page(
    student: str,
    notebook: str,
    results: Sequence[dict],
    notes: Sequence[str],
    total: Total | None = None,
) -> str:
    """Return one student's page about one exercise; without a total nothing is taken off."""
    if total is None:
        points = tidy(sum(r["points"] for r in results))
        most = sum(r["max_points"] for r in results)
        total = Total(student, "", notebook, points, most)
    most = total.max_points
    page = _pages().get_template("feedback.html").render(
        student=student, notebook=notebook, results=results, notes=notes, total=total,
        percent=round(100 * total.final / most) if most else 0,
        signs=OUTCOME_SIGNS, words=WORDS, changed=tables.CHANGED,
    )  # fmt: skip
    return _clean(page)


def report_page(book: Gradebook, run) -> str:
    """Return the instructor's page about the class."""
    rows = tables.rows(book)
    graded = [row for row in rows if row["max_points"]]
    questions = {row["question"]: Counter() for row in graded}
    for row in graded:
        questions[row["question"]][row["outcome"]] += 1
    points: dict[str, Counter] = {row["student"]: Counter() for row in rows}
    for row in rows:
        points[row["student"]][row["notebook"]] += row["points"]
    page = _pages().get_template("report.html").render(
        students=len(points),
        points=sum(row["points"] for row in rows),
        max_points=sum(row["max_points"] for row in rows),
        moved=book.moved(run),
        outcomes=tables.OUTCOMES,
        questions=questions,
        mistakes=_mistakes(book),
        lost=[
            {"student": student, "what": what, "reason": reason}
            for student, what, reason in tables.lost(book)
        ],
        notes=book.notes(),
        notebooks=list(dict.fromkeys(row["notebook"] for row in graded)),
        everybody=[
            {"student": student, "points": own, "total": sum(own.values())}
            for student, own in points.items()
        ],
    )  # fmt: skip
    return _clean(page)


def file_names(names: Sequence[str]) -> dict[str, str]:
    """Return a file name for each name, that every system can hold and no two share."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        plain = unicodedata.normalize("NFC", name)
        plain = "".join(c if c.isalnum() or c in " -_.,'()" else "_" for c in plain)
        plain = plain.strip(" .")[:LONGEST].strip(" .") or "_"
        if RESERVED.match(plain):
            plain = f"_{plain}"
        changed = plain != unicodedata.normalize("NFC", name).strip(" .")
        if changed or plain.casefold() in taken:  # another name could end up the same
            plain += f"-{hashlib.sha256(name.encode('utf-8', 'replace')).hexdigest()[:8]}"
        taken.add(plain.casefold())
        found[name] = plain
    return found


def _mistakes(book: Gradebook) -> list[dict]:
    made = [row["details"] for row in book.results() if row["mistake"]]
    counts = Counter((r["question"], r["mistake"]) for r in made)
    about = {(r["question"], r["mistake"]): r for r in made}
    return [
        {"count": count, "question": place[0], "title": about[place]["title"],
         "read": about[place]["read"]}
        for place, count in counts.most_common()
    ]  # fmt: skip


def _clean(page: str) -> str:
    """Replace what no page may hold: control characters, and marks that turn text around."""
    turned = {*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F}
    return "".join(
        c if c in "\n\t" or (c.isprintable() and ord(c) not in turned) or c.isspace() else "\ufffd"
        for c in page
    )


@cache
def _pages() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).with_name("pages")),
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
