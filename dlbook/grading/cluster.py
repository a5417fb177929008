"""A class graded on many machines: the tasks of `batch`, run by Dask's workers.

All that knows of Dask is here. A worker is used only if it has this answer key, and a sandbox.
"""

import logging
import re
import threading
import time
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path

import dlbook
from dlbook.exercises import course
from dlbook.grading import batch, sandbox
from dlbook.grading.gradebook import reference
from dlbook.grading.marks import Graded, Settings

CONNECT_SECONDS = 10.0
WORKERS_SECONDS = 30.0  # that a cluster may be without a worker before we give up
LOOK_SECONDS = 1.0
START = "dask worker {} --nthreads 1 --nworkers 4"
GO_ON = "What is graded is kept; the same command goes on from here."
ADDRESS = re.compile(r"((tcp|tls)://)?(\[[0-9a-fA-F:.]+\]|[^\s:/\[\]]+):\d{1,5}")
NOISY = ("distributed", "distributed.client", "distributed.core", "tornado", "asyncio")

_logger = logging.getLogger("dlbook")
_one_at_a_time = threading.Lock()  # the probe of a reference changes the process that it is in


class ClusterError(RuntimeError):
    """The cluster can't be used; the message says why and what to do."""


class WorkersDiedError(BrokenExecutor):
    """Every worker that tried a task has died of it."""


class UnfitError(RuntimeError):
    """A worker may not grade: raised there, told here."""


class Cluster(Executor):
    """The workers of a Dask cluster; a context manager.

    Parameters
    ----------
    address : str
        Of the scheduler: ``"tcp://10.0.0.1:8786"``.
    sandboxed : bool, optional
        Whether each worker must be able to build a sandbox.
    own_limits : bool, optional
        Whether each worker takes its limit of memory from its own machine.

    Raises
    ------
    ClusterError
        If nobody answers, no worker comes, or one of them can't be used.
    """

    attempts = 2  # of several workers each: Dask tries others before it gives a task up

    def __init__(self, address: str, sandboxed: bool = True, own_limits: bool = True) -> None:
        self.address, self.own_limits = address, own_limits
        self.asked = Asked(dlbook.__version__, reference(), sandboxed, course.address())
        self.client = _client(address)
        self.workers = 0
        self.last_seen = time.monotonic()
        self.next_look = 0.0
        try:
            self.executor = self.client.get_executor(pure=False)
            while self.hands() and not self.workers:
                time.sleep(0.2)
            self._check()
        except BaseException:
            self.shutdown()
            raise

    def hands(self) -> int:
        """Return how many tasks are welcome: two for each worker there is now.

        One of them waits beside the worker, which so loses no time on the way to us and back;
        Dask gives it to another who is free.

        Raises
        ------
        ClusterError
            If there has been none for some time, or nobody answers any more.
        """
        now = time.monotonic()
        if now >= self.next_look:
            self.next_look = now + LOOK_SECONDS
            self._count(now)
        return max(2 * self.workers, 1)

    def _count(self, now: float) -> None:
        try:
            self.workers = len(self.client.nthreads())
        except (OSError, ValueError, RuntimeError):
            raise self._gone() from None
        if self.workers:
            self.last_seen = now
        elif now - self.last_seen > WORKERS_SECONDS:
            raise ClusterError(
                f"The cluster at {self.address} has no workers. On each of its machines: "
                f"{START.format(self.address)}. {GO_ON}"
            )

    def submit(self, function: Callable, /, *arguments) -> Future:
        """Run ``function(files, settings)`` on a worker."""
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Sending large graph", UserWarning)
            told = self.executor.submit(
                _run_there, self.asked, self.own_limits, function, *arguments
            )
        done: Future = Future()
        told.add_done_callback(partial(self._tell, done))
        return done

    def _tell(self, done: Future, told: Future) -> None:
        """Say what became of a task without a word of Dask's."""
        import distributed  # noqa: PLC0415

        try:
            done.set_result(told.result())
        except distributed.KilledWorker as error:
            done.set_exception(WorkersDiedError(str(error)))
        except UnfitError as error:
            done.set_exception(ClusterError(f"A worker can't grade: {error} {GO_ON}"))
        except CancelledError:
            done.set_exception(self._gone())
        except BaseException as error:
            done.set_exception(error)

    def _gone(self) -> ClusterError:
        return ClusterError(f"The cluster at {self.address} doesn't answer any more. {GO_ON}")

    def _check(self) -> None:
        """Look at every worker that is there; those who come later look at themselves."""
        answers = self.client.run(_why_unfit, self.asked, on_error="return")
        reasons = {worker: _in_words(answer) for worker, answer in answers.items() if answer}
        if not reasons:
            self._advise()
            return
        lines = [f"  {worker}: {reason}" for worker, reason in sorted(reasons.items())]
        raise ClusterError("\n".join([
            f"{len(reasons)} of the {len(answers)} workers at {self.address} can't grade:", *lines,
            "Put this right, or end them, and type the same command again.",
        ]))  # fmt: skip

    def _advise(self) -> None:
        """Say how the workers could do more at a time."""
        threads = max(self.client.nthreads().values(), default=1)
        if threads > 1:
            _logger.warning(
                "A worker at %s has %d threads, and grades one student at a time all the same. "
                "Started with --nthreads 1 --nworkers %d they would be as many workers.",
                self.address, threads, threads,
            )  # fmt: skip

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Leave the cluster; what runs there still is given up."""
        self.client.close(timeout=5)


@dataclass(frozen=True)
class Asked:
    """What a worker must be."""

    version: str
    reference: str
    sandboxed: bool
    course: str = ""


def _client(address: str):
    """Return Dask's client, which keeps quiet: what matters we say ourselves."""
    try:
        import distributed  # noqa: PLC0415 - an extra
    except ImportError:
        raise ClusterError(
            "--cluster needs the package distributed. Here and on every worker: "
            "pip install 'dlbook[cluster]'"
        ) from None
    _require_certificate(address, distributed.Security())
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    try:
        return distributed.Client(
            address, timeout=CONNECT_SECONDS, set_as_default=False, direct_to_workers=False
        )
    except (OSError, ValueError, RuntimeError, TypeError) as error:
        reason = str(error) or type(error).__name__
        raise ClusterError(
            f"No cluster answers at {address} ({' '.join(reason.split())[:200]}). "
            "Start one with: dask scheduler. It prints its address, such as tcp://10.0.0.1:8786"
        ) from None


def _require_certificate(address: str, security) -> None:
    """Do nothing where Dask knows all that ``tls://`` needs."""
    if address.startswith("tls:") and security.get_connection_args("client")["ssl_context"] is None:
        names = ("CA_FILE", "CLIENT__CERT", "CLIENT__KEY")
        raise ClusterError(
            f"{address} asks for a certificate. Name three files, in "
            f"{', '.join(f'DASK_DISTRIBUTED__COMM__TLS__{name}' for name in names)}."
        )


def _in_words(answer: str | BaseException) -> str:
    if isinstance(answer, ModuleNotFoundError | AttributeError):
        return f"another version of dlbook is there, or none ({answer})."
    if isinstance(answer, BaseException):
        return f"it doesn't answer ({type(answer).__name__}: {answer})."
    return answer


# What follows runs on the workers.


def _run_there(
    asked: Asked, own_limits: bool, function: Callable, files: Sequence, settings: Settings
) -> list[Graded]:
    """Run a task, if this worker may."""
    from distributed import get_worker  # noqa: PLC0415 - an extra

    worker = get_worker()
    reason = _why_unfit_here(asked)
    if reason:
        raise UnfitError(f"{worker.address}: {reason}")
    share = worker.memory_manager.memory_limit
    if own_limits and share:
        settings = replace(settings, limits=batch.limits_within(share))
    with _one_at_a_time:
        return function(files, settings)


def _why_unfit(asked: Asked) -> str:
    """Say why a worker can't grade; nothing if it can."""
    return _why_unfit_here(asked)


@cache
def _why_unfit_here(asked: Asked) -> str:
    if dlbook.__version__ != asked.version:
        return f"it has dlbook {dlbook.__version__}, not {asked.version}."
    if asked.course and not Path(asked.course).is_dir():
        return f"it has no course at {asked.course}. Put a copy of the folder there."
    course.settle(asked.course)
    if reference() != asked.reference:
        return (
            "it has another answer key. Install the same dlbook there, with the same course where "
            "it isn't the book's own, and start it again."
        )
    try:
        if asked.sandboxed:
            sandbox.require()
    except sandbox.NoSandboxError as error:
        return str(error)
    return ""
