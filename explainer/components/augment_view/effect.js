// What a change of an image does to a network: picture, Grad-CAM, one channel and the answers, before and after.

import { format, rasteriseFloat } from "../shared/colours.js";
import { element } from "../shared/dom.js";
import { asCanvas, colour, palette as heatPalette } from "../shared/heat.js";
import { mount } from "../shared/mount.js";
import { Palette } from "../shared/palette.js";
import { photoCanvas } from "../shared/photo.js";
import { words } from "../shared/words.js";

const OPACITY = 0.75;

class EffectView {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.place = 0;
    this.identity = "";
    this.pairs = element("div", "effect-pairs");
    this.strip = element("div", "effect-strip");
    this.strip.setAttribute("role", "radiogroup");
    this.scale = element("p", "effect-note");
    this.answers = element("div", "effect-answers");
    this.live = element("div", "plain-unseen");
    this.live.setAttribute("aria-live", "polite");
    const frame = element("div", "effect plain");
    const maps = element("div", "effect-maps");
    maps.append(this.pairs, this.answers);
    frame.append(maps, this.scale, this.strip, this.live);
    root.replaceChildren(frame);
    this.palette = new Palette(frame);
    this.strip.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (!step || !this.frame) return;
      event.preventDefault();
      const count = this.frame.channels.length;
      this.#show((this.place + step + count) % count, true);
    });
  }

  themeChanged() {
    this.palette.refresh();
    this.draw();
  }

  /** @param {any} frame a decoded one */
  receive(frame) {
    this.text = words(frame.texts);
    if (frame.identity !== this.identity) this.place = 0;
    this.identity = frame.identity;
    this.frame = frame;
    this.place = Math.min(this.place, frame.channels.length - 1);
    this.draw();
  }

  draw() {
    if (!this.frame) return;
    this.#maps();
    this.#channels();
    this.#answers();
  }

  /** @param {number} place @param {boolean} [focus] */
  #show(place, focus = false) {
    this.place = place;
    this.#maps();
    this.#channels();
    if (focus) /** @type {HTMLElement|null} */ (this.strip.querySelector('[aria-checked="true"]'))?.focus();
  }

  /** How far a channel moved. @param {number} place */
  #moved(place) {
    const change = this.frame.change[place];
    return Number.isFinite(change) ? `${Math.round(100 * change)} %` : "∞ %";
  }

  /** Which channel it is, and how far it moved. @param {number} place */
  #name(place) {
    const { text } = this;
    const number = this.frame.channels[place];
    return Number.isFinite(this.frame.change[place])
      ? text("Channel {number}, moved by {change}", { number, change: this.#moved(place) })
      : text("Channel {number}, silent before", { number });
  }

  #maps() {
    const { frame, text } = this;
    const titles = [text("Before"), text("After")];
    const peak = Math.max(...frame.maps.map((map) => map.values.reduce((most, value) => Math.max(most, value), 0)));
    const heads = [
      text("What the network is given"),
      text("Grad-CAM for “{name}”", { name: frame.class }),
      this.#name(this.place),
    ];
    const cells = [element("span")];
    for (const head of heads) cells.push(element("h5", "", head));
    titles.forEach((title, side) => {
      cells.push(element("h5", "effect-side", title));
      const layers = [[photoCanvas(frame.pictures[side])], this.#heat(side, peak), [this.#channel(side, this.place)]];
      layers.forEach((one, column) => cells.push(this.#figure(one, `${title}: ${heads[column]}`)));
    });
    this.pairs.replaceChildren(...cells);
  }

  /** Pictures on top of each other. */
  #figure(layers, label) {
    const figure = element("div", "effect-picture");
    figure.setAttribute("role", "img");
    figure.setAttribute("aria-label", label);
    figure.append(...layers);
    return figure;
  }

  #heat(side, peak) {
    const { values, width, height } = this.frame.maps[side];
    const colours = heatPalette(false, this.palette.theme.dark, OPACITY);
    const heat = asCanvas(colour(values, width, height, peak, false, colours));
    heat.className = "effect-heat";
    return [photoCanvas(this.frame.pictures[side], true), heat];
  }

  /** The peak of a channel in both. @param {number} place */
  #peak(place) {
    const size = this.frame.width * this.frame.height;
    let most = 0;
    for (const values of this.frame.activations) {
      for (let i = place * size; i < (place + 1) * size; i++) most = Math.max(most, Math.abs(values[i]));
    }
    return most;
  }

  /** @param {number} side @param {number} place */
  #channel(side, place) {
    const { width, height, activations } = this.frame;
    return asCanvas(rasteriseFloat(activations[side], place * width * height, width, height, this.#peak(place), this.palette.table("signed")));
  }

  #channels() {
    const { frame, text } = this;
    this.scale.textContent = text("The channels that moved most, {shown} of {count}: above before, below after, each pair on a scale of its own (here up to {peak}). Blue is positive, red negative. The per cent say how far a channel moved, measured by its own length.", {
      shown: frame.channels.length,
      count: frame.count,
      peak: format(this.#peak(this.place), 3),
    });
    this.strip.setAttribute("aria-label", text("Channels, those that moved most first"));
    const buttons = [...frame.channels].map((number, place) => {
      const button = element("button", "effect-channel");
      button.setAttribute("role", "radio");
      button.setAttribute("aria-checked", String(place === this.place));
      button.tabIndex = place === this.place ? 0 : -1;
      button.setAttribute("aria-label", this.#name(place));
      button.append(this.#channel(0, place), this.#channel(1, place), element("span", "", this.#moved(place)), element("small", "", String(number)));
      button.addEventListener("click", () => this.#show(place));
      return button;
    });
    this.strip.replaceChildren(...buttons);
  }

  #answers() {
    const { frame, text } = this;
    const share = (/** @type {number} */ value) => `${(100 * value).toFixed(1)} %`;
    const rows = frame.answers.map(({ name, values }) => {
      const row = element("div", "effect-answer");
      row.append(element("span", name === frame.class ? "effect-name on" : "effect-name", name));
      values.forEach((value, side) => {
        const track = element("span", "effect-track");
        const bar = track.appendChild(element("i", `effect-bar-${side}`));
        bar.style.width = `${100 * value}%`;
        row.append(track, element("span", "effect-value", share(value)));
      });
      row.setAttribute("aria-label", text("{name}: {before} before, {after} after", { name, before: share(values[0]), after: share(values[1]) }));
      return row;
    });
    const key = element("p", "effect-key");
    key.append(element("i", "effect-bar-0"), text("Before"), element("i", "effect-bar-1"), text("After"));
    const like = element("p", "effect-like");
    like.append(element("b", "", format(frame.likeness, 3)), element("span", "", text("cosine between the layer's two outputs: 1 is the same direction, 0 has nothing in common")));
    this.answers.replaceChildren(element("h5", "", text("Answers")), key, ...rows, like);
  }
}

export default mount(".effect-root", EffectView);
