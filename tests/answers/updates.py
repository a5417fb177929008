"""Answers to chapter 3 as people might write them: right ones, and wrong ones without a name."""

import functools
from collections import deque
from fractions import Fraction

import numpy as np

# --- Right -----------------------------------------------------------------------------------


def slopes_in_a_list(f, p, step=1e-5):
    out = []
    for i in range(len(p)):
        q = list(p)
        q[i] = q[i] + step
        up = f(q)
        q[i] = q[i] - 2 * step
        out.append((up - f(q)) / step / 2)
    return out


def slopes_put_back(f, p, step=1e-5):
    """Moves p itself, and puts every entry back."""
    g = np.empty_like(p)
    for i in range(p.size):
        old = p[i]
        p[i] = old + step
        up = f(p)
        p[i] = old - step
        down = f(p)
        p[i] = old
        g[i] = (up - down) / (2 * step)
    return g


def slopes_put_back_by_adding(f, p, step=1e-5):
    g = np.zeros(p.shape)
    for i in range(p.size):
        p[i] += step
        up = f(p)
        p[i] -= 2 * step
        down = f(p)
        p[i] += step
        g[i] = (up - down) / (2 * step)
    return g


def slopes_with_rows_of_a_table(f, p, h=1e-5):
    moves = h * np.eye(len(p))
    return np.array([(f(p + m) - f(p - m)) / (2 * h) for m in moves])


def slopes_as_mean_of_both_sides(f, p, step=1e-5):
    here = f(p)

    def along(i):
        e = np.zeros(len(p))
        e[i] = step
        return ((f(p + e) - here) / step + (here - f(p - e)) / step) / 2

    return np.fromiter(map(along, range(len(p))), float)


def slopes_recursive(f, p, step=1e-5, i=0):
    if i == len(p):
        return []
    e = step * (np.arange(len(p)) == i)
    return [(f(p + e) - f(p - e)) / (2 * step), *slopes_recursive(f, p, step, i + 1)]


def slopes_rounded_place(f, p, step=1e-5):
    """Divides by the way that was really gone, last digits and all."""
    g = np.zeros(len(p))
    for i in range(len(p)):
        a, b = np.array(p), np.array(p)
        a[i], b[i] = a[i] + step, b[i] - step
        g[i] = (f(a) - f(b)) / (a[i] - b[i])
    return g


class Slopes:
    def __call__(self, f, p, step=1e-5):
        print("looking at", p)
        rows = np.tile(p, (2 * len(p), 1))
        rows[: len(p)] += step * np.identity(len(p))
        rows[len(p) :] -= step * np.identity(len(p))
        values = np.apply_along_axis(f, 1, rows)
        return (values[: len(p)] - values[len(p) :]) / (step + step)


def step_by_index(parameters, gradients, learning_rate):
    new = []
    for i in range(len(parameters)):
        new.append(parameters[i] - learning_rate * gradients[i])
    return new


def step_in_copies(parameters, gradients, learning_rate):
    new = [p.copy() for p in parameters]
    for p, g in zip(new, gradients):
        p -= learning_rate * g
    return new


def step_recursive(parameters, gradients, learning_rate):
    if not parameters:
        return []
    head = parameters[0] + -learning_rate * gradients[0]
    return [head, *step_recursive(parameters[1:], gradients[1:], learning_rate)]


def step_by_number(parameters, gradients, learning_rate):
    out = []
    for p, g in zip(parameters, gradients):
        q = np.zeros(p.shape)
        for place in np.ndindex(p.shape):
            q[place] = p[place] - g[place] * learning_rate
        out.append(q)
    return out


def step_as_objects(parameters, gradients, learning_rate):
    new = np.empty(len(parameters), dtype=object)
    for i, (p, g) in enumerate(zip(parameters, gradients)):
        new[i] = np.subtract(p, np.multiply(learning_rate, g))
    return new


def walk_in_rows(gradient, start, learning_rate, steps):
    path = np.empty((steps + 1, len(start)))
    path[0] = start
    for k in range(steps):
        path[k + 1] = path[k] - learning_rate * gradient(path[k])
    return path


def walk_in_place_with_copies(gradient, start, learning_rate, steps):
    p = start.copy()
    path = [p.copy()]
    for _ in range(steps):
        p -= learning_rate * gradient(p)
        path.append(p.copy())
    return path


def walk_recursive(gradient, start, learning_rate, steps):
    if steps == 0:
        return [start]
    ahead = start - learning_rate * gradient(start)
    return [start] + walk_recursive(gradient, ahead, learning_rate, steps - 1)


def walk_stacked(gradient, start, learning_rate, steps):
    path = start[np.newaxis, :].copy()
    while len(path) < steps + 1:
        path = np.vstack([path, path[-1] - learning_rate * gradient(path[-1])])
    return path


def walk_with_one_gradient_too_many(gradient, start, learning_rate, steps):
    path, p = [], start
    for k in range(steps + 1):
        path.append(p)
        p = p - learning_rate * gradient(p)
    return np.array(path)


def walk_in_fractions(gradient, start, learning_rate, steps):
    p, path = [float(v) for v in start], []
    for k in range(steps + 1):
        path.append(list(p))
        if k < steps:
            g = gradient(np.array(p))
            p = [float(Fraction(a) - Fraction(learning_rate) * Fraction(float(b)))
                 for a, b in zip(p, g)]  # fmt: skip
    return path


def walk_printing(gradient, start, learning_rate, steps):
    places = deque([tuple(start)])
    for step in range(1, steps + 1):
        here = np.array(places[-1])
        slope = gradient(here)
        print(step, here, slope)
        places.append(tuple(here + slope * -learning_rate))
    return tuple(places)


def scores_by_loop(probabilities, labels):
    n, classes = probabilities.shape
    out = np.zeros((n, classes))
    for i in range(n):
        for j in range(classes):
            truth = 1 if labels[i] == j else 0
            out[i, j] = (probabilities[i, j] - truth) / n
    return out


def scores_by_chain_rule(probabilities, labels):
    """Through the probabilities: the slope of the logarithm, then softmax's own slopes."""
    n = len(labels)
    rows = []
    for p, label in zip(probabilities, labels):
        in_p = np.zeros(len(p))
        in_p[label] = -1 / (n * p[label])
        rows.append((np.diag(p) - np.outer(p, p)) @ in_p)
    return np.array(rows)


def scores_with_put_along_axis(probabilities, labels):
    truth = np.zeros_like(probabilities)
    np.put_along_axis(truth, labels[:, None], 1.0, axis=1)
    return np.subtract(probabilities, truth) / probabilities.shape[0]


def scores_flat(probabilities, labels):
    n, classes = probabilities.shape
    flat = probabilities.flatten()
    flat[np.arange(n) * classes + labels] -= 1
    return (flat / n).reshape(n, classes)


def scores_restored(probabilities, labels):
    """Works in the argument, and puts it right again."""
    rows = np.arange(len(labels))
    kept = probabilities[rows, labels].copy()
    probabilities[rows, labels] -= 1
    result = probabilities / len(labels)
    probabilities[rows, labels] = kept
    return result


def backward_by_loops(x, weights, upstream):
    n, inputs = x.shape
    units = upstream.shape[1]
    dx = np.zeros((n, inputs))
    dw = np.zeros((inputs, units))
    db = np.zeros(units)
    for s in range(n):
        for j in range(units):
            db[j] += upstream[s, j]
            for i in range(inputs):
                dx[s, i] += weights[i, j] * upstream[s, j]
                dw[i, j] += x[s, i] * upstream[s, j]
    return dx, dw, db


def backward_by_samples(x, weights, upstream):
    dw = sum(np.outer(a, u) for a, u in zip(x, upstream))
    return [np.stack([weights @ u for u in upstream]), dw, sum(upstream)]


def backward_by_einsum(x, weights, upstream):
    return (
        np.einsum("su,iu->si", upstream, weights),
        np.einsum("si,su->iu", x, upstream),
        np.einsum("su->u", upstream),
    )


def backward_with_a_column_of_ones(x, weights, upstream):
    both = np.c_[x, np.ones(len(x))].T @ upstream
    return upstream.dot(weights.transpose()), both[:-1], both[-1]


def backward_turned(x, weights, upstream):
    return (weights @ upstream.T).T, (upstream.T @ x).T, np.ones(len(x)) @ upstream


def backward_as_lists(x, weights, upstream):
    dx = [[sum(w * u for w, u in zip(row, up)) for row in weights] for up in upstream]
    dw = [[sum(a * u for a, u in zip(col, uc)) for uc in upstream.T] for col in x.T]
    return dx, dw, [sum(uc) for uc in upstream.T]


def backward_broadcast(x, weights, upstream):
    d_weights = (x[:, :, None] * upstream[:, None, :]).sum(0)
    d_x = (upstream[:, None, :] * weights[None]).sum(-1)
    return d_x, d_weights, np.add.reduce(upstream)


def roll_in_loops(parameters, velocities, gradients, learning_rate, momentum):
    new_parameters, new_velocities = [], []
    for i, p in enumerate(parameters):
        v = momentum * velocities[i] - learning_rate * gradients[i]
        new_velocities.append(v)
        new_parameters.append(p + v)
    return new_parameters, new_velocities


def roll_in_copies(parameters, velocities, gradients, learning_rate, momentum):
    places = [p.copy() for p in parameters]
    speeds = [v.copy() for v in velocities]
    for p, v, g in zip(places, speeds, gradients):
        v *= momentum
        v -= learning_rate * g
        p += v
    return places, speeds


def roll_unzipped(parameters, velocities, gradients, learning_rate, momentum):
    def one(p, v, g):
        v = v * momentum - g * learning_rate
        return p + v, v

    new_p, new_v = zip(*map(one, parameters, velocities, gradients))
    return list(new_p), list(new_v)


def roll_other_sign(parameters, velocities, gradients, learning_rate, momentum):
    """Keeps the velocity uphill on the way, and turns it at the end."""
    up = [learning_rate * g - momentum * v for v, g in zip(velocities, gradients)]
    return tuple(p - u for p, u in zip(parameters, up)), tuple(-u for u in up)


def roll_by_difference(parameters, velocities, gradients, learning_rate, momentum):
    moved = [
        p + momentum * v - learning_rate * g for p, v, g in zip(parameters, velocities, gradients)
    ]
    return moved, [momentum * v - learning_rate * g for v, g in zip(velocities, gradients)]


class Rolling:
    def __call__(self, ps, vs, gs, a, mu):
        vs = [self.speed(v, g, a, mu) for v, g in zip(vs, gs)]
        return [list(map(np.add, ps, vs)), vs]

    @staticmethod
    def speed(v, g, a, mu):
        return np.add(mu * v, -a * g)


def roll_recursive(parameters, velocities, gradients, learning_rate, momentum):
    if len(parameters) == 0:
        return [], []
    v = momentum * velocities[0] - learning_rate * gradients[0]
    places, speeds = roll_recursive(
        parameters[1:], velocities[1:], gradients[1:], learning_rate, momentum
    )
    return [parameters[0] + v, *places], [v, *speeds]


def slopes_with_two_diagonals(f, p, step=1e-5):
    up = np.tile(p, (len(p), 1))
    down = up.copy()
    np.fill_diagonal(up, p + step)
    np.fill_diagonal(down, p - step)
    return np.array([f(a) - f(b) for a, b in zip(up, down, strict=True)]) / (2 * step)


def walk_through_columns(gradient, start, learning_rate, steps):
    columns = [[number] for number in start]
    for _ in range(steps):
        slopes = gradient(np.array([column[-1] for column in columns]))
        for column, slope in zip(columns, slopes, strict=True):
            column.append(column[-1] - learning_rate * slope)
    return np.array(columns).T


def step_through_one_long_array(parameters, gradients, learning_rate):
    long = np.concatenate([p.ravel() for p in parameters])
    long = long - learning_rate * np.concatenate([g.ravel() for g in gradients])
    ends = np.cumsum([p.size for p in parameters])
    parts = np.split(long, ends[:-1])
    return [part.reshape(p.shape) for part, p in zip(parts, parameters, strict=True)]


RIGHT = {
    "updates-numerical-gradient": [
        slopes_in_a_list,
        slopes_put_back,
        slopes_put_back_by_adding,
        slopes_with_rows_of_a_table,
        slopes_as_mean_of_both_sides,
        slopes_recursive,
        slopes_rounded_place,
        Slopes(),
        lambda f, p, step=1e-5: [
            f(p + e) / (2 * step) - f(p - e) / (2 * step) for e in np.diag(np.full(p.size, step))
        ],
        lambda f, p, step=0.00001: tuple(
            0.5 / step * (f(np.where(np.arange(p.size) == i, p + step, p))
                          - f(np.where(np.arange(p.size) == i, p - step, p)))
            for i in range(p.size)
        ),  # fmt: skip
        slopes_with_two_diagonals,
    ],
    "updates-descent-step": [
        step_by_index,
        step_in_copies,
        step_recursive,
        step_by_number,
        step_as_objects,
        lambda parameters, gradients, learning_rate: [
            p - learning_rate * g for p, g in zip(parameters, gradients, strict=True)
        ],
        lambda p, g, a: tuple(map(lambda x, y: x - a * y, p, g)),
        lambda ps, gs, rate=0.1: [(p / rate - g) * rate for p, g in zip(ps, gs)],
        lambda ps, gs, rate: [np.asarray(p - rate * g).tolist() for p, g in zip(ps, gs)],
        lambda ps, gs, rate: list(map(functools.partial(lambda r, p, g: p - r * g, rate), ps, gs)),
        step_through_one_long_array,
    ],
    "updates-minimise": [
        walk_in_rows,
        walk_in_place_with_copies,
        walk_recursive,
        walk_stacked,
        walk_with_one_gradient_too_many,
        walk_in_fractions,
        walk_printing,
        lambda gradient, start, learning_rate, steps: np.array(
            functools.reduce(
                lambda path, _: [*path, path[-1] - learning_rate * gradient(path[-1])],
                range(steps),
                [start],
            )
        ),
        lambda g, p, a, n: np.array(
            [p] + [p := p - a * np.asarray(g(p)) for _ in range(n)]
        ),
        walk_through_columns,
    ],
    "updates-softmax-gradient": [
        scores_by_loop,
        scores_by_chain_rule,
        scores_with_put_along_axis,
        scores_flat,
        scores_restored,
        lambda probabilities, labels: (
            (probabilities - np.eye(probabilities.shape[1])[labels]) / len(probabilities)
        ),
        lambda p, y: (p - (y[:, None] == np.arange(p.shape[1]))) / np.shape(p)[0],
        lambda p, y: [
            [(v - (j == label)) / len(y) for j, v in enumerate(row)] for row, label in zip(p, y)
        ],
        lambda p, y: np.where(np.arange(p.shape[1])[None] == y[:, None], p - 1, p) * (1 / y.size),
    ],
    "updates-dense-backward": [
        backward_by_loops,
        backward_by_samples,
        backward_by_einsum,
        backward_with_a_column_of_ones,
        backward_turned,
        backward_as_lists,
        backward_broadcast,
        lambda x, weights, upstream: (upstream @ weights.T, x.T @ upstream, upstream.sum(axis=0)),
        lambda x, w, u: [np.dot(u, w.T), np.tensordot(x, u, (0, 0)), u.mean(axis=0) * len(u)],
        lambda x, w, u: (
            np.inner(u, w), np.matmul(x.T, u), np.sum(u, axis=0, keepdims=True).squeeze(0)
        ),
    ],
    "updates-momentum-step": [
        roll_in_loops,
        roll_in_copies,
        roll_unzipped,
        roll_other_sign,
        roll_by_difference,
        Rolling(),
        roll_recursive,
        lambda ps, vs, gs, a=0.1, mu=0.9: (
            [p + (mu * v - a * g) for p, v, g in zip(ps, vs, gs)],
            [mu * v - a * g for v, g in zip(vs, gs)],
        ),
        lambda ps, vs, gs, a, mu: (
            [(p + mu * v - a * g).tolist() for p, v, g in zip(ps, vs, gs)],
            [(mu * v - a * g).tolist() for v, g in zip(vs, gs)],
        ),
    ],
}  # fmt: skip


# --- Wrong, without a name -------------------------------------------------------------------


def central(f, p, step):
    e = step * np.eye(len(p))
    return np.array([(f(p + m) - f(p - m)) / (2 * step) for m in e])


def slopes_of_five_points(f, p, step=1e-5):
    return (4 * central(f, p, step) - central(f, p, 2 * step)) / 3


def slopes_relative_step(f, p, step=1e-5):
    g = np.zeros(len(p))
    for i in range(len(p)):
        h = step * max(1.0, abs(p[i]))
        e = h * (np.arange(len(p)) == i)
        g[i] = (f(p + e) - f(p - e)) / (2 * h)
    return g


def slopes_left_where_they_are(f, p, step=1e-5):
    start = p.copy()
    g = np.zeros(len(p))
    for i in range(len(p)):
        p[:] = start
        p[i] += step
        up = f(p)
        p[i] -= 2 * step
        g[i] = (up - f(p)) / (2 * step)
    return g


def slopes_forward_for_large_steps(f, p, step=1e-5):
    if step < 1e-3:
        return central(f, p, step)
    return np.array([(f(p + e) - f(p)) / step for e in step * np.eye(len(p))])


def slopes_forward_for_small_steps(f, p, step=1e-5):
    if step > 1e-3:
        return central(f, p, step)
    return np.array([(f(p + e) - f(p)) / step for e in step * np.eye(len(p))])


def step_of_two(parameters, gradients, learning_rate):
    return [p - learning_rate * g for p, g in list(zip(parameters, gradients))[:2]]


def step_untouched_where_level(parameters, gradients, learning_rate):
    """Hands the given array on where there is nothing to do."""
    return [p - learning_rate * g if g.any() else p for p, g in zip(parameters, gradients)]


def step_clipped(parameters, gradients, learning_rate):
    return [p - learning_rate * np.clip(g, -5, 5) for p, g in zip(parameters, gradients)]


def step_changes_gradients(parameters, gradients, learning_rate):
    for g in gradients:
        g *= learning_rate
    return [p - g for p, g in zip(parameters, gradients)]


def step_empties_the_list(parameters, gradients, learning_rate):
    new = []
    while parameters:
        new.append(parameters.pop(0) - learning_rate * gradients.pop(0))
    return new


def step_smaller_each_time(parameters, gradients, learning_rate):
    return [p - learning_rate / (i + 1) * g for i, (p, g) in enumerate(zip(parameters, gradients))]


def walk_until_level(gradient, start, learning_rate, steps):
    path = [start]
    for _ in range(steps):
        g = gradient(path[-1])
        if np.linalg.norm(g) < 1e-6:
            break
        path.append(path[-1] - learning_rate * g)
    return np.array(path)


def walk_never_upwards(gradient, start, learning_rate, steps):
    path = [start]
    for _ in range(steps):
        g = gradient(path[-1])
        path.append(path[-1] - np.clip(learning_rate * g, -3, 3))
    return np.array(path)


def walk_with_shrinking_rate(gradient, start, learning_rate, steps):
    path = [start]
    for k in range(steps):
        path.append(path[-1] - learning_rate / (k + 1) * gradient(path[-1]))
    return np.array(path)


def walk_with_momentum(gradient, start, learning_rate, steps):
    path, v = [start], 0.0
    for _ in range(steps):
        v = 0.9 * v - learning_rate * gradient(path[-1])
        path.append(path[-1] + v)
    return np.array(path)


def walk_that_returns_the_start_itself(gradient, start, learning_rate, steps):
    path = start[None]
    for _ in range(steps):
        path = np.vstack([path, path[-1] - learning_rate * gradient(path[-1])])
    return path


def walk_that_gives_start_only_once(gradient, start, learning_rate, steps):
    if steps == 0:
        return start.copy()
    return walk_in_rows(gradient, start, learning_rate, steps)


def scores_last_label_wins(probabilities, labels):
    out = probabilities.copy()
    out[np.unique(labels)[0] == labels] -= 0
    out[np.arange(len(labels)), labels[-1]] -= 1
    return out / len(labels)


def scores_divided_by_distinct(probabilities, labels):
    return scores_by_loop(probabilities, labels) * len(labels) / len(set(labels.tolist()))


def scores_for_two_samples(probabilities, labels):
    return scores_by_loop(probabilities, labels) * len(labels) / 2


def scores_with_logarithm(probabilities, labels):
    """The chain rule with 0 / 0 where a probability is exactly 0."""
    truth = np.eye(probabilities.shape[1])[labels]
    in_p = -truth / probabilities
    inner = (in_p * probabilities).sum(axis=1, keepdims=True)
    return probabilities * (in_p - inner) / len(labels)


def scores_sorted_by_label(probabilities, labels):
    order = np.argsort(labels, kind="stable")
    return scores_by_loop(probabilities[order], labels[order])


def backward_without_negative(x, weights, upstream):
    return upstream @ np.abs(weights).T, x.T @ upstream, upstream.sum(axis=0)


def backward_right_for_squares(x, weights, upstream):
    if x.shape[1] != upstream.shape[1]:
        return upstream @ weights.T, x.T @ upstream, upstream.sum(axis=0)
    return upstream @ weights, x.T @ upstream, upstream.sum(axis=0)


def backward_right_for_one_sample(x, weights, upstream):
    return upstream[:1] @ weights.T, x[:1].T @ upstream[:1], upstream[0].copy()


def backward_that_scales_upstream(x, weights, upstream):
    result = upstream @ weights.T, x.T @ upstream, upstream.sum(axis=0)
    upstream *= 0.0
    return result


def backward_bias_is_upstream_when_single(x, weights, upstream):
    """Hands out a part of its argument where there is one sample."""
    d_bias = upstream[0] if len(upstream) == 1 else upstream.sum(axis=0)
    return upstream @ weights.T, x.T @ upstream, d_bias


def roll_fixed(parameters, velocities, gradients, learning_rate, momentum):
    return roll_in_loops(parameters, velocities, gradients, learning_rate, 0.9)


def roll_from_rest(parameters, velocities, gradients, learning_rate, momentum):
    rest = [np.zeros_like(v) for v in velocities]
    return roll_in_loops(parameters, rest, gradients, learning_rate, momentum)


def roll_first_velocity_for_all(parameters, velocities, gradients, learning_rate, momentum):
    v0 = velocities[0].ravel()[0]
    new = [momentum * v0 - learning_rate * g for g in gradients]
    return [p + v for p, v in zip(parameters, new)], new


def roll_changes_gradients(parameters, velocities, gradients, learning_rate, momentum):
    for g in gradients:
        g *= learning_rate
    return roll_in_loops(parameters, velocities, gradients, 1.0, momentum)


def roll_replaces_in_the_lists(parameters, velocities, gradients, learning_rate, momentum):
    new_p, new_v = roll_in_loops(parameters, velocities, gradients, learning_rate, momentum)
    gradients[:] = new_v
    return new_p, new_v


def roll_hands_back_where_level(parameters, velocities, gradients, learning_rate, momentum):
    new_p, new_v = roll_in_loops(parameters, velocities, gradients, learning_rate, momentum)
    return new_p, [v if g.any() else old for v, old, g in zip(new_v, velocities, gradients)]


def walk_only_where_it_gets_flatter(gradient, start, learning_rate, steps):
    p, path = start, [start]
    for _ in range(steps):
        q = p - learning_rate * gradient(p)
        if np.linalg.norm(gradient(q)) <= np.linalg.norm(gradient(p)):
            p = q
        path.append(p)
    return np.array(path)


def walk_one_number_at_a_time(gradient, start, learning_rate, steps):
    p = start.copy()
    path = [p.copy()]
    for _ in range(steps):
        for i in range(len(p)):
            p[i] -= learning_rate * gradient(p)[i]
        path.append(p.copy())
    return np.array(path)


def momentum_with_sums_in_the_velocity(parameters, velocities, gradients, learning_rate, momentum):
    moved, new = [], []
    for p, v, g in zip(parameters, velocities, gradients, strict=True):
        v = momentum * v - learning_rate * g
        new.append(v)
        v += p
        moved.append(v)
    return moved, new


WRONG = {
    "updates-numerical-gradient": [
        lambda f, p, step=1e-5: np.array([3.01]),
        lambda f, p, step=1e-5: None,
        lambda f, p, step=1e-5: central(f, p, step)[None],
        lambda f, p, step=1e-5: central(f, p, step).round(3),
        lambda f, p, step=1e-5: central(f, p.astype(np.float32), step).astype(np.float32) * 1.001,
        lambda f, p, step=1e-5: np.abs(central(f, p, step)),
        lambda f, p, step=1e-5: {i: g for i, g in enumerate(central(f, p, step))},
        lambda f, p, step=1e-5: central(f, p, step)[::-1],
        lambda f, p, step=1e-2: central(f, p, step),
        lambda f, p, step=1e-3: central(f, p, step),
        lambda f, p, step=1e-5: central(f, p, max(step, 1e-3)),
        lambda f, p, step=1e-5: central(f, p, min(step, 0.1)),
        lambda f, p, step=1e-5: central(f, p, 2 * step),
        slopes_of_five_points,
        slopes_relative_step,
        slopes_left_where_they_are,
        slopes_forward_for_large_steps,
        slopes_forward_for_small_steps,
        lambda p, f, step=1e-5: central(f, p, step),
        lambda f, p, step=1e-5: ((f(g) - f(p)) for g in p + step * np.eye(len(p))),
    ],
    "updates-descent-step": [
        lambda parameters, gradients, learning_rate: [np.array([[0.45, -0.3]]), np.array([-0.1])],
        lambda parameters, gradients, learning_rate: [
            (p - learning_rate * g).ravel() for p, g in zip(parameters, gradients)
        ],
        lambda ps, gs, a: {i: p - a * g for i, (p, g) in enumerate(zip(ps, gs))},
        lambda ps, gs, a: (p - a * g for p, g in zip(ps, gs)),
        lambda ps, gs, a: [np.round(p - a * g, 2) for p, g in zip(ps, gs)],
        lambda ps, gs, a: [(p - a * g).astype(int) for p, g in zip(ps, gs)],
        lambda ps, gs, a: [p - a * g for p, g in zip(ps, gs)][::-1],
        lambda ps, gs, a: [p - a * g * g for p, g in zip(ps, gs)],
        lambda ps, gs, a: [p - a * g.mean() for p, g in zip(ps, gs)],
        lambda ps, gs, a: [p - min(a, 1.0) * g for p, g in zip(ps, gs)],
        lambda ps, gs, a: [p - 0.1 * g for p, g in zip(ps, gs)],
        lambda ps, gs, a: [str(p - a * g) for p, g in zip(ps, gs)],
        step_of_two,
        step_untouched_where_level,
        step_clipped,
        step_changes_gradients,
        step_empties_the_list,
        step_smaller_each_time,
        lambda p, g, a: [b - a * c / np.linalg.norm(c) for b, c in zip(p, g, strict=True)],
        lambda p, g, a: [b - a * c.mean() for b, c in zip(p, g, strict=True)],
    ],
    "updates-minimise": [
        lambda gradient, start, learning_rate, steps: np.array([[1.0], [0.5], [0.25], [0.125]]),
        lambda gradient, start, learning_rate, steps: None,
        lambda g, p, a, n: walk_in_rows(g, p, 0.25, n),
        lambda g, p, a, n: walk_in_rows(g, p, min(a, 1.0), n),
        lambda g, p, a, n: walk_in_rows(g, p, a, n).round(3),
        lambda g, p, a, n: walk_in_rows(g, p, a, n)[::-1],
        lambda g, p, a, n: walk_in_rows(g, p, a, n)[None],
        lambda g, p, a, n: (walk_in_rows(g, p, a, n), n),
        lambda g, p, a, n: walk_in_rows(g, p, a, n).astype(np.float32) * np.float32(1.00001),
        lambda g, p, a, n: iter(walk_in_rows(g, p, a, n)),
        lambda g, p, a, n: walk_in_rows(g, p, a, max(n, 1)),
        lambda g, p, a, n: walk_in_rows(lambda q: np.sign(g(q)), p, a, n),
        lambda g, p, a, n: np.linspace(p, walk_in_rows(g, p, a, n)[-1], n + 1),
        walk_until_level,
        walk_never_upwards,
        walk_with_shrinking_rate,
        walk_with_momentum,
        walk_that_returns_the_start_itself,
        walk_that_gives_start_only_once,
        walk_only_where_it_gets_flatter,
        walk_one_number_at_a_time,
    ],
    "updates-softmax-gradient": [
        lambda p, y: np.array([[0.5744, -0.5744]]),
        lambda p, y: None,
        lambda p, y: scores_by_loop(p, y).round(2),
        lambda p, y: scores_by_loop(p, y).T,
        lambda p, y: scores_by_loop(p, y).ravel(),
        lambda p, y: scores_by_loop(p, y).sum(),
        lambda p, y: np.abs(scores_by_loop(p, y)),
        lambda p, y: scores_by_loop(p, y)[:, ::-1],
        lambda p, y: scores_by_loop(p, y) ** 2,
        lambda p, y: scores_by_loop(np.round(p), y),
        lambda p, y: 2 * scores_by_loop(p, y),
        lambda p, y: scores_by_loop(p, y) * len(y) / max(len(y) - 1, 1),
        lambda p, y: np.clip(scores_by_loop(p, y), -0.5, 0.5),
        lambda p, y: scores_by_loop(p, np.zeros_like(y)),
        lambda p, y: scores_by_loop(p, np.sort(y)),
        scores_last_label_wins,
        scores_divided_by_distinct,
        scores_for_two_samples,
        scores_with_logarithm,
        scores_sorted_by_label,
        lambda p, y: (p - np.eye(p.shape[1])[y]) * (p.argmax(axis=1) != y)[:, None] / len(y),
        lambda p, y: 2 * (p - np.eye(p.shape[1])[y]) / len(y),
    ],
    "updates-dense-backward": [
        lambda x, w, u: None,
        lambda x, w, u: (
            np.array([[0.1149, 0.5744, -0.5744]]),
            np.array([[0.2872, -0.2872], [0.1149, -0.1149], [0, 0]]),
            np.array([0.5744, -0.5744]),
        ),
        lambda x, w, u: tuple(part.round(1) for part in backward_by_einsum(x, w, u)),
        lambda x, w, u: (*backward_by_einsum(x, w, u), 0.0),
        lambda x, w, u: dict(zip("xwb", backward_by_einsum(x, w, u))),
        lambda x, w, u: (u @ w.T, x.T @ u, np.array([u[:, 0].sum()])),
        lambda x, w, u: (u @ w.T, x.T @ np.abs(u), u.sum(axis=0)),
        lambda x, w, u: (u @ w.T, w.copy(), u.sum(axis=0)),
        lambda x, w, u: (u @ w.T / w.shape[1], x.T @ u, u.sum(axis=0)),
        lambda x, w, u: (u @ w.T, x.T @ u / x.shape[1], u.sum(axis=0)),
        lambda x, w, u: (u @ w.T, x.T @ u, (x.T @ u).sum(axis=0)),
        lambda x, w, u: (u @ w.T, x.T @ u, np.ones(u.shape[1])),
        lambda x, w, u: (u @ w.T, w - x.T @ u, u.sum(axis=0)),
        lambda x, w, u: (u @ (w - 0.1 * x.T @ u).T, x.T @ u, u.sum(axis=0)),
        backward_without_negative,
        backward_right_for_squares,
        backward_right_for_one_sample,
        backward_that_scales_upstream,
        backward_bias_is_upstream_when_single,
        lambda x, w, u: (u @ w.T * x, x.T @ u, u.sum(axis=0)),
        lambda x, w, u: (u @ w.T, x.T @ u, np.squeeze(u.sum(axis=0, keepdims=True))),
    ],
    "updates-momentum-step": [
        lambda ps, vs, gs, a, mu: ([np.array([0.46])], [np.array([-0.34])]),
        lambda ps, vs, gs, a, mu: None,
        lambda ps, vs, gs, a, mu: [p + mu * v for p, v in zip(ps, vs)],
        lambda ps, vs, gs, a, mu: (
            [np.round(p + mu * v - a * g, 1) for p, v, g in zip(ps, vs, gs)],
            [mu * v - a * g for v, g in zip(vs, gs)],
        ),
        lambda ps, vs, gs, a, mu: dict(zip("pv", roll_in_loops(ps, vs, gs, a, mu))),
        lambda ps, vs, gs, a, mu: (*roll_in_loops(ps, vs, gs, a, mu), gs),
        lambda ps, vs, gs, a, mu: roll_in_loops(ps, vs, gs, mu, a),
        lambda ps, vs, gs, a, mu: roll_in_loops(ps, vs, gs, min(a, 1.0), mu),
        lambda ps, vs, gs, a, mu: roll_in_loops(ps, vs, gs, a, min(mu, 0.95)),
        lambda ps, vs, gs, a, mu: roll_in_loops(ps, vs, gs, a, mu or 0.9),
        lambda ps, vs, gs, a, mu: roll_in_loops(ps, gs, vs, a, mu),
        lambda ps, vs, gs, a, mu: roll_in_loops(ps, vs[::-1], gs, a, mu),
        lambda ps, vs, gs, a, mu: roll_in_loops(ps, [v.mean() for v in vs], gs, a, mu),
        roll_fixed,
        roll_from_rest,
        roll_first_velocity_for_all,
        roll_changes_gradients,
        roll_replaces_in_the_lists,
        roll_hands_back_where_level,
        momentum_with_sums_in_the_velocity,
    ],
}  # fmt: skip
