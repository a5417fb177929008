"""What chapter 2 of the book says in its prose, held against the package and plain NumPy."""

import math

import numpy as np
import pytest

from dlbook.neuron import ACTIVATIONS, Neuron, relu, relu_slope, sigmoid, sigmoid_slope
from dlbook.worked import LABELS, PICTURES, draw_two_pixels, worked_network

FIRST = Neuron([0.6, -0.4], bias=0.1, activation="relu")
THIRD = Neuron([-0.5, 0.2], bias=0.1, activation="relu")
CORNERS = np.array([[0, 0], [1, 0], [0, 1], [1, 1]])


@pytest.mark.parametrize(("neuron", "unit"), [(FIRST, 0), (THIRD, 2)])
def test_the_chapters_two_neurons_are_those_of_the_worked_network(neuron, unit):
    hidden = worked_network().layers[0]
    assert neuron.weights.tolist() == hidden.weights[:, unit].tolist()
    assert neuron.bias == hidden.bias[unit]
    assert hidden.activation.name == "relu"


@pytest.mark.parametrize(
    ("neuron", "picture", "z", "output"),
    [
        (FIRST, 0, 0.5, 0.5),
        (THIRD, 0, -0.3, 0.0),
        (THIRD, 2, 0.16, 0.16),
        (FIRST, 2, -0.1, 0.0),
    ],
)
def test_sums_and_outputs_are_those_worked_by_hand(neuron, picture, z, output):
    assert neuron.weighted_sum(PICTURES[picture]) == pytest.approx(z)
    assert neuron(PICTURES[picture]) == pytest.approx(output)


def test_the_first_neuron_is_silent_for_picture_3_alone():
    assert [FIRST(picture) > 0 for picture in PICTURES] == [True, True, False, True]


def test_a_bias_inside_the_sum_would_give_the_first_neuron_0_6():
    products = FIRST.weights * PICTURES[0]
    assert np.sum(products + FIRST.bias) == pytest.approx(0.6)
    assert np.sum(products) + FIRST.bias == pytest.approx(0.5)


def test_the_kink_of_relu_stands_at_minus_the_bias():
    for bias in (1.0, 0.0, -1.0):
        assert relu(-bias + bias) == 0
        assert relu(-bias + bias + 0.01) == pytest.approx(0.01)


def test_slopes_are_what_a_small_nudge_of_z_shows():
    z, nudge = np.array([-2.0, -0.3, 0.5, 2.0]), 1e-6
    for activation in ACTIVATIONS.values():
        nudged = (activation.function(z + nudge) - activation.function(z - nudge)) / (2 * nudge)
        np.testing.assert_allclose(activation.slope(z), nudged, atol=1e-8)


def test_raising_one_weight_moves_relu_by_0_01_the_sigmoid_by_0_00235_and_the_step_not_at_all():
    z = np.array([0.5, 0.51])
    for name, change in [("step", 0.0), ("relu", 0.01), ("sigmoid", 0.00235)]:
        before, after = ACTIVATIONS[name].function(z)
        assert after - before == pytest.approx(change, abs=5e-6)
    assert sigmoid_slope(0.5) == pytest.approx(0.235, abs=5e-5)


def test_four_sigmoid_slopes_multiplied_are_below_0_004():
    assert sigmoid_slope(np.linspace(-50, 50, 10_001)).max() == 0.25
    assert 0.0039 < 0.25**4 < 0.004


def test_e_to_the_1000_has_435_digits_and_the_largest_float_309():
    assert math.floor(1000 / math.log(10)) + 1 == 435
    assert len(str(int(np.finfo(float).max))) == 309
    assert str(np.finfo(float).max).startswith("1.79769")


def test_both_forms_of_the_sigmoid_are_the_same_fraction():
    z = np.linspace(-30, 30, 61)
    np.testing.assert_allclose(sigmoid(z), 1 / (1 + np.exp(-z)), rtol=1e-12)
    np.testing.assert_allclose(sigmoid(z), np.exp(z) / (1 + np.exp(z)), rtol=1e-12)


def test_a_slope_taken_at_the_output_is_wrong_for_the_sigmoid_and_hidden_by_relu():
    assert 1.9 < sigmoid_slope(sigmoid(2.0)) / sigmoid_slope(2.0) < 2
    z = np.array([-2.0, -0.3, 0.0, 0.5, 2.0])
    assert (relu_slope(relu(z)) == relu_slope(z)).all()


def test_two_linear_neurons_are_the_one_neuron_6x_minus_1():
    first, second = Neuron([2], 1, "identity"), Neuron([3], -4, "identity")
    assert (first([5]), second([first([5])])) == (11, 29)
    for x in (-1.0, 0.0, 5.0):
        assert second([first([x])]) == Neuron([6], -1, "identity")([x])


def test_one_line_left_minus_right_gets_three_of_four_and_misses_picture_3():
    said = PICTURES @ [1, -1] - 0.3 > 0
    assert (said == LABELS).tolist() == [True, True, False, True]


def test_no_line_parts_the_four_pictures_since_their_connecting_lines_cross():
    edge_1, flat_2, edge_3, flat_4 = PICTURES
    along = np.linalg.solve(np.column_stack([edge_3 - edge_1, flat_2 - flat_4]), flat_2 - edge_1)
    assert ((along > 0) & (along < 1)).all()


def test_two_relu_neurons_answer_the_edge_question_and_without_relu_they_cancel():
    pictures, labels = draw_two_pixels(1000, np.random.default_rng(0))
    difference = pictures @ [1, -1]
    assert (relu(difference) + relu(-difference) - 0.3 > 0).astype(int).tolist() == labels.tolist()
    assert relu(0.2 - 0.8) + relu(0.8 - 0.2) == pytest.approx(0.6)


def test_all_60_pictures_of_the_figure_lie_on_their_right_side():
    pictures, labels = draw_two_pixels(60, np.random.default_rng(2))
    difference = pictures @ [1, -1]
    assert ((relu(difference) + relu(-difference) - 0.3 > 0) == labels).all()


def test_the_or_neuron_is_on_when_at_least_one_switch_is_on():
    z = CORNERS @ [1, 1] - 0.5
    assert z.tolist() == [-0.5, 0.5, 0.5, 1.5]
    assert (sigmoid(z) > 0.5).tolist() == [False, True, True, True]


def test_the_changes_proposed_for_the_or_figure_do_what_the_text_says():
    assert (sigmoid(CORNERS @ [1, 1] + 0.5) > 0.5).all()
    weak = sigmoid(CORNERS @ [1, 0.1] - 0.5) > 0.5
    assert weak.tolist() == [False, True, False, True]
