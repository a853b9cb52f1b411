// One channel large: its pixels, down to numbers in the cells, its figures, its values among the layer's.

import { format } from "../shared/colours.js";
import { element } from "../shared/dom.js";
import { cellAt, drawMap, fit, mark, prepare, write } from "../shared/sketch.js";

const HISTOGRAM = 96;
/** Cells at least so wide hold their number. */
const ROOMY = 34;

export class Detail {
  /**
   * @param {HTMLElement} host
   * @param {any} view the whole wall (view.js)
   */
  constructor(host, view) {
    this.view = view;
    this.head = element("h3", "wall-title");
    this.readout = element("output", "cw-readout");
    this.stage = element("div", "cw-stage");
    this.stage.tabIndex = 0;
    this.stage.setAttribute("role", "application");
    this.canvas = element("canvas");
    this.canvas.setAttribute("role", "img");
    this.stage.append(this.canvas);
    this.figures = element("dl", "cw-figures");
    this.histogram = element("canvas", "cw-histogram");
    this.histogram.setAttribute("role", "img");
    this.note = element("p", "wall-note");
    host.append(this.head, this.readout, this.stage, this.figures, this.histogram, this.note);
    /** @type {{y: number, x: number}|null} */
    this.hovered = null;
    this.canvas.addEventListener("pointermove", (event) => this.#point(this.#find(event)));
    this.canvas.addEventListener("pointerleave", () => this.#point(null));
    this.canvas.addEventListener("click", (event) => {
      const found = this.#find(event);
      const { y, x } = this.view.place;
      if (found) this.view.pin(...(found.y === y && found.x === x ? /** @type {[null, null]} */ ([null, null]) : /** @type {[number, number]} */ ([found.y, found.x])));
      this.stage.focus({ preventScroll: true });
    });
    this.sizes = new ResizeObserver(() => this.draw());
    this.sizes.observe(host);
  }

  /** Show another layer. */
  open() {
    const { layer, store } = this.view;
    this.hovered = null;
    this.stage.hidden = Boolean(layer?.vector);
    this.stage.setAttribute("aria-label", store.text("Pixels of the channel: arrow keys move"));
    this.note.textContent = layer?.vector
      ? store.text("Grey: all values of the layer. Line: this one. Heights are square roots of the shares.")
      : store.text("Grey: the whole layer. Line: this channel. Heights are square roots of the shares.");
  }

  draw() {
    const { layer, place, store } = this.view;
    if (!layer || !this.head.parentElement?.clientWidth) return;
    this.head.textContent = this.view.title(place.channel);
    this.#drawMap();
    this.#drawFigures();
    this.#drawHistogram();
    this.#read();
    this.canvas.setAttribute("aria-label", store.text("Channel {number} of {node}", { number: place.channel, node: layer.message.name }));
  }

  #drawMap() {
    const { layer, palette, place, mode } = this.view;
    if (!layer || layer.vector) return;
    const width = this.stage.clientWidth;
    const height = Math.round(Math.max(28, Math.min(360, (width * layer.height) / layer.width)));
    const g = prepare(this.canvas, width, height + 4);
    const scale = Math.min(width / layer.width, height / layer.height);
    const long = Math.round(scale * Math.max(layer.width, layer.height));
    const box = fit(0, 2, long, layer.width, layer.height);
    this.box = { ...box, x: 0, y: 2 };
    drawMap(g, layer.picture(palette, place.channel, mode), this.box, palette.theme);
    this.#writeNumbers(g);
    const spot = this.hovered ?? (place.y === null ? null : { y: place.y, x: /** @type {number} */ (place.x) });
    if (spot) mark(g, this.box, layer, [spot.y, spot.x, spot.y, spot.x], palette.theme);
  }

  /** @param {CanvasRenderingContext2D} g */
  #writeNumbers(g) {
    const { layer, palette, place, mode } = this.view;
    const plane = layer?.planeOf(place.channel);
    if (!layer || !plane || !this.box) return;
    const [w, h] = [this.box.w / layer.width, this.box.h / layer.height];
    if (w < ROOMY || h < 15) return;
    const peak = layer.peak(place.channel, mode);
    for (let y = 0; y < layer.height; y++) {
      for (let x = 0; x < layer.width; x++) {
        const value = plane[y * layer.width + x];
        const ink = layer.message.image ? "#7f8aa0" : palette.ink(value, peak);
        write(g, format(value, w > 60 ? 4 : 3), this.box.x + (x + 0.5) * w, this.box.y + (y + 0.5) * h + 4, palette.theme, { size: Math.min(12, w / 4.2), tone: ink, align: "center", width: w - 2 });
      }
    }
  }

  #drawFigures() {
    const { layer, place, store } = this.view;
    if (!layer) return;
    const { channel } = place;
    const m = layer.message;
    const rows = layer.vector
      ? []
      : [
          [store.text("range"), store.text("{low} to {high}", { low: format(m.low[channel], 4), high: format(m.high[channel], 4) })],
          [store.text("mean"), `${format(m.mean[channel], 4)} ± ${format(m.deviation[channel], 3)}`],
          [store.text("energy"), format(m.energy[channel], 4)],
          [store.text("zeros"), `${(m.zeros[channel] * 100).toFixed(1)} %`],
        ];
    if (layer.contribution) rows.push([store.text("adds to {name}", { name: this.view.class }), format(layer.contribution[channel], 4)]);
    const cells = rows.flatMap(([name, value]) => [element("dt", "", name), element("dd", "", value)]);
    cells.filter((cell) => cell.tagName === "DT" && cell.textContent === store.text("energy")).forEach((cell) => (cell.title = store.text("root of the mean square")));
    this.figures.replaceChildren(...cells);
  }

  #drawHistogram() {
    const { layer, palette, place, store } = this.view;
    if (!layer) return;
    const { edges, counts } = layer.message;
    const width = this.histogram.parentElement?.clientWidth ?? 0;
    const { theme } = palette;
    const g = prepare(this.histogram, width, HISTOGRAM);
    const [floor, bins] = [HISTOGRAM - 18, counts.length];
    const total = counts.reduce((/** @type {number} */ a, /** @type {number} */ b) => a + b, 0);
    const own = layer.vector ? null : layer.histogram(place.channel);
    const share = (/** @type {ArrayLike<number>} */ c, /** @type {number} */ i, /** @type {number} */ n) => Math.sqrt(c[i] / n);
    let most = 0;
    for (let i = 0; i < bins; i++) most = Math.max(most, share(counts, i, total), own ? share(own, i, layer.plane) : 0);
    const at = (/** @type {number} */ i) => (i / bins) * width;
    g.fillStyle = theme.dark ? "rgba(255,255,255,0.2)" : "rgba(20,30,50,0.17)";
    for (let i = 0; i < bins; i++) {
      const tall = (share(counts, i, total) / most) * (floor - 4);
      g.fillRect(at(i), floor - tall, Math.max(1, width / bins - 0.5), tall);
    }
    if (own) {
      g.strokeStyle = theme.accent;
      g.lineWidth = 1.75;
      g.beginPath();
      for (let i = 0; i < bins; i++) {
        const tall = (share(own, i, layer.plane) / most) * (floor - 4);
        g.lineTo(at(i), floor - tall);
        g.lineTo(at(i + 1), floor - tall);
      }
      g.stroke();
    }
    const [low, high] = [edges[0], edges[bins]];
    const across = (/** @type {number} */ v) => ((v - low) / (high - low)) * width;
    g.fillStyle = theme.line;
    g.fillRect(0, floor, width, 1);
    const spot = this.hovered ?? (place.y === null ? null : place);
    const value = layer.vector ? layer.valueAt(place.channel, 0, 0).value : spot ? layer.valueAt(place.channel, /** @type {number} */ (spot.y), /** @type {number} */ (spot.x)).value : null;
    if (value !== null) {
      g.fillStyle = theme.text;
      g.fillRect(Math.min(width - 1.5, across(value)), 2, 1.5, floor - 2);
    }
    write(g, format(low, 3), 0, HISTOGRAM - 4, theme, { size: 10, tone: "muted" });
    write(g, format(high, 3), width, HISTOGRAM - 4, theme, { size: 10, tone: "muted", align: "right" });
    if (low < 0 && high > 0 && across(0) > 48 && across(0) < width - 48) write(g, "0", across(0), HISTOGRAM - 4, theme, { size: 10, tone: "muted", align: "center" });
    this.histogram.setAttribute("aria-label", store.text("Histogram from {low} to {high}: the layer and channel {number}", { low: format(low, 3), high: format(high, 3), number: place.channel }));
  }

  /** What is written beside the name: the number under the pointer, or the pinned one. */
  #read() {
    const { layer, place, store } = this.view;
    if (!layer) return;
    const spot = layer.vector ? { y: 0, x: 0 } : (this.hovered ?? (place.y === null ? null : { y: place.y, x: /** @type {number} */ (place.x) }));
    if (!spot) {
      this.readout.replaceChildren(element("span", "wall-hint", store.text("Point at a pixel to read it.")));
      return;
    }
    const { value, exact } = layer.valueAt(place.channel, spot.y, spot.x);
    const name = layer.vector ? store.text("value") : `(${spot.y}, ${spot.x})`;
    this.readout.replaceChildren(element("span", "cw-spot", name), element("strong", "", `${exact ? "" : "≈ "}${format(value, exact ? 7 : 3)}`));
  }

  /** The chosen channel and pixel in words, for those who hear the page. */
  spoken() {
    return `${this.head.textContent} ${this.readout.textContent}`;
  }

  /** @param {MouseEvent} event */
  #find(event) {
    const { layer } = this.view;
    if (!layer || !this.box) return null;
    const bounds = this.canvas.getBoundingClientRect();
    return cellAt(this.box, layer, event.clientX - bounds.left, event.clientY - bounds.top, 2);
  }

  /** @param {{y: number, x: number}|null} found */
  #point(found) {
    if (found?.y === this.hovered?.y && found?.x === this.hovered?.x) return;
    this.hovered = found;
    this.canvas.style.cursor = found ? "crosshair" : "default";
    this.#drawMap();
    this.#drawHistogram();
    this.#read();
  }

  /** Go on with the keys among the pixels: at the pinned one, else at the strongest. */
  enter() {
    const { layer, place } = this.view;
    if (!layer || layer.vector) return;
    this.stage.focus({ preventScroll: true });
    const plane = layer.planeOf(place.channel);
    if (place.y !== null || !plane) return;
    let best = 0;
    for (let i = 1; i < plane.length; i++) if (Math.abs(plane[i]) > Math.abs(plane[best])) best = i;
    this.view.pin(Math.floor(best / layer.width), best % layer.width);
  }

  /** @param {KeyboardEvent} event @returns {boolean} whether the key meant something here */
  key(event) {
    const { layer, place, cells } = this.view;
    if (!layer) return false;
    if (event.key === "Escape") {
      if (place.y !== null) this.view.pin(null, null);
      cells.scroller.focus({ preventScroll: true });
      return true;
    }
    const far = event.shiftKey ? 10 : 1;
    const step = /** @type {Record<string, [number, number]>} */ ({ ArrowUp: [-far, 0], ArrowDown: [far, 0], ArrowLeft: [0, -far], ArrowRight: [0, far] })[event.key];
    if (!step) return false;
    if (place.y === null || place.x === null) {
      this.enter();
      return true;
    }
    const within = (/** @type {number} */ v, /** @type {number} */ n) => Math.max(0, Math.min(n - 1, v));
    this.hovered = null;
    this.view.pin(within(place.y + step[0], layer.height), within(place.x + step[1], layer.width));
    return true;
  }

  destroy() {
    this.sizes.disconnect();
  }
}
