// The list of layers beside the planes: what each is, what comes out, what a unit of it sees, and what to do with it.

import { short } from "../shared/draw.js";
import { element } from "../shared/dom.js";

/** Height of a row, the same as in the style sheet. */
export const ROW = 68;

export class Layers {
  /** @param {any} view */
  constructor(view) {
    this.view = view;
    this.root = element("ol", "stack-list");
    /** @type {HTMLLIElement[]} */
    this.rows = [];
  }

  receive() {
    const { view } = this;
    const { text, content } = view;
    const focused = this.#focused();
    const first = element("li");
    const name = element("div", "stack-row");
    name.append(element("span", "stack-code", text("Input")), element("span", "stack-facts", shapeText(view.shapes[0])));
    first.append(name);
    this.rows = content.steps.map((step, i) => this.#row(step, i));
    this.root.replaceChildren(first, ...this.rows);
    if (focused) this.rows[Math.min(focused.row, this.rows.length - 1)]?.querySelectorAll("button")[focused.button]?.focus();
    this.mark();
  }

  /** Which button has the focus: a row that moves takes it along by its place. */
  #focused() {
    const active = this.root.getRootNode().activeElement;
    const row = this.rows.findIndex((one) => one.contains(active));
    return row < 0 ? null : { row, button: [...this.rows[row].querySelectorAll("button")].indexOf(active) };
  }

  #row(step, i) {
    const { view } = this;
    const { text, content } = view;
    const row = element("li");
    const main = element("button", "stack-row");
    const code = element("span", "stack-code", step.code);
    const facts = element("span", "stack-facts");
    const field = element("b", "", fieldText(text, step));
    facts.append(`${shapeText(step.shape)} · `, field);
    if (step.parameters) facts.append(` · ${text("{count} parameters", { count: short(step.parameters) })}`);
    main.append(code, facts);
    main.title = `nn.${step.code}`;
    main.addEventListener("click", () => {
      view.choose(i);
      view.draw();
      if (content.editable) view.ask("select", i);
    });
    row.append(main);
    if (content.editable) row.append(this.#acts(i));
    return row;
  }

  #acts(i) {
    const { view } = this;
    const { text, content } = view;
    const box = element("div", "stack-acts");
    const made = [
      ["up", "↑", text("Move layer {number} up", { number: i + 1 }), i === 0],
      ["remove", "×", text("Remove layer {number}", { number: i + 1 }), content.steps.length === 1],
      ["down", "↓", text("Move layer {number} down", { number: i + 1 }), i === content.steps.length - 1],
    ];
    for (const [act, sign, title, disabled] of made) {
      const button = element("button", act, sign);
      Object.assign(button, { title, disabled });
      button.setAttribute("aria-label", title);
      button.addEventListener("click", () => view.ask(act, i));
      box.append(button);
    }
    return box;
  }

  mark() {
    const { view } = this;
    this.rows.forEach((row, i) => {
      row.dataset.chosen = String(view.at?.layer === i);
      row.dataset.selected = String(Boolean(view.content.editable) && view.content.selected === i);
      row.querySelector("button")?.setAttribute("aria-pressed", String(view.at?.layer === i));
    });
  }
}

/** @param {number[]} shape */
function shapeText(shape) {
  return shape.join(" × ");
}

function fieldText(text, step) {
  if (!step.field) return text("sees everything");
  const [height, width] = step.size;
  return text("sees {height} × {width}", { height, width });
}
