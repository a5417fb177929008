"""The command line for authors: ``dlbook new ...``, thin over plain functions."""

import contextlib
import os
import shlex
from collections.abc import Iterator
from pathlib import Path

import click

NAME = "NAME may hold lower-case letters, digits and underscores, and begins with a letter."


@click.group()
def new() -> None:
    """Begin an exercise, a chapter, or a course of your own. Nothing is ever overwritten."""


@new.command(epilog=NAME)
@click.argument("name")
@click.option("--title", help="What it is called in the menu. Default: made of NAME.")
@click.option(
    "--from-book", is_flag=True,
    help="Take the questions of one of the book's five, to change them in a clone of the book.",
)  # fmt: skip
@click.pass_context
def exercise(context: click.Context, name: str, title: str | None, from_book: bool) -> None:
    """Make an exercise with one question, ready to run, and its tests.

    It is added to the course at or above the current folder, or that of dlbook --course FOLDER.
    In an empty or new folder a course is made around it.
    """
    from dlbook.starter import begin  # noqa: PLC0415 - for authors only

    folder = _folder(context)
    with _refusing():
        if from_book:
            made = begin.exercise_from_book(folder, name)
        else:
            made = begin.new_exercise(folder, name, title)
    _say(made)
    key = f"answer_key/{name}.py"
    if from_book:
        _say_next(
            folder,
            (f"{key} is now what counts, in place of the book's own. Change it there.", ""),
            (f"When solutions/{name}.ipynb fits it again:", f"dlbook release {name}"),
            ("See whether all fits together:", "dlbook doctor"),
        )
        return
    _say_next(
        folder,
        ("It works as it is. Do it as a student:", "dlbook lab"),
        ("Prove its question:", f"pytest tests/test_{name}.py"),
        (f"Then write your own question into {key} and solutions/{name}.ipynb.", ""),
        ("Let the notebook's cells fit it:", f"dlbook new cells {name}"),
        (
            "Run the notebook from top to bottom, save it, and make the students' one:",
            f"dlbook release {name}",
        ),
    )


@new.command(epilog=NAME)
@click.argument("name")
@click.option("--title", help="What the chapter is called. Default: made of NAME.")
@click.pass_context
def chapter(context: click.Context, name: str, title: str | None) -> None:
    """Make the page book/NAME.md from the template, the last of the numbered chapters.

    It is added to the course at or above the current folder, or that of dlbook --course FOLDER.
    In an empty or new folder a book is made around it.
    """
    from dlbook.starter import begin  # noqa: PLC0415 - for authors only

    folder = _folder(context)
    with _refusing():
        made = begin.new_chapter(folder, name, title)
    _say(made)
    _say_next(
        folder,
        ("It builds as it is. Look at it:", "dlbook build"),
        (f"Then put your own idea into book/{name}.md, part by part.", ""),
    )


@new.command(epilog=NAME)
@click.argument("name")
@click.pass_context
def cells(context: click.Context, name: str) -> None:
    """Fit the cells of solutions/NAME.ipynb to the questions of answer_key/NAME.py.

    A cell with "# BEGIN SOLUTION" that defines a question's function is marked as its answer, one
    that calls check with its id as its check. What is missing is added at the end. No cell's text
    is changed.
    """
    from dlbook.starter.cells import fit  # noqa: PLC0415

    folder = _folder(context)
    with _refusing():
        done = fit(folder, name)
    for sentence in done:
        click.echo(sentence)
    if not done:
        click.echo(f"solutions/{name}.ipynb fits answer_key/{name}.py already.")


@contextlib.contextmanager
def _refusing() -> Iterator[None]:
    """Turn a refusal into wrong usage."""
    from dlbook.starter.writing import NotMadeError  # noqa: PLC0415

    try:
        yield
    except NotMadeError as error:
        raise click.UsageError(str(error)) from None


def _folder(context: click.Context) -> Path:
    from dlbook.starter import begin  # noqa: PLC0415

    return begin.folder_meant(context.obj, context.meta.get("dlbook.course"), Path.cwd())


def _say(made) -> None:
    what = "A new course" if made.is_new_course else "Made"
    click.echo(f"{what}, in {_shown(made.folder)}:\n")
    for name in made.new:
        click.echo(f"  {name}")
    for name in made.changed:
        click.echo(f"  {name}  (some lines more)")


def _say_next(folder: Path, *steps: tuple[str, str]) -> None:
    click.echo()
    if _shown(folder) != "this folder":
        click.echo(f"Go there:\n\n    cd {shlex.quote(_shown(folder))}\n")
    for words, command in steps:
        click.echo(words)
        if command:
            click.echo(f"\n    {command}\n")


def _shown(folder: Path) -> str:
    """Return a folder as somebody would type it here."""
    if folder.resolve() == Path.cwd():
        return "this folder"
    near = os.path.relpath(folder)
    return near if not near.startswith("..") else str(folder)
