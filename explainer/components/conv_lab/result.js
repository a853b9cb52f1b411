// The output of one channel: its numbers, the one looked at, those that an input goes into.

import { boxOf, cellSize, fillCells, outline, READABLE, writeCell } from "../shared/cells.js";
import { prepare } from "../shared/sketch.js";
import { fed, INPUT } from "./geometry.js";
import { kindAt } from "./field.js";
import { ROOMY, weightNote } from "./note.js";
import { mixed } from "./tones.js";

const MARGIN = 2;

/** The grid of the output on a canvas of some width. */
export function resultGrid({ rows, columns }, width, height, largest) {
  const size = cellSize(width - 2 * MARGIN, height - 2 * MARGIN, columns.out, rows.out, largest);
  const x = Math.max(MARGIN, Math.floor((width - size * columns.out) / 2));
  return { x, y: MARGIN, size, rows: rows.out, columns: columns.out };
}

/** The value at a place of an output channel, after the ReLU if there is one. */
export function shownAt({ layer, values }, output, y, x) {
  const value = values[(output * layer.rows.out + y) * layer.columns.out + x];
  return layer.relu ? Math.max(0, value) : value;
}

/** The outputs that a number of the field goes into, with the weight that each of them meets it with. */
export function outputsOf({ layer, focus }) {
  if (kindAt(layer, focus.row, focus.column) !== INPUT) return [];
  const [y, x] = [layer.rows.source[focus.row], layer.columns.source[focus.column]];
  const down = fed(layer.rows, y);
  const across = fed(layer.columns, x);
  return down.flatMap((a) => across.map((b) => ({ y: a.output, x: b.output, row: a.tap, column: b.tap })));
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {any} state
 * @param {number} width
 * @param {number} height
 * @param {number} largest side of a cell
 */
export function drawResult(canvas, state, width, height, largest) {
  const { layer, palette, output, focus, sweep, at } = state;
  const { theme } = palette;
  const grid = resultGrid(layer, width, height, largest);
  const g = prepare(canvas, width, Math.ceil(grid.rows * grid.size + 2 * MARGIN));
  const base = baseOf(state, grid);
  g.imageSmoothingEnabled = false;
  g.drawImage(base, 0, 0, base.width / base.ratio, base.height / base.ratio);
  if (sweep) veilAfter(g, grid, at, theme);
  if (focus.type === "output") outline(g, boxOf(grid, focus.y, focus.x), theme.accent, theme.back, 2);
  if (focus.type === "weight") {
    g.fillStyle = theme.dark ? "rgba(111,177,245,0.2)" : "rgba(31,95,168,0.14)";
    const box = boxOf(grid, 0, 0, grid.rows - 1, grid.columns - 1);
    g.fillRect(box.x, box.y, box.w, box.h);
    outline(g, box, theme.accent, theme.back, 1.5);
  }
  if (focus.type === "field") drawFed(g, state, grid, output);
  return grid;
}

function baseOf(state, grid) {
  const { layer, palette, output, resultTone, mixedOutput } = state;
  const ratio = Math.min(3, globalThis.devicePixelRatio || 1);
  const key = [state.version, output, mixedOutput, layer.relu, grid.size, grid.x, ratio, palette.theme.dark].join();
  if (state.resultBase?.key === key) return state.resultBase.canvas;
  const canvas = document.createElement("canvas");
  const [w, h] = [grid.x + grid.columns * grid.size + MARGIN, grid.rows * grid.size + 2 * MARGIN];
  Object.assign(canvas, { width: Math.ceil(w * ratio), height: Math.ceil(h * ratio), ratio });
  const g = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  g.scale(ratio, ratio);
  const value = (y, x, of = output) => shownAt(state, of, y, x);
  fillCells(g, grid, (y, x) =>
    mixedOutput ? mixed(value(y, x, 0), value(y, x, 1), value(y, x, 2)) : resultTone.colour(value(y, x)),
  );
  if (grid.size >= READABLE && !mixedOutput) {
    for (let y = 0; y < grid.rows; y++) {
      for (let x = 0; x < grid.columns; x++) writeCell(g, grid, y, x, value(y, x), resultTone.ink(value(y, x)), palette.theme);
    }
  }
  const box = boxOf(grid, 0, 0, grid.rows - 1, grid.columns - 1);
  g.strokeStyle = palette.theme.line;
  g.strokeRect(box.x - 0.5, box.y - 0.5, box.w, box.h);
  state.resultBase = { key, canvas };
  return canvas;
}

/** Cover what the window has not reached yet. */
function veilAfter(g, grid, at, theme) {
  g.fillStyle = theme.back;
  const rest = boxOf(grid, at.y, at.x + 1, at.y, grid.columns - 1);
  if (at.x + 1 < grid.columns) g.fillRect(rest.x, rest.y, rest.w, rest.h);
  if (at.y + 1 < grid.rows) {
    const below = boxOf(grid, at.y + 1, 0, grid.rows - 1, grid.columns - 1);
    g.fillRect(below.x, below.y, below.w, below.h);
  }
  const box = boxOf(grid, 0, 0, grid.rows - 1, grid.columns - 1);
  g.strokeStyle = theme.line;
  g.lineWidth = 1;
  g.strokeRect(box.x - 0.5, box.y - 0.5, box.w, box.h);
}

function drawFed(g, state, grid) {
  const { theme } = state.palette;
  for (const { y, x, row, column } of outputsOf(state)) {
    const box = boxOf(grid, y, x);
    outline(g, { ...box, w: box.w - 1, h: box.h - 1 }, theme.accent, theme.back, 1.25);
    if (grid.size >= ROOMY) weightNote(g, box, state.weightAt(row, column), theme);
  }
}
