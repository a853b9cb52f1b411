// The levels of the pyramid side by side, each as large as the photo: one cell is one place.

import { element } from "../shared/dom.js";
import { lut } from "../shared/colours.js";
import { prepare } from "../shared/sketch.js";

const STEPS = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };

export class Maps {
  /**
   * @param {"map"|"heat"} what
   * @param {{hover: (place: Place|null) => void, choose: (place: Place, aloud: boolean) => void, start: (level: number) => Place}} on
   * @typedef {{level: number, row: number, column: number}} Place
   */
  constructor(what, on) {
    this.what = what;
    this.on = on;
    this.root = element("div", "two-maps");
    /** @type {any[]} */
    this.figures = [];
    this.pictures = new Map();
  }

  forget() {
    this.pictures.clear();
  }

  /** @param {any} view @param {{chosen: Place|null, hovered: Place|null}} marks */
  draw(view, { chosen, hovered }) {
    const { frame, text, theme } = view;
    while (this.figures.length < frame.levels.length) this.#add();
    this.figures.splice(frame.levels.length).forEach((one) => one.root.remove());
    const width = Math.max(60, Math.floor(this.figures[0].root.clientWidth || 160));
    frame.levels.forEach((level, i) => {
      const one = this.figures[i];
      one.level = level;
      one.root.dataset.on = String(chosen?.level === i);
      one.title.textContent = text("Level {name}", { name: level.name });
      one.note.textContent = `${level.height} × ${level.width} · ${text("stride {stride}", { stride: level.stride[0] })}`;
      const [sx, sy] = [frame.fitted.input[1] / level.width, frame.fitted.input[0] / level.height];
      const scale = width / frame.fitted.size[1];
      const height = Math.max(20, Math.round(frame.fitted.size[0] * scale));
      one.cell = { w: sx * scale, h: sy * scale };
      const g = prepare(one.canvas, width, height);
      g.imageSmoothingEnabled = false;
      g.drawImage(this.#picture(view, level, i), 0, 0, level.width * one.cell.w, level.height * one.cell.h);
      for (const [place, colour] of [[chosen, "#ffffff"], [hovered, theme.accent]]) {
        if (!place || place.level !== i) continue;
        const side = { w: Math.max(6, one.cell.w), h: Math.max(6, one.cell.h) };
        const x = (place.column + 0.5) * one.cell.w - side.w / 2;
        const y = (place.row + 0.5) * one.cell.h - side.h / 2;
        for (const [ink, line] of [["rgba(0,0,0,0.8)", 3.5], [colour, 1.75]]) {
          g.strokeStyle = ink;
          g.lineWidth = line;
          g.strokeRect(x, y, side.w, side.h);
        }
      }
      one.canvas.setAttribute("aria-label", `${one.title.textContent}, ${one.note.textContent}. ${text("Arrow keys move.")}`);
    });
  }

  #add() {
    const root = element("figure", "two-map");
    const caption = element("figcaption");
    const title = element("b");
    const note = element("span");
    caption.append(title, note);
    const canvas = element("canvas");
    canvas.tabIndex = 0;
    canvas.setAttribute("role", "application");
    root.append(caption, canvas);
    this.root.append(root);
    const number = this.figures.length;
    canvas.dataset.key = `level-${number}`;
    const one = { root, title, note, canvas, level: null, cell: { w: 1, h: 1 } };
    this.figures.push(one);
    const place = (/** @type {MouseEvent} */ event) => {
      const box = canvas.getBoundingClientRect();
      const inside = (v, n) => Math.max(0, Math.min(n - 1, Math.floor(v)));
      return {
        level: number,
        row: inside((event.clientY - box.top) / one.cell.h, one.level.height),
        column: inside((event.clientX - box.left) / one.cell.w, one.level.width),
      };
    };
    canvas.addEventListener("pointermove", (event) => one.level && this.on.hover(place(event)));
    canvas.addEventListener("pointerleave", () => this.on.hover(null));
    canvas.addEventListener("click", (event) => one.level && this.on.choose(place(event), false));
    canvas.addEventListener("keydown", (event) => {
      const step = STEPS[event.key];
      if (!step || !one.level || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      const from = this.on.start(number);
      const many = event.shiftKey ? 5 : 1;
      const inside = (v, n) => Math.max(0, Math.min(n - 1, v));
      this.on.choose({ level: number, row: inside(from.row + many * step[0], one.level.height), column: inside(from.column + many * step[1], one.level.width) }, true);
    });
  }

  #picture({ theme }, level, i) {
    const values = level[this.what];
    const key = `${i}/${theme.dark}`;
    const kept = this.pictures.get(key);
    if (kept?.values === values) return kept.canvas;
    const canvas = element("canvas");
    canvas.width = level.width;
    canvas.height = level.height;
    const image = new ImageData(level.width, level.height);
    const out = new Uint32Array(image.data.buffer);
    const heat = this.what === "heat";
    const table = lut(heat ? "magnitude" : "signed", theme.dark);
    const peak = heat ? 1 : largest(values);
    for (let n = 0; n < out.length; n++) {
      const step = heat ? 1 + 254 * values[n] : 128 + (peak ? (127 * values[n]) / peak : 0);
      out[n] = table[Math.max(1, Math.min(255, Math.round(step)))];
    }
    canvas.getContext("2d")?.putImageData(image, 0, 0);
    this.pictures.set(key, { values, canvas });
    return canvas;
  }
}

/** The largest magnitude. @param {Float32Array} values */
export function largest(values) {
  let most = 0;
  for (const value of values) most = Math.max(most, Math.abs(value));
  return most;
}
