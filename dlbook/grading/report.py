"""Pages for students and for the class, from the gradebook's rows: they can't show more than those.

All text goes through Jinja's escaping. The pages forbid requests besides, and scripts, but for the
one of ours that sorts the report's tables.
"""

import base64
import hashlib
import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from itertools import groupby
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from dlbook.exercises.words import SIGNS
from dlbook.grading import tables
from dlbook.grading.glance import HELP, MOST_ROWS, Glance
from dlbook.grading.gradebook import Gradebook, Run
from dlbook.grading.lookalikes import SHORT
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
PAGES = Path(__file__).with_name("pages")
CONTENTS = (
    ("marks", "Marks"), ("questions", "Questions"), ("mistakes", "Mistakes"), ("help", "Help"),
    ("lost", "Repaired, not graded"), ("moved", "Since last time"), ("alike", "Look-alikes"),
    ("everybody", "Everybody"),
)  # fmt: skip
FEW = 12  # of a list that is long: the others are folded
UNNAMED = '<meta name="names" content="left out">'
LONGEST = 80  # characters of a file's name
TURNED = {*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F}  # turn text around


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


def report_page(book: Gradebook, run: Run, anonymous: bool = False) -> str:
    """Return the instructor's page about the class.

    Parameters
    ----------
    book : Gradebook
    run : Run
        The last one: what has moved in it is said to be new.
    anonymous : bool, optional
        Leave out names, and every text that could hold one.
    """
    glance = Glance(book, run, anonymous)
    script = (PAGES / "report.js").read_text(encoding="utf-8")
    page = _pages().get_template("report.html").render(
        glance=glance,
        anonymous=anonymous,
        contents=CONTENTS,
        described=described(glance),
        outcomes=tables.OUTCOMES,
        words=WORDS,
        outcome_heads=[f"{outcome.capitalize()}|number" for outcome in tables.OUTCOMES],
        number_heads=[f"{name}|number" for name in glance.exercises],
        kinds_of_help=HELP,
        most_rows=MOST_ROWS,
        few=FEW,
        short=SHORT,
        script=script,
        script_hash=_hash_of(script),
    )  # fmt: skip
    return _clean(page)


def is_anonymous(path: Path) -> bool:
    """Say whether a report that is there was written without names."""
    try:
        with path.open("rb") as file:
            return UNNAMED.encode() in file.read(2000)
    except OSError:
        return False


def described(glance: Glance) -> str:
    """Return in words what is to be seen in the plot of the marks."""
    head, bins = glance.headline(), glance.distribution()
    if not head["marked"]:
        return ""
    told = [
        f"{one['count']} from {one['from']} to {'' if one['to'] == 100 else 'under '}{one['to']}"
        for one in bins if one["count"]
    ]  # fmt: skip
    who = "1 student" if head["marked"] == 1 else f"{head['marked']} students"
    return (
        f"A bar for each step of ten percent, with the number of students in it. Of {who} "
        f"there are {listed(told)} percent. The median is {_percent(head['median'])}."
    )


def listed(parts: Sequence[str]) -> str:
    """Return parts as a person lists them."""
    *most, last = parts
    return f"{', '.join(most)} and {last}" if most else last


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


class _Signs(dict):
    """What each sign becomes on a page, worked out when it is first met."""

    def __missing__(self, code: int) -> int:
        sign = chr(code)
        stays = sign.isspace() or (sign.isprintable() and code not in TURNED)
        self[code] = code if stays else 0xFFFD
        return self[code]


_signs = _Signs()


def _clean(page: str) -> str:
    """Replace what no page may hold: control characters, and marks that turn text around."""
    return page.translate(_signs)


def _hash_of(script: str) -> str:
    """Return the name by which a page's policy allows this script, and no other."""
    digest = hashlib.sha256(script.encode("utf-8")).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def _number(value: float | None) -> str:
    """Return points without needless digits."""
    return "" if value is None else f"{value:,.2f}".rstrip("0").rstrip(".")


def _percent(value: float | None) -> str:
    return "" if value is None else f"{value:.0f}\u00a0%"


def _signed(value: float) -> str:
    return f"+{_number(value)}" if value > 0 else f"\u2212{_number(-value)}" if value else "0"


def _seconds(value: float | None) -> str:
    if value is None:
        return ""
    if value < 60:
        return f"{value:.1f}\u00a0s"
    return f"{value // 60:.0f}\u00a0min {value % 60:.0f}\u00a0s"


@cache
def _pages() -> Environment:
    pages = Environment(
        loader=FileSystemLoader(PAGES), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    pages.filters |= {
        "number": _number, "percent": _percent, "signed": _signed, "seconds": _seconds,
        "grouped": "{:,}".format,
    }  # fmt: skip
    return pages
