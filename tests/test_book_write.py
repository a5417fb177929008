"""The page "Write your own", followed to the letter in an empty folder, as its reader does.

Each block of the page has a line above it, which no reader sees, that says what to do with it.
"""

import csv
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import nbformat
import numpy as np
import pytest
from bs4 import BeautifulSoup

from dlbook.exercises import course, key
from dlbook.exercises.proof import findings_of
from dlbook.grading import sandbox

ROOT = Path(__file__).parents[1]
SOURCE = (ROOT / "book" / "write.md").read_text(encoding="utf-8")
BLOCK = re.compile(
    r"^(?:% test: (?P<what>[^\n]+)\n)?```(?P<kind>\w*)\n(?P<text>.*?)^```$", re.M | re.S
)
HOME = "/home/you"  # what the page calls the folder in which its reader works
BY_HAND = {"source .venv/bin/activate", "jupyter lab solutions/leaky.ipynb", "dlbook lab"}
MARKS = {
    "ada": ("2", "correct", ""),
    "ben": ("0", "incorrect", "no-leak"),
    "chidi": ("0", "incorrect", "leak-everywhere"),
    "dora": ("0", "incorrect", "slope-fixed"),
    "emeka": ("0", "not attempted", ""),
    "fatima": ("2", "correct", ""),
}


class Block(NamedTuple):
    """A block of the page: what its mark says, and its text."""

    what: str
    kind: str
    text: str
    line: int


def blocks_of(source: str) -> list[Block]:
    return [
        Block(m["what"] or "", m["kind"], m["text"], source.count("\n", 0, m.start()) + 1)
        for m in BLOCK.finditer(source)
    ]


class Reader:
    """Somebody who types what the page says, in a terminal in an empty folder."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "work"
        self.clone = folder / "clone"
        self.here = self.home
        self.said = ""
        self.home.mkdir()
        self.environment = _environment(folder)

    def follow(self, block: Block) -> None:
        what, _, rest = block.what.partition(" ")
        if what in ("run", "run,"):
            self.run(block.text, rest)
        elif what == "shows":
            assert_shows(self.said, block.text)
        elif what == "file":
            self.write(rest, block.text)
        elif what == "cell":
            self.write_cell(*rest.split(), block.text)
        elif what == "page":
            page = BeautifulSoup((self.here / rest).read_bytes(), "html.parser").get_text(" ")
            for line in block.text.splitlines():
                assert " ".join(line.split()) in " ".join(page.split()), line
        elif what == "python":
            names: dict = {}
            exec(block.text, names)
            exec(names["SETUP"], {})
        else:
            assert what == "by", f"line {block.line}: nobody knows what {block.what!r} means"
            assert block.text.strip() in BY_HAND

    def run(self, text: str, how: str) -> None:
        in_clone = how == "in a clone"
        wanted = int(how.removeprefix("ends with ")) if how.startswith("ends with") else 0
        if in_clone and not self.clone.exists():
            self.make_clone()
        here = self.clone if in_clone else self.here
        there = self.home.parent / "cwd"
        # Each line has to end well, but where the page says how the block ends otherwise.
        strict = "set -e" if not wanted else "status=0; trap 'status=$?' ERR"
        script = f"{strict}\n{text}\npwd > {shlex.quote(str(there))}\n"
        script += "exit $status\n" if wanted else ""
        done = subprocess.run(
            ["bash", "-c", script], cwd=here, env=self.environment, encoding="utf-8", check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, timeout=300,
        )  # fmt: skip
        self.said = done.stdout.replace(str(self.home), HOME)
        assert done.returncode == wanted, f"{text}\n{self.said}"
        if not in_clone:
            self.here = Path(there.read_text(encoding="utf-8").strip())

    def make_clone(self) -> None:
        for name in ("book", "solutions", "exercises"):
            shutil.copytree(ROOT / name, self.clone / name)
        for name in ("_toc.yml", "_config.yml"):
            shutil.copy(ROOT / name, self.clone / name)

    def write(self, name: str, text: str) -> None:
        assert name in SOURCE.replace(f"% test: file {name}", ""), f"the text doesn't name {name}"
        (self.here / name).write_text(text, encoding="utf-8")

    def write_cell(self, name: str, cell_id: str, text: str) -> None:
        notebook = nbformat.read(self.here / name, as_version=4)
        (cell,) = [cell for cell in notebook.cells if cell.id == cell_id]
        cell.source = text.removesuffix("\n")
        nbformat.write(notebook, self.here / name)


def _environment(folder: Path) -> dict[str, str]:
    """Return the environment of a terminal in which the book's own is active."""
    tools = folder / "tools"
    tools.mkdir()
    commands = {
        "dlbook": "-m dlbook.cli", "pytest": "-m pytest -p no:cacheprovider",
        "jupyter": "-m jupyter", "python": "",
    }  # fmt: skip
    for name, options in commands.items():
        text = f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {options} "$@"\n'
        (tools / name).write_text(text, encoding="utf-8")
        (tools / name).chmod(0o755)
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST_", "DLBOOK_", "COV"))}
    return kept | {
        "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "DLBOOK_PROGRESS": "off",
        "COLUMNS": "80",
        "NO_COLOR": "1",
        "PYTHONUTF8": "1",
    }


def assert_shows(said: str, shown: str) -> None:
    """Compare what was said with what the page shows; a line ``...`` is any number of lines."""
    pieces = [_level(piece) for piece in re.split(r"^\.\.\.$", shown, flags=re.M)]
    found = _level(said)
    if not shown.startswith("...\n"):
        assert found.startswith(pieces[0]), f"{pieces[0]}\n--- isn't how this begins:\n{found}"
    if not shown.rstrip().endswith("\n..."):
        assert found.endswith(pieces[-1]), f"{pieces[-1]}\n--- isn't how this ends:\n{found}"
    at = 0
    for piece in pieces:
        at = found.find(piece, at)
        assert at >= 0, f"{piece}\n--- isn't in:\n{found}"
        at += len(piece)


def _level(text: str) -> str:
    """Take out what differs each time: seconds, colours, spaces at the end of a line."""
    text = re.sub(r"\x1b\[[\d;]*m", "", text)
    text = re.sub(r"\d+\.\d+ ?s(econds)?\b", "some seconds", text)
    return "\n".join(line.rstrip() for line in text.splitlines()).strip()


@pytest.fixture(scope="module")
def followed(tmp_path_factory) -> Reader:
    """The whole page, done from its first block to its last."""
    try:
        sandbox.require()
    except sandbox.NoSandboxError as error:
        pytest.skip(f"the page grades a class, and there is no sandbox here: {error}")
    reader = Reader(tmp_path_factory.mktemp("write"))
    for block in blocks_of(SOURCE):
        try:
            reader.follow(block)
        except AssertionError as error:
            raise AssertionError(f"book/write.md, line {block.line}:\n{error}") from None
    return reader


def test_every_block_of_the_page_has_a_mark_and_every_mark_a_block():
    blocks = blocks_of(SOURCE)
    assert [block.line for block in blocks if not block.what] == []
    assert SOURCE.count("\n% test: ") == len(blocks)
    assert len(re.findall(r"^```", SOURCE, re.M)) == 2 * len(blocks)
    kinds = [block.what.split()[0].rstrip(",") for block in blocks]
    assert {"run", "shows", "file", "cell", "page", "by", "python"} == set(kinds)
    assert {b.text.strip() for b in blocks if b.what == "by hand"} == BY_HAND
    assert {b.kind for b in blocks if b.what.startswith("run")} == {"bash"}


def test_the_course_has_one_question_and_three_mistakes_that_prove_themselves(followed):
    course.use(followed.home / "activations")
    assert key.notebooks() == ("leaky",)
    (question,) = key.questions().values()
    assert [mistake.id for mistake in question.mistakes] == [
        "no-leak", "leak-everywhere", "slope-fixed"
    ]  # fmt: skip
    assert findings_of(question, book=followed.home / "activations" / "book") == []


def test_the_marks_of_the_six_are_those_that_the_page_tells(followed):
    with (followed.home / "marks" / "grades.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {r["student"]: (r["points"], r["outcome"], r["mistake"]) for r in rows} == MARKS
    told = next(b.text for b in blocks_of(SOURCE) if b.text.startswith("student,points,"))
    shown = {who: (points, *rest) for who, points, _, *rest in csv.reader(told.splitlines()[1:])}
    assert shown == MARKS


def test_the_table_of_rows_is_what_the_answers_give(followed):
    course.use(followed.home / "activations")
    question = key.question("leaky-relu")
    table = re.findall(r"^\| somebody .*$", SOURCE, re.M)
    rows = [[c.strip().replace("−", "-") for c in row.split("|")[2:5]] for row in table]
    ways = [question.reference, *(mistake.ways[-1] for mistake in question.mistakes)]
    first = question.cases(np.random.default_rng(0))[0]
    for row, way in zip(rows, ways, strict=True):
        assert [float(cell) for cell in row] == way(*first.args).tolist()
    assert len(set(map(tuple, rows))) == len(rows)


def test_the_stored_outputs_are_those_of_running_the_notebook(followed):
    folder = followed.home / "activations"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--nbval", "solutions", "-q", "-p", "no:cacheprovider"],
        cwd=folder, env=followed.environment, capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert "4 passed" in done.stdout


def test_the_students_folder_holds_no_answer_of_a_notebook(followed):
    folder = followed.home / "home" / "activations"
    names = {path.relative_to(folder).parts[0] for path in folder.rglob("*") if path.is_file()}
    assert names.isdisjoint({"solutions", "tests", "_build", "make_class.py"})
    exercise = json.loads((folder / "exercises" / "leaky.ipynb").read_text(encoding="utf-8"))
    assert "np.where" not in json.dumps(exercise)


def test_a_block_that_is_left_out_or_edited_wrongly_is_found():
    blocks = blocks_of(SOURCE)
    rows = next(b for b in blocks if b.text.startswith("student,points,"))
    right = rows.text
    assert_shows(right, right)
    for wrong in (right.replace("ben,0", "ben,1"), right + "gina,0,2,error,\n", right[20:]):
        with pytest.raises(AssertionError):
            assert_shows(wrong, right)
    with pytest.raises(AssertionError, match="isn't in"):
        assert_shows("a\nb\nc\n", "a\n...\nd\n...\n")
    assert_shows("a\n2 passed in 0.58s\nc\n", "...\n2 passed in 1.20s\n...\n")
    assert len(blocks_of(SOURCE.replace("% test: shows\n", "", 1))) == len(blocks)
    assert blocks_of(SOURCE.replace("% test: shows\n", "", 1))[2].what == ""


def test_a_step_that_is_left_out_or_changed_makes_a_later_one_fail(tmp_path):
    reader = Reader(tmp_path)
    begin, *_ = blocks_of(SOURCE)[1:]
    written = [b for b in blocks_of(SOURCE) if b.what.split()[0] in ("file", "cell")]
    release = next(b for b in blocks_of(SOURCE) if b.text.startswith("dlbook release"))
    prove = next(b for b in blocks_of(SOURCE) if b.text.startswith("pytest"))
    for block in [begin, *written]:
        reader.follow(block)
    with pytest.raises(AssertionError, match=r"exercises/leaky\.ipynb is not made"):
        reader.follow(release)  # "dlbook new cells leaky" was left out
    (answers,) = [b for b in written if b.what == "file answer_key/leaky.py"]
    changed = answers.text.replace("slope: slope * z,", "slope: leaky_relu(z, slope),")
    assert changed != answers.text
    reader.follow(answers._replace(text=changed))
    with pytest.raises(AssertionError, match="so it is no mistake"):
        reader.follow(prove)
