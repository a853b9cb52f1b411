// The arithmetic: what every row adds at one place, and how the places are numbered.

/**
 * @typedef {object} Content what the server sent
 * @property {number} height
 * @property {number} width
 * @property {number} channels of the layer
 * @property {Int32Array} shown the channels that were sent, strongest first
 * @property {Float32Array} weights one for each of them
 * @property {Float32Array} maps their maps, one after the other
 * @property {Float32Array} rest the sum of all other channels' products
 * @property {Float32Array} total the sum of all, as the tensor has it
 * @property {Record<string, string>} texts
 * @property {string} layer
 * @property {string} name of the class
 * @property {{width: number, height: number, pixels: Uint8Array}} photo
 */

/** Products of one row as a map. @param {Content} content @param {number} row */
export function product(content, row) {
  const size = content.height * content.width;
  const weight = content.weights[row];
  return content.maps.subarray(row * size, (row + 1) * size).map((value) => weight * value);
}

/** What the rows from `count` on and all channels that were not sent add up to. @param {Content} content @param {number} count */
export function others(content, count) {
  const sum = Float64Array.from(content.rest);
  const size = sum.length;
  for (let row = count; row < content.shown.length; row++) {
    for (let i = 0; i < size; i++) sum[i] += content.weights[row] * content.maps[row * size + i];
  }
  return Float32Array.from(sum);
}

/**
 * What each of the first `count` rows, and all others together, add at one place.
 * @param {Content} content @param {number} count @param {number} place
 */
export function terms(content, count, place) {
  const size = content.height * content.width;
  const each = [];
  let rest = content.rest[place];
  for (let row = 0; row < content.shown.length; row++) {
    const term = content.weights[row] * content.maps[row * size + place];
    if (row < count) each.push(term);
    else rest += term;
  }
  return { each, rest, sum: each.reduce((sum, term) => sum + term, rest) };
}

/** @param {Float32Array} values */
export function peakOf(values) {
  let peak = 0;
  for (const value of values) if (Math.abs(value) > peak) peak = Math.abs(value);
  return peak;
}

/** Where the sum is largest. @param {Content} content */
export function strongest({ total }) {
  let best = 0;
  for (let i = 1; i < total.length; i++) if (total[i] > total[best]) best = i;
  return best;
}
