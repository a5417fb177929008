"""How a class is graded, and what came of it: plain records, light to import."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from dlbook.grading.sandbox import Limits


@dataclass(frozen=True)
class Settings:
    """How a notebook is graded.

    Parameters
    ----------
    seed : int
        Of the inputs. Whoever knows it knows the inputs.
    limits : Limits
    sandboxed : bool
    hidden : sequence of str
        Files and folders that no answer may see, wherever they lie.
    question_seconds : float or None
        A shorter time for each question than its own.
    warm : bool
        Fork kernels from one that is ready; otherwise start each from nothing: slower,
        and what the fast ones are held to.
    course : str or None
        The `address` of the course, for workers; None for the one that is used already.
    """

    seed: int
    limits: Limits = field(default_factory=Limits)
    sandboxed: bool = True
    hidden: Sequence[str] = ()
    question_seconds: float | None = None
    warm: bool = True
    course: str | None = None


@dataclass(frozen=True)
class Result:
    """One mark, with what the student is told: plain data, without the question's answer."""

    question: str
    points: int
    max_points: int
    outcome: str
    mistake: str
    message: str  # one line
    feedback: str  # all that is said, as text
    headline: str = ""
    title: str = ""  # of the mistake
    says: str = ""
    finding: str = ""
    given: str = ""
    yours: str = ""
    line: str = ""
    printed: str = ""
    note: str = ""
    read: str = ""
    hint: str = ""

    def as_data(self) -> dict:
        """Return the result as plain data."""
        return dict(vars(self))


@dataclass(frozen=True)
class Written:
    """An answer as somebody wrote it, for a person who looks at answers that are alike.

    Parameters
    ----------
    question : str
        The question's id.
    form : str
        A digest: answers that are the same but for names, comments and layout share it.
    size : int
        How much there is of it, in nodes of its tree.
    is_reference : bool
        Whether a right answer that can be seen has this form.
    text : str
        As it was written, or its beginning.
    """

    question: str
    form: str
    size: int
    is_reference: bool
    text: str


@dataclass(frozen=True)
class Graded:
    """What came of one notebook.

    Parameters
    ----------
    notebook : str
        ``"neuron"``; empty where it isn't known.
    results : list of Result
    notes : list of str
        What was repaired, and what else happened on the way.
    seconds : float
        By the clock on the wall.
    whole : bool
        False where something failed on our side: another run tries again.
    answers : list of Written
        What was attempted, as far as it can be read.
    digest : str
        Of the file; empty where it isn't known.
    handed_in : str or None
        When the file was handed in, in ISO form, if the layout says so.
    late : bool
        Whether the layout called the file late.
    """

    notebook: str
    results: list[Result]
    notes: list[str]
    seconds: float = 0.0
    whole: bool = True
    answers: list[Written] = field(default_factory=list)
    digest: str = ""
    handed_in: str | None = None
    late: bool = False
