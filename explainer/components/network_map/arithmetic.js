// One number of one tensor, worked out again from the values and weights that made it, in float64.
// The result has the structure of Arithmetic.to_json() in explainer/tracing/arithmetic/result.py.

import { ACTIVATIONS } from "./activations.js";
import { abbreviated, joined, written } from "./arithmetic_text.js";
import { inputWindow, isFlattened, numberAt, sizeOf } from "./windows.js";

/**
 * @typedef {{role: "input"|"weight"|"constant", source: number|null, values: number[],
 *   positions: ([number, number, number]|null)[]|null}} Factor
 * @typedef {{label: string, channel: number|null, subtotal: number, products: number[], factors: Factor[]}} Group
 * @typedef {{kind: string, form: string, formula: string, expression: string, facts: Record<string, number>,
 *   groups: Group[], rest: {groups: number, terms: number, subtotal: number}|null, chosen: number|null,
 *   bias: number|null, total: number, value: number, error: number, tolerance: number, agrees: boolean,
 *   exact: boolean, note: string|null}} Arithmetic
 */

/** Largest relative error of one float32 rounding. */
const UNIT = 2 ** -24;
/** Below this, float32 results may be flushed to zero. */
const SMALLEST = 2 ** -126;

/** Raised where the arrived window does not hold a number that is needed. */
class NotHere extends Error {}

/**
 * Work out one output from its inputs.
 * @param {any} values
 * @param {number} y
 * @param {number} x
 * @returns {Arithmetic|null} null if the values do not reach there or the form is not known here
 */
export function compute(values, y, x) {
  const form = FORMS[values.form];
  const value = numberAt(values.output, values.output.c0 ?? 0, y, x);
  if (!form || value === undefined) return null;
  try {
    const result = form(values, y, x, value);
    const error = Object.is(result.total, value) || result.total === value ? 0 : Math.abs(result.total - value);
    return {
      kind: values.kind ?? values.form,
      facts: {},
      rest: null,
      chosen: null,
      bias: null,
      note: null,
      ...result,
      value,
      error,
      agrees: error <= result.tolerance || (Number.isNaN(result.total) && Number.isNaN(value)),
      exact: result.tolerance === 0,
    };
  } catch (problem) {
    if (problem instanceof NotHere) return null;
    throw problem;
  }
}

/** @type {Record<string, (values: any, y: number, x: number, value: number) => any>} */
const FORMS = {
  convolution,
  max_pool: (values, y, x) => extreme(values, y, x),
  avg_pool: average,
  region: (values, y, x) => (values.geometry.reduce === "max" ? extreme(values, y, x) : average(values, y, x)),
  activation,
  affine,
  elementwise,
  gather,
  softmax,
};

/** Whether an operation is worked out here, without the server. @param {any} values */
export function isLocal(values) {
  return Boolean(values && FORMS[values.form]);
}

// A sum of products -------------------------------------------------------------------------------------------

/** @param {any} values @param {number} y @param {number} x */
function convolution(values, y, x) {
  const input = values.inputs[0];
  const { weight } = values;
  if (isFlattened(values)) return dense(values);
  const [channels, kh, kw] = weight.shape;
  const [, height, width] = sizeOf(input);
  const first = values.geometry.c0 ?? 0;
  const { ys, xs } = inputWindow(values, y, x);
  const groups = [];
  for (let j = 0; j < channels; j++) {
    const group = begin(first + j, input.node, true);
    for (let ky = 0; ky < kh; ky++) {
      for (let kx = 0; kx < kw; kx++) {
        const inside = ys[ky] >= 0 && xs[kx] >= 0 && ys[ky] < height && xs[kx] < width;
        const number = inside ? read(input, first + j, ys[ky], xs[kx]) : 0;
        const place = inside ? [first + j, ys[ky], xs[kx]] : null;
        add(group, number, place, weight.data[(j * kh + ky) * kw + kx], [j, ky, kx]);
      }
    }
    groups.push(group);
  }
  return sum(groups, values.bias ?? null, "Σ input × weight");
}

/** A dense layer on a flattened map: every number of the map, grouped by channel. @param {any} values */
function dense(values) {
  const input = values.inputs[0];
  const [channels, height, width] = sizeOf(input);
  const groups = [];
  let feature = 0;
  for (let c = 0; c < channels; c++) {
    const group = begin(c, input.node, true);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++, feature++) {
        add(group, read(input, c, y, x), [c, y, x], values.weight.data[feature], [feature, 0, 0]);
      }
    }
    groups.push(group);
  }
  return sum(groups, values.bias ?? null, "Σ input × weight");
}

/**
 * @param {number} channel
 * @param {number|null} source
 * @param {boolean} weighted
 * @returns {Group}
 */
function begin(channel, source, weighted) {
  /** @type {Factor[]} */
  const factors = [{ role: "input", source: source ?? null, values: [], positions: [] }];
  if (weighted) factors.push({ role: "weight", source: null, values: [], positions: [] });
  return { label: `input channel ${channel}`, channel, subtotal: 0, products: [], factors };
}

/**
 * @param {Group} group
 * @param {number} number
 * @param {any} place
 * @param {number} weight
 * @param {any} tap
 */
function add(group, number, place, weight, tap) {
  const product = number * weight;
  group.factors[0].values.push(number);
  group.factors[0].positions?.push(place);
  group.factors[1].values.push(weight);
  group.factors[1].positions?.push(tap);
  group.products.push(product);
  group.subtotal += product;
}

/**
 * @param {any} input
 * @param {number} c
 * @param {number} y
 * @param {number} x
 * @returns {number}
 */
function read(input, c, y, x) {
  const number = numberAt(input, c, y, x);
  if (number === undefined) throw new NotHere();
  return number;
}

/**
 * Add up with the rounding errors carried along (Neumaier, 1974), so that the total is right to the last digits.
 * @param {Group[]} groups
 * @param {number|null} bias
 * @param {string} formula
 * @param {Record<string, number>} [facts]
 */
function sum(groups, bias, formula, facts = {}) {
  let total = 0;
  let lost = 0;
  let magnitude = 0;
  let count = 0;
  const take = (/** @type {number} */ number) => {
    const next = total + number;
    lost += Math.abs(total) >= Math.abs(number) ? total - next + number : number - next + total;
    total = next;
    magnitude += Math.abs(number);
  };
  for (const group of groups) {
    for (const product of group.products) take(product);
    count += group.products.length;
  }
  if (bias !== null) take(bias);
  if (Number.isFinite(total)) total += lost;
  return {
    form: "sum",
    formula: bias === null ? formula : `${formula} + bias`,
    expression: abbreviated(groups, bias, total),
    groups,
    bias,
    total,
    facts,
    // |error| <= 4 √n u Σ|p|: Higham and Mary, SIAM J. Sci. Comput. 41(5), 2019
    tolerance: 4 * Math.sqrt(count + 2) * UNIT * magnitude + SMALLEST,
  };
}

// Pools -------------------------------------------------------------------------------------------------------

/**
 * The places of a pooling window in its channel; those in the padding are null, those behind it are left out.
 * @param {any} values
 * @param {number} y
 * @param {number} x
 */
function poolWindow(values, y, x) {
  const input = values.inputs[0];
  const [, height, width] = sizeOf(input);
  const channel = values.channel ?? values.output.c0 ?? 0;
  const { ys, xs } = inputWindow(values, y, x);
  const [py, px] = values.geometry.padding ?? [0, 0];
  const places = [];
  for (const row of ys) {
    for (const column of xs) {
      if (row >= height + py || column >= width + px) continue;
      const inside = row >= 0 && column >= 0 && row < height && column < width;
      places.push(inside ? [channel, row, column] : null);
    }
  }
  return { input, channel, places };
}

/** @param {any} values @param {number} y @param {number} x */
function extreme(values, y, x) {
  const { input, channel, places } = poolWindow(values, y, x);
  const inside = places.filter((place) => place !== null);
  const numbers = inside.map((place) => read(input, place[0], place[1], place[2]));
  let chosen = 0;
  numbers.forEach((number, i) => {
    if (number > numbers[chosen] || Number.isNaN(number)) chosen = i;
  });
  const total = numbers[chosen];
  const shown = numbers.length > 9 ? [...numbers.slice(0, 4).map((n) => written(n)), `… (${numbers.length - 4} more)`] : numbers.map((n) => written(n));
  const group = { ...begin(channel, input.node, false), products: numbers, subtotal: total };
  group.label = `channel ${channel}`;
  group.factors[0].values = numbers;
  group.factors[0].positions = /** @type {any} */ (inside);
  return {
    form: "max",
    formula: "max(inputs)",
    expression: `max(${shown.join(", ")}) = ${written(total)}`,
    groups: [group],
    chosen,
    total,
    tolerance: 0,
  };
}

/** @param {any} values @param {number} y @param {number} x */
function average(values, y, x) {
  const { geometry } = values;
  const window = poolWindow(values, y, x);
  const { input, channel } = window;
  const counted = geometry.count_include_pad ?? true;
  const places = counted ? window.places : window.places.filter((place) => place !== null);
  const divisor = geometry.divisor || places.length;
  const group = begin(channel, input.node, true);
  group.label = `channel ${channel}`;
  group.factors[1].role = "constant";
  for (const place of places) add(group, place ? read(input, place[0], place[1], place[2]) : 0, place, 1 / divisor, null);
  group.factors[1].positions = null;
  return sum([group], null, `Σ input / ${divisor}`, { divisor });
}

// One number in, one number out -------------------------------------------------------------------------------

/**
 * @param {any} input
 * @param {number} channel
 * @param {number} y
 * @param {number} x
 * @returns {Group} a group of one term
 */
function single(input, channel, y, x) {
  const number = read(input, channel, y, x);
  const factor = { role: /** @type {const} */ ("input"), source: input.node ?? null, values: [number], positions: [/** @type {[number, number, number]} */ ([channel, y, x])] };
  return { label: "input", channel, subtotal: number, products: [number], factors: [factor] };
}

/** @param {any} values @param {number} y @param {number} x */
function activation(values, y, x) {
  const parameters = values.parameters ?? {};
  const name = values.geometry?.name ?? parameters.name ?? values.kind;
  const known = ACTIVATIONS[String(name).replace(/_$/, "")];
  if (!known) throw new NotHere();
  const settings = { ...parameters, ...parameters.parameters };
  const group = single(values.inputs[0], values.channel ?? 0, y, x);
  const number = group.products[0];
  const total = known.apply(number, settings);
  return {
    form: "function",
    formula: known.formula,
    expression: `${known.text(written(number), settings)} = ${written(total)}`,
    groups: [group],
    total,
    facts: {},
    tolerance: known.exact ? 0 : 16 * UNIT * (Math.abs(number) + Math.abs(total)) + SMALLEST,
  };
}

/** Batch normalisation with stored statistics: one scale and one shift. @param {any} values @param {number} y @param {number} x */
function affine(values, y, x) {
  const { mean, variance, eps, weight = null, bias = null } = values.parameters;
  const group = single(values.inputs[0], values.channel ?? 0, y, x);
  const number = group.products[0];
  const scale = (weight ?? 1) / Math.sqrt(variance + eps);
  const shift = (bias ?? 0) - mean * scale;
  const total = number * scale + shift;
  group.factors.push({ role: "constant", source: null, values: [scale], positions: null });
  group.products = [number * scale];
  group.subtotal = number * scale;
  const spread = (Math.abs(number) + Math.abs(mean)) * Math.abs(scale) + Math.abs(bias ?? 0) + Math.abs(total);
  let formula = "(x − mean) / √(variance + eps)";
  let expression = `(${written(number)} − ${written(mean, true)}) / √(${written(variance)} + ${written(eps)})`;
  /** @type {Record<string, number>} */
  const facts = { mean, variance, eps };
  if (weight !== null) {
    formula += " × weight";
    expression += ` × ${written(weight, true)}`;
    facts.weight = weight;
  }
  if (bias !== null) {
    formula += " + bias";
    expression += ` + ${written(bias, true)}`;
    facts.bias = bias;
  }
  return { form: "affine", formula, expression: `${expression} = ${written(total)}`, groups: [group], bias: shift, total, facts, tolerance: 8 * UNIT * spread + SMALLEST };
}

/** Two maps, or a map and a number, place by place; a [C, 1, 1] operand is broadcast. @param {any} values @param {number} y @param {number} x */
function elementwise(values, y, x) {
  const operation = values.parameters?.operation ?? values.geometry?.operation ?? "add";
  const scalar = values.parameters?.scalar;
  const channel = values.channel ?? 0;
  /** @type {Group[]} */
  const operands = values.inputs.map((/** @type {any} */ input) => {
    const [c, h, w] = sizeOf(input);
    return single(input, c === 1 ? 0 : channel, h === 1 ? 0 : y, w === 1 ? 0 : x);
  });
  if (operands.length < 2 && typeof scalar === "number") {
    const constant = { role: /** @type {const} */ ("constant"), source: null, values: [scalar], positions: null };
    const group = { label: "constant", channel: null, subtotal: scalar, products: [scalar], factors: [constant] };
    if (values.geometry?.scalar_first) operands.unshift(group);
    else operands.push(group);
  }
  const numbers = operands.map((group) => group.subtotal);
  if (operation === "add" || operation === "sub") {
    if (operation === "sub") flip(operands[1]);
    const result = sum(operands, null, operation === "add" ? "a + b" : "a − b");
    const texts = numbers.map((number, i) => written(number, i > 0));
    const between = operation === "add" ? " + " : " − ";
    return { ...result, expression: `${texts.join(between)} = ${written(result.total)}` };
  }
  const total = operation === "mul" ? numbers.reduce((a, b) => a * b) : numbers[0] / numbers[1];
  const symbol = operation === "mul" ? "×" : "/";
  /** @type {Group} */
  const group = { label: "product", channel, subtotal: total, products: [total], factors: operands.map((operand) => operand.factors[0]) };
  return {
    form: operation === "mul" ? "product" : "quotient",
    formula: `a ${symbol} b`,
    expression: `${numbers.map((number, i) => written(number, i > 0)).join(` ${symbol} `)} = ${written(total)}`,
    groups: [group],
    total,
    tolerance: 2 * UNIT * Math.abs(total) + SMALLEST,
  };
}

/** Turn a summand into its negative. @param {Group} group */
function flip(group) {
  group.factors.push({ role: "constant", source: null, values: [-1], positions: null });
  group.products = [-group.products[0]];
  group.subtotal = -group.subtotal;
}

// Moved numbers and softmax -----------------------------------------------------------------------------------

/**
 * Where a moved number came from: {input: index into values.inputs, channel, y, x}.
 * @param {any} values
 * @param {number} y
 * @param {number} x
 */
export function origin(values, y, x) {
  const channel = values.channel ?? 0;
  const table = values.geometry?.table ?? values.parameters?.table ?? null;
  if (Array.isArray(table) && table.length) {
    const input = table.findIndex((part) => channel >= part.from && channel < part.to);
    return { input, channel: channel - table[input].from, y, x };
  }
  const [, height, width] = sizeOf(values.inputs[0]);
  const wide = values.geometry?.shape ?? values.full ?? null;
  const [h, w] = wide ? wide.slice(-2) : [values.output.height, values.output.width];
  const flat = height * width === h * w ? (channel * h + y) * w + x : channel;
  return { input: 0, channel: Math.floor(flat / (height * width)), y: Math.floor(flat / width) % height, x: flat % width };
}

/** @param {any} values @param {number} y @param {number} x */
function gather(values, y, x) {
  const from = origin(values, y, x);
  const input = values.inputs.length > 1 ? values.inputs[from.input] : values.inputs[0];
  const group = single(input, from.channel, from.y, from.x);
  const total = group.subtotal;
  return { form: "gather", formula: "y = x", expression: `${written(total)} = ${written(total)}`, groups: [group], chosen: 0, total, tolerance: 0 };
}

/** @param {any} values */
function softmax(values) {
  const input = values.inputs[0];
  const count = sizeOf(input)[0];
  const chosen = values.channel ?? 0;
  const logits = Array.from({ length: count }, (_, c) => read(input, c, 0, 0));
  const largest = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - largest));
  const whole = powers.reduce((a, b) => a + b, 0);
  const total = powers[chosen] / whole;
  const order = [...logits.keys()].sort((a, b) => logits[b] - logits[a]);
  const shown = count > 6 ? order.slice(0, 3) : [...logits.keys()];
  const parts = shown.map((c) => `exp(${written(logits[c])})`);
  if (count > shown.length) parts.push(`… (${(count - shown.length).toLocaleString("en")} more)`);
  const size = powers.reduce((a, power, c) => a + Math.abs(logits[c] - largest) * power, 0) / whole;
  const distance = Math.abs(logits[chosen]) + 2 * Math.abs(largest) + size + Math.sqrt(count);
  const positions = logits.map((_, c) => /** @type {[number, number, number]} */ ([c, 0, 0]));
  return {
    form: "softmax",
    formula: "exp(z) / Σ exp(z)",
    expression: `exp(${written(logits[chosen])}) / (${joined(parts)}) = ${written(total)}`,
    groups: [{ label: "logits", channel: null, subtotal: powers[chosen], products: powers, factors: [{ role: "input", source: input.node ?? null, values: logits, positions }] }],
    facts: { max: largest, sum: whole },
    chosen,
    total,
    tolerance: 8 * UNIT * total * distance + SMALLEST,
  };
}
