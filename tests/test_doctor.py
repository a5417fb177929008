"""`dlbook doctor`: a sound course has no findings; broken in one way, it has one, which says so."""

import base64
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner
from nbclient import NotebookClient

from dlbook import cli
from dlbook.doctor import check, child, examine, look, machine, places, words
from dlbook.exercises import course, proof, release
from dlbook.grading import sandbox

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


def test_a_course_as_it_is_begun_has_no_findings(quickly, tmp_path):
    assert dlbook(tmp_path / "new", "new", "exercise", "leaks").exit_code == 0
    checks = quickly(tmp_path / "new")
    assert findings(checks) == []
    assert any(one.says.startswith("1 question, 1 point, ") for one in checks)


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


def test_what_the_readme_shows_is_what_it_says(quickly, tmp_path, monkeypatch):
    monkeypatch.setattr(look.proof, "findings_of", lambda question, seeds, once: [])
    for name in ("book", "exercises", "solutions"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "_toc.yml", tmp_path)

    def solve(notebook):
        cell_with(notebook, "neuron-relu").source = "def relu(z):\n    return np.maximum(z, 0)"

    edit_cells(tmp_path / "exercises" / "neuron.ipynb", solve)
    checks = [one for one in quickly(tmp_path) if one.group == "neuron"]
    shown = "\n".join(["neuron", *(check.as_text(one, 80) for one in checks)])
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert uncounted(shown) in uncounted(readme)


def uncounted(text: str) -> str:
    """Leave out how many mistakes there are: one that is added changes no README."""
    return re.sub(r"\d+ mistakes", "mistakes", text)


# --- One fault, one finding ----------------------------------------------------------------------


KEY = "answer_key/slopes.py"


def solved_stub(folder):
    def change(notebook):
        cell_with(notebook, "slopes-leaky-relu").source = f"def leaky_relu(z, slope):\n    {ANSWER}"

    edit_cells(folder / "exercises" / "slopes.ipynb", change)


def released_with(change):
    def spoil(folder):
        solution = folder / "solutions" / "slopes.ipynb"
        edit_cells(solution, change)
        course.use(folder)
        release.release(solution, folder / "exercises" / "slopes.ipynb", force=True)

    return spoil


def solved_in_solution(folder):
    def change(notebook):
        cell = cell_with(notebook, "slopes-leaky-relu")
        cell.source = cell.source.replace(
            "# BEGIN", "if True: return z * (z > 0) + slope * z * (z <= 0)\n    # BEGIN"
        )

    released_with(change)(folder)


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
    "a page that lies elsewhere": (
        toc_with(("book/before", "../before")), ["_toc.yml names '../before'", "no such file"],
    ),
    "a table of contents that is a folder": (
        lambda folder: ((folder / "_toc.yml").unlink(), (folder / "_toc.yml").mkdir()),
        ["_toc.yml can't be read: it is no file"],
    ),
    "a page that isn't there and is to be read again": (
        removed("book/slopes.md"), ["_toc.yml names 'book/slopes'", "no such file"],
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
        solved_stub, ["Its stub", "is an answer already: 2 of 2 points", "release --force"],
    ),
    "a stub that is released with its answer": (
        solved_in_solution,
        ["slopes-leaky-relu", "is an answer already", "between # BEGIN SOLUTION and"],
    ),
    "an answer that is released in the metadata": (
        released_with(lambda n: n.metadata.update(note=[ANSWER])),
        ["its metadata", ANSWER, "Take it out of solutions/slopes.ipynb"],
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


def test_one_broken_module_hides_no_other(quickly, folder):
    shutil.copy(folder / KEY, folder / "answer_key" / "other.py")
    edit(folder / "answer_key" / "other.py", ('"slopes-leaky-relu"', '"other-leaky-relu"'),
         ('"slopes-both"', '"other-both"'), ("points=2", "points=0"))  # fmt: skip
    edit(folder / KEY, ("import math\n", "import math\nimport nmupy\n"))
    found = "\n".join(findings(quickly(folder)))
    assert "answer_key/slopes.py, line 4: It stops with ModuleNotFoundError" in found
    assert "other-leaky-relu: It has no points" in found


def test_an_id_in_two_notebooks_is_one_finding(quickly, folder):
    shutil.copy(folder / KEY, folder / "answer_key" / "other.py")
    edit(folder / "answer_key" / "other.py", ('"slopes-leaky-relu"', '"other-leaky-relu"'))
    found = [text for text in findings(quickly(folder)) if "slopes-both" in text]
    assert len(found) == 1
    assert "2 questions have the id 'slopes-both', in 'slopes' and 'other'" in found[0]


def test_two_questions_that_ask_for_one_function_are_one_finding(quickly, folder):
    edit(folder / KEY, ('"both(z, slope)"', '"leaky_relu(z, slope)"'))
    assert "Its function has the name of another in this notebook" in the_one(quickly(folder))


def test_an_id_that_does_not_begin_with_its_notebook_is_one_finding(quickly, folder):
    edit(folder / KEY, ('"slopes-both"', '"slope-both"'))
    assert "'slope-both' doesn't begin with its notebook" in the_one(quickly(folder))


def test_what_cannot_be_looked_at_yet_is_said_to_be_left_out(quickly, folder):
    written(KEY, "QUESTIONS = 1\n")(folder)
    shown = [check.as_text(one, 200) for one in quickly(folder) if one.state == "left out"]
    assert any("solution: looked at when the answer key is mended" in text for text in shown)


# --- Odd things that lie there -------------------------------------------------------------------


def test_names_from_outside_move_no_cursor(quickly, folder):
    (folder / "exercises" / "a\x1b[31mb\n.ipynb").write_text("{}", encoding="utf-8")
    (folder / "answer_key" / "\u202egnp.py").write_text("", encoding="utf-8")
    shown = "\n".join(check.as_text(one) for one in quickly(folder))
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert r"\x1b[31mb" in shown
    assert r"\u202egnp" in shown


@pytest.mark.skipif(os.name == "nt", reason="names of files are text there")
def test_a_name_that_is_no_text_is_shown(quickly, folder):
    with open(os.fsencode(folder / "solutions") + b"/\xff.ipynb", "w"):
        pass
    checks = quickly(folder)
    assert r"\udcff" in "\n".join(check.as_text(one) for one in checks)
    assert "udcff" in words.json.dumps(check.as_data(checks))


def test_symbolic_links_are_followed_and_broken_ones_are_missing_files(quickly, folder, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    shutil.move(folder / "exercises", elsewhere)
    (folder / "exercises").symlink_to(elsewhere)
    assert findings(quickly(folder)) == []
    (elsewhere / "slopes.ipynb").unlink()
    (elsewhere / "slopes.ipynb").symlink_to("slopes.ipynb")
    assert "exercises/slopes.ipynb is no notebook, or it is damaged" in the_one(quickly(folder))
    (elsewhere / "slopes.ipynb").unlink()
    (elsewhere / "slopes.ipynb").symlink_to(tmp_path / "nowhere")
    assert "exercises/slopes.ipynb isn't there" in the_one(quickly(folder))


def test_folders_in_place_of_files_are_findings(quickly, folder):
    for name in ("solutions/slopes.ipynb", "exercises/slopes.ipynb", "book/before.md"):
        (folder / name).unlink()
        (folder / name).mkdir()
    found = findings(quickly(folder))
    assert len(found) == 3
    assert "Is a directory" in found[1]


@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may read all")
def test_a_file_that_may_not_be_read_is_a_finding(quickly, folder):
    (folder / "solutions" / "slopes.ipynb").chmod(0)
    assert "Permission denied" in the_one(quickly(folder))


@pytest.mark.parametrize("name", ["_toc.yml", "book", "exercises", "solutions", "answer_key"])
def test_whatever_is_missing_everything_else_is_looked_at(name, quickly, folder, monkeypatch):
    monkeypatch.setattr(look.proof, "findings_of", lambda question, seeds, once: [])
    removed(name)(folder)
    checks = quickly(folder)
    assert [one for one in checks if one.group == places.GROUP]
    assert check.summary(checks)


# --- Processes of their own ----------------------------------------------------------------------

ENDS = "def leaky_relu(z, slope):\n    import os; os._exit(7)\n"
HANGS = (
    "def leaky_relu(z, slope):\n    import signal, time\n"
    "    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])\n    time.sleep(1000)\n"
)


def key_checks(folder, monkeypatch) -> list[check.Check]:
    monkeypatch.setattr(machine, "machine", lambda: [])
    monkeypatch.setattr(machine, "walls", lambda: check.Check("The sandbox", "walls", "there"))
    return list(examine.examine(folder, quick=True))


def with_reference(folder: Path, function: str) -> None:
    text = (folder / KEY).read_text(encoding="utf-8")
    at, end = text.index("def leaky_relu"), text.index("def both")
    changed = f"{text[:at]}{function}\n\ndef clean(z, slope):\n    return z\n\n\n{text[end:]}"
    changed = changed.replace("return [leaky_relu(z, slope), 2 * leaky_relu(z, slope)]",
                              "return [z * 1, z * 2]")  # fmt: skip
    changed = changed.replace("[leaky_relu(z, slope)],", "[z * 1],")
    (folder / KEY).write_text(changed, encoding="utf-8")


def test_a_reference_that_ends_python_is_named_and_hides_nothing(folder, monkeypatch):
    with_reference(folder, ENDS)
    edit(folder / KEY, ("points=3", "points=0"))
    found = findings(key_checks(folder, monkeypatch))
    assert len(found) == 2
    assert "slopes-leaky-relu: It ended Python (status 7)" in "".join(found)
    assert "slopes-both: It has no points" in "".join(found)


@pytest.mark.skipif(os.name == "nt", reason="signals can't be blocked there")
def test_a_reference_that_hangs_is_named_and_hides_nothing(folder, monkeypatch):
    monkeypatch.setattr(examine, "SILENT_SECONDS", 10.0)
    with_reference(folder, HANGS)
    found = findings(key_checks(folder, monkeypatch))
    assert len(found) == 1
    assert "slopes-leaky-relu: It had not gone on after 10 seconds" in found[0]


def test_a_module_that_ends_python_is_named(folder, monkeypatch):
    (folder / KEY).write_text("import os\nos._exit(3)\n", encoding="utf-8")
    text = the_one(key_checks(folder, monkeypatch))
    assert "Its program ended Python (status 3), importing the answer key" in text


def test_a_module_that_is_never_imported_is_named_with_its_line(quickly, folder, monkeypatch):
    monkeypatch.setattr(look, "IMPORT_SECONDS", 0.3)
    (folder / KEY).write_text("import time\nwhile True:\n    time.sleep(0.01)\n", encoding="utf-8")
    monkeypatch.setattr(examine, "ThreadPoolExecutor", AtOnce)
    text = the_one(quickly(folder))
    assert "answer_key/slopes.py, line 3: It was still being imported after 0.3 seconds" in text


class AtOnce:
    """In place of threads: where signals come through."""

    def __init__(self, *_) -> None:
        pass

    def submit(self, function, *arguments):
        result = function(*arguments)
        return type("Done", (), {"result": lambda self: result})()

    def shutdown(self, **_) -> None:
        pass


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes as Linux has them")
def test_ctrl_c_ends_it_at_once_with_all_that_it_started(folder, tmp_path):
    with_reference(folder, HANGS)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(tmp_path)}
    with subprocess.Popen(
        [sys.executable, "-m", "dlbook.cli", "--course", str(folder), "doctor", "--quick"],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        while "pages" not in process.stdout.readline():  # the last line before the notebooks
            pass
        time.sleep(4)  # by then it hangs
        children = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(process.pid)], capture_output=True, text=True,
            check=False,
        ).stdout.split()  # fmt: skip
        assert children
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=20)
    assert process.returncode == 1
    assert "Traceback" not in said
    assert not any(Path("/proc", pid).exists() for pid in children)


# --- What runs notebooks and kernels -------------------------------------------------------------


def sandbox_is_there() -> bool:
    try:
        sandbox.require()
    except sandbox.NoSandboxError:
        return False
    return True


def ran(folder: Path, walled: bool = False) -> tuple[list[proof.Finding], dict[str, str]]:
    """Run a notebook as a child does."""
    outcome = child.run(
        "run", folder.parent, 120.0, course=str(folder), what="notebook", folder=str(folder),
        name="slopes", walled=walled,
    )  # fmt: skip
    assert not outcome.ended
    found = [proof.Finding(**event["finding"]) for event in outcome.events if "finding" in event]
    said = {event["check"]: event["says"] for event in outcome.events if "says" in event}
    return found, said


@pytest.mark.skipif(not sandbox_is_there(), reason="no sandbox here")
def test_a_sound_course_runs_and_its_solution_gets_all_points(folder):
    before = contents(folder)
    found, said = ran(folder, walled=True)
    assert found == []
    assert said[check.GRADED] == "handed in, the solution gets 5 of 5 points"
    assert contents(folder) == before


@pytest.mark.skipif(not sandbox_is_there(), reason="no sandbox here")
def test_kernels_start_in_the_sandbox(tmp_path):
    outcome = child.run("run", tmp_path, 120.0, course="", what="kernels")
    assert [event["check"] for event in outcome.events if "says" in event] == [
        check.COLD, check.WARM
    ]  # fmt: skip
    assert all("starts in it" in e["says"] for e in outcome.events if "says" in e), outcome


def test_outputs_that_differ_are_one_finding_with_the_cell_and_the_difference(folder):
    def change(notebook):
        cell_with(notebook, "slopes-both").outputs = [
            nbformat.v4.new_output("stream", text="2.5\n")
        ]

    edited_solution(change)(folder)
    found, said = ran(folder, walled=True)
    assert len(found) == 1
    assert "code cell 4 (slopes-both)" in found[0].wrong
    assert "it gives 'nothing' where '2.5' is stored" in found[0].wrong
    assert found[0].question == "slopes-both"
    assert said[check.GRADED] == "looked at when the outputs agree"


def test_a_cell_that_stops_is_one_finding(folder):
    def change(notebook):
        cell = cell_with(notebook, "slopes-leaky-relu")
        cell.source = cell.source.replace("np.where", "nmupy.where")
        notebook.cells[0] = nbformat.v4.new_code_cell("1 / 0", execution_count=1)

    edited_solution(change)(folder)
    found, _ = ran(folder)
    assert len(found) == 1
    assert "code cell 1: it stops with ZeroDivisionError: division by zero" in found[0].wrong
    assert "more cells differ after it" in found[0].wrong


def test_a_cell_elsewhere_that_gives_the_answer_is_found(folder):
    def change(notebook):
        text = "leaky_relu = eval('lambda z, slope: z * (z > 0) + slope * z * (z <= 0)')"
        notebook.cells.insert(3, nbformat.v4.new_code_cell(text))

    edited_exercise(change)(folder)
    found, _ = ran(folder)
    assert [one.question for one in found] == ["slopes-leaky-relu"]
    assert "run as it is, gets 2 of 2 points" in found[0].wrong


# --- This machine --------------------------------------------------------------------------------


def test_a_package_that_is_missing_or_too_old_is_a_finding():
    asked = [machine.Requirement("numpy>=99"), machine.Requirement("nothing-of-this-name>=1")]
    found = [machine._fault(one) for one in [*asked, machine.Requirement("numpy>=1")]]
    assert "and >=99 is asked for" in found[0].wrong
    assert "isn't there" in found[1].wrong
    assert "pip install 'nothing-of-this-name>=1'" in found[1].advice
    assert found[2] is None


def test_opencv_without_windows_stands_in_for_the_other(monkeypatch):
    there = {"opencv-python-headless": "5.0.0"}
    monkeypatch.setattr(machine, "_version", there.get)
    assert machine._fault(machine.Requirement("opencv-python>=4.12")) is None


def test_what_is_not_there_and_not_needed_is_a_note(monkeypatch):
    monkeypatch.setattr(machine, "_version", lambda name: None)
    monkeypatch.setattr(machine, "_requirements", lambda: [])
    monkeypatch.setattr(machine.shutil, "which", lambda name: None)
    notes = [one for one in machine.machine() if one.state == "note"]
    assert {one.name for one in notes} == {*machine.OPTIONAL, "Chromium"}
    assert all("not there, needed only for" in one.says for one in notes)


def test_without_a_sandbox_it_says_what_to_do_and_nothing_must_be_mended(monkeypatch):
    monkeypatch.setattr(sandbox.shutil, "which", lambda name: None)
    if sys.platform != "linux":
        pytest.skip("says something else there")
    walls = machine.walls()
    assert walls.state == "note"
    assert "sudo apt install bubblewrap" in check.as_text(walls, 200)
    assert check.to_mend([walls]) == 0


# --- The command line ----------------------------------------------------------------------------


def doctor(*arguments: str, folder: Path, course_folder: str = "") -> subprocess.CompletedProcess:
    environment = {k: v for k, v in os.environ.items() if k != course.SETTING}
    asked = ["--course", course_folder] if course_folder else []
    return subprocess.run(
        [sys.executable, "-m", "dlbook.cli", *asked, "doctor", "--quick", *arguments],
        cwd=folder, env={**environment, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip


def test_the_five_faults_are_told_by_the_command_in_one_go(folder, tmp_path):
    edit(folder / KEY, ("points=2", "points=None"), SAME,
         ("[leaky_relu(z, slope), 2 * leaky_relu(z, slope)]", "[leaky_relu(z), 1]"))  # fmt: skip
    text = (folder / KEY).read_text(encoding="utf-8")
    again = "QUESTIONS += [QUESTIONS[0]]\n"
    (folder / KEY).write_text(text + again, encoding="utf-8")
    written("exercises/stray.ipynb", "{}")(folder)
    before = contents(folder)
    done = doctor(folder=tmp_path, course_folder=str(folder))
    assert done.returncode == 1
    assert "Traceback" not in done.stdout + done.stderr
    told = " ".join(done.stdout.split())
    for words_of_it in (
        "2 questions have the id 'slopes-leaky-relu'",
        "slopes-leaky-relu: It has no points",
        "slopes-both: Its reference stops with TypeError",
        "mistake leak-everywhere: It gives the same as the reference on all inputs",
        "exercises/stray.ipynb: no exercise is called 'stray'",
    ):
        assert told.count(words_of_it) == 1, told
    assert "5 things to mend in" in done.stdout.splitlines()[-1]
    assert contents(folder) == before


def test_a_sound_course_ends_with_status_0_and_gives_json(folder):
    done = doctor("--json", folder=folder)
    found = words.json.loads(done.stdout)
    faults = [one for one in found["checks"] if one["state"] == "mend"]
    assert [one for one in faults if one["group"] != machine.MACHINE] == []
    assert done.returncode == (1 if faults else 0)
    assert {"group", "name", "says", "state", "findings"} == set(found["checks"][0])


def test_where_there_is_no_course_it_says_so(tmp_path):
    done = doctor(folder=tmp_path)
    assert done.returncode == 1
    assert "There is no course in" in " ".join(done.stdout.split())
    assert "--course FOLDER" in " ".join(done.stdout.split())


@pytest.mark.parametrize("wrong", [["--slow"], ["slopes"]])
def test_wrong_usage_ends_with_status_2(wrong, tmp_path):
    assert doctor(*wrong, folder=tmp_path).returncode == 2


# --- The other commands --------------------------------------------------------------------------


def dlbook(folder: Path, *arguments: str):
    return CliRunner().invoke(cli.main, ["--course", str(folder), *arguments])


TOLD = {
    "duplicate ids": "Two questions have the id 'slopes-leaky-relu'",
    "a question without points": "'slopes-leaky-relu': its points must be a whole number",
    "a reference that fails": "slopes-leaky-relu: Its reference stops with NameError",
    "a module that ends Python": "Line 2: SystemExit: 4",
    "a mistake that equals the reference": "slopes-leaky-relu, mistake leak-everywhere: It gives",
}


@pytest.mark.parametrize("name", TOLD)
def test_no_exercise_is_released_from_a_broken_answer_key(name, folder):
    FAULTS[name][0](folder)
    before = contents(folder)
    done = dlbook(folder, "release", "slopes")
    assert done.exit_code == 1
    assert isinstance(done.exception, SystemExit)  # no traceback
    assert done.output.count(TOLD[name]) == 1
    assert contents(folder) == before


@pytest.mark.parametrize("name", [*TOLD][:4])  # the last one gives nobody a wrong mark
def test_a_broken_answer_key_is_one_message_where_a_class_is_graded_or_checked(
    name, folder, tmp_path
):
    class_folder = tmp_path / "class"
    (class_folder / "ada").mkdir(parents=True)
    shutil.copy(folder / "exercises" / "slopes.ipynb", class_folder / "ada")
    FAULTS[name][0](folder)
    graded = dlbook(folder, "grade", str(class_folder), "--out", str(tmp_path / "marks"))
    checked = dlbook(folder, "check", str(class_folder / "ada" / "slopes.ipynb"))
    for done in (graded, checked):
        assert done.exit_code in (1, 2)
        assert isinstance(done.exception, SystemExit)  # no traceback
        assert done.output.count(TOLD[name]) == 1
    assert not (tmp_path / "marks").exists()


def test_an_unknown_notebook_is_one_message_that_names_the_known_ones(folder, tmp_path):
    released = dlbook(folder, "release", "stray")
    assert released.exit_code == 2
    assert "No exercise is called 'stray'. There are: slopes." in released.output
    stray = tmp_path / "class" / "ada" / "stray.ipynb"
    stray.parent.mkdir(parents=True)
    nbformat.write(nbformat.v4.new_notebook(), stray)
    checked = dlbook(folder, "check", str(stray))
    assert checked.exit_code == 3
    assert "The exercises are slopes.ipynb" in checked.output
