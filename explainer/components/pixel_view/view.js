// A photo as numbers: panes under one lens, and beside them what the pixel under the pointer holds.

import { updateAddress } from "../shared/address.js";
import { element } from "../shared/dom.js";
import { gestures } from "../shared/gestures.js";
import { Palette } from "../shared/palette.js";
import { Postponed } from "../shared/postponed.js";
import { words } from "../shared/words.js";
import { Lens } from "./lens.js";
import { Levels } from "./levels.js";
import { Memory } from "./memory.js";
import { Pane } from "./pane.js";
import { Picture } from "./picture.js";
import { Reading } from "./reading.js";
import { readState, SHOWS, writeState } from "./state.js";

const PANES = { colour: ["photo"], channels: ["photo", "red", "green", "blue"], grey: ["grey", "steps"] };
const STEPS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
const REST = 300;
const FLIGHT = 320;
const GAP = 8;

export class View {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    /** @type {(ask: object) => void} */
    this.send = () => {};
    this.text = words({});
    this.palette = new Palette(root);
    this.keeping = new Postponed(root, () => this.#put());
    this.still = matchMedia("(prefers-reduced-motion: reduce)");
    this.#build();
    this.sizes = new ResizeObserver(() => this.state && this.#lay());
    this.sizes.observe(root);
    this.onBack = () => this.picture && this.#open();
    addEventListener("popstate", this.onBack);
  }

  destroy() {
    this.keeping.drop();
    cancelAnimationFrame(this.flying);
    this.sizes.disconnect();
    this.stops?.forEach((stop) => stop());
    removeEventListener("popstate", this.onBack);
  }

  themeChanged() {
    this.palette.refresh();
    if (this.state) this.#draw();
  }

  /** @param {any} frame a decoded one */
  receive(frame) {
    this.text = words(frame.texts);
    this.root.setAttribute("aria-label", frame.label);
    const same = this.identity === frame.identity;
    this.identity = frame.identity;
    this.picture = new Picture(frame);
    if (!same) {
      this.lens = new Lens(frame.width, frame.height);
      this.#open();
    } else {
      this.state.picture = this.picture;
      this.#label();
      this.#draw();
    }
  }

  /** Look where the address says. @param {(name: string) => string} [read] */
  #open(read) {
    const { lens, ...state } = readState(this.picture, read);
    this.state = { ...state, picture: this.picture, hovered: null };
    this.kind = "";
    this.#label();
    this.#lay();
    if (lens) this.lens.set({ k: lens[0] * this.lens.fit, cx: lens[1], cy: lens[2] });
    else this.lens.set({ k: 0, cx: 0, cy: 0 });
    this.#draw();
  }

  // --- what is there ---------------------------------------------------------------------------------------------

  #build() {
    const bar = element("div", "px-bar-top");
    this.switch = element("div", "px-switch");
    this.switch.setAttribute("role", "radiogroup");
    this.options = SHOWS.map((show) => {
      const option = element("button", "px-option");
      option.setAttribute("role", "radio");
      option.addEventListener("click", () => this.put({ show }));
      option.addEventListener("keydown", (event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (!step) return;
        event.preventDefault();
        const next = (SHOWS.indexOf(show) + step + SHOWS.length) % SHOWS.length;
        this.put({ show: SHOWS[next] });
        this.options[next].focus();
      });
      return option;
    });
    this.switch.append(...this.options);
    this.tint = element("label", "px-tint");
    this.tinted = /** @type {HTMLInputElement} */ (element("input"));
    this.tinted.type = "checkbox";
    this.tinted.addEventListener("change", () => this.put({ tint: this.tinted.checked }));
    this.tintText = element("span");
    this.tint.append(this.tinted, this.tintText);
    this.zoomed = element("span", "px-zoom");
    const tools = element("div", "px-tools");
    this.buttons = [["−", () => this.#zoom(1 / 1.8)], ["+", () => this.#zoom(1.8)], ["", () => this.#toNumbers()], ["", () => this.#whole()], ["", () => this.#reset()]].map(([sign, act]) => {
      const button = element("button", "px-tool", String(sign));
      button.addEventListener("click", /** @type {any} */ (act));
      return button;
    });
    tools.append(this.zoomed, ...this.buttons);
    bar.append(this.switch, this.tint, tools);

    this.stage = element("div", "px-stage");
    this.stage.tabIndex = 0;
    this.stage.setAttribute("role", "application");
    this.stage.addEventListener("keydown", (event) => this.#key(event));
    this.hint = element("p", "px-hint");
    const on = { put: (change) => this.put(change) };
    this.reading = new Reading(on);
    this.levels = new Levels(on);
    this.memory = new Memory(on);
    this.heading = element("h3", "px-heading");
    const left = element("div", "px-left");
    left.append(this.stage, this.hint);
    const right = element("div", "px-right");
    right.append(this.reading.root, this.levels.root);
    const body = element("div", "px-body");
    body.append(left, right);
    this.live = element("div", "plain-unseen");
    this.live.setAttribute("aria-live", "polite");
    this.root.replaceChildren(bar, body, this.heading, this.memory.root, this.live);
  }

  #label() {
    const { text, picture } = this;
    const names = { colour: text("Colour"), channels: text("Three channels"), grey: text("Grey levels") };
    this.options.forEach((option, i) => (option.textContent = names[SHOWS[i]]));
    this.switch.setAttribute("aria-label", text("What is shown"));
    this.tintText.textContent = text("in their colours");
    const titles = [text("Zoom out"), text("Zoom in"), text("Numbers"), text("Whole picture"), text("Reset")];
    this.buttons.forEach((button, i) => {
      button.title = titles[i];
      if (i < 2) button.setAttribute("aria-label", titles[i]);
      else button.textContent = titles[i];
    });
    this.stage.setAttribute("aria-label", text("Photo of {width} × {height} pixels. Arrow keys choose a pixel, + and − zoom, Enter zooms to the numbers, Escape shows all.", { width: picture.width, height: picture.height }));
    this.hint.textContent = text("Point at a pixel to read it, click to choose it. Zoom with the wheel (after a click, or with Ctrl), two fingers, + and −.");
    this.heading.textContent = text("The same number in three arrays");
  }

  /** Panes of the size there is room for. */
  #lay() {
    const { show } = this.state;
    if (this.kind !== show) {
      this.kind = show;
      this.stops?.forEach((stop) => stop());
      this.panes = PANES[show].map((kind) => new Pane(kind));
      this.stage.replaceChildren(...this.panes.map(({ root }) => root));
      this.stage.dataset.show = show;
      this.stops = this.panes.map((pane) => this.#listen(pane));
    }
    const width = this.stage.clientWidth;
    if (!width) return;
    const columns = show === "colour" || (show === "grey" && width < 480) ? 1 : 2;
    const wide = Math.floor((width - GAP * (columns - 1)) / columns);
    const { picture } = this;
    const most = columns === 1 && show === "colour" ? 520 : 340;
    const tall = Math.round(Math.min(most, (wide * picture.height) / picture.width));
    this.lens.setRoom(wide, Math.max(120, tall));
    this.stage.style.gridTemplateColumns = `repeat(${columns}, ${wide}px)`;
    this.#draw();
  }

  #listen(pane) {
    const { text } = this;
    const titles = { photo: text("photo"), red: text("red, channel 0"), green: text("green, channel 1"), blue: text("blue, channel 2"), grey: text("256 grey levels"), steps: "" };
    pane.title.textContent = titles[pane.kind];
    pane.canvas.setAttribute("role", "img");
    pane.canvas.setAttribute("aria-label", titles[pane.kind]);
    const moved = () => {
      cancelAnimationFrame(this.flying);
      this.#later();
    };
    return gestures(pane.canvas, this.lens, {
      moved,
      hover: (x, y, touch) => !touch && this.#point(this.lens.cellAt(x, y)),
      leave: () => this.#point(null),
      click: (x, y) => {
        this.stage.focus({ preventScroll: true });
        const pixel = this.lens.cellAt(x, y);
        const channel = ["red", "green", "blue"].indexOf(pane.kind);
        if (pixel) this.put({ ...pixel, ...(channel >= 0 ? { c: channel } : {}) });
      },
      double: (x, y) => this.#fly(this.lens.zoomedAt(x, y, 3)),
      active: () => /** @type {any} */ (this.stage.getRootNode()).activeElement === this.stage,
      refused: () => {},
      grab: (on) => this.stage.classList.toggle("px-grab", on),
    });
  }

  // --- what the reader does --------------------------------------------------------------------------------------

  /** @param {any} change parts of the state; x and y of the chosen pixel; `look` brings it into sight */
  put({ x, y, look, ...change }) {
    const { state, picture } = this;
    const pixel = { x: x ?? state.pixel.x, y: y ?? state.pixel.y };
    if (pixel.x < 0 || pixel.y < 0 || pixel.x >= picture.width || pixel.y >= picture.height) return;
    Object.assign(state, change, { pixel });
    if (look) {
      state.hovered = null;
      this.lens.reveal(pixel.x, pixel.y);
    }
    if (this.kind !== state.show) this.#lay();
    this.#draw();
    this.#keep();
  }

  #point(pixel) {
    const { hovered } = this.state;
    if (pixel?.x === hovered?.x && pixel?.y === hovered?.y) return;
    this.state.hovered = pixel;
    this.#draw();
  }

  #key(event) {
    if (event.target !== this.stage || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = STEPS[event.key];
    const acts = { "+": () => this.#zoom(1.8), "=": () => this.#zoom(1.8), "-": () => this.#zoom(1 / 1.8), Enter: () => this.#toNumbers(), Escape: () => this.#whole(), 0: () => this.#whole() };
    if (!step && !acts[event.key]) return;
    event.preventDefault();
    if (!step) return acts[event.key]();
    const many = event.shiftKey ? 10 : 1;
    const { width, height } = this.picture;
    const inside = (value, count) => Math.max(0, Math.min(count - 1, value));
    const { pixel } = this.state;
    this.put({ x: inside(pixel.x + step[0] * many, width), y: inside(pixel.y + step[1] * many, height), look: true });
    this.#say();
  }

  /** Zoom around the chosen pixel where it is in sight, else around the middle. @param {number} factor */
  #zoom(factor) {
    const { lens } = this;
    const { x, y } = this.state.pixel;
    const [px, py] = lens.toScreen(x + 0.5, y + 0.5);
    const seen = px >= 0 && py >= 0 && px <= lens.room.width && py <= lens.room.height;
    this.#fly(seen ? lens.zoomedAt(px, py, factor) : lens.zoomedAt(lens.room.width / 2, lens.room.height / 2, factor));
  }

  #toNumbers() {
    const { x, y } = this.state.pixel;
    this.#fly({ k: this.state.show === "colour" ? 46 : 38 + 4 * Math.max(0, this.state.bits - 5), cx: x + 0.5, cy: y + 0.5 });
  }

  #whole() {
    this.#fly({ k: this.lens.fit, cx: this.lens.cx, cy: this.lens.cy });
  }

  /** Everything as at first. */
  #reset() {
    cancelAnimationFrame(this.flying);
    this.#open(() => "");
    this.#keep();
  }

  /** Move the lens smoothly; at once where the reader wants no motion. */
  #fly(to) {
    cancelAnimationFrame(this.flying);
    const { lens } = this;
    const from = { k: lens.k, cx: lens.cx, cy: lens.cy };
    const k = Math.max(lens.fit, Math.min(lens.most, to.k));
    const begun = performance.now();
    const tick = (now) => {
      const t = this.still.matches ? 1 : Math.min(1, (now - begun) / FLIGHT);
      const e = t * t * (3 - 2 * t);
      const ratio = k / from.k;
      // Under a changing zoom an even movement on the screen is not even in the picture.
      const part = Math.abs(ratio - 1) < 0.02 ? e : (1 - 1 / ratio ** e) / (1 - 1 / ratio);
      lens.set({ k: from.k * ratio ** e, cx: from.cx + (to.cx - from.cx) * part, cy: from.cy + (to.cy - from.cy) * part });
      this.#draw();
      if (t < 1) this.flying = requestAnimationFrame(tick);
      else this.#keep();
    };
    this.flying = requestAnimationFrame(tick);
  }

  /** Remember the place in the address, and tell the server, once the reader rests. */
  #keep() {
    this.keeping.after(REST);
  }

  #put() {
    const values = writeState(this.state, this.lens);
    updateAddress(values);
    this.send({ ...values, serial: Date.now() });
  }

  // --- what is shown ---------------------------------------------------------------------------------------------

  #later() {
    cancelAnimationFrame(this.drawing);
    this.drawing = requestAnimationFrame(() => this.#draw());
    this.#keep();
  }

  #draw() {
    const { state, lens, text } = this;
    const { theme } = this.palette;
    if (!this.stage.clientWidth || lens.k === 0) return;
    for (const pane of this.panes) {
      pane.draw({ ...state, lens }, theme);
      if (pane.kind === "steps") pane.title.textContent = text("{steps} levels, codes of {bits} bits", { steps: 2 ** state.bits, bits: state.bits });
      pane.canvas.style.touchAction = lens.zoom > 1.01 ? "none" : "pan-y";
    }
    this.options.forEach((option, i) => {
      option.setAttribute("aria-checked", String(SHOWS[i] === state.show));
      option.tabIndex = SHOWS[i] === state.show ? 0 : -1;
    });
    this.tint.hidden = state.show !== "channels";
    this.tinted.checked = state.tint;
    this.zoomed.textContent = `${lens.zoom < 9.95 ? lens.zoom.toFixed(1) : Math.round(lens.zoom)}×`;
    this.buttons[0].disabled = lens.zoom < 1.001;
    this.buttons[1].disabled = lens.k > lens.most * 0.999;
    const told = { ...state, text };
    this.reading.update(told);
    this.levels.root.hidden = state.show !== "grey";
    if (state.show === "grey") this.levels.update(told, theme);
    this.memory.update(told, theme);
  }

  #say() {
    const { picture, pixel } = this.state;
    const { text } = this;
    const [r, g, b] = picture.rgb(pixel.x, pixel.y);
    this.live.textContent = text("x {x}, y {y}: red {r}, green {g}, blue {b}, grey {level}", { ...pixel, r, g, b, level: picture.greyAt(pixel.x, pixel.y) });
  }
}
