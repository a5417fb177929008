"""A course's own code runs in a process of its own, which may hang, or end, and harms nothing.

The parent starts it with `run`; the child reports in lines of JSON, and the last thing that it
began is known when it is given up.
"""

import contextlib
import importlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from dlbook.exercises import course, record
from dlbook.exercises.proof import Finding

_running: set[subprocess.Popen] = set()
_stopping = threading.Event()
LEAVING_SECONDS = 5.0  # in which a child that is done tidies up


@dataclass
class Outcome:
    """What a child reported.

    Parameters
    ----------
    events : list of dict
        In order.
    at : str
        What it began last.
    ended : str
        "" where it came to its end; else how it didn't: a sentence's end.
    """

    events: list[dict] = field(default_factory=list)
    at: str = ""
    ended: str = ""


class Report:
    """In the child: says what is known as soon as it is known."""

    def __init__(self, write: Callable[[str], object]) -> None:
        self.write = write

    def now(self, what: str) -> None:
        """Say what is begun."""
        self._send({"now": what})

    def finding(self, check: str, finding: Finding) -> None:
        """Say what is to be mended, under the name of a check."""
        self._send({"check": check, "finding": asdict(finding)})

    def says(self, check: str, says: str, state: str = "good") -> None:
        """Say how a check went."""
        self._send({"check": check, "says": says, "state": state})

    def fact(self, **known) -> None:
        """Say something that the parent needs."""
        self._send(known)

    def _send(self, event: dict) -> None:
        self.write(json.dumps(event) + "\n")


def run(
    module: str, scratch: Path, seconds: float, watch: Callable[[str], object] = str, **given
) -> Outcome:
    """Run ``main(report, **given)`` of a module of this package in a process of its own.

    Parameters
    ----------
    module : str
        "look" or "run".
    scratch : Path
        A folder for what kernels write beside their work.
    seconds : float
        Without a word from it, after which it is given up.
    watch : function, optional
        Is told what is begun.
    given
        Plain data.
    """
    environment = {
        **os.environ,
        record.SETTING: "off",
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "IPYTHONDIR": str(scratch / "ipython"),
        "JUPYTER_RUNTIME_DIR": str(scratch / "runtime"),
    }
    command = [sys.executable, "-m", "dlbook.doctor.child", json.dumps([module, given])]
    outcome = Outcome()
    if _stopping.is_set():
        outcome.ended = "was stopped"
        return outcome
    lines: queue.Queue[str | None] = queue.Queue()
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        text=True, encoding="utf-8", env=environment, start_new_session=True,
    ) as process:  # fmt: skip
        _running.add(process)
        threading.Thread(target=_read, args=(process.stdout, lines), daemon=True).start()
        try:
            while (line := lines.get(timeout=seconds)) is not None:
                _take(line, outcome, watch)
        except queue.Empty:
            outcome.ended = f"had not gone on after {seconds:g} seconds"
        finally:
            _end(process, LEAVING_SECONDS if not outcome.ended else 0.0)
            _running.discard(process)
    if not outcome.ended and not any("done" in event for event in outcome.events):
        outcome.ended = f"ended Python (status {process.returncode})"
    return outcome


def _take(line: str, outcome: Outcome, watch: Callable[[str], object]) -> None:
    event = json.loads(line)
    if "now" in event:
        outcome.at = event["now"]
        watch(outcome.at)
    else:
        outcome.events.append(event)


def _read(stream, lines: queue.Queue) -> None:
    with contextlib.suppress(ValueError):  # it was closed
        for line in stream:
            lines.put(line)
    lines.put(None)


def stop() -> None:
    """End every child that is running, and let no other begin."""
    _stopping.set()
    for process in list(_running):
        _end(process, 0.0)


def _end(process: subprocess.Popen, seconds: float) -> None:
    """End the child and what it started; it has some seconds to go by itself."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=seconds)
        return
    with contextlib.suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()


def main() -> None:
    """In the child: run what was asked for."""
    module, given = json.loads(sys.argv[1])
    own = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what the course prints is no report
    with open(own, "w", encoding="utf-8", buffering=1) as channel:
        report = Report(channel.write)
        # nbformat loads this to check addresses, which no notebook has; it takes a second.
        sys.modules.setdefault("rfc3987_syntax", None)
        report.now("starting")
        course.use(given.pop("course"))
        importlib.import_module(f"dlbook.doctor.{module}").main(report, **given)
        report.fact(done=True)
        channel.flush()
        if module == "look":
            os._exit(0)  # threads that the course has left behind don't hold it


if __name__ == "__main__":
    main()
