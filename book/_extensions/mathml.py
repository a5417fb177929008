"""Formulas as MathML, made while the book is built: every browser draws them by itself.

Nothing is fetched, nothing runs in the page, and a screen reader can read them.
"""

from docutils.nodes import SkipNode
from latex2mathml.converter import convert
from sphinx.util.math import get_node_equation_number


def visit_math(translator, node):
    """Write one formula inside a line of text."""
    translator.body.append(convert(node.astext()))
    raise SkipNode


def visit_math_block(translator, node):
    """Write one formula on a line of its own, with its number where it has one."""
    formula = convert(node.astext(), display="block")
    number = ""
    if node["number"]:
        number = f'<span class="eqno">({get_node_equation_number(translator, node)})</span>'
    anchor = f' id="{node["ids"][0]}"' if node["ids"] else ""
    translator.body.append(f'<div class="formula" tabindex="0"{anchor}>{number}{formula}</div>\n')
    raise SkipNode


def setup(app):
    """Register the renderer under the name that ``_config.yml`` uses."""
    app.add_html_math_renderer("mathml", (visit_math, None), (visit_math_block, None))
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
