// The kernel: one field for each weight, typed or stepped with the arrow keys, and what of it slides.

import { boxOf, fillCells, outline, writeCell } from "../shared/cells.js";
import { format } from "../shared/colours.js";
import { element } from "../shared/dom.js";
import { trimmed, typedNumber, within } from "../shared/numbers.js";
import { colourBar, prepare } from "../shared/sketch.js";
import { seenTap, weightIndex } from "./compute.js";
import { signedTone } from "./tones.js";

/** Name of a filter that the reader has edited. */
const OWN = "own";
/** Of the column that the kernel has, in pixels. */
const WIDTH = 196;

export class KernelPane {
  /** @param {any} view what it belongs to */
  constructor(view) {
    this.view = view;
    this.root = element("figure", "cl-kernel");
    this.title = element("figcaption");
    this.preset = element("select", "cl-preset");
    this.preset.addEventListener("change", () => view.edit({ kind: "preset", output: view.state.output, name: this.preset.value }));
    this.grid = element("div", "cl-weights");
    this.turned = element("div", "cl-turned");
    this.turnedTitle = element("span");
    this.turnedCanvas = element("canvas");
    this.turnedCanvas.setAttribute("aria-hidden", "true"); // its numbers can be read above, its title says how it lies
    this.turned.append(this.turnedTitle, this.turnedCanvas);
    this.biasRow = element("label", "cl-bias");
    this.biasText = element("span");
    this.bias = this.#input(() => view.state.layer.bias[view.state.output], (value) => view.edit({ kind: "bias", output: view.state.output, value }));
    this.biasRow.append(this.biasText, this.bias);
    this.legend = element("canvas", "cl-legend");
    this.legend.setAttribute("aria-hidden", "true");
    this.root.append(this.title, this.preset, this.grid, this.turned, this.biasRow, this.legend);
    /** @type {HTMLInputElement[]} */
    this.fields = [];
    this.grid.addEventListener("pointerleave", () => view.look(null));
  }

  #input(read, put) {
    const field = element("input");
    Object.assign(field, { type: "text", inputMode: "decimal", spellcheck: false, autocomplete: "off" });
    const restore = () => {
      delete field.dataset.typing;
      field.value = trimmed(format(read(), 4));
    };
    const take = () => {
      if (!field.dataset.typing) return;
      const value = typedNumber(field.value);
      delete field.dataset.typing;
      if (Number.isFinite(value) && Math.abs(value) <= 1e4 && value !== read()) put(value);
      else restore();
    };
    field.addEventListener("input", () => (field.dataset.typing = "yes"));
    field.addEventListener("blur", take);
    field.addEventListener("focus", () => field.select());
    field.addEventListener("keydown", (event) => {
      const sign = { ArrowUp: 1, ArrowDown: -1 }[event.key];
      if (event.key === "Enter") take();
      else if (event.key === "Escape") restore();
      else if (sign) {
        event.preventDefault();
        take();
        put(Number((read() + sign * (event.shiftKey ? 1 : 0.1)).toPrecision(6)));
      }
    });
    return field;
  }

  /** Numbers or the selection have changed. */
  update() {
    const { state, text } = this.view;
    const { layer, output, channel, nth } = state;
    const { rows, columns } = layer;
    const count = rows.kernel * columns.kernel;
    this.title.textContent =
      layer.outputs * layer.channels > 1
        ? text("Kernel: input {input} → output {output}", { input: channel, output })
        : text("Kernel");
    this.#fillPresets();
    const shape = `${rows.kernel}x${columns.kernel}`;
    if (this.shape !== shape) {
      this.shape = shape;
      this.fields = Array.from({ length: count }, (_, at) => this.#weightField(at, columns.kernel));
      this.grid.replaceChildren(...this.fields);
      const side = Math.max(14, Math.min(46, Math.floor(230 / Math.max(rows.kernel, columns.kernel))));
      this.grid.style.gridTemplateColumns = `repeat(${columns.kernel}, minmax(0, ${side}px))`;
      this.grid.style.setProperty("--side", `${side}px`);
      this.grid.dataset.small = String(side < 26);
      const wide = Math.min(side, WIDTH / columns.kernel) - 3;
      this.room = Math.max(3, Math.floor(wide / (side < 26 ? 4.6 : 6.8)));
    }
    this.fields.forEach((field, at) => {
      const [row, column] = [Math.floor(at / columns.kernel), at % columns.kernel];
      field.setAttribute("aria-label", text("weight at row {y}, column {x}", { y: row, x: column }));
      if (!field.dataset.typing) field.value = within(this.#value(at), this.room);
      field.disabled = nth < 0;
    });
    this.biasRow.hidden = !layer.bias;
    if (layer.bias && !this.bias.dataset.typing) this.bias.value = trimmed(format(layer.bias[output], 4));
    this.biasText.textContent = text("bias");
    this.#drawTurned();
    this.paint();
  }

  #fillPresets() {
    const { state, text } = this.view;
    const { presets, names } = state.layer;
    const name = names[state.output];
    const listed = presets.map(([key, title]) => [key, title]);
    if (!listed.some(([key]) => key === name)) listed.push([name, name === OWN ? text("your own") : name]);
    const key = JSON.stringify([listed, name]);
    if (this.presetKey === key) return;
    this.presetKey = key;
    this.preset.replaceChildren(
      ...listed.map(([value, title]) => Object.assign(element("option", "", title), { value, selected: value === name })),
    );
    this.preset.setAttribute("aria-label", text("Ready-made kernels for output {output}", { output: state.output }));
  }

  /** Index into the weights of a field; the fields show the kernel as it is written. */
  #index(at) {
    const { layer, output, nth } = this.view.state;
    const width = layer.columns.kernel;
    return weightIndex({ ...layer, flip: false }, output, nth, Math.floor(at / width), at % width);
  }

  #value(at) {
    return this.view.state.nth < 0 ? 0 : this.view.state.layer.weight[this.#index(at)];
  }

  #weightField(at, width) {
    const place = { row: Math.floor(at / width), column: at % width };
    const put = (value) => {
      const { output, nth } = this.view.state;
      this.view.edit({ kind: "weight", output, nth, ...place, value });
    };
    const field = this.#input(() => this.#value(at), put);
    field.addEventListener("pointerenter", () => this.view.lookAtWeight(place));
    field.addEventListener("focus", () => this.view.lookAtWeight(place));
    field.addEventListener("blur", () => this.view.look(null));
    return field;
  }

  /** Colours, and which weights are looked at. */
  paint() {
    const { state } = this.view;
    const { palette, layer, kernelPeak } = state;
    const tone = signedTone(palette, kernelPeak, "weights");
    const lit = new Set(this.view.litWeights().map(([row, column]) => row * layer.columns.kernel + column));
    this.fields.forEach((field, at) => {
      field.style.background = tone.colour(this.#value(at));
      field.style.color = tone.ink(this.#value(at));
      field.dataset.lit = String(lit.has(at));
    });
    const g = prepare(this.legend, 180, 26);
    colourBar(g, palette, { x: 10, y: 2, w: 160, h: 7 }, trimmed(format(kernelPeak, 3)), "weights");
  }

  /** The kernel as it lies over the input, where that is not as it is written: after half a turn. */
  #drawTurned() {
    const { state, text } = this.view;
    const { layer, palette } = state;
    this.turned.hidden = layer.flip === layer.transposed; // two half turns are none
    if (this.turned.hidden) return;
    this.turnedTitle.textContent = layer.transposed
      ? text("over the spread-out input it lies turned by half a turn")
      : text("turned by half a turn: this is what slides");
    const { rows, columns } = layer;
    const size = Math.max(8, Math.min(34, Math.floor(170 / Math.max(rows.kernel, columns.kernel))));
    const grid = { x: 1, y: 1, size, rows: rows.kernel, columns: columns.kernel };
    const g = prepare(this.turnedCanvas, size * columns.kernel + 2, size * rows.kernel + 2);
    const tone = signedTone(palette, state.kernelPeak, "weights");
    const seen = (row, column) => state.weightAt(...seenTap(layer, row, column));
    fillCells(g, grid, (row, column) => tone.colour(seen(row, column)));
    for (let row = 0; row < rows.kernel; row++) {
      for (let column = 0; column < columns.kernel; column++) {
        const value = seen(row, column);
        writeCell(g, grid, row, column, value, tone.ink(value), palette.theme);
      }
    }
    outline(g, boxOf(grid, 0, 0, rows.kernel - 1, columns.kernel - 1), palette.theme.accent, palette.theme.back, 1.5);
    this.turnedCanvas.setAttribute("role", "img");
    this.turnedCanvas.setAttribute("aria-label", this.turnedTitle.textContent);
  }
}
