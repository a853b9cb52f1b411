// Axes of the two charts: powers of ten upwards, layers or steps to the right.

import { write } from "../shared/sketch.js";

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** 10 to a whole power, as it is written: 10⁻⁵, and 0.01 to 100 in full. @param {number} power */
export function powerOfTen(power) {
  if (power >= -2 && power <= 3) return String(10 ** power);
  const digits = [...String(Math.abs(power))].map((digit) => SUPERSCRIPTS[Number(digit)]).join("");
  return `10${power < 0 ? "⁻" : ""}${digits}`;
}

/**
 * The whole powers of ten around all positive values, at least one decade apart.
 * @param {Iterable<number>} values
 */
export function decades(values) {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (!(value > 0) || !Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) return { low: -1, high: 1 };
  const found = { low: Math.floor(Math.log10(low)), high: Math.ceil(Math.log10(high)) };
  return found.low === found.high ? { low: found.low - 1, high: found.high } : found;
}

/**
 * @typedef {{x: number, y: number, w: number, h: number}} Box
 * @typedef {{left: number, right: number, low: number, high: number, log: boolean}} Scale
 */

/** @param {Box} box @param {Scale} scale @param {number} value */
export function toX(box, scale, value) {
  return box.x + ((value - scale.left) / Math.max(1e-9, scale.right - scale.left)) * box.w;
}

/** Not a number where a logarithm has nothing to show. @param {Box} box @param {Scale} scale @param {number} value */
export function toY(box, scale, value) {
  const at = scale.log ? Math.log10(value) : value;
  return box.y + box.h - ((at - scale.low) / (scale.high - scale.low)) * box.h;
}

/**
 * Lines and numbers of both axes.
 * @param {CanvasRenderingContext2D} g
 * @param {Box} box
 * @param {Scale} scale
 * @param {{x: string, y: string}} titles
 * @param {any} theme
 */
export function drawAxes(g, box, scale, titles, theme) {
  const style = { size: 11, tone: "muted" };
  g.lineWidth = 1;
  const most = Math.max(2, Math.floor(box.h / 22));
  const step = scale.log ? Math.max(1, Math.ceil((scale.high - scale.low) / most)) : nice((scale.high - scale.low) / most);
  for (let at = Math.ceil(scale.low / step) * step; at <= scale.high + 1e-9; at += step) {
    const y = toY(box, scale, scale.log ? 10 ** at : at);
    g.strokeStyle = theme.line;
    g.globalAlpha = 0.6;
    g.beginPath();
    g.moveTo(box.x, Math.round(y) + 0.5);
    g.lineTo(box.x + box.w, Math.round(y) + 0.5);
    g.stroke();
    g.globalAlpha = 1;
    write(g, scale.log ? powerOfTen(at) : String(Number(at.toPrecision(6))), box.x - 7, y + 4, theme, { ...style, align: "right" });
  }
  const across = nice((scale.right - scale.left) / Math.max(2, Math.floor(box.w / 70)), true);
  for (let at = Math.ceil(scale.left / across) * across; at <= scale.right; at += across) {
    write(g, String(at), toX(box, scale, at), box.y + box.h + 16, theme, { ...style, align: "center" });
  }
  write(g, titles.x, box.x + box.w, box.y + box.h + 31, theme, { size: 11.5, tone: "muted", align: "right" });
  write(g, titles.y, 0, 12, theme, { size: 12, tone: "text", weight: 600 });
}

/** The next number of 1, 2, 5 times a power of ten. @param {number} least @param {boolean} [whole] */
export function nice(least, whole = false) {
  const base = 10 ** Math.floor(Math.log10(Math.max(least, 1e-9)));
  const found = [1, 2, 5, 10].map((factor) => factor * base).find((step) => step >= least - 1e-12) ?? 10 * base;
  return whole ? Math.max(1, Math.round(found)) : found;
}
