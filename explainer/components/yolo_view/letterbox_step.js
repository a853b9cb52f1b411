// Step 1: the photo is scaled to fit and laid on a grey square.

import { element } from "../shared/dom.js";
import { brief } from "../shared/numbers.js";
import { lines, paragraph, sections } from "./parts.js";
import { Pane } from "./pane.js";

export class LetterboxStep {
  /** @param {any} view */
  constructor(view) {
    this.view = view;
    this.root = element("div", "yolo-step");
    this.photo = new Pane(view, { point: (at) => this.#point(at) });
    this.canvas = new Pane(view, { point: (at) => this.#point(at && this.#back(at)) });
    this.sums = element("div", "yolo-sums");
    this.root.append(paragraph(view.text("The network takes a square. The photo is scaled to fit, keeping its proportions, and laid at the upper left; the rest is grey.")), sections("yolo-three yolo-letterbox", this.photo.root, this.canvas.root, this.sums));
    /** A place on the photo. @type {{x: number, y: number}|null} */
    this.at = null;
  }

  #back({ x, y }) {
    return { x: x / this.view.data.factor, y: y / this.view.data.factor };
  }

  #point(at) {
    const { width, height } = this.view.data.picture;
    this.at = at && at.x >= 0 && at.y >= 0 && at.x < width && at.y < height ? at : null;
    this.draw();
  }

  draw() {
    const { view, at } = this;
    const { text, data } = view;
    const { picture, side, factor, scaled } = data;
    const { width, height } = picture;
    const rest = side * side - scaled[0] * scaled[1];
    this.photo.name(text("Photo"), `${width} × ${height}`, text("The photo: {width} × {height} pixels.", { width, height }));
    this.canvas.name(text("What the network is fed"), `3 × ${side} × ${side}`, text("The canvas: {side} × {side} pixels, of which {rest} are grey.", { side, rest: rest.toLocaleString("en") }));
    const tall = 460;
    this.photo.draw({ ...view.photoScene(), tall, dots: at ? [at] : [] });
    this.canvas.draw({ ...view.canvasScene(), tall, dots: at ? [{ x: at.x * factor, y: at.y * factor }] : [], marks: [{ box: [0, 0, scaled[0], scaled[1]], tone: "pale", width: 1 }] });
    const n = (/** @type {number} */ v) => view.number(v, 5);
    const place = at
      ? text("The pixel at {x}, {y} goes to {x} · {factor} = {cx}, {y} · {factor} = {cy}.", { x: Math.floor(at.x), y: Math.floor(at.y), factor: n(factor), cx: brief(Math.floor(at.x) * factor, 4), cy: brief(Math.floor(at.y) * factor, 4) })
      : text("Point at either picture: the dot marks the same place in the other.");
    this.sums.replaceChildren(
      lines([
        [text("factor"), `min(${side} / ${width}, ${side} / ${height}) = min(${n(side / width)}, ${n(side / height)}) = `, n(factor)],
        [text("scaled"), `⌊${width} · ${n(factor)}⌋ × ⌊${height} · ${n(factor)}⌋ = `, `${scaled[0]} × ${scaled[1]}`],
        [text("grey rest"), `${side}² − ${scaled[0]} · ${scaled[1]} = `, text("{count} pixels of (114, 114, 114)", { count: rest.toLocaleString("en") })],
        [text("numbers"), text("blue, green, red from 0 to 255, as they are: no mean, no division"), ""],
      ]),
      paragraph(place, "yolo-quiet"),
    );
  }
}
