// The strongest channels of a side as small pictures, of which one is chosen.

import { rasteriseFloat } from "../shared/colours.js";
import { element } from "../shared/dom.js";

const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

export class Strip {
  /** @param {HTMLElement} host @param {import("./state.js").State} store @param {number} place */
  constructor(host, store, place) {
    this.store = store;
    this.place = place;
    this.element = element("div", "tv-strip");
    this.element.setAttribute("role", "radiogroup");
    this.element.setAttribute("aria-label", store.text("Strongest channels of {title}", { title: this.side.title }));
    this.element.replaceChildren(...[...this.side.channels].map((channel) => this.#option(channel)));
    host.append(this.element);
    this.drawn = "";
  }

  get side() {
    return this.store.data.sides[this.place];
  }

  /** @param {number} channel */
  #option(channel) {
    const button = element("button");
    const title = this.store.text("channel {number}", { number: channel });
    Object.assign(button, { type: "button", title });
    button.setAttribute("role", "radio");
    button.setAttribute("aria-label", title);
    button.append(document.createElement("canvas"), element("span", "", String(channel)));
    button.addEventListener("click", () => this.store.choose(this.place, channel));
    button.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      const step = STEPS[/** @type {keyof typeof STEPS} */ (event.key)];
      if (!step) return;
      event.preventDefault();
      event.stopPropagation();
      this.store.stepChannel(this.place, step);
      this.element.querySelector('[tabindex="0"]')?.focus();
    });
    return button;
  }

  draw() {
    const { side, store } = this;
    const [, rows, columns] = side.shape;
    const chosen = store.channels[this.place];
    const dark = store.palette.theme.dark;
    if (this.drawn !== String(dark)) {
      this.drawn = String(dark);
      [...this.element.children].forEach((button, at) => {
        const canvas = /** @type {HTMLCanvasElement} */ (button.querySelector("canvas"));
        Object.assign(canvas, { width: columns, height: rows });
        const values = side.data.subarray(at * rows * columns, (at + 1) * rows * columns);
        const image = rasteriseFloat(values, 0, columns, rows, side.peak, store.palette.table("signed"));
        canvas.getContext("2d")?.putImageData(image, 0, 0);
      });
    }
    [...this.element.children].forEach((button, at) => {
      const here = side.channels[at] === chosen;
      button.setAttribute("aria-checked", String(here));
      /** @type {HTMLElement} */ (button).tabIndex = here ? 0 : -1;
      if (!here) return;
      const [strip, box] = [this.element.getBoundingClientRect(), button.getBoundingClientRect()];
      if (box.left < strip.left) this.element.scrollLeft -= strip.left - box.left + 8;
      if (box.right > strip.right) this.element.scrollLeft += box.right - strip.right + 8;
    });
  }
}
