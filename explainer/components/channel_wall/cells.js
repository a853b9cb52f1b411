// All channels on one canvas: maps side by side, or bars where a channel is one number. What is out of sight is not drawn.

import { format } from "../shared/colours.js";
import { Scrolled } from "../shared/scrolled.js";
import { cellAt, fit, frame, prepare, write } from "../shared/sketch.js";

const GAP = 6;
const LABEL = 15;
const BAR = 24;

export class Cells extends Scrolled {
  /** @param {HTMLElement} host @param {any} view the whole wall (view.js) */
  constructor(host, view) {
    super(host, view, 72);
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
    this.name(store.text("{count} channels of {node}", { count: layer.channels, node: layer.message.name }));
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
    const by = view.layer.measure(view.sort);
    this.drawOne(g, view.layer.picture(view.palette, channel, view.mode), this.#box(x, y), {
      number: channel,
      chosen: channel === view.place.channel,
      hovered: this.hovered?.channel === channel,
      room: l.label > 0,
      amount: () => (by ? view.amount(by[channel]) : ""),
    });
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

  /** @param {number} px @param {number} y @returns {{channel: number, y: number, x: number}|null} */
  find(px, y) {
    const { l } = this;
    const { layer } = this.view;
    if (!l || !layer) return null;
    const py = y + this.scroller.scrollTop;
    const [column, row] = [Math.min(l.columns - 1, Math.floor(px / l.wide)), Math.floor(py / l.tall)];
    const place = layer.vector ? column * l.rows + row : row * l.columns + column;
    if (row < 0 || row >= l.rows || place >= this.order.length) return null;
    const channel = this.order[place];
    if (layer.vector) return { channel, y: 0, x: 0 };
    const cell = cellAt(this.#box(column * l.wide, row * l.tall), layer, px, py, GAP / 2);
    return cell && { channel, ...cell };
  }

  /** @param {{channel: number}} found */
  take({ channel }) {
    this.view.choose(channel);
  }

  /** @param {{channel: number}} found */
  markOf({ channel }) {
    return channel;
  }

  /** Scroll so that a channel is in sight. @param {number} channel */
  reveal(channel) {
    const { l } = this;
    const place = this.order.indexOf(channel);
    if (!l || place < 0) return;
    const row = this.view.layer.vector ? place % l.rows : Math.floor(place / l.columns);
    this.bring(row * l.tall, l.tall, l.H);
  }

  /** The channel that an arrow key leads to, or null. @param {string} key @returns {number|null} */
  step(key) {
    const { l } = this;
    if (!l) return null;
    const { layer, place } = this.view;
    const [across, down] = layer.vector ? [l.rows, 1] : [1, l.columns];
    return this.follow(key, place.channel, { across, down, page: 4 * down });
  }
}
