// A picture with what lies on it: a heat map, cells, boxes. Pointed at, clicked, moved through with the keys.

import { element } from "../shared/dom.js";
import { font, roundRect } from "../shared/draw.js";
import { asCanvas, colour, palette as heatPalette } from "../shared/heat.js";
import { prepare } from "../shared/sketch.js";

/**
 * What lies on a picture.
 * @typedef {object} Mark
 * @property {ArrayLike<number>} box left, top, right, bottom
 * @property {"accent"|"text"|"down"|"pale"} [tone]
 * @property {number} [width]
 * @property {boolean} [dashed]
 * @property {boolean} [filled]
 * @property {string} [label]
 */

const GREY = "rgb(114,114,114)";

export class Pane {
  /**
   * @param {any} view
   * @param {{point?: (at: {x: number, y: number}|null) => void, click?: (at: {x: number, y: number}) => void, key?: (event: KeyboardEvent) => boolean}} act
   */
  constructor(view, act = {}) {
    this.view = view;
    this.root = element("figure", "yolo-pane");
    this.title = element("span");
    this.note = element("span", "yolo-quiet");
    const caption = element("figcaption");
    caption.append(this.title, this.note);
    this.canvas = element("canvas");
    this.said = element("div", "yolo-value");
    this.root.append(caption, this.canvas, this.said);
    this.scale = 1;
    this.act = act;
    if (act.point) {
      this.canvas.addEventListener("pointermove", (event) => act.point?.(this.#find(event)));
      this.canvas.addEventListener("pointerleave", () => act.point?.(null));
    }
    if (act.click) {
      this.canvas.classList.add("yolo-clicks");
      this.canvas.addEventListener("click", (event) => act.click?.(this.#find(event)));
    }
    if (act.key) {
      this.canvas.tabIndex = 0;
      this.canvas.setAttribute("role", "application");
      this.canvas.addEventListener("keydown", (event) => {
        if (event.altKey || event.ctrlKey || event.metaKey || !act.key?.(event)) return;
        event.preventDefault();
        event.stopPropagation();
      });
    } else this.canvas.setAttribute("role", "img");
  }

  #find(event) {
    const box = this.canvas.getBoundingClientRect();
    return { x: (event.clientX - box.left) / this.scale, y: (event.clientY - box.top) / this.scale };
  }

  /**
   * @param {object} scene
   * @param {{w: number, h: number}} scene.world size of what is shown, in its own pixels
   * @param {HTMLCanvasElement|null} scene.picture
   * @param {{w: number, h: number}} scene.area the part of it that the picture covers, from the upper left
   * @param {{values: Float32Array, width: number, height: number, peak: number, key: string, smooth?: boolean}|null} [scene.heat]
   * @param {number} [scene.opacity] of the heat map
   * @param {number} [scene.dim] how pale the picture is
   * @param {number} [scene.lines] distance of the grid's lines
   * @param {Mark[]} [scene.marks]
   * @param {{x: number, y: number, tone?: string}[]} [scene.dots]
   * @param {number} [scene.tall]
   */
  draw({ world, picture, area, heat = null, opacity = 0.75, dim = 0, lines = 0, marks = [], dots = [], tall = 560 }) {
    const room = Math.floor(this.root.clientWidth) - 1;
    if (room <= 0) return;
    const { theme } = this.view.palette;
    this.scale = Math.min(room / world.w, tall / world.h);
    const [w, h] = [Math.max(1, Math.round(world.w * this.scale)), Math.max(1, Math.round(world.h * this.scale))];
    this.scale = w / world.w;
    const g = prepare(this.canvas, w, h);
    g.fillStyle = GREY;
    g.fillRect(0, 0, w, h);
    g.imageSmoothingEnabled = true;
    g.imageSmoothingQuality = "high";
    if (picture) g.drawImage(picture, 0, 0, area.w * this.scale, area.h * this.scale);
    if (dim) {
      g.globalAlpha = dim;
      g.fillStyle = theme.back;
      g.fillRect(0, 0, w, h);
      g.globalAlpha = 1;
    }
    if (heat) {
      g.imageSmoothingEnabled = Boolean(heat.smooth);
      g.drawImage(this.#heat(heat, opacity), 0, 0, w, h);
    }
    if (lines * this.scale >= 5) this.#lines(g, world, lines);
    for (const mark of marks) this.#mark(g, mark, theme);
    for (const { x, y, tone } of dots) this.#dot(g, x * this.scale, y * this.scale, theme[tone ?? "accent"], theme.back);
    for (const mark of marks) if (mark.label) this.#label(g, mark, theme, w);
  }

  /** Colours are made once for a map and an opacity. */
  #heat({ values, width, height, peak, key }, opacity) {
    const { dark } = this.view.palette.theme;
    const name = `${key}/${opacity}/${dark}`;
    if (this.made !== name || this.values !== values) {
      Object.assign(this, { made: name, values, heat: asCanvas(colour(values, width, height, peak, false, heatPalette(false, dark, opacity))) });
    }
    return /** @type {HTMLCanvasElement} */ (this.heat);
  }

  #lines(g, world, step) {
    g.beginPath();
    for (let x = step; x < world.w; x += step) {
      g.moveTo(Math.round(x * this.scale) + 0.5, 0);
      g.lineTo(Math.round(x * this.scale) + 0.5, world.h * this.scale);
    }
    for (let y = step; y < world.h; y += step) {
      g.moveTo(0, Math.round(y * this.scale) + 0.5);
      g.lineTo(world.w * this.scale, Math.round(y * this.scale) + 0.5);
    }
    g.strokeStyle = "rgba(255,255,255,0.16)";
    g.lineWidth = 1;
    g.stroke();
  }

  #mark(g, { box, tone = "text", width = 1.5, dashed = false, filled = false }, theme) {
    const s = this.scale;
    const least = filled ? 3 : 2;
    const [x, y] = [box[0] * s, box[1] * s];
    const [w, h] = [Math.max(least, (box[2] - box[0]) * s), Math.max(least, (box[3] - box[1]) * s)];
    const ink = tone === "pale" ? "rgba(255,255,255,0.75)" : tone === "text" ? "#ffffff" : theme[tone];
    if (filled) {
      g.globalAlpha = 0.35;
      g.fillStyle = ink;
      g.fillRect(x, y, w, h);
      g.globalAlpha = 1;
    }
    g.lineJoin = "round";
    if (tone !== "pale") {
      g.strokeStyle = tone === "text" ? "rgba(10,14,22,0.85)" : "rgba(255,255,255,0.9)";
      g.lineWidth = width + 2;
      g.strokeRect(x, y, w, h);
    }
    g.setLineDash(dashed ? [5, 4] : []);
    g.strokeStyle = ink;
    g.lineWidth = width;
    g.strokeRect(x, y, w, h);
    g.setLineDash([]);
  }

  #dot(g, x, y, ink, ground) {
    g.beginPath();
    g.arc(x, y, 4.5, 0, 2 * Math.PI);
    g.fillStyle = ground;
    g.fill();
    g.beginPath();
    g.arc(x, y, 3, 0, 2 * Math.PI);
    g.fillStyle = ink;
    g.fill();
  }

  #label(g, { box, label, tone = "text" }, theme, room) {
    g.font = font(theme, 11.5, 600);
    const w = g.measureText(label).width + 10;
    const x = Math.max(0, Math.min(room - w, box[0] * this.scale - 1));
    const above = box[1] * this.scale - 18;
    const y = above >= 0 ? above : Math.max(0, box[1] * this.scale + 1);
    roundRect(g, x, y, w, 17, 4);
    g.fillStyle = tone === "down" ? theme.down : tone === "accent" ? theme.accent : "rgba(10,14,22,0.85)";
    g.fill();
    g.fillStyle = tone === "text" || !theme.dark ? "#ffffff" : "#0e1117";
    g.textAlign = "left";
    g.textBaseline = "middle";
    g.fillText(label, x + 5, y + 9);
  }

  /** @param {string} title @param {string} note @param {string} described for screen readers */
  name(title, note, described) {
    this.title.textContent = title;
    this.note.textContent = note;
    this.canvas.setAttribute("aria-label", described);
  }
}
