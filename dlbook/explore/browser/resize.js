// One picture in smaller boxes: three ways into them, four ways of making the new pixels.
// The pixels are OpenCV's, made in Python: all frames lie on one sheet. Where a kernel is there,
// it makes the ones that aren't.

import { asFixed, asText, freshId, html, set } from "./drawing.js";
import { makeFigure } from "./figure.js";
import { choice, slider } from "./knobs.js";

const SAME_LIGHT = 0.02; // the mean of rounded pixels is never quite the mean of the old ones
const WAY_NAMES = ["stretch", "fit", "pad"].map((name) => [name, name]);
const BLEND_NAMES = ["nearest", "area", "linear", "cubic"].map((name) => [name, name]);
const HOW_BLENDED = {
  nearest: "each new pixel copies one old pixel and forgets the others",
  area: "each new pixel is the mean of all the old ones that it covers",
  linear: "each new pixel blends the 4 old ones around its centre and forgets the others",
  cubic: "each new pixel blends the 16 old ones around its centre and forgets the others",
};

async function render({ model, el }) {
  const figure = makeFigure({
    model, el, title: "A picture in a box", draw,
    follow: [
      "way", "blend", "side", "goal", "shape", "light", "original", "sheet", "places", "sides",
      "fresh", "answer",
    ],
  });
  const before = makeCanvasPicture();
  const after = makeCanvasPicture("explore-resize-box");
  const lines = [html("p"), html("p"), html("p"), html("p")];
  const open = makePngs(figure.redraw);
  let shown = null; // what is in the box: stays until another frame has come

  /** The sides that can be had: those of the sheet, or with a kernel all of them. */
  const sidesNow = () => {
    const [answered, low, high] = model.get("answer") ?? [];
    if (answered && answered === model.get("ask")) return { min: low, max: high, step: 1 };
    const sides = model.get("sides");
    return { min: sides[0], max: sides.at(-1), step: sides[1] - sides[0] };
  };
  const way = choice({
    label: "Way into the box", options: WAY_NAMES,
    changed: (value) => figure.change({ way: value }),
  });
  const blend = choice({
    label: "New pixels", options: BLEND_NAMES,
    changed: (value) => figure.change({ blend: value }),
  });
  const side = slider({
    label: "Side of the box", low: 0, high: 100, step: 1, digits: 0, colour: "var(--blue)",
    changed: (value) => figure.change({ side: value }),
  });
  [way, blend, side].forEach((knob) => knob.element.classList.add("explore-wide"));
  figure.stage.append(before.element, after.element);
  figure.numbers.append(...lines);
  figure.knobs.append(way.element, blend.element, side.element);
  figure.change({ ask: freshId("kernel") });
  await Promise.all([open.ready(model.get("original")), open.ready(model.get("sheet"))]);
  figure.redraw();

  function draw() {
    const [wayNow, blendNow, sideNow] = ["way", "blend", "side"].map((name) => model.get(name));
    way.show(wayNow);
    blend.show(blendNow);
    set(side.input, sidesNow());
    side.show(sideNow);
    const original = open(model.get("original"));
    if (original) showOriginal(before, original, model.get("shape"));
    const frame = findFrame(model, open, frameName(wayNow, blendNow, sideNow));
    if (frame) shown = { frame, way: wayNow, blend: blendNow, side: sideNow };
    if (!shown) return;

    const now = { ...shown, ...measured(shown, model.get("shape"), model.get("light")) };
    showInBox(after, now);
    showNumbers(lines, now);
    figure.say(sentenceFor(now));
    const goal = model.get("goal");
    if (!goal) return;
    const solved = showGoal(figure, now, goal);
    if (model.get("solved") !== solved) figure.change({ solved });
  }
  return figure.stop;
}

/** A padded picture is a fitted one with something around it. */
function frameName(way, blend, side) {
  return `${way === "stretch" ? "stretch" : "fit"}-${blend}-${side}`;
}

/** A function that gives the pixels of a PNG, or null and calls `opened` once they are there. */
function makePngs(opened) {
  const [pixels, waiting] = [new Map(), new Map()];
  const unpack = async (png) => {
    const image = new Image();
    image.src = `data:image/png;base64,${png}`;
    await image.decode();
    const canvas = html("canvas", { width: image.width, height: image.height });
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(image, 0, 0);
    pixels.set(png, context.getImageData(0, 0, image.width, image.height));
  };
  const open = (png) => {
    if (png && !pixels.has(png)) open.ready(png).then(opened);
    return pixels.get(png) ?? null;
  };
  open.ready = (png) => {
    if (!waiting.has(png)) waiting.set(png, unpack(png));
    return waiting.get(png);
  };
  return open;
}

function findFrame(model, open, name) {
  const place = model.get("places")[name];
  if (place) {
    const sheet = open(model.get("sheet"));
    return sheet && cutOut(sheet, place);
  }
  const fresh = model.get("fresh") ?? {};
  return fresh.name === name ? open(fresh.png) : null;
}

function cutOut(sheet, [left, top, width, height]) {
  const part = new ImageData(width, height);
  for (let row = 0; row < height; row += 1) {
    const start = 4 * ((top + row) * sheet.width + left);
    part.data.set(sheet.data.subarray(start, start + 4 * width), 4 * row * width);
  }
  return part;
}

/** The mean of the pixels in shades of grey, from 0 to 255. */
function meanLight({ data }) {
  let sum = 0;
  for (let i = 0; i < data.length; i += 4) {
    sum += Math.round(0.299 * data[i] + 0.587 * data[i + 1] + 0.114 * data[i + 2]);
  }
  return sum / (data.length / 4);
}

/** What is lost and what is kept. */
function measured({ frame, way, side }, [height, width, channels = 1], light) {
  const padded = way === "pad";
  const [rows, columns] = padded ? [side, side] : [frame.height, frame.width];
  // Rounding to whole pixels moves a side by half a pixel at most.
  const scale = Math.min(1, side / height, side / width);
  const inProportion = [[frame.height, height], [frame.width, width]]
    .every(([now, once]) => Math.abs(now - Math.max(1, once * scale)) <= 0.5);
  const lightNow = meanLight(frame);
  return {
    height, width, channels, rows, columns, inProportion, light, lightNow,
    full: rows === side && columns === side,
    lightKept: Math.abs(lightNow - light) <= SAME_LIGHT * light,
    narrower: (frame.height / height) / (frame.width / width),
    border: side * side - frame.width * frame.height,
  };
}

function makeCanvasPicture(extra = "") {
  const canvas = html("canvas", { role: "img", "aria-label": "" });
  const square = html("div", { class: `explore-resize-square ${extra}` }, canvas);
  const caption = html("p", { class: "explore-resize-caption" });
  const element = html("div", { class: "explore-picture explore-resize-picture" }, caption, square);
  return { element, canvas, caption };
}

/** Put pixels into the middle or the top left of a square of `side` pixels. */
function paint({ canvas }, pixels, { side, width, height, left = 0, top = 0 }) {
  if (canvas.width !== width || canvas.height !== height) set(canvas, { width, height });
  const context = canvas.getContext("2d");
  context.fillStyle = "#000";
  context.fillRect(0, 0, width, height);
  context.putImageData(pixels, left, top);
  canvas.style.width = `${(100 * width) / side}%`;
}

function showOriginal(picture, pixels, [height, width, channels = 1]) {
  const [wide, high] = [pixels.width, pixels.height];
  paint(picture, pixels, { side: Math.max(wide, high), width: wide, height: high });
  picture.caption.textContent = `The picture: ${height} × ${width}`;
  set(picture.canvas, {
    "aria-label": `The picture as it is: ${height} pixels high and ${width} wide, `
      + `${channels === 3 ? "in colour" : "in shades of grey"}.`,
  });
}

function showInBox(picture, now) {
  const { frame, way, blend, side, rows, columns } = now;
  const [left, top] = way === "pad"
    ? [Math.floor((side - frame.width) / 2), Math.floor((side - frame.height) / 2)] : [0, 0];
  paint(picture, frame, { side, width: columns, height: rows, left, top });
  picture.caption.textContent = `In a box of ${side} × ${side}: ${rows} × ${columns}`;
  const shape = now.inProportion ? "in proportion" : squeezed(now);
  const rest = !now.border ? "It fills the box."
    : way === "pad" ? `${now.border} pixels around it are black.`
      : `The box stays empty in ${now.border} places.`;
  set(picture.canvas, {
    "aria-label": `The same picture in a box of ${side} by ${side} pixels, ${way}, ${blend}: `
      + `now ${rows} high and ${columns} wide, ${shape}. ${rest} Its mean lightness is `
      + `${asFixed(now.lightNow, 1)}, and was ${asFixed(now.light, 1)}.`,
  });
}

function squeezed({ narrower }) {
  const times = asText(narrower >= 1 ? narrower : 1 / narrower);
  return `${times} times as ${narrower >= 1 ? "narrow" : "flat"} as it was`;
}

function showNumbers([shape, count, ratio, light], now) {
  const { height, width, channels, rows, columns } = now;
  const [old, fresh] = [height * width * channels, rows * columns * channels];
  const third = channels === 3 ? ", 3" : "";
  const arrow = " → ";
  shape.replaceChildren(
    `Shape: (${height}, ${width}${third})${arrow}`, html("b", {}, `(${rows}, ${columns}${third})`),
  );
  count.replaceChildren(
    `Numbers: ${old.toLocaleString("en")}${arrow}`, html("b", {}, fresh.toLocaleString("en")),
    `, which is ${asText((100 * fresh) / old)} in 100`,
  );
  ratio.replaceChildren(
    `Width ÷ height of the picture itself: ${asFixed(width / height, 2)}${arrow}`,
    html("b", {}, asFixed(now.frame.width / now.frame.height, 2)),
    now.inProportion ? " ✓ kept, but for whole pixels" : " ✗ not kept",
  );
  light.replaceChildren(
    `Its mean lightness, from 0 to 255: ${asFixed(now.light, 1)}${arrow}`,
    html("b", {}, asFixed(now.lightNow, 1)),
    now.lightKept ? " ✓ kept" : now.lightNow < now.light ? " ✗ some is lost" : " ✗ too much",
  );
}

function sentenceFor(now) {
  const { way, blend, side } = now;
  const where = {
    stretch: `Stretched, the picture fills the box of ${side} × ${side}`,
    fit: `Fitted, the picture is as large as the box of ${side} × ${side} allows`,
    pad: `Padded, the picture is fitted and the rest of the ${side} × ${side} is black`,
  }[way];
  const shape = now.inProportion ? "and keeps its proportions" : `and is ${squeezed(now)}`;
  const name = blend[0].toUpperCase() + blend.slice(1);
  return `${where}, ${shape}. ${name}: ${HOW_BLENDED[blend]}.`;
}

function showGoal(figure, now, goal) {
  const wishes = [
    [`exactly ${goal} × ${goal}`, now.full && now.side === goal],
    ["in proportion", now.inProportion],
    ["no light lost", now.lightKept],
  ];
  const met = wishes.filter(([, fulfilled]) => fulfilled).length;
  const solved = met === wishes.length;
  const listed = wishes.map(([words, fulfilled]) => `${fulfilled ? "✓" : "✗"} ${words}`);
  figure.goal(solved, solved
    ? `Done! It is ${goal} × ${goal}, in proportion, and no light is lost.`
    : `${met} of 3: ${listed.join(", ")}.`);
  return solved;
}

export default { render };
