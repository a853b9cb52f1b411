// Step 6: the boxes go back from the canvas to the photo.

import { element } from "../shared/dom.js";
import { brief } from "../shared/numbers.js";
import { Pane } from "./pane.js";
import { paragraph, sections, table } from "./parts.js";

export class ResultStep {
  /** @param {any} view */
  constructor(view) {
    this.view = view;
    const { text } = view;
    this.root = element("div", "yolo-step");
    this.pane = new Pane(view, {
      click: (at) => this.#choose(this.#inside(at)),
      point: (at) => {
        this.under = at ? this.#inside(at) : -1;
        this.draw();
      },
    });
    this.table = table(text("What was found"), ["", text("Score"), text("On the canvas"), text("÷ {factor} = on the photo", { factor: brief(view.data.factor, 4) })]);
    this.said = element("p", "yolo-said");
    this.ask = element("button", "yolo-go", text("Where did it come from?"));
    this.ask.addEventListener("click", () => view.change({ cell: view.finalCell(), step: "origin" }));
    const side = sections("yolo-side", this.table.root, this.said, this.ask);
    this.root.append(paragraph(text("The boxes that are left are divided by the factor of the letterbox and cut off at the edges of the photo: this is what the detector answers.")), sections("yolo-cell", this.pane.root, side));
  }

  /** The smallest final box around a point of the photo; -1 for none. */
  #inside({ x, y }) {
    const { found } = this.view.data;
    let best = -1;
    let least = Infinity;
    for (let i = 0; i < found.length / 4; i++) {
      const [left, top, right, bottom] = found.subarray(4 * i, 4 * i + 4);
      const area = (right - left) * (bottom - top);
      if (x >= left && x <= right && y >= top && y <= bottom && area < least) [best, least] = [i, area];
    }
    return best;
  }

  #choose(i) {
    if (i >= 0) this.view.choose(this.view.data.kept[i]);
  }

  draw() {
    const { view } = this;
    const { data, text } = view;
    const final = view.finalCell();
    const kept = [...data.kept];
    const boxOf = (/** @type {number} */ i) => data.found.subarray(4 * i, 4 * i + 4);
    const order = kept.map((_, i) => i).reverse();
    const marks = order.map((i) => {
      const chosen = kept[i] === final;
      return { box: boxOf(i), tone: chosen ? "accent" : "text", width: chosen || i === this.under ? 3 : 1.75, label: view.label(kept[i]) };
    });
    marks.sort((a, b) => Number(a.tone === "accent") - Number(b.tone === "accent"));
    this.pane.draw({ ...view.photoScene(), marks, tall: 560 });
    this.pane.name(text("Photo"), `${data.picture.width} × ${data.picture.height}`, text("The photo with {count} boxes: {list}", { count: kept.length, list: kept.map((cell) => view.label(cell)).join(", ") }));
    const numbers = (/** @type {ArrayLike<number>} */ box) => Array.from(box, (v) => v.toFixed(1).replace("-", "−")).join(", ");
    this.table.root.hidden = this.ask.hidden = !kept.length;
    this.table.show(kept.map((cell, i) => ({ cells: [data.nameOf(cell), brief(data.scores[cell], 3), numbers(data.boxOf(cell)), numbers(boxOf(i))], chosen: cell === final, act: () => this.#choose(i) })));
    this.said.textContent = kept.length
      ? text("{cells} cells, {candidates} above the threshold, {count} after suppression.", { cells: data.count.toLocaleString("en"), candidates: data.candidates.length, count: kept.length })
      : text("Nothing was found. Lower the least score, or choose another photo.");
  }
}
