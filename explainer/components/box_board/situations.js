// The situations to begin with.

import { element } from "../shared/dom.js";

export class Situations {
  /** @param {(key: string) => void} choose */
  constructor(choose) {
    this.choose = choose;
    this.root = element("div", "bb-situations");
    this.root.setAttribute("role", "group");
    /** @type {Map<string, HTMLButtonElement>} */
    this.chips = new Map();
  }

  /** @param {any} text @param {{key: string, title: string}[]} known @param {string} shown */
  show(text, known, shown) {
    this.root.setAttribute("aria-label", text("Situations"));
    for (const { key, title } of known) {
      let chip = this.chips.get(key);
      if (!chip) {
        chip = this.root.appendChild(element("button", "bb-chip"));
        chip.addEventListener("click", () => this.choose(key));
        this.chips.set(key, chip);
      }
      chip.textContent = title;
      chip.setAttribute("aria-pressed", String(key === shown));
    }
  }
}
