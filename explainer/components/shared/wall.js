// The frame that the walls of channels and of kernels have in common: tools on top, everything on the left, one large
// on the right; the place in the address; requests to the server; the theme.

import { fromAddress, presentAddress, updateAddress } from "./address.js";
import { download, element } from "./dom.js";
import { mount } from "./mount.js";
import { Palette } from "./palette.js";
import { Postponed } from "./postponed.js";
import { words } from "./words.js";

/** The server is told where the reader is at once, but of quick steps only the last: after so many milliseconds. */
const REST = 160;

export class Wall {
  /** @param {HTMLElement} root */
  constructor(root) {
    /** @type {(ask: object) => void} */
    this.send = () => {};
    this.store = { text: words({}) };
    this.identity = "";
    /** @type {Record<string, any>} */
    this.wanted = {};
    this.told = -Infinity;
    this.asking = new Postponed(root, () => this.#tell());
    this.frame = element("div", "wall plain");
    this.tools = element("div", "wall-tools");
    this.facts = element("p", "wall-facts");
    this.body = element("div", "wall-body");
    this.left = element("div", "wall-left");
    this.right = element("div", "wall-right");
    this.status = element("div", "wall-status");
    this.live = element("div", "plain-unseen");
    this.live.setAttribute("aria-live", "polite");
    this.body.append(this.left, this.right);
    this.frame.append(this.tools, this.facts, this.body, this.live);
    root.replaceChildren(this.frame);
    this.palette = new Palette(this.frame);
    this.onBack = () => this.wentBack();
    addEventListener("popstate", this.onBack);
    this.frame.addEventListener("keydown", (event) => this.#onKey(event));
  }

  /** @param {any} frame a decoded one */
  receive(frame) {
    if (frame.text) this.store.text = words(frame.text);
    else if (frame.identity !== this.identity) return this.ask(); // what this answers was lost on the way
    this.identity = frame.identity;
    for (const message of frame.messages) {
      if (message.type !== "file") this.take(message, frame);
      else if (message.serial !== this.delivered) {
        this.delivered = message.serial;
        download(new Blob([message.data]), message.name);
      }
    }
    this.received();
  }

  // What a wall does in its own way.
  /** @param {any} _message @param {any} _frame */
  take(_message, _frame) {}
  received() {}
  draw() {}
  wentBack() {}
  /** What is missing and only the server has. @returns {object} */
  missing() {
    return {};
  }
  /** @param {KeyboardEvent} _event @param {HTMLElement} _from @returns {boolean} whether the key meant something */
  key(_event, _from) {
    return false;
  }

  /**
   * The channel and pixel in the address, where it names this layer.
   * @param {string} name of the layer
   * @returns {{channel: number, y: number, x: number}|null} parts that are not there are NaN
   */
  placeOf(name) {
    const [node, channel, pixel] = fromAddress("at").split("/");
    if (node !== name) return null;
    const [y, x] = (pixel ?? "").split(",").map((v) => Number.parseInt(v, 10));
    return { channel: Number.parseInt(channel, 10), y, x: x ?? Number.NaN };
  }

  /** @param {string} name @param {number} channel @param {number|null} [y] @param {number|null} [x] @param {boolean} [entry] whether "back" leads back from here */
  putPlace(name, channel, y = null, x = null, entry = true) {
    updateAddress({ at: `${name}/${channel}${y === null ? "" : `/${y},${x}`}` }, { entry });
  }

  /** Tell the server the place, and what is wanted. @param {object} [more] */
  ask(more = {}) {
    Object.assign(this.wanted, more);
    const quick = performance.now() - this.told < REST;
    this.told = performance.now();
    this.asking.after(quick ? REST : 0);
  }

  #tell() {
    this.send({ identity: this.identity, serial: Date.now(), address: presentAddress(), ...this.missing(), ...this.wanted });
    this.wanted = {};
  }

  /**
   * A row of choices of which one is taken.
   * @template {string} T
   * @param {string} title
   * @param {[T, string][]} options
   * @param {() => T} current
   * @param {(value: T) => void} take
   */
  choice(title, options, current, take) {
    const group = element("div", "wall-choice");
    group.setAttribute("role", "radiogroup");
    group.setAttribute("aria-label", title);
    group.append(element("span", "wall-choice-title", title));
    const mark = () => {
      for (const button of buttons) {
        const chosen = button.dataset.value === current();
        button.setAttribute("aria-checked", String(chosen));
        button.tabIndex = chosen ? 0 : -1;
      }
    };
    const pick = (/** @type {T} */ value) => {
      take(value);
      mark();
    };
    const buttons = options.map(([value, text], at) => {
      const button = element("button", "", text);
      button.dataset.value = value;
      button.setAttribute("role", "radio");
      button.addEventListener("click", () => pick(value));
      button.addEventListener("keydown", (event) => {
        const step = /** @type {Record<string, number>} */ ({ ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 })[event.key];
        if (!step) return;
        event.preventDefault();
        const next = (at + step + options.length) % options.length;
        pick(options[next][0]);
        buttons[next].focus();
      });
      return button;
    });
    group.append(...buttons);
    mark();
    return group;
  }

  /** @param {string} text @param {string} hint @param {() => unknown} act */
  action(text, hint, act) {
    const button = element("button", "wall-action", text);
    button.title = hint;
    button.addEventListener("click", () => act());
    return button;
  }

  /** @param {string} text @param {number} low @param {number} high @param {number} value @param {(value: number) => void} take */
  slider(text, low, high, value, take) {
    const label = element("label", "wall-size");
    const input = element("input");
    Object.assign(input, { type: "range", min: String(low), max: String(high), value: String(value) });
    input.addEventListener("input", () => take(Number(input.value)));
    label.append(element("span", "", text), input);
    return label;
  }

  /** Canvases side by side as one picture. @param {HTMLCanvasElement[]} parts @param {string} name */
  savePicture(parts, name) {
    const shown = parts.filter((part) => part.width && part.isConnected);
    const whole = document.createElement("canvas");
    whole.width = shown.reduce((sum, part) => sum + part.width, 24 * (shown.length - 1));
    whole.height = Math.max(...shown.map((part) => part.height));
    const g = /** @type {CanvasRenderingContext2D} */ (whole.getContext("2d"));
    g.fillStyle = this.palette.theme.back;
    g.fillRect(0, 0, whole.width, whole.height);
    let x = 0;
    for (const part of shown) {
      g.drawImage(part, x, 0);
      x += part.width + 24;
    }
    whole.toBlob((blob) => blob && download(blob, `${name}.png`));
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const from = /** @type {HTMLElement} */ (event.composedPath()[0]);
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || /^(BUTTON|INPUT|SELECT)$/.test(from.tagName)) return;
    if (this.key(event, from)) event.preventDefault();
  }

  themeChanged() {
    this.palette.refresh();
    this.draw();
  }

  destroy() {
    this.asking.drop();
    removeEventListener("popstate", this.onBack);
  }
}

/**
 * The default export of a wall's main.js.
 * @template {Wall} V
 * @param {new (root: HTMLElement) => V} View
 */
export function mountWall(View) {
  return mount(".wall-root", View, (view, { setStateValue }) => {
    view.send = (ask) => setStateValue("ask", ask);
  });
}
