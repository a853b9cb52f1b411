// What the two blocks cost and see, as pairs of bars.

import { element } from "../shared/dom.js";

/**
 * @typedef {{parameters: number, multiply_adds: number, depth: number, field: number, local_field: number}} Figures
 * @typedef {{title: string, figures: Figures, side: number}} Block
 */

/**
 * @param {HTMLElement} host
 * @param {Block[]} blocks
 * @param {(key: string, values?: Record<string, string|number>) => string} text
 */
export function drawFigures(host, blocks, text) {
  const field = (/** @type {Block} */ block) => block.figures.field || block.side;
  const seen = (/** @type {Block} */ { figures }) =>
    figures.field ? `${figures.field}×${figures.field}` : text("whole map");
  /** @type {[string, (block: Block) => number, (block: Block) => string][]} */
  const rows = [
    [text("Parameters"), (block) => block.figures.parameters, (block) => grouped(block.figures.parameters)],
    [text("Multiply-adds"), (block) => block.figures.multiply_adds, (block) => grouped(block.figures.multiply_adds)],
    [text("Receptive field"), field, seen],
    [text("Layers in a row"), (block) => block.figures.depth, (block) => String(block.figures.depth)],
  ];
  host.replaceChildren(
    ...rows.map(([title, size, words]) => {
      const figure = element("figure", "bp-figure");
      figure.append(element("figcaption", "", title));
      const most = Math.max(...blocks.map(size), 1);
      blocks.forEach((block, index) => {
        const row = element("div", `bp-bar bp-${"ab"[index]}`);
        const bar = element("i");
        bar.style.width = `${Math.max(1, (size(block) / most) * 100)}%`;
        const track = element("span", "bp-track");
        track.append(bar);
        row.append(element("span", "bp-letter", "AB"[index]), track, element("span", "bp-number", words(block)));
        row.title = `${block.title}: ${words(block)}`;
        figure.append(row);
      });
      const [first, second] = blocks.map(size);
      if (first && second && first !== second) figure.append(element("p", "bp-ratio", compared(second / first, text)));
      const gated = blocks.find((block) => !block.figures.field);
      if (size === field && gated) {
        figure.append(element("p", "bp-ratio", text("{side}×{side} without the gate", { side: gated.figures.local_field })));
      }
      return figure;
    }),
  );
}

/** @param {number} count */
function grouped(count) {
  return count.toLocaleString("en");
}

/**
 * As a multiple from two on, as a share below.
 * @param {number} value
 * @param {(key: string, values?: Record<string, string|number>) => string} text
 */
export function compared(value, text) {
  if (value >= 2) return text("B is {times} times A", { times: value.toPrecision(value < 100 ? 2 : 3) });
  return text("B is {percent} % of A", { percent: (100 * value).toPrecision(value < 0.1 ? 2 : 3) });
}
