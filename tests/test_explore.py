"""Figures to play with, Python's side: what goes into a page, how much of it, and on paper."""

import gzip
import json
import re
import shutil
import sys
from pathlib import Path

import pytest

from dlbook import building, explore
from dlbook.explore import modules
from dlbook.figures.described import contrast

sys.path.insert(0, str(Path(__file__).parent))
from explore_examples import EXAMPLES

FOR_A_PAGE = 60 * 1024  # bytes, compressed: what all figures of a page may add to it
TEXT_COLOURS = ["ink", "grey", "blue", "orange", "teal", "purple", "ochre", "crimson"]


@pytest.fixture(params=EXAMPLES, ids=lambda example: example.name)
def figure(request) -> explore.Figure:
    return request.param.make()


def compressed(text: str) -> int:
    return len(gzip.compress(text.encode()))


def test_every_figure_is_tried():
    classes = {name for name in explore.__all__ if name != "Figure"}
    assert {type(example.make()).__name__ for example in EXAMPLES} == classes
    drawn = {example.name for example in EXAMPLES}
    shared = {"drawing", "figure", "host", "knobs", "mathematics", "training"}
    assert {path.stem for path in modules.BROWSER.glob("*.js")} == drawn | shared


def test_a_figure_says_the_same_each_time_it_is_printed(figure):
    assert repr(figure) == f"{type(figure).__name__}()"


def test_what_a_page_keeps_of_a_figure_is_plain_json(figure):
    # Names with a line in front, and the layout, are ipywidgets' own.
    state = {k: v for k, v in figure.get_state().items() if k[0] != "_" and k != "layout"}
    assert json.loads(json.dumps(state)) == state


def test_an_output_holds_the_live_figure_and_the_still_one(figure):
    data, _ = figure._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    title = re.search("<title>(.*?)</title>", data["image/svg+xml"])[1]
    assert len(title.split()) > 8


def test_a_figure_is_light_enough_for_a_page(figure):
    parts = [figure._esm, figure._css, figure.still().to_svg()]
    host = (modules.BROWSER / "host.js").read_text(encoding="utf-8")
    assert sum(map(compressed, [*parts, host])) < FOR_A_PAGE
    assert compressed(host) < 2048


def test_the_joined_module_stands_alone(figure):
    esm = figure._esm
    assert not re.search(r"^import\b", esm, flags=re.MULTILINE)
    assert re.findall(r"^export\b.*", esm, flags=re.MULTILINE) == ["export default { render };"]
    names = re.findall(r"^(?:async )?(?:function\*?|const|let|class) (\w+)", esm, re.MULTILINE)
    assert sorted(names) == sorted(set(names)), "two modules declare the same name"


@pytest.mark.parametrize("path", sorted(modules.BROWSER.glob("*.js")), ids=lambda p: p.stem)
def test_a_module_of_the_browser_imports_what_is_there_and_what_it_uses(path):
    source = path.read_text(encoding="utf-8")
    assert len(re.findall(r"^import\b", source, re.MULTILINE)) == len(
        modules._IMPORT.findall(source)
    ), 'only `import { a, b } from "./name.js";` is understood'
    for names, module in re.findall(r'import \{([^}]*)\} from "\./(\w+)\.js";', source):
        there = (modules.BROWSER / f"{module}.js").read_text(encoding="utf-8")
        for name in re.findall(r"\w+", names):
            assert re.search(rf"^export (?:function|const) {name}\b", there, re.MULTILINE), name
            assert len(re.findall(rf"\b{name}\b", source)) > 1, f"{name} is imported and not used"


@pytest.mark.parametrize("path", sorted(modules.BROWSER.glob("*.js")), ids=lambda p: p.stem)
def test_a_module_of_the_browser_never_takes_text_for_markup(path):
    code = modules._COMMENT.sub("", path.read_text(encoding="utf-8"))
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(", code)


@pytest.mark.parametrize("path", sorted(modules.BROWSER.glob("*.*s*")), ids=lambda p: p.name)
def test_a_file_for_the_browser_has_lines_of_at_most_a_hundred_characters(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if len(line) > 100 or line != line.rstrip()] == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_and_lines_can_be_told_from_the_paper(theme):
    blocks = re.findall(r"\{([^}]*--ink:[^}]*)\}", modules.style())
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", blocks[theme == "dark"]))
    for name in TEXT_COLOURS:
        for ground in ("paper", "ground"):
            assert contrast(colours[name], colours[ground]) >= 4.5, (name, ground)
        if f"{name}-tint" in colours:
            assert contrast(colours["ink"], colours[f"{name}-tint"]) >= 7, name
            assert contrast(colours[name], colours[f"{name}-tint"]) >= 3, name


def test_a_page_of_its_own_needs_nothing_else_and_is_not_written_over(figure, tmp_path):
    path = figure.save(tmp_path / "figure.html")
    text = path.read_text(encoding="utf-8")
    addresses = set(re.findall(r"https?://[^\"'\s<)]+", text))
    # Names of XML dialects; nothing is fetched from there.
    assert {a for a in addresses if "www.w3.org" not in a} == set()
    with pytest.raises(FileExistsError):
        figure.save(path)


def test_text_that_looks_like_markup_stays_text(tmp_path):
    figure = explore.Neuron(task="</script><script>alert(1)</script>")
    text = figure.save(tmp_path / "figure.html").read_text(encoding="utf-8")
    assert "alert(1)" in text
    assert "<script>alert" not in text


def test_outputs_are_forgotten_when_a_module_of_the_browser_changes(tmp_path, monkeypatch):
    package = tmp_path / "dlbook"
    shutil.copytree(modules.BROWSER, package / "explore" / "browser")
    monkeypatch.setattr(building, "__file__", str(package / "building.py"))
    before = building.fingerprint(tmp_path)
    for name in ("neuron.js", "figure.css"):
        path = package / "explore" / "browser" / name
        path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
        after = building.fingerprint(tmp_path)
        assert after != before
        before = after


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"weights": [1.0]}, "two numbers"),
        ({"inputs": [1.0, 2.0, 3.0]}, "two numbers"),
        ({"activation": "gelu"}, "activation"),
        ({"goal": [0, 1]}, "four corners"),
        ({"goal": [0, 1, 2, 3]}, "four corners"),
        ({"bias": float("nan")}, "bias"),
    ],
)
def test_a_neuron_that_can_not_be_shown_says_why(arguments, words):
    with pytest.raises(ValueError, match=words):
        explore.Neuron(**arguments)


def test_the_still_neuron_shows_the_line_of_the_live_one():
    still = explore.Neuron(weights=[1, 1], bias=-1.5, activation="step", goal=[0, 0, 0, 1]).still()
    assert "In the region of their own class: 4 of 4 points." in still.text_alternative
