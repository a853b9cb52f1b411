// Sends the newest state as often as the other side can follow, and always the last one.

import { Postponed } from "../shared/postponed.js";

/** How long an answer is waited for before the next is sent all the same, in milliseconds. */
const PATIENCE = 1500;

export class Sender {
  /**
   * @param {number} pause milliseconds between the answer to one message and the next message
   * @param {EventTarget} root of the component: when the reader turns to something else, no answer is waited for
   * @param {() => string} content what is to be sent, asked for at the moment of sending
   */
  constructor(pause, root, content) {
    this.pause = pause;
    this.content = content;
    this.unsent = new Postponed(root, () => this.flush());
    /** @type {(message: {serial: number, pixels: string}) => void} */
    this.send = () => {};
    this.serial = 0;
    this.waiting = false;
    this.dirty = false;
    this.timer = undefined;
  }

  /** There is something new. */
  changed() {
    this.dirty = true;
    if (this.timer === undefined && !this.waiting) this.flush();
    else this.unsent.after(PATIENCE);
  }

  /** The other side has seen message number ``serial``. */
  seen(serial) {
    if (!this.waiting || serial < this.serial) return;
    this.waiting = false;
    this.after(this.pause);
  }

  flush() {
    clearTimeout(this.timer);
    this.unsent.drop();
    this.timer = undefined;
    this.waiting = false;
    if (!this.dirty) return;
    this.dirty = false;
    this.waiting = true;
    this.serial += 1;
    this.after(PATIENCE);
    this.send({ serial: this.serial, pixels: this.content() });
  }

  after(milliseconds) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), milliseconds);
  }

  stop() {
    this.unsent.drop();
    clearTimeout(this.timer);
    this.timer = undefined;
  }
}
