// What the reader has changed and the server has not answered yet. A frame that arrives meanwhile is the state
// before these edits: they are made in it again, so no late answer takes back what was typed or painted.

import { Postponed } from "../shared/postponed.js";

/** @typedef {{serial: number, kind: string, [field: string]: any}} Edit */

/** How long an answer is waited for before more is sent all the same, in milliseconds. */
const PATIENCE = 1500;

export class Edits {
  /**
   * @param {(edits: Edit[]) => void} send
   * @param {EventTarget} root of the component: when the reader turns to something else, no answer is waited for
   */
  constructor(send, root) {
    this.send = send;
    /** Edits that would wait for the answer to those before. */
    this.unsent = new Postponed(root, () => this.#flush());
    this.serial = 0;
    /** @type {Edit[]} */
    this.pending = [];
    this.sentUpTo = 0;
    this.timer = undefined;
  }

  /** @param {Omit<Edit, "serial">} edit */
  add(edit) {
    this.pending.push({ ...edit, serial: ++this.serial });
    if (this.timer === undefined) this.#flush();
    else this.unsent.after(PATIENCE);
  }

  /** The server has seen everything up to a serial number. */
  seen(serial) {
    this.serial = Math.max(this.serial, serial);
    this.pending = this.pending.filter((edit) => edit.serial > serial);
    if (serial < this.sentUpTo) return;
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.pending.length) this.#flush();
  }

  #flush() {
    clearTimeout(this.timer);
    this.unsent.drop();
    this.sentUpTo = this.serial;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      if (this.pending.length) this.#flush();
    }, PATIENCE);
    this.send(this.pending);
  }

  stop() {
    clearTimeout(this.timer);
    this.unsent.drop();
    this.timer = undefined;
  }
}

/**
 * Make an edit in the numbers of a layer.
 * @returns {boolean} whether the browser could do it by itself
 */
export function make(layer, edit) {
  const { height, width, channels, outputs, rows, columns, groups } = layer;
  const inside = (value, count) => Number.isInteger(value) && value >= 0 && value < count;
  if (edit.kind === "paint") {
    if (!inside(edit.channel, channels) || !inside(edit.y, height) || !inside(edit.x, width)) return false;
    layer.input[(edit.channel * height + edit.y) * width + edit.x] = edit.value;
    return true;
  }
  if (edit.kind === "weight") {
    const each = channels / groups;
    const known = inside(edit.output, outputs) && inside(edit.nth, each);
    if (!known || !inside(edit.row, rows.kernel) || !inside(edit.column, columns.kernel)) return false;
    layer.weight[((edit.output * each + edit.nth) * rows.kernel + edit.row) * columns.kernel + edit.column] = edit.value;
    return true;
  }
  if (edit.kind === "bias" && layer.bias && inside(edit.output, outputs)) {
    layer.bias[edit.output] = edit.value;
    return true;
  }
  return false;
}
