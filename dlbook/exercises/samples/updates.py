"""What students of the sample class write in the exercises of chapter 3."""

TEXTS = {
    "updates-numerical-gradient": """
#: right
def numerical_gradient(f, p, step=1e-5):
    slopes = []
    for i in range(p.size):
        move = np.zeros(p.size)
        move[i] = step
        slopes.append((f(p + move) - f(p - move)) / step / 2)
    return np.array(slopes)

#: right
def numerical_gradient(f, p, step=1e-5):
    grad = np.zeros_like(p)
    q = p.copy()
    for i in range(len(q)):
        old = q[i]
        q[i] = old + step
        up = f(q)
        q[i] = old - step
        down = f(q)
        q[i] = old
        grad[i] = (up - down) / (2 * step)
    return grad

#: right
def numerical_gradient(f, p, step=1e-5):
    moves = step * np.eye(len(p))
    return np.array([f(p + m) - f(p - m) for m in moves]) / (2 * step)

#: one-side-only
def numerical_gradient(f, p, step=1e-5):
    grad = np.zeros(len(p))
    for i in range(len(p)):
        q = p.copy()
        q[i] += step
        grad[i] = (f(q) - f(p)) / step
    return grad

#: all-moved-at-once
def numerical_gradient(f, p, step=1e-5):
    return (f(p + step) - f(p - step)) / (2 * step)

#: one-step-for-two
def numerical_gradient(f, p, step=1e-5):
    grad = np.zeros(len(p))
    for i in range(len(p)):
        up, down = p.copy(), p.copy()
        up[i] += step
        down[i] -= step
        grad[i] = (f(up) - f(down)) / step
    return grad

#: brackets-missing-below
def numerical_gradient(f, p, step=1e-5):
    grad = np.zeros(len(p))
    for i in range(len(p)):
        up, down = p.copy(), p.copy()
        up[i] += step
        down[i] -= step
        grad[i] = (f(up) - f(down)) / 2 * step
    return grad

#: two-names-one-array
def numerical_gradient(f, p, step=1e-5):
    grad = np.zeros(len(p))
    for i in range(len(p)):
        up = p
        down = p
        up[i] += step
        down[i] -= step
        grad[i] = (f(up) - f(down)) / (2 * step)
    return grad
""",
    "updates-descent-step": """
#: right
def gradient_descent_step(parameters, gradients, learning_rate):
    return [p - learning_rate * g for p, g in zip(parameters, gradients)]

#: right
def gradient_descent_step(parameters, gradients, learning_rate):
    updated = []
    for i in range(len(parameters)):
        step = learning_rate * gradients[i]
        updated.append(parameters[i] - step)
    return updated

#: in-place
def gradient_descent_step(parameters, gradients, learning_rate):
    for p, g in zip(parameters, gradients):
        p -= learning_rate * g
    return parameters

#: plus-for-minus
def gradient_descent_step(parameters, gradients, learning_rate):
    return [p + learning_rate * g for p, g in zip(parameters, gradients)]

#: list-as-array, error
def gradient_descent_step(parameters, gradients, learning_rate):
    return parameters - learning_rate * gradients

#: step-alone
def gradient_descent_step(parameters, gradients, learning_rate):
    return [-learning_rate * g for g in gradients]

#: nothing-moves
def gradient_descent_step(parameters, gradients, learning_rate):
    for p, g in zip(parameters, gradients):
        p = p - learning_rate * g
    return parameters

#: error
def gradient_descent_step(parameters, gradients, learning_rate):
    return [p - lr * g for p, g in zip(parameters, gradients)]
""",
    "updates-minimise": """
#: right
def minimise(gradient, start, learning_rate, steps):
    p = start.copy()
    path = np.zeros((steps + 1, len(start)))
    path[0] = p
    for k in range(1, steps + 1):
        p = p - learning_rate * gradient(p)
        path[k] = p
    return path

#: right
def minimise(gradient, start, learning_rate, steps):
    p = start
    path = [p]
    for _ in range(steps):
        p = gradient_descent_step([p], [gradient(p)], learning_rate)[0]
        path.append(p)
    return np.array(path)

#: start-missing
def minimise(gradient, start, learning_rate, steps):
    p = start
    path = []
    for i in range(steps):
        p = p - learning_rate * gradient(p)
        path.append(p)
    return np.array(path)

#: one-array
def minimise(gradient, start, learning_rate, steps):
    p = start.copy()
    path = [p]
    for i in range(steps):
        p -= learning_rate * gradient(p)
        path.append(p)
    return np.array(path)

#: end-only
def minimise(gradient, start, learning_rate, steps):
    p = start
    for i in range(steps):
        p = p - learning_rate * gradient(p)
    return p

#: gradient-of-the-start
def minimise(gradient, start, learning_rate, steps):
    g = gradient(start)
    path = [start]
    for i in range(steps):
        path.append(path[-1] - learning_rate * g)
    return np.array(path)

#: plus-for-minus
def minimise(gradient, start, learning_rate, steps):
    path = [start]
    for i in range(steps):
        path.append(path[-1] + learning_rate * gradient(path[-1]))
    return np.array(path)

#: endless
def minimise(gradient, start, learning_rate, steps):
    p = start.copy()
    path = np.zeros((steps + 1, len(start)))
    path[0] = p
    k = 0
    while k <= steps:
        p = p - learning_rate * gradient(p)
        path[k] = p
    return path
""",
    "updates-softmax-gradient": """
#: right
def softmax_cross_entropy_gradient(probabilities, labels):
    y = np.zeros_like(probabilities)
    y[np.arange(len(labels)), labels] = 1
    return (probabilities - y) / len(labels)

#: right
def softmax_cross_entropy_gradient(probabilities, labels):
    n, classes = probabilities.shape
    return (probabilities - np.eye(classes)[labels]) / n

#: right
def softmax_cross_entropy_gradient(probabilities, labels):
    grad = np.array(probabilities)
    for row, label in enumerate(labels):
        grad[row, label] -= 1
    return grad / grad.shape[0]

#: not-divided
def softmax_cross_entropy_gradient(probabilities, labels):
    y = np.eye(probabilities.shape[1])[labels]
    return probabilities - y

#: whole-columns
def softmax_cross_entropy_gradient(probabilities, labels):
    grad = probabilities.copy()
    grad[:, labels] -= 1
    return grad / len(labels)

#: changed-in-place
def softmax_cross_entropy_gradient(probabilities, labels):
    grad = probabilities
    grad[np.arange(len(labels)), labels] -= 1
    return grad / len(labels)

#: sign-turned
def softmax_cross_entropy_gradient(probabilities, labels):
    y = np.eye(probabilities.shape[1])[labels]
    return (y - probabilities) / len(labels)

#: divided-by-classes
def softmax_cross_entropy_gradient(probabilities, labels):
    y = np.eye(probabilities.shape[1])[labels]
    return (probabilities - y) / probabilities.shape[1]
""",
    "updates-dense-backward": """
#: right
def dense_backward(x, weights, upstream):
    return (np.dot(upstream, weights.T), np.dot(x.T, upstream), np.sum(upstream, axis=0))

#: right
def dense_backward(x, weights, upstream):
    samples, inputs = x.shape
    units = weights.shape[1]
    d_x = np.zeros((samples, inputs))
    d_weights = np.zeros((inputs, units))
    d_bias = np.zeros(units)
    for s in range(samples):
        for u in range(units):
            d_x[s] += upstream[s, u] * weights[:, u]
            d_weights[:, u] += upstream[s, u] * x[s]
            d_bias[u] += upstream[s, u]
    return d_x, d_weights, d_bias

#: divided-again
def dense_backward(x, weights, upstream):
    n = len(x)
    d_x = upstream @ weights.T
    d_weights = x.T @ upstream / n
    d_bias = upstream.sum(axis=0) / n
    return d_x, d_weights, d_bias

#: bias-other-axis
def dense_backward(x, weights, upstream):
    d_x = upstream @ weights.T
    d_weights = x.T @ upstream
    d_bias = upstream.sum(axis=1)
    return d_x, d_weights, d_bias

#: weights-not-turned, error
def dense_backward(x, weights, upstream):
    d_x = upstream @ weights
    d_weights = x.T @ upstream
    d_bias = np.sum(upstream, axis=0)
    return d_x, d_weights, d_bias

#: bias-mean
def dense_backward(x, weights, upstream):
    d_x = upstream @ weights.T
    d_weights = x.T @ upstream
    return d_x, d_weights, upstream.mean(axis=0)

#: order
def dense_backward(x, weights, upstream):
    d_weights = x.T @ upstream
    d_bias = upstream.sum(axis=0)
    d_x = upstream @ weights.T
    return d_weights, d_bias, d_x

#: bias-not-summed
def dense_backward(x, weights, upstream):
    d_x = np.dot(upstream, weights.T)
    d_w = np.dot(x.T, upstream)
    d_b = upstream
    return d_x, d_w, d_b

#: error
def dense_backward(x, weights, upstream):
    d_x = upstream @ weights.T
    d_weights = x.T @ upstream
     d_bias = upstream.sum(axis=0)
    return d_x, d_weights, d_bias
""",
    "updates-momentum-step": """
#: right
def momentum_step(parameters, velocities, gradients, learning_rate, momentum):
    new_v = [momentum * v - learning_rate * g for v, g in zip(velocities, gradients)]
    new_p = [p + v for p, v in zip(parameters, new_v)]
    return new_p, new_v

#: right
def momentum_step(parameters, velocities, gradients, learning_rate, momentum):
    ps = []
    vs = []
    for i in range(len(parameters)):
        v = momentum * velocities[i]
        v = v - learning_rate * gradients[i]
        vs.append(v)
        ps.append(parameters[i] + v)
    return ps, vs

#: plus-for-minus
def momentum_step(parameters, velocities, gradients, learning_rate, momentum):
    new_v = [momentum * v + learning_rate * g for v, g in zip(velocities, gradients)]
    new_p = [p + v for p, v in zip(parameters, new_v)]
    return new_p, new_v

#: one-minus-momentum
def momentum_step(parameters, velocities, gradients, learning_rate, momentum):
    new_p, new_v = [], []
    for p, v, g in zip(parameters, velocities, gradients):
        v = momentum * v - (1 - momentum) * learning_rate * g
        new_v.append(v)
        new_p.append(p + v)
    return new_p, new_v

#: old-velocity-moves
def momentum_step(parameters, velocities, gradients, learning_rate, momentum):
    new_p, new_v = [], []
    for p, v, g in zip(parameters, velocities, gradients):
        new_p.append(p + v)
        new_v.append(momentum * v - learning_rate * g)
    return new_p, new_v

#: in-place
def momentum_step(parameters, velocities, gradients, learning_rate, momentum):
    for i in range(len(parameters)):
        velocities[i] = momentum * velocities[i] - learning_rate * gradients[i]
        parameters[i] = parameters[i] + velocities[i]
    return parameters, velocities

#: pairs
def momentum_step(parameters, velocities, gradients, learning_rate, momentum):
    result = []
    for p, v, g in zip(parameters, velocities, gradients):
        new_v = momentum * v - learning_rate * g
        result.append((p + new_v, new_v))
    return result

#: order
def momentum_step(parameters, velocities, gradients, learning_rate, momentum):
    new_v = [momentum * v - learning_rate * g for v, g in zip(velocities, gradients)]
    new_p = [p + v for p, v in zip(parameters, new_v)]
    return new_v, new_p
""",
}
