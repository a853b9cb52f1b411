// How large gradients are, by powers of two, against what float16 and bfloat16 hold; a slider scales them.

import { Axes, ticks } from "../shared/axes.js";
import { element } from "../shared/dom.js";
import { mount } from "../shared/mount.js";
import { Palette } from "../shared/palette.js";
import { Postponed } from "../shared/postponed.js";
import { prepare, write } from "../shared/sketch.js";
import { words } from "../shared/words.js";

const HEIGHT = 280;
const SIDES = { left: 46, right: 14, top: 44, bottom: 38 };
const REST = 400;
/** Powers of two of float16: at and below the first all is zero, then come subnormal numbers, normal ones, infinity. */
const ZERO = -25;
const NORMAL = -14;
const INFINITE = 16;
/** The smallest normal number of bfloat16, as of float32. */
const BFLOAT16_NORMAL = -126;
const RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** @param {number} power */
const twoTo = (power) => `2${power < 0 ? "⁻" : ""}${[...String(Math.abs(power))].map((digit) => RAISED[Number(digit)]).join("")}`;

/** @param {number} share */
function percent(share) {
  if (share === 0) return "0 %";
  return share < 0.0001 ? "< 0.01 %" : `${(100 * share).toFixed(share < 0.01 ? 2 : 1)} %`;
}

class Magnitudes {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    /** @type {(ask: object) => void} */
    this.send = () => {};
    this.power = 0;
    this.telling = new Postponed(root, () => this.send({ power: this.power, serial: Date.now() }));
    this.canvas = element("canvas");
    this.canvas.setAttribute("role", "img");
    this.label = element("label", "magnitudes-scale");
    this.name = this.label.appendChild(element("span"));
    this.slider = this.label.appendChild(element("input"));
    Object.assign(this.slider, { type: "range", min: "0", step: "1" });
    this.value = this.label.appendChild(element("output"));
    this.said = element("p", "magnitudes-said");
    this.said.setAttribute("aria-live", "polite");
    const frame = element("div", "magnitudes plain");
    frame.append(this.label, this.canvas, this.said);
    root.replaceChildren(frame);
    this.palette = new Palette(frame);
    this.slider.addEventListener("input", () => {
      this.power = Number(this.slider.value);
      this.draw();
      this.telling.after(REST);
    });
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(root);
  }

  destroy() {
    this.telling.drop();
    this.observer.disconnect();
  }

  themeChanged() {
    this.palette.refresh();
    this.draw();
  }

  /** @param {any} frame a decoded one */
  receive(frame) {
    this.text = words(frame.texts);
    this.frame = frame;
    if (!this.telling.waits) this.power = frame.power;
    this.slider.max = String(frame.vanished.length - 1);
    this.slider.value = String(this.power);
    this.draw();
  }

  draw() {
    if (!this.frame) return;
    const { frame, text, power } = this;
    const { theme } = this.palette;
    const { low, shares } = frame;
    const width = Math.max(240, this.root.clientWidth);
    const g = prepare(this.canvas, width, HEIGHT);
    const box = { left: SIDES.left, top: SIDES.top, width: width - SIDES.left - SIDES.right, height: HEIGHT - SIDES.top - SIDES.bottom };
    const left = Math.min(low - 1, ZERO - 8);
    const right = Math.max(INFINITE + 4, low + shares.length + frame.vanished.length);
    const most = (Math.max(0, ...shares) || 1) * 1.08;
    const axes = new Axes(box, [left, right], [0, most]);
    const zone = (/** @type {number} */ from, /** @type {number} */ to, /** @type {string} */ colour) => {
      g.fillStyle = colour;
      g.fillRect(axes.px(from), box.top, axes.px(to) - axes.px(from), box.height);
    };
    const lost = theme.dark ? "rgba(240,128,106,0.17)" : "rgba(185,47,51,0.09)";
    zone(left, ZERO, lost);
    zone(ZERO, NORMAL, theme.dark ? "rgba(244,196,48,0.13)" : "rgba(214,160,0,0.11)");
    zone(INFINITE, right, lost);
    axes.draw(g, theme, { x: [], y: ticks(0, most, 4), written: (value) => `${Number((100 * value).toPrecision(2))} %` });
    const every = box.width < 480 ? 16 : 8;
    for (let at = Math.ceil(left / every) * every; at <= right; at += every) {
      write(g, twoTo(at), axes.px(at), box.top + box.height + 15, theme, { size: 11, tone: "muted", align: "center" });
    }
    write(g, text("Magnitude × scale"), box.left + box.width, box.top + box.height + 31, theme, { size: 11, tone: "muted", align: "right" });
    const names = [
      [left, ZERO, text("zero")],
      [ZERO, NORMAL, text("subnormal")],
      [NORMAL, INFINITE, text("normal in float16")],
      [INFINITE, right, text("infinite")],
    ];
    for (const [from, to, name] of names) {
      const room = axes.px(to) - axes.px(from);
      write(g, name, (axes.px(from) + axes.px(to)) / 2, SIDES.top - 7, theme, { size: 11, tone: "muted", align: "center", width: room });
    }
    if (left >= BFLOAT16_NORMAL) write(g, text("bfloat16 holds all of this range as normal numbers"), box.left, 14, theme, { size: 11, tone: "muted", width: box.width });
    const bar = axes.px(1) - axes.px(0);
    shares.forEach((share, i) => {
      const at = low + i + power;
      // What float16 loses has the colour of what is lost.
      g.fillStyle = at < ZERO || at >= INFINITE ? theme.down : theme.accent;
      const x = axes.px(at);
      const y = axes.py(share);
      g.fillRect(x + 0.5, y, Math.max(1, bar - 1), box.top + box.height - y);
    });
    this.#tell();
  }

  #tell() {
    const { frame, text, power } = this;
    this.name.textContent = text("Loss scale");
    this.value.textContent = twoTo(power);
    this.slider.setAttribute("aria-valuetext", twoTo(power));
    const said = text("With a loss scale of {scale}, {vanished} of the gradients become zero in float16 and {overflowed} infinite. In bfloat16, without any scale: {other} become zero. {zero} are zero already.", {
      scale: twoTo(power),
      vanished: percent(frame.vanished[power]),
      overflowed: percent(frame.overflowed[power]),
      other: percent(frame.vanished_bfloat16),
      zero: percent(frame.zero),
    });
    this.said.textContent = said;
    this.canvas.setAttribute("aria-label", `${frame.label}. ${said}`);
  }
}

export default mount(".magnitudes-root", Magnitudes, (view, { setStateValue }) => {
  view.send = (ask) => setStateValue("ask", ask);
});
