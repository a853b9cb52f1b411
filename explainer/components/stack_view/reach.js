// From one unit back through the layers: what part of every map it sees, and on how many ways it reads each pixel.

/**
 * One layer as the server sends it; `windows` and `field` are null where every unit may see everything.
 * @typedef {object} Step
 * @property {number[]} shape
 * @property {[Int32Array, Int32Array]|null} windows pairs for rows and columns: the first place in the layer before, and the one behind the last
 * @property {[Float32Array, Float32Array]|null} field likewise in the input, traced through the whole chain
 * @property {[number, number]} step dilation
 */

/**
 * The part of each map that a unit sees, in one direction: inclusive first and exclusive last place, cut to the map.
 * @param {Step[]} steps
 * @param {number[]} sizes of the maps, the input first
 * @param {number} layer number of the unit's layer, 0 the first behind the input
 * @param {number} index of the unit
 * @param {0|1} direction
 * @returns {[number, number][]} for the input, then every map up to the unit's own
 */
export function spans(steps, sizes, layer, index, direction) {
  /** @type {[number, number][]} */
  const found = [[index, index + 1]];
  for (let at = layer; at >= 0; at--) {
    const [first, last] = found[0];
    const pairs = steps[at].windows?.[direction];
    const whole = /** @type {[number, number]} */ ([0, sizes[at]]);
    found.unshift(pairs && last > first ? cut(pairs[2 * first], pairs[2 * last - 1], sizes[at]) : whole);
  }
  return found;
}

/** @returns {[number, number]} */
function cut(first, last, size) {
  return [Math.max(0, first), Math.min(size, last)];
}

/**
 * On how many ways each place of the input is read, in one direction.
 * @param {Step[]} steps
 * @param {number[]} sizes
 * @param {number} layer
 * @param {number} index
 * @param {0|1} direction
 * @returns {Float64Array}
 */
export function ways(steps, sizes, layer, index, direction) {
  let counts = new Float64Array(sizes[layer + 1]);
  counts[index] = 1;
  for (let at = layer; at >= 0; at--) {
    const pairs = steps[at].windows?.[direction];
    const before = new Float64Array(sizes[at]);
    if (!pairs) before.fill(1);
    else {
      counts.forEach((count, place) => {
        if (!count) return;
        for (let p = pairs[2 * place]; p < pairs[2 * place + 1]; p += steps[at].step[direction]) {
          if (p >= 0 && p < before.length) before[p] += count;
        }
      });
    }
    counts = before;
  }
  return counts;
}

/** The traced field of a unit: [first, behind the last] in pixels of the input, padding included. @param {Step} step */
export function fieldOf(step, index, direction) {
  const pairs = step.field?.[direction];
  return pairs ? [pairs[2 * index], pairs[2 * index + 1]] : null;
}
