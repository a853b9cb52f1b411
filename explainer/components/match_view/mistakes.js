// What a detector did wrong, kind by kind: the picture of one case, small cuttings of the others.

import { format } from "../shared/colours.js";
import { element } from "../shared/dom.js";
import { iconButton, setName } from "../shared/icons.js";
import { mount } from "../shared/mount.js";
import { Palette } from "../shared/palette.js";
import { Postponed } from "../shared/postponed.js";
import { words } from "../shared/words.js";
import { picture } from "./albums.js";
import { FALSE, OBJECT, TRUE, drawCrop, drawPicture } from "./picture.js";

const REST = 300;
const TALLEST = 460;
const CUTTINGS = 24;
const SIDE = 60;

class Mistakes {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    /** @type {(ask: object) => void} */
    this.send = () => {};
    this.kind = "";
    this.again = () => this.draw(); // one function: pictures that come tell everybody once
    this.place = 0;
    this.telling = new Postponed(root, () => this.send({ kind: this.kind, place: this.place, serial: Date.now() }));
    this.kinds = element("div", "mistakes-kinds");
    this.kinds.setAttribute("role", "radiogroup");
    this.stage = element("div", "mistakes-stage");
    this.stage.tabIndex = 0;
    this.stage.setAttribute("role", "group");
    this.photo = element("canvas");
    this.photo.setAttribute("role", "img");
    this.side = element("div", "mistakes-side");
    this.back = iconButton("back", () => this.#step(-1));
    this.on = iconButton("on", () => this.#step(1));
    this.count = element("output");
    const steps = element("div", "mistakes-steps");
    steps.append(this.back, this.count, this.on);
    this.meaning = element("p", "mistakes-meaning");
    this.facts = element("dl", "mistakes-facts");
    this.cuttings = element("div", "mistakes-cuttings");
    this.side.append(this.meaning, steps, this.facts, this.cuttings);
    this.stage.append(this.photo, this.side);
    this.live = element("div", "plain-unseen");
    this.live.setAttribute("aria-live", "polite");
    const frame = element("div", "mistakes plain");
    frame.append(this.kinds, this.stage, this.live);
    root.replaceChildren(frame);
    this.palette = new Palette(frame);
    this.stage.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      this.#step(step);
    });
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(root);
  }

  destroy() {
    this.telling.drop();
    this.observer.disconnect();
  }

  themeChanged() {
    this.palette.refresh();
    this.draw();
  }

  /** @param {any} frame a decoded one */
  receive(frame) {
    this.text = words(frame.texts);
    const other = frame.identity !== this.identity;
    this.identity = frame.identity;
    this.frame = frame;
    /** The rows of each kind. @type {Record<string, number[]>} */
    this.rows = Object.fromEntries(frame.kinds.map((kind) => [kind, []]));
    frame.kind.forEach((kind, i) => this.rows[frame.kinds[kind]].push(i));
    if (other || !this.kind) {
      this.kind = frame.shown;
      this.place = frame.place;
    }
    this.place = Math.max(0, Math.min(this.place, this.rows[this.kind].length - 1));
    this.draw();
  }

  /** What the kinds are called, and what they mean. */
  #words() {
    const { text } = this;
    return {
      true: [text("True"), text("An object of this class is there, and the boxes overlap enough.")],
      missed: [text("Missed"), text("An object that no detection is near.")],
      false: [text("Nothing there"), text("A detection where no object is.")],
      place: [text("Badly placed"), text("An object of this class is there, but the boxes overlap too little.")],
      class: [text("Wrong class"), text("An object is there, but of another class.")],
      duplicate: [text("Duplicate"), text("A surer detection has found this object already.")],
      both: [text("Class and place"), text("An object of another class is there, and the boxes overlap too little.")],
    };
  }

  /** @param {number} by */
  #step(by) {
    const count = this.rows[this.kind].length;
    if (!count) return;
    this.#show(this.kind, (this.place + by + count) % count);
  }

  #show(kind, place) {
    Object.assign(this, { kind, place });
    this.draw();
    this.telling.after(REST);
    this.live.textContent = this.photo.getAttribute("aria-label");
  }

  draw() {
    if (!this.frame) return;
    const named = this.#words();
    this.#buttons(named);
    const rows = this.rows[this.kind];
    const { text } = this;
    this.meaning.textContent = named[this.kind][1];
    setName(this.back, text("Previous"));
    setName(this.on, text("Next"));
    this.stage.setAttribute("aria-label", text("Case by case: left and right arrow keys"));
    const none = rows.length === 0;
    for (const part of [this.photo, this.facts, this.cuttings, this.back.parentElement]) part.hidden = none;
    if (none) {
      this.photo.setAttribute("aria-label", text("There is no such case."));
      this.meaning.textContent += ` ${text("There is no such case.")}`;
      return;
    }
    this.count.textContent = text("{number} of {count}", { number: this.place + 1, count: rows.length });
    this.#case(rows[this.place], named);
    this.#small(rows);
  }

  #buttons(named) {
    const buttons = this.frame.kinds.map((kind) => {
      const button = element("button", `mistakes-kind mistakes-${kind}`);
      button.append(element("b", "", String(this.rows[kind].length)), element("span", "", named[kind][0]));
      button.setAttribute("role", "radio");
      button.setAttribute("aria-checked", String(kind === this.kind));
      button.title = named[kind][1];
      button.dataset.kind = kind;
      button.addEventListener("click", () => this.#show(kind, 0));
      return button;
    });
    const root = /** @type {any} */ (this.kinds.getRootNode());
    const focused = this.kinds.contains(root.activeElement) ? root.activeElement.dataset.kind : null;
    this.kinds.replaceChildren(...buttons);
    if (focused) buttons.find((one) => one.dataset.kind === focused)?.focus();
  }

  #of(row) {
    const number = this.frame.pictures[row];
    return { album: this.frame.album, number, ratio: picture(this.frame.album, number)?.ratio ?? 4 / 3 };
  }

  /** The box that a case is about: the detection's, or that of an object that was missed. */
  #box(row) {
    const { frame } = this;
    const at = frame.labels[row] >= 0 ? row : frame.objects[row];
    return (frame.labels[row] >= 0 ? frame.boxes : frame.there.boxes).subarray(4 * at, 4 * at + 4);
  }

  #colour(row) {
    const kind = this.frame.kinds[this.frame.kind[row]];
    return kind === "true" ? TRUE : kind === "missed" ? OBJECT : FALSE;
  }

  #case(row, named) {
    const { frame } = this;
    const { theme } = this.palette;
    const of = this.#of(row);
    const marks = [];
    for (let i = 0; i < frame.there.pictures.length; i++) {
      if (frame.there.pictures[i] !== of.number || i === frame.objects[row]) continue;
      marks.push({ box: frame.there.boxes.subarray(4 * i, 4 * i + 4), colour: OBJECT, dashed: true, faint: true });
    }
    for (let i = 0; i < frame.kind.length; i++) {
      if (frame.pictures[i] === of.number && i !== row && frame.labels[i] >= 0) marks.push({ box: this.#box(i), colour: this.#colour(i), faint: true });
    }
    const object = frame.objects[row];
    if (object >= 0) {
      const label = frame.titles[frame.there.labels[object]];
      marks.push({ box: frame.there.boxes.subarray(4 * object, 4 * object + 4), colour: OBJECT, dashed: true, label: frame.labels[row] < 0 ? label : "" });
    }
    if (frame.labels[row] >= 0) marks.push({ box: this.#box(row), colour: this.#colour(row), label: `${frame.titles[frame.labels[row]]} ${format(frame.scores[row], 2)}` });
    const wide = this.root.clientWidth >= 720;
    this.stage.classList.toggle("mistakes-narrow", !wide);
    const room = { width: wide ? this.root.clientWidth * 0.56 : this.root.clientWidth, most: TALLEST };
    drawPicture(this.photo, of, room, marks, theme, this.again);
    const facts = this.#facts(row, of.number);
    this.facts.replaceChildren(...facts.flatMap(([name, value]) => [element("dt", "", name), element("dd", "", value)]));
    const said = facts.map(([name, value]) => `${name}: ${value}`).join("; ");
    this.photo.setAttribute("aria-label", `${named[this.kind][0]}, ${this.count.textContent}. ${said}`);
  }

  #facts(row, number) {
    const { frame, text } = this;
    const facts = [];
    if (frame.labels[row] >= 0) {
      facts.push([text("Detected"), frame.titles[frame.labels[row]]], [text("Score"), format(frame.scores[row], 3)]);
    }
    if (frame.object_labels[row] >= 0) facts.push([text("Labelled"), frame.titles[frame.object_labels[row]]]);
    facts.push([frame.objects[row] >= 0 && frame.labels[row] >= 0 ? text("IoU of both") : text("Largest IoU"), format(frame.overlaps[row], 3)]);
    facts.push([text("Picture"), picture(frame.album, number)?.name ?? ""]);
    return facts;
  }

  /** Cuttings of the cases around the one shown. */
  #small(rows) {
    const from = Math.max(0, Math.min(this.place - (CUTTINGS >> 1), rows.length - CUTTINGS));
    const shown = rows.slice(from, from + CUTTINGS);
    this.cuttings.replaceChildren(
      ...shown.map((row, i) => {
        const button = element("button", from + i === this.place ? "on" : "");
        const canvas = button.appendChild(element("canvas"));
        drawCrop(canvas, this.#of(row), SIDE, this.#box(row), this.#colour(row), this.palette.theme, this.again);
        button.setAttribute("aria-label", this.text("Case {number}", { number: from + i + 1 }));
        button.tabIndex = -1;
        button.addEventListener("click", () => this.#show(this.kind, from + i));
        return button;
      }),
    );
  }
}

export default mount(".mistakes-root", Mistakes, (view, { setStateValue }) => {
  view.send = (ask) => setStateValue("ask", ask);
});
