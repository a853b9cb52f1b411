// All filters on one canvas: pictures where a filter is one, else a row of kernels for each filter and a column for each
// input channel. What is out of sight is not drawn, and of a large layer not even fetched.

import { format } from "../shared/colours.js";
import { Scrolled } from "../shared/scrolled.js";
import { cellAt, frame, prepare, write } from "../shared/sketch.js";

const GAP = 8;
const LABEL = 15;
/** Above the columns, and beside the rows. */
const HEAD = 20;
const SIDE = 46;
/** Cells at least so wide hold their number. */
const ROOMY = 36;

export class Grid extends Scrolled {
  /** @param {HTMLElement} host @param {any} view the whole wall (view.js) */
  constructor(host, view) {
    super(host, view, 12); // of a weight, or of a whole picture
    this.scroller.classList.add("kw-scroll");
    this.canvas.classList.add("kw-canvas");
  }

  /** The smallest, the largest and a suitable size for the layer. @returns {[number, number, number]} */
  sizesFor() {
    const { filters } = this.view;
    const [W, H] = [this.scroller.clientWidth || 600, this.scroller.clientHeight || 400];
    const between = (/** @type {number} */ low, /** @type {number} */ v, /** @type {number} */ high) => Math.max(low, Math.min(high, Math.floor(v)));
    if (filters.tiles) {
      const each = Math.sqrt((W * H) / filters.count) - GAP - LABEL / 2;
      return [20, 200, between(36, each, 120)];
    }
    const gaps = filters.area > 1 ? 3 * filters.inputs : 0;
    const fitting = Math.min((W - SIDE - 12 - gaps) / (filters.inputs * filters.kw), (2 * (H - HEAD)) / (filters.count * filters.kh));
    return [filters.area > 1 ? 3 : 1, 60, between(filters.area > 1 ? 6 : 2, fitting, 40)];
  }

  open() {
    this.hovered = null;
    this.size = this.sizesFor()[2];
    this.scroller.scrollTop = this.scroller.scrollLeft = 0;
  }

  #layout() {
    const { filters } = this.view;
    const [W, H] = [this.scroller.clientWidth, this.scroller.clientHeight];
    if (filters.tiles) {
      const columns = Math.max(1, Math.floor((W - 8) / (this.size + GAP)));
      const tall = Math.round((this.size * filters.kh) / filters.kw) + GAP + LABEL;
      const rows = Math.ceil(this.order.length / columns);
      return { W, H, columns, rows, wide: (W - 8) / columns, tall, width: W, height: rows * tall + 12, gap: 0 };
    }
    const gap = filters.area > 1 ? (this.size < 8 ? 1 : 3) : 0;
    // A matrix of few rows has them taller than wide.
    const room = filters.area > 1 ? 0 : Math.min(28, Math.floor((H - HEAD - 8) / this.order.length));
    const [wide, tall] = [filters.kw * this.size + gap, Math.max(filters.kh * this.size, room) + gap];
    return { W, H, columns: filters.inputs, rows: this.order.length, wide, tall, width: SIDE + filters.inputs * wide + 8, height: HEAD + this.order.length * tall + 8, gap };
  }

  draw() {
    const { filters, store } = this.view;
    if (!filters || !this.scroller.clientWidth) return;
    const l = (this.l = this.#layout());
    this.space.style.width = `${Math.max(l.width, l.W)}px`;
    this.space.style.height = `${Math.max(l.height, l.H)}px`;
    const g = prepare(this.canvas, l.W, l.H);
    if (filters.tiles) this.#drawTiles(g, l);
    else this.#drawRows(g, l);
    this.name(store.text("{count} filters of {node}", { count: filters.count, node: filters.message.name }));
  }

  /** @param {CanvasRenderingContext2D} g @param {any} l */
  #drawTiles(g, l) {
    const { view } = this;
    const { filters, palette, mode } = view;
    const scroll = this.scroller.scrollTop;
    const from = Math.max(0, Math.floor(scroll / l.tall)) * l.columns;
    const to = Math.min(this.order.length, Math.ceil((scroll + l.H) / l.tall) * l.columns);
    const by = filters.measure(view.sort, view.filter);
    for (let place = from; place < to; place++) {
      const filter = this.order[place];
      const picture = filters.message.form === "rgb" ? filters.colours(palette, filter, mode) : filters.strip(palette, filter, mode);
      this.drawOne(g, picture, this.#tile(l, place), {
        number: filter,
        chosen: filter === view.filter,
        hovered: this.hovered?.filter === filter,
        room: this.size >= 26,
        amount: () => (by ? format(by[filter], 3) : ""),
      });
    }
  }

  /** @param {any} l @param {number} place */
  #tile(l, place) {
    const { filters } = this.view;
    const x = Math.round((place % l.columns) * l.wide + 4);
    const y = Math.round(Math.floor(place / l.columns) * l.tall - this.scroller.scrollTop + 4);
    return { x, y, w: this.size, h: Math.round((this.size * filters.kh) / filters.kw) };
  }

  /** @param {CanvasRenderingContext2D} g @param {any} l */
  #drawRows(g, l) {
    const { view } = this;
    const { filters, palette, mode } = view;
    const { theme } = palette;
    const [left, top] = [this.scroller.scrollLeft, this.scroller.scrollTop];
    const [r0, r1] = [Math.max(0, Math.floor(top / l.tall)), Math.min(l.rows, Math.ceil((top + l.H - HEAD) / l.tall))];
    const [c0, c1] = [Math.max(0, Math.floor(left / l.wide)), Math.min(l.columns, Math.ceil((left + l.W - SIDE) / l.wide))];
    const { kw, kh } = filters;
    const [w, h] = [kw * this.size, l.tall - l.gap];
    /** @type {number[]} */
    const missing = [];
    g.save();
    g.beginPath();
    g.rect(SIDE, HEAD, l.W - SIDE, l.H - HEAD);
    g.clip();
    g.imageSmoothingEnabled = false;
    for (let r = r0; r < r1; r++) {
      const filter = this.order[r];
      const y = HEAD + r * l.tall - top;
      const strip = filters.strip(palette, filter, mode);
      if (!strip) {
        missing.push(filter);
        g.fillStyle = theme.soft;
        g.fillRect(SIDE, y, (c1 - c0) * l.wide, Math.max(1, l.tall - 1));
        continue;
      }
      if (l.gap) for (let c = c0; c < c1; c++) g.drawImage(strip, c * kw, 0, kw, kh, SIDE + c * l.wide - left, y, w, h);
      else g.drawImage(strip, c0, 0, c1 - c0, 1, SIDE + c0 * l.wide - left, y, (c1 - c0) * l.wide, l.tall);
      if (this.size >= ROOMY) this.#writeNumbers(g, l, filter, y, c0, c1);
    }
    const row = this.order.indexOf(view.filter);
    const band = (/** @type {number} */ at, /** @type {string} */ colour, /** @type {number} */ width) => at >= 0 && frame(g, { x: SIDE - left + 0.5, y: HEAD + at * l.tall - top + 0.5, w: l.columns * l.wide - l.gap - 1, h: Math.max(2, h - 1) }, colour, width);
    band(row, theme.accent, 2);
    if (this.hovered) {
      const column = Math.floor(this.hovered.at / filters.area);
      frame(g, { x: SIDE + column * l.wide - left, y: HEAD + this.order.indexOf(this.hovered.filter) * l.tall - top, w, h }, theme.text, 1.5);
    }
    g.restore();
    this.#drawLabels(g, l, r0, r1, c0, c1);
    view.fetch(missing);
  }

  /** @param {CanvasRenderingContext2D} g @param {any} l @param {number} filter @param {number} y @param {number} c0 @param {number} c1 */
  #writeNumbers(g, l, filter, y, c0, c1) {
    const { filters, palette, mode } = this.view;
    const peak = filters.peak(filter, mode);
    for (let c = c0; c < c1; c++) {
      for (let i = 0; i < filters.area; i++) {
        const found = filters.read(filter, c * filters.area + i);
        if (!found) continue;
        const x = SIDE + c * l.wide - this.scroller.scrollLeft + ((i % filters.kw) + 0.5) * this.size;
        const down = y + ((Math.floor(i / filters.kw) + 0.5) * (l.tall - l.gap)) / filters.kh + 4;
        write(g, filters.cell(found.value), x, down, palette.theme, { size: Math.min(12, this.size / 4), tone: palette.ink(found.value, peak, "weights"), align: "center", width: this.size - 2 });
      }
    }
  }

  /** @param {CanvasRenderingContext2D} g @param {any} l @param {number} r0 @param {number} r1 @param {number} c0 @param {number} c1 */
  #drawLabels(g, l, r0, r1, c0, c1) {
    const { view } = this;
    const { theme } = view.palette;
    const every = (/** @type {number} */ room, /** @type {number} */ least) => [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000].find((n) => n * room >= least) ?? 10000;
    const column = this.hovered && Math.floor(this.hovered.at / view.filters.area);
    const [down, across] = [every(l.tall, 13), every(l.wide, 30)];
    for (let r = r0; r < r1; r++) {
      const filter = this.order[r];
      const special = filter === view.filter || filter === this.hovered?.filter;
      if (r % down && !special) continue;
      const y = HEAD + r * l.tall - this.scroller.scrollTop + Math.min(l.tall / 2, 40) + 4;
      if (special) {
        g.fillStyle = theme.back;
        g.fillRect(0, y - 10, SIDE - 2, 13);
      }
      if (y > HEAD + 4) write(g, String(filter), SIDE - 6, y, theme, { size: 10, align: "right", tone: special ? "text" : "muted", weight: filter === view.filter ? 650 : 400 });
    }
    const named = [...Array(Math.max(0, c1 - c0)).keys()].map((i) => c0 + i).filter((c) => c % across === 0 && c !== column);
    for (const c of column === null ? named : [...named, column]) {
      const x = SIDE + c * l.wide - this.scroller.scrollLeft + Math.min(l.wide / 2, 40);
      if (c === column) {
        g.fillStyle = theme.back;
        g.fillRect(x - 14, 1, 28, 16);
      }
      if (x > SIDE - 4) write(g, String(c), x, 13, theme, { size: 10, align: "center", tone: c === column ? "text" : "muted", weight: c === column ? 650 : 400 });
    }
  }

  /** @param {number} px @param {number} py @returns {{filter: number, at: number}|null} */
  find(px, py) {
    const { l } = this;
    const { filters } = this.view;
    if (!l || !filters) return null;
    if (filters.tiles) {
      const place = Math.floor((py + this.scroller.scrollTop) / l.tall) * l.columns + Math.min(l.columns - 1, Math.floor(px / l.wide));
      if (place < 0 || place >= this.order.length) return null;
      const cell = cellAt(this.#tile(l, place), { width: filters.kw, height: filters.kh }, px, py, GAP / 2);
      return cell && { filter: this.order[place], at: cell.y * filters.kw + cell.x };
    }
    const [x, y] = [px - SIDE + this.scroller.scrollLeft, py - HEAD + this.scroller.scrollTop];
    const [column, row] = [Math.floor(x / l.wide), Math.floor(y / l.tall)];
    if (px < SIDE || py < HEAD || column < 0 || row < 0 || column >= l.columns || row >= l.rows) return null;
    const within = (/** @type {number} */ v, /** @type {number} */ n) => Math.min(n - 1, Math.floor(v / this.size));
    return { filter: this.order[row], at: column * filters.area + within(y - row * l.tall, filters.kh) * filters.kw + within(x - column * l.wide, filters.kw) };
  }

  /** @param {{filter: number}} found */
  take({ filter }) {
    this.view.choose(filter);
  }

  /** @param {{filter: number, at: number}} found */
  markOf({ filter, at }) {
    return `${filter}/${Math.floor(at / (this.view.filters?.area ?? 1))}`;
  }

  /** Scroll so that a filter is in sight. @param {number} filter */
  reveal(filter) {
    const { l } = this;
    const place = this.order.indexOf(filter);
    if (!l || place < 0) return;
    const top = (this.view.filters.tiles ? Math.floor(place / l.columns) : place) * l.tall;
    this.bring(top, l.tall, l.H - (this.view.filters.tiles ? 0 : HEAD));
  }

  /** The filter that an arrow key leads to, or null. @param {string} key @returns {number|null} */
  step(key) {
    const { l } = this;
    if (!l) return null;
    const down = this.view.filters.tiles ? l.columns : 1;
    const page = down * Math.max(1, Math.floor(l.H / l.tall) - 1);
    return this.follow(key, this.view.filter, { across: 1, down, page });
  }
}
