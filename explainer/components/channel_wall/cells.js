// All channels on one canvas: maps side by side, or bars where a channel is one number. What is out of sight is not drawn.

import { format } from "../shared/colours.js";
import { element } from "../shared/dom.js";
import { cellAt, drawMap, fit, frame, prepare, write } from "../shared/sketch.js";

const GAP = 6;
const LABEL = 15;
const BAR = 24;

export class Cells {
  /**
   * @param {HTMLElement} host
   * @param {any} view the whole wall (view.js)
   */
  constructor(host, view) {
    this.view = view;
    this.size = 72;
    /** @type {number[]} */
    this.order = [];
    /** @type {{channel: number, y: number, x: number}|null} */
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
    this.canvas.addEventListener("pointermove", (event) => this.#point(this.#find(event)));
    this.canvas.addEventListener("pointerleave", () => this.#point(null));
    this.canvas.addEventListener("click", (event) => {
      const found = this.#find(event);
      if (found) view.choose(found.channel);
      this.scroller.focus({ preventScroll: true });
    });
    this.sizes = new ResizeObserver(() => this.draw());
    this.sizes.observe(this.scroller);
  }

  /** Show another layer at the largest size at which all its channels are in sight, within reason. */
  open() {
    this.hovered = null;
    const { layer } = this.view;
    const [width, height] = [this.scroller.clientWidth - 8, this.scroller.clientHeight - 14];
    const least = layer.channels > 300 ? 40 : 52;
    this.size = least;
    for (let size = 200; size > least; size -= 4) {
      const across = Math.max(1, Math.floor(width / (size + GAP)));
      const tall = size * Math.min(1, layer.height / layer.width) + GAP + LABEL;
      if (Math.ceil(layer.channels / across) * tall <= height) {
        this.size = size;
        break;
      }
    }
    this.scroller.scrollTop = 0;
  }

  /** @param {number} size of a map in pixels */
  resize(size) {
    this.size = size;
    this.draw();
  }

  #layout() {
    const { layer } = this.view;
    const [W, H] = [this.scroller.clientWidth, this.scroller.clientHeight];
    const count = this.order.length;
    if (layer.vector) {
      const columns = Math.max(1, Math.min(4, Math.floor(W / 260), Math.ceil((count * BAR) / Math.max(H, 1))));
      const rows = Math.ceil(count / columns);
      return { W, H, columns, rows, wide: W / columns, tall: BAR, label: 0, total: rows * BAR + 8 };
    }
    const label = this.size >= 36 ? LABEL : 0;
    const shape = Math.max(8, Math.round(this.size * Math.min(1, layer.height / layer.width)));
    const columns = Math.max(1, Math.floor((W - 8) / (this.size + GAP)));
    const rows = Math.ceil(count / columns);
    const tall = shape + GAP + label;
    return { W, H, columns, rows, wide: (W - 8) / columns, tall, label, total: rows * tall + 12 };
  }

  draw() {
    const { layer, store } = this.view;
    if (!layer || !this.scroller.clientWidth) return;
    const l = (this.l = this.#layout());
    this.space.style.height = `${Math.max(l.total, l.H)}px`;
    const g = prepare(this.canvas, l.W, l.H);
    const scroll = this.scroller.scrollTop;
    const to = Math.min(l.rows, Math.ceil((scroll + l.H) / l.tall));
    for (let row = Math.max(0, Math.floor(scroll / l.tall)); row < to; row++) {
      for (let column = 0; column < l.columns; column++) {
        const place = layer.vector ? column * l.rows + row : row * l.columns + column;
        if (place >= this.order.length) break;
        const [x, y] = [column * l.wide, row * l.tall - scroll];
        if (layer.vector) this.#drawBar(g, l, this.order[place], x, y + 4);
        else this.#drawMap(g, l, this.order[place], x, y);
      }
    }
    const label = store.text("{count} channels of {node}", { count: layer.channels, node: layer.message.name });
    for (const part of [this.scroller, this.canvas]) part.setAttribute("aria-label", label);
    this.canvas.dataset.painted = layer.message.name; // for tests
  }

  /** @param {number} x @param {number} y */
  #box(x, y) {
    const { layer } = this.view;
    return { ...fit(x + 4, y + 2, this.size, layer.width, layer.height), y: Math.round(y + 2) };
  }

  /** @param {CanvasRenderingContext2D} g @param {any} l @param {number} channel @param {number} x @param {number} y */
  #drawMap(g, l, channel, x, y) {
    const { view } = this;
    const { theme } = view.palette;
    const box = this.#box(x, y);
    const chosen = channel === view.place.channel;
    drawMap(g, view.layer.picture(view.palette, channel, view.mode), box, theme, this.hovered?.channel === channel);
    if (chosen) frame(g, { x: box.x - 1, y: box.y - 1, w: box.w + 2, h: box.h + 2 }, theme.accent, 3);
    if (!l.label) return;
    const by = view.layer.measure(view.sort);
    write(g, String(channel), box.x, box.y + box.h + 12, theme, { size: 10, tone: chosen ? "text" : "muted", weight: chosen ? 650 : 400 });
    if (by && this.size >= 52) write(g, view.amount(by[channel]), box.x + box.w, box.y + box.h + 12, theme, { size: 10, tone: "faint", align: "right" });
  }

  /** @param {CanvasRenderingContext2D} g @param {any} l @param {number} channel @param {number} x @param {number} y */
  #drawBar(g, l, channel, x, y) {
    const { view } = this;
    const { theme } = view.palette;
    const { figures, mean } = view.layer.message;
    const chosen = channel === view.place.channel;
    if (chosen || this.hovered?.channel === channel) {
      g.fillStyle = theme.soft;
      g.fillRect(x, y - 1, l.wide - 14, BAR - 2);
      if (chosen) frame(g, { x: x + 1, y: y - 1, w: l.wide - 16, h: BAR - 3 }, theme.accent, 1.5);
    }
    const name = Math.min(150, l.wide * 0.36);
    const barX = x + name + 72;
    const room = Math.max(20, l.wide - name - 94);
    const [low, high] = [Math.min(0, figures.low), Math.max(0, figures.high)];
    const zero = barX + (-low / (high - low || 1)) * room;
    const length = (mean[channel] / (high - low || 1)) * room;
    write(g, view.title(channel), x + 6, y + 15, theme, { size: 12, weight: chosen ? 650 : 400, width: name - 8 });
    write(g, format(mean[channel], 4), barX - 8, y + 15, theme, { size: 11.5, align: "right", tone: "muted" });
    g.fillStyle = length < 0 ? theme.down : theme.up;
    g.fillRect(Math.min(zero, zero + length), y + 5, Math.max(1, Math.abs(length)), 12);
    g.fillStyle = theme.line;
    g.fillRect(zero - 0.5, y, 1, BAR - 3);
  }

  /** @param {MouseEvent} event */
  #find(event) {
    const { l } = this;
    const { layer } = this.view;
    if (!l || !layer) return null;
    const bounds = this.canvas.getBoundingClientRect();
    const [px, py] = [event.clientX - bounds.left, event.clientY - bounds.top + this.scroller.scrollTop];
    const [column, row] = [Math.min(l.columns - 1, Math.floor(px / l.wide)), Math.floor(py / l.tall)];
    const place = layer.vector ? column * l.rows + row : row * l.columns + column;
    if (row < 0 || row >= l.rows || place >= this.order.length) return null;
    const channel = this.order[place];
    if (layer.vector) return { channel, y: 0, x: 0 };
    const cell = cellAt(this.#box(column * l.wide, row * l.tall), layer, px, py, GAP / 2);
    return cell && { channel, ...cell };
  }

  /** @param {{channel: number, y: number, x: number}|null} found */
  #point(found) {
    const changed = found?.channel !== this.hovered?.channel;
    this.hovered = found;
    this.canvas.style.cursor = found ? "pointer" : "default";
    if (changed) this.draw();
    this.view.tell(found);
  }

  /** Scroll so that a channel is in sight. @param {number} channel */
  reveal(channel) {
    const { l } = this;
    const place = this.order.indexOf(channel);
    if (!l || place < 0) return;
    const top = (this.view.layer.vector ? place % l.rows : Math.floor(place / l.columns)) * l.tall;
    if (top < this.scroller.scrollTop) this.scroller.scrollTop = top;
    else if (top + l.tall > this.scroller.scrollTop + l.H) this.scroller.scrollTop = top + l.tall - l.H;
  }

  /** The channel that an arrow key leads to, or null. @param {string} key @returns {number|null} */
  step(key) {
    const { l } = this;
    if (!l) return null;
    const { layer, place } = this.view;
    const [across, down] = layer.vector ? [l.rows, 1] : [1, l.columns];
    const steps = /** @type {Record<string, number>} */ ({ ArrowLeft: -across, ArrowRight: across, ArrowUp: -down, ArrowDown: down, PageUp: -down * 4, PageDown: down * 4, Home: -Infinity, End: Infinity });
    if (!(key in steps)) return null;
    const last = this.order.length - 1;
    const at = Math.max(0, this.order.indexOf(place.channel));
    return this.order[Math.max(0, Math.min(last, at + steps[key]))] ?? null;
  }

  destroy() {
    this.sizes.disconnect();
  }
}
