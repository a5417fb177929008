"""The picture in a box: its pixels are OpenCV's, its numbers can be counted, its goal is found."""

import re
import sys
from pathlib import Path

import numpy as np
import pytest

from dlbook import explore
from dlbook.explore.resize import BLENDS, SIDES, WAYS, draw_night
from dlbook.images import resize
from dlbook.opencv import opencv

sys.path.insert(0, str(Path(__file__).parent))
from explore_examples import open_figure

PIXELS_IN_THE_BOX = """() => {
  const canvas = document.querySelectorAll(".explore canvas")[1];
  const { width, height } = canvas;
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
  return [height, width, [...data]];
}"""


def pixels_in_the_box(opened, channels: int) -> np.ndarray:
    opened.settle()
    height, width, data = opened.page.evaluate(PIXELS_IN_THE_BOX)
    pixels = np.array(data).reshape(height, width, 4)
    assert (pixels[..., 3] == 255).all()
    return pixels[..., :3] if channels == 3 else pixels[..., 0]


def turn(opened, way: str, blend: str, side: int) -> None:
    for name in (way, blend):
        opened.page.get_by_role("radio", name=name, exact=True).check()
    slider = opened.page.locator("input[type=range]")
    slider.fill(str(side))


def expected(picture: np.ndarray, way: str, blend: str, side: int) -> np.ndarray:
    """Work out what is in the box a second way: OpenCV, and the chapter's box around it."""
    cv2 = opencv()
    height, width = picture.shape[:2]
    if way == "stretch":
        size = (side, side)
    else:
        size = (max(1, round(width * side / max(height, width))),
                max(1, round(height * side / max(height, width))))  # fmt: skip
    frame = cv2.resize(picture, size, interpolation=getattr(cv2, f"INTER_{blend.upper()}"))
    return resize(frame, side, side, "pad") if way == "pad" else frame


@pytest.fixture
def coloured(rng) -> np.ndarray:
    return rng.integers(0, 256, (70, 50, 3), dtype=np.uint8)


@pytest.mark.parametrize("channels", [1, 3], ids=["grey", "colour"])
def test_the_pixels_in_the_page_are_those_of_opencv(browser, tmp_path, coloured, channels):
    picture = draw_night() if channels == 1 else coloured
    path = explore.Resize(picture).save(tmp_path / "resize.html")
    with open_figure(browser, path) as opened:
        for way in WAYS:
            for blend, side in zip(BLENDS, (8, 16, 24, 32), strict=True):
                turn(opened, way, blend, side)
                here = pixels_in_the_box(opened, channels)
                np.testing.assert_array_equal(here, expected(picture, way, blend, side))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("side", SIDES)
def test_area_is_what_the_chapter_does(coloured, way, side):
    figure = explore.Resize(coloured, side=side, way=way, blend="area")
    np.testing.assert_array_equal(figure.result(), resize(coloured, side, side, way))


def test_means_worked_by_hand():
    fence = np.zeros((8, 8), np.uint8)
    fence[:, ::4] = 255  # each new pixel covers a post and a gap, or two gaps
    figure = explore.Resize(fence, side=4, blend="area")
    assert figure.result().tolist() == [[128, 0, 128, 0]] * 4


def test_the_numbers_are_those_of_a_picture_of_96_x_144(browser, tmp_path):
    night = draw_night()
    assert night.shape == (96, 144)
    path = explore.Resize(side=16, way="fit", blend="area").save(tmp_path / "resize.html")
    with open_figure(browser, path) as opened:
        numbers = opened.shown().numbers
        # 96 * 16 / 144 = 10.67, rounded 11; 96 * 144 = 13,824; 11 * 16 = 176; 144 / 96 = 1.5.
        assert "(96, 144) → (11, 16)" in numbers
        assert "13,824 → 176, which is 1.27 in 100" in numbers
        assert "1.50 → 1.45 ✓ kept" in numbers
        assert f"{night.mean():.1f} → " in numbers
        turn(opened, "stretch", "area", 16)
        shown = opened.shown()
        assert "1.50 → 1.00 ✗ not kept" in shown.numbers
        assert "1.5 times as narrow as it was" in shown.words
        turn(opened, "pad", "area", 16)
        shown = opened.shown()
        assert "(96, 144) → (16, 16)" in shown.numbers
        assert "80 pixels around it are black" in shown.words  # 256 - 176


@pytest.mark.parametrize("blend", BLENDS)
def test_only_the_mean_of_all_pixels_keeps_the_light_of_the_fence(browser, tmp_path, blend):
    night = draw_night()
    path = explore.Resize(way="pad", blend=blend, goal=16).save(tmp_path / "resize.html")
    with open_figure(browser, path) as opened:
        numbers = opened.shown().numbers
        now = float(re.search(r"lightness.*→ ([\d.]+)", numbers)[1])
    frame = expected(night, "fit", blend, 16)
    assert now == pytest.approx(frame.mean(), abs=0.05)
    if blend == "area":
        assert now == pytest.approx(night.mean(), abs=0.5)
    else:
        assert now < 0.85 * night.mean()


def test_a_reader_reaches_the_goal_with_the_keyboard_alone(browser, tmp_path):
    path = explore.Resize(goal=16, task="In proportion, all the light.").save(tmp_path / "r.html")
    with open_figure(browser, path) as opened:
        page = opened.page
        status = page.locator(".explore-goal")
        assert (
            status.inner_text() == "○ 1 of 3: ✓ exactly 16 × 16, ✗ in proportion, ✗ no light lost."
        )
        page.get_by_role("radio", name="stretch").focus()
        page.keyboard.press("ArrowDown")
        opened.settle()
        assert "✗ exactly 16 × 16, ✓ in proportion" in status.inner_text()
        page.keyboard.press("ArrowDown")
        page.get_by_role("radio", name="nearest").focus()
        page.keyboard.press("ArrowDown")
        opened.settle()
        assert status.inner_text().startswith("✓ Done!")
        page.locator("input[type=range]").focus()
        page.keyboard.press("ArrowRight")
        opened.settle()
        assert "✗ exactly 16 × 16" in status.inner_text()


def test_a_page_without_a_kernel_offers_the_sides_that_it_holds(browser, tmp_path):
    with open_figure(browser, explore.Resize(side=8).save(tmp_path / "resize.html")) as opened:
        slider = opened.page.locator("input[type=range]")
        sides = []
        for _ in SIDES:
            opened.settle()
            sides.append(slider.get_attribute("aria-valuetext"))
            slider.press("ArrowRight")
        assert sides == [str(side) for side in SIDES]


def test_with_a_kernel_every_side_is_made_when_it_is_wanted():
    figure = explore.Resize(way="fit", blend="cubic")
    assert figure.fresh == {}
    figure.ask = "is there a kernel?"
    assert figure.answer == ["is there a kernel?", 4, 96]
    figure.side = 37
    assert figure.fresh["name"] == "fit-cubic-37"
    assert figure.result().shape == (25, 37)  # 96 * 37 / 144 = 24.67


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"picture": np.zeros((4, 4))}, TypeError, "uint8"),
        ({"way": "crop"}, ValueError, "way"),
        ({"blend": "lanczos"}, ValueError, "blend"),
        ({"side": 200}, ValueError, "at most 96"),
        ({"goal": 2}, ValueError, "goal"),
    ],
)
def test_a_picture_that_can_not_be_shown_says_why(arguments, error, words):
    with pytest.raises(error, match=words):
        explore.Resize(**arguments)
