"""The text of a table that a person gives, in the encoding that it has, or why it holds none."""

import contextlib
from pathlib import Path

MARKS_OF_ORDER = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)


class NoTextError(ValueError):
    """A file that holds no text; the message goes on where its name ends: "... is empty"."""


def read(path: Path, largest: int) -> bytes:
    """Return a file's bytes.

    Parameters
    ----------
    path : Path
        It is only read.
    largest : int
        Bytes that it may have.

    Raises
    ------
    NoTextError
        If there is no file, or it is larger.
    """
    try:
        with path.open("rb") as file:
            data = file.read(largest + 1)
    except FileNotFoundError:
        raise NoTextError("isn't there. Check the spelling") from None
    except OSError as error:
        raise NoTextError(f"can't be read ({error.strerror})") from None
    if len(data) > largest:
        raise NoTextError(f"is larger than {largest // 10**6} MB")
    return data


def decoded(data: bytes) -> tuple[bytes, str, str]:
    """Return the mark of byte order, the encoding and the text, which give the same bytes again.

    Raises
    ------
    NoTextError
        If it is no text.
    """
    if not data.strip():
        raise NoTextError("is empty")
    if data.startswith(b"PK\3\4"):
        raise NoTextError("is a spreadsheet or a zip, and no CSV file")
    tries = [(b"", "utf-8"), (b"", "cp1252"), (b"", "latin-1")]
    for mark, encoding in MARKS_OF_ORDER:
        if data.startswith(mark):
            tries = [(mark, encoding)]
    for mark, encoding in tries:
        with contextlib.suppress(UnicodeError):
            text = data[len(mark) :].decode(encoding)
            if "\0" not in text and mark + text.encode(encoding) == data and text.strip():
                return mark, encoding, text
    raise NoTextError("is no text; perhaps a picture or a program")
