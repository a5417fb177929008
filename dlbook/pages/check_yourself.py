"""Questions that answer in the page: a reason for every choice, and every mistake by its name.

The source is two admonitions (CONTRIBUTING.md); here each pair becomes one block.
"""

import difflib
import functools
from html import escape

from docutils import nodes
from sphinx.errors import ExtensionError

from dlbook.exercises import key

KINDS = {"check-yourself", "predict"}
SCRIPT = "check_yourself.js"
RIGHT, WRONG = "Right", "Not quite"


def answer_in_the_page(app, doctree):
    """Put each question, its choices and their reasons together."""
    for question in list(doctree.findall(nodes.admonition)):
        for kind in KINDS & set(question["classes"]):
            try:
                make_block(question, kind, app.config.dlbook_name_every_mistake)
            except ValueError as error:
                where = f"{app.env.docname}, “{question[0].astext()}”"
                raise ExtensionError(f"{where}: {error}") from None


def make_block(question, kind, all_named):
    """Replace a question and what belongs to it by a ``<fieldset>``."""
    title, *text, choices = question.children
    if not isinstance(choices, nodes.enumerated_list):
        raise ValueError("A question ends with its choices, a numbered list.")
    cell, answer = what_follows(question, kind)
    reasons, *story = sorted(answer[1:], key=lambda part: not is_list(part))
    judge(choices, reasons, all_named and kind != "predict")
    choices["classes"] = ["question-choices"]
    summary = f"{answer[0].astext()}, with all the reasons"
    place = question.parent.index(question)
    question.parent[place : place + 1] = [
        html(f'<fieldset class="question {kind}"><legend>{escape(title.astext())}</legend>'),
        *text,
        choices,
        *([cell] if cell else []),
        html(f'<details class="question-reasons"><summary>{escape(summary)}</summary>'),
        reasons,
        nodes.container("", *story, classes=["question-story"]),
        html("</details></fieldset>"),
    ]


def what_follows(question, kind):
    """Take the code cell of a prediction, and the answer, out of the page."""
    parent = question.parent
    after = parent[parent.index(question) + 1 :][:2]
    cell = None
    if kind == "predict":
        cell = after.pop(0) if after else None
        if cell is None or cell.get("hide_mode") != "output":
            raise ValueError("A code cell with the tag hide-output must follow a prediction.")
    if not after or "reasons" not in after[0].get("classes", []):
        raise ValueError("Its answer must follow: an admonition of the class reasons.")
    answer = after[0]
    if not any(is_list(part) for part in answer):
        raise ValueError("The answer needs a numbered list: a reason for each choice.")
    for part in filter(None, (cell, answer)):
        parent.remove(part)
    return cell, answer


def judge(choices, reasons, all_named):
    """Mark each reason as that of a right or of a wrong choice, and repeat the choice in it.

    Parameters
    ----------
    choices, reasons : docutils.nodes.enumerated_list
    all_named : bool
        Whether each wrong choice must be a mistake that the exercises know.
    """
    if len(choices) != len(reasons):
        raise ValueError(f"There are {len(choices)} choices and {len(reasons)} reasons.")
    for choice, reason in zip(choices, reasons, strict=True):
        words = reason[0]
        words[:] = [part for part in words if part.astext()]  # Markdown leaves an empty text
        verdict = name_of(words[0])
        if len(words.astext().split()) < len(words[0].astext().split()) + 3:
            raise ValueError(f"“{choice.astext()}” needs a reason, not a name alone.")
        reason["classes"] = ["right" if verdict == RIGHT else "wrong"]
        if verdict not in (RIGHT, WRONG):
            require_in_catalogue(verdict)
            named = nodes.Text(f" This is “{words[0].astext().rstrip('.')}”.")
            words[0:1] = [nodes.strong("", f"{WRONG}."), named]
        elif verdict == WRONG and all_named:
            raise ValueError(f"“{choice.astext()}” needs the title of a mistake, in bold.")
        repeated = [part.deepcopy() for part in choice[0]]
        words[0:0] = [*repeated, nodes.Text(": ")]
    right = sum("right" in reason["classes"] for reason in reasons)
    if right != 1:
        raise ValueError(f"Exactly one choice must be right. Here {right} are.")


def name_of(first):
    """Return what stands in bold at the beginning of a reason, without its full stop."""
    if not isinstance(first, nodes.strong):
        raise ValueError(
            f"A reason begins in bold, with **{RIGHT}.** or the title of a mistake. "
            f"This one doesn't: “{first.astext()}”"
        )
    return first.astext().rstrip(".").replace("’", "'")


def require_in_catalogue(title):
    """Raise a ValueError if no question of the exercises knows a mistake of this title."""
    if title not in catalogue():
        near = difflib.get_close_matches(title, catalogue(), n=3)
        advice = f" Did you mean {' or '.join(repr(name) for name in near)}?" if near else ""
        raise ValueError(f"No mistake in the answer key has the title {title!r}.{advice}")


@functools.cache
def catalogue():
    """Return the titles of all mistakes that the exercises know."""
    return {m.title for question in key.questions().values() for m in question.mistakes}


def is_list(node):
    """Say whether `node` is a numbered list."""
    return isinstance(node, nodes.enumerated_list)


def html(text):
    """Return a piece of HTML."""
    return nodes.raw("", text, format="html")


def load_where_needed(app, page, template, context, doctree):
    """Let a page with questions load the script."""
    if doctree and any("question-choices" in n["classes"] for n in doctree.findall(is_list)):
        app.add_js_file(SCRIPT, loading_method="defer")


def setup(app):
    """Run once a page is read."""
    app.connect("doctree-read", answer_in_the_page)
    app.connect("html-page-context", load_where_needed)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
