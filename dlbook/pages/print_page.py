"""The whole book on one page, for paper: ``print.html``, made from the pages when they are built.

It holds all pages, in the order of the table of contents, but for exercises and solutions: those
are notebooks, to be worked in and not to be read. A reference stays out, too, which nobody reads
from first to last; its first page says so. There are no scripts.
What can be folded away or played with on a screen lies open, with its still picture. Links lead
to their place on the paper; those that lead to a file or to a page that isn't here become words.
"""

import posixpath
import re
from html import escape
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup

PAGE = """\
<!DOCTYPE html>
<html lang="{language}" data-theme="light">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="stylesheet" href="_static/pygments.css">
<link rel="stylesheet" href="_static/dlbook.css">
<link rel="stylesheet" href="_static/print.css">
</head>
<body>
<aside class="only-screen" aria-label="How to print">This is the whole book, to print: with your
browser, or with <code>{command} pdf</code> into a file.
<a href="index.html">Back to the book</a></aside>
<header>
<h1>{title}</h1>
<p>{author}</p>
</header>
<nav aria-labelledby="contents">
<h2 id="contents">Contents</h2>
<ol>
{contents}
</ol>
</nav>
<main>
{pages}
</main>
</body>
</html>
"""
LIVE = ".live-figure > :not(.live-figure-still)"
ONLY_FOR_SCREENS = f"script, style, button, .headerlink, .page-ways, {LIVE}"
NOT_TO_READ = ("exercises/", "solutions/", "book/reference")
POINTERS = ("href", "for", "aria-labelledby", "aria-describedby", "aria-controls", "headers")


def article(path):
    """Return what a built page holds of its own, without the frame that the theme puts around."""
    text = path.read_text(encoding="utf-8")
    found = re.search(r"<article\b[^>]*>(.*)</article>", text, flags=re.DOTALL)
    return BeautifulSoup(found[1], "html.parser")


def for_paper(soup, name, names):
    """Change a page's text so that it can stand beside all others on one page.

    Parameters
    ----------
    soup : BeautifulSoup
    name : str
        The page, as in the table of contents: ``book/layers``.
    names : list of str
        All pages that are printed.
    """
    for tag in soup.select(ONLY_FOR_SCREENS):
        tag.decompose()
    for tag in soup.find_all("details"):
        unfold(tag)
    for tag in soup.find_all(True):
        for unwanted in ("tabindex", "loading", "onclick"):
            tag.attrs.pop(unwanted, None)
        if tag.get("src"):
            tag["src"] = from_top(name, tag["src"])
        if tag.get("id"):
            tag["id"] = anchor(name, tag["id"])
        for pointer in POINTERS[1:]:
            if tag.get(pointer):
                words = tag[pointer] if isinstance(tag[pointer], list) else tag[pointer].split()
                tag[pointer] = " ".join(anchor(name, word) for word in words)
    for link in soup.find_all("a", href=True):
        lead_inside(link, name, names)


def unfold(details):
    """Lay open what is folded; that code can be shown and hidden needs no words on paper."""
    summary = details.find("summary", recursive=False)
    if summary and details.find_parent(class_="cell"):
        summary.decompose()
        details["class"] = []
    elif summary:
        summary.name, summary["class"] = "p", ["admonition-title"]
    details.name = "div"


def lead_inside(link, name, names):
    """Let a link lead to its place on the paper; without one, leave its words."""
    parts = urlsplit(link["href"])
    if parts.scheme or parts.netloc:
        return
    page = posixpath.splitext(from_top(name, unquote(parts.path)))[0] if parts.path else name
    place = unquote(parts.fragment)
    if page in names:
        link["href"] = f"#{anchor(page, place) if place else short(page)}"
    else:
        link.unwrap()


def from_top(name, address):
    """Return an address on a page as it is from the folder of the whole book."""
    if urlsplit(address).scheme:
        return address
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), address))


def anchor(name, place):
    """Return what a place of a page is called on the paper: no two pages share one."""
    return f"{short(name)}--{place}"


def short(name):
    """Return a page's name without the folder that most pages share: no other page has it."""
    return name.removeprefix("book/").replace("/", "-")


def contents(name, soup):
    """Return a page's entry in the table of contents: its title and its sections."""
    heads = [(words(head), section["id"]) for section in soup.select("section[id]")
             if (head := section.find(["h1", "h2"], recursive=False))]  # fmt: skip
    lines = [f'<li><a href="#{place}">{escape(text)}</a></li>' for text, place in heads[1:]]
    inside = f"\n<ol>\n{chr(10).join(lines)}\n</ol>\n" if lines else ""
    return f'<li><a href="#{short(name)}">{escape(heads[0][0])}</a>{inside}</li>'


def words(head):
    """Return the text of a heading."""
    return " ".join(head.get_text().split())


def print_page(html, names, config):
    """Return the page, from the built pages of the folder `html` that `names` lists."""
    entries, pages = [], []
    for name in names:
        soup = article(html / f"{name}.html")
        for_paper(soup, name, names)
        entries.append(contents(name, soup))
        pages.append(f'<div class="page" id="{short(name)}">\n{soup}\n</div>')
    return PAGE.format(
        title=escape(config.html_title),
        author=escape(config.author),
        language=escape(config.language),
        command=escape(config.dlbook_command),
        contents="\n".join(entries),
        pages="\n".join(pages),
    )


def reading_order(env):
    """Return the pages to print, in the order of the table of contents."""
    names = [env.config.root_doc]
    for name in names:  # it grows while it is read
        names += [other for other in env.toctree_includes.get(name, []) if other not in names]
    return [name for name in names if not name.startswith(NOT_TO_READ)]


def write_print_page(app, exception):
    """Put ``print.html`` into the built book."""
    if exception or app.builder.name != "html":
        return
    html = Path(app.outdir)
    whole = print_page(html, reading_order(app.env), app.config)
    (html / "print.html").write_text(whole, encoding="utf-8")


def setup(app):
    """Run when the pages are built, and after what else works on them then."""
    app.connect("build-finished", write_print_page, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
