/** Pictures of feature maps, kept as long as they are likely to be drawn again; and the values behind them. */

import { lut, rasterise, rasteriseFloat } from "../shared/colours.js";

const STRIPS = 700;
const WHOLE = 96;

export class Bitmaps {
  /** @param {object} store */
  constructor(store) {
    this.store = store;
    this.strips = new Map();
    this.whole = new Map();
    this.picture = null;
    /** @type {Map<string, (OffscreenCanvas|HTMLCanvasElement)[]>} canvases to draw over, by size */
    this.spare = new Map();
  }

  /** Forget the pictures. Those of the next image have mostly the same sizes, and a new canvas costs more than they do. */
  clear() {
    this.spare.clear();
    for (const { canvas } of [...this.strips.values(), ...this.whole.values()]) {
      const size = `${canvas.width}x${canvas.height}`;
      this.spare.set(size, [...(this.spare.get(size) ?? []), canvas]);
    }
    this.strips.clear();
    this.whole.clear();
    this.picture = null;
  }

  /** A canvas of this size, whatever is on it. */
  #canvas(width, height) {
    return this.spare.get(`${width}x${height}`)?.pop() ?? blank(width, height);
  }

  /** All shown thumbnails of a node in one canvas, one below the other. */
  strip(node, dark) {
    const key = `${this.store.overview.trace}|${node.index}|${this.store.scaleMode}|${dark}`;
    return recall(this.strips, key, STRIPS, () => this.#strip(node, dark));
  }

  #strip(node, dark) {
    const { width, height, pixels, scale } = node.thumb;
    if (node.role === "input") return this.#inputStrip(node);
    const canvas = this.#canvas(width, height * node.shown.length);
    const context = canvas.getContext("2d");
    const table = lut("signed", dark);
    node.shown.forEach((_, i) => {
      const peak = this.store.peakFor(node, scale[i]);
      context.putImageData(rasterise(pixels, i * width * height, width, height, scale[i], peak, table), 0, i * height);
    });
    return { canvas, width, height };
  }

  /** The received picture's own channels, in grey. */
  #inputStrip(node) {
    const { width, height, pixels } = this.store.overview.picture;
    const canvas = this.#canvas(width, height * node.shown.length);
    const context = canvas.getContext("2d");
    node.shown.forEach((channel, i) => {
      const image = new ImageData(width, height);
      const out = new Uint32Array(image.data.buffer);
      for (let p = 0; p < out.length; p++) out[p] = (255 << 24) | (pixels[4 * p + channel] * 0x10101);
      context.putImageData(image, 0, i * height);
    });
    return { canvas, width, height };
  }

  /** One channel at full resolution if its values have arrived, else null. */
  full(node, channel, dark) {
    const { store } = this;
    const exact = store.tensors?.get(node.index) ?? null;
    const layer = exact ? null : store.layer(node.index);
    if ((!exact && !layer) || node.role === "input") return null;
    const key = `${store.overview.trace}|${node.index}|${channel}|${store.scaleMode}|${dark}`;
    return recall(this.whole, key, WHOLE, () => {
      const { width, height } = exact ?? layer;
      const canvas = this.#canvas(width, height);
      const own = layer ? layer.scale[channel] : ownScale(node, channel, exact);
      const peak = store.peakFor(node, own);
      const table = lut("signed", dark);
      const offset = channel * width * height;
      const image = exact
        ? rasteriseFloat(exact.data, offset, width, height, peak, table)
        : rasterise(layer.pixels, offset, width, height, layer.scale[channel], peak, table);
      canvas.getContext("2d").putImageData(image, 0, 0);
      return { canvas, width, height };
    });
  }

  /** The picture as the network received it. */
  input() {
    const { picture, trace } = this.store.overview;
    if (this.picture?.trace !== trace) {
      const canvas = blank(picture.width, picture.height);
      const pixels = new ImageData(new Uint8ClampedArray(picture.pixels), picture.width, picture.height);
      canvas.getContext("2d").putImageData(pixels, 0, 0);
      this.picture = { trace, canvas, width: picture.width, height: picture.height };
    }
    return this.picture;
  }

  /** The magnitude that has the full colour for a channel. */
  peak(node, channel) {
    const row = node.shown.indexOf(channel);
    const layer = this.store.layer(node.index);
    const own = row >= 0 && node.thumb ? node.thumb.scale[row] : layer ? layer.scale[channel] : node.peak;
    return this.store.peakFor(node, own);
  }

  /**
   * The value at a pixel: exact where the float has arrived, else what the quantised map says.
   * @returns {{value:number, exact:boolean}|null}
   */
  valueAt(node, channel, y, x) {
    const { store } = this;
    const tensor = store.tensors?.get(node.index);
    if (tensor) return { value: tensor.data[(channel * tensor.height + y) * tensor.width + x], exact: true };
    const values = store.values(node.index, channel);
    if (values && store.covers(values, y, x)) {
      const { data, y0, x0, width } = values.output;
      return { value: data[(y - y0) * width + (x - x0)], exact: true };
    }
    const layer = store.layer(node.index);
    if (layer) {
      const q = layer.pixels[channel * layer.width * layer.height + at(y, node.height, layer.height) * layer.width + at(x, node.width, layer.width)];
      return { value: ((q - 128) / 127) * layer.scale[channel], exact: false };
    }
    const row = node.shown.indexOf(channel);
    if (!node.thumb || row < 0) return null;
    const { width, height, pixels, scale } = node.thumb;
    const q = pixels[row * width * height + at(y, node.height, height) * width + at(x, node.width, width)];
    return { value: ((q - 128) / 127) * scale[row], exact: false };
  }
}

function at(i, from, to) {
  return Math.min(to - 1, Math.floor((i * to) / from));
}

function ownScale(node, channel, tensor) {
  const row = node.shown.indexOf(channel);
  if (row >= 0 && node.thumb) return node.thumb.scale[row];
  const plane = tensor.width * tensor.height;
  let most = 0;
  for (let i = channel * plane; i < (channel + 1) * plane; i++) most = Math.max(most, Math.abs(tensor.data[i]));
  return most;
}

function recall(map, key, most, make) {
  let value = map.get(key);
  if (value) {
    map.delete(key);
  } else {
    value = make();
  }
  map.set(key, value);
  if (map.size > most) map.delete(map.keys().next().value);
  return value;
}

function blank(width, height) {
  if (typeof OffscreenCanvas !== "undefined") return new OffscreenCanvas(Math.max(1, width), Math.max(1, height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, width);
  canvas.height = Math.max(1, height);
  return canvas;
}
