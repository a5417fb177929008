"""The page about the class: its counts are those that were made, and nobody's text can do harm."""

import html
import json
import os
import random
import re
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup
from click.testing import CliRunner

from dlbook import cli
from dlbook.exercises import key
from dlbook.exercises.samples import answers
from dlbook.grading import files, forms, lookalikes, report, tables
from dlbook.grading.grade import Graded, not_graded
from dlbook.grading.gradebook import Gradebook, Work
from dlbook.grading.intake import Problem
from dlbook.grading.marks import Result
from dlbook.grading.overrides import Word

sys.path.insert(0, str(Path(__file__).parent))
from grading import ROOT, graded, needs_a_sandbox, notebook
from pages import visit

ASKED = key.questions("layers")
STUDENTS = [
    f"{given} {family}{n}" for n in range(3) for given in "ABCDEFGHIJ" for family in "KLMNOPQRST"
]
SECRETS = ("2077-id", "folder of secrets", "essay by Zed Zander.ipynb", "Zed Zander", "/home/zed")


def row(question: str, outcome: str = "correct", mistake: str = "", **others) -> Result:
    """Return a result as the grader makes one."""
    asked = key.question(question)
    known = next((m for m in asked.mistakes if m.id == mistake), None)
    wrong = outcome != "correct"
    read = str((known and known.read) or asked.read) if wrong else ""
    return Result(
        question, 0 if wrong else asked.points, asked.points, outcome, mistake, "m", "f",
        title=known.title if known else "", says=known.says if known else "", read=read, **others,
    )  # fmt: skip


def work(student: str, digest: str = "one") -> Work:
    return Work(student, "2077-id", "folders", digest, False, None)


def drawn(rng: random.Random) -> list[Result]:
    """Return one student's results: known mistakes, errors, and questions left out."""
    rows = []
    for question in ASKED.values():
        outcome = rng.choices(
            ["correct", "incorrect", "error", "timed out", "not attempted"], [6, 4, 1, 0.3, 1]
        )[0]
        named = outcome == "incorrect" or (outcome == "error" and rng.random() < 0.5)
        chosen = question.mistakes[min(int(rng.expovariate(0.7)), len(question.mistakes) - 1)]
        rows.append(row(question.id, outcome, chosen.id if named else ""))
    return rows


@pytest.fixture(scope="module")
def made() -> dict[str, list[Result]]:
    rng = random.Random(300)
    return {student: drawn(rng) for student in STUDENTS}


@pytest.fixture(scope="module")
def book(made, tmp_path_factory):
    """A class of 300, of which somebody handed in an essay and somebody a damaged file."""
    with Gradebook(tmp_path_factory.mktemp("class") / "g.sqlite") as book:
        run = book.begin(seed=5)
        for at, (student, rows) in enumerate(made.items()):
            notes = ["Cell 3 of folder of secrets was repaired."] if at % 50 == 0 else []
            book.record(run, work(student), [Graded("layers", rows, notes, float(at))])
        essay = not_graded("essay by Zed Zander.ipynb", "/home/zed/essay by Zed Zander is a PDF.")
        book.record(run, work("Zed Zander"), [essay])
        cut = not_graded("layers.ipynb", "It is cut off.")
        book.record(run, work("Cut Off"), [cut])
        problems = [Problem("Nobody Known", "folder of secrets/x.zip", "It is empty: /home/zed."),
                    Problem("", "folder of secrets/y.zip", "Whose is it?")]  # fmt: skip
        book.set_problems(run, problems)
        book.finish(run)
        yield book


@pytest.fixture(scope="module")
def page(book) -> BeautifulSoup:
    return BeautifulSoup(report.report_page(book, book.last_run()), "html.parser")


def section(page: BeautifulSoup, name: str) -> BeautifulSoup:
    return page.find(id=name).find_parent("section")


def rows_of(page: BeautifulSoup, name: str, at: int = 0) -> list[list[str]]:
    table = section(page, name).select("table")[at]
    return [
        [cell.get_text(" ", strip=True) for cell in line.select("th, td")]
        for line in table.select("tbody tr")
    ]


# --- A class of 300 with known mistakes -----------------------------------------------------------


def test_the_headline_counts_students_and_takes_mean_and_median_of_those_with_marks(page, made):
    tiles = [dd.get_text() for dd in page.select(".tiles > div > dd:nth-of-type(1)")]
    most = sum(q.points for q in ASKED.values())
    marks = sorted(100 * sum(r.points for r in rows) / most for rows in made.values())
    mean, median = sum(marks) / 300, (marks[149] + marks[150]) / 2
    assert tiles == ["303", f"{mean:.0f}\xa0%", f"{median:.0f}\xa0%", "4"]


def test_the_plot_shows_every_mark_and_says_so_in_words(page, made):
    most = sum(q.points for q in ASKED.values())
    steps = Counter(
        min(10 * sum(r.points for r in rows) // most, 9) for rows in made.values()
    )  # fmt: skip
    table = [int(cells[1]) for cells in rows_of(page, "marks")]
    assert table == [steps[at] for at in range(10)]
    plot = section(page, "marks").select_one("svg.plot")
    for at, count in steps.items():
        upper = "100" if at == 9 else f"under {10 * at + 10}"
        assert f"{count} from {10 * at} to {upper}" in plot["aria-label"]
    heights = [float(bar["height"]) for bar in plot.select("rect")]
    assert heights == pytest.approx([150 * n / max(table) for n in table], abs=0.06)


def test_each_question_has_the_counts_that_were_made(page, made):
    shown = {cells[0]: cells for cells in rows_of(page, "questions")}
    bars = section(page, "questions").select("tbody svg.stack")
    assert list(shown) == list(ASKED)
    for question, bar in zip(ASKED, bars, strict=True):
        counts = Counter(
            r.outcome for rows in made.values() for r in rows if r.question == question
        )
        counts["not graded"] += 1  # the damaged file
        assert [int(n or 0) for n in shown[question][3:]] == [counts[o] for o in tables.OUTCOMES]
        assert shown[question][2] == f"{100 * counts['correct'] / 301:.0f}\xa0%"
        widths = [float(part["width"].rstrip("%")) for part in bar.select("rect")]
        wanted = [100 * counts[o] / 301 for o in tables.OUTCOMES if counts[o]]
        assert widths == pytest.approx(wanted, abs=0.006)


def test_the_mistakes_are_those_that_were_made_by_whom_and_the_most_frequent_first(page, made):
    wanted = defaultdict(set)
    for student, rows in made.items():
        for r in rows:
            if r.mistake:
                wanted[r.question, r.mistake].add(student)
    lines = section(page, "mistakes").select("tr[data-mistake]")
    shown = {}
    for line in lines:
        place = line["data-question"], line["data-mistake"]
        mistake = next(m for m in ASKED[place[0]].mistakes if m.id == place[1])
        cells = line.select("td")
        shown[place] = int(cells[0].strong.get_text())
        assert cells[1].strong.get_text() == mistake.title
        assert cells[3].get_text() == str(mistake.read or ASKED[place[0]].read)
        people = [name.get_text() for name in cells[1].select(".names li")]
        named = {name for name in people if not name.startswith("and ")}
        assert named <= wanted[place]
        missing = len(wanted[place]) - len(named)
        assert people[len(named) :] == ([f"and {missing} more"] if missing else [])
        assert not missing or len(named) == 40
    assert shown == {place: len(who) for place, who in wanted.items()}
    assert list(shown.values()) == sorted(shown.values(), reverse=True)


def test_the_sections_to_go_over_again_count_students_and_not_answers(page, made):
    wanted = defaultdict(set)
    for student, rows in made.items():
        for r in rows:
            if r.outcome in ("incorrect", "error", "timed out"):
                wanted[r.read].add(student)
    shown = [
        (re.sub(r" \d+$", "", line.get_text(" ", strip=True)), int(line.strong.get_text()))
        for line in section(page, "mistakes").select(".sections li")
    ]
    assert dict(shown).items() <= {where: len(who) for where, who in wanted.items()}.items()
    assert [n for _, n in shown] == sorted(map(len, wanted.values()), reverse=True)[:5]


def test_who_got_nowhere_is_told_apart_from_who_has_few_points(tmp_path):
    questions = list(ASKED)
    rows = {
        "idle": [row(q, "not attempted") for q in questions],
        "broken": [row(questions[0], "error"), row(questions[1], "timed out"),
                   *(row(q, "not attempted") for q in questions[2:])],
        "lost": [row(q, "not graded") for q in questions],
        "weak": [row(q, "incorrect") for q in questions],
        "good": [row(q) for q in questions], "fine": [row(q) for q in questions],
    }  # fmt: skip
    with Gradebook(tmp_path / "g.sqlite") as book:
        run = book.begin()
        for student, own in rows.items():
            book.record(run, work(student), [Graded("layers", own, [])])
        relu = [Graded("neuron", [row("neuron-relu")], [])]
        book.record(run, work("good", "two"), relu)
        page = BeautifulSoup(report.report_page(book, run), "html.parser")
    shown = {cells[0]: cells[1:] for cells in rows_of(page, "help")}
    assert shown == {
        "idle": ["layers", "", "", "neuron", "2"], "broken": ["", "layers", "", "neuron", "2"],
        "lost": ["", "", "layers", "neuron", "2"], "weak": ["", "", "", "neuron", "1"],
        "fine": ["", "", "", "neuron", "1"],
    }  # fmt: skip
    assert [cells[0] for cells in rows_of(page, "help", 1)] == ["weak"]
    most = sum(q.points for q in ASKED.values()) + 1
    assert rows_of(page, "everybody")[2][1:4] == [str(most - 1), "1", str(most)]


def test_time_and_what_was_repaired_or_lost_are_told(page):
    assert rows_of(page, "time") == [
        ["layers", "2\xa0min 29\xa0s", "4\xa0min 59\xa0s", STUDENTS[-1]]
    ]
    lost = {tuple(cells) for cells in rows_of(page, "lost")}
    assert ("Cut Off", "layers", "It is cut off.") in lost
    assert ("Nobody Known", "", "It is empty: /home/zed.") in lost
    assert len(lost) == 4
    assert len(section(page, "lost").select("dl.notes dt")) == 6 + 2


def test_a_long_list_ends_with_how_many_are_left_out(tmp_path):
    with Gradebook(tmp_path / "g.sqlite") as book:
        run = book.begin()
        for at in range(600):
            book.record(run, work(f"s{at:04}"), [Graded("neuron", [row("neuron-relu")], [])])
        page = BeautifulSoup(report.report_page(book, run), "html.parser")
    assert len(rows_of(page, "everybody")) == 500
    assert "And 100 more: all are in grades.csv." in section(page, "everybody").get_text()


# --- Since last time ------------------------------------------------------------------------------


def test_marks_that_moved_are_shown_with_how_much_and_why_and_still_after_a_quiet_run(tmp_path):
    with Gradebook(tmp_path / "g.sqlite") as book:
        first = book.begin()
        old = [row("neuron-relu", "incorrect"), row("neuron-sigmoid"), row("neuron-neuron")]
        for student in ("ada", "bob", "eve"):
            book.record(first, work(student), [Graded("neuron", old, [])])
        book.finish(first)
        before = BeautifulSoup(report.report_page(book, first), "html.parser")
        assert "nothing to compare with" in section(before, "moved").get_text()
        second = book.begin()
        again = [row("neuron-relu"), row("neuron-sigmoid"), row("neuron-neuron", "error")]
        book.record(second, work("ada", "two"), [Graded("neuron", again, [])])
        other = [row("neuron-relu", "incorrect"), row("neuron-sigmoid"), row("neuron-relu-slope")]
        book.record(second, work("bob"), [Graded("neuron", other, [])])
        book.finish(second)
        page = BeautifulSoup(report.report_page(book, second), "html.parser")
        quiet = book.begin()
        later = BeautifulSoup(report.report_page(book, quiet), "html.parser")
        drawn = BeautifulSoup(report.report_page(book, quiet, anonymous=True), "html.parser")
    relu, neuron = (key.question(f"neuron-{q}").points for q in ("relu", "neuron"))
    sums = [str(sum(r.points for r in rows)) for rows in (old, again, other)]
    reasons = [h.get_text() for h in section(page, "moved").select("h3")]
    assert reasons == ["Why: handed in something else", "Why: the question is no longer asked",
                       "Why: the question is new"]  # fmt: skip
    (ada,) = rows_of(page, "moved", 0)
    assert ada[0] == "ada"
    assert ada[2:4] == [sums[0], sums[1]]
    assert f"neuron-relu 0\xa0→\xa0{relu}" in ada[4]
    assert f"neuron-neuron {neuron}\xa0→\xa00" in ada[4]
    (bob,), (also,) = rows_of(page, "moved", 1), rows_of(page, "moved", 2)
    assert (bob[0], bob[1]) == ("bob", f"−{neuron}")
    assert (also[1], also[3]) == (f"+{key.question('neuron-relu-slope').points}", sums[2])
    assert "In this run" in section(page, "moved").get_text()
    assert "eve" not in section(page, "moved").get_text()
    told = section(later, "moved").get_text()
    assert re.search(r"This time \(\d{4}-\d\d-\d\d \d\d:\d\d UTC\) no mark has moved", told)
    assert rows_of(later, "moved", 0) == [ada]
    assert "handed in something else" in section(drawn, "moved").get_text()


def test_points_that_a_teacher_set_are_shown_with_those_of_the_machine(tmp_path):
    with Gradebook(tmp_path / "g.sqlite") as book:
        run = book.begin()
        wrong = Graded("neuron", [row("neuron-relu", "incorrect"), row("neuron-sigmoid")], [])
        book.record(run, work("ada"), [wrong])
        book.override([Word("ada", "neuron", "neuron-relu", 0.5, "half right")], "Ms Noether")
        page = BeautifulSoup(report.report_page(book, run), "html.parser")
        drawn = report.report_page(book, run, anonymous=True)
    (cells,) = rows_of(page, "moved")
    assert cells[:5] == ["ada", "neuron-relu", "0", "0.5", "Ms Noether"]
    assert rows_of(page, "everybody")[0][2] == f"{key.question('neuron-sigmoid').points + 0.5:g}"
    assert "Noether" not in drawn
    assert "half right" not in drawn


# --- Look-alikes ----------------------------------------------------------------------------------

LOSS = """def cross_entropy(probabilities, labels):
    # {} wrote this
    {p} = np.clip(probabilities, 1e-12, None)
    {n} = len(labels)
    {total} = 0.0
    for {i} in range({n}):
        {total} = {total} - np.log({p}[{i}, labels[{i}]]) / {n}
    return float({total})"""


def loss(student: str, letters: str) -> str:
    return LOSS.format(student, **dict(zip(("p", "n", "total", "i"), letters, strict=True)))


def with_answers(book, run, student: str, **texts: str) -> None:
    found = {f"layers-{q.replace('_', '-')}": text for q, text in texts.items()}
    rows = [row(question) for question in found]
    own = [forms.written(question, [text]) for question, text in found.items()]
    assert None not in own
    book.record(run, work(student), [Graded("layers", rows, [], answers=own)])


@pytest.fixture
def alike(tmp_path):
    """Ada and Bob wrote the same, Eve the book's solution, and all the same short line."""
    solution = forms._solutions("layers")["layers-cross-entropy"][0]
    other = next(a.text for a in answers("layers-cross-entropy") if a.outcome == "correct")
    short = "def predict(probabilities):\n    return np.argmax(probabilities, axis=1)"
    with Gradebook(tmp_path / "g.sqlite") as book:
        run = book.begin(seed=1)
        with_answers(book, run, "Ada", cross_entropy=loss("Ada", "abcd"), predict=short)
        with_answers(book, run, "Bob", cross_entropy=loss("Bob", "wxyz"), predict=short)
        with_answers(book, run, "Eve", cross_entropy=solution, predict=short)
        with_answers(book, run, "Max", cross_entropy=other, predict=short)
        yield book, run


def test_answers_that_look_alike_are_shown_side_by_side_and_short_ones_left_out(alike):
    page = BeautifulSoup(report.report_page(*alike), "html.parser")
    shown = {
        tuple(name.get_text() for name in group.select(".names li")): group
        for group in section(page, "alike").select("article")
    }
    assert set(shown) == {("Ada", "Bob"), ("Eve",)}
    texts = [pre.get_text() for pre in shown["Ada", "Bob"].select("pre")]
    assert texts == [loss("Ada", "abcd"), loss("Bob", "wxyz")]
    assert "Letter for letter" not in shown["Ada", "Bob"].get_text()
    assert "the book’s own solution" in shown["Eve",].get_text()
    assert rows_of(page, "alike") == [["layers-predict", "short", "4", ""]]
    assert "That proves nothing" in section(page, "alike").get_text()


def test_what_a_third_of_the_class_writes_says_nothing(tmp_path):
    with Gradebook(tmp_path / "g.sqlite") as book:
        run = book.begin()
        for at in range(20):
            text = loss(f"s{at}", "abcd")
            own = text if at < 8 else text.replace("0.0", f"{at}.0")
            own = own if at < 18 else text.replace("0.0", "99.0")
            with_answers(book, run, f"s{at}", cross_entropy=own)
        found = {one.count: one.why_not for one in lookalikes.alike(book)}
    assert found == {8: "common", 2: ""}


def test_a_notebook_that_is_graded_again_leaves_no_old_answer(alike):
    book, run = alike
    with_answers(book, run, "Bob", predict="def predict(p):\n    return p.argmax(axis=1)")
    left = [(one.question, one.count) for one in lookalikes.alike(book) if one.count > 1]
    assert left == [("layers-predict", 3)]


def test_a_gradebook_from_before_there_were_forms_opens_and_says_that_it_has_none(tmp_path):
    path = tmp_path / "g.sqlite"
    with Gradebook(path) as book:
        run = book.begin()
        book.record(run, work("ada"), [Graded("neuron", [row("neuron-relu")], [])])
        book.file.executescript("DROP TABLE answer; DROP TABLE time_used;")
    with Gradebook(path) as book:
        page = report.report_page(book, book.last_run())
    assert "holds no answers to compare" in page


# --- Whatever the names, and without them ---------------------------------------------------------

BAD = [
    "<script>alert(1)</script>", '"><img src=x onerror=y>', "\u202eevil\u2066", "\x1b[31m",
    "</style>", "x" * 500, "{{ 7 * 7 }}", "&amp;", "' onclick='y", "",
]  # fmt: skip


@pytest.fixture(scope="module")
def hostile(tmp_path_factory) -> str:
    text = "def predict(probabilities):\n    '</pre><script>alert(2)</script>'\n    return 1\n"
    with Gradebook(tmp_path_factory.mktemp("bad") / "g.sqlite") as book:
        first, run = book.begin(seed=3), None
        for points in ("correct", "incorrect"):
            run = run or first
            for name in BAD:
                rows = [row("layers-predict", points, finding=name, yours=name, printed=name)]
                long = forms.written("layers-predict", [text + "    # " + name.split("\n")[0]])
                own = [long] if long else []
                one = Graded("layers", rows, [name, name], answers=own)
                book.record(run, work(name, points), [one, not_graded(f"{name}.ipynb", name)])
        book.set_problems(run, [Problem(name, name, name) for name in BAD])
        return report.report_page(book, run)


def test_text_from_outside_is_text_in_the_report(hostile):
    assert hostile.count("<script") == 1
    assert hostile.count("</style>") == 1
    for forbidden in ("<img", "onerror=y>", "\u202e", "\u2066", "\x1b", ">49<"):
        assert forbidden not in hostile
    page = BeautifulSoup(hostile, "html.parser")
    assert {name for tag in page.find_all() for name in tag.attrs if name.startswith("on")} == set()
    assert "<script>alert(1)</script>" in page.get_text()
    assert page.get_text().count("{{ 7 * 7 }}") > 1


def test_the_one_script_is_allowed_by_its_hash_and_no_other(browser, hostile, tmp_path):
    policy = BeautifulSoup(hostile, "html.parser").find("meta", {"http-equiv": True})["content"]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-")
    assert "unsafe-inline" not in policy.split("script-src")[1]
    path = tmp_path / "report.html"
    path.write_text(hostile.replace("</main>", "<script>document.title = 'caught'</script></main>"))
    with visit(browser, path, tmp_path) as opened:
        assert opened.page.title() == "The class"
        assert opened.page.locator("th button").count() > 10
        assert opened.outside() == []
        assert opened.page.evaluate("document.documentElement.scrollWidth") <= 390


def test_without_names_nobody_is_to_be_known_again(book, made):
    page = report.report_page(book, book.last_run(), anonymous=True)
    text = BeautifulSoup(page, "html.parser").get_text(" ")
    for secret in (*SECRETS, "Zed", "Cut Off", "Nobody Known", "y.zip"):
        assert secret not in page
    assert [name for name in STUDENTS if re.search(rf"\b{name}\b", text)] == []
    everybody = rows_of(BeautifulSoup(page, "html.parser"), "everybody")
    assert [cells[0] for cells in everybody] == [f"Student {at}" for at in range(1, 304)]
    most = [cells[1] for cells in everybody]
    named = [cells[1] for cells in rows_of(BeautifulSoup(report.report_page(book, book.last_run()),
                                                         "html.parser"), "everybody")]  # fmt: skip
    assert Counter(most) == Counter(named)
    assert most != named  # not in the order of the alphabet
    assert page == report.report_page(book, book.last_run(), anonymous=True)


def test_without_names_no_answer_is_shown(alike):
    page = report.report_page(*alike, anonymous=True)
    for secret in ("Ada", "Bob", "Max", "wrote this", "np.clip"):
        assert secret not in page
    groups = section(BeautifulSoup(page, "html.parser"), "alike").select("article")
    assert len(groups) == 2


def test_an_empty_gradebook_makes_a_page(tmp_path):
    with Gradebook(tmp_path / "g.sqlite") as book:
        assert "There are no marks yet" in report.report_page(book, book.begin())


# --- In a browser ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def file(book, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(report.report_page(book, book.last_run()), encoding="utf-8")
    return path


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 320)])
def test_axe_finds_no_fault_and_nothing_is_wider_than_the_page(browser, file, theme, width):
    with visit(browser, file, file.parent, width=width, color_scheme=theme) as opened:
        opened.page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
        opened.rest()
        found = Axe().run(opened.page).response["violations"]
        assert [(v["id"], [n["target"] for n in v["nodes"][:3]]) for v in found] == []
        assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
        assert opened.errors == []
        assert opened.outside() == []


def test_a_table_is_sorted_by_keyboard_and_says_so(browser, file, page):
    before = rows_of(page, "questions")
    with visit(browser, file, file.parent, width=1280) as opened:
        head = opened.page.locator("#questions ~ .wide th", has_text="Right")
        head.locator("button").focus()
        orders = []
        for key_pressed in ("Enter", "Space"):
            opened.page.keyboard.press(key_pressed)
            told = head.get_attribute("aria-sort")
            shown = opened.page.locator("#questions ~ .wide tbody th").all_inner_texts()
            orders.append((told, shown))
        assert opened.page.evaluate("document.activeElement.tagName") == "BUTTON"
    right = {cells[0]: int(cells[3]) for cells in before}
    (down, most_first), (up, least_first) = orders
    assert (down, up) == ("descending", "ascending")
    assert [right[q] for q in most_first] == sorted(right.values(), reverse=True)
    assert [right[q] for q in least_first] == sorted(right.values())
    assert set(most_first) == set(ASKED)


def test_a_link_stays_within_a_page_that_is_shown_in_a_frame(browser, file, tmp_path):
    text = html.escape(file.read_text(encoding="utf-8"))
    outer = tmp_path / "outer.html"
    outer.write_text(f'<title>Outer</title><iframe srcdoc="{text}"></iframe>', encoding="utf-8")
    with visit(browser, outer, tmp_path, width=1280) as opened:
        inner = opened.page.frames[1]
        inner.locator("nav a", has_text="Mistakes").click()
        inner.wait_for_function("document.activeElement.id === 'mistakes' && scrollY > 500")
        assert inner.url == "about:srcdoc"


def test_without_scripts_all_is_there_in_its_order(browser, file, page):
    context = browser.new_context(java_script_enabled=False)
    opened = context.new_page()
    opened.goto(file.as_uri())
    shown = opened.locator("#questions ~ .wide tbody th").all_inner_texts()
    assert shown == [cells[0] for cells in rows_of(page, "questions")]
    assert opened.locator("th button").count() == 0
    context.close()


# --- From notebooks to the page -------------------------------------------------------------------


def test_what_was_written_comes_out_of_grading_with_its_form():
    needs_a_sandbox()
    answer = loss("me", "abcd").replace("cross_entropy", "softmax")
    broken, stub = "def dense(x, weights, bias)\n    return x", "def predict(p):\n    pass"
    done = graded(notebook("layers", dense=broken, predict=stub, softmax=answer))
    own = {answer.question: answer for answer in done.answers}
    assert set(own) == {f"layers-{q}" for q in ("softmax", "cross-entropy", "count-parameters",
                                                "forward")}  # fmt: skip
    assert [q for q, answer in own.items() if not answer.is_reference] == ["layers-softmax"]
    assert own["layers-softmax"].text.splitlines()[1] == "    # me wrote this"
    assert own["layers-forward"].text.startswith("def forward(x, layers):")


def test_a_class_is_graded_without_names_in_its_report(tmp_path):
    needs_a_sandbox()
    for student in ("Zed Zander", "Ada Alder"):
        path = tmp_path / "in" / student / "neuron.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(notebook()), encoding="utf-8")
    (tmp_path / "in" / "Ada Alder" / "Ada's essay.pdf").write_bytes(b"%PDF")
    done = subprocess.run(
        [sys.executable, "-m", "dlbook.cli", "grade", "in", "--out", "out", "--anonymous",
         "--workers", "1"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert done.returncode in (0, 3), done.stderr
    assert "Zed Zander" in (tmp_path / "out" / "grades.csv").read_text(encoding="utf-8")
    assert not re.search("Zed|Zander|Ada|Alder|essay", page)
    assert "Student 2" in page
    assert "the book’s own solution" in page


# --- At the command line --------------------------------------------------------------------------


def test_the_report_is_written_anew_without_grading(tmp_path):
    with Gradebook(tmp_path / "gradebook.sqlite") as book:
        run = book.begin()
        book.record(run, work("Zed Zander"), [Graded("neuron", [row("neuron-relu")], [])])
        book.finish(run)
    command = ["marks", "report", "--from", str(tmp_path)]
    done = CliRunner().invoke(cli.main, command)
    assert done.exit_code == 0, done.output
    path = tmp_path / "report.html"
    assert str(path) in done.output
    assert "Zed Zander" in path.read_text(encoding="utf-8")
    path.write_text("my notes", encoding="utf-8")
    done = CliRunner().invoke(cli.main, [*command, "--anonymous"])
    assert "had been changed by hand; it is kept" in done.output
    assert "Zed" not in path.read_text(encoding="utf-8")
    assert [p.read_text() for p in tmp_path.glob("report kept*")] == ["my notes"]
    with files.opened(tmp_path) as (book, run):
        files.write_all(tmp_path, book, run)  # as after a teacher's last word
        assert "Zed" not in path.read_text(encoding="utf-8")
        files.write_all(tmp_path, book, run, anonymous=False)
        assert "Zed" in path.read_text(encoding="utf-8")


def test_a_folder_without_marks_is_told_and_left_as_it_is(tmp_path):
    done = CliRunner().invoke(cli.main, ["marks", "report", "--from", str(tmp_path / "no")])
    assert done.exit_code == 2
    assert "holds no gradebook.sqlite" in done.output
    assert not (tmp_path / "no").exists()
    (tmp_path / "gradebook.sqlite").write_text("my diary")
    done = CliRunner().invoke(cli.main, ["marks", "report", "--from", str(tmp_path)])
    assert done.exit_code == 1
    assert "can't be used" in done.output
