// The surface from above with the paths on it, and the handle that moves the start.

import { plain, ticks } from "../shared/axes.js";
import { element } from "../shared/dom.js";
import { prepare, write } from "../shared/sketch.js";
import { groundColour, heightOf, LEVELS, lossAt, scaleOf, terrain } from "./terrain.js";

const LEFT = 34;
const BOTTOM = 22;
const MOST = 560;

export class SurfaceMap {
  /**
   * @param {import("../shared/palette.js").Palette} palette
   * @param {{move: (point: [number, number], done: boolean) => void, hover: (point: [number, number]|null) => void}} tell
   */
  constructor(palette, tell) {
    this.palette = palette;
    this.tell = tell;
    this.root = element("div", "dv-map");
    this.canvas = this.root.appendChild(element("canvas"));
    this.canvas.setAttribute("role", "img");
    this.handle = this.root.appendChild(element("button", "dv-start"));
    this.bar = element("canvas", "dv-legend");
    this.bar.setAttribute("role", "img");
    this.#listen();
  }

  /** @param {import("./surface.js").Surface} surface @param {any} about */
  take(surface, about) {
    this.surface = surface;
    this.about = about;
    this.scale = scaleOf(surface, about.low, about.high, about.lowest);
    this.picture = null;
  }

  /** Forget the picture: theme, size or light has changed. */
  forget() {
    this.picture = null;
  }

  #listen() {
    const point = (event) => {
      const box = this.canvas.getBoundingClientRect();
      return this.#place(event.clientX - box.left, event.clientY - box.top);
    };
    let dragging = false;
    const down = (event) => {
      if (event.button) return;
      dragging = true;
      event.currentTarget.setPointerCapture(event.pointerId);
      this.handle.focus({ preventScroll: true });
      this.tell.move(point(event), false);
      event.preventDefault();
    };
    const move = (event) => {
      if (dragging) this.tell.move(point(event), false);
      else this.tell.hover(point(event));
    };
    const up = (event) => {
      if (dragging) this.tell.move(point(event), true);
      dragging = false;
    };
    for (const part of [this.canvas, this.handle]) {
      part.addEventListener("pointermove", move);
      part.addEventListener("pointerup", up);
      part.addEventListener("pointercancel", () => {
        if (dragging) this.tell.move(this.start, true);
        dragging = false;
      });
    }
    this.handle.addEventListener("pointerdown", down);
    this.canvas.addEventListener("pointerdown", (event) => {
      // A finger on the map may want to scroll the page; it drags the handle, or taps.
      if (event.pointerType === "mouse") down(event);
    });
    this.canvas.addEventListener("click", (event) => {
      if (event.pointerType !== "mouse") this.tell.move(point(event), true);
    });
    this.canvas.addEventListener("pointerleave", () => this.tell.hover(null));
    this.handle.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
      if (!step) return;
      event.preventDefault();
      const { low, high } = this.about;
      const far = (event.shiftKey ? 0.1 : 0.01) * (high[0] - low[0]);
      this.tell.move(this.#inside([this.start[0] + far * step[0], this.start[1] + far * step[1]]), true);
    });
  }

  #inside([x, y]) {
    const { low, high } = this.about;
    const digits = 10 ** Math.max(0, 3 - Math.ceil(Math.log10(high[0] - low[0])));
    const round = (value, i) => Math.round(Math.min(high[i], Math.max(low[i], value)) * digits) / digits;
    return /** @type {[number, number]} */ ([round(x, 0), round(y, 1)]);
  }

  #place(px, py) {
    const { low, high } = this.about;
    const { width, height } = this.size;
    return this.#inside([low[0] + ((px - LEFT) / width) * (high[0] - low[0]), high[1] - (py / height) * (high[1] - low[1])]);
  }

  /** Where a point of the surface is on the canvas. */
  at(x, y) {
    const { low, high } = this.about;
    const { width, height } = this.size;
    return [LEFT + ((x - low[0]) / (high[0] - low[0])) * width, ((high[1] - y) / (high[1] - low[1])) * height];
  }

  /**
   * @param {number} room
   * @param {{start: [number, number], paths: {path: import("./optimisers.js").Path, colour: string}[], selected: number, step: number, relief: boolean, names: string[]}} shown
   */
  draw(room, { start, paths, selected, step, relief, names }) {
    const { low, high } = this.about;
    const { theme } = this.palette;
    const aspect = (high[1] - low[1]) / (high[0] - low[0]);
    const width = Math.max(80, Math.min(room - LEFT - 2, MOST, MOST / aspect));
    this.size = { width, height: Math.round(width * aspect) };
    this.start = start;
    const g = prepare(this.canvas, LEFT + width + 2, this.size.height + BOTTOM);
    this.#ground(relief);
    g.imageSmoothingEnabled = true;
    g.drawImage(/** @type {HTMLCanvasElement} */ (this.picture), LEFT, 0, width, this.size.height);
    this.#axes(g, names);
    g.save();
    g.beginPath();
    g.rect(LEFT, 0, width, this.size.height);
    g.clip();
    for (const [x, y] of this.about.minima) this.#cross(g, x, y);
    paths.forEach((one, i) => i !== selected && this.#path(g, one, step, false));
    if (paths[selected]) {
      this.#path(g, paths[selected], step, true);
      this.#arrow(g, paths[selected], step);
    }
    g.restore();
    const [x, y] = this.at(...start);
    this.handle.style.left = `${x}px`;
    this.handle.style.top = `${y}px`;
    g.strokeStyle = theme.line;
    g.lineWidth = 1;
    g.strokeRect(LEFT + 0.5, 0.5, width - 1, this.size.height - 1);
    this.#legend();
  }

  #ground(relief) {
    const ratio = Math.min(2, globalThis.devicePixelRatio || 1);
    const [width, height] = [Math.round(this.size.width * ratio), Math.round(this.size.height * ratio)];
    const key = `${width}×${height}${relief}`;
    if (this.picture && this.made === key) return;
    this.made = key;
    const table = this.palette.table("magnitude");
    const image = terrain(this.surface, {
      ...this.about,
      width,
      height,
      scale: this.scale,
      ramp: (/** @type {number} */ h) => groundColour(h, table),
      dark: this.palette.theme.dark,
      relief,
    });
    this.picture = document.createElement("canvas");
    Object.assign(this.picture, { width, height });
    this.picture.getContext("2d").putImageData(image, 0, 0);
  }

  #axes(g, names) {
    const { low, high } = this.about;
    const { theme } = this.palette;
    const { width, height } = this.size;
    const style = { size: 10.5, tone: "muted" };
    for (const value of ticks(low[0], high[0])) {
      if (this.at(value, 0)[0] < LEFT + width - 24) write(g, plain(value), this.at(value, 0)[0], height + 14, theme, { ...style, align: "center" });
    }
    for (const value of ticks(low[1], high[1])) {
      const y = Math.max(8, Math.min(height - 2, this.at(0, value)[1] + 4));
      if (y > 24) write(g, plain(value), LEFT - 6, y, theme, { ...style, align: "right" });
    }
    write(g, names[0], LEFT + width - 4, height + 14, theme, { ...style, align: "right", weight: 600 });
    write(g, names[1], 2, 11, theme, { ...style, weight: 600 });
  }

  #cross(g, x, y) {
    const [px, py] = this.at(x, y);
    const { theme } = this.palette;
    for (const [colour, width] of [[theme.back, 4.5], [theme.text, 1.75]]) {
      g.strokeStyle = colour;
      g.lineWidth = width;
      g.beginPath();
      g.moveTo(px - 5, py - 5);
      g.lineTo(px + 5, py + 5);
      g.moveTo(px + 5, py - 5);
      g.lineTo(px - 5, py + 5);
      g.stroke();
    }
  }

  #path(g, { path, colour }, step, strong) {
    const { theme } = this.palette;
    const count = path.losses.length;
    const end = Math.min(step, count - 1);
    const trace = (from, to) => {
      g.beginPath();
      for (let i = from; i <= to; i++) g.lineTo(...this.at(path.points[2 * i], path.points[2 * i + 1]));
      g.stroke();
    };
    g.lineJoin = "round";
    g.globalAlpha = 0.28;
    g.lineWidth = 1.5;
    g.strokeStyle = colour;
    trace(end, count - 1);
    g.globalAlpha = 1;
    g.strokeStyle = theme.back;
    g.lineWidth = strong ? 5 : 3.5;
    trace(0, end);
    g.strokeStyle = colour;
    g.lineWidth = strong ? 2.5 : 1.75;
    trace(0, end);
    g.fillStyle = colour;
    const dots = count <= 130;
    for (let i = 1; dots && i < end; i++) this.#dot(g, path, i, strong ? 2.6 : 2);
    g.fillStyle = theme.back;
    this.#dot(g, path, end, strong ? 7 : 5.5);
    g.fillStyle = colour;
    this.#dot(g, path, end, strong ? 5 : 3.75);
  }

  #dot(g, path, i, radius) {
    g.beginPath();
    g.arc(...this.at(path.points[2 * i], path.points[2 * i + 1]), radius, 0, 2 * Math.PI);
    g.fill();
  }

  /** The direction of steepest descent where the step looked at began. */
  #arrow(g, { path }, step) {
    const i = Math.min(step, path.losses.length - 1) - 1;
    if (i < 0) return;
    const [gx, gy] = [path.gradients[2 * i], path.gradients[2 * i + 1]];
    const size = Math.hypot(gx, gy);
    let largest = 0;
    for (let k = 0; k <= i; k++) largest = Math.max(largest, Math.hypot(path.gradients[2 * k], path.gradients[2 * k + 1]));
    // Gradients differ by powers of ten; what is left of one at the bottom is not drawn.
    const far = 54 * Math.cbrt(size / largest);
    if (!(far > 7)) return;
    const { theme } = this.palette;
    const [x, y] = this.at(path.points[2 * i], path.points[2 * i + 1]);
    const [dx, dy] = [(-gx / size) * far, (gy / size) * far];
    for (const [colour, width] of [[theme.back, 4.5], [theme.text, 1.75]]) {
      g.strokeStyle = g.fillStyle = colour;
      g.lineWidth = width;
      g.beginPath();
      g.moveTo(x, y);
      g.lineTo(x + dx, y + dy);
      g.moveTo(x + dx * 0.8 - dy * 0.12, y + dy * 0.8 + dx * 0.12);
      g.lineTo(x + dx, y + dy);
      g.lineTo(x + dx * 0.8 + dy * 0.12, y + dy * 0.8 - dx * 0.12);
      g.stroke();
    }
  }

  /** The colours with the losses they stand for. */
  #legend() {
    const { width } = this.size;
    const { theme } = this.palette;
    const table = this.palette.table("magnitude");
    const g = prepare(this.bar, LEFT + width + 2, 30);
    for (let level = 0; level < LEVELS; level++) {
      const [r, gr, b] = groundColour((level + 0.5) / LEVELS, table);
      g.fillStyle = `rgb(${r},${gr},${b})`;
      g.fillRect(LEFT + (level * width) / LEVELS, 2, width / LEVELS + 0.5, 9);
    }
    g.strokeStyle = theme.line;
    g.strokeRect(LEFT + 0.5, 2.5, width - 1, 8);
    for (const share of [0, 0.25, 0.5, 0.75, 1]) {
      const align = share === 0 ? "left" : share === 1 ? "right" : "center";
      write(g, compact(lossAt(share, this.scale)), LEFT + share * width, 24, theme, { size: 10.5, tone: "muted", align });
    }
  }

  /** Height of a loss between the lowest and the highest colour. */
  heightOf(value) {
    return heightOf(value, this.scale);
  }
}

/** Three digits at most. */
export function compact(value) {
  const size = Math.abs(value);
  if (size >= 1e5 || (size > 0 && size < 1e-3)) return value.toExponential(0).replace("e+", "e").replaceAll("-", "−");
  return String(Number(value.toPrecision(3))).replace("-", "−");
}
