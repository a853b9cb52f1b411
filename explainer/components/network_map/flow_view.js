// Operations that work place by place or window by window: input maps, what happens to them, the output map.
// Below each map stand the numbers around the pixel.

import { ACTIVATIONS } from "./activations.js";
import { origin } from "./arithmetic.js";
import { format } from "../shared/colours.js";
import { cellAt, drawMap, fit, flow, colourBar, mark, prepare, veil, write } from "../shared/sketch.js";
import { nameWithin, short, shortLabel, signed } from "./numbers.js";
import { isPicture } from "./pictures.js";
import { element } from "../shared/dom.js";
import { inputWindow, numberAt, outputAt, sizeOf } from "./windows.js";

const TOP = 40;
const BOTTOM = 34;
const SYMBOLS = /** @type {Record<string, string>} */ ({ add: "+", sub: "−", mul: "×", div: "÷" });

export class FlowView {
  /** @param {any} context @param {any} values null where only pictures are known */
  constructor(context, values) {
    this.context = context;
    this.values = values;
    this.y = 0;
    this.x = 0;
    this.revealed = null;
    this.root = element("div", "cs-flow");
    this.canvas = element("canvas", "cs-flow-canvas");
    this.canvas.setAttribute("role", "img");
    this.root.append(this.canvas);
    this.canvas.addEventListener("pointermove", (event) => {
      const found = this.#find(event);
      this.canvas.style.cursor = found ? "crosshair" : "default";
      if (found) context.hover(found.y, found.x);
      else context.hover(null);
    });
    this.canvas.addEventListener("pointerleave", () => context.hover(null));
    this.canvas.addEventListener("click", (event) => {
      const found = this.#find(event);
      if (found) context.pin(found.y, found.x);
    });
  }

  /** @param {any} values */
  replace(values) {
    this.values = values;
  }

  sort() {}

  /** @param {number} y @param {number} x */
  setPixel(y, x) {
    this.y = y;
    this.x = x;
  }

  /** The height that suits a width. @param {number} width */
  naturalHeight(width) {
    return width < 540 ? 420 : 480;
  }

  /** @param {number} width @param {number} height */
  resize(width, height) {
    this.width = width;
    this.height = height;
    this.draw();
  }

  /** The inputs: which node, channel, and cells the present pixel reads. */
  #sources() {
    const { store, node, channel } = this.context;
    const { values, y, x } = this;
    if (!values || values.form === "server" || !values.inputs.length) {
      return [...new Set(/** @type {number[]} */ (node.inputs))]
        .map((/** @type {number} */ index) => store.node(index))
        .filter((/** @type {any} */ other) => other && other.layout !== "other")
        .map((/** @type {any} */ other) => this.#explained(other));
    }
    const table = values.form === "gather" ? values.geometry.table : null;
    const from = table ? origin(values, y, x) : null;
    const window = inputWindow(values, y, x);
    return values.inputs.map((/** @type {any} */ input, /** @type {number} */ i) => {
      const [, h, w] = sizeOf(input);
      const used = !from || from.input === i;
      const ys = h === 1 ? [0] : window.ys;
      const xs = w === 1 ? [0] : window.xs;
      const of = store.node(input.node);
      const which = from ? (used ? from.channel : (of.shown?.[0] ?? 0)) : Math.min(channel, of.channels - 1);
      const under = table && !used ? store.text("goes to channels {from} to {to}", { from: table[i].from, to: table[i].to - 1 }) : this.#under(which);
      return { node: of, channel: which, data: input, ys: used ? ys : [], xs: used ? xs : [], used, under };
    });
  }

  /** An input of an operation that the server explains: what it read is known from the explanation. @param {any} other */
  #explained(other) {
    const { channel } = this.context;
    const factors = this.arithmetic?.groups?.flatMap((/** @type {any} */ group) => group.factors) ?? [];
    const places = factors.find((/** @type {any} */ factor) => factor.source === other.index)?.positions?.filter(Boolean) ?? [];
    const which = places.length ? places[0][0] : Math.min(channel, other.channels - 1);
    const along = (/** @type {number} */ axis) => [...new Set(places.filter((/** @type {any} */ p) => p[0] === which).map((/** @type {any} */ p) => p[axis]))].sort((a, b) => a - b);
    return { node: other, channel: which, data: null, ys: along(1), xs: along(2), used: true, under: this.#under(which) };
  }

  /** @param {number} channel */
  #under(channel) {
    return this.context.store.text("channel {number}", { number: channel });
  }

  draw() {
    if (!this.width) return;
    const { pictures, node, channel, store } = this.context;
    const { theme } = pictures;
    const W = this.width;
    const H = this.height;
    const g = prepare(this.canvas, W, H);
    const sources = this.#sources();
    const narrow = W < 540;
    const room = H - TOP - BOTTOM;
    const count = Math.max(1, sources.length);
    const middleWidth = narrow ? 84 : Math.min(230, W * 0.3);
    const column = Math.min((W - middleWidth) / 2, 300);
    const left = Math.max(0, (W - middleWidth - 2 * column) / 2);
    const outX = sources.length ? left + column + middleWidth : left;
    const each = room / count;
    const outSize = Math.min(column - 8, count === 1 ? room * 0.56 : room * 0.56);
    const mapSize = count === 1 ? outSize : Math.min(narrow ? column * 0.8 : column * 0.56, each - 34);
    const centre = TOP + outSize / 2;
    const middle = sources.length ? left + column + middleWidth / 2 : 0;
    const half = this.#operation(g, middle, centre, middleWidth, sources);
    this.spots = [];

    sources.forEach((/** @type {any} */ source, /** @type {number} */ i) => {
      const top = count === 1 ? TOP : TOP + i * each + (i ? 14 : 0);
      const single = source.node.height * source.node.width === 1;
      const box = single ? { x: left + mapSize - 52, y: top + (count === 1 ? outSize / 2 - 24 : 0), w: 48, h: 48 } : fit(left, top, mapSize, source.node.width, source.node.height);
      g.globalAlpha = source.used ? 1 : 0.35;
      if (single) this.#drawNumber(g, box, source.node, source.channel, this.#numberOf(source));
      else drawMap(g, pictures.ofChannel(source.node.index, source.channel)?.canvas ?? null, box, theme, source.used);
      g.globalAlpha = 1;
      const first = !(count > 1 && i);
      const title = count > 1 ? nameWithin(source.node, node) : shortLabel(source.node);
      write(g, title, box.x, box.y - (first ? 22 : 6), theme, { size: 12, weight: 650, width: column });
      if (first) write(g, source.under, box.x, box.y - 8, theme, { size: 10.5, tone: "muted" });
      else {
        g.font = `650 12px ${theme.font}`;
        const used = g.measureText(title).width + 10;
        if (column - used > 60) write(g, source.under, box.x + used, box.y - 6, theme, { size: 10.5, tone: "muted", width: column - used });
      }
      if (source.ys.length && !single) mark(g, box, source.node, [source.ys[0], source.xs[0], source.ys.at(-1), source.xs.at(-1)], theme);
      this.spots.push({ box, map: source.node, input: source.data, source });
      g.strokeStyle = theme.muted;
      g.lineWidth = 1.5;
      g.globalAlpha = source.used ? 0.9 : 0.2;
      const from = box.y + box.h / 2;
      let edge = box.x + box.w;
      if (count > 1 && !narrow && source.data && source.used) edge = Math.max(edge, this.#lens(g, source, box.x + mapSize + 14, box.y, column - mapSize - 18, mapSize, column));
      flow(g, edge + 8, from, middle - half - 3, centre);
      g.globalAlpha = 1;
      if (count === 1 && source.data) this.#lens(g, source, left, TOP + mapSize + 26, mapSize, room - mapSize - 30, column);
    });

    const alone = node.height * node.width === 1;
    const outBox = alone ? { x: outX + 8, y: centre - 24, w: 48, h: 48 } : fit(outX, TOP, outSize, node.width, node.height);
    const picture = pictures.ofChannel(node.index, channel);
    g.strokeStyle = theme.muted;
    g.lineWidth = 1.5;
    if (sources.length) flow(g, middle + half + 3, centre, outBox.x - 8, outBox.y + outBox.h / 2);
    const value = this.values?.output ? numberAt({ ...this.values.output, c0: channel }, channel, this.y, this.x) : undefined;
    if (alone) this.#drawNumber(g, outBox, node, channel, value);
    else drawMap(g, picture?.canvas ?? null, outBox, theme, true);
    if (this.revealed) veil(g, outBox, node, this.revealed.y, this.revealed.x, theme);
    if (!alone) mark(g, outBox, node, [this.y, this.x, this.y, this.x], theme);
    else if (value !== undefined) write(g, signed(value, 4), outBox.x + 60, centre + 6, theme, { size: 17, weight: 650 });
    write(g, node.role === "input" ? store.text("input") : store.text("output"), outBox.x, outBox.y - 22, theme, { size: 12, weight: 650 });
    write(g, store.text("channel {number}", { number: channel }), outBox.x, outBox.y - 8, theme, { size: 10.5, tone: "muted" });
    this.spots.push({ box: outBox, map: node, input: null });
    if (this.values?.output) {
      this.#lens(g, { node, channel, data: { ...this.values.output, c0: channel }, ys: [this.y], xs: [this.x] }, outX, TOP + outSize + 26, outSize, room - outSize - 30, column);
    }
    const peaks = sources.length ? pictures.peakOf(sources[0].node.index, sources[0].channel) : 0;
    const width = Math.min(140, mapSize);
    if (peaks && !isPicture(store, sources[0].node)) colourBar(g, pictures, { x: left, y: H - BOTTOM + 12, w: width, h: 5 }, short(peaks));
    const peak = pictures.peakOf(node.index, channel);
    if (!isPicture(store, node)) colourBar(g, pictures, { x: outX, y: H - BOTTOM + 12, w: width, h: 5 }, short(peak));
    this.#describe();
  }

  /** A map of one number: its colour, and the number where it stands alone. @param {CanvasRenderingContext2D} g @param {any} box @param {any} node @param {number} channel @param {number|undefined} value */
  #drawNumber(g, box, node, channel, value) {
    const { pictures } = this.context;
    const peak = pictures.peakOf(node.index, channel);
    drawMap(g, null, box, pictures.theme, true);
    if (value === undefined) return;
    g.fillStyle = pictures.colour(value, peak);
    g.fillRect(box.x, box.y, box.w, box.h);
    write(g, short(value), box.x + box.w / 2, box.y + box.h / 2 + 4, pictures.theme, { size: 12, tone: pictures.ink(value, peak), align: "center" });
  }

  /** The one number of an input that is no map, from its values or from the explanation. @param {any} source @returns {number|undefined} */
  #numberOf({ node, channel, data }) {
    if (data) return numberAt(data, channel, 0, 0);
    const factors = this.arithmetic?.groups?.flatMap((/** @type {any} */ group) => group.factors) ?? [];
    const value = factors.find((/** @type {any} */ factor) => factor.source === node.index)?.values?.[0];
    return value === undefined ? undefined : Number(value);
  }

  /** The numbers around the pixel; returns where they end on the right. @param {CanvasRenderingContext2D} g @param {any} of @param {number} x @param {number} y @param {number} width @param {number} height @param {number} most */
  #lens(g, of, x, y, width, height, most) {
    const { pictures } = this.context;
    const { node, channel, data, ys, xs } = of;
    if (node.height * node.width <= 1 || !ys.length) return 0;
    const span = Math.max(ys.length, xs.length);
    const across = span > 5 ? span : Math.max(5, span + 2);
    const size = Math.floor(Math.min(width / across, height / across));
    if (size < 9 || across > 15) return 0;
    const top = Math.round((ys[0] + ys.at(-1)) / 2 - (across - 1) / 2);
    const start = Math.round((xs[0] + xs.at(-1)) / 2 - (across - 1) / 2);
    const peak = pictures.peakOf(node.index, channel);
    const left = x + Math.max(0, Math.min(most, width) - size * across) / 2;
    for (let r = 0; r < across; r++) {
      for (let c = 0; c < across; c++) {
        const row = top + r;
        const column = start + c;
        const px = left + c * size;
        const py = y + r * size;
        const inside = row >= 0 && column >= 0 && row < node.height && column < node.width;
        const number = inside ? numberAt(data, channel, row, column) : undefined;
        const used = ys.includes(row) && xs.includes(column);
        g.globalAlpha = used ? 1 : 0.62;
        const colours = number === undefined ? null : pictures.cell(node, number, peak);
        g.fillStyle = colours?.fill ?? pictures.theme.soft;
        g.fillRect(px, py, size - 1, size - 1);
        if (colours && size >= 24) write(g, short(number), px + size / 2 - 0.5, py + size / 2 + 3.5, pictures.theme, { size: size >= 34 ? 10.5 : 9, tone: colours.ink, align: "center" });
        g.globalAlpha = 1;
      }
    }
    g.lineWidth = 1.5;
    g.strokeStyle = pictures.theme.text;
    g.strokeRect(left + (xs[0] - start) * size - 0.5, y + (ys[0] - top) * size - 0.5, (xs.at(-1) - xs[0] + 1) * size, (ys.at(-1) - ys[0] + 1) * size);
    return left + across * size;
  }

  /** What happens in the middle; returns half of its width. @param {CanvasRenderingContext2D} g @param {number} centre @param {number} y @param {number} width @param {any[]} sources */
  #operation(g, centre, y, width, sources) {
    if (!sources.length) return 0;
    const { node, pictures, store } = this.context;
    const { theme } = pictures;
    const form = this.values?.form;
    const narrow = width < 120;
    const curve = this.#curve();
    if (curve) {
      const half = narrow ? 30 : 78;
      this.#plot(g, centre - half, y - half * 0.85, half * 2, half * 1.7, curve, sources);
      return half;
    }
    const symbol = form === "elementwise" ? (SYMBOLS[this.values.geometry.operation] ?? "∘") : form === "max_pool" || this.values?.geometry?.reduce === "max" ? "max" : form === "avg_pool" || form === "region" ? "mean" : form === "gather" ? "⊕" : shortLabel(node);
    const words = form === "gather" ? store.text("join the channels") : symbol;
    const round = symbol.length <= 1 && form !== "gather";
    g.font = `650 ${round ? 20 : 13}px ${theme.font}`;
    const wide = round ? 40 : Math.min(width - 8, g.measureText(words).width + 28);
    g.beginPath();
    g.roundRect(centre - wide / 2, y - 20, wide, 40, 20);
    g.fillStyle = theme.back;
    g.fill();
    g.strokeStyle = theme.text;
    g.lineWidth = 1.5;
    g.stroke();
    write(g, words, centre, y + (round ? 7 : 4.5), theme, { size: round ? 20 : 13, weight: 650, align: "center", width: wide - 8 });
    return wide / 2;
  }

  /** The function that the operation applies to one number, if it is one. @returns {((x: number) => number)|null} */
  #curve() {
    const { values } = this;
    if (values?.form === "activation") {
      const known = ACTIVATIONS[values.geometry.name ?? values.parameters.name];
      return known ? (x) => known.apply(x, values.parameters) : null;
    }
    if (values?.form === "affine") {
      const { mean, variance, eps, weight = 1, bias = 0 } = values.parameters;
      return (x) => ((x - mean) / Math.sqrt(variance + eps)) * weight + bias;
    }
    return null;
  }

  /** @param {CanvasRenderingContext2D} g @param {number} x @param {number} y @param {number} w @param {number} h @param {(x: number) => number} curve @param {any[]} sources */
  #plot(g, x, y, w, h, curve, sources) {
    const { pictures } = this.context;
    const { theme } = pictures;
    const source = sources[0];
    const reach = pictures.peakOf(source.node.index, source.channel) || 1;
    let low = Math.min(0, curve(-reach), curve(reach));
    let high = Math.max(0, curve(-reach), curve(reach));
    for (let i = 1; i < 16; i++) low = Math.min(low, curve(-reach + (i / 8) * reach));
    if (high - low < 1e-9) high = low + 1;
    const px = (/** @type {number} */ v) => x + 10 + ((v + reach) / (2 * reach)) * (w - 20);
    const py = (/** @type {number} */ v) => y + h - 10 - ((v - low) / (high - low)) * (h - 20);
    g.beginPath();
    g.roundRect(x, y, w, h, 10);
    g.fillStyle = theme.back;
    g.fill();
    g.fillStyle = theme.soft;
    g.fill();
    g.strokeStyle = theme.line;
    g.lineWidth = 1;
    g.stroke();
    g.beginPath();
    g.moveTo(x + 6, py(0));
    g.lineTo(x + w - 6, py(0));
    g.moveTo(px(0), y + 6);
    g.lineTo(px(0), y + h - 6);
    g.stroke();
    g.beginPath();
    for (let i = 0; i <= 80; i++) {
      const v = -reach + (i / 40) * reach;
      if (i) g.lineTo(px(v), py(curve(v)));
      else g.moveTo(px(v), py(curve(v)));
    }
    g.strokeStyle = theme.accent;
    g.lineWidth = 2;
    g.stroke();
    const number = source.data ? numberAt(source.data, source.channel, source.ys[0], source.xs[0]) : undefined;
    if (number === undefined) return;
    const shown = Math.max(-reach, Math.min(reach, number));
    g.setLineDash([2, 3]);
    g.strokeStyle = theme.muted;
    g.lineWidth = 1;
    g.beginPath();
    g.moveTo(px(shown), py(0));
    g.lineTo(px(shown), py(curve(shown)));
    g.lineTo(px(0), py(curve(shown)));
    g.stroke();
    g.setLineDash([]);
    g.beginPath();
    g.arc(px(shown), py(curve(shown)), w > 100 ? 4.5 : 3, 0, 7);
    g.fillStyle = theme.text;
    g.fill();
    if (w > 100) write(g, `${format(number, 4)} → ${format(curve(number), 4)}`, x + w / 2, y + h + 18, theme, { size: 11.5, align: "center", weight: 600 });
  }

  #describe() {
    const { store, node, channel } = this.context;
    const label = store.text("{node}, channel {channel}: input and output maps, pixel ({y}, {x})", { node: node.name, channel, y: this.y, x: this.x });
    if (label !== this.label) this.canvas.setAttribute("aria-label", (this.label = label));
  }

  /** @param {MouseEvent} event */
  #find(event) {
    const bounds = this.canvas.getBoundingClientRect();
    const px = event.clientX - bounds.left;
    const py = event.clientY - bounds.top;
    for (const spot of this.spots ?? []) {
      const cell = cellAt(spot.box, spot.map, px, py, 3);
      if (!cell) continue;
      if (spot.map === this.context.node && !spot.input) return cell;
      if (!this.values || this.values.form === "server") return outputAt({ form: "" }, this.context.node, cell.y, cell.x);
      return outputAt(this.values, this.context.node, cell.y, cell.x);
    }
    return null;
  }
}
