"""The command line after grading: ``dlbook marks ...``, thin over plain functions."""

import sys
from pathlib import Path

import click


@click.group()
def marks() -> None:
    """Take the marks of `dlbook grade` further: back into an LMS, for example."""


def _from_folder(function):
    return click.option(
        "--from", "folder", default="marks", show_default=True, metavar="DIR",
        type=click.Path(path_type=Path, file_okay=False),
        help="The folder with the marks: what `dlbook grade --out` was given.",
    )(function)  # fmt: skip


def _notebooks(function):
    return click.option(
        "--notebook", "notebooks", multiple=True, metavar="NAME",
        help="Only this exercise; several are added up. Default: all that were graded.",
    )(function)  # fmt: skip


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
    return _notebooks(_from_folder(function))


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
    from dlbook.grading.lms import filling, people  # noqa: PLC0415
    from dlbook.grading.lms.table import LmsError  # noqa: PLC0415

    try:
        path = filling.free_name(given, out)
        with people.opened(folder) as book:
            counted = people.class_marks(book, notebooks)
        done = filling.fill(read(counted.notebooks), counted, path, scale, only_empty)
    except (LmsError, OSError) as error:
        raise click.UsageError(str(error)) from None
    click.echo(done.text())
    sys.exit(3 if done.matched.lost else 0)
