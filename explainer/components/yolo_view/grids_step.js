// Step 2: three grids over the photo, and what each of their cells says.

import { element } from "../shared/dom.js";
import { brief } from "../shared/numbers.js";
import { covering, indexOf, squareOf } from "./maths.js";
import { Pane } from "./pane.js";
import { legend, list, paragraph, radios, sections } from "./parts.js";

export class GridsStep {
  /** @param {any} view */
  constructor(view) {
    this.view = view;
    const { text, data } = view;
    this.root = element("div", "yolo-step");
    /** The cell of each grid under the pointer. @type {number[]|null} */
    this.under = null;
    this.show = radios(text("What is shown"), [["objectness", text("Objectness")], ["best", text("Best class")], ["score", text("Score")]], (show) => view.change({ show }));
    this.one = list(text("One class"), (show) => view.change({ show: show || "objectness" }));
    this.opacity = element("input");
    Object.assign(this.opacity, { type: "range", min: "0", max: "100", value: String(100 * view.opacity) });
    this.opacity.addEventListener("input", () => {
      view.opacity = Number(this.opacity.value) / 100;
      this.draw();
    });
    const opacity = element("label", "yolo-list");
    opacity.append(element("span", "", text("Opacity")), this.opacity);
    this.legend = legend(view);
    this.panes = data.grids.map((_, grid) => {
      const pane = new Pane(view, {
        point: (at) => this.#point(at),
        click: (at) => {
          const found = covering(data.grids, at.x, at.y);
          if (found) view.choose(found[grid]);
        },
        key: (event) => this.#key(grid, event),
      });
      return pane;
    });
    this.said = element("p", "yolo-said");
    this.open = element("button", "yolo-go", text("Open this cell"));
    this.open.addEventListener("click", () => view.change({ step: "cell" }));
    this.root.append(
      paragraph(text("Every cell of three grids answers for itself: is there an object whose middle lies near me, where is its box, and what is it? Fine cells are there for small objects, coarse ones for large ones.")),
      sections("yolo-tools", this.show.root, this.one.root, opacity, this.legend.root),
      sections("yolo-three", ...this.panes.map((pane) => pane.root)),
      sections("yolo-foot", this.said, this.open),
    );
  }

  #point(at) {
    this.under = at && covering(this.view.data.grids, at.x, at.y);
    this.draw();
  }

  /** Keys on a pane move within its grid: the first brings the chosen cell there. */
  #key(grid, event) {
    const { view } = this;
    const { data, state } = view;
    if (event.key.startsWith("Arrow") && data.cell(state.cell).grid !== grid) {
      const box = squareOf(data.cell(state.cell));
      const found = covering(data.grids, (box[0] + box[2]) / 2 - 0.5, (box[1] + box[3]) / 2 - 0.5);
      if (found) view.choose(found[grid], true);
      return true;
    }
    const moved = view.moves(event);
    if (moved && event.key.startsWith("Page")) this.panes[data.cell(view.state.cell).grid].canvas.focus();
    return moved;
  }

  #name() {
    const { text, state, data } = this.view;
    return { objectness: text("objectness"), best: text("best class"), score: text("score") }[state.show] ?? data.classes[Number(state.show)];
  }

  draw() {
    const { view } = this;
    const { data, state, text } = view;
    const values = data.valuesOf(state.show);
    if (!values) view.lack({ plane: Number(state.show) });
    this.show.show(state.show);
    const single = state.show in { objectness: 1, best: 1, score: 1 } ? "" : state.show;
    this.one.show([["", "…"], ...data.byScore.map((label) => [String(label), `${data.classes[label]} · ${brief(data.tops[label], 2)}`])], single);
    this.legend.show("1");
    const chosen = data.cell(state.cell);
    this.panes.forEach((pane, grid) => {
      const { stride, size, start } = data.grids[grid];
      const part = values?.subarray(start, start + size * size);
      const marks = [];
      const here = chosen.grid === grid;
      marks.push({ box: data.boxOf(state.cell), tone: "accent", width: here ? 2.5 : 1.5, dashed: !here, label: here ? view.label(state.cell) : "" });
      if (here) marks.push({ box: squareOf(chosen), tone: "accent", width: 2, filled: true });
      if (this.under) marks.push({ box: squareOf(data.cell(this.under[grid])), tone: "text", width: 1.5 });
      const heat = part ? { values: part, width: size, height: size, peak: 1, key: `${state.show}/${grid}` } : null;
      pane.draw({ ...view.canvasScene(Boolean(heat)), heat, opacity: view.opacity, lines: stride, marks, tall: 520 });
      const count = (size * size).toLocaleString("en");
      pane.name(
        text("Stride {stride}", { stride }),
        text("{size} × {size} = {count} cells", { size, count }),
        text("Grid of stride {stride}, {size} × {size} cells. Arrow keys move, Page Up and Page Down change the grid, Enter opens the cell. {said}", { stride, size, said: here ? view.describe(state.cell) : "" }),
      );
      pane.said.textContent = this.#value(values, grid, here);
    });
    this.#say();
  }

  #value(values, grid, here) {
    const { data, state, text } = this.view;
    if (!values) return "…";
    const cell = this.under ? this.under[grid] : here ? state.cell : -1;
    if (cell >= 0) {
      const { column, row } = data.cell(cell);
      return text("column {column}, row {row}: {name} {value}", { column, row, name: this.#name(), value: this.view.number(values[cell]) });
    }
    const { start, size } = data.grids[grid];
    let best = start;
    for (let i = start; i < start + size * size; i++) if (values[i] > values[best]) best = i;
    return text("highest {name}: {value}", { name: this.#name(), value: this.view.number(values[indexOf(data.grids, grid, data.cell(best).row, data.cell(best).column)]) });
  }

  #say() {
    const { view } = this;
    const { data, state, text } = view;
    const cell = state.cell;
    const n = (/** @type {number} */ v) => view.number(v);
    const strong = element("b", "", view.where(cell));
    const box = Array.from(data.boxOf(cell), (v) => Math.round(v)).join(", ");
    const rest = text("objectness {objectness} × {name} {best} = score {score} · box {box}", { objectness: n(data.objectness[cell]), name: data.nameOf(cell), best: n(data.best[cell]), score: n(data.scores[cell]), box });
    this.said.replaceChildren(strong, " ", element("span", "yolo-quiet", rest));
  }
}
