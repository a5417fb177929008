"""A course of one's own, in a folder outside of this one, gets pages as good as these.

It is built for real, from what `dlbook.pages.template` makes, with exercises and solutions of
this book, and with an exercise that has an answer key of the course's own.
"""

import json
import re
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple
from xml.etree import ElementTree

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup

from dlbook import building
from dlbook.pages import exercise_pages
from dlbook.pages.template import add_to_toc, chapter_text, files_of_a_course

sys.path.insert(0, str(Path(__file__).parent))
import courses
from pages import built_pages, visit

ROOT = Path(__file__).parents[1]
TITLE = "Ways & <i>means</i> of a $5 *course*"
CHAPTER = "Fares: a_b, `x` & {y}"


class Course(NamedTuple):
    """The built pages of a course."""

    html: Path

    def page(self, name: str) -> BeautifulSoup:
        return BeautifulSoup((self.html / f"{name}.html").read_bytes(), "html.parser")


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


@pytest.fixture(scope="session")
def course(tmp_path_factory) -> Course:
    """Build a course as its author makes it; every warning would be an error."""
    folder = tmp_path_factory.mktemp("course")
    files = files_of_a_course(TITLE)
    files["book/fares.md"] = chapter_text("fares", CHAPTER)
    files["book/neuron.md"] = chapter_text("neuron", "The neuron", has_exercise=True)
    slopes = chapter_text("slopes", "Slopes", has_exercise=True)
    assert "**Not quite.** 6" in slopes
    files["book/slopes.md"] = slopes.replace("**Not quite.** 6", "**Nothing leaks.** 6")
    files["answer_key/slopes.py"] = courses.KEY
    files["exercises/slopes.ipynb"] = nbformat.writes(courses.solution())
    files["_static/own.css"] = "/* mine */"
    for entry, part in (
        ("exercises/neuron", "Exercises"),
        ("exercises/layers", "Exercises"),  # its solutions stay at home
        ("exercises/slopes", "Exercises"),
        ("solutions/neuron", "Solutions"),
        ("book/fares", "Chapters"),
        ("book/neuron", "Chapters"),
        ("book/slopes", "Chapters"),
    ):
        files["_toc.yml"] = add_to_toc(files["_toc.yml"], entry, part)
        notebook = ROOT / f"{entry}.ipynb"
        if notebook.is_file():
            files[f"{entry}.ipynb"] = notebook.read_text(encoding="utf-8")
    write(folder, files)
    return Course(building.build(folder, quiet=True).parent)


def test_a_formula_is_part_of_the_page(course):
    (formula,) = course.page("book/fares").select("div.formula math")
    assert formula.get_text() == "y=wx+b"


def test_a_picture_says_what_is_to_be_seen_and_keeps_its_place(course):
    (image,) = course.page("book/fares").select("article img")
    assert "reaches 15 after 6 kilometres" in image["alt"]
    path = course.html / "book" / image["src"]
    width = float(ElementTree.parse(path).getroot().get("width").removesuffix("pt"))
    assert int(image["width"]) == pytest.approx(width * 96 / 72, abs=1)


def test_titles_are_shown_as_they_were_given(course):
    page = course.page("book/fares")
    assert page.select_one("article h1").get_text().startswith(f"1. {CHAPTER}")
    assert page.select_one(".logo__title").get_text() == TITLE
    assert page.select_one(".logo__title i") is None
    assert course.page("book/intro").select_one("article h1").get_text().startswith(TITLE)
    assert course.page("print").h1.get_text() == TITLE


def test_notes_to_the_author_reach_no_reader(course):
    note = "Put your own"
    assert note in chapter_text("fares", CHAPTER)
    cells = json.loads((course.html / "notebooks" / "book-fares.ipynb").read_bytes())["cells"]
    text = "".join("".join(cell["source"]) for cell in cells)
    assert "The same as a formula" in text
    for shown in (text, course.page("book/fares").get_text(), course.page("print").get_text()):
        assert note not in shown
        assert not re.search(r"^%", shown, flags=re.MULTILINE)


def test_a_course_has_its_own_commands_and_styles(course):
    assert "dlbook pdf" in course.page("print").aside.get_text()
    notebook = (course.html / "notebooks" / "book-fares.ipynb").read_text(encoding="utf-8")
    assert "`dlbook lab`" in notebook
    assert "`make" not in notebook
    sheets = [link["href"] for link in course.page("book/fares").select("link[rel=stylesheet]")]
    last = [sheet.split("?")[0].rpartition("/")[2] for sheet in sheets]
    assert last.index("dlbook.css") < last.index("own.css")


def test_pages_of_an_exercise_lead_to_each_other_where_they_are(course):
    def links(name: str) -> set[str]:
        return {link["href"].split("#")[0] for link in course.page(name).select("article a[href]")}

    assert {"../exercises/neuron.html"} <= links("book/neuron")
    assert {"../solutions/neuron.html"} <= links("exercises/neuron")
    assert {"../exercises/neuron.html"} <= links("solutions/neuron")
    assert not any("solutions" in link for link in links("exercises/layers"))
    note = course.page("exercises/layers").select_one("article .admonition").get_text()
    assert "run dlbook lab in the book's folder" in note.replace("’", "'")
    for name in ("book/neuron", "exercises/neuron", "exercises/layers"):
        page = course.html / f"{name}.html"
        (download,) = course.page(name).select("article a.reference.download")
        notebook = json.loads((page.parent / download["href"]).read_bytes())
        assert notebook["cells"]


def test_a_course_has_its_own_mistakes_and_says_where_its_exercise_works(course):
    reasons = course.page("book/slopes").select_one(".question-reasons")
    assert "12: Not quite. This is “Nothing leaks”. 6 × 2 = 12" in reasons.get_text()
    notes = {
        name: " ".join(
            course.page(f"exercises/{name}").select_one(".admonition").get_text().split()
        )
        for name in ("slopes", "neuron")
    }
    assert "Keep it in the course’s folder" in notes["slopes"]
    assert "any JupyterLab" not in notes["slopes"]
    assert "any JupyterLab" in notes["neuron"]


def test_an_exercise_is_read_again_when_its_solutions_come_or_go():
    env = SimpleNamespace(found_docs={"book/a", "exercises/a", "exercises/b", "solutions/a"})
    again = exercise_pages.read_again_where_the_other_came_or_went
    assert again(None, env, {"solutions/a", "book/a"}, set(), set()) == ["exercises/a"]
    assert again(None, env, set(), set(), {"solutions/b"}) == ["exercises/b"]
    assert again(None, env, set(), {"solutions/a"}, set()) == []


def test_every_page_opens_from_a_folder_on_a_phone_in_the_dark(browser, course):
    pages = built_pages(course.html)
    assert len(pages) >= 9
    for page in pages:
        with visit(browser, page, course.html, width=390, color_scheme="dark") as opened:
            assert (opened.outside(), opened.missing(), opened.errors) == ([], [], []), page
            assert opened.page.evaluate("document.documentElement.scrollWidth") <= 390, page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_fault_with_a_new_chapter(browser, course, scheme):
    page = course.html / "book" / "neuron.html"
    with visit(browser, page, course.html, width=1280, color_scheme=scheme) as opened:
        found = Axe().run(opened.page).response["violations"]
        assert [fault["id"] for fault in found] == []


def test_a_question_of_a_new_chapter_answers(browser, course):
    with visit(browser, course.html / "book" / "fares.html", course.html) as opened:
        for choice, words in (("12", "are left out"), ("15", "6 × 2 + 3 = 15")):
            opened.page.get_by_label(choice, exact=True).check()
            opened.page.get_by_role("button", name="Check").click()
            assert words in opened.page.get_by_role("status").inner_text()


def test_search_works_from_disk(browser, course):
    with visit(browser, course.html / "search.html", course.html) as opened:
        opened.page.goto(f"{(course.html / 'search.html').as_uri()}?q=ride")
        opened.page.locator(".search-summary", has_text="finished").wait_for()
        found = opened.page.locator("ul.search li").filter(has_text="Fares")
        assert "A ride costs 3" in found.first.inner_text()
        assert opened.outside() == []
