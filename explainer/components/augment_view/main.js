// Images and what training would make of them: a row for each image, its label as a bar in the colours of the classes.

import { element } from "../shared/dom.js";
import { mount } from "../shared/mount.js";
import { photoCanvas } from "../shared/photo.js";
import { words } from "../shared/words.js";
import { classColour } from "./classes.js";

/** Rows and columns of a step by key. @type {Record<string, [number, number]>} */
const STEPS = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };

/** @param {number} share */
function percent(share) {
  const rounded = Math.round(100 * share);
  if (share < 1 && rounded === 100) return "> 99 %";
  return share > 0 && rounded === 0 ? "< 1 %" : `${rounded} %`;
}

class Grid {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    /** @type {(ask: object) => void} */
    this.send = () => {};
    /** @type {HTMLElement[][]} */
    this.cells = [];
    this.grid = element("div", "augment-grid");
    this.grid.setAttribute("role", "group");
    this.tip = element("div", "augment-tip");
    this.tip.hidden = true;
    this.legend = element("div", "augment-legend");
    const frame = element("div", "augment plain");
    frame.append(this.grid, this.legend, this.tip);
    root.replaceChildren(frame);
    this.grid.addEventListener("keydown", (event) => this.#key(event));
  }

  /** @param {any} frame a decoded one */
  receive(frame) {
    this.text = words(frame.texts);
    if (frame.identity === this.frame?.identity) {
      this.chosen = frame.chosen;
      return this.#mark();
    }
    const focused = /** @type {any} */ (this.root.getRootNode()).activeElement?.dataset?.at ?? null;
    this.frame = frame;
    this.chosen = frame.chosen;
    const { text } = this;
    this.grid.setAttribute("aria-label", text("Images, and what training would make of them: arrow keys move, Enter chooses"));
    this.grid.style.setProperty("--draws", String(frame.rows[0]?.draws.length ?? 0));
    this.cells = frame.rows.map((row, i) => [this.#original(row, i), ...row.draws.map((draw, j) => this.#draw(row, i, draw, j))]);
    this.grid.replaceChildren(...this.cells.flat());
    this.#legend();
    this.#mark();
    this.#away();
    if (focused) this.grid.querySelector(`[data-at="${focused}"]`)?.focus({ preventScroll: true });
  }

  /** @param {number} row @param {number} draw -1 for the image itself */
  #picture(row, draw) {
    const { width, height, pixels, rows } = this.frame;
    const size = width * height * 3;
    const start = ((draw + 1) * rows.length + row) * size;
    const canvas = photoCanvas({ width, height, pixels: pixels.subarray(start, start + size) });
    canvas.setAttribute("aria-hidden", "true");
    return canvas;
  }

  #original(row, i) {
    const figure = element("figure", "augment-original");
    const name = this.frame.classes[row.label];
    const caption = element("figcaption", "", name);
    caption.style.setProperty("--class", classColour(row.label));
    figure.append(this.#picture(i, -1), caption);
    figure.title = name;
    return figure;
  }

  #draw(row, i, draw, j) {
    const button = element("button", "augment-draw");
    button.dataset.at = `${i},${j}`;
    const bar = element("span", "augment-bar");
    draw.shares.forEach((share, k) => {
      const part = element("i");
      part.style.flexGrow = String(share);
      part.style.background = classColour(draw.classes[k]);
      bar.append(part);
    });
    button.append(this.#picture(i, j), bar);
    if (draw.shares.length > 1) button.append(element("span", "augment-share", this.#label(draw, true)));
    const { text } = this;
    const what = draw.done.length ? draw.done.join(", ").replaceAll(":, ", ": ") : text("Nothing was changed");
    button.setAttribute("aria-label", `${text("Draw {number} of “{name}”", { number: j + 1, name: this.frame.classes[row.label] })}: ${what}. ${text("Label: {label}", { label: this.#label(draw) })}`);
    button.addEventListener("click", () => this.#choose(i, j));
    button.addEventListener("pointerenter", () => this.#tell(button, draw));
    button.addEventListener("pointerleave", () => this.#away());
    button.addEventListener("focus", () => this.#tell(button, draw));
    button.addEventListener("blur", () => this.#away());
    return button;
  }

  /** The classes of a draw with their shares, or the shares alone. */
  #label(draw, short = false) {
    const parts = draw.shares.map((share, k) => (short ? percent(share) : `${this.frame.classes[draw.classes[k]]} ${percent(share)}`));
    return parts.join(short ? " · " : ", ");
  }

  /** Say what was done, beside the picture. */
  #tell(button, draw) {
    const { text } = this;
    const done = element("ul");
    const lines = draw.done.length ? draw.done : [text("Nothing was changed")];
    done.append(...lines.map((line) => element("li", "", line)));
    const label = element("p", "augment-label");
    draw.shares.forEach((share, k) => {
      const one = element("span", "", `${this.frame.classes[draw.classes[k]]} ${percent(share)}`);
      one.style.setProperty("--class", classColour(draw.classes[k]));
      label.append(one);
    });
    this.tip.replaceChildren(done, label);
    this.tip.hidden = false;
    const frame = this.tip.parentElement.getBoundingClientRect();
    const box = button.getBoundingClientRect();
    const left = box.left - frame.left + box.width / 2 - this.tip.offsetWidth / 2;
    this.tip.style.left = `${Math.max(0, Math.min(left, frame.width - this.tip.offsetWidth))}px`;
    // Below the picture; above it where the window ends.
    const below = box.bottom + this.tip.offsetHeight + 8 < innerHeight || box.top - frame.top < this.tip.offsetHeight;
    this.tip.style.top = `${below ? box.bottom - frame.top + 4 : box.top - frame.top - this.tip.offsetHeight - 4}px`;
  }

  #away() {
    this.tip.hidden = true;
  }

  #choose(row, draw) {
    this.chosen = [row, draw];
    this.#mark();
    this.send({ row, draw, serial: Date.now() });
  }

  /** Mark the draw that is chosen; the keyboard enters the grid there. */
  #mark() {
    const [row, draw] = this.chosen;
    this.cells.forEach((cells, i) =>
      cells.slice(1).forEach((cell, j) => {
        const on = i === row && j === draw;
        cell.setAttribute("aria-pressed", String(on));
        cell.tabIndex = on ? 0 : -1;
      }),
    );
  }

  #key(event) {
    const step = STEPS[event.key];
    const at = event.target.dataset?.at;
    if (!step || !at) return;
    event.preventDefault();
    const [row, draw] = at.split(",").map(Number);
    const inside = (/** @type {number} */ value, /** @type {number} */ count) => Math.max(0, Math.min(count - 1, value));
    const cells = this.cells[inside(row + step[0], this.cells.length)];
    cells[1 + inside(draw + step[1], cells.length - 1)].focus();
  }

  #legend() {
    const there = new Set(this.frame.rows.flatMap((row) => [row.label, ...row.draws.flatMap((draw) => draw.classes)]));
    this.legend.replaceChildren(
      ...[...there].map((place) => {
        const one = element("span", "", this.frame.classes[place]);
        one.style.setProperty("--class", classColour(place));
        return one;
      }),
    );
  }
}

export default mount(".augment-root", Grid, (view, { setStateValue }) => {
  view.send = (ask) => setStateValue("ask", ask);
});
