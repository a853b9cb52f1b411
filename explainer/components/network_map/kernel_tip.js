// What stands at the pointer over a kernel: its weights as numbers; over a dense layer: one product.

import { format } from "../shared/colours.js";
import { element } from "../shared/dom.js";

/**
 * @param {any} view an ElasticView
 * @param {any} found what is under the pointer
 */
export function showTip(view, found) {
  const { tip, values } = view;
  const { store, pictures } = view.context;
  tip.hidden = found?.kind !== "kernel" && found?.kind !== "cell";
  if (tip.hidden) return;
  const j = view.rows[found.place];
  const channel = view.first + j;
  const [, kh, kw] = values.weight.shape;
  if (found.kind === "cell") {
    const at = (j * kh + found.y) * kw + found.x;
    const [value, weight] = [values.inputs[0].data[at], values.weight.data[at]];
    tip.replaceChildren(
      element("div", "cs-tip-title", store.text("channel {channel}, pixel ({y}, {x})", { channel, y: found.y, x: found.x })),
      element("div", "cs-tip-line", `${format(value, 4)} × ${format(weight, 4)} = ${format(value * weight, 4)}`),
    );
    return place(view, found, 190, 60);
  }
  const peak = pictures.largest(values.weight.data) || 1;
  const grid = element("div", "cs-tip-grid");
  grid.style.gridTemplateColumns = `repeat(${kw}, auto)`;
  for (let i = 0; i < kh * kw; i++) {
    const weight = values.weight.data[j * kh * kw + i];
    const cell = element("span", "", format(weight, kw > 5 ? 2 : 4));
    cell.style.background = pictures.colour(weight, peak, "weights");
    cell.style.color = pictures.ink(weight, peak, "weights");
    grid.append(cell);
  }
  tip.replaceChildren(element("div", "cs-tip-title", store.text("weights for input channel {number}", { number: channel })), grid);
  place(view, found, 62 * kw, 26 * kh + 40);
}

/** @param {any} view @param {any} found @param {number} width @param {number} height */
function place(view, found, width, height) {
  view.tip.style.left = `${Math.max(0, Math.min(found.px + 18, view.width - width))}px`;
  view.tip.style.top = `${Math.max(0, Math.min(found.py + 14, view.height - height))}px`;
}
