// Activation functions in float64, as PyTorch defines them, with the formula to show.

const SQRT_HALF = Math.SQRT1_2;

/** @param {number} x */
const sigmoid = (x) => 1 / (1 + Math.exp(-x));
/** @param {number} x */
const softplus = (x) => (x > 20 ? x : Math.log1p(Math.exp(x)));
/** @param {number} x @param {number} low @param {number} high */
const clip = (x, low, high) => Math.min(Math.max(x, low), high);

/**
 * @typedef {{formula: string, exact?: boolean, apply: (x: number, p: Record<string, any>) => number,
 *   text: (x: string, p: Record<string, any>) => string}} Activation
 */

/** @type {Record<string, Activation>} */
export const ACTIVATIONS = {
  relu: { formula: "max(0, x)", exact: true, apply: (x) => (x > 0 ? x : x === x ? 0 : x), text: (x) => `max(0, ${x})` },
  relu6: { formula: "min(max(0, x), 6)", exact: true, apply: (x) => clip(x, 0, 6), text: (x) => `min(max(0, ${x}), 6)` },
  hardtanh: {
    formula: "min(max(low, x), high)",
    exact: true,
    apply: (x, p) => clip(x, p.min_val ?? -1, p.max_val ?? 1),
    text: (x, p) => `min(max(${p.min_val ?? -1}, ${x}), ${p.max_val ?? 1})`,
  },
  leaky_relu: {
    formula: "x if x > 0, else slope × x",
    apply: (x, p) => (x > 0 ? x : x * (p.negative_slope ?? 0.01)),
    text: (x, p) => (x.startsWith("(−") || x.startsWith("−") ? `${p.negative_slope ?? 0.01} × ${x}` : x),
  },
  elu: {
    formula: "x if x > 0, else alpha × (exp(x) − 1)",
    apply: (x, p) => (x > 0 ? x : (p.alpha ?? 1) * Math.expm1(x)),
    text: (x, p) => (x.startsWith("−") ? `${p.alpha ?? 1} × (exp(${x}) − 1)` : x),
  },
  celu: {
    formula: "x if x > 0, else alpha × (exp(x / alpha) − 1)",
    apply: (x, p) => (x > 0 ? x : (p.alpha ?? 1) * Math.expm1(x / (p.alpha ?? 1))),
    text: (x, p) => (x.startsWith("−") ? `${p.alpha ?? 1} × (exp(${x} / ${p.alpha ?? 1}) − 1)` : x),
  },
  selu: {
    formula: "scale × (x if x > 0, else alpha × (exp(x) − 1))",
    apply: (x) => 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * Math.expm1(x)),
    text: (x) => (x.startsWith("−") ? `1.051 × 1.673 × (exp(${x}) − 1)` : `1.051 × ${x}`),
  },
  softsign: { formula: "x / (1 + |x|)", apply: (x) => x / (1 + Math.abs(x)), text: (x) => `${x} / (1 + |${x}|)` },
  sigmoid: { formula: "1 / (1 + exp(−x))", apply: sigmoid, text: (x) => `1 / (1 + exp(−(${x})))` },
  tanh: { formula: "tanh(x)", apply: Math.tanh, text: (x) => `tanh(${x})` },
  silu: { formula: "x / (1 + exp(−x))", apply: (x) => x * sigmoid(x), text: (x) => `${x} / (1 + exp(−(${x})))` },
  hardsigmoid: {
    formula: "min(max(0, x + 3), 6) / 6",
    apply: (x) => clip(x + 3, 0, 6) / 6,
    text: (x) => `min(max(0, ${x} + 3), 6) / 6`,
  },
  hardswish: {
    formula: "x × min(max(0, x + 3), 6) / 6",
    apply: (x) => (x * clip(x + 3, 0, 6)) / 6,
    text: (x) => `${x} × min(max(0, ${x} + 3), 6) / 6`,
  },
  softplus: { formula: "log(1 + exp(x))", apply: softplus, text: (x) => `log(1 + exp(${x}))` },
  mish: { formula: "x × tanh(log(1 + exp(x)))", apply: (x) => x * Math.tanh(softplus(x)), text: (x) => `${x} × tanh(log(1 + exp(${x})))` },
  gelu: {
    formula: "x × Φ(x)",
    apply: (x, p) =>
      p.approximate === "tanh"
        ? 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)))
        : 0.5 * x * erfc(-x * SQRT_HALF),
    text: (x) => `${x} × Φ(${x})`,
  },
  identity: { formula: "x", exact: true, apply: (x) => x, text: (x) => x },
};

/**
 * The complementary error function to about 1e-15: a series near zero, a continued fraction further out.
 * @param {number} x
 * @returns {number}
 */
function erfc(x) {
  if (x < 0) return 2 - erfc(-x);
  if (x > 27) return 0;
  if (x < 2.5) {
    let term = x;
    let sum = x;
    for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum) && n < 200; n++) {
      term *= (-x * x) / n;
      sum += term / (2 * n + 1);
    }
    return 1 - (2 / Math.sqrt(Math.PI)) * sum;
  }
  let fraction = 0;
  for (let n = 80; n > 0; n--) fraction = n / 2 / (x + fraction);
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * (x + fraction));
}
