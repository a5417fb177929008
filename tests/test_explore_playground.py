"""The playground: its training is dlbook's, it is fast, the page stays awake, links are data."""

import re
import sys
from pathlib import Path

import numpy as np
import pytest

from dlbook import explore
from dlbook.explore.playground import DATA, DEFAULTS, GOALS, LIMITS, SAMPLES
from dlbook.training import accuracy, train_epoch
from dlbook.updates import backward, optimiser

sys.path.insert(0, str(Path(__file__).parent))
from explore_examples import open_figure

EQUAL = {"rtol": 0, "atol": 1e-9}
SETTINGS = list(DEFAULTS)


def settings_of(figure: explore.Playground) -> dict:
    return {name: getattr(figure, name) for name in SETTINGS}


@pytest.fixture(scope="module")
def in_browser(modules_in):
    """Run JavaScript with the names of training.js (m) and playground.js (p)."""
    return modules_in(m="training", p="playground")


CASES = [
    {"data": "clusters", "hidden": []},
    {"data": "circles", "hidden": [4], "activation": "relu", "noise": 0.25, "held_out": 0.3},
    {"data": "xor", "hidden": [3, 2], "activation": "sigmoid", "batch_size": 100, "seed": 77},
    {"data": "spiral", "hidden": [16, 16], "noise": 0.1, "learning_rate": 0.7, "held_out": 0.0},
    {"data": "spiral", "hidden": [5, 4, 3], "activation": "identity", "seed": 9999},
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['data']}-{case['hidden']}")
def test_ten_updates_in_the_browser_are_those_of_the_chapters(in_browser, case):
    figure = explore.Playground(**case)
    samples = figure.samples()
    network = figure.network()
    code = """const t = m.makeTraining(given);
      const flat = () => t.parameters().map((values) => [...values]);
      const start = flat();
      const batches = Array.from({ length: 10 }, () => t.step());
      const of = (which) => [[...which].map((i) => [t.samples.x[2 * i], t.samples.x[2 * i + 1]]),
        [...which].map((i) => t.samples.labels[i])];
      return { start, end: flat(), now: t.measure(), kept: of(t.samples.train),
        out: of(t.samples.heldOut), batches: batches.map(of) };"""
    found = in_browser(code, settings_of(figure))

    # The same samples, first weights and batches on both sides ..
    np.testing.assert_allclose(found["kept"][0], samples.x_train, **EQUAL)
    np.testing.assert_array_equal(found["kept"][1], samples.labels_train)
    np.testing.assert_allclose(
        np.reshape(found["out"][0], samples.x_held_out.shape), samples.x_held_out, **EQUAL
    )
    np.testing.assert_array_equal(found["out"][1], samples.labels_held_out)
    for mine, theirs in zip(found["start"], network.parameters, strict=True):
        np.testing.assert_allclose(mine, theirs.ravel(), **EQUAL)
    ours = [
        batch
        for _, epoch in zip(
            range(10), figure._epochs_of_batches(len(samples.x_train)), strict=False
        )
        for batch in epoch
    ]
    # .. then ten updates of dlbook.updates on the browser's batches.
    step = optimiser("gradient descent", figure.learning_rate)
    for (x, labels), batch in zip(found["batches"], ours, strict=False):
        np.testing.assert_allclose(x, samples.x_train[batch], **EQUAL)
        _, gradients = backward(network, np.array(x), labels)
        network.parameters = step(network.parameters, gradients)
    for mine, theirs in zip(found["end"], network.parameters, strict=True):
        np.testing.assert_allclose(mine, theirs.ravel(), **EQUAL)
    now = found["now"]["train"]
    assert now["loss"] == pytest.approx(
        network.loss(samples.x_train, samples.labels_train), abs=1e-9
    )
    assert now["accuracy"] == accuracy(network.predict(samples.x_train), samples.labels_train)


def test_the_curves_are_the_losses_after_each_epoch(in_browser):
    figure = explore.Playground(goal="by heart")
    code = """const t = m.makeTraining(given);
      while (t.epoch < 6) t.step();
      return t.history;"""
    history = in_browser(code, settings_of(figure))
    samples, network = figure.samples(), figure.network()
    batches = figure._epochs_of_batches(len(samples.x_train))
    assert history["epochs"] == list(range(7))
    for epoch in range(7):
        kept = network.loss(samples.x_train, samples.labels_train)
        out = network.loss(samples.x_held_out, samples.labels_held_out)
        assert history["loss"][epoch] == pytest.approx(kept, abs=1e-9)
        assert history["heldOut"][epoch] == pytest.approx(out, abs=1e-9)
        train_epoch(
            network,
            samples.x_train,
            samples.labels_train,
            next(batches),
            optimiser("gradient descent", figure.learning_rate),
        )


def test_a_long_training_keeps_its_first_and_its_last_points(in_browser):
    code = """const t = m.makeTraining(given);
      while (t.epoch < 3000) t.step();
      return t.history.epochs;"""
    settings = {**DEFAULTS, "hidden": [2], "batch_size": 240}
    epochs = in_browser(code, settings)
    assert 100 < len(epochs) <= 401
    assert epochs[0] == 0
    assert epochs[-1] > 2980
    assert len(set(np.diff(epochs))) == 1


@pytest.mark.parametrize("data", list(DATA))
def test_a_data_set_has_what_it_says(data):
    clean = explore.Playground(data=data, noise=0.0, held_out=0.25, seed=4).samples()
    assert len(clean.x_train) == 180
    assert len(clean.x_held_out) == 60
    labels = np.concatenate([clean.labels_train, clean.labels_held_out])
    assert np.bincount(labels).tolist() == [SAMPLES // DATA[data]] * DATA[data]
    noisy = explore.Playground(data=data, noise=0.4, held_out=0.25, seed=4).samples()
    np.testing.assert_array_equal(noisy.x_train, clean.x_train)
    changed = np.mean(noisy.labels_train != clean.labels_train)
    assert changed == pytest.approx(0.4, abs=4 * np.sqrt(0.4 * 0.6 / 180))


@pytest.mark.parametrize(
    ("case", "held_out_accuracy"),
    [
        ({"goal": "line", "hidden": []}, 0.97),
        ({"goal": "xor", "hidden": [2]}, 0.97),
        ({"goal": "spiral", "hidden": [16, 16]}, 0.95),
    ],
)
def test_a_goal_can_be_reached(case, held_out_accuracy):
    figure = explore.Playground(**case)
    network, _ = figure._trained(150)
    samples = figure.samples()
    found = accuracy(network.predict(samples.x_held_out), samples.labels_held_out)
    assert found >= held_out_accuracy


# What a reader does.


def test_the_page_goes_on_drawing_while_the_network_is_trained(browser, tmp_path):
    figure = explore.Playground("spiral", [16, 16], held_out=0.2, pace="fast")
    with open_figure(browser, figure.save(tmp_path / "playground.html")) as opened:
        opened.page.get_by_role("button", name="Run").click()
        frames, updates = opened.page.evaluate(
            """async () => {
              const count = () => document.querySelectorAll(".explore-numbers b")[1].textContent;
              const updates = () => Number(count().replaceAll(",", ""));
              const before = updates();
              let frames = 0;
              while (updates() < before + 1000) {
                await new Promise((done) => requestAnimationFrame(done));
                frames += 1;
              }
              return [frames, updates() - before];
            }"""
        )
        assert frames >= 4
        assert updates / frames < 500  # each frame's share is a slice, not all that is asked


@pytest.mark.parametrize("hand", ["mouse", "keys"])
def test_speed_seed_a_new_start_and_the_link_obey_mouse_and_keys(browser, tmp_path, hand):
    path = explore.Playground("xor", [3]).save(tmp_path / "playground.html")
    with open_figure(browser, path) as opened:
        page = opened.page
        keys = page.keyboard

        def pressed(name: str) -> None:
            button = page.get_by_role("button", name=name, exact=True)
            if hand == "mouse":
                button.click()
            else:
                button.focus()
                keys.press("Enter")
            opened.settle()

        updates = page.locator(".explore-numbers b").nth(1)
        pressed("One epoch")
        assert updates.inner_text() != "0"
        pressed("Start again")
        assert updates.inner_text() == "0"

        speed, seed = page.get_by_label("Speed"), page.get_by_label("Seed", exact=True)
        if hand == "mouse":
            speed.select_option("fast")
            pressed("Next seed")
        else:
            speed.focus()
            keys.press("ArrowDown")
            seed.focus()
            keys.press("ArrowUp")
            keys.press("Tab")
            opened.settle()
        assert speed.input_value() == "fast"
        assert seed.input_value() == "2"
        link = page.get_by_label("These settings as a link")
        assert "seed=2" in link.input_value()
        pressed("Copy the link")
        told = page.locator(".explore-playground-link [role=status]")
        told.filter(has_text=re.compile(r"Copied|press Ctrl")).wait_for(timeout=5_000)
        chosen = "(e) => e.value.slice(e.selectionStart, e.selectionEnd)"
        assert link.evaluate(chosen) == link.input_value()


def test_a_reader_separates_xor_with_two_neurons_by_keyboard(browser, tmp_path):
    figure = explore.Playground(goal="xor", pace="fast")
    with open_figure(browser, figure.save(tmp_path / "playground.html")) as opened:
        page = opened.page
        status = page.locator(".explore-goal")
        assert "97 % are wanted" in status.inner_text()
        run = page.get_by_role("button", name="Run")
        run.focus()
        page.keyboard.press("Enter")
        status.filter(has_text="with fewer?").wait_for(timeout=20_000)
        page.get_by_label("Neurons in hidden 1").focus()
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("ArrowLeft")
        status.filter(has_text="✓ Done!").wait_for(timeout=20_000)
        assert "2 neurons" in status.inner_text()


def test_it_says_in_words_that_it_learns_by_heart(browser, tmp_path):
    figure = explore.Playground(goal="by heart", pace="fast")
    with open_figure(browser, figure.save(tmp_path / "playground.html")) as opened:
        page = opened.page
        assert "Nothing is learnt yet" in page.locator(".explore-sentence").inner_text()
        page.get_by_role("button", name="Run").click()
        words = "The held-out loss rises while the training loss falls: it learns by heart."
        page.locator(".explore-sentence").filter(has_text=words).wait_for(timeout=30_000)
        page.locator(".explore-goal").filter(has_text="✓ Seen!").wait_for(timeout=30_000)
        page.get_by_role("button", name="Pause").click()
        updates = page.locator(".explore-numbers b").nth(1)
        before = updates.inner_text()
        page.wait_for_timeout(200)
        assert updates.inner_text() == before
        page.get_by_role("button", name="Start again").click()
        opened.settle()
        assert updates.inner_text() == "0"


def test_a_rate_that_is_too_large_stops_with_words(browser, tmp_path):
    figure = explore.Playground(
        "circles", [16], "identity", learning_rate=10, batch_size=1, pace="fast", noise=0.4
    )
    figure.learning_rate = 10.0
    with open_figure(browser, figure.save(tmp_path / "playground.html")) as opened:
        opened.page.get_by_role("button", name="Run").click()
        words = opened.page.locator(".explore-sentence")
        words.filter(has_text="jumps up and down").or_(
            words.filter(has_text="grown without end")
        ).wait_for(timeout=20_000)


def test_one_update_is_one_update_and_one_epoch_is_all_batches(browser, tmp_path):
    figure = explore.Playground("circles", held_out=0.2)  # 192 samples are six batches of 32
    with open_figure(browser, figure.save(tmp_path / "playground.html")) as opened:
        for name, epoch, update in [("One update", "0", "1"), ("One epoch", "1", "7")]:
            opened.page.get_by_role("button", name=name).click()
            opened.settle()
            found = opened.page.locator(".explore-numbers b").all_inner_texts()
            assert found[:2] == [epoch, update]


def test_the_plane_can_show_one_neuron_chosen_in_the_list_or_with_the_mouse(browser, tmp_path):
    figure = explore.Playground("circles", [3, 2])
    with open_figure(browser, figure.save(tmp_path / "playground.html")) as opened:
        chosen = opened.page.get_by_label("The plane shows")
        chosen.select_option("2-1")
        assert "neuron 1 of hidden layer 2" in opened.shown().words
        network = opened.page.locator(".explore-picture svg").nth(1)
        box = network.bounding_box()
        # The middle one of three neurons in the first of four columns after the inputs.
        x = (24 + (296 - 24) / 3) / 320 * box["width"]
        network.click(position={"x": x, "y": (34 + 316) / 2 / 334 * box["height"]})
        assert "neuron 2 of hidden layer 1" in opened.shown().words
        assert chosen.input_value() == "1-2"


# Links.


def test_the_link_in_the_page_opens_the_same_settings(browser, tmp_path):
    path = explore.Playground().save(tmp_path / "playground.html")
    wanted = explore.Playground(
        "spiral", [9, 3], "sigmoid", 0.03, batch_size=16, noise=0.2, held_out=0.3, seed=41
    )
    with open_figure(browser, path) as opened:
        opened.page.goto(f"{path.as_uri()}#{wanted.link}")
        opened.page.reload()
        opened.page.locator(".explore").wait_for()
        opened.settle()
        field = opened.page.get_by_label("These settings as a link")
        assert field.input_value() == f"{path.as_uri()}#{wanted.link}"
        assert "2-9-3-3" in opened.shown().numbers
        opened.page.get_by_label("Hidden layers").select_option("1")
        opened.settle()
        again = explore.Playground.from_link(field.input_value())
    assert settings_of(again) == {**settings_of(wanted), "hidden": [9]}


HOSTILE = [
    "playground=1&data=__proto__&hidden=99999-0--5-7&learning_rate=1e300&seed=-4&noise=NaN",
    "playground=1&data=xor&hidden=<script>&activation=constructor&batch_size=1e9&held_out=Infinity",
    "playground=1&hidden=2.6-1e9-16&batch_size=0.2&seed=1e400&noise=-1&learning_rate=",
    "playground=1&data=xor&hidden=none&seed=" + "9" * 400,
]


@pytest.mark.parametrize("link", HOSTILE)
def test_a_hostile_link_is_brought_into_its_limits_on_both_sides(in_browser, link):
    figure = explore.Playground.from_link(link)
    found = in_browser("return p.settingsIn(given)", link)
    settings = settings_of(figure)
    assert {**DEFAULTS, **found} == settings
    for name, (low, high) in LIMITS.items():
        assert low <= settings[name] <= high
    assert len(settings["hidden"]) <= 3
    assert all(1 <= count <= 16 for count in settings["hidden"])


def test_a_link_is_the_same_on_both_sides(in_browser):
    for case in CASES:
        figure = explore.Playground(**case)
        assert in_browser("return p.linkOf(given)", settings_of(figure)) == figure.link


def test_a_text_that_is_no_link_is_refused_with_words():
    for text in ("", "https://example.org/page.html", "#data=xor", "playground=1"):
        with pytest.raises(ValueError, match="no link to a playground"):
            explore.Playground.from_link(text)


# Python.


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"hidden": [4, 4, 4, 4]}, "room for 3"),
        ({"hidden": [17]}, "room for 3"),
        ({"hidden": [0]}, "at least 1"),
        ({"data": "moons"}, "data"),
        ({"activation": "step"}, "activation"),
        ({"noise": 0.6}, "noise must be at most 0.4"),
        ({"learning_rate": 0}, "learning_rate"),
        ({"goal": "win"}, "goal"),
    ],
)
def test_a_playground_that_can_not_be_shown_says_why(arguments, words):
    with pytest.raises(ValueError, match=words):
        explore.Playground(**arguments)


@pytest.mark.parametrize("goal", list(GOALS))
def test_a_goal_brings_its_task_and_its_settings(goal):
    figure = explore.Playground(goal=goal)
    assert figure.task == GOALS[goal]["task"]
    assert settings_of(figure) == {**DEFAULTS, **GOALS[goal]["settings"]}
    assert explore.Playground(goal=goal, seed=5).seed == 5


def test_python_reads_back_the_network_that_the_page_has_trained():
    figure = explore.Playground("xor", [2])
    first = [p.copy() for p in figure.network().parameters]
    figure.parameters = [(p + 1).ravel().tolist() for p in first]
    for before, after in zip(first, figure.network().parameters, strict=True):
        np.testing.assert_allclose(after, before + 1)
    figure.hidden = [3]  # parameters of another network are not taken for this one's
    assert figure.network().sizes == [2, 3, 2]


def test_the_still_figure_does_not_run_away_with_a_wild_learning_rate():
    words = explore.Playground(learning_rate=10, activation="identity").still().text_alternative
    assert "A network 2-4-2" in words
