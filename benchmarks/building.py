"""How long a build takes: from nothing, with nothing changed, with one chapter changed.

``python benchmarks/building.py`` runs ``dlbook build`` on a copy of the book, and puts a table
into `README.md`. Some minutes, on a machine at rest.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import record

ROOT = record.HERE.parent
SOURCES = ("_config.yml", "_toc.yml", "book", "exercises", "solutions", "dlbook")
CHAPTER = "book/training.md"  # the one with the longest cells
UNCHANGED = 10  # wanted: a build with nothing changed takes a tenth of one from nothing


def seconds(folder: Path) -> tuple[float, float]:
    """Build the book of a folder; return seconds by the clock, and of the processor."""
    command = [sys.executable, "-m", "dlbook.cli", "build"]
    start, before = time.perf_counter(), os.times()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    wall, after = time.perf_counter() - start, os.times()
    spent = (after.children_user - before.children_user) + (
        after.children_system - before.children_system
    )
    return wall, spent


def copy_book(folder: Path) -> None:
    """Put the book's sources, and nothing that was built, into a folder."""
    for name in SOURCES:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, folder / name)


def change(folder: Path, old: str, new: str) -> None:
    """Put one text in place of another, where it first stands in the chapter."""
    page = folder / CHAPTER
    text = page.read_text(encoding="utf-8")
    if old not in text:
        raise ValueError(f"{CHAPTER} has no {old!r}.")
    page.write_text(text.replace(old, new, 1), encoding="utf-8")


def cases(folder: Path) -> dict[str, Callable[[], object]]:
    """Return what is measured, in this order, and what is done to the book before each build."""
    lines = iter(range(1000))
    return {
        "from nothing": lambda: shutil.rmtree(folder / "_build", ignore_errors=True),
        "nothing changed": lambda: None,
        "a chapter's text changed": lambda: change(folder, "\n\n", f"\n\nLine {next(lines)}.\n\n"),
        "a chapter's title changed": lambda: change(folder, "\n# ", f"\n# {next(lines)} "),
        "a chapter's cell changed": lambda: change(
            folder, "import numpy as np\n", f"import numpy as np\n# {next(lines)}\n"
        ),
        "a built page removed": lambda: next(folder.glob("_build/html/book/*.html")).unlink(),
    }


def measure(folder: Path, rounds: int) -> dict[str, list[tuple[float, float]]]:
    """Return the seconds of each case, round by round."""
    copy_book(folder)
    found = {name: [] for name in cases(folder)}
    steps = cases(folder)
    for _ in range(rounds):
        for name, prepare in steps.items():
            prepare()
            found[name].append(seconds(folder))
            print(f"{name}: {found[name][-1][0]:.1f} s", flush=True)
    return found


def text_of(found: dict[str, list[tuple[float, float]]]) -> str:
    """Return the table, as Markdown."""
    median = {
        name: [statistics.median(column) for column in zip(*times, strict=True)]
        for name, times in found.items()
    }
    whole, _ = median["from nothing"]
    rows = [
        (name, f"{wall:.1f}", f"{spent:.1f}", f"1 / {whole / wall:.1f}",
         f"1 / {UNCHANGED}" if name == "nothing changed" else "")
        for name, (wall, spent) in median.items()
    ]  # fmt: skip
    head = ("a build", "seconds", "processor seconds", "of one from nothing", "wanted")
    machine = record.machine()
    rounds = len(found["from nothing"])
    where = f"{machine['cores']} cores of {machine['processor']}, Python {machine['python']}."
    return f"{record.table(head, rows)}\n\nMedians of {rounds}. {where}"


def main() -> None:
    """Measure, print, and put the table into the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=1, help="how often each is built (1)")
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        text = text_of(measure(Path(folder), rounds))
    print(text)
    record.put("building", text)


if __name__ == "__main__":
    main()
