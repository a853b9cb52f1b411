// How often a network is right, for every move of the digits: a map whose cells can be chosen.

import { element } from "../shared/dom.js";
import { prepare, write } from "../shared/sketch.js";

const LEFT = 30;
const TOP = 20;

export class AccuracyMap {
  /**
   * @param {HTMLElement} host
   * @param {import("../shared/palette.js").Palette} palette
   * @param {(right: number, down: number) => void} choose
   * @param {(place: {right: number, down: number}|null) => void} look
   */
  constructor(host, palette, choose, look) {
    this.palette = palette;
    this.root = host.appendChild(element("figure"));
    this.title = this.root.appendChild(element("figcaption"));
    this.canvas = this.root.appendChild(element("canvas"));
    this.canvas.setAttribute("role", "img");
    const at = (event) => {
      const box = this.canvas.getBoundingClientRect();
      const cell = (value) => Math.max(-this.reach, Math.min(this.reach, Math.floor(value / this.cell) - this.reach));
      return { right: cell(event.clientX - box.left - LEFT), down: cell(event.clientY - box.top - TOP) };
    };
    this.canvas.addEventListener("pointermove", (event) => {
      const place = at(event);
      if (event.buttons & 1) choose(place.right, place.down);
      look(place);
    });
    this.canvas.addEventListener("pointerleave", () => look(null));
    this.canvas.addEventListener("pointerdown", (event) => {
      const place = at(event);
      choose(place.right, place.down);
    });
  }

  /** @param {Float32Array} values row by row @param {number} reach @param {{right: number, down: number}} here @param {string} title */
  draw(values, reach, here, title) {
    this.reach = reach;
    const side = 2 * reach + 1;
    const room = this.root.clientWidth;
    const { theme } = this.palette;
    this.cell = Math.max(12, Math.min(32, Math.floor((room - LEFT - 4) / side)));
    const [width, height] = [LEFT + side * this.cell + 4, TOP + side * this.cell + 18];
    const g = prepare(this.canvas, width, height);
    this.title.textContent = title;
    this.canvas.setAttribute("aria-label", title);
    for (let row = 0; row < side; row++) {
      for (let column = 0; column < side; column++) {
        const value = values[row * side + column];
        const [x, y] = [LEFT + column * this.cell, TOP + row * this.cell];
        g.fillStyle = shade(value, this.palette);
        g.fillRect(x, y, this.cell - 1, this.cell - 1);
        if (this.cell >= 20) {
          const tone = ink(value, this.palette);
          write(g, String(Math.round(100 * value)), x + this.cell / 2 - 0.5, y + this.cell / 2 + 3.5, theme, { size: 9.5, tone, align: "center" });
        }
      }
    }
    for (const value of [-reach, 0, reach]) {
      const at = (value + reach + 0.5) * this.cell;
      const label = value > 0 ? `+${value}` : String(value).replace("-", "−");
      write(g, label, LEFT + at, TOP - 6, theme, { size: 10.5, tone: "muted", align: "center" });
      write(g, label, LEFT - 6, TOP + at + 4, theme, { size: 10.5, tone: "muted", align: "right" });
    }
    const [x, y] = [LEFT + (here.right + reach) * this.cell, TOP + (here.down + reach) * this.cell];
    g.lineWidth = 4;
    g.strokeStyle = theme.back;
    g.strokeRect(x - 0.5, y - 0.5, this.cell, this.cell);
    g.lineWidth = 2;
    g.strokeStyle = theme.text;
    g.strokeRect(x - 0.5, y - 0.5, this.cell, this.cell);
  }
}

/** The colour of a share between 0 and 1. */
export function shade(value, palette) {
  const c = palette.table("magnitude")[Math.max(1, Math.min(255, 1 + Math.round(254 * value)))];
  return `rgb(${c & 255},${(c >> 8) & 255},${(c >> 16) & 255})`;
}

function ink(value, palette) {
  const c = palette.table("magnitude")[Math.max(1, Math.min(255, 1 + Math.round(254 * value)))];
  return 0.299 * (c & 255) + 0.587 * ((c >> 8) & 255) + 0.114 * ((c >> 16) & 255) > 140 ? "#14181f" : "#ffffff";
}
