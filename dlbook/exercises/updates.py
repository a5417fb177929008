"""The answer key of chapter 3: slopes by trying, steps downhill, slopes backwards, momentum."""

import numpy as np

from dlbook.exercises.plain import Given
from dlbook.exercises.question import Case, Question, Section, mistake

STEP = Section("updates", "A step against the slope")
RATE = Section("updates", "Too small, right, too large")
TRYING = Section("updates", "Slopes by trying")
GRADIENT = Section("updates", "More than one parameter")
CHAIN = Section("updates", "The chain rule: gears")
SCORES = Section("updates", "Step 1: the scores")
INTO_WEIGHTS = Section("updates", "Step 2: the weights and biases of the output layer")
THROUGH_WEIGHTS = Section("updates", "Step 3: back through the weights, to the hidden outputs")
THROUGH_RELU = Section("updates", "Step 4: back through ReLU")
SYMBOLS = Section("updates", "The symbols")
CODE = Section("updates", "The same in code")
ALL_FIRST = Section("updates", "First all slopes, then the step")
ONE_STEP = Section("updates", "The step")
MEAN = Section("updates", "Many pictures: the mean, not the sum")
CLEVERER = Section("updates", "Two cleverer steps")
USUAL = Section("updates", "Usual misunderstandings")


# --- References ------------------------------------------------------------------------------


def numerical_gradient(f, p, step=1e-5):
    """Try each entry a step more and a step less; divide by the way between the two."""
    p = np.asarray(p, float)
    gradient = np.zeros(p.shape)
    for i in np.ndindex(p.shape):
        more, less = p.copy(), p.copy()
        more[i] += step
        less[i] -= step
        gradient[i] = (f(more) - f(less)) / (2 * step)
    return gradient


def gradient_descent_step(parameters, gradients, learning_rate):
    """Return every parameter less its gradient times the learning rate."""
    return [
        np.asarray(p) - learning_rate * np.asarray(g)
        for p, g in zip(parameters, gradients, strict=True)
    ]


def minimise(gradient, start, learning_rate, steps):
    """Step downhill from the last place of the path, and lengthen the path by the new one."""
    path = [np.asarray(start, float)]
    for _ in range(steps):
        path.append(path[-1] - learning_rate * np.asarray(gradient(path[-1])))
    return np.array(path)


def softmax_cross_entropy_gradient(probabilities, labels):
    """Return the probabilities less 1 at the true class, divided by the samples."""
    gradient = np.array(probabilities, float)
    gradient[np.arange(len(labels)), labels] -= 1.0
    return gradient / len(labels)


def dense_backward(x, weights, upstream):
    """Return the slopes in a layer's input, weights and bias."""
    return upstream @ weights.T, x.T @ upstream, upstream.sum(axis=0)


def momentum_step(parameters, velocities, gradients, learning_rate, momentum):
    """Keep a part of each velocity, let the gradient pull at it, and move by what comes out."""
    new_velocities = [
        momentum * np.asarray(v) - learning_rate * np.asarray(g)
        for v, g in zip(velocities, gradients, strict=True)
    ]
    moved = [np.asarray(p) + v for p, v in zip(parameters, new_velocities, strict=True)]
    return moved, new_velocities


# --- Inputs ----------------------------------------------------------------------------------


def _numbers(rng, shape, low=0.2, high=2.0, digits=2):
    """Numbers of both signs, none near 0, short enough to be read."""
    return (rng.uniform(low, high, shape) * rng.choice([-1.0, 1.0], shape)).round(digits)


def numerical_gradient_cases(rng):
    """Small steps, where only the slope counts, and large ones, which show what was divided."""
    return [
        Case((_field([1.0], [[0.0]]), np.array([1.0]), 0.1)),
        Case((_field([0.0, 0.0], [[1.0, 3.0], [0.0, 0.0]]), np.array([1.1, 0.5]))),
        Case(_hilly(rng, 1)),
        Case((*_hilly(rng, 2), 0.5)),
        Case((*_hilly(rng, 3), 0.1)),
        Case(_hilly(rng, 3)),
        Case((*_hilly(rng, 2), 2.0)),
        Case(_hilly(rng, 2, p=(0.02, 0.04, 3), cubes=(400.0, 900.0), mixed=(0.3, 1.0))),
        Case(_hilly(rng, 2, p=(5.0, 10.0, 2))),
        Case(_hilly(rng, 4)),
        Case((*_hilly(rng, 5), 0.25)),
    ]


def _hilly(rng, n, p=(0.3, 1.5, 2), cubes=(0.4, 1.6), mixed=(0.2, 1.0)):
    """Draw a function of n numbers and a place where it is neither level nor straight."""
    while True:
        place = _numbers(rng, n, *p)
        c = _numbers(rng, n, *cubes, digits=1)
        m = np.triu(_numbers(rng, (n, n), *mixed, digits=1))
        slopes = 3 * c * place**2 + (m + m.T) @ place
        bends = 6 * c * place + 2 * m.diagonal()
        fraction = np.abs(slopes - slopes.round())
        if min(np.abs(slopes).min(), np.abs(bends).min()) > 0.5 and fraction.min() > 0.05:
            return _field(c, m), place


def _field(cubes, mixed):
    """Write the function as Python would, so that a student can try it."""
    n = len(cubes)
    terms = [(float(cubes[i]), f"p[{i}]**3") for i in range(n)]
    for i in range(n):
        for j in range(i, n):
            product = f"p[{i}]**2" if i == j else f"p[{i}] * p[{j}]"
            terms.append((float(mixed[i][j]), product))
    written = [(a, t) for a, t in terms if a != 0.0]
    text = " ".join(
        ("-" if a < 0 else "+" if k else "")
        + (" " if k else "")
        + (t if abs(a) == 1.0 else f"{abs(a):g} * {t}")
        for k, (a, t) in enumerate(written)
    )
    numbers = np.array(cubes, float), np.array(mixed, float)
    return Given("scalar field", numbers, f"p -> {text}")


DESCENT = (  # the shapes of the arrays, the learning rate
    (((3,),), 0.25),
    (((2,), (3, 1)), 0.1),
    (((3,), (3,)), 0.5),
    (((2, 3), (3,), (3, 2), (2,)), 0.1),
    (((2, 1), (1, 2), (4,)), 3.0),
    (((4,), (2, 2, 2), (1, 1)), 0.02),
)


def descent_step_cases(rng):
    """One array and several, of other shapes and of one shape; a level one; large numbers."""
    weights, bias = np.array([[0.4, -0.2]]), np.array([0.1])
    cases = [Case(([weights, bias], [np.array([[-0.5, 1.0]]), np.array([2.0])], 0.1))]
    for shapes, rate in DESCENT:
        cases.append(Case((_arrays(rng, shapes), _arrays(rng, shapes), rate)))
    level = [np.zeros((2, 2)), _numbers(rng, 2), np.zeros(3)]
    cases.append(Case((_arrays(rng, ((2, 2), (2,), (3,))), level, 0.3)))
    large = [1e4 * array for array in _arrays(rng, ((5, 2), (2,)))]
    cases.append(Case((large, _arrays(rng, ((5, 2), (2,)), 1e6), 0.001)))
    return cases


def _arrays(rng, shapes, times=1.0):
    return [times * _numbers(rng, shape) for shape in shapes]


def minimise_cases(rng):
    """No step, one, many; a swing, a hit, a start at the bottom, a walk that runs away."""
    level = Given(
        "linear",
        (np.array([[2.0, 0.0], [0.0, 4.0]]), np.array([-2.0, 2.0])),
        "p -> np.array([2.0, 4.0]) * p + np.array([-2.0, 2.0])",
    )
    return [
        Case((_slope(2.0), np.array([1.0]), 0.25, 3)),
        Case((_slope(2.0), _numbers(rng, 1, 1.0, 3.0), 0.5, 4)),
        Case((_slope(2.0), _numbers(rng, 1, 1.0, 3.0), 0.9, 6)),
        Case((_slope(3.0, -1.5), _numbers(rng, 1, 1.0, 3.0), 0.1, 1)),
        Case((*_bowl(rng, 2), 0.3, 0)),
        Case((*_bowl(rng, 3), 0.2, 1)),
        Case((*_bowl(rng, 2), 0.3, 5)),
        Case((*_bowl(rng, 3), 0.25, 2)),
        Case((level, np.array([1.0, -0.5]), 0.1, 3)),
        Case((*_bowl(rng, 2), 1.5, 4)),
        Case((*_bowl(rng, 4), 0.15, 12)),
        Case((_slope(2.0), _numbers(rng, 1, 1.0, 3.0), 1.2, 5)),
    ]


def _slope(steepness, shift=0.0):
    """Return the gradient of a bowl of one number."""
    text = f"p -> {steepness:g} * p" + (f" - {-shift:g}" if shift < 0 else "")
    return Given("linear", (np.array([[steepness]]), np.array([shift])), text)


def _bowl(rng, n):
    """Draw the gradient of a bowl, and a start on its wall."""
    while True:
        a = rng.normal(0, 1, (n, n))
        matrix = (a @ a.T / n + 0.5 * np.eye(n)).round(1)
        shift, start = _numbers(rng, n, 0.2, 1.0, 1), _numbers(rng, n, 1.0, 3.0, 1)
        steep = np.linalg.eigvalsh(matrix)
        first = matrix @ start + shift
        off = np.abs(matrix[~np.eye(n, dtype=bool)])
        if steep.min() > 0.3 and steep.max() < 3 and np.abs(first).min() > 0.5 and off.min() > 0:
            rows = f"np.array({matrix.tolist()})"
            text = f"p -> {rows} @ p + np.array({shift.tolist()})"
            return Given("linear", (matrix, shift), text), start


SCORED = (  # samples, classes
    (3, 3), (1, 4), (6, 2), (2, 5), (4, 3), (9, 4),
)  # fmt: skip


def softmax_gradient_cases(rng):
    """Square, wide and tall; classes that don't occur; one class for all; exactly 0 and 1.

    Never a probability of exactly 0 at the true class: the loss is cut off there, and
    whether it then has a slope is a matter of taste.
    """
    cases = [
        Case((np.array([[0.5744, 0.4256]]), np.array([1]))),
        Case((np.array([[0.7, 0.3], [0.2, 0.8]]), np.array([0, 0]))),
    ]
    for samples, classes in SCORED:
        cases.append(Case(_guesses(rng, samples, classes)))
    sure, labels = _guesses(rng, 5, 4)
    sure[[1, 4]] = 0.0
    sure[[1, 4], labels[[1, 4]]] = 1.0
    others = [j for j in range(4) if j != labels[2]]
    sure[2] = 0.0
    sure[2, [labels[2], others[0]]] = 0.125, 0.875
    cases.append(Case((sure, labels)))
    same, _ = _guesses(rng, 5, 3)
    cases.append(Case((same, np.full(5, int(rng.integers(0, 3))))))
    missing, _ = _guesses(rng, 4, 6)
    cases.append(Case((missing, rng.permutation([1, 3, 3, 4]))))
    return cases


def _guesses(rng, samples, classes):
    """Draw probabilities, none near 0, no two the same, and labels that they often miss."""
    while True:
        p = 0.8 * rng.dirichlet(np.ones(classes), samples) + 0.2 / classes
        p = p.round(3)
        p[:, -1] = (1 - p[:, :-1].sum(axis=1)).round(3)
        labels = rng.integers(0, classes, samples)
        ordered = np.sort(p, axis=1)
        apart = np.diff(ordered, axis=1).min() > 0.004
        enough = samples == 1 or len(set(labels.tolist())) > 1
        if apart and enough and (p.argmax(axis=1) != labels).any():
            return p, labels


LAYERS = (  # samples, inputs, units
    (1, 2, 1), (3, 3, 3), (2, 2, 2), (4, 2, 3), (3, 3, 2), (2, 4, 2), (5, 3, 3), (6, 1, 4),
    (7, 5, 1), (2, 6, 3),
)  # fmt: skip


def dense_backward_cases(rng):
    """Take the worked layer, square ones in every way, narrow ones, a single sample."""
    h, weights = np.array([[0.5, 0.2, 0.0]]), np.array([[0.6, 0.4], [0.5, -0.5], [-0.3, 0.7]])
    cases = [Case((h, weights, np.array([[0.5744, -0.5744]])))]
    for samples, inputs, units in LAYERS:
        x, w = _both_signs(rng, (samples, inputs)), _numbers(rng, (inputs, units), digits=1)
        cases.append(Case((x, w, _numbers(rng, (samples, units)))))
    big = (
        _numbers(rng, (4, 3), 100, 900, 0),
        _numbers(rng, (3, 2)),
        _numbers(rng, (4, 2), 10, 90, 0),
    )
    return [*cases, Case(big)]


def _both_signs(rng, shape):
    while True:
        x = _numbers(rng, shape, digits=1)
        if x.size == 1 or (x.min() < 0 < x.max()):
            return x


ROLLING = (  # the shapes of the arrays, the learning rate, the momentum
    (((2,), (1, 3)), 0.1, 0.5),
    (((3,),), 0.05, 0.9),
    (((2,), (2,)), 0.2, 0.8),
    (((2, 2), (2,)), 0.3, 0.0),
    (((2, 3), (3,), (3, 1), (1,)), 0.1, 0.9),
    (((4,), (2, 1, 2)), 1.5, 0.7),
    (((2, 2), (2, 2), (2, 2)), 0.01, 0.99),
)


def momentum_cases(rng):
    """Take the first two steps by hand; one array and several; no momentum; a standstill."""
    first = [np.array([1.0])], [np.array([0.0])], [np.array([2.0])], 0.1, 0.9
    second = [np.array([0.8])], [np.array([-0.2])], [np.array([1.6])], 0.1, 0.9
    cases = [Case(second), Case(first)]
    for shapes, rate, momentum in ROLLING:
        three = (_arrays(rng, shapes) for _ in range(3))
        cases.append(Case((*three, rate, momentum)))
    shapes = ((3, 2), (2,))
    still = [np.zeros(shape) for shape in shapes]
    cases.append(Case((_arrays(rng, shapes), still, _arrays(rng, shapes), 0.1, 0.9)))
    level = [np.zeros(shape) for shape in shapes]
    cases.append(Case((_arrays(rng, shapes), _arrays(rng, shapes), level, 0.1, 0.6)))
    return cases


# --- Wrong ways that take more than a line -----------------------------------------------------


def _differences(quotient):
    """Write a numerical gradient with another quotient: of f further on, here, back, and step."""

    def way(f, p, step=1e-5):
        gradient = np.zeros(len(p))
        for i in range(len(p)):
            more, less = p.copy(), p.copy()
            more[i] += step
            less[i] -= step
            gradient[i] = quotient(f(more), f(p), f(less), step)
        return gradient

    return way


def _fixed_step(step_of_mine):
    return lambda f, p, step=1e-5: numerical_gradient(f, p, step_of_mine)


_forward = _differences(lambda up, here, down, h: (up - here) / h)


def _entry_replaced(f, p, step=1e-5):
    gradient = np.zeros(len(p))
    for i in range(len(p)):
        more, less = p.copy(), p.copy()
        more[i], less[i] = step, -step
        gradient[i] = (f(more) - f(less)) / (2 * step)
    return gradient


def _all_moved(f, p, step=1e-5):
    return (f(p + step) - f(p - step)) / (2 * step)


def _all_moved_one_side(f, p, step=1e-5):
    return (f(p + step) - f(p)) / step


def _left_moved(f, p, step=1e-5):
    """Move entry by entry and never put one back, in p itself."""
    gradient = np.zeros(len(p))
    for i in range(len(p)):
        p[i] += step
        up = f(p)
        p[i] -= 2 * step
        gradient[i] = (up - f(p)) / (2 * step)
    return gradient


def _left_moved_one_side(f, p, step=1e-5):
    gradient = np.zeros(len(p))
    for i in range(len(p)):
        before = f(p)
        p[i] += step
        gradient[i] = (f(p) - before) / step
    return gradient


def _two_copies_for_all(f, p, step=1e-5):
    more, less = p.copy(), p.copy()
    gradient = np.zeros(len(p))
    for i in range(len(p)):
        more[i] += step
        less[i] -= step
        gradient[i] = (f(more) - f(less)) / (2 * step)
    return gradient


def _two_names_left_moved(f, p, step=1e-5):
    gradient = np.zeros(len(p))
    for i in range(len(p)):
        more = p
        more[i] += step
        less = p.copy()
        less[i] -= step
        gradient[i] = (f(more) - f(less)) / (2 * step)
    return gradient


def _first_entry_only(f, p, step=1e-5):
    gradient = np.zeros(len(p))
    gradient[0] = numerical_gradient(f, p, step)[0]
    return gradient


def _last_entry_only(f, p, step=1e-5):
    gradient = np.zeros(len(p))
    gradient[-1] = numerical_gradient(f, p, step)[-1]
    return gradient


def _moved_beside_a_copy(f, p, step=1e-5):
    gradient = np.zeros(len(p))
    for i in range(len(p)):
        more, less = p, p.copy()
        more[i] += step
        less[i] -= step
        gradient[i] = (f(more) - f(less)) / (2 * step)
    return gradient


def _one_number_to_f(f, p, step=1e-5):
    return np.array([(f(v + step) - f(v - step)) / (2 * step) for v in p])


def _no_default(f, p, step):
    return numerical_gradient(f, p, step)


def _in_place(update):
    """Write a step that changes every parameter's own array, and returns the list."""

    def way(parameters, gradients, learning_rate):
        for p, g in zip(parameters, gradients, strict=True):
            p[...] = update(p, g, learning_rate)
        return parameters

    return way


def _in_place_returns_nothing(parameters, gradients, learning_rate):
    for p, g in zip(parameters, gradients, strict=True):
        p[...] = p - learning_rate * g


def _step(update):
    """Write a step with another rule for each array."""

    def way(parameters, gradients, learning_rate):
        return [update(p, g, learning_rate) for p, g in zip(parameters, gradients, strict=True)]

    return way


def _first_in_place(parameters, gradients, learning_rate):
    parameters[0] = parameters[0] - learning_rate * gradients[0]
    return parameters


def _rows_in_one_list(parameters, gradients, learning_rate):
    rows = []
    for p in gradient_descent_step(parameters, gradients, learning_rate):
        rows += list(p)
    return rows


def _walk(update):
    """Write a walk with another rule: of place, gradient, rate, the start's gradient, start."""

    def way(gradient, start, learning_rate, steps):
        path, first = [start], gradient(start)
        for _ in range(steps):
            path.append(update(path[-1], gradient(path[-1]), learning_rate, first, start))
        return np.array(path)

    return way


def _path_of_steps(count):
    """Write a walk with another number of steps."""
    return lambda gradient, start, learning_rate, steps: minimise(
        gradient, start, learning_rate, count(steps)
    )


def _start_not_kept(gradient, start, learning_rate, steps):
    return np.array(list(minimise(gradient, start, learning_rate, steps)[1:]))


def _start_not_kept_rows(gradient, start, learning_rate, steps):
    return minimise(gradient, start, learning_rate, steps)[1:]


def _start_not_kept_one_more(gradient, start, learning_rate, steps):
    return minimise(gradient, start, learning_rate, steps + 1)[1:]


def _start_row_empty(gradient, start, learning_rate, steps):
    path = minimise(gradient, start, learning_rate, steps)
    path[0] = 0.0
    return path


def _stacked_without_start(gradient, start, learning_rate, steps):
    return np.stack(list(minimise(gradient, start, learning_rate, steps)[1:]))


def _start_not_kept_row_left(gradient, start, learning_rate, steps):
    path = minimise(gradient, start, learning_rate, steps)
    return np.vstack([path[1:], np.zeros(len(start))])


def _last_not_kept(gradient, start, learning_rate, steps):
    return np.array(list(minimise(gradient, start, learning_rate, steps)[:-1]))


def _last_not_kept_rows(gradient, start, learning_rate, steps):
    return minimise(gradient, start, learning_rate, steps)[:-1]


def _last_not_kept_rows_made(gradient, start, learning_rate, steps):
    path = np.zeros((steps, len(start)))
    path[0] = start
    for k in range(1, steps):
        path[k] = path[k - 1] - learning_rate * gradient(path[k - 1])
    return path


def _last_row_empty(gradient, start, learning_rate, steps):
    path = minimise(gradient, start, learning_rate, steps)
    if steps:
        path[-1] = 0.0
    return path


def _stacked_without_last(gradient, start, learning_rate, steps):
    return np.stack(list(minimise(gradient, start, learning_rate, steps)[:-1]))


def _one_array(gradient, start, learning_rate, steps):
    """Put the same array into the path again and again, and change it: start itself."""
    p, path = start, [start]
    for _ in range(steps):
        p -= learning_rate * gradient(p)
        path.append(p)
    return np.array(path)


def _one_copy(gradient, start, learning_rate, steps):
    return _one_array(gradient, start.copy(), learning_rate, steps)


def _one_array_after_start(gradient, start, learning_rate, steps):
    p, path = start, [start.copy()]
    for _ in range(steps):
        p -= learning_rate * gradient(p)
        path.append(p)
    return np.array(path)


def _one_copy_after_start(gradient, start, learning_rate, steps):
    return _one_array_after_start(gradient, start.copy(), learning_rate, steps)


def _one_array_kept_before(gradient, start, learning_rate, steps):
    p, path = start, []
    for _ in range(steps + 1):
        path.append(p)
        p -= learning_rate * gradient(p)
    return np.array(path)


def _one_copy_kept_before(gradient, start, learning_rate, steps):
    return _one_array_kept_before(gradient, start.copy(), learning_rate, steps)


def _first_row_lost(gradient, start, learning_rate, steps):
    return _start_moved_and_lost(gradient, start.copy(), learning_rate, steps)


def _start_moved(gradient, start, learning_rate, steps):
    p, path = start, [start.copy()]
    for _ in range(steps):
        p -= learning_rate * gradient(p)
        path.append(p.copy())
    return np.array(path)


def _start_moved_and_lost(gradient, start, learning_rate, steps):
    p, path = start, [start]
    for _ in range(steps):
        p -= learning_rate * gradient(p)
        path.append(p.copy())
    return np.array(path)


def _steps_kept(gradient, start, learning_rate, steps):
    """Return the start, then how far each step went."""
    path = minimise(gradient, start, learning_rate, steps)
    return np.vstack([start, np.diff(path, axis=0)])


def _slopes_kept(gradient, start, learning_rate, steps):
    path = minimise(gradient, start, learning_rate, steps)
    return np.vstack([start, *(gradient(place) for place in path[:-1])])


def _back_in_the_loop(gradient, start, learning_rate, steps):
    path = [start]
    for _ in range(steps):
        path.append(path[-1] - learning_rate * gradient(path[-1]))
        return np.array(path)


def _one_step_always(gradient, start, learning_rate, steps):
    return minimise(gradient, start, learning_rate, min(steps, 1))


def _one_hot(probabilities, labels, first=0):
    classes = np.arange(first, first + probabilities.shape[1])
    return (labels[:, None] == classes) * 1.0


def _from_truth(formula):
    """Write the gradient with another formula: of p, y and the number of samples."""
    return lambda probabilities, labels: formula(
        probabilities, _one_hot(probabilities, labels), len(labels)
    )


def _softmax(z):
    power = np.exp(z - z.max(axis=1, keepdims=True))
    return power / power.sum(axis=1, keepdims=True)


def _subtracted_in_place(probabilities, labels):
    probabilities[np.arange(len(labels)), labels] -= 1.0
    return probabilities / len(labels)


def _subtracted_in_place_only(probabilities, labels):
    probabilities[np.arange(len(labels)), labels] -= 1.0
    return probabilities


def _whole_columns(probabilities, labels):
    gradient = probabilities.copy()
    gradient[:, labels] -= 1.0
    return gradient / len(labels)


def _whole_columns_again(probabilities, labels):
    gradient = probabilities.copy()
    for label in labels:
        gradient[:, label] -= 1.0
    return gradient / len(labels)


def _whole_columns_in_place(probabilities, labels):
    probabilities[:, labels] -= 1.0
    return probabilities / len(labels)


def _whole_rows(probabilities, labels):
    gradient = probabilities.copy()
    gradient[labels] -= 1.0
    return gradient / len(labels)


def _rows_met(probabilities, labels, rows):
    gradient = probabilities.copy()
    gradient[rows, labels[rows]] -= 1.0
    return gradient / len(labels)


def _labels_from_one(probabilities, labels):
    return softmax_cross_entropy_gradient(probabilities, labels - 1)


def _labels_one_too_high(probabilities, labels):
    return softmax_cross_entropy_gradient(probabilities, labels + 1)


def _labels_from_one_compared(probabilities, labels):
    return (probabilities - _one_hot(probabilities, labels, 1)) / len(labels)


def _predicted(probabilities, labels):
    return softmax_cross_entropy_gradient(probabilities, probabilities.argmax(axis=1))


def _labels_as_numbers(probabilities, labels):
    return (probabilities - labels[:, None]) / len(labels)


def _labels_in_a_row(probabilities, labels):
    return (probabilities - labels) / len(labels)


def _true_slopes(probabilities, labels):
    return probabilities[np.arange(len(labels)), labels] - 1.0


def _parts(
    d_x=lambda x, w, u: u @ w.T,
    d_weights=lambda x, w, u: x.T @ u,
    d_bias=lambda x, w, u: u.sum(axis=0),
):
    """Write dense_backward with some of its parts worked out in another way."""
    return lambda x, weights, upstream: tuple(
        part(x, weights, upstream) for part in (d_x, d_weights, d_bias)
    )


def _upstream_divided_in_place(x, weights, upstream):
    upstream /= len(x)
    return dense_backward(x, weights, upstream)


def _backward(form):
    """Write dense_backward with another way to put its parts together."""
    return lambda x, weights, upstream: form(*dense_backward(x, weights, upstream), len(x))


def _turned_by_reshape(array):
    return array.reshape(array.shape[1], array.shape[0])


def _rolling(v, g, a, mu):
    return mu * v - a * g


def _momentum(velocity=_rolling, place=lambda p, v, new, g, a, mu: p + new):
    """Write a step with other rules: of v, g, the rate, the momentum; of p, v, v', g, the two."""

    def way(parameters, velocities, gradients, learning_rate, momentum):
        a, mu = learning_rate, momentum
        places, new = [], []
        for p, v, g in zip(parameters, velocities, gradients, strict=True):
            new.append(velocity(v, g, a, mu))
            places.append(place(p, v, new[-1], g, a, mu))
        return places, new

    return way


def _other_lists(velocity, place):
    """Write a step whose velocity comes from the parameters, too."""

    def way(parameters, velocities, gradients, learning_rate, momentum):
        triples = zip(parameters, velocities, gradients, strict=True)
        new = [velocity(p, v, g, learning_rate, momentum) for p, v, g in triples]
        return [place(p, v) for p, v in zip(parameters, new, strict=True)], new

    return way


def _other_form(form):
    """Write momentum_step with another way to return what it found."""
    return lambda parameters, velocities, gradients, learning_rate, momentum: form(
        *momentum_step(parameters, velocities, gradients, learning_rate, momentum)
    )


def _momentum_in_place(parameters, velocities, gradients, learning_rate, momentum):
    for p, v, g in zip(parameters, velocities, gradients, strict=True):
        v[...] = momentum * v - learning_rate * g
        p[...] = p + v
    return parameters, velocities


def _velocities_in_place(parameters, velocities, gradients, learning_rate, momentum):
    places = []
    for p, v, g in zip(parameters, velocities, gradients, strict=True):
        v[...] = momentum * v - learning_rate * g
        places.append(p + v)
    return places, velocities


def _parameters_in_place(parameters, velocities, gradients, learning_rate, momentum):
    new = []
    for p, v, g in zip(parameters, velocities, gradients, strict=True):
        new.append(momentum * v - learning_rate * g)
        p[...] = p + new[-1]
    return parameters, new


def _old_velocities_returned(parameters, velocities, gradients, learning_rate, momentum):
    moved, _ = momentum_step(parameters, velocities, gradients, learning_rate, momentum)
    return moved, [v.copy() for v in velocities]


def _momentum_in_place_returns_nothing(parameters, velocities, gradients, learning_rate, momentum):
    _momentum_in_place(parameters, velocities, gradients, learning_rate, momentum)


# --- Questions ---------------------------------------------------------------------------------

QUESTIONS = (
    Question(
        id="updates-numerical-gradient",
        points=2,
        signature="numerical_gradient(f, p, step=1e-5)",
        reference=numerical_gradient,
        cases=numerical_gradient_cases,
        read=TRYING,
        hints=(
            "For one number of p you call f twice: once a step further on, once a step back.",
            "Between the two places lie two steps. That is what the growth is divided by.",
            "Go through the entries one after another. For each make two fresh copies of p, and "
            "change only this one entry in them.",
            "Python divides and multiplies from left to right: put what stands below the line "
            "into brackets.",
        ),
        mistakes=(
            mistake(
                "one-side-only",
                "Only one side is tried",
                "You compare a place on one side with p itself. Try both sides, a step more and a "
                "step less, and compare these two: the error becomes far smaller.",
                _differences(lambda up, here, down, h: (up - here) / h),
                _differences(lambda up, here, down, h: (here - down) / h),
                lambda f, p, step=1e-5: _forward(f, p, 1e-5),
            ),
            mistake(
                "one-step-for-two",
                "Divided by one step, not two",
                "Your slopes are twice too large. From one place to the other it is two steps, "
                "one to each side, and you divide by one.",
                _differences(lambda up, here, down, h: (up - down) / h),
            ),
            mistake(
                "two-steps-for-one",
                "One step, divided by two",
                "Your slopes are about half as large as they should be. Your two places lie one "
                "step apart, since one of them is p itself, and you divide by two steps. Go to "
                "both sides.",
                _differences(lambda up, here, down, h: (up - here) / (2 * h)),
                _differences(lambda up, here, down, h: (here - down) / (2 * h)),
            ),
            mistake(
                "not-divided",
                "The growth isn't divided",
                "You return how much the function grew. A slope says how much it grows for each "
                "unit of the way: divide by the distance between the two places.",
                _differences(lambda up, here, down, h: up - down),
                _differences(lambda up, here, down, h: up - here),
                _differences(lambda up, here, down, h: (up - down) / 2),
            ),
            mistake(
                "brackets-missing-below",
                "Multiplied by the step",
                "Your result is multiplied by the step, where it should be divided by it. Python "
                "works from left to right: a / 2 * b first divides by 2, then multiplies by b.",
                _differences(lambda up, here, down, h: (up - down) / 2 * h),
                _differences(lambda up, here, down, h: (up - down) * h),
                _differences(lambda up, here, down, h: (up - down) * 2 * h),
                _differences(lambda up, here, down, h: (up - here) * h),
            ),
            mistake(
                "brackets-missing-above",
                "Only the second value is divided",
                "Your division reaches one of the two values only. Subtract first, then divide "
                "the difference: brackets say so.",
                _differences(lambda up, here, down, h: up - down / (2 * h)),
                _differences(lambda up, here, down, h: up - down / 2 * h),
                _differences(lambda up, here, down, h: up - down / h),
                _differences(lambda up, here, down, h: up - here / h),
            ),
            mistake(
                "two-multiplied",
                "Multiplied by 2",
                "Your slopes are four times too large: you divide by one step, then multiply by "
                "2. Python works from left to right. The 2 belongs to what you divide by.",
                _differences(lambda up, here, down, h: (up - down) / h * 2),
            ),
            mistake(
                "sign-turned",
                "The two values are exchanged",
                "Your slopes have the wrong sign: where the function rises they are negative. "
                "Which of the two values must be taken from which?",
                _differences(lambda up, here, down, h: (down - up) / (2 * h)),
                _differences(lambda up, here, down, h: (here - up) / h),
            ),
            mistake(
                "entry-replaced",
                "The entry becomes the step itself",
                "You put the step in place of the entry. Add it to the entry on one side, and "
                "take it away on the other, so that you stay near p.",
                _entry_replaced,
                lambda f, p, step=1e-5: _entry_replaced(f, np.zeros(len(p)), step),
            ),
            mistake(
                "values-added",
                "The two values are added",
                "You add the two values of the function. How much it grew from one place to the "
                "other is their difference.",
                _differences(lambda up, here, down, h: (up + down) / (2 * h)),
            ),
            mistake(
                "all-moved-at-once",
                "One slope for all entries",
                "You have one number for all the entries: they are moved together, or their "
                "slopes are added up. Each entry has a slope of its own. Move that one alone, and "
                "let the others stand.",
                _all_moved,
                lambda f, p, step=1e-5: np.full(len(p), _all_moved(f, p, step)),
                _all_moved_one_side,
                lambda f, p, step=1e-5: np.full(len(p), _all_moved_one_side(f, p, step)),
                lambda f, p, step=1e-5: np.array([_all_moved(f, p, step)]),
                read=GRADIENT,
            ),
            mistake(
                "left-moved",
                "Entries stay where they were moved",
                "After an entry is measured it isn't put back, so the next one is measured from "
                "another place. Begin with p as it was given for every entry, and leave p itself "
                "unchanged.",
                lambda f, p, step=1e-5: _left_moved(f, p.copy(), step),
                _left_moved,
                _left_moved_one_side,
                lambda f, p, step=1e-5: _left_moved_one_side(f, p.copy(), step),
                _two_copies_for_all,
                _two_names_left_moved,
                _moved_beside_a_copy,
                read=GRADIENT,
            ),
            mistake(
                "two-names-one-array",
                "Two names for one array",
                "All your slopes are 0. Perhaps both values come from the same array: an equals "
                "sign makes no copy, it only gives an array a second name. What you add through "
                "the one name you take away again through the other.",
                lambda f, p, step=1e-5: np.zeros(len(p)),
            ),
            mistake(
                "first-entry-only",
                "Only one entry gets its slope",
                "One entry has its slope, and the others have none. Perhaps the return stands "
                "inside the loop, or the loop writes to the same place each time. Every entry of "
                "p needs a slope of its own.",
                _first_entry_only,
                lambda f, p, step=1e-5: numerical_gradient(f, p, step)[:1],
                lambda f, p, step=1e-5: float(numerical_gradient(f, p, step)[0]),
                _last_entry_only,
                lambda f, p, step=1e-5: float(numerical_gradient(f, p, step)[-1]),
                lambda f, p, step=1e-5: numerical_gradient(f, p, step)[-1:],
                read=GRADIENT,
            ),
            mistake(
                "step-ignored",
                "The given step makes no difference",
                "Your slopes come out the same whatever step is given. The argument step says "
                "how far to go: exactly this far, to either side.",
                *(_fixed_step(10.0**-k) for k in (1, 2, 3, 4, 5)),
            ),
            mistake(
                "half-a-step",
                "Half a step to either side",
                "You go half a step to either side. The chapter's rule is a whole step to either "
                "side, so the two places are two steps apart.",
                lambda f, p, step=1e-5: numerical_gradient(f, p, step / 2),
            ),
            mistake(
                "one-number-to-f",
                "The function gets one number only",
                "An error stops f. Most likely it was called with a single entry of p. It needs a "
                "whole array of the length of p, in which one entry is moved.",
                _one_number_to_f,
                lambda f, p, step=1e-5: np.array(
                    [
                        (f(p[i : i + 1] + step) - f(p[i : i + 1] - step)) / (2 * step)
                        for i in range(len(p))
                    ]
                ),
                read=GRADIENT,
            ),
            mistake(
                "whole-numbers",
                "The slopes are cut to whole numbers",
                "What stands behind the point of your slopes is lost: they are kept in an array "
                "of whole numbers. Make an array of floats to collect them in.",
                lambda f, p, step=1e-5: numerical_gradient(f, p, step).astype(int),
                lambda f, p, step=1e-5: np.round(numerical_gradient(f, p, step)),
            ),
            mistake(
                "no-default",
                "The step has no default",
                "Your function can't be called without a step. Keep the first line as it was "
                "given: it says what step is if nobody names one.",
                _no_default,
            ),
        ),
    ),
    Question(
        id="updates-descent-step",
        points=1,
        signature="gradient_descent_step(parameters, gradients, learning_rate)",
        reference=gradient_descent_step,
        cases=descent_step_cases,
        read=STEP,
        hints=(
            "Take one array first. Its parameter is 0.4, the slope −0.5, the rate 0.1: where does "
            "it go?",
            "The slope points uphill. The step is the learning rate times the slope, and it goes "
            "the other way.",
            "Go through both lists side by side; zip pairs them. Put each new array into a new "
            "list.",
        ),
        mistakes=(
            mistake(
                "plus-for-minus",
                "Uphill",
                "Your parameters move with the gradient, so the loss grows. The gradient points "
                "uphill: step against it.",
                _step(lambda p, g, a: p + a * g),
                _in_place(lambda p, g, a: p + a * g),
                read=USUAL,
            ),
            mistake(
                "in-place",
                "The given arrays are changed",
                "You write the new numbers into the arrays or the list that were given. Whoever "
                "called your function still needs the old ones: make new arrays in a new list.",
                _in_place(lambda p, g, a: p - a * g),
                _in_place_returns_nothing,
                read=ALL_FIRST,
            ),
            mistake(
                "rate-missing",
                "The learning rate is missing",
                "Your step is the whole gradient. The learning rate says how much of it is taken.",
                _step(lambda p, g, a: p - g),
                _in_place(lambda p, g, a: p - g),
                _step(lambda p, g, a: p + g),
                read=RATE,
            ),
            mistake(
                "rate-divides",
                "Divided by the learning rate",
                "You divide the gradient by the learning rate, so a small rate makes a large "
                "step. A small rate has to make a small one.",
                _step(lambda p, g, a: p - g / a),
                _in_place(lambda p, g, a: p - g / a),
                read=RATE,
            ),
            mistake(
                "rate-on-both",
                "The learning rate multiplies the parameters",
                "Your learning rate multiplies the parameters. It belongs to the gradient alone; "
                "the parameters are only moved.",
                _step(lambda p, g, a: a * (p - g)),
                _step(lambda p, g, a: a * p - a * g),
                _step(lambda p, g, a: a * p - g),
            ),
            mistake(
                "rate-subtracted",
                "The learning rate is taken away",
                "You take the learning rate itself away. It is a factor: it multiplies the "
                "gradient.",
                _step(lambda p, g, a: p - a),
                _step(lambda p, g, a: p - a - g),
            ),
            mistake(
                "step-alone",
                "Only the step is returned",
                "You return the step. What is wanted is where it leads: the old parameters, moved "
                "by it.",
                _step(lambda p, g, a: a * g),
                _step(lambda p, g, a: -a * g),
            ),
            mistake(
                "turned-round",
                "The subtraction is turned round",
                "You take the parameters away from the step. It is the step that is taken away "
                "from the parameters.",
                _step(lambda p, g, a: a * g - p),
            ),
            mistake(
                "sign-only",
                "Only the gradient's direction counts",
                "Your steps all have the same length, whatever the slope. A steep slope has to "
                "make a long step, a flat one a short step.",
                _step(lambda p, g, a: p - a * np.sign(g)),
                _step(lambda p, g, a: p - a * g / max(float(np.linalg.norm(g)), 1e-12)),
            ),
            mistake(
                "step-relative",
                "The parameters join in the step",
                "The parameters themselves are a factor of your step. A step is the learning rate "
                "times the slope, and nothing else.",
                _step(lambda p, g, a: p - a * g * p),
                _step(lambda p, g, a: p - a * p),
            ),
            mistake(
                "first-only",
                "Only the first parameter moves",
                "Only the first array gets its step. Perhaps the return stands inside the loop. "
                "Every array in the list has to move.",
                lambda parameters, gradients, learning_rate: gradient_descent_step(
                    parameters[:1], gradients[:1], learning_rate
                ),
                lambda parameters, gradients, learning_rate: gradient_descent_step(
                    parameters[:1], gradients[:1], learning_rate
                )[0],
                lambda parameters, gradients, learning_rate: [
                    parameters[0] - learning_rate * gradients[0],
                    *(p.copy() for p in parameters[1:]),
                ],
                _first_in_place,
            ),
            mistake(
                "last-only",
                "Only the last parameter is returned",
                "You return the last array alone: each turn of the loop throws away what the turn "
                "before has made. Collect the new arrays in a list.",
                lambda parameters, gradients, learning_rate: gradient_descent_step(
                    parameters[-1:], gradients[-1:], learning_rate
                ),
                lambda parameters, gradients, learning_rate: gradient_descent_step(
                    parameters[-1:], gradients[-1:], learning_rate
                )[0],
            ),
            mistake(
                "nothing-moves",
                "Nothing moves",
                "You return the parameters as they were. If your loop says p = ..., only the name "
                "p gets the new array; the list keeps the old ones. Collect the new arrays in a "
                "list of their own.",
                lambda parameters, gradients, learning_rate: parameters,
            ),
            mistake(
                "list-as-array",
                "A list isn't an array",
                "An error stops your function. If you calculate with the whole lists at once, "
                "that is why: a list can't do it, and arrays of unequal shapes can't be put into "
                "one. Take the arrays pair by pair.",
                lambda parameters, gradients, learning_rate: parameters - learning_rate * gradients,
                lambda parameters, gradients, learning_rate: list(
                    np.array(parameters) - learning_rate * np.array(gradients)
                ),
            ),
            mistake(
                "wrong-pairs",
                "Parameters meet the wrong gradients",
                "Your parameters meet gradients that aren't their own. The first parameter goes "
                "with the first gradient, the second with the second: side by side, not each with "
                "each.",
                lambda parameters, gradients, learning_rate: [
                    p - learning_rate * g for p in parameters for g in gradients
                ],
                lambda parameters, gradients, learning_rate: [
                    p - learning_rate * g for g in gradients for p in parameters
                ],
                lambda parameters, gradients, learning_rate: [
                    p - learning_rate * gradients[0] for p in parameters
                ],
                lambda parameters, gradients, learning_rate: [
                    p - learning_rate * sum(gradients) for p in parameters
                ],
            ),
            mistake(
                "one-long-array",
                "All in one array or list",
                "You put everything into one long array, or the rows of all arrays into one list. "
                "Each parameter keeps an array of its own, of its own shape, and the list holds "
                "these.",
                lambda parameters, gradients, learning_rate: np.concatenate(
                    [a.ravel() for a in gradient_descent_step(parameters, gradients, learning_rate)]
                ),
                _rows_in_one_list,
            ),
        ),
    ),
    Question(
        id="updates-minimise",
        points=2,
        signature="minimise(gradient, start, learning_rate, steps)",
        reference=minimise,
        cases=minimise_cases,
        read=STEP,
        hints=(
            "Take the chapter's walk: the slope is twice the place, the start 1.0, the rate 0.25. "
            "Write the first four places down.",
            "Begin the path with the start. Each turn then asks for the gradient at the place "
            "where you are now, and adds one place.",
            "Make each new place a new array. A place that is changed in place changes everywhere "
            "in your path.",
        ),
        mistakes=(
            mistake(
                "start-missing",
                "The path doesn't begin with the start",
                "The start isn't in your path: it begins after the first step, or with an empty "
                "row. The first row has to be the start itself.",
                _start_not_kept,
                _start_not_kept_rows,
                _start_row_empty,
                _stacked_without_start,
                _start_not_kept_row_left,
                _start_not_kept_one_more,
                lambda gradient, start, learning_rate, steps: minimise(
                    gradient, np.zeros(len(start)), learning_rate, steps
                ),
            ),
            mistake(
                "last-missing",
                "The last place is missing",
                "Your path ends one place too early: the place to which the last step leads isn't "
                "in it. From so many steps comes one place more, because the start counts too.",
                _last_not_kept,
                _last_not_kept_rows,
                _last_row_empty,
                _stacked_without_last,
                _path_of_steps(lambda steps: steps - 1),
                _last_not_kept_rows_made,
            ),
            mistake(
                "end-only",
                "The places on the way are missing",
                "Your result has the end of the walk, but not the places on the way. The whole "
                "path is wanted: one row for each place, from the start on.",
                lambda *given: minimise(*given)[-1],
                lambda *given: minimise(*given)[-1:],
                lambda gradient, start, learning_rate, steps: np.array(
                    [start, minimise(gradient, start, learning_rate, steps)[-1]]
                ),
            ),
            mistake(
                "one-array",
                "The path holds one array many times",
                "Row after row your path shows the same place, the last one. It holds one array "
                "again and again, and each step changes it. Each place needs an array of its own.",
                _one_array,
                _one_copy,
                _one_array_after_start,
                _one_copy_after_start,
                _one_array_kept_before,
                _one_copy_kept_before,
            ),
            mistake(
                "first-row-moves",
                "The first row walks along",
                "The first row of your path shows the end, not the start. The array that you put "
                "there first is changed by the steps that follow. Put a copy there, or make a new "
                "array at each step.",
                _start_moved_and_lost,
                _first_row_lost,
            ),
            mistake(
                "start-changed",
                "The start is changed",
                "Your walk moves start itself, and whoever called your function has lost it. Let "
                "each step make a new array.",
                _start_moved,
            ),
            mistake(
                "gradient-of-the-start",
                "Always the gradient of the start",
                "Every step of yours uses the slope at the start. The ground changes as you walk: "
                "ask for the gradient again at each place.",
                _walk(lambda p, g, a, first, start: p - a * first),
            ),
            mistake(
                "step-from-the-start",
                "Every step begins at the start",
                "Your steps don't follow each other: each is taken from the start again. A step "
                "begins where the last one has led.",
                _walk(lambda p, g, a, first, start: start - a * g),
                _walk(lambda p, g, a, first, start: start - a * first),
            ),
            mistake(
                "plus-for-minus",
                "Uphill",
                "Your walk goes uphill. The gradient points to where the function grows: step "
                "against it.",
                _walk(lambda p, g, a, first, start: p + a * g),
                _walk(lambda p, g, a, first, start: p + a * first),
                read=USUAL,
            ),
            mistake(
                "rate-missing",
                "The learning rate is missing",
                "Your step is the whole gradient. The learning rate says how much of it is taken.",
                _walk(lambda p, g, a, first, start: p - g),
                read=RATE,
            ),
            mistake(
                "rate-divides",
                "Divided by the learning rate",
                "You divide by the learning rate, so that a small rate makes a long step. It has "
                "to be the other way round.",
                _walk(lambda p, g, a, first, start: p - g / a),
                read=RATE,
            ),
            mistake(
                "steps-alone",
                "The steps are kept, not the places",
                "Your path holds the steps, or the slopes. It should hold the places to which "
                "they have led.",
                _steps_kept,
                lambda gradient, start, learning_rate, steps: np.vstack(
                    [start, *-np.diff(minimise(gradient, start, learning_rate, steps), axis=0)]
                ),
                lambda *given: np.diff(minimise(*given), axis=0),
                _slopes_kept,
            ),
            mistake(
                "one-step-too-many",
                "One step too many",
                "Your path has one place too many. It has the start, and one more place for each "
                "step.",
                _path_of_steps(lambda steps: steps + 1),
            ),
            mistake(
                "one-step-only",
                "It ends after one step",
                "Your walk ends after the first step. Perhaps the return stands inside the loop, "
                "or nothing repeats. Take as many steps as the argument says.",
                _back_in_the_loop,
                _one_step_always,
                _path_of_steps(lambda steps: 1),
                read=RATE,
            ),
            mistake(
                "steps-ignored",
                "Another number of steps",
                "Your walk takes its own number of steps, whatever it is told. Use the argument "
                "steps.",
                *(_path_of_steps(lambda steps, n=n: n) for n in (3, 4, 5, 10, 20, 50, 100)),
            ),
            mistake(
                "turned",
                "Rows and columns are exchanged",
                "Your path lies on its side. Each place is a row; the numbers of a place stand "
                "side by side in it.",
                lambda *given: minimise(*given).T,
            ),
            mistake(
                "one-long-row",
                "All places in one long row",
                "Your path is one long row of numbers. Each place is a row of its own, in an "
                "array of two dimensions. np.append, for one, makes one long row unless it is told "
                "which axis.",
                lambda *given: minimise(*given).ravel(),
                lambda gradient, start, learning_rate, steps: (
                    minimise(gradient, start, learning_rate, steps).ravel()
                    if steps
                    else start[None].copy()
                ),
            ),
            mistake(
                "start-twice",
                "The start is there twice",
                "Your path holds the start two times, and the last place isn't in it. Write each "
                "place down after the step that leads to it, not before.",
                lambda gradient, start, learning_rate, steps: np.vstack(
                    [start, minimise(gradient, start, learning_rate, max(steps - 1, 0))]
                )[: steps + 1],
            ),
        ),
    ),
    Question(
        id="updates-softmax-gradient",
        points=2,
        signature="softmax_cross_entropy_gradient(probabilities, labels)",
        reference=softmax_cross_entropy_gradient,
        cases=softmax_gradient_cases,
        read=SCORES,
        hints=(
            "One sample first, with the probabilities 0.7 and 0.3 and the label 0. Written as a "
            "list, the truth is 1 and 0. What is left of the probabilities without it?",
            "In each row just one number changes: the one at the true class. It becomes smaller "
            "by 1.",
            "Two lists of places pick one number from each row: the numbers of the rows, and the "
            "labels. Work on a copy.",
            "The loss is a mean over the samples. So each row counts for its share only.",
        ),
        mistakes=(
            mistake(
                "not-divided",
                "The sum, not the mean",
                "Your numbers are right for each sample alone. But the loss is the mean over the "
                "samples, so each one has its share only: divide by how many there are.",
                _from_truth(lambda p, y, n: p - y),
                _subtracted_in_place_only,
                read=MEAN,
            ),
            mistake(
                "divided-by-classes",
                "Divided by the classes",
                "You divide by the number of classes, which has no part in it. The loss is a mean "
                "over the samples.",
                _from_truth(lambda p, y, n: (p - y) / p.shape[1]),
                _from_truth(lambda p, y, n: (p - y) / p.size),
                lambda probabilities, labels: (
                    (probabilities - _one_hot(probabilities, labels)) / (labels.max() + 1)
                ),
                read=MEAN,
            ),
            mistake(
                "divided-twice",
                "Divided twice",
                "You divide by the number of samples two times. Once makes the mean.",
                _from_truth(lambda p, y, n: (p - y) / n**2),
                read=MEAN,
            ),
            mistake(
                "half-divided",
                "Only a part is divided",
                "You divide a part only: the probabilities, or the truth, or the true class alone. "
                "Subtract first, then divide everything that comes out.",
                _from_truth(lambda p, y, n: p - y / n),
                _from_truth(lambda p, y, n: p / n - y),
                _from_truth(lambda p, y, n: np.where(y > 0, (p - 1) / n, p)),
                _from_truth(lambda p, y, n: np.where(y > 0, p - 1, p / n)),
                read=MEAN,
            ),
            mistake(
                "sign-turned",
                "The sign is turned round",
                "You take the probabilities away from the truth. A score of a wrong class that "
                "grows makes things worse, so its slope must be positive.",
                _from_truth(lambda p, y, n: (y - p) / n),
                _from_truth(lambda p, y, n: y - p),
            ),
            mistake(
                "truth-left-out",
                "The truth is left out",
                "You return the probabilities as they came. The true class is what the network "
                "should learn: its 1 has to be taken away.",
                _from_truth(lambda p, y, n: p / n),
                _from_truth(lambda p, y, n: p.copy()),
            ),
            mistake(
                "one-from-everything",
                "1 is taken from every class",
                "You take 1 from every probability. Only the true class of each row loses 1.",
                _from_truth(lambda p, y, n: (p - 1) / n),
                _from_truth(lambda p, y, n: p - 1),
            ),
            mistake(
                "added-at-the-truth",
                "1 is added",
                "You add 1 at the true class. It is taken away there: raising the score of the "
                "true class makes the loss smaller, so its slope must be negative.",
                _from_truth(lambda p, y, n: (p + y) / n),
                _from_truth(lambda p, y, n: p + y),
            ),
            mistake(
                "true-class-turned",
                "The true class has the wrong sign",
                "At the true class your slope is positive, 1 less the probability. It is the other "
                "way round there, as everywhere: the probability less the truth.",
                _from_truth(lambda p, y, n: np.abs(p - y) / n),
                _from_truth(lambda p, y, n: np.abs(p - y)),
            ),
            mistake(
                "whole-columns",
                "1 is taken from whole rows or columns",
                "You take 1 from whole columns, or whole rows. Each row has its own true class: "
                "1 is taken from one place in each row.",
                _whole_columns,
                _whole_columns_again,
                _whole_columns_in_place,
                _whole_rows,
                lambda probabilities, labels: _whole_columns(probabilities, labels) * len(labels),
                lambda probabilities, labels: (
                    _whole_columns_in_place(probabilities, labels) * len(labels)
                ),
            ),
            mistake(
                "labels-from-one",
                "Labels begin at 0",
                "You take the first class for number 1, so you count a place beside the true one. "
                "Labels begin at 0: label 0 is the first column.",
                _labels_from_one,
                _labels_one_too_high,
                _labels_from_one_compared,
            ),
            mistake(
                "predicted-class",
                "The predicted class for the true one",
                "You take 1 from the class with the highest probability. That is what the network "
                "believes; the truth is in the labels.",
                _predicted,
            ),
            mistake(
                "labels-as-numbers",
                "The label itself is subtracted",
                "You take the label away as if it were an amount. A label is the name of a class: "
                "it says where the 1 is taken away.",
                _labels_as_numbers,
                _labels_in_a_row,
            ),
            mistake(
                "slope-in-the-probability",
                "The slope in the probability",
                "You give the slope of the logarithm, in the probability of the true class. Asked "
                "for is the slope in the scores, before softmax, and there every class counts.",
                _from_truth(lambda p, y, n: np.where(y > 0, -1 / np.where(p > 0, p, 1), 0) / n),
                _from_truth(lambda p, y, n: np.where(y > 0, -1 / np.where(p > 0, p, 1), 0)),
                _from_truth(lambda p, y, n: -(y / p) / n),
                _from_truth(lambda p, y, n: -(y / p)),
                read=USUAL,
            ),
            mistake(
                "others-left-out",
                "Only the true class gets a slope",
                "Only the true class has a slope in your result. The scores of the other classes "
                "count as well: through softmax they take away from the true one.",
                _from_truth(lambda p, y, n: (p - 1) * y / n),
                _from_truth(lambda p, y, n: (p - 1) * y),
                lambda probabilities, labels: _true_slopes(probabilities, labels) / len(labels),
                _true_slopes,
                lambda probabilities, labels: (
                    _true_slopes(probabilities, labels)[:, None] / len(labels)
                ),
            ),
            mistake(
                "rows-averaged",
                "The rows or columns are averaged",
                "You add up, or average, the columns or the rows. Each score keeps a slope of its "
                "own; the mean over the samples only makes each of them smaller.",
                _from_truth(lambda p, y, n: (p - y).mean(axis=0)),
                _from_truth(lambda p, y, n: (p - y).mean(axis=0, keepdims=True)),
                _from_truth(lambda p, y, n: (p - y).sum(axis=0)),
                _from_truth(lambda p, y, n: (p - y).mean(axis=1)),
                read=MEAN,
            ),
            mistake(
                "one-number",
                "One number for all",
                "You add up, or average, everything to one number. Each score has a slope of its "
                "own: the result has the shape of the probabilities.",
                lambda probabilities, labels: 0.0,
                _from_truth(lambda p, y, n: np.abs(p - y).sum() / n),
            ),
            mistake(
                "loss-for-slope",
                "The loss in place of its slope",
                "You return the loss itself. Asked for is its slope in each score: how much the "
                "loss grows when this score does.",
                _from_truth(lambda p, y, n: float(-np.log((p * y).sum(axis=1)).mean())),
                _from_truth(lambda p, y, n: -np.log((p * y).sum(axis=1))),
                _from_truth(lambda p, y, n: -np.log((p * y).sum(axis=1)) / n),
            ),
            mistake(
                "one-sample-only",
                "Only one sample meets its label",
                "In only one row the truth is taken away, or only one row is returned. Perhaps the "
                "return stands inside the loop. Every row has its own label.",
                lambda probabilities, labels: _rows_met(probabilities, labels, [0]),
                lambda probabilities, labels: _rows_met(probabilities, labels, [0]) * len(labels),
                lambda probabilities, labels: _rows_met(probabilities, labels, [-1]),
                lambda probabilities, labels: _rows_met(probabilities, labels, [0])[:1],
                lambda probabilities, labels: (
                    _rows_met(probabilities, labels, [0])[:1] * len(labels)
                ),
                lambda probabilities, labels: _rows_met(probabilities, labels, [0])[0],
                lambda probabilities, labels: (
                    _rows_met(probabilities, labels, [0])[0] * len(labels)
                ),
            ),
            mistake(
                "width-of-the-samples",
                "The truth has the wrong width",
                "Your table of the truth gets its width from the labels: how many there are, how "
                "many kinds, or the largest. Not every class has to be among them. It needs as "
                "many columns as the probabilities have.",
                lambda probabilities, labels: (
                    (probabilities - np.eye(len(labels))[labels]) / len(labels)
                ),
                lambda probabilities, labels: probabilities - np.eye(len(labels))[labels],
                lambda probabilities, labels: (
                    (probabilities - np.eye(labels.max() + 1)[labels]) / len(labels)
                ),
                lambda probabilities, labels: probabilities - np.eye(labels.max() + 1)[labels],
                lambda probabilities, labels: (
                    (probabilities - np.eye(len(np.unique(labels)))[labels]) / len(labels)
                ),
                lambda probabilities, labels: (
                    probabilities - np.eye(len(np.unique(labels)))[labels]
                ),
            ),
            mistake(
                "changed-in-place",
                "The probabilities are changed",
                "The numbers are right, but you write them into the array that was given, and "
                "whoever called your function has lost the probabilities. Work on a copy.",
                _subtracted_in_place,
            ),
            mistake(
                "softmax-again",
                "Softmax once more",
                "You send the probabilities through softmax. They have been through it already.",
                _from_truth(lambda p, y, n: (_softmax(p) - y) / n),
                _from_truth(lambda p, y, n: _softmax(p) - y),
            ),
            mistake(
                "slope-multiplied",
                "Multiplied by one slope more",
                "You multiply by the slope of an activation, p times 1 − p. For softmax and "
                "cross-entropy together that is already in the short formula.",
                _from_truth(lambda p, y, n: (p - y) * p * (1 - p) / n),
                _from_truth(lambda p, y, n: (p - y) * p * (1 - p)),
                read=USUAL,
            ),
            mistake(
                "minus-one-written",
                "The true class becomes −1",
                "At the true class you write −1 over the probability. It has to be taken into "
                "account: 1 is taken away from it, and the rest stays.",
                _from_truth(lambda p, y, n: np.where(y > 0, -1, p) / n),
                _from_truth(lambda p, y, n: np.where(y > 0, -1, p)),
            ),
        ),
    ),
    Question(
        id="updates-dense-backward",
        points=3,
        signature="dense_backward(x, weights, upstream)",
        reference=dense_backward,
        cases=dense_backward_cases,
        read=SYMBOLS,
        hints=(
            "Write down the three shapes that must come out, and the three that you have. Which "
            "products fit?",
            "The slope in a weight is what came in, times the slope of what came out, added up "
            "over the samples. That is a matrix product; one of the two has to be turned.",
            "Back to the input the slopes go through the same weights, in the other direction: "
            "rows and columns of the weights change roles.",
            "A bias joins every sample's sum. So its slope is the sum of its column in upstream. "
            "Nothing is left to divide by.",
        ),
        mistakes=(
            mistake(
                "weights-not-turned",
                "The weights aren't turned",
                "On the way back you multiply by the weights as they are. In this direction rows "
                "and columns change roles: they have to be turned. In a layer with as many units "
                "as inputs no error tells you so.",
                _parts(d_x=lambda x, w, u: u @ w),
                _parts(d_x=lambda x, w, u: u @ w, d_weights=lambda x, w, u: u.T @ x),
                read=THROUGH_WEIGHTS,
            ),
            mistake(
                "x-not-turned",
                "x isn't turned",
                "For the slopes in the weights you multiply by x as it is. Turn it, so that the "
                "samples are what is added up.",
                _parts(d_weights=lambda x, w, u: x @ u),
                read=INTO_WEIGHTS,
            ),
            mistake(
                "nothing-turned",
                "Neither x nor the weights are turned",
                "You multiply by x and by the weights as they are. In both products one array "
                "has to be turned, rows to columns: the shapes say which.",
                _parts(d_x=lambda x, w, u: u @ w, d_weights=lambda x, w, u: x @ u),
            ),
            mistake(
                "factors-exchanged",
                "The factors of a product are exchanged",
                "In a product of yours the two arrays stand in the wrong order. For matrices the "
                "order counts: rows of the first meet columns of the second. The shapes say which "
                "comes first.",
                _parts(d_x=lambda x, w, u: w.T @ u),
                _parts(d_x=lambda x, w, u: w @ u),
                _parts(d_weights=lambda x, w, u: u @ x.T),
                _parts(d_weights=lambda x, w, u: u @ x),
                _parts(d_x=lambda x, w, u: w.T @ u, d_weights=lambda x, w, u: u @ x.T),
            ),
            mistake(
                "element-by-element",
                "Multiplied element by element",
                "You multiply with a star, number by number. Here each number meets many others, "
                "and the products are added up: that is a matrix product.",
                _parts(d_weights=lambda x, w, u: x * u),
                _parts(d_weights=lambda x, w, u: x.T * u),
                _parts(d_x=lambda x, w, u: u * w),
                _parts(d_x=lambda x, w, u: u * w.T),
                _parts(d_x=lambda x, w, u: u * w, d_weights=lambda x, w, u: x * u),
                _parts(d_x=lambda x, w, u: u * w.T, d_weights=lambda x, w, u: x.T * u),
                read=INTO_WEIGHTS,
            ),
            mistake(
                "weights-passed-over",
                "Passed on without the weights",
                "For the slopes in x you hand upstream on as it came, or its sums. On their way "
                "to x the slopes go through the weights.",
                _parts(d_x=lambda x, w, u: u.copy()),
                _parts(d_x=lambda x, w, u: u.sum(axis=1, keepdims=True) * np.ones(x.shape)),
                read=THROUGH_WEIGHTS,
            ),
            mistake(
                "d-weights-turned",
                "The slopes of the weights lie on their side",
                "Your slopes in the weights have rows and columns exchanged. They have the shape "
                "of the weights: inputs down, units across.",
                _backward(lambda dx, dw, db, n: (dx, dw.T, db)),
                _backward(lambda dx, dw, db, n: (dx.T, dw.T, db)),
                read=INTO_WEIGHTS,
            ),
            mistake(
                "d-x-turned",
                "The slopes of the input lie on their side",
                "Your slopes in x have rows and columns exchanged. They have the shape of x: one "
                "row for each sample.",
                _backward(lambda dx, dw, db, n: (dx.T, dw, db)),
                read=THROUGH_WEIGHTS,
            ),
            mistake(
                "reshaped",
                "Reshaped in place of turned",
                "You give an array another shape with reshape. That keeps the numbers in their "
                "order and only breaks the rows elsewhere. Turning makes columns of rows.",
                _parts(d_x=lambda x, w, u: u @ _turned_by_reshape(w)),
                _parts(d_weights=lambda x, w, u: _turned_by_reshape(x) @ u),
                _parts(
                    d_x=lambda x, w, u: u @ _turned_by_reshape(w),
                    d_weights=lambda x, w, u: _turned_by_reshape(x) @ u,
                ),
            ),
            mistake(
                "d-x-from-x",
                "x in place of the weights",
                "For the slopes in x you multiply by x. What lies between x and the sums are the "
                "weights: the slopes go back through those.",
                _parts(d_x=lambda x, w, u: u @ x.T),
                _parts(d_x=lambda x, w, u: x @ u.T),
                _parts(d_x=lambda x, w, u: x @ w),
                read=THROUGH_WEIGHTS,
            ),
            mistake(
                "bias-mean",
                "The bias gets the mean",
                "Your slopes in the bias are means over the samples. The loss is a mean already; "
                "from there on each sample adds its share, so they are sums.",
                _backward(lambda dx, dw, db, n: (dx, dw, db / n)),
                read=MEAN,
            ),
            mistake(
                "divided-again",
                "Divided by the samples once more",
                "You divide by the number of samples. That has happened in the loss already, and "
                "upstream brings it with it: nothing is left to divide by.",
                _backward(lambda dx, dw, db, n: (dx, dw / n, db / n)),
                _backward(lambda dx, dw, db, n: (dx / n, dw / n, db / n)),
                _backward(lambda dx, dw, db, n: (dx, dw / n, db)),
                _backward(lambda dx, dw, db, n: (dx / n, dw, db)),
                _backward(lambda dx, dw, db, n: (dx / n, dw / n, db)),
                _backward(lambda dx, dw, db, n: (dx / n, dw, db / n)),
                _upstream_divided_in_place,
                read=MEAN,
            ),
            mistake(
                "bias-other-axis",
                "The bias is added up along the rows",
                "For the bias you add up, or average, along each row, which gives one number for "
                "each sample. There is one bias for each unit: add up each column.",
                _parts(d_bias=lambda x, w, u: u.sum(axis=1)),
                _parts(d_bias=lambda x, w, u: u.mean(axis=1)),
                _parts(d_bias=lambda x, w, u: u.sum(axis=1, keepdims=True)),
                read=MEAN,
            ),
            mistake(
                "bias-one-number",
                "One number for all biases",
                "You add up, or average, the whole of upstream to one number. Each unit has a "
                "bias of its own: add up over the samples only.",
                _parts(d_bias=lambda x, w, u: u.sum()),
                _parts(d_bias=lambda x, w, u: u.mean()),
                read=MEAN,
            ),
            mistake(
                "bias-not-summed",
                "The bias isn't added up over the samples",
                "For the bias you return a row for each sample. All samples share the one bias of "
                "a unit, so their slopes are added up.",
                _parts(d_bias=lambda x, w, u: u.copy()),
                _parts(d_bias=lambda x, w, u: u / len(x)),
                read=MEAN,
            ),
            mistake(
                "bias-two-dimensions",
                "The bias has two dimensions",
                "Your slopes in the bias are a table with a single row or column. The bias is a "
                "plain list of numbers, shape (units,), and so are its slopes.",
                _backward(lambda dx, dw, db, n: (dx, dw, db[None])),
                _backward(lambda dx, dw, db, n: (dx, dw, db[:, None])),
                _backward(lambda dx, dw, db, n: (dx, dw, db[None] / n)),
            ),
            mistake(
                "order",
                "The three results in another order",
                "You return the right three arrays in another order. The order is: the input, "
                "the weights, the bias.",
                _backward(lambda dx, dw, db, n: (dw, db, dx)),
                _backward(lambda dx, dw, db, n: (dw, dx, db)),
                _backward(lambda dx, dw, db, n: (db, dw, dx)),
                _backward(lambda dx, dw, db, n: (dx, db, dw)),
                _backward(lambda dx, dw, db, n: (db, dx, dw)),
            ),
            mistake(
                "parts-missing",
                "Not all three results",
                "You return only a part. Three things are wanted: the slopes in the input, in the "
                "weights and in the bias.",
                _backward(lambda dx, dw, db, n: (dw, db)),
                _backward(lambda dx, dw, db, n: (dx, dw)),
                _backward(lambda dx, dw, db, n: (dx, db)),
                _backward(lambda dx, dw, db, n: dx),
                _backward(lambda dx, dw, db, n: dw),
                _backward(lambda dx, dw, db, n: (dw,)),
                _backward(lambda dx, dw, db, n: (dx,)),
            ),
            mistake(
                "summed-first",
                "The batch is added up too early",
                "You add up, or average, the batch before you multiply. Each sample's slopes go "
                "with its own inputs: multiply first, then add up.",
                _parts(
                    d_x=lambda x, w, u: u.sum(axis=0) @ w.T,
                    d_weights=lambda x, w, u: np.outer(x.sum(axis=0), u.sum(axis=0)),
                ),
                _parts(d_weights=lambda x, w, u: np.outer(x.sum(axis=0), u.sum(axis=0))),
                _parts(
                    d_x=lambda x, w, u: u.sum(axis=0, keepdims=True) @ w.T,
                    d_weights=lambda x, w, u: np.outer(x.sum(axis=0), u.sum(axis=0)),
                ),
                _parts(d_x=lambda x, w, u: u.sum(axis=0) @ w.T),
                _parts(d_weights=lambda x, w, u: np.outer(x.mean(axis=0), u.sum(axis=0))),
                read=MEAN,
            ),
            mistake(
                "one-sample-only",
                "Only one sample counts",
                "Your slopes come from one sample alone. In a loop over the samples a total has "
                "to grow: every sample adds its share.",
                _parts(d_weights=lambda x, w, u: np.outer(x[-1], u[-1])),
                _parts(
                    d_weights=lambda x, w, u: np.outer(x[-1], u[-1]),
                    d_bias=lambda x, w, u: u[-1].copy(),
                ),
                _parts(d_weights=lambda x, w, u: np.outer(x[0], u[0])),
                _parts(
                    d_weights=lambda x, w, u: np.outer(x[0], u[0]),
                    d_bias=lambda x, w, u: u[0].copy(),
                ),
                *(
                    lambda x, weights, upstream, i=i, form=form: (
                        upstream @ weights.T,
                        form(x, upstream, i),
                        upstream[i],
                    )
                    for i in (0, -1)
                    for form in (
                        lambda x, upstream, i: x.T @ upstream,
                        lambda x, upstream, i: np.outer(x[i], upstream[i]),
                    )
                ),
                *(
                    lambda x, weights, upstream, i=i: (
                        upstream @ weights.T,
                        x.T @ upstream,
                        upstream[i].copy(),
                    )
                    for i in (0, -1)
                ),
                read=MEAN,
            ),
            mistake(
                "not-summed",
                "The weights' slopes aren't added up",
                "For the weights you keep a table for each sample. All samples share the weights: "
                "add the tables up.",
                _parts(d_weights=lambda x, w, u: x[:, :, None] * u[:, None, :]),
                read=MEAN,
            ),
            mistake(
                "relu-inside",
                "A slope of ReLU is mixed in",
                "You set some of the slopes to 0, as on the way back through ReLU. That is "
                "another step: here the layer has no activation.",
                _parts(d_x=lambda x, w, u: u @ w.T * (x > 0)),
                lambda x, weights, upstream: dense_backward(x, weights, upstream * (upstream > 0)),
                lambda x, weights, upstream: dense_backward(
                    x, weights, upstream * (x @ weights > 0)
                ),
                read=THROUGH_RELU,
            ),
            mistake(
                "minus",
                "All signs are turned round",
                "Your slopes have the wrong sign. Finding slopes is one thing, the step against "
                "them another: the minus belongs to the step.",
                _backward(lambda dx, dw, db, n: (-dx, -dw, -db)),
                _backward(lambda dx, dw, db, n: (dx, -dw, -db)),
                read=USUAL,
            ),
            mistake(
                "upstream-left-out",
                "The slopes from above are left out",
                "In a part of your result upstream plays no part: you give how the weighted sums "
                "grow, such as 1 for the bias. The chain rule multiplies that by the slope of the "
                "loss in these sums, which is upstream.",
                _parts(d_bias=lambda x, w, u: np.ones(u.shape[1])),
                _parts(d_bias=lambda x, w, u: 1.0),
                _parts(d_bias=lambda x, w, u: np.ones(len(x))),
                _parts(d_weights=lambda x, w, u: x.T.copy()),
                _parts(d_weights=lambda x, w, u: x.copy()),
                _parts(d_x=lambda x, w, u: w.T.copy()),
                _parts(d_x=lambda x, w, u: w.copy()),
                *(
                    lambda x, weights, upstream, d_bias=d_bias: (
                        weights.T.copy(),
                        x.T.copy(),
                        d_bias(upstream),
                    )
                    for d_bias in (
                        lambda upstream: 1.0,
                        lambda upstream: np.ones(upstream.shape[1]),
                        lambda upstream: np.ones(len(upstream)),
                    )
                ),
            ),
        ),
    ),
    Question(
        id="updates-momentum-step",
        points=2,
        signature="momentum_step(parameters, velocities, gradients, learning_rate, momentum)",
        reference=momentum_step,
        cases=momentum_cases,
        read=CLEVERER,
        hints=(
            "Two things change: first the velocity, then the place.",
            "The new velocity is a part of the old one, pulled downhill by the gradient. The new "
            "parameter is the old one, moved by the new velocity.",
            "Three lists run side by side; zip takes three as well. Collect two new lists, and "
            "return both, parameters first.",
        ),
        mistakes=(
            mistake(
                "plus-for-minus",
                "Pulled uphill",
                "Your gradient pulls the velocity uphill. It points to where the loss grows, so "
                "it is taken away from the velocity.",
                _momentum(lambda v, g, a, mu: mu * v + a * g),
                read=USUAL,
            ),
            mistake(
                "other-sign-kept",
                "The velocity with the sign turned",
                "Your parameters would be right with velocities of the other sign. Here the "
                "velocity is the step itself: it points to where the parameters go, and is added.",
                _momentum(lambda v, g, a, mu: mu * v + a * g, lambda p, v, new, g, a, mu: p - new),
            ),
            mistake(
                "velocity-subtracted",
                "The velocity is taken away",
                "Your velocity is right, but the parameters move against it. The minus is in the "
                "velocity already: add it.",
                _momentum(place=lambda p, v, new, g, a, mu: p - new),
            ),
            mistake(
                "momentum-on-the-gradient",
                "The momentum multiplies the gradient",
                "Your momentum multiplies the gradient's part. It belongs to the old velocity "
                "alone: how much of it is kept.",
                _momentum(lambda v, g, a, mu: v - mu * a * g),
                _momentum(lambda v, g, a, mu: v - mu * g),
                _momentum(lambda v, g, a, mu: a * v - mu * g),
                _momentum(lambda v, g, a, mu: mu * (v - a * g)),
            ),
            mistake(
                "one-minus-momentum",
                "The gradient counts for 1 − momentum",
                "You mix velocity and gradient as a running mean, with the weights momentum and "
                "1 − momentum. Here the gradient's part is the learning rate, in full.",
                _momentum(lambda v, g, a, mu: mu * v - (1 - mu) * a * g),
                _momentum(
                    lambda v, g, a, mu: mu * v - (1 - mu) * g,
                    lambda p, v, new, g, a, mu: p + a * new,
                ),
                _momentum(
                    lambda v, g, a, mu: mu * v + (1 - mu) * g,
                    lambda p, v, new, g, a, mu: p - a * new,
                ),
                _momentum(
                    lambda v, g, a, mu: mu * v + (1 - mu) * a * g,
                    lambda p, v, new, g, a, mu: p - new,
                ),
            ),
            mistake(
                "old-velocity-turned",
                "The old velocity pulls back",
                "The old velocity has a minus in your rule, so the ball turns round at every step. "
                "A part of it is kept as it is; only the gradient is taken away.",
                _momentum(lambda v, g, a, mu: -mu * v - a * g),
                _momentum(lambda v, g, a, mu: a * g - mu * v),
            ),
            mistake(
                "momentum-on-the-parameters",
                "The momentum multiplies the parameters",
                "Your momentum multiplies the parameters. It belongs to the velocities: they "
                "fade, the parameters don't.",
                _momentum(
                    lambda v, g, a, mu: mu * v - a * g, lambda p, v, new, g, a, mu: mu * p + new
                ),
                _other_lists(lambda p, v, g, a, mu: mu * p - a * g, lambda p, new: p + new),
                _other_lists(lambda p, v, g, a, mu: mu * p - a * g, lambda p, new: new),
            ),
            mistake(
                "momentum-as-friction",
                "The momentum says what is lost",
                "You keep 1 − momentum of the old velocity. Momentum says how much is kept, not "
                "how much is lost: with 0.9 the ball keeps most of its speed.",
                _momentum(lambda v, g, a, mu: (1 - mu) * v - a * g),
            ),
            mistake(
                "rate-at-the-end",
                "The learning rate comes too late",
                "You keep the learning rate out of the velocity and multiply the whole velocity "
                "by it at the end. Here it multiplies the gradient, when the velocity is made.",
                _momentum(lambda v, g, a, mu: mu * v + g, lambda p, v, new, g, a, mu: p - a * new),
                _momentum(lambda v, g, a, mu: mu * v - g, lambda p, v, new, g, a, mu: p + a * new),
                _momentum(lambda v, g, a, mu: mu * v - g, lambda p, v, new, g, a, mu: p - a * new),
            ),
            mistake(
                "rate-twice",
                "The learning rate counts twice",
                "Your learning rate is in the velocity, and then multiplies it once more as it "
                "moves the parameters. Once is enough.",
                _momentum(place=lambda p, v, new, g, a, mu: p + a * new),
                _momentum(
                    lambda v, g, a, mu: mu * v + a * g, lambda p, v, new, g, a, mu: p - a * new
                ),
                _momentum(place=lambda p, v, new, g, a, mu: p - a * new),
            ),
            mistake(
                "rate-missing",
                "The learning rate is missing",
                "Your gradient counts in full. The learning rate says how much of it pulls at the "
                "velocity.",
                _momentum(lambda v, g, a, mu: mu * v - g),
                read=RATE,
            ),
            mistake(
                "momentum-missing",
                "The whole velocity is kept",
                "Your ball loses nothing: the old velocity is taken over in full. Momentum says "
                "which part of it is kept.",
                _momentum(lambda v, g, a, mu: v - a * g),
            ),
            mistake(
                "velocity-forgotten",
                "The old velocity is forgotten",
                "Your step is plain gradient descent: the old velocity has no part in it. A ball "
                "keeps some of its speed.",
                _momentum(lambda v, g, a, mu: -a * g),
                _momentum(place=lambda p, v, new, g, a, mu: p - a * g),
            ),
            mistake(
                "old-velocity-moves",
                "Moved by the old velocity",
                "Your parameters move by the velocity from before. Make the new velocity first: "
                "it is the one that moves them.",
                _momentum(place=lambda p, v, new, g, a, mu: p + v),
                _momentum(place=lambda p, v, new, g, a, mu: p + mu * v),
                _momentum(place=lambda p, v, new, g, a, mu: p - v),
            ),
            mistake(
                "nesterov",
                "The momentum counts once more",
                "Your velocity is right, but on the way to the parameters the momentum multiplies "
                "it once more. (With the gradient taken again besides, that is Nesterov's rule.) "
                "Here the step is the new velocity, as it is.",
                _momentum(place=lambda p, v, new, g, a, mu: p + mu * new - a * g),
                _momentum(place=lambda p, v, new, g, a, mu: p + mu * new),
            ),
            mistake(
                "gradient-twice",
                "The gradient counts twice",
                "Your velocity is right, but then the gradient moves the parameters a second "
                "time. It is in the velocity already.",
                _momentum(place=lambda p, v, new, g, a, mu: p + new - a * g),
            ),
            mistake(
                "in-place",
                "The given arrays are changed",
                "You write into the arrays, or the lists, that were given: the parameters, the "
                "velocities, or both. Whoever called your function still needs the old ones. "
                "Make new arrays.",
                _momentum_in_place,
                _velocities_in_place,
                _parameters_in_place,
                _momentum_in_place_returns_nothing,
                read=ALL_FIRST,
            ),
            mistake(
                "nothing-moves",
                "Nothing moves",
                "You return the parameters and velocities as they were. If your loop says p = "
                "..., only the name p gets the new array; the lists keep the old ones. Collect "
                "the new arrays in new lists.",
                lambda parameters, velocities, gradients, learning_rate, momentum: (
                    parameters,
                    velocities,
                ),
            ),
            mistake(
                "old-velocities-returned",
                "The old velocities are returned",
                "Your parameters are right, but the velocities that you return are those from "
                "before. The next step needs the new ones.",
                _old_velocities_returned,
            ),
            mistake(
                "order",
                "Velocities first",
                "You return the velocities first. The order is: new parameters, then new "
                "velocities.",
                _other_form(lambda places, new: (new, places)),
            ),
            mistake(
                "one-list-only",
                "One of the two lists is missing",
                "You return one list. Two are wanted, the new parameters and the new velocities; "
                "without its velocities the ball would start each step from rest.",
                _other_form(lambda places, new: places),
                _other_form(lambda places, new: new),
            ),
            mistake(
                "pairs",
                "Pairs in place of two lists",
                "You return a pair for each array. Wanted are two lists: all the parameters in "
                "one, all the velocities in the other.",
                _other_form(lambda places, new: list(zip(places, new, strict=True))),
            ),
            mistake(
                "one-flat-list",
                "Everything in one list",
                "You put parameters and velocities into one long list. Keep them apart: a tuple "
                "of two lists.",
                _other_form(lambda places, new: places + new),
            ),
            mistake(
                "one-array-only",
                "Only one array of each list",
                "Your lists end after the first array, or hold the last one alone. Perhaps the "
                "return stands inside the loop. Every array has to move.",
                _other_form(lambda places, new: (places[:1], new[:1])),
                _other_form(lambda places, new: (places[-1:], new[-1:])),
                _other_form(lambda places, new: (places[0], new[0])),
                _other_form(lambda places, new: (places[-1], new[-1])),
            ),
            mistake(
                "list-as-array",
                "A list isn't an array",
                "An error stops your function. If you calculate with the whole lists at once, "
                "that is why: a list can't do it, and arrays of unequal shapes can't be put into "
                "one. Take the arrays one by one.",
                lambda parameters, velocities, gradients, learning_rate, momentum: (
                    momentum * velocities - learning_rate * gradients
                ),
                lambda parameters, velocities, gradients, learning_rate, momentum: (
                    np.array(parameters)
                    + (momentum * np.array(velocities) - learning_rate * np.array(gradients)),
                    momentum * np.array(velocities) - learning_rate * np.array(gradients),
                ),
            ),
            mistake(
                "old-parameters-returned",
                "The old parameters are returned",
                "Your velocities are right, but the parameters that you return are those from "
                "before. Each of them moves by its new velocity.",
                *(
                    lambda parameters, velocities, gradients, learning_rate, momentum, old=old: (
                        old(parameters),
                        momentum_step(parameters, velocities, gradients, learning_rate, momentum)[
                            1
                        ],
                    )
                    for old in (list, lambda parameters: [p.copy() for p in parameters])
                ),
            ),
        ),
    ),
)
