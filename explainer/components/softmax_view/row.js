// One class: a score to drag, its probability, and what the loss wants of it.

import { element } from "../shared/dom.js";
import { brief } from "../shared/numbers.js";

const NUDGE = 0.1;

export class Row {
  /**
   * @param {number} number
   * @param {{change: (number: number, value: number, done: boolean) => void, focus: (number: number) => void, aim: (number: number) => void}} listener
   */
  constructor(number, listener) {
    this.number = number;
    this.listener = listener;
    this.root = element("div", "sm-row");
    this.aim = element("button", "sm-aim");
    this.aim.setAttribute("role", "radio");
    this.aim.addEventListener("click", () => listener.aim(number));
    this.name = element("span", "sm-name");
    this.score = element("div", "sm-score");
    this.score.tabIndex = 0;
    this.score.setAttribute("role", "slider");
    this.bar = element("i", "sm-bar");
    this.knob = element("i", "sm-knob");
    this.score.append(this.bar, this.knob);
    this.value = element("output", "sm-value");
    this.share = element("div", "sm-share");
    this.filled = element("i", "sm-filled");
    this.wanted = element("i", "sm-wanted");
    this.share.append(this.filled, this.wanted);
    this.percent = element("span", "sm-percent");
    this.gradient = element("div", "sm-gradient");
    this.pull = element("i", "sm-pull");
    this.gradient.append(this.pull);
    this.slope = element("span", "sm-slope");
    this.root.append(this.aim, this.name, this.score, this.value, this.share, this.percent, this.gradient, this.slope);
    this.root.addEventListener("pointerenter", () => listener.focus(number));
    this.score.addEventListener("focus", () => listener.focus(number));
    this.#listen();
  }

  #listen() {
    const { score, listener } = this;
    let held = false;
    const take = (event, done) => {
      const box = score.getBoundingClientRect();
      const share = Math.max(0, Math.min(1, (event.clientX - box.left) / box.width));
      listener.change(this.number, Math.round(10 * (2 * share - 1) * this.reach) / 10 + 0, done);
    };
    score.addEventListener("pointerdown", (event) => {
      held = true;
      score.setPointerCapture(event.pointerId);
      score.focus({ preventScroll: true });
      event.preventDefault();
      take(event, false);
    });
    score.addEventListener("pointermove", (event) => held && take(event, false));
    score.addEventListener("pointerup", (event) => {
      if (held) take(event, true);
      held = false;
    });
    score.addEventListener("pointercancel", () => (held = false));
    score.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10 }[event.key];
      if (!step) return;
      event.preventDefault();
      const value = Math.round(10 * (this.logit + step * NUDGE * (event.shiftKey ? 10 : 1))) / 10;
      listener.change(this.number, Math.max(-this.reach, Math.min(this.reach, value)) + 0, true);
    });
  }

  /**
   * @param {{name: string, logit: number, reach: number, p: number, wanted: number|null, slope: number|null, focused: boolean,
   *   aimed: boolean, words: {score: string, aim: string}}} now
   */
  draw({ name, logit, reach, p, wanted, slope, focused, aimed, words }) {
    Object.assign(this, { logit, reach });
    this.root.dataset.focused = String(focused);
    this.name.textContent = this.name.title = name;
    const end = 50 + (50 * logit) / reach;
    this.bar.style.left = `${Math.min(50, end)}%`;
    this.bar.style.width = `${Math.abs(end - 50)}%`;
    this.bar.dataset.sign = logit < 0 ? "minus" : "plus";
    this.knob.style.left = `${end}%`;
    this.value.textContent = brief(logit, 4);
    const slider = { "aria-label": words.score, "aria-valuemin": -reach, "aria-valuemax": reach, "aria-valuenow": logit };
    for (const [attribute, value] of Object.entries(slider)) this.score.setAttribute(attribute, String(value));
    this.filled.style.width = `${100 * p}%`;
    this.percent.textContent = percent(p);
    this.aim.hidden = wanted === null;
    this.aim.setAttribute("aria-checked", String(aimed));
    this.aim.setAttribute("aria-label", words.aim);
    this.aim.title = words.aim;
    this.wanted.hidden = this.gradient.hidden = this.slope.hidden = wanted === null;
    if (wanted === null || slope === null) return;
    this.wanted.style.left = `${100 * wanted}%`;
    const away = Math.max(-1, Math.min(1, slope));
    this.pull.style.left = `${50 + 50 * Math.min(0, away)}%`;
    this.pull.style.width = `${50 * Math.abs(away)}%`;
    this.pull.dataset.sign = slope < 0 ? "minus" : "plus";
    this.slope.textContent = brief(slope, 3);
  }
}

/** @param {number} p */
function percent(p) {
  const share = 100 * p;
  return share >= 0.005 || share === 0 ? `${share.toFixed(2)} %` : `${share.toExponential(1).replace("-", "−")} %`;
}
