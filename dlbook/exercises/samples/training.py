"""What students of the sample class write in the exercises of chapter 4."""

TEXTS = {
    "training-accuracy": """
#: right
def accuracy(predicted, labels):
    right = 0
    for p, y in zip(predicted, labels):
        if p == y:
            right += 1
    return right / len(labels)

#: right
def accuracy(predicted, labels):
    return (predicted == labels).sum() / labels.size

#: count-for-share
def accuracy(predicted, labels):
    return np.sum(predicted == labels)

#: percent
def accuracy(predicted, labels):
    return 100 * np.mean(predicted == labels)

#: return-in-the-loop
def accuracy(predicted, labels):
    right = 0
    for i in range(len(labels)):
        if predicted[i] == labels[i]:
            right += 1
        return right / len(labels)

#: error-rate
def accuracy(predicted, labels):
    return np.mean(predicted != labels)

#: if-on-an-array, error
def accuracy(predicted, labels):
    if predicted == labels:
        return 1.0
    return 0.0

#: error
def accuracy(predicted, labels):
    right = (predicted == labels)
    return np.sum(right) / len(lables)
""",
    "training-split": """
#: right
def split(x, labels, held_out_fraction, rng):
    n = round(len(x) * held_out_fraction)
    perm = rng.permutation(len(x))
    x = x[perm]
    labels = labels[perm]
    return x[n:], labels[n:], x[:n], labels[:n]

#: right
def split(x, labels, held_out_fraction, rng):
    places = np.arange(len(x))
    rng.shuffle(places)
    n_train = len(x) - round(held_out_fraction * len(x))
    train = places[:n_train]
    held_out = places[n_train:]
    return x[train], labels[train], x[held_out], labels[held_out]

#: labels-shuffled-apart
def split(x, labels, held_out_fraction, rng):
    n = round(held_out_fraction * len(x))
    x = rng.permutation(x)
    labels = rng.permutation(labels)
    return x[n:], labels[n:], x[:n], labels[:n]

#: not-shuffled
def split(x, labels, held_out_fraction, rng):
    n = round(held_out_fraction * len(x))
    rows = np.arange(len(x))
    out, train = rows[:n], rows[n:]
    return x[train], labels[train], x[out], labels[out]

#: cut-off-in-place-of-rounded
def split(x, labels, held_out_fraction, rng):
    n = int(held_out_fraction * len(x))
    order = rng.permutation(len(x))
    out, train = order[:n], order[n:]
    return x[train], labels[train], x[out], labels[out]

#: another-source-of-chance
def split(x, labels, held_out_fraction, rng):
    n = round(held_out_fraction * len(x))
    order = np.random.permutation(len(x))
    out, train = order[:n], order[n:]
    return x[train], labels[train], x[out], labels[out]

#: parts-exchanged
def split(x, labels, held_out_fraction, rng):
    n = round(held_out_fraction * len(x))
    order = rng.permutation(len(x))
    first, second = order[:n], order[n:]
    return x[first], labels[first], x[second], labels[second]

#: shuffle-gives-nothing, error
def split(x, labels, held_out_fraction, rng):
    n = round(held_out_fraction * len(x))
    order = rng.shuffle(np.arange(len(x)))
    return x[order[n:]], labels[order[n:]], x[order[:n]], labels[order[:n]]
""",
    "training-standardise": """
#: right
def standardise(train, other):
    m = np.mean(train, axis=0)
    s = np.std(train, axis=0)
    s[s == 0] = 1
    return (train - m) / s, (other - m) / s

#: right
def standardise(train, other):
    mean, std = train.mean(axis=0), train.std(axis=0)
    std = np.where(std > 0, std, 1.0)
    new_train = (train - mean) / std
    new_other = (other - mean) / std
    return new_train, new_other

#: own-numbers
def standardise(train, other):
    def scale(x):
        s = x.std(axis=0)
        s[s == 0] = 1
        return (x - x.mean(axis=0)) / s
    return scale(train), scale(other)

#: divided-by-zero
def standardise(train, other):
    mean = train.mean(axis=0)
    std = train.std(axis=0)
    return (train - mean) / std, (other - mean) / std

#: variance
def standardise(train, other):
    mean = train.mean(axis=0)
    var = train.var(axis=0)
    var = np.where(var == 0, 1, var)
    return (train - mean) / var, (other - mean) / var

#: tiny-number
def standardise(train, other):
    mean = train.mean(axis=0)
    std = train.std(axis=0) + 1e-8
    return (train - mean) / std, (other - mean) / std

#: brackets
def standardise(train, other):
    m = train.mean(axis=0)
    s = train.std(axis=0)
    s[s == 0] = 1
    return train - m / s, other - m / s
""",
    "training-batches": """
#: right
def one_epoch_batches(samples, batch_size, rng):
    order = np.arange(samples)
    rng.shuffle(order)
    batches = []
    start = 0
    while start < samples:
        batches.append(order[start:start + batch_size])
        start += batch_size
    return batches

#: right
def one_epoch_batches(samples, batch_size, rng):
    perm = rng.permutation(samples)
    cuts = np.arange(batch_size, samples, batch_size)
    return np.split(perm, cuts)

#: last-batch-dropped
def one_epoch_batches(samples, batch_size, rng):
    order = rng.permutation(samples)
    batches = []
    for i in range(samples // batch_size):
        batches.append(order[i * batch_size:(i + 1) * batch_size])
    return batches

#: not-shuffled
def one_epoch_batches(samples, batch_size, rng):
    order = np.arange(samples)
    return [order[i:i + batch_size] for i in range(0, samples, batch_size)]

#: empty-batch
def one_epoch_batches(samples, batch_size, rng):
    order = rng.permutation(samples)
    batches = []
    for i in range(samples // batch_size + 1):
        batches.append(order[i * batch_size:(i + 1) * batch_size])
    return batches

#: number-of-batches
def one_epoch_batches(samples, batch_size, rng):
    order = rng.permutation(samples)
    return np.array_split(order, batch_size)

#: seed-fixed-inside
def one_epoch_batches(samples, batch_size, rng):
    rng = np.random.default_rng(0)
    order = rng.permutation(samples)
    return [order[i:i + batch_size] for i in range(0, samples, batch_size)]

#: shuffle-gives-nothing, error
def one_epoch_batches(samples, batch_size, rng):
    order = rng.shuffle(np.arange(samples))
    return [order[i:i + batch_size] for i in range(0, samples, batch_size)]

#: error
def one_epoch_batches(samples, batch_size, rng):
    order = rng.permutation(samples)
    return [order[i:i + batch_size] for i in range(0, samples, batch_size]
""",
    "training-epoch": """
#: right
def train_epoch(x, labels, parameters, learning_rate, batches, gradients_of):
    params = list(parameters)
    for rows in batches:
        grads = gradients_of(params, x[rows], labels[rows])
        for i in range(len(params)):
            params[i] = params[i] - learning_rate * grads[i]
    return params

#: right
def train_epoch(x, labels, parameters, learning_rate, batches, gradients_of):
    new = [p.copy() for p in parameters]
    for batch in batches:
        x_batch = x[batch]
        labels_batch = labels[batch]
        for p, g in zip(new, gradients_of(new, x_batch, labels_batch)):
            p -= learning_rate * g
    return new

#: changed-in-place
def train_epoch(x, labels, parameters, learning_rate, batches, gradients_of):
    for batch in batches:
        gradients = gradients_of(parameters, x[batch], labels[batch])
        for p, g in zip(parameters, gradients):
            p -= learning_rate * g
    return parameters

#: whole-data
def train_epoch(x, labels, parameters, learning_rate, batches, gradients_of):
    for batch in batches:
        gradients = gradients_of(parameters, x, labels)
        parameters = [p - learning_rate * g for p, g in zip(parameters, gradients)]
    return parameters

#: first-batch-only
def train_epoch(x, labels, parameters, learning_rate, batches, gradients_of):
    for batch in batches:
        gradients = gradients_of(parameters, x[batch], labels[batch])
        parameters = [p - learning_rate * g for p, g in zip(parameters, gradients)]
        return parameters

#: last-batch-only
def train_epoch(x, labels, parameters, learning_rate, batches, gradients_of):
    for batch in batches:
        gradients = gradients_of(parameters, x[batch], labels[batch])
        new = [p - learning_rate * g for p, g in zip(parameters, gradients)]
    return new

#: divided-again
def train_epoch(x, labels, parameters, learning_rate, batches, gradients_of):
    for batch in batches:
        gradients = gradients_of(parameters, x[batch], labels[batch])
        parameters = [
            p - learning_rate * g / len(batch) for p, g in zip(parameters, gradients)
        ]
    return parameters

#: uphill
def train_epoch(x, labels, parameters, learning_rate, batches, gradients_of):
    for batch in batches:
        gradients = gradients_of(parameters, x[batch], labels[batch])
        parameters = [p + learning_rate * g for p, g in zip(parameters, gradients)]
    return parameters
""",
    "training-converged": """
#: right
def has_converged(losses, tolerance, patience):
    n = len(losses) - patience
    if n < 1:
        return False
    before = np.min(losses[:n])
    last = np.min(losses[n:])
    return not last < before - tolerance

#: right
def has_converged(losses, tolerance, patience):
    if len(losses) > patience:
        best = min(losses[:-patience])
        return all(best - loss <= tolerance for loss in losses[-patience:])
    return False

#: patience-off-by-one
def has_converged(losses, tolerance, patience):
    if len(losses) <= patience + 1:
        return False
    lowest_before = min(losses[:-patience - 1])
    lowest_of_last = min(losses[-patience - 1:])
    return lowest_before - lowest_of_last <= tolerance

#: equal-counts
def has_converged(losses, tolerance, patience):
    if len(losses) <= patience:
        return False
    return min(losses[:-patience]) - min(losses[-patience:]) < tolerance

#: last-two
def has_converged(losses, tolerance, patience):
    if len(losses) <= patience:
        return False
    return abs(losses[-1] - losses[-2]) <= tolerance

#: none-for-false
def has_converged(losses, tolerance, patience):
    if len(losses) > patience:
        if min(losses[:-patience]) - min(losses[-patience:]) <= tolerance:
            return True

#: error-on-few-losses, error
def has_converged(losses, tolerance, patience):
    before = min(losses[:-patience])
    last = min(losses[-patience:])
    return before - last <= tolerance

#: last-for-lowest
def has_converged(losses, tolerance, patience):
    if len(losses) <= patience:
        return False
    return min(losses[:-patience]) - losses[-1] <= tolerance

#: endless
def has_converged(losses, tolerance, patience):
    waited = 0
    best = losses[0]
    i = 1
    while i < len(losses):
        if losses[i] < best - tolerance:
            best = losses[i]
            waited = 0
        else:
            waited += 1
    return waited >= patience
""",
}
