// A network to build: its drawing, the shapes and the count of its parameters, and one input on
// its way through. One neuron is chosen; its sum is written out.

import { asText, asWritten, html, inBrackets, makePicture, set, svg } from "./drawing.js";
import { makeFigure } from "./figure.js";
import { button, knobGroup, slider } from "./knobs.js";
import { forward, matrixFrom, networkFrom, rowsOf } from "./mathematics.js";

const NEURONS_OF_A_NEW_LAYER = 2;
const NARROW = 480; // CSS pixels: below this, names go above their circles
const [HEAD, BODY] = [44, 290]; // heights of the drawing: names of the layers, circles

function render({ model, el }) {
  const figure = makeFigure({
    model, el, title: "A network to build", draw, follow: ["hidden", "inputs", "chosen", "goal"],
  });
  const network = makeDrawing((chosen) => figure.change({ chosen }));
  const written = makeSums();
  const knobs = makeBuilderKnobs(model, figure.change);
  figure.stage.append(network.element);
  figure.numbers.append(...written.elements);
  figure.knobs.append(...knobs.elements);
  let width = 0;
  const observer = new ResizeObserver(() => {
    if (figure.stage.clientWidth !== width) figure.redraw();
    width = figure.stage.clientWidth;
  });
  observer.observe(figure.stage);

  function draw() {
    const now = state(model);
    knobs.show(now);
    network.show(now, figure.stage.clientWidth);
    written.show(now);
    figure.say(sentenceAbout(now));
    const goal = model.get("goal");
    if (!goal) return;
    const solved = now.count === goal;
    figure.goal(solved, verdictOn(now, goal));
    if (model.get("solved") !== solved) figure.change({ solved });
  }
  return () => {
    observer.disconnect();
    figure.stop();
  };
}

/** All that is shown, worked out from the traits. */
function state(model) {
  const [hidden, inputs, largest] = ["hidden", "inputs", "largest"].map((name) => model.get(name));
  const [inputNames, outputNames] = model.get("names");
  const sizes = [inputs.length, ...hidden, outputNames.length];
  const layers = [...largest.slice(0, hidden.length), largest.at(-1)].map((full, i) => ({
    weights: full.weights.slice(0, sizes[i]).map((row) => row.slice(0, sizes[i + 1])),
    bias: full.bias.slice(0, sizes[i + 1]),
    activation: full.activation,
  }));
  const { steps } = forward(networkFrom({ layers }), matrixFrom([inputs]));
  const first = (matrix) => rowsOf(matrix)[0].map(withoutHair);
  const counts = layers.map((_, i) => sizes[i] * sizes[i + 1] + sizes[i + 1]);
  const [layer, neuron] = model.get("chosen");
  const chosenLayer = Math.min(Math.max(layer, 1), layers.length);
  return {
    hidden, inputs, sizes, layers, counts, inputNames, outputNames,
    titles: ["input", ...hidden.map((_, i) => `hidden ${i + 1}`), "output"],
    sums: [null, ...steps.map((step) => first(step.sums))],
    values: [inputs, ...steps.map((step) => first(step.outputs))],
    count: counts.reduce((a, b) => a + b, 0),
    chosen: [chosenLayer, Math.min(Math.max(neuron, 0), sizes[chosenLayer] - 1)],
    most: [largest.length - 1, largest[0].bias.length],
  };
}

/** Sums of short decimals come out a hair beside the number that they are; take the hair away. */
function withoutHair(value) {
  return Number(value.toFixed(10));
}

/** A number as short as it can be read in a circle: "0.5", "−0.07", "0". */
function inCircle(value) {
  return value === 0 ? "0" : asText(Number(value.toFixed(2)));
}

// The knobs: how many layers, how many neurons in each, and the picture that goes through.

function makeBuilderKnobs(model, change) {
  const setHidden = (hidden) => change({ hidden });
  const depth = stepper({
    name: "how many", less: "Take the last hidden layer away", more: "Add a hidden layer",
    changed: (by) => {
      const hidden = model.get("hidden");
      setHidden(by > 0 ? [...hidden, NEURONS_OF_A_NEW_LAYER] : hidden.slice(0, -1));
    },
  });
  const [mostLayers] = state(model).most;
  const widths = Array.from({ length: mostLayers }, (_, i) => stepper({
    name: `hidden ${i + 1}`, less: `Take a neuron from hidden ${i + 1}`,
    more: `Add a neuron to hidden ${i + 1}`,
    changed: (by) => setHidden(model.get("hidden").map((n, k) => (k === i ? n + by : n))),
  }));
  const pixels = model.get("names")[0].map((label, i) => slider({
    label, low: 0, high: 1, step: 0.1, colour: "var(--teal)",
    changed: (value) => {
      change({ inputs: model.get("inputs").map((old, k) => (k === i ? value : old)) });
    },
  }));
  const neurons = knobGroup("Neurons in");
  return {
    elements: [knobGroup("Hidden layers", depth), neurons, knobGroup("The picture", ...pixels)],
    show({ hidden, inputs, most }) {
      depth.show(hidden.length, 0, most[0]);
      widths.forEach((knob, i) => {
        const there = i < hidden.length;
        if (there) knob.show(hidden[i], 1, most[1]);
        if (there && !knob.element.isConnected) neurons.append(knob.element);
        if (!there) knob.element.remove();
      });
      neurons.hidden = !hidden.length;
      pixels.forEach((knob, i) => knob.show(inputs[i]));
    },
  };
}

/** A count with a button for one less and one for one more; changed(-1) or changed(1). */
function stepper({ name, less, more, changed }) {
  const number = html("output", { class: "explore-number" });
  const buttons = [[-1, "−", less], [1, "+", more]].map(([by, sign, words]) => {
    // At its end a button stays where it is and keeps the focus: it only says that it's off.
    const knob = button({
      label: sign,
      pressed: () => { if (!knob.element.hasAttribute("aria-disabled")) changed(by); },
    });
    set(knob.element, { "aria-label": words, title: words });
    return knob.element;
  });
  const element = html(
    "div", { class: "explore-layers-stepper" }, html("span", {}, name), buttons[0], number,
    buttons[1],
  );
  return {
    element,
    show(value, low, high) {
      number.textContent = value;
      set(buttons[0], { "aria-disabled": value <= low ? "true" : null });
      set(buttons[1], { "aria-disabled": value >= high ? "true" : null });
    },
  };
}

// The drawing. It is as wide as its place, so that its text is as large on a phone.

function makeDrawing(choose) {
  const picture = makePicture(640, HEAD + BODY + 46);
  picture.element.style.maxWidth = "none";
  picture.element.classList.add("explore-wide");
  const picks = html("div", { role: "radiogroup", "aria-label": "The neuron to look at" });
  picture.element.append(picks);
  let shownSizes = "";
  let radios = [];
  return {
    element: picture.element,
    show(now, width) {
      const plan = planFor(now.sizes, width || 640);
      set(picture.root, { viewBox: `0 0 ${plan.width} ${plan.height}` });
      picture.root.replaceChildren(
        drawConnections(now, plan), drawCircles(now, plan), drawWeights(now, plan),
        drawWords(now, plan),
      );
      if (shownSizes !== now.sizes.join()) {
        radios = makePicks(now, choose);
        picks.replaceChildren(...radios.map((radio) => radio.element));
        shownSizes = now.sizes.join();
      }
      radios.forEach((radio) => radio.show(now, plan));
      picture.describe(networkInWords(now));
    },
  };
}

/** Where each circle lies. */
function planFor(sizes, available) {
  const width = Math.min(Math.max(available, 240), 700);
  const narrow = width < NARROW;
  const radius = narrow ? 17 : 20;
  const side = narrow ? 30 : 84;
  const across = Math.min((width - 2 * side) / (sizes.length - 1), narrow ? 140 : 200);
  const start = (width - across * (sizes.length - 1)) / 2;
  const places = sizes.map((count, i) => {
    const down = Math.min(94, BODY / count);
    return Array.from({ length: count }, (_, k) => (
      [start + i * across, HEAD + BODY / 2 + (k - (count - 1) / 2) * down]));
  });
  const [foot, height] = [HEAD + BODY + 16, HEAD + BODY + 46];
  return { width, narrow, radius, across, places, foot, height };
}

function drawConnections({ layers, chosen }, { places }) {
  const lines = [[], []]; // those of the chosen neuron lie on top
  layers.forEach(({ weights }, i) => weights.forEach((row, from) => row.forEach((weight, to) => {
    const mine = i + 1 === chosen[0] && to === chosen[1];
    const [[x1, y1], [x2, y2]] = [places[i][from], places[i + 1][to]];
    lines[Number(mine)].push(svg("line", {
      x1, y1, x2, y2,
      stroke: mine ? "var(--ink)" : "var(--frame)",
      "stroke-width": (mine ? 1.4 : 0.8) + 2 * Math.abs(weight),
      "stroke-dasharray": weight < 0 ? "6 4" : null,
    }));
  })));
  return svg("g", {}, ...lines.flat());
}

function drawCircles({ sizes, values, chosen }, { places, radius, narrow }) {
  return svg("g", {}, ...sizes.flatMap((_, i) => places[i].flatMap(([cx, cy], k) => {
    const mine = i === chosen[0] && k === chosen[1];
    const colour = i === 0 ? "teal" : i === sizes.length - 1 ? "orange" : "blue";
    const silent = colour === "blue" && values[i][k] === 0;
    return [
      mine ? svg("circle", { cx, cy, r: radius + 5, fill: "var(--paper)", stroke: "none" }) : null,
      mine ? svg("circle", {
        cx, cy, r: radius + 4, fill: "none", stroke: "var(--ink)", "stroke-width": 2.5,
      }) : null,
      svg("circle", {
        cx, cy, r: radius, "stroke-width": 2, stroke: `var(--${colour})`,
        fill: silent ? "var(--paper)" : `var(--${colour}-tint)`,
      }),
      svg("text", {
        x: cx, y: cy + 4.5, "text-anchor": "middle",
        class: narrow ? "explore-layers-small" : null,
      }, inCircle(values[i][k])),
    ].filter(Boolean);
  })));
}

/** The weights of the chosen neuron on its lines, where they are far enough apart. */
function drawWeights({ layers, chosen: [layer, neuron] }, { places, across, radius }) {
  const group = svg("g");
  if (across - 2 * radius < 50) return group;
  const [x2, y2] = places[layer][neuron];
  layers[layer - 1].weights.forEach((row, from) => {
    const [x1, y1] = places[layer - 1][from];
    const share = (radius + 26) / across;
    const [x, y] = [x1 + (x2 - x1) * share, y1 + (y2 - y1) * share];
    const words = asWritten(row[neuron], 1);
    const wide = words.length * 8;
    group.append(
      svg("rect", {
        x: x - wide / 2, y: y - 9, width: wide, height: 18, rx: 4, fill: "var(--paper)",
      }),
      svg("text", { x, y: y + 4.5, "text-anchor": "middle" }, words),
    );
  });
  return group;
}

/** Names of layers, inputs and classes, and under the drawing how many weights and biases. */
function drawWords(now, plan) {
  const { sizes, titles, inputNames, outputNames, values } = now;
  const { places, across, radius, narrow, foot } = plan;
  const last = sizes.length - 1;
  const text = (x, y, words, kind = {}) => (
    svg("text", { x, y, "text-anchor": "middle", ...kind }, words));
  const small = { class: "explore-tick" };
  const beside = (i, k, words, kind = {}) => {
    const [x, y] = places[i][k];
    if (narrow) return text(x, y - radius - 8, words, { class: "explore-halo", ...kind });
    const away = (i ? 1 : -1) * (radius + 10);
    return text(x + away, y + 4.5, words, { "text-anchor": i ? "start" : "end", ...kind });
  };
  const [roomy, tight] = [across >= 84, across < 70];
  const bold = { class: narrow ? "explore-layers-small" : null, "font-weight": 600 };
  const under = tight ? { class: "explore-layers-small" } : {};
  const best = Math.max(...values[last]);
  return svg(
    "g", {},
    // Where columns stand close, a title has two lines, and so has a count under its own column.
    titles.flatMap((title, i) => (tight ? title.split(" ") : [title]).map((part, line) => (
      text(places[i][0][0], 16 + 15 * line, part, bold)))),
    inputNames.map((name, k) => beside(0, k, name)),
    outputNames.map((name, k) => beside(last, k, name, {
      "font-weight": values[last][k] === best ? 700 : null,
    })),
    sizes.slice(1).flatMap((units, i) => {
      const x = places[i + 1][0][0];
      return [
        text(tight ? x : x - across / 2, foot, `${sizes[i]} × ${units}`, under),
        text(x, tight ? foot + 16 : foot, `+ ${units}`, under),
        roomy ? text(x - across / 2, foot + 16, "weights", small) : null,
        roomy ? text(x, foot + 16, "biases", small) : null,
      ];
    }),
  );
}

/** A radio button over each circle that computes something: arrow keys go to the next one. */
function makePicks({ sizes, titles }, choose) {
  const name = `pick-${Math.random().toString(36).slice(2, 10)}`;
  return sizes.slice(1).flatMap((count, i) => Array.from({ length: count }, (_, k) => {
    const layer = i + 1;
    const input = html("input", {
      type: "radio", name, value: `${layer},${k}`, "data-lm-suppress-shortcuts": "true",
    });
    input.addEventListener("change", () => choose([layer, k]));
    const element = html("label", { class: "explore-layers-pick" }, input);
    return {
      element,
      show({ values, chosen }, { places, width, height }) {
        const [x, y] = places[layer][k];
        element.style.left = `${(x / width) * 100}%`;
        element.style.top = `${(y / height) * 100}%`;
        input.checked = chosen[0] === layer && chosen[1] === k;
        const says = inCircle(values[layer][k]);
        set(input, { "aria-label": `${titles[layer]}, neuron ${k + 1}: ${says}` });
      },
    };
  }));
}

// The numbers: the chosen neuron's sum, and the table of shapes and counts.

function makeSums() {
  const [head, sum] = [html("p"), html("p")];
  const table = html("table", { class: "explore-layers-table" });
  const key = html(
    "p", { class: "explore-layers-key" },
    "Choose a neuron to see its sum. Lines: solid for a positive weight, dashed for a negative "
    + "one, thicker for a larger one. An empty circle is a silent neuron.",
  );
  return {
    elements: [key, head, sum, table],
    show(now) {
      const [layer, neuron] = now.chosen;
      const { weights, bias, activation } = now.layers[layer - 1];
      const z = now.sums[layer][neuron];
      const coloured = (number, colour) => {
        const part = html("span", {}, inBrackets(asWritten(number, 1)));
        part.style.color = `var(--${colour})`;
        return part;
      };
      head.replaceChildren(html("b", {}, nameOf(now)));
      sum.replaceChildren(
        "z = ",
        ...now.values[layer - 1].flatMap((value, i) => [
          html(
            "span", { class: "explore-layers-product" },
            coloured(value, layer === 1 ? "teal" : "blue"), " × ",
            inBrackets(asWritten(weights[i][neuron], 1)),
          ), " + ",
        ]),
        coloured(bias[neuron], "purple"), " = ", html("b", {}, asWritten(z, 1)),
        activation === "relu" ? ", ReLU makes " : ", and this is the score",
        activation === "relu" ? html("b", {}, asWritten(now.values[layer][neuron], 1)) : "",
      );
      table.replaceChildren(...tableRows(now));
    },
  };
}

function nameOf({ titles, outputNames, sizes, chosen: [layer, neuron] }) {
  const isOutput = layer === sizes.length - 1;
  return isOutput ? `output, “${outputNames[neuron]}”` : `${titles[layer]}, neuron ${neuron + 1}`;
}

function tableRows({ sizes, titles, counts, count, chosen }) {
  const cells = (tag, texts) => texts.map((text) => html(tag, {}, text));
  const body = counts.map((number, i) => {
    const [inputs, units] = [sizes[i], sizes[i + 1]];
    return html(
      "tr", { class: i + 1 === chosen[0] ? "explore-layers-here" : null },
      html("th", { scope: "row" }, titles[i + 1]),
      cells("td", [
        `(${inputs}, ${units})`, `(${units},)`, `${inputs} × ${units} + ${units} = ${number}`,
      ]),
    );
  });
  const all = counts.length > 1 ? `${counts.join(" + ")} = ` : "";
  const heads = ["layer", "weights", "bias", "parameters"];
  return [
    html("thead", {}, html("tr", {}, heads.map((text) => html("th", { scope: "col" }, text)))),
    html("tbody", {}, body),
    html("tfoot", {}, html(
      "tr", {}, html("th", { scope: "row" }, "all"),
      html("td", { colspan: 3 }, all, html("b", {}, String(count))),
    )),
  ];
}

// The words.

function networkInWords(now) {
  const { titles, values, inputNames, outputNames, chosen, layers } = now;
  const last = titles.length - 1;
  const columns = titles.map((title, i) => {
    const names = i === 0 ? inputNames : i === last ? outputNames : [];
    const numbers = values[i].map((value, k) => `${names[k] ?? ""} ${inCircle(value)}`.trim());
    return `${title}: ${numbers.join(", ")}`;
  });
  const [layer, neuron] = chosen;
  const { weights, bias } = layers[layer - 1];
  return `A network from left to right. ${columns.join("; ")}. `
    + `Chosen: ${nameOf(now)}, with the weights `
    + `${weights.map((row) => asWritten(row[neuron], 1)).join(", ")} `
    + `and the bias ${asWritten(bias[neuron], 1)}.`;
}

function sentenceAbout({ sizes, hidden, count, inputs, values, outputNames }) {
  const scores = values.at(-1);
  const said = outputNames.map((name, k) => `“${name}” ${asWritten(scores[k], 1)}`).join(" and ");
  const best = Math.max(...scores);
  const ahead = outputNames.filter((_, k) => scores[k] === best);
  const verdict = ahead.length > 1 ? "none is ahead" : `“${ahead[0]}” is ahead`;
  const depth = [
    "no hidden layer", "one hidden layer", "two hidden layers, so it is deep",
    "three hidden layers, so it is deep",
  ][hidden.length];
  return `This is a ${sizes.join("-")} network with ${count} parameters. It has ${depth}. `
    + `The picture (${inputs.map((input) => asWritten(input, 1)).join(", ")}) gets the scores `
    + `${said}: ${verdict}.`;
}

function verdictOn({ counts, count, sizes }, goal) {
  const sum = counts.length > 1 ? `${counts.join(" + ")} = ${count}` : `${count}`;
  if (count === goal) return `Done! ${sum} parameters, in a ${sizes.join("-")} network.`;
  const apart = Math.abs(goal - count);
  return `${count} parameters: ${apart} too ${count < goal ? "few" : "many"}.`;
}

export default { render };
