// Names beside points without covering each other, the points, or the edge.

const ANGLES = [0, 180, -90, 90, -35, 35, -145, 145, -65, 65, -115, 115];
const DISTANCES = [4, 12, 22, 34, 48];

/** @typedef {{x: number, y: number, r: number, width: number, height: number}} Point
 *  @typedef {{left: number, top: number, right: number, bottom: number}} Rect */

/**
 * Find a place for the name of each point: the nearest that is free, the crowded points first.
 * @param {Point[]} points centre, radius, and the size of the name
 * @param {Rect} bounds
 * @param {Rect[]} [taken] what else is not to be covered
 * @returns {(Rect & {far: boolean})[]} boxes of the names, in order; far ones want a line to their point
 */
export function placed(points, bounds, taken = []) {
  const discs = points.map(({ x, y, r }) => ({ left: x - r, top: y - r, right: x + r, bottom: y + r }));
  const crowd = points.map((a) => points.filter((b) => Math.hypot(a.x - b.x, a.y - b.y) < 90).length);
  const order = points.map((_, index) => index).sort((a, b) => crowd[b] - crowd[a]);
  const names = [];
  const busy = [...taken];
  for (const index of order) {
    const point = points[index];
    let best = null;
    for (const distance of DISTANCES) {
      for (const angle of ANGLES) {
        const rect = at(point, angle, distance);
        const others = discs.filter((_, other) => other !== index);
        const cost =
          2 * beyond(rect, bounds) + sum([...busy, ...others], (other) => overlap(rect, other)) + overlap(rect, discs[index]) + distance * 0.4;
        if (!best || cost < best.cost) best = { ...rect, cost, far: distance > 12 };
      }
      if (best.cost <= distance * 0.4 + 0.01) break;
    }
    const { cost: _, ...rect } = best;
    names[index] = rect;
    busy.push({ left: rect.left - 2, top: rect.top - 1, right: rect.right + 2, bottom: rect.bottom + 1 });
  }
  return names;
}

/** The box of a name whose nearest edge lies so far from the point's rim, in this direction. */
function at({ x, y, r, width, height }, angle, distance) {
  const turn = (angle * Math.PI) / 180;
  const [dx, dy] = [Math.cos(turn), Math.sin(turn)];
  const [px, py] = [x + dx * (r + distance), y + dy * (r + distance)];
  const left = dx > 0.3 ? px : dx < -0.3 ? px - width : px - width / 2;
  const top = dy > 0.5 ? py : dy < -0.5 ? py - height : py - height / 2;
  return { left, top, right: left + width, bottom: top + height };
}

function overlap(a, b) {
  const w = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const h = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  return w > 0 && h > 0 ? w * h : 0;
}

function beyond(rect, bounds) {
  const out = Math.max(0, bounds.left - rect.left) + Math.max(0, rect.right - bounds.right);
  return 40 * (out + Math.max(0, bounds.top - rect.top) + Math.max(0, rect.bottom - bounds.bottom));
}

function sum(list, value) {
  return list.reduce((total, one) => total + value(one), 0);
}
