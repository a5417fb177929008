"""The parent of warm kernels: everything is imported once, and a child is forked for each kernel.

``python -m dlbook.grading.forkserver FD DOOR LESSON [WITHHELD ...]``, started by `parents` with
the environment of a kernel under grading and of `dlbook` only what `lesson` gives. It prepares a
kernel as far as can be done without a thread or a socket. For each request it forks a child that
walks into a sandbox which bubblewrap has built, gives up every right, and becomes a kernel there.
No line of a student's runs here, and a child that isn't inside walls becomes no kernel. Linux only.
"""

import contextlib
import ctypes
import functools
import gc
import importlib
import json
import os
import secrets
import select
import shutil
import signal
import socket
import struct
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from dlbook.grading import inside

PRELOADED = (
    "numpy", "cv2", "matplotlib.pyplot", "asyncio", "decimal", "fractions", "statistics",
    "ipykernel.ipkernel", "ipykernel.zmqshell", "ipykernel.compiler", "ipykernel.debugger",
    "ipykernel.iostream", "ipykernel.subshell_manager",
    "ipykernel.shellchannel", "ipykernel.control", "zmq.eventloop.zmqstream",
    "tornado.platform.asyncio", "dlbook.images", "dlbook.exercises", "dlbook.exercises.probe",
    "dlbook.exercises.plain", "encodings.ascii", "faulthandler",
)  # fmt: skip
KERNEL = (
    "--IPKernelApp.log_level=50", "--HistoryManager.enabled=False",
    "--IPKernelApp.capture_fd_output=False", "--InteractiveShell.cache_size=0",
)  # fmt: skip
LESSON, SCRATCH = "/lesson", "/tmp"  # as a kernel sees them
LARGEST = 1 << 16  # bytes of a request
DOOR = "door"  # the socket at which other processes than the owner ask
NAMESPACES = {
    "user": 0x10000000, "mnt": 0x00020000, "cgroup": 0x02000000, "uts": 0x04000000,
    "ipc": 0x08000000, "pid": 0x20000000, "net": 0x40000000,
}  # fmt: skip
_NO_NEW_PRIVILEGES, _DROP_FROM_BOUNDS, _AMBIENT, _CLEAR_ALL, _SECCOMP = 38, 24, 47, 4, 22


class NotInsideError(RuntimeError):
    """The child isn't behind the walls that it should be behind."""


def serve(owner: socket.socket, door: socket.socket, app) -> None:
    """Fork a kernel for each request, until the owner is gone; wait for those that have ended."""
    waker, woken = os.pipe()
    os.set_blocking(woken, False)
    os.set_blocking(waker, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(woken, warn_on_full_buffer=False)
    lines = [owner]
    while True:
        ready, _, _ = select.select([door, waker, *lines], [], [])
        if waker in ready:
            with contextlib.suppress(BlockingIOError):
                os.read(waker, 4096)
            _wait_for_the_dead()
        if door in ready:
            lines.append(door.accept()[0])
        for line in set(ready).intersection(lines):
            try:
                _answer(line, app)
            except OSError:  # whoever asked is gone
                if line is owner:
                    return
                lines.remove(line)
                line.close()


def _answer(line: socket.socket, app) -> None:
    packet, files, _, _ = socket.recv_fds(line, LARGEST, 2)
    if not packet:
        raise ConnectionResetError
    try:
        reply = forked(json.loads(packet), app, *files)
    except Exception as error:
        reply = {"error": f"{type(error).__name__}: {error}"}
    for number in files:
        os.close(number)
    line.send(json.dumps(reply).encode())


def forked(request: dict, app, holder: int, leash: int) -> dict:
    """Fork a kernel into a sandbox, and return its process id.

    Parameters
    ----------
    request : dict
        ``connection``, as in a kernel's connection file; ``filter``, the forbidden system
        calls in hexadecimal digits; both as the sandbox's inside sees them.
    app : IPKernelApp
        Prepared by `prepared`.
    holder : int
        Open file that stands for a process in the sandbox.
    leash : int
        Open file that the kernel keeps open while it lives.
    """
    source, sink = os.pipe()
    try:
        child = _forked_inside(holder, partial(_be_the_kernel, request, app, leash, sink))
    finally:
        os.close(sink)
        with open(source, encoding="utf-8", errors="replace") as file:
            told = file.read()
    if told != "inside":
        raise NotInsideError(told or "the new kernel ended at once")
    return {"pid": child}


def _forked_inside(holder: int, work: Callable[[Callable[[], None]], None]) -> int:
    """Fork a child into the holder's process ids, and return its own id as it is seen here.

    It calls `work` with what it has left to do to be inside. Who may (root) has the next child
    born there; others send an usher, who may as soon as it is in the sandbox's user namespace.
    """
    if _libc().setns(holder, NAMESPACES["pid"]) == 0:
        try:
            child = os.fork()
            if child == 0:
                work(partial(_walk_in, holder))
            return child
        finally:
            with open("/proc/self/ns/pid") as own:
                _check(_libc().setns(own.fileno(), NAMESPACES["pid"]), "setns")
    source, sink = os.pipe()
    usher = os.fork()
    if usher == 0:
        try:
            _walk_in(holder)
            child = os.fork()  # a namespace of process ids holds for those forked after it
            if child == 0:
                work(lambda: None)
            os.write(sink, str(child).encode())
        finally:
            os._exit(0)
    os.close(sink)
    with open(source, encoding="ascii") as file:
        told = file.read()
    os.waitpid(usher, 0)
    if not told:
        raise NotInsideError("the sandbox can't be entered")
    return int(told)


def _walk_in(holder: int) -> None:
    _check(_libc().setns(holder, sum(NAMESPACES.values())), "setns")


def _be_the_kernel(request: dict, app, leash: int, sink: int, walk_in: Callable) -> None:
    """Walk in, give up all rights, make sure of it, say so, and be a kernel to the end."""
    try:
        walk_in()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        leash, sink = inside.only_these_open(leash, sink)  # the leash stays open to the end
        give_up_rights(bytes.fromhex(request["filter"]))
        make_sure(bool(request["filter"]))
        os.chdir(SCRATCH)
        inside.shuffle()
        os.write(sink, b"inside")
        os.close(sink)
        started(app, request["connection"])
        _settle(app)
        app.start()
    except BaseException as error:
        with contextlib.suppress(OSError):
            os.write(sink, f"{type(error).__name__}: {error}".encode())
    finally:
        os._exit(0)


def give_up_rights(forbidden: bytes) -> None:
    """Let this process have no capability, and never get one; forbid system calls.

    Parameters
    ----------
    forbidden : bytes
        A seccomp filter; empty for none.
    """
    libc = _libc()
    _check(libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0), "no new privileges")
    _check(libc.prctl(_AMBIENT, _CLEAR_ALL, 0, 0, 0), "ambient capabilities")
    for capability in range(64):
        if libc.prctl(_DROP_FROM_BOUNDS, capability, 0, 0, 0):
            break  # there are no more
    version_3 = ctypes.create_string_buffer(struct.pack("Ii", 0x20080522, 0))
    _check(libc.capset(version_3, ctypes.create_string_buffer(24)), "capabilities")
    if forbidden:
        steps = ctypes.create_string_buffer(forbidden, len(forbidden))
        program = struct.pack("HxxxxxxP", len(forbidden) // 8, ctypes.addressof(steps))
        _check(libc.prctl(_SECCOMP, 2, ctypes.create_string_buffer(program), 0, 0), "seccomp")


def make_sure(filtered: bool) -> None:
    """Raise `NotInsideError` where a wall or a lock is missing."""
    for name in NAMESPACES:  # process 2 is the one that bubblewrap started in the sandbox
        own, walls = os.readlink(f"/proc/self/ns/{name}"), os.readlink(f"/proc/2/ns/{name}")
        if own != walls:
            raise NotInsideError(f"it is in another {name} namespace than its sandbox")
    with open("/proc/self/status", encoding="ascii") as file:
        state = dict(line.split(":", 1) for line in file)
    rights = [name for name in state if name.startswith("Cap") and int(state[name], 16)]
    if rights:
        raise NotInsideError(f"it still has capabilities ({', '.join(rights)})")
    wanted = {"NoNewPrivs": 1, "Seccomp": 2 if filtered else 0}
    for name, value in wanted.items():
        if int(state[name]) != value:
            raise NotInsideError(f"{name} is {state[name].strip()}, and must be {value}")


def prepared(skipped: list[str]):
    """Import what answers and kernels need; return a kernel's application, without sockets.

    Parameters
    ----------
    skipped : list of str
        Packages that must not be there.
    """
    sys.modules["debugpy"] = None  # nobody debugs here, and it is slow to import
    for name in PRELOADED:
        if name.split(".")[0] not in skipped:
            with contextlib.suppress(ImportError):
                importlib.import_module(name)
    del sys.modules["debugpy"]
    from ipykernel.kernelapp import IPKernelApp  # noqa: PLC0415

    app = IPKernelApp.instance()
    super(IPKernelApp, app).initialize(list(KERNEL))
    app.log.setLevel(app.log_level)  # or records are made that no handler takes
    app.init_pdb()
    app.kernel = app.kernel_class.instance(
        parent=app, log=app.log, profile_dir=app.profile_dir, user_ns={}
    )
    app.shell = app.kernel.shell
    app.init_path()
    app.init_extensions()
    app.init_code()
    app.session.session = ""  # it is made when it is first asked for; `started` gives it a name
    return app


def started(app, connection: dict):
    """Take the steps of a kernel's start that need sockets and threads."""
    app.session.session, app.session.pid = secrets.token_hex(16), os.getpid()
    app.load_connection_info({**connection, "key": connection["key"].encode()})
    app.init_control = lambda _: None  # nobody debugs or asks here
    app.init_iopub = partial(_init_iopub, app)
    app.init_sockets()
    app.log_connection_info()  # no heartbeat: whoever started it sees whether it lives
    app.init_io()
    app.init_signal()
    _connect(app, app.kernel)
    app.init_shell()
    return app


def _init_iopub(app, context) -> None:
    """Make the socket on which the kernel publishes.

    ipykernel's thread for it isn't started, and what is to be sent is sent at once: 2 ms less.
    """
    import zmq  # noqa: PLC0415
    from ipykernel.iostream import IOPubThread  # noqa: PLC0415

    app.iopub_socket = context.socket(zmq.XPUB)
    app.iopub_socket.linger = 1000
    app.iopub_port = app._bind_socket(app.iopub_socket, app.iopub_port)
    app.iopub_thread = IOPubThread(app.iopub_socket, session=app.session)  # isn't started
    app.iopub_socket = app.iopub_thread.background_socket


def _connect(app, kernel) -> None:
    """Give a kernel that was made before the fork what ipykernel gives a new one."""
    from zmq.eventloop.zmqstream import ZMQStream  # noqa: PLC0415

    kernel.session = app.session
    kernel.iopub_thread = app.iopub_thread
    kernel.shell_stream = ZMQStream(app.shell_socket)
    subscriptions = ZMQStream(app.iopub_thread.socket)  # greets after the kernel's first message
    subscriptions.io_loop.add_callback(subscriptions.on_recv, app.iopub_thread._handle_subscription)
    kernel.iopub_socket, kernel.stdin_socket = app.iopub_socket, app.stdin_socket
    kernel._stdout, kernel._stderr = sys.stdout, sys.stderr
    for publisher in (app.shell.displayhook, app.shell.display_pub):
        publisher.session, publisher.pub_socket = app.session, app.iopub_socket
    app.displayhook.get_execution_count = lambda: kernel.execution_count
    kernel.do_execute = partial(_do_execute, kernel, kernel.do_execute)


async def _do_execute(
    kernel, run_a_cell: Callable, code: str, silent: bool, store_history: bool = True,
    user_expressions: dict | None = None, allow_stdin: bool = False, **named,
) -> dict:  # fmt: skip
    """Observe answers at once where that is asked for; leave all other cells to IPython.

    Its way of running a cell takes 2 ms in a new kernel.
    """
    if code != inside.CELL:
        return await run_a_cell(code, silent, store_history, user_expressions, allow_stdin, **named)
    kernel._forward_input(allow_stdin)
    try:
        inside.observe()
    except BaseException as error:  # as a cell would: it ends no kernel
        name = type(error).__name__
        return {"status": "error", "ename": name, "evalue": str(error), "traceback": []}
    finally:
        kernel._restore_input()
    return {"status": "ok", "execution_count": 1, "user_expressions": {}, "payload": []}


def _settle(app) -> None:
    """Do for a warm kernel what a cold one is asked to do before any answer is near."""
    app.shell.user_ns["inside"] = inside
    inside.settle()


def look_as_inside(lesson: Path) -> None:
    """Let all that has been imported say that it comes from where a kernel sees it."""

    def moved(path: object) -> object:
        return str(path).replace(str(lesson), LESSON, 1) if path else path

    sys.path[:] = [moved(path) for path in sys.path]
    for name, module in list(sys.modules.items()):
        if name.split(".")[0] != "dlbook":
            continue
        for attribute in ("__file__", "__cached__"):
            if hasattr(module, attribute):
                setattr(module, attribute, moved(getattr(module, attribute)))
        module.__spec__.origin = moved(module.__spec__.origin)
        if hasattr(module, "__path__"):
            module.__path__[:] = [moved(path) for path in module.__path__]
    sys.path_importer_cache.clear()
    os.environ.update(HOME=SCRATCH, TMPDIR=SCRATCH, PWD=SCRATCH, PYTHONPATH=LESSON)
    for name in ("XDG_CACHE_HOME", "IPYTHONDIR"):
        os.environ.pop(name, None)
    tempfile.tempdir = None


def _wait_for_the_dead() -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


@functools.cache
def _libc():
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl.argtypes = (ctypes.c_int, *[ctypes.c_void_p] * 4)
    return libc


def _check(result: int, what: str) -> None:
    if result:
        raise OSError(ctypes.get_errno(), f"{what}: {os.strerror(ctypes.get_errno())}")


def main(owner: int, door: int, lesson: str, skipped: list[str]) -> None:
    """Prepare, then serve the owner at the other end of an open socket, and who comes to the door.

    The door lies in a folder that is the owner's alone, and that no kernel sees.
    """
    _libc().prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER: kernels are ours to wait for
    app = prepared(skipped)
    look_as_inside(Path(lesson))
    gc.collect()
    gc.freeze()
    try:
        serve(socket.socket(fileno=owner), socket.socket(fileno=door), app)
    finally:  # the owner is gone, perhaps killed: what it made for its kernels goes too
        shutil.rmtree(Path(lesson).parent, ignore_errors=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4:])
