"""What `dlbook grade` does, as plain functions: from a folder of submissions to marks."""

import contextlib
import json
import os
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from dlbook.exercises import course, key, proof
from dlbook.grading import batch, files, sandbox, tables
from dlbook.grading.cluster import ADDRESS, Cluster, ClusterError
from dlbook.grading.files import GRADEBOOK, OWN, UsageError
from dlbook.grading.gradebook import Gradebook, GradebookError
from dlbook.grading.intake import IntakeError
from dlbook.grading.marks import Settings
from dlbook.grading.sandbox import Limits, NoSandboxError

FAILURES = (ClusterError, course.CourseError, GradebookError, IntakeError, NoSandboxError, OSError)


@dataclass(frozen=True)
class Options:
    """What was asked for at the command line.

    Parameters
    ----------
    submissions : Path
        A folder, a zip or a notebook, as it came.
    out : Path
        The folder for marks and feedback; it is made, or goes on where it was.
    workers : int, optional
        Processes on this machine; one for each processor unless given.
    seed : int, optional
        Of the inputs, to repeat a run exactly; drawn and kept secret unless given.
    memory_mb : int, optional
        For one answer; a share of the machine's unless given.
    question_seconds : float, optional
        A shorter time for each question than its own.
    sandboxed : bool, optional
        False lets strangers' code run with your rights.
    cluster : str, optional
        The address of a Dask cluster, which grades in place of this machine.
    warm : bool, optional
        False starts every kernel anew; slower.
    anonymous : bool, optional
        True leaves the names out of the report.
    """

    submissions: Path
    out: Path
    workers: int | None = None
    seed: int | None = None
    memory_mb: int | None = None
    question_seconds: float | None = None
    sandboxed: bool = True
    cluster: str | None = None
    warm: bool = True
    anonymous: bool = False


@dataclass(frozen=True)
class Done:
    """What a run did, in words and as data.

    Parameters
    ----------
    out : Path
        Where the files are.
    graded, kept : int
        Students graded now, and students whose marks were there already.
    lost : int
        What could not be graded.
    summary : str
        The marks in a few words.
    old_files : tuple of Path
        Files that somebody had changed by hand, under the names by which they are kept.
    """

    out: Path
    graded: int
    kept: int
    lost: int
    summary: str
    old_files: tuple[Path, ...]

    def text(self) -> str:
        """Return it as a person reads it."""
        lines = [f"{_students(self.graded)} graded"]
        if self.kept:
            lines[0] += f", {_students(self.kept)} as before"
        lines[0] += "."
        lines += [self.summary, ""]
        lines += [f"{old} had been changed by hand; it is kept." for old in self.old_files]
        lines += [f"Marks:    {self.out / 'grades.csv'}, {self.out / 'totals.csv'}",
                  f"Feedback: {self.out / 'feedback'}",
                  f"Class:    {self.out / 'report.html'}"]  # fmt: skip
        return "\n".join(lines)

    def json(self) -> str:
        """Return it as a program reads it."""
        return (self.out / "grades.json").read_text(encoding="utf-8").rstrip("\n")

    @property
    def data(self) -> dict:
        """All that the gradebook holds."""
        return json.loads(self.json())


def grade(options: Options) -> Done:
    """Grade a class, and write all files.

    Parameters
    ----------
    options : Options

    Returns
    -------
    Done

    Raises
    ------
    UsageError
        If what was asked for doesn't go together.
    ClusterError, NoSandboxError, IntakeError, GradebookError
        If nothing could be graded; the message says what to do.
    """
    _require_apart(options.submissions, options.out)
    require_own_course(options.submissions)
    proof.require(key.notebooks())  # a broken course says so before anything is made
    if options.cluster and options.workers:
        raise UsageError(
            f"--workers {options.workers} is for this machine, and --cluster for others: a cluster "
            "has as many workers as are started there. Leave one of the two out."
        )
    if options.cluster and not ADDRESS.fullmatch(options.cluster):
        raise UsageError(
            f"--cluster {options.cluster} is no address of a cluster. `dask scheduler` prints its "
            "address; it looks like tcp://10.0.0.1:8786"
        )
    if not options.cluster:
        _require_a_place(options.sandboxed)
    options.out.mkdir(parents=True, exist_ok=True)
    path = options.out / GRADEBOOK
    if not path.exists() and any((options.out / name).exists() for name in OWN):
        raise UsageError(
            f"{options.out} holds marks, but no {GRADEBOOK} to go with them. "
            "Name an empty folder, so that nothing of yours is overwritten."
        )
    with contextlib.ExitStack() as opened:
        workers = None
        if options.cluster:
            workers = opened.enter_context(
                Cluster(options.cluster, options.sandboxed, own_limits=not options.memory_mb)
            )
        book = opened.enter_context(Gradebook(path))
        summary = _run(options, book, workers)
        return _write(options.out, book, summary, options.anonymous)


def limits_of(options: Options) -> Limits:
    """Return the limits for one answer on this machine."""
    if options.memory_mb:
        return Limits(memory_bytes=options.memory_mb * 2**20)
    try:
        whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return Limits()
    return batch.limits_within(whole / (options.workers or os.cpu_count() or 1))


def _run(options: Options, book: Gradebook, executor: Executor | None) -> batch.Summary:
    hidden = (options.submissions, options.out, *course_folder())
    settings = Settings(
        seed=0,
        limits=limits_of(options),
        sandboxed=options.sandboxed,
        hidden=[str(path.resolve()) for path in hidden],
        question_seconds=options.question_seconds,
        warm=options.warm,
    )
    workers = options.workers or os.cpu_count() or 1
    counts = {"right": 0, "not right": 0, "not graded": 0}
    with tqdm(unit="student", disable=None, dynamic_ncols=True, leave=False) as bar:

        def watch(done: int, students: int, graded: list) -> None:
            for one in graded:
                for result in one.results:
                    known = {"correct": "right", "not graded": "not graded"}
                    counts[known.get(result.outcome, "not right")] += 1
            bar.total = students
            bar.set_postfix(counts, refresh=False)
            bar.update(done - bar.n)

        return batch.grade_class(
            options.submissions, book, settings, options.seed, workers, executor, watch
        )


def _write(out: Path, book: Gradebook, summary: batch.Summary, anonymous: bool) -> Done:
    kept = files.write_all(out, book, summary.run, anonymous)
    lost = tables.lost(book)
    text = tables.summary(book, summary.run)
    return Done(out, summary.graded, summary.kept, len(lost), text, kept)


def _require_a_place(sandboxed: bool) -> None:
    """Do nothing where submissions can be run on this machine."""
    if sandboxed:
        sandbox.require()
    elif not hasattr(os, "fork"):
        raise NoSandboxError(
            "Grading needs Linux or macOS, with or without a sandbox. On Windows use WSL."
        )


def _require_apart(submissions: Path, out: Path) -> None:
    if not submissions.exists():
        raise UsageError(f"There is no {submissions}. Check the spelling.")
    inside, outside = out.resolve(), submissions.resolve()
    if inside.is_relative_to(outside):
        raise UsageError(
            f"--out {out} lies within SUBMISSIONS {submissions}. Name a folder beside it."
        )


def course_folder() -> list[Path]:
    """Return the folder of a course of one's own, which no answer may see; none for the book's."""
    folder = course.current().folder
    return [] if folder is None else [folder]


def require_own_course(submissions: Path) -> None:
    """Do nothing where nobody could have handed in the answer key itself.

    Raises
    ------
    UsageError
        If it lies within the submissions.
    """
    for folder in course_folder():
        if folder.is_relative_to(submissions.resolve()):
            raise UsageError(
                f"The answer key of {folder} lies within SUBMISSIONS {submissions}, and whoever "
                "hands in could have written it. Go to another folder, or name the course: "
                "dlbook --course FOLDER grade ..."
            )


def _students(count: int) -> str:
    return "1 student" if count == 1 else f"{count} students"
