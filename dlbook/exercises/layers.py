"""The answer key of chapter 1: layers, probabilities, the loss, and the whole forward pass."""

import math
from itertools import pairwise

import numpy as np

from dlbook.exercises.question import Case, Question, Section, mistake

HAND = Section("layers", "One picture through the network, by hand")
LINE = Section("layers", "A layer is one line of code")
BATCH = Section("layers", "Many pictures at once")
COUNT = Section("layers", "Counting what can be learnt")
SOFTMAX = Section("layers", "From scores to probabilities")
SHIFT = Section("layers", "Why the largest score is subtracted first")
PREDICTION = Section("layers", "From probabilities to a prediction")
LOSS = Section("layers", "How wrong? The loss")
NOT_THE_CLASS = Section("layers", "Why the loss looks at probabilities, not at the predicted class")
NUMBERS = Section("layers", "When the answer is a number")
BIAS = Section("neuron", "The bias shifts the threshold")
ACTIVATIONS = Section("neuron", "Four activations and their slopes")

SMALLEST = 1e-12  # cross_entropy looks at no probability below this


# --- References ------------------------------------------------------------------------------


def dense(x, weights, bias):
    """Return the weighted sums of every neuron for every sample."""
    return x @ weights + bias


def softmax(scores):
    """Return the powers of e over their sum, row by row, the largest score subtracted first."""
    powers = np.exp(scores - np.max(scores, axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def cross_entropy(probabilities, labels):
    """Return the mean of -ln p of the true classes, p never below 1e-12."""
    true = np.asarray(probabilities)[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(true, SMALLEST)).mean())


def predict(probabilities):
    """Return the place of the largest probability of each row."""
    return np.argmax(probabilities, axis=-1)


def count_parameters(sizes):
    """Return the weights of each layer, inputs times units, and a bias for each unit."""
    return sum((inputs + 1) * units for inputs, units in pairwise(sizes))


def forward(x, layers):
    """Return the softmax of the last layer's sums, with ReLU after every layer before it."""
    for weights, bias in layers[:-1]:
        x = np.maximum(x @ weights + bias, 0.0)
    weights, bias = layers[-1]
    return softmax(x @ weights + bias)


# --- Inputs ----------------------------------------------------------------------------------


def worked_layers():
    """Return the two layers of the chapter's network 2-3-2."""
    return [
        (np.array([[0.6, -0.2, -0.5], [-0.4, 0.8, 0.2]]), np.array([0.1, 0.0, 0.1])),
        (np.array([[0.6, 0.4], [0.5, -0.5], [-0.3, 0.7]]), np.array([0.0, 0.0])),
    ]


def dense_cases(rng):
    """Draw one input, one neuron, squares, a dark picture, large numbers; the worked layer."""
    cases = [Case((np.array([[1.0, 0.5]]), *worked_layers()[0]))]
    for samples, inputs, units in (
        (1, 3, 2), (4, 1, 3), (3, 2, 1), (3, 3, 3), (4, 2, 2), (2, 3, 3), (5, 3, 4), (7, 2, 5),
    ):  # fmt: skip
        cases.append(Case(drawn_layer(rng, samples, inputs, units)))
    x, weights, bias = drawn_layer(rng, 3, 4, 3)
    x[1] = 0.0
    cases.append(Case((x, weights, bias)))
    x, weights, bias = drawn_layer(rng, 2, 5, 3)
    cases.append(Case((1000 * x, 100 * weights, bias)))
    return cases


def drawn_layer(rng, samples, inputs, units):
    """Return x, weights and a bias that is nowhere near 0, with two digits each."""
    x, weights = rng.normal(0, 1.5, (samples, inputs)), rng.normal(0, 1, (inputs, units))
    bias = rng.uniform(0.3, 1.5, units) * rng.choice([-1, 1], units)
    return x.round(2), weights.round(2), bias.round(2)


def softmax_cases(rng):
    """Draw tables of all forms, and rows that lie very high, very low, and far apart."""
    near = rng.uniform(0.2, 2.0, (6, 3)).round(1)  # how far scores of one row are apart
    lower = np.array([0.0, 1.0, 2.0])
    high, low = 1000 - lower * near[0], -1000 + lower * near[1]
    return [
        Case((np.array([[0.4, 0.1]]),)),
        Case((rng.normal(0, 2, (1, 5)).round(2),)),
        Case((rng.normal(0, 1.5, (3, 4)).round(2),)),
        Case((rng.normal(0, 1.5, (3, 3)).round(2),)),
        Case((rng.normal(0, 1.5, (6, 2)).round(2),)),
        Case((np.append(rng.normal(0, 2, (1, 3)).round(2), np.full((1, 3), -0.7), axis=0),)),
        Case((rng.normal(0, 2, (3, 1)).round(2),)),
        Case((high[np.newaxis],)),
        Case((low[np.newaxis],)),
        Case((np.array([[1000.0, -1000.0], [-1000.0, 1000.0]]),)),
        Case((np.array([high, low, lower * near[2] - 1]),)),
        Case((np.array([400 - lower * near[3], -400 + lower * near[4]]),)),
        Case((np.array([[-800.0, -800.0 + near[5, 0]], [near[5, 1], 0.0], [750.0, 748.5]]),)),
    ]


def drawn_probabilities(rng, samples, classes):
    """Return rows of three digits that add up to 1; no two numbers of a row or column alike."""
    while True:
        parts = rng.dirichlet(np.full(classes, 1.5), samples)
        thousandths = 10 + np.array([rng.multinomial(1000 - 10 * classes, p) for p in parts])
        rows, columns = thousandths, thousandths.T
        if all(len(set(line)) == len(line) for table in (rows, columns) for line in table):
            return thousandths / 1000


def loss_cases(rng):
    """Draw true classes of every sort: likely, not occurring, of probability 0, 1, nearly 0."""
    cases = [Case((np.array([[0.75, 0.25], [0.5, 0.5]]), np.array([1, 0])))]
    for samples, classes, asked in (
        (1, 3, 3), (2, 5, 5), (4, 4, 3), (5, 3, 3), (9, 2, 2), (3, 6, 5),
    ):  # fmt: skip
        p = drawn_probabilities(rng, samples, classes)
        labels = rng.integers(0, asked, samples)
        labels[0] = p[0, :asked].argsort()[asked // 2 - 1]  # not the most likely
        cases.append(Case((p, labels)))
    p = drawn_probabilities(rng, 6, 3)
    p_one = drawn_probabilities(rng, 2, 2)
    return [
        *cases,
        Case((p, np.array([2, 0, 0, 2, 2, 0]))),  # class 1 doesn't occur
        Case((p_one[::-1].copy(), np.array([1, 1]))),
        Case((np.array([[1.0, 0.0], p_one[0]]), np.array([1, 1]))),
        Case((np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]), np.array([0, 2]))),
        Case((np.array([p_one[1], [1.0, 1e-20]]), np.array([0, 1]))),
        Case((np.array([[0.0, 1.0, 0.0]]), np.array([2]))),
    ]


def predict_cases(rng):
    """Draw tables of all forms, a close race, and sure ones; nowhere are two the largest."""
    race = np.array([[0.3329, 0.3335, 0.3336], [0.3331, 0.3340, 0.3329], [0.2507, 0.2499, 0.4994]])
    return [
        Case((np.array([[0.2, 0.8], [0.9, 0.1]]),)),
        Case((drawn_probabilities(rng, 1, 4)[:, ::-1].copy(),)),
        Case((until(_rows_and_columns_differ, drawn_probabilities, rng, 3, 3),)),
        Case((until(_rows_and_columns_differ, drawn_probabilities, rng, 4, 4),)),
        Case((until(_first_last_and_surest_differ, drawn_probabilities, rng, 8, 3),)),
        Case((drawn_probabilities(rng, 2, 6),)),
        Case((drawn_probabilities(rng, 5, 2),)),
        Case((np.sort(drawn_probabilities(rng, 3, 4), axis=1),)),
        Case((np.array([[0.0, 1.0], [1.0, 0.0], [0.0, 1.0]]),)),
        Case((race,)),
        Case((np.ones((2, 1)),)),
    ]


def until(good, draw, *arguments):
    """Draw again until it is good."""
    while True:
        drawn = draw(*arguments)
        if good(drawn):
            return drawn


def _rows_and_columns_differ(p) -> bool:
    return not np.array_equal(p.argmax(axis=0), p.argmax(axis=1))


def _first_last_and_surest_differ(p) -> bool:
    surest = p.argmax() % p.shape[1]
    return len({p[0].argmax(), p[-1].argmax(), surest}) == 3


def size_cases(rng):
    """Draw two sizes and many, growing and shrinking; also only ones, and those of a real one."""
    first, second, third, fourth = (int(n) for n in rng.permutation(np.arange(2, 12))[:4])
    return [
        Case(([2, 3, 2],)),
        Case(([first, second],)),
        Case(([third, 1, fourth],)),
        Case(([4, 5, 5, 3],)),
        Case(([1, 1],)),
        Case(([1, 1, 1, 1, 1],)),
        Case(([1, fourth, first],)),
        Case(([second, second, second],)),
        Case(([784, 128, 64, 10],)),
        Case(([int(n) for n in rng.integers(2, 10, 8)],)),
    ]


def network_cases(rng):
    """Draw one layer alone, equal and unequal widths, deep ones, and some with large scores."""
    cases = [Case((np.array([[1.0, 0.5]]), worked_layers()))]
    for samples, sizes in (
        (3, [2, 3]), (1, [2, 4, 3]), (3, [3, 3, 3]), (2, [3, 3, 3, 3]), (5, [3, 4, 2]),
        (4, [3, 2, 3, 2]), (4, [2, 5, 4, 3]), (6, [1, 3, 4]), (3, [4, 3, 3, 2, 2]),
    ):  # fmt: skip
        cases.append(Case(drawn_network(rng, samples, sizes)))
    near = rng.uniform(0.4, 2.0, (4, 2)).round(1)  # how far scores of one row are apart
    none = np.zeros(3)
    last = np.array([[1000.0, 1000 - near[0, 0], 1000 - near[0, 1]],
                     [-1000.0, -1000 + near[1, 0], -1000 + near[1, 1]]])  # fmt: skip
    cases.append(Case((np.array([[1.0, 0.0], [0.0, 1.0]]), [(last, none)])))
    last = np.array([[900.0, 900 - near[2, 0], -900.0],
                     [-990.0, -990 - near[3, 0], -990 - near[3, 1]]])  # fmt: skip
    hidden = (np.array([[1.0, -1.0], [-1.0, 1.0]]), np.zeros(2))
    x = np.array([[1.0, 2.0], [2.0, 1.0], [-0.5, 0.5]])
    cases.append(Case((x, [hidden, (last, none)])))
    x = np.array([[300.0, 100.0], [100.0, 250.0], [120.0, 130.0]]) + rng.integers(-9, 9, (3, 2))
    last = np.array([[0.01, -0.004], [-0.01, 0.006]])  # hidden numbers are large, scores are not
    cases.append(Case((x, [hidden, (last, np.array([0.3, -0.2]))])))
    cases.append(Case(until(_alike_layers_bend, drawn_alike_layers, rng)))
    return cases


def drawn_alike_layers(rng):
    """Return x and two layers with the same numbers: only their places tell them apart."""
    x, weights, bias = drawn_layer(rng, 2, 3, 3)
    return x, [(weights, bias), (weights.copy(), bias.copy())]


def _alike_layers_bend(drawn) -> bool:
    x, ((weights, bias), _) = drawn
    sums = x @ weights + bias
    scores = np.maximum(sums, 0) @ weights + bias
    straight = softmax(sums @ weights + bias)
    return all((z < -0.3).any() and (z > 0.3).any() for z in (sums, scores)) and bool(
        (softmax(scores).max(axis=1) < 0.99).any()
        and np.abs(softmax(scores) - straight).max() > 0.01
    )


def drawn_network(rng, samples, sizes):
    """Return x with both signs, and layers in which ReLU has something to do."""
    while True:
        layers = [drawn_layer(rng, 1, a, b)[1:] for a, b in pairwise(sizes)]
        x = rng.normal(0, 1.2, (samples, sizes[0])).round(2)
        sums = [x @ layers[0][0] + layers[0][1]]
        for weights, bias in layers[1:]:
            sums.append(np.maximum(sums[-1], 0) @ weights + bias)
        bent = all((z < -0.3).any() and (z > 0.3).any() for z in sums)
        if bent and (x < -0.3).any() and (softmax(sums[-1]).max(axis=1) < 0.99).any():
            return x, layers


# --- Wrong ways that take more than a line -----------------------------------------------------


def _bias_in_inner_loop(x, weights, bias):
    out = np.zeros((len(x), len(bias)))
    for i in range(x.shape[1]):
        out += np.outer(x[:, i], weights[i]) + bias
    return out


def _rows_of_weights(x, weights, bias):
    out = np.zeros((len(x), len(bias)))
    for i in range(len(x)):
        for j in range(len(bias)):
            out[i, j] = sum(x[i] * weights[j]) + bias[j]
    return out


def _places_of_weights_swapped(x, weights, bias):
    out = np.zeros((len(x), len(bias)))
    for i in range(len(x)):
        for j in range(len(bias)):
            out[i, j] = bias[j]
            for k in range(x.shape[1]):
                out[i, j] += x[i, k] * weights[j, k]
    return out


def _sums_into_the_bias(x, weights, bias):
    rows = []
    for row in x:
        total = bias
        total += row @ weights
        rows.append(total)
    return np.array(rows)


def _sums_into_the_bias_copied(x, weights, bias):
    rows = []
    for row in x:
        bias += row @ weights
        rows.append(bias.copy())
    return np.array(rows)


def _relu(z):
    return np.maximum(z, 0.0)


def _sigmoid(z):
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-z))


_AXES = {"row": 1, "column": 0, "all": None}


def _softmax(shift, total="row", power=np.exp):
    """Make a softmax: its shift by no, the row's, column's or table's largest, and its sum."""

    def wrong(scores):
        if shift != "none":
            scores = scores - scores.max(axis=_AXES[shift], keepdims=True)
        powers = power(scores)
        return powers / powers.sum(axis=_AXES[total], keepdims=True)

    return wrong


def _softmax_by_number(scores):
    rows = []
    for row in scores:
        powers = [math.exp(score) for score in row]
        rows.append([power / sum(powers) for power in powers])
    return np.array(rows)


def _softmax_flat_sum(shift):
    """Make a softmax whose sums are a flat row: each meets a column, not its own row."""

    def wrong(scores):
        if shift == "row":
            scores = scores - scores.max(axis=1, keepdims=True)
        if shift == "flat":
            scores = scores - scores.max(axis=1)
        if shift == "all":
            scores = scores - scores.max()
        powers = np.exp(scores)
        return powers / powers.sum(axis=1)

    return wrong


def _softmax_flat_largest(scores):
    return softmax(scores - scores.max(axis=1))


def _row_powers(scores):
    return np.exp(scores - scores.max(axis=1, keepdims=True))


def _first_row_of_zeros(scores):
    out = np.zeros_like(scores)
    out[0] = softmax(scores[0])
    return out


def _softmax_in_place(scores):
    scores -= scores.max(axis=1, keepdims=True)
    powers = np.exp(scores)
    return powers / powers.sum(axis=1, keepdims=True)


def _softmax_all_in_place(scores):
    scores -= scores.max(axis=1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=1, keepdims=True)
    return scores


def _winners(scores):
    return np.eye(scores.shape[1])[scores.argmax(axis=1)]


def _true(p, labels):
    return p[np.arange(len(labels)), labels]


def _one_hot(p, labels):
    return np.eye(p.shape[1])[labels]


def _either(wrong):
    """Return a wrong loss in both forms: with its probabilities kept above 1e-12, and without."""
    return (lambda p, labels: wrong(np.maximum(p, SMALLEST), labels), wrong)


def _one_hot_from_batch(classes):
    """Make a loss whose table of ones has as many classes as the labels of the batch show."""
    return lambda p, labels: float(
        -(np.eye(classes(labels))[labels] * np.log(p)).sum() / len(labels)
    )


def _loss_of(p, labels):
    return -np.log(_true(p, labels))


def _loss_by_number(p, labels):
    losses = [-math.log(row[label]) for row, label in zip(p, labels, strict=True)]
    return sum(losses) / len(losses)


def _loss_by_product(p, labels):
    return float(-(_one_hot(p, labels) * np.log(p)).sum(axis=1).mean())


def _zeros_left_out(p, labels, bound=0.0):
    true = _true(p, labels)
    return -np.log(true[true > bound])


def _each_class_yes_or_no(p, labels):
    true = _one_hot(p, labels)
    return -(true * np.log(p) + (1 - true) * np.log(1 - p))


def _clip_to(low, high=1.0):
    return lambda p, labels: float(_loss_of(np.clip(p, low, high), labels).mean())


def _add(amount):
    return lambda p, labels: float(_loss_of(p + amount, labels).mean())


def _clip_in_place(p, labels):
    np.clip(p, SMALLEST, 1.0, out=p)
    return float(_loss_of(p, labels).mean())


def _add_in_place(p, labels):
    p += SMALLEST
    return float(_loss_of(p, labels).mean())


def _best_kept(wins):
    """Make a search that never forgets the largest number of the rows before."""

    def wrong(probabilities):
        found, best, place = [], -1.0, 0
        for row in probabilities:
            for k, p in enumerate(row):
                if wins(p, best):
                    best, place = p, k
            found.append(place)
        return np.array(found)

    return wrong


def _without_last_class(probabilities):
    found = []
    for row in probabilities:
        place = 0
        for k in range(len(row) - 1):
            if row[k] > row[place]:
                place = k
        found.append(place)
    return np.array(found)


def _layers_of(sizes):
    return list(pairwise(sizes))


def _count_and_pop(sizes):
    total = 0
    while len(sizes) > 1:
        inputs = sizes.pop(0)
        total += (inputs + 1) * sizes[0]
    return total


def _count_and_pop_last(sizes):
    total = 0
    while len(sizes) > 1:
        units = sizes.pop()
        total += (sizes[-1] + 1) * units
    return total


def _count_pop_the_input(sizes):
    inputs, total = sizes.pop(0), 0
    for units in sizes:
        total += (inputs + 1) * units
        inputs = units
    return total


def _network(activation=_relu, finish=softmax, last=None, before=None, part=slice(None)):
    """Make a forward pass: what follows hidden layers, the last one, all; what goes before each."""

    def wrong(x, layers):
        for number, (weights, bias) in enumerate(layers[part], start=1):
            x = (x if before is None else before(x)) @ weights + bias
            if number < len(layers):
                x = activation(x)
            elif last is not None:
                x = last(x)
        return finish(x)

    return wrong


def _same(x):
    return x


def _without_bias(hidden, last):
    """Make a forward pass that leaves out the biases of hidden layers, of the last, or of both."""

    def wrong(x, layers):
        ends = len(layers) - 1
        kept = [
            (w, np.zeros_like(b) if (last if i == ends else hidden) else b)
            for i, (w, b) in enumerate(layers)
        ]
        return forward(x, kept)

    return wrong


def _x_again(last=_same):
    """Make a forward pass that gives x itself to every layer."""

    def wrong(x, layers):
        for number, (weights, bias) in enumerate(layers, start=1):
            result = x @ weights + bias
            result = last(result) if number == len(layers) else _relu(result)
        return softmax(result)

    return wrong


def _only_last(last=_same):
    return lambda x, layers: softmax(last(x @ layers[-1][0] + layers[-1][1]))


def _first_left_out_by_count(x, layers):
    for number, (weights, bias) in enumerate(layers[1:], start=1):
        x = x @ weights + bias
        if number < len(layers) - 1:
            x = _relu(x)
    return softmax(x)


def _two_layers(x, layers):
    (w1, b1), (w2, b2) = layers
    return softmax(_relu(x @ w1 + b1) @ w2 + b2)


def _x_in_hidden_layers(x, layers):
    hidden = x
    for weights, bias in layers[:-1]:
        hidden = _relu(x @ weights + bias)
    return softmax(hidden @ layers[-1][0] + layers[-1][1])


def _x_in_hidden_layers_or_nothing(x, layers):
    for weights, bias in layers[:-1]:
        hidden = _relu(x @ weights + bias)
    return softmax(hidden @ layers[-1][0] + layers[-1][1])


def _bias_after_relu(last):
    """Make a forward pass that adds the biases of hidden layers, or of all, after ReLU."""

    def wrong(x, layers):
        for weights, bias in layers[:-1]:
            x = _relu(x @ weights) + bias
        scores = x @ layers[-1][0]
        return softmax(last(scores) + layers[-1][1])

    return wrong


def _weights_first(x, layers):
    for weights, bias in layers[:-1]:
        x = _relu(weights @ x + bias)
    return softmax(layers[-1][0] @ x + layers[-1][1])


def _last_relu_forgotten(x, layers):
    for number, (weights, bias) in enumerate(layers):
        x = x @ weights + bias
        if number < len(layers) - 2:
            x = _relu(x)
    return softmax(x)


def _relu_after_first_only(x, layers):
    for number, (weights, bias) in enumerate(layers):
        x = x @ weights + bias
        if number == 0 and len(layers) > 1:
            x = _relu(x)
    return softmax(x)


def _relu_after_first_always(x, layers):
    for number, (weights, bias) in enumerate(layers):
        x = x @ weights + bias
        if number == 0:
            x = _relu(x)
    return softmax(x)


def _layers_compared(x, layers):
    for layer in layers:
        x = x @ layer[0] + layer[1]
        if layer != layers[-1]:
            x = _relu(x)
    return softmax(x)


def _weights_compared(x, layers):
    for weights, bias in layers:
        x = x @ weights + bias
        if weights != layers[-1][0]:
            x = _relu(x)
    return softmax(x)


def _layers_looked_up(x, layers):
    for layer in layers:
        x = x @ layer[0] + layer[1]
        if layers.index(layer) < len(layers) - 1:
            x = _relu(x)
    return softmax(x)


def _last_layer_twice(activation):
    """Make a forward pass whose loop goes through all layers, with the last once more after it."""

    def wrong(x, layers):
        for weights, bias in layers:
            x = activation(x @ weights + bias)
        return softmax(x @ layers[-1][0] + layers[-1][1])

    return wrong


def _relu_on_x_in_place(x, layers):
    for weights, bias in layers:
        np.maximum(x, 0.0, out=x)
        x = x @ weights + bias
    return softmax(x)


def _outputs_of(x, layers):
    outputs = []
    for number, (weights, bias) in enumerate(layers, start=1):
        x = x @ weights + bias
        x = softmax(x) if number == len(layers) else _relu(x)
        outputs.append(x)
    return outputs


def _pop_last(x, layers):
    weights, bias = layers.pop()
    for w, b in layers:
        x = _relu(x @ w + b)
    return softmax(x @ weights + bias)


def _pop_each(x, layers):
    while len(layers) > 1:
        weights, bias = layers.pop(0)
        x = _relu(x @ weights + bias)
    weights, bias = layers[0]
    return softmax(x @ weights + bias)


def _pop_all(x, layers):
    while layers:
        weights, bias = layers.pop(0)
        x = x @ weights + bias
        if layers:
            x = _relu(x)
    return softmax(x)


# --- Questions ---------------------------------------------------------------------------------

QUESTIONS = (
    Question(
        id="layers-dense",
        points=1,
        signature="dense(x, weights, bias)",
        reference=dense,
        cases=dense_cases,
        read=LINE,
        hints=(
            "Do one neuron on paper: a row of x, a column of weights, one bias. The chapter's "
            "first neuron gives 0.5.",
            "Along a row of x, down a column of weights: multiply in pairs and add up. NumPy has "
            "one sign that does this for all rows and all columns at once.",
            "The sign is @. Its left side is the table whose rows are samples. The bias joins "
            "after it; NumPy adds it to every row by itself.",
        ),
        mistakes=(
            mistake(
                "bias-left-out",
                "The bias is left out",
                "Your sums stop after the products. Every neuron owns one more number, its bias, "
                "which is added to its sum.",
                lambda x, weights, bias: x @ weights,
                read=BIAS,
            ),
            mistake(
                "bias-for-each-input",
                "The bias is added once for each input",
                "Your sums grow by the bias again and again, once for each input. A neuron has "
                "one bias, and it joins the sum once.",
                _bias_in_inner_loop,
                read=BIAS,
            ),
            mistake(
                "bias-subtracted",
                "The bias is subtracted",
                "Your bias is taken away from the sums. It is added, whatever its sign: a "
                "negative bias makes a sum smaller by itself.",
                lambda x, weights, bias: x @ weights - bias,
                read=BIAS,
            ),
            mistake(
                "bias-multiplied",
                "The bias multiplies",
                "Your bias multiplies the sums. It isn't a weight: it is added at the end.",
                lambda x, weights, bias: x @ weights * bias,
                read=BIAS,
            ),
            mistake(
                "bias-down-the-samples",
                "The biases go to samples",
                "Your biases are handed out from row to row, one for each sample. A bias belongs "
                "to a neuron, so to a column of the result. The same biases join every row.",
                lambda x, weights, bias: x @ weights + bias[:, np.newaxis],
                read=BATCH,
            ),
            mistake(
                "one-bias-for-all",
                "One bias for all neurons",
                "You add the same number to every neuron: one of the biases, or what all of them "
                "make together. Each neuron has a bias of its own.",
                lambda x, weights, bias: x @ weights + bias.sum(),
                lambda x, weights, bias: x @ weights + bias.mean(),
                lambda x, weights, bias: x @ weights + bias[0],
                lambda x, weights, bias: x @ weights + bias[-1],
                read=BIAS,
            ),
            mistake(
                "bias-before-the-product",
                "The bias joins before the product",
                "You add the bias to x and multiply by the weights afterwards, so the bias is "
                "weighted too. First the products and their sum, then the bias.",
                lambda x, weights, bias: (x + bias) @ weights,
                lambda x, weights, bias: x @ (weights + bias),
            ),
            mistake(
                "wrong-way-round",
                "The product is taken the wrong way round",
                "In your product a row of x doesn't meet a column of weights: one of the two is "
                "transposed, or they stand in the wrong order. Write both shapes down: the two "
                "numbers that meet in the middle are the inputs.",
                lambda x, weights, bias: x @ weights.T + bias,
                lambda x, weights, bias: x @ weights.T,
                lambda x, weights, bias: weights @ x + bias,
                lambda x, weights, bias: weights @ x,
                lambda x, weights, bias: weights.T @ x + bias,
                lambda x, weights, bias: weights.T @ x,
                lambda x, weights, bias: x.T @ weights + bias,
                lambda x, weights, bias: x.T @ weights.T + bias,
                lambda x, weights, bias: (weights @ x.T).T + bias,
                lambda x, weights, bias: weights @ x.T + bias,
                _rows_of_weights,
                _places_of_weights_swapped,
                read=BATCH,
            ),
            mistake(
                "result-transposed",
                "Rows and columns have changed places",
                "Your result has a row for each neuron. It should have a row for each sample and "
                "a column for each neuron.",
                lambda x, weights, bias: (x @ weights + bias).T,
                lambda x, weights, bias: (x @ weights).T + bias,
                lambda x, weights, bias: (x @ weights).T,
                read=BATCH,
            ),
            mistake(
                "number-by-number",
                "x is multiplied number by number",
                "Your * multiplies numbers that stand in the same place, and nothing is added up. "
                "A whole row of x has to meet a whole column of weights: products, then their "
                "sum.",
                lambda x, weights, bias: x * weights + bias,
                lambda x, weights, bias: x * weights,
                lambda x, weights, bias: x * weights.T + bias,
            ),
            mistake(
                "products-not-summed",
                "The products aren't added up",
                "Your result still holds a number for each input. The products of one neuron have "
                "to become a single number: their sum.",
                lambda x, weights, bias: x[:, :, np.newaxis] * weights + bias,
                lambda x, weights, bias: x[:, :, np.newaxis] * weights,
            ),
            mistake(
                "too-much-added-up",
                "Too much is added up",
                "Your function adds up more than the products of one neuron: samples or neurons "
                "are thrown together. Each neuron keeps a number of its own for each sample.",
                lambda x, weights, bias: (x @ weights + bias).sum(axis=0),
                lambda x, weights, bias: x.sum(axis=0) @ weights + bias,
                lambda x, weights, bias: (x @ weights + bias).mean(axis=0),
                lambda x, weights, bias: (x @ weights + bias).sum(axis=1),
                lambda x, weights, bias: np.sum(x @ weights) + bias,
                lambda x, weights, bias: float(np.sum(x @ weights + bias)),
                lambda x, weights, bias: (x @ weights + bias).sum(axis=1, keepdims=True),
                read=BATCH,
            ),
            mistake(
                "total-overwritten",
                "Only the last product is kept",
                "Each turn of your loop throws away what was there, so only the product with the "
                "last input is left. A total has to grow from turn to turn.",
                lambda x, weights, bias: x[:, -1:] * weights[-1] + bias,
                lambda x, weights, bias: x[:, -1:] * weights[-1],
            ),
            mistake(
                "mean-for-sum",
                "The mean in place of the sum",
                "You divide the sums by the number of inputs. A weighted sum isn't a mean: "
                "nothing is divided.",
                lambda x, weights, bias: x @ weights / x.shape[1] + bias,
                lambda x, weights, bias: (x @ weights + bias) / x.shape[1],
            ),
            mistake(
                "activation-applied",
                "An activation takes part",
                "You bend the numbers on the way. This question asks for the weighted sums "
                "themselves, before any activation.",
                lambda x, weights, bias: _relu(x @ weights + bias),
                lambda x, weights, bias: _sigmoid(x @ weights + bias),
                lambda x, weights, bias: np.tanh(x @ weights + bias),
                lambda x, weights, bias: softmax(x @ weights + bias),
                lambda x, weights, bias: _softmax("none")(x @ weights + bias),
                lambda x, weights, bias: _relu(x @ weights) + bias,
                lambda x, weights, bias: _relu(x @ weights),
            ),
            mistake(
                "first-sample-only",
                "Only one sample is worked out",
                "Only one row of x reaches your result, the first or the last. If you wrote a "
                "loop, look where its return stands, and whether each turn keeps its row.",
                lambda x, weights, bias: x[0] @ weights + bias,
                lambda x, weights, bias: x[:1] @ weights + bias,
                lambda x, weights, bias: x[-1] @ weights + bias,
                lambda x, weights, bias: x[-1:] @ weights + bias,
                read=BATCH,
            ),
            mistake(
                "last-input-lost",
                "The last input is left out",
                "Your loop ends one input too early. Every input counts, the last one too.",
                lambda x, weights, bias: x[:, :-1] @ weights[:-1] + bias,
            ),
            mistake(
                "bias-changed",
                "The bias itself is changed",
                "You add your sums into bias, so it grows from row to row, and whoever called "
                "your function has lost the old numbers. Begin each row with numbers of its own.",
                _sums_into_the_bias,
                _sums_into_the_bias_copied,
            ),
        ),
    ),
    Question(
        id="layers-softmax",
        points=2,
        signature="softmax(scores)",
        reference=softmax,
        cases=softmax_cases,
        read=SOFTMAX,
        hints=(
            "Take one row, 0.4 and 0.1. Make both positive with np.exp, then divide both by what "
            "they add up to: 0.5744 and 0.4256.",
            "For a table, each row needs its own sum. Summing with axis=1 gives a flat list of "
            "sums; keepdims=True keeps them standing beside their rows.",
            "e^1000 is too large for a float. The result stays the same when all scores of a row "
            "are moved by the same number. Which move makes the largest score of each row 0?",
        ),
        mistakes=(
            mistake(
                "over-the-columns",
                "The sums run down the columns",
                "In your result the columns add up to 1. Each row is one sample, so each row must "
                "add up to 1: take the sums along the rows.",
                _softmax("none", "column"),
                _softmax("column", "column"),
                _softmax("row", "column"),
                _softmax("all", "column"),
            ),
            mistake(
                "over-everything",
                "One sum for the whole table",
                "You divide by the sum over all samples together, so the whole table adds up to 1. "
                "Each row must add up to 1 by itself.",
                _softmax("none", "all"),
                _softmax("row", "all"),
                _softmax("column", "all"),
                _softmax("all", "all"),
            ),
            mistake(
                "twice",
                "Softmax is applied twice",
                "Your function turns its own probabilities into probabilities once more, which "
                "pushes them towards each other. Once is enough.",
                lambda scores: softmax(softmax(scores)),
                lambda scores: _softmax("none")(_softmax("none")(scores)),
                lambda scores: softmax(_softmax("none")(scores)),
            ),
            mistake(
                "powers-too-large",
                "The powers become too large or too small",
                "For ordinary scores your numbers are right. For scores near 1000 the powers are "
                "too large for a float, and near −1000 all of them become 0: nothing sensible is "
                "left to divide. Move the scores of each row first, so that the largest is 0.",
                _softmax("none"),
                _softmax_by_number,
                lambda scores: (
                    np.vectorize(math.exp)(scores)
                    / np.vectorize(math.exp)(scores).sum(axis=1, keepdims=True)
                ),
                lambda scores: np.nan_to_num(_softmax("none")(scores)),
                read=SHIFT,
            ),
            mistake(
                "moved-on-one-side",
                "Only one side of the fraction is moved",
                "You subtract the largest score above or below the line of the fraction, not on "
                "both sides. Then it doesn't cancel. Use the moved scores for the powers and for "
                "their sum.",
                lambda scores: _row_powers(scores) / np.exp(scores).sum(axis=1, keepdims=True),
                lambda scores: np.exp(scores) / _row_powers(scores).sum(axis=1, keepdims=True),
                read=SHIFT,
            ),
            mistake(
                "largest-of-the-table",
                "The largest score of the whole table is subtracted",
                "You subtract one number from all rows. A row that lies far below it loses "
                "everything: all its powers become 0, and 0 / 0 is no number. Each row needs its "
                "own largest score.",
                _softmax("all"),
                lambda scores: np.nan_to_num(_softmax("all")(scores)),
                read=SHIFT,
            ),
            mistake(
                "largest-of-the-column",
                "The largest score of each column is subtracted",
                "You move the scores of one row by different amounts, and that changes the "
                "result. All scores of a row must be moved by the same number, their largest.",
                _softmax("column"),
                read=SHIFT,
            ),
            mistake(
                "another-score-subtracted",
                "Not the largest score is subtracted",
                "You move the scores of each row, but not so that the largest becomes 0. For "
                "ordinary scores that is harmless. For others some power still becomes too large, "
                "or all of them become 0.",
                lambda scores: _softmax("none")(scores - scores.min(axis=1, keepdims=True)),
                lambda scores: _softmax("none")(scores - scores.mean(axis=1, keepdims=True)),
                lambda scores: _softmax("none")(scores - np.abs(scores).max(axis=1, keepdims=True)),
                lambda scores: _softmax("none")(scores - scores[:, :1]),
                lambda scores: _softmax("none")(scores + scores.max(axis=1, keepdims=True)),
                read=SHIFT,
            ),
            mistake(
                "scores-clipped",
                "Large scores are cut off",
                "You cut large scores down to a limit, so 1000 and 999 become the same number. "
                "They have to stay 1 apart: move the whole row in place of cutting it.",
                lambda scores: _softmax("none")(np.clip(scores, -500, 500)),
                lambda scores: _softmax("none")(np.clip(scores, -700, 700)),
                lambda scores: _softmax("none")(np.clip(scores, -100, 100)),
                lambda scores: _softmax("none")(np.minimum(scores, 500)),
                lambda scores: _softmax("none")(np.minimum(scores, 700)),
                read=SHIFT,
            ),
            mistake(
                "scores-divided",
                "The scores are divided first",
                "You divide the scores by a number before e is raised to them, so their distances "
                "shrink, and other probabilities come out. Scores may all be moved by the same "
                "number: subtract, don't divide.",
                lambda scores: softmax(scores / scores.max(axis=1, keepdims=True)),
                lambda scores: softmax(scores / np.abs(scores).max(axis=1, keepdims=True)),
                lambda scores: softmax(scores / scores.max()),
                lambda scores: softmax(scores / np.abs(scores).max()),
                lambda scores: softmax(scores / scores.sum(axis=1, keepdims=True)),
                *(lambda scores, k=k: softmax(scores / k) for k in (10, 100, 1000)),
                read=SHIFT,
            ),
            mistake(
                "sums-lie-flat",
                "A number for each row meets the columns",
                "The sum or the largest score of each row comes out as a flat list, and NumPy "
                "lays it along the columns, if it fits at all. It has to stand beside its row, "
                "in a column of its own.",
                _softmax_flat_sum("none"),
                _softmax_flat_sum("row"),
                _softmax_flat_sum("flat"),
                _softmax_flat_sum("all"),
                _softmax_flat_largest,
                read=SHIFT,
            ),
            mistake(
                "powers-missing",
                "The powers of e are missing",
                "You divide the scores themselves: nowhere is e raised to them. Raise e to each "
                "score first, which makes all of them positive, and divide after that.",
                lambda scores: scores / scores.sum(axis=1, keepdims=True),
                lambda scores: (
                    (scores - scores.max(axis=1, keepdims=True))
                    / (scores - scores.max(axis=1, keepdims=True)).sum(axis=1, keepdims=True)
                ),
                lambda scores: np.abs(scores) / np.abs(scores).sum(axis=1, keepdims=True),
                lambda scores: scores / scores.sum(),
                lambda scores: scores / scores.sum(axis=0),
                lambda scores: scores / scores.max(axis=1, keepdims=True),
                lambda scores: (
                    (scores - scores.min(axis=1, keepdims=True))
                    / np.ptp(scores, axis=1, keepdims=True)
                ),
                lambda scores: (
                    (scores - scores.min(axis=1, keepdims=True))
                    / (scores - scores.min(axis=1, keepdims=True)).sum(axis=1, keepdims=True)
                ),
            ),
            mistake(
                "not-divided-by-the-sum",
                "The rows don't add up to 1",
                "You raise e to the scores, but you don't divide by the sum of the row. Without "
                "it the numbers of a row don't add up to 1.",
                lambda scores: np.exp(scores - scores.max(axis=1, keepdims=True)),
                np.exp,
                lambda scores: np.exp(scores) / np.exp(scores).max(axis=1, keepdims=True),
                lambda scores: np.exp(scores - scores.max()),
            ),
            mistake(
                "mean-for-sum",
                "The mean in place of the sum",
                "You divide by the mean of the powers, so each row adds up to the number of "
                "classes. Divide by their sum.",
                lambda scores: softmax(scores) * scores.shape[1],
                lambda scores: np.exp(scores) / np.exp(scores).mean(axis=1, keepdims=True),
            ),
            mistake(
                "minus-too-many",
                "The largest score gets the smallest probability",
                "You raise e to minus the score. That turns the order round: the class that is "
                "ahead comes out last. Raise e to the score itself.",
                lambda scores: softmax(-scores),
                lambda scores: _softmax("none")(-scores),
                lambda scores: _softmax("none")(scores.max(axis=1, keepdims=True) - scores),
            ),
            mistake(
                "another-base",
                "Another number than e is raised",
                "You raise 2 or 10 to the scores. The steps are right, but softmax raises "
                "e = 2.718…, and other probabilities come out.",
                _softmax("row", power=np.exp2),
                _softmax("none", power=np.exp2),
                _softmax("row", power=lambda z: 10.0**z),
                _softmax("none", power=lambda z: 10.0**z),
            ),
            mistake(
                "sigmoid-for-softmax",
                "Each score is squeezed by itself",
                "You apply the sigmoid to each score. Each number then lies between 0 and 1, but "
                "the rows don't add up to 1. Softmax shares out one whole among all classes.",
                _sigmoid,
                lambda scores: np.exp(scores) / (1 + np.exp(scores)),
            ),
            mistake(
                "only-the-winner",
                "Only the winner counts",
                "Your function only says which class is ahead. Softmax gives every class its "
                "share, the losers too.",
                _winners,
                lambda scores: scores.argmax(axis=1),
            ),
            mistake(
                "logarithms-returned",
                "The logarithms are returned",
                "Your function returns the logarithm of each probability. The probabilities "
                "themselves are asked for.",
                lambda scores: (
                    scores
                    - scores.max(axis=1, keepdims=True)
                    - np.log(np.exp(scores - scores.max(axis=1, keepdims=True)).sum(axis=1))[
                        :, None
                    ]
                ),
                lambda scores: np.log(_softmax("none")(scores)),
                lambda scores: np.log(softmax(scores)),
            ),
            mistake(
                "first-sample-only",
                "Only one row is worked out",
                "Only one row of scores reaches your result, the first or the last. Every sample "
                "needs its row. If you wrote a loop, look where its return stands, and whether "
                "each turn keeps its row.",
                lambda scores: softmax(scores[0]),
                lambda scores: softmax(scores[:1]),
                lambda scores: softmax(scores[-1]),
                lambda scores: softmax(scores[-1:]),
                _first_row_of_zeros,
                read=BATCH,
            ),
            mistake(
                "scores-changed",
                "The scores themselves are changed",
                "The probabilities are right, but you work inside of scores, and whoever called "
                "your function has lost the old numbers. Make a new array.",
                _softmax_in_place,
                _softmax_all_in_place,
            ),
        ),
    ),
    Question(
        id="layers-cross-entropy",
        points=2,
        signature="cross_entropy(probabilities, labels)",
        reference=cross_entropy,
        cases=loss_cases,
        read=LOSS,
        hints=(
            "Three steps: look up the probability of the true class of each row, take logarithms "
            "and change the sign, take the mean.",
            "To look up one number from each row, NumPy wants two lists of the same length "
            "between the brackets: the rows 0, 1, 2 … and the labels.",
            "np.log(0) is minus infinity. Before the logarithm, raise every probability below "
            "1e-12 to 1e-12, in a new array; np.maximum or np.clip does that.",
        ),
        mistakes=(
            mistake(
                "sum-for-mean",
                "The sum in place of the mean",
                "You add up the losses of all samples. The loss of a batch is their mean, so that "
                "it doesn't grow with the number of samples.",
                *_either(lambda p, labels: float(_loss_of(p, labels).sum())),
            ),
            mistake(
                "minus-missing",
                "The minus sign is missing",
                "Your loss is negative. The logarithm of a number below 1 is negative; changing "
                "its sign makes the loss positive, and smaller when the prediction gets better.",
                *_either(lambda p, labels: float(np.log(_true(p, labels)).mean())),
                *_either(lambda p, labels: float(np.log(_true(p, labels)).sum())),
                *_either(lambda p, labels: np.log(_true(p, labels))),
            ),
            mistake(
                "likeliest-for-true",
                "The most likely class, not the true one",
                "You look at the largest probability of each row. The loss asks what the network "
                "gave to the true class, the one that the label names.",
                lambda p, labels: float(-np.log(p.max(axis=1)).mean()),
                lambda p, labels: float(-np.log(p.max(axis=1)).sum()),
            ),
            mistake(
                "labels-from-one",
                "The labels are counted from 1",
                "You look one place beside the true class. Labels count from 0, as NumPy does: "
                "label 0 is the first column.",
                *_either(lambda p, labels: float(_loss_of(p, labels - 1).mean())),
                *_either(lambda p, labels: float(_loss_of(p, labels + 1).mean())),
            ),
            mistake(
                "divided-by-classes",
                "The number of classes is divided by",
                "The number of classes takes part in your division. The loss is a mean over "
                "samples: their number alone divides. It happens easily with the mean over a "
                "whole table, zeros included.",
                *_either(lambda p, labels: float(-(_one_hot(p, labels) * np.log(p)).mean())),
                *_either(lambda p, labels: float(_loss_of(p, labels).sum() / p.shape[1])),
                *_either(lambda p, labels: float(_loss_of(p, labels).mean() / p.shape[1])),
            ),
            mistake(
                "divided-twice",
                "Divided by the number of samples twice",
                "Your loss is a mean already, and then you divide by the number of samples once "
                "more. Once is enough.",
                *_either(lambda p, labels: float(_loss_of(p, labels).mean() / len(labels))),
            ),
            mistake(
                "another-logarithm",
                "Another logarithm",
                "You take the logarithm to base 2 or 10. The loss uses the natural logarithm, ln, "
                "to base e. In NumPy and in Python it is called log.",
                *_either(lambda p, labels: float(-np.log2(_true(p, labels)).mean())),
                *_either(lambda p, labels: float(-np.log10(_true(p, labels)).mean())),
            ),
            mistake(
                "not-clipped",
                "Probabilities of 0 aren't raised",
                "For ordinary probabilities your loss is right. But the logarithm of 0 is minus "
                "infinity, and a sample can't be left out. Each probability below 1e-12 has to be "
                "raised to 1e-12 before the logarithm.",
                lambda p, labels: float(_loss_of(p, labels).mean()),
                _loss_by_number,
                _loss_by_product,
                lambda p, labels: np.nan_to_num(_loss_of(p, labels).mean()),
                lambda p, labels: float(_zeros_left_out(p, labels).sum() / len(p)),
                lambda p, labels: float(_zeros_left_out(p, labels).mean()),
                lambda p, labels: float(_zeros_left_out(p, labels, SMALLEST).sum() / len(p)),
                lambda p, labels: float(_zeros_left_out(p, labels, SMALLEST).mean()),
            ),
            mistake(
                "only-exact-zeros-clipped",
                "Only an exact 0 is raised",
                "You put 1e-12 where a probability is exactly 0. A number such as 1e-20 slips "
                "through. Everything below 1e-12 counts as 1e-12.",
                lambda p, labels: float(_loss_of(np.where(p == 0, SMALLEST, p), labels).mean()),
            ),
            mistake(
                "another-bound",
                "Clipped at another bound",
                "You keep the probabilities away from 0, but not in the way that is asked for: "
                "the smallest that counts is 1e-12, and all above it stay as they are.",
                *(_clip_to(10.0**-k) for k in (2, 3, 4, 5, 6, 7, 8, 9, 10, 15, 16)),
                *(_clip_to(10.0**-k, 1 - 10.0**-k) for k in (5, 6, 7, 8)),
                *(_add(10.0**-k) for k in (5, 6, 7, 8, 9, 10, 15, 16)),
                _clip_to(np.finfo(float).eps),
                _add(np.finfo(float).eps),
            ),
            mistake(
                "logarithm-missing",
                "The logarithm is missing",
                "You work with the probability itself. Its natural logarithm, with the sign "
                "changed, is the loss: it punishes hard what is sure and wrong.",
                lambda p, labels: float(_true(p, labels).mean()),
                lambda p, labels: float(-_true(p, labels).mean()),
                lambda p, labels: float(1 - _true(p, labels).mean()),
                *_either(lambda p, labels: float((1 / _true(p, labels)).mean())),
            ),
            mistake(
                "mean-before-logarithm",
                "The mean is taken before the logarithm",
                "You take the mean of the probabilities, and the logarithm of that. First every "
                "sample's own loss, then the mean of the losses.",
                *_either(lambda p, labels: float(-np.log(_true(p, labels).mean()))),
                lambda p, labels: float(-np.log(max(_true(p, labels).mean(), SMALLEST))),
            ),
            mistake(
                "rows-by-label",
                "The label chooses the row",
                "You use the labels to choose rows. The first place in the brackets is the row, "
                "the sample; the label says which column of it.",
                *_either(lambda p, labels: float(-np.log(p[labels, np.arange(len(p))]).mean())),
                *_either(lambda p, labels: float(-np.log(p[labels]).mean())),
                lambda p, labels: float(
                    -np.log(np.maximum(p[labels], SMALLEST)).sum(axis=1).mean()
                ),
            ),
            mistake(
                "all-labels-for-all-rows",
                "Every label is looked up in every row",
                "Your colon picks all rows for each label, so every row answers for the labels of "
                "the others. Each row has one label: its own.",
                *_either(lambda p, labels: float(-np.log(p[:, labels]).mean())),
                *_either(lambda p, labels: float(-np.log(p[:, labels]).sum() / len(p))),
                *_either(lambda p, labels: -np.log(p[:, labels])),
                *_either(lambda p, labels: -np.log(p[:, labels]).mean(axis=0)),
                *_either(lambda p, labels: -np.log(p[:, labels]).mean(axis=1)),
            ),
            mistake(
                "classes-of-the-batch",
                "Only the classes of this batch",
                "You take the number of classes from the labels. A class that no label of the "
                "batch names still has its column in probabilities: their second size is the "
                "number of classes.",
                *_either(_one_hot_from_batch(lambda labels: labels.max() + 1)),
                *_either(_one_hot_from_batch(lambda labels: len(np.unique(labels)))),
            ),
            mistake(
                "labels-multiplied",
                "The labels multiply",
                "You multiply the logarithms by the labels. A label isn't an amount: it is the "
                "number of a class, and says which probability of its row is looked up.",
                *_either(lambda p, labels: float(-(labels * np.log(p)).mean())),
                *_either(lambda p, labels: float(-(labels * np.log(p)).sum() / len(p))),
                *_either(lambda p, labels: float(-(labels * np.log(p)).sum())),
                *_either(lambda p, labels: float(-(labels[:, None] * np.log(p)).mean())),
                *_either(lambda p, labels: float(-(labels[:, None] * np.log(p)).sum() / len(p))),
                *_either(lambda p, labels: float(-(labels[:, None] * np.log(p)).sum())),
                *_either(lambda p, labels: float(-(labels * np.log(_true(p, labels))).mean())),
            ),
            mistake(
                "labels-unused",
                "The labels play no part",
                "Your loss comes about without a look at the labels, from all classes or always "
                "from the same one. In each row only the probability of the true class counts.",
                *_either(lambda p, labels: float(-np.log(p).mean())),
                *_either(lambda p, labels: float(-np.log(p).sum(axis=1).mean())),
                *_either(lambda p, labels: float(-(p * np.log(p)).sum(axis=1).mean())),
                *_either(lambda p, labels: float(-np.log(p).sum())),
                *_either(lambda p, labels: float(-np.log(p[:, -1]).mean())),
                *_either(lambda p, labels: float(-np.log(p[:, 0]).mean())),
            ),
            mistake(
                "wrong-classes-count-too",
                "The other classes are counted too",
                "You add a loss for the classes that aren't true. That is another loss, for "
                "questions with yes or no. Here only the probability of the true class counts.",
                *(
                    lambda p, labels, low=low, high=high, total=total: float(
                        total(_each_class_yes_or_no(np.clip(p, low, high), labels))
                    )
                    for low, high in ((0, 1), (1e-12, 1 - 1e-12))
                    for total in (np.mean, np.sum, lambda t: t.sum(axis=1).mean())
                ),
            ),
            mistake(
                "predicted-class-compared",
                "Predicted classes are counted",
                "You compare the predicted class with the label. The loss looks at the probability "
                "of the true class in place of that, and notices every small change in it.",
                lambda p, labels: float(np.mean(p.argmax(axis=1) != labels)),
                lambda p, labels: float(np.mean(p.argmax(axis=1) == labels)),
                lambda p, labels: float(np.mean((p.argmax(axis=1) - labels) ** 2)),
                read=NOT_THE_CLASS,
            ),
            mistake(
                "squared-error",
                "The squared error",
                "You square differences. That is the loss for networks that predict a number. For "
                "classes, take the logarithm of the true class's probability.",
                lambda p, labels: float(((p - _one_hot(p, labels)) ** 2).mean()),
                lambda p, labels: float(((p - _one_hot(p, labels)) ** 2).sum(axis=1).mean()),
                lambda p, labels: float(((p - _one_hot(p, labels)) ** 2).sum()),
                lambda p, labels: float(((1 - _true(p, labels)) ** 2).mean()),
                read=NUMBERS,
            ),
            mistake(
                "softmax-again",
                "Softmax is applied to probabilities",
                "You apply softmax first, but these are probabilities already: softmax once more "
                "pushes them towards each other. Use them as they are.",
                lambda p, labels: float(_loss_of(softmax(p), labels).mean()),
                read=SOFTMAX,
            ),
            mistake(
                "no-mean-at-all",
                "One loss for each sample",
                "Your function returns a loss for each sample. The batch needs one number: their "
                "mean.",
                *_either(_loss_of),
            ),
            mistake(
                "one-sample-only",
                "Only one sample counts",
                "In your loss only the first sample counts, or only the last. If you wrote a "
                "loop, look where its return stands, and whether its total grows.",
                *_either(lambda p, labels: float(_loss_of(p, labels)[0])),
                *_either(lambda p, labels: float(_loss_of(p, labels)[-1])),
                *_either(lambda p, labels: float(_loss_of(p, labels)[0] / len(p))),
                *_either(lambda p, labels: float(_loss_of(p, labels)[-1] / len(p))),
            ),
            mistake(
                "probabilities-changed",
                "The probabilities themselves are changed",
                "The loss is right, but you write into probabilities, and whoever called your "
                "function has lost the old numbers. Make a new array.",
                _clip_in_place,
                _add_in_place,
            ),
        ),
    ),
    Question(
        id="layers-predict",
        points=1,
        signature="predict(probabilities)",
        reference=predict,
        cases=predict_cases,
        read=PREDICTION,
        hints=(
            "In the row 0.2, 0.8 the largest number stands in place 1, counted from 0. So class 1 "
            "is predicted.",
            "Not the largest number is asked for, but its place. NumPy has a function with "
            "arg in its name for that.",
            "Tell the function to search along each row: the axis that runs over the classes. "
            "One place for each sample comes out.",
        ),
        mistakes=(
            mistake(
                "down-the-columns",
                "The search runs down the columns",
                "For each class you look for the sample with the largest probability. It should "
                "be the other way round: for each sample the class.",
                lambda probabilities: probabilities.argmax(axis=0),
            ),
            mistake(
                "one-place-for-the-table",
                "One place for the whole table",
                "Your function searches the whole table and returns a single place. Each sample, "
                "each row, needs a prediction of its own.",
                lambda probabilities: int(probabilities.argmax()),
                lambda probabilities: np.unravel_index(probabilities.argmax(), probabilities.shape),
                lambda probabilities: int(probabilities.argmax()) % probabilities.shape[1],
                read=BATCH,
            ),
            mistake(
                "probability-for-place",
                "The largest probability in place of its class",
                "Your function returns how large the largest probability is. Which class it "
                "belongs to is asked for: its place in the row.",
                lambda probabilities: probabilities.max(axis=1),
                lambda probabilities: float(probabilities.max()),
                lambda probabilities: probabilities.max(axis=0),
            ),
            mistake(
                "counted-from-one",
                "The classes are counted from 1",
                "Your classes are one too large. The first class is class 0.",
                lambda probabilities: probabilities.argmax(axis=1) + 1,
            ),
            mistake(
                "one-hot",
                "A mark in place of a number",
                "You mark the largest probability of each row, so your result is a table. "
                "One whole number for each sample is asked for: the place of the mark.",
                _winners,
                lambda probabilities: probabilities == probabilities.max(),
            ),
            mistake(
                "smallest-for-largest",
                "The least likely class is predicted",
                "You look for the smallest probability of each row. The prediction is the class "
                "with the largest.",
                lambda probabilities: probabilities.argmin(axis=1),
            ),
            mistake(
                "first-sample-only",
                "Only one sample is answered",
                "Only one row is answered, the first or the last. If you wrote a loop, look where "
                "its return stands, and whether each turn keeps its prediction.",
                lambda probabilities: int(probabilities[0].argmax()),
                lambda probabilities: probabilities[:1].argmax(axis=1),
                lambda probabilities: int(probabilities[-1].argmax()),
                lambda probabilities: probabilities[-1:].argmax(axis=1),
                read=BATCH,
            ),
            mistake(
                "labels-as-floats",
                "The classes are floats",
                "Your classes are right, but they are floats, such as 1.0. A class is a number to "
                "count with, a whole one: int. Look at the array in which you collect them.",
                lambda probabilities: probabilities.argmax(axis=1).astype(float),
            ),
            mistake(
                "half-as-threshold",
                "A class must have more than half",
                "You ask which probability is above 0.5. With three classes or more perhaps none "
                "is. The prediction is the largest, however small it is.",
                lambda probabilities: (probabilities > 0.5).astype(int),
                lambda probabilities: (probabilities > 0.5).argmax(axis=1),
                lambda probabilities: (probabilities[:, -1] > 0.5).astype(int),
                lambda probabilities: (probabilities[:, 1] > 0.5).astype(int),
                np.round,
                lambda probabilities: np.where(probabilities > 0.5)[1],
                lambda probabilities: (probabilities[:, 0] < 0.5).astype(int),
            ),
            mistake(
                "column-for-flat",
                "The result stands as a column",
                "Your predictions are right, but each is wrapped in a row of its own. A flat "
                "array is asked for, with one number for each sample.",
                lambda probabilities: probabilities.argmax(axis=1)[:, np.newaxis],
                lambda probabilities: probabilities.argmax(axis=1)[np.newaxis],
            ),
            mistake(
                "all-classes-ordered",
                "The whole order is returned",
                "You sort the classes of each row and return the whole order, or a wrong part of "
                "it. From each row only the class with the largest probability is asked for: the "
                "one that comes last in the order.",
                lambda probabilities: probabilities.argsort(axis=1),
                lambda probabilities: (-probabilities).argsort(axis=1),
                lambda probabilities: probabilities.argsort(axis=1)[:, -2:][:, 0],
                lambda probabilities: probabilities.argsort(axis=1)[-1],
                lambda probabilities: probabilities.argsort(axis=1)[0],
                lambda probabilities: (-probabilities).argsort(axis=1)[0],
            ),
            mistake(
                "rows-and-columns",
                "Places as pairs of row and column",
                "You return where the largest numbers stand, rows and columns both. Only the "
                "columns are classes, and one for each sample is asked for.",
                lambda p: np.where(p == p.max(axis=1, keepdims=True)),
                lambda p: np.argwhere(p == p.max(axis=1, keepdims=True)),
                lambda p: np.argwhere(p == p.max()),
            ),
            mistake(
                "best-not-forgotten",
                "The best of earlier rows is remembered",
                "Your search goes on with the largest number of the rows before. Each row begins "
                "its own search, with nothing found yet.",
                _best_kept(lambda p, best: p > best),
                _best_kept(lambda p, best: p >= best),
            ),
            mistake(
                "last-class-left-out",
                "The last class is never looked at",
                "Your search ends one class too early. The last class can win as well.",
                _without_last_class,
                lambda probabilities: probabilities[:, :-1].argmax(axis=1),
            ),
            mistake(
                "first-class-left-out",
                "The first class is never looked at",
                "Your search begins one class too late. Class 0 can win as well.",
                lambda probabilities: probabilities[:, 1:].argmax(axis=1),
                lambda probabilities: probabilities[:, 1:].argmax(axis=1) + 1,
            ),
        ),
    ),
    Question(
        id="layers-count-parameters",
        points=1,
        signature="count_parameters(sizes)",
        reference=count_parameters,
        cases=size_cases,
        read=COUNT,
        hints=(
            "Count [2, 3, 2] on paper: 6 weights and 3 biases, then 6 weights and 2 biases, 17 in "
            "all.",
            "Two neighbours in the list are one layer: its inputs and its neurons. A list of three "
            "sizes has two layers.",
            "For each pair of neighbours add (inputs + 1) × neurons to a total. A loop over one "
            "place fewer than there are sizes visits every pair.",
        ),
        mistakes=(
            mistake(
                "biases-left-out",
                "The biases are left out",
                "You count the weights. Every neuron has a bias as well, and a bias is learnt too.",
                lambda sizes: sum(a * b for a, b in pairwise(sizes)),
            ),
            mistake(
                "biases-for-inputs",
                "The inputs are given biases",
                "You count a bias for each input as well. The input layer computes nothing, so it "
                "has no biases.",
                lambda sizes: sum(a * b for a, b in pairwise(sizes)) + sum(sizes),
            ),
            mistake(
                "biases-for-the-wrong-side",
                "The biases are counted where a layer begins",
                "For each layer you count as many biases as it has inputs. It has as many biases "
                "as it has neurons.",
                lambda sizes: sum(a * (b + 1) for a, b in pairwise(sizes)),
            ),
            mistake(
                "bias-as-a-neuron",
                "The bias is counted as a neuron",
                "You add 1 on both sides of each layer. The + 1 belongs to the inputs alone: each "
                "neuron has one number more than it has inputs.",
                lambda sizes: sum((a + 1) * (b + 1) for a, b in pairwise(sizes)),
                lambda sizes: sum((a + 1) * (b + 1) for a, b in pairwise(sizes)) - len(sizes) + 1,
            ),
            mistake(
                "some-biases-left-out",
                "Some biases are left out",
                "You count the biases of some layers only. Hidden neurons and output neurons have "
                "biases, all of them.",
                lambda sizes: sum(a * b for a, b in pairwise(sizes)) + sum(sizes[1:-1]),
                lambda sizes: sum(a * b for a, b in pairwise(sizes)) + sizes[-1],
                lambda sizes: sum(a * b for a, b in pairwise(sizes)) + sizes[1],
            ),
            mistake(
                "one-bias-for-a-layer",
                "One bias for a whole layer",
                "You count one bias for each layer, or for the network. Each neuron has its own.",
                lambda sizes: sum(a * b + 1 for a, b in pairwise(sizes)),
                lambda sizes: sum(a * b for a, b in pairwise(sizes)) + 1,
                lambda sizes: sum(a * b for a, b in pairwise(sizes)) + len(sizes),
            ),
            mistake(
                "only-biases",
                "Only the biases are counted",
                "You count the biases, one for each neuron. The weights are missing: one for each "
                "pair of an input and a neuron.",
                lambda sizes: sum(sizes[1:]),
            ),
            mistake(
                "neurons-counted",
                "The circles are counted",
                "You add up the sizes. That counts the circles of the drawing. What is learnt are "
                "the numbers on the lines, and a bias for each neuron.",
                sum,
                lambda sizes: sum(sizes[:-1]),
                lambda sizes: sum(sizes[1:-1]),
            ),
            mistake(
                "all-sizes-multiplied",
                "All sizes are multiplied together",
                "You multiply all the sizes. Only neighbours are connected: multiply pair by "
                "pair, and add up what you get.",
                math.prod,
                lambda sizes: math.prod(sizes) + sum(sizes[1:]),
                lambda sizes: math.prod(sizes) + sum(sizes),
            ),
            mistake(
                "sizes-added",
                "Inputs and neurons are added",
                "You add the inputs of a layer to its neurons. Each neuron has a weight for each "
                "input, so the two are multiplied.",
                lambda sizes: sum(a + b for a, b in pairwise(sizes)),
                lambda sizes: sum(a + b + b for a, b in pairwise(sizes)),
                lambda sizes: sum(a + b + 1 for a, b in pairwise(sizes)),
            ),
            mistake(
                "last-layer-left-out",
                "The last layer is left out",
                "Your loop ends one layer too early. The output layer has weights and biases as "
                "well.",
                lambda sizes: sum((a + 1) * b for a, b in _layers_of(sizes)[:-1]),
                lambda sizes: sum(a * b for a, b in _layers_of(sizes)[:-1]),
            ),
            mistake(
                "first-layer-left-out",
                "The first layer is left out",
                "Your loop begins one layer too late. The weights from the inputs to the first "
                "neurons count as well.",
                lambda sizes: sum((a + 1) * b for a, b in _layers_of(sizes)[1:]),
                lambda sizes: sum(a * b for a, b in _layers_of(sizes)[1:]),
            ),
            mistake(
                "one-layer-too-many",
                "One step too far",
                "Your code asks for a size that isn't in the list. There is one layer fewer than "
                "there are sizes, so the loop needs one step fewer.",
                lambda sizes: sum((sizes[i] + 1) * sizes[i + 1] for i in range(len(sizes))),
            ),
            mistake(
                "round-the-corner",
                "The last size is joined to the first",
                "Your loop begins at place 0 and looks one place back, and there Python takes the "
                "last size. So a layer is counted that leads from the outputs to the inputs.",
                lambda sizes: sum((sizes[i - 1] + 1) * sizes[i] for i in range(len(sizes))),
                lambda sizes: sum(sizes[i - 1] * sizes[i] for i in range(len(sizes))),
            ),
            mistake(
                "first-layer-only",
                "It returns inside the loop",
                "Your function returns after the first layer. Every layer has to be counted "
                "before it returns.",
                lambda sizes: (sizes[0] + 1) * sizes[1],
                lambda sizes: sizes[0] * sizes[1],
            ),
            mistake(
                "total-overwritten",
                "Only the last layer is kept",
                "Each turn of your loop throws away what was counted before. A total has to grow "
                "from turn to turn.",
                lambda sizes: (sizes[-2] + 1) * sizes[-1],
                lambda sizes: sizes[-2] * sizes[-1],
            ),
            mistake(
                "inputs-in-every-layer",
                "Every layer gets the network's inputs",
                "You multiply every layer by the first size. A layer's inputs are the neurons of "
                "the layer before it.",
                lambda sizes: sum((sizes[0] + 1) * b for b in sizes[1:]),
                lambda sizes: sum(sizes[0] * b for b in sizes[1:]),
            ),
            mistake(
                "own-size-for-inputs",
                "A layer is connected to itself",
                "You multiply a size by itself. A layer's weights lead from its inputs, the size "
                "before, to its neurons.",
                lambda sizes: sum((b + 1) * b for b in sizes),
                lambda sizes: sum((b + 1) * b for b in sizes[1:]),
                lambda sizes: sum((a + 1) * a for a in sizes[:-1]),
                lambda sizes: sum(b * b for b in sizes),
                lambda sizes: sum(b * b for b in sizes[1:]),
            ),
            mistake(
                "fixed-number-of-layers",
                "A fixed number of sizes is expected",
                "Your function is written for a fixed number of sizes. A network can have any "
                "number of layers: visit them with a loop.",
                lambda sizes: (sizes[0] + 1) * sizes[1] + (sizes[1] + 1) * sizes[2],
                lambda sizes: sum((sizes[i] + 1) * sizes[i + 1] for i in range(3)),
                lambda sizes: sum(sizes[i] * sizes[i + 1] for i in range(2)),
                lambda sizes: sum(sizes[i] * sizes[i + 1] for i in range(3)),
            ),
            mistake(
                "place-by-size",
                "The place is looked up by the size",
                "You ask the list where a size stands, and it answers with the first such place. "
                "Two layers can have the same size: then that is the wrong one. Go by places, or "
                "by pairs of neighbours.",
                lambda sizes: sum((sizes[sizes.index(s) - 1] + 1) * s for s in sizes[1:]),
                lambda sizes: sum((s + 1) * sizes[sizes.index(s) + 1] for s in sizes[:-1]),
            ),
            mistake(
                "list-for-sum",
                "The counts aren't added up",
                "You return a count for each layer. One number is asked for: their sum.",
                lambda sizes: [(a + 1) * b for a, b in pairwise(sizes)],
                lambda sizes: [a * b for a, b in pairwise(sizes)],
                lambda sizes: (sum(a * b for a, b in pairwise(sizes)), sum(sizes[1:])),
            ),
            mistake(
                "count-as-float",
                "The count is a float",
                "Your number is right, but it is a float, such as 17.0. Parameters are counted, "
                "so return a whole number: int.",
                lambda sizes: float(count_parameters(sizes)),
            ),
            mistake(
                "sizes-used-up",
                "The list itself is changed",
                "Your count is right, but you take sizes out of the list, and whoever called your "
                "function has lost them. Only read the list.",
                _count_and_pop,
                _count_and_pop_last,
                _count_pop_the_input,
            ),
        ),
    ),
    Question(
        id="layers-forward",
        points=2,
        signature="forward(x, layers)",
        reference=forward,
        cases=network_cases,
        read=HAND,
        hints=(
            "Follow the chapter's picture: weighted sums, ReLU, weighted sums, softmax. Your dense "
            "and softmax of this notebook do most of it.",
            "Go through the layers in a loop. What one layer gives is what the next one takes, so "
            "keep it under one name that changes from turn to turn.",
            "Only the last layer is different: no ReLU. Treat layers[:-1] in the loop and "
            "layers[-1] after it. Softmax comes once, at the very end.",
        ),
        mistakes=(
            mistake(
                "relu-after-the-last",
                "ReLU after the last layer too",
                "You apply ReLU to the scores as well, so negative scores become 0 before "
                "softmax. After the last layer softmax takes the place of ReLU.",
                _network(last=_relu),
                _network(last=_relu, finish=_softmax("none")),
                _network(activation=_same, last=_relu),
                read=SOFTMAX,
            ),
            mistake(
                "no-relu",
                "ReLU is missing",
                "No hidden layer bends its numbers. ReLU follows every layer but the last; "
                "without it the whole stack does no more than a single layer.",
                _network(activation=_same),
                _network(activation=_same, finish=_softmax("none")),
            ),
            mistake(
                "one-relu-missing",
                "ReLU is missing after one of the layers",
                "Some hidden layer goes without ReLU: the one before the last, or all after the "
                "first. Every layer but the last is followed by ReLU.",
                _last_relu_forgotten,
                _relu_after_first_only,
                _relu_after_first_always,
            ),
            mistake(
                "softmax-after-every-layer",
                "Softmax after every layer",
                "You apply softmax inside of the network as well. Hidden layers are followed by "
                "ReLU. Softmax comes once, after the last.",
                _network(activation=softmax),
                _network(activation=lambda z: softmax(_relu(z))),
                _network(activation=lambda z: _relu(softmax(z)), last=_relu),
                _network(activation=lambda z: softmax(_relu(z)), last=_relu),
            ),
            mistake(
                "softmax-twice",
                "Softmax is applied twice",
                "You turn the last layer's probabilities into probabilities once more, which "
                "pushes them towards each other. Once is enough.",
                _network(last=softmax),
                _network(activation=softmax, last=softmax),
                read=SOFTMAX,
            ),
            mistake(
                "another-activation",
                "Another activation in place of ReLU",
                "Your hidden layers don't use ReLU but another bend. ReLU keeps positive numbers "
                "and replaces all others by 0.",
                _network(activation=_sigmoid),
                _network(activation=np.tanh),
                _network(activation=np.abs),
                _network(activation=lambda z: np.where(z > 0, z, 0.01 * z)),
                _network(activation=lambda z: np.where(z > 0, z, 0.1 * z)),
                _network(activation=lambda z: np.where(z > 0, 1.0, 0.0)),
                _network(activation=lambda z: np.minimum(z, 0.0)),
                _network(activation=_sigmoid, last=_sigmoid),
                _network(activation=np.tanh, last=np.tanh),
                read=ACTIVATIONS,
            ),
            mistake(
                "scores-returned",
                "Softmax is missing",
                "Your function returns the scores of the last layer. Softmax has to turn them "
                "into probabilities.",
                _network(finish=_same),
                _network(finish=_relu),
                _network(activation=_same, finish=_same),
                _network(activation=_sigmoid, finish=_same),
                _network(activation=np.tanh, finish=_same),
                read=SOFTMAX,
            ),
            mistake(
                "sigmoid-for-softmax",
                "The sigmoid in place of softmax",
                "You squeeze each score by itself, so the rows don't add up to 1. Softmax shares "
                "out one whole among all classes.",
                _network(finish=_sigmoid),
                _network(activation=_sigmoid, finish=_sigmoid),
                read=SOFTMAX,
            ),
            mistake(
                "first-layer-only",
                "Only the first layer is worked out",
                "Your function returns after the first layer. If you wrote a loop, its return "
                "stands inside it. The result of one layer goes on to the next, to the end.",
                lambda x, layers: x @ layers[0][0] + layers[0][1],
                lambda x, layers: _relu(x @ layers[0][0] + layers[0][1]),
                lambda x, layers: softmax(x @ layers[0][0] + layers[0][1]),
                lambda x, layers: softmax(_relu(x @ layers[0][0] + layers[0][1])),
                lambda x, layers: (
                    forward(x, layers[:1])
                    if len(layers) == 1
                    else _relu(x @ layers[0][0] + layers[0][1])
                ),
                lambda x, layers: (
                    forward(x, layers[:1])
                    if len(layers) == 1
                    else softmax(_relu(x @ layers[0][0] + layers[0][1]))
                ),
            ),
            mistake(
                "last-layer-left-out",
                "The last layer is left out",
                "Your function applies every layer but the last. The last layer has weights and "
                "biases as well; it only goes without ReLU.",
                _network(part=slice(None, -1)),
                _network(part=slice(None, -1), finish=_same),
                _network(part=slice(None, -1), activation=_same),
            ),
            mistake(
                "last-layer-twice",
                "The last layer is applied twice",
                "Your loop goes through all layers, and after it the last one is applied once "
                "more, if its sizes allow that at all. The loop over the hidden layers must leave "
                "out the last.",
                _last_layer_twice(_relu),
                _last_layer_twice(_same),
            ),
            mistake(
                "layers-compared",
                "Arrays are compared to find the last layer",
                "You ask whether a layer equals another one, and Python compares their arrays "
                "number by number: that gives no yes or no. Find the last layer by its place in "
                "the list.",
                _layers_compared,
                _weights_compared,
                _layers_looked_up,
            ),
            mistake(
                "first-layer-left-out",
                "The first layer is left out",
                "Your function begins with the second layer. The list holds no input layer: its "
                "first entry already has weights, and takes x.",
                lambda x, layers: forward(x, layers[1:]),
                _network(part=slice(1, None)),
                _first_left_out_by_count,
            ),
            mistake(
                "fixed-number-of-layers",
                "Only two layers are expected",
                "Your function is written for two layers. A network can have one or many: visit "
                "them with a loop.",
                lambda x, layers: forward(x, [layers[0], layers[1]]),
                _two_layers,
            ),
            mistake(
                "x-in-every-layer",
                "The layers aren't joined",
                "What a layer gives is lost: a later layer works on x again. Each layer takes what "
                "the one before gave.",
                _x_again(),
                _x_again(_relu),
                _only_last(),
                _only_last(_relu),
                _x_in_hidden_layers,
                _x_in_hidden_layers_or_nothing,
            ),
            mistake(
                "bias-left-out",
                "Biases are left out",
                "In some layers, or in all, you only multiply by the weights. Every neuron adds "
                "its bias, in hidden layers and in the last.",
                _without_bias(hidden=True, last=True),
                _without_bias(hidden=True, last=False),
                _without_bias(hidden=False, last=True),
                read=BIAS,
            ),
            mistake(
                "bias-subtracted",
                "The biases are subtracted",
                "Your biases are taken away from the sums. They are added, whatever their sign.",
                lambda x, layers: forward(x, [(w, -b) for w, b in layers]),
                read=BIAS,
            ),
            mistake(
                "bias-after-relu",
                "The bias joins after ReLU",
                "You apply ReLU to the products alone and add the bias afterwards. The bias is "
                "part of the weighted sum, and ReLU bends the whole sum.",
                _bias_after_relu(_same),
                _bias_after_relu(_relu),
            ),
            mistake(
                "relu-before-the-layer",
                "ReLU comes before each layer",
                "You apply ReLU to what goes into each layer, so x itself loses its negative "
                "numbers. First the weighted sums, then ReLU.",
                _network(before=_relu),
                _relu_on_x_in_place,
                _network(activation=_same, before=_relu, last=_relu),
            ),
            mistake(
                "weights-transposed",
                "The weights are transposed",
                "You turn rows and columns of the weights round, or multiply from the other side. "
                "A row of x has to meet a column of weights.",
                lambda x, layers: forward(x, [(w.T, b) for w, b in layers]),
                _weights_first,
                read=LINE,
            ),
            mistake(
                "softmax-not-by-row",
                "Softmax doesn't run along the rows",
                "Your probabilities don't add up to 1 in each row. Each row is one sample: the "
                "sum, and the largest score, must be those of its own row.",
                _network(finish=_softmax("none", "column")),
                _network(finish=_softmax("column", "column")),
                _network(finish=_softmax("none", "all")),
                _network(finish=_softmax("all", "all")),
                _network(finish=_softmax("row", "all")),
                _network(finish=_softmax("row", "column")),
                _network(finish=_softmax_flat_sum("none")),
                _network(finish=_softmax_flat_sum("row")),
                _network(finish=_softmax_flat_sum("flat")),
                _network(finish=_softmax_flat_sum("all")),
                read=SOFTMAX,
            ),
            mistake(
                "powers-too-large",
                "Softmax fails for large scores",
                "For ordinary scores your numbers are right. For scores near 1000 or −1000 your "
                "softmax gives no numbers, or wrong ones. Move each row of scores first, so that "
                "its own largest is 0.",
                _network(finish=_softmax("none")),
                _network(finish=_softmax("all")),
                _network(finish=_softmax_by_number),
                _network(finish=lambda s: _softmax("none")(np.clip(s, -500, 500))),
                _network(finish=lambda s: np.nan_to_num(_softmax("none")(s))),
                read=SHIFT,
            ),
            mistake(
                "classes-returned",
                "Predicted classes are returned",
                "Your function returns the class with the largest probability. This question asks "
                "for the probabilities of all classes.",
                lambda x, layers: forward(x, layers).argmax(axis=1),
                lambda x, layers: _winners(forward(x, layers)),
                read=PREDICTION,
            ),
            mistake(
                "every-layer-returned",
                "The results of all layers are returned",
                "You return what every layer gave. Only what comes out at the end is asked for: "
                "the probabilities.",
                _outputs_of,
            ),
            mistake(
                "layers-backwards",
                "The layers are taken backwards",
                "You begin with the last layer. The list begins with the layer that takes x.",
                lambda x, layers: forward(x, layers[::-1]),
            ),
            mistake(
                "layers-used-up",
                "The list of layers is changed",
                "The probabilities are right, but you take layers out of the list, and whoever "
                "called your function has lost them. Only read the list.",
                _pop_last,
                _pop_each,
                _pop_all,
            ),
        ),
    ),
)
