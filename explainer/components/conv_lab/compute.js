// The arithmetic, so that a painted cell or a changed weight is answered at once; the server's numbers replace it.

import { cellOf, inputsOf } from "./geometry.js";

/** Index into the weights of what lies at (row, column) of the window: of a turned kernel the opposite one. */
export function weightIndex(layer, output, nth, row, column) {
  const { rows, columns, flip, channels, groups } = layer;
  const [h, w] = [rows.kernel, columns.kernel];
  const [r, c] = flip ? [h - 1 - row, w - 1 - column] : [row, column];
  return ((output * (channels / groups) + nth) * h + r) * w + c;
}

/** The number at a cell of the field, of one channel. */
export function fieldValue(layer, channel, row, column) {
  const y = layer.rows.source[row];
  const x = layer.columns.source[column];
  return y < 0 || x < 0 ? 0 : layer.input[(channel * layer.height + y) * layer.width + x];
}

/** The weight that lies at (row, column) of the window as it is seen: the taps of a transposed one run backwards. */
export function seenTap({ transposed, rows, columns }, row, column) {
  return transposed ? [rows.kernel - 1 - row, columns.kernel - 1 - column] : [row, column];
}

/**
 * What one input channel adds to one output: its window, the weights and their products, row by row as they are
 * seen on the field.
 * @returns {{values: Float64Array, weights: Float64Array, products: Float64Array, sum: number}}
 */
export function part(layer, output, nth, y, x) {
  const { rows, columns } = layer;
  const channel = inputsOf(layer, output)[nth];
  const count = rows.kernel * columns.kernel;
  const [values, weights, products] = [0, 0, 0].map(() => new Float64Array(count));
  let sum = 0;
  for (let r = 0, at = 0; r < rows.kernel; r++) {
    for (let c = 0; c < columns.kernel; c++, at++) {
      const [row, column] = seenTap(layer, r, c);
      values[at] = fieldValue(layer, channel, cellOf(rows, y, row), cellOf(columns, x, column));
      weights[at] = layer.weight[weightIndex(layer, output, nth, row, column)];
      products[at] = values[at] * weights[at];
      sum += products[at];
    }
  }
  return { values, weights, products, sum };
}

/**
 * The whole output, or one channel of it, before the ReLU.
 * @param {any} layer
 * @param {Float32Array} output written to
 * @param {number[]} [wanted] output channels
 */
export function convolve(layer, output, wanted = Array.from({ length: layer.outputs }, (_, o) => o)) {
  const { rows, columns, input, height, width, weight, bias } = layer;
  const reads = (axis) =>
    Array.from({ length: axis.out }, (_, p) =>
      Array.from({ length: axis.kernel }, (_, tap) => ({ tap, from: axis.source[cellOf(axis, p, tap)] })).filter(
        ({ from }) => from >= 0,
      ),
    );
  const [down, across] = [reads(rows), reads(columns)];
  const area = rows.kernel * columns.kernel;
  for (const o of wanted) {
    const read = inputsOf(layer, o);
    const lying = new Float64Array(read.length * area); // the filter as it lies over the input
    for (let at = 0; at < lying.length; at++) {
      const place = at % area;
      lying[at] = weight[weightIndex(layer, o, Math.floor(at / area), Math.floor(place / columns.kernel), place % columns.kernel)];
    }
    for (let y = 0; y < rows.out; y++) {
      for (let x = 0; x < columns.out; x++) {
        let sum = bias ? bias[o] : 0;
        for (let nth = 0; nth < read.length; nth++) {
          for (const { tap: r, from: i } of down[y]) {
            const line = (read[nth] * height + i) * width;
            const first = nth * area + r * columns.kernel;
            for (const { tap: c, from: j } of across[x]) sum += input[line + j] * lying[first + c];
          }
        }
        output[(o * rows.out + y) * columns.out + x] = sum;
      }
    }
  }
}
