"""Layers, losses and networks, against hand-worked numbers, SciPy and PyTorch."""

import numpy as np
import pytest
from scipy import special

from dlbook import layers, losses
from dlbook.layers import Dense, Network, count_parameters, dense, he_start, xavier_start
from dlbook.losses import cross_entropy, softmax, squared_error
from dlbook.updates import numerical_gradient
from dlbook.worked import LABELS, PICTURES, worked_network

PROBABILITIES = np.array([[0.2, 0.5, 0.3], [0.7, 0.1, 0.2]])


def test_a_layer_is_one_weighted_sum_for_each_neuron_and_sample(rng):
    x, weights, bias = rng.normal(size=(5, 3)), rng.normal(size=(3, 4)), rng.normal(size=4)
    z = dense(x, weights, bias)
    assert z.shape == (5, 4)
    for sample in range(5):
        for unit in range(4):
            by_hand = sum(x[sample, i] * weights[i, unit] for i in range(3)) + bias[unit]
            assert z[sample, unit] == pytest.approx(by_hand, abs=1e-12)


@pytest.mark.parametrize(
    ("weights", "bias", "words"),
    [((2, 4), (4,), "3 numbers.*2 inputs.*x \\(5, 3\\)"), ((3, 4), (3,), "4 neurons.*for 3")],
)
def test_shapes_that_do_not_fit_are_named_in_the_message(weights, bias, words):
    with pytest.raises(ValueError, match=words):
        dense(np.ones((5, 3)), np.ones(weights), np.ones(bias))


def test_softmax_agrees_with_scipy_also_at_plus_and_minus_1000(rng):
    for scores in (
        rng.normal(size=(6, 4)) * 3,
        np.array([[1000.0, -1000.0, 999.0], [-1000.0] * 3]),
    ):
        np.testing.assert_allclose(softmax(scores), special.softmax(scores, axis=1), rtol=1e-13)


def test_cross_entropy_is_the_mean_of_minus_the_logarithm():
    by_hand = -(np.log(0.5) + np.log(0.2)) / 2
    assert cross_entropy(PROBABILITIES, [1, 2]) == pytest.approx(by_hand, abs=1e-15)


def test_cross_entropy_is_never_infinite():
    assert cross_entropy([[1.0, 0.0]], [1]) == pytest.approx(-np.log(1e-12), abs=1e-12)
    assert cross_entropy([[1.0, 0.0]], [0]) == 0.0


def test_scores_in_place_of_probabilities_are_noticed():
    with pytest.raises(ValueError, match="Are these scores"):
        cross_entropy([[2.0, -1.0]], [0])


@pytest.mark.parametrize("labels", [[0, 3], [-1, 0], [0]])
def test_labels_that_fit_no_class_are_refused(labels):
    with pytest.raises(ValueError, match="Given"):
        cross_entropy(PROBABILITIES, labels)


def test_the_gradient_of_each_loss_is_its_finite_difference(rng):
    tried = numerical_gradient(lambda p: cross_entropy(p, [1, 2]), PROBABILITIES, 1e-6)
    np.testing.assert_allclose(
        losses.cross_entropy_gradient(PROBABILITIES, [1, 2]), tried, atol=1e-8
    )
    outputs, targets = rng.normal(size=(4, 3)), rng.normal(size=(4, 3))
    tried = numerical_gradient(lambda o: squared_error(o, targets), outputs)
    np.testing.assert_allclose(losses.squared_error_gradient(outputs, targets), tried, atol=1e-9)


def test_the_gradient_is_0_where_the_loss_is_clipped():
    np.testing.assert_array_equal(losses.cross_entropy_gradient([[1.0, 0.0]], [1]), [[0.0, 0.0]])


def test_softmax_carries_slopes_back_as_finite_differences_do(rng):
    scores, upstream = rng.normal(size=(3, 4)), rng.normal(size=(3, 4))
    tried = numerical_gradient(lambda s: float((softmax(s) * upstream).sum()), scores)
    np.testing.assert_allclose(losses.softmax_backward(softmax(scores), upstream), tried, atol=1e-9)


def test_squared_error_refuses_shapes_that_numpy_would_stretch():
    with pytest.raises(ValueError, match=r"\(3, 1\).*\(3, 3\)"):
        squared_error(np.ones((3, 3)), np.ones((3, 1)))


def test_starting_weights_have_the_spread_that_their_papers_ask_for(rng):
    assert he_start(400, 300, rng).std() == pytest.approx(np.sqrt(2 / 400), rel=0.02)
    assert xavier_start(400, 300, rng).std() == pytest.approx(np.sqrt(2 / 700), rel=0.02)


def test_signals_neither_fade_nor_blow_up_through_ten_relu_layers(rng):
    x = rng.normal(size=(200, 256))
    for _ in range(10):
        x = np.maximum(x @ he_start(256, 256, rng), 0)
    assert 0.3 < np.mean(x**2) < 3


def test_parameters_are_counted_as_a_person_would(rng):
    # 4*5+5 = 25, 5*5+5 = 30, 5*3+3 = 18
    assert count_parameters([4, 5, 5, 3]) == 73
    network = Network.random([4, 5, 5, 3], rng)
    assert sum(p.size for p in network.parameters) == 73


@pytest.mark.parametrize("sizes", [[4], [], [4, 0, 2], [4, -1], [4, 2.5]])
def test_sizes_that_make_no_network_are_refused(sizes, rng):
    with pytest.raises((ValueError, TypeError), match="Given"):
        Network.random(sizes, rng)


def test_layers_that_do_not_fit_each_other_are_named():
    with pytest.raises(ValueError, match="Layer 1 gives 3 numbers, but layer 2 takes 4"):
        Network([Dense(np.ones((2, 3)), np.zeros(3)), Dense(np.ones((4, 2)), np.zeros(2))])


def test_the_worked_network_gives_the_numbers_of_the_book():
    network = worked_network()
    (z, hidden), (_, scores) = network.steps(PICTURES[:1])
    np.testing.assert_allclose(z, [[0.5, 0.2, -0.3]], atol=1e-15)
    np.testing.assert_allclose(hidden, [[0.5, 0.2, 0.0]], atol=1e-15)
    np.testing.assert_allclose(scores, [[0.4, 0.1]], atol=1e-15)
    first = 1 / (1 + np.exp(-0.3))  # two classes: only the difference of the scores counts
    np.testing.assert_allclose(network(PICTURES[:1]), [[first, 1 - first]], atol=1e-15)
    assert network.loss(PICTURES[:1], [1]) == pytest.approx(0.8544, abs=5e-5)
    assert network.loss(PICTURES, LABELS) == pytest.approx(0.7228, abs=5e-5)


def test_describe_prints_every_layer_and_the_sum(capsys):
    worked_network().describe()
    table = capsys.readouterr().out
    for words in ("hidden 1", "(2, 3)", "(3,)", "output", "(3, 2)", "softmax", "17"):
        assert words in table
    assert layers.Network.random([784, 512, 10], np.random.default_rng(0)).table().count(",") > 3


def test_a_copy_shares_nothing_with_its_original():
    network = worked_network()
    twin = network.copy()
    twin.layers[0].weights += 1.0
    assert network(PICTURES).tolist() == worked_network()(PICTURES).tolist()


def test_new_parameters_must_have_the_old_shapes():
    network = worked_network()
    with pytest.raises(ValueError, match="shapes of the old"):
        network.parameters = [np.ones((2, 2))]


@pytest.mark.parametrize(
    ("x", "words"),
    [
        (np.ones((4, 3)), "takes 2 inputs.*which has 3"),
        (np.ones(2), "batch of one"),
        (np.ones((0, 2)), "empty"),
        ([[np.nan, 1.0]], "nan or infinite"),
    ],
)
def test_a_network_says_what_input_it_needs(x, words):
    for use in (worked_network(), worked_network().predict):
        with pytest.raises(ValueError, match=words):
            use(x)


def test_a_network_that_gives_numbers_predicts_no_classes(rng):
    network = Network.random([2, 3, 1], rng, activation="tanh", output="identity")
    with pytest.raises(ValueError, match="numbers, not classes"):
        network.predict(PICTURES)


@pytest.mark.oracle
def test_the_forward_pass_and_both_losses_agree_with_pytorch(torch, rng):
    functional = torch.nn.functional
    for activation in ("relu", "tanh", "sigmoid"):
        network = Network.random([5, 7, 4, 3], rng, activation=activation)
        x, labels = rng.normal(size=(6, 5)), rng.integers(0, 3, size=6)
        h = torch.tensor(x)
        for layer in network.layers[:-1]:
            h = getattr(torch, activation)(
                h @ torch.tensor(layer.weights) + torch.tensor(layer.bias)
            )
        last = network.layers[-1]
        scores = h @ torch.tensor(last.weights) + torch.tensor(last.bias)
        np.testing.assert_allclose(network(x), torch.softmax(scores, 1).numpy(), rtol=1e-12)
        loss = functional.cross_entropy(scores, torch.tensor(labels)).item()
        assert network.loss(x, labels) == pytest.approx(loss, rel=1e-12)
        targets = rng.normal(size=(6, 3))
        loss = functional.mse_loss(scores, torch.tensor(targets)).item()
        assert squared_error(network.scores(x), targets) == pytest.approx(loss, rel=1e-12)
