// The board of landmarks and the picture of blocks: order, front, names beside points, boxes.

import { placed } from "../../explainer/components/architecture_board/labels.js";
import { beginsDown, pareto, sorted, valueOf, written } from "../../explainer/components/architecture_board/values.js";
import { places, shapeText, stages, three } from "../../explainer/components/shared/blocks.js";
import { fieldText, operation } from "../../explainer/components/shape_table/rows.js";

function equal(found, wanted, what = "") {
  const [a, b] = [JSON.stringify(found), JSON.stringify(wanted)];
  if (a !== b) throw new Error(`${what} ${a} is not ${b}`);
}

const weights = (...tops) => tops.map((top1, i) => ({ name: `V${i + 1}`, top1, top5: top1 + 10 }));
const networks = [
  { key: "a", title: "A", year: 1998, depth: 5, parameters: 60, weights: [] },
  { key: "b", title: "B", year: 2012, depth: 8, parameters: 61e6, weights: weights(56) },
  { key: "c", title: "C", year: 2015, depth: 50, parameters: 25e6, weights: weights(76, 81) },
];
const context = { timings: { c: [0.08, 0.09, 0.1, 9] }, recipe: "first" };
const text = (key, values = {}) => key.replace(/\{(\w+)\}/g, (_, name) => values[name]);

export const tests = {
  "networks without a value come last, whichever way"() {
    const keys = (name, down) => sorted(networks, name, down, context).map((one) => one.key).join("");
    equal(keys("top1", true), "cba");
    equal(keys("top1", false), "bca");
    equal(keys("time", true), "cab");
    equal(keys("parameters", false), "acb");
    equal(keys("title", false), "abc");
    equal([beginsDown("top1"), beginsDown("year")], [true, false]);
  },

  "weights are those of the chosen recipe"() {
    equal(valueOf(networks[2], "top1", context), 76);
    equal(valueOf(networks[2], "top1", { ...context, recipe: "newest" }), 81);
    equal(valueOf(networks[0], "top1", context), null);
    equal([written("top1", 76.13), written("time", 0.0259), written("time", null), written("year", 1998)], ["76.1 %", "25.9 ms", "–", "1998"]);
  },

  "the front keeps who is not beaten"() {
    const points = [[1, 50], [2, 60], [3, 55], [2, 58], [4, 60], [5, 70]].map(([x, y]) => ({ x, y }));
    equal(pareto(points).map(({ x, y }) => [x, y]), [[1, 50], [2, 60], [5, 70]]);
  },

  "names do not cover each other, nor other points, nor the edge"() {
    const random = ((state) => () => (state = (state * 16807) % 2147483647) / 2147483647)(7);
    for (let round = 0; round < 20; round++) {
      const points = Array.from({ length: 12 }, () => ({
        x: 60 + 800 * random(), y: 30 + 320 * random(), r: 4 + 14 * random(), width: 50 + 60 * random(), height: 15,
      }));
      const bounds = { left: 40, right: 900, top: 4, bottom: 380 };
      const names = placed(points, bounds);
      const meet = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
      names.forEach((name, i) => {
        if (name.left < bounds.left || name.right > bounds.right || name.top < bounds.top || name.bottom > bounds.bottom) throw new Error("over the edge");
        if (names.some((other, j) => i !== j && meet(name, other))) throw new Error(`round ${round}: names meet`);
      });
    }
  },

  "boxes stand in order inside their room, larger maps higher and more channels thicker"() {
    const shapes = [[3, 224, 224], [64, 112, 112], [512, 7, 7], [2048, 1, 1], [1000]];
    const blocks = shapes.map((shape, i) => ({ name: `${i}`, kind: "Conv2d", shape, parameters: 0, multiplyAdds: 0 }));
    for (const [width, count] of [[300, 1], [900, 1], [300, 5], [900, 5]]) {
      const many = Array.from({ length: count }, () => blocks).flat();
      const found = places(many, width, 150);
      found.forEach((place, i) => {
        if (i && place.x < found[i - 1].x + found[i - 1].width) throw new Error(`${width}: boxes ${i - 1} and ${i} meet`);
        if (place.height + 0.6 * place.lean > 150.5) throw new Error(`too high: ${place.height}`);
      });
      const last = found.at(-1);
      if (last.x + last.width > width + 1) throw new Error(`${width}, ${count}: ends at ${last.x + last.width}`);
    }
    const [input, first, deep, pooled] = places(blocks, 900, 150);
    if (!(input.height > first.height && first.height > deep.height)) throw new Error("heights");
    if (!(input.width < first.width && first.width < deep.width && deep.width < pooled.width)) throw new Error("widths");
    const ratio = first.height / input.height;
    if (Math.abs(ratio - Math.SQRT1_2) > 1e-6) throw new Error(`half the side is drawn ${ratio} as high, not by the root`);
  },

  "stages are runs of maps of one size"() {
    const block = (...shape) => ({ name: "", kind: "", shape });
    equal(stages([block(3, 8, 8), block(6, 8, 8), block(6, 4, 2), block(10)]), [
      { first: 0, last: 1, side: "8²" }, { first: 2, last: 2, side: "4 × 2" }, { first: 3, last: 3, side: "" },
    ]);
  },

  "numbers are written with three digits, shapes as in papers"() {
    equal([0, 999, 61706, 61100840, 9996, 138357544, 15470264320].map(three), ["0", "999", "61.7 k", "61.1 M", "10.0 k", "138 M", "15.5 G"]);
    equal([shapeText([6, 28, 28]), shapeText([84])], ["6 @ 28 × 28", "84"]);
  },

  "an operation is said with its window"() {
    const window = { kernel: [3, 3], stride: [2, 2], padding: [1, 1], dilation: [1, 1], groups: 32, ceil: false };
    equal(operation({ kind: "conv2d", module: "Conv2d", window }, text), "Conv2d 3 × 3, stride 2, padding 1, 32 groups");
    equal(operation({ kind: "add", module: "", window: null }, text), "add");
    const uneven = { ...window, kernel: [1, 7], stride: [1, 1], padding: [0, 3], groups: 1 };
    equal(operation({ kind: "conv2d", module: "Conv2d", window: uneven }, text), "Conv2d 1 × 7, padding 0, 3");
    equal(fieldText({ size: [14, 14], step: [2, 2], whole: false }, text), "14 × 14, step 2");
    equal(fieldText({ size: [7, 7], step: [2, 2], whole: true }, text), "7 × 7, step 2; through gates the whole picture");
  },
};
