// What lies under the boxes: a photo, or squared paper with the outlines of things on it.

import { prepare } from "../shared/sketch.js";
import { svg } from "../shared/svg.js";

/** Pixels of the board between two lines of the paper. */
const SQUARE = 20;

/**
 * @param {HTMLCanvasElement} canvas
 * @param {SVGElement} things
 * @param {{width: number, height: number, photo: ImageBitmap|null, things: {kind: string, box: number[]}[], theme: any}} scene
 * @param {number} w @param {number} h in CSS pixels
 */
export function drawGround(canvas, things, scene, w, h) {
  const g = prepare(canvas, w, h);
  const scale = w / scene.width;
  if (scene.photo) {
    g.imageSmoothingQuality = "high";
    g.drawImage(scene.photo, 0, 0, w, h);
  } else {
    g.fillStyle = scene.theme.soft;
    g.fillRect(0, 0, w, h);
    for (let i = 0, x = 0; x <= scene.width; i++, x += SQUARE) line(g, x * scale, 0, x * scale, h, i % 5 === 0, scene.theme);
    for (let i = 0, y = 0; y <= scene.height; i++, y += SQUARE) line(g, 0, y * scale, w, y * scale, i % 5 === 0, scene.theme);
  }
  things.replaceChildren(...scene.things.map(({ kind, box }) => shape(kind, box, scale)));
}

/** @param {CanvasRenderingContext2D} g */
function line(g, x0, y0, x1, y1, strong, theme) {
  g.beginPath();
  g.moveTo(Math.round(x0) + 0.5, Math.round(y0) + 0.5);
  g.lineTo(Math.round(x1) + 0.5, Math.round(y1) + 0.5);
  g.strokeStyle = theme.line;
  g.globalAlpha = strong ? 0.75 : 0.35;
  g.lineWidth = 1;
  g.stroke();
  g.globalAlpha = 1;
}

/** A plain outline of what is to be found. @param {string} kind @param {number[]} box @param {number} scale */
function shape(kind, box, scale) {
  const [left, top, right, bottom] = box.map((one) => one * scale);
  const [w, h] = [right - left, bottom - top];
  const x = (/** @type {number} */ part) => left + part * w;
  const y = (/** @type {number} */ part) => top + part * h;
  if (kind === "bicycle") {
    const r = Math.min(h * 0.3, w * 0.24);
    const [a, b, base] = [left + r, right - r, bottom - r];
    const frame = `M${a} ${base}L${x(0.34)} ${y(0.3)}L${x(0.68)} ${y(0.26)}L${b} ${base}M${x(0.34)} ${y(0.3)}L${x(0.48)} ${base}L${x(0.69)} ${y(0.3)}M${x(0.48)} ${base}L${a} ${base}M${x(0.27)} ${y(0.14)}h${w * 0.13}M${x(0.68)} ${y(0.26)}L${x(0.65)} ${y(0.06)}h${w * 0.08}M${x(0.335)} ${y(0.14)}L${x(0.34)} ${y(0.3)}`;
    return svg("g", { class: "bb-bicycle" }, svg("circle", { cx: a, cy: base, r }), svg("circle", { cx: b, cy: base, r }), svg("path", { d: frame }));
  }
  const head = Math.min(w * 0.24, h * 0.09);
  const body = `M${x(0.5)} ${y(0.2)}C${x(0.86)} ${y(0.2)} ${x(0.98)} ${y(0.27)} ${x(0.97)} ${y(0.42)}L${x(0.92)} ${y(0.62)}Q${x(0.86)} ${y(0.66)} ${x(0.8)} ${y(0.6)}L${x(0.78)} ${y(0.97)}Q${x(0.66)} ${y(1.02)} ${x(0.56)} ${y(0.98)}L${x(0.5)} ${y(0.66)}L${x(0.44)} ${y(0.98)}Q${x(0.34)} ${y(1.02)} ${x(0.22)} ${y(0.97)}L${x(0.2)} ${y(0.6)}Q${x(0.14)} ${y(0.66)} ${x(0.08)} ${y(0.62)}L${x(0.03)} ${y(0.42)}C${x(0.02)} ${y(0.27)} ${x(0.14)} ${y(0.2)} ${x(0.5)} ${y(0.2)}Z`;
  return svg("g", { class: "bb-person" }, svg("circle", { cx: x(0.5), cy: top + head * 1.02, r: head }), svg("path", { d: body }));
}
