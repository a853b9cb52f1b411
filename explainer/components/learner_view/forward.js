// The network's forward pass in the browser: surfaces follow the history without asking the server.
// tests/e2e/test_learner_view.py compares it with PyTorch.

/** @typedef {{weights: Float32Array, biases: Float32Array, inputs: number, units: number}} Layer */

/** @type {Record<string, (value: number) => number>} */
const ACTIVATIONS = {
  tanh: Math.tanh,
  relu: (value) => (value > 0 ? value : 0),
  sigmoid: (value) => 1 / (1 + Math.exp(-value)),
  leaky: (value) => (value > 0 ? value : 0.01 * value),
  linear: (value) => value,
};

/**
 * The layers in one row of parameters: for each layer its weights, row by row, then its biases.
 * @param {number[]} sizes units of all layers, the input first
 * @param {Float32Array} row
 * @returns {Layer[]}
 */
export function unpack(sizes, row) {
  let at = 0;
  const take = (count) => row.subarray(at, (at += count));
  return sizes.slice(1).map((units, i) => {
    const inputs = sizes[i];
    return { weights: take(inputs * units), biases: take(units), inputs, units };
  });
}

/** How many parameters layers of these sizes have. @param {number[]} sizes */
export function parameters(sizes) {
  return sizes.slice(1).reduce((sum, units, i) => sum + units * (sizes[i] + 1), 0);
}

/**
 * What every unit answers to a list of points; the last layer gives logits.
 * @param {Layer[]} layers
 * @param {string} activation
 * @param {Float32Array[]} inputs one array for each input, all of the same length
 * @returns {Float32Array[][]} by layer and unit
 */
export function respond(layers, activation, inputs) {
  const act = ACTIVATIONS[activation];
  let before = inputs;
  return layers.map(({ weights, biases, units }, number) => {
    const last = number === layers.length - 1;
    const found = [];
    for (let unit = 0; unit < units; unit++) {
      const sums = new Float32Array(inputs[0].length).fill(biases[unit]);
      before.forEach((values, input) => {
        const weight = weights[unit * before.length + input];
        for (let i = 0; i < sums.length; i++) sums[i] += weight * values[i];
      });
      if (!last) for (let i = 0; i < sums.length; i++) sums[i] = act(sums[i]);
      found.push(sums);
    }
    before = found;
    return found;
  });
}

/** The middles of the cells of a square grid over the plane, from the upper left. */
export function grid(side, reach) {
  const xs = new Float32Array(side * side);
  const ys = new Float32Array(side * side);
  for (let i = 0; i < xs.length; i++) {
    xs[i] = (((i % side) + 0.5) / side - 0.5) * 2 * reach;
    ys[i] = (0.5 - (Math.floor(i / side) + 0.5) / side) * 2 * reach;
  }
  return [xs, ys];
}

/** @param {number} logit */
export function probability(logit) {
  return 1 / (1 + Math.exp(-logit));
}

/**
 * Where a surface is zero: pieces of line through a grid of values, in cells from the upper left corner.
 * @param {Float32Array} values
 * @param {number} side
 * @returns {[number, number, number, number][]}
 */
export function boundary(values, side) {
  const found = [];
  const at = (x, y) => values[y * side + x];
  const cut = (a, b) => a / (a - b);
  for (let y = 0; y + 1 < side; y++) {
    for (let x = 0; x + 1 < side; x++) {
      const [a, b, c, d] = [at(x, y), at(x + 1, y), at(x + 1, y + 1), at(x, y + 1)];
      const cuts = [];
      if (a > 0 !== b > 0) cuts.push([x + cut(a, b), y]);
      if (b > 0 !== c > 0) cuts.push([x + 1, y + cut(b, c)]);
      if (d > 0 !== c > 0) cuts.push([x + cut(d, c), y + 1]);
      if (a > 0 !== d > 0) cuts.push([x, y + cut(a, d)]);
      for (let i = 0; i + 1 < cuts.length; i += 2) {
        found.push([cuts[i][0] + 0.5, cuts[i][1] + 0.5, cuts[i + 1][0] + 0.5, cuts[i + 1][1] + 0.5]);
      }
    }
  }
  return found;
}
