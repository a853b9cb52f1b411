// What the walls of channels and kernels work out for themselves.
import { Layer } from "../../explainer/components/channel_wall/layer.js";
import { Filters } from "../../explainer/components/kernel_wall/filters.js";
import { npy } from "../../explainer/components/shared/npy.js";

function equal(actual, expected) {
  const [a, b] = [actual, expected].map((value) => JSON.stringify(value));
  if (a !== b) throw new Error(`expected ${b}, got ${a}`);
}

function near(actual, expected) {
  if (!(Math.abs(actual - expected) < 1e-6)) throw new Error(`expected ${expected}, got ${actual}`);
}

/** Two channels of 2×3, exactly. */
function small() {
  return new Layer({
    size: [2, 2, 3],
    values: Float32Array.of(0, 1, 2, 3, 4, 5, 0, 0, 0, 0, 0, 0),
    low: [0, 0], high: [5, 0], mean: [2.5, 0], zeros: [1 / 6, 1],
    figures: { low: 0, high: 5 }, edges: Float32Array.of(0, 2.5, 5),
  });
}

/** Three filters of 2×2×2, as bytes or exactly. */
function filters(options = {}) {
  const weights = Float32Array.from({ length: 24 }, (_, i) => (i < 8 ? 1 : i < 16 ? -1 : (i % 2) * 2 - 1));
  const l2 = [0, 1, 2].map((f) => Math.hypot(...weights.subarray(8 * f, 8 * f + 8)));
  return new Filters({ form: "spatial", shape: [3, 2, 2, 2], groups: 1, peak: 1, peaks: [1, 1, 1], l2, weights, rows: null, ...options });
}

export const tests = {
  "a value is read where it stands": () => {
    const layer = small();
    equal(layer.valueAt(0, 1, 2), { value: 5, exact: true });
    equal([...layer.planeOf(0)], [0, 1, 2, 3, 4, 5]);
  },
  "bytes stand in until the channel has come": () => {
    const layer = new Layer({ size: [1, 2, 2], pixels: Uint8Array.of(255, 128, 128, 1), scale: [4], atlas: [2, 2], low: [-4], high: [4], figures: { low: -4, high: 4 } });
    equal(layer.valueAt(0, 0, 0), { value: 4, exact: false });
    equal(layer.valueAt(0, 1, 1), { value: -4, exact: false });
    layer.take({ channel: 0, values: Float32Array.of(3.5, 0, 0, -4) });
    equal(layer.valueAt(0, 0, 0), { value: 3.5, exact: true });
  },
  "dead channels can be left out, the rest sorted": () => {
    const layer = small();
    equal(layer.order("mean", false), [0, 1]);
    equal(layer.order("zeros", false), [1, 0]);
    equal(layer.order("channel", true), [0]);
  },
  "a channel's histogram counts all its values, the largest in the last bin": () => {
    equal([...small().histogram(0)], [3, 3]);
  },
  "a weight has PyTorch's name": () => {
    equal(filters().name(1, 6), "w[1, 1, 1, 0]");
    equal(filters({ form: "linear", shape: [3, 8, 1, 1] }).name(1, 6), "w[1, 6]");
    const stamped = filters({ shape: [4, 2, 2, 2], groups: 2, transposed: true, weights: new Float32Array(32) });
    equal(stamped.name(3, 5), "w[3, 1, 0, 1]");
  },
  "likeness is the cosine": () => {
    const likeness = filters().likeness(0);
    near(likeness[0], 1);
    near(likeness[1], -1);
    near(likeness[2], 0);
    equal(filters().order("likeness", 1), [1, 2, 0]);
  },
  "rows as bytes are read as about what they stand for": () => {
    const found = filters({ weights: null, peaks: [2, 1, 1] });
    equal(found.read(0, 0), null);
    found.takeRows({ rows: Int32Array.of(0), pixels: Uint8Array.of(255, 128, 1, 128, 128, 128, 128, 128) });
    equal(found.read(0, 2), { value: -2, exact: false });
    found.takeFilter({ filter: 0, weights: Float32Array.of(2, 0, -1.99, 0, 0, 0, 0, 0), nearest: [] });
    near(found.read(0, 2).value, -1.99);
    equal(found.read(0, 2).exact, true);
  },
  "cells have the same decimals and no zero before the point": () => {
    const found = filters({ peak: 0.2 });
    equal([found.cell(0.1234), found.cell(-0.05), found.cell(0)], [".123", "−.050", ".000"]);
    equal(filters({ peak: 3 }).cell(-1.234), "−1.23");
  },
  "the file begins as numpy wants it, its numbers aligned": async () => {
    for (const shape of [[6], [2, 3], [1, 2, 3]]) {
      const bytes = new Uint8Array(await npy(Float32Array.of(1, 2, 3, 4, 5, 6), shape).arrayBuffer());
      equal([...bytes.subarray(0, 8)], [0x93, 78, 85, 77, 80, 89, 1, 0]);
      const length = bytes[8] + 256 * bytes[9];
      equal((10 + length) % 64, 0);
      equal(bytes[10 + length - 1], 10);
      equal([...new Float32Array(bytes.slice(10 + length).buffer)], [1, 2, 3, 4, 5, 6]);
    }
  },
};
