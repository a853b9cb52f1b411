// Step 4: all cells sorted by score, and the threshold that few of them reach.

import { element } from "../shared/dom.js";
import { brief } from "../shared/numbers.js";
import { prepare, write } from "../shared/sketch.js";
import { remaining } from "./maths.js";
import { Pane } from "./pane.js";
import { paragraph, sections } from "./parts.js";

const PAD = { left: 40, right: 14, top: 14, bottom: 34 };
const TALL = 330;

export class ThresholdStep {
  /** @param {any} view */
  constructor(view) {
    this.view = view;
    const { text } = view;
    this.root = element("div", "yolo-step");
    this.strip = element("canvas", "yolo-strip");
    this.strip.tabIndex = 0;
    this.strip.setAttribute("role", "slider");
    this.strip.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      this.strip.setPointerCapture(event.pointerId);
      this.held = true;
      this.#drag(event);
    });
    this.strip.addEventListener("pointermove", (event) => this.held && this.#drag(event));
    for (const end of ["pointerup", "pointercancel"]) this.strip.addEventListener(end, () => this.#drop());
    this.strip.addEventListener("keydown", (event) => this.#key(event));
    this.count = element("p", "yolo-count");
    this.count.setAttribute("aria-live", "polite");
    this.byGrid = element("p", "yolo-quiet");
    this.pane = new Pane(view);
    const left = sections("yolo-side", this.count, this.strip, this.byGrid);
    this.root.append(paragraph(text("Nearly all cells say: nothing here. What reaches the threshold goes on. Drag the line, or use the arrow keys.")), sections("yolo-cell yolo-cell-right", left, this.pane.root));
  }

  /** The threshold that is shown: where the line is held, else the page's. */
  get threshold() {
    return this.wanted ?? this.view.data.score;
  }

  #drag(event) {
    const box = this.strip.getBoundingClientRect();
    const share = 1 - (event.clientY - box.top - PAD.top) / (TALL - PAD.top - PAD.bottom);
    this.wanted = Math.max(0.01, Math.min(0.99, share));
    this.draw();
  }

  #drop() {
    if (!this.held) return;
    this.held = false;
    const { levels } = this.view.data;
    this.#take(levels.reduce((/** @type {number} */ a, /** @type {number} */ b) => (Math.abs(b - this.threshold) < Math.abs(a - this.threshold) ? b : a)));
  }

  /** @param {number} level */
  #take(level) {
    this.wanted = level;
    this.view.change({}, { score: level });
    this.draw();
  }

  #key(event) {
    const { levels } = this.view.data;
    const turn = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1, PageUp: 10, PageDown: -10 }[event.key];
    if (!turn || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const at = levels.findIndex((/** @type {number} */ one) => Math.abs(one - this.threshold) < 1e-6);
    const next = levels[Math.max(0, Math.min(levels.length - 1, at + turn))];
    if (next !== undefined) this.#take(next);
  }

  draw() {
    const { view } = this;
    const { data, text } = view;
    if (this.wanted !== undefined && !this.held && this.wanted === data.score) this.wanted = undefined;
    const { threshold } = this;
    const left = remaining(data.order, data.scores, threshold);
    const many = (/** @type {number} */ v) => v.toLocaleString("en");
    this.count.replaceChildren(element("b", "", many(left)), ` ${text("of {count} cells reach {threshold}", { count: many(data.count), threshold: brief(threshold, 2) })}`);
    const cells = data.order.subarray(0, left);
    const parts = data.grids.map(({ stride, size, start }) => {
      let inside = 0;
      for (const cell of cells) if (cell >= start && cell < start + size * size) inside++;
      return text("stride {stride}: {count} of {all}", { stride, count: many(inside), all: many(size * size) });
    });
    this.byGrid.textContent = parts.join(" · ");
    Object.entries({ valuemin: 0, valuemax: 1, valuenow: brief(threshold, 3), valuetext: `${brief(threshold, 2)}: ${this.count.textContent}` }).forEach(([name, value]) => this.strip.setAttribute(`aria-${name}`, String(value)));
    this.strip.setAttribute("aria-label", text("Least score"));
    this.#strip(left);
    const marks = [...cells].slice(0, 400).reverse().map((cell) => ({ box: data.boxOf(cell), tone: data.kept.includes(cell) ? "accent" : "text", width: 1 }));
    this.pane.draw({ ...view.canvasScene(), marks, dim: 0.12, tall: 460 });
    this.pane.name(text("Boxes of these cells"), many(left), text("{count} boxes on the photo.", { count: many(left) }));
  }

  #strip(left) {
    const { view } = this;
    const { data, text, palette } = view;
    const { theme } = palette;
    const width = Math.floor(/** @type {HTMLElement} */ (this.strip.parentElement).clientWidth) - 1;
    if (width < 80) return;
    const g = prepare(this.strip, width, TALL);
    const room = { w: width - PAD.left - PAD.right, h: TALL - PAD.top - PAD.bottom };
    const last = Math.log10(data.count);
    const x = (/** @type {number} */ rank) => PAD.left + (Math.log10(rank) / last) * room.w;
    const y = (/** @type {number} */ score) => PAD.top + (1 - score) * room.h;
    for (const score of [0, 0.25, 0.5, 0.75, 1]) {
      g.fillStyle = theme.line;
      g.fillRect(PAD.left, Math.round(y(score)), room.w, 1);
      write(g, String(score), PAD.left - 7, y(score) + 4, theme, { size: 11, tone: "muted", align: "right" });
    }
    for (let rank = 1; rank <= data.count; rank *= 10) write(g, rank.toLocaleString("en"), x(rank), TALL - 18, theme, { size: 11, tone: "muted", align: rank === 1 ? "left" : "center" });
    write(g, text("cells, the surest first"), PAD.left + room.w, TALL - 3, theme, { size: 11, tone: "muted", align: "right" });
    const area = (/** @type {number} */ from, /** @type {number} */ to) => {
      g.beginPath();
      g.moveTo(x(from), y(0));
      for (let rank = from; rank <= to; rank++) {
        const score = data.scores[data.order[rank - 1]];
        g.lineTo(x(rank), y(score));
        g.lineTo(x(rank + 1), y(score));
      }
      g.lineTo(x(to + 1), y(0));
      g.closePath();
      g.fill();
    };
    g.fillStyle = theme.faint;
    g.globalAlpha = 0.35;
    area(1, data.count);
    g.globalAlpha = 1;
    g.fillStyle = theme.accent;
    if (left) area(1, left);
    const line = y(this.threshold);
    g.fillStyle = theme.text;
    g.fillRect(PAD.left, line - 1, room.w, 2);
    write(g, text("threshold {threshold}", { threshold: brief(this.threshold, 2) }), PAD.left + room.w, line - 6 < PAD.top + 8 ? line + 15 : line - 6, theme, { size: 12, weight: 600, align: "right" });
  }
}
