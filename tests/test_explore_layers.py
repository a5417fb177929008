"""The network to build: its numbers are dlbook's, its counts those of the chapter, 25 is found."""

import itertools
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from dlbook import explore
from dlbook.layers import count_parameters
from dlbook.worked import PICTURES, worked_network

sys.path.insert(0, str(Path(__file__).parent))
from explore_examples import open_figure

EVERY_DEPTH = [list(c) for n in range(4) for c in itertools.product(range(1, 7), repeat=n)]


def numbers_in(text: str) -> list[float]:
    return [float(n.replace("−", "-")) for n in re.findall(r"−?\d+(?:\.\d+)?", text)]


def columns_in(words: str) -> list[list[float]]:
    """Return the numbers in the circles, layer by layer, from the words of the picture."""
    columns = re.search(r"left to right\. (.*?)\. Chosen", words)[1].split("; ")
    return [numbers_in(column.split(": ")[1]) for column in columns]


@pytest.mark.parametrize("hidden", [[], [1], [3], [6], [4, 2], [1, 5], [6, 6, 6], [2, 6, 3]])
def test_numbers_in_the_circles_and_scores_are_those_of_the_network(browser, tmp_path, rng, hidden):
    inputs = (rng.integers(0, 11, 2) / 10).tolist()
    figure = explore.Layers(hidden, inputs)
    steps = list(figure.network.steps([inputs]))
    with open_figure(browser, figure.save(tmp_path / "layers.html")) as opened:
        columns = columns_in(opened.shown().words)
        sentence = opened.page.locator(".explore-sentence").inner_text()
    assert columns[0] == inputs
    assert len(columns) == len(hidden) + 2
    for column, (_, outputs) in zip(columns[1:], steps, strict=True):
        assert column == pytest.approx(outputs[0], abs=0.00501)
    scores = numbers_in(sentence.split("gets the scores")[1])
    assert scores == pytest.approx(steps[-1][1][0], abs=5.1e-5)


def test_the_sum_of_every_neuron_comes_out_as_it_is_written(browser, tmp_path):
    # Worked out once more from the factors that stand there, and beside dlbook's own sum.
    figure = explore.Layers([4, 3], [0.7, 0.2])
    steps = list(figure.network.steps([[0.7, 0.2]]))
    with open_figure(browser, figure.save(tmp_path / "layers.html")) as opened:
        for layer, (z, outputs) in enumerate(steps, start=1):
            for neuron in range(z.shape[1]):
                opened.page.locator(f"input[value='{layer},{neuron}']").click()
                text = opened.shown().numbers
                line = re.search(r"z = (.*)", text)[1]
                terms, result = line.split(" = ")
                *products, bias = terms.split(" + ")
                by_hand = sum(np.prod(numbers_in(p)) for p in products) + numbers_in(bias)[0]
                found = numbers_in(result)
                assert found[0] == pytest.approx(z[0, neuron], abs=5.1e-5)
                # Each factor is rounded to four decimals, and each weight is below 1.
                assert by_hand == pytest.approx(z[0, neuron], abs=5e-4)
                if layer < len(steps):
                    assert found[-1] == pytest.approx(outputs[0, neuron], abs=5.1e-5)


@pytest.mark.parametrize("hidden", [[], [3], [5, 1], [2, 6, 4]])
def test_shapes_and_counts_are_those_of_the_arrays(browser, tmp_path, hidden):
    figure = explore.Layers(hidden)
    with open_figure(browser, figure.save(tmp_path / "layers.html")) as opened:
        rows = opened.page.locator(".explore-layers-table tbody tr").all()
        cells = [row.locator("td").all_inner_texts() for row in rows]
        total = opened.page.locator(".explore-layers-table tfoot b").inner_text()
    for (weights, bias, count), layer in zip(cells, figure.network.layers, strict=True):
        assert weights == str(layer.weights.shape)
        assert bias == str(layer.bias.shape)
        inputs, units = layer.weights.shape
        size = layer.weights.size + layer.bias.size
        assert count == f"{inputs} × {units} + {units} = {size}"
    parameters = sum(array.size for array in figure.network.parameters)
    assert int(total) == parameters == count_parameters(figure.network.sizes)


def test_a_network_of_three_hidden_neurons_is_the_worked_example():
    network = explore.Layers([3]).network
    for mine, theirs in zip(network.parameters, worked_network().parameters, strict=True):
        assert np.array_equal(mine, theirs)


def test_a_neuron_that_is_taken_away_and_comes_back_has_the_weights_that_it_had():
    figure = explore.Layers([4, 5])
    before = figure.network
    figure.hidden = [2]
    figure.hidden = [4, 5]
    for mine, theirs in zip(figure.network.parameters, before.parameters, strict=True):
        assert np.array_equal(mine, theirs)


def test_picture_1_gets_through_every_network_of_the_figure():
    figure = explore.Layers()
    for hidden in EVERY_DEPTH:
        figure.hidden = hidden
        *inside, _ = [outputs for _, outputs in figure.network.steps(PICTURES[:1])]
        assert all(outputs.any() for outputs in inside), hidden


def test_only_two_networks_of_the_figure_have_25_parameters_and_both_are_deep():
    found = [h for h in EVERY_DEPTH if count_parameters([2, *h, 2]) == 25]
    assert found == [[1, 5], [5, 1]]
    # One hidden layer: five parameters for each neuron, and the two biases of the outputs.
    assert [count_parameters([2, h, 2]) for h in range(1, 6)] == [7, 12, 17, 22, 27]


def test_a_reader_builds_25_parameters_with_the_keyboard_alone(browser, tmp_path):
    figure = explore.Layers([3], goal=25, task="Exactly 25.")
    with open_figure(browser, figure.save(tmp_path / "layers.html")) as opened:
        page = opened.page
        status = page.locator(".explore-goal")
        assert status.inner_text() == "○ 17 parameters: 8 too few."
        for name, times in [
            ("Take a neuron from hidden 1", 2),
            ("Add a hidden layer", 1),
            ("Add a neuron to hidden 2", 3),
        ]:
            page.get_by_label(name).focus()
            for _ in range(times):
                page.keyboard.press("Enter")
                opened.settle()
        assert status.inner_text() == "✓ Done! 3 + 10 + 12 = 25 parameters, in a 2-1-5-2 network."


def test_at_its_ends_a_button_does_nothing_and_keeps_the_focus(browser, tmp_path):
    figure = explore.Layers([1, 6])
    with open_figure(browser, figure.save(tmp_path / "layers.html")) as opened:
        before = opened.shown()
        for name in ("Take a neuron from hidden 1", "Add a neuron to hidden 2"):
            opened.page.get_by_label(name).focus()
            opened.page.keyboard.press("Enter")
            assert opened.shown() == before
            assert opened.page.locator(":focus").get_attribute("aria-label") == name
            assert opened.page.locator(":focus").get_attribute("aria-disabled") == "true"


def test_arrow_keys_go_from_neuron_to_neuron(browser, tmp_path):
    with open_figure(browser, explore.Layers([2]).save(tmp_path / "layers.html")) as opened:
        opened.page.locator("input[value='1,0']").focus()
        for wanted in ["hidden 1, neuron 2", "output, “flat”", "output, “edge”"]:
            opened.page.keyboard.press("ArrowDown")
            assert f"Chosen: {wanted}," in opened.shown().words


def test_no_two_circles_touch_and_none_leaves_the_drawing(browser, tmp_path):
    figure = explore.Layers([6, 6, 6])
    for width in (320, 480, 1000):
        path = figure.save(tmp_path / "layers.html", overwrite=True)
        with open_figure(browser, path, width=width) as opened:
            circles = opened.page.evaluate(
                """() => [...document.querySelectorAll(".explore svg circle[stroke-width='2']")]
                  .map((c) => ["cx", "cy", "r"].map((n) => Number(c.getAttribute(n))))"""
            )
            box = opened.page.locator(".explore svg").first.get_attribute("viewBox")
        assert len(circles) == 2 + 18 + 2
        wide, high = numbers_in(box)[2:]
        for x, y, r in circles:
            assert r < x < wide - r
            assert r < y < high - r
        for (x1, y1, r1), (x2, y2, r2) in itertools.combinations(circles, 2):
            assert np.hypot(x1 - x2, y1 - y2) > r1 + r2 + 5


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"hidden": [3, 3, 3, 3]}, ValueError, "room for 3 hidden layers"),
        ({"hidden": [7]}, ValueError, "of 6 neurons"),
        ({"hidden": [0]}, ValueError, "at least 1"),
        ({"inputs": [1.0]}, ValueError, "two pixels"),
        ({"inputs": [1.0, 1.5]}, ValueError, "from 0 \\(dark\\) to 1"),
        ({"goal": -1}, ValueError, "at least 0"),
        ({"goal": 2.5}, TypeError, "whole number"),
    ],
)
def test_a_network_that_can_not_be_shown_says_why(arguments, error, words):
    with pytest.raises(error, match=words):
        explore.Layers(**arguments)


def test_python_can_not_put_more_into_the_figure_than_it_has_room_for():
    figure = explore.Layers()
    with pytest.raises(ValueError, match="room for 3 hidden layers"):
        figure.hidden = [9]
    assert figure.hidden == [3]


def test_the_still_network_tells_the_numbers_of_the_live_one():
    words = explore.Layers([3]).still().text_alternative
    assert "17 parameters" in words
    assert "Values of output: flat = 0.4, edge = 0.1." in words
