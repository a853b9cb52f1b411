// Numbers as they are written: short, with a true minus sign.

import { bracketed, brief, trimmed, typedNumber, within } from "../../explainer/components/shared/numbers.js";
import { equal } from "./nets.js";

export const tests = {
  "significant digits, without zeros that say nothing"() {
    equal([brief(1.0399999618530273, 5), brief(-0.25), brief(-0), brief(1 / 3, 5), brief(12345.6)], ["1.04", "−0.25", "0", "0.33333", "12346"]);
    equal([brief(1e6), brief(-0.00002), brief(1.25e-7, 3), brief(100), brief(NaN)], ["1e6", "−2e−5", "1.25e−7", "100", "NaN"]);
    equal([trimmed("10"), trimmed("1.50"), trimmed("2.0"), trimmed("3.10e−7")], ["10", "1.5", "2", "3.1e−7"]);
  },
  "a negative number stands between brackets behind an operator"() {
    equal([bracketed(-2), bracketed(2), bracketed(-1 / 3, 2)], ["(−2)", "2", "(−0.33)"]);
  },
  "what is typed is read as it is meant"() {
    equal(["−2", "１．５", " 0,25 ", "-1e-3"].map(typedNumber), [-2, 1.5, 0.25, -0.001]);
    equal(["", "two", "1 2"].map(typedNumber).map(Number.isNaN), [true, true, true]);
  },
  "a number in a narrow cell loses digits, not its size"() {
    equal([within(-2.716, 5), within(-2.716, 4), within(0.1234, 2), within(-0.0004, 3), within(123456, 3)], ["−2.72", "−2.7", ".1", "≈0", "123456"]);
  },
};
