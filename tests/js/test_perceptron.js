// The line of the perceptron in the plane: its side, its ends, its handles.

import { card, lines } from "../../explainer/components/perceptron_view/card.js";
import { ends, foot, positiveSide, shifted, snapped, sum, tip, turned } from "../../explainer/components/perceptron_view/geometry.js";

function equal(found, wanted, what = "") {
  const [a, b] = [JSON.stringify(found), JSON.stringify(wanted)];
  if (a !== b) throw new Error(`${what} ${a} is not ${b}`);
}

function near(found, wanted, slack, what = "") {
  if (!(Math.abs(found - wanted) <= slack)) throw new Error(`${what} ${found} is not ${wanted}`);
}

const LINES = [[1, -1, 0.5], [2, 1, -2], [0, 1, 0.25], [-3, 0, 1], [0.3, 0.7, -0.2]];

export const tests = {
  "a line ends at the edges of the square, where z is 0"() {
    for (const weights of LINES) {
      for (const place of ends(weights)) {
        near(sum(weights, ...place), 0, 1e-9, `z of ${weights}`);
        if (!place.some((value) => Math.abs(value + 1) < 1e-9 || Math.abs(value - 2) < 1e-9)) throw new Error(`${place}`);
      }
    }
    equal(ends([0, 0, 1]), null, "no line");
    equal(ends([1, 0, 9]), null, "a line out of sight");
  },

  "the side of answer 1 is cut off by the line"() {
    for (const weights of LINES)
      for (const corner of positiveSide(weights)) if (sum(weights, ...corner) < -1e-9) throw new Error(`${weights}: ${corner}`);
    equal(positiveSide([0, 0, 1]).length, 4, "everywhere");
    equal(positiveSide([0, 0, -1]).length, 0, "nowhere");
  },

  "the handles are the line: what the tip says is what turning gives back"() {
    for (const weights of LINES) {
      const from = foot(weights);
      near(sum(weights, ...from), 0, 1e-9);
      turned(from, tip(weights, from)).forEach((value, i) => near(value, weights[i], 0.011, `weight ${i} of ${weights}`));
    }
    equal(foot([0, 0, 3]), [0.5, 0.5]);
  },

  "a shifted line goes through the place and keeps its direction"() {
    equal(shifted([2, -1, 7], [0.5, 1]), [2, -1, 0]);
    equal(snapped(0.4744), 0.45);
    equal(snapped(7), 2);
  },

  "one look reads as it is reckoned by hand"() {
    const look = { x1: 1, x2: 0, target: 0, total: 1.5, output: 1, error: -1, change: [-0.5, 0, -0.5], after: [0.5, -1, 0] };
    const { terms } = lines([1, -1, 0.5], look, 0.5);
    equal(terms[0].slice(2), ["1 · 1 + (−1) · 0 + 0.5", "1.5"]);
    equal(terms[1].slice(2), ["1.5 > 0", "1"]);
    equal(terms[3].slice(2), ["0.5 · (−1) · 1", "−0.5", "w₁: 1 → 0.5"]);
    equal(card({ terms }).rows.length, 6);
  },
};
