"""What a question is: a value, with its reference, its inputs, and the mistakes that it knows."""

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dlbook.exercises import course, plain


@dataclass(frozen=True)
class Section:
    """A place in the book.

    Parameters
    ----------
    page : str
        ``"neuron"``, as its file is called.
    heading : str
        One of its headings, word for word.
    """

    page: str
    heading: str

    def __str__(self) -> str:
        return f"{course.chapter(self.page)}, “{self.heading}”"


@dataclass(frozen=True)
class Case:
    """One call of the student's function, to see what it does.

    Parameters
    ----------
    args : tuple
        The arguments: numbers, arrays, text, lists of them, or a
        `plain.Rng`, `plain.Given` or `plain.File`.
    then : tuple, optional
        Where the answer is itself a function: the arguments of that one.
    mentions : str, optional
        What the message of a wanted exception must name.
    """

    args: tuple[Any, ...]
    then: tuple[Any, ...] | None = None
    mentions: str = ""

    def plain(self) -> dict:
        """Return the case as JSON can hold it, for the probe."""
        then = None if self.then is None else [plain.encode_argument(a) for a in self.then]
        return {"args": [plain.encode_argument(a) for a in self.args], "then": then}

    @property
    def size(self) -> int:
        """How many numbers go in: a small failing input explains more than a large one."""
        return sum(_size(argument) for argument in (*self.args, *(self.then or ())))


@dataclass(frozen=True)
class Mistake:
    """A wrong answer that students give, with a name.

    Parameters
    ----------
    id : str
        Lower-case words with hyphens, unique within the question: ``"bias-left-out"``.
    title : str
        A few words: "The bias is left out".
    says : str
        What the student's code does, and what it should do instead, without giving the
        line away.
    ways : tuple of functions
        Different ways to write it whose results differ; each is a whole wrong answer.
    read : Section, optional
        Where to read again; the question's own section otherwise.
    """

    id: str
    title: str
    says: str
    ways: tuple[Callable, ...]
    read: Section | None = None


def mistake(
    name: str, title: str, says: str, *ways: Callable, read: Section | None = None
) -> Mistake:
    """Write a `Mistake` in one line, its ways last.

    Parameters
    ----------
    name : str
        Its id.
    title, says : str
    *ways : functions
    read : Section, optional

    Returns
    -------
    Mistake
    """
    return Mistake(name, title, says, ways, read)


@dataclass(frozen=True)
class Question:
    """One question of an exercise notebook.

    Parameters
    ----------
    id : str
        ``"neuron-relu"``; the part before the first hyphen is the notebook.
    points : int
    signature : str
        As the student reads it: ``"relu(z)"``.
    reference : function
        A right answer.
    cases : function
        Takes a ``numpy.random.Generator``, returns a list of `Case`: inputs chosen to
        tell mistakes apart.
    read : Section
        Where the book teaches it.
    hints : sequence of str
        One more at each call of ``hint``.
    mistakes : sequence of Mistake
    look : function, optional
        For questions with many right answers. Takes the cases and what was returned for
        each (an `Unseen` where nothing was), returns one dict of properties for each
        case; the reference's properties are the right ones.
    say : dict, optional
        A sentence for each property of `look` that is wrong.
    watched : sequence of str, optional
        Words of NumPy's warnings that count as wrong: ``("overflow",)``.
    partial : function, optional
        Takes the properties of all cases, returns the points that an answer gets which
        isn't all right.
    timeout_seconds : float
        For all cases together, by the clock on the wall.
    cpu_seconds : float, optional
        The most processor time that one case may take.
    withheld : sequence of str, optional
        Python packages that an answer may not use; where it is graded they are not there.
    """

    id: str
    points: int
    signature: str
    reference: Callable
    cases: Callable[[np.random.Generator], list[Case]]
    read: Section
    hints: Sequence[str]
    mistakes: Sequence[Mistake] = ()
    look: Callable[[Sequence[Case], Sequence[Any]], list[dict]] | None = None
    say: dict[str, str] = field(default_factory=dict)
    watched: Sequence[str] = ()
    partial: Callable[[list[dict]], int] | None = None
    timeout_seconds: float = 10.0
    cpu_seconds: float | None = None
    withheld: Sequence[str] = ()

    @property
    def notebook(self) -> str:
        """The exercise notebook's name: ``"neuron"``."""
        return self.id.split("-")[0]

    @property
    def name(self) -> str:
        """The name of the function that the student writes."""
        return self.signature.split("(")[0]

    @property
    def arguments(self) -> list[str]:
        """What the signature calls the arguments."""
        definition = ast.parse(f"def {self.signature}: pass").body[0]
        return [argument.arg for argument in definition.args.args]


class Unseen:
    """In place of a value: nothing was returned for this case."""


def _size(value: object) -> int:
    if isinstance(value, np.ndarray):
        return value.size
    if isinstance(value, plain.Rng | plain.File):
        return 1
    if isinstance(value, plain.Given):
        return 0
    if isinstance(value, list | tuple):
        return 1 + sum(_size(item) for item in value)
    return 1
