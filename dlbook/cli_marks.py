"""The command line after grading: ``dlbook marks ...``, thin over plain functions."""

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

import click

LEFT_OUT = "Not graded yet, so left out:"
FROM = click.option(
    "--from", "folder", default="marks", show_default=True, metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False), help="What `dlbook grade --out` has written.",
)  # fmt: skip
BY = click.option("--by", metavar="NAME", help="Who says so. Default: your login name.")
FILE = click.Path(path_type=Path)


@click.group()
def marks() -> None:
    """Take the marks of `dlbook grade` further: back into an LMS, for example."""


def _notebooks(words: str = "may be given several times"):
    return click.option(
        "--notebook", "notebooks", multiple=True, metavar="NAME",
        help=f"Only this exercise; {words}. Default: all that were graded.",
    )  # fmt: skip


def _filling(function):
    """Add what Canvas and Moodle have in common."""
    for option in (
        click.option(
            "--only-empty", is_flag=True, help="Leave cells alone that hold a grade already."
        ),
        click.option(
            "--scale", is_flag=True,
            help="Scale the marks to what the platform gives at most for the assignment.",
        ),
        click.option(
            "--out", metavar="FILE", default=None, type=click.Path(path_type=Path, dir_okay=False),
            help="Where the filled file goes. Default: '<name> filled.csv' beside the given one.",
        ),
    ):  # fmt: skip
        function = option(function)
    return _notebooks("several are added up")(FROM(function))


@marks.command()
@click.argument("export", metavar="EXPORT.csv", type=click.Path(path_type=Path))
@_filling
@click.option(
    "--column", default="", metavar="TITLE",
    help="The assignment whose column is filled, with its number or without.",
)  # fmt: skip
def canvas(
    export: Path, folder: Path, notebooks: tuple[str, ...], column: str, scale: bool,
    only_empty: bool, out: Path | None,
) -> None:  # fmt: skip
    """Fill the gradebook that Canvas has exported, for Canvas to import.

    EXPORT.csv is only read; its filled copy differs in one column. Who can't be found in it is
    named. Exit status: 0 done; 3 somebody with marks isn't in the file; 2 nothing was written.
    """
    from dlbook.grading.lms import canvas as platform  # noqa: PLC0415

    def read(notebooks):
        return platform.read_export(export, column, notebooks)

    _fill(export, folder, notebooks, read, scale, only_empty, out)


@marks.command()
@click.argument("worksheet", metavar="WORKSHEET.csv", type=click.Path(path_type=Path))
@_filling
@click.option(
    "--column", default="", metavar="TITLE",
    help="The column for the grades, where it can't be told from what is in the file.",
)  # fmt: skip
@click.option(
    "--comments", default="", metavar="TITLE",
    help="Also write one line of words into this column, where it is empty.",
)  # fmt: skip
def moodle(
    worksheet: Path, folder: Path, notebooks: tuple[str, ...], column: str, comments: str,
    scale: bool, only_empty: bool, out: Path | None,
) -> None:  # fmt: skip
    """Fill the grading worksheet that Moodle has exported, for Moodle to take back.

    WORKSHEET.csv is only read; its filled copy differs in the column for the grades. Who can't
    be found in it is named. Exit status: 0 done; 3 somebody with marks isn't in the file;
    2 nothing was written.
    """
    from dlbook.grading.lms import moodle as platform  # noqa: PLC0415

    def read(_):
        return platform.read_worksheet(worksheet, column, comments)

    _fill(worksheet, folder, notebooks, read, scale, only_empty, out)


def _fill(given, folder, notebooks, read, scale, only_empty, out) -> None:
    from dlbook.grading import files  # noqa: PLC0415
    from dlbook.grading.lms import filling, people  # noqa: PLC0415

    with _told():
        path = filling.free_name(given, out)
        with files.opened(folder) as (book, _):
            counted = people.class_marks(book, notebooks)
        done = filling.fill(read(counted.notebooks), counted, path, scale, only_empty)
    click.echo(done.text())
    sys.exit(3 if done.matched.lost else 0)


@marks.command()
@click.argument("submissions", type=click.Path(path_type=Path))
@FROM
@_notebooks()
@click.option(
    "--out", metavar="FILE", default=None, type=click.Path(path_type=Path, dir_okay=False),
    help="The zip. Default: '<name> feedback.zip' beside SUBMISSIONS.",
)  # fmt: skip
def feedback(submissions: Path, folder: Path, notebooks: tuple[str, ...], out: Path | None) -> None:
    """Pack the feedback pages into a zip that Canvas or Moodle takes back.

    SUBMISSIONS is the download that was graded, a zip or a folder: it has the names by which the
    platform knows its students. Exit status: 0 done; 3 somebody's page isn't in the zip;
    2 nothing was written.
    """
    from dlbook.grading import files  # noqa: PLC0415
    from dlbook.grading.lms import feedback as pages  # noqa: PLC0415

    with _told():
        path = pages.free_name(submissions, out)
        with files.opened(folder) as (book, _):
            done = pages.pack(submissions, folder, book, path, notebooks)
    click.echo(done.text())
    sys.exit(3 if done.lost or done.missing else 0)


@marks.command()
@FROM
@_notebooks()
@click.option(
    "--out", metavar="DIR", default=None, type=click.Path(path_type=Path),
    help="A new folder. Default: gradescope in the folder with the marks.",
)  # fmt: skip
def gradescope(folder: Path, notebooks: tuple[str, ...], out: Path | None) -> None:
    """Write each student's results.json, as an autograder on Gradescope does.

    They are DIR/<student>/results.json.
    """
    from dlbook.grading import files  # noqa: PLC0415
    from dlbook.grading.lms import filling  # noqa: PLC0415
    from dlbook.grading.lms import gradescope as platform  # noqa: PLC0415

    out = out or folder / "gradescope"
    with _told(), files.opened(folder) as (book, _):
        count, left_out = platform.write(book, out, notebooks)
    click.echo(f"{out} holds the results.json of {count} student{'' if count == 1 else 's'}.")
    click.echo("\n".join(filling.told(LEFT_OUT, left_out)), nl=bool(left_out))


@marks.command()
@click.argument("gradebook", required=False, metavar="[GRADEBOOK.db]",
                type=click.Path(path_type=Path))  # fmt: skip
@FROM
@_notebooks()
@click.option("--assignment", default="", metavar="NAME", help="nbgrader's assignment.")
@click.option("--add-students", is_flag=True, help="Add those whom nbgrader doesn't know.")
@click.option(
    "--csv", "table", metavar="FILE", default=None, type=click.Path(path_type=Path),
    help="Write a table as `nbgrader export` does, without nbgrader.",
)  # fmt: skip
@click.option(
    "--out", metavar="FILE", default=None, type=click.Path(path_type=Path, dir_okay=False),
    help="The filled gradebook. Default: '<name> filled.db' beside the given one.",
)  # fmt: skip
def nbgrader(
    gradebook: Path | None, folder: Path, notebooks: tuple[str, ...], assignment: str,
    add_students: bool, table: Path | None, out: Path | None,
) -> None:  # fmt: skip
    """Fill nbgrader's gradebook, or write the table that it exports.

    GRADEBOOK.db is only read; its filled copy has the points of each question as its check
    cell's. Exit status: 0 done; 3 somebody with marks isn't in the gradebook; 2 nothing was
    written.
    """
    from dlbook.grading import files  # noqa: PLC0415
    from dlbook.grading.lms import filling, nbgrader_book  # noqa: PLC0415
    from dlbook.grading.lms.table import write_new  # noqa: PLC0415

    if (gradebook is None) == (table is None):
        raise click.UsageError("Name nbgrader's gradebook.db, or the table with --csv FILE.")
    with _told(), files.opened(folder) as (book, _):
        if table is not None:
            text, left_out = nbgrader_book.as_csv(book, notebooks, assignment)
            write_new(table, text.encode("utf-8", "replace"))
            click.echo(f"{table} holds the marks.")
            click.echo("\n".join(filling.told(LEFT_OUT, left_out)), nl=bool(left_out))
            return
        path = filling.free_name(gradebook, out)
        done = nbgrader_book.fill(book, gradebook, path, notebooks, assignment, add_students)
    click.echo(done.text())
    sys.exit(3 if done.matched.lost else 0)


@marks.command()
@click.argument("file", metavar="OVERRIDES.csv", type=FILE)
@FROM
@BY
def override(file: Path, folder: Path, by: str | None) -> None:
    """Let your points count in place of the machine's.

    OVERRIDES.csv has the columns student, question, points, comment. No points, or a dash, take
    back what was said. All files in DIR are written anew, and grading again keeps your word.
    If anything in the file is wrong, all of it is told, and nothing is changed.
    """
    from dlbook.grading import lastword  # noqa: PLC0415 - loads numpy

    _say(lastword, lastword.override, folder, file, by)


@marks.command()
@click.option("--due", metavar="TIME", help="'2026-11-20 23:59', with a zone if you like.")
@click.option("--per-day", metavar="AMOUNT", help="For each day begun: 10% or '1 point'. [10%]")
@click.option("--grace", metavar="TIME", help="How long after it is still in time: 15m, 1h. [0]")
@click.option("--cap", metavar="AMOUNT", help="The most that is taken off: 50%. [100%]")
@click.option(
    "--notebook", "names", multiple=True, metavar="NAME",
    help="Only for this exercise; may be given several times. Default: for all.",
)  # fmt: skip
@click.option(
    "--extensions", metavar="FILE.csv", type=FILE,
    help="Who has more time: a CSV with the columns student, due. An empty due takes it back.",
)  # fmt: skip
@click.option("--none", "no_rule", is_flag=True, help="Late work costs nothing.")
@FROM
@BY
def late(
    due: str | None, per_day: str | None, grace: str | None, cap: str | None,
    names: tuple[str, ...], extensions: Path | None, no_rule: bool, folder: Path, by: str | None,
) -> None:  # fmt: skip
    """Take points off for late work, by a rule that everybody sees.

    Percents are of an exercise's maximum. A day is a started day after TIME and the grace; TIME
    without seconds is in time until the minute is over. Without options it says what is set.
    """
    from dlbook.grading import lastword  # noqa: PLC0415 - loads numpy

    asked = lastword.Late(due, per_day, grace, cap, names, no_rule, extensions)
    _say(lastword, lastword.set_late, folder, asked, by)


@marks.command()
@FROM
@click.option(
    "--anonymous", is_flag=True, help="Leave the students' names out, to show it to others."
)
def report(folder: Path, anonymous: bool) -> None:
    """Write report.html in DIR anew, from what is graded already."""
    from dlbook.grading import files, lastword  # noqa: PLC0415 - loads numpy

    _say(lastword, files.report_again, folder, anonymous)


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Say in words what is wrong with what was given; then nothing was written."""
    from dlbook.grading.files import UsageError  # noqa: PLC0415
    from dlbook.grading.gradebook import GradebookError  # noqa: PLC0415
    from dlbook.grading.intake import IntakeError  # noqa: PLC0415
    from dlbook.grading.lms.table import LmsError  # noqa: PLC0415

    try:
        yield
    except (UsageError, GradebookError, IntakeError, LmsError, OSError) as error:
        raise click.UsageError(str(error)) from None


def _say(lastword, function, *arguments) -> None:
    """Print what a function has done, or what is wrong."""
    try:
        click.echo(function(*arguments))
    except lastword.WRONG as error:
        raise click.UsageError(str(error)) from None
    except lastword.FAILURES as error:
        click.echo(str(error), err=True)
        sys.exit(1)
