// One neuron: its weighted sum with the numbers, its line in the plane, its curve and the slope.

import {
  asText, asWritten, clamp, evenly, freshId, html, inBrackets, makeHandle, makePlot, set, svg,
} from "./drawing.js";
import { makeFigure } from "./figure.js";
import { choice, knobGroup, slider } from "./knobs.js";
import { ACTIVATIONS, weightedSum } from "./mathematics.js";

const CORNERS = [[0, 0], [1, 0], [0, 1], [1, 1]];
const PLANE = [-0.15, 1.15]; // what is shown of each input; a reader can go from 0 to 1
const REACH = 1.5; // of each weight and of the bias, so that z lies between -4.5 and 4.5
const Z_RANGE = [-4.5, 4.5];
const Z_TICKS = [-4, -2, 0, 2, 4];
const CURVES = {
  step: { name: "step", range: [-0.2, 1.2], ticks: [0, 0.5, 1] },
  relu: { name: "ReLU", range: [-0.75, 4.5], ticks: [0, 1, 2, 3, 4] },
  sigmoid: { name: "sigmoid", range: [-0.2, 1.2], ticks: [0, 0.5, 1] },
  tanh: { name: "tanh", range: [-1.25, 1.25], ticks: [-1, 0, 1] },
  identity: { name: "none", range: Z_RANGE, ticks: Z_TICKS },
};
const STOPS = 26; // of the shading, from one end of the plane to the other

function render({ model, el }) {
  const figure = makeFigure({
    model, el, title: "One neuron", draw,
    follow: ["inputs", "weights", "bias", "activation", "goal"],
  });
  const plane = makePlane((inputs) => figure.change({ inputs }));
  const bend = makeBend();
  const written = makeNumbers();
  const knobs = makeNeuronKnobs(model, figure.change);
  figure.stage.append(plane.element, bend.element);
  figure.numbers.append(...written.elements);
  figure.knobs.append(...knobs.elements);

  function draw() {
    const [inputs, weights, bias] = ["inputs", "weights", "bias"].map((name) => model.get(name));
    const [activation, goal] = [model.get("activation"), model.get("goal")];
    const { apply, slope } = ACTIVATIONS[activation];
    const sumAt = (place) => tidy(weightedSum(place, weights, bias));
    const z = sumAt(inputs);
    const now = { inputs, weights, bias, activation, z, answer: apply(z), steepness: slope(z) };
    const fires = CORNERS.map((corner) => isActive(sumAt(corner), activation));
    const asWanted = goal.length ? fires.map((fire, i) => fire === Boolean(goal[i])) : null;

    knobs.show(now);
    written.show(now);
    plane.show(now, fires, asWanted);
    bend.show(now);
    figure.say(sentenceFor(now));
    if (!asWanted) return;
    const right = asWanted.filter(Boolean).length;
    const solved = right === CORNERS.length;
    figure.goal(solved, solved
      ? "Done! The line has every corner on the side where it belongs."
      : `${right} of 4 corners are as wanted.`);
    if (model.get("solved") !== solved) figure.change({ solved });
  }
  return figure.stop;
}

/** Sums of short decimals come out a hair beside the number that they are; take the hair away. */
function tidy(z) {
  return Number(z.toFixed(10));
}

function isActive(z, activation) {
  return activation === "step" ? z >= 0 : z > 0;
}

function makeNeuronKnobs(model, change) {
  const one = (trait, i) => (value) => {
    change({ [trait]: model.get(trait).map((old, k) => (k === i ? value : old)) });
  };
  const input = { low: 0, high: 1, step: 0.05, digits: 2, colour: "var(--orange)" };
  const weight = { low: -REACH, high: REACH, step: 0.1, colour: "var(--blue)" };
  const inputs = ["x₁", "x₂"].map((label, i) => (
    slider({ label, ...input, changed: one("inputs", i) })));
  const weights = ["w₁", "w₂"].map((label, i) => (
    slider({ label, ...weight, changed: one("weights", i) })));
  const bias = slider({
    label: "b", ...weight, colour: "var(--purple)", changed: (value) => change({ bias: value }),
  });
  const activation = choice({
    label: "Activation", options: Object.entries(CURVES).map(([value, { name }]) => [value, name]),
    changed: (value) => change({ activation: value }),
  });
  activation.element.classList.add("explore-wide");
  return {
    elements: [
      knobGroup("Inputs", ...inputs), knobGroup("Weights", ...weights),
      knobGroup("Bias", bias), activation.element,
    ],
    show(now) {
      inputs.forEach((knob, i) => knob.show(now.inputs[i]));
      weights.forEach((knob, i) => knob.show(now.weights[i]));
      bias.show(now.bias);
      activation.show(now.activation);
    },
  };
}

/** The sum and the output, written out; each number has the colour of its knob. */
function makeNumbers() {
  const [sum, output] = [html("p"), html("p")];
  const coloured = (text, colour) => {
    const number = html("span", {}, inBrackets(text));
    number.style.color = `var(--${colour})`;
    return number;
  };
  return {
    elements: [sum, output],
    show({ inputs, weights, bias, activation, z, answer, steepness }) {
      const products = inputs.flatMap((input, i) => [
        i ? " + " : "", coloured(asWritten(weights[i], 1), "blue"),
        " × ", coloured(asWritten(input), "orange"),
      ]);
      sum.replaceChildren(
        "z = ", ...products, " + ", coloured(asWritten(bias, 1), "purple"),
        " = ", html("b", {}, asWritten(z)),
      );
      const start = activation === "identity"
        ? "output = z = " : `output = ${CURVES[activation].name}(${asWritten(z)}) = `;
      output.replaceChildren(
        start, html("b", {}, asWritten(answer, 2, 3)),
        ", slope there: ", html("b", {}, asWritten(steepness, 2, 3)),
      );
    },
  };
}

/** The plane of the two inputs: shaded by the output, the line where the sum is 0, the point. */
function makePlane(moved) {
  const plot = makePlot({
    xRange: PLANE, yRange: PLANE, xTicks: [0, 0.5, 1], yTicks: [0, 0.5, 1],
    xLabel: "first input x₁", yLabel: "second input x₂",
  });
  const shade = makeShade(plot);
  const line = svg("line", { stroke: "var(--ink)", "stroke-width": 2 });
  plot.inside.append(line);
  const sides = ["above 0", "below 0"].map((words) => (
    svg("text", { class: "explore-halo", "text-anchor": "middle" }, words)));
  plot.above.append(...sides);
  const corners = CORNERS.map((corner) => makeCorner(plot, corner));
  const point = makeHandle({
    plot, label: "The point: both inputs", names: ["x₁", "x₂"],
    low: 0, high: 1, step: 0.05, digits: 2, moved,
  });
  return {
    element: plot.element,
    show({ inputs, weights, bias, activation }, fires, asWanted) {
      shade(weights, bias, ACTIVATIONS[activation].apply);
      const ends = lineEnds(weights, bias);
      set(line, { visibility: ends ? "visible" : "hidden" });
      if (ends) drawLine(plot, line, sides, ends, weights, inputs);
      else nameTheOnlySide(plot, sides, weightedSum([0.5, 0.5], weights, bias) > 0 ? 0 : 1);
      corners.forEach((corner, i) => corner(fires[i], asWanted && asWanted[i]));
      point.place(inputs);
      const where = inputs.map((input) => asWritten(input)).join(", ");
      const words = CORNERS.map((corner, i) => `(${corner.join(", ")}) ${fires[i] ? "on" : "off"}`);
      plot.describe(
        `The plane of the two inputs. ${lineInWords(ends)} The point is at (${where}). `
        + `The corners: ${words.join(", ")}.`,
      );
    },
  };
}

/** A corner of the plane: full where the neuron is active, hollow where it is silent. */
function makeCorner(plot, [x1, x2]) {
  const [cx, cy] = [plot.x(x1), plot.y(x2)];
  const disc = svg("circle", { cx, cy, r: 8, stroke: "var(--ink)", "stroke-width": 2 });
  const label = svg("text", {
    x: cx + (x1 ? -13 : 13), y: cy + (x2 ? 20 : -12), class: "explore-halo",
    "text-anchor": x1 ? "end" : "start",
  });
  plot.above.append(disc, label);
  return (fires, right) => {
    set(disc, { fill: fires ? "var(--ink)" : "var(--paper)" });
    const mark = right === null ? "" : right ? " ✓" : " ✗";
    label.textContent = (fires ? "on" : "off") + mark;
  };
}

/** Shade the plane by the output. It depends on the sum alone, so one gradient is exact. */
function makeShade(plot) {
  const id = freshId("shade");
  const stops = Array.from({ length: STOPS }, () => svg("stop"));
  const gradient = svg("linearGradient", { id, gradientUnits: "userSpaceOnUse" }, stops);
  const { left, right, top, bottom } = plot.box;
  plot.root.append(svg("defs", {}, gradient));
  plot.inside.append(svg("rect", {
    x: left, y: top, width: right - left, height: bottom - top, fill: `url(#${id})`,
  }));
  const ends = [left, right].flatMap((x) => [top, bottom].map((y) => [x, y]));
  return (weights, bias, apply) => {
    // How fast the sum grows for each unit of the drawing, and from which corner to which.
    const across = weights[0] / (plot.x(1) - plot.x(0));
    const up = weights[1] / (plot.y(1) - plot.y(0));
    const sums = ends.map(([x, y]) => weightedSum([plot.x.back(x), plot.y.back(y)], weights, bias));
    const [low, high] = [Math.min(...sums), Math.max(...sums)];
    const [x1, y1] = ends[sums.indexOf(low)];
    const level = high === low;
    const far = level ? 0 : (high - low) / (across ** 2 + up ** 2);
    set(gradient, { x1, y1, x2: x1 + across * far, y2: y1 + (level ? 1 : up * far) });
    // Half of the stops lie before the line and half behind it. Two share its place: a step jumps.
    const line = level ? 0 : clamp(-low / (high - low), 0, 1);
    const places = [...evenly(0, line, STOPS / 2), ...evenly(line, 1, STOPS / 2)];
    stops.forEach((stop, i) => {
      const beside = i < STOPS / 2 && !level ? -1e-9 : 0;
      const answer = apply(tidy(low + (high - low) * places[i]) + beside);
      set(stop, {
        offset: places[i].toFixed(5),
        "stop-color": answer >= 0 ? "var(--blue-tint)" : "var(--orange-tint)",
        "stop-opacity": Math.min(Math.abs(answer), 1).toFixed(3),
      });
    });
  };
}

/** Put the line where the sum is 0, and a word on each of its sides where there is room. */
function drawLine(plot, line, sides, ends, weights, inputs) {
  const [[x1, y1], [x2, y2]] = ends.map(([a, b]) => [plot.x(a), plot.y(b)]);
  set(line, { x1, y1, x2, y2 });
  const size = Math.hypot(...weights);
  const { left, right, top, bottom } = plot.box;
  const taken = [inputs, ...CORNERS].map(([a, b]) => [plot.x(a), plot.y(b)]);
  // Words are wide: what lies beside them is nearer than what lies above or below.
  const room = ([x, y]) => Math.min(...taken.map(([a, b]) => Math.hypot((x - a) / 2, y - b)));
  sides.forEach((side, i) => {
    const away = (i ? -1 : 1) / size;
    const [x, y] = evenly(0.2, 0.8, 7).map((share) => [
      clamp(x1 + (x2 - x1) * share + 36 * weights[0] * away, left + 30, right - 30),
      clamp(y1 + (y2 - y1) * share - 20 * weights[1] * away, top + 16, bottom - 10),
    ]).reduce((best, place) => (room(place) > room(best) ? place : best));
    set(side, { visibility: "visible", x, y: y + 4 });
  });
}

/** Without a line in sight the whole plane is one side of it. */
function nameTheOnlySide(plot, sides, shown) {
  sides.forEach((side, i) => set(side, {
    visibility: i === shown ? "visible" : "hidden", x: plot.x(0.5), y: plot.y(0.5) + 4,
  }));
}

/** The two places where the line leaves the plane that is shown, or null where it isn't there. */
function lineEnds([w1, w2], bias) {
  const ends = PLANE.flatMap((edge) => [
    [edge, -(w1 * edge + bias) / w2], [-(w2 * edge + bias) / w1, edge],
  ]);
  const [low, high] = [PLANE[0] - 1e-9, PLANE[1] + 1e-9];
  const within = ends.filter((end) => end.every((value) => value >= low && value <= high));
  if (within.length < 2) return null;
  // Through a corner there are three places or four; the first and the one farthest from it.
  const far = ([x, y]) => Math.hypot(x - within[0][0], y - within[0][1]);
  const last = within.reduce((best, end) => (far(end) > far(best) ? end : best));
  return far(last) > 1e-6 ? [within[0], last] : null;
}

function lineInWords(ends) {
  if (!ends) return "The line where the sum is 0 lies outside of it.";
  const [from, to] = ends.map(([x, y]) => `(${asText(x)}, ${asText(y)})`);
  return `The line where the sum is 0 runs from ${from} to ${to}.`;
}

/** The activation's curve, with the neuron's place on it and the slope there. */
function makeBend() {
  const plot = makePlot({
    xRange: Z_RANGE, yRange: Z_RANGE, xLabel: "weighted sum z", yLabel: "output",
  });
  const { left, right, top, bottom } = plot.box;
  const zero = svg("path", { stroke: "var(--frame)", fill: "none" });
  const drop = svg("path", { stroke: "var(--orange)", "stroke-dasharray": "2 4", fill: "none" });
  const curve = svg("path", { stroke: "var(--blue)", "stroke-width": 3, fill: "none" });
  const tangent = svg("line", {
    stroke: "var(--orange)", "stroke-width": 2.5, "stroke-dasharray": "7 4",
  });
  const point = svg("circle", {
    r: 7, fill: "var(--orange)", stroke: "var(--paper)", "stroke-width": 2,
  });
  const label = svg("text", { class: "explore-halo" });
  plot.inside.append(zero, drop, curve, tangent);
  plot.above.append(point, label);
  return {
    element: plot.element,
    show({ activation, z, answer, steepness }) {
      const { name, range, ticks } = CURVES[activation];
      plot.rescale(Z_RANGE, range, Z_TICKS, ticks);
      const [x, y] = [plot.x(z), plot.y(answer)];
      set(zero, { d: `M${left} ${plot.y(0)}H${right}M${plot.x(0)} ${top}V${bottom}` });
      set(drop, { d: `M${x} ${bottom}V${y}H${left}` });
      set(curve, { d: curveOf(plot, activation) });
      set(point, { cx: x, cy: y });
      const [run, rise] = [plot.x(1) - plot.x(0), steepness * (plot.y(1) - plot.y(0))];
      const half = 48 / Math.hypot(run, rise); // the same length on paper whatever the slope
      set(tangent, {
        x1: x - half * run, y1: y - half * rise, x2: x + half * run, y2: y + half * rise,
      });
      const [nearRight, nearBottom] = [x > right - 90, y > bottom - 30];
      set(label, {
        x: x + (nearRight ? -12 : 12), y: y + (nearBottom ? -14 : 22),
        "text-anchor": nearRight ? "end" : "start",
      });
      label.textContent = `slope ${asWritten(steepness, 2, 3)}`;
      const what = activation === "identity" ? "A straight line" : `The curve of ${name}`;
      plot.describe(
        `${what}. At z = ${asWritten(z)} its height is ${asWritten(answer, 2, 3)} and its slope `
        + `${asWritten(steepness, 2, 3)}.`,
      );
    },
  };
}

function curveOf(plot, activation) {
  if (activation !== "step") return plot.curve(ACTIVATIONS[activation].apply);
  const { left, right } = plot.box; // two level pieces: the jump isn't a steep climb
  return `M${left} ${plot.y(0)}H${plot.x(0)}M${plot.x(0)} ${plot.y(1)}H${right}`;
}

function sentenceFor({ activation, z, answer, steepness }) {
  const where = z > 0 ? "above 0" : "below 0";
  const says = asWritten(answer, 2, 3);
  const state = isActive(z, activation)
    ? `active and answers ${says}`
    : answer === 0 ? "silent: it answers 0" : `not active: it answers ${says}`;
  const nudge = steepness === 0
    ? "The curve is level here: a small nudge changes nothing."
    : `Where the slope is ${asWritten(steepness, 2, 3)}, a nudge of z by 0.01 moves the answer by `
      + `about ${asText(steepness * 0.01)}.`;
  const found = z === 0
    ? `The sum is exactly 0: the point lies on the line, and the neuron answers ${says}.`
    : `The sum is ${asWritten(z)}, ${where}, so the neuron is ${state}.`;
  return `${found} ${nudge}`;
}

export default { render };
