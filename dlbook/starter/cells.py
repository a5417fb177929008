"""The cells of a solutions notebook, brought into line with its answer key.

Authors write text and code; the metadata by which a cell is an answer or a check comes from here.
"""

import ast
import json
import re
from pathlib import Path

import nbformat

from dlbook.exercises import course, key
from dlbook.exercises.question import Question
from dlbook.exercises.release import BEGIN, END
from dlbook.starter.exercise import CHECK, FOLDED, marks_of
from dlbook.starter.writing import NotMadeError, write

ANSWER = f"""def {{signature}}:
    {BEGIN}
    ...
    {END}"""
TEXT = "## {name}\n\n`{id}` · {points}\n\nSay here what is asked for."
CALL = re.compile(r"""\bcheck\(\s*["']([\w-]+)["']\s*\)""")


def fit(folder: Path, name: str) -> list[str]:
    """Mark the cells of a solutions notebook, and append those that are missing.

    An answer cell is one with ``# BEGIN SOLUTION`` that defines a question's function; a check
    cell calls ``check`` with its id. No cell's text is changed.

    Parameters
    ----------
    folder : Path
        The course.
    name : str
        The exercise.

    Returns
    -------
    list of str
        What was done, a sentence each; nothing if all fitted before.

    Raises
    ------
    NotMadeError
        If there is no such notebook, or it can't be read or written.
    """
    file = f"solutions/{name}.ipynb"
    try:
        before = (folder / file).read_text(encoding="utf-8")
        notebook = nbformat.reads(before, as_version=4)
    except FileNotFoundError:
        raise NotMadeError(f"There is no {file} in {folder}. Check the spelling.") from None
    except Exception as error:  # whatever a damaged notebook makes its readers do
        raise NotMadeError(f"{file} can't be read: {str(error)[:200]}.") from None
    course.use(folder)
    if name not in key.notebooks():
        raise NotMadeError(
            f"There is no answer_key/{name}.py in {folder}. Begin it: dlbook new exercise {name}"
        )
    done = []
    for question in key.questions(name).values():
        done += _fit_one(notebook.cells, question)
    if done:
        write(folder, {}, {file: nbformat.writes(notebook) + "\n"})
    return done


def _fit_one(cells: list[nbformat.NotebookNode], question: Question) -> list[str]:
    """Mark or add the two cells of one question."""
    done = []
    answer = next((cell for cell in cells if _answers(cell, question)), None)
    check = next((cell for cell in cells if question.id in CALL.findall(_code(cell))), None)
    if answer is None:
        text = TEXT.format(name=question.name, id=question.id, points=_points(question))
        answer = nbformat.v4.new_code_cell(ANSWER.format(signature=question.signature))
        at = len(cells) if check is None else cells.index(check)
        cells[at:at] = [nbformat.v4.new_markdown_cell(text), answer]
        done.append(f"An answer cell for {question.id} is added. Write text and answer.")
    if check is None:
        check = nbformat.v4.new_code_cell(CHECK.format(json.dumps(question.id)))
        cells.insert(cells.index(answer) + 1, check)
        done.append(f"A check cell for {question.id} is added.")
    marks = marks_of(question.id, solution=True)
    if answer.metadata.get("nbgrader") != marks:
        answer.metadata.update(FOLDED, nbgrader=marks)
        done.append(f"The cell that defines {question.name} is the answer to {question.id}.")
    marks = marks_of(f"{question.id}-check", grade=True, locked=True, points=question.points)
    if check.metadata.get("nbgrader") != marks:
        check.metadata["nbgrader"] = marks
        done.append(f'The cell with check("{question.id}") counts {_points(question)}.')
    return done


def _answers(cell: nbformat.NotebookNode, question: Question) -> bool:
    source = _code(cell)
    if BEGIN not in source:
        return False
    try:
        body = ast.parse(source).body
    except SyntaxError:  # a cell that is being written
        return re.search(rf"^def {re.escape(question.name)}\b", source, re.MULTILINE) is not None
    return any(isinstance(node, ast.FunctionDef) and node.name == question.name for node in body)


def _code(cell: nbformat.NotebookNode) -> str:
    return cell.source if cell.cell_type == "code" else ""


def _points(question: Question) -> str:
    return "1 point" if question.points == 1 else f"{question.points} points"
