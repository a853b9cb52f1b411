// Where the parts of the convolution view stand, and which of them is under a point.

import { cellAt, fit } from "../shared/sketch.js";

/** Up to this many channels all rows are shown, in their natural order. */
export const FEW = 12;
/** Room for the headings and for the colour scales. */
export const TOP = 36;
export const BOTTOM = 30;
/** Below this width the subtotals are left out and everything is smaller. */
const NARROW = 540;

/**
 * The height at which nothing needs scrolling, within reason.
 * @param {number} count
 * @param {number} width
 */
export function naturalHeight(count, width) {
  const narrow = width < NARROW;
  const lines = Math.min(count, FEW) + (count > FEW ? 0.6 : 0);
  return TOP + BOTTOM + Math.max(narrow ? 170 : 300, lines * (narrow ? 46 : 54));
}

/**
 * @param {{width: number, height: number, scroll: number, count: number, shown: number, dense: boolean,
 *   input: any, output: any, part: any, kernel: number[], digits: number}} of input, output, part: sizes
 *   of the maps; digits: of the largest channel number
 */
export function elasticLayout({ width: W, height: H, scroll, count, shown, dense, input, output, part, kernel: [kh, kw], digits }) {
  const narrow = W < NARROW;
  const rest = count - shown;
  const lines = shown + (rest ? 0.6 : 0);
  const room = H - TOP - BOTTOM;
  const tall = count <= FEW ? Math.max(44, Math.min(narrow ? 64 : 150, room / lines)) : narrow ? 46 : 56;
  const widest = narrow ? 54 : Math.max(60, (W - 450) / 2.8);
  const size = Math.round(Math.min(tall - (narrow ? 8 : 6), widest));
  const kernel = dense ? size : Math.round(Math.min(size * 0.8, narrow ? 34 : 60));
  const gap = narrow ? 13 : 20;
  const number = narrow ? 0 : 58;
  const inX = (narrow ? 22 : 34) + (digits > 2 && narrow ? 8 : 0);
  const kernelX = inX + size + gap;
  const partX = kernelX + kernel + gap;
  const leave = partX + size + number + 6;
  const free = W - leave - (narrow ? 66 : 150);
  const outSize = dense ? (narrow ? 64 : 120) : Math.max(72, Math.min(narrow ? 96 : 236, free, room * 0.62));
  const spare = Math.max(0, W - leave - outSize - (narrow ? 62 : 190));
  const block = Math.min(room, lines * tall);
  const high = Math.max(block, Math.min(room, outSize + 30));
  const middle = TOP + high / 2;
  const top = TOP + (high - block) / 2 - scroll;
  const outBox = fit(W - outSize - 2 - spare * 0.3, middle - outSize / 2, outSize, output.width, output.height);
  const plusX = outBox.x - (narrow ? 20 : 40);
  const more = { x: inX, y: top + shown * tall + 4, w: leave - inX, h: 24 };
  const total = TOP + lines * tall + BOTTOM;
  return { W, H, narrow, dense, shown, rest, tall, size, kernel, kernelShape: { width: kw, height: kh }, inX, kernelX, partX, leave, number, outBox, plusX, middle, top, more, total, map: input, part, output };
}

/** @typedef {ReturnType<typeof elasticLayout>} Layout */

/**
 * The pictures of one row.
 * @param {Layout} l
 * @param {number} place of the row
 */
export function rowBoxes(l, place) {
  const middle = l.top + (place + 0.5) * l.tall;
  return {
    middle,
    input: fit(l.inX, middle - l.size / 2, l.size, l.map.width, l.map.height),
    kernel: fit(l.kernelX, middle - l.kernel / 2, l.kernel, l.kernelShape.width, l.kernelShape.height),
    part: fit(l.partX, middle - l.size / 2, l.size, l.part.width, l.part.height),
  };
}

/**
 * What is under a point: an output pixel ("output", also in a partial result), an "input" pixel with the output
 * it leads to, a "kernel", a "cell" of a dense layer's maps, the "more" line, or the "row".
 * @param {Layout} l
 * @param {number} px
 * @param {number} py
 * @param {(y: number, x: number) => {y: number, x: number}} outputOf
 */
export function findIn(l, px, py, outputOf) {
  const at = { place: -1, px, py, y: 0, x: 0 };
  const out = l.dense ? null : cellAt(l.outBox, l.output, px, py, 3);
  if (out) return { ...at, kind: "output", ...out };
  const { more } = l;
  if (l.rest && px > more.x && px < more.x + more.w && py > more.y && py < more.y + more.h) return { ...at, kind: "more" };
  if (py < TOP - 6 || py > l.H - BOTTOM + 6 || px > l.leave) return null;
  const place = Math.floor((py - l.top) / l.tall);
  if (place < 0 || place >= l.shown) return null;
  at.place = place;
  const box = rowBoxes(l, place);
  if (l.dense) {
    for (const spot of [box.input, box.kernel, box.part]) {
      const cell = cellAt(spot, l.map, px, py, 1);
      if (cell) return { ...at, kind: "cell", ...cell };
    }
    return { ...at, kind: "row" };
  }
  const part = cellAt(box.part, l.part, px, py, 3);
  if (part) return { ...at, kind: "output", ...part };
  const input = cellAt(box.input, l.map, px, py, 3);
  if (input) return { ...at, kind: "input", ...outputOf(input.y, input.x) };
  return { ...at, kind: cellAt(box.kernel, { width: 1, height: 1 }, px, py, 2) ? "kernel" : "row" };
}
