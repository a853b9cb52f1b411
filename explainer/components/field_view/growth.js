// The strip: how the field grows on the way from the image to this layer.

import { element } from "../shared/dom.js";
import { prepare } from "../shared/sketch.js";
import { centreOf } from "./boxes.js";

const SIDE = 72;
/** Longer names are cut at the front: what tells layers apart stands at the end. */
const LONGEST = 15;

export class Growth {
  /** @param {HTMLElement} host @param {any} view */
  constructor(host, view) {
    this.view = view;
    this.title = element("div", "fv-title");
    this.list = element("div", "fv-steps");
    this.list.setAttribute("role", "listbox");
    host.append(this.title, this.list);
    /** @type {{canvas: HTMLCanvasElement, step: any}[]} */
    this.thumbs = [];
    this.list.addEventListener("keydown", (event) => this.#key(event));
  }

  open() {
    const { view } = this;
    const { state, text } = view;
    const { steps } = state.field;
    this.title.textContent = text("How the field grows on the way here");
    this.list.setAttribute("aria-label", text("Layers on the way, with the size of their fields"));
    this.thumbs = steps.map((/** @type {any} */ step) => {
      const here = step.node === state.field.node;
      const button = element("button", "fv-step");
      button.setAttribute("role", "option");
      button.setAttribute("aria-selected", String(here));
      button.dataset.node = step.node;
      button.tabIndex = here ? 0 : -1;
      const canvas = element("canvas");
      canvas.setAttribute("aria-hidden", "true");
      const size = this.#size(step);
      button.title = `${step.node} · ${step.kind}`;
      button.append(canvas, element("span", "fv-step-size", size), element("span", "fv-step-name", shortened(step.node)));
      button.addEventListener("click", () => here || view.leave(step.node));
      return { canvas, step, button };
    });
    this.list.replaceChildren(...this.thumbs.map((/** @type {any} */ thumb) => thumb.button));
    this.list.scrollLeft = this.list.scrollWidth;
  }

  /** @param {any} step */
  #size(step) {
    const { text } = this.view;
    const size = step.local ?? step.size;
    const written = size ? `${round(size[0])} × ${round(size[1])}` : "–";
    return step.status === "bound" && step.local ? `${written} +` : step.local || !size ? written : text("all");
  }

  draw() {
    const { state, palette, unit, photo } = this.view;
    const { picture } = state.field;
    const centre = centreOf(state.field, unit.y, unit.x) ?? { py: picture.height / 2, px: picture.width / 2 };
    const scale = SIDE / Math.max(picture.height, picture.width);
    const [w, h] = [picture.width * scale, picture.height * scale];
    const [x0, y0] = [(SIDE - w) / 2, (SIDE - h) / 2];
    for (const { canvas, step } of this.thumbs) {
      const g = prepare(canvas, SIDE, SIDE);
      g.save();
      g.beginPath();
      g.rect(x0, y0, w, h);
      g.clip();
      g.imageSmoothingEnabled = true;
      if (photo.photo) g.drawImage(photo.photo, x0, y0, w, h);
      const size = step.local ?? step.size;
      if (size) {
        const box = { x: x0 + (centre.px - size[1] / 2) * scale, y: y0 + (centre.py - size[0] / 2) * scale, w: Math.max(2, size[1] * scale), h: Math.max(2, size[0] * scale) };
        g.fillStyle = palette.theme.dark ? "rgba(10,12,18,0.55)" : "rgba(255,255,255,0.55)";
        g.beginPath();
        g.rect(x0, y0, w, h);
        g.rect(box.x, box.y, box.w, box.h);
        g.fill("evenodd");
        g.lineWidth = 3;
        g.strokeStyle = "rgba(255,255,255,0.85)";
        g.strokeRect(box.x, box.y, box.w, box.h);
        g.lineWidth = 1.5;
        g.strokeStyle = palette.theme.dark ? "#1f6fd1" : palette.theme.accent;
        g.strokeRect(box.x, box.y, box.w, box.h);
      }
      g.restore();
    }
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const buttons = /** @type {HTMLButtonElement[]} */ ([...this.list.children]);
    const at = buttons.indexOf(/** @type {any} */ (event.target));
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (to === undefined || !buttons[to]) return;
    event.preventDefault();
    event.stopPropagation();
    buttons[to].focus();
  }
}

/** @param {string} name */
function shortened(name) {
  return name.length > LONGEST ? `…${name.slice(1 - LONGEST)}` : name;
}

/** @param {number} value */
function round(value) {
  return Math.round(value * 10) / 10;
}
