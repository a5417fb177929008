"""The walk to play with: it is dlbook's walk, called what theory calls it, with goals to reach."""

import re
import sys
from pathlib import Path

import numpy as np
import pytest

from dlbook import explore
from dlbook.explore.descent import GROUNDS
from dlbook.updates import minimise, momentum_step, numerical_gradient

sys.path.insert(0, str(Path(__file__).parent))
from explore_examples import open_figure

EQUAL = {"rtol": 0, "atol": 1e-9}
SLOPES = {"bowl": [2.0], "round bowl": [2.0, 2.0], "long valley": [1.0, 50.0]}  # times w


def numbers_in(text: str) -> list[float]:
    return [float(n.replace("−", "-")) for n in re.findall(r"−?\d+(?:\.\d+)?", text)]


@pytest.fixture(scope="module")
def in_browser(modules_in):
    """Run JavaScript with the names of descent.js."""
    return modules_in(d="descent")


def given(ground: str, start, rate: float, momentum: float = 0.0) -> dict:
    return {"ground": ground, "start": list(start), "rate": rate, "momentum": momentum}


@pytest.mark.parametrize("ground", list(GROUNDS))
def test_a_ground_is_the_same_in_the_browser_and_its_slope_is_that_of_its_loss(
    in_browser, rng, ground
):
    code = """const g = d.GROUNDS[given[0]];
      return [given[1].map((p) => [g.loss(p), g.slope(p)]), g.start, g.rate, g.reach];"""
    mine = GROUNDS[ground]
    places = rng.uniform(-2, 2, size=(20, len(mine.start)))
    found, start, rate, reach = in_browser(code, [ground, places.tolist()])
    assert (start, rate, reach) == (mine.start, mine.rate, mine.reach)
    for place, (loss, slope) in zip(places, found, strict=True):
        assert loss == pytest.approx(mine.loss(place), abs=1e-9)
        np.testing.assert_allclose(slope, mine.slope(place), **EQUAL)
        tried = numerical_gradient(mine.loss, place)
        np.testing.assert_allclose(mine.slope(place), tried, atol=1e-6)


def test_the_deep_valley_has_the_loss_zero_and_the_shallow_one_more():
    loss = GROUNDS["two valleys"].loss
    assert loss(np.array([-1.2])) == pytest.approx(0, abs=1e-12)
    assert loss(np.array([1.2])) == pytest.approx(0.4608)
    w = np.linspace(-2.2, 2.2, 4401)
    assert min(loss(np.array([value])) for value in w) >= -1e-12


@pytest.mark.parametrize("ground", list(GROUNDS))
@pytest.mark.parametrize("momentum", [0.0, 0.35, 0.9])
def test_a_walk_is_that_of_the_chapter_to_the_last_step(in_browser, rng, ground, momentum):
    # With half of the rate that is still safe, from anywhere in the picture.
    for _ in range(3):
        start = (rng.uniform(-0.8, 0.8, len(GROUNDS[ground].start)) * GROUNDS[ground].reach).round(
            2
        )
        rate = float(rng.uniform(0.1, 0.5) * (0.04 if ground == "long valley" else 0.6))
        found = in_browser("return d.walk(...given)", [given(ground, start, rate, momentum), 60])
        slope = GROUNDS[ground].slope
        if momentum:
            path, velocity = [start], np.zeros_like(start)
            for _ in range(60):
                (there,), (velocity,) = momentum_step(
                    [path[-1]], [velocity], [slope(path[-1])], rate, momentum
                )
                path.append(there)
        else:
            path = minimise(slope, start, rate, 60)
        np.testing.assert_allclose(found, path, **EQUAL)
        figure = explore.Descent(ground, start, rate, momentum, steps=60)
        np.testing.assert_allclose(figure.path(), path, **EQUAL)


def test_a_walk_that_leaves_for_good_ends_in_the_browser_where_it_ends_in_python(in_browser):
    for ground, rate in [("bowl", 1.2), ("two valleys", 1.1), ("long valley", 0.1)]:
        start = GROUNDS[ground].start
        found = in_browser("return d.walk(...given)", [given(ground, start, rate), 200])
        path = explore.Descent(ground, start, rate).path(200)
        assert len(found) == len(path) < 201
        np.testing.assert_allclose(found, path, rtol=1e-9)


@pytest.mark.parametrize("ground", list(SLOPES))
@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.8])
def test_the_fate_of_a_walk_is_what_theory_says(in_browser, ground, momentum):
    # Where the slope is c * w, a walk with momentum m closes in below the rate 2 (1 + m) / c,
    # jumps for ever at it, and leaves above.
    border = 2 * (1 + momentum) / max(SLOPES[ground])
    code = "return d.fateOf(given.ground, d.walk(given, 400)).fate"
    for share, fate in [
        (0.02, "rests"),
        (0.5, "rests"),
        (0.97, "rests"),
        (1.0, "jumps"),
        (1.03, "leaves"),
        (1.5, "leaves"),
    ]:
        start = GROUNDS[ground].start
        found = in_browser(code, given(ground, start, border * share, momentum))
        assert found == fate, share


def test_on_the_bowl_a_rate_is_called_as_the_chapter_calls_it(in_browser):
    code = """const path = d.walk(given, 400);
      const fate = d.fateOf(given.ground, path);
      return [fate.settled, d.verdictOn(given, fate)];"""
    for rate, verdict in [
        (0.05, ["too small"]),
        (0.25, ["right"]),
        (0.5, ["right"]),
        (0.9, ["too large"]),
        (1.0, ["too large"]),
        (1.1, ["too large"]),
    ]:
        settled, found = in_browser(code, given("bowl", [2.0], rate))
        assert found == verdict, rate
        factor = abs(1 - 2 * rate)
        if 0 < factor < 1:  # 4 * factor ** (2 n) < 0.001
            assert settled == np.ceil(np.log(0.001 / 4) / np.log(factor) / 2)
    # No rate suits the long valley without momentum: above 0.02 the steep way swings.
    for rate, verdict in [(0.01, ["too small"]), (0.035, ["too small", "too large"])]:
        assert in_browser(code, given("long valley", [-4.0, 1.0], rate))[1] == verdict
    assert in_browser(code, given("long valley", [-4.0, 1.0], 0.05, 0.6))[1] == ["right"]


def test_level_ground_keeps_the_walk_where_it_is(in_browser):
    code = "return d.fateOf(given.ground, d.walk(given, 400)).fate"
    for ground, start in [("bowl", [0.0]), ("two valleys", [0.2]), ("long valley", [0.0, 0.0])]:
        assert in_browser(code, given(ground, start, 0.05)) == "level"


def test_each_update_is_written_out_with_its_numbers(browser, tmp_path):
    path = explore.Descent(start=[2], rate=0.1, steps=1).save(tmp_path / "one.html")
    with open_figure(browser, path) as opened:
        assert "w = 2.00 − 0.10 × 4.00 = 1.60" in opened.shown().numbers
        assert "loss 4.00, now 2.56: lower" in opened.shown().numbers
    # The chapter's own example, by hand: v = -0.2, then -0.34.
    figure = explore.Descent(start=[1], rate=0.1, momentum=0.9, steps=2)
    with open_figure(browser, figure.save(tmp_path / "two.html")) as opened:
        numbers = opened.shown().numbers
        assert "v = 0.90 × (−0.20) − 0.10 × 1.60 = −0.34" in numbers
        assert "w = 0.80 + (−0.34) = 0.46" in numbers
    figure = explore.Descent("long valley", rate=0.03, steps=1)
    with open_figure(browser, figure.save(tmp_path / "three.html")) as opened:
        numbers = opened.shown().numbers
        assert "w₁ = −4.00 − 0.03 × (−4.00) = −3.88" in numbers
        assert "w₂ = 1.00 − 0.03 × 50.00 = −0.50" in numbers


@pytest.mark.parametrize("momentum", [0.0, 0.6])
@pytest.mark.parametrize("ground", list(GROUNDS))
def test_what_is_written_is_the_last_update_of_the_walk(browser, tmp_path, ground, momentum):
    figure = explore.Descent(ground, rate=0.03, momentum=momentum, steps=7)
    *_, before, here, there = figure.path()
    slope = GROUNDS[ground].slope(here)
    with open_figure(browser, figure.save(tmp_path / "figure.html")) as opened:
        lines = opened.page.locator(".explore-descent-sums p").all_inner_texts()
    assert lines[0] == "Step 7"
    per_parameter = 2 if momentum else 1
    for k in range(len(here)):
        own = lines[1 + k * per_parameter : 1 + (k + 1) * per_parameter]
        if momentum:
            velocity, fresh = here[k] - before[k], there[k] - here[k]
            expected = [[momentum, velocity, 0.03, slope[k], fresh], [here[k], fresh, there[k]]]
            assert fresh == pytest.approx(momentum * velocity - 0.03 * slope[k])
        else:
            expected = [[here[k], 0.03, slope[k], there[k]]]
        for line, values in zip(own, expected, strict=True):
            right = re.sub(r" − ", " minus ", line.split(" = ", 1)[1])
            assert numbers_in(right) == pytest.approx(values, abs=6e-5)


def test_a_reader_reaches_the_goal_with_the_keyboard_alone(browser, tmp_path):
    figure = explore.Descent(rate=0.05, goal={"loss": 0.001, "steps": 12}, task="In 12 steps.")
    with open_figure(browser, figure.save(tmp_path / "figure.html")) as opened:
        page = opened.page
        status = page.locator(".explore-goal")
        assert status.inner_text() == (
            "○ 0 of 12 steps taken: the loss is 4.00, not yet below 0.001."
        )
        page.get_by_role("button", name="One step").focus()
        for _ in range(13):
            page.keyboard.press("Enter")
            opened.settle()
        assert status.inner_text() == "○ 12 steps were not enough. Change something, and see."
        page.get_by_label("Learning rate").focus()
        for _ in range(20):
            page.keyboard.press("ArrowRight")
        opened.settle()
        assert status.inner_text() == "✓ Done! From step 6 on, the loss stays below 0.001."
        page.get_by_role("button", name="Back to the start").focus()
        page.keyboard.press("Enter")
        opened.settle()
        assert status.inner_text().startswith("○ 0 of 12 steps taken")
        # A start next to the lowest place would make it too easy.
        page.get_by_role("slider", name="The start").focus()
        page.keyboard.press("ArrowLeft")
        opened.settle()
        assert status.inner_text() == "○ For this task, put the start back to w = 2.00."


def test_a_rate_that_jumps_for_ever_can_be_found(browser, tmp_path):
    figure = explore.Descent(rate=0.99, steps=8, goal={"walk": "jumps"}, task="It jumps for ever.")
    with open_figure(browser, figure.save(tmp_path / "figure.html")) as opened:
        page = opened.page
        assert page.locator(".explore-goal").inner_text() == "○ Not yet: this walk comes to rest."
        page.get_by_label("Learning rate").focus()
        page.keyboard.press("ArrowRight")
        opened.settle()
        assert page.locator(".explore-goal").inner_text().startswith("✓ Done! It jumps for ever")
        sentence = page.locator(".explore-sentence", has_text="between 2.00 and −2.00 for ever")
        sentence.wait_for(timeout=5000)


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_run_walks_until_it_rests_and_without_motion_at_once(browser, tmp_path, motion):
    path = explore.Descent(rate=0.1).save(tmp_path / "figure.html")
    with open_figure(browser, path, reduced_motion=motion) as opened:
        page = opened.page
        run = page.locator(".explore-row button").nth(1)
        step = page.locator(".explore-descent-step")
        run.click()
        opened.settle()
        if motion == "reduce":
            assert run.inner_text() == "Run"
        else:
            assert run.inner_text() == "Pause"
            run.click()
            opened.settle()
            paused = step.inner_text()
            assert (run.inner_text(), paused[:5]) == ("Run", "Step ")
            page.wait_for_timeout(500)
            assert step.inner_text() == paused
            run.click()
            page.locator("button", has_text="Run").wait_for(timeout=30_000)
            opened.settle()
        count = int(step.inner_text().split()[1])
        assert 4 * 0.8 ** (2 * count) < 1e-5 < 4 * 0.8 ** (2 * (count - 4))
        run.click()  # there is nothing more to see: it begins again
        opened.settle()
        assert int(step.inner_text().split()[1]) <= count


def test_the_start_can_be_dragged_along_the_curve_and_about_the_map(browser, tmp_path):
    for ground in ("bowl", "long valley"):
        figure = explore.Descent(ground, steps=4)
        path = figure.save(tmp_path / "figure.html", overwrite=True)
        with open_figure(browser, path) as opened:
            page, handle = opened.page, opened.page.locator(".explore-handle")
            before = handle.get_attribute("aria-valuetext")
            box = handle.bounding_box()
            x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
            page.mouse.move(x, y)
            page.mouse.down()
            page.mouse.move(x + 25, y + 30, steps=4)
            page.mouse.move(x + 1000, y + 30, steps=4)
            page.mouse.up()
            opened.settle()
            assert handle.get_attribute("aria-valuetext") != before
            farthest = {"bowl": "2.50", "long valley": "4.50"}[ground]
            number = page.locator(".explore-slider", has_text="Start w").first.locator("output")
            assert number.inner_text() == farthest
            words = opened.shown().words
            assert f"starts at {'w = ' if ground == 'bowl' else '('}{farthest}" in words


def test_another_ground_brings_its_own_start_and_rate(browser, tmp_path):
    path = explore.Descent(steps=5).save(tmp_path / "figure.html")
    with open_figure(browser, path) as opened:
        opened.page.locator("select").select_option("long valley")
        numbers = opened.shown().numbers
        assert "w₁ = −4.00 − 0.035 × (−4.00) = −3.86" in numbers
        assert opened.page.get_by_label("Start w₂").count() == 1
        assert opened.page.get_by_label("Start w", exact=True).count() == 0
    figure = explore.Descent(steps=5)
    figure.ground = "long valley"
    assert (figure.start, figure.rate, figure.steps) == ([-4.0, 1.0], 0.035, 0)


def test_a_walk_out_of_sight_is_still_told(browser, tmp_path):
    for ground, rate in [("bowl", 1.2), ("long valley", 0.06)]:
        figure = explore.Descent(ground, rate=rate, steps=60)
        path = figure.save(tmp_path / "figure.html", overwrite=True)
        with open_figure(browser, path) as opened:
            texts = opened.page.locator(".explore svg text").all_text_contents()
            assert any("out of sight" in text for text in texts)
            assert "The walk diverges." in opened.page.locator(".explore-sentence").inner_text()


def test_the_still_figure_shows_the_same_walk():
    words = explore.Descent(rate=0.25, steps=3).still().text_alternative
    assert "begins at 2 with loss 4 and ends after 3 steps at 0.25 with loss 0.0625" in words
    words = explore.Descent("long valley", rate=0.05, steps=20).still().text_alternative
    assert "The walk leaves the picture." in words
    words = explore.Descent("long valley", rate=0.03, steps=40).still().text_alternative
    assert "These are the first 10 steps." in words
    assert "ends after 10 steps" in words


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"ground": "a hill"}, "ground"),
        ({"start": [1.0, 2.0]}, "a list of 1"),
        ({"ground": "long valley", "start": [1.0]}, "a list of 2"),
        ({"rate": 0}, "rate"),
        ({"momentum": 1.0}, "momentum"),
        ({"steps": -1}, "steps"),
        ({"goal": {"loss": 0.1}}, "what is to be reached"),
        ({"goal": {"loss": 0.1, "steps": 0}}, "steps"),
        ({"goal": {"walk": "sings"}}, "walk"),
    ],
)
def test_a_walk_that_can_not_be_shown_says_why(arguments, words):
    with pytest.raises(ValueError, match=words):
        explore.Descent(**arguments)
