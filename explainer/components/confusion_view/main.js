// A confusion matrix, and beside it the images of the mistakes.

import { element } from "../shared/dom.js";
import { mount } from "../shared/mount.js";
import { Palette } from "../shared/palette.js";
import { photoCanvas } from "../shared/photo.js";
import { prepare, write } from "../shared/sketch.js";
import { words } from "../shared/words.js";

const STEPS = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };
const CELL = { least: 9, most: 44 };

class View {
  /** @param {HTMLElement} host */
  constructor(host) {
    this.host = host;
    this.palette = new Palette(host);
    /** The cell pointed at, and the one that chooses mistakes: true class, said class. @type {[number, number]|null} */
    this.at = null;
    /** @type {[number, number]|null} */
    this.chosen = null;
    this.canvas = element("canvas");
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "img");
    this.said = element("p", "cm-said");
    this.said.setAttribute("aria-live", "polite");
    this.left = element("div", "cm-matrix");
    this.left.append(this.canvas, this.said);
    this.heading = element("div", "cm-heading");
    this.wall = element("div", "cm-wall");
    this.right = element("div", "cm-mistakes");
    this.right.append(this.heading, this.wall);
    host.replaceChildren(this.left, this.right);
    this.#listen();
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(this.left);
  }

  destroy() {
    this.observer.disconnect();
  }

  themeChanged() {
    this.palette.refresh();
    this.draw();
  }

  #listen() {
    const { canvas } = this;
    const cell = (event) => {
      const box = canvas.getBoundingClientRect();
      return this.#cellAt(event.clientX - box.left, event.clientY - box.top);
    };
    canvas.addEventListener("pointermove", (event) => this.#point(cell(event)));
    canvas.addEventListener("pointerleave", () => this.#point(null));
    canvas.addEventListener("click", (event) => this.#choose(cell(event)));
    canvas.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        return this.#choose(this.at);
      }
      if (event.key === "Escape") return this.#choose(null);
      const step = STEPS[event.key];
      if (!step || !this.content) return;
      event.preventDefault();
      const last = this.content.classes.length - 1;
      const [row, column] = this.at ?? [0, 0];
      this.#point([Math.max(0, Math.min(last, row + step[0])), Math.max(0, Math.min(last, column + step[1]))]);
    });
  }

  /** @param {any} content a decoded frame */
  receive(content) {
    this.content = content;
    this.text = words(content.texts);
    if (this.chosen && this.chosen[0] >= content.classes.length) this.chosen = null;
    this.host.setAttribute("aria-label", content.label);
    this.draw();
    this.#fill();
  }

  #point(cell) {
    this.at = cell;
    this.draw();
  }

  #choose(cell) {
    const same = cell && this.chosen && cell[0] === this.chosen[0] && cell[1] === this.chosen[1];
    this.chosen = same ? null : cell;
    this.draw();
    this.#fill();
  }

  #cellAt(x, y) {
    const { content, place } = this;
    if (!content || !place) return null;
    const row = Math.floor((y - place.top) / place.cell);
    const column = Math.floor((x - place.left) / place.cell);
    const count = content.classes.length;
    return row >= 0 && column >= 0 && row < count && column < count ? [row, column] : null;
  }

  draw() {
    const { content, palette, text } = this;
    if (!content || !this.left.clientWidth) return;
    const { classes, counts } = content;
    const count = classes.length;
    const { theme } = palette;
    const whole = this.left.clientWidth;
    const named = count <= 30;
    const margin = named ? Math.min(110, Math.max(50, whole * 0.24)) : 22;
    const cell = Math.max(CELL.least, Math.min(CELL.most, Math.floor((whole - margin - 4) / count)));
    const place = (this.place = { left: margin, top: named ? 74 : 22, cell });
    const g = prepare(this.canvas, margin + cell * count + (named ? 40 : 4), place.top + cell * count + 4);
    const table = palette.table("magnitude");
    for (let row = 0; row < count; row++) {
      let sum = 0;
      for (let column = 0; column < count; column++) sum += counts[row * count + column];
      if (named) write(g, classes[row], place.left - 8, place.top + row * cell + cell / 2 + 4, theme, { size: 11.5, tone: "muted", align: "right", width: margin - 12 });
      for (let column = 0; column < count; column++) {
        const value = counts[row * count + column];
        const share = sum ? value / sum : 0;
        const packed = table[1 + Math.round(254 * Math.sqrt(share))];
        const [r, green, b] = [packed & 255, (packed >> 8) & 255, (packed >> 16) & 255];
        const [x, y] = [place.left + column * cell, place.top + row * cell];
        g.fillStyle = value ? `rgb(${r},${green},${b})` : theme.soft;
        g.fillRect(x, y, cell - 1, cell - 1);
        if (value && cell >= 20) {
          const bright = 0.299 * r + 0.587 * green + 0.114 * b > 140;
          g.fillStyle = bright ? "#14181f" : "#ffffff";
          g.font = `${row === column ? 650 : 400} ${cell > 30 ? 12 : 10}px ${theme.font}`;
          g.textAlign = "center";
          g.fillText(String(value), x + cell / 2 - 0.5, y + cell / 2 + 4);
        }
      }
    }
    if (named)
      classes.forEach((name, column) => {
        g.save();
        g.translate(place.left + column * cell + cell / 2 + 3, place.top - 7);
        g.rotate(-Math.PI / 4);
        write(g, name, 0, 0, theme, { size: 11.5, tone: "muted", width: 92 });
        g.restore();
      });
    else {
      write(g, text("true class ↓, said class →"), place.left, 14, theme, { size: 11.5, tone: "muted" });
    }
    for (const [cell_, colour, line] of [[this.at, theme.muted, 1.5], [this.chosen, theme.accent, 2.5]]) {
      if (!cell_) continue;
      g.strokeStyle = /** @type {string} */ (colour);
      g.lineWidth = /** @type {number} */ (line);
      g.strokeRect(place.left + cell_[1] * cell - 0.5, place.top + cell_[0] * cell - 0.5, cell, cell);
    }
    const shown = this.at ?? this.chosen;
    this.said.textContent = shown ? this.#words(shown) : text("Rows are true classes, columns what the network said. A cell chooses among the mistakes.");
    this.canvas.setAttribute("aria-label", shown ? this.#words(shown) : content.label);
  }

  #words([row, column]) {
    const { classes, counts } = this.content;
    const count = classes.length;
    const own = counts.subarray(row * count, (row + 1) * count);
    const sum = own.reduce((total, value) => total + value, 0);
    const share = sum ? Math.round((100 * own[column]) / sum) : 0;
    const values = { truth: classes[row], said: classes[column], count: own[column], share };
    return row === column
      ? this.text("{truth}: {count} right, {share}% of its images", values)
      : this.text("{truth} taken for {said}: {count} times, {share}% of its images", values);
  }

  #fill() {
    const { content, text, chosen } = this;
    const all = content.mistakes;
    const kept = chosen && chosen[0] !== chosen[1] ? all.filter((one) => one.truth === chosen[0] && one.said === chosen[1]) : all;
    this.heading.textContent = all.length
      ? text("The worst mistakes: choose one to see why")
      : text("No mistakes among the validation images, or there are none.");
    this.wall.replaceChildren(...kept.map((one) => this.#tile(one)));
    if (all.length && !kept.length) this.wall.append(element("p", "cm-none", text("None of the worst mistakes is of this kind.")));
  }

  #tile(one) {
    const { content, text } = this;
    const { classes, side, chosen } = content;
    const tile = element("button", "cm-tile");
    const picture = photoCanvas({ width: side, height: side, pixels: one.pixels });
    const said = text("{said} {share}%", { said: classes[one.said], share: Math.round(100 * one.sure) });
    tile.append(picture, element("b", "", said), element("span", "", text("is {truth}", { truth: classes[one.truth] })));
    tile.setAttribute("aria-pressed", String(one.image === chosen));
    tile.addEventListener("click", () => this.send({ image: one.image }));
    return tile;
  }
}

export default mount(".confusion-root", View, (view, { setStateValue }) => {
  view.send = (ask) => setStateValue("ask", ask);
});
