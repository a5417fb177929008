"""Building the book: Jupyter Book, told what has changed, so that nothing is made twice."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from contextlib import suppress
from importlib.metadata import distributions
from pathlib import Path
from stat import S_ISREG
from typing import NamedTuple

PARTS = ("book", "exercises", "solutions", "answer_key", "_static")  # folders of a book
PAGE = re.compile(r"(book|book/reference|exercises|solutions)/[^/]+\.(md|ipynb)")
READS = re.compile(r"dlbook/pages/\w+\.py")  # what works on a page while it is read
LAST_BUILD = "last-build.json"  # in _build: there only after a build without a fault


class Link(NamedTuple):
    """A link out of the book, and what became of it when it was followed."""

    place: str
    address: str
    status: str  # Sphinx's word: working, redirected, broken, timeout, ...
    code: int  # a website's own word, 404 for example; 0 where Sphinx had none to keep
    reason: str

    @property
    def works(self) -> bool:
        """Whether a reader gets somewhere."""
        return self.status not in ("broken", "timeout")

    @property
    def was_answered(self) -> bool:
        """Whether there was a website at all."""
        return self.works or self.code != 0


def book_folder(start: Path) -> Path:
    """Return the nearest folder at or above `start` that holds a book.

    Raises
    ------
    FileNotFoundError
        If there is none.
    """
    for folder in (start, *start.parents):
        if (folder / "_toc.yml").is_file() and (folder / "_config.yml").is_file():
            return folder
    raise FileNotFoundError(
        f"There is no book in {str(start)!r}: no _toc.yml and _config.yml there or above. "
        "Go to the folder into which you cloned the book, and try again."
    )


def build(folder: Path, quiet: bool = False) -> Path:
    """Build the HTML book of `folder`; every warning is an error.

    Where nothing has changed since the last good build, nothing is done. Where a page has
    changed, that page is read again, and its cells are run again only if they have changed too.

    Parameters
    ----------
    folder : Path
    quiet : bool, optional
        Print warnings and errors only.

    Returns
    -------
    Path
        The page to open.

    Raises
    ------
    subprocess.CalledProcessError
        If a page doesn't build; what is wrong has been printed.
    """
    output = folder / "_build"
    current = inputs(folder)
    if not _same_as_last_time(output, current):
        forget_stale_outputs(output, fingerprint(folder))
        forget_old_pages(output, current)
        jupyter_book(folder, "-W", "-n", "--keep-going", *(["-q"] if quiet else []))
        record = {"inputs": current, "files": _stamps(output / "html")}
        (output / LAST_BUILD).write_text(json.dumps(record, indent=0), encoding="utf-8")
    return output / "html" / "index.html"


def is_built(folder: Path) -> bool:
    """Return whether a build would find nothing to do."""
    return _same_as_last_time(folder / "_build", inputs(folder))


def check_links(folder: Path) -> list[Link]:
    """Ask each place outside of the book to which a page leads whether it is still there.

    Raises
    ------
    subprocess.CalledProcessError
        If the book doesn't build.
    """
    build(folder, quiet=True)
    report = folder / "_build" / "linkcheck" / "output.json"
    report.unlink(missing_ok=True)
    options = ("-qq", "--builder", "custom", "--custom-builder", "linkcheck")
    with suppress(subprocess.CalledProcessError):  # so it ends where a link is broken
        jupyter_book(folder, *options, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    found = [json.loads(line) for line in report.read_text(encoding="utf-8").splitlines()]
    return [
        Link(
            f"{one['filename']}:{one['lineno']}",
            one["uri"],
            one["status"],
            one["code"],
            one["info"],
        )
        for one in found
        if one["uri"].startswith("http")
    ]


def jupyter_book(folder: Path, *options: str, **streams: int) -> None:
    """Run Jupyter Book on `folder`, in a process of its own."""
    command = [sys.executable, "-c", "from jupyter_book.cli.main import main; main()"]
    environment = {
        **os.environ,
        "IPYTHONDIR": str(own_ipython(folder / "_build")),
        "DLBOOK_COURSE": str(folder.absolute()),  # its questions, not those of another course
    }
    command += ["build", str(folder), *options]
    subprocess.run(command, check=True, env=environment, **streams)


def inputs(folder: Path) -> dict[str, str]:
    """Return a hash of each file of which the book is made, and of the packages that make it."""
    package = Path(__file__).parent
    files = {name: folder / name for name in ("_config.yml", "_toc.yml")}
    for name in PARTS:
        files |= {path.relative_to(folder).as_posix(): path for path in folder.glob(f"{name}/**/*")}
    files |= {f"dlbook/{p.relative_to(package).as_posix()}": p for p in package.glob("**/*")}
    hashes = {
        name: hashlib.sha256(path.read_bytes()).hexdigest()
        for name, path in files.items()
        if path.is_file() and not {"__pycache__", ".ipynb_checkpoints"} & set(path.parts)
    }
    return hashes | {"packages": " ".join(_makers())}


def fingerprint(folder: Path) -> str:
    """Return a hash of all that a cell's output depends on besides the cell itself."""
    package = Path(__file__).parent
    parts = _makers()
    kinds = ("*.py", "*.html", "*.js", "*.css")
    sources = [path for kind in kinds for path in package.rglob(kind)]
    sources = [path for path in sources if package / "pages" not in path.parents]
    sources += [folder / "_config.yml", *(folder / "answer_key").glob("*.py")]
    sources += (folder / "exercises").glob("*.ipynb")
    parts += [path.read_text(encoding="utf-8") for path in sorted(sources) if path.is_file()]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def forget_stale_outputs(output: Path, current: str) -> None:
    """Drop cached outputs that were made by another version of the package."""
    stamp = output / "fingerprint.txt"
    if not stamp.is_file() or stamp.read_text(encoding="utf-8") != current:
        for stale in (".jupyter_cache", ".doctrees", "jupyter_execute"):
            shutil.rmtree(output / stale, ignore_errors=True)
        output.mkdir(exist_ok=True)
        stamp.write_text(current, encoding="utf-8")


def forget_old_pages(output: Path, current: dict[str, str]) -> None:
    """Drop pages that the build must make again, where Sphinx would not see it.

    After a build that failed or was stopped, every page is read again: Sphinx would take one
    that had a warning for good. So it is where a module of `dlbook.pages` has changed. Where
    something else than a page has changed, a style for example, or a built file isn't there any
    more, every page is written again.
    """
    last = _last_build(output)
    (output / LAST_BUILD).unlink(missing_ok=True)  # it comes back when this build is good
    changed = set() if last is None else _changed(last, current)
    if last is None or any(map(READS.fullmatch, changed)):
        shutil.rmtree(output / ".doctrees", ignore_errors=True)
    beside_pages = not all(map(PAGE.fullmatch, changed))
    if last is None or last["files"] != _stamps(output / "html") or beside_pages:
        shutil.rmtree(output / "html", ignore_errors=True)


def own_ipython(output: Path) -> Path:
    """Return a folder of IPython settings for the build: no reader's own may change a page.

    Kernels of the build listen on this machine only; their hint that this traffic isn't
    encrypted would look like a fault of the book, so it is switched off.
    """
    folder = output / "ipython"
    profile = folder / "profile_default"
    profile.mkdir(parents=True, exist_ok=True)
    settings = {"IPKernelApp": {"log_level": "ERROR"}}
    (profile / "ipython_kernel_config.json").write_text(json.dumps(settings), encoding="utf-8")
    return folder


def _same_as_last_time(output: Path, current: dict[str, str]) -> bool:
    last = _last_build(output)
    return last is not None and last == {"inputs": current, "files": _stamps(output / "html")}


def _last_build(output: Path) -> dict | None:
    """Return what the last build was made of, and what it made; None if it wasn't good."""
    try:
        return json.loads((output / LAST_BUILD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _stamps(html: Path) -> dict[str, list[int]]:
    """Return size and time of change of every built file."""
    files = {path.relative_to(html).as_posix(): path.stat() for path in html.glob("**/*")}
    return {
        name: [seen.st_size, seen.st_mtime_ns]
        for name, seen in sorted(files.items())
        if S_ISREG(seen.st_mode)
    }


def _changed(last: dict, current: dict[str, str]) -> set[str]:
    """Return the names of all that was changed, added or removed since the last build."""
    names = last["inputs"].keys() | current.keys()
    return {name for name in names if last["inputs"].get(name) != current.get(name)}


def _makers() -> list[str]:
    """Return what else a built page depends on: Python, the packages, and a sandbox."""
    packages = sorted(f"{found.name} {found.version}" for found in distributions())
    return [sys.version, *packages, f"bwrap {shutil.which('bwrap')}"]  # one page grades a class
