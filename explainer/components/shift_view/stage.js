// The picture with its digit, to be dragged about.

import { element } from "../shared/dom.js";
import { prepare } from "../shared/sketch.js";

export class Stage {
  /**
   * @param {HTMLElement} host
   * @param {(right: number, down: number) => void} move
   * @param {() => void} rest
   */
  constructor(host, move, rest) {
    this.canvas = host.appendChild(element("canvas", "sv-stage"));
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "application");
    this.picture = element("canvas");
    this.here = { right: 0, down: 0 };
    let from = null;
    this.canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      event.preventDefault();
      this.canvas.focus({ preventScroll: true });
      this.canvas.setPointerCapture(event.pointerId);
      from = { x: event.clientX, y: event.clientY, ...this.here };
    });
    this.canvas.addEventListener("pointermove", (event) => {
      if (!from) return;
      const pixel = this.canvas.getBoundingClientRect().width / this.side;
      move(from.right + Math.round((event.clientX - from.x) / pixel), from.down + Math.round((event.clientY - from.y) / pixel));
    });
    for (const end of ["pointerup", "pointercancel"]) {
      this.canvas.addEventListener(end, () => {
        if (from) rest();
        from = null;
      });
    }
    this.canvas.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
      if (event.key === "Escape" || event.key === "Home") move(0, 0);
      else if (step) move(this.here.right + step[0], this.here.down + step[1]);
      else return;
      event.preventDefault();
      rest();
    });
  }

  /** @param {Uint8Array} pixels the digit in the middle @param {number} side */
  receive(pixels, side) {
    this.side = side;
    this.picture.width = this.picture.height = side;
    const image = new ImageData(side, side);
    pixels.forEach((value, i) => {
      image.data.fill(value, 4 * i, 4 * i + 3);
      image.data[4 * i + 3] = 255;
    });
    this.picture.getContext("2d").putImageData(image, 0, 0);
  }

  /** @param {{right: number, down: number}} here @param {number} size @param {string} label */
  draw(here, size, label) {
    this.here = here;
    this.canvas.setAttribute("aria-label", label);
    const g = prepare(this.canvas, size, size);
    g.fillStyle = "#000";
    g.fillRect(0, 0, size, size);
    g.imageSmoothingEnabled = false;
    const pixel = size / this.side;
    g.drawImage(this.picture, here.right * pixel, here.down * pixel, size, size);
    g.strokeStyle = "rgba(255,255,255,0.35)";
    g.lineWidth = 1;
    g.setLineDash([4, 4]);
    const edge = 4 * pixel;
    g.strokeRect(edge, edge, size - 2 * edge, size - 2 * edge);
    g.setLineDash([]);
  }
}
