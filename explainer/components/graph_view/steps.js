// What happens one after the other: every operation forwards, then every edge backwards.

/** @typedef {{kind: "forward", node: number}|{kind: "seed", node: number}|{kind: "backward", edge: number}|{kind: "given"}} Step */

/**
 * @param {import("../shared/graph.js").Node[]} nodes
 * @param {{source: number, target: number}[]} edges in the order of the backward pass
 * @returns {Step[]} from nothing computed to all
 */
export function stepsOf(nodes, edges) {
  /** @type {Step[]} */
  const found = [{ kind: "given" }];
  nodes.forEach(({ operation }, node) => {
    if (operation !== "variable" && operation !== "constant") found.push({ kind: "forward", node });
  });
  found.push({ kind: "seed", node: nodes.length - 1 });
  edges.forEach((_, edge) => found.push({ kind: "backward", edge }));
  return found;
}

/**
 * What is known after a step.
 * @param {Step[]} steps
 * @param {number} at
 * @param {import("../shared/graph.js").Node[]} nodes
 * @param {{source: number, target: number, gradient: number}[]} edges
 */
export function knownAt(steps, at, nodes, edges) {
  const done = steps.slice(0, at + 1);
  const seeded = done.some((step) => step.kind === "seed");
  const computed = nodes.map((node, i) => node.operation === "variable" || node.operation === "constant" || done.some((step) => step.kind === "forward" && step.node === i));
  const flown = edges.map((_, i) => done.some((step) => step.kind === "backward" && step.edge === i));
  // A gradient grows while its edges arrive one by one.
  const sums = nodes.map((_, i) => (seeded && i === nodes.length - 1 ? 1 : 0));
  const arrived = nodes.map((_, i) => seeded && i === nodes.length - 1);
  edges.forEach(({ source, gradient }, i) => {
    if (!flown[i]) return;
    sums[source] += gradient;
    arrived[source] = true;
  });
  return { computed, flown, sums, arrived };
}
