"""The pad for digits: it draws as the chapter does, and its network says what dlbook's says."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from dlbook import explore
from dlbook.explore.digits import LETTERS, rounded
from dlbook.images import draw_digits
from dlbook.layers import Dense, Network
from dlbook.opencv import opencv
from dlbook.training import train

sys.path.insert(0, str(Path(__file__).parent))
from explore_examples import open_figure

EQUAL = {"rtol": 0, "atol": 1e-9}
SOME = Network.random([256, 8, 10], np.random.default_rng(0))


@pytest.fixture(scope="module")
def learnt():
    images, labels = draw_digits(3000, 16, np.random.default_rng(1))
    network = Network.random([256, 64, 10], np.random.default_rng(4))
    with threadpool_limits(1):
        train(
            network, images.reshape(-1, 256) / 255, labels, epochs=10, learning_rate=0.003,
            optimiser_name="adam", rng=np.random.default_rng(5), progress=False,
        )  # fmt: skip
    return network


@pytest.fixture(scope="module")
def in_module(browser):
    """Run JavaScript inside of the figure's own module, as a page gets it."""
    page = browser.new_page()

    def run(code: str, given: object = None) -> object:
        source = explore.Digits._esm.replace(
            "export default { render };", "export function run(code, given) { return eval(code); }"
        )
        script = """async ([source, code, given]) => {
          const blob = new Blob([source], { type: "text/javascript" });
          const { run } = await import(URL.createObjectURL(blob));
          const plain = (key, value) => ArrayBuffer.isView(value) ? [...value] : value;
          return JSON.parse(JSON.stringify(run(code, given), plain));
        }"""
        return page.evaluate(script, [source, code, given])

    yield run
    page.close()


def only_says(digit: int) -> Network:
    """Return a network that says one digit, whatever it is shown."""
    return Network([Dense(np.zeros((256, 10)), 5.0 * (np.arange(10) == digit), "identity")])


ANSWERS = """const network = unpacked(given[0]);
  given[1].map((row) => forward(network, {
    rows: 1, columns: 256, data: Float64Array.from(row, (value) => value / 255),
  }).outputs.data)"""


def test_the_browser_says_what_dlbook_says(in_module, learnt, rng):
    for network in (learnt, SOME, Network.random([256, 12, 6, 10], rng, "tanh")):
        figure = explore.Digits(network)
        pixels = rng.integers(0, 256, (20, 256))
        found = in_module(ANSWERS, [figure.parameters, pixels.tolist()])
        np.testing.assert_allclose(found, figure.network(pixels / 255), **EQUAL)


def test_rounded_weights_hardly_change_an_answer(learnt):
    images, _ = draw_digits(1000, 16, np.random.default_rng(2))
    x = images.reshape(-1, 256) / 255
    short = rounded(learnt)
    # The page says "at most a handful" of its 1,000.
    assert (short.predict(x) != learnt.predict(x)).sum() <= 5
    assert np.abs(short(x) - learnt(x)).mean() < 0.001


def test_a_neuron_has_at_most_91_different_weights_and_rounding_twice_changes_nothing(learnt):
    assert len(LETTERS) == 91 == len(set(LETTERS))
    short = rounded(learnt)
    weights = short.layers[0].weights
    assert max(len(np.unique(column)) for column in weights.T) <= 91
    largest = np.abs(learnt.layers[0].weights).max(axis=0)
    off = np.abs(weights - learnt.layers[0].weights).max(axis=0)
    assert (off <= largest / 45 / 2 * 1.000001).all()
    np.testing.assert_array_equal(rounded(short).layers[0].weights, weights)


def test_a_neuron_without_weights_can_be_sent():
    assert explore.Digits(only_says(3)).probabilities.argmax() == 3


def test_letters_of_the_weights_can_stand_in_a_page(learnt):
    letters = explore.Digits(learnt).parameters["layers"][0]["letters"]
    assert json.dumps(letters) == f'"{letters}"'
    assert "<" not in letters


def test_sixteen_fine_pixels_become_one_as_opencv_makes_them(in_module, rng):
    ink = rng.integers(0, 256, (64, 64), dtype=np.uint8)
    ink[:4, :4] = 0
    ink[0, :2] = 4  # the mean is exactly a half
    cv2 = opencv()
    small = cv2.resize(ink, (16, 16), interpolation=cv2.INTER_AREA)
    found = in_module("shrunk(Uint8Array.from(given))", ink.ravel().tolist())
    assert found == small.ravel().tolist()


def test_strokes_look_like_those_of_draw_digits(in_module):
    cv2 = opencv()
    for width in (5, 7, 9):  # draw_digits takes 0.08 to 0.14 of 64; OpenCV's lines turn out wider
        corners = [[15.5, 10.25], [45.0, 12.5], [30.0, 54.75]]
        code = """const ink = new Uint8Array(64 * 64);
          given[0].slice(1).forEach((to, i) => stroke(ink, given[0][i], to, given[1], false));
          shrunk(ink)"""
        found = np.array(in_module(f"(() => {{{code.replace('shrunk', 'return shrunk')}}})()",
                                   [corners, width + 2.2])).reshape(16, 16)  # fmt: skip
        canvas = np.zeros((64, 64), np.uint8)
        places = np.rint((np.array(corners) - 0.5) * 16).astype(np.int32)
        cv2.polylines(
            canvas, [places], isClosed=False, color=230, thickness=width,
            lineType=cv2.LINE_AA, shift=4,
        )  # fmt: skip
        theirs = cv2.resize(canvas, (16, 16), interpolation=cv2.INTER_AREA).astype(float)
        assert theirs.max() == 230
        assert np.abs(found - theirs).mean() < 2
        assert np.abs(found - theirs).max() < 48  # a corner's tip, of 0 to 255
        assert found.sum() == pytest.approx(theirs.sum(), rel=0.02)


def number_above_zero(opened) -> int:
    words = opened.shown().numbers.split(" of 256")[0]
    return int(words.split()[-1])


def test_drawing_wiping_and_clearing_by_mouse(browser, tmp_path):
    with open_figure(browser, explore.Digits(SOME).save(tmp_path / "digits.html")) as opened:
        page = opened.page
        assert "Nothing is drawn" in page.locator(".explore-sentence").inner_text()
        box = page.locator(".explore-digits-pad").bounding_box()
        left, top, side = box["x"], box["y"], box["width"]

        def line(y: float) -> None:
            page.mouse.move(left + side * 0.25, top + side * y)
            page.mouse.down()
            page.mouse.move(left + side * 0.75, top + side * y, steps=4)
            page.mouse.up()

        line(0.5)
        # 0.5 long and 0.14 wide with round ends: 10 or 12 columns, 2 to 4 rows.
        assert 20 <= number_above_zero(opened) <= 48
        line(0.2)
        both = number_above_zero(opened)
        assert both >= 40
        page.get_by_role("radio", name="eraser").check()
        line(0.5)
        assert number_above_zero(opened) < both
        page.get_by_role("button", name="Clear").click()
        assert number_above_zero(opened) == 0


def test_a_finger_draws(browser, tmp_path):
    path = explore.Digits(SOME).save(tmp_path / "digits.html")
    with open_figure(browser, path, width=320, has_touch=True, is_mobile=True) as opened:
        pad = opened.page.locator(".explore-digits-pad")
        pad.scroll_into_view_if_needed()
        box = pad.bounding_box()
        opened.page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        assert 1 <= number_above_zero(opened) <= 16  # a dot


def test_a_1_is_drawn_with_the_keyboard_alone(browser, tmp_path):
    with open_figure(browser, explore.Digits(SOME).save(tmp_path / "digits.html")) as opened:
        page = opened.page
        page.locator(".explore-digits-pen").focus()
        for _ in range(5):
            page.keyboard.press("ArrowUp")
        assert number_above_zero(opened) == 0
        for _ in range(9):
            page.keyboard.press("Shift+ArrowDown")
        shown = opened.shown()
        assert "Row 12, column 8, where the pen is: 230 / 255 = 0.902" in shown.numbers
        assert 20 <= number_above_zero(opened) <= 50
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
        assert "Row 14, column 8, where the pen is: 0 / 255 = 0.000" in opened.shown().numbers
        page.keyboard.press("Space")
        assert "Row 14, column 8, where the pen is: 230 / 255" in opened.shown().numbers


def test_the_goal_is_a_7_that_is_taken_for_a_1(browser, tmp_path):
    path = explore.Digits(only_says(1), goal=[7, 1]).save(tmp_path / "digits.html")
    with open_figure(browser, path) as opened:
        status = opened.page.locator(".explore-goal")
        assert status.inner_text() == "○ Nothing is drawn yet."
        opened.page.locator(".explore-digits-pad").click()
        opened.settle()
        assert status.inner_text().startswith("✓ Done! You mean a 7, and the network says 1")
        opened.page.locator("select").select_option("3")
        opened.settle()
        assert status.inner_text() == "○ Choose “I mean a 7” when you draw one."


def test_the_goal_is_not_reached_where_the_network_is_right(browser, tmp_path):
    path = explore.Digits(only_says(7), goal=[7, 1]).save(tmp_path / "digits.html")
    with open_figure(browser, path) as opened:
        opened.page.locator(".explore-digits-pad").click()
        opened.settle()
        words = opened.page.locator(".explore-goal").inner_text()
        assert words.startswith("○ You mean a 7, and it says 7.")


def test_examples_come_to_the_pad_as_they_are_and_the_bars_say_what_python_says(
    browser, tmp_path, learnt
):
    images, labels = draw_digits(3, 16, np.random.default_rng(7))
    figure = explore.Digits(learnt, images, labels)
    with open_figure(browser, figure.save(tmp_path / "digits.html")) as opened:
        for number in (0, 1, 2, 0):
            figure.pixels = images[number].ravel().tolist()
            shown = opened.shown()
            told = ", ".join(f"{k} {p:.3f}" for k, p in enumerate(figure.probabilities))
            assert f"Probabilities: {told}." in shown.words
            assert f"You mean a {labels[number]}." in shown.words
            opened.page.get_by_role("button", name="Another example").click()


@pytest.mark.parametrize(
    ("network", "arguments", "error", "words"),
    [
        ("the chapter's", {}, TypeError, "must be a Network"),
        (Network.random([64, 10], np.random.default_rng(0)), {}, ValueError, "256 numbers"),
        (SOME, {"pictures": np.zeros((2, 8, 8), np.uint8)}, ValueError, "16 x 16"),
        (SOME, {"goal": [7]}, ValueError, "two digits"),
        (SOME, {"goal": [7, 10]}, ValueError, "two digits"),
    ],
)
def test_a_pad_that_can_not_be_shown_says_why(network, arguments, error, words):
    with pytest.raises(error, match=words):
        explore.Digits(network, **arguments)
