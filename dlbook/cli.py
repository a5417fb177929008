"""The command line: ``dlbook build`` and its sisters, thin over plain functions."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import click

from dlbook import __version__
from dlbook.cli_marks import marks
from dlbook.cli_new import new


class _Commands(click.Group):
    """Commands that end with a message where the course itself can't be used."""

    def invoke(self, context: click.Context):
        from dlbook.exercises.course import CourseError  # noqa: PLC0415

        try:
            return super().invoke(context)
        except CourseError as error:
            raise click.ClickException(str(error)) from None


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="dlbook")
@click.option(
    "--course", "folder", metavar="FOLDER", default=None,
    type=click.Path(path_type=Path, file_okay=False),
    help="A course of your own, with book/ exercises/ solutions/ answer_key/. Default: the one at "
    "or above the current folder, else this book.",
)  # fmt: skip
@click.pass_context
def main(context: click.Context, folder: Path | None) -> None:
    """Read, build and practise the book "Deep Learning Introduction", or a course of your own."""
    from dlbook.exercises import course  # noqa: PLC0415

    if folder is not None and not folder.is_dir() and context.invoked_subcommand != "new":
        raise click.UsageError(
            f"There is no folder {folder}. Check the spelling, or make a course there: "
            f"dlbook --course {folder} new exercise NAME"
        )
    found = course.chosen(folder, Path.cwd())
    course.use(found)
    context.obj, context.meta["dlbook.course"] = folder, found
    for channel in (sys.stdout, sys.stderr):  # a name that a terminal can't show ends nothing
        if isinstance(channel, io.TextIOWrapper) and channel.errors == "strict":
            channel.reconfigure(errors="backslashreplace")


@main.command()
def build() -> None:
    """Build the HTML book and say where to open it."""
    page = _built_book()
    click.echo(f"\nThe book is ready. Open it in a browser:\n\n    {page.as_uri()}\n")


@main.command()
def pdf() -> None:
    """Print the whole book into one PDF file; needs Chromium."""
    from dlbook.printing import NoBrowserError, file_name, print_pdf  # noqa: PLC0415

    page = _built_book().with_name("print.html")
    try:
        made = print_pdf(page, page.parents[1] / file_name(_book_folder()))
    except NoBrowserError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    click.echo(f"\nThe book is printed:\n\n    {made}\n")


@main.command()
def links() -> None:
    """Follow every link that leads out of the book; needs a network.

    Exit status: 0 each of them leads somewhere; 1 one doesn't.
    """
    from dlbook.building import check_links  # noqa: PLC0415

    _built_book()
    click.echo("Following the links.")
    found = check_links(_book_folder())
    lost = [link for link in found if not link.works]
    if not found:
        click.echo("No link leads out of the book.")
    elif not any(link.was_answered for link in found):
        click.echo(f"None of {len(found)} links could be followed. Is there a network?", err=True)
    else:
        for link in lost:
            click.echo(f"{link.place}: {link.address}\n    {link.reason}", err=True)
        click.echo(f"{len(found) - len(lost)} of {len(found)} links lead somewhere.")
    sys.exit(1 if lost else 0)


@main.command()
@click.option("--pages", is_flag=True, help="Open the book's pages instead of the exercises.")
@click.option("--no-browser", is_flag=True, help="Only print the address.")
def lab(pages: bool, no_browser: bool) -> None:
    """Open JupyterLab in the exercises' folder; Ctrl-C ends it.

    With --pages it shows the chapters: right-click one, "Open With", "Notebook".
    """
    folder = _course_folder() / ("book" if pages else "exercises")
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
    from dlbook.exercises import key, proof, release  # noqa: PLC0415 - for authors only

    folder = _course_folder()
    failed = False
    for name in names or key.notebooks():
        _require_exercise(name)
        exercise = folder / "exercises" / f"{name}.ipynb"
        try:
            proof.require([name], mistakes=True)
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


@main.command()
@click.argument("submissions", type=click.Path(path_type=Path))
@click.option(
    "--out",
    required=True,
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the marks go: grades.csv, totals.csv, grades.json, gradebook.sqlite, report.html, "
    "feedback/.",
)
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    default=None,
    help="How many students' work is run at a time. Default: one for each processor core.",
)
@click.option(
    "--cluster", metavar="ADDRESS", default=None,
    help="Let the workers of this Dask cluster grade: tcp://HOST:8786. Needs 'dlbook[cluster]'.",
)  # fmt: skip
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=None,
    help="Repeat a run exactly. Who knows the seed knows the inputs. Default: a fresh secret one.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON, for programs.")
@click.option(
    "--memory-mb",
    type=click.IntRange(min=256),
    default=None,
    help="The most memory that one answer may use. Default: 8192, or a worker's share of it.",
)
@click.option(
    "--question-seconds",
    type=click.FloatRange(min=1),
    default=None,
    help="A shorter time limit for each question than its own (10 seconds, digits 60).",
)
@click.option(
    "--cold-kernels", is_flag=True,
    help="Start every kernel from nothing: slower; the reference the fast ones are held to.",
)  # fmt: skip
@click.option(
    "--anonymous",
    is_flag=True,
    help="Leave the students' names out of report.html. The other files have them.",
)
@click.option(
    "--unsafe-no-sandbox", is_flag=True,
    help="Run submissions without a sandbox, with all that you may do yourself.",
)  # fmt: skip
def grade(
    submissions: Path, out: Path, workers: int | None, cluster: str | None, seed: int | None,
    as_json: bool, memory_mb: int | None, question_seconds: float | None, cold_kernels: bool,
    anonymous: bool, unsafe_no_sandbox: bool,
) -> None:  # fmt: skip
    """Grade a class: every notebook in SUBMISSIONS, with marks and feedback in DIR.

    SUBMISSIONS is a folder with a folder for each student, or a download from Canvas, Moodle or
    nbgrader, as a folder or a zip. The same command again goes on where the last one was
    stopped, and grades only what is new.

    Exit status: 0 all is graded; 3 something could not be graded, and the rest was; 2 wrong
    usage; 1 nothing was graded.
    """
    if "numpy" not in sys.modules:  # it reads this once: there is a worker for each core
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from dlbook.grading import command  # noqa: PLC0415 - starts kernels

    options = command.Options(
        submissions, out, workers, seed, memory_mb, question_seconds,
        sandboxed=not unsafe_no_sandbox, cluster=cluster, warm=not cold_kernels,
        anonymous=anonymous,
    )  # fmt: skip
    _say_whose_course()
    try:
        done = command.grade(options)
    except command.UsageError as error:
        raise click.UsageError(str(error)) from None
    except command.FAILURES as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        click.echo(
            "\nStopped. What was graded is kept; the same command goes on from here.", err=True
        )
        sys.exit(1)
    click.echo(done.json() if as_json else done.text())
    sys.exit(3 if done.lost else 0)


@main.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--layout",
    default="folders",
    show_default=True,
    type=click.Choice(["folders", "nbgrader", "canvas", "moodle"]),
    help="The layout in which the notebooks arrive.",
)
@click.option(
    "--notebook", "names", multiple=True, metavar="NAME",
    help="Only this exercise; may be given several times. Default: all.",
)  # fmt: skip
def demo(folder: Path, layout: str, names: tuple[str, ...]) -> None:
    """Make a sample class of 25 students in FOLDER, to try `dlbook grade` on.

    Right answers, mistakes from the catalogue, an endless loop, damaged notebooks.
    """
    from dlbook.grading import demo as sample  # noqa: PLC0415

    for name in names:
        _require_exercise(name)
    try:
        made = sample.make(folder, _course_folder() / "exercises", names or None, layout)
    except (FileExistsError, FileNotFoundError) as error:
        raise click.UsageError(str(error)) from None
    students = len({one.student for one in made})
    click.echo(f"{folder} holds the work of {students} students. Grade it:")
    click.echo(f"\n    dlbook grade {folder} --out marks\n")


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON, for programs.")
@click.option("--quick", is_flag=True, help="Leave out what runs notebooks and kernels.")
def doctor(as_json: bool, quick: bool) -> None:
    """Say whether all is there and all agrees, and what to do where it doesn't.

    Looks at this machine, at the sandbox, and at the course: its answer key, its notebooks and
    their stored outputs, what gives an answer away. Nothing is written. Exit status: 0 nothing
    to mend; 1 something to mend; 2 wrong usage.
    """
    from dlbook.doctor import examine, words  # noqa: PLC0415 - runs what it looks at

    folder = examine.course_folder(click.get_current_context().obj, Path.cwd())
    sys.exit(words.tell(examine.examine, folder, quick, as_json))


main.add_command(marks)
main.add_command(new)


def _book_folder() -> Path:
    """Return the folder with the pages: the course's, or the nearest one."""
    from dlbook.building import book_folder  # noqa: PLC0415

    return _or_usage_error(book_folder, click.get_current_context().obj or Path.cwd())


def _course_folder() -> Path:
    """Return the folder with the exercises: the course's own, or the book's."""
    from dlbook.exercises import course  # noqa: PLC0415

    return course.current().folder or _book_folder()


def _say_whose_course() -> None:
    """Say which answer key is used, where it isn't this book's."""
    from dlbook.exercises import course  # noqa: PLC0415

    folder = course.current().folder
    if folder is not None:
        click.echo(f"The answer key is that of {folder}", err=True)


def _require_exercise(name: str) -> None:
    from dlbook.exercises import key  # noqa: PLC0415

    if name not in key.notebooks():
        raise click.UsageError(
            f"No exercise is called {name!r}. There are: {', '.join(key.notebooks())}."
        )


def _built_book() -> Path:
    """Build the book, say so, and return its first page."""
    from dlbook.building import build, is_built  # noqa: PLC0415

    folder = _book_folder()
    if is_built(folder):
        click.echo("Nothing has changed since the book was built.")
    else:
        click.echo("Building the book. The first time takes about two minutes.")
    try:
        return build(folder)
    except subprocess.CalledProcessError:
        click.echo("The book was not built. What is wrong stands above, page by page.", err=True)
        sys.exit(1)


def _or_usage_error(function, *arguments):
    try:
        return function(*arguments)
    except FileNotFoundError as error:
        raise click.UsageError(str(error)) from None


if __name__ == "__main__":
    main()
