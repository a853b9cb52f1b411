// The steps of torch.optim, for paths that follow the finger; PyTorch's own replace them when it is lifted.

/** What torch.optim adds to the denominators of RMSprop and Adam. */
export const EPSILON = 1e-8;
/** Where a coordinate is beyond this, the path has diverged. */
const FARTHEST = 1e6;

/** @typedef {{kind: string, rate: number, momentum: number, beta1: number, beta2: number}} Run */

/**
 * @typedef {object} Path
 * @property {ArrayLike<number>} points x and y of the start and after every step
 * @property {ArrayLike<number>} losses the whole loss at every point
 * @property {ArrayLike<number>} gradients what every step was given
 * @property {Record<string, ArrayLike<number>>} memory what the optimiser kept after every step
 * @property {boolean} diverged
 */

/**
 * One step: changes the optimiser's memory, returns by how much the point moves.
 * @param {Run} run
 * @param {number} step from 1
 * @param {[number, number]} gradient
 * @param {Record<string, [number, number]>} memory
 * @returns {[number, number]}
 */
export function update(run, step, gradient, memory) {
  const { kind, rate, momentum, beta1, beta2 } = run;
  const each = (/** @type {(i: number) => number} */ f) => /** @type {[number, number]} */ ([f(0), f(1)]);
  const mixed = (name, keep, value) => {
    const before = memory[name] ?? [0, 0];
    memory[name] = each((i) => keep * before[i] + (1 - keep) * value(i));
    return memory[name];
  };
  if (kind === "adam") {
    const m = mixed("exp_avg", beta1, (i) => gradient[i]);
    const s = mixed("exp_avg_sq", beta2, (i) => gradient[i] ** 2);
    return each((i) => (-rate * (m[i] / (1 - beta1 ** step))) / (Math.sqrt(s[i] / (1 - beta2 ** step)) + EPSILON));
  }
  if (kind === "rmsprop") {
    const s = mixed("square_avg", beta2, (i) => gradient[i] ** 2);
    return each((i) => (-rate * gradient[i]) / (Math.sqrt(s[i]) + EPSILON));
  }
  if (kind === "sgd" || momentum === 0) return each((i) => -rate * gradient[i]);
  const before = memory.momentum_buffer;
  memory.momentum_buffer = each((i) => (before ? momentum * before[i] : 0) + gradient[i]);
  const v = memory.momentum_buffer;
  return each((i) => -rate * (kind === "nesterov" ? gradient[i] + momentum * v[i] : v[i]));
}

/**
 * @param {import("./surface.js").Surface} surface
 * @param {[number, number]} start
 * @param {Run} run
 * @param {number} steps
 * @param {{size: number, order: ArrayLike<number>}|null} [batches] which points each step sees
 * @returns {Path}
 */
export function walk(surface, start, run, steps, batches = null) {
  let [x, y] = start;
  const points = [x, y];
  const losses = [surface.value(x, y)];
  const gradients = [];
  /** @type {Record<string, [number, number]>} */
  const memory = {};
  /** @type {Record<string, number[]>} */
  const kept = {};
  let diverged = false;
  for (let step = 1; step <= steps && !diverged; step++) {
    const batch = batches && Array.prototype.slice.call(batches.order, (step - 1) * batches.size, step * batches.size);
    const gradient = surface.gradient(x, y, batch);
    const [dx, dy] = update(run, step, gradient, memory);
    x += dx;
    y += dy;
    points.push(x, y);
    losses.push(surface.value(x, y));
    gradients.push(...gradient);
    for (const [name, value] of Object.entries(memory)) (kept[name] ??= []).push(...value);
    diverged = !(Math.abs(x) <= FARTHEST && Math.abs(y) <= FARTHEST);
  }
  return { points, losses, gradients, memory: kept, diverged };
}
