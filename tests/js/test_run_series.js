// Rows of numbers over epochs, as the curves of a run are read off and smoothed.

import { ends, indexAt, smoothed } from "../../explainer/components/shared/series.js";
import { learningOf } from "../../explainer/components/network_map/learning.js";

function equal(found, wanted) {
  const [a, b] = [JSON.stringify(found), JSON.stringify(wanted)];
  if (a !== b) throw new Error(`${a} is not ${b}`);
}

export const tests = {
  "the place read off is the last one that is not behind the pointer"() {
    const at = Float32Array.of(0.5, 1, 1.5, 2);
    equal([0, 0.5, 0.99, 1, 1.7, 9].map((value) => indexAt(at, value)), [0, 0, 0, 1, 2, 3]);
  },

  "smoothing is the weighted mean of all before, by hand"() {
    const found = smoothed(Float32Array.of(4, 0, 8), 0.5);
    // (0.5 * 4) / 0.5 = 4; (0.25 * 4 + 0.5 * 0) / 0.75 = 4/3; (0.125 * 4 + 0.25 * 0 + 0.5 * 8) / 0.875 = 36/7
    [4, 4 / 3, 36 / 7].forEach((value, i) => {
      if (Math.abs(found[i] - value) > 1e-6) throw new Error(`${found[i]} is not ${value}`);
    });
    equal([...smoothed(Float32Array.of(1, 2), 0)], [1, 2]);
  },

  "what is no number neither counts nor stops the smoothing"() {
    const found = smoothed(Float32Array.of(2, NaN, 2), 0.9);
    equal([found[0], Number.isNaN(found[1]), Math.round(found[2] * 1e6) / 1e6], [2, true, 2]);
  },

  "an axis reaches over all finite numbers"() {
    const [low, high] = ends([Float32Array.of(1, 3), Float32Array.of(NaN, 2, Infinity)]);
    equal(low, 1);
    if (!(high > 3 && high < 3.5)) throw new Error(String(high));
    equal(ends([]), [0, 1]);
  },

  "a group learns as fast as its fastest layer"() {
    const overview = { learning: [null, 0, 0.5, null, 1] };
    equal(learningOf(overview, { node: 1 }), 0);
    equal(learningOf(overview, { node: 3 }), null);
    equal(learningOf(overview, { node: 1, group: { first: 1, last: 3 } }), 0.5);
    equal(learningOf({ learning: null }, { node: 1 }), null);
  },
};
