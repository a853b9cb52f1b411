// A number in float32, bfloat16 and float16: its bits as boxes, what it is rounded to, and the numbers beside that.

import { format } from "../shared/colours.js";
import { element } from "../shared/dom.js";
import { mount } from "../shared/mount.js";
import { photoCanvas } from "../shared/photo.js";
import { words } from "../shared/words.js";
import { decoded } from "./decode.js";
import { neighbours } from "./neighbours.js";

/** @type {Record<string, [number, number]>} */
const STEPS = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };
const RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** @param {number} value */
const raised = (value) => `${value < 0 ? "⁻" : ""}${[...String(Math.abs(value))].map((digit) => RAISED[Number(digit)]).join("")}`;

class Bits {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    /** @type {(ask: object) => void} */
    this.send = () => {};
    this.picture = element("div", "bits-picture");
    this.rows = element("div", "bits-rows");
    const frame = element("div", "bits plain");
    frame.append(this.picture, this.rows);
    root.replaceChildren(frame);
    this.rows.addEventListener("keydown", (event) => {
      const way = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      const box = /** @type {HTMLElement} */ (event.target);
      if (!way || !box.classList.contains("bit")) return;
      event.preventDefault();
      const boxes = [...box.closest(".bits-boxes").querySelectorAll(".bit")];
      /** @type {HTMLElement|undefined} */ (boxes[boxes.indexOf(box) + way])?.focus();
    });
  }

  /** @param {any} frame a decoded one */
  receive(frame) {
    this.text = words(frame.texts);
    const focused = /** @type {any} */ (this.root.getRootNode()).activeElement?.dataset?.at ?? null;
    this.frame = frame;
    this.#picture();
    this.rows.replaceChildren(...frame.formats.map((one) => this.#format(one)));
    if (focused) /** @type {HTMLElement|null} */ (this.rows.querySelector(`[data-at="${focused}"]`))?.focus({ preventScroll: true });
  }

  /** The picture whose pixel it is. */
  #picture() {
    const { text, frame } = this;
    this.picture.hidden = !frame.picture;
    if (!frame.picture) return;
    const { width, height } = frame.picture;
    const [y, x] = frame.pixel;
    const stage = element("div", "bits-stage");
    stage.tabIndex = 0;
    stage.setAttribute("role", "application");
    stage.setAttribute("aria-label", text("Picture, pixel in row {y}, column {x}: arrow keys move", { y, x }));
    const spot = element("i");
    Object.assign(spot.style, { left: `${(100 * x) / width}%`, top: `${(100 * y) / height}%`, width: `${100 / width}%`, height: `${100 / height}%` });
    stage.append(photoCanvas(frame.picture), spot);
    const go = (/** @type {number} */ row, /** @type {number} */ column) => {
      const pixel = [Math.max(0, Math.min(height - 1, row)), Math.max(0, Math.min(width - 1, column))];
      this.send({ pixel, serial: Date.now() });
    };
    stage.addEventListener("click", (event) => {
      const box = stage.getBoundingClientRect();
      go(Math.floor(((event.clientY - box.top) / box.height) * height), Math.floor(((event.clientX - box.left) / box.width) * width));
    });
    stage.addEventListener("keydown", (event) => {
      const step = STEPS[event.key];
      if (!step) return;
      event.preventDefault();
      go(y + step[0], x + step[1]);
    });
    const focused = this.picture.contains(/** @type {any} */ (this.root.getRootNode()).activeElement);
    this.picture.replaceChildren(stage);
    if (focused) stage.focus({ preventScroll: true });
  }

  #format(one) {
    const { text } = this;
    const row = element("section", "bits-format");
    row.dataset.format = one.name;
    const head = element("h5", "", one.name);
    head.append(element("span", "", text("{sign} + {exponent} + {fraction} bits", { sign: 1, exponent: one.exponent.length, fraction: one.fraction.length })));
    const boxes = element("div", "bits-boxes");
    boxes.setAttribute("role", "group");
    boxes.setAttribute("aria-label", text("Bits of {name}: left and right arrow keys move, Enter flips", { name: one.name }));
    const all = one.sign + one.exponent + one.fraction;
    const names = { sign: text("sign"), exponent: text("exponent"), fraction: text("fraction") };
    let place = 0;
    for (const part of ["sign", "exponent", "fraction"]) {
      const group = element("span", `bits-part bits-${part}`);
      const inside = element("span", "bits-line");
      for (const bit of one[part]) {
        const at = place++;
        const box = element("button", `bit${bit === "1" ? " on" : ""}`, bit);
        box.dataset.at = `${one.name}-${at}`;
        box.tabIndex = at ? -1 : 0;
        box.setAttribute("aria-label", text("{part} bit, {bit}", { part: names[part], bit }));
        box.addEventListener("click", () => this.#flip(one, all, at));
        inside.append(box);
      }
      group.append(inside, element("small", "", names[part]));
      boxes.append(group);
    }
    row.append(head, boxes, this.#said(one), neighbours(one, text));
    return row;
  }

  #flip(one, all, at) {
    const bits = all.slice(0, at) + (all[at] === "1" ? "0" : "1") + all.slice(at + 1);
    const value = decoded(bits, one.exponent.length);
    const number = Number.isNaN(value) ? "nan" : Number.isFinite(value) ? (Object.is(value, -0) ? "-0.0" : String(value)) : value > 0 ? "inf" : "-inf";
    this.send({ number, serial: Date.now() });
  }

  /** The value as a product, and how far it is off. */
  #said(one) {
    const { text } = this;
    const said = element("p", "bits-said");
    const finite = one.kind === "normal" || one.kind === "subnormal";
    if (finite) {
      const first = one.kind === "normal" ? "1" : "0";
      const fraction = one.fraction.replace(/0+$/, "") || "0";
      said.append(element("span", "bits-sum", `${one.sign === "1" ? "−" : ""}${first}.${fraction}₂ × 2${raised(one.power)} = `));
    }
    said.append(element("b", "", one.texts.value));
    const became = {
      overflow: text("Overflow: larger than the largest number, so it becomes infinite."),
      underflow: text("Underflow: less than half of the smallest number, so it becomes zero."),
      few: text("Subnormal: below the smallest normal number, with fewer digits."),
    }[one.became];
    if (became) said.append(element("span", one.became === "few" ? "bits-few" : "bits-lost", became));
    if (finite) said.append(element("span", "bits-error", one.error ? text("relative error {error}", { error: format(one.error, 3) }) : text("exact")));
    return said;
  }
}

export default mount(".bits-root", Bits, (view, { setStateValue }) => {
  view.send = (ask) => setStateValue("ask", ask);
});
