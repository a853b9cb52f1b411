// The plane of the two inputs: a line with two handles, and points that can be moved, turned over, added, removed.

import { element } from "../shared/dom.js";
import { brief } from "../shared/numbers.js";
import { HIGH, LOW, ends, foot, positiveSide, shifted, snapped, sum, tip, turned } from "./geometry.js";

const SIZE = 600;
const MARGIN = 30;
const SCALE = (SIZE - 2 * MARGIN) / (HIGH - LOW);
const NUDGE = 0.05;
/** Pointer movements below this many pixels are a press. */
const STILL = 5;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

const at = ([x, y]) => [MARGIN + (x - LOW) * SCALE, SIZE - MARGIN - (y - LOW) * SCALE];
const inside = (place) => place.every((value) => value >= LOW && value <= HIGH);

/** @param {string} tag @param {Record<string, string|number>} [attributes] */
export function shape(tag, attributes = {}) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  return made;
}

/**
 * @typedef {object} Listener
 * @property {(weights: number[], done: boolean) => void} line the reader moves the line
 * @property {(points: number[][], done: boolean) => void} points the reader changes the points
 * @property {(place: number[]|null) => void} hover
 */

export class Plane {
  /** @param {Listener} listener */
  constructor(listener) {
    this.listener = listener;
    this.points = [];
    this.weights = [0, 0, 0];
    this.marked = -1;
    this.kind = 1;
    this.most = 24;
    this.root = element("div", "pv-plane");
    this.svg = shape("svg", { viewBox: `0 0 ${SIZE} ${SIZE}` });
    this.svg.setAttribute("role", "group");
    const [left, top] = at([LOW, HIGH]);
    const box = { x: left, y: top, width: SIZE - 2 * MARGIN, height: SIZE - 2 * MARGIN };
    this.ground = shape("rect", { ...box, class: "pv-zero" });
    this.side = shape("polygon", { class: "pv-one" });
    this.line = shape("line", { class: "pv-line" });
    this.grip = shape("line", { class: "pv-grip" });
    this.shaft = shape("line", { class: "pv-shaft" });
    this.head = shape("path", { class: "pv-head", d: "M0 0L-13 -7L-13 7Z" });
    this.reach = shape("circle", { class: "pv-reach", r: 22 });
    this.base = shape("circle", { class: "pv-base", r: 6 });
    this.hulls = shape("g", { class: "pv-hulls" });
    this.dots = shape("g");
    this.svg.append(
      this.ground, this.side, ...grid(), this.hulls, this.line, this.grip, this.shaft, this.head, this.base,
      this.reach, this.dots,
    );
    this.root.append(this.svg);
    this.#listen();
  }

  /** @param {{label: string, line: string, tip: string}} words @param {(point: number[]) => string} name */
  said(words, name) {
    this.svg.setAttribute("aria-label", words.label);
    for (const [one, label] of [[this.grip, words.line], [this.reach, words.tip]]) {
      one.setAttribute("aria-label", label);
      one.setAttribute("role", "button");
      one.setAttribute("tabindex", "0");
    }
    this.name = name;
  }

  /** @param {{points: number[][], weights: number[], marked: number, obstacle: any}} now */
  draw({ points, weights, marked, obstacle }) {
    Object.assign(this, { points, weights, marked });
    const side = positiveSide(weights);
    this.side.setAttribute("points", side.map((corner) => at(corner).join()).join(" "));
    const crossed = ends(weights);
    for (const one of [this.line, this.grip]) {
      one.style.display = crossed ? "" : "none";
      if (crossed) put(one, at(crossed[0]), at(crossed[1]));
    }
    const base = this.#base();
    const [from, to] = [at(base), at(tip(weights, base))];
    put(this.shaft, from, to);
    for (const [one, [x, y]] of [[this.base, from], [this.reach, to]]) {
      one.setAttribute("cx", x);
      one.setAttribute("cy", y);
    }
    const angle = (Math.atan2(to[1] - from[1], to[0] - from[0]) * 180) / Math.PI;
    this.head.setAttribute("transform", `translate(${to}) rotate(${angle})`);
    this.head.style.display = weights[0] || weights[1] ? "" : "none";
    this.#drawObstacle(obstacle);
    this.#drawPoints();
  }

  /** Where the arrow begins: on the line, in sight. */
  #base() {
    return foot(this.weights).map((value) => Math.max(LOW, Math.min(HIGH, value)));
  }

  /** Whether the reader is moving a point or the line; its end is told to the listener. */
  dragging() {
    return Boolean(this.held?.moved && this.held.what !== "ground");
  }

  #drawPoints() {
    while (this.dots.children.length > this.points.length) this.dots.lastChild?.remove();
    while (this.dots.children.length < this.points.length) {
      const dot = shape("g", { tabindex: 0, role: "button", class: "pv-point" });
      dot.append(
        shape("circle", { class: "pv-touch", r: 22 }),
        shape("circle", { class: "pv-halo", r: 17 }),
        shape("circle", { class: "pv-dot", r: 10 }),
        shape("path", { class: "pv-wrong", d: "M-5 -5L5 5M-5 5L5 -5" }),
      );
      this.dots.append(dot);
    }
    this.points.forEach((point, i) => {
      const dot = this.dots.children[i];
      const [x1, x2, target] = point;
      const answer = sum(this.weights, x1, x2) > 0 ? 1 : 0;
      dot.setAttribute("transform", `translate(${at([x1, x2])})`);
      dot.dataset.target = target;
      dot.dataset.wrong = String(answer !== target);
      dot.dataset.marked = String(i === this.marked);
      dot.setAttribute("aria-label", this.name?.(point) ?? "");
    });
  }

  /** The points that no line can divide: those of each class joined, and the place where they meet. */
  #drawObstacle(obstacle) {
    if (!obstacle) return this.hulls.replaceChildren();
    const drawn = [0, 1].map((target) => {
      const corners = obstacle.points.map((i) => this.points[i]).filter((point) => point?.[2] === target);
      const path = corners.map((point) => at(point).join()).join(" ");
      return shape("polygon", { points: path, class: "pv-hull", "data-target": target });
    });
    const [x, y] = at(obstacle.place);
    this.hulls.replaceChildren(...drawn, shape("circle", { cx: x, cy: y, r: 7, class: "pv-place" }));
  }

  /** @param {PointerEvent} event */
  #place(event) {
    const box = this.svg.getBoundingClientRect();
    const scale = SIZE / box.width;
    const [x, y] = [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
    return [LOW + (x - MARGIN) / SCALE, LOW + (SIZE - MARGIN - y) / SCALE];
  }

  #listen() {
    const { svg } = this;
    svg.addEventListener("pointerdown", (event) => this.#press(event));
    svg.addEventListener("pointermove", (event) => {
      const place = this.#place(event);
      if (this.held) this.#drag(event, place);
      else this.listener.hover(inside(place) ? place : null);
    });
    svg.addEventListener("pointerleave", () => this.listener.hover(null));
    svg.addEventListener("pointerup", (event) => this.#release(event));
    svg.addEventListener("pointercancel", () => {
      const { held } = this;
      this.held = null;
      if (held?.moved && held.what === "point") this.listener.points(this.points, true);
      else if (held?.moved && held.what !== "ground") this.listener.line(this.weights, true);
    });
    svg.addEventListener("keydown", (event) => this.#key(event));
  }

  #press(event) {
    if (event.button) return;
    const dot = event.target.closest?.(".pv-point");
    const place = this.#place(event);
    const what = dot ? "point" : event.target === this.reach ? "tip" : event.target === this.grip ? "line" : "ground";
    if (what === "ground" && !inside(place)) return;
    event.preventDefault();
    (dot ?? (what === "tip" ? this.reach : what === "line" ? this.grip : null))?.focus({ preventScroll: true });
    this.held = {
      what,
      number: dot ? [...this.dots.children].indexOf(dot) : -1,
      base: this.#base(),
      from: [event.clientX, event.clientY],
      moved: false,
    };
    this.svg.setPointerCapture(event.pointerId);
    this.svg.dataset.held = what;
  }

  #drag(event, place) {
    const { held } = this;
    if (Math.hypot(event.clientX - held.from[0], event.clientY - held.from[1]) > STILL) held.moved = true;
    if (!held.moved) return;
    if (held.what === "line") this.listener.line(shifted(this.weights, place), false);
    else if (held.what === "tip") this.listener.line(turned(held.base, place), false);
    else if (held.what === "point") {
      held.out = !inside(place);
      const moved = [snapped(place[0]), snapped(place[1]), this.points[held.number][2]];
      this.listener.points(this.points.with(held.number, moved), false);
      this.dots.children[held.number].dataset.out = String(held.out);
    }
    this.listener.hover(inside(place) ? place : null);
  }

  #release(event) {
    const { held, points } = this;
    this.held = null;
    delete this.svg.dataset.held;
    if (!held) return;
    if (held.what === "point") {
      delete this.dots.children[held.number].dataset.out;
      if (held.out) this.listener.points(points.toSpliced(held.number, 1), true);
      else if (held.moved) this.listener.points(points, true);
      else this.#flip(held.number);
    } else if (held.what === "ground") {
      const place = this.#place(event);
      if (!held.moved && inside(place) && points.length < this.most)
        this.listener.points([...points, [snapped(place[0]), snapped(place[1]), this.kind]], true);
    } else if (held.moved) this.listener.line(this.weights, true);
  }

  #flip(number) {
    const [x1, x2, target] = this.points[number];
    this.listener.points(this.points.with(number, [x1, x2, 1 - target]), true);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const dot = event.target.closest?.(".pv-point");
    const number = dot ? [...this.dots.children].indexOf(dot) : -1;
    const arrow = ARROWS[event.key];
    const far = event.shiftKey ? 4 : 1;
    if (dot && arrow) {
      const [x1, x2, target] = this.points[number];
      const moved = [snapped(x1 + far * NUDGE * arrow[0]), snapped(x2 + far * NUDGE * arrow[1]), target];
      this.listener.points(this.points.with(number, moved), true);
    } else if (dot && (event.key === "Enter" || event.key === " ")) this.#flip(number);
    else if (dot && (event.key === "Delete" || event.key === "Backspace")) {
      this.listener.points(this.points.toSpliced(number, 1), true);
      this.dots.children[Math.max(0, number - 1)]?.focus();
    } else if (arrow && (event.target === this.grip || event.target === this.reach)) {
      const base = this.#base();
      const step = ([x, y]) => [x + far * NUDGE * arrow[0], y + far * NUDGE * arrow[1]];
      const line = event.target === this.grip ? shifted(this.weights, step(base)) : turned(base, step(tip(this.weights, base)));
      this.listener.line(line, true);
    } else return;
    event.preventDefault();
  }
}

function put(line, [x1, y1], [x2, y2]) {
  for (const [name, value] of Object.entries({ x1, y1, x2, y2 })) line.setAttribute(name, String(value));
}

/** Axes with numbers, names at their ends. */
function grid() {
  const drawn = [];
  for (let value = LOW; value <= HIGH; value++) {
    for (const [from, to] of [[[value, LOW], [value, HIGH]], [[LOW, value], [HIGH, value]]]) {
      const line = shape("line", { class: value ? "pv-grid" : "pv-axis" });
      put(line, at(from), at(to));
      drawn.push(line);
    }
    const [x, bottom] = at([value, LOW]);
    const [left, y] = at([LOW, value]);
    drawn.push(
      label(brief(value, 5), x, bottom + 19, "middle"),
      label(brief(value, 5), left - 8, y + 5, "end"),
    );
  }
  const [right, bottom] = at([HIGH, LOW]);
  const [left, top] = at([LOW, HIGH]);
  const names = [label("x₁", right - 34, bottom + 20, "end"), label("x₂", left - 9, top + 40, "end")];
  for (const name of names) name.classList.add("pv-name");
  return [...drawn, ...names];
}

export function label(text, x, y, anchor) {
  const made = shape("text", { x, y, "text-anchor": anchor, class: "pv-label" });
  made.textContent = text;
  return made;
}
