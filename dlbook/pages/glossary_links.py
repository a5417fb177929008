"""The first time that a chapter uses a word of the glossary, the word leads there.

An author may write such a link by hand, with ``{term}``, where the word is explained. Where a
chapter uses a word before that, or never links it, the link is made here: in running text only,
not in headings, tables, code or formulas. So a word of the glossary must mean in a chapter what
the glossary says: for any other meaning there is another word.
"""

import re

from docutils import nodes

NOT_RUNNING_TEXT = (
    nodes.FixedTextElement, nodes.Invisible, nodes.table, nodes.title, nodes.caption,
    nodes.literal, nodes.math, nodes.raw,
)  # fmt: skip


def forms(term):
    """Return a term as it stands in the glossary and in its other forms: class, classes."""
    if term == "standardise":  # the one verb
        return [term, "standardised", "standardises", "standardising"]
    if term.endswith("y"):
        return [term, term[:-1] + "ies"]
    return [term, term + ("es" if term.endswith(("s", "x", "ch", "sh")) else "s")]


def pattern(terms):
    """Return what finds any form of the terms, and whose form each one is.

    The longest comes first: a hidden layer isn't a layer. A capital letter at the beginning of
    a word is allowed; ReLU, RGB and names must stand as they are.
    """
    written = {form: term for term in terms for form in forms(term)}
    choices = []
    for form in sorted(written, key=len, reverse=True):
        first = f"[{form[0]}{form[0].upper()}]" if form[0].islower() else form[0]
        choices.append(first + re.escape(form[1:]).replace(r"\ ", r"\s+"))
    find = re.compile(rf"(?<![\w-])(?:{'|'.join(choices)})(?![\w-])")
    return find, {form.lower(): term for form, term in written.items()}


def running_text(node):
    """Yield the links and the pieces of running text of a page, in reading order."""
    for child in node.children:
        if isinstance(child, nodes.reference | nodes.Text):
            yield child
        elif not isinstance(child, NOT_RUNNING_TEXT):
            yield from running_text(child)


def link_first_uses(app, doctree, docname):
    """Link each term where a chapter, or the introduction, first uses it."""
    places = terms_of(app.env)
    is_chapter = docname == app.config.root_doc or app.env.toc_secnumbers.get(docname)
    if not (places and is_chapter):
        return
    find, words = pattern(places)
    linked = set()
    for piece in list(running_text(doctree)):
        if isinstance(piece, nodes.reference):
            linked |= {term for term, (_, anchor) in places.items() if leads_to(piece, anchor)}
            continue
        new = []
        for text, term in parts(piece.astext(), find, words):
            if term is None or term in linked:
                new.append(nodes.Text(text))
            else:
                linked.add(term)
                page, anchor = places[term]
                new.append(link(text, f"{app.builder.get_relative_uri(docname, page)}#{anchor}"))
        if any(isinstance(node, nodes.reference) for node in new):
            piece.parent.replace(piece, new)


def terms_of(env):
    """Return page and anchor of every term of the glossary."""
    targets = env.domaindata["std"]["objects"].items()
    return {name: place for (kind, name), place in targets if kind == "term"}


def leads_to(reference, anchor):
    """Return whether a link leads to a place in the glossary."""
    return reference.get("refuri", "").endswith(f"#{anchor}") or reference.get("refid") == anchor


def parts(text, find, words):
    """Yield a text in parts: those that are a term, with it, and those between, with None."""
    end = 0
    for found in find.finditer(text):
        yield text[end : found.start()], None
        yield found[0], words[" ".join(found[0].split()).lower()]
        end = found.end()
    yield text[end:], None


def link(text, address):
    """Return a link that looks like those of ``{term}``."""
    word = nodes.inline(text, text, classes=["xref", "std", "std-term"])
    return nodes.reference("", "", word, internal=True, refuri=address)


def setup(app):
    """Run when the links that authors wrote are in place."""
    app.connect("doctree-resolved", link_first_uses)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
