// The brush: which value a finger leaves in a cell, what to begin with, undo.

import { element } from "../shared/dom.js";
import { format } from "../shared/colours.js";
import { trimmed } from "../shared/numbers.js";

const VALUES = [-1, 0, 0.5, 1, 2];
const MOST_UNDONE = 60;
const LARGEST = 30;

export class Brush {
  /** @param {any} view */
  constructor(view) {
    this.view = view;
    this.value = 1;
    /** @type {{channel: number, y: number, x: number, value: number}[][]} */
    this.strokes = [];
    this.root = element("div", "cl-brush");
    this.root.setAttribute("role", "toolbar");
    this.label = element("span", "cl-name");
    this.buttons = VALUES.map((value) => {
      const button = element("button", "cl-value", trimmed(format(value, 2)));
      button.addEventListener("click", () => this.take(value));
      return button;
    });
    this.own = element("input");
    Object.assign(this.own, { type: "number", step: "0.05", min: String(-LARGEST), max: String(LARGEST) });
    this.own.addEventListener("input", () => {
      const value = this.own.valueAsNumber;
      if (Number.isFinite(value) && Math.abs(value) <= LARGEST) this.take(value, true);
    });
    this.undo = element("button", "cl-undo", "↶");
    this.undo.addEventListener("click", () => this.#undo());
    this.pattern = element("select");
    this.pattern.addEventListener("change", () => {
      if (!this.pattern.value) return;
      this.strokes = [];
      view.edit({ kind: "pattern", name: this.pattern.value });
      this.pattern.value = "";
    });
    this.root.append(this.label, ...this.buttons, this.own, this.undo, this.pattern);
  }

  /** @param {any} layer @param {(key: string) => string} text */
  update(layer, text) {
    this.root.hidden = !layer.paintable;
    this.label.textContent = text("Brush");
    this.root.setAttribute("aria-label", text("Brush"));
    this.own.setAttribute("aria-label", text("Another value"));
    this.own.title = text("Another value");
    this.own.placeholder = "0.25";
    this.undo.title = text("Undo");
    this.undo.setAttribute("aria-label", text("Undo"));
    const key = JSON.stringify(layer.patterns);
    if (this.key !== key) {
      this.key = key;
      const first = Object.assign(element("option", "", text("Fill with …")), { value: "" });
      this.pattern.replaceChildren(
        first,
        ...layer.patterns.map(([value, title]) => Object.assign(element("option", "", title), { value })),
      );
      this.pattern.setAttribute("aria-label", text("Fill with …"));
    }
    this.#tell();
  }

  take(value, typed = false) {
    this.value = value;
    if (!typed) this.own.value = "";
    this.#tell();
  }

  #tell() {
    this.buttons.forEach((button, i) => button.setAttribute("aria-pressed", String(VALUES[i] === this.value && this.own.value === "")));
    this.undo.disabled = this.strokes.length === 0;
  }

  // --- strokes ---

  /** Begin a stroke at a cell: painting what is there already wipes it. */
  begin(channel, y, x) {
    const { input, height, width } = this.view.state.layer;
    const before = input[(channel * height + y) * width + x];
    this.stroke = { channel, value: before === Math.fround(this.value) ? 0 : this.value, last: { y, x } };
    this.strokes = [...this.strokes.slice(1 - MOST_UNDONE), []];
    this.#paint(y, x);
  }

  /** On to another cell, with all those in between. */
  move(y, x) {
    const { last } = this.stroke;
    const steps = Math.max(Math.abs(y - last.y), Math.abs(x - last.x));
    for (let i = 1; i <= steps; i++) {
      this.#paint(Math.round(last.y + ((y - last.y) * i) / steps), Math.round(last.x + ((x - last.x) * i) / steps));
    }
    this.stroke.last = { y, x };
  }

  end() {
    this.stroke = null;
    this.#tell();
  }

  /** A single cell gets a value. */
  put(channel, y, x, value) {
    this.strokes = [...this.strokes.slice(1 - MOST_UNDONE), []];
    this.stroke = { channel, value, last: { y, x } };
    this.#paint(y, x);
    this.end();
  }

  #paint(y, x) {
    const { layer } = this.view.state;
    const { channel, value } = this.stroke;
    const before = layer.input[(channel * layer.height + y) * layer.width + x];
    if (before === Math.fround(value)) return;
    this.strokes.at(-1)?.push({ channel, y, x, value: before });
    this.view.edit({ kind: "paint", channel, y, x, value });
  }

  #undo() {
    const stroke = this.strokes.pop() ?? [];
    for (const cell of stroke.reverse()) this.view.edit({ kind: "paint", ...cell });
    this.#tell();
  }
}
