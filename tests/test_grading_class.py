"""A whole class: every mark as it was made, however often, however interrupted."""

import csv
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from dlbook import cli
from dlbook.exercises import key
from dlbook.grading import demo, inside

sys.path.insert(0, str(Path(__file__).parent))
from grading import ROOT, needs_a_sandbox, notebook

pytestmark = pytest.mark.usefixtures("sandbox")
PYTHON = [sys.executable, "-m", "dlbook.cli"]


@pytest.fixture(scope="module")
def sandbox():
    needs_a_sandbox()


def run(*arguments: object) -> subprocess.CompletedProcess:
    """Run `dlbook`; what it grades is graded by processes of its own."""
    return subprocess.run(
        [*PYTHON, *map(str, arguments)], capture_output=True, text=True, check=False, cwd=ROOT
    )


def marks(out: Path) -> list[tuple]:
    with (out / "grades.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return sorted(
        (r["student"], r["notebook"], r["question"], r["outcome"], int(r["points"]), r["mistake"])
        for r in rows
    )


def as_made(made: list) -> list[tuple]:
    return sorted((m.student, m.notebook, m.question, m.outcome, m.points, m.mistake) for m in made)


@pytest.fixture(scope="module")
def whole_class(tmp_path_factory):
    """The sample class with all five notebooks, graded by two workers."""
    folder = tmp_path_factory.mktemp("class")
    made = demo.make(folder / "in", ROOT / "exercises", key.notebooks())
    done = run("grade", folder / "in", "--out", folder / "out", "--workers", 2)  # fmt: skip
    return folder, made, done


def test_every_mark_and_every_named_mistake_of_the_sample_class_is_as_it_was_made(whole_class):
    folder, made, done = whole_class
    assert done.returncode == 3, done.stderr  # one file is damaged
    assert marks(folder / "out") == as_made(made)
    assert len({m.student for m in made}) == 25


def test_kernels_started_from_nothing_give_the_same_marks(whole_class, tmp_path):
    folder, made, _ = whole_class
    done = run("grade", folder / "in", "--out", tmp_path / "out", "--cold-kernels")
    assert done.returncode == 3, done.stderr
    assert marks(tmp_path / "out") == as_made(made) == marks(folder / "out")


def test_a_second_run_grades_nothing_again_and_changes_nothing(whole_class):
    folder, _, _ = whole_class
    before = (folder / "out" / "grades.csv").read_bytes()
    again = run("grade", folder / "in", "--out", folder / "out", "--workers", 1)
    assert again.returncode == 3
    assert "0 students graded, 25 students as before" in again.stdout
    assert (folder / "out" / "grades.csv").read_bytes() == before


def test_the_summary_tells_the_sum_the_mistakes_and_what_was_not_graded(whole_class):
    _, _, done = whole_class
    assert "25 students graded" in done.stdout
    assert "most frequent mistakes" in done.stdout
    assert "Could not be graded: 1." in done.stdout
    assert "Déborah D." in done.stdout


def test_each_student_has_a_page_for_each_exercise(whole_class):
    folder, made, _ = whole_class
    pages = {p.relative_to(folder / "out" / "feedback") for p in (folder / "out").rglob("*.html")
             if "feedback" in p.parts}  # fmt: skip
    assert len(pages) == len({(m.student, m.notebook) for m in made})


@pytest.mark.parametrize("layout", ["canvas", "moodle", "nbgrader"])
def test_one_worker_and_another_layout_give_the_same_marks(layout, tmp_path):
    made = demo.make(tmp_path / "in", ROOT / "exercises", ["neuron"], layout, students=7)
    done = run("grade", tmp_path / "in", "--out", tmp_path / "out", "--workers", 1, "--seed", 4,
               "--question-seconds", 3)  # fmt: skip
    assert done.returncode == 3, done.stderr
    assert marks(tmp_path / "out") == as_made(made)


def submissions(folder: Path, **sources: str) -> Path:
    """Write a notebook for each student with this answer to relu."""
    for student, source in sources.items():
        path = folder / "in" / student / "neuron.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        data = notebook(relu=source) if source else notebook()
        path.write_text(json.dumps(data), encoding="utf-8")
    return folder / "in"


RIGHT = "def relu(z):\n    return np.maximum(z, 0)"
WRONG = "def relu(z):\n    return np.abs(z)"
SLOW = "import time\n\ndef relu(z):\n    time.sleep(0.3)\n    return np.maximum(z, 0)"


def rows(out: Path, query: str) -> list[tuple]:
    """Read the gradebook from outside, as another program would."""
    file = sqlite3.connect(f"file:{out / 'gradebook.sqlite'}?mode=ro", uri=True)
    try:
        return file.execute(query).fetchall()
    except sqlite3.OperationalError:
        return []
    finally:
        file.close()


@pytest.mark.parametrize("workers", [1, 2])
def test_a_killed_run_goes_on_where_it_was_and_grades_nothing_twice(tmp_path, workers):
    names = [f"student{n}" for n in range(6)]
    given = submissions(tmp_path, **dict.fromkeys(names, SLOW))
    out = tmp_path / "out"
    command = [*PYTHON, "grade", str(given), "--out", str(out), "--workers", str(workers)]
    first = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, start_new_session=True)
    give_up = time.monotonic() + 120
    while time.monotonic() < give_up:
        if (out / "gradebook.sqlite").exists() and len(rows(out, "SELECT * FROM work")) >= 2:
            break
        time.sleep(0.02)
    family = [*inside.descendants(first.pid)]
    assert len(family) >= workers
    first.send_signal(signal.SIGKILL)
    first.wait()
    before = rows(out, "SELECT * FROM work ORDER BY student")
    assert 2 <= len(before) < 6
    seeds = rows(out, "SELECT seed FROM run")
    second = run("grade", given, "--out", out, "--workers", workers)
    assert second.returncode == 0, second.stderr
    assert f"{len(before)} students as before" in second.stdout
    after = rows(out, "SELECT * FROM work ORDER BY student")
    assert set(before) < set(after)  # untouched, down to the seconds that it took
    assert rows(out, "SELECT seed FROM run") == seeds
    assert len(marks(out)) == 6 * 7
    assert {outcome for *_, outcome, _, _ in marks(out)} == {"correct"}
    assert workers_of(command) == []
    assert [pid for pid in family if inside.state_of(pid) not in ("", "Z")] == []


def workers_of(command: list[str]) -> list[str]:
    """Return the processes that still work for a command that was killed."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            text = path.read_bytes().decode(errors="replace")
        except OSError:
            continue
        if command[4] in text:
            found.append(text)
    return found


def test_work_handed_in_again_is_graded_again_and_the_report_says_whose_marks_moved(tmp_path):
    given = submissions(tmp_path, ada=WRONG, ben=RIGHT)
    out = tmp_path / "out"
    assert run("grade", given, "--out", out, "--workers", 1).returncode == 0
    submissions(tmp_path, ada=RIGHT)
    again = run("grade", given, "--out", out, "--workers", 1)
    assert "1 student graded, 1 student as before" in again.stdout
    assert "Marks that moved: 1." in again.stdout
    assert "neuron-relu  0 -> 1  (handed in something else)" in again.stdout
    assert "handed in something else" in (out / "report.html").read_text(encoding="utf-8")
    assert [m[4] for m in marks(out) if m[2] == "neuron-relu"] == [1, 1]


def test_a_changed_answer_key_is_a_reason_to_grade_again(tmp_path):
    given = submissions(tmp_path, ada=RIGHT)
    out = tmp_path / "out"
    run("grade", given, "--out", out, "--workers", 1)
    file = sqlite3.connect(out / "gradebook.sqlite")
    file.execute("UPDATE run SET reference = 'another'")
    file.execute("UPDATE result SET points = 0 WHERE question = 'neuron-relu'")
    file.commit()
    file.close()
    again = run("grade", given, "--out", out, "--workers", 1)
    assert "neuron-relu  0 -> 1  (the answer key has changed)" in again.stdout


def test_a_newer_copy_in_which_nothing_is_written_does_not_replace_the_answers(tmp_path):
    given = submissions(tmp_path, ada=RIGHT)
    untouched = given / "ada" / "neuron (1).ipynb"
    untouched.write_bytes((ROOT / "exercises" / "neuron.ipynb").read_bytes())
    os.utime(given / "ada" / "neuron.ipynb", (1, 1))
    run("grade", given, "--out", tmp_path / "out", "--workers", 1)
    assert {m[3] for m in marks(tmp_path / "out")} == {"correct"}
    assert "nothing is written in it" in (tmp_path / "out" / "report.html").read_text("utf-8")


def test_another_exercise_into_the_same_folder_adds_to_the_marks(tmp_path):
    given = submissions(tmp_path, ada=WRONG)
    out = tmp_path / "out"
    run("grade", given, "--out", out, "--workers", 1)
    later = tmp_path / "later" / "ada"
    later.mkdir(parents=True)
    (later / "training.ipynb").write_text(json.dumps(notebook("training")), encoding="utf-8")
    done = run("grade", tmp_path / "later", "--out", out, "--workers", 1)
    assert "Marks that moved" not in done.stdout
    assert {m[1] for m in marks(out)} == {"neuron", "training"}
    assert sum(m[4] for m in marks(out)) == 7 + 10
    again = run("grade", given, "--out", out, "--workers", 1)
    assert "0 students graded, 1 student as before" in again.stdout


def test_a_table_that_somebody_has_changed_is_kept(tmp_path):
    given = submissions(tmp_path, ada=RIGHT)
    out = tmp_path / "out"
    run("grade", given, "--out", out, "--workers", 1)
    (out / "grades.csv").write_text("my own notes", encoding="utf-8")
    again = run("grade", given, "--out", out, "--workers", 1)
    assert "had been changed by hand; it is kept" in again.stdout
    kept = [p for p in out.glob("grades*.csv") if p.name != "grades.csv"]
    assert [p.read_text(encoding="utf-8") for p in kept] == ["my own notes"]
    assert len(marks(out)) == 7


def test_marks_that_are_not_ours_are_not_overwritten(tmp_path):
    given = submissions(tmp_path, ada=RIGHT)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "grades.csv").write_text("precious", encoding="utf-8")
    done = run("grade", given, "--out", tmp_path / "out")
    assert done.returncode == 2
    assert "nothing of yours is overwritten" in done.stderr
    assert (tmp_path / "out" / "grades.csv").read_text(encoding="utf-8") == "precious"


def test_json_is_for_programs_and_holds_what_the_table_holds(tmp_path):
    given = submissions(tmp_path, ada=WRONG)
    done = run("grade", given, "--out", tmp_path / "out", "--workers", 1, "--json")
    data = json.loads(done.stdout)
    assert (data["points"], data["max_points"]) == (7, 8)
    assert [r["outcome"] for r in data["rows"]].count("incorrect") == 1
    assert data == json.loads((tmp_path / "out" / "grades.json").read_text(encoding="utf-8"))


def test_one_endless_loop_and_one_damaged_file_are_two_messages_and_the_rest_goes_on(tmp_path):
    given = submissions(tmp_path, ada="def relu(z):\n    while True:\n        pass", ben=RIGHT)
    (given / "cleo").mkdir()
    (given / "cleo" / "neuron.ipynb").write_text('{"cells": [', encoding="utf-8")
    (given / "dora").mkdir()
    (given / "dora" / "essay.pdf").write_bytes(b"%PDF")
    done = run("grade", given, "--out", tmp_path / "out", "--question-seconds", 2)
    assert done.returncode == 3
    table = marks(tmp_path / "out")
    assert [m for m in table if m[0] == "ada" and m[3] != "correct"] == [
        ("ada", "neuron", "neuron-relu", "timed out", 0, "")
    ]
    assert {m[3] for m in table if m[0] == "ben"} == {"correct"}
    assert {m[3] for m in table if m[0] in ("cleo", "dora")} == {"not graded"}
    assert len([m for m in table if m[0] == "cleo"]) == 7


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["grade", "nowhere", "--out", "x"], 2, "there is no nowhere"),
        (["grade", "here"], 2, "--out"),
        (["grade", "here", "--out", "here/out"], 2, "lies within"),
        (["grade", "empty", "--out", "x"], 1, "notebook"),
        (["grade", "here", "--out", "x", "--workers", "0"], 2, "--workers"),
        (["demo", "here"], 2, "here"),
        (["demo", "x", "--notebook", "poetry"], 2, "no exercise is called"),
    ],
)  # fmt: skip
def test_wrong_usage_is_told_with_what_to_do(arguments, status, words, tmp_path, monkeypatch):
    (tmp_path / "empty").mkdir()
    submissions(tmp_path, ada=RIGHT)
    (tmp_path / "in").rename(tmp_path / "here")
    (tmp_path / "book").symlink_to(ROOT / "book")
    monkeypatch.chdir(tmp_path)
    if arguments[0] == "demo":
        monkeypatch.chdir(ROOT)
        arguments = [a if a != "here" else str(tmp_path / "here") for a in arguments]
    done = CliRunner().invoke(cli.main, arguments)
    assert done.exit_code == status, done.output
    assert words.lower() in done.output.lower()


def test_without_a_sandbox_nothing_is_graded_and_the_message_says_how_to_get_one(
    tmp_path, monkeypatch
):
    given = submissions(tmp_path, ada=RIGHT)
    monkeypatch.setenv("PATH", "/nowhere")
    done = CliRunner().invoke(cli.main, ["grade", str(given), "--out", str(tmp_path / "out")])
    assert done.exit_code == 1
    assert "apt install bubblewrap" in done.output
    assert not (tmp_path / "out" / "grades.csv").exists()


def test_unsafe_on_demand_gives_the_same_marks(tmp_path):
    given = submissions(tmp_path, ada=WRONG)
    done = run("grade", given, "--out", tmp_path / "out", "--unsafe-no-sandbox", "--workers", 1)
    assert done.returncode == 0, done.stderr
    assert [m[3] for m in marks(tmp_path / "out")].count("correct") == 6


def test_two_runs_into_one_folder_are_refused(tmp_path):
    from dlbook.grading.gradebook import Gradebook, GradebookError  # noqa: PLC0415

    with (
        Gradebook(tmp_path / "gradebook.sqlite"),
        pytest.raises(GradebookError, match="Another run"),
    ):
        Gradebook(tmp_path / "gradebook.sqlite")


@pytest.mark.parametrize("more", [[], ["-n", "2", "--dist", "loadscope"]], ids=["alone", "xdist"])
def test_pytest_shows_a_test_for_each_student_and_question(more, tmp_path):
    given = submissions(tmp_path, ada=WRONG, ben=RIGHT)
    (given / "cleo").mkdir()
    environment = os.environ | {"PYTEST_ADDOPTS": "", "PY_COLORS": "0"}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--dlbook-grade", "in", "-v", "--junitxml", "r.xml",
         "-p", "no:cacheprovider", *more],
        cwd=tmp_path, capture_output=True, text=True, check=False, env=environment,
    )  # fmt: skip
    assert "13 passed" in done.stdout
    assert "2 failed" in done.stdout
    assert "ada::neuron::neuron-relu" in done.stdout
    assert "Not right yet: neuron-relu" in done.stdout
    assert 'name="outcome" value="incorrect"' in (tmp_path / "r.xml").read_text(encoding="utf-8")


def test_pytest_chooses_by_name_and_stops_at_the_first_failure(tmp_path):
    submissions(tmp_path, ada=WRONG, ben=RIGHT)
    command = [sys.executable, "-m", "pytest", "--dlbook-grade", "in", "-p", "no:cacheprovider"]
    chosen = subprocess.run(
        [*command, "-k", "ben and relu"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert "2 passed, 12 deselected" in chosen.stdout
    stopped = subprocess.run(
        [*command, "-x"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert "1 failed, 1 passed" in stopped.stdout
