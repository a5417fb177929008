"""From what was observed to a verdict: right, or what is wrong, by name where it has one.

Pure: it runs references and mistakes, never a student's function. Read from top to bottom:
the judge, comparing one case, naming a mistake.
"""

import re
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from dlbook.exercises import plain, probe
from dlbook.exercises.question import Case, Mistake, Question, Unseen
from dlbook.exercises.show import show, show_case, show_type

RELATIVE, ABSOLUTE = 1e-6, 1e-9  # floats closer than this are the same answer

WARNINGS = ("overflow", "invalid", "divide by zero")  # what NumPy calls them

# What is told first, where several things are wrong.
ORDER = (
    "raised", "too slow", "nothing", "no error", "other error", "silent error", "form", "length",
    "shape", "type", "property", "values", "changed", "shares", "warned",
)  # fmt: skip


@dataclass(frozen=True)
class Verdict:
    """What a student is told, and what counts.

    Parameters
    ----------
    outcome : str
        ``"correct"``, ``"incorrect"``, ``"not attempted"``, ``"error"`` or ``"timed out"``.
    points, max_points : int
    mistake : Mistake or None
        The named mistake whose observations are the same.
    difference : str
        One of `ORDER`, or empty.
    finding : str
        The first difference in a sentence.
    given, yours, right : str
        The smallest failing call and both results. `right` gives the answer to this input
        away, so a hidden input's is never shown.
    line : str
        The student's own line, where an error began.
    printed : str
        What the function printed in that call, shortened.
    note : str
        Something to know besides.
    """

    question: Question
    outcome: str
    points: int
    mistake: Mistake | None = None
    difference: str = ""
    finding: str = ""
    given: str = ""
    yours: str = ""
    right: str = ""
    line: str = ""
    printed: str = ""
    note: str = ""

    @property
    def max_points(self) -> int:
        """The points of the question."""
        return self.question.points


@dataclass(frozen=True)
class Seen:
    """One case's observation, decoded."""

    outcome: str
    value: Any
    error: dict
    changed: tuple[str, ...]
    encoded: dict  # the value, with the arguments that its arrays share memory with
    warned: tuple[str, ...]
    printed: str
    cpu_seconds: float
    properties: dict | None = None


@dataclass(frozen=True)
class Difference:
    """How one case differs from the reference."""

    kind: str
    finding: str


class Judge:
    """Judges one question on one set of inputs.

    Parameters
    ----------
    question : Question
    seed : int
        Of the inputs: the same seed draws the same ones.
    """

    def __init__(self, question: Question, seed: int = 0) -> None:
        self.question, self.seed = question, seed
        rng = np.random.default_rng([seed, zlib.crc32(question.id.encode())])
        self.cases: list[Case] = question.cases(rng)
        self.plain_cases = [case.plain() for case in self.cases]
        self._ways: dict[int, tuple[list[Seen], list[Difference | None]]] = {}
        self._glimpses: dict[tuple[int, int], tuple[Seen, Difference | None]] = {}

    def observe(
        self, function: object, namespace: dict | None = None, patience: int = 1,
        only: int | None = None,
    ) -> dict:  # fmt: skip
        """Run a function on the cases, or `only` on one, here and now; see `probe.observe`.

        What is known to end gets more `patience`: a machine that stalls for a moment may not
        turn a right answer into a wrong one.
        """
        question = self.question
        seconds = patience * question.timeout_seconds
        first, cases = 0, self.plain_cases
        if only is not None:
            first, cases = only, cases[only : only + 1]
        return probe.observe(function, question.arguments, cases, seconds, namespace, first=first)

    @cached_property
    def reference_observations(self) -> dict:
        """What is observed of the reference, as plain data."""
        return self.observe(self.question.reference, patience=10)

    @cached_property
    def wanted(self) -> list[Seen]:
        """What the reference does."""
        return self._read(self.reference_observations)

    @cached_property
    def ways(self) -> list[tuple[Mistake, Callable]]:
        """Every way of every named mistake."""
        return [(mistake, way) for mistake in self.question.mistakes for way in mistake.ways]

    @property
    def known(self) -> list[tuple[Mistake, list[Seen], list["Difference | None"]]]:
        """What each way of each named mistake does, and how it differs from the reference."""
        return [(mistake, *self._way(at)) for at, (mistake, _) in enumerate(self.ways)]

    def _way(self, number: int) -> tuple[list[Seen], list["Difference | None"]]:
        """Return what one way does, and how it differs; worked out when it is first asked for."""
        if number not in self._ways:
            mistake, way = self.ways[number]
            observed = self.observe(way, patience=10)
            if not observed["attempted"]:
                raise ValueError(f"{self.question.id}: a way of {mistake.id!r} is a stub")
            self.learn(number, observed)
        return self._ways[number]

    def learn(self, number: int, observed: dict) -> None:
        """Take what a way does from its observations, in place of running it.

        Parameters
        ----------
        number : int
            Of the way, in `ways`.
        observed : dict
            What `observe` returned of it.
        """
        seen = self._read(observed)
        self._ways[number] = seen, self.differences(seen)

    def _may_be(self, number: int, at: int, yours: Seen, mine: "Difference | None") -> bool:
        """Say whether a way does the same in one case: most do something else, and are done with.

        Parameters
        ----------
        number : int
            Of the way.
        at : int
            Of the case.
        yours, mine : Seen, Difference or None
            What was seen of a student's function there.
        """
        if self.question.look is not None:  # which wants to see all cases
            return True
        if number in self._ways:
            seen, differences = self._ways[number]
            return _alike(yours, seen[at], mine, differences[at])
        if (number, at) not in self._glimpses:
            observed = self.observe(self.ways[number][1], patience=10, only=at)
            if not observed["attempted"]:
                return True  # `_way` says what is wrong with it
            seen = _seen(observed["cases"][0], self.question.watched)
            theirs = difference_of(self.question, self.cases[at], seen, self.wanted[at])
            self._glimpses[number, at] = seen, theirs
        return _alike(yours, self._glimpses[number, at][0], mine, self._glimpses[number, at][1])

    def verdict(self, observations: dict) -> Verdict:
        """Compare observations with the reference's.

        Parameters
        ----------
        observations : dict
            What `probe.observe` returned, perhaps in another process. It is believed in
            nothing but its form.

        Raises
        ------
        ValueError
            If it hasn't the form that `probe.observe` gives it.
        """
        question = self.question
        if not isinstance(observations, dict):
            raise ValueError("These are no observations: a dict was expected.")
        if observations.get("attempted") is False:
            return Verdict(question, "not attempted", 0)
        seen = self._read(observations)
        differences = self.differences(seen)
        failing = [i for i, difference in enumerate(differences) if difference is not None]
        if not failing:
            return Verdict(question, "correct", question.points)
        worst = min(failing, key=lambda i: ORDER.index(differences[i].kind))
        kind = differences[worst].kind
        alike = [i for i in failing if differences[i].kind == kind]
        first = min(alike, key=lambda i: self.cases[i].size)
        verdict = Verdict(
            question,
            outcome={"raised": "error", "too slow": "timed out"}.get(kind, "incorrect"),
            points=0 if kind in ("raised", "too slow") else self._partial(seen),
            mistake=self.name_of(seen, differences),
            difference=kind,
            finding=differences[first].finding,
            given=show_case(question, self.cases[first]),
            line=str(seen[first].error.get("line", "")),
            printed=seen[first].printed,
        )
        if kind in ("length", "shape", "type", "values") or (kind == "form" and not question.look):
            yours, right = show(seen[first].value, self.wanted[first].value)
            verdict = replace(verdict, yours=yours, right=right)
        return verdict

    def differences(self, seen: Sequence[Seen]) -> list[Difference | None]:
        """Return how each case differs from the reference; None where it doesn't."""
        return [
            difference_of(self.question, case, yours, right)
            for case, yours, right in zip(self.cases, seen, self.wanted, strict=True)
        ]

    def name_of(
        self, seen: Sequence[Seen], mine: Sequence[Difference | None] | None = None
    ) -> Mistake | None:
        """Return the named mistake that gives the same on every case, if there is one.

        Parameters
        ----------
        seen : sequence of Seen
        mine : sequence of Difference or None, optional
            Their `differences`, where these are known.
        """
        mine = self.differences(seen) if mine is None else mine
        first = next((at for at, difference in enumerate(mine) if difference is not None), 0)
        for number, (mistake, _) in enumerate(self.ways):
            if not self._may_be(number, first, seen[first], mine[first]):
                continue
            other, theirs = self._way(number)
            if not all(map(_alike, seen, other, mine, theirs)):
                continue
            # Errors alone say little: many slips end in a TypeError. Then the words count too.
            only_errors = all(d is None or d.kind == "raised" for d in mine)
            if only_errors and not all(
                _same_words(yours, known)
                for yours, known, wrong in zip(seen, other, mine, strict=True)
                if wrong is not None
            ):
                continue
            return mistake
        return None

    def _partial(self, seen: Sequence[Seen]) -> int:
        if self.question.partial is None or any(s.properties is None for s in seen):
            return 0
        points = self.question.partial([s.properties for s in seen])
        return min(points, self.question.points - 1)

    def _read(self, observations: dict) -> list[Seen]:
        try:
            seen = [_seen(case, self.question.watched) for case in observations["cases"]]
        except (KeyError, TypeError, AttributeError, IndexError) as error:
            raise ValueError(f"These are no observations: {error!r}") from None
        if len(seen) != len(self.cases):
            raise ValueError(f"{len(self.cases)} cases were given, {len(seen)} came back.")
        if self.question.look is None:
            return seen
        values = [s.value if s.outcome == "returned" else Unseen for s in seen]
        looked = self.question.look(self.cases, values)
        return [replace(s, properties=p) for s, p in zip(seen, looked, strict=True)]


def _seen(case: dict, watched: Sequence[str]) -> Seen:
    outcome = case["outcome"]
    if outcome not in ("returned", "raised", "too slow", "not run"):
        raise ValueError(f"unknown outcome {outcome!r}")
    texts = [str(text) for text in case.get("warnings", ())] if watched else []
    warned = [word for word in WARNINGS if any(word in text for text in texts)]
    encoded = case["value"] if outcome == "returned" else {}
    plain.shared_with(encoded, None)  # an error here and now if it isn't of that form
    return Seen(
        outcome=outcome,
        value=plain.decode(case["value"]) if outcome == "returned" else Unseen,
        error=_error(dict(case.get("error", {}))),
        changed=tuple(map(str, case.get("changed", ()))),
        encoded=encoded,
        warned=tuple(warned),
        printed=str(case.get("printed", ""))[: probe.PRINTED],
        cpu_seconds=float(case.get("cpu_seconds", 0.0)),
    )


def _error(data: dict) -> dict:
    texts = {key: str(data[key]) for key in ("type", "message", "line") if key in data}
    return {"type": "an error", **texts, "kinds": [str(kind) for kind in data.get("kinds", ())]}


def difference_of(question: Question, case: Case, yours: Seen, right: Seen) -> Difference | None:
    """Compare one case with the reference's."""
    name = question.name
    if yours.outcome in ("too slow", "not run"):
        seconds = f"{question.timeout_seconds:g} seconds"
        return Difference(
            "too slow",
            f"Your {name} had not finished after {seconds}. Does a loop in it never end?",
        )
    if question.cpu_seconds is not None and yours.cpu_seconds > question.cpu_seconds:
        return Difference(
            "too slow",
            f"Your {name} took {yours.cpu_seconds:.0f} seconds of processor time. "
            f"It may take {question.cpu_seconds:g}.",
        )
    if right.outcome == "raised":
        return _difference_in_error(name, case, yours, right)
    if yours.outcome == "raised":
        return Difference("raised", _tell_error(question, yours.error))
    if question.look is not None:
        wrong = [
            key for key in right.properties if yours.properties.get(key) != right.properties[key]
        ]
        if wrong:
            kind = "nothing" if yours.value is None else "property"
            found = _tell_nothing(name) if yours.value is None else question.say[wrong[0]]
            return Difference(kind, found)
    else:
        found = compare(yours.value, right.value, name)
        if found is not None:
            return found
    files = [a for a in case.args if isinstance(a, plain.File)]
    if yours.changed and files:
        return Difference("changed", f"Your {name} changes the file itself. It may only read it.")
    if yours.changed:
        return Difference(
            "changed",
            f"Your {name} changes its argument {_names(yours.changed)} while it works. Whoever "
            "called it still needs the old numbers: leave them as they are and make new arrays.",
        )
    shared = sorted(plain.shared_with(yours.encoded, right.value))
    if shared:
        return Difference(
            "shares",
            f"What your {name} returns is the argument {_names(shared)} itself, or a part "
            "of it. Whoever changes the one changes the other: return a new array.",
        )
    if set(yours.warned) & set(question.watched):
        return Difference(
            "warned",
            f"The numbers are right, but on the way NumPy warns ({', '.join(yours.warned)}): "
            "somewhere a number becomes too large for a float. Find a way that avoids it.",
        )
    return None


def _difference_in_error(name: str, case: Case, yours: Seen, right: Seen) -> Difference | None:
    wanted = right.error["type"]
    if yours.outcome != "raised":
        return Difference(
            "no error",
            f"Here {name} must stop with a {wanted}. Yours returned {show_type(yours.value)}.",
        )
    if wanted not in yours.error.get("kinds", ()):
        return Difference(
            "other error",
            f"Here {name} must stop with a {wanted}. Yours stopped with "
            f"{yours.error['type']}: {yours.error.get('message', '')}",
        )
    if case.mentions not in str(yours.error.get("message", "")):
        return Difference(
            "silent error",
            f"The kind of error is right, {wanted}, but its message doesn't name the path. "
            f"Yours says: {yours.error.get('message', '')!r}",
        )
    return None


def compare(yours: Any, right: Any, name: str, place: str = "") -> Difference | None:
    """Compare a value with the right one: form, shape, type, numbers, in this order.

    Numbers are the same within a relative tolerance of 1e-6 and an absolute one of 1e-9,
    whole numbers exactly. Lists and tuples pass for arrays of the same shape.
    """
    where = f" {place}" if place else ""
    if yours is None:
        return Difference("nothing", _tell_nothing(name) if not place else f"Your{where} is None.")
    numbers = plain.as_numbers(right)
    if numbers is None:
        return _compare_parts(yours, right, name, place)
    given = plain.as_numbers(yours)
    if given is None:
        if isinstance(yours, plain.Opaque) and yours.shape not in (None, numbers.shape):
            return _wrong_shape(where, yours.shape, numbers.shape)
        return Difference(
            "form",
            f"Your {name} returns {show_type(yours)}{where and ' for' + where}. "
            f"Expected: {show_type(right)}.",
        )
    if given.shape != numbers.shape:
        return _wrong_shape(where, given.shape, numbers.shape)
    wrong_type = _wrong_type(yours, given, numbers)
    if wrong_type:
        return Difference("type", f"The type of your result{where} isn't right: {wrong_type}")
    if not close(given, numbers):
        return Difference("values", f"The numbers of your result{where} aren't right.")
    return None


def _compare_parts(yours: Any, right: Sequence, name: str, place: str) -> Difference | None:
    if isinstance(yours, np.ndarray) and yours.ndim > 0:
        yours = list(yours)
    where = f" {place}" if place else ""
    if not isinstance(yours, list | tuple):
        return Difference(
            "form",
            f"Your {name} returns {show_type(yours)}{where and ' for' + where}. "
            f"Expected: {show_type(right)}.",
        )
    if len(yours) != len(right):
        return Difference(
            "length",
            f"The number of results{where and ' in' + where} isn't right. "
            f"Yours: {len(yours)}. Expected: {len(right)}.",
        )
    for i, (mine, theirs) in enumerate(zip(yours, right, strict=True)):
        found = compare(mine, theirs, name, f"{place}[{i}]" if place else f"[{i}]")
        if found is not None:
            return found
    return None


def _wrong_shape(where: str, given: tuple, wanted: tuple) -> Difference:
    return Difference(
        "shape",
        f"The shape of your result{where} isn't right. "
        f"Yours: {_shape(given)}. Expected: {_shape(wanted)}.",
    )


def _wrong_type(yours: Any, given: np.ndarray, right: np.ndarray) -> str:
    if right.dtype == np.uint8:
        if isinstance(yours, np.ndarray) and yours.dtype != np.uint8:
            return f"the picture must stay uint8. Yours: {yours.dtype}."
        return "" if given.dtype.kind in "iu" else "a picture holds whole numbers, uint8."
    if right.dtype.kind in "iu" and given.dtype.kind not in "iub":
        return "whole numbers (int) are expected. Yours: float."
    return ""


def close(given: np.ndarray, right: np.ndarray) -> bool:
    """Say whether two arrays of one shape hold the same numbers."""
    if given.dtype == right.dtype and given.tobytes() == right.tobytes():
        return True  # as nearly always, and much quicker to see
    if given.dtype.kind in "iub" and right.dtype.kind in "iub":
        return bool(np.array_equal(given, right))
    with np.errstate(all="ignore"):
        return bool(np.isclose(given, right, RELATIVE, ABSOLUTE, equal_nan=True).all())


def _alike(
    yours: Seen, other: Seen, mine: Difference | None, theirs: Difference | None
) -> bool:  # fmt: skip
    """Say whether a student's observation is the same as a named mistake's."""
    if (mine and mine.kind) != (theirs and theirs.kind) or yours.outcome != other.outcome:
        return False
    if mine is None:
        return True
    if yours.outcome == "raised":
        return yours.error.get("type") == other.error.get("type")
    if yours.properties is not None:
        return yours.properties == other.properties
    return (
        yours.changed == other.changed
        and yours.warned == other.warned
        and _same(yours.value, other.value)
    )


def _same_words(yours: Seen, other: Seen) -> bool:
    """Say whether two errors speak alike, names and numbers aside."""
    mine, theirs = (
        re.sub(r"'[^']*'|\d+", "", str(seen.error.get("message", ""))) for seen in (yours, other)
    )
    return mine == theirs


def _same(a: Any, b: Any) -> bool:
    """Say whether two values are the same answer, right or wrong."""
    left, right = plain.as_numbers(a), plain.as_numbers(b)
    if left is not None and right is not None:
        return left.shape == right.shape and close(left, right)
    parts = (list, tuple)
    if isinstance(a, parts) and isinstance(b, parts):
        return len(a) == len(b) and all(map(_same, a, b))
    return left is None and right is None and type(a) is type(b) and a == b


def _tell_nothing(name: str) -> str:
    return f"Your {name} returns nothing (None). Does it end with a line that says return?"


def _tell_error(question: Question, error: dict) -> str:
    kind, message = error.get("type", "an error"), error.get("message", "")
    no_line = "line" not in error and "<locals>" not in message
    if kind == "TypeError" and no_line and "argument" in message:
        return (
            f"Your {question.name} can't be called as it must be, {question.signature}. "
            f"Python says: {message}"
        )
    return f"Your {question.name} stopped with an error. {kind}: {message}".rstrip(": ")


def _names(names: Sequence[str]) -> str:
    return " and ".join(names)


def _shape(shape: Sequence[int]) -> str:
    if len(shape) == 0:
        return "one number"
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"
