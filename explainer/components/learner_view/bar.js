// Start, pause, one step, from the beginning; how many steps at a time; which step it is.

import { element } from "../shared/dom.js";
import { iconButton, setIcon, setName } from "../shared/icons.js";

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
    this.play = iconButton("play", () => this.#toggle(), true);
    this.play.classList.add("lv-play");
    this.one = iconButton("on", () => this.#ask({ steps: 1 }));
    this.reset = iconButton("again", () => this.#ask({ reset: true }));
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
  }

  #toggle() {
    if (this.clock.playing) this.clock.stop();
    else this.clock.play();
    this.changed();
  }

  #ask(wish) {
    this.clock.end();
    this.clock.ask(wish);
    this.changed();
  }

  /**
   * @param {(key: string, values?: Record<string, string|number>) => string} text
   * @param {number} step
   * @param {boolean} past whether an earlier stage is shown
   */
  show(text, step, past) {
    const { clock } = this;
    const label = clock.playing ? text("Pause") : text("Train");
    setIcon(this.play, clock.playing ? "pause" : "play");
    setName(this.play, label);
    setName(this.one, text("One step"));
    setName(this.reset, text("From the beginning"));
    this.count.textContent = past ? text("step {step} (looking back)", { step: step.toLocaleString() }) : text("step {step}", { step: step.toLocaleString() });
    this.paceLabel.textContent = text("steps at a time");
    this.pace.setAttribute("aria-label", text("steps at a time"));
    this.paces.forEach((button, i) => button.setAttribute("aria-pressed", String(PACES[i] === clock.steps)));
  }
}
