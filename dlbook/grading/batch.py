"""A whole class: each student's work is one task; what comes of it is in the gradebook at once.

Tasks are small and don't know of each other: (files, settings) -> marks. Any
`concurrent.futures.Executor` can run them.
"""

import atexit
import ctypes
import gc
import hashlib
import itertools
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Executor,
    Future,
    ProcessPoolExecutor,
    wait,
)
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from multiprocessing import util
from pathlib import Path
from queue import SimpleQueue

from threadpoolctl import threadpool_limits

from dlbook.exercises import course
from dlbook.grading import intake, parents, sandbox
from dlbook.grading.gradebook import Gradebook, Run, Work
from dlbook.grading.marks import Graded, Settings
from dlbook.grading.sandbox import Limits

ATTEMPTS = 3  # after which a student whose work ends the worker isn't graded
LEAST_MEMORY = 2**30  # bytes for one answer, however small the machine
LARGEST = 200_000_000  # bytes of one student's files together
LOOK_SECONDS = 1.0  # after which the desk looks up, and sees whether there are more hands or fewer
END_SECONDS = 3  # in which a worker that is asked to end must have ended


@dataclass(frozen=True)
class File:
    """One file of a student's, as a task takes it along."""

    name: str
    where: str
    version: tuple
    contents: bytes
    trouble: str = ""  # why it could not be read
    handed_in: str | None = None  # in ISO form
    late: bool = False


@dataclass(frozen=True)
class Task:
    """All that one student handed in."""

    work: Work
    files: tuple[File, ...]


Done = tuple[Task, list[Graded], bool]  # what came of a task, and whether it is final


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
    settings = replace(settings, seed=run.seed, course=course.address())
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
    if settings.course is not None:
        course.settle(settings.course)
    graded = []
    for file, earlier in newest(files).values():
        one = _not_graded(file, file.trouble) if file.trouble else _graded(file, settings)
        graded.append(_of(file, replace(one, notes=[*one.notes, *earlier])))
    return graded


def _of(file: File, one: Graded) -> Graded:
    """Say which file was graded, and when it came in."""
    digest = hashlib.sha256(file.contents).hexdigest()
    return replace(one, digest=digest, handed_in=file.handed_in, late=file.late)


def _graded(file: File, settings: Settings) -> Graded:
    from dlbook.grading.grade import grade  # noqa: PLC0415 - the workers' half, heavy to import

    try:
        return grade(file.contents, file.name, settings)
    except Exception as error:  # ours: one notebook, never the batch
        reason = f"It could not be graded ({type(error).__name__}: {str(error)[:200]})."
        return replace(_not_graded(file, reason), whole=False)


def _not_graded(file: File, reason: str) -> Graded:
    from dlbook.grading.grade import not_graded  # noqa: PLC0415

    return not_graded(file.name, reason)


def newest(files: Sequence[File]) -> dict[str, tuple[File, list[str]]]:
    """Return of each exercise the newest file, and what to say of the others."""
    from dlbook.grading import notebooks  # noqa: PLC0415

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


def limits_within(memory_bytes: float) -> Limits:
    """Return the limits for one answer where a worker has this much memory."""
    share = max(int(0.8 * memory_bytes), LEAST_MEMORY)
    return Limits(memory_bytes=min(sandbox.MEMORY, share))


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
        files.append(
            File(one.file, one.where, one.version, contents, trouble, _time(one.when), one.late)
        )
    first = submitted[0]
    times = [one.when for one in submitted if one.when is not None]
    handed_in = _time(max(times, default=None))
    late = any(one.late for one in submitted)
    work = Work(
        first.student, first.student_id, first.layout, digest.hexdigest(), late, handed_in
    )  # fmt: skip
    return Task(work, tuple(files))


def _time(when: float | None) -> str | None:
    try:
        return None if when is None else datetime.fromtimestamp(when, UTC).isoformat()
    except (ValueError, OverflowError):  # a forged time, before the first year or after the last
        return None


def _run_all(tasks, settings, workers, executor) -> Iterator[Done]:
    """Run tasks, and give back what comes first."""
    if executor is None and workers == 1:
        for task in tasks:
            graded = grade_student(task.files, settings)
            yield task, graded, all(one.whole for one in graded)
        return
    first = next(tasks, None)
    if first is None:
        return
    tasks = itertools.chain([first], tasks)
    pool = executor or Workers(workers, settings.warm and settings.sandboxed)
    try:
        yield from _Desk(settings, pool, workers).run(tasks)
    finally:
        if executor is None:
            pool.shutdown(cancel_futures=True)


class _Desk:
    """Hands tasks to the workers. Those whose worker died are tried again at the end, each alone.

    So nobody pays for what another student's work did to a worker, or to a whole machine.
    """

    def __init__(self, settings: Settings, pool: Executor, workers: int) -> None:
        self.settings, self.pool = settings, pool
        self.hands = getattr(pool, "hands", lambda: 2 * workers)
        self.attempts = getattr(pool, "attempts", ATTEMPTS)
        self.running: dict[Future, tuple[Task, int]] = {}
        self.suspects: list[tuple[Task, int]] = []

    def run(self, tasks: Iterator[Task]) -> Iterator[Done]:
        """Run all; a worker that is free gets the next task before anything else is done."""
        coming = next(tasks, None)
        finished: list[Done] = []
        while self.running or self.suspects or coming is not None:
            hands = self.hands()
            while coming is not None and len(self.running) < hands:
                self._begin(coming, 1)
                coming = next(tasks, None)
            if not self.running:
                self._begin(*self.suspects.pop())
            yield from finished
            finished = self._finished()
        yield from finished

    def _begin(self, task: Task, attempt: int) -> None:
        future = self.pool.submit(grade_student, task.files, self.settings)
        self.running[future] = task, attempt

    def _finished(self) -> list[Done]:
        """Wait a little for something to be finished, and return it."""
        ready, _ = wait(self.running, LOOK_SECONDS, FIRST_COMPLETED)
        finished: list[Done] = []
        for future in ready:
            task, attempt = self.running.pop(future)
            try:
                graded = future.result()
                finished.append((task, graded, all(one.whole for one in graded)))
            except BrokenExecutor:
                if attempt < self.attempts:
                    self.suspects.append((task, attempt + 1))
                else:
                    finished.append((task, _lost(task), False))
        return finished


class Workers(Executor):
    """Processes on this machine. One that dies is replaced, and takes no task but its own along.

    Each is a pool of one: where one pool of many breaks, nobody can tell whose work broke it.

    Parameters
    ----------
    count : int
    warm : bool
        Let them share one parent of warm kernels. It is started at once, and not waited for.
    """

    def __init__(self, count: int, warm: bool = False) -> None:
        self.count = count
        self.parent = parents.Parent() if warm and sys.platform == "linux" else None
        self.pools = {self._pool() for _ in range(count)}
        self.free: SimpleQueue[ProcessPoolExecutor] = SimpleQueue()
        for pool in self.pools:
            self.free.put(pool)

    def hands(self) -> int:
        """Return how many tasks are welcome at a time."""
        return self.count

    def submit(self, function, /, *arguments, **named) -> Future:
        """Give a task to a free worker; wait for one while there is none."""
        while True:
            pool = self.free.get()
            try:
                future = pool.submit(function, *arguments, **named)
            except BrokenExecutor:  # it has died while it had nothing to do
                self._replace(pool)
                continue
            future.add_done_callback(partial(self._is_free, pool))
            return future

    def _is_free(self, pool: ProcessPoolExecutor, future: Future) -> None:
        if not future.cancelled() and isinstance(future.exception(), BrokenExecutor):
            self._replace(pool)
        else:
            self.free.put(pool)

    def _replace(self, pool: ProcessPoolExecutor) -> None:
        pool.shutdown(wait=False)
        self.pools.discard(pool)
        fresh = self._pool()
        self.pools.add(fresh)
        self.free.put(fresh)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the workers; with `cancel_futures` at once, in the middle of their work."""
        pools = list(self.pools)
        working = [process for pool in pools for process in (pool._processes or {}).values()]
        late = threading.Timer(END_SECONDS, lambda: [process.kill() for process in working])
        if cancel_futures:
            late.start()
            for process in working:
                process.terminate()  # Python 3.14 has `terminate_workers`
        for pool in pools:
            pool.shutdown(wait=wait, cancel_futures=cancel_futures)
        late.cancel()
        if self.parent is not None:
            self.parent.stop()

    def _pool(self) -> ProcessPoolExecutor:
        # A fork server loads the grader once, not once for each worker.
        way = multiprocessing.get_context("forkserver" if sys.platform == "linux" else "spawn")
        if sys.platform == "linux":
            way.set_forkserver_preload([__name__, "dlbook.grading.grade"])
        shared = [self.parent.folder] if self.parent is not None else []
        return ProcessPoolExecutor(1, way, _be_a_worker, (shared,))


def _be_a_worker(shared: Sequence[Path]) -> None:
    """Let a worker, and its sandbox with it, end when the program that started it is killed.

    Parameters
    ----------
    shared : sequence of Path
        Folders of parents of warm kernels that it may use.
    """
    from dlbook.grading import oracle  # noqa: PLC0415 - the fork server has loaded it

    oracle.prepare()
    for folder in shared:
        parents.use(folder)
    threadpool_limits(1)  # there is a worker for each core
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # says so to who would look, for each answer
    gc.freeze()  # what is loaded stays: not to be looked through again and again
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # tidies up what it has begun
    util.Finalize(None, atexit._run_exitfuncs, exitpriority=0)  # not done here by itself
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)  # PR_SET_PDEATHSIG: of the fork server
    threading.Thread(target=_end_with_the_run, daemon=True).start()


def _end_with_the_run() -> None:
    """End this worker when the program that gives it work is gone.

    The fork server, its parent, lives as long as there are workers.
    """
    multiprocessing.parent_process().join()
    os._exit(1)


def _lost(task: Task) -> list[Graded]:
    reason = "The program that graded it was ended again and again. Is there too little memory?"
    return [_of(file, _not_graded(file, reason)) for file in task.files]
