// A plot's axes: from values to places on a canvas and back, grid and numbers.

import { write } from "../shared/sketch.js";

export class Axes {
  /** @param {{left: number, right: number, top: number, bottom: number}} margin */
  constructor(margin) {
    this.margin = margin;
  }

  /** @param {number} width @param {number} height @param {[number, number]} xs @param {[number, number]} ys */
  set(width, height, xs, ys) {
    Object.assign(this, { width, height, xs, ys });
  }

  x(value) {
    const { left, right } = this.margin;
    return left + ((value - this.xs[0]) / (this.xs[1] - this.xs[0])) * (this.width - left - right);
  }

  y(value) {
    const { top, bottom } = this.margin;
    return top + ((this.ys[1] - value) / (this.ys[1] - this.ys[0])) * (this.height - top - bottom);
  }

  /** The value of x under a place. */
  atX(place) {
    const { left, right } = this.margin;
    const share = (place - left) / Math.max(1, this.width - left - right);
    return this.xs[0] + Math.max(0, Math.min(1, share)) * (this.xs[1] - this.xs[0]);
  }

  atY(place) {
    const { top, bottom } = this.margin;
    const share = (place - top) / Math.max(1, this.height - top - bottom);
    return this.ys[1] - Math.max(0, Math.min(1, share)) * (this.ys[1] - this.ys[0]);
  }

  /** Lines and numbers. @param {CanvasRenderingContext2D} g */
  grid(g, theme, { xTicks, yTicks, xText = String, yText = String }) {
    const { left, right, bottom } = this.margin;
    g.lineWidth = 1;
    for (const value of yTicks) {
      g.strokeStyle = theme.line;
      g.globalAlpha = value === 0 ? 1 : 0.6;
      line(g, left, this.y(value), this.width - right, this.y(value));
      g.globalAlpha = 1;
      write(g, yText(value).replace("-", "−"), left - 6, this.y(value) + 4, theme, { size: 10.5, tone: "muted", align: "right" });
    }
    xTicks.forEach((value, i) => {
      const align = i === 0 ? "left" : i === xTicks.length - 1 ? "right" : "center";
      write(g, xText(value).replace("-", "−"), this.x(value), this.height - bottom + 14, theme, { size: 10.5, tone: "muted", align });
    });
  }

  /** A curve through values at places. @param {CanvasRenderingContext2D} g */
  curve(g, xs, values, colour, width = 2, dashes = []) {
    g.strokeStyle = colour;
    g.lineWidth = width;
    g.lineJoin = "round";
    g.setLineDash(dashes);
    g.beginPath();
    for (let i = 0; i < xs.length; i++) {
      const [x, y] = [this.x(xs[i]), this.y(values[i])];
      if (i) g.lineTo(x, y);
      else g.moveTo(x, y);
    }
    g.stroke();
    g.setLineDash([]);
  }
}

export function line(g, x0, y0, x1, y1) {
  g.beginPath();
  g.moveTo(x0, y0);
  g.lineTo(x1, y1);
  g.stroke();
}

/** Some five round numbers between two ends. */
export function ticks(low, high) {
  const raw = (high - low) / 4;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * ([1, 2, 2.5, 5, 10].find((one) => raw <= one * power) ?? 10);
  const found = [];
  for (let value = Math.ceil(low / step) * step; value <= high + 1e-9 * step; value += step) {
    found.push(Math.abs(value) < 1e-9 * step ? 0 : Number(value.toPrecision(6)));
  }
  return found;
}
