"""What several figures share: sizes, words, and the checks of what they are given."""

import functools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from dlbook import arguments
from dlbook.figures.described import HALO, SMALL_FONT_SIZE, DescribedFigure, book_style

WIDTH, HEIGHT = 6.4, 3.6  # inches; what fits a page and a phone


AXIS_LINE = "#a9b6c4"


def in_book_style(draw: Callable[..., DescribedFigure]) -> Callable[..., DescribedFigure]:
    """Let a function draw in the style of the book, whatever the reader's settings are."""

    @functools.wraps(draw)
    def in_style(*args: Any, **kwargs: Any) -> DescribedFigure:
        with book_style():
            return draw(*args, **kwargs)

    return in_style


def curve_figure(text: str, height: float = HEIGHT) -> DescribedFigure:
    """Return an empty figure of the page's width that makes room for its own labels."""
    return DescribedFigure(text, figsize=(WIDTH, height), layout="constrained")


def note(
    ax: Axes,
    words: str,
    at: ArrayLike,
    away: tuple[float, float],
    colour: str,
    *,
    size: float = SMALL_FONT_SIZE,
    **look: Any,
) -> None:
    """Write words near a point of the data, `away` in points."""
    look = {"va": "center", "path_effects": HALO, "zorder": 6, **look}
    near = {"xytext": away, "textcoords": "offset points", "annotation_clip": False}
    ax.annotate(words, at, color=colour, fontsize=size, **near, **look)


def described(generated: str, description: str | None) -> str:
    """Return the author's own words, if any, followed by the words made from the data."""
    if description is None:
        return generated
    if not isinstance(description, str):
        raise TypeError(
            f"description must be text. Given: {type(description).__name__}. "
            "Say in a sentence what the figure is for."
        )
    return f"{description} {generated}"


def as_items(given: object, count: int, name: str, what: str, none: str = "") -> list:
    """Return `given` as a list of `count` items, one for each `what`, or say why not."""
    if isinstance(given, str | Mapping) or not hasattr(given, "__iter__"):
        raise TypeError(
            f"{name} must be a list, one entry for each {what}. Given: {given!r}. "
            f"Write them in square brackets{none}."
        )
    items = list(given)
    if len(items) != count:
        raise ValueError(
            f"{name} must hold one entry for each {what}. Given: {len(items)}, where {count} "
            f"{'is' if count == 1 else 'are'} needed. "
            f"{'Leave some out' if len(items) > count else 'Add the rest'}{none}."
        )
    return items


def as_sized(given: object, name: str, shape: tuple[int, ...], what: str) -> np.ndarray:
    """Return `given` as finite floats of exactly this `shape`, or say why not."""
    array = arguments.as_floats(given, name)
    if array.shape != shape:
        raise ValueError(
            f"{name} must have one number for each of {what}: shape {shape}. "
            f"Given: shape {array.shape}. Make them equally many."
        )
    return array


def as_names(names: object, count: int | None, name: str, what: str) -> list[str]:
    """Return `names` as a list of `count` strings, one for each `what`; any number if None."""
    if count is None and hasattr(names, "__len__"):
        count = len(names)
    return [str(item) for item in as_items(names, count or 0, name, what)]
