"""Pages that open at once: scripts that nothing uses stay out, and every image keeps its place.

The theme's layout goes through `light` (templates/layout.html); a page's images get their size,
so that nothing moves when they come, and those further down come when they are near.
"""

import re
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

import cv2

# Drawn icons come from a font of a few glyphs (light_styles.py); nobody runs cells in the page;
# only the page of search results searches.
UNUSED = ("fontawesome.js", "thebe", "THEBE_JS_URL", "design-tabs.js")
ONLY_TO_SEARCH = ("searchtools.js", "language_data.js", "searchindex.js")
TAG = re.compile(r"<script\b[^>]*>.*?</script>\s*|<link\b[^>]*>\s*", flags=re.DOTALL)
OF_WIDGETS = 'type="application/vnd.jupyter'
IMAGE = re.compile(r'<img\b[^>]*?\bsrc="([^"]+)"[^>]*?/?>')
PIXELS = {"": 1, "px": 1, "pt": 96 / 72, "in": 96, "mm": 96 / 25.4, "cm": 96 / 2.54}


def without(words, head):
    """Return HTML without those scripts, styles and hints to load that name one of some words."""

    def kept(tag):
        unused = OF_WIDGETS not in tag[0] and any(word in tag[0] for word in words)
        return "" if unused else tag[0]

    return TAG.sub(kept, head)


def size_of(path):
    """Return a picture's width and height in a page's pixels; None where the file doesn't tell."""
    if path.suffix != ".svg":
        pixels = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        return None if pixels is None else (pixels.shape[1], pixels.shape[0])
    root = ElementTree.parse(path).getroot()
    sides = [re.fullmatch(r"([\d.]+)([a-z]*)", root.get(side, "")) for side in ("width", "height")]
    if not all(sides):
        return None
    return tuple(round(float(side[1]) * PIXELS[side[2]]) for side in sides)


def with_sizes(body, files):
    """Return a page's text, its images with their sizes; all but the first come when needed.

    Parameters
    ----------
    body : str
        HTML.
    files : dict
        Where each image of the book lies, by its name in the built book.
    """
    seen = 0

    def place(tag):
        nonlocal seen
        path = files.get(unquote(tag[1]).rpartition("/")[2])
        size = path and size_of(path)
        if size is None or "width=" in tag[0]:
            return tag[0]
        seen += 1
        more = f'width="{size[0]}" height="{size[1]}"' + ' loading="lazy"' * (seen > 1)
        return f'<img {more} decoding="async" {tag[0].removeprefix("<img").lstrip()}'

    return IMAGE.sub(place, body)


def lighten(app, pagename, templatename, context, doctree):
    """Give a page's images their sizes, and leave out what this page doesn't need."""
    words = UNUSED if pagename == "search" else UNUSED + ONLY_TO_SEARCH
    app.builder.templates.environment.filters["light"] = lambda head: without(words, head)
    if "body" in context:
        files = {name: Path(app.srcdir, uri) for uri, name in app.builder.images.items()}
        context["body"] = with_sizes(context["body"], files)


def setup(app):
    """Run before each page is written."""
    app.connect("html-page-context", lighten, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
