// A perceptron to touch: plane, drawing, numbers and the run of the learning rule, kept in step.

import { element } from "../shared/dom.js";
import { mount } from "../shared/mount.js";
import { brief } from "../shared/numbers.js";
import { Palette } from "../shared/palette.js";
import { Postponed } from "../shared/postponed.js";
import { words } from "../shared/words.js";
import { card, lines, truth } from "./card.js";
import { sum } from "./geometry.js";
import { Neuron } from "./neuron.js";
import { Plane } from "./plane.js";
import { Timeline } from "./timeline.js";

const FIELDS = ["w₁", "w₂", "b"];
/** Tables longer than this are counted, not shown. */
const READABLE = 6;
/** Milliseconds in which the line turns after a look. */
const TURN = 380;
/** Milliseconds after the last look until the server is told. */
const REST = 500;

class View {
  /** @param {HTMLElement} host */
  constructor(host) {
    this.host = host;
    this.palette = new Palette(host);
    this.serial = 0;
    this.look = 0;
    this.sending = new Postponed(host, () => this.sendLook(this.look));
    this.plane = new Plane({
      line: (weights, done) => this.#edit({ start: weights }, done),
      points: (points, done) => this.#edit({ points }, done),
      hover: (place) => {
        this.pointer = place;
        this.#drawNumbers();
      },
    });
    this.neuron = new Neuron();
    this.timeline = new Timeline((look, settled) => this.#go(look, settled));
    this.fields = FIELDS.map((name, i) => this.#field(name, i));
    this.formula = element("div", "pv-formula");
    this.kinds = element("div", "pv-kinds");
    this.kinds.setAttribute("role", "radiogroup");
    this.title = element("h4", "pv-title");
    this.numbers = element("div", "pv-numbers");
    this.table = element("div", "pv-tables");
    this.verdict = element("p", "pv-verdict");
    this.verdict.setAttribute("aria-live", "polite");
    const [left, right] = [element("div", "pv-left"), element("div", "pv-right")];
    left.append(this.plane.root, this.kinds);
    right.append(this.formula, this.neuron.root, this.title, this.numbers, this.table, this.verdict);
    const body = element("div", "pv-body");
    body.append(left, right);
    host.replaceChildren(this.timeline.root, body);
    this.observer = new ResizeObserver(() => this.#drawTimeline());
    this.observer.observe(host);
  }

  destroy() {
    this.observer.disconnect();
    this.timeline.destroy();
    cancelAnimationFrame(this.turning);
    this.sending.drop();
  }

  themeChanged() {
    this.palette.refresh();
    this.host.dataset.dark = String(this.palette.theme.dark);
    this.#drawTimeline();
  }

  /** @param {any} content a decoded frame */
  receive(content) {
    // The reader has gone on, or is just dragging something: the answer to that will come.
    if (content.serial < this.serial || this.plane.dragging()) return;
    const known = this.content;
    const same = known && JSON.stringify([known.looks, known.start]) === JSON.stringify([content.looks, content.start]);
    this.content = content;
    this.text = words(content.texts);
    this.points = content.points;
    this.start = content.start;
    this.looks = content.looks;
    this.waiting = false;
    if (!same) this.look = known ? 0 : Math.min(content.look, this.looks.length);
    if (!same && known) this.timeline.pause();
    this.weights = this.#weightsAt(this.look);
    this.plane.most = content.most;
    const said = JSON.stringify(content.texts);
    if (said !== this.said) this.#say(); // not at every answer: a field would lose the focus
    this.said = said;
    this.#draw();
  }

  #say() {
    const { text } = this;
    this.plane.said(
      { label: text("Plane of the two inputs"), line: text("Line: arrow keys shift it"), tip: text("Weights: arrow keys turn the line") },
      (point) => text("Point ({x1}, {x2}), target {target}: arrow keys move it, Enter turns it over, Delete removes it", {
        x1: brief(point[0], 5), x2: brief(point[1], 5), target: point[2],
      }),
    );
    this.timeline.said(
      {
        first: text("To the start"), back: text("One look back"), play: text("Play"), pause: text("Pause"),
        next: text("Next look"), epoch: text("To the end of the epoch"), last: text("To the end"),
        slider: text("Looks taken"), speed: text("Speed"),
      },
      [text("slow"), text("medium"), text("fast")],
    );
    const [z, y] = [element("span", "pv-z", "z ="), element("span", "pv-z", "y = 1 ⇔ z > 0")];
    this.formula.replaceChildren(z, this.fields[0], "x₁ +", this.fields[1], "x₂ +", this.fields[2], y);
    this.kinds.setAttribute("aria-label", text("Class of new points"));
    this.kinds.replaceChildren(
      element("span", "", text("A press on the plane adds a point of class")),
      ...[1, 0].map((kind) => {
        const button = element("button", "pv-kind", String(kind));
        button.dataset.target = String(kind);
        button.setAttribute("role", "radio");
        button.setAttribute("aria-checked", String(this.plane.kind === kind));
        button.addEventListener("click", () => {
          this.plane.kind = kind;
          for (const one of this.kinds.querySelectorAll("button")) one.setAttribute("aria-checked", String(one === button));
        });
        return button;
      }),
      element("span", "pv-hint", text("Drag a point to move it, press it to turn it over, drag it out to remove it. Drag the line to shift it, its arrow to turn it.")),
    );
  }

  #field(name, i) {
    const field = element("input", "pv-field");
    Object.assign(field, { type: "number", step: "0.1" });
    field.setAttribute("aria-label", name);
    field.addEventListener("input", () => (field.dataset.typing = "yes"));
    field.addEventListener("blur", () => {
      delete field.dataset.typing;
      this.#drawNumbers();
    });
    field.addEventListener("change", () => {
      delete field.dataset.typing;
      const value = field.valueAsNumber;
      if (!Number.isFinite(value) || Math.abs(value) > 1000) return this.#drawNumbers();
      this.#edit({ start: this.weights.with(i, value) }, true);
    });
    return field;
  }

  /** The reader has changed points or line: shown at once; the run comes from the server. */
  #edit(change, done) {
    this.timeline.pause();
    cancelAnimationFrame(this.turning);
    this.start = change.start ?? this.weights;
    this.points = change.points ?? this.points;
    this.weights = this.start;
    this.look = 0;
    this.looks = [];
    this.waiting = true;
    this.#draw();
    if (!done) return;
    this.serial = Date.now();
    this.sendEdit({ points: this.points, start: this.start, serial: this.serial });
  }

  #weightsAt(look) {
    return look ? this.looks[look - 1].slice(7, 10) : this.start;
  }

  #go(look, settled) {
    const turn = look === this.look + 1 && this.looks[look - 1]?.[3];
    this.look = look;
    const to = this.#weightsAt(look);
    cancelAnimationFrame(this.turning);
    if (turn && !matchMedia("(prefers-reduced-motion: reduce)").matches) this.#turn(this.weights, to);
    else this.weights = to;
    this.#draw();
    if (settled) this.sending.after(REST);
  }

  #turn(from, to) {
    const begun = performance.now();
    const tick = (now) => {
      const share = Math.min(1, Math.max(0, (now - begun) / TURN));
      const eased = share * share * (3 - 2 * share);
      this.weights = share < 1 ? to.map((value, i) => from[i] + eased * (value - from[i])) : to;
      this.#drawPlane();
      if (share < 1) this.turning = requestAnimationFrame(tick);
    };
    this.turning = requestAnimationFrame(tick);
  }

  /** The point of the last look, or -1. */
  #marked() {
    return this.look ? this.looks[this.look - 1][0] : -1;
  }

  #answer(x1, x2) {
    const z = sum(this.#exact(), x1, x2);
    return { x1, x2, z, y: z > 0 ? 1 : 0 };
  }

  /** The weights that numbers are about, also while the line is still turning. */
  #exact() {
    return this.look ? this.#weightsAt(this.look) : this.start;
  }

  #draw() {
    this.#drawPlane();
    this.#drawNumbers();
    this.#drawTable();
    this.#drawTimeline();
    this.#drawVerdict();
  }

  #drawPlane() {
    const { points, weights } = this;
    const ended = this.looks.length > 0 && this.look === this.looks.length;
    this.plane.draw({ points, weights, marked: this.#marked(), obstacle: ended ? this.content.obstacle : null });
  }

  #drawNumbers() {
    if (!this.content) return;
    const { text } = this;
    const exact = this.#exact();
    this.fields.forEach((field, i) => {
      if (!field.dataset.typing) field.value = String(Number(exact[i].toPrecision(6)));
    });
    const seen = this.look ? this.looks[this.look - 1] : null;
    const point = seen && this.points[seen[0]];
    const at = this.pointer ?? point?.slice(0, 2);
    this.neuron.draw(exact, at ? this.#answer(at[0], at[1]) : null);
    if (!seen) {
      this.title.textContent = this.waiting ? text("Learning is done anew …") : text("Before the first look");
      this.numbers.replaceChildren(element("p", "pv-quiet", text("Press “Next look”: the rule looks at one point, compares the answer with the target and changes the weights if they differ.")));
      return;
    }
    const [x1, x2, target] = point;
    const [, total, output, error, ...rest] = seen;
    this.title.textContent = text("Look {look}: the point ({x1}, {x2}) with target {target}", {
      look: this.look, x1: brief(x1, 5), x2: brief(x2, 5), target,
    });
    const look = { x1, x2, target, total, output, error, change: rest.slice(0, 3), after: rest.slice(3) };
    this.numbers.replaceChildren(card(lines(this.#weightsAt(this.look - 1), look, this.content.rate)));
  }

  #drawTable() {
    const { text, points } = this;
    const wrong = points.filter(([x1, x2, target]) => this.#answer(x1, x2).y !== target).length;
    const count = element("p", "pv-quiet", text("Wrong with these weights: {wrong} of {count} points", { wrong, count: points.length }));
    const tables = points.length && points.length <= READABLE
      ? [truth(points, ([x1, x2]) => this.#answer(x1, x2), this.#marked(), { right: text("right"), wrong: text("wrong") })]
      : [];
    this.table.replaceChildren(...tables, count);
  }

  #place() {
    const { text, look, looks, points } = this;
    const mistakes = looks.slice(0, look).filter((one) => one[3]).length;
    return text("Epoch {epoch}, look {look} of {count}; mistakes so far: {mistakes}", {
      epoch: Math.max(1, Math.ceil(look / Math.max(1, points.length))), look, count: looks.length, mistakes,
    });
  }

  #drawTimeline() {
    if (this.content) this.timeline.draw(this.looks, this.points.length, this.look, this.#place(), this.palette);
  }

  #drawVerdict() {
    const { text, content, look, looks } = this;
    if (this.waiting) return;
    const said = [];
    if (looks.length && look === looks.length) {
      said.push(element("strong", "", content.converged
        ? text("A whole epoch without a mistake: the rule has found a line.")
        : content.obstacle
          ? text("No line can divide these points: the place marked in the plane lies between points of class 1 and also between points of class 0, so a line would have it on both of its sides.")
          : text("Not finished after {count} looks. A line exists, so the rule would find it with more of them.", { count: look })));
      if (content.cycle)
        said.push(element("span", "", text("The weights after look {second} are those after look {first}: the rule goes round for ever.", { first: content.cycle[0], second: content.cycle[1] })));
      if (content.bound !== null)
        said.push(element("span", "", text("Novikoff's theorem: started with zeros, the rule makes at most (R/γ)² = {bound} mistakes here, whatever the rate and the order. It makes {mistakes}.", { bound: brief(content.bound), mistakes: content.zeroMistakes })));
      if (content.obstacle) {
        const away = element("a", "", text("A hidden layer gets round this: it bends the plane first"));
        away.href = content.away;
        away.target = "_self";
        said.push(away);
      }
    }
    this.verdict.replaceChildren(...said);
  }
}

export default mount(".perceptron-view", View, (view, { setStateValue }) => {
  view.sendEdit = (edit) => setStateValue("edit", edit);
  view.sendLook = (look) => setStateValue("look", look);
});
