"""What the students of the sample class write: right answers and wrong ones, each judged already.

One module for each notebook. It holds one text for each question, in which a line that begins
with ``#:`` stands above each answer and says what becomes of it:

- ``#: right``
- ``#: bias-left-out``, the named mistake that it is; then ``error`` if it stops with one, or
  ``3 points`` if it gets some all the same: ``#: if-on-an-array, error``
- ``#: error``, an error that is no named mistake
- ``#: endless``, a loop that never ends

Each answer is the whole text of a cell. The wrong ones use none of the notebook's other answers;
of the right ones some do. The mistake that is made most stands first.

For questions of another course there are no such texts: `made` takes answers from its key.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from dlbook.exercises import course, key
from dlbook.exercises.question import Question
from dlbook.exercises.samples import images, layers, made, neuron, training, updates

TEXTS = {**layers.TEXTS, **neuron.TEXTS, **updates.TEXTS, **training.TEXTS, **images.TEXTS}
HEADING = "#: "


@dataclass(frozen=True)
class Answer:
    """The text of an answer cell, and what is to become of it.

    Parameters
    ----------
    text : str
        The whole cell.
    outcome : str
        ``"correct"``, ``"incorrect"``, ``"error"`` or ``"timed out"``.
    points : int
    mistake : str
        The named mistake's id, or empty.
    uses : tuple of str
        Ids of the earlier questions whose functions the text calls.
    """

    text: str
    outcome: str
    points: int = 0
    mistake: str = ""
    uses: tuple[str, ...] = ()


@course.cached
def answers(question: str) -> tuple[Answer, ...]:
    """Return the answers to a question, in the order in which they are written here.

    Parameters
    ----------
    question : str
        Its id.

    Examples
    --------
    >>> [(a.outcome, a.mistake) for a in answers("neuron-and-gate")][2:4]
    [('incorrect', 'or-gate'), ('incorrect', 'on-the-line')]
    """
    asked = key.question(question)
    if asked.notebook in course.current().own:
        return tuple(_made_from_the_key(asked))
    _, *parts = ("\n" + TEXTS[question]).split("\n" + HEADING)
    return tuple(_answer(question, *part.split("\n", 1)) for part in parts)


def _made_from_the_key(question: Question) -> Iterator[Answer]:
    for text in made.right_texts(question):
        yield Answer(text, "correct", question.points, uses=_uses(question.id, text))
    for text, outcome, mistake, points in made.wrong_texts(question):
        yield Answer(text, outcome, points, mistake)
    begin = f"def {question.signature}:\n    "
    yield Answer(f"{begin}return result", "error")
    yield Answer(f"{begin}while True:\n        pass", "timed out")


def _answer(question: str, heading: str, text: str) -> Answer:
    text = text.strip("\n")
    kind, _, rest = heading.partition(", ")
    if kind == "right":
        points = key.question(question).points
        return Answer(text, "correct", points, uses=_uses(question, text))
    if kind in ("error", "endless"):
        return Answer(text, "error" if kind == "error" else "timed out")
    if rest == "error":
        return Answer(text, "error", mistake=kind)
    points = int(rest.removesuffix("s").removesuffix(" point")) if rest else 0
    return Answer(text, "incorrect", points, kind)


def _uses(question: str, text: str) -> tuple[str, ...]:
    """Return the other questions of the notebook whose functions a text calls."""
    names = {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}
    others = key.questions(key.question(question).notebook).values()
    return tuple(q.id for q in others if q.name in names and q.id != question)
