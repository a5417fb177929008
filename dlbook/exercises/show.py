"""Values, calls and types as a student reads them: short, and never longer than a few lines."""

from typing import Any

import numpy as np

from dlbook.exercises import plain
from dlbook.exercises.question import Case, Question, Unseen

LONGEST = 600  # characters of one value
LARGEST = 400  # numbers of one array; of a larger one only the shape is told


def show(yours: Any, right: Any) -> tuple[str, str]:
    """Return two values as text, with enough digits that they look different."""
    for digits in (4, 8, 16):
        texts = _text(yours, digits), _text(right, digits)
        if texts[0] != texts[1]:
            break
    return texts


def show_case(question: Question, case: Case) -> str:
    """Return the arguments of one call, one on each line."""
    lines = [
        f"{name} = {_text(value, 8)}"
        for name, value in zip(question.arguments, case.args, strict=False)
    ]
    return "\n".join(lines) if lines else f"{question.name}()"


def show_type(value: Any, deepest: int = 2) -> str:
    """Return in words what kind of thing a value is, of lists within lists the first few."""
    if value is None:
        return "None"
    if value is Unseen:
        return "nothing"
    if isinstance(value, plain.Opaque):
        return _with_article(value.type) + ("" if value.shape is None else f" {value.shape}")
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}" if value.ndim else "a number"
    if isinstance(value, bool):
        return "True or False"
    if isinstance(value, int):
        return "a whole number"
    if isinstance(value, float):
        return "a number"
    if isinstance(value, list | tuple):
        kind = "tuple" if isinstance(value, tuple) else "list"
        inner = f" of {len(value)}" if value else ""
        if value and deepest:
            inner += f", the first {show_type(value[0], deepest - 1)}"
        return f"a {kind}{inner}"
    return "a string" if isinstance(value, str) else _with_article(type(value).__name__)


def _with_article(name: str) -> str:
    return f"{'an' if name[:1].lower() in 'aeio' else 'a'} {name}"


def _text(value: Any, digits: int) -> str:
    return _shorten(_whole_text(value, digits))


def _whole_text(value: Any, digits: int) -> str:
    if value is Unseen:
        return "nothing"
    if isinstance(value, np.ndarray) and value.size > LARGEST:
        return f"an array of shape {value.shape}, {value.dtype}"
    if isinstance(value, np.ndarray) and value.ndim > 4 and value.size > 60:
        flat = _whole_text(value.ravel()[:6], digits)  # NumPy would write out every short axis
        return f"{flat} and so on, shape {value.shape}"
    if isinstance(value, np.ndarray):
        body = np.array2string(
            value, precision=digits, separator=", ", threshold=60, edgeitems=3, max_line_width=76,
            suppress_small=digits > 4 and value.dtype.kind == "f" and (abs(value) < 1e6).all(),
        )  # fmt: skip
        odd = "" if value.dtype in (np.float64, np.int64) else f"  ({value.dtype})"
        shape = f"  shape {value.shape}" if value.size > 60 else ""
        return body + odd + shape
    if isinstance(value, float):
        return f"{value:.{digits}g}" if digits < 16 else repr(value)
    if isinstance(value, plain.Rng | plain.Given | plain.File):
        return str(value)
    if isinstance(value, plain.Opaque):
        return show_type(value)
    if isinstance(value, list | tuple):
        left, right = ("(", ")") if isinstance(value, tuple) else ("[", "]")
        inner = [_whole_text(item, digits) for item in value[:12]]
        inner += ["..."] if len(value) > 12 else []
        multi = any("\n" in text for text in inner)
        comma = "," if isinstance(value, tuple) and len(value) == 1 else ""
        return left + (",\n " if multi else ", ").join(inner) + comma + right
    return repr(value)


def _shorten(text: str) -> str:
    return text if len(text) <= LONGEST else text[:LONGEST] + " ..."
