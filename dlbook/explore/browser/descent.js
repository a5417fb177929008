// Steps down a slope: the ground with the walk on it, the loss after each step, the numbers.
//
// A walk follows from its start, the rate and the momentum, so only the count of its steps is
// kept: whatever is turned, the whole walk is drawn anew.

import {
  asText, asWritten, clamp, html, inBrackets, makeHandle, makePlot, pathThrough, set, svg,
} from "./drawing.js";
import { makeFigure, makeRunner } from "./figure.js";
import { button, list, slider } from "./knobs.js";

// As in dlbook.explore.descent. `grip` is how far a start can be moved to either side.
export const GROUNDS = {
  bowl: {
    name: "one parameter: a bowl", names: ["w"], reach: [3], grip: [2.5], start: [2],
    loss: ([w]) => w ** 2, slope: ([w]) => [2 * w],
    heights: [-0.6, 9], ticks: [-3, -2, -1, 0, 1, 2, 3], upTicks: [0, 2, 4, 6, 8],
    rates: [0.01, 1.2, 0.01], rate: 0.1, quick: 12, bottom: [0], words: "Loss w², slope 2w.",
  },
  "two valleys": {
    name: "one parameter: two valleys", names: ["w"], reach: [2.2], grip: [2], start: [1.9],
    loss: ([w]) => w ** 4 / 4 - w ** 3 / 15 - 0.72 * w ** 2 + 0.288 * w + 0.7488,
    slope: ([w]) => [(w + 1.2) * (w - 0.2) * (w - 1.2)],
    heights: [-0.2, 3.2], ticks: [-2, -1, 0, 1, 2], upTicks: [0, 1, 2, 3],
    rates: [0.01, 1, 0.01], rate: 0.1, quick: 15, bottom: [-1.2],
    words: "Slope (w + 1.2)(w − 0.2)(w − 1.2): level at −1.2, 0.2 and 1.2.",
  },
  "round bowl": {
    name: "two parameters: a round bowl", names: ["w₁", "w₂"], reach: [3, 3], grip: [2.5, 2.5],
    start: [-2, 1.5], loss: ([a, b]) => a ** 2 + b ** 2, slope: ([a, b]) => [2 * a, 2 * b],
    ticks: [-3, -2, -1, 0, 1, 2, 3], upTicks: [-3, -2, -1, 0, 1, 2, 3], bend: [2, 2],
    rings: [1, 2, 3, 4, 5, 6, 7, 8].map((k) => k * k / 4), named: [1, 4],
    rates: [0.01, 1.2, 0.01], rate: 0.1, quick: 13, bottom: [0, 0],
    words: "Loss w₁² + w₂², slopes 2w₁ and 2w₂.",
  },
  "long valley": {
    name: "two parameters: a long valley", names: ["w₁", "w₂"], reach: [5, 1.4], grip: [4.5, 1.2],
    start: [-4, 1], loss: ([a, b]) => (a ** 2 + 50 * b ** 2) / 2, slope: ([a, b]) => [a, 50 * b],
    ticks: [-4, -2, 0, 2, 4], upTicks: [-1, -0.5, 0, 0.5, 1], bend: [1, 50],
    rings: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((k) => k * k / 2), named: [8, 32],
    rates: [0.001, 0.1, 0.001], rate: 0.035, quick: 40, bottom: [0, 0],
    words: "Loss (w₁² + 50 w₂²) / 2, slopes w₁ and 50 w₂.",
  },
};
const FAR = 1e6; // a walk that is so far away has left for good
const MOST_STEPS = 200;
const AHEAD = 400; // steps; the figure walks so far by itself to see what becomes of a rate
const NEAR = 0.001; // of a loss: no longer different
const A_RUN = 60; // steps, at most
const [LONGEST_PAUSE, SHORTEST_PAUSE] = [320, 60]; // milliseconds between two steps of a run
const ENOUGH_TO_TELL = 3; // steps; the reader sees them before the figure says what they mean
const LOSSES = [-4, 2]; // powers of ten in the picture of the loss

/**
 * Every place of a walk, its start first. It ends early where it has left for good.
 * The step is momentum_step of dlbook.updates; with momentum 0 it is gradient_descent_step.
 */
export function walk({ ground, start, rate, momentum }, steps) {
  const { slope } = GROUNDS[ground];
  const path = [start];
  let velocity = start.map(() => 0);
  for (let i = 0; i < steps; i += 1) {
    const here = path[i];
    if (Math.max(...here.map(Math.abs)) >= FAR) break;
    const slopes = slope(here);
    velocity = velocity.map((v, k) => momentum * v - rate * slopes[k]);
    path.push(here.map((value, k) => value + velocity[k]));
  }
  return path;
}

/**
 * What becomes of a walk of AHEAD steps. `fate` is "level", "leaves", "jumps" or "rests";
 * `settled` counts the steps until its loss stays where it comes to rest, null for never. Three
 * ways to turn round: it `swings` from side to side at the beginning, it is still `jumping` so
 * later on, or `rolling`, which takes more than one step for each way.
 */
export function fateOf(ground, path) {
  const { loss, reach } = GROUNDS[ground];
  const result = { fate: "leaves", settled: null, swings: true, jumping: true, rolling: false };
  if (path.length <= AHEAD) return result;
  const moves = path.slice(1).map((place, i) => place.map((value, k) => value - path[i][k]));
  const size = (move) => Math.max(...move.map(Math.abs));
  if (moves.every((move) => size(move) < 1e-12)) {
    return { fate: "level", settled: 0, swings: false, jumping: false, rolling: false };
  }
  // How often a parameter has turned round, the one that did it most; a hair doesn't count.
  const turns = (from, to) => Math.max(...reach.map((width, k) => (
    moves.slice(from, to).filter((move, i) => (
      i && move[k] * moves[from + i - 1][k] < 0 && Math.abs(move[k]) > 0.0005 * width)).length)));
  const widest = (from, to) => Math.max(...moves.slice(from, to).map(size));
  const [earlier, late] = [widest(AHEAD - 100, AHEAD - 50), widest(AHEAD - 50, AHEAD)];
  if (late > 1e-3 && turns(AHEAD - 50, AHEAD) > 5) {
    if (late > 1.1 * earlier) return result;
    if (late > 0.9 * earlier) return { ...result, fate: "jumps" };
  }
  const rest = loss(path[AHEAD]);
  const apart = path.findLastIndex((place) => Math.abs(loss(place) - rest) >= NEAR);
  const settled = late < 1e-4 * reach[0] ? apart + 1 : null;
  const end = settled ?? AHEAD;
  // Across a valley a walk may swing at first; what counts then is how it goes on.
  const from = reach.length > 1 ? Math.floor(end / 3) : 0;
  const jumping = turns(from, end) > 0.6 * (end - from);
  const rolling = !jumping && turns(from, end) > 0;
  return { fate: "rests", settled, swings: turns(0, 30) > 2, jumping, rolling };
}

/** Is the rate too small, right, too large? Both of the outer two where one rate can't suit. */
export function verdictOn({ ground, momentum }, { fate, settled, swings, jumping, rolling }) {
  if (fate === "level") return [];
  if (fate !== "rests") return ["too large"];
  if (settled !== null && settled <= GROUNDS[ground].quick) return ["right"];
  if (momentum) return jumping ? ["too large"] : rolling ? [] : ["too small"];
  if (!swings) return ["too small"];
  return ground === "long valley" ? ["too small", "too large"] : ["too large"];
}

function render({ model, el }) {
  const figure = makeFigure({
    model, el, title: "Steps down the slope", draw,
    follow: ["ground", "start", "rate", "momentum", "steps", "goal"],
  });
  const losses = makeLosses();
  const written = makeUpdates();
  const place = html("div", { class: "explore-descent-place" });
  figure.stage.append(place, losses.element);
  figure.numbers.append(...written.elements);
  let ahead = []; // the walk of AHEAD steps, of which the reader sees the first ones
  let [due, ran] = [0, 0]; // when the next step of a run is taken, and how many it has had
  const runner = makeRunner({
    budget: 0, // once a frame is enough
    work() {
      if (performance.now() < due) return true;
      ran += 1;
      due = performance.now() + pause();
      return stepOn() && !ends() && ran < A_RUN;
    },
    changed: (running) => knobs.running(running),
  });
  const knobs = makeDescentKnobs({ figure, step: stepOn, run, rewind });
  figure.knobs.append(...knobs.elements);
  let picture = null;

  function draw() {
    const now = settingsOf(model);
    ahead = walk(now, AHEAD);
    const path = ahead.slice(0, now.steps + 1);
    const fate = fateOf(now.ground, ahead);
    // All that is drawn and said follows from this.
    const [next, verdict] = [ahead[path.length], verdictOn(now, fate)];
    Object.assign(now, { ahead, path, next, fate, verdict });
    if (picture?.ground !== now.ground) {
      const { names } = GROUNDS[now.ground];
      picture = (names.length > 1 ? makeMap : makeCurve)(now.ground, moveStart);
      place.replaceChildren(picture.element);
    }
    picture.show(now);
    losses.show(now, goalFor(model, now));
    written.show(now);
    knobs.show(now);
    figure.say(describeWalk(now));
    tellGoal(now);
  }

  function moveStart(start) {
    const { grip } = GROUNDS[model.get("ground")];
    const kept = start.slice(0, grip.length);
    figure.change({ start: kept.map((value, k) => clamp(value, -grip[k], grip[k])) });
  }
  function stepOn() {
    const steps = settingsOf(model).steps + 1;
    if (steps >= ahead.length || steps > MOST_STEPS) return false;
    figure.change({ steps });
    return true;
  }
  /** There is nothing more to see: the walk has come to rest, or gone out of sight. */
  function ends() {
    const { steps, ground } = settingsOf(model);
    const { loss, reach } = GROUNDS[ground];
    const [here, rest] = [ahead[steps] ?? ahead.at(-1), ahead.at(-1)];
    if (here.some((value, k) => Math.abs(value) > 20 * reach[k])) return true;
    return steps > 0 && ahead.slice(steps - 1).every((p) => Math.abs(loss(p) - loss(rest)) < 1e-5);
  }
  function run() {
    if (runner.running()) {
      runner.stop();
      return;
    }
    const { steps } = settingsOf(model);
    if (ends() || steps + 1 >= ahead.length || steps >= MOST_STEPS) figure.change({ steps: 0 });
    ran = 1;
    stepOn();
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) {
      while (ran < A_RUN && !ends() && stepOn()) ran += 1;
    } else {
      due = performance.now() + pause();
      runner.start();
    }
  }
  function pause() {
    return Math.max(SHORTEST_PAUSE, LONGEST_PAUSE * 0.92 ** ran);
  }
  function rewind() {
    runner.stop();
    figure.change({ steps: 0 });
  }
  function tellGoal(now) {
    const goal = model.get("goal");
    if (!goal || !goal.ground) return;
    const [solved, words] = judged(goal, now);
    figure.goal(solved, words);
    if (model.get("solved") !== solved) figure.change({ solved });
  }
  return () => {
    runner.stop();
    figure.stop();
  };
}

function settingsOf(model) {
  const ground = model.get("ground");
  const usual = GROUNDS[ground];
  const start = model.get("start");
  return {
    ground, start: start.length === usual.start.length ? start : usual.start,
    rate: model.get("rate"), momentum: model.get("momentum"),
    steps: clamp(model.get("steps"), 0, MOST_STEPS),
  };
}

/** The goal, if the ground and the start are those that it is meant for. */
function goalFor(model, now) {
  const goal = model.get("goal");
  return goal?.ground === now.ground && sameStart(goal, now) ? goal : null;
}

function sameStart(goal, { start }) {
  return goal.start.length === start.length
    && goal.start.every((value, k) => Math.abs(value - start[k]) < 1e-9);
}

/** Has the reader reached the goal? With the words to say so. */
function judged(goal, now) {
  const { names, name, loss } = GROUNDS[goal.ground];
  if (now.ground !== goal.ground) return [false, `This task is meant for the ground “${name}”.`];
  if (!sameStart(goal, now)) {
    const start = names.map((n, k) => `${n} = ${inFull(goal.start[k])}`).join(" and ");
    return [false, `For this task, put the start back to ${start}.`];
  }
  const taken = now.path.length - 1;
  if (goal.walk) return judgedWalk(goal.walk, now, taken);
  const limit = asText(goal.loss);
  const all = now.ahead.map((place) => loss(place));
  const high = all.findLastIndex((value) => !(value < goal.loss));
  const needed = high + 1 < all.length && all.length > AHEAD ? high + 1 : Infinity;
  if (needed <= goal.steps && taken >= needed) {
    return [true, `Done! From step ${needed} on, the loss stays below ${limit}.`];
  }
  const here = all[taken];
  if (taken <= goal.steps) {
    const words = here < goal.loss ? "but not for long" : `not yet below ${limit}`;
    return [
      false, `${taken} of ${goal.steps} steps taken: the loss is ${inFull(here)}, ${words}.`,
    ];
  }
  return [false, taken >= needed
    ? `It took ${needed} steps, and ${goal.steps} are allowed. Change something, and see.`
    : `${goal.steps} steps were not enough. Change something, and see.`];
}

function judgedWalk(wanted, { fate }, taken) {
  const done = fate.fate === wanted && taken >= 2 * ENOUGH_TO_TELL;
  if (done) {
    return [true, wanted === "jumps"
      ? "Done! It jumps for ever: it neither comes to rest nor gets away."
      : "Done! Each jump is wider than the last: the walk diverges."];
  }
  if (taken < 2 * ENOUGH_TO_TELL) {
    return [false, `${taken} of at least ${2 * ENOUGH_TO_TELL} steps taken.`];
  }
  return [false, {
    rests: "Not yet: this walk comes to rest.", level: "Not yet: this walk doesn't move.",
    jumps: "Not yet: this walk jumps for ever.", leaves: "Not yet: this walk diverges.",
  }[fate.fate]];
}

/** A number as it is written in an update: two decimals at least, three digits at least. */
function inFull(value) {
  const size = Math.abs(value);
  return (size >= 1000 || (size > 0 && size < 0.001)) ? asText(value) : asWritten(value);
}

function makeDescentKnobs({ figure, step, run, rewind }) {
  const running = button({ label: "Run", pressed: run });
  const row = html(
    "div", { class: "explore-row explore-wide" },
    button({ label: "One step", pressed: step }).element, running.element,
    button({ label: "Back to the start", pressed: rewind }).element,
  );
  const [ownRate, ownStarts] = [0, 1].map(() => html("div", { class: "explore-descent-own" }));
  const momentum = slider({
    label: "Momentum", low: 0, high: 0.95, step: 0.05, digits: 2, colour: "var(--ochre)",
    changed: (value) => figure.change({ momentum: value }),
  });
  const ground = list({
    label: "The ground", options: Object.entries(GROUNDS).map(([value, { name }]) => [value, name]),
    changed(value) {
      const { start, rate } = GROUNDS[value];
      figure.change({ ground: value, start, rate, steps: 0 });
    },
  });
  [momentum, ground].forEach((knob) => knob.element.classList.add("explore-wide"));
  let [starts, rate, shown, now] = [[], null, "", null];
  const build = () => {
    const { names, grip, rates: [low, high, by] } = GROUNDS[shown];
    starts = names.map((name, k) => slider({
      label: `Start ${name}`, low: -grip[k], high: grip[k], step: 0.1, digits: 2,
      colour: "var(--orange)",
      changed: (value) => {
        figure.change({ start: now.start.map((old, i) => (i === k ? value : old)) });
      },
    }));
    rate = slider({
      label: "Learning rate", low, high, step: by, digits: by < 0.01 ? 3 : 2,
      colour: "var(--purple)", changed: (value) => figure.change({ rate: value }),
    });
    const wide = names.length > 1 ? [rate] : [rate, ...starts];
    wide.forEach((knob) => knob.element.classList.add("explore-wide"));
    ownRate.replaceChildren(rate.element);
    ownStarts.replaceChildren(...starts.map((start) => start.element));
  };
  return {
    elements: [row, ownRate, momentum.element, ownStarts, ground.element],
    running: (yes) => running.show(yes ? "Pause" : "Run"),
    show(settings) {
      now = settings;
      if (shown !== now.ground) {
        shown = now.ground;
        build();
      }
      starts.forEach((start, k) => start.show(now.start[k]));
      rate.show(now.rate);
      momentum.show(now.momentum);
      ground.show(now.ground);
    },
  };
}

/** The update, written out; each number has the colour of what it belongs to. */
function makeUpdates() {
  const rule = html("p", { class: "explore-descent-rule" });
  const sums = html("div", { class: "explore-descent-sums" });
  const marks = ["too small", "right", "too large"].map((words) => html("span", {}, words));
  const strip = html(
    "p", { class: "explore-descent-strip", "aria-hidden": "true" }, "This rate is", marks,
  );
  const coloured = (value, colour, first = false) => {
    const text = inFull(value);
    const number = html("span", {}, first ? text : inBrackets(text));
    number.style.color = `var(--${colour})`;
    return number;
  };
  const bold = (value) => html("b", {}, inFull(value));
  return {
    elements: [rule, sums, strip],
    show({ ground, rate, momentum, steps, path, next, verdict }) {
      const { names, slope, loss, words } = GROUNDS[ground];
      const formula = momentum
        ? "New v = momentum × old v − rate × slope, new w = old w + new v."
        : "New w = old w − rate × slope.";
      rule.textContent = `${words} ${formula}`;
      // The step that was taken last, or the first one before it is taken.
      const taken = path.length - 1;
      const [before, after] = taken ? path.slice(-2) : [path[0], next ?? path[0]];
      const older = taken > 1 ? path[taken - 2] : before;
      const slopes = slope(before);
      const lines = names.flatMap((name, k) => {
        const pull = [coloured(rate, "purple"), " × ", coloured(slopes[k], "teal")];
        if (!momentum) {
          return [[`${name} = `, coloured(before[k], "orange", true), " − ", ...pull, " = ",
            bold(after[k])]];
        }
        const index = name.slice(1);
        const [old, fresh] = [before[k] - older[k], after[k] - before[k]];
        return [
          [`v${index} = `, coloured(momentum, "ochre"), " × ", coloured(old, "crimson"), " − ",
            ...pull, " = ", coloured(fresh, "crimson", true)],
          [`${name} = `, coloured(before[k], "orange", true), " + ", coloured(fresh, "crimson"),
            " = ", bold(after[k])],
        ];
      });
      const [was, is] = [loss(before), loss(after)];
      const course = is < was ? "lower" : is > was ? "higher" : "the same";
      lines.push([taken ? "loss " : "loss now ", inFull(was), taken ? ", now " : ", then ",
        html("b", {}, inFull(is)), `: ${course}`]);
      const title = taken ? `Step ${taken}` : "Step 1 will be";
      sums.replaceChildren(
        html("p", { class: "explore-descent-step" }, title),
        ...lines.map((line) => html("p", {}, line)),
      );
      const told = steps >= ENOUGH_TO_TELL ? verdict : [];
      marks.forEach((mark) => {
        mark.className = told.includes(mark.textContent) ? "explore-descent-lit" : "";
      });
    },
  };
}

/** What lies in the same way on the curve and on the map: the walk, its end, the next step. */
function makeTrail(plot) {
  const rim = svg("path", { class: "explore-descent-dots", stroke: "var(--paper)" });
  const jumps = svg("path", { fill: "none", stroke: "var(--orange)", "stroke-width": 1.5 });
  const ahead = svg("path", {
    fill: "none", stroke: "var(--ink)", "stroke-width": 1.5, "stroke-dasharray": "2 4",
  });
  const dots = svg("path", { class: "explore-descent-dots", stroke: "var(--orange)" });
  const ghost = svg("circle", {
    r: 6, fill: "var(--paper)", stroke: "var(--ink)", "stroke-width": 1.5,
    "stroke-dasharray": "3 2.5",
  });
  const ball = svg("circle", {
    r: 7.5, fill: "var(--ink)", stroke: "var(--paper)", "stroke-width": 2,
  });
  const label = svg("text", { class: "explore-halo explore-descent-count" });
  plot.inside.append(jumps, rim, dots, ahead, ghost, ball);
  plot.above.append(label);
  return {
    /** The walk and the next place, in units of the drawing; `words` stand beside the last one. */
    show(points, next, words = "") {
      // Far outside of the picture a coordinate is as good as any other.
      const near = (point) => point.map((value) => clamp(value, -4000, 4000));
      const seen = points.map(near);
      const line = pathThrough(seen);
      const round = seen.map(([x, y]) => `M${x.toFixed(2)} ${y.toFixed(2)}h0`).join("");
      set(jumps, { d: line });
      set(rim, { d: round, "stroke-width": 9.5 });
      set(dots, { d: round, "stroke-width": 7 });
      const [x, y] = seen.at(-1);
      const { left, right, top, bottom } = plot.box;
      const inside = x >= left && x <= right && y >= top && y <= bottom;
      set(ball, { cx: x, cy: y, visibility: points.length > 1 ? "visible" : "hidden" });
      set(ahead, { d: next ? pathThrough([[x, y], near(next)]) : "" });
      const [gx, gy] = next ? near(next) : [x, y];
      const still = Math.hypot(gx - x, gy - y) < 1;
      set(ghost, { cx: gx, cy: gy, visibility: next && !still ? "visible" : "hidden" });
      label.textContent = inside ? words : `${words}: out of sight`;
      // Beside the way that leads on, above it.
      const [dx, dy] = still ? [1, 0] : [gx - x, gy - y];
      const away = (dx < 0 ? -17 : 17) / Math.hypot(dx, dy);
      const [lx, ly] = inside ? [x + away * dy, y - away * dx] : [x, y];
      const anchor = inside ? "middle" : lx > (left + right) / 2 ? "end" : "start";
      set(label, {
        x: clamp(lx, left + 8, right - 8),
        y: inside ? clamp(ly, top + 14, bottom - 12) + 4 : top + 18,
        "text-anchor": anchor,
        visibility: words && points.length > 1 ? "visible" : "hidden",
      });
    },
  };
}

/** The loss over one parameter: a curve, with the slope where the walk is now. */
function makeCurve(ground, moved) {
  const { names, loss, slope, reach, grip, heights, ticks, upTicks } = GROUNDS[ground];
  const plot = makePlot({
    xRange: [-reach[0], reach[0]], yRange: heights, xTicks: ticks, yTicks: upTicks,
    xLabel: "parameter w", yLabel: "loss",
  });
  const floor = svg("path", {
    d: `M${plot.box.left} ${plot.y(0)}H${plot.box.right}`, stroke: "var(--hairline)",
  });
  const curve = svg("path", {
    d: plot.curve((w) => loss([w])), stroke: "var(--blue)", "stroke-width": 3, fill: "none",
  });
  const tangent = svg("line", {
    stroke: "var(--teal)", "stroke-width": 2.5, "stroke-dasharray": "7 4",
  });
  plot.inside.append(floor, curve, tangent);
  const trail = makeTrail(plot);
  const tags = svg("g");
  plot.above.append(tags);
  const start = makeHandle({
    plot, label: "The start", names: [names[0], "loss"], low: -grip[0], high: grip[0], step: 0.1,
    digits: 2, moved,
  });
  const on = (place) => [plot.x(place[0]), plot.y(loss(place))];
  return {
    ground, element: plot.element,
    show({ path, next, start: from }) {
      const here = path.at(-1);
      const points = path.map(on);
      const count = path.length - 1;
      trail.show(points, next && on(next));
      const [x, y] = points.at(-1);
      const [steepness] = slope(here);
      const [run, rise] = [plot.x(1) - plot.x(0), steepness * (plot.y(1) - plot.y(0))];
      const half = 44 / Math.hypot(run, rise); // the same length on paper whatever the slope
      set(tangent, {
        x1: x - half * run, y1: y - half * rise, x2: x + half * run, y2: y + half * rise,
        visibility: Math.abs(x) < 2000 && Math.abs(y) < 2000 ? "visible" : "hidden",
      });
      numberDots(plot, tags, points, path.map((place) => slope(place)[0]));
      start.place([from[0], loss(from)]);
      const shape = ground === "bowl" ? "A bowl" : "A curve with a deep valley on the left and "
        + "a shallow one on the right";
      plot.describe(
        `${shape}: the loss over one parameter. The walk starts at w = ${inFull(path[0][0])}. `
        + `${count ? `After ${inSteps(count)} it is` : "It is"} at w = ${inFull(here[0])}, where `
        + `the loss is ${inFull(loss(here))} and the slope ${inFull(steepness)}. `
        + (next ? `The next step leads to w = ${inFull(next[0])}.` : "It has left for good."),
      );
    },
  };
}

/** Write the numbers of the steps outside of the curve, where there is room for them. */
function numberDots(plot, tags, points, slopes) {
  const { left, right, top, bottom } = plot.box;
  const unit = (plot.y(0) - plot.y(1)) / (plot.x(1) - plot.x(0));
  const last = points.length - 1;
  const [sx, sy] = points[0];
  const from = sx > (left + right) / 2 ? -1 : 1; // the start's name stands inside of the curve
  const texts = [svg("text", {
    x: sx + from * 16, y: clamp(sy - 14, top + 14, bottom), class: "explore-halo",
    "text-anchor": from < 0 ? "end" : "start",
  }, "start")];
  const placed = [];
  const order = Array.from({ length: Math.min(last, 60) }, (_, i) => (i === 0 ? last : i));
  for (const i of order) {
    const [px, py] = points[i];
    const inside = px >= left && px <= right && py >= top && py <= bottom;
    const far = (i === last ? 19 : 15) / Math.hypot(slopes[i] * unit, 1);
    const [x, y] = [px + slopes[i] * unit * far, py + far + 4];
    if (i === last && !inside) {
      const end = px > (left + right) / 2;
      texts.push(svg("text", {
        x: end ? right - 8 : left + 8, y: top + 20, "text-anchor": end ? "end" : "start",
        class: "explore-halo explore-descent-count",
      }, end ? `${i}: out of sight →` : `← ${i}: out of sight`));
    } else if (inside && placed.every(([a, b]) => Math.hypot(a - x, b - y) > 18)) {
      placed.push([x, y]);
      texts.push(svg("text", {
        x: clamp(x, left + 8, right - 8), y: clamp(y, top + 12, bottom - 4),
        "text-anchor": "middle",
        class: `explore-halo${i === last ? " explore-descent-count" : ""}`,
      }, String(i)));
    }
  }
  tags.replaceChildren(...texts);
}

/** The loss over two parameters: a map with lines of equal height. */
function makeMap(ground, moved) {
  const { names, loss, slope, reach, grip, ticks, upTicks, bend, rings, named } = GROUNDS[ground];
  const plot = makePlot({
    xRange: [-reach[0], reach[0]], yRange: [-reach[1], reach[1]], xTicks: ticks, yTicks: upTicks,
    xLabel: "first parameter w₁", yLabel: "second parameter w₂",
  });
  const { left, right, top, bottom } = plot.box;
  const [cx, cy] = [plot.x(0), plot.y(0)];
  plot.inside.append(svg("rect", {
    x: left, y: top, width: right - left, height: bottom - top, class: "explore-descent-high",
  }));
  [...rings].reverse().forEach((height) => plot.inside.append(svg("ellipse", {
    cx, cy, rx: plot.x(Math.sqrt(2 * height / bend[0])) - cx,
    ry: cy - plot.y(Math.sqrt(2 * height / bend[1])),
    class: "explore-descent-ring",
  })));
  const cross = svg("path", {
    d: `M${cx - 6} ${cy}h12M${cx} ${cy - 6}v12`, stroke: "var(--ink)", "stroke-width": 2,
  });
  plot.inside.append(cross);
  named.forEach((height) => plot.inside.append(svg("text", {
    x: cx, y: cy + (cy - plot.y(Math.sqrt(2 * height / bend[1]))) + 4, "text-anchor": "middle",
    class: "explore-tick explore-descent-height",
  }, `loss ${height}`)));
  const trail = makeTrail(plot);
  const start = makeHandle({
    plot, label: "The start: both parameters", names, low: -Math.max(...grip),
    high: Math.max(...grip), step: 0.1, digits: 2, moved,
  });
  const on = ([a, b]) => [plot.x(a), plot.y(b)];
  const where = (place) => `(${place.map(inFull).join(", ")})`;
  return {
    ground, element: plot.element,
    show({ path, next, start: from }) {
      const here = path.at(-1);
      const count = path.length - 1;
      trail.show(path.map(on), next && on(next), String(count));
      start.place(from);
      const shape = ground === "round bowl" ? "Circles of equal loss around a round bowl"
        : "Long ovals of equal loss around a narrow valley that runs from left to right";
      plot.describe(
        `A map of the loss over two parameters. ${shape}; the lowest place is (0, 0). The walk `
        + `starts at ${where(path[0])}. ${count ? `After ${inSteps(count)} it is` : "It is"} at `
        + `${where(here)}, where the loss is ${inFull(loss(here))} and the slopes are `
        + `${slope(here).map(inFull).join(" and ")}. `
        + (next ? `The next step leads to ${where(next)}.` : "It has left for good."),
      );
    },
  };
}

/** The loss after each step. Equal distances upwards are equal factors: ten from line to line. */
function makeLosses() {
  const [low, high] = LOSSES;
  const plot = makePlot({ xRange: [0, 20], yRange: LOSSES, xLabel: "steps", yLabel: "loss" });
  const { left, right, top, bottom } = plot.box;
  const zone = svg("g");
  plot.inside.append(zone);
  for (let power = low; power <= high; power += 1) {
    const y = plot.y(power);
    if (power > low && power < high) {
      plot.inside.append(svg("path", { d: `M${left} ${y}H${right}`, stroke: "var(--hairline)" }));
    }
    plot.above.append(svg("text", {
      x: left - 5, y: y + 4, "text-anchor": "end", class: "explore-tick",
    }, power < 0 ? (10 ** power).toFixed(-power) : String(10 ** power)));
  }
  const line = svg("path", { fill: "none", stroke: "var(--blue)", "stroke-width": 2 });
  const dots = svg("path", {
    class: "explore-descent-dots", stroke: "var(--blue)", "stroke-width": 6,
  });
  const ball = svg("circle", {
    r: 6.5, fill: "var(--ink)", stroke: "var(--paper)", "stroke-width": 2,
  });
  const label = svg("text", { class: "explore-halo explore-descent-count" });
  plot.inside.append(line, dots);
  plot.above.append(ball, label);
  return {
    element: plot.element,
    show({ ground, path }, goal) {
      const { loss } = GROUNDS[ground];
      const all = path.map((place) => loss(place));
      const count = all.length - 1;
      const widest = [20, 40, 60, 80, 120, 160, 200].find((width) => (
        width >= 1.25 * count && width >= (goal?.steps ?? 0))) ?? 1.2 * MOST_STEPS;
      plot.rescale([0, widest], LOSSES, [0, 1, 2, 3, 4].map((k) => (widest / 4) * k), []);
      const points = all.map((value, i) => (
        [plot.x(i), plot.y(clamp(Math.log10(value), low, high + 1))]));
      set(line, { d: pathThrough(points) });
      set(dots, { d: points.map(([x, y]) => `M${x.toFixed(2)} ${y.toFixed(2)}h0`).join("") });
      const [x, y] = points.at(-1);
      label.textContent = inFull(all[count]);
      const nearEnd = x > right - (label.textContent.length * 8 + 13);
      set(ball, { cx: x, cy: Math.max(y, top) });
      set(label, {
        x: x + (nearEnd ? -11 : 11), y: clamp(y - 9, top + 16, bottom - 10),
        "text-anchor": nearEnd ? "end" : "start",
      });
      showZone(plot, zone, goal);
      const recent = all.slice(-6).map(inFull).join(", ");
      const named = count > 5 ? `The last ones: ${recent}.` : `So far: ${recent}.`;
      plot.describe(
        `The loss from the start to step ${count}, drawn so that each line is ten times the one `
        + `below. ${named}${goal?.loss ? ` The goal: below ${asText(goal.loss)} after at most `
          + `${goal.steps} steps.` : ""}`,
      );
    },
  };
}

function showZone(plot, zone, goal) {
  if (!goal?.loss) {
    zone.replaceChildren();
    return;
  }
  const { left, bottom } = plot.box;
  const [x, y] = [plot.x(goal.steps), plot.y(Math.log10(goal.loss))];
  zone.replaceChildren(
    svg("rect", {
      x: left, y, width: x - left, height: bottom - y, fill: "var(--teal-tint)",
      stroke: "var(--teal)", "stroke-dasharray": "4 3",
    }),
    svg("text", { x: left + 8, y: plot.y(LOSSES[0] + 0.5) + 5 }, "the goal"),
  );
}

function inSteps(count) {
  return count === 1 ? "1 step" : `${count} steps`;
}

/** What is to be seen now, in a sentence or two. */
function describeWalk(now) {
  const { names, loss, slope } = GROUNDS[now.ground];
  const [count, here] = [now.path.length - 1, now.path.at(-1)];
  const height = inFull(loss(here));
  if (now.fate.fate === "level") {
    return `The loss is ${height}. The ground is level here: the slope is 0, so nothing moves, `
      + "whatever the rate.";
  }
  if (!count) {
    const slopes = slope(here);
    if (names.length > 1) {
      return `At the start the loss is ${height}, and the slopes are `
        + `${slopes.map(inFull).join(" and ")}. A step goes against both.`;
    }
    const way = slopes[0] > 0
      ? "positive: the ground rises to the right, so the step goes left"
      : "negative: the ground falls to the right, so the step goes right";
    return `At the start the loss is ${height}. The slope, ${inFull(slopes[0])}, is ${way}.`;
  }
  const so = `After ${inSteps(count)} the loss is ${height}.`;
  return count < ENOUGH_TO_TELL
    ? `${so} A few steps more, and the figure says what it thinks of this rate.`
    : `${so} ${verdictInWords(now)}`;
}

function verdictInWords(now) {
  const { ground, momentum, verdict, ahead, fate: { fate, settled } } = now;
  const { loss, bottom, names } = GROUNDS[ground];
  if (fate === "leaves") {
    return "The rate is too large: each jump is wider than the last. The walk diverges.";
  }
  if (fate === "jumps") {
    const [a, b, c] = ahead.slice(-3);
    const twofold = Math.abs(a[0] - c[0]) < 1e-6 && names.length === 1;
    return `The rate is too large: it jumps ${twofold
      ? `between ${inFull(Math.max(a[0], b[0]))} and ${inFull(Math.min(a[0], b[0]))}`
      : names.length === 1 ? "about" : "from side to side"} for ever.`;
  }
  const needs = settled === null
    ? `more than ${AHEAD} steps` : inSteps(settled);
  const rest = loss(ahead.at(-1));
  const lower = settled !== null && rest > loss(bottom) + 0.1
    ? ` It rests in the shallow valley, with the loss ${asText(rest)}: the slope knows nothing of `
      + "the deeper one." : "";
  if (verdict.length > 1) {
    return "Across the valley this rate is too large, and the walk swings; along the valley it is "
      + `too small, and the walk creeps. It needs ${needs} to come to rest.`;
  }
  if (verdict.includes("right")) {
    return `The rate is right: it needs only ${needs} to come to rest.${lower}`;
  }
  if (verdict.includes("too small")) {
    const help = momentum && ground === "long valley" ? " More momentum would help." : "";
    return `The rate is too small: the walk creeps, and needs ${needs} to come to rest.${help}`
      + lower;
  }
  if (!verdict.length) {
    return `The ball rolls past the lowest place and back, and needs ${needs} to come to rest. `
      + `Less momentum would calm it.${lower}`;
  }
  return "The rate is too large: the walk jumps from side to side, closes in slowly, and needs "
    + `${needs} to come to rest.${lower}`;
}

export default { render };
