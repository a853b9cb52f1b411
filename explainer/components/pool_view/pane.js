// One map as cells on a canvas: input with its padding, or output; what is pointed at, what has changed.

import { boxOf, cellSize, cellUnder, fillCells, hatch, outline, READABLE, writeCell } from "../shared/cells.js";
import { element } from "../shared/dom.js";
import { frame, prepare } from "../shared/sketch.js";

/** @typedef {import("./pool.js").Grid} Grid */

export class Pane {
  /**
   * @param {string} name
   * @param {(event: PointerEvent, cell: {row: number, column: number}|null, down: boolean) => void} point
   */
  constructor(name, point) {
    this.name = name;
    this.root = element("figure", "pool-pane");
    this.title = element("figcaption");
    this.shape = element("span", "pool-shape");
    this.label = element("span");
    this.canvas = element("canvas");
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "application");
    this.title.append(this.label, this.shape);
    this.root.append(this.title, this.canvas);
    this.pad = { top: 0, left: 0, bottom: 0, right: 0 };
    const at = (/** @type {PointerEvent} */ event) => {
      const box = this.canvas.getBoundingClientRect();
      return this.grid && cellUnder(this.grid, event.clientX - box.left, event.clientY - box.top);
    };
    this.canvas.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      this.canvas.setPointerCapture(event.pointerId);
      point(event, at(event), true);
    });
    this.canvas.addEventListener("pointermove", (event) => point(event, at(event), (event.buttons & 1) === 1 && event.isPrimary));
    this.canvas.addEventListener("pointerleave", (event) => point(event, null, false));
  }

  /**
   * Choose the size of the cells for a width; the padding lies around them.
   * @param {number} width @param {number} height @param {number} rows @param {number} columns @param {number} largest
   */
  place(width, height, rows, columns, largest) {
    const { top, left, bottom, right } = this.pad;
    const size = cellSize(width, height, columns + left + right, rows + top + bottom, largest);
    const whole = { w: size * (columns + left + right), h: size * (rows + top + bottom) };
    this.size = { width: Math.ceil(whole.w) + 3, height: Math.ceil(whole.h) + 3 };
    this.grid = { x: 1.5 + left * size, y: 1.5 + top * size, size, rows, columns };
  }

  /**
   * @param {Grid} map
   * @param {import("../shared/palette.js").Palette} palette
   * @param {{low: number, high: number, name: import("../shared/colours.js").MapName}} scale
   * @param {{marks?: {box: number[], strong?: boolean}[], changed?: Float32Array|null, dim?: boolean}} more
   */
  draw(map, palette, scale, { marks = [], changed = null } = {}) {
    if (!this.grid || !this.size) return;
    const { theme } = palette;
    const g = prepare(this.canvas, this.size.width, this.size.height);
    const { top, left, bottom, right } = this.pad;
    const { grid } = this;
    if (top || left || bottom || right) {
      const whole = boxOf(grid, -top, -left, map.height - 1 + bottom, map.width - 1 + right);
      g.fillStyle = theme.soft;
      g.fillRect(whole.x, whole.y, whole.w, whole.h);
      hatch(g, whole, theme.line);
      g.fillStyle = theme.back;
      const inner = boxOf(grid, 0, 0, map.height - 1, map.width - 1);
      g.fillRect(inner.x - 1, inner.y - 1, inner.w + 1, inner.h + 1);
    }
    const tone = toneOf(palette, scale);
    frame(g, { x: grid.x, y: grid.y, w: map.width * grid.size - 1, h: map.height * grid.size - 1 }, theme.line);
    fillCells(g, grid, (row, column) => tone.colour(map.values[row * map.width + column]));
    if (grid.size >= READABLE) {
      for (let row = 0; row < map.height; row++) {
        for (let column = 0; column < map.width; column++) {
          const value = map.values[row * map.width + column];
          writeCell(g, grid, row, column, value, tone.ink(value), theme);
        }
      }
    }
    if (changed) drawChanges(g, grid, map, changed, theme);
    for (const { box, strong } of marks) {
      const found = boxOf(grid, box[0], box[1], box[2], box[3]);
      outline(g, found, strong ? theme.accent : theme.text, theme.back, strong ? 2.5 : 1.5);
    }
  }
}

/** Mark the cells that have changed: a corner where there is room, else a veil of the accent. */
function drawChanges(g, grid, map, changed, theme) {
  g.fillStyle = theme.accent;
  for (let row = 0; row < map.height; row++) {
    for (let column = 0; column < map.width; column++) {
      const strength = changed[row * map.width + column];
      if (!strength) continue;
      const { x, y, w, h } = boxOf(grid, row, column);
      if (w >= 12) {
        const side = Math.min(10, w / 3);
        g.beginPath();
        g.moveTo(x + w - 1 - side, y);
        g.lineTo(x + w - 1, y);
        g.lineTo(x + w - 1, y + side);
        g.fill();
      } else {
        g.globalAlpha = Math.min(0.8, 2.5 * strength);
        g.fillRect(x, y, w, h);
        g.globalAlpha = 1;
      }
    }
  }
}

/** Colours of values between two ends, and ink that can be read on them. */
function toneOf(palette, { low, high, name }) {
  const table = palette.table(name);
  const step = (/** @type {number} */ value) => table[Math.max(1, Math.min(255, Math.round(1 + ((value - low) / (high - low || 1)) * 254)))];
  const parts = (/** @type {number} */ c) => [c & 255, (c >> 8) & 255, (c >> 16) & 255];
  return {
    colour: (/** @type {number} */ value) => `rgb(${parts(step(value)).join()})`,
    ink: (/** @type {number} */ value) => {
      const [r, g, b] = parts(step(value));
      return 0.299 * r + 0.587 * g + 0.114 * b > 140 ? "#14181f" : "#ffffff";
    },
  };
}
