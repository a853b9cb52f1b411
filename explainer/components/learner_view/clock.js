// Training goes on as long as the browser asks for more: one request at a time, none while the page is not seen.

/** Milliseconds after which an answer is taken for lost. */
const PATIENCE = 4000;
/** Milliseconds between an answer and the next request, so that the page's other widgets get their turn. */
const PAUSE = 40;
/** Steps at a time on the way to the step that the link names. */
const AT_ONCE = 500;

export class Clock {
  constructor() {
    /** @type {(request: any) => void} set when mounting */
    this.send = () => {};
    this.serial = Math.floor(Date.now() / 1000) % 1e6;
    this.steps = 10;
    this.playing = false;
    /** Steps up to which it plays by itself; 0 for no end. */
    this.until = 0;
    this.step = 0;
    this.waiting = 0;
    this.timer = undefined;
  }

  /** @param {{steps?: number, reset?: boolean, pause?: boolean}} wish */
  ask(wish) {
    this.serial += 1;
    this.waiting = this.serial;
    clearTimeout(this.timer);
    if (this.playing) this.timer = setTimeout(() => this.more(), PATIENCE);
    this.send({ serial: this.serial, ...wish });
  }

  more() {
    if (!this.playing) return;
    if (document.hidden) {
      this.timer = setTimeout(() => this.more(), 500);
      return;
    }
    const steps = this.until ? Math.min(AT_ONCE, this.until - this.step) : this.steps;
    this.ask({ steps, playing: true });
  }

  /** An answer has come. @param {number} serial of the request @param {number} step @param {number} most */
  answered(serial, step, most) {
    this.step = step;
    if (this.until && step >= this.until) this.until = this.playing ? this.stop() : 0;
    if (this.playing && step >= most) this.stop();
    if (!this.playing || serial !== this.waiting) return;
    this.waiting = 0;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.more(), PAUSE);
  }

  play() {
    this.playing = true;
    this.more();
  }

  /** Stop, and say so: the link then names the step. */
  stop() {
    this.playing = false;
    this.ask({ pause: true });
    return 0;
  }

  end() {
    this.playing = false;
    clearTimeout(this.timer);
  }
}
