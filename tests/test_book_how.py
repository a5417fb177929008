"""The page on how it works: what it says of the code is true of the code."""

import ast
import re
from html import unescape
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from dlbook import cli
from dlbook.exercises import key
from dlbook.exercises.verdict import ORDER, Judge
from dlbook.figures import house, way
from dlbook.grading import lesson

ROOT = Path(__file__).parents[1]
SOURCE = (ROOT / "book" / "how.md").read_text(encoding="utf-8")
IMPORTS = house.imports()
pytestmark = pytest.mark.book


@pytest.fixture(scope="module")
def article(html) -> BeautifulSoup:
    page = (html / "book" / "how.html").read_text(encoding="utf-8")
    return BeautifulSoup(page, "html.parser").select_one("article")


@pytest.fixture(scope="module")
def outputs(article) -> list[str]:
    return [output.get_text().strip() for output in article.select(".cell_output")]


def below(module: str) -> set[str]:
    """Return all that is loaded with a module, however far down."""
    found, ahead = set(), [module]
    while ahead:
        here = ahead.pop()
        if here not in found:
            found.add(here)
            ahead += IMPORTS[here]
    return found


# --- One answer, and its question ---------------------------------------------------------------


def test_the_answer_is_told_the_mistake_that_the_text_speaks_of(outputs):
    (told,) = [text for text in outputs if "neuron-relu" in text and "✗" in text]
    (lost,) = [m for m in key.question("neuron-relu").mistakes if m.id == "shape-lost"]
    assert lost.title in told
    assert " ".join(lost.says.split()) in " ".join(told.split())


def test_what_is_written_down_for_each_input_is_what_the_text_tells(outputs):
    (shown,) = [text for text in outputs if " inputs, and for each:" in text]
    judge = Judge(key.question("neuron-relu"), 0)
    written = judge.reference_observations["cases"][0]
    assert shown == f"{len(judge.cases)} inputs, and for each:\n{', '.join(written)}"
    assert set(written) == {
        "outcome",
        "value",
        "cpu_seconds",
        "changed",
        "warnings",
        "printed",
        "calls",
    }  # fmt: skip - the text tells of these


def test_the_question_is_shown_as_it_is_in_the_answer_key(article):
    shown = [block.get_text() for block in article.select(".highlight pre")]
    for words in ('id="neuron-relu"', 'def relu(z):\n    """', "def activation_cases(rng)"):
        assert any(words in text for text in shown), words
    (mistake,) = [text for text in shown if '"absolute-value"' in text]
    call = ast.parse(mistake.strip()).body[0].value
    name, title, says = (argument.value for argument in call.args[:3])
    (known,) = [m for m in key.question("neuron-relu").mistakes if m.id == name]
    assert (title, says) == (known.title, known.says)


def test_a_wrong_shape_is_told_before_wrong_numbers():
    assert ORDER.index("shape") < ORDER.index("values")


def test_the_numbers_of_the_catalogue_are_those_of_the_answer_key(outputs):
    questions = key.questions().values()
    mistakes = [m for q in questions for m in q.mistakes]
    ways = sum(len(m.ways) for m in mistakes)
    told = f"{len(questions)} questions, {len(mistakes)} named mistakes, made in {ways} ways"
    assert told in outputs
    relu = key.question("neuron-relu").mistakes
    count = f"{len(relu)} mistakes, made in {sum(len(m.ways) for m in relu)} ways:"
    assert any(text.startswith(count) for text in outputs)
    assert "correct" in outputs  # what a ReLU that is cut off at 1000 is taken for


# --- Three places, one way ----------------------------------------------------------------------


def test_all_three_places_use_the_one_probe_and_the_one_verdict():
    for place in ("exercises.tutor", "exercises.whole", "grading.grade"):
        assert "exercises.verdict" in below(place)
    assert {"grading.inside", "exercises.verdict"} <= {
        here for here, needs in IMPORTS.items() if "exercises.probe" in needs
    }
    commands = re.findall(r"^\| `dlbook (\w+)`", SOURCE, re.MULTILINE)
    assert commands == ["check", "grade"]
    assert all(name in cli.main.commands for name in commands)


def test_every_module_of_the_drawing_is_one_that_there_is():
    named = {module for station in way.STATIONS.values() for module in station.modules}
    assert named <= IMPORTS.keys()
    assert {name for pair in way.STEPS for name in pair[:2]} == way.STATIONS.keys()


def test_what_is_drawn_in_the_sandbox_knows_no_answers_and_all_else_is_outside():
    inside = {m for name in way.IN_THE_SANDBOX for m in way.STATIONS[name].modules}
    loaded = set().union(*map(below, inside))
    assert not loaded & {"exercises.key", "exercises.question", "exercises.verdict"}
    assert not loaded & set(key.notebooks())
    taken = {name.removesuffix(".py").replace("/", ".") for name in lesson.TAKEN}
    assert loaded <= taken
    outside = {m for s in way.STATIONS.values() for m in s.modules} - inside
    assert not outside & taken


def test_an_oracle_asks_the_answer_key_and_the_verdict_knows_no_grader():
    assert "exercises.key" in IMPORTS["grading.oracle"]
    assert not any(name.startswith("grading") for name in below("exercises.verdict"))
    assert {"grading.notebooks", "grading.oracle", "exercises.verdict"} <= IMPORTS[
        "grading.grade"
    ].keys()


def test_the_files_that_a_kernel_gets_are_listed_and_hold_no_answers(outputs):
    (told,) = [text for text in outputs if text.startswith("There:")]
    there, away = (re.findall(r"dlbook/\S+", part) for part in told.split("Put away"))
    assert set(there) == {f"dlbook/{name}" for name in {*lesson.TAKEN, *lesson.WRITTEN}}
    assert set(away) == {f"dlbook/{name}.py" for name in lesson.AWAY}
    for notebook in key.notebooks():
        assert f"dlbook/exercises/{notebook}.py" not in there
    assert "dlbook/exercises/verdict.py" not in there


# --- The house ----------------------------------------------------------------------------------


def test_the_drawings_on_the_page_are_those_of_the_code_as_it_is(article):
    told = [image["alt"] for image in article.select("img")]
    drawn = [way.answer_way_diagram(), house.house_diagram()]
    assert told == [figure.text_alternative for figure in drawn]
    assert "No arrow leads upwards." in told[1]


def test_the_largest_room_is_grading_and_its_lines_are_those_of_the_code(article):
    rooms = {room.name: len(house.held(room.name)) for room in house.ROOMS}
    assert max(rooms, key=rooms.get) == "grading"
    rows = rows_of(article, "The modules of grading")
    assert [row[1].split(", ") for row in rows] == house.storeys("grading")
    assert [row[0] for row in rows] == [str(n) for n in range(1, len(rows) + 1)]
    for name in ("sandbox", "cells", "gradebook"):  # that know nothing of each other, says the text
        assert name in rows[0][1].split(", ")
    level = {name: at for at, row in enumerate(rows) for name in row[1].split(", ")}
    assert level["sandbox"] < level["grade"] < level["batch"]


def test_every_module_is_in_the_tables_with_its_own_first_line(article):
    for room in house.ROOMS:
        modules = house.held(room.name)
        if modules:
            rows = rows_of(article, f"The room {room.name}")
            names = [name.removeprefix(f"{room.name}.") for name in modules]
            assert [row[0] for row in rows] == names
            for (_, line), path in zip(rows, modules.values(), strict=True):
                assert len(line.split()) >= 3
                assert line == house.first_sentence(path).replace("`", "").strip()


def test_no_output_shows_where_the_book_was_built(article):
    text = unescape(str(article))
    assert str(ROOT) not in text
    assert not re.search(r"/tmp/|/home/", text)


def test_contributing_is_there_and_speaks_of_the_same_mistake():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert '"shape-lost"' in text
    answer = re.search(r"^def relu\(z\):\n.*?\n(?=```)", text, re.DOTALL | re.MULTILINE)[0]
    assert answer in SOURCE


def rows_of(article: BeautifulSoup, caption: str) -> list[list[str]]:
    (table,) = [t for t in article.select("table") if t.caption and t.caption.string == caption]
    return [
        [cell.get_text().strip() for cell in row.select("th, td")]
        for row in table.select("tbody tr")
    ]
