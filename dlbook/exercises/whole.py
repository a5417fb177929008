"""Checking a whole notebook from outside: it is run in a kernel of its own, then every answer.

What `check` does in the notebook, for students at the command line. It trusts the notebook:
marks for strangers' work are given elsewhere, behind a wall.
"""

import ast
import contextlib
import json
import logging
import os
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError

from dlbook.exercises import course, key, proof, record
from dlbook.exercises.question import Question

LARGEST_FILE = 50_000_000  # bytes
ALIVE = nbformat.v4.new_code_cell("None")
RESULT = "application/vnd.dlbook.verdict+json"


class UnreadableError(ValueError):
    """A file that is no exercise notebook; the message says why and what to do."""


@dataclass
class Checked:
    """What was found out about one notebook.

    Parameters
    ----------
    path : Path
    notebook : str
        ``"neuron"``, whatever the file is called.
    results : list of dict
        One for each question: ``question``, ``points``, ``max_points``, ``outcome``,
        ``mistake``, ``message``.
    notes : list of str
        What happened on the way: cells that raised, or that were left out.
    """

    path: Path
    notebook: str
    results: list[dict] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def check_notebook(path: Path, timeout_seconds: float = 60.0) -> Checked:
    """Run a notebook from top to bottom, then check every question of it.

    Parameters
    ----------
    path : Path
        It is read and never written.
    timeout_seconds : float, optional
        For one cell. A cell that takes longer, or in which the kernel dies, is left out.

    Raises
    ------
    UnreadableError
        If the file can't be read, or is no exercise of this book.
    """
    cells = read_cells(path)
    asked = questions_of(cells, path)
    proof.require([asked[0].notebook])  # or every answer would be wrong
    checked = Checked(path, asked[0].notebook)
    run = _Run(
        path, [cell for cell in cells if not _is_check(cell)], timeout_seconds, checked.notes
    )
    try:
        for question in asked:
            checked.results.append(run.result_of(question))
    finally:
        run.end()
    return checked


def as_data(checked: Checked) -> dict:
    """Return what was found out as plain data."""
    return {
        "notebook": str(checked.path),
        "exercise": checked.notebook,
        "points": sum(result["points"] for result in checked.results),
        "max_points": sum(result["max_points"] for result in checked.results),
        "questions": checked.results,
        "notes": checked.notes,
    }


def as_text(checked: Checked) -> str:
    """Return what was found out as a person reads it: notes, each question, the sum."""
    data = as_data(checked)
    lines = [f"{checked.path}", ""]
    lines += [f"  note: {note}" for note in checked.notes]
    for result in checked.results:
        first, *rest = result["message"].splitlines()
        lines += [f"  {first}", *(f"      {line}" for line in rest)]
    right = sum(result["outcome"] == "correct" for result in checked.results)
    total = f"{data['points']} of {data['max_points']} points"
    return "\n".join([*lines, "", f"  {right} of {len(checked.results)} right, {total}.", ""])


def read_cells(path: Path) -> list[nbformat.NotebookNode]:
    """Return a notebook's cells.

    Raises
    ------
    UnreadableError
        If there is none, or it is damaged.
    """
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise UnreadableError(
                f"{path} is larger than {LARGEST_FILE // 1_000_000} MB. Clear its outputs "
                "(menu Edit, Clear Outputs of All Cells) and save it again."
            )
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise UnreadableError(f"There is no file {path}. Check the spelling.") from None
    except IsADirectoryError:
        raise UnreadableError(f"{path} is a folder. Give the notebooks in it.") from None
    except UnicodeDecodeError:
        raise UnreadableError(f"{path} is no notebook: it isn't UTF-8 text.") from None
    except OSError as error:
        raise UnreadableError(f"{path} can't be read: {error}.") from None
    try:
        return _code_cells(json.loads(text), text)
    except Exception as error:  # whatever a damaged file makes its readers do
        raise UnreadableError(
            f"{path} is no notebook, or it is damaged ({str(error)[:120]}). "
            "Open it in JupyterLab; if that fails too, go back to an earlier copy."
        ) from None


def _code_cells(data: dict, text: str) -> list[nbformat.NotebookNode]:
    """Return the code cells that can be read, whatever is missing around them."""
    if not isinstance(data, dict) or not ("cells" in data or "worksheets" in data):
        raise ValueError("it has no cells")
    if "worksheets" in data:  # formats before 4, of 2015 and older
        logging.getLogger("traitlets").setLevel(logging.CRITICAL)  # ours is the message
        data = nbformat.reads(text, as_version=4)
    found = []
    for cell in data["cells"]:
        if not isinstance(cell, dict) or cell.get("cell_type") != "code":
            continue
        source, metadata = cell.get("source"), cell.get("metadata")
        source = "".join(map(str, source)) if isinstance(source, list) else source
        if isinstance(source, str):
            metadata = metadata if isinstance(metadata, dict) else {}
            marks = {"nbgrader": metadata["nbgrader"]} if "nbgrader" in metadata else {}
            found.append(nbformat.v4.new_code_cell(source, metadata=marks))
    return found


def questions_of(cells: list[nbformat.NotebookNode], path: Path) -> list[Question]:
    """Return the questions of the notebook that these cells belong to.

    By the ids in the cells' metadata, else by the functions that the cells define, else by
    the file's name.

    Raises
    ------
    UnreadableError
        If nothing points to one of the book's notebooks.
    """
    asked = {name: key.questions(name) for name in key.notebooks()}
    ids = {_grade_id(cell) for cell in cells}
    defined = {name for cell in cells for name in _defined(cell.source)}
    counts = {
        name: sum(100 * (q.id in ids) + (q.name in defined) for q in questions.values())
        for name, questions in asked.items()
    }
    best = max(counts, key=counts.get)
    if not counts[best]:
        best = next((name for name in key.notebooks() if path.stem.startswith(name)), None)
    if best is None:
        raise UnreadableError(
            f"{path} holds no question of this course. The exercises are "
            f"{', '.join(f'{name}.ipynb' for name in key.notebooks())}."
        )
    return list(asked[best].values())


class _Run:
    """A notebook's cells, run in one kernel; in a new one after an endless loop or a crash."""

    def __init__(self, path, cells, timeout_seconds, notes) -> None:
        self.path, self.cells, self.notes = path, list(cells), notes
        self.timeout_seconds = timeout_seconds
        self.client: NotebookClient | None = None
        self.open = contextlib.ExitStack()

    def result_of(self, question: Question) -> dict:
        source = (
            "from dlbook.exercises.whole import publish as _dlbook_publish\n"
            f"_dlbook_publish({question.id!r}, globals())"
        )
        limit = self.timeout_seconds + 3 * question.timeout_seconds
        try:
            self._ensure()
            cell = self._execute(nbformat.v4.new_code_cell(source), limit)
        except CellTimeoutError:
            self.end()
            return _lost(
                question, "timed out", "✗",
                f"had not finished after {limit:.0f} seconds. Does a loop in it never end?",
            )  # fmt: skip
        except DeadKernelError:
            self.end()
            return _lost(
                question, "error", "✗",
                "ended the kernel. Does it call exit, or need more memory than there is?",
            )  # fmt: skip
        for output in cell.outputs:
            if RESULT in output.get("data", {}):
                return output["data"][RESULT]
        said = [o.get("evalue", "") for o in cell.outputs if o.output_type == "error"]
        reason = said[0] if said else "nothing came back"
        return _lost(question, "not graded", "·", f"could not be checked: {reason}")

    def _ensure(self) -> None:
        """Have a kernel in which all cells have run that can be run.

        Each new kernel has one cell less to run, so this comes to an end.
        """
        while self.client is None:
            notebook = nbformat.v4.new_notebook()
            self.client = NotebookClient(
                notebook, allow_errors=True, kernel_name="python3", shutdown_kernel="immediate",
                extra_arguments=["--IPKernelApp.log_level=40"],
                resources={"metadata": {"path": str(self.path.resolve().parent)}},
                on_cell_executed=_refuse_exit,
            )  # fmt: skip
            kernel = self.client.setup_kernel(env=_environment())
            self.open.enter_context(kernel)
            for cell in list(self.cells):
                try:
                    done = self._execute(cell, self.timeout_seconds)
                    self._execute(ALIVE, self.timeout_seconds)  # a cell may end it on its way out
                except (CellTimeoutError, DeadKernelError) as error:
                    slow = isinstance(error, CellTimeoutError)
                    what = (
                        f"had not finished after {self.timeout_seconds:g} seconds"
                        if slow
                        else "ended the kernel"
                    )
                    self.notes.append(f"A cell {what} and is left out: {_first_line(cell)!r}")
                    self.cells.remove(cell)
                    self.end()
                    break
                for output in done.outputs:
                    note = f"The cell {_first_line(cell)!r} stopped with {output.get('ename')}: "
                    note += str(output.get("evalue", ""))[:200]
                    if output.output_type == "error" and note not in self.notes:
                        self.notes.append(note)

    def _execute(self, cell, seconds):
        client = self.client
        client.timeout = seconds
        client.nb.cells.append(nbformat.v4.new_code_cell(cell.source))
        return client.execute_cell(client.nb.cells[-1], len(client.nb.cells) - 1)

    def end(self) -> None:
        self.client = None
        self.open.close()


def _environment() -> dict[str, str]:
    """Return a kernel's environment: this course, and nobody's progress."""
    return {
        **os.environ,
        record.SETTING: "off",
        course.SETTING: course.setting_for(course.address()),
    }


def _refuse_exit(execute_reply: dict, **_) -> None:
    """Say at once that ``exit()`` ends the kernel; it takes a moment to do so."""
    asked = [payload.get("source") for payload in execute_reply["content"].get("payload", ())]
    if "ask_exit" in asked:
        raise DeadKernelError("the cell asked the kernel to end")


def _lost(question: Question, outcome: str, sign: str, why: str) -> dict:
    return {
        "question": question.id,
        "points": 0,
        "max_points": question.points,
        "outcome": outcome,
        "mistake": "",
        "message": f"{sign} {question.id} {why}",
    }


def publish(name: str, namespace: dict) -> None:
    """In the kernel: judge an answer and send the verdict out as plain data."""
    from IPython.display import display  # noqa: PLC0415 - in a kernel only

    from dlbook.exercises.answers import judge_in  # noqa: PLC0415
    from dlbook.exercises.words import message_of  # noqa: PLC0415

    verdict = judge_in(key.question(name), namespace)
    result = {
        "question": name,
        "points": verdict.points,
        "max_points": verdict.max_points,
        "outcome": verdict.outcome,
        "mistake": verdict.mistake.id if verdict.mistake else "",
        "message": str(message_of(verdict)),
    }
    display({RESULT: result}, raw=True)


def _is_check(cell: nbformat.NotebookNode) -> bool:
    return _grade_id(cell).endswith("-check")


def _grade_id(cell: nbformat.NotebookNode) -> str:
    marks = cell.metadata.get("nbgrader")
    return str(marks.get("grade_id", "")) if isinstance(marks, dict) else ""


def _defined(source: str) -> set[str]:
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    return {node.name for node in body if isinstance(node, ast.FunctionDef | ast.ClassDef)}


def _first_line(cell: nbformat.NotebookNode) -> str:
    lines = [line.strip() for line in cell.source.splitlines() if line.strip()]
    return lines[0][:60] if lines else ""
