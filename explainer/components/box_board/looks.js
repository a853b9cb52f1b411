// How the boxes look on the board: while two are measured, and while they are suppressed.

import { overlap } from "./overlap.js";
import { className } from "./reasons.js";
import { nameOf } from "./text.js";

/** Colours of classes, on paper and on photos or in the dark. */
export const DEEP = ["#1f66ad", "#b4531d", "#23824a", "#8246b8", "#a8276a", "#8a6a00", "#1c7f86", "#5f6673"];
export const BRIGHT = ["#6cb6ff", "#ffa35c", "#5fd98b", "#c9a0ff", "#ff8fc0", "#f2d14b", "#5fd6de", "#d5dae2"];

/** With more boxes than these, those in the race bear no tags. */
const TAGGED = 14;

/** @param {any} view the whole view, which is only read */
export function lookAtPair(view) {
  const { content, metric, hovered } = view;
  const { boxes, pair, active } = content;
  const two = boxes.length > 1;
  const place = (/** @type {number} */ i) => (two ? pair.indexOf(i) : -1);
  const looks = boxes.map((one, i) => {
    const state = ["first", "second"][place(i)] ?? (two && i !== active && i !== hovered ? "faint" : "plain");
    const tagged = state !== "faint" || boxes.length <= TAGGED;
    return { box: one.box, tone: view.tone(one.label), state, tag: tagged ? nameOf(i) : "", said: said(view, i) };
  });
  const marks = none();
  if (two) {
    const [a, b] = pair.map((i) => boxes[i].box);
    const found = overlap(a, b);
    marks.union = [a, b];
    if (found.shared) marks.shared = [found.shared];
    if (metric !== "iou") marks.enclosing = found.enclosing;
    if (metric === "diou") marks.centres = [(a[0] + a[2]) / 2, (a[1] + a[3]) / 2, (b[0] + b[2]) / 2, (b[1] + b[3]) / 2];
  }
  return { boxes: looks, marks };
}

/** @param {any} view the whole view, which is only read @param {any} now */
export function lookAtRound(view, { round, fates, rounds, step, scores, setting }) {
  const { content, hovered, pointed } = view;
  const { boxes, active } = content;
  const result = step > rounds.length;
  const crowded = boxes.length > TAGGED;
  const looks = boxes.map((one, i) => {
    const fate = fates[i];
    let state = "plain";
    if (round?.keeper === i) state = "keeper";
    else if (fate.kept) state = "kept";
    else if (fate.gone) state = fate.gone === step ? "gone" : "past";
    else if (result) state = "past";
    const looked = i === active || i === hovered || Boolean(pointed?.includes(i));
    const tagged = looked || state === "keeper" || state === "kept" || (!crowded && state !== "past") || (state === "gone" && round.gone.length < 9);
    const tag = state === "gone" && round ? `${nameOf(i)} · ${round.overlaps[i].toFixed(2)}` : `${nameOf(i)} ${scores[i].toFixed(2)}`;
    const shown = looked && state === "past" ? "faint" : state;
    return { box: one.box, tone: view.tone(one.label), state: shown, tag: tagged ? tag : "", said: said(view, i), strong: setting.method === "nms" ? 1 : scores[i] };
  });
  const marks = none();
  const meet = (/** @type {number} */ a, /** @type {number} */ b) => {
    const { shared } = overlap(boxes[a].box, boxes[b].box);
    if (shared) marks.shared.push(shared);
  };
  if (pointed && pointed[0] !== pointed[1] && pointed.every((i) => boxes[i])) {
    marks.union = pointed.map((i) => boxes[i].box);
    meet(pointed[0], pointed[1]);
  } else if (round && hovered >= 0 && hovered !== round.keeper && boxes[hovered]) {
    meet(round.keeper, hovered);
  }
  return { boxes: looks, marks };
}

/** @returns {import("./marks.js").Marks} */
function none() {
  return { union: [], shared: [], enclosing: null, centres: null };
}

function said(view, i) {
  const { box, score, label } = view.content.boxes[i];
  const [left, top, right, bottom] = box;
  const { text } = view;
  return text("Box {name}, {class}, score {score}: left {left}, top {top}, width {width}, height {height}", {
    name: nameOf(i),
    class: className(view.classes, label),
    score: score.toFixed(2),
    left,
    top,
    width: right - left,
    height: bottom - top,
  });
}
