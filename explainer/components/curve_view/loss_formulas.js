// Losses and their gradients as formulas, with a letter or with a number for the prediction.

import { call, frac, group, num, op, row, size, sup } from "./math.js";

const minus = (x, t) => row(x.plain, op("−"), num(t, true));
const sigma = (x) => call("σ", x.plain);
const signOf = (number) => (number > 0 ? 1 : number < 0 ? -1 : 0);
const slope = (x) => row(sigma(x), group(num(1), op("−"), sigma(x)));

/** By key: (prediction as it is written, prediction, settings) to [loss, derivative]. */
export const LOSSES = {
  squared: (x, _, { target: t }) => [sup(group(minus(x, t)), num(2)), row(num(2), group(minus(x, t)))],
  absolute: (x, at, { target: t }) => [size(minus(x, t)), row(call("sign", minus(x, t)))],
  huber: (x, at, { target: t, delta: d }) =>
    Math.abs(at - t) <= d
      ? [row(frac(num(1), num(2)), sup(group(minus(x, t)), num(2))), minus(x, t)]
      : [
          row(num(d), group(size(minus(x, t)), op("−"), frac(num(d), num(2)))),
          row(num(d), op("·"), call("sign", minus(x, t))),
        ],
  // of a probability
  entropy_p: (x, _, { target: t }) =>
    t ? [row(op("−"), call("ln", x.plain)), row(op("−"), frac(num(1), x.plain))]
      : [row(op("−"), call("ln", num(1), op("−"), x.plain)), frac(num(1), row(num(1), op("−"), x.plain))],
  squared_p: (x, _, { target: t }) => [sup(group(minus(x, t)), num(2)), row(num(2), group(minus(x, t)))],
  absolute_p: (x, _, { target: t }) => [size(minus(x, t)), num(t ? -1 : 1)],
  // of a logit, through a sigmoid
  entropy_z: (x, _, { target: t }) => [
    t ? row(op("−"), call("ln", sigma(x))) : row(op("−"), call("ln", num(1), op("−"), sigma(x))),
    row(sigma(x), op("−"), num(t)),
  ],
  squared_z: (x, _, { target: t }) => [
    sup(group(sigma(x), op("−"), num(t)), num(2)),
    row(num(2), group(sigma(x), op("−"), num(t)), slope(x)),
  ],
  absolute_z: (x, _, { target: t }) => [size(sigma(x), op("−"), num(t)), row(num(signOf(0.5 - t)), op("·"), slope(x))],
};
