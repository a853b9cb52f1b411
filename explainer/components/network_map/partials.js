// What each input channel adds to the output of a convolution, as pictures that share one scale.

import { FEW } from "./elastic_layout.js";
import { partial } from "./windows.js";

export class Partials {
  /**
   * @param {any} context store, pictures, node, channel
   * @param {any} values of form "convolution"
   * @param {any} source the node that is read
   */
  constructor(context, values, source) {
    this.context = context;
    this.values = values;
    this.source = source;
    this.count = values.weight.shape[0];
    /** @type {Map<string, Float32Array>} */
    this.made = new Map();
  }

  /** How much each input channel moves the output: its root mean square times the size of its kernel. */
  get energies() {
    if (this.known) return this.known;
    const { inputs, weight, geometry } = this.values;
    const plane = inputs[0].height * inputs[0].width;
    const taps = weight.shape[1] * weight.shape[2];
    const shift = (geometry.c0 ?? 0) - (inputs[0].c0 ?? 0);
    this.known = Array.from({ length: this.count }, (_, j) => {
      let square = 0;
      for (let i = (shift + j) * plane; i < (shift + j + 1) * plane; i++) square += inputs[0].data[i] ** 2;
      let kernel = 0;
      for (let i = j * taps; i < (j + 1) * taps; i++) kernel += weight.data[i] ** 2;
      return Math.sqrt(square * kernel);
    });
    return this.known;
  }

  /** The magnitude that has the full colour in all of them: the largest of the strongest channels. */
  get peak() {
    if (this.most) return this.most;
    const strongest = [...this.energies.keys()].sort((a, b) => this.energies[b] - this.energies[a]).slice(0, FEW);
    this.most = Math.max(...strongest.map((j) => this.context.pictures.largest(this.#exact(j)))) || 1;
    return this.most;
  }

  /**
   * One picture, and whether it shows the whole map or only the window whose values are here.
   * @param {number} j channel within the group
   * @returns {{canvas: HTMLCanvasElement, whole: boolean}}
   */
  of(j) {
    const { node, channel, pictures } = this.context;
    const { output } = this.values;
    const key = `p${node.index}/${channel}/${j}`;
    if (output.width === node.width && output.height === node.height) {
      return { canvas: pictures.ofFloats(key, this.#exact(j), 0, output.width, output.height, this.peak), whole: true };
    }
    const around = this.#rough(j);
    if (around) return { canvas: pictures.ofFloats(`${key}/rough`, around, 0, node.width, node.height, this.peak), whole: true };
    return { canvas: pictures.ofFloats(`${key}/${output.y0}/${output.x0}`, this.#exact(j), 0, output.width, output.height, this.peak), whole: false };
  }

  /** @param {number} j */
  #exact(j) {
    return this.#keep(`exact/${j}`, () => partial(this.values, j));
  }

  /** From the atlas of the input, whose 255 steps do for a picture; null where it is not here at full size. @param {number} j */
  #rough(j) {
    const { store, node } = this.context;
    const layer = store.layer(this.source.index);
    if (!layer?.pixels || layer.width !== this.source.width || layer.height !== this.source.height) return null;
    return this.#keep(`rough/${j}`, () => {
      const c = (this.values.geometry.c0 ?? 0) + j;
      const plane = layer.width * layer.height;
      const step = layer.scale[c] / 127;
      const data = Float32Array.from(layer.pixels.subarray(c * plane, (c + 1) * plane), (/** @type {number} */ q) => (q - 128) * step);
      const input = { data, c0: c, channels: 1, y0: 0, x0: 0, height: layer.height, width: layer.width };
      return partial({ ...this.values, inputs: [input], output: { y0: 0, x0: 0, height: node.height, width: node.width } }, j);
    });
  }

  /** @param {string} key @param {() => Float32Array} make */
  #keep(key, make) {
    let data = this.made.get(key);
    if (!data) this.made.set(key, (data = make()));
    return data;
  }
}
