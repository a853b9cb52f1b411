// Axes of a plot on a canvas: places to pixels and back, linear or logarithmic, ticks and their lines.

import { write } from "./sketch.js";

const INK = { size: 11, tone: "muted" };

export class Axes {
  /**
   * @param {{left: number, top: number, width: number, height: number}} box where the data are drawn
   * @param {[number, number]} x ends of the horizontal axis
   * @param {[number, number]} y ends of the vertical axis
   * @param {{log?: boolean}} [options] log: whether the vertical axis is logarithmic; its ends are above 0
   */
  constructor(box, x, y, { log = false } = {}) {
    Object.assign(this, { box, x, log, y: log ? y.map(Math.log10) : y });
  }

  /** @param {number} value */
  px(value) {
    return this.box.left + ((value - this.x[0]) / (this.x[1] - this.x[0])) * this.box.width;
  }

  /** @param {number} value */
  py(value) {
    const place = this.log ? Math.log10(value) : value;
    return this.box.top + this.box.height - ((place - this.y[0]) / (this.y[1] - this.y[0])) * this.box.height;
  }

  /** The value of the horizontal axis at a pixel, kept between its ends. @param {number} px */
  valueAt(px) {
    const share = Math.max(0, Math.min(1, (px - this.box.left) / this.box.width));
    return this.x[0] + share * (this.x[1] - this.x[0]);
  }

  /** Run drawing that may not leave the box. @param {CanvasRenderingContext2D} g @param {() => void} draw */
  within(g, draw) {
    const { left, top, width, height } = this.box;
    g.save();
    g.beginPath();
    g.rect(left, top - 1, width, height + 2);
    g.clip();
    draw();
    g.restore();
  }

  /**
   * Lines and numbers.
   * @param {CanvasRenderingContext2D} g
   * @param {any} theme
   * @param {{x?: number[], y?: number[], name?: string, written?: (value: number) => string}} [what] other ticks; the
   *   name of the horizontal axis; how numbers of the vertical axis are written
   */
  draw(g, theme, { x = ticks(...this.x), y, name = "", written = plain } = {}) {
    const { left, top, width, height } = this.box;
    g.lineWidth = 1;
    for (const value of y ?? (this.log ? decades(...this.y) : ticks(...this.y))) {
      const at = Math.round(this.py(value)) + 0.5;
      g.strokeStyle = theme.line;
      g.globalAlpha = value === 0 ? 1 : 0.55;
      rule(g, left, at, left + width, at);
      g.globalAlpha = 1;
      write(g, this.log ? power(value) : written(value), left - 7, at + 4, theme, { ...INK, align: "right" });
    }
    for (const value of x) {
      const at = Math.round(this.px(value)) + 0.5;
      g.strokeStyle = theme.line;
      g.globalAlpha = value === 0 ? 1 : 0.55;
      rule(g, at, top, at, top + height);
      g.globalAlpha = 1;
      write(g, plain(value), at, top + height + 15, theme, { ...INK, align: "center" });
    }
    if (name) write(g, name, left + width, top + height + 30, theme, { ...INK, align: "right" });
  }

  /**
   * A curve through places; what is not finite breaks it.
   * @param {CanvasRenderingContext2D} g
   * @param {(i: number) => number} x
   * @param {ArrayLike<number>} y
   */
  path(g, x, y) {
    g.beginPath();
    let pen = false;
    for (let i = 0; i < y.length; i++) {
      const known = Number.isFinite(y[i]) && (!this.log || y[i] > 0);
      if (known) g[pen ? "lineTo" : "moveTo"](this.px(x(i)), this.py(y[i]));
      pen = known;
    }
    g.stroke();
  }
}

/** Round numbers between two ends, about five of them. @param {number} low @param {number} high */
export function ticks(low, high, wanted = 5) {
  const raw = (high - low) / wanted;
  const size = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((factor) => factor * size).find((one) => one >= raw * 0.999) ?? raw;
  const found = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; i++) found.push(Number((i * step).toPrecision(12)) + 0);
  return found;
}

/** Powers of ten between two exponents, at most seven. @param {number} low @param {number} high */
export function decades(low, high) {
  const every = Math.max(1, Math.ceil((high - low) / 7));
  const found = [];
  for (let e = Math.ceil(low / every - 1e-9) * every; e <= high + 1e-9; e += every) found.push(10 ** e);
  return found;
}

/**
 * The whole powers of ten around all positive values, at least one decade apart: the ends of a logarithmic axis.
 * @param {Iterable<number>} values
 * @returns {[number, number]}
 */
export function decadesAround(values) {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (!(value > 0) || !Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) return [0.1, 10];
  const ends = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  if (ends[0] === ends[1]) ends[0] -= 1;
  return [10 ** ends[0], 10 ** ends[1]];
}

const RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** A power of ten: 10⁻⁸, and 0.01 to 100 in full. @param {number} value */
export function power(value) {
  const e = Math.round(Math.log10(value));
  if (e >= -2 && e <= 2) return String(10 ** e);
  return `10${e < 0 ? "⁻" : ""}${[...String(Math.abs(e))].map((digit) => RAISED[Number(digit)]).join("")}`;
}

/** @param {number} value */
export function plain(value) {
  return String(value).replace("-", "−");
}

function rule(g, x0, y0, x1, y1) {
  g.beginPath();
  g.moveTo(x0, y0);
  g.lineTo(x1, y1);
  g.stroke();
}
