// The pixel that the sides share: a point of the photograph, and on each side the unit that stands there.

/**
 * @typedef {{u: number, v: number}} Point a place of the photograph, in fractions of its width and height
 * @typedef {{x: number, y: number}} Spot a place of a network's input, in its pixels
 * @typedef {{y: number, x: number}} Unit row and column of a feature map
 */

/** @param {any} side @param {Point} point @returns {Spot} */
export function toInput({ geometry: { resized, offset } }, { u, v }) {
  return { x: u * resized[0] - offset[0], y: v * resized[1] - offset[1] };
}

/** @param {any} side @param {Spot} spot @returns {Point} */
export function toPhoto({ geometry: { resized, offset } }, { x, y }) {
  return { u: (x + offset[0]) / resized[0], v: (y + offset[1]) / resized[1] };
}

/** Whether a place lies in what the network is given. @param {any} side @param {Spot} spot */
export function inside({ photo }, { x, y }) {
  return x >= 0 && y >= 0 && x <= photo.width && y <= photo.height;
}

/** The unit whose middle is nearest to a place. @param {any} side @param {Spot} spot @returns {Unit} */
export function unitAt({ units }, { x, y }) {
  return { y: nearest(units.y, y), x: nearest(units.x, x) };
}

/** @param {ArrayLike<number>} places @param {number} wanted */
function nearest(places, wanted) {
  let best = 0;
  for (let i = 1; i < places.length; i++) {
    if (Math.abs(places[i] - wanted) < Math.abs(places[best] - wanted)) best = i;
  }
  return best;
}

/** Where a unit stands in the input. @param {any} side @param {Unit} unit @returns {Spot} */
export function middle({ units }, { y, x }) {
  return { x: units.x[x], y: units.y[y] };
}

/** What a unit sees of the input, in its pixels; null where that is not known. @param {any} side @param {Unit} unit */
export function fieldOf({ units }, { y, x }) {
  if (!units.rows || !units.columns) return null;
  return { top: units.rows[2 * y], bottom: units.rows[2 * y + 1], left: units.columns[2 * x], right: units.columns[2 * x + 1] };
}

/** A place as it stands in the link: `layer1.0.conv1/12/3,7`. @param {any} side @param {number} channel @param {Unit} unit */
export function write(side, channel, { y, x }) {
  const [row, column] = side.tokens === null ? [y, x] : [0, side.tokens + y * side.shape[2] + x];
  return `${side.layer}/${channel}/${row},${column}`;
}

/**
 * Read a place of the link; what does not fit the side is null.
 * @param {any} side
 * @param {string} text
 * @returns {{channel: number|null, unit: Unit|null}}
 */
export function read(side, text) {
  const [layer, channel, pixel] = text.split("/");
  const nothing = { channel: null, unit: null };
  if (layer !== side.layer) return nothing;
  const number = Number.parseInt(channel, 10);
  const [channels, height, width] = side.shape;
  if (!(number >= 0 && number < channels)) return nothing;
  let [y, x] = (pixel ?? "").split(",").map((part) => Number.parseInt(part, 10));
  if (side.tokens !== null && x >= side.tokens) [y, x] = [Math.floor((x - side.tokens) / width), (x - side.tokens) % width];
  return { channel: number, unit: y >= 0 && y < height && x >= 0 && x < width ? { y, x } : null };
}
