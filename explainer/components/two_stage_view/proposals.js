// Step 5: from all anchors to a few proposals: the surest of each level, clipped, non-maximum suppression.

import { element } from "../shared/dom.js";
import { boxAt, boxUnder, iou } from "./boxes.js";
import { barRow, choices, legend, note, percent, section } from "./written.js";

export class ProposalsPanel {
  constructor(view) {
    this.view = view;
    this.dims = true;
    this.root = element("div", "two-panel");
  }

  get kept() {
    return this.view.state.kind === "apart";
  }

  /** What is drawn: boxes, the surest first; with kept and suppressed ones together before the suppression. */
  #shown() {
    const { frame, state } = this.view;
    const { regions, rejected } = frame;
    const kept = [...regions.ranks].map((rank, i) => ({ rank, box: boxAt(regions.boxes, i), score: regions.scores[i], by: -1 }));
    if (this.kept) return kept.slice(0, state.many);
    const gone = [...rejected.scores].map((score, i) => ({ rank: -1, box: boxAt(rejected.boxes, i), score, by: rejected.by[i] }));
    return [...kept, ...gone].sort((a, b) => b.score - a.score).slice(0, state.many);
  }

  /** The box under the pointer. */
  #under() {
    const point = this.view.hovered?.point;
    if (!point) return null;
    const shown = this.#shown();
    const at = boxUnder(shown.map((one) => one.box), point.x, point.y);
    return at < 0 ? null : shown[at];
  }

  click(point) {
    this.view.hovered = { point };
    const found = this.#under();
    if (found) this.view.follow(found.rank >= 0 ? found.rank : found.by >= 0 ? found.by : this.view.state.region);
  }

  key(event) {
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const ranks = [...this.view.frame.regions.ranks];
    if (!by || !ranks.length) return false;
    const at = Math.max(0, Math.min(ranks.length - 1, ranks.indexOf(this.view.state.region) + by));
    this.view.follow(ranks[at]);
    this.view.live.textContent = this.view.said.textContent;
    return true;
  }

  marks() {
    const { state } = this.view;
    const shown = this.#shown();
    const under = this.#under();
    const marks = shown.map(({ box, rank }) => ({ box, role: rank >= 0 ? "proposal" : "gone", width: 1, alpha: rank >= 0 ? 0.8 : 0.5 }));
    const region = this.view.region();
    if (region && !under) marks.push({ box: region.box, role: "proposal", width: 3, alpha: 1, label: `${state.region + 1}` });
    if (under) {
      marks.push({ box: under.box, role: under.rank >= 0 ? "proposal" : "gone", width: 3, alpha: 1, label: percent(under.score) });
      const keeper = this.#boxOf(under.by);
      if (keeper) marks.push({ box: keeper, role: "proposal", width: 2.5, alpha: 1 });
    }
    return marks;
  }

  #boxOf(rank) {
    const { regions } = this.view.frame;
    const at = rank < 0 ? -1 : regions.ranks.indexOf(rank);
    return at < 0 ? null : boxAt(regions.boxes, at);
  }

  saying() {
    const { text, frame, state } = this.view;
    const under = this.#under();
    if (!under) {
      const at = frame.regions.ranks.indexOf(state.region);
      return at < 0 ? "" : text("Proposal {rank}: objectness {score}. Click on another one to follow it; arrow keys go through them.", { rank: state.region + 1, score: percent(frame.regions.scores[at]) });
    }
    if (under.rank >= 0) return text("Proposal {rank}: objectness {score}.", { rank: under.rank + 1, score: percent(under.score) });
    const keeper = this.#boxOf(under.by);
    if (!keeper) return text("Suppressed: objectness {score}.", { score: percent(under.score) });
    return text("Suppressed: objectness {score}. It overlaps proposal {rank}, which is surer: IoU {iou}.", { score: percent(under.score), rank: under.by + 1, iou: iou(under.box, keeper).toFixed(2) });
  }

  draw() {
    const { frame, text, state } = this.view;
    const { counts } = frame;
    const bars = element("div", "two-bars two-funnel");
    const rows = [
      [text("Anchors"), counts.anchors],
      [text("The surest of each level"), counts.top],
      [text("Not empty after clipping"), counts.usable],
      [text("Left by the suppression"), counts.apart],
      [text("Proposals"), counts.proposals],
    ];
    // On a logarithmic scale, or all but the first would be slivers.
    const most = Math.log(counts.anchors + 1);
    for (const [name, count] of rows) bars.append(barRow({ name, value: Math.log(count + 1) / most, shown: String(count) }));
    const kinds = choices(text("Boxes"), [["top", text("Before the suppression")], ["apart", text("After it")]], state.kind, (kind) => this.view.set({ kind }));
    const slider = element("input");
    slider.type = "range";
    slider.min = "1";
    slider.max = String(Math.max(1, frame.regions.ranks.length + (this.kept ? 0 : frame.rejected.scores.length)));
    slider.value = String(state.many);
    slider.dataset.key = "many";
    slider.setAttribute("aria-label", text("Boxes drawn"));
    const count = element("span", "two-amount", `${Math.min(state.many, Number(slider.max))}`);
    slider.addEventListener("input", () => {
      this.view.state.many = Number(slider.value);
      count.textContent = slider.value;
      this.view.paint();
    });
    slider.addEventListener("change", () => this.view.set({ many: Number(slider.value) }));
    const row = element("label", "two-row");
    row.append(element("span", "two-quiet", text("Boxes drawn")), slider, count);
    const signs = this.kept ? [["proposal", text("Proposal")]] : [["proposal", text("Stays")], ["gone", text("Suppressed")]];
    this.root.replaceChildren(
      section(text("From anchors to proposals"), bars, note(text("Bars on a logarithmic scale. The suppression compares boxes of one level only; of two that overlap by more than {iou} (IoU), the surer one stays.", { iou: frame.rpnIou }))),
      section(text("On the photo"), kinds, row, legend(signs)),
      section(text("Level by level"), this.#table()),
    );
  }

  #table() {
    const { frame, text } = this.view;
    const table = element("table", "two-table");
    const head = element("tr");
    for (const name of [text("Level"), text("Anchors"), text("The surest"), text("Left"), text("Proposals")]) head.append(element("th", "", name));
    table.append(head);
    for (const level of frame.levels) {
      const row = element("tr");
      for (const value of [level.name, level.count, level.usable, level.apart, level.proposals]) row.append(element("td", "", String(value)));
      table.append(row);
    }
    return table;
  }
}
