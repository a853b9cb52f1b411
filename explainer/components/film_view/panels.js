// The pictures of one epoch: filters, kernels, feature maps, and Grad-CAM over the photo.

import { rasterise } from "../shared/colours.js";
import { colour, palette } from "../shared/heat.js";
import { frame, prepare } from "../shared/sketch.js";
import { peakOf, valuesOf } from "./peaks.js";

/** How much of the photo Grad-CAM covers where it is strongest. */
const OPACITY = 0.75;
const GAP = 4;
/** Pixels that the kernels may take downwards. */
const TALLEST = 340;

/**
 * @typedef {object} Look
 * @property {import("../shared/palette.js").Palette} palette
 * @property {number} width in CSS pixels
 * @property {boolean} own whether each epoch has colours of its own
 * @property {string} paint "rgb" or "signed"
 */

/** A grid of square places, as large as fits between two sizes. */
function grid(count, width, least, most, rows = 1, gap = GAP) {
  const wanted = Math.ceil(count / rows);
  const size = Math.max(least, Math.min(most, Math.floor((width + gap) / wanted) - gap));
  const fitting = Math.max(1, Math.min(count, Math.floor((width + gap) / (size + gap))));
  const across = Math.ceil(count / Math.ceil(count / fitting)); // rows alike
  return { size, across, down: Math.ceil(count / across) };
}

/**
 * All pictures of a part at one epoch below each other, each in the colours up to its peak; made once and kept.
 * @param {string} name of the part @param {any} film @param {number} at @param {Look} look @param {number} wide of one
 * @param {import("../shared/colours.js").MapName} table
 */
function strip(name, film, at, { palette, own }, wide, table) {
  return palette.keep(`${film.reel}/${name}/${at}/${own}`, () => {
    const part = film[name];
    const count = film.epochs.length;
    const groups = part.scale.length / count;
    const each = part.pixels.length / part.scale.length;
    const image = new ImageData(wide, (groups * each) / wide);
    const out = new Uint32Array(image.data.buffer);
    for (let group = 0; group < groups; group++) {
      const peak = peakOf(part, count, at, group, own);
      const scale = part.scale[at * groups + group];
      const first = (at * groups + group) * each;
      out.set(new Uint32Array(rasterise(part.pixels, first, wide, each / wide, scale, peak, palette.table(table)).data.buffer), group * each);
    }
    return image;
  });
}

/** The same for filters in true colours: their weights of red, green and blue around grey. */
function trueStrip(film, at, { palette, own }) {
  return palette.keep(`${film.reel}/true/${at}/${own}`, () => {
    const part = film.first;
    const [count, , height, wide] = part.size;
    const plane = height * wide;
    const image = new ImageData(wide, count * height);
    for (let i = 0; i < count; i++) {
      const peak = peakOf(part, film.epochs.length, at, i, own);
      const gain = peak > 0 ? part.scale[at * count + i] / peak : 0;
      const first = (at * count + i) * 3 * plane;
      for (let k = 0; k < plane; k++) {
        const to = 4 * (i * plane + k);
        for (let c = 0; c < 3; c++) image.data[to + c] = 128 + (part.pixels[first + c * plane + k] - 128) * gain;
        image.data[to + 3] = 255;
      }
    }
    return image;
  });
}

/** One picture of a strip. @param {CanvasRenderingContext2D} g */
function tile(g, pictures, number, height, { x, y, w, h }) {
  g.drawImage(pictures, 0, number * height, pictures.width, height, x, y, w, h);
}

/**
 * The filters of the first convolution.
 * @param {HTMLCanvasElement} canvas @param {any} film @param {number} at @param {Look} look
 */
export function drawFilters(canvas, film, at, look) {
  const [count, inputs, height, wide] = film.first.size;
  const rgb = look.paint === "rgb" && inputs === 3;
  const shown = rgb ? 1 : Math.min(inputs, 3);
  const gap = shown > 1 ? 12 : GAP;
  const { size, across, down } = grid(count, look.width, shown > 1 ? 62 : 26, shown > 1 ? 98 : 52, count > 16 ? 3 : 1, gap);
  const w = (size - 2 * (shown - 1)) / shown;
  const tall = shown > 1 ? w : size;
  const g = prepare(canvas, look.width, down * (tall + gap) - gap + 2);
  g.imageSmoothingEnabled = false;
  const pictures = rgb ? trueStrip(film, at, look) : strip("first", film, at, look, wide, "weights");
  const planes = rgb ? 1 : inputs;
  for (let i = 0; i < count; i++) {
    for (let plane = 0; plane < shown; plane++) {
      const x = (i % across) * (size + gap) + 1 + plane * (w + 2);
      const box = { x, y: Math.floor(i / across) * (tall + gap) + 1, w, h: tall };
      tile(g, pictures, i * planes + plane, height, box);
      frame(g, box, look.palette.theme.line);
    }
  }
}

/**
 * Kernels of the layer: outputs downwards, inputs across.
 * @param {HTMLCanvasElement} canvas @param {any} film @param {number} at @param {Look} look
 */
export function drawKernels(canvas, film, at, look) {
  const [rows, columns, height, wide] = film.kernels.size;
  const wrapped = columns === 1;
  const across = wrapped ? Math.min(rows, 16) : columns;
  const down = wrapped ? Math.ceil(rows / across) : rows;
  const gap = height * wide > 1 ? 2 : 0;
  const room = Math.min((Math.min(look.width, 300) + gap) / across, (TALLEST + gap) / down);
  const size = Math.max(5, Math.min(34, Math.floor(room) - gap));
  const g = prepare(canvas, across * (size + gap) - gap + 1, down * (size + gap) - gap + 1);
  g.imageSmoothingEnabled = false;
  const pictures = strip("kernels", film, at, look, wide, "weights");
  for (let i = 0; i < rows * columns; i++) {
    tile(g, pictures, i, height, { x: (i % across) * (size + gap), y: Math.floor(i / across) * (size + gap), w: size, h: size });
  }
  frame(g, { x: 0.5, y: 0.5, w: across * (size + gap) - gap, h: down * (size + gap) - gap }, look.palette.theme.line);
}

/**
 * Feature maps.
 * @param {HTMLCanvasElement} canvas @param {any} film @param {number} at @param {Look} look
 * @returns {{size: number, across: number, count: number}} where they lie
 */
export function drawMaps(canvas, film, at, look) {
  const [count, height, wide] = film.maps.size;
  const { size, across, down } = grid(count, look.width, 56, 112, count > 12 ? 3 : 2);
  const g = prepare(canvas, look.width, down * (size + GAP) - GAP);
  g.imageSmoothingEnabled = wide > 1.2 * size;
  const pictures = strip("maps", film, at, look, wide, "signed");
  for (let i = 0; i < count; i++) {
    const box = { x: (i % across) * (size + GAP) + 1, y: Math.floor(i / across) * (size + GAP) + 1, w: size - 2, h: size - 2 };
    tile(g, pictures, i, height, box);
    frame(g, box, look.palette.theme.line);
  }
  return { size: size + GAP, across, count };
}

/**
 * The photo, with Grad-CAM over it unless `plain`.
 * @param {HTMLCanvasElement} canvas @param {any} film @param {number} at @param {Look} look @param {HTMLCanvasElement} photo @param {boolean} [plain]
 */
export function drawPhoto(canvas, film, at, { palette: pictures, width, own }, photo, plain = false) {
  const tall = Math.round((width * photo.height) / photo.width);
  const g = prepare(canvas, width, tall);
  g.imageSmoothingEnabled = photo.width > width;
  g.drawImage(photo, 0, 0, width, tall);
  const [height, wide] = film.heat.size;
  const peak = peakOf(film.heat, film.epochs.length, at, 0, own);
  if (!plain && peak > 0) {
    const heat = pictures.keep(`${film.reel}/heat/${at}/${own}`, () =>
      colour(valuesOf(film.heat, film.epochs.length, at, 0), wide, height, peak, false, palette(false, pictures.theme.dark, OPACITY)),
    );
    g.imageSmoothingEnabled = true;
    g.imageSmoothingQuality = "high";
    g.drawImage(heat, 0, 0, width, tall);
  }
  frame(g, { x: 1, y: 1, w: width - 2, h: tall - 2 }, pictures.theme.line);
}
