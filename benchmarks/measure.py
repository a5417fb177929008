"""What a command costs with all that it starts: processor seconds, wall seconds, memory.

The system counts the processor seconds, in a control group of the command's own: whatever is
started there is counted there, however it ends. ``python benchmarks/measure.py`` proves it, and
shows why the usual way, `resource.getrusage`, would not do: a sandbox that is killed takes the
times of all that ran in it along.
"""

import contextlib
import ctypes
import itertools
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

GROUP = "DLBOOK_BENCHMARK_GROUP"  # tells a command that measures itself where it is counted
LOOK_SECONDS = 0.25
LEFT_SECONDS = 20.0  # how long what a command left behind may go on before it is ended
_SUBREAPER = 36  # prctl's PR_SET_CHILD_SUBREAPER
_numbers = itertools.count(1)


class NotMeasurableError(RuntimeError):
    """Nothing can be measured on this system; the message says what would help."""


@dataclass(frozen=True)
class Usage:
    """What a command took.

    Parameters
    ----------
    exit_status : int
    processor_seconds : float
        User and system, of the command and all its descendants until the last has ended.
    wall_seconds : float
        Until the command itself has ended.
    peak_bytes : int
        The largest sum of all processes' memory (PSS: what is shared is shared out) that
        was seen, looking every `LOOK_SECONDS`.
    own_bytes : int
        The most resident memory of the command's first process alone (VmHWM).
    other_bytes : int
        The most of any one other process.
    pss : bool
        False if the system kept some process's PSS to itself; its whole resident memory
        stands in for it, and what is shared is counted more than once.
    left_behind : int
        Processes that had to be ended because they outlived the command by `LEFT_SECONDS`.
    """

    exit_status: int
    processor_seconds: float
    wall_seconds: float
    peak_bytes: int
    own_bytes: int
    other_bytes: int
    pss: bool
    left_behind: int


def run(
    command: Sequence[str], folder: Path, environment: dict[str, str] | None = None,
    output: Path | None = None,
) -> Usage:  # fmt: skip
    """Run a command, and say what it took.

    Parameters
    ----------
    command : sequence of str
    folder : Path
        The working directory.
    environment : dict, optional
        Is added to `plain_environment`.
    output : Path, optional
        Where all that it prints goes.

    Raises
    ------
    NotMeasurableError
        If there is no control group to be had.
    """
    with Group() as group, open(output or os.devnull, "wb") as log:
        started = time.monotonic()
        process = subprocess.Popen(
            group.command(command), cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            env={**plain_environment(), **(environment or {}), GROUP: str(group.folder)},
        )  # fmt: skip
        watch = _Watch(group, process.pid)
        watch.start()
        try:
            exit_status = process.wait()
            wall_seconds = time.monotonic() - started
        finally:
            watch.stop()
            left_behind = group.end(LEFT_SECONDS if process.returncode is not None else 0)
            process.wait()
        return Usage(
            exit_status, group.seconds(), wall_seconds, watch.peak, watch.own, watch.other,
            watch.pss, left_behind,
        )  # fmt: skip


def plain_environment() -> dict[str, str]:
    """Return this process's environment without what changes how Python works.

    Without `PYTHONDONTWRITEBYTECODE`, for example, that makes it compile modules again each time.
    """
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}


class Group:
    """A control group (version 2): what is started in it is counted, whoever its parent becomes.

    Parameters
    ----------
    folder : Path, optional
        A group that is there already; it is read and not ended. Otherwise a new one is made.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.made = folder is None
        self.folder = folder or _new_group()
        self.counter = os.open(self.folder / "cpu.stat", os.O_RDONLY)

    def command(self, command: Sequence[str]) -> list[str]:
        """Return a command that runs another one in this group, under its own process id."""
        enter = 'echo 0 > "$0/cgroup.procs" && exec "$@"'
        return ["/bin/sh", "-c", enter, str(self.folder), *command]

    def seconds(self) -> float:
        """Return the processor seconds of all that ever ran here."""
        text = os.pread(self.counter, 4096, 0)
        return int(text.split(None, 2)[1]) / 1e6  # usage_usec stands first

    def processes(self) -> list[int]:
        """Return the ids of the processes that are here now."""
        return [int(line) for line in (self.folder / "cgroup.procs").read_text().split()]

    def end(self, patience_seconds: float) -> int:
        """Wait until all have ended; end those who don't, and return how many they were."""
        deadline = time.monotonic() + patience_seconds
        while (left := self.processes()) and time.monotonic() < deadline:
            time.sleep(0.01)
        if left:
            (self.folder / "cgroup.kill").write_text("1")
            while self.processes():
                time.sleep(0.01)
        return len(left)

    def __enter__(self) -> "Group":
        return self

    def __exit__(self, *_) -> None:
        os.close(self.counter)
        if self.made:
            self.end(0)
            for _ in range(100):
                with contextlib.suppress(OSError):  # the last one may still be on its way out
                    return self.folder.rmdir()
                time.sleep(0.01)


def own_group() -> Group:
    """Return the group in which this process was started by `run`."""
    return Group(Path(os.environ[GROUP]))


def _new_group() -> Path:
    advice = (
        "Processor seconds are counted in a control group (cgroup version 2), and none could be "
        "made here ({}). Run this as root, or on a system with systemd with: "
        "systemd-run --user --scope -p Delegate=yes python benchmarks/..."
    )
    mounts = Path("/proc/self/mounts").read_text().splitlines()
    roots = [line.split()[1] for line in mounts if line.split()[2] == "cgroup2"]
    here = re.search(r"^0::(.*)$", Path("/proc/self/cgroup").read_text(), flags=re.MULTILINE)
    if not roots or here is None:
        raise NotMeasurableError(advice.format("there is no such file system"))
    parent = Path(roots[0], here[1].lstrip("/"))
    folder = parent / f"dlbook-benchmark-{os.getpid()}-{next(_numbers)}"
    try:
        folder.mkdir()
        (folder / "cgroup.procs").read_text()
    except OSError as error:
        raise NotMeasurableError(advice.format(error.strerror)) from None
    return folder


def memory_of(process: int, kind: str = "Pss") -> int | None:
    """Return a process's memory in bytes; None if it has ended or the system doesn't tell.

    Parameters
    ----------
    process : int
    kind : str, optional
        ``"Pss"``, or ``"Private"`` for what it shares with nobody.
    """
    try:
        text = Path(f"/proc/{process}/smaps_rollup").read_text()
    except OSError:
        return None
    return 1024 * sum(map(int, re.findall(rf"^{kind}(?:_\w+)?: +(\d+)", _once(text), re.M)))


def _once(text: str) -> str:
    """Leave out the lines that split the PSS up again."""
    return "\n".join(line for line in text.splitlines() if not line.startswith("Pss_"))


def _resident(process: int) -> int:
    try:
        pages = Path(f"/proc/{process}/statm").read_text().split()[1]
    except (OSError, IndexError):
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def _most_resident(process: int) -> int:
    """Return the most resident memory that a process ever had; 0 if it has ended."""
    try:
        text = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0
    found = re.search(r"^VmHWM:\s+(\d+)", text, flags=re.MULTILINE)
    return 1024 * int(found[1]) if found else 0


class _Watch(threading.Thread):
    """Looks at the memory of a group's processes again and again."""

    def __init__(self, group: Group, first: int) -> None:
        super().__init__(daemon=True)
        self.group, self.first = group, first
        self.peak = self.own = self.other = 0
        self.pss = True
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.wait(LOOK_SECONDS):
            self._look()

    def _look(self) -> None:
        total = 0
        for process in self.group.processes():
            held = memory_of(process)
            if held is None:
                held = _resident(process)
                self.pss = self.pss and not held
            total += held
            most = _most_resident(process)
            if process == self.first:
                self.own = max(self.own, most)
            else:
                self.other = max(self.other, most)
        self.peak = max(self.peak, total)

    def stop(self) -> None:
        self.over.set()
        self.join()


# --- The proof ---------------------------------------------------------------------------------

_BURN = """
import os, time
def burn():
    started = time.process_time()
    while time.process_time() - started < 1.0:
        pass
    os.write(1, b"burnt")
"""
_CONSTELLATIONS = {
    "a process": ("burn()", False, False),
    "its child": ("if os.fork() == 0: burn(); os._exit(0)\nos.wait()", False, False),
    "a daemon that outlives it": (
        "if os.fork() == 0:\n os.setsid()\n if os.fork() == 0: burn()\n os._exit(0)",
        False, False,
    ),
    "a sandbox that ends by itself": ("burn()", True, False),
    "a sandbox that is killed": ("burn(); time.sleep(60)", True, True),
    "a child in a sandbox that is killed": (
        "if os.fork() == 0: burn(); time.sleep(60)\ntime.sleep(60)", True, True,
    ),
    "a child that has ended in a sandbox that is killed": (
        "if os.fork() == 0: burn(); os._exit(0)\nos.wait(); time.sleep(60)", True, True,
    ),
}  # fmt: skip
_WALLS = (
    "bwrap", "--unshare-user", "--unshare-pid", "--die-with-parent", "--ro-bind", "/", "/",
    "--proc", "/proc", "--dev", "/dev", "--",
)  # fmt: skip


def prove() -> bool:
    """Burn one second in every way in which a process can end, and print who has noticed.

    Returns
    -------
    bool
        Whether the control group has counted every second, and not much more.
    """
    if shutil.which("bwrap") is None:
        raise NotMeasurableError("The proof needs bubblewrap (sudo apt install bubblewrap).")
    ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)  # getrusage shall see orphans too
    print(f"{'1.00 s burnt by':<52}{'control group':>14}{'getrusage':>12}")
    right = True
    for name, (code, walled, killed) in _CONSTELLATIONS.items():
        seconds, waited = _burnt(code, walled, killed)
        print(f"{name:<52}{seconds:>12.2f} s{waited:>10.2f} s")
        right = right and 1.0 <= seconds < 1.3
    print("The control group counts all of it." if right else "The control group is WRONG here.")
    return right


def _burnt(code: str, walled: bool, killed: bool) -> tuple[float, float]:
    python = os.path.realpath(sys.executable)
    command = [*(_WALLS if walled else ()), python, "-I", "-S", "-c", _BURN + code]
    before = _waited()
    with Group() as group, tempfile.TemporaryFile() as nowhere:
        process = subprocess.Popen(
            group.command(command), stdout=subprocess.PIPE, stderr=nowhere, stdin=nowhere
        )
        process.stdout.read(5)
        if killed:
            process.send_signal(signal.SIGKILL)
        process.stdout.close()
        process.wait()
        group.end(LEFT_SECONDS)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, 0):
                pass
        return group.seconds(), _waited() - before


def _waited() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    try:
        sys.exit(0 if prove() else 1)
    except NotMeasurableError as error:
        sys.exit(str(error))
