"""The sandbox: what a kernel may see, use and reach. bubblewrap builds it from namespaces.

The kernel sees the system and Python's packages, read-only; a scratch folder of limited size; the
few modules of `lesson`. It doesn't see any home, this project, submissions, or a network.
"""

import errno
import os
import platform
import shutil
import site
import struct
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import dlbook

MEMORY = 8 * 2**30  # as in the notebook
SHARED = 64 * 2**20  # bytes of /dev/shm
SYSTEM = (
    "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc/ld.so.cache", "/etc/alternatives",
    "/etc/fonts", "/etc/localtime", "/etc/mime.types",
)  # fmt: skip
SCRATCH = "/tmp"
WIRE = "/wire"  # the folder of a kernel's sockets, as the kernel sees it


FORBIDDEN = {  # numbers on x86-64 and on 64-bit ARM
    "memfd_create": (319, 279), "memfd_secret": (447, 447), "shmget": (29, 194),
    "msgget": (68, 186), "semget": (64, 190), "ptrace": (101, 117),
    "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "pidfd_getfd": (438, 438),
    "unshare": (272, 97), "setns": (308, 268), "mount": (165, 40), "bpf": (321, 280),
    "userfaultfd": (323, 282), "perf_event_open": (298, 241), "io_uring_setup": (425, 425),
    "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219),
    "kexec_load": (246, 104),
}  # fmt: skip


class NoSandboxError(RuntimeError):
    """There is no sandbox to be had here; the message says how to get one."""


@dataclass(frozen=True)
class Limits:
    """How much one answer may take, its own processes included.

    Parameters
    ----------
    memory_bytes : int
        Of memory written to.
    processes : int
        Processes and threads.
    open_files : int
    file_bytes : int
        For one file.
    scratch_bytes : int
        For all files.
    output_bytes : int
        What an answer may send back, all observations together.
    notebook_seconds : float
        For one notebook, by the clock on the wall.
    """

    memory_bytes: int = MEMORY
    processes: int = 64
    open_files: int = 256
    file_bytes: int = 64 * 2**20
    scratch_bytes: int = 128 * 2**20
    output_bytes: int = 32 * 2**20
    notebook_seconds: float = 900.0

    def as_data(self) -> dict:
        """Return the limits as plain data."""
        return asdict(self)


def require() -> None:
    """Do nothing where a sandbox can be had.

    Raises
    ------
    NoSandboxError
        Where it can't; the message says what is missing.
    """
    otherwise = "Or say --unsafe-no-sandbox, if you trust every submission as your own program."
    if sys.platform != "linux":
        raise NoSandboxError(
            "Submissions are run in a sandbox, and that needs Linux. "
            f"On Windows use WSL, on macOS a virtual machine or a container. {otherwise}"
        )
    if shutil.which("bwrap") is None:
        raise NoSandboxError(
            "Submissions are run in a sandbox, and bubblewrap, which builds it, isn't installed. "
            f"On Debian or Ubuntu: sudo apt install bubblewrap. {otherwise}"
        )
    tried = subprocess.run(
        [*_walls(), *_system(), "--", "/usr/bin/env", "true"],
        capture_output=True, text=True, errors="replace", check=False, timeout=60,
    )  # fmt: skip
    if tried.returncode != 0:
        raise NoSandboxError(
            "Submissions are run in a sandbox, and bubblewrap could not build one here. It says: "
            f"{tried.stderr.strip()[:300]}. In a container, user namespaces must be allowed "
            "(for Docker: --security-opt seccomp=unconfined --security-opt "
            "systempaths=unconfined); on Ubuntu 24.04 and newer see "
            f"kernel.apparmor_restrict_unprivileged_userns. {otherwise}"
        )


def command(
    wire: Path, lesson: Path, limits: Limits, withheld: Sequence[str] = (),
    hidden: Iterable[Path] = (), rules: int | None = None,
) -> list[str]:  # fmt: skip
    """Return the command that runs another command in a sandbox: put that one after it.

    Parameters
    ----------
    wire : Path
        The folder in which the kernel makes its sockets; the only one it shares with the grader.
    lesson : Path
        The folder that `lesson.write` filled.
    limits : Limits
    withheld : sequence of str
        Python packages that the questions don't allow.
    hidden : iterable of Path
        Files and folders that must not be seen even where they lie within the system's.
    rules : int, optional
        The open file of `forbidden_calls`.
    """
    python = [Path(p).resolve() for p in dict.fromkeys((sys.base_prefix, sys.prefix))]
    shown = [p for p in python if not p.is_relative_to("/usr")]
    arguments = [*_walls(), *_system()]
    arguments += ["--size", str(limits.scratch_bytes), "--tmpfs", SCRATCH]  # Python may lie in it
    project = Path(dlbook.__file__).resolve().parents[1]
    hidden = [p.resolve() for p in hidden if p.exists()]
    if project.name not in ("site-packages", "dist-packages"):
        hidden.append(project)
    for path in hidden:  # before Python's own folder, which may lie within the project
        if any(path.is_relative_to(root) for root in (Path("/usr"), *shown)):
            arguments += _covered(path)
    for path in shown:
        arguments += ["--ro-bind", str(path), str(path)]
    for folder in _package_folders():
        for name in ("dlbook", *withheld):
            for path in (folder / name, folder / f"{name}.py"):
                arguments += _covered(path) if path.exists() else []
    arguments += ["--bind", str(wire), WIRE, "--ro-bind", str(lesson), "/lesson"]
    for path in hidden:
        if any(path.is_relative_to(root) and path != root for root in python):
            arguments += _covered(path)
    for name, value in inside_environment(Path("/lesson")).items():
        arguments += ["--setenv", name, value]
    if rules is not None:
        arguments += ["--seccomp", str(rules)]
    return [*arguments, "--remount-ro", "/", "--chdir", SCRATCH, "--"]


def forbidden_calls() -> int | None:
    """Return an open file with `forbidden_program`, None where there is none; to be closed."""
    program = forbidden_program()
    if not program:
        return None
    source, sink = os.pipe()
    os.write(sink, program)
    os.close(sink)
    return source


@cache
def forbidden_program() -> bytes:
    """Return a filter of system calls that no answer needs; empty on other processors.

    Memory that belongs to no process couldn't be counted; the rest has been a way out of
    sandboxes before.
    """
    machine = {"x86_64": 0, "aarch64": 1}.get(platform.machine())
    if machine is None:
        return b""
    load, equal, above, give = 0x20, 0x15, 0x35, 0x06  # BPF's instructions
    allow, refuse = 0x7FFF0000, 0x00050000 | errno.EPERM
    numbers = [pair[machine] for pair in FORBIDDEN.values()]
    arch = (0xC000003E, 0xC00000B7)[machine]
    steps = [(load, 0, 0, 4), (equal, 1, 0, arch), (give, 0, 0, refuse), (load, 0, 0, 0)]
    steps += [(above, 0, 1, 0x40000000), (give, 0, 0, refuse)]  # another way to count on x86
    for number in numbers:
        steps += [(equal, 0, 1, number), (give, 0, 0, refuse)]
    steps += [(give, 0, 0, allow)]
    return b"".join(struct.pack("=HBBI", *step) for step in steps)


def inside_environment(lesson: Path) -> dict[str, str]:
    """Return the whole environment of a kernel in a sandbox."""
    scratch = {"HOME": SCRATCH, "TMPDIR": SCRATCH, "DLBOOK_SCRATCH": f"{SCRATCH}:/dev/shm"}
    return environment(lesson) | scratch


def environment(lesson: Path) -> dict[str, str]:
    """Return the whole environment of a kernel under grading: nothing is inherited."""
    return {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "USER": "student",
        "PYTHONPATH": str(lesson),
        "PYTHONNOUSERSITE": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "MPLBACKEND": "agg",
    }


def _walls() -> list[str]:
    return [
        "bwrap", "--unshare-user", "--unshare-ipc", "--unshare-pid", "--unshare-net",
        "--unshare-uts", "--unshare-cgroup-try", "--uid", "1000", "--gid", "1000",
        "--hostname", "sandbox", "--new-session", "--die-with-parent", "--cap-drop", "ALL",
        "--clearenv", *(["--disable-userns"] if _can_forbid_namespaces() else []),
    ]  # fmt: skip


@cache
def _can_forbid_namespaces() -> bool:
    """Say whether this bubblewrap can keep answers from making namespaces (0.8 and newer)."""
    told = subprocess.run(["bwrap", "--help"], capture_output=True, text=True, check=False)
    return "--disable-userns" in told.stdout + told.stderr


def _system() -> list[str]:
    arguments = []
    for name in SYSTEM:
        path = Path(name)
        if path.is_symlink():
            arguments += ["--symlink", os.readlink(path), name]
        elif path.exists():
            arguments += ["--ro-bind", name, name]
    return [
        *arguments, "--proc", "/proc", "--dev", "/dev", "--size", str(SHARED), "--tmpfs",
        "/dev/shm", "--remount-ro", "/dev",
    ]  # fmt: skip


def _covered(path: Path) -> list[str]:
    if path.is_dir():
        return ["--size", "4096", "--tmpfs", str(path), "--remount-ro", str(path)]
    return ["--ro-bind", os.devnull, str(path)]


def _package_folders() -> list[Path]:
    folders = [Path(p) for p in site.getsitepackages()]
    debian = Path("/usr/lib/python3/dist-packages")
    return [folder for folder in (*folders, debian) if folder.is_dir()]
