// What the marks on the input mean; only those that are there.

import { element } from "../shared/dom.js";
import { COPY, HOLE, ZERO } from "./geometry.js";

/** @returns {HTMLElement[]} */
export function marksOf({ layer }, text) {
  const { rows, columns } = layer;
  const has = (kind) => rows.kind.includes(kind) || columns.kind.includes(kind);
  const found = [];
  const add = (name, label) => {
    const line = element("span", "cl-mark");
    line.append(element("i", `cl-${name}`), element("span", "", label));
    found.push(line);
  };
  if (has(ZERO)) add("zero", text("padding: zeros"));
  if (has(COPY)) add("copy", text("padding: copies, with an arrow from where"));
  if (has(HOLE)) add("hole", text("zeros put in between"));
  if (rows.step > 1 || columns.step > 1) {
    add("taken", text("middle of a window"));
    add("skipped", text("left out by the stride"));
  }
  const unread = rows.read.length * columns.read.length - sum(rows.read) * sum(columns.read);
  if (unread) add("unread", text("never read: {count}", { count: unread }));
  return found;
}

function sum(numbers) {
  return numbers.reduce((total, value) => total + value, 0);
}
