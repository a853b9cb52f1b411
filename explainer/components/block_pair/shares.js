// Small drawings beside the maps of a join: whose channels a concatenation holds, the gates of all channels.

import { write } from "../shared/sketch.js";
import { sourceOf } from "./sums.js";

/**
 * The channels of a concatenation as one column, a segment for each source.
 * @param {CanvasRenderingContext2D} g
 * @param {{width: number, height: number}} size
 * @param {import("./sums.js").Join} join
 * @param {number} channel the chosen one
 * @param {import("../shared/palette.js").Palette} palette
 * @param {string} input what the block's input is called
 */
export function shares(g, { width, height }, join, channel, palette, input) {
  const { theme } = palette;
  const each = height / join.result.channels;
  const chosen = sourceOf(join, channel).part;
  let first = 0;
  join.parts.forEach((part, index) => {
    const y = first * each;
    const h = part.channels * each;
    g.fillStyle = part === chosen ? theme.accent : theme.line;
    g.globalAlpha = part === chosen ? 0.55 : index % 2 ? 0.7 : 1;
    g.fillRect(width - 18, y + 0.5, 18, Math.max(1, h - 1));
    g.globalAlpha = 1;
    const name = `${part.role === "x" ? input : part.name} · ${part.channels}`;
    if (h >= 11 || part === chosen) {
      const line = Math.max(10, Math.min(height - 2, y + h / 2 + 4));
      write(g, name, width - 24, line, theme, { size: 11, align: "right", tone: part === chosen ? "text" : "muted", weight: part === chosen ? 650 : 400, width: width - 26 });
    }
    first += part.channels;
  });
  g.fillStyle = theme.text;
  g.fillRect(width - 18, channel * each, 18, Math.max(2, each - 1));
}

/**
 * The gates of all channels as bars from 0 to 1, the chosen one dark.
 * @param {CanvasRenderingContext2D} g
 * @param {number} size
 * @param {Float32Array} gates
 * @param {number} channel
 * @param {import("../shared/palette.js").Palette} palette
 */
export function gateBars(g, size, gates, channel, palette) {
  const { theme } = palette;
  const each = size / gates.length;
  g.fillStyle = theme.soft;
  g.fillRect(0, 0, size, size);
  gates.forEach((gate, index) => {
    g.fillStyle = index === channel ? theme.accent : theme.faint;
    g.globalAlpha = index === channel ? 1 : 0.45;
    g.fillRect(0, index * each + 0.5, Math.max(1, gate * size), Math.max(1, each - 1));
  });
  g.globalAlpha = 1;
}
