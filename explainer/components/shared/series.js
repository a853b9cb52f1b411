// Rows of numbers over epochs: where one is read off, and the smooth line through noisy ones.

/**
 * The last place that is not behind a value; 0 where all are.
 * @param {ArrayLike<number>} at rising
 * @param {number} value
 */
export function indexAt(at, value) {
  let low = 0;
  let high = at.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (at[middle] <= value + 1e-6) low = middle;
    else high = middle - 1;
  }
  return low;
}

/**
 * An exponential moving average that does not begin at zero: each value is the weighted mean of all before it.
 * @param {Float32Array} values
 * @param {number} share of the past, 0 for the values themselves
 */
export function smoothed(values, share) {
  if (!share) return values;
  const found = new Float32Array(values.length);
  let sum = 0;
  let weight = 0;
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) {
      found[i] = NaN;
      continue;
    }
    sum = share * sum + (1 - share) * values[i];
    weight = share * weight + (1 - share);
    found[i] = sum / weight;
  }
  return found;
}

/**
 * Least and greatest finite number, with some air; the same two where there is none.
 * @param {Iterable<ArrayLike<number>>} rows
 * @param {number} [low] what the axis must reach down to
 * @returns {[number, number]}
 */
export function ends(rows, low = Infinity) {
  let high = -Infinity;
  for (const row of rows)
    for (let i = 0; i < row.length; i++) {
      if (!Number.isFinite(row[i])) continue;
      low = Math.min(low, row[i]);
      high = Math.max(high, row[i]);
    }
  if (high === -Infinity) return [0, 1];
  const air = (high - low) * 0.06 || Math.abs(high) * 0.1 || 1;
  return [low, high + air];
}
