"""`dlbook new`: what it makes works at once, and nothing is overwritten or half made."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner

from dlbook import cli
from dlbook.exercises import course, key, release
from dlbook.exercises.proof import findings_of, prove_answers
from dlbook.starter import begin, cells, exercise, writing
from dlbook.starter.writing import NotMadeError, write

ROOT = Path(__file__).parents[1]
OF_A_COURSE = {
    "_config.yml", "_toc.yml", "README.md", "book/intro.md", "answer_key/leaky.py",
    "solutions/leaky.ipynb", "exercises/leaky.ipynb", "tests/test_leaky.py",
}  # fmt: skip


def run(*words: object, code: int = 0) -> str:
    done = CliRunner().invoke(cli.main, [str(word) for word in words])
    assert done.exit_code == code, done.output
    return done.output


def files_in(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.fixture
def folder(tmp_path) -> Path:
    begin.new_exercise(tmp_path / "mine", "leaky")
    return tmp_path / "mine"


@pytest.fixture
def clone(tmp_path) -> Path:
    """As much of a clone of this book as its author's commands need."""
    there = tmp_path / "book"
    for name in ("_toc.yml", "_config.yml", "book/intro.md", "book/neuron.md"):
        (there / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, there / name)
    for name in ("solutions", "exercises"):
        shutil.copytree(ROOT / name, there / name)
    return there


# --- What is made works -----------------------------------------------------------------------


def test_an_empty_folder_becomes_a_course_with_one_exercise(folder):
    assert set(files_in(folder)) == OF_A_COURSE
    assert course.current().folder == folder
    assert key.notebooks() == ("leaky",)
    assert list(key.questions()) == ["leaky-distance"]


def test_the_question_to_begin_with_proves_itself(folder):
    question = key.question("leaky-distance")
    assert len(question.mistakes) == 3
    assert findings_of(question, book=folder / "book") == []
    assert prove_answers(question, [lambda x, origin: abs(origin - x)], [lambda x, o: x]) == []


def test_the_tests_of_a_new_exercise_pass_and_fail_when_a_mistake_is_right(folder):
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(folder)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    path = folder / "answer_key" / "leaky.py"
    text = path.read_text(encoding="utf-8")
    assert "lambda x, origin: np.abs(x)," in text
    path.write_text(text.replace("np.abs(x),", "np.abs(origin - x),"), encoding="utf-8")
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "origin-left-out" in done.stdout
    assert "so it is no mistake" in done.stdout


def test_the_stored_outputs_are_what_running_the_notebook_gives(folder):
    path = folder / "solutions" / "leaky.ipynb"
    stored = nbformat.read(path, as_version=4)
    command = [sys.executable, "-m", "jupyter", "execute", "--inplace", str(path)]
    subprocess.run(command, cwd=folder, capture_output=True, check=True)
    ran = nbformat.read(path, as_version=4)
    for before, after in zip(stored.cells, ran.cells, strict=True):
        assert before.source == after.source
        assert before.get("outputs") == after.get("outputs")
        assert before.get("execution_count") == after.get("execution_count")
    outputs = [str(cell.outputs) for cell in stored.cells if cell.get("outputs")]
    assert len(outputs) == 2
    assert "✓ Correct: leaky-distance, 1 point." in outputs[1]


def test_the_cells_have_the_metadata_of_the_books_own_notebooks(folder):
    def kinds(path: Path) -> set[str]:
        notebook = nbformat.read(path, as_version=4)
        return {
            json.dumps({**dict(marks), "grade_id": "", "points": 1 if "points" in marks else 0})
            for cell in notebook.cells
            if (marks := cell.metadata.get("nbgrader"))
        }

    made = nbformat.read(folder / "solutions" / "leaky.ipynb", as_version=4)
    nbformat.validate(made)
    assert kinds(folder / "solutions" / "leaky.ipynb") == kinds(ROOT / "solutions" / "neuron.ipynb")


def test_the_exercise_is_released_from_its_solution_and_can_be_again(folder):
    text = (folder / "exercises" / "leaky.ipynb").read_text(encoding="utf-8")
    assert text == release.exercise_text(folder / "solutions" / "leaky.ipynb")
    assert "np.abs" not in text
    assert "exercises/leaky.ipynb is made." in run("--course", folder, "release")


def test_a_second_exercise_comes_after_the_first(folder):
    before = files_in(folder)
    made = begin.new_exercise(folder, "steep", "Steep & <b>steeper</b>")
    assert key.notebooks() == ("leaky", "steep")
    assert made.changed == ("_toc.yml",)
    after = files_in(folder)
    assert {name for name in before if before[name] != after[name]} == {"_toc.yml"}
    title = nbformat.read(folder / "exercises" / "steep.ipynb", as_version=4).cells[0].source
    assert title.startswith("# Exercises: Steep \\& \\<b\\>steeper\\</b\\>\n")


def test_an_exercise_tells_students_to_read_the_chapter_of_its_name(tmp_path):
    begin.new_chapter(tmp_path / "mine", "leaky", "A leak")
    begin.new_exercise(tmp_path / "mine", "leaky")
    question = key.question("leaky-distance")
    assert question.read.page == "leaky"
    assert findings_of(question, book=tmp_path / "mine" / "book") == []


def test_a_chapter_is_made_from_the_template_with_its_place(folder):
    said = run("--course", folder, "new", "chapter", "leaky", "--title", "A leak: a_b & <c>")
    assert "book/leaky.md" in said
    assert "_toc.yml  (some lines more)" in said
    text = (folder / "book" / "leaky.md").read_text(encoding="utf-8")
    assert "# A leak: a\\_b \\& \\<c\\>" in text
    assert "\n{doc}`Read it here </exercises/leaky>`" in text  # the exercise is there
    course.use(folder)
    assert course.chapter("leaky") == "chapter 1"


def test_the_command_says_what_was_made_and_what_to_type_next(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    said = run("--course", "mine", "new", "exercise", "leaky")
    for name in OF_A_COURSE:
        assert f"\n  {name}\n" in said
    assert "    cd mine\n" in said
    monkeypatch.chdir(tmp_path / "mine")
    said = run("new", "exercise", "steep")
    assert "this folder" in said
    assert "cd " not in said
    assert "    pytest tests/test_steep.py\n" in said


# --- Nothing is overwritten -------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(OF_A_COURSE - {"_config.yml", "_toc.yml", "README.md"}))
def test_a_file_that_is_there_is_named_and_nothing_is_made(folder, name):
    page = name.startswith("book/")
    there = folder / name.replace("leaky", "steep").replace("intro", "steep")
    there.write_text("mine", encoding="utf-8")
    before = files_in(folder)
    said = run("--course", folder, "new", "chapter" if page else "exercise", "steep", code=2)
    assert there.relative_to(folder).as_posix() in said
    assert "nothing is overwritten" in said
    assert files_in(folder) == before


def test_every_file_that_is_there_is_named(folder):
    before = files_in(folder)
    said = run("--course", folder, "new", "exercise", "leaky", code=2)
    for name in ("answer_key/leaky.py", "solutions/leaky.ipynb", "tests/test_leaky.py"):
        assert name in said
    assert files_in(folder) == before


def test_a_link_that_leads_nowhere_is_a_file_that_is_there(folder, tmp_path):
    (folder / "answer_key" / "steep.py").symlink_to(tmp_path / "elsewhere.py")
    with pytest.raises(NotMadeError, match=r"answer_key/steep\.py is in"):
        begin.new_exercise(folder, "steep")
    assert not (tmp_path / "elsewhere.py").exists()


def test_a_folder_with_other_files_is_left_alone(tmp_path):
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "aunt.txt").write_text("Dear aunt", encoding="utf-8")
    for what in ("exercise", "chapter"):
        said = run("--course", tmp_path / "letters", "new", what, "leaky", code=2)
        assert "is no course" in said
        assert "NEW_FOLDER" in said
    assert list(files_in(tmp_path / "letters")) == ["aunt.txt"]


def test_what_is_hidden_leaves_a_folder_empty(tmp_path):
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "HEAD").write_text("ref", encoding="utf-8")
    begin.new_exercise(tmp_path, "leaky")
    assert set(files_in(tmp_path)) == OF_A_COURSE | {".git/HEAD"}


def test_an_answer_key_without_a_book_gets_the_book(tmp_path):
    (tmp_path / "answer_key").mkdir()
    (tmp_path / "README.md").write_text("mine", encoding="utf-8")
    begin.new_exercise(tmp_path, "leaky")
    assert set(files_in(tmp_path)) == OF_A_COURSE
    assert (tmp_path / "README.md").read_text(encoding="utf-8") == "mine"


# --- Names ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["Leaky", "leaky-relu", "1st", "", "a b", "../up", "a/b", "lambda", "größe", "a" * 41, "_a",
     "leaky\n", "."],
)  # fmt: skip
@pytest.mark.parametrize("what", ["exercise", "chapter"])
def test_a_name_that_won_t_do_is_wrong_usage_and_makes_nothing(tmp_path, what, name):
    said = run("--course", tmp_path / "mine", "new", what, "--", name, code=2)
    assert "lower-case letters, digits and underscores" in " ".join(said.split())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a", "a" * 40, "leaky_relu2"])
def test_every_name_that_will_do_gives_an_exercise_that_works(tmp_path, name):
    begin.new_exercise(tmp_path / "mine", name)
    nbformat.validate(nbformat.read(tmp_path / "mine" / "exercises" / f"{name}.ipynb", 4))
    assert list(key.questions()) == [f"{name}-distance"]


@pytest.mark.parametrize("name", course.BUILT_IN)
def test_a_name_of_the_books_own_exercises_is_not_taken_by_accident(tmp_path, name):
    said = run("--course", tmp_path / "mine", "new", "exercise", name, code=2)
    assert f"dlbook new exercise {name} --from-book" in " ".join(said.split())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["My course", "Übungen ä ö ß", "it's $HOME", "a&b <i>", "-x"])
def test_a_folder_may_be_called_anything(tmp_path, name):
    there = tmp_path / name
    run("--course", there, "new", "exercise", "leaky")
    run("--course", there, "new", "chapter", "leaky", "--title", name)
    course.use(there)
    assert findings_of(key.question("leaky-distance"), book=there / "book") == []
    assert course.chapter("leaky") == "chapter 1"


@pytest.mark.parametrize("what", ["exercise", "chapter"])
def test_a_title_of_two_lines_makes_nothing(tmp_path, what):
    run("--course", tmp_path / "mine", "new", what, "leaky", "--title", "One\nTwo", code=2)
    assert list(tmp_path.iterdir()) == []


# --- Which folder -----------------------------------------------------------------------------


def test_an_empty_current_folder_is_meant_even_within_a_course(folder, tmp_path):
    (folder / "empty").mkdir()
    assert begin.folder_meant(None, folder, folder / "empty") == folder / "empty"
    assert begin.folder_meant(None, folder, folder / "book") == folder
    assert begin.folder_meant(tmp_path / "new", folder, folder) == tmp_path / "new"


def test_the_setting_for_the_books_own_names_no_course(folder):
    found = Path(course.setting_for(""))
    assert begin.folder_meant(None, found, folder / "book") == folder


def test_a_course_is_found_from_within(folder, monkeypatch):
    monkeypatch.chdir(folder / "exercises")
    run("new", "exercise", "steep")
    assert (folder / "answer_key" / "steep.py").is_file()


# --- A clone of this book ---------------------------------------------------------------------


def test_in_a_clone_an_exercise_is_the_sixth(clone):
    before = files_in(clone)
    said = run("--course", clone, "new", "exercise", "leaky")
    assert "A new course" not in said
    course.use(clone)
    assert key.notebooks() == (*course.BUILT_IN, "leaky")
    assert len(key.questions()) == 31
    assert findings_of(key.question("leaky-distance"), book=clone / "book") == []
    after = files_in(clone)
    assert {name for name in before if before[name] != after[name]} == {"_toc.yml"}
    added = [
        line for line in after["_toc.yml"].decode().splitlines()
        if line not in before["_toc.yml"].decode().splitlines()
    ]  # fmt: skip
    assert [line.strip() for line in added] == [
        "- file: exercises/leaky", "title: Leaky", "- file: solutions/leaky", "title: Leaky",
    ]  # fmt: skip


def test_in_a_clone_a_chapter_is_the_sixth(clone):
    run("--course", clone, "new", "chapter", "leaky")
    (clone / "answer_key").mkdir()
    course.use(clone)
    assert course.chapter("leaky") == "chapter 6"
    assert course.chapter("images") == "chapter 5"


def test_a_question_of_the_book_is_changed_in_a_clone(clone):
    run("--course", clone, "new", "exercise", "neuron", "--from-book")
    course.use(clone)
    assert course.current().own == {"neuron"}
    assert key.notebooks() == course.BUILT_IN
    path = clone / "answer_key" / "neuron.py"
    text = path.read_text(encoding="utf-8")
    assert text == (ROOT / "dlbook" / "exercises" / "neuron.py").read_text(encoding="utf-8")
    path.write_text(text.replace('"The slope in place', '"A slope in place'), encoding="utf-8")
    course.forget()
    assert any(
        mistake.title.startswith("A slope") for mistake in key.question("neuron-relu").mistakes
    )
    run("--course", clone, "new", "exercise", "neuron", "--from-book", code=2)


def test_the_books_questions_are_changed_nowhere_but_in_a_clone(folder):
    said = run("--course", folder, "new", "exercise", "neuron", "--from-book", code=2)
    assert "no clone of the book" in said
    said = run("--course", folder, "new", "exercise", "leaky", "--from-book", code=2)
    assert "has no exercise 'leaky'" in said


# --- Half-way ---------------------------------------------------------------------------------


@pytest.mark.parametrize("fails_at", range(1, 9))
def test_what_fails_half_way_leaves_nothing_half_made(tmp_path, monkeypatch, fails_at):
    (tmp_path / ".keep").write_text("", encoding="utf-8")
    opened = 0
    open_one = Path.open

    def full(self, mode="r", *rest, **more):
        nonlocal opened
        if mode == "x":
            opened += 1
            if opened == fails_at:
                raise OSError(28, "No space left on device", str(self))
        return open_one(self, mode, *rest, **more)

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(NotMadeError, match="No space left"):
        begin.new_exercise(tmp_path, "leaky")
    assert list(tmp_path.iterdir()) == [tmp_path / ".keep"]


def test_where_the_table_of_contents_can_t_be_changed_nothing_is_made(folder, monkeypatch):
    before = files_in(folder)

    def fail(*_):
        raise PermissionError(13, "Permission denied", "_toc.yml")

    monkeypatch.setattr(writing.os, "replace", fail)
    with pytest.raises(NotMadeError, match="Permission denied"):
        begin.new_exercise(folder, "steep")
    assert files_in(folder) == before


def test_ctrl_c_leaves_nothing_half_made(tmp_path, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(writing, "_replace", interrupted)
    (tmp_path / "toc").write_text("old", encoding="utf-8")
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path, {"a/b/c.txt": "c", "d.txt": "d"}, {"toc": "new"})
    assert files_in(tmp_path) == {"toc": b"old"}
    assert not (tmp_path / "a").exists()


def test_a_table_of_contents_that_isn_t_understood_changes_nothing(folder):
    (folder / "_toc.yml").write_text("- no\n- table\n", encoding="utf-8")
    before = files_in(folder)
    said = run("--course", folder, "new", "chapter", "leaky", code=2)
    assert "_toc.yml is not changed" in " ".join(said.split())
    assert files_in(folder) == before


def test_a_line_that_an_author_wrote_first_is_left_as_it_is(folder):
    toc = (folder / "_toc.yml").read_text(encoding="utf-8")
    toc = toc.replace("root: book/intro\n", "root: book/intro\n# mine\n")
    toc += "  - caption: Chapters\n    numbered: true\n    chapters:\n      - file: book/leaky.md\n"
    (folder / "_toc.yml").write_text(toc, encoding="utf-8")
    made = begin.new_chapter(folder, "leaky")
    assert made.changed == ()
    assert (folder / "_toc.yml").read_text(encoding="utf-8") == toc


def test_line_ends_and_permissions_of_the_table_of_contents_are_kept(folder):
    path = folder / "_toc.yml"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    path.chmod(0o600)
    begin.new_chapter(folder, "leaky")
    assert b"book/leaky\r\n" in path.read_bytes()
    assert path.read_bytes().count(b"\n") == path.read_bytes().count(b"\r\n")
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write all")
def test_a_folder_in_which_nobody_may_write_says_so(tmp_path):
    (tmp_path / "locked").mkdir(mode=0o500)
    said = run("--course", tmp_path / "locked", "new", "exercise", "leaky", code=2)
    assert "can't be written" in said


def test_a_place_where_no_folder_can_be_says_so(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    said = run("--course", tmp_path / "file" / "mine", "new", "exercise", "leaky", code=2)
    assert "can't be written" in said
    assert "Traceback" not in said


# --- The cells of a solution ------------------------------------------------------------------


def change(folder: Path, **sources: str) -> None:
    path = folder / "solutions" / "leaky.ipynb"
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        cell.source = sources.get(cell.id.replace("-", "_"), cell.source)
    nbformat.write(notebook, path)


def rename(folder: Path) -> None:
    """Make another question of the first one, in the answer key alone."""
    path = folder / "answer_key" / "leaky.py"
    text = path.read_text(encoding="utf-8").replace("leaky-distance", "leaky-far")
    text = text.replace('"distance(', '"far(').replace("points=1", "points=3")
    path.write_text(text, encoding="utf-8")
    course.forget()


def test_cells_that_fit_are_left_as_they_are(folder):
    before = files_in(folder)
    assert cells.fit(folder, "leaky") == []
    assert "fits answer_key/leaky.py already" in run("--course", folder, "new", "cells", "leaky")
    assert files_in(folder) == before


def test_cells_get_their_marks_from_what_stands_in_them(folder):
    rename(folder)
    change(
        folder,
        leaky_distance=exercise.ANSWER.replace("distance(", "far("),
        leaky_distance_check='check("leaky-far")',
    )
    said = run("--course", folder, "new", "cells", "leaky")
    assert "The cell that defines far is the answer to leaky-far." in said
    assert 'The cell with check("leaky-far") counts 3 points.' in said
    course.use(folder)
    text = release.exercise_text(folder / "solutions" / "leaky.ipynb")
    assert '"points": 3' in text
    assert cells.fit(folder, "leaky") == []


def test_cells_of_a_new_question_are_added(folder):
    path = folder / "answer_key" / "leaky.py"
    text = path.read_text(encoding="utf-8")
    one = text[text.index("    Question(") : text.rindex("]")]
    second = one.replace("leaky-distance", "leaky-far").replace('"distance(', '"far(')
    path.write_text(text.replace(one, one + second), encoding="utf-8")
    before = nbformat.read(folder / "solutions" / "leaky.ipynb", as_version=4)
    assert any("is added" in sentence for sentence in cells.fit(folder, "leaky"))
    after = nbformat.read(folder / "solutions" / "leaky.ipynb", as_version=4)
    nbformat.validate(after)
    assert after.cells[: len(before.cells)] == before.cells
    text, answer, check = after.cells[len(before.cells) :]
    assert "`leaky-far` · 1 point" in text.source
    assert answer.source.startswith("def far(x, origin):\n    # BEGIN SOLUTION")
    assert check.source.endswith('check("leaky-far")')
    assert cells.fit(folder, "leaky") == []
    release.exercise_text(folder / "solutions" / "leaky.ipynb")


def test_a_missing_check_comes_after_its_answer(folder):
    path = folder / "solutions" / "leaky.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells = [cell for cell in notebook.cells if not cell.id.endswith("-check")]
    nbformat.write(notebook, path)
    cells.fit(folder, "leaky")
    sources = [cell.source for cell in nbformat.read(path, as_version=4).cells]
    at = next(i for i, source in enumerate(sources) if source.startswith("def distance"))
    assert 'check("leaky-distance")' in sources[at + 1]


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("nobody", None, "There is no solutions/nobody.ipynb"),
        ("leaky", "{", "can't be read"),
        ("leaky", "[]", "can't be read"),
        ("leaky", '{"cells": 3, "nbformat": 4}', "can't be read"),
    ],
)
def test_a_notebook_that_isn_t_one_says_so_and_stays(folder, name, text, told):
    if text is not None:
        (folder / "solutions" / f"{name}.ipynb").write_text(text, encoding="utf-8")
    before = files_in(folder)
    assert told in " ".join(run("--course", folder, "new", "cells", name, code=2).split())
    assert files_in(folder) == before


def test_a_broken_answer_key_is_told_by_cells_too(folder):
    (folder / "answer_key" / "leaky.py").write_text("QUESTIONS = 7\n", encoding="utf-8")
    said = run("--course", folder, "new", "cells", "leaky", code=1)
    assert "answer_key/leaky.py can't be used" in said
