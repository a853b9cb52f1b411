// Step 7: where did this box come from? Its cell, its runners-up, what the cell sees and what speaks for it.

import { element } from "../shared/dom.js";
import { brief } from "../shared/numbers.js";
import { squareOf } from "./maths.js";
import { Pane } from "./pane.js";
import { list, paragraph, radios, sections, table } from "./parts.js";
import { bar } from "./rounds_step.js";

const MOST = 10;

export class OriginStep {
  /** @param {any} view */
  constructor(view) {
    this.view = view;
    const { text } = view;
    this.root = element("div", "yolo-step");
    this.box = list(text("Box"), (cell) => view.choose(Number(cell)));
    this.target = radios(text("What is explained"), [["score", text("Score")], ["objectness", text("Objectness")], ["class", text("Class")]], (target) => view.change({ target }));
    this.layer = list(text("Layer"), (layer) => view.change({ layer: layer === this.view.data.origin?.usual ? "" : layer }));
    this.cam = radios(text("Method"), [["gradcam", "Grad-CAM"], ["hirescam", "HiResCAM"]], (cam) => view.change({ cam }));
    this.none = paragraph("", "yolo-said");
    this.cell = new Pane(view, { click: (at) => this.#runner(at) });
    this.field = new Pane(view);
    this.heat = new Pane(view);
    this.table = table(text("Other cells of the same object"), [text("Cell"), text("Score"), "IoU", "", ""]);
    this.said = element("p", "yolo-said");
    this.more = element("p", "yolo-quiet");
    this.all = element("div");
    this.all.append(
      sections("yolo-tools", this.target.root, this.layer.root, this.cam.root),
      sections("yolo-three", this.cell.root, this.field.root, this.heat.root),
      this.said,
      element("h4", "", text("Other cells of the same object")),
      this.table.root,
      this.more,
    );
    this.root.append(paragraph(text("Choose a box that was found: one cell made it. What could this cell see, what did it look at, and which cells would have said nearly the same?")), sections("yolo-tools", this.box.root), this.none, this.all);
  }

  #runner(at) {
    const { data, finalCell } = this.view;
    const near = data.runnersUp(finalCell.call(this.view), MOST).list.find(({ cell }) => {
      const [left, top, right, bottom] = squareOf(data.cell(cell));
      return at.x >= left && at.x < right && at.y >= top && at.y < bottom;
    });
    if (near) this.view.change({ cell: near.cell, step: "cell" });
  }

  draw() {
    const { view } = this;
    const { data, state, text } = view;
    const final = view.finalCell();
    this.all.hidden = final < 0;
    this.box.root.hidden = final < 0;
    this.none.hidden = final >= 0;
    this.none.textContent = text("Nothing was found. Lower the least score, or choose another photo.");
    if (final < 0) return;
    this.box.show([...data.kept].map((cell) => [String(cell), `${view.label(cell)} · ${view.where(cell)}`]), String(final));
    this.target.show(state.target);
    this.cam.show(state.cam);
    const { origin } = data;
    const here = origin && origin.cell === final && origin.target === state.target && origin.cam === state.cam && (!state.layer || origin.layer === state.layer || !origin.layers.some(([name]) => name === state.layer)) && (state.layer || origin.layer === origin.usual) ? origin : null;
    if (!here) view.lack({ origin: [final, state.target, state.layer, state.cam] });
    if (origin) this.layer.show(origin.layers.map(([name, stride]) => [name, text("{name} · stride {stride}", { name, stride })]), here ? here.layer : state.layer || origin.usual);
    this.root.setAttribute("aria-busy", String(!here));
    this.#cell(final);
    this.#field(final, here);
    this.#heat(final, here);
    this.#say(here);
  }

  #cell(final) {
    const { view } = this;
    const { data, text } = view;
    const cell = data.cell(final);
    const { all, list: others } = data.runnersUp(final, MOST);
    const marks = [
      ...others.map((one) => ({ box: data.boxOf(one.cell), tone: one.why === "below" ? "pale" : "down", width: 1, dashed: true })),
      { box: data.boxOf(final), tone: "accent", width: 2.5, label: view.label(final) },
      ...others.map((one) => ({ box: squareOf(data.cell(one.cell)), tone: one.why === "below" ? "pale" : "down", width: 1.5, filled: true })),
      { box: squareOf(cell), tone: "accent", width: 2.5, filled: true },
    ];
    this.cell.draw({ ...view.canvasScene(), marks, lines: cell.stride, dim: 0.1, tall: 520 });
    this.cell.name(text("Its cell"), view.where(final), `${view.describe(final)} ${text("Suppressed by it: {count}.", { count: all })}`);
    this.cell.said.replaceChildren(...[[text("its cell"), "accent"], [text("suppressed"), "down"], [text("below the threshold"), "pale"]].map(([name, tone]) => element("span", `yolo-key yolo-${tone}`, name)));
    this.table.show(
      others.map((one) => ({
        cells: [view.where(one.cell), brief(data.scores[one.cell], 3), brief(one.iou, 3), bar(one.iou), one.why === "below" ? text("below the threshold") : text("suppressed")],
        act: () => view.change({ cell: one.cell, step: "cell" }),
        name: text("Open the cell at {where}", { where: view.where(one.cell) }),
      })),
    );
    this.table.root.hidden = !others.length;
    this.more.textContent = all > MOST ? text("and {count} more", { count: all - MOST }) : others.length ? "" : text("No other cell speaks about this object.");
  }

  #field(final, origin) {
    const { view } = this;
    const { data, text } = view;
    const marks = [{ box: data.boxOf(final), tone: "accent", width: 1.5 }, { box: squareOf(data.cell(final)), tone: "accent", width: 1.5, filled: true }];
    if (origin) marks.unshift({ box: origin.inside, tone: "text", width: 2, dashed: true });
    const heat = origin ? { values: origin.effective.values, width: origin.effective.size, height: origin.effective.size, peak: origin.effective.peak, key: `field/${final}/${origin.target}`, smooth: true } : null;
    this.field.draw({ ...view.canvasScene(Boolean(heat)), heat, opacity: 0.8, marks, tall: 520 });
    const size = origin ? `${origin.field[2] - origin.field[0]} × ${origin.field[3] - origin.field[1]}` : "…";
    this.field.name(text("What the cell sees"), "", origin ? `${text("Theoretical receptive field: {size} pixels.", { size })} ${this.#effect(origin)}` : text("The server works it out …"));
    this.field.said.textContent = origin ? text("dashed: what can matter, {size} px; heat: what does matter to this score", { size }) : text("The server works it out …");
  }

  #heat(final, origin) {
    const { view } = this;
    const { data, state, text } = view;
    const marks = [{ box: data.boxOf(final), tone: "accent", width: 1.5 }];
    const map = origin?.map;
    const heat = map && map.peak > 0 ? { values: map.values, width: map.width, height: map.height, peak: map.peak, key: `cam/${final}/${origin.target}/${origin.layer}/${origin.cam}`, smooth: true } : null;
    this.heat.draw({ ...view.canvasScene(Boolean(heat)), heat, opacity: 0.8, marks, tall: 520 });
    const name = state.cam === "hirescam" ? "HiResCAM" : "Grad-CAM";
    this.heat.name(name, origin ? `${map.width} × ${map.height}` : "", origin ? text("{method} of this cell at {layer}.", { method: name, layer: origin.layer }) : text("The server works it out …"));
    this.heat.said.textContent = !origin ? text("The server works it out …") : map.peak > 0 ? (state.cam === "hirescam" ? text("place by place: what this cell reads and what speaks for it") : text("one weight for each channel: all that looks alike lights up")) : text("Nothing at this layer speaks for it.");
  }

  #effect(origin) {
    const { text } = this.view;
    return text("Half of what moves this number lies on {half} of the pixels; {box} lies inside the box.", { half: percent(origin.half), box: percent(origin.inBox) });
  }

  #say(origin) {
    const { view } = this;
    const { data, text } = view;
    if (!origin) {
      this.said.textContent = text("The server works it out …");
      return;
    }
    const { side } = data;
    const size = origin.field[2] - origin.field[0];
    const parts = [
      size > side ? text("In theory the cell sees {size} × {size} pixels, more than the whole picture.", { size }) : text("In theory the cell sees {size} × {size} pixels.", { size }),
      this.#effect(origin),
    ];
    this.said.textContent = parts.join(" ");
  }
}

/** @param {number} share */
function percent(share) {
  return `${brief(100 * share, 2)} %`;
}
