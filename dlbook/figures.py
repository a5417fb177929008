"""Pictures for the book, from plain arrays: each says in words what is to be seen in it.

Every function returns a `DescribedFigure`; its text alternative holds the numbers that it shows.
Networks first, then curves and losses, then what a network says, then pictures.
"""

import functools
import itertools
import textwrap
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_rgb
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch
from matplotlib.patheffects import withStroke
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from dlbook import arguments
from dlbook.described_figure import (
    BIAS,
    BLUE,
    FONT_SIZE,
    GREY,
    HALO,
    HIDDEN,
    INK,
    INPUT,
    LINE_COLOURS,
    LINE_STYLES,
    MARKER_WORDS,
    MARKERS,
    ORANGE,
    OUTPUT,
    PAPER,
    SMALL_FONT_SIZE,
    TEAL,
    TINTS,
    DescribedFigure,
    Sheet,
    as_text,
    book_style,
    counted,
    listed,
    text_colour_on,
    text_width,
)

WIDTH, HEIGHT = 6.4, 3.6  # inches; what fits a page and a phone
AXIS_LINE = "#a9b6c4"
_COUNTS = LinearSegmentedColormap.from_list("counts", ["#f4f9fd", TINTS[0], "#6aa9d6", BLUE])
_MAP = LinearSegmentedColormap.from_list("map", ["#f1f7fc", "#b9d7ec", "#5c9cc9", "#1d5a8c"])

# What a drawn neuron can work out, and what stands for its output where no numbers are given.
_ACTIVATIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "relu": lambda z: np.maximum(z, 0.0),
    "sigmoid": lambda z: 0.5 * (1 + np.tanh(z / 2)),
    "tanh": np.tanh,
    "step": lambda z: (z > 0) * 1.0,
    "identity": lambda z: z * 1.0,
}
_OUTPUT_SYMBOLS = {
    "phi": "φ(z)",
    "relu": "relu(z)",
    "sigmoid": "σ(z)",
    "tanh": "tanh(z)",
    "step": "step(z)",
    "identity": "z",
}


def _in_book_style(draw: Callable[..., DescribedFigure]) -> Callable[..., DescribedFigure]:
    @functools.wraps(draw)
    def in_style(*args: Any, **kwargs: Any) -> DescribedFigure:
        with book_style():
            return draw(*args, **kwargs)

    return in_style


@_in_book_style
def network_diagram(
    sizes: Sequence[int],
    *,
    names: Sequence[Sequence[str] | None] | None = None,
    layer_titles: Sequence[str] | None = None,
    values: Sequence[ArrayLike | None] | None = None,
    weights: Sequence[ArrayLike] | None = None,
    max_shown: int = 8,
    description: str | None = None,
) -> DescribedFigure:
    """Draw a fully connected network: neurons as circles, every connection as a line.

    Parameters
    ----------
    sizes : list of int
        How many inputs, then how many neurons in each layer, such as ``[4, 5, 5, 5, 3]``.
    names : list with one list of names, or None, for each layer, optional
        Names of the inputs stand to the left, of the outputs to the right, others above.
    layer_titles : list of str, optional
        ``input``, ``hidden 1``, .., ``output`` unless given.
    values : list with one array of shape (size,), or None, for each layer, optional
        Written into the circles.
    weights : list of arrays of shape (inputs, units), one less than layers, optional
        A thicker line is a larger weight; a dashed one is negative. Small layers show the numbers.
    max_shown : int, optional
        A longer layer is drawn shortened, with dots and the true count beneath.
    description : str, optional
        Words to put before the text alternative.

    Returns
    -------
    DescribedFigure

    Raises
    ------
    ValueError
        If `sizes` hold fewer than two layers, or anything doesn't fit them.

    Examples
    --------
    >>> network_diagram([2, 3, 1]).text_alternative
    'A fully connected network, from left to right: input with 2, hidden with 3, output with 1.
    Every circle is joined to every circle of the next column: 6 + 3 = 9 connections.'
    """
    sizes = _as_sizes(sizes)
    layers = len(sizes)
    max_shown = arguments.as_count(max_shown, "max_shown", least=3)
    titles = _layer_titles(layers) if layer_titles is None else layer_titles
    titles = _as_names(titles, layers, "layer_titles", "layer")
    names = _one_for_each_layer(names, "names", layers)
    values = _one_for_each_layer(values, "values", layers)
    for i, size in enumerate(sizes):
        what = f"circle of {titles[i]!r}"
        if names[i] is not None:
            names[i] = _as_names(names[i], size, f"names[{i}]", what)
        if values[i] is not None:
            values[i] = _as_sized(values[i], f"values[{i}]", (size,), what)
    if weights is not None:
        weights = _as_layer_weights(weights, sizes)
    shown = [_shown_of(size, max_shown) for size in sizes]
    words = _network_in_words(sizes, titles, shown, names, values, weights)

    # Sizes in inches, from the circles outwards.
    rows = max(len(column) for column in shown)
    radius, spacing = _circle_sizes(rows, values, names, weights is not None)
    heads = [text_width(title, FONT_SIZE) * 1.1 + 0.2 for title in titles]
    left, right = (
        max(radius + 0.3 + _widest(side, FONT_SIZE), head / 2 + 0.1)
        for side, head in ((names[0], heads[0]), (names[-1], heads[-1]))
    )
    step = max(0.95, *heads, (WIDTH - left - right) / (layers - 1))
    foot, top = 0.55 if weights is None else 0.97, 0.94 if any(names[1:-1]) else 0.72
    body = (rows - 1) * spacing + 2 * radius
    width, height = left + right + step * (layers - 1), foot + body + top

    fig = Sheet(_described(words, description), width, height)
    places = [
        {
            neuron: (left + i * step, foot + body / 2 + ((len(column) - 1) / 2 - row) * spacing)
            for row, neuron in enumerate(column)
        }
        for i, column in enumerate(shown)
    ]
    for i in range(layers - 1):
        _draw_connections(fig, places[i], places[i + 1], None if weights is None else weights[i])
    if weights is not None:
        _draw_sign_key(fig, width / 2, 0.3)
    for i, (title, size) in enumerate(zip(titles, sizes, strict=True)):
        side = "left" if i == 0 else "right" if i == layers - 1 else "above"
        _draw_layer(fig, places[i], radius, side, values[i], names[i])
        fig.write(left + i * step, height - 0.32, title, bold=True)
        fig.write(left + i * step, foot - 0.27, f"{size:,}", GREY)
    return fig


@_in_book_style
def neuron_diagram(
    inputs: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    bias: float | None = None,
    activation: str = "phi",
    *,
    description: str | None = None,
) -> DescribedFigure:
    """Draw one neuron: inputs, weights on the arrows, sum, bias, activation, output.

    Symbols stand where no numbers are given. With inputs, weights and bias the weighted sum z is
    worked out beneath, and with a known activation the output too.

    Parameters
    ----------
    inputs, weights : array, shape (n,), optional
        At most six.
    bias : float, optional
    activation : str, optional
        ``phi`` (any function), ``relu``, ``sigmoid``, ``tanh``, ``step`` or ``identity``.
    description : str, optional
        Words to put before the text alternative.

    Returns
    -------
    DescribedFigure

    Raises
    ------
    ValueError
        If there isn't one weight for each input, there are more than six, or the activation is
        unknown.

    Examples
    --------
    >>> neuron_diagram([1.0, 2.0], [0.5, -0.25], 0.25, "relu").text_alternative
    'A neuron with 2 inputs. Each input is multiplied by its weight, the products and the bias are
    added up to z, and the activation relu turns z into the output. x1 = 1, x2 = 2; w1 = 0.5,
    w2 = −0.25; b = 0.25. z = 0.5·1 + (−0.25)·2 + 0.25 = 0.25. The output is relu(0.25) = 0.25.'
    """
    activation = arguments.as_choice(activation, "activation", ("phi", *_ACTIVATIONS))
    inputs, weights, bias = _as_neuron(inputs, weights, bias)
    z = output = None
    if inputs is not None and weights is not None and bias is not None:
        z = float(inputs @ weights + bias)
        if activation != "phi":
            output = float(_ACTIVATIONS[activation](np.array(z)))
    words = _neuron_in_words(inputs, weights, bias, z, activation, output)
    foot = _neuron_sums(inputs, weights, bias, z, activation, output)
    given = weights if inputs is None else inputs
    # None stands for the dots between x2 and xn.
    numbers = [1, 2, None, "n"] if given is None else [*range(1, len(given) + 1)]
    input_texts = [f"x{_low(n)}" for n in numbers if n is not None]
    if inputs is not None:
        input_texts = [as_text(x) for x in inputs]
    bias_text = "b" if bias is None else as_text(bias)
    output_text = _OUTPUT_SYMBOLS[activation] if output is None else as_text(output)

    # Sizes in inches, from the circles outwards.
    radius = max(0.31, _widest([bias_text, *input_texts], FONT_SIZE) / 2)
    out_radius = max(0.36, _widest([output_text], FONT_SIZE) / 2)
    pitch = max(2 * radius + 0.2, 1.1 if len(numbers) < 3 else 0.0)
    half = (len(numbers) - 1) / 2 * pitch + radius
    foot_height = 0.34 * len(foot) + 0.2
    y = foot_height + 0.2 + max(half, 0.7)
    in_x, sum_x, box_x, out_x = radius + 0.45, 2.9, 4.5, WIDTH - out_radius - 0.25

    fig = Sheet(_described(words, description), WIDTH, y + max(half, 1.12 + radius) + 0.2)
    rows = [y + half - radius - i * pitch for i in range(len(numbers))]
    for number, row in zip(numbers, rows, strict=True):
        if number is None:
            fig.write(in_x, row, "⋮", GREY, size=20)
            continue
        fig.circle(in_x, row, radius, INPUT)
        fig.write(in_x, row, input_texts.pop(0))
        if inputs is not None:
            fig.write(in_x - radius - 0.07, row, f"x{_low(number)}", INPUT[1], ha="right")
        fig.arrow((in_x + radius, row), (sum_x, y), end_gap=0.4)
        weight = "" if weights is None else f" = {as_text(weights[number - 1])}"
        at = np.array([in_x + radius, row]) + 0.42 * np.array([sum_x - in_x - radius, y - row])
        fig.write(*at, f"w{_low(number)}{weight}", HIDDEN[1], on_paper=True)

    _draw_neuron_body(fig, (sum_x, box_x, out_x), y, activation, z)
    fig.circle(sum_x, y + 1.12, radius, BIAS)
    fig.write(sum_x, y + 1.12, bias_text)
    words = "bias" if bias is None else "bias b"
    fig.write(sum_x + radius + 0.1, y + 1.12, words, BIAS[1], ha="left")
    fig.arrow((sum_x, y + 1.12 - radius), (sum_x, y), end_gap=0.4)
    fig.arrow((box_x + 0.38, y), (out_x - out_radius - 0.02, y))
    fig.circle(out_x, y, out_radius, OUTPUT)
    fig.write(out_x, y, output_text)
    for i, line in enumerate(foot):
        fig.write(WIDTH / 2, foot_height - 0.34 * (i + 0.5), line)
    return fig


@_in_book_style
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

    text = _described(words, description)
    if len(curves) > 2:
        return _activation_panels(text, z, curves, slopes, (x_label, y_label))
    fig = _curve_figure(text)
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


@_in_book_style
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
    curves : mapping of names to sequences of numbers
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

    fig = _curve_figure(_described(words, description))
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


@_in_book_style
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
    losses = _as_sized(losses, "losses", parameter.shape, "the parameter's values")
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
        path_losses = _as_sized(path_losses, "path_losses", path.shape, "the path's points")
        words += (
            f" The path of descent begins at {as_text(path[0])} with loss "
            f"{as_text(path_losses[0])} and ends after {counted(len(path) - 1, 'step')} at "
            f"{as_text(path[-1])} with loss {as_text(path_losses[-1])}."
        )

    fig = _curve_figure(_described(words, description))
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


@_in_book_style
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
    across, up = _as_names(names, 2, "names", "parameter")
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

    fig = _curve_figure(_described(words, description), 4.2)
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


@_in_book_style
def shape_product(
    left: tuple[str, tuple[int, int]],
    right: tuple[str, tuple[int, int]],
    result: str = "z",
    *,
    added: str | None = None,
    description: str | None = None,
) -> DescribedFigure:
    """Draw the shapes in ``left @ right (+ added) = result`` as boxes of cells.

    Parameters
    ----------
    left, right : (name, shape), such as ``("x", (4, 2))`` and ``("weights", (2, 3))``
    result : str, optional
        Its name; its shape follows.
    added : str, optional
        The name of what is added to every row, such as ``"bias"``; its shape follows too.
    description : str, optional
        Words to put before the text alternative.

    Returns
    -------
    DescribedFigure

    Raises
    ------
    ValueError
        If the columns of `left` aren't as many as the rows of `right`.

    Examples
    --------
    >>> shape_product(("x", (4, 2)), ("weights", (2, 3)), "z", added="bias").text_alternative
    'x (4, 2) times weights (2, 3) plus bias (3,) gives z (4, 3). The 2 columns of x meet the 2 rows
    of weights. z has the 4 rows of x and the 3 columns of weights; bias is added to each row.'
    """
    left_name, left_shape = _as_named_shape(left, "left")
    right_name, right_shape = _as_named_shape(right, "right")
    if left_shape[1] != right_shape[0]:
        raise ValueError(
            f"{left_name} has {counted(left_shape[1], 'column')}, but {right_name} has "
            f"{counted(right_shape[0], 'row')}. Given: {left_name} {left_shape}, {right_name} "
            f"{right_shape}. The 2nd number of {left_name} must be the 1st of {right_name}."
        )
    shape = (left_shape[0], right_shape[1])
    plus = "" if added is None else f" plus {added} ({shape[1]},)"
    words = (
        f"{left_name} {left_shape} times {right_name} {right_shape}{plus} gives {result} {shape}. "
        f"The {counted(left_shape[1], 'column')} of {left_name} meet the "
        f"{counted(right_shape[0], 'row')} of {right_name}. {result} has the "
        f"{counted(shape[0], 'row')} of {left_name} and the {counted(shape[1], 'column')} of "
        f"{right_name}{'' if added is None else f'; {added} is added to each row'}."
    )
    # One number, one colour: rows of left, columns of right, and what both of them share.
    rows, columns, shared = BLUE, TEAL, ORANGE
    parts = [
        (left_name, left_shape, str(left_shape), rows, shared, "@"),
        (right_name, right_shape, str(right_shape), shared, columns, "=" if added is None else "+"),
    ]
    if added is not None:
        parts.append((str(added), (1, shape[1]), f"({shape[1]},)", None, columns, "="))
    parts.append((str(result), shape, str(shape), rows, columns, ""))

    def widths_at(cell: float) -> list[float]:
        texts = [
            max(text_width(p[0], FONT_SIZE) * 1.12, text_width(p[2], FONT_SIZE)) for p in parts
        ]
        return [max(cell * _cells(p[1][1]), text) for p, text in zip(parts, texts, strict=True)]

    margin = 0.35 + text_width(f"{left_shape[0]:,}", FONT_SIZE)
    gap = 0.55 + max(text_width(f"{p[1][0]:,}", FONT_SIZE) for p in parts)
    room, cell = WIDTH - margin - 0.25 - gap * (len(parts) - 1), 0.42
    while cell > 0.06 and sum(widths_at(cell)) > room:
        cell -= 0.01
    widths = widths_at(cell)
    width = max(WIDTH, WIDTH + sum(widths) - room)
    tallest = max(_cells(p[1][0]) for p in parts) * cell
    middle = 0.65 + tallest / 2

    fig = Sheet(_described(words, description), width, tallest + 1.55)
    x = margin + max(0.0, room - sum(widths)) / 2
    for (name, size, note, left_colour, top_colour, sign), wide in zip(parts, widths, strict=True):
        centre, half = x + wide / 2, (_cells(size[1]) * cell / 2, _cells(size[0]) * cell / 2)
        box = (centre - half[0], centre + half[0], middle - half[1], middle + half[1])
        fig.fill(box, OUTPUT[0] if sign == "" else HIDDEN[0])
        if max(size) <= 8:  # more are too many to draw one by one
            fig.grid(box, size, PAPER, 1.6)
        fig.frame(box, GREY, 0.9)
        if left_colour is not None:
            fig.segments([[(box[0], box[2]), (box[0], box[3])]], left_colour, 4, zorder=4)
            fig.write(box[0] - 0.1, middle, f"{size[0]:,}", left_colour, bold=True, ha="right")
        fig.segments([[(box[0], box[3]), (box[1], box[3])]], top_colour, 4, zorder=4)
        fig.write(centre, box[3] + 0.17, f"{size[1]:,}", top_colour, bold=True)
        fig.write(centre, tallest + 1.22, name, bold=True)
        fig.write(centre, 0.34, note, GREY)
        fig.write(x + wide + 0.24, middle, sign, size=17)
        x += wide + gap
    return fig


@_in_book_style
def computation_graph(
    names: Sequence[str],
    values: Sequence[str],
    slopes: Sequence[str | None] | None = None,
    *,
    description: str | None = None,
) -> DescribedFigure:
    """Draw a chain of quantities: forward values above, and the slopes that come back beneath.

    Parameters
    ----------
    names : list of str
        Such as ``["x", "z", "h", "scores", "probabilities", "loss"]``.
    values : list of str or numbers
        What each quantity is, going forward.
    slopes : list of str, numbers or None, optional
        The slope of the last quantity in each of them; None leaves one out.
    description : str, optional
        Words to put before the text alternative.

    Returns
    -------
    DescribedFigure
        A row, or a column where a row would be too wide to read.

    Raises
    ------
    ValueError
        If there are fewer than two quantities, or not one value and one slope for each.

    Examples
    --------
    >>> computation_graph(["w", "loss"], ["2", "4"], ["4", "1"]).text_alternative
    'A chain of 2 quantities. Forward: w = 2, then loss = 4. Backward, the slope of loss in each:
    loss 1, then w 4.'
    """
    names = _as_names(names, None, "names", "quantity")
    count = len(names)
    if count < 2:
        raise ValueError(
            f"A chain needs at least two quantities. Given: {count}. Add what comes next."
        )
    values = [_short(value) for value in _as_items(values, count, "values", "name")]
    slopes = _as_items([None] * count if slopes is None else slopes, count, "slopes", "name")
    slopes = [None if slope is None or slope == "" else _short(slope) for slope in slopes]
    forward = [f"{name} = {value}" for name, value in zip(names, values, strict=True)]
    backward = [f"{n} {s}" for n, s in zip(names, slopes, strict=True) if s is not None][::-1]
    words = f"A chain of {count} quantities. Forward: {', then '.join(forward)}."
    if backward:
        words += f" Backward, the slope of {names[-1]} in each: {', then '.join(backward)}."
    text = _described(words, description)

    boxes = [text_width(name, FONT_SIZE) + 0.34 for name in names]
    columns = [
        max(box, *(text_width(number or "", SMALL_FONT_SIZE) for number in numbers))
        for box, *numbers in zip(boxes, values, slopes, strict=True)
    ]
    gap = min(0.95, (WIDTH - 0.5 - sum(columns)) / (count - 1))
    if gap < 0.38:
        return _graph_in_a_column(text, names, values, slopes)
    width = max(3.6, sum(columns) + gap * (count - 1) + 0.5)
    y = 1.42 if backward else 0.55
    fig = Sheet(text, width, y + 1.12)
    x = (width - sum(columns) - gap * (count - 1)) / 2
    for i, name in enumerate(names):
        centre = x + columns[i] / 2
        fig.box(centre, y, boxes[i], 0.5, HIDDEN if i < count - 1 else OUTPUT)
        fig.write(centre, y, name)
        fig.write(centre, y + 0.47, values[i], BLUE, size=SMALL_FONT_SIZE)
        fig.write(centre, y - 0.49, slopes[i] or "", ORANGE, size=SMALL_FONT_SIZE)
        x += columns[i] + gap
        if i < count - 1:
            here = centre + boxes[i] / 2
            there = x + (columns[i + 1] - boxes[i + 1]) / 2
            _draw_both_ways(fig, (here, y), (there, y), slopes[i : i + 2])
    fig.write(0.25, y + 0.84, "forward: values →", BLUE, bold=True, ha="left")
    if backward:
        words = f"← backward: slopes of {names[-1]}"
        fig.write(width - 0.25, 0.45, words, ORANGE, bold=True, ha="right")
    return fig


@_in_book_style
def probability_bars(
    probabilities: ArrayLike,
    names: Sequence[str] | None = None,
    true_class: int | None = None,
    *,
    description: str | None = None,
) -> DescribedFigure:
    """Draw one row of probabilities as bars with their numbers.

    Parameters
    ----------
    probabilities : array, shape (classes,)
        They add up to 1.
    names : list of str, optional
        ``class 0``, ``class 1``, .. unless given.
    true_class : int, optional
        Which bar to mark as the truth.
    description : str, optional
        Words to put before the text alternative.

    Returns
    -------
    DescribedFigure

    Raises
    ------
    ValueError
        If they are no probabilities, or names or true class don't fit them.

    Examples
    --------
    >>> probability_bars([0.7, 0.3], ["cat", "dog"], true_class=1).text_alternative
    'Probabilities: cat 0.7; dog 0.3. The highest is cat; the true class is dog.'
    """
    probabilities = arguments.as_floats(probabilities, "probabilities", ("classes",))
    if probabilities.min() < 0 or abs(probabilities.sum() - 1) > 0.01:
        first_few = ", ".join(as_text(p) for p in probabilities[:6])
        raise ValueError(
            f"probabilities must be at least 0 and add up to 1. Given: {first_few}"
            f"{', ..' if len(probabilities) > 6 else ''}; their sum is "
            f"{as_text(probabilities.sum())}. Are these scores? Softmax makes them probabilities."
        )
    classes = len(probabilities)
    if classes > 30:
        raise ValueError(f"At most 30 bars can be read. Given: {classes}. Show the highest ones.")
    names = _class_names(names, classes)
    pairs = [f"{name} {as_text(p)}" for name, p in zip(names, probabilities, strict=True)]
    highest = [names[k] for k in np.flatnonzero(probabilities == probabilities.max())]
    words = f"Probabilities: {'; '.join(pairs)}. "
    if len(highest) == 1:
        words += f"The highest is {highest[0]}"
    else:
        words += f"{listed(highest)} are equally high"
    if true_class is not None:
        true_class = _as_index(true_class, "true_class", classes, "class")
        words += f"; the true class is {names[true_class]}"

    fig = _curve_figure(_described(f"{words}.", description), 1.0 + 0.42 * classes)
    ax = fig.subplots()
    for row, p in enumerate(probabilities):
        true = row == true_class
        fill, edge = OUTPUT if true else HIDDEN
        ax.barh(row, p, height=0.64, facecolor=fill, edgecolor=edge, lw=1.8, zorder=2)
        number = f"{as_text(p)}{'  ✓ true class' if true else ''}"
        weight = "bold" if true else "normal"
        _note(ax, number, (p, row), (7, 0), INK, size=FONT_SIZE, ha="left", weight=weight)
    ax.set_yticks(range(classes), names, fontsize=FONT_SIZE, color=INK)
    ax.tick_params(axis="y", length=0)
    ax.set(xlim=(0, 1), ylim=(classes - 0.45, -0.55), xlabel="probability")
    ax.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "0.25", "0.5", "0.75", "1"])
    ax.grid(visible=False, axis="y")
    return fig.settle()


@_in_book_style
def decision_regions(
    x: ArrayLike,
    labels: ArrayLike,
    classify: Callable[[np.ndarray], ArrayLike],
    *,
    names: Sequence[str] | None = None,
    feature_names: Sequence[str] | None = None,
    resolution: int = 150,
    description: str | None = None,
) -> DescribedFigure:
    """Draw which class a network gives to each point of the plane, and the samples on top.

    Parameters
    ----------
    x : array, shape (samples, 2)
    labels : array of int, shape (samples,)
    classify : function
        From points of shape (n, 2) to labels (n,), or to probabilities (n, classes); then the
        shading fades where the network is unsure.
    names : list of str, optional
        Of the classes, at most six; ``class 0``, ``class 1``, .. unless given.
    feature_names : list of two str, optional
    resolution : int, optional
        Fields along each axis in whose middles `classify` is asked.
    description : str, optional
        Words to put before the text alternative.

    Returns
    -------
    DescribedFigure

    Raises
    ------
    ValueError
        If `x` hasn't two columns, labels and names don't fit, or `classify` answers in another
        shape.
    """
    x = arguments.as_floats(x, "x", ("samples", "features"))
    if x.shape[1] != 2:
        raise ValueError(
            f"Regions can be drawn for 2 features only. Given: x {x.shape}, {x.shape[1]} features. "
            "Choose two columns, such as x[:, :2], and a network trained on these two."
        )
    limit = None if names is None else len(_as_names(names, None, "names", "class"))
    labels = arguments.as_labels(labels, samples=len(x), classes=limit)
    resolution = arguments.as_count(resolution, "resolution", least=10)
    if not callable(classify):
        raise TypeError(
            f"classify must be a function. Given: {type(classify).__name__}. Give the function "
            "itself, without brackets; it is called with points of shape (n, 2)."
        )
    across, up = _as_names(feature_names or ("x1", "x2"), 2, "feature_names", "feature")
    low, high = x.min(axis=0), x.max(axis=0)
    pad = np.where(high > low, 0.08 * (high - low), 1.0)
    low, high = low - pad, high + pad
    # Asked in the middle of each of resolution x resolution small fields.
    middles = (np.arange(resolution) + 0.5) / resolution
    first, second = (a + middles * (b - a) for a, b in zip(low, high, strict=True))
    grid = np.stack(np.meshgrid(first, second), axis=-1).reshape(-1, 2)
    answers, answered_with_labels = _as_shares(classify(grid), len(grid))
    own = _as_shares(classify(x.copy()), len(x))[0].argmax(axis=1)
    classes = max(answers.shape[1], int(labels.max()) + 1, int(own.max()) + 1, limit or 0)
    _require_few(classes)
    names = _class_names(names, classes)
    shares = np.zeros((len(grid), classes))
    shares[:, : answers.shape[1]] = answers
    winners = shares.argmax(axis=1)

    words = (
        f"Decision regions over {across} from {as_text(low[0])} to {as_text(high[0])} and {up} "
        f"from {as_text(low[1])} to {as_text(high[1])}. "
    )
    for k, name in enumerate(names):
        mine = int((labels == k).sum())
        words += f"{name}: {counted(mine, 'point')}{f' ({MARKER_WORDS[k]})' if mine else ''}, "
        words += f"its region {100 * (winners == k).mean():.0f} % of the area. "
    right = int((own == labels).sum())
    words += f"In the region of their own class: {right} of {counted(len(labels), 'point')}."

    fig = _curve_figure(_described(words, description), 4.4)
    ax = fig.subplots()
    ax.grid(visible=False)
    square = (resolution, resolution)
    tints = shares @ np.array([to_rgb(tint) for tint in TINTS[:classes]])
    # Whole numbers: floats come out speckled, and ten times as large.
    tints = np.rint(255 * tints.clip(0, 1)).astype(np.uint8).reshape(*square, 3)
    where = {"extent": (low[0], high[0], low[1], high[1]), "origin": "lower", "aspect": "auto"}
    ax.imshow(tints, interpolation="bilinear", **where)
    present = np.unique(winners)
    for k in present[:-1]:  # the last one's borders are drawn by then
        lead = (shares[:, k] - np.delete(shares, k, axis=1).max(axis=1)).reshape(square)
        if answered_with_labels:
            lead = _smoothed(lead)  # or the border would be a staircase of pixels
        lead = np.pad(lead, 1, mode="edge")  # from the middles of the last fields to the rim
        rims = np.r_[low[0], first, high[0]], np.r_[low[1], second, high[1]]
        ax.contour(*rims, lead, levels=[0], colors=[GREY], linewidths=1.3)
    for k, name in enumerate(names):
        look = {"color": LINE_COLOURS[k], "markeredgecolor": PAPER, "markeredgewidth": 0.9}
        ax.plot(*x[labels == k].T, MARKERS[k], ms=8, label=name, zorder=3, **look)
    ax.set(xlabel=across, ylabel=up, xlim=(low[0], high[0]), ylim=(low[1], high[1]))
    fig.legend(loc="outside upper center", ncols=min(classes, 3), handletextpad=0.3)
    return fig.settle()


@_in_book_style
def confusion_matrix(
    matrix: ArrayLike, names: Sequence[str] | None = None, *, description: str | None = None
) -> DescribedFigure:
    """Draw how often each class was taken for each: rows are the truth, columns the prediction.

    Parameters
    ----------
    matrix : array of whole numbers, shape (classes, classes)
        ``matrix[i, j]``: how many samples of class i were predicted as class j.
    names : list of str, optional
        ``class 0``, ``class 1``, .. unless given; more than five are numbered only.
    description : str, optional
        Words to put before the text alternative.

    Returns
    -------
    DescribedFigure

    Raises
    ------
    ValueError
        If it isn't square, or holds anything but counts.

    Examples
    --------
    >>> confusion_matrix([[8, 2], [0, 10]], ["cat", "dog"]).text_alternative
    'A table of counts, rows the truth, columns the prediction. On the diagonal, predicted right: 18
    of 20 samples (90 %). True cat: 8 of 10 right, 2 as dog. True dog: 10 of 10 right.'
    """
    matrix = arguments.as_floats(matrix, "matrix", ("classes", "classes"))
    if matrix.shape[0] != matrix.shape[1] or matrix.min() < 0 or (matrix != matrix.round()).any():
        raise ValueError(
            "matrix must be a square table of counts. Given: shape "
            f"{matrix.shape}, from {as_text(matrix.min())} to {as_text(matrix.max())}. Use one row "
            "and one column for each class, and whole numbers from 0 on."
        )
    counts = matrix.astype(int)
    classes = len(counts)
    if classes > 12:
        raise ValueError(f"At most 12 classes can be read. Given: {classes}. Leave some out.")
    if names is None and classes > 5:
        names = [str(k) for k in range(classes)]
    names = _class_names(names, classes)
    total, right = int(counts.sum()), int(np.trace(counts))
    share = f" ({100 * right / total:.0f} %)" if total else ""
    words = (
        "A table of counts, rows the truth, columns the prediction. On the diagonal, predicted "
        f"right: {right:,} of {counted(total, 'sample')}{share}."
    )
    for i, row in enumerate(counts):
        wrong = [f"{row[j]:,} as {names[j]}" for j in range(classes) if j != i and row[j]]
        words += f" True {names[i]}: {', '.join([f'{row[i]:,} of {row.sum():,} right', *wrong])}."

    # Sizes in inches, from the cells outwards.
    longest = max(text_width(f"{count:,}", FONT_SIZE) for count in counts.ravel())
    cell = max(longest + 0.2, min(0.9, 3.0 / classes), 0.46)
    label = max(text_width(name, FONT_SIZE) for name in names)
    upright = label > cell - 0.05  # names of columns stand on end where they would collide
    head = 0.65 + (label if upright else 0.22)
    width, height = max(4.6, label + classes * cell + 1.1), head + classes * cell + 0.3
    left, top = (width - classes * cell + label + 0.5) / 2, height - head
    fig = Sheet(_described(words, description), width, height)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    for i in range(classes):
        y = top - (i + 0.5) * cell
        fig.write(left - 0.12, y, names[i], ha="right")
        turned = {"va": "bottom", "rotation": 90} if upright else {"va": "baseline"}
        fig.write(left + (i + 0.5) * cell, top + 0.1, names[i], **turned)
        for j in range(classes):
            x, colour = left + (j + 0.5) * cell, _COUNTS(shares[i, j])
            half = cell / 2 - 0.015
            fig.fill((x - half, x + half, y - half, y + half), colour)
            if i == j:
                fig.frame((x - half, x + half, y - half, y + half), INK, 1.4)
            fig.write(x, y, f"{counts[i, j]:,}", text_colour_on(colour) if counts[i, j] else GREY)
    fig.write(left + classes * cell / 2, height - 0.3, "prediction", bold=True)
    fig.write(left - label - 0.42, top - classes * cell / 2, "truth", bold=True, rotation=90)
    return fig


@_in_book_style
def picture_grid(
    pictures: ArrayLike | Sequence[ArrayLike],
    titles: Sequence[str] | None = None,
    *,
    columns: int | None = None,
    wrong: Sequence[int] | None = None,
    description: str | None = None,
) -> DescribedFigure:
    """Draw pictures side by side, pixel by pixel.

    Parameters
    ----------
    pictures : list of arrays, or one array of shape (n, height, width) or (n, height, width, 3)
        Each grey (height, width) or RGB (height, width, 3); uint8, or floats from 0 to 1.
    titles : list of str, optional
    columns : int, optional
        At most five unless given.
    wrong : list of int, optional
        Which pictures (counted from 0) get a frame and a cross.
    description : str, optional
        Words to put before the text alternative: only you know what is in the pictures.

    Returns
    -------
    DescribedFigure

    Raises
    ------
    ValueError
        If a picture has another shape or other values, or titles and `wrong` don't fit.

    Examples
    --------
    >>> picture_grid(np.zeros((2, 8, 8)), ["7", "1"], wrong=[1]).text_alternative
    '2 pictures of 8 by 8 pixels (height by width): 7; 1. With a cross, as wrong: 2 (1), counted
    from 1.'
    """
    pictures = _as_pictures(pictures)
    count = len(pictures)
    if titles is not None:
        titles = _as_names(titles, count, "titles", "picture")
    if wrong is not None and not hasattr(wrong, "__iter__"):
        raise TypeError(f"wrong must be a list of numbers. Given: {wrong!r}. Write [{wrong!r}].")
    wrong = sorted({_as_index(i, "wrong", count, "picture") for i in wrong or []})
    columns = 5 if columns is None else arguments.as_count(columns, "columns")
    columns = min(count, columns)
    words = _pictures_in_words(pictures, titles, wrong)

    # Sizes in inches, from the pictures outwards.
    pitch = min(2.6, (WIDTH - 0.3) / columns)
    room = pitch - 0.2
    lines = [_folded(title, max(5, int(room * 10.5))) for title in titles or [""] * count]
    heads = [0.1 + 0.19 * (line.count("\n") + 1) if line else 0.0 for line in lines]
    ratios = [min(len(picture) / picture.shape[1], 2.0) for picture in pictures]
    rows = [slice(i, i + columns) for i in range(0, count, columns)]
    heights = [(max(heads[row]), room * max(ratios[row])) for row in rows]
    width, y = max(columns * pitch + 0.3, 3.2), sum(head + 0.2 + high for head, high in heights)
    fig = Sheet(_described(words, description), width, y + 0.1)
    tops = []
    for head, high in heights:
        tops.append(y - 0.05 - head)
        y -= head + 0.2 + high
    for i, picture in enumerate(pictures):
        x = (width - columns * pitch) / 2 + (i % columns + 0.5) * pitch
        top, high = tops[i // columns], heights[i // columns][1]
        ratio = len(picture) / picture.shape[1]
        wide = min(room, high / ratio)
        box = (x - wide / 2, x + wide / 2, top - wide * ratio, top)
        fig.pixels(_as_shades(picture), box, largest=int(room * 130))
        if titles is not None:
            fig.write(x, top + 0.08, lines[i], size=SMALL_FONT_SIZE, va="bottom", bold=i in wrong)
        if i in wrong:
            fig.frame(box, ORANGE, 3)
            fig.circle(box[1] - 0.03, top - 0.03, 0.13, (PAPER, ORANGE))
            cross = {"color": ORANGE, "ms": 7, "markeredgewidth": 2.4, "zorder": 5}
            fig.ax.plot(box[1] - 0.03, top - 0.03, "x", **cross)
    return fig


@_in_book_style
def pixel_values(picture: ArrayLike, *, description: str | None = None) -> DescribedFigure:
    """Draw one small grey picture with the number of each pixel written on it.

    Parameters
    ----------
    picture : array, shape (height, width)
        At most 16 by 16; uint8, or floats from 0 to 1.
    description : str, optional
        Words to put before the text alternative.

    Returns
    -------
    DescribedFigure

    Raises
    ------
    ValueError
        If it isn't grey, is too large, or its values are out of range.

    Examples
    --------
    >>> pixel_values(np.array([[0, 255], [128, 7]], dtype=np.uint8)).text_alternative
    'A grey picture of 2 by 2 pixels (height by width) with its values written on it, 0 (black) to
    255 (white). Row 1: 0, 255. Row 2: 128, 7.'
    """
    picture = _as_picture(picture, "picture")
    if picture.ndim != 2 or max(picture.shape) > 16:
        raise ValueError(
            "picture must be grey and at most 16 by 16 pixels, or its numbers can't be read. "
            f"Given: shape {picture.shape}. Make it grey, then resize it or cut a piece out."
        )
    high, wide = picture.shape
    whole = picture.dtype == np.uint8
    texts = [[str(v) if whole else _two_digits(v) for v in row] for row in picture]
    words = (
        f"A grey picture of {high} by {wide} pixels (height by width) with its values written on "
        f"it, 0 (black) to {255 if whole else 1} (white). "
    )
    if picture.size <= 64:
        words += " ".join(f"Row {i}: {', '.join(row)}." for i, row in enumerate(texts, start=1))
    else:
        row, column = np.unravel_index(picture.argmax(), picture.shape)
        words += (
            f"They go from {as_text(picture.min())} to {as_text(picture.max())}, their mean is "
            f"{as_text(picture.mean())}; a brightest is in row {row + 1}, column {column + 1}."
        )
    cell = min(0.62, (WIDTH - 0.36) / wide)
    size = FONT_SIZE if cell > 0.45 else 10
    width, height = max(wide * cell + 0.36, 3.0), high * cell + 0.36
    left, top = (width - wide * cell) / 2, height - 0.18
    box = (left, left + wide * cell, 0.18, top)
    fig = Sheet(_described(words, description), width, height)
    shades = _as_shades(picture)
    fig.pixels(shades, box, largest=16)
    fig.grid(box, picture.shape, "#8a939d", 0.7)
    for (i, j), shade in np.ndenumerate(shades):
        place = left + (j + 0.5) * cell, top - (i + 0.5) * cell
        fig.write(*place, texts[i][j], text_colour_on((float(shade),) * 3), size=size)
    return fig


# Drawing.


def _curve_figure(text: str, height: float = HEIGHT) -> DescribedFigure:
    return DescribedFigure(text, figsize=(WIDTH, height), layout="constrained")


def _note(
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


def _circle_sizes(
    rows: int, values: list[np.ndarray | None], names: list[list[str] | None], weighted: bool
) -> tuple[float, float]:
    """Return the radius of a network's circles, and how far apart they stand in a column."""
    given = [value for layer in values if layer is not None for value in layer]
    radius = max(0.3, _widest([as_text(v) for v in given], SMALL_FONT_SIZE) / 2) if given else 0.18
    spacing = max(2 * radius + (0.3 if any(names[1:-1]) else 0.16), min(0.8, 1.5 / rows))
    if given or weighted:
        spacing = max(spacing, min(1.3, 2.4 / rows))
    return radius, spacing


def _widest(texts: Sequence[str] | None, size: float) -> float:
    """Return the width of the longest text, and a little room; nothing for no texts."""
    return max((text_width(text, size) + 0.14 for text in texts or []), default=0.0)


def _draw_layer(
    fig: Sheet,
    places: dict[int | None, tuple[float, float]],
    radius: float,
    side: str,
    values: np.ndarray | None,
    names: list[str] | None,
) -> None:
    """Draw a column of circles, their values inside, their names at the side named."""
    for neuron, (x, y) in places.items():
        if neuron is None:
            fig.write(x, y, "⋮", GREY, size=20)
            continue
        fig.circle(x, y, radius, {"left": INPUT, "right": OUTPUT, "above": HIDDEN}[side])
        if values is not None:
            fig.write(x, y, as_text(values[neuron]), size=SMALL_FONT_SIZE)
        if names is not None and side == "above":
            fig.write(x, y + radius + 0.13, names[neuron], size=SMALL_FONT_SIZE, on_paper=True)
        elif names is not None:
            away = -radius - 0.1 if side == "left" else radius + 0.1
            fig.write(x + away, y, names[neuron], ha="right" if side == "left" else "left")


def _draw_connections(
    fig: Sheet,
    here: dict[int | None, tuple[float, float]],
    there: dict[int | None, tuple[float, float]],
    weights: np.ndarray | None,
) -> None:
    pairs = [(a, b) for a in here if a is not None for b in there if b is not None]
    lines = [(here[a], there[b]) for a, b in pairs]
    if weights is None:
        fig.segments(lines, "#8593a3", 0.9)
        return
    given = np.array([weights[a, b] for a, b in pairs])
    widths = 0.6 + 2.8 * np.abs(given) / (np.abs(weights).max() or 1.0)
    colours = [ORANGE if w < 0 else BLUE for w in given]
    fig.segments(
        lines, colours, widths, linestyles=[LINE_STYLES[1] if w < 0 else "-" for w in given]
    )
    if len(here) > 3 or len(there) > 3:
        return
    texts = [as_text(w) for w in given]
    for text, colour, (x, y) in zip(texts, colours, _free_places(lines, texts), strict=True):
        fig.write(x, y, text, colour, size=SMALL_FONT_SIZE, on_paper=True)


def _free_places(lines: list, texts: list[str]) -> list[np.ndarray]:
    """Return for each line the point on it where its text is furthest from all else."""
    ends = np.array(lines)
    starts, ways = ends[:, 0], ends[:, 1] - ends[:, 0]
    size = np.array([max(text_width(text, SMALL_FONT_SIZE) for text in texts) + 0.1, 0.22])
    placed: list[np.ndarray] = []
    for i in range(len(lines)):
        best, place = -1.0, starts[i]
        for along in np.linspace(0.25, 0.75, 21):
            point = starts[i] + along * ways[i]
            nearest = ((point - starts) * ways).sum(axis=1) / (ways**2).sum(axis=1)
            gaps = np.linalg.norm(point - starts - nearest.clip(0, 1)[:, np.newaxis] * ways, axis=1)
            free = min([0.16, *np.delete(gaps, i)])
            overlaps = any((np.abs(point - other) < size).all() for other in placed)
            score = free - 0.2 * overlaps - 0.02 * abs(along - 0.35)
            if score > best:
                best, place = score, point
        placed.append(place)
    return placed


def _draw_sign_key(fig: Sheet, x: float, y: float) -> None:
    for start, style, colour, words in (
        (x - 2.1, "-", BLUE, "positive weight"),
        (x + 0.2, LINE_STYLES[1], ORANGE, "negative weight"),
    ):
        fig.ax.plot([start, start + 0.42], [y, y], linestyle=style, color=colour)
        fig.write(start + 0.52, y, words, size=SMALL_FONT_SIZE, ha="left")


def _draw_neuron_body(
    fig: Sheet, xs: tuple[float, float, float], y: float, activation: str, z: float | None
) -> None:
    """Draw the sum, z and the activation, and what stands beneath them and the output."""
    sum_x, box_x, _ = xs
    fig.circle(sum_x, y, 0.38, HIDDEN)
    fig.write(sum_x, y, "Σ", size=20)
    fig.arrow((sum_x + 0.38, y), (box_x - 0.4, y))
    z_text = "z" if z is None else f"z = {as_text(z)}"
    fits = text_width(z_text, FONT_SIZE) < box_x - sum_x - 0.8
    fig.write((sum_x + box_x) / 2, y + (0.2 if fits else 0.56), z_text)
    fig.box(box_x, y, 0.76, 0.76, HIDDEN)
    _draw_activation(fig, box_x, y, activation)
    title = "activation" if activation == "phi" else activation
    for x, words in zip(xs, ("sum", title, "output"), strict=True):
        fig.write(x, y - 0.6, words, GREY)


def _draw_activation(fig: Sheet, x: float, y: float, activation: str) -> None:
    """Draw a small sketch of the function into its box."""
    if activation == "phi":
        fig.write(x, y, "φ", size=20)
        return
    z = np.linspace(-3, 3, 121)
    heights = _ACTIVATIONS[activation](z)
    heights = (heights - heights.min()) / np.ptp(heights) - 0.5
    cross = [[(x - 0.27, y), (x + 0.27, y)], [(x, y - 0.27), (x, y + 0.27)]]
    fig.segments(cross, AXIS_LINE, 0.8, zorder=4)
    fig.ax.plot(x + z * 0.085, y + heights * 0.46, color=BLUE, lw=2.2, zorder=5)


def _draw_both_ways(
    fig: Sheet, here: tuple[float, float], there: tuple[float, float], slopes: list[str | None]
) -> None:
    """Draw an arrow forward, and a dashed one back where both ends have a slope."""
    aside = np.zeros(2)
    if None not in slopes:
        aside = np.array([-0.16, 0.0]) if here[0] == there[0] else np.array([0.0, 0.1])
        fig.arrow(there - aside, here - aside, ORANGE, dashed=True)
    fig.arrow(here + aside, there + aside, BLUE)


def _graph_in_a_column(
    text: str, names: list[str], values: list[str], slopes: list[str | None]
) -> Sheet:
    """Draw a chain from top to bottom: room for long values, and a phone can show it."""
    pitch, last = 0.86, len(names) - 1
    heads = ("forward: values", f"slopes of {names[-1]}")
    box = max(text_width(name, FONT_SIZE) for name in names) + 0.4
    before, after = (
        max(
            text_width(head, FONT_SIZE) * 1.15,
            *(text_width(n or "", SMALL_FONT_SIZE) for n in side),
        )
        for head, side in zip(heads, (values, slopes), strict=True)
    )
    width, height = max(5.2, before + box + after + 0.9), len(names) * pitch + 0.7
    x = (width + before - after) / 2
    left, right = x - box / 2 - 0.2, x + box / 2 + 0.2
    fig = Sheet(text, width, height)
    fig.write(left, height - 0.34, heads[0], BLUE, bold=True, ha="right")
    if any(slope is not None for slope in slopes):
        fig.write(right, height - 0.34, heads[1], ORANGE, bold=True, ha="left")
    for i, name in enumerate(names):
        y = height - 0.95 - i * pitch
        fig.box(x, y, box, 0.46, HIDDEN if i < last else OUTPUT)
        fig.write(x, y, name)
        fig.write(left, y, values[i], BLUE, size=SMALL_FONT_SIZE, ha="right")
        fig.write(right, y, slopes[i] or "", ORANGE, size=SMALL_FONT_SIZE, ha="left")
        if i < last:
            _draw_both_ways(fig, (x, y - 0.23), (x, y - pitch + 0.23), slopes[i : i + 2])
    return fig


def _activation_panels(
    text: str,
    z: np.ndarray,
    curves: dict[str, np.ndarray],
    slopes: dict[str, np.ndarray],
    axis_labels: tuple[str, str],
) -> DescribedFigure:
    count, rows = len(curves), -(-len(curves) // 2)
    key_on_top = bool(slopes) and count % 2 == 0
    fig = _curve_figure(text, 0.5 + 2.1 * rows + 0.3 * key_on_top)
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
        _note(ax, words, point, away, INK, size=FONT_SIZE, ha=ha, weight="bold")


def _cells(number: int) -> float:
    """Return how many cells long a side is drawn: more than eight are drawn shortened."""
    return number if number <= 8 else 8 + 1.5 * float(np.log10(number / 8))


def _settle_limits(fig: DescribedFigure, ax: Axes) -> None:
    """Fix what part of the plane is drawn and where, so that distances on paper can be measured."""
    ax.autoscale_view()
    ax.set(xlim=ax.get_xlim(), ylim=ax.get_ylim())
    fig.draw_without_rendering()


def _draw_mark(ax: Axes, position: float, words: str) -> None:
    ax.axvline(position, color=GREY, lw=1.4, linestyle=(0, (2, 2)), zorder=2)
    left = position > sum(ax.get_xlim()) / 2
    away, ha = ((-6, 0), "right") if left else ((6, 0), "left")
    _note(
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
            _note(ax, str(i), at, tuple(outwards[i]), ORANGE, **look)


def _smoothed(values: np.ndarray) -> np.ndarray:
    """Return a map in which each point is the mean of the 5 by 5 around it, twice over."""
    for _ in range(2):
        padded = np.pad(values, 2, mode="edge")
        values = np.lib.stride_tricks.sliding_window_view(padded, (5, 5)).mean(axis=(2, 3))
    return values


# Words: what the text alternatives say.


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


def _network_in_words(
    sizes: list[int],
    titles: list[str],
    shown: list[list[int | None]],
    names: list[list[str] | None],
    values: list[np.ndarray | None],
    weights: list[np.ndarray] | None,
) -> str:
    layers = ", ".join(f"{title} with {size:,}" for title, size in zip(titles, sizes, strict=True))
    products = [a * b for a, b in itertools.pairwise(sizes)]
    total = sum(products)
    adding = " + ".join(f"{product:,}" for product in products)
    adding = f"{adding} = {total:,}" if len(products) > 1 else adding
    text = (
        f"A fully connected network, from left to right: {layers}. Every circle is joined to every "
        f"circle of the next column: {adding} connection{'' if total == 1 else 's'}."
    )
    short = [
        f"{len(column) - 1} of {size:,} in {title}"
        for column, size, title in zip(shown, sizes, titles, strict=True)
        if None in column
    ]
    if short:
        text += f" Long columns are drawn shortened: {listed(short)}."
    for title, column, layer_names, layer_values in zip(titles, shown, names, values, strict=True):
        neurons = [neuron for neuron in column if neuron is not None]
        cut = ", as far as drawn" if None in column else ""
        if layer_names is not None and layer_values is not None:
            both = [f"{layer_names[n]} = {as_text(layer_values[n])}" for n in neurons]
            text += f" Values of {title}{cut}: {', '.join(both)}."
        elif layer_names is not None:
            text += f" Names of {title}{cut}: {', '.join(layer_names[n] for n in neurons)}."
        elif layer_values is not None:
            text += (
                f" Values of {title}{cut}: {', '.join(as_text(layer_values[n]) for n in neurons)}."
            )
    for i, table in enumerate([] if weights is None else weights):
        text += f" Weights from {titles[i]} to {titles[i + 1]}: "
        if table.size <= 12:
            rows = ["[" + ", ".join(as_text(w) for w in row) + "]" for row in table]
            text += f"{', '.join(rows)}, one bracket for each circle that they leave."
        else:
            text += (
                f"{int((table > 0).sum()):,} positive, {int((table < 0).sum()):,} negative, from "
                f"{as_text(table.min())} to {as_text(table.max())}."
            )
    return text


def _neuron_in_words(
    inputs: np.ndarray | None,
    weights: np.ndarray | None,
    bias: float | None,
    z: float | None,
    activation: str,
    output: float | None,
) -> str:
    given = weights if inputs is None else inputs
    count = "inputs x1 to xn" if given is None else counted(len(given), "input")
    name = "phi" if activation == "phi" else activation
    text = (
        f"A neuron with {count}. Each input is multiplied by its weight, the products and the bias "
        f"are added up to z, and the activation {name} turns z into the output."
    )
    parts = [
        ", ".join(f"{letter}{i} = {as_text(v)}" for i, v in enumerate(numbers, start=1))
        for letter, numbers in (("x", inputs), ("w", weights))
        if numbers is not None
    ]
    if bias is not None:
        parts.append(f"b = {as_text(bias)}")
    if parts:
        text += f" {'; '.join(parts)}."
    if z is not None:
        text += f" z = {_products(inputs, weights)} {_signed(bias)} = {as_text(z)}."
    if output is not None:
        text += f" The output is {name}({as_text(z)}) = {as_text(output)}."
    return text


def _neuron_sums(
    inputs: np.ndarray | None,
    weights: np.ndarray | None,
    bias: float | None,
    z: float | None,
    activation: str,
    output: float | None,
) -> list[str]:
    """Return the lines that stand beneath a neuron: symbols, or the sum worked out."""
    name = "φ" if activation == "phi" else activation
    if z is None:
        given = weights if inputs is None else inputs
        total = "w₁x₁ + w₂x₂ + … + wₙxₙ"
        if given is not None:
            total = " + ".join(f"w{_low(i)}x{_low(i)}" for i in range(1, len(given) + 1))
        return [f"z = {total} + b", f"output = {name}(z)"]
    lines = [f"z = {_products(inputs, weights)} {_signed(bias)} = {as_text(z)}"]
    if text_width(lines[0], FONT_SIZE) > WIDTH - 0.5:
        half = (len(inputs) + 1) // 2
        lines = [
            f"z = {_products(inputs[:half], weights[:half])} +",
            f"{_products(inputs[half:], weights[half:])} {_signed(bias)} = {as_text(z)}",
        ]
    if output is not None:
        lines.append(f"output = {name}({as_text(z)}) = {as_text(output)}")
    return lines


def _products(inputs: np.ndarray, weights: np.ndarray) -> str:
    def bracketed(number: float) -> str:
        return f"({as_text(number)})" if number < 0 else as_text(number)

    pairs = zip(inputs, weights, strict=True)
    return " + ".join(f"{bracketed(w)}·{bracketed(x)}" for x, w in pairs)


def _signed(number: float) -> str:
    return f"− {as_text(-number)}" if number < 0 else f"+ {as_text(number)}"


def _low(number: int | str) -> str:
    """Return a number (or n) as a subscript."""
    return str(number).translate(str.maketrans("0123456789n", "₀₁₂₃₄₅₆₇₈₉ₙ"))


def _pictures_in_words(
    pictures: list[np.ndarray], titles: list[str] | None, wrong: list[int]
) -> str:
    sizes = {picture.shape[:2] for picture in pictures}
    text = counted(len(pictures), "picture")
    if len(sizes) == 1:
        high, wide = sizes.pop()
        text += f" of {high} by {wide} pixels (height by width)"
    if titles is not None:
        text += f": {'; '.join(titles)}"
    if not wrong:
        return f"{text}."
    words = [f"{i + 1}" + ("" if titles is None else f" ({titles[i]})") for i in wrong]
    return f"{text}. With a cross, as wrong: {'; '.join(words)}, counted from 1."


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _two_digits(value: float) -> str:
    """Return 0.25 as ``.25``: short enough for a pixel."""
    text = f"{value:.2f}"
    return {"0.00": "0", "1.00": "1"}.get(text, text.removeprefix("0"))


def _short(value: object) -> str:
    if isinstance(value, int | float | np.number) and not isinstance(value, bool):
        return as_text(arguments.as_number(value, "A value of the chain"))
    return str(value)


def _folded(title: str, letters: int) -> str:
    """Break a title into at most three lines of at most so many letters."""
    lines = textwrap.wrap(title, letters, max_lines=3, placeholder=" …")
    return "\n".join(lines)


def _described(generated: str, description: str | None) -> str:
    """Return the author's own words, if any, followed by the words made from the data."""
    if description is None:
        return generated
    if not isinstance(description, str):
        raise TypeError(
            f"description must be text. Given: {type(description).__name__}. "
            "Say in a sentence what the figure is for."
        )
    return f"{description} {generated}"


# What is asked of the arguments.


def _as_sizes(sizes: object) -> list[int]:
    example = "Write the inputs first, then the neurons of each layer: [4, 5, 5, 3]."
    if isinstance(sizes, str) or not hasattr(sizes, "__iter__"):
        raise TypeError(f"sizes must be a list of whole numbers. Given: {sizes!r}. {example}")
    sizes = [arguments.as_count(size, f"sizes[{i}]") for i, size in enumerate(sizes)]
    if len(sizes) < 2:
        raise ValueError(
            f"A network has at least an input and an output layer. Given: sizes {sizes}. {example}"
        )
    return sizes


def _layer_titles(layers: int) -> list[str]:
    hidden = ["hidden"] if layers == 3 else [f"hidden {i}" for i in range(1, layers - 1)]
    return ["input", *hidden, "output"]


def _shown_of(size: int, max_shown: int) -> list[int | None]:
    """Return which neurons of a layer are drawn; None stands for the dots between."""
    if size <= max_shown:
        return list(range(size))
    above = max_shown // 2
    return [*range(above), None, *range(size - (max_shown - 1 - above), size)]


def _as_items(given: object, count: int, name: str, what: str, none: str = "") -> list:
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


def _one_for_each_layer(given: object, name: str, layers: int) -> list:
    if given is None:
        return [None] * layers
    return _as_items(given, layers, name, "layer", "; None stands for a layer that has none")


def _as_sized(given: object, name: str, shape: tuple[int, ...], what: str) -> np.ndarray:
    array = arguments.as_floats(given, name)
    if array.shape != shape:
        raise ValueError(
            f"{name} must have one number for each of {what}: shape {shape}. "
            f"Given: shape {array.shape}. Make them equally many."
        )
    return array


def _as_layer_weights(weights: object, sizes: list[int]) -> list[np.ndarray]:
    items = _as_items(weights, len(sizes) - 1, "weights", "step from a layer to the next")
    tables = []
    for i, given in enumerate(items):
        table = arguments.as_floats(given, f"weights[{i}]", ("inputs", "units"))
        if table.shape != (sizes[i], sizes[i + 1]):
            turned = table.T.shape == (sizes[i], sizes[i + 1])
            raise ValueError(
                f"weights[{i}] must lead from {sizes[i]} to {sizes[i + 1]} neurons: shape "
                f"({sizes[i]}, {sizes[i + 1]}). Given: shape {table.shape}. "
                f"{'Transpose it: weights.T.' if turned else 'Make sizes and weights agree.'}"
            )
        tables.append(table)
    return tables


def _as_neuron(
    inputs: ArrayLike | None, weights: ArrayLike | None, bias: float | None
) -> tuple[np.ndarray | None, np.ndarray | None, float | None]:
    inputs = None if inputs is None else _at_most_six(inputs, "inputs")
    weights = None if weights is None else _at_most_six(weights, "weights")
    if inputs is not None and weights is not None and len(inputs) != len(weights):
        raise ValueError(
            f"A neuron has one weight for each input. Given: {counted(len(inputs), 'input')}, "
            f"{counted(len(weights), 'weight')}. Make them equally many."
        )
    return inputs, weights, None if bias is None else arguments.as_number(bias, "bias")


def _at_most_six(given: ArrayLike, name: str) -> np.ndarray:
    array = arguments.as_floats(given, name, ("inputs",))
    if len(array) > 6:
        raise ValueError(
            f"A neuron is drawn with at most 6 {name}. Given: {len(array)}. Draw fewer of them, or "
            "a network_diagram."
        )
    return array


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


def _as_named_shape(given: object, name: str) -> tuple[str, tuple[int, int]]:
    try:
        word, (rows, columns) = given
    except (TypeError, ValueError):
        raise ValueError(
            f"{name} must be a name and a shape of two numbers. Given: {given!r}. "
            'Write ("x", (4, 2)).'
        ) from None
    rows = arguments.as_count(rows, f"The rows of {word}")
    columns = arguments.as_count(columns, f"The columns of {word}")
    return str(word), (rows, columns)


def _class_names(names: Sequence[str] | None, classes: int) -> list[str]:
    if names is None:
        return [f"class {k}" for k in range(classes)]
    return _as_names(names, classes, "names", "class")


def _as_index(value: object, name: str, count: int, what: str) -> int:
    number = arguments.as_count(value, name, least=0)
    if number >= count:
        raise ValueError(
            f"{name} counts from 0: of {counted(count, what)}, the last is {count - 1}. "
            f"Given: {number}. Choose one of 0 to {count - 1}."
        )
    return number


def _require_few(classes: int) -> None:
    if classes > len(MARKERS):
        raise ValueError(
            f"At most {len(MARKERS)} classes can be told apart. Given: {classes}. Leave some out."
        )


def _as_shares(answer: object, points: int) -> tuple[np.ndarray, bool]:
    """Return labels or probabilities as shares (points, classes), and whether they were labels."""
    array = np.asarray(answer)
    if array.ndim not in (1, 2) or len(array) != points:
        raise ValueError(
            "classify must answer with one label or one row of probabilities for each point. "
            f"Given: shape {array.shape} for {points} points of shape ({points}, 2). "
            "It gets all points at once."
        )
    if array.ndim == 1:
        labels = arguments.as_labels(array, name="The labels from classify")
        _require_few(int(labels.max()) + 1)
        return np.eye(int(labels.max()) + 1)[labels], True
    shares = arguments.as_floats(array, "The probabilities from classify", ("points", "classes"))
    if shares.min() < 0 or np.abs(shares.sum(axis=1) - 1).max() > 0.01:
        raise ValueError(
            "Each row of probabilities from classify must be at least 0 and add up to 1. Given: "
            f"values from {as_text(shares.min())} to {as_text(shares.max())}. Are these scores? "
            "Softmax makes them probabilities."
        )
    return shares, False


def _as_pictures(pictures: object) -> list[np.ndarray]:
    if isinstance(pictures, np.ndarray) and (
        pictures.ndim == 2 or (pictures.ndim == 3 and pictures.shape[-1] == 3)
    ):
        raise ValueError(
            f"pictures must be several. Given: one array of shape {pictures.shape}, which looks "
            "like one picture alone. Put it into a list: [picture]."
        )
    if isinstance(pictures, str) or not hasattr(pictures, "__iter__"):
        raise TypeError(
            f"pictures must be a list of arrays. Given: {type(pictures).__name__}. "
            "Read a picture from its file first."
        )
    items = [_as_picture(picture, f"pictures[{i}]") for i, picture in enumerate(pictures)]
    if not 1 <= len(items) <= 100:
        raise ValueError(
            f"A grid holds 1 to 100 pictures. Given: {len(items)}. "
            f"{'Choose some, such as pictures[:20].' if items else 'Give at least one.'}"
        )
    return items


def _as_picture(picture: object, name: str) -> np.ndarray:
    array = np.asarray(picture)
    if array.dtype == bool:
        array = array.astype(float)
    if array.dtype.kind == "f":
        array = arguments.as_floats(array, name)
    elif array.dtype != np.uint8:
        raise TypeError(
            f"{name} must be uint8 (0 to 255) or floats (0 to 1). Given: {array.dtype}. "
            "Convert it: picture.astype(np.uint8)."
        )
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] != 3) or array.size == 0:
        raise ValueError(
            f"{name} must be grey (height, width) or RGB (height, width, 3). "
            f"Given: shape {array.shape}. "
            + ("Reshape the flat row first." if array.ndim == 1 else "Look at its shape again.")
        )
    if array.dtype.kind == "f" and (array.min() < 0 or array.max() > 1):
        raise ValueError(
            f"{name} holds floats, which must go from 0 to 1. Given: {as_text(array.min())} to "
            f"{as_text(array.max())}. Divide by 255, or convert to uint8."
        )
    return array


def _as_names(names: object, count: int | None, name: str, what: str) -> list[str]:
    """Return `names` as a list of `count` strings, one for each `what`; any number if None."""
    if count is None and hasattr(names, "__len__"):
        count = len(names)
    return [str(item) for item in _as_items(names, count or 0, name, what)]


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


def _as_shades(picture: np.ndarray) -> np.ndarray:
    """Return a picture as floats from 0 (black) to 1 (white)."""
    return picture / 255 if picture.dtype == np.uint8 else picture
