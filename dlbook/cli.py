"""The command line: ``dlbook build`` and its sisters, thin over plain functions."""

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


def _or_usage_error(function, *arguments):
    try:
        return function(*arguments)
    except FileNotFoundError as error:
        raise click.UsageError(str(error)) from None


if __name__ == "__main__":
    main()
