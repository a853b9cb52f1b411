// The whole view: the map and the photo beside each other, the facts above, the way from the image below.

import { fromAddress, presentAddress, updateAddress } from "../shared/address.js";
import { isDark } from "../shared/colours.js";
import { element } from "../shared/dom.js";
import { Palette } from "../shared/palette.js";
import { Postponed } from "../shared/postponed.js";
import { words } from "../shared/words.js";
import { centreOf, halfOf, boxOf, nearestUnit } from "./boxes.js";
import { Growth } from "./growth.js";
import { MapPane } from "./map_pane.js";
import { PhotoPane } from "./photo_pane.js";
import { State } from "./state.js";
import { Tools } from "./tools.js";

/** The server is asked once the reader has rested so long. */
const REST = 180;
/** Views of one page that look at the same part of their photos tell each other so. */
const LINK = "convscope-looks-at";
const TALLEST = 460;

/** @typedef {{y: number, x: number}} Unit */

export class View {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    /** @type {(ask: object) => void} */
    this.send = () => {};
    this.text = words({});
    /** @type {any} */
    this.state = null;
    this.place = { channel: 0 };
    /** @type {Unit|null} */
    this.pinned = null;
    /** @type {Unit|null} */
    this.hovered = null;
    this.showHeat = true;
    this.average = false;
    this.outside = false;
    this.opacity = 0.85;
    this.serial = 0;
    this.asking = new Postponed(root, () => this.#askServer());
    this.frame = element("div", "fv plain");
    this.facts = element("p", "fv-facts");
    this.note = element("p", "fv-note");
    this.bar = element("div", "fv-tools");
    this.body = element("div", "fv-body");
    this.left = element("div", "fv-pane");
    this.right = element("div", "fv-pane");
    this.below = element("div", "fv-growth");
    this.live = element("div", "plain-unseen");
    this.live.setAttribute("aria-live", "polite");
    this.body.append(this.left, this.right);
    this.frame.append(this.facts, this.note, this.bar, this.body, this.below, this.live);
    root.replaceChildren(this.frame);
    this.palette = new Palette(this.frame);
    this.tools = new Tools(this.bar, this);
    this.map = new MapPane(this.left, this);
    this.photo = new PhotoPane(this.right, this);
    this.growth = new Growth(this.below, this);
    this.sizes = new ResizeObserver(() => this.schedule());
    this.sizes.observe(this.frame);
    this.onBack = () => this.state && this.#read() && this.#settle();
    this.onLink = (/** @type {any} */ event) => this.#follow(event.detail);
    addEventListener("popstate", this.onBack);
    addEventListener(LINK, this.onLink);
  }

  /** The unit that is shown: under the pointer, pinned, or the strongest. @returns {Unit} */
  get unit() {
    return this.hovered ?? this.pinned ?? this.rest ?? { y: 0, x: 0 };
  }

  /** @param {any} frame */
  receive(frame) {
    if (frame.text) this.text = words(frame.text);
    const opens = frame.messages.some((/** @type {any} */ message) => message.type === "field");
    if (!opens && frame.identity !== this.identity) {
      // An answer about a layer that never arrived: what was sent before it was lost on the way.
      this.send({ identity: this.identity ?? "", serial: ++this.serial, place: null });
      return;
    }
    this.identity = frame.identity;
    for (const message of frame.messages) {
      if (message.type === "field") this.#open(message, frame);
      else if (message.node !== this.state?.field.node) continue; // an answer about another layer
      else if (message.type === "plane") this.state.take(message);
      else if (message.type === "heat") this.#takeHeat(message);
      else if (message.type === "refusal") this.state.refuse(message);
    }
    if (!this.state) return;
    this.rest ??= this.state.strongest(this.place.channel);
    this.tools.update();
    this.draw();
    this.#ask();
  }

  /** @param {any} message @param {any} frame */
  #open(message, frame) {
    this.keepsAddress = frame.address !== false;
    this.group = frame.link ?? "";
    this.state = new State(message);
    this.palette.refresh();
    this.hovered = this.pinned = this.rest = null;
    this.average = false;
    this.place = { channel: message.planes.channels?.[0] ?? 0 };
    if (frame.place) this.#go(frame.place);
    if (this.keepsAddress) this.#read();
    this.toldAt = fromAddress("at");
    this.tools.open();
    this.photo.open();
    this.growth.open();
    this.#describe();
  }

  /** @param {{channel?: number, y?: number|null, x?: number|null}} place */
  #go({ channel, y, x }) {
    const { state } = this;
    const inside = (/** @type {any} */ v, /** @type {number} */ n) => Number.isInteger(v) && v >= 0 && v < n;
    if (inside(channel, state.channels)) this.place = { channel: /** @type {number} */ (channel) };
    this.pinned = inside(y, state.height) && inside(x, state.width) ? { y: Number(y), x: Number(x) } : null;
    this.rest = null;
  }

  /** Take the place from the address; whether it is in this layer. */
  #read() {
    const [name, channel, unit] = fromAddress("at").split("/");
    if (name !== this.state.field.node) return false;
    const [y, x] = (unit ?? "").split(",").map((part) => Number.parseInt(part, 10));
    this.#go({ channel: Number.parseInt(channel, 10), y, x });
    return true;
  }

  #write() {
    if (!this.keepsAddress) return;
    const unit = this.pinned ? `/${this.pinned.y},${this.pinned.x}` : "";
    updateAddress({ at: `${this.state.field.node}/${this.place.channel}${unit}` });
  }

  /** @param {any} message */
  #takeHeat(message) {
    const news = message.photos > 1 && !this.state.heatOf(message, true);
    this.state.takeHeat(message);
    if (news) this.average = true;
  }

  /** The pointer is over a unit, or over none. @param {Unit|null} unit */
  hover(unit) {
    if (unit?.y === this.hovered?.y && unit?.x === this.hovered?.x) return;
    this.hovered = unit;
    this.#tell();
    this.schedule();
  }

  /** @param {Unit} unit */
  pin(unit) {
    this.pinned = unit;
    this.hovered = null;
    this.#write();
    this.#tell();
    this.#settle();
  }

  unpin() {
    this.pinned = this.hovered = null;
    this.rest = this.state.strongest(this.place.channel);
    this.#write();
    this.#tell();
    this.#settle();
  }

  /** @param {number} channel */
  choose(channel) {
    const to = Math.max(0, Math.min(this.state.channels - 1, channel));
    if (to === this.place.channel) return;
    this.place = { channel: to };
    this.rest = this.state.planes.has(to) ? this.state.strongest(to) : null;
    this.#write();
    this.tools.update();
    this.#settle();
  }

  /** Go to another layer, looking at the same part of the photo. @param {string} node */
  leave(node) {
    if (this.keepsAddress) updateAddress({ at: node }, { entry: true });
    this.asking.drop();
    this.send({ identity: this.identity, serial: ++this.serial, place: null, leave: node });
  }

  #settle() {
    this.draw();
    this.live.textContent = this.spoken();
    this.#ask();
  }

  /** Ask for what is missing, once the reader rests. */
  #ask() {
    this.asking.after(REST);
  }

  #askServer() {
    const { state } = this;
    if (!state) return;
    const channel = state.planes.has(this.place.channel) ? null : this.place.channel;
    const place = { ...this.place, ...(this.pinned ?? this.rest ?? { y: null, x: null }) };
    const known = place.y === null || state.heatOf(place, false) || state.refusalOf(place);
    const heat = this.showHeat && !known && state.field.status !== "undefined";
    const wanted = JSON.stringify([this.identity, place, channel, heat]);
    const told = JSON.stringify([this.identity, place]);
    const needs = channel !== null || heat;
    const address = presentAddress();
    // The page below shows code for the pinned unit, and its links lead on from the place in the address: the server is
    // told of both even where nothing is missing.
    const there = (!this.pinned || told === this.told) && (!this.keepsAddress || address.at === this.toldAt);
    if (needs ? wanted === this.asked : there) return;
    this.told = told;
    this.toldAt = address.at;
    this.asked = wanted;
    this.send({ identity: this.identity, serial: ++this.serial, address, place, channel, heat });
  }

  /** What the heat is switched to. */
  changed() {
    this.tools.update();
    this.#settle();
  }

  /** Tell the other views of the group where this one looks, in shares of the photo. */
  #tell() {
    if (!this.group || !this.state) return;
    const { unit } = this;
    const { picture } = this.state.field;
    const centre = centreOf(this.state.field, unit.y, unit.x);
    if (!centre) return;
    const detail = { group: this.group, from: this, v: centre.py / picture.height, u: centre.px / picture.width, pinned: this.hovered === null && this.pinned !== null };
    dispatchEvent(new CustomEvent(LINK, { detail }));
  }

  /** @param {{group: string, from: View, v: number, u: number, pinned: boolean}} look */
  #follow({ group, from, v, u, pinned }) {
    if (from === this || group !== this.group || !this.state) return;
    const { picture } = this.state.field;
    const unit = nearestUnit(this.state.field, v * picture.height, u * picture.width);
    if (pinned) {
      this.pinned = unit;
      this.hovered = null;
      this.#settle();
    } else {
      this.hovered = unit;
      this.schedule();
    }
  }

  schedule() {
    if (this.scheduled) return;
    this.scheduled = requestAnimationFrame(() => {
      this.scheduled = 0;
      this.draw();
    });
  }

  draw() {
    const side = this.left.clientWidth;
    if (!this.state || !side) return;
    const tall = Math.min(TALLEST, Math.max(150, side));
    this.map.draw(side, tall);
    this.photo.draw(this.right.clientWidth, tall);
    this.growth.draw();
    this.#narrate();
    const { unit, state } = this;
    const box = boxOf(state.field, "field", unit.y, unit.x);
    // for tests
    this.frame.dataset.node = state.field.node;
    this.frame.dataset.unit = `${unit.y},${unit.x}`;
    this.frame.dataset.box = box ? [box.top, box.left, box.bottom, box.right].join() : "";
    this.frame.dataset.heat = this.showHeat && state.heatOf({ ...this.place, ...unit }, this.average) ? String(state.heatOf({ ...this.place, ...unit }, this.average).peak) : "";
  }

  /** Size, stride and padding in words. */
  #describe() {
    const { text } = this;
    const { field } = this.state;
    const pair = (/** @type {(number|null)[]} */ [a, b]) => {
      const say = (/** @type {number|null} */ v) => (v === null || Number.isNaN(v) ? text("uneven") : String(Math.round(v * 100) / 100));
      return say(a) === say(b) ? say(a) : `${say(a)} × ${say(b)}`;
    };
    const fact = (/** @type {string} */ name, /** @type {string} */ value, /** @type {string} */ title) => {
      const one = element("span", "fv-fact", `${name} `);
      one.append(element("strong", "", value));
      one.title = title;
      return one;
    };
    const status = { exact: text("exact"), bound: text("upper bound"), undefined: text("cannot be told") }[/** @type {"exact"} */ (field.status)];
    const badge = element("span", `fv-badge fv-${field.status}`, status);
    badge.title =
      field.status === "exact" ? text("Every edge of the box is reached, and no pixel outside enters.") : field.reason;
    const size = (/** @type {number[]} */ sizes) => text("{pixels} px", { pixels: sizes.map((v) => Math.round(v * 10) / 10).join(" × ") });
    const measures = field.status === "bound" ? field.local : field;
    const parts = [];
    if (field.status === "bound") parts.push(fact(text("at most"), size(field.size), text("All that can enter in any way, padding included.")));
    if (field.status !== "undefined" && measures) {
      const title = field.status === "bound" ? text("What reaches a unit without looking at the whole map: the solid box.") : text("Height and width of what one unit can see, padding included.");
      parts.push(
        fact(field.status === "bound" ? text("through windows alone") : text("size"), size(measures.size), title),
        fact(text("stride"), pair(measures.stride), text("Pixels of the photo between neighbouring units.")),
        fact(text("padding"), pair(measures.padding), text("How far the first unit's field begins before the photo.")),
      );
    }
    this.facts.replaceChildren(badge, ...parts);
    this.note.textContent = field.reason;
    this.note.hidden = !field.reason;
  }

  /** The titles over the panes: what is shown. */
  #narrate() {
    const { text, state, unit, place } = this;
    const { field } = state;
    const name = field.names?.[place.channel];
    this.map.title.textContent = name ? `${field.node}, ${name}` : text("{node}, channel {channel}", { node: field.node, channel: place.channel });
    const heat = this.showHeat ? state.heatOf({ ...place, ...unit }, this.average) : null;
    const refusal = this.showHeat && !this.average ? state.refusalOf({ ...place, ...unit }) : "";
    let said = text("The photo as the network received it");
    if (refusal) said = refusal;
    else if (heat && heat.peak === 0) said = heat.photos > 1 ? text("On none of these photos does any pixel move this unit.") : text("No pixel moves this unit on this photo: a ReLU on the way is off.");
    else if (heat) said = this.#share(heat);
    this.photo.title.textContent = said;
    this.photo.title.title = said;
  }

  /** @param {any} heat */
  #share(heat) {
    const { text, state, unit } = this;
    heat.half ??= halfOf(heat.values);
    const box = boxOf(state.field, "seen", unit.y, unit.x);
    const scale = (state.field.picture.height / heat.height) * (state.field.picture.width / heat.width);
    if (!box) return "";
    const share = (heat.half * scale) / ((box.bottom - box.top) * (box.right - box.left));
    const percent = share < 0.01 ? (share * 100).toFixed(1) : String(Math.round(share * 100));
    return heat.photos > 1
      ? text("Average over {count} photos: half of the influence comes from {percent} % of the field", { count: heat.photos, percent })
      : text("Half of the influence comes from {percent} % of the field", { percent });
  }

  /** What is shown, for those who hear the page. */
  spoken() {
    const { text, state, unit, place } = this;
    if (!state) return "";
    const box = boxOf(state.field, "field", unit.y, unit.x);
    const value = state.valueAt(place.channel, unit.y, unit.x);
    const where = box
      ? text("rows {top} to {bottom}, columns {left} to {right}", { top: box.top, bottom: box.bottom - 1, left: box.left, right: box.right - 1 })
      : text("nothing of the photo");
    return text("Unit {y}, {x}, value {value}, can see {where}", { y: unit.y, x: unit.x, value: value === undefined ? "…" : value.toPrecision(4), where });
  }

  themeChanged() {
    this.frame.classList.toggle("fv-dark", isDark(this.frame));
    this.palette.refresh();
    this.draw();
  }

  destroy() {
    this.asking.drop();
    cancelAnimationFrame(this.scheduled);
    this.sizes.disconnect();
    removeEventListener("popstate", this.onBack);
    removeEventListener(LINK, this.onLink);
  }
}
