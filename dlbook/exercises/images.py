"""The answer key of chapter 5: reading pictures, their size, and a network that reads digits."""

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil
from pathlib import Path

import numpy as np

from dlbook.exercises.plain import File, Rng, as_numbers
from dlbook.exercises.question import Case, Question, Section, mistake
from dlbook.images import draw_digits
from dlbook.opencv import opencv

SETUP = """\
import tempfile
from pathlib import Path

import cv2
import numpy as np

from dlbook.exercises import check, hint, progress
from dlbook.images import draw_digits"""

TABLE = Section("images", "A picture is a table of numbers")
COLOUR = Section("images", "Colour: three numbers for each pixel")
READ = Section("images", "Read, check, resize, show, write")
FIT = Section("images", "Three ways into a box")
INTERPOLATION = Section("images", "Where the new pixels come from")
INPUT = Section("images", "From a picture to a row of numbers")
DIGITS = Section("images", "The main task: digits")
PREDICTION = Section("layers", "From probabilities to a prediction")
EPOCH = Section("training", "One epoch by hand")
START = Section("training", "Where to start: small, random, not zero")
BATCHES = Section("training", "One sample, some samples, all samples")
_LEARNERS = (  # "NumPy and OpenCV only": these come with the learning done
    "sklearn", "scipy", "torch", "torchvision", "tensorflow", "keras", "jax", "flax", "xgboost",
    "lightgbm", "catboost", "mxnet", "paddle", "skimage",
)  # fmt: skip


# --- References ------------------------------------------------------------------------------


def read_rgb(path):
    """Return the picture in the order red, green, blue, or say what is wrong with the file."""
    if not Path(path).exists():
        raise FileNotFoundError(f"There is no file {str(path)!r}.")
    cv2 = opencv()
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if image is None:
        raise ValueError(f"{str(path)!r} is no picture.")
    return cv2.cvtColor(image, cv2.COLOR_BGR2RGB)


def fit_within(height, width, max_height, max_width):
    """Return height and width times one scale: the smaller of the two, and at most 1."""
    scale = min(1, max_height / height, max_width / width)
    return max(1, round(height * scale)), max(1, round(width * scale))


def resize_to(image, height, width):
    """Return means of areas where both sides get smaller, a linear blend elsewhere."""
    cv2 = opencv()
    smaller = height < image.shape[0] and width < image.shape[1]
    how = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
    return cv2.resize(image, (width, height), interpolation=how)


def to_network_input(image, size):
    """Make the picture grey, then small, then numbers from 0 to 1, row by row."""
    cv2 = opencv()
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) if image.ndim == 3 else image
    small = cv2.resize(grey, (size, size), interpolation=cv2.INTER_AREA)
    return small.ravel() / 255


def train_digits(images, labels, rng):
    """Train a network with 64 hidden neurons by mini-batches, and return it as a function."""
    x = images.reshape(len(images), -1) / 255
    w1, b1 = rng.normal(0, np.sqrt(2 / 256), (256, 64)), np.zeros(64)
    w2, b2 = rng.normal(0, np.sqrt(2 / 64), (64, 10)), np.zeros(10)
    for _ in range(20):
        order = rng.permutation(len(x))
        for rows in np.array_split(order, len(x) // 50):
            hidden = np.maximum(x[rows] @ w1 + b1, 0)
            scores = hidden @ w2 + b2
            powers = np.exp(scores - scores.max(axis=1, keepdims=True))
            slope = powers / powers.sum(axis=1, keepdims=True)
            slope[np.arange(len(rows)), labels[rows]] -= 1
            slope /= len(rows)
            hidden_slope = (slope @ w2.T) * (hidden > 0)
            w1 -= 0.5 * (x[rows].T @ hidden_slope)
            b1 -= 0.5 * hidden_slope.sum(axis=0)
            w2 -= 0.5 * (hidden.T @ slope)
            b2 -= 0.5 * slope.sum(axis=0)

    def classify(images):
        x = images.reshape(len(images), -1) / 255
        scores = np.maximum(x @ w1 + b1, 0) @ w2 + b2
        return scores.argmax(axis=1)

    return classify


# --- Inputs ----------------------------------------------------------------------------------


def picture(rng, height, width, channels=3):
    """Return noise: a picture of which no two pixels are alike."""
    shape = (height, width, channels) if channels > 1 else (height, width)
    return rng.integers(0, 256, shape, dtype=np.uint8)


def table():
    """Return the 4 x 4 pixels that the chapter resizes by hand."""
    rows = [0, 40, 200, 220], [20, 60, 240, 180], [10, 10, 100, 100], [30, 30, 60, 140]
    return np.array(rows, np.uint8)


def stored(image, suffix=".png"):
    """Return the bytes of a file that holds these numbers, as OpenCV orders them."""
    return opencv().imencode(suffix, image)[1].tobytes()


def file_cases(rng):
    """Pictures of each kind and form, then files that hold none, and none at all."""
    house = stored(picture(rng, 4, 4))
    see_through = picture(rng, 5, 4, channels=4)
    see_through[:, :, 3] = 255  # nothing shines through: dropped or blended, it is the same
    files = [
        File("house.png", stored(picture(rng, 2, 3)), text="a colour picture, 2 high and 3 wide"),
        File("square.png", house, True, "a colour picture of 4 x 4"),
        File("tall.png", stored(picture(rng, 9, 4)), True, "a colour picture, 9 high and 4 wide"),
        File(
            "my last holiday.png", stored(picture(rng, 3, 11)),
            text="a colour picture, 3 high and 11 wide",
        ),
        File(
            "grey.png", stored(picture(rng, 4, 6, channels=1)),
            text="a grey picture, 4 high and 6 wide",
        ),
        File(
            "logo.png", stored(see_through), True,
            "a colour picture with an alpha channel, 5 high and 4 wide",
        ),
        File(
            "drawing.bmp", stored(picture(rng, 3, 4), ".bmp"),
            text="a colour picture, 3 high and 4 wide",
        ),
        File("notes.png", b"Milk, bread, a new umbrella.\n", text="a text with a wrong name"),
        File("empty.png", b"", True, "an empty file"),
        File("broken.png", house[40:], True, "a picture whose beginning is lost"),
        File("noise.png", bytes(range(256)), text="a file that is no picture"),
    ]  # fmt: skip
    nowhere = [
        Case((File("huose.png", None, as_path, "a file that isn't there"),), mentions="huose.png")
        for as_path in (False, True)
    ]
    return [*(Case((file,)) for file in files), *nowhere]


def is_clear(height, width, max_height, max_width):
    """Say whether no honest way to compute the fitting size can get another one.

    Both sides stay away from exact halves, and it is plain which of the scales is smallest.
    """
    scales = sorted((Fraction(1), Fraction(max_height, height), Fraction(max_width, width)))
    sides = (side * scales[0] for side in (height, width))
    return scales[1] > scales[0] * Fraction(103, 100) and all(
        abs(side % 1 - Fraction(1, 2)) > Fraction(1, 50) for side in sides
    )


def box_cases(rng):
    """Give the chapter's house, small and thin pictures, then each form into each kind of box."""
    cases = [
        (360, 300, 200, 400), (300, 400, 100, 100), (30, 40, 100, 100), (60, 80, 60, 80),
        (900, 2, 90, 90), (3, 700, 50, 50), (1, 1, 5, 7), (3600, 24000, 1000, 1000),
        (2999, 4001, 700, 1000), (900, 31, 500, 7), (31, 900, 7, 500),
    ]  # fmt: skip
    # Lowest and highest height and width of the picture, then of the box.
    drawn = (
        (500, 900, 200, 450, 300, 480, 60, 90),  # tall, and its width decides
        (200, 450, 500, 900, 60, 90, 300, 480),  # wide, and its height decides
        (800, 1600, 300, 700, 50, 120, 200, 250),  # tall, and its height decides
        (300, 700, 800, 1600, 200, 250, 50, 120),  # wide, and its width decides
        (40, 60, 900, 1500, 70, 99, 200, 400),  # only the width is too large
        (900, 1500, 40, 60, 200, 400, 70, 99),  # only the height is too large
        (5, 40, 5, 40, 60, 90, 50, 95),  # small enough
    )
    cases += [_drawn(rng, ranges, up=i % 4 in (0, 3)) for i, ranges in enumerate(drawn)]
    return [Case(tuple(int(number) for number in case)) for case in cases]


def _drawn(rng, ranges, up):
    """Draw a picture and its box: if it has to shrink, one of its sides is rounded up, or down."""
    while True:
        case = [int(rng.integers(a, b)) for a, b in zip(ranges[::2], ranges[1::2], strict=True)]
        scale = min(Fraction(case[2], case[0]), Fraction(case[3], case[1]))
        rests = [side * scale % 1 for side in case[:2] if side * scale % 1 > 0]
        rounded = len(rests) == 1 and (rests[0] > Fraction(1, 2)) == up
        if is_clear(*case) and (scale > 1 or rounded):
            return case


def resize_cases(rng):
    """Smaller, larger, and every mixture of smaller, equal and larger; grey and colour."""
    # The chapter's tables, then: old height and width, new height and width, channels.
    cases = [
        Case((table(), 2, 2)),
        Case((np.array([[0, 200]], np.uint8), 1, 4)),
    ]  # fmt: skip
    for old_height, old_width, height, width, channels in (
        (5, 7, 3, 4, 1), (7, 11, 3, 5, 3), (4, 5, 9, 8, 3), (3, 4, 5, 5, 1),
        (6, 12, 8, 5, 1), (9, 4, 5, 10, 3), (12, 6, 8, 5, 3), (5, 5, 3, 6, 1), (6, 6, 7, 3, 3),
        (8, 6, 8, 3, 3), (6, 9, 4, 9, 1), (5, 4, 5, 7, 3), (4, 5, 7, 5, 1),
        (5, 6, 5, 6, 3),
    ):  # fmt: skip
        cases.append(Case((picture(rng, old_height, old_width, channels), height, width)))
    height, width = (int(n) for n in rng.integers(14, 20, 2))
    cases.append(Case((picture(rng, height, width), height // 2 - 1, width // 2)))
    return cases


def input_cases(rng):
    """Give the chapter's four pixels and table, then tall, wide and square pictures."""
    cases = [
        Case((np.array([[[255, 0, 0], [255, 255, 255]], [[0, 0, 0], [51, 51, 51]]], np.uint8), 2)),
        Case((table(), 2)),
    ]  # fmt: skip
    for height, width, size, channels in (
        (5, 8, 3, 3), (9, 5, 3, 3), (6, 13, 4, 3), (8, 8, 5, 3), (5, 12, 4, 1), (11, 7, 3, 1),
        (3, 4, 6, 3), (4, 10, 6, 1), (10, 5, 7, 3), (6, 6, 6, 3), (12, 16, 1, 3), (23, 17, 7, 3),
    ):  # fmt: skip
        cases.append(Case((picture(rng, height, width, channels), size)))
    return cases


@dataclass(frozen=True)
class DigitsCase(Case):
    """A case whose right labels stay here, on the judge's side: the probe never gets them."""

    truth: np.ndarray = field(default_factory=lambda: np.zeros(0, int))


def digit_cases(rng):
    """3,000 pictures to learn from, 1,000 unseen ones to read."""
    images, labels = draw_digits(3000, 16, rng)
    unseen, truth = draw_digits(1000, 16, rng)
    args = (images, labels, Rng(int(rng.integers(2**31))))
    return [DigitsCase(args, then=(unseen,), truth=truth)]


# --- Looking at answers of which many are right ------------------------------------------------

READS_DIGITS = {
    "numbers": True, "one row": True, "whole": True, "varied": True, "shift": 0, "all ten": True,
    "guessing": False, "from 40": True, "from 65": True, "from 80": True, "from 90": True,
    "points": 4,
}  # fmt: skip
BANDS = ((0.90, 4), (0.80, 3), (0.65, 2), (0.40, 1))


def look_at_digits(cases, values):
    """How many unseen digits are read rightly, and what stands out where it is too few."""
    return [
        digit_properties(value, case.truth, len(case.args[0]))
        for case, value in zip(cases, values, strict=True)
    ]


def digit_properties(value, truth, trained_on) -> dict:
    """Return what is to be said of these labels: all is well, or all up to what stands out."""
    given = as_numbers(value)
    if given is None or given.dtype.kind not in "iufb" or given.size == 0:
        return {"numbers": False}
    if given.shape != truth.shape:
        form = _form(given, len(truth), trained_on)
        return {"numbers": True, "one row": False, "form": form}
    if not (np.isfinite(given).all() and (given == np.rint(given)).all()):
        return {"numbers": True, "one row": True, "whole": False}
    accuracy = float(np.mean(given == truth))
    points = next((points for least, points in BANDS if accuracy >= least), 0)
    if points == 4:
        return dict(READS_DIGITS)
    looked = {"numbers": True, "one row": True, "whole": True, "varied": len(np.unique(given)) > 1}
    if not looked["varied"]:
        return looked
    shifts = (1, -1) if points == 0 else ()  # what is read rightly counts, whatever else is not
    looked["shift"] = next(
        (shift for shift in shifts if np.mean((given - truth - shift) % 10 == 0) >= 0.4), 0
    )
    if looked["shift"]:
        return looked
    never = [digit for digit in range(10) if not (given == digit).any()]
    looked["all ten"] = not (never in ([0], [9]) and points >= 1)
    looked["guessing"] = accuracy < 0.25
    if looked["guessing"]:
        return looked | {"less than chance": accuracy < 0.03}
    return looked | {f"from {100 * b:.0f}": accuracy >= b for b, _ in BANDS} | {"points": points}


def _form(given, pictures, trained_on) -> str:
    if given.ndim == 0:
        return "one number"
    if given.shape in ((pictures, 1), (1, pictures)):
        return "a table"
    if given.shape == (pictures, 10):
        return "one for each class"
    if given.shape == (trained_on,):
        return "as many as to train on"
    if given.shape == (10,):
        return "ten"
    if given.shape == (1,):
        return "one"
    return "other"


def digit_points(properties) -> int:
    """Return the points of the band that the accuracy falls into."""
    return properties[0].get("points", 0)


DIGITS_SAY = {
    "numbers": "The function that train_digits returns must give labels: whole numbers, one for "
    "each picture. What yours gives isn't an array or a list of numbers.",
    "one row": "The function that train_digits returns must give one label for each picture: for n "
    "pictures an array of shape (n,). Yours has another shape.",
    "whole": "Labels are whole numbers, 0 to 9. Yours have parts behind the point, or aren't "
    "numbers at all (nan).",
    "varied": "Your function gives the same label to all of the 1,000 unseen pictures.",
    "shift": "Most of your labels miss by exactly 1, always to the same side.",
    "all ten": "There are ten digits, and one of them never comes out of your function.",
    "guessing": "Fewer than 25 of 100 unseen digits are read rightly. Guessing alone gets 10.",
    "from 40": "More than by chance, but fewer than 40 of 100 unseen digits are read rightly. "
    "From 40 on there is a point.",
    "from 65": "At least 40, but fewer than 65 of 100 unseen digits are read rightly: 1 point. "
    "From 65 on it is 2, from 80 on 3, from 90 on 4.",
    "from 80": "At least 65, but fewer than 80 of 100 unseen digits are read rightly: 2 points. "
    "From 80 on it is 3, from 90 on 4.",
    "from 90": "At least 80, but fewer than 90 of 100 unseen digits are read rightly: 3 points. "
    "From 90 on it is 4.",
    "points": "Too few of the unseen digits are read rightly.",
}


# --- Wrong ways that take more than a line: reading --------------------------------------------


@contextmanager
def _quiet():
    """Keep OpenCV from writing about files that it can't read."""
    log = opencv().utils.logging
    level = log.setLogLevel(log.LOG_LEVEL_SILENT)
    try:
        yield
    finally:
        log.setLogLevel(level)


def stop(error, message="{}"):
    """Return a function that stops with this error, naming the path where there is a {}."""

    def stopped(path):
        raise error(message.format(path))

    return stopped


def nothing(path):
    """Stand for a function that only prints, or returns None."""


NO_FILE, NO_PICTURE = stop(FileNotFoundError), stop(ValueError)


def reader(
    change: Callable,
    missing: Callable | None = NO_FILE,
    broken: Callable | None = NO_PICTURE,
    flag: str = "IMREAD_COLOR",
) -> Callable:
    """Return a way to read: what happens to the pixels, without a file, without a picture."""

    def way(path):
        if missing is not None and not Path(path).exists():
            return missing(path)
        with _quiet():
            cv2 = opencv()
            image = cv2.imread(str(path), getattr(cv2, flag))
        if broken is not None and image is None:
            return broken(path)
        return change(image)

    return way


def _rgb(image):
    return opencv().cvtColor(image, opencv().COLOR_BGR2RGB)


def _bgr(image):
    return image


def _rgb_of_colour(image):
    """Turn the colours round where there are any; leave a grey picture flat."""
    return image if image.ndim == 2 else image[:, :, 2::-1]


def _rgb_with_alpha(image):
    cv2 = opencv()
    if image.ndim == 2:
        return cv2.cvtColor(image, cv2.COLOR_GRAY2RGB)
    return cv2.cvtColor(image, cv2.COLOR_BGRA2RGBA) if image.shape[2] == 4 else _rgb(image)


def _as_stored(image):
    return image if image.ndim == 2 else _rgb_with_alpha(image)


def _channel_overwritten(image):
    image[:, :, 0] = image[:, :, 2]
    image[:, :, 2] = image[:, :, 0]
    return image


def _truth_of_an_array(image):
    return bool(image == 0)


def _exists_of_a_str(path):
    if not path.exists():
        raise FileNotFoundError(f"no file {path}")
    return read_quietly(path)


def _ending_of_a_path(path):
    path.lower()
    return read_quietly(path)


def _message_glued(path):
    if not Path(path).exists():
        raise FileNotFoundError("no file " + path)
    return read_quietly(path)


read_quietly = reader(_rgb)


def _picture_overwritten(path):
    image = read_quietly(path)
    cv2 = opencv()
    cv2.imwrite(str(path), cv2.resize(image, (400, 200)))
    return image


def _empty_file_forgotten(path):
    contents = Path(path).read_bytes()
    cv2 = opencv()
    with _quiet():
        image = cv2.imdecode(np.frombuffer(contents, np.uint8), cv2.IMREAD_COLOR)
    return NO_PICTURE(path) if image is None else _rgb(image)


class UnidentifiedImageError(OSError):
    """What Pillow raises for a file that is no picture; only its name counts here."""


OTHER_KINDS = (Exception, OSError, RuntimeError, SystemExit, AssertionError)


# --- Wrong ways that take more than a line: sizes ----------------------------------------------


def scaled(scale: Callable, whole: Callable = round, least: int = 1, most: float = 1) -> Callable:
    """Return a way to fit, by its scale, its rounding, and its bounds."""

    def way(height, width, max_height, max_width):
        s = min(most, scale(max_height / height, max_width / width))
        return max(least, whole(height * s)), max(least, whole(width * s))

    return way


INFINITE = float("inf")


def _each_side_alone(height, width, max_height, max_width):
    return min(height, max_height), min(width, max_width)


def _pairs_crossed(height, width, max_height, max_width):
    scale = min(1, max_height / width, max_width / height)
    return max(1, round(height * scale)), max(1, round(width * scale))


def _whole_division(least):
    def way(height, width, max_height, max_width):
        scale = min(1, max_height // height, max_width // width)
        return max(least, round(height * scale)), max(least, round(width * scale))

    return way


def _rest_thrown_away(height, width, max_height, max_width):
    """Cut off in whole numbers alone, where a float may lie a little lower."""
    scale = min(Fraction(1), Fraction(max_height, height), Fraction(max_width, width))
    return max(1, int(height * scale)), max(1, int(width * scale))


def _not_whole(whole, least, one_last):
    """Keep floats wherever the scale is one."""

    def way(height, width, max_height, max_width):
        scales = max_height / height, max_width / width
        scale = min(*scales, 1) if one_last else min(1, *scales)
        return max(least, whole(height * scale)), max(least, whole(width * scale))

    return way


def _the_first_that_is_too_large(width_first):
    """Make one side fit that is too large, and don't look at the other any more."""

    def way(height, width, max_height, max_width):
        scale = max_height / height if height > max_height else 1
        if width > max_width and (width_first or scale == 1):
            scale = max_width / width
        return max(1, round(height * scale)), max(1, round(width * scale))

    return way


def _one_after_the_other(whole, width_first):
    """Shrink to one side of the box, then to the other, with whole numbers in between."""

    def way(height, width, max_height, max_width):
        if width_first:
            return _one_after_the_other(whole, False)(width, height, max_width, max_height)[::-1]
        if height > max_height:
            height, width = max_height, whole(width * max_height / height)
        if width > max_width:
            height, width = whole(height * max_width / width), max_width
        return max(1, height), max(1, width)

    return way


def _from_the_rounded_side(whole, from_width):
    """Round one side, then get the other from it."""

    def way(height, width, max_height, max_width):
        if from_width:
            return _from_the_rounded_side(whole, False)(width, height, max_width, max_height)[::-1]
        first = max(1, whole(height * min(1, max_height / height, max_width / width)))
        return first, max(1, whole(first * (width / height)))

    return way


def _longer_side_decides(most):
    def way(height, width, max_height, max_width):
        scale = min(most, max_height / height if height > width else max_width / width)
        return max(1, round(height * scale)), max(1, round(width * scale))

    return way


def _one_step_after_the_other(height, width, max_height, max_width):
    """Shrink to the height; then cut the width off."""
    scale = min(1, max_height / height)
    return max(1, round(height * scale)), max(1, min(max_width, round(width * scale)))


# --- Wrong ways that take more than a line: pixels ---------------------------------------------


def chosen(area: Callable, smaller: str = "INTER_AREA", larger: str = "INTER_LINEAR") -> Callable:
    """Return a way to resize: when the first kind is taken, and which two kinds there are."""

    def way(image, height, width):
        cv2 = opencv()
        how = getattr(cv2, smaller if area(image, height, width) else larger)
        return cv2.resize(image, (width, height), interpolation=how)

    return way


def _both(image, height, width):
    return height < image.shape[0] and width < image.shape[1]


def _always(*_):
    return True


def _turned(kind: Callable) -> Callable:
    """Return a way that gives OpenCV the size as (height, width)."""

    def way(image, height, width):
        cv2 = opencv()
        how = cv2.INTER_AREA if kind(image, height, width) else cv2.INTER_LINEAR
        return cv2.resize(image, (height, width), interpolation=how)

    return way


def _itself_where_nothing_changes(image, height, width):
    return image if image.shape[:2] == (height, width) else resize_to(image, height, width)


def _loose_size(turned, named):
    """Return a way that gives OpenCV two numbers in place of a pair."""

    def way(image, height, width):
        cv2 = opencv()
        size = (height, width) if turned else (width, height)
        if named:
            return cv2.resize(image, *size, interpolation=cv2.INTER_AREA)
        return cv2.resize(image, *size)

    return way


def _only_channels(image, height, width):
    _, _, _ = image.shape
    return resize_to(image, height, width)


def _only_grey(image, height, width):
    _, _ = image.shape
    return resize_to(image, height, width)


def _third_in_line(image, height, width):
    cv2 = opencv()
    how = cv2.INTER_AREA if _both(image, height, width) else cv2.INTER_LINEAR
    return cv2.resize(image, (width, height), how)


def _grey(image, code="COLOR_RGB2GRAY"):
    cv2 = opencv()
    return image if image.ndim == 2 else cv2.cvtColor(image, getattr(cv2, code))


def _small(image, size, how="INTER_AREA"):
    cv2 = opencv()
    return cv2.resize(image, (size, size), interpolation=getattr(cv2, how))


def _row(image):
    return image.ravel() / 255


def _mean_colour(image):
    return image if image.ndim == 2 else image.mean(axis=2)


def _rounded_mean(image):
    return np.rint(_mean_colour(image)).astype(np.uint8)


def _one_channel(channel):
    def way(image, size):
        return _row(_small(image if image.ndim == 2 else image[:, :, channel].copy(), size))

    return way


def _grey_refused(image, size):
    _, _, _ = image.shape
    return to_network_input(image, size)


def _grey_refused_by_opencv(image, size):
    cv2 = opencv()
    return _row(_small(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), size))


def _grey_refused_by_an_index(image, size):
    return to_network_input(image[:, :, :], size)


def _grey_refused_by_its_shape(image, size):
    return to_network_input(image, size) if image.shape[2] == 3 else None


def _grey_by_hand(whole):
    """Return a way that weighs the colours itself, and what it does with the sums."""

    def way(image, size):
        if image.ndim == 3:
            image = whole(image @ np.array([0.299, 0.587, 0.114]))
        return _row(_small(image, size))

    return way


def _divided_in_place(image, size):
    small = _small(_grey(image), size)
    small /= 255
    return small.ravel()


def _size_not_a_pair(image, size):
    return _row(opencv().resize(_grey(image), size, interpolation=opencv().INTER_AREA))


def _padded(image, size):
    grey = _grey(image)
    height, width = fit_within(*grey.shape, size, size)
    square = np.zeros((size, size), np.uint8)
    top, left = (size - height) // 2, (size - width) // 2
    square[top : top + height, left : left + width] = resize_to(grey, height, width)
    return _row(square)


# --- Wrong ways that take more than a line: digits ---------------------------------------------


def _rows(images):
    return images.reshape(len(images), -1).astype(np.float32) / 255


def nearest(images, labels) -> Callable:
    """Return a quick reader: the label of the picture that is most alike."""
    known = _rows(images)
    lengths = (known**2).sum(axis=1)

    def classify(unseen):
        return labels[(lengths - 2 * _rows(unseen) @ known.T).argmin(axis=1)]

    return classify


def learnt(change: Callable, pictures: int = 1000) -> Callable:
    """Return a way to train: what a quick and good reader would say is changed."""

    def way(images, labels, rng):
        classify = nearest(images[:pictures], labels[:pictures])
        return lambda unseen: change(classify(unseen))

    return way


def _stencils(images, labels):
    """Return ten scores for each picture, from one stencil per class: least squares."""
    x = np.column_stack([_rows(images), np.ones(len(images))])
    weights = np.linalg.lstsq(x, np.eye(10)[labels], rcond=1e-6)[0]
    return lambda unseen: np.column_stack([_rows(unseen), np.ones(len(unseen))]) @ weights


def _over_the_wrong_axis(images, labels, rng):
    scores = _stencils(images[:1000], labels[:1000])
    return lambda unseen: scores(unseen).argmax(axis=0)


def _over_everything(images, labels, rng):
    scores = _stencils(images[:1000], labels[:1000])
    return lambda unseen: scores(unseen).argmax()


def _the_smallest_score(images, labels, rng):
    scores = _stencils(images[:1000], labels[:1000])
    return lambda unseen: scores(unseen).argmin(axis=1)


def _training_pictures(images, labels, rng):
    classify = nearest(images[:500], labels[:500])
    return lambda unseen: classify(images)


def _labels_mixed(images, labels, rng):
    return nearest(images[:1000], labels[rng.permutation(len(labels))[:1000]])


def _few_pictures(count):
    return lambda images, labels, rng: nearest(images[:count], labels[:count])


def _one_picture_at_a_time(images, labels, rng):
    classify = nearest(images[:500], labels[:500])
    return lambda unseen: classify(unseen.reshape(1, 256))


def _as_tables(images, labels, rng):
    weights = np.zeros((256, 10))
    return lambda unseen: (unseen / 255 @ weights).argmax(axis=1)


def _bias_for_each_picture(images, labels, rng):
    return lambda unseen: np.zeros((len(unseen), 10)) + np.zeros(len(unseen))


def _with_other_arguments(classify):
    """Return a way whose inner function takes other arguments than the pictures alone."""
    classify.__qualname__ = "train_digits.<locals>.classify"  # an error's message says it
    return lambda images, labels, rng: classify


def _only_some_classes(images, labels, rng):
    known = np.flatnonzero(labels < 3)
    return nearest(images[known], labels[known])


def _without(digit, spoilt):
    """Return a way that has never met one digit, and spoils each `spoilt`-th answer."""

    def way(images, labels, rng):
        known = np.flatnonzero(labels != digit)
        classify = nearest(images[known], labels[known])

        def spoil(unseen):
            found = classify(unseen)
            if spoilt:
                found[::spoilt] = 1 + (found[::spoilt] + 3) % 8
            return found

        return spoil

    return way


def _labels_returned(images, labels, rng):
    return nearest(images[:100], labels[:100])(images[:100])


# --- Questions ---------------------------------------------------------------------------------

QUESTIONS = (
    Question(
        id="images-read",
        points=2,
        signature="read_rgb(path)",
        reference=read_rgb,
        cases=file_cases,
        read=READ,
        hints=(
            "Three things can happen: there is no file, there is a file that is no picture, there "
            "is a picture. Treat them in this order.",
            "Path(path) works for a str and for a Path, and can tell whether the file exists. If "
            "it doesn't, raise an error whose message holds the path.",
            "cv2.imread never raises an error of its own. Look at what it returned before you use "
            "it: None means that it saw no picture.",
            "imread gives three channels, blue first. cv2.cvtColor knows a code for each change "
            "of order, or you turn the last axis round.",
        ),
        mistakes=(
            mistake(
                "bgr-kept",
                "Red and blue are exchanged",
                "Your picture has its red where the blue belongs, and the other way round. OpenCV "
                "reads blue first. Turn the order of the channels round once: not never, and not "
                "twice.",
                reader(_bgr),
                read=COLOUR,
            ),
            mistake(
                "none-unnoticed",
                "None goes unnoticed",
                "Where there is nothing to read, cv2.imread returns None and says no word, and "
                "your code goes on with it. It dies a line later, with a message about something "
                "else. Look first, and raise the two errors yourself.",
                reader(_rgb, None, None),
                reader(lambda image: image[:, :, ::-1], None, None),
                reader(lambda image: (image.shape, _rgb(image))[1], None, None),
            ),
            mistake(
                "none-returned",
                "No error is raised",
                "Where there is no file, and where the file is no picture, your function returns "
                "None, whatever it prints. Whoever called it goes on with nothing in hand. Raise "
                "an error: it can't be overlooked.",
                reader(_rgb, nothing, nothing),
            ),
            mistake(
                "error-returned",
                "The errors are returned, not raised",
                "Your function makes the right errors and hands them back like a result. An error "
                "stops a program only where it is raised.",
                reader(_rgb, FileNotFoundError, ValueError),
            ),
            mistake(
                "broken-file-unnoticed",
                "Only the file's existence is checked",
                "A missing file is reported as it should be. But a file can exist and be no "
                "picture, and then your function has None in its hands and raises no ValueError.",
                reader(_rgb, broken=None),
                reader(lambda image: image[:, :, ::-1], broken=None),
                reader(lambda image: (image.shape, _rgb(image))[1], broken=None),
                reader(_rgb, broken=nothing),
            ),
            mistake(
                "missing-file-unnoticed",
                "A missing file counts as a broken one",
                "Your ValueError is right for a file that is no picture. A file that isn't there "
                "is another trouble with another cure, so it gets an error of its own: ask "
                "whether it exists first.",
                reader(_rgb, missing=None),
            ),
            mistake(
                "broken-counts-as-missing",
                "A broken file counts as a missing one",
                "For a file that exists and is no picture your function says that it isn't found. "
                "Whoever reads that looks for it in vain. Keep FileNotFoundError for files that "
                "aren't there, and raise a ValueError here.",
                reader(_rgb, None, stop(FileNotFoundError)),
                reader(_rgb, None, stop(FileNotFoundError, "no picture found")),
            ),
            mistake(
                "colours-and-errors",
                "Colours exchanged, and an error is missing",
                "Two things. Red and blue are exchanged: OpenCV reads blue first. And no file, "
                "and no picture, are two troubles that need two different errors, "
                "FileNotFoundError and ValueError. Yours doesn't raise both where they belong.",
                reader(_bgr, None, None),
                reader(lambda image: image.copy(), None, None),
                reader(_bgr, broken=None),
                reader(lambda image: image.copy(), broken=None),
                reader(_bgr, None, stop(ValueError)),
                reader(_bgr, None, stop(FileNotFoundError)),
                read=COLOUR,
            ),
            mistake(
                "other-errors",
                "An error of another kind",
                "Your function stops where it should, but not with the errors that were asked for. "
                "Code around it can treat a missing file and a broken one differently only if they "
                "are a FileNotFoundError and a ValueError.",
                *(reader(_rgb, stop(kind), stop(kind)) for kind in OTHER_KINDS),
                *(reader(_rgb, missing=stop(kind)) for kind in OTHER_KINDS),
                *(reader(_rgb, broken=stop(kind)) for kind in OTHER_KINDS),
                reader(_rgb, broken=stop(UnidentifiedImageError)),
                reader(_rgb, stop(ValueError), stop(FileNotFoundError)),
            ),
            mistake(
                "empty-file-unnoticed",
                "An empty file is forgotten",
                "Your function knows a file that is no picture, unless there is nothing in it at "
                "all: then it stops with an error of OpenCV's own. An empty file is no picture "
                "either, and gets the same ValueError.",
                _empty_file_forgotten,
            ),
            mistake(
                "picture-overwritten",
                "The file is changed",
                "You write into the file that you read, and the original is lost. Reading leaves a "
                "file as it was. Whatever you make of a picture goes into a new file.",
                _picture_overwritten,
            ),
            mistake(
                "path-not-named",
                "The message doesn't name the path",
                "The kinds of error are right. But among a thousand files, which one is missing? "
                "Put the path into the message of the FileNotFoundError.",
                reader(_rgb, stop(FileNotFoundError, "The file doesn't exist.")),
            ),
            mistake(
                "grey-stays-flat",
                "A grey picture stays without channels",
                "Colour pictures come out right. A grey one comes out with fewer than three "
                "channels, where three equal ones are asked for: code that follows may then rely "
                "on them.",
                reader(_rgb_of_colour, flag="IMREAD_UNCHANGED"),
                reader(
                    lambda image: image[:, :, None] if image.ndim == 2 else _rgb_of_colour(image),
                    flag="IMREAD_UNCHANGED",
                ),
                read=TABLE,
            ),
            mistake(
                "alpha-kept",
                "The transparency is kept",
                "A picture with an alpha channel, its transparency, comes out of your function "
                "with four channels. Three are asked for: red, green, blue.",
                reader(_rgb_with_alpha, flag="IMREAD_UNCHANGED"),
                read=COLOUR,
            ),
            mistake(
                "channels-as-stored",
                "As many channels as the file has",
                "Your function gives no channel for a grey picture, and four for one with "
                "transparency. Three are asked for, always. Do you ask imread to leave the picture "
                "unchanged?",
                reader(_as_stored, flag="IMREAD_UNCHANGED"),
                reader(
                    lambda image: image if image.ndim == 2 else image[:, :, ::-1],
                    flag="IMREAD_UNCHANGED",
                ),
                reader(lambda image: image[..., ::-1], flag="IMREAD_UNCHANGED"),
                reader(_bgr, flag="IMREAD_UNCHANGED"),
                reader(lambda image: image[:, :, ::-1], flag="IMREAD_UNCHANGED"),
                read=COLOUR,
            ),
            mistake(
                "all-grey",
                "All colour is lost",
                "Every picture comes out in shades of grey. Do you read with the flag for grey, or "
                "convert to grey? The colours are asked for.",
                reader(_bgr, flag="IMREAD_GRAYSCALE"),
                reader(
                    lambda image: opencv().cvtColor(image, opencv().COLOR_GRAY2RGB),
                    flag="IMREAD_GRAYSCALE",
                ),
                reader(lambda image: opencv().cvtColor(image, opencv().COLOR_BGR2GRAY)),
                reader(lambda image: opencv().cvtColor(image, opencv().COLOR_RGB2GRAY)),
                read=COLOUR,
            ),
            mistake(
                "channel-overwritten",
                "One channel is lost while exchanging",
                "Red and blue come out alike. You write the one over the other before the other "
                "is saved, so one of them is gone: a part of an array is a view, not a copy. "
                "Exchange them in one go, into a new array.",
                reader(_channel_overwritten),
                reader(lambda image: _channel_overwritten(_rgb(image))),
                read=COLOUR,
            ),
            mistake(
                "truth-of-an-array",
                "A whole array in an if",
                "Python can't say whether a whole array of numbers is true or false. That is what "
                "it is asked by == None, or by not, where a picture came back. Ask whether it "
                "“is None”: that looks at no number.",
                reader(
                    _truth_of_an_array,
                    stop(FileNotFoundError, "{!r}"),
                    stop(ValueError, "no picture"),
                ),
                reader(_truth_of_an_array, missing=None),
            ),
            mistake(
                "numbers-changed",
                "The numbers are of another type",
                "You turn the picture's numbers into another type, such as floats. That is the "
                "network's business, and comes later: a picture that was read stays uint8, whole "
                "numbers from 0 to 255.",
                reader(lambda image: _rgb(image) / 255),
                reader(lambda image: _rgb(image).astype(float)),
                reader(lambda image: image / 255),
                read=TABLE,
            ),
            mistake(
                "wrong-axis",
                "The picture is mirrored or upside down",
                "You turn round an axis of the picture that isn't the colours'. The axes are "
                "height, width, channels, in this order: only the last one is to be turned round.",
                reader(lambda image: image[::-1]),
                reader(lambda image: image[:, ::-1]),
                reader(lambda image: _rgb(image)[::-1]),
                reader(lambda image: _rgb(image)[:, ::-1]),
                reader(lambda image: image[::-1, ::-1, ::-1]),
                read=COLOUR,
            ),
            mistake(
                "lying-on-its-side",
                "Rows and columns are exchanged",
                "Your picture lies on its side: its columns have become rows. The array that "
                "imread gives is (height, width, 3) already.",
                reader(lambda image: _rgb(image).swapaxes(0, 1)),
                reader(lambda image: image.T),
                reader(lambda image: image.swapaxes(0, 1)),
                read=TABLE,
            ),
            mistake(
                "str-taken-for-a-path",
                "A str is taken for a Path",
                "Your code asks the path something that only a Path knows, such as whether it "
                "exists, and a str may come in as well. Make a Path of it first: that does no harm "
                "to a Path.",
                _exists_of_a_str,
            ),
            mistake(
                "path-taken-for-a-str",
                "A Path is taken for a str",
                "Your code treats the path as a str, glues it to one or asks it for a str's "
                "methods, and a Path may come in as well. Make a str of it first: that does no "
                "harm to a str.",
                _ending_of_a_path,
                _message_glued,
            ),
        ),
    ),
    Question(
        id="images-fit-within",
        points=2,
        signature="fit_within(height, width, max_height, max_width)",
        reference=fit_within,
        cases=box_cases,
        read=FIT,
        hints=(
            "By what must you multiply the height so that it becomes max_height? And the width, "
            "to become max_width?",
            "Height and width are multiplied by the same number, or the picture is squashed. Both "
            "must fit in the end, so which of the two numbers decides?",
            "A number above 1 would enlarge the picture. What is the largest that the scale may "
            "be?",
            "Round at the very end, with Python's round, and look at a picture of 900 × 2 in a "
            "box of 90 × 90: no side may become 0.",
        ),
        mistakes=(
            mistake(
                "enlarged",
                "Small pictures are enlarged",
                "A picture that is smaller than the box comes out larger than it was. Enlarging "
                "adds pixels, and no detail. The scale has an upper limit.",
                scaled(min, most=INFINITE),
                scaled(min, least=0, most=INFINITE),
            ),
            mistake(
                "enlarged-and-cut-off",
                "Enlarged, and cut off",
                "Two things. A picture that is smaller than the box comes out larger than it was: "
                "the scale has an upper limit. And your sides lose what stands behind the point: "
                "166.7 becomes 166, where the nearest whole number is asked for, 167.",
                scaled(min, int, most=INFINITE),
                scaled(min, int, least=0, most=INFINITE),
            ),
            mistake(
                "larger-scale",
                "The larger of the two scales",
                "You take the scale of the side that has more room. Then the other side sticks out "
                "of the box. Both have to fit.",
                scaled(max),
                scaled(max, most=INFINITE),
                scaled(max, int),
            ),
            mistake(
                "cut-off",
                "Cut off, not rounded",
                "Your sides lose what stands behind the point: 166.7 becomes 166. The nearest "
                "whole number is asked for, 167.",
                scaled(min, int),
                scaled(min, int, least=0),
                _rest_thrown_away,
            ),
            mistake(
                "rounded-up",
                "Always rounded up",
                "Your sides are rounded up, however little stands behind the point. The nearest "
                "whole number is asked for.",
                scaled(min, ceil),
            ),
            mistake(
                "floats",
                "Floats in place of whole numbers",
                "Half a pixel doesn't exist. Your sides are floats, even where they look whole: "
                "round them in a way that gives an int.",
                scaled(min, float),
                scaled(min, float, least=0),
                scaled(min, lambda side: float(round(side))),
                scaled(min, lambda side: float(round(side)), least=0),
                scaled(min, float, most=INFINITE),
                scaled(min, np.round, most=INFINITE),
                scaled(min, np.round, least=0, most=INFINITE),
                *(
                    _not_whole(whole, least, one_last)
                    for whole in (lambda side: side, np.round)
                    for least in (0, 1)
                    for one_last in (False, True)
                ),
            ),
            mistake(
                "no-pixels-left",
                "A thin side vanishes",
                "A very thin picture loses its thin side: it becomes 0. A picture has at least one "
                "pixel in each direction.",
                scaled(min, least=0),
            ),
            mistake(
                "aspect-ratio-lost",
                "Each side goes its own way",
                "Your height and your width aren't multiplied by the same number, so the picture "
                "is squashed: a circle becomes an ellipse. One scale for both.",
                _each_side_alone,
                _one_step_after_the_other,
                lambda height, width, max_height, max_width: (
                    min(height, max_height),
                    max(1, min(max_width, round(width * max_height / height))),
                ),
            ),
            mistake(
                "the-box-itself",
                "The box is returned",
                "You return the size of the box. The picture need not fill it: its own aspect "
                "ratio has to stay.",
                lambda height, width, max_height, max_width: (max_height, max_width),
            ),
            mistake(
                "swapped",
                "Height and width are exchanged",
                "You return the width first. In this book, and in an array's shape, the height "
                "comes first. Only OpenCV's own functions want it the other way round.",
                lambda *sides: fit_within(*sides)[::-1],
                read=COLOUR,
            ),
            mistake(
                "pairs-crossed",
                "Height is compared with width",
                "You divide the height of the one by the width of the other. Height belongs to "
                "height, and width to width.",
                _pairs_crossed,
                lambda *sides: _pairs_crossed(*sides)[::-1],
            ),
            mistake(
                "only-the-height",
                "Only the height is made to fit",
                "Your scale looks at the height alone. A wide picture then sticks out at the side.",
                scaled(lambda by_height, by_width: by_height),
                scaled(lambda by_height, by_width: by_height, most=INFINITE),
            ),
            mistake(
                "only-the-width",
                "Only the width is made to fit",
                "Your scale looks at the width alone. A tall picture then sticks out at the top.",
                scaled(lambda by_height, by_width: by_width),
                scaled(lambda by_height, by_width: by_width, most=INFINITE),
            ),
            mistake(
                "second-side-forgotten",
                "One side decides before the other is asked",
                "Where both sides are too large, one of them alone decides your scale, and it may "
                "be the wrong one. Look at both scales each time: the smaller one counts.",
                _the_first_that_is_too_large(False),
                _the_first_that_is_too_large(True),
            ),
            mistake(
                "fraction-upside-down",
                "The fraction stands upside down",
                "You divide the picture's side by the box's and multiply by that. So a picture "
                "twice as large as its box would be doubled. The scale is what you multiply the "
                "picture's side by to get the box's.",
                scaled(lambda *scales: 1 / min(scales)),
                scaled(lambda *scales: 1 / max(scales)),
                scaled(lambda *scales: 1 / min(scales), most=INFINITE),
                scaled(lambda *scales: 1 / max(scales), most=INFINITE),
            ),
            mistake(
                "limit-turned-round",
                "At least 1 in place of at most 1",
                "Your scale is never below 1, so nothing gets smaller. The limit is meant the "
                "other way round: the scale may be smaller than 1, but never larger.",
                scaled(lambda *scales: max(1, min(scales)), most=INFINITE),
                scaled(lambda *scales: max(1, *scales), most=INFINITE),
            ),
            mistake(
                "rounded-on-the-way",
                "Rounded on the way",
                "You round one number, or cut it off, and go on computing with it, so the error "
                "grows. Compute both sides with all their digits from the picture's own, and round "
                "each once, at the end.",
                *(
                    way(whole, turned)
                    for way in (_one_after_the_other, _from_the_rounded_side)
                    for whole in (round, int)
                    for turned in (False, True)
                ),
            ),
            mistake(
                "longer-side-decides",
                "The longer side decides",
                "You let the picture's longer side decide the scale. But the shorter one may be "
                "the one that doesn't fit, if the box is low or narrow. Compare the two scales, "
                "not the two sides.",
                _longer_side_decides(1),
                _longer_side_decides(INFINITE),
            ),
            mistake(
                "whole-division",
                "The scale is divided without its rest",
                "Your scale is a whole number, since // throws the rest away: 200 // 360 is 0. A "
                "scale is a fraction.",
                _whole_division(1),
                _whole_division(0),
            ),
            mistake(
                "scale-rounded",
                "The scale is rounded",
                "You round the scale before you use it. In a large picture the lost digits are "
                "whole pixels. Keep all the digits, and round at the end.",
                scaled(lambda *scales: round(min(scales), 2)),
                scaled(lambda *scales: round(min(scales), 1)),
                scaled(lambda *scales: round(min(scales), 3)),
            ),
        ),
    ),
    Question(
        id="images-resize",
        points=1,
        signature="resize_to(image, height, width)",
        reference=resize_to,
        cases=resize_cases,
        read=INTERPOLATION,
        hints=(
            "Two kinds of interpolation, and one question that decides: is the new height "
            "smaller, and the new width, too?",
            "image.shape[0] is the old height and image.shape[1] the old width, whether there are "
            "channels or not.",
            "OpenCV wants the new size as (width, height), and the kind of interpolation by its "
            "name, interpolation=...",
        ),
        mistakes=(
            mistake(
                "size-turned-round",
                "The new size is turned round",
                "Your result is as high as it should be wide. OpenCV's resize wants the size in "
                "the other order than a shape has it.",
                _turned(_both),
                _turned(lambda *_: False),
                _turned(_always),
                read=COLOUR,
            ),
            mistake(
                "always-linear",
                "INTER_AREA never comes into play",
                "Your pictures are always resized with the linear blend, where they get smaller as "
                "well. Either you never choose INTER_AREA, or the choice gets lost: what stands "
                "third in cv2.resize, without a name, isn't the interpolation.",
                _third_in_line,
            ),
            mistake(
                "always-area",
                "INTER_AREA, whatever the size",
                "You take INTER_AREA always. Where a picture gets larger, even if only in one "
                "direction, the linear blend is asked for.",
                chosen(_always),
            ),
            mistake(
                "or-for-and",
                "One direction is enough",
                "You take INTER_AREA as soon as one direction gets smaller. Both have to, or else "
                "the linear blend is asked for.",
                chosen(lambda image, h, w: h < image.shape[0] or w < image.shape[1]),
            ),
            mistake(
                "turned-round",
                "The two kinds are exchanged",
                "You take the mean over areas where a picture gets larger, and the linear blend "
                "where it gets smaller. It is the other way round.",
                chosen(lambda *case: not _both(*case)),
                chosen(lambda image, h, w: h > image.shape[0] and w > image.shape[1]),
                chosen(lambda image, h, w: h > image.shape[0] or w > image.shape[1]),
            ),
            mistake(
                "equal-counts-as-smaller",
                "An equal side counts as smaller",
                "Where one side keeps its length you take INTER_AREA. Smaller in both directions "
                "is the condition, and an equal side isn't smaller.",
                chosen(lambda image, h, w: h <= image.shape[0] and w <= image.shape[1]),
            ),
            mistake(
                "pixels-counted",
                "Pixels are counted, not sides compared",
                "You compare how many pixels there are before and after. A picture can have fewer "
                "and still get wider. Compare each side with its own old length.",
                chosen(lambda image, h, w: h * w < image.shape[0] * image.shape[1]),
                chosen(lambda image, h, w: h * w < image.size),
            ),
            mistake(
                "only-one-side",
                "Only one side is looked at",
                "Your choice depends on one side alone. Both have to get smaller for INTER_AREA.",
                chosen(lambda image, h, w: h < image.shape[0]),
                chosen(lambda image, h, w: w < image.shape[1]),
            ),
            mistake(
                "shape-turned-round",
                "The old height is taken for the width",
                "You compare the new height with the old width, and the other way round. A shape "
                "begins with the height.",
                chosen(lambda image, h, w: h < image.shape[1] and w < image.shape[0]),
                read=TABLE,
            ),
            mistake(
                "pairs-compared",
                "Two pairs compared at once",
                "You compare two pairs, such as a size and a shape, with one sign. Python then "
                "looks at the first two numbers, and at the next ones only where these are equal. "
                "Compare height with height, and width with width.",
                chosen(lambda image, h, w: (h, w) < image.shape[:2]),
                read=TABLE,
            ),
            mistake(
                "size-not-a-pair",
                "The new size isn't a pair",
                "OpenCV's resize wants the new size as one argument: a pair in brackets of its "
                "own. Yours gives it two separate numbers.",
                *(
                    _loose_size(turned, named)
                    for turned in (False, True)
                    for named in (True, False)
                ),
                read=COLOUR,
            ),
            mistake(
                "grey-refused",
                "A grey picture stops it",
                "Your code takes three numbers out of the shape. A grey picture's shape has only "
                "two, height and width. Take the two that every picture has.",
                _only_channels,
                read=TABLE,
            ),
            mistake(
                "colour-refused",
                "A colour picture stops it",
                "Your code takes two numbers out of the shape. A colour picture's shape has three, "
                "the last one is its channels. Take only the two that you need.",
                _only_grey,
                read=TABLE,
            ),
            mistake(
                "another-kind",
                "Another kind of interpolation",
                "You use a kind of interpolation that wasn't asked for. Two are: INTER_AREA and "
                "INTER_LINEAR.",
                *(
                    chosen(_always, kind)
                    for kind in ("INTER_NEAREST", "INTER_CUBIC", "INTER_LANCZOS4")
                ),
                *(
                    chosen(_both, larger=kind)
                    for kind in ("INTER_NEAREST", "INTER_CUBIC", "INTER_LANCZOS4")
                ),
                *(
                    chosen(_both, smaller=kind)
                    for kind in ("INTER_NEAREST", "INTER_CUBIC", "INTER_LANCZOS4")
                ),
            ),
            mistake(
                "cut-out",
                "A piece is cut out",
                "Your result is the picture's top left corner. Resizing brings the whole picture "
                "to another size.",
                lambda image, height, width: image[:height, :width].copy(),
                lambda image, height, width: image[:height, :width],
            ),
            mistake(
                "numpy-resize",
                "NumPy's resize, not OpenCV's",
                "NumPy's resize knows nothing of pictures: it takes the numbers one after the "
                "other and fills a table of another shape with them. Use cv2.resize.",
                lambda image, height, width: np.resize(image, (height, width)),
                lambda image, height, width: np.resize(image, (height, width, *image.shape[2:])),
            ),
            mistake(
                "floats",
                "The numbers are of another type",
                "Your result holds floats, or numbers of another type than the picture that came "
                "in. It stays a picture: uint8, whole numbers from 0 to 255.",
                lambda *case: resize_to(*case) / 255,
                lambda *case: resize_to(*case).astype(float),
                lambda image, h, w: resize_to(image.astype(np.float32), h, w),
                lambda image, h, w: resize_to(image / 255, h, w),
                read=TABLE,
            ),
            mistake(
                "aspect-ratio-kept",
                "Fitted in place of stretched",
                "You keep the aspect ratio. Here the picture becomes exactly as high and as wide "
                "as is asked, even if it's squashed.",
                lambda image, h, w: resize_to(image, *fit_within(*image.shape[:2], h, w)),
                lambda image, h, w: resize_to(
                    image, *scaled(min, most=INFINITE)(*image.shape[:2], h, w)
                ),
                read=FIT,
            ),
            mistake(
                "the-picture-itself",
                "The very same array comes back",
                "Where the size doesn't change you return the array that came in, not a new one. "
                "Whoever paints on the result then paints on the original.",
                _itself_where_nothing_changes,
            ),
        ),
    ),
    Question(
        id="images-network-input",
        points=2,
        signature="to_network_input(image, size)",
        reference=to_network_input,
        cases=input_cases,
        read=INPUT,
        hints=(
            "Four steps, each a line: grey, size × size, 0 to 1, one row. Print the shape and the "
            "type after each.",
            "A picture whose shape has only two numbers is grey already, and cv2.cvtColor mustn't "
            "see it.",
            "The picture stays uint8 until after it was resized. Name the interpolation, divide "
            "last.",
        ),
        mistakes=(
            mistake(
                "not-divided",
                "Not divided by 255",
                "Your numbers run from 0 to 255. A network wants them from 0 to 1: ordinary inputs "
                "keep its sums and steps at an ordinary size.",
                lambda image, size: _small(_grey(image), size).ravel(),
            ),
            mistake(
                "divided-by-256",
                "Divided by 256",
                "You divide by 256, so that white becomes 0.996. The largest value in a picture is "
                "255, and white is to become 1.",
                lambda image, size: _small(_grey(image), size).ravel() / 256,
            ),
            mistake(
                "own-maximum",
                "Divided by the picture's own largest value",
                "You scale each picture by its own lightest pixel, so a dark picture comes out as "
                "light as a bright one. Divide all by the same number.",
                lambda image, size: (
                    _row(_small(_grey(image), size)) * 255 / _small(_grey(image), size).max()
                ),
                lambda image, size: _row(_small(_grey(image), size)) * 255 / _grey(image).max(),
                lambda image, size: (
                    (_small(_grey(image), size).ravel() * 1.0 - _small(_grey(image), size).min())
                    / np.ptp(_small(_grey(image), size))
                ),
                lambda image, size: _row(_small(_grey(image), size)) * 255 / image.max(),
            ),
            mistake(
                "resized-before-grey",
                "Resized first, made grey afterwards",
                "You resize the colours and make the result grey. Values are rounded to whole "
                "numbers at each step, so the order shows. First grey, then resize.",
                lambda image, size: _row(_grey(_small(image, size))),
            ),
            mistake(
                "blue-for-red",
                "The grey of a BGR picture",
                "You turn the picture grey as if blue came first. It's RGB here, and red weighs "
                "more than blue.",
                lambda image, size: _row(_small(_grey(image, "COLOR_BGR2GRAY"), size)),
                read=COLOUR,
            ),
            mistake(
                "mean-of-colours",
                "The mean of the three colours",
                "You take the mean of red, green and blue. Grey is a weighted sum of them: green "
                "counts most and blue least, as they do for our eyes.",
                lambda image, size: _row(_small(_rounded_mean(image), size)),
                lambda image, size: _row(_small(_mean_colour(image).astype(np.uint8), size)),
                lambda image, size: _row(_small(_mean_colour(image), size)),
                lambda image, size: _row(_small(image.mean(axis=2), size)),
                lambda image, size: _row(_small(image.mean(axis=2).astype(np.uint8), size)),
            ),
            mistake(
                "one-channel",
                "One channel in place of grey",
                "You take one of the three channels and forget the other two. Grey is a weighted "
                "sum of all three.",
                _one_channel(0),
                _one_channel(1),
                _one_channel(2),
            ),
            mistake(
                "colour-kept",
                "The picture stays in colour",
                "Your row holds three numbers for each pixel. Make the picture grey first, and one "
                "is left.",
                lambda image, size: _row(_small(image, size)),
                lambda image, size: _row(_small(image, size)).reshape(size * size),
            ),
            mistake(
                "grey-by-hand",
                "Grey, but not as OpenCV rounds it",
                "You weigh the colours yourself. The weights are right, but your grey isn't "
                "rounded to whole numbers, or is cut off. Leave this step to cv2.cvtColor: it "
                "rounds, and stays with uint8.",
                _grey_by_hand(lambda grey: grey),
                _grey_by_hand(lambda grey: grey.astype(np.uint8)),
            ),
            mistake(
                "always-linear",
                "Resized with the linear blend",
                "Your picture is resized without INTER_AREA. Either it isn't chosen, or the choice "
                "gets lost: what stands third in cv2.resize, without a name, isn't the "
                "interpolation.",
                lambda image, size: _row(
                    opencv().resize(_grey(image), (size, size), opencv().INTER_AREA)
                ),
                read=INTERPOLATION,
            ),
            mistake(
                "linear-where-larger",
                "The linear blend where a side doesn't shrink",
                "Where the picture gets smaller in both directions yours is right. Elsewhere you "
                "blend linearly, as resize_to does. Here INTER_AREA is asked for always.",
                lambda image, size: _row(resize_to(_grey(image), size, size)),
                read=INTERPOLATION,
            ),
            mistake(
                "not-in-a-row",
                "Still a table",
                "Your result isn't one row of numbers yet. A network's input has the shape "
                "(size * size,): one row after the other, in a single line.",
                lambda image, size: _small(_grey(image), size) / 255,
                lambda image, size: _small(_grey(image), size),
                lambda image, size: _row(_small(_grey(image), size)).reshape(1, -1),
                lambda image, size: _row(_small(_grey(image), size)).reshape(-1, 1),
            ),
            mistake(
                "column-by-column",
                "Read column by column",
                "Your row goes down the columns. Read the picture as you read a text: row by row, "
                "from the top.",
                lambda image, size: _row(_small(_grey(image), size).T),
                lambda image, size: _row(_small(_grey(image).T.copy(), size)),
            ),
            mistake(
                "divided-too-early",
                "Divided before it was resized",
                "You turn the picture into floats before you resize it, so the new pixels aren't "
                "rounded to whole numbers. Stay with uint8 until the picture has its size.",
                lambda image, size: _small(_grey(image) / 255, size).ravel(),
                lambda image, size: _small(_grey((image / 255).astype(np.float32)), size).ravel(),
                lambda image, size: _small(_grey(image / 255), size).ravel(),
            ),
            mistake(
                "divided-in-place",
                "Divided in place",
                "The sign /= writes into the old array, and that holds whole numbers only: there "
                "is no room for 0.298. Divide with / and take the new array that comes out.",
                _divided_in_place,
                read=TABLE,
            ),
            mistake(
                "size-not-a-pair",
                "The new size isn't a pair",
                "OpenCV's resize wants the new size as a pair: the width and the height, also "
                "where they are the same. Yours gives it one number.",
                _size_not_a_pair,
                read=COLOUR,
            ),
            mistake(
                "light-and-dark-exchanged",
                "Light and dark are exchanged",
                "Your white is 0 and your black is 1. Dark stays small and light stays large.",
                lambda image, size: 1 - to_network_input(image, size),
            ),
            mistake(
                "whole-division",
                "Divided without the rest",
                "Only 0 and 1 are left of all the greys: a whole-number division, or a "
                "whole-number type, throws away what lies between. Divide with /, and keep the "
                "floats.",
                lambda image, size: _small(_grey(image), size).ravel() // 255,
            ),
            mistake(
                "padded",
                "Padded in place of squeezed",
                "You keep the aspect ratio and fill up with black. That is a good habit, but here "
                "the picture is to be squeezed into the square.",
                _padded,
                read=FIT,
            ),
            mistake(
                "grey-refused",
                "A grey picture stops it",
                "Colour pictures come out right. But a grey one has a shape of two numbers only, "
                "and your code stops on it. It needs no change of colours: let it pass.",
                _grey_refused,
                _grey_refused_by_opencv,
                _grey_refused_by_an_index,
                _grey_refused_by_its_shape,
                read=TABLE,
            ),
            mistake(
                "divided-twice",
                "Divided by 255 twice",
                "Your numbers are far too small: white is 0.004, since the 255 is divided by "
                "twice. Once is enough.",
                lambda image, size: to_network_input(image, size) / 255,
            ),
        ),
    ),
    Question(
        id="images-digits",
        points=4,
        signature="train_digits(images, labels, rng)",
        reference=train_digits,
        cases=digit_cases,
        look=look_at_digits,
        say=DIGITS_SAY,
        partial=digit_points,
        timeout_seconds=60.0,
        cpu_seconds=20.0,
        withheld=_LEARNERS,
        read=DIGITS,
        hints=(
            "A function may be defined inside of another one and see its variables. So train "
            "first, then define classify(images), and return classify itself, without brackets.",
            "Make each picture a row of 256 numbers from 0 to 1, in the same way while training "
            "and in classify. Keep the last 500 pictures out of the training, and print how many "
            "of them are read rightly.",
            "One hidden layer of 64 neurons with ReLU is enough. Everything in it you have "
            "written before: forward, the gradient p − y, backward, a step. Draw the first "
            "weights with a spread of the square root of 2 / inputs.",
            "If about 85 of 100 are right there is no hidden layer at work. If about 10 are "
            "right, look at a few labels beside their pictures, and at the loss: does it fall "
            "from 2.3?",
        ),
        mistakes=(
            mistake(
                "no-function",
                "Perhaps no function is returned",
                "Python stopped with a TypeError. If its message ends in “not callable”, your "
                "train_digits returns labels, or nothing, where a function is wanted: define one "
                "inside, and return it by its name. If the message counts arguments: that function "
                "takes one, the pictures.",
                _labels_returned,
                _with_other_arguments(lambda: None),
                _with_other_arguments(lambda images, labels: None),
                _with_other_arguments(lambda images, weights, bias: None),
                _with_other_arguments(lambda images, w1, b1, w2, b2: None),
            ),
            mistake(
                "shapes-dont-fit",
                "Perhaps the shapes don't fit",
                "Python stopped with a ValueError. Mostly that means that an array has another "
                "shape than the line expects. Print shapes just before it: pictures come all at "
                "once, (n, 16, 16), and n differs between training and use. As rows they are (n, "
                "256).",
                _one_picture_at_a_time,
                _as_tables,
                _bias_for_each_picture,
                read=Section("layers", "Many pictures at once"),
            ),
            mistake(
                "nothing-comes-back",
                "The inner function returns nothing",
                "train_digits returns a function, as it should. But when that function is called "
                "with pictures, it gives nothing back (None). It needs a return of its own.",
                learnt(lambda found: None, 100),
            ),
            mistake(
                "one-for-each-class",
                "Several numbers for each picture",
                "For each picture your function gives a row of numbers: scores, probabilities, or "
                "a 1 among zeros. One label is asked for: the place of the largest number in the "
                "row.",
                lambda images, labels, rng: _stencils(images[:1000], labels[:1000]),
                read=PREDICTION,
            ),
            mistake(
                "labels-in-a-table",
                "The labels stand in a table",
                "The labels are there, one for each picture, but in a table with one column or one "
                "row. Make it a plain row, shape (n,).",
                learnt(lambda found: found[:, None]),
            ),
            mistake(
                "ten-labels",
                "The largest over the wrong axis",
                "Your function gives ten numbers, however many pictures come in. Mostly that is "
                "the largest number of each column, looked for from picture to picture. Look "
                "along each row, from class to class.",
                _over_the_wrong_axis,
                read=PREDICTION,
            ),
            mistake(
                "one-label-for-all",
                "A single number for all pictures",
                "Your function gives one number in all. A label is asked for each picture: the "
                "largest score is to be found in each row by itself.",
                _over_everything,
                read=PREDICTION,
            ),
            mistake(
                "training-pictures-read",
                "The wrong pictures are read",
                "Your function gives as many labels as there were pictures to train on, however "
                "many come in. It seems to read the old ones. It should look at its own argument.",
                _training_pictures,
            ),
            mistake(
                "labels-not-whole",
                "Labels that aren't whole numbers",
                "Some of your labels lie between two digits, or are nan. A digit isn't an amount: "
                "an 8 isn't more than a 3, and 5.5 is neither. Give each class a score of its "
                "own, and choose the class with the largest.",
                learnt(lambda found: found + 0.25),
                read=Section("layers", "From scores to probabilities"),
            ),
            mistake(
                "always-the-same",
                "One answer for every picture",
                "Every picture gets the same label. Mostly the numbers have become nan, since the "
                "steps were too large, or all the weights began at 0, or new pictures are prepared "
                "otherwise than those to train on. Print the loss in each epoch: does it fall?",
                lambda images, labels, rng: lambda unseen: np.zeros(len(unseen), int),
                read=START,
            ),
            mistake(
                "off-by-one",
                "Labels off by one",
                "Most of your labels miss by exactly 1, always to the same side. The classes are "
                "counted from 0, and so are the places in a row.",
                learnt(lambda found: found + 1),
                learnt(lambda found: found - 1),
                read=PREDICTION,
            ),
            mistake(
                "a-class-is-missing",
                "One digit never comes out",
                "Of the ten digits 0 to 9 the first or the last never comes out of your function. "
                "Look where you count the classes: range(9) ends with 8, and range(1, 10) begins "
                "with 1.",
                *(_without(9, spoilt) for spoilt in (0, 6, 3)),
            ),
            mistake(
                "guessing",
                "No better than guessing",
                "Your labels are hardly better than chance. Perhaps the weights don't change, or "
                "hardly, or pictures were shuffled and labels not, or the steps are too large, or "
                "new pictures are prepared otherwise than those to train on. Print the loss: does "
                "it fall?",
                _labels_mixed,
                read=BATCHES,
            ),
            mistake(
                "worse-than-guessing",
                "Worse than guessing",
                "Guessing gets 10 of 100, yours gets fewer than 3: it knows what to avoid. "
                "Perhaps the smallest score is chosen in place of the largest, or the steps go up "
                "the slope in place of down.",
                _the_smallest_score,
                read=EPOCH,
            ),
            mistake(
                "a-few-digits",
                "Much is still missing",
                "Something is learnt, but not much: fewer than 40 of 100. That is what comes of a "
                "few steps, of far too small ones, or of a network that met only some of the ten "
                "digits. Is the loss still falling when you stop?",
                _only_some_classes,
                read=BATCHES,
            ),
            mistake(
                "a-beginning",
                "A beginning",
                "Between 40 and 65 of 100 are right. That is about what one gets from a hundred "
                "pictures, or from very few steps. Use all pictures, many times over, and watch "
                "the loss.",
                _few_pictures(90),
                read=BATCHES,
            ),
            mistake(
                "halfway",
                "Halfway there",
                "Between 65 and 80 of 100 are right. That is about what one gets from a few "
                "hundred pictures, or from a network that is stopped early. Use all the pictures, "
                "and more epochs.",
                _few_pictures(290),
                read=BATCHES,
            ),
            mistake(
                "no-hidden-layer",
                "Nearly there",
                "Between 80 and 90 of 100 are right. That is as far as ten weighted sums of the "
                "pixels can get, without a hidden layer. With one, its ReLU, and enough epochs "
                "there is more to be had.",
                _few_pictures(700),
            ),
        ),
    ),
)
