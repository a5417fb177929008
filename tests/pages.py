"""A page of the built book in a real browser, from disk: what it loads, and whether it moves."""

import gzip
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

PACKED = (".woff", ".woff2", ".png", ".webp", ".jpg", ".ico")  # these can't be made smaller
SHIFTS = """window.shifts = [];
new PerformanceObserver((list) => {
  for (const shift of list.getEntries()) window.shifts.push(shift.value);
}).observe({ type: "layout-shift", buffered: true });"""


def built_pages(html: Path) -> list[Path]:
    """Return every page of a built book."""
    return [page for page in sorted(html.rglob("*.html")) if "_static" not in page.parts]


class Visit:
    """An open page, what it asked for so far, and what it complained about."""

    def __init__(self, page, folder: Path) -> None:
        self.page, self.folder = page, folder
        self.asked: list[str] = []
        self.errors: list[str] = []
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._heard)
        page.add_init_script(SHIFTS)

    def _heard(self, message) -> None:
        if message.type == "error":
            self.errors.append(message.text)

    def rest(self) -> None:
        """Wait until nothing is loaded or drawn any more."""
        self.page.wait_for_load_state("load")
        self.page.evaluate("document.fonts.ready.then(() => 0)")
        self.page.wait_for_timeout(100)
        self.page.evaluate(
            "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
        )

    def files(self) -> dict[Path, int]:
        """Return the bytes of each file that was loaded, compressed as a server would."""
        found = {}
        for url in dict.fromkeys(self.asked):
            if urlsplit(url).scheme == "file":
                path = Path(unquote(urlsplit(url).path))
                if path.is_file():
                    contents = path.read_bytes()
                    packed = contents if path.suffix in PACKED else gzip.compress(contents, 6)
                    found[path] = len(packed)
        return found

    def outside(self) -> list[str]:
        """Return what was asked for that isn't a file of the book."""
        known = re.compile(rf"(data|blob):|{re.escape(self.folder.as_uri())}/")
        return [url for url in self.asked if not known.match(url)]

    def missing(self) -> list[str]:
        """Return the files that were asked for and aren't there."""
        urls = [url for url in self.asked if urlsplit(url).scheme == "file"]
        return [url for url in urls if not Path(unquote(urlsplit(url).path)).is_file()]

    def shift(self) -> float:
        """Return the page's cumulative layout shift; 0 where nothing moved."""
        return sum(self.page.evaluate("window.shifts"))


@contextmanager
def visit(browser, path: Path, folder: Path, width: int = 390, **options) -> Iterator[Visit]:
    """Open a page as a reader of a folder does, and wait until it rests."""
    context = browser.new_context(viewport={"width": width, "height": 800}, **options)
    opened = Visit(context.new_page(), folder)
    opened.page.goto(path.as_uri())
    if onward := re.search(r'http-equiv="Refresh"[^>]*url=([^"]+)"', path.read_text("utf-8")):
        opened.page.wait_for_url(f"**/{onward[1]}")
    opened.rest()
    yield opened
    context.close()
