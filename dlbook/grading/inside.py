"""Inside the sandbox: each answer is run and probed; what was seen goes out as text.

The kernel forks, the child runs the student's code and the probe, the kernel watches it, ends it
when it takes too much, and sends on what it wrote. Only answers that the grader knows to be
harmless are run in the kernel itself, which isn't used again after that. It holds inputs, but no
answers. Linux and macOS; needs NumPy, `probe` and `plain` only.
"""

import asyncio
import builtins
import contextlib
import ctypes
import gc
import inspect
import io
import json
import linecache
import os
import random
import secrets
import select
import signal
import subprocess
import sys
import tempfile
import time
import types
from collections.abc import Callable
from pathlib import Path

import numpy as np

from dlbook.exercises import plain, probe

MIME = "application/vnd.dlbook.observation+json"
REQUEST = "dlbook"
CELL = "inside.observe()"  # what the grader has a kernel run
_dumps, _loads, _write, _exit = json.dumps, json.loads, os.write, os._exit
LINES = 5_000  # that are read of one child
HARNESS = ("dlbook.exercises.probe", "dlbook.exercises.plain", "dlbook.grading.inside")
_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
_NO_NEW_DUMPS, _SUBREAPER = 4, 36  # prctl's PR_SET_DUMPABLE and PR_SET_CHILD_SUBREAPER


def settle() -> None:
    """Close the doors: nobody may look into this kernel. Before any student's code is near."""
    _prctl(_NO_NEW_DUMPS, 0)
    _prctl(_SUBREAPER, 1)
    gc.freeze()  # or each child would look through, and so copy, all that there is


def shuffle() -> None:
    """Give this process, a fork, another random state than its parent's."""
    random.seed()
    np.random.seed(secrets.randbits(32))  # noqa: NPY002 - a number: 0.4 ms less than without


def observe() -> None:
    """Run answers, and publish what was seen of each.

    What is wanted stands in the metadata of the request for this cell, under `REQUEST`, where
    IPython doesn't read it as code. JSON: ``token``; ``answers``, each with ``chunks``, a
    list of ``[source, place]``, and ``function``, ``arguments``, ``cases``, ``seconds`` as
    `probe.observe` takes them; ``here``, whether to run them in this very process;
    ``cpu_seconds`` and ``wall_seconds`` for all of it; ``stand_ins``, the functions that the
    grader answers for, and how many arguments each has; ``limits``.
    """
    from IPython import get_ipython  # noqa: PLC0415 - every kernel has it

    shell = get_ipython()
    data = _loads(shell.kernel.get_parent("shell")["metadata"][REQUEST])
    _tidy()
    ask = shell.kernel.raw_input if data["stand_ins"] else None
    run = run_here if data["here"] else run_in_a_fork
    texts, ended = run(data, ask)
    seen = {"token": data["token"], "answers": texts, "ended": ended}
    shell.display_pub.publish({MIME: _dumps(seen)}, {})


def run_here(data: dict, ask: Callable[[str], str] | None) -> tuple[list[str], str]:
    """Run harmless answers in this process; return the same as `run_in_a_fork`.

    It can't be watched; where it takes too much, the system or the grader ends it.
    """
    _limit(data)
    parts: list[list[str]] = []
    left = data["limits"]["output_bytes"]

    def tell(letter: str, what: object) -> None:
        nonlocal left
        line = f"{letter}{_dumps(what)}"
        left -= len(line)
        if left < 0:
            raise _TooMuchError
        parts[-1].append(line)

    ended = ""
    try:
        for answer in data["answers"]:
            parts.append([])
            _run_answer(answer, data["stand_ins"], tell, lambda what: _loads(ask(_dumps(what))))
    except _TooMuchError:
        ended = "output"
    parts += [[]] * (len(data["answers"]) - len(parts))
    return ["\n".join(part) for part in parts], ended


class _TooMuchError(BaseException):
    """Answers return more than they may."""


def run_in_a_fork(data: dict, ask: Callable[[str], str] | None) -> tuple[list[str], str]:
    """Return what the child wrote for each answer, and why it was ended, "" where it wasn't."""
    from_child, to_parent = os.pipe()
    from_parent, to_child = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            _be_the_child(data, to_parent, from_parent)
        finally:
            _exit(0)
    os.close(to_parent)
    os.close(from_parent)
    os.set_blocking(to_child, False)
    watch = _Watch(child, data, from_child, to_child, ask)
    try:
        watch.until_it_ends()
    finally:
        os.close(from_child)
        os.close(to_child)
        end_all_children(child)
    return watch.texts(), watch.ended


class _Watch:
    """Reads what a child writes and ends it when it takes more than it may."""

    def __init__(self, child, data, source, sink, ask) -> None:
        self.child, self.data, self.source, self.sink, self.ask = child, data, source, sink, ask
        self.limits = data["limits"]
        self.parts: list[list[bytes]] = [[]]  # the lines of each answer
        self.lines_left = LINES * len(data["answers"])
        self.unfinished: list[bytes] = []  # the pieces of a line that has no end yet
        self.size = 0
        self.ended = ""
        self.cpu_seconds = 0.0
        self.deadline = time.monotonic() + data["wall_seconds"]
        self.next_look = time.monotonic() + 0.02

    def until_it_ends(self) -> None:
        pause = 0.005
        while not self.ended:
            ready, _, _ = select.select([self.source], [], [], pause)
            pause = min(2 * pause, 0.05)
            if ready and not self._read():
                return
            self._look()

    def _read(self) -> bool:
        piece = os.read(self.source, 1 << 20)
        if not piece:
            return False
        self.size += len(piece)
        pieces = piece.split(b"\n")
        self.unfinished.append(pieces[0])
        whole = [b"".join(self.unfinished), *pieces[1:-1]] if len(pieces) > 1 else []
        if whole:
            self.unfinished = [pieces[-1]]
        self.lines_left -= len(whole)
        if self.size > self.limits["output_bytes"] or self.lines_left < 0:
            self.ended = "output"
            return False
        for line in whole:
            if line == b"end" or self.ended:
                return False
            if line == b"next":
                self.parts.append([])
            elif not line.startswith(b"?"):
                self.parts[-1].append(line)
            elif self.ask:
                self._look()
                self._send(self.ask(line[1:].decode("ascii", "ignore")).encode("ascii") + b"\n")
        return True

    def _send(self, reply: bytes) -> None:
        """Send the child an answer; a child that doesn't take it is ended when its time is up."""
        while reply and not self.ended:
            select.select([], [self.sink], [], 0.05)
            try:
                reply = reply[os.write(self.sink, reply) :]
            except BlockingIOError:
                pass
            except OSError:
                return  # it has ended
            self._look()

    def _look(self) -> None:
        """End the child when it and its own children take more than they may."""
        now = time.monotonic()
        if now > self.deadline:
            self.ended = "time"
        if self.ended or now < self.next_look:
            return
        self.next_look = now + 0.02
        family = descendants(os.getpid())
        if sum(threads for threads, _ in family.values()) > self.limits["processes"]:
            self.ended = "processes"
        if sum(map(_memory_of, family)) > self.limits["memory_bytes"]:
            self.ended = "memory"
        self.cpu_seconds = max(self.cpu_seconds, sum(cpu for _, cpu in family.values()))
        if self.cpu_seconds > self.data["cpu_seconds"]:
            self.ended = "time"

    def texts(self) -> list[str]:
        """Return the lines of each answer; nothing for those that were never begun."""
        wanted = len(self.data["answers"])
        parts = (self.parts + [[]] * wanted)[:wanted]
        return [b"\n".join(part).decode("ascii", "ignore") for part in parts]


def descendants(ancestor: int) -> dict[int, tuple[int, float]]:
    """Return the processes below one: threads and processor seconds of each, by id."""
    parents, used = {}, {}
    for name in os.listdir("/proc") if os.path.isdir("/proc") else ():
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", "rb") as file:
                fields = file.read().rsplit(b")", 1)[1].split()
        except (OSError, IndexError):
            continue  # it has just ended
        parents[int(name)] = int(fields[1])
        used[int(name)] = (int(fields[17]), sum(map(int, fields[11:15])) / _TICKS)
    found: dict[int, tuple[int, float]] = {}
    waiting = [ancestor]
    while waiting:
        parent = waiting.pop()
        below = [pid for pid, above in parents.items() if above == parent and pid not in found]
        found |= {pid: used[pid] for pid in below}
        waiting += below
    return found


def state_of(pid: int) -> str:
    """Return a process's state as the system writes it: "R" runs, "T" was stopped."""
    try:
        return Path(f"/proc/{pid}/stat").read_bytes().rsplit(b")", 1)[1].split()[0].decode()
    except (OSError, IndexError):
        return ""


def _memory_of(pid: int) -> int:
    """Return the bytes that a process has written to and holds, or shares in memory."""
    try:
        with open(f"/proc/{pid}/status", "rb") as file:
            lines = file.read().splitlines()
    except OSError:
        return 0
    held = (b"RssAnon:", b"RssShmem:")
    return sum(1024 * int(line.split()[1]) for line in lines if line.startswith(held))


def end_all_children(child: int) -> None:
    """End every process below this one; if that can't be done, this one ends, and all with it.

    Parameters
    ----------
    child : int
        The one that was forked; what it started is ended too.
    """
    give_up = time.monotonic() + 10.0
    waiting_for = child
    with contextlib.suppress(OSError):
        os.kill(child, signal.SIGKILL)
    while True:
        try:
            while ended := os.waitpid(-1, os.WNOHANG)[0]:
                waiting_for = 0 if ended == child else waiting_for
        except ChildProcessError:
            return  # whoever has lost its parent is a child of this one
        if not waiting_for or time.monotonic() > give_up - 9.9:
            for pid in descendants(os.getpid()):
                with contextlib.suppress(OSError):
                    os.kill(pid, signal.SIGKILL)
        if time.monotonic() > give_up:
            _exit(1)
        time.sleep(0.001)


def _tidy() -> None:
    """Empty the scratch folders: no answer finds what another one left."""
    folders = [path for path in os.environ.get("DLBOOK_SCRATCH", "").split(":") if path]
    for folder in folders:
        os.chmod(folder, 0o700)
        left = [os.path.join(folder, name) for name in os.listdir(folder)]
        if left:
            command = ["rm", "-rf", "--one-file-system", "--", *left]
            subprocess.run(command, stderr=subprocess.DEVNULL, timeout=30, check=False)


def _be_the_child(data: dict, sink: int, source: int) -> None:
    """Run a student's code and the probe; write a line for each thing that was seen."""
    _prctl(_NO_NEW_DUMPS, 1)
    os.setsid()
    sink, source = only_these_open(sink, source)
    _limit(data)
    _forget_the_kernel()

    def tell(letter: str, what: object) -> None:
        line = f"{letter}{_dumps(what)}\n".encode()
        while line:
            line = line[_write(sink, line) :]

    def ask(what: dict) -> dict:
        tell("?", what)
        reply = b""
        while not reply.endswith(b"\n"):
            piece = os.read(source, 1 << 20)
            if not piece:
                raise EOFError
            reply += piece
        return _loads(reply)

    for name in HARNESS:  # whoever imports these changes a copy, not what watches here
        above, _, last = name.rpartition(".")
        sys.modules.pop(name, None)
        vars(sys.modules[above]).pop(last, None)
    folder = tempfile.mkdtemp(prefix="work-")
    os.chdir(folder)
    sys.path[:] = [folder, *(p for p in sys.path if p)]
    for number, answer in enumerate(data["answers"]):
        if number:
            _write(sink, b"next\n")
        _run_answer(answer, data["stand_ins"], tell, ask)
    _write(sink, b"end\n")


def _run_answer(answer: dict, stand_ins: dict, tell: Callable, ask: Callable | None) -> None:
    """Run the pieces of one answer in a fresh namespace, and probe its function."""
    main = types.ModuleType("__main__")
    sys.modules["__main__"] = main
    namespace = vars(main)
    for name, count in stand_ins.items():
        namespace[name] = _stand_in(name, count, None, ask)
    for source_text, place in answer["chunks"]:
        error = _run(source_text, place, namespace, answer["seconds"])
        for name, count in stand_ins.items():
            _put_right(name, count, namespace, ask)
        if error:
            tell("N", error)
    if answer["function"] not in namespace:
        tell("O", {"missing": True})
    else:
        _probe(answer, namespace, tell)


def _probe(answer: dict, namespace: dict, tell: Callable) -> None:
    function = namespace[answer["function"]]
    if not callable(function):
        tell("O", {"not a function": type(function).__name__[:80]})
        return
    tell("O", {"attempted": not probe.is_stub(function)})
    with contextlib.suppress(KeyboardInterrupt):  # raised by the answer itself: nobody is here
        probe.observe(
            function, answer["arguments"], answer["cases"], answer["seconds"], namespace,
            report=lambda seen: tell("C", seen),
        )  # fmt: skip


def _run(source: str, place: str, namespace: dict, seconds: float) -> dict | None:
    """Run a piece of a student's program; return what stopped it, if something did."""
    name = f"<{place}>"
    linecache.cache[name] = (len(source), None, source.splitlines(True), name)
    try:
        with probe.quiet(), probe.time_limit(seconds):
            exec(compile(source, name, "exec"), namespace)
    except probe.TooSlowError:
        return {"place": place, "type": "TooSlowError", "message": f"{seconds:g} seconds"}
    except BaseException as error:
        return {"place": place, **probe.describe(error, namespace)}
    return None


def _put_right(name: str, count: int, namespace: dict, ask: Callable) -> None:
    """Put a stand-in where a student's function is, under its other names too."""
    own = namespace.get(name)
    if not isinstance(own, types.FunctionType) or own.__dict__.get("is a stand-in") is not ask:
        right = _stand_in(name, count, own, ask)
        others = [other for other, value in namespace.items() if value is own and own is not None]
        namespace |= dict.fromkeys([name, *others], right)


def _stand_in(name: str, count: int, own: object, ask: Callable[[dict], dict]) -> Callable:
    """Return a function that is right: the grader works out what it returns.

    It is called as the student's own is, who may have named the arguments otherwise, or
    added some: by that one's signature, of which the first `count` are the question's.
    """
    try:
        signature = inspect.signature(own)
    except (TypeError, ValueError):
        signature = None

    def stand_in(*arguments, **named):
        if signature is not None:
            bound = signature.bind(*arguments, **named)
            bound.apply_defaults()
            arguments, named = (*bound.args, *bound.kwargs.values())[:count], {}
        reply = ask({
            "name": name,
            "arguments": [plain.encode(argument) for argument in arguments],
            "named": {str(key): plain.encode(value) for key, value in named.items()},
        })  # fmt: skip
        if "value" in reply:
            return plain.decode(reply["value"])
        kind = getattr(builtins, str(reply.get("type")), None)
        known = isinstance(kind, type) and issubclass(kind, Exception)
        raise (kind if known else RuntimeError)(str(reply.get("message", "")))

    stand_in.__name__ = stand_in.__qualname__ = name
    vars(stand_in)["is a stand-in"] = ask
    return stand_in


def only_these_open(sink: int, source: int) -> tuple[int, int]:
    """Close all that was open but two files; what is printed goes nowhere."""
    high = 200
    os.dup2(sink, high)
    os.dup2(source, high + 1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    os.closerange(3, high)
    os.closerange(high + 2, 65536)
    os.dup2(high, 3)
    os.dup2(high + 1, 4)
    os.closerange(5, high + 2)
    return 3, 4


def _limit(data: dict) -> None:
    import resource  # noqa: PLC0415 - not on Windows

    limits = data["limits"]
    cpu = int(data["cpu_seconds"]) + 1
    wanted = {
        resource.RLIMIT_CPU: cpu,
        resource.RLIMIT_FSIZE: limits["file_bytes"],
        resource.RLIMIT_NOFILE: limits["open_files"],
        resource.RLIMIT_CORE: 0,
    }
    if sys.platform == "linux":
        wanted[resource.RLIMIT_AS] = limits["memory_bytes"] + 2 * 2**30  # libraries, not touched
    for kind, value in wanted.items():
        _, hard = resource.getrlimit(kind)
        allowed = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (allowed, allowed))


def _forget_the_kernel() -> None:
    """Let the child be a plain Python program, as if there had been no kernel."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a file too large is an OSError
    asyncio._set_running_loop(None)
    shuffle()
    sys.stdin = sys.__stdin__ = io.TextIOWrapper(io.BytesIO(), "utf-8")
    for name in ("stdout", "stderr"):
        nowhere = open(os.devnull, "w", encoding="utf-8", errors="replace")  # noqa: SIM115
        setattr(sys, name, nowhere)
        setattr(sys, f"__{name}__", nowhere)
    sys.displayhook = sys.__displayhook__
    sys.excepthook = sys.__excepthook__
    builtins.display = _Nothing()
    builtins.get_ipython = _Nothing()


class _Nothing:
    """Stands where IPython was: whatever is asked of it, nothing happens."""

    def __call__(self, *_, **__):
        return self

    def __getattr__(self, name: str):
        return _Nothing()

    def getoutput(self, *_, **__) -> list:
        return []


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)
