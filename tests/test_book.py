"""The built book: pages, links, pictures, numbers; read as a browser would read it."""

import copy
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import jupytext
import pytest
import yaml
from bs4 import BeautifulSoup

from dlbook import building
from dlbook.exercises import key

ROOT = Path(__file__).parents[1]
CHAPTERS = ["layers", "neuron", "updates", "training", "images"]
pytestmark = pytest.mark.book


@pytest.fixture(scope="session")
def pages(html) -> dict[str, BeautifulSoup]:
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    names = [toc["root"]]
    chapters = [chapter for part in toc["parts"] for chapter in part["chapters"]]
    names += [page["file"] for one in chapters for page in (one, *one.get("sections", ()))]
    return {
        name: BeautifulSoup((html / f"{name}.html").read_text(encoding="utf-8"), "html.parser")
        for name in names
    }


def test_the_book_has_its_nine_pages_and_a_door(pages, html):
    assert {f"book/{name}" for name in [*CHAPTERS, "intro", "notation", "glossary", "next"]} <= set(
        pages
    )
    assert (html / "index.html").is_file()


def test_every_internal_link_of_every_page_leads_to_a_place_that_exists(html):
    built = [p for p in html.rglob("*.html") if "_static" not in p.relative_to(html).parts]
    pages = {p: BeautifulSoup(p.read_text(encoding="utf-8"), "html.parser") for p in built}
    anchors = {p: {tag["id"] for tag in page.find_all(id=True)} for p, page in pages.items()}
    named = {p.relative_to(html).as_posix() for p in built}
    assert {"index.html", "search.html", "genindex.html", "print.html"} <= named
    broken = []
    for here, page in pages.items():
        for address in addresses_in(page):
            parts = urlsplit(address)
            if parts.scheme or parts.netloc or address in ("", "#"):
                continue
            there = (here.parent / unquote(parts.path)).resolve() if parts.path else here
            fragment = unquote(parts.fragment)
            if not there.exists() or (fragment and fragment not in anchors.get(there, fragment)):
                broken.append(f"{here.relative_to(html)}: {address}")
    assert broken == []


def addresses_in(page: BeautifulSoup) -> list[str]:
    """Return where a page's links lead, what it loads, and where it sends a reader on."""
    found = [tag["href"] for tag in page.select("a[href], link[href]")]
    found += [tag["src"] for tag in page.select("[src]")]
    refresh = page.select_one('meta[http-equiv="refresh" i]')
    return found + ([refresh["content"].partition("url=")[2]] if refresh else [])


def test_every_image_says_in_words_what_is_to_be_seen(pages, html):
    silent, missing = [], []
    for name, page in pages.items():
        for image in page.select("article img"):
            words = image.get("alt", "").strip()
            if len(words.split()) < 4 or words.endswith((".svg", ".png")):
                silent.append(f"{name}: {image.get('src')}: {words!r}")
            if not (html / f"{name}.html").parent.joinpath(unquote(image["src"])).is_file():
                missing.append(f"{name}: {image['src']}")
        for drawing in page.select("article svg"):
            if not drawing.find("title") and drawing.get("aria-hidden") != "true":
                silent.append(f"{name}: an svg without a title")
    assert silent == []
    assert missing == []


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_is_complete(pages, chapter):
    article = pages[f"book/{chapter}"].select_one("article")
    titles = [title.get_text() for title in article.select(".admonition-title, legend")]
    assert sum("Predict, then run" in title for title in titles) >= 2
    assert 2 <= sum("Check yourself" in title for title in titles) <= 3
    assert any(title.startswith("You will often") for title in titles)
    assert 3 <= len(article.select("img")) <= 20
    assert f"exercises/{chapter}.ipynb" in article.get_text()


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_an_exercise_is_a_page_with_a_file_to_take_and_how_to_open_it(pages, html, chapter):
    article = pages[f"exercises/{chapter}"].select_one("article")
    note = article.select_one(".admonition").get_text()
    assert "make lab" in note
    file = article.select_one("a.download")["href"]
    taken = (html / "exercises" / unquote(file)).resolve()
    assert taken.read_bytes() == (ROOT / "exercises" / f"{chapter}.ipynb").read_bytes()
    for question in key.questions(chapter).values():
        assert f'check("{question.id}")' in article.get_text()
    assert not article.select(".cell_output")
    links = [a["href"] for a in pages[f"book/{chapter}"].select("article a[href]")]
    assert f"../exercises/{chapter}.html" in links


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_solution_is_folded_away_on_a_page_of_its_own_and_was_run(pages, chapter):
    article = pages[f"solutions/{chapter}"].select_one("article")
    folded = [cell.get_text() for cell in article.select(".cell details")]
    shown = copy.copy(article)
    for details in shown.select("details"):
        details.extract()
    for question in key.questions(chapter).values():
        definition = f"def {question.name}("
        assert any(definition in text for text in folded)
        assert definition not in shown.get_text()
        assert f"Correct: {question.id}," in article.get_text()


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_has_as_many_words_as_a_reader_can_take(chapter):
    text = (ROOT / "book" / f"{chapter}.md").read_text(encoding="utf-8").split("---\n", 2)[2]
    # Questions with their choices and reasons are practice, not prose to take in.
    practice = r":::\{admonition\} [^\n]+\n:class: \w+ (?:check-yourself|predict|reasons)\n.*?\n:::"
    prose = re.sub(rf"```.*?```|{practice}", " ", text, flags=re.DOTALL)
    words = re.findall(r"[A-Za-z][A-Za-z'’-]+", re.sub(r"\$[^$]*\$", " ", prose))
    assert 1500 <= len(words) <= 4000


def test_no_cell_printed_an_error(pages):
    for name, page in pages.items():
        text = page.select_one("article").get_text()
        assert "Traceback (most recent call last)" not in text, name
        assert not page.select(".output.stderr"), name


def test_formulas_are_part_of_the_page_and_need_no_script(pages):
    for name, page in pages.items():
        assert not page.select('script[src*="mathjax" i]'), name
        article = copy.copy(page.select_one("article"))
        for code in article.select("pre, code, math"):
            code.extract()
        assert not re.search(r"\\(frac|text|hat|sum|phi|alpha)\b", article.get_text()), name
    assert len(pages["book/updates"].select("article math")) >= 10


def test_a_chapter_shows_the_source_of_its_own_module():
    for chapter in CHAPTERS:
        text = (ROOT / "book" / f"{chapter}.md").read_text(encoding="utf-8")
        shown = re.findall(r"\{literalinclude\} \.\./dlbook/(\w+)\.py\n:pyobject: ([\w.]+)", text)
        assert len(shown) >= 2, chapter


def test_stale_outputs_are_forgotten_when_the_package_changes(tmp_path):
    output = tmp_path / "_build"
    (output / ".jupyter_cache").mkdir(parents=True)
    building.forget_stale_outputs(output, "one")
    assert not (output / ".jupyter_cache").exists()
    (output / ".jupyter_cache").mkdir()
    building.forget_stale_outputs(output, "one")
    assert (output / ".jupyter_cache").exists()
    building.forget_stale_outputs(output, "two")
    assert not (output / ".jupyter_cache").exists()


@pytest.mark.parametrize("chapter", [*CHAPTERS, "intro"])
def test_a_chapter_opens_as_a_notebook_with_all_its_cells(chapter):
    path = ROOT / "book" / f"{chapter}.md"
    fences = re.findall(r"^```\{code-cell\}", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    cells = jupytext.read(str(path)).cells
    assert sum(cell.cell_type == "code" for cell in cells) == len(fences) >= 5
