// A number as a binary floating-point format writes it: sign, exponent, fraction.

/**
 * The bits of a number that the format holds exactly.
 * @param {number} value
 * @param {{exponent: number, fraction: number}} format how many bits each has
 * @returns {{sign: string, exponent: string, fraction: string, power: number, significand: number}}
 *   the value is (−1)^sign × 2^power × significand; both NaN where it is not finite
 */
export function bitsOf(value, { exponent, fraction }) {
  const sign = value < 0 || Object.is(value, -0) ? "1" : "0";
  const size = Math.abs(value);
  const bias = 2 ** (exponent - 1) - 1;
  const ones = 2 ** exponent - 1;
  const written = (/** @type {number} */ e, /** @type {number} */ f) => ({
    sign,
    exponent: e.toString(2).padStart(exponent, "0"),
    fraction: f.toString(2).padStart(fraction, "0"),
  });
  if (!Number.isFinite(value)) {
    return { ...written(ones, Number.isNaN(value) ? 2 ** (fraction - 1) : 0), power: NaN, significand: NaN };
  }
  if (size < 2 ** (1 - bias)) {
    const steps = Math.round(size / 2 ** (1 - bias - fraction));
    return { ...written(0, steps), power: 1 - bias, significand: steps / 2 ** fraction };
  }
  let power = Math.floor(Math.log2(size));
  if (2 ** power > size) power--;
  if (2 ** (power + 1) <= size) power++;
  const significand = size / 2 ** power;
  return { ...written(power + bias, Math.round((significand - 1) * 2 ** fraction)), power, significand };
}

/**
 * The number of the format that is nearest to a value, of two equally near the one whose last bit is 0.
 * @param {number} value
 * @param {{exponent: number, fraction: number}} format
 */
export function rounded(value, { exponent, fraction }) {
  if (!Number.isFinite(value) || value === 0) return value;
  const bias = 2 ** (exponent - 1) - 1;
  const size = Math.abs(value);
  let power = Math.floor(Math.log2(size));
  if (2 ** power > size) power--;
  if (2 ** (power + 1) <= size) power++;
  const step = 2 ** (Math.max(power, 1 - bias) - fraction);
  const steps = size / step;
  const low = Math.floor(steps);
  const up = steps - low > 0.5 || (steps - low === 0.5 && low % 2 === 1);
  const found = (low + (up ? 1 : 0)) * step;
  const largest = 2 ** bias * (2 - 2 ** -fraction);
  return Math.sign(value) * (found > largest ? Infinity : found);
}
