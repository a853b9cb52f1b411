// Precision and recall of a ranking, and the three rules of average precision: the numbers behind the curve.

/**
 * @param {Uint8Array} isTrue detection by detection, the surest first
 * @param {number} objects how many there are
 */
export function ranked(isTrue, objects) {
  const n = isTrue.length;
  const hits = new Int32Array(n);
  const precision = new Float64Array(n);
  const recall = new Float64Array(n);
  let found = 0;
  for (let i = 0; i < n; i++) {
    found += isTrue[i];
    hits[i] = found;
    precision[i] = found / (i + 1);
    recall[i] = objects ? found / objects : NaN;
  }
  const envelope = new Float64Array(n);
  for (let i = n - 1, best = 0; i >= 0; i--) envelope[i] = best = Math.max(best, precision[i]);
  return { hits, precision, recall, envelope };
}

/**
 * The envelope at a recall: the best precision there or further on; 0 where the curve does not reach.
 * @param {{recall: Float64Array, envelope: Float64Array}} curve
 * @param {number} at
 */
export function readAt({ recall, envelope }, at) {
  let [low, high] = [0, recall.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (recall[middle] < at) low = middle + 1;
    else high = middle;
  }
  return low < envelope.length ? envelope[low] : 0;
}

/** The recalls that a rule reads the envelope at. @param {string} rule */
export function recallsOf(rule) {
  const steps = rule === "eleven" ? 10 : 100;
  return Array.from({ length: steps + 1 }, (_, i) => i / steps);
}

/**
 * The detection whose point on the curve is nearest.
 * @param {{recall: Float64Array, precision: Float64Array}} curve
 * @param {number} recall
 * @param {number} precision
 */
export function nearest(curve, recall, precision) {
  let [best, least] = [0, Infinity];
  for (let i = 0; i < curve.recall.length; i++) {
    const far = (curve.recall[i] - recall) ** 2 + (curve.precision[i] - precision) ** 2;
    if (far < least) [best, least] = [i, far];
  }
  return best;
}
