// The colours of the page's theme for what is drawn on a canvas, and pictures made once and kept.

import { colourOf, inkOn, isDark, lut } from "./colours.js";

const MOST = 800;

export class Palette {
  /** @param {HTMLElement} host where the theme's CSS variables are read */
  constructor(host) {
    this.host = host;
    /** @type {Map<string, HTMLCanvasElement>} */
    this.cache = new Map();
    this.refresh();
  }

  /** Read the theme again and forget all pictures. */
  refresh() {
    const style = getComputedStyle(this.host);
    const read = (/** @type {string} */ name, /** @type {string} */ other) => style.getPropertyValue(name).trim() || other;
    const dark = isDark(this.host);
    this.theme = {
      dark,
      text: read("--st-text-color", dark ? "#fafafa" : "#262730"),
      back: read("--st-background-color", dark ? "#0e1117" : "#ffffff"),
      soft: dark ? "rgba(255,255,255,0.055)" : "rgba(20,30,50,0.04)",
      line: dark ? "rgba(255,255,255,0.16)" : "rgba(20,30,50,0.14)",
      muted: dark ? "rgba(255,255,255,0.68)" : "rgba(20,26,38,0.66)",
      faint: dark ? "rgba(255,255,255,0.54)" : "rgba(20,26,38,0.56)",
      accent: read("--st-primary-color", "#1f62b5"),
      up: dark ? "#68aee0" : "#1f66ad",
      down: dark ? "#f0806a" : "#b92f33",
      font: read("--st-font", "sans-serif"),
    };
    this.cache.clear();
  }

  /** @param {import("../shared/colours.js").MapName} name */
  table(name) {
    return lut(name, this.theme.dark);
  }

  /** @param {number} value @param {number} peak @param {import("../shared/colours.js").MapName} [name] */
  colour(value, peak, name = "signed") {
    return colourOf(value, peak, this.table(name));
  }

  /** @param {number} value @param {number} peak @param {import("../shared/colours.js").MapName} [name] */
  ink(value, peak, name = "signed") {
    return inkOn(value, peak, this.table(name));
  }

  /**
   * A picture as a canvas, made at the first call.
   * @param {string} key
   * @param {() => ImageData} make
   */
  keep(key, make) {
    let canvas = this.cache.get(key);
    if (canvas) return canvas;
    const image = make();
    canvas = document.createElement("canvas");
    canvas.width = image.width;
    canvas.height = image.height;
    canvas.getContext("2d")?.putImageData(image, 0, 0);
    this.cache.set(key, canvas);
    if (this.cache.size > MOST) this.cache.delete(/** @type {string} */ (this.cache.keys().next().value));
    return canvas;
  }
}
