"""Exercises are made from solutions: complete, and without an answer in them."""

import copy
import json
from pathlib import Path

import nbformat
import pytest

from dlbook.exercises import key
from dlbook.exercises.release import (
    BEGIN,
    END,
    METADATA,
    NotReleasableError,
    WorkedInError,
    exercise_text,
    release,
    take_out,
    untouched,
)

ROOT = Path(__file__).parents[1]
NAMES = key.notebooks()


def solution(name: str) -> Path:
    return ROOT / "solutions" / f"{name}.ipynb"


def notebook_of(path: Path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)


@pytest.fixture
def neuron() -> nbformat.NotebookNode:
    return notebook_of(solution("neuron"))


def write(notebook: nbformat.NotebookNode, folder: Path) -> Path:
    path = folder / "neuron.ipynb"
    nbformat.write(notebook, path)
    return path


def cell_with(notebook: nbformat.NotebookNode, grade_id: str) -> nbformat.NotebookNode:
    return next(
        c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id
    )


@pytest.mark.parametrize("name", NAMES)
def test_an_exercise_is_what_its_solution_gives(name):
    written = (ROOT / "exercises" / f"{name}.ipynb").read_text(encoding="utf-8")
    assert written == exercise_text(solution(name)), "run: dlbook release"


@pytest.mark.parametrize("name", NAMES)
def test_no_answer_no_output_and_no_marker_survives_in_an_exercise(name):
    exercise = json.loads(exercise_text(solution(name)))
    text = json.dumps(exercise, ensure_ascii=False)
    assert "SOLUTION" not in text
    for cell in exercise["cells"]:
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []
            assert cell["execution_count"] is None
    sources = "\n".join("".join(cell["source"]) for cell in exercise["cells"])
    answers = [take_out(c.source)[1] for c in notebook_of(solution(name)).cells]
    lines = {line.strip() for answer in answers for line in answer}
    assert len(lines) >= len(key.questions(name))
    assert not [line for line in lines if len(line) >= 15 and line in sources]


@pytest.mark.parametrize("name", NAMES)
def test_the_cells_carry_nbgraders_metadata_and_nothing_else(name):
    for path in (solution(name), ROOT / "exercises" / f"{name}.ipynb"):
        marks = [c.metadata.nbgrader for c in notebook_of(path).cells if "nbgrader" in c.metadata]
        ids = [mark["grade_id"] for mark in marks]
        assert len(set(ids)) == len(ids)
        wanted = [g for q in key.questions(name) for g in (q, f"{q}-check")]
        assert [g for g in ids if g in wanted] == wanted
        for mark in marks:
            assert set(mark) <= METADATA
            assert mark["schema_version"] == 3
            kind = (mark["solution"], mark["grade"], mark["locked"])
            assert kind in ((True, False, False), (False, True, True), (False, False, True))
            assert ("points" in mark) == mark["grade"]


def test_an_exercise_does_not_tell_when_its_solution_was_run(neuron, tmp_path):
    for cell in neuron.cells:
        cell.metadata["execution"] = {"iopub.execute_input": "2026-11-29T20:47:17Z"}
    text = exercise_text(write(neuron, tmp_path))
    assert "iopub" not in "".join(str(c) for c in json.loads(text)["cells"] if "outputs" in c)


@pytest.mark.parametrize("name", NAMES)
def test_the_stub_of_an_exercise_runs_and_returns_nothing(name):
    names: dict = {}
    for cell in notebook_of(ROOT / "exercises" / f"{name}.ipynb").cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            exec(cell.source, names)
    for question in key.questions(name).values():
        assert names[question.name](*[1] * len(question.arguments)) is None


def test_releasing_twice_gives_the_same_file(tmp_path):
    target = tmp_path / "neuron.ipynb"
    release(solution("neuron"), target)
    first = target.read_bytes()
    release(solution("neuron"), target)
    assert target.read_bytes() == first


def test_an_exercise_that_somebody_worked_in_is_left_as_it_is(tmp_path):
    target = tmp_path / "neuron.ipynb"
    release(solution("neuron"), target)
    assert untouched(target)
    worked = notebook_of(target)
    cell_with(worked, "neuron-relu").source = "def relu(z):\n    return z"
    nbformat.write(worked, target)
    before = target.read_bytes()
    with pytest.raises(WorkedInError, match="left as it is"):
        release(solution("neuron"), target)
    assert target.read_bytes() == before
    release(solution("neuron"), target, force=True)
    assert untouched(target)


def test_running_an_exercise_is_not_yet_working_in_it(tmp_path):
    target = tmp_path / "neuron.ipynb"
    release(solution("neuron"), target)
    run = notebook_of(target)
    run.cells[1].execution_count = 3
    run.cells[1].outputs = [nbformat.v4.new_output("stream", text="hello")]
    nbformat.write(run, target)
    assert untouched(target)


@pytest.mark.parametrize(
    "source",
    [
        f"def f():\n    {BEGIN}\n    return 1",
        f"def f():\n    return 1\n    {END}",
        f"def f():\n    {BEGIN}\n    {BEGIN}\n    {END}",
        "def f():\n    ### BEGIN SOLUTION\n    return 1\n    ### END SOLUTION",
        "def f():\n    # begin solution\n    return 1\n    # end solution",
    ],
)
def test_markers_without_a_partner_or_misspelt_are_refused(source):
    with pytest.raises(NotReleasableError):
        take_out(source)


def test_taking_out_keeps_what_stands_around_it():
    source = f'def f(x):\n    """Do."""\n    {BEGIN}\n    y = x\n    return y\n    {END}\n\nf(1)'
    kept, taken = take_out(source)
    assert kept.splitlines()[:2] == ["def f(x):", '    """Do."""']
    assert kept.splitlines()[-1] == "f(1)"
    assert taken == ["    y = x", "    return y"]
    assert "    ..." in kept.splitlines()


def spoil_drop_answer(notebook):
    notebook.cells.remove(cell_with(notebook, "neuron-relu"))


def spoil_drop_check(notebook):
    notebook.cells.remove(cell_with(notebook, "neuron-relu-check"))


def spoil_points(notebook):
    cell_with(notebook, "neuron-relu-check").metadata.nbgrader["points"] = 5


def spoil_marker(notebook):
    cell = cell_with(notebook, "neuron-relu")
    cell.source = cell.source.replace(BEGIN, "").replace(END, "")


def spoil_extra_key(notebook):
    cell_with(notebook, "neuron-relu").metadata.nbgrader["answer"] = "np.maximum"


def spoil_copy(notebook):
    cell = copy.deepcopy(cell_with(notebook, "neuron-relu"))
    cell.id = "another"
    notebook.cells.append(cell)


def spoil_leak(notebook):
    _, taken = take_out(cell_with(notebook, "neuron-sigmoid").source)
    longest = max(taken, key=len).strip()
    notebook.cells.append(nbformat.v4.new_markdown_cell(f"Think of `{longest}`."))


@pytest.mark.parametrize(
    "spoil",
    [spoil_drop_answer, spoil_drop_check, spoil_points, spoil_marker, spoil_extra_key, spoil_copy,
     spoil_leak],
)  # fmt: skip
def test_an_incomplete_solution_makes_no_exercise(neuron, spoil, tmp_path):
    spoil(neuron)
    path = write(neuron, tmp_path)
    target = tmp_path / "exercise.ipynb"
    with pytest.raises(NotReleasableError):
        release(path, target)
    assert not target.exists()
