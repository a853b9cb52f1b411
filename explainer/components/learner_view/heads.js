// Above the diagram: more or fewer hidden layers, and more or fewer units in each.

import { element } from "../shared/dom.js";

const MOST_LAYERS = 4;
const MOST_UNITS = 8;

export class Heads {
  /** @param {HTMLElement} host */
  constructor(host) {
    this.root = host.appendChild(element("div", "lv-heads"));
    /** @type {(hidden: number[]) => void} set when mounting */
    this.change = () => {};
    /** @type {HTMLElement[]} */
    this.columns = [];
  }

  /** @param {number[]} sizes @param {(key: string, values?: any) => string} text */
  receive(sizes, text) {
    const hidden = sizes.slice(1, -1);
    const named = text("hidden layers: {count}", { count: hidden.length });
    const shown = `${hidden} ${named}`;
    if (shown === this.shown) return;
    this.shown = shown;
    const button = (sign, label, next, off) => {
      const made = element("button", "lv-sign", sign);
      made.title = label;
      made.setAttribute("aria-label", label);
      made.disabled = off;
      made.addEventListener("click", () => this.change(next));
      return made;
    };
    const put = (at, value) => hidden.map((units, i) => (i === at ? value : units));
    this.layers = element("div", "lv-head lv-layers");
    const title = element("span", "", named);
    this.layers.append(
      button("−", text("one hidden layer fewer"), hidden.slice(0, -1), !hidden.length),
      title,
      button("+", text("one hidden layer more"), [...hidden, hidden.at(-1) ?? 4], hidden.length >= MOST_LAYERS),
    );
    this.columns = hidden.map((units, at) => {
      const column = element("div", "lv-head");
      column.append(
        button("−", text("fewer units in hidden layer {layer}", { layer: at + 1 }), put(at, units - 1), units <= 1),
        element("span", "", String(units)),
        button("+", text("more units in hidden layer {layer}", { layer: at + 1 }), put(at, units + 1), units >= MOST_UNITS),
      );
      return column;
    });
    this.root.replaceChildren(this.layers, ...this.columns);
  }

  /** @param {import("./diagram.js").Diagram} diagram @param {number} width */
  place(diagram, width) {
    this.root.style.width = `${width}px`;
    this.columns.forEach((column, at) => (column.style.left = `${diagram.column(at + 1)}px`));
  }
}
