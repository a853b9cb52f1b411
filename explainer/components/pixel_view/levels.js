// Grey levels: how many steps, which code each pixel gets, how many bits the picture takes.

import { element } from "../shared/dom.js";
import { prepare, write } from "../shared/sketch.js";
import { BITS } from "./picture.js";

const TALL = 84;

export class Levels {
  /** @param {{put: (change: any) => void}} on */
  constructor(on) {
    this.root = element("div", "px-levels");
    const label = element("label", "px-bits");
    this.name = element("span");
    this.slider = /** @type {HTMLInputElement} */ (element("input"));
    Object.assign(this.slider, { type: "range", min: "1", max: String(BITS), step: "1" });
    this.slider.addEventListener("input", () => on.put({ bits: Number(this.slider.value) }));
    this.count = element("b", "px-count");
    label.append(this.name, this.slider, this.count);
    this.code = element("p", "px-formula px-step");
    this.store = element("p", "px-formula px-store");
    this.chart = element("canvas", "px-chart");
    this.chart.setAttribute("role", "img");
    this.root.append(label, this.code, this.chart, this.store);
  }

  /** @param {any} state @param {any} theme */
  update(state, theme) {
    const { picture, bits, text } = state;
    const { x, y } = state.hovered ?? state.pixel;
    const steps = 2 ** bits;
    const level = picture.greyAt(x, y);
    const code = picture.codeOf(level, bits);
    const digits = code.toString(2).padStart(bits, "0");
    this.name.textContent = text("Grey levels");
    this.slider.value = String(bits);
    this.slider.setAttribute("aria-valuetext", text("{steps} levels, {bits} bits", { steps, bits }));
    this.count.textContent = `${steps} = 2${SUPER[bits]}`;
    this.code.replaceChildren(
      element("span", "px-label", text("its code")), ` ⌊${level} · ${steps} / 256⌋ = ${code} = `, element("b", "px-digits", digits),
      element("span", "px-quiet", ` ${text("shown as grey {level}", { level: picture.shownOf(level, bits) })}`),
    );
    const pixels = picture.width * picture.height;
    const number = (value) => value.toLocaleString("en-US");
    this.store.replaceChildren(
      element("span", "px-label", text("size")), ` ${picture.width} × ${picture.height} × ${bits} ${text("bits")} = `, element("b", "px-total", number(pixels * bits)),
      ` ${text("bits")} = ${number(Math.ceil((pixels * bits) / 8))} ${text("bytes")}`,
      element("span", "px-quiet", ` ${text("in colour, 3 × 8 bits: {bytes} bytes", { bytes: number(3 * pixels) })}`),
    );
    this.#draw(picture, bits, level, text, theme);
  }

  /** How often each grey level occurs, and where the steps begin. */
  #draw(picture, bits, level, text, theme) {
    const width = Math.max(60, this.root.clientWidth);
    const g = prepare(this.chart, width, TALL);
    const room = TALL - 26;
    const most = Math.max(...picture.counts);
    const x = (value) => (value / 256) * width;
    const wide = 256 / 2 ** bits;
    for (let step = 0; step < 2 ** bits; step++) {
      const grey = picture.shownOf(step * wide, bits);
      g.fillStyle = `rgb(${grey},${grey},${grey})`;
      g.fillRect(x(step * wide), room + 4, x(wide) + 0.5, 9);
    }
    g.strokeStyle = theme.line;
    g.strokeRect(0.5, room + 4.5, width - 1, 9);
    g.fillStyle = theme.faint;
    for (let value = 0; value < 256; value++) {
      const tall = Math.sqrt(picture.counts[value] / most) * (room - 4);
      g.fillRect(x(value), room - tall, Math.max(1, x(1) - 0.4), tall);
    }
    if (bits <= 6) for (let step = 1; step < 2 ** bits; step++) {
      g.fillStyle = theme.line;
      g.fillRect(Math.round(x(step * wide)), 0, 1, room);
    }
    g.fillStyle = theme.accent;
    g.fillRect(x(level + 0.5) - 1, 0, 2, room + 16);
    const edge = Math.min(width - 12, Math.max(12, x(level)));
    write(g, String(level), edge, TALL - 1, theme, { size: 10.5, tone: "accent", weight: 650, align: "center" });
    this.chart.setAttribute("aria-label", text("How often each grey level occurs (heights as square roots); the chosen pixel has {level}.", { level }));
  }
}

const SUPER = ["⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸"];
