// The board of boxes: what the reader does to them, and both panels beside it.

import { element } from "../shared/dom.js";
import { Palette } from "../shared/palette.js";
import { words } from "../shared/words.js";
import { Board } from "./board.js";
import { Choice } from "./controls.js";
import { LEAST, Past, inRange } from "./edits.js";
import { Editor } from "./editor.js";
import { Measure } from "./measure.js";
import { Suppression } from "./nms.js";
import { overlap } from "./overlap.js";
import { BRIGHT, DEEP, lookAtPair, lookAtRound } from "./looks.js";
import { Situations } from "./situations.js";
import { fates, rounds, sorted } from "./suppression.js";
import { MOST, nameOf, readBoxes, writeBoxes } from "./text.js";

const REST = 220;
/** Most height of the board in CSS pixels. */
const TALL = 560;
const NARROW = 860;
/** How far scores may lie apart that were computed in the browser and on the server. */
const SAME = 1e-6;

/**
 * What the reader has on the board.
 * @typedef {object} Content
 * @property {import("./suppression.js").Candidate[]} boxes
 * @property {[number, number]} pair the two that are measured; the second is the one in hand, -1 for none
 * @property {number} active the box in hand, -1 for none
 */

export class View {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    /** @type {(ask: object) => void} */
    this.send = () => {};
    this.serial = 0;
    this.hovered = -1;
    /** @type {[number, number]|null} */
    this.pointed = null;
    /** @type {Past<Content>} */
    this.past = new Past();
    this.frame = element("div", "bb plain");
    this.situations = new Situations((key) => this.#situation(key));
    this.board = new Board({
      choose: (index, pairing) => this.#choose(index, pairing),
      edit: (index, box, tag) => this.#edit(index, { box }, tag),
      add: (box) => this.#add(box),
      remove: (index) => this.#remove(index),
      rest: () => this.#tell(),
      hover: (index) => this.#hover(index),
    });
    this.editor = new Editor({
      score: (score) => this.#edit(this.content.active, { score }, `score/${this.content.active}`),
      label: (label) => this.#edit(this.content.active, { label }, ""),
      box: (box) => this.#place(box),
      remove: () => this.#remove(this.content.active),
      arm: (byKey) => (byKey ? this.#add(null) : this.#arm(!this.board.armed)),
      undo: () => this.#travel(this.past.back(this.content)),
      redo: () => this.#travel(this.past.forth(this.content)),
      reset: () => this.#reset(),
      rest: () => this.#tell(),
    });
    this.looks = new Choice((look) => this.set({ look }), "bb-looks");
    this.measure = new Measure({ metric: (metric) => this.set({ metric }), pair: (place, index) => this.#pair(place, index) });
    this.suppression = new Suppression({
      set: (change, done) => this.#setting(change, done),
      step: (step, done) => this.#step(step, done),
      hover: (pair) => {
        this.pointed = pair;
        this.#drawBoard();
      },
      choose: (pair) => this.#measure(pair),
    });
    const [left, right] = [element("div", "bb-left"), element("div", "bb-right")];
    this.left = left;
    this.right = right;
    left.append(this.board.root, this.editor.root);
    right.append(this.looks.root, this.measure.root, this.suppression.root);
    const body = element("div", "bb-body");
    body.append(left, right);
    this.frame.append(this.situations.root, body);
    this.frame.addEventListener("keydown", (event) => this.#key(event));
    root.replaceChildren(this.frame);
    this.palette = new Palette(this.frame);
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(root);
  }

  destroy() {
    clearTimeout(this.waiting);
    this.suppression.player.pause();
    this.observer.disconnect();
  }

  themeChanged() {
    this.palette.refresh();
    this.suppression.themeChanged();
    this.root.dataset.dark = String(this.palette.theme.dark);
    this.draw();
  }

  /** @param {any} frame a decoded one */
  receive(frame) {
    this.text = words(frame.texts);
    const other = frame.identity !== this.identity;
    const late = this.content && frame.serial < this.serial && !other; // the reader has gone on meanwhile
    Object.assign(this, { identity: frame.identity, size: { width: frame.width, height: frame.height }, known: frame.situations, check: frame.check });
    if (other) this.#load(frame.photo);
    if (!late) {
      this.classes = frame.classes;
      this.setting = frame.setting;
      this.look = frame.look;
      this.metric = frame.metric;
      this.key = frame.key || (other ? "" : this.key);
      if (other) this.given = frame.boxes;
      const boxes = readBoxes(frame.boxes);
      const same = this.content && writeBoxes(this.content.boxes) === frame.boxes;
      if (this.content && !same && !other) this.past.keep(this.content);
      if (other) this.past = new Past();
      this.content = { boxes: same ? this.content.boxes : boxes, pair: inRange(frame.pair, boxes.length), active: same && !other ? this.content.active : -1 };
      this.step = frame.step;
      if (frame.serial !== this.serial || other) this.suppression.player.pause();
    }
    this.draw();
  }

  /** @param {Uint8Array|null} file a JPEG */
  async #load(file) {
    this.photo = null;
    const { identity } = this;
    const photo = file && (await createImageBitmap(new Blob([file], { type: "image/jpeg" })));
    if (identity !== this.identity) return;
    this.photo = photo;
    this.draw();
  }

  draw() {
    if (!this.content || !this.root.clientWidth) return;
    this.rounds = rounds(this.content.boxes, this.setting);
    this.step = Math.max(0, Math.min(this.rounds.length + 1, this.step));
    const { text } = this;
    this.situations.show(text, this.known, this.shown());
    this.looks.show(text("What to look at"), { measure: text("Overlap of two boxes"), nms: text("Suppression, round by round") }, this.look);
    this.measure.root.hidden = this.look !== "measure";
    this.suppression.root.hidden = this.look !== "nms";
    this.#drawBoard();
    const { boxes, active, pair } = this.content;
    const found = boxes.length > 1 ? overlap(boxes[pair[0]].box, boxes[pair[1]].box) : null;
    if (this.look === "measure") this.measure.show(text, { found, boxes, pair, metric: this.metric, classes: this.classes });
    else this.suppression.show(text, this.#now(), this.right.clientWidth);
    const { before, ahead } = this.past;
    this.editor.show(text, { boxes, active, classes: this.classes, armed: this.board.armed, full: boxes.length >= MOST, back: before.length > 0, ahead: ahead.length > 0 });
  }

  #now() {
    const { boxes } = this.content;
    const done = Math.min(this.step, this.rounds.length);
    const round = this.step > 0 && this.step <= this.rounds.length ? this.rounds[this.step - 1] : null;
    const first = boxes.map((one) => one.score);
    return {
      boxes,
      setting: this.setting,
      classes: this.classes,
      rounds: this.rounds,
      step: this.step,
      round,
      order: sorted(first),
      ious: this.#ious(boxes),
      scores: done ? this.rounds[done - 1].after : first,
      fates: fates(this.rounds, boxes.length, done),
      tones: boxes.map((one) => this.tone(one.label)),
      checked: this.#checked(),
    };
  }

  /** Of every box with every other; computed anew only when boxes have changed. */
  #ious(boxes) {
    if (this.iousOf !== boxes) {
      this.iousOf = boxes;
      this.knownIous = boxes.map((a) => boxes.map((b) => overlap(a.box, b.box).iou));
    }
    return this.knownIous;
  }

  /** What PyTorch says of just these boxes, once it has answered. */
  #checked() {
    const { check, text } = this;
    if (!check || check.state !== this.state()) return "";
    const kept = this.rounds.map((one) => one.keeper);
    const scores = this.rounds.map((one) => one.before[one.keeper]);
    const same = kept.join() === check.kept.join() && scores.every((score, i) => Math.abs(score - check.scores[i]) < SAME);
    if (!same) return text("PyTorch keeps other boxes: {names}", { names: check.kept.map(nameOf).join(", ") });
    return this.setting.method === "nms" ? text("Checked: torchvision.ops keeps the same boxes.") : text("Checked: PyTorch comes to the same scores.");
  }

  /** What the rounds follow from, as text. */
  state() {
    const { method, iou, sigma, least, aware } = this.setting;
    return [writeBoxes(this.content.boxes), method, iou.toFixed(2), sigma.toFixed(2), least.toFixed(2), Number(aware)].join("|");
  }

  #drawBoard() {
    if (!this.content || !this.root.clientWidth) return;
    const { text } = this;
    const scene = {
      ...this.size,
      photo: this.photo,
      things: this.known.find((one) => one.key === this.shown())?.things ?? [],
      theme: this.palette.theme,
      active: this.content.active,
      hovered: this.hovered,
      label: text("Board with {count} boxes", { count: this.content.boxes.length }),
      ...(this.look === "measure" ? lookAtPair(this) : lookAtRound(this, this.#now())),
    };
    this.root.dataset.bright = String(Boolean(this.photo));
    const width = this.left.clientWidth;
    this.board.draw(scene, width, this.root.clientWidth < NARROW ? Infinity : TALL);
  }

  /** Colour of a class: over a photo the bright ones. @param {number} label */
  tone(label) {
    const tones = this.photo || this.palette.theme.dark ? BRIGHT : DEEP;
    return tones[label % tones.length];
  }

  /** Key of the situation that is on the board as it was given; "" once it is changed. */
  shown() {
    const text = writeBoxes(this.content.boxes);
    return this.known.find((one) => one.key === this.key && text && one.boxes === text)?.key ?? "";
  }

  // --- what the reader does ---------------------------------------------------------------------------------

  /** @param {object} change */
  set(change) {
    Object.assign(this, change);
    this.#tell();
    this.draw();
  }

  #setting(change, done) {
    this.suppression.player.pause();
    this.setting = { ...this.setting, ...change };
    this.draw();
    if (done) this.#tell();
    else this.serial = Date.now();
  }

  #step(step, done) {
    this.step = step;
    this.serial = Date.now();
    this.draw();
    if (done) this.#tell();
  }

  /** @param {string} key @param {string} [look] what to look at; what the situation is for where that is not said */
  #situation(key, look) {
    const one = this.known.find((other) => other.key === key) ?? this.known[0];
    this.#arm(false);
    this.key = one.key;
    if (one.boxes) {
      this.past.keep(this.content);
      this.content = { boxes: readBoxes(one.boxes), pair: [0, 1], active: -1 };
      this.look = look ?? one.look;
      this.step = 0;
      this.suppression.player.pause();
      this.draw();
    }
    this.#tell(one.key);
  }

  /** Back to the situation, or to the boxes that the link brought. */
  #reset() {
    const { look } = this;
    if (this.key) return this.#situation(this.key, look);
    const boxes = readBoxes(this.given);
    this.past.keep(this.content);
    this.content = { boxes, pair: inRange([0, 1], boxes.length), active: -1 };
    this.set({ step: 0 });
  }

  /** @param {number} index @param {boolean} [pairing] whether it becomes one of the two that are measured */
  #choose(index, pairing = true) {
    const { pair, active } = this.content;
    const joins = pairing && index >= 0 && !pair.includes(index);
    if (index === active && !joins) return;
    const next = joins ? /** @type {[number, number]} */ ([pair[1], index]) : pair;
    this.content = { ...this.content, active: index, pair: next };
    if (next !== pair) this.#tell();
    this.draw();
  }

  #pair(place, index) {
    const pair = /** @type {[number, number]} */ ([...this.content.pair]);
    if (pair[1 - place] === index) pair[1 - place] = pair[place];
    pair[place] = index;
    this.content = { ...this.content, pair };
    this.set({});
  }

  #measure(pair) {
    this.content = { ...this.content, pair };
    this.pointed = null;
    this.set({ look: "measure" });
  }

  #edit(index, change, tag) {
    if (!this.content.boxes[index]) return;
    // What a pointer holds is one change from its first movement on: the board tags all but that.
    if (tag !== "held") this.past.keep(this.content, tag);
    this.content = { ...this.content, boxes: this.content.boxes.with(index, { ...this.content.boxes[index], ...change }) };
    this.serial = Date.now();
    this.draw();
    if (!this.board.held) this.#tell();
  }

  #place([left, top, right, bottom]) {
    const { width, height } = this.size;
    const x = Math.max(0, Math.min(width - LEAST, left));
    const y = Math.max(0, Math.min(height - LEAST, top));
    const box = [x, y, Math.max(x + LEAST, Math.min(width, right)), Math.max(y + LEAST, Math.min(height, bottom))];
    this.#edit(this.content.active, { box }, "");
  }

  #add(box) {
    const { boxes, pair, active } = this.content;
    this.#arm(false);
    if (boxes.length >= MOST) return;
    const { width, height } = this.size;
    const side = Math.round(Math.min(width, height) * 0.3);
    const shift = (boxes.length % 5) * Math.round(side / 5);
    const [x, y] = [Math.round((width - side) / 2) - side / 2 + shift, Math.round((height - side) / 2) - side / 2 + shift].map(Math.round);
    const made = { box: box ?? [x, y, x + side, y + side], score: 0.5, label: boxes[active]?.label ?? boxes.at(-1)?.label ?? 0 };
    this.past.keep(this.content);
    const index = boxes.length;
    this.content = { boxes: [...boxes, made], pair: boxes.length ? [active >= 0 ? active : pair[1], index] : [0, 0], active: index };
    this.content.pair = inRange(this.content.pair, index + 1);
    this.draw();
    this.board.focus(index);
    this.#tell();
  }

  #remove(index) {
    const { boxes, pair } = this.content;
    if (!boxes[index]) return;
    this.past.keep(this.content);
    const left = boxes.filter((_, i) => i !== index);
    const place = (/** @type {number} */ i) => (i > index ? i - 1 : i);
    this.content = { boxes: left, pair: inRange([place(pair[0]), place(pair[1])], left.length), active: -1 };
    this.draw();
    this.board.focus(Math.min(index, left.length - 1));
    this.#tell();
  }

  #arm(on) {
    this.board.arm(on);
    this.draw();
  }

  #hover(index) {
    if (index === this.hovered) return;
    this.hovered = index;
    this.#drawBoard();
  }

  /** @param {Content|undefined} content */
  #travel(content) {
    if (!content) return;
    this.content = content;
    this.draw();
    this.#tell();
  }

  #key(event) {
    if (!(event.ctrlKey || event.metaKey) || event.target.tagName === "INPUT" || !["z", "y"].includes(event.key.toLowerCase())) return;
    const forth = event.key.toLowerCase() === "y" || event.shiftKey;
    this.#travel(forth ? this.past.forth(this.content) : this.past.back(this.content));
    event.preventDefault();
  }

  /** Tell the server once the reader rests. @param {string} [key] of a situation that was asked for */
  #tell(key = "") {
    this.serial = Date.now();
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => {
      const { look, metric, setting, step } = this;
      const boxes = key || this.shown() || writeBoxes(this.content.boxes) || "none";
      this.send({ serial: this.serial, boxes, pair: this.content.pair.join("."), look, metric, step, ...setting });
    }, REST);
  }
}
