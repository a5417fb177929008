"""What was measured: one line of JSON each, written at once, and the tables made from them."""

import json
import os
import platform
import re
from collections.abc import Iterable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

HERE = Path(__file__).parent
RESULTS = HERE / "results.jsonl"
README = HERE / "README.md"
NAMED = ("numpy", "ipykernel", "jupyter-client", "pyzmq", "nbval", "pytest", "nbgrader")


def read(path: Path) -> list[dict]:
    """Return all records of a file; none if it isn't there."""
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]


def add(path: Path, **record) -> None:
    """Append a record; it is on the disk when this returns."""
    with open(path, "a", encoding="utf-8") as file:
        file.write(json.dumps(record, ensure_ascii=False) + "\n")
        file.flush()
        os.fsync(file.fileno())


def begin(path: Path, go_on: bool = False) -> int:
    """Return the number of a new run, or of the last one; a new one says where it runs."""
    last = max((record["run"] for record in read(path)), default=0)
    if go_on and last:
        return last
    add(path, kind="run", run=last + 1, **machine())
    return last + 1


def machine() -> dict:
    """Return what the numbers depend on, as far as it can be named."""
    text = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    model = re.search(r"^model name\s*:\s*(.+)$", text, flags=re.MULTILINE)
    packages = {}
    for name in NAMED:
        try:
            packages[name] = version(name)
        except PackageNotFoundError:
            packages[name] = "not installed"
    return {
        "processor": model[1].strip() if model else platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
        "packages": packages,
    }


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a Markdown table; the first column is text, the others are numbers."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def put(name: str, text: str, page: Path = README) -> None:
    """Put a text between a page's markers of a name; what stands around them is kept.

    Raises
    ------
    ValueError
        If the page doesn't have them.
    """
    begin_mark, end_mark = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
    before, found, rest = page.read_text(encoding="utf-8").partition(begin_mark)
    _, closed, after = rest.partition(end_mark)
    if not (found and closed):
        raise ValueError(f"{page.name} has no {begin_mark} with {end_mark} after it.")
    whole = f"{before}{begin_mark}\n\n{text.strip()}\n\n{end_mark}{after}"
    page.write_text(whole, encoding="utf-8")
