"""The built book in a reader's browser: what a page weighs, asks for, and how it holds.

``python benchmarks/pages.py`` builds the book and, beside it, the same pages as `jupyter-book
create` sets them up by default. It opens every page of both from disk and puts a table into
`README.md`. Needs Chromium.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

import record
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, sync_playwright

from dlbook import building

sys.path.insert(0, str(record.HERE.parent / "tests"))
from pages import built_pages, visit

ROOT = record.HERE.parent
CHAPTERS = ["layers", "neuron", "updates", "training", "images"]
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
NARROW, PHONE, DESK = 320, 390, 1280  # pixels
JUPYTER_BOOK = [sys.executable, "-c", "from jupyter_book.cli.main import main; main()"]


def default_book(folder: Path) -> Path:
    """Build the same pages with the settings that `jupyter-book create` writes."""
    subprocess.run([*JUPYTER_BOOK, "create", str(folder)], check=True, stdout=subprocess.DEVNULL)
    for path in folder.iterdir():
        if path.name not in ("_config.yml", "requirements.txt"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    shutil.copy(ROOT / "_toc.yml", folder)
    for part in ("book", "exercises", "solutions"):
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("_*", ".*"))
    environment = {**os.environ, "IPYTHONDIR": str(building.own_ipython(folder / "_build"))}
    with open(folder / "log.txt", "wb") as log:
        subprocess.run(
            [*JUPYTER_BOOK, "build", str(folder)], check=True, env=environment, stdout=log,
            stderr=log,
        )  # fmt: skip
    return folder / "_build" / "html"


def looked_at(browser: Browser, html: Path) -> list[dict]:
    """Return what the browser makes of each page."""
    found = []
    for page in built_pages(html):
        name = str(page.relative_to(html).with_suffix(""))
        with visit(browser, page, html, PHONE) as opened:
            one = {
                "page": name,
                "outside": len(set(opened.outside())),
                "errors": len(opened.errors),
                "bytes": sum(opened.files().values()),
                "shift": opened.shift(),
            }
            opened.page.set_viewport_size({"width": NARROW, "height": 800})
            opened.rest()
            width = opened.page.evaluate("document.documentElement.scrollWidth")
            one["sticks_out"] = max(0, width - NARROW)
        one["axe"] = 0
        for theme in ("light", "dark"):
            with visit(browser, page, html, DESK, color_scheme=theme) as opened:
                faults = Axe().run(opened.page).response["violations"]
                one["axe"] += sum(len(fault["nodes"]) for fault in faults)
        found.append(one)
    return found


def table(ours: list[dict], default: list[dict]) -> str:
    """Return both books side by side."""

    def of(book: list[dict], part: str) -> list[float]:
        return [one[part] for one in book]

    def chapters(book: list[dict]) -> list[float]:
        return [one["bytes"] / 1024 for one in book if one["page"][5:] in CHAPTERS]

    rows = [
        ("requests that leave the folder, all pages", "0",
         *(f"{sum(of(book, 'outside'))}" for book in (ours, default))),
        ("errors in the browser's console, all pages", "0",
         *(f"{sum(of(book, 'errors'))}" for book in (ours, default))),
        ("a chapter on first view, compressed: the heaviest, KB", "400",
         *(f"{max(chapters(book)):.0f}" for book in (ours, default))),
        ("the five chapters: median, KB", "",
         *(f"{median(chapters(book)):.0f}" for book in (ours, default))),
        ("layout shift while loading: the worst page", "0",
         *(f"{max(of(book, 'shift')):.4f}" for book in (ours, default))),
        ("places that axe-core finds fault with, light and dark", "0",
         *(f"{sum(of(book, 'axe'))}" for book in (ours, default))),
        ("pages that are wider than 320 pixels there", "0",
         *(f"{sum(map(bool, of(book, 'sticks_out')))}" for book in (ours, default))),
    ]  # fmt: skip
    head = (f"{len(ours)} pages from disk", "wanted", "this book", "default settings")
    return record.table(head, rows)


def main() -> None:
    """Build both books, look at them, print, and put the table into the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        sys.exit("Chromium is not installed: sudo apt install chromium")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        books = [building.build(ROOT, quiet=True).parent, default_book(Path(folder, "default"))]
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        ours, default = (looked_at(browser, html) for html in books)
        version = browser.version
        browser.close()
    text = f"{table(ours, default)}\n\nChromium {version}, no network."
    print(text)
    record.put("pages", text)


if __name__ == "__main__":
    main()
