"""The numbers in the prose of chapter 3 are true."""

import numpy as np
import pytest

from dlbook.layers import he_start, xavier_start
from dlbook.updates import backward, gradient_descent_step, minimise, momentum_step
from dlbook.worked import LABELS, PICTURES, worked_network

PICTURE, LABEL = PICTURES[:1], LABELS[:1]


def after_one_step(rate):
    network = worked_network()
    _, gradients = backward(network, PICTURE, LABEL)
    network.parameters = gradient_descent_step(network.parameters, gradients, rate)
    return network


@pytest.mark.parametrize(("move", "grew"), [(0.1, 0.21), (0.01, 0.0201), (0.001, 0.002001)])
def test_the_parabola_grows_as_the_table_says(move, grew):
    assert (1 + move) ** 2 - 1 == pytest.approx(grew, abs=1e-12)
    assert grew / move == pytest.approx(2 + move, abs=1e-9)


def test_trying_on_both_sides_of_the_cube_is_thirty_times_better():
    assert pytest.approx(3.31) == (1.1**3 - 1) / 0.1
    assert pytest.approx(3.01) == (1.1**3 - 0.9**3) / 0.2


@pytest.mark.parametrize(
    ("rate", "factor"), [(0.05, 0.9), (0.25, 0.5), (0.9, -0.8), (1.0, -1.0), (1.1, -1.2)]
)
def test_each_step_on_the_parabola_multiplies_by_the_factor_of_the_table(rate, factor):
    path = minimise(lambda w: 2 * w, [1.0], rate, 3).ravel()
    np.testing.assert_allclose(path, factor ** np.arange(4), atol=1e-12)


def test_a_weight_of_half_instead_of_point_four_has_the_effect_that_is_told():
    network = worked_network()
    before = network.loss(PICTURE, LABEL)
    network.layers[1].weights[0, 1] = 0.5
    np.testing.assert_allclose(network.scores(PICTURE), [[0.4, 0.15]], atol=1e-12)
    assert network(PICTURE)[0, 1] == pytest.approx(0.4378, abs=5e-5)
    after = network.loss(PICTURE, LABEL)
    assert after == pytest.approx(0.8259, abs=5e-5)
    assert after - before == pytest.approx(-0.0284, abs=5e-5)


def test_the_seventeen_slopes_are_the_ones_worked_by_hand():
    _, gradients = backward(worked_network(), PICTURE, LABEL)
    by_hand = [
        [[0.1149, 0.5744, 0], [0.0574, 0.2872, 0]],
        [0.1149, 0.5744, 0],
        [[0.2872, -0.2872], [0.1149, -0.1149], [0, 0]],
        [0.5744, -0.5744],
    ]
    for found, told in zip(gradients, by_hand, strict=True):
        np.testing.assert_allclose(found, told, atol=5e-5)


def test_weights_moved_early_give_another_slope():
    up = 0.5744425168
    one, other = 0.6 - 0.1 * 0.5 * up, 0.4 + 0.1 * 0.5 * up
    assert (one, other) == pytest.approx((0.5713, 0.4287), abs=5e-5)
    assert one * up - other * up == pytest.approx(0.0819, abs=5e-5)


def test_one_step_lowers_the_loss_of_picture_1_as_told():
    network = after_one_step(0.1)
    assert network.loss(PICTURE, LABEL) == pytest.approx(0.7041, abs=5e-5)
    assert network(PICTURE)[0] == pytest.approx([0.5055, 0.4945], abs=5e-5)
    assert network.layers[0].weights[0, 1] == pytest.approx(-0.2574, abs=5e-5)
    assert network.layers[1].weights[0, 1] == pytest.approx(0.4287, abs=5e-5)


def test_a_leap_helps_one_picture_and_harms_the_four():
    assert after_one_step(0.1).loss(PICTURES, LABELS) == pytest.approx(0.7049, abs=5e-5)
    leap = after_one_step(10.0)
    assert leap.loss(PICTURES, LABELS) == pytest.approx(5.7669, abs=5e-5)
    assert leap.loss(PICTURE, LABEL) < 0.001
    assert leap.predict(PICTURES).tolist() == [1, 1, 1, 1]


def test_in_a_batch_of_four_picture_1_counts_a_quarter():
    probabilities = worked_network()(PICTURES)
    assert (probabilities[0] - [0, 1]) / 4 == pytest.approx([0.1436, -0.1436], abs=5e-5)


def test_the_path_on_the_map_goes_down_then_zigzags_along_a_crease():
    network, losses, sums_of_picture_1 = worked_network(), [], []
    for _ in range(26):
        loss, gradients = backward(network, PICTURES, LABELS)
        losses.append(loss)
        sums_of_picture_1.append(network.layers[0].weighted_sums(PICTURE)[0, 1])
        weights, *others = network.parameters
        weights[:, 1] -= 0.5 * gradients[0][:, 1]
        network.parameters = [weights, *others]
    moves = np.diff(losses)
    assert np.all(moves[:9] < 0)
    assert np.sum(moves[9:] > 0) == 6  # a few of sixteen
    assert moves.max() < 0.003  # a little
    silent = np.array(sums_of_picture_1[9:]) < 0
    assert silent.any()  # from one side of the crease to the other
    assert not silent.all()
    assert (losses[0], losses[-1]) == pytest.approx((0.7228, 0.6972), abs=5e-5)


def test_from_all_zeros_two_flat_and_two_edges_leave_every_slope_at_zero():
    network = worked_network()
    network.parameters = [np.zeros_like(p) for p in network.parameters]
    loss, gradients = backward(network, PICTURES, LABELS)
    assert loss == pytest.approx(0.6931, abs=5e-5)
    assert all(np.allclose(gradient, 0) for gradient in gradients)


def test_the_spreads_of_the_starts_are_the_ones_named():
    rng = np.random.default_rng(0)
    assert np.sqrt(2 / 256) == pytest.approx(0.0884, abs=5e-5)
    assert he_start(256, 400, rng).std() == pytest.approx(0.0884, rel=0.02)
    assert np.sqrt(2 / 5) == pytest.approx(0.6325, abs=5e-5)
    assert xavier_start(3, 2, rng).shape == (3, 2)


def test_the_ball_is_faster_than_plain_descent():
    w, v = [np.array([1.0])], [np.array([0.0])]
    for velocity, place in [(-0.2, 0.8), (-0.34, 0.46)]:
        w, v = momentum_step(w, v, [2 * w[0]], 0.1, momentum=0.9)
        assert (v[0][0], w[0][0]) == pytest.approx((velocity, place))
    assert minimise(lambda p: 2 * p, [1.0], 0.1, 2)[-1, 0] == pytest.approx(0.64)


def test_the_border_of_the_long_valley_is_a_rate_of_004():
    assert abs(1 - 50 * 0.04) == pytest.approx(1.0)
    assert abs(1 - 50 * 0.041) > 1
