// What figures are turned with: native elements with a label, for mouse, finger and keys.
// Each returns { element, show }: put `element` into the figure; show(value) makes the knob follow
// a value that changed elsewhere. `changed(value)` is called when the reader turns it.
// In JupyterLab every <input> says itself that its keys are its own, or the arrows are stolen.

import { asWritten, freshId, html } from "./drawing.js";

const OWN_KEYS = { "data-lm-suppress-shortcuts": "true" };

/** A slider with its number beside it. `colour` marks what it belongs to in the drawing. */
export function slider({ label, low, high, step, digits = 1, colour = "var(--ink)", changed }) {
  const id = freshId("knob");
  const input = html("input", { ...OWN_KEYS, id, type: "range", min: low, max: high, step });
  const number = html("output", { for: id, class: "explore-number" });
  const name = html("label", { for: id }, label);
  const element = html("div", { class: "explore-slider" }, name, number, input);
  element.style.setProperty("--knob", colour);
  input.addEventListener("input", () => changed(Number(input.value)));
  const show = (value) => {
    if (Number(input.value) !== value) input.value = value;
    number.textContent = asWritten(value, digits);
    input.setAttribute("aria-valuetext", number.textContent);
  };
  return { element, input, show };
}

/** One of several: radio buttons side by side. `options` are [value, label] pairs. */
export function choice({ label, options, changed }) {
  const name = freshId("choice");
  const inputs = options.map(([value]) => (
    html("input", { ...OWN_KEYS, type: "radio", name, value })));
  const element = html(
    "fieldset", { class: "explore-choice" },
    html("legend", {}, label),
    options.map(([, words], i) => html("label", {}, inputs[i], html("span", {}, words))),
  );
  inputs.forEach((input) => input.addEventListener("change", () => changed(input.value)));
  const show = (value) => inputs.forEach((input) => { input.checked = input.value === value; });
  return { element, inputs, show };
}

/** One of many: a drop-down list. `options` are [value, label] pairs. */
export function list({ label, options, changed }) {
  const id = freshId("list");
  const choices = options.map(([value, words]) => html("option", { value }, words));
  const select = html("select", { ...OWN_KEYS, id }, choices);
  const element = html("div", { class: "explore-list" }, html("label", { for: id }, label), select);
  select.addEventListener("change", () => changed(select.value));
  return { element, select, show: (value) => { select.value = value; } };
}

/** Yes or no. */
export function checkbox({ label, changed }) {
  const input = html("input", { ...OWN_KEYS, type: "checkbox" });
  const element = html("label", { class: "explore-checkbox" }, input, html("span", {}, label));
  input.addEventListener("change", () => changed(input.checked));
  return { element, input, show: (value) => { input.checked = value; } };
}

/** A button; show(words) gives it another label, such as "Pause" for "Run". */
export function button({ label, pressed }) {
  const element = html("button", { ...OWN_KEYS, type: "button", class: "explore-button" }, label);
  element.addEventListener("click", () => pressed());
  return { element, show: (words) => { element.textContent = words; } };
}

/** Knobs that belong together, under a name. */
export function knobGroup(label, ...knobs) {
  return html(
    "fieldset", { class: "explore-group" }, html("legend", {}, label),
    knobs.map((knob) => knob.element),
  );
}
