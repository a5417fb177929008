"""What a student sees: check, hint and progress, in a namespace and in a real kernel."""

import dataclasses
import json
import textwrap
import threading
import time
from pathlib import Path

import nbformat
import numpy as np
import pytest
from bs4 import BeautifulSoup
from nbclient import NotebookClient

from dlbook.exercises import answers, key, record, tutor
from dlbook.exercises.answers import judge_in
from dlbook.exercises.show import show_case
from dlbook.exercises.verdict import Judge
from dlbook.exercises.words import Message, Part, Table, message_of


def namespace_of(code: str) -> dict:
    """Return the names of a notebook whose cells hold this code."""
    namespace = {"np": np, "__name__": "__main__"}
    exec(compile(textwrap.dedent(code), "<a cell>", "exec"), namespace)
    return namespace


def told(name: str, code: str) -> str:
    return str(message_of(judge_in(key.question(name), namespace_of(code))))


def test_an_answer_is_found_by_its_name():
    namespace = namespace_of("def relu(z):\n    return np.maximum(z, 0)")
    assert judge_in(key.question("neuron-relu"), namespace).outcome == "correct"


def test_a_missing_function_is_not_attempted_and_told_so():
    verdict = judge_in(key.question("neuron-relu"), {})
    assert (verdict.outcome, verdict.points) == ("not attempted", 0)
    assert "There is no function relu yet" in str(message_of(verdict))


@pytest.mark.parametrize(
    "body", ["...", "pass", "return", "return None", '"""Say nothing."""',
             '"""Say."""\n    ...', "raise NotImplementedError", "raise NotImplementedError()"],
)  # fmt: skip
def test_a_stub_is_not_attempted(body):
    namespace = namespace_of(f"def relu(z):\n    {body}")
    assert judge_in(key.question("neuron-relu"), namespace).outcome == "not attempted"


@pytest.mark.parametrize(
    "body", ["print(z)", "z = z + 1", "return 0.0", "return ()", "raise ValueError"]
)
def test_a_wrong_try_is_not_taken_for_a_stub(body):
    namespace = namespace_of(f"def relu(z):\n    {body}")
    assert judge_in(key.question("neuron-relu"), namespace).outcome in ("incorrect", "error")


def test_a_named_mistake_is_told_with_its_input_both_results_and_where_to_read():
    text = told("neuron-relu", "def relu(z):\n    return abs(z)")
    for words in ("Not right yet: neuron-relu", "The minus sign is dropped", "Given:", "Yours:",
                  "Right:", "Read again: chapter 2", 'hint("neuron-relu")'):  # fmt: skip
        assert words in text


def test_the_first_difference_is_told_in_the_order_shape_type_numbers():
    wrong_shape = told("neuron-relu", "def relu(z):\n    return np.append(z, 1.5)")
    assert "The shape of your result isn't right. Yours: (2,). Expected: (1,)." in wrong_shape
    wrong_numbers = told("neuron-relu", "def relu(z):\n    return np.maximum(z, 0) + 1")
    assert "The numbers of your result aren't right." in wrong_numbers


def test_the_smallest_failing_input_is_shown():
    function = namespace_of("def relu(z):\n    return np.maximum(z, 0) + (z > 2)")["relu"]
    judge = Judge(key.question("neuron-relu"))
    failing = [case for case in judge.cases if (case.args[0] > 2).any()]
    assert len(failing) > 1
    smallest = min(failing, key=lambda case: case.args[0].size)
    verdict = judge.verdict(judge.observe(function))
    assert verdict.given == show_case(judge.question, smallest)


def test_an_error_is_told_with_the_students_own_line():
    text = told(
        "neuron-weighted-sum",
        """
        def weighted_sum(inputs, weights, bias):
            products = inputs * weights
            return products.total() + bias
        """,
    )
    assert "AttributeError: 'numpy.ndarray' object has no attribute 'total'" in text


def test_wrong_arguments_are_told_with_the_signature():
    text = told("neuron-neuron", "def neuron(inputs, weights):\n    return 1.0")
    assert "neuron(inputs, weights, bias, activation)" in text


def test_an_endless_loop_is_ended_and_told(monkeypatch):
    question = dataclasses.replace(key.question("neuron-relu"), timeout_seconds=1.0)
    started = time.monotonic()
    verdict = judge_in(question, namespace_of("def relu(z):\n    while True: pass"))
    assert verdict.outcome == "timed out"
    assert time.monotonic() - started < 20
    assert "Does a loop in it never end?" in str(message_of(verdict))


def test_a_later_answer_is_judged_with_the_earlier_ones_put_right():
    namespace = namespace_of(
        """
        def sigmoid(z):
            return np.tanh(z)

        def helper(z):
            return sigmoid(z)

        def sigmoid_slope(z):
            return helper(z) * (1 - helper(z))
        """
    )
    before = dict(namespace)
    assert judge_in(key.question("neuron-sigmoid"), namespace).outcome == "incorrect"
    verdict = judge_in(key.question("neuron-sigmoid-slope"), namespace)
    assert verdict.outcome == "correct"
    assert "your sigmoid, which isn't right yet" in str(message_of(verdict))
    assert namespace == before


def test_putting_earlier_answers_right_does_not_make_a_wrong_answer_right():
    namespace = namespace_of(
        """
        def sigmoid(z):
            return np.tanh(z)

        def sigmoid_slope(z):
            return sigmoid(z) * sigmoid(z)
        """
    )
    assert judge_in(key.question("neuron-sigmoid-slope"), namespace).outcome == "incorrect"


def test_a_missing_earlier_answer_is_put_right_too():
    namespace = namespace_of("def sigmoid_slope(z):\n    return sigmoid(z) * (1 - sigmoid(z))")
    assert judge_in(key.question("neuron-sigmoid-slope"), namespace).outcome == "correct"
    assert "sigmoid" not in namespace


def test_names_that_lost_their_meaning_are_named():
    code = "def relu(z):\n    return np.maximum(z, 0)\nnp = 5"
    assert "np must mean NumPy" in told("neuron-relu", code)
    code = (
        "sum = 3\ndef weighted_sum(inputs, weights, bias):\n    return sum(inputs * weights) + bias"
    )
    text = told("neuron-weighted-sum", code)
    assert "Python's own name sum" in text
    assert "del sum" in text


@pytest.mark.parametrize(
    "code",
    [
        "def relu(z):\n    return helper(z)\ndef helper(z):\n    return deep(z)",
        "relu = lambda z: [deep(one) for one in z]",
        "from functools import partial\ndef helper(a, z):\n    return deep(a)\n"
        "relu = partial(helper, 1)",
        "class Answer:\n    def __call__(self, z):\n        return self.more(z)\n"
        "    def more(self, z):\n        return deep(z)\nrelu = Answer()",
        "class Answer:\n    def give(self, z):\n        return deep(z)\nrelu = Answer().give",
        "class Helper:\n    @staticmethod\n    def give(z):\n        return deep(z)\n"
        "def relu(z):\n    return Helper.give(z)",
        "def shout(f):\n    def g(*a):\n        return f(*a)\n    return g\n"
        "@shout\ndef relu(z):\n    return deep(z)",
    ],
)
def test_a_name_counts_as_used_however_deep_it_is_used(code):
    namespace = namespace_of(code)
    assert "deep" in answers.names_used(namespace["relu"], namespace)


def test_what_a_helper_uses_counts_as_used():
    namespace = namespace_of(
        "def inner():\n    return outer_thing\ndef relu(z):\n    return [inner() for _ in z]"
    )
    assert {"inner", "outer_thing"} <= answers.names_used(namespace["relu"], namespace)


def test_text_and_html_hold_the_same_words_and_nothing_of_a_student_is_markup():
    wicked = "<script>alert(1)</script>"
    message = Message(
        f"A {wicked}",
        [Part(wicked, "Given:", code=True), Part(wicked), Table([("a", wicked), ("b", "c")])],
    )
    soup = BeautifulSoup(message._repr_html_(), "html.parser")
    assert soup.find("script") is None
    assert soup.get_text(" ").split() == str(message).split()


def test_no_message_depends_on_colour_alone():
    for outcome, sign in (
        ("correct", "✓"),
        ("incorrect", "✗"),
        ("error", "✗"),
        ("not attempted", "○"),
    ):
        assert str(Message("x", outcome=outcome)).startswith(sign)


def test_hints_come_one_at_a_time_and_then_all_together(capsys, monkeypatch):
    monkeypatch.setattr(tutor, "_hinted", {})
    hints = key.question("neuron-relu").hints
    for text in hints:
        tutor.hint("neuron-relu")
        assert text in capsys.readouterr().out
    tutor.hint("neuron-relu")
    shown = capsys.readouterr().out
    assert all(text in shown for text in hints)


def test_an_unknown_question_is_answered_with_the_nearest(capsys):
    with pytest.raises(tutor.NotRightError, match="neuron-relu"):
        tutor.check("neuron-rleu")
    assert "Did you mean" in capsys.readouterr().out


def test_progress_remembers_the_best_on_this_machine(tmp_path, monkeypatch, capsys):
    path = tmp_path / "a folder" / "progress.json"
    monkeypatch.setenv(record.SETTING, str(path))
    record.remember("neuron-relu", "correct", 1)
    record.remember("neuron-relu", "incorrect", 0)
    record.remember("images-digits", "incorrect", 2)
    assert {name: e["outcome"] for name, e in record.read().items()} == {
        "neuron-relu": "correct", "images-digits": "incorrect",
    }  # fmt: skip
    monkeypatch.setattr(tutor, "_checked", {"neuron-relu": ("correct", 1)})
    tutor.progress()
    shown = capsys.readouterr().out
    assert "1 of 8" in shown
    assert "2 of 11" in shown
    assert [p.name for p in path.parent.iterdir()] == ["progress.json"]


def test_a_damaged_progress_file_is_kept_aside_and_a_new_one_begun(tmp_path, monkeypatch):
    path = tmp_path / "progress.json"
    path.write_text("{half a fi", encoding="utf-8")
    monkeypatch.setenv(record.SETTING, str(path))
    assert record.read() == {}
    record.remember("neuron-relu", "correct", 1)
    assert json.loads(path.read_text(encoding="utf-8"))["questions"]["neuron-relu"]["points"] == 1
    assert (tmp_path / "progress.json.damaged").read_text(encoding="utf-8") == "{half a fi"


def test_progress_that_cannot_be_written_disturbs_nobody(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv(record.SETTING, str(tmp_path / "file" / "progress.json"))
    record.remember("neuron-relu", "correct", 1)
    assert record.read() == {}


# --- In a real kernel -------------------------------------------------------------------------

CELLS = {
    "import": "import numpy as np\nfrom dlbook.exercises import check, hint, progress",
    "wrong": "def relu(z):\n    return np.abs(z)\n\ncheck('neuron-relu')",
    "right": "def relu(z):\n    return np.maximum(z, 0)\n\ncheck('neuron-relu')",
    "hint": "hint('neuron-relu')",
    "progress": "progress()",
    "raises": "def relu(z):\n    return z.nothing\n\ncheck('neuron-relu')",
    "none": "def relu(z):\n    print(z)\n\ncheck('neuron-relu')",
    "megabyte": "def relu(z):\n    print('x' * 1_000_000)\n    return z\n\ncheck('neuron-relu')",
    "huge": "def relu(z):\n    return np.ones((50_000, 50_000))\n\ncheck('neuron-relu')",
    "empty huge": "def relu(z):\n    return np.zeros((20_000, 20_000))\n\ncheck('neuron-relu')",
    "exit": "def relu(z):\n    raise SystemExit\n\ncheck('neuron-relu')",
    "asks": "def relu(z):\n    return input('z?')\n\ncheck('neuron-relu')",
    "shadow": "np = 5\ndef relu(z):\n    return np.maximum(z, 0)\n\ncheck('neuron-relu')",
    "check lost": "del check\nprint = display = hint = None",
    "again": "import numpy as np\ndef relu(z):\n    return np.maximum(z, 0)",
    "check cell": "from dlbook.exercises import check\n\ncheck('neuron-relu')",
}  # fmt: skip


@pytest.fixture(scope="module")
def outputs(tmp_path_factory) -> dict[str, list]:
    """Run all cells in one kernel, in order; nothing in one may spoil the next."""
    folder = tmp_path_factory.mktemp("kernel")
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in CELLS.values()]
    )
    client = NotebookClient(
        notebook, timeout=60, kernel_name="python3", allow_errors=True,
        resources={"metadata": {"path": str(folder)}},
    )  # fmt: skip
    client.execute(env={**record.os.environ, record.SETTING: str(folder / "progress.json")})
    return {name: cell.outputs for name, cell in zip(CELLS, notebook.cells, strict=True)}


def shown(outputs: list) -> str:
    return "\n".join(o["data"]["text/plain"] for o in outputs if o.output_type == "display_data")


def test_a_right_answer_shows_as_html_and_as_text(outputs):
    (output,) = outputs["right"]
    assert output.output_type == "display_data"
    assert output["data"]["text/plain"] == "✓ Correct: neuron-relu, 1 point."
    assert "✓ Correct: neuron-relu, 1 point." in output["data"]["text/html"]


def test_a_failing_check_shows_its_message_and_no_traceback(outputs):
    message, error = outputs["wrong"]
    assert "The minus sign is dropped" in message["data"]["text/html"]
    assert error.output_type == "error"
    assert error.traceback == ["neuron-relu: incorrect. The minus sign is dropped."]
    assert "The minus sign is dropped" in error.evalue


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("raises", "has no attribute 'nothing'"),
        ("raises", "return z.nothing"),
        ("none", "returns nothing (None)"),
        ("megabyte", "Nothing happens"),
        ("huge", "MemoryError"),
        ("empty huge", "Yours: (20000, 20000)"),
        ("exit", "SystemExit"),
        ("asks", "nobody answers"),
        ("shadow", "np must mean NumPy"),
    ],
)
def test_strange_answers_get_a_clear_answer_and_the_notebook_goes_on(outputs, name, words):
    if name == "huge" and not Path("/proc/self/statm").exists():
        pytest.skip("only Linux can limit the memory of a running process")
    assert words in shown(outputs[name])
    assert len(shown(outputs[name])) < 3000
    assert not [o for o in outputs[name] if o.output_type == "stream"]


def test_a_check_cell_works_though_check_itself_was_deleted(outputs):
    assert [o.output_type for o in outputs["check lost"]] == []
    assert "✓ Correct: neuron-relu" in shown(outputs["check cell"])


def test_progress_shows_this_notebook_and_this_machine(outputs):
    text = shown(outputs["progress"])
    row = next(line for line in text.splitlines() if line.startswith("neuron-relu "))
    assert row.split() == ["neuron-relu", "1", "✓", "correct", "✓", "correct"]
    assert "2 neuron    1 of 8" in text


def test_an_endless_loop_is_ended_where_no_signal_can_reach_it():
    # As on Windows, and in a kernel that runs cells in another thread than the main one.
    question = dataclasses.replace(key.question("neuron-relu"), timeout_seconds=1.0)
    loop = namespace_of("def relu(z):\n    while True: pass")
    right = namespace_of("def relu(z):\n    return np.maximum(z, 0)")
    outcomes = []

    def work():
        outcomes.extend(judge_in(question, names).outcome for names in (loop, right))

    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    worker.join(60)
    assert outcomes == ["timed out", "correct"]


@pytest.mark.parametrize(
    "source",
    [
        "from sklearn.svm import SVC\n\ndef train_digits(images, labels, rng):\n"
        "    return SVC().fit(images.reshape(len(images), -1), labels).predict",
        "def train_digits(images, labels, rng):\n    import sklearn\n    return sklearn",
        "import scipy\n\ndef train_digits(images, labels, rng):\n    return helper(images)\n\n"
        "def helper(images):\n    return scipy.spatial",
    ],
)
def test_a_package_that_the_question_forbids_is_named(source):
    namespace = {"__name__": "__main__"}
    exec(source, namespace)
    verdict = judge_in(key.question("images-digits"), namespace)
    assert (verdict.outcome, verdict.points) == ("incorrect", 0)
    assert "NumPy and OpenCV only" in verdict.finding
