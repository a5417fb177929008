"""Chapter 4: the whole training. Data kept apart, epochs of mini-batches, when to stop.

Read from top to bottom: preparing the data, one epoch, when the loss has converged, how
good the network is, the training loop, keeping what was learnt.
"""

import io
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from dlbook.arguments import (
    FloatArray,
    IntArray,
    NotFiniteError,
    as_count,
    as_floats,
    as_generator,
    as_labels,
    as_number,
    existing_file,
    new_file,
    require_finite,
    write_bytes,
)
from dlbook.inplace import Trainer, as_data
from dlbook.layers import Dense, Network, predict
from dlbook.updates import Parameters, backward

if TYPE_CHECKING:
    from dlbook.figures import DescribedFigure

#: With these words every file of `save` begins to tell what it is.
FILE_FORMAT = "dlbook network 1"


def split(
    x: ArrayLike, labels: ArrayLike, held_out_fraction: float, rng: np.random.Generator
) -> tuple[FloatArray, IntArray, FloatArray, IntArray]:
    """Shuffle the samples and keep a part of them out of the training.

    Parameters
    ----------
    x : array, shape (samples, inputs)
    labels : array of int, shape (samples,)
    held_out_fraction : float
        Between 0 and 1; 0.2 keeps one sample in five apart.
    rng : numpy.random.Generator

    Returns
    -------
    x_train, labels_train, x_held_out, labels_held_out : arrays
        Every sample is in exactly one part, together with its own label.

    Raises
    ------
    ValueError
        If the shapes don't fit together, or one part would be empty.
    """
    x = as_floats(x, "x", ("samples", "inputs"))
    labels = as_labels(labels, samples=len(x))
    fraction = as_number(held_out_fraction, "held_out_fraction", above=0, below=1)
    held_out = round(fraction * len(x))
    if held_out in (0, len(x)):
        raise ValueError(
            f"Both parts must have at least one sample. Given: {len(x)} samples, of which "
            f"{held_out} would be held out. Use more samples, or another held_out_fraction."
        )
    order = as_generator(rng).permutation(len(x))
    out, train = order[:held_out], order[held_out:]
    return x[train], labels[train], x[out], labels[out]


def standardise(train: ArrayLike, other: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Shift and scale every column by the mean and the standard deviation of `train`.

    Parameters
    ----------
    train, other : array, shape (samples, inputs)
        `other` is scaled with the numbers of `train`: held-out data must not be looked at,
        not even for its mean.

    Returns
    -------
    train, other : arrays
        New arrays. A column that is constant in `train` is only centred.

    Raises
    ------
    ValueError
        If both haven't the same number of columns.

    Examples
    --------
    >>> standardise([[1.0], [3.0]], [[5.0]])
    (array([[-1.],
           [ 1.]]), array([[3.]]))
    """
    train = as_floats(train, "train", ("samples", "inputs"))
    other = as_floats(other, "other", ("samples", "inputs"))
    if train.shape[1] != other.shape[1]:
        raise ValueError(
            "Both parts must have the same columns. "
            f"Given: train {train.shape}, other {other.shape}."
        )
    mean, deviation = train.mean(axis=0), train.std(axis=0)
    constant = train.min(axis=0) == train.max(axis=0)  # the computed deviation may be 1e-17
    mean[constant], deviation[constant] = train[0, constant], 1.0
    return (train - mean) / deviation, (other - mean) / deviation


def one_epoch_batches(samples: int, batch_size: int, rng: np.random.Generator) -> list[IntArray]:
    """Shuffle the numbers 0 .. samples-1 and cut them into mini-batches.

    Parameters
    ----------
    samples, batch_size : int
    rng : numpy.random.Generator

    Returns
    -------
    list of arrays of int
        Each sample is in exactly one of them. Only the last may be shorter.
    """
    samples, batch_size = as_count(samples, "samples"), as_count(batch_size, "batch_size")
    order = as_generator(rng).permutation(samples)
    return [order[start : start + batch_size] for start in range(0, samples, batch_size)]


def train_epoch(
    network: Network,
    x: FloatArray,
    targets: FloatArray | IntArray,
    batches: Sequence[IntArray],
    step: Callable[[Parameters, Parameters], list[FloatArray]],
) -> None:
    """Update the network once for each batch: loss, gradients, step.

    `train` makes the same updates in place, with `dlbook.inplace.Trainer`, and so much faster.

    Parameters
    ----------
    network : Network
        Its parameters are replaced.
    x : array, shape (samples, inputs)
    targets : array
        Labels (samples,), or numbers (samples, outputs).
    batches : list of arrays of int
        Which samples belong to each batch, as `one_epoch_batches` returns them.
    step : function
        Takes parameters and gradients, returns new parameters; see `updates.optimiser`.
    """
    for batch in batches:
        _, gradients = backward(network, x[batch], targets[batch])
        network.parameters = step(network.parameters, gradients)


def has_converged(losses: Sequence[float], tolerance: float, patience: int) -> bool:
    """Say whether the loss has stopped falling.

    Parameters
    ----------
    losses : sequence of float
        One for each epoch, oldest first.
    tolerance : float
        A fall by no more than this counts as none.
    patience : int
        How many epochs may pass without a new lowest loss; at least 1.

    Returns
    -------
    bool
        True when there are more than `patience` losses, and the lowest of the last
        `patience` is not lower than the lowest before them by more than `tolerance`.

    Examples
    --------
    >>> has_converged([1.0, 0.5, 0.4999, 0.4998], tolerance=0.01, patience=2)
    True
    """
    patience = as_count(patience, "patience")
    tolerance = as_number(tolerance, "tolerance", least=0)
    losses = as_floats(losses, "losses") if len(losses) else np.zeros(0)
    if len(losses) <= patience:
        return False
    return bool(losses[:-patience].min() - losses[-patience:].min() <= tolerance)


def has_stopped_improving(
    losses: Sequence[float], patience: int = 20, better_by: float = 0.01
) -> bool:
    """Say whether waiting has brought no loss that is better by a share of itself.

    It is `has_converged` with a tolerance that shrinks with the loss, so it means the same for
    a loss of 2 and for one of 0.02.

    Parameters
    ----------
    losses : sequence of float
        One for each epoch, oldest first; held-out losses, best of all.
    patience : int, optional
        How many epochs to wait; at least 1.
    better_by : float, optional
        Which share of the lowest loss before has to be gained; 0.01 is 1 %.

    Returns
    -------
    bool

    Examples
    --------
    >>> has_stopped_improving([0.5, 0.499, 0.498], patience=2)
    True
    >>> has_stopped_improving([0.5, 0.499, 0.49], patience=2)
    False
    """
    patience = as_count(patience, "patience")
    better_by = as_number(better_by, "better_by", least=0, below=1)
    before = losses[:-patience]
    return len(before) > 0 and has_converged(losses, better_by * min(before), patience)


def accuracy(predicted: ArrayLike, labels: ArrayLike) -> float:
    """Return the share of predictions that are right, from 0 to 1.

    Parameters
    ----------
    predicted, labels : array of int, shape (samples,)

    Returns
    -------
    float

    Examples
    --------
    >>> accuracy([1, 0, 1, 1], [1, 0, 0, 1])
    0.75
    """
    predicted = as_labels(predicted, name="predicted")
    return float(np.mean(predicted == as_labels(labels, samples=len(predicted))))


def confusion_matrix(predicted: ArrayLike, labels: ArrayLike, classes: int) -> IntArray:
    """Count which class was taken for which.

    Parameters
    ----------
    predicted, labels : array of int, shape (samples,)
    classes : int

    Returns
    -------
    array of int, shape (classes, classes)
        Row: the true class. Column: the predicted class. The diagonal holds what is right.

    Examples
    --------
    >>> confusion_matrix([1, 0, 1, 1], [1, 0, 0, 1], classes=2)
    array([[1, 1],
           [0, 2]])
    """
    classes = as_count(classes, "classes")
    predicted = as_labels(predicted, classes=classes, name="predicted")
    labels = as_labels(labels, samples=len(predicted), classes=classes)
    matrix = np.zeros((classes, classes), dtype=np.int64)
    np.add.at(matrix, (labels, predicted), 1)
    return matrix


class Evaluation(NamedTuple):
    """How good a network is on some data.

    Parameters
    ----------
    loss : float
        The mean cross-entropy.
    accuracy : float
        From 0 to 1.
    confusion : array of int, shape (classes, classes)
        As `confusion_matrix` returns it.
    """

    loss: float
    accuracy: float
    confusion: IntArray


def evaluate(network: Network, x: ArrayLike, labels: ArrayLike) -> Evaluation:
    """Use a trained network on data that it hasn't seen (inference), and compare.

    Parameters
    ----------
    network : Network
        With softmax output.
    x : array, shape (samples, inputs)
    labels : array of int, shape (samples,)

    Returns
    -------
    Evaluation
    """
    predicted = network.predict(x)
    return Evaluation(
        network.loss(x, labels),
        accuracy(predicted, labels),
        confusion_matrix(predicted, labels, network.sizes[-1]),
    )


@dataclass
class History:
    """What happened in a training: one number for each epoch, and one from before the first.

    The two accuracies stay empty for a network that predicts numbers, the two held-out lists
    where nothing was held out.

    Attributes
    ----------
    loss, accuracy, held_out_loss, held_out_accuracy : list of float
    seconds : float
        By the clock on the wall.
    stopped : str
        Why the training ended, in words.
    """

    loss: list[float] = field(default_factory=list)
    accuracy: list[float] = field(default_factory=list)
    held_out_loss: list[float] = field(default_factory=list)
    held_out_accuracy: list[float] = field(default_factory=list)
    seconds: float = 0.0
    stopped: str = "not started"

    @property
    def epochs(self) -> int:
        """Number of finished epochs."""
        return max(len(self.loss) - 1, 0)

    def curves(self) -> dict[str, list[float]]:
        """Return the loss curves by name, as `figures.loss_curves` takes them."""
        curves = {"training": self.loss, "held-out": self.held_out_loss}
        return {name: losses for name, losses in curves.items() if losses}

    def plot(self) -> "DescribedFigure":
        """Draw the loss curves."""
        from dlbook.figures import loss_curves  # noqa: PLC0415 - matplotlib, only where drawn

        return loss_curves(self.curves(), first=0)


def train(
    network: Network,
    x: ArrayLike,
    targets: ArrayLike,
    *,
    epochs: int,
    learning_rate: float,
    rng: np.random.Generator,
    batch_size: int = 32,
    optimiser_name: str = "gradient descent",
    held_out: tuple[ArrayLike, ArrayLike] | None = None,
    tolerance: float | None = None,
    patience: int | None = None,
    progress: bool | None = None,
) -> History:
    """Train `network` in place, epoch after epoch, and tell how it went.

    Ctrl-C (the stop button in JupyterLab) ends it early; what was learnt is kept.

    Parameters
    ----------
    network : Network
        Its parameters are changed. One of float32 stays so, and learns faster.
    x : array, shape (samples, inputs)
        Neither changed nor copied, if it is of the network's float type.
    targets : array
        Labels (samples,), or numbers (samples, outputs) where the output is ``"identity"``.
    epochs : int
        At most so many passes over the data.
    learning_rate : float
    rng : numpy.random.Generator
        Shuffles the samples anew for each epoch.
    batch_size : int, optional
    optimiser_name : {"gradient descent", "momentum", "adam"}, optional
    held_out : tuple of two arrays, (x, targets), optional
        Never trained on. Its loss decides when to stop, and the parameters with the lowest
        held-out loss are the ones that stay.
    tolerance : float, optional
        With a tolerance, `has_converged` is asked when to stop; see `patience`.
    patience : int, optional
        Stop as soon as `has_stopped_improving` says so of the held-out loss, or of the training
        loss where nothing is held out. Without `patience` all epochs are run.
    progress : bool, optional
        Show a progress bar: True always, False never; otherwise after two seconds.

    Returns
    -------
    History

    Raises
    ------
    ValueError
        If the data doesn't fit the network.
    FloatingPointError
        If the loss became infinite or NaN; the network keeps its last ordinary parameters.
    """
    from tqdm import tqdm  # noqa: PLC0415 - only long work needs it

    x, targets = as_data(network, x, targets, "x")
    if held_out is not None:
        held_out = as_data(network, *held_out, "held-out x")
    epochs = as_count(epochs, "epochs")
    trainer = Trainer(network, optimiser_name, learning_rate)
    best = trainer.parameters.copy()
    history = History(stopped="all epochs done")
    started = time.perf_counter()
    bar = tqdm(range(epochs), unit="epoch", disable=progress is False, delay=0 if progress else 2)
    _record(history, network, x, targets, held_out)
    try:
        for _ in bar:
            batches = one_epoch_batches(len(x), batch_size, rng)
            with np.errstate(over="ignore", invalid="ignore"):  # reported below, in words
                trainer.epoch(x, targets, batches)
                _record(history, network, x, targets, held_out)
            watched = history.loss if held_out is None else history.held_out_loss
            if held_out is None or watched[-1] <= min(watched):
                best[:] = trainer.parameters
            bar.set_postfix(loss=f"{watched[-1]:.4f}", refresh=False)
            if patience is not None and _is_over(watched, tolerance, patience):
                history.stopped = "converged"
                break
    except KeyboardInterrupt:
        history.stopped = "interrupted"
        if held_out is None and np.isfinite(trainer.parameters).all():
            best[:] = trainer.parameters
    except NotFiniteError:
        history.stopped = "diverged"
        raise FloatingPointError(
            f"Training blew up in epoch {history.epochs + 1}: numbers grew until they were "
            f"infinite. Given: learning_rate {learning_rate:g}. Try a tenth of it, and inputs of "
            "ordinary size (see standardise). The network is as it was before that epoch."
        ) from None
    finally:
        bar.close()
        history.seconds = time.perf_counter() - started
        trainer.parameters[:] = best
    return history


def save(network: Network, path: str | Path, overwrite: bool = False) -> Path:
    """Write a network's parameters and the names of its activations into an ``.npz`` file.

    Parameters
    ----------
    network : Network
    path : str or Path
        An existing file is left alone unless `overwrite` is True.
    overwrite : bool, optional

    Returns
    -------
    Path
        Where it was written.
    """
    path = new_file(path, overwrite)
    arrays = {f"parameter_{i}": array for i, array in enumerate(network.parameters)}
    activations = np.array([layer.activation.name for layer in network.layers])
    contents = io.BytesIO()
    np.savez(contents, format=FILE_FORMAT, output=network.output, activations=activations, **arrays)
    write_bytes(path, contents.getvalue(), overwrite)
    return path


def load(path: str | Path) -> Network:
    """Read a network that `save` wrote.

    Nothing in the file is ever run: it holds numbers and names only (no pickle).

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    Network

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is damaged, or isn't one of ours.
    """
    from zipfile import BadZipFile  # noqa: PLC0415 - slow to import, only to load a file

    path = existing_file(path)
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as archive:
            contents = {name: archive[name] for name in archive.files}
        if str(contents["format"]) != FILE_FORMAT:
            raise KeyError("format")
        parameters = [contents[f"parameter_{i}"] for i in range(2 * len(contents["activations"]))]
        layers = [
            Dense(parameters[2 * i], parameters[2 * i + 1], str(name))
            for i, name in enumerate(contents["activations"])
        ]
        return Network(layers, str(contents["output"]))
    except (KeyError, TypeError, ValueError, AttributeError, EOFError, BadZipFile):
        raise ValueError(
            f"{str(path)!r} is no network that this book saved, or it is damaged. "
            "Use a file that dlbook.training.save wrote."
        ) from None


def _record(
    history: History,
    network: Network,
    x: FloatArray,
    targets: FloatArray | IntArray,
    held_out: tuple[FloatArray, FloatArray | IntArray] | None,
) -> None:
    """Measure the network as it is now, and append what was found to `history`."""
    sets = [(x, targets, history.loss, history.accuracy)]
    if held_out is not None:
        sets.append((*held_out, history.held_out_loss, history.held_out_accuracy))
    for inputs, wanted, losses, accuracies in sets:
        outputs = network(inputs)
        loss = network.loss_of(outputs, wanted)
        require_finite(loss=np.asarray(loss))
        losses.append(loss)
        if network.output == "softmax":
            accuracies.append(accuracy(predict(outputs), wanted))


def _is_over(losses: Sequence[float], tolerance: float | None, patience: int) -> bool:
    if tolerance is None:
        return has_stopped_improving(losses, patience)
    return has_converged(losses, tolerance, patience)
