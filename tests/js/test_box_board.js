// The board of boxes: areas and rounds by hand, edits that stay inside, the text of a link.
import { Past, moved, resized, spanned } from "../../explainer/components/box_board/edits.js";
import { hit } from "../../explainer/components/box_board/hits.js";
import { iou32, overlap } from "../../explainer/components/box_board/overlap.js";
import { headline, reasons } from "../../explainer/components/box_board/reasons.js";
import { decay, fates, rounds, sorted } from "../../explainer/components/box_board/suppression.js";
import { nameOf, readBoxes, writeBoxes } from "../../explainer/components/box_board/text.js";
import { words } from "../../explainer/components/shared/words.js";

function equal(actual, expected) {
  const [a, b] = [actual, expected].map((value) => JSON.stringify(value));
  if (a !== b) throw new Error(`expected ${b}, got ${a}`);
}

const close = (a, b) => {
  if (!(Math.abs(a - b) < 1e-9)) throw new Error(`expected ${b}, got ${a}`);
};

const setting = { method: "nms", iou: 0.5, sigma: 0.5, least: 0.001, aware: false };
const at = (x, score, label = 0) => ({ box: [x, 0, x + 8, 1], score, label });
/** IoU of the first two: 6 / 10; the third lies apart. */
const three = [at(0, 0.9), at(2, 0.8), at(20, 0.5)];
const board = { width: 100, height: 60 };

export const tests = {
  "areas of two boxes": () => {
    const found = overlap([0, 0, 4, 3], [2, 1, 8, 5]);
    equal([found.areas, found.shared, found.intersection, found.union, found.enclosing], [[12, 24], [2, 1, 4, 3], 4, 32, [0, 0, 8, 5]]);
    close(found.iou, 4 / 32);
    close(found.giou, 4 / 32 - 8 / 40);
    close(found.diou, 4 / 32 - 11.25 / 89);
    equal(overlap([0, 0, 1, 1], [3, 0, 4, 1]).giou, -0.5);
    equal(overlap([1, 1, 1, 1], [1, 1, 1, 1]).diou, 0);
  },
  "an IoU at the threshold is that of torchvision, float32": () => {
    // torchvision.ops.nms suppresses at 0.1, for float32(1 / 10) is a little more, and does not at 0.5
    equal(iou32([0, 0, 10, 1], [0, 0, 1, 1]) > 0.1, true);
    equal(iou32([0, 0, 2, 1], [0, 0, 1, 1]) > 0.5, false);
  },
  "NMS keeps the surest and what lies apart": () => {
    const found = rounds(three, setting);
    equal(found.map((one) => [one.keeper, one.gone]), [[0, [1]], [2, []]]);
    equal(found[0].overlaps.map((value) => Number(value.toFixed(3))), [-1, 0.6, 0]);
    equal(rounds(three, { ...setting, iou: 0.61 }).map((one) => one.keeper), [0, 1, 2]);
    equal(fates(found, 3, 1), [{ kept: 1, gone: 0, by: -1 }, { kept: 0, gone: 1, by: 0 }, { kept: 0, gone: 0, by: -1 }]);
  },
  "another class stays": () => {
    const other = [at(0, 0.9), at(2, 0.8, 1)];
    equal(rounds(other, setting).length, 1);
    equal(rounds(other, { ...setting, aware: true }).length, 2);
  },
  "of equal scores the first comes first": () => equal(sorted([0.5, 0.9, 0.5, 0.9]), [1, 3, 0, 2]),
  "soft-NMS by hand": () => {
    const linear = rounds(three, { ...setting, method: "linear" });
    equal(linear.map((one) => one.keeper), [0, 2, 1]);
    close(linear[0].after[1], 0.8 * (1 - 0.6));
    const gaussian = rounds(three, { ...setting, method: "gaussian" });
    close(gaussian[0].after[1], 0.8 * Math.exp(-0.36 / 0.5));
    equal(rounds(three, { ...setting, method: "linear", least: 0.4 }).map((one) => [one.keeper, one.gone]), [[0, [1]], [2, []]]);
    equal([decay(0.5, "linear", 0.5, 1), decay(0, "gaussian", 0, 1)], [1, 1]);
  },
  "words say why": () => {
    const now = { rounds: rounds(three, setting), boxes: three, setting, classes: ["cat"], step: 1 };
    equal(headline(words({}), now), "*A* (cat, 0.90) is the surest box left: it *stays*.");
    equal(reasons(words({}), now).map((line) => line.text), ["*B*: IoU 0.60 > 0.50 → suppressed", "C: no overlap"]);
    equal(headline(words({}), { ...now, step: 3 }), "Result: *2 of 3 boxes* stay: A 0.90, C 0.50.");
    const near = { ...setting, iou: 0.598 };
    equal(reasons(words({}), { ...now, setting: near, rounds: rounds(three, near) })[0].text, "*B*: IoU 0.600 > 0.60 → suppressed");
  },
  "boxes stay on the board": () => {
    equal(moved([10, 10, 30, 30], -50, 5, board), [0, 15, 20, 35]);
    equal(moved([10, 10, 30, 30], 500, 500, board), [80, 40, 100, 60]);
    equal(resized([10, 10, 30, 30], "nw", 50, -50, board), [26, 0, 30, 30]);
    equal(resized([10, 10, 30, 30], "se", 500, -500, board), [10, 10, 100, 14]);
    equal(spanned(30, 30, -5, 10, board), [0, 10, 30, 30]);
    equal(spanned(30, 30, 31, 50, board), null);
  },
  "the way back and forth": () => {
    const past = new Past();
    past.keep("a");
    past.keep("b", "key");
    past.keep("c", "key"); // at once after, and of the same kind
    equal([past.back("d"), past.back("b"), past.back("a")], ["b", "a", undefined]);
    equal([past.forth("a"), past.forth("b"), past.forth("d")], ["b", "d", undefined]);
  },
  "text of a link": () => {
    const text = "10.20.30.40.873.0_0.0.5.5.1000.12";
    equal(readBoxes(text)[0], { box: [10, 20, 30, 40], score: 0.873, label: 0 });
    equal(writeBoxes(readBoxes(text)), text);
    equal(readBoxes(""), []);
    equal([0, 25, 26, 27, 52].map(nameOf), ["A", "Z", "AA", "AB", "BA"]);
  },
  "a pointer takes the handle, the edge, the smallest box": () => {
    const boxes = [[0, 0, 80, 60], [20, 20, 40, 40]].map((box) => ({ box, state: "plain" }));
    equal(hit({ boxes, active: -1 }, 30, 30, 1, false), { index: 1, sides: "" });
    equal(hit({ boxes, active: -1 }, 60, 30, 1, false), { index: 0, sides: "" });
    equal(hit({ boxes, active: 1 }, 41, 41, 1, false), { index: 1, sides: "se" });
    equal(hit({ boxes, active: -1 }, 95, 30, 1, false).index, -1);
    equal(hit({ boxes: [{ box: [0, 0, 80, 60], state: "past" }], active: -1 }, 30, 30, 1, false).index, -1);
  },
};
