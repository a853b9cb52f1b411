// Which part of the picture is on the screen, and how large: the same for all panes.

/** Screen pixels of one cell at most. */
const LARGEST = 76;

export class Lens {
  /** @param {number} width @param {number} height of the picture */
  constructor(width, height) {
    this.picture = { width, height };
    this.room = { width: 1, height: 1 };
    this.cx = width / 2;
    this.cy = height / 2;
    /** Screen pixels of one cell. */
    this.k = 0;
  }

  /** At which all of the picture is seen. */
  get fit() {
    return Math.min(this.room.width / this.picture.width, this.room.height / this.picture.height);
  }

  get most() {
    return Math.max(LARGEST, this.fit);
  }

  /** How many times larger than at first. */
  get zoom() {
    return this.k / this.fit;
  }

  /** Other panes, the same view: the zoom stays what it is, and what was whole is whole again. @param {number} width @param {number} height */
  setRoom(width, height) {
    if (this.room.width === width && this.room.height === height) return;
    const whole = this.k === 0 || this.zoom < 1.001;
    const k = this.k;
    this.room = { width, height };
    this.set({ k: whole ? this.fit : k, cx: this.cx, cy: this.cy });
  }

  /** @param {{k: number, cx: number, cy: number}} view */
  set({ k, cx, cy }) {
    this.k = Math.max(this.fit, Math.min(this.most, k));
    const inside = (at, room, size) => {
      const half = room / 2 / this.k;
      return half * 2 >= size ? size / 2 : Math.max(half, Math.min(size - half, at));
    };
    this.cx = inside(cx, this.room.width, this.picture.width);
    this.cy = inside(cy, this.room.height, this.picture.height);
  }

  panBy(dx, dy) {
    this.set({ k: this.k, cx: this.cx - dx / this.k, cy: this.cy - dy / this.k });
  }

  /** Zoom, what is under the point staying there. */
  zoomAt(px, py, factor) {
    this.set(this.zoomedAt(px, py, factor));
  }

  zoomedAt(px, py, factor) {
    const k = Math.max(this.fit, Math.min(this.most, this.k * factor));
    const [x, y] = this.toPicture(px, py);
    return { k, cx: x - (px - this.room.width / 2) / k, cy: y - (py - this.room.height / 2) / k };
  }

  toPicture(px, py) {
    return [this.cx + (px - this.room.width / 2) / this.k, this.cy + (py - this.room.height / 2) / this.k];
  }

  toScreen(x, y) {
    return [(x - this.cx) * this.k + this.room.width / 2, (y - this.cy) * this.k + this.room.height / 2];
  }

  /** The pixel under a point of the screen, or null beside the picture. */
  cellAt(px, py) {
    const [x, y] = this.toPicture(px, py).map(Math.floor);
    return x >= 0 && y >= 0 && x < this.picture.width && y < this.picture.height ? { x, y } : null;
  }

  /** First and last column and row of which something is seen. */
  cells() {
    const [x0, y0] = this.toPicture(0, 0).map(Math.floor);
    const [x1, y1] = this.toPicture(this.room.width, this.room.height).map(Math.floor);
    const { width, height } = this.picture;
    return { x0: Math.max(0, x0), y0: Math.max(0, y0), x1: Math.min(width - 1, x1), y1: Math.min(height - 1, y1) };
  }

  /** Bring a pixel into sight, moving as little as needed. */
  reveal(x, y) {
    const edge = Math.min(1.5, this.room.width / this.k / 4);
    const halves = [this.room.width / 2 / this.k - edge, this.room.height / 2 / this.k - edge];
    const near = (at, centre, half) => (at < centre - half ? at + half : at + 1 > centre + half ? at + 1 - half : centre);
    this.set({ k: this.k, cx: near(x, this.cx, halves[0]), cy: near(y, this.cy, halves[1]) });
  }
}
