/** The strip at the bottom: the whole network, and what of it is on the screen. */

import { roundRect } from "../shared/draw.js";

export class Minimap {
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {(x:number, y:number, jump:boolean) => void} onMove the world point that shall be in the middle
   * @param {() => boolean} pans whether what is on the screen can be dragged along, or else a press is a jump
   */
  constructor(canvas, onMove, pans) {
    this.canvas = canvas;
    this.onMove = onMove;
    this.pans = pans;
    this.scale = null;
    this.grab = null;
    canvas.addEventListener("pointerdown", (event) => this.#down(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, () => (this.grab = null));
  }

  #world(event) {
    const rect = this.canvas.getBoundingClientRect();
    const { x, y, sx, sy } = this.scale;
    return [(event.clientX - rect.left - x) / sx, (event.clientY - rect.top - y) / sy];
  }

  #down(event) {
    if (!this.scale) return;
    this.canvas.setPointerCapture(event.pointerId);
    const [wx, wy] = this.#world(event);
    const { window } = this.scene;
    const inside = this.pans() && wx >= window.x && wx <= window.x + window.w;
    this.grab = inside ? [wx - (window.x + window.w / 2), wy - (window.y + window.h / 2)] : [0, 0];
    this.onMove(wx - this.grab[0], wy - this.grab[1], !inside);
    event.preventDefault();
  }

  #move(event) {
    if (!this.grab) return;
    const [wx, wy] = this.#world(event);
    this.onMove(wx - this.grab[0], wy - this.grab[1], false);
  }

  paint(scene, ratio, hot) {
    this.scene = scene;
    const { boxes, frames, theme, camera, bounds } = scene;
    const width = this.canvas.width / ratio;
    const height = this.canvas.height / ratio;
    const context = this.canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    const pad = 7;
    const sx = (width - 2 * pad) / bounds.w;
    const sy = (height - 2 * pad) / bounds.h;
    const x = (width - bounds.w * sx) / 2 - bounds.x * sx;
    const y = pad - bounds.y * sy;
    this.scale = { x, y, sx, sy };
    for (const frame of frames.values()) {
      if (frame.frame.depth !== 1) continue;
      roundRect(context, x + frame.x * sx, y + frame.y * sy, frame.w * sx, frame.h * sy, 3);
      context.fillStyle = theme.primarySoft;
      context.fill();
    }
    for (const box of boxes.values()) {
      const w = Math.max(1, box.w * sx - 0.5);
      context.fillStyle = box.id === hot ? theme.primary : box.item.kind === "plumbing" ? theme.slabLine : theme.bar;
      if (w > 5) {
        roundRect(context, x + box.x * sx, y + box.y * sy, w, Math.max(2, box.h * sy), 2);
        context.fill();
      } else context.fillRect(x + box.x * sx, y + box.y * sy, w, Math.max(1, box.h * sy));
    }
    const view = camera.window;
    const left = Math.max(1, x + view.x * sx);
    const right = Math.min(width - 1, x + (view.x + view.w) * sx);
    const top = Math.max(1, y + view.y * sy);
    const bottom = Math.min(height - 1, y + (view.y + view.h) * sy);
    roundRect(context, left, top, Math.max(4, right - left), Math.max(4, bottom - top), 5);
    context.lineWidth = 1.5;
    context.strokeStyle = theme.primary;
    context.stroke();
  }
}
