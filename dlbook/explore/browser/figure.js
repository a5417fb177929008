// The frame of every figure: its name, something to find out, a stage for the drawing, the
// numbers, the knobs, and a sentence that says what is to be seen now.

import { freshId, html } from "./drawing.js";

const PAUSE_BEFORE_SPEAKING = 350; // milliseconds; a knob that is turned isn't talked over

/**
 * Build the frame inside `el`. `follow` lists the traits of the model that the drawing depends on;
 * `draw()` is called at most once a frame after any of them has changed, whoever changed it.
 *
 * Returns
 *   stage, numbers, knobs   elements to fill, in this order on the page
 *   change(traits)          set traits of the model, and tell Python where there is one
 *   say(words)              what is to be seen now, in a sentence or two; screen readers hear it
 *   goal(reached, words)    how far the reader is with the task
 *   redraw()                ask for a drawing
 *   stop()                  what render() returns: nothing more is drawn
 */
export function makeFigure({ model, el, title, follow, draw }) {
  const id = freshId("figure");
  const stage = html("div", { class: "explore-stage" });
  const numbers = html("div", { class: "explore-numbers" });
  const knobs = html("div", { class: "explore-knobs" });
  const task = html("p", { class: "explore-task" });
  const mark = html("span", { class: "explore-mark", "aria-hidden": "true" });
  const verdict = html("span", {});
  const status = html("p", { class: "explore-goal", role: "status", hidden: true }, mark, verdict);
  const sentence = html("p", { class: "explore-sentence", "aria-live": "polite" });
  const root = html(
    "div", { class: "explore", role: "group", "aria-labelledby": id },
    html("p", { class: "explore-title", id }, title),
    task, stage, numbers, knobs, sentence, status,
  );
  // "dlbook.explore.neuron.Neuron" is the figure "neuron".
  root.dataset.figure = (model.get("_anywidget_id") ?? "").split(".").at(-2) ?? "";
  el.replaceChildren(root);

  let asked = 0;
  const redraw = () => {
    asked ||= requestAnimationFrame(() => {
      asked = 0;
      showTask();
      draw();
    });
  };
  const showTask = () => {
    const words = model.get("task") ?? "";
    task.hidden = !words;
    if (task.dataset.words === words) return;
    task.dataset.words = words;
    task.replaceChildren(html("strong", {}, "Try this: "), words);
  };

  let speaking = 0;
  const say = (words) => {
    clearTimeout(speaking);
    if (!sentence.textContent) sentence.textContent = words;
    else if (sentence.textContent !== words) {
      speaking = setTimeout(() => { sentence.textContent = words; }, PAUSE_BEFORE_SPEAKING);
    }
  };
  const goal = (reached, words) => {
    status.hidden = false;
    if (verdict.textContent === words) return;
    status.classList.toggle("explore-reached", reached);
    mark.textContent = reached ? "✓ " : "○ ";
    verdict.textContent = words;
  };
  const change = (traits) => {
    for (const [name, value] of Object.entries(traits)) model.set(name, value);
    model.save_changes();
  };

  const events = ["task", ...follow].map((name) => `change:${name}`);
  events.forEach((event) => model.on(event, redraw));
  const stop = () => {
    events.forEach((event) => model.off(event, redraw));
    cancelAnimationFrame(asked);
    clearTimeout(speaking);
  };
  redraw();
  return { root, stage, numbers, knobs, change, say, goal, redraw, stop };
}

/**
 * What runs by itself once the reader has started it: work() again and again, as often as fits
 * into `budget` milliseconds of each frame, so the page stays awake; it may return false to end.
 * shown() is called once after each frame's work, and changed(running) at every start and end.
 */
export function makeRunner({ work, shown = () => {}, changed = () => {}, budget = 8 }) {
  let asked = 0;
  const frame = () => {
    asked = requestAnimationFrame(frame);
    const end = performance.now() + budget;
    let more = true;
    do more = work() !== false; while (more && performance.now() < end);
    shown();
    if (!more) runner.stop();
  };
  const runner = {
    running: () => asked !== 0,
    start() {
      if (asked) return;
      asked = requestAnimationFrame(frame);
      changed(true);
    },
    stop() {
      if (!asked) return;
      cancelAnimationFrame(asked);
      asked = 0;
      changed(false);
    },
  };
  return runner;
}
