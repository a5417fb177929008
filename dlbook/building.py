"""Building the book: Jupyter Book, with a cache that knows when the package has changed."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path


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
    forget_stale_outputs(output, fingerprint(folder))
    command = [sys.executable, "-c", "from jupyter_book.cli.main import main; main()"]
    options = ["-q"] if quiet else []
    environment = {**os.environ, "IPYTHONDIR": str(own_ipython(output))}
    command += ["build", str(folder), *options, "-W", "-n", "--keep-going"]
    subprocess.run(command, check=True, env=environment)
    return output / "html" / "index.html"


def fingerprint(folder: Path) -> str:
    """Return a hash of all that a cell's output depends on besides the cell itself."""
    package = Path(__file__).parent
    parts = [sys.version, *sorted(f"{d.name} {d.version}" for d in distributions())]
    parts += [str(shutil.which("bwrap") is not None)]  # one page grades a class
    sources = [*package.rglob("*.py"), *package.rglob("*.html"), folder / "_config.yml"]
    sources += (folder / "book" / "_extensions").glob("*.py")
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
