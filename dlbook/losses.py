"""Chapter 1, second half: scores become probabilities, and a loss says how wrong they are.

Read from top to bottom: softmax, cross-entropy, squared error, each followed by its slope.
"""

import numpy as np
from numpy.typing import ArrayLike

from dlbook.arguments import FloatArray, IntArray, as_floats, as_labels

#: The number 1e-12: ln(0) is minus infinity, and `cross_entropy` never looks below this.
SMALLEST_PROBABILITY = 1e-12


def softmax(scores: ArrayLike) -> FloatArray:
    """Turn each row of scores into probabilities: all positive, with the sum 1.

    Every score is raised to a power of e, and divided by the sum of its row. Subtracting the
    row's largest score first changes nothing in the result (it cancels in the fraction) and
    keeps ``exp`` from overflowing.

    Parameters
    ----------
    scores : array, shape (samples, classes)

    Returns
    -------
    array, shape (samples, classes)

    Examples
    --------
    >>> softmax([[0.4, 0.1]]).round(4)
    array([[0.5744, 0.4256]])
    """
    scores = as_floats(scores, "scores", ("samples", "classes"))
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def softmax_backward(probabilities: ArrayLike, upstream: ArrayLike) -> FloatArray:
    """Carry the slope of a loss from the probabilities back to the scores.

    Raising one score takes probability from all the other classes, so every score's slope
    depends on the whole row: ``p * (upstream - sum of p * upstream)``.

    Parameters
    ----------
    probabilities : array, shape (samples, classes)
        What `softmax` returned.
    upstream : array, shape (samples, classes)
        The slope of the loss in each probability.

    Returns
    -------
    array, shape (samples, classes)
        The slope of the loss in each score.
    """
    probabilities = as_floats(probabilities, "probabilities", ("samples", "classes"))
    upstream = _same_shape(upstream, "upstream", probabilities, "probabilities")
    share = (probabilities * upstream).sum(axis=1, keepdims=True)
    return probabilities * (upstream - share)


def cross_entropy(probabilities: ArrayLike, labels: ArrayLike) -> float:
    """Return the mean of ``-ln(probability of the true class)``: small when it is near 1.

    Parameters
    ----------
    probabilities : array, shape (samples, classes)
    labels : array of int, shape (samples,)
        The true classes, counted from 0.

    Returns
    -------
    float
        0 when every true class has probability 1. Probabilities below 1e-12 count as 1e-12,
        so it is never infinite.

    Examples
    --------
    >>> round(cross_entropy([[0.75, 0.25], [0.5, 0.5]], [1, 0]), 4)  # (ln 4 + ln 2) / 2
    1.0397
    """
    true, _, _ = _probabilities_of_true_class(probabilities, labels)
    return float(np.log(1 / np.maximum(true, SMALLEST_PROBABILITY)).mean())


def cross_entropy_gradient(probabilities: ArrayLike, labels: ArrayLike) -> FloatArray:
    """Return the slope of the mean cross-entropy in each probability.

    Only the true class counts: ``-1 / (samples * p)`` there, 0 elsewhere (and 0 where
    `cross_entropy` has clipped, because the loss doesn't move there).

    Parameters
    ----------
    probabilities : array, shape (samples, classes)
    labels : array of int, shape (samples,)

    Returns
    -------
    array, shape (samples, classes)
    """
    true, probabilities, labels = _probabilities_of_true_class(probabilities, labels)
    clipped = true < SMALLEST_PROBABILITY
    slope = np.where(clipped, 0.0, -1.0 / (len(labels) * np.where(clipped, 1.0, true)))
    gradient = np.zeros_like(probabilities)
    gradient[np.arange(len(labels)), labels] = slope
    return gradient


def squared_error(outputs: ArrayLike, targets: ArrayLike) -> float:
    """Return the mean of ``(output - target) ** 2``, for networks that predict numbers.

    Parameters
    ----------
    outputs, targets : array, shape (samples, outputs)

    Returns
    -------
    float
        The mean over every number of the batch.

    Examples
    --------
    >>> squared_error([[1.0, 2.0]], [[1.0, 4.0]])
    2.0
    """
    outputs = as_floats(outputs, "outputs", ("samples", "outputs"))
    targets = _same_shape(targets, "targets", outputs, "outputs")
    return float(np.mean((outputs - targets) ** 2))


def squared_error_gradient(outputs: ArrayLike, targets: ArrayLike) -> FloatArray:
    """Return the slope of `squared_error` in each output: ``2 (output - target) / count``.

    Parameters
    ----------
    outputs, targets : array, shape (samples, outputs)

    Returns
    -------
    array, shape (samples, outputs)
    """
    outputs = as_floats(outputs, "outputs", ("samples", "outputs"))
    targets = _same_shape(targets, "targets", outputs, "outputs")
    return 2.0 * (outputs - targets) / outputs.size


def _probabilities_of_true_class(
    probabilities: ArrayLike, labels: ArrayLike
) -> tuple[FloatArray, FloatArray, IntArray]:
    probabilities = as_floats(probabilities, "probabilities", ("samples", "classes"))
    samples, classes = probabilities.shape
    labels = as_labels(labels, samples=samples, classes=classes)
    if probabilities.min() < 0 or probabilities.max() > 1 + 1e-6:
        odd = probabilities[(probabilities < 0) | (probabilities > 1 + 1e-6)][0]
        raise ValueError(
            f"Probabilities lie between 0 and 1. Given: {odd:g}. "
            "Are these scores? softmax turns scores into probabilities."
        )
    return probabilities[np.arange(samples), labels], probabilities, labels


def _same_shape(value: ArrayLike, name: str, other: FloatArray, other_name: str) -> FloatArray:
    array = as_floats(value, name)
    if array.shape != other.shape:
        raise ValueError(
            f"{name} must have the shape of {other_name}. "
            f"Given: {name} {array.shape}, {other_name} {other.shape}."
        )
    return array
