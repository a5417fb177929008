"""What comes out of the sandbox is checked in form, and what goes to people can't do harm."""

import csv
import io
import json
import sqlite3
import subprocess
import sys

import pytest

from dlbook.exercises import key, plain
from dlbook.exercises.verdict import Judge, Verdict
from dlbook.grading import observed, oracle, report, tables
from dlbook.grading.grade import Graded, Result, not_graded, result_of
from dlbook.grading.gradebook import Gradebook, GradebookError, Work

JUDGE = Judge(key.question("neuron-relu"), 5)
TOKEN = "of this request"


def reply(*lines: str, token: str = TOKEN, ended: str = "") -> str:
    return json.dumps({"token": token, "answers": ["\n".join(lines)], "ended": ended})


def line(case: dict) -> str:
    return f"C{json.dumps(case)}"


GOOD = [line(case) for case in JUDGE.reference_observations["cases"]]
HEAD = 'O{"attempted": true}'


def verdict(text: object) -> Verdict | observed.Observed:
    (seen,) = observed.read(text, TOKEN, [len(JUDGE.cases)])
    return seen if seen.observations is None else JUDGE.verdict(seen.observations)


def test_the_references_own_observations_are_correct():
    assert verdict(reply(HEAD, *GOOD)).outcome == "correct"


@pytest.mark.parametrize(
    ("ended", "outcome"),
    [("time", "timed out"), ("memory", "error"), ("processes", "error"), ("output", "error"),
     ("", "error"), ("something else", "error")],
)  # fmt: skip
def test_a_case_that_never_came_back_is_not_right(ended, outcome):
    assert verdict(reply(HEAD, *GOOD[:-1], ended=ended)).outcome == outcome
    assert verdict(reply(HEAD, ended=ended)).outcome == outcome


def test_more_cases_than_were_asked_for_change_nothing():
    wrong = line(JUDGE.reference_observations["cases"][0] | {"value": plain.encode(3.0)})
    assert verdict(reply(HEAD, *GOOD, wrong)).outcome == "correct"
    assert verdict(reply(HEAD, wrong, *GOOD)).outcome == "incorrect"
    assert verdict(reply(HEAD, 'O{"attempted": false}', wrong, *GOOD)).outcome == "incorrect"


@pytest.mark.parametrize(
    "text",
    [None, "", "null", "[]", "{", "3", b"\xff", "[" * 100_000, reply(HEAD, token="another"),
     reply(HEAD, "C[]"), reply("O3"), reply(HEAD, "C{"), reply(HEAD, "C" + "[" * 100_000),
     reply(HEAD, 'C{"outcome": "returned"}'), reply(HEAD, 'C{"outcome": "fine"}'),
     reply(HEAD, 'C{"outcome": "returned", "value": {"kind": "pickle", "data": "gASV"}}'),
     reply(HEAD, 'C{"outcome": "returned", "value": {"kind": "array", "dtype": "object", '
     '"shape": [1], "data": ""}}')],
)  # fmt: skip
def test_what_has_not_the_form_of_an_observation_is_refused(text):
    with pytest.raises(ValueError, match=r".+"):
        verdict(text)


def test_a_function_that_is_missing_or_none_says_what_stopped_the_cells():
    seen = verdict(reply('N{"place": "cell 3", "type": "NameError", "message": "no np"}'))
    assert (seen.ended, seen.errors[0]["place"]) == ("exit", "cell 3")
    assert verdict(reply('O{"missing": true}')).observations is None
    assert verdict(reply('O{"not a function": "int"}')).other == "int"


def test_the_oracle_answers_with_what_a_right_function_returns():
    with oracle.Oracle(["layers-softmax", "layers-count-parameters"]) as ask:
        scores = plain.encode([[0.0, 0.0]])
        call = {"name": "softmax", "arguments": [scores], "named": {}}
        answer = json.loads(ask(json.dumps(call)))
        assert plain.decode(answer["value"]).tolist() == [[0.5, 0.5]]
        named = {"name": "softmax", "arguments": [], "named": {"scores": scores}}
        assert "value" in json.loads(ask(json.dumps(named)))
        for bad in ("", "[]", "{}", '{"name": "dense", "arguments": [], "named": {}}', "["):
            assert "message" in json.loads(ask(bad))
        assert "value" in json.loads(ask(json.dumps(call)))  # still there


def test_the_oracle_does_not_run_what_it_is_given():
    function = {"kind": "other", "type": "function", "callable": True}
    call = {"name": "neuron", "arguments": [function], "named": {}}
    assert oracle.answer(call, {"neuron": lambda f: f()})["type"] == "TypeError"


def test_the_oracle_gives_up_a_call_that_is_too_large():
    with oracle.Oracle(["images-resize"]) as ask:
        arguments = [plain.encode(v) for v in ([[1, 2], [3, 4]], 10**6, 10**6)]
        call = {"name": "resize_to", "arguments": arguments, "named": {}}
        assert "message" in json.loads(ask(json.dumps(call)))


IN_A_FORK = """
import json, os, sys
from dlbook.exercises import plain
from dlbook.grading import oracle

secret = open(sys.executable, "rb")
oracle.prepare()
(forked,) = oracle.Oracle.idle
call = json.dumps({"name": "relu", "arguments": [plain.encode([-1.0, 2.0])], "named": {}})
with oracle.Oracle(["neuron-relu"]) as ask:
    assert ask.process is forked
    told = ask(call)
files = f"/proc/{forked.pid}/fd"
held = sorted(os.readlink(f"{files}/{number}").split(":")[0] for number in os.listdir(files))
oracle.Oracle.idle.remove(forked)
with oracle.Oracle(["neuron-relu"]) as ask:
    assert ask.process is not forked
    same = ask(call) == told
forked.kill()
print(json.dumps([plain.decode(json.loads(told)["value"]).tolist(), same, held, forked.wait()]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="forks only on Linux")
def test_a_forked_oracle_answers_as_a_program_of_its_own_and_holds_nothing_of_its_parent():
    done = subprocess.run(
        [sys.executable, "-c", IN_A_FORK], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stderr == ""
    assert json.loads(done.stdout) == [[0.0, 2.0], True, ["/dev/null", "pipe", "pipe"], -9]


def result(**others) -> Result:
    return Result("neuron-relu", 0, 1, "incorrect", "", "m", "f", **others)


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", " =1", "\u00a0=1", "\ufeff=1", "|cmd", "%0"]
)
def test_no_cell_of_the_table_begins_as_a_formula_does(text):
    row = dict.fromkeys(tables.COLUMNS, text)
    _, cells = csv.reader(io.StringIO(tables.as_csv([row]), newline=""))
    assert {cell[0] for cell in cells} == {"'"}


def test_an_ordinary_cell_of_the_table_is_as_it_was():
    row = dict.fromkeys(tables.COLUMNS, 'Ada, "the first"; O\'Hara')
    _, cells = csv.reader(io.StringIO(tables.as_csv([row]), newline=""))
    assert set(cells) == {'Ada, "the first"; O\'Hara'}


def test_text_from_students_is_text_in_the_feedback():
    bad = "<script>alert(1)</script><img src=x onerror=y>\u202eabc\x1b[31m&amp;"
    page = report.feedback_page(
        bad, bad, [result(finding=bad, yours=bad, printed=bad, line=bad).as_data()], [bad]
    )
    for forbidden in ("<script", "<img", "\u202e", "\x1b"):
        assert forbidden not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "&amp;amp;" in page


def test_a_file_name_holds_a_name_and_no_path():
    names = ["../../etc/passwd", "a/b", "a\\b", "CON", "con.", ".", "..", "", "Ada A.", "ada a.",
             "x" * 300, "ä", "a\u0308", "a:b", "nul.txt", "\x00"]  # fmt: skip
    found = report.file_names(names)
    assert len({value.casefold() for value in found.values()}) == len(names)
    for value in found.values():
        assert value.strip(" .") == value != ""
        assert not set(value) & set('/\\:*?"<>|\x00')
        assert value.casefold().split(".")[0] not in ("con", "nul", "aux")
        assert len(value) < 100
    assert found["Ada A."] == "Ada A"


def test_a_record_never_holds_what_is_right():
    wrong = JUDGE.observe(lambda z: z + 1.0)
    made = JUDGE.verdict(wrong)
    assert made.right
    assert made.right not in json.dumps(result_of(made).as_data())
    assert "Right:" not in result_of(made).feedback


def test_an_unknown_file_that_cannot_be_read_keeps_a_row():
    graded = not_graded("essay.ipynb", "It is a PDF.")
    assert graded.notebook == "essay.ipynb"
    assert [r.outcome for r in graded.results] == ["not graded"]
    assert len(not_graded("my neuron.ipynb", "It is a PDF.").results) == 7


WORK = Work("ada", "", "folders", "one", False, None)


def graded(points: int) -> Graded:
    one = Result("neuron-relu", points, 1, "correct" if points else "incorrect", "", "m", "f")
    return Graded("neuron", [one], [])


def test_what_was_graded_is_known_until_the_work_the_key_or_the_wanted_seed_is_another(tmp_path):
    with Gradebook(tmp_path / "g.sqlite") as book:
        run = book.begin()
        assert not book.is_graded(WORK, run, None)
        book.record(run, WORK, [graded(1)])
        assert book.is_graded(WORK, run, None)
        assert book.is_graded(WORK, run, run.seed)
        other = Work("ada", "", "folders", "two", False, None)
        assert not book.is_graded(other, run, None)
        book.record(run, other, [graded(0)])
        assert not book.is_graded(WORK, run, None)  # what it gave has been replaced
        book.finish(run)
        again = book.begin(seed=7)
        assert not book.is_graded(other, again, 7)
        assert [m["why"] for m in book.moved(run)] == ["handed in something else"]


def test_a_run_that_was_killed_keeps_its_seed_and_one_that_ended_does_not(tmp_path):
    with Gradebook(tmp_path / "g.sqlite") as book:
        first = book.begin()
    with Gradebook(tmp_path / "g.sqlite") as book:
        second = book.begin()
        assert (second.seed, second.goes_on) == (first.seed, True)
        book.finish(second)
        assert book.begin().seed != first.seed


def test_work_that_was_lost_on_our_side_is_tried_again(tmp_path):
    with Gradebook(tmp_path / "g.sqlite") as book:
        run = book.begin()
        book.record(run, WORK, [graded(0)], whole=False)
        assert not book.is_graded(WORK, run, None)


def test_a_record_is_written_whole_or_not_at_all(tmp_path):
    with Gradebook(tmp_path / "g.sqlite") as book:
        run = book.begin()
        book.record(run, WORK, [graded(1)])
        broken = Graded("neuron", [graded(0).results[0], None], [])
        with pytest.raises(AttributeError):
            book.record(run, WORK, [broken])
        assert [row["points"] for row in book.results()] == [1]


def test_a_file_that_is_no_gradebook_is_told_and_left_alone(tmp_path):
    path = tmp_path / "g.sqlite"
    path.write_text("my diary", encoding="utf-8")
    with pytest.raises(GradebookError, match="Move it away"):
        Gradebook(path)
    assert path.read_text(encoding="utf-8") == "my diary"
    other = tmp_path / "h.sqlite"
    file = sqlite3.connect(other)
    file.execute("PRAGMA user_version = 99")
    file.close()
    with pytest.raises(GradebookError, match="another version"):
        Gradebook(other)
