"""The figures to play with, as the tests try them: a new figure needs one entry here."""

import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np

from dlbook import explore
from dlbook.images import draw_digits
from dlbook.layers import Network

# What a reader can turn; the tests find the knobs of a figure by themselves.
KNOBS = (
    ".explore input[type=range]",
    ".explore input[type=checkbox]",
    ".explore input[type=radio]",
    ".explore select",
    ".explore button",
    ".explore .explore-handle",
)
# Errors of the theme's own, on every page of the book, with a figure or not.
FLAWS_OF_THE_THEME = ("THEBE_JS_URL", "invalid theme mode")


class Example(NamedTuple):
    """One figure: how it is made, where it stands, and what the tests can't guess."""

    name: str
    make: Callable[[], explore.Figure]
    page: str  # of the book, such as "book/neuron"
    python_sets: str  # a statement that changes the `figure` in a notebook ..
    page_shows: str  # .. and what can then be read in it
    has_handle: bool = False  # a point in a picture that can be moved about
    quiet: tuple[str, ...] = ()  # names of knobs that change nothing at once, such as "Pause"


EXAMPLES = [
    Example(
        "descent",
        lambda: explore.Descent(
            steps=3, goal={"loss": 0.001, "steps": 12}, task="Below 0.001 in at most 12 steps."
        ),
        page="book/updates",
        python_sets="figure.rate = 0.3",
        page_shows="0.30 ×",
        has_handle=True,
    ),
    Example(
        "digits",
        lambda: explore.Digits(
            Network.random([256, 8, 10], np.random.default_rng(0)),
            *draw_digits(3, 16, np.random.default_rng(1)),
            goal=[7, 1],
            task="Draw a 7 that it takes for a 1.",
        ),
        page="book/images",
        python_sets="figure.pen_width = 0.18",
        page_shows="0.18 of the picture",
    ),
    Example(
        "layers",
        lambda: explore.Layers([3], goal=25, task="Exactly 25 parameters."),
        page="book/layers",
        python_sets="figure.hidden = [4, 2]",
        page_shows="2-4-2-2",
    ),
    Example(
        "neuron",
        lambda: explore.Neuron(
            weights=[0.6, -0.4], bias=0.1, goal=[0, 0, 0, 1], task="Only when both are on."
        ),
        page="book/neuron",
        python_sets="figure.bias = -1.3",
        page_shows="(−1.3)",
        has_handle=True,
    ),
    Example(
        "playground",
        lambda: explore.Playground(hidden=[16, 16], noise=0.1, goal="by heart"),
        page="book/training",
        python_sets="figure.hidden = [7]",
        page_shows="2-7-2",
        # At the start there is nothing to go back to; a speed and a copy are not seen at once.
        quiet=("Start again", "Speed", "Copy the link"),
    ),
    Example(
        "resize",
        lambda: explore.Resize(goal=16, task="Exactly 16 x 16, in proportion, all the light."),
        page="book/images",
        python_sets="figure.side = 37",  # a frame that only a kernel has
        page_shows="37 × 37",
    ),
    Example(
        "softmax",
        lambda: explore.Softmax([1.0, 2.0, 0.5], goal=0.1, task="Below 0.1, by the others alone."),
        page="book/layers",
        python_sets="figure.scores = [1.0, 2.0, -3.0]",
        page_shows="−3.0",
    ),
]


class Shown(NamedTuple):
    """What a reader gets: the picture, the numbers, and the words for who doesn't see them."""

    picture: str
    numbers: str
    words: str


class OpenFigure:
    """A figure in an open page, and what a reader does with it."""

    def __init__(self, page, requests: list[str], errors: list[str]) -> None:
        self.page, self.requests, self.errors = page, requests, errors

    def settle(self) -> None:
        """Wait until what has been turned is drawn."""
        self.page.evaluate(
            "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
        )

    def shown(self) -> Shown:
        self.settle()
        picture = self.page.evaluate(
            """() => [
              ...[...document.querySelectorAll(".explore svg")].map((s) => s.innerHTML),
              ...[...document.querySelectorAll(".explore canvas")].map((c) => c.toDataURL()),
            ].join()"""
        )
        numbers = self.page.locator(".explore-numbers").inner_text()
        words = self.page.evaluate(
            """() => [...document.querySelectorAll(".explore [role=img]")]
              .map((e) => e.getAttribute("aria-label")).join()"""
        )
        return Shown(hashlib.sha256(picture.encode()).hexdigest(), numbers, words)

    def knobs(self) -> Iterator[tuple[str, object]]:
        """Yield every knob with its name."""
        for selector in KNOBS:
            for knob in self.page.locator(selector).all():
                yield self.name_of(knob), knob

    @staticmethod
    def name_of(knob) -> str:
        return knob.evaluate(
            """(e) => e.getAttribute("aria-label") ?? (e.labels?.[0] ?? e).textContent.trim()"""
        )

    @staticmethod
    def kind_of(knob) -> str:
        return knob.evaluate("(e) => e.type ?? e.getAttribute('role')")


@contextmanager
def open_figure(browser, path: Path, width: int = 1000, **options: object) -> Iterator[OpenFigure]:
    """Open a page from disk and wait for its first figure to be alive."""
    context = browser.new_context(viewport={"width": width, "height": 900}, **options)
    page = context.new_page()
    requests, errors = [], []
    page.on("request", lambda request: requests.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on(
        "console",
        lambda message: errors.append(message.text) if message.type == "error" else None,
    )
    page.goto(path.as_uri())
    page.locator(".live-figure.is-live .explore").first.wait_for(timeout=20_000)
    figure = OpenFigure(page, requests, errors)
    figure.settle()
    yield figure
    context.close()
    ours = [e for e in errors if not re.search("|".join(FLAWS_OF_THE_THEME), e)]
    assert ours == []
    assert [url for url in requests if not url.startswith(("file:", "blob:", "data:"))] == []
