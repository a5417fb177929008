"""The answer key of chapter 2, held against PyTorch, finite differences and numbers by hand."""

import itertools
import math
import warnings

import numpy as np
import pytest

from dlbook import neuron as book
from dlbook.exercises import key, plain, probe
from dlbook.exercises import neuron as ours
from dlbook.exercises.verdict import Judge

SEEDS = range(20)


def arguments(name: str) -> list[tuple]:
    """Return the arguments of all cases of a question, for a few seeds."""
    return [case.args for seed in SEEDS for case in Judge(key.question(name), seed).cases]


Z = [z for (z,) in arguments("neuron-sigmoid")]


def test_the_worked_neurons_give_the_numbers_of_the_chapter():
    assert ours.weighted_sum([1.0, 0.5], [0.6, -0.4], 0.1) == pytest.approx(0.5)
    assert ours.weighted_sum([1.0, 0.5], [-0.5, 0.2], 0.1) == pytest.approx(-0.3)
    assert ours.neuron([1.0, 0.5], [-0.5, 0.2], 0.1, lambda z: max(0.0, z)) == 0
    assert ours.sigmoid(np.array([0.0, math.log(3)])) == pytest.approx([0.5, 0.75])
    assert ours.sigmoid_slope(np.array([0.0, math.log(3)])) == pytest.approx([0.25, 0.1875])


@pytest.mark.oracle
def test_the_references_agree_with_pytorch(torch):
    for inputs, weights, bias in arguments("neuron-weighted-sum"):
        layer = torch.nn.Linear(len(inputs), 1).double()
        with torch.no_grad():
            layer.weight[:] = torch.tensor(weights)
            layer.bias[:] = bias
        z = layer(torch.tensor(inputs)).item()
        assert ours.weighted_sum(inputs, weights, bias) == pytest.approx(z, rel=1e-9)
        mine = ours.neuron(inputs, weights, bias, math.tanh)
        assert mine == pytest.approx(torch.tanh(layer(torch.tensor(inputs))).item())
    for z in Z:
        given = torch.tensor(z)
        assert ours.relu(z) == pytest.approx(torch.relu(given).numpy(), rel=1e-14, abs=0)
        assert ours.sigmoid(z) == pytest.approx(torch.sigmoid(given).numpy(), rel=1e-12)


@pytest.mark.oracle
def test_the_slopes_are_those_that_pytorch_finds_backwards(torch):
    for slope, function in (
        (ours.relu_slope, torch.relu),
        (ours.sigmoid_slope, torch.sigmoid),
    ):
        for z in Z:
            given = torch.tensor(z, requires_grad=True)
            function(given).sum().backward()
            assert slope(z) == pytest.approx(given.grad.numpy(), rel=1e-9, abs=1e-15)


def test_the_slope_of_the_sigmoid_is_what_a_small_step_measures():
    z, h = np.linspace(-20, 20, 401), 1e-5
    measured = (ours.sigmoid(z + h) - ours.sigmoid(z - h)) / (2 * h)
    assert ours.sigmoid_slope(z) == pytest.approx(measured, abs=1e-10)


def test_the_key_and_the_chapter_compute_the_same():
    for z in Z:
        for name in ("relu", "sigmoid", "relu_slope", "sigmoid_slope"):
            assert np.array_equal(getattr(ours, name)(z), getattr(book, name)(z))
    for inputs, weights, bias in arguments("neuron-weighted-sum"):
        theirs = book.weighted_sum(inputs, weights, bias)
        assert ours.weighted_sum(inputs, weights, bias) == pytest.approx(theirs, rel=1e-9)


def test_no_reference_warns_and_none_loses_its_digits_far_out():
    z = np.array([-1000.0, -700.0, 700.0, 1000.0])
    with warnings.catch_warnings(), np.errstate(over="raise", divide="raise", invalid="raise"):
        warnings.simplefilter("error")
        assert ours.sigmoid(z) == pytest.approx([0, math.exp(-700), 1, 1], rel=1e-12)
        assert ours.sigmoid_slope(z)[1:3] == pytest.approx([math.exp(-700)] * 2, rel=1e-12)


def test_inputs_are_what_the_curriculum_promises():
    for z in Z:
        assert z.dtype == np.float64
        assert z.ndim >= 1
        assert z.size
        assert np.abs(z).max() <= 1000
    for inputs, weights, bias, *activation in [
        *arguments("neuron-weighted-sum"), *arguments("neuron-neuron"),
    ]:  # fmt: skip
        assert inputs.shape == weights.shape == (len(inputs),)
        assert inputs.dtype == weights.dtype == np.float64
        assert len(inputs) >= 1
        assert isinstance(bias, float)
        assert all(given.name in probe.FUNCTIONS for given in activation)


def test_inputs_hold_the_places_where_answers_go_wrong():
    for seed in SEEDS:
        sums = [
            ours.weighted_sum(*c.args) for c in ours.one_neuron_cases(np.random.default_rng(seed))
        ]
        assert min(sums) < 0 < max(sums)
        z = [c.args[0] for c in ours.activation_cases(np.random.default_rng(seed))]
        assert {part.ndim for part in z} == {1, 2, 3}
        assert any(part.size == 1 for part in z)
        assert all(
            (np.concatenate([part.ravel() for part in z]) == place).any()
            for place in (0, -1000, 1000)
        )


def test_a_gate_is_right_just_where_its_sigmoid_says_and():
    steps = (-3.0, -2.5, -2.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0)
    wanted = ours.look_at_gate([], [ours.and_gate()])[0]
    found = 0
    for w1, w2, b in itertools.product(steps, repeat=3):
        table = [
            book.sigmoid(w1 * x1 + w2 * x2 + b) > 0.5 if (x1, x2) == (1, 1)
            else book.sigmoid(w1 * x1 + w2 * x2 + b) < 0.5
            for x1, x2 in itertools.product((0, 1), repeat=2)
        ]  # fmt: skip
        (looked,) = ours.look_at_gate([], [(np.array([w1, w2]), b)])
        assert (looked == wanted) == all(table)
        found += all(table)
    assert found >= 10


def test_looking_at_a_gate_never_raises_whatever_was_returned():
    junk = [
        None, "AND", True, 3, 0.5, math.nan, math.inf, [], (), [[]], [None, None], ["a", 1.0],
        np.zeros((2, 2)), np.zeros((0, 2)), np.array(1.0), np.array([], float), [[1, 2], [3]],
        plain.Opaque("dict"), plain.Opaque("array of object", (2,)), 10**300, [10**300, 1.0],
    ]  # fmt: skip
    wanted = ours.look_at_gate([], [ours.and_gate()])[0]
    for first in junk:
        for value in (first, *((first, second) for second in junk), [first, [1.0, 1.0], -1.5]):
            assert ours.look_at_gate([], [value])[0] != wanted
