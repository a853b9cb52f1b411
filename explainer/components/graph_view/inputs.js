// The formula to edit and a slider for each of its variables.

import { element } from "../shared/dom.js";
import { brief, typedNumber } from "../shared/numbers.js";

const RANGE = 5;
const STEP = 0.05;
/** Typing rests this long, in ms, before the formula is sent. */
const REST = 600;

export class Inputs {
  /** @param {{example: (key: string) => void, formula: (text: string) => void, value: (name: string, value: number, done: boolean) => void, reset: () => void}} tell */
  constructor(tell) {
    this.tell = tell;
    this.chips = element("div", "gv-examples");
    this.chips.setAttribute("role", "group");
    this.root = element("div", "gv-inputs");
    this.label = element("label", "gv-label");
    this.title = this.label.appendChild(element("span"));
    this.area = this.label.appendChild(Object.assign(element("textarea"), { spellcheck: false, maxLength: 400, rows: 3 }));
    this.problem = element("p", "gv-problem");
    this.problem.setAttribute("role", "alert");
    this.hint = element("p", "gv-hint");
    this.sliders = element("div", "gv-sliders");
    this.reset = element("button", "gv-button");
    this.root.append(this.label, this.problem, this.hint, this.sliders, this.reset);
    this.reset.addEventListener("click", tell.reset);
    this.typed = false;
    this.area.addEventListener("input", () => {
      this.typed = true;
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.#send(), REST);
    });
    this.area.addEventListener("blur", () => this.#send());
  }

  destroy() {
    clearTimeout(this.timer);
  }

  #send() {
    clearTimeout(this.timer);
    if (!this.typed) return;
    this.typed = false;
    this.tell.formula(this.area.value);
  }

  /** @param {any} content @param {Record<string, number>} given @param {any} text */
  show(content, given, text) {
    this.chips.setAttribute("aria-label", text("Examples"));
    content.offered.forEach(({ key, title }, i) => {
      let chip = /** @type {HTMLButtonElement} */ (this.chips.children[i]);
      if (!chip) {
        chip = this.chips.appendChild(element("button", "gv-example"));
        chip.addEventListener("click", () => this.tell.example(key));
      }
      chip.textContent = title;
      chip.setAttribute("aria-pressed", String(key === content.key));
    });
    this.title.textContent = text("Formula");
    this.hint.textContent = text("One line each: z = w*x + b. There are + − * / ** and {functions}.", { functions: content.functions });
    this.reset.textContent = text("Reset");
    this.problem.textContent = content.problem;
    this.problem.hidden = !content.problem;
    // What the reader is typing, or what is wrong with it, stays as it is.
    if (!this.typed && !content.problem && this.area.value !== content.formula) this.area.value = content.formula;
    this.area.rows = Math.max(2, this.area.value.split("\n").length);
    const names = Object.keys(given);
    if (names.join() !== this.names) {
      this.names = names.join();
      this.sliders.replaceChildren(...names.map((name) => this.#slider(name)));
    }
    for (const row of /** @type {any} */ (this.sliders.children)) row.put(given[row.name_]);
  }

  #slider(name) {
    const root = /** @type {any} */ (element("div", "gv-slider"));
    root.name_ = name;
    const title = element("span", "gv-variable-name", name);
    const slider = Object.assign(element("input"), { type: "range", min: String(-RANGE), max: String(RANGE), step: String(STEP) });
    const field = Object.assign(element("input"), { type: "text", inputMode: "decimal", autocomplete: "off", spellcheck: false });
    slider.setAttribute("aria-label", name);
    field.setAttribute("aria-label", name);
    root.append(title, slider, field);
    root.put = (value) => {
      const wide = Math.max(RANGE, Math.ceil(Math.abs(value)));
      if (Number(slider.max) < wide) Object.assign(slider, { min: String(-wide), max: String(wide) });
      if (Number(slider.value) !== value) slider.value = String(value);
      if (field.getRootNode().activeElement !== field) field.value = brief(value, 6);
    };
    slider.addEventListener("input", () => this.tell.value(name, Number(slider.value), false));
    slider.addEventListener("change", () => this.tell.value(name, Number(slider.value), true));
    const take = () => {
      const value = typedNumber(field.value);
      if (Number.isFinite(value) && Math.abs(value) <= 1e4) this.tell.value(name, Number(value.toPrecision(6)), true);
    };
    field.addEventListener("change", take);
    field.addEventListener("keydown", (event) => event.key === "Enter" && take());
    return root;
  }
}
