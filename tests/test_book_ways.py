"""Finding one's way in the built book: glossary, search, links, notebooks, and all on paper."""

import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit

import jupytext
import nbclient
import nbformat
import pytest
import yaml
from bs4 import BeautifulSoup, NavigableString

ROOT = Path(__file__).parents[1]
CHAPTERS = ["layers", "neuron", "updates", "training", "images"]
PRINTED = ["intro", *CHAPTERS, "instructors", "write", "how", "notation", "glossary", "next"]
WITH_CELLS = ["intro", *CHAPTERS, "instructors", "how"]
SHEET = 643  # CSS pixels between the margins of A4: 170 millimetres
pytestmark = pytest.mark.book


def read(path: Path) -> BeautifulSoup:
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def in_reading_order() -> list[str]:
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    chapters = [chapter for part in toc["parts"] for chapter in part["chapters"]]
    pages = [page for one in chapters for page in (one, *one.get("sections", ()))]
    return [toc["root"], *(page["file"] for page in pages)]


# --- Glossary -------------------------------------------------------------------------------


def glossary_terms() -> list[str]:
    text = (ROOT / "book" / "glossary.md").read_text(encoding="utf-8")
    body = re.search(r":::\{glossary\}\n(.*?)\n:::", text, re.S)[1]
    return [line for line in body.splitlines() if line and not line.startswith(" ")]


def words_of(chapter: BeautifulSoup) -> Iterator[tuple[str, str | None]]:
    """Yield the pieces of running text, each with the place in the glossary to which it leads."""
    apart = "h1, h2, h3, h4, table, pre, code, math, script, .admonition-title, summary, .page-ways"
    for tag in chapter.select(apart):
        tag.decompose()
    for piece in chapter.find_all(string=True):
        link = piece.find_parent("a", href=True)
        if type(piece) is NavigableString and (link is None or "glossary.html#" in link["href"]):
            yield " ".join(piece.split()), link and link["href"].partition("#")[2]


@pytest.mark.parametrize("chapter", ["intro", *CHAPTERS])
def test_a_word_of_the_glossary_is_a_link_where_a_chapter_first_uses_it(html, chapter):
    pieces = list(words_of(read(html / "book" / f"{chapter}.html").article))
    first = {}
    terms = sorted(glossary_terms(), key=len, reverse=True)
    endings = "|".join(rf"{re.escape(term)}|{re.escape(term)}e?s" for term in terms)
    for text, anchor in pieces:
        if anchor:
            first.setdefault(anchor, "a link")
            continue
        for word in re.findall(rf"(?<![\w-])(?:{endings})(?![\w-])", text):
            term = word if word in terms else re.sub("s$", "", word)
            term = term if term in terms else re.sub("es$", "", word)
            first.setdefault("term-" + term.replace(" ", "-"), text)
    assert {place: text for place, text in first.items() if text != "a link"} == {}
    assert len(first) >= 15


def test_a_link_to_the_glossary_leads_to_the_word_that_it_shows(html):
    for chapter in CHAPTERS:
        for text, anchor in words_of(read(html / "book" / f"{chapter}.html").article):
            if anchor:
                term = anchor.removeprefix("term-").replace("-", "").lower()
                assert text.replace("-", "").replace(" ", "").lower()[:4] == term[:4], chapter


# --- Previous, next, and what a page offers ---------------------------------------------------


def test_previous_and_next_lead_through_the_book_and_name_where_they_lead(html):
    order = in_reading_order()
    pages = {name: read(html / f"{name}.html") for name in order}
    for here, there in pairwise(order):
        forward, back = pages[here].select_one(".right-next"), pages[there].select_one(".left-prev")
        for link, start, end in ((forward, here, there), (back, there, here)):
            assert (html / start).parent.joinpath(link["href"]).resolve() == html / f"{end}.html"
            title = link.select_one(".prev-next-title").get_text().split()
            assert title, f"{start} to {end}"
    assert not pages[order[0]].select_one(".left-prev")
    assert not pages[order[-1]].select_one(".right-next")


def test_a_link_between_chapters_shows_the_title_of_the_chapter(html):
    titles = {name: read(html / f"book/{name}.html").h1 for name in CHAPTERS}
    titles = {name: title.find(string=True, recursive=False) for name, title in titles.items()}
    shown = Counter()
    for here in CHAPTERS:
        for link in read(html / "book" / f"{here}.html").select('article a[href*="#chapter-"]'):
            there = re.search(r"(\w+)\.html#", link["href"])[1]
            shown[there] += link.get_text().strip() == titles[there].strip()
    assert set(shown) >= set(CHAPTERS[1:])
    assert all(shown.values())


@pytest.mark.parametrize("page", [f"book/{name}" for name in WITH_CELLS] + ["exercises/neuron"])
def test_a_page_with_cells_can_be_taken_as_a_notebook(html, page):
    for where in (".page-ways", ".bd-header-article"):
        (link,) = (
            a for a in read(html / f"{page}.html").select(f"{where} a")
            if a.get_text().strip() == "Open as notebook"
        )  # fmt: skip
        file = (html / page).parent / unquote(link["href"])
        nbformat.validate(nbformat.read(file, as_version=4))
    assert file.name != Path(page).name + ".ipynb" or page.startswith("exercises")


def test_every_page_says_where_its_source_is_and_how_to_print_the_book(html):
    for name in in_reading_order():
        found = read(html / f"{name}.html").select(".page-ways a")
        links = {link.get_text(): link["href"] for link in found}
        (source,) = (text for text in links if text.startswith("Source of this page: "))
        original = ROOT / source.removeprefix("Source of this page: ")
        shipped = (html / name).parent / links[source]
        assert shipped.read_bytes() == original.read_bytes()
        assert (html / name).parent.joinpath(links["Print the whole book"]).is_file()


# --- Notebooks --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", WITH_CELLS)
def test_a_pages_notebook_has_its_cells_and_no_outputs(html, name):
    taken = nbformat.read(html / "notebooks" / f"book-{name}.ipynb", as_version=4)
    page = jupytext.read(ROOT / "book" / f"{name}.md")
    cells = [[c for c in book.cells if c.cell_type == "code"] for book in (taken, page)]
    assert [cell.source for cell in cells[0]] == [cell.source for cell in cells[1]]
    assert not any(cell.outputs or cell.execution_count for cell in cells[0])
    assert len({cell.id for cell in taken.cells}) == len(taken.cells)


@pytest.mark.parametrize("name", WITH_CELLS)
def test_a_pages_notebook_reads_as_plain_text_where_the_book_is_not_known(html, name):
    taken = nbformat.read(html / "notebooks" / f"book-{name}.ipynb", as_version=4)
    text = "\n".join(cell.source for cell in taken.cells if cell.cell_type == "markdown")
    assert not re.findall(r"\{[a-z]+\}`|^:::|^\([\w-]+\)=$|^`{3,}\{", text, flags=re.MULTILINE)
    assert text.count("<details>") == text.count("</details>")
    assert len(re.findall(r"^`{3,}", text, flags=re.MULTILINE)) % 2 == 0
    if name == "layers":
        assert "def softmax(scores" in text
        assert "> **Predict, then run: " in text
        assert "*The neuron* takes a neuron apart" in text


def test_a_chapters_notebook_runs_from_top_to_bottom(html, tmp_path):
    notebook = nbformat.read(html / "notebooks" / "book-neuron.ipynb", as_version=4)
    nbclient.NotebookClient(notebook, resources={"metadata": {"path": tmp_path}}).execute()
    assert any(cell.outputs for cell in notebook.cells if cell.cell_type == "code")


@pytest.mark.parametrize(
    ("page", "link"),
    [
        ("book/layers", ".page-ways a"),
        ("book/layers", ".bd-header-article .dropdown-menu a"),
        ("exercises/layers", ".page-ways a"),
        ("book/neuron", "article a.download"),
    ],
)
def test_a_notebook_is_saved_as_a_file_from_disk_too(html, browser, page, link):
    tab = browser.new_page(viewport={"width": 1200, "height": 900}, offline=True)
    tab.goto((html / f"{page}.html").as_uri())
    if "dropdown" in link:
        tab.locator(".dropdown-download-buttons > button").click()
    found = tab.locator(f'{link}[href$=".ipynb"]').first
    file = (html / page).parent / unquote(found.get_attribute("href"))
    with tab.expect_download() as saved:
        found.click()
    assert Path(saved.value.path()).read_bytes() == file.read_bytes()
    assert saved.value.suggested_filename == file.name
    assert tab.url.endswith(f"{page}.html")
    tab.close()


# --- Search -----------------------------------------------------------------------------------


def test_search_works_in_a_book_that_was_opened_from_disk(html, browser):
    page = browser.new_page(offline=True)
    troubles = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda line: line.type == "error" and troubles.append(line.text))
    page.goto((html / "book" / "layers.html").as_uri())
    troubles.clear()  # what the chapter itself says isn't this test's
    field = page.locator("input[name=q]").first
    page.goto((html / "search.html").as_uri()) if not field.is_visible() else None
    field = page.locator("input[name=q]").locator("visible=true").first
    field.fill("momentum")
    field.press("Enter")
    results = page.locator("ul.search li")
    results.first.wait_for()
    page.locator(".search-summary", has_text="finished").wait_for()
    words = page.locator("ul.search li p.context").all_inner_texts()
    assert "momentum" in words[0].lower()
    assert any("like a ball that rolls" in text for text in words)  # the glossary's own entry
    assert results.count() >= 3
    assert [trouble for trouble in troubles if "THEBE_JS_URL" not in trouble] == []  # the theme's
    results.locator("a", has_text="Parameter updates").first.click()
    page.wait_for_url("**/book/updates.html*")
    assert "momentum" in page.locator("article").inner_text().lower()
    page.close()


# --- On paper ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def paper(html) -> BeautifulSoup:
    return read(html / "print.html")


def test_the_page_for_paper_holds_every_page_of_the_book_in_order(paper, html):
    assert [page["id"] for page in paper.select(".page")] == PRINTED
    for name, printed in zip(PRINTED, paper.select(".page"), strict=True):
        article = read(html / "book" / f"{name}.html").article
        for link in article.select(".headerlink"):
            link.decompose()
        there = [head.get_text() for head in article.select("h1, h2, h3")]
        assert [head.get_text() for head in printed.select("h1, h2, h3")] == there
        assert len(printed.select("img")) == len(article.select("img"))


def test_on_paper_no_name_is_given_twice_and_every_link_leads_somewhere(paper, html):
    names = Counter(tag["id"] for tag in paper.find_all(id=True))
    assert [name for name, times in names.items() if times > 1] == []
    for link in paper.select(".only-screen a"):
        link.decompose()
    addresses = [link["href"] for link in paper.find_all("a", href=True)]
    inside = [address for address in addresses if not urlsplit(address).scheme]
    assert [a for a in inside if not a.startswith("#") or unquote(a[1:]) not in names] == []
    assert len(inside) > 300
    for pointer in ("for", "aria-labelledby", "aria-describedby", "aria-controls"):
        for tag in paper.find_all(attrs={pointer: True}):
            value = tag[pointer] if isinstance(tag[pointer], list) else tag[pointer].split()
            assert set(value) <= set(names), tag
    for image in paper.find_all("img"):
        assert (html / unquote(image["src"])).is_file(), image["src"]


def test_on_paper_nothing_is_folded_away_or_needs_a_script(paper):
    assert not paper.select("script, button, details, summary")


def test_on_paper_nothing_is_wider_than_the_sheet(html, browser):
    page = browser.new_page(viewport={"width": SHEET, "height": 900}, offline=True)
    page.emulate_media(media="print")
    page.goto((html / "print.html").as_uri())
    too_wide = page.evaluate("""(width) => [...document.querySelectorAll("main *")]
      .filter((tag) => tag.getBoundingClientRect().right > width + 1)
      .map((tag) => `${tag.closest(".page").id}: ${tag.tagName} ${tag.textContent.slice(0, 60)}`)
    """, SHEET)  # fmt: skip
    page.close()
    assert too_wide == []


def dlbook_pdf(**environment: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "dlbook.cli", "pdf"]
    environment = {**os.environ, **environment}
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def test_the_whole_book_becomes_a_pdf_with_an_outline(html, browser):
    done = dlbook_pdf()
    assert done.returncode == 0, done.stderr
    path = html.parent / "deep-learning-introduction.pdf"
    assert str(path) in done.stdout
    made = path.read_bytes()
    assert made.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type /Page\b", made)) > 60
    assert b"/Outlines" in made
    assert b"/StructTreeRoot" in made
    for page in PRINTED:
        assert f"{page}--".encode() in made, page  # places to which its links lead
    assert b"file://" not in made


def test_without_a_browser_printing_says_what_to_install(html, tmp_path):
    code = """if True:
        import sys
        from pathlib import Path
        from dlbook.printing import NoBrowserError, print_pdf
        try:
            print_pdf(Path(sys.argv[1]), Path(sys.argv[2]))
        except NoBrowserError as error:
            print(error)
    """
    nowhere = {"PATH": str(tmp_path), "PLAYWRIGHT_BROWSERS_PATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code, html / "print.html", tmp_path / "book.pdf"],
        env={**os.environ, **nowhere}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert "sudo apt install chromium" in done.stdout
    assert done.stderr == ""
    assert list(tmp_path.iterdir()) == []
