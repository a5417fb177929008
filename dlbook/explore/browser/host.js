// Starts the figures of a page that has no kernel behind it: reads the widgets' state, which the
// book's builder has left in the page, and gives each figure's module a model to talk to.
// A classic script, loaded with `defer`: modules from files are refused when the book is read
// from disk, and a module that is made from a string isn't.

(() => {
  "use strict";

  const scripts = (kind) => (
    document.querySelectorAll(`script[type="application/vnd.jupyter.widget-${kind}+json"]`));
  const state = {};
  scripts("state").forEach((part) => Object.assign(state, JSON.parse(part.textContent).state));

  const modules = new Map();
  function load(source) {
    if (!modules.has(source)) {
      const address = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
      modules.set(source, import(address).finally(() => URL.revokeObjectURL(address)));
    }
    return modules.get(source);
  }

  const styles = new Set();
  function dress(css) {
    if (!css || styles.has(css)) return;
    styles.add(css);
    const style = document.createElement("style");
    style.textContent = css;
    document.head.append(style);
  }

  /** What Jupyter gives to a widget's view, without a kernel: traits, and who listens to them. */
  function makeModel(traits) {
    const values = structuredClone(traits);
    const listeners = new Map();
    const call = (event, ...given) => [...(listeners.get(event) ?? [])].forEach((f) => f(...given));
    return {
      get: (name) => values[name],
      set(name, value) {
        if (Object.is(values[name], value)) return;
        values[name] = value;
        call(`change:${name}`, this, value);
        call("change", this);
      },
      save_changes() {},
      on(event, listener) {
        if (!listeners.has(event)) listeners.set(event, new Set());
        listeners.get(event).add(listener);
      },
      off: (event, listener) => listeners.get(event)?.delete(listener),
    };
  }

  async function start(view) {
    const traits = state[JSON.parse(view.textContent).model_id]?.state;
    if (!traits?._esm) return;
    const module = await load(traits._esm);
    dress(traits._css);
    const el = document.createElement("div");
    view.before(el);
    await module.default.render({ model: makeModel(traits), el });
    view.closest(".live-figure")?.classList.add("is-live"); // figure.css hides the still one
  }

  const failed = (error) => console.error("A figure didn't start.", error); // the still one stays
  scripts("view").forEach((view) => start(view).catch(failed));
})();
