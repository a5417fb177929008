"""Exercise and solution notebooks as pages of the book: each says how to take it home.

The notebooks themselves stay as students open them; what only a reader of the book needs is
added to the page while it is built.
"""

import json
import re
from pathlib import Path

from sphinx.errors import ExtensionError

PYTHON = {"name": "python"}  # where Jupyter never saved a notebook, it says nothing
PAGE = re.compile(r"(exercises|solutions)/(\w+)")
EXERCISE = """\
:::{{admonition}} This page is a notebook
:class: tip
Here you can read it. To do the exercise, run `{command} lab` in the book's folder and open
`{name}.ipynb`, or take the file: {{download}}`{name}.ipynb <{name}.ipynb>`. {where}
{solution}:::"""
ANYWHERE = "It opens in any\nJupyterLab in which the package `dlbook` is installed."
IN_THE_COURSE = "Keep it in\nthe course's folder: its checks find their questions there."
HAS_SOLUTION = "The {{doc}}`solutions </solutions/{name}>` are on a page of their own.\n"

SOLUTION = """\
:::{{admonition}} Solutions to {title}
:class: warning
Each answer is folded away. Try it yourself first: a wrong answer that you understand teaches
more than a right one that you have read.
:::"""
HAS_EXERCISE = "{{doc}}`/exercises/{name}`"


def add_what_a_reader_needs(app, docname, source):
    """Put a note below the title of an exercise or of a solution."""
    found = PAGE.fullmatch(docname)
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
    note = of_an_exercise(app, name) if folder == "exercises" else of_a_solution(app, name)
    first["source"] = "\n\n".join([title, note, *rest])
    notebook["metadata"].setdefault("language_info", PYTHON)
    source[0] = json.dumps(notebook)


def of_an_exercise(app, name):
    """Return the note of an exercise; it leads to the solutions where the book has them."""
    has_own_key = Path(app.srcdir, "answer_key", f"{name}.py").is_file()
    has_solution = partner(f"exercises/{name}") in app.env.found_docs
    return EXERCISE.format(
        name=name,
        command=app.config.dlbook_command,
        where=IN_THE_COURSE if has_own_key else ANYWHERE,
        solution=HAS_SOLUTION.format(name=name) if has_solution else "",
    )


def of_a_solution(app, name):
    """Return the note of a solution; it leads to the exercise where the book has it."""
    has_exercise = partner(f"solutions/{name}") in app.env.found_docs
    return SOLUTION.format(title=(HAS_EXERCISE if has_exercise else "`{name}`").format(name=name))


def partner(docname):
    """Return the page of the solutions to an exercise, or of the exercise to some solutions."""
    folder, _, name = docname.partition("/")
    return f"{'solutions' if folder == 'exercises' else 'exercises'}/{name}"


def read_again_where_the_other_came_or_went(app, env, added, changed, removed):
    """Return the exercises and solutions whose note no longer leads where it should."""
    others = {partner(name) for name in added | removed if PAGE.fullmatch(name)}
    return sorted(others & env.found_docs)


def setup(app):
    """Run before a page is parsed."""
    app.connect("source-read", add_what_a_reader_needs)
    app.connect("env-get-outdated", read_again_where_the_other_came_or_went)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
