"""Building: nothing is made twice, and nothing that has changed is left as it was.

The tiny book's pages write their names into a file when their cells run: so a test sees which
have run. It is built for real; each test leaves it good, and changed by a line.
"""

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from dlbook import building

ROOT = Path(__file__).parents[1]
PAGE = """\
---
jupytext:
  text_representation: {{extension: .md, format_name: myst}}
kernelspec: {{name: python3, display_name: Python 3, language: python}}
---
# Page {name}

A line of text.

```{{code-cell}} python
with open({log!r}, "a") as file:
    print("{name}", file=file)
```
"""
TOC = """\
format: jb-book
root: book/intro
parts:
  - caption: Chapters
    numbered: true
    chapters: [{file: book/one}, {file: book/two}]
"""


class Book:
    """The tiny book, and what its pages did when it was built the last time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.html = folder / "_build" / "html"
        self.log = folder / "log.txt"
        for name in ("intro", "one", "two"):
            self.page(name).write_text(PAGE.format(name=name, log=str(self.log)), encoding="utf-8")

    def page(self, name: str) -> Path:
        return self.folder / "book" / f"{name}.md"

    def change(self, name: str, old: str, new: str) -> None:
        text = self.page(name).read_text(encoding="utf-8")
        assert old in text
        self.page(name).write_text(text.replace(old, new), encoding="utf-8")

    def build(self) -> tuple[list[str], list[str]]:
        """Build, and return the pages that were run and the pages that were written."""
        self.log.write_text("", encoding="utf-8")
        before = self.times()
        building.build(self.folder, quiet=True)
        written = [name for name, time in self.times().items() if before.get(name) != time]
        return sorted(self.log.read_text(encoding="utf-8").split()), sorted(written)

    def times(self) -> dict[str, int]:
        return {path.stem: path.stat().st_mtime_ns for path in self.html.glob("book/*.html")}

    def shown(self, name: str) -> str:
        return (self.html / "book" / f"{name}.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory) -> Book:
    folder = tmp_path_factory.mktemp("tiny")
    shutil.copy(ROOT / "_config.yml", folder)
    (folder / "book").mkdir()
    (folder / "_toc.yml").write_text(TOC, encoding="utf-8")
    book = Book(folder)
    assert book.build() == (["intro", "one", "two"], ["intro", "one", "two"])
    return book


def test_a_build_with_nothing_changed_starts_nothing(tiny, monkeypatch):
    def never(*_, **__):
        raise AssertionError("Jupyter Book was started")

    monkeypatch.setattr(building, "jupyter_book", never)
    assert building.is_built(tiny.folder)
    assert tiny.build() == ([], [])
    page = tiny.page("one")  # touched is not changed
    os.utime(page, (page.stat().st_mtime + 5,) * 2)
    assert tiny.build() == ([], [])


def test_a_page_whose_text_has_changed_is_written_and_nothing_is_run(tiny):
    tiny.change("one", "A line of text.", "Another line of text.")
    assert not building.is_built(tiny.folder)
    assert tiny.build() == ([], ["intro", "one"])  # the first page holds the table of contents
    assert "Another line of text." in tiny.shown("one")
    assert "Another line of text." in (tiny.html / "print.html").read_text(encoding="utf-8")


def test_a_page_whose_cell_has_changed_is_run_alone(tiny):
    tiny.change("two", "file=file)", "file=file, sep=' ')")
    assert tiny.build() == (["two"], ["intro", "two"])


def test_a_new_title_reaches_every_page_that_names_it_and_nothing_is_run(tiny):
    tiny.change("two", "# Page two", "# Page second")
    assert tiny.build() == ([], ["intro", "one", "two"])
    assert "Page second" in tiny.shown("one")


@pytest.mark.parametrize("name", ["book/two.html", "_static/dlbook.css", "print.html"])
def test_a_built_file_that_was_removed_is_made_again(tiny, name):
    (tiny.html / name).unlink()
    ran, _ = tiny.build()
    assert (tiny.html / name).is_file()
    assert ran == []


def test_a_changed_style_reaches_the_built_book(tiny):
    style = tiny.folder / "_static" / "own.css"
    style.parent.mkdir(exist_ok=True)
    for new in ("/* new */", "/* newer */"):
        style.write_text(new, encoding="utf-8")
        ran, written = tiny.build()
        assert ran == []
        assert written == ["intro", "one", "two"]
        assert (tiny.html / "_static" / "own.css").read_text(encoding="utf-8") == new
    assert tiny.shown("one").index("dlbook.css") < tiny.shown("one").index("own.css")


def test_when_a_module_of_the_pages_has_changed_they_are_read_again_and_nothing_is_run(
    tiny, monkeypatch
):
    old = tiny.folder / "_build" / ".doctrees" / "old.txt"
    old.write_text("made by another module", encoding="utf-8")
    now = building.inputs(tiny.folder)
    assert "dlbook/pages/check_yourself.py" in now
    monkeypatch.setattr(
        building, "inputs", lambda _: now | {"dlbook/pages/check_yourself.py": "other"}
    )
    assert tiny.build() == ([], ["intro", "one", "two"])
    assert not old.exists()
    monkeypatch.undo()
    assert tiny.build() == ([], ["intro", "one", "two"])


def test_a_cell_is_run_again_for_what_it_can_use_and_not_for_the_looks(tmp_path, monkeypatch):
    monkeypatch.setattr(building, "__file__", str(tmp_path / "package" / "building.py"))
    seen = {building.fingerprint(tmp_path)}
    for name in ("package/pages/a.py", "package/pages/static/a.css", "_static/own.css"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("new", encoding="utf-8")
    assert {building.fingerprint(tmp_path)} == seen
    for name in ("package/a.py", "answer_key/a.py", "exercises/a.ipynb", "_config.yml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("new", encoding="utf-8")
        assert building.fingerprint(tmp_path) not in seen
        seen.add(building.fingerprint(tmp_path))


def test_the_build_asks_for_the_questions_of_its_own_course(tiny, monkeypatch):
    environments = []
    monkeypatch.setenv("DLBOOK_COURSE", "/another/course")
    monkeypatch.setattr(building.subprocess, "run", lambda *_, env, **__: environments.append(env))
    building.jupyter_book(tiny.folder)
    assert [env["DLBOOK_COURSE"] for env in environments] == [str(tiny.folder)]


def test_a_build_that_failed_fails_until_the_page_is_right(tiny):
    tiny.change("one", "line of text.", "line of text, {no-role}`word`.")
    for _ in range(2):  # the second time Sphinx would not read the page, and see no fault
        with pytest.raises(subprocess.CalledProcessError):
            tiny.build()
        assert not building.is_built(tiny.folder)
    tiny.change("one", ", {no-role}`word`.", ".")
    ran, _ = tiny.build()
    assert ran == []
    assert building.is_built(tiny.folder)


# --- Links out of the book --------------------------------------------------------------------


class Site(BaseHTTPRequestHandler):
    """A website on this machine: its page /here is there, any other isn't."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/here" else 404)
        self.end_headers()

    do_HEAD = do_GET  # noqa: N815 - the server's own name

    def log_message(self, *_) -> None:
        """Say nothing."""


@pytest.fixture
def site() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def small(tmp_path) -> Path:
    """The folder of a book of one page, without cells and not yet built."""
    shutil.copy(ROOT / "_config.yml", tmp_path)
    (tmp_path / "book").mkdir()
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: book/intro\n", encoding="utf-8")
    return tmp_path


def links(folder: Path, *addresses: str) -> subprocess.CompletedProcess:
    text = "\n".join(["# A page", "", *(f"[a link]({address})" for address in addresses)])
    (folder / "book" / "intro.md").write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "dlbook.cli", "links"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    return done


def test_a_link_that_leads_nowhere_is_named_with_its_page(small, site):
    done = links(small, f"{site}/here", f"{site}/gone")
    assert done.returncode == 1
    assert f"book/intro.md:3: {site}/gone" in done.stderr
    assert "404" in done.stderr
    assert "1 of 2 links lead somewhere." in done.stdout
    done = links(small, f"{site}/here")
    assert (done.returncode, done.stderr) == (0, "")
    assert "1 of 1 links lead somewhere." in done.stdout


def test_without_a_network_links_are_not_called_broken(small):
    done = links(small, "http://127.0.0.1:9/", "https://no-such-place.invalid/")
    assert done.returncode == 1
    assert done.stderr.strip() == "None of 2 links could be followed. Is there a network?"


def test_with_a_repository_each_page_leads_to_where_it_can_be_edited(small):
    with open(small / "_config.yml", "a", encoding="utf-8") as config:
        config.write("repository: {url: https://github.com/someone/book}\n")
    (small / "book" / "intro.md").write_text("# A page\n", encoding="utf-8")
    building.build(small, quiet=True)
    page = BeautifulSoup((small / "_build/html/book/intro.html").read_bytes(), "html.parser")
    found = {link.get_text(): link["href"] for link in page.select(".page-ways a")}
    assert found["Edit this page"] == "https://github.com/someone/book/edit/main/book/intro.md"
