"""In a child: notebooks and kernels are run, as students and graders run them."""

import os
import re
import time
from pathlib import Path

import pytest

from dlbook.doctor.check import COLD, GRADED, OUTPUTS, WARM, WHOLE
from dlbook.doctor.child import Report
from dlbook.exercises import whole
from dlbook.exercises.proof import Finding
from dlbook.grading import grade, sandbox
from dlbook.grading.kernels import Kernel, KernelDiedError
from dlbook.grading.marks import Settings

CELL_SECONDS = 120.0
LONGEST = 120  # characters of a line that is shown
COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def main(report: Report, what: str, **given) -> None:
    """Run kernels, or one notebook."""
    {"kernels": kernels, "notebook": notebook}[what](report, **given)


def kernels(report: Report) -> None:
    """Start one kernel from nothing, and one as a fork, each in its sandbox."""
    for name, warm in ((COLD, False), (WARM, True)):
        report.now(name)
        started = time.monotonic()
        try:
            with Kernel(sandbox.Limits(), warm=warm):
                seconds = time.monotonic() - started
        except (KernelDiedError, OSError) as error:
            report.finding(name, Finding(
                f"{name[:1].upper()}{name[1:]} doesn't start in the sandbox: {error}.",
                "Mend what it names; until then `dlbook grade` can't run here.",
            ))  # fmt: skip
            report.says(name, "doesn't start")
            continue
        if warm and Kernel.no_warm_ones:
            says = (
                f"can't be had ({Kernel.no_warm_ones}); grading takes longer, the marks are right"
            )
            report.says(name, says, "note")
        else:
            report.says(name, f"starts in it, in {seconds:.1f} seconds")


def notebook(report: Report, folder: str, name: str, walled: bool) -> None:
    """Run the solution as nbval does, the exercise as it was released, and grade the solution."""
    solution, exercise = (Path(folder) / r / f"{name}.ipynb" for r in ("solutions", "exercises"))
    report.now("running the solution")
    fault = _outputs_fault(solution, name)
    if fault is not None:
        report.finding(OUTPUTS, fault)
    report.says(OUTPUTS, f"solutions/{name}.ipynb gives what it stores")
    report.now("running the exercise")
    for finding in _given_away(exercise, name):
        report.finding(WHOLE, finding)
    report.says(WHOLE, "run as it is, it gets no points")
    if fault is not None or not walled:
        why = "looked at when the outputs agree" if walled else "needs a sandbox"
        report.says(GRADED, why, "left out")
        return
    report.now("grading the solution")
    graded = grade.grade(solution.read_bytes(), solution.name, Settings(seed=1))
    for result in graded.results:
        if result.outcome != "correct":
            report.finding(GRADED, Finding(
                f"Handed in, its solution gets {result.points} of {result.max_points} points: "
                f"{result.message}",
                "See what of it needs more than the setup cell and the answers before it.",
                name, result.question,
            ))  # fmt: skip
    points = sum(result.points for result in graded.results)
    most = sum(result.max_points for result in graded.results)
    report.says(GRADED, f"handed in, the solution gets {points} of {most} points")


class _Recorder:
    """A plugin of pytest's: keeps the first failure, and counts all."""

    def __init__(self) -> None:
        self.first = None
        self.count = 0

    def pytest_exception_interact(self, node, call) -> None:
        self.count += 1
        if self.first is None:
            self.first = node, call.excinfo.value


def _outputs_fault(path: Path, name: str) -> Finding | None:
    """Run a notebook with nbval; say where what it gives isn't what it stores."""
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    recorder = _Recorder()
    arguments = [
        "-p", "nbval.plugin", "--nbval", f"--nbval-cell-timeout={CELL_SECONDS:g}", "--noconftest",
        "-p", "no:cacheprovider", "-c", os.devnull, f"--rootdir={path.parent}", "--color=no",
        "-W", "ignore", str(path),
    ]  # fmt: skip
    status = pytest.main(arguments, plugins=[recorder])
    if status == pytest.ExitCode.OK:
        return None
    if recorder.first is None:
        return Finding(
            f"solutions/{path.name} can't be run (nbval ended with status {int(status)}).",
            f"Try: python -m pytest --nbval solutions/{path.name}.", name,
        )  # fmt: skip
    node, error = recorder.first
    cell = getattr(node, "cell", None)
    if cell is None:
        why = _line(str(error))
        return Finding(f"solutions/{path.name} can't be run: {why}.", "Mend it.", name)
    mark = cell.metadata.get("nbgrader", {}).get("grade_id")
    where = f"code cell {node.cell_num + 1}" + (f" ({mark})" if mark else "")
    more = f" {recorder.count - 1} more cells differ after it." if recorder.count > 1 else ""
    return Finding(
        f"solutions/{path.name}, {where}: {_told(node, cell, error)}{more}",
        "Open it in JupyterLab, run all of it, look at that cell, and save it if it is right.",
        name, "" if mark is None else str(mark).removesuffix("-check"),
    )  # fmt: skip


def _told(node, cell, error: Exception) -> str:
    """Say in a line or two what a cell gives, and what is stored."""
    now = _lines(node.test_outputs or ())
    raised = next((out for out in node.test_outputs or () if out.output_type == "error"), None)
    if raised is not None:
        return f"it stops with {_line(f'{raised.ename}: {raised.evalue}')}."
    if str(error) != "Cell outputs differ":
        return f"{_line(str(error))}"
    stored = _lines(cell.outputs)
    for at in range(max(len(stored), len(now))):
        pair = [lines[at] if at < len(lines) else "nothing" for lines in (stored, now)]
        if pair[0] != pair[1]:
            return f"it gives {_line(pair[1])!r} where {_line(pair[0])!r} is stored."
    return "it gives other outputs than are stored, of another kind."


def _lines(outputs) -> list[str]:
    """Return what outputs show, as lines of text."""
    texts = []
    for out in outputs:
        if out.output_type == "stream":
            texts.append(out.text)
        elif "data" in out:
            texts.append("".join(out.data.get("text/plain", "")))
    return [line for text in texts for line in text.splitlines()]


def _line(text: str) -> str:
    text = " ".join(COLOURS.sub("", text).split())
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} ..."


def _given_away(path: Path, name: str) -> list[Finding]:
    """Run an exercise as it is; say which questions are answered already."""
    try:
        checked = whole.check_notebook(path, CELL_SECONDS)
    except whole.UnreadableError as error:
        return [Finding(f"exercises/{path.name}: {_line(str(error))}", "Release it again.", name)]
    return [
        Finding(
            f"exercises/{path.name}, run as it is, gets {one['points']} of {one['max_points']} "
            "points for it.",
            "Look for a cell that defines the function, and take it out of the solution.",
            name, one["question"],
        )
        for one in checked.results if one["points"]
    ]  # fmt: skip
