"""Formulas as MathML, made while the book is built: every browser draws them by itself.

Nothing is fetched, nothing runs in the page, and a screen reader can read them. The one thing
that browsers may lack is a font whose brackets and roots can grow: the glyphs that a book needs
are taken from STIX Two Math, which the package ziamath brings along.
"""

import re
from importlib.util import find_spec
from pathlib import Path

from docutils.nodes import SkipNode
from fontTools import subset
from fontTools.ttLib import TTFont
from latex2mathml.converter import convert
from sphinx.util.math import get_node_equation_number

FONT = "stix-two-math.woff"
# Letters upright and italic, Greek, accents, and the signs that a chapter may use.
LETTERS = (
    "20-7E,A0,AC,AF,B1,B7,D7,F7,2C6,2C7,2DC,302-304,307,391-3C9,3D5,2010-2026,2032,2033,2061-2063,"
    "2190-2194,21A6,21D2,2202,2205-2208,220F,2211-2213,221A,221D,221E,2225,2229-222B,2248,2260,"
    "2261,2264,2265,226A,226B,2282,2286,2297,2299,22A4,22C5,22EE,22EF,2308-230B,27E8,27E9,"
    "1D434-1D467,1D6FC-1D71B"
)
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


def make_font(app):
    """Put the part of STIX Two Math that a book needs, and its licence, beside the styles."""
    folder = Path(app.doctreedir) / "math-font"
    if not (folder / FONT).is_file():
        folder.mkdir(parents=True, exist_ok=True)
        whole = Path(find_spec("ziamath").origin).parent / "fonts" / "STIXTwoMath-Regular.ttf"
        font = TTFont(whole)
        words = "\n\n".join(font["name"].getDebugName(part) or "" for part in (0, 13, 14))
        (folder / "stix-two-math-licence.txt").write_text(words, encoding="utf-8")
        cutter = subset.Subsetter(subset.Options(layout_features=["ssty", "kern"]))
        cutter.populate(unicodes=subset.parse_unicodes(LETTERS))
        cutter.subset(font)
        font.flavor = "woff"
        font.save(folder / FONT)
    app.config.html_static_path.append(str(folder))


def setup(app):
    """Register the renderer under the name that ``_config.yml`` uses."""
    app.add_html_math_renderer("mathml", (visit_math, None), (visit_math_block, None))
    app.connect("builder-inited", make_font)
    return {"version": "2", "parallel_read_safe": True, "parallel_write_safe": True}
