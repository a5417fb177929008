"""Answers to chapter 2 as people might write them: right ones, and wrong ones without a name."""

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np


def sum_with_loop(inputs, weights, bias):
    total = bias
    for i in range(len(inputs)):
        total = total + inputs[i] * weights[i]
    return total


def sum_recursive(inputs, weights, bias):
    if len(inputs) == 0:
        return bias
    return inputs[0] * weights[0] + sum_recursive(inputs[1:], weights[1:], bias)


def sum_that_prints(inputs, weights, bias):
    print("inputs", inputs)
    result = inputs @ weights + bias
    print(result)
    return result


class Summing:
    def __call__(self, inputs, weights, bias):
        return np.einsum("i,i->", inputs, weights) + bias


def relu_by_element(z):
    out = np.zeros(z.shape)
    for place in np.ndindex(z.shape):
        if z[place] > 0:
            out[place] = z[place]
    return out


def relu_in_a_copy(z):
    out = z.copy()
    out[out < 0] = 0
    return out


def relu_as_lists(z):
    if z.ndim == 1:
        return [max(0, number) for number in z]
    return [relu_as_lists(row) for row in z]


def sigmoid_by_mask(z):
    out = np.empty_like(z)
    positive = z >= 0
    out[positive] = 1 / (1 + np.exp(-z[positive]))
    power = np.exp(z[~positive])
    out[~positive] = power / (1 + power)
    return out


def sigmoid_by_number(z):
    def one(x):
        return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))

    return np.vectorize(one)(z)


def sigmoid_quiet(z):
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-z))


def neuron_in_steps(inputs, weights, bias, activation):
    z = bias
    for x, w in zip(inputs, weights, strict=True):
        z += x * w
    return activation(z)


def neuron_as_list(inputs, weights, bias, activation):
    return [activation(float(sum(inputs * weights)) + bias)][0]


def slope_by_number(z):
    out = np.zeros_like(z)
    for place, value in np.ndenumerate(z):
        out[place] = 1 if value > 0 else 0
    return out


def slope_of_sigmoid_with_powers(z):
    power = np.exp(-np.abs(z))
    return power / (1 + power) ** 2


RIGHT = {
    "neuron-weighted-sum": [
        sum_with_loop,
        sum_recursive,
        sum_that_prints,
        Summing(),
        lambda inputs, weights, bias: np.float64(inputs.dot(weights)) + bias,
        lambda inputs, weights, bias: np.array(np.sum(inputs * weights) + bias),
        lambda a, b, c: sum(x * y for x, y in zip(a, b, strict=True)) + c,
        lambda i, w, b: math.fsum([*(i * w), b]),
        lambda i, w, b: np.append(i, 1.0) @ np.append(w, b),
        lambda i, w, b: (
            sum(Fraction(float(x)) * Fraction(float(y)) for x, y in zip(i, w, strict=True))
            + Fraction(b)
        ),
        lambda i, w, b: Decimal(float(i @ w)) + Decimal(b),
    ],
    "neuron-relu": [
        relu_by_element,
        relu_in_a_copy,
        relu_as_lists,
        lambda z: np.maximum(0, z),
        lambda z: np.where(z > 0, z, 0),
        lambda z: z * (z > 0),
        lambda z: (z + np.abs(z)) / 2,
        lambda z: z.clip(min=0),
        lambda z: np.array([max(0.0, v) for v in z.ravel()]).reshape(z.shape),
        lambda z: np.maximum(z, 0).tolist(),
    ],
    "neuron-sigmoid": [
        sigmoid_by_mask,
        sigmoid_by_number,
        sigmoid_quiet,
        lambda z: 0.5 * (1 + np.tanh(z / 2)),
        lambda z: np.exp(-np.logaddexp(0, -z)),
        lambda z: 1 / (1 + np.exp(-np.clip(z, -500, 500))),
        lambda z: np.exp(np.minimum(z, 0)) / (1 + np.exp(-np.abs(z))),
    ],
    "neuron-neuron": [
        neuron_in_steps,
        neuron_as_list,
        lambda inputs, weights, bias, activation: activation(np.dot(inputs, weights) + bias),
        lambda x, w, b, f: f(float(x @ w + b)),
        lambda x, w, b, f: np.float64(f((x * w).sum() + b)),
        lambda *given: given[3](np.dot(given[0], given[1]) + given[2]),
    ],
    "neuron-relu-slope": [
        slope_by_number,
        lambda z: (z > 0).astype(float),
        lambda z: z > 0,
        lambda z: np.where(z <= 0, 0, 1),
        lambda z: np.heaviside(z, 0),
        lambda z: (np.sign(z) + 1) // 2 * (z != 0),
        lambda z: np.greater(z, 0).astype(int).tolist(),
    ],
    "neuron-sigmoid-slope": [
        slope_of_sigmoid_with_powers,
        lambda z: sigmoid_by_mask(z) * (1 - sigmoid_by_mask(z)),
        lambda z: (1 - np.tanh(z / 2) ** 2) / 4,
        lambda z: sigmoid_by_mask(z) - sigmoid_by_mask(z) ** 2,
        lambda z: sigmoid_by_number(z) * sigmoid_by_number(-z),
    ],
    "neuron-and-gate": [
        lambda: (np.array([1.0, 1.0]), -1.5),
        lambda: (np.array([20, 20]), -30),
        lambda: [[0.6, 0.7], -1],
        lambda: (np.array([1e-6, 1e-6]), -1.5e-6),
        lambda: (np.array([3.0, 5.0]), np.array(-6.0)),
        lambda: (np.array([1.0, 1.0]), np.array([-1.2])),
        lambda: ((2, 2), -3),
    ],
}

WRONG = {
    "neuron-weighted-sum": [
        lambda inputs, weights, bias: 0.5,
        lambda inputs, weights, bias: np.array([inputs @ weights + bias]),
        lambda inputs, weights, bias: str(inputs @ weights + bias),
        lambda inputs, weights, bias: abs(inputs @ weights + bias),
        lambda inputs, weights, bias: np.round(inputs @ weights + bias, 3),
        lambda inputs, weights, bias: inputs @ weights + bias + 0j,
        lambda inputs, weights: inputs @ weights,
    ],
    "neuron-relu": [
        lambda z: None,
        lambda z: np.array([0.0, 0.0, 3.0]),
        lambda z: np.maximum(z, 0).ravel(),
        lambda z: np.maximum(z, 1e-3),
        lambda z: np.maximum(z, 0).astype(int),
        lambda z: np.maximum(z, 0, out=z),
    ],
    "neuron-sigmoid": [
        lambda z: 1 / (1 + 2.718 ** -np.clip(z, -500, 500)),
        lambda z: np.clip(z / 4 + 0.5, 0, 1),
        lambda z: np.where(np.abs(z) > 100, 0, 1 / (1 + np.exp(-np.clip(z, -500, 500)))),
    ],
    "neuron-neuron": [
        lambda inputs, weights, bias, activation: activation(inputs * weights + bias),
        lambda inputs, weights, bias, activation: activation(float(inputs @ weights) - bias),
    ],
    "neuron-relu-slope": [
        lambda z: 1.0,
        lambda z: np.where(z > 0.1, 1.0, 0.0),
        lambda z: (z > 0).sum(),
    ],
    "neuron-sigmoid-slope": [
        lambda z: np.where(np.abs(z) < 5, sigmoid_quiet(z) * (1 - sigmoid_quiet(z)), 0.0),
        lambda z: np.full_like(z, 0.25),
    ],
    "neuron-and-gate": [
        lambda: (np.array([np.inf, np.inf]), -1.5),
        lambda: (np.array([np.nan, 1.0]), -1.5),
        lambda: "AND",
        lambda: (np.array([[1.0, 1.0]]), -1.5),
        lambda: {"weights": [1, 1], "bias": -1.5},
        lambda: (np.array([2.0, 1.0]), -1.5),
        lambda: (np.array([1.0, 2.0]), -1.5),
    ],
}
