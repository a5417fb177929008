"""One picture in smaller boxes: stretched, fitted or padded, its new pixels made in four ways."""

import base64
from typing import Any

import numpy as np
import traitlets
from numpy.typing import ArrayLike

from dlbook.arguments import as_choice, as_count
from dlbook.explore.figure import Figure
from dlbook.explore.modules import joined
from dlbook.figures import DescribedFigure, picture_grid
from dlbook.images import Picture, draw_digits, draw_shapes, fit_within, resize_to, to_grey
from dlbook.opencv import opencv

WAYS = ("stretch", "fit", "pad")
BLENDS = ("nearest", "area", "linear", "cubic")
SIDES = range(8, 33, 4)  # of the boxes that a page without a kernel holds
WITH_A_KERNEL = (4, 96)  # the smallest side and the largest one
_SHOWN = 192  # a larger picture is shown as small as this


class Resize(Figure):
    """A picture that goes into a square box.

    Parameters
    ----------
    picture : uint8 array, shape (height, width, 3) or (height, width), optional
        RGB or grey; a drawn one unless given.
    side : int, optional
        Height and width of the box in pixels. Of those in ``SIDES``; with a kernel at
        hand, as in JupyterLab, any from 4 to 96.
    way : {"stretch", "fit", "pad"}, optional
        As in `dlbook.images.resize`.
    blend : {"nearest", "area", "linear", "cubic"}, optional
        OpenCV's interpolation. `dlbook.images.resize` takes "area" where a picture gets
        smaller.
    goal : int, optional
        The side of a box into which the picture shall come in proportion, filling it,
        and without losing light. The figure says what is missing, and sets `solved`.
    task : str, optional
        The same in words.

    Examples
    --------
    >>> figure = Resize(np.zeros((30, 60), np.uint8), side=8, way="pad")
    >>> figure.result().shape
    (8, 8)
    """

    _esm = joined("resize")

    side = traitlets.Int().tag(sync=True)
    way = traitlets.Enum(WAYS).tag(sync=True)
    blend = traitlets.Enum(BLENDS).tag(sync=True)
    goal = traitlets.Int(0).tag(sync=True)
    solved = traitlets.Bool(False).tag(sync=True)
    # What the browser needs: the picture, and one sheet with all frames and where each lies on it.
    shape = traitlets.List(traitlets.Int()).tag(sync=True)
    light = traitlets.Float().tag(sync=True)
    original = traitlets.Unicode().tag(sync=True)
    sides = traitlets.List(traitlets.Int()).tag(sync=True)
    sheet = traitlets.Unicode().tag(sync=True)
    places = traitlets.Dict().tag(sync=True)
    # With a kernel: the browser asks whether there is one, and gets any frame that isn't there.
    ask = traitlets.Unicode("").tag(sync=True)
    answer = traitlets.List().tag(sync=True)
    fresh = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        picture: ArrayLike | None = None,
        side: int = 16,
        way: str = "stretch",
        blend: str = "nearest",
        goal: int = 0,
        task: str = "",
        **traits: Any,
    ) -> None:
        self._picture = draw_night() if picture is None else np.asarray(picture)
        self._grey = to_grey(self._picture)  # says in words what is no picture
        height, width = self._picture.shape[:2]
        sheet, places = self._sheet()
        shown = resize_to(self._picture, *fit_within(height, width, _SHOWN, _SHOWN))
        super().__init__(
            side=_as_side(side, "side"),
            way=as_choice(way, "way", WAYS),
            blend=as_choice(blend, "blend", BLENDS),
            goal=_as_side(goal, "goal") if goal else 0,
            shape=list(self._picture.shape),
            light=float(self._grey.mean()),
            original=_as_png(shown),
            sides=list(SIDES),
            sheet=_as_png(sheet),
            places=places,
            task=task,
            **traits,
        )
        self.observe(self._bring, ["side", "way", "blend"])
        self._bring()

    def result(self) -> Picture:
        """Return what is in the box now, as an array."""
        return self._boxed(self.way)

    def still(self) -> DescribedFigure:
        """Draw the picture and the three ways into the box, one beside the other."""
        pictures = [self._picture, *(self._boxed(way) for way in WAYS)]
        return picture_grid(
            pictures,
            ["picture", *WAYS],
            columns=4,
            description=f"A picture, and three ways of bringing it into a box of {self.side} x "
            f"{self.side} pixels: stretched, fitted, padded. New pixels are made by OpenCV's "
            f'"{self.blend}". In the book\'s page on a screen this is a figure to play with.',
        )

    def _boxed(self, way: str) -> Picture:
        """Return what is in the box if the picture goes into it this way."""
        frame = self._frame(way, self.blend, self.side)
        if way != "pad":
            return frame
        box = np.zeros((self.side, self.side, *frame.shape[2:]), np.uint8)
        rows, columns = frame.shape[:2]
        top, left = (self.side - rows) // 2, (self.side - columns) // 2
        box[top : top + rows, left : left + columns] = frame
        return box

    def _frame(self, way: str, blend: str, side: int) -> Picture:
        """Return the resized picture, without what "pad" puts around it."""
        height, width = side, side
        if way != "stretch":
            height, width = fit_within(*self._picture.shape[:2], side, side)
        cv2 = opencv()
        how = getattr(cv2, f"INTER_{blend.upper()}")
        return cv2.resize(self._picture, (width, height), interpolation=how)

    def _sheet(self) -> tuple[Picture, dict[str, list[int]]]:
        """Return all frames on one sheet, a shelf for each side, and (x, y, width, height)."""
        shelves, places, top = [], {}, 0
        for side in SIDES:
            shelf, left = [], 0
            for way in ("stretch", "fit"):
                for blend in BLENDS:
                    frame = self._frame(way, blend, side)
                    rows, columns = frame.shape[:2]
                    places[_name(way, blend, side)] = [left, top, columns, rows]
                    below = [(0, side - rows), (0, 0), (0, 0)][: frame.ndim]
                    shelf.append(np.pad(frame, below))
                    left += columns
            shelves.append(np.concatenate(shelf, axis=1))
            top += side
        widest = max(shelf.shape[1] for shelf in shelves)
        wide = [
            np.pad(shelf, [(0, 0), (0, widest - shelf.shape[1]), (0, 0)][: shelf.ndim])
            for shelf in shelves
        ]
        return np.concatenate(wide), places

    def _bring(self, _change: object = None) -> None:
        """Make the frame that is wanted now, where it isn't on the sheet."""
        name = _name(self.way, self.blend, self.side)
        if name not in self.places and self.fresh.get("name") != name:
            png = _as_png(self._frame(self.way, self.blend, self.side))
            self.fresh = {"name": name, "png": png}

    @traitlets.observe("ask")
    def _say_that_a_kernel_is_there(self, change: dict) -> None:
        if change["new"]:
            self.answer = [change["new"], *WITH_A_KERNEL]


def draw_night() -> Picture:
    """Draw the picture of the figure: a moon, a house number and a fence, light on dark.

    Returns
    -------
    uint8 array, shape (96, 144)
        The posts of the fence are two pixels wide, and nine apart.
    """
    rng = np.random.default_rng
    night = np.zeros((96, 144), np.uint8)
    shapes, kinds = draw_shapes(12, 56, rng(0))
    digits, labels = draw_digits(40, 56, rng(3))
    _put(night, shapes[kinds == 0][0], top=10, left=14, light=190)
    _put(night, digits[labels == 4][2], top=8, left=62, light=255)
    _put(night, digits[labels == 7][1], top=8, left=100, light=255)
    night[64:94, 6::9] = night[64:94, 7::9] = 255
    night[74:78] = 130
    return night


def _put(night: Picture, drawn: Picture, top: int, left: int, light: int) -> None:
    """Draw the light part of a picture into the night, flat, without soft edges and noise."""
    part = drawn > 0.6 * drawn.max()
    part = part[part.any(axis=1)][:, part.any(axis=0)]
    rows, columns = part.shape
    night[top : top + rows, left : left + columns][part] = light


def _name(way: str, blend: str, side: int) -> str:
    return f"{'stretch' if way == 'stretch' else 'fit'}-{blend}-{side}"


def _as_side(side: object, name: str) -> int:
    low, high = WITH_A_KERNEL
    side = as_count(side, name, least=low)
    if side > high:
        raise ValueError(
            f"{name} must be at most {high}, or the pixels can't be seen. Given: {side}."
        )
    return side


def _as_png(picture: Picture) -> str:
    cv2 = opencv()
    if picture.ndim == 3:
        picture = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
    _, contents = cv2.imencode(".png", picture, [cv2.IMWRITE_PNG_COMPRESSION, 9])
    return base64.b64encode(contents.tobytes()).decode("ascii")
