// Everything that is set besides the cells: presets, rows of numbers as text, steps, padding, the flip.

import { element } from "../shared/dom.js";
import { MODES, readNumbers, spaced } from "./slide.js";

const LIMITS = { data: 64, kernel: 15 };
const LOW = { stride: 1, padding: 0, dilation: 1 };
const MOST = 8;

export class Controls {
  /** @param {(change: Partial<import("./slide.js").Line>) => void} change @param {() => void} reset */
  constructor(change, reset) {
    this.change = change;
    this.root = element("div", "lv-controls");
    this.rows = { data: this.#row("data"), kernel: this.#row("kernel") };
    this.steps = { stride: this.#step("stride"), padding: this.#step("padding"), dilation: this.#step("dilation") };
    this.mode = this.#mode();
    this.flip = this.#flip();
    const steps = element("div", "lv-steps");
    this.reset = element("button", "lv-reset");
    this.reset.addEventListener("click", reset);
    steps.append(this.steps.stride.root, this.steps.padding.root, this.mode.root, this.steps.dilation.root, this.flip.root, this.reset);
    this.root.append(this.rows.data.root, this.rows.kernel.root, steps);
  }

  /** @param {import("./slide.js").Line} line @param {any} text */
  update(line, text) {
    this.line = line;
    this.text = text;
    const names = { data: text("Data"), kernel: text("Kernel") };
    for (const [name, row] of Object.entries(this.rows)) {
      const values = line[name];
      row.label.textContent = names[name];
      row.field.setAttribute("aria-label", names[name]);
      row.less.setAttribute("aria-label", text("One cell less"));
      row.more.setAttribute("aria-label", text("One cell more"));
      row.count.textContent = String(values.length);
      row.less.disabled = values.length <= 1;
      row.more.disabled = values.length >= LIMITS[name];
      if (!row.field.dataset.typing) row.field.value = spaced(values);
    }
    const steps = { stride: text("Stride"), padding: text("Padding"), dilation: text("Dilation") };
    for (const [name, step] of Object.entries(this.steps)) {
      step.label.textContent = steps[name];
      step.root.setAttribute("aria-label", `${steps[name]}: ${line[name]}`);
      step.value.textContent = String(line[name]);
      step.less.disabled = line[name] <= LOW[name];
      step.more.disabled = line[name] >= MOST;
      step.less.setAttribute("aria-label", `${steps[name]} −1`);
      step.more.setAttribute("aria-label", `${steps[name]} +1`);
    }
    const modes = { zeros: text("zeros"), reflect: text("reflected"), replicate: text("edge value"), circular: text("circular") };
    this.mode.label.textContent = text("Padding with");
    for (const option of this.mode.select.options) option.textContent = modes[option.value];
    this.mode.select.value = line.mode;
    this.reset.textContent = text("Reset");
    const [plain, flipped] = this.flip.buttons;
    plain.textContent = text("Cross-correlation");
    plain.title = text("What conv1d computes: the kernel as it stands");
    flipped.textContent = text("Convolution");
    flipped.title = text("As in mathematics: the kernel is read backwards");
    this.flip.root.setAttribute("aria-label", text("How the kernel is read"));
    this.flip.buttons.forEach((button, i) => {
      button.setAttribute("aria-checked", String(Boolean(i) === line.flip));
      button.tabIndex = Boolean(i) === line.flip ? 0 : -1;
    });
  }

  /** A row of numbers as text, and buttons to make it longer or shorter. */
  #row(name) {
    const root = element("div", `lv-row lv-row-${name}`);
    const label = element("span", "lv-label");
    const field = /** @type {HTMLInputElement} */ (element("input", "lv-text"));
    Object.assign(field, { type: "text", spellcheck: false, autocomplete: "off" });
    const wrong = element("span", "lv-wrong");
    wrong.setAttribute("role", "status");
    const less = element("button", "lv-small", "−");
    const more = element("button", "lv-small", "+");
    const count = element("span", "lv-count");
    field.addEventListener("input", () => {
      field.dataset.typing = "yes";
      this.#typed(name, field, wrong);
    });
    field.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Enter" || event.key === "Escape") field.blur();
    });
    field.addEventListener("blur", () => {
      delete field.dataset.typing;
      field.removeAttribute("aria-invalid");
      wrong.textContent = "";
      field.value = spaced(this.line[name]);
    });
    less.addEventListener("click", () => this.change({ [name]: this.line[name].slice(0, -1) }));
    more.addEventListener("click", () => this.change({ [name]: [...this.line[name], name === "data" ? 0 : 1] }));
    const length = element("span", "lv-length");
    length.append(less, count, more);
    root.append(label, field, length, wrong);
    return { root, label, field, less, more, count };
  }

  #typed(name, field, wrong) {
    const { text } = this;
    const found = readNumbers(field.value);
    let problem = "";
    if (found.wrong) problem = text("“{text}” is not a number.", { text: found.wrong });
    else if (!found.values.length) problem = text("Type numbers with spaces between.");
    else if (found.values.length > LIMITS[name]) problem = text("At most {count} numbers.", { count: LIMITS[name] });
    wrong.textContent = problem;
    field.setAttribute("aria-invalid", String(Boolean(problem)));
    if (!problem) this.change({ [name]: found.values });
  }

  #step(name) {
    const root = element("div", "lv-step");
    root.setAttribute("role", "group");
    const label = element("span", "lv-label");
    const less = element("button", "lv-small", "−");
    const value = element("b", `lv-value lv-value-${name}`);
    const more = element("button", "lv-small", "+");
    less.addEventListener("click", () => this.change({ [name]: this.line[name] - 1 }));
    more.addEventListener("click", () => this.change({ [name]: this.line[name] + 1 }));
    root.append(label, less, value, more);
    return { root, label, less, value, more };
  }

  #mode() {
    const root = element("label", "lv-step");
    const label = element("span", "lv-label");
    const select = element("select", "lv-select");
    for (const mode of MODES) {
      const option = element("option");
      option.value = mode;
      select.append(option);
    }
    select.addEventListener("change", () => this.change({ mode: select.value }));
    root.append(label, select);
    return { root, label, select };
  }

  #flip() {
    const root = element("div", "lv-switch lv-flip");
    root.setAttribute("role", "radiogroup");
    const buttons = [false, true].map((flip) => {
      const button = element("button", "lv-option");
      button.setAttribute("role", "radio");
      button.addEventListener("click", () => this.change({ flip }));
      button.addEventListener("keydown", (event) => {
        if (!/^Arrow/.test(event.key)) return;
        event.preventDefault();
        event.stopPropagation();
        this.change({ flip: !flip });
        buttons[flip ? 0 : 1].focus();
      });
      return button;
    });
    root.append(...buttons);
    return { root, buttons };
  }
}
