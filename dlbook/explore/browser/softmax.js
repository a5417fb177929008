// Scores as sliders, their probabilities as bars, the loss of the true class, and its slopes.

import {
  asFixed, asWritten, clamp, html, makePicture, makePlot, makeScale, set, svg,
} from "./drawing.js";
import { makeFigure } from "./figure.js";
import { button, choice, knobGroup, slider } from "./knobs.js";
import {
  crossEntropy, matrixFrom, rowsOf, softmax, softmaxCrossEntropyGradient,
} from "./mathematics.js";

const HIGHEST = 5; // of the losses that the plot has room for

function render({ model, el }) {
  const figure = makeFigure({
    model, el, title: "Softmax and loss", draw,
    follow: ["scores", "true_class", "goal", "kept"],
  });
  const names = model.get("names");
  const bars = makeBars(names);
  const valley = makeLossCurve();
  const written = makeTable(names);
  const knobs = makeScoreKnobs(model, figure.change);
  figure.stage.append(bars.element, valley.element);
  figure.numbers.append(...written.elements);
  figure.knobs.append(...knobs.elements);
  let before = null;

  function draw() {
    const now = state(model);
    knobs.show(now);
    bars.show(now);
    valley.show(now);
    written.show(now);
    figure.say(`${shiftInWords(before, now)}${sentenceFor(now)}`);
    before = now;
    const goal = model.get("goal");
    if (!goal) return;
    const { solved, words } = verdict(now, goal, model.get("kept"));
    figure.goal(solved, words);
    if (model.get("solved") !== solved) figure.change({ solved });
  }
  return figure.stop;
}

/** All that is shown, worked out from the traits. */
function state(model) {
  const [scores, names, truth] = ["scores", "names", "true_class"].map((name) => model.get(name));
  const p = softmax(matrixFrom([scores]));
  const powers = scores.map((score) => Math.exp(score));
  return {
    scores, names, truth, powers,
    sum: powers.reduce((a, b) => a + b, 0),
    probabilities: rowsOf(p)[0],
    loss: crossEntropy(p, [truth]),
    slopes: rowsOf(softmaxCrossEntropyGradient(p, [truth]))[0],
  };
}

function makeScoreKnobs(model, change) {
  const reach = model.get("reach");
  const names = model.get("names");
  const sliders = names.map((label, i) => slider({
    label, low: -reach, high: reach, step: 0.1, colour: "var(--blue)",
    changed: (value) => {
      change({ scores: model.get("scores").map((old, k) => (k === i ? value : old)) });
    },
  }));
  const labels = [[1, "Add 1 to each"], [-1, "Take 1 from each"]];
  const shifts = labels.map(([by, label]) => {
    const moved = () => model.get("scores").map((score) => Number((score + by).toFixed(10)));
    const inReach = () => moved().every((score) => Math.abs(score) <= reach);
    const knob = button({ label, pressed: () => { if (inReach()) change({ scores: moved() }); } });
    const show = () => set(knob.element, { "aria-disabled": inReach() ? null : "true" });
    return { element: knob.element, show };
  });
  const truth = choice({
    label: "True class", options: names.map((name, i) => [String(i), name]),
    changed: (value) => change({ true_class: Number(value) }),
  });
  const together = knobGroup("All scores at once", {
    element: html("div", { class: "explore-row" }, shifts.map((shift) => shift.element)),
  });
  return {
    elements: [
      knobGroup("Scores", ...sliders),
      html("div", { class: "explore-softmax-column" }, truth.element, together),
    ],
    show(now) {
      sliders.forEach((knob, i) => knob.show(now.scores[i]));
      shifts.forEach((shift) => shift.show());
      truth.show(String(now.truth));
    },
  };
}

/**
 * The probabilities as bars from 0 to 1. An upright line shows where each should end, at 1 for the
 * true class and at 0 for the others; the arrow from the bar to there is as long as the slope.
 */
function makeBars(names) {
  const [width, row, top] = [320, 54, 34];
  const picture = makePicture(width, top + row * names.length + 30);
  const x = makeScale([0, 1], [12, width - 14]);
  const bottom = top + row * names.length;
  const tick = (value, words) => svg("text", {
    x: x(value), y: bottom + 18, "text-anchor": "middle", class: "explore-tick",
  }, words);
  picture.root.append(
    svg("text", { x: 4, y: 15, class: "explore-axis" }, "probabilities"),
    tick(0, "0"), tick(0.5, "0.5"), tick(1, "1"),
  );
  const rows = names.map((_, i) => {
    const y = top + row * i + 20;
    const track = svg("path", { d: `M${x(0)} ${y}H${x(1)}v20H${x(0)}Z`, fill: "var(--ground)" });
    const bar = svg("rect", { x: x(0), y, height: 20, "stroke-width": 1.8 });
    const aim = svg("line", { y1: y - 2, y2: y + 22, "stroke-width": 3 });
    const arrow = svg("path", { fill: "none", stroke: "var(--crimson)", "stroke-width": 2.5 });
    const label = svg("text", { x: x(0), y: y - 6 });
    const number = svg("text", { x: x(1), y: y - 6, "text-anchor": "end", "font-weight": 650 });
    picture.root.append(track, bar, aim, arrow, label, number);
    return { y: y + 10, bar, aim, arrow, label, number };
  });
  return {
    element: picture.element,
    show({ scores, probabilities, truth, slopes }) {
      rows.forEach(({ y, bar, aim, arrow, label, number }, i) => {
        const isTrue = i === truth;
        const [from, to] = [x(probabilities[i]), x(isTrue ? 1 : 0)];
        const colour = isTrue ? "orange" : "blue";
        set(bar, {
          width: (from - x(0)).toFixed(2), fill: `var(--${colour}-tint)`,
          stroke: `var(--${colour})`,
        });
        set(aim, { x1: to, x2: to, stroke: `var(--${colour})` });
        set(arrow, { d: arrowFrom(from, to, y) });
        label.textContent = isTrue ? `${names[i]} ✓ true class` : names[i];
        set(label, { "font-weight": isTrue ? 650 : null });
        number.textContent = asFixed(probabilities[i], 4);
      });
      const words = names.map((name, i) => (
        `${name} ${asWritten(scores[i], 1)} gives ${asFixed(probabilities[i], 4)}, slope `
        + `${asFixed(slopes[i], 4)}`));
      picture.describe(
        `Scores, and bars of their probabilities: ${words.join("; ")}. The true class is `
        + `${names[truth]}. An arrow leads from each bar to where it should end.`,
      );
    },
  };
}

/** A straight arrow; a very short one has a small head, and one of no length isn't there. */
function arrowFrom(from, to, y) {
  const length = Math.abs(to - from);
  if (length < 1) return "";
  const head = Math.min(6, length) * Math.sign(to - from);
  const half = Math.abs(head) * 0.75;
  return `M${from.toFixed(2)} ${y}H${to}m${-head} ${-half}l${head} ${half}l${-head} ${half}`;
}

/** The loss over the probability of the true class, and the place on it. */
function makeLossCurve() {
  const plot = makePlot({
    xRange: [0, 1], yRange: [0, HIGHEST], xTicks: [0, 0.5, 1], yTicks: [0, 1, 2, 3, 4, 5],
    height: 230, xLabel: "probability of the true class", yLabel: "loss",
  });
  const { left, bottom, right } = plot.box;
  const smallest = Math.exp(-HIGHEST);
  const places = Array.from({ length: 80 }, (_, i) => smallest ** (1 - i / 79));
  const d = places.map((p, i) => `${i ? "L" : "M"}${plot.x(p)} ${plot.y(-Math.log(p))}`).join("");
  const drop = svg("path", { stroke: "var(--orange)", "stroke-dasharray": "2 4", fill: "none" });
  plot.inside.append(
    svg("path", { d, stroke: "var(--blue)", "stroke-width": 3, fill: "none" }), drop,
  );
  const point = svg("circle", {
    r: 7, fill: "var(--orange)", stroke: "var(--paper)", "stroke-width": 2,
  });
  const label = svg("text", { class: "explore-halo", "font-weight": 650 });
  plot.above.append(point, label);
  return {
    element: plot.element,
    show({ probabilities, truth, loss, names }) {
      const [x, y] = [plot.x(probabilities[truth]), plot.y(Math.min(loss, HIGHEST))];
      set(drop, { d: `M${x} ${bottom}V${y}H${left}` });
      set(point, { cx: x, cy: y });
      const end = x > right - 110;
      set(label, {
        x: clamp(x + (end ? 4 : 13), 0, right - 6), y: Math.max(y - 12, plot.box.top + 14),
        "text-anchor": end ? "end" : "start",
      });
      const beyond = loss > HIGHEST ? " ↑" : "";
      label.textContent = `loss ${asFixed(loss, 4)}${beyond}`;
      plot.describe(`The curve of the loss over the probability of the true class: it falls from `
        + `very large values near 0 to 0 at 1. For ${names[truth]}, with the probability `
        + `${asFixed(probabilities[truth], 4)}, the loss is ${asFixed(loss, 4)}.`);
    },
  };
}

/** The way from scores to slopes in a table, and the loss. */
function makeTable(names) {
  const head = ["class", "score", "power of e", "probability p", "slope p\u00a0−\u00a0y"];
  const body = html("tbody");
  const foot = html("tfoot");
  const table = html(
    "table", { class: "explore-softmax-table" },
    html("thead", {}, html("tr", {}, head.map((words) => html("th", { scope: "col" }, words)))),
    body, foot,
  );
  const loss = html("p");
  const key = html(
    "p", { class: "explore-softmax-key" },
    "Each arrow leads from a bar to where it should end: 1 for the true class, 0 for the others. "
    + "It is as long as the slope p\u00a0−\u00a0y is large.",
  );
  const row = (name, cells) => html(
    "tr", {}, html("th", { scope: "row" }, name), cells.map((cell) => html("td", {}, cell)));
  return {
    elements: [key, table, loss],
    show({ scores, powers, sum, probabilities, slopes, truth, loss: value }) {
      body.replaceChildren(...names.map((name, i) => row(i === truth ? `${name} ✓` : name, [
        asWritten(scores[i], 1), asFixed(powers[i], 4), asFixed(probabilities[i], 4),
        asFixed(slopes[i], 4),
      ])));
      const all = slopes.reduce((a, b) => a + b, 0);
      foot.replaceChildren(row("sum", ["", asFixed(sum, 4), "1", asFixed(all, 0)]));
      loss.replaceChildren(
        `loss = −ln ${asFixed(probabilities[truth], 4)} = `, html("b", {}, asFixed(value, 4)),
      );
    },
  };
}

/** Where every score has moved by the same number: that nothing has come of it. */
function shiftInWords(before, now) {
  if (!before) return "";
  const moves = now.scores.map((score, i) => score - before.scores[i]);
  const same = moves.every((move) => Math.abs(move - moves[0]) < 1e-9);
  if (!same || Math.abs(moves[0]) < 1e-9) return "";
  return `Every score has moved by ${asWritten(moves[0], 0)}, and no probability has changed: `
    + "only the differences count. ";
}

function sentenceFor({ names, truth, probabilities, slopes, loss }) {
  const strongest = slopes.reduce((best, slope, i) => (
    i !== truth && slope > slopes[best] ? i : best), truth === 0 ? 1 : 0);
  const nudge = (i) => {
    const turned = slopes[i] < 0 ? "lowers" : "raises";
    return `${turned} the loss by about ${asFixed(Math.abs(slopes[i]) / 100, 4)}`;
  };
  const p = asFixed(probabilities[truth], 4);
  return `The true class, ${names[truth]}, has the probability ${p}: the loss is `
    + `${asFixed(loss, 4)}. Adding 0.01 to the score of ${names[truth]} ${nudge(truth)}; `
    + `adding it to ${names[strongest]} ${nudge(strongest)}.`;
}

function verdict({ names, truth, scores, loss }, goal, [held, score]) {
  const wanted = asWritten(score, 1);
  if (truth !== held) return { solved: false, words: `The true class has to be ${names[held]}.` };
  if (Math.abs(scores[held] - score) > 1e-9) {
    const words = `The score of ${names[held]} has to stay ${wanted}; it is `
      + `${asWritten(scores[held], 1)}.`;
    return { solved: false, words };
  }
  const solved = loss < goal;
  const words = solved
    ? `Done! The loss is ${asFixed(loss, 4)}, and ${names[held]} still has the score ${wanted}.`
    : `The loss is ${asFixed(loss, 4)}; it has to come below ${asWritten(goal, 1)}.`;
  return { solved, words };
}

export default { render };
