// A row of pictures of one photo. The pointer, or the arrow keys, mark one place in all of them.

import { colour, palette } from "../shared/heat.js";
import { format, isDark } from "../shared/colours.js";
import { mount } from "../shared/mount.js";
import { photoCanvas } from "../shared/photo.js";
import { prepare } from "../shared/sketch.js";
import { words } from "../shared/words.js";

const STEPS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
const OPACITY = 0.75;

class Row {
  /** @param {HTMLElement} host */
  constructor(host) {
    this.host = host;
    host.setAttribute("role", "group");
    this.figures = [];
    /** The place pointed at, as shares of width and height. @type {{x: number, y: number}|null} */
    this.place = null;
    this.said = document.createElement("p");
    this.said.className = "said";
    this.said.setAttribute("aria-live", "polite");
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(host);
  }

  destroy() {
    this.observer.disconnect();
  }

  /** @param {any} frame a decoded one */
  receive(frame) {
    this.text = words(frame.texts);
    this.host.setAttribute("aria-label", frame.label);
    const reuse = frame.pictures.length === this.figures.length;
    if (!reuse) this.figures = frame.pictures.map(() => this.#figure());
    frame.pictures.forEach((picture, i) => Object.assign(this.figures[i], { picture, made: new Map() }));
    for (const one of this.figures) {
      one.title.textContent = one.picture.title;
      one.note.textContent = one.picture.note;
      one.note.hidden = !one.picture.note;
      one.canvas.setAttribute("aria-label", [one.picture.title, one.picture.note].filter(Boolean).join(". "));
    }
    if (!reuse) this.host.replaceChildren(...this.figures.map((one) => one.root), this.said);
    this.draw();
  }

  #figure() {
    const root = document.createElement("figure");
    const title = document.createElement("figcaption");
    const canvas = document.createElement("canvas");
    const value = Object.assign(document.createElement("div"), { className: "value" });
    const note = Object.assign(document.createElement("div"), { className: "note" });
    root.append(title, canvas, value, note);
    canvas.tabIndex = 0;
    canvas.setAttribute("role", "img");
    const point = (event) => {
      const box = canvas.getBoundingClientRect();
      this.#mark({ x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height });
    };
    canvas.addEventListener("pointermove", point);
    canvas.addEventListener("pointerdown", point);
    canvas.addEventListener("pointerleave", () => this.#mark(null));
    canvas.addEventListener("blur", () => this.#mark(null));
    canvas.addEventListener("keydown", (event) => {
      if (event.key === "Escape") return this.#mark(null);
      const step = STEPS[event.key];
      if (!step) return;
      event.preventDefault();
      const { width, height } = this.#grid();
      const from = this.place ?? { x: 0.5, y: 0.5 };
      const many = event.shiftKey ? 10 : 1;
      this.#mark({ x: from.x + (step[0] * many) / width, y: from.y + (step[1] * many) / height }, true);
    });
    return { root, title, canvas, value, note };
  }

  /** The grid of the photo's own pixels. */
  #grid() {
    const found = this.figures.map((one) => one.picture.photo ?? one.picture.change).find(Boolean);
    return found ?? this.figures[0].picture.heat;
  }

  /** @param {{x: number, y: number}|null} place @param {boolean} [aloud] */
  #mark(place, aloud = false) {
    const inside = (v) => Math.max(0, Math.min(1 - 1e-6, v));
    this.place = place && { x: inside(place.x), y: inside(place.y) };
    this.draw();
    if (!this.place || !aloud) return;
    const { width, height } = this.#grid();
    const parts = this.figures.map((one) => `${one.picture.title}: ${this.#reading(one)}`);
    const { text } = this;
    const where = text("row {y}, column {x}", {
      y: Math.floor(this.place.y * height),
      x: Math.floor(this.place.x * width),
    });
    this.said.textContent = `${where}. ${parts.join(". ")}`;
  }

  themeChanged() {
    this.draw();
  }

  draw() {
    if (!this.figures.length) return;
    const dark = isDark(this.host);
    for (const one of this.figures) {
      if (one.dark !== dark) Object.assign(one, { dark, made: new Map() });
      this.#draw(one);
      one.value.textContent = this.place ? this.#reading(one) : "";
    }
  }

  #draw(one) {
    const { picture, canvas } = one;
    const { width, height } = picture.photo ?? picture.change ?? picture.heat;
    const w = Math.max(1, Math.floor(one.root.clientWidth));
    const h = Math.max(1, Math.round((w * height) / width));
    const g = prepare(canvas, w, h);
    for (const [layer, alpha, smooth] of this.#layers(one)) {
      g.globalAlpha = alpha;
      g.imageSmoothingEnabled = smooth || layer.width > w;
      g.imageSmoothingQuality = "high";
      g.drawImage(layer, 0, 0, w, h);
    }
    g.globalAlpha = 1;
    if (!this.place) return;
    const grid = this.#grid();
    const cell = { w: w / grid.width, h: h / grid.height };
    const side = { w: Math.max(7, cell.w), h: Math.max(7, cell.h) };
    const x = (Math.floor(this.place.x * grid.width) + 0.5) * cell.w;
    const y = (Math.floor(this.place.y * grid.height) + 0.5) * cell.h;
    for (const [colour, line] of [["#000000", 3], ["#ffffff", 1.5]]) {
      g.strokeStyle = colour;
      g.lineWidth = line;
      g.strokeRect(x - side.w / 2, y - side.h / 2, side.w, side.h);
    }
  }

  /** What lies on top of each other: canvas, opacity, whether to smooth. */
  #layers(one) {
    const { picture } = one;
    const keep = (name, make) => {
      if (!one.made.has(name)) one.made.set(name, make());
      return one.made.get(name);
    };
    const layers = [];
    if (picture.photo) layers.push([keep("photo", () => photoCanvas(picture.photo, Boolean(picture.heat))), 1, false]);
    if (picture.change) layers.push([keep("change", () => changeCanvas(picture.change, picture.peak)), 1, false]);
    if (picture.heat) layers.push([keep("heat", () => heatCanvas(picture.heat, picture.peak, one.dark)), 1, true]);
    return layers;
  }

  /** The values at the place pointed at, in words. */
  #reading({ picture }) {
    const { photo, heat, change, unit } = picture;
    const at = ({ width, height }) => Math.floor(this.place.y * height) * width + Math.floor(this.place.x * width);
    const colours = (values) => {
      const names = values.length === 3 ? ["R", "G", "B"] : [""];
      return names.map((name, i) => `${name} ${values[i]}`.trim()).join("  ");
    };
    if (heat) return format(heat.values[at(heat)], 3);
    if (change) {
      const size = change.width * change.height;
      const found = Array.from({ length: change.colours }, (_, c) => change.values[c * size + at(change)] * 255);
      return `${colours(found.map((v) => `${v > 0 ? "+" : ""}${format(v, 2)}`))} ${unit}`.trim();
    }
    const index = 3 * at(photo);
    const [r, g, b] = photo.pixels.subarray(index, index + 3);
    return colours(r === g && g === b ? [r] : [r, g, b]);
  }
}

/** A change by colours: grey is none, full colour is the peak. One colour is drawn in the signed map. */
function changeCanvas({ width, height, colours, values }, peak) {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const image = new ImageData(width, height);
  const size = width * height;
  const gain = peak > 0 ? 127.5 / peak : 0;
  for (let i = 0; i < size; i++) {
    for (let c = 0; c < 3; c++) image.data[4 * i + c] = 127.5 + gain * values[(colours === 3 ? c * size : 0) + i];
    image.data[4 * i + 3] = 255;
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}

function heatCanvas({ width, height, values }, peak, dark) {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const colours = palette(false, dark, OPACITY);
  canvas.getContext("2d").putImageData(colour(values, width, height, peak, false, colours), 0, 0);
  return canvas;
}

export default mount(".picture-row", Row);
