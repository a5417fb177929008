"""Chapter 3: how a network gets better. Slopes of the loss, and steps down the slope.

Read from top to bottom: a slope by trying, steps downhill, slopes by the chain rule
(backpropagation), the check that both agree, and two ways to step more cleverly.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from dlbook.arguments import (
    FloatArray,
    as_choice,
    as_count,
    as_floats,
    as_labels,
    as_number,
)
from dlbook.layers import Network
from dlbook.losses import squared_error_gradient

Parameters = Sequence[ArrayLike]
#: The names that `optimiser` knows.
OPTIMISERS = ["gradient descent", "momentum", "adam"]


def numerical_gradient(
    f: Callable[[FloatArray], float], p: ArrayLike, step: float = 1e-5
) -> FloatArray:
    """Find the slope of `f` in each number of `p` by trying: a little more, a little less.

    Parameters
    ----------
    f : function
        Takes an array of the shape of `p`, returns one number.
    p : array, any shape
        Where the slope is wanted; it isn't changed.
    step : float, optional
        How far to go to either side.

    Returns
    -------
    array, shape of `p`
        Central differences ``(f(p + step) - f(p - step)) / (2 step)``. Their error shrinks
        with the square of `step`, that of a one-sided difference only with `step`.

    Examples
    --------
    >>> numerical_gradient(lambda p: p[0] ** 2 + 3 * p[1], [2.0, 1.0]).round(6)
    array([4., 3.])
    """
    p = as_floats(p, "p").astype(np.float64)
    step = as_number(step, "step", above=0)
    gradient = np.zeros_like(p)
    for i in np.ndindex(p.shape):
        more, less = p.copy(), p.copy()
        more[i] += step
        less[i] -= step
        gradient[i] = (f(more) - f(less)) / (2 * step)
    return gradient


def gradient_descent_step(
    parameters: Parameters, gradients: Parameters, learning_rate: float
) -> list[FloatArray]:
    """Move every parameter a little against its gradient: ``p - learning_rate * g``.

    Parameters
    ----------
    parameters, gradients : list of arrays
        In the same order, each gradient of the shape of its parameter.
    learning_rate : float

    Returns
    -------
    list of arrays
        New arrays; the old ones are unchanged.

    Examples
    --------
    >>> gradient_descent_step([np.array([1.0, 2.0])], [np.array([10.0, -10.0])], 0.1)
    [array([0., 3.])]
    """
    pairs = _pairs(parameters, gradients)
    learning_rate = as_number(learning_rate, "learning_rate", above=0)
    return [p - learning_rate * g for p, g in pairs]


def minimise(
    gradient: Callable[[FloatArray], ArrayLike],
    start: ArrayLike,
    learning_rate: float,
    steps: int,
) -> FloatArray:
    """Walk downhill from `start`, and keep every place that was visited.

    Parameters
    ----------
    gradient : function
        Takes a place, shape (n,), returns the slope there, shape (n,).
    start : array, shape (n,)
    learning_rate : float
    steps : int

    Returns
    -------
    array, shape (steps + 1, n)
        The path; its first row is `start`.

    Examples
    --------
    >>> minimise(lambda p: 2 * p, [1.0], learning_rate=0.25, steps=3)
    array([[1.   ],
           [0.5  ],
           [0.25 ],
           [0.125]])
    """
    path = [as_floats(start, "start", ("numbers",))]
    for _ in range(as_count(steps, "steps", least=0)):
        path += gradient_descent_step([path[-1]], [gradient(path[-1])], learning_rate)
    return np.array(path)


def softmax_cross_entropy_gradient(probabilities: ArrayLike, labels: ArrayLike) -> FloatArray:
    """Return the slope of the mean cross-entropy in the scores: ``(p - y) / samples``.

    `y` is 1 for the true class and 0 for the others. The formula is this short only for
    softmax and cross-entropy together.

    Parameters
    ----------
    probabilities : array, shape (samples, classes)
        What softmax made of the scores.
    labels : array of int, shape (samples,)

    Returns
    -------
    array, shape (samples, classes)

    Examples
    --------
    >>> softmax_cross_entropy_gradient([[0.5744, 0.4256]], [1])
    array([[ 0.5744, -0.5744]])
    """
    gradient = as_floats(probabilities, "probabilities", ("samples", "classes")).copy()
    samples, classes = gradient.shape
    gradient[np.arange(samples), as_labels(labels, samples, classes)] -= 1.0
    return gradient / samples


def dense_backward(
    x: ArrayLike, weights: ArrayLike, upstream: ArrayLike
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Carry the slope of the loss backwards through ``x @ weights + bias``.

    Parameters
    ----------
    x : array, shape (samples, inputs)
    weights : array, shape (inputs, units)
    upstream : array, shape (samples, units)
        The slope of the (mean) loss in the layer's weighted sums.

    Returns
    -------
    d_x : array, shape (samples, inputs)
        What the layer before receives as its own upstream.
    d_weights : array, shape (inputs, units)
    d_bias : array, shape (units,)
        Every sample adds its share, so these two are sums over the batch. The division by
        the number of samples happened in the loss, once.

    Raises
    ------
    ValueError
        If the shapes don't fit together.
    """
    x = as_floats(x, "x", ("samples", "inputs"))
    weights = as_floats(weights, "weights", ("inputs", "units"))
    upstream = as_floats(upstream, "upstream", ("samples", "units"))
    if upstream.shape != (x.shape[0], weights.shape[1]) or x.shape[1] != weights.shape[0]:
        raise ValueError(
            "The three arrays don't belong to one layer. "
            f"Given: x {x.shape}, weights {weights.shape}, upstream {upstream.shape}. "
            "Needed: x (samples, inputs), weights (inputs, units), upstream (samples, units)."
        )
    return upstream @ weights.T, x.T @ upstream, upstream.sum(axis=0)


def backward(network: Network, x: ArrayLike, targets: ArrayLike) -> tuple[float, list[FloatArray]]:
    """Backpropagation: the loss on a batch, and its slope in every parameter.

    Forward once, keeping what each layer received; then backwards, layer by layer, each
    multiplying the slope that reaches it by its own (the chain rule). No parameter moves.

    Parameters
    ----------
    network : Network
        Of any sizes and activations.
    x : array, shape (samples, inputs)
    targets : array
        Labels, shape (samples,), for a softmax network; numbers, shape (samples, outputs),
        for one with ``output="identity"``.

    Returns
    -------
    loss : float
        The mean over the batch.
    gradients : list of arrays
        In the order and the shapes of ``network.parameters``.
    """
    loss, upstream, received = _forward(network, x, targets)
    gradients: list[FloatArray] = []
    for layer, (layer_input, z) in zip(reversed(network.layers), reversed(received), strict=True):
        upstream = upstream * layer.activation.slope(z)
        upstream, d_weights, d_bias = dense_backward(layer_input, layer.weights, upstream)
        gradients = [d_weights, d_bias, *gradients]
    return loss, gradients


def gradient_check(network: Network, x: ArrayLike, targets: ArrayLike, step: float = 1e-6) -> float:
    """Compare backpropagation with slopes found by trying; return how far they disagree.

    Parameters
    ----------
    network : Network
        It must hold float64, or rounding hides the answer.
    x : array, shape (samples, inputs)
    targets : array
        Labels or numbers, of the shapes that `backward` takes.
    step : float, optional
        For `numerical_gradient`.

    Returns
    -------
    float
        The length of the difference, divided by the sum of both lengths. A right network
        stays below 1e-7; a wrong one is usually above 1e-3. (Where a ReLU's sum is within
        `step` of its kink, the two may differ honestly: try another batch.)
    """
    _, gradients = backward(network, x, targets)
    found = np.concatenate([gradient.ravel() for gradient in gradients])
    trial = network.copy()

    def loss_at(flat: FloatArray) -> float:
        trial.parameters = _like(flat, network.parameters)
        return trial.loss(x, targets)

    flat = np.concatenate([p.ravel() for p in network.parameters])
    tried = numerical_gradient(loss_at, flat, step)
    lengths = float(np.linalg.norm(found) + np.linalg.norm(tried))
    return float(np.linalg.norm(found - tried)) / lengths if lengths else 0.0


def momentum_step(
    parameters: Parameters,
    velocities: Parameters,
    gradients: Parameters,
    learning_rate: float,
    momentum: float = 0.9,
) -> tuple[list[FloatArray], list[FloatArray]]:
    """Step like a ball that rolls: part of the last step is taken again.

    Parameters
    ----------
    parameters, velocities, gradients : list of arrays
        In the same order and of the same shapes. Velocities start as zeros.
    learning_rate : float
    momentum : float, optional
        How much of the velocity is kept, from 0 to below 1.

    Returns
    -------
    new_parameters, new_velocities : lists of arrays
        ``v' = momentum * v - learning_rate * g``, then ``p' = p + v'``.
    """
    learning_rate = as_number(learning_rate, "learning_rate", above=0)
    momentum = as_number(momentum, "momentum", least=0, below=1)
    new_velocities = [
        momentum * v - learning_rate * g for v, g in _pairs(velocities, gradients, "velocities")
    ]
    new_parameters = [p + v for p, v in _pairs(parameters, new_velocities, other="velocities")]
    return new_parameters, new_velocities


def adam_step(
    parameters: Parameters,
    means: Parameters,
    squares: Parameters,
    gradients: Parameters,
    learning_rate: float,
    count: int,
    mean_decay: float = 0.9,
    square_decay: float = 0.999,
    tiny: float = 1e-8,
) -> tuple[list[FloatArray], list[FloatArray], list[FloatArray]]:
    """Give every parameter a step size of its own (Adam; Kingma and Ba, 2015).

    Parameters
    ----------
    parameters, means, squares, gradients : list of arrays
        In the same order and of the same shapes. Means and squares start as zeros.
    learning_rate : float
        About the size of each step, whatever the size of the gradient; 0.001 is usual.
    count : int
        1 at the first step, 2 at the second ...: early running means are too small by a
        known factor, which is divided out.
    mean_decay, square_decay : float, optional
        How much of the running means of ``g`` and of ``g ** 2`` is kept.
    tiny : float, optional
        Keeps the division safe where a gradient has always been 0.

    Returns
    -------
    new_parameters, new_means, new_squares : lists of arrays
    """
    learning_rate = as_number(learning_rate, "learning_rate", above=0)
    count = as_count(count, "count")
    new_means = [
        mean_decay * m + (1 - mean_decay) * g for m, g in _pairs(means, gradients, "means")
    ]
    new_squares = [
        square_decay * s + (1 - square_decay) * g**2
        for s, g in _pairs(squares, gradients, "squares")
    ]
    mean_share = 1 - mean_decay**count
    square_share = 1 - square_decay**count
    new_parameters = [
        p - learning_rate * (m / mean_share) / (np.sqrt(s / square_share) + tiny)
        for (p, m), s in zip(_pairs(parameters, new_means), new_squares, strict=True)
    ]
    return new_parameters, new_means, new_squares


def optimiser(
    name: str, learning_rate: float, momentum: float = 0.9
) -> Callable[[Parameters, Parameters], list[FloatArray]]:
    """Return a function ``step(parameters, gradients)`` that remembers what it needs.

    Parameters
    ----------
    name : {"gradient descent", "momentum", "adam"}
    learning_rate : float
    momentum : float, optional
        For ``"momentum"`` only.

    Returns
    -------
    function
        Takes parameters and gradients (lists of arrays), returns new parameters.
    """
    as_choice(name, "optimiser", OPTIMISERS)
    as_number(learning_rate, "learning_rate", above=0)
    memory: dict[str, list[FloatArray]] = {}
    count = 0

    def step(parameters: Parameters, gradients: Parameters) -> list[FloatArray]:
        nonlocal count
        count += 1
        zeros = [np.zeros_like(g) for g in gradients]
        if name == "gradient descent":
            return gradient_descent_step(parameters, gradients, learning_rate)
        if name == "momentum":
            velocities = memory.get("velocities", zeros)
            parameters, memory["velocities"] = momentum_step(
                parameters, velocities, gradients, learning_rate, momentum
            )
            return parameters
        means, squares = memory.get("means", zeros), memory.get("squares", zeros)
        parameters, memory["means"], memory["squares"] = adam_step(
            parameters, means, squares, gradients, learning_rate, count
        )
        return parameters

    return step


def _forward(
    network: Network, x: ArrayLike, targets: ArrayLike
) -> tuple[float, FloatArray, list[tuple[FloatArray, FloatArray]]]:
    """Return the loss, its slope in the last layer's outputs, and each layer's (input, z)."""
    layer_input = as_floats(x, "x", ("samples", "inputs"))
    received = []
    for z, outputs in network.steps(layer_input):
        received.append((layer_input, z))
        layer_input = outputs
    outputs = network.finish(layer_input)
    slope = (
        softmax_cross_entropy_gradient if network.output == "softmax" else squared_error_gradient
    )
    return network.loss_of(outputs, targets), slope(outputs, targets), received


def _pairs(
    first: Parameters, second: Parameters, name: str = "parameters", other: str = "gradients"
) -> list[tuple[FloatArray, FloatArray]]:
    """Return the arrays of two lists, one from each, after checking that they belong together."""
    if len(first) != len(second):
        raise ValueError(
            f"Every array of {name} needs its own of {other}, in the same order. "
            f"Given: {len(first)} and {len(second)}."
        )
    pairs = []
    for i in range(len(first)):
        a, b = as_floats(first[i], f"{name}[{i}]"), as_floats(second[i], f"{other}[{i}]")
        if a.shape != b.shape:
            raise ValueError(
                f"{other}[{i}] must have the shape of {name}[{i}]. Given: {b.shape} and {a.shape}."
            )
        pairs.append((a, b))
    return pairs


def _like(flat: FloatArray, arrays: list[FloatArray]) -> list[FloatArray]:
    """Cut one long vector into arrays of the shapes of `arrays`."""
    ends = np.cumsum([array.size for array in arrays])
    pieces = np.split(flat, ends[:-1])
    return [piece.reshape(array.shape) for piece, array in zip(pieces, arrays, strict=True)]
