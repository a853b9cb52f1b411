/** What lies under a point of the screen. */

import { titlePlace } from "./paint.js";

/**
 * @param {object} scene
 * @param {number} px
 * @param {number} py
 * @param {number} slack tolerance in pixels, larger for fingers
 * @returns {{type:"thumb"|"more"|"header"|"slab"|"fold"|"frame", box?:object, frame?:object, rect?:object,
 *   channel?:number, row?:number, y?:number, x?:number, cell?:object}|null}
 */
export function hitTest(scene, px, py, slack = 0) {
  const { camera } = scene;
  const { k } = camera;
  for (const frame of scene.frames.values()) {
    if (frame.frame.parent == null) continue;
    const place = titlePlace(scene, frame);
    const rect = place?.fold;
    if (rect && px >= rect.x - slack && px <= rect.x + rect.w + slack && py >= rect.y - slack && py <= rect.y + rect.h + slack) {
      return { type: "fold", frame, rect };
    }
  }
  const [wx, wy] = camera.toWorld(px, py);
  const grow = Math.max(2, slack / k);
  let best = null;
  for (const box of scene.boxes.values()) {
    const half = Math.max(0, (box.right - box.left - box.w) / 2);
    if (wx < box.x - Math.max(half, grow) || wx > box.x + box.w + Math.max(half, grow)) continue;
    if (wy < box.top - grow || wy > box.bottom + grow) continue;
    const distance = Math.abs(wx - (box.x + box.w / 2));
    if (!best || distance < best.distance) best = { box, distance };
  }
  if (best) return inside(scene, best.box, wx, wy, grow);
  let deepest = null;
  for (const frame of scene.frames.values()) {
    if (frame.frame.parent == null || wx < frame.x || wx > frame.x + frame.w || wy < frame.y || wy > frame.y + frame.h) continue;
    if (!deepest || frame.frame.depth > deepest.frame.depth) deepest = frame;
  }
  return deepest && { type: "frame", frame: deepest };
}

function inside(scene, box, wx, wy, grow) {
  const { camera, overview } = scene;
  const { kind } = box.item;
  const node = overview.nodes[box.item.node];
  if (kind === "input" && box.picture && !box.thumbs.length) {
    const pixel = pixelIn(camera, box, box.picture, node, wx, wy, grow);
    return pixel ? { type: "picture", box, channel: null, ...pixel } : { type: "header", box, channel: null };
  }
  for (let row = 0; row < box.thumbs.length; row++) {
    const thumb = box.thumbs[row];
    if (kind === "output") {
      const y = box.y + thumb.y - 4;
      if (wy >= y && wy < y + 38) return { type: "thumb", box, channel: thumb.channel, row, y: 0, x: 0, cell: null };
      continue;
    }
    const pixel = pixelIn(camera, box, thumb, node, wx, wy, grow);
    if (pixel) return { type: "thumb", box, channel: thumb.channel, row, ...pixel };
  }
  if (kind === "input" && box.picture) {
    const pixel = pixelIn(camera, box, box.picture, node, wx, wy, grow);
    if (pixel) return { type: "picture", box, channel: null, ...pixel };
  }
  if (kind === "slab") {
    const last = box.thumbs.at(-1);
    const bottom = last ? box.y + last.y + last.h : box.y + box.h - 44;
    const more = box.more > 0 && wy > bottom && wy < box.y + box.h - 25;
    return { type: more ? "more" : "slab", box, channel: null };
  }
  if (wy > box.y + box.h) return { type: "more", box, channel: null };
  if (wy < box.y) return { type: "header", box, channel: null };
  return kind === "plumbing" || !box.thumbs.length ? { type: "header", box, channel: null } : { type: "gap", box, channel: null };
}

function pixelIn({ k, x: cx, y: cy }, box, rect, node, wx, wy, grow) {
  const u = (wx - box.x - rect.x) / rect.w;
  const v = (wy - box.y - rect.y) / rect.h;
  const gx = grow / rect.w;
  const gy = grow / rect.h;
  if (u < -gx || u > 1 + gx || v < -gy || v > 1 + gy) return null;
  const x = Math.max(0, Math.min(node.width - 1, Math.floor(u * node.width)));
  const y = Math.max(0, Math.min(node.height - 1, Math.floor(v * node.height)));
  const size = (rect.w * k) / node.width;
  const sizeY = (rect.h * k) / node.height;
  const px = (box.x + rect.x) * k + cx + x * size;
  const py = (box.y + rect.y) * k + cy + y * sizeY;
  return { y, x, cell: { px, py, size, sizeY } };
}
