"""What the chapters ask of their arguments, and how they say so to a beginner.

Every message has three parts: what is wrong, what was given, what to do.
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.floating]
IntArray = NDArray[np.integer]


class NotFiniteError(ValueError):
    """An array holds NaN or infinity where ordinary numbers are needed."""


def as_floats(value: ArrayLike, name: str, axes: Sequence[str] | None = None) -> FloatArray:
    """Return `value` as an array of finite floats, or say why it can't be one.

    Parameters
    ----------
    value : array, list of numbers, or number
    name : str
        What the caller calls it; the message uses the same word.
    axes : sequence of str, optional
        What each dimension counts, such as ``("samples", "inputs")``. An array
        with another number of dimensions, or with none of something, is refused.

    Returns
    -------
    array
        float32 stays float32; everything else becomes float64.

    Raises
    ------
    TypeError
        If `value` doesn't consist of real numbers.
    ValueError
        If its dimensions don't fit `axes`, or if it holds NaN or infinity.
    """
    array = _as_numbers(value, name)
    if array.dtype != np.float32:
        array = array.astype(np.float64, copy=False)
    if axes is not None:
        _require_axes(array, name, axes)
    require_finite(**{name: array})
    return array


def as_labels(
    labels: ArrayLike, samples: int | None = None, classes: int | None = None, name: str = "labels"
) -> IntArray:
    """Return `labels` as whole numbers 0 .. classes-1, shape (samples,), or say why not.

    Parameters
    ----------
    labels : array or list of whole numbers, shape (samples,)
    samples : int, optional
        How many there must be.
    classes : int, optional
        How many classes there are; without it only negative labels are refused.
    name : str, optional
        What the caller calls them.

    Raises
    ------
    TypeError
        If they aren't numbers.
    ValueError
        If they aren't whole numbers in range, or not as many as `samples`.
    """
    array = _as_numbers(labels, name)
    _require_axes(array, name, ("samples",))
    if samples is not None and len(array) != samples:
        raise ValueError(
            f"There must be one label for each sample. Given: {samples} samples, "
            f"{len(array)} {name}. Were rows and labels cut or shuffled together?"
        )
    with np.errstate(invalid="ignore"):
        whole = array.astype(np.int64)
    if array.dtype.kind == "f" and not np.array_equal(whole, array):
        odd = array[whole != array][0]
        raise ValueError(
            f"{name} must be whole numbers, one class number for each sample. Given: {odd}. "
            "Use 0 for the first class, 1 for the second, and so on."
        )
    if whole.min() < 0 or (classes is not None and whole.max() >= classes):
        bad = whole[(whole < 0) | (whole >= (np.inf if classes is None else classes))][0]
        limit = "" if classes is None else f" For {classes} classes the largest is {classes - 1}."
        raise ValueError(f"{name} are counted from 0.{limit} Given: {bad}.")
    return whole


def require_finite(**arrays: FloatArray) -> None:
    """Raise NotFiniteError for the first of the named arrays that holds NaN or infinity."""
    for name, array in arrays.items():
        finite = np.isfinite(array)
        if finite.all():
            continue
        where = tuple(int(i) for i in np.argwhere(~finite)[0])
        place = f" at {name}{list(where)}" if where else ""
        count = int(finite.size - finite.sum())
        raise NotFiniteError(
            f"{name} must hold ordinary numbers only. Given: {count} of {finite.size} "
            f"{'is' if count == 1 else 'are'} nan or infinite, the first{place}: "
            f"{array[where]}. Find where it comes from: a missing value in the data, a division "
            "by zero, or a learning rate that is too large."
        )


def as_count(value: object, name: str, least: int = 1) -> int:
    """Return `value` as a whole number of at least `least`, or say why it can't be one.

    Raises
    ------
    TypeError
        If it isn't a whole number.
    ValueError
        If it is smaller than `least`.
    """
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | np.integer):
        raise TypeError(f"{name} must be a whole number. Given: {value!r}.")
    if value < least:
        raise ValueError(f"{name} must be at least {least}. Given: {value}.")
    return int(value)


def as_number(
    value: object,
    name: str,
    above: float | None = None,
    least: float | None = None,
    below: float | None = None,
) -> float:
    """Return `value` as one finite float, inside the limits that are given.

    Parameters
    ----------
    above, least, below : float, optional
        It must be larger than `above`, not smaller than `least`, smaller than `below`.

    Raises
    ------
    TypeError
        If it isn't one number.
    ValueError
        If it is NaN, infinite or outside the limits.
    """
    array = _as_numbers(value, name)
    if array.ndim != 0:
        raise TypeError(f"{name} must be one number. Given: an array of shape {array.shape}.")
    number = float(array)
    if not np.isfinite(number):
        raise ValueError(f"{name} must be an ordinary number. Given: {number}.")
    if above is not None and number <= above:
        raise ValueError(f"{name} must be larger than {above:g}. Given: {number:g}.")
    if least is not None and number < least:
        raise ValueError(f"{name} must be at least {least:g}. Given: {number:g}.")
    if below is not None and number >= below:
        raise ValueError(f"{name} must be smaller than {below:g}. Given: {number:g}.")
    return number


def as_choice(value: str, name: str, choices: Sequence[str]) -> str:
    """Return `value` if it is one of `choices`; otherwise ValueError lists them."""
    if value not in choices:
        known = ", ".join(repr(choice) for choice in choices)
        raise ValueError(f"{name} must be one of {known}. Given: {value!r}.")
    return value


def as_generator(rng: object) -> np.random.Generator:
    """Return `rng` if it is a ``numpy.random.Generator``; otherwise TypeError says how to make one.

    All randomness in this book comes from such a generator, so that a run can be repeated.
    """
    if not isinstance(rng, np.random.Generator):
        raise TypeError(
            f"rng must be a random generator. Given: {rng!r}. "
            "Make one with np.random.default_rng(0); 0 is the seed."
        )
    return rng


def existing_file(path: str | Path) -> Path:
    """Return `path` if there is a file to read.

    Raises
    ------
    FileNotFoundError
        If there is none.
    IsADirectoryError
        If it is a folder.
    """
    path = Path(path)
    if path.is_dir():
        raise IsADirectoryError(f"{str(path)!r} is a folder. Give the name of a file in it.")
    if not path.exists():
        raise FileNotFoundError(not_found(path, "file"))
    return path


def not_found(path: Path, what: str) -> str:
    """Say that there is no `what` at `path`, and where it was looked for."""
    looked = "" if path.is_absolute() else f" Looked for it in the folder {str(Path.cwd())!r}."
    return f"There is no {what} {str(path)!r}.{looked} Check the spelling."


def new_file(path: str | Path, overwrite: bool) -> Path:
    """Return `path` if something may be written there.

    Raises
    ------
    FileExistsError
        If there is a file already and `overwrite` is False.
    FileNotFoundError
        If the folder doesn't exist.
    """
    path = Path(path)
    if not path.parent.is_dir():
        raise FileNotFoundError(
            f"There is no folder {str(path.parent)!r} to write {path.name!r} into. "
            "Make the folder first, or choose another."
        )
    if path.is_dir():
        raise IsADirectoryError(f"{str(path)!r} is a folder. Give the name of a file in it.")
    if path.exists() and not overwrite:
        raise FileExistsError(
            f"{str(path)!r} exists already and is left as it is. "
            "Choose another name, or say overwrite=True."
        )
    return path


def write_bytes(path: Path, contents: bytes, overwrite: bool) -> None:
    """Write a whole file or nothing: a crash half-way leaves no damaged file behind.

    Raises
    ------
    FileExistsError
        If the file exists and `overwrite` is False, even if it appeared a moment ago.
    PermissionError
        If the folder can't be written to.
    """
    try:
        workshop = tempfile.TemporaryDirectory(dir=path.parent)
    except PermissionError:
        raise PermissionError(
            f"The folder {str(path.parent)!r} can't be written to, so {path.name!r} was not saved. "
            "Choose a folder of your own."
        ) from None
    with workshop as folder:
        finished = Path(folder, path.name)
        finished.write_bytes(contents)
        if overwrite:
            finished.replace(path)
            return
        try:
            path.open("xb").close()  # claims the name, or fails because somebody has it
        except FileExistsError:
            raise FileExistsError(
                f"{str(path)!r} exists already and is left as it is. "
                "Choose another name, or say overwrite=True."
            ) from None
        try:
            finished.replace(path)
        except OSError:
            path.unlink(missing_ok=True)  # the claim: an empty file of our own
            raise


def _as_numbers(value: object, name: str) -> np.ndarray:
    try:
        array = np.asarray(value)
    except ValueError:  # rows of unequal length
        raise ValueError(
            f"The rows of {name} must all have the same length. Given: a list whose rows differ."
        ) from None
    if array.dtype.kind not in "fiub":
        raise TypeError(
            f"{name} must consist of numbers. Given: {type(value).__name__} "
            f"({str(value)[:40]!r}). Use numbers, a list of numbers, or a NumPy array."
        )
    return array


def _require_axes(array: np.ndarray, name: str, axes: Sequence[str]) -> None:
    wanted = f"({', '.join(axes)}{',' if len(axes) == 1 else ''})"
    if array.ndim != len(axes):
        advice = ""
        if array.ndim == 1 and len(axes) == 2:
            advice = f" One {axes[0].rstrip('s')} alone is a batch of one: {name}[np.newaxis, :]."
        raise ValueError(
            f"{name} must have the shape {wanted}. Given: shape {array.shape}.{advice}"
        )
    for size, axis in zip(array.shape, axes, strict=True):
        if size == 0:
            raise ValueError(
                f"{name} is empty: it must have at least one of its {axis}. "
                f"Given: shape {array.shape}, where {wanted} is expected."
            )
