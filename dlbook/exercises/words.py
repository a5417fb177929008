"""A verdict in words: the same words as HTML for JupyterLab and as plain text everywhere else."""

import html
from collections.abc import Sequence
from typing import NamedTuple

from dlbook.exercises.verdict import Verdict

SIGNS = {
    "correct": "✓",
    "incorrect": "✗",
    "error": "✗",
    "timed out": "✗",
    "not attempted": "○",
    "": "·",
}
# JupyterLab's own colours, which change with its theme; never the only sign.
_COLOURS = {
    "correct": "var(--jp-success-color1, #2e7d32)",
    "not attempted": "var(--jp-info-color1, #1565c0)",
    "": "var(--jp-info-color1, #1565c0)",
}
_WARM = "var(--jp-warn-color1, #b85c00)"


class Part(NamedTuple):
    """A paragraph, or a block of code with a label."""

    text: str
    label: str = ""
    code: bool = False


class Table(NamedTuple):
    """A small table; the first row holds the headings."""

    rows: Sequence[Sequence[str]]


class Message:
    """Something to tell a person: a headline and parts, as HTML and as text.

    Parameters
    ----------
    headline : str
    parts : sequence of Part or Table
    outcome : str, optional
        Chooses the sign and the colour.
    """

    def __init__(
        self, headline: str, parts: Sequence[Part | Table] = (), outcome: str = ""
    ) -> None:
        self.outcome = outcome
        self.headline = f"{SIGNS[outcome]} {headline}"
        self.parts = list(parts)

    def __str__(self) -> str:
        lines = [self.headline]
        for part in self.parts:
            if isinstance(part, Table):
                lines += ["", *_text_table(part)]
            elif part.code and "\n" in part.text:
                lines += [part.label, *(f"    {line}" for line in part.text.splitlines())]
            else:
                lines.append(f"{part.label} {part.text}" if part.label else part.text)
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        colour = _COLOURS.get(self.outcome, _WARM)
        body = "".join(_html_part(part) for part in self.parts)
        return (
            f'<div style="border-left: 4px solid {colour}; padding: 0.2em 0 0.2em 0.9em; '
            'margin: 0.3em 0; max-width: 46em; line-height: 1.5">'
            f'<p style="margin: 0.2em 0"><strong>{html.escape(self.headline)}</strong></p>'
            f"{body}</div>"
        )


def message_of(verdict: Verdict) -> Message:
    """Put a verdict into words."""
    question = verdict.question
    name = question.id
    if verdict.outcome == "correct":
        headline = f"Correct: {name}, {_points(question.points)}."
        return Message(headline, [Part(verdict.note)] if verdict.note else [], "correct")
    if verdict.outcome == "not attempted":
        parts = [Part(verdict.finding or "There is no answer in the cell yet.")]
        return Message(f"Not attempted yet: {name}.", [*parts, _more(name)], "not attempted")
    headline = {
        "error": f"An error: {name} isn't right yet.",
        "timed out": f"Too slow: {name} isn't right yet.",
    }.get(verdict.outcome, f"Not right yet: {name}.")
    if verdict.points:
        headline += f" {verdict.points} of {_points(question.points)} so far."
    parts = []
    if verdict.mistake is not None:
        parts.append(Part(verdict.mistake.says, f"{verdict.mistake.title}."))
    if verdict.mistake is None or verdict.outcome == "error":
        parts.append(Part(verdict.finding))
    if verdict.line:
        parts.append(Part(verdict.line, "In your line:", code=True))
    if verdict.note:
        parts.append(Part(verdict.note))
    for label, text in (
        ("Given:", verdict.given), ("Yours:", verdict.yours), ("Right:", verdict.right),
        ("Your function printed:", verdict.printed.strip()),
    ):  # fmt: skip
        if text:
            parts.append(Part(text, label, code=True))
    read = (verdict.mistake and verdict.mistake.read) or question.read
    parts.append(Part(f"{read}.", "Read again:"))
    return Message(headline, [*parts, _more(name)], verdict.outcome)


def headline_of(verdict: Verdict) -> str:
    """Put a verdict that isn't "correct" into one line."""
    why = f"{verdict.mistake.title}." if verdict.mistake else verdict.finding.split("\n")[0]
    return f"{verdict.question.id}: {verdict.outcome}. {why}".strip()


def _more(name: str) -> Part:
    return Part(f'hint("{name}")', "For a hint, type:", code=True)


def _points(points: int) -> str:
    return "1 point" if points == 1 else f"{points} points"


def _html_part(part: Part | Table) -> str:
    if isinstance(part, Table):
        return _html_table(part)
    label = f"<strong>{html.escape(part.label)}</strong> " if part.label else ""
    text = html.escape(part.text)
    if not part.code:
        return f'<p style="margin: 0.4em 0">{label}{text}</p>'
    if "\n" not in part.text:
        code = f'<code style="white-space: pre-wrap">{text}</code>'
        return f'<p style="margin: 0.4em 0">{label}{code}</p>'
    return (
        f'<p style="margin: 0.4em 0 0">{label}</p><pre style="margin: 0.1em 0 0.4em; '
        f'padding: 0.2em 0.6em; overflow-x: auto; white-space: pre" tabindex="0">{text}</pre>'
    )


def _text_table(table: Table) -> list[str]:
    widths = [max(len(row[i]) for row in table.rows) for i in range(len(table.rows[0]))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in table.rows
    ]


def _html_table(table: Table) -> str:
    head, *rows = table.rows
    style = ' style="text-align: left; padding: 0.1em 1em 0.1em 0"'
    cells = "".join(f'<th scope="col"{style}>{html.escape(cell)}</th>' for cell in head)
    body = "".join(
        "<tr>" + "".join(f"<td{style}>{html.escape(cell)}</td>" for cell in row) + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{cells}</tr></thead><tbody>{body}</tbody></table>"
