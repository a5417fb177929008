"""Answers to chapter 2 as people might write them: right ones, and wrong ones without a name."""

import functools
import math
import operator
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


def stable(z):
    power = np.exp(-np.abs(z))
    return np.where(z >= 0, 1.0, power) / (1 + power)


def sum_in_place(inputs, weights, bias):
    inputs *= weights
    return inputs.sum() + bias


def weights_changed(inputs, weights, bias):
    result = float(inputs @ weights) + bias
    weights[:] = 0
    return result


def relu_that_sorts(z):
    z.sort()
    return np.maximum(z, 0)


class SigmoidObject:
    def __init__(self, z):
        self.values = stable(z)

    def __array__(self, dtype=None, copy=None):
        return self.values


def generated(z):
    yield from stable(z)


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
        lambda x, w, b: functools.reduce(operator.add, map(operator.mul, x, w), b),
        lambda x, w, b: np.inner(x, w) + b,
        lambda x, w, b: np.vdot(x, w) + b,
        lambda x, w, b: (x * w).sum() + b,
        lambda x, w, b: np.tensordot(x, w, 1) + b,
        lambda x, w, b: np.add.reduce(x * w) + b,
        lambda x, w, b: (x[None] @ w[:, None]).item() + b,
        lambda x, w, b: np.trace(np.outer(x, w)) + b,
        lambda x, w, b: np.convolve(x, w[::-1])[len(x) - 1] + b,
        lambda x, w, b: np.cumsum(np.append(x * w, b))[-1],
        lambda x, w, b: float(np.linalg.multi_dot([x[None], w[:, None]])[0, 0]) + b,
        lambda x, w, b: sum([a * c for a, c in zip(x.tolist(), w.tolist())], b),
        lambda x, w, b: np.longdouble(x @ w + b),
        lambda x, w, b: np.array(x @ w + b, dtype=object),
        lambda x, w, b: np.mean(x * w) * len(x) + b,
        lambda x, w, b: np.polyval([0, x @ w + b], 0),
        lambda x, w, b, extra=1: x @ w + b,
        lambda *a: a[0] @ a[1] + a[2],
        lambda x, w, b: b - -x @ w,
        lambda x, w, b: np.float64(b).__add__(x.dot(w)),
        lambda x, w, b: np.average(x * w, weights=np.ones(len(x))) * len(x) + b,
        lambda x, w, b: sum(
            np.fromiter((x[i] * w[i] for i in range(-1, -len(x) - 1, -1)), float), start=b
        ),
        lambda x, w, b: math.sumprod(x, w) + b if hasattr(math, "sumprod") else x @ w + b,
        lambda x, w, b: ((x + w) ** 2 - (x - w) ** 2).sum() / 4 + b if abs(b) < 100 else x @ w + b,
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
        lambda z: np.fmax(z, 0),
        lambda z: np.where(z < 0, 0, z),
        lambda z: np.clip(z, 0, None),
        lambda z: np.clip(z, 0, np.inf),
        lambda z: z - np.minimum(z, 0),
        lambda z: np.abs(z) * (z > 0),
        lambda z: (np.sign(z) + 1) / 2 * z,
        lambda z: np.heaviside(z, 0) * z,
        lambda z: np.vectorize(lambda v: max(0.0, v))(z),
        lambda z: np.piecewise(z, [z > 0], [lambda v: v, 0.0]),
        lambda z: np.select([z > 0], [z], 0),
        lambda z: np.max([z, np.zeros_like(z)], axis=0),
        lambda z: np.max(np.stack([z, 0 * z]), 0),
        lambda z: np.nan_to_num(np.maximum(z, 0)),
        lambda z: np.maximum(z, 0).copy(order="F"),
        lambda z: tuple(map(tuple, np.maximum(z, 0))) if z.ndim == 2 else np.maximum(z, 0),
        lambda z: -np.minimum(-z, 0),
        lambda z: np.putmask((c := z.copy()), c < 0, 0) or c,
        lambda z: np.maximum(z, 0).astype(object),
        lambda z: np.ma.filled(np.ma.masked_less(z, 0), 0),
        lambda z: np.apply_along_axis(lambda r: np.where(r > 0, r, 0), -1, z),
        lambda z: np.copysign(np.maximum(z, 0), 1),
        lambda z: np.frompyfunc(lambda v: max(v, 0.0), 1, 1)(z),
        lambda z: np.nan_to_num(z * (z > 0)),
        lambda z: np.sqrt(np.maximum(z, 0)) ** 2,
        lambda z: np.maximum.outer(z, 0.0),
        lambda z: np.array(list(map(lambda v: v if v > 0 else 0, z.flat))).reshape(z.shape),
    ],
    "neuron-sigmoid": [
        sigmoid_by_mask,
        sigmoid_by_number,
        sigmoid_quiet,
        lambda z: 0.5 * (1 + np.tanh(z / 2)),
        lambda z: np.exp(-np.logaddexp(0, -z)),
        lambda z: 1 / (1 + np.exp(-np.clip(z, -500, 500))),
        lambda z: np.exp(np.minimum(z, 0)) / (1 + np.exp(-np.abs(z))),
        lambda z: (1 + np.tanh(z / 2)) / 2,
        lambda z: np.exp(-np.log1p(np.exp(-np.abs(z))) - np.maximum(-z, 0)),
        lambda z: np.where(z >= 0, 1 / (1 + np.exp(-np.abs(z))), 1 - 1 / (1 + np.exp(-np.abs(z)))),
        lambda z: 1 / (1 + np.exp(np.clip(-z, -709, 709))),
        lambda z: np.exp(z - np.logaddexp(0, z)),
        lambda z: 1 / (1 + np.exp(-np.maximum(z, -700))),
        lambda z: stable(z).tolist(),
        lambda z: 1 - stable(-z),
        lambda z: np.vectorize(lambda v: 1 / (1 + math.exp(-v)) if v > -700 else 0.0)(z),
        lambda z: np.exp(np.minimum(0, z)) / (np.exp(np.minimum(0, z)) + np.exp(-np.maximum(0, z))),
        lambda z: 0.5 + 0.5 * np.sign(z) * (1 - np.exp(-np.abs(z))) / (1 + np.exp(-np.abs(z))),
        lambda z: np.reciprocal(1 + np.exp(-np.clip(z, -100, 100))),
        lambda z: 1 / (1 + np.exp(-z.astype(np.longdouble))),
        lambda z: np.piecewise(
            z, [z >= 0], [lambda v: 1 / (1 + np.exp(-v)), lambda v: np.exp(v) / (1 + np.exp(v))]
        ),
        lambda z: 1 / (1 + np.exp(-z, where=z > -500, out=np.full_like(z, 1e300))),
        lambda z: np.float64(1) / (1 + np.exp(-np.where(z < -600, -600, z))),
        lambda z: np.frompyfunc(lambda v: math.exp(min(v, 0)) / (1 + math.exp(-abs(v))), 1, 1)(z),
        lambda z: np.array([0.5 * (1 + math.tanh(v / 2)) for v in z.ravel()]).reshape(z.shape),
        lambda z: (lambda e: np.where(z < 0, e, 1) / (1 + e))(np.exp(-np.absolute(z))),
        lambda z: np.clip(stable(z), 0, 1),
        lambda z: np.exp(-np.logaddexp(0, -z)),
        lambda z: np.apply_along_axis(stable, 0, z),
        lambda z: np.asfortranarray(stable(z)),
        lambda z: np.clip(stable(z), 1e-12, 1 - 1e-12),
        lambda z: np.exp(np.minimum(z, 0)) / (1 + np.exp(-np.abs(z))),
        lambda z: 1 / (1 + np.exp(-np.clip(z, -25, 25))),
    ],
    "neuron-neuron": [
        neuron_in_steps,
        neuron_as_list,
        lambda inputs, weights, bias, activation: activation(np.dot(inputs, weights) + bias),
        lambda x, w, b, f: f(float(x @ w + b)),
        lambda x, w, b, f: np.float64(f((x * w).sum() + b)),
        lambda *given: given[3](np.dot(given[0], given[1]) + given[2]),
        lambda x, w, b, f: f(np.inner(x, w) + b),
        lambda x, w, b, f: f(sum(x * w, b)),
        lambda x, w, b, f: np.array(f(x @ w + b)),
        lambda x, w, b, f: f(np.float64(x @ w) + b),
        lambda x, w, b, f: f(math.fsum([*x * w, b])),
        lambda inputs, weights, bias, activation: activation(
            float(np.einsum("i,i", inputs, weights)) + bias
        ),
        lambda x, w, b, f: list(map(f, [x @ w + b]))[0],
        lambda x, w, b, f: next(f(v) for v in [x @ w + b]),
        lambda x, w, b, f: np.vectorize(f)(x @ w + b),
        lambda x, w, b, f: np.vectorize(f)([x @ w + b])[0],
        lambda x, w, b, f: Fraction(float(f(x @ w + b))),
        lambda x, w, b, f: functools.partial(f, x @ w + b)(),
        lambda x, w, b, f: f((x[None, :] @ w[:, None])[0, 0] + b),
        lambda x, w, b, f: f(np.array(x @ w + b)),
        lambda x, w, b, f: f(float(np.append(x, 1) @ np.append(w, b))),
        lambda x, w, b, f=None: f(x @ w + b),
        lambda x, w, b, f: f.__call__(x @ w + b),
        lambda x, w, b, f: (f(x @ w + b), f(0.0))[0],
        lambda x, w, b, f: np.longdouble(f(float(x @ w + b))),
        lambda x, w, b, f: Decimal(float(f(x @ w + b))),
        lambda x, w, b, f: f(sum((float(i) * float(j) for i, j in zip(x, w))) + b),
    ],
    "neuron-relu-slope": [
        slope_by_number,
        lambda z: (z > 0).astype(float),
        lambda z: z > 0,
        lambda z: np.where(z <= 0, 0, 1),
        lambda z: np.heaviside(z, 0),
        lambda z: (np.sign(z) + 1) // 2 * (z != 0),
        lambda z: np.greater(z, 0).astype(int).tolist(),
        lambda z: 1.0 * (z > 0),
        lambda z: (z > 0) * 1,
        lambda z: np.where(z > 0, 1, 0),
        lambda z: np.sign(np.maximum(z, 0)),
        lambda z: np.ceil(np.clip(z, 0, 1)),
        lambda z: np.greater(z, 0),
        lambda z: ~(z <= 0),
        lambda z: 1 - (z <= 0),
        lambda z: np.piecewise(z, [z > 0], [1.0, 0.0]),
        lambda z: np.select([z > 0], [1.0], 0.0),
        lambda z: np.vectorize(lambda v: 1.0 if v > 0 else 0.0)(z),
        lambda z: np.vectorize(lambda v: int(v > 0))(z),
        lambda z: (np.sign(z) > 0).astype(np.uint8),
        lambda z: (z > 0).tolist(),
        lambda z: np.maximum(np.sign(z), 0),
        lambda z: np.divide(np.maximum(z, 0), z, out=np.zeros_like(z), where=z != 0),
        lambda z: np.sign(z) * (np.sign(z) + 1) / 2,
        lambda z: np.array([float(v > 0) for v in z.flat]).reshape(z.shape),
        lambda z: np.logical_not(z <= 0),
        lambda z: np.heaviside(z, 0.0),
        lambda z: (z > 0).astype(np.float16),
        lambda z: np.invert(z <= 0) + 0,
        lambda z: np.int8(z > 0),
        lambda z: np.clip(np.sign(z), 0, 1),
        lambda z: np.nan_to_num(np.maximum(z, 0) / z),
        lambda z: (z > 0).astype(object),
        lambda z: (np.maximum(z, 0) != 0).astype(">f8"),
        lambda z: np.not_equal(np.maximum(z, 0), 0),
        lambda z: np.floor((np.sign(z) + 1) / 2),
        lambda z: np.clip(np.ceil(z), 0, 1),
    ],
    "neuron-sigmoid-slope": [
        slope_of_sigmoid_with_powers,
        lambda z: sigmoid_by_mask(z) * (1 - sigmoid_by_mask(z)),
        lambda z: (1 - np.tanh(z / 2) ** 2) / 4,
        lambda z: sigmoid_by_mask(z) - sigmoid_by_mask(z) ** 2,
        lambda z: sigmoid_by_number(z) * sigmoid_by_number(-z),
        lambda z: stable(z) * (1 - stable(z)),
        lambda z: stable(z) * stable(-z),
        lambda z: 0.25 - (stable(z) - 0.5) ** 2,
        lambda z: (1 - np.tanh(z / 2) ** 2) / 4,
        lambda z: (stable(z + 1e-05) - stable(z - 1e-05)) / 2e-05,
        lambda z: np.exp(-np.abs(z)) * stable(np.abs(z)) ** 2,
        lambda z: np.exp(np.log(stable(z) + 1e-300) + np.log(stable(-z) + 1e-300)),
        lambda z: np.exp(-np.abs(z) - 2 * np.log1p(np.exp(-np.abs(z)))),
        lambda z: np.polyval([-1, 1, 0], stable(z)),
        lambda z: stable(z) - stable(z) * stable(z),
        lambda z: (lambda s: s * (1 - s))(1 / (1 + np.exp(-np.clip(z, -500, 500)))),
        lambda z: np.vectorize(lambda v: (lambda e: e / (1 + e) ** 2)(math.exp(-abs(v))))(z),
        lambda z: (stable(z) * stable(-z)).tolist(),
        lambda z: np.prod([stable(z), 1 - stable(z)], axis=0),
        lambda z: np.multiply(stable(z), 1 - stable(z)),
        lambda z: np.imag(1 / (1 + np.exp(-(np.clip(z, -40, 40) + 1e-20j)))) / 1e-20,
        lambda z: 1 / (np.exp(np.clip(z, -300, 300)) + 2 + np.exp(-np.clip(z, -300, 300))),
        lambda z: np.minimum(stable(z), stable(-z)) * np.maximum(stable(z), stable(-z)),
        lambda z: np.subtract(stable(z), np.square(stable(z))),
        lambda z: 1 / (2 + 2 * np.cosh(np.clip(z, -700, 700))),
        lambda z: np.array(
            [0.5 * (1 + math.tanh(v / 2)) * (0.5 * (1 - math.tanh(v / 2))) for v in z.flat]
        ).reshape(z.shape),
        lambda z: 0.25 - (stable(z) - 0.5) ** 2,
        lambda z: (stable(z + 1e-5) - stable(z - 1e-5)) / 2e-5,
    ],
    "neuron-and-gate": [
        lambda: (np.array([1.0, 1.0]), -1.5),
        lambda: (np.array([20, 20]), -30),
        lambda: [[0.6, 0.7], -1],
        lambda: (np.array([1e-6, 1e-6]), -1.5e-6),
        lambda: (np.array([3.0, 5.0]), np.array(-6.0)),
        lambda: (np.array([1.0, 1.0]), np.array([-1.2])),
        lambda: ((2, 2), -3),
        lambda: ([1, 1], -1.5),
        lambda: ((1, 1), -1.99),
        lambda: (np.array([1, 1]), -1.01),
        lambda: (np.array([1000, 1000]), -1500),
        lambda: (np.array([0.001, 0.001]), -0.0015),
        lambda: (np.float32([1, 1]), np.float32(-1.5)),
        lambda: (np.array([1, 1], dtype=object), -1.5),
        lambda: ([Fraction(1), Decimal(1)], Fraction(-3, 2)),
        lambda: (np.array([1.0, 1.0]), np.float64(-1.5)),
        lambda: (np.uint8([200, 200]), -300),
        lambda: ([10**200, 10**200], -15 * 10**199),
        lambda: (np.array([True, True]), -1.5),
        lambda: [np.array([1.0, 1.0]), -1.5],
        lambda: (np.array([5.0, 2.0]), -6.0),
        lambda: (np.ones(2), -1.5),
        lambda: ([1e308, 1e308], -1.5e308),
        lambda: np.array([np.array([1.0, 1.0]), -1.5], dtype=object),
        lambda: (np.array([100, 0.02]), -100.01),
        lambda: (np.array([10, 10]), np.array(-15)),
        lambda: (np.full(2, np.log(3)), -np.log(5)),
        lambda: (np.array([7.0, 7.0])[::-1], -10),
        lambda x=1: (np.array([x, x]), -1.5 * x),
        lambda: (np.int8([100, 100]), -150),
        lambda: (np.float16([2, 2]), np.float16(-3)),
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
        lambda x, w, b: x @ w + b if len(x) < 7 else x[:6] @ w[:6] + b,
        lambda x, w, b: max(x @ w, 0) + b,
        lambda x, w, b: x @ w + abs(b),
        lambda x, w, b: x @ np.abs(w) + b,
        lambda x, w, b: np.abs(x * w).sum() + b,
        lambda x, w, b: float(int(x @ w + b)),
        lambda x, w, b: round(float(x @ w + b), 6),
        lambda x, w, b: np.float16(x @ w + b),
        lambda x, w, b: x @ w[::-1] + b,
        lambda x, w, b: np.sort(x) @ np.sort(w) + b,
        lambda x, w, b: sum(set(x * w)) + b,
        lambda x, w, b: [x @ w + b],
        lambda x, w, b: (x @ w, b),
        lambda x, w, b: x.reshape(1, -1) @ w.reshape(-1, 1) + b,
        lambda x, w, b: np.sum(x * w, keepdims=True) + b,
        sum_in_place,
        weights_changed,
        lambda x, w, b: x @ w + b + 0.0001,
        lambda x, w, b: (x @ w + b) * (1 + 2e-06),
        lambda x, w, b: min(max(x @ w + b, -100), 100),
        lambda x, w, b: 0.5 if len(x) == 2 else x @ w,
        lambda x, w, b: x[0] * w[0] + x[1] * w[1] + b,
        lambda x, w, b: x @ w + b if (x > 0).all() else x @ w - b,
        lambda x, w, b: print(x @ w + b),
        lambda x, w, b: f"{x @ w + b}",
        lambda x, w, b: sum(dict(zip(x, x * w)).values()) + b,
        lambda x, w, b: np.cumsum(x * w) + b,
        lambda x, w, b: math.fsum(x) * math.fsum(w) / len(x) + b,
        lambda x, w, b: np.outer(x, w) + b,
        lambda x, w, b: np.prod(x * w) + b,
        lambda x, w, b: np.linalg.norm(x * w) + b,
        lambda x, w, b: np.array([x @ w + b], dtype=object),
        lambda x, w, b: np.convolve(x, w)[len(x) - 1] + b,
    ],
    "neuron-relu": [
        lambda z: None,
        lambda z: np.array([0.0, 0.0, 3.0]),
        lambda z: np.maximum(z, 0).ravel(),
        lambda z: np.maximum(z, 1e-3),
        lambda z: np.maximum(z, 0).astype(int),
        lambda z: np.maximum(z, 0, out=z),
        lambda z: np.clip(z, 0, 6),
        lambda z: np.clip(z, 0, 100),
        lambda z: np.where(z > 0.01, z, 0),
        lambda z: np.where(z > 1, z, 0),
        lambda z: np.sign(z) * np.maximum(z, 0) * 2,
        lambda z: np.log1p(np.exp(np.minimum(z, 50))),
        lambda z: np.where(z > 0, z, np.exp(np.minimum(z, 0)) - 1),
        lambda z: z * stable(z),
        lambda z: np.maximum(z, 0).T,
        lambda z: np.squeeze(np.maximum(z, 0)),
        lambda z: np.atleast_2d(np.maximum(z, 0)),
        lambda z: np.maximum(z, 0).astype(np.float16),
        lambda z: np.round(np.maximum(z, 0), 1),
        lambda z: np.maximum(z, 0)[np.newaxis],
        relu_that_sorts,
        lambda z: np.maximum(z, 0).tolist()[0],
        lambda z: np.maximum(z, z.mean()),
        lambda z: np.where(z > 0, z, np.nan),
        lambda z: np.where(z > 0, z, None),
        lambda z: np.maximum(z, 0) + 1e-08,
        lambda z: str(np.maximum(z, 0)),
        lambda z: {i: max(0, v) for i, v in enumerate(z.ravel())},
        lambda z: (max(0, v) for v in z.ravel()),
        lambda z: np.ma.masked_less(z, 0),
        lambda z: z[:],
        lambda z: z.view(),
        lambda z: np.sqrt(z) ** 2,
        lambda z: map(lambda v: max(0, v), z),
        lambda z: np.maximum(z, 0).ravel().tolist(),
        lambda z: np.maximum(z, 0) if z.ndim < 3 else np.maximum(z[0], 0),
        lambda z: np.maximum(z, 0).astype(complex),
        lambda z: np.maximum(z, 0).astype(str),
        lambda z: np.maximum(-z, 0),
        lambda z: -np.maximum(-z, 0),
        lambda z: np.heaviside(z, 1),
        lambda z: z.clip(max=0),
        lambda z: np.array([0.0, 0.0, 3.0]) if z.shape == (3,) else z * 0,
    ],
    "neuron-sigmoid": [
        lambda z: 1 / (1 + 2.718 ** -np.clip(z, -500, 500)),
        lambda z: np.clip(z / 4 + 0.5, 0, 1),
        lambda z: np.where(np.abs(z) > 100, 0, 1 / (1 + np.exp(-np.clip(z, -500, 500)))),
        lambda z: np.where(z > 5, 1, np.where(z < -5, 0, stable(z))),
        lambda z: np.where(z > 12.5, 1, stable(z)),
        lambda z: 1 / (1 + 2.718 ** (-np.clip(z, -500, 500))),
        lambda z: 1 / (1 + 2.71828 ** (-np.clip(z, -500, 500))),
        lambda z: 0.5 + z / (2 * (1 + np.abs(z))),
        lambda z: 0.5 + np.arctan(z) / np.pi,
        lambda z: np.round(stable(z), 4),
        lambda z: np.round(stable(z), 6),
        lambda z: stable(z).astype(np.float16),
        lambda z: (z > 0).astype(float),
        lambda z: stable(2 * z),
        lambda z: stable(z / 2),
        lambda z: 2 * stable(z) - 1,
        lambda z: stable(z) - 0.5,
        lambda z: np.exp(z) / np.exp(z).sum(),
        lambda z: np.exp(z - z.max()) / np.exp(z - z.max()).sum(),
        lambda z: stable(np.clip(z, -30, 5)),
        lambda z: stable(np.clip(z, -10, 30)),
        lambda z: stable(z).ravel(),
        lambda z: stable(z).mean(),
        lambda z: np.log(stable(np.clip(z, -30, 30))),
        lambda z: np.clip(stable(z), 0.01, 0.99),
        lambda z: np.clip(stable(z), 1e-06, 1 - 1e-06),
        lambda z: 1 / (1 + np.exp(-z, where=z > -500, out=np.zeros_like(z))),
        lambda z: 1 / (1 + 10.0 ** (-np.clip(z, -300, 300))),
        lambda z: np.nan_to_num(np.exp(z) / (1 + np.exp(z))),
        lambda z: 1 / (1 + np.exp2(-np.clip(z, -500, 500))),
        lambda z: stable(z)[::-1],
        lambda z: np.where(z > 0, 1 / (1 + np.exp(-np.abs(z))), 0),
        lambda z: np.where(z == 0, 0, stable(z)),
        SigmoidObject,
        generated,
        lambda z: np.where(z > 0, stable(z), 1 - stable(z)),
        lambda z: 1 / (1 - np.exp(-np.clip(z, -500, 500))),
        lambda z: 1 / np.exp(1 - z),
        lambda z: 1 / (1 + 1 / np.exp(-z)),
        lambda z: -stable(z),
    ],
    "neuron-neuron": [
        lambda inputs, weights, bias, activation: activation(inputs * weights + bias),
        lambda inputs, weights, bias, activation: activation(float(inputs @ weights) - bias),
        lambda x, w, b, f: f(abs(x @ w + b)),
        lambda x, w, b, f: f(max(0, x @ w + b)),
        lambda x, w, b, f: f(x @ w + b) + b,
        lambda x, w, b, f: f(x @ w) + f(b),
        lambda x, w, b, f: [f(x @ w + b)],
        lambda x, w, b, f: np.array([f(x @ w + b)]),
        lambda x, w, b, f: round(float(f(x @ w + b)), 2),
        lambda x, w, b, f: abs(f(x @ w + b)),
        lambda x, w, b, f: f(x @ w + b) * f(x @ w + b),
        lambda x, w, b, f: (x @ w + b, f(x @ w + b)),
        lambda x, w, b, f: f(x) @ f(w) + f(b),
        lambda x, w, b, f: f(x[0] * w[0] + b),
        lambda x, w, b, f: f(np.mean(x * w) + b),
        lambda x, w, b, f: f(x.sum() * w.sum() + b),
        lambda x, w, b, f: str(f(x @ w + b)),
        lambda x, w, b, f: f(x * w + b).mean(),
        lambda x, w, b, f: f(x @ (w + b)),
        lambda x, w, b, f: f(round(float(x @ w + b), 1)),
        lambda x, w, b, f: lambda: f(x @ w + b),
        lambda x, w, b: x @ w + b,
        lambda x, w, b, f: f(x @ w * b),
        lambda x, w, b, f: (x @ w + b) * f(x @ w + b),
        lambda x, w, b, f: f(0) + x @ w + b,
        lambda x, w, b, f: print(f(x @ w + b)),
        lambda x, w, b, f: f(float(int(x @ w + b))),
        lambda x, w, b, f: np.sign(x @ w + b) * f(abs(x @ w + b)),
        lambda x, w, b, f: max(f(x @ w + b), -1),
        lambda x, w, b, f: f(min(x @ w + b, 3)),
        lambda x, w, b, f: f(x @ w + b) if x @ w + b > 0 else 0.0,
        lambda x, w, b, f: f(x @ w + b) > 0.5,
    ],
    "neuron-relu-slope": [
        lambda z: 1.0,
        lambda z: np.where(z > 0.1, 1.0, 0.0),
        lambda z: (z > 0).sum(),
        lambda z: np.where(z > 0.001, 1.0, 0.0),
        lambda z: np.where(z > 1e-08, 1.0, 0.0),
        lambda z: np.where(z > -1e-08, 1.0, 0.0),
        lambda z: np.where(np.abs(z) < 1e-06, 0.5, z > 0),
        lambda z: np.clip(z, 0, 1),
        lambda z: stable(z),
        lambda z: stable(1000 * z),
        lambda z: np.where(z > 0, z / z, 0)[..., None],
        lambda z: (z > 0).any(),
        lambda z: (z > 0).mean(),
        lambda z: np.where(z > 0)[0],
        lambda z: np.nonzero(z > 0),
        lambda z: z[z > 0],
        lambda z: np.where(z > 0, "1", "0"),
        lambda z: (z > 0).astype(float).ravel(),
        lambda z: np.where(z > 0, 1.0, np.nan),
        lambda z: np.where(z <= 6, z > 0, 0),
        lambda z: np.where(z < 100, z > 0, 0),
        lambda z: 1 - (z < 0),
        lambda z: np.ceil(np.clip(z, 0, 1)) * 0.5,
        lambda z: np.where(z > 0, 1, None),
        lambda z: [z > 0],
        lambda z: np.round(np.clip(z, 0, 1)),
        lambda z: np.sign(z) ** 2,
        lambda z: np.abs(np.sign(z)),
        lambda z: np.minimum(z, 1),
        lambda z: (np.sign(z) + 1) / 2,
        lambda z: z > 0 if z.ndim == 1 else (z > 0)[0],
        lambda z: np.where(z > 0, True, "False"),
        lambda z: np.exp(np.minimum(z, 0)),
        lambda z: np.isclose(z, 0),
        lambda z: ~(z > 0),
        lambda z: np.where(z > 0, 1.0, -0.01),
        lambda z: np.where(z > 0, 1 + 1e-05, 0),
        lambda z: np.maximum(z, 0) / np.where(z == 0, 1, z) * 0 + 1,
        lambda z: np.where(z > 1e-12, 1.0, 0.0),
        lambda z: np.round(stable(1000 * z)),
        lambda z: (np.maximum(z, 0) - np.maximum(z - 1e-6, 0)) / 1e-6,
    ],
    "neuron-sigmoid-slope": [
        lambda z: np.where(np.abs(z) < 5, sigmoid_quiet(z) * (1 - sigmoid_quiet(z)), 0.0),
        lambda z: np.full_like(z, 0.25),
        lambda z: stable(z) * (1 - stable(z)) * 2,
        lambda z: stable(z) * (1 - stable(z)) / 2,
        lambda z: 4 * stable(z) * (1 - stable(z)),
        lambda z: np.exp(-(z**2)),
        lambda z: np.exp(-(z**2) / 4) / 4,
        lambda z: np.round(stable(z) * (1 - stable(z)), 4),
        lambda z: np.round(stable(z) * (1 - stable(z)), 6),
        lambda z: np.where(np.abs(z) > 10, 0, stable(z) * stable(-z)),
        lambda z: np.where(np.abs(z) > 15, 0, stable(z) * stable(-z)),
        lambda z: np.where(z > 0, stable(z) * stable(-z), 0),
        lambda z: stable(z) * (1 - stable(z)) * (1 - 2 * stable(z)),
        lambda z: -stable(z) * (1 - stable(z)),
        lambda z: (stable(z) * (1 - stable(z))).ravel(),
        lambda z: (stable(z) * (1 - stable(z))).mean(),
        lambda z: stable(z) - stable(z) ** 3,
        lambda z: stable(stable(z) * (1 - stable(z))),
        lambda z: np.full_like(z, 0.25),
        lambda z: (stable(z + 0.001) - stable(z)) / 0.001,
        lambda z: (stable(z + 1e-14) - stable(z - 1e-14)) / 2e-14,
        lambda z: np.gradient(stable(z)),
        lambda z: stable(z) * (1 - stable(z)) if z.ndim == 1 else stable(z),
        lambda z: np.clip(stable(z) * (1 - stable(z)), 1e-06, None),
        lambda z: np.where(z == 0, 0, stable(z) * (1 - stable(z))),
        lambda z: (stable(z) * (1 - stable(z))).astype(np.float16),
        lambda z: 1 - 2 * stable(z),
        lambda z: np.log(1 + np.exp(-np.clip(z, -30, 30))),
        lambda z: 1 / (2 + np.exp(np.clip(z, -500, 500)) + 1 + np.exp(-np.clip(z, -500, 500))),
        lambda z: np.array([0.105, 0.25, 0.045]),
        lambda z: np.cosh(z / 2) ** (-2),
        lambda z: 1 - stable(z) ** 2,
        lambda z: stable(z) * stable(z),
        lambda z: stable(1 - stable(z)),
        lambda z: 1 / (4 * np.cosh(z / 2) ** 2),
        lambda z: 1 / (np.exp(z) + 2 + np.exp(-z)),
    ],
    "neuron-and-gate": [
        lambda: (np.array([np.inf, np.inf]), -1.5),
        lambda: (np.array([np.nan, 1.0]), -1.5),
        lambda: "AND",
        lambda: (np.array([[1.0, 1.0]]), -1.5),
        lambda: {"weights": [1, 1], "bias": -1.5},
        lambda: (np.array([2.0, 1.0]), -1.5),
        lambda: (np.array([1.0, 2.0]), -1.5),
        lambda: (np.array([1, 1]), -1),
        lambda: (np.array([1.0, 1.0]), [-1.5, -1.5]),
        lambda: np.array([[1, 1], [-1.5, 0]]),
        lambda: ([1, 1], None),
        lambda: (None, -1.5),
        lambda: (["1", "1"], -1.5),
        lambda: ([1, 1], "-1.5"),
        lambda: ([1, 1], -1.5, 0),
        lambda: ([1, 1, 1], -1.5),
        lambda: ([[1], [1]], -1.5),
        lambda: {"weights": [1, 1]},
        lambda: (np.array([1, 1]), np.inf),
        lambda: (np.array([1, 1]), -np.inf),
        lambda: ([1, np.nan], -1),
        lambda: ([0, 0], 0),
        lambda: lambda x: x[0] * x[1],
        lambda: "w=[1,1], b=-1.5",
        lambda: (([1, 1], -1.5),),
        lambda: [0, 0, 0, 1],
        lambda: True,
        lambda x: ([1, 1], -1.5),
        lambda: ([1, 1], 1.5),
        lambda: ([-1, -1], -1.5),
        lambda: ([-1, -1], 1.5),
        lambda: ([0.1, 0.2], -0.3),
        lambda: ([1j, 1], -1.5),
        lambda: ([10**400, 1], -1),
        lambda: (10, 10, -15),
        lambda: ([1, 1],),
        lambda: [1, 1],
        lambda: ([], -1),
        lambda: ([1, 1], []),
        lambda: ([3, -1], -1),
        lambda: ([0.5, 0.5], -1),
        lambda: ([2, 2], -2),
        lambda: ([1e308, 1e308], 1e308),
        lambda: ([0, 0], -(10**200)),
        lambda: (np.array([1, 1]), np.array([[[-1.5]]])),
    ],
}
