"""In a child: one notebook's answer key proves itself, and its files agree with it.

Nothing that takes a kernel is run here, only functions of the answer key and stubs.
"""

import base64
import contextlib
import importlib
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import nbformat

from dlbook.doctor.check import EXERCISE, KEY, SOLUTION, STUBS
from dlbook.doctor.child import Report
from dlbook.exercises import course, key, probe, proof, release
from dlbook.exercises.answers import judge_in
from dlbook.exercises.proof import Finding
from dlbook.exercises.question import Question

IMPORT_SECONDS = 30.0
STUB_SECONDS = 10.0


def main(
    report: Report, folder: str, notebook: str, own: bool, seeds: list[int], skip: list[str],
    told: list[str],
) -> None:  # fmt: skip
    """Look at one notebook.

    Of its questions those in `skip` have been looked at before; that the pages in `told` are
    missing is known.
    """
    root = Path(folder)
    report.now("importing the answer key")
    questions = _prove_key(report, root, notebook, own, seeds, skip, told)
    if questions is None:
        return
    try:
        key.questions(notebook)
    except course.CourseError as error:
        report.fact(unusable=str(error))
        return
    report.now("looking at the files")
    _look_at_files(report, root, notebook, own, questions)


# --- The answer key ------------------------------------------------------------------------------


def _prove_key(report, root, notebook, own, seeds, skip, told) -> list[Question] | None:
    """Import the module and prove each question; None where there is no module."""
    file = root / course.ANSWER_KEY / f"{notebook}.py"
    try:
        with probe.time_limit(IMPORT_SECONDS):
            module = _module(root, notebook, own)
    except probe.TooSlowError as error:
        line = proof.line_of(error, str(file))
        where = f"{course.ANSWER_KEY}/{notebook}.py" + (f", line {line}" if line else "")
        report.finding(KEY, Finding(
            f"{where}: It was still being imported after {IMPORT_SECONDS:g} seconds.",
            "Does a loop there never end?", notebook,
        ))  # fmt: skip
        return None
    except BaseException as error:  # exit(), too
        cause = error.__cause__ if isinstance(error, course.CourseError) else error
        report.finding(KEY, proof.import_fault(cause or error, str(file), notebook))
        return None
    questions, found = proof.questions_in(module, notebook)
    if not isinstance(getattr(module, "SETUP", ""), str):
        found.append(Finding(
            f"{course.ANSWER_KEY}/{notebook}.py: SETUP is no text.",
            "It is the text of the notebook's first code cell, in quotes.", notebook,
        ))  # fmt: skip
    for finding in found:
        report.finding(KEY, finding)
    report.fact(
        asked=[_called(q) for q in questions],
        points=sum(q.points for q in questions if isinstance(q.points, int)),
        mistakes=sum(len(q.mistakes) for q in questions if isinstance(q.mistakes, list | tuple)),
    )
    book = root / "book"
    for finding in proof.lost_sections(questions, book, told) if book.is_dir() else ():
        report.finding(KEY, finding)
    for question in questions:
        if str(question.id) in skip:
            continue
        report.now(f"question {question.id}")
        for finding in proof.findings_of(question, seeds, once=len(seeds) == 1):
            report.finding(KEY, finding)
        report.fact(proved=str(question.id))
    return questions


def _called(question: Question) -> dict[str, str]:
    """Return what a question is called, for the comparison with all others."""
    given = question.signature
    signature = given if isinstance(given, str) else ""
    return {"id": str(question.id), "signature": signature, "name": signature.split("(")[0]}


def _module(root: Path, notebook: str, own: bool):
    if not own:
        return importlib.import_module(f"dlbook.exercises.{notebook}")
    return course.Course(root, (notebook,), frozenset({notebook})).module(notebook)


# --- The files -----------------------------------------------------------------------------------


def _look_at_files(report, root: Path, notebook: str, own: bool, questions) -> None:
    solution, exercise = (root / room / f"{notebook}.ipynb" for room in ("solutions", "exercises"))
    cells, fault = _read(solution, notebook, f"Write it, then run: dlbook release {notebook}.")
    text = None
    if fault is None:
        fault = _solution_fault(solution, cells, notebook)
    if fault is None:
        try:
            text = release.exercise_text(solution)
        except Exception as error:  # whatever a damaged file makes its readers do
            wrong = " ".join(str(error).split())
            fault = Finding(wrong, f"Mend it, then run: dlbook release {notebook}.", notebook)
    if fault is not None:
        report.finding(SOLUTION, fault)
    report.says(SOLUTION, f"solutions/{notebook}.ipynb is complete, and was run")
    released, fault = _read(exercise, notebook, f"Run: dlbook release {notebook}.")
    if fault is not None:
        report.finding(EXERCISE, fault)
    if fault is not None or text is None:
        why = "the exercise is there" if fault is not None else "the solution is mended"
        report.says(EXERCISE, f"looked at when {why}", "left out")
        report.says(STUBS, f"looked at when {why}", "left out")
        return
    differs = exercise.read_text(encoding="utf-8") != text
    leaks = list(_leaks(notebook, questions, cells, released, exercise, differs))
    for finding in leaks:
        report.finding(STUBS, finding)
    report.says(STUBS, f"exercises/{notebook}.ipynb gives no answer away")
    if differs and leaks:  # one fault, and one finding
        report.says(EXERCISE, "looked at when it gives no answer away", "left out")
        return
    if differs:
        report.finding(EXERCISE, _difference(exercise, notebook))
    report.says(EXERCISE, f"exercises/{notebook}.ipynb is what its solution gives")


def _read(path: Path, notebook: str, advice: str) -> tuple[list[dict], Finding | None]:
    """Return a notebook's cells as they are stored, or why there are none."""
    name = f"{path.parent.name}/{path.name}"
    try:
        cells = json.loads(path.read_bytes().decode("utf-8-sig"))["cells"]
        if not all(isinstance(cell["source"], str | list) and cell["cell_type"] for cell in cells):
            raise ValueError("a cell has no text")
        nbformat.read(path, as_version=4)
        return cells, None
    except FileNotFoundError:
        return [], Finding(f"{name} isn't there.", advice, notebook)
    except Exception as error:  # whatever a damaged file makes its readers do
        why = error.strerror if isinstance(error, OSError) else " ".join(str(error).split())[:120]
        return [], Finding(
            f"{name} is no notebook, or it is damaged ({why}).",
            "Open it in JupyterLab; if that fails too, go back to an earlier copy.", notebook,
        )  # fmt: skip


def _source(cell: dict) -> str:
    return "".join(cell["source"])


def _grade_id(cell: dict) -> str:
    marks = (cell.get("metadata") or {}).get("nbgrader")
    return str(marks.get("grade_id", "")) if isinstance(marks, dict) else ""


def _solution_fault(path: Path, cells: list[dict], notebook: str) -> Finding | None:
    """Say what of a solution isn't as it must be stored."""
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    name = f"solutions/{path.name}"
    wanted = key.setup(notebook).strip()
    if not code or _source(code[0]).strip() != wanted:
        given = _source(code[0]).strip().splitlines() if code else []
        lines = wanted.splitlines()
        other = next((g for g, w in zip(given, lines, strict=False) if g != w), None)
        return Finding(
            f"The first code cell of {name} isn't the SETUP of its answer key"
            + (f": it says {other!r}." if other else "."),
            "Let both be the same: that text runs before every answer that is graded.", notebook,
        )  # fmt: skip
    for number, cell in enumerate(code, start=1):
        where = _cell_name(number, cell)
        if _source(cell).strip() and cell.get("execution_count") is None:
            return Finding(
                f"{name}: {where} was never run, so nothing is known of what it gives.",
                "Open it in JupyterLab, run all of it, and save it.", notebook,
            )  # fmt: skip
        errors = [out for out in cell.get("outputs") or () if out.get("output_type") == "error"]
        if errors and "raises-exception" not in (cell["metadata"].get("tags") or ()):
            return Finding(
                f"{name}: {where} stopped with {errors[0].get('ename')} when it was run.",
                "Mend it, run all of it, and save it.", notebook,
            )  # fmt: skip
    return None


def _cell_name(number: int, cell: dict) -> str:
    return f"code cell {number} ({_grade_id(cell)})" if _grade_id(cell) else f"code cell {number}"


def _difference(exercise: Path, notebook: str) -> Finding:
    if release.untouched(exercise):
        return Finding(
            f"exercises/{notebook}.ipynb isn't what its solution gives now.",
            f"Run: dlbook release {notebook}.", notebook,
        )  # fmt: skip
    return Finding(
        f"Somebody has written in exercises/{notebook}.ipynb by hand.",
        f"Move it to another folder, then run: dlbook release {notebook}. "
        f"Or lose what is in it: dlbook release --force {notebook}.", notebook,
    )  # fmt: skip


# --- What gives an answer away -------------------------------------------------------------------


def _leaks(
    notebook: str, questions: Sequence[Question], solution: list[dict], released: list[dict],
    exercise: Path, differs: bool,
) -> Iterator[Finding]:  # fmt: skip
    """Return for each question the first place of its exercise that gives its answer away."""
    again = f"Make it anew from its solution: dlbook release --force {notebook}."
    answers = {_grade_id(cell): _taken(_source(cell)) for cell in solution if _grade_id(cell)}
    told = set()
    for question, points in _earned(notebook, questions, released):
        told.add(question.id)
        yield Finding(
            f"Its stub in exercises/{notebook}.ipynb is an answer already: {points} of "
            f"{question.points} {'point' if question.points == 1 else 'points'}.",
            again if differs else f"Let the whole answer stand between {release.BEGIN} and "
            f"{release.END} in solutions/{notebook}.ipynb, and run: dlbook release {notebook}.",
            notebook, question.id,
        )  # fmt: skip
    texts = [(place, _squeezed(text)) for place, text in _texts(exercise)]
    for question in questions:
        if question.id in told:
            continue
        for line in answers.get(question.id, ()):
            place = next((place for place, text in texts if _squeezed(line) in text), None)
            if place is not None:
                yield Finding(
                    f"A line of its answer stands in exercises/{notebook}.ipynb, {place}: "
                    f"{line!r}.",
                    again if differs else f"Take it out of solutions/{notebook}.ipynb there, and "
                    f"run: dlbook release {notebook}.",
                    notebook, question.id,
                )  # fmt: skip
                break


def _taken(source: str) -> list[str]:
    """Return the lines of an answer that tell something."""
    try:
        taken = release.take_out(source)[1]
    except release.NotReleasableError:
        return []
    lines = [line.split("#")[0].strip() for line in taken]
    return [line for line in lines if len(_squeezed(line)) >= release.TELLING]


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def _earned(notebook: str, questions, released: list[dict]) -> Iterator[tuple[Question, int]]:
    """Judge each stub of an exercise as an answer."""
    names: dict = {"__name__": "__main__"}
    stubs = {_grade_id(cell): _source(cell) for cell in released if cell["cell_type"] == "code"}
    _execute(key.setup(notebook), names)
    for question in questions:
        if question.id in stubs:
            _execute(stubs[question.id], names)
    for question in questions:
        verdict = judge_in(question, names)
        if verdict.points:
            yield question, verdict.points


def _execute(source: str, names: dict) -> None:
    """Run a cell; what it does wrong is no concern here."""
    try:
        with probe.time_limit(STUB_SECONDS), probe.quiet():
            exec(compile(source, "a stub", "exec"), names)
    except KeyboardInterrupt:
        raise
    except BaseException:
        return


def _texts(path: Path) -> Iterator[tuple[str, str]]:
    """Return all text of a notebook's file, with its place: sources, outputs, metadata, files."""
    whole = json.loads(path.read_bytes().decode("utf-8-sig"))
    for number, cell in enumerate(whole["cells"], start=1):
        for part, value in cell.items():
            place = f"cell {number}" + ("" if part == "source" else f", its {part}")
            yield from ((place, text) for text in _strings(value))
    yield from (("its metadata", text) for text in _strings(whole.get("metadata")))


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
        with contextlib.suppress(ValueError):  # an attachment is written so
            yield base64.b64decode(value, validate=True).decode()
    elif isinstance(value, list):
        if all(isinstance(item, str) for item in value):
            yield "".join(value)
        for item in value:
            yield from _strings(item)
    elif isinstance(value, dict):
        for name, item in value.items():
            yield name
            yield from _strings(item)
