"""Search works in a book that was opened from disk: its results show where the word stands.

The index is a script, which every browser loads from disk too. For the lines of text below a
result Sphinx fetches the page that was found, and no browser allows that for files on a disk. So
the search page, and no other, gets the text of all pages as a script.
"""

import json
from html import escape
from pathlib import Path

from docutils import nodes

SCRIPT = "search-texts.js"
# What Sphinx asks for is "./book/layers.html", perhaps on a server: it gets the text from here.
CODE = """\
const searchTexts = {texts};
window.fetch = (address) => {{
  const name = address.replace(document.documentElement.dataset.content_root, "");
  return Promise.resolve(new Response(searchTexts[name.replace(/[.]html$/, "")] ?? ""));
}};
"""
WITHOUT_WORDS = (nodes.Invisible, nodes.math, nodes.math_block, nodes.raw)


def text_of(node):
    """Return the text below a node, with the places to which a result can lead."""
    if isinstance(node, nodes.Text):
        return escape(node.astext())
    if isinstance(node, WITHOUT_WORDS) or node.get("nb_element") == "mime_bundle":
        return ""
    inside = "".join(text_of(child) for child in node.children)
    if isinstance(node, nodes.section):
        return f'<section id="{node["ids"][0]}">{inside}</section>\n'
    if isinstance(node, nodes.definition_list_item) and node[0]["ids"]:  # a word of the glossary
        return f'<div id="{node[0]["ids"][0]}">{inside}</div>\n'
    return inside if isinstance(node, nodes.Inline) else f"{inside}\n"


def write_texts(app):
    """Write the script, before the search page that loads it."""
    if app.builder.name == "html":
        texts = {
            name: f'<div role="main">{text_of(app.env.get_doctree(name))}</div>'
            for name in sorted(app.env.found_docs)
        }
        folder = Path(app.outdir, "_static")
        folder.mkdir(parents=True, exist_ok=True)
        code = CODE.format(texts=json.dumps(texts, ensure_ascii=False, indent=0))
        (folder / SCRIPT).write_text(code, encoding="utf-8")
    return []


def load_texts(app, pagename, templatename, context, doctree):
    """Let the search page load the script."""
    if pagename == "search" and app.builder.name == "html":
        app.add_js_file(SCRIPT)


def setup(app):
    """Run when the pages are written."""
    app.connect("html-collect-pages", write_texts)
    app.connect("html-page-context", load_texts)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
