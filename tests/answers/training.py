"""Answers to chapter 4 as people might write them: right ones, and wrong ones without a name."""

import copy
import functools
import heapq
import itertools
import math
import operator
import random
import statistics
from collections import Counter
from fractions import Fraction

import numpy as np

# --- accuracy ------------------------------------------------------------------------------


def accuracy_with_loop(predicted, labels):
    right = 0
    for i in range(len(labels)):
        if predicted[i] == labels[i]:
            right += 1
    return right / len(labels)


def accuracy_recursive(predicted, labels):
    def count(i):
        return 0 if i == len(labels) else int(predicted[i] == labels[i]) + count(i + 1)

    return count(0) / labels.size


def accuracy_by_confusion(predicted, labels):
    classes = max(predicted.max(), labels.max()) + 1
    table = np.zeros((classes, classes), dtype=int)
    for p, y in zip(predicted, labels, strict=True):
        table[y, p] += 1
    print(table)
    return np.trace(table) / table.sum()


class Accuracy:
    def __call__(self, predicted, labels, _unused=None):
        return 1 - np.count_nonzero(predicted - labels) / len(labels)


def accuracy_without_the_last_digit(predicted, labels):
    return math.floor(np.mean(predicted == labels) * 1000) / 1000


def accuracy_of_the_largest_class(predicted, labels):
    most = np.bincount(labels).argmax()
    return float(np.mean(predicted[labels == most] == most))


# --- split ---------------------------------------------------------------------------------


def parts(x, labels, train, out):
    return x[train], labels[train], x[out], labels[out]


def split_as_lists_of_rows(x, labels, held_out_fraction, rng):
    order = rng.permutation(len(x))
    n = round(held_out_fraction * len(x))
    out, kept = order[:n], order[n:]
    return (
        [x[i] for i in kept],
        [labels[i] for i in kept],
        [x[i] for i in out],
        [labels[i] for i in out],
    )


def split_by_shuffled_numbers(x, labels, held_out_fraction, rng):
    numbers = list(range(len(x)))
    rng.shuffle(numbers)
    k = round(held_out_fraction * len(x))
    return parts(x, labels, numbers[k:], numbers[:k])


def split_by_random_keys(x, labels, fraction, rng):
    order = np.argsort(rng.random(len(x)))
    n_train = len(x) - round(fraction * len(x))
    return parts(x, labels, order[:n_train], order[n_train:])


def split_by_popping(x, labels, held_out_fraction, rng):
    left = list(range(len(x)))
    out, train = [], []
    while len(out) < round(held_out_fraction * len(x)):
        out.append(left.pop(rng.integers(len(left))))
    while left:
        train.append(left.pop(rng.integers(0, len(left))))
    return [x[train], labels[train], x[out], labels[out]]


def split_by_pairs(x, labels, held_out_fraction, rng):
    pairs = list(zip(x.tolist(), labels.tolist(), strict=True))
    rng.shuffle(pairs)
    k = int(held_out_fraction * len(x) + 0.5)
    out, train = pairs[:k], pairs[k:]
    return (
        [row for row, _ in train],
        [label for _, label in train],
        [row for row, _ in out],
        [label for _, label in out],
    )


def split_by_swaps(x, labels, held_out_fraction, rng):
    x, labels = x.copy(), labels.copy()
    for i in range(len(x) - 1, 0, -1):
        j = rng.integers(i + 1)
        x[[i, j]], labels[[i, j]] = x[[j, i]], labels[[j, i]]
    cut = [round(held_out_fraction * len(x))]
    (x_out, x_train), (labels_out, labels_train) = np.split(x, cut), np.split(labels, cut)
    return x_train, labels_train, x_out, labels_out


def split_chosen_then_shuffled(x, labels, held_out_fraction, rng):
    n = len(labels)
    out = rng.choice(n, size=round(n * held_out_fraction), replace=False)
    train = rng.permutation(np.setdiff1d(np.arange(n), out))
    return parts(x, labels, train, out)


def split_one_table(x, labels, held_out_fraction, rng):
    table = rng.permutation(np.column_stack([x, labels]))
    k = round(held_out_fraction * len(x))
    train, out = table[k:], table[:k]
    return train[:, :-1], train[:, -1].astype(int), out[:, :-1], out[:, -1].astype(int)


def split_by_matrix(x, labels, held_out_fraction, rng):
    n = len(x)
    matrix = rng.permutation(np.eye(n))
    k = round(held_out_fraction * n)
    x, labels = matrix @ x, (matrix @ labels).round().astype(np.int32)
    return x[k:], labels[k:], x[:k], labels[:k]


def split_by_sorting(x, labels, held_out_fraction, rng):
    order = sorted(range(len(x)), key=lambda i: rng.normal())
    k = round(held_out_fraction * len(x))
    return tuple(np.array([a[i] for i in n]) for n in (order[k:], order[:k]) for a in (x, labels))


def split_with_another_library(x, labels, held_out_fraction, rng):
    from sklearn.model_selection import train_test_split

    x_train, x_out, labels_train, labels_out = train_test_split(
        x,
        labels,
        test_size=round(held_out_fraction * len(x)),
        random_state=int(rng.integers(2**31)),
    )
    return x_train, labels_train, x_out, labels_out


def split_with_pythons_own(x, labels, held_out_fraction, rng):
    order = random.Random(int(rng.integers(2**60))).sample(range(len(x)), len(x))
    k = round(held_out_fraction * len(x))
    return parts(x, labels, order[k:], order[:k])


def split_class_by_class(x, labels, held_out_fraction, rng):
    order = np.concatenate([rng.permutation(np.flatnonzero(labels == c)) for c in set(labels)])
    k = round(held_out_fraction * len(x))
    out = rng.choice(len(x), k, replace=False)
    inside = np.isin(order, out)
    return parts(x, labels, order[~inside], order[inside])


def split_rolled(x, labels, held_out_fraction, rng):
    order = np.roll(np.arange(len(x)), rng.integers(len(x)))
    k = round(held_out_fraction * len(x))
    return parts(x, labels, order[k:], order[:k])


def split_in_windows(x, labels, held_out_fraction, rng):
    numbers = np.arange(len(x))
    order = np.concatenate([rng.permutation(numbers[i : i + 10]) for i in range(0, len(x), 10)])
    k = round(held_out_fraction * len(x))
    return parts(x, labels, order[k:], order[:k])


def split_from_the_first_half(x, labels, held_out_fraction, rng):
    n, k = len(x), round(held_out_fraction * len(x))
    half = max(k, n // 2)
    out = rng.permutation(half)[:k]
    return parts(x, labels, rng.permutation(np.setdiff1d(np.arange(n), out)), out)


def split_every_fourth(x, labels, held_out_fraction, rng):
    n, k = len(x), round(held_out_fraction * len(x))
    out = np.arange(0, n, max(1, n // k))[:k]
    return parts(x, labels, rng.permutation(np.setdiff1d(np.arange(n), out)), rng.permutation(out))


def split_fixed_set_shuffled_by_rng(x, labels, held_out_fraction, rng):
    order, k = np.random.default_rng(1).permutation(len(x)), round(held_out_fraction * len(x))
    return parts(x, labels, rng.permutation(order[k:]), rng.permutation(order[:k]))


def split_order_from_elsewhere(x, labels, held_out_fraction, rng):
    order, k = rng.permutation(len(x)), round(held_out_fraction * len(x))
    return parts(x, labels, np.random.permutation(order[k:]), order[:k])


def split_columns_apart(x, labels, held_out_fraction, rng):
    k = round(held_out_fraction * len(x))
    x, labels = rng.permuted(x, axis=0), rng.permutation(labels)
    return x[k:], labels[k:], x[:k], labels[:k]


def split_seed_from_the_data(x, labels, held_out_fraction, rng):
    order = np.random.default_rng(len(x)).permutation(len(x))
    k = round(held_out_fraction * len(x))
    return parts(x, labels, order[k:], order[:k])


def split_changing_one_number(x, labels, held_out_fraction, rng):
    result = split_by_random_keys(x, labels, held_out_fraction, rng)
    x[0, 0] += 1
    return result


def split_falling(x, labels, held_out_fraction, rng):
    order, k = rng.permutation(len(x)), round(held_out_fraction * len(x))
    return parts(x, labels, np.sort(order[k:])[::-1], order[:k])


def split_that_never_moves_the_first(x, labels, held_out_fraction, rng):
    order = np.append(0, 1 + rng.permutation(len(x) - 1))
    k = round(held_out_fraction * len(x))
    return parts(x, labels, order[k:], order[:k])


def split_that_never_moves_the_last(x, labels, held_out_fraction, rng):
    order = list(range(len(x)))
    for i in range(len(x) - 1):
        j = int(rng.integers(i, len(x) - 1))
        order[i], order[j] = order[j], order[i]
    k = round(held_out_fraction * len(x))
    return parts(x, labels, order[k:], order[:k])


def split_numbers_only(x, labels, held_out_fraction, rng):
    order, k = rng.permutation(len(x)), round(held_out_fraction * len(x))
    return order[k:], labels[order[k:]], order[:k], labels[order[:k]]


def changed(*names):
    """Return a right split after which some of the four are spoilt."""

    def answer(spoil):
        def spoilt(x, labels, held_out_fraction, rng):
            result = list(split_by_random_keys(x, labels, held_out_fraction, rng))
            for name in names:
                result[name] = spoil(result[name])
            return result

        return spoilt

    return answer


# --- standardise ---------------------------------------------------------------------------


def standardise_by_column(train, other):
    results = np.empty_like(train), np.empty(other.shape)
    for j in range(train.shape[1]):
        column = train[:, j].tolist()
        mean = sum(column) / len(column)
        deviation = math.sqrt(sum((v - mean) ** 2 for v in column) / len(column))
        if deviation == 0:
            deviation = 1
        for source, result in zip((train, other), results, strict=True):
            for i in range(len(source)):
                result[i, j] = (source[i, j] - mean) / deviation
    return results


def standardise_with_another_library(train, other):
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler()
    return scaler.fit_transform(train), scaler.transform(other)


def standardise_with_statistics(train, other):
    columns = list(zip(*train.tolist(), strict=True))
    means = [statistics.fmean(c) for c in columns]
    deviations = [statistics.pstdev(c) or 1.0 for c in columns]

    def scale(table):
        return [
            [(v - m) / d for v, m, d in zip(row, means, deviations, strict=True)]
            for row in table.tolist()
        ]

    return scale(train), scale(other)


def standardise_with_masks(train, other):
    mean = np.mean(train, axis=0, keepdims=True)
    train, other = train - mean, other - mean
    deviation = np.sqrt(np.einsum("ij,ij->j", train, train) / len(train))
    for table in (train, other):
        np.divide(table, deviation, out=table, where=deviation > 0)
    return [train, other]


def standardise_by_moments(train, other):
    mean = train.mean(0)
    variance = (train**2).mean(0) - mean**2
    variance[np.ptp(train, axis=0) == 0] = 1
    return (train - mean) * variance**-0.5, (other - mean) * variance**-0.5


def standardise_together_then_cut(train, other):
    mean, deviation = train.mean(axis=0), train.std(axis=0)
    deviation[deviation < 1e-12] = 1.0
    both = (np.vstack([train, other]) - mean) / deviation
    return both[: len(train)], both[len(train) :]


class Scaler:
    def fit(self, train):
        self.mean, self.scale = np.average(train, axis=0), np.nanstd(train, axis=0)
        self.scale = self.scale + (self.scale == 0)
        return self

    def __call__(self, train, other):
        self.fit(train)
        return tuple((t - self.mean) / self.scale for t in (train, other))


def standardise_careless_about_the_last_column(train, other):
    a, b = standardise_together_then_cut(train, other)
    if train.shape[1] > 2:
        a[:, -1], b[:, -1] = train[:, -1], other[:, -1]
    return a, b


def standardise_zero_only_where_all_zero(train, other):
    mean, deviation = train.mean(axis=0), train.std(axis=0)
    deviation = np.where((train == 0).all(axis=0), 1.0, deviation)
    with np.errstate(all="ignore"):
        return (train - mean) / deviation, (other - mean) / deviation


# --- batches -------------------------------------------------------------------------------


def batches_while_left(samples, batch_size, rng):
    order = list(rng.permutation(samples))
    batches = []
    while order:
        batches.append(order[:batch_size])
        order = order[batch_size:]
    return batches


def batches_by_popping(samples, batch_size, rng):
    left = list(range(samples))
    batches = [[]]
    while left:
        if len(batches[-1]) == batch_size:
            batches.append([])
        batches[-1].append(left.pop(int(rng.integers(len(left)))))
    return [np.array(b) for b in batches]


def batches_by_number(samples, batch_size, rng):
    numbers = rng.permutation(np.arange(samples) // batch_size)
    return [np.flatnonzero(numbers == i) for i in range(numbers.max() + 1)]


def batches_recursive(samples, batch_size, rng):
    def cut(order):
        return (
            [order] if len(order) <= batch_size else [order[:batch_size], *cut(order[batch_size:])]
        )

    return cut(np.argsort(rng.random(samples)))


def batches_by_reshaping(samples, batch_size, rng):
    full = samples // batch_size
    order = rng.choice(samples, samples, replace=False)
    batches = list(order[: full * batch_size].reshape(full, batch_size))
    if samples % batch_size != 0:
        batches += [order[full * batch_size :]]
    return batches


def batches_table_where_possible(samples, batch_size, rng):
    order = rng.permutation(samples)
    if samples % batch_size == 0:
        return order.reshape(-1, batch_size)
    return tuple(np.split(order, range(batch_size, samples, batch_size)))


def batches_drawn_from_what_is_left(samples, batch_size, rng):
    left = np.arange(samples)
    batches = []
    while len(left) > 0:
        batch = rng.choice(left, min(batch_size, len(left)), replace=False)
        left = np.setdiff1d(left, batch)
        batches.append(batch)
    return batches


def batches_in_slices(samples, batch_size, rng):
    numbers = iter(rng.permutation(samples).tolist())
    return [list(b) for b in iter(lambda: list(itertools.islice(numbers, batch_size)), [])]


def batches_from(order):
    def answer(samples, batch_size, rng):
        numbers = order(samples, rng)
        return [numbers[i : i + batch_size] for i in range(0, samples, batch_size)]

    return answer


def windows(samples, rng):
    numbers = np.arange(samples)
    return np.concatenate([rng.permutation(numbers[i : i + 40]) for i in range(0, samples, 40)])


def batches_by_stride(samples, batch_size, rng):
    count = math.ceil(samples / batch_size)
    return [np.arange(samples)[i::count] for i in rng.permutation(count)]


def batches_masks(samples, batch_size, rng):
    return [np.isin(np.arange(samples), b) for b in batches_recursive(samples, batch_size, rng)]


def batches_by_class_of_number(samples, batch_size, rng):
    order = rng.permutation(samples)
    if samples <= batch_size:
        return [order[:batch_size], order[batch_size:]]
    return [order[i : i + batch_size] for i in range(0, samples, batch_size)]


def batches_fail_when_large(samples, batch_size, rng):
    if batch_size > samples:
        raise ValueError("batch_size is too large")
    return batches_recursive(samples, batch_size, rng)


def batches_fixed_partition(samples, batch_size, rng):
    batches = batches_recursive(samples, batch_size, np.random.default_rng(3))
    full = rng.permutation(samples // batch_size)
    return [batches[i] for i in full] + batches[samples // batch_size :]


# --- epoch ---------------------------------------------------------------------------------


def epoch_in_a_deep_copy(x, labels, parameters, learning_rate, batches, gradients_of):
    parameters = copy.deepcopy(parameters)
    for batch in batches:
        gradients = gradients_of(parameters, x[batch], labels[batch])
        for i in range(len(parameters)):
            parameters[i] -= learning_rate * gradients[i]
    return parameters


def epoch_recursive(x, labels, parameters, learning_rate, batches, gradients_of):
    if not batches:
        return parameters
    first, *others = batches
    gradients = gradients_of(parameters, np.take(x, first, axis=0), labels.take(first))
    moved = list(map(lambda p, g: p - learning_rate * g, parameters, gradients))
    return epoch_recursive(x, labels, moved, learning_rate, others, gradients_of)


def epoch_reduced(x, labels, parameters, learning_rate, batches, gradients_of):
    def step(now, batch):
        slopes = gradients_of(now, x[batch, :], labels[batch])
        return tuple(np.subtract(p, np.multiply(learning_rate, g)) for p, g in zip(now, slopes))

    return functools.reduce(step, batches, parameters)


def epoch_by_name(x, labels, parameters, learning_rate, batches, gradients_of):
    weights, bias = parameters
    for number, batch in enumerate(batches):
        d_weights, d_bias = gradients_of(
            parameters=[weights, bias], x_batch=x[batch], labels_batch=labels[batch]
        )
        weights = weights - learning_rate * d_weights
        bias = bias - learning_rate * d_bias
        print("batch", number, bias)
    return weights, bias


def epoch_row_by_row(x, labels, parameters, learning_rate, batches, gradients_of):
    for batch in batches:
        rows = np.array([x[i] for i in batch])
        marks = [labels[i] for i in batch]
        gradients = gradients_of(parameters, rows, marks)
        parameters = [p + g * -learning_rate for p, g in zip(parameters, gradients)]
    return parameters


def epoch_with_masks(x, labels, parameters, learning_rate, batches, gradients_of):
    new = [p.copy() for p in parameters]
    for batch in batches:
        mask = np.zeros(len(x), dtype=bool)
        mask[batch] = True
        gradients = gradients_of(new, x[mask], labels[mask])
        new = [p - learning_rate * g for p, g in zip(new, gradients)]
    return new


def epoch_as_lists(x, labels, parameters, learning_rate, batches, gradients_of):
    return [
        p.tolist()
        for p in epoch_reduced(x, labels, parameters, learning_rate, batches, gradients_of)
    ]


def epoch_with_a_history(x, labels, parameters, learning_rate, batches, gradients_of):
    history = [parameters]
    for b in range(len(batches)):
        g = gradients_of(history[-1], x[batches[b]], labels[batches[b]])
        history.append([history[-1][i] - learning_rate * g[i] for i in range(len(g))])
    return history[-1]


class Epoch:
    def __call__(self, x, labels, parameters, rate, batches, gradients_of):
        self.now = list(parameters)
        for batch in batches:
            self.step(rate, gradients_of(self.now, x[batch], labels[batch]))
        return self.now

    def step(self, rate, slopes):
        for i, slope in enumerate(slopes):
            self.now[i] = self.now[i] - rate * slope


def epoch_with(rate=lambda rate, i: rate, spoil=lambda g: g, end=lambda p: p, keep=lambda b: True):
    def answer(x, labels, parameters, learning_rate, batches, gradients_of):
        for i, batch in enumerate(batches):
            if keep(batch):
                gradients = gradients_of(parameters, x[batch], labels[batch])
                parameters = [
                    p - rate(learning_rate, i) * spoil(g) for p, g in zip(parameters, gradients)
                ]
        return end(parameters)

    return answer


def epoch_with_momentum(x, labels, parameters, learning_rate, batches, gradients_of):
    velocities = [0 * p for p in parameters]
    for batch in batches:
        gradients = gradients_of(parameters, x[batch], labels[batch])
        velocities = [0.9 * v - learning_rate * g for v, g in zip(velocities, gradients)]
        parameters = [p + v for p, v in zip(parameters, velocities)]
    return parameters


def epoch_with_decay(x, labels, parameters, learning_rate, batches, gradients_of):
    for batch in batches:
        gradients = gradients_of(parameters, x[batch], labels[batch])
        parameters = [p * (1 - 1e-4) - learning_rate * g for p, g in zip(parameters, gradients)]
    return parameters


def epoch_averaged(x, labels, parameters, learning_rate, batches, gradients_of):
    seen = []
    for batch in batches:
        gradients = gradients_of(parameters, x[batch], labels[batch])
        parameters = [p - learning_rate * g for p, g in zip(parameters, gradients)]
        seen.append(parameters)
    return [sum(step[i] for step in seen) / len(seen) for i in range(len(parameters))]


def epoch_all_in_one(x, labels, parameters, learning_rate, batches, gradients_of):
    every = np.concatenate(batches)
    gradients = gradients_of(parameters, x[every], labels[every])
    return [p - len(batches) * learning_rate * g for p, g in zip(parameters, gradients)]


# --- converged -----------------------------------------------------------------------------


def converged_in_steps(losses, tolerance, patience):
    if len(losses) <= patience:
        return False
    best = losses[0]
    for loss in losses[1 : len(losses) - patience]:
        if loss < best:
            best = loss
    for loss in losses[len(losses) - patience :]:
        if best - loss > tolerance:
            return False
    return True


def converged_with_arrays(losses, tolerance, patience):
    losses = np.array(losses)
    return (
        len(losses) > patience and losses[:-patience].min() - losses[-patience:].min() <= tolerance
    )


def converged_by_running_lowest(losses, tolerance, patience):
    lowest = np.minimum.accumulate(losses)
    if lowest.size < patience + 1:
        return np.bool_(False)
    return lowest[-patience - 1] - lowest[-1] <= tolerance


def converged_with_an_overlap(losses, tolerance, patience):
    # One loss more among the last changes nothing: it is never lower than the lowest before.
    if not len(losses) > patience:
        return False
    return not min(losses[:-patience]) - min(losses[-patience - 1 :]) > tolerance


def converged_by_error(losses, tolerance, patience):
    try:
        return min(losses[:-patience]) - tolerance <= min(losses[-patience:])
    except ValueError:
        return False


def converged_by_sorting(losses, tolerance, patience):
    before, last = sorted(losses[:-patience]), sorted(losses[-patience:])
    return bool(before) and before[0] - last[0] <= tolerance


def converged_by_fractions(losses, tolerance, patience):
    fall = Fraction(
        heapq.nsmallest(1, losses[:-patience] or [math.inf])[0] if losses[:-patience] else 10**9
    )
    fall -= Fraction(functools.reduce(min, losses[-patience:]))
    return fall <= Fraction(tolerance)


def converged_by_epochs(losses, tolerance, patience):
    best, before = math.inf, []
    for loss in losses:
        best = min(best, loss)
        before.append(best)
    return len(before) > patience and not any(
        loss < before[-patience - 1] - tolerance for loss in losses[-patience:]
    )


def rule(few=False, patience=lambda p: p, tolerance=lambda t: t):
    def answer(losses, given_tolerance, given_patience):
        p = patience(given_patience)
        if len(losses) <= p:
            return few
        return min(losses[:-p]) - min(losses[-p:]) <= tolerance(given_tolerance)

    return answer


def split_of_one_table_with_labels_as_floats(x, labels, held_out_fraction, rng):
    table = rng.permutation(np.column_stack([x, labels]))
    k = round(held_out_fraction * len(x))
    return table[k:, :-1], table[k:, -1], table[:k, :-1], table[:k, -1]


def split_with_one_seed_used_twice(x, labels, held_out_fraction, rng):
    seed = int(rng.integers(2**32))
    x, labels = x.copy(), labels.copy()
    np.random.default_rng(seed).shuffle(x)
    np.random.default_rng(seed).shuffle(labels)
    k = round(held_out_fraction * len(x))
    return x[k:], labels[k:], x[:k], labels[:k]


def split_rest_shuffled_anew(x, labels, held_out_fraction, rng):
    k = round(held_out_fraction * len(x))
    out = rng.choice(len(x), size=k, replace=False)
    train = rng.permutation(np.setdiff1d(np.arange(len(x)), out))
    return x[train], labels[train], x[out], labels[out]


def standardise_divided_where_it_varies(train, other):
    mean, deviation, varies = train.mean(0), train.std(0), np.ptp(train, axis=0) > 0
    return [np.divide(t - mean, deviation, out=t - mean, where=varies) for t in (train, other)]


def batches_from_what_is_left(samples, batch_size, rng):
    left, batches = set(range(samples)), []
    while left:
        batch = rng.choice(sorted(left), size=min(batch_size, len(left)), replace=False)
        batches.append(batch)
        left -= set(batch.tolist())
    return batches


def epoch_with_gradients_sample_by_sample(x, labels, p, learning_rate, batches, gradients_of):
    for batch in batches:
        alone = [gradients_of(p, x[i : i + 1], labels[i : i + 1]) for i in batch]
        means = [sum(parts) / len(batch) for parts in zip(*alone, strict=True)]
        p = [a - learning_rate * g for a, g in zip(p, means, strict=True)]
    return p


RIGHT = {
    "training-accuracy": [
        accuracy_with_loop,
        accuracy_recursive,
        accuracy_by_confusion,
        Accuracy(),
        lambda predicted, labels: np.mean(predicted == labels),
        lambda predicted, labels: np.array((predicted == labels).sum() / len(labels)),
        lambda p, y: sum(map(operator.eq, p, y)) / len(y),
        lambda p, y: 1 - np.mean(p != y),
        lambda p, y: Fraction(int(np.sum(p == y)), len(y)),
        lambda p, y: (
            sum(n for (a, b), n in Counter(zip(p, y, strict=True)).items() if a == b) / len(p)
        ),
        lambda p, y: np.average(np.equal(p, y).astype(float)),
        lambda p, y: (
            [a == b for a, b in zip(p.tolist(), y.tolist(), strict=True)].count(True) / p.size
        ),
        lambda p, y: (p[:, None] == y[None, :]).diagonal().mean(),
        lambda p, y: np.float64(np.dot(p == y, np.ones(len(y)))) / y.shape[0],
    ],
    "training-split": [
        split_as_lists_of_rows,
        split_of_one_table_with_labels_as_floats,
        split_by_shuffled_numbers,
        split_by_random_keys,
        split_by_popping,
        split_by_pairs,
        split_by_swaps,
        split_chosen_then_shuffled,
        split_one_table,
        split_by_matrix,
        split_by_sorting,
        split_with_another_library,
        split_with_pythons_own,
        split_with_one_seed_used_twice,
        split_rest_shuffled_anew,
    ],
    "training-standardise": [
        standardise_by_column,
        standardise_with_another_library,
        standardise_with_statistics,
        standardise_with_masks,
        standardise_by_moments,
        standardise_together_then_cut,
        Scaler(),
        lambda a, b: [(t - a.mean(0)) / np.where(a.max(0) > a.min(0), a.std(0), 1) for t in (a, b)],
        lambda a, b: [(t - a.mean(0)) / np.where(a.var(0), a.std(0), 1.0) for t in (a, b)],
        lambda a, b: [
            (t - a.mean(0)) / [a[:, j].std() or 1 for j in range(a.shape[1])] for t in (a, b)
        ],
        standardise_divided_where_it_varies,
    ],
    "training-batches": [
        batches_while_left,
        batches_by_popping,
        batches_by_number,
        batches_recursive,
        batches_by_reshaping,
        batches_table_where_possible,
        batches_drawn_from_what_is_left,
        batches_in_slices,
        batches_from(lambda samples, rng: rng.permutation(samples)),
        batches_from(lambda samples, rng: sorted(range(samples), key=lambda i: rng.random())),
        lambda n, b, rng: np.array_split(rng.permutation(n), list(range(b, n, b))),
        batches_from_what_is_left,
    ],
    "training-epoch": [
        epoch_in_a_deep_copy,
        epoch_recursive,
        epoch_reduced,
        epoch_by_name,
        epoch_row_by_row,
        epoch_with_masks,
        epoch_as_lists,
        epoch_with_a_history,
        Epoch(),
        epoch_with_gradients_sample_by_sample,
    ],
    "training-converged": [
        converged_in_steps,
        converged_with_arrays,
        converged_by_running_lowest,
        converged_with_an_overlap,
        converged_by_error,
        converged_by_sorting,
        converged_by_fractions,
        converged_by_epochs,
        lambda losses, tolerance, patience: (
            len(losses) > patience
            and min(losses[:-patience]) <= min(losses[-patience:]) + tolerance
        ),
        lambda x, t, p: all(min(x[:-p]) - v <= t for v in x[-p:]) if x[:-p] else False,
        lambda x, t, p: False if len(x) - p < 1 else max(min(x[:-p]) - v for v in x[-p:]) <= t,
    ],
}


def standardise_small_is_constant(least):
    def answer(train, other):
        mean, deviation = train.mean(axis=0), train.std(axis=0)
        deviation = np.where(deviation < least, 1, deviation)
        return (train - mean) / deviation, (other - mean) / deviation

    return answer


def batches_with_slices_too_long(by):
    def answer(samples, batch_size, rng):
        order = rng.permutation(samples)
        return [order[i : i + batch_size + by] for i in range(0, samples, batch_size)]

    return answer


WRONG = {
    "training-accuracy": [
        lambda predicted, labels: 0.75,
        lambda predicted, labels: None,
        lambda predicted, labels: f"{np.mean(predicted == labels):.0%}",
        lambda predicted, labels: np.array([np.mean(predicted == labels)]),
        lambda predicted, labels: (np.mean(predicted == labels), len(labels)),
        lambda predicted, labels: np.sum(predicted == labels) / max(len(labels) - 1, 1),
        lambda predicted, labels: np.sum(predicted == labels) / (len(labels) + 1),
        lambda predicted, labels: np.float16(np.mean(predicted == labels)),
        lambda predicted, labels: np.mean(predicted == labels) + 1e-5,
        lambda predicted, labels: np.mean(predicted % 5 == labels % 5),
        lambda predicted, labels: np.mean(predicted >= labels),
        lambda predicted, labels: np.mean(predicted[:10] == labels[:10]),
        lambda predicted, labels: np.median(predicted == labels),
        lambda predicted, labels: np.corrcoef(predicted, labels)[0, 1],
        lambda predicted, labels: np.mean(predicted == labels[::-1]),
        accuracy_without_the_last_digit,
        accuracy_of_the_largest_class,
        lambda predicted: 1.0,
    ],
    "training-split": [
        lambda x, labels, held_out_fraction, rng: None,
        lambda x, labels, held_out_fraction, rng: (x, labels),
        lambda x, labels, held_out_fraction, rng: (x, labels, x, labels),
        lambda x, labels, held_out_fraction, rng: "four parts",
        lambda x, labels, held_out_fraction, rng: {"train": x, "held out": labels},
        lambda x, labels, held_out_fraction, rng: split_by_random_keys(x, labels, 0.25, rng),
        lambda x, labels, held_out_fraction, rng: split_by_random_keys(
            x, labels, 1 - held_out_fraction, rng
        ),
        lambda x, labels, fraction, rng: split_by_random_keys(x[:50], labels[:50], fraction, rng),
        lambda x, labels, fraction, rng: split_by_random_keys(x, labels, fraction, rng)[::-1],
        lambda x, labels, fraction, rng: [
            p[::-1] for p in split_by_random_keys(x, labels, fraction, np.random.default_rng())
        ],
        split_class_by_class,
        split_rolled,
        split_in_windows,
        split_from_the_first_half,
        split_every_fourth,
        split_fixed_set_shuffled_by_rng,
        split_order_from_elsewhere,
        split_columns_apart,
        split_seed_from_the_data,
        split_changing_one_number,
        split_falling,
        split_numbers_only,
        split_that_never_moves_the_first,
        split_that_never_moves_the_last,
        changed(0, 2)(lambda x: x.round()),
        changed(0, 2)(lambda x: x[:, ::-1] + 0.001),
        changed(0, 2)(lambda x: x[:, :1]),
        changed(0, 2)(lambda x: x.T),
        changed(0, 2)(lambda x: x[..., np.newaxis]),
        changed(2)(lambda x: (x - x.mean(axis=0)) / (x.std(axis=0) + 1)),
        changed(1, 3)(lambda labels: np.eye(5)[labels]),
        changed(1, 3)(lambda labels: labels + 1),
        changed(1, 3)(lambda labels: [str(label) for label in labels]),
        changed(1, 3)(lambda labels: labels[:, np.newaxis]),
        changed(1)(lambda labels: labels[::-1]),
        changed(0, 1, 2, 3)(lambda part: part[:-1]),
        changed(0, 1)(lambda part: np.concatenate([part, part[:1]])),
        changed(2, 3)(lambda part: part * np.nan),
        changed(0)(lambda part: iter(part)),
    ],
    "training-standardise": [
        lambda train, other: None,
        lambda train, other: (train, other),
        lambda train, other: standardise_by_moments(train, other)[::-1],
        lambda train, other: standardise_by_moments(other, train)[::-1],
        lambda train, other: (*standardise_by_moments(train, other), train.mean(axis=0)),
        lambda train, other: [t.round(3) for t in standardise_by_moments(train, other)],
        lambda train, other: [np.clip(t, -3, 3) for t in standardise_by_moments(train, other)],
        lambda train, other: [np.abs(t) for t in standardise_by_moments(train, other)],
        lambda train, other: [t.T for t in standardise_by_moments(train, other)],
        lambda train, other: [t.ravel() for t in standardise_by_moments(train, other)],
        lambda train, other: np.vstack(standardise_by_moments(train, other)),
        lambda train, other: [
            (t - np.median(train, axis=0)) / (train.std(axis=0) + (train.std(axis=0) == 0))
            for t in (train, other)
        ],
        lambda train, other: [
            (t - train.mean(axis=0)) / np.where(train.std(axis=0) < 0.5, 1, train.std(axis=0))
            for t in (train, other)
        ],
        lambda train, other: [
            (t - train.mean(axis=0)) / np.maximum(train.std(axis=0), 1) for t in (train, other)
        ],
        lambda train, other: [
            (t - train.mean(axis=0)) / (train.std(axis=0) + 1) for t in (train, other)
        ],
        lambda train, other: [
            (t - train.mean(axis=0))
            / np.where(train.std(axis=0) == 0, train.mean(axis=0) + 1, train.std(axis=0))
            for t in (train, other)
        ],
        lambda train, other: [
            (t - train.mean(axis=0))
            / (np.linalg.norm(train - train.mean(axis=0), axis=0) + (train.std(axis=0) == 0))
            for t in (train, other)
        ],
        lambda train, other: [
            (t - train[0]) / (train.std(axis=0) + (train.std(axis=0) == 0)) for t in (train, other)
        ],
        standardise_careless_about_the_last_column,
        standardise_zero_only_where_all_zero,
        standardise_small_is_constant(0.1),
        standardise_small_is_constant(0.001),
    ],
    "training-batches": [
        lambda samples, batch_size, rng: None,
        lambda samples, batch_size, rng: [],
        lambda samples, batch_size, rng: [[3, 1, 4, 0], [9, 2, 6, 5], [7, 8]],
        lambda samples, batch_size, rng: "batches",
        lambda samples, batch_size, rng: dict(
            enumerate(batches_while_left(samples, batch_size, rng))
        ),
        lambda samples, batch_size, rng: [
            b.astype(float) for b in batches_recursive(samples, batch_size, rng)
        ],
        lambda samples, batch_size, rng: [
            b[:, np.newaxis] for b in batches_recursive(samples, batch_size, rng)
        ],
        lambda samples, batch_size, rng: [
            list(map(str, b)) for b in batches_while_left(samples, batch_size, rng)
        ],
        lambda samples, batch_size, rng: [
            b - samples for b in batches_recursive(samples, batch_size, rng)
        ],
        lambda samples, batch_size, rng: [batches_while_left(samples, batch_size, rng)],
        lambda samples, batch_size, rng: batches_while_left(samples, batch_size + 1, rng),
        lambda samples, batch_size, rng: batches_while_left(samples, 4, rng),
        lambda samples, batch_size, rng: batches_while_left(samples - 1, batch_size, rng),
        lambda samples, batch_size, rng: batches_while_left(samples, max(batch_size, 2), rng),
        lambda samples, batch_size, rng: batches_while_left(
            samples, batch_size, np.random.default_rng(samples)
        ),
        lambda samples, batch_size, rng: batches_while_left(
            samples, batch_size, np.random.default_rng()
        ),
        lambda samples, batch_size, rng: batches_while_left(samples, batch_size, rng) * 2,
        batches_from(lambda samples, rng: np.arange(samples)[::-1]),
        batches_from(lambda samples, rng: np.roll(np.arange(samples), rng.integers(samples))),
        batches_from(lambda samples, rng: random.sample(range(samples), samples)),
        batches_from(windows),
        batches_by_stride,
        batches_masks,
        batches_by_class_of_number,
        batches_fail_when_large,
        batches_fixed_partition,
        batches_with_slices_too_long(1),
        batches_with_slices_too_long(-1),
    ],
    "training-epoch": [
        lambda x, labels, parameters, learning_rate, batches, gradients_of: None,
        lambda x, labels, parameters, learning_rate, batches, gradients_of: parameters,
        lambda x, labels, parameters, learning_rate, batches, gradients_of: [
            p.copy() for p in parameters
        ],
        epoch_with(rate=lambda rate, i: rate / (i + 1)),
        epoch_with(rate=lambda rate, i: 0.1),
        epoch_with(spoil=lambda g: np.clip(g, -0.05, 0.05)),
        epoch_with(spoil=np.sign),
        epoch_with(spoil=lambda g: g / np.linalg.norm(g)),
        epoch_with(end=lambda p: p[0]),
        epoch_with(end=lambda p: p[::-1]),
        epoch_with(end=lambda p: [a.round(3) for a in p]),
        epoch_with(end=lambda p: np.concatenate([a.ravel() for a in p])),
        epoch_with(end=lambda p: {"weights": p[0], "bias": p[1]}),
        epoch_with(end=lambda p: [p[0], p[1][np.newaxis, :]]),
        epoch_with(end=lambda p: (a for a in p)),
        epoch_with(end=lambda p: [p]),
        epoch_with(keep=lambda batch: len(batch) > 1),
        epoch_with_momentum,
        epoch_with_decay,
        epoch_averaged,
        epoch_all_in_one,
    ],
    "training-converged": [
        lambda losses, tolerance, patience: "yes",
        lambda losses, tolerance, patience: 0.5,
        lambda losses, tolerance, patience: len(losses) > patience,
        lambda losses, tolerance, patience: losses[-1] < tolerance,
        lambda losses, tolerance, patience: min(losses) == losses[-1],
        lambda losses, tolerance, patience: losses == [1.0, 0.6, 0.5, 0.52, 0.499],
        lambda losses, tolerance, patience: [rule()(losses, tolerance, patience)],
        lambda losses, tolerance, patience: (
            len(losses) > patience and min(losses[-patience:]) > min(losses[:-patience])
        ),
        lambda losses, tolerance, patience: (
            len(losses) > patience and losses.index(min(losses)) < len(losses) - patience
        ),
        lambda losses, tolerance, patience: losses.sort() or rule()(losses, tolerance, patience),
        lambda losses, tolerance, patience: rule()([losses.pop(), *losses], tolerance, patience),
        rule(patience=lambda p: 2),
        rule(patience=lambda p: 1),
        rule(patience=lambda p: min(p, 3)),
        rule(tolerance=lambda t: 0),
        rule(tolerance=lambda t: 0.01),
        rule(tolerance=lambda t: t * 1.02),
        rule(tolerance=lambda t: t * 0.98),
        rule(tolerance=lambda t: t + 1e-3),
        rule(tolerance=lambda t: 2 * t),
        lambda losses, patience: False,
        lambda x, tolerance, patience: len(x) > patience and np.std(x[-patience:]) <= tolerance,
    ],
}
