"""Drawn digits and shapes: what holds for every picture, and how well they can be learnt."""

import warnings

import numpy as np
import pytest

import dlbook.images
from dlbook import drawing
from dlbook.drawing import SHAPE_NAMES, _handwritten, _smooth_curve, draw_digits, draw_shapes
from dlbook.images import resize_to


def generator(seed=0):
    return np.random.default_rng(seed)


DRAWERS = [
    draw_digits,
    draw_shapes,
    lambda count, size, rng: draw_shapes(count, size, rng, turned=True),
]


@pytest.mark.parametrize("draw", DRAWERS)
@pytest.mark.parametrize("size", [8, 9, 16, 28, 64, 100])
def test_pictures_have_the_size_that_was_asked_for(draw, size):
    images, labels = draw(7, size, generator())
    assert images.shape == (7, size, size)
    assert images.dtype == np.uint8
    assert labels.shape == (7,)
    assert labels.dtype == np.int64


@pytest.mark.parametrize("draw", DRAWERS)
def test_the_same_seed_gives_the_same_pictures_and_another_seed_others(draw):
    images, labels = draw(60, 16, generator(5))
    again, labels_again = draw(60, 16, generator(5))
    np.testing.assert_array_equal(images, again)
    np.testing.assert_array_equal(labels, labels_again)
    others, other_labels = draw(60, 16, generator(6))
    assert (images != others).any()
    assert (labels != other_labels).any()


@pytest.mark.parametrize("draw", DRAWERS)
def test_the_generator_goes_on_so_a_second_call_gives_new_pictures(draw):
    rng = generator()
    assert (draw(10, 16, rng)[0] != draw(10, 16, rng)[0]).any()


@pytest.mark.parametrize("draw", DRAWERS)
def test_numpys_global_seed_is_neither_used_nor_moved(draw):
    before = np.random.get_state()[1].copy()  # noqa: NPY002 - it is what must stay untouched
    draw(10, 16, generator())
    np.testing.assert_array_equal(before, np.random.get_state()[1])  # noqa: NPY002


@pytest.mark.parametrize("draw", DRAWERS)
def test_every_class_comes_equally_often_give_or_take_one(draw):
    classes = 10 if draw is draw_digits else 3
    for count in (1, classes - 1, classes, 64, 101):
        times = np.bincount(draw(count, 16, generator(count))[1], minlength=classes)
        assert len(times) == classes
        assert times.max() - times.min() <= 1


def test_labels_come_in_random_order():
    labels = draw_digits(1000, 8, generator())[1]
    for step in (1, 10):
        for distance in range(10):
            again = np.mean((labels[:-step] + distance) % 10 == labels[step:])
            assert 0.05 < again < 0.15
    few = {tuple(draw_digits(2, 8, generator(seed))[1]) for seed in range(30)}
    assert len(few) > 15  # also of two, any digits


@pytest.mark.parametrize("draw", DRAWERS)
def test_strokes_are_light_and_the_ground_is_dark(draw):
    images, _ = draw(200, 16, generator())
    assert np.median(images) < 30
    assert np.percentile(images, 98, axis=(1, 2)).min() > 60
    assert images.max() > 240


def test_no_digit_is_cut_off_at_an_edge():
    rng = generator()
    widest = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1.0]])  # no digit's strokes go beyond
    thickness = rng.uniform(0.08, 0.14, 5000)
    places = _handwritten(widest, thickness, rng)
    room_left = np.minimum(places, 1 - places).min(axis=(1, 2)) - thickness / 2
    assert room_left.min() > -1e-9
    assert np.ptp(places[..., 1], axis=1).min() > 0.5  # nor is it very small


@pytest.mark.parametrize("size", [8, 16, 64])
def test_every_digit_is_at_least_half_as_high_as_its_picture(size):
    images, _ = draw_digits(500, size, generator())
    light = images > 0.4 * images.max(axis=(1, 2), keepdims=True)
    heights = light.any(axis=2).sum(axis=1) / size
    assert heights.min() >= 0.5


def test_no_two_digits_are_the_same_picture():
    images, _ = draw_digits(500, 16, generator())
    assert len(np.unique(images.reshape(500, -1), axis=0)) == 500


def test_strokes_have_soft_edges():
    images, _ = draw_digits(300, 16, generator())
    light = images.max(axis=(1, 2), keepdims=True)
    between = (images > 0.25 * light) & (images < 0.75 * light)
    assert between.mean() > 0.09  # 0.12; without the mean over each pixel 0.03 to 0.06


def test_the_pen_is_lifted_between_strokes(monkeypatch):
    two_lines = ("0,0 0,12 / 8,0 8,12",)
    monkeypatch.setattr(drawing, "_DIGITS", (two_lines,) * 10)
    images, _ = draw_digits(200, 32, generator())
    light = images > 0.5 * images.max(axis=(1, 2), keepdims=True)
    crossing = np.diff(light.astype(int), axis=2) == 1
    assert (crossing[:, 13:19].sum(axis=2) == 2).mean() > 0.95  # rows with dark between two lines


def test_a_curve_runs_smoothly_through_its_points_and_a_line_is_straight():
    line = _smooth_curve("0,0 8,12")
    np.testing.assert_allclose(line[:, 0], line[:, 1])
    assert (np.diff(line[:, 0]) > 0).all()
    np.testing.assert_allclose(line[[0, -1]], [[-1, -1], [1, 1]])
    angles = np.linspace(0, 2 * np.pi, 9)
    points = [(4 + 4 * np.cos(angle), 6 + 6 * np.sin(angle)) for angle in [*angles[:-1], 0]]
    circle = _smooth_curve(" ".join(f"{x:.6f},{y:.6f}" for x, y in points))
    assert abs(np.hypot(*circle.T) - 1).max() < 0.01
    steps = np.hypot(*np.diff(circle, axis=0).T)
    assert steps.max() < 1.2 * steps.min()


@pytest.mark.parametrize("draw", DRAWERS)
@pytest.mark.parametrize(
    ("arguments", "error", "says"),
    [
        ((0, 16), ValueError, "count must be at least 1"),
        ((-5, 16), ValueError, "count must be at least 1"),
        ((2.0, 16), TypeError, "count must be a whole number"),
        ((2, 7), ValueError, "size must be at least 8"),
        ((2, "16"), TypeError, "size must be a whole number"),
        ((2, (16, 16)), TypeError, "size must be a whole number"),
    ],
)
def test_count_and_size_are_whole_numbers_large_enough(draw, arguments, error, says):
    with pytest.raises(error, match=says):
        draw(*arguments, generator())


@pytest.mark.parametrize("draw", DRAWERS)
@pytest.mark.parametrize("rng", [0, None, np.random])
def test_a_seed_is_no_generator(draw, rng):
    with pytest.raises(TypeError, match=r"np\.random\.default_rng\(0\)"):
        draw(2, 16, rng)


def test_images_offers_the_drawings_too():
    assert dlbook.images.draw_digits is draw_digits
    assert dlbook.images.draw_shapes is draw_shapes
    assert dlbook.images.SHAPE_NAMES is SHAPE_NAMES


# Shapes


def test_the_shapes_have_names():
    assert SHAPE_NAMES == ("circle", "square", "triangle")


def covered(images):
    """Each picture's area in pixels; every shape has a fully covered pixel, its lightest."""
    return images.sum(axis=(1, 2)) / images.max(axis=(1, 2))


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("size", [12, 16, 48])
def test_circles_squares_and_triangles_are_equally_large_on_average(size, turned):
    images, labels = draw_shapes(9000, size, generator(), turned=turned)
    areas = covered(images)
    by_shape = np.array([areas[labels == shape].mean() for shape in range(3)])
    # sizes scatter by 28 %: the mean of 3,000 is good to half a percent
    assert by_shape.max() / by_shape.min() < 1.02
    light = np.array([images[labels == shape].mean() for shape in range(3)])
    assert light.max() / light.min() < 1.03


def test_shapes_differ_in_size_and_place():
    images, _ = draw_shapes(300, 32, generator())
    areas = covered(images) / 32**2
    assert areas.min() < 0.12
    assert areas.max() > 0.22
    x = (images.sum(axis=1) * np.arange(32)).sum(axis=1) / images.sum(axis=(1, 2))
    assert x.std() > 2


def test_each_label_names_the_shape_that_is_there():
    images, labels = draw_shapes(300, 64, generator())
    for image, label in zip(images, labels, strict=True):
        light = image > image.max() / 2
        height, width = light.any(axis=1).sum(), light.any(axis=0).sum()
        filled = light.sum() / (height * width)  # of the box around it
        wanted = {"circle": np.pi / 4, "square": 1, "triangle": 1 / 2}[SHAPE_NAMES[label]]
        assert abs(filled - wanted) < 0.06
        if SHAPE_NAMES[label] == "triangle":  # equal sides, on its base
            assert abs(height / width - np.sqrt(3) / 2) < 0.08
            widths = light.sum(axis=1)[light.any(axis=1)]
            assert widths[0] < widths[-1] / 4
        else:
            assert abs(height - width) <= 1


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("size", [8, 16, 33])
def test_no_shape_is_cut_off(size, turned):
    images, labels = draw_shapes(2000, size, generator(1), turned=turned)
    y, x = np.mgrid[:size, :size] + 0.5
    total = images.sum(axis=(1, 2))
    centre_x, centre_y = (
        (images * x).sum(axis=(1, 2)) / total,
        (images * y).sum(axis=(1, 2)) / total,
    )
    reach = np.sqrt(covered(images))[:, np.newaxis] * np.array([0.56, 0.7, 0.87])
    reach = reach[np.arange(len(labels)), labels]
    tolerance = 0.5  # half a pixel
    for centre in (centre_x, centre_y):
        assert (centre - reach > -tolerance).all()
        assert (centre + reach < size + tolerance).all()


def test_squares_stand_upright_unless_they_are_turned():
    def share_of_their_box(turned):
        images, labels = draw_shapes(300, 48, generator(), turned=turned)
        light = images > images.max(axis=(1, 2), keepdims=True) / 2
        boxes = light.any(axis=1).sum(axis=1) * light.any(axis=2).sum(axis=1)
        return (light.sum(axis=(1, 2)) / boxes)[labels == SHAPE_NAMES.index("square")]

    assert share_of_their_box(turned=False).min() > 0.95
    assert share_of_their_box(turned=True).min() < 0.6
    assert share_of_their_box(turned=True).max() > 0.9


# How well the digits can be learnt


@pytest.fixture(scope="module")
def lessons():
    rng = generator(11)
    images, labels = draw_digits(5000, 16, rng)
    unseen, unseen_labels = draw_digits(2000, 16, rng)
    return images.reshape(5000, -1) / 255, labels, unseen.reshape(2000, -1) / 255, unseen_labels


@pytest.fixture(scope="module")
def network(lessons):
    neural_network = pytest.importorskip("sklearn.neural_network")
    x, labels, _, _ = lessons
    network = neural_network.MLPClassifier(
        (64,), solver="sgd", learning_rate_init=0.1, batch_size=50, max_iter=20, random_state=0
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # stopped after 20 epochs, before it converged
        return network.fit(x, labels)


@pytest.mark.oracle
def test_without_hidden_layers_about_88_of_100_digits_are_read(lessons):
    linear_model = pytest.importorskip("sklearn.linear_model")
    x, labels, unseen, unseen_labels = lessons
    classifier = linear_model.LogisticRegression(max_iter=500).fit(x, labels)
    assert 0.85 < classifier.score(unseen, unseen_labels) < 0.92


@pytest.mark.oracle
def test_with_64_hidden_neurons_about_98_of_100_digits_are_read(lessons, network):
    _, _, unseen, unseen_labels = lessons
    assert network.score(unseen, unseen_labels) > 0.965


@pytest.mark.oracle
def test_what_was_learnt_from_drawings_reads_most_real_handwriting(network):
    datasets = pytest.importorskip("sklearn.datasets")
    real = datasets.load_digits()
    images = np.rint(real.images * 255 / 16).astype(np.uint8)
    x = np.array([resize_to(image, 16, 16).ravel() for image in images]) / 255
    assert network.score(x, real.target) > 0.6


@pytest.mark.oracle
def test_counting_light_pixels_does_not_tell_the_shapes_apart():
    linear_model = pytest.importorskip("sklearn.linear_model")
    images, labels = draw_shapes(3000, 16, generator())
    light = images.mean(axis=(1, 2))[:, np.newaxis] / 255
    areas = covered(images)[:, np.newaxis] / 256
    for x in (light, areas):
        classifier = linear_model.LogisticRegression().fit(x[:2000], labels[:2000])
        assert classifier.score(x[2000:], labels[2000:]) < 0.42  # one in three by luck
