// The kernel as a detector: how strongly each place answers, and how alike window and kernel are there.

import { element } from "../shared/dom.js";
import { brief } from "../shared/numbers.js";
import { prepare, write } from "../shared/sketch.js";
import { cell as short, paintCell } from "./cells.js";
import { termsOf, weightsOf } from "./slide.js";

const LANE = 66;
const HEAD = 20;
const LEFT = 8;

export class Pattern {
  /** @param {import("../shared/palette.js").Palette} palette @param {(place: number) => void} go */
  constructor(palette, go) {
    this.palette = palette;
    this.root = element("div", "lv-pattern");
    this.canvas = element("canvas", "lv-canvas");
    this.canvas.setAttribute("role", "img");
    this.cards = element("div", "lv-cards");
    this.root.append(this.canvas, this.cards);
    const point = (event) => {
      if (event.type === "pointermove" && event.pointerType !== "mouse" && !event.buttons) return;
      const count = this.state.output.length;
      const place = Math.floor((event.clientX - this.canvas.getBoundingClientRect().left - LEFT) / this.step);
      if (place >= 0 && place < count) go(place);
    };
    this.canvas.addEventListener("pointermove", point);
    this.canvas.addEventListener("pointerdown", point);
  }

  /** @param {any} state @param {number} width */
  draw(state, width) {
    this.state = state;
    const { output, likeness, place, known, text } = state;
    const { theme } = this.palette;
    const count = output.length;
    const tall = 2 * (HEAD + LANE) + 18;
    const g = prepare(this.canvas, width, tall);
    this.step = Math.min(64, (width - 2 * LEFT) / Math.max(1, count));
    const wide = Math.max(2, Math.min(30, this.step - 3));
    const peak = Math.max(1e-12, ...Array.from(output, Math.abs));
    const best = [strongest(output), strongest(likeness)];
    [[output, peak, text("output y: how strongly")], [likeness, 1, text("likeness cos θ: how exactly")]].forEach(([values, most, title], lane) => {
      const top = lane * (HEAD + LANE);
      write(g, title, LEFT, top + 13, theme, { size: 12, tone: "muted" });
      const both = Array.from(values).some((value) => value < -1e-9);
      const zero = top + HEAD + (both ? LANE / 2 : LANE - 8);
      const gain = (both ? LANE / 2 - 4 : LANE - 22) / most;
      g.fillStyle = theme.line;
      g.fillRect(LEFT, Math.round(zero), count * this.step, 1);
      for (let j = 0; j < Math.min(count, known); j++) {
        const value = values[j];
        const x = LEFT + j * this.step + (this.step - wide) / 2;
        g.globalAlpha = j === place ? 1 : 0.42;
        g.fillStyle = value < 0 ? theme.down : theme.up;
        g.beginPath();
        g.roundRect(x, value < 0 ? zero : zero - value * gain, wide, Math.max(1, Math.abs(value) * gain), 2);
        g.fill();
        g.globalAlpha = 1;
        if (j === place || (this.step > 30 && !both)) {
          const at = value < 0 ? zero + 11 - value * gain : zero - 4 - value * gain;
          const ink = { size: 10.5, tone: j === place ? "text" : "faint", weight: j === place ? 650 : 400, align: "center" };
          write(g, lane ? value.toFixed(2).replace("-", "−") : short(value), x + wide / 2, Math.max(top + 12, at), theme, ink);
        }
        if (j === best[lane] && !(j === place || (this.step > 30 && !both))) write(g, "▲", x + wide / 2, zero + 11, theme, { size: 9, tone: "muted", align: "center" });
      }
    });
    const every = Math.max(1, Math.ceil(24 / this.step));
    for (let j = 0; j < count; j += every) write(g, String(j), LEFT + (j + 0.5) * this.step, tall - 3, theme, { size: 10, tone: j === place ? "text" : "faint", align: "center" });
    this.canvas.setAttribute("aria-label", count ? text("Output and likeness as bars; the largest output is y[{j}] = {value}.", { j: best[0], value: brief(output[best[0]], 5) }) : "");
    this.#cards(best[0]);
  }

  #cards(best) {
    const { output, place, text } = this.state;
    if (!output.length) return void this.cards.replaceChildren();
    const cards = [this.#card(best, text("Largest output"))];
    if (place !== best) cards.push(this.#card(place, text("The window now")));
    this.cards.replaceChildren(...cards);
  }

  #card(place, title) {
    const { line, output, likeness, text } = this.state;
    const card = element("div", "lv-card");
    const norm = (values) => Math.hypot(...values);
    const terms = termsOf(line, place);
    const rows = element("div", "lv-card-rows");
    for (const [name, values, map] of [["x", terms.map(({ value }) => value), "signed"], ["w", weightsOf(line), "weights"]]) {
      const row = element("div", "lv-card-row");
      row.append(element("span", "lv-card-name", name));
      const peak = Math.max(1e-12, ...values.map(Math.abs));
      for (const value of values) {
        const cell = element("span", "lv-cell");
        paintCell(cell, value, peak, this.palette, map);
        row.append(cell);
      }
      rows.append(row);
    }
    const sizes = [norm(terms.map(({ value }) => value)), norm(line.kernel)];
    const formula = element("p", "lv-card-sum", `${sizes.map((size) => brief(size, 3)).join(" × ")} × ${likeness[place].toFixed(3).replace("-", "−")} = ${brief(output[place], 4)}`);
    formula.title = text("length of the window × length of the kernel × cos θ");
    card.append(element("h4", "", `${title}: y[${place}] = ${brief(output[place], 4)}`), rows, formula, element("p", "lv-card-why", this.#why(place)));
    return card;
  }

  #why(place) {
    const { likeness, line, text } = this.state;
    const [cos, window] = [likeness[place], termsOf(line, place).map(({ value }) => value)];
    if (window.every((value) => value === 0)) return text("Nothing lies under the kernel: every product is zero.");
    if (cos > 0.999) return text("The window has exactly the kernel's shape; nothing of this length could answer more.");
    if (cos < -0.999) return text("The window is the kernel's opposite: nothing of this length could answer less.");
    if (Math.abs(cos) < 1e-6) return text("Window and kernel have nothing in common: the products cancel, or meet only zeros.");
    if (cos > 0.8) return text("Much like the kernel, but not quite: part of this length points elsewhere.");
    if (cos > 0) return text("Little like the kernel. Where the answer is large all the same, it is the length of the window.");
    if (cos > -0.5) return text("Little like the kernel; what speaks against it weighs more.");
    return text("More like the kernel's opposite: the answer is negative.");
  }
}

/** @param {ArrayLike<number>} values */
function strongest(values) {
  let best = 0;
  for (let j = 1; j < values.length; j++) if (values[j] > values[best] + 1e-6) best = j;
  return best;
}
