"""A student's answers, taken out of the notebook as it came: found, and cut free.

Nothing here runs what a student wrote; it is parsed, and that is all. Read in this order:
`cells` (the file), `pieces` (the Python in them), `statements` (what it binds and needs), and this:
the answer to each question, and what it takes along.
"""

import builtins
import warnings
from dataclasses import dataclass

import nbformat

from dlbook.exercises import course, key, release
from dlbook.exercises.question import Question
from dlbook.grading.cells import UnreadableError, cells_in, exercise_named, notebook_in
from dlbook.grading.pieces import SETUP, Chunk, Piece, Student, mentions
from dlbook.grading.statements import Statement


@dataclass(frozen=True)
class Answer:
    """What a student handed in for one question.

    Parameters
    ----------
    question : str
        The question's id.
    found : bool
        Whether anything binds the function's name, be it the untouched stub.
    chunks : tuple of Chunk
        What the answer needs, in the order in which to run it; the answer itself comes last.
    whole : tuple of Chunk
        All code of the notebook, for a second try; empty where it would add nothing.
    uses : tuple of str
        Functions of earlier questions of the notebook that the chunks use.
    notes : tuple of str
        What was repaired, one sentence each.
    """

    question: str
    found: bool
    chunks: tuple[Chunk, ...] = ()
    whole: tuple[Chunk, ...] = ()
    uses: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Work:
    """One student's notebook.

    Parameters
    ----------
    notebook : str
        Which exercise it is: ``"neuron"``.
    answers : dict of Answer
        For every question of that exercise, by id, in order.
    notes : tuple of str
        What was repaired, as far as it belongs to no one answer.
    """

    notebook: str
    answers: dict[str, Answer]
    notes: tuple[str, ...] = ()


def read(contents: bytes, file: str) -> Work:
    """Take the answers out of a student's notebook.

    Parameters
    ----------
    contents : bytes
        The file's, whatever they are.
    file : str
        The file's name, for messages; it also tells the exercise where nothing else does.

    Raises
    ------
    UnreadableError
        If it is no notebook, or none of this book's.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python's, about a student's "\d" and "is 1"
            student, notes = _parsed(contents, file)
            asked = _questions_of(student, file, notes)
            choices = {question.name: _choice(student, question) for question in asked}
            answers = {q.id: _answer(student, asked, q, choices) for q in asked}
    except (RecursionError, MemoryError):
        raise UnreadableError(
            f"{file} is too deeply nested to be read. Clear its outputs (menu Edit, Clear "
            "Outputs of All Cells), save it and hand it in again."
        ) from None
    told = {note for answer in answers.values() for note in answer.notes}
    for piece in student.pieces:
        notes += [note for note in piece.notes if note not in told]
    return Work(asked[0].notebook, answers, tuple(dict.fromkeys(notes)))


_kept: dict[tuple, tuple[Student, list[str]]] = {}  # parsed, and not yet graded
_KEPT = 8


def _parsed(contents: bytes, file: str) -> tuple[Student, list[str]]:
    """Return all Python of a notebook in pieces, and what was repaired."""
    kept = _kept.pop((course.current().folder, contents, file), None)
    if kept is not None:
        return kept
    notes: list[str] = []
    cells = cells_in(notebook_in(contents, file, notes), file, notes)
    return Student(cells, notes), notes


def exercise_of(contents: bytes, file: str) -> str:
    """Return the name of the exercise that a notebook belongs to; "" where nothing tells."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            student, notes = _parsed(contents, file)
            exercise = _questions_of(student, file, [])[0].notebook
    except (UnreadableError, RecursionError, MemoryError):
        return exercise_named(file)
    if len(_kept) < _KEPT:  # it will be read once more, to be graded
        _kept[course.current().folder, contents, file] = student, notes
    return exercise


def is_untouched(contents: bytes) -> bool:
    """Say whether a notebook is still the exercise as it was handed out."""
    try:
        return release.is_as_released(nbformat.reads(contents.decode("utf-8"), as_version=4))
    except Exception:  # whatever a damaged file makes its readers do
        return False


def _questions_of(student: "Student", file: str, notes: list[str]) -> list[Question]:
    """Return the questions of the exercise that this is: by ids, by functions, by its name."""
    points = {}
    for name in key.notebooks():
        asked = key.questions(name).values()
        marked = sum(not student.ids.isdisjoint({q.id, f"{q.id}-check"}) for q in asked)
        points[name] = 100 * marked + sum(q.name in student.named for q in asked)
    best = max(points, key=points.get)
    if not points[best]:
        best = exercise_named(file)
        if not best:
            names = ", ".join(f"{name}.ipynb" for name in key.notebooks())
            raise UnreadableError(
                f"{file} holds no question of this course. The exercises are {names}."
            )
    for name in key.notebooks():
        if name != best and points[name] >= 3:
            notes.append(f"It also holds parts of {name}; it was taken as {best}.")
    return list(key.questions(best).values())


@dataclass(frozen=True)
class _Choice:
    """Which piece holds the answer; ``raw`` is an answer that is no Python."""

    piece: Piece | None = None
    raw: Chunk | None = None
    notes: tuple[str, ...] = ()


def _choice(student: Student, question: Question) -> _Choice:
    """Choose the piece that answers a question, and say so where it isn't the obvious one."""
    name, pieces = question.name, student.pieces
    good = [piece for piece in pieces if piece.answers(name)]
    own = [piece for piece in good if question.id in piece.ids]
    if good:
        group = own or good
        piece = ([p for p in group if p.is_sure(name)] or group)[-1]
        notes = _why(student, question, piece, good, bool(own))
        later = [p for p in good if p.number > piece.number]
        wrapped = [
            p for p in later if any(name in p.statements[at].wraps for at in p.answers(name))
        ]
        if wrapped:
            piece = wrapped[-1]
            notes = [f"{question.id}: {name} is wrapped again in {piece.place}, which counts."]
        return _Choice(piece, notes=tuple(notes))
    if retyped := student.retyped(name):
        piece = retyped[-1]
        return _Choice(piece, notes=(f"{question.id}: the answer was found in {piece.place}.",))
    broken = [
        (question.id in piece.ids, at, piece.place, part)
        for at, piece in enumerate(pieces)
        for part in piece.broken
        if mentions(name, part.text)
        or (question.id in piece.ids and not piece.binders(name, question=True))
    ]
    if broken:
        *_, place, part = max(broken, key=lambda found: found[:2])
        note = f"{question.id}: its answer in {place} isn't Python ({part.why})."
        return _Choice(raw=part.chunk(place), notes=(note,))
    stubs = [piece for piece in pieces if piece.binders(name, question=True)]
    own = [piece for piece in stubs if question.id in piece.ids]
    return _Choice((own or stubs or [None])[-1])


def _why(
    student: Student, question: Question, piece: Piece, good: list[Piece], own: bool
) -> list[str]:
    others = ", ".join(other.place for other in good if other is not piece)
    if own:
        said = f"{question.name} is also defined in {others}; the answer in {piece.place} counts."
        return [f"{question.id}: {said}"] if others else []
    lost = question.id not in student.ids
    why = "its cell had lost its id" if lost else "its own cell holds no answer"
    also = f" It is also defined in {others}." if others else ""
    return [
        f"{question.id}: {why}; the answer was found in {piece.place} by the name "
        f"{question.name}.{also}"
    ]


def _answer(
    student: Student, asked: list[Question], question: Question, choices: dict[str, _Choice]
) -> Answer:
    """Return one question's answer, with what it needs."""
    choice = choices[question.name]
    if choice.raw is not None:
        return Answer(question.id, True, (choice.raw,), notes=choice.notes)
    cut = _Slice(student, choices, question.name)
    if choice.piece is not None:
        cut.take(choice.piece, question.name)
        cut.complete()
    chunks = cut.chunks()
    before = [q.name for q in asked[: asked.index(question)]]
    notes = [*choice.notes, *(note for piece in cut.taken for note in piece.notes)]
    return Answer(
        question.id,
        choice.piece is not None,
        chunks,
        _whole(student, cut, chunks),
        tuple(name for name in before if name in cut.used),
        tuple(dict.fromkeys(notes)),
    )


class _Slice:
    """The statements that one answer needs."""

    def __init__(self, student: Student, choices: dict[str, _Choice], name: str) -> None:
        self.student, self.choices, self.name = student, choices, name
        self.answer = choices[name].piece
        self.taken: dict[Piece, set[int]] = {}
        self.before: dict[Piece, list[Piece]] = {}  # later cells that must run earlier
        self.used: set[str] = set()
        self.missing: set[str] = set()
        # What has been done already, for a name that is bound and used ten thousand times.
        self.followed: set[tuple[str, Piece, bool]] = set()
        self.known: dict[tuple[str, Piece], list[int]] = {}
        self.took: set[tuple[str, Piece]] = set()
        self.waiting: list[tuple[Piece, int]] = []
        self.writers = [piece for piece in student.pieces if piece.writes]
        self.setup = [p for p in student.pieces if any(i.endswith("-setup") for i in p.ids)]

    def take(self, piece: Piece, name: str) -> None:
        """Take what binds a name in a piece, and what changes it there."""
        if (name, piece) not in self.took:
            self.took.add((name, piece))
            self._add(piece, piece.binders(name, name in self.choices))
            self._add(piece, piece.changers(name))

    def complete(self) -> None:
        """Take what is needed by what was taken, until nothing is missing that is there."""
        self._follow()
        if self.missing:
            last = max((piece.number for piece in self.taken), default=0)
            for piece in [p for p in self.student.pieces if p.number <= last]:
                self._add(piece, [at for at, s in enumerate(piece.statements) if s.star])
            self._follow()

    def _add(self, piece: Piece, places: list[int]) -> None:
        for at in places:
            if at not in self.taken.setdefault(piece, set()):
                self.taken[piece].add(at)
                self.waiting.append((piece, at))

    def _follow(self) -> None:
        while self.waiting:
            piece, at = self.waiting.pop()
            statement = piece.statements[at]
            for name in sorted(statement.now | statement.later):
                if name in self.choices and name != self.name:
                    self.used.add(name)
                # Where it stands matters only where the name is bound below, in its own cell.
                here = self._here(name, piece)
                settled = bool(here) and not (name in statement.now and here[0] >= at)
                if (name, piece, settled) not in self.followed:
                    self.followed.add((name, piece, settled))
                    self._need(name, piece, settled)
            for home in self.writers if statement.modules else ():
                if home.writes in statement.modules and home is not piece:
                    self._before(piece, home)
                    self._add(home, [0])

    def _here(self, name: str, piece: Piece) -> list[int]:
        """Return which statements of a piece bind a name that is needed in it."""
        if (name, piece) not in self.known:
            found = piece.answers(name) if name in self.choices else piece.binders(name)
            self.known[name, piece] = [at for at in found if not _is_given(piece, name, at)]
        return self.known[name, piece]

    def _need(self, name: str, piece: Piece, settled: bool) -> None:
        """Take what binds a name that a piece needs: there, before it, or after it."""
        self._add(piece, piece.changing.get(name, []))
        if here := self._here(name, piece):
            self._add(piece, here)
            self._add(piece, piece.changers(name))
        if settled:
            return
        choice = self.choices.get(name)
        if choice is not None and choice.piece is not piece:
            if choice.piece is not None:
                self._before(piece, choice.piece)
                self.take(choice.piece, name)
            return
        homes = [p for p in self.student.homes.get(name, ()) if self._here(name, p)]
        earlier = [p for p in homes if p.number < piece.number]
        later = [p for p in homes if p.number > piece.number]
        if earlier:
            self.take(earlier[-1], name)
        elif name in SETUP or hasattr(builtins, name):
            for setup in self.setup:  # np.seterr(...)
                self._add(setup, setup.changers(name))
        elif later and not here:
            self._before(piece, later[0])
            self.take(later[0], name)
        elif not here:
            self.missing.add(name)

    def _before(self, piece: Piece, needed: Piece) -> None:
        if needed.number > piece.number:
            self.before.setdefault(piece, []).append(needed)

    def chunks(self) -> tuple[Chunk, ...]:
        """Return the chunks by cell, those that others need before them, the answer last."""
        order: dict[Piece, None] = {}
        seen = {self.answer}
        waiting = sorted(self.taken, key=lambda piece: -piece.number)
        while waiting:
            piece = waiting[-1]
            seen.add(piece)
            first = [p for p in self.before.get(piece, ()) if p in self.taken and p not in seen]
            if first and piece not in order:
                waiting += sorted(set(first), key=lambda piece: -piece.number)
                continue
            waiting.pop()
            if piece is not self.answer:
                order[piece] = None
        pieces = [*order, self.answer] if self.answer else []
        return tuple(piece.chunk(self.taken[piece]) for piece in pieces)


def _is_given(piece: Piece, name: str, at: int) -> bool:
    """Say whether a statement isn't meant where a name is used that is there anyway.

    The setup cell's own imports are not; nor is ``sum = 0`` where ``sum(...)`` is called.
    """
    statement = piece.statements[at]
    if name in SETUP:
        return statement.setup and any(i.endswith("-setup") for i in piece.ids)
    return hasattr(builtins, name) and name not in statement.sure


def _whole(student: Student, cut: _Slice, chunks: tuple[Chunk, ...]) -> tuple[Chunk, ...]:
    """Return all code of a notebook, if it does anything that the slice doesn't."""
    left = [
        piece.statements[at]
        for piece, kept, _ in student.everything
        for at in kept
        if at not in cut.taken.get(piece, ())
    ]
    # Where something is done that can't be seen, even a call of a function may be needed.
    if not (left and student.dynamic) and not any(_matters(cut, part) for part in left):
        return ()
    whole = tuple(chunk for _, _, chunk in student.everything)
    if cut.answer is None:
        return whole
    rebound = any(home.number > cut.answer.number for home in student.homes.get(cut.name, ()))
    return (*whole, chunks[-1]) if rebound or cut.answer not in student.pieces else whole


def _matters(cut: _Slice, statement: Statement) -> bool:
    """Say whether a statement outside of the slice does more than show something."""
    if cut.answer is None:  # nothing that can be seen binds the name
        return statement.star or any(p.writes in statement.modules for p in cut.writers)
    return bool(statement.binds | statement.changes | statement.called) and not statement.setup
