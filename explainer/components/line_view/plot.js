// Data and output as curves over the same cells; the window as a band.

import { brief } from "../shared/numbers.js";
import { prepare, write } from "../shared/sketch.js";
import { reachOf, sourceOf, spanOf } from "./slide.js";

const TALL = 230;
const EDGE = { left: 44, right: 12, top: 26, bottom: 22 };

export class Plot {
  /** @param {import("../shared/palette.js").Palette} palette @param {(place: number) => void} go */
  constructor(palette, go) {
    this.palette = palette;
    this.canvas = document.createElement("canvas");
    this.canvas.className = "lv-canvas";
    this.canvas.setAttribute("role", "img");
    const point = (event) => {
      if (event.type === "pointermove" && event.pointerType !== "mouse" && !event.buttons) return;
      const { line, output } = this.state;
      if (!output.length) return;
      const cell = (event.clientX - this.canvas.getBoundingClientRect().left - EDGE.left) / this.step - 0.5;
      const place = Math.round((cell - (reachOf(line) - 1) / 2) / line.stride);
      go(Math.max(0, Math.min(output.length - 1, place)));
    };
    this.canvas.addEventListener("pointermove", point);
    this.canvas.addEventListener("pointerdown", point);
  }

  /** @param {any} state @param {number} width */
  draw(state, width) {
    this.state = state;
    const { line, output, place, known, text } = state;
    const { theme } = this.palette;
    const g = prepare(this.canvas, width, TALL);
    const span = spanOf(line);
    this.step = (width - EDGE.left - EDGE.right) / span;
    const data = Array.from({ length: span }, (_, at) => {
      const source = sourceOf(line, at - line.padding);
      return source < 0 ? 0 : line.data[source];
    });
    const low = Math.min(0, ...data, ...output);
    const high = Math.max(0, ...data, ...output);
    const room = TALL - EDGE.top - EDGE.bottom;
    const y = (value) => EDGE.top + room * (1 - (value - low) / (high - low || 1));
    const x = (cell) => EDGE.left + (cell + 0.5) * this.step;
    const middle = (reachOf(line) - 1) / 2;

    if (output.length) {
      g.fillStyle = theme.soft;
      g.fillRect(x(place * line.stride - 0.5), EDGE.top, reachOf(line) * this.step, room);
    }
    for (const value of new Set([low, 0, high])) {
      g.fillStyle = theme.line;
      g.fillRect(EDGE.left, Math.round(y(value)), width - EDGE.left - EDGE.right, 1);
      write(g, brief(value, 3), EDGE.left - 7, y(value) + 3.5, theme, { size: 10.5, tone: "muted", align: "right" });
    }
    const every = Math.max(1, Math.ceil(34 / this.step));
    for (let i = 0; i < line.data.length; i++) if (i % every === 0) write(g, String(i), x(i + line.padding), TALL - 5, theme, { size: 10, tone: "faint", align: "center" });

    this.#curve(g, data.map((value, at) => [x(at), y(value)]), theme.faint, [3, 3], (i) => i >= line.padding && i < span - line.padding);
    const shown = known < output.length ? Array.from(output).slice(0, known) : Array.from(output);
    this.#curve(g, shown.map((value, j) => [x(j * line.stride + middle), y(value)]), theme.accent, [], () => true);
    if (place < shown.length) {
      const [px, py] = [x(place * line.stride + middle), y(output[place])];
      g.fillStyle = theme.accent;
      g.beginPath();
      g.arc(px, py, 5, 0, 7);
      g.fill();
      g.strokeStyle = theme.back;
      g.lineWidth = 1.5;
      g.stroke();
    }
    let at = EDGE.left;
    for (const [name, colour, dash] of [[text("data x"), theme.faint, [3, 3]], [text("output y"), theme.accent, []]]) {
      g.strokeStyle = colour;
      g.lineWidth = 2;
      g.setLineDash(dash);
      g.beginPath();
      g.moveTo(at, 11);
      g.lineTo(at + 18, 11);
      g.stroke();
      g.setLineDash([]);
      write(g, name, at + 24, 15, theme, { size: 12, tone: "muted" });
      at += 24 + g.measureText(name).width + 20;
    }
    this.canvas.setAttribute("aria-label", text("Data and output as curves; output from {low} to {high}.", { low: brief(Math.min(...output, Infinity)), high: brief(Math.max(...output, -Infinity)) }));
  }

  #curve(g, points, colour, dash, solid) {
    if (!points.length) return;
    g.strokeStyle = g.fillStyle = colour;
    g.lineWidth = 1.75;
    g.lineJoin = "round";
    g.setLineDash(dash);
    g.beginPath();
    points.forEach(([px, py], i) => (i ? g.lineTo(px, py) : g.moveTo(px, py)));
    g.stroke();
    g.setLineDash([]);
    points.forEach(([px, py], i) => {
      g.beginPath();
      g.arc(px, py, solid(i) ? 2.75 : 1.5, 0, 7);
      g.fill();
    });
  }
}
