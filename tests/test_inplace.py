"""The training that runs, against the simple form of the book, finite differences and PyTorch."""

import tracemalloc
from itertools import product

import numpy as np
import pytest

from dlbook.inplace import Trainer, as_data, tables
from dlbook.layers import Dense, Network
from dlbook.training import evaluate, one_epoch_batches, train, train_epoch
from dlbook.updates import OPTIMISERS, backward, numerical_gradient, optimiser
from dlbook.worked import draw_two_pixels

SIZES = [[3, 2], [5, 7, 3], [5, 7, 4, 3]]
DIGITS = {"float64": 1e-12, "float32": 2e-5}  # how far rounding may lead apart


def problem(sizes, output, rng, samples=50):
    x = rng.normal(size=(samples, sizes[0]))
    if output == "softmax":
        return x, rng.integers(0, sizes[-1], samples)
    return x, rng.normal(size=(samples, sizes[-1]))


@pytest.mark.parametrize("activation", ["relu", "sigmoid", "tanh", "identity"])
@pytest.mark.parametrize("output", ["softmax", "identity"])
@pytest.mark.parametrize("name", OPTIMISERS)
def test_the_form_that_runs_does_what_the_simple_form_does(activation, output, name, rng):
    for sizes, size in product(SIZES, (1, 16, 50)):  # 16 doesn't divide 50
        simple = Network.random(sizes, rng, activation=activation, output=output)
        running = simple.copy()
        x, targets = problem(sizes, output, rng)
        batches = [batch for _ in range(4) for batch in one_epoch_batches(50, size, rng)]
        train_epoch(simple, x, targets, batches, optimiser(name, 0.02))
        Trainer(running, name, 0.02).epoch(x, targets, batches)
        for ours, plain in zip(running.parameters, simple.parameters, strict=True):
            np.testing.assert_allclose(ours, plain, rtol=1e-9, atol=1e-11)


def test_an_activation_after_the_last_layer_has_its_slope_too(rng):
    layers = [Dense(rng.normal(size=(3, 4)), rng.normal(size=4), "tanh")]
    layers.append(Dense(rng.normal(size=(4, 2)), rng.normal(size=2), "relu"))
    for output in ("softmax", "identity"):
        simple = Network(layers, output).copy()
        running = simple.copy()
        x, targets = problem([3, 2], output, rng)
        batches = one_epoch_batches(50, 8, rng)
        train_epoch(simple, x, targets, batches, optimiser("momentum", 0.1))
        Trainer(running, "momentum", 0.1).epoch(x, targets, batches)
        for ours, plain in zip(running.parameters, simple.parameters, strict=True):
            np.testing.assert_allclose(ours, plain, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("output", ["softmax", "identity"])
@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_the_gradient_is_the_one_found_by_trying_times_the_learning_rate(activation, output, rng):
    network = Network.random([4, 6, 3], rng, activation=activation, output=output)
    trial = network.copy()
    x, targets = problem([4, 6, 3], output, rng, samples=9)

    def loss_at(flat):
        trial.parameters = [part for t in tables(flat, trial.sizes) for part in (t[:-1], t[-1])]
        return trial.loss(x, targets)

    trainer = Trainer(network, "gradient descent", 0.3)
    slopes = numerical_gradient(loss_at, trainer.parameters.copy())
    trainer.epoch(x, targets, [np.arange(9)])
    np.testing.assert_allclose(trainer.gradient, 0.3 * slopes, atol=1e-9)


@pytest.mark.oracle
@pytest.mark.parametrize("dtype", list(DIGITS))
@pytest.mark.parametrize("name", OPTIMISERS)
def test_steps_agree_with_pytorch_in_either_float_type(torch, dtype, name, rng):
    network = Network.random([6, 9, 5, 3], rng, dtype=dtype)
    x, labels = problem([6, 9, 5, 3], "softmax", rng)
    x = x.astype(dtype)
    batches = [batch for _ in range(3) for batch in one_epoch_batches(50, 16, rng)]
    tensors = [torch.tensor(p, requires_grad=True) for p in network.parameters]
    theirs = {
        "gradient descent": lambda: torch.optim.SGD(tensors, lr=0.01),
        "momentum": lambda: torch.optim.SGD(tensors, lr=0.01, momentum=0.9),
        "adam": lambda: torch.optim.Adam(tensors, lr=0.01),
    }[name]()
    for batch in batches:
        h = torch.tensor(x[batch])
        for k in (0, 2):
            h = torch.relu(h @ tensors[k] + tensors[k + 1])
        scores = h @ tensors[4] + tensors[5]
        theirs.zero_grad()
        torch.nn.functional.cross_entropy(scores, torch.tensor(labels[batch])).backward()
        theirs.step()
    Trainer(network, name, 0.01).epoch(x, labels, batches)
    for mine, tensor in zip(network.parameters, tensors, strict=True):
        np.testing.assert_allclose(mine, tensor.detach().numpy(), atol=DIGITS[dtype])


@pytest.mark.parametrize("activation", ["relu", "sigmoid", "tanh", "identity"])
@pytest.mark.parametrize("output", ["softmax", "identity"])
def test_float32_stays_float32_in_both_forms(activation, output, rng):
    network = Network.random([5, 7, 3], rng, activation=activation, output=output, dtype="float32")
    x, targets = as_data(network, *problem([5, 7, 3], output, rng))
    loss, gradients = backward(network, x, targets)
    for name in OPTIMISERS:
        new = optimiser(name, 0.1)(network.parameters, gradients)
        assert {array.dtype for array in (*gradients, *new)} == {np.dtype("float32")}
        trained = network.copy()
        history = train(trained, x, targets, epochs=3, learning_rate=0.01, rng=rng,
                        optimiser_name=name, batch_size=7)  # fmt: skip
        assert {p.dtype for p in trained.parameters} == {np.dtype("float32")}
        assert history.loss[0] == pytest.approx(loss, rel=1e-5)
        trainer = Trainer(trained, name, 0.01)
        trainer.epoch(x, targets, [np.arange(5), np.arange(50)])
        held = [v for v in vars(trainer).values() if isinstance(v, np.ndarray)]
        for work in trainer.workspaces.values():
            held += [*work.inputs, *work.sums, *work.slopes, work.truth]
        assert {array.dtype for array in held} == {np.dtype("float32")}


def test_float32_and_float64_start_from_the_same_numbers_and_learn_the_same(rng):
    x, labels = draw_two_pixels(300, rng)
    found = {}
    for dtype in ("float32", "float64"):
        network = Network.random([2, 16, 2], np.random.default_rng(1), dtype=dtype)
        train(network, x, labels, epochs=30, learning_rate=0.1, rng=np.random.default_rng(2))
        found[dtype] = evaluate(network, x, labels)
    assert found["float32"].loss == pytest.approx(found["float64"].loss, rel=1e-3)
    assert found["float64"].accuracy > 0.9


def test_another_float_type_is_refused_by_name(rng):
    with pytest.raises(ValueError, match=r"dtype must be one of 'float64', 'float32'.*'float16'"):
        Network.random([2, 2], rng, dtype=np.float16)
    assert Network.random([2, 2], rng, dtype=np.float32).parameters[0].dtype == np.float32


@pytest.mark.parametrize("dtype", list(DIGITS))
def test_the_data_set_is_neither_changed_nor_copied(dtype, rng):
    x, labels = rng.normal(size=(20_000, 50)).astype(dtype), rng.integers(0, 3, 20_000)
    for array in (x, labels):
        array.setflags(write=False)
    network = Network.random([50, 8, 3], rng, dtype=dtype)
    assert as_data(network, x, labels)[0] is x
    trainer, batches = Trainer(network, "adam", 0.01), one_epoch_batches(20_000, 32, rng)
    tracemalloc.start()
    trainer.epoch(x, labels, batches)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < x.nbytes / 20


def test_work_arrays_are_made_once_for_each_size_of_batch(rng):
    network = Network.random([40, 300, 3], rng)
    x, labels = problem([40, 3], "softmax", rng)
    trainer, batches = Trainer(network, "momentum", 0.01), one_epoch_batches(50, 16, rng)
    trainer.epoch(x, labels, batches)
    before = [id(array) for work in trainer.workspaces.values() for array in work.inputs]
    tracemalloc.start()
    trainer.epoch(x, labels, batches)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sorted(trainer.workspaces) == [2, 16]
    assert most < trainer.parameters.nbytes / 4
    now = [id(array) for work in trainer.workspaces.values() for array in work.inputs]
    assert now == before


def test_the_network_follows_its_trainer_and_older_arrays_stay_as_they_were(rng):
    network = Network.random([4, 5, 3], rng)
    given, start = network.parameters, network.copy()
    x, labels = problem([4, 3], "softmax", rng)
    trainer = Trainer(network, "gradient descent", 0.1)
    trainer.epoch(x, labels, one_epoch_batches(50, 16, rng))
    flat = np.concatenate([p.ravel() for p in network.parameters])
    np.testing.assert_array_equal(flat, trainer.parameters)
    assert all(np.shares_memory(p, trainer.parameters) for p in network.parameters)
    assert network.loss(x, labels) < start.loss(x, labels)
    for old, kept in zip(given, start.parameters, strict=True):
        np.testing.assert_array_equal(old, kept)


def test_scores_far_apart_neither_overflow_nor_vanish(rng):
    network = Network([Dense(np.eye(2), np.zeros(2), "identity")])
    x, labels = np.array([[1000.0, -1000.0], [-1e-3, 1e-3]]), np.array([1, 1])
    trainer = Trainer(network, "gradient descent", 1.0)
    trainer.epoch(x, labels, [np.array([0, 1])])
    mean = (1 + 0.4995) / 2  # p - y of "0" is 1 for the first, sigmoid(-0.002) for the second
    np.testing.assert_allclose(trainer.gradient[-2:], [mean, -mean], atol=1e-5)
