"""Chapter 5: pictures as input. Read, look, resize, write, turn into numbers for a network.

Read from top to bottom: one picture, then a folder of them. The pictures that we draw
ourselves are in `drawing`; files that hold thousands, as MNIST's do, are read by `idx`.
"""

import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dlbook.arguments import (
    FloatArray,
    IntArray,
    as_choice,
    as_count,
    existing_file,
    new_file,
    not_found,
    write_bytes,
)
from dlbook.drawing import SHAPE_NAMES, draw_digits, draw_shapes  # noqa: F401 - drawn pictures
from dlbook.idx import read_idx  # noqa: F401 - a file of thousands of pictures
from dlbook.opencv import opencv

if TYPE_CHECKING:
    from dlbook.figures.described import DescribedFigure

Picture = NDArray[np.uint8]

#: The endings of files that `folder_to_network_input` takes for pictures.
PICTURE_SUFFIXES = (
    ".bmp", ".gif", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp"
)  # fmt: skip


def read_rgb(path: str | Path) -> Picture:
    """Read a picture from a file.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    uint8 array, shape (height, width, 3)
        Red, green, blue, from 0 to 255; the first row is the top one. A grey picture gets
        three equal channels, transparency is dropped, 16 bits become 8. A photograph
        that the camera marked as turned (EXIF) comes out upright.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    IsADirectoryError
        If it is a folder.
    ValueError
        If the file is no picture, or only the beginning of one.

    Notes
    -----
    ``cv2.imread`` returns None where this raises, leaves the colours in the order blue,
    green, red, and on Windows doesn't find names with letters such as ä or 図.
    """
    path = existing_file(path)
    contents = path.read_bytes()
    if not contents:
        raise ValueError(f"{str(path)!r} is empty: it holds no picture. Copy or download it again.")
    if _breaks_off(contents):
        raise ValueError(
            f"{str(path)!r} breaks off before the picture's end. Given: {len(contents)} bytes. "
            "Copy or download it again."
        )
    cv2 = opencv()
    level = cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    try:
        image = cv2.imdecode(np.frombuffer(contents, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:
        image = None
    finally:
        cv2.utils.logging.setLogLevel(level)
    if image is None:
        raise ValueError(
            f"{str(path)!r} can't be read as a picture. Given: {len(contents)} bytes, which begin "
            f"with {contents[:8]!r}. Is it damaged, or another kind of file? Open it in a viewer."
        )
    return cv2.cvtColor(image, cv2.COLOR_BGR2RGB)


def show(
    image: ArrayLike, title: str | None = None, description: str | None = None
) -> "DescribedFigure":
    """Show a picture in the notebook, pixel by pixel; no window opens.

    Parameters
    ----------
    image : uint8 array, shape (height, width, 3) or (height, width)
        RGB or grey.
    title : str, optional
    description : str, optional
        What is to be seen, for readers who don't see it.

    Returns
    -------
    DescribedFigure
        A Matplotlib figure with a text alternative; Jupyter shows it where it is a
        cell's last line.

    Raises
    ------
    TypeError
        If the picture isn't uint8.
    ValueError
        If it has another shape, or no pixels.
    """
    from dlbook.figures import picture_grid  # noqa: PLC0415 - Matplotlib, only where it is used

    return picture_grid(
        [_as_picture(image)], titles=None if title is None else [title], description=description
    )


def to_grey(image: ArrayLike) -> Picture:
    """Return a picture in shades of grey.

    Parameters
    ----------
    image : uint8 array, shape (height, width, 3) or (height, width)
        RGB, or grey already.

    Returns
    -------
    uint8 array, shape (height, width)
        0.299 red + 0.587 green + 0.114 blue, rounded: the eye sees green as the
        brightest (ITU-R recommendation BT.601). A grey picture comes back as a copy.

    Raises
    ------
    TypeError
        If the picture isn't uint8.
    ValueError
        If it has another shape, or no pixels.

    Examples
    --------
    >>> to_grey(np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255]]], np.uint8))
    array([[ 76, 150,  29]], dtype=uint8)
    """
    image = _as_picture(image)
    if image.ndim == 2:
        return image.copy()
    cv2 = opencv()
    return cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)


def fit_within(height: int, width: int, max_height: int, max_width: int) -> tuple[int, int]:
    """Return the largest height and width of the same aspect ratio that fit into a box.

    Parameters
    ----------
    height, width : int
        Of the picture, in pixels.
    max_height, max_width : int
        Of the box.

    Returns
    -------
    height, width : int
        Rounded to whole pixels, at least 1, and never larger than the picture was:
        enlarging adds pixels but no detail.

    Raises
    ------
    TypeError
        If a number isn't whole.
    ValueError
        If a number is below 1.

    Examples
    --------
    >>> fit_within(300, 400, 100, 100)
    (75, 100)
    >>> fit_within(30, 40, 100, 100)
    (30, 40)
    """
    height, width = as_count(height, "height"), as_count(width, "width")
    max_height, max_width = as_count(max_height, "max_height"), as_count(max_width, "max_width")
    scale = min(1, max_height / height, max_width / width)
    return max(1, round(height * scale)), max(1, round(width * scale))


def resize_to(image: ArrayLike, height: int, width: int) -> Picture:
    """Squeeze or stretch a picture to exactly this height and width.

    Parameters
    ----------
    image : uint8 array, shape (rows, columns, 3) or (rows, columns)
    height, width : int
        In pixels.

    Returns
    -------
    uint8 array, shape (height, width, 3) or (height, width)
        Where the picture gets smaller in both directions each new pixel is the mean of
        the old ones that it covers (``INTER_AREA``); otherwise it is a weighted mean of
        its four neighbours (``INTER_LINEAR``).

    Raises
    ------
    TypeError
        If the picture isn't uint8, or a number isn't whole.
    ValueError
        If the picture has another shape or no pixels, or a number is below 1.

    Notes
    -----
    OpenCV takes (width, height), the other way round than the array's shape. Its third
    positional argument isn't the interpolation: name it, or it is silently ignored.

    Examples
    --------
    >>> resize_to(np.array([[0, 40, 100, 200], [20, 60, 100, 200]], np.uint8), 1, 2)
    array([[ 30, 150]], dtype=uint8)
    """
    image = _as_picture(image)
    height, width = as_count(height, "height"), as_count(width, "width")
    cv2 = opencv()
    shrinks = height < image.shape[0] and width < image.shape[1]
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return cv2.resize(image, (width, height), interpolation=how)


def resize(
    image: ArrayLike, height: int, width: int, how: str = "stretch", fill: ArrayLike = 0
) -> Picture:
    """Bring a picture into a box of this height and width, in one of three ways.

    Parameters
    ----------
    image : uint8 array, shape (rows, columns, 3) or (rows, columns)
    height, width : int
        Of the box, in pixels.
    how : {"stretch", "fit", "pad"}, optional
        "stretch" fills the box and distorts the picture. "fit" keeps the aspect ratio,
        so the result may be lower or narrower than the box; a picture that is smaller
        than the box stays as it is. "pad" does the same, then puts the result into the
        middle of a box of exactly (height, width).
    fill : int, or array of int, shape (3,), optional
        Grey, or red, green, blue, from 0 to 255: what "pad" puts around the picture.

    Returns
    -------
    uint8 array, shape (height, width, 3) or (height, width), with "fit" perhaps smaller

    Raises
    ------
    TypeError
        If the picture isn't uint8, or a number isn't whole.
    ValueError
        If the picture has another shape or no pixels, a number is out of range, or
        `how` is unknown.

    Examples
    --------
    >>> wide = np.full((10, 20, 3), 255, np.uint8)
    >>> [resize(wide, 8, 8, how).shape for how in ("stretch", "fit", "pad")]
    [(8, 8, 3), (4, 8, 3), (8, 8, 3)]
    """
    image = _as_picture(image)
    how = as_choice(how, "how", ("stretch", "fit", "pad"))
    if how == "stretch":
        return resize_to(image, height, width)
    fitted = resize_to(image, *fit_within(*image.shape[:2], height, width))
    if how == "fit":
        return fitted
    canvas = np.empty((height, width, *image.shape[2:]), np.uint8)
    canvas[:] = _as_colour(fill, channels=3 if canvas.ndim == 3 else 1)
    rows, columns = fitted.shape[:2]
    top, left = (height - rows) // 2, (width - columns) // 2
    canvas[top : top + rows, left : left + columns] = fitted
    return canvas


def write_picture(path: str | Path, image: ArrayLike, overwrite: bool = False) -> Path:
    """Write a picture to a new file: the whole picture, or nothing.

    Parameters
    ----------
    path : str or Path
        The ending decides: ``.png`` keeps every pixel as it is, ``.jpg`` is smaller and
        only similar.
    image : uint8 array, shape (height, width, 3) or (height, width)
        RGB or grey.
    overwrite : bool, optional
        Replace the file if there is one. Think of the picture that you read.

    Returns
    -------
    Path
        Where the picture is now.

    Raises
    ------
    FileExistsError
        If the file exists and `overwrite` is False.
    FileNotFoundError
        If the folder doesn't exist.
    PermissionError
        If the folder can't be written to.
    TypeError
        If the picture isn't uint8.
    ValueError
        If it has another shape or no pixels, the ending is unknown, or the picture is too
        large for the format.
    """
    image = _as_picture(image)
    suffix = as_choice(Path(path).suffix.lower(), "The name's ending", (".png", ".jpg", ".jpeg"))
    path = new_file(path, overwrite)
    cv2 = opencv()
    if image.ndim == 3:
        image = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)  # OpenCV writes blue, green, red
    done, contents = cv2.imencode(suffix, image)
    if not done:
        raise ValueError(
            f"The picture can't be stored as {suffix}. Given: {image.shape[0]} x {image.shape[1]} "
            "pixels. Resize it first, or choose another format."
        )
    write_bytes(path, contents.tobytes(), overwrite)
    return path


def to_network_input(image: ArrayLike, size: int) -> FloatArray:
    """Turn a picture into one row of numbers for a network.

    Parameters
    ----------
    image : uint8 array, shape (height, width, 3) or (height, width)
        RGB or grey; whatever its aspect ratio, it is squeezed into a square.
    size : int
        Height and width of the square, in pixels.

    Returns
    -------
    float64 array, shape (size * size,)
        Grey values from 0, black, to 1, white, row by row from the top.

    Raises
    ------
    TypeError
        If the picture isn't uint8, or `size` isn't whole.
    ValueError
        If the picture has another shape or no pixels, or `size` is below 1.

    Examples
    --------
    >>> picture = np.array([[0, 0, 255, 255], [0, 0, 255, 255], [51] * 4, [51] * 4], np.uint8)
    >>> to_network_input(picture, 2)
    array([0. , 1. , 0.2, 0.2])
    """
    size = as_count(size, "size")
    cv2 = opencv()
    small = cv2.resize(to_grey(image), (size, size), interpolation=cv2.INTER_AREA)
    return small.ravel() / 255


def folder_to_network_input(
    folder: str | Path, size: int, skip_broken: bool = False
) -> tuple[FloatArray, IntArray | None, list[str]]:
    """Turn a folder of pictures into a batch for a network.

    If the folder has sub-folders each of them is a class, and the pictures in it are its
    samples. If it has none the pictures lie in the folder itself and have no labels.
    Folders, and files within each, come in the order of their names. Hidden files and
    files whose ending isn't in ``PICTURE_SUFFIXES`` are passed over; folders inside of
    the classes are, too.

    Parameters
    ----------
    folder : str or Path
    size : int
        Each picture becomes `size` x `size` grey pixels, see ``to_network_input``.
    skip_broken : bool, optional
        Leave out the pictures that can't be read, with a warning that lists them.

    Returns
    -------
    x : float64 array, shape (samples, size * size)
    labels : int64 array, shape (samples,), or None
        None if the folder has no sub-folders.
    names : list of str
        With labels: the classes' names, so that ``names[labels[i]]`` is the class of row
        i. Without: the files' names, so that ``names[i]`` is the file of row i.

    Raises
    ------
    FileNotFoundError, NotADirectoryError
        If there is no such folder.
    ValueError
        If the folder or one of its classes has no pictures, if pictures lie beside the
        classes, or if pictures can't be read; the message lists up to ten of them.
    """
    size = as_count(size, "size")
    folder = Path(folder)
    if not folder.exists():
        raise FileNotFoundError(not_found(folder, "folder"))
    if not folder.is_dir():
        raise NotADirectoryError(f"{str(folder)!r} is a file. Give the folder that it lies in.")
    classes = [entry for entry in _visible(folder) if entry.is_dir()]
    if classes and (loose := _pictures_in(folder)):
        raise ValueError(
            f"Pictures must lie in the class folders only. Given: {loose[0].name!r} beside the "
            f"folder {classes[0].name!r} in {str(folder)!r}. Move it into a class, or away."
        )
    rows, labels, files, broken = [], [], [], []
    for label, place in enumerate(classes or [folder]):
        pictures = _pictures_in(place)
        if not pictures:
            raise ValueError(
                f"There are no pictures in {str(place)!r}. Files ending in one of "
                f"{', '.join(PICTURE_SUFFIXES)} are looked for. Add some, or remove the folder."
            )
        for path in pictures:
            try:
                rows.append(to_network_input(read_rgb(path), size))
            except ValueError as error:
                broken.append(str(error))
                continue
            labels.append(label)
            files.append(path.name)
    if broken:
        more = f"\n- and {len(broken) - 10} more" if len(broken) > 10 else ""
        listed = "".join(f"\n- {reason}" for reason in broken[:10]) + more
        if not skip_broken or not rows:
            raise ValueError(
                f"{len(broken)} of {len(broken) + len(rows)} pictures can't be read. "
                f"Mend or remove them, or say skip_broken=True to go on with the others.{listed}"
            )
        warnings.warn(f"{len(broken)} pictures are left out.{listed}", stacklevel=2)
    if classes:
        return np.stack(rows), np.array(labels), [place.name for place in classes]
    return np.stack(rows), None, files


def _as_picture(image: ArrayLike) -> Picture:
    """Return `image` as a uint8 array, (height, width, 3) or (height, width), or say why not."""
    if image is None:
        raise TypeError(
            "image must be a picture. Given: None, which is what cv2.imread returns for a file "
            "that is missing or broken. Use read_rgb, which says what is the matter."
        )
    array = np.asarray(image)
    if array.dtype != np.uint8:
        advice = "image.astype(np.uint8), if its values run from 0 to 255"
        if array.dtype.kind == "f":
            advice = "np.rint(image * 255).astype(np.uint8), if its values run from 0 to 1"
        raise TypeError(
            "image must have the type uint8, whole numbers from 0 to 255. "
            f"Given: {array.dtype}. Use {advice}."
        )
    if array.ndim != 2 and array.shape[2:] != (3,):
        advice = {(4,): "image[:, :, :3] drops the transparency.", (1,): "Use image[:, :, 0]."}
        raise ValueError(
            "image must have the shape (height, width, 3), RGB, or (height, width), grey. Given: "
            f"shape {array.shape}. {advice.get(array.shape[2:], 'Give one picture at a time.')}"
        )
    if array.size == 0:
        raise ValueError(
            f"image must have at least one pixel. Given: shape {array.shape}. "
            "Was it cut out beyond its edge?"
        )
    return array


def _as_colour(fill: ArrayLike, channels: int) -> Picture:
    """Return `fill` as one grey value, or as three values where there are three channels."""
    colour = np.asarray(fill)
    fits = colour.ndim == 0 or colour.shape == (channels,)
    if colour.dtype.kind not in "iu" or not fits or colour.min() < 0 or colour.max() > 255:
        wanted = "a whole number" if channels == 1 else "a whole number, or three,"
        raise ValueError(
            f"fill must be {wanted} from 0, dark, to 255, light. Given: {fill!r}. For white: 255."
        )
    return colour.astype(np.uint8)


def _breaks_off(contents: bytes) -> bool:
    """Say whether a PNG or JPEG file lacks its end; some readers fill in grey and say nothing."""
    if contents.startswith(b"\x89PNG"):
        return b"IEND" not in contents
    if contents.startswith(b"\xff\xd8"):  # the pixels begin after FF DA; FF D9 is the end
        return contents.rfind(b"\xff\xd9") < contents.rfind(b"\xff\xda")
    return False


def _visible(folder: Path) -> list[Path]:
    entries = [entry for entry in folder.iterdir() if not entry.name.startswith(".")]
    return sorted(entries, key=lambda entry: entry.name)


def _pictures_in(folder: Path) -> list[Path]:
    return [
        entry
        for entry in _visible(folder)
        if entry.is_file() and entry.suffix.lower() in PICTURE_SUFFIXES
    ]
