"""Finding the submissions in whatever layout they came: folders, nbgrader, Canvas, Moodle, zips.

Submissions come from strangers. Their names are data and never paths, nothing is unpacked to
disk, no link is followed, and what can't be taken in is told and doesn't stop the rest.
"""

import contextlib
import io
import os
import re
import stat
import threading
import unicodedata
import weakref
import zipfile
import zoneinfo
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, NamedTuple

from dlbook.exercises import key

LARGEST_FILE = 50_000_000  # bytes, of a file or of a zip's member once it is unpacked
RATIO, RATIO_FROM = 200, 5_000_000  # what is larger and packed more tightly is a bomb
DEEPEST_FOLDER, DEEPEST_ZIP, LONGEST_NAME = 20, 2, 4096
CLASS_ZIP, STUDENTS_ZIP = (200_000, 5_000_000_000), (2_000, 200_000_000)  # entries, bytes
NAMED_AT_MOST = 10  # files that are no notebooks, for one student
UNDERSTOOD = (
    "Understood are: <student>/<name>.ipynb; <student>_neuron.ipynb; nbgrader's "
    "submitted/<student>/<assignment>/<name>.ipynb; downloads from Canvas "
    "(doejane_12_34_neuron.ipynb) and Moodle (Jane Doe_12_assignsubmission_file_/neuron.ipynb); "
    "as a folder, as a .zip, or one .ipynb"
)


class IntakeError(ValueError):
    """What was given can't be taken in; the message says why and what to do."""


@dataclass(frozen=True)
class Submitted:
    """One notebook that a student handed in.

    Parameters
    ----------
    student : str
        Who, as the layout tells it, for people: ``"Jane Doe"``, ``"doejane"``, ``"ada"``.
        Different students have different names here.
    student_id : str
        The LMS's own id; empty where there is none.
    file : str
        The file's name without what Canvas, browsers and systems add: ``"neuron.ipynb"``.
    where : str
        Where it was found: ``"canvas.zip > doejane_12_34_neuron.ipynb"``.
    when : float or None
        When it was handed in, in seconds since 1970, UTC, if the layout says so (nbgrader's
        ``timestamp.txt``). The dates of files only say when somebody copied them.
    version : tuple
        Sorts one student's versions of a notebook; the newest is the largest. Canvas's
        attachment id counts first, then `when`, then the file's date, then names that don't
        look like copies, then the folder nearest to the top.
    late : bool
        Whether Canvas marked it so.
    layout : str
        ``"folders"``, ``"nbgrader"``, ``"canvas"`` or ``"moodle"``.
    handle : str
        What Canvas or Moodle has put before the file's own name, and knows the student by when
        a file comes back: ``"doejane_LATE_12_34_"``, ``"Jane Doe_12_assignsubmission_file_/"``.
    """

    student: str
    student_id: str
    file: str
    where: str
    when: float | None
    version: tuple
    late: bool
    layout: str
    handle: str
    _open: Callable[[], BinaryIO] = field(repr=False, compare=False)

    def read(self) -> bytes:
        """Return the file's bytes; any thread may ask.

        Raises
        ------
        IntakeError
            If it is too large, damaged, unreadable, or was exchanged since it was found.
        """
        return _read(self._open, self.where)


@dataclass(frozen=True)
class Problem:
    """Something that couldn't be taken in; the rest goes on.

    Parameters
    ----------
    student : str
        Empty where unknown.
    where : str
    reason : str
        What is wrong and what to do.
    """

    student: str
    where: str
    reason: str


def find(submissions: str | Path) -> tuple[list[Submitted], list[Problem]]:
    """Find every notebook in a folder, in a zip, or the one that is given.

    Parameters
    ----------
    submissions : str or Path
        It is only read.

    Returns
    -------
    list of Submitted, list of Problem
        Each sorted, in the same order on every system.

    Raises
    ------
    IntakeError
        If nothing is there, it can't be read, or no notebook is in it.
    """
    given = Path(os.path.abspath(submissions))
    entries = _entries_at(given, submissions)
    folder = given if given.is_dir() else given.parent
    level, nbgrader = _as_in_course(folder, entries)
    intake = _Intake()
    for owner, entry in intake.owned(level, folder.name, nbgrader=nbgrader):
        intake.students[owner.key].add(owner, entry)
    found, problems = intake.results()
    if not found:
        seen = [problem.reason for problem in problems] or intake.seen
        raise IntakeError(
            f"{printable(str(submissions))} holds no notebook. {UNDERSTOOD}. "
            f"Seen instead: {'; '.join(seen[:5]) or 'nothing'}."
        )
    return found, problems


def printable(text: str, most: int = 200) -> str:
    r"""Return a stranger's text as people can safely see it: one short line, never empty.

    Examples
    --------
    >>> printable(" Jane\u202e\nDoe ")
    'Jane��Doe'
    """
    text = unicodedata.normalize("NFC", text)
    if not (text.isascii() and text.isprintable()):
        text = "".join("\ufffd" if _is_unfit(char) else char for char in text)
    return text.strip()[:most].strip() or "(no name)"


def _is_unfit(char: str) -> bool:
    """Tell controls, lone surrogates, and what is invisible or turns the direction."""
    joiner = char in "\u200c\u200d"  # belongs in Persian and Indian names
    no_character = ord(char) & 0xFFFE == 0xFFFE
    return no_character or (
        unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") and not joiner
    )


# What lies there: entries, from folders and from zips alike.


@dataclass
class _Entry:
    """A file or a folder as it was found; nothing in it has been read yet."""

    parts: tuple[str, ...]  # names from the level that is looked at, downwards
    where: str
    open: Callable[[], BinaryIO]
    date: float = 0.0
    folder: bool = False
    refused: str = ""  # why it can't be taken, if it is wanted
    strange: bool = False  # refused, and told whether it is wanted or not

    @property
    def name(self) -> str:
        return self.parts[-1]


def _entries_at(given: Path, asked: str | Path) -> list[_Entry]:
    """Return what lies in the folder, or the file that is given, with its timestamp."""
    real = Path(os.path.realpath(given))
    shown = printable(str(asked))
    try:
        mode = real.stat().st_mode
        if stat.S_ISDIR(mode):
            return list(_walk(real, real, ()))
        if stat.S_ISREG(mode):
            beside = real.with_name("timestamp.txt")
            return [
                entry
                for path, name in [(real, given.name), (beside, beside.name)]
                if path.is_file() and not path.is_symlink()
                for entry in _entries_of(path, real.parent, (name,))
            ]
    except FileNotFoundError:
        raise IntakeError(f"There is nothing at {shown}. Check the spelling.") from None
    except (OSError, ValueError) as error:
        raise IntakeError(f"{shown} can't be read: {error}.") from None
    raise IntakeError(f"{shown} is neither a folder nor a file. {UNDERSTOOD}.")


def _walk(folder: Path, root: Path, parts: tuple[str, ...]) -> Iterator[_Entry]:
    for name in sorted(os.listdir(folder)):
        if not _is_junk(name):
            yield from _entries_of(folder / name, root, (*parts, name))


def _entries_of(path: Path, root: Path, parts: tuple[str, ...]) -> Iterator[_Entry]:
    """Yield what is at a path: a file, or a folder and all that is in it."""
    where = _place(parts)
    try:
        found = path.lstat()
        if stat.S_ISLNK(found.st_mode):
            if not Path(os.path.realpath(path)).is_relative_to(root):
                yield _strange(parts, where, "is a link to a place outside. Give the file itself.")
        elif stat.S_ISDIR(found.st_mode):
            if len(parts) > DEEPEST_FOLDER:
                yield _strange(parts, where, f"lies more than {DEEPEST_FOLDER} folders deep.")
                return
            yield _Entry(parts, where, _nothing, folder=True)
            yield from _walk(path, root, parts)
        elif stat.S_ISREG(found.st_mode):
            refused = _too_large(where) if found.st_size > LARGEST_FILE else ""
            opened = lambda: _open_found(path, found, where)  # noqa: E731
            yield _Entry(parts, where, opened, found.st_mtime, refused=refused)
        else:
            yield _strange(parts, where, "is no file, but a pipe, a socket or a device.")
    except OSError as error:
        yield _strange(parts, where, f"can't be read: {error.strerror}.")


def _strange(parts: tuple[str, ...], where: str, why: str) -> _Entry:
    return _Entry(parts, where, _nothing, refused=f"{where} {why}", strange=True)


def _nothing() -> BinaryIO:
    return io.BytesIO()


def _open_found(path: Path, found: os.stat_result, where: str) -> BinaryIO:
    """Open a file if it is still the one that was found: no link, no pipe, no other file."""
    flags = os.O_RDONLY
    for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"):  # where the system has it
        flags |= getattr(os, name, 0)
    try:
        descriptor = os.open(path, flags)
        now = os.fstat(descriptor)
    except OSError as error:
        raise IntakeError(f"{where} can't be read: {error.strerror}.") from None
    if not stat.S_ISREG(now.st_mode) or not os.path.samestat(now, found):
        os.close(descriptor)
        raise IntakeError(f"{where} was exchanged while it was graded. Start again.")
    return os.fdopen(descriptor, "rb")


def _read(opened: Callable[[], BinaryIO], where: str) -> bytes:
    try:
        with opened() as stream:
            data = stream.read(LARGEST_FILE + 1)
    except OSError as error:
        raise IntakeError(f"{where} can't be read: {error}.") from None
    if len(data) > LARGEST_FILE:
        raise IntakeError(_too_large(where))
    return data


def _too_large(where: str) -> str:
    return (
        f"{where} is larger than {LARGEST_FILE // 1_000_000} MB. Ask for it without its outputs "
        "(in JupyterLab: Edit, Clear Outputs of All Cells)."
    )


@dataclass
class _Budget:
    """How much a zip, with all zips in it, may hold."""

    entries: int
    size: int  # bytes, by what the members announce


class _Archive:
    """A zip whose members are read straight from it, one at a time, by any thread."""

    def __init__(self, opened: Callable[[], BinaryIO], where: str) -> None:
        self.open_stream, self.where = opened, where
        self.lock, self.kept = threading.Lock(), None

    def keep(self) -> None:
        """Stay open as long as somebody has a member: a class's zip is read very often."""
        with self._told():
            stream = self.open_stream()
            weakref.finalize(self, stream.close)
            self.kept = zipfile.ZipFile(stream)

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Stay open for a while, so that a zip in a zip isn't unpacked for each of its members."""
        with contextlib.ExitStack() as stack:
            with self._told():
                stream = stack.enter_context(self.open_stream())
                # zipfile takes memory for every entry before it tells how many there are.
                if stream.read(LARGEST_FILE).count(b"PK\1\2") > 10 * STUDENTS_ZIP[0]:
                    raise IntakeError(self._too_much())
                self.kept = zipfile.ZipFile(stream)
            stack.callback(setattr, self, "kept", None)
            yield

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except IntakeError:
            raise
        except Exception as error:  # whatever a damaged zip makes its reader do
            raise IntakeError(
                f"{self.where} is damaged, or no zip ({printable(str(error))}). Ask for it again."
            ) from None

    @contextlib.contextmanager
    def _opened(self) -> Iterator[zipfile.ZipFile]:
        with self._told(), self.lock, contextlib.ExitStack() as stack:
            yield self.kept or zipfile.ZipFile(stack.enter_context(self.open_stream()))

    def _too_much(self) -> str:
        return f"{self.where} holds too many files, or too large ones. Ask for the notebook alone."

    def entries(self, budget: _Budget) -> list[_Entry]:
        """Return the members, and take them off what the zip may hold, or raise IntakeError."""
        with self._opened() as archive:
            infos = archive.infolist()
        found = [self._entry(info) for info in infos[: budget.entries + 1]]
        budget.entries -= len(found)
        budget.size -= sum(
            info.file_size
            for info, entry in zip(infos, found, strict=False)
            if entry and not entry.refused
        )
        if budget.entries < 0 or budget.size < 0:
            raise IntakeError(self._too_much())
        return sorted((entry for entry in found if entry), key=lambda entry: entry.parts)

    def _entry(self, info: zipfile.ZipInfo) -> _Entry | None:
        name = _member_name(info)
        parts = tuple(part for part in name.split("/") if part not in ("", "."))
        where = f"{self.where} > {_place(parts)}"
        if name[:1] == "/" or "\\" in name or ".." in parts or re.match("[A-Za-z]:", name):
            return _strange((), where, "has a name that leads out of the zip. Ask for it again.")
        if len(name) > LONGEST_NAME or len(parts) > DEEPEST_FOLDER:
            return _strange(parts[:1], where, "lies too deep, or its name is too long.")
        if junk := [at for at, part in enumerate(parts) if _is_junk(part)]:
            parts, info.filename = parts[: junk[0]], "/"  # there is a folder, and nothing in it
        if not parts:
            return None
        if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
            return _strange(parts, where, "is a link, or no file. Ask for the file itself.")
        opened = lambda: io.BytesIO(self._read(info, where))  # noqa: E731
        refused = _refusal(info, where)
        return _Entry(parts, where, opened, _date_of(info), info.is_dir(), refused)

    def _read(self, info: zipfile.ZipInfo, where: str) -> bytes:
        if refused := _refusal(info, where):
            raise IntakeError(refused)
        with self._opened() as archive, archive.open(info) as member:
            data = member.read(LARGEST_FILE + 1)
        if len(data) > LARGEST_FILE:
            raise IntakeError(_too_large(where))
        return data


def _refusal(info: zipfile.ZipInfo, where: str) -> str:
    if info.flag_bits & 0x41:
        return f"{where} is encrypted. Ask for it without a password."
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return f"{where} is packed in an unusual way. Ask for a plain .zip."  # nor limited
    if info.file_size > LARGEST_FILE:
        return _too_large(where)
    if info.file_size > RATIO_FROM and info.file_size > RATIO * info.compress_size:
        return f"{where} grows too much when it is unpacked. Ask for the notebook alone."
    return ""


def _member_name(info: zipfile.ZipInfo) -> str:
    """Undo cp437, which zipfile assumes where a Mac wrote UTF-8 without saying so."""
    if not info.flag_bits & 0x800:
        with contextlib.suppress(UnicodeError):
            return info.orig_filename.encode("cp437").decode("utf-8")
    return info.orig_filename


def _date_of(info: zipfile.ZipInfo) -> float:
    try:
        return datetime(*info.date_time, tzinfo=UTC).timestamp()
    except ValueError:
        return 0.0


# Whose it is: the names that the layouts give.

_NOTEBOOK = re.compile(r"\.ipynb(\.txt|\.json)?$", re.IGNORECASE)
_COPY = re.compile(
    r"^(copy of|kopie von|copie de|copia de) |( - (copy|kopie)|-copy\d*| \(\d+\))$", re.IGNORECASE
)
_ANON = re.compile(r"anon(_LATE)?_([A-Za-z0-9]+)(_LATE)?_(\d+)_(.+)", re.DOTALL | re.ASCII)
_CANVAS = re.compile(r"(.+?)(_LATE)?_([1-9]\d*)_([1-9]\d*)_(.+)", re.DOTALL | re.ASCII)
_CANVAS_TEXT = re.compile(r"(.+?)(_LATE)?_([1-9]\d*)_((?:text|link)\.html)", re.DOTALL | re.ASCII)
_MOODLE = re.compile(r"(.+?)_(\d+)_assignsubmission_([a-z]+)(?:_(.*))?", re.DOTALL | re.ASCII)
_WORK = re.compile(  # beside the students: other files there are the instructor's own
    r"\.(py|pdf|html?|docx?|odt|rtf|pages|png|jpe?g|heic|rar|7z|t?gz|tar)$", re.IGNORECASE
)
_JUNK = {"__macosx", "thumbs.db", "desktop.ini", "$recycle.bin", "__pycache__", "icon\r"}
_JUNK |= {"system volume information", "site-packages", "node_modules"}
_COURSE = {"source", "release", "autograded", "feedback", "nbgrader_config.py", "gradebook.db"}
_STAMP = "timestamp.txt"


class _Owner(NamedTuple):
    name: str  # as it is written there
    id: str = ""
    layout: str = "folders"
    file: str = ""
    late: bool = False
    order: int = 0  # Canvas's attachment id
    when: float | None = None
    handle: str = ""

    @property
    def key(self) -> tuple[str, str]:
        return unicodedata.normalize("NFC", self.name), self.id


def _from_lms(name: str, folder: bool) -> _Owner | None:
    """Return whose it is if Canvas or Moodle gave the name; each puts its own part first.

    A student may hand in a file that is called like that as well: the first match counts,
    and names are only looked at where an LMS writes them.
    """
    if match := _MOODLE.fullmatch(name):
        who, number, kind, file = match.groups()
        who = f"Participant {number}" if who == "Participant" else who
        if kind != "file":
            return _Owner("")
        handle = f"{name}/" if folder else name.removesuffix(file or "")
        return _Owner(who, number, "moodle", file or "", handle=handle)
    if folder:
        return None
    if match := _ANON.fullmatch(name):
        early, who, late, order, file = match.groups()
        late = bool(early or late)
        handle, order = name.removesuffix(file), int(order[:30])
        return _Owner(f"anon_{who}", who, "canvas", _not_again(file), late, order, handle=handle)
    if match := _CANVAS.fullmatch(name):
        who, late, number, order, file = match.groups()
        handle, order = name.removesuffix(file), int(order[:30])
        return _Owner(who, number, "canvas", _not_again(file), bool(late), order, handle=handle)
    if match := _CANVAS_TEXT.fullmatch(name):
        who, late, number, file = match.groups()
        return _Owner(who, number, "canvas", file, bool(late))
    return None


def _not_again(file: str) -> str:
    """Take away the -1 by which Canvas tells a file that was handed in again."""
    return re.sub(r"(?<=.)-\d{1,2}(?=\.[^.]+$|\.ipynb\.\w+$)", "", file, flags=re.DOTALL)


def _stem(name: str) -> str:
    """Return a file's name without what says notebook, zip or copy."""
    stem = _NOTEBOOK.sub("", name.strip())
    stem = os.path.splitext(stem)[0] if stem == name.strip() else stem
    for _ in range(4):  # a copy of a copy (1)
        stem = _COPY.sub("", stem).strip() or stem
    return stem


def _student_in(name: str) -> str:
    """Return the student whom a file's name tells: "ada" of ada_neuron.ipynb, "" of neuron."""
    stem = _stem(name)
    ends = [stem[: -len(e)] for e in key.notebooks() if stem[-len(e) :].lower() == e]
    begins = [stem[len(e) :] for e in key.notebooks() if stem[: len(e)].lower() == e]
    for rest, beside in [(rest, rest[-1:]) for rest in ends] + [(r, r[:1]) for r in begins]:
        if beside in ("", *"-_ ."):
            return rest.strip("-_ .")
    return stem


def _is_junk(name: str) -> bool:
    return name.startswith((".", "~$")) or name.casefold() in _JUNK


def _is_notebook(name: str) -> bool:
    return bool(_NOTEBOOK.search(name.strip()))


def _is_zip(name: str) -> bool:
    return name.strip().casefold().endswith(".zip")


def _place(parts: tuple[str, ...]) -> str:
    return printable("/".join(map(printable, parts)), 400)


# Which layout: a level is a list of entries whose first parts are the names at that level.

_Level = list[_Entry]


def _below(level: _Level) -> _Level:
    return [replace(entry, parts=entry.parts[1:]) for entry in level if len(entry.parts) > 1]


def _groups(level: _Level) -> dict[str, _Level]:
    groups = defaultdict(list)
    for entry in level:
        groups[entry.parts[0]].append(entry)
    return dict(sorted(groups.items()))


def _is_folder(group: _Level) -> bool:
    return any(entry.folder or len(entry.parts) > 1 for entry in group)


def _download(level: _Level, least: int = 1) -> _Level | None:
    """Return the level at which an LMS gave all the names, if it is this one or the next."""
    for _ in range(2):
        groups = _groups(level)
        owners = [_from_lms(name, _is_folder(group)) for name, group in groups.items()]
        if groups and all(owners):
            return level if len({owner.key for owner in owners}) >= least else None
        if len(groups) != 1:
            return None
        level = _below(level)
    return None


def _is_wrapping(level: _Level) -> bool:
    """Whether the only folder of a zip is no student's: it holds folders, or many's notebooks."""
    files = [entry.name for entry in level if len(entry.parts) == 1 and not entry.folder]
    notebooks = [name for name in files if _is_notebook(name)]
    if notebooks:
        return len(notebooks) > 1 and all(map(_student_in, notebooks))
    return any(map(_is_folder, _groups(level).values())) or sum(map(_is_zip, files)) > 1


def _has_stamps(level: _Level, depth: int) -> bool:
    return any(len(entry.parts) == depth and entry.name == _STAMP for entry in level)


def _as_in_course(folder: Path, entries: _Level) -> tuple[_Level, bool]:
    """Put the student, and the assignment, back on where a part of `submitted/` was given."""
    names = folder.parts[1:]
    for above in (0, 1, 2):
        if names[len(names) - 1 - above :][:1] == ("submitted",):
            course = folder.parents[above]
            sure = any((course / name).exists() for name in _COURSE)
            sure = sure or (above == 0 and any(len(entry.parts) > 2 for entry in entries))
            if sure or _has_stamps(entries, 3 - above):
                on_top = names[len(names) - above :]
                return [replace(e, parts=(*on_top, *e.parts)) for e in entries], True
    return entries, False


def _timestamp(entry: _Entry) -> float | None:
    """Return what an nbgrader timestamp says, in seconds since 1970; None if it says nothing."""
    try:
        text = _read(entry.open, entry.where)[:200].decode("utf-8-sig").strip()
        match = re.fullmatch(r"(\d{4}-\d\d?-\d\d?[ T][\d:.,]+) *([-+\w/:]*)", text, re.ASCII)
        time, zone = match.groups()
        if zone in ("", "Z") or re.fullmatch(r"[-+][\d:]+", zone):
            known = datetime.fromisoformat(time + zone)
            return (known if known.tzinfo else known.replace(tzinfo=UTC)).timestamp()
        place = UTC if zone == "UTC" else zoneinfo.ZoneInfo(zone)
        return datetime.fromisoformat(time).replace(tzinfo=place).timestamp()
    except (AttributeError, ValueError, LookupError, OSError, ArithmeticError):
        return None


@dataclass
class _Student:
    """What one student handed in."""

    notebooks: list[tuple[_Owner, _Entry, int]] = field(default_factory=list)  # how deep in zips
    others: list[_Entry] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)
    where: str = ""

    def add(self, owner: _Owner, entry: _Entry, depth: int = 0, budget: _Budget | None = None):
        """Take a file in, and what is in it if it is a zip."""
        self.where = self.where or entry.where
        name = owner.file or (entry.name if entry.parts else "")
        wanted = _is_notebook(name) or _is_zip(name)
        if entry.folder or name == _STAMP or name.startswith("._"):
            return
        if entry.strange or (wanted and entry.refused):
            self.problems.append((entry.where, entry.refused))
        elif _is_zip(name):
            self._unpack(owner, entry, depth + 1, budget or _Budget(*STUDENTS_ZIP))
        elif _is_notebook(name) or _holds_notebook(name, entry):
            self.notebooks.append((owner._replace(file=name), entry, depth))
        else:
            self.others.append(entry)

    def _unpack(self, owner: _Owner, entry: _Entry, depth: int, budget: _Budget) -> None:
        if depth > DEEPEST_ZIP:
            why = f"{entry.where} is a zip in a zip in a zip. Ask for the notebook alone."
            self.problems.append((entry.where, why))
            return
        archive = _Archive(entry.open, entry.where)
        try:
            with archive.held():
                for inside in archive.entries(budget):
                    self.add(owner._replace(file=""), inside, depth, budget)
        except IntakeError as error:
            self.problems.append((entry.where, str(error)))

    def submitted(self, name: str) -> Iterator[Submitted]:
        for owner, entry, depth in self.notebooks:
            stem, plain = _stem(owner.file), _NOTEBOOK.sub("", owner.file.strip())
            date = (owner.order, owner.when or 0.0, entry.date)
            version = (*date, stem == plain, -depth, -len(entry.parts), entry.where)
            yield Submitted(
                name, printable(owner.id) if owner.id else "", f"{printable(stem)}.ipynb",
                entry.where, owner.when, version, owner.late, owner.layout, owner.handle,
                entry.open,
            )  # fmt: skip

    def told(self, name: str) -> Iterator[Problem]:
        yield from (Problem(name, *problem) for problem in self.problems)
        if self.notebooks:
            return
        more = len(self.others) - NAMED_AT_MOST
        for entry in self.others[:NAMED_AT_MOST]:
            also = f" {more} more files are none either." if more > 0 else ""
            why = f"{printable(entry.name)} is not a notebook. Ask for the .ipynb.{also}"
            yield Problem(name, entry.where, why)
        if not self.others and not self.problems:
            yield Problem(name, self.where, "Handed in nothing. Ask for the notebook (.ipynb).")


def _holds_notebook(name: str, entry: _Entry) -> bool:
    if not name.strip().casefold().endswith(".json") or entry.refused:
        return False
    with contextlib.suppress(IntakeError):
        data = _read(entry.open, entry.where)
        return b'"cells"' in data and b'"nbformat"' in data
    return False


class _Intake:
    """All that was found, student by student."""

    def __init__(self) -> None:
        self.students: dict[tuple[str, str], _Student] = defaultdict(_Student)
        self.unknown: list[Problem] = []
        self.seen: list[str] = []

    def results(self) -> tuple[list[Submitted], list[Problem]]:
        names = _told_apart(self.students)
        found = [s for key, student in self.students.items() for s in student.submitted(names[key])]
        told = [p for key, student in self.students.items() for p in student.told(names[key])]
        return (
            sorted(found, key=lambda s: (s.student, s.student_id, s.file, s.version)),
            sorted(self.unknown + told, key=lambda p: (p.student, p.where, p.reason)),
        )

    def owned(
        self, level: _Level, name: str, depth: int = 0, nbgrader: bool = False
    ) -> Iterator[tuple[_Owner, _Entry]]:
        """Yield each entry with its owner.

        `name` is what the folder or the zip is called, `depth` how many zips it lies in.
        """
        self.unknown += [Problem("", e.where, e.refused) for e in level if not e.parts]
        self.seen += [entry.where for entry in level[:5]]
        level = [entry for entry in level if entry.parts]
        groups = _groups(level)
        if depth and len(groups) == 1 and not nbgrader and not _has_stamps(level, 3):
            inside = _download(level) or _below(level)
            if _download(level) or _is_wrapping(inside):
                nbgrader = "submitted" in groups
                level, groups = inside, _groups(inside)
        if "submitted" in groups and _COURSE & groups.keys():
            yield from self.owned(_below(groups["submitted"]), name, depth, nbgrader=True)
            return
        alone = len(groups.keys() - {_STAMP}) == 1
        for first, group in groups.items():
            if owner := _from_lms(first, _is_folder(group)):
                owner = owner._replace(file="") if _is_folder(group) else owner
                yield from ((owner, entry) for entry in group if owner.name)
            elif _is_folder(group):
                yield from self._folder(first, group, depth, nbgrader, alone)
            else:
                for entry in group:
                    yield from self._file(first, entry, name, depth, alone)

    def _folder(self, first, group, depth, nbgrader, alone) -> Iterator[tuple[_Owner, _Entry]]:
        if not nbgrader:
            if inside := _download(_below(group), 1 if alone else 2):
                yield from self.owned(inside, first, depth, nbgrader=False)
                return
            if first == "submitted" and any(len(entry.parts) > 3 for entry in group):
                yield from self.owned(_below(group), first, depth, nbgrader=True)
                return
        stamps = {e.parts[:-1]: _timestamp(e) for e in group if e.name == _STAMP}
        in_exchange = (first,) in stamps and "+" in first  # ada+homework+2026-02-02 10:00:00 UTC
        nbgrader = nbgrader or in_exchange or any(len(place) == 2 for place in stamps)
        who = first.split("+")[0] if in_exchange else first
        for entry in group:
            when = stamps.get(entry.parts[:2], stamps.get(entry.parts[:1]))
            yield _Owner(who, "", "nbgrader" if nbgrader else "folders", when=when), entry

    def _file(self, first, entry, name, depth, alone) -> Iterator[tuple[_Owner, _Entry]]:
        who = _student_in(first) or name or "unknown"
        if _is_zip(first) and not entry.strange:
            inside = self._class_zip(entry, depth, alone)
            if inside is not None:
                yield from self.owned(inside, who, depth + 1)
                return
        known = _is_notebook(first) or _is_zip(first) or _WORK.search(first) or entry.strange
        if known or _holds_notebook(first, entry):
            yield _Owner(who), entry

    def _class_zip(self, entry: _Entry, depth: int, alone: bool) -> _Level | None:
        """Return what is in a zip that holds a class; None for a student's own."""
        archive = _Archive(entry.open, entry.where)
        try:
            inside = archive.entries(_Budget(*CLASS_ZIP))
            named = [inner for inner in inside if inner.parts]
            of_class = alone or _download(named) or _COURSE & _groups(named).keys()
            if depth > DEEPEST_ZIP or not of_class:
                return None
            archive.keep()
        except IntakeError:
            if alone and depth == 0:
                raise
            return None
        return inside


def _told_apart(keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Return a name for each student: with the id where several have the same name.

    What has a name but no id, a folder beside a download, is taken to be the student of that name.
    """
    ids, taken, names = defaultdict(set), {}, {}
    for name, number in keys:
        ids[printable(name)].add(number)
    for name, number in sorted(keys):
        several = len(ids[printable(name)] - {""}) > 1
        base = f"{printable(name)} ({number})" if number and several else printable(name)
        student, count = (name, number if several else ""), 1
        names[name, number] = base
        while taken.setdefault(names[name, number], student) != student:
            count += 1
            names[name, number] = f"{base} #{count}"
    return names
