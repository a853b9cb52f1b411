// What is read off a network: the quantities of the table and of the plot, how they are written and ordered.

import { three } from "../shared/blocks.js";

/**
 * A network as the server sends it.
 * @typedef {object} Network
 * @property {string} key
 * @property {string} title
 * @property {number} year
 * @property {number} parameters
 * @property {number} multiplyAdds
 * @property {number} activations
 * @property {number} depth
 * @property {{name: string, top1: number, top5: number}[]} weights the oldest first; none of our own network
 * @property {import("../shared/blocks.js").Block[]} blocks
 */

export const DEFAULTS = Object.freeze({
  x: "multiplyAdds",
  y: "top1",
  area: "parameters",
  recipe: "first",
  sort: "year",
  down: false,
  open: "",
});

export const AXES = ["parameters", "multiplyAdds", "activations", "time"];
export const COLUMNS = ["title", "year", "depth", "parameters", "multiplyAdds", "activations", "top1", "top5", "time"];
/**
 * How the board is shown according to the address; what it cannot mean is as at first.
 * @param {(name: string) => string} read gives a query parameter, empty where there is none
 * @param {{key: string}[]} networks
 */
export function understood(read, networks) {
  const allowed = {
    x: AXES,
    y: ["top1", "top5"],
    area: AXES,
    recipe: ["first", "newest"],
    sort: COLUMNS,
    open: networks.map((network) => network.key),
  };
  const found = { ...DEFAULTS, down: read("down") === "1" };
  for (const [name, values] of Object.entries(allowed)) if (values.includes(read(name))) found[name] = read(name);
  return found;
}

/** What one first wants to see the largest of. */
const DESCENDING = new Set(["depth", "parameters", "multiplyAdds", "activations", "top1", "top5", "time"]);

/**
 * A quantity of a network, or null where there is none: not measured, not published.
 * @param {any} network
 * @param {string} name
 * @param {{timings: Record<string, number[]>, recipe: string}} context
 * @returns {number|string|null}
 */
export function valueOf(network, name, { timings, recipe }) {
  if (name === "time") return timings[network.key]?.[1] ?? null;
  if (name === "top1" || name === "top5") return chosen(network, recipe)?.[name] ?? null;
  return network[name];
}

/** The weights that stand for a network. @param {Network} network @param {string} recipe */
export function chosen(network, recipe) {
  return (recipe === "newest" ? network.weights.at(-1) : network.weights[0]) ?? null;
}

/** @param {string} name @param {number|string|null} value */
export function written(name, value) {
  if (value === null) return "–";
  if (name === "top1" || name === "top5") return `${Number(value).toFixed(1)} %`;
  if (name === "time") return milliseconds(Number(value));
  return name === "year" || name === "depth" || name === "title" ? String(value) : three(Number(value));
}

/** @param {number} seconds */
export function milliseconds(seconds) {
  const value = 1000 * seconds;
  return `${value.toFixed(value < 9.95 ? 2 : value < 99.5 ? 1 : 0)} ms`;
}

/** How a column is ordered when one turns to it. @param {string} name */
export function beginsDown(name) {
  return DESCENDING.has(name);
}

/**
 * Networks in the order of a column; those without a value come last either way, equals stay by year.
 * @param {Network[]} networks
 * @param {string} name
 * @param {boolean} down
 * @param {any} context as for valueOf
 */
export function sorted(networks, name, down, context) {
  const value = new Map(networks.map((network) => [network, valueOf(network, name, context)]));
  return [...networks].sort((one, other) => {
    const [a, b] = [value.get(one), value.get(other)];
    if (a === null || b === null) return Number(a === null) - Number(b === null);
    const order = typeof a === "string" ? a.localeCompare(String(b)) : a - Number(b);
    return down ? -order : order;
  });
}

/**
 * The networks that no other beats: none is as cheap and better. The cheapest first.
 * @param {{x: number, y: number}[]} points
 */
export function pareto(points) {
  const front = [];
  for (const point of [...points].sort((a, b) => a.x - b.x || b.y - a.y)) {
    if (!front.length || point.y > front.at(-1).y) front.push(point);
  }
  return front;
}
