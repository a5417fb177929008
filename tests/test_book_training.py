"""What the chapter "Network training" says in prose, against the modules and plain NumPy."""

from pathlib import Path

import numpy as np
import pytest

from dlbook.layers import Network
from dlbook.training import (
    accuracy,
    evaluate,
    has_converged,
    one_epoch_batches,
    split,
    standardise,
    train,
    train_epoch,
)
from dlbook.updates import optimiser
from dlbook.worked import LABELS, LEARNING_RATE, PICTURES, draw_two_pixels, worked_network

ONE_BY_ONE = [np.array([i]) for i in range(4)]


def train_in_order(learning_rate, epochs):
    """Return the network, its losses and its accuracies, as the page trains it."""
    network, step = worked_network(), optimiser("gradient descent", learning_rate)
    losses, accuracies = [], []
    for epoch in range(epochs + 1):
        losses.append(network.loss(PICTURES, LABELS))
        accuracies.append(accuracy(network.predict(PICTURES), LABELS))
        if epoch < epochs:
            train_epoch(network, PICTURES, LABELS, ONE_BY_ONE, step)
    return network, losses, accuracies


@pytest.fixture(scope="module")
def trained():
    """The worked network after 200 epochs."""
    return train_in_order(LEARNING_RATE, 200)


def epoch_in_plain_numpy():
    """Work one epoch without dlbook: rows of (p(edge), loss before its own step, edge's bias)."""
    w, b, v, c = (p.copy() for p in worked_network().parameters)
    rows = []
    for x, y in zip(PICTURES, LABELS, strict=True):
        z = x @ w + b
        h = np.maximum(z, 0)
        powers = np.exp(h @ v + c)
        p = powers / powers.sum()
        d_scores = p - np.eye(2)[y]
        d_z = (v @ d_scores) * (z > 0)
        w, b = w - 0.1 * np.outer(x, d_z), b - 0.1 * d_z
        v, c = v - 0.1 * np.outer(h, d_scores), c - 0.1 * d_scores
        rows.append((p[1], -np.log(p[y]), c[1]))
    return np.array(rows)


def test_the_table_of_one_epoch_by_hand_is_what_plain_numpy_gives():
    table = [
        [0.4256, 0.8544, 0.0574],
        [0.4214, 0.5472, 0.0153],
        [0.4008, 0.9144, 0.0752],
        [0.5630, 0.8278, 0.0189],
    ]
    rows = epoch_in_plain_numpy()
    np.testing.assert_allclose(rows, table, atol=5.1e-5)
    assert round(rows[:, 1].mean(), 4) == 0.7859
    slopes = rows[:, 0] - LABELS
    np.testing.assert_allclose(slopes, [-0.5744, 0.4214, -0.5992, 0.5630], atol=5.1e-5)
    np.testing.assert_allclose(-0.1 * slopes, [0.0574, -0.0421, 0.0599, -0.0563], atol=5.1e-5)


def test_the_mean_loss_falls_from_07228_to_07072_in_one_epoch(trained):
    _, losses, _ = trained
    assert [round(loss, 4) for loss in losses[:2]] == [0.7228, 0.7072]


def test_after_200_epochs_the_neurons_are_left_minus_right_and_right_minus_left(trained):
    network, losses, accuracies = trained
    hidden, output = network.layers
    assert (hidden(PICTURES)[:, 1] > 0).all()
    np.testing.assert_allclose(hidden.weights[:, 0], [2.33, -2.68], atol=0.005)
    np.testing.assert_allclose(hidden.weights[:, 2], [-2.52, 2.89], atol=0.005)
    np.testing.assert_allclose(output.weights[[0, 2], 1], [2.77, 2.76], atol=0.005)
    assert round(hidden.bias[1], 2) == 0.83
    assert output.weights[1, 0] > 0 > output.weights[1, 1]
    assert accuracies[-1] == 1.0
    assert losses[-1] < 0.04


def test_accuracy_drops_and_stands_still_while_the_loss_falls(trained):
    _, losses, accuracies = trained
    assert accuracies[:2] == [0.5, 0.25]
    assert losses[1] < losses[0]
    assert set(accuracies[27:63]) == {0.75}
    assert [round(losses[27], 2), round(losses[62], 2)] == [0.63, 0.48]
    before, after = (train_in_order(LEARNING_RATE, n)[0].predict(PICTURES) for n in (0, 1))
    assert np.flatnonzero(before != after).tolist() == [3]  # picture 4


def test_rates_of_a_half_and_of_one_get_stuck_and_at_one_every_hidden_neuron_is_dead():
    network, losses, _ = train_in_order(0.5, 200)
    assert (next(network.steps(PICTURES))[1] > 0).tolist() == [[True, False, False]] + [
        [False] * 3
    ] * 3
    assert losses[-1] > 0.4
    assert abs(losses[-1] - losses[100]) < 0.001
    network, losses, _ = train_in_order(1.0, 60)
    assert losses[-1] == pytest.approx(losses[10])
    assert losses[-1] > 0.7
    assert not next(network.steps(PICTURES))[1].any()


def test_before_training_only_the_dark_corner_at_the_bottom_left_is_called_edge():
    places = np.stack(np.meshgrid(*[np.linspace(0, 1, 41)] * 2), axis=-1).reshape(-1, 2)
    called_edge = places[worked_network().predict(places) == 1]
    assert 0 < len(called_edge) < 0.03 * len(places)
    assert called_edge.max() < 0.25


def test_batches_of_one_class_after_the_other_teach_far_less_than_shuffled_ones():
    x, labels = draw_two_pixels(400, np.random.default_rng(0))
    by_class = np.argsort(labels, kind="stable")
    in_order = [by_class[i : i + 10] for i in range(0, 400, 10)]
    losses = []
    for shuffled in (False, True):
        network = Network.random([2, 16, 2], np.random.default_rng(0))
        step, rng = optimiser("gradient descent", 0.1), np.random.default_rng(1)
        for _ in range(30):
            batches = one_epoch_batches(400, 10, rng) if shuffled else in_order
            train_epoch(network, x, labels, batches, step)
        losses.append(network.loss(x, labels))
    assert losses[0] > 1.5 * losses[1]


def test_a_network_of_zeros_stays_at_ln_2():
    zero = worked_network()
    zero.parameters = [0 * p for p in zero.parameters]
    step = optimiser("gradient descent", 0.1)
    train_epoch(zero, PICTURES, LABELS, [np.arange(4)] * 50, step)
    assert zero.loss(PICTURES, LABELS) == pytest.approx(np.log(2))
    assert round(np.log(2), 4) == 0.6931
    assert round(np.log(10), 4) == 2.3026


def test_the_small_sums_about_batches_and_standardising_are_right():
    sizes = [len(batch) for batch in one_epoch_batches(400, 32, np.random.default_rng(0))]
    assert sizes == [32] * 12 + [16]
    sizes = [len(batch) for batch in one_epoch_batches(50, 16, np.random.default_rng(0))]
    assert sizes == [16, 16, 16, 2]
    train_part, other = standardise([[1.0], [3.0]], [[5.0]])
    assert train_part.ravel().tolist() == [-1.0, 1.0]
    assert other.item() == 3.0


def test_the_rule_says_converged_where_the_page_says_so():
    losses = [1.00, 0.60, 0.50, 0.52, 0.499]
    said = [has_converged(losses[:n], 0.01, 2) for n in (2, 3, 4, 5)]
    assert said == [False, False, False, True]
    assert has_converged([0.9, 0.5, 0.3, 0.31, 0.32], 0.0, 2)


def test_patience_3_stops_the_worked_network_at_epoch_26_and_patience_20_does_not():
    histories = [
        train(
            worked_network(),
            PICTURES,
            LABELS,
            epochs=200,
            batch_size=1,
            learning_rate=LEARNING_RATE,
            tolerance=0.001,
            patience=patience,
            rng=np.random.default_rng(0),
            progress=False,
        )
        for patience in (3, 20)
    ]
    assert [history.epochs for history in histories] == [26, 200]
    assert round(histories[0].loss[-1], 3) == 0.645
    assert histories[1].loss[-1] < 0.05


def test_the_plain_rule_loses_pictures_that_the_patient_one_reads_in_a_tenth_of_the_epochs():
    rng = np.random.default_rng(0)
    x, labels = draw_two_pixels(200, rng)
    apart = draw_two_pixels(100, rng)
    unseen, unseen_labels = draw_two_pixels(1000, rng)
    small = Network.random([2, 16, 2], rng)
    epochs, right = [], []
    for rule in ({"tolerance": 0.0001, "patience": 1}, {"patience": 20, "held_out": apart}, {}):
        network = small.copy()
        history = train(
            network, x, labels, epochs=2000, learning_rate=0.05, optimiser_name="momentum",
            rng=np.random.default_rng(1), progress=False, **rule,
        )  # fmt: skip
        epochs.append(history.epochs)
        right.append(accuracy(network.predict(unseen), unseen_labels))
    assert epochs[0] < 50
    assert 150 < epochs[1] < 250
    assert epochs[2] == 2000
    assert right[0] < right[1] - 0.1
    assert right[1] > right[2] - 0.005


def test_what_the_page_says_about_speed_is_what_the_benchmark_has_found():
    readme = Path(__file__).parents[1] / "benchmarks" / "README.md"
    table = readme.read_text(encoding="utf-8").split("<!-- training:begin -->")[1]
    table = table.split("<!-- training:end -->")[0]
    lines = [line.split(" | ") for line in table.splitlines() if line.startswith("| ")]
    head = lines[0]
    rows = {(row[0].strip("| "), row[1]): row for row in lines[2:]}

    def times(network, batch, name):
        return float(rows[network, batch][head.index(name)].split()[0])

    assert times("64-32-10", "32", "PyTorch eager") > 8
    assert times("64-32-10", "32", "scikit-learn") > 5
    assert 1 < times("784-512-256-10", "32", "PyTorch eager") < 2
    assert 1 < times("784-512-256-10", "128", "PyTorch eager") < 2


def test_a_big_network_learns_wrong_labels_by_heart_and_the_kept_one_does_better():
    rng = np.random.default_rng(0)
    x, labels = draw_two_pixels(240, rng)
    wrong = rng.random(240) < 0.15
    assert wrong.sum() == 31
    x_train, labels_train, x_held, labels_held = split(
        x, np.where(wrong, 1 - labels, labels), 0.5, rng
    )
    scaled, held = standardise(x_train, x_held)
    best = Network.random([2, 64, 64, 2], rng)
    by_heart = best.copy()
    settings = {
        "epochs": 150,
        "learning_rate": 0.01,
        "optimiser_name": "adam",
        "progress": False,
    }
    held_out = held, labels_held
    rng = np.random.default_rng(5)
    history = train(best, scaled, labels_train, held_out=held_out, rng=rng, **settings)
    train(by_heart, scaled, labels_train, rng=np.random.default_rng(5), **settings)
    assert history.held_out_loss[-1] > 1.5 * min(history.held_out_loss)
    assert history.loss[-1] < 0.6 * history.loss[int(np.argmin(history.held_out_loss))]
    assert best.loss(held, labels_held) == pytest.approx(min(history.held_out_loss))
    fresh_x, fresh_labels = draw_two_pixels(1000, np.random.default_rng(99))
    fresh = standardise(x_train, fresh_x)[1]
    seen, new = (
        [evaluate(network, *data).accuracy for network in (by_heart, best)]
        for data in ((scaled, labels_train), (fresh, fresh_labels))
    )
    assert seen[0] > seen[1] + 0.03
    assert new[0] < new[1] - 0.01


def test_a_number_network_blows_up_at_10_and_at_1_and_learns_at_a_tenth():
    x, _ = draw_two_pixels(400, np.random.default_rng(0))
    difference = np.abs(x[:, :1] - x[:, 1:])

    def last_loss(learning_rate):
        rng = np.random.default_rng(0)
        guess = Network.random([2, 1], np.random.default_rng(0), output="identity")
        settings = {"epochs": 200, "learning_rate": learning_rate, "progress": False}
        return train(guess, x, difference, rng=rng, **settings).loss[-1]

    for learning_rate in (10, 1):
        with pytest.raises(FloatingPointError, match="Try a tenth"):
            last_loss(learning_rate)
    assert last_loss(0.1) < 0.1


@pytest.mark.oracle
def test_on_real_digits_we_are_about_as_good_as_scikit_learn():
    from sklearn.datasets import load_digits  # noqa: PLC0415 - slow to import
    from sklearn.neural_network import MLPClassifier  # noqa: PLC0415

    data = load_digits()
    assert data.data.shape == (1797, 64)
    rng = np.random.default_rng(0)
    x, labels, x_held, labels_held = split(data.data, data.target, 0.25, rng)
    scaled, held = standardise(x, x_held)
    network = Network.random([64, 64, 10], rng)
    train(network, scaled, labels, epochs=40, learning_rate=0.1, rng=rng, progress=False)
    other = MLPClassifier(
        (64,),
        solver="sgd",
        momentum=0,
        learning_rate_init=0.1,
        batch_size=32,
        alpha=0,
        tol=0.001,
        random_state=0,
    ).fit(scaled, labels)
    ours = evaluate(network, held, labels_held).accuracy
    assert 0.955 <= ours <= 0.985
    assert abs(ours - other.score(held, labels_held)) < 0.02
