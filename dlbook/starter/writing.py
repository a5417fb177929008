"""Writing several files as one: all of them, or none; and never over one that is there."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path


class NotMadeError(ValueError):
    """Nothing was made; the message says why, and what to do."""


def existing(folder: Path, names: Mapping[str, str]) -> list[str]:
    """Return which of these files are there already, links that lead nowhere too."""
    return [name for name in names if os.path.lexists(folder / name)]


def write(folder: Path, new: Mapping[str, str], changed: Mapping[str, str] | None = None) -> None:
    """Write new files, and files with some lines more; where one can't be written, none is.

    Parameters
    ----------
    folder : Path
        It is made if it isn't there.
    new : mapping from str to str
        The text of each file, by its name in the folder.
    changed : mapping from str to str, optional
        The whole new text of files that are there. They come last.

    Raises
    ------
    NotMadeError
        If one of the new files is there already, or something can't be written. Then all is as
        it was.
    """
    there = existing(folder, new)
    if there:
        raise NotMadeError(
            f"Nothing is made: {_listed(there)} {'is' if len(there) == 1 else 'are'} in "
            f"{folder} already, and nothing is overwritten. Choose another name."
        )
    try:
        with _undone_on_failure() as made:
            for name, text in new.items():
                path = folder / name
                _make_folder(path.parent, made)
                with path.open("x", encoding="utf-8", newline="\n") as file:
                    made.append(path)
                    file.write(text)
            for name, text in (changed or {}).items():
                _replace(folder / name, text)
    except OSError as error:
        raise NotMadeError(
            f"Nothing is made: {error.filename or folder} can't be written "
            f"({error.strerror or error}). Choose a folder in which you may write."
        ) from None


@contextlib.contextmanager
def _undone_on_failure() -> Iterator[list[Path]]:
    """Take away again what was made, newest first, if the rest can't be."""
    made: list[Path] = []
    try:
        yield made
    except BaseException:  # Ctrl-C, too
        for path in reversed(made):
            with contextlib.suppress(OSError):
                if path.is_dir() and not path.is_symlink():
                    path.rmdir()  # only if nobody has put something into it meanwhile
                else:
                    path.unlink()
        raise


def _make_folder(path: Path, made: list[Path]) -> None:
    missing = []
    while not path.exists():
        missing.append(path)
        path = path.parent
    for one in reversed(missing):
        one.mkdir()
        made.append(one)


def _replace(path: Path, text: str) -> None:
    """Write a file anew in one step: whoever reads it sees the old text or the new one."""
    path = path.resolve()
    handle, fresh = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        shutil.copymode(path, fresh)
        os.replace(fresh, path)
    except BaseException:
        Path(fresh).unlink(missing_ok=True)
        raise


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
