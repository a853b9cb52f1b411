// The pictures of one side: what the network sees, a channel, its difference from the first side, the class map.

import { format, lut, rasteriseFloat } from "../shared/colours.js";
import { element } from "../shared/dom.js";
import { cellAt, drawMap, frame, mark, prepare } from "../shared/sketch.js";
import { fieldOf, inside, middle, toInput, unitAt } from "./link.js";

/** @typedef {import("./state.js").State} State */

/** The class map's colour is the more opaque the higher the value. */
const CLEAR = 0.12;

export class Pane {
  /**
   * @param {HTMLElement} host
   * @param {State} store
   * @param {number} place of the side
   * @param {"photo"|"map"|"cam"|"difference"} kind
   */
  constructor(host, store, place, kind) {
    this.store = store;
    this.place = place;
    this.kind = kind;
    this.element = element("figure", `tv-pane tv-${kind}`);
    this.caption = element("figcaption", "tv-caption");
    this.name = element("span", "tv-name");
    this.value = element("span", "tv-value");
    this.caption.append(this.name, this.value);
    this.canvas = document.createElement("canvas");
    this.legend = element("div", "tv-legend");
    if (kind !== "photo") {
      this.low = element("span");
      this.bar = Object.assign(document.createElement("canvas"), { width: 255, height: 1 });
      this.high = element("span");
      this.legend.append(this.low, this.bar, this.high);
    }
    this.element.append(this.caption, this.canvas, this.legend);
    host.append(this.element);
    if (kind === "map") {
      this.canvas.tabIndex = 0;
      this.canvas.setAttribute("role", "application");
    } else {
      this.canvas.setAttribute("role", "img");
    }
    this.canvas.addEventListener("pointermove", (event) => this.#point(event, false));
    this.canvas.addEventListener("pointerdown", (event) => this.#point(event, true));
    this.canvas.addEventListener("pointerleave", () => store.hover(null));
  }

  get side() {
    return this.store.data.sides[this.place];
  }

  /** Rows and columns of what is drawn. */
  get size() {
    const { side } = this;
    if (this.kind === "photo" || this.kind === "cam") return side.photo;
    return { height: side.shape[1], width: side.shape[2] };
  }

  /** @param {PointerEvent} event @param {boolean} pin */
  #point(event, pin) {
    const bounds = this.canvas.getBoundingClientRect();
    const spot = { x: event.clientX - bounds.left, y: event.clientY - bounds.top };
    if (this.kind === "photo" || this.kind === "cam") {
      const { width, height } = this.side.photo;
      const input = { x: (spot.x / bounds.width) * width, y: (spot.y / bounds.height) * height };
      this.store.follow(this.place, input, pin);
      return;
    }
    const cell = cellAt({ x: 0, y: 0, w: bounds.width, h: bounds.height }, this.size, spot.x, spot.y, 4);
    if (cell) this.store.follow(this.place, middle(this.side, cell), pin);
  }

  draw() {
    const { side, store } = this;
    const { palette } = store;
    const { theme } = palette;
    const width = Math.floor(this.element.clientWidth);
    if (width < 8) return;
    const { height: rows, width: columns } = this.size;
    const most = Math.min(width, 320);
    const scale = most / Math.max(rows, columns);
    const box = { x: 0, y: 0, w: Math.max(8, Math.round(columns * scale)), h: Math.max(8, Math.round(rows * scale)) };
    const g = prepare(this.canvas, box.w, box.h);
    const input = toInput(side, store.point);
    const unit = unitAt(side, input);
    const sx = box.w / side.photo.width;
    const sy = box.h / side.photo.height;
    this.name.textContent = this.#title();
    if (this.kind === "photo") {
      drawMap(g, store.photo(this.place, false), box, theme);
      this.#field(g, unit, sx, sy);
      cross(g, input.x * sx, input.y * sy);
      this.value.textContent = inside(side, input) ? "" : store.text("outside");
      this.legend.textContent = this.#seen(unit);
      return;
    }
    if (this.kind === "cam") {
      const { heat } = side;
      const peak = store.peak("heat", this.place);
      drawMap(g, store.photo(this.place, true), box, theme);
      if (peak > 0) {
        const key = `heat/${this.place}/${peak}`;
        g.globalAlpha = store.opacity;
        g.imageSmoothingEnabled = true;
        g.imageSmoothingQuality = "high";
        g.drawImage(palette.keep(key, () => overlay(heat, peak, theme.dark)), 0, 0, box.w, box.h);
        g.globalAlpha = 1;
      }
      // The map's cells need not be the layer's: its own grid lies over the whole input.
      const cell = cellAt({ x: 0, y: 0, w: side.photo.width, h: side.photo.height }, heat, input.x, input.y, Infinity);
      mark(g, box, heat, [cell.y, cell.x, cell.y, cell.x], theme);
      this.value.textContent = format(heat.data[cell.y * heat.width + cell.x]);
      this.#scale("magnitude", 0, peak);
      return;
    }
    const channel = store.channels[this.place];
    const values = this.kind === "map" ? store.values(this.place) : store.difference(this.place);
    const peak = this.kind === "map" ? store.peak("map", this.place) : store.differencePeak(this.place);
    const key = `${this.kind}/${this.place}/${channel}/${peak}`;
    const picture = palette.keep(key, () => rasteriseFloat(values, 0, columns, rows, peak, palette.table("signed")));
    drawMap(g, picture, box, theme);
    mark(g, box, this.size, [unit.y, unit.x, unit.y, unit.x], theme);
    const value = values[unit.y * columns + unit.x];
    this.value.textContent = format(value);
    this.canvas.dataset.unit = `${unit.y},${unit.x}`;
    this.canvas.dataset.value = String(value);
    this.#scale("signed", -peak, peak);
  }

  #title() {
    const { side, store } = this;
    if (this.kind === "photo") return store.text("Input");
    if (this.kind === "cam") return `Grad-CAM · ${side.heat.title}`;
    const channel = store.text("channel {number}", { number: store.channels[this.place] });
    return this.kind === "map" ? channel : store.text("minus {title}", { title: store.data.sides[0].title });
  }

  /** In words what the unit sees of the input. */
  #seen(unit) {
    const { side, store } = this;
    const field = fieldOf(side, unit);
    if (!field) return "";
    const [height, width] = [field.bottom - field.top, field.right - field.left].map(Math.round);
    return side.units.status === "exact"
      ? store.text("sees {height}×{width} pixels", { height, width })
      : store.text("sees {height}×{width} pixels through windows, all of them otherwise", { height, width });
  }

  /** @param {"signed"|"magnitude"} table @param {number} low @param {number} high */
  #scale(table, low, high) {
    const key = `${table}/${low}/${high}/${this.store.palette.theme.dark}`;
    if (!this.bar || this.shown === key) return;
    this.shown = key;
    const image = new ImageData(255, 1);
    new Uint32Array(image.data.buffer).set(lut(table, this.store.palette.theme.dark).subarray(1));
    this.bar.getContext("2d")?.putImageData(image, 0, 0);
    this.low.textContent = format(low, 2);
    this.high.textContent = format(high, 2);
  }

  /** The part of the input that the unit sees; beyond the picture lies padding. */
  #field(g, unit, sx, sy) {
    const field = fieldOf(this.side, unit);
    if (!field) return;
    const { theme } = this.store.palette;
    const { width, height } = this.side.photo;
    const left = Math.max(0, field.left) * sx;
    const top = Math.max(0, field.top) * sy;
    const right = Math.min(width, field.right) * sx;
    const bottom = Math.min(height, field.bottom) * sy;
    const box = { x: left + 0.5, y: top + 0.5, w: Math.max(2, right - left - 1), h: Math.max(2, bottom - top - 1) };
    g.fillStyle = "rgba(10, 14, 22, 0.38)";
    g.beginPath();
    g.rect(0, 0, width * sx, height * sy);
    g.rect(box.x, box.y, box.w, box.h);
    g.fill("evenodd");
    frame(g, box, "rgba(255, 255, 255, 0.9)", 3);
    g.setLineDash(this.side.units.status === "exact" ? [] : [5, 3]);
    frame(g, box, theme.accent, 1.75);
    g.setLineDash([]);
  }
}

/** The class map in colours that fade where it is low. */
function overlay({ data, width, height }, peak, dark) {
  const table = lut("magnitude", dark);
  const image = new ImageData(width, height);
  const out = new Uint32Array(image.data.buffer);
  for (let i = 0; i < out.length; i++) {
    const part = Math.max(0, Math.min(1, data[i] / peak));
    const alpha = Math.round(255 * Math.min(1, CLEAR + part * 1.2));
    out[i] = (table[1 + Math.round(part * 254)] & 0xffffff) | (alpha << 24);
  }
  return image;
}

function cross(g, x, y) {
  for (const [colour, width] of [["rgba(255,255,255,0.95)", 4], ["#10151d", 1.75]]) {
    g.strokeStyle = colour;
    g.lineWidth = width;
    g.beginPath();
    for (const [dx, dy] of [[1, 0], [0, 1]]) {
      g.moveTo(x - 7 * dx, y - 7 * dy);
      g.lineTo(x - 2 * dx, y - 2 * dy);
      g.moveTo(x + 2 * dx, y + 2 * dy);
      g.lineTo(x + 7 * dx, y + 7 * dy);
    }
    g.stroke();
  }
}
