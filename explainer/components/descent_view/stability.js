// Whether the learning rate is small enough, said with the curvature at the point looked at.

import { brief } from "../shared/numbers.js";
import { largestRate } from "./controls.js";

/**
 * @param {import("./optimisers.js").Run} run
 * @param {ArrayLike<number>|null} eigenvalues of the Hessian there, the largest first; null while PyTorch computes
 * @param {boolean} diverged
 * @param {number} last the step at which the path ended
 * @param {(key: string, values?: Record<string, string|number>) => string} text
 * @returns {{sentence: string, warning: boolean, limit: number|null}}
 */
export function stability(run, eigenvalues, diverged, last, text) {
  const parts = [];
  const steepest = eigenvalues?.[0] ?? NaN;
  const limit = largestRate(run, steepest);
  const warning = diverged || (limit !== null && run.rate > limit);
  if (diverged) parts.push(text("Diverged: after {count} steps a coordinate is beyond a million.", { count: last }));
  if (!Number.isFinite(steepest)) return { sentence: parts.join(" "), warning, limit };
  const [high, low] = [steepest, /** @type {ArrayLike<number>} */ (eigenvalues)[1]].map((one) => brief(Math.abs(one) < 1e-6 ? 0 : one, 3));
  parts.push(text("Curvature here (eigenvalues of the Hessian): {high} and {low}.", { high, low }));
  if (limit === null) {
    if (run.kind === "rmsprop" || run.kind === "adam") {
      parts.push(text("The step is about η whatever the gradient's size: it cannot blow up, but it need not come to rest either."));
    } else parts.push(text("No direction curves upwards here: any step leads on downhill."));
    return { sentence: parts.join(" "), warning, limit };
  }
  const formula = { sgd: "2 / λ", momentum: "2 (1 + μ) / λ", nesterov: "2 (1 + μ) / ((1 + 2 μ) λ)" }[run.kind];
  const values = { formula, limit: brief(limit, 3), rate: brief(run.rate, 3) };
  if (/** @type {ArrayLike<number>} */ (eigenvalues)[1] < -1e-6) {
    parts.push(text("In one direction the surface curves down: there every step leads further away, as from a saddle."));
    return { sentence: parts.join(" "), warning, limit };
  }
  if (run.rate > limit) parts.push(text("η = {rate} is above {formula} = {limit}: along the steepest direction every step overshoots by more than it corrects.", values));
  else parts.push(text("η = {rate} is below {formula} = {limit}: on a bowl curved like this, it converges.", values));
  if (run.kind === "sgd") {
    const factor = brief(Math.abs(1 - run.rate * steepest), 3);
    parts.push(text("Along the steepest direction every step multiplies the distance by |1 − η λ| = {factor}.", { factor }));
  }
  return { sentence: parts.join(" "), warning, limit };
}
