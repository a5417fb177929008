"""The references of chapter 3 against PyTorch, numbers by hand and the book's own functions."""

import numpy as np
import pytest

from dlbook import updates as book
from dlbook.exercises import key, probe
from dlbook.exercises import updates as answers

QUESTIONS = key.questions("updates")
SEEDS = range(40)


def given(argument):
    """Return the function that a case describes, or the argument as it is."""
    if isinstance(argument, answers.Given):
        return probe.FUNCTIONS[argument.name](*argument.numbers)
    return argument


def calls(name, seeds=range(3)):
    for seed in seeds:
        for case in QUESTIONS[name].cases(np.random.default_rng(seed)):
            yield [given(argument) for argument in case.args]


def test_a_cube_from_both_sides_is_the_book_s_3_01():
    gradient = answers.numerical_gradient(lambda w: w[0] ** 3, np.array([1.0]), 0.1)
    assert gradient == pytest.approx([3.01], abs=1e-12)


def test_the_text_of_a_drawn_function_is_the_function():
    for seed in SEEDS:
        for case in answers.numerical_gradient_cases(np.random.default_rng(seed)):
            written = eval(case.args[0].text.replace("p -> ", "lambda p: "))
            f, p = given(case.args[0]), case.args[1]
            assert f(p) == pytest.approx(written(p), rel=1e-12)
        for case in answers.minimise_cases(np.random.default_rng(seed)):
            written = eval(case.args[0].text.replace("p -> ", "lambda p: "), {"np": np})
            np.testing.assert_allclose(given(case.args[0])(case.args[1]), written(case.args[1]))


def test_rounding_stays_a_hundred_times_below_what_counts_as_wrong():
    # Slopes worked out on paper, with what central differences of a cube add to them.
    for seed in SEEDS:
        for case in answers.numerical_gradient_cases(np.random.default_rng(seed)):
            cubes, mixed = case.args[0].numbers
            p, step = case.args[1], (*case.args, 1e-5)[2]
            exact = 3 * cubes * p**2 + (mixed + mixed.T) @ p + cubes * step**2
            found = answers.numerical_gradient(given(case.args[0]), *case.args[1:])
            assert (np.abs(found - exact) <= 1e-11 + 1e-8 * np.abs(exact)).all()


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("updates-numerical-gradient", book.numerical_gradient),
        ("updates-descent-step", book.gradient_descent_step),
        ("updates-minimise", book.minimise),
        ("updates-softmax-gradient", book.softmax_cross_entropy_gradient),
        ("updates-dense-backward", book.dense_backward),
        ("updates-momentum-step", book.momentum_step),
    ],
)
def test_the_chapter_s_own_functions_give_the_same(name, function):
    for arguments in calls(name):
        _same(QUESTIONS[name].reference(*arguments), function(*arguments))


@pytest.mark.oracle
def test_the_slopes_in_the_scores_are_those_of_pytorch(torch):
    for probabilities, labels in calls("updates-softmax-gradient"):
        if probabilities.min() == 0:
            continue  # no finite score gives exactly 0
        scores = torch.tensor(np.log(probabilities), requires_grad=True)
        torch.nn.functional.cross_entropy(scores, torch.tensor(labels)).backward()
        gradient = answers.softmax_cross_entropy_gradient(probabilities, labels)
        np.testing.assert_allclose(gradient, scores.grad, rtol=1e-9, atol=1e-12)


@pytest.mark.oracle
def test_the_slopes_of_a_layer_are_those_of_pytorch(torch):
    for x, weights, upstream in calls("updates-dense-backward"):
        leaves = [torch.tensor(array, requires_grad=True) for array in (x, weights)]
        bias = torch.zeros(weights.shape[1], dtype=torch.float64, requires_grad=True)
        (leaves[0] @ leaves[1] + bias).backward(torch.tensor(upstream))
        wanted = [leaf.grad.numpy() for leaf in (*leaves, bias)]
        _same(answers.dense_backward(x, weights, upstream), wanted)


@pytest.mark.oracle
@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_five_steps_lead_where_those_of_pytorch_lead(torch, momentum, rng):
    # PyTorch keeps v / -rate; with one rate for all steps the places are the same.
    shapes = [(2, 3), (3,)]
    ours = [rng.normal(size=shape) for shape in shapes]
    speeds = [np.zeros(shape) for shape in shapes]
    theirs = [torch.tensor(array.copy(), requires_grad=True) for array in ours]
    optimiser = torch.optim.SGD(theirs, lr=0.1, momentum=momentum)
    for _ in range(5):
        gradients = [np.sin(array) for array in ours]
        for tensor in theirs:
            tensor.grad = torch.sin(tensor.detach())
        optimiser.step()
        if momentum:
            ours, speeds = answers.momentum_step(ours, speeds, gradients, 0.1, momentum)
        else:
            ours = answers.gradient_descent_step(ours, gradients, 0.1)
    _same(ours, [tensor.detach().numpy() for tensor in theirs])


def test_the_worked_steps_are_the_book_s():
    path = answers.minimise(lambda w: 2 * w, np.array([1.0]), 0.25, 3)
    assert path.tolist() == [[1.0], [0.5], [0.25], [0.125]]
    p, v = [np.array([1.0])], [np.array([0.0])]
    for place, speed in [(0.8, -0.2), (0.46, -0.34)]:
        p, v = answers.momentum_step(p, v, [2 * p[0]], 0.1, 0.9)
        assert (p[0][0], v[0][0]) == pytest.approx((place, speed))


def test_the_inputs_stay_what_the_curriculum_allows():
    for seed in SEEDS:
        for question in QUESTIONS.values():
            cases = question.cases(np.random.default_rng(seed))
            assert 6 <= len(cases) <= 14
            for case in cases:
                for array in _arrays(case.args):
                    assert array.ndim >= 1
                    assert array.size >= 1
                    assert array.dtype in (np.float64, np.int64)
                    assert np.isfinite(array).all()
        for case in answers.softmax_gradient_cases(np.random.default_rng(seed)):
            p, labels = case.args
            np.testing.assert_allclose(p.sum(axis=1), 1.0, atol=1e-9)
            assert (p[np.arange(len(labels)), labels] > 0.001).all()
            assert p.min() >= 0


def _arrays(value):
    if isinstance(value, np.ndarray):
        return [value]
    if isinstance(value, list | tuple) and not isinstance(value, answers.Given):
        return [array for item in value for array in _arrays(item)]
    return []


def _same(ours, theirs):
    if isinstance(ours, list | tuple):
        for a, b in zip(ours, theirs, strict=True):
            _same(a, b)
    else:
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12)
