"""One neuron, against numbers worked by hand, finite differences and SciPy."""

import numpy as np
import pytest
from scipy import special

from dlbook import neuron
from dlbook.neuron import ACTIVATIONS, Neuron, weighted_sum

SMOOTH = ["sigmoid", "tanh", "identity"]
HUGE = np.array([-1000.0, -40.0, -1.0, -1e-9, 0.0, 1e-9, 1.0, 40.0, 1000.0])


def test_the_weighted_sum_is_the_number_worked_by_hand():
    # 2 * 3 + (-1) * 4 + 0.5 * 2 + 10 = 6 - 4 + 1 + 10
    assert weighted_sum([2.0, -1.0, 0.5], [3.0, 4.0, 2.0], 10.0) == 13.0


def test_the_bias_is_added_once_however_many_inputs_there_are():
    for inputs in (1, 2, 7):
        assert weighted_sum(np.zeros(inputs), np.ones(inputs), 3.0) == 3.0


def test_unequal_numbers_of_inputs_and_weights_are_refused_in_words():
    with pytest.raises(ValueError, match="3 inputs, 2 weights"):
        weighted_sum([1.0, 2.0, 3.0], [1.0, 2.0], 0.0)


@pytest.mark.parametrize(("name", "oracle"), [("sigmoid", special.expit), ("tanh", np.tanh)])
def test_squeezing_activations_agree_with_scipy_for_all_sizes_of_z(name, oracle):
    np.testing.assert_allclose(ACTIVATIONS[name].function(HUGE), oracle(HUGE), rtol=1e-14)


def test_relu_and_step_are_the_numbers_written_by_hand():
    z = np.array([[-3.0, -0.0], [0.0, 2.5]])
    np.testing.assert_array_equal(neuron.relu(z), [[0.0, 0.0], [0.0, 2.5]])
    np.testing.assert_array_equal(neuron.step(z), [[0.0, 1.0], [1.0, 1.0]])


@pytest.mark.parametrize("name", SMOOTH)
def test_each_smooth_slope_is_the_finite_difference_of_its_function(name):
    z = np.linspace(-6, 6, 25)
    activation = ACTIVATIONS[name]
    difference = (activation.function(z + 1e-5) - activation.function(z - 1e-5)) / 2e-5
    np.testing.assert_allclose(activation.slope(z), difference, atol=1e-9)


def test_slopes_with_a_kink_are_taken_from_the_right_side_of_it():
    np.testing.assert_array_equal(neuron.relu_slope([-1.0, 0.0, 1e-300, 5.0]), [0, 0, 1, 1])
    np.testing.assert_array_equal(neuron.step_slope([-1.0, 0.0, 1.0]), [0, 0, 0])


def test_the_slope_of_the_sigmoid_keeps_its_digits_far_out():
    # For large z the slope is exp(-z), to the last digit; 1 - sigmoid(z) would be 0 there.
    z = np.array([40.0, 300.0, 700.0])
    np.testing.assert_allclose(neuron.sigmoid_slope(z), np.exp(-z), rtol=1e-12)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_keep_the_shape_and_leave_the_argument_alone(name):
    z = np.array([[-1.0, 2.0, 0.0]])
    for function in ACTIVATIONS[name][1:]:
        result = function(z)
        assert result.shape == z.shape
        assert not np.shares_memory(result, z)
    np.testing.assert_array_equal(z, [[-1.0, 2.0, 0.0]])


def test_a_neuron_is_its_weighted_sum_sent_through_its_activation():
    one = Neuron([0.6, -0.4], bias=0.1, activation="sigmoid")
    assert one.weighted_sum([1.0, 0.5]) == pytest.approx(0.5, abs=1e-15)
    assert one([1.0, 0.5]) == pytest.approx(1 / (1 + np.exp(-0.5)), abs=1e-15)
    assert "sigmoid" in repr(one)


def test_an_unknown_activation_is_answered_with_the_known_ones():
    with pytest.raises(ValueError, match=r"'relu'.*Given: 'rellu'"):
        Neuron([1.0], 0.0, activation="rellu")
