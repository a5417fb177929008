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
from pathlib import Path
from typing import Any

import dlbook
from dlbook.exercises import course

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
CREATE TABLE IF NOT EXISTS time_used (
    student TEXT NOT NULL, notebook TEXT NOT NULL, seconds REAL NOT NULL,
    PRIMARY KEY (student, notebook));
CREATE TABLE IF NOT EXISTS answer (
    student TEXT NOT NULL, notebook TEXT NOT NULL, question TEXT NOT NULL, form TEXT NOT NULL,
    size INTEGER NOT NULL, is_reference INTEGER NOT NULL, text TEXT NOT NULL,
    PRIMARY KEY (student, notebook, question));
CREATE INDEX IF NOT EXISTS answer_by_form ON answer (question, form);
CREATE TABLE IF NOT EXISTS written (file TEXT PRIMARY KEY, digest TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS handed (
    student TEXT NOT NULL, notebook TEXT NOT NULL, digest TEXT NOT NULL, handed_in TEXT,
    late INTEGER NOT NULL, PRIMARY KEY (student, notebook));
CREATE TABLE IF NOT EXISTS override (
    id INTEGER PRIMARY KEY, student TEXT NOT NULL, notebook TEXT NOT NULL, question TEXT NOT NULL,
    points NUMERIC, comment TEXT NOT NULL, set_by TEXT NOT NULL, made TEXT NOT NULL,
    machine_points INTEGER NOT NULL, digest TEXT NOT NULL, reference TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS late_rule (
    notebook TEXT PRIMARY KEY, due TEXT NOT NULL, per_day TEXT NOT NULL,
    grace_seconds INTEGER NOT NULL, cap TEXT NOT NULL, set_by TEXT NOT NULL, made TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS extension (
    student TEXT NOT NULL, notebook TEXT NOT NULL, due TEXT NOT NULL, set_by TEXT NOT NULL,
    made TEXT NOT NULL, PRIMARY KEY (student, notebook));
"""
# What counts: the machine's rows as they are, and a teacher's last word where there is one.
VIEWS = """
CREATE TEMP VIEW last_word AS
SELECT override.*, CASE
    WHEN result.student IS NULL THEN 'gone'
    WHEN coalesce(handed.digest, result.digest) != override.digest THEN 'work'
    WHEN run.reference != override.reference THEN 'key' ELSE '' END AS changed
FROM override LEFT JOIN result USING (student, notebook, question)
    LEFT JOIN handed USING (student, notebook) LEFT JOIN run ON run.id = result.run
WHERE override.points IS NOT NULL
    AND override.id IN (SELECT max(id) FROM override GROUP BY student, notebook, question);
CREATE TEMP VIEW mark AS
SELECT result.rowid AS place, result.student, result.notebook, result.question,
    coalesce(min(word.points, result.max_points), result.points) AS points, result.max_points,
    result.outcome, result.mistake, coalesce('Set by ' || word.set_by
        || CASE word.comment WHEN '' THEN '.' ELSE ': ' || word.comment END
        || CASE word.changed WHEN 'work' THEN ' (The work has changed since.)'
           WHEN 'key' THEN ' (The answer key has changed since.)' ELSE '' END,
        result.message) AS message,
    result.details, result.digest, result.run, word.id AS override
FROM result LEFT JOIN last_word AS word ON word.student = result.student
    AND word.notebook = result.notebook AND word.question = result.question;
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
                raise GradebookError(self._unusable(error)) from None
            opened.pop_all()

    def _prepare(self) -> None:
        self.file.row_factory = sqlite3.Row
        version = self.file.execute("PRAGMA user_version").fetchone()[0]
        if version not in (0, FORMAT):
            raise GradebookError(
                f"{self.path} was written by another version of dlbook (format {version}). "
                "Grade into a new folder, and keep this one."
            )
        if version == 0 and self._select("SELECT * FROM sqlite_master"):
            raise GradebookError(f"{self.path} is a database of another program. Move it away.")
        # To set the version writes, even where it is set.
        mark = "" if version else f"PRAGMA user_version = {FORMAT};"
        self.file.executescript(f"BEGIN; {SCHEMA} {mark} COMMIT; {VIEWS}")

    def __enter__(self) -> "Gradebook":
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, _: object) -> None:
        self.file.close()
        self._lock.close()
        if kind in (sqlite3.DatabaseError, sqlite3.OperationalError):  # others are our mistakes
            raise GradebookError(self._unusable(error)) from None

    def _unusable(self, error: sqlite3.Error) -> str:
        """Say what to do about an error of the file's: damaged, or the disk is full."""
        advice = (
            "Is there room on the disk, and may it be written?"
            if isinstance(error, sqlite3.OperationalError)
            else "Move it away, and grade again."
        )
        return f"{self.path} can't be used ({error}). {advice}"

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

    def last_run(self) -> Run | None:
        """Return the run that was the last, if there was one."""
        rows = self._select("SELECT * FROM run ORDER BY id DESC LIMIT 1")
        return Run(rows[0]["id"], int(rows[0]["seed"]), False) if rows else None

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
        for table in ("result", "note", "handed", "answer", "time_used"):
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
        self.file.executemany(
            "INSERT OR REPLACE INTO answer VALUES (?, ?, ?, ?, ?, ?, ?)",
            [(*place, a.question, a.form, a.size, a.is_reference, a.text) for a in graded.answers],
        )
        self.file.execute("INSERT INTO time_used VALUES (?, ?, ?)", (*place, graded.seconds))
        if graded.digest:
            self.file.execute(
                "INSERT INTO handed VALUES (?, ?, ?, ?, ?)",
                (*place, graded.digest, graded.handed_in, graded.late),
            )
        if not old:
            return
        fixed = {w["question"] for w in self.last_words() if (w["student"], w["notebook"]) == place}
        before = {row["question"]: row["points"] for row in old}
        after = {r.question: r.points for r in graded.results}
        moved = [
            (run.id, *place, question, before.get(question, 0), after.get(question, 0),
             _why(old[0], work, question in before, question in after))
            for question in dict.fromkeys((*before, *after))
            if before.get(question, 0) != after.get(question, 0) and question not in fixed
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

    def override(self, words: Iterable, by: str) -> None:
        """Let a teacher's points count in place of the machine's; what was said before is kept.

        Parameters
        ----------
        words : iterable of overrides.Word
            All are written, or none.
        by : str
            Who says so.
        """
        with self._whole():
            self.file.executemany(
                "INSERT INTO override (student, notebook, question, points, comment, set_by, made, "
                "machine_points, digest, reference) SELECT result.student, result.notebook, "
                "result.question, ?, ?, ?, ?, result.points, coalesce(handed.digest, "
                "result.digest), run.reference FROM result JOIN run ON run.id = result.run "
                "LEFT JOIN handed USING (student, notebook) "
                "WHERE result.student = ? AND result.notebook = ? AND result.question = ?",
                [(w.points, w.comment, by, _now(), w.student, w.notebook, w.question)
                 for w in words],
            )  # fmt: skip

    def overrides(self) -> list[dict[str, Any]]:
        """Return all that teachers ever said, oldest first; no points: it was taken back."""
        return self._select("SELECT * FROM override ORDER BY id")

    def last_words(self) -> list[dict[str, Any]]:
        """Return the overrides that count.

        `changed` says what is another since: ``"work"``, ``"key"``, ``"gone"`` where there is no
        such question any more; or nothing.
        """
        return self._select("SELECT * FROM last_word ORDER BY student, notebook, question")

    def set_late_rule(self, rules: Sequence[tuple], by: str, alone: bool) -> None:
        """Write rules for late work.

        Parameters
        ----------
        rules : sequence of tuple
            (notebook, due, per_day, grace_seconds, cap); see `late`. An empty notebook stands
            for all others.
        by : str
            Who says so.
        alone : bool
            Take all other rules away.
        """
        with self._whole():
            if alone:
                self.file.execute("DELETE FROM late_rule")
            self.file.executemany(
                "INSERT OR REPLACE INTO late_rule VALUES (?, ?, ?, ?, ?, ?, ?)",
                [(*rule, by, _now()) for rule in rules],
            )

    def late_rules(self) -> list[dict[str, Any]]:
        """Return the rules for late work; no due: none for this exercise."""
        return self._select("SELECT * FROM late_rule ORDER BY notebook")

    def extend(self, extensions: Iterable[tuple[str, str, str]], by: str) -> None:
        """Give students more time: (student, notebook, due). Without a due it is taken back."""
        with self._whole():
            for student, notebook, due in extensions:
                self.file.execute(
                    "DELETE FROM extension WHERE student = ? AND notebook = ?", (student, notebook)
                )
                if due:
                    self.file.execute(
                        "INSERT INTO extension VALUES (?, ?, ?, ?, ?)",
                        (student, notebook, due, by, _now()),
                    )

    def extensions(self) -> list[dict[str, Any]]:
        """Return who has more time; an empty notebook stands for all."""
        return self._select("SELECT * FROM extension ORDER BY student, notebook")

    def handed(self) -> list[dict[str, Any]]:
        """Return when each notebook was handed in and whether the platform called it late.

        A gradebook that knows it of all of a student's work only says so for each notebook.
        """
        return self._select(
            "SELECT DISTINCT result.student, result.notebook, "
            "iif(handed.digest IS NULL, work.handed_in, handed.handed_in) AS handed_in, "
            "iif(handed.digest IS NULL, work.late, handed.late) AS late FROM result "
            "LEFT JOIN handed USING (student, notebook) LEFT JOIN work "
            "ON work.student = result.student AND work.digest = result.digest"
        )

    def sums(self) -> list[dict[str, Any]]:
        """Return the points of each student and notebook, in order."""
        return self._select(
            "SELECT student, notebook, sum(points) AS points, sum(max_points) AS max_points "
            "FROM mark GROUP BY student, notebook ORDER BY student, min(place)"
        )

    def results(self) -> list[dict[str, Any]]:
        """Return a row for each student and question, with its details, in order.

        The points are those that count: a teacher's where there was a last word. Then the details
        have a `last_word`.
        """
        rows = self._select("SELECT * FROM mark ORDER BY student, place")
        words = self._words()
        for row in rows:  # in place: of a large class two copies would be too much
            row["details"] = _details(row, words)
        return rows

    def details(self) -> Iterator[dict[str, Any]]:
        """Yield the details of these rows one by one, with student and notebook."""
        words = self._words()
        for row in self.file.execute(
            "SELECT student, notebook, points, message, details, override FROM mark "
            "ORDER BY student, place"
        ):
            whose = {"student": row["student"], "notebook": row["notebook"]}
            yield _details(row, words) | whose

    def _words(self) -> dict[int, dict[str, Any]]:
        return {word["id"]: word for word in self.last_words()}

    def marks(self, columns: Sequence[str]) -> list[dict[str, Any]]:
        """Return some columns of these rows, without the details."""
        return self._select(f"SELECT {', '.join(columns)} FROM mark ORDER BY student, place")

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

    def select(self, query: str, *values: object) -> Iterator[tuple]:
        """Answer a question in SQL, row by row: of a large class nobody holds all rows at once."""
        for row in self.file.execute(query, values):
            yield tuple(row)

    def _select(self, query: str, *values: object) -> list[dict[str, Any]]:
        return [dict(row) for row in self.file.execute(query, values)]


def _details(row, words: dict[int, dict[str, Any]]) -> dict[str, Any]:
    """Return what is told of one question, a teacher's last word included."""
    details = json.loads(row["details"])
    if row["override"] is not None:
        word = words[row["override"]]
        kept = ("points", "comment", "set_by", "made", "changed")
        details["last_word"] = {name: word[name] for name in kept} | {
            "points": row["points"], "machine_points": details["points"],
        }  # fmt: skip
        details["points"], details["message"] = row["points"], row["message"]
        details["feedback"] = f"{row['message']}\n\n{details['feedback']}"
    return details


def _why(old: dict, work: Work, was_asked: bool, is_asked: bool) -> str:
    """Return why the mark for a question has moved."""
    if not (was_asked and is_asked):
        return "the question is new" if is_asked else "the question is no longer asked"
    if old["digest"] != work.digest:
        return "handed in something else"
    if old["reference"] != reference():
        return "the answer key has changed"
    return "graded again"


@course.cached
def reference() -> str:
    """Return a hash of the answer key and of the code that judges by it."""
    digest = hashlib.sha256()
    root = Path(dlbook.__file__).parent
    judging = ("cells", "grade", "harmless", "inside", "lesson", "nbval_plugin", "notebooks",
               "observed", "oracle", "pieces", "statements")  # fmt: skip
    aside = ("cli", "building", "printing", "__init__")
    files = [p for p in root.glob("*.py") if not p.stem.startswith(aside)]
    files += (root / "exercises").glob("*.py")
    files += [root / "grading" / f"{name}.py" for name in judging]
    own = course.current().folder
    files += [] if own is None else (own / course.ANSWER_KEY).rglob("*.py")
    for path in sorted(files):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _locked(path: Path):
    """Hold a file that only one run can hold; it lets go of it however it ends."""
    try:
        file = path.open("w")
    except OSError as error:
        raise GradebookError(f"{path} can't be written ({error.strerror}).") from None
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
