"""Figures to play with, as a reader meets them: from disk, by mouse, by keys, in JupyterLab.

Needs Chromium: on Debian or Ubuntu `sudo apt install chromium`.
"""

import gzip
import json
import os
import re
import sys
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup

from dlbook import explore
from dlbook.layers import Network, dense, softmax
from dlbook.losses import cross_entropy, squared_error, squared_error_gradient
from dlbook.neuron import ACTIVATIONS, weighted_sum
from dlbook.updates import (
    OPTIMISERS,
    backward,
    dense_backward,
    optimiser,
    softmax_cross_entropy_gradient,
)

sys.path.insert(0, str(Path(__file__).parent))
from explore_examples import EXAMPLES, Example, open_figure

EQUAL = {"rtol": 0, "atol": 1e-9}
FOR_A_PAGE = 60 * 1024  # bytes, compressed
of_every_figure = pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
in_both_themes = pytest.mark.parametrize("theme", ["light", "dark"])


@pytest.fixture
def saved(tmp_path):
    """Write a figure's page of its own, and say where."""
    return lambda example: example.make().save(tmp_path / f"{example.name}.html")


# The mathematics: the browser's modules, loaded as they are, beside dlbook's.


@pytest.fixture(scope="module")
def in_browser(modules_in):
    """Run JavaScript with the names of mathematics.js; arrays come back as lists."""
    return modules_in(m="mathematics")


@pytest.mark.parametrize("name", list(ACTIVATIONS))
def test_an_activation_and_its_slope_are_the_same_in_the_browser(in_browser, rng, name):
    z = np.concatenate([rng.normal(0, 3, 500), [-1000, -40, 0, 40, 1000]])
    code = "const a = m.ACTIVATIONS[given[0]]; return given[1].map((z) => [a.apply(z), a.slope(z)])"
    values, slopes = np.array(in_browser(code, [name, z.tolist()])).T
    np.testing.assert_allclose(values, ACTIVATIONS[name].function(z), **EQUAL)
    np.testing.assert_allclose(slopes, ACTIVATIONS[name].slope(z), **EQUAL)


def test_a_weighted_sum_is_the_same_in_the_browser(in_browser, rng):
    for count in (1, 2, 7):
        x, w, b = rng.normal(size=count), rng.normal(size=count), rng.normal()
        found = in_browser("return m.weightedSum(...given)", [x.tolist(), w.tolist(), b])
        assert found == pytest.approx(weighted_sum(x, w, b), abs=1e-9)


def test_a_layer_forwards_and_backwards_is_the_same_in_the_browser(in_browser, rng):
    x, w, b, up = (rng.normal(size=s) for s in [(5, 3), (3, 4), (4,), (5, 4)])
    code = """const [x, w, up] = [given[0], given[1], given[3]].map(m.matrixFrom);
      const { dX, dWeights, dBias } = m.denseBackward(x, w, up);
      return [m.rowsOf(m.dense(x, w, given[2])), m.rowsOf(dX), m.rowsOf(dWeights), dBias];"""
    found = in_browser(code, [a.tolist() for a in (x, w, b, up)])
    for mine, theirs in zip(found, [dense(x, w, b), *dense_backward(x, w, up)], strict=True):
        np.testing.assert_allclose(mine, theirs, **EQUAL)


def test_softmax_and_the_losses_are_the_same_in_the_browser(in_browser, rng):
    scores, targets = rng.normal(0, 5, size=(6, 4)), rng.normal(size=(6, 4))
    scores[0] = [1000, 999, -1000, 0]
    labels = np.array([2, 0, 1, 3, 3, 0])  # the first one's probability is 0: it is clipped
    code = """const [scores, targets] = [given[0], given[1]].map(m.matrixFrom);
      const p = m.softmax(scores);
      return [
        m.rowsOf(p), m.crossEntropy(p, given[2]), m.squaredError(scores, targets),
        m.rowsOf(m.softmaxCrossEntropyGradient(p, given[2])),
        m.rowsOf(m.squaredErrorGradient(scores, targets)),
      ];"""
    found = in_browser(code, [scores.tolist(), targets.tolist(), labels.tolist()])
    p = softmax(scores)
    expected = [
        p,
        cross_entropy(p, labels),
        squared_error(scores, targets),
        softmax_cross_entropy_gradient(p, labels),
        squared_error_gradient(scores, targets),
    ]
    for mine, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(mine, theirs, **EQUAL)


def as_json(network: Network) -> dict:
    layers = [
        {
            "weights": layer.weights.tolist(),
            "bias": layer.bias.tolist(),
            "activation": layer.activation.name,
        }
        for layer in network.layers
    ]
    return {"layers": layers, "output": network.output}


def random_case(rng, activation: str, output: str):
    network = Network.random([3, 5, 4, 2], rng, activation, output)
    network.parameters = [p + rng.normal(0, 0.3, p.shape) for p in network.parameters]
    x = rng.normal(size=(7, 3))
    targets = rng.integers(0, 2, 7) if output == "softmax" else rng.normal(size=(7, 2))
    return network, x, targets


TARGETS = "network.output === 'softmax' ? given[2] : m.matrixFrom(given[2])"


@pytest.mark.parametrize("output", ["softmax", "identity"])
@pytest.mark.parametrize("activation", ["relu", "sigmoid", "tanh", "identity", "step"])
def test_a_network_and_its_gradients_are_the_same_in_the_browser(
    in_browser, rng, activation, output
):
    network, x, targets = random_case(rng, activation, output)
    code = f"""const network = m.networkFrom(given[0]);
      const x = m.matrixFrom(given[1]);
      const {{ steps, outputs }} = m.forward(network, x);
      const {{ loss, gradients }} = m.backward(network, x, {TARGETS});
      return [m.rowsOf(outputs), steps.map((s) => s.outputs.data), loss, gradients];"""
    found = in_browser(code, [as_json(network), x.tolist(), targets.tolist()])
    outputs, layers, loss, gradients = found
    np.testing.assert_allclose(outputs, network(x), **EQUAL)
    for mine, (_, theirs) in zip(layers, network.steps(x), strict=True):
        np.testing.assert_allclose(mine, theirs.ravel(), **EQUAL)
    expected_loss, expected = backward(network, x, targets)
    assert loss == pytest.approx(expected_loss, abs=1e-9)
    for mine, theirs in zip(gradients, expected, strict=True):
        np.testing.assert_allclose(mine, theirs.ravel(), **EQUAL)


@pytest.mark.parametrize("name", OPTIMISERS)
def test_ten_updates_end_at_the_same_parameters_in_the_browser(in_browser, rng, name):
    network, x, targets = random_case(rng, "tanh", "softmax")
    code = f"""const network = m.networkFrom(given[0]);
      const x = m.matrixFrom(given[1]);
      const update = m.makeOptimiser(given[3], given[4], given[5]);
      for (let i = 0; i < 10; i += 1) {{
        update(m.parametersOf(network), m.backward(network, x, {TARGETS}).gradients);
      }}
      return m.parametersOf(network);"""
    given = [as_json(network), x.tolist(), targets.tolist(), name, 0.05, 0.8]
    found = in_browser(code, given)
    update = optimiser(name, 0.05, 0.8)
    for _ in range(10):
        network.parameters = update(network.parameters, backward(network, x, targets)[1])
    for mine, theirs in zip(found, network.parameters, strict=True):
        np.testing.assert_allclose(mine, theirs.ravel(), **EQUAL)


def test_random_numbers_of_the_browser_follow_their_seed_and_their_law(in_browser):
    code = """const draw = (seed) => {
        const r = m.makeRandom(seed);
        return {
          uniform: Array.from({ length: 20000 }, r.uniform),
          normal: Array.from({ length: 20000 }, r.normal),
          below: Array.from({ length: 6000 }, () => r.below(6)),
          shuffled: r.shuffle([...Array(50).keys()]),
        };
      };
      return [1, 1, 2].map(draw);"""
    first, again, other = in_browser(code)
    assert first == again
    assert first["uniform"] != other["uniform"]
    u, n = np.array(first["uniform"]), np.array(first["normal"])
    assert 0 <= u.min() < u.max() < 1
    # Four standard errors around what the law says.
    assert abs(u.mean() - 1 / 2) < 4 * np.sqrt(1 / 12 / len(u))
    assert abs(np.corrcoef(u[:-1], u[1:])[0, 1]) < 4 / np.sqrt(len(u))
    assert abs(n.mean()) < 4 / np.sqrt(len(n))
    assert abs(n.std() - 1) < 4 / np.sqrt(2 * len(n))
    assert np.bincount(first["below"], minlength=6) == pytest.approx(1000, abs=130)
    assert sorted(first["shuffled"]) == list(range(50)) != first["shuffled"]


def test_a_random_network_starts_with_the_spread_of_its_activation(in_browser):
    code = """const r = m.makeRandom(3);
      return given.map((kind) => m.parametersOf(m.randomNetwork([200, 100, 50], r, kind)));"""
    for kind, parameters in zip(["relu", "tanh"], in_browser(code, ["relu", "tanh"]), strict=True):
        first, bias, last, _ = (np.array(p) for p in parameters)
        assert first.std() == pytest.approx(np.sqrt(2 / (200 if kind == "relu" else 300)), rel=0.03)
        assert last.std() == pytest.approx(np.sqrt(2 / 150), rel=0.05)
        assert not bias.any()


# Every figure, in a page from disk.


def turned_by_keys(figure, knob) -> None:
    kind = figure.kind_of(knob)
    knob.focus()
    if kind in ("button", "checkbox", "radio"):
        figure.page.keyboard.press("Space")
    else:
        value = "(e) => [e.value, e.checked, e.getAttribute('aria-valuetext')].join()"
        before = knob.evaluate(value)
        figure.page.keyboard.press("ArrowLeft")
        figure.settle()  # a handle says where it is when the figure is drawn again
        if knob.evaluate(value) == before:  # it stood at its end
            figure.page.keyboard.press("ArrowRight")


def turned_by_mouse(figure, knob) -> None:
    kind = figure.kind_of(knob)
    knob.scroll_into_view_if_needed()
    box = knob.bounding_box()
    if kind == "range":
        low, high, now = (float(knob.evaluate(f"(e) => e.{p}")) for p in ("min", "max", "value"))
        share = 0.3 if (now - low) / (high - low) > 0.5 else 0.7
        figure.page.mouse.click(box["x"] + box["width"] * share, box["y"] + box["height"] / 2)
    elif kind == "slider":  # the handle in a plane
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        figure.page.mouse.move(x, y)
        figure.page.mouse.down()
        figure.page.mouse.move(x - 30, y - 20, steps=3)
        figure.page.mouse.up()
    elif kind == "select-one":
        others = knob.evaluate(
            "(e) => [...e.options].map((o) => o.value).filter((v) => v !== e.value)"
        )
        knob.select_option(others[0])
    else:
        knob.click()


@pytest.mark.parametrize("turned", [turned_by_keys, turned_by_mouse], ids=["keys", "mouse"])
@of_every_figure
def test_picture_numbers_and_words_follow_every_knob(browser, saved, example, turned):
    path = saved(example)
    with open_figure(browser, path) as figure:
        names = [name for name, _ in figure.knobs()]
    assert len(names) >= 2
    assert all(names)
    for number, name in enumerate(names):
        if name in example.quiet:
            continue
        with open_figure(browser, path) as figure:  # each knob from the same start
            _, knob = list(figure.knobs())[number]
            if figure.kind_of(knob) == "radio" and knob.is_checked():
                continue
            before = figure.shown()
            turned(figure, knob)
            after = figure.shown()
            assert (after.picture, after.numbers) != (before.picture, before.numbers), name
            assert after.words != before.words, name


@of_every_figure
def test_the_number_beside_a_slider_is_its_value_before_and_after(browser, saved, example):
    with open_figure(browser, saved(example)) as figure:
        for slider in figure.page.locator(".explore-slider").all():
            knob = slider.locator("input")
            for _ in range(2):
                figure.settle()
                written = slider.locator("output").inner_text()
                assert float(re.sub(r"[^\d.−]", "", written).replace("−", "-")) == pytest.approx(
                    float(knob.input_value()), rel=0.06, abs=1e-9
                )
                assert knob.get_attribute("aria-valuetext") == written
                turned_by_keys(figure, knob)


@of_every_figure
def test_every_knob_can_be_reached_with_the_tab_key(browser, saved, example):
    with open_figure(browser, saved(example)) as figure:
        wanted = {
            name
            for name, knob in figure.knobs()
            if figure.kind_of(knob) != "radio" or knob.is_checked()
            if knob.is_enabled() and knob.is_visible()
        }
        reached = set()
        for _ in range(len(wanted) + 5):
            figure.page.keyboard.press("Tab")
            focused = figure.page.locator(":focus")
            if focused.count():
                reached.add(figure.name_of(focused))
        assert wanted <= reached


@of_every_figure
def test_a_figure_has_a_name_and_pictures_that_say_what_they_show(browser, saved, example):
    with open_figure(browser, saved(example)) as figure:
        group = figure.page.locator(".explore")
        title = group.get_attribute("aria-labelledby")
        assert figure.page.locator(f"#{title}").inner_text().strip()
        pictures = figure.page.locator(".explore-picture [role=img]").all()
        assert pictures
        for picture in pictures:
            assert len(picture.get_attribute("aria-label").split()) >= 8
        assert figure.page.locator(".explore-sentence[aria-live=polite]").inner_text().strip()


@of_every_figure
def test_the_still_figure_is_there_without_scripts_and_on_paper(browser, saved, example):
    path = saved(example)
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(path.as_uri())
    assert page.locator(".live-figure-still svg").is_visible()
    assert page.locator(".explore").count() == 0
    context.close()
    with open_figure(browser, path) as figure:
        still, live = (figure.page.locator(s) for s in (".live-figure-still", ".explore"))
        assert not still.is_visible()
        figure.page.emulate_media(media="print")
        assert still.is_visible()
        assert not live.is_visible()


@in_both_themes
@pytest.mark.parametrize("width", [320, 1000])
@of_every_figure
def test_axe_finds_nothing_to_complain_about(browser, saved, example, width, theme):
    with open_figure(browser, saved(example), width=width) as figure:
        figure.page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
        figure.page.wait_for_timeout(400)  # a colour may take a moment to change
        found = Axe().run(figure.page, context=".explore").response["violations"]
        assert [(v["id"], [n["html"][:200] for n in v["nodes"]]) for v in found] == []


@of_every_figure
def test_a_narrow_phone_needs_no_sideways_scrolling_and_no_fine_finger(browser, saved, example):
    options = {"width": 320, "has_touch": True, "is_mobile": True}
    with open_figure(browser, saved(example), **options) as figure:
        page = figure.page
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        sticking_out = page.evaluate(
            """() => {
              const { left, right } = document.querySelector(".explore").getBoundingClientRect();
              return [...document.querySelectorAll(".explore *")].filter((e) => {
                const r = e.getBoundingClientRect();
                return r.width && (r.left < left - 1 || r.right > right + 1);
              }).map((e) => e.outerHTML.slice(0, 120));
            }"""
        )
        assert sticking_out == []
        for name, knob in figure.knobs():
            if not knob.is_visible():
                continue
            target = knob
            if figure.kind_of(knob) in ("radio", "checkbox"):
                target = knob.locator("xpath=ancestor::label")
            box = target.bounding_box()
            assert min(box["width"], box["height"]) >= 24, name
            assert box["height"] >= 44, name


@of_every_figure
def test_nothing_moves_by_itself_where_a_reader_wants_rest(browser, saved, example):
    with open_figure(browser, saved(example), reduced_motion="reduce") as figure:
        before = figure.shown()
        figure.page.wait_for_timeout(300)
        assert figure.shown() == before
        _, knob = next(figure.knobs())
        turned_by_keys(figure, knob)
        figure.settle()
        assert figure.page.evaluate("document.getAnimations().length") == 0


@of_every_figure
def test_many_turns_between_two_frames_are_drawn_once(browser, saved, example):
    with open_figure(browser, saved(example)) as figure:
        drawn = figure.page.evaluate(
            """async () => {
              const real = window.requestAnimationFrame.bind(window);
              let drawn = 0;
              window.requestAnimationFrame = (work) => real((now) => { drawn += 1; work(now); });
              const knob = document.querySelector(".explore input[type=range]");
              for (let i = 0; i < 20; i += 1) {
                knob[i % 2 ? "stepUp" : "stepDown"]();
                knob.dispatchEvent(new Event("input", { bubbles: true }));
              }
              await new Promise((done) => real(() => real(done)));
              return drawn;
            }"""
        )
        assert drawn == 1


@pytest.mark.parametrize("example", [e for e in EXAMPLES if e.has_handle], ids=lambda e: e.name)
def test_a_handle_follows_a_finger_and_the_page_stays_where_it_is(browser, saved, example):
    options = {"width": 390, "has_touch": True, "is_mobile": True}
    with open_figure(browser, saved(example), **options) as figure:
        page, handle = figure.page, figure.page.locator(".explore-handle").first
        handle.scroll_into_view_if_needed()
        box, before = handle.bounding_box(), figure.shown()
        scrolled = page.evaluate("scrollY")
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        touch = page.context.new_cdp_session(page)
        for kind, moved in (("touchStart", 0), ("touchMove", 20), ("touchMove", 40)):
            point = {"x": x - moved, "y": y - moved / 2}
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
        touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        after = figure.shown()
        assert handle.bounding_box()["x"] == pytest.approx(box["x"] - 40, abs=8)
        assert after.numbers != before.numbers
        assert after.words != before.words
        assert page.evaluate("scrollY") == scrolled


@pytest.mark.parametrize(
    "figure",
    [explore.Layers([6, 6, 6]), explore.Softmax([5.0, -5.0, -4.9])],
    ids=["layers", "softmax"],
)
def test_a_table_stays_inside_where_the_book_leaves_it_the_least_room(browser, tmp_path, figure):
    # On a phone of 320 pixels the book's margins leave 288 for a figure.
    with open_figure(browser, figure.save(tmp_path / "figure.html"), width=288 + 16) as opened:
        inside = opened.page.locator(".explore-numbers").bounding_box()
        table = opened.page.locator(".explore table").bounding_box()
    assert inside["width"] < 288
    assert table["width"] <= inside["width"] + 0.5


# The built book.


def parts_of_figures(page: str) -> list[str]:
    """Return what a page holds because of its figures: states, views, still figures."""
    script = r'<script type="application/vnd\.jupyter\.widget-\w+\+json">.*?</script>'
    still = r'<div class="live-figure-still[^>]*>.*?</div>'
    return re.findall(rf"{script}|{still}", page, flags=re.DOTALL)


@pytest.mark.book
@of_every_figure
def test_a_figure_is_alive_in_the_built_book_and_asks_no_server(browser, html, example):
    path = html / f"{example.page}.html"
    picture = os.environ.get("DLBOOK_SCREENSHOTS")
    with open_figure(browser, path, width=1440) as figure:
        live = figure.page.locator(f".explore[data-figure={example.name}]").first
        live.wait_for(timeout=20_000)
        assert figure.page.locator(".live-figure:not(.is-live)").count() == 0
        if picture:
            live.screenshot(path=Path(picture) / f"{example.name}-book.png")
        folder = html.as_uri()
        assert [u for u in figure.requests if u.startswith("file:") and folder not in u] == []


@pytest.mark.book
@pytest.mark.parametrize("page", sorted({example.page for example in EXAMPLES}))
def test_a_page_is_not_much_heavier_for_its_figures(html, page):
    whole = (html / f"{page}.html").read_text(encoding="utf-8")
    without = whole
    for part in parts_of_figures(whole):
        without = without.replace(part, "")
    stills = BeautifulSoup(whole, "html.parser").select(".live-figure-still img")
    files = [(html / page).parent / still["src"] for still in stills]
    files.append(html / "_static" / "explore" / "host.js")
    weight = len(gzip.compress(whole.encode())) - len(gzip.compress(without.encode()))
    weight += sum(len(gzip.compress(file.read_bytes())) for file in files)
    print(f"{page}: {weight / 1024:.1f} KB for its figures")
    assert 0 < weight < FOR_A_PAGE


@pytest.mark.book
def test_only_pages_with_figures_load_a_script_for_them_and_it_is_a_small_one(html):
    pages = list(html.rglob("*.html"))
    for page in pages:
        text = page.read_text(encoding="utf-8")
        figures = "widget-view+json" in text
        assert ("explore/host.js" in text) == figures, page
        assert not re.search(r"<script[^>]*(require(\.min)?\.js|html-manager|embed-amd)", text), (
            page
        )
    assert len(pages) > 10


# JupyterLab.


def notebook_with(example: Example) -> str:
    """Return a notebook whose cells make a figure, look at it, and change it."""
    code = [
        f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "from explore_examples import EXAMPLES\n"
        f"figure = next(e for e in EXAMPLES if e.name == {example.name!r}).make()\n"
        "before = figure.get_state()\n"
        "figure  # shown",
        "print('changed:', [k for k, v in figure.get_state().items() if v != before[k]])",
        f"{example.python_sets}  # from Python",
    ]
    cells = [
        {
            "cell_type": "code",
            "id": f"cell-{i}",
            "metadata": {},
            "execution_count": None,
            "outputs": [],
            "source": source,
        }
        for i, source in enumerate(code)
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return json.dumps(
        {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    )


@pytest.mark.skipif(os.name == "nt", reason="ends the server's processes as POSIX does")
@of_every_figure
def test_in_jupyterlab_the_page_and_python_turn_the_same_knobs(lab, open_notebook, example):
    path = lab.folder / f"play-{example.name}.ipynb"
    path.write_text(notebook_with(example), encoding="utf-8")
    notebook = open_notebook(path.name)
    notebook.run("figure  # shown")
    live = notebook.page.locator(".jp-OutputArea .explore")
    live.wait_for(timeout=60_000)
    assert notebook.page.locator(".jp-OutputArea svg[role=img] title").count() == 0, "the still one"

    knob = live.locator("input[type=range], .explore-handle").first
    before = knob.get_attribute("aria-valuetext")
    for key in ["ArrowLeft", "ArrowRight"] * 5:  # JupyterLab may take the focus once more
        knob.focus()
        notebook.page.keyboard.press(key)
        notebook.page.wait_for_timeout(200)
        if knob.get_attribute("aria-valuetext") != before:
            break
    notebook.run("print('changed:'")
    assert re.search(r"changed: \['\w+", notebook.wait_for("print('changed:'", "changed: "))

    assert example.page_shows not in live.inner_text()
    notebook.run("# from Python")
    live.filter(has_text=example.page_shows).wait_for(timeout=20_000)
    if os.environ.get("DLBOOK_SCREENSHOTS"):
        live.scroll_into_view_if_needed()
        path = Path(os.environ["DLBOOK_SCREENSHOTS"]) / f"{example.name}-lab.png"
        notebook.page.screenshot(path=path)
