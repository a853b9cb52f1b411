// The input on its field: padding, holes, what is never read, and the window or the number that is looked at.

import { boxOf, cellSize, cross, dot, fillCells, hatch, outline, READABLE, writeCell } from "../shared/cells.js";
import { prepare } from "../shared/sketch.js";
import { fieldValue } from "./compute.js";
import { cellOf, COPY, HOLE, homeOf, INPUT, windowSpan, ZERO } from "./geometry.js";
import { ROOMY, weightNote } from "./note.js";
import { mixed } from "./tones.js";

const MARGIN = 2;
/** More copied numbers than this are not each given an arrow. */
const MOST_ARROWS = 14;

/** What a cell of the field is, both directions together. @returns {number} INPUT, ZERO, COPY or HOLE */
export function kindAt({ rows, columns }, row, column) {
  const [a, b] = [rows.kind[row], columns.kind[column]];
  if (a === ZERO || b === ZERO) return ZERO;
  if (a === HOLE || b === HOLE) return HOLE;
  return a === COPY || b === COPY ? COPY : INPUT;
}

/** Whether any window reads a cell of the field. */
export function isRead({ rows, columns }, row, column) {
  return Boolean(rows.read[row] && columns.read[column]);
}

/** The grid of the field on a canvas of some width. */
export function fieldGrid({ rows, columns }, width, height) {
  const [down, across] = [rows.source.length, columns.source.length];
  const size = cellSize(width - 2 * MARGIN, height - 2 * MARGIN, across, down, 46);
  return { x: Math.max(MARGIN, Math.floor((width - size * across) / 2)), y: MARGIN, size, rows: down, columns: across };
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {any} state
 * @param {number} width
 * @param {number} height
 * @returns {import("../shared/cells.js").Grid}
 */
export function drawField(canvas, state, width, height) {
  const { layer, palette } = state;
  const grid = fieldGrid(layer, width, height);
  const g = prepare(canvas, width, Math.ceil(grid.rows * grid.size + 2 * MARGIN));
  const base = baseOf(state, grid);
  g.imageSmoothingEnabled = false;
  g.drawImage(base, 0, 0, base.width / base.ratio, base.height / base.ratio);
  const { focus } = state;
  if (focus.type === "output") drawWindow(g, state, grid);
  else if (focus.type === "field") drawCell(g, state, grid);
  else if (focus.type === "weight") drawUses(g, state, grid);
  if (state.cursor) outline(g, boxOf(grid, state.cursor.row, state.cursor.column), palette.theme.text, palette.theme.back, 1);
  return grid;
}

/** Everything that does not follow the pointer, kept until the numbers or the size change. */
function baseOf(state, grid) {
  const { layer, palette, channel, composite } = state;
  const ratio = Math.min(3, globalThis.devicePixelRatio || 1);
  const key = [state.version, channel, composite, grid.size, grid.x, ratio, palette.theme.dark].join();
  if (state.base?.key === key) return state.base.canvas;
  const canvas = document.createElement("canvas");
  const [w, h] = [grid.x + grid.columns * grid.size + MARGIN, grid.rows * grid.size + 2 * MARGIN];
  Object.assign(canvas, { width: Math.ceil(w * ratio), height: Math.ceil(h * ratio), ratio });
  const g = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  g.scale(ratio, ratio);
  const value = (row, column, of = channel) => fieldValue(layer, of, row, column);
  fillCells(g, grid, (row, column) => {
    const kind = kindAt(layer, row, column);
    if (kind === ZERO || kind === HOLE) return palette.theme.soft;
    if (composite) return mixed(value(row, column, 0), value(row, column, 1), value(row, column, 2));
    return state.tone.colour(value(row, column));
  });
  for (let row = 0; row < grid.rows; row++) {
    for (let column = 0; column < grid.columns; column++) drawMarks(g, state, grid, row, column);
  }
  if (layer.rows.step > 1 || layer.columns.step > 1) drawPositions(g, state, grid);
  frameInput(g, state, grid);
  state.base = { key, canvas };
  return canvas;
}

function drawMarks(g, { layer, palette, tone, channel, composite }, grid, row, column) {
  const { theme } = palette;
  const kind = kindAt(layer, row, column);
  const box = boxOf(grid, row, column);
  const value = fieldValue(layer, channel, row, column);
  if (kind === COPY || kind === ZERO) {
    g.globalAlpha = kind === COPY ? 0.55 : 1;
    if (kind === COPY) {
      g.fillStyle = theme.back;
      g.fillRect(box.x, box.y, box.w, box.h);
      g.globalAlpha = 1;
    }
    if (grid.size >= 6) hatch(g, box, theme.line, Math.max(4, Math.min(7, grid.size / 3)));
  }
  if (kind === HOLE && grid.size >= 8) dot(g, box, theme.faint, Math.min(1.5, grid.size / 10));
  const readable = grid.size >= READABLE && !(kind === HOLE);
  if (readable && !composite) {
    const ink = kind === INPUT ? tone.ink(value) : theme.muted;
    writeCell(g, grid, row, column, value, ink, theme);
  }
  if (!isRead(layer, row, column)) {
    g.fillStyle = theme.dark ? "rgba(20,23,26,0.55)" : "rgba(255,255,255,0.6)";
    g.fillRect(box.x, box.y, box.w, box.h);
    if (grid.size >= 8) cross(g, grid.size >= READABLE ? corner(box) : box, theme.faint);
  }
}

/** The upper left part of a cell, where a mark leaves room for the number. */
function corner(box) {
  return { x: box.x, y: box.y, w: box.w * 0.42, h: box.h * 0.42 };
}

/** Where the window stands: a full dot for a place that is taken, a ring for one that the stride leaves out. */
function drawPositions(g, { layer, palette }, grid) {
  const { rows, columns } = layer;
  if (grid.size < 11) return;
  const middle = (axis, place) => place + axis.offset - axis.low + ((axis.kernel - 1) * axis.tapStep) / 2;
  const last = (axis) => (axis.out - 1) * axis.step;
  for (let y = 0; y <= last(rows); y++) {
    for (let x = 0; x <= last(columns); x++) {
      const taken = y % rows.step === 0 && x % columns.step === 0;
      const box = boxOf(grid, middle(rows, y), middle(columns, x));
      const low = { x: box.x, y: box.y + box.h * 0.62, w: box.w, h: box.h * 0.36 };
      dot(g, grid.size >= READABLE ? low : box, taken ? palette.theme.accent : palette.theme.faint, taken ? 2.4 : 1.5, taken);
    }
  }
}

/** A line around the numbers of the input, where there is more than they. */
function frameInput(g, { layer, palette }, grid) {
  const span = (axis, count) => [homeOf(axis, 0), homeOf(axis, count - 1)];
  const [y0, y1] = span(layer.rows, layer.height);
  const [x0, x1] = span(layer.columns, layer.width);
  const box = boxOf(grid, y0, x0, y1, x1);
  g.strokeStyle = palette.theme.faint;
  g.lineWidth = 1;
  g.strokeRect(box.x - 0.5, box.y - 0.5, box.w, box.h);
}

// --- what is looked at ---------------------------------------------------------------------------------------------

function drawWindow(g, state, grid) {
  const { layer, focus, palette } = state;
  const { theme } = palette;
  const { rows, columns } = layer;
  const [top, bottom] = windowSpan(rows, focus.y);
  const [left, right] = windowSpan(columns, focus.x);
  const copied = [];
  for (let r = 0; r < rows.kernel; r++) {
    for (let c = 0; c < columns.kernel; c++) {
      const [row, column] = [cellOf(rows, focus.y, r), cellOf(columns, focus.x, c)];
      const box = boxOf(grid, row, column);
      g.fillStyle = theme.dark ? "rgba(111,177,245,0.16)" : "rgba(31,95,168,0.12)";
      g.fillRect(box.x, box.y, box.w - 1, box.h - 1);
      const holes = Math.abs(rows.tapStep) > 1 || Math.abs(columns.tapStep) > 1;
      if (holes && grid.size >= 5) outline(g, { ...box, w: box.w - 1, h: box.h - 1 }, theme.accent, theme.back, 1);
      if (grid.size >= ROOMY) weightNote(g, box, state.weightAt(r, c), theme);
      if (kindAt(layer, row, column) === COPY) copied.push({ row, column });
    }
  }
  if (copied.length <= MOST_ARROWS && grid.size >= 12) for (const cell of copied) drawOrigin(g, state, grid, cell, 0.5);
  outline(g, boxOf(grid, top, left, bottom, right), theme.accent, theme.back, 2);
}

/** An arrow from a number to a copy of it in the padding. */
function drawOrigin(g, { layer, palette }, grid, { row, column }, alpha = 1) {
  const home = [homeOf(layer.rows, layer.rows.source[row]), homeOf(layer.columns, layer.columns.source[column])];
  const centre = (r, c) => [grid.x + (c + 0.5) * grid.size - 0.5, grid.y + (r + 0.5) * grid.size - 0.5];
  const [x0, y0] = centre(...home);
  const [x1, y1] = centre(row, column);
  const [dx, dy] = [x1 - x0, y1 - y0];
  const length = Math.hypot(dx, dy) || 1;
  const bend = Math.min(24, length * 0.22);
  const [mx, my] = [(x0 + x1) / 2 - (dy / length) * bend, (y0 + y1) / 2 + (dx / length) * bend];
  g.globalAlpha = alpha;
  g.strokeStyle = g.fillStyle = palette.theme.accent;
  g.lineWidth = 1.5;
  g.beginPath();
  g.moveTo(x0, y0);
  g.quadraticCurveTo(mx, my, x1, y1);
  g.stroke();
  const angle = Math.atan2(y1 - my, x1 - mx);
  g.beginPath();
  g.moveTo(x1, y1);
  for (const turn of [2.7, -2.7]) g.lineTo(x1 + 7 * Math.cos(angle + turn), y1 + 7 * Math.sin(angle + turn));
  g.fill();
  g.beginPath();
  g.arc(x0, y0, 2.2, 0, 2 * Math.PI);
  g.fill();
  g.globalAlpha = 1;
}

/** One number of the field: itself, and its copies in the padding or where it was copied from. */
function drawCell(g, state, grid) {
  const { layer, focus, palette } = state;
  const kind = kindAt(layer, focus.row, focus.column);
  if (kind === COPY) drawOrigin(g, state, grid, focus);
  if (kind === INPUT) {
    const [y, x] = [layer.rows.source[focus.row], layer.columns.source[focus.column]];
    for (let row = 0; row < grid.rows; row++) {
      if (layer.rows.source[row] !== y) continue;
      for (let column = 0; column < grid.columns; column++) {
        if (layer.columns.source[column] === x && kindAt(layer, row, column) === COPY) drawOrigin(g, state, grid, { row, column });
      }
    }
  }
  outline(g, boxOf(grid, focus.row, focus.column), palette.theme.accent, palette.theme.back, 2);
}

/** Every cell over which one weight comes to lie. */
function drawUses(g, { layer, focus, palette }, grid) {
  const { theme } = palette;
  const big = grid.size >= 9;
  for (let y = 0; y < layer.rows.out; y++) {
    for (let x = 0; x < layer.columns.out; x++) {
      const box = boxOf(grid, cellOf(layer.rows, y, focus.row), cellOf(layer.columns, x, focus.column));
      g.fillStyle = theme.dark ? "rgba(111,177,245,0.3)" : "rgba(31,95,168,0.22)";
      g.fillRect(box.x, box.y, box.w - (big ? 1 : 0), box.h - (big ? 1 : 0));
      if (big) {
        g.strokeStyle = theme.accent;
        g.lineWidth = 1.25;
        g.strokeRect(box.x + 0.5, box.y + 0.5, box.w - 2, box.h - 2);
      }
    }
  }
}
