// The answer of an epoch as bars that move; a tick stands where the bar was at the epoch beside.

import { element } from "../shared/dom.js";

export class Bars {
  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.list = parent.appendChild(element("ol", "film-bars"));
    /** @type {{row: HTMLElement, name: HTMLElement, bar: HTMLElement, tick: HTMLElement, value: HTMLElement}[]} */
    this.rows = [];
  }

  /**
   * @param {any} film
   * @param {number} at place of the epoch
   * @param {number} beside place of the epoch beside, -1 for none
   * @param {(index: number) => string} nameOf
   * @param {(key: string, values?: any) => string} text
   */
  show(film, at, beside, nameOf, text) {
    const { classes, values } = film.answers;
    while (this.rows.length < classes.length) this.rows.push(this.#row());
    while (this.rows.length > classes.length) this.rows.pop()?.row.remove();
    const own = values.subarray(at * classes.length, (at + 1) * classes.length);
    const best = own.indexOf(Math.max(...own));
    classes.forEach((index, i) => {
      const { row, name, bar, tick, value } = this.rows[i];
      const isTrue = index === film.label;
      row.className = `${isTrue ? "true" : ""} ${i === best ? "best" : ""}`;
      name.textContent = isTrue ? `✓ ${nameOf(index)}` : nameOf(index);
      name.title = isTrue ? text("The image's own class") : "";
      bar.style.width = `${100 * own[i]}%`;
      tick.hidden = beside < 0;
      if (beside >= 0) tick.style.left = `${100 * values[beside * classes.length + i]}%`;
      value.textContent = `${(100 * own[i]).toFixed(1)} %`;
    });
  }

  #row() {
    const row = this.list.appendChild(element("li"));
    const name = row.appendChild(element("span", "film-class"));
    const track = row.appendChild(element("span", "film-track"));
    const bar = track.appendChild(element("i"));
    const tick = track.appendChild(element("b"));
    const value = row.appendChild(element("span", "film-value"));
    return { row, name, bar, tick, value };
  }
}
