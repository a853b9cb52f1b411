// The picture of a loss: filled levels with thin lines between them, lit from the side if wished.

import { forEachPixel } from "./raster.js";

export const LEVELS = 14;
/** Of the colour map only this part is used: paths must stand out from the ground. */
const STRONGEST = 0.62;

/**
 * How losses become heights from 0 to 1: half of the picture lies below 0.5 whatever the surface is like.
 * @typedef {{lowest: number, highest: number, power: number}} Scale
 */

/**
 * @param {import("./surface.js").Surface} surface
 * @param {number[]} low
 * @param {number[]} high
 * @param {number|null} lowest the smallest loss, where it is known
 * @returns {Scale}
 */
export function scaleOf(surface, low, high, lowest) {
  const count = 72;
  const found = [];
  for (let i = 0; i <= count; i++) {
    for (let k = 0; k <= count; k++) {
      const value = surface.value(low[0] + ((high[0] - low[0]) * i) / count, low[1] + ((high[1] - low[1]) * k) / count);
      if (Number.isFinite(value)) found.push(value);
    }
  }
  found.sort((a, b) => a - b);
  const least = Math.min(lowest ?? Infinity, found[0] ?? 0);
  const most = found.at(-1) ?? 1;
  const middle = ((found[found.length >> 1] ?? 0.5) - least) / (most - least);
  const power = middle > 0 && middle < 1 ? Math.log(0.5) / Math.log(middle) : 1;
  return { lowest: least, highest: most > least ? most : least + 1, power: Math.max(0.12, Math.min(1.5, power)) };
}

/** Height of a loss, 0 to 1 inside the picture. @param {number} value @param {Scale} scale */
export function heightOf(value, { lowest, highest, power }) {
  return Math.max(0, (value - lowest) / (highest - lowest)) ** power;
}

/** The loss at a height. @param {number} height @param {Scale} scale */
export function lossAt(height, { lowest, highest, power }) {
  return lowest + (highest - lowest) * height ** (1 / power);
}

/** The colour of a height. @param {number} height @param {Uint32Array} table @returns {[number, number, number]} */
export function groundColour(height, table) {
  const c = table[1 + Math.round(254 * STRONGEST * Math.min(1, height))];
  return [c & 255, (c >> 8) & 255, (c >> 16) & 255];
}

/**
 * @param {import("./surface.js").Surface} surface
 * @param {{low: number[], high: number[], width: number, height: number, scale: Scale, ramp: (height: number) => [number, number, number], dark: boolean, relief: boolean}} settings
 *   width and height in pixels of the picture
 */
export function terrain(surface, { low, high, width, height, scale, ramp, dark, relief }) {
  const colours = Array.from({ length: LEVELS + 1 }, (_, level) => ramp((level + 0.5) / LEVELS));
  const image = new ImageData(width, height);
  const out = image.data;
  const span = [high[0] - low[0], high[1] - low[1]];
  const level = (/** @type {number} */ x, /** @type {number} */ y) =>
    LEVELS * heightOf(surface.value(low[0] + span[0] * x, high[1] - span[1] * y), scale);
  forEachPixel(width, height, level, (i, value, right, down) => {
    const place = 4 * i;
    if (!Number.isFinite(value)) {
      out[place + 3] = 0;
      return;
    }
    const [r, g, b] = colours[Math.min(LEVELS, Math.floor(value))];
    const steep = Math.hypot(right, down);
    const nearest = Math.abs(value - Math.round(value)) / (steep || 1e-9);
    // Lines that would run together are left out.
    const line = Math.round(value) > 0 ? Math.max(0, 1 - nearest / 0.9) * Math.max(0, Math.min(1, 2 - 8 * steep)) : 0;
    let light = 1 - (dark ? -0.5 : 0.3) * line;
    if (relief) {
      // A light from the upper left on a ground as high as its level.
      const k = width / 40;
      const shade = (right + down) * k;
      light *= Math.max(0.5, Math.min(1.12, 1 - (0.42 * shade) / Math.sqrt(1 + (right * k) ** 2 + (down * k) ** 2)));
    }
    out[place] = r * light;
    out[place + 1] = g * light;
    out[place + 2] = b * light;
    out[place + 3] = 255;
  });
  return image;
}
