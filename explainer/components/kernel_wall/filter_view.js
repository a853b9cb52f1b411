// One filter: its figures, each of its kernels with the numbers in the cells, and the filters that are most like it.

import { format } from "../shared/colours.js";
import { element } from "../shared/dom.js";
import { cellAt, drawMap, frame, prepare, write } from "../shared/sketch.js";

const ROOMY = 30;
const GAP = 14;
const LABEL = 17;
const BARS = 170;
const LIKES = 8;

export class FilterView {
  /** @param {HTMLElement} host @param {any} view the whole wall (view.js) */
  constructor(host, view) {
    this.view = view;
    this.head = element("h3", "wall-title");
    this.lines = element("dl", "kw-lines");
    this.readout = element("output", "kw-read");
    this.scroller = element("div", "kw-slices");
    this.scroller.tabIndex = 0;
    this.space = element("div");
    this.canvas = element("canvas");
    this.canvas.setAttribute("role", "img");
    this.space.append(this.canvas);
    this.scroller.append(this.space);
    this.strongest = element("p", "wall-note");
    this.likesHead = element("h4", "kw-heading");
    this.likes = element("div", "kw-likes");
    host.append(this.head, this.lines, this.readout, this.scroller, this.strongest, this.likesHead, this.likes);
    /** @type {number|null} place within the filter */
    this.hovered = null;
    this.scroller.addEventListener("scroll", () => this.#drawSlices(), { passive: true });
    this.canvas.addEventListener("pointermove", (event) => this.#point(this.#find(event)));
    this.canvas.addEventListener("pointerleave", () => this.#point(null));
    this.sizes = new ResizeObserver(() => this.#drawSlices());
    this.sizes.observe(host);
  }

  draw() {
    const { filters, filter, store } = this.view;
    if (!filters) return;
    this.head.textContent = this.view.title(filter);
    this.#drawLines();
    this.#drawSlices();
    this.#drawLikes();
    this.canvas.setAttribute("aria-label", store.text("Kernels of filter {number}", { number: filter }));
    this.scroller.setAttribute("aria-label", store.text("Kernels of filter {number}", { number: filter }));
  }

  #drawLines() {
    const { filters, filter, store } = this.view;
    const m = filters.message;
    /** @type {[string, string, string?][]} */
    const rows = [
      [store.text("length"), format(m.l2[filter], 4), store.text("L2 norm: root of the sum of squares")],
      [store.text("sum of |w|"), format(m.l1[filter], 4), store.text("L1 norm")],
    ];
    if (m.bias) rows.push([store.text("bias"), format(m.bias[filter], 4)]);
    if (m.evenness) rows.push([store.text("even part"), `${Math.round(m.evenness[filter] * 100)} %`, store.text("Share of the energy that half a turn leaves as it is: a blur has 100 %, an edge detector 0 %.")]);
    if (m.groups > 1 && m.form !== "depthwise") rows.push([store.text("reads channels"), `${filters.first(filter)}–${filters.first(filter) + filters.inputs - 1}`]);
    this.lines.replaceChildren(
      ...rows.flatMap(([name, value, hint]) => {
        const [dt, dd] = [element("dt", "", name), element("dd", "", value)];
        if (hint) dt.title = hint;
        return [dt, dd];
      }),
    );
  }

  #layout() {
    const { filters } = this.view;
    const W = this.scroller.clientWidth - 2;
    if (filters.area === 1) return { W, bars: true, total: BARS };
    const most = filters.tiles && filters.inputs === 1 ? 300 : filters.message.form === "rgb" ? Math.min(filters.kw > 5 ? 260 : 164, (W - GAP) / 2) : Math.min(W, filters.kw * 38);
    const w = Math.max(24, Math.min(W - 2, most));
    const h = Math.round((w * filters.kh) / filters.kw);
    const colour = filters.message.form === "rgb" ? 1 : 0;
    const columns = Math.max(1, Math.floor((W + GAP) / (w + GAP)));
    const count = filters.inputs + colour;
    return { W, w, h, colour, columns, count, tall: h + LABEL + 8, total: Math.ceil(count / columns) * (h + LABEL + 8) };
  }

  #drawSlices() {
    const { filters, palette, store } = this.view;
    if (!filters || !this.scroller.clientWidth) return;
    const l = (this.l = this.#layout());
    const H = Math.min(l.total, 380);
    this.space.style.height = `${l.total}px`;
    const g = prepare(this.canvas, l.W, H);
    this.strongest.replaceChildren();
    if (!filters.arrived(this.view.filter)) return write(g, store.text("on its way …"), 4, 20, palette.theme, { tone: "muted" });
    if (l.bars) return this.#drawBars(g, l);
    const scroll = this.scroller.scrollTop;
    const from = Math.floor(scroll / l.tall) * l.columns;
    const to = Math.min(l.count, Math.ceil((scroll + H) / l.tall) * l.columns);
    for (let place = from; place < to; place++) this.#drawSlice(g, l, place);
  }

  /** @param {any} l @param {number} place */
  #box(l, place) {
    const [column, row] = [place % l.columns, Math.floor(place / l.columns)];
    return { x: 1 + column * (l.w + GAP), y: row * l.tall - this.scroller.scrollTop + LABEL, w: l.w, h: l.h };
  }

  /** @param {CanvasRenderingContext2D} g @param {any} l @param {number} place */
  #drawSlice(g, l, place) {
    const { filters, filter, palette, mode, store } = this.view;
    const { theme } = palette;
    const box = this.#box(l, place);
    const input = place - l.colour;
    const [kw, kh] = [filters.kw, filters.kh];
    const colours = [store.text("red"), store.text("green"), store.text("blue")];
    const name = input < 0 ? store.text("in colour, grey is 0") : l.colour ? colours[input] : store.text("input {number}", { number: filters.first(filter) + input });
    write(g, name, box.x, box.y - 5, theme, { size: 11, tone: "muted", width: box.w });
    if (input < 0) return drawMap(g, filters.colours(palette, filter, mode), box, theme);
    const strip = filters.strip(palette, filter, mode);
    g.imageSmoothingEnabled = false;
    if (strip) g.drawImage(strip, input * kw, 0, kw, kh, box.x, box.y, box.w, box.h);
    frame(g, box, theme.line);
    const [w, h] = [box.w / kw, box.h / kh];
    const peak = filters.peak(filter, mode);
    for (let i = 0; i < filters.area; i++) {
      const found = filters.read(filter, input * filters.area + i);
      if (!found) break;
      const [x, y] = [box.x + (i % kw) * w, box.y + Math.floor(i / kw) * h];
      if (w >= ROOMY) write(g, w > 60 && found.exact ? format(found.value, 4) : filters.cell(found.value), x + w / 2, y + h / 2 + 4, theme, { size: Math.min(12, w / 3.7), tone: palette.ink(found.value, peak, "weights"), align: "center", width: w - 2 });
      if (this.hovered === input * filters.area + i) frame(g, { x: x + 1, y: y + 1, w: w - 2, h: h - 2 }, theme.text, 1.5);
    }
  }

  /** A filter of single weights: a bar for each input. @param {CanvasRenderingContext2D} g @param {any} l */
  #drawBars(g, l) {
    const { filters, filter, palette, store } = this.view;
    const { theme } = palette;
    const peak = filters.message.peaks[filter] || 1;
    const zero = BARS / 2;
    const each = l.W / filters.inputs;
    for (let i = 0; i < filters.inputs; i++) {
      const { value } = filters.read(filter, i);
      const tall = (value / peak) * (zero - 14);
      g.fillStyle = i === this.hovered ? theme.accent : palette.colour(value < 0 ? -0.62 : 0.62, 1, "weights");
      g.fillRect(i * each, Math.min(zero, zero - tall), Math.max(1, each - (each > 4 ? 1 : 0)), Math.max(0.75, Math.abs(tall)));
    }
    g.fillStyle = theme.line;
    g.fillRect(0, zero, l.W, 1);
    write(g, format(peak, 3), 0, 11, theme, { size: 10, tone: "muted" });
    write(g, format(-peak, 3), 0, BARS - 3, theme, { size: 10, tone: "muted" });
    write(g, store.text("input channel"), l.W, BARS - 3, theme, { size: 10, tone: "muted", align: "right" });
    const order = [...Array(filters.inputs).keys()].sort((a, b) => Math.abs(filters.read(filter, b).value) - Math.abs(filters.read(filter, a).value));
    const strongest = order.slice(0, 6).map((i) => `${filters.first(filter) + i}: ${format(filters.read(filter, i).value, 3)}`);
    this.strongest.textContent = store.text("Strongest inputs: {list}", { list: strongest.join(" · ") });
  }

  #drawLikes() {
    const { view } = this;
    const { filters, filter, store } = view;
    const nearest = this.#nearest();
    this.likesHead.textContent = store.text("Most similar filters (cosine)");
    this.likesHead.hidden = this.likes.hidden = !nearest.length;
    this.likes.replaceChildren(
      ...nearest.map(([other, cosine]) => {
        const button = element("button", "kw-like");
        button.title = view.title(other);
        const picture = this.#picture(other);
        if (picture) button.append(picture);
        button.append(element("b", "", String(other)), element("i", "", format(cosine, 2)));
        button.setAttribute("aria-label", store.text("Filter {number}, cosine {cosine}", { number: other, cosine: format(cosine, 3) }));
        button.addEventListener("click", () => view.choose(other));
        return button;
      }),
    );
    this.likes.dataset.filter = String(filter);
    if (filters.whole || filters.known.has(filter)) this.likes.dataset.ready = String(filter); // for tests
  }

  /** @returns {[number, number][]} */
  #nearest() {
    const { filters, filter } = this.view;
    const known = filters.known.get(filter);
    if (known) return known.nearest.slice(0, LIKES);
    const likeness = filters.likeness(filter);
    if (!likeness) return [];
    return [...likeness.keys()].filter((other) => other !== filter).sort((a, b) => likeness[b] - likeness[a]).slice(0, LIKES).map((other) => [other, likeness[other]]);
  }

  /** A neighbour in small: the colours, or the kernel on the input that the chosen filter listens to most. @param {number} other */
  #picture(other) {
    const { filters, filter, palette, mode } = this.view;
    if (filters.area === 1) return null;
    const canvas = element("canvas");
    const side = 34;
    Object.assign(canvas, { width: filters.kw, height: filters.kh });
    Object.assign(canvas.style, { width: `${side}px`, height: `${Math.round((side * filters.kh) / filters.kw)}px` });
    const g = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    const source = filters.message.form === "rgb" ? filters.colours(palette, other, mode) : filters.strip(palette, other, mode);
    if (!source) return null;
    g.drawImage(source, filters.message.form === "rgb" ? 0 : -this.#loudest(filter) * filters.kw, 0);
    return canvas;
  }

  /** The input on which a filter's kernel has most energy. @param {number} filter */
  #loudest(filter) {
    const { filters } = this.view;
    let [best, most] = [0, -1];
    for (let i = 0; i < filters.inputs; i++) {
      let energy = 0;
      for (let k = 0; k < filters.area; k++) energy += (filters.read(filter, i * filters.area + k)?.value ?? 0) ** 2;
      if (energy > most) [best, most] = [i, energy];
    }
    return best;
  }

  /** @param {MouseEvent} event @returns {number|null} */
  #find(event) {
    const { l } = this;
    const { filters } = this.view;
    if (!l || !filters) return null;
    const bounds = this.canvas.getBoundingClientRect();
    const [px, py] = [event.clientX - bounds.left, event.clientY - bounds.top];
    if (l.bars) return Math.max(0, Math.min(filters.inputs - 1, Math.floor((px / l.W) * filters.inputs)));
    const place = Math.floor((py + this.scroller.scrollTop) / l.tall) * l.columns + Math.floor(px / (l.w + GAP));
    const input = place - l.colour;
    if (input < 0 || input >= filters.inputs || Math.floor(px / (l.w + GAP)) >= l.columns) return null;
    const cell = cellAt(this.#box(l, place), { width: filters.kw, height: filters.kh }, px, py);
    return cell && input * filters.area + cell.y * filters.kw + cell.x;
  }

  /** @param {number|null} at */
  #point(at) {
    if (at === this.hovered) return;
    this.hovered = at;
    this.#drawSlices();
    this.view.tell(at === null ? null : { filter: this.view.filter, at });
  }

  destroy() {
    this.sizes.disconnect();
  }
}
