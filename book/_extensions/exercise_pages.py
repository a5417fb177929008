"""Exercise and solution notebooks as pages of the book: each says how to take it home.

The notebooks themselves stay as students open them; what only a reader of the book needs is
added to the page while it is built.
"""

import json
import re
from pathlib import Path

from sphinx.errors import ExtensionError

EXERCISE = """\
:::{{admonition}} This page is a notebook
:class: tip
Here you can read it. To do the exercise, run `make lab` in the book's folder and open
`{name}.ipynb`, or take the file: {{download}}`{name}.ipynb <{name}.ipynb>`. It opens in any
JupyterLab in which the package `dlbook` is installed.
The {{doc}}`solutions </solutions/{name}>` are on a page of their own.
:::"""

SOLUTION = """\
:::{{admonition}} Solutions to {{doc}}`/exercises/{name}`
:class: warning
Each answer is folded away. Try it yourself first: a wrong answer that you understand teaches
more than a right one that you have read.
:::"""


def add_what_a_reader_needs(app, docname, source):
    """Put a note below the title of an exercise or of a solution."""
    found = re.fullmatch(r"(exercises|solutions)/(\w+)", docname)
    if not found or Path(app.env.doc2path(docname)).suffix != ".ipynb":
        return
    folder, name = found.groups()
    notebook = json.loads(source[0])
    first = notebook["cells"][0]
    title, *rest = "".join(first["source"]).split("\n", 1)
    if not title.startswith("# "):
        raise ExtensionError(f"{docname} must begin with a cell whose first line is its title.")
    if folder == "solutions":
        title = title.replace("Exercises:", "Solutions:")
    note = (EXERCISE if folder == "exercises" else SOLUTION).format(name=name)
    first["source"] = "\n\n".join([title, note, *rest])
    source[0] = json.dumps(notebook)


def setup(app):
    """Run before a page is parsed."""
    app.connect("source-read", add_what_a_reader_needs)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
