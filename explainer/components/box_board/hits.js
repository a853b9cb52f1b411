// What a pointer at a place of the board takes hold of: a handle of the chosen box, an edge, a box, nothing.

/** @typedef {import("./overlap.js").Box} Box */

/** How near a pointer must come to a handle or an edge, in CSS pixels: a mouse, a finger. */
const REACH = 8;
const TOUCH = 18;
/** Boxes below this many CSS pixels have handles at their corners only. */
const SMALL = 44;

/** @param {Box} box @param {number} scale @returns {{sides: string, x: number, y: number}[]} in pixels of the board */
export function handlesOf([left, top, right, bottom], scale) {
  const [x, y] = [(left + right) / 2, (top + bottom) / 2];
  const corners = [
    { sides: "nw", x: left, y: top },
    { sides: "ne", x: right, y: top },
    { sides: "se", x: right, y: bottom },
    { sides: "sw", x: left, y: bottom },
  ];
  if ((right - left) * scale >= SMALL) corners.push({ sides: "n", x, y: top }, { sides: "s", x, y: bottom });
  if ((bottom - top) * scale >= SMALL) corners.push({ sides: "w", x: left, y }, { sides: "e", x: right, y });
  return corners;
}

/**
 * @param {{boxes: {box: Box, state: string}[], active: number}} scene
 * @param {number} x @param {number} y @param {number} scale CSS pixels per pixel of the board
 * @param {boolean} touch
 * @returns {{index: number, sides: string}} index -1: nothing; sides "" : the whole box
 */
export function hit({ boxes, active }, x, y, scale, touch) {
  const reach = (touch ? TOUCH : REACH) / scale;
  if (boxes[active]) {
    const near = handlesOf(boxes[active].box, scale)
      .map((one) => ({ ...one, far: Math.max(Math.abs(one.x - x), Math.abs(one.y - y)) }))
      .filter((one) => one.far <= reach)
      .sort((a, b) => a.far - b.far);
    if (near.length) return { index: active, sides: near[0].sides };
  }
  const under = boxes
    .map(({ box, state }, index) => ({ index, box, state }))
    .filter(({ box, state }) => state !== "past" && x >= box[0] && x <= box[2] && y >= box[1] && y <= box[3]);
  // An outline under the pointer is meant before a face, a small face before the large one behind it.
  const edge = under.find(({ box }) => Math.min(x - box[0], box[2] - x, y - box[1], box[3] - y) <= 4 / scale);
  if (edge) return { index: edge.index, sides: "" };
  const size = (/** @type {Box} */ box) => (box[2] - box[0]) * (box[3] - box[1]);
  under.sort((a, b) => size(a.box) - size(b.box));
  const held = under.find((one) => one.index === active && size(one.box) <= size(under[0].box) * 1.5);
  return { index: (held ?? under[0])?.index ?? -1, sides: "" };
}

/** @param {{index: number, sides: string}} found */
export function cursorOf({ index, sides }) {
  if (index < 0) return "crosshair";
  if (!sides) return "move";
  return { n: "ns", s: "ns", e: "ew", w: "ew", nw: "nwse", se: "nwse", ne: "nesw", sw: "nesw" }[sides] + "-resize";
}
