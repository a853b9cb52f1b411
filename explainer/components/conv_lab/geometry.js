// Which weight lies over which number for which output: the two axes of a convolution, as the server sends them.

/**
 * One direction. The field is the input with its padding and, in a transposed convolution, the zeros in between.
 * @typedef {object} Axis
 * @property {number} low coordinate of the field's first cell; the input begins at 0
 * @property {Int32Array} source the input's index at each cell of the field, -1 for a zero that was put there
 * @property {Uint8Array} kind what each cell is: INPUT, ZERO, COPY or HOLE
 * @property {Uint8Array} read whether any window reads the cell
 * @property {number} step how far the window moves
 * @property {number} tapStep from one weight to the next
 * @property {number} offset coordinate under weight 0 at output 0
 * @property {number} out outputs
 * @property {number} kernel weights
 */

export const INPUT = 0;
export const ZERO = 1;
export const COPY = 2;
export const HOLE = 3;

/** The cell of the field under a weight. @param {Axis} axis */
export function cellOf(axis, output, tap) {
  return output * axis.step + tap * axis.tapStep + axis.offset - axis.low;
}

/** The first and the last cell of a window, holes included. @param {Axis} axis */
export function windowSpan(axis, output) {
  const [a, b] = [cellOf(axis, output, 0), cellOf(axis, output, axis.kernel - 1)];
  return a < b ? [a, b] : [b, a];
}

/** The outputs that a number of the input goes into, each with the weight it meets. @param {Axis} axis */
export function fed(axis, index) {
  const found = [];
  for (let output = 0; output < axis.out; output++) {
    for (let tap = 0; tap < axis.kernel; tap++) {
      if (axis.source[cellOf(axis, output, tap)] === index) found.push({ output, tap });
    }
  }
  return found;
}

/** The outputs whose window has a weight over a cell of the field. @param {Axis} axis */
export function covering(axis, cell) {
  const found = [];
  for (let output = 0; output < axis.out; output++) {
    for (let tap = 0; tap < axis.kernel; tap++) if (cellOf(axis, output, tap) === cell) found.push({ output, tap });
  }
  return found;
}

/** The cell of the field where a number of the input lies itself. @param {Axis} axis */
export function homeOf(axis, index) {
  for (let cell = 0; cell < axis.source.length; cell++) {
    if (axis.source[cell] === index && axis.kind[cell] === INPUT) return cell;
  }
  return -1;
}

/** The input channels that an output channel reads. @returns {number[]} */
export function inputsOf({ groups, channels, outputs }, output) {
  const each = channels / groups;
  const first = Math.floor(output / (outputs / groups)) * each;
  return Array.from({ length: each }, (_, i) => first + i);
}
