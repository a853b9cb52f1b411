// Computational graphs in the browser: values forwards, gradients backwards, while a finger moves a slider.
// The same operations as explainer/playground/expressions.py; a test compares them with PyTorch.

/**
 * @typedef {object} Node
 * @property {string} operation "variable", "constant", or a key of OPERATIONS
 * @property {number[]} inputs indices of nodes before it
 * @property {string} name empty for constants
 * @property {number} value of a constant
 */

const power = (/** @type {number} */ a, /** @type {number} */ b) => (a === 1 || b === 0 ? 1 : Math.pow(a, b));

function sigmoid(/** @type {number} */ a) {
  if (a >= 0) return 1 / (1 + Math.exp(-a));
  const small = Math.exp(a);
  return small / (1 + small);
}

/** Value of the inputs, and derivatives by each input; `out` is the value.
 * @type {Record<string, {value: (...inputs: number[]) => number, partials: (a: number, b: number, out: number) => number[]}>} */
export const OPERATIONS = {
  add: { value: (a, b) => a + b, partials: () => [1, 1] },
  subtract: { value: (a, b) => a - b, partials: () => [1, -1] },
  multiply: { value: (a, b) => a * b, partials: (a, b) => [b, a] },
  divide: { value: (a, b) => a / b, partials: (a, b) => [1 / b, -a / (b * b)] },
  power: {
    value: power,
    partials: (a, b, out) => [b === 0 ? 0 : b * power(a, b - 1), a === 0 && b >= 0 ? 0 : out * Math.log(a)],
  },
  negate: { value: (a) => -a, partials: () => [-1] },
  sin: { value: Math.sin, partials: (a) => [Math.cos(a)] },
  cos: { value: Math.cos, partials: (a) => [-Math.sin(a)] },
  exp: { value: Math.exp, partials: (a, b, out) => [out] },
  log: { value: Math.log, partials: (a) => [1 / a] },
  sqrt: { value: Math.sqrt, partials: (a, b, out) => [1 / (2 * out)] },
  abs: { value: Math.abs, partials: (a) => [Math.sign(a)] },
  relu: { value: (a) => (Number.isNaN(a) ? a : Math.max(0, a)), partials: (a) => [a > 0 ? 1 : 0] },
  sigmoid: { value: sigmoid, partials: (a, b, out) => [out * (1 - out)] },
  tanh: { value: Math.tanh, partials: (a, b, out) => [1 - out * out] },
};

/**
 * The value of every node.
 * @param {Node[]} nodes
 * @param {Record<string, number>} given values of the variables
 * @param {Float64Array} [values] where to write them
 */
export function forward(nodes, given, values = new Float64Array(nodes.length)) {
  for (let i = 0; i < nodes.length; i++) {
    const { operation, inputs, name, value } = nodes[i];
    if (operation === "variable") values[i] = given[name];
    else if (operation === "constant") values[i] = value;
    else values[i] = OPERATIONS[operation].value(values[inputs[0]], values[inputs[1]]);
  }
  return values;
}

/**
 * What flows back over every edge, in the order of the backward pass, and what arrives at every node.
 * @param {Node[]} nodes
 * @param {Float64Array} values
 */
export function backward(nodes, values) {
  const gradients = new Float64Array(nodes.length);
  gradients[nodes.length - 1] = 1;
  const edges = [];
  for (let target = nodes.length - 1; target >= 0; target--) {
    const { operation, inputs } = nodes[target];
    if (operation === "variable" || operation === "constant") continue;
    const partials = OPERATIONS[operation].partials(values[inputs[0]], values[inputs[1]], values[target]);
    inputs.forEach((source, slot) => {
      if (nodes[source].operation === "constant") return;
      const gradient = gradients[target] * partials[slot];
      gradients[source] += gradient;
      edges.push({ source, target, slot, local: partials[slot], gradient });
    });
  }
  return { gradients, edges };
}
