// The classic picture of a network: one box for each block, as high as its map is and as thick as it has channels.
// Sides follow the square roots, so that a map of 7 pixels and one of 224, 3 channels and 2048 fit in one picture.

import { svg } from "./svg.js";

/**
 * A block as the server sends it.
 * @typedef {{name: string, kind: string, shape: number[], parameters: number, multiplyAdds: number}} Block
 * @typedef {{x: number, width: number, height: number, lean: number, vector: boolean}} Place
 */

const GAP = 4;
/** The thinnest box, and how far the pictured depth leans to the right for each pixel of height. */
const LEAST = 2.5;
const LEAN = 0.26;
const RISE = 0.6;
const APART = 0.55;
/** Boxes of a network with few layers do not swell beyond this many pixels for each root of a channel. */
const MOST = 9;
/** Nor do they stand further apart than this. */
const FAR = 54;
/** How much of the width may lie between boxes where there are many of them. */
const MOST_AIR = 0.55;

/** What kind of box it is: for its colour. @param {Block} block */
export function familyOf({ kind, shape }) {
  if (/^input$/i.test(kind)) return "input";
  if (/pool/i.test(kind)) return "pool";
  return shape.length === 1 ? "linear" : "conv";
}

/**
 * Where the boxes stand.
 * @param {readonly Block[]} blocks
 * @param {number} width room for all
 * @param {number} height of the highest box with its leaning side
 * @param {number} [gap] least room between two boxes
 * @returns {Place[]}
 */
export function places(blocks, width, height, gap = GAP) {
  const side = Math.max(...blocks.map((block) => sideOf(block)));
  const tall = height / (1 + LEAN * RISE);
  const sides = blocks.map((block) => Math.max(2, (tall * sideOf(block)) / side));
  const roots = blocks.map(({ shape }) => Math.sqrt(shape.length === 1 ? 1 : shape[0]));
  const leans = blocks.map(({ shape }, i) => (shape.length === 1 ? 0 : sides[i] * LEAN));
  const wanted = leans.map((lean) => gap + lean * APART); // the leaning side of a box hides little of the next
  const air = wanted.slice(0, -1).reduce((sum, one) => sum + one, 0);
  const closer = Math.min(1, (MOST_AIR * width) / Math.max(1, air));
  const after = wanted.map((one) => one * closer);
  const room = width - air * closer - leans.at(-1);
  const thick = thickness(roots, room);
  const loose = (room - roots.reduce((sum, root) => sum + Math.max(LEAST, root * thick), 0)) / Math.max(1, blocks.length - 1);
  const more = Math.max(0, Math.min(loose, FAR));
  let x = 0;
  return blocks.map((block, i) => {
    const box = Math.max(LEAST, roots[i] * thick);
    const place = { x, width: box, height: sides[i], lean: leans[i], vector: block.shape.length === 1 };
    x += box + after[i] + more;
    return place;
  });
}

/** Pixels for each root of a channel so that all boxes fit; none is thinner than the least. */
function thickness(roots, room) {
  let thick = MOST;
  for (let round = 0; round < 12; round++) {
    const thin = roots.filter((root) => root * thick < LEAST).length;
    const rest = roots.filter((root) => root * thick >= LEAST).reduce((sum, root) => sum + root, 0);
    thick = Math.min(thick, Math.max(0, room - thin * LEAST) / Math.max(1, rest));
  }
  return thick;
}

function sideOf({ shape }) {
  if (shape.length === 1) return Math.min(15, Math.sqrt(shape[0]) / 4);
  return Math.sqrt(Math.max(shape[1], shape[2] ?? shape[1]));
}

/**
 * One box, its front left edge at x, centred on a height.
 * @param {Place} place
 * @param {number} middle
 * @param {string} family
 */
export function box({ x, width, height, lean }, middle, family) {
  const top = middle - height / 2;
  const rise = lean * RISE;
  const shape = (name, points) => svg("polygon", { class: name, points: points.map((p) => p.join()).join(" ") });
  const group = svg("g", { class: `block block-${family}` });
  const right = x + width;
  if (lean > 0) {
    group.append(
      shape("block-top", [[x, top], [x + lean, top - rise], [right + lean, top - rise], [right, top]]),
      shape("block-side", [[right, top], [right + lean, top - rise], [right + lean, top + height - rise], [right, top + height]]),
    );
  }
  group.append(shape("block-front", [[x, top], [right, top], [right, top + height], [x, top + height]]));
  return group;
}

/**
 * Runs of blocks whose maps have the same height and width: what the lines below the picture name.
 * @param {readonly Block[]} blocks
 * @returns {{first: number, last: number, side: string}[]}
 */
export function stages(blocks) {
  const found = [];
  blocks.forEach(({ shape }, index) => {
    const side = shape.length === 1 ? "" : shape[1] === shape[2] ? `${shape[1]}²` : `${shape[1]} × ${shape[2]}`;
    const last = found.at(-1);
    if (last && last.side === side) last.last = index;
    else found.push({ first: index, last: index, side });
  });
  return found;
}

/** A shape as it is said: channels @ height × width, as LeCun wrote it. @param {number[]} shape */
export function shapeText(shape) {
  return shape.length === 3 ? `${shape[0]} @ ${shape[1]} × ${shape[2]}` : shape.join(" × ");
}

/** 61100840 as "61.1 M": three digits. @param {number} count */
export function three(count) {
  if (count < 1000) return String(count);
  const step = Math.min(4, Math.floor(Math.log10(count * 1.0005) / 3));
  const value = count / 1000 ** step;
  return `${value.toFixed(value < 9.995 ? 2 : value < 99.95 ? 1 : 0)} ${["", "k", "M", "G", "T"][step]}`;
}
