// Convolution in one dimension as the browser works it out while the reader types; the server's conv1d has the last word.

/** @typedef {{data: number[], kernel: number[], stride: number, padding: number, dilation: number, mode: string, flip: boolean}} Line */

export const MODES = ["zeros", "reflect", "replicate", "circular"];
const LARGEST = 1e6;

/** Cells from the first to the last that the kernel covers. @param {Line} line */
export function reachOf(line) {
  return line.dilation * (line.kernel.length - 1) + 1;
}

/** Cells that the window can move over. @param {Line} line */
export function spanOf(line) {
  return line.data.length + 2 * line.padding;
}

/** Numbers of the output. @param {Line} line */
export function sizeOf(line) {
  return Math.max(0, Math.floor((spanOf(line) - reachOf(line)) / line.stride) + 1);
}

/** The kernel in the order in which it is laid over the data. @param {Line} line */
export function weightsOf(line) {
  return line.flip ? [...line.kernel].reverse() : line.kernel;
}

/**
 * Which of the data stands in cell `i`, counted from the first of the data; -1 for a zero of the padding.
 * @param {Line} line
 * @param {number} i from -padding to N + padding - 1
 */
export function sourceOf({ data, mode }, i) {
  const count = data.length;
  if (i >= 0 && i < count) return i;
  if (mode === "reflect") return i < 0 ? -i : 2 * (count - 1) - i;
  if (mode === "replicate") return i < 0 ? 0 : count - 1;
  if (mode === "circular") return (i + count) % count;
  return -1;
}

/** Why there is no output, or null. @param {Line} line @returns {"reflect"|"circular"|"short"|null} */
export function problemOf(line) {
  const { data, mode, padding } = line;
  if (mode === "reflect" && padding >= data.length) return "reflect";
  if (mode === "circular" && padding > data.length) return "circular";
  return sizeOf(line) ? null : "short";
}

/**
 * Every product at one place of the window.
 * @param {Line} line
 * @param {number} place number of the output
 * @returns {{cell: number, source: number, value: number, weight: number, product: number}[]}
 */
export function termsOf(line, place) {
  return weightsOf(line).map((weight, k) => {
    const cell = place * line.stride + k * line.dilation - line.padding;
    const source = sourceOf(line, cell);
    const value = source < 0 ? 0 : line.data[source];
    return { cell, source, value, weight, product: value * weight };
  });
}

/** The output. @param {Line} line */
export function outputOf(line) {
  if (problemOf(line)) return [];
  return Array.from({ length: sizeOf(line) }, (_, place) => termsOf(line, place).reduce((sum, { product }) => sum + product, 0));
}

/** The matrix whose product with the data is the output: rows of N numbers. @param {Line} line */
export function matrixOf(line) {
  if (problemOf(line)) return [];
  return Array.from({ length: sizeOf(line) }, (_, place) => {
    const row = line.data.map(() => 0);
    for (const { source, weight } of termsOf(line, place)) if (source >= 0) row[source] += weight;
    return row;
  });
}

/** The cosine between each window and the weights; 0 for an empty one. @param {Line} line */
export function likenessOf(line) {
  const norm = (/** @type {number[]} */ values) => Math.hypot(...values);
  const weight = norm(line.kernel);
  return outputOf(line).map((sum, place) => {
    const window = norm(termsOf(line, place).map(({ value }) => value));
    return window && weight ? sum / (window * weight) : 0;
  });
}

/** Cells of the data that no window ever touches. @param {Line} line @returns {Set<number>} */
export function untouched(line) {
  const left = new Set(line.data.keys());
  for (let place = 0; place < sizeOf(line); place++) for (const { source } of termsOf(line, place)) left.delete(source);
  return left;
}

/**
 * Read numbers separated by spaces or commas, as Python does.
 * @param {string} text
 * @returns {{values: number[], wrong: string}} `wrong` is the first thing that is no number
 */
export function readNumbers(text) {
  const plain = text.normalize("NFKC").replace(/[−–]/g, "-").replaceAll("、", ",");
  const parts = plain.split(/[\s,;]+/).filter(Boolean);
  const values = parts.map((part) => (/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(part) ? Number(Number(part).toPrecision(6)) : NaN));
  const wrong = values.findIndex((value) => !(Math.abs(value) <= LARGEST));
  return { values: values.map((value) => value + 0), wrong: wrong < 0 ? "" : parts[wrong] };
}

/** @param {number[]} values */
export function spaced(values) {
  return values.map((value) => String(value)).join(" ");
}
