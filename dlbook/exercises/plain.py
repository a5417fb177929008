"""Values as plain data: what may pass between a student's function and the verdict.

JSON and nothing else, so that the two can stand on either side of a wall. Needs NumPy only.
"""

import base64
import numbers
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np
from numpy import asarray, ascontiguousarray, may_share_memory  # np's own may be replaced

LARGEST = 1_000_000  # numbers in one value; of anything larger only the shape is kept
LISTED = 100_000  # items of lists in one value: one by one they take far more room and time
DEEPEST = 6  # lists within lists
_TYPES = (
    "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
    "float16", "float32", "float64",
)  # fmt: skip
_TEXT = 2000  # characters of a string that are kept


@dataclass(frozen=True)
class Opaque:
    """A value of which only its type is known, or of an array its shape too.

    Parameters
    ----------
    type : str
    shape : tuple of int, optional
    """

    type: str
    shape: tuple[int, ...] | None = None


class Rng(NamedTuple):
    """An argument: a ``numpy.random.Generator`` with this seed.

    Parameters
    ----------
    seed : int
    """

    seed: int

    def __str__(self) -> str:
        return f"np.random.default_rng({self.seed})"


class Given(NamedTuple):
    """An argument: one of the functions in ``probe.FUNCTIONS``, with its numbers.

    Parameters
    ----------
    name : str
        Its key there.
    numbers : tuple
        What the function there is given.
    text : str
        How a message writes it, such as "z -> z * z".
    """

    name: str
    numbers: tuple[Any, ...]
    text: str

    def __str__(self) -> str:
        return f"the function {self.text}"


class File(NamedTuple):
    """An argument: the path of a file with these contents.

    Parameters
    ----------
    name : str
        The file's name, without a folder.
    contents : bytes or None
        None where there shall be no such file.
    as_path : bool, optional
        Give a Path instead of a str.
    text : str, optional
        What a message says of it.
    """

    name: str
    contents: bytes | None
    as_path: bool = False
    text: str = ""

    def __str__(self) -> str:
        written = f"Path({self.name!r})" if self.as_path else repr(self.name)
        return written + (f", {self.text}" if self.text else "")


class _Budget:
    """How many numbers may still be kept."""

    def __init__(self) -> None:
        self.left = {"numbers": LARGEST, "items": LISTED}

    def take(self, count: int, what: str) -> bool:
        if count > self.left[what]:
            return False
        self.left[what] -= count
        return True


def encode(value: object, arguments: Sequence[tuple[str, np.ndarray]] = ()) -> dict:
    """Return `value` as JSON can hold it.

    Parameters
    ----------
    value : object
        Anything at all. What isn't numbers, text, or lists of them keeps only its type.
    arguments : sequence of (name, array), optional
        An array that shares memory with one of these says so, under ``"shares"``.

    Returns
    -------
    dict
    """
    return _encode(value, arguments, _Budget(), 0)


def _encode(value, arguments, budget, depth) -> dict:
    if type(value) is float:  # by far the most frequent
        return {"kind": "float", "value": value.hex()}
    try:
        return _encode_known(value, arguments, budget, depth)
    except Exception:  # a class of the student's own, whose methods fail
        return _opaque(value)


def _encode_known(value, arguments, budget, depth) -> dict:
    if value is None:
        return {"kind": "none"}
    if isinstance(value, bool | np.bool_):
        return {"kind": "bool", "value": bool(value)}
    if isinstance(value, np.ndarray):
        return _encode_array(value, arguments, budget, depth)
    if isinstance(value, list | tuple):
        kind = tuple if isinstance(value, tuple) else list
        length = kind.__len__(value)  # not len(value): a class of one's own may say anything
        if depth >= DEEPEST or not budget.take(length, "items"):
            return _opaque(value)
        items = [_encode(item, arguments, budget, depth + 1) for item in kind.__iter__(value)]
        return {"kind": kind.__name__, "items": items}
    if isinstance(value, str):
        return {"kind": "str", "value": str.__getitem__(value, slice(_TEXT))}
    if isinstance(value, numbers.Integral) and abs(int(value)) < 10**300:
        return {"kind": "int", "value": str(int(value))}
    if isinstance(value, numbers.Real | Decimal):
        return {"kind": "float", "value": float(value).hex()}
    return _opaque(value)


def _encode_array(given, arguments, budget, depth) -> dict:
    array = asarray(given)
    shares = sorted({name for name, other in arguments if may_share_memory(array, other)})
    if array.dtype == object and array.size <= LISTED and depth < DEEPEST:
        # Numbers that Python holds one by one, or a list of arrays in disguise.
        return {**_encode(array.tolist(), arguments, budget, depth + 1), "shares": shares}
    masked = isinstance(given, np.ma.MaskedArray) and np.ma.is_masked(given)
    name = array.dtype.name  # NumPy makes this text anew each time
    known = name in _TYPES or array.dtype.kind == "f"
    if masked or not known or not budget.take(array.size, "numbers"):
        return {**_opaque(given), "shape": list(array.shape), "shares": shares}
    if name not in _TYPES:
        array, name = array.astype(np.float64), "float64"
    little = ascontiguousarray(array, array.dtype.newbyteorder("<"))
    return {
        "kind": "array",
        "dtype": name,
        "shape": list(array.shape),
        "data": base64.b64encode(little.tobytes()).decode(),
        "shares": shares,
    }


def _opaque(value: object) -> dict:
    try:
        name = f"{type(value).__name__}"
        if isinstance(value, np.ndarray):
            masked = "masked " if isinstance(value, np.ma.MaskedArray) else ""
            name = f"{masked}array of {asarray(value).dtype}"
    except Exception:  # a class of the student's own, whose methods fail
        name = "object"
    return {"kind": "other", "type": name[:80], "callable": callable(value)}


def encode_argument(value: object) -> dict:
    """Return one argument of a case as JSON can hold it: values, and the three kinds above."""
    if isinstance(value, Rng):
        return {"kind": "rng", "seed": value.seed}
    if isinstance(value, Given):
        inner = [encode_argument(number) for number in value.numbers]
        return {"kind": "given", "name": value.name, "numbers": inner}
    if isinstance(value, File):
        contents = None if value.contents is None else base64.b64encode(value.contents).decode()
        return {"kind": "file", "name": value.name, "contents": contents, "path": value.as_path}
    if isinstance(value, list | tuple):
        kind = "tuple" if isinstance(value, tuple) else "list"
        return {"kind": kind, "items": [encode_argument(item) for item in value]}
    return encode(value)


def decode(data: object) -> Any:
    """Return the value that `encode` was given, or an `Opaque` where only its type was kept.

    Raises
    ------
    ValueError
        If `data` isn't what `encode` makes. Nothing in it is ever run.
    """
    try:
        return _decode(data, 0)
    except (KeyError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        raise ValueError(f"This is no encoded value: {type(error).__name__}: {error}") from None


def _decode(data, depth):
    kind = data["kind"]
    if kind == "none":
        return None
    if kind == "bool":
        return data["value"] is True
    if kind == "int":
        return int(data["value"])
    if kind == "float":
        return float.fromhex(data["value"])
    if kind == "str":
        return str(data["value"])[:_TEXT]
    if kind in ("list", "tuple"):
        if depth > DEEPEST:
            raise ValueError("lists too deep within lists")
        items = [_decode(item, depth + 1) for item in data["items"]]
        return tuple(items) if kind == "tuple" else items
    if kind == "array":
        if data["dtype"] not in _TYPES:
            raise ValueError(f"an array of {data['dtype']!r}")
        raw = base64.b64decode(data["data"], validate=True)
        dtype = np.dtype(data["dtype"])
        flat = np.frombuffer(raw, dtype.newbyteorder("<")).astype(dtype)
        return flat.reshape([int(length) for length in data["shape"]])
    if kind == "other":
        shape = data.get("shape")
        return Opaque(str(data["type"])[:80], None if shape is None else tuple(map(int, shape)))
    raise ValueError(f"unknown kind {kind!r}")


def as_numbers(value: object) -> np.ndarray | None:
    """Return a number, an array or a list of such of one shape as an array; None otherwise."""
    if isinstance(value, np.ndarray):
        return value
    if isinstance(value, bool | int | float):
        return _as_array(value)
    if isinstance(value, list | tuple):
        if all(isinstance(item, bool | int | float) for item in value):
            return _as_array(value)
        parts: list[np.ndarray] = []
        for item in value:
            part = as_numbers(item)
            if part is None or part.shape != (parts or [part])[0].shape:
                return None
            parts.append(part)
        return np.stack(parts)
    return None


def _as_array(value: object) -> np.ndarray | None:
    """Return numbers of Python's as an array; those too large for its integers as floats."""
    array = asarray(value)
    if array.dtype != object:
        return array
    try:
        return asarray(value, float)
    except OverflowError:
        return None


def shared_with(data: dict, right: object) -> set[str]:
    """Return the names of the arguments with which the arrays of an encoded value share memory.

    A list that stands where `right` has an array doesn't share: its numbers would be copied
    into one.
    """
    found = {str(name) for name in data.get("shares", ())}
    items = data.get("items")
    if items is None or isinstance(right, np.ndarray):
        return set() if items is not None else found
    parts = right if isinstance(right, list | tuple) else ()
    for i, item in enumerate(items):
        found |= shared_with(item, parts[i] if i < len(parts) else None)
    return found
