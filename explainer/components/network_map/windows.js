// Which inputs meet in an output, and where: taps of kernels, windows of pools, and the way back.

/**
 * The number at (channel, y, x) of an input, or undefined where the arrived window does not reach.
 * @param {any} input window of a tensor: data, c0, channels, y0, x0, height, width
 * @param {number} c
 * @param {number} y
 * @param {number} x
 */
export function numberAt(input, c, y, x) {
  const row = y - (input.y0 ?? 0);
  const column = x - (input.x0 ?? 0);
  const channel = c - (input.c0 ?? 0);
  if (row < 0 || column < 0 || channel < 0) return undefined;
  if (row >= input.height || column >= input.width || channel >= input.channels) return undefined;
  return input.data[(channel * input.height + row) * input.width + column];
}

/**
 * The whole size [channels, height, width] of the tensor that an input is a window of.
 * @param {any} input
 */
export function sizeOf(input) {
  return input.full ?? [input.channels, input.height, input.width];
}

/**
 * Whether the operation is a dense layer that reads every number of a map.
 * @param {any} values
 */
export function isFlattened(values) {
  const shape = values.weight?.shape;
  if (values.form !== "convolution" || !shape || shape[1] * shape[2] !== 1) return false;
  const [c, h, w] = sizeOf(values.inputs[0]);
  return h * w > 1 && shape[0] === c * h * w;
}

/**
 * Input coordinates that a window reads along one axis; they may lie in the padding.
 * @param {any} geometry
 * @param {0|1} axis 0 = y, 1 = x
 * @param {number} out
 */
export function taps(geometry, axis, out) {
  const spots = [];
  for (let k = 0; k < geometry.kernel[axis]; k++) {
    spots.push(out * geometry.stride[axis] - geometry.padding[axis] + k * (geometry.dilation?.[axis] ?? 1));
  }
  return spots;
}

/**
 * The input cells that one output reads: `ys` and `xs` may lie outside the input (padding).
 * @param {any} values
 * @param {number} y
 * @param {number} x
 * @returns {{ys: number[], xs: number[]}}
 */
export function inputWindow(values, y, x) {
  const { form, geometry } = values;
  if (form === "region") return { ys: span(geometry.y[y]), xs: span(geometry.x[x]) };
  if (isFlattened(values)) {
    const [, h, w] = sizeOf(values.inputs[0]);
    return { ys: span([0, h]), xs: span([0, w]) };
  }
  if (geometry?.kernel) return { ys: taps(geometry, 0, y), xs: taps(geometry, 1, x) };
  return { ys: [y], xs: [x] };
}

/** @param {[number, number]} range */
function span([start, end]) {
  return Array.from({ length: end - start }, (_, i) => start + i);
}

/**
 * The output pixel whose window lies most centrally over an input pixel.
 * @param {any} values
 * @param {{height: number, width: number}} node the node whose output it is
 * @param {number} iy
 * @param {number} ix
 * @returns {{y: number, x: number}}
 */
export function outputAt(values, node, iy, ix) {
  const { form, geometry } = values;
  if (form === "region") return { y: regionOf(geometry.y, iy), x: regionOf(geometry.x, ix) };
  if (isFlattened(values) || node.height * node.width === 1) return { y: 0, x: 0 };
  if (!geometry?.kernel) return { y: clamp(iy, node.height), x: clamp(ix, node.width) };
  const along = (/** @type {0|1} */ axis, /** @type {number} */ at, /** @type {number} */ size) => {
    const middle = ((geometry.kernel[axis] - 1) * (geometry.dilation?.[axis] ?? 1)) / 2;
    return clamp(Math.round((at + geometry.padding[axis] - middle) / geometry.stride[axis]), size);
  };
  return { y: along(0, iy, node.height), x: along(1, ix, node.width) };
}

/**
 * @param {[number, number][]} ranges
 * @param {number} at
 */
function regionOf(ranges, at) {
  const found = ranges.findIndex(([start, end]) => at >= start && at < end);
  return found < 0 ? (at < 0 ? 0 : ranges.length - 1) : found;
}

/**
 * @param {number} value
 * @param {number} size
 */
function clamp(value, size) {
  return Math.max(0, Math.min(size - 1, value));
}

/**
 * What one input channel adds to the output: x_j * k_ij over the output window (without the bias).
 * @param {any} values a convolution
 * @param {number} j channel within the group, 0 <= j < weight.shape[0]
 * @returns {Float32Array} [output.height * output.width]
 */
export function partial(values, j) {
  const { geometry, weight, output } = values;
  const input = values.inputs[0];
  const [, kh, kw] = weight.shape;
  const [sy, sx] = geometry.stride;
  const [dy, dx] = geometry.dilation ?? [1, 1];
  const { height, width, y0 = 0, x0 = 0 } = output;
  const result = new Float32Array(height * width);
  if (isFlattened(values)) return result;
  const data = input.data;
  const base = ((geometry.c0 ?? 0) + j - (input.c0 ?? 0)) * input.height * input.width;
  for (let ky = 0; ky < kh; ky++) {
    for (let kx = 0; kx < kw; kx++) {
      const k = weight.data[(j * kh + ky) * kw + kx];
      const shiftX = x0 * sx - geometry.padding[1] + kx * dx - (input.x0 ?? 0);
      const first = Math.max(0, Math.ceil(-shiftX / sx));
      const last = Math.min(width, Math.floor((input.width - 1 - shiftX) / sx) + 1);
      for (let y = 0; y < height; y++) {
        const row = (y0 + y) * sy - geometry.padding[0] + ky * dy - (input.y0 ?? 0);
        if (row < 0 || row >= input.height) continue;
        const from = base + row * input.width + shiftX;
        const to = y * width;
        for (let x = first; x < last; x++) result[to + x] += k * data[from + x * sx];
      }
    }
  }
  return result;
}

/**
 * The sum of products of one input channel at one output, without making any arrays; for ordering rows.
 * @param {any} values a convolution
 * @param {number} j channel within the group
 * @param {number} y
 * @param {number} x
 */
export function subtotal(values, j, y, x) {
  const { geometry, weight } = values;
  const input = values.inputs[0];
  const [, kh, kw] = weight.shape;
  const channel = (geometry.c0 ?? 0) + j;
  let sum = 0;
  for (let ky = 0; ky < kh; ky++) {
    const row = y * geometry.stride[0] - geometry.padding[0] + ky * (geometry.dilation?.[0] ?? 1);
    for (let kx = 0; kx < kw; kx++) {
      const column = x * geometry.stride[1] - geometry.padding[1] + kx * (geometry.dilation?.[1] ?? 1);
      sum += (numberAt(input, channel, row, column) ?? 0) * weight.data[(j * kh + ky) * kw + kx];
    }
  }
  return sum;
}
