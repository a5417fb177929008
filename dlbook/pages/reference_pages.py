"""The reference: every public function as its docstring tells of it, in the order of the source.

Sphinx's own autodoc and napoleon do most of it. Here come the lists of what a module holds, the
links from a `word` in a docstring to its entry, the source folded away below each entry, and the
way to the section of a chapter that shows it.
"""

import ast
import inspect
import re
import textwrap
from functools import cache
from importlib import import_module
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import Directive
from docutils.statemachine import StringList
from sphinx import addnodes
from sphinx.util.inspect import signature as signature_of
from sphinx.util.inspect import stringify_signature
from sphinx.util.nodes import make_refnode

WORD = re.compile(r"(?<![`:\w])`([^`]+)`(?![`_\w])")
CLASS = re.compile(r"(?<![\w`.\"])(?!None\b|True\b|False\b)(?:[a-z]\w*\.)*[A-Z]\w*")
WITH_TYPES = ("Parameters", "Attributes", "Returns", "Yields")
AT_TOP = ("module", "function", "class", "exception", "data")  # in a module, not in a class
SHOWN = re.compile(
    r"^(?:\((?P<label>[\w-]+)\)=\n)?##+ "
    r"|^```\{literalinclude\} \.\./dlbook/(?P<module>\w+)\.py\n:pyobject: (?P<name>[\w.]+)",
    flags=re.MULTILINE,
)


class SourceFold(nodes.General, nodes.Element):
    """The source of a function, folded away. The search doesn't look into it."""


class Modules(Directive):
    """A list of modules, each with the first words that it says of itself."""

    has_content = True

    def run(self):
        """Return the list."""
        lines = []
        for name in self.content:
            what = first_words(import_module(name), ())
            lines.append(f"- :py:mod:`{name}`: {what}")
        inside = nodes.container(classes=["names"])
        self.state.nested_parse(StringList(lines, "reference_pages"), 0, inside)
        return [inside]


def first_words(thing, parameters):
    """Return the first paragraph of a docstring."""
    text = inspect.getdoc(thing).partition("\n\n")[0]
    return " ".join(with_roles([text], parameters))


def with_roles(lines, parameters):
    """Return a docstring's lines with a link for each `word` that isn't one of the parameters."""

    def role(found):
        word = found[1]
        name = re.fullmatch(r"[A-Za-z_][\w.]*", word) and word not in parameters
        return f":py:obj:`{word}`" if name else f"``{word}``"

    section, out = "", []
    for line, below in zip(lines, [*lines[1:], ""], strict=True):
        if line.lstrip().startswith((">>>", "...")):
            out.append(line)
            continue
        section = line if below and set(below) == {"-"} else section
        text = WORD.sub(role, line)
        if section in WITH_TYPES and text[:1].strip() and set(text) != {"-"} and line != section:
            before, colon, kind = text.rpartition(" : ")
            kind = CLASS.sub(r":py:obj:`\g<0>`", re.sub(r"\{[^}]*\}", r"``\g<0>``", kind))
            text = before + colon + kind
        out.append(text)
    return out


def parameters_of(thing):
    """Return the names of a function's parameters; of anything else none."""
    try:
        return tuple(inspect.signature(thing).parameters)
    except (TypeError, ValueError):
        return ()


def tell(app, what, name, thing, options, lines):
    """Prepare a docstring for napoleon, and list below a module's own what it holds."""
    lines[:] = with_roles(lines, parameters_of(thing))
    if what == "module":
        lines += ["", ".. container:: names", ""]
        for member in members(thing, options.get("members")):
            entry = getattr(thing, member)
            summary = first_words(entry, parameters_of(entry))
            lines.append(f"   - :py:obj:`{member} <{name}.{member}>`: {summary}")
        lines.append("")
    if what in ("property", "attribute", "data") and lines:
        lines[0] = f": {lines[0]}"  # else napoleon takes words before a colon for a type


def members(module, chosen):
    """Return a module's public names in the order of its source, or those that a page names."""
    if not chosen:  # the page shows them one by one
        return module.__all__
    if isinstance(chosen, list):
        return chosen
    return [
        name
        for name, thing in vars(module).items()
        if not name.startswith("_")
        and getattr(thing, "__module__", None) == module.__name__
        and callable(thing)
        and inspect.getdoc(thing)
    ]


def choose(app, what, name, thing, skip, options):
    """Take ``__call__`` in, and leave out a named tuple's fields: Python's words say nothing."""
    if type(thing).__name__ == "_tuplegetter":
        return True
    return False if name == "__call__" and inspect.isfunction(thing) else None


def plain_signature(app, what, name, thing, options, signature, returns):
    """Show what an object is made from; three dots are a default that is made anew each time."""
    if what == "class" and signature == "(*args, **kwargs)":  # of a widget's __new__
        made_from = signature_of(thing.__init__, bound_method=True)
        signature = stringify_signature(made_from, False, False)
    return (signature or "").replace("<factory>", "..."), returns


def lead_to_entry(app, env, node, contnode):
    """Let a word lead to its entry under a shorter name; a word that has none is code."""
    if node.get("refdomain") != "py" or node.get("reftype") != "obj":
        return None
    objects, target = env.get_domain("py").objects, node["reftarget"]
    found = {
        (entry.docname, entry.node_id)  # an entry may stand under two names
        for name, entry in objects.items()
        if name.endswith(f".{target}") and ("." in target or entry.objtype in AT_TOP)
    }
    if len(found) == 1:
        return make_refnode(app.builder, node["refdoc"], *found.pop(), contnode, target)
    return nodes.literal("", contnode.astext())


def add_what_a_reader_looks_for(app, domain, kind, content):
    """Put the way to the chapter and the folded source below an entry's own words."""
    if domain != "py":
        return
    signature = content.parent[0]
    name, module = signature["fullname"], signature["module"]
    below = []
    if label := shown(Path(app.srcdir, "book")).get(f"{module}.{name}"):
        link = addnodes.pending_xref(
            "", nodes.inline(), refdomain="std", reftype="ref", reftarget=label,
            refexplicit=False, refwarn=True, refdoc=app.env.docname,
        )  # fmt: skip
        below.append(nodes.paragraph("", "In the chapter: ", link))
    if code := source(module, name):
        below.append(SourceFold(name=name, code=code))
    inner = [i for i, part in enumerate(content) if isinstance(part, addnodes.desc)]
    place = inner[0] if inner else len(content)
    content[place:place] = below


@cache
def shown(book):
    """Return for each function that a chapter shows the label of the section that shows it."""
    found = {}
    for path in sorted(book.glob("*.md")):
        label = None
        for match in SHOWN.finditer(path.read_text(encoding="utf-8")):
            if match["name"]:
                found.setdefault(f"dlbook.{match['module']}.{match['name']}", label)
            else:
                label = match["label"]
    return found


def source(module, name):
    """Return the source of a function, or of how an object is made, without its docstring."""
    thing = import_module(module)
    for part in name.split("."):
        thing = vars(thing)[part] if part in vars(thing) else getattr(thing, part)
    if inspect.isclass(thing):
        thing = vars(thing).get("__init__")
    thing = getattr(thing, "fget", None) or getattr(thing, "__func__", thing)
    try:
        lines = textwrap.dedent(inspect.getsource(inspect.unwrap(thing))).splitlines()
    except (OSError, TypeError):  # a number, or made by Python itself
        return ""
    body = getattr(ast.parse("\n".join(lines)).body[0], "body", [])
    if len(body) > 1 and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        del lines[body[0].lineno - 1 : body[0].end_lineno]
    return "\n".join(lines)


def visit_source(translator, node):
    """Write the folded source; no script is needed to open it."""
    code = translator.highlighter.highlight_block(node["code"], "python")
    code = code.replace("<pre>", '<pre tabindex="0">', 1)
    translator.body.append(
        f'<details class="source"><summary>Source of <code>{node["name"]}</code></summary>'
        f'<div class="highlight-python notranslate">{code}</div></details>\n'
    )
    raise nodes.SkipNode


def depend_on_chapters(app, docname, text):
    """Read a page of the reference again when a chapter has changed to which it leads."""
    if docname.startswith("book/reference/"):
        for path in Path(app.srcdir, "book").glob("*.md"):
            app.env.note_dependency(str(path))


def setup(app):
    """Run before napoleon, which takes the lines of a docstring as they are by then."""
    app.add_directive("modules", Modules)
    app.add_node(SourceFold, html=(visit_source, None))
    app.connect("source-read", depend_on_chapters)
    app.connect("autodoc-process-docstring", tell, priority=400)
    app.connect("autodoc-process-signature", plain_signature)
    app.connect("autodoc-skip-member", choose)
    app.connect("object-description-transform", add_what_a_reader_looks_for)
    app.connect("missing-reference", lead_to_entry)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
