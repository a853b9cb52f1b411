// What happens in a round, and why, in words.

import { rich } from "./controls.js";
import { decay } from "./suppression.js";
import { element } from "../shared/dom.js";
import { nameOf } from "./text.js";

/** So many boxes are spoken of one by one. */
const MOST = 9;

/**
 * @typedef {object} Now
 * @property {import("./suppression.js").Round[]} rounds
 * @property {import("./suppression.js").Candidate[]} boxes
 * @property {import("./suppression.js").Setting} setting
 * @property {string[]} classes
 * @property {number} step 0: before the first round; one more than there are rounds: the result
 */

/** One sentence on where things stand. @param {any} text @param {Now} now */
export function headline(text, { rounds, boxes, classes, step, setting }) {
  if (!boxes.length) return text("No boxes yet. Draw some on the board.");
  if (step === 0) return text("*{count} candidates*, none suppressed yet. Press play, or step on.", { count: boxes.length });
  if (step > rounds.length) {
    const kept = rounds.map((one) => `${nameOf(one.keeper)} ${one.before[one.keeper].toFixed(2)}`);
    const list = kept.length > 12 ? [...kept.slice(0, 12), "…"].join(", ") : kept.join(", ");
    return text("Result: *{count} of {all} boxes* stay: {list}.", { count: kept.length, all: boxes.length, list });
  }
  const round = rounds[step - 1];
  const fields = { name: nameOf(round.keeper), class: className(classes, boxes[round.keeper].label), score: round.before[round.keeper].toFixed(2) };
  if (setting.method === "nms") return text("*{name}* ({class}, {score}) is the surest box left: it *stays*.", fields);
  return text("*{name}* ({class}, {score}) is the surest box left: its score is final.", fields);
}

/**
 * Lines on every other box that was still there, those that suffer first.
 * @param {any} text @param {Now} now
 * @returns {{kind: string, text: string}[]}
 */
export function reasons(text, { rounds, boxes, setting, classes, step }) {
  const round = rounds[step - 1];
  if (!round) return [];
  const mine = boxes[round.keeper].label;
  const there = boxes.map((_, i) => i).filter((i) => round.overlaps[i] >= 0);
  const other = there.filter((i) => setting.aware && boxes[i].label !== mine && round.overlaps[i] > 0);
  const apart = there.filter((i) => round.overlaps[i] === 0);
  const met = there.filter((i) => !other.includes(i) && !apart.includes(i)).sort((i, j) => round.overlaps[j] - round.overlaps[i]);
  const lines = met.slice(0, MOST).map((i) => (setting.method === "nms" ? hard(text, round, i, setting) : soft(text, round, i, setting)));
  if (met.length > MOST) lines.push({ kind: "more", text: text("and {count} more", { count: met.length - MOST }) });
  if (other.length) lines.push({ kind: "other", text: text("{names}: not {class}, so not compared", { names: names(other), class: className(classes, mine) }) });
  if (apart.length) lines.push({ kind: "apart", text: text("{names}: no overlap", { names: names(apart) }) });
  return lines;
}

function hard(text, round, i, { iou }) {
  const fields = { name: nameOf(i), iou: shownBeside(round.overlaps[i], iou), threshold: iou.toFixed(2) };
  if (round.gone.includes(i)) return { kind: "gone", text: text("*{name}*: IoU {iou} > {threshold} → suppressed", fields) };
  return { kind: "stays", text: text("*{name}*: IoU {iou} ≤ {threshold} → stays in the race", fields) };
}

function soft(text, round, i, { method, iou, sigma, least }) {
  const value = round.overlaps[i];
  const fields = {
    name: nameOf(i),
    iou: method === "linear" ? shownBeside(value, iou) : value.toFixed(2),
    threshold: iou.toFixed(2),
    before: round.before[i].toFixed(2),
    after: round.after[i].toFixed(2),
    factor: decay(value, method, iou, sigma).toFixed(2),
    sigma: sigma.toFixed(2),
    least: least.toFixed(2),
  };
  if (method === "linear" && value <= iou) return { kind: "stays", text: text("*{name}*: IoU {iou} ≤ {threshold} → score unchanged", fields) };
  const sum =
    method === "linear"
      ? text("*{name}*: IoU {iou} > {threshold} → {before} × (1 − {iou}) = *{after}*", fields)
      : text("*{name}*: IoU {iou} → {before} × exp(−{iou}² / {sigma}) = *{after}*", fields);
  if (round.gone.includes(i)) return { kind: "gone", text: sum + text(" < {least}: dropped", fields) };
  return { kind: "sinks", text: sum };
}

/** With so many digits that one sees on which side of the threshold it lies. @param {number} value @param {number} threshold */
function shownBeside(value, threshold) {
  for (const digits of [2, 3, 4]) {
    if (value.toFixed(digits) !== threshold.toFixed(digits)) return value.toFixed(digits);
  }
  return value === threshold ? value.toFixed(2) : value.toFixed(8);
}

/** @param {string[]} classes @param {number} label */
export function className(classes, label) {
  return classes[label] ?? String(label);
}

/** @param {number[]} indices */
function names(indices) {
  const shown = indices.slice(0, 14).map(nameOf).join(", ");
  return indices.length > 14 ? `${shown} …` : shown;
}

/** @param {{kind: string, text: string}[]} lines */
export function asList(lines) {
  return lines.map((line) => {
    const item = element("li", `bb-reason bb-reason-${line.kind}`);
    item.append(...rich(line.text));
    return item;
  });
}
