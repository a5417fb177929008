"""Where warm kernels come from: a process that is ready (`forkserver`), and lines to it.

Who starts it owns it: it ends with its owner. Workers on one machine share their run's.
"""

import atexit
import contextlib
import json
import os
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path

from dlbook.grading import forkserver, lesson, sandbox

STARTUP_SECONDS = 120.0


class NoWarmKernelError(RuntimeError):
    """There are no warm kernels to be had here; cold ones may be."""


class Line:
    """A line to a process from which warm kernels are forked.

    Parameters
    ----------
    folder : Path
        Nobody else may look into it. It holds what the kernels need, and the process's ``door``.
    connection : socket.socket
    """

    def __init__(self, folder: Path, connection: socket.socket) -> None:
        self.folder, self.socket = folder, connection
        self.package = folder / "lesson"
        self.lock = threading.Lock()
        self.forbidden = sandbox.forbidden_program().hex()
        connection.settimeout(STARTUP_SECONDS)

    def fork(self, connection: dict, holder: int, leash: int) -> int:
        """Fork a kernel, and return its process id.

        Parameters
        ----------
        connection : dict
            As in a kernel's connection file.
        holder : int
            Open file that stands for a process in the sandbox.
        leash : int
            Open file that the kernel keeps open while it lives.

        Raises
        ------
        NoWarmKernelError
            If the kernel didn't get into its sandbox.
        """
        request = json.dumps({"connection": connection, "filter": self.forbidden})
        try:
            with self.lock:
                socket.send_fds(self.socket, [request.encode()], [holder, leash])
                reply = json.loads(self.socket.recv(forkserver.LARGEST) or b"{}")
        except (OSError, ValueError) as error:
            self.stop()  # whatever it said next would answer an earlier question
            reply = {"error": f"the parent of warm kernels doesn't answer ({error})"}
        if "pid" not in reply:
            raise NoWarmKernelError(str(reply.get("error", "the parent of warm kernels has ended")))
        return reply["pid"]

    def is_alive(self) -> bool:
        """Say whether it can still be asked."""
        if self.socket.fileno() < 0:
            return False
        ended, _, _ = select.select([self.socket], [], [], 0)  # who wasn't asked says nothing
        return not ended

    def stop(self) -> None:
        """Hang up."""
        self.socket.close()


class Guest(Line):
    """A line to a process that somebody else has started.

    Parameters
    ----------
    folder : Path
        That process's.

    Raises
    ------
    OSError
        If nobody is there.
    """

    def __init__(self, folder: Path) -> None:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            connection.connect(str(folder / forkserver.DOOR))
        except OSError:
            connection.close()
            raise
        super().__init__(folder, connection)


class Parent(Line):
    """A process from which warm kernels are forked, and the line of its owner.

    It isn't waited for: the first kernel asked for comes when it is ready.

    Parameters
    ----------
    skipped : sequence of str
        Packages that it must not import.
    """

    module = "dlbook.grading.forkserver"

    def __init__(self, skipped=()) -> None:
        own, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        super().__init__(Path(tempfile.mkdtemp(prefix="dlbook-")), own)
        lesson.write(self.package)
        home = {"HOME": str(self.folder), "IPYTHONDIR": str(self.folder / "ipython")}
        cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
        with other, socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as door:
            door.bind(str(self.folder / forkserver.DOOR))
            door.listen(128)
            files = other.fileno(), door.fileno()
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", self.module, *map(str, files), str(self.package),
                 *skipped],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                cwd="/", pass_fds=files, start_new_session=True,
                env={**sandbox.inside_environment(self.package), **home, "XDG_CACHE_HOME": cache},
            )  # fmt: skip

    def stop(self) -> None:
        """End it; the kernels that it forked live on, or die, with their sandboxes."""
        super().stop()
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


_lines: dict[tuple[int, tuple[str, ...]], Line] = {}
_shared: list[Path] = []  # folders of processes that have been offered, and were not yet in vain
_once = threading.Lock()


def use(folder: Path) -> None:
    """Have this process use the warm kernels of somebody else while they can be had.

    Parameters
    ----------
    folder : Path
        Of a `Parent` that skips nothing.
    """
    _shared.append(folder)


def parent_for(withheld: Sequence[str]) -> Line:
    """Return this process's line to a parent that has imported nothing withheld."""
    known = {name.split(".")[0] for name in forkserver.PRELOADED}
    skipped = tuple(sorted(known.intersection(withheld)))
    with _once:
        key = os.getpid(), skipped
        if key not in _lines or not _lines[key].is_alive():
            if key in _lines:
                _lines.pop(key).stop()
            _lines[key] = _guest(skipped) or Parent(skipped)
        return _lines[key]


def _guest(skipped: tuple[str, ...]) -> Guest | None:
    while _shared and not skipped:
        with contextlib.suppress(OSError):
            return Guest(_shared.pop())
    return None


@atexit.register
def stop_parents() -> None:
    """End all parents of warm kernels that this process has started."""
    for key in [key for key in _lines if key[0] == os.getpid()]:
        _lines.pop(key).stop()
