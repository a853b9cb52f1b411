// Numbers as they stand in a formula.

/** At most five digits, no zeros at the end, a true minus sign. @param {number} value */
export function written(value) {
  return String(Number(value.toPrecision(5)) + 0).replace("-", "−");
}

/** Negative numbers between brackets: they stand behind an operator. @param {number} value */
export function bracketed(value) {
  return value < 0 ? `(${written(value)})` : written(value);
}
