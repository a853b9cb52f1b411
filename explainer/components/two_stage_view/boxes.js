// Boxes in numbers: where anchors stand, what deltas make of them, which box is pointed at.

/** The largest log-stretch that torchvision lets through: log(1000 / 16). */
const LONGEST = Math.log(1000 / 16);

/** One box of a flat array. @param {ArrayLike<number>} boxes @param {number} i @returns {number[]} */
export function boxAt(boxes, i) {
  return [boxes[4 * i], boxes[4 * i + 1], boxes[4 * i + 2], boxes[4 * i + 3]];
}

/**
 * An anchor of a level: the boxes of its first place, moved by whole strides.
 * @param {{base: ArrayLike<number>, stride: number[]}} level
 * @param {number} row @param {number} column @param {number} which
 */
export function anchorAt(level, row, column, which) {
  const [left, top, right, bottom] = boxAt(level.base, which);
  const [dy, dx] = [row * level.stride[0], column * level.stride[1]];
  return [left + dx, top + dy, right + dx, bottom + dy];
}

/** Centre and sides. @param {number[]} box */
export function centred([left, top, right, bottom]) {
  return { x: (left + right) / 2, y: (top + bottom) / 2, w: right - left, h: bottom - top };
}

/**
 * A box moved and stretched (Ren et al., 2015, section 3.1.2), with what it is worked out from.
 * @param {number[]} box @param {ArrayLike<number>} deltas dx, dy, dw, dh @param {number[]} weights that divide them
 */
export function decoded(box, deltas, weights) {
  const from = centred(box);
  const [dx, dy, dw, dh] = [0, 1, 2, 3].map((i) => deltas[i] / weights[i]);
  const to = {
    x: from.x + from.w * dx,
    y: from.y + from.h * dy,
    w: from.w * Math.exp(Math.min(dw, LONGEST)),
    h: from.h * Math.exp(Math.min(dh, LONGEST)),
  };
  return { from, to, deltas: [dx, dy, dw, dh], box: [to.x - to.w / 2, to.y - to.h / 2, to.x + to.w / 2, to.y + to.h / 2] };
}

/** @param {number[]} a @param {number[]} b */
export function iou(a, b) {
  const w = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const h = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  const shared = Math.max(0, w) * Math.max(0, h);
  const area = (/** @type {number[]} */ box) => (box[2] - box[0]) * (box[3] - box[1]);
  return shared ? shared / (area(a) + area(b) - shared) : 0;
}

/**
 * The smallest box around a point, as its place in the list; -1 where there is none.
 * @param {number[][]} boxes @param {number} x @param {number} y
 */
export function boxUnder(boxes, x, y) {
  let found = -1;
  let least = Infinity;
  boxes.forEach((box, i) => {
    const area = (box[2] - box[0]) * (box[3] - box[1]);
    if (x < box[0] || x > box[2] || y < box[1] || y > box[3] || area >= least) return;
    found = i;
    least = area;
  });
  return found;
}

/**
 * What one sampling point of RoIAlign reads: four cells of a map, each with its weight.
 * @param {any} region the region's numbers from the server
 * @param {{map: ArrayLike<number>, width: number}} level
 * @param {number} row @param {number} column of the bin
 */
export function bin(region, level, row, column) {
  const [, columns, down, across] = region.pointShape;
  const points = [];
  for (let i = 0; i < down; i++) {
    for (let j = 0; j < across; j++) {
      const at = ((row * columns + column) * down + i) * across + j;
      const corners = [0, 1, 2, 3].map((k) => {
        const [x, y] = [region.corners[8 * at + 2 * k], region.corners[8 * at + 2 * k + 1]];
        return { x, y, weight: region.cornerWeights[4 * at + k], value: level.map[y * level.width + x] };
      });
      const value = corners.reduce((sum, corner) => sum + corner.weight * corner.value, 0);
      points.push({ x: region.points[2 * at], y: region.points[2 * at + 1], corners, value });
    }
  }
  return { points, value: points.reduce((sum, point) => sum + point.value, 0) / points.length };
}
