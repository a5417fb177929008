// A playground: a small network that is trained before the reader's eyes.

import {
  asFixed, asText, clamp, evenly, freshId, html, makePicture, makePlot, pathThrough, set, svg,
} from "./drawing.js";
import { makeFigure, makeRunner } from "./figure.js";
import { button, knobGroup, list, slider } from "./knobs.js";
import { CLASSES, makeTraining, ROWS, SAMPLES } from "./training.js";

const BENDS = { relu: "ReLU", tanh: "tanh", sigmoid: "sigmoid", identity: "none" };
const RATES = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3];
const BATCHES = [1, 4, 8, 16, 32, 64, 240];
const [MOST_LAYERS, MOST_NEURONS] = [3, 16];
const LIMITS = {
  learning_rate: [0.0001, 10], batch_size: [1, SAMPLES], noise: [0, 0.4], held_out: [0, 0.8],
  seed: [0, 9999],
};
const WHOLE = ["batch_size", "seed"];
const USUAL = { learning_rate: 0.1, batch_size: 32, noise: 0, held_out: 0.5, seed: 1 };
const SETTINGS = ["data", "hidden", "activation", ...Object.keys(LIMITS)];
const EPOCHS_A_SECOND = { slow: 6, steady: 100, fast: Infinity };
const WORK = 8; // milliseconds of training in each frame, so that the page stays awake
const PLANE = [-2.5, 2.5]; // what is shown of both inputs
const GRID = 40; // fields of the plane along each axis
const SMALL = GRID / 2; // and of a neuron's own picture
const NAMES = ["A", "B", "C"];
const INKS = ["blue", "orange", "teal"];
const SHAPES = [
  (x, y, r) => `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0Z`,
  (x, y, r) => `M${x - r} ${y - r}h${2 * r}v${2 * r}h${-2 * r}Z`,
  (x, y, r) => `M${x} ${y - 1.25 * r}l${1.2 * r} ${2.1 * r}h${-2.4 * r}Z`,
];

/** What every neuron and the whole network say in each field of the plane. */
function makeMaps(training) {
  const { layers, received, probabilities, classes, forward } = training.engine;
  const hidden = layers.slice(0, -1);
  const middles = evenly(PLANE[0], PLANE[1], 2 * GRID + 1).filter((_, i) => i % 2);
  const maps = {
    answers: new Float64Array(GRID * GRID * classes),
    hidden: hidden.map(({ units }) => (
      Array.from({ length: units }, () => new Float64Array(GRID * GRID)))),
    fill,
  };
  function fill() {
    for (let start = 0; start < GRID * GRID; start += ROWS) {
      const count = Math.min(ROWS, GRID * GRID - start);
      for (let i = 0; i < count; i += 1) {
        received[2 * i] = middles[(start + i) % GRID];
        received[2 * i + 1] = middles[GRID - 1 - Math.floor((start + i) / GRID)];
      }
      forward(count);
      maps.answers.set(probabilities.subarray(0, count * classes), start * classes);
      hidden.forEach(({ units, outputs }, l) => maps.hidden[l].forEach((map, j) => {
        for (let i = 0; i < count; i += 1) map[start + i] = outputs[i * units + j];
      }));
    }
  }
  return maps;
}

// ---- Settings: from Python, from the knobs, from a link. Nothing is taken as it comes. ----

function within(name, value) {
  const [low, high] = LIMITS[name];
  const number = Number.isFinite(value) ? clamp(value, low, high) : USUAL[name];
  return WHOLE.includes(name) ? Math.round(number) : number;
}

function cleaned(given) {
  const settings = {
    data: Object.hasOwn(CLASSES, given.data) ? given.data : "circles",
    activation: Object.hasOwn(BENDS, given.activation) ? given.activation : "tanh",
    hidden: (Array.isArray(given.hidden) ? given.hidden : []).slice(0, MOST_LAYERS)
      .map((count) => clamp(Math.round(Number(count)) || 1, 1, MOST_NEURONS)),
  };
  for (const name of Object.keys(LIMITS)) settings[name] = within(name, given[name]);
  return settings;
}

/** The settings as text, as Python's Playground.link; `number` of the figure in its page. */
export function linkOf(settings, number = 1) {
  const hidden = settings.hidden.join("-") || "none";
  const numbers = Object.keys(LIMITS)
    .map((name) => `&${name}=${Number(settings[name].toFixed(6))}`);
  return `playground=${number}&data=${settings.data}&hidden=${hidden}`
    + `&activation=${settings.activation}${numbers.join("")}`;
}

/** The settings in a link: what isn't known is left out, the rest is brought into its limits. */
export function settingsIn(link, number = 1) {
  const given = new URLSearchParams(link.slice(link.lastIndexOf("#") + 1).slice(0, 500));
  if (given.get("playground") !== String(number)) return {};
  const settings = {};
  if (Object.hasOwn(CLASSES, given.get("data"))) settings.data = given.get("data");
  if (Object.hasOwn(BENDS, given.get("activation"))) settings.activation = given.get("activation");
  const counts = (given.get("hidden") ?? "").split("-").slice(0, MOST_LAYERS);
  if (given.get("hidden") === "none") settings.hidden = [];
  else if (counts.every((count) => count.trim() && Number.isFinite(Number(count)))) {
    settings.hidden = counts.map((count) => Math.round(clamp(Number(count), 1, MOST_NEURONS)));
  }
  for (const name of Object.keys(LIMITS)) {
    const text = (given.get(name) ?? "").trim();
    if (text && Number.isFinite(Number(text))) settings[name] = within(name, Number(text));
  }
  return settings;
}

// ---- What is happening, in words. ----

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Where the lowest value is; one that isn't a number is passed over. */
function placeOfLowest(values) {
  let best = -1;
  values.forEach((value, i) => { if (value < (values[best] ?? Infinity)) best = i; });
  return best;
}

/** A loss with its digits, or the words for one that has blown up. */
function lossInWords(loss, written) {
  return Number.isFinite(loss) ? written(loss) : "without end";
}

function percent(share) {
  return `${Math.round(100 * share)} %`;
}

/** How the two losses have moved lately; null in the first epochs. */
function tendency({ epochs, loss, heldOut }) {
  const span = Math.max(3, Math.floor(epochs.length / 5));
  if (epochs.length < 2 * span + 1) return null;
  const [recent, before] = [loss.slice(-span), loss.slice(-2 * span, -span)];
  const jumps = mean(recent.slice(1).map((value, i) => Math.abs(value - recent[i])));
  const found = {
    fall: (mean(before) - mean(recent)) / Math.max(mean(before), 1e-9),
    jumping: mean(recent) > 0.05 && jumps > 0.25 * mean(recent), heldFalls: true, heart: null,
  };
  if (!heldOut.length) return found;
  const lowest = placeOfLowest(heldOut);
  const [heldNow, trainNow] = [mean(heldOut.slice(-span)), mean(recent)];
  found.heldFalls = heldNow < mean(heldOut.slice(-2 * span, -span));
  if (heldNow > 1.1 * heldOut[lowest] + 0.02 && trainNow < 0.98 * loss[lowest]) {
    found.heart = {
      epoch: epochs[lowest], lowest: heldOut[lowest], then: loss[lowest], heldNow, trainNow,
      much: heldNow > 1.25 * heldOut[lowest] + 0.02,
    };
  }
  return found;
}

/** A sentence or two for a beginner: what is happening, and what to try. */
function sentenceFor(training, silent, running) {
  const { train, heldOut } = training.measure();
  if (!Number.isFinite(train.loss)) {
    return "The numbers have grown without end: every step was too large. "
      + "Choose a smaller learning rate and start again.";
  }
  if (!training.updates) {
    return "Nothing is learnt yet: the weights are random numbers. Press Run.";
  }
  // While it runs the sentence changes with what it says, not with every number.
  const right = running ? "" : `${percent(train.accuracy)} of the training samples`
    + (heldOut ? ` and ${percent(heldOut.accuracy)} of the held-out samples` : "") + " are right";
  const found = tendency(training.history);
  if (!found) return running ? "It has begun." : `It has begun: ${right}.`;
  if (found.heart) {
    return "The held-out loss rises while the training loss falls: it learns by heart. "
      + `The held-out loss was lowest in epoch ${found.heart.epoch}.`;
  }
  if (found.jumping) {
    return "The loss jumps up and down: the steps are large. A smaller learning rate or a larger "
      + "batch makes it calmer.";
  }
  if (train.accuracy >= 0.98) {
    return heldOut ? `It has learnt it: ${right || "nearly all samples are right"}.`
      : `It knows its samples: ${right || "nearly all are right"}. Nothing is held out, so nobody `
        + "can say whether it knows more than these.";
  }
  if (found.fall > 0.01) {
    const falls = !found.heldFalls
      ? "The training loss falls, the held-out loss no longer does: it may begin to learn by heart"
      : heldOut ? "Both losses fall: it is learning" : "The loss falls: it is learning";
    return right ? `${falls}. So far ${right}.` : `${falls}.`;
  }
  const who = silent === 1 ? "One hidden neuron is" : `${silent} hidden neurons are`;
  const dead = silent ? ` ${who} silent everywhere.` : "";
  return `The loss hardly falls any more${right && `, and ${right}`}.${dead} `
    + "Try more neurons, another seed, another learning rate, or patience.";
}

const GOALS_REACHED = {
  line({ settings, now }) {
    if (settings.data !== "clusters") return [false, "This is about the data set “Clusters”."];
    const right = bothRight(now);
    if (settings.hidden.length) {
      return [false, `${percent(right)} right, with a hidden layer. Can it be done without?`];
    }
    return right >= 0.97
      ? [true, `Done! ${percent(right)} right without a hidden layer: straight borders do.`]
      : [false, `${percent(right)} right without a hidden layer; 97 % are wanted.`];
  },
  xor({ settings, now }) {
    if (settings.data !== "xor") return [false, "This is about the data set “XOR”."];
    const right = bothRight(now);
    if (settings.hidden.length > 1) return [false, "One hidden layer is enough."];
    const neurons = settings.hidden[0] ?? 0;
    const count = neurons === 1 ? "1 neuron" : `${neurons || "no"} neurons`;
    if (right < 0.97) return [false, `${percent(right)} right with ${count}; 97 % are wanted.`];
    return neurons > 2
      ? [false, `${percent(right)} right with ${count}. Can you do it with fewer?`]
      : [true, `Done! ${percent(right)} right with ${count}: nobody can do it with fewer.`];
  },
  "by heart": ({ settings, heart }) => {
    if (!settings.held_out) return [false, "Hold some samples out, or nobody will notice."];
    if (!heart?.much) {
      return [false, "Not yet: the held-out loss has to climb a quarter above its lowest value."];
    }
    return [true, `Seen! Since epoch ${heart.epoch} the held-out loss rose from `
      + `${asText(heart.lowest)} to ${asText(heart.heldNow)}, while the training loss fell from `
      + `${asText(heart.then)} to ${asText(heart.trainNow)}. What helps? Fewer neurons, more `
      + "samples to learn from, fewer wrong labels?"];
  },
  spiral({ settings, now }) {
    if (settings.data !== "spiral") return [false, "This is about the data set “Spiral”."];
    if (!now.heldOut) return [false, "Hold some samples out: they decide."];
    const right = now.heldOut.accuracy;
    return right >= 0.95
      ? [true, `Done! ${percent(right)} of the held-out points are right.`]
      : [false, `${percent(right)} of the held-out points are right; 95 % are wanted.`];
  },
};

function bothRight({ train, heldOut }) {
  return Math.min(train.accuracy, heldOut ? heldOut.accuracy : 1);
}

// ---- The figure. ----

function render({ model, el }) {
  const figure = makeFigure({
    model, el, title: "Playground", draw, follow: [...SETTINGS, "pace", "goal", "shown", "running"],
  });
  const alone = typeof model.send !== "function"; // a page without Python behind it
  const colours = makeColours(figure.root);
  const plane = makeRegions();
  const net = makeNet((shown) => figure.change({ shown }));
  const curves = makeCurves();
  const written = makeLines();
  const knobs = makeTrainingKnobs(model, {
    change: figure.change, run: () => figure.change({ running: !runner.running() }),
    step: () => take(1), epoch: () => take(training.batches()), again: () => startAgain(),
    address: () => addressOf(),
  });
  figure.stage.append(
    knobs.bar, plane.element, net.element, makeKey(), curves.element, figure.numbers,
  );
  figure.numbers.append(...written.elements);
  figure.knobs.classList.add("explore-playground-knobs");
  const status = figure.root.querySelector(".explore-goal");
  figure.stage.after(figure.root.querySelector(".explore-sentence"), status);
  figure.knobs.append(...knobs.elements);

  let [training, maps, settings, built] = [null, null, null, ""];
  let [quota, last, painted, cost, told, judged, said] = [0, 0, 0, 0, 0, 0, ""];
  let [turn, keeping] = [0, 0];
  let [rate, counted, since] = [0, 0, 0];
  const runner = makeRunner({
    budget: 0, // work() looks at the clock by itself
    work,
    shown() {
      const now = performance.now();
      if (now - painted < 2 * cost) return; // a slow computer draws less often
      // One picture in each frame: together they would take longer than a frame has.
      parts[turn % parts.length]();
      turn += 1;
      painted = performance.now();
      cost = painted - now;
    },
    changed(running) {
      [last, quota, counted, since, rate] = [performance.now(), 1, 0, performance.now(), 0];
      if (model.get("running") !== running) figure.change({ running });
      if (!running) tell();
    },
  });

  function work() {
    const now = performance.now();
    const pace = EPOCHS_A_SECOND[model.get("pace")] ?? EPOCHS_A_SECOND.steady;
    // After a pause of the browser nothing is made up for.
    quota += pace === Infinity ? 1e6
      : (Math.min(now - last, 50) / 1000) * pace * training.batches();
    last = now;
    let made = 0;
    while (quota >= 1 && performance.now() < now + WORK) {
      training.step();
      quota -= 1;
      made += 1;
    }
    quota = Math.min(quota, training.batches());
    counted += made;
    if (now - since > 1000) [rate, counted, since] = [(1000 * counted) / (now - since), 0, now];
    return Number.isFinite(training.measure().train.loss);
  }

  function take(count) {
    runner.stop();
    for (let i = 0; i < count; i += 1) training.step();
    tell();
    figure.redraw();
  }
  function startAgain() {
    runner.stop();
    built = "";
    figure.redraw();
  }
  function build() {
    const { learning_rate: _, batch_size: __, ...rest } = settings;
    const wanted = JSON.stringify(rest);
    if (wanted === built) return false;
    built = wanted;
    training = makeTraining(settings);
    maps = makeMaps(training);
    return true;
  }

  function draw() {
    settings = cleaned(Object.fromEntries(SETTINGS.map((name) => [name, model.get(name)])));
    const first = !training;
    const fresh = build();
    Object.assign(training, { rate: settings.learning_rate, batchSize: settings.batch_size });
    if (model.get("running") && !runner.running()) runner.start();
    else if (!model.get("running") && runner.running()) runner.stop();
    knobs.show(settings, { model, running: runner.running(), address: addressOf() });
    if (fresh) plane.place(training.samples);
    paint();
    if (fresh && !first) tell();
    else describe();
    if (!first) keepInAddress();
  }
  function chosen() {
    const [layer, neuron] = model.get("shown") ?? [];
    return maps.hidden[layer - 1]?.[neuron - 1] ? [layer, neuron] : [];
  }
  const parts = [
    () => {
      maps.fill();
      if (!colours.css.paper) colours.read(); // its styles came late
      plane.show(maps, training.samples.classes, chosen(), colours, settings.activation);
    },
    () => net.show(training, maps, chosen(), colours),
    () => {
      curves.show(training);
      written.show(training, settings, runner.running() ? rate : 0);
      speak();
    },
    () => { if (performance.now() - told > 500) tell(); },
  ];
  const paint = () => parts.slice(0, 3).forEach((part) => part());
  function speak() {
    const silent = silentNeurons(maps, settings.activation).length;
    const words = sentenceFor(training, silent, runner.running());
    const gist = runner.running() ? words.replace(/\d+/g, "") : words;
    if (gist !== said) figure.say(words); // a sentence that is said again and again is never heard
    said = gist;
    const check = GOALS_REACHED[model.get("goal")];
    if (!check) {
      status.hidden = true;
      return;
    }
    const heart = tendency(training.history)?.heart;
    const [reached, verdict] = check({ settings, now: training.measure(), heart });
    // While it runs, a percentage isn't read out with every change of it.
    if (runner.running() && reached === model.get("solved") && painted - judged < 2000) return;
    judged = painted;
    figure.goal(reached, verdict);
    if (model.get("solved") !== reached) figure.change({ solved: reached });
  }
  function describe() {
    plane.describe(maps, training, chosen(), settings);
    net.describe(training, settings, silentNeurons(maps, settings.activation));
    curves.describe(training, settings, runner.running());
  }
  /** Tell Python, and whoever doesn't see the pictures, how things stand. */
  function tell() {
    told = performance.now();
    describe();
    const { train, heldOut } = training.measure();
    const { epochs, loss, heldOut: heldOutLoss } = training.history;
    const finite = (values) => values.map((v) => (Number.isFinite(v) ? Number(v.toFixed(6)) : 99));
    const traits = {
      updates: training.updates, epochs: [...epochs], loss: finite(loss),
      held_out_loss: finite(heldOutLoss), accuracy: train.accuracy,
      held_out_accuracy: heldOut ? heldOut.accuracy : 0,
    };
    const parameters = training.parameters().map((values) => [...values]);
    if (!runner.running() && parameters.flat().every(Number.isFinite)) {
      traits.parameters = training.updates ? parameters : [];
    }
    figure.change(traits);
  }

  // The address of the page keeps the settings, where there is a page and no notebook.
  const number = () => {
    const all = [...document.querySelectorAll(".explore[data-figure=playground]")];
    return Math.max(all.indexOf(figure.root), 0) + 1;
  };
  function addressOf() {
    const link = linkOf(settings, alone ? number() : 1);
    return alone ? `${location.href.split("#")[0]}#${link}` : link;
  }
  function keepInAddress() {
    clearTimeout(keeping);
    keeping = alone && setTimeout(() => {
      const hash = `#${linkOf(settings, number())}`;
      if (location.hash !== hash) history.replaceState(history.state, "", hash);
    }, 400);
  }
  function follow() {
    const found = settingsIn(location.hash, number());
    if (!Object.keys(found).length) return;
    runner.stop();
    figure.change({ ...found, goal: "", task: "These are the settings of the link." });
    figure.root.style.scrollMarginTop = "4rem"; // below the bar of the book
    figure.root.scrollIntoView();
  }
  const answer = (message) => {
    if (!training) return;
    if (message?.start_again) startAgain();
    else take(Math.min(Number(message?.updates) || 0, 1000));
  };
  colours.read();
  const theme = new MutationObserver(() => {
    colours.read();
    figure.redraw();
  });
  [document.documentElement, document.body].forEach((element) => theme.observe(element, {
    attributes: true, attributeFilter: ["data-theme", "data-jp-theme-light"],
  }));
  model.on("msg:custom", answer);
  if (alone) {
    follow();
    window.addEventListener("hashchange", follow);
  }
  if (model.get("running")) figure.change({ running: false }); // nothing starts by itself
  return () => {
    runner.stop();
    clearTimeout(keeping);
    theme.disconnect();
    model.off("msg:custom", answer);
    window.removeEventListener("hashchange", follow);
    figure.stop();
  };
}

function silentNeurons(maps, activation) {
  if (activation !== "relu") return [];
  return maps.hidden.flatMap((layer, l) => layer.flatMap((map, j) => (
    map.every((value) => value === 0) ? [`${j + 1} of hidden layer ${l + 1}`] : [])));
}

/** The figure's colours as numbers, for a canvas; they are others in the dark. */
function makeColours(root) {
  const names = ["paper", "ink", "frame", ...INKS, ...INKS.map((name) => `${name}-tint`)];
  const colours = { css: {}, rgb: {} };
  colours.read = () => {
    const style = getComputedStyle(root);
    for (const name of names) {
      const text = style.getPropertyValue(`--${name}`).trim();
      if (colours.css[name] === text) continue;
      colours.css[name] = text;
      colours.rgb[name] = [1, 3, 5].map((at) => parseInt(text.slice(at, at + 2), 16));
    }
  };
  return colours;
}

/** Colour one field by a value from -1 to 1: paper at 0, blue above, orange below. */
function colourBy(value, rgb, pixels, at) {
  const [from, to] = [rgb.paper, value < 0 ? rgb.orange : rgb.blue];
  const share = 0.85 * Math.min(Math.abs(value), 1);
  for (let c = 0; c < 3; c += 1) pixels[at + c] = from[c] + share * (to[c] - from[c]);
  pixels[at + 3] = 255;
}

/** What a neuron's picture is measured by: its largest answer in the plane, either sign. */
function sizeOf(map) {
  let size = 0;
  for (let i = 0; i < map.length; i += 1) size = Math.max(size, Math.abs(map[i]));
  return size || 1;
}

/** The plane: who would be what, the samples on top, borders between the classes. */
function makeRegions() {
  const plot = makePlot({
    width: 320, height: 334, xRange: PLANE, yRange: PLANE, xTicks: [-2, 0, 2], yTicks: [-2, 0, 2],
    xLabel: "first input x₁", yLabel: "second input x₂",
  });
  const { left, right, top, bottom } = plot.box;
  const canvas = html("canvas", {
    width: GRID, height: GRID, class: "explore-playground-field", "aria-hidden": "true",
  });
  Object.assign(canvas.style, {
    left: `${(100 * left) / plot.width}%`, top: `${(100 * top) / plot.height}%`,
    width: `${(100 * (right - left)) / plot.width}%`,
    height: `${(100 * (bottom - top)) / plot.height}%`,
  });
  plot.element.prepend(canvas);
  const context = canvas.getContext("2d");
  const image = context.createImageData(GRID, GRID);
  const border = svg("path", { fill: "none", stroke: "var(--ink)", "stroke-width": 1.6 });
  const marks = INKS.flatMap((ink) => [
    svg("path", { fill: "var(--paper)", stroke: `var(--${ink})`, "stroke-width": 1.5 }),
    svg("path", { fill: `var(--${ink})`, stroke: "var(--paper)", "stroke-width": 0.8 }),
  ]);
  const caption = svg("text", { x: right, y: 15, "text-anchor": "end", class: "explore-tick" });
  plot.inside.append(border, ...marks);
  plot.above.append(caption);
  const fieldX = (column) => left + ((column + 0.5) / GRID) * (right - left);
  const fieldY = (row) => top + ((row + 0.5) / GRID) * (bottom - top);
  const lead = new Float64Array(GRID * GRID);
  const shares = (answers, classes) => {
    const won = new Array(classes).fill(0);
    for (let at = 0; at < answers.length; at += classes) {
      let best = 0;
      for (let k = 1; k < classes; k += 1) if (answers[at + k] > answers[at + best]) best = k;
      won[best] += 1;
    }
    return won.map((count) => count / (GRID * GRID));
  };
  return {
    element: plot.element,
    place({ x, labels, train, heldOut }) {
      const short = (place) => Number(place.toFixed(1));
      const path = (which, k) => [...which].filter((i) => labels[i] === k).map((i) => (
        SHAPES[k](short(plot.x(x[2 * i])), short(plot.y(x[2 * i + 1])), 3.6)));
      marks.forEach((mark, i) => set(mark, { d: path(i % 2 ? train : heldOut, i >> 1).join("") }));
    },
    show(maps, classes, [layer, neuron], { rgb }, activation) {
      const { data } = image;
      const map = layer ? maps.hidden[layer - 1][neuron - 1] : null;
      const size = map ? sizeOf(map) : 1;
      for (let i = 0; i < GRID * GRID; i += 1) {
        if (map) {
          colourBy(map[i] / size, rgb, data, 4 * i);
          continue;
        }
        for (let c = 0; c < 3; c += 1) {
          let sum = 0;
          for (let k = 0; k < classes; k += 1) {
            sum += maps.answers[i * classes + k] * rgb[`${INKS[k]}-tint`][c];
          }
          data[4 * i + c] = sum;
        }
        data[4 * i + 3] = 255;
      }
      context.putImageData(image, 0, 0);
      // A neuron's border: where it begins to be active.
      const edge = { relu: 0.03 * size, sigmoid: 0.5 }[activation] ?? 0;
      let d = "";
      for (let k = 0; k < (map ? 1 : classes - 1); k += 1) {
        for (let i = 0; i < GRID * GRID; i += 1) {
          if (map) {
            lead[i] = map[i] - edge;
            continue;
          }
          let other = 0;
          for (let j = 0; j < classes; j += 1) {
            if (j !== k) other = Math.max(other, maps.answers[i * classes + j]);
          }
          lead[i] = maps.answers[i * classes + k] - other;
        }
        d += zeroLine(lead, fieldX, fieldY);
      }
      set(border, { d });
      const name = layer ? `hidden ${layer}, neuron ${neuron}` : "the whole network";
      caption.textContent = `shown: ${name}`;
    },
    describe(maps, training, [layer, neuron], { data, noise, seed }) {
      const { train, heldOut, classes } = training.samples;
      const what = layer
        ? `What neuron ${neuron} of hidden layer ${layer} answers in the plane of the two inputs, `
          + `from ${asText(Math.min(...maps.hidden[layer - 1][neuron - 1]))} to `
          + `${asText(Math.max(...maps.hidden[layer - 1][neuron - 1]))}.`
        : "The plane of the two inputs. "
          + shares(maps.answers, classes)
            .map((share, k) => `Region of ${NAMES[k]}: ${percent(share)}`).join(", ") + ".";
      plot.describe(
        `${what} Data set ${data} with seed ${seed}: ${train.length} training samples, `
        + `${heldOut.length} held out, ${percent(noise)} wrong labels wanted.`,
      );
    },
  };
}

/** The d of the line where a map of the plane goes through 0 (marching squares). */
function zeroLine(map, fieldX, fieldY) {
  let d = "";
  for (let row = 0; row + 1 < GRID; row += 1) {
    for (let column = 0; column + 1 < GRID; column += 1) {
      const at = row * GRID + column;
      const [a, b, c, e] = [map[at], map[at + 1], map[at + GRID + 1], map[at + GRID]];
      const above = (a > 0 ? 1 : 0) + (b > 0 ? 1 : 0) + (c > 0 ? 1 : 0) + (e > 0 ? 1 : 0);
      if (above === 0 || above === 4 || !Number.isFinite(a + b + c + e)) continue;
      const ends = [];
      if (a > 0 !== b > 0) ends.push([column + a / (a - b), row]);
      if (b > 0 !== c > 0) ends.push([column + 1, row + b / (b - c)]);
      if (e > 0 !== c > 0) ends.push([column + e / (e - c), row + 1]);
      if (a > 0 !== e > 0) ends.push([column, row + a / (a - e)]);
      for (let i = 0; i + 1 < ends.length; i += 2) {
        d += pathThrough([ends[i], ends[i + 1]].map(([x, y]) => [fieldX(x), fieldY(y)]));
      }
    }
  }
  return d;
}

/** The network: each neuron with its own picture of the plane, each weight as a line. */
function makeNet(clicked) {
  const picture = makePicture(320, 334);
  const sharp = 2; // pixels of the canvas for each unit
  const canvas = html("canvas", {
    width: 320 * sharp, height: 334 * sharp, class: "explore-playground-field",
    "aria-hidden": "true",
  });
  Object.assign(canvas.style, { left: 0, top: 0, width: "100%", height: "100%" });
  picture.element.prepend(canvas);
  const context = canvas.getContext("2d");
  const small = html("canvas", { width: SMALL, height: SMALL });
  const brush = small.getContext("2d");
  const image = brush.createImageData(SMALL, SMALL);
  const words = svg("g");
  picture.root.append(words);
  let [places, drawn] = [[], ""];

  function layOut(sizes) {
    const [top, bottom] = [34, 316];
    const across = evenly(24, 296, sizes.length);
    places = sizes.map((count, l) => {
      const pitch = Math.min((bottom - top) / count, 66);
      const size = Math.max(Math.min(pitch - 2.5, sizes.length > 4 ? 36 : 48), 10);
      const middle = (top + bottom) / 2;
      return Array.from({ length: count }, (_, j) => (
        { x: across[l], y: middle + (j - (count - 1) / 2) * pitch, size }));
    });
    const title = (l) => (l === 0 ? "inputs" : l === sizes.length - 1 ? "output" : `hidden ${l}`);
    words.replaceChildren(
      ...across.map((x, l) => svg("text", {
        x: clamp(x, 4, 316), y: 15, class: "explore-tick",
        "text-anchor": l === 0 ? "start" : l === sizes.length - 1 ? "end" : "middle",
        ...(l === 0 && { x: 4 }), ...(l === sizes.length - 1 && { x: 316 }),
      }, title(l))),
      ...places[0].map(({ x, y }, j) => (
        svg("text", { x, y: y + 5, "text-anchor": "middle" }, ["x₁", "x₂"][j]))),
      ...places.at(-1).flatMap(({ x, y }, k) => [
        svg("path", { d: SHAPES[k](x - 8, y, 5), fill: `var(--${INKS[k]})` }),
        svg("text", { x: x + 8, y: y + 5, "text-anchor": "middle" }, NAMES[k]),
      ]),
    );
  }
  picture.root.addEventListener("click", (event) => {
    const box = picture.root.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * 320;
    const y = ((event.clientY - box.top) / box.height) * 334;
    places.slice(1, -1).forEach((layer, l) => layer.forEach((place, j) => {
      const reach = Math.max(place.size / 2, 8);
      if (Math.abs(x - place.x) < 20 && Math.abs(y - place.y) <= reach) clicked([l + 1, j + 1]);
    }));
    const { x: lastX } = places.at(-1)[0];
    if (Math.abs(x - lastX) < 24) clicked([]);
  });

  function drawLines(layers, { css }) {
    layers.forEach(({ inputs, units, weights }, l) => {
      const largest = sizeOf(weights);
      const many = inputs * units > 60;
      for (let k = 0; k < inputs; k += 1) {
        for (let j = 0; j < units; j += 1) {
          const weight = weights[k * units + j];
          const share = Math.abs(weight) / largest;
          const [from, to] = [places[l][k], places[l + 1][j]];
          context.beginPath();
          context.moveTo(from.x + from.size / 2, from.y);
          context.lineTo(to.x - to.size / 2, to.y);
          context.lineWidth = 0.3 + (many ? 1.8 : 3) * share;
          context.globalAlpha = many ? 0.15 + 0.85 * share : 0.4 + 0.6 * share;
          context.strokeStyle = weight < 0 ? css.orange : css.blue;
          context.setLineDash(weight < 0 ? [5, 3] : []);
          context.stroke();
        }
      }
    });
    context.setLineDash([]);
    context.globalAlpha = 1;
  }
  function drawNeuron(map, { x, y, size }, isShown, { rgb, css }) {
    const largest = sizeOf(map);
    for (let row = 0; row < SMALL; row += 1) {
      for (let column = 0; column < SMALL; column += 1) {
        const value = map[(2 * row + 1) * GRID + 2 * column + 1] / largest;
        // Below 0 a texture says so too.
        const dotted = value < 0 && (row + column) % 4 === 0 ? 1.6 : 1;
        colourBy(value * dotted, rgb, image.data, 4 * (row * SMALL + column));
      }
    }
    brush.putImageData(image, 0, 0);
    const [left, top] = [x - size / 2, y - size / 2];
    context.drawImage(small, left, top, size, size);
    context.lineWidth = isShown ? 3 : 1;
    context.strokeStyle = isShown ? css.ink : css.frame;
    context.strokeRect(left, top, size, size);
  }
  function drawEnd({ x, y, size }, { css }) {
    context.fillStyle = css.paper;
    context.strokeStyle = css.frame;
    context.lineWidth = 1;
    context.beginPath();
    context.roundRect(x - size / 2, y - size / 2, size, size, 6);
    context.fill();
    context.stroke();
  }
  return {
    element: picture.element,
    show({ sizes, engine }, maps, [layer, neuron], colours) {
      if (drawn !== sizes.join()) layOut(sizes);
      drawn = sizes.join();
      context.setTransform(sharp, 0, 0, sharp, 0, 0);
      context.clearRect(0, 0, 320, 334);
      drawLines(engine.layers, colours);
      [places[0], places.at(-1)].flat().forEach((place) => drawEnd(place, colours));
      maps.hidden.forEach((maps_, l) => maps_.forEach((map, j) => {
        drawNeuron(map, places[l + 1][j], layer === l + 1 && neuron === j + 1, colours);
      }));
    },
    describe({ sizes, engine }, { activation }, silent) {
      const strongest = engine.layers.map(({ inputs, units, weights }, l) => {
        let best = 0;
        weights.forEach((w, i) => { if (Math.abs(w) > Math.abs(weights[best])) best = i; });
        const from = `${l ? "neuron" : "input"} ${Math.floor(best / units) + 1}`;
        const last = l === engine.layers.length - 1;
        const to = last ? `output ${NAMES[best % units]}` : `neuron ${(best % units) + 1}`;
        const where = last ? "into the output" : `into hidden layer ${l + 1}`;
        return `${where} ${asText(weights[best])}, from ${from} to ${to}`;
      });
      const layers = sizes.slice(1, -1).map((n, l) => `${n} in hidden layer ${l + 1}, `);
      picture.describe(
        `The network: 2 inputs, ${layers.join("")}${sizes.at(-1)} outputs, `
        + `activation ${BENDS[activation]}. Its strongest weights: ${strongest.join("; ")}.`
        + (silent.length ? ` Silent everywhere: neuron ${silent.join(", ")}.` : ""),
      );
    },
  };
}

/** What the marks and the lines mean. */
function makeKey() {
  const sign = (content) => (
    svg("svg", { viewBox: "0 0 26 14", width: 26, height: 14, "aria-hidden": "true" }, content));
  const line = (ink, dash) => sign(svg("path", {
    d: "M1 7H25", stroke: `var(--${ink})`, "stroke-width": 2.5, "stroke-dasharray": dash,
  }));
  const mark = (attributes) => sign(svg("path", {
    d: SHAPES[0](13, 7, 4.5), stroke: "var(--blue)", "stroke-width": 1.5, ...attributes,
  }));
  const item = (picture, words) => html("span", {}, picture, words);
  return html(
    "p", { class: "explore-playground-key explore-wide" },
    item(mark({ fill: "var(--blue)" }), "to learn from"),
    item(mark({ fill: "var(--paper)" }), "held out"),
    item(line("blue", null), "positive weight"), item(line("orange", "5 3"), "negative weight"),
    item(null, "Thicker is stronger. Each small picture shows where its neuron is active."),
  );
}

/** The next round number: 1, 2 or 5, and zeros. */
function roundUp(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= value * 0.999999);
}

/** The two losses, epoch by epoch. */
function makeCurves() {
  const plot = makePlot({
    width: 320, height: 230, xRange: [0, 20], yRange: [0, 1], xLabel: "epoch", yLabel: "loss",
  });
  const look = { fill: "none", "stroke-width": 2.5, "stroke-linejoin": "round" };
  const held = svg("path", { ...look, stroke: "var(--orange)", "stroke-dasharray": "7 4" });
  const train = svg("path", { ...look, stroke: "var(--blue)" });
  const lowest = svg("circle", {
    r: 5, fill: "var(--paper)", stroke: "var(--orange)", "stroke-width": 2,
  });
  const names = ["training", "held-out"].map((name, i) => svg("text", {
    x: 308 - (i ? 0 : 84), y: 15, "text-anchor": "end", fill: "var(--ink)",
    style: `fill: var(--${i ? "orange" : "blue"})`,
  }, `${i ? "- - " : "— "}${name}`));
  const mark = svg("text", {
    x: 66, y: 40, class: "explore-halo", "text-anchor": "middle",
  }, "lowest");
  plot.inside.append(held, train, lowest);
  plot.above.append(...names, mark);
  let scaled = "";
  return {
    element: plot.element,
    show({ history, epoch }) {
      const { epochs, loss, heldOut } = history;
      const ceiling = 3 * Math.max(loss[0], heldOut[0] ?? 0); // a wild jump leaves the picture
      let highest = 0;
      for (const losses of [loss, heldOut]) {
        for (const value of losses) if (value <= ceiling) highest = Math.max(highest, value);
      }
      const [far, high] = [roundUp(Math.max(epoch, 20)), roundUp(Math.max(highest, 0.1))];
      if (scaled !== `${far} ${high}`) {
        plot.rescale([0, far], [0, high], [0, far / 2, far], [0, high / 2, high]);
      }
      scaled = `${far} ${high}`;
      const curve = (losses) => pathThrough(losses.map((value, i) => (
        [plot.x(epochs[i]), plot.y(Number.isFinite(value) ? Math.min(value, 100) : 100)])));
      set(train, { d: curve(loss) });
      set(held, { d: heldOut.length ? curve(heldOut) : "" });
      const best = placeOfLowest(heldOut);
      const marked = epochs.length > 10 && best >= 0;
      [lowest, mark].forEach((part) => set(part, { visibility: marked ? "visible" : "hidden" }));
      set(names[1], { visibility: heldOut.length ? "visible" : "hidden" });
      if (!marked) return;
      const [x, y] = [plot.x(epochs[best]), plot.y(heldOut[best])];
      set(lowest, { cx: x, cy: y });
      set(mark, { x: clamp(x, 66, 284), y: y - 12 < 40 ? y + 22 : y - 12 });
    },
    describe(training, settings, running) {
      const { train: now, heldOut } = training.measure();
      const { epochs, loss, heldOut: losses } = training.history;
      const best = placeOfLowest(losses);
      plot.describe(
        `The loss over ${training.epoch} epochs${running ? ", still running" : ""}. Training: from `
        + `${asText(loss[0])} to ${lossInWords(now.loss, asText)}. `
        + (heldOut ? `Held-out: from ${asText(losses[0])} to `
          + `${lossInWords(heldOut.loss, asText)}, lowest `
          + `${asText(losses[best])} in epoch ${epochs[best]}. ` : "Nothing is held out. ")
        + `After ${training.updates} updates with learning rate ${asText(settings.learning_rate)} `
        + `and batches of ${settings.batch_size}.`,
      );
    },
  };
}

/** The numbers beside the curves. */
function makeLines() {
  const [when, train, held, about] = [html("p"), html("p"), html("p"), html("p")];
  about.className = "explore-playground-about";
  const line = (name, ink, { loss, accuracy }) => {
    const title = html("span", {}, name);
    title.style.color = `var(--${ink})`;
    const size = html("b", {}, lossInWords(loss, (value) => asFixed(value, 3)));
    return [title, " loss ", size, ", right ", html("b", {}, percent(accuracy))];
  };
  return {
    elements: [when, train, held, about],
    show(training, settings, rate) {
      const now = training.measure();
      when.replaceChildren(
        "epoch ", html("b", {}, asText0(training.epoch)), ", update ",
        html("b", {}, asText0(training.updates)),
        rate ? ` (${asText0(Math.round(rate))} a second)` : "",
      );
      train.replaceChildren(...line("training", "blue", now.train));
      held.hidden = !now.heldOut;
      if (now.heldOut) held.replaceChildren(...line("held-out", "orange", now.heldOut));
      const count = training.parameters().reduce((sum, values) => sum + values.length, 0);
      const batches = training.batches();
      about.textContent = `Network ${training.sizes.join("-")}: ${count} weights and biases. `
        + `${training.samples.train.length} samples in batches of ${settings.batch_size}: `
        + `${batches} ${batches === 1 ? "update" : "updates"} an epoch, `
        + `learning rate ${asText(settings.learning_rate)}.`;
    },
  };
}

function asText0(count) {
  return count.toLocaleString("en");
}

function makeTrainingKnobs(model, { change, run, step, epoch, again, address }) {
  const numbered = (trait) => (value) => change({ [trait]: Number(value) });
  const parts = {
    run: button({ label: "Run", pressed: run }),
    step: button({ label: "One update", pressed: step }),
    epoch: button({ label: "One epoch", pressed: epoch }),
    again: button({ label: "Start again", pressed: again }),
    goal: list({
      label: "To find out",
      options: [...model.get("goals").map(({ name, label }) => [name, label]), ["", "Free play"]],
      changed(name) {
        const goal = model.get("goals").find((one) => one.name === name);
        change(goal ? { ...goal.settings, goal: name, task: goal.task, shown: [], running: false }
          : { goal: "", task: "" });
      },
    }),
    pace: list({
      label: "Speed",
      options: [["slow", "slow"], ["steady", "steady"], ["fast", "fast"]],
      changed: (pace) => change({ pace }),
    }),
    data: list({
      label: "Data set",
      options: [
        ["clusters", "Clusters"], ["circles", "Circles"], ["xor", "XOR"], ["spiral", "Spiral"],
      ],
      changed: (data) => change({ data }),
    }),
    noise: slider({
      label: "Wrong labels (noise)", low: 0, high: 0.4, step: 0.05, digits: 2,
      colour: "var(--ink)", changed: (noise) => change({ noise }),
    }),
    heldOut: slider({
      label: "Held out", low: 0, high: 0.8, step: 0.1, digits: 2, colour: "var(--orange)",
      changed: (value) => change({ held_out: value }),
    }),
    layers: list({
      label: "Hidden layers", options: [0, 1, 2, 3].map((count) => [count, count || "none"]),
      changed(count) {
        const hidden = [...model.get("hidden"), 4, 4, 4].slice(0, Number(count));
        change({ hidden });
      },
    }),
    activation: list({
      label: "Activation", options: Object.entries(BENDS),
      changed: (activation) => change({ activation }),
    }),
    rate: list({
      label: "Learning rate", options: RATES.map((value) => [value, asText(value)]),
      changed: numbered("learning_rate"),
    }),
    batch: list({
      label: "Batch size", options: BATCHES.map((value) => [value, value === 240 ? "all" : value]),
      changed: numbered("batch_size"),
    }),
    seed: makeSeedKnob((seed) => change({ seed })),
    next: button({
      label: "Next seed",
      pressed: () => change({ seed: (within("seed", model.get("seed")) + 1) % 10000 }),
    }),
    shown: list({
      label: "The plane shows", options: [["", "the whole network"]],
      changed: (text) => change({ shown: text ? text.split("-").map(Number) : [] }),
    }),
  };
  const neurons = html("div");
  const sliders = [];
  const link = makeLinkField(address);
  parts.run.element.classList.add("explore-playground-run");
  const seedRow = html(
    "div", { class: "explore-row explore-playground-seed" },
    parts.seed.element, parts.next.element,
  );
  const network = knobGroup("The network", parts.layers, { element: neurons }, parts.activation);
  const bar = html(
    "div", { class: "explore-row explore-wide explore-playground-bar" },
    parts.run.element, parts.step.element, parts.epoch.element, parts.again.element,
    parts.pace.element, parts.goal.element,
  );

  function showNeurons(hidden) {
    while (sliders.length > hidden.length) sliders.pop().element.remove();
    while (sliders.length < hidden.length) {
      const l = sliders.length;
      sliders.push(slider({
        label: `Neurons in hidden ${l + 1}`, low: 1, high: MOST_NEURONS, step: 1, digits: 0,
        changed: (count) => change({
          hidden: model.get("hidden").map((old, k) => (k === l ? count : old)),
        }),
      }));
      neurons.append(sliders[l].element);
    }
    sliders.forEach((knob, l) => knob.show(hidden[l]));
    const names = hidden.flatMap((count, l) => (
      Array.from({ length: count }, (_, j) => (
        [`${l + 1}-${j + 1}`, `hidden ${l + 1}, neuron ${j + 1}`]))));
    const { select } = parts.shown;
    if (select.dataset.names === String(hidden)) return;
    select.dataset.names = String(hidden);
    select.replaceChildren(...[["", "the whole network"], ...names].map(([value, words]) => (
      html("option", { value }, words))));
  }
  /** Show a value in a list; one that Python has set may be new to it. */
  const showNumber = (knob, value) => {
    if (![...knob.select.options].some((option) => Number(option.value) === value)) {
      knob.select.append(html("option", { value }, asText(value)));
    }
    knob.show(value);
  };
  return {
    bar,
    elements: [
      knobGroup("The data", parts.data, parts.noise, parts.heldOut, { element: seedRow }),
      network, knobGroup("The learning", parts.rate, parts.batch, parts.shown), link.element,
    ],
    show(settings, { running, address: text }) {
      parts.run.show(running ? "Pause" : "Run");
      parts.goal.show(model.get("goal"));
      parts.pace.show(model.get("pace"));
      parts.data.show(settings.data);
      parts.noise.show(settings.noise);
      parts.heldOut.show(settings.held_out);
      parts.layers.show(settings.hidden.length);
      parts.activation.show(settings.activation);
      showNumber(parts.rate, settings.learning_rate);
      showNumber(parts.batch, settings.batch_size);
      parts.seed.show(settings.seed);
      showNeurons(settings.hidden);
      parts.shown.show((model.get("shown") ?? []).join("-"));
      link.show(text);
    },
  };
}

function makeSeedKnob(changed) {
  const id = freshId("seed");
  const input = html("input", {
    id, type: "number", min: 0, max: 9999, step: 1, "data-lm-suppress-shortcuts": "true",
  });
  input.addEventListener("change", () => changed(within("seed", Number(input.value))));
  return {
    element: html("div", { class: "explore-list" }, html("label", { for: id }, "Seed"), input),
    show: (value) => { if (Number(input.value) !== value) input.value = value; },
  };
}

/** The settings as a link: in the page its own address, in a notebook a text for Python. */
function makeLinkField(address) {
  const id = freshId("link");
  const own = { "data-lm-suppress-shortcuts": "true" };
  const input = html("input", { ...own, id, type: "text", readonly: true });
  const told = html("span", { role: "status" });
  const copy = button({
    label: "Copy the link",
    pressed() {
      input.select();
      const done = () => { told.textContent = "Copied."; };
      const failed = () => { told.textContent = "Now press Ctrl+C, or ⌘C."; };
      if (navigator.clipboard) navigator.clipboard.writeText(address()).then(done, failed);
      else failed();
    },
  });
  const element = html(
    "div", { class: "explore-row explore-wide explore-playground-link" },
    html("label", { for: id }, "These settings as a link"), input, copy.element, told,
  );
  return {
    element,
    show(text) {
      if (input.value === text) return;
      input.value = text;
      told.textContent = "";
    },
  };
}

export default { render };
