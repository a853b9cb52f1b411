// The error for every width, both on logarithmic axes. A click chooses a width.

import { format } from "../shared/colours.js";
import { element } from "../shared/dom.js";
import { prepare, write } from "../shared/sketch.js";
import { Axes } from "./axes.js";

const HEIGHT = 300;
const FLOOR = 1e-5;

export class ErrorChart {
  /** @param {HTMLElement} host @param {import("../shared/palette.js").Palette} palette @param {(width: number) => void} choose */
  constructor(host, palette, choose) {
    this.host = host;
    this.palette = palette;
    this.axes = new Axes({ left: 52, right: 12, top: 44, bottom: 34 });
    this.canvas = host.appendChild(element("canvas"));
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "slider");
    this.said = host.appendChild(element("p", "av-said"));
    this.hover = null;
    this.canvas.addEventListener("pointermove", (event) => {
      this.hover = this.#nearest(event);
      this.draw();
    });
    this.canvas.addEventListener("pointerleave", () => {
      this.hover = null;
      this.draw();
    });
    this.canvas.addEventListener("click", (event) => choose(this.content.widths[this.#nearest(event)]));
    this.canvas.addEventListener("keydown", (event) => {
      const side = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
      if (!side) return;
      event.preventDefault();
      const { widths, w } = this.content;
      const next = side > 0 ? widths.find((one) => one > w.length) : [...widths].reverse().find((one) => one < w.length);
      if (next) choose(next);
    });
  }

  receive(content, text) {
    this.content = content;
    this.text = text;
    this.canvas.setAttribute("aria-label", text("Hidden units"));
    this.canvas.setAttribute("aria-valuenow", String(content.w.length));
    this.canvas.setAttribute("aria-valuemin", "1");
    this.canvas.setAttribute("aria-valuemax", String(content.widths[content.widths.length - 1]));
  }

  #nearest(event) {
    const at = 2 ** this.axes.atX(event.clientX - this.canvas.getBoundingClientRect().left);
    let best = 0;
    this.content.widths.forEach((width, i) => {
      if (Math.abs(Math.log(width / at)) < Math.abs(Math.log(this.content.widths[best] / at))) best = i;
    });
    return best;
  }

  draw() {
    const { content, text, palette, axes } = this;
    const width = this.host.clientWidth;
    if (!content || !width) return;
    const { theme } = palette;
    const g = prepare(this.canvas, width, HEIGHT);
    const heights = content.errors.map((error) => Math.log10(Math.max(FLOOR, error)));
    const low = Math.floor(Math.min(-2, ...heights));
    axes.set(width, HEIGHT, [0, 7], [low, 0]);
    const yTicks = Array.from({ length: 1 - low }, (_, i) => low + i);
    axes.grid(g, theme, { xTicks: [0, 1, 2, 3, 4, 5, 6, 7], yTicks, xText: (value) => String(2 ** value), yText: (value) => (value ? `10${power(value)}` : "1") });
    const places = content.widths.map(Math.log2);
    axes.curve(g, places, heights, theme.muted, 2);
    places.forEach((place, i) => {
      g.beginPath();
      g.arc(axes.x(place), axes.y(heights[i]), i === this.hover ? 5 : 3, 0, 2 * Math.PI);
      g.fillStyle = i === this.hover ? theme.accent : theme.muted;
      g.fill();
    });
    const here = [axes.x(Math.log2(content.w.length)), axes.y(Math.log10(Math.max(FLOOR, content.error)))];
    g.beginPath();
    g.arc(...here, 6.5, 0, 2 * Math.PI);
    g.lineWidth = 2.5;
    g.strokeStyle = "#d9772b";
    g.stroke();
    write(g, text("Error against width"), 0, 13, theme, { size: 12, weight: 600, width });
    write(g, text("root mean square, both axes logarithmic"), 0, 29, theme, { size: 11, tone: "muted", width });
    write(g, text("hidden units"), width - 12, HEIGHT - 4, theme, { size: 11, tone: "muted", align: "right" });
    this.said.textContent =
      this.hover === null
        ? text("ring: the network shown; dots: least squares at each width. Click one.")
        : text("{count} units: error {error}", { count: content.widths[this.hover], error: format(content.errors[this.hover], 3) });
  }
}

function power(value) {
  return String(value).replace("-", "⁻").replace(/\d/g, (digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit]);
}
