// A strip of columns as a radio group: one of them is taken, one tab stop, the arrow keys go from one to the next.

import { element } from "../shared/dom.js";

const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

export class Strip {
  /** @param {HTMLElement} host @param {string} [look] */
  constructor(host, look = "strip") {
    this.host = host;
    this.title = host.appendChild(element("h4"));
    this.strip = host.appendChild(element("div", look));
    this.strip.setAttribute("role", "radiogroup");
    this.caption = host.appendChild(element("p", "caption"));
    this.strip.addEventListener("pointerover", ({ target }) => this.say(placeOf(target)));
    this.strip.addEventListener("pointerleave", () => this.say(null));
    this.strip.addEventListener("focusin", ({ target }) => this.say(placeOf(target)));
    this.strip.addEventListener("click", ({ target }) => {
      const place = placeOf(target);
      if (place !== null) this.pick(place);
    });
    this.strip.addEventListener("keydown", (event) => this.#key(event));
  }

  // What a strip does in its own way.
  /** Write the caption. @param {number|null} _place of the column pointed at */
  say(_place) {}
  /** @param {number} _place */
  pick(_place) {}

  /**
   * Lay out the columns.
   * @param {string} title
   * @param {string[]} labels one for each column
   * @param {number} taken -1: none
   * @returns {HTMLElement[]} the bar in each column
   */
  lay(title, labels, taken) {
    const { strip } = this;
    this.title.textContent = title;
    strip.setAttribute("aria-label", title);
    while (strip.children.length > labels.length) strip.lastChild.remove();
    while (strip.children.length < labels.length) strip.append(column());
    return labels.map((label, i) => {
      const button = /** @type {HTMLButtonElement} */ (strip.children[i]);
      button.dataset.index = String(i);
      button.setAttribute("role", "radio");
      button.setAttribute("aria-checked", String(i === taken));
      button.setAttribute("aria-label", label);
      button.tabIndex = i === Math.max(0, taken) ? 0 : -1;
      return /** @type {HTMLElement} */ (button.firstElementChild);
    });
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const columns = [...this.strip.children];
    const at = columns.indexOf(/** @type {any} */ (event.target));
    const wanted = { Home: 0, End: columns.length - 1 }[event.key] ?? at + (STEPS[event.key] ?? NaN);
    const next = /** @type {HTMLButtonElement} */ (columns[wanted]);
    if (!next) return;
    event.preventDefault();
    for (const one of columns) /** @type {HTMLElement} */ (one).tabIndex = one === next ? 0 : -1;
    next.focus();
  }
}

/** @param {any} target of an event @returns {number|null} */
function placeOf(target) {
  const index = target.closest?.("button")?.dataset.index;
  return index === undefined ? null : Number(index);
}

function column() {
  const button = element("button");
  button.append(element("i"));
  return button;
}
