"""Formulas as MathML, made while the book is built: every browser draws them by itself.

Nothing is fetched, nothing runs in the page, and a screen reader can read them. The one thing
that browsers may lack is a font whose brackets and roots can grow: light_styles.py brings it.
"""

import re

from docutils.nodes import SkipNode
from latex2mathml.converter import convert
from sphinx.util.math import get_node_equation_number

# ln x, not lnx: a named function keeps its distance unless a bracket or an index follows.
FUNCTION = re.compile(r"\\(ln|log|exp|max|min|tanh)(?![a-zA-Z])(?!\s*(?:\\,|\\left|[({_^]))")


def formula(latex, **options):
    """Return LaTeX as one ``<math>`` element."""
    return convert(FUNCTION.sub(r"\\\1\\,", latex), **options)


def visit_math(translator, node):
    """Write one formula inside a line of text."""
    translator.body.append(formula(node.astext()))
    raise SkipNode


def visit_math_block(translator, node):
    """Write one formula on a line of its own, with its number where it has one."""
    number = ""
    if node["number"]:
        number = f'<span class="eqno">({get_node_equation_number(translator, node)})</span>'
    anchor = f' id="{node["ids"][0]}"' if node["ids"] else ""
    drawn = formula(node.astext(), display="block")
    translator.body.append(f'<div class="formula" tabindex="0"{anchor}>{number}{drawn}</div>\n')
    raise SkipNode


def setup(app):
    """Register the renderer under the name that the book's settings use."""
    app.add_html_math_renderer("mathml", (visit_math, None), (visit_math_block, None))
    return {"version": "2", "parallel_read_safe": True, "parallel_write_safe": True}
