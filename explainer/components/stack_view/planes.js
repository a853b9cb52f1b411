// The maps as planes above each other, seen from the side, and the cone between them.

/** @typedef {{cx: number, cy: number, w: number, d: number, shear: number, rows: number, columns: number, flat: boolean}} Plane */

const DEPTH = 0.3;
const SHEAR = 0.75;
/** A plane is at least so wide, however few units it has. */
const LEAST = 22;

/**
 * Lay out planes in rows of one height.
 * @param {number[][]} shapes the input's first; [channels, rows, columns] or [features]
 * @param {number} width of the canvas
 * @param {number[]} middles where each row has its middle
 * @param {number} height of a row
 * @returns {Plane[]}
 */
export function layOut(shapes, width, middles, height) {
  const largest = Math.max(...shapes.map((shape) => (shape.length === 3 ? Math.max(shape[1], shape[2]) : 1)));
  const room = width * 0.78;
  return shapes.map((shape, i) => {
    const flat = shape.length !== 3;
    const [rows, columns] = flat ? [1, Math.min(shape[0], 400)] : [shape[1], shape[2]];
    const w = flat ? Math.max(LEAST, (room * Math.min(1, Math.log10(shape[0] + 1) / 3))) : Math.max(LEAST, (room * columns) / largest);
    const d = flat ? 5 : Math.max(LEAST * DEPTH, Math.min(height * 0.78, (room * DEPTH * rows) / largest));
    return { cx: width / 2, cy: middles[i], w, d, shear: flat ? 0 : d * SHEAR, rows, columns, flat };
  });
}

/** The point of the canvas over a place of a plane; u and v run from 0 to 1. @param {Plane} plane */
export function point(plane, u, v) {
  return { x: plane.cx + (u - 0.5) * plane.w + (0.5 - v) * plane.shear, y: plane.cy + (v - 0.5) * plane.d };
}

/** The place of a plane under a point, or null. @param {Plane} plane */
export function placeAt(plane, x, y) {
  const v = (y - plane.cy) / plane.d + 0.5;
  const u = (x - plane.cx - (0.5 - v) * plane.shear) / plane.w + 0.5;
  return u >= 0 && u < 1 && v >= 0 && v < 1 ? { u, v } : null;
}

/** The four corners of a part of a plane. @param {Plane} plane @param {[number, number]} rows @param {[number, number]} columns */
export function corners(plane, rows, columns) {
  // A single cell of a fine map would be too small to be seen.
  const [v0, v1] = widened(rows[0] / plane.rows, rows[1] / plane.rows, 3 / plane.d);
  const [u0, u1] = widened(columns[0] / plane.columns, columns[1] / plane.columns, 4 / plane.w);
  return [point(plane, u0, v0), point(plane, u1, v0), point(plane, u1, v1), point(plane, u0, v1)];
}

function widened(from, to, least) {
  const lack = Math.max(0, least - (to - from)) / 2;
  return [from - lack, to + lack];
}

/** @param {CanvasRenderingContext2D} g @param {{x: number, y: number}[]} points */
export function trail(g, points) {
  g.beginPath();
  points.forEach(({ x, y }, i) => (i ? g.lineTo(x, y) : g.moveTo(x, y)));
  g.closePath();
}

/**
 * Draw a plane: a picture laid flat, or an empty one, with a side that tells how many channels there are.
 * @param {CanvasRenderingContext2D} g
 * @param {Plane} plane
 * @param {{picture?: HTMLCanvasElement|null, channels: number, theme: any, strong: boolean}} look
 */
export function drawPlane(g, plane, { picture = null, channels, theme, strong }) {
  const [a, b, c, d] = corners(plane, [0, plane.rows], [0, plane.columns]);
  const thick = plane.flat ? 0 : Math.min(10, 1.2 * Math.log2(channels + 1));
  g.fillStyle = theme.soft;
  g.strokeStyle = theme.line;
  g.lineWidth = 1;
  if (thick > 1) {
    trail(g, [d, c, { x: c.x, y: c.y + thick }, { x: d.x, y: d.y + thick }]);
    g.fill();
    g.stroke();
    trail(g, [c, b, { x: b.x, y: b.y + thick }, { x: c.x, y: c.y + thick }]);
    g.fill();
    g.stroke();
  }
  trail(g, [a, b, c, d]);
  g.fillStyle = theme.back;
  g.fill();
  g.fillStyle = theme.soft;
  g.fill();
  if (picture) {
    g.save();
    g.clip();
    g.transform(plane.w / picture.width, 0, -plane.shear / picture.height, plane.d / picture.height, a.x, a.y);
    g.drawImage(picture, 0, 0);
    g.restore();
    trail(g, [a, b, c, d]);
  }
  g.strokeStyle = strong ? theme.muted : theme.line;
  g.stroke();
}

/** Fill the walls of the cone between two parts. @param {CanvasRenderingContext2D} g */
export function drawCone(g, above, below, theme) {
  g.save();
  g.fillStyle = theme.accent;
  g.strokeStyle = theme.accent;
  g.globalAlpha = 0.09;
  for (let i = 0; i < 4; i++) {
    const j = (i + 1) % 4;
    trail(g, [above[i], above[j], below[j], below[i]]);
    g.fill();
  }
  g.globalAlpha = 0.55;
  g.lineWidth = 1;
  for (let i = 0; i < 4; i++) {
    g.beginPath();
    g.moveTo(above[i].x, above[i].y);
    g.lineTo(below[i].x, below[i].y);
    g.stroke();
  }
  g.restore();
}

/** @param {CanvasRenderingContext2D} g */
export function drawPart(g, points, theme) {
  trail(g, points);
  g.save();
  g.fillStyle = theme.accent;
  g.globalAlpha = 0.35;
  g.fill();
  g.restore();
  g.strokeStyle = theme.accent;
  g.lineWidth = 1.5;
  g.stroke();
}
