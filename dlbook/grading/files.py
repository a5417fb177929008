"""The files that go with a gradebook: written by `dlbook grade`, and anew after a last word."""

import contextlib
import io
import json
from collections.abc import Iterator
from pathlib import Path

from dlbook.grading import report, tables
from dlbook.grading.gradebook import Gradebook, Run

GRADEBOOK = "gradebook.sqlite"
OWN = ("grades.csv", "totals.csv", "grades.json", "report.html")


class UsageError(ValueError):
    """The command was given something that it can't work with."""


@contextlib.contextmanager
def opened(folder: Path) -> Iterator[tuple[Gradebook, Run]]:
    """Open the gradebook of a folder that `dlbook grade` has made, with its last run.

    Raises
    ------
    UsageError
        If there is none; nothing is made.
    """
    path = folder / GRADEBOOK
    if not path.is_file():
        raise UsageError(
            f"{folder} holds no {GRADEBOOK}. Name the folder that `dlbook grade --out` wrote, "
            "with --from."
        )
    with Gradebook(path) as book:
        run = book.last_run()
        if run is None:
            raise UsageError(f"{path} holds no marks yet. Run `dlbook grade` first.")
        yield book, run


def write_all(
    out: Path, book: Gradebook, run: Run, anonymous: bool | None = None
) -> tuple[Path, ...]:
    """Write marks, report and feedback; what a person changed by hand is put aside.

    Parameters
    ----------
    out : Path
    book : Gradebook
    run : Run
    anonymous : bool, optional
        Whether the report leaves names out; as last time unless given.

    Returns
    -------
    tuple of Path
        What was put aside.
    """
    makers = {  # one after the other: of a large class each takes its room in memory
        "grades.csv": lambda: tables.as_csv(tables.rows(book)),
        "totals.csv": lambda: tables.totals_csv(book),
        "grades.json": lambda: _as_text(tables.as_json(book, run)),
        "report.html": lambda: report.report_page(book, run, _is_anonymous(book, anonymous)),
    }
    old = [tables.write(out / name, make(), book) for name, make in makers.items()]
    report.write_feedback(book, out / "feedback")
    return tuple(path for path in old if path)


def write_report(out: Path, book: Gradebook, run: Run, anonymous: bool) -> tuple[Path, ...]:
    """Write only the report."""
    page = report.report_page(book, run, _is_anonymous(book, anonymous))
    kept = tables.write(out / "report.html", page, book)
    return (kept,) if kept else ()


def _is_anonymous(book: Gradebook, asked: bool | None) -> bool:
    """Return what is asked for, and remember it; or what was asked for last time."""
    if asked is not None:
        book.choose("anonymous", str(int(asked)))
    return book.chosen("anonymous") == "1"


def _as_text(data: dict) -> str:
    """Return data as JSON, without the pieces of all of it lying about at once."""
    text = io.StringIO()
    json.dump(data, text, indent=1)
    text.write("\n")
    return text.getvalue()
