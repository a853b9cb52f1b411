// The panel of two boxes: their areas, and IoU, GIoU and DIoU with the numbers put in.

import { element } from "../shared/dom.js";
import { List, fraction, part } from "./controls.js";
import { nameOf } from "./text.js";

/** @typedef {import("./overlap.js").Overlap} Overlap */

const METRICS = /** @type {const} */ (["iou", "giou", "diou"]);
const TITLES = { iou: "IoU", giou: "GIoU", diou: "DIoU" };

export class Measure {
  /** @param {{metric: (key: string) => void, pair: (place: number, index: number) => void}} listener */
  constructor(listener) {
    this.root = element("section", "bb-measure");
    this.lists = [0, 1].map((place) => new List((key) => listener.pair(place, Number(key))));
    this.head = element("div", "bb-pair");
    this.names = this.lists.map((list, place) => {
      const label = element("label", `bb-pair-box bb-tone-${place}`);
      label.append(element("i"), list.root);
      return label;
    });
    this.and = element("span", "bb-and");
    this.head.append(this.names[0], this.and, this.names[1]);
    this.none = element("p", "bb-none");
    this.areas = element("dl", "bb-areas");
    this.cards = element("div", "bb-cards");
    this.cards.setAttribute("role", "radiogroup");
    /** @type {Record<string, {root: HTMLButtonElement, value: HTMLElement, formula: HTMLElement, note: HTMLElement}>} */
    this.card = {};
    for (const key of METRICS) {
      const root = element("button", "bb-card");
      root.setAttribute("role", "radio");
      root.dataset.metric = key;
      const [title, value, formula, note] = [element("span", "bb-card-title", TITLES[key]), element("output", "bb-card-value"), element("span", "bb-formula"), element("span", "bb-card-note")];
      root.append(title, value, formula, note);
      root.addEventListener("click", () => listener.metric(key));
      this.card[key] = { root, value, formula, note };
      this.cards.append(root);
    }
    this.cards.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const next = METRICS[(METRICS.findIndex((key) => this.card[key].root.tabIndex === 0) + step + 3) % 3];
      listener.metric(next);
      this.card[next].root.focus();
      event.preventDefault();
    });
    this.line = new NumberLine();
    this.root.append(this.head, this.none, this.areas, this.cards, this.line.root);
  }

  /**
   * @param {any} text
   * @param {{found: Overlap|null, boxes: import("./suppression.js").Candidate[], pair: [number, number], metric: string, classes: string[]}} now
   */
  show(text, { found, boxes, pair, metric, classes }) {
    const titles = boxes.map((one, i) => `${nameOf(i)} · ${classes[one.label] ?? one.label}`);
    this.lists.forEach((list, place) => list.show(place ? text("Second box") : text("First box"), titles, pair[place]));
    this.and.textContent = text("and");
    this.none.textContent = text("Draw two boxes on the board, or choose a situation above.");
    for (const one of [this.head, this.areas, this.cards, this.line.root]) one.hidden = !found;
    this.none.hidden = Boolean(found);
    if (!found) return;
    const names = pair.map(nameOf);
    this.#showAreas(text, found, names, boxes, pair);
    this.cards.setAttribute("aria-label", text("What is drawn on the board"));
    const formulas = { iou: this.#iou(found), giou: this.#giou(found), diou: this.#diou(found) };
    const notes = {
      iou: text("what both share, of what either covers"),
      giou: text("less the empty part of the box around both"),
      diou: text("less how far the centres lie apart, by the diagonal of the box around both"),
    };
    for (const key of METRICS) {
      const { root, value, formula, note } = this.card[key];
      root.setAttribute("aria-checked", String(key === metric));
      root.tabIndex = key === metric ? 0 : -1;
      value.textContent = signed(found[key]);
      formula.replaceChildren(...formulas[key]);
      note.textContent = notes[key];
    }
    this.line.show(text, found, metric);
  }

  #showAreas(text, found, names, boxes, pair) {
    const [a, b] = pair.map((i) => boxes[i].box);
    const times = (/** @type {number[]} */ box) => `${box[2] - box[0]} × ${box[3] - box[1]}`;
    const rows = [
      ["a", names[0], times(a), found.areas[0]],
      ["b", names[1], times(b), found.areas[1]],
      ["shared", text("intersection"), found.shared ? times(found.shared) : text("none"), found.intersection],
      ["union", text("union"), `${grouped(found.areas[0])} + ${grouped(found.areas[1])} − ${grouped(found.intersection)}`, found.union],
    ];
    this.areas.replaceChildren(
      ...rows.flatMap(([kind, name, sum, value]) => {
        const [title, term, result] = [element("dt"), element("dd", "bb-sum", sum), element("dd", "bb-area", grouped(value))];
        title.append(element("i", `bb-swatch bb-swatch-${kind}`), name);
        return [title, term, result];
      }),
    );
  }

  #iou({ intersection, union }) {
    return [fraction([part(grouped(intersection), "shared")], [part(grouped(union), "union")])];
  }

  #giou({ iou, enclosed, union }) {
    return [iou.toFixed(3), " − ", fraction([grouped(enclosed), " − ", part(grouped(union), "union")], [grouped(enclosed)])];
  }

  #diou({ iou, distance, diagonal }) {
    const squared = (/** @type {number} */ value) => `${value.toFixed(1)}²`;
    return [iou.toFixed(3), " − ", fraction([part(squared(distance), "way")], [part(squared(diagonal), "diagonal")])];
  }
}

/** All three on one line from -1 to 1. */
class NumberLine {
  constructor() {
    this.root = element("div", "bb-line");
    this.root.setAttribute("aria-hidden", "true");
    this.track = this.root.appendChild(element("div", "bb-track"));
    for (const place of [-1, -0.5, 0, 0.5, 1]) {
      const tick = this.track.appendChild(element("span", "bb-tick", String(place).replace("-", "−")));
      tick.style.left = `${(place + 1) * 50}%`;
    }
    this.marks = Object.fromEntries(
      METRICS.map((key) => {
        const made = this.track.appendChild(element("span", "bb-mark"));
        made.dataset.metric = key;
        made.append(element("b", "", TITLES[key]));
        return [key, made];
      }),
    );
  }

  show(_text, found, metric) {
    const order = [...METRICS].sort((a, b) => found[a] - found[b]);
    let row = 0;
    order.forEach((key, i) => {
      row = i && found[key] - found[order[i - 1]] < 0.2 ? row + 1 : 0;
      this.marks[key].style.left = `${(found[key] + 1) * 50}%`;
      this.marks[key].style.setProperty("--row", String(row));
      this.marks[key].dataset.chosen = String(key === metric);
    });
  }
}

/** @param {number} value */
export function signed(value) {
  return (Math.abs(value) < 5e-5 ? 0 : value).toFixed(4).replace("-", "−");
}

/** Thousands apart: 24 000. @param {number} value */
export function grouped(value) {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, "\u2009");
}
