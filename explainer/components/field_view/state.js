// What one layer's view knows: its tables, the values and heats that have arrived, the unit shown.

import { gridOf } from "./boxes.js";

/** Heats of so many units are kept. */
const KEPT = 60;

export class State {
  /** @param {any} message */
  constructor(message) {
    this.field = message;
    [this.channels, this.height, this.width] = message.extent;
    /** @type {Map<number, Float32Array>} */
    this.planes = new Map();
    /** @type {Map<string, any>} */
    this.heats = new Map();
    /** @type {Map<string, string>} why there is no heat, by unit */
    this.refusals = new Map();
    this.take(message);
    this.grid = gridOf(message);
    /** One number a channel: listed as bars. */
    this.vector = this.height * this.width === 1 && this.channels > 1 && this.planes.size === this.channels;
  }

  /** How the units are laid out on the screen: a map as it is, tokens in the grid in which they look. */
  get shape() {
    return this.grid ?? { height: this.height, width: this.width };
  }

  /** Where a unit stands on the screen. @param {{y: number, x: number}} unit */
  cellOf(unit) {
    if (!this.grid) return unit;
    const cell = this.grid.cells[unit.x];
    return { y: Math.floor(cell / this.grid.width), x: cell % this.grid.width };
  }

  /** The unit that stands in a cell, or null. @param {{y: number, x: number}|null} cell */
  unitIn(cell) {
    if (!this.grid || !cell) return cell;
    const x = this.grid.units[cell.y * this.grid.width + cell.x];
    return x < 0 ? null : { y: 0, x };
  }

  /** The values of a channel as they are laid out. @param {Float32Array} plane */
  laidOut(plane) {
    return this.grid ? Float32Array.from(this.grid.units, (unit) => (unit < 0 ? 0 : plane[unit])) : plane;
  }

  /** @param {{planes: {channels: number[]|null, values: Float32Array}}} message */
  take({ planes }) {
    const size = this.height * this.width;
    const channels = planes.channels ?? Array.from({ length: this.channels }, (_, channel) => channel);
    channels.forEach((channel, i) => this.planes.set(channel, planes.values.subarray(i * size, (i + 1) * size)));
  }

  /** @param {any} message */
  takeHeat(message) {
    let [peak, at] = [0, 0];
    for (let i = 0; i < message.values.length; i++) if (message.values[i] > peak) [peak, at] = [message.values[i], i];
    keep(this.heats, key(message, message.photos > 1), { ...message, peak, at });
  }

  /** @param {{channel: number, y: number, x: number}} place @param {boolean} average */
  heatOf(place, average) {
    return this.heats.get(key(place, average)) ?? null;
  }

  /** @param {{channel: number, y: number, x: number}} place */
  refusalOf(place) {
    return this.refusals.get(key(place, false)) ?? "";
  }

  /** @param {any} message */
  refuse(message) {
    this.refusals.set(key(message, false), message.reason);
  }

  /** @param {number} channel @param {number} y @param {number} x */
  valueAt(channel, y, x) {
    return this.planes.get(channel)?.[y * this.width + x];
  }

  /** The largest magnitude of a channel. @param {number} channel */
  peakOf(channel) {
    let peak = 0;
    for (const value of this.planes.get(channel) ?? []) if (Math.abs(value) > peak) peak = Math.abs(value);
    return peak;
  }

  /** The unit of a channel with the largest value. @param {number} channel */
  strongest(channel) {
    const plane = this.planes.get(channel);
    let at = Math.floor(this.height / 2) * this.width + Math.floor(this.width / 2);
    if (plane) for (let i = 0; i < plane.length; i++) if (plane[i] > plane[at]) at = i;
    return { y: Math.floor(at / this.width), x: at % this.width };
  }
}

function key(/** @type {{channel: number, y: number, x: number}} */ { channel, y, x }, /** @type {boolean} */ average) {
  return `${average ? "average/" : ""}${channel}/${y},${x}`;
}

function keep(/** @type {Map<string, any>} */ map, /** @type {string} */ name, /** @type {any} */ value) {
  map.delete(name);
  map.set(name, value);
  if (map.size > KEPT) map.delete(/** @type {string} */ (map.keys().next().value));
}
