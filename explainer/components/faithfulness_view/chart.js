// Curves of a probability over a share, on a canvas.

import { prepare, write } from "../shared/sketch.js";

const LEFT = 42;
const RIGHT = 8;
const TOP = 20;
const BOTTOM = 22;
const HEIGHT = 220;
const DASHES = [[], [7, 4], [2, 3], [8, 3, 2, 3], [12, 4], [12, 3, 2, 3]];
const NEUTRAL = [3, 4];

/** The share of the axis under a point, 0 to 1. @param {number} x @param {number} width */
export function shareAt(x, width) {
  return Math.max(0, Math.min(1, (x - LEFT) / Math.max(1, width - LEFT - RIGHT)));
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {number} width
 * @param {import("../shared/palette.js").Palette} palette
 * @param {{fractions: Float32Array, curves: any[], kind: string, step: number, title: string}} content
 */
export function drawChart(canvas, width, palette, { fractions, curves, kind, step, title }) {
  const g = prepare(canvas, Math.max(1, width), HEIGHT);
  const { theme } = palette;
  const x = (share) => LEFT + share * (width - LEFT - RIGHT);
  const y = (value) => TOP + (1 - value) * (HEIGHT - TOP - BOTTOM);
  g.lineWidth = 1;
  for (const value of [0, 0.25, 0.5, 0.75, 1]) {
    g.strokeStyle = theme.line;
    g.globalAlpha = value ? 0.5 : 1;
    line(g, x(0), y(value), x(1), y(value));
    g.globalAlpha = 1;
    write(g, `${100 * value}%`, LEFT - 6, y(value) + 4, theme, { size: 10.5, tone: "muted", align: "right" });
  }
  for (const share of [0, 0.25, 0.5, 0.75, 1]) {
    const align = share === 1 ? "right" : share ? "center" : "left";
    write(g, `${100 * share}%`, x(share), HEIGHT - 6, theme, { size: 10.5, tone: "muted", align });
  }
  write(g, title, 0, 11, theme, { size: 11, tone: "muted", width: width - 4 });
  g.strokeStyle = theme.muted;
  g.setLineDash([]);
  line(g, x(fractions[step]), TOP - 4, x(fractions[step]), HEIGHT - BOTTOM);
  let coloured = 0;
  for (const curve of curves) {
    const values = curve[kind];
    g.setLineDash(curve.neutral ? NEUTRAL : DASHES[coloured++ % DASHES.length]);
    g.strokeStyle = curve.colour;
    g.lineWidth = curve.neutral ? 1.5 : 2;
    g.lineJoin = "round";
    g.beginPath();
    fractions.forEach((share, i) => (i ? g.lineTo(x(share), y(values[i])) : g.moveTo(x(share), y(values[i]))));
    g.stroke();
    g.setLineDash([]);
    g.beginPath();
    g.arc(x(fractions[step]), y(values[step]), 3.5, 0, 2 * Math.PI);
    g.fillStyle = curve.colour;
    g.fill();
  }
}

function line(g, x0, y0, x1, y1) {
  g.beginPath();
  g.moveTo(x0, y0);
  g.lineTo(x1, y1);
  g.stroke();
}
