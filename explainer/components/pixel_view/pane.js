// One picture under the lens: the photo, one of its channels, its grey levels or their steps.

import { element } from "../shared/dom.js";
import { prepare } from "../shared/sketch.js";

/** Screen pixels of a cell from which lines are drawn between cells; numbers come as soon as they fit. */
const LINES = 7;
const SMALLEST = 7.5;

export class Pane {
  /** @param {string} kind */
  constructor(kind) {
    this.kind = kind;
    this.root = element("figure", `px-pane px-pane-${kind}`);
    this.canvas = element("canvas", "px-canvas");
    this.title = element("figcaption", "px-title");
    this.root.append(this.title, this.canvas);
  }

  /** @param {any} state @param {any} theme */
  draw({ picture, lens, tint, bits, pixel, hovered }, theme) {
    const { width, height } = lens.room;
    const g = prepare(this.canvas, width, height);
    const source = picture.canvas(this.kind, { tint, bits });
    const [left, top] = lens.toScreen(0, 0);
    const { k } = lens;
    g.imageSmoothingEnabled = k * (globalThis.devicePixelRatio || 1) < 1.5;
    g.imageSmoothingQuality = "high";
    g.drawImage(source, left, top, picture.width * k, picture.height * k);
    if (k >= LINES) this.#lines(g, lens, theme);
    this.#numbers(g, picture, lens, bits, tint);
    this.#mark(g, lens, pixel, 2);
    if (hovered) this.#mark(g, lens, hovered, 1);
  }

  #lines(g, lens, theme) {
    const { x0, y0, x1, y1 } = lens.cells();
    g.fillStyle = theme.dark ? "rgba(0,0,0,0.55)" : "rgba(255,255,255,0.6)";
    g.globalAlpha = Math.min(1, (lens.k - LINES) / 14 + 0.15);
    const [left, top] = lens.toScreen(x0, y0);
    const [right, bottom] = lens.toScreen(x1 + 1, y1 + 1);
    for (let x = x0; x <= x1 + 1; x++) g.fillRect(Math.round(lens.toScreen(x, 0)[0]) - 0.5, top, 1, bottom - top);
    for (let y = y0; y <= y1 + 1; y++) g.fillRect(left, Math.round(lens.toScreen(0, y)[1]) - 0.5, right - left, 1);
    g.globalAlpha = 1;
  }

  /** What is written into a cell, and the brightness it is written on. */
  #content(picture, x, y, bits, tint) {
    const rgb = picture.rgb(x, y);
    const channel = ["red", "green", "blue"].indexOf(this.kind);
    if (channel >= 0) return { lines: [String(rgb[channel])], back: tint ? rgb[channel] * [0.3, 0.75, 0.35][channel] : rgb[channel] };
    const level = picture.greyAt(x, y);
    if (this.kind === "grey") return { lines: [String(level)], back: level };
    if (this.kind === "steps") return { lines: [picture.codeOf(level, bits).toString(2).padStart(bits, "0")], back: picture.shownOf(level, bits) };
    return { lines: rgb.map(String), back: level };
  }

  #numbers(g, picture, lens, bits, tint) {
    const letters = this.kind === "steps" ? Math.max(2, bits) : 3.4;
    const rows = this.kind === "photo" ? 3.6 : 2.2;
    const size = Math.min(15, (lens.k - 4) / (letters * 0.6), lens.k / rows);
    if (size < SMALLEST) return;
    g.font = `500 ${size}px ${NUMBERS}`;
    g.textAlign = "center";
    g.textBaseline = "middle";
    g.globalAlpha = Math.min(1, (size - SMALLEST) / 0.8 + 0.4);
    const { x0, y0, x1, y1 } = lens.cells();
    for (let y = y0; y <= y1; y++) {
      for (let x = x0; x <= x1; x++) {
        const { lines, back } = this.#content(picture, x, y, bits, tint);
        const [px, py] = lens.toScreen(x + 0.5, y + 0.5);
        g.fillStyle = back > 127 ? "#10151d" : "#ffffff";
        lines.forEach((line, i) => g.fillText(line, px, py + (i - (lines.length - 1) / 2) * size * 1.15 + 0.5));
      }
    }
    g.globalAlpha = 1;
  }

  #mark(g, lens, { x, y }, strength) {
    const [px, py] = lens.toScreen(x, y);
    const grow = Math.max(0, (9 - lens.k) / 2);
    const side = lens.k + 2 * grow;
    for (const [colour, width] of [["rgba(0,0,0,0.85)", 2 + strength], ["#ffffff", strength]]) {
      g.strokeStyle = colour;
      g.lineWidth = width;
      g.strokeRect(px - grow, py - grow, side, side);
    }
  }
}

const NUMBERS = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace";
