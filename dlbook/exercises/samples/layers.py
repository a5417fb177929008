"""What students of the sample class write in the exercises of chapter 1."""

TEXTS = {
    "layers-dense": """
#: right
def dense(x, weights, bias):
    return np.dot(x, weights) + bias

#: right
def dense(x, weights, bias):
    z = np.matmul(x, weights)
    z = z + bias      # the bias is added to every row
    return z

#: right
def dense(x, weights, bias):
    result = np.zeros((len(x), len(bias)))
    for i in range(len(x)):
        for j in range(len(bias)):
            result[i, j] = np.sum(x[i] * weights[:, j]) + bias[j]
    return result

#: bias-left-out
def dense(x, weights, bias):
    return x @ weights

#: wrong-way-round, error
def dense(x, weights, bias):
    return np.dot(weights, x) + bias

#: activation-applied
def dense(x, weights, bias):
    z = x @ weights + bias
    return np.maximum(0, z)

#: number-by-number, error
def dense(x, weights, bias):
    return x * weights + bias

#: one-bias-for-all
def dense(x, weights, bias):
    return x @ weights + bias[0]

#: bias-for-each-input
def dense(x, weights, bias):
    result = np.zeros((len(x), len(bias)))
    for i in range(len(x)):
        for j in range(len(bias)):
            for k in range(x.shape[1]):
                result[i, j] += x[i, k] * weights[k, j] + bias[j]
    return result
""",
    "layers-softmax": """
#: right
def softmax(scores):
    biggest = np.max(scores, axis=1).reshape(-1, 1)
    e = np.exp(scores - biggest)
    return e / np.sum(e, axis=1).reshape(-1, 1)

#: right
def softmax(scores):
    result = []
    for row in scores:
        e = np.exp(row - max(row))
        result.append(e / sum(e))
    return np.array(result)

#: right
def softmax(scores):
    m = scores.max(axis=1, keepdims=True)
    log_sum = m + np.log(np.exp(scores - m).sum(axis=1, keepdims=True))
    return np.exp(scores - log_sum)

#: powers-too-large
def softmax(scores):
    e = np.exp(scores)
    return e / e.sum(axis=1, keepdims=True)

#: largest-of-the-table
def softmax(scores):
    e = np.exp(scores - np.max(scores))
    return e / e.sum(axis=1, keepdims=True)

#: over-everything
def softmax(scores):
    return np.exp(scores) / np.sum(np.exp(scores))

#: sums-lie-flat, error
def softmax(scores):
    e = np.exp(scores)
    return e / e.sum(axis=1)

#: over-the-columns
def softmax(scores):
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    return e / e.sum(axis=0)

#: scores-changed
def softmax(scores):
    scores -= scores.max(axis=1, keepdims=True)
    e = np.exp(scores)
    return e / e.sum(axis=1, keepdims=True)

#: error
def softmax(scores)
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)
""",
    "layers-cross-entropy": """
#: right
def cross_entropy(probabilities, labels):
    total = 0
    for i in range(len(labels)):
        p = probabilities[i, labels[i]]
        total -= np.log(max(p, 1e-12))
    return total / len(labels)

#: right
def cross_entropy(probabilities, labels):
    p = np.clip(probabilities, 1e-12, None)
    p_true = p[np.arange(p.shape[0]), labels]
    return -np.mean(np.log(p_true))

#: right
def cross_entropy(probabilities, labels):
    classes = probabilities.shape[1]
    one_hot = np.eye(classes)[labels]
    log_p = np.log(np.maximum(probabilities, 1e-12))
    return -(one_hot * log_p).sum() / len(probabilities)

#: not-clipped
def cross_entropy(probabilities, labels):
    p = probabilities[np.arange(len(labels)), labels]
    return np.mean(-np.log(p))

#: sum-for-mean
def cross_entropy(probabilities, labels):
    p = np.clip(probabilities, 1e-12, 1)
    return -np.sum(np.log(p[np.arange(len(labels)), labels]))

#: all-labels-for-all-rows
def cross_entropy(probabilities, labels):
    p = np.maximum(probabilities[:, labels], 1e-12)
    return -np.log(p).mean()

#: minus-missing
def cross_entropy(probabilities, labels):
    p = np.clip(probabilities, 1e-12, 1)
    return np.mean(np.log(p[np.arange(len(labels)), labels]))

#: likeliest-for-true
def cross_entropy(probabilities, labels):
    best = probabilities.max(axis=1)
    return -np.log(np.maximum(best, 1e-12)).mean()

#: no-mean-at-all
def cross_entropy(probabilities, labels):
    p = probabilities[range(len(labels)), labels]
    return -np.log(np.maximum(p, 1e-12))

#: error
def cross_entropy(probabilities, labels):
    p = probabilities[np.arange(len(label)), labels]
    return -np.log(np.maximum(p, 1e-12)).mean()
""",
    "layers-predict": """
#: right
def predict(probabilities):
    # axis=1: look along each row
    return np.argmax(probabilities, axis=1)

#: right
def predict(probabilities):
    classes = []
    for row in probabilities:
        best = 0
        for j in range(len(row)):
            if row[j] > row[best]:
                best = j
        classes.append(best)
    return np.array(classes)

#: down-the-columns
def predict(probabilities):
    return np.argmax(probabilities, axis=0)

#: probability-for-place
def predict(probabilities):
    return np.max(probabilities, axis=1)

#: one-place-for-the-table
def predict(probabilities):
    return np.argmax(probabilities)

#: counted-from-one
def predict(probabilities):
    return np.argmax(probabilities, axis=1) + 1
""",
    "layers-count-parameters": """
#: right
def count_parameters(sizes):
    total = 0
    for i in range(len(sizes) - 1):
        total += sizes[i] * sizes[i + 1]   # weights
        total += sizes[i + 1]              # biases
    return total

#: right
def count_parameters(sizes):
    weights = sum(a * b for a, b in zip(sizes[:-1], sizes[1:]))
    biases = sum(sizes[1:])
    return weights + biases

#: biases-left-out
def count_parameters(sizes):
    total = 0
    for i in range(len(sizes) - 1):
        total += sizes[i] * sizes[i + 1]
    return total

#: biases-for-inputs
def count_parameters(sizes):
    weights = sum(a * b for a, b in zip(sizes, sizes[1:]))
    return weights + sum(sizes)

#: one-bias-for-a-layer
def count_parameters(sizes):
    total = 0
    for i in range(1, len(sizes)):
        total += sizes[i - 1] * sizes[i] + 1
    return total

#: neurons-counted
def count_parameters(sizes):
    return sum(sizes)

#: one-layer-too-many, error
def count_parameters(sizes):
    total = 0
    for i in range(len(sizes)):
        total += (sizes[i] + 1) * sizes[i + 1]
    return total

#: endless
def count_parameters(sizes):
    total = 0
    layer = 0
    while layer < len(sizes) - 1:
        total = (sizes[layer] + 1) * sizes[layer + 1]
    return total
""",
    "layers-forward": """
#: right
def forward(x, layers):
    a = x
    for i in range(len(layers)):
        w, b = layers[i]
        z = dense(a, w, b)
        if i < len(layers) - 1:
            a = np.maximum(z, 0)
        else:
            a = softmax(z)
    return a

#: right
def forward(x, layers):
    h = x
    for w, b in layers[:-1]:
        h = h @ w + b
        h = h * (h > 0)
    w, b = layers[-1]
    return softmax(h @ w + b)

#: right
def forward(x, layers):
    if len(layers) == 1:
        w, b = layers[0]
        scores = x @ w + b
        e = np.exp(scores - scores.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)
    w, b = layers[0]
    return forward(np.maximum(x @ w + b, 0), layers[1:])

#: relu-after-the-last
def forward(x, layers):
    for w, b in layers:
        x = np.maximum(x @ w + b, 0)
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)

#: no-relu
def forward(x, layers):
    for w, b in layers:
        x = x @ w + b
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)

#: powers-too-large
def forward(x, layers):
    for w, b in layers[:-1]:
        x = np.maximum(x @ w + b, 0)
    w, b = layers[-1]
    e = np.exp(x @ w + b)
    return e / e.sum(axis=1, keepdims=True)

#: scores-returned
def forward(x, layers):
    for w, b in layers[:-1]:
        x = np.maximum(x @ w + b, 0)
    w, b = layers[-1]
    return x @ w + b

#: fixed-number-of-layers, error
def forward(x, layers):
    w1, b1 = layers[0]
    w2, b2 = layers[1]
    hidden = np.maximum(x @ w1 + b1, 0)
    scores = hidden @ w2 + b2
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)

#: x-in-every-layer, error
def forward(x, layers):
    for w, b in layers[:-1]:
        h = np.maximum(x @ w + b, 0)
    w, b = layers[-1]
    z = h @ w + b
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)
""",
}
