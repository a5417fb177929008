// What figures are drawn with: elements, scales, a plot with axes, a point that can be moved.
// Colours are the variables of figure.css, such as "var(--blue)"; nothing is set by innerHTML.

const SVG = "http://www.w3.org/2000/svg";

/** An HTML element: html("p", { class: "explore-task" }, "Try this."). */
export function html(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

/** An SVG element: svg("circle", { cx: 3, cy: 4, r: 5, fill: "var(--blue)" }). */
export function svg(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

/** Change attributes of an element; null and false take one away, true is an empty one. */
export function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) element.removeAttribute(name);
    else element.setAttribute(name, value === true ? "" : value);
  }
  return element;
}

function filled(element, attributes, children) {
  set(element, attributes);
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

/** An id that no other figure of the page has. */
export function freshId(prefix) {
  return `${prefix}-${Math.random().toString(36).slice(2, 10)}`;
}

/** A number with a fixed count of decimals and a real minus sign: asFixed(-0.5, 2) is "−0.50". */
export function asFixed(value, digits = 2) {
  const text = value.toFixed(digits);
  return Number(text) === 0 ? text.replace("-", "") : text.replace("-", "−");
}

/** A number with at least `least` decimals, and more, up to `most`, where it has more. */
export function asWritten(value, least = 2, most = 4) {
  const [, decimals = ""] = String(Number(value.toFixed(most))).split(".");
  return asFixed(value, Math.max(least, Math.min(decimals.length, most)));
}

/** A number as the book's figures write it: three significant digits, a real minus sign. */
export function asText(value) {
  const size = Math.abs(value);
  if (size >= 1000 && size < 1e9) {
    return Math.round(value).toLocaleString("en").replace("-", "−");
  }
  const exponent = value === 0 ? 0 : Math.floor(Math.log10(size));
  if (exponent < -5 || exponent > 8) return value.toExponential(2).replaceAll("-", "−");
  return String(Number(value.toPrecision(3))).replace("-", "−");
}

/** The same in brackets where it is negative, as in a product: "(−0.5)". */
export function inBrackets(text) {
  return text.startsWith("−") ? `(${text})` : text;
}

export function clamp(value, low, high) {
  return Math.min(Math.max(value, low), high);
}

/** A function from [a, b] to [c, d], straight; its .back goes the other way. */
export function makeScale([a, b], [c, d]) {
  const scale = (value) => c + ((value - a) / (b - a)) * (d - c);
  scale.back = (place) => a + ((place - c) / (d - c)) * (b - a);
  return scale;
}

/** The places from `low` to `high`, `count` of them, evenly spaced. */
export function evenly(low, high, count) {
  return Array.from({ length: count }, (_, i) => low + ((high - low) * i) / (count - 1));
}

/** The d of a path through points of the drawing. */
export function pathThrough(points) {
  return points.map(([x, y], i) => `${i ? "L" : "M"}${x.toFixed(2)} ${y.toFixed(2)}`).join("");
}

/**
 * A picture: an <svg role="img"> of width x height units that is as wide as its place allows.
 * One unit is about one CSS pixel, so text of 13 units can be read on a phone. The figure writes
 * what is to be seen with picture.describe(words) whenever it redraws.
 */
export function makePicture(width, height) {
  const root = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": "" });
  const element = html("div", { class: "explore-picture" }, root);
  element.style.maxWidth = `${Math.round(width * 1.4)}px`;
  const describe = (words) => set(root, { "aria-label": words });
  return { element, root, width, height, describe };
}

/**
 * A picture with axes. `x` and `y` are scales from numbers to units of the drawing; put what
 * belongs inside the axes into `inside` (it is clipped) and labels into `above`.
 * rescale(x, y, xTicks, yTicks) draws the axes anew for other ranges.
 */
export function makePlot({
  width = 320, height = 290, xRange, yRange, xLabel = "", yLabel = "",
  xTicks = [], yTicks = [], digits = null,
}) {
  const picture = makePicture(width, height);
  const box = { left: 44, right: width - 12, top: 26, bottom: height - 44 };
  const axes = svg("g", { class: "explore-axes" });
  const clip = freshId("clip");
  const frame = {
    x: box.left, y: box.top, width: box.right - box.left, height: box.bottom - box.top,
  };
  const inside = svg("g", { "clip-path": `url(#${clip})` });
  const above = svg("g");
  picture.root.append(
    svg("defs", {}, svg("clipPath", { id: clip }, svg("rect", frame))), inside, axes, above,
  );
  const plot = { ...picture, box, inside, above };
  const written = (value) => (digits === null ? asText(value) : asFixed(value, digits));
  plot.rescale = (xs, ys, alongX = xTicks, alongY = yTicks) => {
    plot.x = makeScale(xs, [box.left, box.right]);
    plot.y = makeScale(ys, [box.bottom, box.top]);
    const middle = (box.left + box.right) / 2;
    axes.replaceChildren(
      svg("rect", { ...frame, class: "explore-frame" }),
      ...alongX.map((tick) => svg("text", {
        x: plot.x(tick), y: box.bottom + 17, "text-anchor": "middle", class: "explore-tick",
      }, written(tick))),
      ...alongY.map((tick) => svg("text", {
        x: box.left - 7, y: plot.y(tick) + 4, "text-anchor": "end", class: "explore-tick",
      }, written(tick))),
      svg("text", {
        x: middle, y: height - 8, "text-anchor": "middle", class: "explore-axis",
      }, xLabel),
      svg("text", { x: 4, y: 15, class: "explore-axis" }, yLabel),
    );
  };
  plot.rescale(xRange, yRange);
  /** The d of a curve y = f(x) across the plot. */
  plot.curve = (f, count = 121) => {
    const [low, high] = [plot.x.back(box.left), plot.x.back(box.right)];
    return pathThrough(evenly(low, high, count).map((x) => [plot.x(x), plot.y(f(x))]));
  };
  return plot;
}

/**
 * A point that can be moved about in a plot by mouse, finger and arrow keys. It lies over the
 * picture, not in it: a picture's inside is silent for screen readers, and a handle must not be.
 * moved([x, y]) is called with the new place; place([x, y]) shows it. Also offer two sliders.
 */
export function makeHandle({ plot, label, names, low, high, step, digits, moved }) {
  const element = html("div", {
    class: "explore-handle", role: "slider", tabindex: 0, "aria-label": label,
    "aria-valuemin": low, "aria-valuemax": high, "data-lm-suppress-shortcuts": "true",
  });
  plot.element.append(element);
  let here = [low, low];
  const go = ([x, y]) => {
    const snap = (value) => Number((Math.round(value / step) * step).toFixed(6));
    moved([clamp(snap(x), low, high), clamp(snap(y), low, high)]);
  };
  const follow = (event) => {
    const seen = plot.root.getBoundingClientRect();
    go([
      plot.x.back(((event.clientX - seen.left) / seen.width) * plot.width),
      plot.y.back(((event.clientY - seen.top) / seen.height) * plot.height),
    ]);
  };
  element.addEventListener("pointerdown", (event) => {
    element.setPointerCapture(event.pointerId);
    element.focus({ preventScroll: true });
    event.preventDefault();
  });
  element.addEventListener("pointermove", (event) => {
    if (element.hasPointerCapture(event.pointerId)) follow(event);
  });
  plot.root.addEventListener("click", follow);
  element.addEventListener("keydown", (event) => {
    const far = step * (event.shiftKey ? 5 : 1);
    const [x, y] = here;
    const there = {
      ArrowLeft: [x - far, y], ArrowRight: [x + far, y],
      ArrowDown: [x, y - far], ArrowUp: [x, y + far], Home: [low, low], End: [high, high],
    }[event.key];
    if (!there) return;
    event.preventDefault();
    event.stopPropagation();
    go(there);
  });
  const place = ([x, y]) => {
    here = [x, y];
    element.style.left = `${(plot.x(x) / plot.width) * 100}%`;
    element.style.top = `${(plot.y(y) / plot.height) * 100}%`;
    const words = `${names[0]} ${asWritten(x, digits)}, ${names[1]} ${asWritten(y, digits)}`;
    set(element, { "aria-valuenow": x, "aria-valuetext": words });
  };
  return { element, place };
}
