"""The neuron to play with: its numbers are dlbook's, its line is where the sum is 0."""

import re
import sys
from pathlib import Path

import numpy as np
import pytest

from dlbook import explore
from dlbook.neuron import ACTIVATIONS, Neuron

sys.path.insert(0, str(Path(__file__).parent))
from explore_examples import open_figure


def numbers_in(text: str) -> list[float]:
    return [float(n.replace("−", "-")) for n in re.findall(r"−?\d+(?:\.\d+)?", text)]


@pytest.mark.parametrize("activation", list(ACTIVATIONS))
def test_the_numbers_in_the_figure_are_those_of_the_chapter(browser, tmp_path, rng, activation):
    for _ in range(3):
        weights = (rng.integers(-15, 16, 2) / 10).tolist()
        inputs = (rng.integers(0, 21, 2) / 20).tolist()
        bias = float(rng.integers(-15, 16) / 10)
        figure = explore.Neuron(weights, bias, activation, inputs)
        neuron = Neuron(weights, bias, activation)
        with open_figure(browser, figure.save(tmp_path / "neuron.html", overwrite=True)) as opened:
            text = opened.shown().numbers
        sums, outputs = text.split("output")
        w1, x1, w2, x2, b, z = numbers_in(sums)
        assert [w1, x1, w2, x2, b] == pytest.approx(
            [weights[0], inputs[0], weights[1], inputs[1], bias]
        )
        z_there = neuron.weighted_sum(inputs)
        assert z == pytest.approx(z_there, abs=5e-5)
        *_, answer, slope = numbers_in(outputs)
        assert answer == pytest.approx(neuron(inputs), abs=5e-4)
        tidy = round(z_there, 10)  # 0.3 - 0.3 is 0, whatever the last bit says
        assert slope == pytest.approx(ACTIVATIONS[activation].slope(tidy), abs=5e-4)


def test_the_line_in_words_is_where_the_sum_is_zero(browser, tmp_path, rng):
    for weights, bias in [((0.6, -0.4), 0.1), ((1.0, 1.0), -1.5), ((0.0, 1.0), -0.5)]:
        path = explore.Neuron(weights, bias).save(tmp_path / "neuron.html", overwrite=True)
        with open_figure(browser, path) as opened:
            words = opened.shown().words
        x1, y1, x2, y2 = numbers_in(re.search(r"runs from \((.*?)\. The point", words)[1])
        for point in ([x1, y1], [x2, y2]):
            assert np.dot(point, weights) + bias == pytest.approx(0, abs=0.002)
        assert np.hypot(x2 - x1, y2 - y1) > 0.5


def test_a_neuron_without_a_line_in_sight_says_on_which_side_all_points_are(browser, tmp_path):
    for bias, side in [(0.4, "above 0"), (-0.4, "below 0")]:
        path = explore.Neuron([0, 0], bias).save(tmp_path / "neuron.html", overwrite=True)
        with open_figure(browser, path) as opened:
            assert "lies outside of it" in opened.shown().words
            shown = opened.page.locator(".explore svg text:visible").all_text_contents()
            assert [t for t in shown if t in ("above 0", "below 0")] == [side]


def test_a_reader_finds_and_with_the_keyboard_alone(browser, tmp_path):
    figure = explore.Neuron([0.6, -0.4], 0.1, "step", goal=[0, 0, 0, 1], task="Only when both.")
    with open_figure(browser, figure.save(tmp_path / "neuron.html")) as opened:
        page = opened.page
        status = page.locator(".explore-goal")
        assert status.inner_text() == "○ 2 of 4 corners are as wanted."
        for name, key, times in [
            ("w₁", "ArrowRight", 4),
            ("w₂", "ArrowRight", 14),
            ("b", "ArrowLeft", 16),
        ]:
            page.get_by_label(name, exact=True).focus()
            for _ in range(times):
                page.keyboard.press(key)
        opened.settle()
        assert status.inner_text().startswith("✓ Done!")
        corners = "(0, 0) off, (1, 0) off, (0, 1) off, (1, 1) on"
        assert corners in opened.shown().words


def test_a_nudge_by_hand_leaves_a_number_of_python_as_exact_as_it_was(browser, tmp_path):
    # Sliders step by 0.1; a weight of 0.25 set in a chapter is still shown as 0.25.
    figure = explore.Neuron([0.25, -0.125], 0.1, "sigmoid")
    with open_figure(browser, figure.save(tmp_path / "neuron.html")) as opened:
        assert "0.25 × 1.00 + (−0.125) × 0.50" in opened.shown().numbers
