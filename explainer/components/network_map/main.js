// The map with its panel and toolbar: the place in the address, requests to the server, what they deliver.

import { isDark } from "../shared/colours.js";
import { mount } from "../shared/mount.js";
import { NetworkMap } from "./map.js";
import { Panel } from "./panel.js";
import { fromAddress, presentAddress, updateAddress } from "../shared/address.js";
import { isStep, read, write } from "./places.js";
import { Postponed } from "../shared/postponed.js";
import { keepHeight } from "../shared/stage_height.js";
import { Store } from "./store.js";
import { copyText, download, element } from "../shared/dom.js";
import { Toolbar } from "./toolbar.js";

/** Answers to explicit requests: they are taken away, not kept. */
const DELIVERIES = new Set(["code", "file"]);

/** How long the reader must stay at a place before the server is told of it, in milliseconds. */
const STAYS = 400;
/** As long as a timer can wait: the server is told only when the reader turns elsewhere. */
const AGES = 2 ** 31 - 1;

class View {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    /** @type {(ask: object) => void} */
    this.send = () => {};
    this.store = new Store((ask) => this.#ask(ask));
    const mode = fromAddress("scale");
    if (mode === "channel" || mode === "layer" || mode === "network") this.store.scaleMode = mode;
    this.firstPlace = fromAddress("at");
    this.frame = element("div", "cs-frame");
    this.bar = element("div", "cs-toolbar");
    this.stage = element("div", "cs-stage");
    this.mapHost = element("div", "cs-map");
    this.panelHost = element("div", "cs-panel-host");
    this.stage.append(this.mapHost, this.panelHost);
    this.frame.append(this.bar, this.stage);
    root.replaceChildren(this.frame);
    this.forgetHeight = keepHeight(this.stage);
    this.store.on("place", ({ place, before }) => {
      if (before.node === null && place.node !== null) this.panel.open(this.map.rectOf(place));
    });
    this.map = new NetworkMap(this.mapHost, this.store);
    this.panel = new Panel(this.panelHost, this.store);
    this.toolbar = new Toolbar(this.bar, this.store, {
      fit: () => this.map.fit(),
      code: () => this.#askFor("code"),
      link: () => copyText(location.href),
      picture: () => this.#savePicture(),
      numbers: () => this.#askFor("file"),
      leave: (page) => this.#leaveFor(page),
    });
    this.told = presentAddress();
    this.telling = new Postponed(root, () => this.#tellServer());
    const tellAddress = (entry = false) => {
      if (this.firstPlace) return;
      updateAddress({ at: write(this.store, this.store.place), scale: this.store.scaleMode === "layer" ? "" : this.store.scaleMode }, { entry });
      this.telling.after(STAYS);
    };
    this.store.on("place", ({ place, before, replace }) => tellAddress(!replace && isStep(before, place)));
    this.store.on("overview", () => tellAddress());
    this.onBack = () => this.store.overview && this.store.go(read(this.store, fromAddress("at")), { replace: true });
    addEventListener("popstate", this.onBack);
    this.store.on("scale", (mode) => {
      updateAddress({ scale: mode === "layer" ? "" : mode });
      if (!this.telling.waits) this.telling.after(AGES); // the browser has all the colours itself
    });
    this.frame.addEventListener("keydown", (event) => this.#onKey(event));
  }

  /** @param {any} frame a decoded one */
  receive(frame) {
    if (!this.store.overview && !frame.messages.some((/** @type {any} */ m) => m.type === "overview")) this.#askForOverview();
    this.store.receive({ ...frame, messages: frame.messages.filter((/** @type {any} */ m) => !DELIVERIES.has(m.type)) });
    for (const message of frame.messages) {
      if (message.serial !== undefined && message.serial === this.delivered) continue;
      if (message.type === "code") this.#showCode(message.code);
      if (message.type === "file") download(new Blob([message.data]), message.name);
      if (DELIVERIES.has(message.type)) this.delivered = message.serial;
    }
    if (this.firstPlace && this.store.overview) {
      const place = read(this.store, this.firstPlace);
      this.firstPlace = "";
      this.store.go(place, { replace: true });
    }
    this.toolbar.draw();
    this.frame.dataset.trace = this.store.overview?.trace ?? "";
  }

  themeChanged() {
    this.frame.classList.toggle("cs-dark", isDark(this.frame));
    this.map.themeChanged();
    this.store.emit("theme");
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (event.key !== "Escape" || this.store.place.node === null || event.defaultPrevented) return;
    event.preventDefault();
    this.store.up();
  }

  /** @param {object} ask */
  #ask(ask) {
    this.telling.drop();
    this.told = presentAddress();
    this.send({ ...ask, language: this.store.language, address: this.told });
  }

  /** An answer came to a map that knows nothing yet: the frame that it answers was lost on the way. */
  #askForOverview() {
    this.#ask({ trace: null, serial: Date.now() });
  }

  /** Let the server know the place where nothing else has to be asked. */
  #tellServer() {
    const { at, scale } = presentAddress();
    if (at === this.told.at && scale === this.told.scale) return;
    this.#ask({ trace: this.store.overview?.trace ?? null, serial: ++this.store.serial });
  }

  /** @param {"code"|"file"} what */
  #askFor(what) {
    const place = write(this.store, this.store.place);
    this.#ask({ trace: this.store.overview.trace, serial: ++this.store.serial, [what]: place || "input" });
  }

  /** Go on to another page at the same place. @param {string} page */
  #leaveFor(page) {
    const at = write(this.store, this.store.place);
    this.#ask({ trace: this.store.overview.trace, serial: ++this.store.serial, leave: { page, at } });
  }

  async #savePicture() {
    const blob = (this.store.place.node === null ? null : await this.panel.toBlob?.()) ?? (await this.map.toBlob());
    if (blob) download(blob, `convscope-${write(this.store, this.store.place).replaceAll("/", "-") || "network"}.png`);
  }

  /** @param {string} code */
  #showCode(code) {
    const { store } = this;
    const dialog = element("dialog", "cs-code");
    const title = element("h3", "", store.text("PyTorch code"));
    const hint = element("p", "", store.text("Run it in the project's folder: it prints the number on the screen."));
    const text = element("pre");
    text.append(element("code", "", code));
    text.tabIndex = 0;
    const copy = element("button", "cs-action", store.text("Copy"));
    copy.addEventListener("click", async () => {
      await copyText(code);
      copy.textContent = store.text("Copied");
    });
    const close = element("button", "cs-action", store.text("Close"));
    close.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => dialog.remove());
    dialog.addEventListener("keydown", (event) => event.stopPropagation());
    const buttons = element("div", "cs-code-buttons");
    buttons.append(copy, close);
    dialog.append(title, hint, text, buttons);
    this.frame.append(dialog);
    dialog.showModal();
  }

  destroy() {
    this.forgetHeight();
    this.telling.drop();
    removeEventListener("popstate", this.onBack);
    this.map.destroy();
    this.panel.destroy();
    this.toolbar.destroy();
  }
}

export default mount(".convscope-map", View, (view, { setStateValue }) => {
  view.send = (ask) => setStateValue("ask", ask);
});
