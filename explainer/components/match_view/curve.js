// The precision-recall curve: the area that a rule adds up, other classes faint, the threshold and the place shown.

import { Axes } from "../shared/axes.js";
import { prepare, write } from "../shared/sketch.js";
import { FALSE, TRUE } from "./picture.js";
import { readAt, recallsOf } from "./ranking.js";

const SIDES = { left: 42, right: 14, top: 24, bottom: 38 };

/** @param {number} width */
export function plotSize(width) {
  return { width, height: Math.max(230, Math.min(400, Math.round(width * 0.72))) };
}

/** @param {number} width */
export function axesOf(width) {
  const size = plotSize(width);
  const box = {
    left: SIDES.left,
    top: SIDES.top,
    width: size.width - SIDES.left - SIDES.right,
    height: size.height - SIDES.top - SIDES.bottom,
  };
  return new Axes(box, [0, 1], [0, 1]);
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {number} width
 * @param {any} frame
 * @param {ReturnType<import("./ranking.js").ranked>} curve
 * @param {number} place the detection shown; -1 for none
 * @param {any} theme
 * @param {{recall: string, precision: string, threshold: string, area: string}} names
 */
export function drawCurve(canvas, width, frame, curve, place, theme, names) {
  const { height } = plotSize(width);
  const axes = axesOf(width);
  const g = prepare(canvas, width, height);
  axes.within(g, () => shade(g, axes, frame.rule, curve, theme));
  axes.draw(g, theme, { name: names.recall, x: [0, 0.2, 0.4, 0.6, 0.8, 1], y: [0, 0.2, 0.4, 0.6, 0.8, 1] });
  write(g, names.precision, SIDES.left - 28, 13, theme, { size: 11, tone: "muted" });
  axes.within(g, () => {
    g.lineWidth = 1;
    g.strokeStyle = theme.faint;
    g.globalAlpha = 0.45;
    for (const other of frame.others) axes.path(g, (i) => other.recall[i], other.precision);
    g.globalAlpha = 1;
    g.setLineDash([4, 4]);
    g.strokeStyle = theme.accent;
    g.lineWidth = 1.25;
    stairs(g, axes, curve);
    g.stroke();
    g.setLineDash([]);
    g.lineWidth = 2;
    axes.path(g, (i) => curve.recall[i], curve.precision);
  });
  // How large the shaded area is, in it.
  write(g, names.area, axes.px(0) + 12, axes.py(0) - 14, theme, { size: 15, weight: 650, tone: "accent" });
  if (frame.kept) threshold(g, axes, curve, frame.kept - 1, theme, names.threshold);
  if (place >= 0) shown(g, axes, curve, place, frame, theme);
}

/** The outline of the envelope, from a recall of 0 to where it ends, and down. */
function stairs(g, axes, { recall, envelope }) {
  g.beginPath();
  const n = recall.length;
  if (!n) return;
  g.moveTo(axes.px(0), axes.py(envelope[0]));
  for (let i = 0; i < n; i++) {
    const level = envelope[i];
    g.lineTo(axes.px(i ? recall[i - 1] : 0), axes.py(level));
    g.lineTo(axes.px(recall[i]), axes.py(level));
  }
  g.lineTo(axes.px(recall[n - 1]), axes.py(0));
}

function shade(g, axes, rule, curve, theme) {
  if (!curve.recall.length) return;
  g.fillStyle = theme.accent;
  if (rule === "all") {
    g.globalAlpha = 0.16;
    stairs(g, axes, curve);
    g.lineTo(axes.px(0), axes.py(0));
    g.fill();
    g.globalAlpha = 1;
    return;
  }
  const recalls = recallsOf(rule);
  const step = axes.box.width / (recalls.length - 1);
  const wide = Math.max(1, step * (rule === "eleven" ? 0.62 : 0.55));
  for (const at of recalls) {
    const level = readAt(curve, at);
    const x = axes.px(at);
    g.globalAlpha = 0.2;
    g.fillRect(x - wide / 2, axes.py(level), wide, axes.py(0) - axes.py(level));
    g.globalAlpha = 1;
    if (rule === "eleven") dot(g, x, axes.py(level), 3.5);
  }
}

function threshold(g, axes, curve, at, theme, words) {
  const [x, y] = [axes.px(curve.recall[at]), axes.py(curve.precision[at])];
  g.lineWidth = 2;
  g.strokeStyle = theme.text;
  g.fillStyle = theme.back;
  g.beginPath();
  g.arc(x, y, 6.5, 0, 2 * Math.PI);
  g.fill();
  g.stroke();
  const right = x < axes.box.left + axes.box.width * 0.62;
  const above = y > axes.box.top + 26;
  const style = { size: 11, weight: 600, align: /** @type {CanvasTextAlign} */ (right ? "left" : "right") };
  const spot = /** @type {[number, number]} */ ([x + (right ? 11 : -11), y + (above ? -9 : 19)]);
  g.font = `${style.weight} ${style.size}px ${theme.font}`;
  g.textAlign = style.align;
  g.lineWidth = 4;
  g.lineJoin = "round";
  g.strokeStyle = theme.back;
  g.strokeText(words, ...spot); // clear of the curve behind it
  write(g, words, ...spot, theme, style);
}

/** The point of one detection, with lines to both axes. */
function shown(g, axes, curve, at, frame, theme) {
  const [x, y] = [axes.px(curve.recall[at]), axes.py(curve.precision[at])];
  g.setLineDash([2, 3]);
  g.lineWidth = 1;
  g.strokeStyle = theme.muted;
  g.beginPath();
  g.moveTo(axes.box.left, y);
  g.lineTo(x, y);
  g.lineTo(x, axes.py(0));
  g.stroke();
  g.setLineDash([]);
  g.fillStyle = theme.back;
  dot(g, x, y, 6);
  g.fillStyle = frame.true[at] ? TRUE : FALSE;
  dot(g, x, y, 4.5);
}

function dot(g, x, y, radius) {
  g.beginPath();
  g.arc(x, y, radius, 0, 2 * Math.PI);
  g.fill();
}
