// Gradient norms by layer at one step of training, the losses over all steps; play, scrub, point.

import { fromAddress, presentAddress, updateAddress } from "../shared/address.js";
import { Axes, decadesAround, ticks } from "../shared/axes.js";
import { format } from "../shared/colours.js";
import { element } from "../shared/dom.js";
import { iconButton, setIcon, setName } from "../shared/icons.js";
import { Palette } from "../shared/palette.js";
import { Postponed } from "../shared/postponed.js";
import { prepare, write } from "../shared/sketch.js";
import { words } from "../shared/words.js";

const EVERY = 220;
const STAYS = 400;
const TITLE = { size: 12, tone: "text", weight: 600 };
const COLOURS = { plain: "#d9772b", residual: "#3a86c8" };

export class View {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    root.classList.add("plain");
    /** @type {(ask: object) => void} */
    this.send = () => {};
    this.palette = new Palette(root);
    this.telling = new Postponed(root, () => this.send({ step: this.step, address: presentAddress() }));
    this.step = 0;
    this.layer = 1;
    this.hidden = new Set();
    this.following = true;
    const wanted = /^s:(\d{1,4})$/.exec(fromAddress("at"));
    this.wanted = wanted ? Number(wanted[1]) : null;
    this.#build();
    this.observer = new ResizeObserver(() => this.#draw());
    this.observer.observe(root);
  }

  destroy() {
    this.observer.disconnect();
    this.#stop();
    this.telling.drop();
  }

  themeChanged() {
    this.palette.refresh();
    this.#draw();
  }

  /** @param {any} content */
  receive(content) {
    const same = this.content?.key === content.key;
    this.content = content;
    this.text = words(content.text);
    const every = function* () {
      for (const run of content.runs) yield* run.norms;
    };
    this.range = decadesAround(every());
    const last = this.#last();
    if (!same) {
      this.#stop();
      this.following = true;
      this.step = Math.min(this.step, last);
    }
    if (this.wanted !== null && last >= this.wanted) {
      this.step = this.wanted;
      this.wanted = null;
      this.following = false;
    } else if (this.following && !(same && content.done)) this.step = last; // while it runs, the newest
    this.step = Math.min(this.step, last);
    this.slider.max = String(last);
    this.tools.hidden = last === 0;
    this.#label();
    this.#draw();
    this.root.dataset.steps = String(last); // for tests
  }

  #last() {
    return Math.max(0, ...this.content.runs.map((/** @type {any} */ run) => run.losses.length - 1));
  }

  #build() {
    this.legend = element("div", "fv-legend");
    this.tools = element("div", "fv-tools");
    this.play = iconButton("play", () => (this.timer ? this.#stop() : this.#start()), true);
    this.slider = element("input");
    this.slider.type = "range";
    this.slider.min = "0";
    this.slider.addEventListener("input", () => {
      const step = Number(this.slider.value);
      this.#stop();
      this.#go(step);
    });
    this.stepLabel = element("span", "fv-step");
    this.tools.append(this.play, this.slider, this.stepLabel);
    this.charts = element("div", "fv-charts");
    this.norms = element("canvas", "fv-norms");
    this.norms.tabIndex = 0;
    this.losses = element("canvas", "fv-losses");
    for (const canvas of [this.norms, this.losses]) canvas.setAttribute("role", "img");
    this.charts.append(this.norms, this.losses);
    this.table = element("table", "fv-table");
    this.table.setAttribute("aria-live", "polite");
    this.root.replaceChildren(this.legend, this.tools, this.charts, this.table);
    this.norms.addEventListener("pointermove", (event) => this.#point(event));
    this.norms.addEventListener("pointerdown", (event) => this.#point(event));
    this.losses.addEventListener("pointerdown", (event) => this.#pickStep(event));
    this.norms.addEventListener("keydown", (event) => this.#onKey(event));
  }

  #label() {
    const { text } = this;
    this.legend.replaceChildren(
      ...this.content.runs.map((/** @type {any} */ run) => {
        const button = element("button", "fv-name");
        button.setAttribute("aria-pressed", String(!this.hidden.has(run.name)));
        const line = element("i", run.depth > 20 ? "fv-thick" : "");
        line.style.setProperty("--own", COLOURS[/** @type {"plain"|"residual"} */ (run.kind)]);
        button.append(line, element("span", "", run.title));
        button.title = text("Show or hide this network");
        button.addEventListener("click", () => {
          if (!this.hidden.delete(run.name)) this.hidden.add(run.name);
          this.#label();
          this.#draw();
        });
        return button;
      }),
    );
    this.slider.setAttribute("aria-label", text("Step of training"));
  }

  // --- the step and the layer ----------------------------------------------------------------------------------------

  #start() {
    const last = this.#last();
    if (this.step >= last) this.#go(0);
    this.timer = setInterval(() => {
      if (this.step >= this.#last()) this.#stop();
      else this.#go(this.step + 1);
    }, EVERY);
    this.#draw();
  }

  #stop() {
    clearInterval(this.timer);
    this.timer = undefined;
    if (this.content) this.#draw();
  }

  /** @param {number} step */
  #go(step) {
    this.following = false;
    this.step = Math.max(0, Math.min(this.#last(), step));
    this.#draw();
    updateAddress({ at: this.step ? `s:${this.step}` : "" });
    this.telling.after(STAYS);
  }

  /** @param {PointerEvent} event */
  #point(event) {
    if (!this.normAxes) return;
    this.layer = Math.round(this.normAxes.valueAt(event.clientX - this.norms.getBoundingClientRect().left));
    this.#draw();
  }

  /** @param {PointerEvent} event */
  #pickStep(event) {
    if (!this.lossAxes || this.#last() === 0) return;
    this.#stop();
    this.#go(Math.round(this.lossAxes.valueAt(event.clientX - this.losses.getBoundingClientRect().left)));
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const move = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (move) this.layer = Math.max(1, Math.min(this.normAxes.x[1], this.layer + move));
    else if (event.key === "Home") this.layer = 1;
    else if (event.key === "End") this.layer = this.normAxes.x[1];
    else if (event.key === " ") this.timer ? this.#stop() : this.#start();
    else if (event.key === "ArrowUp" || event.key === "ArrowDown") this.#go(this.step + (event.key === "ArrowUp" ? 1 : -1));
    else return;
    event.preventDefault();
    this.#draw();
  }

  // --- drawing -------------------------------------------------------------------------------------------------------

  #shown() {
    return this.content.runs.filter((/** @type {any} */ run) => !this.hidden.has(run.name) && run.losses.length);
  }

  #draw() {
    if (!this.content || !this.root.clientWidth) return;
    const { text } = this;
    const last = this.#last();
    this.slider.value = String(this.step);
    this.stepLabel.textContent = text("step {step} of {last}", { step: this.step, last });
    setIcon(this.play, this.timer ? "pause" : "play");
    setName(this.play, this.timer ? text("Pause") : text("Play"));
    const narrow = this.root.clientWidth < 760;
    const wide = last > 0;
    this.losses.hidden = !wide;
    const whole = this.root.clientWidth;
    const width = narrow || !wide ? whole : Math.round(whole * 0.62) - 16;
    this.#drawNorms(width, narrow ? 260 : 320);
    if (wide) this.#drawLosses(narrow ? whole : whole - width - 32, narrow ? 200 : 320);
    this.#drawTable();
  }

  #drawNorms(width, height) {
    const { text, palette } = this;
    const g = prepare(this.norms, width, height);
    const box = { left: 44, top: 28, width: width - 60, height: height - 70 };
    const layers = Math.max(2, ...this.content.runs.map((/** @type {any} */ run) => run.depth));
    const axes = new Axes(box, [1, layers], this.range, { log: true });
    this.normAxes = axes;
    axes.draw(g, palette.theme, { x: ticks(1, layers, Math.max(2, Math.floor(box.width / 70))).filter(Number.isInteger), name: text("layer, from the image on") });
    write(g, text("Norm of the gradient by the layer's weights"), 0, 12, palette.theme, TITLE);
    const x = axes.px(this.layer);
    g.strokeStyle = palette.theme.faint;
    g.setLineDash([3, 3]);
    g.beginPath();
    g.moveTo(x, box.top);
    g.lineTo(x, box.top + box.height);
    g.stroke();
    g.setLineDash([]);
    for (const run of this.#shown()) {
      const values = normsAt(run, this.step);
      this.#line(g, run, axes, (index) => index + 1, values);
      if (this.layer <= values.length && values[this.layer - 1] > 0) {
        g.fillStyle = COLOURS[run.kind];
        g.beginPath();
        g.arc(x, axes.py(values[this.layer - 1]), 3.5, 0, 7);
        g.fill();
      }
    }
    const at = this.#shown().map((run) => `${run.title}: ${this.#value(run)}`);
    this.norms.setAttribute("aria-label", `${text("layer {layer}", { layer: this.layer })}. ${at.join(", ")}`);
  }

  #drawLosses(width, height) {
    const { text, palette, content } = this;
    const g = prepare(this.losses, width, height);
    const box = { left: 34, top: 28, width: width - 44, height: height - 70 };
    const finite = this.#shown().flatMap((run) => [...run.losses].filter(Number.isFinite));
    const high = Math.min(Math.max(2.6, ...finite) * 1.05, 6);
    const axes = new Axes(box, [0, Math.max(1, content.steps)], [0, high]);
    this.lossAxes = axes;
    axes.draw(g, palette.theme, { x: ticks(...axes.x).filter(Number.isInteger), name: text("step") });
    write(g, text("Loss of the batch (guessing: {loss})", { loss: format(content.guess, 3) }), 0, 12, palette.theme, TITLE);
    const guess = axes.py(content.guess);
    g.strokeStyle = palette.theme.faint;
    g.setLineDash([2, 4]);
    g.beginPath();
    g.moveTo(box.left, guess);
    g.lineTo(box.left + box.width, guess);
    g.stroke();
    g.setLineDash([]);
    axes.within(g, () => {
      for (const run of this.#shown()) this.#line(g, run, axes, (index) => index, run.losses);
    });
    const x = axes.px(this.step);
    g.strokeStyle = palette.theme.text;
    g.beginPath();
    g.moveTo(x, box.top);
    g.lineTo(x, box.top + box.height);
    g.stroke();
    this.losses.setAttribute("aria-label", this.#shown().map((run) => `${run.title}: ${format(run.losses.at(-1), 3)}`).join(", "));
  }

  /** @param {CanvasRenderingContext2D} g @param {any} run @param {Axes} axes @param {(index: number) => number} x @param {ArrayLike<number>} values */
  #line(g, run, axes, x, values) {
    g.strokeStyle = COLOURS[/** @type {"plain"|"residual"} */ (run.kind)];
    g.lineWidth = run.depth > 20 ? 2.4 : 1.6;
    g.setLineDash(run.depth > 20 ? [] : [6, 3]);
    g.lineJoin = "round";
    axes.path(g, x, values);
    g.setLineDash([]);
  }

  /** @param {any} run */
  #value(run) {
    const value = normsAt(run, this.step)[this.layer - 1];
    return value === undefined ? "–" : format(value, 3);
  }

  #drawTable() {
    const { text } = this;
    const rows = this.content.runs.map((/** @type {any} */ run) => {
      const row = element("tr");
      const values = normsAt(run, this.step);
      const spread = values.length > 1 ? values[0] / values[values.length - 2] : NaN;
      const loss = run.losses[Math.min(this.step, run.losses.length - 1)];
      const stopped = run.losses.length && !Number.isFinite(run.losses.at(-1)) ? text("diverged") : null;
      const name = element("th", "", run.title);
      name.scope = "row";
      name.style.setProperty("--own", COLOURS[/** @type {"plain"|"residual"} */ (run.kind)]);
      row.append(
        name,
        element("td", "", this.#value(run)),
        element("td", "", Number.isFinite(spread) ? format(spread, 3) : "–"),
        element("td", "", stopped ?? (loss === undefined ? "–" : format(loss, 3))),
      );
      return row;
    });
    const head = element("tr");
    const titles = [text("Network"), text("layer {layer}", { layer: this.layer }), text("first layer : last convolution"), text("loss")];
    head.append(...titles.map((title) => element("th", "", title)));
    this.table.replaceChildren(head, ...rows);
  }
}

/**
 * The norms of all layers at a step; of a run that has ended before, its last.
 * @param {{depth: number, norms: Float32Array, losses: ArrayLike<number>}} run
 * @param {number} step
 */
export function normsAt(run, step) {
  const at = Math.min(step, run.losses.length - 1);
  return at < 0 ? new Float32Array(0) : run.norms.subarray(at * run.depth, (at + 1) * run.depth);
}
