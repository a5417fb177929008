"""A kernel in its sandbox, as nbval drives it: sockets in a folder, nothing believed.

nbval's `RunningKernel`, started with other arguments, and impatient: it notices a kernel that
has died at once, and ends one that sends too much.
"""

import contextlib
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from queue import Empty

import zmq
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager
from nbval.kernel import RunningKernel

from dlbook.grading import inside, lesson, sandbox

MESSAGES = 200  # of one cell; a kernel under grading sends five
STARTUP_SECONDS = 120.0
STOPPED_SECONDS = 3  # after which a kernel that somebody has stopped is given up


class KernelDiedError(RuntimeError):
    """The kernel ended while it was working, or had to be ended."""


class Kernel(RunningKernel):
    """One kernel, from its start to its end; a context manager.

    Parameters
    ----------
    limits : sandbox.Limits
    sandboxed : bool
    withheld : sequence of str
        Packages that must not be there.
    hidden : sequence of Path
        What must not be seen, wherever it lies.

    Raises
    ------
    KernelDiedError
        If it doesn't start.
    """

    def __init__(self, limits, sandboxed=True, withheld=(), hidden=()) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="dlbook-"))
        self.oracle: Callable[[str], str] | None = None
        self.messages = self.stopped = 0
        self.next_look = 0.0
        wire, package = self.folder / "wire", self.folder / "lesson"
        wire.mkdir()
        lesson.write(package)
        walls, env, rules = [], sandbox.environment(package), None
        if sandboxed:
            rules = sandbox.forbidden_calls()
            walls = sandbox.command(wire, package, limits, withheld, hidden, rules)
            env = {"PATH": os.environ.get("PATH", "")}
        else:
            (self.folder / "scratch").mkdir()
            env |= {"HOME": str(self.folder / "scratch"), "TMPDIR": str(self.folder / "scratch")}
        try:
            self._start([*walls, *_interpreter()], env, wire / "k.json", limits, rules)
        except BaseException:
            self.stop()
            raise
        finally:
            if rules is not None:
                os.close(rules)

    def _start(self, argv: list[str], env: dict, connection: Path, limits, rules) -> None:
        context = zmq.Context()
        # Set on the context they hold for every socket made from it.
        context.setsockopt(zmq.MAXMSGSIZE, 2 * limits.output_bytes)
        context.setsockopt(zmq.RCVHWM, 50)
        context.setsockopt(zmq.LINGER, 0)
        self.context = context
        self.km = KernelManager(
            connection_file=str(connection), transport="ipc", context=context, cache_ports=False
        )
        self.km._kernel_spec = KernelSpec(argv=argv, language="python", display_name="dlbook")
        here = self.folder / ("scratch" if "TMPDIR" in env else "")
        with open(os.devnull, "w") as nowhere:
            self.km.start_kernel(
                stdout=nowhere, stderr=nowhere, env=env, cwd=str(here),
                pass_fds=() if rules is None else (rules,),
            )  # fmt: skip
        self.kc = self.km.client()
        self.kc.start_channels()
        try:
            self.kc.wait_for_ready(timeout=STARTUP_SECONDS)
        except RuntimeError as error:
            raise KernelDiedError(f"the kernel did not start: {error}") from None
        self._ensure_iopub_up()
        self._settle(str(connection))

    def _settle(self, connection: str) -> None:
        code = f"from dlbook.grading import inside\ninside.settle({connection!r})"
        message = self.execute_cell_input(code)
        self.await_reply(message, timeout=STARTUP_SECONDS)
        self.await_idle(message, timeout=STARTUP_SECONDS)
        shutil.rmtree(self.folder / "wire")  # a folder that is gone takes no files

    def execute_cell_input(self, cell_input: str, allow_stdin: bool | None = None) -> str:
        """Send a cell; it may ask back only where there is somebody to answer."""
        self.messages = 0
        return super().execute_cell_input(cell_input, allow_stdin=self.oracle is not None)

    def get_message(self, stream: str, timeout: float | None = None) -> dict:
        """Return the next message; notice a dead kernel at once."""
        deadline = None if timeout is None else time.monotonic() + timeout
        read = self.kc.get_iopub_msg if stream == "iopub" else self.kc.get_shell_msg
        while True:
            alive = self.km.is_alive()
            with contextlib.suppress(Empty):
                self.messages += 1
                if self.messages > MESSAGES and stream == "iopub":
                    raise KernelDiedError("it sent too many messages")
                return read(timeout=0.05 if alive else 0.5)
            self.messages -= 1
            if not alive:
                raise KernelDiedError("it has ended")
            if self._is_stopped():
                raise KernelDiedError("it was stopped")
            if deadline is not None and time.monotonic() > deadline:
                raise Empty
            self._answer()

    def _is_stopped(self) -> bool:
        """Say whether the kernel has been asleep for some seconds because somebody stopped it."""
        now = time.monotonic()
        if now < self.next_look:
            return False
        self.next_look = now + 1.0
        family = inside.descendants(self.km.provisioner.process.pid)
        self.stopped = self.stopped + 1 if "T" in map(inside.state_of, self._own(family)) else 0
        return self.stopped > STOPPED_SECONDS

    def _own(self, family: dict) -> list[int]:
        """Return bubblewrap's processes and the kernel, without what the kernel started."""
        return [self.km.provisioner.process.pid, *sorted(family)[:2]]

    def _answer(self) -> None:
        """Answer what the kernel asks: what a right function returns."""
        if self.oracle is None:
            return
        with contextlib.suppress(Empty):
            message = self.kc.get_stdin_msg(timeout=0)
            if message["msg_type"] == "input_request":
                self.kc.input(self.oracle(str(message["content"].get("prompt", ""))))

    def stop(self) -> None:
        """End the kernel and all that it started; leave nothing behind."""
        with contextlib.suppress(Exception):
            self.kc.stop_channels()
        with contextlib.suppress(Exception):
            self.km.provisioner.process.kill()
        with contextlib.suppress(Exception):
            self.km.shutdown_kernel(now=True)
        with contextlib.suppress(Exception):
            self.context.destroy(linger=0)
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> "Kernel":
        return self

    def __exit__(self, *_) -> None:
        self.stop()


def _interpreter() -> list[str]:
    return [
        sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}",
        "--IPKernelApp.log_level=50", "--HistoryManager.enabled=False",
        "--IPKernelApp.capture_fd_output=False", "--InteractiveShell.cache_size=0",
    ]  # fmt: skip
