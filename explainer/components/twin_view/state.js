// What the reader looks at: the shared point, the channels, the colour scale.

import { photoCanvas } from "../shared/photo.js";
import { words } from "../shared/words.js";
import { middle, read, toInput, toPhoto, unitAt, write } from "./link.js";

/** @typedef {import("./link.js").Point} Point */

export class State {
  /** @param {import("../shared/palette.js").Palette} palette @param {() => void} changed */
  constructor(palette, changed) {
    this.palette = palette;
    this.changed = changed;
    /** @type {any} */
    this.data = null;
    this.text = words({});
    /** @type {number[]} */
    this.channels = [];
    /** @type {Point} */
    this.pinned = { u: 0.5, v: 0.5 };
    /** @type {Point|null} */
    this.hovered = null;
    this.opacity = 0.75;
    /** @type {"one"|"own"} */
    this.scale = "one";
    this.made = new Map();
  }

  get point() {
    return this.hovered ?? this.pinned;
  }

  /** @param {any} frame @param {(name: string) => string} address reads a query parameter */
  receive(frame, address) {
    const before = this.data?.sides ?? [];
    const kept = frame.sides.map((/** @type {any} */ side, /** @type {number} */ i) => (before[i]?.layer === side.layer ? this.channels[i] : undefined));
    this.data = frame;
    this.text = words(frame.text);
    this.made.clear();
    this.palette.cache.clear();
    this.hovered = null;
    this.scale = frame.linked ? "one" : "own";
    this.restore(address, kept);
  }

  /**
   * Go where the link says.
   * @param {(name: string) => string} address reads a query parameter
   * @param {(number|undefined)[]} [kept] channels to stay at where the link names none
   */
  restore(address, kept = []) {
    const frame = this.data;
    const told = frame.sides.map((/** @type {any} */ side) => (side.parameter ? read(side, address(side.parameter)) : null));
    this.channels = frame.sides.map((/** @type {any} */ side, /** @type {number} */ place) => {
      const from = frame.linked ? 0 : place;
      const wanted = told[from]?.channel ?? kept[from];
      return [...side.channels].includes(wanted) ? wanted : side.channels[0];
    });
    const unit = told[0]?.unit;
    if (unit) this.pinned = toPhoto(frame.sides[0], middle(frame.sides[0], unit));
  }

  unit(/** @type {number} */ place) {
    const side = this.data.sides[place];
    return unitAt(side, toInput(side, this.point));
  }

  /** Values of the channel that a side shows, [H × W]. @param {number} place @returns {Float32Array} */
  values(place) {
    const side = this.data.sides[place];
    const size = side.shape[1] * side.shape[2];
    const at = [...side.channels].indexOf(this.channels[place]);
    return side.data.subarray(at * size, (at + 1) * size);
  }

  /** What the network is given, as a picture. @param {number} place @param {boolean} grey */
  photo(place, grey) {
    return this.#make(`photo/${place}/${grey}`, () => photoCanvas(this.data.sides[place].photo, grey));
  }

  /** @param {number} place */
  valueAt(place) {
    const { y, x } = this.unit(place);
    return this.values(place)[y * this.data.sides[place].shape[2] + x];
  }

  /** What the network is given, as a picture. @param {number} place @param {boolean} grey */
  photo(place, grey) {
    return this.#make(`photo/${place}/${grey}`, () => photoCanvas(this.data.sides[place].photo, grey));
  }

  /** @param {number} place */
  valueAt(place) {
    const { y, x } = this.unit(place);
    return this.values(place)[y * this.data.sides[place].shape[2] + x];
  }

  /** How far the values of a side are from those of the first. @param {number} place @returns {Float32Array} */
  difference(place) {
    return this.#make(`difference/${place}/${this.channels[place]}`, () => {
      const first = this.values(0);
      return this.values(place).map((value, i) => value - first[i]);
    });
  }

  /** @param {number} place */
  differencePeak(place) {
    const sides = this.data.sides.map((/** @type {any} */ _, /** @type {number} */ i) => i).filter((i) => i > 0 && this.data.linked);
    const peaks = (this.scale === "one" ? sides : [place]).map((i) => this.#make(`peak/${i}/${this.channels[i]}`, () => highest(this.difference(i))));
    return Math.max(...peaks);
  }

  /** The value that gets the full colour. @param {"map"|"heat"} what @param {number} place */
  peak(what, place) {
    const { sides } = this.data;
    const one = (/** @type {number} */ i) =>
      what === "heat" ? sides[i].heat?.peak ?? 0 : this.#make(`top/${i}/${this.channels[i]}`, () => highest(this.values(i)));
    return this.scale === "one" ? Math.max(...sides.map((_, i) => one(i))) : one(place);
  }

  /** @param {number} place @param {import("./link.js").Spot} input @param {boolean} pin */
  follow(place, input, pin) {
    const point = toPhoto(this.data.sides[place], input);
    if (pin) this.pin(point);
    else this.hover(point);
  }

  /** @param {Point|null} point */
  hover(point) {
    this.hovered = point;
    this.changed();
  }

  /** @param {Point} point */
  pin(point) {
    this.pinned = point;
    this.hovered = null;
    this.changed(true);
  }

  /** Move the shared point by units of one side. @param {number} place @param {number} dy @param {number} dx */
  step(place, dy, dx) {
    const side = this.data.sides[place];
    const { y, x } = this.unit(place);
    const clamp = (/** @type {number} */ v, /** @type {number} */ n) => Math.max(0, Math.min(n - 1, v));
    const next = { y: clamp(y + dy, side.shape[1]), x: clamp(x + dx, side.shape[2]) };
    this.pin(toPhoto(side, middle(side, next)));
  }

  /** @param {number} place @param {number} channel */
  choose(place, channel) {
    this.channels = this.channels.map((old, i) => (this.data.linked || i === place ? channel : old));
    this.changed(true);
  }

  /** @param {number} place @param {number} by steps along the strip */
  stepChannel(place, by) {
    const order = [...this.data.sides[place].channels];
    const at = order.indexOf(this.channels[place]) + by;
    if (at >= 0 && at < order.length) this.choose(place, order[at]);
  }

  /** Where the reader is, for the link: parameter -> place. */
  places() {
    /** @type {Record<string, string>} */
    const found = {};
    this.data.sides.forEach((/** @type {any} */ side, /** @type {number} */ i) => {
      if (side.parameter) found[side.parameter] = write(side, this.channels[i], this.unit(i));
    });
    return found;
  }

  /** @template T @param {string} key @param {() => T} make @returns {T} */
  #make(key, make) {
    if (!this.made.has(key)) this.made.set(key, make());
    return this.made.get(key);
  }
}

/** @param {Float32Array} values */
function highest(values) {
  let most = 0;
  for (const value of values) if (Number.isFinite(value) && Math.abs(value) > most) most = Math.abs(value);
  return most;
}
