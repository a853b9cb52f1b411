// Step 5: non-maximum suppression, one round at a time.

import { element } from "../shared/dom.js";
import { brief } from "../shared/numbers.js";
import { Player } from "../shared/player.js";
import { Pane } from "./pane.js";
import { paragraph, sections, table } from "./parts.js";

/** So many rows are listed. */
const MOST = 12;

export class RoundsStep {
  /** @param {any} view */
  constructor(view) {
    this.view = view;
    const { text } = view;
    this.root = element("div", "yolo-step");
    this.player = new Player((round, done) => {
      view.state.round = round;
      this.draw();
      if (done) view.keep();
    }, 1400);
    this.pane = new Pane(view);
    this.said = element("p", "yolo-said");
    this.said.setAttribute("aria-live", "polite");
    this.table = table(text("Boxes that go in this round"), [text("Cell"), text("Score"), "IoU", ""]);
    this.more = element("p", "yolo-quiet");
    const side = sections("yolo-side", this.said, this.table.root, this.more);
    this.root.append(
      paragraph(text("Many cells speak about the same object. In each round the surest box that is left stays, and boxes of its class that overlap it by more than the threshold go.")),
      this.player.root,
      sections("yolo-cell", this.pane.root, side),
    );
  }

  draw() {
    const { view } = this;
    const { data, state, text } = view;
    const rounds = data.rounds.keepers.length;
    this.player.root.hidden = rounds < 2;
    this.table.root.hidden = !rounds;
    if (!rounds) {
      this.said.textContent = text("No cell reaches the threshold, so there is nothing to suppress. Lower the least score.");
      this.more.textContent = "";
      this.pane.draw({ ...view.canvasScene(), tall: 560 });
      this.pane.name(text("No candidates"), "", text("The photo without boxes."));
      return;
    }
    const { keeper, gone } = data.round(state.round);
    const place = text("Round {round} of {rounds}", { round: state.round + 1, rounds });
    this.player.show(state.round, rounds - 1, { first: text("First round"), back: text("Previous round"), play: text("Play"), pause: text("Pause"), on: text("Next round"), slider: text("Round"), place });
    const before = data.before(state.round);
    const done = new Set([...before.kept, ...before.gone, keeper, ...gone.map((one) => one.cell)]);
    const waiting = data.candidates.filter((/** @type {number} */ cell) => !done.has(cell));
    const marks = [
      ...[...waiting].map((cell) => ({ box: data.boxOf(cell), tone: "pale", width: 1 })),
      ...[...before.kept].map((cell) => ({ box: data.boxOf(cell), tone: "text", width: 1.5, label: view.label(cell) })),
      ...gone.map((one) => ({ box: data.boxOf(one.cell), tone: "down", width: 1.5, dashed: true })),
      { box: data.boxOf(keeper), tone: "accent", width: 3, label: view.label(keeper) },
    ];
    this.pane.draw({ ...view.canvasScene(), marks, dim: 0.12, tall: 560 });
    const counts = text("{kept} kept, {gone} gone, {left} left", { kept: state.round + 1, gone: before.gone.length + gone.length, left: waiting.length });
    this.pane.name(place, counts, `${place}. ${counts}. ${view.describe(keeper)}`);
    this.pane.said.replaceChildren(...[[text("stays"), "accent"], [text("goes"), "down"], [text("waits"), "pale"]].map(([name, tone]) => Object.assign(element("span", `yolo-key yolo-${tone}`, name))));
    const stays = element("b", "", view.label(keeper));
    this.said.replaceChildren(
      stays,
      " ",
      element("span", "", text("({where}) is the surest that is left and stays.", { where: view.where(keeper) })),
      " ",
      element("span", "yolo-quiet", gone.length ? text("Overlap above {iou} with it: {count}.", { iou: data.iou, count: gone.length }) : text("No box of its class overlaps it by more than {iou}.", { iou: data.iou })),
    );
    this.table.root.hidden = !gone.length;
    this.table.show(gone.slice(0, MOST).map(({ cell, iou }) => ({ cells: [view.where(cell), brief(data.scores[cell], 3), brief(iou, 3), bar(iou)], act: () => view.change({ cell, step: "cell" }), name: text("Open the cell at {where}", { where: view.where(cell) }) })));
    this.more.textContent = gone.length > MOST ? text("and {count} more", { count: gone.length - MOST }) : "";
  }
}

/** @param {number} share */
export function bar(share) {
  const root = element("span", "yolo-share");
  const fill = element("i");
  fill.style.width = `${100 * share}%`;
  root.append(fill);
  return root;
}
