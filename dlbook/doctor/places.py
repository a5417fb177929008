"""What lies where in a course: its modules, notebooks and pages, and which of them miss another.

Nothing of the course is run here. Whatever is broken, the rest is still found.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from dlbook.doctor.check import Check, of
from dlbook.exercises import course
from dlbook.exercises.proof import Finding

GROUP = "The course"
NOTEBOOKS = ("solutions", "exercises")


@dataclass
class Places:
    """A course as it lies in its folder.

    Parameters
    ----------
    folder : Path
    own : list of str
        Exercises with a module in ``answer_key/``; the others are built in.
    notebooks : list of str
        All exercises, in order.
    pages : list of str or None
        What ``_toc.yml`` names, as it is written there; None where it can't be read.
    missing : list of str
        Pages of the book that it names, and that aren't there.
    findings : dict of list
        By the name of the check.
    """

    folder: Path
    own: list[str] = field(default_factory=list)
    notebooks: list[str] = field(default_factory=list)
    pages: list[str] | None = None
    missing: list[str] = field(default_factory=list)
    findings: dict[str, list[Finding]] = field(default_factory=dict)


def look(folder: Path) -> Places:
    """Look at what lies in a course's folder."""
    places = Places(folder)
    own = places.findings["modules"] = []
    modules = _names(folder / course.ANSWER_KEY, ".py")
    for name in [name for name in modules if not name.startswith("_")]:
        if course.is_name(name):
            places.own.append(name)
        else:
            own.append(Finding(
                f"{course.ANSWER_KEY}/{name}.py has no name for an exercise.",
                f"It may hold {course.NAME_IN_WORDS}; a module that only helps others begins "
                "with _.",
            ))  # fmt: skip
    places.findings["contents"] = []
    places.pages = _contents(folder / "_toc.yml", places.findings["contents"])
    listed = [name for room, name in map(_room, places.pages or ()) if room == "exercises"]
    built_in = [] if places.own else course.BUILT_IN
    known = [name for name in listed if name in places.own or name in course.BUILT_IN]
    places.notebooks = list(dict.fromkeys([*known, *places.own, *built_in]))
    places.findings["notebooks"] = list(_strangers(places, listed))
    places.findings["contents"] += _lost(places, listed)
    places.findings["pages"] = list(_without_heading(places))
    return places


def checks(places: Places) -> Iterator[Check]:
    """Return what was found, in four lines."""
    own = f"{len(places.own)} of its own" if places.own else "this book's own five"
    yield Check(GROUP, "folder", f"{places.folder}, answer key: {own}")
    yield of(
        GROUP, "modules", "every module has the name of an exercise", places.findings["modules"]
    )
    yield of(GROUP, "notebooks", f"{len(places.notebooks)}: {', '.join(places.notebooks)}",
             places.findings["notebooks"])  # fmt: skip
    if places.pages is None and not places.findings["contents"]:
        yield Check(
            GROUP, "_toc.yml", "not there; the exercises come in the order of names", "note"
        )
        return
    count = len(places.pages or ())
    yield of(GROUP, "_toc.yml", f"{count} pages in order", places.findings["contents"])
    yield of(GROUP, "pages", "each begins with its title", places.findings["pages"])


def _names(folder: Path, suffix: str) -> list[str]:
    """Return the names of a folder's files without their ending; none where it can't be read."""
    try:
        return sorted(path.stem for path in folder.iterdir() if path.suffix == suffix)
    except OSError:
        return []


def _contents(path: Path, findings: list[Finding]) -> list[str] | None:
    """Return what a table of contents names, in order."""
    try:
        if path.exists() and not path.is_file():
            raise OSError("it is no file")
        whole = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        findings.append(Finding(f"_toc.yml can't be read: {error}.", "Mend or replace it."))
        return None
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark is not None else ""
        why = getattr(error, "problem", None) or error
        findings.append(Finding(
            f"_toc.yml{line} is no YAML: {' '.join(str(why).split())}.",
            "Compare that line with the ones around it: indent with spaces, the same everywhere.",
        ))  # fmt: skip
        return None
    if not isinstance(whole, dict) or "root" not in whole:
        findings.append(Finding(
            "_toc.yml is no table of contents.",
            "Begin it with format: jb-book and root: book/intro, the first page.",
        ))  # fmt: skip
        return None
    return [str(whole["root"]), *_files(whole, 0)]


def _files(part: dict, depth: int) -> Iterator[str]:
    for kind in ("parts", "subtrees", "chapters", "sections", "entries"):
        entries = part.get(kind)
        for entry in entries if isinstance(entries, list) and depth < 20 else ():
            if isinstance(entry, dict):
                if "file" in entry:
                    yield str(entry["file"])
                yield from _files(entry, depth + 1)


def _room(page: str) -> tuple[str, str]:
    room, _, name = page.removesuffix(".md").removesuffix(".ipynb").rpartition("/")
    return room, name


def _strangers(places: Places, listed: list[str]) -> Iterator[Finding]:
    """Notebooks and entries that belong to no module."""
    found: dict[str, list[str]] = {}
    for room in NOTEBOOKS:
        for name in _names(places.folder / room, ".ipynb"):
            found.setdefault(name, []).append(f"{room}/{name}.ipynb")
    for name in listed:
        found.setdefault(name, []).append("_toc.yml")
    for name, where in sorted(found.items()):
        if name not in places.notebooks:
            yield Finding(
                f"{' and '.join(dict.fromkeys(where))}: no exercise is called {name!r}.",
                f"Write its answer key, {course.ANSWER_KEY}/{name}.py, or take it away.", name,
            )  # fmt: skip


def _lost(places: Places, listed: list[str]) -> Iterator[Finding]:
    """Entries whose file is missing, and exercises that have no entry."""
    if places.pages is None:
        return
    for page in places.pages:
        room, name = _room(page)
        if room in NOTEBOOKS:  # each notebook's own lines say whether that one is there
            continue
        if _page(places.folder, page) is None:
            places.missing.append(name)
            yield Finding(
                f"_toc.yml names {page!r}, and there is no such file.",
                f"Write {page}.md, or take the entry away.",
            )
    twice = {page for page in places.pages if places.pages.count(page) > 1}
    for page in sorted(twice):
        yield Finding(f"_toc.yml names {page!r} more than once.", "Leave it in one place.")
    for name in places.notebooks:
        if name not in listed:
            yield Finding(
                f"exercises/{name} isn't in _toc.yml, so no reader finds it.",
                f"Add below the exercises there: - file: exercises/{name}.", name,
            )  # fmt: skip


def _page(folder: Path, page: str) -> Path | None:
    """Return the file of a page, which lies in the course's folder or isn't there."""
    if Path(page).is_absolute() or ".." in Path(page).parts:
        return None
    for path in (folder / page, folder / f"{page}.md", folder / f"{page}.ipynb"):
        try:
            if path.is_file():
                return path
        except (OSError, ValueError):
            return None
    return None


def _without_heading(places: Places) -> Iterator[Finding]:
    for page in dict.fromkeys(places.pages or ()):
        path = _page(places.folder, page)
        if path is None or (_room(page)[0] in NOTEBOOKS and _room(page)[1] not in places.notebooks):
            continue
        try:
            text = path.read_bytes().decode("utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            why = "it is no UTF-8 text" if isinstance(error, ValueError) else str(error)
            yield Finding(f"{page} can't be read: {why}.", "Mend or replace it.")
            continue
        if path.suffix == ".ipynb":
            text = _first_words(text)
            if text is None:  # damaged: its own lines say so
                continue
        code_left_out = re.sub(r"^(```+|~~~+).*?^\1", "", text, flags=re.DOTALL | re.MULTILINE)
        if not re.search(r"^# +\S", code_left_out, re.MULTILINE):
            yield Finding(f"{page} has no title.", "Begin it with a line such as: # Slopes.")


def _first_words(text: str) -> str | None:
    """Return the Markdown of a notebook."""
    try:
        cells = json.loads(text)["cells"]
        sources = [cell["source"] for cell in cells if cell["cell_type"] == "markdown"]
        return "\n".join("".join(source) for source in sources)
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
