// The view of a chain of layers: planes and cone, the list of layers, the input and what one unit reads of it.

import { element } from "../shared/dom.js";
import { Palette } from "../shared/palette.js";
import { photoCanvas } from "../shared/photo.js";
import { prepare } from "../shared/sketch.js";
import { words } from "../shared/words.js";
import { Layers, ROW } from "./layers.js";
import { corners, drawCone, drawPart, drawPlane, layOut, placeAt } from "./planes.js";
import { PhotoPane } from "./photo_pane.js";
import { spans } from "./reach.js";

const STEPS = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };

export class View {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    /** @type {(ask: object) => void} */
    this.send = () => {};
    /** The unit chosen: number of its layer, row and column. @type {{layer: number, y: number, x: number}|null} */
    this.at = null;
    this.frame = element("div", "stack plain");
    this.planesBox = element("div", "stack-planes");
    this.canvas = element("canvas");
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "application");
    this.planesBox.append(this.canvas);
    this.list = new Layers(this);
    this.photo = new PhotoPane(this);
    this.total = element("p", "stack-total");
    this.live = element("div", "plain-unseen");
    this.live.setAttribute("aria-live", "polite");
    this.frame.append(this.planesBox, this.list.root, this.photo.root, this.total, this.live);
    root.replaceChildren(this.frame);
    this.palette = new Palette(this.frame);
    this.canvas.addEventListener("pointermove", (event) => this.#point(event));
    this.canvas.addEventListener("pointerdown", (event) => this.#point(event));
    this.canvas.addEventListener("keydown", (event) => this.#key(event));
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(root);
  }

  destroy() {
    this.observer.disconnect();
  }

  themeChanged() {
    this.palette.refresh();
    this.draw();
  }

  /** @param {any} content a decoded frame */
  receive(content) {
    this.text = words(content.texts);
    this.content = content;
    const { text } = this;
    this.frame.setAttribute("role", "group");
    this.frame.setAttribute("aria-label", content.label);
    this.shapes = [[content.channels, content.side, content.side], ...content.steps.map((step) => step.shape)];
    this.picture = photoCanvas(content.photo);
    const same = content.identity === this.identity && this.at && this.at.layer < content.steps.length;
    if (!same) this.at = null;
    if (!this.at) this.choose(this.#lastMap());
    else this.choose(this.at.layer, this.at.y, this.at.x);
    this.identity = content.identity;
    this.list.receive();
    this.photo.receive();
    this.total.textContent = text("Together: {parameters} parameters, {count} multiply-adds.", {
      parameters: content.parameters.toLocaleString("en"),
      count: content.multiplyAdds.toLocaleString("en"),
    });
    this.draw();
  }

  #lastMap() {
    let last = -1;
    this.content.steps.forEach((step, i) => {
      if (step.field) last = i;
    });
    return last >= 0 ? last : this.content.steps.length - 1;
  }

  /** Sizes of all maps in one direction, the input's first; 1 for what has no rows. */
  sizes(direction) {
    return this.shapes.map((shape) => (shape.length === 3 ? shape[1 + direction] : 1));
  }

  /** Choose a unit; the middle one of a layer without a place. */
  choose(layer, y = null, x = null) {
    if (layer < 0 || !this.content.steps.length) {
      this.at = null;
      return;
    }
    const shape = this.shapes[layer + 1];
    const [rows, columns] = shape.length === 3 ? shape.slice(1) : [1, 1];
    const inside = (v, n) => Math.max(0, Math.min(n - 1, v));
    this.at = { layer, y: inside(y ?? rows >> 1, rows), x: inside(x ?? columns >> 1, columns) };
  }

  /** What the reader does with a layer. @param {string} act @param {number} at */
  ask(act, at) {
    this.send({ act, at, serial: Date.now(), identity: this.identity });
  }

  #point(event) {
    if (!this.planes) return;
    const box = this.canvas.getBoundingClientRect();
    for (let i = this.planes.length - 1; i > 0; i--) {
      const place = placeAt(this.planes[i], event.clientX - box.left, event.clientY - box.top);
      if (!place) continue;
      const shape = this.shapes[i];
      if (shape.length === 3) this.choose(i - 1, Math.floor(place.v * shape[1]), Math.floor(place.u * shape[2]));
      else this.choose(i - 1);
      this.draw();
      return;
    }
  }

  #key(event) {
    const step = STEPS[event.key];
    if (!this.at || !step || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const many = event.shiftKey ? 8 : 1;
    this.choose(this.at.layer, this.at.y + step[0] * many, this.at.x + step[1] * many);
    this.draw();
    this.live.textContent = this.photo.said.textContent;
  }

  draw() {
    if (!this.content) return;
    const width = this.planesBox.clientWidth;
    if (!width) return;
    const { text } = this;
    const { theme } = this.palette;
    const height = ROW * this.shapes.length;
    const g = prepare(this.canvas, width, height);
    const middles = this.shapes.map((_, i) => ROW * (i + 0.5) - 3);
    this.planes = layOut(this.shapes, width, middles, ROW);
    const parts = this.#parts();
    this.planes.forEach((plane, i) => {
      const picture = i === 0 ? this.picture : null;
      if (i > 0 && parts[i]) drawCone(g, parts[i - 1], parts[i], theme);
      drawPlane(g, plane, { picture, channels: this.shapes[i][0], theme, strong: this.at?.layer === i - 1 });
      if (parts[i]) drawPart(g, parts[i], theme);
    });
    this.canvas.setAttribute("aria-label", text("The maps of the chain. Arrow keys move the chosen unit."));
    this.list.mark();
    this.photo.draw();
  }

  /** What the chosen unit sees of every map up to its own, as corners on the canvas. */
  #parts() {
    if (!this.at) return [];
    const { layer, y, x } = this.at;
    const rows = spans(this.content.steps, this.sizes(0), layer, y, 0);
    const columns = spans(this.content.steps, this.sizes(1), layer, x, 1);
    return rows.map((span, i) => {
      const plane = this.planes[i];
      return plane.flat ? corners(plane, [0, 1], [0, plane.columns]) : corners(plane, span, columns[i]);
    });
  }
}
