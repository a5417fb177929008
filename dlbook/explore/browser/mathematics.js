// The mathematics of the chapters for the browser: the functions of dlbook, with the same names
// and the same numbers. A test runs both and compares.
//
// A batch is a matrix: { rows, columns, data }, with data a Float64Array, row after row, as NumPy
// keeps it. A network is { layers: [{ weights, bias, activation }], output }, weights a matrix of
// (inputs, units), bias a Float64Array, activation a key of ACTIVATIONS, output "softmax" or
// "identity".

export function step(z) {
  return z >= 0 ? 1 : 0;
}

export function relu(z) {
  return Math.max(z, 0);
}

export function sigmoid(z) {
  const small = Math.exp(-Math.abs(z)); // between 0 and 1, whatever the sign of z
  return (z >= 0 ? 1 : small) / (1 + small);
}

export function tanh(z) {
  return Math.tanh(z);
}

export function identity(z) {
  return z;
}

export const ACTIVATIONS = {
  step: { apply: step, slope: () => 0 },
  relu: { apply: relu, slope: (z) => (z > 0 ? 1 : 0) },
  sigmoid: { apply: sigmoid, slope: (z) => sigmoid(z) * sigmoid(-z) },
  tanh: { apply: tanh, slope: (z) => 1 - tanh(z) ** 2 },
  identity: { apply: identity, slope: () => 1 },
};

export function weightedSum(inputs, weights, bias) {
  return inputs.reduce((sum, input, i) => sum + input * weights[i], 0) + bias;
}

/** A matrix of zeros. */
export function zeros(rows, columns) {
  return { rows, columns, data: new Float64Array(rows * columns) };
}

/** A matrix from a list of rows, as JSON brings it. */
export function matrixFrom(lists) {
  const columns = lists.length ? lists[0].length : 0;
  return { rows: lists.length, columns, data: Float64Array.from(lists.flat()) };
}

/** The rows of a matrix, as lists. */
export function rowsOf(matrix) {
  const { rows, columns, data } = matrix;
  return Array.from({ length: rows }, (_, i) => [...data.subarray(i * columns, (i + 1) * columns)]);
}

/** A network from JSON: { layers: [{ weights: [[..]], bias: [..], activation }], output }. */
export function networkFrom({ layers, output = "softmax" }) {
  return {
    output,
    layers: layers.map(({ weights, bias, activation }) => ({
      weights: matrixFrom(weights),
      bias: Float64Array.from(bias),
      activation,
    })),
  };
}

/** A network with random starting weights, biases 0: He's spread for ReLU, Xavier's otherwise. */
export function randomNetwork(sizes, random, activation = "relu", output = "softmax") {
  const layers = [];
  for (let i = 0; i + 1 < sizes.length; i += 1) {
    const [inputs, units] = [sizes[i], sizes[i + 1]];
    const last = i + 2 === sizes.length;
    const he = activation === "relu" && !last;
    const spread = Math.sqrt(he ? 2 / inputs : 2 / (inputs + units));
    const weights = zeros(inputs, units);
    weights.data.forEach((_, k) => { weights.data[k] = spread * random.normal(); });
    const bend = last ? "identity" : activation;
    layers.push({ weights, bias: new Float64Array(units), activation: bend });
  }
  return { layers, output };
}

/** What training changes: weights and bias of the first layer, and so on, as Float64Arrays. */
export function parametersOf(network) {
  return network.layers.flatMap(({ weights, bias }) => [weights.data, bias]);
}

/** A batch through one layer, before its activation: x @ weights + bias. */
export function dense(x, weights, bias) {
  const units = weights.columns;
  const sums = zeros(x.rows, units);
  for (let i = 0; i < x.rows; i += 1) {
    const row = i * units;
    for (let j = 0; j < units; j += 1) sums.data[row + j] = bias[j];
    for (let k = 0; k < x.columns; k += 1) {
      const input = x.data[i * x.columns + k];
      for (let j = 0; j < units; j += 1) {
        sums.data[row + j] += input * weights.data[k * units + j];
      }
    }
  }
  return sums;
}

/** The forward pass: each layer's { received, sums, outputs }, and what the network gives. */
export function forward(network, x) {
  const steps = [];
  let received = x;
  for (const { weights, bias, activation } of network.layers) {
    const sums = dense(received, weights, bias);
    const outputs = { ...sums, data: sums.data.map(ACTIVATIONS[activation].apply) };
    steps.push({ received, sums, outputs });
    received = outputs;
  }
  return { steps, outputs: network.output === "softmax" ? softmax(received) : received };
}

/** Each row of scores as probabilities. Without its largest score no power grows too large. */
export function softmax(scores) {
  const { rows, columns } = scores;
  const result = zeros(rows, columns);
  for (let i = 0; i < rows; i += 1) {
    const row = scores.data.subarray(i * columns, (i + 1) * columns);
    const largest = Math.max(...row);
    const powers = row.map((score) => Math.exp(score - largest));
    const sum = powers.reduce((a, b) => a + b, 0);
    result.data.set(powers.map((power) => power / sum), i * columns);
  }
  return result;
}

const SMALLEST_PROBABILITY = 1e-12;

/** The mean of -ln(probability of the true class). */
export function crossEntropy(probabilities, labels) {
  let sum = 0;
  labels.forEach((label, i) => {
    const true_ = probabilities.data[i * probabilities.columns + label];
    sum -= Math.log(Math.max(true_, SMALLEST_PROBABILITY));
  });
  return sum / labels.length;
}

/** The slope of the mean cross-entropy in the scores: (p - y) / samples. */
export function softmaxCrossEntropyGradient(probabilities, labels) {
  const gradient = { ...probabilities, data: probabilities.data.slice() };
  labels.forEach((label, i) => { gradient.data[i * gradient.columns + label] -= 1; });
  gradient.data.forEach((value, k) => { gradient.data[k] = value / labels.length; });
  return gradient;
}

/** The mean of (output - target) ** 2 over every number of the batch. */
export function squaredError(outputs, targets) {
  const sum = outputs.data.reduce((all, output, k) => all + (output - targets.data[k]) ** 2, 0);
  return sum / outputs.data.length;
}

/** The slope of squaredError in each output. */
export function squaredErrorGradient(outputs, targets) {
  const count = outputs.data.length;
  return { ...outputs, data: outputs.data.map((o, k) => (2 * (o - targets.data[k])) / count) };
}

/** The slope of the loss carried backwards through x @ weights + bias. */
export function denseBackward(x, weights, upstream) {
  const [inputs, units] = [weights.rows, weights.columns];
  const dX = zeros(x.rows, inputs);
  const dWeights = zeros(inputs, units);
  const dBias = new Float64Array(units);
  for (let i = 0; i < x.rows; i += 1) {
    const row = i * units;
    for (let j = 0; j < units; j += 1) dBias[j] += upstream.data[row + j];
    for (let k = 0; k < inputs; k += 1) {
      const input = x.data[i * inputs + k];
      let sum = 0;
      for (let j = 0; j < units; j += 1) {
        const slope = upstream.data[row + j];
        dWeights.data[k * units + j] += input * slope;
        sum += slope * weights.data[k * units + j];
      }
      dX.data[i * inputs + k] = sum;
    }
  }
  return { dX, dWeights, dBias };
}

/** Backpropagation: { loss, gradients, outputs }, gradients in the order of parametersOf. */
export function backward(network, x, targets) {
  const { steps, outputs } = forward(network, x);
  const classes = network.output === "softmax";
  const loss = (classes ? crossEntropy : squaredError)(outputs, targets);
  const slope = classes ? softmaxCrossEntropyGradient : squaredErrorGradient;
  let upstream = slope(outputs, targets);
  const gradients = [];
  for (let i = network.layers.length - 1; i >= 0; i -= 1) {
    const { weights, activation } = network.layers[i];
    const { received, sums } = steps[i];
    const bend = ACTIVATIONS[activation].slope;
    upstream = { ...upstream, data: upstream.data.map((u, k) => u * bend(sums.data[k])) };
    const { dX, dWeights, dBias } = denseBackward(received, weights, upstream);
    gradients.unshift(dWeights.data, dBias);
    upstream = dX;
  }
  return { loss, gradients, outputs };
}

/**
 * A function update(parameters, gradients) that moves the parameters in place and remembers what
 * it needs. Parameters and gradients are lists of Float64Arrays, or of lists of numbers.
 * name: "gradient descent", "momentum" or "adam".
 */
export function makeOptimiser(name, learningRate, momentum = 0.9) {
  const [meanDecay, squareDecay, tiny] = [0.9, 0.999, 1e-8]; // the values of dlbook.updates
  let [first, second, count] = [null, null, 0];
  return function update(parameters, gradients) {
    count += 1;
    first ??= gradients.map((g) => new Float64Array(g.length)); // velocities, or Adam's means
    second ??= gradients.map((g) => new Float64Array(g.length)); // Adam's squares
    const [meanShare, squareShare] = [1 - meanDecay ** count, 1 - squareDecay ** count];
    parameters.forEach((p, a) => {
      const [g, m, s] = [gradients[a], first[a], second[a]];
      for (let k = 0; k < p.length; k += 1) {
        if (name === "gradient descent") {
          p[k] -= learningRate * g[k];
        } else if (name === "momentum") {
          m[k] = momentum * m[k] - learningRate * g[k];
          p[k] += m[k];
        } else {
          m[k] = meanDecay * m[k] + (1 - meanDecay) * g[k];
          s[k] = squareDecay * s[k] + (1 - squareDecay) * g[k] ** 2;
          p[k] -= (learningRate * (m[k] / meanShare)) / (Math.sqrt(s[k] / squareShare) + tiny);
        }
      }
    });
  };
}

/**
 * Random numbers that a seed decides: uniform() from 0 to below 1, normal(), below(n) and
 * shuffle(list).
 * Marsaglia's xorshift with 128 bits of state (2003). The numbers aren't NumPy's.
 */
export function makeRandom(seed) {
  let [x, y, z, w] = [seed ^ 0x9e3779b9, 362436069, 521288629, 88675123];
  const next = () => {
    const t = x ^ (x << 11);
    [x, y, z] = [y, z, w];
    w = w ^ (w >>> 19) ^ t ^ (t >>> 8);
    return w >>> 0;
  };
  for (let i = 0; i < 32; i += 1) next(); // near seeds part ways
  const random = {
    uniform: () => (next() * 2 ** 21 + (next() >>> 11)) / 2 ** 53,
    normal() {
      const radius = Math.sqrt(-2 * Math.log(1 - random.uniform()));
      return radius * Math.cos(2 * Math.PI * random.uniform());
    },
    below: (n) => Math.floor(random.uniform() * n),
    shuffle(list) {
      for (let i = list.length - 1; i > 0; i -= 1) {
        const j = random.below(i + 1);
        [list[i], list[j]] = [list[j], list[i]];
      }
      return list;
    },
  };
  return random;
}
