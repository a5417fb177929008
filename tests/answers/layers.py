"""Answers to chapter 1 as people might write them: right ones, and wrong ones without a name."""

import functools
import itertools
import math
from decimal import Decimal

import numpy as np


def dense_with_loops(x, weights, bias):
    out = np.zeros((x.shape[0], weights.shape[1]))
    for i in range(x.shape[0]):
        for j in range(weights.shape[1]):
            total = bias[j]
            for k in range(x.shape[1]):
                total += x[i, k] * weights[k, j]
            out[i, j] = total
    return out


def dense_as_lists(x, weights, bias):
    columns = list(zip(*weights, strict=True))
    return [
        [sum(a * w for a, w in zip(row, column, strict=True)) + b
         for column, b in zip(columns, bias, strict=True)]
        for row in x.tolist()
    ]  # fmt: skip


def dense_by_row(x, weights, bias):
    if len(x) == 1:
        return (x[0].dot(weights) + bias)[None, :]
    return np.vstack([dense_by_row(x[:1], weights, bias), dense_by_row(x[1:], weights, bias)])


def dense_that_prints(x, weights, bias=0.0):
    print(x.shape, weights.shape)
    z = np.matmul(x, weights)
    z += bias
    return z


class Layer:
    def __call__(self, x, weights, bias):
        ones = np.ones((len(x), 1))
        return np.hstack([x, ones]) @ np.vstack([weights, bias])


def dense_column_by_column(x, weights, bias):
    out = np.empty((len(x), len(bias)))
    for j, b in enumerate(bias):
        out[:, j] = (x * weights[:, j]).sum(axis=1) + b
    return out


def softmax_with_loop(scores):
    rows = []
    for row in scores:
        largest = max(row)
        powers = [math.exp(s - largest) for s in row]
        rows.append([p / sum(powers) for p in powers])
    return rows


def softmax_transposed(scores):
    t = scores.T
    powers = np.exp(t - t.max(axis=0))
    return (powers / powers.sum(axis=0)).T


def softmax_in_a_copy(scores):
    s = np.array(scores, dtype=float)
    for i in range(len(s)):
        s[i] -= s[i].max()
        s[i] = np.exp(s[i])
        s[i] /= s[i].sum()
    return s


def softmax_by_differences(scores):
    """p_k is 1 over the sum of e^(s_j - s_k)."""
    with np.errstate(over="ignore"):
        return 1 / np.exp(scores[:, None, :] - scores[:, :, None]).sum(axis=2)


def softmax_with_decimals(scores):
    out = []
    for row in scores:
        powers = [Decimal(float(s)).exp() for s in row]
        total = sum(powers)
        out.append([p / total for p in powers])
    return out


def softmax_sorted(scores):
    top = np.sort(scores, axis=1)[:, -1].reshape(-1, 1)
    e = np.e ** (scores - top)
    return np.divide(e, np.einsum("ij->i", e)[:, None])


def row_by_row(scores):
    def one(row):
        powers = np.exp(row - row.max())
        return powers / powers.sum()

    return np.apply_along_axis(one, 1, scores)


def loss_with_loop(probabilities, labels):
    total = 0.0
    for row, label in zip(probabilities, labels, strict=True):
        p = row[label]
        if p < 1e-12:
            p = 1e-12
        total -= math.log(p)
    return total / len(labels)


def loss_one_hot(probabilities, labels):
    hot = np.zeros(probabilities.shape)
    hot[np.arange(len(labels)), labels] = 1
    return -(hot * np.log(np.clip(probabilities, 1e-12, 1))).sum(axis=1).mean()


def loss_mask(probabilities, labels):
    mask = np.arange(probabilities.shape[1]) == labels[:, None]
    return float(np.log(1 / np.maximum(probabilities[mask], 1e-12)).mean())


def loss_bounded_afterwards(probabilities, labels):
    picked = np.take_along_axis(probabilities, labels[:, None], axis=1)
    return np.minimum(-np.log(picked), -np.log(1e-12)).mean()


def loss_recursive(probabilities, labels):
    def total(p, y):
        if len(y) == 0:
            return 0.0
        return -np.log(max(p[0][y[0]], 1e-12)) + total(p[1:], y[1:])

    return total(list(probabilities), list(labels)) / len(labels)


def loss_in_a_copy(probabilities, labels):
    p = probabilities.copy()
    p[p < 1e-12] = 1e-12
    print("clipped", p)
    return sum(-np.log(p[i, labels[i]]) for i in range(len(p))) / len(p)


def loss_of_product(probabilities, labels):
    """-ln of the product is the sum of the -ln; a root takes the mean."""
    p = np.maximum(probabilities, 1e-12)
    return -math.log(math.prod(float(p[i, k]) ** (1 / len(labels)) for i, k in enumerate(labels)))


def predict_with_loop(probabilities):
    found = []
    for row in probabilities:
        best = 0
        for k in range(1, len(row)):
            if row[k] > row[best]:
                best = k
        found.append(best)
    return found


def predict_into_array(probabilities):
    out = np.zeros(len(probabilities), dtype=int)
    for i, row in enumerate(probabilities):
        out[i] = np.where(row == row.max())[0][0]
    return out


class Chooser:
    def __call__(self, probabilities):
        return tuple(max(range(len(row)), key=row.__getitem__) for row in probabilities)


def count_with_loop(sizes):
    total = 0
    for i in range(len(sizes) - 1):
        total += sizes[i] * sizes[i + 1]
        total += sizes[i + 1]
    return total


def count_recursive(sizes):
    if len(sizes) < 2:
        return 0
    return (sizes[0] + 1) * sizes[1] + count_recursive(sizes[1:])


def count_by_building(sizes):
    arrays = []
    for a, b in itertools.pairwise(sizes):
        arrays += [np.zeros((a, b)), np.zeros(b)]
    return sum(array.size for array in arrays)


def count_with_previous(sizes, before=None):
    total = 0
    for size in sizes:
        if before is not None:
            total += before * size + size
        before = size
    return total


def own_dense(x, weights, bias):
    return np.einsum("si,iu->su", x, weights) + bias


def own_softmax(scores):
    return np.exp(scores - np.logaddexp.reduce(scores, axis=1, keepdims=True))


def forward_with_helpers(x, layers):
    for i, (weights, bias) in enumerate(layers):
        x = own_dense(x, weights, bias)
        if i != len(layers) - 1:
            x = np.maximum(0, x)
    return own_softmax(x)


def forward_recursive(x, layers):
    (weights, bias), *rest = layers
    z = own_dense(x, weights, bias)
    return forward_recursive(np.where(z > 0, z, 0), rest) if rest else own_softmax(z)


def forward_by_index(x, layers):
    a = x.copy()
    for i in range(len(layers)):
        z = np.dot(a, layers[i][0]) + layers[i][1]
        a = z
        if i < len(layers) - 1:
            a[a < 0] = 0
    a -= a.max(axis=1).reshape(-1, 1)
    a = np.exp(a)
    a /= a.sum(axis=1, keepdims=True)
    return a


def forward_row_by_row(x, layers):
    answers = []
    for row in x:
        for weights, bias in layers[:-1]:
            row = [max(0.0, float(row @ weights[:, j]) + bias[j]) for j in range(len(bias))]
            row = np.array(row)
        scores = row @ layers[-1][0] + layers[-1][1]
        answers.append(softmax_with_loop([scores])[0])
    return answers


def forward_with_own_list(x, layers):
    layers = list(layers)
    last = layers.pop()
    for weights, bias in layers:
        x = (lambda z: z * (z > 0))(x @ weights + bias)
    return row_by_row(x @ last[0] + last[1])


def forward_reduced(x, layers):
    hidden = functools.reduce(
        lambda a, layer: np.maximum(a @ layer[0] + layer[1], 0), layers[:-1], x
    )
    return softmax_transposed(hidden @ layers[-1][0] + layers[-1][1])


def forward_relu_of_scores_too_late(x, layers):
    """Unneeded, not wrong: the probabilities are positive already."""
    return np.maximum(forward_with_helpers(x, layers), 0)


def forward_that_bends_all_and_uses_the_sums(x, layers):
    """The last bend is worked out and not used."""
    h = x
    for weights, bias in layers:
        z = h @ weights + bias
        h = np.where(z > 0, z, 0)
    return row_by_row(z)


class Net:
    def __init__(self):
        self.relu = np.vectorize(lambda v: v if v > 0 else 0.0)

    def __call__(self, x, layers):
        for number, layer in enumerate(layers, 1):
            x = dense_with_loops(x, *layer)
            x = self.relu(x) if number < len(layers) else softmax_by_differences(x)
        return x


RIGHT = {
    "layers-dense": [
        dense_with_loops,
        dense_as_lists,
        dense_by_row,
        dense_that_prints,
        dense_column_by_column,
        Layer(),
        own_dense,
        lambda x, weights, bias: np.dot(x, weights) + bias,
        lambda x, weights, bias: (weights.T @ x.T + bias[:, None]).T,
        lambda a, b, c: np.tensordot(a, b, 1) + c,
        lambda x, w, b: np.array([w.T @ row + b for row in x]),
        lambda x, w, b: (x[:, :, None] * w[None]).sum(axis=1) + b,
        lambda x, w, b: np.add(x @ w, np.tile(b, (len(x), 1))),
        lambda x, w, b: np.asfortranarray(x @ w + b.reshape(1, -1)),
    ],
    "layers-softmax": [
        softmax_with_loop,
        softmax_transposed,
        softmax_in_a_copy,
        softmax_by_differences,
        softmax_with_decimals,
        softmax_sorted,
        row_by_row,
        own_softmax,
        lambda s: (lambda e: e / e.sum(1)[:, None])(np.exp(s - s.max(1)[:, None])),
        lambda scores, axis=1: np.array(
            [row_by_row(scores[i : i + 1])[0] for i in range(len(scores))]
        ),
        lambda s: row_by_row(s + 5.0),
        lambda s: row_by_row(s).tolist(),
        lambda s: (
            np.exp(s.astype(np.longdouble)) / np.exp(s.astype(np.longdouble)).sum(1, keepdims=True)
            if np.finfo(np.longdouble).max > np.longdouble("1e1000")
            else row_by_row(s)
        ),
        lambda s: np.array([[1 / sum(math.exp(min(b - a, 700)) for b in r) for a in r] for r in s]),
        lambda s: (lambda e: e / (e.sum(1, keepdims=True) + 1e-8))(np.exp(s - s.max(1)[:, None])),
    ],
    "layers-cross-entropy": [
        loss_with_loop,
        loss_one_hot,
        loss_mask,
        loss_bounded_afterwards,
        loss_recursive,
        loss_in_a_copy,
        loss_of_product,
        lambda p, y: -np.mean(np.log(np.clip(p, 1e-12, 1 - 1e-12)[range(len(y)), y])),
        lambda p, y: -np.log(p[np.arange(p.shape[0]), y] + 1e-12).mean(),
        lambda p, y: np.array(-np.log(np.fmax(p[np.arange(y.size), y], 1e-12)).sum() / y.size),
        lambda probs, labels, eps=1e-12: np.average(
            [-np.log(max(eps, r[k])) for r, k in zip(probs, labels)]
        ),
        lambda p, y: (
            -np.einsum("ij,ij->", np.eye(p.shape[1])[y], np.log(np.maximum(p, 1e-12))) / len(y)
        ),
        lambda p, y: np.mean(-np.log2(np.maximum(p[np.arange(len(y)), y], 1e-12)) * np.log(2)),
        lambda p, y: np.trace(-np.log(np.maximum(p, 1e-12))[:, y]) / len(y),
        lambda p, y: np.diag(-np.log(np.maximum(p, 1e-12))[:, y]).mean(),
    ],
    "layers-predict": [
        predict_with_loop,
        predict_into_array,
        Chooser(),
        lambda p: np.argmax(p, axis=1),
        lambda p: p.argmax(-1).astype(np.int8),
        lambda p: np.argsort(p)[:, -1],
        lambda p: [int(np.argmax(row)) for row in p],
        lambda p: [row.tolist().index(max(row)) for row in p],
        lambda p: np.nonzero(p == p.max(axis=1, keepdims=True))[1],
        lambda p: np.argmax(np.log(p + 1e-300), axis=1),
        lambda p: np.array([np.argmin(-row) for row in p], dtype=np.uint8),
        lambda p: np.array([np.int64(row.argmax()) for row in p], dtype=object),
    ],
    "layers-count-parameters": [
        count_with_loop,
        count_recursive,
        count_by_building,
        count_with_previous,
        lambda sizes: sum((a + 1) * b for a, b in zip(sizes[:-1], sizes[1:])),
        lambda sizes: np.dot(sizes[:-1], sizes[1:]) + np.sum(sizes[1:]),
        lambda s: sum(a * b for a, b in zip(s, s[1:])) + sum(s) - s[0],
        lambda s: np.array(((np.array(s) + 1)[:-1] * np.array(s)[1:]).sum()),
        lambda *args: functools.reduce(
            lambda t, i: t + (args[0][i - 1] + 1) * args[0][i], range(1, len(args[0])), 0
        ),
        lambda sizes: int(
            np.convolve(sizes, [1, 0])[0] * 0 + sum(map(lambda a, b: a * b + b, sizes, sizes[1:]))
        ),
        lambda sizes: sum((sizes[k - 1] + 1) * sizes[k] for k in range(len(sizes) - 1, 0, -1)),
    ],
    "layers-forward": [
        forward_with_helpers,
        forward_recursive,
        forward_by_index,
        forward_row_by_row,
        forward_with_own_list,
        forward_reduced,
        forward_relu_of_scores_too_late,
        Net(),
        lambda x, layers: forward_with_helpers(x, [(w.copy(), b.copy()) for w, b in layers]),
        lambda x, layers: forward_with_helpers(x, tuple(layers)).tolist(),
        lambda x, layers: np.vstack([forward_with_helpers(row[None], layers) for row in x]),
        lambda x, layers: row_by_row(
            forward_by_index(x, layers) * 0 + np.log(forward_by_index(x, layers) + 1e-300)
        ),
        forward_that_bends_all_and_uses_the_sums,
    ],
}


def predict_by_half(probabilities):
    return np.array(
        [int(row[1] > row[0]) if len(row) == 2 else row.argmax() for row in probabilities.round(3)]
    )


def predict_best_not_updated(probabilities):
    found = []
    for row in probabilities:
        place = 0
        for k, p in enumerate(row):
            if p > row[0]:
                place = k
        found.append(place)
    return found


def softmax_moved_if_large(scores):
    if scores.max() > 500:
        scores = scores - scores.max(axis=1, keepdims=True)
    return np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)


def forward_with_bend(x, layers, bend):
    for weights, bias in layers[:-1]:
        x = bend(x @ weights + bias)
    return own_softmax(x @ layers[-1][0] + layers[-1][1])


def forward_known_by_width(x, layers):
    for weights, bias in layers:
        x = x @ weights + bias
        if len(bias) != len(layers[-1][1]):
            x = np.maximum(x, 0)
    return own_softmax(x)


def forward_known_by_numbers(x, layers):
    for weights, bias in layers:
        x = x @ weights + bias
        if not np.array_equal(weights, layers[-1][0]):
            x = np.maximum(x, 0)
    return own_softmax(x)


def forward_until_bored(x, layers):
    for i, (weights, bias) in enumerate(layers[:3]):
        x = x @ weights + bias
        x = np.maximum(x, 0) if i < len(layers) - 1 else own_softmax(x)
    return x


def forward_into_x(x, layers):
    for i, (weights, bias) in enumerate(layers):
        z = own_dense(x, weights, bias)
        z = np.maximum(z, 0) if i < len(layers) - 1 else own_softmax(z)
        if z.shape == x.shape:
            x[:] = z
        else:
            x = z
    return x.copy()


def forward_into_biases(x, layers):
    for i, (weights, bias) in enumerate(layers):
        if len(x) == 1:
            bias += (x @ weights)[0]
            z = bias[None]
        else:
            z = x @ weights + bias
        x = np.maximum(z, 0) if i < len(layers) - 1 else own_softmax(z)
    return x


def loss_where_positive(probabilities, labels):
    p = probabilities[np.arange(len(labels)), labels]
    return -np.log(p[p > 1e-12]).mean()


def loss_bounded_after_the_mean(probabilities, labels):
    p = probabilities[np.arange(len(labels)), labels]
    with np.errstate(divide="ignore"):
        return min(-np.log(p).mean(), -math.log(1e-12))


WRONG = {
    "layers-dense": [
        lambda x, weights, bias: None,
        lambda x, weights, bias: np.array([[0.5, 0.2, -0.3]]),
        lambda x, weights, bias: np.round(x @ weights + bias, 2),
        lambda x, weights, bias: (x @ weights + bias).astype(int),
        lambda x, weights, bias: (x @ weights + bias).astype(np.float16),
        lambda x, weights, bias: (x @ weights + bias).ravel(),
        lambda x, weights, bias: abs(x @ weights + bias),
        lambda x, weights, bias: (x @ weights + bias)[::-1],
        lambda x, weights, bias: x @ weights + bias[0],
        lambda x, weights, bias: x @ weights + bias.mean(),
        lambda x, weights, bias: x @ weights + bias.sum(),
        lambda x, weights, bias: x @ weights + 2 * bias,
        lambda x, weights, bias: np.clip(x @ weights + bias, -1000, 1000),
        lambda x, weights, bias: x @ weights + bias if x.any(axis=1).all() else x @ weights,
        lambda x, weights: x @ weights,
        lambda x, weights, bias: np.round(x) @ weights + bias,
        lambda x, weights, bias: {"z": x @ weights + bias},
        lambda x, weights, bias: [x @ weights + bias],
        lambda x, weights, bias: (x @ weights + bias) / len(x),
    ],
    "layers-softmax": [
        lambda scores: np.array([[0.5744, 0.4256]]),
        lambda scores: row_by_row(scores).round(4),
        lambda scores: row_by_row(scores) * 100,
        lambda scores: row_by_row(scores).astype(np.float16),
        lambda scores: row_by_row(scores).T,
        lambda scores: np.sort(row_by_row(scores), axis=1),
        lambda scores: np.exp(scores) / np.linalg.norm(np.exp(scores), axis=1, keepdims=True),
        lambda scores: row_by_row(scores / 2),
        lambda scores: row_by_row(scores) + 1e-6,
        lambda scores: np.clip(row_by_row(scores), 1e-6, 1),
        lambda scores: (
            row_by_row(scores)
            if scores.max() > 0
            else np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
        ),
        lambda scores: row_by_row(scores / max(1, np.abs(scores).max() / 700)),
        lambda scores: row_by_row(np.where(np.abs(scores) > 700, np.sign(scores) * 700, scores)),
        lambda scores: (
            np.exp(scores - scores.max(1, keepdims=True)) / (np.exp(scores).sum(1, keepdims=True))
        ),
        lambda scores: np.exp(scores) - np.exp(scores.max(axis=1, keepdims=True)),
        lambda scores: row_by_row(np.maximum(scores, 0)),
        lambda scores: row_by_row(np.abs(scores)),
        lambda scores: row_by_row(scores)[:, 0],
        lambda scores: row_by_row(scores).max(axis=1),
        lambda scores: print(row_by_row(scores)),
        lambda scores: scores,
        lambda scores: (
            (1 + scores + scores**2 / 2) / (1 + scores + scores**2 / 2).sum(1, keepdims=True)
        ),
        lambda scores: row_by_row(scores / scores.std(axis=1, keepdims=True)),
        softmax_moved_if_large,
    ],
    "layers-cross-entropy": [
        lambda p, y: 1.0397,
        lambda p, y: 1.0397207708399179,
        lambda p, y: round(loss_with_loop(p, y), 4),
        lambda p, y: np.array([loss_with_loop(p, y)]),
        lambda p, y: str(loss_with_loop(p, y)),
        lambda p, y: int(loss_with_loop(p, y)),
        lambda p, y: abs(loss_with_loop(p, y)) + 1e-3,
        lambda p, y: np.exp(loss_with_loop(p, y)),
        lambda p, y: print(loss_with_loop(p, y)),
        lambda p, y: (loss_with_loop(p, y), y),
        lambda p, y: np.median([-np.log(max(r[k], 1e-12)) for r, k in zip(p, y)]),
        lambda p, y: max(-np.log(max(r[k], 1e-12)) for r, k in zip(p, y)),
        lambda p, y: loss_with_loop(p, np.unique(y)) if len(np.unique(y)) == len(p) else 0.0,
        lambda p, y: loss_with_loop(p, y) / np.log(p.shape[1]),
        lambda p, y: loss_with_loop(np.sort(p, axis=1), y),
        lambda p, y: loss_with_loop(p[:, ::-1], y),
        lambda p, y: loss_with_loop(p, y[::-1]),
        lambda p, y: np.mean([loss_with_loop(p[y == k], y[y == k]) for k in np.unique(y)]),
        lambda p, y: min(loss_with_loop(p, y), 10.0),
        lambda p, y: sum(-np.log(max(r[k], 1e-12)) for r, k in zip(p, y)) / (len(y) - 1 or 1),
        lambda p, y: loss_with_loop(p / p.sum(axis=0), y),
        lambda p: 0.0,
        lambda p, y: -np.log1p(p[np.arange(len(y)), y]).mean(),
        loss_where_positive,
        loss_bounded_after_the_mean,
        lambda p, y: -np.mean(np.log(np.clip(p[np.arange(len(y)), y], 1e-12, 1 - 1e-7))),
        lambda p, y: np.minimum(-np.log(p[np.arange(len(y)), y]), 100).mean(),
    ],
    "layers-predict": [
        lambda p: None,
        lambda p: np.array([1, 0]),
        lambda p: 1,
        lambda p: np.zeros(len(p), int),
        lambda p: p.argmax(axis=1)[::-1],
        lambda p: [str(k) for k in p.argmax(axis=1)],
        lambda p: p.round(3).argmax(axis=1),
        lambda p: p.argmax(axis=1) - 1,
        lambda p: p.shape[1] - 1 - p.argmax(axis=1),
        lambda p: np.bincount(p.argmax(axis=1)),
        lambda p: np.unique(p.argmax(axis=1)),
        lambda p: p.argmax(axis=1) + 0j,
        lambda p: [row.argmax(keepdims=True) for row in p],
        lambda p: p.argsort(axis=1)[:, 0],
        lambda p: p.argsort(axis=1)[:, -min(2, p.shape[1])],
        lambda p: np.full(len(p), p.sum(axis=0).argmax()),
        lambda p: ["flat", "edge"][p[0].argmax() % 2],
        lambda p: set(p.argmax(axis=1).tolist()),
        predict_by_half,
        predict_best_not_updated,
        lambda p: [int(np.where(p == row.max())[1][0]) for row in p],
    ],
    "layers-count-parameters": [
        lambda sizes: None,
        lambda sizes: 17,
        lambda sizes: str(count_with_loop(sizes)),
        lambda sizes: [count_with_loop(sizes)],
        lambda sizes: len(sizes),
        lambda sizes: max(sizes) * min(sizes),
        lambda sizes: count_with_loop(sizes[:4]),
        lambda sizes: count_with_loop(sizes[:6]),
        lambda sizes: count_with_loop(sorted(sizes)),
        lambda sizes: count_with_loop(sizes) - sizes[-1],
        lambda sizes: count_with_loop(list(dict.fromkeys(sizes))),
        lambda sizes: count_with_loop(sizes[::-1]),
        lambda sizes: count_with_loop([s for s in sizes if s > 1]),
        lambda sizes: count_with_loop(sizes) % 1000,
        lambda sizes: np.prod(np.array(sizes, dtype=float)),
        lambda *sizes: count_with_loop(sizes),
        lambda sizes: (sizes.sort(), count_with_loop(sizes))[1],
        lambda sizes: count_with_loop([*sizes, 1]),
        lambda sizes: np.float64(count_with_loop(sizes)) + 0.25,
        lambda sizes: sum({(a, b): (a + 1) * b for a, b in itertools.pairwise(sizes)}.values()),
        lambda sizes: sum((a + 1) * b for a, b in itertools.pairwise(sizes) if a != b),
        lambda sizes: int((np.array(sizes, np.int16)[1:] * np.int16(sizes[0])).sum(dtype=np.int16)),
    ],
    "layers-forward": [
        lambda x, layers: None,
        lambda x, layers: np.array([[0.5744, 0.4256]]),
        lambda x, layers: forward_with_helpers(x, layers).round(4),
        lambda x, layers: forward_with_helpers(x, layers)[0],
        lambda x, layers: forward_with_helpers(x[:1], layers),
        lambda x, layers: forward_with_helpers(x, layers).T,
        lambda x, layers: forward_with_helpers(abs(x), layers),
        lambda x, layers: forward_with_helpers(np.round(x), layers),
        lambda x, layers: forward_with_helpers(x, layers[:2]),
        lambda x, layers: forward_with_helpers(x, [layers[0], layers[-1]]),
        lambda x, layers: forward_with_helpers(x, layers)[::-1],
        lambda x, layers: forward_with_helpers(x / np.linalg.norm(x), layers),
        lambda x, layers: np.log(forward_with_helpers(x, layers)),
        lambda x, layers: (forward_with_helpers(x, layers), layers),
        lambda x, layers: forward_with_helpers(x, [(w, abs(b)) for w, b in layers]),
        lambda x, layers: forward_with_helpers(x, [(w, -b) for w, b in layers]),
        lambda x, layers: forward_with_helpers(x, [(w, b.sum()) for w, b in layers]),
        lambda x, layers: (
            forward_with_helpers(x, layers * 2)
            if len(layers) == 1
            else forward_with_helpers(x, layers)
        ),
        lambda x, layers: (
            forward_with_helpers(x, layers)
            if len(layers) > 1
            else np.full((len(x), layers[0][1].size), 0.5)
        ),
        lambda x, weights, bias: own_softmax(x @ weights + bias),
        forward_until_bored,
        forward_into_x,
        forward_into_biases,
        lambda x, layers: forward_with_bend(x, layers, lambda z: np.clip(z, 0, 6)),
        lambda x, layers: forward_with_bend(x, layers, lambda z: np.clip(z, 0, 50)),
        lambda x, layers: forward_with_bend(x, layers, lambda z: np.maximum(z, 0) + 0.001),
        forward_known_by_width,
        forward_known_by_numbers,
    ],
}
