import { anchorAt, bin, boxAt, boxUnder, centred, decoded, iou } from "../../explainer/components/two_stage_view/boxes.js";
import { check, equal } from "./nets.js";

const near = (a, b) => Math.abs(a - b) < 1e-9 * Math.max(1, Math.abs(b));

export const tests = {
  "an anchor stands where its level's stride puts it": () => {
    const level = { base: [-16, -8, 16, 8, -4, -4, 4, 4], stride: [16, 32] };
    equal(anchorAt(level, 2, 3, 0), [80, 24, 112, 40]);
    equal(anchorAt(level, 0, 0, 1), [-4, -4, 4, 4]);
    equal(boxAt([1, 2, 3, 4, 5, 6, 7, 8], 1), [5, 6, 7, 8]);
  },

  "deltas move by shares of the size and stretch by powers of e": () => {
    const found = decoded([10, 20, 30, 60], [1, -5, 0, 5 * Math.log(2)], [10, 10, 5, 5]);
    check(near(found.to.x, 20 + 20 * 0.1), "x");
    check(near(found.to.y, 40 - 40 * 0.5), "y");
    check(near(found.to.w, 20), "w");
    check(near(found.to.h, 80), "h");
    equal(found.box.map(Math.round), [12, -20, 32, 60]);
    equal(centred([10, 20, 30, 60]), { x: 20, y: 40, w: 20, h: 40 });
  },

  "stretches end where torchvision ends them": () => {
    const found = decoded([0, 0, 1, 1], [0, 0, 50, 0], [1, 1, 1, 1]);
    check(near(found.to.w, 1000 / 16), "clipped at log(1000 / 16)");
  },

  "overlap, none, and the same box": () => {
    check(near(iou([0, 0, 2, 2], [1, 0, 3, 2]), 2 / 6), "a third");
    equal(iou([0, 0, 1, 1], [1, 0, 2, 1]), 0);
    equal(iou([0, 0, 3, 3], [0, 0, 3, 3]), 1);
  },

  "the smallest box under the pointer is meant": () => {
    const boxes = [[0, 0, 10, 10], [2, 2, 4, 4], [3, 3, 9, 9]];
    equal(boxUnder(boxes, 3.5, 3.5), 1);
    equal(boxUnder(boxes, 6, 6), 2);
    equal(boxUnder(boxes, 1, 1), 0);
    equal(boxUnder(boxes, 11, 1), -1);
  },

  "a bin is the mean of its points, a point the sum of four cells": () => {
    const level = { map: [0, 1, 2, 10, 11, 12], width: 3 };
    const region = {
      pointShape: [1, 2, 1, 2], // one row of two bins, each with two points
      points: [0.5, 0.5, 1, 0, 2, 1, 1.5, 0],
      corners: [0, 0, 1, 0, 0, 1, 1, 1, 1, 0, 2, 0, 1, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 1, 0, 2, 0, 1, 1, 2, 1],
      cornerWeights: [0.25, 0.25, 0.25, 0.25, 1, 0, 0, 0, 1, 0, 0, 0, 0.5, 0.5, 0, 0],
    };
    const first = bin(region, level, 0, 0);
    equal(first.points.map((point) => point.value), [5.5, 1]);
    equal(first.value, 3.25);
    const second = bin(region, level, 0, 1);
    equal(second.points.map((point) => point.value), [12, 1.5]);
    equal([second.points[0].x, second.points[0].y], [2, 1]);
  },
};
