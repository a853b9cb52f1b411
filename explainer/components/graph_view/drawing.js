// The graph as SVG: boxes with formula, value and gradient; edges as wide as what flows back over them.

import { brief } from "../shared/numbers.js";
import { svg } from "../shared/svg.js";
import { expression, pieces } from "./rules.js";

const HEIGHT = 54;
const LEAST = 108;
/** Room from which on boxes need not be narrow. */
const NARROW = 480;
const GAP = { along: 38, across: 20 };
const WIDEST = 7;
const DIGITS = 4;

/**
 * Sizes of a drawing.
 * @typedef {{width: number, height: number, box: number, flat: boolean, at: (point: number[]) => [number, number]}} Frame
 */

/**
 * @param {any} layout places by node, routes, layers and rows
 * @param {number} room the width there is
 * @param {string[]} titles what is written into the boxes
 * @returns {Frame}
 */
export function frameOf(layout, room, titles) {
  const longest = Math.max(...titles.map((title) => title.replace(/\^\{|\}/g, "").length));
  const box = Math.max(room < NARROW ? 86 : LEAST, Math.min(200, 24 + 7.4 * longest));
  const flat = layout.layers * (box + 14) <= room || room > 640;
  const along = flat ? box + GAP.along : HEIGHT + 34;
  const across = flat ? HEIGHT + GAP.across : box + 12;
  const [layers, rows] = [(layout.layers - 1) * along, layout.rows * across];
  const [width, height] = flat ? [layers + box + 8, rows + HEIGHT + 12] : [rows + box + 8, layers + HEIGHT + 12];
  const at = ([layer, row]) => /** @type {[number, number]} */ (flat ? [4 + box / 2 + layer * along, 6 + HEIGHT / 2 + row * across] : [4 + box / 2 + row * across, 6 + HEIGHT / 2 + layer * along]);
  return { width, height, box, flat, at };
}

/** What a node's box is headed with. @param {any[]} nodes @param {number} index */
export function titleOf(nodes, index) {
  const { operation, inputs, name } = nodes[index];
  if (operation === "variable") return name;
  return `${name} = ${expression(operation, inputs.map((i) => nameOf(nodes, i)))}`;
}

/** A name, or a constant's number. @param {any[]} nodes @param {number} index */
export function nameOf(nodes, index) {
  const { operation, name, value } = nodes[index];
  return operation === "constant" ? String(Number(value.toPrecision(6))).replace("-", "−") : name;
}

/** Formula pieces as tspans, what is raised above the line. @param {string} formula */
export function spans(formula) {
  let lifted = 0;
  return pieces(formula).map(({ text, raised }) => {
    const dy = raised ? -4 - lifted : -lifted;
    lifted = raised ? -4 : 0;
    return svg("tspan", { dy, ...(raised ? { "font-size": "75%" } : {}) }, text);
  });
}

/**
 * @param {any} shown {nodes, layout, frame, values, edges, known, current, focus, output, label}
 * @returns {SVGElement}
 */
export function drawGraph(shown) {
  const { nodes, layout, frame, edges } = shown;
  const peak = Math.max(...edges.map((edge) => Math.abs(edge.gradient)).filter(Number.isFinite), 1e-12);
  const root = svg("svg", { viewBox: `0 0 ${frame.width} ${frame.height}`, width: frame.width, height: frame.height, role: "group", "aria-label": shown.label });
  const lines = svg("g");
  const notes = svg("g");
  const uses = nodes.map((_, i) => edges.filter((edge) => edge.source === i).length);
  edges.forEach((edge, i) => {
    const route = layout.routes.find((one) => one.target === edge.target && one.slot === edge.slot);
    const { path, middle } = curve(route.points.map(frame.at), frame, twin(edge, edges));
    lines.append(edgeLine(edge, i, path, peak, shown));
    const lit = shown.current?.edge === i || shown.focus === edge.source || shown.focus === edge.target;
    if (shown.known.flown[i] && (lit || uses[edge.source] > 1)) notes.append(edgeNote(edge, middle, lit));
  });
  root.append(lines);
  nodes.forEach((_, i) => layout.places[i] && root.append(nodeBox(i, shown)));
  root.append(notes);
  return root;
}

/** How far an edge steps aside where another one joins the same two nodes. */
function twin(edge, edges) {
  const same = edges.filter((one) => one.source === edge.source && one.target === edge.target);
  return same.length > 1 ? 18 * (edge.slot - 0.5) : 0;
}

function edgeLine(edge, index, path, peak, { known, current, focus }) {
  const flown = known.flown[index];
  const active = current?.edge === index || (current?.kind === "forward" && current.node === edge.target);
  const tone = !flown ? "" : edge.gradient === 0 ? "gv-zero" : edge.gradient > 0 ? "gv-up" : "gv-down";
  const share = Math.sqrt(Math.min(1, Math.abs(edge.gradient) / peak));
  const wide = flown ? (edge.gradient === 0 ? 1.5 : 1.5 + (WIDEST - 1.5) * share) : 1.5;
  const beside = focus !== null && focus !== edge.source && focus !== edge.target;
  const classes = ["gv-edge", tone, active ? "gv-active" : "", beside ? "gv-beside" : ""];
  return svg("path", { d: path, class: classes.filter(Boolean).join(" "), "stroke-width": wide.toFixed(2) });
}

function edgeNote(edge, [x, y], lit) {
  const text = brief(edge.gradient, 3);
  const tone = edge.gradient === 0 ? "gv-zero" : edge.gradient > 0 ? "gv-up" : "gv-down";
  return svg("text", { x, y: y + 4, class: `gv-note ${tone}${lit ? " gv-lit" : ""}`, "text-anchor": "middle" }, text);
}

function nodeBox(index, shown) {
  const { nodes, layout, frame, values, known, current, focus, output } = shown;
  const [x, y] = frame.at(layout.places[index]);
  const variable = nodes[index].operation === "variable";
  const title = titleOf(nodes, index);
  const now = current?.node === index || (current?.edge !== undefined && shown.edges[current.edge].source === index);
  const classes = ["gv-node", variable ? "gv-variable" : "", now ? "gv-now" : "", focus === index ? "gv-focus" : ""];
  const gradient = known.sums[index];
  const group = svg("g", {
    class: classes.filter(Boolean).join(" "),
    transform: `translate(${x - frame.box / 2} ${y - HEIGHT / 2})`,
    role: "button",
    tabindex: shown.tab === index ? 0 : -1,
    "data-node": index,
    "aria-label": shown.describe(index),
  });
  const half = frame.box / 2;
  group.append(svg("rect", { width: frame.box, height: HEIGHT, rx: variable ? 14 : 8, class: "gv-box" }));
  const head = svg("text", { x: half, y: 20, class: "gv-title", "text-anchor": "middle" });
  head.append(...spans(title));
  const value = known.computed[index] ? brief(values[index], DIGITS) : "";
  const tone = !known.arrived[index] || gradient === 0 ? "gv-zero" : gradient > 0 ? "gv-up" : "gv-down";
  group.append(
    head,
    svg("path", { d: `M${half} 30V${HEIGHT - 6}`, class: "gv-divide" }),
    svg("text", { x: half / 2 + 2, y: 44, class: "gv-value", "text-anchor": "middle" }, value),
    svg("text", { x: 1.5 * half - 2, y: 44, class: `gv-gradient ${tone}`, "text-anchor": "middle" }, known.arrived[index] ? brief(gradient, DIGITS) : ""),
  );
  if (index === output) group.classList.add("gv-output");
  return group;
}

/** A line that leaves and arrives along the layers, led past what stands between. */
function curve(points, { box, flat }, aside) {
  const ahead = flat ? [box / 2, 0] : [0, HEIGHT / 2];
  const shift = flat ? [0, aside] : [aside, 0];
  const all = points.map(([x, y], i) => (i === 0 ? [x + ahead[0], y + ahead[1]] : i === points.length - 1 ? [x - ahead[0], y - ahead[1]] : [x, y]));
  let path = `M${all[0]}`;
  for (let i = 1; i < all.length; i++) {
    const [[x0, y0], [x1, y1]] = [all[i - 1], all[i]];
    const [rx, ry] = flat ? [(x1 - x0) / 2, 0] : [0, (y1 - y0) / 2];
    path += `C${x0 + rx + shift[0]} ${y0 + ry + shift[1]} ${x1 - rx + shift[0]} ${y1 - ry + shift[1]} ${x1} ${y1}`;
  }
  const at = Math.floor((all.length - 1) / 2);
  const [[x0, y0], [x1, y1]] = [all[at], all[at + 1]];
  return { path, middle: [(x0 + x1) / 2 + 0.75 * shift[0], (y0 + y1) / 2 + 0.75 * shift[1]] };
}
