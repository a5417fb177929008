"""Chapter 4: the training that runs. The sums of `updates`, in arrays that are made once.

Read from top to bottom: what a trainer holds, one update (forward, backward, step), and the
arrays that it works in. The loop over the epochs is in `training`.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from dlbook.arguments import FloatArray, IntArray, as_choice, as_floats, as_labels, as_number
from dlbook.layers import Network
from dlbook.updates import OPTIMISERS


class Trainer:
    """Trains a network in place, with the same updates as `updates.backward` and an optimiser.

    Nothing is checked between: `as_data` looks at the data before, and `training.train` at the
    loss after each epoch.

    Parameters
    ----------
    network : Network
        From now on its weights and biases are views of `parameters`, and change with it.
    optimiser_name : {"gradient descent", "momentum", "adam"}
    learning_rate : float
    momentum : float, optional
        For ``"momentum"`` only.

    Attributes
    ----------
    parameters, gradient : array, shape (parameters,)
        All weights and biases in one vector, and the slopes in them; float32 or float64 as
        the network was.
    """

    def __init__(
        self, network: Network, optimiser_name: str, learning_rate: float, momentum: float = 0.9
    ) -> None:
        self.network = network
        self.optimiser_name = as_choice(optimiser_name, "optimiser", OPTIMISERS)
        self.learning_rate = as_number(learning_rate, "learning_rate", above=0)
        self.momentum = as_number(momentum, "momentum", least=0, below=1)
        self.parameters = np.concatenate([array.ravel() for array in network.parameters])
        self.gradient = np.zeros_like(self.parameters)
        self.velocity, self.squares = np.zeros_like(self.gradient), np.zeros_like(self.gradient)
        self.count = 0
        self.weights = tables(self.parameters, network.sizes)
        self.d_weights = tables(self.gradient, network.sizes)
        for layer, table in zip(network.layers, self.weights, strict=True):
            layer.weights, layer.bias = table[:-1], table[-1]
        self.workspaces: dict[int, Workspace] = {}

    def epoch(
        self, x: FloatArray, targets: FloatArray | IntArray, batches: Sequence[IntArray]
    ) -> None:
        """Make one update for each batch of `x` and `targets`, as `training.train_epoch` does.

        `batches` are what `training.one_epoch_batches` returns.
        """
        for batch in batches:
            if len(batch) not in self.workspaces:  # the last one may be shorter
                self.workspaces[len(batch)] = Workspace(self, len(batch))
            work = self.workspaces[len(batch)]
            outputs = self.forward(x.take(batch, axis=0), work)
            self.backward(outputs, targets.take(batch, axis=0), work)
            self.step()

    def forward(self, x: FloatArray, work: "Workspace") -> FloatArray:
        """Return the last layer's outputs for `x`; what each layer receives stays in `work`."""
        outputs = x
        for k, layer in enumerate(self.network.layers):
            work.inputs[k][:, :-1] = outputs
            outputs = np.dot(work.inputs[k], self.weights[k], out=work.sums[k])
            if layer.activation.name == "relu":
                np.greater(outputs, work.zero, out=work.slopes[k])  # 1 or 0
                outputs *= work.slopes[k]
            elif layer.activation.name != "identity":
                work.slopes[k][...] = layer.activation.slope(outputs)
                outputs[...] = layer.activation.function(outputs)
        return outputs

    def backward(
        self, outputs: FloatArray, targets: FloatArray | IntArray, work: "Workspace"
    ) -> None:
        """Turn `outputs` into the slope of the loss in them, and carry it back to `gradient`.

        `targets` are as for `epoch`; `work` is the workspace that `forward` has filled.
        """
        upstream = outputs
        if self.network.output == "softmax":
            upstream -= upstream.max(axis=1, keepdims=True)  # softmax, then p - y, both scaled
            np.exp(upstream, out=upstream)
            upstream *= work.scale / np.dot(upstream, work.ones)
            upstream -= work.truth.take(targets, axis=0)
        else:
            upstream -= targets
            upstream *= work.scale
        for k in reversed(range(len(self.weights))):
            if self.network.layers[k].activation.name != "identity":
                upstream *= work.slopes[k]
            np.dot(work.inputs[k].T, upstream, out=self.d_weights[k])
            if k > 0:  # nothing before the first layer waits for a slope
                upstream = np.dot(upstream, self.weights[k][:-1].T, out=work.sums[k - 1])

    def step(self) -> None:
        """Move all parameters against the gradient, which is scaled already."""
        if self.optimiser_name == "adam":
            self.adam_step()
        elif self.optimiser_name == "momentum":
            self.velocity *= self.momentum
            self.velocity += self.gradient
            self.parameters -= self.velocity
        else:
            self.parameters -= self.gradient

    def adam_step(
        self, mean_decay: float = 0.9, square_decay: float = 0.999, tiny: float = 1e-8
    ) -> None:
        """Move as `updates.adam_step` does; what is known beforehand is one factor at the end.

        `mean_decay`, `square_decay` and `tiny` mean the same there.
        """
        self.count += 1
        self.velocity *= mean_decay  # the mean of g, not yet times 1 - mean_decay
        self.velocity += self.gradient
        self.squares *= square_decay  # the mean of g ** 2, not yet times 1 - square_decay
        self.gradient *= self.gradient
        self.squares += self.gradient
        mean_factor = (1 - mean_decay) / (1 - mean_decay**self.count)
        root_factor = ((1 - square_decay) / (1 - square_decay**self.count)) ** 0.5
        divisor = np.sqrt(self.squares, out=self.gradient)
        divisor += tiny / root_factor
        move = np.divide(self.velocity, divisor, out=divisor)
        move *= self.learning_rate * mean_factor / root_factor
        self.parameters -= move


class Workspace:
    """The arrays that a trainer needs for batches of one size.

    Parameters
    ----------
    trainer : Trainer
    samples : int
        In each batch.

    Attributes
    ----------
    inputs : list of arrays, shape (samples, inputs + 1)
        What each layer receives, and a last column of 1: the bias is the weight of a 1.
    sums, slopes : lists of arrays, shape (samples, units)
        Each layer's weighted sums, then its outputs, then the slope that comes back; and the
        activation's slopes.
    scale : float
        What the slope of the loss is multiplied by, once: the learning rate, divided by what
        the mean divides by. Then a step needs no multiplication. (Adam scales by itself.)
    truth : array, shape (classes, classes)
        A row for each true class: `scale` in its own place, 0 in the others.
    ones : array, shape (classes, 1)
        A product with it is the sum of each row, and quicker than `sum`.
    """

    def __init__(self, trainer: Trainer, samples: int) -> None:
        sizes, dtype = trainer.network.sizes, trainer.parameters.dtype
        self.inputs = [np.ones((samples, inputs + 1), dtype) for inputs in sizes[:-1]]
        self.sums = [np.empty((samples, units), dtype) for units in sizes[1:]]
        self.slopes = [np.empty((samples, units), dtype) for units in sizes[1:]]
        rate = 1.0 if trainer.optimiser_name == "adam" else trainer.learning_rate
        softmax = trainer.network.output == "softmax"
        self.scale = rate / samples if softmax else 2 * rate / (samples * sizes[-1])
        self.truth = self.scale * np.eye(sizes[-1], dtype=dtype)
        self.ones, self.zero = np.ones((sizes[-1], 1), dtype), np.zeros((), dtype)


def tables(flat: FloatArray, sizes: Sequence[int]) -> list[FloatArray]:
    """Show one long vector as a table for each layer, without copying a number.

    Parameters
    ----------
    flat : array, shape (parameters,)
        In the order of ``network.parameters``.
    sizes : sequence of int
        As ``network.sizes``.

    Returns
    -------
    list of arrays, shape (inputs + 1, units)
        Each layer's weights, and its biases as the last row.
    """
    shapes = [(inputs + 1, units) for inputs, units in pairwise(sizes)]
    ends = np.cumsum([rows * columns for rows, columns in shapes])
    pieces = np.split(flat, ends[:-1])
    return [piece.reshape(shape) for piece, shape in zip(pieces, shapes, strict=True)]


def as_data(
    network: Network, x: ArrayLike, targets: ArrayLike, name: str = "x"
) -> tuple[FloatArray, FloatArray | IntArray]:
    """Return data as `Trainer` takes it, in the network's float type, or say why that can't be.

    Parameters
    ----------
    network : Network
    x : array, shape (samples, inputs)
    targets : array
        Labels (samples,), or numbers (samples, outputs) where the output is ``"identity"``.
    name : str, optional
        What the caller calls `x`.

    Returns
    -------
    x, targets : arrays
        The same arrays, where they are of the right type already.

    Raises
    ------
    ValueError
        If they don't fit the network, or each other.
    """
    dtype = network.parameters[0].dtype
    x = as_floats(x, name, ("samples", "inputs")).astype(dtype, copy=False)
    if network.output == "softmax":
        return x, as_labels(targets, samples=len(x), classes=network.sizes[-1])
    targets = as_floats(targets, "targets", ("samples", "outputs")).astype(dtype, copy=False)
    if targets.shape != (len(x), network.sizes[-1]):
        raise ValueError(
            "There must be one row of targets for each sample, one number for each output. "
            f"Given: targets {targets.shape}. Needed: {(len(x), network.sizes[-1])}."
        )
    return x, targets
