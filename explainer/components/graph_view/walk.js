// Walking along a graph with the arrow keys.

/**
 * The node an arrow key leads to: onwards to what is computed from this one, back to its first input, or beside it.
 * @param {import("../shared/graph.js").Node[]} nodes
 * @param {(number[]|null)[]} places layer and row
 * @param {number} from
 * @param {string} key of the keyboard
 * @param {boolean} flat whether layers run from left to right, else from top to bottom
 * @returns {number|null}
 */
export function neighbour(nodes, places, from, key, flat) {
  const ways = flat
    ? { ArrowRight: "on", ArrowLeft: "back", ArrowDown: "next", ArrowUp: "previous" }
    : { ArrowDown: "on", ArrowUp: "back", ArrowRight: "next", ArrowLeft: "previous" };
  const way = ways[key];
  const here = places[from];
  if (!way || !here) return null;
  const row = (/** @type {number} */ i) => /** @type {number[]} */ (places[i])[1];
  const near = (/** @type {number[]} */ found) => found.sort((a, b) => Math.abs(row(a) - here[1]) - Math.abs(row(b) - here[1]))[0] ?? null;
  const all = nodes.map((_, i) => i).filter((i) => places[i]);
  if (way === "on") return near(all.filter((i) => nodes[i].inputs.includes(from)));
  if (way === "back") return nodes[from].inputs.find((i) => places[i]) ?? null;
  const sign = way === "next" ? 1 : -1;
  return near(all.filter((i) => /** @type {number[]} */ (places[i])[0] === here[0] && sign * (row(i) - here[1]) > 0));
}
