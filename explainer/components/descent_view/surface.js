// A loss over two parameters: its value and gradient anywhere, as explainer/playground/descent.py has them.

import { backward, forward } from "../shared/graph.js";

/**
 * @typedef {object} Surface
 * @property {(x: number, y: number) => number} value of the whole loss
 * @property {(x: number, y: number, batch?: ArrayLike<number>|null) => [number, number]} gradient
 */

/**
 * @param {{graph: import("../shared/graph.js").Node[]|null, data: {x: ArrayLike<number>, y: ArrayLike<number>}|null}} content
 * @returns {Surface}
 */
export function surfaceOf({ graph, data }) {
  return data ? ofLine(data) : ofGraph(graph ?? []);
}

/** @param {import("../shared/graph.js").Node[]} nodes */
function ofGraph(nodes) {
  const given = { x: 0, y: 0 };
  const values = new Float64Array(nodes.length);
  const places = ["x", "y"].map((name) => nodes.findIndex((node) => node.operation === "variable" && node.name === name));
  const at = (/** @type {number} */ x, /** @type {number} */ y) => {
    given.x = x;
    given.y = y;
    return forward(nodes, given, values);
  };
  return {
    value: (x, y) => at(x, y)[nodes.length - 1],
    gradient: (x, y) => {
      const { gradients } = backward(nodes, at(x, y));
      return /** @type {[number, number]} */ (places.map((place) => (place < 0 ? 0 : gradients[place])));
    },
  };
}

/** The mean squared error of the line y = w x + b. */
function ofLine(data) {
  const count = data.x.length;
  const mean = (term) => {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += term(data.x[i], data.y[i]);
    return sum / count;
  };
  // Of the means of products, the loss anywhere is a few multiplications: the picture needs it often.
  const [xx, x1, xy, y1, yy] = [mean((x) => x * x), mean((x) => x), mean((x, y) => x * y), mean((x, y) => y), mean((x, y) => y * y)];
  return {
    value: (w, b) => w * w * xx + 2 * w * b * x1 + b * b - 2 * (w * xy + b * y1) + yy,
    gradient: (w, b, batch = null) => {
      let [byW, byB] = [0, 0];
      const size = batch ? batch.length : count;
      for (let k = 0; k < size; k++) {
        const i = batch ? batch[k] : k;
        const error = w * data.x[i] + b - data.y[i];
        byW += (2 * error * data.x[i]) / size;
        byB += (2 * error) / size;
      }
      return [byW, byB];
    },
  };
}
