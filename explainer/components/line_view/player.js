// The window walks by itself: over every place, and at each through every product.

/** Milliseconds of one product, of the sum, at speed 1. */
const TERM = 420;
const SUM = 700;
const AT_ONCE = 1100;

export class Player {
  /**
   * @param {() => {places: number, terms: number}} extent
   * @param {(place: number, shown: number) => void} show a place with its first `shown` products; one more is the sum
   * @param {() => void} changed called when playing begins or ends
   */
  constructor(extent, show, changed) {
    this.extent = extent;
    this.show = show;
    this.changed = changed;
    this.place = 0;
    this.shown = Infinity;
    this.speed = 1;
    this.playing = false;
  }

  toggle() {
    if (this.playing) return this.stop();
    const { places } = this.extent();
    if (!places) return;
    if (this.place >= places - 1 && this.shown === Infinity) this.place = 0;
    this.playing = true;
    this.shown = 0;
    this.changed();
    this.show(this.place, 0);
    this.#wait();
  }

  stop() {
    clearTimeout(this.timer);
    if (!this.playing && this.shown === Infinity) return;
    this.playing = false;
    this.shown = Infinity;
    this.changed();
    this.show(this.place, this.shown);
  }

  /** Go to a place and rest there. @param {number} place */
  go(place) {
    clearTimeout(this.timer);
    const { places } = this.extent();
    this.place = Math.max(0, Math.min(places - 1, place));
    const was = this.playing;
    this.playing = false;
    this.shown = Infinity;
    if (was) this.changed();
    this.show(this.place, this.shown);
  }

  #wait() {
    const { terms } = this.extent();
    // Fifteen products one by one would try anyone's patience.
    const pause = terms > 6 ? AT_ONCE : this.shown > terms ? SUM : TERM;
    this.timer = setTimeout(() => this.#next(), pause / this.speed);
  }

  #next() {
    const { places, terms } = this.extent();
    if (this.shown <= terms && terms <= 6) this.shown++;
    else if (this.shown <= terms) this.shown = terms + 1;
    else if (this.place < places - 1) {
      this.place++;
      this.shown = 0;
    } else return this.stop();
    this.show(this.place, this.shown);
    this.#wait();
  }

  destroy() {
    clearTimeout(this.timer);
  }
}
