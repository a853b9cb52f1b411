// Numbers for reading: significant digits without zeros that say nothing, a true minus sign.

import { format } from "./colours.js";

/** @param {number} value @param {number} [digits] significant ones */
export function brief(value, digits = 4) {
  return trimmed(format(value, digits));
}

/** Negative numbers between brackets: they stand behind an operator. @param {number} value @param {number} [digits] */
export function bracketed(value, digits = 5) {
  return value < 0 ? `(${brief(value, digits)})` : brief(value, digits);
}

/** Without zeros at the end of its fraction. @param {string} text */
export function trimmed(text) {
  return text.replace(/(\.\d*?)0+(?=$|e)/, "$1").replace(/\.(?=$|e)/, "");
}

/** The number that was typed, full-width digits and a decimal comma included; NaN for anything else. @param {string} text */
export function typedNumber(text) {
  return Number(text.normalize("NFKC").replace(/[−–]/g, "-").replace(",", ".").trim() || NaN);
}

/**
 * A number in at most `room` characters where that is possible.
 * @param {number} value
 * @param {number} room
 */
export function within(value, room) {
  for (const digits of [3, 2, 1]) {
    const text = brief(value, digits);
    if (text.length <= room) return text;
  }
  const short = brief(value, 1).replace(/^(−?)0\./, "$1.");
  return short.length <= room || Math.abs(value) >= 0.1 ? short : "≈0";
}
