"""Softmax to play with: its numbers are dlbook's, its slopes those of small nudges, the goal."""

import math
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from dlbook import explore
from dlbook.losses import cross_entropy, softmax
from dlbook.updates import softmax_cross_entropy_gradient

sys.path.insert(0, str(Path(__file__).parent))
from explore_examples import open_figure

HALF_OF_THE_LAST_DIGIT = 5.1e-5  # numbers are shown with four decimals


def number(text: str) -> float:
    return float(text.replace("−", "-"))


def rows_of(opened) -> np.ndarray:
    """Return score, power, probability and slope of each class, as they stand in the table."""
    opened.settle()
    rows = opened.page.locator(".explore-softmax-table tbody tr").all()
    return np.array([[number(t) for t in row.locator("td").all_inner_texts()] for row in rows])


def loss_in(opened) -> float:
    return number(re.search(r"loss = .* = (\S+)", opened.shown().numbers)[1])


@pytest.mark.parametrize("classes", [2, 3, 5])
def test_the_numbers_in_the_figure_are_those_of_the_chapter(browser, tmp_path, rng, classes):
    for _ in range(2):
        scores = (rng.integers(-50, 51, classes) / 10).tolist()
        truth = int(rng.integers(classes))
        figure = explore.Softmax(scores, list("abcde"[:classes]), truth)
        path = figure.save(tmp_path / "softmax.html", overwrite=True)
        with open_figure(browser, path) as opened:
            table, loss = rows_of(opened), loss_in(opened)
        p = softmax([scores])
        assert table[:, 0].tolist() == scores
        expected = [np.exp(scores), p[0], softmax_cross_entropy_gradient(p, [truth])[0]]
        for mine, theirs in zip(table[:, 1:].T, expected, strict=True):
            assert mine == pytest.approx(theirs, abs=HALF_OF_THE_LAST_DIGIT)
        assert loss == pytest.approx(cross_entropy(p, [truth]), abs=HALF_OF_THE_LAST_DIGIT)
        assert figure.loss == cross_entropy(p, [truth])


def test_picture_1_has_the_numbers_that_were_worked_out_by_hand(browser, tmp_path):
    figure = explore.Softmax([0.4, 0.1], ["flat", "edge"], true_class=1)
    with open_figure(browser, figure.save(tmp_path / "softmax.html")) as opened:
        assert rows_of(opened).tolist() == [
            [0.4, 1.4918, 0.5744, 0.5744],
            [0.1, 1.1052, 0.4256, -0.5744],
        ]
        assert loss_in(opened) == 0.8544


def test_a_slope_in_the_figure_is_what_a_nudge_of_the_slider_does_to_the_loss(browser, tmp_path):
    # Half a step to either side: the middle of two losses, as far apart as one step of a slider.
    scores = np.array([0.5, 1.5, -0.5])
    for k in range(3):
        losses = []
        for by in (-0.1, 0.1):
            moved = (scores + by * (np.arange(3) == k)).round(2).tolist()
            path = explore.Softmax(moved).save(tmp_path / "softmax.html", overwrite=True)
            with open_figure(browser, path) as opened:
                losses.append(loss_in(opened))
        path = explore.Softmax(scores.tolist()).save(tmp_path / "softmax.html", overwrite=True)
        with open_figure(browser, path) as opened:
            slope = rows_of(opened)[k, 3]
        assert (losses[1] - losses[0]) / 0.2 == pytest.approx(slope, abs=0.002)


def test_the_same_number_added_to_every_score_changes_no_probability(browser, tmp_path):
    with open_figure(browser, explore.Softmax().save(tmp_path / "softmax.html")) as opened:
        before, loss = rows_of(opened), loss_in(opened)
        opened.page.get_by_role("button", name="Add 1 to each").click()
        after = rows_of(opened)
        assert (after[:, 0] - before[:, 0]).tolist() == [1, 1, 1]
        assert after[:, 1] == pytest.approx(before[:, 1] * math.e, rel=1e-4)
        assert after[:, 2:].tolist() == before[:, 2:].tolist()
        assert loss_in(opened) == loss
        sentence = opened.page.locator(".explore-sentence")
        sentence.filter(has_text="Every score has moved by 1, and no probability").wait_for()


def test_a_shift_that_would_leave_the_sliders_behind_is_not_made(browser, tmp_path):
    figure = explore.Softmax([4.5, 0.0, 0.0])
    with open_figure(browser, figure.save(tmp_path / "softmax.html")) as opened:
        button = opened.page.get_by_role("button", name="Add 1 to each")
        assert button.get_attribute("aria-disabled") == "true"
        button.focus()
        opened.page.keyboard.press("Enter")
        assert rows_of(opened)[:, 0].tolist() == [4.5, 0, 0]


def test_a_reader_brings_the_loss_down_with_the_keyboard_alone(browser, tmp_path):
    figure = explore.Softmax([1.0, 2.0, 0.5], goal=0.1, task="Below 0.1.")
    with open_figure(browser, figure.save(tmp_path / "softmax.html")) as opened:
        page = opened.page
        status = page.locator(".explore-goal")
        assert status.inner_text() == "○ The loss is 1.4644; it has to come below 0.1."

        cat = page.locator(".explore-slider", has_text="cat").locator("input")
        cat.focus()
        page.keyboard.press("ArrowRight")
        opened.settle()
        assert status.inner_text() == "○ The score of cat has to stay 1.0; it is 1.1."
        page.keyboard.press("ArrowLeft")

        for name, times in [("dog", 40), ("bird", 24)]:
            page.locator(".explore-slider", has_text=name).locator("input").focus()
            for _ in range(times):
                page.keyboard.press("ArrowLeft")
        opened.settle()
        # e to the power of 1, -2 and -1.9: 2.7183 of 3.0032, and -ln 0.9051 = 0.0997.
        assert rows_of(opened)[:, 0].tolist() == [1.0, -2.0, -1.9]
        expected = math.log(1 + (math.exp(-2) + math.exp(-1.9)) / math.e)
        assert loss_in(opened) == pytest.approx(expected, abs=HALF_OF_THE_LAST_DIGIT)
        assert status.inner_text().startswith("✓ Done! The loss is 0.0997,")


def test_the_true_class_of_the_goal_can_not_be_swapped_for_an_easier_one(browser, tmp_path):
    figure = explore.Softmax([-2.0, 4.0], ["cat", "dog"], 0, goal=0.1)
    with open_figure(browser, figure.save(tmp_path / "softmax.html")) as opened:
        opened.page.get_by_role("radio", name="dog").check()
        opened.settle()
        assert loss_in(opened) < 0.1
        assert (
            opened.page.locator(".explore-goal").inner_text() == "○ The true class has to be cat."
        )


def test_bars_and_arrows_are_as_long_as_the_numbers_say(browser, tmp_path):
    figure = explore.Softmax([1.0, 2.0, 0.5], true_class=0)
    p = softmax([[1.0, 2.0, 0.5]])[0]
    with open_figure(browser, figure.save(tmp_path / "softmax.html")) as opened:
        svg = opened.page.locator(".explore svg").first
        widths = [float(bar.get_attribute("width")) for bar in svg.locator("rect").all()]
        arrows = [
            [
                float(n)
                for n in re.findall(r"^M([\d.]+) [\d.]+H([\d.]+)", path.get_attribute("d"))[0]
            ]
            for path in svg.locator("path[stroke='var(--crimson)']").all()
        ]
    assert np.array(widths) / sum(widths) == pytest.approx(p, abs=1e-3)
    # Against the slope: where it is negative, the arrow goes up.
    moves = np.array([to - start for start, to in arrows]) / sum(widths)
    assert moves == pytest.approx([1 - p[0], -p[1], -p[2]], abs=1e-3)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"scores": [1.0, 2.0]}, "one number from -5 to 5 for each class"),
        ({"scores": [1.0, 2.0, 9.0]}, "from -5 to 5"),
        ({"scores": [1.0, 2.0, float("nan")]}, "ordinary numbers"),
        ({"true_class": 3}, "counted from 0"),
        ({"names": ["cat"]}, "from 2 to 5 classes"),
        ({"goal": -0.1}, "at least 0"),
    ],
)
def test_scores_that_can_not_be_shown_say_why(arguments, words):
    with pytest.raises(ValueError, match=words):
        explore.Softmax(**arguments)


def test_python_can_not_choose_a_class_that_is_not_there():
    figure = explore.Softmax()
    with pytest.raises(ValueError, match="counted from 0"):
        figure.true_class = 3
    assert figure.true_class == 0


def test_the_still_figure_tells_probabilities_and_loss():
    words = explore.Softmax([0.4, 0.1], ["flat", "edge"], 1).still().text_alternative
    assert "The loss is 0.8544." in words
    assert "flat 0.574; edge 0.426" in words


def test_the_answer_in_the_chapter_has_the_slopes_of_the_start():
    slopes = softmax_cross_entropy_gradient(softmax([[1.0, 2.0, 0.5]]), [0])[0]
    assert slopes.argmax() == 1
    assert round(slopes[1], 4) == 0.6285
    assert slopes.sum() == pytest.approx(0, abs=1e-12)
