// One look in numbers: the sum, the step, the error, and what it changes.

import { element } from "../shared/dom.js";
import { bracketed, brief } from "../shared/numbers.js";

const NAMES = ["w₁", "w₂", "b"];

/**
 * The lines of the card.
 * @param {number[]} before weights before the look
 * @param {{x1: number, x2: number, target: number, total: number, output: number, error: number, change: number[], after: number[]}} look
 * @param {number} rate
 * @returns {{terms: string[][]}}
 */
export function lines(before, look, rate) {
  const [w1, w2, b] = before;
  const { x1, x2, target, total, output, error, change, after } = look;
  const inputs = [x1, x2];
  return {
    terms: [
      ["z", "w₁ x₁ + w₂ x₂ + b", `${brief(w1, 5)} · ${bracketed(x1)} + ${bracketed(w2)} · ${bracketed(x2)} + ${bracketed(b)}`, brief(total, 5)],
      ["y", "step(z)", `${brief(total, 5)} ${total > 0 ? ">" : "≤"} 0`, String(output)],
      ["e", "t − y", `${target} − ${output}`, brief(error, 5)],
      ...NAMES.map((name, i) => [
        `Δ${name}`,
        i < 2 ? `η e x${"₁₂"[i]}` : "η e",
        [rate, error, ...(i < 2 ? [inputs[i]] : [])].map((one) => bracketed(one)).join(" · "),
        brief(change[i], 5),
        error ? `${name}: ${brief(before[i], 5)} → ${brief(after[i], 5)}` : "",
      ]),
    ],
  };
}

/** @param {ReturnType<typeof lines>} found */
export function card({ terms }) {
  const table = element("table", "pv-card");
  for (const [name, symbols, numbers, value, change] of terms) {
    const row = table.insertRow();
    const cells = [name, `= ${symbols}`, `= ${numbers}`, `= ${value}`, change ?? ""];
    cells.forEach((text, i) => (row.insertCell().className = ["pv-sym", "pv-form", "pv-num", "pv-val", "pv-move"][i]) && (row.cells[i].textContent = text));
  }
  return table;
}

/**
 * The points as a table of truth, for as many as can be read at a glance.
 * @param {number[][]} points
 * @param {(point: number[]) => {z: number, y: number}} answer
 * @param {number} marked
 * @param {{right: string, wrong: string}} words
 */
export function truth(points, answer, marked, words) {
  const table = element("table", "pv-truth");
  const head = table.createTHead().insertRow();
  for (const name of ["x₁", "x₂", "t", "z", "y", ""]) head.append(element("th", "", name));
  const body = table.createTBody();
  points.forEach((point, i) => {
    const row = body.insertRow();
    const { z, y } = answer(point);
    const right = y === point[2];
    row.dataset.wrong = String(!right);
    row.dataset.marked = String(i === marked);
    [...point, z].forEach((value) => (row.insertCell().textContent = brief(value, 5)));
    row.insertCell().textContent = String(y);
    const mark = row.insertCell();
    mark.textContent = right ? "✓" : "✗";
    mark.setAttribute("aria-label", right ? words.right : words.wrong);
  });
  return table;
}
