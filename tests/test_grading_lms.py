"""Marks go into the platforms' own files, and nothing else in those changes."""

import contextlib
import csv
import io
import json
import math
import os
import random
import sqlite3
import subprocess
import sys
import warnings
import zipfile
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from dlbook import cli
from dlbook.grading import demo, intake, notebooks, report, totals
from dlbook.grading import files as marks_files
from dlbook.grading.gradebook import Gradebook, Work
from dlbook.grading.lms import canvas as of_canvas
from dlbook.grading.lms import feedback, filling, gradescope, nbgrader_book, people, table
from dlbook.grading.lms import moodle as of_moodle
from dlbook.grading.lms.people import Mark, Row, match
from dlbook.grading.lms.table import LmsError, Table, split
from dlbook.grading.marks import Graded

sys.path.insert(0, str(Path(__file__).parent))
import lms_files as files

ROOT = Path(__file__).parents[1]
SEED = 2026


def run(*words: object):
    """Type a command; what it says on both channels is in `output`."""
    return CliRunner().invoke(cli.main, ["marks", *map(str, words)])


def save(path: Path, rows, encoding: str = "utf-8", mark: bytes = b"", **how) -> bytes:
    data = mark + files.written(rows, **how).encode(encoding)
    path.write_bytes(data)
    return data


def changed_cells(before: list[list[str]], after: list[list[str]]) -> dict[tuple[int, int], str]:
    assert [len(row) for row in before] == [len(row) for row in after]
    return {
        (r, c): after[r][c]
        for r, row in enumerate(before)
        for c, cell in enumerate(row)
        if cell != after[r][c]
    }


# --- A table, exact to the byte ----------------------------------------------------------------


def random_text(rng: random.Random, separator: str) -> str:
    signs = ["a", "ö", " ", '"', '""', separator, ",", ";", "\n", "\r\n", "\r", "'", "=", "1,5", ""]
    return "".join(rng.choice(signs) for _ in range(rng.randrange(6)))


def random_rows(rng: random.Random, separator: str, wide: int) -> list[list[str]]:
    return [[random_text(rng, separator) for _ in range(wide)] for _ in range(rng.randrange(1, 7))]


def values(text: str, separator: str) -> list[list[str]]:
    """Return our reading, with nothing for a blank line as Python has it."""
    rows = split(text, separator)
    return [[c.value for c in row] if len(row) > 1 or row[0][1] < row[0][2] else [] for row in rows]


def by_python(text: str, separator: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))


@pytest.mark.parametrize("separator", table.SEPARATORS)
@pytest.mark.parametrize("line", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC])
def test_cells_are_those_that_pythons_csv_module_reads(separator, line, quoting):
    rng = random.Random(SEED)
    for _ in range(200):
        rows = random_rows(rng, separator, rng.randrange(2, 6))
        text = files.written(rows, separator, line, quoting=quoting)
        assert values(text, separator) == by_python(text, separator)
        if line == "\r\n":  # with another one Python leaves a lone \r unquoted
            assert values(text, separator) == rows


@pytest.mark.parametrize("separator", table.SEPARATORS)
def test_text_that_no_csv_writer_makes_is_read_as_python_reads_it(separator):
    rng = random.Random(SEED)
    for _ in range(3_000):
        text = random_text(rng, separator) + random_text(rng, separator) + "x"
        theirs = by_python(text, separator)
        try:
            ours = values(text, separator)
        except LmsError:  # Python takes all that follows an open quotation mark for one cell
            assert by_python(text + f"\n{separator}", separator)[-1][-1].endswith(f"x\n{separator}")
            continue
        assert ours == theirs, repr(text)


def test_the_pieces_of_a_row_and_what_is_between_them_make_up_the_text():
    rng = random.Random(SEED)
    for _ in range(300):
        text = files.written(random_rows(rng, ";", 3), ";")
        rest = 0
        for cell in (cell for row in split(text, ";") for cell in row):
            assert text[rest : cell.start].strip(";\r\n") == ""
            assert cell.quoted == text[cell.start : cell.end].startswith('"')
            rest = cell.end
        assert text[rest:].strip("\r\n") == ""


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [(b"", "utf-8"), (b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"),
     (b"\xfe\xff", "utf-16-be"), (b"", "cp1252")],
)  # fmt: skip
@pytest.mark.parametrize("separator", table.SEPARATORS)
def test_only_the_cells_that_are_filled_differ_and_all_bytes_around_them_stay(
    mark, encoding, separator
):
    rng = random.Random(SEED)
    for round_ in range(40):
        rows = [["Name", "Größe", "x"], *random_rows(rng, separator, 3)]
        how = {"quoting": rng.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])}
        line = rng.choice(["\n", "\r\n"])
        if line == "\n":  # Python would leave a lone \r unquoted
            rows = [[cell.replace("\r", "") for cell in row] for row in rows]
        data = mark + files.written(rows, separator, line, **how).encode(encoding)
        if rng.random() < 0.3:  # no line's end at the end
            data = data[: -len(line.encode(encoding))]
        read = Table(data, "x.csv")
        assert (read.separator, read.filled({})) == (separator, data)
        at = (rng.randrange(1, len(rows)), rng.randrange(3))
        new = rng.choice(["7", "7,5", 'say "no"', ""])
        filled = read.filled({at: new})
        cell = read.rows[at[0]][at[1]]
        before = len(mark) + len(read.text[: cell.start].encode(encoding))
        after = len(read.text[cell.end :].encode(encoding))
        assert filled[:before] == data[:before], round_
        assert filled[len(filled) - after :] == data[len(data) - after :]
        whole = "utf-8-sig" if mark == b"\xef\xbb\xbf" else encoding
        there = files.parsed(filled[len(mark) :] if "16" in encoding else filled, whole, separator)
        assert there[at[0]][at[1]] == new
        there[at[0]][at[1]] = rows[at[0]][at[1]]
        assert there == rows


def test_a_cell_that_was_quoted_stays_quoted_and_another_only_if_it_must():
    read = Table(b'a;b\r\n"1";2\r\n', "x.csv")
    assert read.filled({(1, 0): "3", (1, 1): "4"}) == b'a;b\r\n"3";4\r\n'
    read = Table(b"a,b\n1,2\n", "x.csv")
    assert read.filled({(1, 1): "7,5"}) == b'a,b\n1,"7,5"\n'


@pytest.mark.parametrize(
    ("cells", "comma"),
    [(b"a;b\n7;8\n", True), (b"a,b\n7,8\n", False), (b"a;b\n7.5;8\n", False),
     (b'a,b\n"7,5",8\n', True), (b"a\tb\n7\t8\n", False)],
)  # fmt: skip
def test_the_decimal_mark_is_the_files_own(cells, comma):
    assert Table(cells, "x.csv").has_decimal_comma([0, 1]) is comma


def test_two_decimal_marks_in_one_file_are_told():
    with pytest.raises(LmsError, match=r"comma \(7,5\) and with a point \(8\.5\)"):
        Table(b"a;b\n7,5;8.5\n", "x.csv").has_decimal_comma([0, 1])


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"", "empty"), (b"\xef\xbb\xbf", "no text"), (b" \r\n", "empty"),
     (b"PK\3\4zip", "spreadsheet"), (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0", "no text"),
     (b"my diary\nof today\n", "no columns"), (b'a,b\n"c,d\n', "never closed"),
     (b"a,b\n1,2,3\n", "Line 2 of x.csv has 3 cells"), (b"\xff\xfea", "no text")],
)  # fmt: skip
def test_what_is_no_table_is_told(data, words):
    with pytest.raises(LmsError, match=words):
        Table(data, "x.csv")


def test_a_new_file_is_written_whole_and_never_over_another(tmp_path):
    path = tmp_path / "new.csv"
    table.write_new(path, b"mine")
    with pytest.raises(LmsError, match="is there already"):
        table.write_new(path, b"other")
    assert path.read_bytes() == b"mine"
    assert os.listdir(tmp_path) == ["new.csv"]
    (tmp_path / "link.csv").symlink_to(tmp_path / "nowhere.csv")
    with pytest.raises(LmsError, match="is there already"):
        table.write_new(tmp_path / "link.csv", b"other")
    assert not (tmp_path / "nowhere.csv").exists()


def test_a_folder_that_may_only_be_read_is_told_with_the_way_out(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, _: Path(path) != tmp_path)  # root may do all
    with pytest.raises(LmsError, match=r"You may not write into .* with --out"):
        table.write_new(tmp_path / "new.csv", b"new")
    assert os.listdir(tmp_path) == []


def test_a_disk_without_links_gets_the_file_too(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "link", lambda *_: (_ for _ in ()).throw(OSError(1, "no links")))
    table.write_new(tmp_path / "new.csv", b"mine")
    assert (tmp_path / "new.csv").read_bytes() == b"mine"
    assert os.listdir(tmp_path) == ["new.csv"]


# --- Whose row is whose ------------------------------------------------------------------------


def mark(student: str, number: str = "", layout: str = "folders") -> Mark:
    return Mark(student, number, layout, 7.0, False, "")


def found(marks: list[Mark], rows: list[Row], layout: str = "canvas") -> dict[str, int]:
    return {m.student: row.at for m, row in match(marks, rows, layout).pairs}


def test_the_platforms_own_number_counts_before_any_name():
    rows = [Row(1, "12", "Jane Doe"), Row(2, "34", "John Roe")]
    assert found([mark("John Roe", "12", "canvas")], rows) == {"John Roe": 1}


def test_a_number_of_another_platform_is_no_number_here():
    rows = [Row(1, "12", "Jane Doe"), Row(2, "34", "John Roe")]
    assert found([mark("John Roe", "12", "moodle")], rows) == {"John Roe": 2}
    assert found([mark("anon_12", "12", "canvas")], rows) == {}


def test_who_has_a_number_that_is_not_in_the_file_is_another_person_of_that_name():
    rows = [Row(1, "12", "Jane Doe"), Row(2, "34", "John Roe")]
    marks = [mark("Jane Doe", "99", "moodle"), mark("John Roe", "34", "moodle")]
    matched = match(marks, rows, "moodle")
    assert [m.student for m, _ in matched.pairs] == ["John Roe"]
    assert [(m.student, why) for m, why in matched.lost] == [
        ("Jane Doe", "nobody in the file has the number 99")
    ]
    # In the worksheet of another assignment everybody has another number: names are all there is.
    others = [replace(row, number=f"1{row.number}") for row in rows]
    assert found(marks, others, "moodle") == {"Jane Doe": 1, "John Roe": 2}
    assert match(marks, others, "moodle").by_name
    assert not matched.by_name
    assert not match([mark("Jane Doe")], rows, "moodle").by_name


@pytest.mark.parametrize(
    ("student", "name"),
    [
        ("Jane Doe", "Doe, Jane"), ("Doe, Jane", "Jane Doe"), ("JANE  DOE", "Jane Doe"),
        ("doejane", "Doe, Jane"), ("Zoe\u0308 Z.", "Z., Zo\u00eb"), ("Jane_Doe", "Jane Doe"),
        ("Mateus M., Jr.", "M., Jr., Mateus"), ("Straße, Ö", "STRASSE, Ö"),
        ("o'haram", "O'Hara, M"),
        ("oharam", "O'Hara, M"),
    ],
)  # fmt: skip
def test_one_name_is_known_in_many_spellings(student, name):
    rows = [Row(1, "1", "Somebody Else"), Row(2, "2", name)]
    known = found([mark(student)], rows)
    assert known == ({} if student == "o'haram" else {student: 2})


@pytest.mark.parametrize(
    ("student", "name"),
    [("Jan Eich", "Jane Ich"), ("janeich", "Jane Ich"), ("Jane", "Jane Doe"), ("doe", "Doe, Jane"),
     ("Jane Doe", "Jané Doe"), ("", ""), ("Doe Jane", "Jane Doe")],
)  # fmt: skip
def test_names_that_are_only_alike_are_not_taken(student, name):
    assert found([mark(student)], [Row(1, "1", name)]) == {} or student == name == ""


@pytest.mark.parametrize("key", ["jdoe7", "jane@uni.example"])
def test_a_login_or_an_address_is_the_students_name(key):
    rows = [
        Row(1, "1", "Jane Doe", ("jane@uni.example", "jdoe7")),
        Row(2, "2", "Jane Doe", ("", "")),
    ]
    assert found([mark(key.upper())], rows) == {key.upper(): 1}


def test_two_of_one_name_are_never_guessed_on_either_side():
    rows = [Row(1, "1", "Jane Doe"), Row(2, "2", "Doe, Jane"), Row(3, "3", "Ada A.")]
    matched = match([mark("Jane Doe"), mark("Ada A.")], rows, "canvas")
    assert [(m.student, row.at) for m, row in matched.pairs] == [("Ada A.", 3)]
    assert matched.lost[0][1] == "several fit, and none is guessed"
    assert [row.at for row in matched.without] == [1, 2]
    twice = [mark("Jane Doe"), mark("doe, jane")]
    assert found(twice, rows[:1]) == {}


def test_names_with_the_number_behind_are_two_people_and_known_by_it():
    rows = [Row(1, "12", "Jane Doe"), Row(2, "13", "Jane Doe")]
    marks = [mark("Jane Doe (13)", "13", "moodle"), mark("Jane Doe (12)", "12", "moodle")]
    assert found(marks, rows, "moodle") == {"Jane Doe (13)": 2, "Jane Doe (12)": 1}


def test_every_student_gets_a_row_of_their_own_whatever_the_names():
    rng = random.Random(SEED)
    names = ["Jane Doe", "Doe, Jane", "doejane", "Ann A", "ann a", "A, Ann", "x", ""]
    for _ in range(500):
        rows = [
            Row(i, str(rng.randrange(6)), rng.choice(names), (rng.choice(names),)) for i in range(5)
        ]
        marks = list({
            student: mark(student, str(rng.randrange(6)), rng.choice(["canvas", "folders"]))
            for student in rng.sample(names, 4)
        }.values())  # fmt: skip
        matched = match(marks, rows, "canvas")
        taken = [row for _, row in matched.pairs]
        assert len(set(taken)) == len(taken)
        assert len(matched.pairs) + len(matched.lost) == len(marks)
        assert len(taken) + len(matched.without) == len(rows)


# --- Canvas ------------------------------------------------------------------------------------

CLASS = [
    ("Doe, Jane", "12", "jdoe"), ('O\'Hara, "Miss" M.', "13", "mohara"),
    ("Müller, Jörg", "14", "jm"), ("Zhang, Wei", "15", "wz"), ("Zhang, Wei", "16", "wz2"),
    ("Student, Test", "99", "a1b2c3"),
]  # fmt: skip
POINTS = {("doejane", "12"): 7, ("oharamissm", "13"): 10, ("müllerjörg", "14"): 0,
          ("zhangwei (16)", "16"): 4}  # fmt: skip


@pytest.fixture
def canvas_marks(tmp_path) -> Path:
    return files.gradebook(tmp_path / "marks", POINTS, "canvas")


@pytest.mark.parametrize(
    ("encoding", "mark_", "separator", "line"),
    [("utf-8", b"\xef\xbb\xbf", ",", "\n"), ("utf-8", b"", ",", "\r\n"),
     ("utf-8", b"\xef\xbb\xbf", ";", "\n"), ("cp1252", b"", ";", "\r\n"),
     ("utf-16-le", b"\xff\xfe", "\t", "\r\n")],
)  # fmt: skip
def test_only_the_grades_in_canvass_file_differ(
    canvas_marks, tmp_path, encoding, mark_, separator, line
):
    rows = files.canvas(CLASS)
    path = tmp_path / "grades.csv"
    data = save(path, rows, encoding, mark_, separator=separator, line=line)
    done = run("canvas", path, "--from", canvas_marks, "--column", "neuron")
    assert done.exit_code == 0, done.output
    assert path.read_bytes() == data
    filled = (tmp_path / "grades filled.csv").read_bytes()
    assert filled.startswith(mark_)
    after = files.parsed(filled[len(mark_) :], encoding, separator)
    assert changed_cells(rows, after) == {(3, 5): "7", (4, 5): "10", (5, 5): "0", (7, 5): "4"}
    assert "4 cells of 'Neuron (4711)' filled." in done.output
    assert "  Zhang, Wei (15)\n" in done.output
    assert "Student, Test" not in done.output


def test_the_title_of_a_column_may_hold_anything(tmp_path):
    marks = files.gradebook(tmp_path / "marks", {("doejane", "12"): 3}, "canvas", most=5)
    rows = files.canvas(CLASS)
    save(tmp_path / "grades.csv", rows)
    for i, column in enumerate(
        ['Essay, "the long one" (v2) (4712)', 'essay, "The long one" (V2)', "4712"]
    ):
        out = tmp_path / f"{i}.csv"
        done = run("canvas", tmp_path / "grades.csv", "--from", marks, "--column", column,
                   "--out", out)  # fmt: skip
        assert done.exit_code == 0, done.output
        assert changed_cells(rows, files.parsed(out.read_bytes())) == {(3, 6): "3"}


@pytest.mark.parametrize(
    ("titles", "chosen"),
    [
        (("Only one (1)",), "Only one (1)"),
        (("Layers (1)", "neuron (2)", "Neuron 2 (3)"), "neuron (2)"),
        (("Layers (1)", "Training (2)"), None),
        (("neuron (1)", "Neuron (2)"), None),
        ((), None),
    ],
)
def test_an_assignment_is_chosen_only_if_no_other_can_be_meant(tmp_path, titles, chosen):
    rows = files.canvas(CLASS, titles, ("10",) * len(titles), manual=False)
    if not titles:
        rows[0].append("Notes"), [row.append("") for row in rows[1:]]
    save(tmp_path / "grades.csv", rows)
    if chosen:
        assert of_canvas.read_export(tmp_path / "grades.csv", "", ["neuron"]).title == chosen
        return
    with pytest.raises(LmsError) as caught:
        of_canvas.read_export(tmp_path / "grades.csv", "", ["neuron"])
    for title in titles:
        assert f"\n  {title}" in str(caught.value)


@pytest.mark.parametrize(
    "column", ["Current Score", "Homework Current Score", "Section", "New", "ID"]
)
def test_no_column_is_made_and_none_that_is_only_to_be_read_is_filled(
    canvas_marks, tmp_path, column
):
    save(tmp_path / "grades.csv", files.canvas(CLASS))
    done = run("canvas", tmp_path / "grades.csv", "--from", canvas_marks, "--column", column)
    assert done.exit_code == 2
    assert f"No column that takes points is called '{column}'" in done.output
    assert "Neuron (4711)" in done.output
    assert not (tmp_path / "grades filled.csv").exists()


def test_what_is_excused_or_not_assigned_stays_so_and_is_told(canvas_marks, tmp_path):
    grades = {"12": ["EX", ""], "13": ["N/A", "3"], "14": ["0.00", ""], "16": ["9.50", "1"]}
    rows = files.canvas(CLASS, grades=grades)
    save(tmp_path / "grades.csv", rows)
    done = run("canvas", tmp_path / "grades.csv", "--from", canvas_marks, "--column", "neuron")
    after = files.parsed((tmp_path / "grades filled.csv").read_bytes())
    assert changed_cells(rows, after) == {(7, 5): "4"}
    assert "1 cell of 'Neuron (4711)' filled, 1 of them had another grade." in done.output
    assert "1 cell held the right grade already." in done.output
    assert "Doe, Jane (12): EX" in done.output


def test_only_empty_leaves_every_grade_alone(canvas_marks, tmp_path):
    rows = files.canvas(CLASS, grades={"12": ["2", ""], "16": ["9.50", "1"]})
    save(tmp_path / "grades.csv", rows)
    done = run("canvas", tmp_path / "grades.csv", "--from", canvas_marks, "--column", "neuron",
               "--only-empty")  # fmt: skip
    after = files.parsed((tmp_path / "grades filled.csv").read_bytes())
    assert changed_cells(rows, after) == {(4, 5): "10", (5, 5): "0"}
    assert "2 cells had another grade, and kept it." in done.output


def test_scaling_is_asked_for_and_then_follows_the_files_own_decimal_mark(canvas_marks, tmp_path):
    rows = files.canvas(CLASS, most=("7,50", "5,00"))
    path = tmp_path / "grades.csv"
    for separator, quoted in ((";", b"14;"), (",", b'"5,25"')):
        save(path, rows, separator=separator)
        words = ["canvas", path, "--from", canvas_marks, "--column", "neuron"]
        done = run(*words)
        assert (done.exit_code, "out of 7.5 points" in done.output) == (2, True)
        assert "neuron is out of 10. Add --scale" in done.output
        out = tmp_path / f"scaled {ord(separator)}.csv"
        assert not out.exists()
        assert run(*words, "--scale", "--out", out).exit_code == 0
        data = out.read_bytes()
        assert quoted in data
        assert changed_cells(rows, files.parsed(data, separator=separator)) == {
            (3, 5): "5,25", (4, 5): "7,5", (5, 5): "0", (7, 5): "3"
        }  # fmt: skip


def test_several_exercises_are_added_up(tmp_path):
    folder = tmp_path / "marks"
    files.gradebook(folder, {("doejane", "12"): 3, ("mm", "13"): 2}, "canvas", "neuron", most=4)
    files.gradebook(folder, {("doejane", "12"): 5}, "canvas", "layers", most=6)
    rows = files.canvas(CLASS)
    save(tmp_path / "grades.csv", rows)
    done = run("canvas", tmp_path / "grades.csv", "--from", folder, "--column", "Neuron")
    assert done.exit_code == 0, done.output
    after = files.parsed((tmp_path / "grades filled.csv").read_bytes())
    assert changed_cells(rows, after) == {(3, 5): "8", (4, 5): "2"}
    done = run("canvas", tmp_path / "grades.csv", "--from", folder, "--notebook", "layers",
               "--out", tmp_path / "one.csv")  # fmt: skip
    assert "Which column is meant?" in done.output
    done = run("canvas", tmp_path / "grades.csv", "--from", folder, "--notebook", "vision",
               "--out", tmp_path / "one.csv")  # fmt: skip
    assert "no marks for 'vision'" in done.output
    assert "neuron, layers" in done.output


def test_who_is_on_one_side_only_is_told_and_the_rest_is_filled(tmp_path):
    marks = files.gradebook(
        tmp_path / "marks", {"Jane Doe": 7, "Wei Zhang": 6, "Nobody N.": 5, "jm": 4}
    )
    rows = files.canvas(CLASS)
    save(tmp_path / "grades.csv", rows)
    done = run("canvas", tmp_path / "grades.csv", "--from", marks, "--column", "Neuron")
    assert done.exit_code == 3
    after = files.parsed((tmp_path / "grades filled.csv").read_bytes())
    assert changed_cells(rows, after) == {(3, 5): "7", (5, 5): "4"}
    lost = done.output.split("With marks, but NOT in the file: 2.")[1]
    assert "Wei Zhang, 6 points: several fit, and none is guessed" in lost
    assert "Nobody N., 5 points: nobody in the file has this name" in lost
    without = done.output.split("In the file, without marks")[1]
    assert "O'Hara" in without


def test_two_of_one_name_without_marks_are_told_apart_by_the_number(tmp_path):
    marks = files.gradebook(tmp_path / "marks", {"Jane Doe": 7})
    save(tmp_path / "grades.csv", files.canvas(CLASS))
    done = run("canvas", tmp_path / "grades.csv", "--from", marks, "--column", "Neuron")
    assert "  Zhang, Wei (15)\n  Zhang, Wei (16)\n" in done.output


def test_a_name_that_canvas_keeps_from_being_a_formula_is_the_name(tmp_path):
    marks = files.gradebook(tmp_path / "marks", {"Eve =Evil": 7, "=Evil Mo": 3})
    rows = files.canvas([('="=Evil, Eve"', "12", "x"), ('"Mo', "13", "y")])
    apart = [[row[0], "", *row[1:]] for row in rows]
    apart[0][:2] = ["LastName", "FirstName"]
    apart[3][:2] = ['="=Evil"', "Eve"]
    for given, at in ((rows, 5), (apart, 6)):
        save(tmp_path / f"{at}.csv", given)
        run("canvas", tmp_path / f"{at}.csv", "--from", marks, "--column", "Neuron")
        after = files.parsed((tmp_path / f"{at} filled.csv").read_bytes())
        assert changed_cells(given, after) == {(3, at): "7"}


def test_what_could_not_be_graded_is_no_zero(tmp_path):
    marks = files.gradebook(tmp_path / "marks", {"Jane Doe": None, "jm": 4})
    rows = files.canvas(CLASS, grades={"12": ["3", ""]})
    save(tmp_path / "grades.csv", rows)
    done = run("canvas", tmp_path / "grades.csv", "--from", marks, "--column", "Neuron")
    after = files.parsed((tmp_path / "grades filled.csv").read_bytes())
    assert changed_cells(rows, after) == {(5, 5): "4"}
    assert "Not graded yet, so their cells stay as they are: 1.\n  Jane Doe" in done.output


def test_family_and_given_names_may_stand_in_columns_of_their_own(tmp_path):
    marks = files.gradebook(tmp_path / "marks", {"Jane Doe": 7})
    rows = files.canvas([("Doe, Jane", "12", "x"), ("Roe, Jane", "13", "y")])
    apart = [[*(row[0].split(", ") if i > 2 else (row[0], "")), *row[1:]]
             for i, row in enumerate(rows)]  # fmt: skip
    apart[0][:2] = ["LastName", "FirstName"]
    save(tmp_path / "grades.csv", apart)
    done = run("canvas", tmp_path / "grades.csv", "--from", marks, "--column", "Neuron")
    assert done.exit_code == 0, done.output
    after = files.parsed((tmp_path / "grades filled.csv").read_bytes())
    assert changed_cells(apart, after) == {(3, 6): "7"}


def test_canvass_numbers_are_found_under_another_heading(tmp_path):
    rows = files.canvas(CLASS)
    rows[0][:5] = ["Élève", "Identifiant", "SIS", "Login", "Section"]
    rows[2][0] = "    Points possibles"
    save(tmp_path / "grades.csv", rows)
    sheet = of_canvas.read_export(tmp_path / "grades.csv", "Neuron")
    assert [row.number for row in sheet.rows] == [number for _, number, _ in CLASS]
    assert sheet.most == 10


def test_a_number_in_the_row_of_points_makes_no_assignment_of_another_column(tmp_path):
    save(
        tmp_path / "grades.csv", files.canvas(CLASS, ("Bonus", "Neuron (4711)"), ("3.00", "10.00"))
    )
    assert of_canvas.read_export(tmp_path / "grades.csv").title == "Neuron (4711)"
    with pytest.raises(LmsError, match="No column that takes points"):
        of_canvas.read_export(tmp_path / "grades.csv", "Bonus")


NAMES = [
    "Doe, Jane", 'O\'Hara, "Miss" M.', "Müller; Jörg", "=cmd()", "-1", "Zhang, Wei", "a\nb", " x ",
    "", "12", "Ñ, Ł", "😀, 学", "Student, Test", "a\tb", "@x",
]  # fmt: skip
FORMS = [(b"", "utf-8"), (b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le")]


@pytest.mark.parametrize("seed", range(40))
def test_whatever_a_class_and_its_file_look_like_only_the_right_cells_differ(tmp_path, seed):
    rng = random.Random(seed)
    numbers = rng.sample(range(1, 999), rng.randrange(2, 30))
    students = [(rng.choice(NAMES), str(n)) for n in numbers]
    graded = {n: rng.randrange(11) for _, n in students if rng.random() < 0.7}
    graded = graded or {students[0][1]: 5}
    mark_, encoding = rng.choice(FORMS)
    how = {"separator": rng.choice(table.SEPARATORS), "line": rng.choice(["\n", "\r\n"]),
           "quoting": rng.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])}  # fmt: skip
    comma = rng.random() < 0.5
    old = {n: rng.choice(["", "", "3.50", "EX"]) for _, n in students}
    if comma:
        old = {n: grade.replace(".", ",") for n, grade in old.items()}
    most = "10,00" if comma else "10.00"
    platform = rng.choice(["canvas", "moodle"])
    if platform == "canvas":
        grades = {n: [grade, ""] for n, grade in old.items()}
        rows = files.canvas([(name, n, f"u{n}") for name, n in students], most=(most, "1"),
                            grades=grades)  # fmt: skip
        first = 3
    else:
        old = {n: grade.replace("EX", "") for n, grade in old.items()}
        rows, first = files.moodle(students, rng.choice(list(files.HEADINGS)), most, old), 1
    path = tmp_path / "given.csv"
    data = save(path, rows, encoding, mark_, **how)
    marks = [
        Mark(f"student {n}", n, platform, float(points), False, "") for n, points in graded.items()
    ]
    lost = Mark("nobody", "1000", platform, 1.0, False, "")
    counted = people.ClassMarks([*marks, lost], ["neuron"], 10.0)
    if platform == "canvas":
        sheet = of_canvas.read_export(path, "4711")
    else:
        sheet = of_moodle.read_worksheet(path)
    done = filling.fill(sheet, counted, tmp_path / "filled.csv")
    filled = (tmp_path / "filled.csv").read_bytes()
    after = files.parsed(filled[len(mark_) :], encoding, how["separator"])
    expected = {
        (first + i, 5): str(graded[n])
        for i, (_, n) in enumerate(students)
        if n in graded and old[n] != "EX"
    }
    assert changed_cells(rows, after) == expected
    assert (path.read_bytes(), filled[: len(mark_)]) == (data, mark_)
    assert [mark.student for mark, _ in done.matched.lost] == ["nobody"]
    without = [row.number for row in done.matched.without]
    assert without == [n for _, n in students if n not in graded]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"), (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "no text"), (b"a,b\n", "no students"),
        (b"a,b\n1,x\n", "no column of Canvas's numbers"), (b"PK\3\4", "spreadsheet"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("platform", ["canvas", "moodle"])
def test_a_wrong_file_is_told_and_nothing_is_made(canvas_marks, tmp_path, data, words, platform):
    path = tmp_path / "grades.csv"
    path.write_bytes(data)
    done = run(platform, path, "--from", canvas_marks)
    assert done.exit_code == 2
    words = "Moodle's numbers" if platform == "moodle" and b",ID" in data else words
    assert words.replace("Canvas", platform.capitalize()) in done.output
    assert sorted(os.listdir(tmp_path)) == ["grades.csv", "marks"]


def test_the_file_of_another_class_is_told_and_nothing_is_made(canvas_marks, tmp_path):
    save(tmp_path / "grades.csv", files.canvas([("Roe, Rick", "77", "rr")]))
    done = run("canvas", tmp_path / "grades.csv", "--from", canvas_marks, "--column", "neuron")
    assert done.exit_code == 2
    assert "Nobody with marks is in grades.csv" in done.output
    assert "Roe, Rick" in done.output
    assert sorted(os.listdir(tmp_path)) == ["grades.csv", "marks"]


def test_why_nobody_could_be_found_is_told(tmp_path):
    save(tmp_path / "grades.csv", files.canvas(CLASS))
    for name, points, layout, words in (
        ("two", {"Wei Zhang": 7}, "folders", "Wei Zhang: several fit, and none is guessed"),
        ("anonymous", {("anon_x1", "x1"): 7}, "canvas", "anon_x1: Canvas has left the name out"),
    ):
        marks = files.gradebook(tmp_path / name, points, layout)
        done = run("canvas", tmp_path / "grades.csv", "--from", marks, "--column", "neuron")
        assert (done.exit_code, words in done.output) == (2, True), done.output
        assert "In the file: 6.\n  Doe, Jane (12)\n" in done.output
        assert "  ... and 3 more" in done.output


@pytest.mark.parametrize("points", [10.5, -1.0, math.nan, math.inf])
def test_points_that_the_platform_would_not_take_stop_everything(
    canvas_marks, tmp_path, points, monkeypatch
):
    save(tmp_path / "grades.csv", files.canvas(CLASS))
    with marks_files.opened(canvas_marks) as (book, _):
        counted = people.class_marks(book)
    counted.marks[1] = replace(counted.marks[1], points=points)
    sheet = of_canvas.read_export(tmp_path / "grades.csv", "neuron")
    with pytest.raises(LmsError, match="takes from 0 to 10"):
        filling.fill(sheet, counted, tmp_path / "out.csv")
    assert not (tmp_path / "out.csv").exists()


def test_a_folder_without_marks_and_a_file_in_the_way_are_told(canvas_marks, tmp_path):
    path = tmp_path / "grades.csv"
    save(path, files.canvas(CLASS))
    done = run("canvas", path, "--from", tmp_path / "elsewhere")
    assert (done.exit_code, "holds no gradebook.sqlite" in done.output) == (2, True)
    assert not (tmp_path / "elsewhere").exists()
    done = run("canvas", tmp_path / "none.csv", "--from", canvas_marks)
    assert (done.exit_code, "Check the spelling" in done.output) == (2, True)
    for out in (path, canvas_marks / "gradebook.sqlite"):
        before = out.read_bytes()
        done = run("canvas", path, "--from", canvas_marks, "--column", "neuron", "--out", out)
        assert (done.exit_code, "is there already" in done.output) == (2, True)
        assert out.read_bytes() == before


# --- Moodle ------------------------------------------------------------------------------------

PEOPLE = [
    ("Jane Doe", "3001"), ("Jörg \"JJ\" Müller, Jr.", "3002"), ("Jane Doe", "3003"),
    ("Zoé O'Hara; Dr.", "3004"),
]  # fmt: skip
THEIRS = {("Jane Doe (3001)", "3001"): 7, ("Jörg Müller", "3002"): 10,
          ("Jane Doe (3003)", "3003"): 4}  # fmt: skip


@pytest.fixture
def moodle_marks(tmp_path) -> Path:
    return files.gradebook(tmp_path / "marks", THEIRS, "moodle")


@pytest.mark.parametrize("language", files.HEADINGS)
@pytest.mark.parametrize("mark_", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("line", ["\n", "\r\n"])
def test_only_the_grades_in_moodles_file_differ(moodle_marks, tmp_path, language, mark_, line):
    rows = files.moodle(PEOPLE, language, "10.00" if language == "en" else "10,00")
    path = tmp_path / "Worksheet.csv"
    data = save(path, rows, "utf-8", mark_, line=line)
    done = run("moodle", path, "--from", moodle_marks)
    assert done.exit_code == 0, done.output
    assert path.read_bytes() == data
    filled = (tmp_path / "Worksheet filled.csv").read_bytes()
    assert changed_cells(rows, files.parsed(filled)) == {
        (1, 5): "7", (2, 5): "10", (3, 5): "4"
    }  # fmt: skip
    assert len(filled) == len(data) + len("7104")
    assert "Zoé O'Hara; Dr." in done.output


@pytest.mark.parametrize("leave", [(), (2,), (2, 3), (1, 2, 3), (8, 9), (2, 3, 8, 9, 11), (9, 11)])
@pytest.mark.parametrize("language", ["de", "xx"])
def test_moodles_grades_are_found_whatever_columns_are_missing(
    moodle_marks, tmp_path, leave, language
):
    rows = files.moodle(PEOPLE, language, leave=leave)
    save(tmp_path / "w.csv", rows)
    done = run("moodle", tmp_path / "w.csv", "--from", moodle_marks)
    assert done.exit_code == 0, done.output
    at = rows[0].index(files.HEADINGS[language][files.GRADE])
    after = files.parsed((tmp_path / "w filled.csv").read_bytes())
    assert changed_cells(rows, after) == {(1, at): "7", (2, at): "10", (3, at): "4"}


def with_column(rows: list[list[str]], at: int, heading: str, *values: str) -> list[list[str]]:
    """Return rows with one more column, whose values are repeated downwards."""
    cells = [heading, *(values * len(rows))]
    return [[*row[:at], cells[i], *row[at:]] for i, row in enumerate(rows)]


def test_groups_and_a_workflow_of_marking_are_in_nobodys_way(moodle_marks, tmp_path):
    rows = files.moodle(PEOPLE, "xx")
    rows = with_column(rows, 7, "Ξ", "In marking", "Released")
    rows = with_column(rows, 5, "Ο", "Group 1")
    save(tmp_path / "w.csv", rows)
    run("moodle", tmp_path / "w.csv", "--from", moodle_marks)
    after = files.parsed((tmp_path / "w filled.csv").read_bytes())
    assert changed_cells(rows, after) == {(1, 6): "7", (2, 6): "10", (3, 6): "4"}


def test_the_column_before_equal_grades_is_not_taken_for_the_grades(moodle_marks, tmp_path):
    grades = {number: "9.00" for _, number in PEOPLE}
    rows = with_column(files.moodle(PEOPLE, "xx", grades=grades), 5, "Ο", "")
    save(tmp_path / "w.csv", rows)
    assert of_moodle.read_worksheet(tmp_path / "w.csv").column == 6


def test_a_column_of_other_numbers_is_not_taken_for_moodles(moodle_marks, tmp_path):
    rows = with_column(files.moodle(PEOPLE, "fr"), 0, "Code", "a1", "b2", "c3", "d4")
    save(tmp_path / "w.csv", rows)
    sheet = of_moodle.read_worksheet(tmp_path / "w.csv")
    assert [(row.number, row.name) for row in sheet.rows] == [(n, name) for name, n in PEOPLE]


def test_a_group_is_nobodys_name(tmp_path):
    marks = files.gradebook(tmp_path / "marks", {"red": 1, "3001@uni.example": 2})
    rows = with_column(files.moodle(PEOPLE), 5, "Group", "blue", "red", "blue", "blue")
    save(tmp_path / "w.csv", rows)
    done = run("moodle", tmp_path / "w.csv", "--from", marks)
    assert done.exit_code == 3
    assert "red, 1 point: nobody" in done.output


def test_who_is_left_over_under_blind_marking_is_told_by_number(moodle_marks, tmp_path):
    rows = files.moodle(PEOPLE, leave=(1, 2, 3))
    save(tmp_path / "w.csv", rows)
    done = run("moodle", tmp_path / "w.csv", "--from", moodle_marks)
    without = done.output.split("In the file, without marks")[1]
    assert "(3004)" in without


def test_a_person_with_two_rows_and_a_row_that_was_cut_off_are_told(moodle_marks, tmp_path):
    rows = files.moodle(PEOPLE)
    for name, given, words in (
        ("twice", [*rows, rows[2]], "Participant 3002 has several rows in twice.csv"),
        ("cut", [*rows[:3], rows[3][:4], rows[4]], "has 4 cells, and the heading 12"),
    ):
        save(tmp_path / f"{name}.csv", given)
        done = run("moodle", tmp_path / f"{name}.csv", "--from", moodle_marks)
        assert (done.exit_code, words in done.output) == (2, True), done.output
        assert not (tmp_path / f"{name} filled.csv").exists()


def test_where_two_columns_could_be_grades_a_known_heading_or_the_teacher_decides(
    moodle_marks, tmp_path
):
    for language, known in (("fr", True), ("xx", False)):
        rows = files.moodle(PEOPLE, language)
        for at, values in ((12, ("",)), (13, ("5",)), (14, ("yes",))):
            rows = with_column(rows, at, f"new {at}", *values)
        path = tmp_path / f"{language}.csv"
        save(path, rows)
        done = run("moodle", path, "--from", moodle_marks)
        if not known:
            assert done.exit_code == 2
            assert "Name it with --column. Perhaps:\n  Ζ\n  new 12" in done.output
            assert not (tmp_path / "xx filled.csv").exists()
            done = run("moodle", path, "--from", moodle_marks, "--column", "ζ")
        assert done.exit_code == 0, done.output
        after = files.parsed((tmp_path / f"{language} filled.csv").read_bytes())
        assert changed_cells(rows, after) == {(1, 5): "7", (2, 5): "10", (3, 5): "4"}


def test_the_worksheet_of_another_assignment_is_filled_with_a_warning(moodle_marks, tmp_path):
    others = [(name, f"9{number}") for name, number in PEOPLE]
    others[1] = ("Jörg Müller", "93002")
    save(tmp_path / "w.csv", files.moodle(others))
    done = run("moodle", tmp_path / "w.csv", "--from", moodle_marks)
    assert done.exit_code == 3  # the two Jane Does
    assert "Nobody's number in Moodle is in this file" in done.output


def test_moodles_numbers_of_one_person_in_two_assignments_are_all_known(tmp_path):
    marks = tmp_path / "marks"
    files.gradebook(marks, {("Jane Doe", "3001"): 7, ("Jo Roe", "3002"): 5}, "moodle")
    files.gradebook(marks, {("Jane Doe", "4001"): 2}, "moodle", "layers", 5)
    path = tmp_path / "w.csv"
    for people_, notebook, most, expected in (
        ([("J. Doe", "3001"), ("Jo Roe", "3002")], "neuron", "10.00", {(1, 5): "7", (2, 5): "5"}),
        ([("Jo Roe", "4002"), ("J. Doe", "4001")], "layers", "5.00", {(2, 5): "2"}),
    ):
        rows = files.moodle(people_, most=most)
        save(path, rows)
        out = tmp_path / f"{notebook}.csv"
        done = run("moodle", path, "--from", marks, "--notebook", notebook, "--out", out)
        assert done.exit_code == 0, done.output
        assert "found by their names" not in done.output
        assert changed_cells(rows, files.parsed(out.read_bytes())) == expected


def test_an_assignment_that_is_graded_by_words_is_told(moodle_marks, tmp_path):
    rows = files.moodle(PEOPLE, most="Pass, Fail")
    save(tmp_path / "w.csv", rows)
    for column in ([], ["--column", "Grade"], ["--column", "Feedback comments"]):
        done = run("moodle", tmp_path / "w.csv", "--from", moodle_marks, *column)
        assert done.exit_code == 2
        assert "graded by points?" in done.output
    assert sorted(os.listdir(tmp_path)) == ["marks", "w.csv"]


def test_moodles_decimal_comma_is_kept(moodle_marks, tmp_path):
    rows = files.moodle(PEOPLE, "de", "7,50", grades={"3001": "5,25", "3003": "1,00"})
    save(tmp_path / "w.csv", rows)
    done = run("moodle", tmp_path / "w.csv", "--from", moodle_marks, "--scale")
    after = files.parsed((tmp_path / "w filled.csv").read_bytes())
    assert changed_cells(rows, after) == {(2, 5): "7,5", (3, 5): "3"}
    assert "2 cells of 'Bewertung' filled, 1 of them had another grade." in done.output
    assert "1 cell held the right grade already." in done.output


def test_marks_of_folders_find_moodles_people_by_address_number_and_name(tmp_path):
    marks = files.gradebook(
        tmp_path / "marks", {"3001@uni.example": 1, "s300300": 2, 'Jörg "JJ" Müller, Jr.': 3}
    )
    rows = files.moodle(PEOPLE)
    save(tmp_path / "w.csv", rows)
    assert run("moodle", tmp_path / "w.csv", "--from", marks).exit_code == 0
    after = files.parsed((tmp_path / "w filled.csv").read_bytes())
    assert changed_cells(rows, after) == {(1, 5): "1", (3, 5): "2", (2, 5): "3"}


def test_a_remark_is_written_only_where_it_is_asked_for_and_nothing_stands(moodle_marks, tmp_path):
    rows = files.moodle(PEOPLE)
    rows[2][11] = "Well done"
    save(tmp_path / "w.csv", rows)
    done = run("moodle", tmp_path / "w.csv", "--from", moodle_marks, "--comments",
               "feedback comments")  # fmt: skip
    assert done.exit_code == 0, done.output
    after = changed_cells(rows, files.parsed((tmp_path / "w filled.csv").read_bytes()))
    assert after.pop((3, 11)).startswith("4 of 10 points in neuron. Look at: q4 (incorrect), q5")
    assert after.pop((1, 11)).startswith("7 of 10 points in neuron.")
    assert set(after) == {(1, 5), (2, 5), (3, 5)}
    assert "2 cells got a remark." in done.output
    for wrong in ("Full name", "Grade", "none"):
        done = run("moodle", tmp_path / "w.csv", "--from", moodle_marks, "--comments", wrong,
                   "--out", tmp_path / "out.csv")  # fmt: skip
        assert done.exit_code == 2
    assert not (tmp_path / "out.csv").exists()


def test_where_a_grade_of_somebodys_own_stays_no_remark_of_ours_stands(moodle_marks, tmp_path):
    rows = files.moodle(PEOPLE, grades={"3001": "2.00", "3002": "10.00"})
    save(tmp_path / "w.csv", rows)
    run("moodle", tmp_path / "w.csv", "--from", moodle_marks, "--only-empty", "--comments",
        "Feedback comments")  # fmt: skip
    after = changed_cells(rows, files.parsed((tmp_path / "w filled.csv").read_bytes()))
    assert set(after) == {(3, 5), (2, 11), (3, 11)}


def test_a_worksheet_that_a_spreadsheet_has_saved_is_filled_with_a_warning(moodle_marks, tmp_path):
    rows = files.moodle(PEOPLE, "de", "10,00")
    save(tmp_path / "w.csv", rows, "cp1252", separator=";")
    done = run("moodle", tmp_path / "w.csv", "--from", moodle_marks)
    assert done.exit_code == 0
    assert "Moodle takes back files in UTF-8 with commas" in done.output
    after = files.parsed((tmp_path / "w filled.csv").read_bytes(), "cp1252", ";")
    assert changed_cells(rows, after) == {(1, 5): "7", (2, 5): "10", (3, 5): "4"}


def test_a_terminal_gets_no_commands_from_names(tmp_path):
    marks = files.gradebook(tmp_path / "marks", {"Jane \x1b[31m": 1, "Ada": 2})
    save(tmp_path / "w.csv", files.moodle([("Ada", "1"), ("\x1b]0;bad\x07", "2")]))
    done = run("moodle", tmp_path / "w.csv", "--from", marks)
    assert "\x1b" not in done.output
    assert "\x07" not in done.output


# --- Feedback pages ----------------------------------------------------------------------------

NOTEBOOK = json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def zipped(path: Path, names: list[str]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, NOTEBOOK)
    return path


def with_pages(folder: Path) -> Path:
    with marks_files.opened(folder) as (book, _):
        report.write_feedback(book, folder / "feedback")
    return folder


@pytest.mark.parametrize(
    ("layout", "who", "given", "wanted"),
    [
        ("canvas", ("doejane", "12"), "doejane_LATE_12_345_neuron-1.ipynb",
         "doejane_LATE_12_345_neuron.html"),
        ("canvas", ("doejane", "12"), "doejane_12_345_my work (2).ipynb",
         "doejane_12_345_neuron.html"),
        ("canvas", ("anon_aB3dE", "aB3dE"), "anon_aB3dE_345_neuron.ipynb",
         "anon_aB3dE_345_neuron.html"),
        ("moodle", ("Jane Doe", "12"), "Jane Doe_12_assignsubmission_file_/neuron.ipynb",
         "Jane Doe_12_assignsubmission_file_/neuron.html"),
        ("moodle", ("Jane Doe", "12"), "Jane Doe_12_assignsubmission_file/a/b/neuron.ipynb",
         "Jane Doe_12_assignsubmission_file/neuron.html"),
        ("moodle", ("Jane Doe", "12"), "Jane Doe_12_assignsubmission_file_neuron.ipynb",
         "Jane Doe_12_assignsubmission_file_neuron.html"),
        ("moodle", ("Participant 12", "12"), "Participant_12_assignsubmission_file_/neuron.ipynb",
         "Participant_12_assignsubmission_file_/neuron.html"),
    ],
)  # fmt: skip
def test_a_page_goes_back_under_the_name_by_which_the_platform_knows_the_student(
    tmp_path, monkeypatch, layout, who, given, wanted
):
    monkeypatch.setattr(notebooks, "exercise_of", lambda contents, name: "neuron")
    other = given.replace("12", "77").replace("aB3dE", "xY9zW").replace("345", "346")
    marks = with_pages(files.gradebook(tmp_path / "marks", {who: 7}, layout))
    download = zipped(tmp_path / "submissions.zip", [given, other])
    done = run("feedback", download, "--from", marks)
    assert done.exit_code == 3, done.output  # the other one's work was never graded
    assert "In the submissions, but without a page: 1." in done.output
    with zipfile.ZipFile(tmp_path / "submissions feedback.zip") as archive:
        assert archive.namelist() == [wanted]
        page = marks / "feedback" / report.file_names([who[0]])[who[0]] / "neuron.html"
        assert archive.read(wanted) == page.read_bytes()
    again = run("feedback", download, "--from", marks)
    assert (again.exit_code, "is there already" in again.output) == (2, True)


def test_the_names_in_a_download_are_understood_again_by_our_own_intake(tmp_path):
    folder = tmp_path / "class"
    demo.make(folder, ROOT / "exercises", ["neuron"], "canvas", students=4)
    found, _ = intake.find(folder)
    points = {(one.student, one.student_id): 5 for one in found}
    marks = with_pages(files.gradebook(tmp_path / "marks", points, "canvas"))
    done = run("feedback", folder, "--from", marks)
    assert done.exit_code == 0, done.output
    with zipfile.ZipFile(tmp_path / "class feedback.zip") as archive:
        names = archive.namelist()
    back = [intake._from_lms(name, False) for name in names]
    assert {(owner.name, owner.id) for owner in back} == points.keys()


def test_pages_without_work_and_work_without_pages_are_told(tmp_path, monkeypatch):
    monkeypatch.setattr(notebooks, "exercise_of", lambda contents, name: "neuron")
    marks = {("doejane", "12"): 7, ("roejohn", "13"): 3, ("poeann", "14"): 1}
    folder = with_pages(files.gradebook(tmp_path / "marks", marks, "canvas"))
    (folder / "feedback" / "poeann" / "neuron.html").unlink()
    download = zipped(tmp_path / "s.zip", ["doejane_12_1_neuron.ipynb", "poeann_14_2_neuron.ipynb"])
    done = run("feedback", download, "--from", folder, "--out", tmp_path / "out.zip")
    assert done.exit_code == 3
    assert "without a page: 1.\n  poeann: neuron" in done.output
    assert "NOT in the submissions: 1.\n  roejohn: neuron" in done.output
    download = zipped(tmp_path / "t.zip", ["xxx_99_1_neuron.ipynb"])
    done = run("feedback", download, "--from", folder)
    assert (done.exit_code, "Is it the download that was graded?" in done.output) == (2, True)
    download = zipped(tmp_path / "u.zip", ["ada/neuron.ipynb", "bob/neuron.ipynb"])
    done = run("feedback", download, "--from", folder)
    assert (done.exit_code, "no download from Canvas or Moodle" in done.output) == (2, True)
    assert not list(tmp_path.glob("*feedback.zip"))


@pytest.mark.parametrize("now", ["doejane", "roejane"])
def test_who_has_another_name_since_gets_the_page_of_the_name_in_the_download(
    tmp_path, monkeypatch, now
):
    monkeypatch.setattr(notebooks, "exercise_of", lambda contents, name: "neuron")
    marks = {("doejane", "12"): 7, ("roejane", "12"): 3}
    folder = with_pages(files.gradebook(tmp_path / "marks", marks, "canvas"))
    download = zipped(tmp_path / "s.zip", [f"{now}_12_1_neuron.ipynb"])
    run("feedback", download, "--from", folder)
    with zipfile.ZipFile(tmp_path / "s feedback.zip") as archive:
        page = (folder / "feedback" / now / "neuron.html").read_bytes()
        assert archive.read(f"{now}_12_1_neuron.html") == page


@pytest.mark.parametrize(
    ("handle", "safe"),
    [("a\\b_1_2_", "a-b_1_2_"), ("C:x_1_2_", "C-x_1_2_"), ("..x_1_2_", "x_1_2_"),
     ("a\x1b\ud800*_1_assignsubmission_file_/", "a---_1_assignsubmission_file_/"),
     ("~a_1_assignsubmission_file_/", "a_1_assignsubmission_file_/")],
)  # fmt: skip
def test_a_name_in_the_zip_leads_nowhere_else(handle, safe):
    assert feedback._safe(handle) == safe


# --- Gradescope --------------------------------------------------------------------------------


def test_an_exercise_without_marks_is_told_whatever_is_to_be_made(canvas_marks, tmp_path):
    save(tmp_path / "grades.csv", files.canvas(CLASS))
    work = tmp_path / "work" / "Jane Doe"
    work.mkdir(parents=True)
    (work / "neuron.ipynb").write_text("{}")
    zipped = tmp_path / "doejane_12_34_neuron.ipynb"
    zipped.write_text("{}")
    before = sorted(tmp_path.rglob("*"))
    for words in (
        ["canvas", tmp_path / "grades.csv"], ["gradescope"], ["feedback", zipped],
        ["nbgrader", "--csv", tmp_path / "n.csv"],
    ):  # fmt: skip
        done = run(*words, "--from", canvas_marks, "--notebook", "nope")
        assert done.exit_code == 2
        assert "There are no marks for 'nope'. There are some for: neuron." in done.output
    assert {*tmp_path.rglob("*")} - {*before} <= {canvas_marks / "gradebook.lock"}


def test_a_damaged_gradebook_and_one_of_another_program_are_told_and_left_alone(
    canvas_marks, tmp_path
):
    path = canvas_marks / "gradebook.sqlite"
    save(tmp_path / "grades.csv", files.canvas(CLASS))
    (tmp_path / "o.csv").write_text("student,question,points,comment\ndoejane,neuron-q1,1,\n")
    whole = path.read_bytes()
    with contextlib.closing(sqlite3.connect(tmp_path / "other")) as other:
        other.execute("CREATE TABLE run (x)")
    broken = whole[:8192] + b"\xff" * (len(whole) - 8192)
    for data, words in (
        (broken, "malformed"), ((tmp_path / "other").read_bytes(), "another program"),
    ):  # fmt: skip
        path.write_bytes(data)
        for given, status in (
            (["canvas", tmp_path / "grades.csv", "--column", "Neuron"], 2), (["gradescope"], 2),
            (["override", tmp_path / "o.csv", "--by", "Eve"], 1),
        ):  # fmt: skip
            done = run(*given, "--from", canvas_marks)
            assert (done.exit_code, words in done.output) == (status, True), done.output
            assert "Move it away" in done.output
        assert path.read_bytes() == data
    assert not (tmp_path / "grades filled.csv").exists()


def test_a_name_that_the_terminal_cannot_show_ends_nothing(canvas_marks, tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "dlbook.cli", "marks", "gradescope", "--from", canvas_marks,
         "--out", tmp_path / "Tu\u011fba"],
        cwd=ROOT, capture_output=True, check=False,
        env=os.environ | {"PYTHONIOENCODING": "cp1252:strict"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert b"Tu\\u011fba holds the results.json of 4 students" in done.stdout


def test_gradescope_gets_a_file_for_each_student(tmp_path):
    bad = "../../<b>Eve</b>\x1b[31m"
    marks = files.gradebook(tmp_path / "marks", {"Ada A.": 7, bad: 10, "Dan": None})
    done = run("gradescope", "--from", marks)
    assert done.exit_code == 0, done.output
    found = sorted((marks / "gradescope").rglob("*"))
    assert len(found) == 4
    assert "of 2 students.\n\nNot graded yet, so left out: 1.\n  Dan\n" in done.output
    assert {path.parent.parent for path in found if path.is_file()} == {marks / "gradescope"}
    ada = json.loads((marks / "gradescope" / "Ada A" / "results.json").read_text("utf-8"))
    assert set(ada) == {"score", "output", "output_format", "test_output_format", "visibility",
                        "tests"}  # fmt: skip
    assert (ada["score"], ada["visibility"], ada["output_format"]) == (7, "visible", "text")
    assert sum(test["score"] for test in ada["tests"]) == 7
    assert sum(test["max_score"] for test in ada["tests"]) == 10
    assert [test["status"] for test in ada["tests"]] == ["passed"] * 7 + ["failed"] * 3
    assert {test["output"] for test in ada["tests"]} == {"In words."}
    assert all(set(t) == {"name", "score", "max_score", "status", "output"} for t in ada["tests"])
    again = run("gradescope", "--from", marks)
    assert (again.exit_code, "is there already" in again.output) == (2, True)


def test_gradescopes_folder_appears_whole_or_not_at_all(tmp_path, monkeypatch):
    marks = files.gradebook(tmp_path / "marks", {"Ada": 7, "Bob": 3})
    monkeypatch.setattr(gradescope, "results", lambda *_: 1 / 0)
    with marks_files.opened(marks) as (book, _), pytest.raises(ZeroDivisionError):
        gradescope.write(book, marks / "gradescope")
    assert sorted(os.listdir(marks)) == ["gradebook.lock", "gradebook.sqlite"]


def test_a_penalty_for_late_work_is_in_the_score_and_in_words(tmp_path, monkeypatch):
    marks = files.gradebook(tmp_path / "marks", {"Jane Doe": 7, "Ada": 10})

    def late(book):
        return [replace(t, penalty=1.5, why="3 days late") for t in totals.totals(book)]

    monkeypatch.setattr(people, "totals", late)
    run("gradescope", "--from", marks)
    ada = json.loads((marks / "gradescope" / "Ada" / "results.json").read_text("utf-8"))
    assert (ada["score"], ada["output"]) == (
        8.5, "8.5 of 10 points in neuron. 1.5 taken off: 3 days late."
    )  # fmt: skip
    rows = files.canvas(CLASS)
    save(tmp_path / "grades.csv", rows)
    run("canvas", tmp_path / "grades.csv", "--from", marks, "--column", "neuron")
    after = files.parsed((tmp_path / "grades filled.csv").read_bytes())
    assert changed_cells(rows, after) == {(3, 5): "5.5"}


# --- nbgrader ----------------------------------------------------------------------------------


def test_nbgraders_table_has_the_columns_of_its_own_export(tmp_path):
    folder = tmp_path / "marks"
    files.gradebook(folder, {"ada": 3, "=cmd": 2}, "nbgrader", "neuron", most=4)
    files.gradebook(folder, {"ada": 5}, "nbgrader", "layers", most=6)
    done = run("nbgrader", "--from", folder, "--csv", tmp_path / "grades.csv")
    assert done.exit_code == 0, done.output
    rows = list(csv.DictReader(io.StringIO((tmp_path / "grades.csv").read_text("utf-8"))))
    assert list(rows[0]) == list(nbgrader_book.COLUMNS)
    got = [(r["assignment"], r["student_id"], r["score"], r["max_score"]) for r in rows]
    assert got == [("layers", "ada", "5", "6.0"), ("neuron", "'=cmd", "2", "4.0"),
                   ("neuron", "ada", "3", "4.0")]  # fmt: skip
    done = run("nbgrader", "--from", folder, "--csv", tmp_path / "one.csv", "--assignment", "ps1")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "one.csv").read_text("utf-8"))))
    got = [(r["assignment"], r["student_id"], r["raw_score"], r["max_score"]) for r in rows]
    assert got == [("ps1", "'=cmd", "2", "10.0"), ("ps1", "ada", "8", "10.0")]
    files.gradebook(folder, {"eve": None}, "nbgrader", "layers", most=6)
    files.gradebook(folder, {"eve": 1}, "nbgrader", "neuron", most=4)
    done = run("nbgrader", "--from", folder, "--csv", tmp_path / "left.csv")
    assert "left out: 1.\n  eve: layers" in done.output
    assert (tmp_path / "left.csv").read_text("utf-8").count("eve") == 1
    again = run("nbgrader", "--from", folder, "--csv", tmp_path / "one.csv")
    assert (again.exit_code, "is there already" in again.output) == (2, True)
    for words in ([], [tmp_path / "gradebook.db", "--csv", tmp_path / "two.csv"]):
        assert run("nbgrader", *words, "--from", folder).exit_code == 2


def test_nbgraders_table_has_each_assignments_own_time_in_nbgraders_form(tmp_path):
    path = tmp_path / "gradebook.sqlite"
    handed = {
        "neuron": "2026-03-02T23:30:00.500000-02:00", "layers": "2026-01-05T10:00:00+00:00",
        "images": "9999-12-31T23:59:59-12:00", "training": None,
    }  # fmt: skip
    with Gradebook(path) as book:
        run_ = book.begin()
        for name, time in handed.items():
            results = [files.result(f"{name}-q0", 1, 0)]
            work = Work("ada", "ada", "nbgrader", f"d {name}", False, time)
            book.record(run_, work, [Graded(name, results, [], digest=name, handed_in=time)])
        book.finish(run_)
    for assignment in ("", "ps1"):
        words = ["--assignment", assignment] if assignment else []
        out = tmp_path / f"times {assignment}.csv"
        done = run("nbgrader", "--from", tmp_path, "--csv", out, *words)
        assert done.exit_code == 0, done.output
        rows = list(csv.DictReader(io.StringIO(out.read_text("utf-8"))))
        expected = {
            "images": "9999-12-31 23:59:59", "layers": "2026-01-05 10:00:00",
            "neuron": "2026-03-03 01:30:00.500000", "training": "",
        } if not assignment else {"ps1": "9999-12-31 23:59:59"}  # fmt: skip
        assert {row["assignment"]: row["timestamp"] for row in rows} == expected


def test_without_nbgrader_the_line_that_installs_it_is_told(tmp_path, monkeypatch):
    marks = files.gradebook(tmp_path / "marks", {"ada": 3})
    monkeypatch.setitem(sys.modules, "nbgrader", None)
    (tmp_path / "gradebook.db").write_bytes(b"x")
    done = run("nbgrader", tmp_path / "gradebook.db", "--from", marks)
    assert done.exit_code == 2
    assert "python -m pip install 'nbgrader==0.9.6'" in done.output


@pytest.fixture(scope="module")
def nbgraders_gradebook(tmp_path_factory) -> bytes:
    """A gradebook as nbgrader's own commands leave it: one assignment, two students."""
    api = nbgraders_api()
    path = tmp_path_factory.mktemp("nbgrader") / "gradebook.db"
    with pytest.MonkeyPatch.context() as patch:
        folders = [str(Path(sys.executable).parent), os.environ["PATH"]]
        patch.setenv("PATH", os.pathsep.join(folders))  # nbgrader calls alembic
        book = api.Gradebook(f"sqlite:///{path}")
    with book:
        book.add_assignment("ps1")
        for name in ("neuron", "layers"):
            book.add_notebook(name, "ps1")
            for i in range(4):
                cell = f"{name}-q{i}-check"
                book.add_grade_cell(cell, name, "ps1", max_score=1, cell_type="code")
        book.add_student("ada")
        book.add_student("b7", first_name="Bob", last_name="B.", email="bob@uni.example")
    return path.read_bytes()


@pytest.fixture
def theirs(tmp_path, nbgraders_gradebook) -> Path:
    path = tmp_path / "gradebook.db"
    path.write_bytes(nbgraders_gradebook)
    return path


def nbgraders_api():
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from nbgrader import api  # noqa: PLC0415
    except ImportError:
        if os.environ.get("DLBOOK_REQUIRE_ORACLES"):
            pytest.fail("nbgrader must be here for this run: pip install nbgrader==0.9.6")
        pytest.skip("nbgrader is not installed: pip install nbgrader==0.9.6 to ask it as well")
    return api


@pytest.mark.oracle
def test_nbgrader_itself_reads_the_marks_that_were_filled_in(theirs, tmp_path):
    marks = files.gradebook(tmp_path / "marks", {"ada": 3, "Bob B.": 1, "eve": 2}, most=4)
    files.gradebook(marks, {"ada": None}, notebook="layers", most=4)
    before = theirs.read_bytes()
    done = run("nbgrader", theirs, "--from", marks)
    assert done.exit_code == 3, done.output
    assert "eve: nobody in the file has this name" in done.output
    assert theirs.read_bytes() == before
    with nbgraders_api().Gradebook(f"sqlite:///{tmp_path / 'gradebook filled.db'}") as book:
        assert [s.id for s in book.students] == ["ada", "b7"]
        ada = book.find_submission("ps1", "ada")
        assert (ada.score, ada.max_score) == (3, 8)
        assert ada.needs_manual_grade
        assert book.find_submission("ps1", "b7").score == 1
        grade = book.find_grade("neuron-q2-check", "neuron", "ps1", "ada")
        assert (grade.auto_score, grade.needs_manual_grade) == (1, False)
    assert sorted(os.listdir(tmp_path)) == ["gradebook filled.db", "gradebook.db", "marks"]


@pytest.mark.oracle
def test_nbgrader_itself_reads_when_the_last_notebook_of_an_assignment_came(theirs, tmp_path):
    marks = files.gradebook(tmp_path / "marks", {"ada": 3}, most=4)
    files.gradebook(marks, {"ada": 2}, notebook="layers", most=4)
    with Gradebook(marks / "gradebook.sqlite") as book:
        for name, time in (
            ("neuron", "2026-03-02T23:30:00.500000-02:00"), ("layers", "2026-01-05T10:00:00"),
        ):  # fmt: skip
            results = [files.result(f"{name}-q{i}", 3, i) for i in range(4)]
            work = Work("ada", "ada", "nbgrader", f"d {name}", False, time)
            graded = Graded(name, results, [], digest=name, handed_in=time)
            book.record(book.last_run(), work, [graded])
    assert run("nbgrader", theirs, "--from", marks).exit_code == 0
    with nbgraders_api().Gradebook(f"sqlite:///{tmp_path / 'gradebook filled.db'}") as book:
        ada = book.find_submission("ps1", "ada")
        assert ada.timestamp == datetime(2026, 3, 3, 1, 30, 0, 500_000)


@pytest.mark.oracle
def test_nbgraders_manual_grades_stay_and_new_students_are_added_if_asked(
    theirs, tmp_path, monkeypatch
):
    api = nbgraders_api()
    with api.Gradebook(f"sqlite:///{theirs}") as book:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book.add_submission("ps1", "ada")
        book.find_grade("neuron-q0-check", "neuron", "ps1", "ada").manual_score = 0.5
        book.db.commit()
    marks = files.gradebook(tmp_path / "marks", {"ada": 3, "eve": 2}, most=4)
    late = [replace(t, penalty=1) for t in totals_of(marks)]
    monkeypatch.setattr(nbgrader_book, "totals", lambda book: late)
    done = run("nbgrader", theirs, "--from", marks, "--add-students", "--assignment", "ps1")
    assert done.exit_code == 0, done.output
    assert "1 of them have a manual grade" in done.output
    assert "New in the gradebook: 1.\n  eve" in done.output
    with api.Gradebook(f"sqlite:///{tmp_path / 'gradebook filled.db'}") as book:
        assert book.find_submission("ps1", "ada").score == 2.5
        eve = book.find_submission("ps1", "eve")
        assert (eve.score, eve.late_submission_penalty) == (2, 1)


def totals_of(folder: Path):
    with marks_files.opened(folder) as (book, _):
        return totals.totals(book)


@pytest.mark.oracle
@pytest.mark.parametrize("words", [["--assignment", "ps2"], ["--notebook", "training"], []])
def test_nbgrader_gets_no_assignment_and_no_cell_by_accident(theirs, tmp_path, words):
    marks = files.gradebook(tmp_path / "marks", {"ada": 3}, most=5)  # there is no cell q4
    files.gradebook(marks, {"ada": 3}, notebook="training", most=4)
    words = words or ["--notebook", "neuron"]
    done = run("nbgrader", theirs, "--from", marks, *words)
    assert done.exit_code == 2
    assert "generate_assignment" in done.output
    assert sorted(os.listdir(tmp_path)) == ["gradebook.db", "marks"]


@pytest.mark.oracle
@pytest.mark.parametrize("data", [b"", b"my diary", "ours"])
def test_a_file_that_is_no_gradebook_of_nbgraders_is_told(tmp_path, data):
    nbgraders_api()
    marks = files.gradebook(tmp_path / "marks", {"ada": 3}, most=4)
    given = tmp_path / "gradebook.db"
    given.write_bytes((marks / "gradebook.sqlite").read_bytes() if data == "ours" else data)
    done = run("nbgrader", given, "--from", marks)
    assert (done.exit_code, "is no gradebook of nbgrader's" in done.output) == (2, True)
    assert "There is no" in run("nbgrader", tmp_path / "none.db", "--from", marks).output
    assert sorted(os.listdir(tmp_path)) == ["gradebook.db", "marks"]
