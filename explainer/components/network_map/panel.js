// The detail panel: grows out of the map where the reader pointed and shows a layer, a channel, a pixel.

import { ChannelView } from "./channel_view.js";
import { LayerView } from "./layer_view.js";
import { className } from "./numbers.js";
import { Pictures } from "./pictures.js";
import { NOWHERE } from "./store.js";
import { element } from "../shared/dom.js";

const GROWS = 240;
const SHRINKS = 150;

export class Panel {
  /**
   * @param {HTMLElement} host lies over the map
   * @param {import("./store.js").Store} store
   */
  constructor(host, store) {
    this.host = host;
    this.store = store;
    this.pictures = new Pictures(store, host);
    /** @type {LayerView|ChannelView|null} */
    this.view = null;
    /** @type {DOMRect|null} */
    this.from = null;
    this.root = element("div", "cs-panel");
    this.root.setAttribute("role", "dialog");
    this.root.tabIndex = -1;
    this.root.hidden = true;
    this.shade = element("div", "cs-shade");
    this.shade.hidden = true;
    this.shade.addEventListener("click", () => store.up());
    this.head = element("header", "cs-panel-head");
    this.body = element("div", "cs-panel-body");
    this.live = element("div", "cs-unseen");
    this.live.setAttribute("aria-live", "polite");
    this.root.append(this.head, this.body, this.live);
    host.append(this.shade, this.root);
    this.root.addEventListener("keydown", (event) => this.#onKey(event));
    this.onPointer = (/** @type {PointerEvent} */ event) => {
      if (!this.root.contains(/** @type {Node} */ (event.target))) this.lastPointer = { x: event.clientX, y: event.clientY, time: performance.now() };
    };
    (host.parentElement ?? host).addEventListener("pointerup", this.onPointer, true);
    this.stops = [
      store.on("place", (change) => this.#sync(change)),
      store.on("overview", () => this.#reset()),
      store.on("layer", () => this.view?.arrived()),
      store.on("values", () => this.view?.arrived()),
      store.on("arithmetic", () => this.view?.arrived()),
      store.on("reading", () => this.view?.arrived()),
      store.on("scale", () => this.view?.repaint()),
      store.on("theme", () => {
        this.pictures.refresh();
        this.view?.repaint();
      }),
    ];
  }

  /**
   * Say where the next opening grows from: the rectangle, on the screen, of what was chosen.
   * @param {DOMRect} fromRect
   */
  open(fromRect) {
    this.from = fromRect;
  }

  /** New picture or model: draw the same place anew. */
  #reset() {
    this.#drop();
    this.#sync();
  }

  #drop() {
    this.view?.destroy();
    this.view = null;
    this.shown = null;
  }

  /** Bring the panel to the store's place. @param {any} [change] */
  #sync(change) {
    const { store } = this;
    const { place } = store;
    const node = place.node === null ? null : store.node(place.node);
    if (!node) return this.#hide();
    const opening = this.root.hidden;
    if (opening) this.#unhide();
    const key = `${place.node}/${place.channel}`;
    if (this.shown === key && this.view) {
      if (this.view instanceof ChannelView) this.view.placeChanged();
    } else {
      const focused = this.#focusName();
      if (place.channel === null) {
        if (!(this.view instanceof LayerView)) {
          this.#drop();
          this.view = new LayerView(this.body, store, this.pictures, (text) => this.say(text));
        }
        this.view.show(node, change?.before?.node === node.index ? change.before.channel : null);
      } else {
        if (!(this.view instanceof ChannelView)) {
          this.#drop();
          this.view = new ChannelView(this.body, store, this.pictures, (text) => this.say(text));
        }
        this.view.show(node, place.channel);
      }
      this.shown = key;
      this.body.scrollTop = 0;
      if (!change?.replace || opening) this.#keepFocus(focused);
    }
    this.root.lang = store.language;
    this.#drawHead(node);
    if (opening) this.#grow();
  }

  #unhide() {
    this.root.hidden = false;
    this.shade.hidden = false;
    const root = /** @type {Document|ShadowRoot} */ (this.host.getRootNode());
    this.before = /** @type {HTMLElement|null} */ (root.activeElement);
    this.root.focus({ preventScroll: true });
  }

  #grow() {
    const end = this.root.getBoundingClientRect();
    let from = this.from;
    const pointer = this.lastPointer;
    if (!from && pointer && performance.now() - pointer.time < 700) from = new DOMRect(pointer.x - 30, pointer.y - 30, 60, 60);
    this.from = null;
    if (matchMedia("(prefers-reduced-motion: reduce)").matches || !end.width) return;
    const start = from
      ? `translate(${from.x - end.x}px, ${from.y - end.y}px) scale(${Math.max(0.04, from.width / end.width)}, ${Math.max(0.04, from.height / end.height)})`
      : "translate(2%, 2%) scale(0.96)";
    this.start = start;
    const ease = "cubic-bezier(0.2, 0.8, 0.2, 1)";
    this.root.animate([{ transform: start, opacity: 0.3 }, { opacity: 1, offset: 0.5 }, { transform: "none", opacity: 1 }], { duration: GROWS, easing: ease });
    this.shade.animate([{ opacity: 0 }, { opacity: 1 }], { duration: GROWS });
  }

  #hide() {
    if (this.root.hidden) return;
    const done = () => {
      if (this.store.place.node !== null) return;
      this.root.hidden = true;
      this.shade.hidden = true;
      this.#drop();
    };
    const back = this.before;
    const inside = this.root.contains(/** @type {Node|null} */ (/** @type {Document|ShadowRoot} */ (this.host.getRootNode()).activeElement));
    if (inside && back?.isConnected) back.focus({ preventScroll: true });
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return done();
    this.shade.animate([{ opacity: 1 }, { opacity: 0 }], { duration: SHRINKS, fill: "none" });
    const motion = this.root.animate([{ transform: "none", opacity: 1 }, { transform: this.start ?? "scale(0.96)", opacity: 0 }], { duration: SHRINKS, easing: "ease-in" });
    motion.onfinish = done;
    motion.oncancel = done;
  }

  // Header -----------------------------------------------------------------------------------------------------

  /** @param {any} node */
  #drawHead(node) {
    const { store } = this;
    const { channel, y, x } = store.place;
    const focused = this.#focusName();
    const title = element("h2", "cs-panel-title");
    title.id = `cs-title-${node.index}`;
    this.root.setAttribute("aria-labelledby", title.id);
    const name = this.#button("layer", node.name, store.text("Show all channels of {node}", { node: node.name }), () => store.go({ node: node.index }));
    name.classList.add("cs-panel-name");
    title.append(name);
    if (channel !== null) {
      const stepper = element("span", "cs-stepper");
      const last = node.channels - 1;
      const shift = (/** @type {number} */ by) => this.#shift(by);
      const back = this.#button("previous", "‹", store.text("Previous channel"), () => shift(-1));
      const on = this.#button("following", "›", store.text("Next channel"), () => shift(1));
      back.disabled = channel === 0;
      on.disabled = channel === last;
      const label = this.#button("channel", store.text("channel {number}", { number: channel }), store.text("Channel {number} of {count}", { number: channel, count: node.channels }), () => store.go({ node: node.index, channel }));
      const cls = className(store, node, channel);
      if (cls) label.textContent = cls;
      stepper.append(back, label, on);
      title.append(stepper);
      if (y !== null && node.height * node.width > 1) {
        const pixel = element("span", "cs-panel-pixel", store.text("pixel ({y}, {x})", { y, x: /** @type {number} */ (x) }));
        title.append(pixel);
      }
    }
    const close = this.#button("close", "", store.text("Close"), () => store.go(NOWHERE));
    close.classList.add("cs-close");
    close.innerHTML = '<svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d="M3.5 3.5l9 9m0-9l-9 9" stroke="currentColor" stroke-width="1.6" stroke-linecap="round"/></svg>';
    this.head.replaceChildren(title, this.#facts(node), close);
    this.#keepFocus(focused);
  }

  /** @param {any} node */
  #facts(node) {
    const { store } = this;
    const facts = element("p", "cs-panel-facts");
    const summary = element("code", "", brief(node.summary ?? node.kind));
    summary.title = node.summary ?? "";
    facts.append(summary, element("span", "", node.shape.slice(1).join("×") || "1"));
    if (node.parameters) facts.append(element("span", "", store.text("{count} parameters", { count: grouped(node.parameters) })));
    if (node.flops) facts.append(element("span", "", store.text("{count} FLOPs", { count: scaled(node.flops) })));
    if (node.bytes) facts.append(element("span", "", `${scaled(node.bytes)}B`));
    return facts;
  }

  /** @param {string} name @param {string} text @param {string} label @param {() => void} act */
  #button(name, text, label, act) {
    const button = element("button", "", text);
    button.dataset.name = name;
    button.title = label;
    if (!text || text.length === 1) button.setAttribute("aria-label", label);
    button.addEventListener("click", act);
    return button;
  }

  /** The name of the header's button that has the focus, so that redrawing does not lose it. */
  #focusName() {
    const active = /** @type {HTMLElement|null} */ (/** @type {Document|ShadowRoot} */ (this.host.getRootNode()).activeElement);
    return active && this.root.contains(active) ? (active.dataset.name ?? "body") : null;
  }

  /** @param {string|null} name */
  #keepFocus(name) {
    if (name === null) return;
    const root = /** @type {Document|ShadowRoot} */ (this.host.getRootNode());
    if (root.activeElement && this.root.contains(root.activeElement) && root.activeElement.isConnected) return;
    const again = /** @type {HTMLButtonElement|null} */ (this.head.querySelector(`[data-name="${name}"]`));
    (again && !again.disabled ? again : this.root).focus({ preventScroll: true });
  }

  // Keys -------------------------------------------------------------------------------------------------------

  /** @param {number} by */
  #shift(by) {
    const { place } = this.store;
    const node = place.node === null ? null : this.store.node(place.node);
    if (!node || place.channel === null) return;
    const channel = Math.max(0, Math.min(node.channels - 1, place.channel + by));
    if (channel !== place.channel) this.store.go({ ...place, channel }, { replace: true });
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = /** @type {HTMLElement} */ (event.target);
    const field = target.matches("input, select, textarea");
    if (event.key === "Escape") this.store.up();
    else if (field || (target.matches("button") && (event.key === " " || event.key === "Enter"))) return;
    else if (!this.#act(event)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {KeyboardEvent} event */
  #act(event) {
    const { view } = this;
    if (view instanceof LayerView) return view.key(event);
    if (!(view instanceof ChannelView)) return false;
    const far = event.shiftKey ? 10 : 1;
    const moves = /** @type {Record<string, [number, number]>} */ ({ ArrowUp: [-far, 0], ArrowDown: [far, 0], ArrowLeft: [0, -far], ArrowRight: [0, far] });
    if (event.key in moves) view.move(...moves[event.key]);
    else if (event.key === "[" || event.key === "PageUp") this.#shift(-1);
    else if (event.key === "]" || event.key === "PageDown") this.#shift(1);
    else if (event.key === " ") view.toggle();
    else return false;
    return true;
  }

  /** Tell those who listen instead of looking. @param {string} text */
  say(text) {
    this.live.textContent = text;
  }

  /** What is shown as a picture, or null where it is text. @returns {Promise<Blob|null>} */
  async toBlob() {
    const canvas = this.body.querySelector("canvas[role=img]");
    if (this.root.hidden || !(canvas instanceof HTMLCanvasElement)) return null;
    const copy = document.createElement("canvas");
    copy.width = canvas.width + 32;
    copy.height = canvas.height + 32;
    const g = /** @type {CanvasRenderingContext2D} */ (copy.getContext("2d"));
    g.fillStyle = this.pictures.theme.back;
    g.fillRect(0, 0, copy.width, copy.height);
    g.drawImage(canvas, 16, 16);
    return new Promise((done) => copy.toBlob(done, "image/png"));
  }

  destroy() {
    for (const stop of this.stops) stop();
    (this.host.parentElement ?? this.host).removeEventListener("pointerup", this.onPointer, true);
    this.#drop();
    this.host.replaceChildren();
  }
}

/** Without the arguments that have their usual value. @param {string} summary */
function brief(summary) {
  return summary.replace(/, (stride=\(1, 1\)|dilation=1|padding=0|ceil_mode=False|bias=True|affine=True|elementwise_affine=True|momentum=0\.1|track_running_stats=True)(?=[,)])/g, "");
}

/** @param {number} count */
function grouped(count) {
  return count.toLocaleString("en");
}

/** With a prefix of thousands: 231.2 M. @param {number} count */
function scaled(count) {
  const prefixes = ["", "k", "M", "G", "T"];
  const step = Math.min(prefixes.length - 1, Math.floor(Math.log10(Math.max(count, 1)) / 3));
  const value = count / 1000 ** step;
  return `${step ? value.toPrecision(value < 100 ? 3 : 4).replace(/\.?0+$/, "") : value} ${prefixes[step]}`;
}
