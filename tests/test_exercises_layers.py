"""The key of chapter 1 against others: PyTorch, the chapter's own functions, numbers by hand."""

import math

import numpy as np
import pytest

from dlbook import layers as chapter
from dlbook.exercises import layers as key
from dlbook.exercises.verdict import Judge
from dlbook.worked import LABELS, PICTURES, worked_network

QUESTIONS = {question.id: question for question in key.QUESTIONS}
SEEDS = range(40)


def arguments(name, seeds=(0, 1, 2)):
    """Return the arguments of every case of a question, for several seeds."""
    return [
        case.args
        for seed in seeds
        for case in QUESTIONS[name].cases(np.random.default_rng([seed, 1]))
    ]


@pytest.mark.oracle
def test_pytorch_gives_the_same_layers_probabilities_and_losses(torch):
    linear, tensor = torch.nn.functional.linear, torch.from_numpy
    for x, weights, bias in arguments("layers-dense"):
        other = linear(tensor(x), tensor(weights).T, tensor(bias))
        np.testing.assert_allclose(key.dense(x, weights, bias), other.numpy(), 1e-10, 1e-9)
    for (scores,) in arguments("layers-softmax"):
        other = torch.softmax(tensor(scores), dim=1).numpy()
        np.testing.assert_allclose(key.softmax(scores), other, 1e-10, 1e-15)
    for probabilities, labels in arguments("layers-cross-entropy"):
        logs = tensor(probabilities).clamp(min=1e-12).log()
        other = torch.nn.functional.nll_loss(logs, tensor(labels))
        assert key.cross_entropy(probabilities, labels) == pytest.approx(float(other), abs=1e-12)


@pytest.mark.oracle
def test_a_network_built_in_pytorch_gives_the_same_answers_and_has_as_many_parameters(torch):
    for x, layers in arguments("layers-forward"):
        sizes = [layers[0][0].shape[0], *(bias.size for _, bias in layers)]
        parts = []
        for weights, bias in layers:
            linear = torch.nn.Linear(*weights.shape, dtype=torch.float64)
            linear.weight.data = torch.from_numpy(weights).T
            linear.bias.data = torch.from_numpy(bias)
            parts += [linear, torch.nn.ReLU()]
        network = torch.nn.Sequential(*parts[:-1], torch.nn.Softmax(dim=1))
        with torch.no_grad():
            other = network(torch.from_numpy(x)).numpy()
        np.testing.assert_allclose(key.forward(x, layers), other, 1e-8, 1e-12)
        assert key.count_parameters(sizes) == sum(p.numel() for p in network.parameters())


def test_the_chapter_s_own_functions_agree_with_the_key():
    for name in ("dense", "softmax", "cross_entropy", "predict", "count_parameters"):
        for given in arguments(f"layers-{name.replace('_', '-')}"):
            np.testing.assert_allclose(
                getattr(key, name)(*given), getattr(chapter, name)(*given), 1e-12, 1e-15
            )
    np.testing.assert_allclose(
        key.forward(PICTURES, key.worked_layers()), worked_network()(PICTURES), 1e-12
    )


def test_the_worked_picture_gives_the_numbers_that_the_chapter_works_out_by_hand():
    weights, bias = key.worked_layers()[0]
    assert np.allclose(key.dense(PICTURES[:1], weights, bias), [[0.5, 0.2, -0.3]])
    probabilities = key.forward(PICTURES, key.worked_layers())
    assert np.allclose(probabilities[0], [0.5744, 0.4256], atol=5e-5)
    assert key.cross_entropy(probabilities[:1], LABELS[:1]) == pytest.approx(0.8544, abs=5e-5)
    assert key.cross_entropy(probabilities, LABELS) == pytest.approx(0.7228, abs=5e-5)
    assert key.predict(probabilities).tolist() == [0, 0, 0, 0]
    assert key.count_parameters([2, 3, 2]) == 17


def test_only_zero_and_next_to_zero_are_clipped_and_the_loss_stays_finite():
    p = np.array([[0.0, 1.0], [1e-11, 1.0]])
    assert key.cross_entropy(p, np.array([0, 0])) == pytest.approx(11.5 * math.log(10))
    assert key.cross_entropy(p, np.array([1, 1])) == 0


@pytest.mark.parametrize("seed", SEEDS)
def test_which_of_two_largest_is_predicted_is_never_asked(seed):
    for (p,) in arguments("layers-predict", [seed]):
        assert np.allclose(p.sum(axis=1), 1)
        if p.shape[1] > 1:
            ordered = np.sort(p, axis=1)
            assert (ordered[:, -1] - ordered[:, -2] > 5e-5).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_scores_stay_within_1000_and_some_are_as_large(seed):
    largest = []
    for (scores,) in arguments("layers-softmax", [seed]):
        largest.append(np.abs(scores).max())
    assert max(largest) == 1000
    largest = []
    for x, layers in arguments("layers-forward", [seed]):
        hidden = x
        for weights, bias in layers[:-1]:
            hidden = np.maximum(hidden @ weights + bias, 0)
        largest.append(np.abs(hidden @ layers[-1][0] + layers[-1][1]).max())
    assert max(largest) == 1000


@pytest.mark.parametrize("seed", SEEDS)
def test_a_loss_with_1e_12_added_in_place_of_clipped_is_the_same_within_the_tolerance(seed):
    for p, labels in arguments("layers-cross-entropy", [seed]):
        assert labels.min() >= 0
        assert labels.max() < p.shape[1]
        added = -np.log(p[np.arange(len(labels)), labels] + 1e-12).mean()
        assert added == pytest.approx(key.cross_entropy(p, labels), rel=1e-7, abs=1e-10)


def test_every_mistake_is_found_out_by_what_it_returns_not_only_by_an_error():
    for question in key.QUESTIONS:
        found = {
            mistake.id
            for mistake, seen, differences in Judge(question).known
            if any(s.outcome == "returned" and d for s, d in zip(seen, differences, strict=True))
        }
        only_stops = {mistake.id for mistake in question.mistakes} - found
        # Asking whether two layers are equal always stops: NumPy's answer is many answers.
        assert only_stops <= {"one-layer-too-many", "layers-compared"}


def test_clipping_in_place_changes_an_argument_and_is_noticed():
    def cross_entropy(probabilities, labels):
        probabilities[probabilities < 1e-12] = 1e-12
        return -np.log(probabilities[np.arange(len(labels)), labels]).mean()

    judge = Judge(QUESTIONS["layers-cross-entropy"])
    verdict = judge.verdict(judge.observe(cross_entropy))
    assert verdict.difference == "changed"
    assert verdict.mistake.id == "probabilities-changed"
