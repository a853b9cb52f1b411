// The photo as the network received it: the box of the unit, the heat of what it does see.

import { format, lut } from "../shared/colours.js";
import { element } from "../shared/dom.js";
import { photoCanvas } from "../shared/photo.js";
import { frame, prepare, write } from "../shared/sketch.js";
import { aimOf, boxOf, nearestUnit, wholeOf } from "./boxes.js";

/** Photos smaller than this are drawn with hard pixels. */
const COARSE = 96;
/** A box that is drawn smaller than this is shown once more, enlarged, in a corner. */
const TINY = 44;
const LENS = 0.34;

export class PhotoPane {
  /** @param {HTMLElement} host @param {any} view */
  constructor(host, view) {
    this.view = view;
    this.title = element("div", "fv-title");
    this.stage = element("div", "fv-stage");
    this.canvas = element("canvas");
    this.canvas.setAttribute("role", "img");
    this.stage.append(this.canvas);
    this.foot = element("div", "fv-foot");
    this.readout = element("output", "fv-readout");
    this.legend = element("canvas", "fv-legend");
    this.legend.setAttribute("aria-hidden", "true");
    this.foot.append(this.readout, this.legend);
    host.append(this.title, this.stage, this.foot);
    /** @type {{py: number, px: number}|null} */
    this.pointed = null;
    this.canvas.addEventListener("pointermove", (event) => this.#point(event));
    this.canvas.addEventListener("pointerleave", () => this.#point(null));
    this.canvas.addEventListener("click", (event) => {
      const spot = this.#find(event);
      if (spot) this.view.pin(nearestUnit(this.view.state.field, spot.py, spot.px));
    });
  }

  /** Take in another photo. */
  open() {
    const { picture } = this.view.state.field;
    this.photo = photoCanvas(picture);
    this.grey = photoCanvas(picture, true);
  }

  /** The part of the plane that is drawn, in pixels of the image: the photo, or all that any unit sees. */
  #window() {
    const { field } = this.view.state;
    const { height, width } = field.picture;
    const whole = this.view.outside ? wholeOf(field) : null;
    if (!whole) return { top: 0, left: 0, bottom: height, right: width };
    return {
      top: Math.min(0, Math.max(whole.top, -height)),
      left: Math.min(0, Math.max(whole.left, -width)),
      bottom: Math.max(height, Math.min(whole.bottom, 2 * height)),
      right: Math.max(width, Math.min(whole.right, 2 * width)),
    };
  }

  /** @param {number} side @param {number} tall */
  draw(side, tall) {
    const { view } = this;
    const { state, palette, unit, place } = view;
    const { picture } = state.field;
    const part = this.#window();
    const scale = Math.min(side / (part.right - part.left), tall / (part.bottom - part.top));
    const w = Math.round((part.right - part.left) * scale);
    const h = Math.round((part.bottom - part.top) * scale);
    const g = prepare(this.canvas, side, h + 4);
    this.frame = { x: Math.round((side - w) / 2), y: 2, w, h, scale, part };
    const across = (/** @type {number} */ px) => this.frame.x + (px - part.left) * scale;
    const down = (/** @type {number} */ py) => this.frame.y + (py - part.top) * scale;
    const photo = { x: across(0), y: down(0), w: picture.width * scale, h: picture.height * scale };
    const heat = view.showHeat ? state.heatOf({ ...place, ...unit }, view.average) : null;
    if (view.outside) this.#hatch(g, this.frame);
    g.imageSmoothingEnabled = Math.min(picture.width, picture.height) > COARSE;
    const ground = heat ? this.grey : this.photo;
    if (ground) g.drawImage(ground, photo.x, photo.y, photo.w, photo.h);
    if (heat) {
      g.globalAlpha = view.opacity;
      g.drawImage(this.#heat(heat), photo.x, photo.y, photo.w, photo.h);
      g.globalAlpha = 1;
    }
    frame(g, photo, palette.theme.line);
    this.#boxes(g, across, down, heat !== null);
    this.#lens(g, across, down, photo, ground, heat);
    this.#read(heat);
    this.canvas.setAttribute("aria-label", view.spoken());
  }

  /**
   * The field of the unit, and within it what reaches it through windows alone.
   * @param {CanvasRenderingContext2D} g
   * @param {(px: number) => number} across
   * @param {(py: number) => number} down
   * @param {boolean} hot
   */
  #boxes(g, across, down, hot) {
    const { state, unit } = this.view;
    const { part } = this.frame;
    const kinds = /** @type {["field"|"local", boolean][]} */ (state.field.status === "bound" ? [["field", true], ["local", false]] : [["field", false]]);
    for (const [which, dashed] of kinds) {
      const box = boxOf(state.field, which, unit.y, unit.x);
      if (!box) continue;
      if (!dashed && !hot) this.#veil(g, box, across, down);
      g.save();
      g.beginPath();
      g.rect(this.frame.x - 2, this.frame.y - 2, this.frame.w + 4, this.frame.h + 4);
      g.clip();
      // Sides beyond what is drawn lie just outside: the box is open there.
      const inset = (/** @type {number} */ v, /** @type {number} */ low, /** @type {number} */ high) => Math.max(low - 12, Math.min(high + 12, v));
      const [x0, x1] = [across(inset(box.left, part.left, part.right)), across(inset(box.right, part.left, part.right))];
      const [y0, y1] = [down(inset(box.top, part.top, part.bottom)), down(inset(box.bottom, part.top, part.bottom))];
      for (const [width, colour] of /** @type {[number, string][]} */ ([[4, "rgba(255,255,255,0.85)"], [2, this.#ink()]])) {
        g.lineWidth = width;
        g.strokeStyle = colour;
        g.setLineDash(dashed ? [7, 5] : []);
        g.strokeRect(x0, y0, Math.max(2, x1 - x0), Math.max(2, y1 - y0));
      }
      g.restore();
    }
  }

  /**
   * A small box enlarged, in the corner of the photo that is farthest from it.
   * @param {CanvasRenderingContext2D} g
   * @param {(px: number) => number} across
   * @param {(py: number) => number} down
   * @param {{x: number, y: number, w: number, h: number}} photo
   * @param {HTMLCanvasElement|undefined} ground
   * @param {any} heat
   */
  #lens(g, across, down, photo, ground, heat) {
    const { state, unit, palette, opacity } = this.view;
    const box = aimOf(state.field, unit.y, unit.x);
    const size = box ? Math.max(box.bottom - box.top, box.right - box.left) : Infinity;
    if (!box || !ground || size * this.frame.scale > TINY) return;
    const side = Math.min(photo.w, photo.h) * LENS;
    const [cx, cy] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
    const reach = size / 2 + Math.max(1, size * 0.15);
    const scale = side / (2 * reach);
    const [px, py] = [across(cx), down(cy)];
    const x = px < photo.x + photo.w / 2 ? photo.x + photo.w - side - 8 : photo.x + 8;
    const y = py < photo.y + photo.h / 2 ? photo.y + photo.h - side - 8 : photo.y + 8;
    g.save();
    g.beginPath();
    g.rect(x, y, side, side);
    g.fillStyle = palette.theme.back;
    g.fill();
    g.clip();
    this.#hatch(g, { x, y, w: side, h: side });
    g.imageSmoothingEnabled = false;
    const place = /** @type {[number, number, number, number]} */ ([x + (reach - cx) * scale, y + (reach - cy) * scale, state.field.picture.width * scale, state.field.picture.height * scale]);
    g.drawImage(ground, ...place);
    if (heat) {
      g.globalAlpha = opacity;
      g.drawImage(this.#heat(heat), ...place);
      g.globalAlpha = 1;
    }
    g.lineWidth = 2;
    g.strokeStyle = this.#ink();
    g.strokeRect(x + (reach - (cx - box.left)) * scale, y + (reach - (cy - box.top)) * scale, (box.right - box.left) * scale, (box.bottom - box.top) * scale);
    g.restore();
    frame(g, { x, y, w: side, h: side }, palette.theme.text, 1);
    g.strokeStyle = this.#ink();
    g.lineWidth = 1;
    g.beginPath();
    g.moveTo(px, py + (y > py ? 8 : -8));
    g.lineTo(x + side / 2, y > py ? y : y + side);
    g.stroke();
  }

  /** The colour of the boxes: on a photo the same in both themes. */
  #ink() {
    const { theme } = this.view.palette;
    return theme.dark ? "#1f6fd1" : theme.accent;
  }

  /** Dim what the unit cannot see. */
  #veil(/** @type {CanvasRenderingContext2D} */ g, /** @type {any} */ box, /** @type {any} */ across, /** @type {any} */ down) {
    const { frame: f } = this;
    g.save();
    g.beginPath();
    g.rect(f.x, f.y, f.w, f.h);
    g.rect(across(box.left), down(box.top), across(box.right) - across(box.left), down(box.bottom) - down(box.top));
    g.clip("evenodd");
    g.fillStyle = this.view.palette.theme.dark ? "rgba(10,12,18,0.5)" : "rgba(255,255,255,0.5)";
    g.fillRect(f.x, f.y, f.w, f.h);
    g.restore();
  }

  /** What lies outside the photo: padding. */
  #hatch(/** @type {CanvasRenderingContext2D} */ g, /** @type {{x: number, y: number, w: number, h: number}} */ { x, y, w, h }) {
    const { theme } = this.view.palette;
    g.save();
    g.beginPath();
    g.rect(x, y, w, h);
    g.clip();
    g.fillStyle = theme.soft;
    g.fillRect(x, y, w, h);
    g.strokeStyle = theme.line;
    g.lineWidth = 1;
    g.beginPath();
    for (let at = -h; at < w; at += 9) {
      g.moveTo(x + at, y + h);
      g.lineTo(x + at + h, y);
    }
    g.stroke();
    g.restore();
  }

  /** The heat in colours: square root of its share of the largest, so that its foot can be seen too. */
  #heat(/** @type {any} */ heat) {
    const { palette, state } = this.view;
    const name = `heat/${state.field.node}/${heat.photos}/${heat.channel}/${heat.y}/${heat.x}`;
    return palette.keep(name, () => {
      const image = new ImageData(heat.width, heat.height);
      const out = new Uint32Array(image.data.buffer);
      const table = lut("magnitude", true);
      const gain = heat.peak > 0 ? 1 / heat.peak : 0;
      for (let i = 0; i < out.length; i++) {
        const part = Math.sqrt(heat.values[i] * gain);
        const colour = table[1 + Math.round(part * 254)];
        out[i] = (Math.round(255 * Math.min(1, part * 2.2)) << 24) | (colour & 0xffffff);
      }
      return image;
    });
  }

  /** @param {any} heat */
  #read(heat) {
    const { view } = this;
    const { palette, text } = view;
    const at = this.pointed;
    const parts = [];
    if (at) parts.push(element("span", "fv-quiet", text("pixel ({y}, {x})", { y: Math.floor(at.py), x: Math.floor(at.px) })));
    if (heat && at) {
      const { picture } = view.state.field;
      const row = Math.floor((at.py / picture.height) * heat.height);
      const column = Math.floor((at.px / picture.width) * heat.width);
      parts.push(element("strong", "", format(heat.values[row * heat.width + column], 4)));
    }
    if (!at) parts.push(element("span", "fv-hint", text("Click on the photo to find the unit that looks there.")));
    this.readout.replaceChildren(...parts);
    const width = 150;
    const g = prepare(this.legend, width, 24);
    this.legend.style.visibility = heat && heat.peak > 0 ? "visible" : "hidden";
    if (!heat) return;
    const bar = palette.keep("heatbar", () => {
      const image = new ImageData(256, 1);
      const table = lut("magnitude", true);
      new Uint32Array(image.data.buffer).forEach((_, i, out) => (out[i] = table[1 + Math.round((Math.sqrt(i / 255)) * 254)]));
      return image;
    });
    g.imageSmoothingEnabled = true;
    g.drawImage(bar, 1, 2, width - 2, 8);
    write(g, "0", 1, 21, palette.theme, { size: 10, tone: "muted" });
    const unit = heat.photos > 1 ? text("share of the whole") : text("|∂ unit / ∂ pixel|");
    write(g, unit, width / 2 - 8, 21, palette.theme, { size: 10, tone: "muted", align: "center" });
    write(g, format(heat.peak, 2), width - 1, 21, palette.theme, { size: 10, tone: "muted", align: "right" });
  }

  /** @param {MouseEvent|null} event */
  #point(event) {
    this.pointed = event ? this.#find(event) : null;
    this.view.schedule();
  }

  /** The pixel under the pointer; outside the photo the nearest on its edge. @param {MouseEvent} event */
  #find(event) {
    if (!this.frame) return null;
    const { picture } = this.view.state.field;
    const bounds = this.canvas.getBoundingClientRect();
    const within = (/** @type {number} */ v, /** @type {number} */ n) => Math.max(0, Math.min(n - 0.01, v));
    const { x, y, scale, part } = this.frame;
    return {
      py: within((event.clientY - bounds.top - y) / scale + part.top, picture.height),
      px: within((event.clientX - bounds.left - x) / scale + part.left, picture.width),
    };
  }
}
