"""A sample class, to try the grading on: students' notebooks in which every mark is known before.

Read from top to bottom: the class, who answers what, the notebooks, the layouts.
"""

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dlbook.exercises import key
from dlbook.exercises.samples import Answer, answers

LAYOUTS = ("folders", "nbgrader", "canvas", "moodle")


@dataclass(frozen=True)
class Made:
    """What was put into the class: one of these for each student and question.

    Parameters
    ----------
    student : str
        As ``dlbook grade`` will call the student. In Canvas's layout that is the part of the
        files' names before the numbers, in the others it is the name.
    notebook : str
        ``"neuron"``.
    question : str
        ``"neuron-relu"``.
    outcome : str
        ``"correct"``, ``"incorrect"``, ``"error"``, ``"timed out"``, ``"not attempted"`` or
        ``"not graded"``.
    points : int
    mistake : str
        The named mistake's id, or empty.
    """

    student: str
    notebook: str
    question: str
    outcome: str
    points: int
    mistake: str


@dataclass(frozen=True)
class _Student:
    name: str
    skill: float  # how many of the answers are right, about
    habit: str = ""


# Invented people. A habit is what is special about somebody's files.
_CLASS = (
    _Student("Ada A.", 1.0),
    _Student("Björn B.", 0.75),
    _Student("Chidi C.", 0.7, "builds on a mistake"),
    _Student("Déborah D.", 0.9, "damaged file"),
    _Student("Emeka E.", 0.25),
    _Student("Fatima F.", 1.0, "stripped metadata"),
    _Student("Göran G.", 0.7, "endless loop"),
    _Student("Hana H.", 0.95, "two versions"),
    _Student("Ines I.", 0.8, "moved cells"),
    _Student("Jürgen J.", 0.65, "extra cells"),
    _Student("Kaito K.", 1.0),
    _Student("Lê L.", 0.6),
    _Student("Mateus M., Jr.", 0.8, "late"),
    _Student("Na'ama N.", 0.9),
    _Student("Olufemi O.", 0.7),
    _Student("Priya P.", 1.0),
    _Student("Quentin Q.", 0.3),
    _Student("Rúna R.", 0.85),
    _Student("Søren S.", 0.65),
    _Student("Tuğba T.", 0.9),
    _Student("Ulrike U.", 0.5),
    _Student("Valentina V.", 0.95, "late"),
    _Student("Wei W.", 0.75),
    _Student("Ximena X.", 0.1),
    _Student("Yusuf Y.", 0.8),
)
_NOT_ATTEMPTED = Answer("", "not attempted")


def make(
    folder: Path,
    exercises: Path,
    notebooks: Sequence[str] | None = None,
    layout: str = "folders",
    students: int = 25,
    seed: int = 0,
) -> list[Made]:
    """Write the notebooks of a sample class into a new folder.

    Parameters
    ----------
    folder : Path
        Where to write. It must not exist, or be empty: nothing is overwritten.
    exercises : Path
        The folder that holds the exercises, ``neuron.ipynb`` and so on.
    notebooks : sequence of str, optional
        The exercises that the class has done. Default: all of the course.
    layout : str, optional
        One of `LAYOUTS`: a folder for each student, or what nbgrader, Canvas or Moodle hands over.
    students : int, optional
        A larger class is this one again and again, with other answers. A smaller one is its
        beginning.
    seed : int, optional
        Another seed gives the same people other answers.

    Returns
    -------
    list of Made
        By student, then by question in the order of the notebooks.

    Raises
    ------
    FileExistsError
        If there is something at `folder`.
    FileNotFoundError
        If an exercise is missing.
    ValueError
        If there is no such layout or notebook, or no student.
    """
    notebooks = list(dict.fromkeys(key.notebooks() if notebooks is None else notebooks))
    _require_sense(notebooks, layout, students)
    _require_room(folder)
    texts = {notebook: _exercise(exercises, notebook) for notebook in notebooks}
    files, made = {}, []
    for start in range(0, students, len(_CLASS)):
        block = start // len(_CLASS)
        drawn = {n: _draw(n, f"{seed} {block} {n}", _loops(n, notebooks, block)) for n in notebooks}
        for place, student in enumerate(_CLASS[: students - start]):
            person = _Person(start + place, student, block)
            for notebook in notebooks:
                chosen = drawn[notebook][place]
                damaged = student.habit == "damaged file" and notebook == notebooks[-1]
                text = _written(texts[notebook], chosen, student.habit, damaged)
                files |= person.files(layout, notebook, notebooks.index(notebook), text)
                made += _made(person.called(layout), notebook, chosen, damaged)
            if layout == "canvas" and student.habit == "two versions":
                first = notebooks[0]
                older = {question: _first_mistake(question) for question in key.questions(first)}
                files[person.canvas_file(first, 0)] = _written(texts[first], older)
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return made


def _require_sense(notebooks: list[str], layout: str, students: int) -> None:
    if layout not in LAYOUTS:
        raise ValueError(f"There is no layout {layout!r}. There are: {', '.join(LAYOUTS)}.")
    unknown = [notebook for notebook in notebooks if notebook not in key.notebooks()]
    if unknown or not notebooks:
        raise ValueError(
            f"The notebooks of a class are one or several of: {', '.join(key.notebooks())}. "
            f"Given: {', '.join(map(str, notebooks)) or 'none'}."
        )
    if students < 1:
        raise ValueError(f"A class has at least one student. Given: {students}.")


def _require_room(folder: Path) -> None:
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise FileExistsError(
            f"There is something at {folder} already, and nothing is overwritten. "
            "Name a new folder, or empty this one."
        )


def _exercise(exercises: Path, notebook: str) -> str:
    path = exercises / f"{notebook}.ipynb"
    if not path.is_file():
        raise FileNotFoundError(f"There is no exercise {path}. Where are the exercises?")
    return path.read_text(encoding="utf-8")


# --- Who answers what --------------------------------------------------------------------------


def _loops(notebook: str, notebooks: list[str], block: int) -> bool:
    """Say whether this is the one notebook of the whole class in which somebody's loop is endless.

    Grading has to wait for it.
    """
    return block == 0 and notebook == notebooks[len(notebooks) // 2]


def _draw(notebook: str, seed: str, endless: bool) -> list[dict[str, Answer]]:
    """Return each student's answers to the questions of a notebook."""
    rng = random.Random(seed)
    questions = list(key.questions(notebook))
    drawn = [{q: _drawn(q, student.skill, rng) for q in questions} for student in _CLASS]
    able = [i for i, s in enumerate(_CLASS) if not s.habit and 0.5 < s.skill < 1]
    for question, answer in _all_of(questions, "error"):
        drawn[rng.choice(able)][question] = answer
    if endless:
        question, answer = rng.choice(_all_of(questions, "timed out"))
        drawn[_place_of("endless loop")][question] = answer
    drawn[_place_of("builds on a mistake")] |= _built_on_a_mistake(questions)
    _let_nothing_go_unmade(drawn, rng)
    return drawn


def _drawn(question: str, skill: float, rng: random.Random) -> Answer:
    right = [answer for answer in answers(question) if answer.outcome == "correct"]
    wrong = [answer for answer in answers(question) if answer.mistake]
    often = [1 / place for place in range(1, len(wrong) + 1)]
    if right and rng.random() < skill:
        return rng.choice(right)
    if not wrong or rng.random() < (0.15 if skill > 0.5 else 0.45):
        return _NOT_ATTEMPTED
    return rng.choices(wrong, often)[0]


def _all_of(questions: Sequence[str], outcome: str) -> list[tuple[str, Answer]]:
    """Return all answers with an outcome that are no named mistake, with their questions."""
    return [(q, a) for q in questions for a in answers(q) if a.outcome == outcome and not a.mistake]


def _built_on_a_mistake(questions: Sequence[str]) -> dict[str, Answer]:
    """Return a right answer that uses earlier ones, and the first of those with a mistake in it.

    Its points are lost there and nowhere else.
    """
    for question in questions:
        for answer in answers(question):
            if answer.uses:
                return {answer.uses[0]: _first_mistake(answer.uses[0]), question: answer}
    return {}


def _first_mistake(question: str) -> Answer:
    return next((answer for answer in answers(question) if answer.mistake), _NOT_ATTEMPTED)


def _let_nothing_go_unmade(drawn: list[dict[str, Answer]], rng: random.Random) -> None:
    """Give a question in which nobody makes a mistake to somebody who makes the first one."""
    readable = [i for i, s in enumerate(_CLASS) if s.habit != "damaged file"]
    for question in drawn[0]:
        if not any(drawn[i][question].mistake for i in readable):
            free = [
                i for i in readable
                if not _CLASS[i].habit and _CLASS[i].skill < 1
                and drawn[i][question].outcome in ("correct", "not attempted")
            ]  # fmt: skip
            drawn[rng.choice(free)][question] = _first_mistake(question)


def _place_of(habit: str) -> int:
    return next(i for i, student in enumerate(_CLASS) if student.habit == habit)


def _made(student: str, notebook: str, chosen: dict[str, Answer], damaged: bool) -> list[Made]:
    if damaged:
        return [Made(student, notebook, q, "not graded", 0, "") for q in chosen]
    return [Made(student, notebook, q, a.outcome, a.points, a.mistake) for q, a in chosen.items()]


# --- The notebooks -----------------------------------------------------------------------------


def _written(
    exercise: str, chosen: dict[str, Answer], habit: str = "", damaged: bool = False
) -> str:
    """Return an exercise with a student's answers in it, as the text of its file."""
    notebook = json.loads(exercise)
    for cell in _answer_cells(notebook):
        answer = chosen[cell["metadata"]["nbgrader"]["grade_id"]]
        if answer.text:
            cell["source"] = _lines(answer.text)
    change = {
        "stripped metadata": _strip_metadata,
        "moved cells": _move_cells,
        "extra cells": _add_cells,
    }.get(habit)
    if change is not None:
        change(notebook)
    text = json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"
    return text[: len(text) * 2 // 3] if damaged else text


def _answer_cells(notebook: dict) -> list[dict]:
    cells = notebook["cells"]
    return [cell for cell in cells if cell["metadata"].get("nbgrader", {}).get("solution")]


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def _strip_metadata(notebook: dict) -> None:
    """Save as Google Colab does: an older format, in which cells have no ids and marks of its own.

    What is in an answer cell shows only in the name that it defines.
    """
    for number, cell in enumerate(notebook["cells"]):
        cell.pop("id", None)
        cell["metadata"] = {"id": f"cell{number:08d}"}
    notebook["metadata"] = {
        "colab": {"provenance": []},
        "kernelspec": {"display_name": "Python 3", "name": "python3"},
        "language_info": {"name": "python"},
    }
    notebook["nbformat_minor"] = 0


def _move_cells(notebook: dict) -> None:
    """Merge the second answer into the first one's cell, and move the last one to the front."""
    if len(_answer_cells(notebook)) < 3:
        return
    first, second, *_, last = _answer_cells(notebook)
    first["source"] = [*first["source"], "\n", "\n", *second["source"]]
    cells = notebook["cells"]
    cells.remove(second)
    cells.remove(last)
    setup = next(i for i, cell in enumerate(cells) if cell["cell_type"] == "code")
    cells.insert(setup + 1, last)


_EXTRA = (
    "%matplotlib inline\nimport matplotlib.pyplot as plt",
    'print("done with this one!")',
    "%whos",
    "t = np.linspace(-3, 3, 50)\nplt.plot(t, t ** 2)\nplt.show()",
    "# why does this not work??\n# x = y + z",
    "%time sum(range(1000))",
)


def _add_cells(notebook: dict) -> None:
    """Put a cell of the student's own after each answer: magics, a print, a plot."""
    for number, cell in enumerate(_answer_cells(notebook)):
        extra = {
            "cell_type": "code",
            "execution_count": None,
            "id": f"extra-{number}",
            "metadata": {},
            "outputs": [],
            "source": _lines(_EXTRA[number % len(_EXTRA)]),
        }
        notebook["cells"].insert(notebook["cells"].index(cell) + 1, extra)


# --- The layouts -------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Person:
    """A student with a number: in a class of more than 25 everybody comes several times."""

    number: int
    student: _Student
    block: int

    @property
    def name(self) -> str:
        return f"{self.student.name} {self.block + 1}" if self.block else self.student.name

    def called(self, layout: str) -> str:
        """Return how a layout tells the student's name."""
        if layout != "canvas":
            return self.name
        given, _, rest = self.name.partition(" ")
        return "".join(letter for letter in (rest + given).lower() if letter.isalnum())

    def files(self, layout: str, notebook: str, place: int, text: str) -> dict[Path, str]:
        """Return where a layout keeps the student's notebook, and what lies beside it."""
        file = f"{notebook}.ipynb"
        if layout == "nbgrader":
            folder = Path("submitted", self.name, notebook)
            minute, second = divmod(self.number % 3600, 60)
            time = f"2026-03-02 14:{minute:02d}:{second:02d}.948203 UTC\n"
            return {folder / file: text, folder / "timestamp.txt": time}
        if layout == "canvas":
            again = self.student.habit == "two versions" and place == 0
            return {self.canvas_file(notebook, 1 + place, "-1" if again else ""): text}
        if layout == "moodle":
            return {Path(f"{self.name}_{3000 + self.number}_assignsubmission_file_", file): text}
        return {Path(self.name, file): text}

    def canvas_file(self, notebook: str, attachment: int, version: str = "") -> Path:
        """Return Canvas's name for a file; of two versions the later has the higher number."""
        late = "_LATE" if self.student.habit == "late" else ""
        numbers = f"{4100 + self.number}_{70_000 + 10 * self.number + attachment}"
        return Path(f"{self.called('canvas')}{late}_{numbers}_{notebook}{version}.ipynb")
