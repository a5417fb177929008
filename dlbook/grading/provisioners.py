"""How a kernel in a sandbox comes to be, for `jupyter_client`: from nothing, or forked warm.

Both kinds stand behind `jupyter_client`'s entry points for kernel provisioners, so that whatever
drives kernels can drive these. bubblewrap builds the same walls for both. A cold kernel starts
Python within them; a warm one is forked from a parent that has imported everything
(`forkserver`), and walks in.
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Dict, List, Unicode

from dlbook.grading import forkserver, lesson, parents, sandbox
from dlbook.grading.parents import NoWarmKernelError

COLD, WARM = "dlbook-cold", "dlbook-warm"  # entry points


def spec(kind: str, limits: sandbox.Limits, withheld=(), hidden=()) -> KernelSpec:
    """Return the kernelspec of a sandboxed kernel.

    Parameters
    ----------
    kind : str
        `COLD` or `WARM`.
    limits : sandbox.Limits
    withheld : sequence of str
        Packages that must not be there.
    hidden : sequence of Path
        What must not be seen, wherever it lies.
    """
    config = {
        "limits": limits.as_data(),
        "withheld": list(withheld),
        "hidden": [str(path) for path in hidden],
    }
    return KernelSpec(
        argv=interpreter(f"{sandbox.WIRE}/k.json"), language="python", display_name=kind,
        metadata={"kernel_provisioner": {"provisioner_name": kind, "config": config}},
    )  # fmt: skip


def interpreter(connection_file: str) -> list[str]:
    """Return the command that starts a kernel."""
    return [
        sys.executable, "-m", "ipykernel_launcher", "-f", connection_file, *forkserver.KERNEL
    ]  # fmt: skip


class ColdProvisioner(LocalProvisioner):
    """Starts Python in a sandbox, and a kernel in it."""

    limits = Dict(help="As `sandbox.Limits` takes them.")
    withheld = List(Unicode(), help="Packages that must not be there.")
    hidden = List(Unicode(), help="Files and folders that must not be seen.")
    folder: Path | None = None

    async def pre_launch(self, **kwargs):
        """Make the folder of the kernel's sockets, and have the manager use it."""
        self.folder = Path(tempfile.mkdtemp(prefix="dlbook-", dir=self._place()))
        self.wire.mkdir()
        self.parent.transport, self.parent.cache_ports = "ipc", False
        self.parent.ip = str(self.wire / "k")
        self.parent.connection_file = str(self.folder / "k.json")
        return await super().pre_launch(**kwargs)

    def _place(self) -> Path | None:
        """Return the folder for the kernel's folder; None for the system's own."""
        return None

    @property
    def wire(self) -> Path:
        """The folder of the kernel's sockets, as the grader sees it."""
        return self.folder / "wire"

    async def launch_kernel(self, cmd, **kwargs):
        """Build the walls, and start the kernel behind them."""
        package = self.folder / "lesson"
        lesson.write(package)
        (self.wire / "k.json").write_text(json.dumps(self._seen_inside()))
        with self._walls(package) as (walls, rules):
            started = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": "/"}
            return await super().launch_kernel(
                [*walls, *cmd], **started, pass_fds=rules, env=_environment()
            )

    def _seen_inside(self) -> dict:
        connection = {**self.connection_info, "ip": f"{sandbox.WIRE}/k"}
        return {k: v.decode() if isinstance(v, bytes) else v for k, v in connection.items()}

    @contextlib.contextmanager
    def _walls(self, package: Path):
        """Give bubblewrap's command, and the open files that it reads."""
        limits = sandbox.Limits(**self.limits)
        hidden = [Path(path) for path in self.hidden]
        rules = sandbox.forbidden_calls()
        try:
            walls = sandbox.command(self.wire, package, limits, self.withheld, hidden, rules)
            yield walls, () if rules is None else (rules,)
        finally:
            if rules is not None:
                os.close(rules)

    def close_the_wire(self) -> None:
        """Take the sockets' folder away once the grader is connected: it takes no files."""
        shutil.rmtree(self.wire, ignore_errors=True)

    def family(self) -> list[int]:
        """Return the processes without which there is no kernel, the kernel last."""
        monitor = self.process.pid
        first = _children(monitor)[:1]
        return [monitor, *first, *(_children(first[0])[:1] if first else ())]

    async def cleanup(self, restart: bool = False) -> None:
        """Leave nothing behind."""
        await super().cleanup(restart)
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)


class WarmProvisioner(ColdProvisioner):
    """Forks a kernel from a parent that is ready, into a sandbox."""

    kernel_pid: int | None = None

    def _place(self) -> Path:
        """Return the parent's folder, which is cleared away even if the grader is killed."""
        return parents.parent_for(self.withheld).folder

    async def launch_kernel(self, cmd, **kwargs):
        """Build the walls around a process that holds them; fork a kernel into them.

        The holder ends when the kernel closes its end of the holder's input, so that the
        sandbox lives just as long as the kernel does.
        """
        parent = parents.parent_for(self.withheld)
        with self._walls(parent.package) as (walls, rules):
            self.process = subprocess.Popen(
                [*walls, "cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL, bufsize=0, cwd="/", pass_fds=rules,
                env=_environment(), start_new_session=True,
            )  # fmt: skip
        self.pid = self.pgid = self.process.pid
        leash, echo = self.process.stdin, self.process.stdout
        try:
            leash.write(b"\n")
            if echo.read(1) != b"\n":
                raise RuntimeError("bubblewrap could not build a sandbox")
            self.kernel_pid = self._forked(parent, leash.fileno())
        except BaseException:
            self.process.kill()
            self.process.wait()
            raise
        finally:
            leash.close()
            echo.close()
        return self.connection_info

    def _forked(self, parent: parents.Line, leash: int) -> int:
        try:
            holder = os.pidfd_open(_children(_children(self.process.pid)[0])[0])
        except (AttributeError, IndexError, OSError) as error:
            raise NoWarmKernelError(f"the sandbox's process can't be found: {error}") from None
        try:
            return parent.fork(self._seen_inside(), holder, leash)
        finally:
            os.close(holder)

    def family(self) -> list[int]:
        """Return the processes without which there is no kernel, the kernel last."""
        return [*super().family(), self.kernel_pid]

    async def send_signal(self, signum: int) -> None:
        """Send a signal to the kernel; where it is to end, to the whole sandbox."""
        if signum == signal.SIGINT and self.process and self.process.poll() is None:
            os.kill(self.kernel_pid, signum)
        else:
            await super().send_signal(signum)


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", "")}


def _children(pid: int) -> list[int]:
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            return [int(child) for child in file.read().split()]
    except OSError:
        return []
