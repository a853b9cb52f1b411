// A vector instead of a map: its largest numbers as bars, of which one is chosen.

import { format } from "../shared/colours.js";
import { write } from "../shared/sketch.js";

const ROW = 24;
const MOST = 16;

/**
 * The channels to list: the largest values, and the chosen one if it is not among them.
 * @param {any} state
 * @param {number} chosen
 * @returns {number[]}
 */
export function listed(state, chosen) {
  const all = [...state.planes.keys()].sort((a, b) => state.valueAt(b, 0, 0) - state.valueAt(a, 0, 0) || a - b);
  const rows = all.slice(0, MOST);
  if (!rows.includes(chosen) && all.includes(chosen)) rows[rows.length - 1] = chosen;
  return rows;
}

/** How tall the list is. @param {number[]} rows */
export function tallOf(rows) {
  return rows.length * ROW + 4;
}

/** The row under a point. @param {number[]} rows @param {number} y */
export function rowAt(rows, y) {
  return rows[Math.floor((y - 2) / ROW)];
}

/**
 * @param {CanvasRenderingContext2D} g
 * @param {any} view
 * @param {number[]} rows
 * @param {number} width
 */
export function drawBars(g, view, rows, width) {
  const { state, palette, place } = view;
  const { theme } = palette;
  const values = rows.map((channel) => state.valueAt(channel, 0, 0));
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
  const span = high - low || 1;
  const label = Math.min(150, width * 0.4);
  const [start, room] = [label + 8, width - label - 80];
  const zero = start + ((0 - low) / span) * room;
  rows.forEach((channel, i) => {
    const top = 2 + i * ROW;
    const here = channel === place.channel;
    if (here) {
      g.fillStyle = theme.soft;
      g.fillRect(0, top, width, ROW);
    }
    const name = state.field.names?.[channel] ?? String(channel);
    write(g, name, label, top + 16, theme, { size: 12, align: "right", weight: here ? 650 : 400, width: label - 4 });
    const end = zero + (values[i] / span) * room;
    g.fillStyle = here ? theme.accent : theme.faint;
    g.fillRect(Math.min(zero, end), top + 6, Math.max(1, Math.abs(end - zero)), ROW - 12);
    write(g, format(values[i], 3), width - 4, top + 16, theme, { size: 12, align: "right", tone: here ? "text" : "muted" });
  });
}
