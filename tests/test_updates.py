"""Gradients and steps, against finite differences, hand-worked numbers and PyTorch."""

from itertools import chain

import numpy as np
import pytest

from dlbook import losses, updates
from dlbook.layers import Dense, Network
from dlbook.losses import softmax
from dlbook.updates import (
    backward,
    dense_backward,
    gradient_check,
    gradient_descent_step,
    minimise,
    momentum_step,
    numerical_gradient,
    optimiser,
    softmax_cross_entropy_gradient,
)
from dlbook.worked import LABELS, PICTURES, worked_network

SIZES = [[2, 2], [3, 5, 2], [4, 6, 3, 5], [7, 4, 6, 5, 3]]


def test_the_numerical_gradient_of_a_cubic_misses_by_exactly_the_square_of_the_step():
    # ((p+s)^3 - (p-s)^3) / 2s = 3 p^2 + s^2
    gradient = numerical_gradient(lambda p: p[0] ** 3, [2.0], step=0.1)
    assert gradient[0] == pytest.approx(12.0 + 0.01, abs=1e-12)


def test_the_numerical_gradient_leaves_its_argument_alone_and_sees_whole_numbers():
    p = np.array([2, 3])
    gradient = numerical_gradient(lambda q: float(q[0] * q[1]), p)
    np.testing.assert_allclose(gradient, [3.0, 2.0], atol=1e-9)
    assert p.tolist() == [2, 3]


@pytest.mark.parametrize("activation", ["relu", "sigmoid", "tanh", "identity"])
@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("output", ["softmax", "identity"])
def test_backpropagation_agrees_with_slopes_found_by_trying(activation, sizes, output, rng):
    network = Network.random(sizes, rng, activation=activation, output=output)
    network.parameters = [p + 0.1 * rng.normal(size=p.shape) for p in network.parameters]
    x = rng.normal(size=(5, sizes[0]))
    labels = rng.integers(0, sizes[-1], size=5)
    targets = labels if output == "softmax" else rng.normal(size=(5, sizes[-1]))
    assert gradient_check(network, x, targets) < 1e-7


def test_the_gradient_check_notices_a_wrong_gradient(monkeypatch, rng):
    right = updates.dense_backward

    def bias_averaged(x, weights, upstream):
        d_x, d_weights, d_bias = right(x, weights, upstream)
        return d_x, d_weights, d_bias / len(x)

    monkeypatch.setattr(updates, "dense_backward", bias_averaged)
    network = Network.random([3, 4, 2], rng)
    assert gradient_check(network, rng.normal(size=(6, 3)), [0, 1, 1, 0, 1, 0]) > 1e-3


def test_the_gradient_of_the_mean_loss_does_not_grow_with_the_batch():
    network = worked_network()
    _, once = backward(network, PICTURES, LABELS)
    _, thrice = backward(network, np.tile(PICTURES, (3, 1)), np.tile(LABELS, 3))
    for a, b in zip(once, thrice, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-15)


def test_backpropagation_moves_no_parameter():
    network = worked_network()
    before = [p.copy() for p in network.parameters]
    backward(network, PICTURES, LABELS)
    for old, new in zip(before, network.parameters, strict=True):
        np.testing.assert_array_equal(old, new)


def test_p_minus_y_is_both_slopes_one_after_the_other(rng):
    probabilities = softmax(rng.normal(size=(5, 4)))
    labels = rng.integers(0, 4, size=5)
    slope = losses.cross_entropy_gradient(probabilities, labels)
    long_way = losses.softmax_backward(probabilities, slope)
    short_way = softmax_cross_entropy_gradient(probabilities, labels)
    np.testing.assert_allclose(short_way, long_way, atol=1e-15)


def test_a_layer_passes_back_the_numbers_worked_by_hand():
    x, weights = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.0, 0.0, 2.0], [0.0, 1.0, 3.0]])
    upstream = np.array([[1.0, 0.0, 0.5], [0.0, 2.0, 0.0]])
    d_x, d_weights, d_bias = dense_backward(x, weights, upstream)
    np.testing.assert_array_equal(d_x, [[2.0, 1.5], [0.0, 2.0]])
    np.testing.assert_array_equal(d_weights, [[1.0, 6.0, 0.5], [2.0, 8.0, 1.0]])
    np.testing.assert_array_equal(d_bias, [1.0, 2.0, 0.5])


def test_arrays_of_different_layers_are_refused():
    with pytest.raises(ValueError, match="don't belong to one layer"):
        dense_backward(np.ones((2, 3)), np.ones((3, 4)), np.ones((2, 5)))


def test_descent_on_a_parabola_is_a_geometric_series():
    # p - a 2 p = (1 - 2 a) p
    path = minimise(lambda p: 2 * p, [1.0, -4.0], learning_rate=0.3, steps=20)
    powers = 0.4 ** np.arange(21)
    np.testing.assert_allclose(path, np.outer(powers, [1.0, -4.0]), rtol=1e-12)


def test_a_learning_rate_of_one_jumps_for_ever_on_a_parabola():
    path = minimise(lambda p: 2 * p, [1.0], learning_rate=1.0, steps=5)
    np.testing.assert_array_equal(path[:, 0], [1, -1, 1, -1, 1, -1])


def test_steps_return_new_arrays_and_leave_the_old_alone(rng):
    p, v, g = ([rng.normal(size=(2, 3)), rng.normal(size=3)] for _ in range(3))
    kept = [array.copy() for array in (*p, *v, *g)]
    results = [
        *gradient_descent_step(p, g, 0.1),
        *chain(*momentum_step(p, v, g, 0.1, 0.9)),
        *chain(*updates.adam_step(p, v, [a**2 for a in v], g, 0.1, 1)),
    ]
    for old, now in zip(kept, (*p, *v, *g), strict=True):
        np.testing.assert_array_equal(old, now)
    assert not any(np.shares_memory(new, old) for new in results for old in (*p, *v, *g))


def test_momentum_keeps_part_of_the_last_step():
    # v' = 0.9 * 2 - 0.1 * 4 = 1.4; p' = 1 + 1.4
    parameters, velocities = momentum_step([[1.0]], [[2.0]], [[4.0]], 0.1, 0.9)
    assert velocities[0].tolist() == pytest.approx([1.4])
    assert parameters[0].tolist() == pytest.approx([2.4])


def test_the_first_step_of_adam_has_the_size_of_the_learning_rate():
    for gradient in (1e-3, 1.0, 1e3):
        new, _, _ = updates.adam_step([[0.0]], [[0.0]], [[0.0]], [[gradient]], 0.01, 1)
        assert new[0][0] == pytest.approx(-0.01, rel=1e-4)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: gradient_descent_step([[1.0]], [[1.0], [2.0]], 0.1), "1 and 2"),
        (lambda: gradient_descent_step([[1.0]], [[1.0, 2.0]], 0.1), r"shape.*\(2,\) and \(1,\)"),
        (lambda: gradient_descent_step([[1.0]], [[1.0]], 0.0), "larger than 0"),
        (lambda: momentum_step([[1.0]], [[1.0]], [[1.0]], 0.1, 1.0), "smaller than 1"),
        (lambda: minimise(lambda p: p, [1.0], 0.1, -1), "at least 0"),
        (lambda: numerical_gradient(lambda p: 0.0, [1.0], step=0), "larger than 0"),
        (lambda: optimiser("addam", 0.1), "'adam'.*Given: 'addam'"),
    ],
)
def test_steps_refuse_what_does_not_fit(call, words):
    with pytest.raises(ValueError, match=words):
        call()


@pytest.mark.oracle
@pytest.mark.parametrize("activation", ["relu", "sigmoid", "tanh"])
def test_every_gradient_agrees_with_pytorch(torch, activation, rng):
    network = Network.random([5, 7, 4, 3], rng, activation=activation)
    x, labels = rng.normal(size=(6, 5)), rng.integers(0, 3, size=6)
    tensors = [torch.tensor(p, requires_grad=True) for p in network.parameters]
    torch_loss(torch, tensors, activation, x, labels).backward()
    _, gradients = backward(network, x, labels)
    for ours, theirs in zip(gradients, tensors, strict=True):
        np.testing.assert_allclose(ours, theirs.grad.numpy(), rtol=1e-10, atol=1e-14)


@pytest.mark.oracle
@pytest.mark.parametrize("name", updates.OPTIMISERS)
def test_fifty_steps_of_each_optimiser_agree_with_pytorch(torch, name, rng):
    network = Network.random([3, 6, 2], rng, activation="tanh")
    x, labels = rng.normal(size=(8, 3)), rng.integers(0, 2, size=8)
    tensors = [torch.tensor(p, requires_grad=True) for p in network.parameters]
    theirs = {
        "gradient descent": lambda: torch.optim.SGD(tensors, lr=0.05),
        "momentum": lambda: torch.optim.SGD(tensors, lr=0.05, momentum=0.9),
        "adam": lambda: torch.optim.Adam(tensors, lr=0.05),
    }[name]()
    ours = optimiser(name, 0.05)
    for _ in range(50):
        theirs.zero_grad()
        torch_loss(torch, tensors, "tanh", x, labels).backward()
        theirs.step()
        network.parameters = ours(network.parameters, backward(network, x, labels)[1])
    for mine, tensor in zip(network.parameters, tensors, strict=True):
        np.testing.assert_allclose(mine, tensor.detach().numpy(), rtol=1e-9, atol=1e-12)


def torch_loss(torch, tensors, activation, x, labels):
    h = torch.tensor(x)
    for weights, bias in zip(tensors[:-2:2], tensors[1:-2:2], strict=True):
        h = getattr(torch, activation)(h @ weights + bias)
    scores = h @ tensors[-2] + tensors[-1]
    return torch.nn.functional.cross_entropy(scores, torch.tensor(labels))


def test_a_silent_neuron_learns_nothing():
    # The third hidden neuron's sum is -0.3 for the first picture: ReLU is flat there.
    _, (d_weights, d_bias, _, _) = backward(worked_network(), PICTURES[:1], LABELS[:1])
    np.testing.assert_array_equal(d_weights[:, 2], 0.0)
    assert d_bias[2] == 0.0


def test_neurons_that_start_equal_stay_twins(rng):
    twins = Network([Dense(np.ones((2, 3)), np.zeros(3)), Dense(np.ones((3, 2)), np.zeros(2))])
    for _ in range(10):
        _, gradients = backward(twins, PICTURES, LABELS)
        twins.parameters = gradient_descent_step(twins.parameters, gradients, 0.1)
    hidden = twins.layers[0].weights
    np.testing.assert_array_equal(hidden[:, 0], hidden[:, 1])
