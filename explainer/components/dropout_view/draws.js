// What dropout makes of numbers: one draw, the mean of many, how far that mean is from the input.

/**
 * x * mask / (1 - p) for one draw.
 * @param {Float32Array} x
 * @param {Uint8Array} masks all draws, one after another
 * @param {number} draw from 0 on
 * @param {number} p
 */
export function dropped(x, masks, draw, p) {
  return x.map((value, index) => (value * masks[draw * x.length + index]) / (1 - p));
}

/**
 * How often each number has survived in the first draws.
 * @param {Uint8Array} masks
 * @param {number} size numbers in a draw
 * @param {number} count draws
 */
export function survivals(masks, size, count) {
  const found = new Uint16Array(size);
  for (let at = 0; at < count * size; at++) found[at % size] += masks[at];
  return found;
}

/**
 * The mean over the first draws.
 * @param {Float32Array} x
 * @param {Uint8Array} masks
 * @param {number} count
 * @param {number} p
 */
export function meanOf(x, masks, count, p) {
  const kept = survivals(masks, x.length, count);
  return x.map((value, index) => (value * kept[index]) / count / (1 - p));
}

/**
 * The mean distance of that mean from x after 1, 2, 3 ... draws.
 * @param {Float32Array} x
 * @param {Uint8Array} masks
 * @param {number} p
 */
export function distances(x, masks, p) {
  const size = x.length;
  const kept = new Uint16Array(size);
  const found = new Float32Array(masks.length / size);
  for (let draw = 0; draw < found.length; draw++) {
    let sum = 0;
    for (let index = 0; index < size; index++) {
      kept[index] += masks[draw * size + index];
      sum += Math.abs(x[index] * (kept[index] / (draw + 1) / (1 - p) - 1));
    }
    found[draw] = sum / size;
  }
  return found;
}
