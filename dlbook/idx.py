"""Files that hold thousands of small pictures or their labels, in the format of MNIST."""

import gzip
import math
import struct
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dlbook.arguments import existing_file

_IDX_LABELS, _IDX_PICTURES = b"\0\0\x08\x01", b"\0\0\x08\x03"
_LARGEST_IDX = 2**31  # bytes; the whole of EMNIST has a quarter of that


def read_idx(path: str | Path) -> NDArray:
    """Read pictures or labels from an IDX file, the format of MNIST, zipped (.gz) or not.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    uint8 array, shape (count, height, width), or int64 array, shape (count,)
        Grey pictures, or labels.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    IsADirectoryError
        If it is a folder.
    ValueError
        If it is no IDX file of pictures or labels, or shorter or longer than it says.

    Notes
    -----
    LeCun, Cortes and Burges, "The MNIST database of handwritten digits": four bytes
    (0, 0, 8 for bytes, number of dimensions), then the length of each dimension in four
    bytes, the highest first, then the values, row by row.
    """
    path = existing_file(path)
    with path.open("rb") as plain:
        zipped = plain.read(2) == b"\x1f\x8b"
    # Nothing is zipped to less than 1/1032 of its size. A file that announces more than it
    # can hold is refused before memory is taken for it.
    room = path.stat().st_size * (1032 if zipped else 1)
    try:
        with gzip.open(path) if zipped else path.open("rb") as stream:
            magic = stream.read(4)
            if magic not in (_IDX_LABELS, _IDX_PICTURES):
                raise ValueError(
                    f"{str(path)!r} is no IDX file of pictures or labels. Given: its first bytes, "
                    f"{magic!r}; {_IDX_PICTURES!r} or {_IDX_LABELS!r} is expected. "
                    "Is it the right file?"
                )
            lengths = stream.read(4 * magic[3])
            shape = struct.unpack(f">{magic[3]}I", lengths.ljust(4 * magic[3], b"\0"))
            announced = math.prod(shape)
            values = stream.read(announced + 1) if announced <= min(room, _LARGEST_IDX) else b""
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ValueError(
            f"{str(path)!r} can't be unzipped: {error}. Copy or download it again."
        ) from None
    if announced == 0 or len(values) != announced:
        there = "more" if len(values) > announced else "not so many"
        raise ValueError(
            f"{str(path)!r} must hold exactly as many values as it announces, from 1 to "
            f"{_LARGEST_IDX:,}. Given: {' x '.join(map(str, shape))} announced, "
            f"{there} are there. Copy or download it again."
        )
    array = np.frombuffer(values, np.uint8).reshape(shape)
    return array.copy() if magic == _IDX_PICTURES else array.astype(np.int64)
