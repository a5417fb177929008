"""Each page with cells as a notebook to take home: ``notebooks/book-layers.ipynb`` and so on.

The page's own Markdown speaks of boxes, links and included source in a way that only the book
understands. Here it becomes what every Jupyter shows: quotes, folded answers, plain words, and
the source itself. Outputs stay out: a notebook is for running.
"""

import json
import re
import textwrap
from pathlib import Path
from typing import NamedTuple

import jupytext
import nbformat
import yaml
from sphinx.config import Config
from sphinx.directives.code import LiteralIncludeReader

FENCE = re.compile(r"(?P<marks>`{3,}|:{3,})(?:\{(?P<name>[\w:-]+)\} *(?P<title>.*)| *\w*)$")
OPTION = re.compile(r":(?P<name>[\w-]+): *(?P<value>.*)$")
TARGET = re.compile(r"\([\w-]+\)=$")
COMMENT = re.compile(r"%")  # a line that the author wrote to himself
ROLE = re.compile(r"\{(?P<role>term|ref|doc|download|numref)\}`(?P<text>[^`]+)`")
LINK = re.compile(r"(?<!!)\[(?P<text>[^\]]*)\]\((?P<target>[\w-]+)\)")
FOLDED = {"hide-input": "source_hidden", "remove-input": "source_hidden"}
FOLDED |= {"hide-output": "outputs_hidden"}
FIRST = """\
> This notebook is a page of the book *{book}*: “{page}”. Run its cells from top to bottom, change
> their numbers, and run them again. It needs the book's package `dlbook`: put this file into the
> folder `exercises` of the book, and type `{command} lab` in the book's folder."""


class Page(NamedTuple):
    """What must be known of a page besides its own text."""

    path: Path
    titles: dict[str, str]  # what a link to each label or page is called
    config: Config


def file_name(docname):
    """Return the name of a page's notebook, which no exercise has: book-layers.ipynb."""
    return docname.replace("/", "-") + ".ipynb"


def is_notebook(path):
    """Return whether a page is Markdown with cells: its first lines say so, and name a kernel."""
    head = path.read_text(encoding="utf-8").partition("\n---")[0]
    return path.suffix == ".md" and "\njupytext:" in head and "\nkernelspec:" in head


def notebook(page):
    """Return a page as a notebook without outputs."""
    made = jupytext.read(page.path)
    made.metadata = {"kernelspec": dict(made.metadata["kernelspec"])}
    for cell in made.cells:
        if cell.cell_type == "markdown":
            cell.source = plain(cell.source, page)
        else:
            folded = {FOLDED[tag]: True for tag in cell.metadata.get("tags", []) if tag in FOLDED}
            cell.metadata = {**cell.metadata, **({"jupyter": folded} if folded else {})}
    title = re.search(r"^# (.+)$", made.cells[0].source, flags=re.MULTILINE)[1]
    config = page.config
    first = FIRST.format(book=config.html_title, page=title, command=config.dlbook_command)
    made.cells.insert(0, nbformat.v4.new_markdown_cell(first))
    made.cells = [cell for cell in made.cells if cell.source.strip()]
    for number, cell in enumerate(made.cells):
        cell.id = f"{page.path.stem}-{number}"  # the same in every build
    return made


def plain(text, page):
    """Return MyST as Markdown that every Jupyter shows."""
    lines, prose, out = iter(text.split("\n")), [], []
    for line in lines:
        fence = FENCE.match(line)
        if fence:
            out += plain_words(prose, page)
            prose = []
            body = until(lines, fence["marks"])
            out += box(fence, body, page) if fence["name"] else [line, *body, fence["marks"]]
        elif not (TARGET.match(line) or COMMENT.match(line)):
            prose.append(line)
    return "\n".join([*out, *plain_words(prose, page)]).strip("\n")


def until(lines, marks):
    """Return the lines up to the fence that closes a box."""
    body = []
    for line in lines:
        if line.strip() == marks:
            break
        body.append(line)
    return body


def box(fence, body, page):
    """Return the lines of a box: source as source, an answer folded, anything else as a quote."""
    options = {}
    while body and (option := OPTION.match(body[0])):
        options[option["name"]] = option["value"]
        body = body[1:]
    if fence["name"] == "literalinclude":
        return ["```python", source(page.path.parent / fence["title"], options, page), "```"]
    if fence["name"] == "code-block":
        return [f"```{fence['title']}", *body, "```"]
    inside = plain("\n".join(body), page).split("\n")
    (title,) = plain_words([fence["title"] or fence["name"].capitalize()], page)
    if "dropdown" in options.get("class", ""):
        return [f"<details><summary>{title}</summary>", "", *inside, "", "</details>"]
    return [f"> **{title}**", ">", *(f"> {line}".rstrip() for line in inside)]


def source(path, options, page):
    """Return the part of a module that a box shows: what Sphinx itself would take."""
    options = {name: yaml.safe_load(value) for name, value in options.items()}
    text, _ = LiteralIncludeReader(str(path), options, page.config).read()
    return textwrap.dedent(text).strip("\n")


def plain_words(lines, page):
    """Return lines of text with words in place of the links that only the book can follow."""
    text = ROLE.sub(lambda role: shown(role["text"], page.titles), "\n".join(lines))
    text = LINK.sub(lambda link: link["text"] or title(link["target"], page.titles), text)
    return text.split("\n") if lines else []


def shown(text, titles):
    """Return what a role shows: its words, or the title of that to which it leads."""
    words = re.fullmatch(r"(.*?)\s*<.*>", text, flags=re.DOTALL)
    return words[1] if words else title(text, titles)


def title(target, titles):
    """Return the title of a place in the book; a word that is none stays as it is."""
    return f"*{titles[target]}*" if target in titles else target


def titles_of(env):
    """Return what a link to each label or page is called."""
    labels = {name: title for name, (*_, title) in env.domaindata["std"]["labels"].items()}
    return labels | {f"/{name}": title.astext() for name, title in env.titles.items()}


def write_notebooks(app, exception):
    """Put every page with cells into the built book, as a notebook.

    Beside each notebook, the exercises too, lies a script with its text: take_notebooks.js saves
    it from there where the book was opened from disk.
    """
    if exception or app.builder.name != "html":
        return
    folder = Path(app.outdir, "notebooks")
    folder.mkdir(exist_ok=True)
    for docname in sorted(app.env.found_docs):
        page = Page(Path(app.env.doc2path(docname)), titles_of(app.env), app.config)
        if is_notebook(page.path):
            nbformat.write(notebook(page), folder / file_name(docname))
    for path in Path(app.outdir).rglob("*.ipynb"):
        text = json.dumps(path.read_text(encoding="utf-8"), ensure_ascii=False)
        call = f"saveNotebook({json.dumps(path.name)}, {text});\n"
        path.with_name(f"{path.name}.js").write_text(call, encoding="utf-8")


def setup(app):
    """Run when the pages are built."""
    app.connect("build-finished", write_notebooks)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
