// The line below the board: the chosen box with its class, score and sides; a new one, the way back.

import { element } from "../shared/dom.js";
import { List, Slider } from "./controls.js";
import { nameOf } from "./text.js";

const SIDES = ["x", "y", "w", "h"];

export class Editor {
  /**
   * @param {{score: (value: number) => void, label: (label: number) => void, box: (box: number[]) => void,
   *   remove: () => void, arm: (byKey: boolean) => void, undo: () => void, redo: () => void, reset: () => void, rest: () => void}} listener
   */
  constructor(listener) {
    this.root = element("div", "bb-editor");
    this.acts = element("div", "bb-acts");
    this.buttons = {
      arm: action((event) => listener.arm(event.detail === 0)),
      remove: action(listener.remove),
      undo: action(listener.undo),
      redo: action(listener.redo),
      reset: action(listener.reset),
    };
    this.acts.append(...Object.values(this.buttons));
    this.chosen = element("div", "bb-chosen");
    this.name = element("b", "bb-name");
    this.label = new List((key) => listener.label(Number(key)));
    this.score = new Slider({ min: 0, max: 1, step: 0.01 }, (value, done) => (done ? listener.rest() : listener.score(value)));
    this.fields = SIDES.map((side, i) => {
      const label = element("label", "bb-field");
      const input = label.appendChild(Object.assign(element("input"), { type: "number", step: "1" }));
      label.prepend(element("span", "", side));
      input.addEventListener("change", () => {
        const [x, y, w, h] = this.fields.map((one) => Math.round(Number(one.value)));
        if ([x, y, w, h].every(Number.isFinite)) listener.box([x, y, x + w, y + h]);
      });
      input.dataset.side = SIDES[i];
      this.chosen.append(label);
      return input;
    });
    this.chosen.prepend(this.name, this.label.root, this.score.root);
    this.hint = element("p", "bb-hint");
    this.root.append(this.acts, this.chosen, this.hint);
  }

  /**
   * @param {any} text
   * @param {{boxes: import("./suppression.js").Candidate[], active: number, classes: string[], armed: boolean, full: boolean, back: boolean, ahead: boolean}} now
   */
  show(text, { boxes, active, classes, armed, full, back, ahead }) {
    const { arm, remove, undo, redo, reset } = this.buttons;
    arm.textContent = text("New box");
    arm.setAttribute("aria-pressed", String(armed));
    arm.disabled = full;
    undo.textContent = text("Undo");
    undo.disabled = !back;
    redo.textContent = text("Redo");
    redo.disabled = !ahead;
    reset.textContent = text("Reset");
    remove.textContent = text("Delete");
    const one = boxes[active];
    remove.disabled = !one;
    this.chosen.hidden = !one;
    this.hint.textContent = one
      ? text("Drag to move, drag a handle to resize. Keys: arrows move, Shift + arrows resize, Delete removes.")
      : text("Drag on an empty place to draw a box; press a box to choose it.");
    if (!one) return;
    this.name.textContent = nameOf(active);
    this.label.show(text("Class"), classes, one.label);
    this.score.show(text("Score"), one.score);
    const [left, top, right, bottom] = one.box;
    [left, top, right - left, bottom - top].forEach((value, i) => {
      if (this.fields[i] !== deepActive(this.fields[i])) this.fields[i].value = String(value);
    });
    const names = [text("left"), text("top"), text("width"), text("height")];
    this.fields.forEach((field, i) => field.setAttribute("aria-label", names[i]));
  }
}

/** What has the focus where this element stands. @param {HTMLElement} part */
function deepActive(part) {
  return /** @type {Document|ShadowRoot} */ (part.getRootNode()).activeElement;
}

/** @param {(event: MouseEvent) => void} act */
function action(act) {
  const made = element("button", "bb-action");
  made.addEventListener("click", act);
  return made;
}
