"""A class to compare graders on: clean notebooks that every one of them can read, drawn by seed.

The answers are those of ``dlbook demo``: right ones, the mistakes that are made most, untouched
cells. There are no endless loops, damaged files, lost ids or moved cells: the others would stop
at them or wait for minutes, and it isn't those that are compared here.
"""

import json
import random
from dataclasses import dataclass
from pathlib import Path

from dlbook.exercises import key
from dlbook.exercises.samples import Answer, answers

SKILLS = (1.0, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.6, 0.5, 0.25)  # one of them is a student's
UNTOUCHED = 0.25  # of the answers that aren't right


@dataclass(frozen=True)
class Student:
    """Somebody with a notebook, in which every answer has been judged before.

    Parameters
    ----------
    name : str
    notebook : str
        The text of the file.
    surely_right : frozenset of str
        Questions whose answer is right, and uses only right ones.
    right : frozenset of str
        Questions whose answer is right. Where it uses a wrong one, a grader that runs the
        notebook as it is may call it wrong; this project's own may not.
    """

    name: str
    notebook: str
    surely_right: frozenset[str]
    right: frozenset[str]


def make(exercise: Path, size: int, seed: int = 0) -> list[Student]:
    """Return a class; a larger one begins with the smaller one.

    Parameters
    ----------
    exercise : Path
        ``exercises/neuron.ipynb``, as it was handed out.
    size : int
    seed : int, optional
    """
    text = exercise.read_text(encoding="utf-8")
    return [_student(text, exercise.stem, number, seed) for number in range(1, size + 1)]


def _student(exercise: str, name: str, number: int, seed: int) -> Student:
    rng = random.Random(f"{seed} {name} {number}")
    skill = rng.choice(SKILLS)
    chosen = {question: _drawn(question, skill, rng) for question in key.questions(name)}
    called = f"student-{number:04d}"
    given = {question: answer for question, answer in chosen.items() if answer is not None}
    right = {question for question, answer in given.items() if answer.outcome == "correct"}
    surely: set[str] = set()
    for question, answer in given.items():  # in the notebook's order: what is used stands before
        if question in right and surely.issuperset(answer.uses):
            surely.add(question)
    return Student(
        called, _written(exercise, chosen, called), frozenset(surely), frozenset(right)
    )  # fmt: skip


def _drawn(question: str, skill: float, rng: random.Random) -> Answer | None:
    """Return an answer; None for a cell that nobody touched."""
    known = [answer for answer in answers(question) if answer.outcome != "timed out"]
    right = [answer for answer in known if answer.outcome == "correct"]
    wrong = [answer for answer in known if answer.outcome != "correct"]
    if rng.random() < skill:
        return rng.choice(right)
    if rng.random() < UNTOUCHED:
        return None
    return rng.choices(wrong, [1 / place for place in range(1, len(wrong) + 1)])[0]


def _written(exercise: str, chosen: dict[str, Answer | None], name: str) -> str:
    """Write answers into an exercise, each with a line of the student's own below it.

    So no two students' answers are the same text, and none can be had from another's.
    """
    notebook = json.loads(exercise)
    for cell in notebook["cells"]:
        marks = cell["metadata"].get("nbgrader", {})
        answer = chosen.get(marks.get("grade_id")) if marks.get("solution") else None
        if answer is not None:
            cell["source"] = f"{answer.text}\n# {name}".splitlines(keepends=True)
    return json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"
