// The bar that plays, pauses, steps and scrubs.

import { element } from "./dom.js";
import { svg } from "./svg.js";

/** A whole walk takes about this long, in ms; a step no less and no more than the eye can follow. */
const WHOLE = 7000;
const FASTEST = 35;

const ICONS = {
  first: "M4 3v10M13 3 6 8l7 5z",
  back: "M11 3 5 8l6 5z",
  play: "M5 3l8 5-8 5z",
  pause: "M5 3v10M11 3v10",
  on: "M5 3l6 5-6 5z",
};

/** @typedef {{first: string, back: string, play: string, pause: string, on: string, slider: string, place: string}} Names in the reader's language */

export class Player {
  /**
   * @param {(step: number, done: boolean) => void} go called with the step to show; done when it rests there
   * @param {number} [slowest] longest time of a step in ms
   */
  constructor(go, slowest = 350) {
    this.go = go;
    this.slowest = slowest;
    this.step = 0;
    this.last = 0;
    this.timer = 0;
    this.root = element("div", "player");
    /** @type {Record<string, HTMLButtonElement>} */
    this.buttons = {};
    const button = (icon, action) => {
      const made = this.root.appendChild(element("button", "player-button"));
      made.append(sign(icon));
      made.addEventListener("click", action);
      this.buttons[icon] = made;
    };
    button("first", () => this.#to(0));
    button("back", () => this.#to(this.step - 1));
    button("play", () => (this.timer ? this.pause(true) : this.#start()));
    button("on", () => this.#to(this.step + 1));
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
    const wait = Math.max(FASTEST, Math.min(this.slowest, WHOLE / Math.max(1, this.last)));
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

  #name() {
    if (!this.names) return;
    const { play } = this.buttons;
    play.replaceChildren(sign(this.timer ? "pause" : "play"));
    label(play, this.timer ? this.names.pause : this.names.play);
  }

  /** @param {number} step @param {number} last @param {Names} names */
  show(step, last, names) {
    Object.assign(this, { step, last, names });
    for (const part of ["first", "back", "on"]) label(this.buttons[part], names[part]);
    label(this.slider, names.slider);
    this.slider.max = String(last);
    this.slider.value = String(step);
    this.slider.setAttribute("aria-valuetext", names.place);
    this.label.textContent = names.place;
    this.#name();
  }
}

function label(part, name) {
  if (part.title === name) return;
  part.setAttribute("aria-label", name);
  part.title = name;
}

function sign(icon) {
  return svg("svg", { viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true" }, svg("path", { d: ICONS[icon] }));
}
