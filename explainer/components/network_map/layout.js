/**
 * Layout: where every visible item, frame and skip rail stands, in world units (CSS pixels at zoom 1).
 *
 * Each unfolded module lays its children out by rank, left to right; what runs side by side is stacked in lanes.
 * Every box is measured from its axis, the height at which the stream passes through it, so that a chain is a
 * straight line. Skip connections run on rails in a headroom that is reserved above what they jump over.
 *
 * @typedef {{channel:number, x:number, y:number, w:number, h:number}} Thumb  relative to its item's body
 * @typedef {{id:string, item:object, x:number, y:number, w:number, h:number, top:number, bottom:number,
 *   axis:number, thumbs:Thumb[], picture:Thumb|null, more:number}} Box  x, y, w, h: the body
 * @typedef {{id:string, frame:object, x:number, y:number, w:number, h:number, axis:number}} FrameBox
 * @typedef {{edge:object, y:number, level:number}} Rail
 */

export const PITCH = 62; // height of a row of maps
export const CHIP = 22; // height of a row of single numbers
export const ANSWER = 40; // height of a class
export const HEADER = 44;
export const FOOTER = 36;
const PAD = { side: 24, title: 34, bottom: 14 };
const RAIL = { first: 14, step: 9, room: 96, levels: 40 };
const LANE_GAP = 22;
const SLAB_ROWS = 5;
const SLAB = { top: 14, bottom: 44 };
const KEEPS_CHANNELS = /relu|sigmoid|tanh|silu|swish|gelu|elu|mish|norm|dropout|identity|pool|softplus|clamp|hard/;

/**
 * @param {object} overview
 * @param {{root:string, items:Map, frames:Map, edges:object[]}} view from foldView
 * @param {{pitch?:number}} [options] pitch: height of a row of maps, smaller for a low window
 */
export function layout(overview, view, { pitch = PITCH } = {}) {
  const measured = new Map();
  const limits = rowLimits(overview, view);
  for (const item of view.items.values()) measured.set(item.id, measure(item, overview, limits.get(item.frame), pitch));
  const rails = railLevels(view);
  const reach = entryReach(view);
  for (const frame of [...view.frames.values()].sort((a, b) => b.depth - a.depth)) {
    measured.set(frame.id, arrange(frame, view, measured, rails, reach));
  }
  const boxes = new Map();
  const frames = new Map();
  const put = (id, x, axis) => {
    const size = measured.get(id);
    if (!size.children) {
      const { item, body, up, down } = size;
      const y = axis - body.h / 2 + size.shift;
      boxes.set(id, {
        id, item, x: x + (size.w - body.w) / 2, y, w: body.w, h: body.h, axis, top: axis - up, bottom: axis + down,
        left: x, right: x + size.w, thumbs: size.thumbs, picture: size.picture, more: size.more,
      });
      return;
    }
    frames.set(id, { id, frame: view.frames.get(id), x, y: axis - size.up, w: size.w, h: size.up + size.down, axis, contentTop: axis - size.contentUp });
    for (const child of size.children) put(child.id, x + child.x, axis + child.y);
  };
  put(view.root, 0, 0);
  const placed = [];
  for (const rail of rails.values()) placed.push({ ...rail, y: railHeight(rail, view, boxes, frames, measured) });
  const root = frames.get(view.root);
  return { boxes, frames, rails: placed, bounds: { x: root.x, y: root.y, w: root.w, h: root.h } };
}

/** Side of a feature map's thumbnail: early, large maps are a little larger. */
export function thumbSide(node) {
  const longest = Math.max(node.width, node.height);
  return Math.max(26, Math.min(52, Math.round(18 + 5.4 * Math.log2(longest + 1))));
}

/** Rows of thumbnails in a frame: all channels of a small network, fewer where branches run side by side. */
function rowLimits(overview, view) {
  const operations = overview.nodes.filter((node) => node.role !== "plumbing").length;
  const most = operations <= 26 ? 16 : 6;
  const limits = new Map();
  for (const frame of [...view.frames.values()].sort((a, b) => a.depth - b.depth)) {
    const side = new Map();
    for (const child of frame.children) side.set(rankOf(child, view), (side.get(rankOf(child, view)) ?? 0) + 1);
    const breadth = Math.max(...side.values());
    const own = breadth > 2 ? 3 : breadth === 2 ? 4 : most;
    limits.set(frame.id, Math.min(own, limits.get(frame.parent) ?? most));
  }
  return limits;
}

function measure(item, overview, limit, room) {
  const node = overview.nodes[item.node];
  const size = { item, thumbs: [], picture: null, more: 0, shift: 0, up: 0, down: 0, w: 0, body: { w: 0, h: 0 } };
  if (item.kind === "plumbing") return finish(size, 20, Math.max(64, Math.min(118, item.label.length * 6.2 + 20)), 0, 0, 20);
  if (item.kind === "input") return measureInput(size, node, overview);
  if (item.kind === "output") return measureAnswer(size, overview);
  const label = Math.min(100, Math.max(item.label.length * 7.2, shapeText(node).length * 5.8) + 4);
  const shown = node.thumb ? node.shown : [];
  const chips = node.width * node.height === 1;
  const aligned = item.node === overview.output && alignedAnswer(overview);
  const slab = item.kind === "slab";
  const most = chips && limit < 16 ? limit + 2 : limit;
  const rows = aligned ? shown : shown.slice(0, Math.min(slab && !chips ? SLAB_ROWS : 16, most));
  const many = rows.length > 10 ? Math.max(40, Math.round((room * 10) / rows.length)) : room;
  const pitch = aligned ? ANSWER : chips ? CHIP : many;
  const longest = Math.min(thumbSide(node), many - 8);
  const scale = longest / Math.max(node.width, node.height, 1);
  const w = chips ? 30 : Math.max(6, node.width * scale);
  const h = chips ? 14 : Math.max(6, node.height * scale);
  const side = slab ? 14 : 0;
  const bodyW = shown.length ? w + 2 * side : Math.max(58, slab ? 76 : 0);
  const rowsH = rows.length ? rows.length * pitch - (pitch - h) : 40;
  const bodyH = slab ? rowsH + SLAB.top + SLAB.bottom : rowsH;
  const top = slab ? SLAB.top : 0;
  size.thumbs = rows.map((channel, i) => ({ channel, x: (bodyW - w) / 2, y: top + i * pitch, w, h }));
  size.more = rows.length ? node.channels - rows.length : 0;
  const width = Math.max(bodyW, label, slab ? 84 : 0);
  // A slab's rows, not its frame, are centred, so that they stand beside those of its neighbours.
  size.shift = slab && rows.length ? SLAB.bottom / 2 - SLAB.top / 2 : 0;
  return finish(size, bodyW, bodyH, HEADER, slab ? 22 : FOOTER, width);
}

function finish(size, w, h, header, footer, width) {
  size.body = { w, h };
  size.w = width;
  size.up = h / 2 - size.shift + header;
  size.down = h / 2 + size.shift + footer;
  return size;
}

function measureInput(size, node, overview) {
  const { width, height } = overview.picture;
  const longest = 116;
  const scale = longest / Math.max(width, height, 1);
  const w = Math.max(8, width * scale);
  const h = Math.max(8, height * scale);
  const channels = overview.small && node.channels > 1 && node.channels <= 4 && node.thumb ? node.shown : [];
  const pitch = 96;
  const bodyH = Math.max(h, channels.length * pitch - (pitch - PITCH));
  const x = w + 46;
  size.picture = { channel: null, x: 0, y: (bodyH - h) / 2, w, h };
  const side = thumbSide(node);
  size.thumbs = channels.map((channel, i) => ({ channel, x, y: i * pitch + (PITCH - side) / 2, w: side, h: side }));
  return finish(size, channels.length ? x + side : w, bodyH, HEADER, FOOTER, Math.max(96, channels.length ? x + side : w));
}

/** Few classes stand in their own order beside their logits, many by probability. */
export function alignedAnswer(overview) {
  const node = overview.nodes[overview.output];
  return node.channels <= 10 && overview.predictions.length === node.channels && node.shown.length === node.channels;
}

function measureAnswer(size, overview) {
  const count = alignedAnswer(overview) ? 10 : 6;
  const aligned = alignedAnswer(overview);
  const list = aligned ? [...overview.predictions].sort((a, b) => a.index - b.index) : overview.predictions;
  const rows = list.slice(0, count);
  const w = 158;
  const h = ANSWER - 8;
  size.thumbs = rows.map((row, i) => ({ channel: row.index, x: 0, y: i * ANSWER - (aligned ? 9 : 0), w, h, row }));
  const height = rows.length * ANSWER - (aligned ? ANSWER - 14 : 8);
  return finish(size, w, height, HEADER + (aligned ? 8 : 0), FOOTER, w);
}

/** Space before an entry, wide where bundles fan out, narrow where channels just pass on. */
function gapBefore(id, view, overviewKind) {
  const item = view.items.get(id);
  if (!item) return 34;
  if (item.kind === "plumbing") return 30;
  if (item.kind === "output") return 44;
  if (item.kind === "slab") return 46;
  if (view.concats.has(id)) return 92;
  if (item.symbol) return 74;
  return KEEPS_CHANNELS.test(overviewKind(item)) ? 26 : 66;
}

/** Lay one frame's children out; sizes are measured from the frame's axis. */
function arrange(frame, view, measured, rails, reach) {
  const children = frame.children.map((id) => ({ id, rank: rankOf(id, view), size: measured.get(id), x: 0, y: 0, lane: 0, end: 0 }));
  const byId = new Map(children.map((child) => [child.id, child]));
  const ranks = Math.max(0, ...children.map((child) => child.rank)) + 1;
  const columns = Array.from({ length: ranks }, () => []);
  for (const child of children) columns[child.rank].push(child);
  assignLanes(children, byId, reach.get(frame.id), ranks);
  // across
  const isRoot = frame.parent == null;
  let x = isRoot ? 0 : PAD.side;
  columns.forEach((column, rank) => {
    const gap = rank ? Math.max(...column.map((child) => gapBefore(child.id, view, (item) => view.kinds(item)))) : 0;
    const after = rank ? Math.max(...columns[rank - 1].map((child) => (view.frames.has(child.id) ? 12 : 0))) : 0;
    x += gap + after;
    const width = Math.max(...column.map((child) => child.size.w));
    for (const child of column) child.x = x + (width - child.size.w) / 2;
    x += width;
  });
  const width = x + (isRoot ? 0 : PAD.side);
  // along
  stackLanes(children, columns);
  let up = 0;
  let down = 0;
  for (const child of children) {
    up = Math.max(up, child.size.up - child.y);
    down = Math.max(down, child.size.down + child.y);
  }
  const own = [...rails.values()].find((rail) => rail.host === frame.id);
  const headroom = own ? RAIL.first + own.levels * own.step : 0;
  const title = isRoot ? 0 : PAD.title;
  return { children, w: width, contentUp: up, up: up + headroom + title, down: down + (isRoot ? 0 : PAD.bottom) };
}

function rankOf(id, view) {
  return (view.items.get(id) ?? view.frames.get(id)).rank;
}

/** For every frame: which child feeds which (bypasses left out), and which feed something outside. */
function entryReach(view) {
  const reach = new Map([...view.frames.keys()].map((id) => [id, { next: new Map(), before: new Map(), leaves: new Set() }]));
  const add = (map, key, value) => map.set(key, (map.get(key) ?? new Set()).add(value));
  for (const edge of view.edges) {
    for (let i = 0; i + 1 < edge.outof.length; i++) reach.get(edge.outof[i]).leaves.add(edge.outof[i + 1]);
    if (edge.bypass) continue;
    const local = reach.get(edge.host);
    add(local.next, edge.a, edge.b);
    add(local.before, edge.b, edge.a);
  }
  return reach;
}

/** A lane is a height at which a branch runs; a branch keeps its lane and holds it until it is joined. */
function assignLanes(children, byId, { next, before, leaves }, ranks) {
  const lanes = [];
  const free = (lane, from, to) => (lanes[lane] ?? []).every(([a, b]) => to < a || from > b);
  for (const child of children) {
    const readers = [...(next.get(child.id) ?? [])].map((id) => byId.get(id)?.rank ?? child.rank + 1);
    const last = readers.length ? Math.min(...readers) - 1 : leaves.has(child.id) ? ranks - 1 : child.rank;
    child.end = Math.max(child.rank, last);
    const wanted = [...(before.get(child.id) ?? [])].map((id) => byId.get(id)?.lane ?? 0).sort((a, b) => a - b);
    let lane = wanted.find((candidate) => free(candidate, child.rank, child.end));
    for (let i = 0; lane === undefined; i++) if (free(i, child.rank, child.end)) lane = i;
    (lanes[lane] ??= []).push([child.rank, child.end]);
    child.lane = lane;
  }
}

/** Stack the lanes of every stretch of ranks where several run, centred on the axis; elsewhere stay on it. */
function stackLanes(children, columns) {
  const active = columns.map((_, rank) => new Set(children.filter((c) => c.rank <= rank && rank <= c.end).map((c) => c.lane)));
  for (let start = 0; start < columns.length; start++) {
    if (active[start].size < 2) continue;
    let end = start;
    while (end + 1 < columns.length && active[end + 1].size > 1) end++;
    const part = children.filter((child) => child.rank >= start && child.rank <= end);
    const lanes = [...new Set(part.map((child) => child.lane))].sort((a, b) => a - b);
    let at = 0;
    const axis = new Map();
    for (const lane of lanes) {
      const members = part.filter((child) => child.lane === lane);
      const up = Math.max(...members.map((child) => child.size.up));
      const down = Math.max(...members.map((child) => child.size.down));
      axis.set(lane, at + up);
      at += up + down + LANE_GAP;
    }
    const shift = (at - LANE_GAP) / 2;
    for (const child of part) child.y = axis.get(child.lane) - shift;
    start = end;
  }
}

/**
 * The rails of all bypasses: one for each source and host, from the source to its farthest target. Rails that
 * overlap lie on different levels, short ones lowest.
 */
function railLevels(view) {
  const rails = new Map();
  const at = (id) => view.items.get(id).first;
  for (const edge of view.edges) {
    if (!edge.bypass) continue;
    const host = railHost(edge, view);
    if (!host) continue;
    const key = `${edge.from}@${host}`;
    const rail = rails.get(key) ?? { key, host, from: edge.from, edges: [], start: at(edge.from), end: 0, level: 0 };
    rail.edges.push(edge);
    rail.end = Math.max(rail.end, at(edge.to));
    rails.set(key, rail);
  }
  const hosts = new Map();
  for (const rail of [...rails.values()].sort((a, b) => a.end - a.start - (b.end - b.start) || a.start - b.start)) {
    const others = hosts.get(rail.host) ?? [];
    const taken = new Set(others.filter((o) => o.start < rail.end && rail.start < o.end).map((o) => o.level));
    while (taken.has(rail.level) && rail.level < RAIL.levels - 1) rail.level++;
    hosts.set(rail.host, [...others, rail]);
  }
  for (const all of hosts.values()) {
    const levels = Math.max(...all.map((rail) => rail.level)) + 1;
    for (const rail of all) Object.assign(rail, { levels, step: Math.min(RAIL.step, RAIL.room / levels) });
  }
  return rails;
}

/** The frame in whose headroom a bypass runs; null if it jumps over nothing. */
function railHost(edge, view) {
  const a = rankOf(edge.a, view);
  const b = rankOf(edge.b, view);
  const leavesLate = edge.outof.slice(0, -1).every((id, i) => rankOf(edge.outof[i + 1], view) === lastRank(id, view));
  if (b - a > 1 || !leavesLate) return edge.host;
  for (let i = 0; i + 1 < edge.within.length; i++) if (rankOf(edge.within[i + 1], view) > 0) return edge.within[i];
  return edge.within.length === 1 ? edge.host : null;
}

function lastRank(frameId, view) {
  return Math.max(...view.frames.get(frameId).children.map((child) => rankOf(child, view)));
}

/** Just above everything between the rail's ends, inside its host. */
function railHeight(rail, view, boxes, frames, measured) {
  const from = boxes.get(rail.from);
  const ends = rail.edges.map((edge) => boxes.get(edge.to));
  const right = Math.max(...ends.map((box) => box.left));
  const host = frames.get(rail.host);
  let top = Math.min(host.axis, ...ends.map((box) => box.top));
  for (const child of measured.get(rail.host).children) {
    const x = host.x + child.x;
    if (x + child.size.w > from.right && x < right) top = Math.min(top, host.axis + child.y - child.size.up);
  }
  return top - RAIL.first - rail.level * rail.step;
}

/** "64×56×56" */
export function shapeText(node) {
  return node.shape.slice(1).join("×") || "1";
}
