// A picture with boxes on it: objects dashed, detections in the colour of what became of them.

import { prepare } from "../shared/sketch.js";
import { bitmap } from "./albums.js";

export const TRUE = "#12a37f";
export const FALSE = "#e0503f";
export const OBJECT = "#f4c430";
const DARK = "rgba(0, 0, 0, 0.72)";

/** @typedef {{box: ArrayLike<number>, colour: string, dashed?: boolean, faint?: boolean, label?: string}} Mark */

/**
 * @param {HTMLCanvasElement} canvas
 * @param {{album: string, number: number, ratio: number}} of
 * @param {{width: number, most: number}} room width there is, greatest height
 * @param {Mark[]} marks the most important last
 * @param {any} theme
 * @param {() => void} again called when the picture has come
 */
export function drawPicture(canvas, { album, number, ratio }, { width, most }, marks, theme, again) {
  const w = Math.max(1, Math.floor(Math.min(width, most * ratio)));
  const h = Math.max(1, Math.round(w / ratio));
  const g = prepare(canvas, w, h);
  const image = bitmap(album, number, again);
  if (image) {
    g.imageSmoothingQuality = "high";
    g.drawImage(image, 0, 0, w, h);
  } else {
    g.fillStyle = theme.soft;
    g.fillRect(0, 0, w, h);
  }
  for (const mark of marks) drawMark(g, mark, w, h, theme);
}

function drawMark(g, { box, colour, dashed, faint, label }, w, h, theme) {
  const [left, top, right, bottom] = box;
  const frame = [left * w, top * h, Math.max(2, (right - left) * w), Math.max(2, (bottom - top) * h)];
  g.globalAlpha = faint ? 0.8 : 1;
  g.setLineDash([]);
  g.lineWidth = faint ? 3 : 4.5;
  g.strokeStyle = DARK;
  g.strokeRect(...frame);
  g.setLineDash(dashed ? (faint ? [5, 3] : [7, 5]) : []);
  g.lineWidth = faint ? 1.5 : 2.25;
  g.strokeStyle = colour;
  g.strokeRect(...frame);
  g.setLineDash([]);
  g.globalAlpha = 1;
  if (label) tag(g, label, frame, colour, w, theme);
}

function tag(g, label, [x, y, , height], colour, w, theme) {
  g.font = `600 12px ${theme.font}`;
  g.textBaseline = "middle";
  g.textAlign = "left";
  const wide = Math.ceil(g.measureText(label).width) + 10;
  const left = Math.max(0, Math.min(x - 1, w - wide));
  const above = y - 20;
  const top = above >= 0 ? above : y + height - 19;
  g.fillStyle = DARK;
  g.fillRect(left, top, wide, 19);
  g.fillStyle = colour;
  g.fillRect(left, top, 3, 19);
  g.fillStyle = "#ffffff";
  g.fillText(label, left + 6, top + 10);
}

/**
 * A part of a picture on a small square: a box and what is around it.
 * @param {HTMLCanvasElement} canvas
 * @param {{album: string, number: number, ratio: number}} of
 * @param {number} side
 * @param {ArrayLike<number>} box
 * @param {string} colour
 * @param {any} theme
 * @param {() => void} again
 */
export function drawCrop(canvas, { album, number, ratio }, side, box, colour, theme, again) {
  const g = prepare(canvas, side, side);
  const image = bitmap(album, number, again);
  g.fillStyle = theme.soft;
  g.fillRect(0, 0, side, side);
  if (!image) return;
  const scale = image.width;
  const tall = scale / ratio;
  const [left, top, right, bottom] = [box[0] * scale, box[1] * tall, box[2] * scale, box[3] * tall];
  const cut = Math.max(right - left, bottom - top, 4) * 1.4;
  const [x, y] = [(left + right - cut) / 2, (top + bottom - cut) / 2];
  const zoom = side / cut;
  g.save();
  g.beginPath();
  g.rect(0, 0, side, side);
  g.clip();
  g.drawImage(image, -x * zoom, -y * zoom, scale * zoom, image.height * zoom);
  g.lineWidth = 1.75;
  g.strokeStyle = colour;
  g.strokeRect((left - x) * zoom, (top - y) * zoom, (right - left) * zoom, (bottom - top) * zoom);
  g.restore();
}
