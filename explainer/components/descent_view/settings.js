// What is walked down and for how long: the surfaces, the reader's formula, steps, mini-batches.

import { element } from "../shared/dom.js";

const BATCHES = [1, 2, 4, 8, 20, 40];

/**
 * @param {{surface: (key: string) => void, formula: (text: string) => void, change: (values: any, done: boolean) => void, relief: (on: boolean) => void, reset: () => void}} tell
 */
export function settingsBar(tell) {
  const surfaces = element("div", "dv-surfaces");
  surfaces.setAttribute("role", "group");
  const root = element("div", "dv-settings");
  const remark = element("p", "dv-remark");
  const formula = Object.assign(element("input", "dv-formula-field"), { type: "text", spellcheck: false, autocomplete: "off", maxLength: 400 });
  const own = element("label", "dv-own");
  const ownTitle = element("span");
  own.append(ownTitle, formula);
  const problem = element("p", "dv-problem");
  problem.setAttribute("role", "alert");
  const steps = slider("dv-steps", { min: 5, max: 500, step: 5 });
  const batch = slider("dv-batch", { min: 0, max: BATCHES.length - 1, step: 1 });
  const shuffle = element("button", "dv-button dv-word");
  const relief = Object.assign(element("input"), { type: "checkbox" });
  const light = element("label", "dv-check");
  const lightTitle = element("span");
  light.append(relief, lightTitle);
  const reset = element("button", "dv-button dv-word");
  const tools = element("div", "dv-tools");
  tools.append(steps.root, batch.root, shuffle, light, reset);
  root.append(remark, own, problem, tools);

  let settings = /** @type {any} */ ({});
  let typed = false;
  const send = () => {
    if (typed && formula.value.trim()) tell.formula(formula.value.trim());
    typed = false;
  };
  formula.addEventListener("input", () => (typed = true));
  formula.addEventListener("change", send);
  formula.addEventListener("keydown", (event) => event.key === "Enter" && send());
  for (const [name, done] of [["input", false], ["change", true]]) {
    steps.input.addEventListener(name, () => tell.change({ steps: Number(steps.input.value) }, done));
    batch.input.addEventListener(name, () => tell.change({ batch: BATCHES[Number(batch.input.value)] }, done));
  }
  shuffle.addEventListener("click", () => tell.change({ shuffle: (settings.shuffle + 1) % 10000 }, true));
  relief.addEventListener("change", () => tell.relief(relief.checked));
  reset.addEventListener("click", tell.reset);

  const chips = new Map();
  const chip = (key, title) => {
    if (!chips.has(key)) {
      const made = surfaces.appendChild(element("button", "dv-surface"));
      made.addEventListener("click", () => tell.surface(key));
      chips.set(key, made);
    }
    chips.get(key).textContent = title;
    return chips.get(key);
  };

  /** @param {{content: any, settings: any, relief: boolean, text: (key: string, values?: any) => string}} shown */
  function show({ content, settings: now, relief: lit, text }) {
    settings = now;
    const { surface } = content;
    surfaces.setAttribute("aria-label", text("Surfaces"));
    for (const { key, title } of content.offered) chip(key, title).setAttribute("aria-pressed", String(key === surface.key));
    remark.textContent = content.remark;
    remark.hidden = !content.remark;
    own.hidden = surface.key !== "own" && !content.problem;
    ownTitle.textContent = text("loss(x, y) =");
    if (!typed && !content.problem) formula.value = surface.formula;
    problem.textContent = content.problem;
    problem.hidden = !content.problem;
    steps.show(text("steps"), now.steps, String(now.steps));
    batch.root.hidden = shuffle.hidden = !surface.data;
    batch.show(text("mini-batch"), BATCHES.indexOf(now.batch), now.batch === 40 ? text("all 40") : String(now.batch));
    shuffle.textContent = text("Shuffle anew");
    shuffle.disabled = now.batch === 40;
    lightTitle.textContent = text("Relief");
    relief.checked = lit;
    reset.textContent = text("Reset");
  }
  return { surfaces, root, show };
}

function slider(name, range) {
  const root = element("label", `dv-field ${name}`);
  const title = root.appendChild(element("span"));
  const input = root.appendChild(Object.assign(element("input"), { type: "range" }));
  Object.assign(input, { min: String(range.min), max: String(range.max), step: String(range.step) });
  const value = root.appendChild(element("output"));
  return {
    root,
    input,
    show(label, number, shown) {
      title.textContent = label;
      if (Number(input.value) !== number) input.value = String(number);
      input.setAttribute("aria-valuetext", shown);
      value.textContent = shown;
    },
  };
}
