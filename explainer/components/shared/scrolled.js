// Many things on one canvas that scrolls: what is out of sight is not drawn. The pointer and the keys go from one to
// the next.

import { element } from "./dom.js";
import { drawMap, frame, write } from "./sketch.js";

/** A picture at least so wide has room for a number beside its own. */
const WIDE = 52;

export class Scrolled {
  /**
   * @param {HTMLElement} host
   * @param {any} view the whole wall
   * @param {number} size of one thing in pixels
   */
  constructor(host, view, size) {
    this.view = view;
    this.size = size;
    /** @type {number[]} */
    this.order = [];
    /** What the pointer is on. @type {any} */
    this.hovered = null;
    this.scroller = element("div", "wall-scroll");
    this.scroller.tabIndex = 0;
    this.scroller.setAttribute("role", "application");
    this.space = element("div", "wall-space");
    this.canvas = element("canvas", "wall-canvas");
    this.canvas.setAttribute("role", "img");
    this.space.append(this.canvas);
    this.scroller.append(this.space);
    host.append(this.scroller);
    this.scroller.addEventListener("scroll", () => this.draw(), { passive: true });
    this.canvas.addEventListener("pointermove", (event) => this.#point(this.#under(event)));
    this.canvas.addEventListener("pointerleave", () => this.#point(null));
    this.canvas.addEventListener("click", (event) => {
      const found = this.#under(event);
      if (found) this.take(found);
      this.scroller.focus({ preventScroll: true });
    });
    this.sizes = new ResizeObserver(() => this.draw());
    this.sizes.observe(this.scroller);
  }

  // What a wall does in its own way.
  draw() {}
  /** What lies at a place of the canvas. @param {number} _x @param {number} _y @returns {any} */
  find(_x, _y) {
    return null;
  }
  /** @param {any} _found */
  take(_found) {}
  /** What is marked while the pointer is on it: the same mark for the same key. @param {any} _found @returns {unknown} */
  markOf(_found) {}

  /** @param {number} size */
  resize(size) {
    this.size = size;
    this.draw();
  }

  /** @param {string} label */
  name(label) {
    for (const part of [this.scroller, this.canvas]) part.setAttribute("aria-label", label);
  }

  /**
   * One as a picture; below it its number, where there is room, and an amount.
   * @param {CanvasRenderingContext2D} g
   * @param {any} picture
   * @param {{x: number, y: number, w: number, h: number}} box
   * @param {{number: number, chosen: boolean, hovered: boolean, room: boolean, amount: () => string}} one
   */
  drawOne(g, picture, box, { number, chosen, hovered, room, amount }) {
    const { theme } = this.view.palette;
    drawMap(g, picture, box, theme, hovered);
    if (chosen) frame(g, { x: box.x - 1, y: box.y - 1, w: box.w + 2, h: box.h + 2 }, theme.accent, 3);
    if (!room) return;
    const y = box.y + box.h + 12;
    write(g, String(number), box.x, y, theme, { size: 10, tone: chosen ? "text" : "muted", weight: chosen ? 650 : 400 });
    if (this.size >= WIDE) write(g, amount(), box.x + box.w, y, theme, { size: 10, tone: "faint", align: "right" });
  }

  /** Scroll so that a row is in sight. @param {number} top @param {number} tall @param {number} room for rows */
  bring(top, tall, room) {
    const { scroller } = this;
    if (top < scroller.scrollTop) scroller.scrollTop = top;
    else if (top + tall > scroller.scrollTop + room) scroller.scrollTop = top + tall - room;
  }

  /**
   * The one that a key leads to, or null.
   * @param {string} key
   * @param {number} from
   * @param {{across: number, down: number, page: number}} steps
   * @returns {number|null}
   */
  follow(key, from, { across, down, page }) {
    const steps = /** @type {Record<string, number>} */ ({ ArrowLeft: -across, ArrowRight: across, ArrowUp: -down, ArrowDown: down, PageUp: -page, PageDown: page, Home: -Infinity, End: Infinity });
    if (!(key in steps)) return null;
    const to = Math.max(0, this.order.indexOf(from)) + steps[key];
    return this.order[Math.max(0, Math.min(this.order.length - 1, to))] ?? null;
  }

  /** @param {MouseEvent} event */
  #under(event) {
    const bounds = this.canvas.getBoundingClientRect();
    return this.find(event.clientX - bounds.left, event.clientY - bounds.top);
  }

  /** @param {any} found */
  #point(found) {
    const changed = (found && this.markOf(found)) !== (this.hovered && this.markOf(this.hovered));
    this.hovered = found;
    this.canvas.style.cursor = found ? "pointer" : "default";
    if (changed) this.draw();
    this.view.tell(found);
  }

  destroy() {
    this.sizes.disconnect();
  }
}
