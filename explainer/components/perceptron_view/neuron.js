import { brief } from "../shared/numbers.js";
// The perceptron as a drawing: two inputs and a 1, a weight on each edge, the sum, the step, the answer.

import { label, shape } from "./plane.js";

const ROWS = [34, 92, 150];
const [IN, SUM, STEP, OUT] = [34, 218, 312, 402];
const MIDDLE = ROWS[1];
const NAMES = ["x₁", "x₂", "1"];
const WEIGHTS = ["w₁", "w₂", "b"];

export class Neuron {
  constructor() {
    this.root = shape("svg", { viewBox: "0 0 440 190", class: "pv-neuron", role: "img" });
    this.edges = ROWS.map((y) => shape("line", { x1: IN + 22, y1: y, x2: SUM - 30, y2: MIDDLE + (y - MIDDLE) * 0.12 }));
    this.weights = ROWS.map((y, i) => label(WEIGHTS[i], 124, y + (MIDDLE - y) * 0.48 - 8, "middle"));
    this.inputs = ROWS.map((y, i) => {
      const name = label(NAMES[i], IN, y + 5, "middle");
      this.root.append(shape("circle", { cx: IN, cy: y, r: 21, class: "pv-node" }), name);
      return name;
    });
    this.total = label("", SUM, MIDDLE + 52, "middle");
    this.answer = label("y", OUT, MIDDLE + 6, "middle");
    this.end = shape("circle", { cx: OUT, cy: MIDDLE, r: 21, class: "pv-node" });
    this.weights.forEach((text) => text.classList.add("pv-weight"));
    this.root.append(
      ...this.edges,
      ...this.weights,
      shape("line", { x1: SUM + 28, y1: MIDDLE, x2: STEP - 26, y2: MIDDLE, class: "pv-flow" }),
      shape("line", { x1: STEP + 26, y1: MIDDLE, x2: OUT - 22, y2: MIDDLE, class: "pv-flow" }),
      shape("circle", { cx: SUM, cy: MIDDLE, r: 28, class: "pv-node" }),
      label("Σ", SUM, MIDDLE + 8, "middle"),
      shape("rect", { x: STEP - 25, y: MIDDLE - 22, width: 50, height: 44, rx: 8, class: "pv-node" }),
      shape("path", { d: `M${STEP - 17} ${MIDDLE + 12}h17v-24h17`, class: "pv-step" }),
      this.end,
      this.answer,
      this.total,
    );
  }

  /**
   * @param {number[]} weights
   * @param {{x1: number, x2: number, z: number, y: number}|null} at the inputs that go through it
   */
  draw(weights, at) {
    const values = at ? [at.x1, at.x2, 1] : [];
    ROWS.forEach((_, i) => {
      const weight = weights[i];
      this.inputs[i].textContent = at ? brief(values[i], 5) : NAMES[i];
      this.weights[i].textContent = `${WEIGHTS[i]} = ${brief(weight, 5)}`;
      this.edges[i].setAttribute("stroke-width", String(Math.min(9, 1 + 2.4 * Math.abs(weight))));
      this.edges[i].setAttribute("class", weight > 0 ? "pv-up" : weight < 0 ? "pv-down" : "pv-flow");
    });
    this.total.textContent = at ? `z = ${brief(at.z, 5)}` : "z";
    this.answer.textContent = at ? String(at.y) : "y";
    this.end.dataset.answer = at ? String(at.y) : "";
    const said = WEIGHTS.map((name, i) => `${name} = ${brief(weights[i], 5)}`).join(", ");
    const through = at ? `, x₁ = ${brief(at.x1, 5)}, x₂ = ${brief(at.x2, 5)}, z = ${brief(at.z, 5)}, y = ${at.y}` : "";
    this.root.setAttribute("aria-label", said + through);
  }
}
