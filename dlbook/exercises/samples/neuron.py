"""What students of the sample class write in the exercises of chapter 2."""

TEXTS = {
    "neuron-weighted-sum": """
#: right
def weighted_sum(inputs, weights, bias):
    total = bias
    for i in range(len(inputs)):
        total = total + inputs[i] * weights[i]
    return total

#: right
def weighted_sum(inputs, weights, bias):
    return (inputs * weights).sum() + bias

#: right
def weighted_sum(inputs, weights, bias):
    # @ is the dot product for 1D arrays
    z = inputs @ weights
    z = z + bias
    return z

#: bias-for-each-input
def weighted_sum(inputs, weights, bias):
    total = 0
    for x, w in zip(inputs, weights):
        total += x * w + bias
    return total

#: products-not-summed
def weighted_sum(inputs, weights, bias):
    return inputs * weights + bias

#: bias-left-out
def weighted_sum(inputs, weights, bias):
    products = inputs * weights
    return products.sum()

#: return-in-the-loop
def weighted_sum(inputs, weights, bias):
    total = 0
    for i in range(len(inputs)):
        total += inputs[i] * weights[i]
        return total + bias

#: an-input-lost
def weighted_sum(inputs, weights, bias):
    total = bias
    for i in range(len(inputs) - 1):
        total += inputs[i] * weights[i]
    return total
""",
    "neuron-relu": """
#: right
def relu(z):
    return z * (z > 0)

#: right
def relu(z):
    result = z.copy()
    result[result < 0] = 0
    return result

#: right
def relu(z):
    return np.where(z > 0, z, 0)

#: if-on-an-array, error
def relu(z):
    if z > 0:
        return z
    else:
        return 0

#: slope-for-value
def relu(z):
    return np.where(z > 0, 1, 0)

#: changed-in-place
def relu(z):
    z[z < 0] = 0
    return z

#: one-number-for-all
def relu(z):
    return np.max([0, z.max()])

#: negatives-dropped
def relu(z):
    return z[z > 0]

#: one-row-only, error
def relu(z):
    return np.array([max(0, number) for number in z])

#: endless
def relu(z):
    flat = z.ravel().copy()
    i = 0
    while i < len(flat):
        if flat[i] < 0:
            flat[i] = 0
    return flat.reshape(z.shape)
""",
    "neuron-sigmoid": """
#: right
def sigmoid(z):
    # the same curve, written with tanh: no overflow
    return 0.5 * (1 + np.tanh(z / 2))

#: right
def sigmoid(z):
    result = np.zeros(z.shape)
    pos = z >= 0
    result[pos] = 1 / (1 + np.exp(-z[pos]))
    power = np.exp(z[~pos])
    result[~pos] = power / (1 + power)
    return result

#: right
def sigmoid(z):
    e = np.exp(-abs(z))
    return np.where(z < 0, e, 1) / (e + 1)

#: overflows
def sigmoid(z):
    return 1 / (1 + np.exp(-z))

#: overflows-in-the-unused-half
def sigmoid(z):
    return np.where(z >= 0, 1 / (1 + np.exp(-z)), np.exp(z) / (1 + np.exp(z)))

#: sign-of-z
def sigmoid(z):
    return 1 / (1 + np.exp(np.clip(z, -500, 500)))

#: clipped-too-early
def sigmoid(z):
    z = np.clip(z, -10, 10)
    return 1 / (1 + np.exp(-z))

#: if-on-an-array, error
def sigmoid(z):
    if z >= 0:
        return 1 / (1 + np.exp(-z))
    return np.exp(z) / (1 + np.exp(z))

#: math-exp, error
import math

def sigmoid(z):
    return 1 / (1 + math.exp(-z))

#: error
def sigmoid(z):
    safe = np.clip(z, -500, 500)
    return 1 / (1 + np.exp(-save))
""",
    "neuron-neuron": """
#: right
def neuron(inputs, weights, bias, activation):
    return activation(weighted_sum(inputs, weights, bias))

#: right
def neuron(inputs, weights, bias, activation):
    z = np.dot(weights, inputs) + bias
    y = activation(z)
    return y

#: right
def neuron(inputs, weights, bias, activation):
    z = bias
    for x, w in zip(inputs, weights):
        z += x * w
    return activation(z)

#: fixed-activation
def neuron(inputs, weights, bias, activation):
    z = np.sum(inputs * weights) + bias
    return max(0, z)

#: activation-missing
def neuron(inputs, weights, bias, activation):
    activation = np.sum(inputs * weights) + bias
    return activation

#: bias-after-activation
def neuron(inputs, weights, bias, activation):
    return activation(np.dot(inputs, weights)) + bias

#: activation-multiplied, error
def neuron(inputs, weights, bias, activation):
    return activation * (np.dot(inputs, weights) + bias)

#: bias-left-out
def neuron(inputs, weights, bias, activation):
    return activation(np.dot(inputs, weights))

#: error
def neuron(inputs, weights, bias, activation):
    z = np.dot(inputs, weights) + bias
    return activation(z
""",
    "neuron-relu-slope": """
#: right
def relu_slope(z):
    return (z > 0).astype(float)

#: right
def relu_slope(z):
    slope = np.zeros_like(z)
    slope[z > 0] = 1
    return slope

#: right
def relu_slope(z):
    return np.heaviside(z, 0)

#: one-at-zero
def relu_slope(z):
    return np.where(z >= 0, 1.0, 0.0)

#: value-for-slope
def relu_slope(z):
    return np.maximum(0, z)

#: if-on-an-array, error
def relu_slope(z):
    if z > 0:
        return 1.0
    return 0.0

#: sign
def relu_slope(z):
    return np.sign(z)

#: changed-in-place
def relu_slope(z):
    z[z > 0] = 1
    z[z <= 0] = 0
    return z
""",
    "neuron-sigmoid-slope": """
#: right
def sigmoid_slope(z):
    s = sigmoid(z)
    return s * (1 - s)

#: right
def sigmoid_slope(z):
    s = (1 + np.tanh(z / 2)) / 2
    return s - s ** 2

#: right
def sigmoid_slope(z):
    e = np.exp(-np.abs(z))
    return e / (1 + e) ** 2

#: overflows
def sigmoid_slope(z):
    s = 1 / (1 + np.exp(-z))
    return s * (1 - s)

#: slope-at-the-output
def sigmoid_slope(z):
    return z * (1 - z)

#: value-for-slope
def sigmoid_slope(z):
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, e) / (1 + e)

#: one-minus-s
def sigmoid_slope(z):
    s = 0.5 * (1 + np.tanh(z / 2))
    return 1 - s

#: tanh-slope
def sigmoid_slope(z):
    return 1 - np.tanh(z) ** 2
""",
    "neuron-and-gate": """
#: right
def and_gate():
    weights = np.array([2.0, 2.0])
    bias = -3.0
    return weights, bias

#: right
def and_gate():
    return np.array([10, 10]), -15

#: or-gate
def and_gate():
    weights = np.array([2.0, 2.0])
    bias = -1.0
    return weights, bias

#: on-the-line
def and_gate():
    return np.array([1.0, 1.0]), -1.0

#: no-bias
def and_gate():
    weights = np.array([1.0, 1.0])
    return weights, 0.0

#: bias-not-returned
def and_gate():
    return np.array([1.0, 1.0, -1.5])

#: both-needed-too-much
def and_gate():
    return np.array([0.5, 0.5]), -1.0

#: outputs-returned
def and_gate():
    return np.array([0, 0, 0, 1])
""",
}
