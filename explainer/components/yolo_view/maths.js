// The arithmetic of a YOLOX head in the browser: cells, decoding, scores, overlaps. Nothing here is drawn.

/**
 * One of the grids: the cells from `start` on, `size` in a row, `stride` pixels of the canvas from one to the next.
 * @typedef {{stride: number, size: number, start: number}} Grid
 * @typedef {{index: number, grid: number, row: number, column: number, stride: number}} Cell
 * @typedef {[number, number, number, number]} Box left, top, right, bottom
 */

/** @param {number} t */
export function sigmoid(t) {
  return 1 / (1 + Math.exp(-t));
}

/**
 * What a cell says, in pixels of the canvas (YOLOX, section 2.1).
 * @param {ArrayLike<number>} raw tx, ty, tw, th
 * @param {{row: number, column: number, stride: number}} cell
 */
export function decode([tx, ty, tw, th], { row, column, stride }) {
  const [cx, cy] = [(tx + column) * stride, (ty + row) * stride];
  const [w, h] = [Math.exp(tw) * stride, Math.exp(th) * stride];
  return { cx, cy, w, h, box: /** @type {Box} */ ([cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2]) };
}

/** @param {Grid[]} grids @param {number} index @returns {Cell|null} */
export function cellOf(grids, index) {
  const grid = grids.findIndex(({ start, size }) => index >= start && index < start + size * size);
  if (grid < 0) return null;
  const { start, size, stride } = grids[grid];
  return { index, grid, row: Math.floor((index - start) / size), column: (index - start) % size, stride };
}

/** @param {Grid[]} grids @param {number} grid @param {number} row @param {number} column */
export function indexOf(grids, grid, row, column) {
  const { start, size } = grids[grid];
  return start + row * size + column;
}

/** The square of the canvas that a cell stands for. @param {Cell} cell @returns {Box} */
export function squareOf({ row, column, stride }) {
  return [column * stride, row * stride, (column + 1) * stride, (row + 1) * stride];
}

/** The cell of each grid that covers a point of the canvas; null outside. @param {Grid[]} grids */
export function covering(grids, x, y) {
  const found = grids.map(({ stride, size, start }) => {
    const [column, row] = [Math.floor(x / stride), Math.floor(y / stride)];
    return row >= 0 && column >= 0 && row < size && column < size ? start + row * size + column : -1;
  });
  return found.includes(-1) ? null : found;
}

/** The neighbour of a cell in its grid; at the edge the cell itself. @param {Grid[]} grids */
export function neighbour(grids, index, right, down) {
  const cell = cellOf(grids, index);
  if (!cell) return index;
  const inside = (/** @type {number} */ v) => Math.max(0, Math.min(grids[cell.grid].size - 1, v));
  return indexOf(grids, cell.grid, inside(cell.row + down), inside(cell.column + right));
}

/** The cell of another grid that covers the middle of a cell. @param {Grid[]} grids */
export function inGrid(grids, index, grid) {
  const cell = cellOf(grids, index);
  if (!cell || !grids[grid]) return index;
  const [left, top, right, bottom] = squareOf(cell);
  // The middle of a coarse cell is a corner of finer ones: the upper left of these.
  return covering(grids, (left + right) / 2 - 1e-6, (top + bottom) / 2 - 1e-6)?.[grid] ?? index;
}

/** Intersection over union. @param {ArrayLike<number>} a @param {ArrayLike<number>} b */
export function iou(a, b) {
  const w = Math.max(0, Math.min(a[2], b[2]) - Math.max(a[0], b[0]));
  const h = Math.max(0, Math.min(a[3], b[3]) - Math.max(a[1], b[1]));
  const union = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - w * h;
  return union > 0 ? (w * h) / union : 0;
}

/** Numbers of cells, the surest first; of equal scores the first comes first. @param {ArrayLike<number>} scores */
export function ranked(scores) {
  return Int32Array.from(scores, (_, i) => i).sort((a, b) => scores[b] - scores[a] || a - b);
}

/** How many of the ranked cells reach a threshold. */
export function remaining(order, scores, threshold) {
  const least = Math.fround(threshold);
  let [low, high] = [0, order.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (scores[order[middle]] >= least) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A cell in the link: stride, column, row. @param {Grid[]} grids */
export function writeCell(grids, index) {
  const cell = cellOf(grids, index);
  return cell ? `${cell.stride},${cell.column},${cell.row}` : "";
}

/** The cell that a link names, or -1. @param {Grid[]} grids @param {string} link */
export function readCell(grids, link) {
  const found = /^(\d+),(\d+),(\d+)$/.exec(link ?? "");
  if (!found) return -1;
  const [stride, column, row] = found.slice(1).map(Number);
  const grid = grids.findIndex((one) => one.stride === stride);
  if (grid < 0 || row >= grids[grid].size || column >= grids[grid].size) return -1;
  return indexOf(grids, grid, row, column);
}
