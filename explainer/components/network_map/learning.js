/** What will learn: an outline in the colour of its rate; what is frozen is pale, its outline broken. */

import { lut, shareColour } from "../shared/colours.js";
import { roundRect } from "../shared/draw.js";

const AROUND = 5;

/**
 * How fast an item of the map learns: the fastest of its layers, as a share; 0 where all are frozen, null where
 * nothing is to learn or nobody asked.
 * @param {any} overview
 * @param {any} item
 * @returns {number|null}
 */
export function learningOf(overview, item) {
  const { learning } = overview;
  if (!learning) return null;
  const [first, last] = item.group ? [item.group.first, item.group.last] : [item.node, item.node];
  let found = null;
  for (let i = first; i <= last; i++) if (learning[i] != null) found = Math.max(found ?? 0, learning[i]);
  return found;
}

/** @param {CanvasRenderingContext2D} context @param {any} scene @param {{x: number, y: number, w: number, h: number}} at @param {number} rate */
export function paintLearning(context, scene, at, rate) {
  const colour = shareColour(lut("magnitude", scene.theme.dark), 0.3 + 0.6 * Math.sqrt(rate));
  roundRect(context, at.x - AROUND, at.y - AROUND, at.w + 2 * AROUND, at.h + 2 * AROUND, 8);
  context.lineWidth = rate ? 3 : 1.5;
  context.strokeStyle = rate ? colour : scene.theme.muted;
  context.setLineDash(rate ? [] : [3, 4]);
  context.stroke();
  context.setLineDash([]);
}
