// Changing boxes: moved, resized, drawn, removed, inside of the board; and the way back.

/** @typedef {import("./overlap.js").Box} Box */
/** @typedef {import("./suppression.js").Candidate} Candidate */

/** Least side of a box, in pixels of the board. */
export const LEAST = 4;
/** Changes by keys or a slider that follow each other within so many ms are one on the way back. */
const TOGETHER = 900;
const LONGEST = 200;

/** @param {number} value @param {number} low @param {number} high */
const within = (value, low, high) => Math.max(low, Math.min(high, value));

/** @param {Box} box @param {number} dx @param {number} dy @param {{width: number, height: number}} board @returns {Box} */
export function moved([left, top, right, bottom], dx, dy, { width, height }) {
  const x = within(Math.round(dx), -left, width - right);
  const y = within(Math.round(dy), -top, height - bottom);
  return [left + x, top + y, right + x, bottom + y];
}

/**
 * A box of which some sides are moved; none passes the one opposite.
 * @param {Box} box
 * @param {string} sides out of "n", "e", "s", "w"
 * @param {number} dx @param {number} dy @param {{width: number, height: number}} board
 * @returns {Box}
 */
export function resized(box, sides, dx, dy, { width, height }) {
  let [left, top, right, bottom] = box;
  if (sides.includes("w")) left = within(Math.round(left + dx), 0, right - LEAST);
  if (sides.includes("e")) right = within(Math.round(right + dx), left + LEAST, width);
  if (sides.includes("n")) top = within(Math.round(top + dy), 0, bottom - LEAST);
  if (sides.includes("s")) bottom = within(Math.round(bottom + dy), top + LEAST, height);
  return [left, top, right, bottom];
}

/** The box between two points, or null while it is too small. @returns {Box|null} */
export function spanned(x0, y0, x1, y1, { width, height }) {
  const [a, c] = [x0, x1].map((x) => within(Math.round(x), 0, width)).sort((one, other) => one - other);
  const [b, d] = [y0, y1].map((y) => within(Math.round(y), 0, height)).sort((one, other) => one - other);
  return c - a >= LEAST && d - b >= LEAST ? [a, b, c, d] : null;
}

/** Numbers of two different boxes, as far as there are two. @returns {[number, number]} */
export function inRange([a, b], count) {
  const clamp = (/** @type {number} */ i) => Math.max(0, Math.min(count - 1, i));
  const [first, second] = [clamp(a), clamp(b)];
  return first === second && count > 1 ? [first === 0 ? 1 : 0, second].sort() : [first, second];
}

/**
 * The way back and forth. A state is whatever the view gives; states are never changed, only replaced.
 * @template S
 */
export class Past {
  constructor() {
    /** @type {S[]} */
    this.before = [];
    /** @type {S[]} */
    this.ahead = [];
    this.tag = "";
    this.time = 0;
  }

  /**
   * Keep the state that a change is about to replace.
   * @param {S} state @param {string} [tag] changes with the same tag in quick succession are one
   */
  keep(state, tag = "") {
    const now = performance.now();
    const same = tag !== "" && tag === this.tag && now - this.time < TOGETHER;
    Object.assign(this, { tag, time: now });
    if (!same) {
      this.before.push(state);
      if (this.before.length > LONGEST) this.before.shift();
    }
    this.ahead = [];
  }

  /** @param {S} state the present one @returns {S|undefined} the one before it */
  back(state) {
    const found = this.before.pop();
    if (found !== undefined) this.ahead.push(state);
    this.tag = "";
    return found;
  }

  /** @param {S} state the present one @returns {S|undefined} the one that was taken back */
  forth(state) {
    const found = this.ahead.pop();
    if (found !== undefined) this.before.push(state);
    this.tag = "";
    return found;
  }
}
