"""Figures to play with in the built pages: the live one, and the still one behind it.

A figure's output carries both (`dlbook.explore.Figure`). Here both go into the page: the still
one is what paper and browsers without scripts show; a small script, which takes the place of
ipywidgets' own three megabytes, starts the live one and hides the other.
"""

import shutil
from pathlib import Path

from docutils import nodes

from dlbook.explore.modules import BROWSER

LIVE, STILL = "application/vnd.jupyter.widget-view+json", "image/svg+xml"


def keep_both(app, doctree):
    """Put the still figure and the place of the live one side by side."""
    for bundle in list(doctree.findall(nodes.container)):
        if bundle.get("nb_element") != "mime_bundle":
            continue
        kinds = {output["mime_type"]: output for output in bundle.children}
        if {LIVE, STILL} <= kinds.keys():
            still = nodes.container(classes=["live-figure-still"])
            still += kinds[STILL].children
            figure = nodes.container(classes=["live-figure"])
            figure += [still, *kinds[LIVE].children]
            bundle.replace_self(figure)


def bring_the_script(app):
    """Put host.js where the setting ``nb_ipywidgets_js`` says; only pages with figures load it."""
    folder = Path(app.doctreedir) / "live-figures"
    (folder / "explore").mkdir(parents=True, exist_ok=True)
    shutil.copy(BROWSER / "host.js", folder / "explore" / "host.js")
    app.config.html_static_path.append(str(folder))


def setup(app):
    """Run once a page is read."""
    app.connect("doctree-read", keep_both)
    app.connect("builder-inited", bring_the_script)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
