/**
 * Folding: which part of the module tree is shown as columns, which as one slab.
 *
 * The tree is the network's own module tree. A module that runs a single operation is that operation, a module
 * that only wraps another one is that other one. Everything here is pure: plain data in, plain data out.
 *
 * @typedef {{id:string, kind:"op"|"slab"|"input"|"output"|"plumbing", node:number, first:number, last:number,
 *   group:object|null, frame:string, label:string, rank:number, count:number, symbol:""|"+"|"×"}} Item
 * @typedef {{id:string, group:object, parent:string|null, label:string, children:string[], depth:number,
 *   rank:number}} Frame
 * @typedef {{from:string, to:string, kind:"main"|"skip"|"concat"|"gate", bypass:boolean, pairs:number[][],
 *   host:string, a:string, b:string, outof:string[], within:string[]}} Edge
 *   pairs: [source node, target node]; bypass: another, longer way exists; host: the innermost frame around both
 *   ends, a and b its children at the two ends, outof and within the ways from these down to the items
 */

const CONCAT = new Set(["cat", "concat", "concatenate", "stack", "hstack"]);
const PRODUCT = new Set(["mul", "multiply"]);
const SUM = new Set(["add", "sub"]);

/** The module tree with single-operation modules and mere wrappers taken out. */
export function foldTree(overview) {
  const { nodes, groups } = overview;
  const entries = new Map(groups.map((group) => [group.id, { group, children: [], ops: 0, parent: null }]));
  let root = null;
  for (const group of groups) {
    const entry = entries.get(group.id);
    entry.parent = group.parent == null ? null : entries.get(group.parent) ?? null;
    if (!entry.parent && (!root || group.last - group.first > root.group.last - root.group.first)) root = entry;
  }
  if (!root) {
    root = { group: { id: "root", parent: null, label: "", first: 0, last: nodes.length - 1 }, children: [] };
    entries.set("root", root);
  }
  const childGroups = new Map([...entries.keys()].map((id) => [id, []]));
  for (const entry of entries.values()) {
    if (entry !== root) childGroups.get((entry.parent ?? root).group.id).push(entry);
  }
  // Children in execution order: a child module where it starts, a lone operation where it runs.
  const fill = (entry) => {
    const subs = childGroups.get(entry.group.id).sort((a, b) => a.group.first - b.group.first);
    const children = [];
    let next = entry.group.first;
    const lone = (until) => {
      for (; next < until; next++) children.push({ node: next });
    };
    for (const sub of subs) {
      if (sub.group.last < sub.group.first || sub.group.first < next) continue;
      lone(sub.group.first);
      fill(sub);
      children.push(reduce(sub));
      next = sub.group.last + 1;
    }
    lone(entry.group.last + 1);
    entry.children = children;
    entry.ops = children.reduce((sum, child) => sum + opsOf(child, nodes), 0);
  };
  fill(root);
  const folds = new Map();
  const gather = (entry, parent) => {
    entry.parent = parent;
    folds.set(entry.group.id, entry);
    for (const child of entry.children) if (child.children) gather(child, entry);
  };
  gather(root, null);
  return { root, folds };
}

/** One operation inside: that operation. One module inside: that module under the outer, longer name. */
function reduce(entry) {
  if (entry.children.length !== 1) return entry;
  const [only] = entry.children;
  return only;
}

/**
 * A module's name inside a frame: the path from there. A bare number says little, so it gets the name before it
 * ("layer1.0") or, where that is long, what kind of module it is ("Fire 3").
 */
export function nameWithin(group, frameGroup) {
  const outer = frameGroup?.path ? `${frameGroup.path}.` : "";
  const path = group.path ?? "";
  if (!path) return group.label;
  const inner = outer && path.startsWith(outer) ? path.slice(outer.length) : path;
  const parts = path.split(".");
  const last = parts.at(-1);
  if (!/^\d+$/.test(inner)) return inner;
  const before = parts.at(-2) ?? "";
  if (before && before.length <= 6) return `${before}.${last}`;
  return group.type && group.type.length <= 8 ? `${group.type} ${last}` : `block ${last}`;
}

function opsOf(child, nodes) {
  if (child.children) return child.ops;
  return nodes[child.node].role === "plumbing" ? 0 : 1;
}

/**
 * What is unfolded when a network is first seen: what the overview says; else all of a small one, of a large one as
 * many whole levels as leave about `room` items, and any module that holds nearly everything (a mere container such
 * as "features").
 * @returns {Set<string>} ids of unfolded groups, the root always among them
 */
export function defaultUnfolded(overview, { columns = 24, room = 16 } = {}) {
  if (overview.unfolded) return new Set(overview.unfolded);
  const { root, folds } = foldTree(overview);
  const unfolded = new Set([root.group.id]);
  if (root.ops <= columns) return new Set(folds.keys());
  let level = root.children.filter((child) => child.children);
  let visible = root.children.length;
  while (level.length) {
    const dominant = level.find((child) => child.ops > 0.6 * root.ops && child.children.length <= 48);
    const whole = visible + level.reduce((sum, child) => sum + child.children.length - 1, 0);
    const opened = whole <= room ? level : dominant ? [dominant] : [];
    if (!opened.length) break;
    for (const child of opened) {
      unfolded.add(child.group.id);
      visible += child.children.length - 1;
    }
    level = opened.flatMap((child) => child.children.filter((inner) => inner.children));
  }
  return unfolded;
}

/** The groups around a node, innermost first, as far as they can be unfolded. */
export function enclosing(overview, node) {
  const { folds } = foldTree(overview);
  return [...folds.values()]
    .filter(({ group }) => group.first <= node && node <= group.last)
    .sort((a, b) => a.group.last - a.group.first - (b.group.last - b.group.first))
    .map(({ group }) => group.id);
}

/**
 * The visible items, the frames of unfolded modules around them, and the edges between items.
 * @param {object} overview
 * @param {Set<string>} unfolded
 */
export function foldView(overview, unfolded, folded = foldTree(overview)) {
  const { nodes } = overview;
  const items = new Map();
  const frames = new Map();
  const itemOf = new Array(nodes.length);
  const place = (child, frame) => {
    if (child.children && unfolded.has(child.group.id)) return open(child, frame);
    const item = child.children ? slab(child, nodes) : single(child.node, overview);
    item.frame = frame;
    if (item.group) item.label = nameWithin(item.group, frames.get(frame).group);
    items.set(item.id, item);
    for (let i = item.first; i <= item.last; i++) itemOf[i] = item;
    return item.id;
  };
  const open = (entry, parent) => {
    const id = `f:${entry.group.id}`;
    const depth = parent == null ? 0 : frames.get(parent).depth + 1;
    const label = parent == null ? "" : nameWithin(entry.group, frames.get(parent).group);
    const frame = { id, group: entry.group, parent, label, children: [], depth, rank: 0 };
    frames.set(id, frame);
    frame.children = entry.children.map((child) => place(child, id));
    return id;
  };
  const root = open(folded.root, null);
  const edges = project(overview, items, itemOf);
  rankAll(items, frames, edges);
  const concats = new Set(edges.filter((edge) => edge.kind === "concat").map((edge) => edge.to));
  const kinds = (item) => (item.first === item.last ? nodes[item.node].kind : "");
  return { root, items, frames, edges, concats, kinds, itemOf: itemOf.map((item) => item.id) };
}

function slab(entry, nodes) {
  const { group } = entry;
  const node = group.output ?? group.last;
  return {
    id: `s:${group.id}`, kind: "slab", node, first: group.first, last: group.last, group,
    frame: "", label: group.label, rank: 0, count: entry.ops, symbol: "", layout: nodes[node].layout,
  };
}

function single(index, overview) {
  const node = overview.nodes[index];
  let kind = node.role === "plumbing" ? "plumbing" : "op";
  if (node.role === "input" || index === 0) kind = "input";
  if (index === overview.answer) kind = "output"; // the class bars
  const two = new Set(node.inputs).size > 1;
  const symbol = two && SUM.has(node.kind) ? "+" : two && PRODUCT.has(node.kind) ? "×" : "";
  return {
    id: kind === "output" ? "answer" : `n:${index}`, kind, node: index, first: index, last: index, group: null,
    frame: "", label: node.label, rank: 0, count: 1, symbol, layout: node.layout,
  };
}

/** Edges between items: each pair once, and what each of them means. */
function project(overview, items, itemOf) {
  const { nodes } = overview;
  const found = new Map();
  for (const node of nodes) {
    const to = itemOf[node.index];
    if (!to) continue;
    for (const source of node.inputs) {
      const from = itemOf[source];
      if (!from || from === to) continue;
      const key = `${from.id}>${to.id}`;
      const edge = found.get(key);
      if (edge) edge.pairs.push([source, node.index]);
      else found.set(key, { from: from.id, to: to.id, kind: "main", bypass: false, pairs: [[source, node.index]] });
    }
  }
  const edges = [...found.values()];
  markBypasses(items, edges);
  for (const edge of edges) {
    const target = items.get(edge.to);
    const [source, node] = edge.pairs[0];
    const single = target.first === target.last;
    if (single && target.symbol === "×" && isGate(nodes[source], nodes[node])) edge.kind = "gate";
    else if (single && CONCAT.has(nodes[node].kind)) edge.kind = "concat";
    else if (edge.bypass) edge.kind = "skip";
  }
  return edges;
}

/** A gate scales whole channels: one number for each of them, against a map. */
function isGate(source, target) {
  return source.layout === "map" && source.height * source.width === 1 && target.height * target.width > 1;
}

/** An edge is a bypass when its target can also be reached from its source through other items. */
function markBypasses(items, edges) {
  const order = [...items.values()].sort((a, b) => a.first - b.first);
  const at = new Map(order.map((item, i) => [item.id, i]));
  const into = order.map(() => []);
  for (const edge of edges) into[at.get(edge.to)].push(edge);
  const words = (order.length + 31) >> 5;
  const before = order.map(() => new Uint32Array(words)); // everything upstream of an item
  order.forEach((item, i) => {
    for (const edge of into[i]) {
      const j = at.get(edge.from);
      for (let w = 0; w < words; w++) before[i][w] |= before[j][w];
      before[i][j >> 5] |= 1 << (j & 31);
    }
    for (const edge of into[i]) {
      const j = at.get(edge.from);
      edge.bypass = into[i].some((other) => other !== edge && (before[at.get(other.from)][j >> 5] >>> (j & 31)) & 1);
    }
  });
}

/** Longest-path ranks inside every frame, and for each edge the frame in which it runs. */
function rankAll(items, frames, edges) {
  const parent = (id) => items.get(id)?.frame ?? frames.get(id)?.parent ?? null;
  const chain = (id) => {
    const path = [id];
    for (let up = parent(id); up != null; up = parent(up)) path.push(up);
    return path;
  };
  const chains = new Map([...items.keys()].map((id) => [id, chain(id)]));
  const links = new Map([...frames.keys()].map((id) => [id, new Map()]));
  for (const edge of edges) {
    const a = chains.get(edge.from);
    const b = chains.get(edge.to);
    let i = a.length - 1;
    let j = b.length - 1;
    while (i > 0 && j > 0 && a[i - 1] === b[j - 1]) i--, j--;
    edge.host = a[i];
    edge.a = a[i - 1];
    edge.b = b[j - 1];
    edge.within = b.slice(0, j).reverse(); // the target's side, from the host's child down to the item
    edge.outof = a.slice(0, i).reverse();
    const local = links.get(edge.host);
    if (!local.has(edge.b)) local.set(edge.b, new Set());
    local.get(edge.b).add(edge.a);
  }
  for (const frame of frames.values()) {
    const local = links.get(frame.id);
    const rank = new Map();
    frame.links = local;
    for (const child of frame.children) {
      const sources = [...(local.get(child) ?? [])].filter((id) => rank.has(id));
      rank.set(child, sources.length ? Math.max(...sources.map((id) => rank.get(id))) + 1 : 0);
    }
    // An operation that only reads a parameter or a constant stands just before its reader.
    for (const [child, value] of rank) (items.get(child) ?? frames.get(child)).rank = value;
  }
}
