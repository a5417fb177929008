"""Workers: what one student's work does to a worker, no other student pays for."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import dying
from grading import ROOT, needs_a_sandbox, notebook

from dlbook.grading import batch
from dlbook.grading.grade import Settings
from dlbook.grading.gradebook import Gradebook

# Runs Python anew with its usual Ctrl-C, which a shell takes from what it runs in the background.
HEED_CTRL_C = """import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""


def grade_class(folder: Path, students: dict[str, dict], workers: int = 2) -> list[tuple]:
    """Grade students whose work does as it is told; return the marks in the order they came."""
    given = dying.submissions(folder, students)
    with Gradebook(folder / "gradebook.sqlite") as book:
        batch.grade_class(given, book, Settings(0), workers=workers)
        assert len(book.students()) == len(students)
        rows = book.file.execute("SELECT student, outcome, message FROM result ORDER BY rowid")
        return [tuple(row) for row in rows]


@pytest.fixture
def told(monkeypatch):
    monkeypatch.setattr(batch, "grade_student", dying.grade_student)


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize("workers", [2, 4])
def test_a_worker_that_dies_costs_only_the_student_whose_work_it_was(workers, tmp_path):
    students = {f"s{n}": {"dies": n in (0, 5)} for n in range(12)}
    rows = grade_class(tmp_path, students, workers)
    assert {row[0] for row in rows if row[1] == "not graded"} == {"s0", "s5"}
    assert [row[1] for row in rows].count("correct") == 10
    assert all("ended again and again" in row[2] for row in rows if row[1] != "correct")
    assert dying.runs(tmp_path) == {
        name: batch.ATTEMPTS if told["dies"] else 1 for name, told in students.items()
    }


@pytest.mark.usefixtures("told")
def test_work_that_takes_long_delays_nobody_elses(tmp_path):
    students = {"a": {"nap": 2.0}, **{f"s{n}": {"nap": 0.05} for n in range(12)}}
    rows = grade_class(tmp_path, students)
    assert [row[0] for row in rows][-1] == "a"


def test_a_worker_that_dies_with_nothing_to_do_is_replaced():
    pool = batch.Workers(2)
    try:
        first = {pool.submit(os.getpid).result(timeout=60) for _ in range(6)}
        assert len(first) == 2
        for pid in first:
            os.kill(pid, signal.SIGKILL)
        time.sleep(1.0)
        second = {pool.submit(os.getpid).result(timeout=60) for _ in range(6)}
        assert len(second) == 2
        assert not first & second
    finally:
        pool.shutdown()


def test_a_worker_that_does_not_end_when_asked_is_ended(monkeypatch):
    monkeypatch.setattr(batch, "END_SECONDS", 0.5)
    pool = batch.Workers(2)
    pid = pool.submit(os.getpid).result(timeout=60)
    for _ in range(2):
        pool.submit(dying.stay, 60.0)
    time.sleep(1.0)
    began = time.monotonic()
    pool.shutdown(cancel_futures=True)
    assert time.monotonic() - began < 20.0
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_ctrl_c_ends_at_once_and_leaves_nothing_behind(tmp_path):
    needs_a_sandbox()
    endless = notebook(relu="def relu(z):\n    while True:\n        pass")
    for name in ("ada", "ben", "cleo"):
        path = tmp_path / "in" / name / "neuron.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(endless), encoding="utf-8")
    command = [sys.executable, "-c", HEED_CTRL_C, "-m", "dlbook.cli", "grade",
               str(tmp_path / "in"), "--out", str(tmp_path / "out"), "--workers", "2"]  # fmt: skip
    with tempfile.TemporaryDirectory() as scratch:
        running = subprocess.Popen(
            command, cwd=ROOT, env=os.environ | {"TMPDIR": scratch}, stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL, text=True, start_new_session=True,
        )  # fmt: skip
        give_up = time.monotonic() + 60
        while len(list(Path(scratch).glob("dlbook-*/dlbook-*"))) < 2:  # a kernel for each worker
            assert time.monotonic() < give_up
            time.sleep(0.1)
        time.sleep(2.0)
        os.killpg(running.pid, signal.SIGINT)  # as a terminal does
        asked = time.monotonic()
        _, told = running.communicate(timeout=60)
        assert time.monotonic() - asked < 5.0
        assert running.returncode == 1
        assert told.count("\n") <= 3, told
        assert "the same command goes on from here" in told
        assert list(Path(scratch).glob("dlbook-*")) == []
