"""The answer key of chapter 4 against libraries that aren't ours, and its inputs for many seeds."""

import numpy as np
import pytest
from sklearn.metrics import accuracy_score
from sklearn.preprocessing import StandardScaler

from dlbook import training as chapter
from dlbook.exercises import probe, training
from dlbook.exercises.question import Unseen
from dlbook.exercises.verdict import Judge

QUESTIONS = {question.id: question for question in training.QUESTIONS}
SEEDS = range(12)


def cases(name: str, seed: int) -> list:
    return Judge(QUESTIONS[name], seed).cases


@pytest.mark.oracle
@pytest.mark.parametrize("seed", SEEDS)
def test_accuracy_is_scikit_learns(seed):
    for case in cases("training-accuracy", seed):
        predicted, labels = case.args
        assert training.accuracy(predicted, labels) == pytest.approx(
            accuracy_score(labels, predicted)
        )


@pytest.mark.oracle
@pytest.mark.parametrize("seed", SEEDS)
def test_standardised_tables_are_scikit_learns(seed):
    for case in cases("training-standardise", seed):
        train, other = case.args
        scaler = StandardScaler().fit(train)
        ours = training.standardise(train, other)
        np.testing.assert_allclose(ours[0], scaler.transform(train), rtol=1e-9, atol=1e-11)
        np.testing.assert_allclose(ours[1], scaler.transform(other), rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_constant_column_has_exactly_deviation_0_however_it_is_worked_out(seed):
    for case in cases("training-standardise", seed):
        train, other = case.args
        constant = train.min(axis=0) == train.max(axis=0)
        assert np.array_equal(constant, train.std(axis=0) == 0)
        assert np.array_equal(constant, (train**2).mean(axis=0) - train.mean(axis=0) ** 2 == 0)
        assert np.array_equal(train.mean(axis=0)[constant], train[0, constant])
        assert np.array_equal(
            (np.ones(len(train)) / len(train) @ train)[constant], train[0, constant]
        )
        assert np.all(train.std(axis=0)[~constant] > 1e-4)
        if constant.any():
            assert np.any(other[:, constant] != train[0, constant])


@pytest.mark.oracle
@pytest.mark.parametrize("seed", SEEDS)
def test_an_epoch_ends_where_pytorchs_sgd_ends(torch, seed):
    for case in cases("training-epoch", seed):
        x, labels, start, rate, batches, given = case.args
        gradients_of = probe.FUNCTIONS[given.name](*given.numbers)
        ours = training.train_epoch(x, labels, start, rate, batches, gradients_of)
        weights, bias = (torch.tensor(p, requires_grad=True) for p in start)
        step = torch.optim.SGD([weights, bias], lr=rate)
        for batch in batches:
            wanted = torch.eye(*given.numbers, dtype=torch.float64)[labels[batch]]
            step.zero_grad()
            outputs = torch.tensor(x[batch]) @ weights + bias
            (((outputs - wanted) ** 2).sum(dim=1) / 2).mean().backward()
            step.step()
        np.testing.assert_allclose(ours[0], weights.detach().numpy(), rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(ours[1], bias.detach().numpy(), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_rule_is_the_chapters_and_falls_lie_exactly_at_the_tolerance_or_away_from_it(seed):
    answers = set()
    for case in cases("training-converged", seed):
        losses, tolerance, patience = case.args
        right = training.has_converged(losses, tolerance, patience)
        assert right is chapter.has_converged(losses, tolerance, patience)
        answers.add(right)
        if len(losses) > patience:
            away = min(losses[:-patience]) - min(losses[-patience:]) - tolerance
            assert away == 0 or abs(away) > 1e-6
    assert answers == {True, False}


def test_the_rule_by_hand():
    losses = [1.0, 0.6, 0.5, 0.52, 0.499]
    found = [training.has_converged(losses[:n], 0.01, 2) for n in range(1, 6)]
    assert found == [False, False, False, False, True]


@pytest.mark.parametrize("seed", SEEDS)
def test_how_many_to_hold_out_is_never_a_half_and_no_part_is_empty(seed):
    for case in cases("training-split", seed):
        x, labels, fraction, _ = case.args
        exact = fraction * len(x)
        assert abs(exact - np.floor(exact) - 0.5) > 0.01
        assert 0 < round(exact) < len(x) == len(labels)
        assert all(len(set(column)) == len(x) for column in x.T)


def test_the_chapters_split_and_batches_are_right_whatever_the_seed():
    # The properties deny chance to a right answer less than once in 10^9 inputs.
    for seed in range(40):
        for name, function in (
            ("training-split", chapter.split),
            ("training-batches", chapter.one_epoch_batches),
        ):
            judge = Judge(QUESTIONS[name], seed)
            verdict = judge.verdict(judge.observe(function))
            assert verdict.outcome == "correct", verdict.finding


@pytest.mark.parametrize("name", ["training-split", "training-batches"])
def test_looking_at_anything_at_all_gives_properties(name):
    question, given = QUESTIONS[name], cases(name, 0)
    rough = np.array([[np.nan, 1e308]])
    for value in (
        None, Unseen, 3, "abc", [], (), [[]], [1, "a"], [None] * 4, [[1], [2, 3], [], 4], rough,
        [rough] * 4, [np.zeros((0, 3))] * 4, np.zeros(0), np.eye(4),
        [np.ones((2, 2)), np.ones(2)] * 2,
        [[10**30]], [np.array(["a"])] * 4, [np.array([np.inf])], [-1, 10**6], [[-1, 10**6]],
    ):  # fmt: skip
        looked = question.look(given, [value] * len(given))
        right = question.look(given, [question.reference(*_built(case)) for case in given])
        for found, wanted in zip(looked, right, strict=True):
            assert isinstance(found, dict)
            assert found != wanted
            assert wanted.keys() <= question.say.keys()


def _built(case) -> list:
    return [np.random.default_rng(a.seed) if isinstance(a, training.Rng) else a for a in case.args]
