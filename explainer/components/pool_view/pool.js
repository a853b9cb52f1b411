// Pooling in the browser, for what is painted or moved this moment; PyTorch's numbers follow.

/**
 * The windows of a pooling layer, as the server sends them.
 * @typedef {object} Layer
 * @property {boolean} max whether the largest wins; else the average
 * @property {Int32Array} rows pairs: the first row of a window and the one behind its last, for every output row
 * @property {Int32Array} columns likewise
 * @property {[number, number]} step dilation
 * @property {boolean} includePad whether padding counts in an average's divisor
 * @property {number|null} override what the sum is divided by, if given
 */

/** @typedef {{values: Float32Array, height: number, width: number}} Grid */

/**
 * What one window holds.
 * @param {Layer} layer
 * @param {Grid} grid
 * @param {number} row of the output
 * @param {number} column of the output
 */
export function windowOf(layer, grid, row, column) {
  const [top, bottom] = [layer.rows[2 * row], layer.rows[2 * row + 1]];
  const [left, right] = [layer.columns[2 * column], layer.columns[2 * column + 1]];
  /** @type {{y: number, x: number, value: number}[]} */
  const cells = [];
  let padding = 0;
  for (let y = top; y < bottom; y += layer.step[0]) {
    for (let x = left; x < right; x += layer.step[1]) {
      if (y < 0 || x < 0 || y >= grid.height || x >= grid.width) padding++;
      else cells.push({ y, x, value: grid.values[y * grid.width + x] });
    }
  }
  let winner = 0;
  let sum = 0;
  cells.forEach((cell, i) => {
    sum += cell.value;
    if (cell.value > cells[winner].value) winner = i;
  });
  const divisor = layer.override ?? (layer.includePad ? cells.length + padding : cells.length);
  return { top, bottom, left, right, cells, padding, winner, sum, divisor, value: layer.max ? (cells[winner]?.value ?? -Infinity) : sum / divisor };
}

/** @param {Layer} layer @param {Grid} grid @returns {Grid} */
export function pooled(layer, grid) {
  const [height, width] = [layer.rows.length / 2, layer.columns.length / 2];
  const values = new Float32Array(height * width);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) values[row * width + column] = windowOf(layer, grid, row, column).value;
  }
  return { values, height, width };
}

/**
 * A picture moved by whole pixels; where it leaves room, its edge is repeated.
 * @param {Grid} grid
 * @param {number} down
 * @param {number} right
 * @returns {Grid}
 */
export function shifted({ values, height, width }, down, right) {
  const moved = new Float32Array(values.length);
  const inside = (/** @type {number} */ v, /** @type {number} */ n) => Math.max(0, Math.min(n - 1, v));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) moved[y * width + x] = values[inside(y - down, height) * width + inside(x - right, width)];
  }
  return { values: moved, height, width };
}

/** The outputs whose windows read a cell: the first and the last in each direction, or null. @param {Layer} layer */
export function readersOf(layer, y, x) {
  const along = (/** @type {Int32Array} */ pairs, /** @type {number} */ at, /** @type {number} */ step) => {
    const found = [];
    for (let i = 0; i < pairs.length / 2; i++) {
      if (pairs[2 * i] <= at && at < pairs[2 * i + 1] && (at - pairs[2 * i]) % step === 0) found.push(i);
    }
    return found;
  };
  const rows = along(layer.rows, y, layer.step[0]);
  const columns = along(layer.columns, x, layer.step[1]);
  return rows.length && columns.length ? { rows, columns } : null;
}
