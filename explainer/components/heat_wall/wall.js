// The wall: controls, the photo with the answer, the tiles, the legend, and one pointer over all of them.

import { fromAddress, updateAddress } from "../shared/address.js";
import { format, isDark, lut } from "../shared/colours.js";
import { copyText, download, element } from "../shared/dom.js";
import { npy } from "../shared/npy.js";
import { photoCanvas } from "../shared/photo.js";
import { words } from "../shared/words.js";
import { Answers } from "./answers.js";
import { Tile } from "./tile.js";
import { cellAt } from "./upsample.js";

const USUAL_OPACITY = 0.75;

export class Wall {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.frame = element("div", "hw-frame");
    this.side = element("aside", "hw-side");
    this.bar = element("div", "hw-toolbar");
    this.grid = element("div", "hw-grid");
    this.legend = element("div", "hw-legend");
    this.live = element("div", "hw-live");
    this.live.setAttribute("aria-live", "polite");
    const main = element("div", "hw-main");
    this.spot = element("div", "hw-spot");
    const tiles = element("div", "hw-tiles");
    tiles.append(this.spot, this.grid);
    main.append(this.bar, tiles, this.live);
    this.frame.append(this.side, main);
    root.replaceChildren(this.frame);
    /** @type {Map<string, Tile>} */
    this.tiles = new Map();
    this.answersView = new Answers(this.side, this);
    this.place = null;
    this.pinned = false;
    this.scale = ["shared", "own"].includes(fromAddress("heat")) ? fromAddress("heat") : "";
    this.cells = fromAddress("cells") === "1";
    const opacity = Number.parseFloat(fromAddress("opacity"));
    this.opacity = opacity >= 0 && opacity <= 100 ? opacity / 100 : USUAL_OPACITY;
    this.large = fromAddress("tile");
    this.choose = this.start = () => {};
    this.text = words({});
    this.photos = [];
    this.watch = new ResizeObserver(() => this.paint());
    this.watch.observe(this.frame);
    this.frame.addEventListener("keydown", (event) => this.#escape(event));
  }

  /** @param {any} message a decoded frame */
  receive(message) {
    const { picture, answers, chosen, several, scale } = message;
    Object.assign(this, { picture, answers, chosen, several, usualScale: scale });
    this.text = words(message.text);
    this.photos = [];
    const views = new Set(message.tiles.map((tile) => tile.method));
    this.showsPapers = views.size > 1;
    const before = this.tiles;
    this.tiles = new Map();
    for (const tile of message.tiles) {
      const known = before.get(tile.key);
      if (known) known.update(tile);
      this.tiles.set(tile.key, known ?? new Tile(tile, this));
    }
    this.frame.style.setProperty("--hw-ratio", String(this.picture.width / this.picture.height));
    this.frame.style.setProperty("--hw-count", String(Math.max(1, message.tiles.length)));
    this.#toolbar();
    this.answersView.draw();
    this.#arrange();
    this.point(this.place, null, this.pinned);
    this.paint();
    this.frame.dataset.ready = String([...this.tiles.values()].filter((tile) => tile.map).length);
    this.frame.dataset.chosen = String(this.chosen);
    this.#tellAddress(); // the server has written its own copy, without these
  }

  #tellAddress() {
    updateAddress({
      opacity: this.opacity === USUAL_OPACITY ? "" : String(Math.round(this.opacity * 100)),
      cells: this.cells ? "1" : "",
      heat: this.scale === this.usualScale ? "" : this.scale,
      tile: this.large,
    });
  }

  themeChanged() {
    this.dark = isDark(this.frame);
    this.background = getComputedStyle(this.frame).getPropertyValue("--st-background-color").trim() || "#ffffff";
    if (this.picture) this.paint();
  }

  photo(grey) {
    return (this.photos[Number(grey)] ??= photoCanvas(this.picture, grey));
  }

  // --- colours ---

  get scaleMode() {
    return this.scale || this.usualScale;
  }

  /** The magnitude at which the colours of a tile end. @param {Tile} tile */
  peakOf(tile) {
    if (this.scaleMode === "own") return tile.map.ceiling;
    return Math.max(0, ...this.#maps().map((map) => map.ceiling));
  }

  #maps() {
    return [...this.tiles.values()].filter((tile) => tile.map).map((tile) => tile.map);
  }

  paint() {
    if (!this.picture || !this.frame.isConnected) return;
    this.answersView.paint();
    for (const tile of this.tiles.values()) tile.paint();
    this.#drawLegend();
  }

  // --- the line above ---

  #toolbar() {
    const { text } = this;
    if (this.bar.childElementCount) return this.#state();
    const scale = element("div", "hw-choices");
    scale.setAttribute("role", "radiogroup");
    const hints = {
      own: text("Every map uses its own largest value: where is it strongest?"),
      shared: text("All maps share one scale: which is stronger? Different methods measure in different units."),
    };
    scale.append(element("span", "hw-label", text("Colour scale")));
    scale.setAttribute("aria-label", text("Colour scale"));
    const labels = { own: text("each map its own"), shared: text("shared") };
    this.scaleButtons = ["own", "shared"].map((mode) => {
      const button = element("button", "hw-choice", labels[mode]);
      button.dataset.mode = mode;
      button.setAttribute("role", "radio");
      button.title = hints[mode];
      button.addEventListener("click", () => this.#setScale(mode));
      button.addEventListener("keydown", (event) => {
        if (!/^Arrow/.test(event.key)) return;
        event.preventDefault();
        this.#setScale(mode === "own" ? "shared" : "own");
        this.scaleButtons.find((other) => other.dataset.mode === this.scaleMode).focus();
      });
      return button;
    });
    scale.append(...this.scaleButtons);

    const opacity = element("label", "hw-opacity");
    this.slider = element("input");
    Object.assign(this.slider, { type: "range", min: "0", max: "100", step: "1", value: String(Math.round(this.opacity * 100)) });
    this.slider.addEventListener("input", () => {
      this.opacity = Number(this.slider.value) / 100;
      this.paint();
    });
    this.slider.addEventListener("change", () => {
      this.#tellAddress();
    });
    opacity.append(element("span", "hw-label", text("Opacity")), this.slider);

    this.cellSwitch = element("button", "hw-choice", text("true cells"));
    this.cellSwitch.title = text("Show the map's own resolution instead of smoothing between its values");
    this.cellSwitch.addEventListener("click", () => {
      this.cells = !this.cells;
      this.#tellAddress();
      this.#state();
      this.paint();
    });
    this.bar.append(this.legend, scale, opacity, this.cellSwitch);
    this.#state();
  }

  #setScale(mode) {
    this.scale = mode;
    this.#tellAddress();
    this.#state();
    this.paint();
  }

  #state() {
    for (const button of this.scaleButtons) {
      const checked = button.dataset.mode === this.scaleMode;
      button.setAttribute("aria-checked", String(checked));
      button.tabIndex = checked ? 0 : -1;
    }
    this.cellSwitch.setAttribute("aria-pressed", String(this.cells));
  }

  #drawLegend() {
    const { text } = this;
    const maps = this.#maps();
    const kinds = [...new Set(maps.map((map) => map.signed))].sort();
    const peak = Math.max(0, ...maps.map((map) => map.ceiling));
    const own = this.scaleMode === "own";
    this.legend.replaceChildren(
      ...kinds.map((signed) => {
        const box = element("span", "hw-scale");
        const bar = element("canvas");
        [bar.width, bar.height] = [192, 1];
        const image = new ImageData(192, 1);
        const table = lut(signed ? "signed" : "magnitude", this.dark);
        const out = new Uint32Array(image.data.buffer);
        for (let i = 0; i < 192; i++) out[i] = table[1 + Math.round((i / 191) * 254)];
        bar.getContext("2d").putImageData(image, 0, 0);
        bar.setAttribute("aria-hidden", "true");
        const low = signed ? (own ? text("against") : format(-peak, 3)) : "0";
        const high = own ? (signed ? text("for the class") : text("largest")) : `${signed ? "+" : ""}${format(peak, 3)}`;
        box.append(element("span", "", low), bar, element("span", "", high));
        return box;
      }),
    );
    if (!own && this.showsPapers) this.legend.append(element("span", "hw-label", text("different methods, different units")));
  }

  // --- one pointer over all tiles ---

  /**
   * @param {{u: number, v: number}|null} place shares of the picture, or nowhere
   * @param {Tile|null} from the tile it is over
   * @param {boolean} [pinned] by keyboard: stays when the pointer leaves
   */
  point(place, from, pinned = false) {
    if (place === null && this.pinned) return;
    this.pinned = pinned && place !== null;
    this.place = place && { u: Math.min(0.99999, Math.max(0, place.u)), v: Math.min(0.99999, Math.max(0, place.v)) };
    this.answersView.point(this.place);
    for (const tile of this.tiles.values()) tile.point(this.place);
    this.frame.classList.toggle("hw-pointing", this.place !== null);
    if (pinned && from?.map) this.#say(from);
  }

  /** @param {Tile} from */
  #say(from) {
    const { text } = this;
    const { x, y } = cellAt(from.map, this.place);
    const values = [...this.tiles.values()].filter((tile) => tile.map);
    const said = values.map((tile) => `${tile.tile.title} ${format(cellAt(tile.map, this.place).value, 4)}`);
    this.live.textContent = `${text("row {y}, column {x}", { y, x })}: ${said.join(", ")}`;
  }

  /** Show one tile large, or all alike again. @param {string} key */
  enlarge(key) {
    const tile = this.tiles.get(key);
    this.large = this.large === key ? "" : key;
    this.#tellAddress();
    this.#arrange();
    this.paint();
    tile?.stage.focus({ preventScroll: true }); // it has moved
    tile?.root.scrollIntoView({ block: "nearest" });
  }

  /** Put every tile where it belongs. */
  #arrange() {
    const large = this.tiles.get(this.large)?.root;
    const others = [...this.tiles.values()].map((tile) => tile.root).filter((root) => root !== large);
    if (!same(this.spot, large ? [large] : [])) this.spot.replaceChildren(...(large ? [large] : []));
    if (!same(this.grid, others)) this.grid.replaceChildren(...others);
    this.frame.classList.toggle("hw-one", Boolean(large));
  }

  /** @param {KeyboardEvent} event */
  #escape(event) {
    if (event.key !== "Escape" || event.defaultPrevented || !(this.large || this.place)) return;
    event.preventDefault();
    if (this.large) return this.enlarge(this.large);
    this.pinned = false;
    this.point(null, null);
  }

  // --- what can be taken away ---

  /** @param {Tile} tile */
  async savePicture(tile) {
    const width = Math.max(672, this.picture.width);
    const height = Math.round((width * this.picture.height) / this.picture.width);
    const canvas = element("canvas");
    [canvas.width, canvas.height] = [width, height];
    tile.paintOn(canvas.getContext("2d"), width, height);
    tile.fine = null;
    const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
    if (blob) download(blob, `${tile.tile.file}.png`);
  }

  /** @param {Tile} tile */
  saveNumbers(tile) {
    download(npy(tile.map.data, [tile.map.height, tile.map.width]), `${tile.tile.file}.npy`);
  }

  /** @param {{title: string, code: string}} tile */
  showCode(tile) {
    const { text } = this;
    const dialog = element("dialog", "hw-code");
    const code = element("pre");
    code.append(element("code", "", tile.code));
    code.tabIndex = 0;
    const copy = element("button", "hw-action", text("Copy"));
    copy.addEventListener("click", async () => {
      await copyText(tile.code);
      copy.textContent = text("Copied");
    });
    const close = element("button", "hw-action", text("Close"));
    close.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => dialog.remove());
    dialog.addEventListener("keydown", (event) => event.stopPropagation());
    const buttons = element("div", "hw-code-buttons");
    buttons.append(copy, close);
    const hint = element("p", "", text("Run it in the project's folder: it computes this map."));
    dialog.append(element("h3", "", `${tile.title} · ${text("PyTorch code")}`), hint, code, buttons);
    this.frame.append(dialog);
    dialog.showModal();
  }

  destroy() {
    this.watch.disconnect();
  }
}

/** Whether an element has these children. @param {Element} host @param {Element[]} children */
function same(host, children) {
  return host.children.length === children.length && children.every((child, i) => child === host.children[i]);
}
