"""What can only be seen from inside: where the time goes, the floor, one kernel.

`grading.py` runs this as a command of its own, in a control group; it prints one line of JSON.
"""

import functools
import gc
import importlib
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import measure

from dlbook.exercises import key
from dlbook.grading import batch, command, intake, notebooks
from dlbook.grading.grade import judge_of
from dlbook.grading.kernels import Kernel
from dlbook.grading.sandbox import Limits

SEED = 1
STAYS_SECONDS = 2.0  # what lives longer than its kernel is no part of it: the warm ones' parent


def kernels() -> dict[str, Callable]:
    """Return the kinds of kernels: each is made with (limits, sandboxed, withheld, hidden)."""
    return {
        "warm": functools.partial(Kernel, warm=True),
        "cold": functools.partial(Kernel, warm=False),
    }


# --- Shares ------------------------------------------------------------------------------------

START, REST = "the program's start (once)", "all else"
# What belongs to which step: public functions of the package, by module, name and step. One that
# calls another keeps only what is its own. Those that aren't there are named in the results.
STEPS = (
    ("sandbox", "require", "the sandbox is tried (once)"),
    ("intake", "find", "the files are found and read"),
    ("batch", "task_of", "the files are found and read"),
    ("batch", "newest", "the answers are taken out of the notebook"),
    ("notebooks", "read", "the answers are taken out of the notebook"),
    ("grade", "judge_of", "the reference's results (once)"),
    ("parents", "parent_for", "the parent of warm kernels starts (once)"),
    ("kernels", "Kernel.__init__", "a kernel starts"),
    ("kernels", "Kernel.stop", "the kernel ends"),
    ("harmless", "are_harmless", "the answers are taken out of the notebook"),
    ("harmless", "adds_nothing", "the answers are taken out of the notebook"),
    ("nbval_plugin", "run", "the answers run"),
    ("observed", "read", "verdicts"),
    ("verdict", "Judge.verdict", "verdicts"),
    ("grade", "result_of", "words for the student"),
    ("gradebook", "Gradebook.record", "the results are written"),
    ("tables", "rows", "tables and pages"),
    ("tables", "as_json", "tables and pages"),
    ("tables", "as_csv", "tables and pages"),
    ("tables", "write", "tables and pages"),
    ("report", "report_page", "tables and pages"),
    ("report", "write_feedback", "tables and pages"),
)


class Ledger:
    """Charges each step with the processor seconds that pass while it is the innermost one.

    Two sums for each: this process's own, and those of all others in the group (the kernels).
    """

    def __init__(self, group: measure.Group) -> None:
        self.group = group
        self.open = [REST]
        self.own: dict[str, float] = {}
        self.others: dict[str, float] = {}
        self.mark = self._now()
        self._charge(START, (0.0, 0.0), self.mark)

    def _now(self) -> tuple[float, float]:
        return time.process_time(), self.group.seconds()

    def _charge(self, step: str, before: tuple, now: tuple) -> None:
        own, everything = now[0] - before[0], now[1] - before[1]
        self.own[step] = self.own.get(step, 0.0) + own
        self.others[step] = self.others.get(step, 0.0) + everything - own

    def settle(self) -> None:
        """Charge the innermost step with what was used since the last time."""
        now = self._now()
        self._charge(self.open[-1], self.mark, now)
        self.mark = now

    def charged(self, function: Callable, step: str) -> Callable:
        """Return a function that does the same, and is charged to a step."""

        @functools.wraps(function)
        def run(*arguments, **named):
            self.settle()
            self.open.append(step)
            try:
                return function(*arguments, **named)
            finally:
                self.settle()
                self.open.pop()

        return run

    def watch(self) -> list[str]:
        """Put `charged` functions in the place of `STEPS`; return those that aren't there."""
        missing = []
        for module, name, step in STEPS:
            above = "exercises" if module == "verdict" else "grading"
            try:
                home = importlib.import_module(f"dlbook.{above}.{module}")
                *within, last = name.split(".")
                owner = functools.reduce(getattr, within, home)
                original = vars(owner)[last]
            except (ImportError, AttributeError, KeyError):
                missing.append(f"{module}.{name}")
                continue
            setattr(owner, last, self.charged(original, step))
            for other in list(sys.modules.values()):  # names that were imported from there
                if getattr(other, "__name__", "").startswith("dlbook.grading") and (
                    not within and vars(other).get(last) is original
                ):
                    setattr(other, last, vars(owner)[last])
        return missing


def shares(submissions: Path, out: Path) -> dict:
    """Grade a class with one worker, in this process, and say where the time went."""
    ledger = Ledger(measure.own_group())
    missing = ledger.watch()
    options = command.Options(submissions=submissions, out=out, workers=1, seed=SEED)
    done = command.grade(options)
    ledger.settle()
    return {
        "graded": done.graded, "own": ledger.own, "others": ledger.others, "missing": missing,
    }  # fmt: skip


# --- The floor ---------------------------------------------------------------------------------


def floor(submissions: Path, _: Path) -> dict:
    """Run the class's cells and probes in forks of this process: no kernel, no sandbox.

    One fork for each submission, with NumPy and the notebook's modules imported before. The
    answers are cut out of the notebooks beforehand, and judged afterwards.
    """
    found, _ = intake.find(submissions)
    work = []
    for one in batch.by_student(found).values():
        file = batch.task_of(one).files[0]
        work.append((one[0].student, notebooks.read(file.contents, file.name)))
    judges = {q: judge_of(q, SEED) for q in key.questions(work[0][1].notebook)}
    for question, answer in work[0][1].answers.items():  # whatever is imported late is here now
        _probed(answer, judges[question])
    group = measure.own_group()
    gc.collect()
    gc.freeze()  # a fork copies no memory only because Python counts what is alive
    before, started = group.seconds(), time.monotonic()
    seen = [_observed(one, judges) for _, one in work]
    seconds, wall = group.seconds() - before, time.monotonic() - started
    right = {
        student: [q for q, told in json.loads(text).items()
                  if judges[q].verdict(told).outcome == "correct"]
        for (student, _), text in zip(work, seen, strict=True)
    }  # fmt: skip
    return {"students": len(work), "processor_seconds": seconds, "wall_seconds": wall,
            "right": right}  # fmt: skip


def _observed(work: notebooks.Work, judges: dict) -> bytes:
    """Return what can be seen of a submission's answers, as JSON, from a fork."""
    source, sink = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(source)
            told = json.dumps({q: _probed(a, judges[q]) for q, a in work.answers.items()})
            with open(sink, "w", encoding="utf-8") as out:
                out.write(told)
        finally:
            os._exit(0)
    os.close(sink)
    with open(source, "rb") as read:
        text = read.read()
    os.waitpid(child, 0)
    return text


def _probed(answer: notebooks.Answer, judge) -> dict:
    from dlbook.exercises import probe  # noqa: PLC0415 - as the kernel's fork does

    question, namespace = judge.question, {}
    exec(key.setup(question.notebook), namespace)
    try:
        with probe.quiet():
            for chunk in answer.chunks:
                exec(compile(chunk.source, chunk.place, "exec"), namespace)
    except Exception as error:
        print(error, file=sys.stderr)
    return probe.observe(
        namespace.get(question.name), question.arguments, judge.plain_cases,
        question.timeout_seconds, namespace,
    )  # fmt: skip


# --- One kernel --------------------------------------------------------------------------------


def kernel(submissions: Path, _: Path, rounds: int = 20) -> dict:
    """Start kernels one after the other; what each takes until it is ready, and its memory."""
    taken = {name: _starts(make, submissions, rounds) for name, make in kernels().items()}
    if Kernel.no_warm_ones:
        raise RuntimeError(f"There are no warm kernels: {Kernel.no_warm_ones}")
    return taken


def _starts(make: Callable, submissions: Path, rounds: int) -> dict:
    group = measure.own_group()
    asked = key.questions("neuron").values()
    withheld = sorted({name for question in asked for name in question.withheld})
    starts = [_start(make, group, withheld, submissions) for _ in range(rounds + 1)][1:]
    return {name: statistics.median(start[name] for start in starts) for name in starts[0]}


def _start(make: Callable, group: measure.Group, withheld: list, submissions: Path) -> dict:
    before = set(group.processes())
    held_before = _held(before)
    seconds, started = group.seconds(), time.monotonic()
    with make(Limits(), True, withheld, [submissions]) as kernel:
        reply = kernel.execute_cell_input("1")  # ready is who has answered
        kernel.await_reply(reply, timeout=30)
        kernel.await_idle(reply, timeout=30)
        ready = {
            "processor_seconds": group.seconds() - seconds,
            "wall_seconds": time.monotonic() - started,
        }
        now = set(group.processes())
        memory = {
            "pss_bytes": _held(now - before),
            "private_bytes": sum(measure.memory_of(p, "Private") or 0 for p in now - before),
            "growth_bytes": _held(now) - held_before,
        }
        seconds = group.seconds()
    deadline = time.monotonic() + STAYS_SECONDS
    while set(group.processes()) & (now - before) and time.monotonic() < deadline:
        time.sleep(0.005)
    return {**ready, "end_seconds": group.seconds() - seconds, **memory}


def _held(processes: set[int]) -> int:
    return sum(measure.memory_of(process) or 0 for process in processes)


if __name__ == "__main__":
    what, folder, out_folder = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    result = {"shares": shares, "floor": floor, "kernel": kernel}[what](folder, out_folder)
    print(json.dumps(result))
