"""The files of an exercise to begin with: its key, its notebooks, its tests.

They are made in a folder that is gone afterwards. There the answers are run and judged, so what the
notebook stores is what running it gives, and nothing is handed out that doesn't work.
"""

import ast
import json
import re
import tempfile
from pathlib import Path

import nbformat

from dlbook.exercises import course, key, release
from dlbook.exercises.answers import judge_in
from dlbook.exercises.words import message_of
from dlbook.starter.texts import filled

FOLDED = {
    "mystnb": {"code_prompt_hide": "Hide the solution", "code_prompt_show": "Show the solution"},
    "tags": ["hide-input"],
}
ANSWER = f'''def distance(x, origin):
    """Return how far each number is from the origin."""
    {release.BEGIN}
    return np.abs(x - origin)
    {release.END}'''
TRIED = "distance(np.array([2.0, -3.0]), 1.0)"
CHECK = "from dlbook.exercises import check\n\ncheck({})"
MARKDOWN = re.compile(r"([\\`*_{}\[\]<>$#|~&])")  # signs that mean something there


def files(name: str, title: str, page: str, heading: str) -> dict[str, str]:
    """Return the texts of the files by their names in a course's folder.

    Afterwards another course must be chosen: the one in which these were made is gone.

    Parameters
    ----------
    name, title : str
        Of the exercise: a name for files and ids, and what a reader sees.
    page, heading : str
        Where a student is told to read again.
    """
    made = {
        f"{course.ANSWER_KEY}/{name}.py": filled(
            "answer_key.txt", name=name, page=_quoted(page), heading=_quoted(heading)
        )
    }
    with tempfile.TemporaryDirectory(prefix="dlbook-") as workshop:
        folder = Path(workshop)
        _put(folder, made)
        course.use(folder)
        made[f"solutions/{name}.ipynb"] = nbformat.writes(solution(name, title)) + "\n"
        _put(folder, made)
        solved = folder / "solutions" / f"{name}.ipynb"
        made[f"exercises/{name}.ipynb"] = release.exercise_text(solved)
    made[f"tests/test_{name}.py"] = filled("tests.txt", name=name)
    return made


def solution(name: str, title: str) -> nbformat.NotebookNode:
    """Return the notebook with the answers, run from top to bottom."""
    question = key.question(f"{name}-distance")
    title = MARKDOWN.sub(r"\\\1", title)
    marked = {"locked": True, "grade": True, "points": question.points}
    cells = [
        _text("text-0", filled("head.md", name=name, title=title)),
        _code(f"{name}-setup", key.setup(name), {"locked": True}),
        _text("text-1", filled("question.md", name=name)),
        _code(question.id, ANSWER, {"solution": True}, **FOLDED),
        _code("try-1", TRIED),
        _code(f"{question.id}-check", CHECK.format(json.dumps(question.id)), marked),
    ]
    _run([cell for cell in cells if cell.cell_type == "code"], question)
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    return notebook


def _run(cells: list[nbformat.NotebookNode], question) -> None:
    """Run the cells here, and store what a kernel would: a value at the end, or a verdict."""
    names: dict = {}
    for number, cell in enumerate(cells, start=1):
        cell.execution_count = number
        if cell.id.endswith("-check"):
            message = message_of(judge_in(question, names))
            data = {"text/html": message._repr_html_(), "text/plain": repr(message)}
            cell.outputs = [nbformat.v4.new_output("display_data", data)]
            continue
        *first, last = ast.parse(cell.source).body
        if not isinstance(last, ast.Expr):
            exec(cell.source, names)
            continue
        exec(compile(ast.Module(first, []), "<cell>", "exec"), names)
        value = eval(compile(ast.Expression(last.value), "<cell>", "eval"), names)
        data = {"text/plain": repr(value)}
        cell.outputs = [
            nbformat.v4.new_output("execute_result", data, execution_count=number, metadata={})
        ]


def _text(name: str, text: str) -> nbformat.NotebookNode:
    return nbformat.v4.new_markdown_cell(text.strip(), id=name)


def _code(name: str, source: str, marks: dict | None = None, **metadata) -> nbformat.NotebookNode:
    if marks is not None:
        metadata["nbgrader"] = marks_of(name, **marks)
    return nbformat.v4.new_code_cell(source, id=name, metadata=metadata)


def marks_of(name: str, **marks) -> dict:
    """Return nbgrader's metadata of a cell, schema version 3."""
    return {
        "cell_type": "code", "grade": False, "grade_id": name, "locked": False,
        "schema_version": 3, "solution": False, "task": False, **marks,
    }  # fmt: skip


def _quoted(text: str) -> str:
    """Return a text as Python source writes it, in double quotes like its neighbours."""
    return json.dumps(text, ensure_ascii=False)


def _put(folder: Path, texts: dict[str, str]) -> None:
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
