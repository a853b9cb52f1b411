// Colour maps: one number to one colour, the same on every canvas of the page.

/** @typedef {"signed"|"weights"|"magnitude"|"grey"} MapName */

/** Anchor colours from the most negative value over zero to the most positive one. */
const ANCHORS = {
  light: {
    signed: ["#7f0d1f", "#c1393b", "#ec9475", "#fbdccb", "#f7f7f7", "#cfe3f0", "#7fb6d8", "#2f79b5", "#0b3266"],
    weights: ["#5f3a06", "#a5691c", "#d9b56b", "#f3e6c4", "#f7f7f7", "#c9e6e0", "#76bfb3", "#1f8079", "#00413b"],
    magnitude: ["#ffffff", "#fde2b4", "#f8a95c", "#d9612c", "#8a2a12"],
    grey: ["#000000", "#ffffff"],
  },
  dark: {
    signed: ["#ffc2b0", "#f0806a", "#b33a3d", "#5c2530", "#1d222b", "#1f4064", "#2c73b0", "#68aee0", "#c4e4fa"],
    weights: ["#f6d79a", "#d19a45", "#8a5d1f", "#463419", "#1d222b", "#123f3d", "#1c7a72", "#5cbcaf", "#c0ebe3"],
    magnitude: ["#1d222b", "#6b3119", "#c2622b", "#f4a961", "#fff0d0"],
    grey: ["#000000", "#ffffff"],
  },
};

/** @type {Map<string, Uint32Array>} */
const cache = new Map();

/**
 * The colours of the 256 steps of a map, as little-endian RGBA. Step 128 is zero in the signed maps.
 * @param {MapName} name
 * @param {boolean} dark
 */
export function lut(name, dark) {
  const key = `${name}/${dark}`;
  let table = cache.get(key);
  if (!table) {
    table = build(ANCHORS[dark ? "dark" : "light"][name]);
    cache.set(key, table);
  }
  return table;
}

/** @param {string[]} anchors */
function build(anchors) {
  const colours = anchors.map((hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16)));
  const table = new Uint32Array(256);
  for (let step = 0; step < 256; step++) {
    const place = (Math.min(Math.max(step - 1, 0), 254) / 254) * (colours.length - 1);
    const below = Math.min(Math.floor(place), colours.length - 2);
    const part = place - below;
    const [r, g, b] = colours[below].map((v, i) => Math.round(v + (colours[below + 1][i] - v) * part));
    table[step] = (255 << 24) | (b << 16) | (g << 8) | r;
  }
  return table;
}

/**
 * The step of a signed map for a value.
 * @param {number} value
 * @param {number} peak the magnitude that gets the full colour
 */
export function stepOf(value, peak) {
  if (!(peak > 0)) return 128;
  return Math.max(1, Math.min(255, Math.round(128 + (value / peak) * 127)));
}

/**
 * CSS colour of one value.
 * @param {number} value
 * @param {number} peak
 * @param {Uint32Array} table
 */
export function colourOf(value, peak, table) {
  const c = table[stepOf(value, peak)];
  return `rgb(${c & 255},${(c >> 8) & 255},${(c >> 16) & 255})`;
}

/**
 * CSS colour of a magnitude.
 * @param {Uint32Array} table of a map that begins with zero
 * @param {number} share of the largest, 0..1
 */
export function shareColour(table, share) {
  const c = table[1 + Math.round(254 * share)];
  return `rgb(${c & 255},${(c >> 8) & 255},${(c >> 16) & 255})`;
}

/**
 * Text colour that can be read on the colour of a value.
 * @param {number} value
 * @param {number} peak
 * @param {Uint32Array} table
 */
export function inkOn(value, peak, table) {
  const c = table[stepOf(value, peak)];
  const luminance = 0.299 * (c & 255) + 0.587 * ((c >> 8) & 255) + 0.114 * ((c >> 16) & 255);
  return luminance > 140 ? "#14181f" : "#ffffff";
}

/**
 * Draw one quantised map: q stands for (q - 128) / 127 * scale.
 * @param {Uint8Array} pixels
 * @param {number} offset index of the map's first pixel
 * @param {number} width
 * @param {number} height
 * @param {number} scale
 * @param {number} peak
 * @param {Uint32Array} table
 * @returns {ImageData}
 */
export function rasterise(pixels, offset, width, height, scale, peak, table) {
  const image = new ImageData(width, height);
  const out = new Uint32Array(image.data.buffer);
  const gain = peak > 0 ? scale / peak : 0;
  const colours = new Uint32Array(256);
  for (let q = 0; q < 256; q++) {
    colours[q] = table[Math.max(1, Math.min(255, Math.round(128 + (q - 128) * gain)))];
  }
  for (let i = 0; i < out.length; i++) out[i] = colours[pixels[offset + i]];
  return image;
}

/**
 * Draw one map of exact values.
 * @param {Float32Array} values
 * @param {number} offset
 * @param {number} width
 * @param {number} height
 * @param {number} peak
 * @param {Uint32Array} table
 * @returns {ImageData}
 */
export function rasteriseFloat(values, offset, width, height, peak, table) {
  const image = new ImageData(width, height);
  const out = new Uint32Array(image.data.buffer);
  const gain = peak > 0 ? 127 / peak : 0;
  for (let i = 0; i < out.length; i++) {
    const step = 128 + values[offset + i] * gain;
    out[i] = table[step < 1 ? 1 : step > 255 ? 255 : Math.round(step)];
  }
  return image;
}

/**
 * A number for reading: `digits` significant digits, a true minus sign, no trailing exponent noise.
 * @param {number} value
 * @param {number} [digits]
 */
export function format(value, digits = 4) {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "∞" : "−∞";
  if (value === 0) return "0";
  const size = Math.abs(value);
  const text =
    size >= 1e6 || size < 1e-4
      ? value.toExponential(Math.max(0, digits - 1)).replace("e+", "e")
      : value.toFixed(Math.max(0, Math.min(8, digits - 1 - Math.floor(Math.log10(size)))));
  return text.replaceAll("-", "−");
}

/**
 * Whether the page is dark, judged by its background.
 * @param {Element} element
 */
export function isDark(element) {
  const background = getComputedStyle(element).getPropertyValue("--st-background-color").trim() || "#ffffff";
  const hex = background.startsWith("#") ? background : "#ffffff";
  const [r, g, b] = [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
  return 0.299 * r + 0.587 * g + 0.114 * b < 128;
}
