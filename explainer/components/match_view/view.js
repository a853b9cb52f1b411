// How a precision-recall curve comes about: the ranking, one detection after another, and the point it moves.

import { format } from "../shared/colours.js";
import { element } from "../shared/dom.js";
import { Palette } from "../shared/palette.js";
import { Player } from "../shared/player.js";
import { Postponed } from "../shared/postponed.js";
import { words } from "../shared/words.js";
import { picture } from "./albums.js";
import { axesOf, drawCurve } from "./curve.js";
import { FALSE, OBJECT, TRUE, drawPicture } from "./picture.js";
import { nearest, ranked } from "./ranking.js";

const REST = 400;
const ROWS = 7;
const TALLEST = 340;
const STEPS = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 };

/** @param {number} share */
const share = (share) => format(share, 3);

export class View {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    /** @type {(ask: object) => void} */
    this.send = () => {};
    this.place = -1;
    this.again = () => this.draw(); // one function: pictures that come tell everybody once
    this.telling = new Postponed(root, () => this.send({ rank: this.place + 1, of: this.identity, serial: Date.now() }));
    this.player = new Player((step) => this.#go(step), 700);
    const frame = element("div", "match plain");
    this.plot = frame.appendChild(element("canvas", "match-plot"));
    this.plot.tabIndex = 0;
    this.plot.setAttribute("role", "img");
    this.side = frame.appendChild(element("div", "match-side"));
    this.said = this.side.appendChild(element("p", "match-said"));
    this.photo = this.side.appendChild(element("canvas", "match-photo"));
    this.photo.setAttribute("role", "img");
    this.name = this.side.appendChild(element("p", "match-name"));
    frame.append(this.player.root);
    this.table = frame.appendChild(element("table", "match-rows"));
    this.live = frame.appendChild(element("div", "plain-unseen"));
    this.live.setAttribute("aria-live", "polite");
    root.replaceChildren(frame);
    this.palette = new Palette(frame);
    this.#listen();
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(root);
  }

  destroy() {
    this.player.pause();
    this.telling.drop();
    this.observer.disconnect();
  }

  themeChanged() {
    this.palette.refresh();
    this.draw();
  }

  #listen() {
    const { plot } = this;
    const point = (/** @type {PointerEvent} */ event) => {
      if (!this.curve?.recall.length) return;
      const box = plot.getBoundingClientRect();
      const axes = axesOf(this.width);
      const up = (event.clientY - box.top - axes.box.top) / axes.box.height;
      this.player.pause();
      this.#go(nearest(this.curve, axes.valueAt(event.clientX - box.left), 1 - Math.max(0, Math.min(1, up))));
    };
    plot.addEventListener("pointerdown", (event) => {
      plot.setPointerCapture(event.pointerId);
      point(event);
    });
    plot.addEventListener("pointermove", (event) => event.buttons && point(event));
    plot.addEventListener("keydown", (event) => this.#key(event));
    this.table.addEventListener("keydown", (event) => this.#key(event));
    this.table.addEventListener("click", (event) => {
      const row = /** @type {HTMLElement} */ (event.target).closest("tr[data-place]");
      if (row) this.#go(Number(/** @type {HTMLElement} */ (row).dataset.place));
    });
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const last = this.last;
    const ends = { Home: 0, End: last };
    const wanted = event.key in ends ? ends[event.key] : event.key in STEPS ? this.place + STEPS[event.key] : null;
    if (wanted === null) return;
    event.preventDefault();
    this.player.pause();
    this.#go(Math.max(0, Math.min(last, wanted)), true);
  }

  get last() {
    return this.frame.scores.length - 1;
  }

  /** @param {any} frame a decoded one */
  receive(frame) {
    this.text = words(frame.texts);
    const before = this.frame;
    this.frame = frame;
    this.curve = ranked(frame.true, frame.objects);
    if (frame.identity !== this.identity || frame.score !== before?.score) {
      this.player.pause();
      this.telling.drop();
      this.place = Math.min(this.last, frame.rank ? frame.rank - 1 : Math.max(0, frame.kept - 1));
    }
    this.identity = frame.identity;
    this.draw();
  }

  /** @param {number} place @param {boolean} [aloud] */
  #go(place, aloud = false) {
    if (place === this.place || place < 0) return this.#tell();
    this.place = place;
    this.draw();
    this.telling.after(REST);
    if (aloud) this.live.textContent = this.#words(place);
  }

  #tell() {
    this.player.show(Math.max(0, this.place), Math.max(0, this.last), this.#names());
  }

  #names() {
    const { text } = this;
    return {
      first: text("To the surest detection"),
      back: text("One detection back"),
      play: text("Play"),
      pause: text("Pause"),
      on: text("One detection on"),
      slider: text("Detection, the surest first"),
      place: text("{number} of {count}", { number: this.place + 1, count: this.last + 1 }),
    };
  }

  draw() {
    if (!this.frame) return;
    const { frame, text, curve, place } = this;
    const { theme } = this.palette;
    this.width = Math.max(220, this.plot.parentElement.clientWidth - this.#beside());
    const threshold = text("score ≥ {score}", { score: frame.score });
    const area = text("AP {ap}", { ap: share(frame.ap[frame.rule]) });
    const names = { recall: text("Recall"), precision: text("Precision"), threshold, area };
    drawCurve(this.plot, this.width, frame, curve, place, theme, names);
    this.plot.setAttribute("aria-label", this.#summary());
    const any = this.last >= 0;
    for (const part of [this.player.root, this.table, this.photo, this.name]) part.hidden = !any;
    if (!any) {
      this.said.textContent = text("The detector found nothing of this class.");
      return;
    }
    this.#tell();
    this.#photo(theme);
    this.#rows();
  }

  /** How much of the width the picture takes, with the gap; none where it stands below. */
  #beside() {
    const wide = this.root.clientWidth >= 720;
    this.root.firstElementChild.classList.toggle("match-narrow", !wide);
    return wide ? Math.round(this.root.clientWidth * 0.42) + 28 : 0;
  }

  #summary() {
    const { frame, text, curve } = this;
    const ap = text("AP {ap}", { ap: share(frame.ap[frame.rule]) });
    const name = text("Precision-recall curve of {name}, {objects} objects", { name: frame.title, objects: frame.objects });
    if (!frame.kept) return `${name}. ${ap}`;
    const at = frame.kept - 1;
    const values = { score: frame.score, precision: share(curve.precision[at]), recall: share(curve.recall[at]) };
    return `${name}. ${ap}. ${text("At a score of {score}: precision {precision}, recall {recall}", values)}`;
  }

  /** The picture of the detection shown, with it and with the objects of its class. */
  #photo(theme) {
    const { frame, place, text } = this;
    const number = frame.pictures[place];
    const known = picture(frame.album, number);
    const marks = [];
    for (let i = 0; i < frame.there.pictures.length; i++) {
      if (frame.there.pictures[i] !== number) continue;
      marks.push({ box: frame.there.boxes.subarray(4 * i, 4 * i + 4), colour: OBJECT, dashed: true, faint: i !== frame.found[place] });
    }
    const colour = frame.true[place] ? TRUE : FALSE;
    marks.push({ box: frame.boxes.subarray(4 * place, 4 * place + 4), colour, label: share(frame.scores[place]) });
    const of = { album: frame.album, number, ratio: known?.ratio ?? 4 / 3 };
    drawPicture(this.photo, of, { width: this.side.clientWidth, most: TALLEST }, marks, theme, this.again);
    this.photo.setAttribute("aria-label", this.#words(place));
    this.name.textContent = known ? `${known.name} · ${text("dashed: the labelled objects of this class")}` : "";
    this.said.replaceChildren(element("b", frame.true[place] ? "true" : "false", frame.true[place] ? `✓ ${text("True")}` : `✗ ${text("False")}`), this.#sum(place));
  }

  /** Precision and recall as the fractions that they are. @param {number} place */
  #sum(place) {
    const { text, curve, frame } = this;
    const hits = curve.hits[place];
    const precision = `${hits} / ${place + 1} = ${share(curve.precision[place])}`;
    const recall = `${hits} / ${frame.objects} = ${share(curve.recall[place])}`;
    return element("span", "", text("precision {precision} · recall {recall}", { precision, recall }));
  }

  /** @param {number} place */
  #words(place) {
    const { frame, curve, text } = this;
    return text("Detection {number}: score {score}, {verdict}; precision {precision}, recall {recall}", {
      number: place + 1,
      score: share(frame.scores[place]),
      verdict: frame.true[place] ? text("true") : text("false"),
      precision: share(curve.precision[place]),
      recall: share(curve.recall[place]),
    });
  }

  /** The detections around the one shown. */
  #rows() {
    const { frame, curve, text, place } = this;
    const head = element("tr");
    const titles = [text("No."), text("Score"), "", text("True so far"), text("False so far"), text("Precision"), text("Recall")];
    head.append(...titles.map((title) => element("th", "", title)));
    const rows = [head];
    const from = Math.max(0, Math.min(place - (ROWS >> 1), this.last + 1 - ROWS));
    for (let i = from; i <= Math.min(this.last, from + ROWS - 1); i++) {
      const row = element("tr", i === place ? "on" : i < frame.kept ? "" : "cut");
      row.dataset.place = String(i);
      row.tabIndex = i === place ? 0 : -1;
      const isTrue = frame.true[i];
      const cells = [
        element("td", "", String(i + 1)),
        element("td", "", share(frame.scores[i])),
        element("td", isTrue ? "true" : "false", isTrue ? `✓ ${text("true")}` : `✗ ${text("false")}`),
        element("td", "", String(curve.hits[i])),
        element("td", "", String(i + 1 - curve.hits[i])),
        element("td", "", share(curve.precision[i])),
        element("td", "", share(curve.recall[i])),
      ];
      row.append(...cells);
      rows.push(row);
    }
    const focused = this.table.contains(/** @type {any} */ (this.table.getRootNode()).activeElement);
    this.table.replaceChildren(...rows);
    if (focused) /** @type {HTMLElement} */ (this.table.querySelector("tr.on"))?.focus();
  }
}
