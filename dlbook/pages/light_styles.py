"""Styles and fonts as small as the book needs them: made from the pinned packages, once built.

A theme's style sheet knows two thousand icons and a hundred parts that no page has. What no page
and no script names is taken out of it; its font of icons and the font of formulas are cut down to
the signs that are used, and travel inside the style sheets, so that nothing moves when they come.
"""

import base64
import io
import logging
import re
from functools import cache
from html import unescape
from importlib.util import find_spec
from pathlib import Path

import tinycss2
from fontTools import subset
from fontTools.ttLib import TTFont

TRIMMED = ("styles/pydata-sphinx-theme.css", "sphinx-design.min.css", "mystnb.*.css")
ICONS = "vendor/fontawesome/webfonts/fa-solid-900.ttf"
NOT_USED = ("*.map", "vendor/fontawesome", "scripts/fontawesome.js", "locales")
WORD = re.compile(r"[\w-]+")
MATH = re.compile(r"<math\b.*?</math>", flags=re.DOTALL)
CLASS = re.compile(r"\.((?:[\w-]|\\.)+)")
PRIVATE = re.compile("[\ue000-\uf8ff]")  # where fonts of icons have their signs
FORMULAS = "math.css"


def trimmed(css, words):
    """Return a style sheet without the rules for classes that nothing names.

    Parameters
    ----------
    css : str
    words : set of str
        All words of all pages and scripts. One that ends in a hyphen stands for all that
        begin so: scripts put names together.
    """
    starts = tuple(word for word in words if word.endswith("-") and len(word) > 3)

    @cache
    def is_named(name):
        name = name.replace("\\", "")
        return name in words or name.startswith(starts)

    def is_used(selector):
        return all(map(is_named, CLASS.findall(re.sub(r":not\([^)]*\)", "", selector))))

    def kept(rules):
        for rule in rules:
            if rule.type == "qualified-rule":
                prelude = tinycss2.serialize(rule.prelude)
                used = [part for part in selectors(prelude) if is_used(part)]
                if used:
                    yield f"{','.join(used)}{{{tinycss2.serialize(rule.content)}}}"
            elif rule.type == "at-rule" and rule.at_keyword in ("media", "supports", "layer"):
                if rule.content is None:
                    yield rule.serialize()
                    continue
                inside = "".join(kept(tinycss2.parse_rule_list(rule.content, True, True)))
                if inside:
                    prelude = tinycss2.serialize(rule.prelude)
                    yield f"@{rule.at_keyword}{prelude}{{{inside}}}"
            elif rule.type == "comment" and not rule.value.startswith("!"):
                continue  # licences begin so, and stay
            else:
                yield rule.serialize()

    return "".join(kept(tinycss2.parse_stylesheet(css, False, True)))


def selectors(prelude):
    """Split a list of selectors at the commas that aren't inside brackets."""
    parts, depth = [""], 0
    for sign in prelude:
        depth += (sign in "([") - (sign in ")]")
        if sign == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += sign
    return [part.strip() for part in parts]


def font_of(path, signs, features=()):
    """Return a font cut down to some signs, as a style sheet's ``url(...)``."""
    logging.getLogger("fontTools").setLevel(logging.WARNING)  # or it tells of every table
    font = TTFont(path)
    options = subset.Options(layout_features=list(features), hinting=False)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=sorted(map(ord, signs)))
    cutter.subset(font)
    font.flavor = "woff"
    file = io.BytesIO()
    font.save(file)
    text = base64.b64encode(file.getvalue()).decode()
    return f'url("data:font/woff;base64,{text}") format("woff")'


def in_italics(sign):
    """Return the letter that a browser draws for a letter of a formula."""
    if sign == "h":
        return "\u210e"
    for first, last, italic in (("a", "z", 0x1D44E), ("A", "Z", 0x1D434), ("α", "ω", 0x1D6FC)):
        if first <= sign <= last:
            return chr(italic + ord(sign) - ord(first))
    return {"ϕ": "\U0001d719", "∂": "\U0001d715"}.get(sign, sign)


def formulas(pages):
    """Return a style sheet with the font of all signs of the pages' formulas."""
    drawn = "".join(MATH.findall("".join(pages)))
    signs = set(unescape(re.sub(r"<[^>]*>", "", drawn))) | set("()[]{}|√")
    signs |= set(map(in_italics, signs))
    path = Path(find_spec("ziamath").origin).parent / "fonts" / "STIXTwoMath-Regular.ttf"
    source = font_of(path, signs, ["ssty", "kern"])
    words = "\n\n".join(TTFont(path)["name"].getDebugName(part) or "" for part in (0, 13, 14))
    family = f'@font-face{{font-family:"STIX Two Math of the book";src:{source}}}'
    return f"/*! {words.replace('*/', '')} */\n{family}\n"


def with_icons(css, static):
    """Return a style sheet that brings its icons along, only those that it still names."""
    if not (static / ICONS).is_file():
        return css
    signs = set(PRIVATE.findall(css))
    face = re.compile(r"@font-face\s*{[^}]*fontawesome[^}]*}")
    fonts = [found for found in face.findall(css) if "fa-solid" in found]
    source = font_of(static / ICONS, signs)
    whole = "".join(re.sub(r"src:[^;}]*(?:;[^}]*)?}", f"src:{source}}}", font) for font in fonts)
    return face.sub("", css) + whole


def make_light(app, failure):
    """Trim the styles of a book that was built; drop the files that no page asks for."""
    if failure or app.builder.format != "html":
        return
    out = Path(app.outdir)
    static = out / "_static"
    pages = [p.read_text(encoding="utf-8") for p in out.rglob("*.html") if static not in p.parents]
    scripts = [p.read_text(encoding="utf-8") for p in static.rglob("*.js")
               if p.name != "fontawesome.js"]  # fmt: skip
    words = {word for text in (*pages, *scripts) for word in WORD.findall(text)}
    for pattern in TRIMMED:
        for path in static.glob(pattern):
            light = trimmed(path.read_text(encoding="utf-8"), words)
            path.write_text(with_icons(light, static), encoding="utf-8")
    (static / FORMULAS).write_text(formulas(pages), encoding="utf-8")
    for pattern in NOT_USED:
        for path in static.rglob(pattern):
            remove(path)


def remove(path):
    """Remove a file, or a folder with all that is in it."""
    if path.is_dir():
        for inside in path.iterdir():
            remove(inside)
        path.rmdir()
    else:
        path.unlink()


def ask_for_formulas(app, pagename, templatename, context, doctree):
    """Let only pages with formulas load the font for them."""
    if "<math" in context.get("body", ""):
        app.add_css_file(FORMULAS)


def setup(app):
    """Run when the book is built."""
    app.connect("html-page-context", ask_for_formulas)
    app.connect("build-finished", make_light, priority=900)  # after all pages are there
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
