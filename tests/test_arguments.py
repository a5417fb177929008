"""Bad input gets a message that says what was given and what to do."""

import numpy as np
import pytest

from dlbook import arguments
from dlbook.arguments import as_count, as_floats, as_labels, as_number, new_file, write_bytes

NAN = float("nan")


@pytest.mark.parametrize(
    ("value", "axes", "error", "words"),
    [
        (
            [1.0, 2.0],
            ("samples", "inputs"),
            ValueError,
            ["(samples, inputs)", "(2,)", "batch of one"],
        ),
        (np.zeros((0, 3)), ("samples", "inputs"), ValueError, ["empty", "samples", "(0, 3)"]),
        ([[1.0, NAN]], ("samples", "inputs"), ValueError, ["1 of 2", "x[0, 1]", "nan"]),
        (np.inf, None, ValueError, ["infinite", "inf"]),
        ("three", None, TypeError, ["numbers", "str", "'three'"]),
        (None, None, TypeError, ["numbers", "NoneType"]),
        ([[1.0], [1.0, 2.0]], None, ValueError, ["same length"]),
        ([1j], None, TypeError, ["numbers"]),
    ],
)
def test_what_is_no_array_of_floats_is_refused_in_words(value, axes, error, words):
    with pytest.raises(error) as caught:
        as_floats(value, "x", axes)
    for word in words:
        assert word in str(caught.value)


def test_single_precision_stays_single_and_everything_else_becomes_double():
    assert as_floats(np.float32([1, 2]), "x").dtype == np.float32
    assert as_floats([1, 2], "x").dtype == np.float64
    assert as_floats([True, False], "x").tolist() == [1.0, 0.0]


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        ([0, 3], ["counted from 0", "3 classes", "largest is 2", "Given: 3"]),
        ([-1, 0], ["counted from 0", "-1"]),
        ([0.5, 1], ["whole numbers", "0.5"]),
        ([NAN, 1], ["whole numbers", "nan"]),
        ([0, 1, 2], ["one label for each sample", "2 samples", "3 labels"]),
        ([[0], [1]], ["(samples,)", "(2, 1)"]),
        ([], ["empty"]),
    ],
)
def test_labels_that_fit_no_class_or_no_sample_are_refused_in_words(labels, words):
    with pytest.raises(ValueError, match="labels") as caught:
        as_labels(labels, samples=2, classes=3)
    for word in words:
        assert word in str(caught.value)


def test_labels_may_come_as_floats_that_are_whole_numbers():
    assert as_labels([0.0, 2.0]).tolist() == [0, 2]


@pytest.mark.parametrize(("value", "error"), [(1.5, TypeError), (True, TypeError), (0, ValueError)])
def test_a_count_is_a_whole_number_of_at_least_one(value, error):
    with pytest.raises(error, match=r"batch_size.*Given"):
        as_count(value, "batch_size")


@pytest.mark.parametrize("value", [0, -1, NAN, np.inf, 5])
def test_a_number_outside_its_limits_is_refused(value):
    with pytest.raises(ValueError, match=r"momentum must be .*Given"):
        as_number(value, "momentum", above=0, below=1)
    with pytest.raises(TypeError, match="one number"):
        as_number([1, 2], "momentum")


def test_nothing_is_written_over_a_file_that_exists(tmp_path):
    path = tmp_path / "mine.txt"
    path.write_bytes(b"precious")
    with pytest.raises(FileExistsError, match="overwrite=True"):
        new_file(path, overwrite=False)
    with pytest.raises(FileExistsError, match="overwrite=True"):
        write_bytes(path, b"new", overwrite=False)  # it appeared after new_file had looked
    assert path.read_bytes() == b"precious"
    write_bytes(path, b"new", overwrite=True)
    assert path.read_bytes() == b"new"
    assert [file.name for file in tmp_path.iterdir()] == ["mine.txt"]


def test_a_folder_that_is_missing_or_stands_in_the_way_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="Make the folder first"):
        new_file(tmp_path / "no" / "a.npz", overwrite=False)
    with pytest.raises(IsADirectoryError, match="is a folder"):
        new_file(tmp_path, overwrite=True)


def test_a_read_only_folder_is_reported_in_words(tmp_path, monkeypatch):
    def refuse(**_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(arguments.tempfile, "TemporaryDirectory", refuse)
    with pytest.raises(PermissionError, match=r"can't be written to.*folder of your own"):
        write_bytes(tmp_path / "a.npz", b"x", overwrite=False)


def test_a_write_that_fails_leaves_nothing_behind_and_can_be_tried_again(tmp_path, monkeypatch):
    path = tmp_path / "a.npz"
    with monkeypatch.context() as patch:
        patch.setattr(arguments.Path, "replace", lambda *_: (_ for _ in ()).throw(OSError("full")))
        with pytest.raises(OSError, match="full"):
            write_bytes(path, b"new", overwrite=False)
    assert list(tmp_path.iterdir()) == []
    write_bytes(path, b"new", overwrite=False)
    assert path.read_bytes() == b"new"


def test_a_written_file_can_be_read_by_whoever_may_read_the_folders_other_files(tmp_path):
    (tmp_path / "other").write_bytes(b"")
    write_bytes(tmp_path / "a.npz", b"new", overwrite=False)
    assert (tmp_path / "a.npz").stat().st_mode == (tmp_path / "other").stat().st_mode
