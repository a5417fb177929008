"""Templates: the files of a new course, a new chapter, and the lines of both in ``_toc.yml``.

Plain functions from text to text. Who calls them writes the files, and refuses to overwrite any.
"""

import copy
import json
import re
from collections.abc import Iterator
from importlib.resources import files

import yaml

from dlbook.exercises.course import NAME, NAME_IN_WORDS

COURSE = ("_config.yml", "_toc.yml", "book/intro.md")
FOLDERS = ("book", "exercises", "solutions")  # the order of their parts in a table of contents
ENTRY = re.compile(rf"({'|'.join(FOLDERS)})/{NAME.pattern}")
SLOT = re.compile(r"<<([a-z ]+)>>")
MARKDOWN = re.compile(r"[\\`*_{}\[\]<>$#|~&]")  # signs that mean something there
NOT_YET = """\
% The exercise. When it is there (`dlbook new exercise {name}`), take the two signs "% " away from
% each of the lines that follow.
"""


def files_of_a_course(title: str) -> dict[str, str]:
    """Return the files of a new course: settings, table of contents, first page.

    Parameters
    ----------
    title : str
        What the course is called, as its readers see it.

    Returns
    -------
    dict of str to str
        The text of each file, by its name in the course's folder, such as ``book/intro.md``.

    Raises
    ------
    ValueError
        If the title is empty, or more than one line.

    Examples
    --------
    >>> sorted(files_of_a_course("Learning & Doubt"))
    ['_config.yml', '_toc.yml', 'book/intro.md']
    """
    title = _one_line(title)
    slots = {"title": _markdown(title), "quoted title": _quoted(title)}
    return {name: _filled(name, slots) for name in COURSE}


def chapter_text(name: str, title: str, has_exercise: bool = False) -> str:
    """Return a chapter that builds as it is, and says to its author what belongs where.

    Parameters
    ----------
    name : str
        The page's name: ``book/NAME.md`` is its file, ``chapter-NAME`` what links to it say.
    title : str
        What the chapter is called, as its readers see it.
    has_exercise : bool, optional
        Whether the book has the page ``exercises/NAME``: then the chapter ends with a link to
        it. Without one, the link is there as a note to the author.

    Raises
    ------
    ValueError
        If the name isn't one, or the title is empty, or more than one line.

    Examples
    --------
    >>> "# Leaky ReLU" in chapter_text("leaky", "Leaky ReLU")
    True
    """
    if not NAME.fullmatch(name):
        raise ValueError(
            f"A chapter can't be called {name!r}. A name is made of {NAME_IN_WORDS}. "
            "For example: leaky_relu"
        )
    exercise = _filled("exercise.md", {"name": name})
    if not has_exercise:
        noted = "".join(f"% {line}" for line in exercise.splitlines(keepends=True))
        exercise = NOT_YET.format(name=name) + noted.replace("% \n", "%\n")
    title = _markdown(_one_line(title))
    slots = {"name": name, "title": title, "exercise": exercise.rstrip("\n")}
    return _filled("chapter.md", slots)


def add_to_toc(text: str, entry: str, part: str, title: str | None = None) -> str:
    r"""Return the text of a ``_toc.yml`` with one page more; every other line stays as it is.

    The page comes last in the part that is called `part`. Where there is none, it comes last in
    the part that has pages of its kind: numbered chapters, exercises or solutions. Where there is
    none either, a part is made, in this order of kinds.

    Parameters
    ----------
    text : str
        The whole file.
    entry : str
        ``book/NAME``, ``exercises/NAME`` or ``solutions/NAME``.
    part : str
        The caption of the part, such as ``"Exercises"``.
    title : str, optional
        What the menu calls the page, if not by the page's own title.

    Raises
    ------
    ValueError
        If the file names this page already, or has a form that isn't understood.

    Examples
    --------
    >>> print(add_to_toc("format: jb-book\nroot: book/intro\n", "book/leaky", "Chapters"), end="")
    format: jb-book
    root: book/intro
    parts:
      - caption: Chapters
        numbered: true
        chapters:
          - file: book/leaky
    """
    if not ENTRY.fullmatch(entry):
        raise ValueError(
            f"{entry!r} is no page that this can add. Expected book/NAME, exercises/NAME or "
            f"solutions/NAME, where a NAME is made of {NAME_IN_WORDS}."
        )
    toc = _read(text, entry)
    if entry in _named(toc):
        raise ValueError(f"_toc.yml names {entry} already. Give the page another name.")
    page = {"file": entry} | ({} if title is None else {"title": _one_line(title)})
    made, expected = _with_page(text, toc, page, _one_line(part))
    if not _means(made, expected):  # an alias, for example: one place that stands for two
        raise _strange(entry, "it is laid out in an unusual way")
    return made


def _with_page(text: str, toc: dict, page: dict, caption: str) -> tuple[str, dict]:
    """Return the text with the page in it, and what it must mean."""
    folder = page["file"].split("/")[0]
    lines = [f"- file: {page['file']}"]
    lines += [f"  title: {_quoted(page['title'])}"] if "title" in page else []
    kinds = [_kind(part) for part in toc.get("parts", [])]
    place = _place(toc.get("parts", []), kinds, caption, folder)
    if place is None:
        return _with_part(text, toc, page, caption, lines, kinds)
    part = toc["parts"][place]
    chapters = _value(_parts(text).value[place], "chapters")
    if not isinstance(chapters, yaml.SequenceNode) or chapters.flow_style:
        why = "don't stand below one another, each in a line of its own"
        raise _strange(page["file"], f"the chapters of its part {part.get('caption')!r} {why}")
    expected = copy.deepcopy(toc)
    expected["parts"][place]["chapters"].append(page)
    return _inserted(text, _end(chapters), chapters.start_mark.column, lines), expected


def _with_part(
    text: str, toc: dict, page: dict, caption: str, lines: list[str], kinds: list[str | None]
) -> tuple[str, dict]:
    """Return the text with a part more, which has one page, and what it must mean."""
    folder = page["file"].split("/")[0]
    numbered = {"numbered": True} if folder == "book" else {}
    part = {"caption": caption, **numbered, "chapters": [page]}
    new = [f"- caption: {_quoted(caption)}", *(["  numbered: true"] if numbered else [])]
    new += ["  chapters:", *(f"    {line}" for line in lines)]
    expected = copy.deepcopy(toc)
    if "parts" not in toc:
        expected["parts"] = [part]
        return _inserted(text, len(text), 0, ["parts:", *(f"  {line}" for line in new)]), expected
    nodes, order = _parts(text), FOLDERS.index(folder)
    if nodes.flow_style:
        raise _strange(page["file"], "its parts don't stand below one another")
    before = [i for i, kind in enumerate(kinds) if kind and FOLDERS.index(kind) < order]
    place = before[-1] + 1 if before else 0
    at = _end(nodes.value[place - 1]) if before else _line_before(text, nodes.value[0])
    expected["parts"].insert(place, part)
    return _inserted(text, at, nodes.start_mark.column, new), expected


def _parts(text: str) -> yaml.SequenceNode:
    """Return where in the text its parts stand."""
    return _value(yaml.compose(text, yaml.SafeLoader), "parts")


def _place(parts: list[dict], kinds: list[str | None], caption: str, kind: str) -> int | None:
    """Return which part a page belongs to; None where it needs a new one."""
    captions = [str(part.get("caption", "")).casefold() for part in parts]
    if caption.casefold() in captions:
        return captions.index(caption.casefold())
    return kinds.index(kind) if kind in kinds else None


def _kind(part: dict) -> str | None:
    """Return the folder whose pages a part holds; for the folder ``book``, numbered ones only."""
    folders = {name.split("/")[0] for name in _named(part)}
    folder = folders.pop() if len(folders) == 1 else None
    return folder if folder in FOLDERS and (folder != "book" or part.get("numbered")) else None


def _read(text: str, entry: str) -> dict:
    """Return what a table of contents means."""
    try:
        toc = yaml.safe_load(text)
    except yaml.YAMLError as error:
        where = getattr(error, "problem_mark", None)
        line = f" in line {where.line + 1}" if where else ""
        raise _strange(entry, f"it isn't YAML{line}") from None
    if not isinstance(toc, dict) or toc.get("format") != "jb-book" or "root" not in toc:
        raise _strange(entry, "it doesn't have the lines “format: jb-book” and “root: ...”")
    if {"chapters", "subtrees"} & toc.keys():
        raise _strange(entry, "its chapters aren't in parts")
    parts = toc.get("parts", [{}])
    if not (isinstance(parts, list) and parts and all(isinstance(one, dict) for one in parts)):
        raise _strange(entry, "its “parts:” isn't a list of parts")
    return toc


def _means(text: str, expected: dict) -> bool:
    try:
        return yaml.safe_load(text) == expected
    except yaml.YAMLError:
        return False


def _strange(entry: str, why: str) -> ValueError:
    return ValueError(
        f"_toc.yml is not changed: {why}. Write the page into it by hand, where it "
        f"should stand:\n\n  - file: {entry}"
    )


def _named(toc: object) -> Iterator[str]:
    """Yield the page names of a table of contents, or of a piece of it."""
    if isinstance(toc, dict):
        for key, value in toc.items():
            if key in ("file", "root") and isinstance(value, str):
                yield value.removesuffix(".md").removesuffix(".ipynb")
            else:
                yield from _named(value)
    elif isinstance(toc, list):
        for value in toc:
            yield from _named(value)


def _value(node: yaml.Node, key: str) -> yaml.Node | None:
    """Return the node of what stands behind a key."""
    return next((value for name, value in node.value if name.value == key), None)


def _end(node: yaml.Node) -> int:
    """Return where the last word of a node ends: YAML itself counts the comments behind it, too."""
    while isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    return node.end_mark.index


def _line_before(text: str, node: yaml.Node) -> int:
    """Return the end of the line before the one in which a node begins."""
    return max(text.rfind("\n", 0, node.start_mark.index), 0)


def _inserted(text: str, at: int, column: int, lines: list[str]) -> str:
    """Return a text with some lines more, after the line in which the place `at` is."""
    newline = "\r\n" if "\r\n" in text else "\n"
    found = text.find("\n", at)
    head, tail = (text, "") if found < 0 else (text[: found + 1], text[found + 1 :])
    if head and not head.endswith("\n"):
        head += newline
    return head + "".join(f"{' ' * column}{line}{newline}" for line in lines) + tail


def _filled(name: str, slots: dict[str, str]) -> str:
    text = files(__package__).joinpath("course", name).read_text(encoding="utf-8")
    return SLOT.sub(lambda slot: slots[slot[1]], text)


def _one_line(title: str) -> str:
    if not title.strip() or not title.isprintable():
        raise ValueError(f"A title is one line of text. Given: {title!r}.")
    return title.strip()


def _markdown(title: str) -> str:
    """Return a title so that Markdown shows it as it is."""
    return MARKDOWN.sub(lambda sign: f"\\{sign[0]}", title)


def _quoted(title: str) -> str:
    """Return a title as YAML takes it for text, whatever stands in it."""
    plain = re.fullmatch(r"[A-Za-z][A-Za-z0-9 ]*[A-Za-z0-9]", title)
    if plain and isinstance(yaml.safe_load(title), str):  # not: yes, no, null
        return title
    return json.dumps(title, ensure_ascii=False)
