"""A whole class: each student's work is one task; what comes of it is in the gradebook at once.

Tasks are small and don't know of each other: (files, settings) -> marks. Any
`concurrent.futures.Executor` can run them.
"""

import ctypes
import hashlib
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from dlbook.grading import intake, notebooks
from dlbook.grading.grade import Graded, Settings, grade, not_graded
from dlbook.grading.gradebook import Gradebook, Run, Work

ATTEMPTS = 3  # after which a student whose work ends the worker isn't graded
LARGEST = 200_000_000  # bytes of one student's files together


@dataclass(frozen=True)
class File:
    """One file of a student's, as a task takes it along."""

    name: str
    where: str
    version: tuple
    contents: bytes
    trouble: str = ""  # why it could not be read


@dataclass(frozen=True)
class Task:
    """All that one student handed in."""

    work: Work
    files: tuple[File, ...]


@dataclass
class Summary:
    """What a run did.

    Parameters
    ----------
    run : Run
    graded, kept : int
        Students graded now, and students whose marks were there already.
    problems : list of intake.Problem
    """

    run: Run
    graded: int = 0
    kept: int = 0
    problems: list = field(default_factory=list)


def grade_class(
    submissions: Path,
    book: Gradebook,
    settings: Settings,
    seed: int | None = None,
    workers: int = 1,
    executor: Executor | None = None,
    watch: Callable[[int, int, list[Graded]], None] = lambda *_: None,
) -> Summary:
    """Grade every student's work and write it into the gradebook.

    Parameters
    ----------
    submissions : Path
        A folder, a zip or a notebook; see `intake.find`.
    book : Gradebook
    settings : Settings
        Its seed is replaced by the run's.
    seed : int, optional
        To repeat a run exactly.
    workers : int, optional
        Processes.
    executor : Executor, optional
        Where the tasks run instead.
    watch : function, optional
        Is called with (students done, students in all, what came of the last one).

    Raises
    ------
    intake.IntakeError
        If there is nothing to grade.
    """
    found, problems = intake.find(submissions)
    run = book.begin(seed)
    settings = replace(settings, seed=run.seed)
    summary = Summary(run, problems=list(problems))
    students = by_student(found)
    tasks = _waiting(students, book, run, seed, summary)
    done = 0
    for task, graded, whole in _run_all(tasks, settings, workers, executor):
        book.record(run, task.work, graded, whole)
        summary.graded += 1
        done = summary.graded + summary.kept
        watch(done, len(students), graded)
    watch(len(students), len(students), [])
    book.set_problems(run, summary.problems)
    book.finish(run)
    return summary


def grade_student(files: Sequence[File], settings: Settings) -> list[Graded]:
    """Grade one student's files: of each exercise the newest; the others are named."""
    graded = []
    for file, earlier in newest(files).values():
        if file.trouble:
            one = not_graded(file.name, file.trouble)
        else:
            one = grade(file.contents, file.name, settings)
        graded.append(replace(one, notes=[*one.notes, *earlier]))
    return graded


def newest(files: Sequence[File]) -> dict[str, tuple[File, list[str]]]:
    """Return of each exercise the newest file, and what to say of the others."""
    found: dict[str, tuple[File, list[str]]] = {}
    for file in sorted(files, key=lambda file: file.version, reverse=True):
        exercise = "" if file.trouble else notebooks.exercise_of(file.contents, file.name)
        kept, earlier = found.setdefault(exercise or file.name, (file, []))
        if kept is file or kept.contents == file.contents:
            continue
        if notebooks.is_untouched(kept.contents) and not file.trouble:
            note = f"{kept.where} is newer, but nothing is written in it: {file.where} counts."
            found[exercise or file.name] = (file, [*earlier, note])
        else:
            earlier.append(f"{file.where} is an earlier version; {kept.where} is newer and counts.")
    return found


def by_student(found: Sequence[intake.Submitted]) -> dict[str, list[intake.Submitted]]:
    """Return each student's files."""
    students: dict[str, list[intake.Submitted]] = {}
    for submitted in found:
        students.setdefault(submitted.student, []).append(submitted)
    return students


def _waiting(students, book: Gradebook, run: Run, seed, summary: Summary) -> Iterator[Task]:
    """Read each student's files when their turn comes; leave out those who are graded."""
    for submitted in students.values():
        task = task_of(submitted)
        if book.is_graded(task.work, run, seed):
            summary.kept += 1
        else:
            yield task


def task_of(submitted: Sequence[intake.Submitted]) -> Task:
    """Read one student's files; those that can't be read say why."""
    files, digest, size = [], hashlib.sha256(), 0
    for one in submitted:
        contents, trouble = b"", ""
        try:
            contents = one.read()
            size += len(contents)
            if size > LARGEST:
                raise intake.IntakeError("All files of this student together are too large.")
        except intake.IntakeError as error:
            trouble = str(error)
        digest.update(repr((one.file, one.version, trouble)).encode())
        digest.update(hashlib.sha256(contents).digest())
        files.append(File(one.file, one.where, one.version, contents, trouble))
    first = submitted[0]
    times = [one.when for one in submitted if one.when is not None]
    handed_in = datetime.fromtimestamp(max(times), UTC).isoformat() if times else None
    late = any(one.late for one in submitted)
    work = Work(
        first.student, first.student_id, first.layout, digest.hexdigest(), late, handed_in
    )  # fmt: skip
    return Task(work, tuple(files))


def _run_all(tasks, settings, workers, executor) -> Iterator[tuple[Task, list[Graded], bool]]:
    """Run tasks, at most two for each worker at a time, and give back what comes first."""
    if executor is None and workers == 1:
        for task in tasks:
            graded = grade_student(task.files, settings)
            yield task, graded, all(one.whole for one in graded)
        return
    desk = _Desk(settings, workers, executor)
    try:
        for task in tasks:
            yield from desk.take(task)
        while desk.running:
            yield from desk.wait()
    finally:
        desk.close()


class _Desk:
    """Hands tasks to the workers; begins those again whose worker has died."""

    def __init__(self, settings: Settings, workers: int, executor: Executor | None) -> None:
        self.settings, self.workers = settings, workers
        self.own = executor is None
        self.pool = executor or _pool(workers)
        self.running: dict[Future, tuple[Task, int]] = {}

    def take(self, task: Task) -> Iterator[tuple[Task, list[Graded], bool]]:
        """Take a task on; wait for others first while all hands are full."""
        while len(self.running) >= 2 * self.workers:
            yield from self.wait()
        self._begin(task, 1)

    def wait(self) -> Iterator[tuple[Task, list[Graded], bool]]:
        """Wait until something is finished, and give it back."""
        finished, _ = wait(self.running, return_when=FIRST_COMPLETED)
        for future in finished:
            task, attempt = self.running.pop(future)
            graded = _result_of(future)
            if graded is not None:
                yield task, graded, all(one.whole for one in graded)
                continue
            lost = [(task, attempt), *self.running.values()]  # a dead worker takes all with it
            self.running = {}
            if self.own:
                self.pool.shutdown(wait=False, cancel_futures=True)
                self.pool = _pool(self.workers)
            for one, attempts in lost:
                if attempts < ATTEMPTS:
                    self._begin(one, attempts + 1)
                else:
                    yield one, _lost(one), False
            return

    def _begin(self, task: Task, attempt: int) -> None:
        future = self.pool.submit(grade_student, task.files, self.settings)
        self.running[future] = task, attempt

    def close(self) -> None:
        if self.own:
            self.pool.shutdown(wait=True, cancel_futures=True)


def _result_of(future: Future) -> list[Graded] | None:
    try:
        return future.result()
    except BrokenProcessPool:
        return None


def _pool(workers: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(
        workers, mp_context=multiprocessing.get_context("spawn"), initializer=_end_with_parent,
        initargs=(os.getpid(),),
    )  # fmt: skip


def _end_with_parent(parent: int) -> None:
    """Let a worker, and its sandbox with it, end when the program that started it is killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)  # PR_SET_PDEATHSIG
        if os.getppid() != parent:
            os._exit(1)


def _lost(task: Task) -> list[Graded]:
    reason = "The program that graded it was ended three times. Is there too little memory?"
    return [not_graded(file.name, reason) for file in task.files]
