"""One line of the doctor's: what was looked at, and what is to be mended."""

import shutil
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from dlbook.exercises.proof import Finding

SIGNS = {"good": "✓", "note": "!", "mend": "✗", "left out": "·"}
WIDEST = 100  # columns

# What is looked at: of a notebook, then of what runs it, then of kernels.
KEY, SOLUTION, EXERCISE, STUBS = "answer key", "solution", "exercise", "stubs"
OUTPUTS, WHOLE, GRADED = "outputs", "whole exercise", "graded"
COLD, WARM = "a cold kernel", "a warm kernel"


@dataclass(frozen=True)
class Check:
    """One thing that was looked at.

    Parameters
    ----------
    group : str
        "This machine", "The sandbox", "The course", or a notebook's name.
    name : str
        What was looked at, in a word or two.
    says : str
        What was found.
    state : str
        One of `SIGNS`: "note" is worth knowing, "mend" must be mended.
    findings : sequence of Finding
    """

    group: str
    name: str
    says: str
    state: str = "good"
    findings: Sequence[Finding] = ()


def of(group: str, name: str, says: str, findings: Iterable[Finding]) -> Check:
    """Return a check that says something good where there are no findings, else how many."""
    findings = tuple(findings)
    if not findings:
        return Check(group, name, says)
    count = len(findings)
    told = "1 thing to mend" if count == 1 else f"{count} things to mend"
    return Check(group, name, told, "mend", findings)


def to_mend(checks: Iterable[Check]) -> int:
    """Return how many faults there are."""
    return sum(max(1, len(one.findings)) for one in checks if one.state == "mend")


def as_text(one: Check, width: int = 0) -> str:
    """Return a check as a person reads it: a line, and its findings below it."""
    width = width or min(WIDEST, shutil.get_terminal_size().columns)
    head = f"  {SIGNS[one.state]} {one.state:<9} {one.name}: "
    lines = _wrapped(head, f"{one.says}", width, 14)
    for finding in one.findings:
        mistake = f"mistake {finding.mistake}" if finding.mistake else ""
        where = ", ".join(filter(None, (finding.question, mistake)))
        lines += _wrapped(
            "      - ", f"{where}: {finding.wrong}" if where else finding.wrong, width, 8
        )
        lines += _wrapped("        → ", finding.advice, width, 10)
    return "\n".join(lines)


def summary(checks: Sequence[Check]) -> str:
    """Return the last line: the count."""
    faults, notes = to_mend(checks), sum(one.state == "note" for one in checks)
    left_out = sum(one.state == "left out" for one in checks)
    told = {0: "Nothing to mend", 1: "1 thing to mend"}.get(faults, f"{faults} things to mend")
    parts = [f"{told} in {len(checks)} checks"]
    parts += [f"{notes} {'note' if notes == 1 else 'notes'}"] if notes else []
    parts += [f"{left_out} left out"] if left_out else []
    return ", ".join(parts) + "."


def as_data(checks: Sequence[Check]) -> dict:
    """Return all checks as plain data."""
    return {
        "to_mend": to_mend(checks),
        "checks": [
            {**asdict(one), "findings": [asdict(finding) for finding in one.findings]}
            for one in checks
        ],
    }


def printable(text: str) -> str:
    """Return a text in which nothing moves a cursor: what can't be shown is written out."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _wrapped(head: str, text: str, width: int, indent: int) -> list[str]:
    return textwrap.wrap(
        printable(" ".join(text.split())), max(width, 40), initial_indent=printable(head),
        subsequent_indent=" " * indent, break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
