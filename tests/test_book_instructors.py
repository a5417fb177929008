"""The page for instructors: its commands are real, and what it prints is what is known."""

import csv
import re
from collections import Counter
from html import unescape
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from dlbook import cli
from dlbook.exercises import key
from dlbook.grading import command, demo, forms, tables
from dlbook.grading.sandbox import Limits

ROOT = Path(__file__).parents[1]
SOURCE = (ROOT / "book" / "instructors.md").read_text(encoding="utf-8")
PYTEST_OWN = {"--junitxml", "--dist"}  # pytest's, and pytest-xdist's
NBVAL_OWN = {"--nbval", "--nbval-kernel-name"}
DASK_OWN = {"--nworkers", "--nthreads", "--no-dashboard", "--tls-ca-file", "--tls-cert",
            "--tls-key"}  # fmt: skip
pytestmark = pytest.mark.book


@pytest.fixture(scope="module")
def article(html) -> BeautifulSoup:
    page = (html / "book" / "instructors.html").read_text(encoding="utf-8")
    return BeautifulSoup(page, "html.parser").select_one("article")


@pytest.fixture(scope="module")
def outputs(article) -> list[str]:
    return [output.get_text().strip() for output in article.select(".cell_output")]


@pytest.fixture(scope="module")
def graded(outputs) -> list[str]:
    """What the two runs of `dlbook grade` printed."""
    if any("could not be graded where this page was built" in text for text in outputs):
        pytest.skip("this page was built on a system that can't grade: no marks to compare")
    return [text for text in outputs if "$ dlbook grade" in text]


@pytest.fixture(scope="module")
def made(outputs, tmp_path_factory) -> list[demo.Made]:
    """What is in the class that the page made, with the words of the command on the page."""
    typed = re.search(r"^\$ dlbook demo \S+ --layout (\w+) --notebook (\w+)$", outputs[1], re.M)
    folder = tmp_path_factory.mktemp("instructors") / "class"
    return demo.make(folder, ROOT / "exercises", [typed[2]], typed[1])


# --- Commands ---------------------------------------------------------------------------------


def test_every_command_of_the_page_is_one_that_there_is(article):
    lines = commands_in(article)
    assert {"demo", "grade", "marks"} == {line.split()[1] for line in lines}
    for line in lines:
        name, *words = line.split()[1:]
        command = cli.main.commands[name]
        command = command.commands[words[0]] if name == "marks" else command
        known = {o for p in command.params for o in p.opts}
        assert {word for word in words if word.startswith("--")} <= known, line


def test_every_option_of_the_page_is_one_that_there_is():
    commands = [cli.main.commands["grade"], cli.main.commands["demo"]]
    commands += cli.main.commands["marks"].commands.values()
    ours = {o for command in commands for p in command.params for o in p.opts}
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", SOURCE))
    pytests = {option for option in named if option.startswith("--dlbook-")}
    pytests |= PYTEST_OWN | NBVAL_OWN | DASK_OWN
    docker_and_others = {"--security-opt"}
    assert named - ours - pytests - docker_and_others == set()


def test_every_option_of_grade_is_explained_in_the_table(article):
    rows = rows_of(article, "Option")
    told = {row[0].split()[0] for row in rows}
    assert told == {p.opts[0] for p in cli.main.commands["grade"].params if p.opts[0][0] == "-"}


def test_every_option_of_late_is_explained_in_its_table(article):
    told = {row[0].split()[0] for row in rows_of(article, "Say")}
    there = {p.opts[0] for p in cli.main.commands["marks"].commands["late"].params}
    assert told == there - {"--from", "--by"}


def test_the_options_of_pytest_are_those_of_the_plugin():
    plugin = pytest.importorskip("dlbook.grading.pytest_plugin")
    there = Path(plugin.__file__).read_text(encoding="utf-8")
    named = set(re.findall(r"--dlbook-[a-z-]+", SOURCE))
    assert "--dlbook-grade" in named
    assert {option for option in named if f'"{option}"' not in there} == set()


def test_every_exit_status_is_named(article):
    rows = dict(rows_of(article, "Exit status"))
    assert set(rows) == {"0", "1", "2", "3"}
    told = " ".join(cli.main.commands["grade"].help.split())
    assert "0 all is graded; 3 something could not be graded, and the rest was; 2 wrong" in told
    assert rows["0"] == "all is graded"
    assert rows["3"] == "something could not be graded, and the rest was"
    assert rows["2"].startswith("wrong usage")
    assert rows["1"].startswith("nothing was graded")


# --- Files ------------------------------------------------------------------------------------


def test_every_file_of_the_results_is_in_the_table_and_no_other(article):
    told = {row[0] for row in rows_of(article, "File")}
    assert told == {*command.OWN, "feedback/", "gradebook.sqlite"}


def test_every_column_and_outcome_of_the_marks_is_told(article):
    rows = rows_of(article, "Column")
    assert ", ".join(row[0] for row in rows) == ", ".join(tables.COLUMNS)
    outcomes = next(row[1] for row in rows if row[0] == "outcome")
    assert re.split(", | or ", outcomes) == list(tables.OUTCOMES)
    exercises = next(row[1] for row in rows if row[0] == "notebook")
    assert re.findall(r"\w+", exercises.split(":")[1].replace(" or", "")) == list(key.notebooks())


def test_only_one_question_has_points_in_between(article):
    partly = [q.id for q in key.questions().values() if q.partial is not None]
    points = next(row[1] for row in rows_of(article, "Column") if "max_points" in row[0])
    assert points.endswith(f"only {' '.join(partly)} has points in between")


def test_no_output_shows_where_the_book_was_built(article):
    text = unescape(str(article))
    assert str(ROOT) not in text
    assert not re.search(r"/tmp/|/home/|_build/class-", text)


# --- Marks ------------------------------------------------------------------------------------


def test_the_marks_on_the_page_are_those_that_the_class_was_made_with(graded, outputs, made):
    most = sum(key.question(one.question).points for one in made)
    counted = next(text for text in outputs if " points\n" in text)
    first, *lines = counted.splitlines()
    assert first == f"{sum(one.points for one in made)} of {most} points"
    counts = {name: int(count) for count, name in (line.split(None, 1) for line in lines)}
    assert counts == Counter(one.outcome for one in made)


def test_the_summary_of_the_run_says_the_same(graded, made):
    students = {one.student for one in made}
    assert f"{len(students)} students graded." in graded[0]
    row = re.search(rf"^ *{made[0].notebook} +(.+)$", graded[0], re.M)[1].split()
    counts = Counter(one.outcome for one in made)
    mean = sum(one.points for one in made) / len(students)
    assert row[:2] == [str(len(students)), f"{mean:.1f}"]
    assert row[4:] == [str(counts[outcome]) for outcome in tables.OUTCOMES]
    assert "exit status: 3" in graded[0]


def test_the_most_frequent_mistakes_are_those_that_were_made(graded, made):
    told = re.findall(r"^ +(\d+) +(\S+) +(\S+)$", graded[0].split("most frequent")[1], re.M)
    counts = Counter((one.question, one.mistake) for one in made if one.mistake)
    assert len(told) == min(10, len(counts))
    assert {(q, m): int(n) for n, q, m in told}.items() <= counts.items()
    assert [int(n) for n, _, _ in told] == [n for _, n in counts.most_common(10)]


def test_the_second_run_grades_the_one_who_handed_in_anew(graded, made):
    lost = [one for one in made if one.outcome == "not graded"]
    assert "1 student graded, 24 students as before." in graded[1]
    assert f"Marks that moved: {len(lost)}." in graded[1]
    for one in lost:
        points = key.question(one.question).points
        assert re.search(rf"{one.student} +{one.question} +0 -> {points} ", graded[1])


def test_the_figure_says_how_many_got_each_question_right(graded, article, made):
    words = article.select("img")[-1]["alt"]
    for question in key.questions(made[0].notebook):
        right = sum(one.outcome == "correct" for one in made if one.question == question)
        assert f"{question}: {right} right, " in words


def test_the_question_to_begin_with_is_the_one_that_is_wrong_most_often(made):
    named = re.search(r"Here `(\w+)` is the question to begin with", SOURCE)[1]
    wrong = Counter(o.question for o in made if o.outcome in ("incorrect", "error", "timed out"))
    (first, most), (_, next_most) = wrong.most_common(2)
    assert key.question(first).name == named
    assert most > next_most


def test_one_student_of_the_class_wrote_an_endless_loop(made):
    assert Counter(one.outcome for one in made)["timed out"] == 1
    assert "One student has written an endless loop" in SOURCE


def test_chidis_page_is_shown_and_his_mistake_costs_its_points_once(graded, article, made):
    frames = {frame["title"]: unescape(frame["srcdoc"]) for frame in article.select("iframe")}
    page = BeautifulSoup(frames["The feedback for Chidi C."], "html.parser")
    own = [one for one in made if one.student == "cchidi"]
    most = sum(key.question(one.question).points for one in own)
    score = f"{sum(one.points for one in own)} of {most} points"
    assert page.select_one(".score").get_text() == score
    last = page.select("article")[-1].get_text()
    assert "With a right dense and softmax it works, so forward gets its points." in last
    report = BeautifulSoup(frames["The report about the class"], "html.parser")
    lost = next(one.student for one in made if one.outcome == "not graded")
    sums = [cells[-3] for cells in _cells(report, "everybody")]
    assert sum(map(int, sums)) == sum(one.points for one in made)
    assert lost in report.find(id="lost").find_parent("section").get_text()


def test_the_report_on_the_page_has_the_classs_mistakes_by_name(graded, article, made):
    frames = {frame["title"]: unescape(frame["srcdoc"]) for frame in article.select("iframe")}
    report = BeautifulSoup(frames["The report about the class"], "html.parser")
    shown = {
        (line["data-question"], line["data-mistake"]): int(line.select_one("td strong").get_text())
        for line in report.select("tr[data-mistake]")
    }
    assert shown == Counter((one.question, one.mistake) for one in made if one.mistake)


def test_the_two_answers_on_the_page_have_one_form():
    one, other = re.findall(r"```python\n(def accuracy.*?)```", SOURCE, re.DOTALL)
    found = {forms.written("training-accuracy", [text]).form for text in (one, other)}
    assert len(found) == 1


def test_the_marks_on_their_way_to_canvas_are_the_final_ones(graded, outputs, made):
    before = next(text for text in outputs if text.startswith("Student,ID"))
    after = next(text for text in outputs if text.startswith("Student,ID") and text != before)
    final = final_marks(made)
    old, new = (list(csv.reader(text.splitlines()[:-1])) for text in (before, after))
    assert old[:2] == new[:2]
    for empty, filled in zip(old[2:], new[2:], strict=True):
        assert filled == [*empty[:5], f"{final[squeezed(filled[0])]:g}", *empty[6:]]
    told = next(text for text in outputs if "$ dlbook marks canvas" in text)
    assert f"{len(final)} cells of 'Layers (812)' filled." in told
    assert "Not graded yet" not in told
    assert "  Z., Zoe (4125)" in told
    assert told.endswith("exit status: 0")
    assert "cchidi" in {squeezed(row[0]) for row in new}  # the text speaks of that line


def test_the_mark_of_who_was_late_is_the_final_one_too(graded, outputs, made):
    final = final_marks(made)
    (said,) = [text for text in outputs if "$ dlbook marks late" in text]
    told = re.findall(r"^  (\w+)  layers  \S+ - \S+ = (\S+)$", said, re.M)
    assert dict(told) == {name: f"{final[name]:g}" for name in late_students()}


def test_every_feedback_page_of_the_class_is_packed(graded, outputs, made):
    told = next(text for text in outputs if "$ dlbook marks feedback" in text)
    assert f"{len({one.student for one in made})} feedback pages are packed." in told
    assert re.search(r"^  aada_4100_\d+_layers\.html$", told, re.M)


# --- After grading ----------------------------------------------------------------------------


def test_chidi_has_the_teachers_point_and_reads_whose_word_it_is(graded, outputs, article, made):
    question = key.question("layers-softmax")
    assert question.points == 2
    assert [o.mistake for o in made if (o.student, o.question) == ("cchidi", question.id)] == [
        "powers-too-large"
    ]
    (said,) = [text for text in outputs if "$ dlbook marks override" in text]
    assert "Points: 1 set by Dr. Eve." in said
    assert "cchidi  layers-softmax  0 -> 1" in said
    frames = {frame["title"]: unescape(frame["srcdoc"]) for frame in article.select("iframe")}
    page = BeautifulSoup(frames["The feedback with your word in it"], "html.parser")
    own = sum(one.points for one in made if one.student == "cchidi")
    assert page.select_one(".score").get_text().startswith(f"{own + 1} of ")
    word = " ".join(page.select_one("article .rule").get_text().split())
    assert word.startswith("1 of 2, set by Dr. Eve: The formula is right. Only large scores")
    assert "By itself the grader gives 0" in word


def test_who_was_late_has_lost_a_tenth_of_the_maximum(graded, outputs, made):
    (said,) = [text for text in outputs if "$ dlbook marks late" in text]
    late = sorted(s.name for s in demo._CLASS if s.habit == "late")
    most = sum(q.points for q in key.questions(made[0].notebook).values())
    assert (
        f"Lower for it: {len(late)} marks, by {round(0.1 * most * len(late), 2):g} points" in said
    )
    assert len(re.findall(rf" - {0.1 * most:g} = ", said)) == len(late)


# --- Limits -----------------------------------------------------------------------------------


def test_the_limits_on_the_page_are_those_of_the_code(outputs):
    printed = next(text for text in outputs if text.startswith("memory"))
    told = dict(re.findall(r"^(.{20})(.*)$", printed, re.M))
    told = {what.strip(): amount for what, amount in told.items()}
    limits = Limits()
    assert told["memory"].startswith(f"{limits.memory_bytes / 2**20:g} MB,")
    assert told["processes, threads"] == str(limits.processes)
    assert told["open files"] == str(limits.open_files)
    assert told["one file"] == f"{limits.file_bytes / 2**20:g} MB"
    assert told["all files"] == f"{limits.scratch_bytes / 2**20:g} MB"
    assert told["what it sends back"] == f"{limits.output_bytes / 2**20:g} MB"
    assert told["a notebook"] == f"{limits.notebook_seconds / 60:g} minutes"
    usual = Counter(q.timeout_seconds for q in key.questions().values()).most_common(1)[0][0]
    longer = [
        f"{q.id} {q.timeout_seconds:g}"
        for q in key.questions().values()
        if q.timeout_seconds != usual
    ]
    assert told["a question"] == f"{usual:g} seconds ({', '.join(longer)})"


def squeezed(name: str) -> str:
    """Return a name as Canvas has it in a download: "A., Ada" is ``aada``."""
    return "".join(filter(str.isalnum, name)).lower()


def late_students() -> set[str]:
    late = [s.name.partition(" ") for s in demo._CLASS if s.habit == "late"]
    return {squeezed(family + given) for given, _, family in late}


def final_marks(made: list[demo.Made]) -> dict[str, float]:
    """Return what everybody has in the end, by what the page does one thing after the other."""
    points = {(one.student, one.question): one.points for one in made}
    for one in made:
        if one.outcome == "not graded":  # has handed in a copy of Ada's
            points[one.student, one.question] = points["aada", one.question]
    student, question, own = re.search(r'"(\w+),([\w-]+),(\d),"$', SOURCE, re.M).groups()
    points[student, question] = int(own)
    per_day, cap = map(int, re.search(r"--per-day (\d+)% --cap (\d+)%", SOURCE).groups())
    most = sum(q.points for q in key.questions(made[0].notebook).values())
    final = Counter()
    for (who, _), one in points.items():
        final[who] += one
    for who in late_students():  # Canvas says only that it is late: one day
        final[who] -= min(most * per_day / 100, most * cap / 100, final[who])
    return final


def _cells(page: BeautifulSoup, section: str) -> list[list[str]]:
    lines = page.find(id=section).find_parent("section").select("tbody tr")
    return [[cell.get_text(strip=True) for cell in line.select("th, td")] for line in lines]


def commands_in(article: BeautifulSoup) -> list[str]:
    """Return every line that a reader is told to type, or sees typed, and that is dlbook's."""
    lines = [
        line.removeprefix("$ ").strip()
        for block in article.select("pre")
        for line in block.get_text().splitlines()
    ]
    return [line for line in lines if line.startswith("dlbook ")]


def rows_of(article: BeautifulSoup, head: str) -> list[list[str]]:
    """Return the rows of the table whose first column is called so."""
    for table in article.select("table"):
        rows = [
            [cell.get_text().strip() for cell in row.select("th, td")] for row in table.select("tr")
        ]
        if rows[0][0] == head:
            return rows[1:]
    raise AssertionError(f"no table begins with {head!r}")
