// The same operation as a matrix times the data: one row for each place of the window, its weights shared by all rows.

import { element } from "../shared/dom.js";
import { frame, prepare, write } from "../shared/sketch.js";
import { cell as short } from "./cells.js";
import { termsOf } from "./slide.js";

const HEAD = 20;
const LEFT = 26;
const TALLEST = 460;
const LARGEST = 34;

export class Matrix {
  /** @param {import("../shared/palette.js").Palette} palette @param {(place: number) => void} go */
  constructor(palette, go) {
    this.palette = palette;
    this.go = go;
    this.root = element("div", "lv-matrix");
    this.canvas = element("canvas", "lv-canvas");
    this.canvas.setAttribute("role", "img");
    this.said = element("p", "lv-said");
    this.shares = element("p", "lv-shares");
    this.root.append(this.canvas, this.said, this.shares);
    /** The weight whose places are marked, by its place in the window; -1 for none. */
    this.weight = -1;
    this.canvas.addEventListener("pointermove", (event) => this.#point(event));
    this.canvas.addEventListener("pointerdown", (event) => this.#point(event));
    this.canvas.addEventListener("pointerleave", () => {
      this.weight = -1;
      this.draw(this.state, this.width);
    });
  }

  /** @param {any} state @param {number} width */
  draw(state, width) {
    this.state = state;
    this.width = width;
    const { line, output, place, known, matrix, text } = state;
    const [rows, columns] = [output.length, line.data.length];
    const { theme } = this.palette;
    const size = Math.max(4, Math.min(LARGEST, Math.floor((width - LEFT - 76) / (columns + 2)), Math.floor(TALLEST / Math.max(rows, columns, 1))));
    this.size = size;
    const tall = HEAD + Math.max(rows, columns) * size + 4;
    const g = prepare(this.canvas, width, tall);
    const gap = size > 12 ? 2 : 0;
    const box = (left, row) => ({ x: left, y: HEAD + row * size, w: size - gap, h: size - gap });
    const paint = (left, row, value, peak, map, written) => {
      const at = box(left, row);
      g.fillStyle = this.palette.colour(value, peak, map);
      g.fillRect(at.x, at.y, at.w, at.h);
      if (written && size >= 22) write(g, short(value), at.x + at.w / 2, at.y + at.h / 2 + 4, theme, { size: size > 28 ? 12 : 10, tone: this.palette.ink(value, peak, map), align: "center" });
    };
    const peaks = [line.kernel, line.data, output].map((values) => Math.max(1e-12, ...Array.from(values, Math.abs)));
    const zero = box(0, 0);
    for (let row = 0; row < rows; row++) {
      const terms = termsOf(line, row);
      for (let column = 0; column < columns; column++) {
        const at = box(LEFT + column * size, row);
        const value = matrix[row * columns + column];
        if (terms.some(({ source }) => source === column)) paint(LEFT + column * size, row, value, peaks[0], "weights", true);
        else {
          g.fillStyle = theme.soft;
          g.fillRect(at.x, at.y, zero.w, zero.h);
        }
      }
      if (size >= 14) write(g, String(row), LEFT - 8, HEAD + row * size + size / 2 + 3, theme, { size: 10, tone: row === place ? "text" : "faint", align: "right" });
    }
    const x = LEFT + columns * size + 30;
    const y = x + size + 34;
    for (let i = 0; i < columns; i++) paint(x, i, line.data[i], peaks[1], "signed", true);
    for (let j = 0; j < rows; j++) {
      if (j < known) paint(y, j, output[j], peaks[2], "signed", true);
      else frame(g, box(y, j), theme.line);
    }
    const middle = HEAD + (Math.max(rows, columns) * size) / 2;
    write(g, "·", x - 16, middle, theme, { size: 20, tone: "muted", align: "center" });
    write(g, "=", y - 17, middle, theme, { size: 16, tone: "muted", align: "center" });
    for (const [name, left, wide] of [["T", LEFT, columns * size], ["x", x, size], ["y", y, size]]) write(g, name, left + wide / 2, 13, theme, { size: 12, tone: "muted", weight: 600, align: "center" });
    if (rows) {
      const line1 = { x: LEFT, y: HEAD + place * size, w: columns * size - gap, h: size - gap };
      frame(g, line1, theme.accent, 2);
      frame(g, box(y, place), theme.accent, 2);
      for (const { source } of termsOf(line, place)) if (source >= 0) frame(g, box(x, source), theme.accent, 1.5);
    }
    this.#diagonal(g, box, rows);
    this.said.textContent = this.#sentence(rows);
    this.shares.textContent = text("A dense layer would learn {dense} weights here. The convolution learns {own} and uses each of them at {rows} places.", { dense: rows * columns, own: line.kernel.length, rows });
    this.canvas.setAttribute("aria-label", text("Matrix of {rows} rows and {columns} columns; row {row} is marked.", { rows, columns, row: place }));
  }

  #diagonal(g, box, rows) {
    if (this.weight < 0) return;
    const { line } = this.state;
    for (let row = 0; row < rows; row++) {
      const { source } = termsOf(line, row)[this.weight] ?? { source: -1 };
      if (source >= 0) frame(g, box(LEFT + source * this.size, row), this.palette.theme.text, 2);
    }
  }

  #sentence(rows) {
    const { line, text } = this.state;
    if (this.weight < 0) return text("Point at a weight: the same number stands along the whole diagonal.");
    const index = line.flip ? line.kernel.length - 1 - this.weight : this.weight;
    const count = Array.from({ length: rows }, (_, row) => termsOf(line, row)[this.weight]).filter(({ source }) => source >= 0).length;
    return text("w[{index}] = {value} stands in {count} rows: one weight, shared.", { index, value: short(line.kernel[index]), count });
  }

  #point(event) {
    const bounds = this.canvas.getBoundingClientRect();
    const row = Math.floor((event.clientY - bounds.top - HEAD) / this.size);
    const column = Math.floor((event.clientX - bounds.left - LEFT) / this.size);
    const { line, output } = this.state;
    if (row < 0 || row >= output.length) return;
    const found = column >= 0 && column < line.data.length ? termsOf(line, row).findIndex(({ source }) => source === column) : -1;
    this.weight = found;
    this.go(row);
  }
}
