"""The key of chapter 5 against others: Pillow, exact fractions, numbers by hand, scikit-learn."""

import contextlib
import io
from fractions import Fraction

import numpy as np
import pytest
from PIL import Image

from dlbook import images as chapter
from dlbook.exercises import images as key
from dlbook.exercises.plain import Opaque
from dlbook.exercises.verdict import Judge
from dlbook.opencv import opencv

QUESTIONS = {question.id: question for question in key.QUESTIONS}


def cases(name, seed=0):
    return QUESTIONS[name].cases(np.random.default_rng(seed))


@pytest.mark.oracle
def test_pillow_reads_the_same_pictures_and_no_others(tmp_path):
    for case in cases("images-read"):
        file = case.args[0]
        path = tmp_path / file.name
        if file.contents is None:
            with pytest.raises(FileNotFoundError, match=case.mentions):
                key.read_rgb(path)
            continue
        path.write_bytes(file.contents)
        try:
            other = np.array(Image.open(io.BytesIO(file.contents)).convert("RGB"))
        except OSError:
            with pytest.raises(ValueError, match="no picture"):
                key.read_rgb(str(path))
            with pytest.raises(ValueError, match=file.name):
                chapter.read_rgb(path)
            continue
        assert np.array_equal(key.read_rgb(path), other)
        assert np.array_equal(chapter.read_rgb(path), other)


def test_reading_what_is_no_picture_writes_no_line_of_opencv_s(tmp_path, capfd):
    for case in cases("images-read"):
        file = case.args[0]
        path = tmp_path / file.name
        if file.contents is not None:
            path.write_bytes(file.contents)
        with contextlib.suppress(FileNotFoundError, ValueError):
            key.read_rgb(path)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("seed", range(60))
def test_fitting_sizes_are_exact_and_no_other_way_to_round_could_differ(seed):
    for case in cases("images-fit-within", seed):
        height, width, max_height, max_width = case.args
        scale = min(Fraction(1), Fraction(max_height, height), Fraction(max_width, width))
        exact = [side * scale for side in (height, width)]
        assert all(abs(side % 1 - Fraction(1, 2)) > Fraction(1, 50) for side in exact)
        wanted = tuple(max(1, int(side + Fraction(1, 2))) for side in exact)
        assert key.fit_within(*case.args) == wanted
        assert chapter.fit_within(*case.args) == wanted


def test_resizing_gives_the_numbers_worked_by_hand():
    assert key.resize_to(key.table(), 2, 2).tolist() == [[30, 210], [20, 100]]
    assert key.resize_to(np.array([[0, 200]], np.uint8), 1, 4).tolist() == [[0, 50, 150, 200]]


def test_area_and_linear_differ_wherever_the_choice_counts():
    cv2 = opencv()
    for case in cases("images-resize")[1:]:
        image, height, width = case.args
        if image.shape[:2] == (height, width):
            continue
        area, linear = (
            cv2.resize(image, (width, height), interpolation=how)
            for how in (cv2.INTER_AREA, cv2.INTER_LINEAR)
        )
        smaller = height < image.shape[0] and width < image.shape[1]
        assert not np.array_equal(area, linear)
        assert np.array_equal(key.resize_to(image, height, width), area if smaller else linear)
        assert np.array_equal(chapter.resize_to(image, height, width), area if smaller else linear)


def test_a_network_input_is_grey_by_hand_and_the_mean_of_blocks():
    four = np.array([[[255, 0, 0], [255, 255, 255]], [[0, 0, 0], [51, 51, 51]]], np.uint8)
    assert key.to_network_input(four, 2) == pytest.approx([76 / 255, 1, 0, 0.2])
    rng = np.random.default_rng(1)
    picture = rng.integers(0, 256, (12, 20, 3), dtype=np.uint8)
    grey = np.rint(picture @ [0.299, 0.587, 0.114])
    blocks = grey.reshape(4, 3, 4, 5).mean(axis=(1, 3))
    assert np.abs(key.to_network_input(picture, 4) * 255 - blocks.ravel()).max() <= 0.5 + 1e-9


@pytest.mark.parametrize("seed", range(5))
def test_network_inputs_are_those_of_the_chapter(seed):
    for case in cases("images-network-input", seed):
        assert np.array_equal(
            key.to_network_input(*case.args), chapter.to_network_input(*case.args)
        )


# --- Digits ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def judge():
    return Judge(QUESTIONS["images-digits"], 5)


def test_the_true_labels_stay_on_the_judge_s_side(judge):
    case = judge.plain_cases[0]
    assert set(case) == {"args", "then"}
    assert [argument["kind"] for argument in case["args"]] == ["array", "array", "rng"]
    assert [argument["shape"] for argument in case["then"]] == [[1000, 16, 16]]


@pytest.mark.parametrize(
    ("right", "points"),
    [
        (1000, 4), (900, 4), (899, 3), (800, 3), (799, 2), (650, 2), (649, 1), (400, 1),
        (399, 0), (120, 0), (0, 0),
    ],
)  # fmt: skip
def test_points_follow_the_number_of_digits_read_rightly(judge, right, points):
    truth = judge.cases[0].truth
    wrong = (truth + np.random.default_rng(0).integers(1, 10, 1000)) % 10
    given = np.where(np.random.default_rng(1).permutation(1000) < right, truth, wrong)
    properties = key.digit_properties(given, truth, 3000)
    assert key.digit_points([properties]) == points
    assert (properties == key.READS_DIGITS) == (points == 4)
    assert key.digit_properties(given.astype(float).tolist(), truth, 3000) == properties


def test_nothing_that_a_function_may_return_upsets_the_judge(judge):
    truth = judge.cases[0].truth
    junk = [
        None, "7", Opaque("dict"), [], [[]], [[1], [2, 3]], ["7"] * 1000, [None] * 1000, 3, 2.5,
        True, np.nan, np.full(1000, np.inf), np.full(1000, 1e300), np.zeros((1000, 10)),
        np.zeros(3000), np.zeros((1000, 1), bool), [10**40] * 1000, np.zeros(0),
        np.full(1000, 2**64 - 1, np.uint64), (truth, truth), [truth, None],
        np.zeros((1000, 16, 16)),
    ]  # fmt: skip
    for value in junk:
        properties = key.look_at_digits(judge.cases, [value])
        assert properties[0] != key.READS_DIGITS
        assert key.digit_points(properties) == 0
        wrong = [
            name for name in key.READS_DIGITS if properties[0].get(name) != key.READS_DIGITS[name]
        ]
        assert QUESTIONS["images-digits"].say[wrong[0]]


@pytest.mark.oracle
def test_scikit_learn_s_classifiers_get_the_points_that_the_chapter_promises(judge):
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - slow to import
    from sklearn.neighbors import KNeighborsClassifier  # noqa: PLC0415

    def trained(model):
        def train_digits(images, labels, rng):
            model.fit(images.reshape(len(images), -1) / 255, labels)
            return lambda unseen: model.predict(unseen.reshape(len(unseen), -1) / 255)

        return judge.verdict(judge.observe(train_digits))

    assert trained(KNeighborsClassifier(3)).points == 4
    linear = trained(LogisticRegression(C=0.1, max_iter=60))
    assert (linear.points, linear.mistake.id) == (3, "no-hidden-layer")
