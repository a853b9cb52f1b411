// Small pieces of the views of a photo: words, bytes to pixels, places on an axis.

import { shareAt } from "../../explainer/components/faithfulness_view/chart.js";
import { photoCanvas } from "../../explainer/components/shared/photo.js";
import { words } from "../../explainer/components/shared/words.js";

function same(found, expected) {
  const [a, b] = [JSON.stringify(found), JSON.stringify(expected)];
  if (a !== b) throw new Error(`${a} is not ${b}`);
}

export const tests = {
  "texts are translated, and fields filled in"() {
    const text = words({ "{n} of {m}": "{m} 中 {n}" });
    same(text("{n} of {m}", { n: 1, m: 2 }), "2 中 1");
    same(text("unknown {n}", { n: 0 }), "unknown 0");
    same(text("{other} stays", {}), "{other} stays");
    same(words(undefined)("plain"), "plain");
  },

  "bytes become pixels"() {
    const picture = { width: 2, height: 1, pixels: new Uint8Array([255, 0, 0, 10, 20, 30]) };
    const read = (canvas) => [...canvas.getContext("2d").getImageData(0, 0, 2, 1).data];
    same(read(photoCanvas(picture)), [255, 0, 0, 255, 10, 20, 30, 255]);
    same(read(photoCanvas(picture, true)), [76, 76, 76, 255, 18, 18, 18, 255]);
  },

  "a point on a chart is a share of its axis"() {
    same([shareAt(0, 400), shareAt(42, 400), shareAt(217, 400), shareAt(392, 400), shareAt(999, 400)], [0, 0, 0.5, 1, 1]);
  },
};
