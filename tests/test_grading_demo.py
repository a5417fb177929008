"""The sample class: each answer is what it is said to be, and each file is where it belongs."""

import ast
import json
import re
import statistics
import tempfile
from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest

from dlbook.exercises import key
from dlbook.exercises.samples import TEXTS, Answer, answers
from dlbook.exercises.verdict import Judge
from dlbook.grading import demo
from dlbook.images import draw_digits

EXERCISES = Path(__file__).parents[1] / "exercises"
QUESTIONS = list(key.questions())
STUDENTS = 25


@pytest.fixture(autouse=True)
def quiet_opencv():
    """OpenCV writes about each file that it can't read; here that is what is tried."""
    log = cv2.utils.logging
    level = log.setLogLevel(log.LOG_LEVEL_SILENT)
    yield
    log.setLogLevel(level)


@pytest.fixture(scope="module")
def whole_class(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo") / "class"
    return folder, demo.make(folder, EXERCISES)


@pytest.fixture(scope="module")
def made(whole_class):
    return whole_class[1]


# --- The answers -------------------------------------------------------------------------------


def namespace_of(question: str, answer: Answer) -> dict:
    """Return what a cell meets in its notebook: the imports, and right answers before it."""
    names = {
        "np": np, "cv2": cv2, "Path": Path, "tempfile": tempfile, "draw_digits": draw_digits,
    }  # fmt: skip
    return names | {key.question(q).name: key.question(q).reference for q in answer.uses}


@cache
def judge_of(question: str, seed: int, timeout_seconds: float) -> Judge:
    return Judge(replace(key.question(question), timeout_seconds=timeout_seconds), seed)


@pytest.mark.parametrize("seed", [0, 7])
@pytest.mark.parametrize("question", QUESTIONS)
def test_each_answer_is_judged_as_it_is_declared(question, seed):
    for answer in answers(question):
        try:
            code = compile(answer.text, "<answer>", "exec")
        except SyntaxError:
            assert (answer.outcome, answer.mistake) == ("error", "")
            continue
        names = namespace_of(question, answer)
        exec(code, names)
        endless = answer.outcome == "timed out"
        seconds = 0.5 if endless else key.question(question).timeout_seconds
        judge = judge_of(question, seed, seconds)
        verdict = judge.verdict(judge.observe(names[judge.question.name], names))
        named = verdict.mistake.id if verdict.mistake else ""
        seen = verdict.outcome, verdict.points, named
        assert seen == (answer.outcome, answer.points, answer.mistake), answer.text


def test_each_question_has_right_answers_and_wrong_ones_with_names():
    assert list(TEXTS) == QUESTIONS
    for question in QUESTIONS:
        kinds = Counter(answer.outcome for answer in answers(question))
        named = [answer.mistake for answer in answers(question) if answer.mistake]
        assert kinds["correct"] >= 2
        assert len(named) >= 3
        assert len(named) == len(set(named))
        assert set(named) <= {mistake.id for mistake in key.question(question).mistakes}


def test_no_text_of_a_question_is_lost_between_its_headings():
    for question in QUESTIONS:
        kept = sum(len(answer.text.splitlines()) for answer in answers(question))
        written = [line for line in TEXTS[question].splitlines() if not line.startswith("#: ")]
        blank = len(written) - kept
        assert 0 <= blank <= len(answers(question)) + 1
        assert all(answer.text.strip() for answer in answers(question))


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_wrong_answer_calls_no_other_answer(question):
    others = {q.name for q in key.questions(question.split("-")[0]).values() if q.id != question}
    for answer in answers(question):
        if answer.outcome != "correct" and not (answer.outcome == "error" and not answer.mistake):
            called = {n.id for n in ast.walk(ast.parse(answer.text)) if isinstance(n, ast.Name)}
            assert not called & others


def test_right_answers_use_earlier_ones_only():
    used = [(question, answer.uses) for question in QUESTIONS for answer in answers(question)]
    order = {question: place for place, question in enumerate(QUESTIONS)}
    assert ("layers-forward", ("layers-dense", "layers-softmax")) in used
    assert all(order[earlier] < order[question] for question, uses in used for earlier in uses)


@pytest.mark.parametrize("notebook", key.notebooks())
def test_no_answer_is_the_solution_word_for_word(notebook):
    cells = json.loads((EXERCISES.parent / "solutions" / f"{notebook}.ipynb").read_text())["cells"]
    solutions = {plain("".join(cell["source"])) for cell in cells if cell["cell_type"] == "code"}
    for question in key.questions(notebook):
        for answer in answers(question):
            if answer.outcome == "correct":
                assert plain(answer.text) not in solutions


def plain(source: str) -> str:
    """Return a cell's code without its comments and docstrings."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(tree)


# --- The class ---------------------------------------------------------------------------------


def totals_of(made) -> Counter:
    points = Counter()
    for one in made:
        points[one.student] += one.points
    return points


def test_every_student_has_one_result_for_every_question(made):
    assert [one.question for one in made] == QUESTIONS * STUDENTS
    assert all(one.notebook == one.question.split("-")[0] for one in made)
    assert len({one.student for one in made}) == STUDENTS
    letters = "".join(sorted(one.student[0] for one in made[:: len(QUESTIONS)]))
    assert letters == "ABCDEFGHIJKLMNOPQRSTUVWXY"


def test_points_are_those_of_the_outcomes(made):
    for one in made:
        most = key.question(one.question).points
        if one.outcome == "correct":
            assert (one.points, one.mistake) == (most, "")
        elif one.question == "images-digits" and one.outcome == "incorrect":
            assert 0 <= one.points < most
        else:
            assert one.points == 0


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("layout", demo.LAYOUTS)
def test_in_every_question_somebody_makes_a_named_mistake(tmp_path, layout, seed):
    made = demo.make(tmp_path, EXERCISES, layout=layout, seed=seed)
    assert {one.question for one in made if one.mistake} == set(QUESTIONS)


def test_every_outcome_is_there_and_one_loop_never_ends(made):
    outcomes = Counter(one.outcome for one in made)
    assert set(outcomes) == {
        "correct", "incorrect", "error", "timed out", "not attempted", "not graded",
    }  # fmt: skip
    assert outcomes["timed out"] == 1
    assert outcomes["not graded"] == len(key.questions("images"))


@pytest.mark.parametrize("notebook", key.notebooks())
def test_a_class_that_did_one_notebook_has_every_outcome_too(tmp_path, notebook):
    made = demo.make(tmp_path, EXERCISES, [notebook])
    assert len(made) == STUDENTS * len(key.questions(notebook))
    assert len({one.outcome for one in made}) == 6
    assert sum(one.outcome == "timed out" for one in made) == 1
    assert {one.question for one in made if one.mistake} == set(key.questions(notebook))


def test_marks_spread_like_those_of_a_class(made):
    totals = list(totals_of(made).values())
    assert 3 <= sum(total == 50 for total in totals) <= 7
    assert 2 <= sum(total < 25 for total in totals) <= 6
    assert 35 <= statistics.median(totals) <= 45


def test_somebody_loses_points_for_an_earlier_answer_and_not_for_the_one_that_uses_it(whole_class):
    folder, made = whole_class
    results = {(one.student, one.question): one for one in made}
    paid_once = 0
    for question, notebook in (("layers-forward", "layers"), ("neuron-neuron", "neuron")):
        using = next(answer for answer in answers(question) if answer.uses)
        for student in totals_of(made):
            if using.text in sources(folder / student / f"{notebook}.ipynb"):
                assert results[student, question].outcome == "correct"
                earlier = [results[student, q].mistake for q in using.uses]
                paid_once += any(earlier)
    assert paid_once >= 2


def sources(path: Path) -> list[str]:
    return ["".join(cell["source"]) for cell in json.loads(path.read_text("utf-8"))["cells"]]


def test_the_same_seed_makes_the_same_class_and_another_seed_another_one(tmp_path, whole_class):
    folder, made = whole_class
    assert demo.make(tmp_path / "same", EXERCISES) == made
    for path in folder.rglob("*.ipynb"):
        assert (tmp_path / "same" / path.relative_to(folder)).read_bytes() == path.read_bytes()
    assert demo.make(tmp_path / "other", EXERCISES, seed=1) != made


def test_a_smaller_class_is_the_beginning_and_a_larger_one_has_more_people(tmp_path, made):
    assert demo.make(tmp_path / "few", EXERCISES, students=4) == made[: 4 * len(QUESTIONS)]
    many = demo.make(tmp_path / "many", EXERCISES, layout="canvas", students=60)
    assert len({one.student for one in many}) == 60
    assert sum(one.outcome == "timed out" for one in many) == 1


# --- The files ---------------------------------------------------------------------------------


def test_notebooks_hold_what_is_told_of_them(whole_class):
    folder, made = whole_class
    for one in made:
        if one.outcome == "not graded" or one.student in ("Fatima F.", "Ines I."):
            continue
        notebook = json.loads((folder / one.student / f"{one.notebook}.ipynb").read_text("utf-8"))
        (source,) = [
            "".join(cell["source"])
            for cell in notebook["cells"]
            if cell["metadata"].get("nbgrader", {}).get("grade_id") == one.question
        ]
        if one.outcome == "not attempted":
            assert source.endswith("...")
        else:
            (answer,) = [a for a in answers(one.question) if a.text == source]
            declared = answer.outcome, answer.points, answer.mistake
            assert declared == (one.outcome, one.points, one.mistake)


@pytest.mark.parametrize("notebook", key.notebooks())
def test_some_notebooks_are_saved_in_a_strange_way(whole_class, notebook):
    folder, _ = whole_class
    exercise = json.loads((EXERCISES / f"{notebook}.ipynb").read_text("utf-8"))

    def cells_of(student):
        return json.loads((folder / student / f"{notebook}.ipynb").read_text("utf-8"))["cells"]

    assert all("nbgrader" not in cell["metadata"] for cell in cells_of("Fatima F."))
    assert all("id" not in cell for cell in cells_of("Fatima F."))
    assert len(cells_of("Ines I.")) == len(exercise["cells"]) - 1
    extra = len(cells_of("Jürgen J.")) - len(exercise["cells"])
    assert extra == len(key.questions(notebook))
    text = "\n".join(sources(folder / "Ines I." / f"{notebook}.ipynb"))
    assert all(f"def {q.name}(" in text for q in key.questions(notebook).values())


def test_one_file_is_damaged(whole_class):
    folder, _ = whole_class
    damaged = []
    for path in folder.rglob("*.ipynb"):
        try:
            json.loads(path.read_text("utf-8"))
        except json.JSONDecodeError:
            damaged.append(path.relative_to(folder).as_posix())
    assert damaged == ["Déborah D./images.ipynb"]


def test_folders_hold_one_folder_for_each_student(whole_class):
    folder, made = whole_class
    assert {path.name for path in folder.iterdir()} == {one.student for one in made}
    assert len(list(folder.rglob("*.ipynb"))) == STUDENTS * len(key.notebooks())


def test_nbgrader_finds_its_own_layout(tmp_path):
    made = demo.make(tmp_path, EXERCISES, ["neuron", "images"], "nbgrader")
    for student in {one.student for one in made}:
        for notebook in ("neuron", "images"):
            place = tmp_path / "submitted" / student / notebook
            assert {path.name for path in place.iterdir()} == {f"{notebook}.ipynb", "timestamp.txt"}


def test_canvas_names_say_who_and_one_student_handed_in_twice(tmp_path):
    made = demo.make(tmp_path, EXERCISES, ["neuron", "layers"], "canvas")
    names = [path.name for path in tmp_path.iterdir()]
    parts = [re.match(r"^(.*?)(_LATE)?_(\d+)_(\d+)_(.+)$", name).groups() for name in names]
    assert {who for who, *_ in parts} == {one.student for one in made}
    assert {one.student for one in made} >= {"aada", "mjrmateus", "nnaama", "ddéborah"}
    assert {who for who, late, *_ in parts if late} == {"mjrmateus", "vvalentina"}
    assert len({attachment for *_, attachment, _ in parts}) == len(names) == 2 * STUDENTS + 1
    hana = sorted((int(number), file) for who, _, _, number, file in parts if who == "hhana")
    assert [file for _, file in hana] == ["neuron.ipynb", "neuron-1.ipynb", "layers.ipynb"]
    older = next(path for path in tmp_path.iterdir() if f"_{hana[0][0]}_neuron.ipynb" in path.name)
    for question in key.questions("neuron"):
        first = next(answer for answer in answers(question) if answer.mistake)
        assert first.text in sources(older)


def test_moodle_names_are_full_names(tmp_path):
    made = demo.make(tmp_path, EXERCISES, ["neuron"], "moodle")
    folders = [path.name for path in tmp_path.iterdir()]
    who = [name.removesuffix("_assignsubmission_file_").rsplit("_", 1) for name in folders]
    assert {name for name, _ in who} == {one.student for one in made}
    assert len({number for _, number in who}) == STUDENTS
    assert all((path / "neuron.ipynb").is_file() for path in tmp_path.iterdir())


def test_nothing_is_overwritten(tmp_path):
    mine = tmp_path / "mine.txt"
    mine.write_text("keep me")
    with pytest.raises(FileExistsError, match="nothing is overwritten"):
        demo.make(tmp_path, EXERCISES)
    with pytest.raises(FileExistsError, match="nothing is overwritten"):
        demo.make(mine, EXERCISES)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize(
    ("wrong", "error", "says"),
    [
        ({"layout": "blackboard"}, ValueError, "folders, nbgrader, canvas, moodle"),
        ({"notebooks": ["neurons"]}, ValueError, "layers, neuron, updates, training, images"),
        ({"notebooks": []}, ValueError, "Given: none"),
        ({"students": 0}, ValueError, "at least one student"),
        ({"exercises": Path("nowhere")}, FileNotFoundError, "nowhere"),
    ],
)
def test_a_wrong_wish_is_told_and_nothing_is_written(tmp_path, wrong, error, says):
    wishes = {"exercises": EXERCISES} | wrong
    with pytest.raises(error, match=says):
        demo.make(tmp_path / "class", **wishes)
    assert not (tmp_path / "class").exists()
