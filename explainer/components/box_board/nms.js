// The panel of suppression: its setting, the rounds to play, what each does in words, and the matrix.

import { element } from "../shared/dom.js";
import { Player } from "../shared/player.js";
import { Choice, Slider, rich } from "./controls.js";
import { Matrix } from "./matrix.js";
import { asList, headline, reasons } from "./reasons.js";

/** Longest time of a round while it plays, in ms: its words are read. */
const ROUND = 1900;

export class Suppression {
  /**
   * @param {{set: (change: object, done: boolean) => void, step: (step: number, done: boolean) => void,
   *   hover: (pair: [number, number]|null) => void, choose: (pair: [number, number]) => void}} listener
   */
  constructor(listener) {
    this.root = element("section", "bb-nms");
    const tools = element("div", "bb-tools");
    this.method = new Choice((method) => listener.set({ method }, true));
    this.iou = new Slider({ min: 0, max: 1, step: 0.01 }, (iou, done) => listener.set({ iou }, done));
    this.sigma = new Slider({ min: 0.05, max: 2, step: 0.05 }, (sigma, done) => listener.set({ sigma }, done));
    this.least = new Slider({ min: 0, max: 0.9, step: 0.01 }, (least, done) => listener.set({ least }, done));
    this.aware = element("label", "bb-check");
    this.box = this.aware.appendChild(Object.assign(element("input"), { type: "checkbox" }));
    this.awareName = this.aware.appendChild(element("span"));
    this.box.addEventListener("change", () => listener.set({ aware: this.box.checked }, true));
    tools.append(this.method.root, this.aware, this.iou.root, this.sigma.root, this.least.root);
    this.player = new Player(listener.step, ROUND);
    this.said = element("div", "bb-said");
    this.said.setAttribute("aria-live", "polite");
    this.headline = this.said.appendChild(element("p", "bb-headline"));
    this.list = this.said.appendChild(element("ul", "bb-reasons"));
    this.checked = element("p", "bb-checked");
    this.matrix = new Matrix(listener);
    this.root.append(tools, this.player.root, this.said, this.matrix.root, this.checked);
  }

  /**
   * @param {any} text
   * @param {any} now what `reasons.js` and `matrix.js` take
   * @param {number} width
   */
  show(text, now, width) {
    const { setting, rounds, step } = now;
    const methods = { nms: "NMS", linear: text("Soft, linear"), gaussian: text("Soft, Gaussian") };
    this.method.show(text("Method"), methods, setting.method);
    this.iou.show(text("Threshold"), setting.iou, text("A box goes when its IoU with a surer one is greater than this."));
    this.sigma.show("σ", setting.sigma, text("The smaller, the faster scores sink with the overlap."));
    this.least.show(text("Drop below"), setting.least, text("A box whose score has sunk below this is dropped."));
    this.iou.root.hidden = setting.method === "gaussian";
    this.sigma.root.hidden = setting.method !== "gaussian";
    this.least.root.hidden = setting.method === "nms";
    this.box.checked = setting.aware;
    this.awareName.textContent = text("Each class by itself");
    const last = rounds.length + 1;
    const place =
      step === 0 ? text("Before the first round") : step === last ? text("Result") : text("Round {number} of {all}", { number: step, all: rounds.length });
    this.player.show(step, last, {
      first: text("Begin again"),
      back: text("Back"),
      play: text("Play"),
      pause: text("Pause"),
      on: text("Next round"),
      slider: text("Round"),
      place,
    });
    this.headline.replaceChildren(...rich(headline(text, now)));
    this.list.replaceChildren(...asList(reasons(text, now)));
    this.checked.textContent = now.checked;
    this.matrix.root.hidden = !now.boxes.length;
    this.matrix.show(text, now, width);
  }

  themeChanged() {
    this.matrix.palette.refresh();
    this.matrix.draw();
  }
}
