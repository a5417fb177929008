"""What a right function returns: references answer for a student's earlier, wrong functions.

A later answer is judged once more with the earlier ones put right. The kernel never holds a
reference, so it asks, and a process of its own with limits of its own works it out here, one
JSON object on each line in, one on each line out: ``python -m dlbook.grading.oracle``, or a fork
of a worker that has only just begun. It stays for the next notebook and knows nothing of the last.
"""

import atexit
import contextlib
import ctypes
import gc
import json
import os
import signal
import subprocess
import sys
import threading

from dlbook.exercises import course, key, plain

CALLS = 20_000  # for one answer
SECONDS = 20.0  # of processor time for all of them
MEMORY = 2 * 2**30  # bytes


class Oracle:
    """Answers for the functions of some questions; a context manager.

    Parameters
    ----------
    ids : sequence of str
        The questions whose references are asked.
    """

    idle: list["subprocess.Popen | Forked"] = []  # noqa: RUF012 - of all of them together

    def __init__(self, ids) -> None:
        self.calls = 0
        self.process = self._taken()
        try:
            self._told({"course": course.address(), "questions": list(ids)})
        except OSError:  # it has died since
            _end(self.process)
            self.process = _started()
            self._told({"course": course.address(), "questions": list(ids)})

    def _taken(self) -> subprocess.Popen:
        try:
            return Oracle.idle.pop()
        except IndexError:
            return _started()

    def _told(self, what: dict) -> str:
        late = threading.Timer(SECONDS / 2, self.process.kill)
        late.start()
        try:
            self.process.stdin.write(json.dumps(what).encode() + b"\n")
            self.process.stdin.flush()
            reply = self.process.stdout.readline().decode()
        finally:
            late.cancel()
        if not reply:
            raise OSError("it has ended")
        return reply

    def __call__(self, question: str) -> str:
        """Answer one call, JSON in and out; what fails is an error for the asking program."""
        self.calls += 1
        if self.calls > CALLS:
            return _refused("too many calls")
        try:
            call = json.loads(question)
            return self._told({part: call[part] for part in ("name", "arguments", "named")})
        except (OSError, ValueError, LookupError, TypeError, RecursionError) as error:
            return _refused(str(error)[:100])

    def __enter__(self) -> "Oracle":
        return self

    def __exit__(self, *_) -> None:
        if self.process.poll() is None:
            Oracle.idle.append(self.process)
        else:
            _end(self.process)


def _started() -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "dlbook.grading.oracle"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip


class Forked:
    """A fork of this process that answers; as much of `subprocess.Popen` as is used of it.

    Only for a process that has no other thread and no secret yet. Linux only.
    """

    def __init__(self) -> None:
        source, to_child = os.pipe()
        from_child, sink = os.pipe()
        self.exit_status: int | None = None
        gc.freeze()  # or the child would look through, and so copy, all that there is
        self.pid = os.fork()
        if self.pid == 0:
            try:
                _be_a_fork(source, sink)
            finally:
                os._exit(0)
        os.close(source)
        os.close(sink)
        self.stdin, self.stdout = open(to_child, "wb"), open(from_child, "rb")  # noqa: SIM115

    def poll(self) -> int | None:
        """Return how it ended; None while it goes on."""
        return self._waited(os.WNOHANG)

    def wait(self) -> int | None:
        """Wait until it has ended, and return how."""
        return self._waited(0)

    def kill(self) -> None:
        """End it."""
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)

    def _waited(self, how: int) -> int | None:
        if self.exit_status is None:
            try:
                pid, status = os.waitpid(self.pid, how)
            except ChildProcessError:
                pid, status = self.pid, 0
            self.exit_status = os.waitstatus_to_exitcode(status) if pid else None
        return self.exit_status


def _be_a_fork(source: int, sink: int) -> None:
    """Answer, with nothing open but the two ends of a pipe; end with the process that asks."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)  # PR_SET_PDEATHSIG
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number, end in enumerate((source, sink, nowhere)):
        os.dup2(end, number)
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    main()


def prepare() -> None:
    """Have one ready: a fork takes a tenth of the time in which a new Python starts."""
    if sys.platform == "linux" and threading.active_count() == 1:
        Oracle.idle.append(Forked())


def _end(process: "subprocess.Popen | Forked") -> None:
    process.kill()
    for pipe in (process.stdin, process.stdout):
        with contextlib.suppress(OSError):
            pipe.close()
    process.wait()


@atexit.register
def end_idle_ones() -> None:
    """End the processes that wait for the next notebook."""
    while Oracle.idle:
        _end(Oracle.idle.pop())


def answer(call: dict, functions: dict) -> dict:
    """Return what a reference returns for a call, both as plain data."""
    try:
        values = [plain.decode(value) for value in call["arguments"]]
        named = {str(name): plain.decode(value) for name, value in call["named"].items()}
        if any(isinstance(value, plain.Opaque) for value in (*values, *named.values())):
            raise TypeError("an argument that is neither numbers nor text")
        return {"value": plain.encode(functions[call["name"]](*values, **named))}
    except Exception as error:
        return {"type": type(error).__name__, "message": str(error)[:300]}


def _refused(why: str) -> str:
    return json.dumps({"type": "RuntimeError", "message": why})


def main() -> None:
    """Answer until nobody asks any more."""
    import resource  # noqa: PLC0415 - not on Windows

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    functions: dict = {}
    for line in sys.stdin:
        call = json.loads(line)
        if "questions" in call:
            course.settle(call["course"])
            questions = [key.question(name) for name in call["questions"]]
            functions = {question.name: question.reference for question in questions}
            used = resource.getrusage(resource.RUSAGE_SELF)
            most = int(used.ru_utime + used.ru_stime + SECONDS)
            resource.setrlimit(resource.RLIMIT_CPU, (most, resource.RLIM_INFINITY))
            reply = {}
        else:
            reply = answer(call, functions)
        sys.stdout.write(json.dumps(reply) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
