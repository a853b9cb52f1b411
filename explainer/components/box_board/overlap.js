// Two boxes and every area that says how well they agree: what explainer.detection.boxes computes, at once.

/** @typedef {[number, number, number, number]} Box left, top, right, bottom */

/**
 * @typedef {object} Overlap
 * @property {[number, number]} areas of both boxes
 * @property {Box|null} shared what both have in common
 * @property {number} intersection area of that
 * @property {number} union
 * @property {Box} enclosing the smallest box that holds both
 * @property {number} enclosed area of that
 * @property {number} distance between both centres
 * @property {number} diagonal of the enclosing box
 * @property {number} iou
 * @property {number} giou
 * @property {number} diou
 */

/** @param {Box} a @param {Box} b @returns {Overlap} */
export function overlap(a, b) {
  const inner = /** @type {Box} */ ([Math.max(a[0], b[0]), Math.max(a[1], b[1]), Math.min(a[2], b[2]), Math.min(a[3], b[3])]);
  const enclosing = /** @type {Box} */ ([Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[2], b[2]), Math.max(a[3], b[3])]);
  const meet = inner[2] > inner[0] && inner[3] > inner[1];
  const intersection = meet ? area(inner) : 0;
  const areas = /** @type {[number, number]} */ ([area(a), area(b)]);
  const union = areas[0] + areas[1] - intersection;
  const enclosed = area(enclosing);
  const distance = Math.hypot(a[0] + a[2] - b[0] - b[2], a[1] + a[3] - b[1] - b[3]) / 2;
  const diagonal = Math.hypot(enclosing[2] - enclosing[0], enclosing[3] - enclosing[1]);
  const iou = union ? intersection / union : 0;
  const giou = iou - (enclosed ? (enclosed - union) / enclosed : 0);
  const diou = iou - (diagonal ? (distance / diagonal) ** 2 : 0);
  return { areas, shared: meet ? inner : null, intersection, union, enclosing, enclosed, distance, diagonal, iou, giou, diou };
}

/** @param {Box} box */
export function area(box) {
  return (box[2] - box[0]) * (box[3] - box[1]);
}

const f = Math.fround;

/**
 * IoU as torchvision.ops.nms computes it, rounded to float32 after every step: what decides where an IoU is
 * just at the threshold.
 * @param {Box} a @param {Box} b
 */
export function iou32(a, b) {
  const width = Math.max(0, f(Math.min(a[2], b[2]) - Math.max(a[0], b[0])));
  const height = Math.max(0, f(Math.min(a[3], b[3]) - Math.max(a[1], b[1])));
  const shared = f(width * height);
  const size = (/** @type {Box} */ box) => f(f(box[2] - box[0]) * f(box[3] - box[1]));
  const union = f(f(size(a) + size(b)) - shared);
  return shared === 0 && union === 0 ? 0 : f(shared / union);
}
