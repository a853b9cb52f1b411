// Walking with one number through the network: where it goes next, and what becomes of it there.

import { ACTIVATIONS } from "./activations.js";

/** Operations that keep a number at its place. */
const IN_PLACE = new Set(["activation", "affine", "elementwise"]);

/**
 * @typedef {{node: any, place: {node: number, channel: number, y: number, x: number}, formula: string|null,
 *   value: number|null}} Step
 */

/**
 * The operations that read a node, with the place there that belongs to this pixel.
 * @param {any} store
 * @param {any} node
 * @param {number} channel
 * @param {number} y
 * @param {number} x
 * @param {number} value
 * @returns {Step[]}
 */
export function nextSteps(store, node, channel, y, x, value) {
  const readers = store.overview.nodes.filter((/** @type {any} */ other) => other.inputs.includes(node.index) && other.index > node.index);
  return readers.slice(0, 3).map((/** @type {any} */ other) => {
    const place = placeIn(store, node, other, channel, y, x);
    const known = ACTIVATIONS[other.kind.replace(/_$/, "")];
    const certain = known?.exact ? known.apply(value, {}) : null;
    return { node: other, place, formula: certain === null ? null : known.text("·", {}), value: certain ?? held(store, other, place) };
  });
}

/** @param {any} store @param {any} node @param {any} other @param {number} channel @param {number} y @param {number} x */
function placeIn(store, node, other, channel, y, x) {
  const at = (/** @type {number} */ p, /** @type {number} */ from, /** @type {number} */ to) => Math.min(to - 1, Math.floor(((p + 0.5) * to) / from));
  const spot = { y: at(y, node.height, other.height), x: at(x, node.width, other.width) };
  if (other.kind === "cat" || other.kind === "concat") {
    let first = 0;
    for (const input of other.inputs) {
      if (input === node.index) break;
      first += store.node(input).channels;
    }
    return { node: other.index, channel: first + channel, ...spot };
  }
  const plane = node.height * node.width;
  if (other.height * other.width === 1 && plane > 1 && other.channels === node.channels * plane) {
    return { node: other.index, channel: channel * plane + y * node.width + x, y: 0, x: 0 };
  }
  const mixes = other.channels !== node.channels || /^(conv|linear)/.test(other.kind);
  return { node: other.index, channel: mixes ? (other.shown?.[0] ?? 0) : channel, ...spot };
}

/** The value there, if the whole tensor is here. @param {any} store @param {any} node @param {any} place */
function held(store, node, place) {
  const tensor = store.tensors.get(node.index);
  const form = store.operations.get(node.index)?.form;
  if (!tensor || !(IN_PLACE.has(form) || form === "max_pool" || form === "server")) return null;
  return tensor.data[(place.channel * tensor.height + place.y) * tensor.width + place.x] ?? null;
}
