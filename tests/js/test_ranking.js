// The ranking behind a precision-recall curve: the numbers are those worked out by hand in tests/detection.

import { nearest, ranked, readAt, recallsOf } from "../../explainer/components/match_view/ranking.js";

function close(found, wanted, what = "") {
  [...found].forEach((value, i) => {
    if (!(Math.abs(value - wanted[i]) <= 1e-9)) throw new Error(`${what} ${found} is not ${wanted}`);
  });
}

const curve = () => ranked(Uint8Array.of(1, 0, 1, 0, 1), 5);

export const tests = {
  "precision, recall and envelope by hand"() {
    const found = curve();
    close(found.hits, [1, 1, 2, 2, 3]);
    close(found.recall, [0.2, 0.2, 0.4, 0.4, 0.6]);
    close(found.precision, [1, 1 / 2, 2 / 3, 1 / 2, 3 / 5]);
    close(found.envelope, [1, 2 / 3, 2 / 3, 3 / 5, 3 / 5]);
  },

  "eleven points read the envelope"() {
    const read = recallsOf("eleven").map((at) => readAt(curve(), at));
    close(read, [1, 1, 1, 2 / 3, 2 / 3, 3 / 5, 3 / 5, 0, 0, 0, 0]);
    close([recallsOf("coco").length], [101]);
  },

  "nothing found, nothing to read"() {
    const found = ranked(new Uint8Array(0), 4);
    close([readAt(found, 0)], [0]);
  },

  "the nearest point"() {
    close([nearest(curve(), 0.41, 0.7), nearest(curve(), 1, 0.6), nearest(curve(), 0, 1)], [2, 4, 0]);
  },
};
