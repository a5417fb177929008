"""What `dlbook marks override` and `dlbook marks late` do, as plain functions.

Everything is checked before anything is written; then all files are written anew.
"""

import getpass
from dataclasses import dataclass
from pathlib import Path

from dlbook.exercises import key
from dlbook.grading import files, late, overrides, sheets, tables
from dlbook.grading.files import UsageError
from dlbook.grading.gradebook import Gradebook, GradebookError
from dlbook.grading.totals import rules, totals

FAILURES = (GradebookError, OSError)
WRONG = (UsageError, sheets.SheetError, late.LateError)
SHOWN = 20  # lines of a list at the terminal


@dataclass(frozen=True)
class Late:
    """A rule for late work as it was typed at the command line."""

    due: str | None = None
    per_day: str | None = None
    grace: str | None = None
    cap: str | None = None
    notebooks: tuple[str, ...] = ()
    no_rule: bool = False
    extensions: Path | None = None


def override(folder: Path, path: Path, by: str | None = None) -> str:
    """Let the points of a CSV count in place of the machine's.

    Parameters
    ----------
    folder : Path
        What `dlbook grade --out` has written.
    path : Path
        The CSV.
    by : str, optional
        Who says so; the login name unless given.

    Returns
    -------
    str
        What was done, as a person reads it.

    Raises
    ------
    UsageError, sheets.SheetError
        If something is wrong; then nothing was changed.
    """
    by = _who(by)
    with files.opened(folder) as (book, run):
        words, unused = overrides.check(path, book)
        news = overrides.news(words, book, by)
        before = _points(book)
        book.override(news, by)
        after = _points(book)
        kept = files.write_all(folder, book, run)
        lines = [_counts(news, len(words) - len(news), by)]
        places = [(word.student, word.notebook, word.question) for word in news]
        lines += _some([
            f"  {tables.shown(place[0])}  {place[2]}  {before[place]} -> {after[place]}"
            for place in places
        ])  # fmt: skip
        lines += [f"Not used: the columns {', '.join(map(tables.shown, unused))}."] * bool(unused)
        lines += [*tables.last_word_lines(book), *_after(folder, kept)]
    return "\n".join(lines)


def set_late(folder: Path, asked: Late, by: str | None = None) -> str:
    """Set what late work costs, give students more time, or show what is set.

    Raises
    ------
    UsageError, sheets.SheetError, late.LateError
        If something is wrong; then nothing was changed.
    """
    by = _who(by)
    others = (asked.due, asked.per_day, asked.grace, asked.cap, asked.extensions)
    if asked.no_rule and others != (None,) * 5:
        raise UsageError("--none takes the rule away. Leave the other options out.")
    unknown = [name for name in asked.notebooks if name not in key.notebooks()]
    if unknown:
        raise UsageError(
            f"No exercise is called {unknown[0]!r}. There are: {', '.join(key.notebooks())}."
        )
    with files.opened(folder) as (book, run):
        written = _rules_of(asked)
        longer = _extensions_of(asked, book, written)
        if not (written or longer):
            return "\n".join(tables.late_lines(book) or ["Late work costs nothing."])
        if written:
            book.set_late_rule(written, by, alone=not asked.notebooks)
        book.extend(longer, by)
        kept = files.write_all(folder, book, run)
        lines = tables.late_lines(book) or ["Late work costs nothing."]
        lines += _some([
            f"  {tables.shown(t.student)}  {t.notebook}  {t.points} - {t.penalty} = {t.final}"
            for t in totals(book) if t.penalty
        ])  # fmt: skip
        lines += _after(folder, kept)
    return "\n".join(lines)


def _rules_of(asked: Late) -> list[tuple]:
    """Return the rules to be written, checked."""
    if asked.due is None and (asked.per_day or asked.grace or asked.cap):
        raise UsageError("--per-day, --grace and --cap go with --due. Say all of the rule again.")
    if asked.due is None and not asked.no_rule:
        return []
    names = asked.notebooks or ("",)
    if asked.no_rule:
        return [(name, "", "", 0, "") for name in names]
    rule = late.Rule(
        late.read_due(asked.due), late.read_amount(asked.per_day or "10%", "--per-day"),
        late.read_grace(asked.grace or "0"), late.read_amount(asked.cap or "100%", "--cap"),
    )  # fmt: skip
    told = (str(rule.due), str(rule.per_day), rule.grace_seconds, str(rule.cap))
    return [(name, *told) for name in names]


def _extensions_of(asked: Late, book: Gradebook, written: list[tuple]) -> list[tuple]:
    """Return who gets more time for which exercise, checked."""
    if asked.extensions is None:
        return []
    sheet = sheets.read(asked.extensions, ("student", "due"))
    known = [late.read_due(row[1]) for row in written] or [
        rule.due for name, rule in rules(book).items()
        if rule and (not asked.notebooks or name in ("", *asked.notebooks))
    ]  # fmt: skip
    if not known:
        raise UsageError("More time than when? Say --due as well.")
    people, faults, found, seen = overrides.People(book), [], [], {}
    first = min(known, key=lambda due: due.after(0))
    for row in sheet.rows:
        whose = people.find(row["student"])
        if len(whose) != 1:
            faults.append((row.line, people.fault(row["student"], whose)))
            continue
        (student,) = whose
        if student in seen:
            faults.append((row.line, f"{student} stands in line {seen[student]} too. Leave one."))
        seen.setdefault(student, row.line)
        try:
            due = _more_time(row["due"], first)
        except late.LateError as error:
            faults.append((row.line, str(error)))
            continue
        found += [(student, name, due) for name in asked.notebooks or ("",)]
    sheet.require(faults)
    return found


def _more_time(text: str, first: late.Due) -> str:
    """Return a due time as it is kept; nothing where more time is taken back."""
    if text in overrides.BACK:
        return ""
    due = late.read_due(text, first.zone)
    if due.after(0) <= first.after(0):
        raise late.LateError(f"{text} is not later than the due time {first}.")
    return str(due)


def _who(by: str | None) -> str:
    """Return the name of who is at work."""
    if by is None:
        try:
            by = getpass.getuser()
        except (OSError, KeyError, ImportError):
            by = ""
    name = tables.shown(" ".join(by.split()))
    if not name:
        raise UsageError("Whose word is it? Say your name: --by NAME")
    return name


def _points(book: Gradebook) -> dict[tuple[str, str, str], float]:
    rows = book.marks(("student", "notebook", "question", "points"))
    return {(row["student"], row["notebook"], row["question"]): row["points"] for row in rows}


def _counts(news: list[overrides.Word], same: int, by: str) -> str:
    back = sum(word.points is None for word in news)
    told = [f"{len(news) - back} set by {by}"]
    told += [f"{back} taken back"] * bool(back) + [f"{same} as before"] * bool(same)
    return f"Points: {', '.join(told)}."


def _after(folder: Path, kept: tuple[Path, ...]) -> list[str]:
    lines = [f"{old} had been changed by hand; it is kept." for old in kept]
    return ["", *lines, f"Marks:    {folder / 'grades.csv'}, {folder / 'totals.csv'}",
            f"Feedback: {folder / 'feedback'}"]  # fmt: skip


def _some(lines: list[str]) -> list[str]:
    more = len(lines) - SHOWN
    return lines[:SHOWN] + [f"  ... and {more} more"] * (more > 0)
