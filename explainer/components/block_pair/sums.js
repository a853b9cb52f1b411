// The numbers of a join at one place.

import { format } from "../shared/colours.js";

/**
 * @typedef {{role: string, name: string, channels: number, height: number, width: number, data: Float32Array}} Part
 * @typedef {{kind: "add"|"mul"|"cat", parts: Part[], result: Part, then: Part|null}} Join
 */

/**
 * The cell of a map that a place given in shares of height and width lies in.
 * @param {{height: number, width: number}} map
 * @param {number[]} at
 */
export function place(map, [y, x]) {
  const inside = (/** @type {number} */ share, /** @type {number} */ count) => Math.max(0, Math.min(count - 1, Math.floor(share * count)));
  return { y: inside(y, map.height), x: inside(x, map.width) };
}

/**
 * Which part a channel of a concatenation comes from, and which of that part's channels it is.
 * @param {Join} join
 * @param {number} channel
 */
export function sourceOf(join, channel) {
  let first = 0;
  for (const part of join.parts) {
    if (channel < first + part.channels) return { part, channel: channel - first, index: join.parts.indexOf(part), first };
    first += part.channels;
  }
  throw new RangeError(`no channel ${channel}`);
}

/**
 * A number of a part: a gate has one for all places.
 * @param {Part} part
 * @param {number} channel
 * @param {{y: number, x: number}} cell
 */
export function numberAt(part, channel, { y, x }) {
  return part.height * part.width === 1 ? part.data[channel] : part.data[(channel * part.height + y) * part.width + x];
}

/**
 * "3.42 + (−1.1) = 2.32 → ReLU: 2.32"
 * @param {Join} join
 * @param {number} channel
 * @param {{y: number, x: number}} cell
 * @param {(key: string, values?: Record<string, string|number>) => string} text
 */
export function equation(join, channel, cell, text) {
  if (join.kind === "cat") return "";
  const written = (/** @type {number} */ value, /** @type {number} */ index) => (index && value < 0 ? `(${format(value, 4)})` : format(value, 4));
  const numbers = join.parts.map((part, index) => written(numberAt(part, channel, cell), index));
  const whole = `${numbers.join(join.kind === "add" ? " + " : " × ")} = ${format(numberAt(join.result, channel, cell), 4)}`;
  return join.then ? text("{sum}, after ReLU {value}", { sum: whole, value: format(numberAt(join.then, channel, cell), 4) }) : whole;
}
