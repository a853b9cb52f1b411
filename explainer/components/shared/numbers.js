// Numbers for reading: significant digits without zeros that say nothing.

import { format } from "./colours.js";

/** @param {number} value @param {number} [digits] */
export function brief(value, digits = 4) {
  return format(value, digits)
    .replace(/(\.\d*?)0+(?=$|e)/, "$1")
    .replace(/\.(?=$|e)/, "");
}
