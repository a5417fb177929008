"""From the text that came out of the sandbox to observations: checked in form, believed in nothing.

Pure. The text may have been written by the student's own program.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

CASES = 1000  # lines of one kind that are read
ENDED = {
    "memory": ("MemoryError", "it needs more memory than an answer may take"),
    "processes": ("OSError", "it starts more processes and threads than an answer may"),
    "output": ("ValueError", "it returns more data than an answer may"),
    "": ("SystemExit", "it ends Python itself"),
}
SLOW = {"outcome": "too slow"}
NOT_RUN = {"outcome": "not run"}


@dataclass(frozen=True)
class Observed:
    """What came back for one answer.

    Parameters
    ----------
    observations : dict or None
        As `probe.observe` returns them; None where the function was never there.
    errors : list of dict
        What stopped pieces of the student's program on their way: ``place``, ``type``,
        ``message``, perhaps ``line``.
    other : str
        The type of what stands where the function should be.
    ended : str
        Why it was ended while it prepared: "time", "memory", "processes", "output" or "".
    complete : bool
        Whether every case came back.
    """

    observations: dict | None
    errors: list[dict] = field(default_factory=list)
    other: str = ""
    ended: str = ""
    complete: bool = True


def read(reply: object, token: str, cases: Sequence[int]) -> list[Observed]:
    """Read what `inside.observe` published: what came back for each answer.

    Parameters
    ----------
    reply : object
        The text of the message.
    token : str
        What the request held; an answer to another request is refused.
    cases : sequence of int
        How many cases were asked for of each answer.

    Raises
    ------
    ValueError
        If it isn't of the form that `inside.observe` gives it.
    """
    data = _object(reply)
    if data.get("token") != token:
        raise ValueError("this answers another request")
    texts = data.get("answers")
    if not isinstance(texts, list) or len(texts) != len(cases):
        raise ValueError("this answers other questions")
    ended = str(data.get("ended", ""))
    return [_read(str(text), ended, count) for text, count in zip(texts, cases, strict=True)]


def _read(text: str, ended: str, cases: int) -> Observed:
    head: dict | None = None
    seen: list[dict] = []
    errors: list[dict] = []
    for line in text.split("\n"):
        kind, rest = line[:1], line[1:]
        if kind == "N" and len(errors) < CASES:
            errors.append(_texts(_object(rest)))
        elif kind == "O" and head is None:
            head = _object(rest)
        elif kind == "C" and len(seen) < CASES:
            seen.append(_object(rest))
    if head is None or "missing" in head or "not a function" in head:
        other = "" if head is None else str(head.get("not a function", ""))[:80]
        ended = (ended or "exit") if head is None else ""
        return Observed(None, errors, other, ended, complete=head is not None)
    if head.get("attempted") is not True:
        return Observed({"attempted": False, "cases": []}, errors)
    missing = cases - len(seen)
    if missing > 0:
        first = SLOW if ended == "time" else _raised(ended)
        seen += [first, *[NOT_RUN if ended == "time" else first] * (missing - 1)]
    return Observed({"attempted": True, "cases": seen[:cases]}, errors, complete=missing <= 0)


def _raised(ended: str) -> dict:
    kind, message = ENDED.get(ended, ENDED[""])
    error = {"type": kind, "kinds": [kind], "message": message}
    return {"outcome": "raised", "error": error}


def _object(text: object) -> dict:
    try:
        data = json.loads(text)
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"this is no observation: {str(error)[:100]}") from None
    if not isinstance(data, dict):
        raise ValueError("this is no observation")
    return data


def _texts(error: dict) -> dict:
    known = ("place", "type", "message", "line")
    return {key: str(error[key])[:500] for key in known if key in error}
