"""What a network says and sees: probabilities, regions, mix-ups, pictures."""

import textwrap
from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.colors import LinearSegmentedColormap, to_rgb
from numpy.typing import ArrayLike

from dlbook import arguments
from dlbook.figures.common import WIDTH, as_names, curve_figure, described, in_book_style, note
from dlbook.figures.described import (
    BLUE,
    FONT_SIZE,
    GREY,
    HIDDEN,
    INK,
    LINE_COLOURS,
    MARKER_WORDS,
    MARKERS,
    ORANGE,
    OUTPUT,
    PAPER,
    SMALL_FONT_SIZE,
    TINTS,
    DescribedFigure,
    Sheet,
    as_text,
    counted,
    listed,
    text_colour_on,
    text_width,
)

SHARP = 130  # pixels of a picture for each inch of paper: fine on a desk, finer on a phone
_COUNTS = LinearSegmentedColormap.from_list("counts", ["#f4f9fd", TINTS[0], "#6aa9d6", BLUE])


@in_book_style
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

    fig = curve_figure(described(f"{words}.", description), 1.0 + 0.42 * classes)
    ax = fig.subplots()
    for row, p in enumerate(probabilities):
        true = row == true_class
        fill, edge = OUTPUT if true else HIDDEN
        ax.barh(row, p, height=0.64, facecolor=fill, edgecolor=edge, lw=1.8, zorder=2)
        number = f"{as_text(p)}{'  ✓ true class' if true else ''}"
        weight = "bold" if true else "normal"
        note(ax, number, (p, row), (7, 0), INK, size=FONT_SIZE, ha="left", weight=weight)
    ax.set_yticks(range(classes), names, fontsize=FONT_SIZE, color=INK)
    ax.tick_params(axis="y", length=0)
    ax.set(xlim=(0, 1), ylim=(classes - 0.45, -0.55), xlabel="probability")
    ax.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "0.25", "0.5", "0.75", "1"])
    ax.grid(visible=False, axis="y")
    return fig.settle()


@in_book_style
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
    TypeError
        If `classify` isn't a function.
    """
    x = arguments.as_floats(x, "x", ("samples", "features"))
    if x.shape[1] != 2:
        raise ValueError(
            f"Regions can be drawn for 2 features only. Given: x {x.shape}, {x.shape[1]} features. "
            "Choose two columns, such as x[:, :2], and a network trained on these two."
        )
    limit = None if names is None else len(as_names(names, None, "names", "class"))
    labels = arguments.as_labels(labels, samples=len(x), classes=limit)
    resolution = arguments.as_count(resolution, "resolution", least=10)
    if not callable(classify):
        raise TypeError(
            f"classify must be a function. Given: {type(classify).__name__}. Give the function "
            "itself, without brackets; it is called with points of shape (n, 2)."
        )
    across, up = as_names(feature_names or ("x1", "x2"), 2, "feature_names", "feature")
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

    fig = curve_figure(described(words, description), 4.4)
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


@in_book_style
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
    fig = Sheet(described(words, description), width, height)
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


@in_book_style
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
    TypeError
        If pictures are of another type than uint8 or float, or `wrong` is no list.

    Examples
    --------
    >>> picture_grid(np.zeros((2, 8, 8)), ["7", "1"], wrong=[1]).text_alternative
    '2 pictures of 8 by 8 pixels (height by width): 7; 1. With a cross, as wrong: 2 (1), counted
    from 1.'
    """
    pictures = _as_pictures(pictures)
    count = len(pictures)
    if titles is not None:
        titles = as_names(titles, count, "titles", "picture")
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
    fig = Sheet(described(words, description), width, y + 0.1)
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
        fig.pixels(_as_shades(picture), box, largest=int(room * SHARP))
        if titles is not None:
            fig.write(x, top + 0.08, lines[i], size=SMALL_FONT_SIZE, va="bottom", bold=i in wrong)
        if i in wrong:
            fig.frame(box, ORANGE, 3)
            fig.circle(box[1] - 0.03, top - 0.03, 0.13, (PAPER, ORANGE))
            cross = {"color": ORANGE, "ms": 7, "markeredgewidth": 2.4, "zorder": 5}
            fig.ax.plot(box[1] - 0.03, top - 0.03, "x", **cross)
    return fig


@in_book_style
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
    fig = Sheet(described(words, description), width, height)
    shades = _as_shades(picture)
    fig.pixels(shades, box, largest=16)
    fig.grid(box, picture.shape, "#8a939d", 0.7)
    for (i, j), shade in np.ndenumerate(shades):
        place = left + (j + 0.5) * cell, top - (i + 0.5) * cell
        fig.write(*place, texts[i][j], text_colour_on((float(shade),) * 3), size=size)
    return fig


def _smoothed(values: np.ndarray) -> np.ndarray:
    """Return a map in which each point is the mean of the 5 by 5 around it, twice over."""
    for _ in range(2):
        padded = np.pad(values, 2, mode="edge")
        values = np.lib.stride_tricks.sliding_window_view(padded, (5, 5)).mean(axis=(2, 3))
    return values


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


def _two_digits(value: float) -> str:
    """Return 0.25 as ``.25``: short enough for a pixel."""
    text = f"{value:.2f}"
    return {"0.00": "0", "1.00": "1"}.get(text, text.removeprefix("0"))


def _folded(title: str, letters: int) -> str:
    """Break a title into at most three lines of at most so many letters."""
    lines = textwrap.wrap(title, letters, max_lines=3, placeholder=" …")
    return "\n".join(lines)


def _class_names(names: Sequence[str] | None, classes: int) -> list[str]:
    if names is None:
        return [f"class {k}" for k in range(classes)]
    return as_names(names, classes, "names", "class")


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


def _as_shades(picture: np.ndarray) -> np.ndarray:
    """Return a picture as floats from 0 (black) to 1 (white)."""
    return picture / 255 if picture.dtype == np.uint8 else picture
