// The numbers of the photo as they were sent: what any pixel holds, and the pictures made of them.

export const BITS = 8;

export class Picture {
  /** @param {any} frame */
  constructor({ width, height, pixels, grey, codes, shown, scaled, scales, counts }) {
    Object.assign(this, { width, height, pixels, grey, codes, shown, scaled, scales, counts });
    /** @type {Map<string, HTMLCanvasElement>} */
    this.made = new Map();
  }

  at(x, y) {
    return y * this.width + x;
  }

  /** Red, green and blue, 0..255. */
  rgb(x, y) {
    return [...this.pixels.subarray(3 * this.at(x, y), 3 * this.at(x, y) + 3)];
  }

  greyAt(x, y) {
    return this.grey[this.at(x, y)];
  }

  /** Which step a grey level falls into. */
  codeOf(level, bits) {
    return this.codes[256 * (bits - 1) + level];
  }

  /** The grey as which a grey level is shown. */
  shownOf(level, bits) {
    return this.shown[256 * (bits - 1) + level];
  }

  /** The value a network is fed, as float32. */
  normalised(channel, value, scale) {
    return this.scales[scale].table[256 * channel + value];
  }

  /**
   * A picture of the photo's own size.
   * @param {"photo"|"red"|"green"|"blue"|"grey"|"steps"} kind
   * @param {{tint?: boolean, bits?: number}} how
   */
  canvas(kind, { tint = false, bits = BITS } = {}) {
    const key = kind === "steps" ? `steps/${bits}` : `${kind}/${tint}`;
    let canvas = this.made.get(key);
    if (canvas) return canvas;
    const channel = ["red", "green", "blue"].indexOf(kind);
    const colour = (/** @type {number} */ i) => {
      if (kind === "photo") return this.pixels.subarray(3 * i, 3 * i + 3);
      if (channel >= 0) {
        const value = this.pixels[3 * i + channel];
        return tint ? [0, 1, 2].map((c) => (c === channel ? value : 0)) : [value, value, value];
      }
      const level = kind === "steps" ? this.shownOf(this.grey[i], bits) : this.grey[i];
      return [level, level, level];
    };
    canvas = document.createElement("canvas");
    canvas.width = this.width;
    canvas.height = this.height;
    const image = new ImageData(this.width, this.height);
    for (let i = 0, j = 0; i < this.width * this.height; i++, j += 4) {
      const [r, g, b] = colour(i);
      image.data[j] = r;
      image.data[j + 1] = g;
      image.data[j + 2] = b;
      image.data[j + 3] = 255;
    }
    canvas.getContext("2d").putImageData(image, 0, 0);
    this.made.set(key, canvas);
    return canvas;
  }
}

/** Where a value stands in memory, counted from the first. @param {"hwc"|"chw"} order */
export function offset(order, { width, height }, c, y, x) {
  return order === "hwc" ? (y * width + x) * 3 + c : (c * height + y) * width + x;
}

/** The value's place from its number in memory: the inverse of `offset`. @param {"hwc"|"chw"} order */
export function placeOf(order, { width, height }, at) {
  if (order === "hwc") return { c: at % 3, x: Math.floor(at / 3) % width, y: Math.floor(at / 3 / width) };
  return { x: at % width, y: Math.floor(at / width) % height, c: Math.floor(at / width / height) };
}
