/** What lies above the map and changes with the pointer: what feeds the hovered channel, focus ring, dimming. */

import { roundRect } from "../shared/draw.js";
import { paintItem } from "./paint_item.js";
import { toWorld } from "./paint.js";
import { anchors, bundle, curve, railPath, ribbon, ribbonPath, symbolOf } from "./routes.js";

/**
 * @param {CanvasRenderingContext2D} context
 * @param {object} scene
 * @param {number} ratio
 * @param {{hover:object|null, focus:object|null, place:object}} state
 */
export function paintOverlay(context, scene, ratio, { hover, focus, place }) {
  const { width, height, theme } = scene;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  const selected = place.node == null ? null : scene.boxes.get(scene.view.itemOf[place.node]);
  if (selected) {
    context.fillStyle = theme.veil(theme.dark ? 0.74 : 0.8);
    context.fillRect(0, 0, width, height);
    const linked = highlight(context, scene, ratio, selected, place.channel);
    for (const id of [...linked, selected.id]) paintItem(context, scene, scene.boxes.get(id));
    frameBody(context, scene, selected, place.channel == null ? theme.primary : theme.slabLine);
    if (place.channel != null) ringThumb(context, scene, selected, place.channel, theme.primary, 2);
  } else if (hover?.box) paintHover(context, scene, ratio, hover);
  if (hover?.type === "fold") paintHotFold(context, scene, hover);
  if (focus && !selected) paintFocus(context, scene, focus);
}

function paintHover(context, scene, ratio, { type, box, channel, cell }) {
  const { theme } = scene;
  if (channel == null) {
    if (["header", "more"].includes(type) && box.item.kind !== "output") highlight(context, scene, ratio, box, null);
    if (type === "slab" || type === "more" || type === "header") frameBody(context, scene, box, theme.primary);
    return;
  }
  highlight(context, scene, ratio, box, channel);
  ringThumb(context, scene, box, channel, theme.hot, 2);
  if (cell && cell.size >= 5) {
    context.lineWidth = 1.5;
    context.strokeStyle = theme.background;
    context.strokeRect(cell.px - 1, cell.py - 1, cell.size + 2, cell.sizeY + 2);
    context.strokeStyle = theme.hot;
    context.strokeRect(cell.px, cell.py, cell.size, cell.sizeY);
  }
}

/**
 * Darken the edges into (and, lighter, out of) a channel, through narrow reshapes as well.
 * @returns {Set<string>} the items that feed it
 */
function highlight(context, scene, ratio, box, channel) {
  const { boxes, theme, camera, overview } = scene;
  const into = { lines: new Path2D(), ribbons: new Path2D(), rails: new Path2D(), ends: [], items: new Set() };
  const out = { lines: new Path2D(), ribbons: new Path2D(), rails: new Path2D(), ends: [], items: new Set() };
  const walk = (path, at, wanted, forward, depth) => {
    for (const edge of (forward ? scene.outgoing : scene.incoming).get(at.id) ?? []) {
      const other = boxes.get(forward ? edge.to : edge.from);
      path.items.add(other.id);
      const rail = scene.railed.get(edge);
      const lines = bundle(overview, edge, boxes).filter(({ a, b }) => {
        const own = forward ? a : b;
        return wanted == null || own.channel == null || own.channel === wanted;
      });
      if (rail) railPath(path.rails, rail, boxes, edge);
      else if (edge.kind === "concat") {
        if (lines.length) for (const { a, b } of lines) curve(path.lines, a, b);
        else if (wanted == null) ribbonPath(path.ribbons, ribbon(overview, edge, boxes));
      } else for (const { a, b } of lines) curve(path.lines, a, b);
      const symbol = symbolOf(boxes.get(edge.to));
      if (symbol && lines.length) {
        // and on from the circle to the channel itself
        const ends = anchors(boxes.get(edge.to), "in").filter(({ channel: own }) => wanted == null || own == null || (forward ? lines.some(({ b }) => b.channel === own) : own === wanted));
        for (const end of ends) curve(path.lines, { x: symbol.x + symbol.r, y: symbol.y }, end);
      }
      for (const { a, b } of lines) {
        const end = forward ? b : a;
        if (end.thumb && wanted != null) path.ends.push({ box: other, thumb: end.thumb });
      }
      if (other.item.kind === "plumbing" && depth < 4) walk(path, other, null, forward, depth + 1);
      // A class is its logit, so what feeds the logit feeds the class.
      if (!forward && at.item.kind === "output" && other.item.kind === "op") walk(path, other, wanted, forward, depth + 1);
    }
  };
  walk(into, box, channel, false, 0);
  walk(out, box, channel, true, 0);
  toWorld(context, scene, ratio);
  const thin = 1 / camera.k;
  const stroke = (path, colour, width) => {
    context.strokeStyle = colour;
    context.lineWidth = width * thin;
    context.stroke(path);
  };
  context.globalAlpha = channel == null ? 0.42 : 1;
  stroke(out.lines, theme.warm, 1);
  stroke(out.rails, theme.warm, 1.6);
  stroke(into.lines, theme.hot, channel == null ? 0.9 : 1.2);
  context.globalAlpha = 1;
  stroke(into.ribbons, theme.hot, 1);
  stroke(into.rails, theme.hot, 1.8);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  for (const [ends, colour] of [[out.ends, theme.warm], [into.ends, theme.hot]]) {
    for (const end of ends) if (end.box.item.kind !== "output") ring(context, scene, end.box, end.thumb, colour, 1.2, 0);
  }
  return into.items;
}

function ringThumb(context, scene, box, channel, colour, width) {
  const thumb = box.thumbs.find((t) => t.channel === channel);
  if (thumb) ring(context, scene, box, thumb, colour, width, 2);
}

function ring(context, { camera }, box, thumb, colour, width, grow) {
  const { k, x, y } = camera;
  if (thumb.w * k < 4) return;
  if (box.item.kind === "output") {
    const top = (box.y + thumb.y) * k + y - 1;
    roundRect(context, box.x * k + x - 8, top, box.w * k + 14, thumb.h * k, 6);
    context.lineWidth = 1.5;
    context.strokeStyle = colour;
    context.stroke();
    return;
  }
  context.lineWidth = width;
  context.strokeStyle = colour;
  context.strokeRect((box.x + thumb.x) * k + x - grow, (box.y + thumb.y) * k + y - grow, thumb.w * k + 2 * grow, thumb.h * k + 2 * grow);
}

function frameBody(context, { camera }, box, colour) {
  const { k, x, y } = camera;
  const grow = box.item.kind === "slab" ? 0 : Math.min(6, 2 + 3 * k);
  roundRect(context, box.x * k + x - grow, box.y * k + y - grow, box.w * k + 2 * grow, box.h * k + 2 * grow, box.item.kind === "slab" ? 10 * k + 1 : 8);
  context.lineWidth = 1.5;
  context.strokeStyle = colour;
  context.stroke();
}

function paintHotFold(context, { theme }, { rect }) {
  roundRect(context, rect.x, rect.y + 1, rect.w, rect.h - 2, 10);
  context.globalAlpha = 0.16;
  context.fillStyle = theme.primary;
  context.fill();
  context.globalAlpha = 1;
}

/** The keyboard's place. */
function paintFocus(context, scene, { id, row }) {
  const box = scene.boxes.get(id);
  if (!box) return;
  const { camera, theme } = scene;
  const { k, x, y } = camera;
  const thumb = row >= 0 ? box.thumbs[row] : null;
  const r = thumb
    ? { x: (box.x + thumb.x) * k + x, y: (box.y + thumb.y) * k + y, w: thumb.w * k, h: thumb.h * k }
    : { x: box.x * k + x, y: box.y * k + y, w: box.w * k, h: box.h * k };
  for (const [width, colour] of [[5, theme.background], [2.5, theme.primary]]) {
    roundRect(context, r.x - 4, r.y - 4, r.w + 8, r.h + 8, 6);
    context.lineWidth = width;
    context.strokeStyle = colour;
    context.stroke();
  }
}
