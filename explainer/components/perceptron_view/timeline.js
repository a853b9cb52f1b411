// The run of the learning rule as a strip of looks: played, stepped, scrubbed.

import { element } from "../shared/dom.js";
import { iconButton, setIcon, setName } from "../shared/icons.js";
import { prepare } from "../shared/sketch.js";

const HEIGHT = 34;
/** Looks a second. */
const SPEEDS = [1.5, 6, 30];
export class Timeline {
  /** @param {(look: number, settled: boolean) => void} go */
  constructor(go) {
    this.go = go;
    this.look = 0;
    this.looks = [];
    this.epoch = 1;
    this.speed = 0;
    this.root = element("div", "pv-timeline");
    this.buttons = {
      first: iconButton("first", () => this.#step(0)),
      back: iconButton("back", () => this.#step(this.look - 1)),
      play: iconButton("play", () => (this.timer ? this.pause() : this.play()), true),
      next: iconButton("on", () => this.#step(this.look + 1)),
      epoch: iconButton("further", () => this.#step((Math.floor(this.look / this.epoch) + 1) * this.epoch)),
      last: iconButton("last", () => this.#step(this.looks.length)),
    };
    this.speeds = element("div", "pv-speeds");
    this.speeds.setAttribute("role", "radiogroup");
    this.caption = element("span", "pv-place-said");
    this.strip = element("div", "pv-strip");
    this.canvas = element("canvas");
    this.slider = element("input");
    Object.assign(this.slider, { type: "range", min: "0", step: "1" });
    this.slider.addEventListener("input", () => this.#step(Number(this.slider.value)));
    this.strip.append(this.canvas, this.slider);
    const row = element("div", "pv-buttons");
    row.append(...Object.values(this.buttons), this.speeds, this.caption);
    this.root.append(row, this.strip);
  }

  /** @param {Record<string, string>} words @param {string[]} speeds */
  said(words, speeds) {
    this.words = words;
    for (const [name, button] of Object.entries(this.buttons)) setName(button, words[name]);
    this.slider.setAttribute("aria-label", words.slider);
    this.speeds.setAttribute("aria-label", words.speed);
    this.speeds.replaceChildren(
      ...speeds.map((name, i) => {
        const button = element("button", "", name);
        button.setAttribute("role", "radio");
        button.addEventListener("click", () => {
          this.speed = i;
          this.#markSpeed();
          if (this.timer) this.play();
        });
        return button;
      }),
    );
    this.#markSpeed();
    this.#markPlay();
  }

  #markSpeed() {
    [...this.speeds.children].forEach((one, i) => one.setAttribute("aria-checked", String(i === this.speed)));
  }

  play() {
    clearInterval(this.timer);
    if (this.look >= this.looks.length) this.go(0, false);
    this.timer = setInterval(() => {
      if (this.look >= this.looks.length) this.pause();
      else this.go(this.look + 1, false);
    }, 1000 / SPEEDS[this.speed]);
    this.#markPlay();
  }

  /** Stop; nothing happens where nothing plays. */
  pause() {
    if (!this.timer) return;
    clearInterval(this.timer);
    this.timer = 0;
    this.#markPlay();
    this.go(this.look, true);
  }

  destroy() {
    clearInterval(this.timer);
  }

  #markPlay() {
    const name = this.timer ? "pause" : "play";
    setIcon(this.buttons.play, name);
    setName(this.buttons.play, this.words?.[name] ?? "");
  }

  #step(look) {
    clearInterval(this.timer);
    this.timer = 0;
    this.#markPlay();
    this.go(Math.max(0, Math.min(this.looks.length, look)), true);
  }

  /**
   * @param {number[][]} looks
   * @param {number} epoch looks in one
   * @param {number} look
   * @param {string} said what the present place is
   * @param {import("../shared/palette.js").Palette} palette
   */
  draw(looks, epoch, look, said, palette) {
    Object.assign(this, { looks, epoch: Math.max(1, epoch), look });
    this.slider.max = String(looks.length);
    this.slider.value = String(look);
    this.slider.setAttribute("aria-valuetext", said);
    this.caption.textContent = said;
    for (const name of ["first", "back"]) this.buttons[name].disabled = look === 0;
    for (const name of ["next", "epoch", "last"]) this.buttons[name].disabled = look >= looks.length;
    this.buttons.play.disabled = !looks.length;
    const width = this.strip.clientWidth;
    const g = prepare(this.canvas, Math.max(1, width), HEIGHT);
    const { theme } = palette;
    const style = getComputedStyle(this.root);
    const [one, zero] = ["--one", "--zero"].map((name) => style.getPropertyValue(name));
    const step = (width - 2) / Math.max(1, looks.length);
    const gap = step > 4 ? 1 : 0;
    looks.forEach(([, , , error], i) => {
      g.globalAlpha = i < look ? 1 : 0.32;
      g.fillStyle = error > 0 ? one : error < 0 ? zero : theme.line;
      const height = error ? 17 : 5;
      g.fillRect(1 + i * step, 26 - height, Math.max(0.75, step - gap), height);
    });
    g.globalAlpha = 1;
    g.fillStyle = theme.muted;
    if (step * this.epoch > 5)
      for (let i = 0; i <= looks.length; i += this.epoch) g.fillRect(Math.round(i * step), 28, 1, 5);
    g.fillStyle = theme.text;
    g.fillRect(Math.min(width - 2, look * step), 2, 2, 30);
  }
}
