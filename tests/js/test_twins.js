import { bitsOf, rounded } from "../../explainer/components/twin_view/bits.js";
import { fieldOf, inside, middle, read, toInput, toPhoto, unitAt, write } from "../../explainer/components/twin_view/link.js";
import { check, equal } from "./nets.js";

/** A photo of 400 × 300, its shorter side resized to 64, the middle 48 × 48 cut out; units every 4 pixels from 6. */
const side = (extra = {}) => ({
  layer: "layer1.conv",
  shape: [8, 10, 10],
  tokens: null,
  photo: { width: 48, height: 48 },
  geometry: { photo: [400, 300], resized: [85, 64], offset: [18, 8] },
  units: {
    y: Float32Array.from({ length: 10 }, (_, i) => 6 + 4 * i),
    x: Float32Array.from({ length: 10 }, (_, i) => 6 + 4 * i),
    rows: Float32Array.from({ length: 20 }, (_, i) => 6 + 4 * (i >> 1) + (i % 2 ? 3 : -3)),
    columns: Float32Array.from({ length: 20 }, (_, i) => 6 + 4 * (i >> 1) + (i % 2 ? 3 : -3)),
  },
  ...extra,
});

const F32 = { exponent: 8, fraction: 23 };
const F16 = { exponent: 5, fraction: 10 };
const BF16 = { exponent: 8, fraction: 7 };
const whole = ({ sign, exponent, fraction }) => sign + exponent + fraction;

function float32Bits(value) {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value);
  return view.getUint32(0).toString(2).padStart(32, "0");
}

export const tests = {
  "from the photo to the input and back": () => {
    const there = toInput(side(), { u: 0.5, v: 0.5 });
    equal([there.x, there.y], [24.5, 24]);
    const back = toPhoto(side(), there);
    check(Math.abs(back.u - 0.5) < 1e-12 && Math.abs(back.v - 0.5) < 1e-12, "the way back leads elsewhere");
    check(inside(side(), there) && !inside(side(), toInput(side(), { u: 0.01, v: 0.5 })), "the crop's edge");
  },
  "every unit is found at its own middle, and the nearest beside it": () => {
    for (const unit of [{ y: 0, x: 0 }, { y: 4, x: 7 }, { y: 9, x: 9 }]) {
      equal(unitAt(side(), middle(side(), unit)), unit);
    }
    equal(unitAt(side(), { x: 6 + 4 * 3 + 1.9, y: -50 }), { y: 0, x: 3 });
    equal(fieldOf(side(), { y: 1, x: 2 }), { top: 7, bottom: 13, left: 11, right: 17 });
    equal(fieldOf(side({ units: { rows: null, columns: null } }), { y: 0, x: 0 }), null);
  },
  "two sides meet at one point of the photo whatever their crops": () => {
    const other = side({ geometry: { photo: [400, 300], resized: [32, 32], offset: [0, 0] }, photo: { width: 32, height: 32 } });
    const point = toPhoto(side(), { x: 10, y: 20 });
    const there = toInput(other, point);
    check(Math.abs(there.x - ((10 + 18) / 85) * 32) < 1e-9 && Math.abs(there.y - ((20 + 8) / 64) * 32) < 1e-9, "another point");
  },
  "a place is written and read; what does not fit is left out": () => {
    equal(write(side(), 3, { y: 4, x: 5 }), "layer1.conv/3/4,5");
    equal(read(side(), "layer1.conv/3/4,5"), { channel: 3, unit: { y: 4, x: 5 } });
    const tokens = side({ tokens: 1 });
    equal(write(tokens, 3, { y: 4, x: 5 }), "layer1.conv/3/0,46");
    equal(read(tokens, "layer1.conv/3/0,46"), { channel: 3, unit: { y: 4, x: 5 } });
    for (const text of ["", "other/3/4,5", "layer1.conv/8/4,5", "layer1.conv/-1/4,5", "layer1.conv/x"]) {
      equal(read(side(), text), { channel: null, unit: null });
    }
    for (const text of ["layer1.conv/3", "layer1.conv/3/10,5", "layer1.conv/3/a,b", "layer1.conv/3/-1,0"]) {
      equal(read(side(), text), { channel: 3, unit: null });
    }
  },
  "bits of float32 are those the machine stores": () => {
    const numbers = [0, -0, 1, -1, 0.1, 3.14159, 1e-45, 1.1754944e-38, 1.1754942e-38, 3.4028235e38, -65504, 1 / 3];
    for (let i = 0; i < 500; i++) numbers.push(Math.fround((Math.random() - 0.5) * 10 ** (Math.random() * 60 - 30)));
    for (const number of numbers) equal(whole(bitsOf(Math.fround(number), F32)), float32Bits(number), String(number));
    equal(whole(bitsOf(Infinity, F32)), float32Bits(Infinity));
    equal(whole(bitsOf(-Infinity, F32)), float32Bits(-Infinity));
    equal(bitsOf(NaN, F32).exponent, "11111111");
  },
  "rounding to a format is the machine's": () => {
    const numbers = [0, 1, -1, 65504, 65519.99, 65520, 1e6, 2 ** -24, 2 ** -25, 2 ** -25 * 1.01, 3 * 2 ** -25, -1e-9];
    for (let i = 0; i < 2000; i++) numbers.push(Math.fround((Math.random() - 0.5) * 10 ** (Math.random() * 14 - 9)));
    for (const number of numbers) {
      equal(rounded(number, F32), Math.fround(number), String(number));
      if (Math.f16round) equal(rounded(number, F16), Math.f16round(number), String(number));
    }
    equal(rounded(1 + 2 ** -8, BF16), 1);
    equal(rounded(1 + 3 * 2 ** -8, BF16), 1 + 2 ** -6);
  },
  "bits of the 16-bit formats": () => {
    equal(whole(bitsOf(1, F16)), "0011110000000000");
    equal(whole(bitsOf(65504, F16)), "0111101111111111");
    equal(whole(bitsOf(-(2 ** -24), F16)), "1000000000000001");
    equal(whole(bitsOf(Infinity, F16)), "0111110000000000");
    for (const number of [1.6015625, -0.0078125, 3.3895313892515355e38, 2 ** -133]) {
      equal(whole(bitsOf(number, BF16)), float32Bits(number).slice(0, 16), String(number));
    }
    const { power, significand } = bitsOf(-6.5, F16);
    equal([power, significand], [2, 1.625]);
  },
};
