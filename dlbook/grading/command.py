"""What `dlbook grade` does, as plain functions: from a folder of submissions to marks."""

import json
import os
from dataclasses import dataclass, replace
from pathlib import Path

from tqdm import tqdm

from dlbook.grading import batch, report, sandbox, tables
from dlbook.grading.grade import Settings
from dlbook.grading.gradebook import Gradebook, GradebookError
from dlbook.grading.intake import IntakeError
from dlbook.grading.kernels import KernelDiedError
from dlbook.grading.sandbox import Limits, NoSandboxError

FAILURES = (GradebookError, IntakeError, KernelDiedError, NoSandboxError, OSError)
LEAST_MEMORY = 2**30  # bytes for one answer, however small the machine
OWN = ("grades.csv", "grades.json", "report.html")


class UsageError(ValueError):
    """The command was given something that it can't work with."""


@dataclass(frozen=True)
class Options:
    """What was asked for at the command line."""

    submissions: Path
    out: Path
    workers: int | None = None
    seed: int | None = None
    memory_mb: int | None = None
    question_seconds: float | None = None
    sandboxed: bool = True


@dataclass(frozen=True)
class Done:
    """What a run did, in words and as data."""

    out: Path
    graded: int
    kept: int
    lost: int
    summary: str
    data: dict
    old_files: tuple[Path, ...]

    def text(self) -> str:
        """Return it as a person reads it."""
        lines = [f"{_students(self.graded)} graded"]
        if self.kept:
            lines[0] += f", {_students(self.kept)} as before"
        lines[0] += "."
        lines += [self.summary, ""]
        lines += [f"{old} had been changed by hand; it is kept." for old in self.old_files]
        lines += [f"Marks:    {self.out / 'grades.csv'}", f"Feedback: {self.out / 'feedback'}",
                  f"Class:    {self.out / 'report.html'}"]  # fmt: skip
        return "\n".join(lines)

    def json(self) -> str:
        """Return it as a program reads it."""
        return json.dumps(self.data, indent=1)


def grade(options: Options) -> Done:
    """Grade a class, and write all files.

    Raises
    ------
    UsageError
        If the two folders can't be used together.
    NoSandboxError, IntakeError, GradebookError
        If nothing could be graded; the message says what to do.
    """
    _require_apart(options.submissions, options.out)
    if options.sandboxed:
        sandbox.require()
    elif not hasattr(os, "fork"):
        raise NoSandboxError(
            "Grading needs Linux or macOS, with or without a sandbox. On Windows use WSL."
        )
    options.out.mkdir(parents=True, exist_ok=True)
    path = options.out / "gradebook.sqlite"
    if not path.exists() and any((options.out / name).exists() for name in OWN):
        raise UsageError(
            f"{options.out} holds marks, but no gradebook.sqlite to go with them. "
            "Name an empty folder, so that nothing of yours is overwritten."
        )
    with Gradebook(path) as book:
        summary = _run(options, book)
        return _write(options.out, book, summary)


def limits_of(options: Options) -> Limits:
    """Return the limits for one answer on this machine."""
    if options.memory_mb:
        return Limits(memory_bytes=options.memory_mb * 2**20)
    try:
        whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return Limits()
    share = int(0.8 * whole) // (options.workers or os.cpu_count() or 1)
    return replace(Limits(), memory_bytes=min(sandbox.MEMORY, max(share, LEAST_MEMORY)))


def _run(options: Options, book: Gradebook) -> batch.Summary:
    settings = Settings(
        seed=0,
        limits=limits_of(options),
        sandboxed=options.sandboxed,
        hidden=[str(options.submissions.resolve()), str(options.out.resolve())],
        question_seconds=options.question_seconds,
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
            options.submissions, book, settings, options.seed, workers, watch=watch
        )


def _write(out: Path, book: Gradebook, summary: batch.Summary) -> Done:
    rows = tables.rows(book)
    data = tables.as_json(book, summary.run)
    old = [
        tables.write(out / "grades.csv", tables.as_csv(rows), book),
        tables.write(out / "grades.json", json.dumps(data, indent=1) + "\n", book),
        tables.write(out / "report.html", report.report_page(book, summary.run), book),
    ]
    report.write_feedback(book, out / "feedback")
    lost = tables.lost(book)
    text = tables.summary(book, summary.run)
    kept = tuple(path for path in old if path)
    return Done(out, summary.graded, summary.kept, len(lost), text, data, kept)


def _require_apart(submissions: Path, out: Path) -> None:
    if not submissions.exists():
        raise UsageError(f"There is no {submissions}. Check the spelling.")
    inside, outside = out.resolve(), submissions.resolve()
    if inside.is_relative_to(outside):
        raise UsageError(
            f"--out {out} lies within SUBMISSIONS {submissions}. Name a folder beside it."
        )


def _students(count: int) -> str:
    return "1 student" if count == 1 else f"{count} students"
