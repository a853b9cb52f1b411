// Step 7: what the box head says of one proposal: a class, and a last correction of the box.

import { element } from "../shared/dom.js";
import { brief } from "../shared/numbers.js";
import { boxAt, decoded } from "./boxes.js";
import { barRow, legend, movedBy, note, percent, section } from "./written.js";

/** So many classes are shown, the likeliest ones. */
const SHOWN = 8;

export class HeadPanel {
  constructor(view) {
    this.view = view;
    this.dims = true;
    this.root = element("div", "two-panel");
  }

  get full() {
    return this.view.region()?.full ?? null;
  }

  /** The class whose refinement is shown: the chosen one, or the likeliest that is not the background. */
  #label() {
    const { scores } = this.full;
    const { label } = this.view.state;
    if (label >= 0 && label < scores.length - 1) return label;
    let best = 1;
    for (let i = 2; i < scores.length; i++) if (scores[i] > scores[best]) best = i;
    return best - 1;
  }

  key(event) {
    return this.view.panels.proposals.key(event);
  }

  marks() {
    const region = this.view.region();
    if (!region) return [];
    const marks = [{ box: region.box, role: "proposal", dash: true, width: 2 }];
    if (this.full) {
      const label = this.#label();
      const found = boxAt(this.full.refined, label + 1);
      marks.push({ box: found, role: "final", width: 3, label: `${this.view.className(label)} ${percent(this.full.scores[label + 1])}` });
    }
    return marks;
  }

  saying() {
    const { text, state } = this.view;
    if (!this.full) return "";
    const label = this.#label();
    return text("Proposal {rank}: {name} by {score}.", { rank: state.region + 1, name: this.view.className(label), score: percent(this.full.scores[label + 1]) });
  }

  draw() {
    const { text, frame } = this.view;
    if (!this.view.region()) return this.root.replaceChildren(note(text("There is no proposal.")));
    if (!this.full) return this.root.replaceChildren(note("…"));
    const { scores, logits, deltas, refined } = this.full;
    const label = this.#label();
    const order = [...scores.keys()].sort((a, b) => scores[b] - scores[a]);
    const listed = order.slice(0, SHOWN);
    for (const must of [0, label + 1]) if (!listed.includes(must)) listed.push(must);
    const bars = element("div", "two-bars");
    for (const i of listed) {
      const name = i ? this.view.className(i - 1) : text("Background");
      const choose = i ? () => this.view.set({ label: i - 1 }) : undefined;
      bars.append(barRow({ name, value: scores[i], on: i === label + 1, key: `class-${i}`, choose, colour: i ? undefined : "var(--faint)" }));
    }
    const raw = deltas.slice(4 * (label + 1), 4 * (label + 1) + 4);
    const found = decoded(this.view.region().box, raw, frame.weights.head);
    const clipped = boxAt(refined, label + 1).some((value, i) => Math.abs(value - found.box[i]) > 0.5);
    const parts = [
      legend([["proposal", text("Proposal"), true], ["final", text("Refined for this class")]]),
      movedBy(found, frame.weights.head, raw),
      note(text("The numbers are divided by {weights}, which made them equally easy to learn.", { weights: frame.weights.head.join(", ") })),
    ];
    if (clipped) parts.push(note(text("The box is then clipped to the photo.")));
    this.root.replaceChildren(
      section(text("What is it?"), bars, note(text("Softmax over the background and all classes: exp({logit}) / Σ exp = {score}. Click on a class to see the box that is refined for it.", { logit: brief(logits[label + 1]), score: brief(scores[label + 1]) }))),
      section(text("Where exactly?"), ...parts),
    );
  }
}
