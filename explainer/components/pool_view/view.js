// Pooling before and after the picture is moved: windows and winners under the pointer, cells to paint.

import { element } from "../shared/dom.js";
import { Palette } from "../shared/palette.js";
import { Postponed } from "../shared/postponed.js";
import { words } from "../shared/words.js";
import { Pane } from "./pane.js";
import { pooled, readersOf, shifted, windowOf } from "./pool.js";
import { said } from "./said.js";
import { Tools } from "./tools.js";

const REST = 140;
const STEPS = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };
const SAME = 1e-6;

export class View {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    /** @type {(ask: object) => void} */
    this.send = () => {};
    this.serial = 0;
    this.telling = new Postponed(root, () => {
      this.send(this.wanted);
      this.wanted = {};
    });
    this.marked = true;
    this.brush = 9;
    /** The cell pointed at. @type {{pane: string, row: number, column: number}|null} */
    this.at = null;
    this.frame = element("div", "pool plain");
    this.tools = new Tools(this);
    this.stage = element("div", "pool-stage");
    this.said = element("p", "pool-said");
    this.live = element("div", "plain-unseen");
    this.live.setAttribute("aria-live", "polite");
    /** @type {Record<string, Pane>} */
    this.panes = {};
    this.titles = ["before", "after"].map((side) => {
      const box = element("section", "pool-side");
      const title = element("h4");
      const pair = element("div", "pool-pair");
      for (const kind of ["in", "out"]) {
        const name = `${kind}-${side}`;
        const pane = new Pane(name, (event, cell, down) => this.#point(name, event, cell, down));
        pane.canvas.addEventListener("keydown", (event) => this.#key(name, event));
        pane.canvas.addEventListener("focus", () => pane.canvas.matches(":focus-visible") && this.#mark(this.#start(name), true));
        this.panes[name] = pane;
        pair.append(pane.root);
      }
      box.append(title, pair);
      this.stage.append(box);
      return title;
    });
    this.frame.append(this.tools.root, this.stage, this.said, this.live);
    root.replaceChildren(this.frame);
    this.palette = new Palette(this.frame);
    this.observer = new ResizeObserver(() => this.#layout());
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
    const late = frame.serial < this.serial; // the reader has painted or moved on meanwhile
    const other = frame.identity !== this.identity;
    this.layer = frame.layer;
    this.scale = frame.scale;
    this.paints = frame.paints;
    this.root.dataset.paints = String(frame.paints);
    if (!late || other) {
      this.telling.drop();
      this.shift = frame.shift;
      this.input = { values: frame.values, height: frame.height, width: frame.width };
      this.#compute();
      this.maps["out-before"].values = frame.before;
      this.maps["out-after"].values = frame.after;
    } else this.#compute();
    if (other || (this.at && !this.#inside(this.at))) this.at = null;
    this.identity = frame.identity;
    this.tools.receive();
    this.#layout();
  }

  /** Everything that follows from input, layer and shift. */
  #compute() {
    const moved = shifted(this.input, this.shift[0], this.shift[1]);
    this.maps = { "in-before": this.input, "in-after": moved, "out-before": pooled(this.layer, this.input), "out-after": pooled(this.layer, moved) };
  }

  /** The reader has painted or moved: show it now, tell the server soon. @param {object} what */
  changed(what) {
    this.serial = Date.now();
    this.wanted = { ...this.wanted, ...what, serial: this.serial, identity: this.identity };
    this.#compute();
    this.tools.receive();
    this.draw();
    this.telling.after(REST);
  }

  /** @param {[number, number]} shift */
  move(shift) {
    const most = this.layer.longest;
    this.shift = shift.map((one) => Math.max(-most, Math.min(most, one)));
    this.changed({ shift: this.shift });
    this.live.textContent = this.shiftText();
  }

  shiftText() {
    const [down, right] = this.shift;
    const { text } = this;
    const parts = [];
    if (right) parts.push(right > 0 ? text("{count} px right", { count: right }) : text("{count} px left", { count: -right }));
    if (down) parts.push(down > 0 ? text("{count} px down", { count: down }) : text("{count} px up", { count: -down }));
    return parts.join(text(", ")) || text("not moved");
  }

  #paint(row, column) {
    const i = row * this.input.width + column;
    if (!this.paints || this.input.values[i] === this.brush) return;
    this.input.values = this.input.values.slice();
    this.input.values[i] = this.brush;
    this.changed({ cells: [...this.input.values] });
  }

  #point(name, event, cell, down) {
    if (!this.maps) return;
    if (down && this.paints && name === "in-before" && cell) {
      event.preventDefault();
      this.at = { pane: name, ...cell };
      this.#paint(cell.row, cell.column);
    }
    this.#mark(cell && { pane: name, ...cell }, false);
  }

  /** Where the keys begin on a map. */
  #start(name) {
    if (this.at?.pane === name) return this.at;
    const map = this.maps[name];
    return { pane: name, row: map.height >> 1, column: map.width >> 1 };
  }

  #inside({ pane, row, column }) {
    const map = this.maps[pane];
    return row < map.height && column < map.width;
  }

  #key(name, event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const from = this.#start(name);
    const step = STEPS[event.key];
    if (event.key === "Escape") this.#mark(null, false);
    else if (step && event.shiftKey) this.move([this.shift[0] + step[0], this.shift[1] + step[1]]);
    else if (step) {
      const map = this.maps[name];
      const inside = (v, n) => Math.max(0, Math.min(n - 1, v));
      this.#mark({ pane: name, row: inside(from.row + step[0], map.height), column: inside(from.column + step[1], map.width) }, true);
    } else if (/^[0-9]$/.test(event.key) && this.paints && name === "in-before") {
      this.brush = Number(event.key);
      this.#paint(from.row, from.column);
      this.#mark(from, true);
      this.tools.receive();
    } else return;
    event.preventDefault();
  }

  #mark(at, aloud) {
    this.at = at;
    this.draw();
    if (aloud && at) this.live.textContent = this.said.textContent;
  }

  #layout() {
    const width = this.root.clientWidth;
    if (!this.maps || !width) return;
    const columns = width > 860 ? 4 : 2;
    const gaps = width > 860 ? 44 + 2 * 22 : width > 460 ? 22 : 12;
    const room = Math.floor((width - gaps) / columns) - 4;
    for (const [name, pane] of Object.entries(this.panes)) {
      const map = this.maps[name];
      pane.pad = name.startsWith("in") ? this.#padding() : { top: 0, left: 0, bottom: 0, right: 0 };
      // An output is drawn as large as its input: its cells lie where their windows do.
      pane.place(room, Math.min(460, Math.max(220, room)), map.height, map.width, name.startsWith("in") ? 44 : 120);
    }
    this.draw();
  }

  /** How many cells of padding, and of what ceil_mode adds, lie around the input. */
  #padding() {
    const beyond = (pairs, size) => {
      const last = pairs[pairs.length - 1];
      return [Math.max(0, -pairs[0]), Math.max(0, Math.max(...pairs) - size, last - size)];
    };
    const [top, bottom] = beyond(this.layer.rows, this.input.height);
    const [left, right] = beyond(this.layer.columns, this.input.width);
    return { top, bottom, left, right };
  }

  draw() {
    if (!this.maps) return;
    const { text } = this;
    this.titles[0].textContent = text("As it is");
    this.titles[1].textContent = text("Moved: {shift}", { shift: this.shiftText() });
    for (const [name, pane] of Object.entries(this.panes)) {
      const map = this.maps[name];
      const input = name.startsWith("in");
      pane.label.textContent = input ? text("Input") : text("Output");
      pane.shape.textContent = `${map.height} × ${map.width}`;
      pane.canvas.setAttribute("aria-label", this.#describe(name, input, map));
      pane.draw(map, this.palette, this.scale, { marks: this.#marks(name), changed: this.#changes(name) });
    }
    this.said.replaceChildren(...said(this));
  }

  #describe(name, input, map) {
    const { text } = this;
    const side = name.endsWith("before") ? this.titles[0] : this.titles[1];
    const keys = this.paints && name === "in-before" ? text("Arrow keys move, digits write, Shift and an arrow key move the picture.") : text("Arrow keys move, Shift and an arrow key move the picture.");
    return `${side.textContent}: ${input ? text("Input") : text("Output")}, ${map.height} × ${map.width}. ${keys}`;
  }

  #marks(name) {
    if (!this.at) return [];
    const { pane, row, column } = this.at;
    const side = name.split("-")[1];
    const here = this.maps[name];
    if (pane.startsWith("out")) {
      if (name.startsWith("out")) return [{ box: [row, column, row, column], strong: name === pane }];
      const found = windowOf(this.layer, here, row, column);
      const marks = [{ box: [found.top, found.left, found.bottom - 1, found.right - 1], strong: false }];
      const best = found.cells[found.winner];
      if (this.layer.max && best) marks.push({ box: [best.y, best.x, best.y, best.x], strong: true });
      return marks;
    }
    if (name.startsWith("in")) return pane === name ? [{ box: [row, column, row, column], strong: true }] : [];
    if (!pane.endsWith(side)) return [];
    const readers = readersOf(this.layer, row, column);
    if (!readers) return [];
    const [rows, columns] = [readers.rows, readers.columns];
    return [{ box: [rows[0], columns[0], rows[rows.length - 1], columns[columns.length - 1]], strong: false }];
  }

  /** How strongly each cell of a moved map differs from the map before, as a share of all values' range. */
  #changes(name) {
    if (!this.marked || !name.endsWith("after")) return null;
    const [before, after] = [this.maps[name.replace("after", "before")], this.maps[name]];
    const range = this.scale.high - this.scale.low || 1;
    return after.values.map((value, i) => {
      const share = Math.abs(value - before.values[i]) / range;
      return share > SAME ? share : 0;
    });
  }
}
