// The boxes of a network above its table of shapes; the box of the row one is at lights up.

import { box, familyOf, places, shapeText, stages } from "../shared/blocks.js";
import { element } from "../shared/dom.js";
import { svg } from "../shared/svg.js";

const HEIGHT = 170;
/** Room above for the number of the highest box. */
const TOP = 20;
const STEPS = { ArrowRight: 1, ArrowLeft: -1 };

export class Picture {
  /**
   * @param {HTMLElement} root
   * @param {{point: (block: number) => void, go: (block: number) => void}} act
   */
  constructor(root, act) {
    this.root = root;
    this.act = act;
    this.stage = element("div", "st-stage");
    this.stage.tabIndex = 0;
    this.stage.setAttribute("role", "group");
    this.said = element("p", "st-said");
    this.said.setAttribute("aria-live", "polite");
    root.append(this.stage, this.said);
    this.lit = -1;
    this.stage.addEventListener("pointermove", (event) => act.point(this.#at(event)));
    this.stage.addEventListener("pointerleave", () => act.point(-1));
    this.stage.addEventListener("click", (event) => act.go(this.#at(event)));
    this.stage.addEventListener("keydown", (event) => this.#onKey(event));
  }

  /** @param {any[]} blocks @param {(key: string, values?: object) => string} text */
  show(blocks, text) {
    this.blocks = blocks;
    this.text = text;
    this.stage.setAttribute("aria-label", text("Blocks of the network; the arrow keys go from one to the next, Enter to its rows"));
    this.draw();
  }

  draw() {
    if (!this.blocks) return;
    const width = Math.max(200, this.stage.clientWidth);
    this.places = places(this.blocks, width - 2, HEIGHT);
    const picture = svg("svg", { width, height: TOP + HEIGHT + 36, "aria-hidden": "true" });
    this.boxes = this.places.map((place, i) => box(place, TOP + HEIGHT / 2 + 6, familyOf(this.blocks[i])));
    picture.append(...this.boxes, ...this.#names(width), ...this.#sides());
    this.stage.replaceChildren(picture);
    this.light(this.lit);
  }

  /** Numbers of channels over the boxes, where there is room. */
  #names(width) {
    let free = 0;
    return this.blocks.flatMap(({ shape }, i) => {
      const { x, width: thick, height, lean } = this.places[i];
      const words = String(shape[0]);
      const size = 6.5 * words.length;
      const middle = Math.min(width - size / 2, Math.max(size / 2, x + thick / 2 + lean / 2));
      if (middle - size / 2 < free) return [];
      free = middle + size / 2 + 4;
      const y = TOP + HEIGHT / 2 + 6 - height / 2 - lean * 0.6 - 5;
      return [svg("text", { class: "st-channels", x: middle, y, "text-anchor": "middle" }, words)];
    });
  }

  /** Sides of the maps below them. */
  #sides() {
    const y = TOP + HEIGHT + 10;
    return stages(this.blocks).flatMap(({ first, last, side }) => {
      const [left, right] = [this.places[first].x, this.places[last].x + this.places[last].width];
      const found = [svg("path", { class: "st-bracket", d: `M${left},${y}v3H${right}v-3` })];
      if (side && right - left > 6.5 * side.length - 12) {
        found.push(svg("text", { class: "st-side", x: (left + right) / 2, y: y + 17, "text-anchor": "middle" }, side));
      }
      return found;
    });
  }

  #at(event) {
    const x = event.clientX - this.stage.getBoundingClientRect().left;
    const far = ({ x: left, width, lean }) => Math.max(left - x, x - left - width - lean / 2, 0);
    return this.places.reduce((best, place, i) => (far(place) < far(this.places[best]) ? i : best), 0);
  }

  #onKey(event) {
    if (event.key === "Enter") this.act.go(Math.max(0, this.lit));
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    this.act.point(Math.max(0, Math.min(this.blocks.length - 1, this.lit + step)));
  }

  /** @param {number} block -1 for none */
  light(block) {
    const { text } = this;
    this.lit = block;
    this.boxes?.forEach((one, i) => one.classList.toggle("block-lit", i === block));
    const { name, kind, shape } = this.blocks[block] ?? {};
    this.said.textContent = shape
      ? `${kind === "input" ? text("input") : `${name} (${kind})`} → ${shapeText([...shape])}`
      : text("A box is as high as the side of its map and as thick as it has channels (both as square roots).");
  }
}
