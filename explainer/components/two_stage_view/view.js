// Eight linked steps on one photo: what is chosen on one of them is what the others show.

import { element } from "../shared/dom.js";
import { short } from "../shared/draw.js";
import { Palette } from "../shared/palette.js";
import { words } from "../shared/words.js";
import { AnchorsPanel } from "./anchors.js";
import { anchorAt, boxAt } from "./boxes.js";
import { HeadPanel } from "./head.js";
import { InputPanel, PyramidPanel } from "./start.js";
import { ProposalsPanel } from "./proposals.js";
import { ResultPanel } from "./result.js";
import { RoiPanel } from "./roi.js";
import { Scene } from "./scene.js";

const REST = 120;
const KEYS = ["input", "pyramid", "anchors", "rpn", "proposals", "roi", "head", "result"];

export class View {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    /** @type {(ask: object) => void} */
    this.send = () => {};
    this.serial = 0;
    /** What the pointer is on: a place of the input or of a map. @type {any} */
    this.hovered = null;
    this.frameRoot = element("div", "two plain");
    this.steps = element("div", "two-steps");
    this.steps.setAttribute("role", "tablist");
    this.stage = element("div", "two-stage");
    this.left = element("div", "two-left");
    this.right = element("div", "two-right");
    this.right.setAttribute("role", "tabpanel");
    this.said = element("p", "two-said");
    this.live = element("div", "plain-unseen");
    this.live.setAttribute("aria-live", "polite");
    this.scene = new Scene({ hover: (point) => this.hover(point && { point }), click: (point) => this.panel.click?.(point) });
    this.scene.canvas.addEventListener("keydown", (event) => this.#sceneKey(event));
    this.left.append(this.scene.canvas, this.said);
    this.stage.append(this.left, this.right);
    this.frameRoot.append(this.steps, this.stage, this.live);
    root.replaceChildren(this.frameRoot);
    this.palette = new Palette(this.frameRoot);
    this.panels = {
      input: new InputPanel(this),
      pyramid: new PyramidPanel(this),
      anchors: new AnchorsPanel(this, false),
      rpn: new AnchorsPanel(this, true),
      proposals: new ProposalsPanel(this),
      roi: new RoiPanel(this),
      head: new HeadPanel(this),
      result: new ResultPanel(this),
    };
    this.observer = new ResizeObserver(() => this.paint());
    this.observer.observe(root);
  }

  destroy() {
    clearTimeout(this.waiting);
    this.observer.disconnect();
  }

  themeChanged() {
    this.palette.refresh();
    for (const panel of Object.values(this.panels)) panel.maps?.forget();
    this.draw();
  }

  get theme() {
    return this.palette.theme;
  }

  get panel() {
    return this.panels[this.state?.step ?? "input"];
  }

  /** @param {any} frame a decoded one */
  receive(frame) {
    this.text = words(frame.texts);
    const other = frame.identity !== this.frame?.identity;
    this.frame = frame;
    if (other || frame.serial >= this.serial) {
      clearTimeout(this.waiting);
      this.state = { ...frame.state };
      this.hovered = null;
    }
    if (other) this.#load(frame);
    this.draw();
  }

  #load({ photo, identity }) {
    const address = URL.createObjectURL(new Blob([photo.jpeg], { type: "image/jpeg" }));
    const image = new Image();
    this.image = null;
    image.onload = () => {
      URL.revokeObjectURL(address);
      if (this.frame.identity !== identity) return;
      this.image = image;
      this.root.dataset.ready = identity;
      this.paint();
    };
    image.src = address;
  }

  /** The reader has chosen something: show it now, tell the server soon. @param {object} what @param {boolean} [aloud] */
  set(what, aloud = false) {
    Object.assign(this.state, what);
    this.serial = Date.now();
    this.draw();
    if (aloud) this.live.textContent = this.said.textContent;
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.send({ serial: this.serial, identity: this.frame.identity, state: this.state }), REST);
  }

  /** Follow a proposal: it, and the anchor that it came from. @param {number} rank @param {object} [more] */
  follow(rank, more = {}) {
    const at = this.#placeOf(rank);
    this.set({ region: rank, ...(at >= 0 ? { spot: [...this.frame.regions.anchors.slice(4 * at, 4 * at + 4)] } : {}), ...more });
  }

  #placeOf(rank) {
    return this.frame.regions.ranks.indexOf(rank);
  }

  /** The chosen proposal as far as it is known: all numbers, or the box only; null if there is none. */
  region() {
    const { region, regions } = this.frame;
    if (region?.rank === this.state.region) return { box: [...region.box], full: region };
    const at = this.#placeOf(this.state.region);
    return at < 0 ? null : { box: boxAt(regions.boxes, at), full: null };
  }

  /** The numbers of the chosen place, once they are here. */
  spot() {
    const { spot } = this.frame;
    const [level, row, column] = this.state.spot;
    return spot.level === level && spot.row === row && spot.column === column ? spot : null;
  }

  /** The chosen anchor. @returns {number[]} */
  anchor() {
    const [level, row, column, which] = this.state.spot;
    return anchorAt(this.frame.levels[level], row, column, which);
  }

  /** @param {any} what */
  hover(what) {
    if (!this.frame) return;
    this.hovered = what;
    this.paint();
  }

  /** @param {string} label the network's own, translated where the page knows it */
  className(label) {
    return this.frame.classes[label] ?? String(label);
  }

  #sceneKey(event) {
    if (!this.state || event.altKey || event.ctrlKey || event.metaKey) return;
    if (this.panel.key?.(event)) event.preventDefault();
  }

  #titles() {
    const { text } = this;
    const { counts, fitted, levels } = this.frame;
    const many = (/** @type {number} */ count) => short(count);
    return [
      [text("Input"), `${fitted.size[1]} × ${fitted.size[0]}`],
      [text("Pyramid"), text("{count} levels", { count: levels.length })],
      [text("Anchors"), many(counts.anchors)],
      [text("Objectness"), text("{count} scores", { count: many(counts.anchors) })],
      [text("Proposals"), `${many(counts.top)} → ${many(counts.proposals)}`],
      ["RoIAlign", `${this.frame.region?.bins.join(" × ") ?? "–"}`],
      [text("Box head"), text("{count} classes", { count: this.frame.classes.length })],
      [text("Result"), `${many(counts.over)} → ${many(counts.final)}`],
    ];
  }

  #drawSteps() {
    const titles = this.#titles();
    if (!this.steps.children.length) {
      KEYS.forEach((key, i) => {
        const tab = element("button", "two-step");
        tab.setAttribute("role", "tab");
        tab.dataset.key = `step-${key}`;
        tab.append(element("i", "", String(i + 1)), element("b"), element("span"));
        tab.addEventListener("click", () => this.set({ step: key }));
        tab.addEventListener("keydown", (event) => {
          const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
          if (!by) return;
          event.preventDefault();
          const next = KEYS[(i + by + KEYS.length) % KEYS.length];
          this.set({ step: next });
          /** @type {HTMLElement} */ (this.steps.children[KEYS.indexOf(next)]).focus();
        });
        this.steps.append(tab);
      });
    }
    [...this.steps.children].forEach((tab, i) => {
      const on = KEYS[i] === this.state.step;
      tab.setAttribute("aria-selected", String(on));
      /** @type {HTMLElement} */ (tab).tabIndex = on ? 0 : -1;
      tab.children[1].textContent = titles[i][0];
      tab.children[2].textContent = titles[i][1];
      if (on && this.steps.scrollWidth > this.steps.clientWidth) {
        this.steps.scrollTo({ left: /** @type {HTMLElement} */ (tab).offsetLeft - this.steps.clientWidth / 2 + tab.clientWidth / 2 });
      }
    });
  }

  /** Everything anew; what had the focus keeps it. */
  draw() {
    if (!this.frame) return;
    this.#drawSteps();
    const shadow = /** @type {Document|ShadowRoot} */ (this.root.getRootNode());
    const held = /** @type {HTMLElement|null} */ (shadow.activeElement)?.dataset?.key;
    const { panel } = this;
    panel.draw();
    if (this.right.firstChild !== panel.root) this.right.replaceChildren(panel.root);
    if (held) /** @type {HTMLElement|null} */ (this.right.querySelector(`[data-key="${held}"]`))?.focus({ preventScroll: true });
    this.paint();
  }

  /** The canvases only. */
  paint() {
    const width = this.root.clientWidth;
    if (!this.frame || !width) return;
    const { panel } = this;
    const wide = width > 860;
    const room = wide ? Math.min(560, Math.floor(width * 0.44)) : width;
    this.left.style.width = wide ? `${room}px` : "";
    const marks = panel.marks?.() ?? [];
    this.scene.draw(this.frame, this.image, {
      width: room,
      height: wide ? 560 : Math.min(460, width),
      whole: this.state.step === "input",
      theme: this.theme,
      marks,
      dim: Boolean(panel.dims),
      spot: panel.point?.() ?? null,
    });
    this.said.textContent = panel.saying?.() ?? "";
    this.scene.canvas.setAttribute("aria-label", `${this.text("Photo")}. ${this.said.textContent}`);
    panel.paint?.();
  }
}
