"""`dlbook check NOTEBOOK...`: a whole notebook at the command line, sound or damaged."""

import json
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from dlbook.exercises import key, whole

ROOT = Path(__file__).parents[1]


def write(path: Path, *sources: str, **metadata) -> Path:
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=metadata), path)
    return path


def dlbook(*arguments: object, folder: Path = ROOT) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "dlbook.cli", *map(str, arguments)],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip


def outcomes(checked: whole.Checked) -> dict[str, str]:
    return {result["question"]: result["outcome"] for result in checked.results}


@pytest.mark.parametrize("name", key.notebooks())
def test_a_solution_is_all_right(name):
    checked = whole.check_notebook(ROOT / "solutions" / f"{name}.ipynb")
    assert set(outcomes(checked).values()) == {"correct"}, whole.as_text(checked)
    assert list(outcomes(checked)) == list(key.questions(name))
    assert checked.notes == []


def test_an_untouched_exercise_is_not_attempted():
    checked = whole.check_notebook(ROOT / "exercises" / "neuron.ipynb")
    assert set(outcomes(checked).values()) == {"not attempted"}
    assert whole.as_data(checked)["points"] == 0


@pytest.fixture(scope="module")
def mixed(tmp_path_factory) -> whole.Checked:
    """A notebook without metadata under another name: crashes, an endless loop, right answers."""
    path = write(
        tmp_path_factory.mktemp("mixed") / "my homework.ipynb",
        "import numpy as np",
        "def relu(z):\n    return np.maximum(z, 0)",
        "def weighted_sum(inputs, weights, bias)\n    return 1",
        "while True: pass",
        "1 / 0",
        "import os\nos._exit(1)",
        "exit()",
        *[f"import os\nos._exit({status})" for status in (2, 3, 4)],
        "import sys\nsys.stdout = None",
        "def relu_slope(z):\n    return (z > 0) * 1.0",
        "def and_gate():\n    os._exit(1)",
        "def neuron(inputs, weights, bias, activation):\n    return inputs @ weights + bias",
    )
    return whole.check_notebook(path, timeout_seconds=10)


def test_answers_are_found_without_metadata_by_the_functions_names(mixed):
    assert mixed.notebook == "neuron"
    assert outcomes(mixed)["neuron-relu"] == "correct"


def test_after_a_loop_and_a_crash_the_other_answers_are_still_checked(mixed):
    found = outcomes(mixed)
    assert found["neuron-relu-slope"] == "correct"
    assert found["neuron-neuron"] == "incorrect"
    assert found["neuron-weighted-sum"] == "not attempted"
    assert found["neuron-and-gate"] == "error"


def test_what_happened_on_the_way_is_told(mixed):
    notes = "\n".join(mixed.notes)
    assert "had not finished after 10 seconds and is left out: 'while True: pass'" in notes
    assert "ended the kernel and is left out: 'import os'" in notes
    assert "ended the kernel and is left out: 'exit()'" in notes
    assert "is left out: 'import sys'" in notes
    assert "ZeroDivisionError" in notes
    assert "SyntaxError" in notes


def test_the_notebook_on_disk_is_only_read(tmp_path):
    path = write(tmp_path / "neuron.ipynb", "def relu(z):\n    return z")
    before = path.read_bytes(), sorted(p.name for p in tmp_path.iterdir())
    whole.check_notebook(path)
    assert (path.read_bytes(), sorted(p.name for p in tmp_path.iterdir())) == before


@pytest.mark.parametrize(
    ("contents", "words"),
    [
        (b"", "damaged"),
        (b"{", "damaged"),
        (b"[]", "damaged"),
        (b'{"cells": 5, "nbformat": 4, "nbformat_minor": 5, "metadata": {}}', "damaged"),
        (b"\xff\xfe\x00n", "UTF-8"),
        (b'{"a": 1}', "damaged"),
        (b'{"cells": [], "nbformat": 4, "nbformat_minor": 5, "metadata": {}}', "holds no question"),
    ],
)
def test_a_file_that_is_no_exercise_is_told_apart_in_words(tmp_path, contents, words):
    path = tmp_path / "homework.ipynb"
    path.write_bytes(contents)
    with pytest.raises(whole.UnreadableError, match=words):
        whole.questions_of(whole.read_cells(path), path)


def test_a_folder_and_a_missing_file_are_told_apart(tmp_path):
    with pytest.raises(whole.UnreadableError, match="is a folder"):
        whole.read_cells(tmp_path)
    with pytest.raises(whole.UnreadableError, match="There is no file"):
        whole.read_cells(tmp_path / "nothing.ipynb")


def test_an_old_notebook_format_and_a_byte_order_mark_are_read(tmp_path):
    old = {
        "nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""},
        "worksheets": [{"metadata": {}, "cells": [
            {"cell_type": "code", "language": "python", "metadata": {}, "outputs": [],
             "collapsed": False, "input": ["def relu(z):\n", "    return z"]}]}],
    }  # fmt: skip
    path = tmp_path / "old.ipynb"
    path.write_text(json.dumps(old), encoding="utf-8-sig")
    (cell,) = whole.read_cells(path)
    assert cell.source == "def relu(z):\n    return z"


@pytest.mark.parametrize(
    "damage",
    [
        lambda n: [c.pop("metadata") for c in n["cells"]],
        lambda n: [c.pop("id", None) for c in n["cells"]],
        lambda n: [c.pop("outputs", None) for c in n["cells"]],
        lambda n: [n.pop("nbformat"), n.pop("nbformat_minor"), n.pop("metadata")],
        lambda n: n.update(nbformat=99),
        lambda n: n["cells"].extend([5, None, "x", {"cell_type": "sql", "source": 1}]),
        lambda n: n["cells"].append({"cell_type": "code", "source": None}),
    ],
)
def test_what_is_missing_around_the_cells_loses_none_of_them(tmp_path, damage):
    notebook = json.loads((ROOT / "solutions" / "neuron.ipynb").read_text(encoding="utf-8"))
    wanted = ["".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == "code"]
    damage(notebook)
    path = tmp_path / "neuron.ipynb"
    path.write_text(json.dumps(notebook), encoding="utf-8")
    cells = whole.read_cells(path)
    assert [cell.source for cell in cells] == wanted
    assert whole.questions_of(cells, path)[0].notebook == "neuron"


def test_the_command_says_with_its_status_how_it_went(tmp_path):
    right = ROOT / "solutions" / "neuron.ipynb"
    wrong = write(tmp_path / "neuron.ipynb", "def relu(z):\n    return -z")
    damaged = tmp_path / "damaged.ipynb"
    damaged.write_text("{", encoding="utf-8")

    done = dlbook("check", right)
    assert (done.returncode, done.stderr) == (0, "")
    assert "7 of 7 right, 8 of 8 points." in done.stdout

    done = dlbook("check", damaged, wrong, "--json")
    assert done.returncode == 3
    assert "Not checked" in done.stderr
    first, second = json.loads(done.stdout)
    assert "damaged" in first["error"]
    assert second["points"] == 0
    assert {q["outcome"] for q in second["questions"]} == {"incorrect", "not attempted"}

    assert dlbook("check", wrong).returncode == 1
    assert dlbook("check").returncode == 2


def test_releasing_an_unknown_exercise_is_wrong_usage():
    done = dlbook("release", "juggling")
    assert done.returncode == 2
    assert "layers, neuron" in done.stderr
