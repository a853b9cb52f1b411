// The filters of a layer as they have arrived: all of them exactly, or as bytes row by row, the chosen one exactly.

import { rasterise, rasteriseFloat } from "../shared/colours.js";

/** @typedef {"channel"|"l2"|"l1"|"evenness"|"likeness"} Sort */
/** @typedef {{value: number, exact: boolean}} Reading */

/** So many bytes of rows are kept. */
const KEPT = 32e6;

export class Filters {
  /** @param {any} message */
  constructor(message) {
    this.message = message;
    [this.count, this.inputs, this.kh, this.kw] = message.shape;
    this.size = this.inputs * this.kh * this.kw;
    this.area = this.kh * this.kw;
    /** Each filter is one picture; else filters are rows of kernels. */
    this.tiles = message.form === "rgb" || message.form === "depthwise";
    this.whole = Boolean(message.weights);
    /** @type {Map<number, Uint8Array>} */
    this.rows = new Map();
    /** @type {Map<number, any>} answers about single filters */
    this.known = new Map();
    if (message.rows) this.takeRows(message.rows);
  }

  /** @param {{rows: Int32Array, pixels: Uint8Array}} message */
  takeRows({ rows, pixels }) {
    rows.forEach((row, at) => {
      this.rows.delete(row);
      this.rows.set(row, pixels.subarray(at * this.size, (at + 1) * this.size));
    });
    while (this.rows.size * this.size > KEPT && this.rows.size > rows.length) this.rows.delete(/** @type {number} */ (this.rows.keys().next().value));
  }

  /** @param {any} message */
  takeFilter(message) {
    this.known.set(message.filter, message);
    if (this.known.size > 200) this.known.delete(/** @type {number} */ (this.known.keys().next().value));
  }

  /** The exact weights of a filter [inputs · kh · kw], or null while they are on their way. @param {number} filter @returns {Float32Array|null} */
  exact(filter) {
    if (this.whole) return this.message.weights.subarray(filter * this.size, (filter + 1) * this.size);
    return this.known.get(filter)?.weights ?? null;
  }

  /** Whether there is anything to draw a filter from. @param {number} filter */
  arrived(filter) {
    return this.whole || this.rows.has(filter) || this.known.has(filter);
  }

  /**
   * @param {number} filter
   * @param {number} at place within the filter
   * @returns {Reading|null}
   */
  read(filter, at) {
    const exact = this.exact(filter);
    if (exact) return { value: exact[at], exact: true };
    const row = this.rows.get(filter);
    return row ? { value: ((row[at] - 128) / 127) * this.message.peaks[filter], exact: false } : null;
  }

  /** The magnitude that gets the full colour. @param {number} filter @param {"layer"|"channel"} mode */
  peak(filter, mode) {
    return mode === "layer" ? this.message.peak : this.message.peaks[filter];
  }

  /**
   * All kernels of a filter side by side, kh high and inputs · kw wide, a pixel a weight; null while on its way.
   * @param {import("../shared/palette.js").Palette} palette
   * @param {number} filter
   * @param {"layer"|"channel"} mode
   */
  strip(palette, filter, mode) {
    const peak = this.peak(filter, mode);
    const table = palette.table("weights");
    const exact = this.exact(filter);
    const { inputs, kh, kw } = this;
    if (exact) return palette.keep(`x${filter}/${peak}`, () => rasteriseFloat(across(exact, inputs, kh, kw), 0, inputs * kw, kh, peak, table));
    const row = this.rows.get(filter);
    return row ? palette.keep(`q${filter}/${peak}`, () => rasterise(across(row, inputs, kh, kw), 0, inputs * kw, kh, this.message.peaks[filter], peak, table)) : null;
  }

  /**
   * A filter on the three colours as one picture: grey is zero, the full range is ± the peak.
   * @param {import("../shared/palette.js").Palette} palette
   * @param {number} filter
   * @param {"layer"|"channel"} mode
   */
  colours(palette, filter, mode) {
    const weights = this.exact(filter);
    if (!weights) return null;
    const peak = this.peak(filter, mode) || 1;
    return palette.keep(`c${filter}/${peak}`, () => {
      const image = new ImageData(this.kw, this.kh);
      for (let i = 0; i < this.area; i++) {
        for (let c = 0; c < 3; c++) image.data[4 * i + c] = Math.round(127.5 * (1 + weights[c * this.area + i] / peak));
        image.data[4 * i + 3] = 255;
      }
      return image;
    });
  }

  /** @param {Sort} sort @param {number} chosen @returns {ArrayLike<number>|null} what the filters are sorted by */
  measure(sort, chosen) {
    if (sort === "channel") return null;
    return sort === "likeness" ? this.likeness(chosen) : this.message[sort];
  }

  /** The cosine of every filter with the chosen one, where all have arrived. @param {number} chosen @returns {Float32Array|null} */
  likeness(chosen) {
    if (!this.whole) return null;
    const own = /** @type {Float32Array} */ (this.exact(chosen));
    const { l2, weights } = this.message;
    return Float32Array.from({ length: this.count }, (_, filter) => {
      let sum = 0;
      for (let i = 0, at = filter * this.size; i < this.size; i++, at++) sum += own[i] * weights[at];
      return sum / (l2[chosen] * l2[filter] || 1);
    });
  }

  /** @param {Sort} sort @param {number} chosen */
  order(sort, chosen) {
    const by = this.measure(sort, chosen);
    const order = [...Array(this.count).keys()];
    return by ? order.sort((a, b) => by[b] - by[a] || a - b) : order;
  }

  /** A weight as short as a small cell needs it: the same decimals all over the layer, no zero before the point. @param {number} value */
  cell(value) {
    const { peak } = this.message;
    const decimals = Math.max(1, Math.min(5, 2 - Math.floor(Math.log10(peak || 1))));
    return value.toFixed(decimals).replace(/^(-?)0\./, "$1.").replace("-", "−");
  }

  /** The first input channel that a filter reads. @param {number} filter */
  first(filter) {
    return Math.floor(filter / (this.count / this.message.groups)) * this.inputs;
  }

  /** A weight's name, as PyTorch indexes it. @param {number} filter @param {number} at place within the filter */
  name(filter, at) {
    const input = Math.floor(at / this.area);
    if (this.message.form === "linear") return `w[${filter}, ${input}]`;
    const [y, x] = [Math.floor((at % this.area) / this.kw), at % this.kw];
    const { groups, transposed } = this.message;
    if (transposed) return `w[${this.first(filter) + input}, ${filter % (this.count / groups)}, ${y}, ${x}]`;
    return `w[${filter}, ${input}, ${y}, ${x}]`;
  }
}

/**
 * Order [inputs, kh, kw] as rows of a picture [kh, inputs · kw].
 * @template {Float32Array|Uint8Array} T
 * @param {T} weights
 * @param {number} inputs
 * @param {number} kh
 * @param {number} kw
 * @returns {T}
 */
function across(weights, inputs, kh, kw) {
  if (kh === 1) return weights;
  const out = /** @type {T} */ (weights.slice());
  for (let i = 0, at = 0; i < inputs; i++) {
    for (let y = 0; y < kh; y++) for (let x = 0; x < kw; x++, at++) out[(y * inputs + i) * kw + x] = weights[at];
  }
  return out;
}
