// A heat map at the size of the screen: its true cells, or smooth between their centres.

/** @typedef {{height: number, width: number, data: Float32Array, low: number, high: number, ceiling: number, signed: boolean}} HeatMap */

/**
 * Interpolate between the centres of the cells, as torch's `interpolate(mode="bilinear", align_corners=False)`.
 * @param {HeatMap} map
 * @param {number} width
 * @param {number} height
 */
export function smooth(map, width, height) {
  const out = new Float32Array(width * height);
  const columns = axis(map.width, width);
  const rows = axis(map.height, height);
  for (let y = 0, at = 0; y < height; y++) {
    const top = rows.below[y] * map.width;
    const bottom = rows.above[y] * map.width;
    const down = rows.part[y];
    for (let x = 0; x < width; x++, at++) {
      const { [x]: left } = columns.below;
      const { [x]: right } = columns.above;
      const along = columns.part[x];
      const upper = map.data[top + left] + (map.data[top + right] - map.data[top + left]) * along;
      const lower = map.data[bottom + left] + (map.data[bottom + right] - map.data[bottom + left]) * along;
      out[at] = upper + (lower - upper) * down;
    }
  }
  return out;
}

/** Neighbours and weights along one axis. @param {number} cells @param {number} pixels */
function axis(cells, pixels) {
  const below = new Int32Array(pixels);
  const above = new Int32Array(pixels);
  const part = new Float32Array(pixels);
  for (let i = 0; i < pixels; i++) {
    const place = Math.min(Math.max(((i + 0.5) * cells) / pixels - 0.5, 0), cells - 1);
    below[i] = Math.floor(place);
    above[i] = Math.min(below[i] + 1, cells - 1);
    part[i] = place - below[i];
  }
  return { below, above, part };
}

/**
 * The cell of a map under a place of the picture.
 * @param {HeatMap} map
 * @param {{u: number, v: number}} place shares of the picture's width and height, 0 to 1
 */
export function cellAt(map, { u, v }) {
  const x = Math.min(map.width - 1, Math.max(0, Math.floor(u * map.width)));
  const y = Math.min(map.height - 1, Math.max(0, Math.floor(v * map.height)));
  return { x, y, value: map.data[y * map.width + x] };
}
