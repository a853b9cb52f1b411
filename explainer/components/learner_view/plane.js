// The plane with its points: coloured by what the network (or one of its units) answers everywhere.

import { rasteriseFloat } from "../shared/colours.js";
import { prepare, write } from "../shared/sketch.js";
import { boundary } from "./forward.js";

/** Cells along one side of the surface. */
export const SIDE = 76;

/**
 * @typedef {{values: Float32Array, peak: number, line: Float32Array|null}} Surface
 *   values to colour, the magnitude of the full colour, and logits whose zero is the boundary
 */

export class Plane {
  /** @param {HTMLElement} host @param {import("../shared/palette.js").Palette} palette */
  constructor(host, palette) {
    this.palette = palette;
    this.canvas = host.appendChild(document.createElement("canvas"));
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "application");
    this.picture = document.createElement("canvas");
    this.picture.width = this.picture.height = SIDE;
    this.size = 300;
  }

  /** The place in the plane under an event. @param {PointerEvent} event @param {number} reach */
  place(event, reach) {
    const box = this.canvas.getBoundingClientRect();
    const along = (value, size) => Math.max(-1, Math.min(1, (2 * value) / Math.max(1, size) - 1)) * reach;
    return { x: along(event.clientX - box.left, box.width), y: -along(event.clientY - box.top, box.height) };
  }

  /**
   * @param {Surface} surface
   * @param {{x: number, y: number, label: number, held: boolean}[]} points
   * @param {{reach: number, width: number, pointer: {x: number, y: number}|null, faded: boolean}} options
   */
  draw({ values, peak, line }, points, { reach, width, pointer, faded }) {
    const size = (this.size = Math.max(120, Math.min(440, width)));
    const { theme } = this.palette;
    const g = prepare(this.canvas, size, size);
    const image = rasteriseFloat(values, 0, SIDE, SIDE, peak, this.palette.table("signed"));
    this.picture.getContext("2d").putImageData(image, 0, 0);
    g.imageSmoothingEnabled = true;
    g.imageSmoothingQuality = "high";
    g.globalAlpha = 0.62;
    g.drawImage(this.picture, 0, 0, size, size);
    g.globalAlpha = 1;
    const scale = size / SIDE;
    if (line) {
      g.strokeStyle = theme.text;
      g.lineWidth = 1.6;
      g.lineCap = "round";
      g.beginPath();
      for (const [x0, y0, x1, y1] of boundary(line, SIDE)) {
        g.moveTo(x0 * scale, y0 * scale);
        g.lineTo(x1 * scale, y1 * scale);
      }
      g.stroke();
    }
    g.globalAlpha = faded ? 0.5 : 1;
    const radius = Math.max(2.6, size / 95);
    for (const { x, y, label, held } of points) {
      const [px, py] = [((x / reach + 1) / 2) * size, ((1 - y / reach) / 2) * size];
      const tone = label ? theme.up : theme.down;
      g.beginPath();
      g.arc(px, py, radius, 0, 2 * Math.PI);
      g.lineWidth = held ? 2 : 1.2;
      g.fillStyle = held ? theme.back : tone;
      g.strokeStyle = held ? tone : theme.back;
      g.fill();
      g.stroke();
    }
    g.globalAlpha = 1;
    if (pointer) {
      const [px, py] = [((pointer.x / reach + 1) / 2) * size, ((1 - pointer.y / reach) / 2) * size];
      g.strokeStyle = theme.text;
      g.lineWidth = 1;
      g.beginPath();
      g.moveTo(px - 9, py);
      g.lineTo(px + 9, py);
      g.moveTo(px, py - 9);
      g.lineTo(px, py + 9);
      g.stroke();
    }
    write(g, "x₁", size - 6, size / 2 - 6, theme, { size: 12, tone: "text", align: "right" });
    write(g, "x₂", size / 2 + 6, 14, theme, { size: 12, tone: "text" });
    g.strokeStyle = theme.line;
    g.lineWidth = 1;
    g.beginPath();
    g.moveTo(size / 2, 0);
    g.lineTo(size / 2, size);
    g.moveTo(0, size / 2);
    g.lineTo(size, size / 2);
    g.stroke();
  }
}
