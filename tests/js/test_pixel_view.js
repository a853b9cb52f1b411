// The lens over the pixels, the tables of bytes, places in memory, what stands in the address.
import { Lens } from "../../explainer/components/pixel_view/lens.js";
import { offset, Picture, placeOf } from "../../explainer/components/pixel_view/picture.js";
import { readState, writeState } from "../../explainer/components/pixel_view/state.js";

function equal(actual, expected) {
  const [a, b] = [actual, expected].map((value) => JSON.stringify(value));
  if (a !== b) throw new Error(`expected ${b}, got ${a}`);
}

function near(actual, expected) {
  if (!(Math.abs(actual - expected) < 1e-6)) throw new Error(`expected ${expected}, got ${actual}`);
}

function lens() {
  const made = new Lens(600, 400);
  made.setRoom(900, 400);
  return made;
}

export const tests = {
  "at first all is seen, in the middle": () => {
    const { k, cx, cy, zoom } = lens();
    equal([k, cx, cy, zoom], [1, 300, 200, 1]);
    equal(lens().cellAt(100, 10), null);
    equal(lens().cellAt(150, 0), { x: 0, y: 0 });
    equal(lens().cellAt(749, 399), { x: 599, y: 399 });
  },
  "what is under the pointer stays there": () => {
    const made = lens();
    const before = made.toPicture(500, 120);
    made.zoomAt(500, 120, 8);
    near(made.k, 8);
    made.toPicture(500, 120).forEach((value, i) => near(value, before[i]));
  },
  "it goes neither beyond the picture nor too far in": () => {
    const made = lens();
    made.zoomAt(450, 200, 1e6);
    equal(made.k, 76);
    made.panBy(1e6, 1e6);
    equal(made.cellAt(1, 1), { x: 0, y: 0 });
    made.zoomAt(450, 200, 1e-6);
    equal([made.zoom, made.cx], [1, 300]);
  },
  "another room keeps the zoom, and all stays all": () => {
    const made = lens();
    made.setRoom(300, 200);
    equal(made.zoom, 1);
    made.set({ k: 20, cx: 100, cy: 100 });
    made.setRoom(500, 300);
    equal([made.k, made.cx, made.cy], [20, 100, 100]);
  },
  "a chosen pixel is brought into sight": () => {
    const made = lens();
    made.set({ k: 40, cx: 100, cy: 100 });
    made.reveal(300, 101);
    const { x0, x1 } = made.cells();
    if (!(x0 < 300 && x1 > 300)) throw new Error(`columns ${x0} to ${x1}`);
    equal(made.cy, 100);
  },
  "places in memory": () => {
    const size = { width: 5, height: 4 };
    equal(offset("hwc", size, 1, 2, 3), 40);
    equal(offset("chw", size, 1, 2, 3), 33);
    for (const order of ["hwc", "chw"]) {
      for (let at = 0; at < 60; at++) {
        const { c, y, x } = placeOf(order, size, at);
        equal(offset(order, size, c, y, x), at);
      }
    }
  },
  "values are looked up": () => {
    const table = Float32Array.from({ length: 768 }, (_, i) => i);
    const picture = new Picture({
      width: 2, height: 1, pixels: Uint8Array.of(1, 2, 3, 250, 251, 252), grey: Uint8Array.of(2, 251), counts: null, scaled: null,
      codes: Uint8Array.from({ length: 2048 }, (_, i) => (i % 256) >> (7 - Math.floor(i / 256))), shown: new Uint8Array(2048), scales: { imagenet: { table } },
    });
    equal(picture.rgb(1, 0), [250, 251, 252]);
    equal(picture.codeOf(251, 3), 7);
    equal(picture.codeOf(2, 8), 2);
    equal(picture.normalised(2, 3, "imagenet"), 515);
  },
  "the address says where the reader looks": () => {
    const size = { width: 600, height: 400 };
    const read = (values) => readState(size, (name) => values[name] ?? "");
    const found = read({ x: "599", y: "3", c: "2", show: "grey", bits: "8", tint: "0", norm: "photo", lens: "12.50,310.0,200.5" });
    equal(found, { pixel: { x: 599, y: 3 }, c: 2, show: "grey", bits: 8, tint: false, norm: "photo", lens: [12.5, 310, 200.5] });
    const made = lens();
    made.set({ k: 12.5, cx: 310, cy: 200.5 });
    equal(read(writeState(found, made)), found);
  },
  "nonsense in the address is as at first, which does not stand there": () => {
    const size = { width: 600, height: 400 };
    const first = readState(size, () => "");
    equal(first, { pixel: { x: 204, y: 152 }, c: 1, show: "colour", bits: 3, tint: true, norm: "imagenet", lens: null });
    for (const text of ["600", "-1", "NaN", "1e9", "../..", "9".repeat(400), ",,", "2,NaN,3"]) equal(readState(size, () => text).pixel.x, 204);
    equal([...new Set(Object.values(writeState(first, lens())))], [""]);
    equal(readState({ width: 3, height: 1 }, () => "").pixel, { x: 1, y: 0 });
  },
};
