"""A course of one's own: found, read, practised and graded like the book's."""

import ast
import csv
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner

from dlbook import cli
from dlbook.exercises import course, key, release, samples, tutor, whole
from dlbook.exercises.answers import judge_in
from dlbook.exercises.course import CourseError
from dlbook.grading import sandbox
from dlbook.grading.gradebook import reference

sys.path.insert(0, str(Path(__file__).parent))
import courses

ROOT = Path(__file__).parents[1]
NO_LEAK = "def leaky_relu(z, slope):\n    return np.maximum(z, 0)"


def sandbox_is_there() -> bool:
    try:
        sandbox.require()
    except sandbox.NoSandboxError:
        return False
    return True


needs_sandbox = pytest.mark.skipif(not sandbox_is_there(), reason="no sandbox here")


@pytest.fixture
def folder(tmp_path) -> Path:
    return courses.write(tmp_path / "mine")


@pytest.fixture
def used(folder) -> Path:
    course.use(folder)
    return folder


def run(*words: object, code: int = 0) -> str:
    done = CliRunner().invoke(cli.main, [str(word) for word in words])
    assert done.exit_code == code, done.output
    return done.output


def change(folder: Path, old: str, new: str, times: int = 1) -> None:
    path = folder / "answer_key" / "slopes.py"
    text = path.read_text(encoding="utf-8")
    assert text.count(old) >= times
    path.write_text(text.replace(old, new, times), encoding="utf-8")


# --- Which course -------------------------------------------------------------------------------


def test_without_an_answer_key_it_is_the_book(tmp_path):
    course.use(tmp_path)
    assert key.notebooks() == ("layers", "neuron", "updates", "training", "images")
    assert len(key.questions()) == 30
    assert course.address() == ""


def test_a_course_has_its_own_questions_and_no_other(used):
    assert key.notebooks() == ("slopes",)
    assert list(key.questions()) == ["slopes-leaky-relu", "slopes-both"]
    assert sum(q.points for q in key.questions().values()) == 5
    with pytest.raises(LookupError, match="slopes-leaky-relu"):
        key.question("slopes-leaky-rely")
    with pytest.raises(
        LookupError, match=r"no question 'neuron-relu'.* of another course must lie"
    ):
        key.question("neuron-relu")


def test_a_course_is_found_above_the_current_folder_and_what_was_asked_for_comes_first(
    folder, tmp_path, monkeypatch
):
    monkeypatch.delenv(course.SETTING, raising=False)
    monkeypatch.chdir(folder / "exercises")
    assert course.chosen(None, Path.cwd()) == folder
    assert course.chosen(tmp_path, Path.cwd()) == tmp_path
    monkeypatch.setenv(course.SETTING, str(tmp_path))
    assert course.chosen(None, Path.cwd()) == tmp_path


def test_a_program_that_is_started_here_uses_the_same_course(used, tmp_path):
    code = "from dlbook.exercises import key; print(*key.questions())"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["slopes-leaky-relu", "slopes-both"]


def test_pages_are_called_by_their_number_in_the_course(used):
    assert str(key.question("slopes-both").read) == "chapter 2, “A leak”"
    (used / "_toc.yml").unlink()
    course.forget()
    assert str(key.question("slopes-both").read) == "the page slopes, “A leak”"


def test_a_course_may_hold_the_books_exercises_beside_its_own(used):
    text = courses.TOC + "      - file: exercises/neuron\n      - file: exercises/nobody\n"
    (used / "_toc.yml").write_text(text, encoding="utf-8")
    course.forget()
    assert key.notebooks() == ("slopes", "neuron")
    assert key.question("neuron-relu").points == 1


def test_an_exercise_of_the_book_that_a_course_has_changed_is_the_courses(used):
    text = courses.KEY.replace("slopes-", "neuron-")
    (used / "answer_key" / "neuron.py").write_text(text, encoding="utf-8")
    course.forget()
    assert [q for q in key.questions() if q.startswith("neuron")] == [
        "neuron-leaky-relu", "neuron-both"
    ]  # fmt: skip


def test_two_courses_one_after_the_other_are_not_mixed_up(used, tmp_path):
    mine = key.question("slopes-both").reference
    first = reference()
    other = courses.write(tmp_path / "other")
    change(other, "2 * leaky_relu", "3 * leaky_relu")
    course.use(other)
    assert key.question("slopes-both").reference(1.0, 0.1)[1] == 3
    assert mine(1.0, 0.1)[1] == 2
    assert reference() != first
    course.use(None)
    assert reference() not in (first, "")


def test_helpers_of_an_answer_key_can_be_imported_by_its_modules(used):
    (used / "answer_key" / "_common.py").write_text("HINT = 'Look again.'\n", encoding="utf-8")
    change(
        used, "import numpy as np\n", "import numpy as np\n\nfrom answer_key._common import HINT\n"
    )
    change(used, '"And elsewhere?"', "HINT")
    course.forget()
    assert key.question("slopes-leaky-relu").hints[1] == "Look again."


# --- What is broken says so ----------------------------------------------------------------------

FAULTS = {
    "two ids": ('id="slopes-both"', 'id="slopes-leaky-relu"', "Two questions have the id"),
    "no points": ("        points=3,\n", "", "points"),
    "points 0": ("points=3", "points=0", "points must be a whole number, 1 or more. Given: 0"),
    "points of a half": ("points=3", "points=0.5", "whole number, 1 or more. Given: 0.5"),
    "another notebook's id": ('id="slopes-both"', 'id="both"', "must begin with .* 'slopes-'"),
    "capitals in an id": ('id="slopes-both"', 'id="slopes-Both"', "lower-case words"),
    "two functions": ('signature="both(', 'signature="leaky_relu(', "function 'leaky_relu'"),
    "no signature": ('signature="both(z, slope)"', 'signature="both"', "must read as the student"),
    "no reference": ("reference=both", "reference=None", "reference must be a function"),
    "no QUESTIONS": ("QUESTIONS =", "QUESTION =", "no QUESTIONS"),
    "not a question": ("QUESTIONS = [", "QUESTIONS = [7,", "Number 1 .* no Question. Given: 7"),
    "a syntax error": ("def both(z, slope):", "def both(z, slope)", "Line 24: SyntaxError"),
    "an error": ("LEAKY = Section", "LEAKY = Sectoin", "Line 16: NameError.*Sectoin"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_broken_answer_key_gets_one_message_from_every_command(fault, folder, tmp_path):
    course.use(folder)
    release.release(folder / "solutions/slopes.ipynb", folder / "exercises/slopes.ipynb")
    courses.submission(folder, "ada", {})
    change(folder, *FAULTS[fault][:2])
    course.use(folder)
    with pytest.raises(CourseError, match=FAULTS[fault][2]) as told:
        key.questions()
    assert str(told.value).startswith("answer_key/slopes.py can't be")
    assert len(str(told.value).splitlines()) <= 2
    for words in (
        ("release",),
        ("check", folder / "exercises" / "slopes.ipynb"),
        ("grade", folder / "submissions", "--out", tmp_path / "marks"),
        ("demo", tmp_path / "class"),
    ):
        said = run("--course", folder, *words, code=1)
        assert str(told.value) in said
        assert "Traceback" not in said
    assert not (tmp_path / "marks").exists()
    assert not (tmp_path / "class").exists()


def test_a_name_that_no_exercise_can_have_is_refused(used):
    (used / "answer_key" / "Leaky-ReLU.py").write_text("", encoding="utf-8")
    course.forget()
    with pytest.raises(CourseError, match=r"answer_key/Leaky-ReLU\.py has no name for an exercise"):
        key.notebooks()


@pytest.mark.parametrize("text", ["format: [", "- a\n- b\n", "\tparts:"])
def test_a_damaged_table_of_contents_says_so(used, text):
    (used / "_toc.yml").write_text(text, encoding="utf-8")
    course.forget()
    with pytest.raises(CourseError, match=r"_toc\.yml is no"):
        key.notebooks()


def test_a_missing_folder_is_wrong_usage(tmp_path):
    said = run("--course", tmp_path / "nowhere", "release", code=2)
    assert "There is no folder" in said
    assert "new exercise" in said


# --- Practised -----------------------------------------------------------------------------------


def test_an_exercise_is_released_from_its_solution(folder):
    assert "exercises/slopes.ipynb is made" in run("--course", folder, "release")
    text = (folder / "exercises" / "slopes.ipynb").read_text(encoding="utf-8")
    assert "np.where" not in text
    assert "leaky_relu(z, slope)" in text
    assert "There are: slopes" in run("--course", folder, "release", "neuron", code=2)


def test_answers_are_judged_and_mistakes_called_by_name(used):
    question = key.question("slopes-leaky-relu")
    names: dict = {}
    exec(f"{key.setup('slopes')}\n{NO_LEAK}", names)
    verdict = judge_in(question, names)
    assert verdict.mistake.id == "no-leak"
    exec(courses.LEAKY.format("", ""), names)
    assert judge_in(question, names).outcome == "correct"


def test_a_student_reads_that_the_answer_key_is_broken_and_not_a_traceback(used, capsys):
    change(used, "QUESTIONS =", "QUESTION =")
    course.forget()
    with pytest.raises(tutor.NotRightError) as told:
        tutor.check("slopes-both")
    assert told.value._render_traceback_() == ["Tell whoever runs the course. See above."]
    assert "answer_key/slopes.py can't be used" in capsys.readouterr().out


def test_a_notebook_is_checked_wherever_it_lies(folder, tmp_path):
    run("--course", folder, "release")
    elsewhere = tmp_path / "home"
    elsewhere.mkdir()
    notebook = nbformat.read(folder / "solutions" / "slopes.ipynb", as_version=4)
    nbformat.write(notebook, elsewhere / "done.ipynb")
    said = run("--course", folder, "check", elsewhere / "done.ipynb")
    assert "2 of 2 right, 5 of 5 points" in said
    course.use(None)
    with pytest.raises(whole.UnreadableError, match=r"no question of this course"):
        whole.check_notebook(elsewhere / "done.ipynb")


def test_a_folder_beside_a_strangers_notebook_is_not_taken_for_the_course(folder, tmp_path):
    run("--course", folder, "release")
    stranger = courses.write(tmp_path / "stranger")
    change(stranger, "return np.where(z > 0, z, slope * z)", "return np.maximum(z, 0.0)")
    notebook = nbformat.read(folder / "exercises" / "slopes.ipynb", as_version=4)
    notebook.cells[2].source = NO_LEAK
    nbformat.write(notebook, stranger / "exercises" / "slopes.ipynb")
    course.use(folder)
    first, _ = whole.check_notebook(stranger / "exercises" / "slopes.ipynb").results
    assert first["mistake"] == "no-leak"


# --- Graded --------------------------------------------------------------------------------------

CLASS = {
    "ada": {"slopes-leaky-relu": courses.LEAKY.format("", ""),
            "slopes-both": courses.BOTH.format("", "")},
    "ben": {"slopes-leaky-relu": NO_LEAK, "slopes-both": courses.BOTH.format("", "")},
    "cleo": {"slopes-leaky-relu": "def leaky_relu(z, slope):\n    return slope * z"},
    "dan": {"slopes-leaky-relu": "import math\ndef leaky_relu(z, slope):\n    while True: pass"},
    "eve": {"slopes-leaky-relu":
            "import answer_key.slopes\nleaky_relu = answer_key.slopes.leaky_relu"},
}  # fmt: skip
RIGHT = {
    ("ada", "slopes-leaky-relu"): ("2", "correct", ""),
    ("ada", "slopes-both"): ("3", "correct", ""),
    ("ben", "slopes-leaky-relu"): ("0", "incorrect", "no-leak"),
    ("ben", "slopes-both"): ("3", "correct", ""),
    ("cleo", "slopes-leaky-relu"): ("0", "incorrect", "leak-everywhere"),
    ("cleo", "slopes-both"): ("0", "not attempted", ""),
    ("dan", "slopes-leaky-relu"): ("0", "timed out", ""),
    ("dan", "slopes-both"): ("0", "not attempted", ""),
    ("eve", "slopes-leaky-relu"): ("0", "error", ""),
    ("eve", "slopes-both"): ("0", "not attempted", ""),
}


def rows_of(folder: Path) -> dict:
    with (folder / "grades.csv").open(encoding="utf-8-sig") as file:
        return {(row["student"], row["question"]): row for row in csv.DictReader(file)}


def marks_in(folder: Path) -> dict:
    return {
        who: (row["points"], row["outcome"], row["mistake"]) for who, row in rows_of(folder).items()
    }


@needs_sandbox
@pytest.mark.parametrize("workers", [1, 2])
def test_a_class_is_graded_with_the_courses_own_key_behind_the_same_walls(
    folder, tmp_path, workers
):
    run("--course", folder, "release")
    for student, answers in CLASS.items():
        courses.submission(folder, student, answers)
    out = tmp_path / "marks"
    said = run(
        "--course", folder, "grade", folder / "submissions", "--out", out,
        "--workers", workers, "--question-seconds", 2,
    )  # fmt: skip
    assert f"The answer key is that of {folder}" in said
    assert marks_in(out) == RIGHT
    assert "answer_key" in rows_of(out)["eve", "slopes-leaky-relu"]["message"]
    page = (out / "feedback" / "ben" / "slopes.html").read_text(encoding="utf-8")
    assert "chapter 2, “A leak”" in page
    again = run(
        "--course", folder, "grade", folder / "submissions", "--out", out,
        "--workers", workers, "--question-seconds", 2,
    )  # fmt: skip
    assert "0 students graded, 5 students as before" in again


@needs_sandbox
def test_marks_of_another_course_are_reported_as_they_are(folder, tmp_path):
    run("--course", folder, "release")
    courses.submission(folder, "ben", CLASS["ben"])
    out = tmp_path / "marks"
    run("--course", folder, "grade", folder / "submissions", "--out", out)
    before = (out / "report.html").read_text(encoding="utf-8")
    assert "slopes-leaky-relu" in before
    run("--course", tmp_path, "marks", "report", "--from", out)  # there is no course in it
    again = (out / "report.html").read_text(encoding="utf-8")
    assert sorted(again) == sorted(before)  # the same, in another order


@needs_sandbox
def test_pytest_grades_a_course_of_ones_own(folder, tmp_path):
    run("--course", folder, "release")
    courses.submission(folder, "ben", CLASS["ben"])
    command = [sys.executable, "-m", "pytest", "--dlbook-grade", "submissions", "-v", "-p",
               "no:cacheprovider"]  # fmt: skip
    here = {k: v for k, v in os.environ.items() if k != course.SETTING}
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, env=here
    )
    assert "1 failed, 1 passed" in done.stdout, done.stdout
    assert "Nothing leaks" in done.stdout
    done = subprocess.run(
        [*command, "--dlbook-course", "../nowhere"], cwd=folder, capture_output=True, text=True,
        check=False, env=here,
    )  # fmt: skip
    assert "there is no folder ../nowhere" in done.stderr


def test_an_answer_key_that_was_handed_in_is_not_used(folder, tmp_path):
    stranger = tmp_path / "hand-in" / "zoe"
    courses.write(stranger)
    said = run(
        "--course", stranger, "grade", tmp_path / "hand-in", "--out", tmp_path / "marks", code=2
    )
    assert "lies within SUBMISSIONS" in said


@needs_sandbox
def test_a_sample_class_is_made_from_the_courses_own_mistakes(used, tmp_path):
    run("--course", used, "release")
    kinds = {a.mistake or a.outcome for a in samples.answers("slopes-leaky-relu")}
    assert kinds == {"correct", "no-leak", "leak-everywhere", "error", "timed out"}
    run("--course", used, "demo", tmp_path / "class")
    out = tmp_path / "marks"
    run(
        "--course", used, "grade", tmp_path / "class", "--out", out, "--question-seconds", 2, code=3
    )
    found = {mistake for _, _, mistake in marks_in(out).values()}
    assert {"no-leak", "leak-everywhere"} <= found
    assert ("2", "correct", "") in marks_in(out).values()


def test_every_answer_of_a_sample_class_made_from_a_key_is_what_it_is_said_to_be():
    for name in ("neuron-relu", "layers-predict", "training-accuracy"):
        question = key.question(name)
        assert len(samples.made.right_texts(question)) == 2
        texts = samples.made.wrong_texts(question)
        assert len(texts) >= 10
        for text, _, mistake, _ in texts:
            names: dict = {}
            exec(f"{key.setup(question.notebook)}\n{text}", names)
            assert judge_in(question, names).mistake.id == mistake


# --- The grader knows no question ----------------------------------------------------------------


def strings_of(path: Path) -> set[str]:
    """Return the strings of a module that aren't docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documented = (ast.Module, ast.FunctionDef, ast.ClassDef)
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
    }
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs
    }


def test_nothing_in_grading_knows_a_question_of_this_book():
    course.use(None)
    ids = set(key.questions())
    functions = {q.name for q in key.questions().values()}
    mistakes = {m.id for q in key.questions().values() for m in q.mistakes if "-" in m.id}
    paths = sorted((ROOT / "dlbook" / "grading").rglob("*.py"))
    assert len(paths) > 40
    for path in paths:
        strings = strings_of(path)
        assert not [text for text in strings for one in ids if one in text], path
        known = strings & (functions | mistakes) - ALSO_ENGLISH
        assert not known, f"{path.name}: {known}"


# Names of functions that are words of Python's, NumPy's or the file names' of the package.
ALSO_ENGLISH = {"split", "neuron"}
