"""`dlbook doctor`: a sound course has no findings; broken in one way, it has one, which says so."""

import base64
import hashlib
import os
import shutil
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from dlbook.doctor import check, child, examine, look, machine
from dlbook.exercises import course, release

sys.path.insert(0, str(Path(__file__).parent))
import courses

ROOT = Path(__file__).parents[1]
PAGES = {
    "intro": "# Slopes and leaks\n",
    "before": "# Before\n",
    "slopes": "# Slopes\n\n## A leak\n\nIt lets some through.\n",
}
ANSWER = "return np.where(z > 0, z, slope * z)"


@pytest.fixture(autouse=True)
def _leave_no_course_behind():
    before = os.environ.get(course.SETTING)
    yield
    course.use(None)
    course._asked.clear()
    os.environ.pop(course.SETTING)
    if before is not None:
        os.environ[course.SETTING] = before


@pytest.fixture(scope="module")
def sound(tmp_path_factory) -> Path:
    """Make a course without a fault: written, run, released."""
    folder = courses.write(tmp_path_factory.mktemp("courses") / "sound")
    for name, text in PAGES.items():
        (folder / "book" / f"{name}.md").write_text(text, encoding="utf-8")
    path = folder / "solutions" / "slopes.ipynb"
    notebook = nbformat.read(path, as_version=4)
    course.use(folder)
    client = NotebookClient(notebook, kernel_name="python3")
    client.execute(env={**os.environ, "DLBOOK_PROGRESS": "off"})
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # when it ran is no part of it
    nbformat.write(notebook, path)
    release.release(path, folder / "exercises" / "slopes.ipynb")
    return folder


@pytest.fixture
def folder(sound, tmp_path) -> Path:
    return Path(shutil.copytree(sound, tmp_path / "mine"))


@pytest.fixture
def quickly(monkeypatch):
    """Look at a course in this process, and not at this machine."""

    def in_process(module, scratch, seconds, watch=str, **given):
        outcome = child.Outcome()
        report = child.Report(lambda line: child._take(line, outcome, watch))
        course.use(given.pop("course"))
        look.main(report, **given)
        return outcome

    monkeypatch.setattr(child, "run", in_process)
    monkeypatch.setattr(examine, "AT_A_TIME", 1)
    monkeypatch.setattr(machine, "machine", lambda: [])
    monkeypatch.setattr(machine, "walls", lambda: check.Check("The sandbox", "walls", "there"))
    return lambda folder: list(examine.examine(folder, quick=True))


def findings(checks) -> list[str]:
    shown = [check.as_text(one, 400) for one in checks if one.state == "mend"]
    assert all("→" in text for text in shown), shown  # each with what to do
    return [f"{one.group} {f} {f.notebook}" for one in checks for f in one.findings]


def the_one(checks) -> str:
    found = findings(checks)
    assert len(found) == 1, found
    assert check.to_mend(checks) == 1
    return found[0]


def edit(path: Path, *pairs: tuple[str, str]) -> None:
    text = path.read_text(encoding="utf-8")
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")


def edit_cells(path: Path, change) -> None:
    notebook = nbformat.read(path, as_version=4)
    change(notebook)
    nbformat.write(notebook, path)


def cell_with(notebook, grade_id: str):
    return next(
        c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id
    )


def contents(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


# --- A sound course ------------------------------------------------------------------------------


def test_a_sound_course_has_no_findings(quickly, folder):
    checks = quickly(folder)
    assert findings(checks) == []
    assert check.to_mend(checks) == 0
    shown = "\n".join(check.as_text(one, 100) for one in checks)
    assert "2 questions, 5 points, 3 mistakes prove themselves" in shown
    assert "notebooks: 1: slopes" in shown


def test_this_book_has_no_findings_and_nothing_is_written(quickly, monkeypatch):
    # That its answer key proves itself is shown by tests/test_exercises_key.py, and takes longer.
    monkeypatch.setattr(look.proof, "findings_of", lambda question, seeds, once: [])
    before = {room: contents(ROOT / room) for room in ("book", "exercises", "solutions")}
    checks = quickly(ROOT)
    assert findings(checks) == []
    keys = [one.says for one in checks if one.name == check.KEY]
    assert len(keys) == 5
    assert keys[0].startswith("6 questions, 9 points")
    assert {room: contents(ROOT / room) for room in before} == before


# --- One fault, one finding ----------------------------------------------------------------------


KEY = "answer_key/slopes.py"


def solved_stub(folder):
    def change(notebook):
        cell_with(notebook, "slopes-leaky-relu").source = f"def leaky_relu(z, slope):\n    {ANSWER}"

    edit_cells(folder / "exercises" / "slopes.ipynb", change)


def half_a_stub(folder):
    def change(notebook):
        cell = cell_with(notebook, "slopes-leaky-relu")
        cell.source = cell.source.replace("# BEGIN", "z = 1.0 * z\n    # BEGIN")

    edit_cells(folder / "solutions" / "slopes.ipynb", change)


def edited_exercise(change):
    return lambda folder: edit_cells(folder / "exercises" / "slopes.ipynb", change)


def edited_solution(change):
    return lambda folder: edit_cells(folder / "solutions" / "slopes.ipynb", change)


def key_with(*pairs):
    return lambda folder: edit(folder / KEY, *pairs)


def toc_with(*pairs):
    return lambda folder: edit(folder / "_toc.yml", *pairs)


def written(name, text):
    def write(folder):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(text.encode() if isinstance(text, str) else text)

    return write


def removed(name):
    def remove(folder):
        path = folder / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()

    return remove


def attach(notebook):
    text = base64.b64encode(f"see {ANSWER}".encode()).decode()
    notebook.cells[0].attachments = {"note.txt": {"text/plain": text}}


def output_of(text):
    def change(notebook):
        notebook.cells[1].outputs = [nbformat.v4.new_output("stream", text=text)]

    return change


def drop_check(notebook):
    notebook.cells.remove(cell_with(notebook, "slopes-both-check"))


def other_setup(notebook):
    notebook.cells[1].source = notebook.cells[1].source.replace("import math", "import cmath")


def never_run(notebook):
    notebook.cells[4].execution_count = None
    notebook.cells[4].outputs = []


def stopped(notebook):
    notebook.cells[4].outputs = [
        nbformat.v4.new_output("error", ename="NameError", evalue="z", traceback=[])
    ]


SAME = ("lambda z, slope: slope * z,", "lambda z, slope: np.where(z <= 0, slope * z, z),")
FAULTS = {
    # The five that the answer key is known to have.
    "duplicate ids": (
        key_with(('id="slopes-both"', 'id="slopes-leaky-relu"')),
        ["2 questions have the id 'slopes-leaky-relu'", "Give each its own"],
    ),
    "a question without points": (
        key_with(("points=2", "points=None")),
        ["slopes-leaky-relu", "It has no points", "points=2"],
    ),
    "a reference that fails": (
        key_with(("return np.where(z > 0, z, slope * z)", "return nmupy.where(z > 0)"),
                 ("[leaky_relu(z, slope), 2 * leaky_relu(z, slope)]", "[z * 1, z * 2]"),
                 ("lambda z, slope: [leaky_relu(z, slope)]", "lambda z, slope: [z * 1]")),
        ["slopes-leaky-relu", "NameError: name 'nmupy' is not defined"],
    ),
    "a mistake that equals the reference": (
        key_with(SAME),
        ["slopes-leaky-relu", "mistake leak-everywhere", "the same as the reference"],
    ),
    "an unknown notebook": (
        written("exercises/stray.ipynb", "{}"),
        ["exercises/stray.ipynb", "no exercise is called 'stray'", "answer_key/stray.py"],
    ),
    # The answer key's module.
    "a module that isn't Python": (
        written(KEY, "x = 1\nif x\n"), ["answer_key/slopes.py, line 2", "Python can't read it"],
    ),
    "a module that raises": (
        written(KEY, "x = 1\ny = {}[x]\n"), ["answer_key/slopes.py, line 2", "KeyError: 1"],
    ),
    "a module that ends Python": (
        written(KEY, "import sys\nsys.exit(4)\n"), ["line 2", "It ends Python (SystemExit: 4)"],
    ),
    "a module without QUESTIONS": (
        key_with(("QUESTIONS = [", "QUESTION = [")), ["slopes.py has no QUESTIONS"],
    ),
    "something else than a Question": (
        key_with(("QUESTIONS = [", "QUESTIONS = [\n    'slopes-first',")),
        ["QUESTIONS[0] is a str and no Question"],
    ),
    "a setup that is no text": (
        key_with(('SETUP = """', 'SETUP = 1, """')), ["SETUP is no text"],
    ),
    "a heading that isn't there": (
        written("book/slopes.md", "# Slopes\n\n## Leaks\n"),
        ["slopes-leaky-relu", "no heading 'A leak'"],
    ),
    "a module with a name that no exercise has": (
        written("answer_key/My slopes.py", ""), ["My slopes.py has no name for an exercise"],
    ),
    # What lies where.
    "an entry without a module": (
        toc_with(("exercises/slopes\n", "exercises/slopes\n      - file: exercises/x\n")),
        ["_toc.yml: no exercise is called 'x'"],
    ),
    "a solution without a module": (
        written("solutions/stray.ipynb", "{}"), ["solutions/stray.ipynb: no exercise is called"],
    ),
    "a module without a solution": (
        removed("solutions/slopes.ipynb"),
        ["solutions/slopes.ipynb isn't there", "dlbook release slopes"],
    ),
    "a solutions folder that isn't there": (
        removed("solutions"), ["solutions/slopes.ipynb isn't there"],
    ),
    "a page that isn't there": (
        removed("book/before.md"), ["_toc.yml names 'book/before'", "no such file"],
    ),
    "a page without a title": (
        written("book/before.md", "Before.\n\n```python\n# no title\n```\n"),
        ["book/before has no title"],
    ),
    "a page that is no text": (
        written("book/before.md", b"# \xff\xfe"), ["book/before can't be read"],
    ),
    "an exercise that no reader finds": (
        toc_with(("    chapters:\n      - file: exercises/slopes", "    chapters: []")),
        ["isn't in _toc.yml", "- file: exercises/slopes"],
    ),
    "a page twice": (
        toc_with(("- file: book/before", "- file: book/slopes")), ["'book/slopes' more than once"],
    ),
    "a table of contents that is no YAML": (
        written("_toc.yml", "root: book/intro\nparts:\n  - caption: [Exercises\n  - x: y\n"),
        ["_toc.yml, line 4", "no YAML"],
    ),
    "a table of contents that is something else": (
        written("_toc.yml", "- book/intro\n"), ["_toc.yml is no table of contents"],
    ),
    "a table of contents that is no text": (
        written("_toc.yml", b"root: \xff"), ["_toc.yml can't be read"],
    ),
    # The notebooks.
    "a damaged solution": (
        written("solutions/slopes.ipynb", '{"cells": ['),
        ["solutions/slopes.ipynb is no notebook, or it is damaged"],
    ),
    "a solution without a check cell": (
        edited_solution(drop_check), ["slopes-both-check", "Missing"],
    ),
    "another setup cell": (
        edited_solution(other_setup), ["isn't the SETUP of its answer key", "import cmath"],
    ),
    "a cell that was never run": (
        edited_solution(never_run), ["code cell 4 (slopes-both) was never run"],
    ),
    "a cell that stopped": (
        edited_solution(stopped), ["code cell 4 (slopes-both) stopped with NameError"],
    ),
    "an exercise that isn't there": (
        removed("exercises/slopes.ipynb"),
        ["exercises/slopes.ipynb isn't there", "dlbook release slopes"],
    ),
    "a damaged exercise": (
        written("exercises/slopes.ipynb", "[1, 2]"), ["exercises/slopes.ipynb is no notebook"],
    ),
    "an exercise that is older than its solution": (
        half_a_stub, ["isn't what its solution gives now", "dlbook release slopes"],
    ),
    "an exercise that was run": (
        edited_exercise(output_of("hello")), ["isn't what its solution gives now"],
    ),
    "an exercise in which somebody has written": (
        edited_exercise(lambda n: n.cells.append(nbformat.v4.new_markdown_cell("Mine."))),
        ["Somebody has written in exercises/slopes.ipynb", "Move it to another folder"],
    ),
    # What gives an answer away.
    "a stub that is solved": (
        solved_stub, ["slopes-leaky-relu", "Its stub", "gets 2 of 2 points"],
    ),
    "an answer in a text": (
        edited_exercise(
            lambda n: n.cells.append(nbformat.v4.new_markdown_cell(f"Think of `{ANSWER}`."))
        ),
        ["slopes-leaky-relu", "cell 7", ANSWER],
    ),
    "an answer in other spaces": (
        edited_exercise(
            lambda n: n.cells.append(nbformat.v4.new_raw_cell("return np.where(z>0,z,slope*z)"))
        ),
        ["slopes-leaky-relu", "cell 7"],
    ),
    "an answer in an output": (
        edited_exercise(output_of(f"1 | {ANSWER}\n")), ["cell 2, its outputs", ANSWER],
    ),
    "an answer in the metadata": (
        edited_exercise(lambda n: n.metadata.update(note=[ANSWER])), ["its metadata", ANSWER],
    ),
    "an answer in an attachment": (
        edited_exercise(attach), ["cell 1, its attachments", ANSWER],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_course_that_is_broken_in_one_way_has_one_finding(name, quickly, folder):
    spoil, words = FAULTS[name]
    spoil(folder)
    text = the_one(quickly(folder))
    for word in words:
        assert word in text
