// The arithmetic of the detail panel against sums worked by hand and a second, naive implementation.

import { compute, origin } from "../../explainer/components/network_map/arithmetic.js";
import { abbreviated, joined, written } from "../../explainer/components/network_map/arithmetic_text.js";
import { inputWindow, outputAt, partial, subtotal } from "../../explainer/components/network_map/windows.js";

function equal(actual, expected, what = "") {
  const a = JSON.stringify(actual);
  const b = JSON.stringify(expected);
  if (a !== b) throw new Error(`${what} is ${a}, expected ${b}`);
}

function near(actual, expected, tolerance = 1e-9, what = "") {
  if (!(Math.abs(actual - expected) <= tolerance)) throw new Error(`${what} is ${actual}, expected ${expected}`);
}

/** A repeatable stream of numbers in -1..1 (mulberry32). */
function random(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (((t ^ (t >>> 14)) >>> 0) / 2 ** 31) - 1;
  };
}

function tensor(node, channels, height, width, fill) {
  const data = Float32Array.from({ length: channels * height * width }, fill);
  return { node, data, c0: 0, channels, y0: 0, x0: 0, height, width, full: [channels, height, width] };
}

function plane(node, height, width, fill) {
  return tensor(node, 1, height, width, fill);
}

/** Values of a convolution whose output is worked out by the plainest loop there is. */
function convolution({ channels, height, width, kernel, stride = [1, 1], padding = [0, 0], dilation = [1, 1], groups = 1, c0 = 0, bias = 0.25, seed = 1 }) {
  const next = random(seed);
  const input = tensor(7, channels, height, width, next);
  const perGroup = channels / groups;
  const weight = { data: Float32Array.from({ length: perGroup * kernel[0] * kernel[1] }, next), shape: [perGroup, ...kernel] };
  const size = [0, 1].map((a) => Math.floor(([height, width][a] + 2 * padding[a] - dilation[a] * (kernel[a] - 1) - 1) / stride[a]) + 1);
  const output = plane(8, size[0], size[1], () => 0);
  const exact = [];
  for (let y = 0; y < size[0]; y++) {
    for (let x = 0; x < size[1]; x++) {
      let sum = bias ?? 0;
      for (let j = 0; j < perGroup; j++) {
        for (let ky = 0; ky < kernel[0]; ky++) {
          for (let kx = 0; kx < kernel[1]; kx++) {
            const iy = y * stride[0] - padding[0] + ky * dilation[0];
            const ix = x * stride[1] - padding[1] + kx * dilation[1];
            if (iy < 0 || ix < 0 || iy >= height || ix >= width) continue;
            sum += input.data[((c0 + j) * height + iy) * width + ix] * weight.data[(j * kernel[0] + ky) * kernel[1] + kx];
          }
        }
      }
      exact.push(sum);
      output.data[y * size[1] + x] = sum;
    }
  }
  const values = { form: "convolution", node: 8, channel: 3, geometry: { kernel, stride, padding, dilation, groups, c0 }, bias, output, inputs: [input], weight, parameters: {} };
  return { values, exact, height: size[0], width: size[1] };
}

const SHAPES = {
  plain: { channels: 3, height: 6, width: 5, kernel: [3, 3] },
  padded: { channels: 2, height: 5, width: 7, kernel: [3, 3], padding: [1, 1] },
  strided: { channels: 4, height: 9, width: 8, kernel: [3, 3], stride: [2, 2], padding: [1, 1] },
  dilated: { channels: 2, height: 10, width: 9, kernel: [3, 3], dilation: [2, 3], padding: [2, 3] },
  lopsided: { channels: 3, height: 8, width: 11, kernel: [1, 5], stride: [1, 3], padding: [0, 2] },
  depthwise: { channels: 4, height: 5, width: 5, kernel: [3, 3], groups: 4, c0: 2, padding: [1, 1] },
  grouped: { channels: 6, height: 5, width: 5, kernel: [3, 3], groups: 2, c0: 3 },
  pointwise: { channels: 16, height: 3, width: 3, kernel: [1, 1], bias: null },
  wideStride: { channels: 2, height: 23, width: 23, kernel: [7, 7], stride: [4, 4], padding: [3, 3] },
};

export const tests = {
  "one 2x2 product by hand, with padding, bias and expression"() {
    const input = tensor(0, 1, 2, 2, (_, i) => [1, 2, 3, 4][i]);
    const weight = { data: Float32Array.of(0.5, -1, 2, 0.25), shape: [1, 2, 2] };
    // Output (0, 0) with padding 1 sees only input (0, 0), under the last weight: 1 * 0.25 + 0.5.
    const values = { form: "convolution", channel: 0, geometry: { kernel: [2, 2], stride: [1, 1], padding: [1, 1], dilation: [1, 1], groups: 1, c0: 0 }, bias: 0.5, output: plane(1, 3, 3, () => 0.75), inputs: [input], weight, parameters: {} };
    const corner = compute(values, 0, 0);
    equal(corner.total, 0.75);
    equal(corner.error, 0);
    equal(corner.agrees, true);
    equal(corner.groups[0].factors[0].positions, [null, null, null, [0, 0, 0]]);
    equal(corner.groups[0].products, [0, -0, 0, 0.25]);
    equal(corner.expression, "0×0.5 + 0×(−1) + 0×2 + 1×0.25 + bias 0.5 = 0.75");
    const middle = compute(values, 1, 1); // 1*0.5 - 2*1 + 3*2 + 4*0.25 + 0.5 = 6
    equal(middle.total, 6);
    equal(middle.agrees, false);
    equal(middle.error, 5.25);
  },

  "every kind of convolution agrees with the naive loop, everywhere"() {
    for (const [name, shape] of Object.entries(SHAPES)) {
      const { values, exact, height, width } = convolution(shape);
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          const result = compute(values, y, x);
          near(result.total, exact[y * width + x], 1e-12, `${name} (${y}, ${x})`);
          equal(result.agrees, true, `${name} agrees`);
          const parts = result.groups.reduce((sum, group) => sum + group.subtotal, values.bias ?? 0);
          near(parts, result.total, 1e-12, `${name} subtotals`);
          result.groups.forEach((group, j) => near(subtotal(values, j, y, x), group.subtotal, 1e-12, `${name} subtotal ${j}`));
        }
      }
    }
  },

  "a wrong number in the tensor is noticed"() {
    const { values } = convolution(SHAPES.padded);
    values.output.data[4] += 1e-3;
    equal(compute(values, 0, 4).agrees, false);
    equal(compute(values, 0, 3).agrees, true);
  },

  "partial results of all channels and the bias add up to the output"() {
    for (const [name, shape] of Object.entries(SHAPES)) {
      const { values, exact } = convolution(shape);
      const sum = new Float64Array(exact.length).fill(values.bias ?? 0);
      for (let j = 0; j < values.weight.shape[0]; j++) partial(values, j).forEach((v, i) => (sum[i] += v));
      exact.forEach((v, i) => near(sum[i], v, 1e-5, `${name} ${i}`));
    }
  },

  "windows of tensors give the same numbers, and nothing outside of them"() {
    const { values, width } = convolution(SHAPES.strided);
    const cut = (t, y0, x0, h, w) => {
      const data = new Float32Array(t.channels * h * w);
      for (let c = 0; c < t.channels; c++)
        for (let y = 0; y < h; y++)
          for (let x = 0; x < w; x++) data[(c * h + y) * w + x] = t.data[(c * t.height + y0 + y) * t.width + x0 + x];
      return { ...t, data, y0, x0, height: h, width: w };
    };
    const part = { ...values, inputs: [cut(values.inputs[0], 3, 1, 5, 6)], output: cut(values.output, 2, 1, 2, 2) };
    for (const [y, x] of [[2, 1], [3, 2]]) near(compute(part, y, x).total, compute(values, y, x).total, 0);
    equal(compute(part, 0, 0), null);
    const whole = partial(values, 1);
    const window = partial(part, 1);
    near(window[0], whole[2 * width + 1], 0);
    near(window[3], whole[3 * width + 2], 0);
  },

  "the input window of an output, and the output under an input pixel"() {
    const { values, height, width } = convolution(SHAPES.dilated);
    equal(inputWindow(values, 0, 0), { ys: [-2, 0, 2], xs: [-3, 0, 3] });
    equal(inputWindow(values, 3, 4), { ys: [1, 3, 5], xs: [1, 4, 7] });
    for (const [name, shape] of Object.entries(SHAPES)) {
      const made = convolution(shape);
      for (let y = 0; y < made.height; y++) {
        for (let x = 0; x < made.width; x++) {
          const { ys, xs } = inputWindow(made.values, y, x);
          const middle = [(ys[0] + ys[ys.length - 1]) / 2, (xs[0] + xs[xs.length - 1]) / 2];
          equal(outputAt(made.values, made, Math.round(middle[0]), Math.round(middle[1])), { y, x }, `${name}: back from the middle`);
        }
      }
    }
    equal(outputAt(values, { height, width }, 99, -5), { y: height - 1, x: 0 });
  },

  "max pooling ignores padding and finds the largest"() {
    const input = tensor(2, 2, 3, 3, (_, i) => (i < 9 ? 99 : -[9, 8, 7, 6, 5, 4, 3, 2, 1][i - 9]));
    const values = { form: "max_pool", channel: 1, geometry: { kernel: [2, 2], stride: [2, 2], padding: [1, 1], dilation: [1, 1] }, output: { ...plane(3, 2, 2, (_, i) => [-9, -7, -3, -1][i]), c0: 1 }, inputs: [input], parameters: {} };
    equal(compute(values, 0, 0).groups[0].products, [-9]);
    const last = compute(values, 1, 1);
    equal(last.groups[0].products, [-5, -4, -2, -1]);
    equal([last.total, last.chosen, last.error, last.exact], [-1, 3, 0, true]);
    equal(last.groups[0].factors[0].positions[3], [1, 2, 2]);
    equal(last.expression, "max(−5, −4, −2, −1) = −1");
  },

  "average pooling counts padding or not; ceil mode's overhang never counts"() {
    const input = tensor(2, 1, 3, 3, (_, i) => i + 1);
    const make = (geometry, output) => ({ form: "avg_pool", channel: 0, geometry: { stride: [2, 2], padding: [1, 1], ...geometry, kernel: [2, 2] }, output: plane(3, 2, 2, () => output), inputs: [input], parameters: {} });
    equal(compute(make({ count_include_pad: true }, 0.25), 0, 0).total, 0.25);
    equal(compute(make({ count_include_pad: false }, 1), 0, 0).total, 1);
    const ceil = make({ padding: [0, 0], ceil_mode: true, count_include_pad: true }, 9);
    equal(compute(ceil, 1, 1).total, 9);
    equal(compute(make({ divisor: 10, padding: [0, 0] }, 1.2), 0, 0).total, 1.2);
  },

  "adaptive pooling over listed regions"() {
    const input = tensor(2, 1, 3, 3, (_, i) => i + 1);
    const values = { form: "region", channel: 0, geometry: { y: [[0, 2], [1, 3]], x: [[0, 3]], reduce: "mean" }, output: plane(3, 2, 1, (_, i) => [3.5, 6.5][i]), inputs: [input], parameters: {} };
    near(compute(values, 0, 0).total, 3.5);
    near(compute(values, 1, 0).total, 6.5);
    equal(outputAt(values, { height: 2, width: 1 }, 2, 1), { y: 1, x: 0 });
    equal(compute({ ...values, geometry: { ...values.geometry, reduce: "max" } }, 1, 0).total, 9);
  },

  "activations against known values"() {
    const known = [
      ["relu", {}, -2, 0], ["relu", {}, 1.5, 1.5], ["relu6", {}, 8, 6], ["sigmoid", {}, 0, 0.5],
      ["tanh", {}, 0.5, 0.46211715726000973], ["silu", {}, 1, 0.7310585786300049],
      ["hardswish", {}, 1, 0.6666666666666666], ["hardsigmoid", {}, -1, 0.3333333333333333],
      ["leaky_relu", { negative_slope: 0.2 }, -2, -0.4], ["elu", { alpha: 1 }, -1, -0.6321205588285577],
      ["gelu", {}, 1, 0.8413447460685429], ["gelu", {}, -3, -0.004049694095250], ["gelu", {}, -5, -1.4332578593e-6],
      ["gelu", { approximate: "tanh" }, 1, 0.8411919906082768], ["softplus", {}, 0, 0.6931471805599453],
      ["mish", {}, 1, 0.8650983882673103], ["selu", {}, -1, -1.1113307378125625], ["celu", { alpha: 2 }, -1, -0.7869386805747332],
      ["softsign", {}, -3, -0.75],
    ];
    for (const [name, parameters, x, y] of known) {
      const values = { form: "activation", channel: 0, parameters: { name, parameters }, geometry: {}, output: plane(1, 1, 1, () => y), inputs: [plane(0, 1, 1, () => x)] };
      const result = compute(values, 0, 0);
      near(result.total, y, 1e-7 * Math.max(1e-6, Math.abs(y)) + 1e-12, `${name}(${x})`);
      equal(result.agrees, true, `${name}(${x}) agrees`);
    }
  },

  "batch normalisation is a scale and a shift"() {
    const parameters = { mean: 0.5, variance: 4, eps: 0, weight: 3, bias: 1 };
    const values = { form: "affine", channel: 0, parameters, geometry: {}, output: plane(1, 1, 1, () => 4.75), inputs: [plane(0, 1, 1, () => 3)] };
    const result = compute(values, 0, 0);
    equal([result.total, result.agrees, result.bias], [4.75, true, 0.25]);
    equal(result.expression, "(3 − 0.5) / √(4 + 0) × 3 + 1 = 4.75");
  },

  "adding, multiplying and broadcasting"() {
    const a = tensor(1, 2, 2, 2, (_, i) => i);
    const scale = tensor(2, 2, 1, 1, (_, i) => [10, -3][i]);
    const make = (operation, inputs, output, parameters = {}) => ({ form: "elementwise", channel: 1, geometry: {}, parameters: { operation, ...parameters }, output: { ...plane(3, 2, 2, () => output), c0: 1 }, inputs });
    const product = compute(make("mul", [a, scale], -21), 1, 1);
    equal([product.form, product.total, product.agrees], ["product", -21, true]);
    equal(product.groups[0].factors[1].positions, [[1, 0, 0]]);
    equal(product.expression, "7 × (−3) = −21");
    equal(compute(make("add", [a, a], 12), 1, 0).expression, "6 + 6 = 12");
    equal(compute(make("sub", [a, scale], 8), 0, 1).total, 8);
    equal(compute(make("div", [a], 2.5, { scalar: 2 }), 0, 1).total, 2.5);
  },

  "concatenation and flattening say where a number came from"() {
    const first = tensor(1, 2, 2, 2, (_, i) => i);
    const second = tensor(2, 3, 2, 2, (_, i) => 100 + i);
    const table = [{ node: 1, from: 0, to: 2 }, { node: 2, from: 2, to: 5 }];
    const values = { form: "gather", channel: 3, geometry: { table }, parameters: {}, output: { ...plane(3, 2, 2, () => 106), c0: 3 }, inputs: [first, second] };
    equal(origin(values, 1, 0), { input: 1, channel: 1, y: 1, x: 0 });
    equal(compute(values, 1, 0).groups[0].factors[0], { role: "input", source: 2, values: [106], positions: [[1, 1, 0]] });
    const flat = { form: "gather", channel: 7, geometry: {}, parameters: {}, output: { ...plane(4, 1, 1, () => 107), c0: 7 }, inputs: [second] };
    equal(origin(flat, 0, 0), { input: 0, channel: 1, y: 1, x: 1 });
    equal(compute(flat, 0, 0).agrees, true);
  },

  "a dense layer on a flattened map points into the map"() {
    const input = tensor(5, 2, 2, 2, (_, i) => i + 1);
    const weight = { data: Float32Array.from({ length: 8 }, (_, i) => (i % 2 ? -1 : 1)), shape: [8, 1, 1] };
    const geometry = { kernel: [1, 1], stride: [1, 1], padding: [0, 0], dilation: [1, 1], groups: 1, c0: 0 };
    const values = { form: "convolution", channel: 0, geometry, bias: 10, output: plane(6, 1, 1, () => 6), inputs: [input], weight, parameters: {} };
    const result = compute(values, 0, 0);
    equal([result.total, result.groups.length, result.agrees], [6, 2, true]);
    equal(result.groups[1].factors[0].positions[2], [1, 1, 0]);
  },

  "softmax over all logits"() {
    const values = { form: "softmax", channel: 2, geometry: {}, parameters: {}, output: { ...plane(1, 1, 1, () => 0.6652409557748219), c0: 2 }, inputs: [tensor(0, 3, 1, 1, (_, i) => i + 1)] };
    const result = compute(values, 0, 0);
    near(result.total, 0.6652409557748219, 1e-15);
    equal([result.agrees, result.chosen], [true, 2]);
    equal(result.expression, "exp(3) / (exp(1) + exp(2) + exp(3)) = 0.6652");
  },

  "numbers are written as Python's %.4g writes them"() {
    const cases = [[0, "0"], [1, "1"], [-0.5, "−0.5"], [1234.56, "1235"], [12345.6, "1.235e+04"], [0.00012345, "0.0001234"], [0.0000123456, "1.235e−05"], [99999, "1e+05"], [0.1 + 0.2, "0.3"], [NaN, "nan"], [-Infinity, "−inf"]];
    for (const [value, text] of cases) equal(written(value), text, String(value));
    equal(written(-2, true), "(−2)");
    equal(joined(["1", "−2×3", "4"]), "1 − 2×3 + 4");
    const group = { products: Array.from({ length: 12 }, (_, i) => i), factors: [{ values: Array.from({ length: 12 }, (_, i) => i) }] };
    equal(abbreviated([group], null, 66), "11 + 10 + 9 + 8 + … (8 more) = 66");
  },
};
