import { aimOf, boxOf, centreOf, gridOf, halfOf, nearestUnit, wholeOf } from "../../explainer/components/field_view/boxes.js";
import { State } from "../../explainer/components/field_view/state.js";
import { check, equal } from "./nets.js";

/** Units of one direction that each see `size` pixels, every `stride` from `start`. */
function line(count, start, stride, size, { across = false, image = 64, local = true } = {}) {
  const field = new Float32Array(count * 2);
  const seen = new Float32Array(count * 2);
  for (let i = 0; i < count; i++) {
    field.set([start + i * stride, start + i * stride + size], i * 2);
    seen.set([Math.max(0, start + i * stride), Math.min(image, start + i * stride + size)], i * 2);
  }
  return { height: across ? 1 : count, width: across ? count : 1, field, seen, local: local ? field : field.map(() => NaN) };
}

function layer(options = {}) {
  const [height, width] = [5, 7];
  return {
    node: "conv",
    status: "exact",
    extent: [2, height, width],
    picture: { height: 20, width: 28 },
    tables: [line(height, -1, 4, 6, { image: 20 }), line(width, -1, 4, 6, { image: 28, across: true })],
    planes: { channels: null, values: Float32Array.from({ length: 70 }, (_, i) => i) },
    ...options,
  };
}

export const tests = {
  "a box is read from the tables, also beyond the photo": () => {
    equal(boxOf(layer(), "field", 0, 6), { top: -1, left: 23, bottom: 5, right: 29 });
    equal(boxOf(layer(), "seen", 0, 6), { top: 0, left: 23, bottom: 5, right: 28 });
    equal(wholeOf(layer()), { top: -1, left: -1, bottom: 21, right: 29 });
  },
  "what cannot be told has no box": () => {
    equal(boxOf(layer({ status: "undefined" }), "field", 1, 1), null);
    equal(wholeOf(layer({ status: "undefined" })), null);
    const empty = line(5, NaN, 0, 0);
    equal(boxOf(layer({ tables: [empty, line(7, 0, 4, 6, { across: true })] }), "field", 1, 1), null);
  },
  "a pixel finds the unit whose middle is nearest, and every unit finds itself": () => {
    const field = layer();
    for (let y = 0; y < 5; y++) {
      for (let x = 0; x < 7; x++) {
        const { py, px } = centreOf(field, y, x);
        equal(nearestUnit(field, py, px), { y, x });
        equal(nearestUnit(field, py + 1.9, px - 1.9), { y, x });
      }
    }
  },
  "tokens in a line are found by rows and columns together": () => {
    // four tokens of a 2 × 2 grid of patches
    const rows = { height: 1, width: 4, field: Float32Array.of(0, 8, 0, 8, 8, 16, 8, 16) };
    const columns = { height: 1, width: 4, field: Float32Array.of(0, 8, 8, 16, 0, 8, 8, 16) };
    const tables = [rows, columns].map((table) => ({ ...table, seen: table.field, local: table.field }));
    const field = layer({ tables, extent: [1, 1, 4], picture: { height: 16, width: 16 } });
    equal(nearestUnit(field, 12, 3), { y: 0, x: 2 });
    equal(boxOf(field, "field", 0, 2), { top: 8, left: 0, bottom: 16, right: 8 });
  },
  "tokens are laid out in the grid in which they look, those that look nowhere above it": () => {
    const rows = { height: 1, width: 5, field: Float32Array.of(NaN, NaN, 0, 8, 0, 8, 8, 16, 8, 16) };
    const columns = { height: 1, width: 5, field: Float32Array.of(NaN, NaN, 0, 8, 8, 16, 0, 8, 8, 16) };
    const tables = [rows, columns].map((table) => ({ ...table, seen: table.field, local: table.field }));
    const field = layer({ tables, extent: [1, 1, 5], planes: { channels: null, values: Float32Array.of(9, 1, 2, 3, 4) } });
    const grid = gridOf(field);
    equal([grid.height, grid.width, ...grid.units], [3, 2, 0, -1, 1, 2, 3, 4]);
    const state = new State(field);
    equal(state.cellOf({ y: 0, x: 3 }), { y: 2, x: 0 });
    equal(state.unitIn({ y: 1, x: 1 }), { y: 0, x: 2 });
    equal(state.unitIn({ y: 0, x: 1 }), null);
    equal([...state.laidOut(state.planes.get(0))], [9, 0, 1, 2, 3, 4]);
    equal(gridOf(layer()), null, "a map stays as it is");
  },
  "where all units see everything, the one at the same place is found": () => {
    const all = (size, across) => ({ height: 1, width: 1, field: Float32Array.of(0, size), seen: Float32Array.of(0, size), local: Float32Array.of(NaN, NaN), across });
    const field = layer({ status: "bound", tables: [all(20, false), all(28, true)] });
    equal(nearestUnit(field, 19, 1), { y: 4, x: 0 });
    equal(aimOf(field, 2, 2), { top: 0, left: 0, bottom: 20, right: 28 });
  },
  "a gate leaves the local box to aim by": () => {
    const field = layer({ status: "bound" });
    field.tables = field.tables.map((table, i) => ({ ...table, height: table.height, field: table.field.map((_, j) => (j % 2 ? [20, 28][i] : 0)) }));
    equal(aimOf(field, 1, 1), { top: 3, left: 3, bottom: 9, right: 9 });
  },
  "half of the heat": () => {
    equal(halfOf(Float32Array.of(1, 1, 1, 1)), 2);
    equal(halfOf(Float32Array.of(0, 10, 1, 1)), 1);
    equal(halfOf(Float32Array.of(0, 0)), 0);
  },
  "values, heats and refusals are kept by unit": () => {
    const state = new State(layer());
    equal(state.valueAt(1, 0, 3), 38);
    equal(state.strongest(0), { y: 4, x: 6 });
    equal(state.peakOf(0), 34);
    const place = { channel: 1, y: 2, x: 3 };
    state.takeHeat({ ...place, photos: 1, values: Float32Array.of(0, 3, 2) });
    equal(state.heatOf(place, false).peak, 3);
    equal(state.heatOf(place, true), null);
    state.refuse({ ...place, reason: "no gradient" });
    equal(state.refusalOf(place), "no gradient");
    for (let x = 0; x < 80; x++) state.takeHeat({ channel: 0, y: 0, x, photos: 1, values: Float32Array.of(1) });
    check(state.heatOf(place, false) === null, "old heats give way");
  },
};
