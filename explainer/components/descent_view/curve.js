// Loss over step for every path; the pointer chooses the step.

import { ticks } from "../shared/axes.js";
import { element } from "../shared/dom.js";
import { prepare, write } from "../shared/sketch.js";
import { compact } from "./map.js";

const LEFT = 46;
const RIGHT = 8;
const TOP = 20;
const BOTTOM = 22;
const HEIGHT = 236;
/** Losses nearer to the lowest than this are drawn there: a float64 can tell no more. */
const NEAREST = 1e-12;
const DASHES = [[], [7, 4], [2, 3], [8, 3, 2, 3], [12, 4], [12, 3, 2, 3]];

export class Curve {
  /** @param {import("../shared/palette.js").Palette} palette @param {(step: number, done: boolean) => void} go */
  constructor(palette, go) {
    this.palette = palette;
    this.root = element("figure", "dv-curve");
    this.canvas = this.root.appendChild(element("canvas"));
    this.canvas.setAttribute("role", "img");
    let pressed = false;
    const step = (event, done) => {
      const box = this.canvas.getBoundingClientRect();
      const share = (event.clientX - box.left - LEFT) / Math.max(1, box.width - LEFT - RIGHT);
      go(Math.round(Math.max(0, Math.min(1, share)) * this.steps), done);
    };
    this.canvas.addEventListener("pointerdown", (event) => {
      pressed = true;
      this.canvas.setPointerCapture(event.pointerId);
      step(event, false);
    });
    this.canvas.addEventListener("pointermove", (event) => pressed && step(event, false));
    this.canvas.addEventListener("pointerup", (event) => {
      if (pressed) step(event, true);
      pressed = false;
    });
  }

  /**
   * @param {number} width
   * @param {{paths: {path: import("./optimisers.js").Path, colour: string}[], selected: number, step: number, steps: number, lowest: number|null, title: string}} shown
   */
  draw(width, { paths, selected, step, steps, lowest, title }) {
    this.steps = steps;
    const g = prepare(this.canvas, Math.max(120, width), HEIGHT);
    const { theme } = this.palette;
    const right = Math.max(120, width) - RIGHT;
    const x = (s) => LEFT + (s / Math.max(1, steps)) * (right - LEFT);
    const scale = lowest === null ? plain(paths) : logarithmic(paths, lowest);
    const y = (loss) => TOP + (1 - scale.share(loss)) * (HEIGHT - TOP - BOTTOM);
    const small = { size: 10.5, tone: "muted" };
    g.lineWidth = 1;
    for (const [loss, label] of scale.ticks) {
      g.strokeStyle = theme.line;
      g.globalAlpha = 0.6;
      line(g, LEFT, y(loss), right, y(loss));
      g.globalAlpha = 1;
      write(g, label, LEFT - 6, y(loss) + 4, theme, { ...small, align: "right" });
    }
    for (const value of ticks(0, steps)) {
      if (Number.isInteger(value)) write(g, String(value), x(value), HEIGHT - 6, theme, { ...small, align: value ? "center" : "left" });
    }
    write(g, title, 0, 11, theme, { ...small, size: 11, width: right });
    g.strokeStyle = theme.muted;
    line(g, x(step), TOP - 4, x(step), HEIGHT - BOTTOM);
    g.save();
    g.beginPath();
    g.rect(LEFT - 4, TOP - 5, right - LEFT + 8, HEIGHT - TOP - BOTTOM + 10);
    g.clip();
    g.lineJoin = "round";
    paths.forEach(({ path, colour }, i) => {
      g.strokeStyle = g.fillStyle = colour;
      g.lineWidth = i === selected ? 2.75 : 1.75;
      g.setLineDash(DASHES[i % DASHES.length]);
      g.beginPath();
      for (let s = 0; s < path.losses.length; s++) g.lineTo(x(s), y(path.losses[s]));
      g.stroke();
      g.setLineDash([]);
      const here = Math.min(step, path.losses.length - 1);
      g.beginPath();
      g.arc(x(here), y(path.losses[here]), i === selected ? 4.5 : 3.5, 0, 2 * Math.PI);
      g.fill();
    });
    g.restore();
  }
}

/** How far the loss is above the lowest, by powers of ten. */
function logarithmic(paths, lowest) {
  const log = (loss) => Math.log10(Math.max(NEAREST, loss - lowest));
  let [low, high] = [Infinity, -Infinity];
  const first = paths[0] ? log(paths[0].path.losses[0]) : 0;
  for (const { path } of paths) {
    for (const loss of path.losses) {
      if (!Number.isFinite(loss)) continue;
      low = Math.min(low, log(loss));
      // Of a path that flies away only the beginning is of interest.
      high = Math.max(high, Math.min(log(loss), first + 3));
    }
  }
  low = Math.floor(Math.min(low, first - 1));
  high = Math.ceil(Math.max(high, first));
  const every = Math.ceil((high - low) / 6);
  const found = [];
  for (let power = high; power >= low; power -= every) found.push([lowest + 10 ** power, power === 0 ? "1" : power === 1 ? "10" : `10${raised(power)}`]);
  return { share: (loss) => (Number.isFinite(loss) ? (log(loss) - low) / (high - low) : 2), ticks: found };
}

function plain(paths) {
  const first = paths[0]?.path.losses[0] ?? 1;
  let [low, high] = [Infinity, first];
  for (const { path } of paths) for (const loss of path.losses) if (Number.isFinite(loss)) low = Math.min(low, loss);
  for (const { path } of paths) for (const loss of path.losses) if (loss > high) high = Math.min(loss, first + (first - low) + 1);
  if (!(high > low)) high = low + 1;
  low = Math.max(low, first - 50 * (Math.abs(first) + 1));
  return { share: (loss) => (Number.isFinite(loss) ? (loss - low) / (high - low) : 2), ticks: ticks(low, high).map((value) => [value, compact(value)]) };
}

function raised(power) {
  return String(power).replace(/./g, (sign) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(sign)]);
}

function line(g, x0, y0, x1, y1) {
  g.beginPath();
  g.moveTo(x0, y0);
  g.lineTo(x1, y1);
  g.stroke();
}
