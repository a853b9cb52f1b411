// What the views of networks compute themselves: boundaries, curves' stages, sums of units.
import { boundary, grid, parameters, probability, respond, unpack } from "../../explainer/components/learner_view/forward.js";
import { stageAt } from "../../explainer/components/learner_view/curves.js";
import { leftToRight, nearest, partial } from "../../explainer/components/approximation_view/sum.js";

function equal(actual, expected) {
  const [a, b] = [actual, expected].map((value) => JSON.stringify(value));
  if (a !== b) throw new Error(`expected ${b}, got ${a}`);
}

const close = (a, b) => {
  if (Math.abs(a - b) > 1e-6) throw new Error(`expected ${b}, got ${a}`);
};

export const tests = {
  "a network by hand": () => {
    // Two inputs, two ReLUs, one output: relu(x - y) + relu(y - x) - 1.
    const row = Float32Array.of(1, -1, -1, 1, 0, 0, 1, 1, -1);
    equal(parameters([2, 2, 1]), row.length);
    const layers = unpack([2, 2, 1], row);
    const [hidden, [logit]] = respond(layers, "relu", [Float32Array.of(3, 1), Float32Array.of(1, 1.5)]);
    equal([...hidden[0]], [2, 0]);
    equal([...hidden[1]], [0, 0.5]);
    equal([...logit], [1, -0.5]);
    close(probability(0), 0.5);
  },
  "without hidden layers the output is linear": () => {
    const [[logit]] = respond(unpack([2, 1], Float32Array.of(2, -1, 0.5)), "tanh", [Float32Array.of(1), Float32Array.of(3)]);
    equal([...logit], [-0.5]);
  },
  "the grid begins at the upper left": () => {
    const [xs, ys] = grid(2, 1);
    equal([...xs], [-0.5, 0.5, -0.5, 0.5]);
    equal([...ys], [0.5, 0.5, -0.5, -0.5]);
  },
  "the boundary lies where the values are zero": () => {
    const found = boundary(Float32Array.of(-1, 3, -1, 3), 2);
    equal(found, [[0.75, 0.5, 0.75, 1.5]]);
    equal(boundary(Float32Array.of(1, 1, 1, 1), 2), []);
  },
  "a place on the axis leads to the nearest stage": () => {
    const stages = { steps: Int32Array.of(0, 10, 100) };
    equal([0, 70, 1000].map((x) => stageAt(stages, x, 450)), [0, 1, 2]);
  },
  "units are added from left to right": () => {
    const order = leftToRight(Float32Array.of(1, 2, 1), Float32Array.of(-0.5, 1, 0.2));
    equal(order, [1, 2, 0]);
    const parts = Float32Array.of(1, 2, 10, 20, 100, 200);
    equal([...partial(parts, 2, order, 2, 0.5)], [110.5, 220.5]);
    equal([...partial(parts, 2, order, 0, 0.5)], [0.5, 0.5]);
    equal(nearest(parts, 2, order, 3, 0, 12), 1);
    equal(nearest(parts, 2, order, 1, 0, 90), 1);
  },
};
