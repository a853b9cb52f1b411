// Pure parts of the detail panel: places under the pointer, numbers in words, the next step of a number.

import { elasticLayout, findIn, rowBoxes } from "../../explainer/components/network_map/elastic_layout.js";
import { className, complete, short, signed } from "../../explainer/components/network_map/numbers.js";
import { cellAt, fit } from "../../explainer/components/shared/sketch.js";
import { nextSteps } from "../../explainer/components/network_map/steps.js";

function equal(actual, expected, what = "") {
  const [a, b] = [actual, expected].map((value) => JSON.stringify(value));
  if (a !== b) throw new Error(`${what}: ${a}, expected ${b}`);
}

const MAP = { height: 60, width: 60 };

function layout(changes = {}) {
  return elasticLayout({ width: 740, height: 520, scroll: 0, count: 10, shown: 10, dense: false, input: { height: 62, width: 62 }, output: MAP, part: MAP, kernel: [3, 3], digits: 1, ...changes });
}

function node(index, kind, inputs, channels, size, extra = {}) {
  return { index, kind, inputs, channels, height: size, width: size, shown: [2], name: `n${index}`, label: `n${index}`, ...extra };
}

function storeOf(nodes, extra = {}) {
  return { overview: { nodes, output: nodes.length - 1, model: { classes: null } }, node: (i) => nodes[i], tensors: new Map(), operations: new Map(), ...extra };
}

export const tests = {
  "what is drawn is found under the pointer, in every row and size"() {
    for (const changes of [{}, { width: 388 }, { width: 1000, count: 3, shown: 3 }, { count: 512, shown: 12, digits: 3, scroll: 90 }, { height: 900, count: 1, shown: 1 }]) {
      const l = layout(changes);
      for (let place = 0; place < l.shown; place++) {
        const box = rowBoxes(l, place);
        if (box.middle < 60 || box.middle > l.H - 60) continue;
        const centre = (b) => [b.x + b.w / 2, b.y + b.h / 2];
        const kinds = ["input", "kernel", "part"].map((name) => findIn(l, ...centre(box[name]), (y, x) => ({ y, x })));
        equal(kinds.map((found) => found.kind), ["input", "kernel", "output"], `row ${place}`);
        equal(kinds.map((found) => found.place), [place, place, place]);
        equal([kinds[2].y, kinds[2].x], [30, 30]);
      }
      const out = findIn(l, l.outBox.x + 1, l.outBox.y + 1, () => ({ y: 0, x: 0 }));
      equal([out.kind, out.y, out.x], ["output", 0, 0]);
      if (l.outBox.x < l.leave || l.outBox.x + l.outBox.w > l.W) throw new Error("the output does not fit");
    }
  },

  "a map keeps its shape and its cells"() {
    equal(fit(0, 0, 100, 50, 25), { x: 0, y: 25, w: 100, h: 50 });
    const box = { x: 10, y: 20, w: 40, h: 20 };
    equal(cellAt(box, { width: 4, height: 2 }, 10, 20), { y: 0, x: 0 });
    equal(cellAt(box, { width: 4, height: 2 }, 49.9, 39.9), { y: 1, x: 3 });
    equal(cellAt(box, { width: 4, height: 2 }, 51, 30), null);
    equal(cellAt(box, { width: 4, height: 2 }, 51, 30, 2), { y: 1, x: 3 });
  },

  "numbers keep their sign and fit their cell"() {
    equal([0, 0.5, -0.0312, 12.345, -99.99, 123.4, 0.00001, 45678].map(short), ["0", "0.50", "−0.031", "12.3", "−100", "123", "1e−5", "5e4"]);
    equal([1.5, -1.5, 0, 0.000012].map((v) => signed(v)), ["+1.5000", "−1.5000", "0", "+1.20e−5"]);
    equal(complete(Math.fround(0.1)), "0.100000001");
    equal(short(NaN), "NaN");
  },

  "class names stand only where the classes are"() {
    const store = storeOf([node(0, "input", [], 3, 8), node(1, "linear", [0], 3, 1), node(2, "linear", [1], 3, 1)]);
    store.overview.model.classes = ["a", "b", "c"];
    equal([className(store, store.node(1), 0), className(store, store.node(2), 1)], [null, "b"]);
  },

  "a number walks on: activation, pool, concatenation, flatten, convolution"() {
    const nodes = [
      node(0, "input", [], 4, 8), node(1, "relu", [0], 4, 8), node(2, "max_pool2d", [0], 4, 4),
      node(3, "cat", [2, 0], 8, 8), node(4, "flatten", [0], 256, 1), node(5, "conv2d", [1], 4, 8),
    ];
    const store = storeOf(nodes);
    const steps = nextSteps(store, nodes[0], 3, 5, 6, -2);
    equal(steps.map((step) => step.place), [
      { node: 1, channel: 3, y: 5, x: 6 }, { node: 2, channel: 3, y: 2, x: 3 }, { node: 3, channel: 7, y: 5, x: 6 },
    ]);
    equal([steps[0].value, steps[0].formula, steps[1].value], [0, "max(0, ·)", null]);
    equal(nextSteps(storeOf([nodes[0], { ...nodes[4], index: 1 }]), nodes[0], 3, 5, 6, 1)[0].place, { node: 1, channel: 238, y: 0, x: 0 });
    equal(nextSteps(store, nodes[1], 0, 1, 1, 1)[0].place, { node: 5, channel: 2, y: 1, x: 1 });
  },
};
