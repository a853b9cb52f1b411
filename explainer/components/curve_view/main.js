// Curves of functions beside curves of their derivatives, read off at one place.

import { element } from "../shared/dom.js";
import { mount } from "../shared/mount.js";
import { brief } from "../shared/numbers.js";
import { Palette } from "../shared/palette.js";
import { Postponed } from "../shared/postponed.js";
import { words } from "../shared/words.js";
import { ACTIVATIONS } from "./activation_formulas.js";
import { Balls } from "./balls.js";
import { LOSSES } from "./loss_formulas.js";
import { frac, id, letter, math, num, op, row, sup, value } from "./math.js";
import { Pane } from "./pane.js";

/** Milliseconds after the last step until the server is told. */
const REST = 700;

class View {
  /** @param {HTMLElement} host */
  constructor(host) {
    this.host = host;
    this.palette = new Palette(host);
    this.state = { at: 0, chosen: "", step: 0 };
    this.sending = new Postponed(host, () => this.#tell());
    const point = (x) => this.#move(Math.round((x - this.content.axis.low) / this.content.axis.step));
    this.panes = [new Pane(point), new Pane(point)];
    this.balls = new Balls((step) => {
      this.state.step = step;
      this.#draw();
    });
    this.slider = element("input", "cv-place");
    Object.assign(this.slider, { type: "range", min: "0", step: "1" });
    this.slider.addEventListener("input", () => this.#move(Number(this.slider.value)));
    this.place = element("output", "cv-at");
    const label = element("label", "cv-slider");
    label.append(this.place, this.slider);
    this.table = element("div", "cv-table");
    this.formula = element("div", "cv-formula");
    const [plots, read] = [element("div", "cv-plots"), element("div", "cv-read")];
    plots.append(...this.panes.map((pane) => pane.root));
    read.append(this.table, this.formula);
    host.replaceChildren(plots, this.balls.root, label, read);
    this.observer = new ResizeObserver(() => this.#draw());
    this.observer.observe(host);
  }

  destroy() {
    this.observer.disconnect();
    this.balls.stop();
    this.sending.drop();
  }

  themeChanged() {
    this.palette.refresh();
    this.#draw();
  }

  /** @param {any} content a decoded frame */
  receive(content) {
    const known = this.content;
    const sameAxis = known && known.axis.low === content.axis.low && known.axis.step === content.axis.step;
    this.content = content;
    const text = words(content.texts);
    const { axis, curves } = content;
    const count = curves[0].values[0].length;
    if (!sameAxis) this.state.at = Math.max(0, Math.min(count - 1, Math.round((content.at - axis.low) / axis.step)));
    const wanted = known ? this.state.chosen : content.chosen;
    this.state.chosen = (curves.find((one) => one.key === wanted) ?? curves[0]).key;
    this.slider.max = String(count - 1);
    this.slider.setAttribute("aria-label", axis.name);
    const listed = JSON.stringify([content.panes, curves.map((one) => [one.key, one.name])]);
    if (listed !== this.listed) this.#fill();
    this.listed = listed;
    this.rows.forEach((row, i) => (row.curve = curves[i]));
    const paths = JSON.stringify(curves.map((one) => one.path));
    this.balls.say(content.ball, { play: text("Play"), pause: text("Pause") });
    if (paths !== this.paths) {
      this.paths = paths;
      this.balls.set(Math.max(0, ...curves.map((one) => one.path.length - 1)));
    }
    this.#draw();
  }

  #move(at) {
    this.state.at = Math.max(0, Math.min(Number(this.slider.max), at));
    this.#draw();
    this.sending.after(REST);
  }

  #choose(key) {
    this.state.chosen = key;
    this.#draw();
    this.sending.after(REST);
  }

  /** Where the reader stays goes into the link. */
  #tell() {
    const { axis } = this.content;
    this.send({ at: Number((axis.low + this.state.at * axis.step).toFixed(axis.digits)), key: this.state.chosen });
  }

  /** The table: a line for each function, which chooses it. */
  #fill() {
    const { curves, panes, axis } = this.content;
    const table = element("table");
    table.setAttribute("role", "radiogroup");
    const head = table.createTHead().insertRow();
    head.append(element("th"), ...panes.map((pane) => element("th", "", pane.title)));
    const body = table.createTBody();
    this.rows = curves.map((curve) => {
      const line = body.insertRow();
      const button = element("button", "cv-name");
      button.setAttribute("role", "radio");
      const dot = element("i", "cv-dot");
      dot.style.background = curve.colour;
      button.append(dot, curve.name);
      button.addEventListener("click", () => this.#choose(curve.key));
      line.insertCell().append(button);
      line.addEventListener("pointerenter", (event) => event.pointerType === "mouse" && this.#choose(curve.key));
      return { curve, line, button, cells: panes.map(() => line.insertCell()), axis };
    });
    this.table.replaceChildren(table);
  }

  #draw() {
    if (!this.content) return;
    const { state, palette } = this;
    const { axis } = this.content;
    this.panes.forEach((pane, i) => pane.draw(i, this.content, state, palette));
    const x = Number((axis.low + state.at * axis.step).toFixed(axis.digits)) + 0;
    this.slider.value = String(state.at);
    const said = `${axis.name} = ${brief(x, 5)}`;
    this.slider.setAttribute("aria-valuetext", said);
    this.place.textContent = said;
    for (const { curve, line, button, cells } of this.rows) {
      cells.forEach((cell, i) => (cell.textContent = brief(curve.values[i][state.at], 5)));
      line.dataset.chosen = String(curve.key === state.chosen);
      button.setAttribute("aria-checked", String(curve.key === state.chosen));
    }
    this.#drawFormula(x);
  }

  #drawFormula(x) {
    const { state } = this;
    const { curves, axis } = this.content;
    const curve = curves.find((one) => one.key === state.chosen);
    const make = ACTIVATIONS[curve.key] ?? LOSSES[curve.key];
    const loss = curve.key in LOSSES;
    const formulas = make ? [letter(axis.letter ?? letterOf(axis.name)), value(x)].map((shown) => make(shown, x, curve.settings)) : [];
    const name = letterOf(axis.name);
    const heads = loss
      ? [id("L"), frac(row(id("d"), id("L")), row(id("d"), id(name)))]
      : [row(id("f"), op("("), id(name), op(")")), row(sup(id("f"), op("′")), op("("), id(name), op(")"))];
    const lines = formulas.length
      ? heads.map((head, i) => {
          const found = num(curve.values[i][state.at]);
          const [first, ...others] = [...new Set([formulas[0][i], formulas[1][i], found])];
          // Apart, so that a long line breaks before an equals sign.
          return [math(row(head, op("="), first)), ...others.map((part) => math(row(op("="), part)))];
        })
      : [];
    this.formula.replaceChildren(
      ...lines.map((line) => {
        const box = element("div", "cv-line");
        box.append(...line);
        return box;
      }),
      element("p", "cv-note", curve.note),
    );
  }
}

/** The letter of an axis: "prediction ŷ" has ŷ. */
function letterOf(name) {
  return name.split(" ").at(-1);
}

export default mount(".curve-view", View, (view, { setStateValue }) => {
  view.send = (read) => setStateValue("read", read);
});
