"""The answer key of chapter 2: one neuron, its sum, its activations and their slopes."""

import math

import numpy as np

from dlbook.exercises.plain import Given, as_numbers
from dlbook.exercises.question import Case, Question, Section, mistake

SUM = Section("neuron", "The idea in words")
CODE = Section("neuron", "The same in code")
BIAS = Section("neuron", "The bias shifts the threshold")
ACTIVATIONS = Section("neuron", "Four activations and their slopes")
OVERFLOW = Section("neuron", "A sigmoid that can't overflow")
SLOPES = Section("neuron", "Learning needs a slope")
LINE = Section("neuron", "A neuron draws a straight line")
PLAY = Section("neuron", "A figure to play with: OR")


# --- References ------------------------------------------------------------------------------


def weighted_sum(inputs, weights, bias):
    """Return the sum of the products, plus the bias."""
    return float(np.dot(inputs, weights) + bias)


def relu(z):
    """Return z where it is positive, 0 elsewhere."""
    return np.maximum(z, 0.0)


def sigmoid(z):
    """Return 1 / (1 + exp(-z)), never raising e to a positive number."""
    small = np.exp(-np.abs(z))
    return np.where(z >= 0, 1.0, small) / (1.0 + small)


def neuron(inputs, weights, bias, activation):
    """Return the activation of the weighted sum."""
    return float(activation(weighted_sum(inputs, weights, bias)))


def relu_slope(z):
    """Return 1 where z is positive, 0 elsewhere."""
    return np.where(z > 0, 1.0, 0.0)


def sigmoid_slope(z):
    """Return sigmoid(z) sigmoid(-z), the slope s (1 - s) without losing digits."""
    return sigmoid(z) * sigmoid(-z)


def and_gate():
    """Return weights and a bias that need both inputs to get above 0."""
    return np.array([1.0, 1.0]), -1.5


# --- Inputs ----------------------------------------------------------------------------------


def one_neuron_cases(rng):
    """Make the two worked neurons, then others: with zeros, one input, huge and tiny numbers."""
    cases = [
        Case((np.array([1.0, 0.5]), np.array([0.6, -0.4]), 0.1)),
        Case((np.array([1.0, 0.5]), np.array([-0.5, 0.2]), 0.1)),
        Case((np.array([2.0, 2.0, 0.0, -1.0]), np.array([0.5, 0.5, 3.0, 0.0]), -1.0)),
    ]
    for inputs in (1, 3, 4, 7):
        x, w = _not_near_zero(rng, 2, inputs), _not_near_zero(rng, 1, inputs)
        cases.append(Case((x, w, round(float(rng.normal(2, 0.5)), 2))))
    cases.append(Case((rng.normal(0, 1e4, 5), rng.normal(0, 1e3, 5), -2.5e6)))
    for inputs in (2, 3):
        x, w = rng.normal(0, 0.03, inputs), rng.normal(0, 0.03, inputs)
        cases.append(Case((x, w, float(rng.normal(0, 1e-3)))))
    return cases


def _not_near_zero(rng, scale, count):
    """Draw numbers of which each counts: none is so small that it could be left out unnoticed."""
    drawn = rng.normal(0, scale, count).round(2)
    return np.copysign(np.abs(drawn) + 0.1, drawn).round(2)


def whole_neuron_cases(rng):
    """As for the sum, each with an activation of its own; the last two are far from 0."""
    given = [case.args for case in one_neuron_cases(rng)[:7]]
    for z in (-4.0, 6.0):
        x, w = rng.normal(0, 1, 3).round(2), rng.normal(0, 1, 3).round(2)
        given.append((x, w, round(float(z - x @ w), 2)))
    cases = []
    for arguments in given:
        a, b, c = rng.uniform(0.5, 1.5, 3).round(2)
        text = f"z -> {a} z^3 + {b} z + {c}"
        activation = Given("cubic", (float(a), float(b), float(c)), text)
        cases.append(Case((*arguments, activation)))
    return cases


def activation_cases(rng):
    """Both signs, 0 and its surroundings, tables of two and three dimensions, and far out."""
    far = np.array([5.0, 8.0, 11.0, 13.0, 18.0])
    return [
        Case((np.array([-2.0, 0.0, 3.0]),)),
        Case((rng.normal(0, 2, 6).round(2),)),
        Case((-np.abs(rng.normal(1, 0.5, 1)).round(2) - 0.1,)),
        Case((rng.normal(0, 3, (2, 3)).round(2),)),
        Case((rng.normal(0, 1, (2, 2, 3)).round(2),)),
        Case((np.array([-0.3, -1e-3, -3e-4, -1e-9, 0.0, 1e-30, 1e-9, 3e-4, 1e-3, 0.2]),)),
        Case((np.array([-1000.0, -700.0, -40.0, 40.0, 700.0, 1000.0]),)),
        Case((np.abs(rng.normal(0, 2, (3, 2))).round(2) + 0.1,)),
        Case((np.concatenate([-far[::-1], far]) + rng.uniform(-0.3, 0.3, 10).round(2),)),
    ]


# --- Looking at answers of which many are right ------------------------------------------------


def look_at_gate(cases, values):
    """Say what a gate does: on which inputs it is above, below, or exactly at 0.5."""
    return [_gate(value) for value in values]


def _gate(value) -> dict:
    numbers = as_numbers(value)
    if numbers is not None and numbers.ndim == 1:
        return {"form": f"{numbers.size} numbers"}
    if not isinstance(value, list | tuple) or len(value) != 2:
        return {"form": "other"}
    weights, bias = as_numbers(value[0]), as_numbers(value[1])
    if weights is None or bias is None:
        return {"form": "other"}
    if bias.shape not in ((), (1,)):
        turned_round = weights.size == 1 and bias.shape == (2,)
        return {"form": "turned round" if turned_round else "other"}
    if weights.shape != (2,):
        return {"form": "pair", "weights": "one" if weights.size == 1 else "other"}
    if not (np.isfinite(weights).all() and np.isfinite(bias).all()):
        return {"form": "pair", "weights": "two", "finite": False}
    w1, w2, b = float(weights[0]), float(weights[1]), float(bias.reshape(()))
    sides = {
        f"{x1}{x2}": _side(w1 * x1 + w2 * x2 + b) for x1, x2 in ((0, 0), (0, 1), (1, 0), (1, 1))
    }
    return {"form": "pair", "weights": "two", "finite": True, **sides}


def _side(z: float) -> str:
    output = sigmoid(z)  # as the question says it, so 0.1 + 0.2 - 0.3 is at 0.5
    return "above" if output > 0.5 else "below" if output < 0.5 else "at"


GATE_SAYS = {
    "form": "and_gate must return two things, (weights, bias): first an array of two weights, "
    "then one number.",
    "weights": "The weights must be two numbers, shape (2,): one for each input.",
    "finite": "The weights and the bias must be ordinary numbers, neither infinite nor nan.",
    "00": "With both inputs off, (0, 0), the neuron must stay below 0.5. With yours it doesn't.",
    "01": "With only the second input on, (0, 1), the neuron must stay below 0.5. "
    "With yours it doesn't.",
    "10": "With only the first input on, (1, 0), the neuron must stay below 0.5. "
    "With yours it doesn't.",
    "11": "With both inputs on, (1, 1), the neuron must be above 0.5, and with yours it isn't.",
}


# --- Wrong ways that take more than a line -----------------------------------------------------


def _return_in_loop(inputs, weights, bias):
    total = 0.0
    for x, w in zip(inputs, weights, strict=True):
        total += x * w
        return total + bias


def _bias_in_loop(inputs, weights, bias):
    total = 0.0
    for x, w in zip(inputs, weights, strict=True):
        total += x * w + bias
    return total


def _bias_twice(inputs, weights, bias):
    total = bias
    for x, w in zip(inputs, weights, strict=True):
        total += x * w
    return total + bias


def _total_overwritten(inputs, weights, bias):
    total = 0.0
    for x, w in zip(inputs, weights, strict=True):
        total = x * w
    return total + bias


def _by_index(x, w, b, count):
    return sum(x[i] * w[i] for i in range(count)) + b


def _bent_in_loop(inputs, weights, bias, activation):
    total = bias
    for x, w in zip(inputs, weights, strict=True):
        total = activation(total + x * w)
    return total


def _bent_total_in_loop(inputs, weights, bias, activation):
    total = 0.0
    for x, w in zip(inputs, weights, strict=True):
        total += activation(x * w + bias)
        total = activation(total)
    return total


def _table_only(number_of):
    """Make a function that visits the numbers of a table, row by row and column by column."""

    def wrong(z):
        out = np.zeros_like(z)
        for i in range(z.shape[0]):
            for j in range(z.shape[1]):
                out[i, j] = number_of(z[i, j])
        return out

    return wrong


def _relu_in_place(z):
    z[z < 0] = 0.0
    return z


def _first_only(z):
    for number in z:
        return max(0.0, number)


def _ones_in_place(z):
    z[z > 0] = 1.0
    return z


def _slope_in_place(z):
    positive = z > 0
    z[positive] = 1.0
    z[~positive] = 0.0
    return z


def _naive(z):
    return 1 / (1 + np.exp(-z))


def _naive_by_number(z):
    return np.vectorize(lambda number: 1 / (1 + math.exp(-number)))(z)


def _both_halves(z):
    return np.where(z >= 0, 1 / (1 + np.exp(-z)), np.exp(z) / (1 + np.exp(z)))


def _by_sign(number):
    return 1 / (1 + math.exp(-number)) if number >= 0 else _from_below(number)


def _from_below(number):
    return math.exp(number) / (1 + math.exp(number))


def _slope_by_sign(number):
    return _by_sign(number) * (1 - _by_sign(number))


def _slope_by_formula(number):
    power = math.exp(-abs(number))
    return power / (1 + power) ** 2


def _nan_to_zero(z):
    return np.nan_to_num(np.exp(z) / (1 + np.exp(z)))


def _nan_to_zero_silently(z):
    with np.errstate(all="ignore"):
        return _nan_to_zero(z)


def _clipped(bound):
    return lambda z: _naive(np.clip(z, -bound, bound))


def _ahead(function, step):
    return lambda z: (function(z + step) - function(z)) / step


def _around(function, step):
    return lambda z: (function(z + step) - function(z - step)) / (2 * step)


# --- Questions ---------------------------------------------------------------------------------

QUESTIONS = (
    Question(
        id="neuron-weighted-sum",
        points=1,
        signature="weighted_sum(inputs, weights, bias)",
        reference=weighted_sum,
        cases=one_neuron_cases,
        read=CODE,
        hints=(
            "Work one out on paper first: inputs 1.0 and 0.5, weights 0.6 and −0.4, bias 0.1.",
            "Multiply pair by pair. What you have then is as many products as there are inputs.",
            "The products become one number by adding them all up. The bias joins after "
            "that, once.",
        ),
        mistakes=(
            mistake(
                "bias-left-out",
                "The bias is left out",
                "Your sum stops after the products. A neuron owns one more number, its bias, "
                "which is added to the sum.",
                lambda x, w, b: float(np.sum(x * w)),
                read=BIAS,
            ),
            mistake(
                "bias-for-each-input",
                "The bias is added once for each input",
                "Your sum grows by the bias again and again, once for each input. A neuron has "
                "one bias, and it joins the sum once.",
                _bias_in_loop,
                read=BIAS,
            ),
            mistake(
                "bias-twice",
                "The bias is added twice",
                "Your sum begins with the bias and ends with it as well, or adds it twice in "
                "another way. It joins the sum once.",
                _bias_twice,
                read=BIAS,
            ),
            mistake(
                "bias-before-the-products",
                "The bias is added before multiplying",
                "You add the bias to the weights, or to the inputs, before you multiply. So it "
                "gets multiplied as well. It joins after the products have been added up.",
                lambda x, w, b: float(np.dot(x, w + b)),
                lambda x, w, b: float(np.dot(x + b, w)),
                read=BIAS,
            ),
            mistake(
                "products-not-summed",
                "The products aren't added up",
                "Your function returns one number for each input. The products have to become a "
                "single number: their sum.",
                lambda x, w, b: x * w + b,
                lambda x, w, b: x * w,
            ),
            mistake(
                "bias-subtracted",
                "The bias is subtracted",
                "Your bias is taken away from the sum. It is added, whatever its sign: a "
                "negative bias makes the sum smaller by itself.",
                lambda x, w, b: float(np.dot(x, w) - b),
                read=BIAS,
            ),
            mistake(
                "bias-multiplied",
                "The bias multiplies",
                "Your bias multiplies the sum. It isn't a weight: it is added at the end.",
                lambda x, w, b: float(np.dot(x, w) * b),
                read=BIAS,
            ),
            mistake(
                "sums-multiplied",
                "First summed, then multiplied",
                "You add up the inputs, add up the weights, and multiply the two sums. Each "
                "input belongs to its own weight: multiply pair by pair first, then add.",
                lambda x, w, b: float(np.sum(x) * np.sum(w) + b),
            ),
            mistake(
                "added-not-multiplied",
                "Inputs and weights are added",
                "You add each input to its weight. A weight says how much an input counts: the "
                "two are multiplied.",
                lambda x, w, b: float(np.sum(x + w) + b),
            ),
            mistake(
                "mean-for-sum",
                "The mean in place of the sum",
                "You divide by the number of inputs, as a mean does. A weighted sum isn't "
                "divided by anything.",
                lambda x, w, b: float(np.mean(x * w) + b),
                lambda x, w, b: float((np.sum(x * w) + b) / len(x)),
            ),
            mistake(
                "weighted-mean",
                "A weighted mean",
                "You divide by the sum of the weights; np.average does that too. A weighted sum "
                "isn't divided by anything.",
                lambda x, w, b: float(np.dot(x, w) / np.sum(w) + b),
            ),
            mistake(
                "return-in-the-loop",
                "Only the first input counts",
                "Your function gives an answer after the first input; often a return stands "
                "inside the loop. All the inputs have to be added up first.",
                _return_in_loop,
                lambda x, w, b: float(x[0] * w[0]),
            ),
            mistake(
                "an-input-lost",
                "One input is left out",
                "Your sum passes over the first input, or over the last; often a loop begins "
                "too late or ends too early. Every input counts.",
                lambda x, w, b: float(np.dot(x[:-1], w[:-1]) + b),
                lambda x, w, b: float(np.dot(x[1:], w[1:]) + b),
            ),
            mistake(
                "total-overwritten",
                "Only the last product is kept",
                "Of all the products only the last is left; often a loop throws away, turn by "
                "turn, what was there. A total has to grow from turn to turn.",
                _total_overwritten,
            ),
            mistake(
                "fixed-number-of-inputs",
                "A fixed number of inputs",
                "Your code names its inputs one by one. A neuron can have one input or a hundred: "
                "work with all of them, whatever their number.",
                lambda x, w, b: _by_index(x, w, b, 2),
                lambda x, w, b: _by_index(x, w, b, 3),
                lambda x, w, b: _by_index(x, w, b, 4),
            ),
            mistake(
                "weights-unused",
                "The weights play no part",
                "You add up the inputs and the bias. A weight says how much its input counts: "
                "multiply each input by its weight first.",
                lambda x, w, b: float(np.sum(x) + b),
                lambda x, w, b: float(np.sum(x)),
            ),
            mistake(
                "already-bent",
                "It is bent already",
                "Your sum goes through an activation. Here the plain sum is asked for, before "
                "anything bends it; it may well be negative.",
                lambda x, w, b: float(max(0.0, np.dot(x, w) + b)),
                lambda x, w, b: float(sigmoid(np.dot(x, w) + b)),
            ),
        ),
    ),
    Question(
        id="neuron-relu",
        points=1,
        signature="relu(z)",
        reference=relu,
        cases=activation_cases,
        read=ACTIVATIONS,
        hints=(
            "ReLU asks each number one question: are you positive?",
            "A positive number stays what it is. What does every other number become?",
            "NumPy can compare a whole array with one number, or take the larger of the two, "
            "element by element.",
        ),
        mistakes=(
            mistake(
                "slope-for-value",
                "The slope in place of the value",
                "Your function gives 1 for positive numbers. That is the slope of ReLU. ReLU "
                "itself lets a positive number through as it is.",
                lambda z: np.where(z > 0, 1.0, 0.0),
                lambda z: np.where(z >= 0, 1.0, 0.0),
                read=SLOPES,
            ),
            mistake(
                "absolute-value",
                "The minus sign is dropped",
                "Your function turns −2 into 2. ReLU doesn't mirror negative numbers, it "
                "silences them.",
                np.abs,
            ),
            mistake(
                "minimum-for-maximum",
                "The negative half is kept",
                "Your function keeps the negative numbers and silences the positive ones. It "
                "should be the other way round.",
                lambda z: np.minimum(z, 0.0),
            ),
            mistake(
                "sides-exchanged",
                "The two sides are exchanged",
                "Your function silences positive numbers, and lets negative ones through without "
                "their minus. The positive ones pass, as they are.",
                lambda z: np.maximum(-z, 0.0),
            ),
            mistake(
                "negatives-dropped",
                "Negative numbers are removed",
                "Your result has fewer numbers than z, since the negative ones are left out. "
                "Each has to keep its place in the array, as a 0.",
                lambda z: z[z > 0],
                lambda z: z[z >= 0],
            ),
            mistake(
                "one-number-for-all",
                "One number for the whole array",
                "Your function returns a single number. ReLU works on each number of z by "
                "itself, so the result has the shape of z.",
                lambda z: float(max(0.0, z.max())),
                lambda z: max(0.0, float(np.sum(z))),
                lambda z: float(z.max()),
            ),
            mistake(
                "max-along-an-axis",
                "The largest along one axis",
                "Your function keeps the largest number along an axis; with np.max the second "
                "argument is such an axis. To compare each number with 0, NumPy has another "
                "function with a longer name.",
                lambda z: np.max(z, 0),
            ),
            mistake(
                "if-on-an-array",
                "A whole array in an if or in max",
                "An if, and Python's own max, want one answer, yes or no, and an array holds "
                "many. Ask every number by itself: NumPy has functions that do it for all.",
                lambda z: z if z > 0 else 0.0,
                lambda z: max(0, z),
            ),
            mistake(
                "one-answer-for-all",
                "One decision for the whole array",
                "You ask once, with any or all, and then treat every number of z alike. Each "
                "number has to be asked by itself whether it is positive.",
                *(
                    lambda z, ask=ask, other=other: z if ask(z > 0) else other(z)
                    for ask in (np.any, np.all)
                    for other in (np.zeros_like, lambda z: 0.0)
                ),
                lambda z: z if z.all() > 0 else np.zeros_like(z),
            ),
            mistake(
                "table-only",
                "It can do a table, and nothing else",
                "Your function counts rows and columns, so z has to be a table. It can be a "
                "single row as well, or have more than two dimensions. NumPy's functions take all "
                "numbers at once, in any shape.",
                _table_only(lambda number: max(0.0, number)),
            ),
            mistake(
                "shape-lost",
                "A table comes back as one row",
                "Your function looks at all the numbers of a table, and returns them in one long "
                "row. Each number has to keep its place: give the result the shape of z.",
                lambda z: np.array([max(0.0, number) for number in z.flatten()]),
            ),
            mistake(
                "cut-off-above",
                "Positive numbers are cut off",
                "Below 0 you are right, but large positive numbers are cut down to a limit. ReLU "
                "lets every positive number through as it is, however large.",
                lambda z: np.clip(z, 0, 1),
                lambda z: np.clip(z, 0, 6),
                lambda z: np.clip(z, 0, 10),
                lambda z: np.clip(z, 0, 100),
            ),
            mistake(
                "another-activation",
                "Another activation",
                "Your function bends, but it is not ReLU: its curve is smooth. ReLU has one kink, "
                "at 0; it is level on the left, and lets numbers through on the right.",
                sigmoid,
                np.tanh,
                lambda z: np.logaddexp(0, z),
                lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0))),
                lambda z: z * sigmoid(z),
            ),
            mistake(
                "one-row-only",
                "It can do one row, and no table",
                "Your function is right for one row of numbers, and stops with an error where z "
                "is a table. A loop over z takes a table row by row, not number by number; "
                "NumPy's functions take all numbers at once, in any shape.",
                lambda z: [max(0.0, number) for number in z],
                lambda z: [max(0.0, float(number)) for number in z],
            ),
            mistake(
                "return-in-the-loop",
                "It returns inside the loop",
                "Your function returns after the first number, since its return stands inside "
                "the loop. All the numbers of z have to be looked at, and each keeps its place.",
                _first_only,
            ),
            mistake(
                "changed-in-place",
                "The argument itself is changed",
                "The numbers are right, but you write the zeros into z itself, and whoever "
                "called your function has lost the old numbers. Make a new array.",
                _relu_in_place,
                lambda z: _relu_in_place(z).copy(),
            ),
            mistake(
                "leaky",
                "Negative numbers still leak through",
                "Your negative numbers come out small, but not as 0. That is another activation, "
                "leaky ReLU. Plain ReLU is silent below 0.",
                lambda z: np.where(z > 0, z, 0.01 * z),
                lambda z: np.where(z > 0, z, 0.1 * z),
                lambda z: np.where(z > 0, z, 0.2 * z),
            ),
            mistake(
                "unchanged",
                "Nothing happens",
                "Your function returns the numbers as they came. Where is the bend?",
                lambda z: z.copy(),
                lambda z: z,
            ),
        ),
    ),
    Question(
        id="neuron-sigmoid",
        points=2,
        signature="sigmoid(z)",
        reference=sigmoid,
        cases=activation_cases,
        watched=("overflow",),
        read=OVERFLOW,
        hints=(
            "The formula is 1 / (1 + e^(−z)). Try it for z = 0 on paper: it gives 0.5.",
            "e^1000 doesn't fit into a float. For which sign of z does the formula ask for such "
            "a number?",
            "Multiply numerator and denominator by e^z: the same fraction, with e^z in place of "
            "e^(−z). Use each form where its power is small.",
        ),
        mistakes=(
            mistake(
                "overflows",
                "The power becomes too large",
                "For z = −1000 your code asks for e^1000, which no float can hold. Your numbers "
                "are right otherwise. For negative z, write the same fraction so that the power "
                "stays small.",
                _naive,
                _naive_by_number,
            ),
            mistake(
                "overflows-in-the-unused-half",
                "where computes both halves",
                "You have a safe form for each sign, but both are worked out for every number "
                "before one is chosen; np.where does so. So the dangerous one runs as well. Make "
                "a power that is small whatever the sign of z.",
                _both_halves,
            ),
            mistake(
                "infinite-by-infinite",
                "Infinite divided by infinite",
                "Far out your power of e becomes infinite, above and below the fraction line, and "
                "infinite by infinite is nan, no number. Your numbers are right otherwise. Make a "
                "power that stays small, whatever the sign of z.",
                lambda z: np.exp(z) / (1 + np.exp(z)),
                lambda z: 1 - np.exp(-z) / (1 + np.exp(-z)),
            ),
            mistake(
                "nan-turned-into-zero",
                "nan is painted over with 0",
                "Far out on the right you divide infinite by infinite, which is nan, and turn "
                "that into 0. The sigmoid is nearly 1 there. Make a power that stays small, so "
                "that there is nothing to repair.",
                _nan_to_zero,
                _nan_to_zero_silently,
            ),
            mistake(
                "zero-left-out",
                "0 itself is left out",
                "Everything is right but one place: for z = 0 your function gives 0, and the "
                "sigmoid is 0.5 there. If you treat z > 0 and z < 0, nobody treats z = 0.",
                lambda z: np.where(z == 0, 0.0, sigmoid(z)),
            ),
            mistake(
                "if-on-an-array",
                "A whole array in an if",
                "An if wants one answer, yes or no, and an array holds many. Find a form that is "
                "right for either sign, or choose number by number.",
                lambda z: _naive(z) if z >= 0 else np.exp(z) / (1 + np.exp(z)),
            ),
            mistake(
                "loop-over-rows",
                "Right for one row, and no table",
                "Your function is right for one row of numbers, and stops with an error where z "
                "is a table. A loop over z takes a table row by row, not number by number; "
                "NumPy's functions take all numbers at once, in any shape.",
                lambda z: [_by_sign(number) for number in z],
            ),
            mistake(
                "sign-of-z",
                "The sign of z is lost",
                "Your curve falls where it should rise: the sign of z is the wrong way round.",
                lambda z: 1 / (1 + np.exp(z)),
                lambda z: 1 - sigmoid(z),
                lambda z: np.exp(-z) / (1 + np.exp(-z)),
            ),
            mistake(
                "brackets",
                "Brackets are missing",
                "Python divides before it adds, so your line means (1 / 1) + e^(−z). Put the "
                "whole denominator into brackets.",
                lambda z: 1 / 1 + np.exp(-z),
            ),
            mistake(
                "only-the-power",
                "Only the power is left",
                "Your function returns a power of e, without the fraction around it.",
                lambda z: np.exp(-z),
                np.exp,
                lambda z: 1 / np.exp(-z),
            ),
            mistake(
                "tanh",
                "Another curve, tanh",
                "Your curve runs from −1 to 1: that is tanh. The sigmoid runs from 0 to 1.",
                np.tanh,
                lambda z: (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z)),
            ),
            mistake(
                "minus-in-denominator",
                "Minus in the denominator",
                "Your denominator subtracts the power. It is added to the 1, so the fraction "
                "always lies between 0 and 1.",
                lambda z: 1 / (1 - np.exp(-z)),
            ),
            mistake(
                "half-of-the-curve",
                "Every number is taken as positive",
                "For negative z your curve gives what belongs to positive z: it never goes "
                "below 0.5. The absolute value may stand in the power, but the sign has to "
                "come back somewhere.",
                lambda z: 1 / (1 + np.exp(-np.abs(z))),
            ),
            mistake(
                "clipped-too-early",
                "Cut off too early",
                "You cut z off at a bound so that nothing overflows, but the bound is so near "
                "that the result changes beyond it. Cut off further out, or not at all.",
                *map(_clipped, (5, 6, 10, 15, 20)),
            ),
            mistake(
                "math-exp",
                "A function for one number, given many",
                "math.exp and float take one number, and z is a whole array. NumPy's own exp "
                "takes all of its numbers at once.",
                lambda z: 1 / (1 + math.exp(-z)),
            ),
            mistake(
                "one-row-only",
                "It can do one row, and no table",
                "Your function takes one row of numbers, and stops with an error where z is a "
                "table. A loop over z takes a table row by row, not number by number; NumPy's "
                "functions take all numbers at once. And for z = −1000 it asks for e^1000, which "
                "no float can hold.",
                lambda z: [1 / (1 + math.exp(-number)) for number in z],
            ),
            mistake(
                "slope-for-value",
                "The slope in place of the value",
                "Your function gives the slope of the sigmoid, which is highest in the middle. "
                "Asked for is the curve itself.",
                lambda z: sigmoid(z) * (1 - sigmoid(z)),
                read=SLOPES,
            ),
        ),
    ),
    Question(
        id="neuron-neuron",
        points=1,
        signature="neuron(inputs, weights, bias, activation)",
        reference=neuron,
        cases=whole_neuron_cases,
        read=CODE,
        hints=(
            "A neuron weighs, adds and bends, in this order.",
            "You have written the first two steps already, in weighted_sum.",
            "activation is a function: call it, with one number.",
        ),
        mistakes=(
            mistake(
                "activation-missing",
                "Nothing bends",
                "Your neuron returns the weighted sum. The last step is missing: give that sum "
                "to the activation, and return what it gives back.",
                lambda x, w, b, f: weighted_sum(x, w, b),
            ),
            mistake(
                "activation-before-the-sum",
                "The activation comes before the sum",
                "You bend each product and add up afterwards. A neuron adds first: its "
                "activation sees one number, the weighted sum.",
                lambda x, w, b, f: float(np.sum(f(x * w)) + b),
                lambda x, w, b, f: float(np.sum(f(x * w + b))),
                lambda x, w, b, f: float(np.sum(f(x * w))),
            ),
            mistake(
                "products-not-summed",
                "The products aren't added up",
                "Your neuron returns one number for each input. First the products become one "
                "number, their sum with the bias; that one number is bent.",
                lambda x, w, b, f: f(x * w + b),
                lambda x, w, b, f: f(x * w) + b,
            ),
            mistake(
                "bias-after-activation",
                "The bias comes after the activation",
                "You bend the sum of the products and add the bias afterwards. The bias "
                "belongs to the sum, and the activation comes last.",
                lambda x, w, b, f: float(f(np.dot(x, w)) + b),
                read=BIAS,
            ),
            mistake(
                "bias-left-out",
                "The bias is left out",
                "Your activation sees the products only. The bias has to be in the sum before "
                "it is bent.",
                lambda x, w, b, f: float(f(np.dot(x, w))),
                read=BIAS,
            ),
            mistake(
                "bias-subtracted",
                "The bias is subtracted",
                "Your bias is taken away from the sum. It is added, whatever its sign.",
                lambda x, w, b, f: float(f(np.dot(x, w) - b)),
                read=BIAS,
            ),
            mistake(
                "bias-for-each-input",
                "The bias is added once for each input",
                "The bias joins your sum once for each input. A neuron has one bias and adds "
                "it once.",
                lambda x, w, b, f: float(f(np.sum(x * w + b))),
                read=BIAS,
            ),
            mistake(
                "bias-multiplied",
                "The bias multiplies",
                "Your bias multiplies the sum of the products. It isn't a weight: it is added to "
                "that sum.",
                lambda x, w, b, f: float(f(np.dot(x, w) * b)),
                read=BIAS,
            ),
            mistake(
                "inputs-bent",
                "The inputs or weights are bent",
                "You apply the activation to the inputs or to the weights. They are taken as "
                "they are; what is bent is the weighted sum.",
                lambda x, w, b, f: float(np.dot(f(x), w) + b),
                lambda x, w, b, f: float(np.dot(x, f(w)) + b),
            ),
            mistake(
                "activation-twice",
                "The activation is applied twice",
                "Your sum goes through the activation two times. Once is enough.",
                lambda x, w, b, f: float(f(f(weighted_sum(x, w, b)))),
            ),
            mistake(
                "fixed-activation",
                "One activation for all",
                "You always use the same activation and pass over the one that is given. The "
                "fourth argument is the function to call.",
                lambda x, w, b, f: float(max(0.0, weighted_sum(x, w, b))),
                lambda x, w, b, f: float(sigmoid(weighted_sum(x, w, b))),
                lambda x, w, b, f: float(np.tanh(weighted_sum(x, w, b))),
            ),
            mistake(
                "another-activation-on-top",
                "A second activation on top",
                "Your result never goes below 0, as if ReLU came after the given activation. "
                "The given one is all that bends, and what it says may be negative.",
                lambda x, w, b, f: float(max(0.0, f(weighted_sum(x, w, b)))),
            ),
            mistake(
                "activation-in-the-loop",
                "It bends at every turn",
                "You apply the activation inside the loop, after each input. A neuron adds up "
                "first, all the products and the bias, and bends once, at the end.",
                _bent_in_loop,
                _bent_total_in_loop,
            ),
            mistake(
                "return-in-the-loop",
                "Only the first input counts",
                "Your neuron gives an answer after the first input; often a return stands inside "
                "the loop. All the inputs have to be added up first.",
                lambda x, w, b, f: f(x[0] * w[0] + b),
            ),
            mistake(
                "fixed-number-of-inputs",
                "A fixed number of inputs",
                "Your code names its inputs one by one. A neuron can have one input or a hundred: "
                "work with all of them, whatever their number.",
                lambda x, w, b, f: f(_by_index(x, w, b, 2)),
                lambda x, w, b, f: f(_by_index(x, w, b, 3)),
            ),
            mistake(
                "activation-of-many",
                "The activation is given too much",
                "You call the activation with inputs, weights and bias. It takes one number, and "
                "that is the weighted sum: work it out first.",
                lambda x, w, b, f: f(x, w, b),
                lambda x, w, b, f: f(x, w),
                read=CODE,
            ),
            mistake(
                "activation-multiplied",
                "The activation isn't called",
                "You multiply by the activation, or add it, as if it were a number. It is a "
                "function: call it, with the weighted sum in round brackets.",
                lambda x, w, b, f: f * (np.dot(x, w) + b),
                lambda x, w, b, f: np.dot(x, w) + b + f,
            ),
            mistake(
                "value-times-sum",
                "The sum comes back in",
                "You multiply what the activation gives by the weighted sum, or add the two. What "
                "the activation gives is the neuron's output already.",
                lambda x, w, b, f: weighted_sum(x, w, b) * f(weighted_sum(x, w, b)),
                lambda x, w, b, f: weighted_sum(x, w, b) + f(weighted_sum(x, w, b)),
            ),
            mistake(
                "function-returned",
                "A function is returned",
                "You return a function in place of a number. Call the activation with the "
                "weighted sum, and return what it gives.",
                lambda x, w, b, f: f,
            ),
        ),
    ),
    Question(
        id="neuron-relu-slope",
        points=1,
        signature="relu_slope(z)",
        reference=relu_slope,
        cases=activation_cases,
        read=SLOPES,
        hints=(
            "Draw ReLU. How steep is it on the left of 0, and how steep on the right?",
            "Left of 0 it is level, right of 0 it climbs as fast as it goes to the right.",
            "At z = 0 the field agrees on 0. Which comparison leaves the 0 out?",
        ),
        mistakes=(
            mistake(
                "one-at-zero",
                "1 at z = 0",
                "Everything is right but one place: at z = 0 there is a kink, and the field "
                "agrees on the slope 0 there. Yours is 1.",
                lambda z: np.where(z >= 0, 1.0, 0.0),
            ),
            mistake(
                "half-at-zero",
                "One half at z = 0",
                "Everything is right but one place: at z = 0 there is a kink, and the field "
                "agrees on the slope 0 there. Yours is 0.5.",
                lambda z: np.heaviside(z, 0.5),
            ),
            mistake(
                "value-for-slope",
                "The value in place of the slope",
                "Your function returns ReLU itself. Its slope says how fast ReLU grows at z: 0 "
                "on the level side, 1 on the rising side.",
                relu,
            ),
            mistake(
                "sign",
                "−1 on the left",
                "Your slope is −1 for negative z. ReLU is level there; it doesn't fall.",
                np.sign,
                lambda z: np.where(z > 0, 1.0, -1.0),
                lambda z: np.where(z >= 0, 1.0, -1.0),
                lambda z: z / np.abs(z),
            ),
            mistake(
                "negatives-kept",
                "Negative numbers stay as they are",
                "Positive numbers become 1, but the others come out as they went in. ReLU is "
                "level on the left: its slope is 0 there.",
                lambda z: np.where(z > 0, 1.0, z),
                _ones_in_place,
            ),
            mistake(
                "one-answer-for-all",
                "One decision for the whole array",
                "You ask once, with any or all, and give every number of z the same slope. Each "
                "number has to be asked by itself whether it is positive.",
                *(
                    lambda z, ask=ask, give=give: give(z, ask(z > 0))
                    for ask in (np.any, np.all)
                    for give in (np.full_like, lambda z, yes: float(yes))
                ),
            ),
            mistake(
                "turned-round",
                "The two sides are exchanged",
                "You give 1 on the left and 0 on the right. ReLU is level on the left.",
                lambda z: np.where(z < 0, 1.0, 0.0),
                lambda z: np.where(z <= 0, 1.0, 0.0),
            ),
            mistake(
                "one-everywhere",
                "1 everywhere",
                "Your slope is 1 for every z. That is a straight line; ReLU is level below 0.",
                np.ones_like,
            ),
            mistake(
                "zero-everywhere",
                "0 everywhere",
                "Your slope is 0 for every z. That is a level line; above 0 ReLU rises.",
                np.zeros_like,
            ),
            mistake(
                "leaky",
                "Not quite 0 on the left",
                "Your slope on the left is small, but not 0. That belongs to another activation, "
                "leaky ReLU. Plain ReLU is level there.",
                lambda z: np.where(z > 0, 1.0, 0.01),
                lambda z: np.where(z > 0, 1.0, 0.1),
            ),
            mistake(
                "zero-by-zero",
                "0 divided by 0",
                "You divide by something that is 0 at z = 0. There you have 0 / 0, which is no "
                "number; everywhere else you are right. Ask for the sign of z instead.",
                lambda z: relu(z) / z,
            ),
            mistake(
                "ramp",
                "A ramp in place of a jump",
                "Near 0 your slope climbs from 0 to 1 little by little, as if it were measured "
                "between two places on both sides of the kink. ReLU's slope jumps: decide by the "
                "sign of z.",
                *(_ahead(relu, step) for step in (1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6)),
                *(_around(relu, step) for step in (0.5, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6)),
                lambda z: relu(z) - relu(z - 1),
            ),
            mistake(
                "neighbours-compared",
                "Neighbours are compared",
                "You compare each number of the array with its neighbours. The slope at z belongs "
                "to that number alone, whoever stands beside it.",
                lambda z: np.gradient(relu(z)),
                lambda z: np.diff(relu(z)),
            ),
            mistake(
                "changed-in-place",
                "The argument itself is changed",
                "The numbers are right, but you write them into z itself, and whoever called "
                "your function has lost the old numbers. Make a new array.",
                _slope_in_place,
                lambda z: _slope_in_place(z).copy(),
            ),
            mistake(
                "if-on-an-array",
                "A whole array in an if",
                "An if wants one answer, yes or no, and an array holds many. Ask every number "
                "by itself.",
                lambda z: 1.0 if z > 0 else 0.0,
            ),
            mistake(
                "one-row-only",
                "It can do one row, and no table",
                "Your function is right for one row of numbers, and stops with an error where z "
                "is a table. A loop over z takes a table row by row, not number by number; "
                "NumPy can compare all numbers at once, in any shape.",
                lambda z: [1.0 if number > 0 else 0.0 for number in z],
            ),
        ),
    ),
    Question(
        id="neuron-sigmoid-slope",
        points=1,
        signature="sigmoid_slope(z)",
        reference=sigmoid_slope,
        cases=activation_cases,
        watched=("overflow", "invalid", "divide by zero"),
        read=SLOPES,
        hints=(
            "With s for the sigmoid at z, the slope is s (1 − s). At z = 0 that is 0.25.",
            "You have a sigmoid already. Call it with z, once, and keep what it gives.",
            "If NumPy warns, your sigmoid is the one to look at: does it stay calm for −1000?",
        ),
        mistakes=(
            mistake(
                "slope-at-the-output",
                "z is taken for the output",
                "You put z itself into s (1 − s). The s in it is the sigmoid's output: work it "
                "out from z first.",
                lambda z: z * (1 - z),
            ),
            mistake(
                "one-minus-z",
                "z in one of the factors",
                "One of your two factors holds z itself. In s (1 − s) both hold s, what the "
                "sigmoid gives for z.",
                lambda z: sigmoid(z) * (1 - z),
                lambda z: z * (1 - sigmoid(z)),
            ),
            mistake(
                "sigmoid-twice",
                "The sigmoid is applied twice",
                "Your s is the sigmoid of a sigmoid. Apply it to z once.",
                lambda z: sigmoid(sigmoid(z)) * (1 - sigmoid(sigmoid(z))),
            ),
            mistake(
                "value-for-slope",
                "The value in place of the slope",
                "Your function returns the sigmoid itself. Its slope is highest in the middle "
                "and nearly 0 far out.",
                sigmoid,
            ),
            mistake(
                "one-minus-s",
                "Half of the product",
                "Your function returns 1 − s. The slope is a product of two: s, and 1 − s.",
                lambda z: 1 - sigmoid(z),
            ),
            mistake(
                "s-squared",
                "The same factor twice",
                "You multiply s by itself, or 1 − s by itself. The slope has one factor of each.",
                lambda z: sigmoid(z) ** 2,
                lambda z: (1 - sigmoid(z)) ** 2,
            ),
            mistake(
                "plus-for-minus",
                "1 + s in place of 1 − s",
                "Your second factor is 1 + s. It is 1 − s, so that the slope fades on both sides.",
                lambda z: sigmoid(z) * (1 + sigmoid(z)),
            ),
            mistake(
                "tanh-slope",
                "The slope of tanh",
                "1 − s² is the slope of tanh. The sigmoid's is s (1 − s).",
                lambda z: 1 - sigmoid(z) ** 2,
                lambda z: 1 - np.tanh(z) ** 2,
            ),
            mistake(
                "relu-slope",
                "The slope of ReLU",
                "Your slope is 1 for positive z and 0 for negative z. That is the slope of ReLU. "
                "The sigmoid is a smooth curve, and its slope is never above 0.25.",
                relu_slope,
                lambda z: np.where(z >= 0, 1.0, 0.0),
            ),
            mistake(
                "minus-turned",
                "The minus is turned round",
                "Your slope is negative: s − 1 stands where 1 − s should. The sigmoid rises "
                "everywhere.",
                lambda z: sigmoid(z) * (sigmoid(z) - 1),
            ),
            mistake(
                "overflows",
                "The power becomes too large",
                "The formula is right, but far out the power of e becomes too large for a float. "
                "Use a sigmoid that stays calm at −1000 and at 1000.",
                lambda z: _naive(z) * (1 - _naive(z)),
                lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2,
                lambda z: np.exp(z) / (1 + np.exp(z)) ** 2,
                lambda z: _both_halves(z) * (1 - _both_halves(z)),
                lambda z: _naive_by_number(z) * (1 - _naive_by_number(z)),
                lambda z: np.exp(z) / (1 + np.exp(z)) * (1 - np.exp(z) / (1 + np.exp(z))),
                read=OVERFLOW,
            ),
            mistake(
                "clipped-too-early",
                "Cut off too early",
                "You cut z off at a bound so that nothing overflows, but so near that the slope "
                "never gets close enough to 0. Cut off further out, or not at all.",
                *(lambda z, s=s: s(z) * (1 - s(z)) for s in map(_clipped, (5, 6, 10, 15, 20))),
            ),
            mistake(
                "zero-left-out",
                "0 itself is left out",
                "Everything is right but one place: for z = 0 your slope is 0, and there it is "
                "largest, 0.25. If you treat z > 0 and z < 0, nobody treats z = 0.",
                lambda z: np.where(z == 0, 0.0, sigmoid_slope(z)),
            ),
            mistake(
                "if-on-an-array",
                "A whole array in an if",
                "An if wants one answer, yes or no, and an array holds many. Find a form that is "
                "right for either sign, or choose number by number.",
                lambda z: _naive(z) * (1 - _naive(z)) if z >= 0 else sigmoid_slope(z),
            ),
            mistake(
                "one-row-only",
                "It can do one row, and no table",
                "Your function is right for one row of numbers, and stops with an error where z "
                "is a table. A loop over z takes a table row by row, not number by number; "
                "NumPy's functions take all numbers at once, in any shape.",
                lambda z: [_slope_by_sign(number) for number in z],
                lambda z: [_slope_by_formula(number) for number in z],
            ),
            mistake(
                "twice-as-steep",
                "Twice the slope",
                "Your slope is twice what it should be. If you measured it between z − h and "
                "z + h: these two lie 2 h apart, not h.",
                *(lambda z, h=h: (sigmoid(z + h) - sigmoid(z - h)) / h for h in (1e-3, 1e-4, 1e-5)),
            ),
            mistake(
                "one-sided-difference",
                "Measured, and too roughly",
                "You measure the slope between two places near z. There is an exact formula, "
                "and it needs the sigmoid only once.",
                *(_ahead(sigmoid, step) for step in (1, 0.1, 1e-2, 1e-3, 1e-4, 1e-5)),
                *(_around(sigmoid, step) for step in (1, 0.5, 0.1, 1e-2)),
            ),
            mistake(
                "step-not-divided",
                "Not divided by the step",
                "You take the difference between two places near z and don't divide it by their "
                "distance. There is an exact formula, and it needs the sigmoid only once.",
                *(lambda z, h=h: sigmoid(z + h) - sigmoid(z) for h in (1e-2, 1e-3, 1e-4, 1e-5)),
                *(lambda z, h=h: sigmoid(z + h) - sigmoid(z - h) for h in (1e-3, 1e-4, 1e-5)),
            ),
            mistake(
                "neighbours-compared",
                "Neighbours are compared",
                "You compare each number of the array with its neighbours. The slope at z belongs "
                "to that number alone, whoever stands beside it.",
                lambda z: np.gradient(sigmoid(z)),
                lambda z: np.diff(sigmoid(z)),
            ),
        ),
    ),
    Question(
        id="neuron-and-gate",
        points=1,
        signature="and_gate()",
        reference=and_gate,
        cases=lambda rng: [Case(())],
        look=look_at_gate,
        say=GATE_SAYS,
        read=PLAY,
        hints=(
            "The sigmoid is above 0.5 just where its weighted sum is above 0.",
            "So: the bias alone must give a sum below 0, and so must the bias with either weight.",
            "Give both inputs the same weight. Between which two numbers must the bias lie?",
        ),
        mistakes=(
            mistake(
                "or-gate",
                "One input is enough",
                "Your neuron is on as soon as one input is: that is OR. For AND the bias has "
                "to hold back one weight alone and give way to two.",
                lambda: (np.array([1.0, 1.0]), -0.5),
                read=BIAS,
            ),
            mistake(
                "one-input-decides",
                "One of the inputs decides alone",
                "One of your inputs switches the neuron on all by itself, and the other makes no "
                "difference. The bias has to hold back the larger weight, too, as long as it is "
                "alone.",
                lambda: (np.array([2.0, 1.0]), -1.5),
                lambda: (np.array([1.0, 2.0]), -1.5),
            ),
            mistake(
                "nand-gate",
                "Everything turned round",
                "Your neuron says no just where it should say yes: that is NOT AND. Turn the "
                "signs round.",
                lambda: (np.array([-1.0, -1.0]), 1.5),
            ),
            mistake(
                "nor-gate",
                "On when both are off",
                "Your neuron is on only when both inputs are off. The inputs should speak for "
                "it, and the bias should hold it back.",
                lambda: (np.array([-1.0, -1.0]), 0.5),
                read=BIAS,
            ),
            mistake(
                "bias-positive",
                "Always on",
                "Your neuron is on whatever comes in. The bias has the wrong sign: with no input "
                "at all, the sum has to be below 0.",
                lambda: (np.array([1.0, 1.0]), 1.5),
                read=BIAS,
            ),
            mistake(
                "always-off",
                "Never on",
                "Your neuron is off whatever comes in. The bias holds back so much that both "
                "weights together can't lift the sum above 0.",
                lambda: (np.array([1.0, 1.0]), -3.0),
                read=BIAS,
            ),
            mistake(
                "on-the-line",
                "Exactly at 0.5",
                "With one input on, your sum is exactly 0, so the sigmoid gives exactly 0.5. "
                "It has to be below. Let the bias hold back a little more.",
                lambda: (np.array([1.0, 1.0]), -1.0),
                lambda: (np.array([1.0, 0.5]), -1.0),
                lambda: (np.array([0.5, 1.0]), -1.0),
                read=LINE,
            ),
            mistake(
                "both-needed-too-much",
                "Both inputs just miss it",
                "With both inputs on, your sum is exactly 0, so the sigmoid gives exactly 0.5. "
                "It has to be above. Let the bias hold back a little less.",
                lambda: (np.array([1.0, 1.0]), -2.0),
                read=LINE,
            ),
            mistake(
                "no-bias",
                "The bias is 0",
                "With a bias of 0 one input alone lifts the sum above 0, and with none it is "
                "exactly at 0. The bias has to hold the neuron back.",
                lambda: (np.array([1.0, 1.0]), 0.0),
                read=BIAS,
            ),
            mistake(
                "all-zero",
                "Everything is 0",
                "Your sum is 0 for all four inputs, and the sigmoid gives 0.5 each time: the "
                "neuron tells nothing apart. Give it weights, and a bias that holds back.",
                lambda: (np.zeros(2), 0.0),
            ),
            mistake(
                "one-weight",
                "One weight for two inputs",
                "Your array of weights holds one number. Two inputs need two weights, in an array "
                "of shape (2,).",
                lambda: (np.array([1.0]), -1.5),
            ),
            mistake(
                "bias-not-returned",
                "Three numbers in one",
                "You return all three numbers side by side. Return two things: the array of the "
                "two weights, then the bias.",
                lambda: np.array([1.0, 1.0, -1.5]),
            ),
            mistake(
                "two-numbers",
                "Two numbers only",
                "You return two numbers, and a neuron for two inputs owns three. Return two "
                "things: the array of the two weights, then one number more, the bias.",
                lambda: np.array([1.0, 1.0]),
            ),
            mistake(
                "turned-round",
                "The bias comes first",
                "You return the one number first and the two after it. The two weights come "
                "first, then the bias.",
                lambda: (-1.5, np.array([1.0, 1.0])),
            ),
            mistake(
                "outputs-returned",
                "Four numbers, like the four outputs",
                "You return four numbers, as many as there are outputs. Asked for are the "
                "weights and the bias of a neuron that works these outputs out.",
                lambda: np.array([0.0, 0.0, 0.0, 1.0]),
            ),
        ),
    ),
)
