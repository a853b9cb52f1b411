// Where colours end: at the largest value of all epochs, so that change is seen, or of each epoch by itself.

/**
 * @typedef {object} Part bytes of all epochs; a value is (q - 128) / 127 of its scale
 * @property {Uint8Array} pixels
 * @property {Float32Array} scale by epoch and by group (a filter, a channel, or all)
 */

/**
 * The magnitude that gets the full colour.
 * @param {Part} part
 * @param {number} count of epochs
 * @param {number} at place of the epoch
 * @param {number} group
 * @param {boolean} own whether each epoch is by itself
 */
export function peakOf(part, count, at, group, own) {
  const groups = part.scale.length / count;
  if (own) return part.scale[at * groups + group];
  let most = 0;
  for (let i = 0; i < count; i++) most = Math.max(most, part.scale[i * groups + group]);
  return most;
}

/** The values of one group at one epoch. @param {Part} part @param {number} count @param {number} at @param {number} group */
export function valuesOf(part, count, at, group) {
  const groups = part.scale.length / count;
  const each = part.pixels.length / part.scale.length;
  const first = (at * groups + group) * each;
  const scale = part.scale[at * groups + group];
  return Float32Array.from(part.pixels.subarray(first, first + each), (q) => ((q - 128) / 127) * scale);
}

/** The place of the epoch that is nearest to one. @param {ArrayLike<number>} epochs @param {number} wanted */
export function nearest(epochs, wanted) {
  let best = 0;
  for (let i = 1; i < epochs.length; i++) if (Math.abs(epochs[i] - wanted) < Math.abs(epochs[best] - wanted)) best = i;
  return best;
}

/** What a curve says of an epoch; NaN where it says nothing. @param {any} curve @param {string} name @param {number} epoch */
export function said(curve, name, epoch) {
  const at = curve.epochs.indexOf(epoch);
  return at < 0 ? NaN : curve[name][at];
}
