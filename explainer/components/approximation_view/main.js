// A curve, the network's sum, the part of each unit, and the error for every width. A curve can be drawn.

import { format } from "../shared/colours.js";
import { element } from "../shared/dom.js";
import { mount } from "../shared/mount.js";
import { Palette } from "../shared/palette.js";
import { prepare, write } from "../shared/sketch.js";
import { words } from "../shared/words.js";
import { Axes, line, ticks } from "./axes.js";
import { ErrorChart } from "./errors.js";
import { Pencil } from "./pencil.js";
import { leftToRight, nearest, partial } from "./sum.js";

const MAIN = 300;
const PARTS = 220;
const LIMIT = 1.25;
const SUM = "#d9772b";
/** Milliseconds in which all units are added up. */
const ADDED_IN = 3600;

class View {
  /** @param {HTMLElement} host */
  constructor(host) {
    this.host = host;
    this.palette = new Palette(host);
    const margin = { left: 44, right: 10, top: 24, bottom: 20 };
    this.main = new Axes(margin);
    this.lower = new Axes(margin);
    const left = element("div", "av-left");
    this.canvas = left.appendChild(element("canvas"));
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "application");
    this.said = left.appendChild(element("p", "av-said"));
    this.said.setAttribute("aria-live", "polite");
    this.adding = left.appendChild(element("div", "av-adding"));
    this.play = element("button", "av-play");
    this.slider = element("input");
    Object.assign(this.slider, { type: "range", min: "0", step: "1" });
    this.count = element("span");
    this.adding.append(this.play, this.slider, this.count);
    this.parts = left.appendChild(element("canvas"));
    this.parts.setAttribute("role", "img");
    const right = element("div", "av-right");
    this.chart = new ErrorChart(right, this.palette, (width) => this.sendWidth(width));
    host.replaceChildren(left, right);
    this.added = null;
    this.place = null;
    this.unit = -1;
    this.sendWidth = () => {};
    this.sendCurve = () => {};
    this.pencil = new Pencil(left, this.canvas, this.main, (values) => this.sendCurve(values), () => this.redraw());
    this.#listen();
    this.observer = new ResizeObserver(() => this.redraw());
    this.observer.observe(host);
  }

  #listen() {
    this.slider.addEventListener("input", () => {
      this.#stop();
      this.added = Number(this.slider.value);
      this.redraw();
    });
    this.play.addEventListener("click", () => (this.frame ? this.#stop() : this.#add()));
    for (const [canvas, axes] of [[this.canvas, this.main], [this.parts, this.lower]]) {
      canvas.addEventListener("pointermove", (event) => {
        if (!this.content || this.pencil.busy) return;
        const box = canvas.getBoundingClientRect();
        this.place = Math.round(((axes.atX(event.clientX - box.left) + 1) / 2) * (this.content.x.length - 1));
        const { parts, x } = this.content;
        this.unit = axes === this.lower ? nearest(parts, x.length, this.order, this.shown, this.place, axes.atY(event.clientY - box.top)) : -1;
        this.redraw();
      });
      canvas.addEventListener("pointerleave", () => {
        this.place = null;
        this.unit = -1;
        this.redraw();
      });
    }
    this.canvas.addEventListener("keydown", (event) => {
      if (!this.content || this.pencil.key(event)) return;
      const last = this.content.x.length - 1;
      const step = { ArrowLeft: -4, ArrowRight: 4 }[event.key];
      if (event.key === "Escape") this.place = null;
      else if (step) this.place = Math.max(0, Math.min(last, (this.place ?? last / 2) + step));
      else return;
      event.preventDefault();
      this.redraw();
    });
  }

  destroy() {
    this.observer.disconnect();
    this.pencil.telling.drop();
    cancelAnimationFrame(this.frame);
  }

  themeChanged() {
    this.palette.refresh();
    this.redraw();
  }

  /** @param {any} content a decoded frame */
  receive(content) {
    const before = this.content;
    this.content = content;
    this.text = words(content.texts);
    this.order = leftToRight(content.w, content.b);
    if (before && (before.w.length !== content.w.length || before.unitKey !== content.unitKey)) {
      this.#stop();
      this.added = null;
    }
    this.pencil.receive(content, this.text);
    this.chart.receive(content, this.text);
    this.redraw();
  }

  get shown() {
    return this.added ?? this.content.w.length;
  }

  #add() {
    const count = this.content.w.length;
    const begun = performance.now();
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const from = this.shown >= count ? 0 : this.shown;
    const time = Math.min(ADDED_IN, 500 * count) * (1 - from / count);
    const tick = (now) => {
      const part = still ? 1 : Math.max(0, Math.min(1, (now - begun) / time));
      this.added = Math.round(from + (count - from) * part);
      this.frame = part < 1 ? requestAnimationFrame(tick) : 0;
      this.draw();
    };
    this.frame = requestAnimationFrame(tick);
  }

  #stop() {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    if (this.content) this.redraw();
  }

  redraw() {
    if (!this.content || this.queued) return;
    this.queued = true;
    requestAnimationFrame(() => {
      this.queued = false;
      this.draw();
    });
  }

  draw() {
    const { content, text } = this;
    const width = this.canvas.parentElement.clientWidth;
    if (!content || !width) return;
    const count = content.w.length;
    this.sum = partial(content.parts, content.x.length, this.order, this.shown, content.c);
    this.#main(width);
    this.#parts(width);
    this.slider.max = String(count);
    this.slider.value = String(this.shown);
    this.slider.setAttribute("aria-label", text("Units added up"));
    this.count.textContent = text("{some} of {all} units", { some: this.shown, all: count });
    this.play.textContent = this.frame ? text("Pause") : text("Add them up");
    this.said.textContent = this.#words();
    this.canvas.setAttribute("aria-label", `${text("Curve and sum. Arrow keys read values.")} ${this.said.textContent}`);
    this.chart.draw();
  }

  #main(width) {
    const { content, text, palette, main } = this;
    const { theme } = palette;
    const g = prepare(this.canvas, width, MAIN);
    main.set(width, MAIN, [-1, 1], [-LIMIT, LIMIT]);
    main.grid(g, theme, { xTicks: [-1, -0.5, 0, 0.5, 1], yTicks: [-1, -0.5, 0, 0.5, 1] });
    g.save();
    g.beginPath();
    g.rect(main.margin.left, main.margin.top - 8, width - main.margin.left, MAIN - main.margin.top - main.margin.bottom + 16);
    g.clip();
    const curve = this.pencil.values ?? content.curve;
    main.curve(g, content.x, curve, theme.muted, 5);
    if (!this.pencil.busy) main.curve(g, content.x, this.sum, SUM, 2.2);
    if (this.unit >= 0) main.curve(g, content.x, this.#part(this.unit), theme.accent, 1.6, [4, 3]);
    this.pencil.draw(g, theme);
    g.restore();
    this.#pointer(g, main, MAIN);
    let at = main.margin.left;
    for (const [label, colour, thick] of [[text("curve"), theme.muted, 5], [text("the network's sum"), SUM, 2.2]]) {
      g.strokeStyle = colour;
      g.lineWidth = thick;
      line(g, at, 9, at + 20, 9);
      write(g, label, at + 26, 13, theme, { size: 11.5 });
      at += 44 + g.measureText(label).width;
    }
  }

  #part(unit) {
    const { parts, x } = this.content;
    return parts.subarray(unit * x.length, (unit + 1) * x.length);
  }

  #parts(width) {
    const { content, text, palette, lower } = this;
    const { theme } = palette;
    const g = prepare(this.parts, width, PARTS);
    let [low, high] = [0, 0];
    for (const value of content.parts) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
    const room = 0.06 * Math.max(1e-6, high - low);
    lower.set(width, PARTS, [-1, 1], [low - room, high + room]);
    lower.grid(g, theme, { xTicks: [-1, -0.5, 0, 0.5, 1], yTicks: ticks(low - room, high + room), yText: (value) => format(value, 3) });
    const added = new Set(this.order.slice(0, this.shown));
    for (const unit of this.order) {
      g.globalAlpha = added.has(unit) ? (this.unit >= 0 ? 0.25 : Math.max(0.3, 1 - content.w.length / 90)) : 0.07;
      lower.curve(g, content.x, this.#part(unit), content.v[unit] < 0 ? theme.down : theme.up, 1.3);
    }
    g.globalAlpha = 1;
    if (this.unit >= 0) lower.curve(g, content.x, this.#part(this.unit), theme.accent, 2.5);
    this.#pointer(g, lower, PARTS);
    write(g, text("What each unit adds: v · σ(w·x + b)"), 0, 13, theme, { size: 12, weight: 600, width });
    this.parts.setAttribute("aria-label", text("What each unit adds: v · σ(w·x + b)"));
  }

  #pointer(g, axes, height) {
    if (this.place === null) return;
    g.strokeStyle = this.palette.theme.faint;
    g.lineWidth = 1;
    const x = axes.x(this.content.x[this.place]);
    line(g, x, axes.margin.top, x, height - axes.margin.bottom);
  }

  #words() {
    const { content, text } = this;
    if (this.unit >= 0) {
      return text("unit {unit}: {v} · σ({w} · x + {b})", {
        unit: this.order.indexOf(this.unit) + 1,
        v: format(content.v[this.unit], 4),
        w: format(content.w[this.unit], 4),
        b: format(content.b[this.unit], 4),
      });
    }
    if (this.place !== null) {
      const [curve, sum] = [content.curve[this.place], this.sum[this.place]];
      return text("x = {x}: curve {curve}, sum {sum}, difference {difference}", {
        x: content.x[this.place].toFixed(3).replace("-", "−"),
        curve: format(curve, 4),
        sum: format(sum, 4),
        difference: format(sum - curve, 3),
      });
    }
    return text("{count} units: root mean square error {error}, largest difference {largest}", {
      count: content.w.length,
      error: format(content.error, 3),
      largest: format(content.largest, 3),
    });
  }
}

export default mount(".approximation-view", View, (view, { setTriggerValue }) => {
  view.sendWidth = (width) => setTriggerValue("width", width);
  view.sendCurve = (values) => setTriggerValue("curve", values);
});
