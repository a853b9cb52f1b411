// What the film of a run makes of its bytes: values, where colours end, which epoch is nearest.

import { nearest, peakOf, said, valuesOf } from "../../explainer/components/film_view/peaks.js";
import { check, equal } from "./nets.js";

/** Two epochs of three channels with two values each. */
const part = {
  pixels: Uint8Array.from([255, 1, 128, 255, 128, 128, 1, 128, 255, 255, 128, 129]),
  scale: Float32Array.from([0.5, 2, 0, 0.25, 8, 1.27]),
};
const close = (a, b) => check(Math.abs(a - b) < 1e-5, `${a} is not ${b}`);

export const tests = {
  "a byte is a share of the scale of its epoch and channel"() {
    equal([...valuesOf(part, 2, 0, 0)], [0.5, -0.5]);
    equal([...valuesOf(part, 2, 0, 1)], [0, 2]);
    equal([...valuesOf(part, 2, 1, 1)], [8, 8]);
    close(valuesOf(part, 2, 1, 2)[1], 0.01);
  },
  "colours end at the largest value of all epochs, or of each by itself"() {
    equal([0, 1].map((at) => peakOf(part, 2, at, 1, false)), [8, 8]);
    equal([0, 1].map((at) => peakOf(part, 2, at, 1, true)), [2, 8]);
    equal(peakOf(part, 2, 1, 0, false), 0.5);
    equal(peakOf(part, 2, 0, 2, true), 0);
  },
  "the nearest epoch that is there"() {
    const epochs = Int32Array.from([0, 4, 8, 9]);
    equal([0, 1, 2, 3, 7, 8.6, 99].map((one) => nearest(epochs, one)), [0, 0, 0, 1, 2, 3, 3]);
    equal(nearest(Int32Array.from([5]), 2), 0);
  },
  "what the log says of an epoch, if anything"() {
    const curve = { epochs: Float32Array.from([0, 2]), train_loss: Float32Array.from([Number.NaN, 1.5]) };
    equal(said(curve, "train_loss", 2), 1.5);
    check(Number.isNaN(said(curve, "train_loss", 0)));
    check(Number.isNaN(said(curve, "train_loss", 1)));
  },
};
