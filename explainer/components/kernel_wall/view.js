// The wall of kernels: all filters on the left, the chosen one with its numbers on the right.

import { fromAddress, updateAddress } from "../shared/address.js";
import { format } from "../shared/colours.js";
import { download, element } from "../shared/dom.js";
import { npy } from "../shared/npy.js";
import { colourBar, prepare } from "../shared/sketch.js";
import { Wall } from "../shared/wall.js";
import { FilterView } from "./filter_view.js";
import { Filters } from "./filters.js";
import { Grid } from "./grid.js";
import { Norms } from "./norms.js";

export class View extends Wall {
  /** @param {HTMLElement} root */
  constructor(root) {
    super(root);
    /** @type {Filters|null} */
    this.filters = null;
    this.filter = 0;
    /** @type {{filter: number, at: number}|null} */
    this.pointed = null;
    /** @type {import("./filters.js").Sort} */
    this.sort = "channel";
    /** @type {"layer"|"channel"} */
    this.mode = fromAddress("scale") === "channel" ? "channel" : "layer";
    this.body.classList.add("kw-body");
    this.norms = new Norms(this.left, this);
    this.grid = new Grid(this.left, this);
    this.left.append(this.status);
    this.detail = new FilterView(this.right, this);
  }

  /** @param {any} message */
  take(message) {
    if (message.type === "kernels") this.#open(message);
    else if (message.type === "filter") this.filters?.takeFilter(message);
    else if (message.type === "rows") this.filters?.takeRows(message);
  }

  received() {
    const nearest = this.filters?.known.get(this.filter)?.nearest ?? [];
    if (this.filters && this.filters.area > 1) this.fetch(nearest.map(([other]) => other).filter((/** @type {number} */ other) => !this.filters?.arrived(other)));
    this.#arrange();
    this.draw();
    this.tell(this.pointed);
  }

  /** @param {any} message */
  #open(message) {
    const same = this.filters?.message.name === message.name;
    this.palette.refresh();
    this.filters = new Filters(message);
    this.pointed = null;
    if (!same) this.sort = "channel";
    this.filter = 0;
    this.#read();
    this.#arrange();
    if (!same) this.grid.open();
    this.#makeTools();
    this.#makeFacts();
    this.grid.draw();
    this.grid.reveal(this.filter);
    this.ask();
  }

  /** Take the filter from the address; whether it is in this layer. */
  #read() {
    const found = this.filters && this.placeOf(this.filters.message.name);
    if (!found) return false;
    this.filter = found.channel >= 0 && found.channel < this.filters.count ? found.channel : 0;
    return true;
  }

  wentBack() {
    if (this.#read()) this.#settle();
  }

  missing() {
    const { filters, filter } = this;
    return { filter: filters && !filters.whole && !filters.known.has(filter) ? filter : null };
  }

  /** Have rows brought that are in sight. @param {number[]} rows */
  fetch(rows) {
    if (rows.length) this.ask({ rows });
  }

  /** @param {number} filter */
  choose(filter) {
    if (!this.filters || filter === this.filter || !(filter >= 0 && filter < this.filters.count)) return;
    this.filter = filter;
    this.putPlace(this.filters.message.name, filter);
    this.#settle();
  }

  #settle() {
    if (this.sort === "likeness") this.#arrange();
    this.grid.reveal(this.filter);
    this.draw();
    this.ask();
    this.live.textContent = this.title(this.filter);
  }

  #arrange() {
    if (this.filters) this.grid.order = this.filters.order(this.sort, this.filter);
  }

  /** @param {import("./filters.js").Sort} sort */
  sortBy(sort) {
    this.sort = sort;
    this.#arrange();
    this.#makeTools();
    this.grid.scroller.scrollTop = 0;
    this.grid.draw();
    this.grid.reveal(this.filter);
    this.draw();
  }

  draw() {
    if (!this.filters) return;
    this.norms.draw();
    this.grid.draw();
    this.detail.draw();
    this.#drawLegend();
    this.frame.dataset.layer = this.filters.message.name; // for tests
  }

  /** @param {number} filter */
  title(filter) {
    const name = this.filters?.message.names?.[filter];
    const number = this.store.text("filter {number}", { number: filter });
    return name ? `${number} · ${name}` : number;
  }

  #makeTools() {
    const { store, filters } = this;
    if (!filters) return;
    const focused = this.tools.contains(/** @type {any} */ (this.tools.getRootNode()).activeElement);
    this.legend = element("canvas", "wall-legend");
    /** @type {[import("./filters.js").Sort, string][]} */
    const sorts = [["channel", store.text("number")], ["l2", store.text("length")]];
    if (filters.message.evenness) sorts.push(["evenness", store.text("even part")]);
    if (filters.whole && filters.count > 2) sorts.push(["likeness", store.text("likeness")]);
    const sorting = this.choice(store.text("Sort by"), sorts, () => this.sort, (value) => this.sortBy(value));
    sorting.title = store.text("Likeness: cosine with the chosen filter.");
    const colouring = this.choice(store.text("Colours by"), [["layer", store.text("layer")], ["channel", store.text("filter")]], () => this.mode, (value) => {
      this.mode = value;
      updateAddress({ scale: value === "layer" ? "" : value });
      this.draw();
      this.ask();
    });
    const [least, most] = this.grid.sizesFor();
    const bar = element("div", "wall-actions");
    bar.append(
      this.action(store.text("Picture"), store.text("Save what is shown as a picture"), () => this.savePicture([this.grid.canvas, this.detail.canvas], this.#fileName())),
      this.action(store.text("Filter .npy"), store.text("Save the chosen filter's weights"), () => this.#saveFilter()),
      this.action(store.text("Layer .npy"), store.text("Save all weights of the layer"), () => this.ask({ file: true })),
    );
    this.tools.replaceChildren(sorting, colouring, this.slider(store.text("Size"), least, most, this.grid.size, (size) => this.grid.resize(size)), this.legend, bar);
    if (focused) /** @type {HTMLElement|null} */ (sorting.querySelector('[tabindex="0"]'))?.focus();
  }

  #makeFacts() {
    const { store, filters } = this;
    if (!filters) return;
    const m = filters.message;
    const what = {
      rgb: store.text("Each filter looks at red, green and blue of the image: grey is 0, the full colours are ±{peak}.", { peak: format(m.peak, 3) }),
      depthwise: store.text("One kernel for each channel: channels do not mix here."),
      pointwise: store.text("1×1 kernels mix channels and see no neighbours: a matrix, row = output channel, column = input channel."),
      linear: store.text("Every output is a weighted sum of all inputs: a matrix, row = output, column = input."),
      spatial: store.text("Row = output channel (a filter), column = input channel; each block is one kernel."),
    }[/** @type {"rgb"} */ (m.form)];
    const size = { count: filters.count, inputs: filters.inputs, height: filters.kh, width: filters.kw };
    const parts = [what, m.form === "linear" ? store.text("{count} outputs from {inputs} inputs", size) : store.text("{count} filters of {inputs}×{height}×{width}", size)];
    if (m.groups > 1 && m.form !== "depthwise") parts.push(store.text("{count} groups", { count: m.groups }));
    if (m.transposed) parts.push(store.text("transposed: each kernel is stamped onto the output"));
    if (m.folded) parts.push(store.text("with the batch normalisation behind it folded in"));
    this.facts.replaceChildren(...parts.map((part) => element("span", "", part)));
  }

  #drawLegend() {
    const { filters, palette, legend } = this;
    if (!filters || !legend?.isConnected) return;
    colourBar(prepare(legend, 150, 24), palette, { x: 2, y: 4, w: 144, h: 6 }, format(filters.peak(this.filter, this.mode), 3), "weights");
  }

  /** Say which weight is under the pointer. @param {{filter: number, at: number}|null} found */
  tell(found) {
    const { store, filters } = this;
    if (!filters) return;
    this.pointed = found;
    const reading = found && filters.read(found.filter, found.at);
    if (!found || !reading) {
      this.status.replaceChildren(element("span", "wall-hint", store.text("Point at a weight to read it; click to choose its filter. Keys: arrows.")));
      this.detail.readout.replaceChildren();
      return;
    }
    const name = filters.name(found.filter, found.at);
    const value = `${reading.exact ? "=" : "≈"} ${format(reading.value, reading.exact ? 7 : 2)}`;
    this.status.replaceChildren(element("span", "wall-status-name", this.title(found.filter)), element("span", "", `${name} ${value}`));
    if (!reading.exact) this.status.append(element("span", "wall-hint", store.text("click for the exact weights")));
    const here = found.filter === this.filter;
    this.detail.readout.replaceChildren(...(here ? [element("span", "", `${name} `), element("strong", "", value)] : []));
  }

  /** @param {number|null} filter */
  tellFilter(filter) {
    if (filter === null || !this.filters) return this.tell(null);
    this.status.replaceChildren(element("span", "wall-status-name", this.title(filter)), element("span", "", `${this.store.text("length")} ${format(this.filters.message.l2[filter], 5)}`));
  }

  #saveFilter() {
    const weights = this.filters?.exact(this.filter);
    if (weights && this.filters) download(npy(weights, this.filters.message.shape.slice(1)), `${this.#fileName()}.npy`);
  }

  #fileName() {
    return `${this.filters?.message.name}-weight-${this.filter}`.replaceAll(":", "-");
  }

  /** @param {KeyboardEvent} event @param {HTMLElement} from */
  key(event, from) {
    const aside = { "[": -1, "]": 1 }[event.key];
    if (aside) {
      const { order } = this.grid;
      this.choose(order[order.indexOf(this.filter) + aside] ?? -1);
      return true;
    }
    if (from !== this.grid.scroller) return false;
    const sideways = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (sideways && !this.filters?.tiles) return false; // scrolls along the columns
    const next = this.grid.step(event.key);
    if (next !== null) this.choose(next);
    return next !== null;
  }

  destroy() {
    super.destroy();
    this.norms.destroy();
    this.grid.destroy();
    this.detail.destroy();
  }
}
