// The rows on each other: data, the kernel over some of them, their products, and the sums below.

import { element } from "../shared/dom.js";
import { brief } from "../shared/numbers.js";
import { reachOf, sizeOf, sourceOf, spanOf, termsOf, untouched, weightsOf } from "./slide.js";
import { cell as written, makeField, paintCell } from "./cells.js";

const WIDEST = 64;
const NARROWEST = 25;
const LARGEST = 48;
const TOP = 18;
const ROOM = { kernel: 24, products: 22, output: 46, below: 18 };
const SVG = "http://www.w3.org/2000/svg";

export class Stage {
  /**
   * @param {import("../shared/palette.js").Palette} palette
   * @param {{edit: (row: "data"|"kernel", index: number, value: number) => void, go: (place: number) => void}} on
   */
  constructor(palette, on) {
    this.palette = palette;
    this.on = on;
    this.root = element("div", "lv-stage");
    this.gutter = element("div", "lv-gutter");
    this.gutter.setAttribute("aria-hidden", "true");
    this.names = ["data", "kernel", "products", "output"].map((row) => this.gutter.appendChild(element("span", `lv-name lv-name-${row}`)));
    this.scroller = element("div", "lv-scroller");
    this.track = element("div", "lv-track");
    this.scroller.append(this.track);
    this.root.append(this.gutter, this.scroller);
    this.structure = "";
    this.#drag();
  }

  /** Room for the cells, in pixels. */
  get width() {
    const place = /** @type {HTMLElement} */ (this.root.closest(".line-view"));
    return place.clientWidth - this.gutter.offsetWidth - 4;
  }

  /**
   * @param {{line: import("./slide.js").Line, output: ArrayLike<number>, place: number, shown: number, playing: boolean, text: any}} state
   */
  update(state) {
    this.state = state;
    const { line } = state;
    const pitch = Math.max(NARROWEST, Math.min(WIDEST, Math.floor(this.width / Math.max(spanOf(line), reachOf(line)))));
    const structure = [line.data.length, line.kernel.length, line.stride, line.padding, line.dilation, pitch, state.output.length].join();
    if (structure !== this.structure) this.#build(line, pitch, state.output.length);
    this.structure = structure;
    this.#name();
    this.#fill();
    this.#place();
  }

  // --- what is there ---------------------------------------------------------------------------------------------

  #build(line, pitch, count) {
    const size = Math.min(LARGEST, pitch - Math.max(3, Math.round(pitch * 0.1)));
    this.pitch = pitch;
    const y = { data: TOP };
    y.kernel = y.data + size + ROOM.kernel;
    y.products = y.kernel + size + ROOM.products;
    y.output = y.products + size + ROOM.output;
    this.y = y;
    this.size = size;
    const focused = this.#focused();
    const offset = (pitch - size) / 2;
    const put = (host, node, x, top) => {
      Object.assign(node.style, { left: `${x + offset}px`, top: `${top}px`, width: `${size}px`, height: `${size}px` });
      return host.appendChild(node);
    };
    this.track.replaceChildren();
    this.root.style.setProperty("--cell-font", `${Math.max(9.5, Math.min(14, size * 0.4))}px`);
    Object.assign(this.track.style, { width: `${Math.max(spanOf(line), reachOf(line)) * pitch}px`, height: `${y.output + size + ROOM.below}px` });
    this.names.forEach((name, i) => (name.style.top = `${Object.values(y)[i] + size / 2}px`));

    this.band = this.track.appendChild(element("div", "lv-band"));
    Object.assign(this.band.style, { top: `${y.data - 5}px`, height: `${y.products + size + 10 - y.data}px`, width: `${reachOf(line) * pitch}px` });
    this.cells = [];
    this.indices = [];
    for (let i = -line.padding; i < line.data.length + line.padding; i++) {
      const inside = i >= 0 && i < line.data.length;
      const node = inside ? makeField((value) => this.on.edit("data", i, value), (step) => this.#step(this.cells, i + line.padding, step)) : element("span", "lv-cell lv-padding");
      this.cells.push(put(this.track, node, (i + line.padding) * pitch, y.data));
      const index = element("span", "lv-index", pitch > 30 || i % 5 === 0 ? brief(i, 5) : "");
      Object.assign(index.style, { left: `${(i + line.padding) * pitch}px`, width: `${pitch}px` });
      this.indices.push(this.track.appendChild(index));
    }
    this.strip = this.track.appendChild(element("div", "lv-strip"));
    this.weights = [];
    this.products = [];
    line.kernel.forEach((_, k) => {
      const x = k * line.dilation * pitch;
      const field = makeField((value) => this.on.edit("kernel", this.#kernelIndex(k), value), (step) => this.#step(this.weights, k, step));
      this.weights.push(put(this.strip, field, x, y.kernel));
      this.products.push(put(this.strip, element("span", "lv-cell lv-product"), x, y.products));
      for (const [sign, top] of [["×", y.kernel - ROOM.kernel], ["=", y.products - ROOM.products]]) {
        const mark = this.strip.appendChild(element("span", "lv-sign", String(sign)));
        Object.assign(mark.style, { left: `${x}px`, width: `${pitch}px`, top: `${top}px`, height: `${sign === "×" ? ROOM.kernel : ROOM.products}px` });
      }
    });
    this.#svg(line);
    this.#outputs(line, count, put);
    if (focused) this[focused.row]?.[Math.min(focused.index, this[focused.row].length - 1)]?.focus?.();
  }

  #svg(line) {
    const { pitch, size, y } = this;
    const svg = document.createElementNS(SVG, "svg");
    const width = reachOf(line) * pitch;
    svg.setAttribute("class", "lv-flow");
    svg.setAttribute("width", String(width));
    svg.setAttribute("height", String(ROOM.output));
    svg.style.top = `${y.products + size}px`;
    const node = { x: width / 2, y: ROOM.output - 13 };
    this.paths = line.kernel.map((_, k) => {
      const x = (k * line.dilation + 0.5) * pitch;
      const path = document.createElementNS(SVG, "path");
      path.setAttribute("d", `M${x} 2C${x} ${node.y * 0.7} ${node.x} ${node.y * 0.3} ${node.x} ${node.y}`);
      svg.append(path);
      return path;
    });
    const plus = document.createElementNS(SVG, "g");
    plus.setAttribute("class", "lv-plus");
    plus.innerHTML = `<circle cx="${node.x}" cy="${node.y}" r="7.5"/><path d="M${node.x - 4} ${node.y}h8M${node.x} ${node.y - 4}v8"/>`;
    svg.append(plus);
    this.strip.append(svg);
  }

  #outputs(line, count, put) {
    const { pitch, y } = this;
    const { text } = this.state;
    const middle = ((reachOf(line) - 1) / 2) * pitch;
    this.outputs = Array.from({ length: count }, (_, place) => {
      const node = element("button", "lv-cell lv-output");
      node.tabIndex = -1;
      node.addEventListener("click", () => this.on.go(place));
      node.addEventListener("pointerenter", (event) => {
        if (event.pointerType === "mouse" && !this.state.playing && !event.buttons) this.on.go(place);
      });
      const index = element("span", "lv-index", pitch * line.stride > 30 || place % 5 === 0 ? String(place) : "");
      Object.assign(index.style, { left: `${place * line.stride * pitch + middle}px`, width: `${pitch}px`, top: `${y.output + this.size + 3}px` });
      this.track.append(index);
      return put(this.track, node, place * line.stride * pitch + middle, y.output);
    });
    for (let start = 0; line.stride > 1 && start <= spanOf(line) - reachOf(line); start++) {
      if (start % line.stride === 0) continue;
      const dot = this.track.appendChild(element("span", "lv-skipped"));
      dot.title = text("skipped by the stride");
      Object.assign(dot.style, { left: `${(start + 0.5) * pitch + middle}px`, top: `${y.output + this.size / 2}px` });
    }
  }

  #kernelIndex(k) {
    return this.state.line.flip ? this.state.line.kernel.length - 1 - k : k;
  }

  /** The field that is being edited, so that it is found again in a new row. */
  #focused() {
    const active = /** @type {any} */ (this.root.getRootNode()).activeElement;
    for (const row of ["cells", "weights"]) {
      const index = this[row]?.indexOf(active) ?? -1;
      if (index >= 0) return { row, index };
    }
    return null;
  }

  /** The keys lead from one field to the next of its row. */
  #step(row, from, step) {
    const to = row[from + step];
    if (to instanceof HTMLInputElement) to.focus();
  }

  #name() {
    const { text, line } = this.state;
    const words = [text("data x"), line.flip ? text("kernel w, flipped") : text("kernel w"), text("products"), text("output y")];
    this.names.forEach((name, i) => (name.textContent = words[i]));
  }

  // --- values ----------------------------------------------------------------------------------------------------

  #fill() {
    const { line, output, text } = this.state;
    const { palette } = this;
    const left = output.length ? untouched(line) : new Set();
    const peak = (values) => Math.max(1e-12, ...Array.from(values, Math.abs));
    // Data, products and output have one scale: the same value has the same colour in all of them.
    const products = Array.from(output, (_, place) => peak(termsOf(line, place).map(({ product }) => product)));
    this.peaks = { values: peak([...line.data, ...products, ...output]), kernel: peak(line.kernel) };
    this.cells.forEach((node, at) => {
      const i = at - line.padding;
      const source = sourceOf(line, i);
      const value = source < 0 ? 0 : line.data[source];
      paintCell(node, value, this.peaks.values, palette, "signed");
      if (node.classList.contains("lv-padding")) {
        node.title = source < 0 ? text("padding: zero") : text("padding: copied from x[{i}]", { i: source });
        return;
      }
      node.setAttribute("aria-label", `x[${i}]`);
      node.classList.toggle("lv-left", left.has(i));
      node.title = left.has(i) ? text("no window touches this value") : "";
    });
    weightsOf(line).forEach((value, k) => {
      paintCell(this.weights[k], value, this.peaks.kernel, palette, "weights");
      this.weights[k].setAttribute("aria-label", `w[${this.#kernelIndex(k)}]`);
    });
    for (const [row, at] of [[this.cells, line.padding], [this.weights, 0]]) {
      const chosen = row.some((node) => node.tabIndex === 0 && node instanceof HTMLInputElement);
      if (!chosen && row[at]) row[at].tabIndex = 0;
    }
  }

  // --- the place -------------------------------------------------------------------------------------------------

  #place() {
    const { line, output, place, shown, playing } = this.state;
    const { pitch, palette } = this;
    const there = output.length > 0;
    this.band.hidden = this.strip.hidden = false;
    const at = there ? place : 0;
    const shift = `translateX(${at * line.stride * pitch}px)`;
    this.band.style.transform = this.strip.style.transform = shift;
    this.root.classList.toggle("lv-none", !there);
    const terms = termsOf(line, at);
    const peak = Math.max(1e-12, ...terms.map(({ product }) => Math.abs(product)));
    terms.forEach(({ product }, k) => {
      const visible = there && k < shown;
      this.products[k].classList.toggle("lv-empty", !visible);
      paintCell(this.products[k], visible ? product : null, this.peaks.values, palette, "signed");
      const path = this.paths[k];
      path.style.stroke = product < 0 ? palette.theme.down : palette.theme.up;
      path.style.strokeWidth = String(product ? 1 + (2.5 * Math.abs(product)) / peak : 0.75);
      path.style.opacity = visible ? (product ? "0.8" : "0.28") : "0";
    });
    this.outputs.forEach((node, j) => {
      const known = !playing || j < place || (j === place && shown > terms.length);
      node.classList.toggle("lv-empty", !known);
      node.classList.toggle("lv-here", j === place);
      paintCell(node, known ? output[j] : null, this.peaks.values, palette, "signed");
      node.setAttribute("aria-label", `y[${j}] = ${written(output[j])}`);
    });
    const touched = new Set(there ? terms.map(({ cell }) => cell + line.padding) : []);
    this.cells.forEach((node, i) => node.classList.toggle("lv-under", touched.has(i)));
    this.#bring(at * line.stride * pitch, reachOf(line) * pitch);
  }

  /** Keep the window in sight where the row is wider than the screen. */
  #bring(left, width) {
    const { scroller } = this;
    const room = scroller.clientWidth;
    if (left < scroller.scrollLeft) scroller.scrollLeft = Math.max(0, left - 20);
    else if (left + width > scroller.scrollLeft + room) scroller.scrollLeft = left + width - room + 20;
  }

  /** The window can be taken and drawn along. */
  #drag() {
    let grip = null;
    this.track.addEventListener("pointerdown", (event) => {
      if (!(event.target instanceof Element) || !event.target.matches(".lv-band, .lv-strip, .lv-product, .lv-sign") || event.button) return;
      grip = event.clientX - this.state.place * this.state.line.stride * this.pitch;
      this.track.setPointerCapture(event.pointerId);
      event.preventDefault();
    });
    this.track.addEventListener("pointermove", (event) => {
      if (grip === null) return;
      const place = Math.round((event.clientX - grip) / this.pitch / this.state.line.stride);
      const inside = Math.max(0, Math.min(sizeOf(this.state.line) - 1, place));
      if (inside !== this.state.place) this.on.go(inside);
    });
    for (const name of ["pointerup", "pointercancel"]) this.track.addEventListener(name, () => (grip = null));
  }
}
