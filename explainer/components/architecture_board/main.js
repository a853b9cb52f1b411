// The landmarks of convolutional networks: a line of years, accuracy against cost, and a table whose rows open.

import { fromAddress } from "../shared/address.js";
import { element } from "../shared/dom.js";
import { mount } from "../shared/mount.js";
import { Postponed } from "../shared/postponed.js";
import { words } from "../shared/words.js";
import { Plot } from "./plot.js";
import { Table } from "./table.js";
import { Timeline } from "./timeline.js";
import { DEFAULTS, understood } from "./values.js";

/** Milliseconds of rest before the link is told what is shown. */
const REST = 300;

class View {
  /** @param {HTMLElement} host */
  constructor(host) {
    this.tell = (_state) => {};
    this.leave = (_key) => {};
    this.toShapes = (_key) => {};
    this.lit = "";
    this.state = { ...DEFAULTS };
    this.telling = new Postponed(host, () => this.tell(this.state));
    const act = {
      point: (key) => this.#point(key),
      open: (key) => this.#open(key),
      set: (change) => this.#set(change),
      leave: (key) => this.#goOn(this.leave, key),
      toShapes: (key) => this.#goOn(this.toShapes, key),
      reset: () => this.#set(DEFAULTS),
    };
    const part = (name) => host.appendChild(element("section", name));
    this.timeline = new Timeline(part("ab-timeline"), act);
    this.plot = new Plot(part("ab-plot"), act);
    this.table = new Table(part("ab-list"), act);
    this.width = 0;
    this.observer = new ResizeObserver(() => {
      if (host.clientWidth === this.width) return;
      this.width = host.clientWidth;
      this.plot.draw();
    });
    this.observer.observe(host);
    this.onHistory = () => this.#follow();
    addEventListener("popstate", this.onHistory);
  }

  destroy() {
    removeEventListener("popstate", this.onHistory);
    this.telling.drop();
    this.observer.disconnect();
    this.table.detail.observer.disconnect();
  }

  /** @param {any} content a decoded frame */
  receive(content) {
    if (content.mark === this.content?.mark) return; // the server's echo of what is shown
    const first = !this.content;
    this.content = content;
    if (first) this.state = { ...DEFAULTS, ...content.view };
    this.text = words(content.texts);
    this.#name();
    this.timeline.show(this.#board());
    this.#show();
  }

  #name() {
    const { text } = this;
    this.names = {
      title: text("Network"),
      year: text("Year"),
      depth: text("Depth"),
      parameters: text("Parameters"),
      multiplyAdds: text("Multiply-adds"),
      activations: text("Activations"),
      top1: text("Top-1"),
      top5: text("Top-5"),
      time: text("Time here"),
    };
    this.notes = {
      depth: text("Convolutions and linear layers on the longest path from input to output"),
      multiplyAdds: text("Of convolutions and linear layers, for one picture; FLOPs are twice as many"),
      activations: text("Numbers in the outputs of all convolutions and linear layers, for one picture"),
      top1: text("Share of ImageNet's validation pictures whose class has the highest score"),
      top5: text("Share of ImageNet's validation pictures whose class is among the five highest"),
      time: text("Median time of a forward pass of one picture on one thread of this machine"),
    };
  }

  #board() {
    const { content, state, text, names, notes, lit } = this;
    return { content, state, text, names, notes, lit };
  }

  #show() {
    this.plot.show(this.#board());
    this.table.show(this.#board());
    this.#light();
  }

  #set(change) {
    this.state = { ...this.state, ...change };
    this.#show();
    this.telling.after(REST);
  }

  /** The reader went back or forward: show what the address says. */
  #follow() {
    if (!this.content) return;
    this.telling.drop();
    this.state = understood(fromAddress, this.content.networks);
    this.#show();
  }

  /** Leave for another page or part; the way back leads to what is shown now. */
  #goOn(way, key) {
    this.telling.now();
    way(key);
  }

  #open(key) {
    this.#set({ open: key });
    if (key) this.table.reveal();
  }

  #point(key) {
    this.lit = key;
    this.#light();
  }

  #light() {
    const shown = this.lit || this.state.open;
    const network = this.content.networks.find((one) => one.key === shown);
    this.plot.light(shown);
    this.table.light(shown);
    this.timeline.light(shown, network?.buildsOn ?? []);
  }
}

export default mount(".architecture-board", View, (view, { setStateValue, setTriggerValue }) => {
  view.tell = (state) => setStateValue("view", state);
  view.leave = (key) => setTriggerValue("leave", key);
  view.toShapes = (key) => setTriggerValue("shapes", key);
});
