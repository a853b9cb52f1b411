// The sum at one place, written out.

import { format } from "../shared/colours.js";
import { element } from "../shared/dom.js";

/** How many products are written out; all others stand as one number. */
const WRITTEN = 5;

/** @typedef {{values: number[], weights: number[], each: number[], rest: number, sum: number, total: number, others: number}} Place */

/**
 * @param {HTMLElement} host
 * @param {Place} at what every row has at this place
 * @param {string} where the place in words
 * @param {(key: string, values?: Record<string, string|number>) => string} text
 * @param {(row: number) => void} point called with the row that is pointed at, -1 for none
 */
export function writeEquation(host, at, where, text, point) {
  const order = at.each.map((_, row) => row).sort((a, b) => Math.abs(at.each[b]) - Math.abs(at.each[a]));
  const written = order.slice(0, WRITTEN).filter((row) => at.each[row] !== 0);
  const hidden = order.slice(written.length);
  const left = hidden.reduce((sum, row) => sum + at.each[row], at.rest);
  const count = at.others + hidden.length;
  const line = element("p", "cs-terms");
  line.append(element("span", "cs-where", where), " ", element("b", "", format(at.sum, 4)), " = ");
  written.forEach((row, place) => {
    if (place) line.append(" + ");
    const product = element("span", tone(at.each[row]), `${factor(at.values[row])} × ${factor(at.weights[row])}`);
    product.dataset.row = String(row);
    product.addEventListener("pointerenter", () => point(row));
    product.addEventListener("pointerleave", () => point(-1));
    line.append(product);
  });
  if (count > 0) line.append(written.length ? " + " : "", element("span", tone(left), factor(left)), ` ${text("({count} others)", { count })}`);
  const after = element("p", "cs-after");
  after.append(`ReLU: max(0, ${format(at.sum, 4)}) = `, element("b", "", format(Math.max(0, at.sum), 4)));
  const check = element("span", "cs-check");
  check.textContent = text("The tensor holds {value}; this sum differs by {error}.", {
    value: format(at.total, 6),
    error: format(Math.abs(at.sum - at.total), 2),
  });
  after.append(check);
  host.replaceChildren(line, after);
}

function factor(value) {
  return value < 0 ? `(${format(value, 3)})` : format(value, 3);
}

function tone(value) {
  return value < 0 ? "cs-down" : "cs-up";
}
