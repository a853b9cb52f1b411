// Colours of a heat map over a photo.

import { lut } from "./colours.js";

/** How the photo shows through: strong values cover it, weak ones leave it. At opacity 1 nothing shows through. */
const ALPHAS = 256;

/**
 * Colours of the 256 steps from a map's lowest to its highest: RGBA, premultiplied by nothing.
 * @param {boolean} signed
 * @param {boolean} dark
 * @param {number} opacity 0 to 1
 */
export function palette(signed, dark, opacity) {
  const table = lut(signed ? "signed" : "magnitude", dark);
  const out = new Uint32Array(ALPHAS);
  for (let step = 0; step < ALPHAS; step++) {
    const strength = signed ? Math.min(1, Math.abs(step - 128) / 127) : Math.max(0, step - 1) / 254;
    const alpha = opacity <= 0 ? 0 : opacity ** (1 / (0.12 + 1.6 * strength));
    out[step] = (Math.round(255 * alpha) << 24) | (table[step] & 0xffffff);
  }
  return out;
}

/**
 * Colour values.
 * @param {Float32Array} values
 * @param {number} width
 * @param {number} height
 * @param {number} peak the magnitude that gets the last colour
 * @param {boolean} signed
 * @param {Uint32Array} colours from `palette`
 */
export function colour(values, width, height, peak, signed, colours) {
  const image = new ImageData(width, height);
  const out = new Uint32Array(image.data.buffer);
  const [zero, gain] = signed ? [128, peak > 0 ? 127 / peak : 0] : [1, peak > 0 ? 254 / peak : 0];
  for (let i = 0; i < out.length; i++) {
    const step = zero + values[i] * gain;
    out[i] = colours[step < 1 ? 1 : step > 255 ? 255 : Math.round(step)];
  }
  return image;
}

/** @param {ImageData} image */
export function asCanvas(image) {
  const canvas = document.createElement("canvas");
  canvas.width = image.width;
  canvas.height = image.height;
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}
