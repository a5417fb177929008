"""The gradebook: an SQLite file that is right at every moment, even if the program is killed.

What came of one student's work goes in as one transaction. What is in it isn't graded again, unless
the work, the answer key or the asked-for seed is another.
"""

import contextlib
import hashlib
import json
import secrets
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import dlbook

FORMAT = 1
SCHEMA = """
CREATE TABLE IF NOT EXISTS run (
    id INTEGER PRIMARY KEY, seed TEXT NOT NULL, reference TEXT NOT NULL, version TEXT NOT NULL,
    started TEXT NOT NULL, finished TEXT);
CREATE TABLE IF NOT EXISTS work (
    student TEXT NOT NULL, student_id TEXT NOT NULL, layout TEXT NOT NULL,
    digest TEXT NOT NULL, run INTEGER NOT NULL REFERENCES run(id), late INTEGER NOT NULL,
    handed_in TEXT, seconds REAL NOT NULL, whole INTEGER NOT NULL, notebooks TEXT NOT NULL,
    PRIMARY KEY (student, digest));
CREATE TABLE IF NOT EXISTS result (
    student TEXT NOT NULL, notebook TEXT NOT NULL, question TEXT NOT NULL,
    points INTEGER NOT NULL, max_points INTEGER NOT NULL, outcome TEXT NOT NULL,
    mistake TEXT NOT NULL, message TEXT NOT NULL, details TEXT NOT NULL,
    digest TEXT NOT NULL, run INTEGER NOT NULL REFERENCES run(id),
    PRIMARY KEY (student, notebook, question));
CREATE TABLE IF NOT EXISTS note (
    student TEXT NOT NULL, notebook TEXT NOT NULL, position INTEGER NOT NULL,
    note TEXT NOT NULL, PRIMARY KEY (student, notebook, position));
CREATE TABLE IF NOT EXISTS problem (
    run INTEGER NOT NULL, student TEXT NOT NULL, location TEXT NOT NULL, reason TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS moved (
    run INTEGER NOT NULL, student TEXT NOT NULL, notebook TEXT NOT NULL, question TEXT NOT NULL,
    before INTEGER NOT NULL, after INTEGER NOT NULL, why TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS written (file TEXT PRIMARY KEY, digest TEXT NOT NULL);
"""


class GradebookError(RuntimeError):
    """The gradebook can't be used; the message says why and what to do."""


@dataclass(frozen=True)
class Run:
    """One run of the grader: its number, its secret seed, and whether it goes on with another."""

    id: int
    seed: int
    goes_on: bool


@dataclass(frozen=True)
class Work:
    """What a student handed in, as far as the gradebook needs to know."""

    student: str
    student_id: str
    layout: str
    digest: str
    late: bool
    handed_in: str | None


class Gradebook:
    """The results in one file; a context manager.

    Parameters
    ----------
    path : Path
        Made if it isn't there.

    Raises
    ------
    GradebookError
        If the file is no gradebook, is damaged, or is in use by another run.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with contextlib.ExitStack() as opened:
            self._lock = opened.enter_context(_locked(path.with_suffix(".lock")))
            try:
                self.file = sqlite3.connect(path, isolation_level=None)
                opened.callback(self.file.close)
                self._prepare()
            except sqlite3.DatabaseError as error:
                raise GradebookError(
                    f"{path} can't be used ({error}). Move it away, and grade again."
                ) from None
            opened.pop_all()

    def _prepare(self) -> None:
        self.file.row_factory = sqlite3.Row
        version = self.file.execute("PRAGMA user_version").fetchone()[0]
        if version not in (0, FORMAT):
            raise GradebookError(
                f"{self.path} was written by another version of dlbook (format {version}). "
                "Grade into a new folder, and keep this one."
            )
        self.file.executescript(f"{SCHEMA} PRAGMA user_version = {FORMAT};")

    def __enter__(self) -> "Gradebook":
        return self

    def __exit__(self, *_) -> None:
        self.file.close()
        self._lock.close()

    @contextlib.contextmanager
    def _whole(self) -> Iterator[None]:
        """All that is written in here is written, or nothing."""
        self.file.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.file.execute("ROLLBACK")
            raise
        self.file.execute("COMMIT")

    def begin(self, seed: int | None = None) -> Run:
        """Begin a run, or go on with one that was killed.

        Parameters
        ----------
        seed : int, optional
            Of the inputs; drawn and kept secret unless given. A run that goes on keeps the
            one it had.
        """
        last = self.file.execute("SELECT * FROM run ORDER BY id DESC LIMIT 1").fetchone()
        unfinished = last is not None and last["finished"] is None
        same = unfinished and last["reference"] == reference() and seed in (None, int(last["seed"]))
        if same:
            return Run(last["id"], int(last["seed"]), True)
        chosen = secrets.randbits(62) if seed is None else seed
        with self._whole():
            added = self.file.execute(
                "INSERT INTO run (seed, reference, version, started) VALUES (?, ?, ?, ?)",
                (str(chosen), reference(), dlbook.__version__, _now()),
            )
        return Run(added.lastrowid, chosen, False)

    def finish(self, run: Run) -> None:
        """Write down that a run came to its end."""
        self.file.execute("UPDATE run SET finished = ? WHERE id = ?", (_now(), run.id))

    def is_graded(self, work: Work, run: Run, seed: int | None) -> bool:
        """Say whether a student's work was graded before, by the same answer key.

        Parameters
        ----------
        seed : int or None
            The one that was asked for: then it must be the same too.
        """
        rows = self._select(
            "SELECT work.*, run.reference, run.seed FROM work JOIN run ON run.id = work.run "
            "WHERE work.student = ? AND work.digest = ?", work.student, work.digest,
        )  # fmt: skip
        if not rows or not rows[0]["whole"] or rows[0]["reference"] != reference():
            return False
        if seed is not None and rows[0]["seed"] != str(run.seed):
            return False
        replaced = self._select(
            "SELECT DISTINCT notebook FROM result WHERE student = ? AND digest != ?",
            work.student, work.digest,
        )  # fmt: skip
        return not {row["notebook"] for row in replaced} & set(json.loads(rows[0]["notebooks"]))

    def record(self, run: Run, work: Work, graded: Iterable, whole: bool = True) -> None:
        """Write what came of a student's work, in place of what was there.

        Parameters
        ----------
        graded : iterable of Graded
        whole : bool, optional
            False where something went wrong on our side: it is tried again next time.
        """
        graded = list(graded)
        with self._whole():
            for one in graded:
                self._record_notebook(run, work, one)
            self.file.execute(
                "INSERT OR REPLACE INTO work VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (work.student, work.student_id, work.layout, work.digest, run.id, work.late,
                 work.handed_in, sum(g.seconds for g in graded), whole,
                 json.dumps([g.notebook for g in graded])),
            )  # fmt: skip

    def _record_notebook(self, run: Run, work: Work, graded) -> None:
        """Put what came of one notebook in place of what was there; note what moved, and why."""
        place = (work.student, graded.notebook)
        old = self._select(
            "SELECT result.*, run.reference FROM result JOIN run ON run.id = result.run "
            "WHERE student = ? AND notebook = ?", *place,
        )  # fmt: skip
        for table in ("result", "note"):
            self.file.execute(f"DELETE FROM {table} WHERE student = ? AND notebook = ?", place)
        self.file.executemany(
            "INSERT OR REPLACE INTO result VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (*place, r.question, r.points, r.max_points, r.outcome, r.mistake, r.message,
                 json.dumps(r.as_data()), work.digest, run.id)
                for r in graded.results
            ],
        )  # fmt: skip
        self.file.executemany(
            "INSERT OR REPLACE INTO note VALUES (?, ?, ?, ?)",
            [(*place, i, note) for i, note in enumerate(graded.notes)],
        )
        if not old:
            return
        before = {row["question"]: row["points"] for row in old}
        after = {r.question: r.points for r in graded.results}
        moved = [
            (run.id, *place, question, before.get(question, 0), after.get(question, 0),
             _why(old[0], work))
            for question in dict.fromkeys((*before, *after))
            if before.get(question, 0) != after.get(question, 0)
        ]  # fmt: skip
        self.file.executemany("INSERT INTO moved VALUES (?, ?, ?, ?, ?, ?, ?)", moved)

    def set_problems(self, run: Run, problems: Iterable) -> None:
        """Write down what could not be taken in, in place of what was said before."""
        with self._whole():
            self.file.execute("DELETE FROM problem")
            self.file.executemany(
                "INSERT INTO problem VALUES (?, ?, ?, ?)",
                [(run.id, p.student, p.where, p.reason) for p in problems],
            )

    def results(self) -> list[dict[str, Any]]:
        """Return a row for each student and question, with its details, in order."""
        rows = self._select("SELECT * FROM result ORDER BY student, rowid")
        for row in rows:  # in place: of a large class two copies would be too much
            row["details"] = json.loads(row["details"])
        return rows

    def marks(self, columns: Sequence[str]) -> list[dict[str, Any]]:
        """Return some columns of these rows, without the details."""
        return self._select(f"SELECT {', '.join(columns)} FROM result ORDER BY student, rowid")

    def students(self) -> list[dict[str, Any]]:
        """Return a row for each student and each time that work was handed in."""
        return self._select("SELECT * FROM work ORDER BY student, rowid")

    def notes(self) -> list[dict[str, Any]]:
        """Return what was repaired, in order."""
        return self._select("SELECT * FROM note ORDER BY student, notebook, position")

    def problems(self) -> list[dict[str, Any]]:
        """Return what could not be taken in."""
        return self._select("SELECT * FROM problem ORDER BY rowid")

    def moved(self, run: Run) -> list[dict[str, Any]]:
        """Return whose marks a run has changed, and why."""
        return self._select("SELECT * FROM moved WHERE run = ? ORDER BY rowid", run.id)

    def written(self, name: str) -> str | None:
        """Return the digest of a file as it was last written here."""
        rows = self._select("SELECT digest FROM written WHERE file = ?", name)
        return rows[0]["digest"] if rows else None

    def set_written(self, name: str, digest: str) -> None:
        """Remember the digest of a file that is being written."""
        self.file.execute("INSERT OR REPLACE INTO written VALUES (?, ?)", (name, digest))

    def _select(self, query: str, *values: object) -> list[dict[str, Any]]:
        return [dict(row) for row in self.file.execute(query, values)]


def _why(old: dict, work: Work) -> str:
    """Return why a notebook was graded again."""
    if old["digest"] != work.digest:
        return "handed in something else"
    if old["reference"] != reference():
        return "the answer key has changed"
    return "graded again"


@cache
def reference() -> str:
    """Return a hash of the answer key and of the code that judges by it."""
    digest = hashlib.sha256()
    root = Path(dlbook.__file__).parent
    judging = ("cells", "grade", "harmless", "inside", "lesson", "nbval_plugin", "notebooks",
               "observed", "oracle", "pieces", "statements")  # fmt: skip
    aside = ("cli", "cli_marks", "building", "printing", "__init__")
    files = [p for p in root.glob("*.py") if p.stem not in aside]
    files += (root / "exercises").glob("*.py")
    files += [root / "grading" / f"{name}.py" for name in judging]
    for path in sorted(files):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _locked(path: Path):
    """Hold a file that only one run can hold; it lets go of it however it ends."""
    file = path.open("w")
    try:
        import fcntl  # noqa: PLC0415 - not on Windows

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except ImportError:
        pass
    except OSError:
        file.close()
        raise GradebookError(
            f"Another run is grading into {path.parent}. Wait until it has ended."
        ) from None
    return file
