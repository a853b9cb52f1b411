// The line above the map: breadcrumb, colour scale, and what can be taken away.

import { element } from "../shared/dom.js";
import { trail } from "./places.js";

/** @typedef {import("./store.js").Store} Store */

const MODES = /** @type {const} */ (["channel", "layer", "network"]);

export class Toolbar {
  /**
   * @param {HTMLElement} host
   * @param {Store} store
   * @param {{fit: () => void, code: () => void, link: () => Promise<void>, picture: () => void, numbers: () => void, leave: (page: string) => void}} actions
   */
  constructor(host, store, actions) {
    this.host = host;
    this.store = store;
    this.actions = actions;
    this.stops = [store.on("place", () => this.draw()), store.on("scale", () => this.draw()), store.on("overview", () => this.draw())];
  }

  draw() {
    const { store } = this;
    if (!store.overview) return;
    const focused = this.host.contains(this.host.getRootNode().activeElement) && this.host.getRootNode().activeElement?.dataset?.name;
    this.host.replaceChildren(this.#breadcrumb(), this.#scale(), this.#actions());
    if (focused) /** @type {HTMLElement|null} */ (this.host.querySelector(`[data-name="${focused}"]`))?.focus();
  }

  #breadcrumb() {
    const { store } = this;
    const nav = element("nav", "cs-trail");
    nav.setAttribute("aria-label", store.text("Where you are"));
    const steps = trail(store, store.place);
    steps.forEach((step, position) => {
      if (position) nav.append(element("span", "cs-trail-gap", "›"));
      const last = position === steps.length - 1;
      if (step.place === null) {
        const group = element("span", "cs-trail-group", step.label);
        group.title = step.label;
        nav.append(group);
        return;
      }
      const button = element("button", "cs-trail-step", step.label);
      button.dataset.name = `trail-${position}`;
      if (last) button.setAttribute("aria-current", "location");
      const place = step.place;
      button.addEventListener("click", () => store.go(place));
      nav.append(button);
    });
    return nav;
  }

  #scale() {
    const { store } = this;
    const group = element("div", "cs-scale");
    group.setAttribute("role", "radiogroup");
    group.setAttribute("aria-label", store.text("Colour scale"));
    group.append(element("span", "cs-scale-title", store.text("Colour scale")));
    const words = { channel: store.text("channel"), layer: store.text("layer"), network: store.text("network") };
    const hints = {
      channel: store.text("Every channel uses its own largest value: faint patterns become visible."),
      layer: store.text("All channels of a layer share one scale: they can be compared."),
      network: store.text("The whole network shares one scale: layers can be compared."),
    };
    for (const mode of MODES) {
      const button = element("button", "cs-scale-choice", words[mode]);
      button.setAttribute("role", "radio");
      button.setAttribute("aria-checked", String(store.scaleMode === mode));
      button.tabIndex = store.scaleMode === mode ? 0 : -1;
      button.title = hints[mode];
      button.dataset.name = `scale-${mode}`;
      button.addEventListener("click", () => store.setScaleMode(mode));
      button.addEventListener("keydown", (event) => {
        const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
        if (!step) return;
        event.preventDefault();
        const next = MODES[(MODES.indexOf(mode) + step + MODES.length) % MODES.length];
        store.setScaleMode(next);
        /** @type {HTMLElement|null} */ (this.host.querySelector(`[data-name="scale-${next}"]`))?.focus();
      });
      group.append(button);
    }
    return group;
  }

  #actions() {
    const { store, actions } = this;
    const bar = element("div", "cs-actions");
    /** @param {string} name @param {string} label @param {() => unknown} act */
    const add = (name, label, act) => {
      const button = element("button", "cs-action", label);
      button.dataset.name = name;
      button.addEventListener("click", async () => {
        await act();
      });
      bar.append(button);
      return button;
    };
    if (store.place.node === null) add("fit", store.text("Fit"), actions.fit);
    else {
      add("layers", store.text("In depth"), () => actions.leave("layers")).title = store.text("Kernels, receptive field, what excites this channel");
      add("why", store.text("Why?"), () => actions.leave("why")).title = store.text("What in the picture speaks for the answer");
    }
    add("code", store.text("PyTorch code"), actions.code);
    const link = add("link", store.text("Copy link"), async () => {
      await actions.link();
      link.textContent = store.text("Copied");
      setTimeout(() => (link.textContent = store.text("Copy link")), 1500);
    });
    add("picture", store.text("Save picture"), actions.picture);
    if (store.place.node !== null) add("numbers", store.text("Save numbers (.npy)"), actions.numbers);
    return bar;
  }

  destroy() {
    for (const stop of this.stops) stop();
  }
}
