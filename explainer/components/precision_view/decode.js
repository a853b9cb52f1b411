// The number that bits of a floating-point format stand for.

/**
 * @param {string} bits sign, exponent, fraction
 * @param {number} exponent how many of them are the exponent's
 */
export function decoded(bits, exponent) {
  const sign = bits[0] === "1" ? -1 : 1;
  const power = parseInt(bits.slice(1, 1 + exponent), 2);
  const units = parseInt(bits.slice(1 + exponent), 2);
  const step = 2 ** (1 + exponent - bits.length);
  const bias = 2 ** (exponent - 1) - 1;
  if (power === 2 ** exponent - 1) return units ? NaN : sign * Infinity;
  const size = power ? (1 + units * step) * 2 ** (power - bias) : units * step * 2 ** (1 - bias);
  return sign * size;
}
