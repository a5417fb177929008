"""The worked example of all chapters: finding an edge in a picture of two pixels.

The first hidden neuron begins as "more light on the left than on the right", roughly; the
numbers are chosen so that they can be followed by hand. Training makes the rest of it true.
"""

import numpy as np

from dlbook.arguments import FloatArray, IntArray, as_count, as_generator
from dlbook.layers import Dense, Network

#: What the labels stand for, in their order.
CLASS_NAMES = ("flat", "edge")
#: What the two inputs are.
PIXEL_NAMES = ("left", "right")
#: The size of each step of the worked example, 0.1.
LEARNING_RATE = 0.1
#: An edge is where the two pixels differ by more than this, 0.3.
EDGE = 0.3

#: Four pictures, shape (4, 2): brightness from 0 (dark) to 1 (light).
PICTURES = np.array([[1.0, 0.5], [0.9, 0.9], [0.2, 0.8], [0.1, 0.2]])
#: What each of the four pictures shows, shape (4,).
LABELS = np.array([1, 0, 1, 0])


def worked_network() -> Network:
    """Return the network 2-3-2 of the worked example, before any training.

    Returns
    -------
    Network
    """
    hidden = Dense(
        weights=[[0.6, -0.2, -0.5], [-0.4, 0.8, 0.2]],
        bias=[0.1, 0.0, 0.1],
        activation="relu",
    )
    output = Dense(
        weights=[[0.6, 0.4], [0.5, -0.5], [-0.3, 0.7]],
        bias=[0.0, 0.0],
        activation="identity",
    )
    return Network([hidden, output])


def draw_two_pixels(count: int, rng: np.random.Generator) -> tuple[FloatArray, IntArray]:
    """Draw pictures of two pixels of random brightness, with their labels.

    Parameters
    ----------
    count : int
    rng : numpy.random.Generator

    Returns
    -------
    pictures : array, shape (count, 2)
        From 0 to 1.
    labels : array of int, shape (count,)
        1 where the pixels differ by more than 0.3, else 0.
    """
    pictures = as_generator(rng).random((as_count(count, "count"), 2))
    return pictures, (np.abs(pictures[:, 0] - pictures[:, 1]) > EDGE).astype(np.int64)
