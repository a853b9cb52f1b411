// The data behind the loss: points, and the line that each path has reached.

import { plain, ticks } from "../shared/axes.js";
import { element } from "../shared/dom.js";
import { prepare, write } from "../shared/sketch.js";

const LEFT = 30;
const BOTTOM = 20;
const TOP = 20;
const HEIGHT = 236;
const X = [0, 4];
const Y = [-3, 5];

export class LinePlot {
  /** @param {import("../shared/palette.js").Palette} palette */
  constructor(palette) {
    this.palette = palette;
    this.root = element("figure", "dv-line");
    this.canvas = this.root.appendChild(element("canvas"));
    this.canvas.setAttribute("role", "img");
  }

  /**
   * @param {number} width
   * @param {{data: {x: number[], y: number[]}, batch: ArrayLike<number>|null, lines: {slope: number, intercept: number, colour: string, strong: boolean}[], title: string}} shown
   */
  draw(width, { data, batch, lines, title }) {
    const g = prepare(this.canvas, Math.max(120, width), HEIGHT);
    const { theme } = this.palette;
    const x = (value) => LEFT + ((value - X[0]) / (X[1] - X[0])) * (Math.max(120, width) - LEFT - 8);
    const y = (value) => TOP + ((Y[1] - value) / (Y[1] - Y[0])) * (HEIGHT - TOP - BOTTOM);
    write(g, title, 0, 11, theme, { size: 11, tone: "muted", width: width - 4 });
    g.lineWidth = 1;
    g.strokeStyle = theme.line;
    for (const value of ticks(...Y)) {
      g.globalAlpha = value ? 0.5 : 1;
      g.beginPath();
      g.moveTo(x(X[0]), y(value));
      g.lineTo(x(X[1]), y(value));
      g.stroke();
      g.globalAlpha = 1;
      write(g, plain(value), LEFT - 6, y(value) + 4, theme, { size: 10.5, tone: "muted", align: "right" });
    }
    for (const value of ticks(...X)) write(g, String(value), x(value), HEIGHT - 5, theme, { size: 10.5, tone: "muted", align: "center" });
    g.save();
    g.beginPath();
    g.rect(x(X[0]), TOP, x(X[1]) - x(X[0]), HEIGHT - TOP - BOTTOM);
    g.clip();
    for (const { slope, intercept, colour, strong } of lines) {
      g.strokeStyle = colour;
      g.lineWidth = strong ? 2.75 : 1.75;
      g.beginPath();
      g.moveTo(x(X[0]), y(slope * X[0] + intercept));
      g.lineTo(x(X[1]), y(slope * X[1] + intercept));
      g.stroke();
    }
    g.restore();
    const seen = batch ? new Set(batch) : null;
    data.x.forEach((value, i) => {
      const lit = !seen || seen.has(i);
      g.beginPath();
      g.arc(x(value), y(data.y[i]), lit ? 3.5 : 2.5, 0, 2 * Math.PI);
      g.globalAlpha = lit ? 0.85 : 0.3;
      g.fillStyle = theme.text;
      g.fill();
      g.globalAlpha = 1;
    });
  }
}
