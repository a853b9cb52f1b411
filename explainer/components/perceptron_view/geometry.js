// Line and half-plane of a perceptron in the square that is shown.

/** Ends of both axes. */
export const LOW = -1;
export const HIGH = 2;
const CORNERS = [[LOW, LOW], [HIGH, LOW], [HIGH, HIGH], [LOW, HIGH]];
const MIDDLE = [0.5, 0.5];
/** The arrow of the weights never gets longer than this, however large they are. */
const LONGEST = 1.1;
const HALF = 1.5;

/** z = w1 x1 + w2 x2 + b @param {number[]} weights @param {number} x1 @param {number} x2 */
export function sum([w1, w2, b], x1, x2) {
  return w1 * x1 + w2 * x2 + b;
}

/** The corners of the part of the square where z is above 0. @param {number[]} weights */
export function positiveSide(weights) {
  const kept = [];
  CORNERS.forEach((corner, i) => {
    const next = CORNERS[(i + 1) % CORNERS.length];
    const [a, b] = [sum(weights, ...corner), sum(weights, ...next)];
    if (a > 0) kept.push(corner);
    if (a > 0 !== b > 0) kept.push(corner.map((value, d) => value + (a / (a - b)) * (next[d] - value)));
  });
  return kept;
}

/** The two ends of the line in the square; null where it does not cross it. @param {number[]} weights */
export function ends(weights) {
  const [w1, w2] = weights;
  const size = Math.hypot(w1, w2);
  if (!(size > 0)) return null;
  const [x, y] = foot(weights);
  const along = [-w2 / size, w1 / size];
  let [from, to] = [-Infinity, Infinity];
  for (const [place, step] of [[x, along[0]], [y, along[1]]]) {
    if (Math.abs(step) < 1e-12) {
      if (place < LOW || place > HIGH) return null;
      continue;
    }
    const [a, b] = [(LOW - place) / step, (HIGH - place) / step];
    from = Math.max(from, Math.min(a, b));
    to = Math.min(to, Math.max(a, b));
  }
  if (!(from < to)) return null;
  return [from, to].map((t) => [x + t * along[0], y + t * along[1]]);
}

/** The place of the line that is nearest to the middle of the square; the middle where there is no line. */
export function foot(weights) {
  const [w1, w2] = weights;
  const square = w1 * w1 + w2 * w2;
  if (!(square > 0)) return [...MIDDLE];
  const z = sum(weights, ...MIDDLE);
  return [MIDDLE[0] - (z / square) * w1, MIDDLE[1] - (z / square) * w2];
}

/** Where the arrow of the weights ends that begins at `from`. @param {number[]} weights @param {number[]} from */
export function tip([w1, w2], from) {
  const size = Math.hypot(w1, w2);
  const share = LONGEST / (size + HALF);
  return [from[0] + share * w1, from[1] + share * w2];
}

/** The line through `from` whose arrow ends at `to`: the inverse of `tip`. @param {number[]} from @param {number[]} to */
export function turned(from, to) {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const length = Math.hypot(dx, dy);
  const shown = Math.min(length, LONGEST * 0.9);
  const gain = length > 0 ? (HALF * shown) / (LONGEST - shown) / length : 0;
  const [w1, w2] = [hundredths(gain * dx), hundredths(gain * dy)];
  return [w1, w2, hundredths(-w1 * from[0] - w2 * from[1])];
}

/** The line shifted until it goes through a place. @param {number[]} weights @param {number[]} place */
export function shifted([w1, w2], place) {
  return [w1, w2, hundredths(-w1 * place[0] - w2 * place[1])];
}

/** @param {number} value */
export function hundredths(value) {
  return Math.round(100 * value) / 100 + 0;
}

/** A place of a point: on a grid of twentieths, within the square. @param {number} value */
export function snapped(value) {
  return Math.round(20 * Math.max(LOW, Math.min(HIGH, value))) / 20 + 0;
}
