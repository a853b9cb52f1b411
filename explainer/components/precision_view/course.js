// The course of a loss scale, step by step: it halves where gradients overflow, and doubles after quiet steps.

import { Axes } from "../shared/axes.js";
import { element } from "../shared/dom.js";
import { mount } from "../shared/mount.js";
import { Palette } from "../shared/palette.js";
import { prepare, write } from "../shared/sketch.js";
import { words } from "../shared/words.js";

const HEIGHT = 260;
const SIDES = { left: 46, right: 14, top: 26, bottom: 38 };
const RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** @param {number} power */
const twoTo = (power) => `2${power < 0 ? "⁻" : ""}${[...String(Math.abs(power))].map((digit) => RAISED[Number(digit)]).join("")}`;

class Course {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    /** @type {(ask: object) => void} */
    this.send = () => {};
    this.place = 0;
    this.canvas = element("canvas", "course-plot");
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "slider");
    this.said = element("p", "course-said");
    this.said.setAttribute("aria-live", "polite");
    const frame = element("div", "course plain");
    frame.append(this.canvas, this.said);
    root.replaceChildren(frame);
    this.palette = new Palette(frame);
    this.canvas.addEventListener("pointermove", (event) => this.#go(this.#stepAt(event)));
    this.canvas.addEventListener("click", (event) => this.#toggle(this.#stepAt(event)));
    this.canvas.addEventListener("keydown", (event) => {
      const { key } = event;
      const by = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10 }[key];
      const end = { Home: 0, End: this.last }[key];
      if (by === undefined && end === undefined && key !== "Enter" && key !== " ") return;
      event.preventDefault();
      if (key === "Enter" || key === " ") return this.#toggle(this.place);
      this.#go(end ?? this.place + by);
    });
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(root);
  }

  destroy() {
    this.observer.disconnect();
  }

  themeChanged() {
    this.palette.refresh();
    this.draw();
  }

  get last() {
    return this.frame ? this.frame.powers.length - 1 : 0;
  }

  /** @param {any} frame a decoded one */
  receive(frame) {
    this.text = words(frame.texts);
    this.frame = frame;
    this.place = Math.min(this.place, this.last);
    this.draw();
  }

  #stepAt(event) {
    return Math.floor(this.axes.valueAt(event.clientX - this.canvas.getBoundingClientRect().left));
  }

  /** @param {number} place */
  #go(place) {
    const inside = Math.max(0, Math.min(this.last, place));
    if (inside === this.place) return;
    this.place = inside;
    this.draw();
  }

  /** @param {number} place */
  #toggle(place) {
    const step = Math.max(0, Math.min(this.last, place));
    this.#go(step);
    const forced = new Set(this.frame.forced);
    if (!forced.delete(step)) forced.add(step);
    this.send({ overflows: [...forced], serial: Date.now() });
  }

  draw() {
    if (!this.frame) return;
    const { powers, skipped } = this.frame;
    const { theme } = this.palette;
    const { text } = this;
    const width = Math.max(240, this.root.clientWidth);
    const g = prepare(this.canvas, width, HEIGHT);
    const box = { left: SIDES.left, top: SIDES.top, width: width - SIDES.left - SIDES.right, height: HEIGHT - SIDES.top - SIDES.bottom };
    const low = Math.min(...powers) - 1;
    const high = Math.max(...powers) + 1;
    this.axes = new Axes(box, [0, powers.length], [low, high]);
    const { axes } = this;
    const every = Math.max(1, Math.ceil((high - low) / 6));
    const levels = [];
    for (let power = Math.ceil(low); power <= high; power += every) levels.push(power);
    axes.draw(g, theme, { name: text("Step"), y: levels, written: twoTo });
    write(g, text("Loss scale"), 4, 13, theme, { size: 11, tone: "muted" });
    // The step under the pointer.
    g.fillStyle = theme.soft;
    g.fillRect(axes.px(this.place), box.top, axes.px(this.place + 1) - axes.px(this.place), box.height);
    g.fillStyle = theme.dark ? "rgba(240,128,106,0.22)" : "rgba(185,47,51,0.13)";
    skipped.forEach((one, i) => one && g.fillRect(axes.px(i), box.top, axes.px(i + 1) - axes.px(i), box.height));
    g.strokeStyle = theme.accent;
    g.lineWidth = 2;
    g.beginPath();
    powers.forEach((power, i) => {
      if (i) g.lineTo(axes.px(i), axes.py(power));
      else g.moveTo(axes.px(i), axes.py(power));
      g.lineTo(axes.px(i + 1), axes.py(power));
    });
    g.stroke();
    skipped.forEach((one, i) => one && this.#cross(g, axes.px(i + 0.5), axes.py(powers[i]), theme.down));
    powers.forEach((power, i) => i && power > powers[i - 1] && this.#rise(g, axes.px(i), axes.py(power), theme.up));
    this.#tell();
  }

  #cross(g, x, y, colour) {
    g.strokeStyle = colour;
    g.lineWidth = 2;
    g.beginPath();
    for (const way of [1, -1]) {
      g.moveTo(x - 4, y - 4 * way);
      g.lineTo(x + 4, y + 4 * way);
    }
    g.stroke();
  }

  #rise(g, x, y, colour) {
    g.fillStyle = colour;
    g.beginPath();
    g.moveTo(x, y - 6);
    g.lineTo(x - 4.5, y + 2);
    g.lineTo(x + 4.5, y + 2);
    g.fill();
  }

  #tell() {
    const { text, place } = this;
    const { powers, skipped, forced } = this.frame;
    const scale = twoTo(powers[place]);
    let said = text("Step {step}: scale {scale}.", { step: place + 1, scale });
    if (skipped[place]) {
      said += ` ${forced.includes(place) ? text("A gradient is infinite: the step is left out and the scale halved. Click to take the overflow back.") : text("The scale is too large for these gradients: the step is left out and the scale halved.")}`;
    } else if (place && powers[place] > powers[place - 1]) {
      said += ` ${text("Doubled after {count} steps in a row without an overflow.", { count: this.frame.interval })}`;
    } else {
      said += ` ${text("Click, or press Enter, to let a gradient overflow here.")}`;
    }
    this.said.textContent = said;
    this.canvas.setAttribute("aria-label", text("Course of the loss scale"));
    this.canvas.setAttribute("aria-valuemin", "1");
    this.canvas.setAttribute("aria-valuemax", String(this.last + 1));
    this.canvas.setAttribute("aria-valuenow", String(place + 1));
    this.canvas.setAttribute("aria-valuetext", said);
  }
}

export default mount(".course-root", Course, (view, { setStateValue }) => {
  view.send = (ask) => setStateValue("ask", ask);
});
