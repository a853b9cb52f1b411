// The comparison: figures on top, the two maps, the joins; one place in the link.

import { presentAddress, fromAddress, updateAddress } from "../shared/address.js";
import { isDark } from "../shared/colours.js";
import { element } from "../shared/dom.js";
import { Postponed } from "../shared/postponed.js";
import { words } from "../shared/words.js";
import { isStep, read, write } from "../network_map/places.js";
import { NOWHERE } from "../network_map/store.js";
import { drawFigures } from "./figures.js";
import { Joins } from "./joins.js";
import { Side } from "./side.js";

/** How long the reader must stay at a place before the server is told of it, in milliseconds. */
const STAYS = 400;

export class View {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    root.classList.add("plain");
    /** @type {(ask: object) => void} */
    this.send = () => {};
    this.serial = 0;
    this.telling = new Postponed(root, () => this.told !== presentAddress().at && this.#ask({}));
    this.firstPlace = fromAddress("at");
    this.frame = element("div", "cs-frame bp-frame");
    this.figures = element("div", "bp-figures");
    this.stage = element("div", "bp-stage");
    const maps = element("div", "bp-maps");
    this.stage.append(maps);
    this.joinsHost = element("div", "bp-joins");
    this.frame.append(this.figures, this.stage, this.joinsHost);
    root.replaceChildren(this.frame);
    this.sides = /** @type {Side[]} */ ([]);
    for (const letter of /** @type {const} */ (["a", "b"])) {
      this.sides.push(new Side(letter, maps, this.stage, (from, ask) => this.#ask({ side: from, ...ask })));
    }
    this.joins = new Joins(this.joinsHost, () => this.#tellAddress());
    for (const side of this.sides) side.store.on("place", (change) => this.#moved(side, change));
    this.frame.addEventListener("keydown", (event) => this.#onKey(event));
    this.onBack = () => this.#goTo(fromAddress("at"));
    addEventListener("popstate", this.onBack);
  }

  /** @param {any} frame a decoded one */
  receive(frame) {
    if (frame.kind === "answer") {
      if (!this.content) return this.#ask({ have: "" }); // the frame before was lost on the way
      this.sides.find((side) => side.letter === frame.side)?.answer(frame.messages);
      return;
    }
    this.content = frame;
    this.text = words(frame.text);
    const languages = { text: frame.text, language: frame.language };
    this.sides[0].receive(frame.a, languages);
    this.sides[1].receive(frame.b, languages);
    drawFigures(this.figures, [frame.a, frame.b], this.text);
    this.joins.receive([frame.a, frame.b], this.text);
    if (this.firstPlace) {
      const place = this.firstPlace;
      this.firstPlace = "";
      this.#goTo(place);
    }
    this.frame.dataset.pair = frame.key; // for tests
  }

  themeChanged() {
    this.frame.classList.toggle("cs-dark", isDark(this.frame));
    for (const side of this.sides) side.themeChanged();
    this.joins.themeChanged();
  }

  /** @param {Side} side @param {any} change */
  #moved(side, { place, before, replace }) {
    if (place.node !== null && before.node === null) {
      for (const other of this.sides) if (other !== side) other.store.go(NOWHERE, { replace: true });
      this.stage.scrollIntoView({ block: "nearest" });
    }
    this.#tellAddress(!replace && isStep(before, place));
  }

  /** The open panel's place, as `a:residual.conv1/3/4,5`; else that of the joins, if it is held. */
  #place() {
    const open = this.sides.find((side) => side.store.place.node !== null);
    return open ? `${open.letter}:${write(open.store, open.store.place)}` : this.joins.place();
  }

  #tellAddress(entry = false) {
    if (this.firstPlace || !this.content) return;
    updateAddress({ at: this.#place() }, { entry });
    this.telling.after(STAYS);
  }

  /** @param {string} text */
  #goTo(text) {
    if (!this.content) return;
    const [letter, place] = [text.slice(0, 1), text.slice(2)];
    for (const side of this.sides) {
      side.store.go(side.letter === letter ? read(side.store, place) : NOWHERE, { replace: true });
    }
    if (letter === "c") this.joins.goTo(place);
  }

  /** @param {object} ask */
  #ask(ask) {
    this.telling.drop();
    const address = presentAddress();
    this.told = address.at;
    this.send({ have: this.content?.key ?? "", ...ask, serial: ++this.serial, address });
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const open = this.sides.find((side) => side.store.place.node !== null);
    if (event.key !== "Escape" || event.defaultPrevented || !open) return;
    event.preventDefault();
    open.store.up();
  }

  destroy() {
    this.telling.drop();
    removeEventListener("popstate", this.onBack);
    for (const side of this.sides) side.destroy();
    this.joins.destroy();
  }
}
