"""Chapter 2: one neuron. A weighted sum, a bias, and an activation that bends the result.

Read from top to bottom: the sum, the four activations, their slopes, the neuron.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from dlbook.arguments import FloatArray, as_choice, as_floats, as_number


def weighted_sum(inputs: ArrayLike, weights: ArrayLike, bias: float) -> float:
    """Multiply each input by its weight, add everything up, and add the bias once.

    Parameters
    ----------
    inputs, weights : array, shape (n,)
    bias : float
        Added once, not once for each input.

    Returns
    -------
    float
        ``z = w_1 x_1 + ... + w_n x_n + b``, the neuron's value before its activation.

    Raises
    ------
    ValueError
        If there isn't exactly one weight for each input.

    Examples
    --------
    >>> weighted_sum([1.0, 0.5], [0.6, -0.4], 0.1)
    0.5
    """
    inputs = as_floats(inputs, "inputs", ("inputs",))
    weights = as_floats(weights, "weights", ("inputs",))
    if len(inputs) != len(weights):
        raise ValueError(
            f"A neuron has one weight for each input. Given: {len(inputs)} inputs, "
            f"{len(weights)} weights. Add or remove weights until the two agree."
        )
    return float(np.sum(inputs * weights) + as_number(bias, "bias"))


def step(z: ArrayLike) -> FloatArray:
    """Return 1 where `z` is at least 0 and 0 elsewhere: the oldest activation, all or nothing.

    Parameters
    ----------
    z : array, any shape

    Returns
    -------
    array, shape of `z`

    Examples
    --------
    >>> step([-2.0, 0.0, 3.0])
    array([0., 1., 1.])
    """
    z = as_floats(z, "z")
    return np.where(z >= 0, 1.0, 0.0).astype(z.dtype)


def relu(z: ArrayLike) -> FloatArray:
    """Keep what is positive and replace the rest by 0 (rectified linear unit).

    Parameters
    ----------
    z : array, any shape

    Returns
    -------
    array, shape of `z`

    Examples
    --------
    >>> relu([-2.0, 0.0, 3.0])
    array([0., 0., 3.])
    """
    return np.maximum(as_floats(z, "z"), 0)


def sigmoid(z: ArrayLike) -> FloatArray:
    """Squeeze every number into the range 0 to 1: ``1 / (1 + exp(-z))``.

    ``exp(1000)`` is too large for a float, so for negative `z` the same fraction is
    written as ``exp(z) / (1 + exp(z))``: the exponential then never exceeds 1.

    Parameters
    ----------
    z : array, any shape

    Returns
    -------
    array, shape of `z`

    Examples
    --------
    >>> sigmoid([-1000.0, 0.0, 1000.0])
    array([0. , 0.5, 1. ])
    """
    z = as_floats(z, "z")
    small = np.exp(-np.abs(z))  # between 0 and 1, whatever the sign of z
    return np.where(z >= 0, 1.0, small) / (1.0 + small)


def tanh(z: ArrayLike) -> FloatArray:
    """Squeeze every number into the range -1 to 1: the hyperbolic tangent.

    Parameters
    ----------
    z : array, any shape

    Returns
    -------
    array, shape of `z`

    Examples
    --------
    >>> tanh([-1000.0, 0.0, 1000.0])
    array([-1.,  0.,  1.])
    """
    return np.tanh(as_floats(z, "z"))


def identity(z: ArrayLike) -> FloatArray:
    """Return `z` unchanged (a copy): what is left when there is no activation.

    Parameters
    ----------
    z : array, any shape

    Returns
    -------
    array, shape of `z`
    """
    return as_floats(z, "z").copy()


def step_slope(z: ArrayLike) -> FloatArray:
    """Return 0 everywhere: the step is flat on both sides, so nothing can be learnt through it.

    At ``z = 0`` it jumps and has no slope at all; 0 stands there too.

    Parameters
    ----------
    z : array, any shape

    Returns
    -------
    array, shape of `z`
    """
    return np.zeros_like(as_floats(z, "z"))


def relu_slope(z: ArrayLike) -> FloatArray:
    """Return 1 where `z` is positive and 0 elsewhere.

    At ``z = 0`` there is a kink and no single slope; the field agrees on 0.

    Parameters
    ----------
    z : array, any shape

    Returns
    -------
    array, shape of `z`

    Examples
    --------
    >>> relu_slope([-2.0, 0.0, 3.0])
    array([0., 0., 1.])
    """
    z = as_floats(z, "z")
    return np.where(z > 0, 1.0, 0.0).astype(z.dtype)


def sigmoid_slope(z: ArrayLike) -> FloatArray:
    """Return the slope of the sigmoid at `z`: ``s (1 - s)`` with ``s = sigmoid(z)``.

    It is never more than 0.25, which it reaches at ``z = 0``. It is computed as
    ``sigmoid(z) * sigmoid(-z)``: the same number, without losing digits where ``s`` is near 1.

    Parameters
    ----------
    z : array, any shape

    Returns
    -------
    array, shape of `z`

    Examples
    --------
    >>> sigmoid_slope([-1000.0, 0.0])
    array([0.  , 0.25])
    """
    z = as_floats(z, "z")
    return sigmoid(z) * sigmoid(-z)


def tanh_slope(z: ArrayLike) -> FloatArray:
    """Return the slope of tanh at `z`: ``1 - tanh(z) ** 2``, never more than 1.

    Parameters
    ----------
    z : array, any shape

    Returns
    -------
    array, shape of `z`
    """
    return 1.0 - tanh(z) ** 2


def identity_slope(z: ArrayLike) -> FloatArray:
    """Return 1 everywhere: a straight line of slope 1.

    Parameters
    ----------
    z : array, any shape

    Returns
    -------
    array, shape of `z`
    """
    return np.ones_like(as_floats(z, "z"))


class Activation(NamedTuple):
    """A function that bends a neuron's weighted sum, and that function's slope.

    Parameters
    ----------
    name : str
        Its key in `ACTIVATIONS`.
    function, slope : function
        From an array of any shape to an array of the same shape.
    """

    name: str
    function: Callable[[ArrayLike], FloatArray]
    slope: Callable[[ArrayLike], FloatArray]


#: All that a neuron can be given, by name: ``"step"``, ``"relu"``, ``"sigmoid"``, ``"tanh"`` and
#: ``"identity"``.
ACTIVATIONS = {
    "step": Activation("step", step, step_slope),
    "relu": Activation("relu", relu, relu_slope),
    "sigmoid": Activation("sigmoid", sigmoid, sigmoid_slope),
    "tanh": Activation("tanh", tanh, tanh_slope),
    "identity": Activation("identity", identity, identity_slope),
}


class Neuron:
    """One neuron: weights, a bias, an activation.

    Parameters
    ----------
    weights : array, shape (n,)
        One for each input.
    bias : float
    activation : str, optional
        A key of `ACTIVATIONS`.

    Examples
    --------
    >>> neuron = Neuron([0.6, -0.4], bias=0.1, activation="relu")
    >>> neuron([1.0, 0.5])
    0.5
    >>> neuron([0.0, 1.0])
    0.0
    """

    def __init__(self, weights: ArrayLike, bias: float, activation: str = "relu") -> None:
        self.weights = as_floats(weights, "weights", ("inputs",)).copy()
        self.bias = as_number(bias, "bias")
        self.activation = ACTIVATIONS[as_choice(activation, "activation", list(ACTIVATIONS))]

    def weighted_sum(self, inputs: ArrayLike) -> float:
        """Return z for `inputs` of shape (n,): the value before the activation."""
        return weighted_sum(inputs, self.weights, self.bias)

    def __call__(self, inputs: ArrayLike) -> float:
        """Return the neuron's output for `inputs` of shape (n,)."""
        return float(self.activation.function(self.weighted_sum(inputs)))

    def __repr__(self) -> str:
        weights = ", ".join(f"{weight:g}" for weight in self.weights)
        return f"Neuron(weights=[{weights}], bias={self.bias:g}, activation={self.activation.name})"
