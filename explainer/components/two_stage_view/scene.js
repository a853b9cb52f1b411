// The photo as the network gets it, with boxes on it, in pixels of the network's input.

import { hatch } from "../shared/cells.js";
import { element } from "../shared/dom.js";
import { prepare } from "../shared/sketch.js";

/**
 * A box to be drawn.
 * @typedef {{box: number[], role: string, dash?: boolean, width?: number, alpha?: number, label?: string, cross?: boolean, grid?: number[]}} Mark
 */

/** Colours by what a box is: readable on photos, the same on all steps. */
const ROLES = { anchor: "#ffb020", proposal: "#39a0ff", final: "#2fd27d", gone: "#ff5c5c", plain: "#ffffff" };

/** @param {string} role */
export function roleColour(role) {
  return ROLES[role] ?? role;
}

export class Scene {
  /** @param {{hover: (point: {x: number, y: number}|null) => void, click: (point: {x: number, y: number}) => void}} on */
  constructor(on) {
    this.canvas = element("canvas", "two-photo");
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "application");
    const at = (/** @type {PointerEvent} */ event) => {
      const box = this.canvas.getBoundingClientRect();
      return { x: ((event.clientX - box.left) / box.width) * this.size[1], y: ((event.clientY - box.top) / box.height) * this.size[0] };
    };
    this.size = [1, 1];
    this.canvas.addEventListener("pointermove", (event) => event.pointerType !== "touch" && on.hover(at(event)));
    this.canvas.addEventListener("pointerleave", () => on.hover(null));
    this.canvas.addEventListener("click", (event) => on.click(at(/** @type {PointerEvent} */ (event))));
  }

  /**
   * @param {any} frame
   * @param {HTMLImageElement|null} image
   * @param {{width: number, height: number, whole: boolean, theme: any, marks: Mark[], dim?: boolean, spot?: {x: number, y: number}}} how
   *   `whole` shows the padding, too
   */
  draw(frame, image, { width, height, whole, theme, marks, dim = false, spot }) {
    const { size, input } = frame.fitted;
    this.size = whole ? input : size;
    const scale = Math.min(width / this.size[1], height / this.size[0]);
    const [w, h] = [Math.round(this.size[1] * scale), Math.round(this.size[0] * scale)];
    const g = prepare(this.canvas, w, h);
    g.fillStyle = theme.soft;
    g.fillRect(0, 0, w, h);
    if (whole) hatch(g, { x: 0, y: 0, w, h }, theme.line);
    g.imageSmoothingQuality = "high";
    if (image) g.drawImage(image, 0, 0, size[1] * scale, size[0] * scale);
    if (dim) {
      g.fillStyle = "rgba(10, 14, 22, 0.42)";
      g.fillRect(0, 0, size[1] * scale, size[0] * scale);
    }
    for (const mark of marks) drawMark(g, mark, scale, theme, w, h);
    if (spot) drawSpot(g, spot.x * scale, spot.y * scale);
  }
}

/** A place: a dot with a dark rim. */
function drawSpot(g, x, y) {
  g.beginPath();
  g.arc(x, y, 4, 0, 2 * Math.PI);
  g.fillStyle = "#ffffff";
  g.strokeStyle = "rgba(0, 0, 0, 0.75)";
  g.lineWidth = 2.5;
  g.stroke();
  g.fill();
}

/** @param {CanvasRenderingContext2D} g @param {Mark} mark */
function drawMark(g, { box, role, dash, width = 2, alpha = 1, label, cross, grid }, scale, theme, limitX, limitY) {
  const [x, y] = [box[0] * scale, box[1] * scale];
  const [w, h] = [(box[2] - box[0]) * scale, (box[3] - box[1]) * scale];
  const colour = roleColour(role);
  g.save();
  g.globalAlpha = alpha;
  g.lineJoin = "round";
  if (width > 1.2) {
    g.strokeStyle = "rgba(0, 0, 0, 0.55)";
    g.lineWidth = width + 1.75;
    g.strokeRect(x, y, w, h);
  }
  if (dash) g.setLineDash([6, 4]);
  g.strokeStyle = colour;
  g.lineWidth = width;
  g.strokeRect(x, y, w, h);
  g.setLineDash([]);
  if (grid) {
    g.lineWidth = 1;
    g.globalAlpha = 0.75 * alpha;
    g.beginPath();
    for (let i = 1; i < grid[1]; i++) g.moveTo(x + (i * w) / grid[1], y), g.lineTo(x + (i * w) / grid[1], y + h);
    for (let i = 1; i < grid[0]; i++) g.moveTo(x, y + (i * h) / grid[0]), g.lineTo(x + w, y + (i * h) / grid[0]);
    g.stroke();
    if (grid.length > 2) {
      g.globalAlpha = 0.45;
      g.fillStyle = colour;
      g.fillRect(x + (grid[3] * w) / grid[1], y + (grid[2] * h) / grid[0], w / grid[1], h / grid[0]);
    }
  }
  g.globalAlpha = alpha;
  if (cross) {
    g.beginPath();
    const [cx, cy] = [x + w / 2, y + h / 2];
    g.moveTo(cx - 5, cy), g.lineTo(cx + 5, cy), g.moveTo(cx, cy - 5), g.lineTo(cx, cy + 5);
    g.lineWidth = 1.5;
    g.stroke();
  }
  if (label) {
    g.font = `600 11.5px ${theme.font}`;
    const wide = g.measureText(label).width + 10;
    const left = Math.max(0, Math.min(limitX - wide, x - width / 2));
    const above = y - 18 >= 0 ? y - 18 : Math.min(limitY - 18, y);
    g.fillStyle = colour;
    g.fillRect(left, above, wide, 18);
    g.fillStyle = role === "gone" ? "#1a0606" : "#06131f";
    g.textBaseline = "middle";
    g.textAlign = "left";
    g.fillText(label, left + 5, above + 9.5);
  }
  g.restore();
}
