// The wall of channels: all of a layer on the left, the chosen one large on the right.

import { fromAddress, updateAddress } from "../shared/address.js";
import { format } from "../shared/colours.js";
import { download, element } from "../shared/dom.js";
import { npy } from "../shared/npy.js";
import { colourBar, prepare } from "../shared/sketch.js";
import { Wall } from "../shared/wall.js";
import { Cells } from "./cells.js";
import { Detail } from "./detail.js";
import { Layer } from "./layer.js";

export class View extends Wall {
  /** @param {HTMLElement} root */
  constructor(root) {
    super(root);
    /** @type {Layer|null} */
    this.layer = null;
    /** @type {import("./layer.js").Sort} */
    this.sort = "channel";
    /** @type {"layer"|"channel"} */
    this.mode = fromAddress("scale") === "channel" ? "channel" : "layer";
    this.living = false;
    /** @type {{channel: number, y: number|null, x: number|null}} */
    this.place = { channel: 0, y: null, x: null };
    this.body.classList.add("cw-body");
    this.cells = new Cells(this.left, this);
    this.left.append(this.status);
    this.detail = new Detail(this.right, this);
  }

  /** @param {any} message @param {any} frame */
  take(message, frame) {
    if (message.type === "layer") this.#open(message, frame);
    else if (message.type === "channel") this.layer?.take(message);
    else if (message.type === "contribution" && this.layer) this.layer.contribution = message.values;
  }

  received() {
    this.#arrange();
    this.draw();
    this.tell(this.cells.hovered);
  }

  /** @param {any} message @param {any} frame */
  #open(message, frame) {
    this.palette.refresh();
    this.layer = new Layer(message);
    this.class = frame.class;
    this.sort = "channel";
    this.living = false;
    this.place = { channel: 0, y: null, x: null };
    this.#read();
    this.cells.open();
    this.#makeTools();
    this.#makeFacts();
    this.#arrange();
    this.detail.open();
    this.cells.draw();
    this.cells.reveal(this.place.channel);
    this.ask();
  }

  /** Take the place from the address; whether it is in this layer. */
  #read() {
    const { layer } = this;
    const found = layer && this.placeOf(layer.message.name);
    if (!found) return false;
    const { channel, y, x } = found;
    const there = y >= 0 && y < layer.height && x >= 0 && x < layer.width;
    this.place = { channel: channel >= 0 && channel < layer.channels ? channel : 0, y: there ? y : null, x: there ? x : null };
    return true;
  }

  wentBack() {
    if (this.#read()) this.#settle();
  }

  missing() {
    const missing = this.layer && !this.layer.planeOf(this.place.channel);
    return { channel: missing ? this.place.channel : null, contribution: this.sort === "contribution" && !this.layer?.contribution };
  }

  /** @param {number} channel */
  choose(channel) {
    if (!this.layer || channel === this.place.channel || !(channel >= 0 && channel < this.layer.channels)) return;
    this.place = { ...this.place, channel };
    this.putPlace(this.layer.message.name, channel, this.place.y, this.place.x);
    this.#settle();
  }

  /** @param {number|null} y @param {number|null} x */
  pin(y, x) {
    if (!this.layer) return;
    const entry = (y === null) !== (this.place.y === null);
    this.place = { ...this.place, y, x };
    this.putPlace(this.layer.message.name, this.place.channel, y, x, entry);
    this.#settle();
  }

  #settle() {
    this.cells.reveal(this.place.channel);
    this.draw();
    this.tell(this.cells.hovered);
    this.ask();
    this.live.textContent = this.detail.spoken();
  }

  #arrange() {
    if (this.layer) this.cells.order = this.layer.order(this.sort, this.living);
    if (this.pending) this.pending.hidden = !(this.sort === "contribution" && !this.layer?.contribution);
  }

  draw() {
    if (!this.layer) return;
    this.cells.draw();
    this.detail.draw();
    this.#drawLegend();
    this.frame.dataset.layer = this.layer.message.name; // for tests
  }

  /** What a channel is called. @param {number} channel */
  title(channel) {
    const name = this.layer?.message.names?.[channel];
    return name ? `${channel} · ${name}` : this.layer?.vector ? String(channel) : this.store.text("channel {number}", { number: channel });
  }

  /** A number beside a picture. @param {number} value */
  amount(value) {
    return this.sort === "zeros" ? `${Math.round(value * 100)} %` : format(value, 3);
  }

  #makeTools() {
    const { store, layer } = this;
    if (!layer) return;
    const coloured = !layer.vector && !layer.message.image;
    this.pending = element("span", "wall-pending", store.text("working out the contributions …"));
    this.legend = element("canvas", "wall-legend");
    this.tools.replaceChildren(this.#sorting(), this.pending);
    if (coloured) this.tools.append(this.#colouring());
    if (!layer.vector) this.tools.append(this.slider(store.text("Size"), 24, 220, this.cells.size, (size) => this.cells.resize(size)));
    const dead = layer.message.figures.dead.length;
    if (dead) this.tools.append(this.#deadSwitch(dead));
    if (coloured) this.tools.append(this.legend);
    const bar = element("div", "wall-actions");
    bar.append(
      this.action(store.text("Picture"), store.text("Save what is shown as a picture"), () => this.savePicture([this.cells.canvas, this.detail.canvas], this.#fileName())),
      this.action(store.text("Channel .npy"), store.text("Save the chosen channel's numbers"), () => this.#saveChannel()),
      this.action(store.text("Layer .npy"), store.text("Save the numbers of the whole layer"), () => this.ask({ file: true })),
    );
    this.tools.append(bar);
  }

  #sorting() {
    const { store, layer } = this;
    /** @type {[import("./layer.js").Sort, string][]} */
    const sorts = layer?.vector
      ? [["channel", store.text("number")], ["mean", store.text("value")]]
      : [["channel", store.text("number")], ["energy", store.text("energy")], ["mean", store.text("mean")], ["zeros", store.text("zeros")]];
    if (layer?.message.contributes) sorts.push(["contribution", store.text("contribution")]);
    const group = this.choice(store.text("Sort by"), sorts, () => this.sort, (value) => {
      this.sort = value;
      this.#arrange();
      this.cells.scroller.scrollTop = 0;
      this.draw();
      if (value === "contribution" && !layer?.contribution) this.ask();
    });
    if (layer?.message.contributes) group.title = store.text("Contribution: what each channel adds to “{name}”, gradient × activation.", { name: this.class });
    return group;
  }

  #colouring() {
    const { store } = this;
    return this.choice(store.text("Colours by"), [["layer", store.text("layer")], ["channel", store.text("channel")]], () => this.mode, (value) => {
      this.mode = value;
      updateAddress({ scale: value === "layer" ? "" : value });
      this.draw();
      this.ask();
    });
  }

  /** @param {number} dead */
  #deadSwitch(dead) {
    const label = element("label", "wall-check");
    const box = element("input");
    box.type = "checkbox";
    box.addEventListener("change", () => {
      this.living = box.checked;
      this.#arrange();
      this.draw();
    });
    label.append(box, element("span", "", this.store.text("hide {count} dead", { count: dead })));
    label.title = this.store.text("Zero everywhere on this picture; on another they may live.");
    return label;
  }

  #makeFacts() {
    const { store, layer } = this;
    const f = layer?.message.figures;
    const share = (/** @type {number} */ v) => `${(v * 100).toFixed(v > 0 && v < 0.1 ? 1 : 0)} %`;
    const at = new Map(f.percentiles);
    const parts = [
      store.text("from {low} to {high}", { low: format(f.low, 4), high: format(f.high, 4) }),
      store.text("mean {mean} ± {deviation}", { mean: format(f.mean, 3), deviation: format(f.deviation, 3) }),
      store.text("98 % between {low} and {high}", { low: format(at.get(1), 3), high: format(at.get(99), 3) }),
      store.text("{share} zeros", { share: share(f.zeros) }),
      store.text("{count} of {total} channels dead", { count: f.dead.length, total: layer?.channels ?? 0 }),
    ];
    if (f.constant.length) parts.push(store.text("{count} constant", { count: f.constant.length }));
    if (f.not_finite) parts.push(store.text("{count} values not finite", { count: f.not_finite }));
    this.facts.replaceChildren(...parts.map((part) => element("span", "", part)));
  }

  #drawLegend() {
    const { layer, palette, legend } = this;
    if (!layer || !legend?.isConnected) return;
    const g = prepare(legend, 150, 24);
    colourBar(g, palette, { x: 2, y: 4, w: 144, h: 6 }, format(layer.peak(this.place.channel, this.mode), 3));
  }

  /** Say in words what is under the pointer. @param {{channel: number, y: number, x: number}|null} found */
  tell(found) {
    const { store, layer } = this;
    if (!layer) return;
    if (!found) {
      this.status.replaceChildren(element("span", "wall-hint", store.text("Point at a channel to read it; click to choose it. Keys: arrows, Enter for its pixels, Esc back.")));
      return;
    }
    const { value, exact } = layer.valueAt(found.channel, found.y, found.x);
    const spot = layer.vector ? "" : `(${found.y}, ${found.x}) `;
    const parts = [this.title(found.channel), `${spot}${exact ? "=" : "≈"} ${format(value, exact ? 7 : 3)}`];
    const shares = layer.contribution;
    if (shares) parts.push(store.text("contribution to {name}: {value}", { name: this.class, value: format(shares[found.channel], 4) }));
    this.status.replaceChildren(...parts.map((part, i) => element("span", i ? "" : "wall-status-name", part)));
  }

  #saveChannel() {
    const { layer, place } = this;
    const plane = layer?.planeOf(place.channel);
    if (layer && plane) download(npy(plane, [layer.height, layer.width]), `${this.#fileName()}.npy`);
  }

  #fileName() {
    return `${this.layer?.message.name}-${this.place.channel}`.replaceAll(":", "-");
  }

  /** @param {KeyboardEvent} event @param {HTMLElement} from */
  key(event, from) {
    const aside = { "[": -1, "]": 1 }[event.key];
    if (aside) {
      const { order } = this.cells;
      this.choose(order[order.indexOf(this.place.channel) + aside] ?? -1);
      return true;
    }
    if (from === this.detail.stage) return this.detail.key(event);
    if (event.key === "Enter") {
      this.detail.enter();
      return true;
    }
    const next = this.cells.step(event.key);
    if (next !== null) this.choose(next);
    return next !== null;
  }

  destroy() {
    super.destroy();
    this.cells.destroy();
    this.detail.destroy();
  }
}
