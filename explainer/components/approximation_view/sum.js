// Adding units up: the sum of the first so many parts.

/**
 * The bias and the first parts added up, place by place.
 * @param {Float32Array} parts one row for each unit
 * @param {number} places
 * @param {number[]} order of the units
 * @param {number} count how many of them
 * @param {number} bias
 */
export function partial(parts, places, order, count, bias) {
  const sum = new Float64Array(places).fill(bias);
  for (const unit of order.slice(0, count)) {
    for (let i = 0; i < places; i++) sum[i] += parts[unit * places + i];
  }
  return sum;
}

/** Units from left to right by where they bend; those without a weight last. */
export function leftToRight(w, b) {
  const bend = (unit) => (w[unit] ? -b[unit] / w[unit] : Infinity);
  return Array.from(w, (_, unit) => unit).sort((one, other) => bend(one) - bend(other) || one - other);
}

/** The unit whose part runs nearest to a value at a place, among the first so many. */
export function nearest(parts, places, order, count, place, value) {
  let best = -1;
  let distance = Infinity;
  for (const unit of order.slice(0, count)) {
    const apart = Math.abs(parts[unit * places + place] - value);
    if (apart < distance) [best, distance] = [unit, apart];
  }
  return best;
}
