"""Grading, measured: the same class by this and by others, and what a submission costs here.

``python benchmarks/grading.py`` compares; ``python benchmarks/grading.py all`` measures the rest
too. Each number goes into a file as it comes; `README.md` shows the tables made from it.
"""

import argparse
import json
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import graders
import measure
import record
import students
import tables
from graders import GRADERS, FailedError, Place, UnavailableError

HERE = Path(__file__).resolve().parent
DEFAULT = ("ours", "cold", "nbval", "nbgrader", "otter")


class Bench:
    """One run: where it works, what it measures, where its numbers go."""

    def __init__(self, asked: argparse.Namespace) -> None:
        self.asked = asked
        self.work = Path(asked.work or tempfile.mkdtemp(prefix="dlbook-benchmark-")).resolve()
        self.work.mkdir(parents=True, exist_ok=True)
        self.run = record.begin(asked.results, asked.go_on)
        self.exercise = graders.ROOT / "exercises" / f"{asked.exercise}.ipynb"
        self.failed = 0

    def add(self, kind: str, **values) -> None:
        """Write a record down, and print it."""
        record.add(
            self.asked.results, kind=kind, run=self.run, exercise=self.asked.exercise, **values
        )
        print(kind, *(f"{name}={_short(value)}" for name, value in values.items()), flush=True)

    def students(self, size: int) -> list[students.Student]:
        """Return the class."""
        return students.make(self.exercise, size, self.asked.seed)

    def place(self, name: str) -> Place:
        """Return a new folder for a job."""
        folder = self.work / name
        graders.remove(folder)
        folder.mkdir()
        return Place(folder, self.work / "tools", self.asked.exercise, self.asked.workers)

    # --- The comparison ---

    def compare(self) -> None:
        """Measure every grader on every class, in turn."""
        for name in self._warmed_up():
            print(f"{name} is ready", flush=True)
        for size, rounds in zip(self.asked.sizes, self.asked.rounds, strict=True):
            for number in range(1, rounds + 1):
                for name in self.asked.graders:
                    if not self._is_there(size, number, name):
                        self._measure(size, number, name)

    def _warmed_up(self) -> Iterator[str]:
        """Let each grader grade one student, so that all files were read once before."""
        for name in list(self.asked.graders):
            try:
                self._graded(name, self.students(1))
                yield name
            except UnavailableError as error:
                print(f"{name} is left out: {error}", flush=True)
                self.asked.graders.remove(name)

    def _is_there(self, size: int, number: int, name: str) -> bool:
        wanted = {
            "kind": "compare", "run": self.run, "exercise": self.asked.exercise, "size": size,
            "round": number, "grader": name,
        }  # fmt: skip
        kept = record.read(self.asked.results)
        return any(wanted.items() <= one.items() for one in kept)

    def _measure(self, size: int, number: int, name: str) -> None:
        where = {"size": size, "round": number, "grader": name}
        try:
            usage, right = self._graded(name, self.students(size))
        except FailedError as error:
            self.failed += 1
            shutil.move(self.work / name, self.work / f"{name}-failed-{size}-{number}-{self.run}")
            self.add("failed", **where, reason=" ".join(str(error).split())[:500])
            return
        self.add("compare", **where, **_costs(usage), right=right)

    def _graded(self, name: str, people: list, *options: str) -> tuple[measure.Usage, int]:
        """Let a grader grade a class; return what it took and how many answers it found right."""
        grader, place = GRADERS[name], self.place(name)
        job = grader.prepare(people, place, *options)
        usage = _run(job)
        right = graders.check(job.marks(), people, grader.judges_alone)
        if not self.asked.keep:
            graders.remove(place.folder)
        return usage, right

    # --- This project alone ---

    def growth(self) -> None:
        """Measure this project on larger and larger classes."""
        self._graded("ours", self.students(1))
        for size in self.asked.growth_sizes:
            usage, right = self._graded("ours", self.students(size))
            self.add("growth", size=size, workers=self.asked.workers, **_costs(usage), right=right)

    def shares(self) -> None:
        """Measure where a submission's time goes."""
        size = self.asked.inner_size
        place = self._class_of(size)
        inside, usage = self._inside("shares", place)
        if inside["graded"] != size:
            raise FailedError(f"{inside['graded']} of {size} were graded.")
        self.add("shares", size=size, **_costs(usage), **inside)

    def floor(self) -> None:
        """Measure the students' cells alone, and this project on the same class."""
        size = self.asked.inner_size
        usage, _ = self._graded("ours", self.students(size))
        place, people = self._class_of(size), self.students(size)
        inside, _ = self._inside("floor", place)
        marks = {name: set(found) for name, found in inside.pop("right").items()}
        right = graders.check(marks, people, alone=False)
        self.add("floor", size=size, ours=_costs(usage), floor=inside, right=right)

    def kernel(self) -> None:
        """Measure the start of one kernel, and what it holds."""
        inside, _ = self._inside("kernel", self._class_of(1))
        for name, values in inside.items():
            self.add("kernel", name=name, **values)

    def _class_of(self, size: int) -> Place:
        place = self.place("inside")
        GRADERS["ours"].prepare(self.students(size), place)
        return place

    def _inside(self, what: str, place: Place) -> tuple[dict, measure.Usage]:
        log = self.work / f"{what}.log"
        command = [sys.executable, str(HERE / "inner.py"), what, "class", "marks"]
        one_thread = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}  # as in the sandbox
        usage = measure.run(command, place.folder, graders.QUIET | one_thread, log)
        lines = log.read_text(encoding="utf-8").splitlines()
        if usage.exit_status != 0:
            raise FailedError(f"{what}: {' '.join(lines[-3:])}")
        return json.loads(lines[-1]), usage


def _run(job: graders.Job) -> measure.Usage:
    log = job.folder / "log"
    usage = measure.run(job.command, job.folder, job.environment, log)
    if usage.exit_status not in job.good:
        told = log.read_text(encoding="utf-8", errors="replace")[-600:]
        raise FailedError(f"exit status {usage.exit_status}: {told}")
    if usage.left_behind:
        raise FailedError(f"{usage.left_behind} processes had to be ended.")
    return usage


def _costs(usage: measure.Usage) -> dict:
    return {
        "processor_seconds": usage.processor_seconds, "wall_seconds": usage.wall_seconds,
        "peak_bytes": usage.peak_bytes, "own_bytes": usage.own_bytes,
        "other_bytes": usage.other_bytes, "pss": usage.pss,
    }  # fmt: skip


def _short(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


def _names(text: str) -> list[str]:
    names = text.split(",")
    unknown = [name for name in names if name not in GRADERS]
    if unknown:
        raise argparse.ArgumentTypeError(f"there is no {unknown[0]}; there are {list(GRADERS)}")
    return names


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    add = parser.add_argument
    steps = ["compare", "growth", "shares", "floor", "kernel"]
    add("what", nargs="*", metavar="WHAT", help=f"{', '.join(steps)}, all, or report, which only "
        "makes the tables (default: compare)")  # fmt: skip
    add("--sizes", type=_numbers, default=[20, 200], help="of the classes that are compared")
    add("--rounds", type=_numbers, default=[3, 1], help="for each of these sizes")
    add("--graders", type=_names, default=list(DEFAULT), help=f"of {', '.join(GRADERS)}")
    add("--growth-sizes", type=_numbers, default=[20, 200, 2000])
    add("--inner-size", type=int, default=50, help="of the class for `shares` and `floor`")
    add("--exercise", default="neuron")
    add("--workers", type=int, default=2)
    add("--seed", type=int, default=0, help="of the class")
    add("--work", help="where to work (default: a temporary folder, kept if something fails)")
    add("--keep", action="store_true", help="keep what was made for each grader")
    add("--results", type=Path, default=record.RESULTS, help="where the numbers go; another "
        "file than the usual one leaves README.md as it is")  # fmt: skip
    add("--continue", dest="go_on", action="store_true", help="the last run: leave out what is in")
    asked = parser.parse_args()
    if len(asked.sizes) != len(asked.rounds):
        parser.error("give as many --rounds as --sizes, such as --sizes 20,200 --rounds 3,1")
    asked.what = steps if "all" in asked.what else asked.what or steps[:1]
    if unknown := set(asked.what) - {*steps, "report"}:
        parser.error(f"there is nothing called {unknown.pop()}; there are {', '.join(steps)}")
    return asked


def main() -> int:
    """Do what was asked; return the exit status."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # ends what it has started, too
    asked = _asked()
    failed = 0
    if asked.what != ["report"]:
        try:
            bench = Bench(asked)
            for what in asked.what:
                if what != "report":
                    getattr(bench, what)()
        except (FailedError, UnavailableError, measure.NotMeasurableError) as error:
            print(f"Failed: {error}\nThe work is in {bench.work}", file=sys.stderr)
            return 1
        failed = bench.failed
        if failed:
            print(f"{failed} failed; their work is in {bench.work}", file=sys.stderr)
        if not failed and not asked.work:
            shutil.rmtree(bench.work, ignore_errors=True)
    for name, text in tables.made(record.read(asked.results)).items():
        if asked.results == record.RESULTS:
            record.put(name, text)
        else:  # a trial leaves the page as it is
            print(f"\n{name}\n\n{text}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
