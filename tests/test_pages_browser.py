"""The built book works for everyone: from a folder, on a phone, by keyboard, in the dark.

Needs Chromium: on Debian or Ubuntu `sudo apt install chromium`.
"""

import base64
import io
import re
import sys
from html import unescape
from pathlib import Path
from typing import NamedTuple

import pytest
from axe_playwright_python.sync_playwright import Axe
from fontTools.ttLib import TTFont

sys.path.insert(0, str(Path(__file__).parent))
from pages import built_pages, visit

pytestmark = pytest.mark.book
MOST = 400 * 1024  # bytes, compressed, of a chapter on first view
ALL, OF_COLOURS = {}, {"runOnly": ["color-contrast", "link-in-text-block"]}  # axe's rules
MOVES = 0.02  # of cumulative layout shift: a sign that comes a moment later; above 0.1 is poor
FOR_PAPER = "print.html"  # the whole book on one page, without the theme
CHAPTERS = ["layers", "neuron", "updates", "training", "images"]


@pytest.fixture(scope="module")
def pages(html) -> list[Path]:
    found = built_pages(html)
    assert len(found) >= 20
    return found


def named(page: Path, html: Path) -> str:
    return str(page.relative_to(html))


class Survey(NamedTuple):
    """What a reader's browser made of one page."""

    asked: list[str]  # outside the book's folder, or not there
    errors: list[str]
    weight: int
    shift: float


@pytest.fixture(scope="module")
def surveys(browser, html, pages) -> dict[tuple[str, int], Survey]:
    """Open every page once on a phone and once on a desk."""
    found = {}
    for page in pages:
        for width in (390, 1280):
            with visit(browser, page, html, width=width) as opened:
                found[named(page, html), width] = Survey(
                    opened.outside() + opened.missing(),
                    opened.errors,
                    sum(opened.files().values()),
                    opened.shift(),
                )
    return found


def test_every_page_opens_from_a_folder_and_asks_for_nothing_outside_it(surveys):
    assert {name: found.asked for name, found in surveys.items() if found.asked} == {}
    assert {name: found.errors for name, found in surveys.items() if found.errors} == {}


def test_a_request_to_another_place_would_be_seen(browser, html, tmp_path):
    page = tmp_path / "page.html"
    page.write_text('<img src="http://127.0.0.1:9/a.png"><link rel="stylesheet" href="no.css">')
    with visit(browser, page, tmp_path) as opened:
        assert opened.outside() == ["http://127.0.0.1:9/a.png"]
        assert [url.rpartition("/")[2] for url in opened.missing()] == ["no.css"]


def test_a_page_is_light_and_nothing_on_it_moves_while_it_loads(surveys):
    shown = {name: found for name, found in surveys.items() if name[0] != FOR_PAPER}
    assert {name: found.weight for name, found in shown.items() if found.weight > MOST} == {}
    assert {name: found.shift for name, found in shown.items() if found.shift > MOVES} == {}
    assert all(found.weight > 50 * 1024 for found in shown.values())  # it was weighed at all


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_pictures_further_down_come_when_they_are_near_and_keep_their_place(browser, html, chapter):
    with visit(browser, html / "book" / f"{chapter}.html", html) as opened:
        at_first = {path for path in opened.files() if "_images" in path.parts}
        opened.page.evaluate(
            """async () => {
              for (let y = 0; y < document.body.scrollHeight; y += 600) {
                scrollTo(0, y);
                await new Promise((done) => setTimeout(done, 30));
              }
            }"""
        )
        opened.rest()
        at_last = {path for path in opened.files() if "_images" in path.parts}
        assert len(at_first) < len(at_last)
        assert opened.shift() <= MOVES
        for image in opened.page.locator("article img").all():
            shown = image.evaluate(
                """(i) => [i.complete, i.naturalWidth, i.naturalHeight,
                           Number(i.getAttribute("width")), Number(i.getAttribute("height"))]"""
            )
            if shown[1]:  # a still figure behind a live one is never drawn
                assert shown[1:3] == shown[3:]


def test_no_page_has_anything_that_axe_finds_fault_with(browser, html, pages):
    found = {}
    for page in pages:
        with visit(browser, page, html, width=1280) as opened:
            themes = [("light", ALL), ("dark", OF_COLOURS)]
            for theme, rules in themes[: 1 if page.name == FOR_PAPER else 2]:
                opened.page.emulate_media(color_scheme=theme)
                if page.name != FOR_PAPER:  # which is white
                    opened.page.wait_for_function(
                        "(theme) => document.documentElement.dataset.theme === theme", arg=theme
                    )
                opened.rest()
                for fault in Axe().run(opened.page, options=rules).response["violations"]:
                    where = [node["target"] for node in fault["nodes"][:3]]
                    found.setdefault((named(page, html), theme), []).append((fault["id"], where))
    assert found == {}


def test_nothing_is_lost_at_320_pixels_or_enlarged_four_times(browser, html, pages):
    wide = {}
    for page in pages:
        with visit(browser, page, html, width=320) as opened:
            for width in (320, 768):
                opened.page.set_viewport_size({"width": width, "height": 800})
                opened.rest()
                found = opened.page.evaluate("document.documentElement.scrollWidth")
                if found > width:
                    wide[named(page, html), width] = found
    assert wide == {}


FOCUSABLE = """() => [...document.querySelectorAll(
  "a[href], button, input, select, textarea, summary, [tabindex='0']"
)].filter((e) => e.checkVisibility({ checkVisibilityCSS: true }) && !e.disabled
  && e.getBoundingClientRect().width > 0
  && !(e.type === "radio" && e !== [...document.getElementsByName(e.name)][0]))"""


def test_whoever_has_no_mouse_gets_everywhere_and_sees_where_he_is(browser, html):
    with visit(browser, html / "book" / "neuron.html", html, width=1280) as opened:
        page = opened.page
        count = page.evaluate(f"(window.wanted = ({FOCUSABLE})()).length")
        assert count > 60
        unseen = []
        for _ in range(count + 40):
            page.keyboard.press("Tab")
            look = page.evaluate(
                """() => {
                  const e = document.activeElement;
                  e.dataset.reached = "yes";
                  // The theme draws the ring of a menu's arrow around what is in it.
                  const ring = [e, ...e.querySelectorAll(":scope > .toctree-toggle")].some((x) => {
                    const style = getComputedStyle(x);
                    return style.outlineStyle !== "none" || style.boxShadow !== "none"
                      || style.borderStyle !== "none";
                  });
                  return [ring, e.outerHTML.slice(0, 80)];
                }"""
            )
            if not look[0] and "<body" not in look[1]:
                unseen.append(look[1])
        missed = page.evaluate("wanted.filter((e) => !e.dataset.reached).map((e) => e.outerHTML)")
        assert [text[:120] for text in missed] == []
        assert unseen == []


def test_motion_stops_for_those_who_ask_for_it(browser, html):
    moves = """() => [...document.querySelectorAll("*")].filter((e) => {
      const style = getComputedStyle(e);
      return style.transitionDuration !== "0s" || style.animationName !== "none"
        || style.scrollBehavior === "smooth";
    }).length"""
    page = html / "book" / "updates.html"
    with visit(browser, page, html, reduced_motion="reduce") as opened:
        assert opened.page.evaluate(moves) == 0
    with visit(browser, page, html) as opened:
        assert opened.page.evaluate(moves) > 0


def test_formulas_are_mathml_with_words_that_can_be_read_aloud(browser, html):
    with visit(browser, html / "book" / "neuron.html", html) as opened:
        texts = opened.page.evaluate(
            "[...document.querySelectorAll('math')].map(m => m.textContent)"
        )
        assert len(texts) > 20
        assert all(text.strip() for text in texts)
        family = "getComputedStyle(document.querySelector('math')).fontFamily"
        assert "STIX Two Math of the book" in opened.page.evaluate(family)
        loaded = "[...document.fonts].filter((f) => f.status === 'loaded').map((f) => f.family)"
        assert any("STIX" in name for name in opened.page.evaluate(loaded))


def font_in(css: str) -> set[str]:
    """Return the signs of the one font that travels inside a style sheet."""
    (text,) = re.findall(r"data:font/woff;base64,([A-Za-z0-9+/=]+)", css)
    return set(map(chr, TTFont(io.BytesIO(base64.b64decode(text))).getBestCmap()))


def test_every_sign_of_a_formula_and_every_icon_is_in_the_fonts_that_come_along(html, pages):
    """A sign that isn't would be drawn by whatever font there is, or as an empty box."""
    static = html / "_static"
    has = font_in((static / "math.css").read_text(encoding="utf-8"))
    text = "".join(page.read_text(encoding="utf-8") for page in pages)
    for formula in re.findall(r"<math\b.*?</math>", text, flags=re.DOTALL):
        assert set(unescape(re.sub(r"<[^>]*>", "", formula))) - {"\n"} <= has
    # A single letter is drawn slanted, and is another sign of the font.
    assert {"\U0001d465", "\U0001d464", "\u210e", "\U0001d6fc"} <= has
    theme = (static / "styles" / "pydata-sphinx-theme.css").read_text(encoding="utf-8")
    icons = set(re.findall(r"\bfa-(?!solid|lg)[a-z-]+", text))
    assert len(icons) > 8
    for icon in icons:
        found = re.search(rf"\.{icon}:before{{content:\"(.)\"}}", theme)
        assert found, icon
        assert found[1] in font_in(theme)


def test_what_is_used_of_others_comes_with_its_licence(html):
    static = html / "_static"
    assert "SIL Open Font License" in (static / "math.css").read_text(encoding="utf-8")[:2000]
    theme = (static / "styles" / "pydata-sphinx-theme.css").read_text(encoding="utf-8")
    assert "Font Awesome" in theme
    assert re.search(r"/\*!\s+\* Font Awesome", theme)
