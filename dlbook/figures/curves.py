"""Curves: activations and their slopes, losses over epochs, the ground that descent walks on."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch
from matplotlib.patheffects import withStroke
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from dlbook import arguments
from dlbook.figures.common import (
    AXIS_LINE,
    WIDTH,
    as_names,
    as_sized,
    curve_figure,
    described,
    in_book_style,
    note,
)
from dlbook.figures.described import (
    BLUE,
    FONT_SIZE,
    GREY,
    INK,
    LINE_COLOURS,
    LINE_STYLES,
    MARKERS,
    ORANGE,
    PAPER,
    DescribedFigure,
    as_text,
    counted,
    listed,
    text_width,
)

_MAP = LinearSegmentedColormap.from_list("map", ["#f1f7fc", "#b9d7ec", "#5c9cc9", "#1d5a8c"])


@in_book_style
def activation_curves(
    z: ArrayLike,
    curves: Mapping[str, ArrayLike],
    slopes: Mapping[str, ArrayLike] | None = None,
    *,
    x_label: str = "weighted sum z",
    y_label: str = "activation",
    description: str | None = None,
) -> DescribedFigure:
    """Draw activation functions over the weighted sum, and if wanted their slopes, dashed.

    Parameters
    ----------
    z : array, shape (n,)
        Increasing.
    curves : mapping of names to arrays of shape (n,)
        More than two get a panel each.
    slopes : mapping of the same names, or some of them, to arrays of shape (n,), optional
    x_label, y_label : str, optional
    description : str, optional
        Words to put before the text alternative.

    Returns
    -------
    DescribedFigure

    Raises
    ------
    ValueError
        If `z` doesn't increase, a curve is of another length, or a slope belongs to no curve.

    Examples
    --------
    >>> activation_curves([-1, 0, 1], {"relu": [0, 0, 1]}).text_alternative
    'Curves over weighted sum z from −1 to 1. relu goes from 0 to 1.'
    """
    z = _increasing(z, "z")
    curves = _as_curves(curves, "curves", len(z))
    slopes = {} if slopes is None else _as_curves(slopes, "slopes", len(z))
    strangers = [name for name in slopes if name not in curves]
    if strangers:
        raise ValueError(
            f"slopes must bear the names of curves. Given: {strangers[0]!r}, where the curves are "
            f"{listed([repr(name) for name in curves])}. Use the same names in both."
        )
    at = "at z =" if x_label.endswith(" z") else "at"
    words = f"Curves over {x_label} from {as_text(z[0])} to {as_text(z[-1])}."
    for name, heights in curves.items():
        words += f" {name} {_course(heights, z, at, plainly=True)}"
        if name in slopes:
            words += f"; its slope, dashed, {_course(slopes[name], z, at, plainly=True)}"
        words += "."

    text = described(words, description)
    if len(curves) > 2:
        return _activation_panels(text, z, curves, slopes, (x_label, y_label))
    fig = curve_figure(text)
    ax = fig.subplots()
    ends = []
    for name, style, colour in zip(curves, LINE_STYLES, LINE_COLOURS, strict=False):
        ax.plot(z, curves[name], color=colour, linestyle="-" if slopes else style)
        ends.append((z[-1], curves[name][-1], name, colour))
        if name in slopes:
            ax.plot(z, slopes[name], color=colour, linestyle=LINE_STYLES[1], lw=1.8)
            ends.append((z[-1], slopes[name][-1], f"{name}, slope", colour))
    _draw_zero_lines(ax, z)
    ax.set(xlabel=x_label, ylabel=y_label)
    _label_line_ends(fig, ax, ends)
    return fig.settle()


@in_book_style
def loss_curves(
    curves: Mapping[str, ArrayLike],
    *,
    x_label: str = "epoch",
    y_label: str = "loss",
    first: int = 1,
    mark: tuple[float, str] | None = None,
    description: str | None = None,
) -> DescribedFigure:
    """Draw how a loss (or an accuracy) goes from epoch to epoch.

    Parameters
    ----------
    curves : mapping of names to arrays, shape (epochs,)
        One to six; they may differ in length, and one number alone is drawn as a dot.
    x_label, y_label : str, optional
    first : int, optional
        The epoch of the first number; 0 if it was measured before any training.
    mark : (epoch, text), optional
        A vertical line with a word at it.
    description : str, optional
        Words to put before the text alternative.

    Returns
    -------
    DescribedFigure

    Raises
    ------
    ValueError
        If a curve is empty or holds NaN, or there are none or more than six.

    Examples
    --------
    >>> loss_curves({"training": [1.09, 0.5, 0.2], "held-out": [1.1, 0.6, 0.7]}).text_alternative
    'Loss from epoch 1 to 3. training falls from 1.09 to 0.2; held-out falls from 1.1 to 0.7,
    lowest (0.6) at epoch 2.'
    """
    curves = _as_curves(curves, "curves")
    first = arguments.as_count(first, "first", least=0)
    longest = max(len(values) for values in curves.values())
    last = first + longest - 1
    parts = []
    for name, values in curves.items():
        part = f"{name} {_course(values, first + np.arange(len(values)), f'at {x_label}')}"
        if len(values) < longest:
            part += f" (up to {x_label} {first + len(values) - 1})"
        parts.append(part)
    span = f"at {x_label} {first}" if longest == 1 else f"from {x_label} {first} to {last}"
    words = f"{_capital(y_label)} {span}. {'; '.join(parts)}."
    if mark is not None:
        mark = _as_mark(mark)
        words += f" A vertical line marks {x_label} {as_text(mark[0])}: {mark[1]}."

    fig = curve_figure(described(words, description))
    ax = fig.subplots()
    ends = []
    for i, (name, values) in enumerate(curves.items()):
        epochs = first + np.arange(len(values))
        look = {"color": LINE_COLOURS[i], "linestyle": LINE_STYLES[i], "zorder": 3}
        ax.plot(epochs, values, marker=MARKERS[i] if len(values) == 1 else None, ms=9, **look)
        ends.append((epochs[-1], values[-1], name, LINE_COLOURS[i]))
    if longest == 1:
        ax.set_xlim(first - 1, first + 1)
    else:
        ax.set_xlim(first - 0.02 * (longest - 1), last)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8))
    lowest = min(values.min() for values in curves.values())
    highest = max(values.max() for values in curves.values())
    if 0 <= lowest < highest / 2 or 0 < lowest == highest:  # otherwise all of it would lie on top
        ax.set_ylim(0, 1.08 * highest)
    else:
        ax.margins(y=0.08)
    ax.set(xlabel=x_label, ylabel=y_label)
    if mark is not None:
        _draw_mark(ax, *mark)
    _label_line_ends(fig, ax, ends)
    return fig.settle()


@in_book_style
def loss_valley(
    parameter: ArrayLike,
    losses: ArrayLike,
    path: ArrayLike | None = None,
    path_losses: ArrayLike | None = None,
    *,
    name: str = "parameter w",
    y_label: str = "loss L",
    description: str | None = None,
) -> DescribedFigure:
    """Draw the loss over one parameter, and on it the path of descent as numbered dots.

    Parameters
    ----------
    parameter : array, shape (n,)
        Increasing.
    losses : array, shape (n,)
    path : array, shape (steps + 1,), optional
        The values of the parameter from the start on.
    path_losses : array, shape (steps + 1,), optional
        The loss at each of them; read off the curve where not given.
    name, y_label : str, optional
        The words at the axes.
    description : str, optional
        Words to put before the text alternative.

    Returns
    -------
    DescribedFigure

    Raises
    ------
    ValueError
        If lengths differ, or the path leaves the curve and no `path_losses` are given.

    Examples
    --------
    >>> loss_valley([-1, 0, 1], [1, 0, 1], path=[1, 0.5], path_losses=[1, 0.25]).text_alternative
    'Loss L over parameter w from −1 to 1, lowest (0) at 0. The path of descent begins at 1 with
    loss 1 and ends after 1 step at 0.5 with loss 0.25.'
    """
    parameter = _increasing(parameter, "parameter")
    losses = as_sized(losses, "losses", parameter.shape, "the parameter's values")
    lowest = int(losses.argmin())
    words = (
        f"{_capital(y_label)} over {name} from {as_text(parameter[0])} to "
        f"{as_text(parameter[-1])}, lowest ({as_text(losses[lowest])}) at "
        f"{as_text(parameter[lowest])}."
    )
    if path is None and path_losses is not None:
        raise ValueError("path_losses belong to a path. Given: no path. Give path as well.")
    if path is not None:
        path = arguments.as_floats(path, "path", ("steps",))
        if path_losses is None:
            outside = path[(path < parameter[0]) | (path > parameter[-1])]
            if outside.size:
                raise ValueError(
                    f"The path leaves the drawn curve, {as_text(parameter[0])} to "
                    f"{as_text(parameter[-1])}. Given: {as_text(outside[0])}. Draw a wider curve, "
                    "or give path_losses."
                )
            path_losses = np.interp(path, parameter, losses)
        path_losses = as_sized(path_losses, "path_losses", path.shape, "the path's points")
        words += (
            f" The path of descent begins at {as_text(path[0])} with loss "
            f"{as_text(path_losses[0])} and ends after {counted(len(path) - 1, 'step')} at "
            f"{as_text(path[-1])} with loss {as_text(path_losses[-1])}."
        )

    fig = curve_figure(described(words, description))
    ax = fig.subplots()
    ax.plot(parameter, losses, color=BLUE, zorder=2)
    ax.set(xlabel=name, ylabel=y_label)
    ax.margins(x=0.06, y=0.14)
    if path is not None:
        dots = {"color": ORANGE, "markeredgecolor": PAPER, "zorder": 4}
        ax.plot(path, path_losses, "o", ms=7, markeredgewidth=0.6, **dots)
        ax.plot(path[[0, -1]], path_losses[[0, -1]], "o", ms=9, **dots)
        _settle_limits(fig, ax)
        _draw_path(
            ax, path, path_losses, np.interp(path, parameter, np.gradient(losses, parameter))
        )
    return fig.settle()


@in_book_style
def loss_surface(
    first: ArrayLike,
    second: ArrayLike,
    losses: ArrayLike,
    path: ArrayLike | None = None,
    *,
    names: tuple[str, str] = ("w1", "w2"),
    loss_name: str = "loss",
    description: str | None = None,
) -> DescribedFigure:
    """Draw a loss over two parameters as a map with contour lines, and the path of descent on it.

    Parameters
    ----------
    first : array, shape (m,)
        Values of the first parameter (to the right), increasing.
    second : array, shape (n,)
        Values of the second parameter (upwards), increasing.
    losses : array, shape (n, m)
        ``losses[j, i]`` belongs to ``first[i]`` and ``second[j]``.
    path : array, shape (steps + 1, 2), optional
        Start to end, first and second parameter.
    names : (str, str), optional
        Of the two parameters.
    loss_name : str, optional
    description : str, optional
        Words to put before the text alternative.

    Returns
    -------
    DescribedFigure

    Raises
    ------
    ValueError
        If the shapes don't fit together.

    Examples
    --------
    >>> loss_surface([0, 1], [0, 1], [[0, 1], [1, 2]]).text_alternative
    'A map of the loss over w1 from 0 to 1 and w2 from 0 to 1. It is lowest (0) at w1 = 0, w2 = 0
    and highest (2) at w1 = 1, w2 = 1; darker is higher.'
    """
    first, second = _increasing(first, "first"), _increasing(second, "second")
    losses = arguments.as_floats(losses, "losses", ("second", "first"))
    wanted = (len(second), len(first))
    if losses.shape != wanted:
        advice = "Transpose it: losses.T." if losses.T.shape == wanted else "Use the same grid."
        raise ValueError(
            "losses must have one row for each value of the second parameter and one column for "
            f"each of the first: shape {wanted}. Given: shape {losses.shape}. {advice}"
        )
    across, up = as_names(names, 2, "names", "parameter")
    lowest, highest = float(losses.min()), float(losses.max())
    flat = lowest == highest

    def place(index: int) -> str:
        j, i = np.unravel_index(index, losses.shape)
        return f"{across} = {as_text(first[i])}, {up} = {as_text(second[j])}"

    words = (
        f"A map of the {loss_name} over {across} from {as_text(first[0])} to {as_text(first[-1])} "
        f"and {up} from {as_text(second[0])} to {as_text(second[-1])}. "
    )
    if flat:
        words += f"It is {as_text(lowest)} everywhere."
    else:
        words += (
            f"It is lowest ({as_text(lowest)}) at {place(losses.argmin())} and highest "
            f"({as_text(highest)}) at {place(losses.argmax())}; darker is higher."
        )
    if path is not None:
        path = arguments.as_floats(path, "path", ("steps", "parameters"))
        if path.shape[1] != 2:
            raise ValueError(
                f"Each point of the path must hold 2 parameters. Given: path {path.shape}. "
                "Write one row for each step: (first, second)."
            )
        start, end = (f"({as_text(x)}, {as_text(y)})" for x, y in (path[0], path[-1]))
        words += (
            f" The path of descent begins at {start} and ends after "
            f"{counted(len(path) - 1, 'step')} at {end}."
        )

    fig = curve_figure(described(words, description), 4.2)
    ax = fig.subplots()
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=7))
    ax.yaxis.set_major_locator(MaxNLocator(nbins=7))
    ax.set(xlabel=across, ylabel=up, xlim=first[[0, -1]], ylim=second[[0, -1]])
    if flat:
        ax.set_facecolor(_MAP(0.0))
    else:
        # Squares: rings of a bowl come out evenly spaced, and its bottom isn't one white spot.
        levels = lowest + (highest - lowest) * np.linspace(0, 1, 13) ** 2
        filled = ax.contourf(first, second, losses, levels=levels, cmap=_MAP)
        ax.contour(first, second, losses, levels=levels[1:-1], colors=[PAPER], linewidths=0.9)
        bar = fig.colorbar(filled, ax=ax, pad=0.03, fraction=0.08, spacing="proportional")
        bar.set_ticks(MaxNLocator(nbins=6).tick_values(lowest, highest))
        bar.ax.set_ylim(lowest, highest)
        bar.set_label(loss_name)
        bar.outline.set_visible(False)
    if path is not None:
        ax.set_xlim(min(first[0], path[:, 0].min()), max(first[-1], path[:, 0].max()))
        ax.set_ylim(min(second[0], path[:, 1].min()), max(second[-1], path[:, 1].max()))
        _draw_path_on_map(ax, path)
    return fig.settle()


def _activation_panels(
    text: str,
    z: np.ndarray,
    curves: dict[str, np.ndarray],
    slopes: dict[str, np.ndarray],
    axis_labels: tuple[str, str],
) -> DescribedFigure:
    count, rows = len(curves), -(-len(curves) // 2)
    key_on_top = bool(slopes) and count % 2 == 0
    fig = curve_figure(text, 0.5 + 2.1 * rows + 0.3 * key_on_top)
    axes = fig.subplots(rows, 2).ravel()
    for i, (name, heights) in enumerate(curves.items()):
        ax, colour = axes[i], LINE_COLOURS[i]
        ax.plot(z, heights, color=colour)
        if name in slopes:
            ax.plot(z, slopes[name], color=colour, linestyle=LINE_STYLES[1], lw=1.8)
        _draw_zero_lines(ax, z)
        ax.xaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 5, 10]))
        ax.set_title(name, color=colour, fontweight="bold")
        ax.set_xlabel(axis_labels[0] if i >= count - 2 else "")
        ax.set_ylabel(axis_labels[1] if i % 2 == 0 else "")
    key = [
        Line2D([], [], color=INK, label="function"),
        Line2D([], [], color=INK, linestyle=LINE_STYLES[1], lw=1.8, label="its slope"),
    ]
    if key_on_top:
        fig.legend(handles=key, loc="outside upper center", ncols=2)
    for hole in axes[count:]:  # an odd number of panels leaves room for the key
        hole.set_axis_off()
        if slopes:
            hole.legend(handles=key, loc="center", fontsize=FONT_SIZE)
    return fig.settle()


def _draw_zero_lines(ax: Axes, z: np.ndarray) -> None:
    ax.axhline(0, color=AXIS_LINE, lw=1, zorder=1)
    if z[0] < 0 < z[-1]:
        ax.axvline(0, color=AXIS_LINE, lw=1, zorder=1)
    ax.margins(x=0, y=0.08)


def _draw_path_on_map(ax: Axes, path: np.ndarray) -> None:
    """Draw a path from a large dot, its start, to a star, its end."""
    look = {"color": ORANGE, "markeredgecolor": PAPER, "clip_on": False}
    halo = [withStroke(linewidth=3.6, foreground=PAPER)]
    ax.plot(*path.T, "-o", lw=2, ms=5, markeredgewidth=0.8, path_effects=halo, **look)
    ax.plot(*path[0], "o", ms=11, zorder=5, **look)
    ax.plot(*path[-1], "*", ms=18, zorder=5, **look)
    for words, point in (("start", path[0]), ("end", path[-1])):
        x, y = ax.transAxes.inverted().transform(ax.transData.transform(point))
        away = (11 if x < 0.85 else -11, 11 if y < 0.85 else -12)
        ha = "left" if x < 0.85 else "right"
        note(ax, words, point, away, INK, size=FONT_SIZE, ha=ha, weight="bold")


def _settle_limits(fig: DescribedFigure, ax: Axes) -> None:
    """Fix what part of the plane is drawn and where, so that distances on paper can be measured."""
    ax.autoscale_view()
    ax.set(xlim=ax.get_xlim(), ylim=ax.get_ylim())
    fig.draw_without_rendering()


def _draw_mark(ax: Axes, position: float, words: str) -> None:
    ax.axvline(position, color=GREY, lw=1.4, linestyle=(0, (2, 2)), zorder=2)
    left = position > sum(ax.get_xlim()) / 2
    away, ha = ((-6, 0), "right") if left else ((6, 0), "left")
    note(
        ax, words, (position, 0.98), away, INK, xycoords=("data", "axes fraction"), ha=ha, va="top"
    )


def _label_line_ends(
    fig: DescribedFigure, ax: Axes, ends: list[tuple[float, float, str, str]]
) -> None:
    """Write each name at the end of its line; where they don't fit, draw a legend."""
    _settle_limits(fig, ax)
    height = ax.get_window_extent().height / fig.dpi * 72  # points
    need = FONT_SIZE * 1.3
    if len(ends) * need > height or max(text_width(e[2], FONT_SIZE) for e in ends) > WIDTH / 3:
        curves = [line for line in ax.get_lines() if line.get_transform() == ax.transData]
        ax.legend(handles=curves, labels=[name for _, _, name, _ in ends], loc="best")
        return
    points = ax.transData.transform([(x, y) for x, y, _, _ in ends])
    wanted = ax.transAxes.inverted().transform(points) * (1, height)
    order = np.argsort(-wanted[:, 1], kind="stable")
    for i, y in zip(order, _spread(wanted[order, 1], need, height), strict=True):
        _, _, name, colour = ends[i]
        leader = None
        if abs(y - wanted[i, 1]) > 3 or wanted[i, 0] < 0.99:
            leader = {"arrowstyle": "-", "color": colour, "lw": 0.8, "relpos": (0, 0.5)}
        there = {"xytext": (1.035, y / height), "textcoords": "axes fraction", "va": "center"}
        look = {"color": colour, "arrowprops": leader, "annotation_clip": False}
        ax.annotate(name, ends[i][:2], **there, **look)


def _spread(wanted: np.ndarray, need: float, height: float) -> list[float]:
    """Move heights, given from top to bottom, apart by `need`, inside of 0 .. `height`."""
    placed: list[float] = []
    for y in wanted:
        placed.append(min(y, placed[-1] - need if placed else height))
    floor = 0.0
    for i in reversed(range(len(placed))):
        placed[i] = max(placed[i], floor)
        floor = placed[i] + need
    return placed


def _draw_path(ax: Axes, path: np.ndarray, losses: np.ndarray, slopes: np.ndarray) -> None:
    """Draw arrows from dot to dot inside the valley, and the dots' numbers outside of it."""
    points = ax.transData.transform(np.column_stack([path, losses]))
    for i in range(len(path) - 1):
        across, up = points[i + 1] - points[i]
        length = float(np.hypot(across, up))
        if length < 22:
            continue  # pixels: the dots all but touch
        bend = -np.sign(across) * (0.25 if length < 150 else 0.06)
        arrow = FancyArrowPatch(
            (path[i], losses[i]),
            (path[i + 1], losses[i + 1]),
            connectionstyle=f"arc3,rad={bend}",
            arrowstyle="-|>",
            mutation_scale=11,
            shrinkA=5,
            shrinkB=5,
            color=ORANGE,
            lw=1.3,
            zorder=3,
        )
        ax.add_patch(arrow)
    unit = ax.transData.transform([(1, 1)])[0] - ax.transData.transform([(0, 0)])[0]
    outwards = np.column_stack([slopes * unit[1] / unit[0], -np.ones(len(path))])
    outwards = 14 * outwards / np.linalg.norm(outwards, axis=1, keepdims=True)
    placed: list[np.ndarray] = []
    for i in [0, len(path) - 1, *range(1, len(path) - 1)]:
        if all(np.linalg.norm(points[i] - other) > 22 for other in placed):
            placed.append(points[i])
            at, look = (path[i], losses[i]), {"ha": "center", "weight": "bold"}
            note(ax, str(i), at, tuple(outwards[i]), ORANGE, **look)


def _course(heights: np.ndarray, places: np.ndarray, at: str, plainly: bool = False) -> str:
    """Say how a curve goes: from where to where, and its lowest and highest place between."""
    start, end = heights[0], heights[-1]
    low, high = int(heights.argmin()), int(heights.argmax())
    if len(heights) == 1:
        return f"is {as_text(start)}"
    if heights[low] == heights[high]:
        return f"stays at {as_text(start)}"
    verb = "goes" if plainly or start == end else "falls" if end < start else "rises"
    words = f"{verb} from {as_text(start)} to {as_text(end)}"
    if heights[low] < min(start, end):
        words += f", lowest ({as_text(heights[low])}) {at} {as_text(places[low])}"
    if heights[high] > max(start, end):
        words += f", highest ({as_text(heights[high])}) {at} {as_text(places[high])}"
    return words


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _increasing(values: ArrayLike, name: str) -> np.ndarray:
    array = arguments.as_floats(values, name, ("points",))
    if len(array) < 2 or (np.diff(array) <= 0).any():
        raise ValueError(
            f"{name} must hold at least two numbers, each larger than the one before. Given: "
            f"{counted(len(array), 'number')}, first {', '.join(as_text(v) for v in array[:3])}. "
            "np.linspace makes such a list; np.sort puts one in order."
        )
    return array


def _as_mark(mark: object) -> tuple[float, str]:
    try:
        position, words = mark
    except (TypeError, ValueError):
        raise ValueError(
            f'mark must be a pair: where, and a word. Given: {mark!r}. Write (12, "lowest").'
        ) from None
    return arguments.as_number(position, "mark[0]"), str(words)


def _as_curves(curves: object, name: str, length: int | None = None) -> dict[str, np.ndarray]:
    """Return a mapping of names to one-dimensional arrays of finite numbers, or say why not."""
    if not isinstance(curves, Mapping):
        raise TypeError(
            f"{name} must name each curve. Given: {type(curves).__name__}. "
            'Write {"name": values}, with one entry for each curve.'
        )
    if not 1 <= len(curves) <= len(LINE_COLOURS):
        raise ValueError(
            f"{name} must hold 1 to {len(LINE_COLOURS)} curves: more can't be told apart. "
            f"Given: {len(curves)}. {'Draw several figures.' if curves else 'Add a curve.'}"
        )
    arrays = {}
    for key, values in curves.items():
        label = f"{name}[{key!r}]"
        arrays[str(key)] = arguments.as_floats(values, label, ("values",))
        if length is not None and len(arrays[str(key)]) != length:
            raise ValueError(
                f"{label} must have one value for each point of the horizontal axis. "
                f"Given: {counted(len(arrays[str(key)]), 'value')} for {counted(length, 'point')}."
            )
    return arrays
