// A layer as it has arrived: pictures of all channels, their figures, the exact values of those that were asked for.

import { rasterise, rasteriseFloat } from "../shared/colours.js";

/** @typedef {"channel"|"energy"|"mean"|"zeros"|"contribution"} Sort */

/** Exact values of so many channels are kept. */
const KEPT = 64;

export class Layer {
  /** @param {any} message */
  constructor(message) {
    this.message = message;
    [this.channels, this.height, this.width] = message.size;
    this.plane = this.height * this.width;
    /** One number a channel: drawn as bars. */
    this.vector = this.plane === 1;
    this.whole = Boolean(message.values);
    /** @type {Map<number, Float32Array>} */
    this.exact = new Map();
    /** @type {Float32Array|null} */
    this.contribution = null;
  }

  /** @param {{channel: number, values: Float32Array}} message */
  take({ channel, values }) {
    this.exact.delete(channel);
    this.exact.set(channel, values);
    if (this.exact.size > KEPT) this.exact.delete(/** @type {number} */ (this.exact.keys().next().value));
  }

  /** The exact values of a channel [height · width], or null while they are on their way. @param {number} channel @returns {Float32Array|null} */
  planeOf(channel) {
    if (this.whole) return this.message.values.subarray(channel * this.plane, (channel + 1) * this.plane);
    return this.exact.get(channel) ?? null;
  }

  /**
   * @param {number} channel
   * @param {number} y
   * @param {number} x
   * @returns {{value: number, exact: boolean}}
   */
  valueAt(channel, y, x) {
    const plane = this.planeOf(channel);
    if (plane) return { value: plane[y * this.width + x], exact: true };
    const [h, w] = this.message.atlas;
    const row = Math.min(h - 1, Math.floor((y * h) / this.height));
    const column = Math.min(w - 1, Math.floor((x * w) / this.width));
    const q = this.message.pixels[(channel * h + row) * w + column];
    return { value: ((q - 128) / 127) * this.message.scale[channel], exact: false };
  }

  /** The magnitude that gets the full colour. @param {number} channel @param {"layer"|"channel"} mode */
  peak(channel, mode) {
    const { low, high, figures } = this.message;
    return mode === "layer"
      ? Math.max(Math.abs(figures.low), Math.abs(figures.high))
      : Math.max(Math.abs(low[channel]), Math.abs(high[channel]));
  }

  /**
   * The best picture of a channel that can be made now.
   * @param {import("../shared/palette.js").Palette} palette
   * @param {number} channel
   * @param {"layer"|"channel"} mode
   */
  picture(palette, channel, mode) {
    const plane = this.planeOf(channel);
    if (plane && this.message.image) return palette.keep(`i${channel}`, () => this.#grey(plane));
    const peak = this.peak(channel, mode);
    const table = palette.table("signed");
    if (plane) return palette.keep(`x${channel}/${peak}`, () => rasteriseFloat(plane, 0, this.width, this.height, peak, table));
    const { pixels, scale, atlas } = this.message;
    const [h, w] = atlas;
    return palette.keep(`a${channel}/${peak}`, () => rasterise(pixels, channel * w * h, w, h, scale[channel], peak, table));
  }

  /** One colour of the image, from black to white. @param {Float32Array} plane */
  #grey(plane) {
    const image = new ImageData(this.width, this.height);
    const { low, high } = this.message.figures;
    const out = new Uint32Array(image.data.buffer);
    for (let i = 0; i < out.length; i++) {
      out[i] = (255 << 24) | (Math.round((255 * (plane[i] - low)) / (high - low || 1)) * 0x10101);
    }
    return image;
  }

  /** What the channels are sorted by, or null for their own order. @param {Sort} sort @returns {ArrayLike<number>|null} */
  measure(sort) {
    if (sort === "channel") return null;
    return sort === "contribution" ? this.contribution : this.message[sort];
  }

  /**
   * The channels in order, those that are zero everywhere left out on request.
   * @param {Sort} sort
   * @param {boolean} living only channels that are not zero everywhere
   */
  order(sort, living) {
    const by = this.measure(sort);
    let order = [...Array(this.channels).keys()];
    if (living) order = order.filter((channel) => this.message.zeros[channel] < 1);
    return by ? order.sort((a, b) => by[b] - by[a] || a - b) : order;
  }

  /** How many values of a channel fall into each bin of the layer's histogram, or null. @param {number} channel */
  histogram(channel) {
    const plane = this.planeOf(channel);
    if (!plane) return null;
    const { edges } = this.message;
    const bins = edges.length - 1;
    const counts = new Float32Array(bins);
    const gain = bins / (edges[bins] - edges[0]);
    for (const value of plane) {
      if (Number.isFinite(value)) counts[Math.max(0, Math.min(bins - 1, Math.floor((value - edges[0]) * gain)))]++;
    }
    return counts;
  }
}
