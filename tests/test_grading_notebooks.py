"""Answers are taken out of notebooks as students hand them in: sound, changed, lost, damaged."""

import builtins
import copy
import json
import random
import time
import warnings
from pathlib import Path

import nbformat
import numpy as np
import pytest

from dlbook.exercises import key
from dlbook.grading import notebooks
from dlbook.grading.notebooks import UnreadableError, read

ROOT = Path(__file__).parents[1]
RIGHT = {  # what a right answer gives
    "relu": (np.array([-2.0, 0.0, 3.0]), [0.0, 0.0, 3.0]),
    "sigmoid_slope": (np.array([0.0]), [0.25]),
    "sigmoid": (np.array([0.0]), [0.5]),
}


def load(name: str, folder: str = "solutions") -> dict:
    return json.loads((ROOT / folder / f"{name}.ipynb").read_text(encoding="utf-8"))


def code(source: str, grade_id: str = "", **more) -> dict:
    marks = {"nbgrader": {"grade_id": grade_id}} if grade_id else {}
    return {"cell_type": "code", "source": source, "metadata": marks, "outputs": [], **more}


def text(source: str, kind: str = "markdown") -> dict:
    return {"cell_type": kind, "source": source, "metadata": {}}


def packed(*cells: dict) -> bytes:
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def work_of(*cells: dict | str, file: str = "neuron.ipynb") -> notebooks.Work:
    return read(packed(*[code(c) if isinstance(c, str) else c for c in cells]), file)


def relu_of(*cells: dict | str) -> notebooks.Answer:
    return work_of(*cells).answers["neuron-relu"]


def run(chunks, folder: Path | None = None) -> dict:
    """Run chunks as the grader does: one after the other, an error doesn't stop the next."""
    namespace = {"np": np, "__name__": "__main__"}
    for chunk in chunks:
        try:
            exec(compile(chunk.source, chunk.place, "exec"), namespace)
        except Exception as error:
            namespace.setdefault("errors", []).append(error)
    return namespace


def assert_right(answer: notebooks.Answer, name: str = "relu", chunks=None) -> dict:
    assert answer.found
    namespace = run(answer.chunks if chunks is None else chunks)
    given, wanted = RIGHT[name]
    np.testing.assert_allclose(namespace[name](given), wanted)
    assert "errors" not in namespace
    return namespace


def places(chunks) -> list[str]:
    return [chunk.place for chunk in chunks]


def sole(chunks) -> str:
    (chunk,) = chunks
    return chunk.source.strip("\n")


RELU = "def relu(z):\n    return np.maximum(z, 0)"
STUB = 'def relu(z):\n    """Keep."""\n    # Write your answer here.\n    ...'


# As it was meant ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", key.notebooks())
@pytest.mark.parametrize("folder", ["solutions", "exercises"])
def test_in_an_untouched_notebook_each_answer_is_its_own_cell(name, folder):
    data = load(name, folder)
    work = read(json.dumps(data).encode(), f"{name}.ipynb")
    assert work.notebook == name
    assert list(work.answers) == list(key.questions(name))
    assert work.notes == ()
    for question in key.questions(name).values():
        answer = work.answers[question.id]
        number = next(
            i for i, c in enumerate(data["cells"], 1)
            if c["metadata"].get("nbgrader", {}).get("grade_id") == question.id
        )  # fmt: skip
        assert answer.found
        assert answer.notes == ()
        assert answer.chunks[-1].place == f"cell {number}"
        source = "".join(data["cells"][number - 1]["source"])
        assert answer.chunks[-1].source.strip() in source
        assert f"def {question.name}(" in answer.chunks[-1].source
        names = run(answer.chunks)
        assert callable(names[question.name])
        assert "errors" not in names
        assert len(answer.chunks) == 1 + len(answer.uses)
        if folder == "exercises":
            assert answer.uses == ()


def test_the_answers_of_the_solution_are_right():
    answers = read(json.dumps(load("neuron")).encode(), "").answers
    for name in RIGHT:
        assert_right(answers[f"neuron-{name.replace('_', '-')}"], name)
    assert answers["neuron-sigmoid-slope"].uses == ("sigmoid",)
    assert answers["neuron-neuron"].uses == ("weighted_sum",)


def test_all_of_a_notebook_is_there_for_a_second_try_without_the_instructors_own_calls():
    answers = read(json.dumps(load("neuron")).encode(), "").answers
    whole = answers["neuron-relu"].whole
    assert places(whole)[:2] == ["cell 2", "cell 4"]
    assert not any("dlbook" in chunk.source or "check(" in chunk.source for chunk in whole)
    assert_right(answers["neuron-relu"], chunks=whole)


def test_there_is_no_second_try_where_it_would_be_the_same():
    answer = relu_of(code(RELU, "neuron-relu"), "relu(np.array([1.0]))", "print(relu(3))")
    assert answer.whole == ()


def test_lines_keep_the_numbers_that_they_have_in_the_cell():
    answer = relu_of("import math\nprint(1)\n\n# helper\ndef relu(z):\n    return 1 / 0 * z")
    with pytest.raises(ZeroDivisionError) as caught:
        run(answer.chunks)["relu"](1)
    assert caught.traceback[-1].lineno + 1 == 6
    assert str(caught.traceback[-1].path).endswith("cell 1")


# Found again -------------------------------------------------------------------------------------


def test_without_metadata_as_from_colab_answers_are_found_by_name():
    data = load("neuron")
    for number, cell in enumerate(data["cells"]):
        cell["metadata"] = {"id": f"x{number}", "colab": {"base_uri": "https://localhost/"}}
        cell.pop("id")
    data["metadata"] = {"colab": {"provenance": []}, "accelerator": "GPU"}
    work = read(json.dumps(data).encode(), "Copy of Untitled.ipynb")
    assert work.notebook == "neuron"
    for name in RIGHT:
        assert_right(work.answers[f"neuron-{name.replace('_', '-')}"], name)
    assert work.answers["neuron-relu"].notes == (
        "neuron-relu: its cell had lost its id; the answer was found in cell 8 by the name relu.",
    )


def test_a_cell_id_is_enough():
    answer = relu_of(code(RELU, id="neuron-relu"))
    assert_right(answer)
    assert answer.notes == ()


def test_a_deleted_answer_is_not_found_and_the_others_are():
    data = load("neuron")
    data["cells"] = [c for c in data["cells"] if c["id"] != "neuron-sigmoid"]
    answers = read(json.dumps(data).encode(), "").answers
    lost = answers["neuron-sigmoid"]
    assert (lost.found, lost.chunks, lost.whole) == (False, (), ())
    assert answers["neuron-sigmoid-slope"].uses == ("sigmoid",)
    assert places(answers["neuron-sigmoid-slope"].chunks) == ["cell 23"]
    assert_right(answers["neuron-relu"])


@pytest.mark.parametrize(
    ("cells", "place"),
    [
        ([code(STUB, "neuron-relu"), code(RELU, "neuron-relu")], "cell 2"),
        ([code(RELU, "neuron-relu"), code(STUB, "neuron-relu")], "cell 1"),
        ([code("def relu(z): return 5", "neuron-relu"), code(RELU, "neuron-relu")], "cell 2"),
        ([code(STUB, "neuron-relu"), RELU], "cell 2"),
        ([RELU, code(STUB, "neuron-relu")], "cell 1"),
        ([code(RELU, "neuron-relu"), "def relu(z): return 5"], "cell 1"),
        (["def relu(z): return 5", RELU], "cell 2"),
        ([RELU, code(STUB), code("check('neuron-relu')", "neuron-relu-check")], "cell 1"),
        ([code(STUB, "neuron-relu"), code(RELU, "neuron-relu-check")], "cell 2"),
        ([code(STUB + "\n\n" + RELU, "neuron-relu")], "cell 1"),
        ([code(RELU + "\n\n" + STUB, "neuron-relu")], "cell 1"),
        ([RELU, "relu = relu(np.ones(3))"], "cell 1"),
        ([RELU, "for relu in range(3): pass"], "cell 1"),
        ([RELU + "\nrelu = relu(np.ones(3))"], "cell 1"),
    ],
)  # fmt: skip
def test_of_several_the_last_answer_counts_that_is_no_stub(cells, place):
    answer = relu_of(*cells)
    assert answer.chunks[-1].place == place
    assert_right(answer)


def test_it_is_said_which_of_several_counts():
    assert relu_of(code(RELU, "neuron-relu"), RELU).notes == (
        "neuron-relu: relu is also defined in cell 2; the answer in cell 1 counts.",
    )
    (note,) = relu_of(code(STUB, "neuron-relu"), RELU).notes
    assert "its own cell holds no answer" in note


@pytest.mark.parametrize(
    "stub",
    [
        STUB,
        "def relu(z):\n    pass",
        "def relu(z):\n    return",
        "def relu(z):\n    return None",
        "def relu(z):\n    '''x'''",
        "def relu(z):\n    raise NotImplementedError",
        "def relu(z):\n    raise NotImplementedError('later')",
        "async def relu(z): ...",
    ],
)
def test_a_stub_is_handed_on_as_it_is(stub):
    answer = relu_of(code(stub, "neuron-relu"))
    assert answer.found
    assert sole(answer.chunks) == stub


def test_a_written_answer_is_no_stub():
    for body in ("return 0", "x = ...", "raise ValueError", "...; return z"):
        source = f"def relu(z):\n    {body}"
        assert sole(relu_of(code(STUB), source).chunks) == source


@pytest.mark.parametrize(
    "source",
    [
        "relu = lambda z: np.maximum(z, 0)",
        "relu: object = lambda z: np.maximum(z, 0)",
        "relu, other = (lambda z: np.maximum(z, 0)), 5",
        "(relu := lambda z: np.maximum(z, 0))",
        "from functools import partial\nrelu = partial(np.maximum, 0)",
        "def _one(z):\n    return max(z, 0)\n\nrelu = np.vectorize(_one)",
        "def relu(z):\n    return max(z, 0)\nrelu = np.vectorize(relu)",
        "@np.vectorize\ndef relu(z):\n    return z if z > 0 else 0.0",
        "class relu:\n    def __new__(cls, z):\n        return np.maximum(z, 0)",
        "class R:\n    zero = 0\n    def __call__(self, z):\n"
        "        return np.maximum(z, self.zero)\nrelu = R()",
        "def make(low):\n    def inner(z):\n        return np.maximum(z, low)\n    return inner\n"
        "relu = make(0)",
        "if True:\n    def relu(z):\n        return np.maximum(z, 0)\nelse:\n    relu = None",
        "try:\n    from nowhere import relu\nexcept ImportError:\n"
        "    def relu(z): return np.maximum(z, 0)",
        "for relu in [lambda z: np.maximum(z, 0)]:\n    pass",
        "low = 1\nlow -= 1\ndef relu(z):\n    return np.maximum(z, low)",
        "import functools\ndef relu(z):\n    return functools.reduce(np.maximum, [z, 0])",
        "def relu(z):\n    import math\n"
        "    return np.array([math.fabs(x) if x > 0 else 0 for x in z])",
        "def relu(z):\n    return f(z)\ndef f(z):\n    return np.maximum(z, 0)",
        "x = 1; relu = lambda z: np.maximum(z, 0); y = 2",
        "from __future__ import annotations\ndef relu(z: Nowhere) -> Array:\n"
        "    return np.maximum(z, 0)",
        "counter = 0\ndef relu(z):\n    global counter\n    counter += 1\n"
        "    return np.maximum(z, 0)",
        "low = [5]\nlow[0] = 0\ndef relu(z):\n    return np.maximum(z, low[0])",
        "class Box: pass\nbox = Box()\nbox.low = 0\nrelu = lambda z: np.maximum(z, box.low)",
        "lows = []\nfor i in range(3):\n    lows.append(0)\n\n"
        "def relu(z):\n    return np.maximum(z, lows[2])",
        "def relu(z):\n    return np.maximum(z, relu.low)\nrelu.low = 0",
        "def relu(z):\n    # ### BEGIN SOLUTION\n    return np.maximum(z, 0)\n    # NBVAL_SKIP",
        "def relu(z):\n\treturn np.maximum(z, 0)",
    ],
)  # fmt: skip
def test_whatever_way_an_answer_is_written_it_works_alone(source):
    assert_right(relu_of(code(source, "neuron-relu")))
    answer = relu_of("1 / 0", source, "relu(1)\n1 / 0")
    assert places(answer.chunks) == ["cell 2"]
    assert_right(answer)


@pytest.mark.parametrize("joint", [3, 1])
def test_helpers_are_taken_from_other_cells_and_nothing_else(joint):
    answer = relu_of(
        "import os\nfrom math import fabs, inf",
        "LOW = 0\nprint('x')\nunused = 1 / 0",
        "def helper(z):\n    return np.maximum(z, LOW)",
        "LOW = 7" if joint == 1 else "other = 7",
        code("def relu(z):\n    return helper(z) if fabs(1) < inf else None", "neuron-relu"),
        "def helper(z):\n    return 5",
    )
    assert places(answer.chunks) == ["cell 1", "cell 2", "cell 3", "cell 5"]
    assert "unused" not in "".join(chunk.source for chunk in answer.chunks)
    assert_right(answer)
    assert answer.whole


def test_helpers_from_later_cells_come_before_the_answer():
    answer = relu_of(
        code("@wrap\ndef relu(z):\n    return np.maximum(z, low())", "neuron-relu"),
        "def low():\n    return LOW",
        "def wrap(f):\n    return f",
        "LOW = 0",
    )
    assert places(answer.chunks) == ["cell 4", "cell 2", "cell 3", "cell 1"]
    assert_right(answer)


def test_what_a_helper_needs_when_it_runs_stands_before_it():
    answer = relu_of(
        "class Derived(Base):\n    pass",
        "class Base:\n    low = 0",
        RELU.replace("0", "Derived.low"),
    )
    assert places(answer.chunks) == ["cell 2", "cell 1", "cell 3"]
    assert_right(answer)


def test_a_name_that_is_bound_again_from_itself_needs_the_cell_before():
    answer = relu_of("low = 5", "low = low - 5", RELU.replace("0", "low"))
    assert places(answer.chunks) == ["cell 1", "cell 2", "cell 3"]
    assert_right(answer)


def test_functions_that_need_each_other_are_both_taken():
    work = work_of(
        "def relu(z):\n    return np.maximum(z, sigmoid(None))",
        "def sigmoid(z):\n    return relu(z) if z is not None else 0",
    )
    assert_right(work.answers["neuron-relu"])
    assert work.answers["neuron-relu"].uses == ()  # sigmoid is asked later
    assert work.answers["neuron-sigmoid"].uses == ("relu",)
    assert places(work.answers["neuron-relu"].chunks) == ["cell 2", "cell 1"]


def test_it_is_told_which_earlier_answers_are_used_through_others():
    work = work_of(
        code("def weighted_sum(a, b, c):\n    ...", "neuron-weighted-sum"),
        "def helper(*a):\n    return weighted_sum(*a)",
        code("def neuron(i, w, b, a):\n    return a(helper(i, w, b))", "neuron-neuron"),
    )
    answer = work.answers["neuron-neuron"]
    assert answer.uses == ("weighted_sum",)
    assert places(answer.chunks) == ["cell 1", "cell 2", "cell 3"]


def test_local_names_are_no_needs():
    answer = relu_of(
        "z = low = 1 / 0",
        "def relu(z):\n    low = 0\n    def f():\n        return np.maximum(z, low)\n"
        "    return [f() for i in [1]][0]",
    )
    assert places(answer.chunks) == ["cell 2"]


def test_names_of_a_class_body_are_its_own():
    source = "class R:\n    low = 0\n    top = low\n\n" + RELU.replace("0", "R.top")
    assert places(relu_of("low = 1 / 0", source).chunks) == ["cell 2"]


def test_an_accident_with_a_name_of_pythons_is_left_out_and_a_helper_of_that_name_is_not():
    body = "def relu(z):\n    return np.maximum(z, sum([0]))"
    assert places(relu_of("sum = 5", body).chunks) == ["cell 2"]
    answer = relu_of("def sum(z):\n    return 0", body)
    assert places(answer.chunks) == ["cell 1", "cell 2"]


def test_star_imports_are_taken_where_a_name_comes_from_nowhere_else():
    body = "def relu(z):\n    return np.maximum(z, floor(0.5))"
    assert places(relu_of("from math import *", body).chunks) == ["cell 1", "cell 2"]
    assert_right(relu_of("from math import *\n" + body))
    assert places(relu_of("from math import *", RELU).chunks) == ["cell 2"]


def test_settings_of_libraries_in_the_answers_cell_are_kept_and_tests_are_not():
    source = f"np.random.seed(0)\n{RELU}\nnp.testing.assert_allclose(relu(1), 2)\nrelu(2)"
    assert sole(relu_of(source).chunks) == f"np.random.seed(0)\n{RELU}"


def test_an_own_import_of_numpy_is_kept_and_the_setup_cells_is_not():
    assert len(relu_of("import numpy as np", RELU).chunks) == 2
    setup = "import numpy as np\n\nfrom dlbook.exercises import check, hint, progress"
    assert len(relu_of(code(setup, "neuron-setup"), RELU).chunks) == 1
    assert (
        len(relu_of(code("import numpy as n", "neuron-setup"), RELU.replace("np", "n")).chunks) == 2
    )


def test_a_wrapper_in_a_later_cell_counts():
    answer = relu_of(
        code("def relu(z):\n    return max(z, 0)", "neuron-relu"), "relu = np.vectorize(relu)"
    )
    assert places(answer.chunks) == ["cell 1", "cell 2"]
    assert_right(answer)


# Moved about -------------------------------------------------------------------------------------


def test_all_in_one_cell():
    cells = [c for c in load("neuron")["cells"] if c["cell_type"] == "code"]
    source = "\n\n".join("".join(c["source"]) for c in cells)
    work = work_of(source, file="merged.ipynb")
    for name in RIGHT:
        answer = work.answers[f"neuron-{name.replace('_', '-')}"]
        assert_right(answer, name)
        assert "check(" not in "".join(chunk.source for chunk in answer.chunks)
        assert "dlbook" not in "".join(chunk.source for chunk in answer.whole)
    assert work.answers["neuron-sigmoid-slope"].uses == ("sigmoid",)


def test_answers_moved_to_the_end():
    data = load("neuron")
    moved = [c for c in data["cells"] if c["id"] in ("neuron-sigmoid", "neuron-relu")]
    data["cells"] = [c for c in data["cells"] if c not in moved] + moved
    answers = read(json.dumps(data).encode(), "").answers
    for name in RIGHT:
        assert_right(answers[f"neuron-{name.replace('_', '-')}"], name)
    assert places(answers["neuron-sigmoid-slope"].chunks) == ["cell 32", "cell 22"]


@pytest.mark.parametrize(
    "cells",
    [
        ["def relu(z):", "    return np.maximum(z, 0)"],
        ["def relu(z):\n    '''Doc.'''", "    return np.maximum(z, 0)"],
        ["def relu(z):\n    y = z", "\n    # m\n    y = np.maximum(y, 0)", "    return y\n\nrelu"],
        ["def relu(", "z):\n", "    return np.maximum(", "z, 0)"],
        ["def relu(z):", text("Now for the body."), "    return np.maximum(z, 0)"],
        ["def relu(z):", text("    return np.maximum(z, 0)")],
        ["if 1 > 2:\n    relu = None", "else:\n    relu = lambda z: np.maximum(z, 0)"],
        [code("def relu(z):", "neuron-relu"), code("    return np.maximum(z, 0)")],
    ],
)  # fmt: skip
def test_a_function_that_was_split_is_joined_again(cells):
    answer = relu_of("x = 1", *cells, "y = 2")
    assert answer.chunks[-1].place.startswith("cells 2")
    assert any("joined" in note for note in answer.notes)
    assert_right(answer)


def test_a_broken_cell_swallows_no_answer_that_stands_alone():
    assert places(relu_of("@nothing", RELU).chunks) == ["cell 2"]
    work = work_of("x = (1 +", "print('a'", RELU, "def sigmoid(z):", "def neuron(a): return a")
    assert_right(work.answers["neuron-relu"])
    assert places(work.answers["neuron-relu"].chunks) == ["cell 3"]
    assert work.answers["neuron-neuron"].found


def test_a_cell_that_is_indented_as_a_whole():
    source = "    def relu(z):\n        return np.maximum(z, 0)\n\n    relu(3)"
    answer = relu_of("def f(x):\n    return x", source)
    assert_right(answer)
    assert any("margin" in note for note in answer.notes)


@pytest.mark.parametrize("kind", ["markdown", "raw"])
@pytest.mark.parametrize("form", ["{}", "Mine:\n\n```python\n{}\n```\nDone.", "~~~\n{}\n~~~"])
def test_an_answer_in_a_text_cell_is_taken_as_code(kind, form):
    answer = relu_of(code(STUB, "neuron-relu"), text(form.format(RELU), kind), "x = 1")
    assert_right(answer)
    assert answer.chunks[-1].place == "cell 2"
    assert any(kind in note for note in answer.notes)
    assert_right(answer, chunks=answer.whole)


def test_a_notebook_of_several_exercises_is_the_one_of_which_there_is_most():
    both = [*load("neuron")["cells"], *load("updates")["cells"][:15]]
    work = read(packed(*both), "updates.ipynb")
    assert work.notebook == "neuron"
    assert any("updates" in note for note in work.notes)


def test_a_notebook_without_any_answer_is_known_by_its_name():
    work = work_of("x = 1", file="Doe_123_neuron (2).ipynb")
    assert work.notebook == "neuron"
    assert not any(answer.found for answer in work.answers.values())
    with pytest.raises(UnreadableError, match="holds no question"):
        work_of("x = 1", file="essay.ipynb")


# Not quite Python --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "before",
    [
        "%pip install numpy\n", "%matplotlib inline\n", "!ls -l\n", "%%time\n", "%%capture out\n",
        "%%timeit -n 1\n%%time\n", "?relu\n", "relu??\n", "files = !ls\n", "\n\n%load_ext x\n",
        "# mine\n%%time\n\n", "%%bash\n", "%%unknown 3\n", "%%writefile relu.py\n",
        "%%time\n!pip install x\n",
    ],
)  # fmt: skip
def test_magics_are_put_aside(before):
    answer = relu_of(code(before + RELU, "neuron-relu"))
    source = "".join(chunk.source for chunk in answer.chunks)
    assert "get_ipython" not in source
    assert_right(answer)
    if before != "%%writefile relu.py\n":  # there the place in the cell is the file's
        assert answer.chunks[-1].source.split("\n")[before.count("\n")] == "def relu(z):"


def test_magics_inside_of_functions_and_before_statements():
    answer = relu_of(
        "%time LOW = 0",
        "def relu(z):\n    !ls\n    %matplotlib inline\n    return np.maximum(z, LOW)",
    )
    assert_right(answer)


@pytest.mark.parametrize(
    "source",
    [
        ">>> def relu(z):\n...     return np.maximum(z, 0)",
        "In [3]: def relu(z):\n   ...:     return np.maximum(z, 0)",
        "In [3]: relu = lambda z: np.maximum(z, 0)",
    ],
)
def test_prompts_are_taken_off(source):
    assert_right(relu_of(source))


def test_cells_in_other_languages_are_left_out_with_a_note():
    work = work_of("%%bash\nrm -rf /", RELU)
    assert any("bash" in note for note in work.notes)
    assert_right(work.answers["neuron-relu"])


def test_a_module_that_the_notebook_writes_is_written_first(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    answer = relu_of(
        "%%writefile helper_of_relu.py\nimport numpy as np\ndef low():\n    return 0\n",
        "import helper_of_relu",
        code("def relu(z):\n    return np.maximum(z, helper_of_relu.low())", "neuron-relu"),
        "%%file unused.py\nx = 1",
    )
    assert places(answer.chunks) == ["cell 1", "cell 2", "cell 3"]
    assert_right(answer)
    assert [path.name for path in tmp_path.glob("*.py")] == ["helper_of_relu.py"]


@pytest.mark.parametrize("name", ["../x.py", "/etc/x.py", "~/x", "$HOME", "a/b.py", "x;y"])
def test_files_are_written_here_and_nowhere_else(name):
    work = work_of(f"%%writefile {name}\nx = 1", RELU)
    assert all("open(" not in c.source for c in work.answers["neuron-relu"].whole)


def test_what_can_not_be_seen_in_the_text_is_for_the_second_try():
    source = "exec('def relu(z): return np.maximum(z, 0)')"
    answer = relu_of(source)
    assert (answer.found, answer.chunks) == (False, ())
    np.testing.assert_allclose(run(answer.whole)["relu"](np.array([-1.0])), [0.0])
    answer = relu_of("globals()['low'] = 0", RELU.replace("0", "low"))
    assert places(answer.chunks) == ["cell 2"]
    assert_right(answer, chunks=answer.whole)


def test_a_call_that_sets_a_global_name_is_for_the_second_try():
    answer = relu_of(
        "low = 7\ndef start():\n    global low\n    low = 0", "start()", RELU.replace("0", "low")
    )
    assert places(answer.chunks) == ["cell 1", "cell 3"]
    assert places(answer.whole) == ["cell 1", "cell 2", "cell 3"]
    assert_right(answer, chunks=answer.whole)


def test_in_the_second_try_the_chosen_answer_has_the_last_word():
    answer = relu_of(code(RELU, "neuron-relu"), "def relu(z):\n    return 5")
    assert places(answer.whole) == ["cell 1", "cell 2", "cell 1"]
    assert_right(answer, chunks=answer.whole)


def test_a_syntax_error_elsewhere_in_a_cell_costs_only_its_own_block():
    source = f"x = 1\nprint relu(x)\n{RELU}\n\ndef sigmoid(z)\n    return 1\n\ny = x +\nlow = 0"
    work = work_of(source)
    assert_right(work.answers["neuron-relu"])
    assert any("line 2" in note for note in work.answers["neuron-relu"].notes)
    broken = work.answers["neuron-sigmoid"]
    assert broken.found
    with pytest.raises(SyntaxError) as caught:
        compile(broken.chunks[-1].source, "x", "exec")
    assert caught.value.lineno == 6
    assert "return 1" in broken.chunks[-1].source


@pytest.mark.parametrize(
    "source",
    [
        "def relu(z)\n    return z", "def relu(z):\nreturn z", "Def relu(z):\n    return z",
        "def relu(z):\n    return (z", "def relu(z):\n    x = 1\n     return z", "relu = lambda z:",
        "def relu(z):\n    print 'x'", "def relu(z):\n    return “z”", "def relu(z):",
        "def relu(z):\n    await f()", "def relu(z):\n    '''open\n    return z",
    ],
)  # fmt: skip
def test_an_answer_that_is_no_python_is_handed_on_for_its_error(source):
    answer = relu_of(code(STUB), code(source, "neuron-relu"))
    assert answer.found
    with pytest.raises(SyntaxError):
        compile(answer.chunks[-1].source, "x", "exec")
    assert answer.whole == ()
    assert "isn't Python" in answer.notes[0]


def test_a_good_answer_elsewhere_is_better_than_a_broken_one():
    assert_right(relu_of(code("def relu(z)\n    return", "neuron-relu"), RELU))


def test_a_stub_is_not_broken_by_what_stands_below_it():
    answer = relu_of(code(STUB + "\n\nrelu(3", "neuron-relu"))
    assert sole(answer.chunks) == STUB


def test_an_answer_that_uses_a_broken_one_says_so():
    work = work_of("def relu(z)\n    return z", "def sigmoid(z):\n    return relu(z)")
    assert work.answers["neuron-sigmoid"].uses == ("relu",)
    assert places(work.answers["neuron-sigmoid"].chunks) == ["cell 2"]


@pytest.mark.parametrize(
    "source",
    [
        RELU.replace("    ", "\xa0\xa0\xa0\xa0"), "\ufeff" + RELU, RELU.replace("(z)", "(\u200bz)"),
        RELU.replace("    ", "\u3000\u2003  "), RELU.replace("\n", "\u2028"),
        "def relu(z):\n    x = 1\n\treturn np.maximum(z, 0)",
    ],
)  # fmt: skip
def test_invisible_characters_are_repaired_with_a_note(source):
    answer = relu_of(source)
    assert_right(answer)
    assert any("invisible" in note or "tabs" in note for note in answer.notes)


def test_invisible_characters_in_texts_stay():
    source = "def relu(z):\n    return '\xa0\u200b'"
    assert run(relu_of(source).chunks)["relu"](1) == "\xa0\u200b"


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_line_ends_of_other_systems(end):
    answer = relu_of(RELU.replace("\n", end))
    assert_right(answer)


def test_input_is_left_behind():
    answer = relu_of("name = input('Who? ')", RELU + "\nx = input()")
    assert sole(answer.chunks) == RELU


# The file ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"],
)
def test_encodings(encoding):
    source = RELU + "  # größer"
    data = packed(code(source)).decode()
    data = data.replace("\\u00f6", "ö").replace("\\u00df", "ß").encode(encoding)
    answer = read(data, "x").answers["neuron-relu"]
    assert_right(answer)
    assert "größer" in answer.chunks[-1].source


def test_text_of_old_windows_is_read_with_a_note():
    data = packed(code(RELU + "  # gr\xf6\xdfer \u20ac")).decode("unicode_escape")
    data = data.replace("\n", "\\n").encode("cp1252")
    work = read(data, "x")
    assert_right(work.answers["neuron-relu"])
    assert "größer €" in work.answers["neuron-relu"].chunks[-1].source
    assert any("UTF-8" in note for note in work.notes)


def test_what_follows_the_notebook_is_left_out():
    for junk, noted in ((b"\0\0\0", False), (b"\n\n", False), (b'{"cells": []}', True)):
        work = read(packed(code(RELU)) + junk, "x")
        assert_right(work.answers["neuron-relu"])
        assert bool(work.notes) is noted


def test_formats_before_4():
    cells = [
        {"cell_type": "heading", "level": 1, "source": "Title"},
        {"cell_type": "code", "input": ["def relu(z):\n", "    return np.maximum(z, 0)"]},
    ]
    data = {"nbformat": 3, "worksheets": [{"cells": cells}, {"cells": None}, 5], "metadata": {}}
    answer = read(json.dumps(data).encode(), "x").answers["neuron-relu"]
    assert_right(answer)
    assert answer.chunks[-1].place == "cell 2"
    first = {"nbformat": 1, "cells": [{"cell_type": "code", "code": RELU}]}
    assert_right(read(json.dumps(first).encode(), "x").answers["neuron-relu"])
    v3 = nbformat.v3.nbbase
    sheet = v3.new_worksheet(cells=[v3.new_code_cell(input=RELU)])
    old = nbformat.v3.writes_json(v3.new_notebook(worksheets=[sheet]))
    assert_right(read(old.encode(), "x").answers["neuron-relu"])


def test_cells_that_are_none_are_left_out_with_a_note():
    odd = [None, 5, "x", [], {}, {"cell_type": "code"}, {"cell_type": "code", "source": {"a": 1}}]
    work = read(packed(*odd, code([*RELU.splitlines(), None, 7])), "x")
    assert_right(work.answers["neuron-relu"])
    assert len(work.notes) == len(odd)
    for cells in (None, {}, 5, "text"):
        with pytest.raises(UnreadableError, match="no question"):
            read(json.dumps({"cells": cells}).encode(), "x")


def test_odd_metadata_does_no_harm():
    for metadata in (None, [], {"nbgrader": 5}, {"nbgrader": {"grade_id": ["neuron-relu"]}}):
        for kind in ("code", None, [], 7):
            cell = {"cell_type": kind, "source": RELU, "metadata": metadata, "id": {"a": 1}}
            assert_right(read(packed(cell), "x").answers["neuron-relu"])


@pytest.mark.parametrize(
    ("contents", "said"),
    [
        (b"", "empty"),
        (b"\0" * 100, "empty"),
        (b"\xef\xbb\xbf\n", "empty"),
        (b"%PDF-1.7 ...", "a PDF"),
        (b"PK\x03\x04 ...", "zip"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b"def relu(z):\n    return z\n", "Python script.*ipynb"),
        (b"# ---\n# jupyter:\n# ---\n\n# %%\nimport numpy as np\n", "Python script.*ipynb"),
        (b"hello", "no notebook"),
        (b"[1, 2]", "no notebook"),
        (b"7", "no notebook"),
        (b'{"a": 1}', "no cells"),
        (b'{"cells": [{"cell_type": "code", "source": "x', "cut off"),
        (b'{"cells": [{"cell_type": "code",', "cut off"),
        (b'{"cells": [}', "damaged"),
        (b'{\n<<<<<<< HEAD\n"cells": [],\n=======\n"cells": 1\n>>>>>>> x\n}', "conflict markers"),
        (b"[" * 100_000, "nested|no notebook"),
        (b'{"cells":' + b"[" * 100_000, "nested"),
        (b'{"cells": [' + b"{}," * 3_000_000 + b"{}]}", "too much"),
        (b" " * 50_000_001, "larger than 50 MB"),
        (b"\xff\xfe" + b"\x00\xd8" * 10, "no notebook"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_is_no_notebook_is_refused_with_a_reason(contents, said):
    with pytest.raises(UnreadableError, match=said) as caught:
        read(contents, "homework.ipynb")
    assert "homework.ipynb" in str(caught.value)


def test_a_notebook_that_is_cut_off_anywhere_is_refused():
    data = json.dumps(load("neuron"), indent=1).encode()
    for size in range(10, len(data) - 5, 997):
        with pytest.raises(UnreadableError):
            read(data[:size], "neuron.ipynb")


# What nobody hands in by mistake -----------------------------------------------------------------


HARD = {
    "brackets": "(" * 5000,
    "more brackets": "x = " + "[" * 150 + "]" * 150,
    "signs": "x = " + "-" * 100_000 + "1",
    "sum": "x = " + "1 + " * 3000 + "1",
    "attributes": "x = a" + ".b" * 50_000,
    "calls": "x = a" + "()" * 900,
    "ifs": "".join(" " * i + "if x:\n" for i in range(99)) + " " * 99 + "pass",
    "elifs": "if a:\n pass\n" + "elif a:\n pass\n" * 5000,
    "lines": "a\n" * 400_000,
    "statements": "a;" * 400_000,
    "short lines": "1 1\n" * 19_000,
    "questions": "a?\n" * 19_000,
    "magics": "!ls\n" * 19_000,
    "fences": "```\n" * 19_000,
    "ticks": "`" * 900_000,
    "equals": "=" * 900_000,
    "spaces": " " * 900_000 + "x",
    "blank lines": "\n" * 19_000 + "%%x",
    "decorators": "@a\n" * 19_000,
    "open texts": '"""\n(\n' * 6000,
    "numbers": "x = [" + "1, " * 300_000 + "]",
    "long number": "x = " + "9" * 5000 + "\ny = 0x" + "f" * 50_000,
    "nul": "x = 1\0\0",
    "surrogate": "x = '\ud800'",
    "escapes": "x = '\\d' is 1; assert (x, 1)",
    "huge": "x = 1  #" + "x" * 1_000_001,
    "chain": "\n".join(f"a{i + 1} = a{i}" for i in range(9000)) + "\ndef sigmoid(z): return a9000",
    "bound again": "x = x\n" * 19_000 + "def sigmoid(z): return x",
    "targets": "a = " * 50_000 + "f(" + "x, " * 50_000 + ")",
    "class": "class A:\n" + "".join(f"    def f{i}(self): return f{i}\n" for i in range(9000)),
}  # fmt: skip


@pytest.mark.parametrize("hard", HARD)
def test_a_monstrous_cell_harms_nobody_and_the_answer_is_found(hard):
    start = time.process_time()
    work = read(packed(code(HARD[hard]), text(HARD[hard]), code(RELU), code(HARD[hard])), "x")
    assert_right(work.answers["neuron-relu"])
    for answer in work.answers.values():
        json.dumps([chunk.source for chunk in answer.whole]).encode()
    assert time.process_time() - start < 30


def test_very_many_cells():
    start = time.process_time()
    chain = [f"a{i + 1} = a{i}\nb = [b, a{i}]\nx = (" for i in range(1500)]
    work = work_of(*chain, RELU.replace("0", "a1500 * 0 + len(b)"), *["x = ("] * 5000)
    assert work.answers["neuron-relu"].found
    assert any("cells" in note for note in work.notes)
    assert time.process_time() - start < 30


def test_a_students_warnings_are_not_ours():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        relu_of("x = '\\d'\nif x is 1: pass\n" + RELU, "%time x = '\\d'", "'\\d' '")
    assert caught == []


@pytest.mark.parametrize("seed", range(30))
def test_random_damage_gives_answers_or_a_reason(seed):
    random_ = random.Random(seed)
    data = bytearray(json.dumps(load(random_.choice(key.notebooks()))).encode())
    for _ in range(random_.choice([1, 3, 30])):
        at = random_.randrange(len(data))
        size = random_.choice([0, 1, 5, 500])
        data[at : at + size] = random_.randbytes(random_.choice([0, 1, 2, 9]))
    refuse_or_read(bytes(data))
    refuse_or_read(random_.randbytes(random_.choice([1, 10, 1000])))


@pytest.mark.parametrize("seed", range(30))
def test_random_damage_to_cells_gives_answers(seed):
    random_ = random.Random(seed)
    data = load(random_.choice(key.notebooks()))
    signs = [*"()[]{}:,'\"\\\n\t #%!?@;=.", "def ", "\n    ", "'''", "import *", "\xa0", "\0"]
    for cell in data["cells"]:
        source = list("".join(cell["source"]))
        for _ in range(random_.choice([0, 1, 2, 5])):
            at = random_.randrange(len(source))
            source[at : at + random_.choice([0, 1, 9])] = random_.choice(signs)
        cell["source"] = "".join(source)
        cell["cell_type"] = random_.choice(["code", "code", "code", "markdown", "raw"])
    random_.shuffle(data["cells"])
    work = refuse_or_read(json.dumps(data).encode())
    broken = 0
    for answer in work.answers.values():
        assert bool(answer.chunks) is answer.found
        for chunk in (*answer.chunks[:-1], *answer.whole):
            compile_quietly(chunk)
        try:
            compile_quietly(*answer.chunks[-1:])
        except SyntaxError:
            broken += 1
            assert "isn't Python" in answer.notes[0]
            assert len(answer.chunks) == 1


def compile_quietly(*chunks):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for chunk in chunks:
            compile(chunk.source, chunk.place, "exec")


def refuse_or_read(contents: bytes) -> notebooks.Work | None:
    try:
        return read(contents, "x.ipynb")
    except UnreadableError:
        return None


def test_nothing_of_a_notebook_is_executed(monkeypatch):
    def forbidden(*_):
        raise AssertionError("executed")

    data = packed(
        code("!touch /tmp/x\nopen('x', 'w')"), code(RELU), code("%%writefile y.py\nx = 1"),
        code("%run x.py\n%load y.py"), code("%%time\nimport y"),
    )  # fmt: skip
    read(data, "x")  # what it imports itself is there
    for name in ("exec", "eval", "open", "input", "print"):
        monkeypatch.setattr(builtins, name, forbidden)
    work = read(data, "x")
    monkeypatch.undo()
    assert_right(copy.copy(work.answers["neuron-relu"]))
