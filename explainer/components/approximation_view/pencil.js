// Drawing a curve by hand: values at even distances, straight lines between them.

import { element } from "../shared/dom.js";
import { Postponed } from "../shared/postponed.js";

const LIMIT = 1.2;
/** Milliseconds after the last key until the server is told. */
const REST = 350;

export class Pencil {
  /**
   * @param {HTMLElement} host
   * @param {HTMLCanvasElement} canvas
   * @param {import("./axes.js").Axes} axes
   * @param {(values: number[]) => void} send
   * @param {() => void} redraw
   */
  constructor(host, canvas, axes, send, redraw) {
    Object.assign(this, { canvas, axes, send, redraw });
    this.button = element("button", "av-pencil");
    host.prepend(this.button);
    this.telling = new Postponed(host, () => send([...this.typed]));
    this.on = false;
    this.busy = false;
    /** Values being drawn, at the knots; null: the curve of the frame. */
    this.knots = null;
    this.knot = 0;
    this.button.addEventListener("click", () => {
      this.on = !this.on;
      this.show();
      redraw();
    });
    canvas.addEventListener("pointerdown", (event) => {
      if (!this.on || event.button !== 0) return;
      event.preventDefault();
      canvas.setPointerCapture(event.pointerId);
      this.busy = true;
      this.knots = this.#known();
      this.last = null;
      this.#put(event);
    });
    canvas.addEventListener("pointermove", (event) => this.busy && this.#put(event));
    for (const end of ["pointerup", "pointercancel"]) {
      canvas.addEventListener(end, () => {
        if (!this.busy) return;
        this.busy = false;
        send([...this.knots]);
      });
    }
  }

  /** @param {any} content @param {(key: string, values?: any) => string} text */
  receive(content, text) {
    this.content = content;
    this.text = text;
    if (!this.busy) this.knots = null;
    this.show();
  }

  show() {
    const { text } = this;
    this.button.textContent = text("Draw your own curve");
    this.button.setAttribute("aria-pressed", String(this.on));
    this.button.title = text("Draw with the pointer; or with the keys: left and right choose a place, up and down move it.");
    this.canvas.style.touchAction = this.on ? "none" : "pan-y";
    this.canvas.style.cursor = this.on ? "crosshair" : "default";
  }

  /** The curve being drawn, at all places of the plot. */
  get values() {
    if (!this.knots) return null;
    const count = this.content.x.length;
    const last = this.knots.length - 1;
    return Float32Array.from({ length: count }, (_, i) => {
      const at = (i / (count - 1)) * last;
      const below = Math.min(last - 1, Math.floor(at));
      return this.knots[below] + (this.knots[below + 1] - this.knots[below]) * (at - below);
    });
  }

  #known() {
    const { curve, knots } = this.content;
    const stride = (curve.length - 1) / (knots - 1);
    return Array.from({ length: knots }, (_, i) => Math.max(-LIMIT, Math.min(LIMIT, curve[Math.round(i * stride)])));
  }

  #put(event) {
    const box = this.canvas.getBoundingClientRect();
    const last = this.knots.length - 1;
    const knot = Math.round(((this.axes.atX(event.clientX - box.left) + 1) / 2) * last);
    const value = Math.max(-LIMIT, Math.min(LIMIT, this.axes.atY(event.clientY - box.top)));
    const from = this.last ?? { knot, value };
    const steps = Math.max(1, Math.abs(knot - from.knot));
    for (let i = 0; i <= steps; i++) {
      const place = Math.round(from.knot + ((knot - from.knot) * i) / steps);
      this.knots[place] = from.value + ((value - from.value) * i) / steps;
    }
    this.last = { knot, value };
    this.redraw();
  }

  /** @param {KeyboardEvent} event @returns {boolean} whether the key was for the pencil */
  key(event) {
    if (!this.on) return false;
    const last = this.content.knots - 1;
    const side = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const up = { ArrowUp: 0.05, ArrowDown: -0.05 }[event.key];
    if (event.key === "Escape") {
      this.on = false;
      this.show();
    } else if (side) this.knot = Math.max(0, Math.min(last, this.knot + side));
    else if (up) {
      const knots = this.knots ?? this.#known();
      knots[this.knot] = Math.max(-LIMIT, Math.min(LIMIT, knots[this.knot] + up));
      this.knots = this.typed = knots;
      this.telling.after(REST);
    } else return false;
    event.preventDefault();
    this.redraw();
    return true;
  }

  /** Mark the place that the keys move. */
  draw(g, theme) {
    if (!this.on || this.busy) return;
    const values = this.knots ?? this.#known();
    const x = -1 + (2 * this.knot) / (values.length - 1);
    g.beginPath();
    g.arc(this.axes.x(x), this.axes.y(values[this.knot]), 5, 0, 2 * Math.PI);
    g.fillStyle = theme.accent;
    g.fill();
  }
}
