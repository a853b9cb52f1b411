// The activation functions and their derivatives as formulas, with a letter or with a number for x.

import { call, exp, frac, group, id, num, op, row, sup } from "./math.js";

const sigma = (...parts) => call("σ", ...parts);
const soft = (x) => call("ln", num(1), op("+"), exp(x.plain));
/** Where a function has pieces: which of them x is in. */
const piece = (x, high, low) => (x > 0 ? high : low);

/**
 * By key: (x as it is written, x, value, settings) to [value, derivative], both without "f(x) =".
 * Where the pieces differ the one that x is in is written.
 */
export const ACTIVATIONS = {
  step: (_, x) => [num(piece(x, 1, 0)), num(0)],
  sigmoid: (x) => [
    frac(num(1), row(num(1), op("+"), exp(x.minus))),
    row(sigma(x.plain), group(num(1), op("−"), sigma(x.plain))),
  ],
  tanh: (x) => [
    frac(row(exp(x.plain), op("−"), exp(x.minus)), row(exp(x.plain), op("+"), exp(x.minus))),
    row(num(1), op("−"), sup(id("tanh"), num(2)), group(x.plain)),
  ],
  relu: (x, at) => [call("max", num(0), op(","), x.plain), num(piece(at, 1, 0))],
  leaky: (x, at, { parameter: a }) => [
    at > 0 ? x.plain : row(num(a), op("·"), x.bracketed),
    num(piece(at, 1, a)),
  ],
  elu: (x, at, { parameter: a }) => [
    at > 0 ? x.plain : row(num(a), op("·"), group(exp(x.plain), op("−"), num(1))),
    at > 0 ? num(1) : row(num(a), op("·"), exp(x.plain)),
  ],
  silu: (x, _, { parameter: b }) => {
    const inner = b === 1 ? x.plain : row(num(b), op("·"), x.bracketed);
    const factor = b === 1 ? x.bracketed : group(inner);
    return [
      row(x.plain, op("·"), sigma(inner)),
      row(sigma(inner), op("+"), factor, op("·"), sigma(inner), group(num(1), op("−"), sigma(inner))),
    ];
  },
  gelu: (x) => [
    row(x.plain, op("·"), call("Φ", x.plain)),
    row(call("Φ", x.plain), op("+"), x.bracketed, op("·"), call("φ", x.plain)),
  ],
  mish: (x) => [
    row(x.plain, op("·"), call("tanh", soft(x))),
    row(
      call("tanh", soft(x)), op("+"), x.bracketed, op("·"), sigma(x.plain),
      group(num(1), op("−"), sup(id("tanh"), num(2)), group(soft(x))),
    ),
  ],
};
