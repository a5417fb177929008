"""The answer key proves itself: every question, every named mistake, every way to be right."""

import importlib.util
import unicodedata
from collections import Counter
from pathlib import Path

import pytest

from dlbook.exercises import key, proof
from dlbook.exercises.verdict import Judge

ROOT = Path(__file__).parents[1]
SEEDS = (0, 1, 20261124)  # 0 is the notebook's own; the others stand for freshly drawn inputs

# What the curriculum fixes.
CURRICULUM = {
    "layers-dense": (1, "dense(x, weights, bias)"),
    "layers-softmax": (2, "softmax(scores)"),
    "layers-cross-entropy": (2, "cross_entropy(probabilities, labels)"),
    "layers-predict": (1, "predict(probabilities)"),
    "layers-count-parameters": (1, "count_parameters(sizes)"),
    "layers-forward": (2, "forward(x, layers)"),
    "neuron-weighted-sum": (1, "weighted_sum(inputs, weights, bias)"),
    "neuron-relu": (1, "relu(z)"),
    "neuron-sigmoid": (2, "sigmoid(z)"),
    "neuron-neuron": (1, "neuron(inputs, weights, bias, activation)"),
    "neuron-relu-slope": (1, "relu_slope(z)"),
    "neuron-sigmoid-slope": (1, "sigmoid_slope(z)"),
    "neuron-and-gate": (1, "and_gate()"),
    "updates-numerical-gradient": (2, "numerical_gradient(f, p, step=1e-5)"),
    "updates-descent-step": (1, "gradient_descent_step(parameters, gradients, learning_rate)"),
    "updates-minimise": (2, "minimise(gradient, start, learning_rate, steps)"),
    "updates-softmax-gradient": (2, "softmax_cross_entropy_gradient(probabilities, labels)"),
    "updates-dense-backward": (3, "dense_backward(x, weights, upstream)"),
    "updates-momentum-step": (
        2, "momentum_step(parameters, velocities, gradients, learning_rate, momentum)"
    ),
    "training-accuracy": (1, "accuracy(predicted, labels)"),
    "training-split": (2, "split(x, labels, held_out_fraction, rng)"),
    "training-standardise": (1, "standardise(train, other)"),
    "training-batches": (2, "one_epoch_batches(samples, batch_size, rng)"),
    "training-epoch": (
        2, "train_epoch(x, labels, parameters, learning_rate, batches, gradients_of)"
    ),
    "training-converged": (2, "has_converged(losses, tolerance, patience)"),
    "images-read": (2, "read_rgb(path)"),
    "images-fit-within": (2, "fit_within(height, width, max_height, max_width)"),
    "images-resize": (1, "resize_to(image, height, width)"),
    "images-network-input": (2, "to_network_input(image, size)"),
    "images-digits": (4, "train_digits(images, labels, rng)"),
}  # fmt: skip

QUESTIONS = key.questions()
MISTAKES = [(q, m) for q in QUESTIONS.values() for m in q.mistakes]
_JUDGES: dict = {}


def judge(question, seed) -> Judge:
    if (question.id, seed) not in _JUDGES:
        _JUDGES[question.id, seed] = Judge(question, seed)
    return _JUDGES[question.id, seed]


def answers(kind: str) -> list:
    """Return (question, number, function) for every answer in tests/answers."""
    found = []
    for path in sorted((ROOT / "tests" / "answers").glob("*.py")):
        spec = importlib.util.spec_from_file_location(f"answers_{path.stem}", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        for name, functions in getattr(module, kind).items():
            found += [
                pytest.param(QUESTIONS[name], function, id=f"{name}-{number}")
                for number, function in enumerate(functions)
            ]
    return found


RIGHT = answers("RIGHT")


def test_the_thirty_questions_are_those_of_the_curriculum():
    assert {q.id: (q.points, q.signature) for q in QUESTIONS.values()} == CURRICULUM
    assert sum(q.points for q in QUESTIONS.values()) == 50


def test_there_are_as_many_named_mistakes_as_the_readme_says():
    assert "more than five hundred mistakes" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(MISTAKES) > 500


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=lambda q: q.id)
def test_every_question_and_every_named_mistake_proves_itself(question):
    # What this finds, one fault at a time: tests/test_exercises_proof.py.
    found = proof.findings_of(question, SEEDS, ROOT / "book")
    assert [str(one) for one in found] == []


@pytest.mark.parametrize(
    ("question", "mistake"),
    [(q, m) for q, m in MISTAKES if q.partial],
    ids=[f"{q.id}-{m.id}" for q, m in MISTAKES if q.partial],
)
def test_a_named_mistake_never_gets_all_the_points_where_some_are_given(question, mistake):
    for way in mistake.ways:
        verdict = judge(question, 0).verdict(judge(question, 0).observe(way))
        assert verdict.points < question.points
        assert verdict.finding


def test_no_question_is_in_the_way_of_another():
    asked = {name: list(key.questions(name).values()) for name in key.notebooks()}
    assert [str(one) for one in proof.findings_among(asked)] == []


@pytest.mark.parametrize(("question", "function"), RIGHT)
def test_a_right_answer_is_right_however_it_is_written(question, function):
    for seed in SEEDS:
        the_judge = judge(question, seed)
        verdict = the_judge.verdict(the_judge.observe(function))
        assert verdict.outcome == "correct", f"{verdict.finding} {verdict.yours} {verdict.right}"


def test_every_question_has_five_right_answers():
    counts = Counter(parameter.values[0].id for parameter in RIGHT)
    assert all(counts[name] >= 5 for name in CURRICULUM), counts


@pytest.mark.parametrize(("question", "function"), answers("WRONG"))
def test_a_wrong_answer_without_a_name_is_wrong_all_the_same(question, function):
    for seed in SEEDS:
        the_judge = judge(question, seed)
        verdict = the_judge.verdict(the_judge.observe(function))
        assert verdict.outcome in ("incorrect", "error", "timed out", "not attempted")
        assert verdict.points < question.points
        assert verdict.finding or verdict.outcome == "not attempted"


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=lambda q: q.id)
def test_names_and_sentences_are_fit_for_a_student(question):
    titles = [m.title for m in question.mistakes]
    assert len(set(titles)) == len(titles)
    assert 2 <= len(question.hints) <= 4
    for m in question.mistakes:
        assert 2 <= len(m.title.split()) <= 9 or len(m.title) <= 20
        assert 8 <= len(m.says.split()) <= 60, m.says
        assert m.says.endswith((".", "?"))
    for text in [*question.hints, *(m.says for m in question.mistakes), *question.say.values()]:
        assert text == unicodedata.normalize("NFC", text).strip()
        assert "  " not in text
