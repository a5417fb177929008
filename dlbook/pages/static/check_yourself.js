// Questions that answer in the page. The choices become radio buttons; what was chosen is judged,
// with its reason, when the reader asks for it. Without this script a page shows the choices as
// a list and all reasons behind "Answer"; so does paper.

document.querySelectorAll("fieldset.question").forEach((box, number) => {
  const make = (name, properties, ...inside) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...inside);
    return element;
  };
  const result = box.querySelector(".cell > details");  // of a prediction: the cell's output
  const choices = box.querySelectorAll(".question-choices > li");
  const reasons = box.querySelector(".question-reasons");
  const story = box.querySelector(".question-story");
  const button = make("button", { textContent: result ? "Run" : "Check" });
  const verdict = make("div", { className: "question-verdict" });
  verdict.setAttribute("role", "status");  // a screen reader says what comes into it

  choices.forEach((item, place) => {
    const radio = make("input", { type: "radio", name: `question-${number}`, value: place });
    radio.required = true;
    const words = make("span", {}, ...(item.querySelector("p") ?? item).childNodes);
    item.replaceChildren(make("label", {}, radio, words));
  });

  const form = make("form", { className: "question-form", autocomplete: "off" });
  box.replaceWith(form);
  form.append(box);
  reasons.before(button, verdict);
  result?.before(button);
  for (const folded of [result, reasons]) if (folded) folded.hidden = true;

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const place = form.querySelector("input:checked").value;
    const line = reasons.querySelectorAll("ol > li")[place].cloneNode(true);
    const judged = line.className;
    const done = judged === "right" || result;
    choices[place].dataset.judged = judged;
    verdict.className = `question-verdict ${judged}`;
    verdict.replaceChildren(...line.childNodes);
    if (done) verdict.append(...story.cloneNode(true).childNodes);
    else verdict.append(make("p", { textContent: "Choose again: every choice has its reason." }));
    if (done) reasons.hidden = false;
    if (!result) return;
    Object.assign(result, { hidden: false, open: true });
    for (const text of result.querySelectorAll("pre")) {  // too wide? then keys must scroll it
      if (text.scrollWidth > text.clientWidth) text.tabIndex = 0;
    }
  });
});
