"""Submissions in whatever layout they arrive, and from whomever."""

import io
import json
import os
import stat
import threading
import time
import unicodedata
import warnings
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dlbook.grading import intake
from dlbook.grading.intake import IntakeError, find

NOTEBOOK = json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def folder(root: Path, files: dict[str, str | bytes]) -> Path:
    """Write files; a name that ends in a slash is an empty folder."""
    root.mkdir(parents=True, exist_ok=True)
    for name, contents in files.items():
        path = root / name
        if name.endswith("/"):
            path.mkdir(parents=True)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(contents.encode() if isinstance(contents, str) else contents)
        os.utime(path, (1_750_000_000, 1_750_000_000))
    return root


def zipped(files: dict[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip with these names, exactly."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of names that are there twice
        for name, contents in files.items():
            archive.writestr(member(name), contents)
    return stream.getvalue()


def member(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("x", (2026, 3, 1, 12, 0, 0))
    info.filename = info.orig_filename = name
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = (stat.S_IFDIR if name.endswith("/") else stat.S_IFREG) << 16
    return info


def as_zip(root: Path, files: dict[str, str | bytes]) -> Path:
    root.mkdir(parents=True, exist_ok=True)
    path = root / "download.zip"
    path.write_bytes(zipped(files))
    return path


def as_zip_in_one_folder(root: Path, files: dict[str, str | bytes]) -> Path:
    return as_zip(root, {f"homework 1/{name}": contents for name, contents in files.items()})


BOTH = pytest.mark.parametrize("arrive", [folder, as_zip, as_zip_in_one_folder])


def who(found) -> list[tuple[str, str, str]]:
    return [(one.student, one.student_id, one.file) for one in found]


def reasons(problems) -> dict[str, str]:
    return {problem.student: problem.reason for problem in problems}


def newest(found, student):
    return max((one for one in found if one.student == student), key=lambda one: one.version)


# Layouts


@BOTH
def test_a_folder_for_each_student_is_found(tmp_path, arrive):
    files = {"ada/neuron.ipynb": "a", "ada/more/deep/layers.ipynb": "b", "bob/neuron.ipynb": "c"}
    found, problems = find(arrive(tmp_path / "class", files))
    assert who(found) == [
        ("ada", "", "layers.ipynb"), ("ada", "", "neuron.ipynb"), ("bob", "", "neuron.ipynb"),
    ]  # fmt: skip
    assert [one.read() for one in found] == [b"b", b"a", b"c"]
    assert {(one.layout, one.when, one.late) for one in found} == {("folders", None, False)}
    assert problems == []


@BOTH
def test_notebooks_without_folders_are_their_names_students(tmp_path, arrive):
    names = ["ada_neuron", "Neuron - bob", "cleo lovelace.layers", "dan", "eve_neuron (1)"]
    found, _ = find(arrive(tmp_path / "class", {f"{name}.ipynb": "x" for name in names}))
    assert [one.student for one in found] == ["ada", "bob", "cleo lovelace", "dan", "eve"]


def test_one_students_folder_zip_or_notebook_can_be_given(tmp_path):
    home = folder(tmp_path / "ada", {"neuron.ipynb": "x", "layers.ipynb": "y"})
    assert {one.student for one in find(home)[0]} == {"ada"}
    assert who(find(home / "neuron.ipynb")[0]) == [("ada", "", "neuron.ipynb")]
    archive = tmp_path / "bob.zip"
    archive.write_bytes(zipped({"neuron.ipynb": "x", "layers.ipynb": "y"}))
    assert {one.student for one in find(archive)[0]} == {"bob"}
    archive.write_bytes(zipped({"bobby/neuron.ipynb": "x", "bobby/data/weights.csv": "y"}))
    assert who(find(archive)[0]) == [("bobby", "", "neuron.ipynb")]


def test_the_folder_one_stands_in_has_a_name(tmp_path, monkeypatch):
    monkeypatch.chdir(folder(tmp_path / "ada", {"neuron.ipynb": "x"}))
    assert who(find(Path("."))[0]) == who(find("neuron.ipynb")[0]) == [("ada", "", "neuron.ipynb")]


SUBMITTED = {
    "submitted/ada/homework/neuron.ipynb": "x",
    "submitted/ada/homework/timestamp.txt": "2015-02-02 14:58:23.948203 America/Los_Angeles\n",
    "submitted/bob/homework/sub/neuron.ipynb": "x",
    "submitted/bob/homework/timestamp.txt": "2015-02-02 14:58:23 UTC",
}
COURSE = SUBMITTED | {
    "source/homework/neuron.ipynb": "the answers",
    "release/homework/neuron.ipynb": "x",
    "autograded/ada/homework/neuron.ipynb": "x",
    "feedback/ada/homework/neuron.html": "x",
    "nbgrader_config.py": "x",
}


@BOTH
@pytest.mark.parametrize("files", [SUBMITTED, COURSE])
def test_of_an_nbgrader_course_only_what_was_submitted_is_taken(tmp_path, arrive, files):
    found, problems = find(arrive(tmp_path / "course", files))
    assert [(one.student, one.layout) for one in found] == [
        ("ada", "nbgrader"),
        ("bob", "nbgrader"),
    ]
    at = datetime(2015, 2, 2, 22, 58, 23, 948203, UTC).timestamp()  # California is 8 hours behind
    assert [one.when for one in found] == [at, datetime(2015, 2, 2, 14, 58, 23, 0, UTC).timestamp()]
    assert problems == []


def test_the_only_student_of_a_course_keeps_the_name_in_a_zip(tmp_path):
    ada = {name: text for name, text in SUBMITTED.items() if "/ada/" in name}
    for n, files in enumerate(
        [
            {name.removeprefix("submitted/"): text for name, text in ada.items()},
            ada,
            {**ada, "source/homework/neuron.ipynb": "x"},
            {"submitted/ada/homework/neuron.ipynb": "x", "release/homework/neuron.ipynb": "x"},
        ]
    ):
        ((one,), _) = find(as_zip(tmp_path / str(n), files))
        assert (one.student, one.layout) == ("ada", "nbgrader")


@pytest.mark.parametrize("part", ["", "/ada", "/ada/homework", "/ada/homework/neuron.ipynb"])
@pytest.mark.parametrize("files", [SUBMITTED, COURSE])
def test_any_part_of_an_nbgrader_folder_can_be_given(tmp_path, part, files):
    found, _ = find(folder(tmp_path / "course", files) / f"submitted{part}")
    assert (found[0].student, found[0].file, found[0].layout) == ("ada", "neuron.ipynb", "nbgrader")
    assert found[0].when is not None
    assert {one.student for one in found} == ({"ada"} if part else {"ada", "bob"})


def test_a_class_in_a_folder_called_submitted_is_not_one_student(tmp_path):
    files = {"ada/neuron.ipynb": "x", "bob/neuron.ipynb": "x"}
    found, _ = find(folder(tmp_path / "submitted" / "week 1", files))
    assert [one.student for one in found] == ["ada", "bob"]


def test_the_inbound_folder_of_nbgraders_exchange_is_understood(tmp_path):
    one, two = "ada+homework+2026-02-02 10:00:00.5 UTC+x1", "ada+homework+2026-02-03 10:00:00.5 UTC"
    files = {f"{one}/neuron.ipynb": "old", f"{one}/timestamp.txt": "2026-02-02 10:00:00.5 UTC"}
    files |= {f"{two}/neuron.ipynb": "new", f"{two}/timestamp.txt": "2026-02-03 10:00:00.5 UTC"}
    found, _ = find(folder(tmp_path / "inbound", files))
    assert {one.student for one in found} == {"ada"}
    assert newest(found, "ada").read() == b"new"


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("2026-03-01 12:00:00.123456 UTC", 12),
        ("2026-03-01 12:00:00 +0100", 11),
        ("2026-03-01 12:00:00-05:30", 17.5),
        ("2026-03-01T12:00:00Z", 12),
        ("2026-03-01T12:00:00+02:00\r\n", 10),
        ("\ufeff2026-03-01 12:00", 12),
        ("2026-07-01 12:00:00 Europe/Berlin", 10),  # summer time
        ("2026-03-01 12:00:00 ../../etc/passwd", None),
        ("2026-03-01 12:00:00 Nowhere/Land", None),
        ("2026-03-01 12:00:00 Europe", None),
        ("2026-13-45 12:00:00 UTC", None),
        ("0001-01-01 00:00:00 +1000", None),
        ("yesterday", None),
        ("", None),
        (b"\xff\xfe\x00", None),
        ("9" * 100_000, None),
    ],
)
def test_a_timestamp_is_read_or_left_alone(tmp_path, text, hour):
    files = {"ada/homework/neuron.ipynb": "x", "ada/homework/timestamp.txt": text}
    ((one,), problems) = find(folder(tmp_path / "submitted", files))
    assert problems == []
    if hour is None:
        assert one.when is None or one.when < 0
    else:
        assert (one.when % 86400) / 3600 == pytest.approx(hour, abs=1e-3)


@BOTH
def test_a_canvas_download_is_understood(tmp_path, arrive):
    files = {
        "doejane_12_345_neuron.ipynb": "x",
        "roejohn_LATE_13_346_my_neuron-2.ipynb": "x",
        "van_der_berg2_14_347_2_3_x.ipynb": "x",
        "anon_k3Xq9_LATE_348_neuron.ipynb": "x",
        "anon_77_349_neuron.ipynb": "x",
        "textonly_15_text.html": "<p>sorry",
        "doejane_12_350_._neuron.ipynb": "a Mac's",
    }
    found, problems = find(arrive(tmp_path / "submissions", files))
    assert [(*w, one.late) for w, one in zip(who(found), found, strict=True)] == [
        ("anon_77", "77", "neuron.ipynb", False),
        ("anon_k3Xq9", "k3Xq9", "neuron.ipynb", True),
        ("doejane", "12", "neuron.ipynb", False),
        ("roejohn", "13", "my_neuron.ipynb", True),
        ("van_der_berg2", "14", "2_3_x.ipynb", False),
    ]
    assert {one.layout for one in found} == {"canvas"}
    assert list(reasons(problems)) == ["textonly"]


def test_a_file_handed_in_again_on_canvas_is_a_newer_version(tmp_path):
    files = {
        "doejane_12_1000_neuron-1.ipynb": "new",
        "doejane_12_999_neuron.ipynb": "old",
        "doejane_12_99_neuron-2.ipynb": "older",
    }
    found, _ = find(folder(tmp_path / "submissions", files))
    assert [one.file for one in found] == ["neuron.ipynb"] * 3
    assert [one.read() for one in found] == [b"older", b"old", b"new"]
    assert sorted(found, key=lambda one: one.version) == found


MOODLE = {
    "Jane Doe_12_assignsubmission_file_/neuron.ipynb": "x",
    "Jane Doe_12_assignsubmission_onlinetext_/onlinetext.html": "x",
    "Müller-Lüdenscheidt, 'Ed'_13_assignsubmission_file/week 1/layers.ipynb": "x",
    "小明_14_assignsubmission_file_neuron.ipynb": "x",
    "Participant_15_assignsubmission_file_/neuron.ipynb": "x",
    "Participant 16_1234_assignsubmission_file_/neuron.ipynb": "x",
    "Group A-Bo Li_17_assignsubmission_file_/12_34_neuron.ipynb": "x",
}


@BOTH
def test_a_moodle_download_is_understood(tmp_path, arrive):
    found, problems = find(arrive(tmp_path / "Course-Homework-1234", MOODLE))
    assert who(found) == [
        ("Group A-Bo Li", "17", "12_34_neuron.ipynb"),
        ("Jane Doe", "12", "neuron.ipynb"),
        ("Müller-Lüdenscheidt, 'Ed'", "13", "layers.ipynb"),
        ("Participant 15", "15", "neuron.ipynb"),
        ("Participant 16", "1234", "neuron.ipynb"),
        ("小明", "14", "neuron.ipynb"),
    ]
    assert {one.layout for one in found} == {"moodle"}
    assert problems == []


@BOTH
@pytest.mark.parametrize(
    "name", ["Jane Doe_{}_assignsubmission_file_/neuron.ipynb", "Jane Doe_{}_77_neuron.ipynb"]
)
def test_two_people_of_one_name_are_two_students(tmp_path, arrive, name):
    found, _ = find(arrive(tmp_path / "class", {name.format(n): str(n) for n in (12, 13)}))
    assert [(one.student, one.student_id) for one in found] == [
        ("Jane Doe (12)", "12"), ("Jane Doe (13)", "13"),
    ]  # fmt: skip


def test_layouts_may_be_mixed(tmp_path):
    canvas = zipped({"doejane_12_34_neuron.ipynb": "c"})
    files = {
        "canvas.zip": canvas,
        "ada/neuron.ipynb": "a",
        "bob_neuron.ipynb": "b",
        "cleo.zip": zipped({"neuron.ipynb": "z"}),
        "moodle/Kim_5_assignsubmission_file_/neuron.ipynb": "m",
        "moodle/Lee_6_assignsubmission_file_/neuron.ipynb": "n",
        "roe_13_35_neuron.ipynb": "r",
    }
    found, problems = find(folder(tmp_path / "all", files))
    assert [(one.student, one.layout, one.where) for one in found] == [
        ("Kim", "moodle", "moodle/Kim_5_assignsubmission_file_/neuron.ipynb"),
        ("Lee", "moodle", "moodle/Lee_6_assignsubmission_file_/neuron.ipynb"),
        ("ada", "folders", "ada/neuron.ipynb"),
        ("bob", "folders", "bob_neuron.ipynb"),
        ("cleo", "folders", "cleo.zip > neuron.ipynb"),
        ("doejane", "canvas", "canvas.zip > doejane_12_34_neuron.ipynb"),
        ("roe", "canvas", "roe_13_35_neuron.ipynb"),
    ]
    assert problems == []


@BOTH
def test_a_students_own_zip_belongs_to_the_student(tmp_path, arrive):
    inner = zipped({"homework/neuron.ipynb": "x", "__MACOSX/homework/._neuron.ipynb": "y"})
    files = {
        "doejane_LATE_12_34_homework-1.zip": inner,
        "Jane Roe_13_assignsubmission_file_/all.ZIP": zipped({"inner.zip": inner}),
        "ada/zips/one.zip": inner,
        "bob/neuron.ipynb": "x",
    }
    found, problems = find(arrive(tmp_path / "class", files))
    assert [(one.student, one.late) for one in found] == [
        ("Jane Roe", False), ("ada", False), ("bob", False), ("doejane", True),
    ]  # fmt: skip
    assert found[0].where.endswith(
        "Jane Roe_13_assignsubmission_file_/all.ZIP > inner.zip > homework/neuron.ipynb"
    )
    assert [one.read() for one in found] == [b"x"] * 4
    assert problems == []


def test_a_student_cant_hand_in_as_another(tmp_path):
    inner = zipped({"bob_13_99_neuron.ipynb": "x", "Bob_13_assignsubmission_file_/n.ipynb": "y"})
    files = {
        "ada_12_34_work.zip": inner,
        "bob_13_35_neuron.ipynb": "b",
        "cleo_14_36_bob_13_99_neuron.ipynb": "c",
        "dan/bob_13_99_neuron.ipynb": "d",
    }
    found, _ = find(folder(tmp_path / "class", files))
    assert [one.read() for one in found if one.student == "bob"] == [b"b"]
    assert {one.student for one in found} == {"ada", "bob", "cleo", "dan"}


@pytest.mark.parametrize(
    "name",
    [
        "neuron.ipynb.txt", "neuron.ipynb.json", "neuron.IPYNB", "neuron.json", "neuron (1).ipynb",
        "Copy of neuron.ipynb", "neuron-Copy1.ipynb", "neuron - Copy (2).ipynb", "neuron.ipynb ",
    ],
)  # fmt: skip
def test_a_notebooks_name_may_have_suffered(tmp_path, name):
    found, problems = find(folder(tmp_path / "class", {f"ada/{name}": NOTEBOOK}))
    assert who(found) == [("ada", "", "neuron.ipynb")]
    assert problems == []


@pytest.mark.parametrize("name", ["neuron-Copy1", "copy of neuron", "old/neuron", "~/neuron (1)"])
def test_of_the_same_date_copies_and_what_lies_deeper_are_older(tmp_path, name):
    files = {
        f"ada/{name}.ipynb": "copy",
        "ada/a/neuron (2).ipynb": "copy",
        "ada/neuron.ipynb": "it",
    }
    found, _ = find(folder(tmp_path / "class", files))
    assert len(found) == 3
    assert newest(found, "ada").read() == b"it"
    files = {"bob/copy of a.ipynb": "copy", "bob/a.ipynb": "it"}
    assert newest(find(folder(tmp_path / "class", files))[0], "bob").read() == b"it"


def test_the_date_of_the_file_tells_where_nothing_else_does(tmp_path):
    root = folder(tmp_path / "class", {"ada/neuron.ipynb": "old", "ada/neuron (1).ipynb": "new"})
    os.utime(root / "ada" / "neuron (1).ipynb", (1_760_000_000, 1_760_000_000))
    assert newest(find(root)[0], "ada").read() == b"new"


def test_what_only_lies_there_is_no_notebook(tmp_path):
    names = [
        ".ipynb_checkpoints/neuron-checkpoint.ipynb", "__MACOSX/neuron.ipynb", "._neuron.ipynb",
        ".git/x.ipynb", ".hidden.ipynb", "Thumbs.db", "data.json", "~$x.ipynb", "desktop.ini",
        "__pycache__/x.ipynb", "lib/site-packages/pkg/x.ipynb",
    ]  # fmt: skip
    files = {f"ada/{name}": "{}" for name in names} | {"ada/neuron.ipynb": "x"}
    files |= {".DS_Store": "x", "__MACOSX/bob/._neuron.ipynb": "x", "grades.csv": "x"}
    found, problems = find(folder(tmp_path / "class", files))
    assert who(found) == [("ada", "", "neuron.ipynb")]
    assert problems == []


# Who must not vanish


@BOTH
def test_who_handed_in_no_notebook_is_named(tmp_path, arrive):
    files = {
        "ada/neuron.ipynb": "x",
        "ada/notes.pdf": "x",
        "bob/neuron.pdf": "x",
        "cleo/": "",
        "dan/.DS_Store": "x",
        "eve_12_34_neuron.docx": "x",
        "Flo_13_assignsubmission_file_/neuron.html": "x",
        "gil_neuron.py": "x",
        "hal/work.rar": "x",
        "ida/work.zip": zipped({"a.txt": "x"}),
        "kim/work.zip": zipped({}),
    }
    found, problems = find(arrive(tmp_path / "class", files))
    assert who(found) == [("ada", "", "neuron.ipynb")]
    told = reasons(problems)
    assert list(told) == ["Flo", "bob", "cleo", "dan", "eve", "gil", "hal", "ida", "kim"]
    assert told["bob"] == "neuron.pdf is not a notebook. Ask for the .ipynb."
    assert told["cleo"].startswith("Handed in nothing")
    assert told["kim"].startswith("Handed in nothing")


def test_many_other_files_are_not_all_named(tmp_path):
    files = {"ada/neuron.ipynb": "x"} | {f"bob/{n:03}.png": "x" for n in range(100)}
    _, problems = find(folder(tmp_path / "class", files))
    assert len(problems) == intake.NAMED_AT_MOST
    assert "90 more" in problems[0].reason


# Nothing at all


def test_what_is_not_there_is_said(tmp_path):
    with pytest.raises(IntakeError, match=r"There is nothing at .*missing"):
        find(tmp_path / "missing")


@pytest.mark.parametrize(
    ("files", "seen"), [({}, "nothing"), ({"a/x.pdf": "x"}, "x.pdf"), ({"x.csv": "x"}, "x.csv")]
)
@BOTH
def test_without_a_notebook_the_layouts_and_what_was_seen_are_told(tmp_path, arrive, files, seen):
    with pytest.raises(IntakeError, match=r"Moodle") as told:
        find(arrive(tmp_path / "class", files))
    assert seen in str(told.value) or not files


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no FIFOs")
def test_a_pipe_is_refused_and_does_not_block(tmp_path):
    root = folder(tmp_path / "class", {"ada/neuron.ipynb": "x"})
    os.mkfifo(root / "ada" / "layers.ipynb")
    os.mkfifo(root / "bob.ipynb")
    found, problems = find(root)
    assert len(found) == 1
    assert [(p.student, "is no file" in p.reason) for p in problems] == [
        ("ada", True),
        ("bob", True),
    ]
    with pytest.raises(IntakeError, match="neither a folder nor a file"):
        find(root / "bob.ipynb")


# Links and exchanged files


def test_a_link_out_is_refused_and_a_link_inside_left_out(tmp_path):
    root = folder(tmp_path / "class", {"ada/neuron.ipynb": "x", "bob/readme.txt": "x"})
    secret = folder(tmp_path / "answers", {"neuron.ipynb": "secret"})
    (root / "bob" / "neuron.ipynb").symlink_to(secret / "neuron.ipynb")
    (root / "cleo").symlink_to(secret)
    (root / "dan").mkdir()
    (root / "dan" / "neuron.ipynb").symlink_to(root / "ada" / "neuron.ipynb")
    (root / "ada" / "loop").symlink_to(root)
    found, problems = find(root)
    assert who(found) == [("ada", "", "neuron.ipynb")]
    told = reasons(p for p in problems if p.where != "bob/readme.txt")
    assert "place outside" in told["bob"]
    assert "place outside" in told["cleo"]
    assert "Handed in nothing" in told["dan"]


def test_the_submissions_folder_itself_may_be_a_link(tmp_path):
    folder(tmp_path / "real", {"ada/neuron.ipynb": "x", "bob/neuron.ipynb": "x"})
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert [one.read() for one in find(tmp_path / "link")[0]] == [b"x", b"x"]


@pytest.mark.parametrize("level", ["file", "folder"])
def test_a_link_swapped_in_later_is_not_followed(tmp_path, level):
    root = folder(tmp_path / "class", {"ada/neuron.ipynb": "x"})
    secret = folder(tmp_path / "answers", {"neuron.ipynb": "secret"})
    ((one,), _) = find(root)
    (root / "ada" / "neuron.ipynb").unlink()
    if level == "file":
        (root / "ada" / "neuron.ipynb").symlink_to(secret / "neuron.ipynb")
    else:
        (root / "ada").rmdir()
        (root / "ada").symlink_to(secret)
    with pytest.raises(IntakeError, match=r"ada/neuron\.ipynb (can't be read|was exchanged)"):
        one.read()


def test_a_file_that_is_gone_or_became_a_pipe_is_told(tmp_path):
    root = folder(tmp_path / "class", {"ada/neuron.ipynb": "x"})
    ((one,), _) = find(root)
    (root / "ada" / "neuron.ipynb").unlink()
    with pytest.raises(IntakeError, match="can't be read"):
        one.read()
    os.mkfifo(root / "ada" / "neuron.ipynb")
    with pytest.raises(IntakeError, match="exchanged"):
        one.read()


def test_an_unreadable_folder_is_told(tmp_path, monkeypatch):
    root = folder(tmp_path / "class", {"ada/neuron.ipynb": "x", "bob/neuron.ipynb": "x"})
    listed = os.listdir

    def refuse(path):  # the tests may run as root, who may read everything
        if Path(path).name in locked:
            raise PermissionError(13, "Permission denied")
        return listed(path)

    monkeypatch.setattr(os, "listdir", refuse)
    locked = {"bob"}
    found, problems = find(root)
    assert [one.student for one in found] == ["ada"]
    assert reasons(problems) == {"bob": "bob can't be read: Permission denied."}
    locked = {"class"}
    with pytest.raises(IntakeError, match="can't be read"):
        find(root)


# Sizes


def test_a_large_file_is_refused_unread(tmp_path):
    root = folder(tmp_path / "class", {"ada/neuron.ipynb": "x", "bob/neuron.ipynb": "x"})
    os.truncate(root / "bob" / "neuron.ipynb", intake.LARGEST_FILE + 1)  # takes no room on disk
    found, problems = find(root)
    assert [one.student for one in found] == ["ada"]
    assert "larger than 50 MB" in reasons(problems)["bob"]
    os.truncate(root / "ada" / "neuron.ipynb", intake.LARGEST_FILE + 1)
    with pytest.raises(IntakeError, match="larger than 50 MB"):
        found[0].read()


def test_folders_that_never_end_do(tmp_path):
    deep = "/".join("d" * 40)
    root = folder(tmp_path / "class", {"ada/neuron.ipynb": "x", f"bob/{deep}/neuron.ipynb": "x"})
    found, problems = find(root)
    assert [one.student for one in found] == ["ada"]
    assert "folders deep" in reasons(problems)["bob"]
    archive = zipped({f"{deep}/neuron.ipynb": "x"})
    root = folder(tmp_path / "zips", {"ada/neuron.ipynb": "x", "bob/x.zip": archive})
    assert "too deep" in reasons(find(root)[1])["bob"]


ZEROS = bytes(30_000_000)


@pytest.mark.parametrize(
    ("inner", "words"),
    [
        (zipped({"neuron.ipynb": ZEROS}), "grows too much"),
        (zipped({"neuron.ipynb": bytes(intake.LARGEST_FILE + 1)}), "larger than 50 MB"),
        (zipped({"all.zip": ZEROS}), "grows too much"),
        (zipped({"a.zip": zipped({"neuron.ipynb": ZEROS})}), "grows too much"),
        (zipped({f"{n}.ipynb": "" for n in range(2_001)}), "too many files"),
        (zipped({"a.zip": zipped({f"{n}.ipynb": "" for n in range(2_000)})}), "too many files"),
        (zipped({"a.zip": zipped({"b.zip": zipped({"n.ipynb": "x"})})}), "in a zip in a zip"),
        (b"PK\1\2" * 30_000, "too many files"),
        (b"PK\3\4 no zip", "damaged"),
        (b"", "damaged"),
    ],
)
def test_a_bomb_is_told_and_the_rest_goes_on(tmp_path, inner, words):
    files = {"ada/neuron.ipynb": "x", "bob/work.zip": inner}
    found, problems = find(folder(tmp_path / "class", files))
    assert {one.student for one in found if one.read()} == {"ada"}
    assert any(words in p.reason and p.student == "bob" for p in problems)


def test_what_a_students_zip_announces_in_all_is_limited(tmp_path):
    large = os.urandom(10_000) * 3_000  # 30 MB, packed to a hundredth
    files = {f"{n}.ipynb": large for n in range(7)}
    inner = zipped(files)
    root = folder(tmp_path / "class", {"ada/neuron.ipynb": "x", "bob/work.zip": inner})
    _, problems = find(root)
    assert "too large" in reasons(problems)["bob"]


def test_a_header_that_tells_a_small_size_does_not_let_more_through(tmp_path):
    data = bytearray(zipped({"ada/neuron.ipynb": ZEROS, "bob/neuron.ipynb": "x"}))
    at = data.index(b"PK\1\2")
    data[at + 24 : at + 28] = (1000).to_bytes(4, "little")
    path = tmp_path / "class.zip"
    path.write_bytes(data)
    found, _ = find(path)
    with pytest.raises(IntakeError, match="damaged"):
        found[0].read()
    assert found[1].read() == b"x"


def test_a_class_may_be_large_and_is_found_in_a_moment(tmp_path):
    inner = zipped({"neuron.ipynb": NOTEBOOK})
    files = {f"student{n}_{n + 1}_{n + 9}_neuron.ipynb": NOTEBOOK for n in range(4_000)}
    files |= {f"zipper{n}_{n + 5000}_{n + 9}_neuron.zip": inner for n in range(1_000)}
    path = as_zip(tmp_path, files)
    start = time.perf_counter()
    found, problems = find(path)
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda one: one.read(), found)) == {NOTEBOOK.encode()}
    assert time.perf_counter() - start < 15  # 2 on an idle machine
    assert (len(found), problems) == (5_000, [])


def test_a_class_zip_may_be_larger_than_a_students(tmp_path):
    root = folder(tmp_path / "class", {"bob/neuron.ipynb": "x", "cleo/neuron.zip": ""})
    for name, files in [
        ("canvas.zip", {"doejane_1_2_neuron.ipynb": "x"}),
        ("cleo/neuron.zip", {"neuron.ipynb": "x"}),
    ]:
        with (root / name).open("wb") as stream:
            stream.seek(intake.LARGEST_FILE)  # what stands before a zip doesn't count
            stream.write(zipped(files))
    found, problems = find(root)
    assert [one.student for one in found if one.read()] == ["bob", "doejane"]
    assert "larger than 50 MB" in reasons(problems)["cleo"]


def test_long_names_take_no_long_time(tmp_path):
    names = [
        "_" * 4_000,
        "_neuron" * 570,
        "copy of " * 500,
        "_1" * 2_000,
        " (1)" * 1_000,
        "-" * 4_000,
    ]
    files = {f"{name}{n}.ipynb": "x" for name in names for n in range(20)}
    (tmp_path / "class.zip").write_bytes(zipped(files))
    start = time.perf_counter()
    find(tmp_path / "class.zip")
    assert time.perf_counter() - start < 5


def test_a_zip_in_a_zip_is_not_unpacked_for_each_of_its_members(tmp_path, monkeypatch):
    inner = {f"{n}.zip": zipped({"neuron.ipynb": "", "data.json": "{}"}) for n in range(50)}
    path = as_zip(tmp_path, {"bob_1_2_work.zip": zipped(inner), "ada_3_4_neuron.ipynb": "x"})
    opened, zip_file = [], zipfile.ZipFile
    monkeypatch.setattr(zipfile, "ZipFile", lambda s: opened.append(s) or zip_file(s))
    assert len(find(path)[0]) == 51
    assert len(opened) == 2 + 1 + 50  # to look whose it is and to keep it, bob's, those in it


# Zips that aren't as they should be


@pytest.mark.parametrize(
    "name",
    [
        "../neuron.ipynb", "ada/../../neuron.ipynb", "/etc/neuron.ipynb", "C:neuron.ipynb",
        "c:/x/neuron.ipynb", "..\\neuron.ipynb", "ada\\neuron.ipynb", "//host/neuron.ipynb",
    ],
)  # fmt: skip
def test_a_member_whose_name_leads_out_is_refused(tmp_path, name):
    (tmp_path / "class.zip").write_bytes(zipped({"ada/neuron.ipynb": "x", name: "y"}))
    (tmp_path / "inner").mkdir()
    inner = {"bob_1_2_work.zip": zipped({name: "y"}), "ada_3_4_neuron.ipynb": "x"}
    for given in (tmp_path / "class.zip", folder(tmp_path / "inner", inner)):
        found, (problem,) = find(given)
        assert [one.read() for one in found] == [b"x"]
        assert "leads out of the zip" in problem.reason
        assert problem.student == ("" if given.suffix else "bob")


def test_a_link_in_a_zip_is_no_notebook(tmp_path):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        link = member("bob/neuron.ipynb")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr(member("ada/neuron.ipynb"), "x")
    (tmp_path / "class.zip").write_bytes(stream.getvalue())
    found, (problem,) = find(tmp_path / "class.zip")
    assert [one.student for one in found] == ["ada"]
    assert (problem.student, "is a link" in problem.reason) == ("bob", True)


def encrypted(data: bytes) -> bytes:
    changed = bytearray(data)
    for mark, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        changed[changed.index(mark) + offset] |= 1
    return bytes(changed)


def test_an_encrypted_zip_is_told(tmp_path):
    inner = encrypted(zipped({"neuron.ipynb": "x"}))
    root = folder(tmp_path / "class", {"ada/neuron.ipynb": "x", "bob.zip": inner})
    _, (problem,) = find(root)
    assert (problem.student, "is encrypted" in problem.reason) == ("bob", True)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_packing_that_cant_be_limited_is_refused(tmp_path, method):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        archive.writestr("neuron.ipynb", "x")
    root = folder(tmp_path / "class", {"ada/neuron.ipynb": "x", "bob/a.zip": stream.getvalue()})
    assert "unusual" in reasons(find(root)[1])["bob"]


def test_damage_in_one_member_is_told_when_it_is_read(tmp_path):
    data = bytearray(zipped({"ada/neuron.ipynb": "x" * 999, "bob/neuron.ipynb": "y"}))
    at = data.index(b"ada/neuron.ipynb") + len("ada/neuron.ipynb")
    data[at : at + 4] = b"\xff\xff\xff\xff"
    (tmp_path / "class.zip").write_bytes(data)
    found, _ = find(tmp_path / "class.zip")
    with pytest.raises(IntakeError, match="damaged"):
        found[0].read()
    assert found[1].read() == b"y"


@pytest.mark.parametrize("cut", [0, 10, 300])
def test_a_damaged_class_zip_is_an_error(tmp_path, cut):
    path = as_zip(tmp_path, {f"{n}/neuron.ipynb": "x" for n in range(9)})
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(IntakeError, match=r"^download\.zip is damaged"):
        find(path)


def test_every_way_to_cut_a_zip_short_ends_in_words(tmp_path):
    whole = zipped({"neuron.ipynb": "x", "ü.ipynb": "y"})
    root = folder(tmp_path / "class", {"ada/neuron.ipynb": "x"})
    for position in range(0, len(whole)):
        for damaged in (whole[:position], whole[:position] + b"\xff" + whole[position + 1 :]):
            (root / "bob.zip").write_bytes(damaged)
            for one in find(root)[0]:
                try:
                    one.read()
                except IntakeError:
                    continue


# Names


@pytest.mark.parametrize(
    "name",
    [
        "CON", "NUL.txt", "a\nb", "tab\there", "\x1b[31mred", "rtl\u202etxt.exe", "  spaced  ",
        "'; DROP TABLE students; --", "=cmd()", "<script>", "%s%n{0}", "\udcff\udcfe", "ü" * 120,
        "a" * 255, "zero\u200bwidth", "👩‍🔬", "-rf", "\u202e", "\ufffe", "$(id)", "a\\b",
    ],
)  # fmt: skip
def test_absurd_names_are_only_data(tmp_path, name):
    path = os.path.join(tmp_path, "class", name)
    try:
        os.makedirs(path)
    except (OSError, UnicodeError):
        pytest.skip("this system can't have such a name")
    Path(path, "neuron.ipynb").write_text("x")
    folder(tmp_path / "class", {"zoe/neuron.ipynb": "x"})
    if "\udcff" not in name:
        (tmp_path / "class" / "zip.zip").write_bytes(zipped({f"{name[:200]}.ipynb": "x"}))
    found, problems = find(tmp_path / "class")
    assert [one.read() for one in found] == [b"x"] * len(found)
    assert len(found) + len(problems) == (2 if "\udcff" in name else 3)
    for one in found:
        for text in (one.student, one.file, one.where):
            text.encode()
            assert text == unicodedata.normalize("NFC", text).strip()
            assert text
            assert not any(unicodedata.category(c) in ("Cc", "Cs") for c in text)
            assert not set(text) & set("\u202e\u200b\ufffe")
        assert len(one.student) <= 200


def test_names_that_look_alike_once_they_are_printable_stay_apart(tmp_path):
    names = ["a\u202eb", "a\u200bb", "x" * 250 + "1", "x" * 250 + "2"]
    found, _ = find(folder(tmp_path / "class", {f"{name}/neuron.ipynb": "x" for name in names}))
    assert len({one.student for one in found}) == 4


def test_a_name_in_a_macs_spelling_is_the_same_student(tmp_path):
    files = {unicodedata.normalize(form, "Zoë/neuron.ipynb"): form for form in ("NFC", "NFD")}
    (tmp_path / "class.zip").write_bytes(zipped({**files, "ada/neuron.ipynb": "x"}))
    found, _ = find(tmp_path / "class.zip")
    assert {one.student for one in found} == {"Zoë", "ada"}


@pytest.mark.parametrize("encoding", ["utf-8", "cp437"])
def test_umlauts_in_a_zip_that_does_not_tell_its_encoding_are_read(tmp_path, encoding):
    # The name is as long in the zip as the one that Python writes, and takes its place.
    raw = "Jürgen/neuron.ipynb".encode(encoding)
    data = zipped({"J" * len(raw): "x", "ada/neuron.ipynb": "x"}).replace(b"J" * len(raw), raw)
    (tmp_path / "class.zip").write_bytes(data)
    found, _ = find(tmp_path / "class.zip")
    assert [one.student for one in found] == ["Jürgen", "ada"]


# What others rely on


def test_the_order_does_not_depend_on_the_file_system(tmp_path, monkeypatch):
    files = {f"{name}/{n}.ipynb": "x" for name in "cab" for n in range(3)} | {"e/": ""}
    files |= {f"d/{n}.pdf": "x" for n in range(20)}  # more than are named
    root = folder(tmp_path / "class", files)
    listed = os.listdir
    first = find(root)
    monkeypatch.setattr(os, "listdir", lambda path: listed(path)[::-1])
    assert find(root) == first
    backwards = dict(reversed(files.items()))
    there = [find(as_zip(tmp_path / way, f)) for way, f in (("1", files), ("2", backwards))]
    assert there[0] == there[1]
    assert who(there[0][0]) == who(first[0])


def test_nothing_is_written_and_no_thread_is_left(tmp_path):
    root = folder(tmp_path / "class", {"ada.zip": zipped({"neuron.ipynb": "x"}), "b/n.ipynb": "x"})
    before = sorted(root.rglob("*")), threading.active_count()
    for one in find(root)[0]:
        one.read()
    assert (sorted(root.rglob("*")), threading.active_count()) == before


def test_what_was_handed_in_is_not_in_its_text(tmp_path):
    ((one,), _) = find(folder(tmp_path / "class", {"ada/neuron.ipynb": "x"}))
    assert "_open" not in repr(one)
    assert hash(one) == hash(find(tmp_path / "class")[0][0])
