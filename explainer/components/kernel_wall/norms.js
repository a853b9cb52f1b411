// The lengths of all filters as a strip of bars, in the order of the grid.

import { format } from "../shared/colours.js";
import { element } from "../shared/dom.js";
import { prepare, write } from "../shared/sketch.js";

const TALL = 44;

export class Norms {
  /** @param {HTMLElement} host @param {any} view the whole wall (view.js) */
  constructor(host, view) {
    this.view = view;
    this.canvas = element("canvas", "kw-norms");
    this.canvas.setAttribute("role", "img");
    host.append(this.canvas);
    this.canvas.addEventListener("pointermove", (event) => view.tellFilter(this.#find(event)));
    this.canvas.addEventListener("pointerleave", () => view.tell(null));
    this.canvas.addEventListener("click", (event) => {
      if (view.sort !== "l2") return view.sortBy("l2");
      const filter = this.#find(event);
      if (filter !== null) view.choose(filter);
    });
    this.sizes = new ResizeObserver(() => this.draw());
    this.sizes.observe(this.canvas);
  }

  draw() {
    const { filters, filter, grid, palette, sort, store } = this.view;
    const W = this.canvas.parentElement?.clientWidth ?? 0;
    if (!filters || !W) return;
    const g = prepare(this.canvas, W, TALL);
    const { l2 } = filters.message;
    const most = Math.max(...l2) || 1;
    const each = W / grid.order.length;
    const floor = TALL - 2;
    const { theme } = palette;
    grid.order.forEach((/** @type {number} */ other, /** @type {number} */ place) => {
      const tall = (l2[other] / most) * (floor - 12);
      g.fillStyle = other === filter ? theme.accent : theme.dark ? "rgba(255,255,255,0.3)" : "rgba(20,30,50,0.26)";
      g.fillRect(place * each, floor - tall, Math.max(other === filter ? 2 : 0.75, each - (each > 4 ? 1 : 0)), tall);
    });
    const hint = sort === "l2" ? store.text("length of each filter, the longest {most}", { most: format(most, 3) }) : store.text("length of each filter, the longest {most}; click to sort", { most: format(most, 3) });
    write(g, hint, W, 9, theme, { size: 10, tone: "faint", align: "right" });
    this.canvas.setAttribute("aria-label", hint);
    this.canvas.title = sort === "l2" ? "" : store.text("Click: sort by length");
  }

  /** @param {MouseEvent} event @returns {number|null} */
  #find(event) {
    const bounds = this.canvas.getBoundingClientRect();
    const { order } = this.view.grid;
    return order[Math.floor(((event.clientX - bounds.left) / bounds.width) * order.length)] ?? null;
  }

  destroy() {
    this.sizes.disconnect();
  }
}
