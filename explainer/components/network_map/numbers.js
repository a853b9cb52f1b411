// Numbers for reading: short in cells, signed in sums, complete on demand.

import { format } from "../shared/colours.js";

/**
 * As many digits as fit a small cell.
 * @param {number} value
 */
export function short(value) {
  if (!Number.isFinite(value) || value === 0) return format(value);
  const size = Math.abs(value);
  let text;
  if (size >= 9999.5 || size < 0.0005) text = value.toExponential(0).replace("e+", "e");
  else if (size >= 99.95) text = value.toFixed(0);
  else if (size >= 9.995) text = value.toFixed(1);
  else if (size >= 0.0995) text = value.toFixed(2);
  else text = value.toFixed(3);
  return text.replaceAll("-", "−");
}

/**
 * With its sign, also when positive.
 * @param {number} value
 * @param {number} [decimals]
 */
export function signed(value, decimals = 4) {
  if (!Number.isFinite(value) || value === 0) return format(value);
  const size = Math.abs(value);
  if (size >= 1e6 || (size < 0.5 * 10 ** -decimals)) {
    const text = value.toExponential(2).replace("e+", "e").replaceAll("-", "−");
    return value > 0 ? `+${text}` : text;
  }
  const text = size.toFixed(decimals);
  return value < 0 ? `−${text}` : `+${text}`;
}

/**
 * Every digit a float32 holds.
 * @param {number} value
 */
export function complete(value) {
  if (!Number.isFinite(value)) return format(value);
  return String(Number(value.toPrecision(9))).replace("e+", "e").replaceAll("-", "−");
}

/**
 * The name of a channel of a node: its number, and for the classes their name.
 * @param {any} store
 * @param {any} node
 * @param {number} channel
 * @returns {string|null}
 */
export function className(store, node, channel) {
  const classes = store.overview?.model.classes;
  if (!classes || node.height * node.width !== 1 || node.channels !== classes.length) return null;
  return isOutput(store, node) ? classes[channel] : null;
}

/**
 * A node's name for small places; a member of a sequence is only a number, so it is called by what it does.
 * @param {any} node
 */
export function shortLabel(node) {
  return /^\d*$/.test(node.label) ? node.kind : node.label;
}

/**
 * The name of a node beside another one, without the modules that both are in.
 * @param {any} node
 * @param {any} beside
 */
export function nameWithin(node, beside) {
  const shared = beside.name.slice(0, beside.name.lastIndexOf(".") + 1);
  return shared && node.name.startsWith(shared) ? node.name.slice(shared.length) : node.name;
}

/**
 * Whether a node holds the class scores or what follows from them (softmax).
 * @param {any} store
 * @param {any} node
 */
function isOutput(store, node) {
  return node.index >= store.overview.output;
}
