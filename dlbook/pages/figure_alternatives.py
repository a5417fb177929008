"""Figures speak for themselves: the text alternative travels inside each SVG, as its title.

`dlbook.figures` writes it there; here it becomes the ``alt`` of the page's image.
"""

from pathlib import Path
from xml.etree import ElementTree

from docutils import nodes

SVG_TITLE = "{http://www.w3.org/2000/svg}title"


def take_alternatives_from_svg(app, doctree):
    """Give every SVG image that has no ``alt`` yet the title that the file carries."""
    for image in doctree.findall(nodes.image):
        uri = image.get("uri", "")
        if image.get("alt") or not uri.endswith(".svg"):
            continue
        folder = Path(app.srcdir, app.env.docname).parent
        for path in (folder / uri, Path(app.srcdir, uri.lstrip("/")), Path(uri)):
            if path.is_file():
                title = ElementTree.parse(path).getroot().find(SVG_TITLE)
                if title is not None and title.text:
                    image["alt"] = title.text
                break


def setup(app):
    """Run before the images are collected."""
    app.connect("doctree-read", take_alternatives_from_svg)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
