/**
 * Painting the map: only what is on the screen, with as much detail as can be read at the present zoom.
 *
 * A scene is everything a painter needs: {overview, view, boxes, frames, rails, camera, theme, bitmaps, store,
 * width, height, appear (id -> opacity, while something unfolds), wants (what was missing at this zoom)}.
 */

import { anchors, bundle, curve, railPath, ribbon, ribbonPath, symbolOf } from "./routes.js";
import { paintItem } from "./paint_item.js";
import { chevrons, fits, font, roundRect, shown } from "../shared/draw.js";

/** Below this zoom a bundle of curves is drawn as one pale band. */
const BUNDLE_ZOOM = 0.3;

export function paint(context, scene, ratio) {
  const { width, height, camera, theme } = scene;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.fillStyle = theme.background;
  context.fillRect(0, 0, width, height);
  scene.window = camera.window;
  scene.wants = [];
  for (const frame of scene.frames.values()) if (frame.frame.parent != null && sees(scene, frame)) paintFrame(context, scene, frame);
  toWorld(context, scene, ratio);
  paintEdges(context, scene);
  paintRails(context, scene);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  for (const box of scene.boxes.values()) if (seesBox(scene, box)) paintItem(context, scene, box);
  for (const frame of scene.frames.values()) if (frame.frame.parent != null && sees(scene, frame)) paintTitle(context, scene, frame);
  if (camera.k < 0.3) paintFarNames(context, scene);
}

/** From far away the names of modules stand above the strip, one row for each depth. */
function paintFarNames(context, scene) {
  const { camera, theme, width } = scene;
  const frames = [...scene.frames.values()].filter(({ frame, w }) => frame.parent != null && w * camera.k > 26);
  if (!frames.length) return;
  const deepest = Math.min(4, Math.max(...frames.map(({ frame }) => frame.depth)));
  const base = scene.bounds.y * camera.k + camera.y - 12;
  context.textAlign = "center";
  context.textBaseline = "alphabetic";
  for (const { frame, x, w } of frames) {
    if (frame.depth > deepest) continue;
    const left = Math.max(x * camera.k + camera.x, 4);
    const right = Math.min((x + w) * camera.k + camera.x, width - 4);
    const y = base - (deepest - frame.depth) * 19;
    context.font = font(theme, 11, frame.depth === 1 ? 650 : 400);
    const label = fits(context, frame.label, right - left - 4);
    if (!label || label.includes("…")) continue;
    context.fillStyle = frame.depth === 1 ? theme.primaryInk : theme.muted;
    context.fillText(label, (left + right) / 2, y);
    context.fillStyle = theme.frame;
    context.fillRect(left + 1, y + 4, right - left - 2, 1);
  }
}

export function toWorld(context, { camera }, ratio) {
  context.setTransform(ratio * camera.k, 0, 0, ratio * camera.k, ratio * camera.x, ratio * camera.y);
}

function sees({ window }, r) {
  return r.x < window.x + window.w && r.x + r.w > window.x && r.y < window.y + window.h && r.y + r.h > window.y;
}

function seesBox(scene, box) {
  return sees(scene, { x: box.left - 30, w: box.right - box.left + 60, y: box.top, h: box.bottom - box.top });
}

function paintFrame(context, scene, { id, x, y, w, h, frame }) {
  const { camera, theme } = scene;
  const { k } = camera;
  context.globalAlpha = shown(scene, id);
  roundRect(context, x * k + camera.x, y * k + camera.y, w * k, h * k, Math.min(14, 14 * k + 2));
  context.fillStyle = theme.frameFill;
  context.fill();
  context.setLineDash(k > 0.25 ? [6, 4] : []);
  context.lineWidth = k > 0.25 ? 1.2 : 0.8;
  context.strokeStyle = theme.frame;
  context.stroke();
  context.setLineDash([]);
  context.globalAlpha = 1;
}

/** Title and fold mark; both stay in sight as long as any of the frame's top does. */
function paintTitle(context, scene, box) {
  const place = titlePlace(scene, box);
  if (!place) return;
  const { theme, store } = scene;
  context.globalAlpha = shown(scene, box.id);
  if (place.stuck) {
    context.fillStyle = theme.veil(0.88);
    context.fillRect(place.x - 16, place.y - place.size * 0.8 - 4, place.width, place.size + 9);
  }
  context.textBaseline = "middle";
  context.textAlign = "left";
  context.font = font(theme, place.size, 650);
  const label = fits(context, box.frame.label, place.room);
  context.fillStyle = theme.primaryInk;
  context.fillText(label, place.x, place.y);
  const used = context.measureText(label).width;
  const type = box.frame.group.type;
  context.font = font(theme, place.size - 1, 400);
  if (type && label === box.frame.label && used + context.measureText(type).width + 18 < place.room) {
    context.fillStyle = theme.muted;
    context.fillText(`· ${type}`, place.x + used + 6, place.y);
  }
  if (place.fold) {
    context.textAlign = "right";
    context.fillStyle = theme.primaryInk;
    if (place.fold.w > 30) context.fillText(store.text("fold"), place.fold.x + place.fold.w - 20, place.y);
    chevrons(context, place.fold.x + place.fold.w - 10, place.y, theme.primaryInk, true);
  }
  context.globalAlpha = 1;
}

/** Where a frame's title and fold mark stand on the screen; null if the frame is too small for one. */
export function titlePlace({ camera, width }, { x, y, w, h, frame }) {
  const { k } = camera;
  const left = Math.max(x * k + camera.x, 0);
  const right = Math.min((x + w) * k + camera.x, width);
  const size = Math.max(10, Math.min(14, 13 * k + 1));
  const room = right - left - 28;
  if (room < 26 || 34 * k < size * 1.02) return null;
  const end = right - Math.max(6, Math.min(26, 23 * k)); // clear of the rails that rise at the frame's side
  const fold = room > 130 ? { x: end - 60, w: 60 } : room > 66 ? { x: end - 22, w: 22 } : null;
  // A frame whose top has left the screen keeps its title at the edge, below those of the frames around it.
  const own = y * k + camera.y + Math.max(size * 0.8, 17 * k);
  const line = Math.max(own, size * 0.8 + 4 + (frame.depth - 1) * (size + 9));
  if (line + 30 > (y + h) * k + camera.y) return null;
  return {
    stuck: line > own, width: right - left, x: left + 16, y: line, size, room: room - (fold ? right - fold.x - 10 : 0), fold: fold && { ...fold, y: line - 11, h: 22 },
  };
}

function paintEdges(context, scene) {
  const { overview, view, boxes, camera, theme, window } = scene;
  const fine = camera.k >= BUNDLE_ZOOM;
  const lines = new Path2D();
  const faint = new Path2D();
  const bands = new Path2D();
  const ribbons = [new Path2D(), new Path2D()];
  const gates = new Path2D();
  const turn = new Map();
  for (const edge of view.edges) {
    const from = boxes.get(edge.from);
    const to = boxes.get(edge.to);
    if (edge.kind === "concat") turn.set(edge.to, (turn.get(edge.to) ?? -1) + 1);
    if (scene.railed.has(edge) || shown(scene, edge.from) < 1 || shown(scene, edge.to) < 1) continue;
    if (from.right > window.x + window.w || to.left < window.x) continue;
    const top = Math.min(from.y, to.y);
    const bottom = Math.max(from.y + from.h, to.y + to.h);
    if (top > window.y + window.h || bottom < window.y) continue;
    if (edge.kind === "concat") ribbonPath(ribbons[turn.get(edge.to) % 2], ribbon(overview, edge, boxes));
    else if (edge.kind === "gate") for (const { a, b } of bundle(overview, edge, boxes)) curve(gates, a, b);
    else if (fine) {
      const all = bundle(overview, edge, boxes);
      for (const { a, b } of all) curve(all.length > 40 ? faint : lines, a, b);
    } else band(bands, from, to);
  }
  ribbons.forEach((path, i) => {
    context.fillStyle = theme.ribbons[i];
    context.fill(path);
  });
  context.fillStyle = theme.edgeBlock;
  context.fill(bands);
  context.lineWidth = 0.8 / Math.min(1.4, Math.max(0.6, camera.k)) / Math.max(1, camera.k / 1.4);
  context.strokeStyle = theme.edge;
  context.stroke(lines);
  context.globalAlpha = 0.72;
  context.stroke(faint);
  context.globalAlpha = 1;
  context.strokeStyle = theme.gate;
  context.stroke(gates);
}

function band(path, from, to) {
  const a = anchors(from, "out");
  const b = anchors(to, "in");
  const half = (list) => (list.length > 1 ? (list.at(-1).y - list[0].y) / 2 + 8 : 6);
  const mid = (list) => (list.at(-1).y + list[0].y) / 2;
  ribbonPath(path, {
    x0: a[0].x, a0: mid(a) - half(a), a1: mid(a) + half(a), x1: b[0].x, b0: mid(b) - half(b), b1: mid(b) + half(b),
  }, 0);
}

function paintRails(context, scene) {
  const { boxes, rails, camera, theme, window } = scene;
  const path = new Path2D();
  const crowd = new Path2D();
  for (const rail of rails) {
    const from = boxes.get(rail.from);
    const last = Math.max(...rail.edges.map((edge) => boxes.get(edge.to).left));
    if (from.right > window.x + window.w || last < window.x || shown(scene, rail.from) < 1) continue;
    railPath(rail.levels * rail.step * camera.k > 3.2 * rail.levels ? path : crowd, rail, boxes);
  }
  context.strokeStyle = theme.rail;
  context.lineJoin = "round";
  context.lineWidth = (camera.k < 0.5 ? 1 : 1.5) / Math.max(camera.k, 0.12);
  context.stroke(path);
  // Rails too close to be told apart by eye are drawn thin and pale; pointing at an end shows one of them.
  context.globalAlpha = 0.4;
  context.lineWidth = 0.6 / Math.max(camera.k, 0.03);
  context.stroke(crowd);
  context.globalAlpha = 1;
  for (const box of boxes.values()) {
    const symbol = symbolOf(box);
    if (symbol && seesBox(scene, box)) paintSymbol(context, scene, box, symbol);
  }
}

function paintSymbol(context, { theme, camera }, box, { x, y, r }) {
  const colour = box.item.symbol === "×" ? theme.gate : theme.primary;
  context.lineWidth = 1.5 / Math.max(camera.k, 0.5);
  context.strokeStyle = colour;
  // From the circle into the column.
  const fan = new Path2D();
  for (const target of anchors(box, "in")) curve(fan, { x: x + r, y }, target);
  context.lineWidth = 0.9 / Math.max(camera.k, 0.5);
  context.globalAlpha = 0.55;
  context.stroke(fan);
  context.globalAlpha = 1;
  context.lineWidth = 1.6 / Math.max(camera.k, 0.5);
  context.beginPath();
  context.arc(x, y, r, 0, 2 * Math.PI);
  context.fillStyle = theme.background;
  context.fill();
  context.stroke();
  const arm = r * 0.52;
  context.beginPath();
  if (box.item.symbol === "+") {
    context.moveTo(x - arm, y);
    context.lineTo(x + arm, y);
    context.moveTo(x, y - arm);
    context.lineTo(x, y + arm);
  } else {
    const d = arm * 0.8;
    context.moveTo(x - d, y - d);
    context.lineTo(x + d, y + d);
    context.moveTo(x + d, y - d);
    context.lineTo(x - d, y + d);
  }
  context.stroke();
}
