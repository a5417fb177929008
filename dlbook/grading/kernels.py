"""A kernel in its sandbox, as nbval drives it: sockets in a folder, nothing believed.

nbval's `RunningKernel`, started with other arguments, and impatient: it notices a kernel that
has died at once, and ends one that sends too much.
"""

import contextlib
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from queue import Empty

import zmq
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager
from nbval.kernel import RunningKernel

from dlbook.grading import inside, lesson, parents, provisioners, sandbox

MESSAGES = 200  # of one cell; a kernel under grading sends five
GREETING_SECONDS = 0.5  # in which a kernel that has its sockets greets, and then again
STOPPED_SECONDS = 3  # after which a kernel that somebody has stopped is given up

_logger = logging.getLogger("dlbook")
_silent = logging.Logger("dlbook.silent", logging.CRITICAL + 1)  # what is to be said, we say


class _Manager(KernelManager):
    """Has no control channel: a kernel under grading is told nothing, it is ended."""

    def _connect_control_socket(self) -> None:
        pass


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
    warm : bool
        Fork it from a kernel that is ready, where that can be done.

    Raises
    ------
    KernelDiedError
        If it doesn't start.
    """

    no_warm_ones = ""  # why there are none on this machine

    def __init__(self, limits, sandboxed=True, withheld=(), hidden=(), warm=True) -> None:
        self.oracle: Callable[[str], str] | None = None
        self.request = ""
        self.messages = self.stopped = 0
        self.next_look = 0.0
        self.limits = limits
        self.folder: Path | None = None
        if sandboxed and warm and self._starts_warm(withheld, hidden):
            return
        if sandboxed:
            self._start(provisioners.spec(provisioners.COLD, limits, withheld, hidden))
        else:
            self._start_without_walls()

    def _starts_warm(self, withheld, hidden) -> bool:
        """Start a warm kernel; where that fails twice, have cold ones from now on, and say so."""
        for is_last in (False, True):
            if Kernel.no_warm_ones:
                return False
            try:
                self._start(provisioners.spec(provisioners.WARM, self.limits, withheld, hidden))
                return True
            except parents.NoWarmKernelError as error:  # its parent may have died
                self.stop()
                if is_last:
                    Kernel.no_warm_ones = str(error)
                    _logger.warning(
                        "Warm kernels can't be had here (%s): each kernel is started from "
                        "nothing. That takes longer; the marks are the same.", error
                    )  # fmt: skip
        return False

    def _start(self, spec: KernelSpec, settings: dict | None = None, **options) -> None:
        context = zmq.Context()
        # Set on the context they hold for every socket made from it.
        context.setsockopt(zmq.MAXMSGSIZE, 2 * self.limits.output_bytes)
        context.setsockopt(zmq.RCVHWM, 50)
        context.setsockopt(zmq.LINGER, 0)
        self.context = context
        self.km = _Manager(context=context, log=_silent, **(settings or {}))
        self.km._kernel_spec = spec
        try:
            self.km.start_kernel(**options)
            self.kc = self.km.client()
            self._greet()
        except parents.NoWarmKernelError:
            raise
        except BaseException as error:
            self.stop()
            if isinstance(error, (RuntimeError, Empty)):
                raise KernelDiedError(f"the kernel did not start: {error}") from None
            raise

    def _start_without_walls(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="dlbook-"))
        scratch, package = self.folder / "scratch", self.folder / "lesson"
        scratch.mkdir()
        lesson.write(package)
        env = sandbox.environment(package) | {"HOME": str(scratch), "TMPDIR": str(scratch)}
        argv = provisioners.interpreter("{connection_file}")
        spec = KernelSpec(argv=argv, language="python", display_name="dlbook")
        file = str(self.folder / "k.json")
        sockets = {"transport": "ipc", "connection_file": file, "cache_ports": False}
        with open(os.devnull, "w") as nowhere:
            self._start(spec, sockets, stdout=nowhere, stderr=nowhere, env=env, cwd=str(scratch))

    def _greet(self) -> None:
        """Wait until the kernel is there, and close the doors behind the grader.

        The kernel makes the socket on which it publishes last, and we connect to that one last:
        where its first message comes through, all connections stand.
        """
        publishes = Path(f"{self.km.ip}-{self.km.iopub_port}")
        give_up = time.monotonic() + parents.STARTUP_SECONDS
        while not publishes.exists():
            if not self.is_alive() or time.monotonic() > give_up:
                raise RuntimeError("it made no sockets")
            time.sleep(0.002)
        nothing = dict.fromkeys(("shell", "iopub", "stdin", "hb", "control"), False)
        self.kc.start_channels(**nothing | {"shell": True, "stdin": True})
        self.kc.start_channels(**nothing | {"iopub": True})
        self._await_greeting(give_up)
        provisioner = self.km.provisioner
        if not isinstance(provisioner, provisioners.WarmProvisioner):  # which its parent settled
            code = "from dlbook.grading import inside\ninside.settle()"
            message = self.execute_cell_input(code)
            self.await_reply(message, timeout=parents.STARTUP_SECONDS)
            self.await_idle(message, timeout=parents.STARTUP_SECONDS)
        if isinstance(provisioner, provisioners.ColdProvisioner):
            provisioner.close_the_wire()
        for path in self.folder.glob("k*") if self.folder is not None else ():
            path.unlink()  # without walls its sockets lie here

    def _await_greeting(self, give_up: float) -> None:
        """Wait for the first message; whoever isn't greeted within a moment comes in again.

        A subscription that arrives between two parts of a message is taken in with the second
        part, and the kernel's loop isn't woken for it. That is rare; the next one wakes it.
        """
        while True:
            try:
                self.get_message("iopub", GREETING_SECONDS)
                return
            except Empty:
                if time.monotonic() > give_up:
                    raise
            publishes = self.kc.iopub_channel.socket
            publishes.unsubscribe(b"")
            publishes.subscribe(b"")

    def is_alive(self) -> bool:
        """Say whether it lives; the manager's own way takes a round of asyncio's loop."""
        process = self.km.provisioner.process
        return process is not None and process.poll() is None

    def execute_cell_input(self, cell_input: str, allow_stdin: bool | None = None) -> str:
        """Send a cell, with `request` beside it; return the message's id.

        It may ask back only where there is somebody to answer.
        """
        self.messages = 0
        content = {
            "code": cell_input, "silent": False, "store_history": False, "user_expressions": {},
            "allow_stdin": self.oracle is not None, "stop_on_error": False,
        }  # fmt: skip
        metadata = {inside.REQUEST: self.request}
        message = self.kc.session.msg("execute_request", content, metadata=metadata)
        self.kc.shell_channel.send(message)
        return message["header"]["msg_id"]

    def get_message(self, stream: str, timeout: float | None = None) -> dict:
        """Return the next message; notice a dead kernel at once."""
        deadline = None if timeout is None else time.monotonic() + timeout
        channel = self.kc.iopub_channel if stream == "iopub" else self.kc.shell_channel
        while True:
            alive = self.is_alive()
            with contextlib.suppress(Empty):
                self.messages += 1
                if self.messages > MESSAGES and stream == "iopub":
                    raise KernelDiedError("it sent too many messages")
                return channel.get_msg(self._waited(stream, 0.05 if alive else 0.5))
            self.messages -= 1
            if not alive:
                raise KernelDiedError("it has ended")
            if self._is_stopped():
                raise KernelDiedError("it was stopped")
            if deadline is not None and time.monotonic() > deadline:
                raise Empty
            self._answer()

    def _waited(self, stream: str, seconds: float) -> float:
        """Wait for a message, or for a question where somebody answers; return what is left."""
        if self.oracle is None:
            return seconds
        channel = self.kc.iopub_channel if stream == "iopub" else self.kc.shell_channel
        poller = zmq.Poller()
        for one in (channel, self.kc.stdin_channel):
            poller.register(one.socket, zmq.POLLIN)
        poller.poll(1000 * seconds)
        return 0

    def _is_stopped(self) -> bool:
        """Say whether the kernel has been asleep for some seconds because somebody stopped it."""
        now = time.monotonic()
        if now < self.next_look:
            return False
        self.next_look = now + 1.0
        states = map(inside.state_of, self._family())
        self.stopped = self.stopped + 1 if "T" in states else 0
        return self.stopped > STOPPED_SECONDS

    def _family(self) -> list[int]:
        """Return the processes without which there is no kernel."""
        provisioner = self.km.provisioner
        walled = isinstance(provisioner, provisioners.ColdProvisioner)
        return provisioner.family() if walled else [provisioner.process.pid]

    def _answer(self) -> None:
        """Answer what the kernel asks: what a right function returns."""
        if self.oracle is None:
            return
        with contextlib.suppress(Empty):
            message = self.kc.stdin_channel.get_msg(timeout=0)
            if message["msg_type"] == "input_request":
                self.kc.input(self.oracle(str(message["content"].get("prompt", ""))))

    def stop(self) -> None:
        """End the kernel and all that it started; leave nothing behind."""
        with contextlib.suppress(Exception):
            self.kc.stop_channels()
        with contextlib.suppress(Exception):
            self.km.provisioner.process.kill()
            self.km.provisioner.process.wait()  # or the manager looks again after 0.1 s
        with contextlib.suppress(Exception):
            self.km.shutdown_kernel(now=True)
        with contextlib.suppress(Exception):
            self.context.destroy(linger=0)
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> "Kernel":
        return self

    def __exit__(self, *_) -> None:
        self.stop()
