// A Grad-CAM taken apart: the rows on the left flow into the sum, through the ReLU, over the photo.

import { asCanvas, colour, palette as heatColours } from "../shared/heat.js";
import { format, rasteriseFloat } from "../shared/colours.js";
import { element } from "../shared/dom.js";
import { Palette } from "../shared/palette.js";
import { photoCanvas } from "../shared/photo.js";
import { colourBar, drawMap, fit, mark, prepare, write } from "../shared/sketch.js";
import { words } from "../shared/words.js";
import { writeEquation } from "./equation.js";
import { Flow } from "./flow.js";
import { others, peakOf, product, strongest, terms } from "./numbers.js";
import { makeRow, tellRow, tellWeight } from "./rows.js";

const STEPS = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };
const FIRST = 6;
const MORE = 10;
const SMALL = 64;
const OPACITY = 0.72;

export class View {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.count = FIRST;
    this.row = -1;
    this.pinned = false;
    this.palette = new Palette(root);
    this.#build();
    this.observer = new ResizeObserver(() => this.#lay());
    this.observer.observe(root);
    this.onScroll = () => requestAnimationFrame(() => this.#lay()); // the sum stays in sight, its lines follow
    addEventListener("scroll", this.onScroll, { capture: true, passive: true });
  }

  destroy() {
    this.observer.disconnect();
    removeEventListener("scroll", this.onScroll, { capture: true });
  }

  themeChanged() {
    this.palette.refresh();
    if (this.content) this.#draw();
  }

  /** @param {import("./numbers.js").Content} content */
  receive(content) {
    const same = this.content && this.content.layer === content.layer && this.content.height === content.height;
    this.content = content;
    this.text = words(content.texts);
    this.photo = photoCanvas(content.photo, true);
    if (!same || this.place === undefined) {
      this.place = strongest(content);
      this.pinned = false;
      this.count = FIRST;
    }
    this.palette.refresh();
    this.#label();
    this.#fill();
  }

  // --- what is there ---------------------------------------------------------------------------------------------

  #build() {
    this.tools = element("div", "cs-tools");
    this.single = element("input");
    this.single.type = "checkbox";
    this.single.addEventListener("change", () => this.#draw());
    this.singleLabel = element("label");
    this.singleText = element("span");
    this.singleLabel.append(this.single, this.singleText);
    this.hint = element("span", "cs-hint");
    this.tools.append(this.singleLabel, this.hint);

    this.stage = element("div", "cs-stage");
    this.stage.tabIndex = 0;
    this.stage.setAttribute("role", "group");
    this.head = element("div", "cs-row cs-head");
    this.headings = ["", "cs-a", "", "cs-w", "", "cs-p", "cs-t"].map((name) => element("span", name));
    this.head.append(...this.headings);
    this.list = element("div", "cs-list");
    this.more = element("button", "cs-more");
    this.more.addEventListener("click", () => this.#showMore());
    const left = element("div", "cs-left");
    left.append(this.head, this.list, this.more);

    this.sum = this.#figure("cs-sum");
    this.relu = this.#figure("cs-relu");
    this.over = this.#figure("cs-over");
    const right = element("div", "cs-right");
    right.append(this.sum.root, element("span", "cs-arrow", "→"), this.relu.root, element("span", "cs-arrow", "→"), this.over.root);
    this.flow = new Flow(this.stage);
    this.stage.append(this.flow.svg, left, element("span", "cs-gap"), right);

    this.equation = element("div", "cs-equation");
    this.equation.setAttribute("aria-live", "polite");
    this.root.replaceChildren(this.tools, this.stage, this.equation);

    this.stage.addEventListener("pointermove", (event) => this.#point(event));
    this.stage.addEventListener("pointerdown", (event) => this.#point(event, true));
    this.stage.addEventListener("pointerleave", () => this.#choose(-1));
    this.stage.addEventListener("keydown", (event) => this.#onKey(event));
  }

  #figure(name) {
    const root = element("figure", name);
    const title = element("figcaption");
    const canvas = element("canvas");
    canvas.setAttribute("role", "img");
    const number = element("span", "cs-number");
    const legend = element("canvas", "cs-legend");
    legend.setAttribute("aria-hidden", "true");
    root.append(title, canvas, number, legend);
    return { root, title, canvas, number, legend };
  }

  #label() {
    const { text, content } = this;
    const [, map, , weight, , result, here] = this.headings;
    map.textContent = text("map A");
    weight.textContent = text("weight w");
    result.textContent = text("product w·A");
    here.textContent = text("adds here");
    this.sum.title.textContent = text("sum of all {count}", { count: content.channels });
    this.relu.title.textContent = text("ReLU: the Grad-CAM");
    this.over.title.textContent = text("over the photo");
    this.singleText.textContent = text("One scale for products and sum");
    this.hint.textContent = text("Point at any map or use the arrow keys; click to hold the place.");
    this.stage.setAttribute(
      "aria-label",
      text("Grad-CAM of {layer} for {name}, taken apart. Arrow keys move the place.", {
        layer: content.layer,
        name: content.name,
      }),
    );
  }

  #fill() {
    const { content, text } = this;
    const size = content.height * content.width;
    const sent = content.shown.length;
    this.count = Math.min(this.count, sent);
    this.hiddenCount = content.channels - this.count;
    this.rows = Array.from({ length: this.count }, (_, index) => {
      const row = makeRow(true);
      row.name.textContent = text("channel {number}", { number: content.shown[index] });
      row.root.addEventListener("pointerenter", () => this.#choose(index));
      row.values = content.maps.subarray(index * size, (index + 1) * size);
      row.products = product(content, index);
      return row;
    });
    if (this.hiddenCount > 0) {
      const row = makeRow(false);
      row.name.textContent = text("all {count} others", { count: this.hiddenCount });
      row.root.addEventListener("pointerenter", () => this.#choose(this.count));
      row.values = null;
      row.products = others(content, this.count);
      this.rows.push(row);
    }
    this.list.replaceChildren(...this.rows.map((row) => row.root));
    this.more.hidden = this.count >= sent && this.count <= FIRST;
    this.more.textContent =
      this.count < sent ? text("Show {count} more", { count: Math.min(MORE, sent - this.count) }) : text("Show fewer");
    this.#draw();
    this.#lay();
  }

  #showMore() {
    this.count = this.count < this.content.shown.length ? this.count + MORE : FIRST;
    this.#fill();
  }

  // --- the place -------------------------------------------------------------------------------------------------

  #point(event, down = false) {
    const canvas = event.target;
    if (!(canvas instanceof HTMLCanvasElement) || canvas.className === "cs-legend") return;
    if (this.pinned && !down) return;
    const box = canvas.getBoundingClientRect();
    const { height, width } = this.content;
    const at = (share, count) => Math.max(0, Math.min(count - 1, Math.floor(share * count)));
    const y = at((event.clientY - box.top) / box.height, height);
    const place = y * width + at((event.clientX - box.left) / box.width, width);
    if (down) this.pinned = !(this.pinned && place === this.place);
    this.#go(place, down);
  }

  #onKey(event) {
    if (event.target !== this.stage) return;
    const { height, width } = this.content;
    const step = STEPS[event.key];
    if (event.key === "Escape") {
      this.pinned = false;
      this.#go(strongest(this.content), true);
    }
    if (!step) return;
    event.preventDefault();
    const inside = (value, count) => Math.max(0, Math.min(count - 1, value));
    const y = inside(Math.floor(this.place / width) + step[0], height);
    this.pinned = true;
    this.#go(y * width + inside((this.place % width) + step[1], width), true);
  }

  #go(place, always = false) {
    if (place === this.place && !always) return;
    this.place = place;
    this.#drawMaps();
  }

  #choose(row) {
    if (row === this.row) return;
    this.row = row;
    this.rows.forEach((each, index) => each.root.classList.toggle("cs-chosen", index === row));
    for (const product of this.equation.querySelectorAll("[data-row]")) {
      product.classList.toggle("cs-chosen", product.dataset.row === String(row));
    }
    this.flow.colour(this.all, row, this.palette.theme);
  }

  // --- drawing ---------------------------------------------------------------------------------------------------

  #draw() {
    const { content } = this;
    this.palette.cache.clear();
    for (const side of ["up", "down"]) this.root.style.setProperty(`--${side}`, this.palette.theme[side]);
    const peak = (arrays) => arrays.reduce((most, values) => Math.max(most, peakOf(values)), 0);
    const single = this.rows.filter((row) => row.values);
    this.peaks = {
      map: peak(single.map((row) => row.values)),
      product: peak(single.map((row) => row.products)), // beside all others together, each would be pale
      sum: peakOf(content.total),
    };
    if (this.single.checked) this.peaks.product = this.peaks.sum = Math.max(this.peaks.product, this.peaks.sum);
    const weightPeak = peakOf(content.weights.subarray(0, this.count));
    this.rows.forEach((row, index) => {
      if (row.map) tellWeight(row, content.weights[index], weightPeak, this.palette);
    });
    this.positive = content.total.map((value) => Math.max(0, value));
    const colours = heatColours(false, this.palette.theme.dark, OPACITY);
    this.heat = asCanvas(colour(this.positive, content.width, content.height, this.peaks.sum, false, colours));
    this.#drawMaps();
  }

  #drawMaps() {
    const { content, rows, place, peaks } = this;
    const at = terms(content, this.count, place);
    this.all = rows.length > this.count ? [...at.each, at.rest] : at.each;
    const peak = Math.max(...this.all.map(Math.abs));
    rows.forEach((row, index) => {
      if (row.map && row.values) this.#paint(row.map, `a${index}`, row.values, peaks.map, SMALL);
      this.#paint(row.product, `p${index}`, row.products, peaks.product, SMALL);
      tellRow(row, row.values ? row.values[place] : null, this.all[index], peak);
    });
    const big = this.#bigSide();
    this.#paint(this.sum.canvas, "sum", content.total, peaks.sum, big);
    this.#paint(this.relu.canvas, "relu", this.positive, peaks.sum, big);
    this.#paintPhoto(big);
    this.sum.number.textContent = format(content.total[place], 4);
    this.relu.number.textContent = format(this.positive[place], 4);
    this.#legends();
    this.#tell(at);
    this.flow.colour(this.all, this.row, this.palette.theme);
  }

  #bigSide() {
    return this.root.clientWidth < 560 ? 104 : 168;
  }

  #paint(canvas, key, values, peak, side) {
    const { height, width } = this.content;
    const box = fit(0, 0, side, width, height);
    const g = prepare(canvas, box.w, box.h);
    const table = this.palette.table("signed");
    const picture = this.palette.keep(key, () => rasteriseFloat(values, 0, width, height, peak, table));
    drawMap(g, picture, { ...box, x: 0, y: 0 }, this.palette.theme);
    this.#mark(g, box);
  }

  #paintPhoto(side) {
    const box = { ...fit(0, 0, side, this.photo.width, this.photo.height), x: 0, y: 0 };
    const g = prepare(this.over.canvas, box.w, box.h);
    g.imageSmoothingEnabled = true;
    g.imageSmoothingQuality = "high";
    g.drawImage(this.photo, 0, 0, box.w, box.h);
    g.drawImage(this.heat, 0, 0, box.w, box.h);
    this.#mark(g, box);
  }

  #mark(g, box) {
    const { height, width } = this.content;
    const [y, x] = [Math.floor(this.place / width), this.place % width];
    mark(g, { ...box, x: 0, y: 0 }, { width, height }, [y, x, y, x], this.palette.theme);
  }

  #legends() {
    const bar = (canvas, peak) =>
      colourBar(prepare(canvas, 104, 28), this.palette, { x: 1, y: 2, w: 102, h: 8 }, format(peak, 3));
    bar(this.sum.legend, this.peaks.sum);
    bar(this.relu.legend, this.peaks.sum);
    this.#heatBar(this.over.legend, this.peaks.sum);
    for (const [heading, peak] of [
      [this.headings[1], this.peaks.map],
      [this.headings[5], this.peaks.product],
    ]) {
      let canvas = heading.querySelector("canvas");
      if (!canvas) heading.append((canvas = element("canvas", "cs-legend")));
      canvas.setAttribute("aria-hidden", "true");
      colourBar(prepare(canvas, SMALL, 26), this.palette, { x: 4, y: 3, w: SMALL - 8, h: 6 }, format(peak, 2));
    }
  }

  #heatBar(canvas, peak) {
    const g = prepare(canvas, 104, 28);
    const bar = this.palette.keep("heat", () => {
      const image = new ImageData(255, 1);
      new Uint32Array(image.data.buffer).set(this.palette.table("magnitude").subarray(1));
      return image;
    });
    g.drawImage(bar, 1, 2, 102, 8);
    write(g, "0", 1, 21, this.palette.theme, { size: 10, tone: "muted" });
    write(g, format(peak, 3), 103, 21, this.palette.theme, { size: 10, tone: "muted", align: "right" });
  }

  #tell(at) {
    const { content, place, text } = this;
    const size = content.height * content.width;
    const [y, x] = [Math.floor(place / content.width), place % content.width];
    const where = text("row {y}, column {x}:", { y, x });
    const all = {
      ...at,
      values: at.each.map((_, row) => content.maps[row * size + place]),
      weights: at.each.map((_, row) => content.weights[row]),
      total: content.total[place],
      others: this.hiddenCount,
    };
    writeEquation(this.equation, all, where, text, (row) => this.#choose(row));
    this.equation.classList.toggle("cs-pinned", this.pinned);
    for (const { canvas, title, number } of [this.sum, this.relu]) {
      canvas.setAttribute("aria-label", `${title.textContent}, ${where} ${number.textContent}`);
    }
    this.over.canvas.setAttribute("aria-label", this.over.title.textContent);
  }

  /** Where things stand has changed. */
  #lay() {
    if (!this.content || !this.root.clientWidth) return;
    const big = this.#bigSide();
    if (big !== this.big) {
      this.big = big;
      this.#drawMaps();
    }
    this.flow.lay(
      this.rows.map((row) => row.root),
      this.sum.canvas,
    );
    this.flow.colour(this.all, this.row, this.palette.theme);
  }
}
