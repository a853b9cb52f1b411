// A small note in the corner of a cell: the weight that a number is multiplied with.

import { within } from "../shared/numbers.js";
import { write } from "../shared/sketch.js";

/** Cells of this side have room for it. */
export const ROOMY = 36;

/** @param {CanvasRenderingContext2D} g @param {{x: number, y: number, w: number, h: number}} box @param {any} theme */
export function weightNote(g, box, weight, theme) {
  const text = `×${within(weight, 5)}`;
  g.font = `600 9.5px ${theme.font}`;
  const wide = g.measureText(text).width + 4;
  g.fillStyle = theme.back;
  g.globalAlpha = 0.86;
  g.fillRect(box.x + box.w - wide - 2, box.y + box.h - 13, wide, 11);
  g.globalAlpha = 1;
  write(g, text, box.x + box.w - 4, box.y + box.h - 4, theme, { size: 9.5, align: "right", weight: 600 });
}
