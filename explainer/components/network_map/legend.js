/** The colour scale in force, always in sight under the map. */

import { format, lut } from "../shared/colours.js";

export class Legend {
  /** @param {HTMLElement} host @param {object} store @param {object} bitmaps */
  constructor(host, store, bitmaps) {
    this.store = store;
    this.bitmaps = bitmaps;
    host.innerHTML = `<span class="nm-scale"><span class="nm-low"></span><canvas width="192" height="1" aria-hidden="true"></canvas><span class="nm-high"></span></span><span class="nm-caption"></span>`;
    [this.low, this.high, this.caption] = ["low", "high", "caption"].map((name) => host.querySelector(`.nm-${name}`));
    this.canvas = host.querySelector("canvas");
    this.shown = "";
  }

  /** The words: [low, high, caption] for what is hovered or selected, called `label`. */
  words(node, channel, label) {
    const { store } = this;
    const { scaleMode } = store;
    const signed = (peak) => [format(-peak, 3), `+${format(peak, 3)}`];
    if (scaleMode === "network") return [...signed(store.networkPeak), store.text("one scale for the whole network")];
    const mapped = node?.thumb && node.role !== "input";
    if (scaleMode === "layer") {
      if (mapped) return [...signed(node.peak), label];
      return [store.text("negative"), store.text("positive"), store.text("each layer its own scale")];
    }
    if (mapped && channel != null) {
      return [...signed(this.bitmaps.peak(node, channel)), `${label} · ${store.text("channel {number}", { number: channel })}`];
    }
    return [store.text("negative"), store.text("positive"), store.text("each channel its own scale")];
  }

  draw(theme, node, channel, label = node?.label) {
    const words = this.words(node, channel, label);
    const key = `${theme.dark}|${words.join("|")}`;
    if (key === this.shown) return;
    this.shown = key;
    [this.low.textContent, this.high.textContent, this.caption.textContent] = words;
    const table = lut("signed", theme.dark);
    const image = new ImageData(192, 1);
    const out = new Uint32Array(image.data.buffer);
    for (let i = 0; i < 192; i++) out[i] = table[1 + Math.round((i / 191) * 254)];
    this.canvas.getContext("2d").putImageData(image, 0, 0);
  }
}
