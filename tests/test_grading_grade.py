"""One notebook, graded: right answers however they are written, and what a wrong one costs."""

import importlib.util
import re
import sys
from pathlib import Path

import pytest

from dlbook.exercises import key
from dlbook.exercises.verdict import Judge
from dlbook.grading import grade, notebooks
from dlbook.grading.grade import Settings, _Room, judge_of

sys.path.insert(0, str(Path(__file__).parent))
from grading import ROOT, graded, needs_a_sandbox, notebook, outcomes

pytestmark = pytest.mark.usefixtures("sandbox")


@pytest.fixture(scope="module")
def sandbox():
    needs_a_sandbox()


RELU = {
    "prints": "def relu(z):\n    print('z is', z)\n    return np.maximum(z, 0)",
    "warns": "import warnings\n\ndef relu(z):\n    warnings.warn('careful')\n"
    "    np.log(np.zeros(2))\n    return np.maximum(z, 0)",
    "plots": "import matplotlib.pyplot as plt\n\ndef relu(z):\n    plt.plot([1, 2])\n    plt.show()"
    "\n    return np.maximum(z, 0)\n\nplt.plot(relu(np.arange(3.0)))\nplt.show()",
    "is slow but within the limit": "import time\n\ndef relu(z):\n    time.sleep(0.1)\n"
    "    return np.maximum(z, 0)",
    "is a lambda": "relu = lambda z: z * (z > 0)",
    "is vectorised": "@np.vectorize\ndef relu(z):\n    return z if z > 0 else 0.0",
    "is a class": "class Relu:\n    def __call__(self, z):\n        return np.clip(z, 0, None)\n\n"
    "relu = Relu()",
    "is partial": "from functools import partial\nrelu = partial(np.maximum, 0.0)",
    "is NumPy's own": "from numpy import maximum\nrelu = lambda z: maximum(0, z)",
    "uses a constant of its own": "FLOOR = 0.0\n\ndef relu(z):\n    return np.maximum(z, FLOOR)",
    "is defined by exec": "exec('def relu(z):\\n    return np.maximum(z, 0)')",
    "is put among the globals": "globals()['relu'] = lambda z: np.maximum(z, 0)",
    "waits for input elsewhere": "name = input('Who are you?')\n\ndef relu(z):\n"
    "    return np.maximum(z, 0)",
    "stands beside an endless loop": "def relu(z):\n    return np.maximum(z, 0)\n\n"
    "while True:\n    pass",
    "stands beside magics": "%matplotlib inline\n!ls /\n%pip install nothing\n\ndef relu(z):\n"
    "    return np.maximum(z, 0)\n\n%timeit relu(np.ones(3))",
    "stands in a timed cell": "%%time\ndef relu(z):\n    return np.maximum(z, 0)",
    "is written to a file": "%%writefile mine.py\nimport numpy as np\n\ndef relu(z):\n"
    "    return np.maximum(z, 0)",
    "has an error below it": "def relu(z):\n    return np.maximum(z, 0)\n\nrelu('x' + 1)",
    "is typed": "from __future__ import annotations\n\ndef relu(z: Array) -> Array:\n"
    "    return np.maximum(z, 0)",
    "is cached": "from functools import cache\n\n@cache\ndef floor():\n    return 0.0\n\n"
    "def relu(z):\n    return np.maximum(z, floor())",
    "counts its calls": "calls = 0\n\ndef relu(z):\n    global calls\n    calls += 1\n"
    "    return np.maximum(z, 0)",
    "is a generator's list": "def relu(z):\n    return [r for r in np.maximum(z, 0)]",
    "uses threads": "from concurrent.futures import ThreadPoolExecutor\n\ndef relu(z):\n"
    "    with ThreadPoolExecutor(2) as pool:\n        return list(pool.map(lambda r: "
    "np.maximum(r, 0), z))[:] if z.ndim > 1 else np.maximum(z, 0)",
}


@pytest.mark.parametrize("way", RELU)
def test_a_right_answer_gets_its_points_if_it(way):
    after = "from mine import relu" if "file" in way else ""
    done = graded(notebook(relu=RELU[way], after=after))
    assert {word: points for word, (_, points) in outcomes(done).items()} == {
        "weighted_sum": 1, "relu": 1, "sigmoid": 2, "neuron": 1, "relu_slope": 1,
        "sigmoid_slope": 1, "and_gate": 1,
    }  # fmt: skip


@pytest.mark.parametrize("name", key.notebooks())
def test_every_solution_gets_all_points_and_every_exercise_none(name):
    done = graded(notebook(name), question_seconds=None)
    assert [r.outcome for r in done.results] == ["correct"] * len(key.questions(name))
    assert sum(r.points for r in done.results) == sum(
        q.points for q in key.questions(name).values()
    )
    assert done.notes == []
    untouched = graded((ROOT / "exercises" / f"{name}.ipynb").read_bytes())
    assert {r.outcome for r in untouched.results} == {"not attempted"}
    assert untouched.notes == []


def answers(kind: str) -> list:
    """Return (notebook, question, source) for the answers that people might write."""
    found = []
    for path in sorted((ROOT / "tests" / "answers").glob("*.py")):
        spec = importlib.util.spec_from_file_location(f"written_{path.stem}", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        for question, functions in getattr(module, kind).items():
            name = key.question(question).name
            found += [
                (path, question, f"{name} = {kind}[{question!r}][{number}]")
                for number in range(len(functions))
            ]
    return found


@pytest.mark.parametrize("name", key.notebooks())
@pytest.mark.parametrize("kind", ["RIGHT", "WRONG"])
def test_behind_the_wall_every_answer_gets_the_verdict_that_it_gets_in_the_notebook(name, kind):
    """The same hundreds of answers, probed in the sandbox and judged outside."""
    unlike = []
    with _Room(notebooks.Work(name, {}), Settings(seed=3)) as room:
        for path, question, last in answers(kind):
            if path.stem != name or question == "images-digits":  # digits take seconds each
                continue
            chunks = [notebooks.Chunk(path.read_text(encoding="utf-8"), "cell 1"),
                      notebooks.Chunk(last, "cell 2")]  # fmt: skip
            verdict = room._judged(judge_of(question, 3), chunks)
            if (verdict.outcome == "correct") != (kind == "RIGHT"):
                unlike.append((question, last, verdict.outcome, verdict.finding))
    assert unlike == []


def test_a_later_answer_is_judged_with_the_earlier_ones_put_right():
    done = graded(
        notebook(
            "layers",
            dense="def dense(x, weights, bias):\n    return x @ weights",
            softmax="def softmax(scores):\n    while True:\n        pass",
            forward="def forward(x, layers):\n    *hidden, last = layers\n"
            "    for layer in hidden:\n        x = np.maximum(dense(x, *layer), 0)\n"
            "    return softmax(dense(x, *last))",
        )
    )
    assert outcomes(done) | {"cross_entropy": 0, "predict": 0, "count_parameters": 0} == {
        "dense": ("incorrect", 0), "softmax": ("timed out", 0), "cross_entropy": 0, "predict": 0,
        "count_parameters": 0, "forward": ("correct", 2),
    }  # fmt: skip
    assert done.results[0].mistake == "bias-left-out"
    assert "It uses your dense and softmax" in done.results[-1].note


SUMS = {
    "other names": (
        "def weighted_sum(x, w, b):\n    return 1.0",
        "weighted_sum(x=inputs, w=weights, b=bias)",
    ),
    "an argument more": (
        "def weighted_sum(inputs, weights, bias, eps=0):\n    return 1.0",
        "weighted_sum(inputs, weights, bias, eps=0)",
    ),
    "names alone": (
        "def weighted_sum(*, inputs, weights, bias):\n    return 1.0",
        "weighted_sum(bias=bias, weights=weights, inputs=inputs)",
    ),
    "a lambda": ("weighted_sum = lambda a, b, c: 1.0", "weighted_sum(inputs, c=bias, b=weights)"),
    "nothing yet": ("...", "weighted_sum(inputs, weights, bias)"),
}


@pytest.mark.parametrize("way", SUMS)
def test_an_earlier_answer_is_put_right_as_the_student_calls_it(way):
    earlier, call = SUMS[way]
    later = f"def neuron(inputs, weights, bias, activation):\n    return activation({call})"
    done = graded(notebook(weighted_sum=earlier, neuron=later))
    assert outcomes(done)["weighted_sum"][1] == 0
    assert outcomes(done)["neuron"] == ("correct", 1)


def test_a_later_answer_that_is_wrong_by_itself_stays_wrong():
    done = graded(
        notebook(
            sigmoid="def sigmoid(z):\n    return z",
            sigmoid_slope="def sigmoid_slope(z):\n    return sigmoid(z)",
        )
    )
    assert outcomes(done)["sigmoid_slope"] == ("incorrect", 0)


def test_an_answer_that_was_never_written_is_put_right_for_the_later_ones():
    data = notebook(
        weighted_sum="# nothing yet",
        neuron="def neuron(inputs, weights, bias, activation):\n"
        "    return float(activation(weighted_sum(inputs, weights, bias)))",
    )
    assert outcomes(graded(data))["weighted_sum"] == ("not attempted", 0)
    assert outcomes(graded(data))["neuron"] == ("correct", 1)


LATER = {
    "right": "def sigmoid_slope(z):\n    s = sigmoid(z)\n    return s * (1 - s)",
    "with a mistake": "def sigmoid_slope(z):\n    s = sigmoid(z)\n    return s * (1 + s)",
    "with an error": "def sigmoid_slope(z):\n    return sigmoid(z) @ [1]",
    "asking too often": "def sigmoid_slope(z):\n    for _ in range(30_000):\n"
    "        s = sigmoid(z)\n    return s * (1 - s)",
    "changing what it is given": "def sigmoid_slope(z):\n    s = sigmoid(z)\n    z[...] = 0\n"
    "    return s * (1 - s)",
    "with a name of its own": "own = sigmoid\n\ndef sigmoid_slope(z):\n    s = own(z)\n"
    "    return s * (1 - s)",
}


@pytest.mark.parametrize("way", LATER)
def test_a_harmless_second_chance_needs_no_fork_and_gets_the_same_verdict(monkeypatch, way):
    data = notebook(sigmoid="def sigmoid(z):\n    return z", sigmoid_slope=LATER[way])
    kernels = []
    start = grade.Kernel.__init__
    monkeypatch.setattr(
        grade.Kernel, "__init__", lambda self, *args: (kernels.append(1), start(self, *args))[0]
    )
    here = graded(data)
    count = len(kernels)
    monkeypatch.setattr(_Room, "_judged_here", lambda *_: None)
    assert graded(data).results == here.results
    if way in ("right", "with a mistake"):
        assert (count, len(kernels)) == (1, 3)


def test_the_same_seed_gives_the_same_results_and_another_one_the_same_marks():
    data = notebook(relu="def relu(z):\n    return np.abs(z)", sigmoid="def sigmoid(z):\n    ...")
    first, second, third = (graded(data, seed=seed).results for seed in (1, 1, 2))
    assert first == second
    assert [r.points for r in first] == [r.points for r in third]


def test_feedback_never_holds_what_the_right_answer_returns():
    done = graded(notebook(relu="def relu(z):\n    return z - 0.123456"))
    result = next(r for r in done.results if r.question == "neuron-relu")
    assert result.yours
    assert "Right:" not in result.feedback
    judge = Judge(key.question("neuron-relu"), 11)
    shown = set(re.findall(r"-?\d+\.\d+", result.feedback))
    given = {f"{x}" for case in judge.cases for x in case.args[0].ravel().tolist()}
    right = {f"{x}" for seen in judge.wanted for x in seen.value.ravel().tolist()} - given
    assert not shown & right


def test_what_a_question_forbids_is_not_there():
    source = (
        "from sklearn.neighbors import KNeighborsClassifier\n\n"
        "def train_digits(images, labels, rng):\n"
        "    model = KNeighborsClassifier(3).fit(images.reshape(len(images), -1), labels)\n"
        "    return lambda unseen: model.predict(unseen.reshape(len(unseen), -1))"
    )
    done = graded(notebook("images", digits=source), question_seconds=None)
    result = done.results[-1]
    assert (result.outcome, result.points) == ("error", 0)
    assert "sklearn" in result.note + result.finding


def test_the_setup_that_runs_first_is_the_notebooks_own():
    for name in key.notebooks():
        own = [c for c in notebook(name)["cells"]
               if c["metadata"].get("nbgrader", {}).get("grade_id") == f"{name}-setup"]  # fmt: skip
        assert "".join(own[0]["source"]) == key.setup(name)


def test_a_dead_kernel_is_noticed_at_once_and_costs_one_question():
    done = graded(notebook(relu="import os\n\ndef relu(z):\n    os.kill(-1, 9)"))
    assert outcomes(done)["relu"] == ("error", 0)
    assert [points for _, points in outcomes(done).values()].count(0) == 1
    assert done.seconds < 30


@pytest.mark.parametrize("name", ["layers", "images"])
def test_an_unreadable_file_is_not_graded_and_says_why(name):
    done = graded(b"%PDF-1.7", f"my {name}.ipynb")
    assert {r.outcome for r in done.results} == {"not graded"}
    assert len(done.results) == len(key.questions(name))
    assert "PDF" in done.results[0].message


def test_what_fails_on_our_side_is_one_message_and_is_tried_again(monkeypatch):
    def fails(*_):
        raise OSError("No space left on device")

    monkeypatch.setattr("dlbook.grading.nbval_plugin.run", fails)
    done = graded(notebook(and_gate="# nothing yet"))
    assert [r.outcome for r in done.results] == ["not graded"] * 6 + ["not attempted"]
    assert "No space left" in done.results[0].message
    assert not done.whole
