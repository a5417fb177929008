"""Drawings of networks: the whole of one, one neuron, the shapes of a layer, a chain of slopes."""

import itertools
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from dlbook import arguments
from dlbook.figures.common import (
    AXIS_LINE,
    WIDTH,
    as_items,
    as_names,
    as_sized,
    described,
    in_book_style,
)
from dlbook.figures.described import (
    BIAS,
    BLUE,
    FONT_SIZE,
    GREY,
    HIDDEN,
    INPUT,
    LINE_STYLES,
    ORANGE,
    OUTPUT,
    PAPER,
    SMALL_FONT_SIZE,
    TEAL,
    DescribedFigure,
    Sheet,
    as_text,
    counted,
    listed,
    text_width,
)
from dlbook.neuron import ACTIVATIONS

# What stands for a neuron's output where no numbers are given.
_OUTPUT_SYMBOLS = {
    "phi": "φ(z)",
    "relu": "relu(z)",
    "sigmoid": "σ(z)",
    "tanh": "tanh(z)",
    "step": "step(z)",
    "identity": "z",
}


@in_book_style
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
    titles = as_names(titles, layers, "layer_titles", "layer")
    names = _one_for_each_layer(names, "names", layers)
    values = _one_for_each_layer(values, "values", layers)
    for i, size in enumerate(sizes):
        what = f"circle of {titles[i]!r}"
        if names[i] is not None:
            names[i] = as_names(names[i], size, f"names[{i}]", what)
        if values[i] is not None:
            values[i] = as_sized(values[i], f"values[{i}]", (size,), what)
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

    fig = Sheet(described(words, description), width, height)
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


@in_book_style
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
    activation = arguments.as_choice(activation, "activation", ("phi", *ACTIVATIONS))
    inputs, weights, bias = _as_neuron(inputs, weights, bias)
    z = output = None
    if inputs is not None and weights is not None and bias is not None:
        z = float(inputs @ weights + bias)
        if activation != "phi":
            output = float(ACTIVATIONS[activation].function(z))
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

    fig = Sheet(described(words, description), WIDTH, y + max(half, 1.12 + radius) + 0.2)
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


@in_book_style
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

    fig = Sheet(described(words, description), width, tallest + 1.55)
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


@in_book_style
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
    names = as_names(names, None, "names", "quantity")
    count = len(names)
    if count < 2:
        raise ValueError(
            f"A chain needs at least two quantities. Given: {count}. Add what comes next."
        )
    values = [_short(value) for value in as_items(values, count, "values", "name")]
    slopes = as_items([None] * count if slopes is None else slopes, count, "slopes", "name")
    slopes = [None if slope is None or slope == "" else _short(slope) for slope in slopes]
    forward = [f"{name} = {value}" for name, value in zip(names, values, strict=True)]
    backward = [f"{n} {s}" for n, s in zip(names, slopes, strict=True) if s is not None][::-1]
    words = f"A chain of {count} quantities. Forward: {', then '.join(forward)}."
    if backward:
        words += f" Backward, the slope of {names[-1]} in each: {', then '.join(backward)}."
    text = described(words, description)

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
    heights = ACTIVATIONS[activation].function(z)
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


def _cells(number: int) -> float:
    """Return how many cells long a side is drawn: more than eight are drawn shortened."""
    return number if number <= 8 else 8 + 1.5 * float(np.log10(number / 8))


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


def _short(value: object) -> str:
    if isinstance(value, int | float | np.number) and not isinstance(value, bool):
        return as_text(arguments.as_number(value, "A value of the chain"))
    return str(value)


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


def _one_for_each_layer(given: object, name: str, layers: int) -> list:
    if given is None:
        return [None] * layers
    return as_items(given, layers, name, "layer", "; None stands for a layer that has none")


def _as_layer_weights(weights: object, sizes: list[int]) -> list[np.ndarray]:
    items = as_items(weights, len(sizes) - 1, "weights", "step from a layer to the next")
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
