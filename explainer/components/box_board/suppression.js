// Non-maximum suppression and soft-NMS one round at a time: what explainer.detection.boxes computes, at once.

import { iou32, overlap } from "./overlap.js";

/** @typedef {import("./overlap.js").Box} Box */
/** @typedef {"nms"|"linear"|"gaussian"} Method */
/** @typedef {{box: Box, score: number, label: number}} Candidate */

/**
 * @typedef {object} Setting
 * @property {Method} method
 * @property {number} iou threshold
 * @property {number} sigma of the Gaussian decay
 * @property {number} least score below which soft-NMS drops a box
 * @property {boolean} aware whether only boxes of one class suppress each other
 */

/**
 * @typedef {object} Round
 * @property {number} keeper
 * @property {number[]} overlaps IoU of the keeper with every box still there, -1 elsewhere
 * @property {number[]} gone boxes suppressed or dropped in this round
 * @property {number[]} before all scores before the round
 * @property {number[]} after all scores after the round
 */

/**
 * The boxes from the surest to the least sure; of equal scores the first comes first.
 * @param {number[]} scores
 */
export function sorted(scores) {
  return scores.map((_, i) => i).sort((i, j) => scores[j] - scores[i] || i - j);
}

/** @param {Candidate[]} candidates @param {Setting} setting @returns {Round[]} */
export function rounds(candidates, setting) {
  return setting.method === "nms" ? hard(candidates, setting) : soft(candidates, setting);
}

/** @param {Candidate[]} candidates @param {Setting} setting */
function hard(candidates, { iou, aware }) {
  const scores = candidates.map((one) => one.score);
  const order = sorted(scores);
  const there = candidates.map(() => true);
  const found = [];
  for (const keeper of order) {
    if (!there[keeper]) continue;
    there[keeper] = false;
    const { box, label } = candidates[keeper];
    const overlaps = candidates.map((one, i) => (there[i] ? iou32(box, one.box) : -1));
    const gone = order.filter((i) => there[i] && overlaps[i] > iou && (!aware || candidates[i].label === label));
    for (const i of gone) there[i] = false;
    found.push({ keeper, overlaps, gone, before: scores, after: scores });
  }
  return found;
}

/** @param {Candidate[]} candidates @param {Setting} setting */
function soft(candidates, { method, iou, sigma, least, aware }) {
  let now = candidates.map((one) => one.score);
  const there = now.map((score) => score >= least);
  const found = [];
  while (there.some(Boolean)) {
    const keeper = sorted(now.map((score, i) => (there[i] ? score : -Infinity)))[0];
    there[keeper] = false;
    const { box, label } = candidates[keeper];
    const overlaps = candidates.map((one, i) => (there[i] ? overlap(box, one.box).iou : -1));
    const before = now;
    now = now.map((score, i) => (there[i] && (!aware || candidates[i].label === label) ? score * decay(overlaps[i], method, iou, sigma) : score));
    const gone = sorted(now).filter((i) => there[i] && now[i] < least);
    for (const i of gone) there[i] = false;
    found.push({ keeper, overlaps, gone, before, after: now });
  }
  return found;
}

/**
 * What soft-NMS multiplies a score by.
 * @param {number} value IoU with the keeper @param {Method} method @param {number} iou @param {number} sigma
 */
export function decay(value, method, iou, sigma) {
  if (method === "gaussian") return Math.exp((-value * value) / sigma);
  return value > iou ? 1 - value : 1;
}

/**
 * What has become of every box after so many rounds: the round in which it was kept or went, and by whom.
 * @param {Round[]} all @param {number} count of boxes @param {number} done rounds that are over
 * @returns {{kept: number, gone: number, by: number}[]} rounds counted from 1, 0 for "not yet"
 */
export function fates(all, count, done) {
  const found = Array.from({ length: count }, () => ({ kept: 0, gone: 0, by: -1 }));
  all.slice(0, done).forEach((round, i) => {
    found[round.keeper].kept = i + 1;
    for (const one of round.gone) Object.assign(found[one], { gone: i + 1, by: round.keeper });
  });
  return found;
}
