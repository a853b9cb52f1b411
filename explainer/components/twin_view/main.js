// Two sides beside each other: their panes, strips, readout and answers.

import { fromAddress, updateAddress } from "../shared/address.js";
import { element } from "../shared/dom.js";
import { mount } from "../shared/mount.js";
import { Palette } from "../shared/palette.js";
import { drawAnswers } from "./answers.js";
import { Pane } from "./panes.js";
import { Readout, swatch } from "./readout.js";
import { State } from "./state.js";
import { Strip } from "./strip.js";

const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

class View {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.frame = element("div", "tv");
    root.replaceChildren(this.frame);
    this.palette = new Palette(this.frame);
    this.store = new State(this.palette, (pinned) => this.#changed(pinned));
    this.choose = (/** @type {number} */ _) => {};
    this.watch = new ResizeObserver(() => this.#later());
    this.onBack = () => {
      if (!this.store.data) return;
      this.store.restore(fromAddress);
      this.#later();
    };
    addEventListener("popstate", this.onBack);
  }

  /** @param {any} frame a decoded one */
  receive(frame) {
    const focused = this.frame.contains(this.frame.getRootNode().activeElement);
    this.store.receive(frame, fromAddress);
    this.#build();
    this.#later();
    if (focused) this.frame.querySelector("canvas[tabindex]")?.focus({ preventScroll: true });
  }

  #build() {
    const { store, frame } = this;
    const { data } = store;
    frame.replaceChildren(this.#tools());
    const sides = element("div", "tv-sides");
    const panes = data.sides.reduce((/** @type {number} */ n, /** @type {any} */ side) => n + side.panes.length, 0);
    sides.style.setProperty("--panes", String(panes));
    this.parts = data.sides.flatMap((/** @type {any} */ side, /** @type {number} */ place) => this.#side(sides, side, place));
    frame.append(sides);
    if (data.linked) {
      const strip = new Strip(frame, store, 0);
      this.parts.push(strip);
    }
    this.readout = new Readout(frame, store);
    const answers = element("div", "tv-answers");
    drawAnswers(answers, store, (index) => this.choose(index));
    this.live = element("div", "tv-live");
    this.live.setAttribute("aria-live", "polite");
    frame.append(answers, this.live);
    this.watch.disconnect();
    this.watch.observe(sides);
  }

  /** @param {HTMLElement} host @param {any} side @param {number} place */
  #side(host, side, place) {
    const { store } = this;
    const box = element("section", "tv-side");
    box.style.setProperty("--panes", String(side.panes.length));
    box.setAttribute("aria-label", side.title);
    const head = element("header", "tv-head");
    const title = element("h3");
    title.append(swatch(place), document.createTextNode(side.title));
    const [channels, height, width] = side.shape;
    head.append(title, element("span", "tv-detail", side.detail), element("code", "", `${side.layer} · ${channels}×${height}×${width}`));
    const row = element("div", `tv-panes tv-panes-${side.panes.length}`);
    const parts = side.panes.map((/** @type {any} */ kind) => new Pane(row, store, place, kind));
    box.append(head, row);
    host.append(box);
    box.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => this.#onKey(event, place));
    return store.data.linked ? parts : [...parts, new Strip(box, store, place)];
  }

  #tools() {
    const { store } = this;
    const bar = element("div", "tv-tools");
    const group = element("div", "tv-segments");
    group.setAttribute("role", "radiogroup");
    group.setAttribute("aria-label", store.text("Colour scale"));
    for (const [value, word] of /** @type {["one"|"own", string][]} */ ([
      ["one", store.text("one colour scale")],
      ["own", store.text("own colour scales")],
    ])) {
      const button = element("button", "tv-segment", word);
      button.type = "button";
      button.setAttribute("role", "radio");
      button.setAttribute("aria-checked", String(store.scale === value));
      button.addEventListener("click", () => {
        store.scale = value;
        for (const other of group.children) other.setAttribute("aria-checked", String(other === button));
        this.#changed(false);
      });
      group.append(button);
    }
    bar.append(group);
    if (store.data.sides.some((/** @type {any} */ side) => side.panes.includes("cam"))) {
      const label = element("label", "tv-opacity", store.text("Opacity"));
      const slider = Object.assign(document.createElement("input"), { type: "range", min: "0", max: "1", step: "0.05", value: String(store.opacity) });
      slider.addEventListener("input", () => {
        store.opacity = Number(slider.value);
        this.#changed(false);
      });
      label.append(slider);
      bar.append(label);
    }
    bar.append(element("span", "tv-hint", store.text("Move over a picture: the others follow. Click to keep the place; arrow keys step, Page Up and Down change the channel.")));
    return bar;
  }

  /** @param {KeyboardEvent} event @param {number} place */
  #onKey(event, place) {
    const { store } = this;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const move = MOVES[/** @type {keyof typeof MOVES} */ (event.key)];
    if (move) store.step(place, move[0], move[1]);
    else if (event.key === "PageDown") store.stepChannel(place, 1);
    else if (event.key === "PageUp") store.stepChannel(place, -1);
    else if (event.key === "Enter" && store.hovered) store.pin(store.hovered);
    else if (event.key === "Escape" && store.hovered) store.hover(null);
    else return;
    event.preventDefault();
  }

  /** @param {boolean} [pinned] */
  #changed(pinned = false) {
    if (pinned) {
      updateAddress(this.store.places());
      this.live.textContent = this.#said();
    }
    this.#later();
  }

  #said() {
    const { store } = this;
    return store.data.sides
      .map((/** @type {any} */ side, /** @type {number} */ i) => {
        const { y, x } = store.unit(i);
        const where = store.text("channel {number}, row {y}, column {x}", { number: store.channels[i], y, x });
        return `${side.title}: ${where}: ${store.valueAt(i).toPrecision(5)}`;
      })
      .join("; ");
  }

  #later() {
    if (this.asked) return;
    this.asked = requestAnimationFrame(() => {
      this.asked = 0;
      for (const part of this.parts ?? []) part.draw();
      this.readout?.draw();
    });
  }

  themeChanged() {
    this.palette.refresh();
    this.frame.classList.toggle("tv-dark", this.palette.theme.dark);
    this.#later();
  }

  destroy() {
    this.watch.disconnect();
    removeEventListener("popstate", this.onBack);
    cancelAnimationFrame(this.asked);
  }
}

export default mount(".convscope-twins", View, (view, { setTriggerValue }) => {
  view.choose = (index) => setTriggerValue("choice", index);
});
