// Bits of floating-point formats, decoded, against what typed arrays of the browser say they are.

import { decoded } from "../../explainer/components/precision_view/decode.js";
import { check, equal } from "./nets.js";

/** @param {number} code @param {number} width */
const written = (code, width) => (code >>> 0).toString(2).padStart(width, "0");

/** The float32 of 32 bits. */
function single(code) {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, code >>> 0);
  return view.getFloat32(0);
}

export const tests = {
  "float32 is read as the browser reads it": () => {
    let code = 12345;
    for (let i = 0; i < 3000; i++) {
      code = (Math.imul(code, 1664525) + 1013904223) >>> 0;
      check(Object.is(decoded(written(code, 32), 8), single(code)), `bits ${written(code, 32)}`);
    }
    for (const special of [0, 0x80000000, 1, 0x007fffff, 0x00800000, 0x7f7fffff, 0x7f800000, 0xff800000, 0x7fc00000]) {
      check(Object.is(decoded(written(special, 32), 8), single(special)), `bits ${written(special, 32)}`);
    }
  },

  "bfloat16 is the upper half of a float32": () => {
    for (let code = 0; code < 65536; code += 7) {
      check(Object.is(decoded(written(code, 16), 8), single(code * 65536)), `bits ${written(code, 16)}`);
    }
  },

  "float16 has its landmarks": () => {
    equal(decoded("0111101111111111", 5), 65504);
    equal(decoded("0000000000000001", 5), 2 ** -24);
    equal(decoded("1000010000000000", 5), -(2 ** -14));
    equal(decoded("0011110000000000", 5), 1);
    equal(decoded("0111110000000000", 5), Infinity);
    check(Number.isNaN(decoded("0111111000000000", 5)), "not a number");
    check(Object.is(decoded("1000000000000000", 5), -0), "negative zero");
  },
};
