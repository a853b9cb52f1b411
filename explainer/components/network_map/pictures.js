// Pictures of channels, made once and kept: the exact values where they have arrived, else the atlas, else the
// thumbnail of the overview. And the colours of the page's theme for what is drawn on a canvas.

import { rasterise, rasteriseFloat } from "../shared/colours.js";
import { Palette } from "../shared/palette.js";

/** @typedef {{canvas: HTMLCanvasElement, peak: number, exact: boolean}} Picture */

export class Pictures extends Palette {
  /**
   * @param {import("./store.js").Store} store
   * @param {HTMLElement} host where the theme's CSS variables are read
   */
  constructor(store, host) {
    super(host);
    this.store = store;
    /** @type {WeakMap<Float32Array, number>} */
    this.peaks = new WeakMap();
  }

  /**
   * The colours of one number of a node's map: pixels of the received picture are grey, as the picture is.
   * @param {any} node
   * @param {number} value
   * @param {number} peak
   * @returns {{fill: string, ink: string}}
   */
  cell(node, value, peak) {
    if (!isPicture(this.store, node)) return { fill: this.colour(value, peak), ink: this.ink(value, peak) };
    const level = Math.round((255 * (value - node.low)) / (node.high - node.low || 1));
    return { fill: `rgb(${level}, ${level}, ${level})`, ink: level > 128 ? "#10151d" : "#f5f6f8" };
  }

  /**
   * The largest magnitude of an array, found once.
   * @param {Float32Array} data
   */
  largest(data) {
    let peak = this.peaks.get(data);
    if (peak === undefined) {
      peak = 0;
      for (let i = 0; i < data.length; i++) peak = Math.max(peak, Math.abs(data[i]));
      this.peaks.set(data, peak);
    }
    return peak;
  }

  /**
   * The magnitude that gets the full colour in a channel of a node.
   * @param {number} index
   * @param {number} channel
   */
  peakOf(index, channel) {
    const node = this.store.node(index);
    return this.store.peakFor(node, this.store.scaleMode === "channel" ? this.#channelScale(node, channel) : 0);
  }

  /** @param {any} node @param {number} channel */
  #channelScale(node, channel) {
    const layer = this.store.layer(node.index);
    if (layer) return layer.scale[channel];
    const tensor = this.store.tensors.get(node.index);
    if (tensor) {
      const plane = tensor.height * tensor.width;
      return this.largest(planeOf(tensor, channel, plane));
    }
    const shown = node.shown?.indexOf(channel) ?? -1;
    return node.thumb && shown >= 0 ? node.thumb.scale[shown] : node.peak;
  }

  /**
   * The best picture of a channel that can be made now, or null.
   * @param {number} index
   * @param {number} channel
   * @returns {Picture|null}
   */
  ofChannel(index, channel) {
    const { store } = this;
    const node = store.node(index);
    const peak = this.peakOf(index, channel);
    if (isPicture(store, node)) return { canvas: this.keep(`i${index}/${channel}`, () => greyOf(store.overview.picture, channel)), peak, exact: true };
    const tensor = store.tensors.get(index);
    if (tensor) {
      const plane = tensor.height * tensor.width;
      const make = () => rasteriseFloat(tensor.data, channel * plane, tensor.width, tensor.height, peak, this.table("signed"));
      return { canvas: this.keep(`t${index}/${channel}/${peak}`, make), peak, exact: true };
    }
    const layer = store.layer(index);
    if (layer && layer.channels) {
      const { width, height } = layer;
      const make = () => rasterise(layer.pixels, channel * width * height, width, height, layer.scale[channel], peak, this.table("signed"));
      return { canvas: this.keep(`l${index}/${channel}/${peak}`, make), peak, exact: width === node.width };
    }
    const shown = node.shown?.indexOf(channel) ?? -1;
    if (!node.thumb || shown < 0) return null;
    const { width, height, pixels, scale } = node.thumb;
    const make = () => rasterise(pixels, shown * width * height, width, height, scale[shown], peak, this.table("signed"));
    return { canvas: this.keep(`o${index}/${channel}/${peak}`, make), peak, exact: width === node.width };
  }

  /**
   * @param {string} key
   * @param {Float32Array} data
   * @param {number} offset
   * @param {number} width
   * @param {number} height
   * @param {number} peak
   */
  ofFloats(key, data, offset, width, height, peak) {
    return this.keep(`${key}/${peak}`, () => rasteriseFloat(data, offset, width, height, peak, this.table("signed")));
  }

  /**
   * @param {string} key
   * @param {() => ImageData} make
   */
  keep(key, make) {
    const trace = this.store.overview?.trace;
    if (trace !== this.trace) {
      this.cache.clear();
      this.trace = trace;
    }
    return super.keep(key, make);
  }
}

/** Whether a node is the received picture, whose channels are shown in grey. @param {any} store @param {any} node */
export function isPicture({ overview }, node) {
  return node.role === "input" && overview.picture.width === node.width && overview.picture.height === node.height && node.channels <= 3;
}

/** @param {{width: number, height: number, pixels: Uint8Array}} picture @param {number} channel */
function greyOf({ width, height, pixels }, channel) {
  const image = new ImageData(width, height);
  const out = new Uint32Array(image.data.buffer);
  for (let p = 0; p < out.length; p++) out[p] = (255 << 24) | (pixels[4 * p + channel] * 0x10101);
  return image;
}

/** @type {WeakMap<object, Map<number, Float32Array>>} */
const planes = new WeakMap();

/**
 * A channel of a tensor as one and the same view every time.
 * @param {any} tensor
 * @param {number} channel
 * @param {number} plane
 */
function planeOf(tensor, channel, plane) {
  const known = planes.get(tensor) ?? new Map();
  planes.set(tensor, known);
  let view = known.get(channel);
  if (!view) known.set(channel, (view = tensor.data.subarray(channel * plane, (channel + 1) * plane)));
  return view;
}
