// Training runs while they learn: four plots and a strip of gradients over the same epochs, read off together.

import { element } from "../shared/dom.js";
import { mount } from "../shared/mount.js";
import { Palette } from "../shared/palette.js";
import { words } from "../shared/words.js";
import { Gradients } from "./gradients.js";
import { Plot } from "./plot.js";
import { indexAt } from "../shared/series.js";

class View {
  /** @param {HTMLElement} host */
  constructor(host) {
    this.host = host;
    this.palette = new Palette(host);
    /** The epoch that is read off; null for the newest. @type {number|null} */
    this.at = null;
    this.log = false;
    this.smooth = 0;
    this.legend = element("div", "rv-legend");
    this.controls = element("div", "rv-controls");
    this.logBox = element("input");
    this.logBox.type = "checkbox";
    this.logBox.addEventListener("change", () => {
      this.log = this.logBox.checked;
      this.draw();
    });
    this.smoothing = element("input");
    Object.assign(this.smoothing, { type: "range", min: "0", max: "0.95", step: "0.05", value: "0" });
    this.smoothing.addEventListener("input", () => {
      this.smooth = Number(this.smoothing.value);
      this.draw();
    });
    this.logText = element("span");
    this.smoothText = element("span");
    const [log, smooth] = [element("label", "rv-check"), element("label", "rv-smooth")];
    log.append(this.logBox, this.logText);
    smooth.append(this.smoothText, this.smoothing);
    this.where = element("output", "rv-where");
    this.controls.append(this.where, log, smooth);
    const point = (epoch) => this.#point(epoch);
    const move = (steps) => this.#move(steps);
    this.plots = ["loss", "accuracy", "rate", "speed"].map((kind) => new Plot(kind, point, move));
    this.gradients = new Gradients(point, move);
    const grid = element("div", "rv-plots");
    grid.append(...this.plots.map((plot) => plot.root));
    const head = element("div", "rv-head");
    head.append(this.legend, this.controls);
    host.replaceChildren(head, grid, this.gradients.root);
    host.setAttribute("role", "group");
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(host);
  }

  destroy() {
    this.observer.disconnect();
  }

  themeChanged() {
    this.palette.refresh();
    this.draw();
  }

  /** @param {any} content a decoded frame */
  receive(content) {
    this.content = content;
    this.text = words(content.texts);
    const { text } = this;
    this.host.setAttribute("aria-label", content.label);
    this.logText.textContent = text("Logarithmic loss");
    this.smoothText.textContent = text("Smoothing");
    this.#fillLegend();
    this.draw();
  }

  /** @param {number|null} epoch */
  #point(epoch) {
    this.at = epoch;
    this.draw();
  }

  /** Move by some of the first run's steps. @param {number} steps */
  #move(steps) {
    const { at } = this.content.runs[0].steps;
    if (!at.length) return;
    const now = this.at === null ? at.length - 1 : indexAt(at, this.at);
    this.#point(at[Math.max(0, Math.min(at.length - 1, now + steps))]);
  }

  #fillLegend() {
    const { text } = this;
    const runs = this.content.runs.map((run) => {
      const line = element("span", "rv-run");
      const swatch = element("i");
      swatch.style.background = run.colour;
      line.append(swatch, run.name);
      return line;
    });
    const kinds = [["rv-train", text("training")], ["rv-validation", text("validation")]].map(([kind, name]) => {
      const line = element("span", "rv-kind");
      line.append(element("i", kind), name);
      return line;
    });
    this.legend.replaceChildren(...runs, ...kinds);
  }

  draw() {
    if (!this.content || !this.host.clientWidth) return;
    const { content, palette, text, at, log, smooth } = this;
    const end = Math.max(1, ...content.runs.map((run) => run.epochs_in_all));
    this.where.textContent = at === null ? text("newest") : text("epoch {epoch}", { epoch: at.toFixed(2) });
    for (const plot of this.plots) plot.draw({ runs: content.runs, end, at, log, smooth, text, palette });
    this.gradients.draw({ gradients: content.gradients, end, at, text, palette });
  }
}

export default mount(".run-root", View);
