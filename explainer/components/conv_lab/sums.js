// One output worked out: the window times the kernel, number by number, added up over the channels.

import { boxOf, fillCells, outline, writeCell } from "../shared/cells.js";
import { format } from "../shared/colours.js";
import { element } from "../shared/dom.js";
import { trimmed } from "../shared/numbers.js";
import { prepare, write } from "../shared/sketch.js";
import { part } from "./compute.js";
import { inputsOf } from "./geometry.js";
import { peakOf, signedTone } from "./tones.js";

const GAP = 26;
const TOP = 20;
const MOST_WRITTEN = 12;

export class Sums {
  /** @param {any} view */
  constructor(view) {
    this.view = view;
    this.root = element("div", "cl-sums");
    this.canvas = element("canvas");
    this.canvas.setAttribute("role", "img");
    this.list = element("div", "cl-totals");
    this.root.append(this.canvas, this.list);
  }

  /** @param {{y: number, x: number}} at */
  draw({ y, x }) {
    const { state, text } = this.view;
    const { layer, output } = state;
    const read = inputsOf(layer, output);
    const all = read.map((_, nth) => part(layer, output, nth, y, x));
    const shown = Math.max(0, state.nth);
    this.#drawProducts(all[shown], read[shown]);
    this.#list(all, read, shown, y, x);
    this.canvas.setAttribute(
      "aria-label",
      text("Input {input} under the window, times the kernel, gives {sum}", { input: read[shown], sum: say(all[shown].sum) }),
    );
  }

  #drawProducts({ values, weights, products }, channel) {
    const { state, text, root } = this.view;
    const { palette, layer, tone, kernelPeak } = state;
    const { theme } = palette;
    const [kh, kw] = [layer.rows.kernel, layer.columns.kernel];
    const whole = root.clientWidth - 4;
    const room = whole > 720 ? Math.min(whole - 250, 1000) : whole;
    const beside = Math.floor((room - 2 * GAP - 4) / (3 * kw));
    const stacked = beside < 22 && kw > 3;
    const size = Math.max(5, Math.min(38, stacked ? Math.floor((room - 4) / kw) : beside));
    const [w, h] = [size * kw, size * kh];
    const width = stacked ? w + 4 : 3 * w + 2 * GAP + 4;
    const height = stacked ? 3 * (h + TOP + 4) : h + TOP + 6;
    const g = prepare(this.canvas, width, height);
    const signed = signedTone(palette, peakOf(products, 1e-12));
    const grids = [
      { numbers: values, tone, title: text("input {channel}", { channel }), sign: "×" },
      { numbers: weights, tone: signedTone(palette, kernelPeak, "weights"), title: text("weights"), sign: "=" },
      { numbers: products, tone: signed, title: text("products"), sign: "" },
    ];
    grids.forEach(({ numbers, tone: own, title, sign }, nth) => {
      const x = 2 + (stacked ? 0 : nth * (w + GAP));
      const y = TOP + (stacked ? nth * (h + TOP + 4) : 0);
      const grid = { x, y, size, rows: kh, columns: kw };
      write(g, title, x, y - 6, theme, { size: 11.5, tone: "muted", width: stacked ? room : w + GAP - 8 });
      fillCells(g, grid, (row, column) => own.colour(numbers[row * kw + column]));
      for (let at = 0; at < numbers.length; at++) {
        const [row, column] = [Math.floor(at / kw), at % kw];
        writeCell(g, grid, row, column, numbers[at], own.ink(numbers[at]), theme);
      }
      const around = boxOf(grid, 0, 0, kh - 1, kw - 1);
      if (nth === 0) outline(g, around, theme.accent, theme.back, 1.5);
      else {
        g.strokeStyle = theme.line;
        g.lineWidth = 1;
        g.strokeRect(around.x - 0.5, around.y - 0.5, around.w, around.h);
      }
      if (!stacked && sign) write(g, sign, x + w + GAP / 2, y + h / 2 + 6, theme, { size: 17, align: "center", tone: "muted" });
    });
  }

  #list(all, read, shown, y, x) {
    const { state, text } = this.view;
    const { layer, output, values, exact } = state;
    const rows = [];
    const line = (name, value, kind = "", action) => {
      const row = element(action ? "button" : "div", `cl-line ${kind}`);
      row.append(element("span", "", name), element("b", "", value));
      if (action) row.addEventListener("click", action);
      rows.push(row);
      return row;
    };
    all.slice(0, MOST_WRITTEN).forEach(({ sum }, nth) => {
      const several = read.length > 1;
      const name = several ? text("sum over input {channel}", { channel: read[nth] }) : text("sum of the products");
      const row = line(name, say(sum), nth === shown && several ? "cl-shown" : "", several ? () => this.view.chooseInput(read[nth]) : undefined);
      row.dataset.term = String(nth);
    });
    if (layer.bias) line(text("+ bias"), say(layer.bias[output]));
    const total = all.reduce((sum, one) => sum + one.sum, layer.bias ? layer.bias[output] : 0);
    line(text("output {channel}, row {y}, column {x}", { channel: output, y, x }), say(total), "cl-total");
    if (layer.relu) line("ReLU: max(0, ·)", say(Math.max(0, total)), "cl-relu");
    const tensor = values[(output * layer.rows.out + y) * layer.columns.out + x];
    const check = exact
      ? text("PyTorch: {value}, differs by {error}", { value: say(tensor), error: format(Math.abs(total - tensor), 1) })
      : text("PyTorch is being asked …");
    rows.push(element("div", "cl-check", check));
    this.list.replaceChildren(...rows);
  }
}

/** A number of up to five digits. @param {number} value */
function say(value) {
  return trimmed(format(Math.abs(value) < 1e-12 ? 0 : value, 5));
}
