"""Chapter 1: the numbers that stand in its prose, worked out a second way."""

import math

import numpy as np
import pytest

from dlbook.layers import Network, count_parameters, cross_entropy, predict, softmax, squared_error
from dlbook.worked import LABELS, PICTURES, worked_network


@pytest.fixture
def network():
    return worked_network()


def test_labels_follow_from_the_differences_of_the_pixels():
    differences = [abs(left - right) for left, right in PICTURES]
    assert differences == pytest.approx([0.5, 0.0, 0.6, 0.1])
    assert [int(difference > 0.3) for difference in differences] == LABELS.tolist()


def test_weights_in_the_tables_are_those_of_the_worked_network(network):
    hidden, output = network.layers
    assert hidden.weights.tolist() == [[0.6, -0.2, -0.5], [-0.4, 0.8, 0.2]]
    assert hidden.bias.tolist() == [0.1, 0.0, 0.1]
    assert output.weights.tolist() == [[0.6, 0.4], [0.5, -0.5], [-0.3, 0.7]]
    assert output.bias.tolist() == [0.0, 0.0]


def test_picture_1_goes_through_the_network_as_by_hand(network):
    (z, hidden), (scores, _) = network.steps(PICTURES[:1])
    assert z[0] == pytest.approx([0.5, 0.2, -0.3])
    assert hidden[0] == pytest.approx([0.5, 0.2, 0.0])
    assert scores[0] == pytest.approx([0.4, 0.1])


def test_powers_of_e_are_those_of_the_text():
    flat, edge = math.exp(0.4), math.exp(0.1)
    assert [round(n, 4) for n in (flat, edge, flat + edge)] == [1.4918, 1.1052, 2.5970]
    assert [round(n / (flat + edge), 4) for n in (flat, edge)] == [0.5744, 0.4256]
    assert round(math.e, 5) == 2.71828


def test_loss_of_picture_1_is_0_8544_and_0_8543_from_the_rounded_probability(network):
    assert round(network.loss(PICTURES[:1], LABELS[:1]), 4) == 0.8544
    assert round(-math.log(0.4256), 4) == 0.8543


def test_losses_of_the_four_pictures_add_up_to_the_mean_of_the_text(network):
    true = network(PICTURES)[np.arange(4), LABELS]
    losses = [round(-math.log(p), 4) for p in true]
    assert losses == [0.8544, 0.4389, 0.9372, 0.6607]
    assert round(sum(losses), 4) == 2.8912
    assert round(2.8912 / 4, 4) == 0.7228 == round(network.loss(PICTURES, LABELS), 4)
    assert round(-math.log(0.5), 4) == 0.6931


def test_picture_2_is_predicted_rightly_and_still_has_a_loss(network):
    probabilities = network(PICTURES[1:2])
    assert predict(probabilities)[0] == LABELS[1]
    assert round(probabilities[0, 0], 4) == 0.6447


def test_untrained_network_says_flat_to_everything(network):
    assert network.predict(PICTURES).tolist() == [0, 0, 0, 0]
    assert (network.predict(PICTURES) == LABELS).sum() == 2


def test_same_shift_of_all_scores_leaves_the_probabilities():
    np.testing.assert_allclose(softmax([[0.4, 0.1]]), softmax([[2.4, 2.1]]), rtol=1e-12)
    np.testing.assert_allclose(softmax([[1000.0, 999.0]]), softmax([[1.0, 0.0]]), rtol=1e-12)
    assert softmax([[1000.0, -1000.0]]).tolist() == [[1.0, 0.0]]


def test_largest_loss_is_that_of_the_smallest_probability():
    assert round(-math.log(1e-12), 3) == 27.631
    assert round(cross_entropy([[1.0, 0.0]], [1]), 3) == 27.631
    assert cross_entropy([[1.0, 0.0]], [0]) == 0


def test_nudge_of_a_bias_moves_the_loss_and_no_predicted_class(network):
    before = network.predict(PICTURES)
    network.layers[1].bias = np.array([0.0, 0.01])
    assert (network.predict(PICTURES) == before).all()
    assert round(network.loss(PICTURES[:1], LABELS[:1]), 4) == 0.8486


def test_share_of_wrong_answers_is_a_staircase_with_four_edges(network):
    shares = []
    for bias in np.linspace(-1.0, 1.5, 1001):
        network.layers[1].bias = np.array([0.0, bias])
        shares.append(np.mean(network.predict(PICTURES) != LABELS))
    assert np.count_nonzero(np.diff(shares)) == 4


def test_mean_loss_has_one_valley_along_the_bias_of_edge(network):
    losses = []
    for bias in np.linspace(-1.0, 1.5, 1001):
        network.layers[1].bias = np.array([0.0, bias])
        losses.append(network.loss(PICTURES, LABELS))
    slopes = np.diff(losses)
    lowest = int(np.argmin(losses))
    assert 0 < lowest < 1000
    assert (slopes[:lowest] < 0).all()
    assert (slopes[lowest:] > 0).all()


def test_loss_can_fall_while_more_answers_are_wrong(network):
    loss, wrong = network.loss(PICTURES, LABELS), (network.predict(PICTURES) != LABELS).sum()
    network.layers[1].bias = np.array([0.0, 0.1])
    assert network.loss(PICTURES, LABELS) < loss
    assert (network.predict(PICTURES) != LABELS).sum() > wrong


def test_parameters_are_counted_as_in_the_text():
    assert count_parameters([2, 3, 2]) == 6 + 3 + 6 + 2 == 17
    assert count_parameters([4, 5, 5, 5, 3]) == 25 + 30 + 30 + 18 == 103
    assert 4 * 5 + 5 * 5 + 5 * 5 + 5 * 3 == 103 - 18 == 85
    assert count_parameters([64, 32, 10]) == 2080 + 330 == 2410
    assert (64 + 32 + 10, 64 * 32 + 32 * 10, 32 + 10) == (106, 2410 - 42, 42)


def test_squared_error_is_the_mean_of_the_squares_of_the_text():
    assert squared_error([[0.3], [0.1]], [[0.5], [0.0]]) == pytest.approx((0.04 + 0.01) / 2)


def test_network_starts_with_biases_of_0():
    start = Network.random([2, 3, 2], np.random.default_rng(0))
    assert all(not layer.bias.any() for layer in start.layers)


def test_picture_3_keeps_the_first_hidden_neuron_silent(network):
    (z, hidden), _ = network.steps([[0.2, 0.8]])
    assert z[0, 0] == pytest.approx(-0.1)
    assert hidden[0, 0] == 0
    assert round(network([[0.2, 0.8]])[0, 1], 2) == 0.39


def test_picture_2_keeps_the_third_hidden_neuron_silent(network):
    (_, hidden), _ = network.steps([[0.9, 0.9]])
    assert (hidden[0] == 0).tolist() == [False, False, True]


def test_in_darkness_only_the_biases_answer(network):
    (_, hidden), _ = network.steps([[0.0, 0.0]])
    assert hidden[0].tolist() == [0.1, 0.0, 0.1]
    probabilities = network([[0.0, 0.0]])
    assert predict(probabilities)[0] == 1
    assert round(probabilities[0, 1], 2) == 0.52


def test_more_probability_on_the_truth_is_a_smaller_loss():
    assert round(cross_entropy([[0.1, 0.9]], [1]), 4) == 0.1054
    assert round(cross_entropy([[0.4, 0.6]], [1]), 4) == 0.5108
