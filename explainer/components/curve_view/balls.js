// The steps of the balls that roll down the curves: played, stepped, scrubbed.

import { element } from "../shared/dom.js";
import { iconButton, setIcon, setName } from "../shared/icons.js";

/** Milliseconds a step. */
const PACE = 90;

export class Balls {
  /** @param {(step: number) => void} go */
  constructor(go) {
    this.go = go;
    this.root = element("div", "cv-balls");
    this.button = iconButton("play", () => (this.timer ? this.stop() : this.play()), true);
    this.slider = element("input");
    Object.assign(this.slider, { type: "range", min: "0", step: "1", value: "0" });
    this.caption = element("span");
    const label = element("label");
    label.append(this.caption, this.slider);
    this.root.append(this.button, label);
    this.slider.addEventListener("input", () => {
      this.stop();
      this.#to(Number(this.slider.value));
    });
  }

  /** Begin a path of `count` steps. @param {number} count */
  set(count) {
    this.root.hidden = !count;
    this.stop();
    this.slider.max = String(count);
    this.#to(0);
  }

  /** What things are called, in the reader's language of now. @param {string} name @param {{play: string, pause: string}} words */
  say(name, words) {
    Object.assign(this, { name, words });
    this.#caption();
    this.#mark();
  }

  #to(step) {
    this.slider.value = String(step);
    this.#caption();
    this.go(step);
  }

  #caption() {
    this.caption.textContent = `${this.name} ${this.slider.value} / ${this.slider.max}`;
  }

  play() {
    const last = Number(this.slider.max);
    if (Number(this.slider.value) >= last) this.#to(0);
    this.timer = setInterval(() => {
      const next = Number(this.slider.value) + 1;
      if (next > last) this.stop();
      else this.#to(next);
    }, PACE);
    this.#mark();
  }

  stop() {
    clearInterval(this.timer);
    this.timer = 0;
    this.#mark();
  }

  #mark() {
    setIcon(this.button, this.timer ? "pause" : "play");
    setName(this.button, (this.timer ? this.words?.pause : this.words?.play) ?? "");
  }
}
