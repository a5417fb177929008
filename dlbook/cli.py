"""The command line: ``dlbook build`` and its sisters, thin over plain functions."""

import json
import os
import subprocess
import sys
from pathlib import Path

import click

from dlbook import __version__


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="dlbook")
def main() -> None:
    """Read, build and practise the book "Deep Learning Introduction"."""


@main.command()
def build() -> None:
    """Build the HTML book and say where to open it."""
    from dlbook.building import book_folder, build  # noqa: PLC0415

    folder = _or_usage_error(book_folder, Path.cwd())
    click.echo("Building the book. The first time takes about two minutes.")
    try:
        page = build(folder)
    except subprocess.CalledProcessError:
        click.echo("The book was not built. What is wrong stands above, page by page.", err=True)
        sys.exit(1)
    click.echo(f"\nThe book is ready. Open it in a browser:\n\n    {page.as_uri()}\n")


@main.command()
@click.option("--pages", is_flag=True, help="Open the book's pages instead of the exercises.")
@click.option("--no-browser", is_flag=True, help="Only print the address.")
def lab(pages: bool, no_browser: bool) -> None:
    """Open JupyterLab in the exercises' folder; Ctrl-C ends it.

    With --pages it shows the chapters: right-click one, "Open With", "Notebook".
    """
    from dlbook.building import book_folder  # noqa: PLC0415

    folder = _or_usage_error(book_folder, Path.cwd()) / ("book" if pages else "exercises")
    options = ["--no-browser"] if no_browser else []
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options.append("--allow-root")  # in a container there is often nobody else
    command = [sys.executable, "-m", "jupyterlab", f"--notebook-dir={folder}", *options]
    try:
        sys.exit(subprocess.run(command, check=False).returncode)
    except KeyboardInterrupt:
        click.echo("JupyterLab has ended. Your notebooks are saved where they were.")


@main.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--force", is_flag=True, help="Replace an exercise in which somebody has written.")
def release(names: tuple[str, ...], force: bool) -> None:
    """Make exercises/NAME.ipynb from solutions/NAME.ipynb, without the answers.

    Without a NAME all exercises are made.
    """
    from dlbook.building import book_folder  # noqa: PLC0415
    from dlbook.exercises import key, release  # noqa: PLC0415 - for authors only

    folder = _or_usage_error(book_folder, Path.cwd())
    failed = False
    for name in names or key.NOTEBOOKS:
        if name not in key.NOTEBOOKS:
            raise click.UsageError(f"No exercise is called {name!r}. {_listed(key.NOTEBOOKS)}")
        exercise = folder / "exercises" / f"{name}.ipynb"
        try:
            release.release(folder / "solutions" / f"{name}.ipynb", exercise, force)
            click.echo(f"exercises/{name}.ipynb is made.")
        except (OSError, ValueError) as error:
            failed = True
            click.echo(f"exercises/{name}.ipynb is not made. {error}", err=True)
    sys.exit(1 if failed else 0)


@main.command()
@click.argument("notebooks", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON, for programs.")
@click.option(
    "--cell-seconds", default=60.0, show_default=True, type=click.FloatRange(min=1),
    help="How long one cell of the notebook may run.",
)  # fmt: skip
def check(notebooks: tuple[Path, ...], as_json: bool, cell_seconds: float) -> None:
    """Check every answer in each NOTEBOOK, as its check cells do.

    The notebooks are run, in a kernel of their own, and never written. Exit status: 0 every
    answer is right; 1 one isn't; 3 a notebook could not be checked, and the rest was.
    """
    from dlbook.exercises import whole  # noqa: PLC0415 - starts kernels

    outcomes, printed, unreadable = [], [], False
    for path in notebooks:
        try:
            checked = whole.check_notebook(path, cell_seconds)
        except whole.UnreadableError as error:
            unreadable = True
            printed.append({"notebook": str(path), "error": str(error)})
            click.echo(f"Not checked: {error}\n", err=True)
            continue
        outcomes += [result["outcome"] for result in checked.results]
        printed.append(whole.as_data(checked))
        if not as_json:
            click.echo(whole.as_text(checked))
    if as_json:
        click.echo(json.dumps(printed, indent=1, ensure_ascii=False))
    unreadable = unreadable or "not graded" in outcomes
    sys.exit(3 if unreadable else 1 if set(outcomes) - {"correct"} else 0)


def _listed(names) -> str:
    return f"There are: {', '.join(names)}."


def _or_usage_error(function, *arguments):
    try:
        return function(*arguments)
    except FileNotFoundError as error:
        raise click.UsageError(str(error)) from None


if __name__ == "__main__":
    main()
