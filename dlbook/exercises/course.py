"""Which course this is: a folder with an answer key of its own, or else the book's own five.

A course is a folder that holds ``answer_key/NAME.py`` for each exercise, beside ``solutions/``,
``exercises/`` and ``book/``. ``_toc.yml`` gives the order. It is found by what was asked for
(`use`), else by the environment, else at or above the current folder.
"""

import functools
import importlib
import keyword
import os
import re
import sys
import types
from dataclasses import dataclass, field
from pathlib import Path

SETTING = "DLBOOK_COURSE"  # a course's folder, for the programs that this one starts
ANSWER_KEY = "answer_key"  # the folder's name, and the name under which it is imported
BUILT_IN = ("layers", "neuron", "updates", "training", "images")
NAME = re.compile(r"[a-z][a-z0-9_]*")
QUESTION_ID = re.compile(r"[a-z][a-z0-9_]*(-[a-z0-9]+)+")
NAME_IN_WORDS = "lower-case letters, digits and underscores, beginning with a letter"

_asked: list[Path | None] = []  # what `use` was told
_caches: list = []


class CourseError(ValueError):
    """A course that can't be used; the message says what is wrong, where, and what to do."""


@dataclass(frozen=True)
class Course:
    """A course: where it is, its exercises in order, its chapters with their numbers.

    Parameters
    ----------
    folder : Path or None
        None for the book's own five, wherever they lie.
    notebooks : tuple of str
        The names of the exercises, in the order of the book.
    own : frozenset of str
        Those of them that have a module in the course's ``answer_key/``; the others are built in.
    chapters : dict of str to int
        The number of each numbered page.
    """

    folder: Path | None
    notebooks: tuple[str, ...]
    own: frozenset[str] = frozenset()
    chapters: dict[str, int] = field(default_factory=dict)

    def module(self, notebook: str) -> types.ModuleType:
        """Import the answer key's module of an exercise.

        Raises
        ------
        CourseError
            If the course's own module can't be imported.
        """
        if notebook not in self.own:
            return importlib.import_module(f"dlbook.exercises.{notebook}")
        _be_importable(self.folder)
        try:
            return importlib.import_module(f"{ANSWER_KEY}.{notebook}")
        except (Exception, SystemExit) as error:  # whatever a module that is being written does
            raise CourseError(
                f"{self.place(notebook)} can't be imported. {_line_of(error, self.folder)}"
                f"{type(error).__name__}: {error}. Mend it, and try again."
            ) from error

    def place(self, notebook: str) -> str:
        """Return where the answer key's module of an exercise lies, as messages say it."""
        folder = ANSWER_KEY if notebook in self.own else "dlbook/exercises"
        return f"{folder}/{notebook}.py"

    def solution(self, notebook: str) -> Path:
        """Return where the notebook with the answers is, if it is anywhere."""
        root = self.folder or Path(__file__).parents[2]
        return root / "solutions" / f"{notebook}.ipynb"


BOOK = Course(None, BUILT_IN, chapters={name: i for i, name in enumerate(BUILT_IN, start=1)})


def cached(function):
    """Remember what a function returns, until another course is used."""
    remembered = functools.cache(function)
    _caches.append(remembered)
    return remembered


def forget_when_another_is_used(remembered):
    """Take in a cache of `functools`: it is cleared when another course is used."""
    _caches.append(remembered)
    return remembered


def use(folder: str | Path | None) -> None:
    """Use the course of a folder from now on, here and in the programs that are started here.

    It is read when it is first asked for something.

    Parameters
    ----------
    folder : path or None
        None, "" or a folder without an answer key: the book's own.
    """
    path = Path(folder).resolve() if folder else None
    known = _asked == [None] and path is None  # the book's own doesn't change
    _asked[:] = [path]
    os.environ[SETTING] = setting_for(str(path or ""))
    if not known:
        forget()


def setting_for(there: str) -> str:
    """Return what the environment of another program must say for the course of an `address`."""
    return there or str(Path(__file__).parents[1])  # a folder that holds no answer key


def address() -> str:
    """Return what `use` must be told elsewhere to use this course; "" for the book's own."""
    folder = current().folder
    return "" if folder is None else str(folder)


def settle(there: str) -> None:
    """Use the course of an `address`, unless it is used already."""
    if not _asked or str(_asked[0] or "") != there:
        use(there)


def forget() -> None:
    """Forget all that was read of a course: it is read again, as it is now."""
    for cache in _caches:
        cache.cache_clear()
    for name in [n for n in sys.modules if n.split(".")[0] == ANSWER_KEY]:
        del sys.modules[name]
    importlib.invalidate_caches()


@cached
def current() -> Course:
    """Return the course that is used now.

    Raises
    ------
    CourseError
        If it can't be used.
    """
    folder = _asked[0] if _asked else chosen(None, Path.cwd())
    return BOOK if folder is None else read(folder)


def chosen(folder: Path | None, start: Path) -> Path | None:
    """Return the folder of the course that is meant: as asked for, by the environment, or near."""
    if folder is None and os.environ.get(SETTING):
        folder = Path(os.environ[SETTING]).absolute()
    return folder or found_from(start)


def found_from(start: Path) -> Path | None:
    """Return the nearest folder at or above `start` that holds an answer key, if there is one."""
    try:
        return next(
            (folder for folder in (start, *start.parents) if (folder / ANSWER_KEY).is_dir()), None
        )
    except OSError:  # a folder that may not be looked into
        return None


def read(folder: Path) -> Course:
    """Return the course of a folder; the book's own where it holds no answer key.

    Raises
    ------
    CourseError
        If a file of it has a name that no exercise can have, or its ``_toc.yml`` is damaged.
    """
    if not (folder / ANSWER_KEY).is_dir():
        return BOOK
    own = []
    for path in sorted((folder / ANSWER_KEY).glob("*.py")):
        if path.name.startswith("_"):
            continue
        if not is_name(path.stem):
            raise CourseError(
                f"{ANSWER_KEY}/{path.name} has no name for an exercise. "
                f"It may hold {NAME_IN_WORDS}; a module that only helps others begins with _."
            )
        own.append(path.stem)
    exercises, chapters = _contents(folder / "_toc.yml")
    listed = [name for name in exercises if name in own or name in BUILT_IN]
    notebooks = tuple(dict.fromkeys([*listed, *own]))
    return Course(folder, notebooks, frozenset(own), chapters)


def is_name(name: str) -> bool:
    """Say whether an exercise can have this name: it is a module, and the beginning of ids."""
    return bool(NAME.fullmatch(name)) and not keyword.iskeyword(name)


def chapter(page: str) -> str:
    """Return what a student knows a page by: "chapter 2"."""
    numbers = current().chapters
    return f"chapter {numbers[page]}" if page in numbers else f"the page {page}"


def _contents(path: Path) -> tuple[list[str], dict[str, int]]:
    """Return the exercises that a table of contents names, and its numbered pages."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return [], {}
    except (OSError, UnicodeDecodeError) as error:
        raise CourseError(f"_toc.yml can't be read: {error}.") from None
    import yaml  # noqa: PLC0415 - only where there is a course

    try:
        whole = yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        raise CourseError(f"_toc.yml is no YAML: {' '.join(str(error).split())}.") from None
    if not isinstance(whole, dict):
        raise CourseError("_toc.yml is no table of contents: it must begin with format: jb-book.")
    exercises: list[str] = []
    chapters: dict[str, int] = {}
    for part in [whole, *_dicts(whole.get("parts"))]:
        numbered = bool(part.get("numbered"))
        for file in _files(part):
            room, _, name = file.removesuffix(".md").removesuffix(".ipynb").rpartition("/")
            if room == "exercises":
                exercises.append(name)
            elif room == "book" and numbered:
                chapters.setdefault(name, len(chapters) + 1)
    return exercises, chapters


def _files(part: dict) -> list[str]:
    """Return the files that a part names, those below others included."""
    found = []
    for entry in _dicts(part.get("chapters") or part.get("sections")):
        found += [str(entry["file"])] if "file" in entry else []
        found += _files(entry)
    return found


def _dicts(value: object) -> list[dict]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _be_importable(folder: Path) -> None:
    """Let ``answer_key`` be this course's folder, and no other's."""
    path = str(folder / ANSWER_KEY)
    package = sys.modules.get(ANSWER_KEY)
    if package is None or getattr(package, "__path__", None) != [path]:
        package = types.ModuleType(ANSWER_KEY)
        package.__path__ = [path]
        sys.modules[ANSWER_KEY] = package


def _line_of(error: Exception, folder: Path) -> str:
    """Return the line of the course's own at which it went wrong: "Line 7: "; else nothing."""
    if isinstance(error, SyntaxError) and error.lineno:
        return f"Line {error.lineno}: "
    number, trace = None, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename.startswith(str(folder)):
            number = trace.tb_lineno
        trace = trace.tb_next
    return f"Line {number}: " if number else ""
