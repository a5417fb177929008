"""A teacher's last word counts wherever marks are told, and late work costs what the rule says."""

import contextlib
import csv
import json
import random
import shutil
import sqlite3
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from dlbook import cli
from dlbook.grading import batch, files, gradebook, intake, lastword, late, report, sheets, tables
from dlbook.grading.gradebook import Gradebook, Work
from dlbook.grading.marks import Graded, Result, Settings
from dlbook.grading.totals import totals

BERLIN = "2026-11-20 23:59 Europe/Berlin"
ADA = Work("Ada A.", "1042", "canvas", "ada's first", False, None)


def result(question: str, points: int, most: int = 1, **others) -> Result:
    outcome = "correct" if points == most else "incorrect"
    mistake = "" if points == most else "relu-missing"
    said = {"message": "One line.", "feedback": "All of it.", "title": "No bend"} | others
    return Result(question, points, most, outcome, mistake, **said)


def neuron(relu: int = 0, **handed) -> Graded:
    asked = [result("neuron-relu", relu), result("neuron-neuron", 1), result("neuron-sum", 5, 8)]
    return Graded("neuron", asked, [], **({"digest": "file one"} | handed))


@pytest.fixture(scope="module")
def graded(tmp_path_factory) -> Path:
    """A folder as `dlbook grade` leaves it: Ada and two called Bo, by hand."""
    out = tmp_path_factory.mktemp("graded")
    with Gradebook(out / "gradebook.sqlite") as book:
        run = book.begin(3)
        book.record(run, ADA, [neuron()])
        for number in ("7", "8"):
            work = Work(f"Bo ({number})", number, "canvas", f"bo {number}", False, None)
            book.record(run, work, [neuron(relu=1)])
        book.finish(run)
        files.write_all(out, book, run)
    return out


@pytest.fixture
def marks(graded, tmp_path) -> Path:
    """Return a copy of that folder, to be changed."""
    return shutil.copytree(graded, tmp_path / "marks")


def dlbook(*words: object, status: int = 0) -> str:
    done = CliRunner().invoke(cli.main, ["marks", *map(str, words)])
    assert done.exit_code == status, done.output
    return done.output


def override(marks: Path, text: str | bytes, *more: str, status: int = 0) -> str:
    file = marks.parent / "overrides.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return dlbook("override", file, "--from", marks, "--by", "Dr. Eve", *more, status=status)


def rows(marks: Path, name: str = "grades.csv") -> list[dict]:
    with (marks / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def one(found: list[dict], **wanted) -> dict:
    (row,) = [r for r in found if all(r[name] == value for name, value in wanted.items())]
    return row


def relu_of(marks: Path, student: str = "Ada A.") -> dict:
    return one(rows(marks), student=student, question="neuron-relu")


def page(marks: Path, student: str = "Ada A") -> str:
    return " ".join((marks / "feedback" / student / "neuron.html").read_text("utf-8").split())


@contextlib.contextmanager
def database(marks: Path):
    """Open the gradebook as another program would."""
    with contextlib.closing(sqlite3.connect(marks / "gradebook.sqlite")) as file, file:
        yield file


def every_byte(folder: Path) -> dict[str, bytes]:
    return {str(p): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


HEAD = "student,question,points,comment\n"


# --- A last word counts, everywhere -------------------------------------------------------------


def test_a_last_word_counts_in_every_file_and_what_the_machine_saw_stays(marks):
    before = rows(marks)
    said = override(marks, HEAD + "Ada A.,neuron-relu,1,Right by hand\n")
    assert "1 set by Dr. Eve" in said
    assert "Ada A.  neuron-relu  0 -> 1" in said
    row = relu_of(marks)
    assert tuple(row) == tables.COLUMNS
    assert (row["points"], row["outcome"], row["mistake"]) == ("1", "incorrect", "relu-missing")
    assert row["message"] == "Set by Dr. Eve: Right by hand"
    others = [r for r in rows(marks) if r != row]
    assert others == [r for r in before if r["question"] != "neuron-relu" or r["points"] == "1"]
    data = json.loads((marks / "grades.json").read_text("utf-8"))
    assert (data["points"], data["max_points"]) == (21, 30)
    assert one(data["rows"], student="Ada A.", question="neuron-relu")["points"] == 1
    details = one(data["results"], student="Ada A.", question="neuron-relu")
    assert (details["points"], details["last_word"]["machine_points"]) == (1, 0)
    assert one(data["totals"], student="Ada A.")["final"] == 7
    assert one(rows(marks, "totals.csv"), student="Ada A.")["final"] == "7"
    told = page(marks)
    assert '<p class="score">7 of 10 points</p>' in told
    assert "1 of 1, set by Dr. Eve:</strong> Right by hand" in told
    assert "By itself the grader gives 0" in told
    assert f"{datetime.now(UTC):%Y-%m-%d}" in told
    assert "set by" not in page(marks, "Bo (7)")


def test_the_machines_own_rows_are_never_changed(marks):
    override(marks, HEAD + "Ada A.,neuron-relu,1,\n")
    with database(marks) as file:
        kept = file.execute(
            "SELECT points, message FROM result WHERE student = 'Ada A.' "
            "AND question = 'neuron-relu'"
        ).fetchall()
    assert kept == [(0, "One line.")]


@pytest.mark.parametrize(
    "text",
    [
        "comment;points;question;student\n;0,5;neuron-relu;Ada A.\n",
        "sep=;\nstudent;question;points;comment\nAda A.;neuron-relu;0,5;\n",
        "student\tquestion\tpoints\tcomment\tmood\nAda A.\tneuron-relu\t0.5\t\tfine\n",
        '\ufeffStudent, Question ,POINTS,Comment\r\n"Ada  A.",neuron-relu,"0,50",\r\n\r\n,,,\r\n',
        HEAD + "1042,neuron-relu,.5,\n".replace(".5", "0.5"),
    ],
)
def test_columns_stand_in_any_order_and_numbers_are_written_as_at_home(marks, text):
    said = override(marks, text)
    assert relu_of(marks)["points"] == "0.5"
    assert ("Not used: the columns mood." in said) == ("mood" in text)
    assert one(rows(marks, "totals.csv"), student="Ada A.")["points"] == "6.5"


def test_the_old_encoding_of_windows_is_read(marks):
    override(marks, (HEAD + "Ada A.,neuron-relu,1,Schön – “gut”\n").encode("cp1252"))
    assert relu_of(marks)["message"] == "Set by Dr. Eve: Schön – “gut”"


def test_a_table_that_a_spreadsheet_program_calls_unicode_text_is_read(marks):
    text = "student\tquestion\tpoints\tcomment\r\nAda A.\tneuron-relu\t1\tschön\r\n"
    override(marks, text.encode("utf-16"))
    assert "schön" in relu_of(marks)["message"]


def test_columns_without_a_name_are_nothing_to_speak_of(marks):
    text = "student;question;points;comment;;\nAda A.;neuron-relu;1;;;\n"
    assert "Not used" not in override(marks, text)
    assert relu_of(marks)["points"] == "1"


def test_the_latest_word_counts_and_all_are_kept(marks):
    for points in ("1", "0.25"):
        override(marks, HEAD + f"Ada A.,neuron-relu,{points},first {points}\n")
    assert relu_of(marks)["points"] == "0.25"
    override(marks, HEAD + "Ada A.,neuron-relu,-,sorry\n")
    assert relu_of(marks) == {**relu_of(marks), "points": "0", "message": "One line."}
    assert "set by" not in page(marks)
    said = json.loads((marks / "grades.json").read_text("utf-8"))["overrides"]
    assert [word["points"] for word in said] == [1, 0.25, None]
    assert {word["set_by"] for word in said} == {"Dr. Eve"}
    assert all(datetime.fromisoformat(w["made"]).utcoffset() == timedelta(0) for w in said)


def test_what_is_said_twice_is_written_once(marks):
    text = HEAD + "Ada A.,neuron-relu,1,good\nBo (7),neuron-relu,,\n"
    override(marks, text)
    assert "0 set by Dr. Eve, 2 as before" in override(marks, text)
    data = json.loads((marks / "grades.json").read_text("utf-8"))
    assert len(data["overrides"]) == 1


def test_without_a_name_it_is_the_login_name(marks, monkeypatch):
    monkeypatch.setattr("getpass.getuser", lambda: "eve42")
    file = marks.parent / "o.csv"
    file.write_text(HEAD + "Ada A.,neuron-relu,1,\n")
    dlbook("override", file, "--from", marks)
    assert relu_of(marks)["message"] == "Set by eve42."
    assert "Say your name" in dlbook("override", file, "--from", marks, "--by", " ", status=2)


def test_texts_of_a_teacher_are_text_in_the_pages_and_no_formula_in_the_tables(marks):
    bad = "<script>alert(1)</script>"
    file = marks.parent / "o.csv"
    file.write_text(HEAD + f"Ada A.,neuron-relu,1,{bad}\n")
    dlbook("override", file, "--from", marks, "--by", f"=1 {bad}\x1b[31m")
    for name in ("feedback/Ada A/neuron.html", "report.html"):
        text = (marks / name).read_text("utf-8")
        assert "<script>alert" not in text
        assert "\x1b" not in text
    assert page(marks).count("&lt;script&gt;alert(1)") == 2
    with Gradebook(marks / "gradebook.sqlite") as book:
        book.record(book.last_run(), replace(ADA, student="=cmd"), [neuron()])
        assert "\r\n'=cmd," in tables.totals_csv(book)


# --- It survives grading again ------------------------------------------------------------------


def again(marks: Path, work: Work, graded: Graded) -> str:
    with Gradebook(marks / "gradebook.sqlite") as book:
        run = book.begin(4)
        book.record(run, work, [graded])
        book.finish(run)
        files.write_all(marks, book, run)
        return tables.summary(book, run)


def test_it_counts_after_the_work_has_changed_and_this_is_said(marks):
    override(marks, HEAD + "Ada A.,neuron-relu,0.5,half\n")
    other = replace(ADA, digest="ada's second")
    said = again(marks, other, neuron(relu=1, digest="file two"))
    assert "Marks that moved" not in said  # the mark is what it was
    assert "Look at 1 again" in said
    assert "Ada A.  neuron-relu  0.5  (the work has changed since; it counts all the same)" in said
    assert relu_of(marks)["points"] == "0.5"
    assert relu_of(marks)["message"] == "Set by Dr. Eve: half (The work has changed since.)"
    assert "Since then the work has changed; these points count all the same" in page(marks)
    said = override(marks, HEAD + "Ada A.,neuron-relu,0.5,half\n")  # looked at again
    assert "1 set by" in said
    assert "Look at" not in said


def test_other_work_of_the_same_student_does_not_make_it_doubtful(marks):
    override(marks, HEAD + "Ada A.,neuron-relu,1,\n")
    said = again(marks, replace(ADA, digest="with another notebook"), neuron())
    assert "Marks that a teacher has set: 1." in said
    assert "Look at" not in said


def test_it_counts_after_the_answer_key_has_changed_and_this_is_said(marks, monkeypatch):
    override(marks, HEAD + "Ada A.,neuron-sum,8,\n")
    monkeypatch.setattr(gradebook, "reference", lambda: "another key")
    smaller = replace(neuron(), results=[result("neuron-sum", 1, 6)])
    said = again(marks, ADA, smaller)
    assert "(the answer key has changed since; it counts" in said
    row = one(rows(marks), student="Ada A.", question="neuron-sum")
    assert (row["points"], row["max_points"]) == ("6", "6")  # never above the maximum


def test_it_is_said_where_there_is_no_such_question_any_more(marks):
    override(marks, HEAD + "Ada A.,neuron-relu,1,\n")
    gone = replace(neuron(), results=[result("neuron-sum", 1, 6)])
    assert "neuron-relu  1  (there is no such question any more)" in again(marks, ADA, gone)
    assert len([r for r in rows(marks) if r["student"] == "Ada A."]) == 1


def test_a_gradebook_of_before_can_be_opened_and_overridden(marks):
    with database(marks) as file:
        for table in ("override", "late_rule", "extension", "handed"):
            file.execute(f"DROP TABLE {table}")
        file.execute("UPDATE work SET handed_in = '2026-11-21T10:00:00+00:00'")
    assert "1 set by" in override(marks, HEAD + "Ada A.,neuron-relu,1,\n")
    dlbook("late", "--due", BERLIN, "--from", marks)
    assert one(rows(marks, "totals.csv"), student="Ada A.")["penalty"] == "1"
    with database(marks) as file:
        assert file.execute("PRAGMA user_version").fetchone() == (gradebook.FORMAT,)


# --- Bad input changes nothing ------------------------------------------------------------------

WRONG = [
    (HEAD + "Ada B.,neuron-relu,1,\n", "line 2: there is no student 'Ada B.'. Is it Ada A.?"),
    (HEAD + "Zzz,neuron-relu,1,\n", "or the platform's id"),
    (HEAD + "Ada A.,neuron-rule,1,\n", "has no question 'neuron-rule'. Is it neuron-relu, "),
    (HEAD + "Ada A.,layers-softmax,1,\n", "There are: neuron-relu, neuron-neuron, neuron-sum."),
    (HEAD + "Ada A.,neuron-relu,one,\n", "line 2: 'one' is no number of points"),
    (HEAD + "Ada A.,neuron-relu,1e0,\n", "is no number"),
    (HEAD + "Ada A.,neuron-relu,nan,\n", "is no number"),
    (HEAD + "Ada A.,neuron-relu,١,\n", "is no number"),
    (HEAD + "Ada A.,neuron-relu,-1,\n", "-1 points are below 0"),
    (HEAD + "Ada A.,neuron-relu,0.125,\n", "more than two decimals"),
    (HEAD + "Ada A.,neuron-sum,8.01,\n", "8.01 points are more than 8, the most for neuron-sum"),
    (HEAD + "Ada A.,neuron-relu,1,\n1042,neuron-relu,0,\n", "line 3: Ada A. and neuron-relu stand"),
    (HEAD + "Ada A.,neuron-relu,0,5,half\n", 'in quotes: "0,5"'),
    (HEAD + "Ada A.,neuron-relu\n", "line 2: has 2 of 4 cells"),
    ("student,question,comment\nAda A.,neuron-relu,x\n", "There is no column points"),
    ("student,student,question,points,comment\n", "several columns student"),
    (HEAD, "no row under it"),
    (HEAD + 'Ada A.,neuron-relu,1,"open\n', "the quotes don't match"),
    ("", "It is empty"),
    (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "no text; perhaps a picture"),
    (b"\xff\xd8\xff\xe0\0\x10JFIF", "no text; perhaps a picture"),
    ('{"cells": [], "nbformat": 4}', "It is a notebook"),
    (b"PK\3\4and so on", "is a spreadsheet or a zip, and no CSV file"),
    (HEAD.encode("utf-16"), "no row under it"),
    (HEAD + "Ada A.,neuron-relu,1,\x1b[2J\n", "has signs in it that are no text"),
    ("student,\x9b2J\n", "it has: student, \ufffd2j"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "said"), WRONG)
def test_a_wrong_file_is_told_and_changes_nothing(marks, text, said):
    before = every_byte(marks)
    told = override(marks, text, status=2)
    assert said in " ".join(told.split())
    assert "nothing was changed" in told
    assert every_byte(marks) == before


def test_all_faults_of_a_file_are_told_at_once_by_line(marks):
    text = HEAD + "Eve,neuron-relu,1,\nAda A.,neuron-relu,1,\nAda A.,neuron-sum,9,\nBo (7),x\n"
    before = every_byte(marks)
    told = override(marks, text, status=2)
    assert "has 3 faults" in told
    lines = [line.split(":")[0].strip() for line in told.splitlines() if "  line " in line]
    assert lines == ["line 2", "line 4", "line 5"]
    assert every_byte(marks) == before


def test_a_line_is_counted_as_an_editor_counts_it(marks):
    text = HEAD + '\nAda A.,neuron-relu,1,"two\nlines"\n\nEve,neuron-relu,1,\n'
    assert "line 6: there is no student 'Eve'" in override(marks, text, status=2)


def test_an_id_that_is_somebodys_name_must_be_said_in_another_way(marks):
    with Gradebook(marks / "gradebook.sqlite") as book:
        work = Work("1042", "9", "canvas", "d", False, None)
        book.record(book.last_run(), work, [neuron()])
    told = override(marks, HEAD + "1042,neuron-relu,1,\n", status=2)
    assert "'1042' may be 1042 or Ada A.. Use the name" in told
    override(marks, HEAD + "9,neuron-relu,1,\n")
    assert relu_of(marks, "1042")["points"] == "1"


def test_a_question_in_two_notebooks_must_say_in_which(marks):
    with Gradebook(marks / "gradebook.sqlite") as book:
        copy = replace(neuron(), notebook="my neuron")
        book.record(book.last_run(), ADA, [neuron(), copy])
    told = override(marks, HEAD + "Ada A.,neuron-relu,1,\n", status=2)
    assert "is in neuron and my neuron. Say which in a column notebook" in told
    override(marks, "notebook," + HEAD + "my neuron,Ada A.,neuron-relu,1,\n")
    found = [r["points"] for r in rows(marks) if r["question"] == "neuron-relu"][:2]
    assert found == ["0", "1"]


def test_a_folder_without_a_gradebook_is_told_and_stays_as_it_was(tmp_path):
    (tmp_path / "o.csv").write_text(HEAD + "Ada A.,neuron-relu,1,\n")
    for words in (["override", tmp_path / "o.csv"], ["late", "--due", BERLIN]):
        assert "holds no gradebook.sqlite" in dlbook(*words, "--from", tmp_path, status=2)
    assert [path.name for path in tmp_path.iterdir()] == ["o.csv"]
    missing = dlbook("override", tmp_path / "no.csv", "--from", tmp_path, status=2)
    assert "gradebook" in missing


def test_a_file_that_is_not_there_and_a_folder_are_told(marks):
    for place in (marks.parent / "no.csv", marks.parent):
        with pytest.raises(sheets.SheetError, match=r"isn't there|can't be read"):
            lastword.override(marks, place, "Eve")


def test_a_table_that_a_person_changed_is_put_aside(marks):
    mine = (marks / "totals.csv").read_bytes() + b"mine\r\n"
    (marks / "totals.csv").write_bytes(mine)
    said = override(marks, HEAD + "Ada A.,neuron-relu,1,\n")
    (kept,) = marks.glob("totals kept *.csv")
    assert kept.read_bytes() == mine
    assert f"{kept} had been changed by hand; it is kept." in said


# --- Late work: the rule ------------------------------------------------------------------------


def rule(due: str = BERLIN, per_day: str = "10", grace: str = "0", cap: str = "100") -> late.Rule:
    return late.Rule(
        late.read_due(due), late.read_amount(per_day, "--per-day"), late.read_grace(grace),
        late.read_amount(cap, "--cap"),
    )  # fmt: skip


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("due", "grace", "handed_in", "days"),
    [
        ("2026-11-20 23:59 Z", "0", "2026-11-20T23:59:59.9+00:00", 0),  # the whole minute
        ("2026-11-20 23:59 Z", "0", "2026-11-21T00:00:00+00:00", 1),
        ("2026-11-20 23:59:00 Z", "0", "2026-11-20T23:59:00+00:00", 0),
        ("2026-11-20 23:59:00 Z", "0", "2026-11-20T23:59:00.000001+00:00", 1),
        ("2026-11-20 23:59:00 Z", "15m", "2026-11-21T00:14:00+00:00", 0),
        ("2026-11-20 23:59:00 Z", "15m", "2026-11-21T00:14:01+00:00", 1),
        ("2026-11-20 23:59:00 Z", "15m", "2026-11-22T00:14:00+00:00", 1),
        ("2026-11-20 23:59:00 Z", "15m", "2026-11-22T00:14:01+00:00", 2),
        ("2026-11-20 Z", "0", "2026-11-20T23:59:59+00:00", 0),
        ("2026-11-20 23:59:00 +02:00", "0", "2026-11-20T21:59:01+00:00", 1),
        ("2026-11-20 23:59:00 -0530", "0", "2026-11-21T05:29:00+00:00", 0),
        # Clocks in Berlin went back an hour on 2026-10-25, and forward on 2026-03-29.
        ("2026-10-24 12:00:00 Europe/Berlin", "0", "2026-10-25T11:00:00+00:00", 1),  # 25 hours
        ("2026-10-24 12:00:00 Europe/Berlin", "0", "2026-10-25T11:00:01+00:00", 2),
        ("2026-10-24 12:00:00 +02:00", "0", "2026-10-25T11:00:00+00:00", 2),
        ("2026-03-28 12:00:00 Europe/Berlin", "0", "2026-03-29T10:00:00+00:00", 1),  # 23 hours
        ("2026-03-28 12:00:00 Europe/Berlin", "0", "2026-03-29T10:00:01+00:00", 2),
        ("2026-03-28 12:00:00 Europe/Berlin", "0", "2026-04-07T10:00:00+00:00", 10),
        ("2026-03-28 12:00:00 Europe/Berlin", "0", "2026-04-07T10:00:01+00:00", 11),
        (
            "2026-11-20 23:59 Z",
            "0",
            "9999-12-31T23:59:59+00:00",
            (date(9999, 12, 31) - date(2026, 11, 20)).days,
        ),
    ],
)
def test_a_day_late_is_a_started_day_after_due_time_and_grace(due, grace, handed_in, days):
    assert late.days_late(late.read_due(due), late.read_grace(grace), at(handed_in)) == days


def test_a_penalty_is_never_negative_never_above_the_cap_and_grows_with_lateness():
    draw = random.Random(0)
    for _ in range(300):
        most = draw.randint(0, 12)
        points = round(draw.uniform(0, most), 2)
        percent = draw.choice(["%", " points"])
        asked = rule(
            per_day=f"{draw.uniform(0.01, 60):.2f}{percent}", cap=f"{draw.uniform(0.01, 100):.2f}",
            grace=f"{draw.randint(1, 90)}m",
        )  # fmt: skip
        hours = sorted(draw.uniform(-50, 400) for _ in range(8))
        costs = [
            late.penalty(asked, points, most, at("2026-11-20T22:59:59+00:00") + timedelta(hours=h))
            for h in hours
        ]
        off = [cost for cost, _ in costs]
        assert off == sorted(off)
        assert all(0 <= cost <= min(points, asked.cap.of(most) + 0.005) for cost in off)
        assert all(bool(why) == (cost > 0) for cost, why in costs)
        assert all(cost == 0 for cost, hour in zip(off, hours, strict=True) if hour <= 0)


def test_percents_are_of_the_maximum_and_points_are_points():
    two_days = at("2026-11-22T10:00:00+01:00")
    assert late.penalty(rule(), 5, 8, two_days)[0] == 1.6
    assert late.penalty(rule(per_day="1,5 points"), 5, 8, two_days)[0] == 3
    assert late.penalty(rule(per_day="40%", cap="50%"), 5, 8, two_days)[0] == 4
    assert late.penalty(rule(per_day="40%"), 5, 8, two_days)[0] == 5


def test_the_reason_is_told_in_words():
    asked = rule(grace="1h30m", cap="50%")
    off, why = late.penalty(asked, 7, 7, at("2026-11-22T09:00:00+00:00"))
    assert off == 1.4
    assert why == (
        "2 days late (handed in 2026-11-22 10:00; due 2026-11-20 23:59 Europe/Berlin, "
        "with 1h 30m of grace): 10% of 7 points for each day, at most 50%."
    )


def test_work_that_is_only_marked_late_counts_as_one_day_and_work_of_no_known_time_as_in_time():
    off, why = late.penalty(rule(), 7, 7, None, flagged=True)
    assert off == 0.7
    assert "doesn't say by how much: counted as one" in why
    assert late.penalty(rule(), 7, 7, None) == (0, "")
    in_time = at("2026-11-20T10:00:00+00:00")
    assert late.penalty(rule(), 7, 7, in_time, flagged=True) == (0, "")  # the time is known


def test_an_extension_gives_more_time_and_never_less():
    when = at("2026-11-22T10:00:00+00:00")
    longer = late.read_due("2026-11-21 23:59 Europe/Berlin")
    off, why = late.penalty(rule(), 7, 7, when, extended=longer)
    assert off == 0.7
    assert "due 2026-11-21 23:59 Europe/Berlin by an extension" in why
    earlier = late.read_due("2026-11-01 23:59 Europe/Berlin")
    assert late.penalty(rule(), 7, 7, when, extended=earlier)[0] == 1.4
    off, why = late.penalty(rule(), 7, 7, None, flagged=True, extended=longer)
    assert off == 0
    assert "Nothing taken off" in why


@pytest.mark.parametrize(
    "text", ["", "tomorrow", "20.11.2026", "2026-13-01", "2026-11-20 25:00", "2026-11-20 23:59 Oz",
             "2026-11-20 23:59 ../etc", "2026-11-20 23:59 +99:99", "2026-11-20 23:59 America",
             "9999-12-31 23:59 -05:00", "9998-01-01"],
)  # fmt: skip
def test_a_due_time_that_cannot_be_is_told_with_what_to_write(text):
    with pytest.raises(late.LateError, match="Europe/Berlin"):
        late.read_due(text)


@pytest.mark.parametrize(("zone", "told"), [("America/New_York", None), (None, None), ("", "UTC"),
                                            ("XYZ-3", "+0300")])  # fmt: skip
def test_a_due_time_without_a_zone_is_this_computers(monkeypatch, zone, told):
    if zone is None:
        monkeypatch.delenv("TZ", raising=False)
    else:
        monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        due = late.read_due("2026-07-20 12:00:00")
        assert due.after(0) == datetime(2026, 7, 20, 12).astimezone()
        assert due.zone == (told or zone or due.zone)
        assert late.read_due(str(due)) == due
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize(
    ("stamp", "late_by"),
    [("9999-12-31 23:59:59 UTC", 1), ("9999-12-31 23:59:59 America/Los_Angeles", 0),
     ("0001-01-01 00:00:00 UTC", 0), ("0001-01-01 00:00:00 Asia/Tokyo", 0)],
)  # fmt: skip
def test_a_forged_time_ends_nothing(tmp_path, stamp, late_by):
    place = tmp_path / "submitted" / "ada" / "homework"
    place.mkdir(parents=True)
    (place / "neuron.ipynb").write_text('{"cells": [], "nbformat": 4, "metadata": {}}')
    (place / "timestamp.txt").write_text(stamp)
    found, _ = intake.find(tmp_path / "submitted")
    (file,) = batch.task_of(found).files
    when = file.handed_in and at(file.handed_in)
    for zone in ("Pacific/Kiritimati", "-11:00"):
        off, why = late.penalty(rule(f"2026-11-20 23:59 {zone}"), 3, 4, when)
        assert (off > 0) == bool(why) == bool(late_by)


@pytest.mark.parametrize("due", [BERLIN, "2026-11-20 8:05:30 +01:00", "2026-11-20 Z"])
def test_a_rule_is_read_back_as_it_was(due):
    assert late.read_due(str(late.read_due(due))) == late.read_due(due)


# --- Late work: the marks -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def graded_late(graded, tmp_path_factory) -> Path:
    """The same class, two days late (Ada), marked late (Bo 7), nothing known (Bo 8)."""
    out = shutil.copytree(graded, tmp_path_factory.mktemp("late") / "marks")
    with Gradebook(out / "gradebook.sqlite") as book:
        run = book.last_run()
        book.record(run, ADA, [neuron(handed_in="2026-11-22T09:00:00+00:00")])
        for number in ("7", "8"):
            work = Work(f"Bo ({number})", number, "canvas", f"bo {number}", False, None)
            book.record(run, work, [neuron(relu=1, late=number == "7")])
    return out


@pytest.fixture
def handed(graded_late, tmp_path) -> Path:
    """Return a copy of that folder, to be changed."""
    return shutil.copytree(graded_late, tmp_path / "marks")


def finals(marks: Path) -> list[float]:
    return [float(row["final"]) for row in rows(marks, "totals.csv")]


def test_a_rule_lowers_totals_openly_and_leaves_the_answers_points(handed):
    before = rows(handed)
    said = dlbook("late", "--due", BERLIN, "--cap", "50%", "--from", handed)
    assert "Lower for it: 2 marks, by 3 points." in said
    assert "Ada A.  neuron  6 - 2 = 4" in said
    assert rows(handed) == before
    assert finals(handed) == [4, 6, 7]
    row = one(rows(handed, "totals.csv"), student="Ada A.")
    assert tuple(row) == tables.TOTALS
    assert (row["student_id"], row["points"], row["penalty"]) == ("1042", "6", "2")
    assert row["why"].startswith("2 days late (handed in 2026-11-22 10:00; due 2026-11-20 23:59")
    assert row["why"] in page(handed)
    assert '<p class="score">4 of 10 points</p>' in page(handed)
    assert "Late work: 6 points, less 2." in page(handed)
    assert "Late work" not in page(handed, "Bo (8)")
    data = json.loads((handed / "grades.json").read_text("utf-8"))
    assert one(data["totals"], student="Ada A.")["penalty"] == 2
    assert data["late_rules"][0]["due"] == BERLIN


def test_a_rule_and_a_last_word_go_together_and_survive_grading_again(handed):
    dlbook("late", "--due", BERLIN, "--from", handed)
    override(handed, HEAD + "Ada A.,neuron-relu,1,\n")
    assert finals(handed)[0] == 5
    later = neuron(digest="two", handed_in="2026-11-23T09:00:00+00:00")
    said = again(handed, replace(ADA, digest="ada's second"), later)
    assert finals(handed)[0] == 4
    assert f"Late work: due {BERLIN}; 10% of the maximum for each day." in said


def test_a_rule_may_be_for_some_exercises_only_and_be_taken_away(handed):
    dlbook("late", "--due", BERLIN, "--notebook", "layers", "--from", handed)
    assert finals(handed) == [6, 7, 7]
    dlbook("late", "--due", BERLIN, "--from", handed)
    assert finals(handed) == [4, 6, 7]
    said = dlbook("late", "--none", "--notebook", "neuron", "--from", handed)
    assert "Late work in neuron: costs nothing." in said
    assert finals(handed) == [6, 7, 7]
    dlbook(
        "late", "--due", BERLIN, "--per-day", "1 point", "--notebook", "neuron", "--from", handed
    )
    assert finals(handed) == [4, 6, 7]
    assert "Late work costs nothing." in dlbook("late", "--none", "--from", handed)
    assert finals(handed) == [6, 7, 7]
    before = every_byte(handed)
    assert "Late work costs nothing." in dlbook("late", "--from", handed)
    assert every_byte(handed) == before


def extensions(marks: Path, text: str, *words: str, status: int = 0) -> str:
    file = marks.parent / "extensions.csv"
    file.write_text(text, encoding="utf-8")
    return dlbook("late", "--extensions", file, *words, "--from", marks, status=status)


def test_students_may_have_more_time(handed):
    dlbook("late", "--due", BERLIN, "--from", handed)
    text = "student,due\n1042,2026-11-21 23:59\nBo (7),2026-11-25\n"
    assert "Students with more time: 2." in extensions(handed, text)
    assert finals(handed) == [5, 7, 7]
    assert "due 2026-11-21 23:59 Europe/Berlin by an extension" in page(handed)
    extensions(handed, "student,due\nAda A.,\n")
    assert finals(handed) == [4, 7, 7]
    extensions(handed, "student,due\nAda A.,2026-12-01\n", "--notebook", "layers")
    assert finals(handed) == [4, 7, 7]


def test_wrong_extensions_change_nothing(handed):
    text = "student,due\nEve,2026-11-25\nAda A.,soon\nBo (7),2026-11-20\nBo (7),2026-11-25\n"
    before = every_byte(handed)
    assert "Say --due as well" in extensions(handed, text, status=2)
    told = extensions(handed, text, "--due", BERLIN, status=2)
    assert "has 4 faults" in told
    for said in ("no student 'Eve'", "'soon' is no time", "not later than", "stands in line 4 too"):
        assert said in told
    assert every_byte(handed) == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--due", "soon"], "is no time"),
        (["--due", BERLIN, "--per-day", "lots"], "--per-day lots can't be read"),
        (["--due", BERLIN, "--per-day", "-3"], "can't be read"),
        (["--due", BERLIN, "--per-day", "0"], "write --none"),
        (["--due", BERLIN, "--per-day", "101"], "more than all"),
        (["--due", BERLIN, "--grace", "15"], "Write 15m"),
        (["--due", BERLIN, "--cap", "x"], "--cap x can't be read"),
        (["--per-day", "10"], "go with --due"),
        (["--none", "--due", BERLIN], "Leave the other options out"),
        (["--due", BERLIN, "--notebook", "neurons"], "There are: layers, neuron"),
    ],
)
def test_a_wrong_rule_is_told_and_changes_nothing(handed, words, said):
    before = every_byte(handed)
    assert said in " ".join(dlbook("late", *words, "--from", handed, status=2).split())
    assert every_byte(handed) == before


def test_each_notebook_has_its_own_time_and_is_late_by_itself(tmp_path, monkeypatch):
    monkeypatch.setattr(batch, "_graded", lambda file, _: Graded(file.name[:-6], [], []))
    base = {"student": "ada", "student_id": "", "layout": "nbgrader", "handle": "", "_open": None}

    def handed_in(name: str, day: int, is_late: bool) -> intake.Submitted:
        when = datetime(2026, 11, day, tzinfo=UTC).timestamp()
        text = json.dumps({"cells": [], "nbformat": 4, "metadata": {}, "name": name}).encode()
        monkeypatch.setattr(intake.Submitted, "read", lambda one: text + one.where.encode())
        return intake.Submitted(
            file=f"{name}.ipynb", where=name, when=when, version=(when,), late=is_late, **base
        )

    task = batch.task_of([handed_in("neuron", 1, False), handed_in("layers", 5, True)])
    done = {one.notebook: one for one in batch.grade_student(task.files, Settings(seed=0))}
    assert done["neuron"].handed_in == "2026-11-01T00:00:00+00:00"
    assert (done["neuron"].late, done["layers"].late) == (False, True)
    assert done["neuron"].digest != done["layers"].digest
    with Gradebook(tmp_path / "g.sqlite") as book:
        asked = [result("neuron-relu", 5, 10)]
        book.record(book.begin(), task.work, [replace(g, results=asked) for g in done.values()])
        book.set_late_rule([("", "2026-11-03 12:00 UTC", "10%", 0, "100%")], "Eve", True)
        assert {t.notebook: t.penalty for t in totals(book)} == {"neuron": 0, "layers": 2}


def test_a_feedback_page_says_why_nothing_is_taken_off(handed):
    dlbook("late", "--due", BERLIN, "--from", handed)
    extensions(handed, "student,due\n7,2026-11-25\n")
    assert "Nothing taken off: marked late in the download, but had until" in page(handed, "Bo (7)")
    assert report.OUTCOME_SIGNS  # the page is the report's own
