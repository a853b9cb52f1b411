/** The shapes of edges: bundles of curves between thumbnails, ribbons of a concatenation, rails of a bypass. */

import { alignedAnswer } from "./layout.js";
import { concatStart, rule } from "./links.js";

/** Where lines leave or enter an item: at its thumbnails, else at the middle of its side. */
export function anchors(box, side) {
  const edge = side === "out" ? box.x + box.w : box.x;
  const { kind } = box.item;
  if (kind === "input" && box.thumbs.length === 0) return [{ channel: null, x: box.x + box.w, y: box.axis }];
  if (!box.thumbs.length || kind === "plumbing") return [{ channel: null, x: edge, y: box.axis }];
  return box.thumbs.map((thumb) => ({
    channel: thumb.channel,
    x: box.x + thumb.x + (side === "out" ? thumb.w : 0),
    y: box.y + thumb.y + thumb.h / 2 - (kind === "output" ? 4 : 0),
    thumb,
  }));
}

/** All lines of one edge: pairs of anchors whose channels are connected. */
export function bundle(overview, edge, boxes) {
  const from = boxes.get(edge.from);
  const to = boxes.get(edge.to);
  const joined = rule(overview, edge, to.item);
  const loose = to.item.kind === "output" && !alignedAnswer(overview);
  const sources = loose ? [{ channel: null, x: from.x + from.w, y: from.axis }] : anchors(from, "out");
  const symbol = symbolOf(to);
  const targets = anchors(to, "in");
  const lines = [];
  if (symbol) {
    // All that is summed or multiplied meets in the circle; the target's channel is kept for highlighting.
    for (const a of sources) {
      for (const b of targets) {
        if (a.channel != null && b.channel != null && !joined(a.channel, b.channel)) continue;
        lines.push({ a, b: { ...b, x: symbol.x - symbol.r, y: symbol.y } });
      }
      if (!lines.length || lines.at(-1).a !== a) lines.push({ a, b: { channel: NaN, x: symbol.x - symbol.r, y: symbol.y } });
    }
    return lines;
  }
  for (const a of sources) {
    for (const b of targets) {
      if (a.channel == null || b.channel == null || joined(a.channel, b.channel)) lines.push({ a, b });
    }
  }
  return lines;
}

/** The circle in which a sum or a product happens, left of the column at its axis. */
export function symbolOf(box) {
  return box.item.symbol ? { x: box.x - 34, y: box.axis, r: 9.5 } : null;
}

/** One S-curve from a to b. */
export function curve(path, a, b) {
  const reach = Math.max(10, (b.x - a.x) * 0.5);
  path.moveTo(a.x, a.y);
  path.bezierCurveTo(a.x + reach, a.y, b.x - reach, b.y, b.x, b.y);
}

/** The part of a concatenation's column that a source fills, and the ribbon to it. */
export function ribbon(overview, edge, boxes) {
  const from = boxes.get(edge.from);
  const to = boxes.get(edge.to);
  const node = overview.nodes[to.item.node];
  const [source] = edge.pairs[0];
  const start = concatStart(overview, node, source) / node.channels;
  const size = overview.nodes[source].channels / node.channels;
  const y = to.y - 6 + start * (to.h + 12);
  const plumbing = from.item.kind === "plumbing";
  const half = plumbing ? 12 : from.h / 2;
  return {
    x0: from.x + from.w + 5, a0: from.axis - half, a1: from.axis + half,
    x1: to.x - 7, b0: y, b1: y + size * (to.h + 12),
  };
}

export function ribbonPath(path, r, gap = 1) {
  const reach = (r.x1 - r.x0) * 0.55;
  path.moveTo(r.x0, r.a0);
  path.bezierCurveTo(r.x0 + reach, r.a0, r.x1 - reach, r.b0 + gap, r.x1, r.b0 + gap);
  path.lineTo(r.x1, r.b1 - gap);
  path.bezierCurveTo(r.x1 - reach, r.b1 - gap, r.x0 + reach, r.a1, r.x0, r.a1);
  path.closePath();
}

/** A rail: up beside its source, along above what it jumps over, down into every target. */
export function railPath(path, rail, boxes, only = null) {
  const from = boxes.get(rail.from);
  const rise = from.right + 9;
  const start = { x: from.x + from.w, y: from.y + 7 };
  const drops = rail.edges.filter((edge) => !only || edge === only);
  for (const edge of drops) {
    const to = boxes.get(edge.to);
    const symbol = symbolOf(to);
    const x = symbol ? symbol.x : to.left - 12;
    const end = symbol ? { x, y: symbol.y - symbol.r } : { x: to.x - 4, y: to.y + 10 };
    const up = rail.y < start.y;
    const r = Math.max(2, Math.min(22, Math.abs(rail.y - start.y) / 2, (x - rise) / 2, Math.abs(end.y - rail.y) / 2));
    const sign = up ? -1 : 1;
    path.moveTo(start.x, start.y);
    path.lineTo(Math.max(start.x, rise - 8), start.y);
    path.quadraticCurveTo(rise, start.y, rise, start.y + sign * Math.min(8, r));
    path.lineTo(rise, rail.y - sign * r);
    path.quadraticCurveTo(rise, rail.y, rise + r, rail.y);
    path.lineTo(x - r, rail.y);
    path.quadraticCurveTo(x, rail.y, x, rail.y + r);
    if (symbol) path.lineTo(end.x, end.y);
    else {
      path.lineTo(x, end.y - 6);
      path.quadraticCurveTo(x, end.y, end.x, end.y);
    }
  }
}
