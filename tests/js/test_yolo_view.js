// YOLO step by step: cells and their numbers, decoding, thresholds, what a link names, what the server sent.

import { Data } from "../../explainer/components/yolo_view/data.js";
import { cellOf, covering, decode, indexOf, inGrid, iou, neighbour, ranked, readCell, remaining, sigmoid, squareOf, writeCell } from "../../explainer/components/yolo_view/maths.js";

const GRIDS = [
  { stride: 8, size: 8, start: 0 },
  { stride: 16, size: 4, start: 64 },
  { stride: 32, size: 2, start: 80 },
];

function same(found, expected) {
  const [a, b] = [JSON.stringify(found), JSON.stringify(expected)];
  if (a !== b) throw new Error(`${a} is not ${b}`);
}

function near(found, expected, slack = 1e-9) {
  if (!(Math.abs(found - expected) <= slack)) throw new Error(`${found} is not ${expected}`);
}

/** A frame of 84 cells and two classes: three cells say the same object, one another, one is too unsure. */
function frame() {
  const raw = new Float32Array(84 * 5).fill(-3);
  const boxes = new Float32Array(84 * 4);
  const scores = new Float32Array(84).fill(0.01);
  const labels = new Int32Array(84);
  const put = (cell, score, box, label = 0) => {
    scores[cell] = score;
    boxes.set(box, 4 * cell);
    labels[cell] = label;
  };
  put(66, 0.9, [10, 10, 30, 30]);
  put(67, 0.8, [11, 10, 31, 30]);
  put(70, 0.7, [10, 12, 30, 32]);
  put(71, 0.2, [10, 11, 30, 31]);
  put(81, 0.6, [40, 40, 60, 60], 1);
  return {
    side: 64, grids: GRIDS, raw, boxes, scores, labels, objectness: scores, best: scores,
    logits: new Float32Array(84 * 2).map((_, i) => (i % 2 ? 1 : -1)),
    classes: ["cat", "dog"],
    candidates: Int32Array.from([66, 67, 70, 81]),
    rounds: { keepers: Int32Array.from([66, 81]), starts: Int32Array.from([0, 2, 2]), gone: Int32Array.from([67, 70]), overlaps: Float32Array.from([0.9, 0.75]) },
    kept: Int32Array.from([66, 81]), asked: { rows: [], planes: [] },
  };
}

export const tests = {
  "every cell has one number, and every number one cell"() {
    for (let index = 0; index < 84; index++) {
      const cell = cellOf(GRIDS, index);
      same(indexOf(GRIDS, cell.grid, cell.row, cell.column), index);
      same(readCell(GRIDS, writeCell(GRIDS, index)), index);
    }
    same(cellOf(GRIDS, 84), null);
    same(cellOf(GRIDS, -1), null);
    same(cellOf(GRIDS, 70), { index: 70, grid: 1, row: 1, column: 2, stride: 16 });
  },

  "a link that names no cell names none"() {
    for (const link of ["", "8,8,0", "8,0,8", "7,0,0", "8,-1,0", "8,0", "x", undefined]) same(readCell(GRIDS, link), -1);
  },

  "the cells of all grids that cover a point"() {
    same(covering(GRIDS, 33, 17), [2 * 8 + 4, 64 + 4 + 2, 80 + 1]);
    same(covering(GRIDS, 64, 0), null);
    same(covering(GRIDS, -0.1, 0), null);
    for (const index of covering(GRIDS, 33, 17)) {
      const [left, top, right, bottom] = squareOf(cellOf(GRIDS, index));
      same([left <= 33, 33 < right, top <= 17, 17 < bottom], [true, true, true, true]);
    }
  },

  "keys move within a grid and from one to another"() {
    same(neighbour(GRIDS, 0, -1, -1), 0);
    same(neighbour(GRIDS, 0, 1, 0), 1);
    same(neighbour(GRIDS, 0, 0, 1), 8);
    same(neighbour(GRIDS, 83, 5, 5), 83);
    same(inGrid(GRIDS, 0, 1), 64);
    same(inGrid(GRIDS, 80, 0), 8 + 1);
    same(inGrid(GRIDS, 83, 1), 64 + 2 * 4 + 2);
  },

  "a box is decoded as written"() {
    const { cx, cy, w, h, box } = decode([0.5, -0.25, Math.log(2), 0], { row: 3, column: 10, stride: 16 });
    same([cx, cy, h], [168, 44, 16]);
    near(w, 32);
    box.forEach((v, i) => near(v, [152, 36, 184, 52][i]));
    near(sigmoid(0), 0.5);
    near(sigmoid(2), 0.8807970779778823, 1e-15);
    same([sigmoid(-800), sigmoid(800)], [0, 1]);
  },

  "overlap by hand"() {
    near(iou([0, 0, 10, 10], [5, 0, 15, 10]), 50 / 150);
    same(iou([0, 0, 1, 1], [2, 2, 3, 3]), 0);
    same(iou([0, 0, 0, 0], [0, 0, 0, 0]), 0);
  },

  "sorted by score, and how many reach the threshold"() {
    const scores = Float32Array.from([0.1, 0.5, 0.5, 0.05, 0.9]);
    const order = ranked(scores);
    same([...order], [4, 1, 2, 0, 3]);
    same([0.95, 0.9, 0.5, 0.1, 0.05, 0].map((one) => remaining(order, scores, one)), [0, 1, 3, 4, 5, 5]);
    same(remaining(ranked([]), [], 0.5), 0);
  },

  "rounds, and what came before them"() {
    const data = new Data(frame());
    same(data.round(0).keeper, 66);
    same(data.round(0).gone.map((one) => one.cell), [67, 70]);
    same(data.round(1), { keeper: 81, gone: [] });
    same([...data.before(1).kept], [66]);
    same([...data.before(1).gone], [67, 70]);
  },

  "runners-up: who was suppressed, then who is below the threshold"() {
    const data = new Data(frame());
    const { all, list } = data.runnersUp(66, 5);
    same(all, 2);
    same(list.map(({ cell, why }) => [cell, why]), [[67, "suppressed"], [70, "suppressed"], [71, "below"]]);
    near(list[2].iou, iou([10, 10, 30, 30], [10, 11, 30, 31]), 1e-7);
    same(data.runnersUp(81, 5), { all: 0, list: [] });
  },

  "one class is worked out where its logits are there, else asked for"() {
    const few = new Data(frame());
    near(few.valuesOf("1")[5], sigmoid(1), 1e-7);
    near(few.logitsOf(5)[0], -1);
    const many = new Data({ ...frame(), logits: null });
    same(many.valuesOf("1"), null);
    same(many.logitsOf(66), null);
    const plane = new Float32Array(84).fill(0.25);
    many.take({ ...frame(), asked: { rows: [{ cell: 66, logits: Float32Array.from([1, 2]) }], planes: [{ label: 1, scores: plane }] } });
    same(many.valuesOf("1")[3], 0.25);
    same([...many.logitsOf(66)], [1, 2]);
  },
};
