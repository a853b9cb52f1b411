// The same number read three more ways: what it can see of the image, what it does see, what it means for the answer.

import { format } from "../shared/colours.js";
import { signed } from "./numbers.js";
import { element } from "../shared/dom.js";

/** Longer side of a thumbnail, in CSS pixels. */
const SIDE = 88;
/** How long the pixel must rest before the server is asked, in milliseconds. */
const RESTS = 300;

export class Readings {
  /** @param {any} context store, pictures, node, channel */
  constructor(context) {
    this.context = context;
    const { store } = context;
    this.root = element("div", "cs-readings");
    this.can = figure(store.text("can see"));
    this.does = figure(store.text("does see"));
    this.meaning = element("div", "cs-reading-meaning");
    this.root.append(this.can.root, this.does.root, this.meaning);
    this.root.hidden = context.node.role === "input" || !store.overview?.picture;
  }

  /** Show another pixel. @param {number} y @param {number} x */
  update(y, x) {
    if (this.root.hidden) return;
    const { store, node, channel } = this.context;
    const reach = store.reaches.get(node.index) ?? null;
    const reading = store.reading(node.index, channel, y, x);
    this.#ask(y, x, reach, reading);
    const box = reach && reach.status !== "undefined" && reach.rows.length ? boxOf(reach, y, x) : null;
    this.#drawCan(reach, box);
    this.#drawDoes(reading, box);
    this.#drawMeaning(reading);
  }

  /** @param {number} y @param {number} x @param {any} reach @param {any} reading */
  #ask(y, x, reach, reading) {
    const { store, node, channel } = this.context;
    clearTimeout(this.resting);
    if (reach && reading) return;
    this.resting = setTimeout(() => {
      if (!reach) store.request({ reach: node.index });
      if (!reading) store.request({ reading: { node: node.index, channel, y, x } });
    }, RESTS);
  }

  /** @param {any} reach @param {number[]|null} box */
  #drawCan(reach, box) {
    const { store } = this.context;
    const { canvas, caption } = this.can;
    const g = this.#photo(canvas, 1);
    if (box) this.#frame(g, box);
    const { height, width } = store.overview.picture;
    const [h, w] = box ? [box[2] - box[0], box[3] - box[1]].map((side) => Math.round(side * 100) / 100) : [0, 0];
    const all = box && box[0] <= 0 && box[1] <= 0 && box[2] >= height && box[3] >= width;
    caption.textContent = !reach ? "…" : !box ? "–" : all ? store.text("the whole image") : `${h} × ${w}`;
    caption.title = reach?.reason ?? "";
    canvas.setAttribute("aria-label", !box ? store.text("can see") : store.text("can see {height} × {width} pixels of the image, from row {top}, column {left}", { height: h, width: w, top: box[0], left: box[1] }));
  }

  /** @param {any} reading @param {number[]|null} box */
  #drawDoes(reading, box) {
    const { store, pictures } = this.context;
    const { canvas, caption } = this.does;
    const g = this.#photo(canvas, 0.35);
    if (reading?.heat) {
      const colours = pictures.table("magnitude");
      const image = new ImageData(reading.width, reading.height);
      const pixels = new Uint32Array(image.data.buffer);
      for (let i = 0; i < pixels.length; i++) {
        // The square root shows the faint rim, too; the opacity leaves the photo visible where nothing is seen.
        const level = Math.round(Math.sqrt(reading.heat[i] / 255) * 255);
        pixels[i] = (colours[level] & 0xffffff) | (level << 24);
      }
      const copy = new OffscreenCanvas(reading.width, reading.height);
      copy.getContext("2d")?.putImageData(image, 0, 0);
      g.imageSmoothingEnabled = false;
      g.drawImage(copy, 0, 0, canvas.width, canvas.height);
    }
    if (box) this.#frame(g, box);
    caption.textContent = !reading ? "…" : reading.heat ? store.text("by gradient") : store.text("nothing here");
    canvas.setAttribute("aria-label", store.text("does see: where a change of the image changes this number"));
  }

  /** @param {any} reading */
  #drawMeaning(reading) {
    const { store } = this.context;
    const answer = store.overview.predictions?.[0];
    this.meaning.hidden = !answer || reading?.class === null;
    if (this.meaning.hidden) return;
    const known = reading && reading.class !== null;
    const share = known ? reading.value * reading.gradient : 0;
    const amount = element("strong", "", known ? signed(share, 3) : "…");
    if (known) amount.dataset.sign = share < 0 ? "down" : "up";
    const how = known
      ? store.text("{value} × gradient {gradient}, of a score of {score}", { value: format(reading.value, 3), gradient: format(reading.gradient, 3), score: format(answer.logit, 3) })
      : "";
    const children = [element("span", "cs-reading-title", store.text("means for “{name}”", { name: answer.name })), amount, element("span", "cs-reading-how", how)];
    children[0].title = store.text("To first order: what the score would lose if this number were zero.");
    this.meaning.replaceChildren(...children);
  }

  /** @param {HTMLCanvasElement} canvas @param {number} opacity */
  #photo(canvas, opacity) {
    const { store } = this.context;
    const { width, height, pixels } = store.overview.picture;
    const scale = (SIDE * devicePixelRatio) / Math.max(width, height);
    canvas.width = Math.max(1, Math.round(width * scale));
    canvas.height = Math.max(1, Math.round(height * scale));
    canvas.style.width = `${canvas.width / devicePixelRatio}px`;
    const g = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    if (this.photo?.pixels !== pixels) {
      const copy = new OffscreenCanvas(width, height);
      copy.getContext("2d")?.putImageData(new ImageData(new Uint8ClampedArray(pixels), width, height), 0, 0);
      this.photo = { pixels, copy };
    }
    g.globalAlpha = opacity;
    g.imageSmoothingEnabled = scale < 1;
    g.drawImage(this.photo.copy, 0, 0, canvas.width, canvas.height);
    g.globalAlpha = 1;
    return g;
  }

  /** @param {CanvasRenderingContext2D} g @param {number[]} box top, left, bottom, right in input pixels */
  #frame(g, [top, left, bottom, right]) {
    const { width, height } = this.context.store.overview.picture;
    const { canvas } = g;
    const [sx, sy] = [canvas.width / width, canvas.height / height];
    const [x0, y0] = [Math.max(0, left) * sx, Math.max(0, top) * sy];
    const [x1, y1] = [Math.min(width, right) * sx, Math.min(height, bottom) * sy];
    const line = Math.max(1, devicePixelRatio);
    g.lineWidth = 3 * line;
    g.strokeStyle = "rgba(255, 255, 255, 0.85)";
    g.strokeRect(x0 + line, y0 + line, Math.max(line, x1 - x0 - 2 * line), Math.max(line, y1 - y0 - 2 * line));
    g.lineWidth = 1.5 * line;
    g.strokeStyle = "#10151d";
    g.strokeRect(x0 + line, y0 + line, Math.max(line, x1 - x0 - 2 * line), Math.max(line, y1 - y0 - 2 * line));
  }

  destroy() {
    clearTimeout(this.resting);
  }
}

/** @param {any} reach @param {number} y @param {number} x @returns {number[]} top, left, bottom, right */
function boxOf({ rows, columns }, y, x) {
  return [rows[2 * y], columns[2 * x], rows[2 * y + 1], columns[2 * x + 1]];
}

/** @param {string} title */
function figure(title) {
  const root = element("figure", "cs-reading");
  const canvas = element("canvas");
  canvas.setAttribute("role", "img");
  const caption = element("span", "cs-reading-caption");
  const words = element("figcaption", "", title);
  words.append(caption);
  root.append(canvas, words);
  return { root, canvas, caption };
}
