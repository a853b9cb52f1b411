// What is looked at, in words.

import { format } from "../shared/colours.js";
import { trimmed } from "../shared/numbers.js";
import { fieldValue } from "./compute.js";
import { isRead, kindAt } from "./field.js";
import { cellOf, COPY, HOLE, INPUT } from "./geometry.js";
import { outputsOf } from "./result.js";

/** @param {any} state @param {(key: string, values?: Record<string, string|number>) => string} text */
export function tell(state, text) {
  const { focus } = state;
  if (focus.type === "weight") return tellWeight(state, text);
  if (focus.type === "field") return tellCell(state, text);
  return tellWindow(state, text);
}

const say = (value) => trimmed(format(value, 4));

/** Rows or columns of the input between two cells of the field. */
function range(axis, output) {
  const cells = Array.from({ length: axis.kernel }, (_, tap) => cellOf(axis, output, tap) + axis.low);
  const [low, high] = [Math.min(...cells), Math.max(...cells)];
  return low === high ? `${low}`.replace("-", "−") : `${low} … ${high}`.replaceAll("-", "−");
}

function tellWindow({ layer, focus, output }, text) {
  const where = { output, y: focus.y, x: focus.x, rows: range(layer.rows, focus.y), columns: range(layer.columns, focus.x) };
  return layer.transposed
    ? text("Output {output} at row {y}, column {x} reads rows {rows}, columns {columns} of the spread-out input.", where)
    : text("Output {output} at row {y}, column {x} reads rows {rows}, columns {columns} of the input.", where);
}

function tellCell(state, text) {
  const { layer, focus, channel, output } = state;
  const { row, column } = focus;
  const kind = kindAt(layer, row, column);
  const place = { y: `${row + layer.rows.low}`.replace("-", "−"), x: `${column + layer.columns.low}`.replace("-", "−") };
  const value = say(fieldValue(layer, channel, row, column));
  const unread = isRead(layer, row, column) ? "" : ` ${text("No window ever reads it.")}`;
  if (kind === COPY) {
    const from = { ...place, fromY: layer.rows.source[row], fromX: layer.columns.source[column], value };
    return text("Padding at row {y}, column {x}: {value}, copied from row {fromY}, column {fromX}.", from) + unread;
  }
  if (kind === HOLE) return text("A zero put between the numbers of the input: the stride of a transposed convolution.") + unread;
  if (kind !== INPUT) return text("Padding at row {y}, column {x}: a zero.", place) + unread;
  const here = { y: layer.rows.source[row], x: layer.columns.source[column], value };
  if (state.nth < 0) return text("Input at row {y}, column {x} = {value}: output {output} does not read this channel.", { ...here, output });
  const count = new Set(outputsOf(state).map((one) => `${one.y},${one.x}`)).size;
  const of = layer.channels > 1 ? `${text("channel {channel}", { channel })} · ` : "";
  return of + text("Input at row {y}, column {x} = {value}: goes into {count} numbers of output {output}.", { ...here, count, output }) + unread;
}

function tellWeight(state, text) {
  const { layer, focus } = state;
  const value = say(state.weightAt(focus.row, focus.column));
  return text("The weight {value} at row {y}, column {x} of the kernel is shared: all {count} outputs use it, each at another place.", {
    value,
    y: focus.written[0],
    x: focus.written[1],
    count: layer.rows.out * layer.columns.out,
  });
}
