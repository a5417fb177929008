"""Chapter 1: neurons side by side make a layer, layers one after another make a network.

Read from top to bottom: one layer, how weights start, the network. Softmax and the losses,
the second half of the chapter, are in `losses`; they can be imported from here too.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from dlbook.arguments import (
    FloatArray,
    IntArray,
    as_choice,
    as_count,
    as_floats,
    as_generator,
)
from dlbook.losses import (
    cross_entropy,
    cross_entropy_gradient,
    softmax,
    softmax_backward,
    squared_error,
    squared_error_gradient,
)
from dlbook.neuron import ACTIVATIONS

__all__ = [
    "Dense",
    "Network",
    "count_parameters",
    "cross_entropy",
    "cross_entropy_gradient",
    "dense",
    "he_start",
    "predict",
    "softmax",
    "softmax_backward",
    "squared_error",
    "squared_error_gradient",
    "xavier_start",
]


def dense(x: ArrayLike, weights: ArrayLike, bias: ArrayLike) -> FloatArray:
    """Run a batch through one fully connected layer, before its activation.

    Parameters
    ----------
    x : array, shape (samples, inputs)
    weights : array, shape (inputs, units)
        Column ``j`` holds the weights of neuron ``j``.
    bias : array, shape (units,)

    Returns
    -------
    array, shape (samples, units)
        ``x @ weights + bias``: the weighted sum of every neuron for every sample.

    Raises
    ------
    ValueError
        If the shapes don't fit together.

    Examples
    --------
    >>> dense([[1.0, 2.0]], [[10.0], [1.0]], [0.5])
    array([[12.5]])
    """
    x = as_floats(x, "x", ("samples", "inputs"))
    weights = as_floats(weights, "weights", ("inputs", "units"))
    bias = as_floats(bias, "bias", ("units",))
    if x.shape[1] != weights.shape[0]:
        raise ValueError(
            f"Each row of x has {x.shape[1]} numbers, but this layer has weights for "
            f"{weights.shape[0]} inputs. Given: x {x.shape}, weights {weights.shape}. "
            "The 2nd number of x must be the 1st of weights."
        )
    if weights.shape[1] != bias.shape[0]:
        raise ValueError(
            f"Each neuron has one bias. Given: weights {weights.shape} for {weights.shape[1]} "
            f"neurons, bias {bias.shape} for {bias.shape[0]}. "
            "The 2nd number of weights must be the length of bias."
        )
    return x @ weights + bias


def predict(probabilities: ArrayLike) -> IntArray:
    """Return the most probable class of each row.

    Parameters
    ----------
    probabilities : array, shape (samples, classes)
        Scores serve as well: softmax keeps their order.

    Returns
    -------
    array of int, shape (samples,)

    Examples
    --------
    >>> predict([[0.2, 0.8], [0.9, 0.1]])
    array([1, 0])
    """
    return as_floats(probabilities, "probabilities", ("samples", "classes")).argmax(axis=1)


def he_start(inputs: int, units: int, rng: np.random.Generator) -> FloatArray:
    """Draw starting weights for a layer that ends in ReLU: spread ``sqrt(2 / inputs)``.

    ReLU throws half of the signal away; the 2 makes up for it, so that signals neither fade
    nor blow up from layer to layer (He et al., 2015).

    Parameters
    ----------
    inputs, units : int
    rng : numpy.random.Generator

    Returns
    -------
    array, shape (inputs, units)
    """
    as_generator(rng)
    spread = np.sqrt(2.0 / as_count(inputs, "inputs"))
    return rng.normal(0.0, spread, size=(inputs, as_count(units, "units")))


def xavier_start(inputs: int, units: int, rng: np.random.Generator) -> FloatArray:
    """Draw starting weights for other layers: spread ``sqrt(2 / (inputs + units))``.

    It keeps the signal's size on the way forward and the gradient's size on the way back
    (Glorot and Bengio, 2010; "Xavier" is the first author's given name).

    Parameters
    ----------
    inputs, units : int
    rng : numpy.random.Generator

    Returns
    -------
    array, shape (inputs, units)
    """
    as_generator(rng)
    spread = np.sqrt(2.0 / (as_count(inputs, "inputs") + as_count(units, "units")))
    return rng.normal(0.0, spread, size=(inputs, units))


def count_parameters(sizes: Sequence[int]) -> int:
    """Count every weight and every bias of a network with layers of these `sizes`.

    Parameters
    ----------
    sizes : sequence of int
        Inputs first, outputs last.

    Returns
    -------
    int

    Examples
    --------
    >>> count_parameters([2, 3, 2])  # 2 * 3 + 3 weights and biases, then 3 * 2 + 2
    17
    """
    sizes = _as_sizes(sizes)
    return sum((inputs + 1) * units for inputs, units in pairwise(sizes))


class Dense:
    """One fully connected layer: weights, biases, and the activation that follows.

    Parameters
    ----------
    weights : array, shape (inputs, units)
        Column ``j`` holds the weights of neuron ``j``.
    bias : array, shape (units,)
    activation : str, optional
        A key of `dlbook.neuron.ACTIVATIONS`.
    """

    def __init__(self, weights: ArrayLike, bias: ArrayLike, activation: str = "relu") -> None:
        self.weights = as_floats(weights, "weights", ("inputs", "units")).copy()
        self.bias = as_floats(bias, "bias", ("units",)).copy()
        self.activation = ACTIVATIONS[as_choice(activation, "activation", list(ACTIVATIONS))]
        if self.weights.shape[1] != self.bias.shape[0]:
            raise ValueError(
                "Each neuron has one bias. Given: "
                f"weights {self.weights.shape} for {self.weights.shape[1]} neurons, "
                f"bias {self.bias.shape} for {self.bias.shape[0]}."
            )

    def weighted_sums(self, x: ArrayLike) -> FloatArray:
        """Return z, shape (samples, units), for `x` of shape (samples, inputs)."""
        return dense(x, self.weights, self.bias)

    def __call__(self, x: ArrayLike) -> FloatArray:
        """Return the outputs, shape (samples, units), for `x` of shape (samples, inputs)."""
        return self.activation.function(self.weighted_sums(x))


class Network:
    """Layers one after another, and what is done with the last one's numbers.

    Parameters
    ----------
    layers : sequence of Dense
        Each takes as many inputs as the one before has units. The last one's activation is
        usually ``"identity"``: its weighted sums are the scores.
    output : {"softmax", "identity"}, optional
        ``"softmax"`` for classes (trained with cross-entropy), ``"identity"`` for plain
        numbers (trained with squared error).

    Examples
    --------
    >>> network = Network.random([2, 3, 2], np.random.default_rng(0))
    >>> network([[1.0, 0.5]]).shape
    (1, 2)
    """

    def __init__(self, layers: Sequence[Dense], output: str = "softmax") -> None:
        self.layers = list(layers)
        self.output = as_choice(output, "output", ["softmax", "identity"])
        if not self.layers:
            raise ValueError("A network needs at least one layer. Given: an empty list.")
        for number, (before, after) in enumerate(pairwise(self.layers), start=1):
            units, inputs = before.weights.shape[1], after.weights.shape[0]
            if units != inputs:
                raise ValueError(
                    f"Layer {number} gives {units} numbers, but layer {number + 1} takes {inputs}. "
                    f"Given: weights {before.weights.shape}, then {after.weights.shape}."
                )

    @classmethod
    def random(
        cls,
        sizes: Sequence[int],
        rng: np.random.Generator,
        activation: str = "relu",
        output: str = "softmax",
        dtype: str | type = "float64",
    ) -> "Network":
        """Make a network of the given `sizes` with random starting weights and biases of 0.

        Parameters
        ----------
        sizes : sequence of int
            Inputs first, then each hidden layer, outputs last: ``[64, 32, 10]``.
        rng : numpy.random.Generator
            The same generator state gives the same network.
        activation : str, optional
            Of the hidden layers. ReLU starts as He et al. advise, the others as Xavier.
        output : {"softmax", "identity"}, optional
        dtype : {"float64", "float32"}, optional
            float32 keeps about 7 digits of each number in half the room, and `train` is faster
            with it; float64 keeps about 16. The same generator state gives the same numbers.
        """
        sizes = _as_sizes(sizes)
        as_choice(getattr(dtype, "__name__", str(dtype)), "dtype", ["float64", "float32"])
        layers = []
        for inputs, units in pairwise(sizes):
            last = len(layers) == len(sizes) - 2
            start = he_start if activation == "relu" and not last else xavier_start
            kind = "identity" if last else activation
            weights = start(inputs, units, rng).astype(dtype)
            layers.append(Dense(weights, np.zeros(units, dtype), kind))
        return cls(layers, output)

    @property
    def sizes(self) -> list[int]:
        """Numbers of inputs, of neurons in each hidden layer, and of outputs."""
        return [self.layers[0].weights.shape[0], *(layer.bias.shape[0] for layer in self.layers)]

    @property
    def parameters(self) -> list[FloatArray]:
        """The arrays that training changes: weights and bias of the first layer, and so on."""
        return [array for layer in self.layers for array in (layer.weights, layer.bias)]

    @parameters.setter
    def parameters(self, new: Sequence[ArrayLike]) -> None:
        arrays = [as_floats(array, f"parameters[{i}]") for i, array in enumerate(new)]
        given = [array.shape for array in arrays]
        wanted = [array.shape for array in self.parameters]
        if given != wanted:
            raise ValueError(
                f"New parameters must have the shapes of the old. Given: {given}. Needed: {wanted}."
            )
        for layer, weights, bias in zip(self.layers, arrays[::2], arrays[1::2], strict=True):
            layer.weights, layer.bias = weights.copy(), bias.copy()

    def steps(self, x: ArrayLike) -> Iterator[tuple[FloatArray, FloatArray]]:
        """Yield ``(z, outputs)`` of each layer in turn: the forward pass of `x`, step by step."""
        for layer in self.layers:
            z = layer.weighted_sums(x)
            x = layer.activation.function(z)
            yield z, x

    def scores(self, x: ArrayLike) -> FloatArray:
        """Return the last layer's outputs for `x`, shape (samples, outputs), before any softmax."""
        self._require_inputs(x)
        *_, (_, scores) = self.steps(x)
        return scores

    def __call__(self, x: ArrayLike) -> FloatArray:
        """Return probabilities (or, with ``output="identity"``, numbers) for each sample.

        Parameters
        ----------
        x : array, shape (samples, inputs)

        Returns
        -------
        array, shape (samples, outputs)
        """
        return self.finish(self.scores(x))

    def finish(self, scores: ArrayLike) -> FloatArray:
        """Turn the last layer's `scores` into what the network gives: softmax, or nothing more."""
        return softmax(scores) if self.output == "softmax" else as_floats(scores, "scores")

    def predict(self, x: ArrayLike) -> IntArray:
        """Return the most probable class of each sample, a row of `x`; shape (samples,)."""
        if self.output != "softmax":
            raise ValueError(
                "This network gives numbers, not classes: its output is 'identity'. "
                "Call network(x) for the numbers."
            )
        return predict(self.scores(x))

    def loss(self, x: ArrayLike, targets: ArrayLike) -> float:
        """Return the mean loss on a batch `x`, shape (samples, inputs).

        It is the cross-entropy for softmax networks, whose `targets` are labels, and the
        squared error for the others, whose `targets` are numbers of shape (samples, outputs).
        """
        return self.loss_of(self(x), targets)

    def loss_of(self, outputs: ArrayLike, targets: ArrayLike) -> float:
        """Return the mean loss of `outputs` that this network gave; `targets` as for `loss`."""
        loss = cross_entropy if self.output == "softmax" else squared_error
        return loss(outputs, targets)

    def copy(self) -> "Network":
        """Return a network of its own with equal parameters."""
        layers = [Dense(la.weights, la.bias, la.activation.name) for la in self.layers]
        return Network(layers, self.output)

    def describe(self) -> None:
        """Print a table of the layers, their shapes and their parameters."""
        print(self.table())

    def table(self) -> str:
        """Return what `describe` prints."""
        rows = [("layer", "neurons", "weights", "biases", "activation", "parameters")]
        rows.append(("input", str(self.sizes[0]), "-", "-", "-", "0"))
        for number, layer in enumerate(self.layers, start=1):
            last = number == len(self.layers)
            name = "output" if last else f"hidden {number}"
            kind = "softmax" if last and self.output == "softmax" else layer.activation.name
            inputs, units = layer.weights.shape
            count = layer.weights.size + layer.bias.size
            shapes = (f"({inputs}, {units})", f"({units},)")
            rows.append((name, str(units), *shapes, kind, f"{count:,}"))
        rows.append(("all", "", "", "", "", f"{count_parameters(self.sizes):,}"))
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
        lines = []
        for row in rows:
            cells = [cell.ljust(width) for cell, width in zip(row[:-1], widths[:-1], strict=True)]
            lines.append("  ".join([*cells, row[-1].rjust(widths[-1])]))
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"Network(sizes={self.sizes}, output={self.output!r})"

    def _require_inputs(self, x: ArrayLike) -> None:
        x = as_floats(x, "x", ("samples", "inputs"))
        if x.shape[1] != self.sizes[0]:
            raise ValueError(
                f"This network takes {self.sizes[0]} inputs for each sample. "
                f"Given: x {x.shape}, which has {x.shape[1]}."
            )


def _as_sizes(sizes: Sequence[int]) -> list[int]:
    sizes = [as_count(size, "each size of a layer") for size in sizes]
    if len(sizes) < 2:
        raise ValueError(
            "A network needs an input and an output layer, so at least two sizes. "
            f"Given: {sizes}. An example: [4, 5, 3]."
        )
    return sizes
