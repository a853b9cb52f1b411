// One of the two blocks: its title, its map, the panel that its map leads to.

import { element } from "../shared/dom.js";
import { NetworkMap } from "../network_map/map.js";
import { Panel } from "../network_map/panel.js";
import { read, write } from "../network_map/places.js";
import { NOWHERE, Store } from "../network_map/store.js";

/** Pixels: of the legend below a map, of the margins around what is drawn, the least and the most of a map. */
const FOOT = 34;
const MARGIN = 40;
const LEAST = 250;
const MOST = 640;
/** Smaller than this, the words on a map cannot be read: then it is as wide as it needs, and one drags it. */
const SMALLEST = 0.62;

export class Side {
  /**
   * @param {"a"|"b"} letter
   * @param {HTMLElement} maps where the map goes
   * @param {HTMLElement} panels where the panel goes
   * @param {(letter: string, ask: object) => void} send
   */
  constructor(letter, maps, panels, send) {
    this.letter = letter;
    this.key = "";
    this.root = element("section", `bp-side bp-${letter}`);
    this.head = element("header", "bp-head");
    this.host = element("div", "bp-map");
    this.root.append(this.head, this.host);
    maps.append(this.root);
    this.panelHost = element("div", "cs-panel-host");
    panels.append(this.panelHost);
    this.store = new Store((ask) => send(letter, ask));
    this.store.on("place", ({ place, before }) => {
      if (before.node === null && place.node !== null) this.panel.open(this.map.rectOf(place));
    });
    this.map = new NetworkMap(this.host, this.store);
    this.panel = new Panel(this.panelHost, this.store);
    this.observer = new ResizeObserver(() => this.#settleHeight());
    this.observer.observe(this.root);
  }

  /**
   * Take in what the server says of this side; the place stays where it is, if there still is one.
   * @param {any} part
   * @param {any} words texts and language
   */
  receive(part, words) {
    if (part.key === this.key && words.language === this.store.language) return;
    const before = write(this.store, this.store.place);
    this.key = part.key;
    this.part = part;
    this.store.receive({ messages: part.messages, ...words });
    const after = before ? read(this.store, before) : NOWHERE;
    if (this.store.place !== after) this.store.go(after, { replace: true });
    this.#title();
    this.#settleHeight();
  }

  /** @param {any[]} messages */
  answer(messages) {
    this.store.receive({ messages });
  }

  #title() {
    const { part, store } = this;
    const title = element("h3");
    title.append(element("span", "bp-letter", this.letter.toUpperCase()), element("span", "", part.title));
    const badge = element("span", part.trained ? "bp-badge" : "bp-badge bp-random", part.trained ? store.text("trained weights") : store.text("random weights"));
    badge.title = part.trained
      ? store.text("Cut from this project's own ResNet-20, with the weights it learned there.")
      : store.text("Untrained: the weights are random. Structure and cost are real, the maps mean nothing.");
    this.head.replaceChildren(title, badge, element("span", "bp-paper", part.paper), element("p", "bp-idea", part.idea));
  }

  /** As tall as what is drawn at the zoom that its width allows. */
  #settleHeight() {
    const { map } = this;
    const width = this.host.clientWidth;
    if (!width || !map.map) return;
    const { bounds } = map.map;
    const zoom = Math.max(SMALLEST, Math.min(1.15, (width - MARGIN) / bounds.w));
    const height = Math.round(Math.max(LEAST, Math.min(MOST, bounds.h * zoom + MARGIN + FOOT)));
    if (this.height === height) return;
    this.height = height;
    this.host.style.height = `${height}px`;
  }

  themeChanged() {
    this.map.themeChanged();
    this.store.emit("theme");
  }

  destroy() {
    this.observer.disconnect();
    this.map.destroy();
    this.panel.destroy();
  }
}
