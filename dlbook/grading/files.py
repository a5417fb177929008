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
        Leave the names out of the report; unless given, as it was the last time.

    Returns
    -------
    tuple of Path
        What was put aside.
    """
    if anonymous is None:
        anonymous = report.is_anonymous(out / "report.html")
    makers = {  # one after the other: of a large class each takes its room in memory
        "grades.csv": lambda: tables.as_csv(tables.rows(book)),
        "totals.csv": lambda: tables.totals_csv(book),
        "grades.json": lambda: _as_text(tables.as_json(book, run)),
        "report.html": lambda: report.report_page(book, run, anonymous),
    }
    old = [tables.write(out / name, make(), book) for name, make in makers.items()]
    report.write_feedback(book, out / "feedback")
    return tuple(path for path in old if path)


def report_again(folder: Path, anonymous: bool) -> str:
    """Write the report about a class that is graded already; nothing is graded.

    Returns
    -------
    str
        What was done, as a person reads it.

    Raises
    ------
    UsageError
        If nothing was graded into this folder.
    """
    path = folder / "report.html"
    with opened(folder) as (book, run):
        kept = tables.write(path, report.report_page(book, run, anonymous), book)
    told = [f"{kept} had been changed by hand; it is kept."] if kept else []
    return "\n".join([*told, f"Class:    {path}"])


def _as_text(data: dict) -> str:
    """Return data as JSON: a line for each row of a table, and never all of them at once."""
    text = io.StringIO()
    before = "{"
    for name, value in data.items():
        text.write(f"{before}{json.dumps(name)}: ")
        before = ",\n"
        if isinstance(value, list | Iterator):
            text.write("[")
            for place, row in enumerate(value):
                text.write(f"{',' * bool(place)}\n{json.dumps(row)}")
            text.write("]")
        else:
            text.write(json.dumps(value))
    text.write("}\n")
    return text.getvalue()
