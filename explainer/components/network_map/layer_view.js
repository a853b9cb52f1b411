// One layer opened: all its channels, sorted as the reader likes, or its numbers as bars where it has no maps.

import { format } from "../shared/colours.js";
import { cellAt, drawMap, fit, colourBar, prepare, write } from "../shared/sketch.js";
import { className, short, signed } from "./numbers.js";
import { isPicture } from "./pictures.js";
import { element } from "../shared/dom.js";

const GAP = 6;
const LABEL = 15;
const BAR = 24;

/** @typedef {"channel"|"mean"|"high"|"contribution"} Sort */

export class LayerView {
  /**
   * @param {HTMLElement} host
   * @param {import("./store.js").Store} store
   * @param {import("./pictures.js").Pictures} pictures
   * @param {(text: string) => void} say
   */
  constructor(host, store, pictures, say) {
    this.store = store;
    this.pictures = pictures;
    this.say = say;
    this.selected = -1;
    this.hovered = null;
    this.root = element("div", "cs-layer");
    this.tools = element("div", "cs-tools");
    this.scroller = element("div", "cs-layer-scroll");
    this.space = element("div", "cs-layer-space");
    this.canvas = element("canvas", "cs-layer-canvas");
    this.canvas.setAttribute("role", "img");
    this.status = element("div", "cs-layer-status");
    this.space.append(this.canvas);
    this.scroller.append(this.space);
    this.root.append(this.tools, this.scroller, this.status);
    host.append(this.root);
    this.scroller.addEventListener("scroll", () => this.draw(), { passive: true });
    this.canvas.addEventListener("pointermove", (event) => this.#onMove(event));
    this.canvas.addEventListener("pointerleave", () => this.#point(null));
    this.canvas.addEventListener("click", (event) => {
      const found = this.#find(event);
      if (found) this.#open(found);
    });
    this.sizes = new ResizeObserver(() => this.draw());
    this.sizes.observe(this.scroller);
  }

  /** @param {any} node @param {number|null} [channel] from which the reader comes back */
  show(node, channel = null) {
    this.node = node;
    this.bars = node.height * node.width === 1;
    /** @type {Sort} */
    this.sort = this.bars ? "mean" : "channel";
    this.size = this.#suitableSize();
    this.selected = -1;
    this.#makeTools();
    if (!this.store.layer(node.index) && !this.store.tensors.has(node.index) && node.layout !== "other") this.store.request({ layer: node.index });
    this.#arrange();
    this.scroller.scrollTop = 0;
    this.draw();
    this.#tell(null);
    if (channel === null) return;
    this.selected = this.order.indexOf(channel);
    this.#reveal();
  }

  /** Scroll to the selected channel and draw it so. */
  #reveal() {
    const { l } = this;
    if (!l || this.selected < 0) return;
    const top = (this.bars ? this.selected % l.rows : Math.floor(this.selected / l.columns)) * l.tall;
    if (top < this.scroller.scrollTop) this.scroller.scrollTop = top;
    else if (top + l.tall > this.scroller.scrollTop + l.H) this.scroller.scrollTop = top + l.tall - l.H;
    this.draw();
    this.#tell({ channel: this.order[this.selected], y: 0, x: 0 });
  }

  /** The largest size at which all channels are in sight, within reason. */
  #suitableSize() {
    const { node } = this;
    const width = this.scroller.clientWidth - 8;
    const height = this.scroller.clientHeight - 14;
    const least = node.channels > 300 ? 48 : 60;
    for (let size = 200; size > least; size -= 4) {
      const across = Math.max(1, Math.floor(width / (size + GAP)));
      const tall = size * Math.min(1, node.height / node.width) + GAP + LABEL;
      if (Math.ceil(node.channels / across) * tall <= height) return size;
    }
    return least;
  }

  #makeTools() {
    const { store, node } = this;
    const sorts = /** @type {[Sort, string][]} */ (
      this.bars
        ? [["mean", store.text("by value")], ["channel", store.text("in channel order")], ["contribution", store.text("by contribution")]]
        : [["channel", store.text("in channel order")], ["mean", store.text("by mean")], ["high", store.text("by maximum")], ["contribution", store.text("by contribution")]]
    );
    const group = element("div", "cs-segments");
    group.setAttribute("role", "radiogroup");
    group.setAttribute("aria-label", store.text("Sort the channels"));
    this.choices = sorts.map(([value, text]) => {
      const button = element("button", "cs-segment", text);
      button.setAttribute("role", "radio");
      button.setAttribute("aria-checked", String(this.sort === value));
      button.addEventListener("click", () => this.setSort(value));
      group.append(button);
      return { value, button };
    });
    this.waiting = element("span", "cs-pending", store.text("working out the contributions …"));
    this.waiting.hidden = true;
    this.tools.replaceChildren(group, this.waiting);
    if (!this.bars) {
      const label = element("label", "cs-speed");
      const slider = element("input");
      slider.type = "range";
      slider.min = "28";
      slider.max = "220";
      slider.value = String(this.size);
      slider.setAttribute("aria-label", store.text("Size of the maps"));
      slider.addEventListener("input", () => {
        this.size = Number(slider.value);
        this.draw();
      });
      label.append(element("span", "", store.text("Size")), slider);
      this.tools.append(label);
    }
    this.histogram = element("canvas", "cs-histogram");
    this.legend = element("canvas", "cs-legend");
    const end = element("div", "cs-tools-end");
    if (!this.bars && node.channels >= 8) end.append(this.histogram);
    end.append(this.legend);
    this.tools.append(end);
  }

  /** @param {Sort} sort */
  setSort(sort) {
    this.sort = sort;
    for (const { value, button } of this.choices) button.setAttribute("aria-checked", String(value === sort));
    if (sort === "contribution" && !this.store.layer(this.node.index)?.contribution) this.store.request({ contribution: { node: this.node.index } });
    this.scroller.scrollTop = 0;
    this.#arrange();
    this.draw();
  }

  /** Figures of all channels, from the atlas or worked out from the tensor that is here. */
  #figures() {
    const { store, node } = this;
    const layer = store.layer(node.index);
    if (layer?.channels) return layer;
    const tensor = store.tensors.get(node.index);
    if (!tensor) return null;
    if (this.made?.tensor === tensor) return this.made;
    const plane = tensor.height * tensor.width;
    const [mean, high, low] = [0, 0, 0].map(() => new Float32Array(node.channels));
    for (let c = 0; c < node.channels; c++) {
      let [sum, top, bottom] = [0, -Infinity, Infinity];
      for (let i = c * plane; i < (c + 1) * plane; i++) {
        const v = tensor.data[i];
        sum += v;
        if (v > top) top = v;
        if (v < bottom) bottom = v;
      }
      mean[c] = sum / plane;
      high[c] = top;
      low[c] = bottom;
    }
    this.made = { tensor, mean, high, low, contribution: null, contribution_class: null };
    return this.made;
  }

  #arrange() {
    const natural = [...Array(this.node.channels).keys()];
    const chosen = this.order?.[this.selected];
    const figures = this.#figures();
    const by = this.sort === "channel" ? null : figures?.[this.sort];
    this.order = by ? natural.sort((a, b) => by[b] - by[a]) : natural;
    if (chosen !== undefined) this.selected = this.order.indexOf(chosen);
    this.waiting.hidden = !(this.sort === "contribution" && !by);
  }

  arrived() {
    this.#arrange();
    this.draw();
    if (this.selected >= 0 && !this.hovered) this.#tell({ channel: this.order[this.selected], y: 0, x: 0 });
  }

  repaint() {
    this.draw();
  }

  #layout() {
    const W = this.scroller.clientWidth;
    const H = this.scroller.clientHeight;
    const count = this.node.channels;
    if (this.bars) {
      const columns = Math.max(1, Math.min(4, Math.floor(W / 330), Math.ceil((count * BAR) / Math.max(H, 1))));
      const rows = Math.ceil(count / columns);
      return { W, H, columns, rows, wide: W / columns, tall: BAR, total: rows * BAR + 8 };
    }
    const wide = this.size + GAP;
    const label = this.size >= 40 ? LABEL : 0;
    const aspect = Math.min(1, this.node.height / this.node.width);
    const shape = Math.max(8, Math.round(this.size * (this.node.height > this.node.width ? 1 : aspect)));
    const columns = Math.max(1, Math.floor((W - 8) / wide));
    const tall = shape + GAP + label;
    const rows = Math.ceil(count / columns);
    return { W, H, columns, rows, wide: (W - 8) / columns, tall, label, shape, total: rows * tall + 12 };
  }

  draw() {
    const { node, pictures } = this;
    if (!node || !this.scroller.clientWidth) return;
    const l = (this.l = this.#layout());
    this.space.style.height = `${Math.max(l.total, l.H)}px`;
    const g = prepare(this.canvas, l.W, l.H);
    this.#drawLegend();
    if (node.layout === "other") {
      write(g, this.store.text("This output has no channels to draw."), 4, 24, pictures.theme, { tone: "muted" });
      return;
    }
    const scroll = this.scroller.scrollTop;
    const from = Math.max(0, Math.floor(scroll / l.tall));
    const to = Math.min(l.rows, Math.ceil((scroll + l.H) / l.tall));
    for (let row = from; row < to; row++) {
      for (let column = 0; column < l.columns; column++) {
        // Bars read downwards, maps across.
        const place = this.bars ? column * l.rows + row : row * l.columns + column;
        if (place >= node.channels) break;
        const x = column * l.wide;
        const y = row * l.tall - scroll;
        if (this.bars) this.#drawBar(g, l, this.order[place], x, y + 4, place === this.selected);
        else this.#drawCell(g, l, this.order[place], x, y, place);
      }
    }
    const label = this.store.text("{count} channels of {node}", { count: node.channels, node: node.name });
    this.canvas.setAttribute("aria-label", label);
    this.canvas.dataset.painted = this.#figures() ? node.name : ""; // for tests and benchmarks
  }

  /** @param {any} l @param {number} x @param {number} y */
  #box(l, x, y) {
    const size = Math.max(this.size, 8);
    const box = fit(x + 4, y + 2, size, this.node.width, this.node.height);
    return { ...box, y: Math.round(y + 2) };
  }

  /** @param {CanvasRenderingContext2D} g @param {any} l @param {number} channel @param {number} x @param {number} y @param {number} place */
  #drawCell(g, l, channel, x, y, place) {
    const { pictures, node } = this;
    const { theme } = pictures;
    const box = this.#box(l, x, y);
    const active = place === this.selected || this.hovered?.place === place;
    drawMap(g, pictures.ofChannel(node.index, channel)?.canvas ?? null, box, theme, active);
    if (active) {
      g.strokeStyle = theme.accent;
      g.lineWidth = 2;
      g.strokeRect(box.x - 2, box.y - 2, box.w + 4, box.h + 4);
    }
    if (!l.label) return;
    const figures = this.#figures();
    const number = this.sort === "channel" || !figures?.[this.sort] ? "" : short(figures[this.sort][channel]);
    write(g, String(channel), box.x, box.y + box.h + 12, theme, { size: 10, tone: active ? "text" : "muted" });
    if (number) write(g, number, box.x + box.w, box.y + box.h + 12, theme, { size: 10, tone: "faint", align: "right" });
  }

  /** @param {CanvasRenderingContext2D} g @param {any} l @param {number} channel @param {number} x @param {number} y @param {boolean} selected */
  #drawBar(g, l, channel, x, y, selected) {
    const { pictures, store, node } = this;
    const { theme } = pictures;
    const figures = this.#figures();
    const value = figures ? figures.mean[channel] : 0;
    const name = className(store, node, channel) ?? String(channel);
    const active = selected || this.hovered?.channel === channel;
    if (active) {
      g.fillStyle = theme.soft;
      g.fillRect(x, y - 1, l.wide - 14, BAR - 2);
    }
    const nameWidth = Math.min(130, l.wide * 0.36);
    const barX = x + nameWidth + 76;
    const barWidth = Math.max(20, Math.min(520, l.wide - nameWidth - 100));
    const low = Math.min(0, node.low);
    const high = Math.max(0, node.high);
    const zero = barX + (-low / (high - low || 1)) * barWidth;
    const length = (value / (high - low || 1)) * barWidth;
    write(g, name, x + 6, y + 15, theme, { size: 12, weight: active ? 650 : 400, width: nameWidth - 8 });
    if (figures) write(g, signed(value, Math.abs(node.peak) >= 100 ? 1 : 3), barX - 12, y + 15, theme, { size: 11.5, align: "right", tone: "muted" });
    g.fillStyle = value < 0 ? theme.down : theme.up;
    g.fillRect(Math.min(zero, zero + length), y + 5, Math.max(1, Math.abs(length)), 12);
    g.fillStyle = theme.line;
    g.fillRect(zero - 0.5, y, 1, BAR - 3);
  }

  #drawLegend() {
    const { pictures, node } = this;
    const peak = pictures.peakOf(node.index, this.order?.[0] ?? 0);
    const g = prepare(this.legend, this.bars ? 0 : 170, 30);
    if (!this.bars && !isPicture(this.store, node)) colourBar(g, pictures, { x: 4, y: 6, w: 162, h: 6 }, this.store.scaleMode === "channel" ? this.store.text("each its own") : short(peak));
    const figures = this.#figures();
    if (!this.histogram.isConnected) return;
    const h = prepare(this.histogram, 132, 30);
    if (!figures) return;
    const means = figures.mean;
    let [low, high] = [Infinity, -Infinity];
    for (const v of means) (low = Math.min(low, v)), (high = Math.max(high, v));
    const bins = new Array(33).fill(0);
    for (const v of means) bins[Math.min(32, Math.floor(((v - low) / (high - low || 1)) * 33))]++;
    const most = Math.max(...bins);
    h.fillStyle = pictures.theme.faint;
    bins.forEach((n, i) => h.fillRect(i * 4, 18 - (n / most) * 16, 3, Math.max(n ? 1 : 0, (n / most) * 16)));
    write(h, short(low), 0, 28, pictures.theme, { size: 9.5, tone: "muted" });
    write(h, this.store.text("means"), 66, 28, pictures.theme, { size: 9.5, tone: "faint", align: "center" });
    write(h, short(high), 131, 28, pictures.theme, { size: 9.5, tone: "muted", align: "right" });
  }

  /** @param {MouseEvent} event */
  #find(event) {
    const { l } = this;
    if (!l || !this.node) return null;
    const bounds = this.canvas.getBoundingClientRect();
    const px = event.clientX - bounds.left;
    const py = event.clientY - bounds.top + this.scroller.scrollTop;
    const column = Math.min(l.columns - 1, Math.floor(px / l.wide));
    const row = Math.floor(py / l.tall);
    const place = this.bars ? column * l.rows + row : row * l.columns + column;
    if (row < 0 || row >= l.rows || place >= this.node.channels) return null;
    const channel = this.order[place];
    if (this.bars) return { place, channel, y: 0, x: 0 };
    const cell = cellAt(this.#box(l, column * l.wide, row * l.tall), this.node, px, py, GAP / 2);
    return cell ? { place, channel, ...cell } : null;
  }

  /** @param {PointerEvent} event */
  #onMove(event) {
    this.#point(this.#find(event));
  }

  /** @param {any} found */
  #point(found) {
    const changed = found?.place !== this.hovered?.place;
    this.hovered = found;
    this.canvas.style.cursor = found ? "pointer" : "default";
    this.#tell(found);
    if (changed) this.draw();
  }

  /** Say in words what is under the pointer or chosen. @param {any} found */
  #tell(found) {
    const { store, node } = this;
    const figures = this.#figures();
    if (!found) {
      this.status.replaceChildren(element("span", "cs-hint", store.text("Point at a channel to read it. Click or Enter opens it; arrow keys move; Esc steps back.")));
      return;
    }
    const { channel, y, x } = found;
    const name = className(store, node, channel);
    const parts = [name ? `${channel} · ${name}` : store.text("channel {number}", { number: channel })];
    if (figures && !this.bars) {
      parts.push(store.text("mean {value}", { value: format(figures.mean[channel], 4) }));
      parts.push(store.text("from {low} to {high}", { low: format(figures.low[channel], 4), high: format(figures.high[channel], 4) }));
    }
    const tensor = store.tensors.get(node.index);
    const layer = store.layer(node.index);
    const place = this.bars ? "" : `(${y}, ${x}) `;
    if (this.bars && figures) parts.push(format(figures.mean[channel], 7));
    else if (tensor) parts.push(`${place}= ${format(tensor.data[(channel * node.height + y) * node.width + x], 6)}`);
    else if (layer?.pixels) {
      const row = Math.min(layer.height - 1, Math.floor(((y + 0.5) * layer.height) / node.height));
      const column = Math.min(layer.width - 1, Math.floor(((x + 0.5) * layer.width) / node.width));
      const q = layer.pixels[(channel * layer.height + row) * layer.width + column];
      parts.push(`${place}≈ ${format(((q - 128) / 127) * layer.scale[channel], 3)}`);
    }
    if (figures?.contribution) {
      const cls = store.overview.model.classes?.[figures.contribution_class] ?? figures.contribution_class;
      parts.push(store.text("contribution to {name} {value}", { name: cls, value: signed(figures.contribution[channel], 4) }));
    }
    this.status.replaceChildren(...parts.map((part, i) => element("span", i ? "" : "cs-status-name", part)));
  }

  /** @param {any} found */
  #open(found) {
    const { store, node } = this;
    store.go({ node: node.index, channel: found.channel });
  }

  /** @param {KeyboardEvent} event @returns {boolean} */
  key(event) {
    const { l } = this;
    if (!l) return false;
    const across = this.bars ? l.rows : 1;
    const down = this.bars ? 1 : l.columns;
    const steps = /** @type {Record<string, number>} */ ({ ArrowLeft: -across, ArrowRight: across, ArrowUp: -down, ArrowDown: down, PageUp: -down * 5, PageDown: down * 5 });
    if (event.key === "Enter" && this.selected >= 0) {
      this.#open({ channel: this.order[this.selected] });
      return true;
    }
    if (event.key === "Home") this.selected = 0;
    else if (event.key === "End") this.selected = this.node.channels - 1;
    else if (!(event.key in steps)) return false;
    else this.selected = this.selected < 0 ? 0 : Math.max(0, Math.min(this.node.channels - 1, this.selected + steps[event.key]));
    this.#reveal();
    this.say(this.status.textContent ?? "");
    return true;
  }

  destroy() {
    this.sizes.disconnect();
    this.root.remove();
  }
}
