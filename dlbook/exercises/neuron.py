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
    """The worked neuron, then others; one with a single input, one with large numbers."""
    cases = [Case((np.array([1.0, 0.5]), np.array([0.6, -0.4]), 0.1))]
    for inputs in (1, 3, 4, 7):
        x, w = rng.normal(0, 2, inputs), rng.normal(0, 1, inputs)
        cases.append(Case((x, w, float(rng.normal(2, 0.5)))))
    cases.append(Case((rng.normal(0, 1e4, 5), rng.normal(0, 1e3, 5), -0.5)))
    return cases


def whole_neuron_cases(rng):
    """As for the sum, each with an activation of its own."""
    cases = []
    for case in one_neuron_cases(rng)[:5]:
        a, b, c = rng.uniform(0.5, 1.5, 3).round(2)
        text = f"z -> {a} z^3 + {b} z + {c}"
        activation = Given("cubic", (float(a), float(b), float(c)), text)
        cases.append(Case((*case.args, activation)))
    return cases


def activation_cases(rng):
    """Both signs, 0, one number alone, tables of two and three dimensions, and far out."""
    return [
        Case((np.array([-2.0, 0.0, 3.0]),)),
        Case((rng.normal(0, 2, 6),)),
        Case((rng.normal(-1, 0.5, 1),)),
        Case((rng.normal(0, 3, (2, 3)),)),
        Case((rng.normal(0, 1, (2, 2, 3)),)),
        Case((np.array([-0.3, 0.0, -1e-9, 1e-9, 0.2]),)),
        Case((np.array([-1000.0, -700.0, -40.0, 40.0, 700.0, 1000.0]),)),
        Case((np.abs(rng.normal(0, 2, (3, 2))) + 0.1,)),
    ]


# --- Looking at answers of which many are right ------------------------------------------------


def look_at_gate(cases, values):
    """What a gate does: on which inputs it is above, below, or exactly at 0.5."""
    return [_gate(value) for value in values]


def _gate(value) -> dict:
    if not isinstance(value, list | tuple) or len(value) != 2:
        return {"form": False}
    weights, bias = as_numbers(value[0]), as_numbers(value[1])
    if weights is None or bias is None or bias.size != 1:
        return {"form": False}
    if weights.shape != (2,):
        return {"form": True, "weights": False}
    if not (np.isfinite(weights).all() and np.isfinite(bias).all()):
        return {"form": True, "weights": True, "finite": False}
    w1, w2, b = float(weights[0]), float(weights[1]), float(bias.reshape(()))
    table = {f"{x1}{x2}": _side(w1 * x1 + w2 * x2 + b) for x1, x2 in ((0, 0), (0, 1), (1, 0), (1, 1))}
    return {"form": True, "weights": True, "finite": True, **table}


def _side(z: float) -> str:
    return "above" if z > 0 else "below" if z < 0 else "at"


GATE_SAYS = {
    "form": "and_gate must return two things, (weights, bias): an array of two weights and one number.",
    "weights": "The weights must be two numbers, shape (2,): one for each input.",
    "finite": "The weights and the bias must be ordinary numbers, neither infinite nor nan.",
    "00": "With both inputs off, (0, 0), the neuron must stay below 0.5, and with yours it doesn't.",
    "01": "With only the second input on, (0, 1), the neuron must stay below 0.5. With yours it doesn't.",
    "10": "With only the first input on, (1, 0), the neuron must stay below 0.5. With yours it doesn't.",
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


def _last_input_lost(inputs, weights, bias):
    total = bias
    for i in range(len(inputs) - 1):
        total += inputs[i] * weights[i]
    return total


def _total_overwritten(inputs, weights, bias):
    total = 0.0
    for x, w in zip(inputs, weights, strict=True):
        total = x * w
    return total + bias


def _relu_in_place(z):
    z[z < 0] = 0.0
    return z


def _sigmoid_both_sides(z):
    return np.where(z >= 0, 1 / (1 + np.exp(-z)), np.exp(z) / (1 + np.exp(z)))


def _naive(z):
    return 1 / (1 + np.exp(-z))


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
            "The products become one number by adding them all up. The bias joins after that, once.",
        ),
        mistakes=(
            mistake(
                "bias-left-out", "The bias is left out",
                "Your sum stops after the products. A neuron owns one more number, its bias, "
                "which is added to the sum.",
                lambda inputs, weights, bias: float(np.sum(inputs * weights)),
                read=BIAS,
            ),
            mistake(
                "bias-for-each-input", "The bias is added once for each input",
                "Your sum grows by the bias again and again, once for each input. A neuron has "
                "one bias, and it joins the sum once.",
                _bias_in_loop,
                lambda inputs, weights, bias: float(np.sum(inputs * weights + bias)),
                read=BIAS,
            ),
            mistake(
                "products-not-summed", "The products aren't added up",
                "Your function returns one number for each input. The products have to become a "
                "single number: their sum.",
                lambda inputs, weights, bias: inputs * weights + bias,
                lambda inputs, weights, bias: inputs * weights,
            ),
            mistake(
                "bias-subtracted", "The bias is subtracted",
                "Your bias is taken away from the sum. It is added, whatever its sign: a "
                "negative bias makes the sum smaller by itself.",
                lambda inputs, weights, bias: float(np.dot(inputs, weights) - bias),
                read=BIAS,
            ),
            mistake(
                "bias-multiplied", "The bias multiplies",
                "Your bias multiplies the sum. It isn't a weight: it is added at the end.",
                lambda inputs, weights, bias: float(np.dot(inputs, weights) * bias),
                read=BIAS,
            ),
            mistake(
                "sums-multiplied", "First summed, then multiplied",
                "You add up the inputs, add up the weights, and multiply the two sums. Each "
                "input belongs to its own weight: multiply pair by pair first, then add.",
                lambda inputs, weights, bias: float(np.sum(inputs) * np.sum(weights) + bias),
            ),
            mistake(
                "added-not-multiplied", "Inputs and weights are added",
                "You add each input to its weight. A weight says how much an input counts: the "
                "two are multiplied.",
                lambda inputs, weights, bias: float(np.sum(inputs + weights) + bias),
            ),
            mistake(
                "mean-for-sum", "The mean in place of the sum",
                "You take the mean of the products. A weighted sum isn't divided by the number "
                "of inputs.",
                lambda inputs, weights, bias: float(np.mean(inputs * weights) + bias),
            ),
            mistake(
                "return-in-the-loop", "It returns inside the loop",
                "Your function returns after the first input, since its return stands inside "
                "the loop. All the inputs have to be added up first.",
                _return_in_loop,
            ),
            mistake(
                "last-input-lost", "The last input is left out",
                "Your loop ends one input too early. Every input counts, the last one too.",
                _last_input_lost,
            ),
            mistake(
                "total-overwritten", "Only the last product is kept",
                "Each turn of your loop throws away what was there, so only the last product is "
                "left. A total has to grow from turn to turn.",
                _total_overwritten,
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
            "NumPy can compare a whole array with one number, or take the larger of the two, element by element.",
        ),
        mistakes=(
            mistake(
                "slope-for-value", "The slope in place of the value",
                "Your function gives 1 for positive numbers. That is the slope of ReLU. ReLU "
                "itself lets a positive number through as it is.",
                lambda z: np.where(z > 0, 1.0, 0.0),
                lambda z: np.where(z >= 0, 1.0, 0.0),
                read=SLOPES,
            ),
            mistake(
                "absolute-value", "The minus sign is dropped",
                "Your function turns −2 into 2. ReLU doesn't mirror negative numbers, it "
                "silences them.",
                np.abs,
            ),
            mistake(
                "minimum-for-maximum", "The negative half is kept",
                "Your function keeps the negative numbers and silences the positive ones. It "
                "should be the other way round.",
                lambda z: np.minimum(z, 0.0),
            ),
            mistake(
                "negatives-dropped", "Negative numbers are removed",
                "Your result has fewer numbers than z, since the negative ones are left out. "
                "Each has to keep its place in the array, as a 0.",
                lambda z: z[z > 0],
                lambda z: z[z >= 0],
            ),
            mistake(
                "one-number-for-all", "One number for the whole array",
                "Your function returns a single number. ReLU works on each number of z by "
                "itself, so the result has the shape of z.",
                lambda z: float(max(0.0, z.max())),
                lambda z: max(0.0, float(np.sum(z))),
            ),
            mistake(
                "if-on-an-array", "A whole array in an if or in max",
                "An if, and Python's own max, want one answer, yes or no, and an array holds "
                "many. Ask every number by itself: NumPy has functions that do it for all.",
                lambda z: z if z > 0 else 0.0,
                lambda z: max(0, z),
            ),
            mistake(
                "changed-in-place", "The argument itself is changed",
                "The numbers are right, but you write the zeros into z itself, and whoever "
                "called your function has lost the old numbers. Make a new array.",
                _relu_in_place,
            ),
            mistake(
                "leaky", "Negative numbers still leak through",
                "Your negative numbers come out small, but not as 0. That is another activation, "
                "leaky ReLU. Plain ReLU is silent below 0.",
                lambda z: np.where(z > 0, z, 0.01 * z),
                lambda z: np.where(z > 0, z, 0.1 * z),
            ),
            mistake(
                "unchanged", "Nothing happens",
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
            "e^1000 doesn't fit into a float. For which sign of z does the formula ask for such a number?",
            "Multiply numerator and denominator by e^z: the same fraction, with e^z in place of e^(−z). Use each form where its power is small.",
        ),
        mistakes=(
            mistake(
                "overflows", "The power becomes too large",
                "The numbers are right, but for z = −1000 your code asks for e^1000, which no "
                "float can hold. For negative z, write the same fraction so that the power "
                "stays small.",
                _naive,
            ),
            mistake(
                "overflows-in-the-unused-half", "where computes both halves",
                "You chose the safe form for each sign, but np.where works out both forms for "
                "every number before it chooses, so the dangerous one runs as well. Make a "
                "power that is small whatever the sign of z.",
                _sigmoid_both_sides,
            ),
            mistake(
                "sign-of-z", "The sign of z is lost",
                "Your curve falls where it should rise: the power holds z in place of −z.",
                lambda z: 1 / (1 + np.exp(z)),
                lambda z: 1 - sigmoid(z),
            ),
            mistake(
                "brackets", "Brackets are missing",
                "Python divides before it adds, so your line means (1 / 1) + e^(−z). Put the "
                "whole denominator into brackets.",
                lambda z: 1 / 1 + np.exp(-z),
            ),
            mistake(
                "only-the-power", "Only the power is left",
                "Your function returns a power of e, without the fraction around it.",
                lambda z: np.exp(-z),
                lambda z: np.exp(z),
                lambda z: 1 / np.exp(-z),
            ),
            mistake(
                "tanh", "Another curve, tanh",
                "Your curve runs from −1 to 1: that is tanh. The sigmoid runs from 0 to 1.",
                np.tanh,
                lambda z: (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z)),
            ),
            mistake(
                "minus-in-denominator", "Minus in the denominator",
                "Your denominator subtracts the power. It is added to the 1, so the fraction "
                "always lies between 0 and 1.",
                lambda z: 1 / (1 - np.exp(-z)),
            ),
            mistake(
                "half-of-the-curve", "Every number is taken as positive",
                "For negative z your curve gives what belongs to positive z: it never goes "
                "below 0.5. The absolute value may stand in the power, but the sign has to "
                "come back somewhere.",
                lambda z: 1 / (1 + np.exp(-np.abs(z))),
            ),
            mistake(
                "clipped-too-early", "Cut off too early",
                "You cut z off at a bound so that nothing overflows, but the bound is so near "
                "that ordinary numbers are changed as well.",
                lambda z: _naive(np.clip(z, -10, 10)),
                lambda z: _naive(np.clip(z, -20, 20)),
            ),
            mistake(
                "math-exp", "A function for one number, given many",
                "math.exp takes one number, and z is a whole array. NumPy's own exp takes all "
                "of its numbers at once.",
                lambda z: 1 / (1 + math.exp(-z)),
            ),
            mistake(
                "slope-for-value", "The slope in place of the value",
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
                "activation-missing", "Nothing bends",
                "Your neuron returns the weighted sum. Its last step is missing: the "
                "activation is applied to that sum.",
                weighted_sum,
            ),
            mistake(
                "activation-before-the-sum", "The activation comes before the sum",
                "You bend each product and add up afterwards. A neuron adds first: its "
                "activation sees one number, the weighted sum.",
                lambda inputs, weights, bias, activation: float(np.sum(activation(inputs * weights)) + bias),
                lambda inputs, weights, bias, activation: float(np.sum(activation(inputs * weights + bias))),
            ),
            mistake(
                "bias-after-activation", "The bias comes after the activation",
                "You bend the sum of the products and add the bias afterwards. The bias "
                "belongs to the sum, and the activation comes last.",
                lambda inputs, weights, bias, activation: float(activation(np.dot(inputs, weights)) + bias),
                read=BIAS,
            ),
            mistake(
                "bias-left-out", "The bias is left out",
                "Your activation sees the products only. The bias has to be in the sum before "
                "it is bent.",
                lambda inputs, weights, bias, activation: float(activation(np.dot(inputs, weights))),
                read=BIAS,
            ),
            mistake(
                "inputs-bent", "The inputs are bent, not the sum",
                "You apply the activation to the inputs. They come in as they are; what is "
                "bent is the weighted sum.",
                lambda inputs, weights, bias, activation: float(np.dot(activation(inputs), weights) + bias),
            ),
            mistake(
                "activation-twice", "The activation is applied twice",
                "Your sum goes through the activation two times. Once is enough.",
                lambda inputs, weights, bias, activation: float(
                    activation(activation(weighted_sum(inputs, weights, bias)))
                ),
            ),
            mistake(
                "fixed-activation", "One activation for all",
                "You always use the same activation and pass over the one that is given. The "
                "fourth argument is the function to call.",
                lambda inputs, weights, bias, activation: float(max(0.0, weighted_sum(inputs, weights, bias))),
                lambda inputs, weights, bias, activation: float(sigmoid(weighted_sum(inputs, weights, bias))),
            ),
            mistake(
                "function-returned", "The function itself is returned",
                "You return the activation itself. It is a function: call it with the weighted "
                "sum and return what it gives.",
                lambda inputs, weights, bias, activation: activation,
            ),
            mistake(
                "bias-for-each-input", "The bias is added once for each input",
                "The bias joins your sum once for each input. A neuron has one bias and adds "
                "it once.",
                lambda inputs, weights, bias, activation: float(activation(np.sum(inputs * weights + bias))),
                read=BIAS,
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
                "one-at-zero", "1 at z = 0",
                "Everything is right but one place: at z = 0 there is a kink, and the field "
                "agrees on the slope 0 there. Yours is 1.",
                lambda z: np.where(z >= 0, 1.0, 0.0),
            ),
            mistake(
                "half-at-zero", "One half at z = 0",
                "Everything is right but one place: at z = 0 there is a kink, and the field "
                "agrees on the slope 0 there. Yours is 0.5.",
                lambda z: np.heaviside(z, 0.5),
            ),
            mistake(
                "value-for-slope", "The value in place of the slope",
                "Your function returns ReLU itself. Its slope says how fast ReLU grows at z: 0 "
                "on the level side, 1 on the rising side.",
                relu,
            ),
            mistake(
                "sign", "−1 on the left",
                "Your slope is −1 for negative z. ReLU is level there; it doesn't fall.",
                np.sign,
                lambda z: np.where(z > 0, 1.0, -1.0),
            ),
            mistake(
                "turned-round", "The two sides are exchanged",
                "You give 1 on the left and 0 on the right. ReLU is level on the left.",
                lambda z: np.where(z < 0, 1.0, 0.0),
                lambda z: np.where(z <= 0, 1.0, 0.0),
            ),
            mistake(
                "one-everywhere", "1 everywhere",
                "Your slope is 1 for every z. That is a straight line; ReLU is level below 0.",
                np.ones_like,
            ),
            mistake(
                "zero-by-zero", "0 divided by 0",
                "You divide ReLU by z, which works everywhere but at z = 0: there it is 0 / 0, "
                "which is no number. Ask for the sign instead.",
                lambda z: relu(z) / z,
            ),
            mistake(
                "step-too-wide", "Measured over a wide step",
                "You measure the slope between two places that are far apart, so near 0 you "
                "see both sides of the kink. Decide by the sign of z.",
                lambda z: relu(z + 1) - relu(z),
                lambda z: relu(z) - relu(z - 1),
                lambda z: (relu(z + 0.5) - relu(z - 0.5)) / 1.0,
            ),
            mistake(
                "if-on-an-array", "A whole array in an if",
                "An if wants one answer, yes or no, and an array holds many. Ask every number "
                "by itself.",
                lambda z: 1.0 if z > 0 else 0.0,
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
                "slope-at-the-output", "z is taken for the output",
                "You put z itself into s (1 − s). The s in it is the sigmoid's output: work it "
                "out from z first.",
                lambda z: z * (1 - z),
            ),
            mistake(
                "sigmoid-twice", "The sigmoid is applied twice",
                "Your s is the sigmoid of a sigmoid. Apply it to z once.",
                lambda z: sigmoid(sigmoid(z)) * (1 - sigmoid(sigmoid(z))),
            ),
            mistake(
                "value-for-slope", "The value in place of the slope",
                "Your function returns the sigmoid itself. Its slope is highest in the middle "
                "and nearly 0 far out.",
                sigmoid,
            ),
            mistake(
                "one-minus-s", "Half of the product",
                "Your function returns 1 − s. The slope is a product of two: s, and 1 − s.",
                lambda z: 1 - sigmoid(z),
            ),
            mistake(
                "s-squared", "s times s",
                "You multiply s by itself. The second factor is what is missing to 1.",
                lambda z: sigmoid(z) ** 2,
            ),
            mistake(
                "plus-for-minus", "1 + s in place of 1 − s",
                "Your second factor is 1 + s. It is 1 − s, so that the slope fades on both "
                "sides.",
                lambda z: sigmoid(z) * (1 + sigmoid(z)),
            ),
            mistake(
                "tanh-slope", "The slope of tanh",
                "1 − s² is the slope of tanh. The sigmoid's is s (1 − s).",
                lambda z: 1 - sigmoid(z) ** 2,
                lambda z: 1 - np.tanh(z) ** 2,
            ),
            mistake(
                "minus-turned", "The minus is turned round",
                "Your slope is negative: s − 1 stands where 1 − s should. The sigmoid rises "
                "everywhere.",
                lambda z: sigmoid(z) * (sigmoid(z) - 1),
            ),
            mistake(
                "overflows", "The power becomes too large",
                "The formula is right, but for large z the power of e becomes too large for a "
                "float, and NumPy warns. Use a sigmoid that stays calm at −1000.",
                lambda z: _naive(z) * (1 - _naive(z)),
                lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2,
                read=OVERFLOW,
            ),
            mistake(
                "one-sided-difference", "Measured, and too roughly",
                "You measure the slope between two places near z. There is an exact formula, "
                "and it needs the sigmoid only once.",
                lambda z: (sigmoid(z + 1e-3) - sigmoid(z)) / 1e-3,
                lambda z: (sigmoid(z + 1e-5) - sigmoid(z)) / 1e-5,
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
                "or-gate", "One input is enough",
                "Your neuron is on as soon as one input is: that is OR. For AND the bias has "
                "to hold back one weight alone and give way to two.",
                lambda: (np.array([1.0, 1.0]), -0.5),
                read=BIAS,
            ),
            mistake(
                "nand-gate", "Everything turned round",
                "Your neuron says no just where it should say yes: that is NOT AND. Turn the "
                "signs round.",
                lambda: (np.array([-1.0, -1.0]), 1.5),
            ),
            mistake(
                "bias-positive", "Always on",
                "Your neuron is on whatever comes in. The bias has the wrong sign, or is too "
                "weak: with no input at all, the sum has to be below 0.",
                lambda: (np.array([1.0, 1.0]), 1.5),
                read=BIAS,
            ),
            mistake(
                "always-off", "Never on",
                "Your neuron is off whatever comes in. The bias holds back so much that both "
                "weights together can't lift the sum above 0.",
                lambda: (np.array([1.0, 1.0]), -3.0),
                read=BIAS,
            ),
            mistake(
                "on-the-line", "Exactly at 0.5",
                "With one input on, your sum is exactly 0, so the sigmoid gives exactly 0.5. "
                "It has to be below. Let the bias hold back a little more.",
                lambda: (np.array([1.0, 1.0]), -1.0),
                read=LINE,
            ),
            mistake(
                "both-needed-too-much", "Both inputs just miss it",
                "With both inputs on, your sum is exactly 0, so the sigmoid gives exactly 0.5. "
                "It has to be above. Let the bias hold back a little less.",
                lambda: (np.array([1.0, 1.0]), -2.0),
                lambda: (np.array([1.0, 1.0]), -2),
                read=LINE,
            ),
            mistake(
                "one-weight", "One weight for two inputs",
                "You return a single weight. Two inputs need two weights, in an array of "
                "shape (2,).",
                lambda: (np.array([1.0]), -1.5),
                lambda: (1.0, -1.5),
            ),
            mistake(
                "bias-not-returned", "Three numbers in one",
                "You return all the numbers together. Return two things: the array of the two "
                "weights, then the bias.",
                lambda: np.array([1.0, 1.0, -1.5]),
                lambda: (1.0, 1.0, -1.5),
            ),
            mistake(
                "no-bias", "The bias is 0",
                "With a bias of 0 one input alone lifts the sum above 0, and with none it is "
                "exactly at 0. The bias has to hold the neuron back.",
                lambda: (np.array([1.0, 1.0]), 0.0),
                read=BIAS,
            ),
        ),
    ),
)
