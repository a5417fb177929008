"""Marks as tables: the CSV and the JSON beside it, and what is printed at the end of a run.

They see the gradebook's rows only.
"""

import csv
import hashlib
import io
import os
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from dlbook.grading.gradebook import Gradebook
from dlbook.grading.totals import rules, tidy, totals

COLUMNS = (
    "student", "notebook", "question", "points", "max_points", "outcome", "mistake", "message",
)  # fmt: skip
TOTALS = (
    "student", "student_id", "notebook", "points", "penalty", "final", "max_points", "why",
)  # fmt: skip
CHANGED = {
    "work": "the work has changed since",
    "key": "the answer key has changed since",
    "gone": "there is no such question any more",
}
FORMULA = tuple("=+-@\t\r\n|%")  # what a table program may take for the start of a formula
OUTCOMES = ("correct", "incorrect", "not attempted", "error", "timed out", "not graded")


def rows(book: Gradebook) -> list[dict]:
    """Return a row for each student and question; one for a student with nothing to grade."""
    found = book.marks(COLUMNS)
    known = {row["student"] for row in found}
    for problem in book.problems():
        if problem["student"] and problem["student"] not in known:
            known.add(problem["student"])
            found.append({
                "student": problem["student"], "notebook": "", "question": "", "points": 0,
                "max_points": 0, "outcome": "not graded", "mistake": "",
                "message": " ".join(problem["reason"].split()),
            })  # fmt: skip
    return found


def as_csv(table: Sequence[dict], columns: Sequence[str] = COLUMNS) -> str:
    """Return rows as CSV, in which no cell begins as a formula does."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    for row in table:
        writer.writerow([_harmless(row[name]) for name in columns])
    return text.getvalue()


def totals_csv(book: Gradebook) -> str:
    """Return what each student has for each exercise as CSV, late work taken into account."""
    return as_csv(_totals(book), TOTALS)


def as_json(book: Gradebook, run) -> dict:
    """Return all that the gradebook holds as plain data; the results come one by one."""
    table = rows(book)
    return {
        "points": tidy(sum(row["points"] for row in table)),
        "max_points": sum(row["max_points"] for row in table),
        "students": book.students(),
        "results": book.details(),
        "totals": _totals(book),
        "overrides": book.overrides(),
        "late_rules": book.late_rules(),
        "extensions": book.extensions(),
        "notes": book.notes(),
        "problems": book.problems(),
        "moved": book.moved(run),
        "rows": table,
    }


def lost(book: Gradebook) -> list[tuple[str, str, str]]:
    """Return what could not be graded: student, exercise or file, and the reason."""
    own = [row for row in rows(book) if row["outcome"] == "not graded"]
    found = dict.fromkeys((row["student"], row["notebook"], row["message"]) for row in own)
    known = {row["student"] for row in own}
    others = [problem for problem in book.problems() if problem["student"] not in known]
    found |= dict.fromkeys(
        (p["student"] or p["location"], p["student"] and p["location"],
         " ".join(p["reason"].split()))
        for p in others
    )  # fmt: skip
    return list(found)


def summary(book: Gradebook, run) -> str:
    """Return what the class did as a person reads it at the terminal."""
    table = rows(book)
    lines = ["", *_by_notebook(table), "", *_mistakes(table)]
    moved = book.moved(run)
    if moved:
        lines += ["", f"Marks that moved: {len(moved)}."]
        lines += [
            f"  {shown(m['student'])}  {shown(m['question'])}  "
            f"{m['before']} -> {m['after']}  ({m['why']})"
            for m in moved[:20]
        ]
        lines += [f"  ... and {len(moved) - 20} more in report.html"] if len(moved) > 20 else []
    ruled = last_word_lines(book) + late_lines(book)
    lines += ["", *ruled] if ruled else []
    reasons = lost(book)
    if reasons:
        lines += ["", f"Could not be graded: {len(reasons)}."]
        lines += [
            f"  {shown(student)}{' ' + shown(name) if name else ''}: {shown(reason)}"
            for student, name, reason in reasons
        ]
    return "\n".join(lines)


def last_word_lines(book: Gradebook) -> list[str]:
    """Return how many marks a teacher has set, and those to be looked at again."""
    words = book.last_words()
    if not words:
        return []
    changed = [word for word in words if word["changed"]]
    lines = [f"Marks that a teacher has set: {len(words)}."]
    lines[0] += f" Look at {len(changed)} again:" if changed else ""
    for word in changed[:20]:
        why = CHANGED[word["changed"]]
        why += "" if word["changed"] == "gone" else "; it counts all the same"
        lines.append(
            f"  {shown(word['student'])}  {word['question']}  {tidy(word['points'])}  ({why})"
        )
    return lines + [f"  ... and {len(changed) - 20} more"] * (len(changed) > 20)


def late_lines(book: Gradebook) -> list[str]:
    """Return the rules for late work, and what they cost."""
    found = rules(book)
    if not any(found.values()):
        return []
    lines = [
        f"Late work{f' in {name}' if name else ''}: {rule or 'costs nothing'}."
        for name, rule in found.items()
    ]
    less = [total for total in totals(book) if total.penalty]
    off = tidy(sum(total.penalty for total in less))
    marks = "1 mark" if len(less) == 1 else f"{len(less)} marks"
    lines += [f"Lower for it: {marks}, by {off} {'point' if off == 1 else 'points'}."]
    longer = len({row["student"] for row in book.extensions()})
    return lines + [f"Students with more time: {longer}."] * bool(longer)


def shown(text: str) -> str:
    """Return a text that can't move a terminal's cursor or colour it."""
    return "".join(c if c.isprintable() else "\ufffd" for c in text)


def write(path: Path, text: str, book: Gradebook) -> Path | None:
    """Write a file whole or not at all; what a person changed in the old one is kept.

    Returns
    -------
    Path or None
        Where the old one was put, if somebody had changed it.
    """
    contents = text.encode("utf-8")
    kept = None
    if path.exists():
        old = path.read_bytes()
        if hashlib.sha256(old).hexdigest() != book.written(path.name) and old != contents:
            kept = path.with_name(f"{path.stem} kept {datetime.now():%Y-%m-%d %H%M%S}{path.suffix}")
            path.rename(kept)
    book.set_written(path.name, hashlib.sha256(contents).hexdigest())
    beside = path.with_name(f".{path.name}.new")
    beside.write_bytes(contents)
    os.replace(beside, path)
    return kept


def _totals(book: Gradebook) -> list[dict]:
    return [{name: getattr(total, name) for name in TOTALS} for total in totals(book)]


def _harmless(value: object) -> str:
    text = str(value)
    return f"'{text}" if text.lstrip(" \u00a0\ufeff").startswith(FORMULA) else text


def _by_notebook(table: Sequence[dict]) -> list[str]:
    names = list(dict.fromkeys(row["notebook"] for row in table if row["max_points"]))
    head = ["notebook", "students", "mean", *OUTCOMES]
    body = []
    for name in names:
        own = [row for row in table if row["notebook"] == name]
        students = len({row["student"] for row in own})
        each = sum(r["points"] for r in own) / students
        most = sum({r["question"]: r["max_points"] for r in own}.values())
        counts = Counter(row["outcome"] for row in own)
        body.append([shown(name), str(students), f"{each:.1f} of {most}",
                     *(str(counts[o]) for o in OUTCOMES)])  # fmt: skip
    return _aligned([head, *body]) if body else []


def _mistakes(table: Sequence[dict]) -> list[str]:
    counts = Counter((row["question"], row["mistake"]) for row in table if row["mistake"])
    if not counts:
        return []
    body = [[str(count), *names] for names, count in counts.most_common(10)]
    return ["The most frequent mistakes:", *_aligned([["students", "question", "mistake"], *body])]


def _aligned(table: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[i]) for row in table) for i in range(len(table[0]))]
    return [
        "  " + "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip()
        for row in table
    ]
