// The number line around a number: what a format holds there, and where the number given lies between.

import { format } from "../shared/colours.js";
import { element } from "../shared/dom.js";
import { svg } from "../shared/svg.js";

const WIDTH = 640;
const LEVEL = 27;
const ENDS = [90, 550];

/**
 * @param {any} one of `number_frame`'s formats; numbers that are not finite are null
 * @param {(key: string, values?: object) => string} text
 * @returns {HTMLElement}
 */
export function neighbours(one, text) {
  const root = element("div", "bits-neighbours");
  if (one.value === null || one.given === null) {
    root.hidden = one.kind === "nan" || one.given === null;
    if (!root.hidden) root.append(element("p", "bits-gap", text("The largest number of this format is {number}.", { number: one.value === null && one.given < 0 ? one.texts.above : one.texts.below })));
    return root;
  }
  // An infinite neighbour stands as far away as the other one.
  const gap = one.above === null ? one.value - one.below : one.above - one.value;
  const below = one.below ?? one.value - gap;
  const above = one.above ?? one.value + gap;
  const [left, right] = ENDS;
  const at = (/** @type {number} */ value) => left + ((value - below) / (above - below)) * (right - left);
  const label = text("Number line: {below}, {value}, {above}; the number given is {place}", {
    below: one.texts.below,
    value: one.texts.value,
    above: one.texts.above,
    place: one.error ? text("between them") : text("one of them"),
  });
  const line = svg("svg", { viewBox: `0 0 ${WIDTH} 54`, role: "img", "aria-label": label });
  line.append(svg("line", { class: "axis", x1: 12, x2: WIDTH - 12, y1: LEVEL, y2: LEVEL }));
  for (const [name, value] of Object.entries({ below, value: one.value, above })) {
    const x = at(value);
    line.append(svg("line", { class: name === "value" ? "tick on" : "tick", x1: x, x2: x, y1: LEVEL - 8, y2: LEVEL + 8 }));
    line.append(svg("text", { class: name === "value" ? "on" : "", x, y: LEVEL + 23, "text-anchor": "middle" }, one.texts[name]));
  }
  const given = Math.max(20, Math.min(WIDTH - 20, at(one.given)));
  line.append(svg("path", { class: "given", d: `M${given} ${LEVEL - 3} l-5 -9 h10 z` }));
  root.append(line, element("p", "bits-gap", text("Distance to the next number: {gap}", { gap: format(gap, 3) })));
  return root;
}
