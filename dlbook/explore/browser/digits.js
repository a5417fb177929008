// A pad to draw digits on, the 16 x 16 numbers that become of them, and what a trained network
// says. The pad works as draw_digits of dlbook does: 64 x 64 fine pixels, strokes with soft
// edges, each pixel of the input the rounded mean of 4 x 4 fine ones.

import { asFixed, clamp, html, makePicture, set, svg } from "./drawing.js";
import { makeFigure } from "./figure.js";
import { button, choice, list, slider } from "./knobs.js";
import { forward } from "./mathematics.js";

const INPUT_SIDE = 16;
const FINE = 4; // fine pixels along each side of an input's pixel
const PAD_SIDE = INPUT_SIDE * FINE;
const INK = 230; // draw_digits takes anything from 100 to 255
const DIGITS = [...Array(10).keys()];
const LETTERS = Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i))
  .filter((letter) => !'"<\\'.includes(letter));
const ZERO = (LETTERS.length - 1) / 2; // the place of the letter for a weight of 0

function render({ model, el }) {
  const figure = makeFigure({
    model, el, title: "Digits", draw,
    follow: [
      "parameters", "pixels", "examples", "pen", "pen_width", "tool", "meant", "goal",
    ],
  });
  const ink = new Uint8Array(PAD_SIDE ** 2);
  const pad = makePad({
    place: () => model.get("pen"),
    moved: (pen) => figure.change({ pen }),
    stroked(from, to, pen) {
      const eraser = model.get("tool") === "eraser";
      stroke(ink, from, to, model.get("pen_width") * PAD_SIDE, eraser);
      figure.change({ pixels: shrunk(ink), pen });
    },
  });
  const input = makeInput();
  const bars = makeBars();
  const knobs = makeKnobs(model, figure.change);
  const [pixel, sum] = [html("p"), html("p")];
  figure.stage.classList.add("explore-digits-stage");
  figure.stage.append(
    part("Draw here", pad.element), part("The network gets", input.element),
    part("It answers", bars.element),
  );
  figure.numbers.append(pixel, sum);
  figure.knobs.append(...knobs.elements);
  let [network, sent] = [null, null];

  function draw() {
    const now = Object.fromEntries(
      ["pixels", "pen", "tool", "meant", "goal"].map((name) => [name, model.get(name)]),
    );
    now.penWidth = model.get("pen_width");
    if (sent !== model.get("parameters")) {
      sent = model.get("parameters");
      network = unpacked(sent);
    }
    // Pixels from elsewhere, such as an example or Python, become even squares on the pad.
    if (shrunk(ink).some((value, i) => value !== now.pixels[i])) spread(ink, now.pixels);
    const x = Float64Array.from(now.pixels, (value) => value / 255);
    const answers = forward(network, { rows: 1, columns: x.length, data: x }).outputs.data;
    Object.assign(now, {
      answers, best: answers.indexOf(Math.max(...answers)), empty: !now.pixels.some(Boolean),
    });

    pad.show(ink, now);
    input.show(now);
    bars.show(now);
    knobs.show(now);
    showPixel(pixel, now);
    sum.textContent = `${now.pixels.filter(Boolean).length} of 256 numbers are above 0. `
      + `The ${now.tool} is ${asFixed(now.penWidth, 2)} of the picture wide.`;
    figure.say(sentenceFor(now));
    if (!now.goal.length) return;
    const solved = showGoal(figure, now);
    if (model.get("solved") !== solved) figure.change({ solved });
  }
  return figure.stop;
}

function part(words, element) {
  return html("div", { class: "explore-digits-part" }, html("p", {}, words), element);
}

/** A network from what Python sends: a letter for each weight, a step for each neuron. */
function unpacked({ layers, output }) {
  return {
    output,
    layers: layers.map(({ letters, steps, bias, activation }) => {
      const data = Float64Array.from(letters, (letter, i) => (
        (LETTERS.indexOf(letter) - ZERO) * steps[i % steps.length]));
      const columns = steps.length;
      const weights = { rows: data.length / columns, columns, data };
      return { weights, bias: Float64Array.from(bias), activation };
    }),
  };
}

/** Draw a straight stroke with round ends into the fine pixels, or wipe one. */
function stroke(ink, [x1, y1], [x2, y2], width, eraser) {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const length = dx * dx + dy * dy;
  for (let row = 0; row < PAD_SIDE; row += 1) {
    for (let column = 0; column < PAD_SIDE; column += 1) {
      const [x, y] = [column + 0.5 - x1, row + 0.5 - y1];
      const along = length ? clamp((x * dx + y * dy) / length, 0, 1) : 0;
      const away = Math.hypot(x - along * dx, y - along * dy);
      // A pixel whose centre lies on the edge is half covered.
      const covered = clamp(width / 2 - away + 0.5, 0, 1);
      const at = row * PAD_SIDE + column;
      if (eraser) ink[at] = Math.min(ink[at], Math.round(255 * (1 - covered)));
      else ink[at] = Math.max(ink[at], Math.round(INK * covered));
    }
  }
}

/** The mean of each 4 x 4 fine pixels, rounded as OpenCV does: a half goes to the even number. */
function shrunk(ink) {
  const pixels = new Array(INPUT_SIDE ** 2).fill(0);
  ink.forEach((value, at) => {
    const row = Math.floor(at / PAD_SIDE / FINE);
    pixels[row * INPUT_SIDE + Math.floor((at % PAD_SIDE) / FINE)] += value;
  });
  return pixels.map((sum) => {
    const mean = sum / FINE ** 2;
    const below = Math.floor(mean);
    return mean - below === 0.5 ? below + (below % 2) : Math.round(mean);
  });
}

function spread(ink, pixels) {
  ink.forEach((_, at) => {
    const [row, column] = [Math.floor(at / PAD_SIDE), at % PAD_SIDE];
    ink[at] = pixels[Math.floor(row / FINE) * INPUT_SIDE + Math.floor(column / FINE)];
  });
}

function makeGreys(side, ...over) {
  const canvas = html("canvas", { role: "img", "aria-label": "", width: side, height: side });
  const element = html("div", { class: "explore-picture explore-digits-square" }, canvas, ...over);
  const context = canvas.getContext("2d");
  const image = context.createImageData(side, side);
  const paint = (greys) => {
    greys.forEach((grey, i) => image.data.set([grey, grey, grey, 255], 4 * i));
    context.putImageData(image, 0, 0);
  };
  return { element, paint, describe: (words) => set(canvas, { "aria-label": words }) };
}

/**
 * What is drawn on: by pointer anywhere, by keys where the pen is. stroked(from, to, pen) is
 * called with two places in fine pixels, and the row and column of the pen.
 */
function makePad({ place, moved, stroked }) {
  const pen = html("div", {
    class: "explore-handle explore-digits-pen", role: "slider", tabindex: 0,
    "aria-label": "Pen: arrow keys move it, the space bar makes a dot, Shift with an arrow a line",
    "aria-valuemin": 1, "aria-valuemax": INPUT_SIDE ** 2, "data-lm-suppress-shortcuts": "true",
  });
  const pad = makeGreys(PAD_SIDE, pen);
  const { element } = pad;
  element.classList.add("explore-digits-pad");
  const middle = ([row, column]) => [(column + 0.5) * FINE, (row + 0.5) * FINE];
  const within = (value) => clamp(value, 0, INPUT_SIDE - 1);

  let last = null;
  const follow = (event) => {
    const seen = element.getBoundingClientRect();
    const here = [
      ((event.clientX - seen.left) / seen.width) * PAD_SIDE,
      ((event.clientY - seen.top) / seen.height) * PAD_SIDE,
    ];
    const [column, row] = here.map((value) => within(Math.floor(value / FINE)));
    stroked(last ?? here, here, [row, column]);
    last = here;
  };
  element.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    element.setPointerCapture(event.pointerId);
    pen.focus({ preventScroll: true });
    event.preventDefault();
    last = null;
    follow(event);
  });
  element.addEventListener("pointermove", (event) => {
    if (!last || !element.hasPointerCapture(event.pointerId)) return;
    const all = event.getCoalescedEvents?.() ?? [];
    (all.length ? all : [event]).forEach(follow);
  });
  ["pointerup", "pointercancel"].forEach((end) => {
    element.addEventListener(end, () => { last = null; });
  });

  pen.addEventListener("keydown", (event) => {
    const [row, column] = place();
    const there = {
      ArrowLeft: [row, column - 1], ArrowRight: [row, column + 1],
      ArrowUp: [row - 1, column], ArrowDown: [row + 1, column], " ": [row, column],
    }[event.key]?.map(within);
    if (!there) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === " " || event.shiftKey) stroked(middle([row, column]), middle(there), there);
    else moved(there);
  });

  const show = (ink, { pixels, pen: [row, column], tool, penWidth, empty }) => {
    pad.paint(ink);
    const grey = pixels[row * INPUT_SIDE + column];
    element.style.setProperty("--pen", `${100 * penWidth}cqi`);
    pen.style.left = `${((column + 0.5) / INPUT_SIDE) * 100}%`;
    pen.style.top = `${((row + 0.5) / INPUT_SIDE) * 100}%`;
    pen.classList.toggle("explore-digits-wipes", tool === "eraser");
    set(pen, {
      "aria-valuenow": row * INPUT_SIDE + column + 1,
      "aria-valuetext": `row ${row}, column ${column}, ${grey ? `light, ${grey}` : "dark"}`,
    });
    pad.describe(
      `The pad to draw on, ${empty ? "empty" : "with a drawing"}. The ${tool}, `
      + `${asFixed(penWidth, 2)} of the picture wide, is in row ${row} and column ${column}.`,
    );
  };
  return { element, show };
}

function makeInput() {
  const picture = makeGreys(INPUT_SIDE);
  picture.element.classList.add("explore-digits-input");
  const show = ({ pixels, pen: [row, column] }) => {
    picture.paint(pixels);
    const here = pixels[row * INPUT_SIDE + column];
    picture.describe(`The 16 by 16 pixels for the network. ${inkInWords(pixels)} `
      + `The one under the pen is ${here}.`);
  };
  return { element: picture.element, show };
}

function inkInWords(pixels) {
  const places = [...pixels.keys()].filter((i) => pixels[i] > 60);
  if (!places.length) return "None is light.";
  const rows = places.map((i) => Math.floor(i / INPUT_SIDE));
  const columns = places.map((i) => i % INPUT_SIDE);
  const range = (values) => `${Math.min(...values)} to ${Math.max(...values)}`;
  return `${places.length} are light, from row ${range(rows)} and from column ${range(columns)}.`;
}

/** The ten probabilities. */
function makeBars() {
  const [left, right, high] = [22, 200, 24];
  const picture = makePicture(240, 10 * high + 4);
  const rows = DIGITS.map((digit) => {
    const y = high * digit;
    const name = svg("text", { x: 4, y: y + 17 }, String(digit));
    const bar = svg("rect", { x: left, y: y + 4, height: high - 8, rx: 3, stroke: "var(--blue)" });
    const number = svg("text", { y: y + 17 });
    const line = svg("path", {
      d: `M${left} ${y + high / 2}H${right}`, stroke: "var(--hairline)",
    });
    picture.root.append(line, name, bar, number);
    return { name, bar, number };
  });
  const show = ({ answers, best, meant }) => {
    rows.forEach(({ name, bar, number }, digit) => {
      const width = Math.max((right - left) * answers[digit], 0.5);
      const weight = digit === best ? 700 : 400;
      set(bar, { width, fill: digit === best ? "var(--blue)" : "var(--blue-tint)" });
      set(name, { "font-weight": weight });
      // The number stands behind its bar, or within it where there is no room behind.
      const end = digit === meant ? ", meant" : "";
      number.textContent = asFixed(answers[digit], 2) + end;
      const inside = width > 0.6 * (right - left) && Boolean(end);
      set(number, {
        x: inside ? left + width - 7 : left + width + 7,
        "text-anchor": inside ? "end" : "start", "font-weight": weight,
        class: inside ? "explore-digits-inside" : "explore-halo",
      });
    });
    const all = DIGITS.map((digit) => `${digit} ${asFixed(answers[digit], 3)}`).join(", ");
    const said = meant < 0 ? "" : ` You mean a ${meant}.`;
    picture.describe(`Probabilities: ${all}. The highest is ${best}.${said}`);
  };
  return { element: picture.element, show };
}

function makeKnobs(model, change) {
  const tool = choice({
    label: "Tool", options: [["pen", "pen"], ["eraser", "eraser"]],
    changed: (value) => change({ tool: value }),
  });
  const width = slider({
    label: "Width", low: 0.08, high: 0.22, step: 0.01, digits: 2,
    changed: (value) => change({ pen_width: value }),
  });
  const meant = list({
    label: "I mean a", options: [[-1, "(not said)"], ...DIGITS.map((digit) => [digit, digit])],
    changed: (value) => change({ meant: Number(value) }),
  });
  const clear = button({
    label: "Clear", pressed: () => change({ pixels: new Array(INPUT_SIDE ** 2).fill(0) }),
  });
  let next = 0;
  const example = button({
    label: "Another example",
    pressed() {
      const examples = model.get("examples");
      next = (next + 1) % examples.length;
      const [label, letters] = examples[next];
      const pixels = Array.from(atob(letters), (letter) => letter.charCodeAt(0));
      change({ pixels, meant: label });
    },
  });
  const row = html("div", { class: "explore-row explore-wide" }, clear.element, example.element);
  return {
    elements: [row, tool.element, width.element, meant.element],
    show({ tool: toolNow, penWidth, meant: meantNow }) {
      example.element.hidden = !model.get("examples").length;
      tool.show(toolNow);
      width.show(penWidth);
      meant.show(meantNow);
    },
  };
}

function showPixel(line, { pixels, pen: [row, column] }) {
  const grey = pixels[row * INPUT_SIDE + column];
  line.replaceChildren(
    `Row ${row}, column ${column}, where the pen is: ${grey} / 255 = `,
    html("b", {}, asFixed(grey / 255, 3)),
  );
}

function sentenceFor({ answers, best, empty, meant }) {
  const sure = asFixed(answers[best], 2);
  if (empty) {
    return `Nothing is drawn: 256 zeros. Even so the network says ${best}, with ${sure}. `
      + "It has only ten words, and none for “nothing”.";
  }
  const others = DIGITS.filter((digit) => digit !== best);
  const second = others.reduce((a, b) => (answers[b] > answers[a] ? b : a));
  const says = `The network says ${best}, with ${sure}; next comes ${second}, with `
    + `${asFixed(answers[second], 2)}.`;
  if (meant >= 0 && meant !== best) {
    return `${says} You mean a ${meant}. It learnt from digits that a program drew, so it may `
      + "well misread a hand. That says little about your writing.";
  }
  return `${says} ${answers[best] < 0.6 ? "It is far from sure." : "Small changes can move it."}`;
}

function showGoal(figure, { answers, best, empty, meant, goal: [drawn, said] }) {
  const solved = !empty && meant === drawn && best === said;
  figure.goal(solved, solved
    ? `Done! You mean a ${drawn}, and the network says ${said}, with ${asFixed(answers[said], 2)}.`
    : empty ? "Nothing is drawn yet."
      : meant !== drawn ? `Choose “I mean a ${drawn}” when you draw one.`
        : `You mean a ${drawn}, and it says ${best}. It gives the ${said} only `
          + `${asFixed(answers[said], 2)}.`);
  return solved;
}

export default { render };
