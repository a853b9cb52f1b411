// The bar that plays, pauses, steps and scrubs.

import { element } from "./dom.js";
import { iconButton, setIcon, setName } from "./icons.js";

/** A whole walk takes about this long, in ms; a step no less and no more than the eye can follow. */
const WHOLE = 7000;
const FASTEST = 35;

/** @typedef {{first: string, back: string, play: string, pause: string, on: string, slider: string, place: string}} Names in the reader's language */

export class Player {
  /**
   * @param {(step: number, done: boolean) => void} go called with the step to show; done when it rests there
   * @param {number} [slowest] longest time of a step in ms
   */
  constructor(go, slowest = 350) {
    this.go = go;
    this.slowest = slowest;
    /** Milliseconds of a step where the reader has chosen them; 0 for the usual. */
    this.pace = 0;
    this.step = 0;
    this.last = 0;
    this.timer = 0;
    this.root = element("div", "player");
    this.buttons = {
      first: iconButton("first", () => this.#to(0)),
      back: iconButton("back", () => this.#to(this.step - 1)),
      play: iconButton("play", () => (this.timer ? this.pause(true) : this.#start()), true),
      on: iconButton("on", () => this.#to(this.step + 1)),
    };
    this.root.append(...Object.values(this.buttons));
    this.slider = this.root.appendChild(Object.assign(element("input"), { type: "range", min: "0", step: "1" }));
    this.slider.addEventListener("input", () => {
      this.pause();
      go(Number(this.slider.value), false);
    });
    this.slider.addEventListener("change", () => go(Number(this.slider.value), true));
    this.label = this.root.appendChild(element("output"));
  }

  #to(step) {
    this.pause();
    this.go(Math.max(0, Math.min(this.last, step)), true);
  }

  #start() {
    if (this.step >= this.last) this.go(0, false);
    const wait = this.pace || Math.max(FASTEST, Math.min(this.slowest, WHOLE / Math.max(1, this.last)));
    this.timer = window.setInterval(() => {
      const next = Math.min(this.step + 1, this.last);
      if (next === this.last) this.pause();
      this.go(next, next === this.last);
    }, wait);
    this.#name();
  }

  /** @param {boolean} [rest] whether to tell that it rests here */
  pause(rest = false) {
    if (!this.timer) return;
    clearInterval(this.timer);
    this.timer = 0;
    this.#name();
    if (rest) this.go(this.step, true);
  }

  /** Choose how long a step takes, in milliseconds, also while it plays. @param {number} pace */
  setPace(pace) {
    this.pace = pace;
    if (!this.timer) return;
    clearInterval(this.timer);
    this.#start();
  }

  #name() {
    if (!this.names) return;
    const { play } = this.buttons;
    setIcon(play, this.timer ? "pause" : "play");
    setName(play, this.timer ? this.names.pause : this.names.play);
  }

  /** @param {number} step @param {number} last @param {Names} names */
  show(step, last, names) {
    Object.assign(this, { step, last, names });
    for (const part of ["first", "back", "on"]) setName(this.buttons[part], names[part]);
    setName(this.slider, names.slider);
    this.slider.max = String(last);
    this.slider.value = String(step);
    this.slider.setAttribute("aria-valuetext", names.place);
    this.label.textContent = names.place;
    this.#name();
  }
}
