// A smooth function over all pixels of a picture, computed at every second point and interpolated between.

const STEP = 2;

/**
 * @param {number} width
 * @param {number} height
 * @param {(x: number, y: number) => number} f of places from 0 to 1, y downwards
 * @param {(index: number, value: number, right: number, down: number) => void} take gets the value at every pixel
 *   and how it changes to the next one
 */
export function forEachPixel(width, height, f, take) {
  const columns = Math.ceil(width / STEP) + 2;
  const rows = Math.ceil(height / STEP) + 2;
  const grid = new Float32Array(columns * rows);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) grid[r * columns + c] = f((c * STEP) / width, (r * STEP) / height);
  }
  for (let y = 0; y < height; y++) {
    const row = Math.floor(y / STEP);
    const v = y / STEP - row;
    for (let x = 0; x < width; x++) {
      const column = Math.floor(x / STEP);
      const u = x / STEP - column;
      const at = row * columns + column;
      const [a, b, c, d] = [grid[at], grid[at + 1], grid[at + columns], grid[at + columns + 1]];
      const upper = a + (b - a) * u;
      const lower = c + (d - c) * u;
      const right = ((b - a) * (1 - v) + (d - c) * v) / STEP;
      take(y * width + x, upper + (lower - upper) * v, right, (lower - upper) / STEP);
    }
  }
}
