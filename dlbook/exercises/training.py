"""The answer key of chapter 4: data kept apart, batches, one epoch, and when to stop."""

import math
from collections import Counter

import numpy as np

from dlbook.exercises.plain import Given, Opaque, Rng, as_numbers
from dlbook.exercises.question import Case, Question, Section, mistake

ACCURACY = Section("training", "Accuracy and loss are two different things")
APART = Section("training", "Learnt by heart, or understood?")
STANDARDISE = Section("training", "Standardise, with the training set's numbers only")
BATCHES = Section("training", "One sample, some samples, all samples")
BY_HAND = Section("training", "One epoch by hand")
SYMBOLS = Section("training", "The same in symbols")
CODE = Section("training", "The same in code")
CONVERGED = Section("training", 'An exact rule for "the loss has converged"')


# --- References ------------------------------------------------------------------------------


def accuracy(predicted, labels):
    """Return the share of places where the two agree."""
    return float(np.mean(np.asarray(predicted) == np.asarray(labels)))


def split(x, labels, held_out_fraction, rng):
    """Cut one shuffled order of the samples in two."""
    order = rng.permutation(len(x))
    held_out = round(held_out_fraction * len(x))
    out, train = order[:held_out], order[held_out:]
    return x[train], labels[train], x[out], labels[out]


def standardise(train, other):
    """Scale both with the mean and deviation of train; a constant column is only centred."""
    mean, deviation = train.mean(axis=0), train.std(axis=0)
    deviation = np.where(train.min(axis=0) == train.max(axis=0), 1.0, deviation)
    return (train - mean) / deviation, (other - mean) / deviation


def one_epoch_batches(samples, batch_size, rng):
    """Cut one shuffled order of the samples into pieces."""
    order = rng.permutation(samples)
    return [order[start : start + batch_size] for start in range(0, samples, batch_size)]


def train_epoch(x, labels, parameters, learning_rate, batches, gradients_of):
    """Make one step for each batch, each from where the one before has led."""
    for batch in batches:
        gradients = gradients_of(parameters, x[batch], labels[batch])
        parameters = _moved(parameters, gradients, learning_rate)
    return parameters


def has_converged(losses, tolerance, patience):
    """Compare the lowest of the last losses with the lowest before them."""
    if len(losses) <= patience:
        return False
    return bool(min(losses[:-patience]) - min(losses[-patience:]) <= tolerance)


def _moved(parameters, gradients, learning_rate):
    return [p - learning_rate * g for p, g in zip(parameters, gradients, strict=True)]


# --- Inputs ----------------------------------------------------------------------------------


def accuracy_cases(rng):
    """Two classes and more, all right, none right, one sample, the same labels in other places."""

    def wrong_in(labels, classes, places):
        predicted = labels.copy()
        predicted[places] = (labels[places] + rng.integers(1, classes, len(places))) % classes
        return predicted

    one, few = rng.integers(1, 4, 1), rng.integers(0, 3, 7)
    turned = rng.permutation([0, 0, 1, 1, 2, 2])
    paired = rng.permutation(np.repeat(np.arange(4), 3))
    swapped = _swapped(paired, rng)
    many = rng.integers(0, 10, 30)
    wrong = rng.choice(30, 19, replace=False)
    mixed_up = wrong_in(many, 10, wrong)
    mixed_up[wrong[0]] = (many[wrong[0]] + 5) % 10
    zeros = np.zeros(8, dtype=np.int64)
    twos = zeros.copy()
    twos[rng.choice(7, 3, replace=False)] = 2
    high = rng.integers(10, 30, 9)
    right = rng.integers(0, 3, 5)
    return [
        Case((np.array([1, 0, 1, 1]), np.array([1, 0, 0, 1]))),
        Case((one, one.copy())),
        Case((one, one - 1)),
        Case((right, right.copy())),
        Case(((turned + 1) % 3, turned)),
        Case((wrong_in(few, 3, np.array([0, int(rng.integers(1, 6))])), few)),
        Case((wrong_in(few[::-1].copy(), 3, np.array([2, 6])), few[::-1].copy())),
        Case((twos, zeros)),
        Case((np.where(np.arange(9) % 4 == 1, high - 3, high), high)),
        Case((swapped, paired)),
        Case((mixed_up, many)),
    ]


def _swapped(labels, rng):
    """Let two pairs of unlike labels change places: the same labels, four of them wrong."""
    while True:
        a, b, c, d = rng.choice(len(labels), 4, replace=False)
        if labels[a] != labels[b] and labels[c] != labels[d]:
            changed = labels.copy()
            changed[[a, b, c, d]] = labels[[b, a, d, c]]
            return changed


SPLIT_SMALL = (  # samples, fraction, inputs; how many to hold out is never exactly in the middle
    (5, 0.2, 2), (7, 0.25, 2), (5, 0.25, 1), (7, 0.1, 3), (2, 0.5, 2), (6, 0.7, 2), (4, 0.4, 4),
)  # fmt: skip


def split_cases(rng):
    """Small ones for the sizes, large ones for what chance does; twice with the same seed."""
    seeds = [int(seed) for seed in rng.choice(np.arange(1, 10_000), 14, replace=False)]
    cases = []
    for samples, fraction, inputs in SPLIT_SMALL:
        x, labels = _samples(rng, samples, inputs, 2)
        cases.append(Case((x, labels, fraction, Rng(seeds.pop()))))
    x, labels = _samples(rng, 60, 3, 3)
    same = seeds.pop()
    for seed in (same, same, seeds.pop(), seeds.pop()):
        cases.append(Case((x, labels, 0.25, Rng(seed))))
    x, labels = _samples(rng, 80, 1, 4)
    cases.append(Case((x, np.sort(labels), 0.5, Rng(seeds.pop()))))
    x, labels = _samples(rng, 100, 2, 3)
    cases.append(Case((x, labels, 0.29, Rng(seeds.pop()))))
    x, labels = _samples(rng, 300, 2, 5)
    cases += [Case((x, labels, 0.3, Rng(seeds.pop()))) for _ in range(2)]
    return cases


def _samples(rng, samples, inputs, classes):
    """Draw rows of which no two share a number in any column, so that each is known again."""
    numbers = np.arange(-999, 1000) / 100
    x = np.stack([rng.choice(numbers, samples, replace=False) for _ in range(inputs)], axis=1)
    return x, rng.permutation(np.arange(samples) % classes)


def standardise_cases(rng):
    """Tall, wide and square; columns of other sizes; constant ones, whole rows of them.

    Where a column is constant, its number is small and whole and the rows are 4 or 8, so
    that every way to work out mean and deviation gives them exactly.
    """

    def table(rows, columns, spread=2.0):
        return rng.normal(rng.normal(0, 3, columns), spread, (rows, columns)).round(2)

    def constant(rows, columns, *where):
        made = table(rows, columns)
        for column in where:
            made[:, column] = float(rng.integers(2, 8))
        return made

    whole = constant(4, 3, 0, 2)
    some = constant(8, 2, 1)
    some_other = table(3, 2)
    some_other[0, 1] = some[0, 1]
    zero = table(4, 2)
    zero[:, 0] = 0.0
    one = rng.integers(1, 6, (1, 3)).astype(np.float64)
    sizes = np.array([2000.0, 3e-4, 20.0])  # a small deviation isn't 0
    return [
        Case((np.array([[1.0, 7.0], [3.0, 7.0]]), np.array([[5.0, 8.0]]))),
        Case((_uneven(table, 5, 2), _uneven(table, 3, 2))),
        Case((_uneven(table, 3, 1), table(1, 1))),
        Case((_uneven(table, 4, 4), _uneven(table, 4, 4))),
        Case((_uneven(table, 3, 5), _uneven(table, 2, 5))),
        Case((zero, _away(rng, 3, 2))),
        Case((whole, _away(rng, 2, 3, whole[0]))),
        Case((some, some_other)),
        Case((one, _away(rng, 2, 3, one[0]))),
        Case(((_uneven(table, 7, 3, 1.0) * sizes).round(6), (table(4, 3, 1.0) * sizes).round(6))),
    ]


def _uneven(table, rows, columns, spread=2.0):
    """Draw a table of which no column and no row is nearly constant."""
    while True:
        drawn = table(rows, columns, spread)
        spreads = [drawn.std(axis=0)] + ([drawn.std(axis=1)] if columns > 1 else [])
        if rows == 1 or all(s.min() > 0.3 for s in spreads):
            return drawn


def _away(rng, rows, columns, start=0.0):
    """Draw a table whose numbers all lie well away from `start`."""
    far = rng.uniform(0.5, 4.0, (rows, columns)) * rng.choice([-1.0, 1.0], (rows, columns))
    return (start + far).round(2)


BATCHES_SMALL = ((10, 4), (6, 3), (5, 2), (1, 1), (1, 4), (3, 5), (7, 7), (4, 1))


def batches_cases(rng):
    """Batches that divide the samples and that don't, larger than all, of one; a seed twice."""
    seeds = [int(seed) for seed in rng.choice(np.arange(1, 10_000), 16, replace=False)]
    same = seeds.pop()
    return [
        *(Case((samples, size, Rng(seeds.pop()))) for samples, size in BATCHES_SMALL),
        *(Case((60, 4, Rng(seed))) for seed in (same, same, seeds.pop())),
        Case((62, 8, Rng(seeds.pop()))),
        Case((40, 1, Rng(seeds.pop()))),
        Case((30, 50, Rng(seeds.pop()))),
        Case((300, 32, Rng(seeds.pop()))),
    ]


def epoch_cases(rng):
    """Batches of unlike lengths and of one, a single one of all, a square table of weights."""
    cases = []
    for samples, inputs, classes, size in (
        (4, 2, 2, 2), (5, 2, 3, 2), (3, 3, 2, 1), (4, 4, 4, 3), (6, 3, 2, 6), (10, 2, 3, 4),
        (9, 1, 2, 2),
    ):  # fmt: skip
        order = _unsorted(rng, samples)
        batches = [order[start : start + size] for start in range(0, samples, size)]
        text = "(parameters, x_batch, labels_batch) -> [slopes in the weights, slopes in the bias]"
        x = rng.normal(0.5, 1.5, (samples, inputs)).round(2)
        labels = rng.permutation(np.arange(samples) % max(classes - (size == 4), 2))
        start = [rng.normal(0, 1, (inputs, classes)).round(2), rng.normal(0, 1, classes).round(2)]
        rate = round(float(rng.uniform(0.15, 0.4)), 2)
        gradients = Given("least squares", (classes,), text)
        cases.append(Case((x, labels, start, rate, batches, gradients)))
    return cases


def _unsorted(rng, samples):
    """Draw an order that is no plain one: neither the first nor the last sample at its place."""
    while True:
        order = rng.permutation(samples)
        rising = np.diff(order) > 0
        if (
            order[0] != 0
            and order[-1] not in (0, samples - 1)
            and rising.any()
            and not rising.all()
        ):
            return order


RULES = (  # losses, tolerance and patience, in units of which each float holds any number exactly
    ((9,), 1, 1),
    ((9, 8), 2, 2),
    ((9, 8, 8), 1, 3),
    ((9, 9), 1, 4),
    ((12, 8), 4, 1),
    ((12, 7), 4, 1),
    ((163, 100), 64, 1),
    ((165, 100), 64, 1),
    ((8, 8, 8), 1, 2),
    ((20, 8, 8), 1, 2),
    ((20, 12, 10, 8, 9), 4, 3),
    ((20, 6, 14, 15), 2, 2),
    ((9, 5, 5, 5), 0, 2),
    ((9, 5, 5, 4), 0, 2),
    ((5, 20, 18, 12), 1, 2),
    ((30, 6, 7, 6, 7), 1, 2),
    ((20, 10, 4, 11), 1, 2),
    ((20, 10, 4, 4), 1, 2),
    ((20, 10, 12, 4, 11, 13), 1, 4),
    ((14, 11, 8, 9, 3), 4, 2),
    ((30, 20, 12, 18, 17, 19, 16), 1, 5),
    ((5, 20, 18, 17, 16, 15), 1, 2),
    ((20, 4, 12, 6, 9), 1, 3),
    ((20, 18, 16, 14, 12), 3, 4),
    ((10, 10, 10, 10, 3), 1, 2),
    ((10, 7, 4), 4, 1),
    ((30, 10, 9, 9), 2, 2),
    ((30, 10, 4, 16), 2, 2),
    ((30, 12, 20, 11, 14, 11), 2, 3),
    ((40, 31, 25, 20, 16, 13, 15, 13, 14, 12, 13, 14), 2, 5),
    ((40, 30, 21, 15, 11, 8, 9, 10), 1, 4),
)


def converged_cases(rng):
    """Take the chapter's example, then all `RULES`, each in a unit drawn anew."""
    short = [1.0, 0.6, 0.5, 0.52, 0.499]
    cases = [Case((short, 0.01, 2)), Case((short[:4], 0.01, 2))]
    for losses, tolerance, patience in RULES:
        unit, more = int(rng.integers(1, 25)) / 64, int(rng.integers(0, 6))
        numbers = [(loss + more) * unit for loss in losses]
        cases.append(Case((numbers, tolerance * unit, patience)))
    # A fall that is large only when it is seen as a share, and two that are just too large.
    unit, little = int(rng.integers(1, 4)) / 64, 2.0**-17
    cases.append(Case(([8 * unit, 4 * unit], 8 * unit, 1)))
    cases.append(Case(([1.0, 1.0 - little], 0.0, 1)))
    cases.append(Case(([0.5, 0.75, 0.5 - 2.0**-10 - little], 2.0**-10, 1)))
    return cases


# --- Looking at answers of which many are right: what chance must have done, and what not ------

LARGE = 30  # samples; in smaller cases chance may look like anything
MANY = 300  # samples, of which any quarter, or any batch, must show that chance took from all
SHORTEST = 15  # samples in a part, below which an order says nothing


def _in_disorder(order, labels=None):
    """Say whether an order looks drawn by chance; a drawn one is denied less than once in 10^9."""
    length = len(order)
    if length < SHORTEST:
        return True
    steps = np.diff(order)
    rising = float(np.mean(steps > 0))
    if length < 36:
        return 0.0 < rising < 1.0
    if not 0.1 < rising < 0.9:
        return False
    if max(np.sum(steps == 1), np.sum(steps == -1)) > length / 3:
        return False
    if length >= 90 and not _unrelated(np.arange(length), order):
        return False
    return labels is None or _mixed_classes(labels)


def _mixed_classes(labels):
    """Say whether the classes alternate, rather than stand in one block each."""
    classes = len(np.unique(labels))
    return classes < 3 or int(np.sum(np.diff(labels) != 0)) >= classes


def _unrelated(places, order):
    """Say whether early places don't go with low numbers; by chance 7 deviations never happen."""
    a, b = places - np.mean(places), order - np.mean(order)
    size = math.sqrt(float(a @ a) * float(b @ b))
    return size == 0 or abs(float(a @ b)) / size < 7 / math.sqrt(len(order) - 1)


def _groups(cases, seen, of):
    """Return the numbers of the cases that differ by their seed only, where there are several."""
    groups = {}
    for number, case in enumerate(cases):
        if seen[number] is not None:
            groups.setdefault(of(case), []).append(number)
    return [group for group in groups.values() if len(group) > 1]


def _follows_rng(cases, seen, group, number):
    """Say whether the same seed gave the same, and other seeds gave something else."""
    seed = cases[number].args[-1].seed
    others = [n for n in group if n != number]
    same = [n for n in others if cases[n].args[-1].seed == seed]
    unlike = [n for n in others if cases[n].args[-1].seed != seed]
    repeats = all(seen[n] == seen[number] for n in same)
    changes = not any(a == b for n in unlike for a, b in zip(seen[n], seen[number], strict=True))
    return repeats, changes


def _hushed(cases, looked, keys, details):
    """Let a small case speak of chance only where the large ones have nothing to say.

    With 5 samples a wrong shuffle may be right by luck, so that the same mistake would
    look like this today and like that tomorrow.
    """
    large = [found for case, found in zip(cases, looked, strict=True) if _is_large(case)]
    if not any(found.get(key) is False for found in large for key in keys):
        return looked
    return [
        found if _is_large(case)
        else {k: True if k in keys else v for k, v in found.items() if k not in details}
        for case, found in zip(cases, looked, strict=True)
    ]  # fmt: skip


def _is_large(case):
    first = case.args[0]
    return (len(first) if isinstance(first, np.ndarray) else first) >= LARGE


def look_at_split(cases, values):
    """Say what a split does: form, sizes, who is where, and whether chance decided it."""
    looked, seen = [], []
    for case, value in zip(cases, values, strict=True):
        found, orders = _split_of(case, value)
        looked.append(found)
        seen.append(orders)
    for group in _groups(cases, seen, lambda case: (case.args[0].tobytes(), case.args[2])):
        if len({len(seen[number][1]) for number in group}) > 1:
            # Sizes that are drawn may be right by luck; say of all large cases the one thing.
            return [
                dict.fromkeys(SPLIT_SAYS, True) | {"size_fixed": not _is_large(case)}
                for case in cases
            ]
        for number in group:
            repeats, changes = _follows_rng(cases, seen, group, number)
            looked[number] |= {"repeatable": repeats, "new_draw": changes}
    drawn = [i for i, found in enumerate(looked) if "chosen" in found]
    for part, key in enumerate(("train_shuffled", "held_out_shuffled")):
        if len(drawn) > 3 and _one_never_moves([(seen[i][part], cases[i].args[1]) for i in drawn]):
            for i in drawn:
                looked[i][key] = False
    keys, details = ("repeats", "apart", "labels"), ("old_labels", "old_rows")
    return _hushed(cases, looked, keys, details)


def _split_of(case, value):
    """Return the properties of one split, and who is in its two parts where that is known."""
    x, labels, fraction = case.args[:3]
    if not isinstance(value, list | tuple) or len(value) != 4:
        return {"form": False}, None
    parts = [as_numbers(part) for part in value]
    if any(part is None or part.dtype.kind not in "iubf" for part in parts):
        return {"form": False}, None
    dimensions = [part.ndim for part in parts]
    wanted = [2, 1, 2, 1]
    if any(n != w and part.size for n, w, part in zip(dimensions, wanted, parts, strict=True)):
        return {"form": True, "order": False, "dimensions": dimensions}, None
    x_train, labels_train, x_out, labels_out = parts
    held_out = round(fraction * len(x))
    sizes = len(x_train), len(x_out)
    right = len(x) - held_out, held_out
    found = {
        "form": True,
        "order": True,
        "size_fixed": True,
        "together": (len(labels_train), len(labels_out)) == sizes,
        "exchanged": sizes == right or sizes != right[::-1],
        "held_out_size": sizes[1] == right[1],
        "train_size": sizes[0] == right[0],
    }
    train, out = (_rows_of(part, x) for part in (x_train, x_out))
    found["rows"] = train is not None and out is not None
    if not found["rows"]:
        return found, None
    if found["together"]:
        found |= _who_is_where(train, out, labels_train.ravel(), labels_out.ravel(), labels)
        if _is_large(case):
            found |= _chance_in(train, out, labels)
    return found, (train, out, frozenset(out))


def _rows_of(part, x):
    """Return for each row of a part which row of x it is; None where one is none of them."""
    if len(part) == 0:
        return ()
    if part.shape[1:] != x.shape[1:] or not np.isfinite(part).all():
        return None
    nearest = [int(np.argmin(np.abs(x[:, 0] - number))) for number in part[:, 0].astype(float)]
    return tuple(nearest) if np.allclose(part, x[nearest], 1e-6, 1e-9) else None


def _one_never_moves(orders):
    """Say whether the first or the last sample stands at one end of every order."""
    return any(
        all(order and order[place] == end % len(labels) for order, labels in orders)
        for place in (0, -1)
        for end in (0, -1)
    )


def _who_is_where(train, out, labels_train, labels_out, labels):
    """Say whether each sample is in one place, with its own label."""
    given = np.concatenate([labels_train, labels_out])
    found = {
        "repeats": len(set(train)) == len(train) and len(set(out)) == len(out),
        "apart": not set(train) & set(out),
        "labels": bool(np.array_equal(given, labels[[*train, *out]])),
    }
    if not found["labels"]:
        turned = np.concatenate([labels_out, labels_train])
        found["old_labels"] = any(np.array_equal(g, labels) for g in (given, turned))
        places = list(range(len(labels)))
        found["old_rows"] = places in ([*train, *out], [*out, *train])
    return found


def _chance_in(train, out, labels):
    """Say whether chance seems to have chosen the held-out samples, and ordered both parts."""
    steps = np.diff(np.sort(np.array(out, dtype=np.int64)))
    drawn = len(out) < SHORTEST or len(set(steps.tolist())) > 1
    if len(labels) >= MANY:
        drawn = drawn and len({4 * number // len(labels) for number in out}) == 4
    return {
        "chosen": drawn,
        "train_shuffled": _in_disorder(np.array(train), labels[list(train)]),
        "held_out_shuffled": _in_disorder(np.array(out), labels[list(out)]),
    }


SPLIT_SAYS = {
    "form": "split must return four things, each an array of numbers: x_train, labels_train, "
    "x_held_out, labels_held_out.",
    "order": "The four results must come in this order: x_train, labels_train, x_held_out, "
    "labels_held_out. The two x have a row for each sample, the two labels one number.",
    "size_fixed": "How many samples are held out changes from call to call, although x and the "
    "fraction stay the same. Only which ones they are is left to chance.",
    "together": "In one of the two parts there are more rows than labels, or fewer. Each row "
    "needs its label.",
    "exchanged": "The training part has the size that the held-out part should have, and the "
    "other way round. held_out_fraction is the share that is held out.",
    "held_out_size": "The number of held-out samples isn't right. It is their share of all "
    "samples, rounded to the nearest whole number.",
    "train_size": "The training part must hold every sample that isn't held out, and no other.",
    "rows": "Among the rows that come back one isn't a row of x. A row must stay as it is, all "
    "its numbers together and in their order.",
    "repeats": "In one of the parts a sample comes more than once. Each sample must be in "
    "exactly one place.",
    "apart": "A sample is in both parts. Then the held-out set is no longer unseen.",
    "labels": "A row has got the label of another row. Rows and labels must move together.",
    "chosen": "Your held-out samples lie in x as neighbours or in a regular pattern. Chance "
    "must choose them, through rng, from all of x.",
    "train_shuffled": "The training part isn't in a shuffled order: it still shows the order of x.",
    "held_out_shuffled": "The held-out part isn't in a shuffled order: it still shows the order "
    "of x.",
    "repeatable": "Two calls with the same x, and with two generators of the same seed, gave "
    "different parts. All chance must come from rng.",
    "new_draw": "Calls with generators of different seeds gave the same part in the same "
    "order. Chance must come from rng.",
}


def look_at_batches(cases, values):
    """Say what batches do: form, lengths, who is where, and whether chance decided it."""
    looked, seen = [], []
    for case, value in zip(cases, values, strict=True):
        batches, found = _batches_in(case, value)
        looked.append(found if batches is None else _batches_of(case, batches))
        seen.append(None if batches is None else _kept(batches))
    for group in _groups(cases, seen, lambda case: case.args[:2]):
        for number in group:
            if _is_large(cases[number]) and "mixed" in looked[number]:
                repeats, changes = _follows_rng(cases, seen, group, number)
                looked[number] |= {"repeatable": repeats, "new_draw": changes}
    if any(found.get("mixed") is False for found in looked):
        # Where whole batches change places, the short one stands anywhere, sometimes last.
        looked = [found | {"last": True} if "last" in found else found for found in looked]
    return _hushed(cases, looked, ("repeats", "lost"), ())


def _kept(batches):
    """Return the order of the samples, and who shares a batch with whom."""
    return tuple(map(tuple, batches)), frozenset(frozenset(batch) for batch in batches)


def _batches_in(case, value):
    """Return the batches as lists of numbers, or None and what is wrong with the form."""
    samples, size = case.args[:2]
    if isinstance(value, np.ndarray) and value.ndim > 0:
        value = [np.asarray(item) for item in value]
    if isinstance(value, Opaque):
        return None, {"form": False, "lazy": value.type == "generator"}
    if not isinstance(value, list | tuple):
        return None, {"form": False}
    parts = [as_numbers(item) for item in value]
    if any(part is None or part.dtype.kind not in "iuf" for part in parts):
        return None, {"form": False}
    if any(part.ndim != 1 for part in parts):
        flat = all(part.ndim == 0 for part in parts)
        length = {samples: "all", min(size, samples): "one batch"}.get(len(parts), "")
        return None, {"form": False, "flat": length if flat else ""}
    if any(part.dtype.kind == "f" and part.size for part in parts):
        return None, {"form": True, "whole": False}
    return [part.astype(np.int64).tolist() for part in parts], None


def _batches_of(case, batches):
    samples, size = case.args[:2]
    numbers = [number for batch in batches for number in batch]
    lengths = [len(batch) for batch in batches if batch]
    right = [size] * (samples // size) + [samples % size] * (samples % size > 0)
    found = {
        "form": True,
        "whole": True,
        "in_range": all(0 <= number < samples for number in numbers),
        "none_empty": len(lengths) == len(batches),
        "repeats": len(set(numbers)) == len(numbers),
        "lost": set(range(samples)) <= set(numbers),
        "lengths": sorted(lengths) == sorted(right),
        "last": lengths == right or sorted(lengths) != sorted(right),
    }
    if not found["lengths"]:
        found |= {"count": len(lengths), "longest": max(lengths, default=0)}
    if samples >= LARGE:
        found["mixed"] = _samples_mixed(batches, samples)
        if not found["mixed"]:
            found["mixed_at_all"] = _how_little(batches)
    return found


def _samples_mixed(batches, samples):
    """Say whether a batch holds samples from anywhere, not neighbours."""
    several = [batch for batch in batches if len(batch) > 1]
    if not several:
        return _in_disorder(np.array([number for batch in batches for number in batch]))
    if len(several) < 4:
        return True
    close = sum(max(batch) - min(batch) == len(batch) - 1 for batch in several)
    if close > len(several) / 2:
        return False
    if samples < MANY:
        return True
    places = np.concatenate([np.full(len(batch), i) for i, batch in enumerate(batches)])
    return _unrelated(places, np.array([number for batch in batches for number in batch]))


def _how_little(batches):
    """Say what moves where neighbours stay together."""
    inside = any(batch != sorted(batch) for batch in batches)
    firsts = [min(batch) for batch in batches if batch]
    return ("samples" if inside else "") + (" batches" if firsts != sorted(firsts) else "")


BATCHES_SAY = {
    "form": "one_epoch_batches must return a list. Each of its items is one batch: a "
    "one-dimensional array of sample numbers.",
    "whole": "Sample numbers must be whole numbers (int): they are used to pick rows.",
    "in_range": "A number in your batches belongs to no sample: they are numbered from 0 to "
    "samples − 1.",
    "none_empty": "One of your batches is empty. A batch holds at least one sample.",
    "repeats": "A sample comes more than once. In one epoch each sample has one turn.",
    "lost": "A sample is in none of your batches. In one epoch each sample has its turn.",
    "lengths": "The lengths of your batches aren't right. Each holds batch_size samples; only "
    "the last may hold fewer, when no more are left.",
    "last": "The short batch stands before others. Only the last may be shorter.",
    "mixed": "The samples aren't shuffled: neighbours by number share a batch, or follow one "
    "another. Any sample may be in any batch.",
    "repeatable": "Two calls with generators of the same seed gave different batches. All "
    "chance must come from rng.",
    "new_draw": "Calls with generators of different seeds put the same samples together. "
    "Chance must come from rng.",
}


# --- Wrong ways that take more than a line -----------------------------------------------------


def _return_in_loop(predicted, labels):
    right = 0
    for p, y in zip(predicted, labels, strict=True):
        if p == y:
            right += 1
        return right / len(labels)


def _return_in_if(predicted, labels):
    right = 0
    for p, y in zip(predicted, labels, strict=True):
        if p == y:
            right += 1
            return right / len(labels)


def _last_sample_lost(predicted, labels):
    right = 0
    for i in range(len(labels) - 1):
        right += predicted[i] == labels[i]
    return float(right / len(labels))


def _every_pair(predicted, labels):
    return float(sum(p == y for p in predicted for y in labels) / len(labels))


def _in_common(predicted, labels):
    return sum((Counter(predicted.tolist()) & Counter(labels.tolist())).values()) / len(labels)


def _mean_of_classes(predicted, labels):
    return float(np.mean([np.mean(predicted[labels == k] == k) for k in np.unique(labels)]))


def _ratio(a, b):
    with np.errstate(all="ignore"):
        return np.float64(a) / np.float64(b)


def _if_on_an_array(predicted, labels):
    return 1.0 if predicted == labels else 0.0


def _cut(x, labels, order, held_out):
    """Return the four parts of an order."""
    out, train = order[:held_out], order[held_out:]
    return x[train], labels[train], x[out], labels[out]


def _share(x, fraction):
    return round(fraction * len(x))


def _with_size(size):
    """Return a right split but for the number of held-out samples."""
    return lambda x, labels, held_out_fraction, rng: _cut(
        x, labels, rng.permutation(len(x)), size(len(x), held_out_fraction)
    )


def _with_order(draw):
    """Return a right split but for the order, which `draw` takes from the generator."""
    return lambda x, labels, held_out_fraction, rng: _cut(
        x, labels, draw(len(x), rng), _share(x, held_out_fraction)
    )


def _negative_slices(x, labels, held_out_fraction, rng):
    order, k = rng.permutation(len(x)), int(held_out_fraction * len(x))
    train, out = order[:-k], order[-k:]
    return x[train], labels[train], x[out], labels[out]


def _held_out_at_the_end(x, labels, held_out_fraction, rng):
    k = len(x) - _share(x, held_out_fraction)
    return x[:k].copy(), labels[:k].copy(), x[k:].copy(), labels[k:].copy()


def _labels_apart(x, labels, held_out_fraction, rng):
    k = _share(x, held_out_fraction)
    x, labels = x[rng.permutation(len(x))], labels[rng.permutation(len(x))]
    return x[k:], labels[k:], x[:k], labels[:k]


def _labels_apart_in_place(x, labels, held_out_fraction, rng):
    k = _share(x, held_out_fraction)
    rng.shuffle(x)
    rng.shuffle(labels)
    return x[k:], labels[k:], x[:k], labels[:k]


def _labels_stay(x, labels, held_out_fraction, rng):
    k = _share(x, held_out_fraction)
    x = x[rng.permutation(len(x))]
    return x[k:], labels[k:].copy(), x[:k], labels[:k].copy()


def _labels_stay_in_place(x, labels, held_out_fraction, rng):
    k = _share(x, held_out_fraction)
    rng.shuffle(x)
    return x[k:], labels[k:], x[:k], labels[:k]


def _labels_stay_as_a_part(x, labels, held_out_fraction, rng):
    k = _share(x, held_out_fraction)
    x = rng.permutation(x)
    return x[k:], labels[k:], x[:k], labels[:k]


def _only_labels(x, labels, held_out_fraction, rng):
    k = _share(x, held_out_fraction)
    labels = labels[rng.permutation(len(x))]
    return x[k:].copy(), labels[k:], x[:k].copy(), labels[:k]


def _only_labels_beside_a_part(x, labels, held_out_fraction, rng):
    k = _share(x, held_out_fraction)
    labels = rng.permutation(labels)
    return x[k:], labels[k:], x[:k], labels[:k]


def _exchanged(x, labels, held_out_fraction, rng):
    x_train, labels_train, x_out, labels_out = split(x, labels, held_out_fraction, rng)
    return x_out, labels_out, x_train, labels_train


def _as_scikit_learn(x, labels, held_out_fraction, rng):
    x_train, labels_train, x_out, labels_out = split(x, labels, held_out_fraction, rng)
    return x_train, x_out, labels_train, labels_out


def _changing_x(x, labels, held_out_fraction, rng):
    order, k = rng.permutation(len(x)), _share(x, held_out_fraction)
    x[:], labels[:] = x[order], labels[order]
    return x[k:], labels[k:], x[:k], labels[:k]


def _drawn_twice(x, labels, held_out_fraction, rng):
    k = _share(x, held_out_fraction)
    train, out = rng.permutation(len(x))[k:], rng.permutation(len(x))[:k]
    return x[train], labels[train], x[out], labels[out]


def _all_in_training(x, labels, held_out_fraction, rng):
    order = rng.permutation(len(x))
    out = order[: _share(x, held_out_fraction)]
    return x[order], labels[order], x[out], labels[out]


def _one_lost(x, labels, held_out_fraction, rng):
    order, k = rng.permutation(len(x)), _share(x, held_out_fraction)
    out, train = order[:k], order[k + 1 :]
    return x[train], labels[train], x[out], labels[out]


def _last_lost(x, labels, held_out_fraction, rng):
    order, k = rng.permutation(len(x)), _share(x, held_out_fraction)
    out, train = order[:k], order[k:-1]
    return x[train], labels[train], x[out], labels[out]


def _by_coin(x, labels, held_out_fraction, rng):
    out = rng.random(len(x)) < held_out_fraction
    return x[~out], labels[~out], x[out], labels[out]


def _rest_in_order(x, labels, held_out_fraction, rng):
    out = rng.choice(len(x), _share(x, held_out_fraction), replace=False)
    train = np.setdiff1d(np.arange(len(x)), out)
    return x[train], labels[train], x[out], labels[out]


def _both_in_order(x, labels, held_out_fraction, rng):
    out = np.zeros(len(x), dtype=bool)
    out[rng.choice(len(x), _share(x, held_out_fraction), replace=False)] = True
    return x[~out], labels[~out], x[out], labels[out]


def _held_out_in_order(x, labels, held_out_fraction, rng):
    order, k = rng.permutation(len(x)), _share(x, held_out_fraction)
    out, train = np.sort(order[:k]), order[k:]
    return x[train], labels[train], x[out], labels[out]


def _cut_first(shuffle_out, at_the_end):
    """Return a split whose parts are cut before they are shuffled."""

    def answer(x, labels, held_out_fraction, rng):
        k = _share(x, held_out_fraction)
        places = np.arange(len(x))
        out, train = (
            (places[len(x) - k :], places[: len(x) - k]) if at_the_end else (places[:k], places[k:])
        )
        train = rng.permutation(train)
        out = rng.permutation(out) if shuffle_out else out
        return x[train], labels[train], x[out], labels[out]

    return answer


def _measured(train):
    """Return mean and deviation by column, 1 where nothing deviates."""
    deviation = train.std(axis=0)
    return train.mean(axis=0), np.where(deviation == 0, 1.0, deviation)


def _unprotected(train, axis=0, **options):
    return train.mean(axis=axis, **options), train.std(axis=axis, **options)


def _both(train, other, mean, deviation):
    with np.errstate(all="ignore"):
        return (train - mean) / deviation, (other - mean) / deviation


def _one_or(deviation):
    return np.where(deviation == 0, 1.0, deviation)


def _own(measure):
    """Return an answer that gives each part numbers of its own."""

    def answer(train, other):
        return _both(train, other, *measure(train))[0], _both(other, other, *measure(other))[0]

    return answer


def _together(measure):
    return lambda train, other: _both(train, other, *measure(np.concatenate([train, other])))


def _spread_of_one_less(train, other):
    return _both(train, other, train.mean(axis=0), _one_or(_quiet_spread_of_one_less(train)))


def _spread_of_one_less_with_care(train, other):
    deviation = train.std(axis=0, ddof=1) if len(train) > 1 else np.zeros(train.shape[1])
    return _both(train, other, train.mean(axis=0), _one_or(deviation))


def _quiet_spread_of_one_less(train):
    if len(train) == 1:
        return np.full(train.shape[1], np.nan)
    return train.std(axis=0, ddof=1)


def _mean_distance(train, other):
    mean = train.mean(axis=0)
    return _both(train, other, mean, _one_or(np.abs(train - mean).mean(axis=0)))


def _least_to_most(train, other):
    return _both(train, other, train.min(axis=0), _one_or(np.ptp(train, axis=0)))


def _least_to_most_without_care(train, other):
    return _both(train, other, train.min(axis=0), np.ptp(train, axis=0))


def _rows(train, other):
    return _own(lambda t: (t.mean(axis=1, keepdims=True), _one_or(t.std(axis=1, keepdims=True))))(
        train, other
    )


def _rows_without_care(train, other):
    return _own(lambda t: _unprotected(t, axis=1, keepdims=True))(train, other)


def _rows_of_train(train, other):
    return _both(train, other, *_unprotected(train, axis=1, keepdims=True))


def _rows_as_columns(train, other):
    return _both(train, other, *_unprotected(train, axis=1))


def _rows_as_columns_with_care(train, other):
    return _both(train, other, train.mean(axis=1), _one_or(train.std(axis=1)))


def _decided_once(train, whether):
    mean, deviation = train.mean(axis=0), train.std(axis=0)
    if whether(deviation == 0):
        deviation = 1.0
    return mean, deviation


def _in_place(train, other):
    mean, deviation = _measured(train)
    train -= mean
    train /= deviation
    other -= mean
    other /= deviation
    return train, other


def _train_in_place(train, other):
    mean, deviation = _measured(train)
    train -= mean
    train /= deviation
    return train, (other - mean) / deviation


def _other_in_place(train, other):
    mean, deviation = _measured(train)
    other -= mean
    other /= deviation
    return (train - mean) / deviation, other


def _only_where_it_varies(train, other):
    mean, deviation = train.mean(axis=0), train.std(axis=0)
    varies = deviation > 0
    train, other = train.copy(), other.copy()
    train[:, varies] = (train[:, varies] - mean[varies]) / deviation[varies]
    other[:, varies] = (other[:, varies] - mean[varies]) / deviation[varies]
    return train, other


def _constant_erased(train, other):
    mean, deviation = _measured(train)
    varies = train.std(axis=0) > 0
    return (train - mean) / deviation, (other - mean) / deviation * varies


def _turned_finite(train, other):
    return tuple(map(np.nan_to_num, _both(train, other, *_unprotected(train))))


def _constant_dropped(train, other):
    varies = train.std(axis=0) > 0
    return standardise(train[:, varies], other[:, varies])


def _with_tiny(tiny):
    """Return three ways to keep a deviation from being 0 with a tiny number."""
    return (
        lambda train, other: _both(train, other, train.mean(axis=0), train.std(axis=0) + tiny),
        lambda train, other: _both(
            train, other, train.mean(axis=0), np.maximum(train.std(axis=0), tiny)
        ),
        lambda train, other: _both(
            train, other, train.mean(axis=0), np.sqrt(train.var(axis=0) + tiny)
        ),
    )


def _cut_order(order, size):
    return [order[start : start + size] for start in range(0, len(order), size)]


def _dropping(samples, batch_size, rng):
    order = rng.permutation(samples)
    return [order[i * batch_size : (i + 1) * batch_size] for i in range(samples // batch_size)]


def _dropping_the_last(samples, batch_size, rng):
    return one_epoch_batches(samples, batch_size, rng)[:-1]


def _stopping_early(samples, batch_size, rng):
    order = rng.permutation(samples)
    return [order[i : i + batch_size] for i in range(0, samples - batch_size, batch_size)]


def _wrapped(samples, batch_size, rng):
    order = rng.permutation(samples)
    count = math.ceil(samples / batch_size)
    return list(np.resize(order, (count, batch_size)))


def _reaching_back(samples, batch_size, rng):
    order = rng.permutation(samples)
    batches = _cut_order(order, batch_size)
    return [*batches[:-1], order[-batch_size:]]


def _with_empty_end(samples, batch_size, rng):
    order = rng.permutation(samples)
    return [order[i * batch_size : (i + 1) * batch_size] for i in range(samples // batch_size + 1)]


def _with_rest_joined(samples, batch_size, rng):
    order = rng.permutation(samples)
    count = max(samples // batch_size, 1)
    batches = [order[i * batch_size : (i + 1) * batch_size] for i in range(count - 1)]
    return [*batches, order[(count - 1) * batch_size :]]


def _short_one_first(samples, batch_size, rng):
    order = rng.permutation(samples)
    rest = samples % batch_size
    return ([order[:rest]] if rest else []) + _cut_order(order[rest:], batch_size)


def _only_batches_move(samples, batch_size, rng):
    batches = _cut_order(np.arange(samples), batch_size)
    return [batches[i] for i in rng.permutation(len(batches))]


def _only_inside(samples, batch_size, rng):
    return [rng.permutation(batch) for batch in _cut_order(np.arange(samples), batch_size)]


def _inside_and_batches(samples, batch_size, rng):
    batches = _only_inside(samples, batch_size, rng)
    return [batches[i] for i in rng.permutation(len(batches))]


def _each_drawn_anew(replace, shorter):
    """Return batches that know nothing of one another."""

    def answer(samples, batch_size, rng):
        count = math.ceil(samples / batch_size)
        lengths = [batch_size] * count
        if shorter and samples % batch_size:
            lengths[-1] = samples % batch_size
        return [rng.choice(samples, length, replace=replace) for length in lengths]

    return answer


def _each_drawn_anew_whole_batches(samples, batch_size, rng):
    return [rng.choice(samples, batch_size) for _ in range(samples // batch_size)]


def _in_equal_parts(samples, batch_size, rng):
    return np.array_split(rng.permutation(samples), math.ceil(samples / batch_size))


def _so_many_batches(samples, batch_size, rng):
    return np.array_split(rng.permutation(samples), batch_size)


def _so_many_batches_by_length(samples, batch_size, rng):
    return _cut_order(rng.permutation(samples), max(1, samples // batch_size))


def _first_batch_only(samples, batch_size, rng):
    for batch in one_epoch_batches(samples, batch_size, rng):
        return batch


def _first_batch_in_a_list(samples, batch_size, rng):
    return one_epoch_batches(samples, batch_size, rng)[:1]


def _yielded(samples, batch_size, rng):
    yield from one_epoch_batches(samples, batch_size, rng)


def _whole_data(x, labels, parameters, learning_rate, batches, gradients_of):
    for _ in batches:
        parameters = _moved(parameters, gradients_of(parameters, x, labels), learning_rate)
    return parameters


def _whole_data_once(x, labels, parameters, learning_rate, batches, gradients_of):
    return _moved(parameters, gradients_of(parameters, x, labels), learning_rate)


def _all_at_the_start(divided):
    """Return steps whose gradients all belong to the first parameters."""

    def answer(x, labels, parameters, learning_rate, batches, gradients_of):
        total = [0.0 * p for p in parameters]
        for batch in batches:
            gradients = gradients_of(parameters, x[batch], labels[batch])
            total = [t + g for t, g in zip(total, gradients, strict=True)]
        return _moved(parameters, total, learning_rate / (len(batches) if divided else 1))

    return answer


def _first_only(x, labels, parameters, learning_rate, batches, gradients_of):
    return train_epoch(x, labels, parameters, learning_rate, batches[:1], gradients_of)


def _last_only(x, labels, parameters, learning_rate, batches, gradients_of):
    return train_epoch(x, labels, parameters, learning_rate, batches[-1:], gradients_of)


def _all_but_last(x, labels, parameters, learning_rate, batches, gradients_of):
    for batch in batches[:-1]:
        gradients = gradients_of(parameters, x[batch], labels[batch])
        parameters = _moved(parameters, gradients, learning_rate)
    return [p.copy() for p in parameters]


def _short_ones_lost(x, labels, parameters, learning_rate, batches, gradients_of):
    full = [batch for batch in batches if len(batch) == len(batches[0])]
    return train_epoch(x, labels, parameters, learning_rate, full, gradients_of)


def _uphill(x, labels, parameters, learning_rate, batches, gradients_of):
    return train_epoch(x, labels, parameters, -learning_rate, batches, gradients_of)


def _rate_missing(x, labels, parameters, learning_rate, batches, gradients_of):
    return train_epoch(x, labels, parameters, 1.0, batches, gradients_of)


def _arrays_changed(x, labels, parameters, learning_rate, batches, gradients_of):
    for batch in batches:
        gradients = gradients_of(parameters, x[batch], labels[batch])
        for p, g in zip(parameters, gradients, strict=True):
            p -= learning_rate * g  # noqa: PLW2901 - the mistake itself
    return parameters


def _one_by_one(order):
    """Return steps in which the parameters, moved in this order, don't wait for one another."""

    def answer(x, labels, parameters, learning_rate, batches, gradients_of):
        parameters = list(parameters)
        for batch in batches:
            for i in order:
                gradient = gradients_of(parameters, x[batch], labels[batch])[i]
                parameters[i] = parameters[i] - learning_rate * gradient
        return parameters

    return answer


def _labels_whole(x, labels, parameters, learning_rate, batches, gradients_of):
    for batch in batches:
        gradients = gradients_of(parameters, x[batch], labels)
        parameters = _moved(parameters, gradients, learning_rate)
    return parameters


def _x_whole(x, labels, parameters, learning_rate, batches, gradients_of):
    for batch in batches:
        gradients = gradients_of(parameters, x, labels[batch])
        parameters = _moved(parameters, gradients, learning_rate)
    return parameters


def _labels_of_others(x, labels, parameters, learning_rate, batches, gradients_of):
    for batch in batches:
        gradients = gradients_of(parameters, x[batch], labels[: len(batch)])
        parameters = _moved(parameters, gradients, learning_rate)
    return parameters


def _labels_in_a_row(x, labels, parameters, learning_rate, batches, gradients_of):
    start = 0
    for batch in batches:
        gradients = gradients_of(parameters, x[batch], labels[start : start + len(batch)])
        parameters = _moved(parameters, gradients, learning_rate)
        start += len(batch)
    return parameters


def _rate_divided(divisor):
    """Return steps that divide once more: by what `divisor` makes of batch, batches and x."""

    def answer(x, labels, parameters, learning_rate, batches, gradients_of):
        for batch in batches:
            gradients = gradients_of(parameters, x[batch], labels[batch])
            rate = learning_rate / divisor(batch, batches, x)
            parameters = _moved(parameters, gradients, rate)
        return parameters

    return answer


def _gradients_returned(x, labels, parameters, learning_rate, batches, gradients_of):
    for batch in batches:
        gradients = gradients_of(parameters, x[batch], labels[batch])
        parameters = _moved(parameters, gradients, learning_rate)
    return gradients


def _in_order(arrange):
    """Return an epoch whose batches are rearranged first."""
    return lambda x, labels, parameters, learning_rate, batches, gradients_of: train_epoch(
        x, labels, parameters, learning_rate, arrange(batches), gradients_of
    )


def _rows_in_a_row(batches):
    ends = np.cumsum([len(batch) for batch in batches])
    return [np.arange(end - len(batch), end) for end, batch in zip(ends, batches, strict=True)]


def _single_row(every):
    """Return an epoch that hands out rows one by one, no longer tables, of every batch or none."""

    def answer(x, labels, parameters, learning_rate, batches, gradients_of):
        rows = [i for batch in batches for i in batch] if every else range(len(batches))
        for i in rows:
            gradients = gradients_of(parameters, x[i], labels[i])
            parameters = _moved(parameters, gradients, learning_rate)
        return parameters

    return answer


def _only_parameter(number):
    """Return an epoch that moves one of the parameters only."""

    def answer(x, labels, parameters, learning_rate, batches, gradients_of):
        parameters = [p.copy() for p in parameters]
        for batch in batches:
            gradient = gradients_of(parameters, x[batch], labels[batch])[number]
            parameters[number] = parameters[number] - learning_rate * gradient
        return parameters

    return answer


def _list_filled(x, labels, parameters, learning_rate, batches, gradients_of):
    for batch in batches:
        gradients = gradients_of(parameters, x[batch], labels[batch])
        for i in range(len(parameters)):
            parameters[i] = parameters[i] - learning_rate * gradients[i]
    return parameters


def _counter_from_the_lowest(losses, tolerance, patience):
    best, waited = math.inf, 0
    for loss in losses:
        waited = 0 if loss < best - tolerance else waited + 1
        best = min(best, loss)
    return waited >= patience


def _rule(before, last, verdict=lambda a, b, tolerance: a - b <= tolerance, least=1, early=False):
    """Return a rule that looks at `before` and `last` parts of the losses, given the patience."""

    def answer(losses, tolerance, patience):
        if len(losses) < patience + least:
            return early
        return bool(verdict(before(losses, patience), last(losses, patience), tolerance))

    return answer


def _before(losses, patience):
    return min(losses[:-patience])


def _last(losses, patience):
    return min(losses[-patience:])


def _mean(numbers):
    return sum(numbers) / len(numbers)


def _steps(losses, patience):
    return [a - b for a, b in zip(losses[-patience - 1 : -1], losses[-patience:], strict=True)]


def _counter(stops_at_once):
    """Return a counter of epochs without a fall larger than the tolerance."""

    def answer(losses, tolerance, patience):
        best, waited = math.inf, 0
        for loss in losses:
            if loss < best - tolerance:
                best, waited = loss, 0
            else:
                waited += 1
            if stops_at_once and waited >= patience:
                return True
        return waited >= patience

    return answer


def _none_for_false(losses, tolerance, patience):
    if has_converged(losses, tolerance, patience):
        return True
    return None


def _none_for_few(losses, tolerance, patience):
    if len(losses) > patience:
        return has_converged(losses, tolerance, patience)
    return None


def _ever(losses, tolerance, patience):
    return any(has_converged(losses[:n], tolerance, patience) for n in range(1, len(losses) + 1))


# --- Questions ---------------------------------------------------------------------------------

QUESTIONS = (
    Question(
        id="training-accuracy",
        points=1,
        signature="accuracy(predicted, labels)",
        reference=accuracy,
        cases=accuracy_cases,
        read=ACCURACY,
        hints=(
            "Count by hand first: predicted 1 0 1 1, true 1 0 0 1. How many places agree?",
            "Comparing two arrays with == gives True or False for each place. True counts as 1.",
            "What you need is the share: how many are right, divided by how many there are.",
        ),
        mistakes=(
            mistake(
                "count-for-share",
                "A count in place of a share",
                "Your function says how many are right. Accuracy is their share of all samples, "
                "a number from 0 to 1.",
                lambda predicted, labels: int(np.sum(predicted == labels)),
            ),
            mistake(
                "error-rate",
                "The wrong ones are counted",
                "Your function gives the share of wrong answers, the error rate. Accuracy is the "
                "share of right ones.",
                lambda predicted, labels: float(np.mean(predicted != labels)),
            ),
            mistake(
                "percent",
                "Percent in place of a share",
                "Your number runs up to 100. Accuracy is asked for as a share: 1 means that all "
                "are right.",
                lambda predicted, labels: float(100 * np.mean(predicted == labels)),
            ),
            mistake(
                "divided-by-classes",
                "Divided by the number of classes",
                "You divide by how many classes there are. A share of the samples needs the "
                "number of samples.",
                lambda predicted, labels: float(np.sum(predicted == labels) / (labels.max() + 1)),
                lambda predicted, labels: float(
                    np.sum(predicted == labels) / len(np.unique(labels))
                ),
                lambda predicted, labels: float(
                    np.sum(predicted == labels) / len(np.unique(np.append(labels, predicted)))
                ),
                lambda predicted, labels: float(
                    np.sum(predicted == labels) / (predicted.max() + 1)
                ),
            ),
            mistake(
                "rounded",
                "The share is rounded",
                "Your share has lost its last digits. Round only where a number is shown to a "
                "person, not in a result that is worked with.",
                *(
                    lambda predicted, labels, digits=digits: round(
                        float(np.mean(predicted == labels)), digits
                    )
                    for digits in (0, 1, 2, 3, 4)
                ),
            ),
            mistake(
                "sums-compared",
                "The labels are added up",
                "You add up class numbers and compare the sums. A class number is a name, not an "
                "amount: compare place by place.",
                lambda predicted, labels: float(predicted.sum() == labels.sum()),
                lambda predicted, labels: float(_ratio(predicted.sum(), labels.sum())),
            ),
            mistake(
                "distance-of-classes",
                "Distances between class numbers",
                "You measure how far apart the class numbers are. Class 2 in place of class 0 "
                "isn't twice as wrong as class 1: a prediction is right or it isn't.",
                lambda predicted, labels: float(1 - np.mean(np.abs(predicted - labels))),
                lambda predicted, labels: float(np.mean(np.abs(predicted - labels))),
                lambda predicted, labels: float(np.mean(predicted - labels)),
                lambda predicted, labels: float(np.mean((predicted - labels) ** 2)),
                lambda predicted, labels: float(1 - np.mean((predicted - labels) ** 2)),
            ),
            mistake(
                "all-or-nothing",
                "All or nothing",
                "Your function gives 1 where every prediction is right, and 0 otherwise. Either "
                "you ask about the arrays as a whole, or the division drops what comes after the "
                "point. 3 right of 4 is 0.75.",
                lambda predicted, labels: float(np.array_equal(predicted, labels)),
            ),
            mistake(
                "if-on-an-array",
                "A whole array in an if",
                "Comparing two arrays gives many answers, and an if wants one. Count the places "
                "that agree instead.",
                _if_on_an_array,
            ),
            mistake(
                "not-averaged",
                "One answer for each sample",
                "Your function returns right or wrong for each sample. Accuracy is one number "
                "for all of them.",
                lambda predicted, labels: predicted == labels,
            ),
            mistake(
                "return-in-the-loop",
                "Only the beginning is counted",
                "Your function has its answer before it has seen all samples: a return stands "
                "inside the loop, or only the first pair is compared.",
                _return_in_loop,
                _return_in_if,
                lambda predicted, labels: float(predicted[0] == labels[0]),
            ),
            mistake(
                "last-sample-lost",
                "A sample is left out",
                "You never look at the last sample, or never at the first. Every one counts, and "
                "the first has number 0.",
                _last_sample_lost,
                lambda predicted, labels: (
                    float(np.mean(predicted[:-1] == labels[:-1])) if len(labels) > 1 else 0.0
                ),
                lambda predicted, labels: float(np.sum(predicted[1:] == labels[1:]) / len(labels)),
            ),
            mistake(
                "places-ignored",
                "The places don't count",
                "You compare which classes occur, and how often, not where. Each prediction "
                "belongs to the label in the same place.",
                lambda predicted, labels: float(np.mean(np.sort(predicted) == np.sort(labels))),
                _in_common,
                lambda predicted, labels: float(np.mean(np.isin(predicted, labels))),
                lambda predicted, labels: float(np.mean(np.isin(labels, predicted))),
                lambda predicted, labels: len(set(predicted) & set(labels)) / len(set(labels)),
                lambda predicted, labels: len(set(predicted) & set(labels)) / len(labels),
                lambda predicted, labels: (
                    len(set(predicted) & set(labels)) / len(set(predicted) | set(labels))
                ),
                _every_pair,
            ),
            mistake(
                "one-class-only",
                "Class 0 is never right",
                "Your products, or your conditions, count a right answer only where the class "
                "isn't 0. Class 0 is a class like the others.",
                lambda predicted, labels: float(np.mean(predicted * labels)),
                lambda predicted, labels: float(np.mean((predicted == 1) & (labels == 1))),
                lambda predicted, labels: float(np.mean((predicted == labels) & (labels > 0))),
                lambda predicted, labels: float(np.mean(np.logical_and(predicted, labels))),
            ),
            mistake(
                "mean-over-classes",
                "Every class counts alike",
                "You work out a share for each class and take their mean, so a rare class "
                "weighs as much as a common one. In accuracy every sample weighs the same.",
                _mean_of_classes,
            ),
            mistake(
                "argmax-once-more",
                "The class is looked for again",
                "You use argmax, as for a table of probabilities. predicted holds class numbers "
                "already, one for each sample: compare them with the labels as they are.",
                lambda predicted, labels: float(np.mean(predicted.argmax(axis=1) == labels)),
                lambda predicted, labels: float(np.mean(predicted.argmax() == labels)),
                lambda predicted, labels: float(predicted.argmax() == labels.argmax()),
            ),
        ),
    ),
    Question(
        id="training-split",
        points=2,
        signature="split(x, labels, held_out_fraction, rng)",
        reference=split,
        cases=split_cases,
        look=look_at_split,
        say=SPLIT_SAYS,
        read=APART,
        hints=(
            "Don't move the rows themselves at first. Shuffle their numbers, 0 to samples − 1: "
            "rng.permutation can do it.",
            "How many are held out? The fraction times the number of samples, rounded with "
            "Python's own round.",
            "Cut the shuffled numbers in two. Each piece picks rows of x and, with the same "
            "numbers, labels.",
        ),
        mistakes=(
            mistake(
                "not-shuffled",
                "Nothing is shuffled",
                "You cut x as it came. If its rows are in some order, by class for example, the "
                "held-out part is of another kind. Chance must choose, through rng.",
                _with_order(lambda samples, rng: np.arange(samples)),
                _held_out_at_the_end,
                read=BATCHES,
            ),
            mistake(
                "cut-before-shuffling",
                "Cut first, shuffled afterwards",
                "You hold out the rows at one end of x, and shuffle only after the cut. So the "
                "same samples are always held out. Shuffle first.",
                *(_cut_first(out, end) for out in (True, False) for end in (True, False)),
            ),
            mistake(
                "labels-left-behind",
                "The rows move without their labels",
                "You shuffle the rows of x and leave the labels in their old order. Now nearly "
                "every row has a label of another. Both must move together.",
                _labels_stay,
                _labels_stay_in_place,
                _labels_stay_as_a_part,
            ),
            mistake(
                "only-labels-shuffled",
                "The labels move without their rows",
                "You shuffle the labels and leave the rows of x in their old order. Both must "
                "move together.",
                _only_labels,
                _only_labels_beside_a_part,
            ),
            mistake(
                "labels-shuffled-apart",
                "Two shuffles in place of one",
                "Rows and labels are each shuffled on their own, so each gets another order. "
                "Draw one order and use it for both.",
                _labels_apart,
                _labels_apart_in_place,
            ),
            mistake(
                "parts-exchanged",
                "The two parts are exchanged",
                "What you return as the training part has the size of the held-out part, and "
                "the other way round. held_out_fraction is the share that is kept apart.",
                _exchanged,
                _with_size(lambda samples, fraction: samples - round(fraction * samples)),
            ),
            mistake(
                "order-of-results",
                "The results come in another order",
                "You return both x first and both labels afterwards, as scikit-learn does. Here "
                "each x is followed by its own labels.",
                _as_scikit_learn,
            ),
            mistake(
                "cut-off-in-place-of-rounded",
                "The number held out is not rounded to nearest",
                "You hold out one sample too few or too many where the fraction doesn't divide "
                "the samples: you always go down, or always up. The nearest whole number is "
                "asked for.",
                _with_size(lambda samples, fraction: int(fraction * samples)),
                _with_size(lambda samples, fraction: math.ceil(fraction * samples)),
                _with_size(lambda samples, fraction: max(1, int(fraction * samples))),
                _with_size(lambda samples, fraction: samples - int((1 - fraction) * samples)),
                _with_size(lambda samples, fraction: math.floor(fraction * samples) + 1),
                _negative_slices,
            ),
            mistake(
                "size-left-to-chance",
                "How many are held out is left to chance",
                "Your held-out part has another size at each call, as if a coin were tossed for "
                "each sample. Fix the number, and let chance only choose which ones.",
                _by_coin,
            ),
            mistake(
                "drawn-twice",
                "The two parts overlap",
                "Some samples are in both of your parts, so the held-out set isn't unseen. "
                "What is held out must be missing from the training part.",
                _drawn_twice,
                _all_in_training,
            ),
            mistake(
                "with-replacement",
                "Samples are drawn more than once",
                "You draw sample numbers so that one may come again and another never. Shuffling "
                "gives each exactly once.",
                _with_order(lambda samples, rng: rng.integers(0, samples, samples)),
            ),
            mistake(
                "samples-lost",
                "A sample gets lost",
                "Your two parts together have fewer samples than x. Where the one part ends the "
                "other must begin, and it must reach to the end.",
                _one_lost,
                _last_lost,
            ),
            mistake(
                "parts-in-old-order",
                "A part is still in the old order",
                "Chance chooses the samples, but within a part they stand in the order of x. "
                "Both parts should come shuffled.",
                _rest_in_order,
                _both_in_order,
                _held_out_in_order,
                read=BATCHES,
            ),
            mistake(
                "seed-fixed-inside",
                "The same shuffle every time",
                "Your function makes a generator with a seed of its own, so every call gives "
                "the same order. Use the rng that is given.",
                _with_order(lambda samples, rng: np.random.default_rng(0).permutation(samples)),
            ),
            mistake(
                "another-source-of-chance",
                "Chance that isn't from rng",
                "You draw from NumPy's or Python's shared generator, or from a new one. Then "
                "nobody can repeat the split. All chance must come from the given rng.",
                _with_order(lambda samples, rng: np.random.permutation(samples)),  # noqa: NPY002
            ),
            mistake(
                "changed-in-place",
                "The arguments themselves are shuffled",
                "The parts are right, but x and labels themselves have been shuffled on the way, "
                "and their owner finds them changed. Leave them alone: take copies.",
                _changing_x,
            ),
            mistake(
                "shuffle-gives-nothing",
                "Nothing comes back from shuffle",
                "An error says that there is a None. Most likely it is what rng.shuffle returned: "
                "it shuffles the array that it is given, and returns nothing. rng.permutation "
                "returns a new, shuffled one.",
                _with_order(lambda samples, rng: rng.shuffle(np.arange(samples))),
            ),
        ),
    ),
    Question(
        id="training-standardise",
        points=1,
        signature="standardise(train, other)",
        reference=standardise,
        cases=standardise_cases,
        read=STANDARDISE,
        hints=(
            "A column 1, 3 has mean 2 and deviation 1. What becomes of 1, of 3, and of another "
            "part's 5?",
            "Mean and deviation run down the columns: one of each for every column. Both come "
            "from train, also where other is scaled.",
            "A column that never changes has deviation 0. Before you divide, put a 1 in its place.",
        ),
        mistakes=(
            mistake(
                "own-numbers",
                "Each part is scaled with its own numbers",
                "You scale other with numbers of its own: its mean, its deviation, or both. Then "
                "the same sample would become other numbers in other company. Both parts use "
                "those of train.",
                _own(_measured),
                _own(_unprotected),
                lambda train, other: (
                    standardise(train, other)[0],
                    _both(other, other, _measured(train)[0], _measured(other)[1])[0],
                ),
                lambda train, other: (
                    standardise(train, other)[0],
                    _both(other, other, _measured(other)[0], _measured(train)[1])[0],
                ),
            ),
            mistake(
                "numbers-of-all",
                "Mean and deviation of all samples together",
                "You measure train and other together, so the held-out samples have a say in the "
                "training. Measure train alone.",
                _together(_measured),
                _together(_unprotected),
            ),
            mistake(
                "divided-by-zero",
                "A constant column is divided by 0",
                "A column that is constant in train has deviation 0, and you divide by it. The "
                "result is nan, infinite or huge. Such a column is only centred.",
                lambda train, other: _both(train, other, *_unprotected(train)),
                _turned_finite,
            ),
            mistake(
                "tiny-number",
                "A tiny number in place of 0",
                "You keep the deviation from being 0 with a tiny number. Dividing by it blows up "
                "other wherever train is constant. Such a column is divided by 1.",
                *(
                    way
                    for tiny in (1e-8, 1e-12, 1e-10, 1e-9, 1e-7, 1e-6)
                    for way in _with_tiny(tiny)
                ),
            ),
            mistake(
                "one-sample-less",
                "Divided by one sample less",
                "Your deviation divides by the number of samples less one (ddof=1). Here it is "
                "the root of the plain mean.",
                _spread_of_one_less,
                _spread_of_one_less_with_care,
                lambda train, other: _both(
                    train, other, train.mean(axis=0), _quiet_spread_of_one_less(train)
                ),
            ),
            mistake(
                "variance",
                "The variance in place of the deviation",
                "You divide by the mean squared distance. The standard deviation is its root.",
                lambda train, other: _both(
                    train, other, train.mean(axis=0), _one_or(train.var(axis=0))
                ),
                lambda train, other: _both(train, other, train.mean(axis=0), train.var(axis=0)),
            ),
            mistake(
                "mean-distance",
                "The mean distance in place of the deviation",
                "You divide by the mean of the distances. The standard deviation squares them "
                "first, takes the mean, and then the root.",
                _mean_distance,
            ),
            mistake(
                "mean-not-subtracted",
                "The mean stays in",
                "You divide by the deviation but don't subtract the mean. A standardised column "
                "of train has mean 0.",
                lambda train, other: _both(train, other, 0.0, _measured(train)[1]),
                lambda train, other: _both(train, other, 0.0, train.std(axis=0)),
            ),
            mistake(
                "only-centred",
                "Only centred, never scaled",
                "You subtract the mean and stop. Then the columns still have their different "
                "sizes: divide by the deviation too.",
                lambda train, other: _both(train, other, train.mean(axis=0), 1.0),
            ),
            mistake(
                "brackets",
                "Brackets are missing",
                "Python divides before it subtracts: what you take away is the mean divided by "
                "the deviation. Put the difference into brackets.",
                lambda train, other: (
                    train - _measured(train)[0] / _measured(train)[1],
                    other - _measured(train)[0] / _measured(train)[1],
                ),
                lambda train, other: tuple(
                    part - _both(train.mean(axis=0), 0, 0, train.std(axis=0))[0]
                    for part in (train, other)
                ),
            ),
            mistake(
                "rows-for-columns",
                "Rows are measured, not columns",
                "You take mean and deviation along the rows. A column holds one kind of input, "
                "and its numbers belong together: measure down the columns.",
                _rows,
                _rows_without_care,
                _rows_of_train,
                _rows_as_columns,
                _rows_as_columns_with_care,
            ),
            mistake(
                "one-mean-for-all",
                "One mean for the whole table",
                "You take a single mean and a single deviation of all the numbers in train. Each "
                "column has its own.",
                lambda train, other: _both(train, other, train.mean(), _one_or(train.std())),
                lambda train, other: _both(train, other, train.mean(), train.std()),
                lambda train, other: _both(train, other, train.mean(axis=0), _one_or(train.std())),
            ),
            mistake(
                "only-train",
                "Only train comes back",
                "You return one table. Both are asked for, train and other, each scaled.",
                lambda train, other: standardise(train, other)[0],
            ),
            mistake(
                "only-other",
                "Only other comes back",
                "You return one table, other. Both are asked for, train and other, each scaled.",
                lambda train, other: standardise(train, other)[1],
            ),
            mistake(
                "other-as-it-was",
                "The second table is as it was",
                "Your second result is other, hardly touched. Either it isn't scaled, or mean and "
                "deviation were measured after train had been scaled: then they are 0 and 1.",
                lambda train, other: (standardise(train, other)[0], other.copy()),
                lambda train, other: (standardise(train, other)[0], other),
                lambda train, other: (
                    _both(train, other, *_unprotected(train))[0],
                    _both(other, other, *_unprotected(standardise(train, other)[0]))[0],
                ),
            ),
            mistake(
                "changed-in-place",
                "The arguments themselves are changed",
                "The numbers are right, but they are written into the given tables (−= and /= do "
                "that). Whoever called your function has lost the old ones. Make new arrays.",
                _in_place,
                _train_in_place,
                _other_in_place,
            ),
            mistake(
                "constant-not-centred",
                "A constant column is left as it is",
                "You pass over a column that is constant in train. It isn't scaled, but its mean "
                "is still subtracted.",
                _only_where_it_varies,
            ),
            mistake(
                "constant-erased",
                "A constant column becomes 0 everywhere",
                "A column that is constant in train becomes 0 in other as well, or is missing. "
                "But other may differ there, and that difference should be seen.",
                _constant_erased,
                lambda train, other: tuple(
                    np.nan_to_num(part, nan=0.0, posinf=0.0, neginf=0.0)
                    for part in _both(train, other, *_unprotected(train))
                ),
                _constant_dropped,
            ),
            mistake(
                "least-to-most",
                "Scaled from least to most",
                "You scale by the smallest and the largest number. That is another scaling, onto "
                "0 to 1. Here mean and standard deviation are asked for.",
                _least_to_most,
                _least_to_most_without_care,
            ),
            mistake(
                "one-decision-for-all",
                "One decision for all columns",
                "You ask once, with an if, whether the deviation is 0. Each column has its own "
                "deviation: some may be 0 and others not, so each is decided for itself.",
                lambda train, other: _both(train, other, *_decided_once(train, bool)),
                lambda train, other: _both(train, other, *_decided_once(train, np.any)),
                lambda train, other: _both(train, other, *_decided_once(train, np.all)),
            ),
            mistake(
                "tables-exchanged",
                "The two tables are exchanged",
                "You return other first and train second. They come back in the order in which "
                "they were given.",
                lambda train, other: standardise(train, other)[::-1],
            ),
        ),
    ),
    Question(
        id="training-batches",
        points=2,
        signature="one_epoch_batches(samples, batch_size, rng)",
        reference=one_epoch_batches,
        cases=batches_cases,
        look=look_at_batches,
        say=BATCHES_SAY,
        read=BATCHES,
        hints=(
            "Take 10 samples and batches of 4. On paper: which numbers are there, and how long "
            "is each batch?",
            "First one shuffled order of all sample numbers. rng.permutation(samples) gives it.",
            "Then cut it into pieces. range can count in steps of batch_size: 0, 4, 8. A slice "
            "that reaches past the end simply stops there.",
        ),
        mistakes=(
            mistake(
                "last-batch-dropped",
                "The last batch is dropped",
                "Your batches end too early, and some samples have no turn. The last batch counts "
                "too, however short it is.",
                _dropping,
                _dropping_the_last,
                _stopping_early,
            ),
            mistake(
                "last-batch-filled-up",
                "The last batch is filled up",
                "You make the last batch as long as the others by taking samples a second time. "
                "It may be shorter: each sample has one turn.",
                _wrapped,
                _reaching_back,
            ),
            mistake(
                "empty-batch",
                "An empty batch at the end",
                "Where batch_size divides the samples, your list ends with a batch that holds "
                "nothing. The mean over no samples is nan: let the list end before it.",
                _with_empty_end,
            ),
            mistake(
                "not-shuffled",
                "Nothing is shuffled",
                "Your batches hold the samples in order. Shuffle the sample numbers with rng "
                "before you cut them.",
                lambda samples, batch_size, rng: _cut_order(np.arange(samples), batch_size),
            ),
            mistake(
                "only-batches-shuffled",
                "Only whole batches change places",
                "You cut first and then shuffle the batches, so neighbours always share a batch. "
                "Shuffle the samples before you cut.",
                _only_batches_move,
            ),
            mistake(
                "only-inside-batches",
                "The samples never leave their batch",
                "You cut first and shuffle inside each batch, so the same samples always share a "
                "batch. Shuffle all samples before you cut.",
                _only_inside,
                _inside_and_batches,
            ),
            mistake(
                "each-drawn-anew",
                "Each batch is drawn anew",
                "Your draws don't know of one another: some samples come twice in an epoch, some "
                "never. Shuffle all once, and hand them out in turn.",
                *(
                    _each_drawn_anew(again, short)
                    for again in (True, False)
                    for short in (True, False)
                ),
                _each_drawn_anew_whole_batches,
            ),
            mistake(
                "numbered-from-1",
                "Samples are numbered from 1",
                "Your numbers run from 1 to samples. In Python the first row has number 0, and "
                "number `samples` belongs to none.",
                lambda samples, batch_size, rng: _cut_order(
                    rng.permutation(samples) + 1, batch_size
                ),
            ),
            mistake(
                "number-of-batches",
                "batch_size taken for the number of batches",
                "You make batch_size batches. It says how many samples are in one batch, not how "
                "many batches there are.",
                _so_many_batches,
                _so_many_batches_by_length,
            ),
            mistake(
                "batches-evened-out",
                "The batches are evened out",
                "You spread the samples evenly, so that several batches are one too short. Each "
                "is to be full until only the last may hold fewer.",
                _in_equal_parts,
            ),
            mistake(
                "rest-joined",
                "The rest joins the last batch",
                "What is left over joins your last full batch, which becomes longer than "
                "batch_size. The rest makes a shorter batch of its own.",
                _with_rest_joined,
            ),
            mistake(
                "short-batch-first",
                "The short batch comes first",
                "Your shorter batch is the first. It should be the last.",
                _short_one_first,
            ),
            mistake(
                "one-batch-only",
                "Only the first batch comes back",
                "You return the first batch alone. A whole epoch has as many as it takes to "
                "give every sample its turn.",
                _first_batch_only,
                _first_batch_in_a_list,
            ),
            mistake(
                "not-cut",
                "The order isn't cut",
                "You return all sample numbers in one piece. Cut them into batches, and return "
                "the list of these.",
                lambda samples, batch_size, rng: rng.permutation(samples),
            ),
            mistake(
                "yielded",
                "A generator in place of a list",
                "With yield your function gives its batches one at a time, when asked. Here they "
                "should all be in a list.",
                _yielded,
            ),
            mistake(
                "seed-fixed-inside",
                "The same shuffle every time",
                "Your function makes a generator with a seed of its own, so every epoch has the "
                "same batches. Use the rng that is given.",
                lambda samples, batch_size, rng: one_epoch_batches(
                    samples, batch_size, np.random.default_rng(0)
                ),
            ),
            mistake(
                "another-source-of-chance",
                "Chance that isn't from rng",
                "You draw from NumPy's or Python's shared generator, or from a new one. Then "
                "nobody can repeat the training. All chance must come from the given rng.",
                lambda samples, batch_size, rng: _cut_order(
                    np.random.permutation(samples),  # noqa: NPY002
                    batch_size,
                ),
            ),
            mistake(
                "shuffle-gives-nothing",
                "Nothing comes back from shuffle",
                "An error says that there is a None. Most likely it is what rng.shuffle returned: "
                "it shuffles the array that it is given, and returns nothing. rng.permutation "
                "returns a new, shuffled one.",
                lambda samples, batch_size, rng: _cut_order(
                    rng.shuffle(np.arange(samples)), batch_size
                ),
                lambda samples, batch_size, rng: [
                    rng.shuffle(np.arange(samples))[start : start + batch_size]
                    for start in range(0, samples, batch_size)
                ],
            ),
            mistake(
                "equal-parts-only",
                "Only equal parts are possible",
                "Your way to cut needs parts of equal length, as np.split with a number and "
                "reshape do, and stops with an error where they don't come out even. The last "
                "batch may be shorter: cut by slices.",
                lambda samples, batch_size, rng: np.split(
                    rng.permutation(samples), samples // batch_size
                ),
                lambda samples, batch_size, rng: np.split(
                    rng.permutation(samples), max(samples // batch_size, 1)
                ),
                lambda samples, batch_size, rng: rng.permutation(samples).reshape(-1, batch_size),
                lambda samples, batch_size, rng: rng.permutation(samples).reshape(
                    samples // batch_size, batch_size
                ),
            ),
        ),
    ),
    Question(
        id="training-epoch",
        points=2,
        signature="train_epoch(x, labels, parameters, learning_rate, batches, gradients_of)",
        reference=train_epoch,
        cases=epoch_cases,
        read=CODE,
        hints=(
            "One batch, one step. With three batches the parameters move three times.",
            "A batch holds row numbers. x[batch] picks those rows; the labels of the same samples "
            "go with them.",
            "In each turn: ask gradients_of once, with the parameters as they are now. Then "
            "make a new list, one new array for each parameter.",
            "The next turn must begin with the new list. The last one is the answer.",
        ),
        mistakes=(
            mistake(
                "whole-data",
                "Every step sees all the data",
                "You ask for the gradients of the whole x. A step is made for one batch: pick "
                "its rows, and their labels.",
                _whole_data,
                _whole_data_once,
                read=BATCHES,
            ),
            mistake(
                "all-at-the-start",
                "All gradients belong to the old parameters",
                "You work out the gradients of all batches with the parameters from before the "
                "epoch. Each batch should start from where the one before has led.",
                _all_at_the_start(False),
                _all_at_the_start(True),
                read=BY_HAND,
            ),
            mistake(
                "first-batch-only",
                "Only the first batch counts",
                "Your result is the one after the first batch. Does a return stand inside the "
                "loop? The epoch is over after the last batch.",
                _first_only,
            ),
            mistake(
                "last-batch-only",
                "Every batch starts from the beginning",
                "The steps of earlier batches are forgotten, and only the last one is left. "
                "Keep the new parameters for the next turn.",
                _last_only,
                read=BY_HAND,
            ),
            mistake(
                "last-batch-lost",
                "The last batch has no turn",
                "Your epoch leaves out the last batch, always or where it is shorter. It counts "
                "like any other.",
                _all_but_last,
                _short_ones_lost,
            ),
            mistake(
                "uphill",
                "The steps go uphill",
                "You add the gradients. They point to where the loss rises, so a step goes the "
                "other way.",
                _uphill,
                read=SYMBOLS,
            ),
            mistake(
                "learning-rate-missing",
                "The learning rate is missing",
                "You subtract the whole gradient. The learning rate says which part of it makes "
                "a step.",
                _rate_missing,
                read=SYMBOLS,
            ),
            mistake(
                "changed-in-place",
                "The parameters given are changed",
                "The numbers are right, but the given parameters have been changed on the way: "
                "−= writes into an array, and so does an assignment into a list. Make new ones.",
                _arrays_changed,
                _list_filled,
            ),
            mistake(
                "not-together",
                "One parameter moves before the other's gradient",
                "You move one parameter and then ask for the next one's gradient, which now "
                "belongs to a half-moved layer. All gradients first, then all steps.",
                _one_by_one((0, 1)),
                _one_by_one((1, 0)),
            ),
            mistake(
                "labels-not-picked",
                "Rows are picked, labels aren't",
                "You give the rows of the batch, with labels of other samples, or of all of "
                "them. Pick the labels with the same numbers.",
                _labels_whole,
                _labels_of_others,
                _labels_in_a_row,
            ),
            mistake(
                "rows-not-picked",
                "Labels are picked, rows aren't",
                "You give the labels of the batch with all rows of x. Pick the rows with the "
                "same numbers.",
                _x_whole,
            ),
            mistake(
                "divided-again",
                "Divided by the batch once more",
                "You divide the gradients by the length of the batch, or of x. They belong to a "
                "mean loss: that division has been done.",
                _rate_divided(lambda batch, batches, x: len(batch)),
                _rate_divided(lambda batch, batches, x: len(x)),
                read=SYMBOLS,
            ),
            mistake(
                "shared-among-batches",
                "The step is shared among the batches",
                "You make each step smaller because there are several batches, or because a batch "
                "is only a part of the data. Each batch makes one whole step.",
                _rate_divided(lambda batch, batches, x: len(batches)),
                _rate_divided(lambda batch, batches, x: len(x) / len(batch)),
                read=SYMBOLS,
            ),
            mistake(
                "summed-not-mean",
                "The step grows with the batch",
                "You multiply by the length of the batch, so a longer batch steps further. The "
                "gradients of the mean are used as they come.",
                _rate_divided(lambda batch, batches, x: 1 / len(batch)),
                read=SYMBOLS,
            ),
            mistake(
                "gradients-returned",
                "The gradients come back",
                "You return the gradients of the last batch. Asked for are the parameters after "
                "all steps.",
                _gradients_returned,
            ),
            mistake(
                "another-order",
                "The batches come in another order",
                "You take the batches, or the samples, in an order of your own. Every step starts "
                "where the last one ended, so the order counts: take them as they are given.",
                _in_order(lambda batches: batches[::-1]),
                _in_order(lambda batches: sorted(batches, key=lambda batch: int(batch[0]))),
                _in_order(lambda batches: sorted(batches, key=len)),
                _in_order(lambda batches: sorted(batches, key=lambda batch: batch.tolist()[::-1])),
            ),
            mistake(
                "neighbouring-rows",
                "Rows are cut from x in a row",
                "You take rows of x one after another, as many as the batch is long. The batch "
                "says which rows: its numbers pick them.",
                _in_order(_rows_in_a_row),
                _in_order(
                    lambda batches: [
                        np.arange(i * len(batches[0]), i * len(batches[0]) + len(batch))
                        for i, batch in enumerate(batches)
                    ][::-1]
                ),
                _in_order(lambda batches: [np.arange(len(batch)) for batch in batches]),
                _in_order(
                    lambda batches: [
                        np.arange(i * len(batch), (i + 1) * len(batch))
                        for i, batch in enumerate(batches)
                    ]
                ),
            ),
            mistake(
                "one-step-per-sample",
                "One step for each sample",
                "You make a step for every sample of a batch. The samples of a batch share one "
                "step.",
                _in_order(
                    lambda batches: [
                        batch[i : i + 1] for batch in batches for i in range(len(batch))
                    ]
                ),
                read=BATCHES,
            ),
            mistake(
                "one-parameter-only",
                "Only one of the parameters moves",
                "One of your parameters stays as it was. Every one has its own gradient and "
                "takes its own step.",
                _only_parameter(0),
                _only_parameter(1),
            ),
            mistake(
                "nothing-moves",
                "Nothing moves",
                "You return the parameters as they were. If your loop says p = ..., only the name "
                "p gets the new array; the list keeps the old ones. Collect the new arrays in a "
                "new list.",
                lambda x, labels, parameters, learning_rate, batches, gradients_of: parameters,
                lambda x, labels, parameters, learning_rate, batches, gradients_of: [
                    p.copy() for p in parameters
                ],
            ),
            mistake(
                "a-single-row",
                "gradients_of gets a single row",
                "An error stops gradients_of. Most likely it got a single row, x[i], and it needs "
                "a table: all rows of the batch at once, with their labels.",
                _single_row(True),
                _single_row(False),
            ),
            mistake(
                "list-as-array",
                "A list isn't an array",
                "An error stops your function. If you calculate with the whole lists at once, "
                "that is why: each parameter moves by itself, with its own gradient.",
                lambda x, labels, parameters, learning_rate, batches, gradients_of: (
                    parameters
                    - learning_rate * gradients_of(parameters, x[batches[0]], labels[batches[0]])
                ),
                lambda x, labels, parameters, learning_rate, batches, gradients_of: (
                    np.array(parameters)
                    - learning_rate
                    * np.array(gradients_of(parameters, x[batches[0]], labels[batches[0]]))
                ),
            ),
        ),
    ),
    Question(
        id="training-converged",
        points=2,
        signature="has_converged(losses, tolerance, patience)",
        reference=has_converged,
        cases=converged_cases,
        read=CONVERGED,
        hints=(
            "Split the list in two: the last `patience` losses, and those before. If none are "
            "before, there is nothing to compare with.",
            "From each of the two parts you need one number, the lowest.",
            "The fall is the lowest before, minus the lowest of the last. It may be negative. "
            "When it isn't larger than the tolerance, it is over.",
        ),
        mistakes=(
            mistake(
                "patience-off-by-one",
                "The patience is off by one",
                "You cut the list one place too early or too late, or ask for one loss too few or "
                "too many. `patience` losses are the last ones, and at least one must come before.",
                lambda losses, tolerance, patience: has_converged(losses, tolerance, patience + 1),
                _rule(_before, _last, least=0),
                _rule(_before, _last, least=2),
                _rule(lambda x, p: min(x[: -p - 1]), _last),
                _rule(lambda x, p: min(x[: -p - 1]), _last, least=2),
                _rule(_before, lambda x, p: min(x[-p + 1 :])),
                _rule(lambda x, p: min(x[: -p + 1]), lambda x, p: min(x[-p + 1 :])),
                _rule(lambda x, p: min(x[: len(x) - p + 1]), lambda x, p: min(x[len(x) - p + 1 :])),
                _rule(lambda x, p: min(x[: len(x) - p + 1]), lambda x, p: min(x[len(x) - p :])),
                _rule(lambda x, p: min(x[: -p - 1]), lambda x, p: min(x[-p - 1 :])),
            ),
            mistake(
                "too-few-losses",
                "Too few losses count as converged",
                "With no more than `patience` losses you say True. Nothing is there to compare "
                "with yet, so the training has to go on.",
                _rule(_before, _last, early=True),
            ),
            mistake(
                "error-on-few-losses",
                "Too few losses raise an error",
                "With no more than `patience` losses no loss is left for `before`, and the lowest "
                "of none is an error. Ask for the length first.",
                lambda losses, tolerance, patience: bool(
                    _before(losses, patience) - _last(losses, patience) <= tolerance
                ),
                lambda losses, tolerance, patience: bool(
                    losses[-patience - 1] - losses[-1] <= tolerance
                ),
            ),
            mistake(
                "none-for-false",
                "Nothing in place of False",
                "Where the training has to go on, your function ends without a return, and gives "
                "None. Say False.",
                _none_for_false,
                _none_for_few,
            ),
            mistake(
                "equal-counts",
                "A fall as large as the tolerance",
                "You let a fall that is exactly as large as the tolerance count. Only a fall by "
                "more than the tolerance keeps the training going.",
                _rule(_before, _last, lambda a, b, tolerance: a - b < tolerance),
            ),
            mistake(
                "size-of-change",
                "A rise counts as a change",
                "You take the size of the change, without its sign. But when the loss has risen it "
                "hasn't got better, and that counts as converged.",
                _rule(_before, _last, lambda a, b, tolerance: abs(a - b) <= tolerance),
                _rule(_before, _last, lambda a, b, tolerance: abs(a - b) < tolerance),
                _rule(_before, _last, lambda a, b, tolerance: 0 <= a - b <= tolerance),
                _rule(_before, _last, lambda a, b, tolerance: 0 < a - b <= tolerance),
            ),
            mistake(
                "last-two",
                "Only the last two losses",
                "You compare the last loss with the one before it. A loss wobbles, so the rule "
                "looks at `patience` losses, and at all that came before them.",
                *(
                    _rule(lambda x, p: x[-2], lambda x, p: x[-1], verdict)
                    for verdict in (
                        lambda a, b, tolerance: a - b <= tolerance,
                        lambda a, b, tolerance: abs(a - b) <= tolerance,
                        lambda a, b, tolerance: abs(a - b) < tolerance,
                        lambda a, b, tolerance: a - b < tolerance,
                    )
                ),
                lambda losses, tolerance, patience: (
                    len(losses) > 1 and losses[-2] - losses[-1] <= tolerance
                ),
                lambda losses, tolerance, patience: (
                    len(losses) > 1 and abs(losses[-2] - losses[-1]) <= tolerance
                ),
                lambda losses, tolerance, patience: (
                    len(losses) > 1 and abs(losses[-2] - losses[-1]) < tolerance
                ),
            ),
            mistake(
                "first-for-lowest",
                "The first loss in place of the lowest",
                "You compare with the very first loss. Compare with the lowest of all that came "
                "before the last `patience`.",
                _rule(lambda x, p: x[0], _last),
                _rule(lambda x, p: x[0], lambda x, p: x[-1]),
            ),
            mistake(
                "neighbour-for-lowest",
                "One loss before, not the lowest",
                "You compare with the loss right before the last `patience`. An earlier one may "
                "have been lower: all of those before count.",
                _rule(lambda x, p: x[-p - 1], _last),
                _rule(lambda x, p: x[-p - 1], lambda x, p: x[-1]),
                _rule(
                    lambda x, p: x[-p - 1],
                    lambda x, p: x[-1],
                    lambda a, b, tolerance: abs(a - b) <= tolerance,
                ),
                _rule(
                    lambda x, p: x[-p - 1],
                    lambda x, p: x[-1],
                    lambda a, b, tolerance: abs(a - b) < tolerance,
                ),
            ),
            mistake(
                "not-all-before",
                "Not all of the earlier losses count",
                "You look for the lowest loss before in a few losses only, those right before the "
                "last `patience`. All earlier ones count, back to the first.",
                _rule(lambda x, p: min(x[-2 * p : -p]), _last),
                lambda losses, tolerance, patience: (
                    len(losses) >= 2 * patience
                    and min(losses[-2 * patience : -patience]) - _last(losses, patience)
                    <= tolerance
                ),
            ),
            mistake(
                "patience-ignored",
                "The patience plays no part",
                "You compare the last loss with the lowest before it, whatever the patience is. "
                "The last `patience` losses belong together, on one side of the comparison.",
                lambda losses, tolerance, patience: has_converged(losses, tolerance, 1),
                lambda losses, tolerance, patience: (
                    len(losses) > patience and has_converged(losses, tolerance, 1)
                ),
            ),
            mistake(
                "last-for-lowest",
                "The last loss in place of the lowest",
                "From the last `patience` losses you take only the very last. If one of them was "
                "lower, the training has made progress.",
                _rule(_before, lambda x, p: x[-1]),
            ),
            mistake(
                "mean-for-lowest",
                "Means in place of the lowest",
                "You compare means. The rule compares the lowest of one part with the lowest of "
                "the other, so a single bad epoch changes nothing.",
                _rule(lambda x, p: _mean(x[:-p]), lambda x, p: _mean(x[-p:])),
                _rule(_before, lambda x, p: _mean(x[-p:])),
                _rule(lambda x, p: _mean(x[:-p]), _last),
            ),
            mistake(
                "largest-for-lowest",
                "The largest in place of the lowest",
                "You look for the largest loss. What counts is how low it has been: the lowest "
                "before, and the lowest of the last.",
                _rule(lambda x, p: max(x[:-p]), lambda x, p: max(x[-p:])),
                _rule(lambda x, p: max(x[:-p]), _last),
                _rule(_before, lambda x, p: max(x[-p:])),
            ),
            mistake(
                "window-in-before",
                "The last losses are compared with themselves",
                "Your lowest loss so far includes the last `patience` losses. Nothing can be lower "
                "than that, so you always say True: leave them out.",
                _rule(lambda x, p: min(x), _last),
                _rule(lambda x, p: min(x), lambda x, p: x[-1]),
            ),
            mistake(
                "only-the-window",
                "Only the last losses are looked at",
                "You ask whether the last `patience` losses are close to one another. They may be, "
                "and still all be far below what came before.",
                _rule(lambda x, p: max(x[-p:]), _last),
                _rule(lambda x, p: x[-p], lambda x, p: x[-1]),
                lambda losses, tolerance, patience: (
                    len(losses) >= patience
                    and max(losses[-patience:]) - min(losses[-patience:]) <= tolerance
                ),
                _rule(lambda x, p: max(x[-p - 1 :]), lambda x, p: min(x[-p - 1 :])),
            ),
            mistake(
                "every-step-small",
                "Each step by itself is small",
                "You ask whether each of the last steps is small. Many small steps make a large "
                "fall: compare the lowest losses of the two parts.",
                _rule(_steps, lambda x, p: 0, lambda steps, _, t: all(s <= t for s in steps)),
                _rule(_steps, lambda x, p: 0, lambda steps, _, t: all(abs(s) <= t for s in steps)),
                _rule(_steps, lambda x, p: 0, lambda steps, _, t: all(abs(s) < t for s in steps)),
                _rule(_steps, lambda x, p: 0, lambda steps, _, t: all(s < t for s in steps)),
                lambda losses, tolerance, patience: (
                    len(losses) > patience
                    and bool(np.all(np.abs(np.diff(losses[-patience:])) <= tolerance))
                ),
            ),
            mistake(
                "another-counter",
                "A counter of epochs without progress",
                "You count epochs since the last large fall, whereas here two lowest losses are "
                "compared. Small falls that add up, or an early stop, make the two differ.",
                _counter(False),
                _counter(True),
                _counter_from_the_lowest,
            ),
            mistake(
                "earlier-pause",
                "An earlier pause counts",
                "You say True because the loss stood still at some time. Only the last `patience` "
                "losses decide whether it has stopped now.",
                _ever,
            ),
            mistake(
                "subtracted-the-wrong-way",
                "Subtracted the wrong way round",
                "Your difference is positive when the loss rises. A fall is what was before, minus "
                "what is now.",
                _rule(_before, _last, lambda a, b, tolerance: b - a <= tolerance),
                _rule(_before, _last, lambda a, b, tolerance: b - a < tolerance),
            ),
            mistake(
                "turned-round",
                "True and False are exchanged",
                "You say True while the loss is still falling. True should mean that it has "
                "stopped.",
                _rule(_before, _last, lambda a, b, tolerance: a - b > tolerance),
                lambda losses, tolerance, patience: not has_converged(losses, tolerance, patience),
            ),
            mistake(
                "as-a-share",
                "The fall as a share of the loss",
                "You divide the fall by the loss. Here the tolerance is in units of the loss "
                "itself: nothing is divided.",
                _rule(_before, _last, lambda a, b, tolerance: (a - b) / a <= tolerance),
                _rule(_before, _last, lambda a, b, tolerance: (a - b) / b <= tolerance),
            ),
            mistake(
                "always-the-same",
                "The same answer for all",
                "Your answer never changes, whatever the losses are. Compare them.",
                lambda losses, tolerance, patience: False,
                lambda losses, tolerance, patience: True,
            ),
            mistake(
                "tolerance-ignored",
                "The tolerance plays no part",
                "You only ask whether there is a new lowest loss. A fall that is no larger than "
                "the tolerance doesn't count as progress either.",
                _rule(_before, _last, lambda a, b, tolerance: b >= a),
                _rule(_before, _last, lambda a, b, tolerance: b > a),
            ),
            mistake(
                "loss-below-tolerance",
                "The loss itself is compared",
                "You ask whether the loss is smaller than the tolerance. How low it is doesn't "
                "matter, only whether it still falls: compare the last losses with those before.",
                lambda losses, tolerance, patience: losses[-1] <= tolerance,
                lambda losses, tolerance, patience: losses[-1] < tolerance,
                lambda losses, tolerance, patience: min(losses) <= tolerance,
                _rule(_before, _last, lambda a, b, tolerance: b <= tolerance),
                _rule(_before, _last, lambda a, b, tolerance: b < tolerance),
                _rule(_before, lambda x, p: x[-1], lambda a, b, tolerance: b <= tolerance),
                _rule(_before, lambda x, p: x[-1], lambda a, b, tolerance: b < tolerance),
                _rule(_before, lambda x, p: max(x[-p:]), lambda a, b, tolerance: b < tolerance),
            ),
            mistake(
                "cut-from-the-front",
                "The patience is counted from the front",
                "You cut after the first `patience` losses. The last ones are wanted on one side: "
                "count from the end of the list.",
                _rule(lambda x, p: min(x[:p]), lambda x, p: min(x[p:])),
                _rule(lambda x, p: min(x[p:]), lambda x, p: min(x[:p])),
            ),
        ),
    ),
)
