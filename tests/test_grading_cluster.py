"""A class graded by Dask's workers, for real: a scheduler and workers on this machine."""

import contextlib
import csv
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

sys.path.insert(0, str(Path(__file__).parent))
import courses
import dying
from grading import ROOT, needs_a_sandbox, notebook

import dlbook
from dlbook import cli
from dlbook.grading import batch, cluster
from dlbook.grading.grade import Settings
from dlbook.grading.gradebook import Gradebook

pytest.importorskip("distributed")
pytestmark = [
    pytest.mark.usefixtures("sandbox"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]
PYTHON = [sys.executable, "-m", "dlbook.cli"]
WRONG = "def relu(z):\n    return np.abs(z)"
SLOW = "import time\n\ndef relu(z):\n    time.sleep(0.05)\n    return np.maximum(z, 0)"
OTHER_KEY = "from dlbook.grading import gradebook\ngradebook.reference = lambda: 'another'\n"


@pytest.fixture(scope="module")
def sandbox():
    needs_a_sandbox()


class Machines:
    """A scheduler, and workers that can be added and killed."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.file = folder / "scheduler.json"
        found = [str(ROOT / "tests"), str(folder), os.environ.get("PYTHONPATH", "")]
        path = os.pathsep.join(filter(None, found))
        self.environment = {**os.environ, "PYTHONPATH": path, **environment}
        self.environment["DASK_TEMPORARY_DIRECTORY"] = str(folder)
        self.scheduler = self._start(
            "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"
        )
        self.workers: list[subprocess.Popen] = []
        give_up = time.monotonic() + 60
        while not self.file.exists() or not self.file.read_text():
            assert time.monotonic() < give_up, "the scheduler did not start"
            time.sleep(0.05)
        self.address = json.loads(self.file.read_text())["address"]

    def _start(self, *arguments: str) -> subprocess.Popen:
        return subprocess.Popen(
            [sys.executable, "-m", "dask", *arguments, "--scheduler-file", str(self.file)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=self.environment,
            cwd=self.file.parent,
        )  # fmt: skip

    def add(self, *options: str, threads: int = 1) -> subprocess.Popen:
        """Start a worker. There is no nanny, so the process is the worker itself."""
        worker = self._start(
            "worker", "--host", "127.0.0.1", "--nthreads", str(threads), "--no-dashboard",
            "--no-nanny", *options,
        )  # fmt: skip
        self.workers.append(worker)
        return worker

    def wait(self) -> None:
        """Wait until all workers are there."""
        from distributed import Client  # noqa: PLC0415

        with Client(self.address, set_as_default=False) as client:
            client.wait_for_workers(len(self.workers), timeout=60)

    def end(self) -> None:
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()


@contextlib.contextmanager
def machines(folder: Path, workers: int = 0, **more) -> Iterator[Machines]:
    folder.mkdir()
    them = Machines(folder, **more)
    try:
        for _ in range(workers):
            them.add()
        if workers:
            them.wait()
        yield them
    finally:
        them.end()


def submissions(folder: Path, **answers: str) -> Path:
    for student, source in answers.items():
        path = folder / "in" / student / "neuron.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(notebook(relu=source)), encoding="utf-8")
    return folder / "in"


def marks(out: Path) -> list[tuple]:
    with (out / "grades.csv").open(newline="", encoding="utf-8") as file:
        return sorted(tuple(row.values()) for row in csv.DictReader(file))


def graded_so_far(out: Path) -> int:
    with contextlib.suppress(sqlite3.OperationalError):
        file = sqlite3.connect(f"file:{out / 'gradebook.sqlite'}?mode=ro", uri=True)
        try:
            return file.execute("SELECT count(*) FROM work").fetchone()[0]
        finally:
            file.close()
    return 0


def wait_for_marks(out: Path, students: int) -> None:
    give_up = time.monotonic() + 90
    while graded_so_far(out) < students:
        assert time.monotonic() < give_up, f"not {students} students within 90 seconds"
        time.sleep(0.05)


def grade(given: Path, out: Path, address: str, *more: str):
    """Grade in this process, so that a test can be impatient."""
    arguments = ["grade", str(given), "--out", str(out), "--cluster", address, *more]
    return CliRunner().invoke(cli.main, arguments)


def test_a_worker_killed_half_way_loses_nothing_and_nothing_is_graded_twice(tmp_path):
    given = submissions(tmp_path, **{f"s{n}": SLOW if n else WRONG for n in range(7)})
    out = tmp_path / "out"
    with machines(tmp_path / "dask", workers=2) as them:
        command = [*PYTHON, "grade", str(given), "--out", str(out), "--seed", "5",
                   "--cluster", them.address]  # fmt: skip
        running = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        wait_for_marks(out, 2)
        them.workers[0].send_signal(signal.SIGKILL)
        before = graded_so_far(out)
        printed, told = running.communicate(timeout=120)
    assert before < 7
    assert running.returncode == 0, told
    assert told == ""  # nothing of Dask's
    assert "7 students graded." in printed
    local = subprocess.run(
        [*PYTHON, "grade", given, "--out", tmp_path / "local", "--seed", "5"],
        cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    assert local.returncode == 0
    assert marks(out) == marks(tmp_path / "local")
    assert len(marks(out)) == 7 * 7
    assert graded_so_far(out) == 7


@pytest.fixture
def told(monkeypatch):
    """Grades nothing: it does as the student's file says."""
    monkeypatch.setattr(batch, "grade_student", dying.grade_student)


def outcomes(given: Path, out: Path, executor=None) -> tuple[batch.Summary, dict[str, str]]:
    with Gradebook(out) as book:
        summary = batch.grade_class(given, book, Settings(0), executor=executor)
        return summary, {row["student"]: row["outcome"] for row in book.results()}


@contextlib.contextmanager
def killed_after(out: Path, students: int, victim: subprocess.Popen):
    def kill():
        wait_for_marks(out, students)
        victim.send_signal(signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    yield
    killer.join()


@pytest.mark.usefixtures("told")
def test_work_that_ends_its_workers_costs_only_its_student(tmp_path):
    students = {f"s{n}": {"dies": n == 1, "nap": 0.05} for n in range(10)}
    given = dying.submissions(tmp_path, students)
    impatient = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0"}
    with (
        machines(tmp_path / "dask", workers=3, **impatient) as them,
        cluster.Cluster(them.address) as workers,
    ):
        _, found = outcomes(given, tmp_path / "gradebook.sqlite", workers)
    assert found == {s: "not graded" if t["dies"] else "correct" for s, t in students.items()}
    assert dying.runs(tmp_path)["s1"] == 2


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize(
    ("who", "words"), [("worker", "has no workers"), ("scheduler", "doesn't answer any more")]
)
def test_when_the_cluster_dies_it_says_so_and_a_second_run_goes_on(
    who, words, tmp_path, monkeypatch
):
    monkeypatch.setattr(cluster, "WORKERS_SECONDS", 2.0)
    given = dying.submissions(tmp_path, {f"s{n}": {"nap": 0.5} for n in range(8)})
    out = tmp_path / "gradebook.sqlite"
    with machines(tmp_path / "dask", workers=1) as them, cluster.Cluster(them.address) as workers:
        victim = them.scheduler if who == "scheduler" else them.workers[0]
        with (
            killed_after(tmp_path, 2, victim),
            pytest.raises(cluster.ClusterError, match=words) as told,
        ):
            outcomes(given, out, workers)
    assert "goes on from here" in str(told.value)
    kept = graded_so_far(tmp_path)
    assert 2 <= kept < 8
    summary, found = outcomes(given, out)
    assert (summary.kept, summary.graded) == (kept, 8 - kept)
    assert set(found.values()) == {"correct"}


def test_workers_that_would_judge_by_something_else_are_refused_with_the_reason(tmp_path):
    given = submissions(tmp_path, ada=WRONG)
    with machines(tmp_path / "dask") as them:
        (tmp_path / "dask" / "another_key.py").write_text(OTHER_KEY)
        them.add("--preload", "another_key")
        them.add()
        them.wait()
        done = grade(given, tmp_path / "out", them.address)
    assert done.exit_code == 1
    assert "1 of the 2 workers" in done.output
    assert "another answer key" in done.output
    assert not (tmp_path / "out" / "gradebook.sqlite").exists()


def test_a_course_of_ones_own_is_graded_by_workers_that_have_it(tmp_path):
    folder = courses.write(tmp_path / "mine")
    exercise = folder / "exercises" / "slopes.ipynb"
    CliRunner().invoke(cli.main, ["--course", str(folder), "release"])
    assert exercise.exists()
    right = {"slopes-leaky-relu": courses.LEAKY.format("", "")}
    courses.submission(folder, "ada", right)
    courses.submission(folder, "ben", {})
    with machines(tmp_path / "dask", workers=1) as them:
        command = ["--course", str(folder), "grade", str(folder / "submissions"), "--cluster"]
        out = tmp_path / "out"
        done = CliRunner().invoke(cli.main, [*command, them.address, "--out", str(out)])
        assert done.exit_code == 0, done.output
        assert sorted(row[3] for row in marks(out)) == ["0", "0", "0", "2"]


def test_a_worker_without_the_course_says_so(tmp_path):
    asked = cluster.Asked(dlbook.__version__, "", False, str(tmp_path / "mine"))
    assert "it has no course at" in cluster._why_unfit_here(asked)


def test_a_worker_with_several_threads_grades_one_student_at_a_time(tmp_path, caplog):
    given = submissions(
        tmp_path, ada=WRONG, bob="def relu(z):\n    return np.maximum(z, 0)", cyd=WRONG
    )
    wanted = outcomes(given, tmp_path / "here")[1]
    with machines(tmp_path / "dask") as them:
        them.add(threads=2)
        them.wait()
        with cluster.Cluster(them.address) as workers:
            _, found = outcomes(given, tmp_path / "there", workers)
    assert found == wanted
    assert "Started with --nthreads 1 --nworkers 2" in caplog.text


def test_a_worker_looks_at_itself_too_and_at_its_own_machines_memory(tmp_path):
    with machines(tmp_path / "dask") as them:
        them.add("--memory-limit", "3GiB")
        them.wait()
        for own, wanted in ((True, int(0.8 * 3 * 2**30)), (False, Settings(0).limits.memory_bytes)):
            with cluster.Cluster(them.address, own_limits=own) as workers:
                limits = workers.submit(lambda _, settings: settings.limits, (), Settings(0))
                assert limits.result(timeout=60).memory_bytes == wanted
        with cluster.Cluster(them.address) as workers:
            workers.asked = replace(workers.asked, version="9.9")  # as if it had come later
            refused = workers.submit(batch.grade_student, (), Settings(0)).exception(timeout=60)
    assert isinstance(refused, cluster.ClusterError)
    assert "not 9.9" in str(refused)


def test_without_the_package_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    done = grade(submissions(tmp_path, ada=WRONG), tmp_path / "out", "tcp://127.0.0.1:1")
    assert done.exit_code == 1
    assert "pip install 'dlbook[cluster]'" in done.output


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:{}", "127.0.0.1:{}"])
def test_where_nobody_answers_it_says_so_soon(address, tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 1.0)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    started = time.monotonic()
    done = grade(submissions(tmp_path, ada=WRONG), tmp_path / "out", address.format(port))
    assert done.exit_code == 1
    assert "No cluster answers at" in done.output
    assert "dask scheduler" in done.output
    assert time.monotonic() - started < 10


def test_an_encrypted_cluster_needs_a_certificate_and_the_message_says_which_files(tmp_path):
    done = grade(submissions(tmp_path, ada=WRONG), tmp_path / "out", "tls://127.0.0.1:1")
    assert done.exit_code == 1
    assert "DASK_DISTRIBUTED__COMM__TLS__CLIENT__KEY" in done.output


def test_a_cluster_without_workers_is_given_up_with_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "WORKERS_SECONDS", 1.0)
    with machines(tmp_path / "dask") as them:
        done = grade(submissions(tmp_path, ada=WRONG), tmp_path / "out", them.address)
    assert done.exit_code == 1
    assert "has no workers" in done.output
    assert f"dask worker {them.address} --nthreads 1" in done.output


@pytest.mark.parametrize("address", ["10", "x://127.0.0.1:1", "tcp://127.0.0.1", "tcp://a b:1"])
def test_what_is_no_address_is_wrong_usage(address, tmp_path):
    done = grade(submissions(tmp_path, ada=WRONG), tmp_path / "out", address)
    assert done.exit_code == 2
    assert "looks like tcp://10.0.0.1:8786" in " ".join(done.output.split())


def test_workers_here_and_workers_there_do_not_go_together(tmp_path):
    given = submissions(tmp_path, ada=WRONG)
    done = grade(given, tmp_path / "out", "tcp://127.0.0.1:1", "--workers", "2")
    assert done.exit_code == 2
    assert "--workers" in done.output
