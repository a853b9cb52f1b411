// The rows: one channel each, its map times its weight, and what that adds at the chosen place.

import { format } from "../shared/colours.js";
import { element } from "../shared/dom.js";

/**
 * @typedef {object} Row
 * @property {HTMLElement} root
 * @property {HTMLElement} name
 * @property {HTMLCanvasElement|null} map
 * @property {HTMLElement} weight
 * @property {HTMLCanvasElement} product
 * @property {HTMLElement} value of the map at the chosen place
 * @property {HTMLElement} term
 * @property {HTMLElement} bar
 */

/**
 * @param {boolean} single a channel of its own; else the row of all others
 * @returns {Row}
 */
export function makeRow(single) {
  const root = element("div", single ? "cs-row" : "cs-row cs-others");
  const name = element("span", "cs-name");
  const cell = element("span", "cs-cell");
  const map = single ? element("canvas") : null;
  const value = element("span", "cs-number");
  if (map) cell.append(map, value);
  const weight = element("span", single ? "cs-weight" : "cs-none");
  const result = element("span", "cs-cell");
  const product = element("canvas");
  const term = element("span", "cs-number");
  result.append(product, term);
  const track = element("span", "cs-track");
  const bar = element("i");
  track.append(bar);
  const times = element("span", "cs-sign", single ? "×" : "");
  const equals = element("span", "cs-sign", single ? "=" : "");
  root.append(name, cell, times, weight, equals, result, track);
  return { root, name, map, weight, product, value, term, bar };
}

/**
 * @param {Row} row
 * @param {number|null} value
 * @param {number} term
 * @param {number} peak the largest term of all rows
 */
export function tellRow(row, value, term, peak) {
  row.value.textContent = value === null ? "" : format(value, 3);
  row.term.textContent = format(term, 3);
  const share = peak > 0 ? (50 * Math.abs(term)) / peak : 0;
  row.bar.style.width = `${share}%`;
  row.bar.style.left = term < 0 ? `${50 - share}%` : "50%";
  row.bar.className = term < 0 ? "cs-minus" : "cs-plus";
}

/**
 * Colour the weight as kernels are coloured.
 * @param {Row} row
 * @param {number} weight
 * @param {number} peak
 * @param {import("../shared/palette.js").Palette} palette
 */
export function tellWeight(row, weight, peak, palette) {
  row.weight.textContent = format(weight, 3);
  row.weight.style.background = palette.colour(weight, peak, "weights");
  row.weight.style.color = palette.ink(weight, peak, "weights");
}
