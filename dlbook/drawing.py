"""Chapter 5: digits and shapes that we draw ourselves, to learn from. Read after `images`."""

import numpy as np
from numpy.typing import NDArray

from dlbook.arguments import IntArray, as_count, as_generator
from dlbook.opencv import opencv

#: What the labels of `draw_shapes` stand for, in their order.
SHAPE_NAMES = ("circle", "square", "triangle")

# Ways of writing each digit, on a grid 8 wide and 12 high, y downwards. The pen runs in
# a smooth curve through the points "x,y"; a "/" lifts it, or turns a sharp corner.
_DIGITS = (
    (
        "4,0 1,1.8 0,6 1,10.2 4,12 7,10.2 8,6 7,1.8 4,0",
        "5,0 2,2.4 .7,7 1.6,11 4,12 6.8,9 7.4,4 6.3,.8 5,0",
        "3,.6 .8,4 .6,9 3,12 6.4,10.6 7.6,6 6.4,1.6 3.6,.4 2,1",
    ),
    (
        "4,0 4,12",
        "1.5,3 4.5,0 / 4.5,0 4.5,12",
        "1.5,2.8 4,0 / 4,0 4,12 / 1,12 7,12",
        "1,4.4 4.6,0 / 4.6,0 4.6,12",
    ),
    (
        ".4,3 1.8,.6 4.4,0 7,1.4 7,4.2 4.2,8.2 .3,12 / .3,12 8,12",
        ".5,2 3,0 6.4,.8 6.8,4 4.4,8.4 1.6,11.6 .5,10.6 2,9.4 4.6,11 8,11.6",
        "1,1 4,0 6.4,1.4 6,5 1,11.6 / 1,11.6 4,10.8 8,12",
        ".2,.4 6.6,.4 / 6.6,.4 6.4,5 .4,12 / .4,12 7.6,12",
    ),
    (
        ".6,1.6 3,0 6.2,.6 7,3 5.6,5.2 2.8,6 / 2.8,6 6.4,6.8 8,9 6.6,11.4 3.4,12 .2,10.6",
        ".6,0 7.2,0 / 7.2,0 3.4,5 / 3.4,5 6.8,6 8,8.6 6.4,11.2 3.2,12 .2,10.8",
        "1,.8 4,0 6.2,1.4 5.6,4.4 3.6,6 6.4,8 6,11 3.6,12 1,11.4",
    ),
    (
        "5.8,0 0,8 / 0,8 8,8 / 5.8,0 5.8,12",
        "1.6,0 .4,6.6 / .4,6.6 8,6.6 / 6.4,.6 5.6,12",
        "3,0 .4,8 / .4,8 8,8 / 6,4 5.6,12",
        "1,0 1,6 / 1,6 7,6.6 / 7,.6 7,12",
    ),
    (
        "7.4,0 1.4,0 / 1.4,0 .9,5.4 / .9,5.4 4,4.5 7.2,6 8,8.6 6.4,11.2 3.2,12 .2,10.8",
        "7.6,.2 3,.2 1.6,3 2.6,5 6,6.8 6.6,9.6 4.6,11.8 .6,11.6",
        "1.8,.8 1.4,5.2 / 1.4,5.2 5,5 7.2,7.6 5.8,11 1,12 / 1.8,.8 7.6,0",
    ),
    (
        "6.4,0 3,2.4 .7,6.6 1,10.2 4,12 7.2,10.4 7.2,7.4 4.4,6 1.8,7.2 .8,9.4",
        "3.4,0 1.4,4 .8,9 3,12 6.4,11 6.8,8 4.6,6.6 2,8 1.2,10",
        "5,0 1.6,6 1.4,10.6 4,12 6.6,10.4 5.6,8 1.8,9",
    ),
    (
        "0,0 8,0 / 8,0 3,12",
        "0,0 8,0 / 8,0 5,5.6 3.4,12 / 2,6 7,6",
        ".2,2 .4,0 / .4,0 8,0 / 8,0 4.4,6 3.4,12",
        ".4,1 4,.8 7,0 / 7,0 6.6,5 5.4,12 / 3.4,6.4 8,5.6",
    ),
    (
        "4,0 1.2,1.2 1.2,4 4,5.8 7.2,8 7.2,10.8 4,12 .8,10.8 .8,8 4,5.8 6.8,4 6.8,1.2 4,0",
        "4,0 1.6,1.4 1.6,4.4 4,5.8 6.4,4.4 6.4,1.4 4,0 / "
        "4,5.8 .8,7.4 .8,10.4 4,12 7.2,10.4 7.2,7.4 4,5.8",
        "7,1.4 4.4,0 2,1.6 2.6,4.2 5.4,7 6,10.4 3.6,12 1.6,10.4 2.6,7.6 7,1.4",
    ),
    (
        "7.2,2.6 5,0 1.6,.8 .6,3.8 2.6,6.2 5.8,5.4 7.2,2.6 / 7.2,2.6 7,8 5.4,12",
        "7,1.4 3.6,0 .8,2 1.2,5 4,6 7,4 7,1.4 / 7,1.4 7,12",
        "6.6,2 4,0 1.4,1.6 1.6,4.8 4.4,5.8 6.8,3.4 6.6,2 / 6.6,2 7.2,7 5.8,11 3.2,12 1.2,10.8",
        "7,.4 3,.6 1,3.4 3.4,5.2 7,.4 / 7,.4 5,12",
    ),
)
_STEPS = 6  # straight pieces from one point of a curve to the next
_FRACTION_BITS = 4  # OpenCV takes places in sixteenths of a pixel


def draw_digits(
    count: int, size: int, rng: np.random.Generator
) -> tuple[NDArray[np.uint8], IntArray]:
    """Draw handwritten-looking digits, light on dark, each one different.

    Each digit is written in one of three or four ways, then bent, stretched, slanted,
    turned (up to 16 degrees), thickened and moved at random. Every picture is drawn
    large and shrunk, so that its strokes have soft edges; a little noise comes last.

    Parameters
    ----------
    count : int
        How many pictures.
    size : int, at least 8
        Height and width of each picture in pixels.
    rng : numpy.random.Generator
        Where all the chance comes from: the same seed gives the same pictures.

    Returns
    -------
    images : uint8 array, shape (count, size, size)
        From 0, black, to 255, white.
    labels : int64 array, shape (count,)
        The digits, 0 to 9, in random order, each as often as the others (or once more
        where `count` isn't a multiple of ten).

    Raises
    ------
    TypeError
        If `count` or `size` isn't a whole number, or `rng` no Generator.
    ValueError
        If `count` is below 1 or `size` below 8, too few pixels for an 8 or a 5.

    Notes
    -----
    With 5,000 pictures of 16 x 16 to learn from, a classifier without hidden layers
    reads about 88 % of unseen ones, and 64 hidden neurons read about 98 %.

    Examples
    --------
    >>> images, labels = draw_digits(20, 16, np.random.default_rng(0))
    >>> images.shape, np.bincount(labels)
    ((20, 16, 16), array([2, 2, 2, 2, 2, 2, 2, 2, 2, 2]))
    """
    count, size = as_count(count, "count"), as_count(size, "size", least=8)
    rng = as_generator(rng)
    cv2 = opencv()
    labels = _balanced_labels(count, len(_DIGITS), rng)
    styles = rng.integers(12, size=count)  # 12, so that 3 ways are as likely as 4 are
    side = size * max(2, -(-64 // size))  # drawn on at least 64 x 64, then shrunk
    canvas = np.empty((side, side), np.uint8)
    images = np.empty((count, size, size), np.uint8)
    for digit, ways in enumerate(_DIGITS):
        for way, text in enumerate(ways):
            rows = np.flatnonzero((labels == digit) & (styles % len(ways) == way))
            strokes = [_smooth_curve(stroke) for stroke in text.split("/")]
            pen_lifts = np.cumsum([len(stroke) for stroke in strokes])[:-1]
            thickness = rng.uniform(0.08, 0.14, len(rows))
            light = rng.uniform(100, 255, len(rows))
            places = _handwritten(np.concatenate(strokes), thickness, rng)
            places = np.rint((places * side - 0.5) * 2**_FRACTION_BITS).astype(np.int32)
            for i, row in enumerate(rows):
                canvas[:] = 0
                cv2.polylines(
                    canvas,
                    np.split(places[i], pen_lifts),
                    isClosed=False,
                    color=int(light[i]),
                    thickness=round(thickness[i] * side),
                    lineType=cv2.LINE_AA,
                    shift=_FRACTION_BITS,
                )
                small = cv2.resize(canvas, (size, size), interpolation=cv2.INTER_AREA)
                noise = 8 * rng.standard_normal((size, size), dtype=np.float32)
                images[row] = np.clip(np.rint(small + noise), 0, 255)
    return images, labels


def draw_shapes(
    count: int, size: int, rng: np.random.Generator, turned: bool = False
) -> tuple[NDArray[np.uint8], IntArray]:
    """Draw filled circles, squares and triangles, light on dark, anywhere in the picture.

    A circle, a square and a triangle are drawn equally large on average, in area: who
    only counts light pixels can't tell them apart.

    Parameters
    ----------
    count : int
        How many pictures.
    size : int, at least 8
        Height and width of each picture in pixels.
    rng : numpy.random.Generator
        Where all the chance comes from: the same seed gives the same pictures.
    turned : bool, optional
        Turn every shape by an angle of its own. Otherwise squares stand on an edge and
        triangles point upwards.

    Returns
    -------
    images : uint8 array, shape (count, size, size)
    labels : int64 array, shape (count,)
        Places in ``SHAPE_NAMES``, in random order, each as often as the others (or once
        more).

    Raises
    ------
    TypeError
        If `count` or `size` isn't a whole number, or `rng` no Generator.
    ValueError
        If `count` is below 1 or `size` below 8.

    Notes
    -----
    A regular shape with k edges, each at the distance a from its centre, has the area
    k a^2 tan(pi / k); the circle is the limit, pi a^2.

    Examples
    --------
    >>> images, labels = draw_shapes(3, 16, np.random.default_rng(0))
    >>> sorted(SHAPE_NAMES[label] for label in labels)
    ['circle', 'square', 'triangle']
    """
    count, size = as_count(count, "count"), as_count(size, "size", least=8)
    rng = as_generator(rng)
    labels = _balanced_labels(count, len(SHAPE_NAMES), rng)
    root_of_area = size * rng.uniform(0.3, 0.5, count)
    room = size / 2 - 0.88 * root_of_area  # 0.88: from a triangle's centre to its corners
    centre = size / 2 + room * rng.uniform(-1, 1, (2, count))
    turn = rng.uniform(0, 2 * np.pi, count) if turned else np.zeros(count)
    light = rng.uniform(100, 255, count)
    pixel = np.arange(size) + 0.5
    images = np.empty((count, size, size), np.uint8)
    for i, shape in enumerate(labels):
        x, y = pixel - centre[0, i], pixel[:, np.newaxis] - centre[1, i]
        if SHAPE_NAMES[shape] == "circle":
            outside = np.hypot(x, y) - root_of_area[i] / np.sqrt(np.pi)
        else:
            edges = 4 if SHAPE_NAMES[shape] == "square" else 3
            to_edge = root_of_area[i] / np.sqrt(edges * np.tan(np.pi / edges))
            angles = turn[i] + np.pi / 2 + 2 * np.pi * np.arange(edges) / edges
            outside = np.max([x * np.cos(a) + y * np.sin(a) for a in angles], axis=0) - to_edge
        # A pixel whose centre lies on the edge is half covered.
        images[i] = np.rint(light[i] * np.clip(0.5 - outside, 0, 1))
    return images, labels


def _balanced_labels(count: int, classes: int, rng: np.random.Generator) -> IntArray:
    """Return labels (count,) in random order, each class as often as the others, or once more."""
    return rng.permutation(np.resize(rng.permutation(classes), count))


def _smooth_curve(stroke: str) -> NDArray[np.float64]:
    """Return places (points, 2) on a smooth curve through a stroke, in a box from -1 to 1.

    Catmull and Rom (1974): each piece runs from b to c, with the slopes (c - a) / 2 and
    (d - b) / 2, where a and d are the points before and after.
    """
    points = np.array([pair.split(",") for pair in stroke.split()], float) / [4, 6] - 1
    closed = np.array_equal(points[0], points[-1])
    before, after = (points[-2], points[1]) if closed else (points[0], points[-1])
    padded = np.vstack([before, points, after])[:, np.newaxis]
    a, b, c, d = padded[:-3], padded[1:-2], padded[2:-1], padded[3:]
    t = np.arange(_STEPS)[:, np.newaxis] / _STEPS
    square, cube = 2 * a - 5 * b + 4 * c - d, 3 * (b - c) + d - a
    curve = b + t * (c - a + t * (square + t * cube)) / 2
    return np.vstack([curve.reshape(-1, 2), points[-1]])


def _handwritten(
    points: NDArray[np.float64], thickness: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return `points` (points, 2) in as many hands as `thickness` has, (hands, points, 2).

    What comes in lies between -1 and 1, what goes out between 0 and 1, the picture's edges.
    """
    hands = len(thickness)

    def between(low: float, high: float) -> NDArray[np.float64]:
        return rng.uniform(low, high, (hands, 1))

    x, y = points.T
    # Wobble: a wave across the picture, so that strokes which meet still do.
    x, y = (
        x + between(-0.06, 0.06) * np.sin(between(1, 4) * y + between(0, 2 * np.pi)),
        y + between(-0.06, 0.06) * np.sin(between(1, 4) * x + between(0, 2 * np.pi)),
    )
    height = between(0.325, 0.44)  # half of it, measured in pictures
    x, y = x * height * between(0.6, 0.95), y * height
    x = x + between(-0.2, 0.2) * y
    turn = np.deg2rad(between(-16, 16))
    x, y = x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)
    places = np.stack([x, y], axis=-1)
    low, high = places.min(axis=1, keepdims=True), places.max(axis=1, keepdims=True)
    most = 1 - thickness[:, np.newaxis, np.newaxis]
    shrink = np.minimum(1, most / (high - low).max(axis=2, keepdims=True))  # none is cut off
    room = (most - shrink * (high - low)) / 2
    shift = room * rng.uniform(-1, 1, (hands, 1, 2))
    return 0.5 + shift + shrink * (places - (low + high) / 2)
