// The convolution taken apart: every input channel with its kernel gives a partial result; they flow together,
// with the bias, into the output map.

import { BOTTOM, elasticLayout, FEW, findIn, naturalHeight, rowBoxes, TOP } from "./elastic_layout.js";
import { colourBar, drawKernel, drawMap, flow, mark, prepare, veil, write } from "../shared/sketch.js";
import { format } from "../shared/colours.js";
import { className, short, shortLabel, signed } from "./numbers.js";
import { Partials } from "./partials.js";
import { isPicture } from "./pictures.js";
import { inputWindow, outputAt, subtotal } from "./windows.js";
import { showTip } from "./kernel_tip.js";
import { element } from "../shared/dom.js";

/** @typedef {"channel"|"here"|"overall"} Order */

export class ElasticView {
  /**
   * @param {any} context store, pictures, node, channel, hover(y, x), pin(y, x)
   * @param {any} values of form "convolution"
   */
  constructor(context, values) {
    this.context = context;
    this.values = values;
    this.count = values.weight.shape[0];
    this.first = values.geometry.c0 ?? 0;
    this.source = context.store.node(values.inputs[0].node);
    this.partials = new Partials(context, values, this.source);
    /** The kernel covers the whole map (a dense layer, or the like of it): a row's result is one number. */
    this.dense = coversAll(values, this.source, context.node);
    /** What the third picture of a row shows: the output's grid, or the products over the input's. */
    this.partMap = this.dense ? this.source : context.node;
    /** @type {Order} */
    this.order = this.count <= FEW ? "channel" : this.dense ? "here" : "overall";
    this.all = this.count <= FEW;
    this.rows = [...Array(this.count).keys()];
    this.y = 0;
    this.x = 0;
    this.revealed = null;
    this.hovered = -1;
    this.phase = 0;
    this.root = element("div", "cs-elastic");
    this.scroller = element("div", "cs-elastic-scroll");
    this.space = element("div", "cs-elastic-space");
    this.canvas = element("canvas", "cs-elastic-canvas");
    this.canvas.setAttribute("role", "img");
    this.tip = element("div", "cs-tip");
    this.tip.hidden = true;
    this.space.append(this.canvas);
    this.scroller.append(this.space);
    this.hint = element("p", "cs-hint cs-elastic-hint");
    const { store } = context;
    this.hint.textContent = this.dense
      ? store.text("Every number of the input has its own weight. All products and the bias add up to one score. Click a place to follow its number back.")
      : store.text("Every input channel has its own kernel. At each place their results and the bias add up to one output pixel. Point at a map to move, click to pin, Space plays.");
    this.root.append(this.scroller, this.hint, this.tip);
    this.scroller.addEventListener("scroll", () => this.draw(), { passive: true });
    this.canvas.addEventListener("pointermove", (event) => this.#onMove(event));
    this.canvas.addEventListener("pointerleave", () => this.#onLeave());
    this.canvas.addEventListener("click", (event) => this.#onClick(event));
  }

  /** @param {any} values the same channel with another window */
  replace(values) {
    this.values = values;
    this.partials = new Partials(this.context, values, this.source);
    this.sort();
  }

  /** @param {Order} order */
  setOrder(order) {
    this.order = order;
    this.scroller.scrollTop = 0;
    this.sort();
    this.draw();
  }

  /** Put the rows into the chosen order; "here" follows the pixel only when it is pinned, so that rows hold still. */
  sort() {
    const natural = [...Array(this.count).keys()];
    if (this.order === "channel") this.rows = natural;
    else {
      const size = this.order === "here" ? natural.map((j) => Math.abs(subtotal(this.values, j, this.y, this.x))) : this.partials.energies;
      this.rows = natural.sort((a, b) => size[b] - size[a]);
    }
  }

  /** @param {number} width @param {number} height */
  resize(width, height) {
    this.width = width;
    this.height = height;
    this.draw();
  }

  /** The height at which nothing needs scrolling, within reason. @param {number} width */
  naturalHeight(width) {
    return naturalHeight(this.count, width);
  }

  #layout() {
    const { values, context, source, partMap, dense, count, all } = this;
    return elasticLayout({
      width: this.width, height: this.height, scroll: this.scroller.scrollTop, count, shown: all ? count : Math.min(FEW, count),
      dense, input: source, output: context.node, part: partMap, kernel: values.weight.shape.slice(1), digits: String(this.first + count - 1).length,
    });
  }

  draw() {
    if (!this.width) return;
    const { pictures, node, store } = this.context;
    const { theme } = pictures;
    const l = (this.l = this.#layout());
    this.space.style.height = `${Math.max(l.H, l.total)}px`;
    const g = prepare(this.canvas, l.W, l.H);
    const { values } = this;
    const taps = values.weight.shape[1] * values.weight.shape[2];
    const shape = /** @type {[number, number]} */ (values.weight.shape.slice(1));
    const weightPeak = pictures.largest(values.weight.data) || 1;
    const outPeak = pictures.peakOf(node.index, this.context.channel);
    const { ys, xs } = inputWindow(values, this.y, this.x);
    const cells = /** @type {[number, number, number, number]} */ ([ys[0], xs[0], ys[ys.length - 1], xs[xs.length - 1]]);
    const within = store.covers(values, this.y, this.x);
    const subtotals = this.rows.slice(0, l.shown).map((j) => (within ? subtotal(values, j, this.y, this.x) : 0));
    const largest = Math.max(...subtotals.map(Math.abs), 1e-12);
    const scroll = this.scroller.scrollTop;
    const from = Math.max(0, Math.floor((scroll - l.tall) / l.tall));
    const to = Math.min(l.shown, Math.ceil((scroll + l.H - TOP) / l.tall) + 1);
    this.from = from;
    this.to = to;

    g.save();
    g.beginPath();
    g.rect(0, TOP - 6, l.W, l.H - TOP - BOTTOM + 12);
    g.clip();
    for (let place = 0; place < l.shown; place++) {
      if (place < from - 6 || place > to + 6) continue;
      const { middle } = rowBoxes(l, place);
      const part = Math.abs(subtotals[place]) / largest;
      g.lineWidth = 1 + 2.4 * part;
      g.strokeStyle = subtotals[place] < 0 ? theme.down : theme.up;
      g.globalAlpha = this.hovered < 0 || this.hovered === place ? 0.22 + 0.6 * part : 0.1;
      if (this.revealed) {
        g.setLineDash([5, 4]);
        g.lineDashOffset = -this.phase;
      }
      flow(g, l.leave, middle, l.plusX - 13, l.middle);
      g.setLineDash([]);
    }
    g.globalAlpha = 1;
    for (let place = from; place < to; place++) this.#drawRow(g, l, place, { taps, shape, weightPeak, cells, amount: subtotals[place] });
    if (l.rest) this.#drawRest(g, l, subtotals);
    g.restore();
    this.#drawOutput(g, l, outPeak);
    this.#drawHeads(g, l, weightPeak, outPeak);
    this.#placeHint(l);
    this.#describe();
  }

  /** @param {CanvasRenderingContext2D} g @param {any} l @param {number} place @param {any} of */
  #drawRow(g, l, place, { taps, shape, weightPeak, cells, amount }) {
    const { pictures, node } = this.context;
    const { theme } = pictures;
    const j = this.rows[place];
    const box = rowBoxes(l, place);
    const active = this.hovered === place;
    write(g, String(this.first + j), l.inX - 8, box.middle + 4, theme, { size: 11, tone: active ? "text" : "muted", align: "right", weight: active ? 650 : 400 });
    const picture = pictures.ofChannel(this.source.index, this.first + j) ?? this.#fromWindow(j);
    drawMap(g, picture?.canvas ?? null, box.input, theme, active);
    if (!this.dense) mark(g, box.input, l.map, cells, theme);
    write(g, "×", l.kernelX - (l.kernelX - l.inX - l.size) / 2, box.middle + 4, theme, { size: 13, tone: "faint", align: "center" });
    drawKernel(g, pictures, this.values.weight.data, j * taps, shape, box.kernel, weightPeak);
    if (taps === 1 && box.kernel.w >= 26) {
      const weight = this.values.weight.data[j];
      write(g, short(weight), box.kernel.x + box.kernel.w / 2, box.middle + 4, theme, { size: 10.5, tone: pictures.ink(weight, weightPeak, "weights"), align: "center" });
    }
    write(g, "=", l.partX - (l.partX - l.kernelX - l.kernel) / 2, box.middle + 4, theme, { size: 13, tone: "faint", align: "center" });
    const part = this.dense ? this.#products(j) : this.partials.of(j);
    if (part.whole) drawMap(g, part.canvas, box.part, theme, active);
    else this.#drawWindow(g, part.canvas, box.part, node, theme);
    if (this.revealed) veil(g, box.part, node, this.revealed.y, this.revealed.x, theme);
    if (!this.dense) mark(g, box.part, node, [this.y, this.x, this.y, this.x], theme);
    if (this.dense && active && this.cell) for (const spot of [box.input, box.kernel, box.part]) mark(g, spot, l.map, [this.cell.y, this.cell.x, this.cell.y, this.cell.x], theme);
    if (l.number) write(g, signed(amount, Math.abs(amount) < 10 ? 3 : 2), l.partX + l.size + l.number, box.middle + 4, theme, { size: 11.5, tone: amount === 0 ? "faint" : amount < 0 ? "down" : "up", align: "right", weight: active ? 650 : 500 });
  }

  /** @param {CanvasRenderingContext2D} g @param {HTMLCanvasElement} canvas @param {any} box @param {any} node @param {any} theme */
  #drawWindow(g, canvas, box, node, theme) {
    const { y0, x0, height, width } = this.values.output;
    const sx = box.w / node.width;
    const sy = box.h / node.height;
    drawMap(g, null, box, theme);
    g.imageSmoothingEnabled = false;
    g.drawImage(canvas, box.x + x0 * sx, box.y + y0 * sy, width * sx, height * sy);
  }

  /** @param {CanvasRenderingContext2D} g @param {any} l @param {number[]} subtotals */
  #drawRest(g, l, subtotals) {
    const { pictures, store, channel } = this.context;
    const top = l.more.y - 4;
    const value = this.#outputNumber(channel);
    const amount = value === null ? null : value - (this.values.bias ?? 0) - subtotals.reduce((a, b) => a + b, 0);
    const text = `${store.text("show {count} more channels", { count: l.rest })} ↓`;
    write(g, text, l.inX, top + 20, pictures.theme, { size: 12, tone: "accent", weight: 600 });
    if (amount !== null && l.number) write(g, signed(amount, 3), l.partX + l.size + l.number, top + 20, pictures.theme, { size: 11.5, tone: amount < 0 ? "down" : "up", align: "right" });
    g.strokeStyle = pictures.theme.faint;
    g.setLineDash([2, 3]);
    g.lineWidth = 1;
    flow(g, l.leave, top + 16, l.plusX - 13, l.middle);
    g.setLineDash([]);
  }

  #outputNumber() {
    const { store } = this.context;
    const { output } = this.values;
    if (!store.covers(this.values, this.y, this.x)) return null;
    return output.data[(this.y - output.y0) * output.width + this.x - output.x0];
  }

  /** @param {CanvasRenderingContext2D} g @param {any} l @param {number} outPeak */
  #drawOutput(g, l, outPeak) {
    const { pictures, node, channel, store } = this.context;
    const { theme } = pictures;
    const { outBox, plusX, middle } = l;
    const { bias } = this.values;
    g.strokeStyle = theme.muted;
    g.lineWidth = 1.5;
    flow(g, plusX + 13, middle, outBox.x - 4, middle);
    if (bias !== null) {
      g.beginPath();
      g.moveTo(plusX, middle - 42);
      g.lineTo(plusX, middle - 13);
      g.stroke();
      g.beginPath();
      g.arc(plusX, middle - 48, 6, 0, 7);
      g.fillStyle = pictures.colour(bias, pictures.largest(this.values.weight.data) || 1, "weights");
      g.fill();
      g.lineWidth = 1;
      g.stroke();
      const align = l.narrow ? "center" : "center";
      write(g, signed(bias, 3), plusX, middle - 60, theme, { size: 11, align });
      write(g, store.text("bias"), plusX, middle - 74, theme, { size: 11, tone: "muted", align });
    }
    g.beginPath();
    g.arc(plusX, middle, 13, 0, 7);
    g.fillStyle = theme.back;
    g.fill();
    g.lineWidth = 1.5;
    g.strokeStyle = theme.text;
    g.stroke();
    g.beginPath();
    g.moveTo(plusX - 5.5, middle);
    g.lineTo(plusX + 5.5, middle);
    g.moveTo(plusX, middle - 5.5);
    g.lineTo(plusX, middle + 5.5);
    g.stroke();
    if (this.dense) return this.#drawScore(g, l, outPeak);
    const picture = pictures.ofChannel(node.index, channel);
    drawMap(g, picture?.canvas ?? null, outBox, theme, true);
    if (!picture) this.#drawWindow(g, this.#outputWindow(outPeak), outBox, node, theme);
    if (this.revealed) {
      veil(g, outBox, node, this.revealed.y, this.revealed.x, theme);
    }
    mark(g, outBox, node, [this.y, this.x, this.y, this.x], theme);
    const value = this.#outputNumber();
    if (value !== null) write(g, signed(value, 4), outBox.x + outBox.w / 2, outBox.y + outBox.h + 20, theme, { size: l.narrow ? 12 : 15, weight: 650, align: "center" });
  }

  /** The one number of a dense layer, as a disc in its colour. @param {CanvasRenderingContext2D} g @param {any} l @param {number} outPeak */
  #drawScore(g, l, outPeak) {
    const { pictures, store, node, channel } = this.context;
    const value = this.#outputNumber() ?? 0;
    const x = l.outBox.x + 24;
    g.beginPath();
    g.arc(x, l.middle, 20, 0, 7);
    g.fillStyle = pictures.colour(value, outPeak);
    g.fill();
    g.lineWidth = 1.5;
    g.strokeStyle = pictures.theme.text;
    g.stroke();
    write(g, signed(value, 4), x + (l.narrow ? 0 : 28), l.middle + (l.narrow ? 38 : 6), pictures.theme, { size: l.narrow ? 12 : 17, weight: 650, align: l.narrow ? "center" : "left" });
    const name = className(store, node, channel);
    if (name) write(g, name, x + (l.narrow ? 0 : 28), l.middle + (l.narrow ? 54 : 24), pictures.theme, { size: 12, tone: "muted", align: l.narrow ? "center" : "left", width: 110 });
  }

  /** The explanation stands under the output where there is room. @param {any} l */
  #placeHint(l) {
    const top = l.outBox.y + l.outBox.h + (this.dense ? 30 : 34);
    const width = this.dense ? 190 : l.outBox.w;
    this.hint.hidden = l.narrow || width < 150 || l.H - BOTTOM - top < 76;
    if (this.hint.hidden) return;
    this.hint.style.left = `${Math.min(l.outBox.x, l.W - width - 6)}px`;
    this.hint.style.top = `${top}px`;
    this.hint.style.width = `${width}px`;
  }

  /** @param {number} outPeak */
  #outputWindow(outPeak) {
    const { output } = this.values;
    return this.context.pictures.ofFloats(`w${this.context.node.index}/${this.context.channel}/${output.y0}/${output.x0}`, output.data, 0, output.width, output.height, outPeak);
  }

  /** @param {CanvasRenderingContext2D} g @param {any} l @param {number} weightPeak @param {number} outPeak */
  #drawHeads(g, l, weightPeak, outPeak) {
    const { store, pictures, node, channel } = this.context;
    const { theme } = pictures;
    const head = (/** @type {string} */ title, /** @type {string} */ under, /** @type {number} */ x, /** @type {number} */ width) => {
      let size = l.narrow ? 10.5 : 12;
      const wide = () => ((g.font = `650 ${size}px ${theme.font}`), g.measureText(title).width);
      while (size > 8.5 && wide() > width) size -= 0.5; // a word cut short says less than a smaller one
      write(g, title, x, 12, theme, { size, weight: 650, width });
      if (!l.narrow) write(g, under, x, 27, theme, { size: 10.5, tone: "muted", width });
    };
    const [kh, kw] = this.values.weight.shape.slice(1);
    head(store.text("input"), shortLabel(this.source), l.inX, l.kernelX - l.inX - 6);
    head(this.dense ? store.text("weights") : store.text("kernel"), `${kh}×${kw}`, l.kernelX, l.partX - l.kernelX - 2);
    head(l.narrow && !this.dense ? store.text("product") : this.dense ? store.text("input × weight") : store.text("input × kernel"), `${this.partMap.height}×${this.partMap.width}`, l.partX, l.size + l.number + (l.narrow ? 30 : 0));
    head(store.text("output"), `${store.text("channel {number}", { number: channel })} · ${node.height}×${node.width}`, l.outBox.x, l.outBox.w + 30);
    const y = l.H - BOTTOM + 10;
    const inPeak = pictures.peakOf(this.source.index, this.first + this.rows[0]);
    const bar = l.narrow ? l.size : Math.max(l.size, 72);
    if (!isPicture(store, this.source)) colourBar(g, pictures, { x: l.inX, y, w: Math.min(bar, l.kernelX - l.inX - 8), h: 5 }, short(inPeak));
    colourBar(g, pictures, { x: l.kernelX, y, w: Math.max(l.kernel, l.narrow ? 34 : 48), h: 5 }, short(weightPeak), "weights");
    const products = !this.dense ? this.partials.peak : this.product ? pictures.largest(this.product) : 0;
    if (products) colourBar(g, pictures, { x: l.partX, y, w: Math.max(l.size, 34), h: 5 }, short(products));
    colourBar(g, pictures, { x: l.outBox.x, y, w: Math.min(l.outBox.w, 160), h: 5 }, short(outPeak));
  }

  /** Value times weight at every place of one channel; all rows share one scale. @param {number} j */
  #products(j) {
    const { inputs, weight } = this.values;
    const { pictures, node, channel } = this.context;
    const plane = weight.shape[1] * weight.shape[2];
    if (!this.product) {
      this.product = new Float32Array(this.count * plane);
      for (let i = 0; i < this.product.length; i++) this.product[i] = inputs[0].data[i] * weight.data[i];
    }
    const peak = pictures.largest(this.product);
    return { canvas: pictures.ofFloats(`d${node.index}/${channel}/${j}`, this.product, j * plane, this.source.width, this.source.height, peak), whole: true };
  }

  /** @param {number} j */
  #fromWindow(j) {
    const input = this.values.inputs[0];
    const plane = input.height * input.width;
    if (input.height !== this.source.height || input.width !== this.source.width) return null;
    const { pictures } = this.context;
    const channel = this.first + j;
    const peak = pictures.peakOf(this.source.index, channel);
    return { canvas: pictures.ofFloats(`i${this.source.index}/${channel}`, input.data, (channel - (input.c0 ?? 0)) * plane, input.width, input.height, peak) };
  }

  /** @param {number} y @param {number} x @param {boolean} [pinned] */
  setPixel(y, x, pinned = false) {
    const moved = y !== this.y || x !== this.x;
    this.y = y;
    this.x = x;
    if (pinned && moved && this.order === "here" && !this.revealed) this.sort();
  }

  #describe() {
    const { store, node, channel } = this.context;
    const value = this.#outputNumber();
    const label = store.text("{node}, channel {channel}: {count} input channels, their kernels and results; pixel ({y}, {x}) is {value}", {
      node: node.name, channel, count: this.count, y: this.y, x: this.x, value: value === null ? "…" : format(value, 7),
    });
    if (label !== this.label) this.canvas.setAttribute("aria-label", (this.label = label));
  }

  /** @param {MouseEvent} event */
  #find(event) {
    const { l } = this;
    if (!l) return null;
    const bounds = this.canvas.getBoundingClientRect();
    return findIn(l, event.clientX - bounds.left, event.clientY - bounds.top, (y, x) => outputAt(this.values, this.context.node, y, x));
  }

  /** @param {PointerEvent} event */
  #onMove(event) {
    const found = this.#find(event);
    const place = found?.place ?? -1;
    const changed = place !== this.hovered || found?.kind === "cell" || Boolean(this.cell);
    this.hovered = place;
    this.cell = found?.kind === "cell" ? found : null;
    this.canvas.style.cursor = !found || found.kind === "row" ? "default" : found.kind === "more" ? "pointer" : "crosshair";
    showTip(this, found);
    if (found && (found.kind === "output" || found.kind === "input")) this.context.hover(found.y, found.x);
    else {
      this.context.hover(null);
      if (changed) this.draw();
    }
  }

  #onLeave() {
    this.hovered = -1;
    this.tip.hidden = true;
    this.context.hover(null);
    this.draw();
  }

  /** @param {MouseEvent} event */
  #onClick(event) {
    const found = this.#find(event);
    if (!found) return;
    if (found.kind === "more") {
      this.all = true;
      this.draw();
    } else if (found.kind === "row") {
      this.context.store.go({ node: this.source.index, channel: this.first + this.rows[found.place] });
    } else if (found.kind === "cell") {
      this.context.store.go({ node: this.source.index, channel: this.first + this.rows[found.place], y: found.y, x: found.x });
    } else if (found.kind !== "kernel") {
      this.context.pin(found.y, found.x);
    }
  }
}

/** @param {any} values @param {any} source @param {any} node */
function coversAll(values, source, node) {
  const [, kh, kw] = values.weight.shape;
  const { padding } = values.geometry;
  return kh * kw > 1 && kh === source.height && kw === source.width && node.height * node.width === 1 && !padding[0] && !padding[1];
}
