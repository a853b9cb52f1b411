// Start, pause, one step, from the beginning; how many steps at a time; which step it is.

import { element } from "../shared/dom.js";
import { icon } from "./icons.js";

const PACES = [1, 10, 100];

export class Bar {
  /**
   * @param {HTMLElement} host
   * @param {import("./clock.js").Clock} clock
   * @param {() => void} changed
   */
  constructor(host, clock, changed) {
    this.clock = clock;
    this.changed = changed;
    this.play = element("button", "lv-play");
    this.one = element("button", "lv-icon");
    this.reset = element("button", "lv-icon");
    this.one.append(icon("step"));
    this.reset.append(icon("reset"));
    this.count = element("output", "lv-count");
    this.pace = element("div", "lv-pace");
    this.paceLabel = element("span");
    this.pace.setAttribute("role", "group");
    this.paces = PACES.map((steps) => {
      const button = element("button", "", String(steps));
      button.addEventListener("click", () => {
        clock.steps = steps;
        changed();
      });
      return button;
    });
    this.pace.append(this.paceLabel, ...this.paces);
    host.append(this.reset, this.play, this.one, this.count, this.pace);
    this.play.addEventListener("click", () => {
      if (clock.playing) clock.stop();
      else clock.play();
      changed();
    });
    this.one.addEventListener("click", () => {
      if (clock.playing) clock.end();
      clock.ask({ steps: 1 });
      changed();
    });
    this.reset.addEventListener("click", () => {
      clock.end();
      clock.ask({ reset: true });
      changed();
    });
  }

  /**
   * @param {(key: string, values?: Record<string, string|number>) => string} text
   * @param {number} step
   * @param {boolean} past whether an earlier stage is shown
   */
  show(text, step, past) {
    const { clock } = this;
    const label = clock.playing ? text("Pause") : text("Train");
    if (this.play.dataset.playing !== String(clock.playing)) this.play.replaceChildren(icon(clock.playing ? "pause" : "play"));
    this.play.dataset.playing = String(clock.playing);
    for (const [button, name] of [[this.play, label], [this.one, text("One step")], [this.reset, text("From the beginning")]]) {
      button.title = name;
      button.setAttribute("aria-label", name);
    }
    this.count.textContent = past ? text("step {step} (looking back)", { step: step.toLocaleString() }) : text("step {step}", { step: step.toLocaleString() });
    this.paceLabel.textContent = text("steps at a time");
    this.pace.setAttribute("aria-label", text("steps at a time"));
    this.paces.forEach((button, i) => button.setAttribute("aria-pressed", String(PACES[i] === clock.steps)));
  }
}
