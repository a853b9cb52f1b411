// Step 3: one cell's numbers, and the formulas that make a box and a score of them.

import { element } from "../shared/dom.js";
import { bracketed, brief } from "../shared/numbers.js";
import { covering, decode, sigmoid, squareOf } from "./maths.js";
import { Pane } from "./pane.js";
import { legend, lines, paragraph, radios, sections } from "./parts.js";

/** So many classes have a bar. */
const MOST = 8;

export class CellStep {
  /** @param {any} view */
  constructor(view) {
    this.view = view;
    const { text, data } = view;
    this.root = element("div", "yolo-step");
    this.grids = radios(
      text("Grid"),
      data.grids.map(({ stride }, i) => [String(i), text("Stride {stride}", { stride })]),
      (grid) => {
        const box = squareOf(data.cell(view.state.cell));
        const found = covering(data.grids, (box[0] + box[2]) / 2 - 0.5, (box[1] + box[3]) / 2 - 0.5);
        if (found) view.choose(found[Number(grid)], true);
      },
    );
    this.surest = element("button", "yolo-go", text("The surest cell"));
    this.surest.addEventListener("click", () => view.choose(view.usualCell(), true));
    this.fully = element("label", "yolo-check");
    this.box = Object.assign(element("input"), { type: "checkbox" });
    this.box.addEventListener("input", () => {
      view.full = this.box.checked;
      this.draw();
    });
    this.fully.append(this.box, element("span", "", text("All digits")));
    this.legend = legend(view);
    this.pane = new Pane(view, {
      point: (at) => this.#point(at),
      click: (at) => {
        const found = covering(data.grids, at.x, at.y);
        if (found) view.choose(found[data.cell(view.state.cell).grid]);
      },
      key: (event) => event.key !== "Enter" && view.moves(event),
    });
    this.bars = element("div", "yolo-bars");
    this.bars.setAttribute("role", "table");
    this.bars.setAttribute("aria-label", text("What the network says about this cell"));
    this.sums = element("div", "yolo-sums");
    const side = sections("yolo-side", this.bars, this.sums);
    this.root.append(
      paragraph(text("A cell says a handful of numbers: where the middle of its box lies, how large the box is, whether there is an object at all, and what it is. Point, click, or use the arrow keys.")),
      sections("yolo-tools", this.grids.root, this.surest, this.fully, this.legend.root),
      sections("yolo-cell", this.pane.root, side),
    );
  }

  #point(at) {
    const { data, state } = this.view;
    const found = at && covering(data.grids, at.x, at.y);
    this.under = found ? found[data.cell(state.cell).grid] : -1;
    this.draw();
  }

  draw() {
    const { view } = this;
    const { data, state, text } = view;
    const at = this.under >= 0 ? this.under : state.cell;
    const cell = data.cell(at);
    const { stride, size, start } = data.grids[cell.grid];
    this.grids.show(String(cell.grid));
    this.legend.show("1");
    this.box.checked = Boolean(view.full);
    const raw = data.rawOf(at);
    const found = decode(raw, cell);
    const marks = [{ box: data.boxOf(at), tone: "accent", width: 2.5, label: view.label(at) }];
    if (at !== state.cell) marks.unshift({ box: data.boxOf(state.cell), tone: "pale", width: 1 }, { box: squareOf(data.cell(state.cell)), tone: "pale", width: 1 });
    marks.push({ box: squareOf(cell), tone: "text", width: 1.5, filled: true });
    const values = data.objectness.subarray(start, start + size * size);
    this.pane.draw({ ...view.canvasScene(true), heat: { values, width: size, height: size, peak: 1, key: `cell/${cell.grid}` }, opacity: view.opacity, lines: stride, marks, dots: [{ x: found.cx, y: found.cy }], tall: 560 });
    this.pane.name(text("Objectness, stride {stride}", { stride }), text("column {column}, row {row}", cell), text("Grid of stride {stride}. Arrow keys move, Page Up and Page Down change the grid. {said}", { stride, said: view.describe(at) }));
    this.pane.said.textContent = text("The dot is the middle of the box, the square is the cell.");
    const logits = data.logitsOf(at);
    if (!logits && at === state.cell) view.lack({ row: at });
    this.#bars(raw, logits, at, found);
    this.#sums(raw, logits, at, cell, found);
  }

  #bars(raw, logits, at, found) {
    const { view } = this;
    const { data, text } = view;
    const n = (/** @type {number} */ v) => view.number(v);
    const rows = [
      ["tx", raw[0], `cx ${n(found.cx)}`],
      ["ty", raw[1], `cy ${n(found.cy)}`],
      ["tw", raw[2], `w ${n(found.w)}`],
      ["th", raw[3], `h ${n(found.h)}`],
      ["obj", raw[4], `σ ${n(data.objectness[at])}`],
    ];
    const shown = logits ? [...logits.keys()].sort((a, b) => logits[b] - logits[a] || a - b).slice(0, MOST) : [];
    if (logits && logits.length <= MOST) shown.sort((a, b) => a - b);
    for (const label of shown) rows.push([data.classes[label], logits[label], `σ ${n(sigmoid(logits[label]))}`]);
    const peak = Math.max(1, ...rows.map(([, value]) => Math.abs(/** @type {number} */ (value))));
    const made = rows.map(([name, value, what], i) => {
      const row = element("div", i === 5 ? "yolo-bar yolo-first" : "yolo-bar");
      row.setAttribute("role", "row");
      const bar = element("span", "yolo-track");
      const length = (Math.abs(value) / peak) * 50;
      const fill = element("i", value < 0 ? "yolo-minus" : "yolo-plus");
      fill.style.width = `${length}%`;
      fill.style.left = value < 0 ? `${50 - length}%` : "50%";
      bar.append(fill);
      bar.setAttribute("role", "presentation");
      const parts = [element("span", "yolo-name", String(name)), bar, element("span", "yolo-number", n(value)), element("span", "yolo-what", String(what))];
      for (const part of [parts[0], parts[2], parts[3]]) part.setAttribute("role", "cell");
      parts[0].title = String(name);
      parts[2].title = String(value);
      row.append(...parts);
      return row;
    });
    const hidden = data.classes.length - shown.length;
    if (!logits) made.push(element("div", "yolo-quiet", at === view.state.cell ? text("The classes are on their way …") : text("Click the cell to see its classes.")));
    else if (hidden) made.push(element("div", "yolo-quiet", text("and {count} classes that are less likely", { count: hidden })));
    this.bars.replaceChildren(...made);
  }

  #sums(raw, logits, at, { column, row, stride }, found) {
    const { view } = this;
    const { data, text } = view;
    const digits = 5;
    const n = (/** @type {number} */ v) => view.number(v, digits);
    const best = data.labels[at];
    const logit = logits?.[best];
    const exponent = (/** @type {number} */ v) => (v < 0 ? n(-v) : `−${n(v)}`);
    const squash = (/** @type {number} */ v) => [`σ(${n(v)}) = 1 / (1 + e`, element("sup", "", exponent(v)), ") = "];
    const enough = data.scores[at] >= Math.fround(data.score);
    const box = found.box.map((v) => (view.full ? n(v) : v.toFixed(1).replace("-", "−"))).join(", ");
    const b = (/** @type {number} */ v) => (view.full ? (v < 0 ? `(${n(v)})` : n(v)) : bracketed(v, digits));
    this.sums.replaceChildren(
      lines([
        ["cx", `(tx + ${text("column")}) · ${text("stride")} = (${n(raw[0])} + ${column}) · ${stride} = `, n(found.cx)],
        ["cy", `(ty + ${text("row")}) · ${text("stride")} = (${n(raw[1])} + ${row}) · ${stride} = `, n(found.cy)],
        ["w", `exp(tw) · ${text("stride")} = exp(${n(raw[2])}) · ${stride} = `, n(found.w)],
        ["h", `exp(th) · ${text("stride")} = exp(${n(raw[3])}) · ${stride} = `, n(found.h)],
        [text("box"), `cx ± w / 2, cy ± h / 2 = `, box],
        [text("objectness"), squash(raw[4]), n(data.objectness[at])],
        [data.classes[best], logit === undefined ? "σ(…) = " : squash(logit), n(data.best[at])],
        [text("score"), `${b(data.objectness[at])} · ${b(data.best[at])} = `, n(data.scores[at]), "yolo-total"],
      ]),
      paragraph(
        enough ? text("{score} reaches the threshold {threshold}: the box is a candidate.", { score: brief(data.scores[at], 3), threshold: data.score }) : text("{score} stays below the threshold {threshold}: the box is dropped.", { score: brief(data.scores[at], 3), threshold: data.score }),
        "yolo-quiet",
      ),
    );
  }
}
