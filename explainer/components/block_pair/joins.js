// Where streams join, in numbers: x + F(x) at one place, a map times its gate, whose channel a channel is.

import { format, rasteriseFloat } from "../shared/colours.js";
import { element } from "../shared/dom.js";
import { Palette } from "../shared/palette.js";
import { colourBar, drawMap, fit, mark, prepare } from "../shared/sketch.js";
import { gateBars, shares } from "./shares.js";
import { equation, place as placeIn, sourceOf } from "./sums.js";

const SIDE = 104;
/** Four maps and their signs stand beside each other on a narrow screen, too. */
const SMALL_SIDE = 66;
const NARROW = 520;
const STEPS = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };
const SIGNS = { add: "+", mul: "×", cat: "" };

export class Joins {
  /**
   * @param {HTMLElement} host
   * @param {() => void} moved called when the reader has held another place
   */
  constructor(host, moved) {
    this.host = host;
    this.moved = moved;
    this.palette = new Palette(host);
    this.channel = 0;
    /** The place as shares of height and width, so that it is the same on maps of other sizes. */
    this.at = [0.5, 0.5];
    this.held = false;
    this.side = SIDE;
    this.head = element("div", "bp-joins-head");
    this.title = element("h3");
    this.stepper = element("span", "bp-stepper");
    this.hint = element("span", "bp-hint");
    this.head.append(this.title, this.stepper, this.hint);
    this.columns = element("div", "bp-columns");
    this.columns.tabIndex = 0;
    this.columns.setAttribute("role", "group");
    this.live = element("div", "plain-unseen");
    this.live.setAttribute("aria-live", "polite");
    host.append(this.head, this.columns, this.live);
    this.columns.addEventListener("pointermove", (event) => this.#point(event, false));
    this.columns.addEventListener("pointerdown", (event) => this.#point(event, true));
    this.columns.addEventListener("keydown", (event) => this.#onKey(event));
    this.observer = new ResizeObserver(() => this.#settle());
    this.observer.observe(host);
  }

  #settle() {
    const side = this.host.clientWidth < NARROW ? SMALL_SIDE : SIDE;
    if (side === this.side) return;
    this.side = side;
    if (this.blocks) this.#draw();
  }

  destroy() {
    this.observer.disconnect();
    this.host.replaceChildren();
  }

  themeChanged() {
    this.palette.refresh();
    if (this.blocks) this.#draw();
  }

  /** @param {any[]} blocks @param {any} text */
  receive(blocks, text) {
    this.blocks = blocks;
    this.text = text;
    this.palette.refresh();
    const all = blocks.flatMap((block) => block.joins);
    this.count = Math.max(0, ...all.map((join) => join.result.channels));
    if (!this.held && blocks[0].start.channel !== this.began) {
      const { channel, y, x } = blocks[0].start;
      Object.assign(this, { channel, at: [y, x], began: channel });
    }
    this.channel = Math.min(this.channel, Math.max(0, this.count - 1));
    this.title.textContent = text("Where streams join, in numbers");
    this.hint.textContent = text("Point at a map, or use the arrow keys; click to hold the place.");
    this.columns.setAttribute("aria-label", text("Joins of both blocks at one place. Arrow keys move it, [ and ] change the channel."));
    this.head.hidden = all.length === 0;
    this.#step();
    this.#fill();
    this.#draw();
  }

  /** What stands in the link: `c:channel/y,x` in thousandths of the map, empty while nothing is held. */
  place() {
    const [y, x] = this.at.map((share) => Math.round(1000 * share));
    return this.held ? `c:${this.channel}/${y},${x}` : "";
  }

  /** @param {string} text */
  goTo(text) {
    const [channel, y, x] = text.split(/[/,]/).map((part) => Number.parseInt(part, 10));
    if (!(channel >= 0) || !(y >= 0 && y <= 1000) || !(x >= 0 && x <= 1000)) return;
    this.held = true;
    this.at = [y / 1000, x / 1000];
    this.#choose(Math.min(channel, Math.max(0, this.count - 1)));
  }

  // --- what is there -------------------------------------------------------------------------------------------------

  #step() {
    const { text } = this;
    const back = element("button", "", "‹");
    back.setAttribute("aria-label", text("Previous channel"));
    back.addEventListener("click", () => this.#choose(this.channel - 1, true));
    this.label = element("span");
    const on = element("button", "", "›");
    on.setAttribute("aria-label", text("Next channel"));
    on.addEventListener("click", () => this.#choose(this.channel + 1, true));
    this.stepper.replaceChildren(back, this.label, on);
  }

  #fill() {
    const { text } = this;
    /** @type {{join: any, maps: {canvas: HTMLCanvasElement, number: HTMLElement, map: any}[], line: HTMLElement, extra: HTMLCanvasElement|null}[]} */
    this.rows = [];
    this.columns.replaceChildren(
      ...this.blocks.map((block, index) => {
        const column = element("div", `bp-column bp-${"ab"[index]}`);
        column.append(element("span", "bp-letter", "AB"[index]));
        if (!block.joins.length) column.append(element("p", "bp-none", text("Nothing is joined here: the output is what the layers make of the input.")));
        for (const join of block.joins) column.append(this.#row(join));
        return column;
      }),
    );
  }

  #row(join) {
    const { text } = this;
    const root = element("div", `bp-join bp-${join.kind}`);
    const strip = element("div", "bp-strip");
    const maps = [];
    const add = (map, title) => {
      const figure = element("figure");
      const canvas = element("canvas");
      canvas.setAttribute("role", "img");
      const number = element("span", "bp-value");
      figure.append(element("figcaption", "", title), canvas, number);
      strip.append(figure);
      maps.push({ canvas, number, map, title });
    };
    let extra = null;
    if (join.kind === "cat") {
      extra = element("canvas", "bp-shares");
      const figure = element("figure", "bp-source");
      figure.append(element("figcaption", "", text("{count} channels from", { count: join.result.channels })), extra);
      strip.append(figure, element("span", "bp-sign", "→"));
      add(join.result, text("joined"));
      extra.addEventListener("pointerdown", (event) => this.#pick(event, extra, join.result.channels));
    } else {
      join.parts.forEach((part, index) => {
        if (index) strip.append(element("span", "bp-sign", SIGNS[join.kind]));
        add(part, this.#titleOf(part));
      });
      strip.append(element("span", "bp-sign", "="));
      add(join.result, join.kind === "mul" ? text("map × gate") : text("sum"));
      if (join.then) {
        strip.append(element("span", "bp-sign", "→"));
        add(join.then, "ReLU");
      }
    }
    const legend = element("canvas", "bp-legend");
    legend.setAttribute("aria-hidden", "true");
    const line = element("p", "bp-line");
    root.append(strip, line, legend);
    this.rows.push({ join, maps, line, extra, legend });
    return root;
  }

  #titleOf(part) {
    const { text } = this;
    if (part.role === "x") return "x";
    if (part.role === "shortcut") return text("shortcut of x");
    if (part.role === "gate") return text("gate");
    return part.role === "map" ? text("map") : "F(x)";
  }

  // --- the place -----------------------------------------------------------------------------------------------------

  /** @param {PointerEvent} event @param {boolean} down */
  #point(event, down) {
    if (!this.blocks || (this.held && !down)) return;
    const found = this.rows.flatMap((row) => row.maps).find(({ canvas, map }) => canvas === event.composedPath()[0] && map.height * map.width > 1);
    if (!found) return;
    const box = found.canvas.getBoundingClientRect();
    const share = (/** @type {number} */ value) => Math.max(0, Math.min(0.999, value));
    const before = this.at.join();
    // The middle of the cell: the same cell again on every map of this size.
    const cell = (/** @type {number} */ part, /** @type {number} */ count) => (Math.floor(share(part) * count) + 0.5) / count;
    this.at = [cell((event.clientY - box.top) / box.height, found.map.height), cell((event.clientX - box.left) / box.width, found.map.width)];
    if (down) {
      this.held = !(this.held && this.at.join() === before);
      this.moved();
    }
    this.#draw();
  }

  /** @param {PointerEvent} event @param {HTMLCanvasElement} canvas @param {number} count */
  #pick(event, canvas, count) {
    const box = canvas.getBoundingClientRect();
    this.#choose(Math.floor(((event.clientY - box.top) / box.height) * count), true);
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !this.blocks) return;
    const step = STEPS[event.key];
    if (step) {
      const most = Math.max(1, ...this.rows.map(({ join }) => join.result.height));
      this.at = this.at.map((share, axis) => (Math.max(0, Math.min(most - 1, Math.floor(share * most) + step[axis])) + 0.5) / most);
      this.held = true;
      this.moved();
      this.#draw();
      this.live.textContent = this.rows.map(({ line }) => line.textContent).join(". ");
    } else if (event.key === "[" || event.key === "]") this.#choose(this.channel + (event.key === "]" ? 1 : -1), true);
    else if (event.key === "Escape" && this.held) {
      this.held = false;
      this.moved();
      this.#draw();
    } else return;
    event.preventDefault();
  }

  #choose(channel, tell = false) {
    this.channel = Math.max(0, Math.min(this.count - 1, channel));
    if (tell) {
      this.held = true;
      this.moved();
    }
    this.#draw();
  }

  // --- drawing -------------------------------------------------------------------------------------------------------

  #draw() {
    const { text } = this;
    this.label.textContent = text("channel {number}", { number: this.channel });
    this.columns.classList.toggle("bp-held", this.held);
    for (const row of this.rows) this.#drawRow(row);
  }

  #drawRow({ join, maps, line, extra, legend }) {
    const { text, palette } = this;
    const channel = Math.min(this.channel, join.result.channels - 1);
    const cell = placeIn(join.result, this.at);
    const shown = maps.filter(({ map }) => map.height * map.width > 1);
    const peak = Math.max(...shown.map(({ map }) => peakOf(map, channel)));
    for (const { canvas, number, map, title } of maps) {
      const value = valueAt(map, channel, cell, join.result);
      number.textContent = format(value, 4);
      canvas.setAttribute("aria-label", `${title}: ${format(value, 4)}`);
      if (map.height * map.width === 1) {
        gateBars(prepare(canvas, this.side, this.side), this.side, map.data, channel, palette);
        continue;
      }
      const box = { ...fit(0, 0, this.side, map.width, map.height), x: 0, y: 0 };
      const g = prepare(canvas, box.w, box.h);
      const plane = map.height * map.width;
      const picture = palette.keep(`${map.node}/${channel}/${peak}/${map.data.byteOffset}`, () =>
        rasteriseFloat(map.data, channel * plane, map.width, map.height, peak, palette.table("signed")),
      );
      drawMap(g, picture, box, palette.theme);
      mark(g, box, map, [cell.y, cell.x, cell.y, cell.x], palette.theme);
    }
    if (extra) shares(prepare(extra, 150, SIDE), { width: 150, height: SIDE }, join, channel, palette, text("input"));
    colourBar(prepare(legend, 120, 26), palette, { x: 4, y: 3, w: 112, h: 6 }, format(peak, 2));
    line.textContent = text("channel {channel}, row {y}, column {x}:", { channel, y: cell.y, x: cell.x });
    const numbers = element("strong", "", equation(join, channel, cell, text));
    line.append(" ", numbers);
    if (join.kind === "cat") {
      const { part, channel: own } = sourceOf(join, channel);
      const name = part.role === "x" ? text("the input") : part.name;
      numbers.textContent = text("channel {own} of {name}, unchanged: {value}", { own, name, value: format(valueAt(join.result, channel, cell, join.result), 4) });
    }
  }
}

/** @param {any} map @param {number} channel */
function peakOf(map, channel) {
  const plane = map.height * map.width;
  let most = 0;
  for (let i = channel * plane; i < (channel + 1) * plane; i++) most = Math.max(most, Math.abs(map.data[i]));
  return most;
}

/** @param {any} map @param {number} channel @param {{y: number, x: number}} cell @param {any} result whose size the cell counts in */
function valueAt(map, channel, { y, x }, result) {
  if (map.height * map.width === 1) return map.data[channel];
  return map.data[(channel * result.height + y) * result.width + x];
}
