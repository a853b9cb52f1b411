// All boxes by score, and beside them the IoU of each with each: what the round in hand looks at is marked.

import { element } from "../shared/dom.js";
import { lut } from "../shared/colours.js";
import { hatch, outline } from "../shared/cells.js";
import { Palette } from "../shared/palette.js";
import { prepare, write } from "../shared/sketch.js";
import { nameOf } from "./text.js";

const HEAD = 24;
/** Sides of the cells, in CSS pixels. */
const LARGEST = 42;
const LEAST = 13;
/** From this side on a cell has room for its number. */
const READABLE = 22;

export class Matrix {
  /** @param {{hover: (cell: [number, number]|null) => void, choose: (cell: [number, number]) => void}} listener */
  constructor(listener) {
    this.listener = listener;
    this.root = element("div", "bb-matrix");
    this.scroller = element("div", "bb-scroller");
    this.canvas = element("canvas");
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "application");
    this.scroller.append(this.canvas);
    this.status = element("p", "bb-status");
    this.root.append(this.scroller, this.status);
    this.palette = new Palette(this.root);
    /** Row and column under the pointer or the keys. @type {[number, number]|null} */
    this.at = null;
    this.canvas.addEventListener("pointermove", (event) => this.#mark(this.#cell(event)));
    this.canvas.addEventListener("pointerleave", () => this.#mark(null));
    this.canvas.addEventListener("click", (event) => {
      this.#mark(this.#cell(event));
      const pair = this.#pair();
      if (pair && pair[0] !== pair[1]) listener.choose(pair);
    });
    this.canvas.addEventListener("keydown", (event) => this.#key(event));
  }

  /**
   * @param {any} text
   * @param {{order: number[], boxes: import("./suppression.js").Candidate[], ious: number[][], scores: number[], round: import("./suppression.js").Round|null,
   *   fates: {kept: number, gone: number, by: number}[], setting: import("./suppression.js").Setting, tones: string[], classes: string[], over: boolean}} now
   * @param {number} width
   */
  show(text, now, width) {
    Object.assign(this, { text, now, width });
    this.draw();
  }

  draw() {
    const { now, width } = this;
    if (!now || !width) return;
    const count = now.order.length;
    this.left = width > 480 ? 148 : 92;
    const room = width - this.left - 2;
    this.size = Math.max(LEAST, Math.min(LARGEST, Math.floor(room / Math.max(1, count))));
    if (this.at && Math.max(...this.at) >= count) this.at = null;
    const g = prepare(this.canvas, Math.max(this.left + count * this.size + 2, 10), HEAD + count * this.size + 2);
    this.table = lut("magnitude", this.palette.theme.dark);
    now.order.forEach((index, row) => this.#row(g, index, row));
    this.#frames(g);
    this.#say();
  }

  #row(g, index, row) {
    const { now, size, palette, left } = this;
    const { theme } = palette;
    const fate = now.fates[index];
    const keeper = now.round?.keeper === index;
    const y = HEAD + row * size;
    const middle = y + size / 2 + 4;
    const letters = Math.min(12.5, size * 0.78);
    const gone = fate.gone > 0;
    const nowGone = Boolean(now.round?.gone.includes(index));
    g.globalAlpha = gone && !nowGone ? 0.42 : 1;
    if (keeper) {
      g.fillStyle = theme.accent;
      g.globalAlpha = 0.13;
      g.fillRect(0, y, left + now.order.length * size, size);
      g.globalAlpha = 1;
    }
    g.fillStyle = now.tones[index];
    g.beginPath();
    g.arc(7, y + size / 2, Math.min(4.5, size / 3), 0, 7);
    g.fill();
    const style = { size: letters, weight: keeper || fate.kept ? 650 : 400, tone: nowGone ? theme.down : theme.text };
    write(g, nameOf(index), 17, middle, theme, style);
    if (gone) this.#strike(g, 15, y + size / 2, 17 + g.measureText(nameOf(index)).width + 2, style.tone);
    write(g, nameOf(index), left + (row + 0.5) * size, HEAD - 8, theme, { ...style, size: Math.min(12.5, size * 0.7), align: "center" });
    this.#score(g, index, y, letters, middle);
    now.order.forEach((other, column) => this.#cellOf(g, index, other, row, column));
    g.globalAlpha = 1;
  }

  #score(g, index, y, letters, middle) {
    const { now, size, left, palette } = this;
    const first = now.boxes[index].score;
    const score = now.scores[index];
    const start = 40;
    const long = left - start - 44;
    if (long > 10) {
      const high = Math.min(8, size * 0.5);
      g.fillStyle = palette.theme.line;
      g.fillRect(start, y + (size - high) / 2, long * first, high);
      g.fillStyle = now.tones[index];
      g.fillRect(start, y + (size - high) / 2, long * score, high);
    }
    write(g, score.toFixed(2), left - 8, middle, palette.theme, { size: letters, align: "right", tone: score < first ? palette.theme.down : "text" });
  }

  #cellOf(g, index, other, row, column) {
    const { now, size, left, palette } = this;
    const value = now.ious[index][other];
    const [x, y] = [left + column * size, HEAD + row * size];
    const fresh = now.round && (now.round.keeper === index || now.round.keeper === other);
    const past = (/** @type {number} */ i) => now.fates[i].gone > 0 && !(fresh && now.round.gone.includes(i));
    const dead = past(index) || past(other);
    const same = index === other;
    if (same) {
      g.fillStyle = palette.theme.line;
      return g.fillRect(x, y, size - 1, size - 1);
    }
    g.globalAlpha = dead ? 0.28 : 1;
    const step = this.table[1 + Math.round(254 * Math.min(1, value))];
    const [r, gr, b] = [step & 255, (step >> 8) & 255, (step >> 16) & 255];
    g.fillStyle = `rgb(${r},${gr},${b})`;
    g.fillRect(x, y, size - 1, size - 1);
    const box = { x, y, w: size - 1, h: size - 1 };
    if (now.setting.aware && now.boxes[index].label !== now.boxes[other].label) hatch(g, box, palette.theme.line, 5);
    if (size >= READABLE) {
      const ink = 0.299 * r + 0.587 * gr + 0.114 * b > 140 ? "#14181f" : "#ffffff";
      const height = Math.min(11.5, size * 0.36);
      g.globalAlpha = dead ? 0.4 : 1;
      write(g, value === 0 ? "0" : value.toFixed(2).replace(/^0/, ""), x + size / 2 - 0.5, y + size / 2 + height * 0.35, palette.theme, { size: height, tone: dead ? palette.theme.text : value < 0.005 ? palette.theme.faint : ink, align: "center" });
    }
    g.globalAlpha = 1;
  }

  /** @param {CanvasRenderingContext2D} g */
  #frames(g) {
    const { now, size, left, palette } = this;
    const { theme } = palette;
    if (now.round) {
      const row = now.order.indexOf(now.round.keeper);
      outline(g, { x: left, y: HEAD + row * size, w: now.order.length * size, h: size }, theme.accent, theme.back, 2);
      for (const one of now.round.gone) {
        const column = now.order.indexOf(one);
        outline(g, { x: left + column * size, y: HEAD + row * size, w: size, h: size }, theme.down, theme.back, 2);
      }
    }
    if (this.at) outline(g, { x: left + this.at[1] * size, y: HEAD + this.at[0] * size, w: size, h: size }, theme.text, theme.back, 1.5);
  }

  #strike(g, x0, y, x1, colour) {
    g.beginPath();
    g.moveTo(x0, y + 0.5);
    g.lineTo(x1, y + 0.5);
    g.strokeStyle = colour;
    g.lineWidth = 1.2;
    g.stroke();
  }

  #cell(event) {
    if (!this.now) return null;
    const box = this.canvas.getBoundingClientRect();
    const [column, row] = [event.clientX - box.left - this.left, event.clientY - box.top - HEAD].map((one) => Math.floor(one / this.size));
    const count = this.now.order.length;
    return row >= 0 && column >= 0 && row < count && column < count ? /** @type {[number, number]} */ ([row, column]) : null;
  }

  #pair() {
    return this.at && /** @type {[number, number]} */ (this.at.map((one) => this.now.order[one]));
  }

  #mark(cell) {
    if (String(cell) === String(this.at)) return;
    this.at = cell;
    this.listener.hover(this.#pair());
    this.draw();
  }

  #key(event) {
    const step = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] }[event.key];
    const count = this.now?.order.length ?? 0;
    if (!count) return;
    if (event.key === "Enter" && this.at) {
      const pair = this.#pair();
      if (pair && pair[0] !== pair[1]) this.listener.choose(pair);
    } else if (step) {
      const clamp = (/** @type {number} */ value) => Math.max(0, Math.min(count - 1, value));
      this.#mark(this.at ? [clamp(this.at[0] + step[0]), clamp(this.at[1] + step[1])] : [0, 0]);
    } else return;
    event.preventDefault();
  }

  #say() {
    const { text, now } = this;
    const pair = this.#pair();
    let said = text("IoU of every box with every other, by score. Point at a cell to see both boxes.");
    if (pair && pair[0] !== pair[1]) {
      const [a, b] = pair;
      const value = now.ious[a][b];
      const far = now.setting.aware && now.boxes[a].label !== now.boxes[b].label;
      said = text("{a} and {b}: IoU {iou}", { a: nameOf(a), b: nameOf(b), iou: value.toFixed(4) });
      if (far) said += text(" · other classes, not compared");
    } else if (pair) {
      const { box, label } = now.boxes[pair[0]];
      said = `${nameOf(pair[0])}: ${now.classes[label] ?? label}, ${box[2] - box[0]} × ${box[3] - box[1]}`;
    }
    this.status.textContent = said;
    this.canvas.setAttribute("aria-label", said);
  }
}
