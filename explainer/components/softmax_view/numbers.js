// Numbers as they stand beside bars and in formulas.

/** @param {number} value @param {number} digits significant ones */
export function written(value, digits) {
  if (value !== 0 && (Math.abs(value) < 1e-4 || Math.abs(value) >= 1e6)) return value.toExponential(1).replaceAll("-", "−").replace("e+", "e");
  return String(Number(value.toPrecision(digits)) + 0).replace("-", "−");
}
