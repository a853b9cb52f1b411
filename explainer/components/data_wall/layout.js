// Where the pictures of a wall stand.

const GAP = 3;
const ROW_GAP = 8;
const BESIDE = 118;
const ABOVE = 19;
const NARROW = 560;

/**
 * @typedef {{number: number, row: number, x: number, y: number}} Spot
 * @typedef {{row: number, x: number, y: number, room: number, above: boolean}} Title
 * @typedef {{spots: Spot[], titles: Title[], size: number, columns: number, height: number}} Layout
 */

/**
 * Rows of examples, one for each class with its name beside it (above it where there is little room), as many
 * pictures as fit into a line; or all pictures of one class, line after line.
 * @param {number[]} counts pictures of each row
 * @param {number} width
 * @param {boolean} single whether they are all of one class
 * @returns {Layout}
 */
export function layout(counts, width, single) {
  const above = width < NARROW;
  const left = single || above ? 0 : BESIDE;
  const wanted = above ? 44 : 56;
  const columns = Math.max(1, Math.floor((width - left + GAP) / (wanted + GAP)));
  const most = single ? columns : Math.min(columns, 16);
  const size = Math.floor((width - left + GAP) / most) - GAP;
  const fitting = single ? size : Math.min(size, 72);
  /** @type {Spot[]} */
  const spots = [];
  /** @type {Title[]} */
  const titles = [];
  let first = 0;
  let y = 0;
  counts.forEach((count, row) => {
    if (!single) {
      titles.push({ row, x: 0, y: above ? y + ABOVE / 2 : y + fitting / 2, room: above ? width : BESIDE - 12, above });
      if (above) y += ABOVE;
    }
    const shown = single ? count : Math.min(count, most);
    for (let i = 0; i < shown; i++) {
      spots.push({ number: first + i, row, x: left + (i % most) * (fitting + GAP), y: y + Math.floor(i / most) * (fitting + GAP) });
    }
    first += count;
    y += Math.max(1, Math.ceil(shown / most)) * (fitting + GAP) + (single ? 0 : ROW_GAP - GAP);
  });
  return { spots, titles, size: fitting, columns: most, height: Math.max(1, Math.ceil(y)) };
}

/**
 * The picture that an arrow key leads to: to the sides through all of them, up and down to the nearest.
 * @param {Layout} found
 * @param {number} at index in the spots
 * @param {string} key
 */
export function follow({ spots, size }, at, key) {
  const last = spots.length - 1;
  const simple = /** @type {Record<string, number>} */ ({ ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: last })[key];
  if (simple !== undefined) return Math.max(0, Math.min(last, simple));
  const sign = key === "ArrowDown" ? 1 : key === "ArrowUp" ? -1 : 0;
  const from = spots[at];
  if (!sign || !from) return at;
  const further = spots.filter((one) => sign * (one.y - from.y) > size / 2);
  if (!further.length) return at;
  const next = Math.min(...further.map((one) => sign * one.y));
  const line = further.filter((one) => sign * one.y === next);
  const best = line.reduce((a, b) => (Math.abs(b.x - from.x) < Math.abs(a.x - from.x) ? b : a));
  return spots.indexOf(best);
}
