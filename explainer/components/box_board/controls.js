// Small parts of the board's panels: switches of a few choices, sliders with their number, fractions.

import { element } from "../shared/dom.js";
import { setName } from "../shared/icons.js";

/** Some choices, one of which holds; arrow keys move on. */
export class Choice {
  /** @param {(key: string) => void} choose @param {string} [className] */
  constructor(choose, className = "bb-choice") {
    this.choose = choose;
    this.root = element("div", className);
    this.root.setAttribute("role", "radiogroup");
    /** @type {Map<string, HTMLButtonElement>} */
    this.buttons = new Map();
    this.root.addEventListener("keydown", (event) => this.#key(event));
  }

  /** @param {string} label @param {Record<string, string>} options titles by key @param {string} chosen */
  show(label, options, chosen) {
    this.root.setAttribute("aria-label", label);
    for (const [key, title] of Object.entries(options)) {
      let button = this.buttons.get(key);
      if (!button) {
        button = this.root.appendChild(element("button"));
        button.setAttribute("role", "radio");
        button.addEventListener("click", () => this.choose(key));
        this.buttons.set(key, button);
      }
      if (button.textContent !== title) button.textContent = title;
      button.setAttribute("aria-checked", String(key === chosen));
      button.tabIndex = key === chosen ? 0 : -1;
    }
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    const keys = [...this.buttons.keys()];
    const at = keys.findIndex((key) => this.buttons.get(key)?.getAttribute("aria-checked") === "true");
    const next = keys[(at + step + keys.length) % keys.length];
    this.choose(next);
    this.buttons.get(next)?.focus();
    event.preventDefault();
  }
}

/** A slider with its name before it and its number behind it. */
export class Slider {
  /** @param {{min: number, max: number, step: number}} range @param {(value: number, done: boolean) => void} change */
  constructor(range, change) {
    this.root = element("label", "bb-slider");
    this.name = this.root.appendChild(element("span"));
    this.input = this.root.appendChild(Object.assign(element("input"), { type: "range" }));
    for (const [name, value] of Object.entries(range)) this.input.setAttribute(name, String(value));
    this.number = this.root.appendChild(element("output"));
    this.digits = String(range.step).split(".")[1]?.length ?? 0;
    this.input.addEventListener("input", () => change(Number(this.input.value), false));
    this.input.addEventListener("change", () => change(Number(this.input.value), true));
  }

  /** @param {string} name @param {number} value @param {string} [help] */
  show(name, value, help = "") {
    if (this.name.textContent !== name) this.name.textContent = name;
    if (help) this.root.title = help;
    this.input.value = String(value);
    this.number.textContent = value.toFixed(this.digits);
  }
}

/** A list that unfolds. */
export class List {
  /** @param {(key: string) => void} choose */
  constructor(choose) {
    this.root = element("select", "bb-list");
    this.root.addEventListener("change", () => choose(this.root.value));
    this.shown = "";
  }

  /** @param {string} label @param {string[]} titles @param {number} chosen */
  show(label, titles, chosen) {
    setName(this.root, label);
    const shown = titles.join("\n");
    if (shown !== this.shown) {
      this.shown = shown;
      this.root.replaceChildren(...titles.map((title, i) => new Option(title, String(i))));
    }
    this.root.value = String(chosen);
  }
}

/** @param {(string|Node)[]} over @param {(string|Node)[]} below */
export function fraction(over, below) {
  const made = element("span", "bb-fraction");
  const [top, bottom] = [element("span"), element("span")];
  top.append(...over);
  bottom.append(...below);
  made.append(top, bottom);
  return made;
}

/** A coloured word. @param {string} text @param {string} kind */
export function part(text, kind) {
  return element("span", `bb-part bb-part-${kind}`, text);
}

/** A text as nodes, what is between * and * strong. @param {string} text */
export function rich(text) {
  return text.split("*").map((piece, i) => (i % 2 ? element("b", "", piece) : piece));
}
