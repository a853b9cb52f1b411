// The photo with a patch that the reader moves, and the map of what the patch costs at every place.

import { colour, palette } from "../shared/heat.js";
import { format, isDark } from "../shared/colours.js";
import { element } from "../shared/dom.js";
import { mount } from "../shared/mount.js";
import { Palette } from "../shared/palette.js";
import { photoCanvas } from "../shared/photo.js";
import { colourBar, frame, prepare } from "../shared/sketch.js";
import { words } from "../shared/words.js";

const STEPS = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };
const OPACITY = 0.75;
/** Milliseconds between two places of the moving patch. */
const PACE = 90;

class View {
  /** @param {HTMLElement} host */
  constructor(host) {
    this.host = host;
    this.left = this.#stage("ov-photo");
    this.right = this.#stage("ov-map");
    this.card = element("div", "ov-card");
    this.card.setAttribute("aria-live", "polite");
    this.legend = element("canvas", "ov-legend");
    this.legend.setAttribute("aria-hidden", "true");
    this.play = element("button", "ov-play");
    this.play.addEventListener("click", () => this.#toggle());
    this.hint = element("p", "ov-hint");
    const side = element("div", "ov-side");
    side.append(this.card, this.play, this.legend, this.hint);
    host.replaceChildren(this.left.root, this.right.root, side);
    this.palette = new Palette(host);
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(host);
  }

  destroy() {
    this.#stop();
    this.observer.disconnect();
  }

  themeChanged() {
    this.palette.refresh();
    this.heat = null;
    this.draw();
  }

  #stage(name) {
    const root = element("figure", name);
    const title = element("figcaption");
    const canvas = element("canvas");
    root.append(title, canvas);
    canvas.tabIndex = 0;
    canvas.setAttribute("role", "img");
    const point = (event) => {
      this.#stop();
      const box = canvas.getBoundingClientRect();
      this.#go(this.#nearest((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height));
    };
    canvas.addEventListener("pointermove", point);
    canvas.addEventListener("pointerdown", point);
    canvas.addEventListener("keydown", (event) => this.#onKey(event));
    return { root, title, canvas };
  }

  /** @param {any} content a decoded frame */
  receive(content) {
    this.#stop();
    this.content = content;
    const { photo, cover, rows, columns, scores } = content;
    const { text } = (this.words = { text: words(content.texts) });
    this.photo = photoCanvas(photo);
    this.cover = photoCanvas(cover);
    this.grey = photoCanvas(photo, true);
    this.heat = null;
    const kept = this.place !== undefined && this.grid === `${rows}/${columns}` ? this.place : null;
    this.grid = `${rows}/${columns}`;
    // Where the patch costs most is the place to begin with.
    this.place = kept ?? scores.indexOf(Math.min(...scores));
    const name = this.#name(this.content.class);
    this.left.title.textContent = text("The photo under the patch");
    this.right.title.textContent = text("What covering each place costs {name}", { name });
    this.hint.textContent = text("Point at a picture or use the arrow keys. Dots: places where the answer changes.");
    this.palette.refresh();
    this.#tellPlay();
    this.draw();
  }

  #name(index) {
    return this.content.names[index];
  }

  #box(place) {
    return this.content.boxes.slice(4 * place, 4 * place + 4);
  }

  /** The place whose patch has its middle nearest to a point. */
  #nearest(x, y) {
    const { columns, rows, photo } = this.content;
    const best = (count, stride, side, at) => {
      let found = 0;
      for (let i = 1; i < count; i++) {
        const middle = (n) => (this.#box(n * stride)[side] + this.#box(n * stride)[side + 2]) / 2;
        if (Math.abs(middle(i) - at) < Math.abs(middle(found) - at)) found = i;
      }
      return found;
    };
    return best(rows, columns, 0, y * photo.height) * columns + best(columns, 1, 1, x * photo.width);
  }

  #go(place) {
    if (place === this.place) return;
    this.place = place;
    this.draw();
  }

  #onKey(event) {
    const step = STEPS[event.key];
    if (event.key === " ") {
      event.preventDefault();
      this.#toggle();
    }
    if (event.key === "Escape") this.#stop();
    if (!step) return;
    event.preventDefault();
    this.#stop();
    const { rows, columns } = this.content;
    const inside = (value, count) => Math.max(0, Math.min(count - 1, value));
    const row = inside(Math.floor(this.place / columns) + step[0], rows);
    this.#go(row * columns + inside((this.place % columns) + step[1], columns));
  }

  #toggle() {
    if (this.timer) return this.#stop();
    const all = this.content.rows * this.content.columns;
    this.timer = setInterval(() => this.#go((this.place + 1) % all), PACE);
    // A patch that moves by itself is not read out at every step.
    this.card.setAttribute("aria-live", "off");
    this.#tellPlay();
  }

  #stop() {
    clearInterval(this.timer);
    this.timer = 0;
    this.card.setAttribute("aria-live", "polite");
    if (this.words) this.#tellPlay();
  }

  #tellPlay() {
    const { text } = this.words;
    this.play.textContent = this.timer ? text("Stop") : text("Move the patch over the photo");
    this.play.setAttribute("aria-pressed", String(Boolean(this.timer)));
  }

  draw() {
    if (!this.content) return;
    const [top, left, bottom, right] = this.#box(this.place);
    const [w, h] = [right - left, bottom - top];
    this.#paint(this.left, (g, scale) => {
      g.imageSmoothingEnabled = scale < 1;
      g.drawImage(this.photo, 0, 0, this.photo.width * scale, this.photo.height * scale);
      g.drawImage(this.cover, left, top, w, h, left * scale, top * scale, w * scale, h * scale);
      this.#mark(g, { x: left * scale, y: top * scale, w: w * scale, h: h * scale });
    });
    this.#paint(this.right, (g, scale) => {
      g.imageSmoothingEnabled = scale < 1;
      g.drawImage(this.grey, 0, 0, this.photo.width * scale, this.photo.height * scale);
      g.drawImage(this.#heat(), 0, 0, this.photo.width * scale, this.photo.height * scale);
      this.#dots(g, scale);
      this.#mark(g, { x: left * scale, y: top * scale, w: w * scale, h: h * scale });
    });
    this.#tell();
    const bar = prepare(this.legend, 220, 30);
    colourBar(bar, this.palette, { x: 1, y: 2, w: 218, h: 10 }, format(this.peak, 3));
  }

  #paint({ root, canvas }, draw) {
    const { photo } = this.content;
    const width = Math.max(1, Math.floor(root.clientWidth));
    draw(prepare(canvas, width, Math.round((width * photo.height) / photo.width)), width / photo.width);
  }

  #mark(g, box) {
    frame(g, box, "#000000", 3);
    frame(g, box, "#ffffff", 1.5);
  }

  /** The answer is another one with the patch here. */
  #dots(g, scale) {
    const { answers, intact } = this.content;
    for (let place = 0; place < answers.length; place++) {
      if (answers[place] === intact.answer) continue;
      const [top, left, bottom, right] = this.#box(place);
      g.beginPath();
      g.arc(((left + right) / 2) * scale, ((top + bottom) / 2) * scale, 2.2, 0, 2 * Math.PI);
      g.fillStyle = "#ffffff";
      g.strokeStyle = "#000000";
      g.lineWidth = 1.5;
      g.stroke();
      g.fill();
    }
  }

  #heat() {
    if (this.heat) return this.heat;
    const { map, photo } = this.content;
    this.peak = map.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const colours = palette(true, isDark(this.host), OPACITY);
    this.heat = Object.assign(document.createElement("canvas"), { width: photo.width, height: photo.height });
    this.heat.getContext("2d").putImageData(colour(map, photo.width, photo.height, this.peak, true, colours), 0, 0);
    return this.heat;
  }

  #tell() {
    const { text } = this.words;
    const { scores, chances, answers, sure, intact } = this.content;
    const at = this.place;
    const name = this.#name(this.content.class);
    const percent = (value) => `${(100 * value).toFixed(1)} %`;
    const change = scores[at] - intact.score;
    const answer = element("p", "ov-answer");
    const same = answers[at] === intact.answer;
    answer.append(
      same ? text("Still the answer:") : text("The answer becomes:"),
      " ",
      element("b", same ? "" : "ov-changed", this.#name(answers[at])),
      ` ${percent(sure[at])}`,
    );
    const bars = element("div", "ov-bars");
    for (const [label, value] of [
      [text("whole"), intact.chance],
      [text("covered"), chances[at]],
    ]) {
      const track = element("span", "ov-track");
      track.append(element("i"));
      track.firstChild.style.width = `${100 * value}%`;
      bars.append(element("span", "", label), track, element("span", "ov-number", percent(value)));
    }
    const score = element("p", "ov-score");
    score.textContent = text("score {before} → {after} ({change})", {
      before: format(intact.score, 4),
      after: format(scores[at], 4),
      change: `${change > 0 ? "+" : ""}${format(change, 3)}`,
    });
    this.card.replaceChildren(element("h4", "", name), bars, score, answer);
    const said = `${score.textContent}. ${answer.textContent}`;
    for (const { canvas, title } of [this.left, this.right]) canvas.setAttribute("aria-label", `${title.textContent}. ${said}`);
  }
}

export default mount(".occlusion-view", View);
