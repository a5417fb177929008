// A small network that learns, and what it learns from: the playground's mathematics without its
// pictures. It mirrors dlbook.explore.Playground.samples, dlbook.layers and dlbook.updates.

import { clamp } from "./drawing.js";
import { ACTIVATIONS, makeRandom, randomNetwork } from "./mathematics.js";

export const SAMPLES = 240;
export const CLASSES = { clusters: 3, circles: 2, xor: 2, spiral: 3 };
export const ROWS = 256; // samples that go through the network at a time
const EDGE = 2.35; // of the plane: no sample lies further out
const MOST_POINTS = 400; // of the curves

// ---- The data. Every number is drawn as dlbook.explore.Playground.samples draws it. ----

const PLACES = {
  clusters(i, random) {
    const angle = Math.PI / 2 + (2 * Math.PI * (i % 3)) / 3;
    const [across, up] = [0.42 * random.normal(), 0.42 * random.normal()];
    return [1.3 * Math.cos(angle) + across, 1.3 * Math.sin(angle) + up];
  },
  circles(i, random) {
    const [share, angle] = [random.uniform(), 2 * Math.PI * random.uniform()];
    const radius = i % 2 ? 1.25 + 0.6 * share : 0.85 * Math.sqrt(share);
    return [radius * Math.cos(angle), radius * Math.sin(angle)];
  },
  xor(i, random) {
    const [across, up] = [0.36 * random.normal(), 0.36 * random.normal()];
    const high = [i & 1, (i >> 1) & 1];
    return [(high[0] ? 1.15 : -1.15) + across, (high[1] ? 1.15 : -1.15) + up];
  },
  spiral(i, random) {
    const share = random.uniform();
    const angle = (2 * Math.PI * (i % 3)) / 3 + 4 * share + 0.12 * random.normal();
    const radius = 0.15 + 1.9 * share;
    return [radius * Math.cos(angle), radius * Math.sin(angle)];
  },
};

/** Samples in the plane, with labels, and which of them are held out. The seed decides it all. */
export function makeSamples({ data, noise, held_out: heldOut, seed }) {
  const random = makeRandom(3 * seed);
  const classes = CLASSES[data];
  const [x, labels] = [new Float64Array(2 * SAMPLES), new Int32Array(SAMPLES)];
  for (let i = 0; i < SAMPLES; i += 1) {
    x.set(PLACES[data](i, random).map((value) => clamp(value, -EDGE, EDGE)), 2 * i);
    labels[i] = data === "xor" ? (i & 1) ^ ((i >> 1) & 1) : i % classes;
  }
  for (let i = 0; i < SAMPLES; i += 1) {
    const [chance, other] = [random.uniform(), random.below(classes - 1)];
    if (chance < noise) labels[i] = (labels[i] + 1 + other) % classes;
  }
  const order = random.shuffle(Int32Array.from({ length: SAMPLES }, (_, i) => i));
  const count = Math.floor(heldOut * SAMPLES + 0.5);
  return { x, labels, classes, train: order.slice(count), heldOut: order.slice(0, count) };
}

// ---- The training. ----

// Three times as fast as Math.tanh, and never further from it than a few units of the last place.
const tanhByPowers = (z) => 1 - 2 / (Math.exp(2 * z) + 1);

const SLOPES_FROM_OUTPUTS = {
  relu: (output) => (output > 0 ? 1 : 0),
  tanh: (output) => 1 - output * output,
  sigmoid: (output) => output * (1 - output),
  identity: () => 1,
};

/**
 * The forward and the backward pass of mathematics.js with room for ROWS samples that is set aside
 * once: nothing is allocated while the network learns, so nothing has to be cleared away.
 */
function makeEngine(network) {
  const layers = network.layers.map(({ weights, bias, activation }) => ({
    inputs: weights.rows, units: weights.columns, weights: weights.data, bias,
    apply: activation === "tanh" ? tanhByPowers : ACTIVATIONS[activation].apply,
    slope: SLOPES_FROM_OUTPUTS[activation],
    outputs: new Float64Array(ROWS * weights.columns),
    upstream: new Float64Array(ROWS * weights.columns),
    dWeights: new Float64Array(weights.data.length), dBias: new Float64Array(bias.length),
  }));
  const received = new Float64Array(2 * ROWS);
  const labels = new Int32Array(ROWS);
  const last = layers[layers.length - 1];
  const probabilities = last.outputs;

  function forward(count) {
    let from = received;
    for (const { inputs, units, weights, bias, apply, outputs } of layers) {
      for (let i = 0; i < count; i += 1) {
        for (let j = 0; j < units; j += 1) {
          let sum = bias[j];
          for (let k = 0; k < inputs; k += 1) sum += from[i * inputs + k] * weights[k * units + j];
          outputs[i * units + j] = apply(sum);
        }
      }
      from = outputs;
    }
    const classes = last.units;
    for (let row = 0; row < count * classes; row += classes) {
      let [largest, sum] = [-Infinity, 0];
      for (let j = row; j < row + classes; j += 1) largest = Math.max(largest, probabilities[j]);
      for (let j = row; j < row + classes; j += 1) {
        probabilities[j] = Math.exp(probabilities[j] - largest);
        sum += probabilities[j];
      }
      for (let j = row; j < row + classes; j += 1) probabilities[j] /= sum;
    }
  }

  function backward(count) {
    const classes = last.units;
    for (let i = 0; i < count; i += 1) {
      for (let j = 0; j < classes; j += 1) {
        const wanted = labels[i] === j ? 1 : 0;
        last.upstream[i * classes + j] = (probabilities[i * classes + j] - wanted) / count;
      }
    }
    for (let l = layers.length - 1; l >= 0; l -= 1) {
      const { inputs, units, weights, dWeights, dBias, upstream } = layers[l];
      const before = l ? layers[l - 1] : null;
      const from = before ? before.outputs : received;
      dWeights.fill(0);
      dBias.fill(0);
      for (let i = 0; i < count; i += 1) {
        for (let j = 0; j < units; j += 1) dBias[j] += upstream[i * units + j];
        for (let k = 0; k < inputs; k += 1) {
          const input = from[i * inputs + k];
          let sum = 0;
          for (let j = 0; j < units; j += 1) {
            const slope = upstream[i * units + j];
            dWeights[k * units + j] += input * slope;
            sum += slope * weights[k * units + j];
          }
          if (before) before.upstream[i * inputs + k] = sum * before.slope(input);
        }
      }
    }
  }

  function move(rate) {
    for (const { weights, bias, dWeights, dBias } of layers) {
      for (let k = 0; k < weights.length; k += 1) weights[k] -= rate * dWeights[k];
      for (let j = 0; j < bias.length; j += 1) bias[j] -= rate * dBias[j];
    }
  }
  return { layers, received, labels, probabilities, classes: last.units, forward, backward, move };
}

/**
 * A training that can be taken a step at a time: step() makes one update and returns the samples
 * of its batch. `history` has the losses of each epoch, `now` those of this moment.
 */
export function makeTraining(settings) {
  const samples = makeSamples(settings);
  const sizes = [2, ...settings.hidden, samples.classes];
  const network = randomNetwork(sizes, makeRandom(3 * settings.seed + 1), settings.activation);
  const engine = makeEngine(network);
  const random = makeRandom(3 * settings.seed + 2);
  const order = Int32Array.from({ length: samples.train.length }, (_, i) => i);
  const history = { epochs: [], loss: [], heldOut: [] };
  let [place, every] = [order.length, 1];
  const training = {
    samples, sizes, engine, history, step, measure, updates: 0, epoch: 0, now: null,
    rate: settings.learning_rate, batchSize: settings.batch_size,
    batches: () => Math.ceil(order.length / training.batchSize),
    parameters: () => engine.layers.flatMap(({ weights, bias }) => [weights, bias]),
  };

  function load(which, start, count) {
    for (let i = 0; i < count; i += 1) {
      const sample = which[start + i];
      engine.received[2 * i] = samples.x[2 * sample];
      engine.received[2 * i + 1] = samples.x[2 * sample + 1];
      engine.labels[i] = samples.labels[sample];
    }
  }
  function step() {
    if (place >= order.length) {
      random.shuffle(order);
      place = 0;
    }
    const count = Math.min(training.batchSize, order.length - place);
    const batch = order.subarray(place, place + count).map((i) => samples.train[i]);
    load(batch, 0, count);
    engine.forward(count);
    engine.backward(count);
    engine.move(training.rate);
    place += count;
    training.updates += 1;
    training.now = null;
    if (place >= order.length) {
      training.epoch += 1;
      record();
    }
    return batch;
  }
  function about(which) {
    if (!which.length) return null;
    load(which, 0, which.length);
    engine.forward(which.length);
    let [loss, right] = [0, 0];
    for (let i = 0; i < which.length; i += 1) {
      const row = i * samples.classes;
      const own = engine.probabilities[row + engine.labels[i]];
      loss -= Math.log(Math.max(own, 1e-12));
      let best = true;
      for (let j = 0; j < samples.classes; j += 1) {
        const other = engine.probabilities[row + j];
        if (other > own || (other === own && j < engine.labels[i]) || other !== other) best = false;
      }
      right += best ? 1 : 0;
    }
    return { loss: loss / which.length, accuracy: right / which.length };
  }
  function measure() {
    training.now ??= { train: about(samples.train), heldOut: about(samples.heldOut) };
    return training.now;
  }
  function record() {
    if (training.epoch % every) return;
    const { train, heldOut } = measure();
    history.epochs.push(training.epoch);
    history.loss.push(train.loss);
    if (heldOut) history.heldOut.push(heldOut.loss);
    if (history.epochs.length <= MOST_POINTS) return;
    every *= 2; // a long training: every second point stays
    for (const name of Object.keys(history)) {
      history[name] = history[name].filter((_, i) => i % 2 === 0);
    }
  }
  record();
  return training;
}
