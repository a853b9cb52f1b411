// Boxes of units and units of pixels, read from the tables that came with the layer. Nothing here is drawn.

/**
 * @typedef {{height: number, width: number, field: Float32Array, seen: Float32Array, local: Float32Array}} Table
 * @typedef {{tables: [Table, Table], extent: [number, number, number], status: string, picture: {height: number, width: number}}} Field
 * @typedef {{top: number, left: number, bottom: number, right: number}} Box
 * @typedef {"field"|"seen"|"local"} Which
 */

/**
 * Start and end along one direction.
 * @param {Table} table
 * @param {Which} which
 * @param {number} y
 * @param {number} x
 */
function interval(table, which, y, x) {
  const at = (Math.min(y, table.height - 1) * table.width + Math.min(x, table.width - 1)) * 2;
  return [table[which][at], table[which][at + 1]];
}

/**
 * What a unit sees, in pixels of the image; null where that is nothing or cannot be told.
 * @param {Field} field
 * @param {Which} which
 * @param {number} y
 * @param {number} x
 * @returns {Box|null}
 */
export function boxOf(field, which, y, x) {
  if (field.status === "undefined") return null;
  const [top, bottom] = interval(field.tables[0], which, y, x);
  const [left, right] = interval(field.tables[1], which, y, x);
  return top < bottom && left < right ? { top, left, bottom, right } : null;
}

/** The box that says where a unit looks: the local one where something else sees the whole map. */
export function aimOf(/** @type {Field} */ field, /** @type {number} */ y, /** @type {number} */ x) {
  return boxOf(field, "local", y, x) ?? boxOf(field, "field", y, x);
}

/**
 * Where a unit looks: the middle of its box, in pixels.
 * @param {Field} field
 * @param {number} y
 * @param {number} x
 */
export function centreOf(field, y, x) {
  const box = aimOf(field, y, x);
  return box ? { py: (box.top + box.bottom) / 2, px: (box.left + box.right) / 2 } : null;
}

/**
 * The unit whose box has its middle nearest to a pixel. Where all units see the same, the one at the same place.
 * @param {Field} field
 * @param {number} py
 * @param {number} px
 * @returns {{y: number, x: number}}
 */
export function nearestUnit(field, py, px) {
  const [, height, width] = field.extent;
  const { picture } = field;
  const share = (/** @type {number} */ p, /** @type {number} */ size, /** @type {number} */ n) => Math.max(0, Math.min(n - 1, Math.floor((p / size) * n)));
  let best = { y: share(py, picture.height, height), x: share(px, picture.width, width) };
  const here = centreOf(field, best.y, best.x);
  let least = here ? (here.py - py) ** 2 + (here.px - px) ** 2 : Infinity;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const centre = centreOf(field, y, x);
      if (!centre) continue;
      const far = (centre.py - py) ** 2 + (centre.px - px) ** 2;
      if (far < least - 1e-6) [best, least] = [{ y, x }, far];
    }
  }
  return best;
}

/**
 * All that is in any of a layer's boxes.
 * @param {Field} field
 * @returns {Box|null}
 */
export function wholeOf(field) {
  if (field.status === "undefined") return null;
  const ends = field.tables.map((table) => {
    let [low, high] = [Infinity, -Infinity];
    for (let i = 0; i < table.field.length; i += 2) {
      if (table.field[i] < low) low = table.field[i];
      if (table.field[i + 1] > high) high = table.field[i + 1];
    }
    return [low, high];
  });
  const [[top, bottom], [left, right]] = ends;
  return top < bottom && left < right ? { top, left, bottom, right } : null;
}

/**
 * The smallest share of pixels that holds half of all the heat, and how many those are.
 * @param {Float32Array} values
 */
export function halfOf(values) {
  const sorted = Float32Array.from(values).sort();
  let total = 0;
  for (const value of sorted) total += value;
  if (!(total > 0)) return 0;
  let sum = 0;
  let count = 0;
  for (let i = sorted.length - 1; i >= 0 && sum < total / 2; i--) {
    sum += sorted[i];
    count++;
  }
  return count;
}

/** Tokens in a line as the grid in which they look at the photo. @typedef {{height: number, width: number, units: Int32Array, cells: Int32Array}} Grid */

/**
 * The grid of a line of units by where they look; null for maps, and where the units do not form a grid. Units that
 * look nowhere (a class token) stand in a row of their own on top.
 * @param {Field} field
 * @returns {Grid|null} `units` by cell, −1 where there is none; `cells` by unit
 */
export function gridOf(field) {
  const [, height, width] = field.extent;
  if (height !== 1 || width < 4 || field.tables.every((table) => table.height === 1 && table.width === 1)) return null;
  const centres = Array.from({ length: width }, (_, x) => {
    const box = boxOf(field, "local", 0, x);
    return box ? { py: (box.top + box.bottom) / 2, px: (box.left + box.right) / 2 } : null;
  });
  const sorted = (/** @type {"py"|"px"} */ side) => [...new Set(centres.flatMap((centre) => (centre ? [centre[side]] : [])))].sort((a, b) => a - b);
  const [rows, columns] = [sorted("py"), sorted("px")];
  const others = centres.flatMap((centre, x) => (centre ? [] : [x]));
  if (rows.length < 2 || rows.length * columns.length !== width - others.length || others.length > columns.length) return null;
  const above = others.length ? 1 : 0;
  const units = new Int32Array((rows.length + above) * columns.length).fill(-1);
  const cells = new Int32Array(width);
  const put = (/** @type {number} */ unit, /** @type {number} */ cell) => {
    units[cell] = unit;
    cells[unit] = cell;
  };
  others.forEach((unit, i) => put(unit, i));
  centres.forEach((centre, unit) => centre && put(unit, (rows.indexOf(centre.py) + above) * columns.length + columns.indexOf(centre.px)));
  return units.subarray(above * columns.length).includes(-1) ? null : { height: rows.length + above, width: columns.length, units, cells };
}
