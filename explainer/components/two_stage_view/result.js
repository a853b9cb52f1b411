// Step 8: the threshold, the last suppression round by round, and where a box came from.

import { element } from "../shared/dom.js";
import { boxAt, boxUnder, iou } from "./boxes.js";
import { barRow, button, legend, note, percent, section } from "./written.js";

export class ResultPanel {
  constructor(view) {
    this.view = view;
    this.root = element("div", "two-panel");
  }

  /** Boxes of the answer, in pixels of the input. */
  #boxes() {
    const { result, fitted } = this.view.frame;
    const [sx, sy] = fitted.scale;
    return [...result.scores].map((_, i) => {
      const [left, top, right, bottom] = boxAt(result.boxes, i);
      return [left * sx, top * sy, right * sx, bottom * sy];
    });
  }

  /** Candidates that stay, in order: each is one round. */
  #keepers() {
    const { kept, by } = this.view.frame.candidates;
    return [...by.keys()].filter((i) => by[i] < 0).sort((a, b) => (kept[a] < 0 ? 1e9 : kept[a]) - (kept[b] < 0 ? 1e9 : kept[b]));
  }

  /** @param {number} at of a detection */
  #choose(at, aloud = false) {
    const { result, candidates } = this.view.frame;
    const candidate = candidates.kept.indexOf(at);
    const label = candidate < 0 ? result.labels[at] : candidates.labels[candidate];
    this.view.follow(result.regions[at], { found: at, label });
    if (aloud) this.view.live.textContent = this.view.said.textContent;
  }

  click(point) {
    const at = boxUnder(this.#boxes(), point.x, point.y);
    if (at >= 0) this.#choose(at);
  }

  key(event) {
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const count = this.view.frame.result.scores.length;
    if (!by || !count) return false;
    this.#choose((Math.max(0, this.view.state.found) + by + count) % count, true);
    return true;
  }

  get round() {
    return Math.min(this.view.state.round, this.#keepers().length);
  }

  marks() {
    const { frame, state } = this.view;
    const { candidates, result } = frame;
    if (this.round > 0) return this.#roundMarks();
    const boxes = this.#boxes();
    const hovered = this.view.hovered?.point;
    const under = hovered ? boxUnder(boxes, hovered.x, hovered.y) : -1;
    const marks = [];
    const chosen = state.found < boxes.length ? state.found : -1;
    if (chosen >= 0) {
      const region = this.view.region();
      if (region && result.regions[chosen] === state.region) {
        marks.push({ box: this.view.anchor(), role: "anchor", dash: true, width: 1.5 });
        marks.push({ box: region.box, role: "proposal", dash: true, width: 1.5 });
      }
      const candidate = candidates.kept.indexOf(chosen);
      for (let i = 0; i < candidates.by.length; i++) if (candidate >= 0 && candidates.by[i] === candidate) marks.push({ box: boxAt(candidates.boxes, i), role: "gone", width: 1, alpha: 0.7 });
    }
    boxes.forEach((box, i) => {
      const on = i === chosen || i === under;
      marks.push({ box, role: "final", width: on ? 3.5 : 2, label: `${this.view.className(result.labels[i])} ${percent(result.scores[i])}` });
    });
    return marks;
  }

  #roundMarks() {
    const { candidates } = this.view.frame;
    const keepers = this.#keepers();
    const now = this.round - 1;
    const done = new Set(keepers.slice(0, now));
    const marks = [];
    for (let i = 0; i < candidates.by.length; i++) {
      const box = boxAt(candidates.boxes, i);
      if (i === keepers[now]) continue;
      if (candidates.by[i] === keepers[now]) marks.push({ box, role: "gone", width: 1.5 });
      else if (done.has(i)) marks.push({ box, role: "final", width: 2, alpha: 0.8 });
      else if (!done.has(candidates.by[i])) marks.push({ box, role: "plain", width: 1, alpha: 0.7 });
    }
    const box = boxAt(candidates.boxes, keepers[now]);
    const label = `${this.view.className(candidates.labels[keepers[now]])} ${percent(candidates.scores[keepers[now]])}`;
    return [...marks, { box, role: "final", width: 3.5, label }];
  }

  saying() {
    const { text, frame, state } = this.view;
    const { result, candidates } = frame;
    if (this.round > 0) {
      const keeper = this.#keepers()[this.round - 1];
      const gone = [...candidates.by.keys()].filter((i) => candidates.by[i] === keeper);
      if (!gone.length) return text("Round {round}: the surest box that is left stays and suppresses none.", { round: this.round });
      const most = gone.map((i) => iou(boxAt(candidates.boxes, i), boxAt(candidates.boxes, keeper)).toFixed(2)).slice(0, 6).join(", ");
      return text("Round {round}: the surest box that is left stays and suppresses {count} (IoU {iou}).", { round: this.round, count: gone.length, iou: most });
    }
    if (!result.scores.length) return text("Nothing is found. Lower the least score to see what there is.");
    const at = state.found;
    if (at < 0 || at >= result.scores.length) return text("Click on a box to see where it came from.");
    return text("Detection {number}: {name}, {score}.", { number: at + 1, name: this.view.className(result.labels[at]), score: percent(result.scores[at]) });
  }

  draw() {
    const { text, frame, state } = this.view;
    const { result, counts } = frame;
    const list = element("div", "two-bars");
    const listed = Math.min(result.scores.length, 30);
    for (let i = 0; i < listed; i++) {
      list.append(barRow({ name: `${i + 1} · ${this.view.className(result.labels[i])}`, value: result.scores[i], on: i === state.found, key: `found-${i}`, choose: () => this.#choose(i) }));
    }
    const parts = listed ? [list] : [note(text("Nothing is found. Lower the least score to see what there is."))];
    this.root.replaceChildren(section(text("What is found"), ...parts), ...this.#origin(), this.#rounds(counts));
  }

  #origin() {
    const { text, frame, state } = this.view;
    const { result, candidates, regions, levels } = frame;
    const at = state.found;
    if (at < 0 || at >= result.scores.length) return [];
    const rank = result.regions[at];
    const place = regions.ranks.indexOf(rank);
    if (place < 0) return [];
    const candidate = candidates.kept.indexOf(at);
    const gone = candidate < 0 ? 0 : [...candidates.by].filter((by) => by === candidate).length;
    const [level, row, column, which] = regions.anchors.slice(4 * place, 4 * place + 4);
    const go = (/** @type {object} */ what) => () => this.view.follow(rank, what);
    const chain = element("ol", "two-chain");
    const step = (said, name, act, key) => {
      const item = element("li");
      item.append(element("span", "", said), button(name, act, key));
      chain.append(item);
    };
    step(text("Level {name}, row {row}, column {column}: anchor {which}", { name: levels[level].name, row, column, which: which + 1 }), text("Anchors"), go({ step: "anchors" }), "to-anchors");
    step(text("An object by {score}, then moved and stretched", { score: percent(regions.scores[place]) }), text("Objectness"), go({ step: "rpn" }), "to-rpn");
    step(text("Proposal {rank} of {count}", { rank: rank + 1, count: frame.counts.proposals }), text("Proposals"), go({ step: "proposals", kind: "apart", many: Math.max(state.many, place + 1) }), "to-proposals");
    step(text("Read from level {name}", { name: levels[regions.read[place]].name }), "RoIAlign", go({ step: "roi" }), "to-roi");
    step(text("{name} by {score}, box refined", { name: this.view.className(result.labels[at]), score: percent(result.scores[at]) }), text("Box head"), go({ step: "head", label: result.labels[at] }), "to-head");
    step(text("It suppressed {count} others", { count: gone }), text("Round"), () => this.view.set({ round: this.#keepers().indexOf(candidate) + 1 }), "to-round");
    return [
      section(
        text("Where did detection {number} come from?", { number: at + 1 }),
        legend([["anchor", text("Anchor"), true], ["proposal", text("Proposal"), true], ["gone", text("Suppressed")], ["final", text("Result")]]),
        chain,
      ),
    ];
  }

  #rounds(counts) {
    const { text, frame } = this.view;
    const rounds = this.#keepers().length;
    const { round } = this;
    const row = element("div", "two-row");
    row.append(
      button("‹", () => this.view.set({ round: Math.max(0, round - 1) }), "round-back", round === 0),
      element("span", "two-amount", round ? text("Round {round} of {count}", { round, count: rounds }) : text("After all rounds")),
      button("›", () => this.view.set({ round: Math.min(rounds, round + 1) }), "round-on", round >= rounds),
    );
    row.children[0].setAttribute("aria-label", text("Previous round"));
    row.children[2].setAttribute("aria-label", text("Next round"));
    if (round) row.append(button(text("After all rounds"), () => this.view.set({ round: 0 }), "round-end"));
    return section(
      text("The last suppression"),
      note(text("{over} boxes have a score over {score}. In each round the surest one that is left stays; those of its class that overlap it by more than {iou} go. {final} are left.", { over: counts.over, score: frame.score, iou: frame.iou, final: counts.final })),
      row,
    );
  }
}
