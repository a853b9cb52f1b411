// What is under the pointer, in words and numbers.

import { format } from "../shared/colours.js";
import { element } from "../shared/dom.js";
import { trimmed } from "../shared/numbers.js";
import { readersOf, windowOf } from "./pool.js";

/** So many numbers of a window are written out. */
const WRITTEN = 16;

/** @param {any} view @returns {(Node|string)[]} */
export function said(view) {
  const { at, text, maps, layer } = view;
  if (!at) return [quiet(view.paints ? text("Point at an output to see its window. Press on the input to paint; digits and arrow keys work, too.") : text("Point at an output to see its window, at an input to see who reads it."))];
  const side = at.pane.split("-")[1];
  const input = maps[`in-${side}`];
  const place = text("row {y}, column {x}", { y: at.row, x: at.column });
  if (at.pane.startsWith("in")) return saidOfInput(view, input, side, place);
  const found = windowOf(layer, input, at.row, at.column);
  const value = number(maps[at.pane].values[at.row * maps[at.pane].width + at.column]);
  const strong = element("b", "", `${text("Output")} ${place} = ${value}`);
  const parts = [strong, " ", equation(view, found)];
  if (side === "after") {
    const before = maps["out-before"];
    const earlier = before.values[at.row * before.width + at.column];
    const now = maps[at.pane].values[at.row * maps[at.pane].width + at.column];
    parts.push(quiet(" · "), quiet(now === earlier ? text("Before the move: the same.") : text("Before the move: {value}.", { value: number(earlier) })));
  }
  return parts;
}

function equation({ text, layer }, found) {
  const { cells, padding, winner, divisor } = found;
  const list = cells.length <= WRITTEN ? cells.map((cell) => number(cell.value)) : [...cells.slice(0, 6).map((cell) => number(cell.value)), "…"];
  const notes = [];
  let written;
  if (layer.max) {
    const best = cells[winner];
    written = `= max(${list.join(", ")})`;
    if (best) notes.push(text("the winner is at row {y}, column {x}", { y: best.y, x: best.x }));
    if (padding) notes.push(text("{count} padding cells never win", { count: padding }));
  } else {
    written = `= (${list.join(" + ")}) / ${divisor}`;
    if (padding) notes.push(layer.includePad ? text("{count} padding zeros count in the divisor", { count: padding }) : text("{count} padding cells are left out", { count: padding }));
  }
  if (cells.length > WRITTEN) notes.unshift(text("{count} numbers", { count: cells.length }));
  return quiet(notes.length ? `${written} · ${notes.join(" · ")}` : written);
}

function saidOfInput({ at, text, layer }, input, side, place) {
  const value = number(input.values[at.row * input.width + at.column]);
  const strong = element("b", "", `${text("Input")} ${place}: ${value}`);
  const readers = readersOf(layer, at.row, at.column);
  if (!readers) return [strong, " ", quiet(text("No window reads it: it is skipped."))];
  const count = readers.rows.length * readers.columns.length;
  const parts = [count === 1 ? text("One window reads it.") : text("{count} windows read it.", { count })];
  if (layer.max) {
    const wins = readers.rows.flatMap((row) => readers.columns.map((column) => windowOf(layer, input, row, column))).filter((found) => {
      const best = found.cells[found.winner];
      return best.y === at.row && best.x === at.column;
    }).length;
    parts.push(wins ? text("It wins in {count}.", { count: wins }) : text("It wins in none: the output would not notice if it were smaller."));
  }
  return [strong, " ", quiet(parts.join(" "))];
}

function number(value) {
  return trimmed(format(value, 4));
}

function quiet(text) {
  return element("span", "quiet", text);
}
