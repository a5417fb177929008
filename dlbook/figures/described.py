"""What all figures share: palette, style, a figure that says what it shows, a sheet in inches."""

import functools
import html
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch, Rectangle
from matplotlib.patheffects import withStroke
from matplotlib.textpath import TextPath

from dlbook import arguments, images

INK = "#1c2530"  # text
GREY = "#56616f"  # axes, what stands back
HAIRLINE = "#dfe4ea"
PAPER = "#ffffff"

# After Okabe and Ito, darkened until text in these colours is readable on PAPER. Neighbours
# differ for colour-blind readers too, and no figure leaves the difference to colour alone.
BLUE, ORANGE, TEAL = "#0067a8", "#b84a00", "#00735c"
PURPLE, OCHRE, CRIMSON = "#7a4aa0", "#806000", "#a3264f"
LINE_COLOURS = (BLUE, ORANGE, TEAL, PURPLE, OCHRE, CRIMSON)
TINTS = ("#d6e8f5", "#fbe0cc", "#cdebe2", "#e6dcf0", "#f1e6bf", "#f5d5df")
LINE_STYLES = ("-", (0, (5, 2)), (0, (1.2, 1.6)), (0, (6, 2, 1.2, 2)), (0, (3, 1.5)), (0, (8, 3)))
MARKERS = ("o", "s", "^", "D", "v", "P")
MARKER_WORDS = ("circles", "squares", "triangles", "diamonds", "upside-down triangles", "crosses")

# Fill and edge of what is drawn, the same in every figure.
INPUT, HIDDEN = (TINTS[2], TEAL), (TINTS[0], BLUE)
OUTPUT, BIAS = (TINTS[1], ORANGE), (TINTS[3], PURPLE)

FONT_SIZE = 12  # points; a phone shows a figure at a little more than half its size
SMALL_FONT_SIZE = 11
HALO = (withStroke(linewidth=3.5, foreground=PAPER),)  # keeps text readable on top of lines

_STYLE = {
    "font.family": ["DejaVu Sans"],
    "font.size": FONT_SIZE,
    "text.color": INK,
    "text.parse_math": False,  # a class named "$5 to $6" is no formula
    "figure.facecolor": "none",  # the paper has round corners and is drawn below
    "axes.facecolor": "none",
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.labelsize": FONT_SIZE,
    "axes.titlesize": FONT_SIZE,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": HAIRLINE,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelsize": SMALL_FONT_SIZE,
    "ytick.labelsize": SMALL_FONT_SIZE,
    "lines.linewidth": 2.4,
    "lines.solid_capstyle": "round",
    "legend.frameon": False,
    "legend.fontsize": SMALL_FONT_SIZE,
    "figure.constrained_layout.h_pad": 0.09,
    "figure.constrained_layout.w_pad": 0.1,
    "svg.fonttype": "path",  # looks the same where the font is missing
    "svg.hashsalt": "dlbook",  # equal figures give equal bytes
}
# These belong to the reader's session, not to the looks of a figure.
_NOT_STYLE = ("backend", "interactive", "toolbar", "timezone", "figure.max_open_warning")


@contextmanager
def book_style() -> Iterator[None]:
    """Draw as the book does, whatever the reader's Matplotlib settings are."""
    defaults = {k: v for k, v in mpl.rcParamsDefault.items() if k not in _NOT_STYLE}
    with mpl.rc_context({**defaults, **_STYLE}):
        yield


class DescribedFigure(Figure):
    """A Matplotlib figure on white paper with round corners, and what it shows in words.

    As the last expression of a notebook cell it is shown as SVG, with the words as its plain
    text. It belongs to no pyplot, so nothing has to be closed.

    Parameters
    ----------
    text_alternative : str
        What is to be seen, for readers who don't see it.
    **figure_arguments
        As for `matplotlib.figure.Figure`, such as ``figsize=(6.4, 3.6)``, in inches.

    Raises
    ------
    ValueError
        If `text_alternative` is empty.

    Examples
    --------
    >>> DescribedFigure("An empty sheet.").text_alternative
    'An empty sheet.'
    """

    def __init__(self, text_alternative: str, **figure_arguments: object) -> None:
        super().__init__(**figure_arguments)
        self.text_alternative = text_alternative
        width, height = self.get_size_inches()
        paper = FancyBboxPatch(
            (0.1, 0.1),
            width - 0.2,
            height - 0.2,
            boxstyle="round,pad=0.1,rounding_size=0.12",
            transform=self.dpi_scale_trans,
            facecolor=PAPER,
            edgecolor="none",
            zorder=-10,
        )
        paper.set_in_layout(False)
        self.add_artist(paper)

    @property
    def text_alternative(self) -> str:
        """What is to be seen in the figure, in words and real numbers."""
        return self._text_alternative

    @text_alternative.setter
    def text_alternative(self, text: str) -> None:
        if not isinstance(text, str):
            raise TypeError(
                f"The text alternative must be text. Given: {type(text).__name__}. "
                "Say in a sentence what is to be seen."
            )
        # XML holds no control characters, and a title is one line.
        printable = "".join(letter if letter.isprintable() else " " for letter in text)
        cleaned = " ".join(printable.split())
        if not cleaned:
            raise ValueError(
                f"The text alternative is empty. Given: {text!r}. "
                "Say in a sentence what is to be seen."
            )
        self._text_alternative = cleaned

    def draw(self, renderer: object) -> None:
        """Draw the figure as the book does, wherever it is drawn."""
        with book_style():  # Matplotlib places ticks by the settings at the time of drawing
            super().draw(renderer)

    def to_svg(self) -> str:
        """Return the figure as one ``<svg>`` element, its words in ``<title>``.

        Text is drawn as outlines, so it looks the same everywhere. Equal figures give equal
        strings. The element has ``role="img"``: a screen reader says the title, and the
        outlines stay silent.
        """
        buffer = io.StringIO()
        nobody = {"Date": None, "Creator": None, "Format": None, "Type": None}
        with book_style():
            self.savefig(buffer, format="svg", metadata=nobody)
        drawn = buffer.getvalue()
        drawn = drawn[drawn.index("<svg ") + len("<svg ") :]
        attributes, inside = drawn.split(">", 1)
        title = html.escape(self.text_alternative, quote=False)
        return f'<svg role="img" {attributes}>\n <title>{title}</title>{inside}'

    def save(self, path: str | Path, overwrite: bool = False) -> Path:
        """Write the figure to a ``.png`` or ``.svg`` file and return its path.

        Raises
        ------
        ValueError
            If the name has another ending.
        FileExistsError
            If there is a file already and `overwrite` is False.
        FileNotFoundError
            If the folder doesn't exist.
        """
        ending = Path(path).suffix.lower()
        arguments.as_choice(ending, "The ending of the file name", (".png", ".svg"))
        path = arguments.new_file(path, overwrite)
        if ending == ".svg":
            path.write_text(self.to_svg(), encoding="utf-8")
            return path
        buffer = io.BytesIO()
        about = {"Software": None, "Description": self.text_alternative}
        with book_style():
            self.savefig(buffer, format="png", dpi=200, metadata=about)
        path.write_bytes(buffer.getvalue())
        return path

    def settle(self) -> "DescribedFigure":
        """Work out the layout once, so that every later drawing is the same; return the figure."""
        self.draw_without_rendering()
        self.set_layout_engine("none")
        return self

    def _repr_mimebundle_(self, **_kwargs: object) -> dict[str, str]:
        return {"image/svg+xml": self.to_svg(), "text/plain": self.text_alternative}

    def _ipython_display_(self) -> None:
        # The inline backend adds a PNG to every figure's bundle, but not to what displays itself.
        from IPython.display import display  # noqa: PLC0415 - only notebooks have it, and need it

        display(self._repr_mimebundle_(), raw=True)


class Sheet(DescribedFigure):
    """A described figure to draw diagrams on: places and lengths are in inches, from below left."""

    def __init__(self, text_alternative: str, width: float, height: float) -> None:
        super().__init__(text_alternative, figsize=(width, height))
        self.ax: Axes = self.add_axes((0, 0, 1, 1))
        self.ax.set_axis_off()
        self.ax.set(xlim=(0, width), ylim=(0, height))

    def write(
        self,
        x: float,
        y: float,
        text: str,
        colour: str = INK,
        *,
        size: float = FONT_SIZE,
        bold: bool = False,
        ha: str = "center",
        va: str = "center",
        on_paper: bool = False,
        rotation: float = 0,
    ) -> None:
        """Write text, if wanted on a scrap of paper that covers the lines below it."""
        text = self.ax.text(x, y, text, color=colour, fontsize=size, ha=ha, va=va, zorder=5)
        text.set(weight="bold" if bold else "normal", rotation=rotation, linespacing=1.1)
        if on_paper:
            text.set_bbox({"boxstyle": "round,pad=0.12", "facecolor": PAPER, "edgecolor": "none"})

    def circle(self, x: float, y: float, radius: float, look: tuple[str, str]) -> None:
        """Draw a circle with the fill and edge of `look`."""
        fill, edge = look
        self.ax.add_patch(Circle((x, y), radius, fc=fill, ec=edge, lw=1.8, zorder=3))

    def box(self, x: float, y: float, wide: float, high: float, look: tuple[str, str]) -> None:
        """Draw a box with round corners around (x, y)."""
        corner, (fill, edge) = (x - wide / 2 + 0.08, y - high / 2 + 0.08), look
        shape = "round,pad=0.08,rounding_size=0.1"
        self.ax.add_patch(
            FancyBboxPatch(
                corner, wide - 0.16, high - 0.16, shape, fc=fill, ec=edge, lw=1.8, zorder=3
            )
        )

    def frame(self, box: tuple[float, float, float, float], colour: str, width: float) -> None:
        """Draw the outline of a rectangle: left, right, bottom, top."""
        left, right, bottom, top = box
        self.ax.add_patch(
            Rectangle(
                (left, bottom),
                right - left,
                top - bottom,
                fill=False,
                ec=colour,
                lw=width,
                zorder=3,
            )
        )

    def fill(self, box: tuple[float, float, float, float], colour: object) -> None:
        """Fill a rectangle: left, right, bottom, top."""
        left, right, bottom, top = box
        self.ax.add_patch(Rectangle((left, bottom), right - left, top - bottom, fc=colour, lw=0))

    def arrow(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        colour: str = GREY,
        *,
        end_gap: float = 0.0,
        dashed: bool = False,
    ) -> None:
        """Draw an arrow that ends `end_gap` before its end."""
        start, end = np.array(start), np.array(end)
        end = end - (end - start) / np.linalg.norm(end - start) * end_gap
        line = {"lw": 1.5, "linestyle": (0, (3, 1.6)) if dashed else "-", "color": colour}
        self.ax.add_patch(
            FancyArrowPatch(
                start, end, arrowstyle="-|>", mutation_scale=13, shrinkA=0, shrinkB=0, **line
            )
        )

    def segments(self, lines: Sequence, colours: object, widths: object, **look: object) -> None:
        """Draw many straight lines, each from one point to another, beneath everything else."""
        look = {"zorder": 1, **look}
        self.ax.add_collection(LineCollection(lines, colors=colours, linewidths=widths, **look))

    def grid(
        self,
        box: tuple[float, float, float, float],
        cells: tuple[int, int],
        colour: str,
        width: float,
    ) -> None:
        """Draw the lines between cells, (rows, columns) of them, inside of a rectangle."""
        left, right, bottom, top = box
        rows, columns = cells
        upright = [[(x, bottom), (x, top)] for x in np.linspace(left, right, columns + 1)[1:-1]]
        level = [[(left, y), (right, y)] for y in np.linspace(bottom, top, rows + 1)[1:-1]]
        self.segments(upright + level, colour, width, zorder=2)

    def pixels(
        self, pixels: np.ndarray, box: tuple[float, float, float, float], largest: int
    ) -> None:
        """Draw floats (height, width[, 3]) from 0 to 1, made smaller if there are too many."""
        size = pixels.shape[:2]
        fitting = images.fit_within(*size, max(largest, 16), max(largest, 16))
        if fitting != size:
            shades = np.round(255 * pixels).astype(np.uint8)
            pixels = images.resize_to(shades, *fitting) / 255
        if pixels.ndim == 2:
            pixels = np.repeat(pixels[..., np.newaxis], 3, axis=2)
        limits = {"xlim": self.ax.get_xlim(), "ylim": self.ax.get_ylim()}
        # Interpolation "none" hands the pixels over as they are, so that each stays a square.
        self.ax.imshow(pixels, extent=box, interpolation="none", aspect="auto", zorder=1)
        self.ax.set(**limits)
        self.frame(box, "#aab3bd", 0.8)


def contrast(one: object, other: object) -> float:
    """Return the WCAG 2 contrast ratio of two colours, 1 (the same) to 21 (black on white)."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def text_colour_on(background: object) -> str:
    """Return black or white, whichever is easier to read on `background` (at least 4.5 : 1)."""
    return max(("#000000", "#ffffff"), key=lambda colour: contrast(colour, background))


def as_text(value: float) -> str:
    """Return a number as the figures write it: three significant digits, a real minus sign.

    Examples
    --------
    >>> as_text(-0.25), as_text(3.0), as_text(0.123456), as_text(109386)
    ('−0.25', '3', '0.123', '109,386')
    """
    value = float(value)
    text = f"{value:,.0f}" if 1000 <= abs(value) < 1e9 else f"{value:.3g}"
    return "0" if text == "-0" else f"−{text[1:]}" if text.startswith("-") else text


def listed(words: list[str], last: str = "and") -> str:
    """Return words as a list in a sentence: ``a, b and c``."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def counted(count: int, word: str) -> str:
    """Return ``1 point`` or ``2 points``."""
    return f"{count:,} {word}{'' if count == 1 else 's'}"


@functools.lru_cache(maxsize=1024)  # layouts ask for the same words again and again
def text_width(text: str, size: float) -> float:
    """Return the width of `text` in inches, when the book's style draws it at `size` points."""
    if not text.strip():
        return 0.0
    return float(TextPath((0, 0), text, size=size).get_extents().width) / 72


def _luminance(colour: object) -> float:
    channels = np.array(mpl.colors.to_rgb(colour))
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))
