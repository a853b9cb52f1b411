// One step of an optimiser, written out with its numbers for both coordinates.

import { element } from "../shared/dom.js";
import { bracketed, brief } from "../shared/numbers.js";
import { EPSILON } from "./optimisers.js";

const DIGITS = 4;

/**
 * The lines of a step: what is computed, its formula, and for each coordinate the numbers and the result.
 * @param {import("./optimisers.js").Run} run
 * @param {import("./optimisers.js").Path} path
 * @param {number} step from 1
 * @param {(key: string, values?: Record<string, string|number>) => string} text
 * @param {[string, string]} names of the coordinates
 * @returns {{what: string, formula: string, numbers: [string, string], results: [number, number]}[]}
 */
export function stepLines(run, path, step, text, names) {
  const { kind, rate, momentum: mu, beta1, beta2 } = run;
  const now = (/** @type {string} */ name, /** @type {number} */ i) => path.memory[name]?.[2 * (step - 1) + i] ?? 0;
  const before = (/** @type {string} */ name, /** @type {number} */ i) => (step > 1 ? path.memory[name][2 * (step - 2) + i] : 0);
  const gradient = [0, 1].map((i) => path.gradients[2 * (step - 1) + i]);
  const from = [0, 1].map((i) => path.points[2 * (step - 1) + i]);
  const to = [0, 1].map((i) => path.points[2 * step + i]);
  const [unbias1, unbias2] = [1 - beta1 ** step, 1 - beta2 ** step];
  // By the formula: the difference of two points that are close to each other has few digits left.
  const moved = [0, 1].map((i) => -rate * direction(i));
  function direction(/** @type {number} */ i) {
    if (kind === "adam") return now("exp_avg", i) / unbias1 / (Math.sqrt(now("exp_avg_sq", i) / unbias2) + EPSILON);
    if (kind === "rmsprop") return gradient[i] / (Math.sqrt(now("square_avg", i)) + EPSILON);
    if (kind === "sgd" || mu === 0) return gradient[i];
    return kind === "nesterov" ? gradient[i] + mu * now("momentum_buffer", i) : now("momentum_buffer", i);
  }
  const both = (/** @type {(i: number) => any} */ f) => /** @type {[any, any]} */ ([f(0), f(1)]);
  const lines = [{ what: text("gradient"), formula: "g = ∇L", numbers: both((i) => `∂L/∂${names[i]}`), results: both((i) => gradient[i]) }];
  const line = (what, formula, numbers, results) => lines.push({ what, formula, numbers: both(numbers), results: both(results) });
  const keep = (what, symbol, beta, letter, name, value) =>
    line(
      what,
      `${symbol} ← ${letter} ${symbol} + (1 − ${letter}) g${name.endsWith("sq") || name === "square_avg" ? "²" : ""}`,
      (i) => `${n(beta)} × ${p(before(name, i))} + ${n(1 - beta)} × ${value(i)}`,
      (i) => now(name, i),
    );
  const squared = (i) => `${p(gradient[i])}²`;
  if (kind === "adam") {
    const m = both((i) => now("exp_avg", i) / unbias1);
    const s = both((i) => now("exp_avg_sq", i) / unbias2);
    keep(text("mean gradient"), "m", beta1, "β₁", "exp_avg", (i) => p(gradient[i]));
    keep(text("mean square"), "s", beta2, "β₂", "exp_avg_sq", squared);
    line(text("bias corrected"), "m̂ = m / (1 − β₁ᵗ)", (i) => `${n(now("exp_avg", i))} / ${n(unbias1)}`, (i) => m[i]);
    line("", "ŝ = s / (1 − β₂ᵗ)", (i) => `${n(now("exp_avg_sq", i))} / ${n(unbias2)}`, (i) => s[i]);
    line(text("step"), "Δ = −η m̂ / (√ŝ + ε)", (i) => `−${n(rate)} × ${p(m[i])} / √${n(s[i])}`, (i) => moved[i]);
  } else if (kind === "rmsprop") {
    keep(text("mean square"), "s", beta2, "α", "square_avg", squared);
    line(text("step"), "Δ = −η g / (√s + ε)", (i) => `−${n(rate)} × ${p(gradient[i])} / √${n(now("square_avg", i))}`, (i) => moved[i]);
  } else if (kind === "sgd" || mu === 0) {
    line(text("step"), "Δ = −η g", (i) => `−${n(rate)} × ${p(gradient[i])}`, (i) => moved[i]);
  } else {
    const v = both((i) => now("momentum_buffer", i));
    line(text("velocity"), "v ← μ v + g", (i) => `${n(mu)} × ${p(before("momentum_buffer", i))} + ${p(gradient[i])}`, (i) => v[i]);
    if (kind === "nesterov") {
      line(text("step"), "Δ = −η (g + μ v)", (i) => `−${n(rate)} × (${n(gradient[i])} + ${n(mu)} × ${p(v[i])})`, (i) => moved[i]);
    } else {
      line(text("step"), "Δ = −η v", (i) => `−${n(rate)} × ${p(v[i])}`, (i) => moved[i]);
    }
  }
  lines.push({ what: text("new point"), formula: `${names.join(", ")} ← … + Δ`, numbers: both((i) => `${n(from[i])} + ${p(moved[i])}`), results: both((i) => to[i]) });
  return lines;
}

/**
 * @param {HTMLElement} host
 * @param {ReturnType<typeof stepLines>} lines
 * @param {[string, string]} names
 */
export function writeStep(host, lines, names) {
  const table = element("table", "dv-step");
  const head = table.appendChild(element("thead")).appendChild(element("tr"));
  for (const title of ["", "", ...names]) {
    const cell = element("th", "", title);
    cell.scope = "col";
    head.append(cell);
  }
  const body = table.appendChild(element("tbody"));
  for (const { what, formula, numbers, results } of lines) {
    const row = body.appendChild(element("tr"));
    row.append(element("th", "", what), element("td", "dv-formula", formula));
    numbers.forEach((written, i) => {
      const cell = row.appendChild(element("td"));
      cell.append(element("span", "dv-numbers", `${written} =`), " ", element("b", "", n(results[i])));
    });
  }
  host.replaceChildren(table);
}

function n(value) {
  return brief(value, DIGITS);
}

function p(value) {
  return bracketed(value, DIGITS);
}
