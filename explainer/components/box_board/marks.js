// What is drawn between boxes: what they share and cover, the box around both, the way between their centres, tags.

import { svg } from "../shared/svg.js";
import { handlesOf } from "./hits.js";

/** @typedef {import("./overlap.js").Box} Box */

/**
 * How a box is shown.
 * @typedef {object} Look
 * @property {Box} box
 * @property {string} tone its colour
 * @property {string} state "plain", "first", "second", "keeper", "kept", "gone", "past" or "faint"
 * @property {string} tag what stands at its corner; "" for nothing
 * @property {string} said for screen readers
 */

/**
 * @typedef {object} Marks
 * @property {Box[]} union boxes whose union is tinted and hatched
 * @property {Box[]} shared boxes that are hatched
 * @property {Box|null} enclosing
 * @property {[number, number, number, number]|null} centres x, y of both
 */

const TAG = 17;
/** Half the side of a handle, in CSS pixels. */
const HANDLE = 4.5;
const LETTER = 6.6;
/** So wide are Chinese and Japanese letters. */
const WIDE = 12.4;

/** The hatches; ids are those of this tree of elements alone. */
export function patterns() {
  const lines = (/** @type {string} */ id, /** @type {string} */ kind, /** @type {number} */ gap, /** @type {number} */ turn) =>
    svg(
      "pattern",
      { id, width: gap, height: gap, patternUnits: "userSpaceOnUse", patternTransform: `rotate(${turn})` },
      svg("line", { class: `bb-hatch-${kind}`, x1: 0, y1: 0, x2: 0, y2: gap }),
    );
  return svg("defs", {}, lines("bb-hatch-shared", "shared", 6, 45), lines("bb-hatch-union", "union", 9, -45));
}

/**
 * @param {SVGElement} under @param {SVGElement} over
 * @param {{boxes: Look[], active: number, marks: Marks, width: number, height: number}} scene
 * @param {number} scale
 */
export function drawMarks(under, over, scene, scale) {
  const { marks } = scene;
  const rect = (/** @type {Box} */ box, /** @type {string} */ className) => {
    const [left, top, right, bottom] = box.map((one) => one * scale);
    return svg("rect", { class: className, x: left, y: top, width: right - left, height: bottom - top });
  };
  const lower = [];
  if (marks.enclosing) lower.push(...emptyPart(marks, rect));
  if (marks.union.length) lower.push(outlineOf(marks.union, scale));
  for (const box of marks.shared) lower.push(rect(box, "bb-shared"));
  under.replaceChildren(...lower);
  const upper = [];
  if (marks.enclosing) upper.push(rect(marks.enclosing, "bb-enclosing"));
  if (marks.centres) {
    const [x0, y0, x1, y1] = marks.centres.map((one) => one * scale);
    if (marks.enclosing) {
      const [left, top, right, bottom] = marks.enclosing.map((one) => one * scale);
      upper.push(svg("line", { class: "bb-diagonal", x1: left, y1: top, x2: right, y2: bottom }));
    }
    upper.push(svg("line", { class: "bb-way", x1: x0, y1: y0, x2: x1, y2: y1 }));
    upper.push(svg("circle", { class: "bb-centre", cx: x0, cy: y0, r: 4 }), svg("circle", { class: "bb-centre", cx: x1, cy: y1, r: 4 }));
  }
  upper.push(...tags(scene, scale));
  if (scene.boxes[scene.active]) {
    for (const { x, y, sides } of handlesOf(scene.boxes[scene.active].box, scale)) {
      upper.push(svg("rect", { class: "bb-handle", "data-sides": sides, x: x * scale - HANDLE, y: y * scale - HANDLE, width: 2 * HANDLE, height: 2 * HANDLE, rx: 2 }));
    }
  }
  over.replaceChildren(...upper);
}

/** What lies in the box around both, but in neither. @param {Marks} marks @param {(box: Box, className: string) => Element} rect */
function emptyPart(marks, rect) {
  const mask = svg("mask", { id: "bb-outside" }, rect(marks.enclosing, "bb-mask-shown"), ...marks.union.map((box) => rect(box, "bb-mask-hidden")));
  return [mask, rect(marks.enclosing, "bb-empty")];
}

/** Both boxes as one face: where they lie over each other it is no darker. @param {Box[]} boxes @param {number} scale */
function outlineOf(boxes, scale) {
  const path = boxes.map(([left, top, right, bottom]) => `M${left * scale} ${top * scale}H${right * scale}V${bottom * scale}H${left * scale}Z`).join("");
  return svg("g", { class: "bb-union" }, svg("path", { d: path, class: "bb-union-tint" }), svg("path", { d: path, class: "bb-union-lines" }));
}

/** Tags at the corners of the boxes; one that would lie on another steps aside. */
function tags({ boxes, active, width, height }, scale) {
  const placed = [];
  const order = boxes.map((_, i) => i).sort((i, j) => weight(boxes[j], j === active) - weight(boxes[i], i === active));
  const made = [];
  for (const i of order) {
    const { box, tag, tone, state } = boxes[i];
    if (!tag) continue;
    const [left, top, right, bottom] = box.map((one) => one * scale);
    const w = 10 + [...tag].reduce((sum, letter) => sum + (/[\u3000-\u9fff\uff00-\uffef]/.test(letter) ? WIDE : LETTER), 0);
    const most = [Math.max(0, width * scale - w), height * scale - TAG];
    const places = [[left - 1, top - TAG], [left, top + 1], [right - w + 1, top - TAG], [left - 1, bottom], [right - w + 1, bottom], [right - w, bottom - TAG]];
    const spots = places.map(([x, y]) => ({ x: Math.max(0, Math.min(most[0], x)), y: Math.max(0, Math.min(most[1], y)), w }));
    const free = spots.find((one) => placed.every((other) => one.x >= other.x + other.w || other.x >= one.x + w || Math.abs(one.y - other.y) >= TAG));
    if (!free && state !== "keeper" && i !== active) continue;
    const spot = free ?? spots[0];
    placed.push(spot);
    const group = svg("g", { class: "bb-tag", "data-state": state }, svg("rect", { x: spot.x, y: spot.y, width: w, height: TAG, rx: 3 }), svg("text", { x: spot.x + 5, y: spot.y + 12.5 }, tag));
    /** @type {SVGElement} */ (group).style.setProperty("--tone", tone);
    made.push(group);
  }
  return made;
}

function weight({ state }, active) {
  return (active ? 4 : 0) + ({ keeper: 3, first: 3, second: 3, gone: 2, kept: 1 }[state] ?? 0);
}
