// The board: a photo or squared paper with boxes on it that are drawn, dragged, resized, chosen with any pointer or key.

import { element } from "../shared/dom.js";
import { svg } from "../shared/svg.js";
import { moved, resized, spanned } from "./edits.js";
import { cursorOf, hit } from "./hits.js";
import { drawGround } from "./ground.js";
import { drawMarks, patterns } from "./marks.js";

/** @typedef {import("./overlap.js").Box} Box */

/** @typedef {import("./marks.js").Look} Look */

/**
 * @typedef {object} Listener
 * @property {(index: number, pairing?: boolean) => void} choose
 * @property {(index: number, box: Box, tag: string) => void} edit while a pointer holds it, or by a key
 * @property {(box: Box|null) => void} add null: wherever there is room
 * @property {(index: number) => void} remove
 * @property {() => void} rest the pointer has let go
 * @property {(index: number) => void} hover -1 for none
 */

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
/** Steps of the arrow keys, in pixels of the board; with Alt or Ctrl the long one. */
const STEP = 1;
const LONG = 10;
const STILL = 3;

export class Board {
  /** @param {Listener} listener */
  constructor(listener) {
    this.listener = listener;
    this.armed = false;
    this.scale = 1;
    this.root = element("div", "bb-board");
    this.ground = element("canvas", "bb-ground");
    this.ground.setAttribute("aria-hidden", "true");
    this.things = svg("g", { class: "bb-things" });
    this.under = svg("g");
    this.boxes = svg("g");
    this.over = svg("g", { class: "bb-over", "aria-hidden": "true" });
    this.svg = svg("svg", { class: "bb-svg", role: "group" }, patterns(), this.things, this.under, this.boxes, this.over);
    this.root.append(this.ground, this.svg);
    this.#listen();
  }

  /**
   * @param {{width: number, height: number, photo: ImageBitmap|null, things: any[], boxes: Look[], active: number, hovered: number,
   *   marks: import("./marks.js").Marks, theme: any, label: string}} scene
   * @param {number} room width in CSS pixels @param {number} high
   */
  draw(scene, room, high) {
    this.scene = scene;
    const scale = Math.min(room / scene.width, high / scene.height);
    this.scale = scale;
    const [w, h] = [Math.round(scene.width * scale), Math.round(scene.height * scale)];
    this.root.style.width = `${w}px`;
    this.root.style.height = `${h}px`;
    this.svg.setAttribute("width", String(w));
    this.svg.setAttribute("height", String(h));
    this.svg.setAttribute("aria-label", scene.label);
    drawGround(this.ground, this.things, scene, w, h);
    this.#drawBoxes();
    drawMarks(this.under, this.over, scene, scale);
    this.#drawDraft();
  }

  #drawBoxes() {
    const { boxes, active, hovered } = this.scene;
    while (this.boxes.childElementCount > boxes.length) this.boxes.lastChild?.remove();
    while (this.boxes.childElementCount < boxes.length) {
      this.boxes.append(svg("g", { class: "bb-box", tabindex: 0, role: "button" }, svg("rect", { class: "bb-casing" }), svg("rect", { class: "bb-rect" })));
    }
    boxes.forEach((look, i) => {
      const group = /** @type {SVGGElement} */ (this.boxes.children[i]);
      const [left, top, right, bottom] = look.box.map((one) => one * this.scale);
      set(group, { "data-index": i, "data-state": look.state, "data-active": i === active, "data-hovered": i === hovered, "aria-label": look.said, "aria-pressed": i === active });
      group.style.setProperty("--tone", look.tone);
      for (const rect of group.children) set(rect, { x: left, y: top, width: right - left, height: bottom - top });
    });
  }

  #drawDraft() {
    this.draft?.remove();
    const box = this.held?.draft;
    if (!box) return;
    const [left, top, right, bottom] = box.map((one) => one * this.scale);
    this.draft = svg("rect", { class: "bb-draft", x: left, y: top, width: right - left, height: bottom - top });
    this.over.append(this.draft);
  }

  /** Draw a new box with the next stroke, also by touch. @param {boolean} on */
  arm(on) {
    this.armed = on;
    this.root.dataset.armed = String(on);
  }

  /** @param {number} index */
  focus(index) {
    /** @type {SVGElement|undefined} */ (this.boxes.children[index])?.focus({ preventScroll: true });
  }

  #listen() {
    this.svg.addEventListener("pointerdown", (event) => this.#down(event));
    this.svg.addEventListener("pointermove", (event) => this.#move(event));
    this.svg.addEventListener("pointerup", () => this.#up(true));
    this.svg.addEventListener("pointercancel", () => this.#up(false));
    this.svg.addEventListener("pointerleave", () => !this.held && this.listener.hover(-1));
    this.svg.addEventListener("keydown", (event) => this.#key(event));
    this.svg.addEventListener("focusin", (event) => {
      const index = indexOf(event.target);
      if (!this.held) this.root.dataset.keys = "true";
      if (index >= 0 && !this.held && index !== this.scene?.active) this.listener.choose(index, false);
    });
  }

  /** @param {PointerEvent} event where, in pixels of the board */
  #at(event) {
    const box = this.svg.getBoundingClientRect();
    return [(event.clientX - box.left) / this.scale, (event.clientY - box.top) / this.scale];
  }

  /** @param {PointerEvent} event */
  #down(event) {
    if (event.button || !event.isPrimary || !this.scene) return;
    this.root.dataset.keys = "false";
    const [x, y] = this.#at(event);
    const found = this.armed ? { index: -1, sides: "" } : hit(this.scene, x, y, this.scale, event.pointerType === "touch");
    const start = found.index >= 0 ? this.scene.boxes[found.index].box : null;
    this.held = { ...found, x, y, start, draft: null, travelled: false };
    this.svg.setPointerCapture(event.pointerId);
    event.preventDefault(); // no text is selected; so the focus is set by hand
    if (found.index >= 0) {
      this.listener.choose(found.index);
      this.focus(found.index);
    }
  }

  /** @param {PointerEvent} event */
  #move(event) {
    if (!this.scene) return;
    const [x, y] = this.#at(event);
    const held = this.held;
    if (!held) {
      const found = this.armed ? { index: -1, sides: "" } : hit(this.scene, x, y, this.scale, false);
      this.svg.style.cursor = this.armed ? "crosshair" : cursorOf(found);
      return this.listener.hover(found.index);
    }
    held.travelled ||= Math.hypot(x - held.x, y - held.y) * this.scale > STILL;
    if (!held.travelled) return;
    if (held.start) {
      const change = held.sides
        ? resized(held.start, held.sides, x - held.x, y - held.y, this.scene)
        : moved(held.start, x - held.x, y - held.y, this.scene);
      this.listener.edit(held.index, change, held.tag ?? "");
      held.tag = "held";
    } else {
      held.draft = spanned(held.x, held.y, x, y, this.scene);
      this.#drawDraft();
    }
  }

  /** @param {boolean} done */
  #up(done) {
    const held = this.held;
    this.held = null;
    if (!held) return;
    this.draft?.remove();
    if (held.start && held.travelled) this.listener.rest();
    else if (done && held.draft) this.listener.add(held.draft);
    else if (done && !held.travelled && !held.start) this.listener.choose(-1);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    this.root.dataset.keys = "true";
    const index = indexOf(event.target);
    if (index < 0 || !this.scene?.boxes[index]) return;
    const { box } = this.scene.boxes[index];
    const arrow = ARROWS[event.key];
    if (arrow) {
      const step = event.altKey || event.ctrlKey || event.metaKey ? LONG : STEP;
      const [dx, dy] = arrow.map((/** @type {number} */ one) => one * step);
      const change = event.shiftKey ? resized(box, "es", dx, dy, this.scene) : moved(box, dx, dy, this.scene);
      this.listener.edit(index, change, `key/${index}/${event.shiftKey}`);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      this.listener.remove(index);
    } else if (event.key === "Enter" || event.key === " ") {
      this.listener.choose(index);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

/** @param {Element|null} part @param {Record<string, any>} attributes */
function set(part, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    const text = String(value);
    if (part && part.getAttribute(name) !== text) part.setAttribute(name, text);
  }
}

/** @param {EventTarget|null} target */
function indexOf(target) {
  const group = /** @type {Element|null} */ (target)?.closest?.(".bb-box");
  return group ? Number(group.getAttribute("data-index")) : -1;
}
