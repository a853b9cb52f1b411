// The window slides by itself: play, pause, step, speed.

import { element } from "../shared/dom.js";
import { iconButton, setIcon, setName } from "../shared/icons.js";

/** Positions a second. */
const SPEEDS = [1, 2, 4, 8, 16, 40, 120, 400];
/** Beyond this the screen is not drawn for every position. */
const FRAME = 1000 / 30;

export class Player {
  /**
   * @param {{move: (by: number) => boolean, begin: () => void, finish: () => void}} window move tells whether it could
   */
  constructor(window) {
    this.window = window;
    this.timer = undefined;
    this.speed = 3;
    this.root = element("div", "cl-player");
    this.root.setAttribute("role", "toolbar");
    this.first = iconButton("first", () => this.#restart());
    this.back = iconButton("back", () => this.step(-1));
    this.play = iconButton("play", () => this.toggle(), true);
    this.next = iconButton("on", () => this.step(1));
    this.all = element("button");
    this.all.addEventListener("click", () => this.finish());
    this.slider = element("input");
    Object.assign(this.slider, { type: "range", min: "0", max: String(SPEEDS.length - 1), step: "1", value: String(this.speed) });
    this.slider.addEventListener("input", () => {
      this.speed = Number(this.slider.value);
      if (this.playing) this.#start();
    });
    this.speedLabel = element("label", "cl-speed");
    this.speedText = element("span");
    this.speedLabel.append(this.speedText, this.slider);
    this.root.append(this.first, this.back, this.play, this.next, this.all, this.speedLabel);
  }

  get playing() {
    return this.timer !== undefined;
  }

  /** @param {(key: string) => string} text */
  label(text) {
    this.text = text;
    this.root.setAttribute("aria-label", text("The sliding window"));
    setName(this.first, text("To the first position"));
    setName(this.back, text("One position back"));
    setName(this.next, text("One position on"));
    this.all.textContent = text("Whole output");
    this.speedText.textContent = text("Speed");
    this.slider.setAttribute("aria-valuetext", `${SPEEDS[this.speed]} / s`);
    this.#tellPlay();
  }

  #tellPlay() {
    const { text } = this;
    setIcon(this.play, this.playing ? "pause" : "play");
    setName(this.play, this.playing ? text("Pause") : text("Slide"));
    this.slider.setAttribute("aria-valuetext", `${SPEEDS[this.speed]} / s`);
  }

  toggle() {
    if (this.playing) this.pause();
    else {
      this.window.begin();
      this.#start();
    }
  }

  #start() {
    clearInterval(this.timer);
    const pause = 1000 / SPEEDS[this.speed];
    const by = Math.max(1, Math.round(FRAME / pause));
    this.timer = setInterval(() => {
      if (!this.window.move(by)) this.finish();
    }, Math.max(pause, FRAME));
    this.#tellPlay();
  }

  pause() {
    clearInterval(this.timer);
    this.timer = undefined;
    if (this.text) this.#tellPlay();
  }

  step(by) {
    this.pause();
    this.window.begin(true);
    this.window.move(by);
  }

  #restart() {
    this.pause();
    this.window.begin();
  }

  finish() {
    this.pause();
    this.window.finish();
  }
}
