/** The camera over the map: where it looks, how far it may go, and how it flies. screen = world * k + (x, y). */

const EASE = (t) => (t < 0.5 ? 4 * t * t * t : 1 - (-2 * t + 2) ** 3 / 2);

export class Camera {
  constructor() {
    this.x = 0;
    this.y = 0;
    this.k = 1;
    this.width = 1;
    this.height = 1;
    this.bounds = { x: 0, y: 0, w: 1, h: 1 };
    this.margin = 24;
    this.max = 240;
    this.flight = null;
    this.still = globalThis.matchMedia?.("(prefers-reduced-motion: reduce)") ?? { matches: false };
  }

  /** The zoom at which everything is on the screen. */
  get fitZoom() {
    const { bounds, margin } = this;
    return Math.min((this.width - 2 * margin) / bounds.w, (this.height - 2 * margin) / bounds.h);
  }

  get min() {
    return Math.min(this.fitZoom * 0.8, 0.6);
  }

  toWorld(px, py) {
    return [(px - this.x) / this.k, (py - this.y) / this.k];
  }

  /** What the screen shows, in world units. */
  get window() {
    return { x: -this.x / this.k, y: -this.y / this.k, w: this.width / this.k, h: this.height / this.k };
  }

  /** The view that shows everything; one that would be too small to read begins at the left instead. */
  home({ readable = false } = {}) {
    const { bounds } = this;
    const fit = Math.min(this.fitZoom, 1.6);
    const tall = (this.height - 2 * this.margin) / bounds.h;
    const k = readable && fit < 0.42 ? Math.min(0.72, Math.max(tall, 0.42)) : fit;
    const wide = bounds.w * k <= this.width - 2 * this.margin + 1;
    return {
      k,
      x: wide ? (this.width - bounds.w * k) / 2 - bounds.x * k : this.margin - bounds.x * k,
      y: (this.height - bounds.h * k) / 2 - bounds.y * k,
    };
  }

  /** The view that shows a world rectangle, at no more than `most` zoom. */
  viewOf(rect, most = 1.6) {
    const k = Math.max(this.min, Math.min(most, (this.width - 96) / rect.w, (this.height - 72) / rect.h));
    return {
      k,
      x: this.width / 2 - (rect.x + rect.w / 2) * k,
      y: this.height / 2 - (rect.y + rect.h / 2) * k,
    };
  }

  set({ x, y, k }) {
    this.k = Math.max(this.min, Math.min(this.max, k));
    this.x = x;
    this.y = y;
    this.clamp();
  }

  /** Some of the map always stays in sight. */
  clamp() {
    const { bounds, k } = this;
    const keepX = Math.min(140, this.width * 0.3);
    const keepY = Math.min(90, this.height * 0.3);
    this.x = Math.max(keepX - (bounds.x + bounds.w) * k, Math.min(this.width - keepX - bounds.x * k, this.x));
    this.y = Math.max(keepY - (bounds.y + bounds.h) * k, Math.min(this.height - keepY - bounds.y * k, this.y));
  }

  panBy(dx, dy) {
    this.flight = null;
    this.x += dx;
    this.y += dy;
    this.clamp();
  }

  /** Zoom by a factor, the world point under (px, py) staying where it is. */
  zoomAt(px, py, factor) {
    this.flight = null;
    const [wx, wy] = this.toWorld(px, py);
    this.k = Math.max(this.min, Math.min(this.max, this.k * factor));
    this.x = px - wx * this.k;
    this.y = py - wy * this.k;
    this.clamp();
  }

  zoomedAt(px, py, factor) {
    const [wx, wy] = this.toWorld(px, py);
    const k = Math.max(this.min, Math.min(this.max, this.k * factor));
    return { k, x: px - wx * k, y: py - wy * k };
  }

  /** Move smoothly; at once where the reader wants no motion. */
  fly(target, ms = 420) {
    if (this.still.matches || ms === 0) {
      this.flight = null;
      this.set(target);
      return;
    }
    // What moves steadily is the world point in the middle and the logarithm of the zoom.
    const centre = (view) => [(this.width / 2 - view.x) / view.k, (this.height / 2 - view.y) / view.k];
    this.flight = { from: { k: this.k, c: centre(this) }, to: { k: target.k, c: centre(target) }, target, start: null, ms };
  }

  /** Advance a flight; returns whether it goes on. */
  tick(now) {
    const { flight } = this;
    if (!flight) return false;
    flight.start ??= now;
    const t = Math.min(1, (now - flight.start) / flight.ms);
    if (t === 1) {
      this.flight = null;
      this.set(flight.target);
      return false;
    }
    const e = EASE(t);
    const k = flight.from.k * (flight.to.k / flight.from.k) ** e;
    // Under a changing zoom an even movement on the screen is not even in the world.
    const ratio = flight.to.k / flight.from.k;
    const part = Math.abs(ratio - 1) < 0.02 ? e : (1 - 1 / ratio ** e) / (1 - 1 / ratio);
    const cx = flight.from.c[0] + (flight.to.c[0] - flight.from.c[0]) * part;
    const cy = flight.from.c[1] + (flight.to.c[1] - flight.from.c[1]) * part;
    this.k = k;
    this.x = this.width / 2 - cx * k;
    this.y = this.height / 2 - cy * k;
    return true;
  }

  /** Bring a world rectangle into sight, `share` of the width away from the sides, with as little movement as possible. */
  reveal(rect, ms = 260, share = 0) {
    const pad = 36;
    const side = Math.max(pad, Math.min(this.width * share, (this.width - rect.w * this.k) / 2));
    const left = rect.x * this.k + this.x;
    const right = left + rect.w * this.k;
    const top = rect.y * this.k + this.y;
    const bottom = top + rect.h * this.k;
    let dx = 0;
    let dy = 0;
    if (left < side) dx = side - left;
    else if (right > this.width - side) dx = Math.max(this.width - side - right, side - left);
    if (top < pad) dy = pad - top;
    else if (bottom > this.height - pad) dy = Math.max(this.height - pad - bottom, pad - top);
    if (dx || dy) this.fly({ k: this.k, x: this.x + dx, y: this.y + dy }, ms);
  }
}

/** Easing of everything else that moves. */
export const ease = EASE;
