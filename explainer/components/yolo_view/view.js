// YOLO step by step on one photo: which step is open, which cell is chosen, what is asked of the server.

import { updateAddress } from "../shared/address.js";
import { element } from "../shared/dom.js";
import { brief } from "../shared/numbers.js";
import { Palette } from "../shared/palette.js";
import { photoCanvas } from "../shared/photo.js";
import { words } from "../shared/words.js";
import { CellStep } from "./cell_step.js";
import { Data } from "./data.js";
import { GridsStep } from "./grids_step.js";
import { LetterboxStep } from "./letterbox_step.js";
import { inGrid, neighbour, readCell, writeCell } from "./maths.js";
import { OriginStep } from "./origin_step.js";
import { ResultStep } from "./result_step.js";
import { RoundsStep } from "./rounds_step.js";
import { ThresholdStep } from "./threshold_step.js";

const REST = 220;
const ARROWS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
const STEPS = { letterbox: LetterboxStep, grids: GridsStep, cell: CellStep, threshold: ThresholdStep, nms: RoundsStep, result: ResultStep, origin: OriginStep };
/** What stands in the link when it does not stand there. */
const USUAL = { step: "grids", cell: "", show: "objectness", round: "0", target: "score", layer: "", cam: "gradcam" };

/** @typedef {keyof typeof STEPS} Step */

export class View {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    /** @type {(ask: object) => void} */
    this.send = () => {};
    this.opacity = 0.75;
    this.frame = element("div", "yolo plain");
    this.tabs = element("div", "yolo-tabs");
    this.tabs.setAttribute("role", "tablist");
    this.body = element("div", "yolo-body");
    this.body.setAttribute("role", "tabpanel");
    this.live = element("div", "plain-unseen");
    this.live.setAttribute("aria-live", "polite");
    this.back = element("button", "yolo-go");
    this.on = element("button", "yolo-go yolo-on");
    this.back.addEventListener("click", () => this.#turn(-1));
    this.on.addEventListener("click", () => this.#turn(1));
    const turns = element("div", "yolo-turns");
    turns.append(this.back, this.on);
    this.frame.append(this.tabs, this.body, turns, this.live);
    root.replaceChildren(this.frame);
    this.palette = new Palette(this.frame);
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(root);
  }

  destroy() {
    clearTimeout(this.waiting);
    cancelAnimationFrame(this.drawing);
    this.made?.nms?.player.pause();
    this.observer.disconnect();
  }

  themeChanged() {
    this.palette.refresh();
    this.draw();
  }

  /** @param {any} frame a decoded one */
  receive(frame) {
    this.text = words(frame.texts);
    this.lacking = {};
    const other = frame.identity !== this.data?.identity;
    if (other) {
      this.data = new Data(frame);
      this.picture = photoCanvas(frame.shown);
      this.grey = photoCanvas(frame.shown, true);
      this.made = {};
    } else this.data.take(frame);
    if (other || frame.stamp !== this.stamp) this.#adopt(frame.place);
    this.stamp = frame.stamp;
    this.state.round = Math.min(this.state.round, Math.max(0, this.data.rounds.keepers.length - 1));
    this.#tabs();
    this.draw();
  }

  /** Take over a place that the link has brought. */
  #adopt(place) {
    const { data } = this;
    const wanted = { ...USUAL, ...place };
    const cell = readCell(data.grids, wanted.cell);
    this.state = {
      step: /** @type {Step} */ (wanted.step in STEPS ? wanted.step : USUAL.step),
      cell: cell < 0 ? this.usualCell() : cell,
      show: wanted.show in { objectness: 1, best: 1, score: 1 } || Number(wanted.show) in data.classes ? wanted.show : USUAL.show,
      round: Math.max(0, Number(wanted.round) || 0),
      target: wanted.target,
      layer: wanted.layer,
      cam: wanted.cam,
    };
  }

  /** The surest cell. */
  usualCell() {
    return this.data.kept.length ? this.data.kept[0] : this.data.order[0];
  }

  /** The final box that is looked into: that of the chosen cell, else the one it was suppressed by, else the surest. */
  finalCell() {
    const { data, state } = this;
    if (data.kept.includes(state.cell)) return state.cell;
    const round = data.rounds.keepers.findIndex((_, i) => data.round(i).gone.some((one) => one.cell === state.cell));
    return round >= 0 ? data.rounds.keepers[round] : (data.kept[0] ?? -1);
  }

  // --- what the reader does --------------------------------------------------------------------------------------

  /** @param {Partial<View["state"]>} changes @param {object} [asks] what the server is asked for beside */
  change(changes, asks = {}) {
    Object.assign(this.state, changes);
    if ("step" in changes) this.#tabs();
    this.#later();
    this.keep(asks);
  }

  /** @param {number} cell @param {boolean} [aloud] */
  choose(cell, aloud = false) {
    this.change({ cell });
    if (aloud) this.live.textContent = this.describe(cell);
  }

  /** Move the chosen cell with the keys. @param {KeyboardEvent} event @returns {boolean} whether it was a key for that */
  moves(event) {
    const { grids } = this.data;
    const step = ARROWS[event.key];
    const far = event.shiftKey ? 5 : 1;
    if (step) this.choose(neighbour(grids, this.state.cell, step[0] * far, step[1] * far), true);
    else if (event.key === "PageDown" || event.key === "PageUp") {
      const grid = this.data.cell(this.state.cell).grid + (event.key === "PageDown" ? 1 : -1);
      this.choose(inGrid(grids, this.state.cell, Math.max(0, Math.min(2, grid))), true);
    } else if (event.key === "Enter") this.change({ step: "cell" });
    else return false;
    return true;
  }

  /** Ask the server for something that is not there, once it is seen to be lacking. @param {Record<string, any>} what */
  lack(what) {
    const [name, value] = Object.entries(what)[0];
    const mark = `${name}/${JSON.stringify(value)}`;
    if (this.lacking[name] === mark) return;
    this.lacking[name] = mark;
    this.keep(what);
  }

  /** Remember the place in the address and tell the server, once the reader rests. */
  keep(asks = {}) {
    this.asks = { ...this.asks, ...asks };
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => {
      const values = this.place();
      updateAddress(values);
      const holds = { identity: this.data.identity, ...this.asks };
      this.asks = {};
      this.send({ ...values, ...holds, serial: Date.now() });
    }, REST);
  }

  /** The place by parameter of the link; empty where it is as usual. */
  place() {
    const { state, data } = this;
    const cell = state.cell === this.usualCell() ? "" : writeCell(data.grids, state.cell);
    const all = { ...state, cell, round: String(state.step === "nms" ? state.round : 0) };
    return Object.fromEntries(Object.entries(USUAL).map(([name, usual]) => [name, all[name] === usual ? "" : String(all[name] ?? "")]));
  }

  // --- what is shown ---------------------------------------------------------------------------------------------

  #titles() {
    const { text } = this;
    return [text("Letterbox"), text("Three grids"), text("One cell"), text("Threshold"), text("Suppression"), text("Result"), text("Where from?")];
  }

  #tabs() {
    const titles = this.#titles();
    if (this.tabs.children.length && this.named === titles.join()) return this.#mark();
    this.named = titles.join();
    const { text } = this;
    this.tabs.setAttribute("aria-label", text("Steps"));
    this.tabs.replaceChildren(
      ...Object.keys(STEPS).map((step, i) => {
        const tab = element("button", "yolo-tab");
        tab.append(element("b", "", String(i + 1)), element("span", "", titles[i]));
        tab.setAttribute("role", "tab");
        tab.setAttribute("aria-label", `${i + 1} ${titles[i]}`);
        tab.dataset.step = step;
        tab.addEventListener("click", () => this.change({ step: /** @type {Step} */ (step) }));
        tab.addEventListener("keydown", (event) => {
          const turn = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
          const next = turn && this.tabs.children[(i + turn + titles.length) % titles.length];
          if (!next) return;
          event.preventDefault();
          /** @type {HTMLElement} */ (next).focus();
          /** @type {HTMLElement} */ (next).click();
        });
        return tab;
      }),
    );
    this.#mark();
  }

  /** Go to the step before or after. @param {number} by */
  #turn(by) {
    const steps = /** @type {Step[]} */ (Object.keys(STEPS));
    const step = steps[steps.indexOf(this.state.step) + by];
    if (!step) return;
    this.change({ step });
    this.frame.scrollIntoView?.({ block: "nearest" });
  }

  #mark() {
    const titles = this.#titles();
    const at = Object.keys(STEPS).indexOf(this.state.step);
    this.back.textContent = at > 0 ? `← ${titles[at - 1]}` : "";
    this.on.textContent = at + 1 < titles.length ? `${titles[at + 1]} →` : "";
    this.back.hidden = at === 0;
    this.on.hidden = at + 1 === titles.length;
    for (const tab of /** @type {HTMLElement[]} */ ([...this.tabs.children])) {
      const here = tab.dataset.step === this.state.step;
      tab.setAttribute("aria-selected", String(here));
      tab.tabIndex = here ? 0 : -1;
    }
  }

  #later() {
    cancelAnimationFrame(this.drawing);
    this.drawing = requestAnimationFrame(() => this.draw());
  }

  draw() {
    if (!this.data || !this.root.clientWidth) return;
    const { step } = this.state;
    this.made[step] ??= new STEPS[step](this);
    const { root } = this.made[step];
    if (this.body.firstChild !== root) {
      this.made.nms?.player.pause();
      this.body.replaceChildren(root);
    }
    this.made[step].draw();
  }

  /** What all pictures of the canvas have in common. @param {boolean} [grey] under a heat map the colours are its own */
  canvasScene(grey = false) {
    const { side, scaled } = this.data;
    return { world: { w: side, h: side }, picture: grey ? this.grey : this.picture, area: { w: scaled[0], h: scaled[1] } };
  }

  /** What the photo itself is drawn with. */
  photoScene() {
    const { width, height } = this.data.picture;
    return { world: { w: width, h: height }, picture: this.picture, area: { w: width, h: height } };
  }

  /** A number, short or in full, as the reader likes it. @param {number} value @param {number} [digits] */
  number(value, digits = 4) {
    return brief(value, this.full ? 9 : digits);
  }

  /** "face 0.87" @param {number} cell */
  label(cell) {
    return `${this.data.nameOf(cell)} ${brief(this.data.scores[cell], 2)}`;
  }

  /** "stride 16, column 12, row 9" @param {number} cell */
  where(cell) {
    const { stride, column, row } = this.data.cell(cell);
    const { text } = this;
    return text("stride {stride}, column {column}, row {row}", { stride, column, row });
  }

  /** A cell in one sentence, for screen readers. @param {number} cell */
  describe(cell) {
    const { text, data } = this;
    const box = Array.from(data.boxOf(cell), (v) => Math.round(v)).join(", ");
    return text("Cell {where}: objectness {objectness}, {name} {best}, score {score}, box {box}.", {
      where: this.where(cell),
      objectness: brief(data.objectness[cell], 3),
      name: data.nameOf(cell),
      best: brief(data.best[cell], 3),
      score: brief(data.scores[cell], 3),
      box,
    });
  }
}
