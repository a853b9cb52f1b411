// What a change does to the answer, to every layer behind it, and to the channels of one layer; and what each
// channel is worth.

import { element } from "../shared/dom.js";
import { mount } from "../shared/mount.js";
import { words } from "../shared/words.js";
import { ClassBars } from "./classes.js";
import { Channels } from "./channels.js";
import { Layers } from "./layers.js";
import { Sweep } from "./sweep.js";

class View {
  /** @param {HTMLElement} host */
  constructor(host) {
    this.host = host;
    this.choose = () => {};
    this.turnTo = () => {};
    const part = (name) => host.appendChild(element("section", name));
    this.bars = new ClassBars(part("classes"));
    this.sweep = new Sweep(part("sweep"), (channel) => this.turnTo(channel));
    this.layers = new Layers(part("layers"), (name) => this.choose(name));
    this.channels = new Channels(part("channels"));
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(host);
  }

  destroy() {
    this.observer.disconnect();
  }

  /** @param {any} message a decoded frame */
  receive(message) {
    const text = words(message.texts);
    this.host.dataset.changed = String(message.layers.length > 0);
    this.bars.show(message.classes, text);
    this.sweep.show(message.sweep, text);
    this.layers.show(message.layers, message.shown?.name, text);
    this.channels.show(message.shown, text);
  }

  themeChanged() {
    this.draw();
  }

  draw() {
    this.channels.draw();
  }
}

export default mount(".what-if", View, (view, { setTriggerValue }) => {
  view.choose = (name) => setTriggerValue("layer", name);
  view.turnTo = (channel) => setTriggerValue("channel", channel);
});
