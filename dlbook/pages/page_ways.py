"""What a reader can do with a page: open it as a notebook, edit it, print it or the whole book.

The same links stand in the menu at the top of a page, in place of the theme's ".md" and ".pdf",
and at its end, where they need no script.
"""

from html import escape
from pathlib import Path
from typing import NamedTuple

from dlbook.pages.page_notebooks import file_name, is_notebook

TITLE = "Take this page with you"


class Way(NamedTuple):
    """One link: what it says, where it leads, its picture in the menu, whether it is a file."""

    text: str
    address: str
    icon: str
    is_file: bool = False


def ways(app, docname, context):
    """Return the links of one page."""
    path, pathto = Path(app.env.doc2path(docname)), context["pathto"]
    found = []
    if path.suffix == ".ipynb":
        address = pathto(f"_sources/{context['sourcename']}", 1)
        found.append(Way("Open as notebook", address, "fas fa-code", is_file=True))
    elif is_notebook(path):
        address = pathto(f"notebooks/{file_name(docname)}", 1)
        found.append(Way("Open as notebook", address, "fas fa-code", is_file=True))
    found.append(source_of(app, path, context))
    found.append(Way("Print the whole book", pathto("print.html", 1), "fas fa-print"))
    return found


def source_of(app, path, context):
    """Return the way to a page's source: to edit it, where _config.yml names the repository."""
    if app.config.html_theme_options.get("repository_url"):
        _, address = context["get_edit_provider_and_url"]()
        return Way("Edit this page", address, "fas fa-pencil")
    file = path.relative_to(app.srcdir).as_posix()
    address = context["pathto"](f"_sources/{context['sourcename']}", 1)
    return Way(f"Source of this page: {file}", address, "fas fa-file")


def add_ways(app, pagename, templatename, context, doctree):
    """Put the links into the menu at the top of a page and below its text."""
    if doctree is None or app.builder.name != "html":
        return
    found = ways(app, pagename, context)
    app.add_js_file("take_notebooks.js", loading_method="defer")
    buttons = [
        {"type": "link", "text": way.text, "url": way.address, "icon": way.icon} for way in found
    ]
    buttons.append(
        {"type": "javascript", "text": "Print this page", "javascript": "window.print()",
         "icon": "fas fa-print"}
    )  # fmt: skip
    group = {"type": "group", "icon": "fas fa-download", "label": "download-buttons",
             "tooltip": TITLE, "buttons": buttons}  # fmt: skip
    context["header_buttons"].insert(0, group)
    links = " · ".join(
        f'<a href="{escape(way.address)}"{" download" * way.is_file}>{escape(way.text)}</a>'
        for way in found
    )
    context["body"] += f'\n<nav class="page-ways" aria-label="{TITLE}">{links}</nav>'


def setup(app):
    """Run after the theme, which makes the menu at priority 501."""
    app.connect("html-page-context", add_ways, priority=600)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
