// The number under the shared point on every side, how far it is from the first, and its bits.

import { format } from "../shared/colours.js";
import { bitsOf, rounded } from "./bits.js";
import { element } from "../shared/dom.js";

export class Readout {
  /** @param {HTMLElement} host @param {import("./state.js").State} store */
  constructor(host, store) {
    this.store = store;
    this.element = element("div", "tv-readout");
    host.append(this.element);
    const { data } = store;
    this.rows = data.sides.map((/** @type {any} */ side, /** @type {number} */ place) => {
      const row = element("div", "tv-row");
      const name = element("span", "tv-row-name");
      name.append(swatch(place), document.createTextNode(side.title));
      const [where, value, apart] = ["tv-where", "tv-number", "tv-apart"].map((kind) => element("span", kind));
      row.append(name, where, value, apart);
      const bits = data.formats.length ? new Bits(row, data.formats[place], store) : null;
      this.element.append(row);
      return { where, value, apart, bits };
    });
    if (data.formats.length) this.element.append(this.#key());
  }

  #key() {
    const { store } = this;
    const line = element("p", "tv-bits-key");
    for (const [kind, word] of [
      ["s", store.text("sign")],
      ["e", store.text("exponent")],
      ["f", store.text("fraction")],
    ]) {
      const part = element("span");
      part.append(element("i", `tv-bit tv-bit-${kind}`), document.createTextNode(word));
      line.append(part);
    }
    return line;
  }

  draw() {
    const { store } = this;
    const values = this.rows.map((/** @type {any} */ _, /** @type {number} */ i) => store.valueAt(i));
    this.rows.forEach((/** @type {any} */ { where, value, apart, bits }, /** @type {number} */ i) => {
      const { y, x } = store.unit(i);
      where.textContent = store.text("channel {number}, row {y}, column {x}", { number: store.channels[i], y, x });
      value.textContent = format(values[i], store.data.formats.length ? 8 : 4);
      value.title = String(values[i]);
      if (i && store.data.linked) apart.textContent = this.#apart(values[i], values[0]);
      if (i && bits) apart.title = store.text("One rounding alone: {error}", { error: this.#rounding(values[0], i) });
      bits?.draw(values[i]);
    });
  }

  /** What rounding the exact number once would cost. @param {number} exact @param {number} place */
  #rounding(exact, place) {
    const error = Math.abs(rounded(exact, this.store.data.formats[place]) - exact) / Math.abs(exact);
    return Number.isFinite(error) ? percent(error) : "–";
  }

  /** @param {number} value @param {number} first */
  #apart(value, first) {
    const { store } = this;
    const difference = value - first;
    if (difference === 0) return store.text("equal");
    const relative = Math.abs(difference) / Math.abs(first);
    const share = Number.isFinite(relative) ? ` (${percent(relative)})` : "";
    return `${difference > 0 ? "+" : ""}${format(difference, 3)}${share}`;
  }
}

class Bits {
  /** @param {HTMLElement} row @param {any} form @param {import("./state.js").State} store */
  constructor(row, form, store) {
    this.form = form;
    this.store = store;
    this.element = element("span", "tv-bits");
    this.element.setAttribute("role", "img");
    this.product = element("span", "tv-product");
    this.cells = ["s", "e", "f"].map((kind, i) => {
      const group = element("span", "tv-bit-group");
      const count = [1, form.exponent, form.fraction][i];
      group.replaceChildren(...Array.from({ length: count }, () => element("i", `tv-bit tv-bit-${kind}`)));
      this.element.append(group);
      return [...group.children];
    });
    row.append(this.element, this.product);
  }

  /** @param {number} value */
  draw(value) {
    const { sign, exponent, fraction, power, significand } = bitsOf(value, this.form);
    [sign, exponent, fraction].forEach((digits, i) => {
      this.cells[i].forEach((cell, at) => {
        cell.textContent = digits[at];
        cell.classList.toggle("tv-one", digits[at] === "1");
      });
    });
    this.element.dataset.bits = sign + exponent + fraction;
    this.element.setAttribute(
      "aria-label",
      this.store.text("sign {sign}, exponent {exponent}, fraction {fraction}", { sign, exponent, fraction }),
    );
    const minus = sign === "1" ? "−" : "";
    this.product.replaceChildren();
    if (!Number.isFinite(value)) return;
    this.product.append(`${minus}${significand.toFixed(Math.min(7, this.form.fraction))} × 2`, element("sup", "", String(power).replace("-", "−")));
  }
}

/** @param {number} place */
export function swatch(place) {
  return element("i", `tv-swatch tv-side-${place}`);
}

/** @param {number} part */
export function percent(part) {
  const value = 100 * part;
  if (value === 0) return "0 %";
  if (value < 0.001) return "< 0.001 %";
  return `${value >= 99.95 ? Math.round(value) : value >= 0.1 ? value.toFixed(1) : format(value, 2)} %`;
}
