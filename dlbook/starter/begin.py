"""A new exercise or chapter, with a course around it where there is none.

Plain functions behind ``dlbook new``. Read from top to bottom: which folder is meant, what is
made, and the lines in ``_toc.yml``.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from dlbook import building
from dlbook.exercises import course
from dlbook.pages.template import add_to_toc, chapter_text, files_of_a_course
from dlbook.starter import exercise, texts
from dlbook.starter.writing import NotMadeError, write

TOC = "_toc.yml"
LONGEST = 40  # characters of a name: ids of cells are made of it, and may have 64


@dataclass(frozen=True)
class Made:
    """What was made.

    Parameters
    ----------
    folder : Path
    new, changed : tuple of str
        Names of files in it.
    is_new_course : bool
    """

    folder: Path
    new: tuple[str, ...]
    changed: tuple[str, ...]
    is_new_course: bool


def folder_meant(asked: Path | None, found: Path | None, here: Path) -> Path:
    """Return the folder to which something is added.

    Parameters
    ----------
    asked : Path or None
        What somebody asked for: it need not be there yet.
    found : Path or None
        The course that all other commands would use.
    here : Path
        The current folder. If it is empty, it is meant.
    """
    if asked is not None:
        return asked
    if _is_empty(here):
        return here
    if found is not None and str(found) != course.setting_for(""):  # which means: none
        return found
    try:
        return building.book_folder(here)
    except FileNotFoundError:
        return here


def new_exercise(folder: Path, name: str, title: str | None = None) -> Made:
    """Make an exercise with one question: answer key, solution, exercise, tests.

    Parameters
    ----------
    folder : Path
        A course, a clone of this book, or an empty or new folder: then the course is made, too.
    name : str
        ``"leaky"``: the name of the notebook and of the answer key's module.
    title : str, optional
        What the pages are called in the menu.

    Raises
    ------
    NotMadeError
        If a name or the folder won't do, or a file is there already; nothing is changed.
    """
    _require_name(name)
    if name in course.BUILT_IN:
        raise NotMadeError(
            f"{name} is an exercise of the book itself. For one of your own choose another name. "
            f"To change that one, in a clone of the book: dlbook new exercise {name} --from-book"
        )
    title = title or _title(name)
    around = _course_around(folder)
    page, heading = _first_section(folder, name, around)
    new = around | exercise.files(name, title, page, heading)
    changed = {
        f"exercises/{name}": ("Exercises", title),
        f"solutions/{name}": ("Solutions", title),
    }
    return _finished(folder, new, changed, bool(around))


def exercise_from_book(folder: Path, name: str) -> Made:
    """Copy the answer key's module of one of the book's own exercises, so that it can be changed.

    Parameters
    ----------
    folder : Path
        A clone of this book.
    name : str
        One of the book's five.

    Raises
    ------
    NotMadeError
        If there is no such exercise, or the folder is no clone of the book, or has the module.
    """
    if name not in course.BUILT_IN:
        raise NotMadeError(f"The book has no exercise {name!r}. It has {_all_built_in()}.")
    pages = (f"book/{name}.md", f"solutions/{name}.ipynb", f"exercises/{name}.ipynb")
    missing = [page for page in pages if not (folder / page).is_file()]
    if missing:
        raise NotMadeError(
            f"{folder} is no clone of the book: it has no {missing[0]}. A question of the book is "
            "changed in a clone of it, where its pages are."
        )
    text = (Path(exercise.__file__).parents[1] / "exercises" / f"{name}.py").read_text("utf-8")
    new = {f"{course.ANSWER_KEY}/{name}.py": text}
    write(folder, new)
    course.use(folder)
    return Made(folder, tuple(new), (), False)


def new_chapter(folder: Path, name: str, title: str | None = None) -> Made:
    """Make a chapter from the template, last in the numbered part of ``_toc.yml``.

    Parameters
    ----------
    folder : Path
        A course, a clone of this book, or an empty or new folder: then the book is made, too.
    name : str
        ``"leaky"``: the page is ``book/leaky.md``.
    title : str, optional
        What it is called.

    Raises
    ------
    NotMadeError
        If a name or the folder won't do, or the page is there already; nothing is changed.
    """
    _require_name(name)
    around = _course_around(folder)
    has_exercise = not around and _names(_read(folder / TOC), f"exercises/{name}")
    try:
        text = chapter_text(name, title or _title(name), has_exercise)
    except ValueError as error:
        raise NotMadeError(str(error)) from None
    new = around | {f"book/{name}.md": text}
    return _finished(folder, new, {f"book/{name}": ("Chapters", None)}, bool(around))


def is_course(folder: Path) -> bool:
    """Say whether something can be added to this folder."""
    return (folder / course.ANSWER_KEY).is_dir() or (folder / TOC).is_file()


def _is_empty(folder: Path) -> bool:
    """Say whether there is nothing in a folder, or only what is hidden, such as ``.git``."""
    try:
        return all(path.name.startswith(".") for path in folder.iterdir())
    except OSError:  # not there, or not to be looked into: then writing will say so
        return not folder.exists()


def _course_around(folder: Path) -> dict[str, str]:
    """Return the files of a new course; nothing where there is one."""
    if not is_course(folder) and not _is_empty(folder):
        raise NotMadeError(
            f"{folder} holds other files and is no course: it has neither answer_key/ nor "
            "_toc.yml. Name an empty folder or a new one: dlbook --course NEW_FOLDER new ..."
        )
    if (folder / TOC).is_file():
        return {}
    title = _title(folder.resolve().name)
    files = files_of_a_course(title) | {"README.md": texts.filled("readme.md", title=title)}
    return {name: text for name, text in files.items() if not (folder / name).exists()}


def _finished(folder: Path, new: dict, entries: dict, is_new: bool) -> Made:
    """Write the files, and the lines of the pages into the table of contents."""
    before = new.get(TOC) or _read(folder / TOC)
    after = before
    for entry, (part, title) in entries.items():
        if _names(after, entry):  # an author may have written the line first
            continue
        try:
            after = add_to_toc(after, entry, part, title)
        except ValueError as error:
            raise NotMadeError(str(error)) from None
    changed = {}
    if TOC in new:
        new = new | {TOC: after}
    elif after != before:
        changed = {TOC: after}
    write(folder, new, changed)
    course.use(folder)
    return Made(folder, tuple(new), tuple(changed), is_new)


def _read(path: Path) -> str:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return file.read()
    except (OSError, UnicodeDecodeError) as error:
        raise NotMadeError(f"{path} can't be read: {error}.") from None


def _names(toc: str, entry: str) -> bool:
    """Say whether a table of contents has a line for a page."""
    line = rf"""\bfile:\s*['"]?{re.escape(entry)}(\.ipynb|\.md)?['"]?\s*(#|$)"""
    return re.search(line, toc, re.MULTILINE) is not None


def _first_section(folder: Path, name: str, around: dict[str, str]) -> tuple[str, str]:
    """Return a page and a heading of it that are there: the chapter's, else the first page's."""
    for page in (name, "intro"):
        path = folder / "book" / f"{page}.md"
        text = around.get(f"book/{page}.md", "")
        if path.is_file():
            text = _read(path)
        found = re.search(r"^## (.+)$", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S), re.M)
        if found:
            return page, found[1].strip()
    return name, "The idea in words"


def _require_name(name: str) -> None:
    if not course.is_name(name) or len(name) > LONGEST:
        raise NotMadeError(
            f"{name!r} can't be a name. It may hold {course.NAME_IN_WORDS}, at most {LONGEST} of "
            "them, and may be no word of Python's. For example: leaky_relu"
        )


def _title(name: str) -> str:
    words = " ".join(re.split(r"[\s_-]+", name)).strip()
    return words[:1].upper() + words[1:] or "My course"


def _all_built_in() -> str:
    return f"{', '.join(course.BUILT_IN[:-1])} and {course.BUILT_IN[-1]}"
