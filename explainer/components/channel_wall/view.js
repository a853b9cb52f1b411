// The whole wall: tools on top, all channels on the left, the chosen one large on the right.

import { fromAddress, updateAddress } from "../shared/address.js";
import { format, isDark } from "../shared/colours.js";
import { download, element } from "../shared/dom.js";
import { npy } from "../shared/npy.js";
import { Palette } from "../shared/palette.js";
import { colourBar, prepare } from "../shared/sketch.js";
import { words } from "../shared/words.js";
import { Cells } from "./cells.js";
import { Detail } from "./detail.js";
import { Layer } from "./layer.js";

/** The server is told where the reader is once the reader has rested there so long. */
const REST = 160;

export class View {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    /** @type {(ask: object) => void} */
    this.send = () => {};
    this.store = { text: words({}) };
    /** @type {Layer|null} */
    this.layer = null;
    /** @type {import("./layer.js").Sort} */
    this.sort = "channel";
    /** @type {"layer"|"channel"} */
    this.mode = fromAddress("scale") === "channel" ? "channel" : "layer";
    this.living = false;
    /** @type {{channel: number, y: number|null, x: number|null}} */
    this.place = { channel: 0, y: null, x: null };
    this.frame = element("div", "wall");
    this.tools = element("div", "wall-tools");
    this.facts = element("p", "wall-facts");
    this.body = element("div", "wall-body cw-body");
    this.left = element("div", "wall-left");
    this.right = element("div", "wall-right");
    this.status = element("div", "wall-status");
    this.live = element("div", "wall-unseen");
    this.live.setAttribute("aria-live", "polite");
    this.body.append(this.left, this.right);
    this.frame.append(this.tools, this.facts, this.body, this.live);
    root.replaceChildren(this.frame);
    this.palette = new Palette(this.frame);
    this.cells = new Cells(this.left, this);
    this.left.append(this.status);
    this.detail = new Detail(this.right, this);
    this.frame.addEventListener("keydown", (event) => this.#onKey(event));
    this.onBack = () => this.#read() && this.#settle();
    addEventListener("popstate", this.onBack);
  }

  /** @param {any} frame */
  receive(frame) {
    if (frame.text) this.store.text = words(frame.text);
    this.identity = frame.identity;
    for (const message of frame.messages) {
      if (message.type === "layer") this.#open(message, frame);
      else if (message.type === "channel") this.layer?.take(message);
      else if (message.type === "contribution" && this.layer) this.layer.contribution = message.values;
      else if (message.type === "file" && message.serial !== this.delivered) {
        this.delivered = message.serial;
        download(new Blob([message.data]), message.name);
      }
    }
    this.#arrange();
    this.draw();
    this.tell(null);
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
    this.#makeTools();
    this.#makeFacts();
    this.#arrange();
    this.detail.open();
    this.cells.open();
    this.cells.draw();
    this.cells.reveal(this.place.channel);
    this.#ask();
  }

  /** Take the place from the address; whether it is in this layer and another than before. */
  #read() {
    const { layer } = this;
    const [name, channel, pixel] = fromAddress("at").split("/");
    if (!layer || name !== layer.message.name) return false;
    const c = Number.parseInt(channel, 10);
    const [y, x] = (pixel ?? "").split(",").map((v) => Number.parseInt(v, 10));
    const there = y >= 0 && y < layer.height && x >= 0 && x < layer.width;
    this.place = { channel: c >= 0 && c < layer.channels ? c : 0, y: there ? y : null, x: there ? x : null };
    return true;
  }

  #write(entry = false) {
    const { channel, y, x } = this.place;
    const pixel = y === null ? "" : `/${y},${x}`;
    updateAddress({ at: `${this.layer?.message.name}/${channel}${pixel}` }, { entry });
  }

  /** Tell the server what is wanted, once the reader rests. @param {object} [more] */
  #ask(more = {}) {
    this.wanted = { ...this.wanted, ...more };
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => {
      const missing = this.layer && !this.layer.planeOf(this.place.channel);
      const contribution = this.sort === "contribution" && !this.layer?.contribution;
      this.send({ identity: this.identity, serial: Date.now(), address: { at: fromAddress("at"), scale: fromAddress("scale") }, channel: missing ? this.place.channel : null, contribution, ...this.wanted });
      this.wanted = {};
    }, REST);
  }

  /** @param {number} channel */
  choose(channel) {
    if (channel === this.place.channel) return;
    this.place = { ...this.place, channel };
    this.#write(true);
    this.#settle();
  }

  /** @param {number|null} y @param {number|null} x */
  pin(y, x) {
    const entry = (y === null) !== (this.place.y === null);
    this.place = { ...this.place, y, x };
    this.#write(entry);
    this.#settle();
  }

  #settle() {
    this.cells.reveal(this.place.channel);
    this.draw();
    this.tell(null);
    this.#ask();
    this.live.textContent = this.detail.spoken();
  }

  #arrange() {
    if (this.layer) this.cells.order = this.layer.order(this.sort, this.living);
    if (this.pending) this.pending.hidden = !(this.sort === "contribution" && !this.layer?.contribution);
  }

  draw() {
    this.cells.draw();
    this.detail.draw();
    this.#drawLegend();
    this.frame.dataset.layer = this.layer?.message.name ?? ""; // for tests
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
    const bar = element("div", "wall-actions");
    this.pending = element("span", "wall-pending", store.text("working out the contributions …"));
    this.legend = element("canvas", "wall-legend");
    /** @type {[import("./layer.js").Sort, string][]} */
    const sorts = layer?.vector
      ? [["channel", store.text("number")], ["mean", store.text("value")], ["contribution", store.text("contribution")]]
      : [["channel", store.text("number")], ["energy", store.text("energy")], ["mean", store.text("mean")], ["zeros", store.text("zeros")], ["contribution", store.text("contribution")]];
    const order = this.#choice(store.text("Sort by"), sorts, () => this.sort, (value) => {
      this.sort = value;
      this.#arrange();
      this.cells.scroller.scrollTop = 0;
      this.draw();
      if (value === "contribution" && !layer?.contribution) this.#ask();
    });
    order.title = store.text("Contribution: what each channel adds to “{name}”, gradient × activation.", { name: this.class });
    this.tools.replaceChildren(order, this.pending);
    if (!layer?.vector && !layer?.message.image) {
      this.tools.append(this.#choice(store.text("Colours by"), [["layer", store.text("layer")], ["channel", store.text("channel")]], () => this.mode, (value) => {
        this.mode = value;
        updateAddress({ scale: value === "layer" ? "" : value });
        this.#ask();
        this.draw();
      }));
    }
    if (!layer?.vector) this.tools.append(this.#sizeSlider());
    const dead = layer?.message.figures.dead.length;
    if (dead) this.tools.append(this.#deadSwitch(dead));
    if (!layer?.vector && !layer?.message.image) this.tools.append(this.legend);
    this.#action(bar, store.text("Picture"), store.text("Save what is shown as a picture"), () => this.#savePicture());
    this.#action(bar, store.text("Channel .npy"), store.text("Save the chosen channel's numbers"), () => this.#saveChannel());
    this.#action(bar, store.text("Layer .npy"), store.text("Save the numbers of the whole layer"), () => this.#ask({ file: true }));
    this.tools.append(bar);
  }

  #sizeSlider() {
    const label = element("label", "wall-size");
    const slider = element("input");
    Object.assign(slider, { type: "range", min: "24", max: "220", value: String(this.cells.size) });
    slider.addEventListener("input", () => {
      this.cells.size = Number(slider.value);
      this.cells.draw();
    });
    this.slider = slider;
    label.append(element("span", "", this.store.text("Size")), slider);
    return label;
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

  /**
   * A row of choices of which one is taken.
   * @template {string} T
   * @param {string} title
   * @param {[T, string][]} options
   * @param {() => T} current
   * @param {(value: T) => void} take
   */
  #choice(title, options, current, take) {
    const group = element("div", "wall-choice");
    group.setAttribute("role", "radiogroup");
    group.setAttribute("aria-label", title);
    group.append(element("span", "wall-choice-title", title));
    const buttons = options.map(([value, text]) => {
      const button = element("button", "", text);
      button.dataset.value = value;
      button.setAttribute("role", "radio");
      button.addEventListener("click", () => pick(value));
      button.addEventListener("keydown", (event) => {
        const step = /** @type {Record<string, number>} */ ({ ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 })[event.key];
        if (!step) return;
        event.preventDefault();
        event.stopPropagation();
        const at = options.findIndex(([name]) => name === value);
        const next = (at + step + options.length) % options.length;
        pick(options[next][0]);
        buttons[next].focus();
      });
      group.append(button);
      return button;
    });
    const mark = () => {
      for (const button of buttons) {
        const chosen = button.dataset.value === current();
        button.setAttribute("aria-checked", String(chosen));
        button.tabIndex = chosen ? 0 : -1;
      }
    };
    const pick = (/** @type {T} */ value) => {
      take(value);
      mark();
    };
    mark();
    return group;
  }

  /** @param {HTMLElement} bar @param {string} text @param {string} hint @param {() => unknown} act */
  #action(bar, text, hint, act) {
    const button = element("button", "wall-action", text);
    button.title = hint;
    button.addEventListener("click", () => act());
    bar.append(button);
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
    if (this.slider) this.slider.value = String(this.cells.size);
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

  async #savePicture() {
    const blob = await this.detail.picture(this.cells.canvas);
    if (blob) download(blob, `${this.#fileName()}.png`);
  }

  #saveChannel() {
    const { layer, place } = this;
    const plane = layer?.planeOf(place.channel);
    if (layer && plane) download(npy(plane, [layer.height, layer.width]), `${this.#fileName()}.npy`);
  }

  #fileName() {
    return `${this.layer?.message.name}-${this.place.channel}`.replaceAll(":", "-");
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const from = /** @type {HTMLElement} */ (event.composedPath()[0]);
    if (!this.layer || event.altKey || event.ctrlKey || event.metaKey || /^(BUTTON|INPUT|SELECT)$/.test(from.tagName)) return;
    const large = from === this.detail.stage;
    if (event.key === "[" || event.key === "]") {
      const next = this.cells.step(event.key === "]" ? "ArrowRight" : "ArrowLeft");
      if (next !== null) this.choose(this.layer.vector ? this.place.channel + (event.key === "]" ? 1 : -1) : next);
    } else if (large ? this.detail.key(event) : this.#wallKey(event)) {
      // done
    } else return;
    event.preventDefault();
  }

  /** @param {KeyboardEvent} event */
  #wallKey(event) {
    if (event.key === "Enter") {
      this.detail.enter();
      return true;
    }
    const next = this.cells.step(event.key);
    if (next === null) return false;
    this.choose(next);
    return true;
  }

  checkTheme() {
    const style = getComputedStyle(this.frame);
    const theme = ["--st-background-color", "--st-text-color", "--st-primary-color"].map((v) => style.getPropertyValue(v)).join();
    if (theme === this.theme) return;
    this.theme = theme;
    this.frame.classList.toggle("wall-dark", isDark(this.frame));
    this.palette.refresh();
    if (this.layer) this.draw();
  }

  destroy() {
    clearTimeout(this.waiting);
    removeEventListener("popstate", this.onBack);
    this.cells.destroy();
    this.detail.destroy();
  }
}
