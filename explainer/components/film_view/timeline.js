// Curves of the run and how far each stage has moved, with the epoch marked: all three are there to scrub in.

import { Axes, ticks } from "../shared/axes.js";
import { format } from "../shared/colours.js";
import { prepare, write } from "../shared/sketch.js";

export const TALL = 132;
const LEFT = 38;
const RIGHT = 12;
const BELOW = 22;
/** Two colours that are told apart by everybody, on light and on dark. */
const TRAIN = "#d98a1f";
const VALIDATION = "#2f86c9";

/** Horizontal axis of a plot: the epochs. @param {any} film @param {number} width @param {[number, number]} y @param {number} [left] @param {number} [right] */
export function axesOf(film, width, y, left = LEFT, right = RIGHT) {
  const last = Math.max(1, film.epochs.at(-1), film.curve.epochs.at(-1) ?? 0);
  return new Axes({ left, top: 8, width: Math.max(40, width - left - right), height: TALL - 8 - BELOW }, [0, last], y);
}

/**
 * Loss or accuracy.
 * @param {HTMLCanvasElement} canvas @param {number} width @param {any} film @param {"loss"|"accuracy"} name
 * @param {{epoch: number, pin: number|null}} at @param {any} theme
 */
export function drawCurve(canvas, width, film, name, at, theme) {
  const g = prepare(canvas, width, TALL);
  const { curve } = film;
  const train = curve[`train_${name}`];
  const validation = curve[`validation_${name}`];
  const most = name === "accuracy" ? 1 : Math.max(0.001, ...[...train, ...validation].filter(Number.isFinite)) * 1.05;
  const axes = axesOf(film, width, [0, most]);
  const whole = ticks(...axes.x).filter(Number.isInteger);
  axes.draw(g, theme, { x: whole, y: ticks(0, most, 4) });
  marks(g, axes, at, theme);
  for (const [values, ink] of [[train, TRAIN], [validation, VALIDATION]]) {
    g.strokeStyle = g.fillStyle = ink;
    g.lineWidth = 1.75;
    axes.path(g, (i) => curve.epochs[i], values);
    for (const epoch of [at.epoch, at.pin]) {
      const place = epoch === null ? -1 : curve.epochs.indexOf(epoch);
      if (place >= 0 && Number.isFinite(values[place])) {
        g.beginPath();
        g.arc(axes.px(epoch), axes.py(values[place]), 4, 0, 2 * Math.PI);
        g.fill();
      }
    }
  }
  return axes;
}

/** Where the epoch is, and the one beside it. */
function marks(g, axes, { epoch, pin }, theme) {
  const { top, height } = axes.box;
  for (const [one, dash] of [[pin, [3, 3]], [epoch, []]]) {
    if (one === null) continue;
    g.setLineDash(dash);
    g.strokeStyle = theme.accent;
    g.lineWidth = dash.length ? 1.25 : 1.75;
    g.beginPath();
    g.moveTo(axes.px(one), top);
    g.lineTo(axes.px(one), top + height);
    g.stroke();
  }
  g.setLineDash([]);
}

/**
 * How far each stage has moved, a row each; at the right what it is at the epoch.
 * @param {HTMLCanvasElement} canvas @param {number} width @param {any} film
 * @param {{epoch: number, pin: number|null, place: number}} at @param {import("../shared/palette.js").Palette} palette
 */
export function drawMoved(canvas, width, film, at, palette) {
  const { theme } = palette;
  const { stages, values } = film.moved;
  const rows = stages.length;
  const label = Math.min(118, Math.round(width * 0.3));
  const axes = axesOf(film, width, [0, 1], label, 44);
  const tall = Math.max(TALL, rows * 11 + 30);
  const g = prepare(canvas, width, tall);
  const { left, top } = axes.box;
  const high = (tall - top - BELOW) / rows;
  const peak = Math.max(...values) || 1;
  const count = film.epochs.length;
  const edge = (/** @type {number} */ i) => axes.px(i <= 0 ? axes.x[0] : i >= count ? axes.x[1] : (film.epochs[i - 1] + film.epochs[i]) / 2);
  const size = Math.min(11, Math.max(8.5, high - 2));
  for (let row = 0; row < rows; row++) {
    const y = top + row * high;
    for (let i = 0; i < count; i++) {
      g.fillStyle = shade(values[i * rows + row] / peak, palette);
      g.fillRect(edge(i), y, edge(i + 1) - edge(i) + 0.4, high - 1);
    }
    const base = y + high / 2 + size * 0.36;
    write(g, stages[row], left - 7, base, theme, { size, tone: "muted", align: "right", width: label - 9 });
    write(g, format(values[at.place * rows + row], 2), left + axes.box.width + 6, base, theme, { size, tone: "muted" });
  }
  axes.box.height = rows * high;
  for (const value of ticks(...axes.x).filter(Number.isInteger)) write(g, String(value), axes.px(value), top + rows * high + 14, theme, { size: 11, tone: "muted", align: "center" });
  marks(g, axes, at, theme);
  return axes;
}

function shade(share, palette) {
  const c = palette.table("magnitude")[Math.max(1, Math.min(255, Math.round(1 + 254 * share)))];
  return `rgb(${c & 255},${(c >> 8) & 255},${(c >> 16) & 255})`;
}

export const INKS = { train: TRAIN, validation: VALIDATION };
