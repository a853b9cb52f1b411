// Pale beams from what is read to what comes out, across the columns of the stage.

import { boxOf } from "../shared/cells.js";
import { windowSpan } from "./geometry.js";
import { outputsOf } from "./result.js";

const NAMESPACE = "http://www.w3.org/2000/svg";

export class Beams {
  /** @param {HTMLElement} stage */
  constructor(stage) {
    this.stage = stage;
    this.svg = document.createElementNS(NAMESPACE, "svg");
    this.svg.setAttribute("class", "cl-beams");
    this.svg.setAttribute("aria-hidden", "true");
    this.path = document.createElementNS(NAMESPACE, "path");
    this.svg.append(this.path);
  }

  /** @param {any} view */
  draw({ state, field, result, kernel, fieldGrid, resultGrid }) {
    const { layer, focus } = state;
    const stage = this.stage.getBoundingClientRect();
    const left = field.canvas.getBoundingClientRect();
    const right = result.canvas.getBoundingClientRect();
    // One above the other on a narrow screen: nothing to cross.
    if (right.left < left.right || focus.type === "weight") return this.path.setAttribute("d", "");
    const on = (frame, box) => ({ x: frame.left - stage.left + box.x, y: frame.top - stage.top + box.y, w: box.w, h: box.h });
    const ends = this.#ends(state, layer, focus, fieldGrid, resultGrid);
    if (!ends) return this.path.setAttribute("d", "");
    const [a, b] = [on(left, ends[0]), on(right, ends[1])];
    const middle = kernel.grid.getBoundingClientRect();
    const k = on(middle, { x: 0, y: 0, w: middle.width, h: middle.height });
    const [x0, x1] = [a.x + a.w, b.x];
    this.path.setAttribute(
      "d",
      `${ribbon(x0, a.y, a.y + a.h, k.x - 5, k.y, k.y + k.h)} ${ribbon(k.x + k.w + 5, k.y, k.y + k.h, x1, b.y, b.y + b.h)}`,
    );
    return undefined;
  }

  #ends(state, layer, focus, fieldGrid, resultGrid) {
    if (focus.type === "output") {
      const [top, bottom] = windowSpan(layer.rows, focus.y);
      const [first, last] = windowSpan(layer.columns, focus.x);
      return [boxOf(fieldGrid, top, first, bottom, last), boxOf(resultGrid, focus.y, focus.x)];
    }
    const fed = outputsOf(state);
    if (!fed.length) return null;
    const [ys, xs] = [fed.map(({ y }) => y), fed.map(({ x }) => x)];
    const all = boxOf(resultGrid, Math.min(...ys), Math.min(...xs), Math.max(...ys), Math.max(...xs));
    return [boxOf(fieldGrid, focus.row, focus.column), all];
  }
}

function ribbon(x0, top0, bottom0, x1, top1, bottom1) {
  const bend = (x1 - x0) / 2;
  return (
    `M${x0},${top0} C${x0 + bend},${top0} ${x1 - bend},${top1} ${x1},${top1} ` +
    `L${x1},${bottom1} C${x1 - bend},${bottom1} ${x0 + bend},${bottom0} ${x0},${bottom0} Z`
  );
}
