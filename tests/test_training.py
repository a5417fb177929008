"""Splits, epochs, convergence and the whole training, against properties and scikit-learn."""

import numpy as np
import pytest
from sklearn import metrics
from sklearn.datasets import load_digits
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

from dlbook import training
from dlbook.inplace import Trainer
from dlbook.layers import Network
from dlbook.training import (
    accuracy,
    confusion_matrix,
    evaluate,
    has_converged,
    has_stopped_improving,
    load,
    one_epoch_batches,
    save,
    split,
    standardise,
    train,
)
from dlbook.updates import backward, gradient_descent_step, optimiser
from dlbook.worked import LABELS, LEARNING_RATE, PICTURES, draw_two_pixels, worked_network


def test_a_split_keeps_every_row_once_and_with_its_own_label(rng):
    x = np.arange(23.0)[:, np.newaxis]
    x_train, y_train, x_out, y_out = split(x, np.arange(23), 0.3, rng)
    assert len(x_out) == 7
    np.testing.assert_array_equal(np.sort(np.concatenate([y_train, y_out])), np.arange(23))
    np.testing.assert_array_equal(x_train[:, 0], y_train)
    np.testing.assert_array_equal(x_out[:, 0], y_out)
    assert y_train.tolist() != sorted(y_train.tolist())


def test_splits_follow_the_generator_and_nothing_else():
    x, y = np.arange(40.0).reshape(20, 2), np.arange(20)
    one, same, other = (split(x, y, 0.25, np.random.default_rng(s))[1] for s in (1, 1, 2))
    assert one.tolist() == same.tolist() != other.tolist()


@pytest.mark.parametrize("fraction", [0.0, 1.0, 0.01, 0.99, -1, np.nan])
def test_a_split_that_leaves_a_part_empty_is_refused(fraction, rng):
    with pytest.raises(ValueError, match="Given"):
        split(np.ones((5, 2)), [0, 1, 0, 1, 0], fraction, rng)


def test_standardising_agrees_with_scikit_learn_and_looks_at_the_training_part_only(rng):
    train_part, other = rng.normal(3, 5, size=(30, 4)), rng.normal(size=(7, 4))
    scaler = StandardScaler().fit(train_part)
    ours = standardise(train_part, other)
    np.testing.assert_allclose(ours[0], scaler.transform(train_part), atol=1e-12)
    np.testing.assert_allclose(ours[1], scaler.transform(other), atol=1e-12)


@pytest.mark.parametrize("constant", [0.0, 0.1, 1e9, -3.3])
def test_a_constant_column_is_only_centred(constant):
    column = np.full((7, 1), constant)
    ours = standardise(column, column + 2)
    np.testing.assert_array_equal(ours[0], 0.0)
    np.testing.assert_allclose(ours[1], 2.0, atol=1e-6)


@pytest.mark.parametrize(("samples", "size"), [(10, 3), (10, 5), (3, 10), (1, 1), (7, 1)])
def test_batches_hold_each_sample_once_and_only_the_last_is_short(samples, size, rng):
    batches = one_epoch_batches(samples, size, rng)
    assert [len(b) for b in batches[:-1]] == [size] * (len(batches) - 1)
    assert 1 <= len(batches[-1]) <= size
    np.testing.assert_array_equal(np.sort(np.concatenate(batches)), np.arange(samples))


@pytest.mark.parametrize(
    ("losses", "tolerance", "patience", "answer"),
    [
        ([1.0, 0.5, 0.4], 0.0, 3, False),  # not more losses than patience
        ([1.0, 0.5, 0.4, 0.3], 0.0, 3, False),  # still falling
        ([0.3, 0.5, 0.4, 0.3], 0.0, 3, True),  # equal is not lower
        ([0.30, 0.5, 0.4, 0.29], 0.02, 3, True),  # lower, but not by more than 0.02
        ([0.30, 0.5, 0.4, 0.25], 0.02, 3, False),
        ([1.0, 0.1, 0.2, 0.2], 0.0, 2, True),  # the lowest so far counts, not the last
        ([1.0], 0.0, 1, False),
        ([], 0.0, 1, False),
    ],
)
def test_convergence_is_the_rule_that_the_book_states(losses, tolerance, patience, answer):
    assert has_converged(losses, tolerance, patience) is answer


@pytest.mark.parametrize(
    ("losses", "answer"),
    [
        ([0.50, 0.49, 0.48], False),  # no more losses than patience
        ([0.50, 0.51, 0.499, 0.498], True),  # 0.495 would be 1 % lower
        ([0.50, 0.51, 0.499, 0.494], False),
        ([0.0050, 0.0051, 0.00499, 0.00494], False),  # the same, a hundred times smaller
        ([0.0050, 0.0051, 0.00499, 0.00498], True),
        ([0.30, 0.50, 0.29, 0.30, 0.30, 0.30], True),  # the lowest before counts, not the last
        ([0.0, 0.0, 0.0, 0.0], True),
        ([], False),
    ],
)
def test_waiting_is_over_when_nothing_one_per_cent_better_has_come(losses, answer):
    assert has_stopped_improving(losses, patience=3) is answer


def test_by_itself_the_rule_waits_twenty_epochs_for_one_per_cent():
    falling = [0.9985**n for n in range(100)]  # 20 steps make 3 %
    assert not has_stopped_improving(falling)
    standing = [*falling, *[falling[-1] * 0.9901] * 20]
    assert not has_stopped_improving(standing[:-1])
    assert has_stopped_improving(standing)
    assert not has_stopped_improving(standing, better_by=0.0)


def test_training_with_patience_stops_by_the_share_and_with_a_tolerance_by_the_fall(rng):
    x, labels = draw_two_pixels(100, rng)
    held = draw_two_pixels(50, rng)
    start = Network.random([2, 8, 2], rng)
    settings = {"epochs": 400, "learning_rate": 0.1, "patience": 5, "held_out": held}
    for rule in ({}, {"tolerance": 0.02}):
        network = start.copy()
        history = train(network, x, labels, rng=np.random.default_rng(0), **settings, **rule)
        losses = history.held_out_loss

        def over(losses, rule=rule):
            share = 0.01 * min(losses[:-5], default=0)
            return has_converged(losses, rule.get("tolerance", share), 5)

        assert history.stopped == "converged"
        assert [over(losses[:n]) for n in range(1, len(losses) + 1)].index(True) == history.epochs
        assert network.loss(*held) == min(losses)


def test_accuracy_and_confusion_agree_with_scikit_learn(rng):
    labels, predicted = rng.integers(0, 4, size=50), rng.integers(0, 4, size=50)
    assert accuracy(predicted, labels) == metrics.accuracy_score(labels, predicted)
    np.testing.assert_array_equal(
        confusion_matrix(predicted, labels, 4), metrics.confusion_matrix(labels, predicted)
    )


def test_a_class_that_never_occurs_has_an_empty_row_and_column():
    assert confusion_matrix([0, 2], [2, 2], classes=4).tolist() == [
        [0, 0, 0, 0], [0, 0, 0, 0], [1, 0, 1, 0], [0, 0, 0, 0],
    ]  # fmt: skip


def test_one_epoch_is_one_update_for_each_batch_in_order():
    network, by_hand = worked_network(), worked_network()
    batches = [np.array([2]), np.array([0, 3]), np.array([1])]
    training.train_epoch(network, PICTURES, LABELS, batches, optimiser("gradient descent", 0.1))
    for batch in batches:
        _, gradients = backward(by_hand, PICTURES[batch], LABELS[batch])
        by_hand.parameters = gradient_descent_step(by_hand.parameters, gradients, 0.1)
    for ours, hand in zip(network.parameters, by_hand.parameters, strict=True):
        np.testing.assert_array_equal(ours, hand)


def test_the_worked_network_learns_all_four_pictures(rng):
    network = worked_network()
    history = train(
        network, PICTURES, LABELS, epochs=300, learning_rate=LEARNING_RATE, rng=rng, batch_size=1
    )
    assert history.loss[0] == pytest.approx(0.7228, abs=5e-5)
    assert history.loss[-1] < 0.05
    assert network.predict(PICTURES).tolist() == LABELS.tolist()
    left_minus_right = network.layers[0].weights
    assert (left_minus_right[0] * left_minus_right[1] < 0).all()
    assert history.epochs == 300
    assert history.stopped == "all epochs done"


def test_the_parameters_with_the_lowest_held_out_loss_are_the_ones_that_stay(rng):
    x, labels = draw_two_pixels(60, rng)
    noisy = np.where(rng.random(60) < 0.25, 1 - labels, labels)
    held = draw_two_pixels(80, rng)
    network = Network.random([2, 30, 2], rng)
    history = train(
        network, x, noisy, epochs=400, learning_rate=0.05, rng=rng, optimiser_name="adam",
        held_out=held, patience=40,
    )  # fmt: skip
    assert history.stopped == "converged"
    assert network.loss(*held) == min(history.held_out_loss) < history.held_out_loss[-1]


def test_the_order_of_learning_is_repeated_by_the_same_seed():
    def weights(seed):
        network = worked_network()
        train(network, PICTURES, LABELS, epochs=5, learning_rate=0.1,
              rng=np.random.default_rng(seed), batch_size=1)  # fmt: skip
        return network.parameters[0].tolist()

    assert weights(1) == weights(1) != weights(2)


def test_an_interrupt_keeps_what_was_learnt(rng, monkeypatch):
    calls = []
    right = Trainer.epoch

    def interrupted(*arguments):
        calls.append(1)
        right(*arguments)
        if len(calls) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(Trainer, "epoch", interrupted)
    network = worked_network()
    history = train(network, PICTURES, LABELS, epochs=50, learning_rate=0.1, rng=rng)
    assert history.stopped == "interrupted"
    assert history.epochs == 2
    assert network.loss(PICTURES, LABELS) < history.loss[2] < history.loss[0]


def test_an_interrupt_in_the_middle_of_a_blow_up_keeps_ordinary_numbers(rng, monkeypatch):
    def interrupted(trainer, *_):
        trainer.parameters[:] = np.nan
        raise KeyboardInterrupt

    monkeypatch.setattr(Trainer, "epoch", interrupted)
    network = worked_network()
    history = train(network, PICTURES, LABELS, epochs=5, learning_rate=0.1, rng=rng)
    assert history.stopped == "interrupted"
    assert network.loss(PICTURES, LABELS) == worked_network().loss(PICTURES, LABELS)


def test_a_training_that_blows_up_says_so_and_keeps_the_last_ordinary_network(rng):
    x, labels = draw_two_pixels(50, rng)
    network = Network.random([2, 20, 20, 2], rng)
    before = [p.copy() for p in network.parameters]
    with pytest.raises(FloatingPointError, match=r"learning_rate 1e\+200.*tenth"):
        train(network, x * 1e3, labels, epochs=20, learning_rate=1e200, rng=rng)
    for old, now in zip(before, network.parameters, strict=True):
        np.testing.assert_array_equal(old, now)


def test_an_infinite_squared_error_is_a_blow_up_too(rng):
    network = Network.random([2, 16, 1], rng, output="identity")
    x = rng.normal(size=(40, 2)) * 255
    with pytest.raises(FloatingPointError, match="tenth"):
        train(network, x, x[:, :1], epochs=20, learning_rate=10, rng=rng)
    assert np.isfinite(network.loss(x, x[:, :1]))


def test_numbers_can_be_learnt_as_well_as_classes(rng):
    x = rng.uniform(-1, 1, size=(200, 1))
    targets = np.sin(3 * x)
    network = Network.random([1, 30, 1], rng, activation="tanh", output="identity")
    history = train(
        network, x, targets, epochs=300, learning_rate=0.01, rng=rng, optimiser_name="adam"
    )
    assert history.loss[-1] < 0.005
    assert history.accuracy == []


def test_the_progress_bar_counts_epochs_and_can_be_switched_off(rng, capfd):
    train(worked_network(), PICTURES, LABELS, epochs=3, learning_rate=0.1, rng=rng)
    assert capfd.readouterr().err == ""
    train(worked_network(), PICTURES, LABELS, epochs=3, learning_rate=0.1, rng=rng, progress=True)
    shown = capfd.readouterr().err
    assert "3/3" in shown
    assert "loss=" in shown


@pytest.mark.parametrize(
    ("x", "labels", "words"),
    [
        (np.ones((4, 3)), LABELS, "takes 2 inputs"),
        (PICTURES, [0, 1, 2, 0], "2 classes"),
        (PICTURES, [0, 1], "4 samples, 2 labels"),
        (PICTURES * np.nan, LABELS, "nan"),
        (np.ones((0, 2)), [], "empty"),
    ],
)
def test_data_that_does_not_fit_is_refused_before_anything_is_learnt(x, labels, words, rng):
    network = worked_network()
    with pytest.raises(ValueError, match=words):
        train(network, x, labels, epochs=1, learning_rate=0.1, rng=rng)
    assert network.loss(PICTURES, LABELS) == worked_network().loss(PICTURES, LABELS)


def test_what_was_saved_is_loaded_to_the_last_digit(tmp_path, rng):
    network = Network.random([3, 4, 2], rng, activation="tanh", output="identity")
    again = load(save(network, tmp_path / "mine.npz"))
    x = rng.normal(size=(5, 3))
    np.testing.assert_array_equal(again(x), network(x))
    with pytest.raises(FileExistsError, match="overwrite=True"):
        save(network, tmp_path / "mine.npz")
    save(network, tmp_path / "mine.npz", overwrite=True)


def test_a_file_that_is_no_network_is_refused_and_never_unpickled(tmp_path):
    class Trap:
        def __reduce__(self):
            return (open, (str(tmp_path / "sprung"), "w"))

    np.savez(tmp_path / "trap.npz", format=np.array([Trap()], dtype=object))
    np.savez(tmp_path / "other.npz", a=np.ones(3))
    (tmp_path / "text.npz").write_text("no network")
    (tmp_path / "empty.npz").write_bytes(b"")
    good = save(worked_network(), tmp_path / "good.npz").read_bytes()
    (tmp_path / "cut.npz").write_bytes(good[: len(good) // 2])
    for name in ("trap", "other", "text", "empty", "cut"):
        with pytest.raises(ValueError, match=r"no network that this book saved"):
            load(tmp_path / f"{name}.npz")
    assert not (tmp_path / "sprung").exists()
    with pytest.raises(FileNotFoundError, match="Check the spelling"):
        load(tmp_path / "missing.npz")


def test_an_evaluation_is_loss_accuracy_and_confusion_on_the_given_data():
    network = worked_network()
    found = evaluate(network, PICTURES, LABELS)
    assert found.accuracy == np.trace(found.confusion) / 4 == 0.5
    assert found.loss == network.loss(PICTURES, LABELS)


@pytest.mark.oracle
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_real_handwritten_digits_are_read_as_well_as_scikit_learn_reads_them():
    digits = load_digits()
    ours, theirs = [], []
    for seed in range(5):
        rng = np.random.default_rng(seed)
        x, labels, x_out, labels_out = split(digits.data, digits.target, 0.3, rng)
        x, x_out = standardise(x, x_out)
        network = Network.random([64, 64, 10], rng)
        train(network, x, labels, epochs=40, learning_rate=0.005, rng=rng,
              optimiser_name="adam", progress=False)  # fmt: skip
        ours.append(evaluate(network, x_out, labels_out).accuracy)
        peer = MLPClassifier(
            (64,), learning_rate_init=0.005, batch_size=32, max_iter=40, random_state=seed
        )
        peer.fit(x, labels)
        theirs.append(peer.score(x_out, labels_out))
    assert np.mean(ours) >= np.mean(theirs) - 0.01
    assert np.mean(ours) > 0.96
