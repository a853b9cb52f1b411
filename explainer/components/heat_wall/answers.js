// The photo as the network saw it, and the classes it answered with; a bar chooses the class on the wall.

import { element } from "../shared/dom.js";
import { cross, frame } from "./tile.js";

export class Answers {
  /** @param {HTMLElement} host @param {object} wall */
  constructor(host, wall) {
    this.wall = wall;
    this.host = host;
    this.stage = element("div", "hw-photo");
    this.canvas = element("canvas");
    this.canvas.setAttribute("role", "img");
    this.cross = cross();
    this.here = element("div", "hw-colour");
    this.stage.append(this.canvas, this.cross);
    this.bars = element("div", "hw-bars");
    this.bars.setAttribute("role", "radiogroup");
    const at = (event) => {
      const box = this.stage.getBoundingClientRect();
      return { u: (event.clientX - box.left) / box.width, v: (event.clientY - box.top) / box.height };
    };
    this.stage.addEventListener("pointermove", (event) => wall.point(at(event), null));
    this.stage.addEventListener("pointerleave", () => wall.point(null, null));
    const right = element("div", "hw-answer");
    right.append(element("div", "hw-answer-title"), this.bars);
    host.replaceChildren(this.stage, right);
  }

  draw() {
    const { wall, bars, host } = this;
    const { text } = wall;
    const { answers, chosen, several, picture } = wall;
    this.canvas.setAttribute("aria-label", text("The picture as the network saw it, {width}×{height} pixels", picture));
    host.querySelector(".hw-answer-title").textContent = text("The answer");
    bars.setAttribute("aria-label", text("Class to explain"));
    bars.setAttribute("role", several ? "group" : "radiogroup");
    const focused = bars.contains(bars.getRootNode().activeElement);
    bars.replaceChildren(...answers.map((answer) => this.#bar(answer, chosen.includes(answer.index))));
    const stop = bars.querySelector('[aria-checked="true"]') ?? bars.firstElementChild;
    if (stop) stop.tabIndex = 0;
    if (focused) stop?.focus();
  }

  #bar({ index, name, probability, rank }, checked) {
    const { wall } = this;
    const button = element("button", "hw-bar");
    button.setAttribute("role", wall.several ? "checkbox" : "radio");
    button.setAttribute("aria-checked", String(checked));
    button.tabIndex = wall.several ? 0 : -1;
    button.title = name;
    const track = element("span", "hw-track");
    const fill = element("span", "hw-fill");
    fill.style.width = `${Math.max(0.6, probability * 100)}%`;
    track.append(fill);
    const label = rank ? `${name} · #${rank}` : name;
    button.append(element("span", "hw-name", label), element("span", "hw-share", percent(probability)), track);
    button.addEventListener("click", () => wall.choose(index));
    button.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      const all = /** @type {HTMLElement[]} */ ([...this.bars.children]);
      const next = all[(all.indexOf(button) + step + all.length) % all.length];
      next.focus();
      if (!wall.several) next.click();
    });
    return button;
  }

  point(place) {
    this.cross.hidden = !place;
    if (!place) return;
    const { width, height } = this.wall.picture;
    frame(this.cross, place, { left: place.u, top: place.v, width: 0, height: 0 });
    this.stage.title = `(${Math.floor(place.v * height)}, ${Math.floor(place.u * width)})`;
  }

  paint() {
    const { canvas, stage, wall } = this;
    const width = Math.round(stage.clientWidth * Math.min(2, devicePixelRatio || 1));
    if (!width) return;
    canvas.width = width;
    canvas.height = Math.round((width * wall.picture.height) / wall.picture.width);
    const context = canvas.getContext("2d");
    context.imageSmoothingEnabled = !wall.cells || width < wall.picture.width;
    context.imageSmoothingQuality = "high";
    context.drawImage(wall.photo(false), 0, 0, canvas.width, canvas.height);
  }
}

/** @param {number} share */
function percent(share) {
  if (share >= 0.9995) return share === 1 ? "100 %" : "> 99.9 %";
  if (share < 0.0005) return "< 0.1 %";
  return `${(share * 100).toFixed(1)} %`;
}
