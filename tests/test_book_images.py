"""Chapter 5: the numbers that stand in its prose, worked out a second way."""

import numpy as np
import pytest
from sklearn.datasets import load_digits
from threadpoolctl import threadpool_limits

from dlbook.drawing import SHAPE_NAMES, draw_digits, draw_shapes
from dlbook.images import fit_within, read_idx, resize, resize_to, to_grey, to_network_input
from dlbook.layers import Network, count_parameters
from dlbook.opencv import opencv
from dlbook.training import accuracy, evaluate, split, train
from dlbook.worked import PICTURES, worked_network

FOUR_BY_FOUR = np.array(
    [[0, 40, 200, 220], [20, 60, 240, 180], [10, 10, 100, 100], [30, 30, 60, 140]], np.uint8
)


@pytest.fixture(scope="module", autouse=True)
def one_core():
    """Small matrices are quickest on one core, above all while the others are busy."""
    with threadpool_limits(1):
        yield


def learnt(x, labels, hidden, classes, epochs=12):
    network = Network.random([x.shape[1], *hidden, classes], np.random.default_rng(4))
    train(
        network,
        x,
        labels,
        epochs=epochs,
        learning_rate=0.003,
        optimiser_name="adam",
        rng=np.random.default_rng(5),
        progress=False,
    )
    return network


def rows(pictures):
    return pictures.reshape(len(pictures), -1) / 255


@pytest.fixture(scope="module")
def digits():
    images, labels = draw_digits(4000, 16, np.random.default_rng(1))
    fresh, fresh_labels = draw_digits(1000, 16, np.random.default_rng(2))
    return rows(images), labels, rows(fresh), fresh_labels


@pytest.fixture(scope="module")
def reader(digits):
    return learnt(*digits[:2], (64,), 10)


@pytest.fixture(scope="module")
def real():
    data = load_digits()
    stored = np.rint(data.images * 255 / 16).astype(np.uint8)
    return rows(np.stack([resize_to(picture, 16, 16) for picture in stored])), data.target


def test_stored_as_uint8_the_smallest_picture_moves_flat_from_0_5744_to_0_5748():
    stored = np.rint(PICTURES[:1] * 255).astype(np.uint8)
    assert stored.tolist() == [[255, 128]]
    network = worked_network()
    assert network(PICTURES[:1])[0, 0].round(4) == 0.5744
    assert network(stored / 255)[0, 0].round(4) == 0.5748


def test_the_house_keeps_its_aspect_ratio_in_the_box_and_the_stretched_sun_is_2_4_times_as_wide():
    assert fit_within(360, 300, 200, 400) == (200, 167)
    assert round(300 * 200 / 360, 1) == 166.7
    assert round((400 / 300) / (200 / 360), 9) == 2.4
    house = np.zeros((360, 300, 3), np.uint8)
    shapes = [resize(house, 200, 400, how).shape[:2] for how in ("stretch", "fit", "pad")]
    assert shapes == [(200, 400), (200, 167), (200, 400)]


def test_block_means_are_those_worked_by_hand():
    means = FOUR_BY_FOUR.reshape(2, 2, 2, 2).mean(axis=(1, 3))
    assert means.tolist() == [[30, 210], [20, 100]] == resize_to(FOUR_BY_FOUR, 2, 2).tolist()


def test_enlarging_0_200_blends_by_nearness():
    assert resize_to(np.array([[0, 200]], np.uint8), 1, 4).tolist() == [[0, 50, 150, 200]]


def test_the_fence_survives_the_mean_only_and_the_third_argument_is_not_the_interpolation():
    cv2 = opencv()
    fence = np.zeros((8, 8), np.uint8)
    fence[:, ::4] = 255
    assert fence.mean() == 63.75
    assert (cv2.resize(fence, (2, 2), interpolation=cv2.INTER_AREA) == 64).all()
    assert (cv2.resize(fence, (2, 2), interpolation=cv2.INTER_LINEAR) == 0).all()
    assert (cv2.resize(fence, (2, 2), cv2.INTER_AREA) == 0).all()


def test_the_2_by_2_picture_becomes_the_row_worked_by_hand():
    red, white, black, dark = [255, 0, 0], [255] * 3, [0] * 3, [51] * 3
    four = np.array([[red, white], [black, dark]], np.uint8)
    assert round(0.299 * 255, 1) == 76.2
    assert to_grey(four).tolist() == [[76, 255], [0, 51]]
    assert to_network_input(four, 2).round(3).tolist() == [0.298, 1.0, 0.0, 0.2]


def test_counts_of_numbers_weights_and_parameters():
    assert 360 * 300 * 3 == 324_000
    assert 324_000 * 64 == 20_736_000
    assert 16 * 16 * 64 == 16_384
    assert count_parameters([256, 10]) == 2_570
    assert count_parameters([256, 64, 10]) == 17_098


def test_the_answers_of_the_questions():
    assert fit_within(300, 900, 100, 100) == (33, 100)
    assert np.zeros((480, 640, 3)).shape[1] == 640


def test_the_idx_file_of_the_page_holds_pictures_1_and_2(tmp_path):
    lengths = [0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2]
    path = tmp_path / "tiny-idx3-ubyte"
    path.write_bytes(bytes([0, 0, 8, 3, *lengths, 255, 128, 230, 230]))
    assert read_idx(path)[:, 0].tolist() == np.rint(PICTURES[:2] * 255).tolist()


def test_who_learnt_upright_shapes_keeps_circles_and_loses_squares_when_they_are_turned():
    images, labels = draw_shapes(3000, 16, np.random.default_rng(1))
    network = learnt(rows(images), labels, (32,), len(SHAPE_NAMES), epochs=16)
    upright, upright_labels = draw_shapes(600, 16, np.random.default_rng(2))
    turned, turned_labels = draw_shapes(600, 16, np.random.default_rng(3), turned=True)
    assert network.predict(rows(upright)).shape == (600,)
    assert evaluate(network, rows(upright), upright_labels).accuracy > 0.95
    result = evaluate(network, rows(turned), turned_labels)
    assert 0.4 < result.accuracy < 0.65
    (circles, *_), (square_as_circle, *_), (astray_to_circle, astray_to_square, _) = (
        result.confusion.tolist()
    )
    assert circles > 180
    assert square_as_circle > 100
    assert min(astray_to_circle, astray_to_square) > 30
    more, more_labels = draw_shapes(3000, 16, np.random.default_rng(6), turned=True)
    second = learnt(rows(more), more_labels, (32,), len(SHAPE_NAMES), epochs=12)
    assert evaluate(second, rows(upright), upright_labels).accuracy > 0.85
    assert evaluate(second, rows(turned), turned_labels).accuracy > 0.85


def test_a_hidden_layer_lifts_drawn_digits_by_some_ten_points_and_real_ones_by_none(
    digits, reader, real
):
    x, labels, fresh, fresh_labels = digits
    linear = learnt(x, labels, (), 10)
    ours = [evaluate(network, fresh, fresh_labels).accuracy for network in (linear, reader)]
    theirs = [evaluate(network, *real).accuracy for network in (linear, reader)]
    assert 0.85 < ours[0] < 0.91
    assert ours[1] > 0.96
    assert all(0.65 < share < 0.82 for share in theirs)
    assert theirs[1] - theirs[0] < 0.04


def test_real_0s_and_6s_are_mostly_read_and_1s_and_7s_far_less_often(reader, real):
    x, labels = real
    share = [accuracy(reader.predict(x[labels == k]), labels[labels == k]) for k in range(10)]
    assert max(share[1], share[7]) < min(share[0], share[6]) - 0.2
    assert min(share[0], share[6]) > 0.8


def test_real_digits_teach_real_digits_and_about_half_of_ours_and_both_teach_both(digits, real):
    x, labels, x_test, labels_test = split(*real, 0.3, np.random.default_rng(6))
    network = learnt(x, labels, (64,), 10, epochs=15)
    assert evaluate(network, x_test, labels_test).accuracy > 0.93
    assert 0.35 < evaluate(network, *digits[2:]).accuracy < 0.65
    both = np.vstack([digits[0], x]), np.concatenate([digits[1], labels])
    network = learnt(*both, (64,), 10, epochs=6)
    assert evaluate(network, x_test, labels_test).accuracy > 0.9
    assert evaluate(network, *digits[2:]).accuracy > 0.93


def test_the_order_of_the_pixels_means_nothing_to_a_network_as_long_as_it_never_changes(
    digits, reader
):
    fresh, fresh_labels = digits[2:]
    order = np.random.default_rng(6).permutation(256)
    turned_round = reader.copy()
    turned_round.layers[0].weights = reader.layers[0].weights[order]
    np.testing.assert_allclose(turned_round(fresh[:, order]), reader(fresh), atol=1e-12)
    assert evaluate(reader, fresh[:, order], fresh_labels).accuracy < 0.3


def test_copies_on_both_sides_of_a_split_promise_more_than_fresh_pictures_confirm(digits):
    few, few_labels = draw_digits(300, 16, np.random.default_rng(20))
    sides = (16, 15, 14, 13, 12)
    copies = [resize(resize_to(p, side, side), 16, 16, "pad") for p in few for side in sides]
    x, labels = rows(np.stack(copies)), np.repeat(few_labels, 5)
    mixed = split(x, labels, 0.5, np.random.default_rng(7))
    too_good = []
    for a, b, c, d in (mixed, (x[:750], labels[:750], x[750:], labels[750:])):
        network = learnt(a, b, (64,), 10, epochs=15)
        claim, truth = evaluate(network, c, d), evaluate(network, *digits[2:])
        too_good.append(claim.accuracy - truth.accuracy)
    assert too_good[0] > 0.1
    assert abs(too_good[1]) < 0.08


def test_real_digits_reach_the_top_edge_and_ours_reach_the_sides(digits, real):
    ours, theirs = digits[0].reshape(-1, 16, 16), real[0].reshape(-1, 16, 16)
    assert theirs.mean() > ours.mean()
    assert theirs[:, 0].mean() > 2 * ours[:, 0].mean()
    assert theirs[:, :, 0].mean() < ours[:, :, 0].mean()


def test_real_digits_are_1797_from_13_people():
    data = load_digits()
    assert data.images.shape == (1797, 8, 8)
    assert "copy of the test set" in data.DESCR
    assert "different 13\nto the test set" in data.DESCR
