// Points put down, and taken away, by the reader.

import { element } from "../shared/dom.js";
import { Postponed } from "../shared/postponed.js";

/** How near a point the eraser must come, as a share of the plane's reach. */
const NEAR = 0.06;
/** How far apart points are that one stroke puts down. */
const APART = 0.09;
/** Milliseconds after the last point until the server is told. */
const PAUSE = 250;

export class Painter {
  /** @param {HTMLElement} host @param {() => void} changed */
  constructor(host, changed) {
    this.changed = changed;
    /** @type {(points: number[][], serial: number) => void} set when mounting */
    this.send = () => {};
    this.telling = new Postponed(host, () => this.send(this.points.map((one) => [one.x, one.y, one.label]), this.serial));
    this.points = [];
    /** @type {"0"|"1"|"erase"|""} */
    this.brush = "";
    this.serial = 0;
    this.stroke = null;
    this.root = host.appendChild(element("div", "lv-brushes"));
    this.root.setAttribute("role", "group");
  }

  /** @param {any} content @param {(key: string, values?: any) => string} text */
  receive(content, text) {
    this.most = content.most;
    this.reach = content.reach;
    if (content.painted >= this.serial || content.run !== this.run) {
      this.run = content.run;
      this.points = [
        ...rows(content.train, content.trainLabels, false),
        ...rows(content.test, content.testLabels, true),
      ];
    }
    const label = text("Paint points");
    this.root.setAttribute("aria-label", label);
    const names = { 0: text("class 0"), 1: text("class 1"), erase: text("eraser") };
    const buttons = Object.entries(names).map(([key, name]) => {
      const button = element("button", "", name);
      button.dataset.brush = key;
      button.setAttribute("aria-pressed", String(this.brush === key));
      button.addEventListener("click", () => {
        this.brush = this.brush === key ? "" : key;
        for (const one of buttons) one.setAttribute("aria-pressed", String(one.dataset.brush === this.brush));
        host.style.cursor = this.brush ? "crosshair" : "default";
        host.style.touchAction = this.brush ? "none" : "pan-y";
      });
      return button;
    });
    const host = /** @type {HTMLElement} */ (this.root.parentElement.querySelector("canvas"));
    this.root.replaceChildren(element("span", "", label), ...buttons);
  }

  /** @returns {boolean} whether a stroke has begun */
  down(event, place) {
    if (!this.brush || event.button !== 0) return false;
    event.preventDefault();
    this.stroke = place;
    this.put(place);
    return true;
  }

  move(event, place) {
    if (!this.stroke) return;
    const apart = Math.hypot(place.x - this.stroke.x, place.y - this.stroke.y);
    if (this.brush !== "erase" && apart < APART * this.reach) return;
    this.stroke = place;
    this.put(place);
  }

  up() {
    this.stroke = null;
  }

  /** @param {{x: number, y: number}} place */
  put({ x, y }) {
    if (this.brush === "erase") {
      const kept = this.points.filter((one) => Math.hypot(one.x - x, one.y - y) > NEAR * this.reach);
      if (kept.length === this.points.length) return;
      this.points = kept;
    } else if (this.brush && this.points.length < this.most) {
      this.points = [...this.points, { x, y, label: Number(this.brush), held: false }];
    } else return;
    this.serial += 1;
    this.telling.after(PAUSE);
    this.changed();
  }
}

function rows(places, labels, held) {
  return Array.from(labels, (label, i) => ({ x: places[2 * i], y: places[2 * i + 1], label, held }));
}
