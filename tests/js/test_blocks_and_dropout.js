// Joins of building blocks, gradients on a logarithmic axis, the draws of dropout: the pure parts.

import { compared } from "../../explainer/components/block_pair/figures.js";
import { equation, numberAt, place, sourceOf } from "../../explainer/components/block_pair/sums.js";
import { distances, dropped, meanOf } from "../../explainer/components/dropout_view/draws.js";
import { normsAt } from "../../explainer/components/flow_view/view.js";

function equal(actual, expected, what = "") {
  const [a, b] = [actual, expected].map((value) => JSON.stringify(value));
  if (a !== b) throw new Error(`${what}: ${a}, expected ${b}`);
}

const part = (role, data, channels = 1, size = 2) => ({ role, name: role, channels, height: size, width: size, data: Float32Array.from(data) });
const text = (key, values = {}) => key.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));

export const tests = {
  "a sum is written with its signs, and what the ReLU leaves of it"() {
    const join = { kind: "add", parts: [part("x", [1, 2, 3, 4]), part("branch", [0, 0, 0, -5.5])], result: part("r", [1, 2, 3, -1.5]), then: part("t", [1, 2, 3, 0]) };
    equal(equation(join, 0, { y: 1, x: 1 }, text), "4.000 + (−5.500) = −1.500, after ReLU 0");
    equal(equation({ ...join, then: null }, 0, { y: 0, x: 1 }, text), "2.000 + 0 = 2.000");
  },

  "a gate has one number for all places"() {
    const gate = part("gate", [0.25, 0.5], 2, 1);
    equal(numberAt(gate, 1, { y: 1, x: 1 }), 0.5);
    const join = { kind: "mul", parts: [part("map", [0, 0, 0, 0, 1, 2, 3, 4], 2), gate], result: part("r", [0, 0, 0, 0, 0.5, 1, 1.5, 2], 2), then: null };
    equal(equation(join, 1, { y: 1, x: 0 }, text), "3.000 × 0.5000 = 1.500");
  },

  "every channel of a concatenation has its source"() {
    const join = { kind: "cat", parts: [part("x", [], 3), part("y", [], 2), part("z", [], 1)], result: part("r", [], 6), then: null };
    equal([0, 2, 3, 4, 5].map((channel) => [sourceOf(join, channel).part.name, sourceOf(join, channel).channel]), [["x", 0], ["x", 2], ["y", 0], ["y", 1], ["z", 0]]);
  },

  "one place is the same on maps of any size"() {
    equal(place({ height: 8, width: 8 }, [0.99, 0]), { y: 7, x: 0 });
    equal(place({ height: 1, width: 1 }, [0.99, 0.5]), { y: 0, x: 0 });
    equal(place({ height: 16, width: 16 }, [0.5, 0.53125]), { y: 8, x: 8 });
  },

  "figures are compared as multiples or shares"() {
    equal([compared(6.76, text), compared(0.5586, text), compared(1.26, text)], ["B is 6.8 times A", "B is 55.9 % of A", "B is 126 % of A"]);
  },

  "a run that has ended keeps its last norms"() {
    const run = { depth: 2, losses: [2, 1], norms: Float32Array.from([1, 2, 3, 4]) };
    equal([0, 1, 7].map((step) => [...normsAt(run, step)]), [[1, 2], [3, 4], [3, 4]]);
    equal(normsAt({ ...run, losses: [] }, 0).length, 0);
  },

  "dropout scales what survives, and its mean comes back"() {
    const x = Float32Array.from([2, -4]);
    const masks = Uint8Array.from([1, 0, 1, 1, 0, 1, 0, 0]);
    equal([...dropped(x, masks, 0, 0.5)], [4, 0]);
    equal([...meanOf(x, masks, 4, 0.5)], [2, -4]);
    equal([...distances(x, masks, 0.5)].map((v) => Math.round(v * 1000) / 1000), [3, 1, 1, 0]);
  },
};
