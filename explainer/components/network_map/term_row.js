// One group of a sum: the products that read one input channel, their subtotal, and a bar as long as it weighs.

import { complete, short, shortLabel, signed } from "./numbers.js";
import { format } from "../shared/colours.js";
import { prepare } from "../shared/sketch.js";
import { element } from "../shared/dom.js";

/** Side of a picture of a large kernel, in pixels. */
const TILE = 60;

export class TermRow {
  /**
   * @param {any} context store, pictures
   * @param {{kind: "one"|"cells"|"tiles"|"none", terms: number, columns: number, exact: boolean, form: string, factors: number}} shape
   */
  constructor(context, shape) {
    this.context = context;
    this.shape = shape;
    this.root = element("div", "cs-group");
    this.label = element("button", "cs-group-label");
    this.label.addEventListener("click", () => this.#walkTo(this.middle));
    this.root.append(this.label);
    /** @type {{value: HTMLElement, weight: HTMLElement|null, product: HTMLElement|null}[]} */
    this.cells = [];
    this.body = element("div", "cs-group-body");
    this.root.append(this.body);
    if (shape.kind === "cells" || shape.kind === "one") this.#makeCells();
    if (shape.kind === "tiles") this.#makeTiles();
    this.equals = element("span", "cs-group-equals", "=");
    this.amount = element("span", "cs-card-amount");
    this.track = element("span", "cs-group-track");
    this.bar = element("span", "cs-group-bar");
    this.track.append(this.bar);
    this.root.append(this.equals, this.amount, this.track);
  }

  #makeCells() {
    const { terms, columns, exact, factors } = this.shape;
    this.body.style.gridTemplateColumns = exact ? "auto" : `repeat(${columns}, auto)`;
    for (let i = 0; i < terms; i++) {
      const pair = element("span", "cs-pair");
      const value = element("button", "cs-cell cs-cell-value");
      value.tabIndex = -1;
      value.addEventListener("click", () => this.#walkTo(i));
      pair.append(value);
      /** @type {HTMLElement|null} */
      let weight = null;
      if (factors > 1) {
        weight = element("span", "cs-cell cs-cell-weight");
        pair.append(element("i", "", "×"), weight);
      }
      /** @type {HTMLElement|null} */
      let product = null;
      if (exact && factors > 1 && terms > 1) {
        product = element("span", "cs-cell-product");
        pair.append(element("i", "", "="), product);
      }
      this.body.append(pair);
      this.cells.push({ value, weight, product });
    }
  }

  #makeTiles() {
    this.canvas = element("canvas", "cs-group-tiles");
    this.readout = element("span", "cs-group-readout");
    this.body.append(this.canvas, this.readout);
    this.canvas.addEventListener("pointermove", (event) => {
      const at = this.#tileAt(event);
      if (at === null) return;
      const [value, weight] = this.group.factors.map((/** @type {any} */ factor) => factor.values[at]);
      this.readout.textContent = weight === undefined ? format(value, 4) : `${format(value, 3)} × ${format(weight, 3)} = ${format(this.group.products[at], 3)}`;
    });
    this.canvas.addEventListener("pointerleave", () => (this.readout.textContent = ""));
    this.canvas.addEventListener("click", (event) => {
      const at = this.#tileAt(event);
      if (at !== null) this.#walkTo(at);
    });
  }

  /** Whether a group's terms are one product of several maps (a × b) rather than value × weight. */
  get #maps() {
    return this.group.factors.filter((/** @type {any} */ factor) => factor.source !== null).length > 1;
  }

  /**
   * @param {any} group
   * @param {{largest: number, weightPeak: number, chosen: number|null, summed: boolean}} of
   */
  update(group, { largest, weightPeak, chosen, summed }) {
    const { pictures, store } = this.context;
    this.group = group;
    const factor = group.factors[0];
    const source = factor.source === null || factor.source === undefined ? null : store.node(factor.source);
    this.middle = Math.floor(group.products.length / 2);
    const weighted = group.factors[1]?.role === "weight" && group.channel !== null;
    this.label.textContent = weighted ? store.text("input {number}", { number: group.channel }) : source ? shortLabel(source) : store.text("constant");
    this.label.title = source ? store.text("Go to channel {number} of {node}", { number: group.channel ?? 0, node: source.name }) : "";
    this.label.disabled = !source;
    const peak = source ? pictures.peakOf(source.index, group.channel ?? 0) : Math.abs(factor.values[0]) || 1;
    if (this.cells.length) this.#drawCells(group, peak, weightPeak, chosen, summed);
    else if (this.canvas) this.#drawTiles(group, peak, weightPeak);
    const plain = !summed || (group.products.length === 1 && group.factors.length === 1 && !this.shape.exact);
    const single = plain && !summed;
    this.equals.hidden = single;
    this.amount.hidden = single;
    this.track.hidden = single;
    const subtotal = Number(group.subtotal);
    this.amount.textContent = this.shape.exact ? complete(subtotal) : signed(subtotal, 4);
    this.bar.style.width = `${Math.max(0, Math.min(1, Math.abs(subtotal) / largest)) * 100}%`;
    this.bar.dataset.sign = subtotal < 0 ? "down" : "up";
  }

  /** @param {any} group @param {number} peak @param {number} weightPeak @param {number|null} chosen @param {boolean} summed */
  #drawCells(group, peak, weightPeak, chosen, summed) {
    const { pictures, store } = this.context;
    const show = this.shape.exact ? complete : short;
    const [first, second] = group.factors;
    const maps = this.#maps;
    for (let i = 0; i < this.cells.length; i++) {
      const { value, weight, product } = this.cells[i];
      const number = Number(first.values[i]);
      const padding = first.positions && first.positions[i] === null;
      text(value, padding ? "0" : show(number));
      paint(value, pictures, padding ? 0 : number, peak, "signed");
      value.classList.toggle("cs-padding", Boolean(padding));
      value.classList.toggle("cs-chosen", !summed && chosen === i && this.cells.length > 1);
      value.title = padding ? store.text("padding") : complete(number);
      if (weight) {
        const factor = Number(second.values[i]);
        text(weight, show(factor));
        if (maps) paint(weight, pictures, factor, pictures.peakOf(second.source, group.channel ?? 0), "signed");
        else if (second.role === "constant") weight.style.background = "transparent";
        else paint(weight, pictures, factor, weightPeak, "weights");
        weight.title = complete(factor);
      }
      if (product) text(product, complete(Number(group.products[i])));
    }
  }

  /** @param {any} group @param {number} peak @param {number} weightPeak */
  #drawTiles(group, peak, weightPeak) {
    const { pictures } = this.context;
    const { columns, terms } = this.shape;
    const rows = Math.ceil(terms / columns);
    const size = TILE / Math.max(columns, rows);
    const g = prepare(/** @type {HTMLCanvasElement} */ (this.canvas), TILE * 3 + 40, size * rows);
    const [first, second] = group.factors;
    const products = group.products.map(Number);
    const most = Math.max(...products.map(Math.abs), 1e-12);
    const sets = second ? [[first.values, peak, "signed"], [second.values, weightPeak, second.role === "constant" ? "signed" : "weights"], [products, most, "signed"]] : [[first.values, peak, "signed"]];
    sets.forEach(([values, scale, name], set) => {
      for (let i = 0; i < terms; i++) {
        g.fillStyle = pictures.colour(Number(values[i]), scale, name);
        g.fillRect(set * (TILE + 20) + (i % columns) * size, Math.floor(i / columns) * size, size - 0.6, size - 0.6);
      }
      if (set) {
        g.fillStyle = pictures.theme.faint;
        g.font = `12px ${pictures.theme.font}`;
        g.textAlign = "center";
        g.fillText(set === 1 ? "×" : "=", set * (TILE + 20) - 10, (size * rows) / 2 + 4);
      }
    });
  }

  /** @param {MouseEvent} event */
  #tileAt(event) {
    const { columns, terms } = this.shape;
    const size = TILE / Math.max(columns, Math.ceil(terms / columns));
    const x = Math.floor((event.offsetX % (TILE + 20)) / size);
    const at = Math.floor(event.offsetY / size) * columns + x;
    return x < columns && at < terms ? at : null;
  }

  /** Go to the place that the value of a term was read from. @param {number} i */
  #walkTo(i) {
    const { store } = this.context;
    const factor = this.group.factors[0];
    const place = factor.positions?.[i] ?? factor.positions?.find(Boolean);
    if (!place || factor.source === null) return;
    store.go({ node: factor.source, channel: place[0], y: place[1], x: place[2] });
  }
}

/** @param {HTMLElement} cell @param {string} shown */
function text(cell, shown) {
  if (cell.textContent !== shown) cell.textContent = shown;
}

/** @param {HTMLElement} cell @param {any} pictures @param {number} value @param {number} peak @param {any} name */
function paint(cell, pictures, value, peak, name) {
  const colour = pictures.colour(value, peak, name);
  if (cell.dataset.colour === colour) return;
  cell.dataset.colour = colour;
  cell.style.background = colour;
  cell.style.color = pictures.ink(value, peak, name);
}
