// One channel opened: the operation that made it, taken apart, and the number under the pixel.
// The pixel, hovered or pinned, is one thing that the pictures and the number card share.

import { compute, isLocal } from "./arithmetic.js";
import { PushView, SoftmaxView, WaitingView } from "./bars_view.js";
import { ElasticView } from "./elastic_view.js";
import { FlowView } from "./flow_view.js";
import { number, NumberCard } from "./number_card.js";
import { element } from "../shared/dom.js";

/** Narrower than this, the number card stands below the picture; as in panel.css. */
const STACKED = 900;

/** Output pixels a second. */
const SPEEDS = [2, 8, 30, 120, 600];

export class ChannelView {
  /**
   * @param {HTMLElement} host
   * @param {import("./store.js").Store} store
   * @param {import("./pictures.js").Pictures} pictures
   * @param {(text: string) => void} say
   */
  constructor(host, store, pictures, say) {
    this.host = host;
    this.store = store;
    this.pictures = pictures;
    this.say = say;
    this.speed = 1;
    /** @type {{y: number, x: number}|null} */
    this.hovered = null;
    this.playing = false;
    this.frame = 0;
    this.root = element("div", "cs-channel");
    this.left = element("div", "cs-channel-left");
    this.tools = element("div", "cs-tools");
    this.stage = element("div", "cs-channel-stage");
    this.right = element("div", "cs-channel-right");
    this.left.append(this.tools, this.stage);
    this.root.append(this.left, this.right);
    host.append(this.root);
    this.sizes = new ResizeObserver(() => this.#resize());
    this.sizes.observe(this.stage);
  }

  /** @param {any} node @param {number} channel */
  show(node, channel) {
    this.stop();
    this.node = node;
    this.channel = channel;
    this.hovered = null;
    this.reached = null;
    this.context = {
      store: this.store,
      pictures: this.pictures,
      node,
      channel,
      hover: (/** @type {number|null} */ y, /** @type {number} */ x) => this.#hover(y, x),
      pin: (/** @type {number} */ y, /** @type {number} */ x) => this.#pin(y, x),
    };
    this.values = this.store.values(node.index, channel);
    this.last = null;
    this.card?.destroy();
    this.card = new NumberCard(this.context);
    this.right.replaceChildren(this.card.root);
    this.#makeView();
    this.#ask();
    this.setPixel();
    this.#resize();
  }

  #makeView() {
    const { values } = this;
    const form = values?.form;
    this.stage.classList.toggle("cs-stale", !values && Boolean(this.stage.firstChild));
    if (!values) {
      // Until the values arrive the last channel's picture stays, pale and out of reach.
      this.view = new WaitingView(this.context);
      if (!this.stage.firstChild) this.stage.replaceChildren(this.view.root);
      return;
    }
    this.view =
      form === "convolution" && !(values.geometry.linear && values.weight.shape[1] * values.weight.shape[2] === 1)
        ? new ElasticView(this.context, values)
        : form === "convolution"
          ? new PushView(this.context, values)
          : form === "softmax"
            ? new SoftmaxView(this.context, values)
            : new FlowView(this.context, values);
    this.stage.replaceChildren(this.view.root);
    this.stage.dataset.form = form ?? "waiting";
    this.context.compact = this.view instanceof PushView;
    this.#makeTools();
    this.view.sort();
  }

  /** What is missing for pictures and numbers. */
  #ask() {
    const { y, x } = this.pixel;
    clearTimeout(this.resting);
    if (this.hovered && this.values) {
      // The pointer may only be passing: ask when it rests.
      this.resting = setTimeout(() => this.#request(y, x), 160);
    } else this.#request(y, x);
  }

  /** @param {number} y @param {number} x */
  #request(y, x) {
    const { store, node } = this;
    if (!this.values || (isLocal(this.values) && !store.covers(this.values, y, x))) {
      if (!store.operations.has(node.index)) store.request({ values: { node: node.index, channel: this.channel, y, x } });
    }
    if (this.values && this.arithmetic(y, x) === null && !this.#coming(y, x)) {
      store.request({ arithmetic: { node: node.index, channel: this.channel, y, x } });
    }
    const sources = this.values?.inputs?.map((/** @type {any} */ input) => input.node) ?? node.inputs;
    const missing = [...sources, node.index].find((index) => {
      const other = store.node(index);
      return other && other.layout !== "other" && other.height * other.width > 1 && !store.layer(index) && !store.tensors.has(index);
    });
    if (missing !== undefined) store.request({ layer: missing });
  }

  /** Whether values that can answer for the pixel are on their way. @param {number} y @param {number} x */
  #coming(y, x) {
    return isLocal(this.values) && !this.store.covers(this.values, y, x) && !this.store.operations.has(this.node.index);
  }

  /** The pixel shown: under the pointer, else pinned, else where the channel is strongest. */
  get pixel() {
    if (this.reached) return this.reached;
    if (this.hovered) return this.hovered;
    const { y, x } = this.store.place;
    if (y !== null && x !== null) return { y, x };
    return this.#strongest();
  }

  #strongest() {
    const { node, channel, values } = this;
    const key = `${this.store.overview.trace}/${node.index}/${channel}/${Boolean(values)}`;
    if (this.found?.key === key) return this.found;
    let best = { y: node.height >> 1, x: node.width >> 1 };
    if (values?.output && node.height * node.width > 1) {
      const { data, width, y0 = 0, x0 = 0 } = values.output;
      let at = 0;
      for (let i = 1; i < data.length; i++) if (Math.abs(data[i]) > Math.abs(data[at])) at = i;
      best = { y: y0 + Math.floor(at / width), x: x0 + (at % width) };
    }
    this.found = { key, ...best };
    return best;
  }

  /** @param {number} y @param {number} x */
  arithmetic(y, x) {
    if (this.values && isLocal(this.values)) {
      const result = compute(this.values, y, x);
      if (result) return result;
    }
    return this.store.arithmetic(this.node.index, this.channel, y, x);
  }

  /** Show the pixel everywhere. */
  setPixel(pinned = false) {
    const { y, x } = this.pixel;
    const arithmetic = this.arithmetic(y, x);
    this.view.arithmetic = arithmetic;
    this.view.setPixel(y, x, pinned);
    this.view.draw();
    this.last = arithmetic ?? this.last;
    const weightPeak = this.values?.weight ? this.pictures.largest(this.values.weight.data) : 1;
    this.card.update({ y, x, arithmetic: arithmetic ?? this.last ?? null, pending: !arithmetic, weightPeak });
    if (!this.playing) this.#announce(arithmetic, y, x);
    if (!arithmetic) this.#ask();
  }

  /** @param {any} arithmetic @param {number} y @param {number} x */
  #announce(arithmetic, y, x) {
    clearTimeout(this.announcing);
    if (!arithmetic) return;
    const { store, node, channel } = this;
    this.announcing = setTimeout(() => {
      const fields = { node: node.name, channel, y, x, value: number(arithmetic.value).toPrecision(7) };
      this.say(node.height * node.width > 1 ? store.text("{node}, channel {channel}, pixel ({y}, {x}): {value}", fields) : store.text("{node}, channel {channel}: {value}", fields));
    }, 250);
  }

  /** @param {number|null} y @param {number} [x] */
  #hover(y, x = 0) {
    if (this.playing && y !== null) this.stop();
    const next = y === null ? null : { y, x };
    if (next?.y === this.hovered?.y && next?.x === this.hovered?.x) {
      if (next) this.view.draw();
      return;
    }
    this.hovered = next;
    if (this.waiting) return;
    this.waiting = requestAnimationFrame(() => {
      this.waiting = 0;
      this.setPixel();
    });
  }

  /** @param {number} y @param {number} x */
  #pin(y, x) {
    this.stop();
    this.store.go({ node: this.node.index, channel: this.channel, y, x });
  }

  /** Move the pinned pixel. @param {number} dy @param {number} dx */
  move(dy, dx) {
    const { y, x } = this.pixel;
    const { node, channel } = this;
    this.hovered = null;
    this.stop();
    const to = { y: Math.max(0, Math.min(node.height - 1, y + dy)), x: Math.max(0, Math.min(node.width - 1, x + dx)) };
    this.store.go({ node: node.index, channel, ...to }, { replace: true });
  }

  // Playing ---------------------------------------------------------------------------------------------------

  #makeTools() {
    const { store, node, view } = this;
    this.tools.replaceChildren();
    this.playButton = null;
    if (node.height * node.width > 1 && node.role !== "input" && !(view instanceof PushView)) {
      const tool = (/** @type {string} */ sign, /** @type {string} */ label, /** @type {() => void} */ act) => {
        const button = element("button", "cs-tool");
        button.innerHTML = ICONS[sign];
        button.setAttribute("aria-label", label);
        button.title = label;
        button.addEventListener("click", act);
        this.tools.append(button);
        return button;
      };
      tool("first", store.text("Back to the first pixel"), () => this.step("first"));
      this.playButton = tool("play", store.text("Play"), () => this.toggle());
      tool("step", store.text("One step"), () => this.step());
      const label = element("label", "cs-speed");
      const slider = element("input");
      slider.type = "range";
      slider.min = "0";
      slider.max = String(SPEEDS.length - 1);
      slider.value = String(this.speed);
      slider.setAttribute("aria-label", store.text("Speed"));
      slider.addEventListener("input", () => (this.speed = Number(slider.value)));
      label.append(element("span", "", store.text("Speed")), slider);
      this.tools.append(label);
    }
    if (view instanceof ElasticView && view.count > 1) {
      const orders = /** @type {[import("./elastic_view.js").Order, string][]} */ ([
        ["channel", store.text("in channel order")],
        ["here", view.dense ? store.text("strongest first") : store.text("strongest at this pixel")],
        ["overall", store.text("strongest in the whole map")],
      ]);
      const select = element("select", "cs-order");
      select.setAttribute("aria-label", store.text("Order of the input channels"));
      for (const [value, text] of orders) {
        const option = element("option", "", text);
        option.value = value;
        option.selected = view.order === value;
        if (!(value === "overall" && view.dense)) select.append(option);
      }
      select.addEventListener("change", () => view.setOrder(/** @type {any} */ (select.value)));
      const label = element("label", "cs-order-label");
      label.append(element("span", "", store.text("{count} input channels", { count: view.count })), select);
      this.tools.append(label);
    }
    this.tools.hidden = !this.tools.firstChild;
  }

  toggle() {
    if (!this.playButton) return;
    if (this.playing) this.stop(false);
    else this.play();
  }

  play() {
    const { node } = this;
    const end = node.height * node.width - 1;
    let at = this.reached ? this.reached.y * node.width + this.reached.x : -1;
    if (at >= end) at = -1;
    this.playing = true;
    this.#showPlaying();
    let last = performance.now();
    let owed = 1;
    const tick = (/** @type {number} */ now) => {
      if (!this.playing) return;
      owed += ((now - last) / 1000) * SPEEDS[this.speed];
      last = now;
      this.view.phase = (now / 40) % 9;
      const steps = Math.floor(owed);
      owed -= steps;
      at = Math.min(end, at + steps);
      if (steps) this.#reveal(at);
      else if (this.view instanceof ElasticView) this.view.draw();
      if (at >= end) return this.stop();
      this.frame = requestAnimationFrame(tick);
    };
    this.frame = requestAnimationFrame(tick);
  }

  /** @param {"first"|"next"} [to] */
  step(to = "next") {
    const { node } = this;
    if (this.playing) this.stop(false);
    const { y, x } = this.pixel;
    const at = to === "first" ? 0 : this.reached ? y * node.width + x + 1 : y * node.width + x;
    this.#reveal(at % (node.height * node.width));
  }

  /** @param {number} at index of the last output pixel that is there */
  #reveal(at) {
    this.hovered = null;
    this.reached = { y: Math.floor(at / this.node.width), x: at % this.node.width };
    this.view.revealed = this.reached;
    this.setPixel();
  }

  /** Stop sliding; `whole`: show the complete maps again. */
  stop(whole = true) {
    const running = this.playing || this.reached;
    this.playing = false;
    cancelAnimationFrame(this.frame);
    if (whole) {
      this.reached = null;
      if (this.view) this.view.revealed = null;
    }
    if (!running || !this.view) return;
    this.#showPlaying();
    this.setPixel();
  }

  #showPlaying() {
    if (!this.playButton) return;
    const label = this.playing ? this.store.text("Pause") : this.store.text("Play");
    this.playButton.innerHTML = ICONS[this.playing ? "pause" : "play"];
    this.playButton.setAttribute("aria-label", label);
    this.playButton.title = label;
  }

  // ------------------------------------------------------------------------------------------------------------

  /** The pinned place changed within this channel. */
  placeChanged() {
    this.hovered = null;
    this.reached = null;
    this.view.revealed = null;
    this.setPixel(true);
  }

  /** Something arrived. */
  arrived() {
    const values = this.store.values(this.node.index, this.channel);
    if (values && values !== this.values) {
      const same = this.values?.form === values.form;
      this.values = values;
      if (same) this.view.replace(values);
      else {
        this.#makeView();
        this.#resize();
      }
    }
    this.#ask();
    this.setPixel();
  }

  /** Colours or scale changed. */
  repaint() {
    if (this.view instanceof PushView || this.view instanceof SoftmaxView) this.view.build();
    this.setPixel();
  }

  #resize() {
    if (!this.view) return;
    // Below each other, the picture is as tall as it wants to be; side by side, both fill the panel.
    const stacked = this.root.clientWidth < STACKED;
    const natural = stacked ? this.view.naturalHeight(this.stage.clientWidth) : 0;
    this.stage.style.height = natural ? `${natural}px` : "";
    this.root.classList.toggle("cs-stacked", stacked);
    const { clientWidth, clientHeight } = this.stage;
    if (clientWidth === this.view.width && clientHeight === this.view.height) return;
    if (clientWidth > 0) this.view.resize(clientWidth, clientHeight);
  }

  destroy() {
    this.playing = false;
    cancelAnimationFrame(this.frame);
    cancelAnimationFrame(this.waiting ?? 0);
    clearTimeout(this.announcing);
    clearTimeout(this.resting);
    this.card?.destroy();
    this.sizes.disconnect();
    this.root.remove();
  }
}

const icon = (/** @type {string} */ path) => `<svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" fill="currentColor"><path d="${path}"/></svg>`;
/** @type {Record<string, string>} */
const ICONS = {
  play: icon("M4 2.5v11l9-5.5z"),
  pause: icon("M4 3h3v10H4zM9 3h3v10H9z"),
  step: icon("M3 2.5v11l7-5.5zM11 3h2v10h-2z"),
  first: icon("M13 2.5v11L6 8zM3 3h2v10H3z"),
};
