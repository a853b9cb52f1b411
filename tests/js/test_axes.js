// Axes of a plot: places to pixels and back, round numbers, powers of ten.

import { Axes, decades, decadesAround, power, ticks } from "../../explainer/components/shared/axes.js";
import { equal } from "./nets.js";

const near = (value) => Number(value.toPrecision(9)) + 0;

export const tests = {
  "places become pixels and pixels places"() {
    const axes = new Axes({ left: 10, top: 0, width: 100, height: 50 }, [-6, 6], [0, 2]);
    equal([axes.px(0), axes.valueAt(60), axes.valueAt(-99), axes.py(2)].map(near), [60, 0, -6, 0]);
    const log = new Axes({ left: 0, top: 0, width: 100, height: 50 }, [0, 1], [1e-100, 1], { log: true });
    equal([log.py(1e-50), log.py(1)].map(near), [25, 0]);
    equal(Number.isFinite(log.py(0)), false);
  },
  "ticks are round numbers"() {
    equal(ticks(-6, 6), [-5, 0, 5]);
    equal(ticks(0, 0.3), [0, 0.1, 0.2, 0.3]);
    equal(ticks(1, 20), [5, 10, 15, 20]);
  },
  "a logarithmic axis spans whole powers of ten, whatever is nought, infinite or no number"() {
    equal(decadesAround([0.02, 300, 0, NaN, Infinity]), [0.01, 1000]);
    equal(decadesAround([1, 1]), [0.1, 1]);
    equal(decadesAround([0, NaN]), [0.1, 10]);
    equal(decades(-2, 1), [0.01, 0.1, 1, 10]);
  },
  "powers of ten are written raised, small ones in full"() {
    equal([0.01, 1, 100, 1000, 1e-11].map(power), ["0.01", "1", "100", "10³", "10⁻¹¹"]);
  },
};
