// Heat maps in the browser: the numbers under the pointer, and what is drawn between them.

import { colour, palette } from "../../explainer/components/shared/heat.js";
import { cellAt, smooth } from "../../explainer/components/heat_wall/upsample.js";

const map = { height: 2, width: 2, data: new Float32Array([0, 1, 2, 3]), low: 0, high: 3, ceiling: 3, signed: false };

function equal(found, wanted, what = "") {
  const [a, b] = [JSON.stringify(found), JSON.stringify(wanted)];
  if (a !== b) throw new Error(`${what} ${a} is not ${b}`);
}

export const tests = {
  "smooth values are those of torch's bilinear interpolation"() {
    // F.interpolate(tensor([[0., 1.], [2., 3.]])[None, None], (4, 4), mode="bilinear", align_corners=False)
    const wanted = [0, 0.25, 0.75, 1, 0.5, 0.75, 1.25, 1.5, 1.5, 1.75, 2.25, 2.5, 2, 2.25, 2.75, 3];
    equal([...smooth(map, 4, 4)], wanted);
    equal([...smooth(map, 2, 2)], [0, 1, 2, 3], "nothing to enlarge");
  },

  "a place of the picture belongs to one cell"() {
    equal(cellAt(map, { u: 0.49, v: 0.49 }), { x: 0, y: 0, value: 0 });
    equal(cellAt(map, { u: 0.5, v: 0.49 }), { x: 1, y: 0, value: 1 });
    equal(cellAt(map, { u: 1, v: 1 }), { x: 1, y: 1, value: 3 }, "the last pixel");
    equal(cellAt(map, { u: -0.1, v: 2 }), { x: 0, y: 1, value: 2 }, "beside it");
  },

  "nothing shows at opacity 0, only colours at 1"() {
    for (const signed of [true, false]) {
      const alphas = (opacity) => [...palette(signed, false, opacity)].map((colour) => colour >>> 24);
      equal(Math.max(...alphas(0)), 0);
      equal(Math.min(...alphas(1)), 255);
    }
  },

  "stronger values cover more of the photo"() {
    const alphas = [...palette(false, false, 0.7)].slice(1).map((colour) => colour >>> 24);
    if (alphas.some((alpha, i) => alpha < alphas[i - 1])) throw new Error(`${alphas}`);
    const signed = [...palette(true, true, 0.7)].map((colour) => colour >>> 24);
    equal(signed[128 - 50], signed[128 + 50], "both signs alike");
  },

  "colours end at the peak and are symmetric about zero"() {
    const colours = Uint32Array.from({ length: 256 }, (_, i) => i);
    const steps = (values, peak, signed) =>
      [...new Uint32Array(colour(new Float32Array(values), values.length, 1, peak, signed, colours).data.buffer)];
    equal(steps([0, 2, 4, 9], 4, false), [1, 128, 255, 255]);
    equal(steps([-9, -2, 0, 2, 4], 4, true), [1, 65, 128, 192, 255]);
    equal(steps([0, 1], 0, false), [1, 1], "a map of zeros");
  },
};
