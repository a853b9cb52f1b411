// Loss and share of right answers over the steps, for the examples learnt from and for those held out.

import { prepare, write } from "../shared/sketch.js";

const LEFT = 40;
const RIGHT = 10;
const TOP = 22;
const BOTTOM = 20;
export const HEIGHT = 150;

/**
 * @typedef {{steps: Int32Array, loss: Float32Array, accuracy: Float32Array, heldLoss: Float32Array|null,
 *   heldAccuracy: Float32Array|null}} Stages
 */

/** The stage nearest to a place on the axis. @param {Stages} stages @param {number} x @param {number} width */
export function stageAt({ steps }, x, width) {
  const share = Math.max(0, Math.min(1, (x - LEFT) / Math.max(1, width - LEFT - RIGHT)));
  const step = share * steps[steps.length - 1];
  let best = 0;
  steps.forEach((one, i) => {
    if (Math.abs(one - step) < Math.abs(steps[best] - step)) best = i;
  });
  return best;
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {number} width
 * @param {any} theme
 * @param {Stages} stages
 * @param {{kind: "loss"|"accuracy", title: string, at: number, colour: string}} options
 */
export function drawCurves(canvas, width, theme, stages, { kind, title, at, colour }) {
  const g = prepare(canvas, Math.max(1, width), HEIGHT);
  const held = kind === "loss" ? stages.heldLoss : stages.heldAccuracy;
  const values = stages[kind];
  const last = Math.max(1, stages.steps[stages.steps.length - 1]);
  const finite = [...values, ...(held ?? [])].filter(Number.isFinite);
  const top = kind === "accuracy" ? 1 : nice(Math.max(0.01, ...finite));
  const bottom = kind === "accuracy" ? Math.min(0.5, Math.floor(10 * Math.min(1, ...finite)) / 10) : 0;
  const x = (step) => LEFT + (step / last) * (width - LEFT - RIGHT);
  const y = (value) => TOP + (1 - Math.min(1.02, (value - bottom) / (top - bottom))) * (HEIGHT - TOP - BOTTOM);
  for (const share of [0, 0.5, 1]) {
    const value = bottom + share * (top - bottom);
    g.strokeStyle = theme.line;
    g.lineWidth = 1;
    g.beginPath();
    g.moveTo(LEFT, y(value));
    g.lineTo(width - RIGHT, y(value));
    g.stroke();
    const label = kind === "accuracy" ? `${Math.round(100 * value)}%` : String(Number(value.toPrecision(2)));
    write(g, label, LEFT - 6, y(value) + 4, theme, { size: 10.5, tone: "muted", align: "right" });
  }
  write(g, "0", LEFT, HEIGHT - 5, theme, { size: 10.5, tone: "muted" });
  write(g, last.toLocaleString(), width - RIGHT, HEIGHT - 5, theme, { size: 10.5, tone: "muted", align: "right" });
  write(g, title, 0, 12, theme, { size: 12, weight: 600, width });
  const line = (data, tone, dashes) => {
    g.strokeStyle = tone;
    g.lineWidth = 1.8;
    g.lineJoin = "round";
    g.setLineDash(dashes);
    g.beginPath();
    stages.steps.forEach((step, i) => (i ? g.lineTo(x(step), y(data[i])) : g.moveTo(x(step), y(data[i]))));
    g.stroke();
    g.setLineDash([]);
    g.fillStyle = tone;
    g.beginPath();
    g.arc(x(stages.steps[at]), y(data[at]), 3.5, 0, 2 * Math.PI);
    g.fill();
  };
  g.strokeStyle = theme.muted;
  g.beginPath();
  g.moveTo(x(stages.steps[at]), TOP - 2);
  g.lineTo(x(stages.steps[at]), HEIGHT - BOTTOM);
  g.stroke();
  line(values, theme.text, []);
  if (held) line(held, colour, [5, 3]);
}

/** The next of 1, 2, 5, 10 ... */
function nice(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 2, 5].find((one) => value <= one * power) ?? 10);
}
