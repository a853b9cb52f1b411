// Views made of bars: what pushes a dense layer's output up and down, and the logits of a softmax.

import { format } from "../shared/colours.js";
import { className, signed } from "./numbers.js";
import { element } from "../shared/dom.js";

const EACH = 14;

/** Common to both: they have one number and no map, so pixels and playing mean nothing to them. */
class BarsView {
  /** @param {any} context @param {any} values */
  constructor(context, values) {
    this.context = context;
    this.values = values;
    this.y = 0;
    this.x = 0;
    this.root = element("div", "cs-bars");
  }

  /** @param {any} values */
  replace(values) {
    this.values = values;
    this.build();
  }

  build() {}
  draw() {}
  sort() {}
  setPixel() {}
  /** As tall as its content. */
  naturalHeight() {
    return 0;
  }

  /** @param {number} width @param {number} height */
  resize(width, height) {
    this.width = width;
    this.height = height;
    if (!this.root.firstChild) this.build();
  }
}

/** A dense layer on a vector: the inputs that push the output up and those that push it down. */
export class PushView extends BarsView {
  build() {
    const { store, node } = this.context;
    const { inputs, weight, bias } = this.values;
    const source = store.node(inputs[0].node);
    const products = Array.from(weight.data, (/** @type {number} */ w, i) => w * inputs[0].data[i]);
    const order = [...products.keys()].sort((a, b) => products[b] - products[a]);
    const up = order.filter((i) => products[i] > 0);
    const down = order.filter((i) => products[i] < 0).reverse();
    const largest = Math.max(...products.map(Math.abs), 1e-12);
    const name = className(store, node, this.context.channel) ?? store.text("channel {number}", { number: this.context.channel });
    const sides = element("div", "cs-push");
    const total = (/** @type {number[]} */ list) => list.reduce((sum, i) => sum + products[i], 0);
    for (const [list, sign, title] of /** @type {[number[], string, string][]} */ ([
      [up, "up", store.text("push {name} up", { name })],
      [down, "down", store.text("push {name} down", { name })],
    ])) {
      const side = element("section", `cs-push-side cs-${sign}`);
      const head = element("h4", "", title);
      head.append(element("span", "cs-push-total", signed(total(list), 3)));
      side.append(head);
      for (const i of list.slice(0, EACH)) side.append(this.#row(source, i, inputs[0].data[i], weight.data[i], products[i], largest));
      if (list.length > EACH) {
        side.append(element("p", "cs-push-rest", store.text("{count} more: {amount}", { count: list.length - EACH, amount: signed(total(list.slice(EACH)), 3) })));
      }
      sides.append(side);
    }
    const zero = products.length - up.length - down.length;
    const foot = element("p", "cs-push-foot");
    const parts = [store.text("{count} inputs", { count: products.length })];
    if (zero) parts.push(store.text("{count} of them zero", { count: zero }));
    if (bias !== null) parts.push(`${store.text("bias")} ${signed(bias, 4)}`);
    foot.textContent = parts.join(" · ");
    this.root.replaceChildren(sides, foot);
  }

  /** @param {any} source @param {number} i @param {number} value @param {number} weight @param {number} product @param {number} largest */
  #row(source, i, value, weight, product, largest) {
    const { store } = this.context;
    const row = element("button", "cs-push-row");
    row.title = store.text("Go to channel {number} of {node}", { number: i, node: source.name });
    row.addEventListener("click", () => store.go({ node: source.index, channel: i, y: 0, x: 0 }));
    const bar = element("span", "cs-push-bar");
    bar.style.width = `${(Math.abs(product) / largest) * 100}%`;
    const track = element("span", "cs-push-track");
    track.append(bar);
    row.append(element("span", "cs-push-name", className(store, source, i) ?? String(i)), element("span", "cs-push-terms", `${format(value, 3)} × ${format(weight, 3)}`), track, element("span", "cs-push-amount", signed(product, 3)));
    return row;
  }
}

/** Softmax: every logit, its exponential, its share. */
export class SoftmaxView extends BarsView {
  build() {
    const { store, node, channel } = this.context;
    const data = this.values.inputs[0].data;
    const logits = Array.from(/** @type {Float32Array} */ (data));
    const largest = Math.max(...logits);
    const powers = logits.map((z) => Math.exp(z - largest));
    const whole = powers.reduce((a, b) => a + b, 0);
    const order = [...logits.keys()].sort((a, b) => logits[b] - logits[a]);
    const few = order.length <= EACH ? order : order.slice(0, EACH - 2);
    const shown = few.includes(channel) ? few : [...few, channel];
    const source = store.node(this.values.inputs[0].node);
    const name = (/** @type {number} */ c) => className(store, node, c) ?? String(c);

    const formula = element("div", "cs-softmax-formula");
    const fraction = element("div", "cs-fraction");
    const top = element("div", "cs-fraction-top");
    const bottom = element("div", "cs-fraction-bottom");
    const terms = new Map();
    const term = (/** @type {number} */ c) => {
      const made = element("span", "cs-softmax-term", `exp(${format(logits[c], 4)})`);
      made.title = name(c);
      made.addEventListener("pointerenter", () => this.#light(c));
      made.addEventListener("pointerleave", () => this.#light(null));
      terms.set(c, [...(terms.get(c) ?? []), made]);
      return made;
    };
    top.append(term(channel));
    shown.forEach((c, i) => {
      if (i) bottom.append(" + ");
      bottom.append(term(c));
    });
    if (shown.length < order.length) bottom.append(` + … (${store.text("{count} more", { count: order.length - shown.length })})`);
    fraction.append(top, bottom);
    const left = element("span", "cs-softmax-side");
    left.append(element("span", "cs-softmax-name", name(channel)), " =");
    const right = element("span", "cs-softmax-side");
    right.append("= ", element("strong", "", format(powers[channel] / whole, 4)));
    formula.append(left, fraction, right);

    const table = element("div", "cs-softmax-rows");
    const head = element("div", "cs-softmax-row cs-softmax-head");
    for (const word of [store.text("class"), store.text("logit z"), store.text("exp(z − max)"), store.text("share of the sum")]) head.append(element("span", "", word));
    table.append(head);
    for (const c of shown) {
      const row = element("button", "cs-softmax-row");
      if (c === channel) row.setAttribute("aria-current", "true");
      const bar = element("span", "cs-softmax-bar");
      bar.style.width = `${(powers[c] / whole) * 100}%`;
      const share = element("span", "cs-softmax-share");
      share.append(bar, element("span", "", format(powers[c] / whole, 3)));
      row.append(element("span", "cs-softmax-class", name(c)), element("span", "", signed(logits[c], 3)), element("span", "", format(powers[c], 3)), share);
      row.addEventListener("pointerenter", () => this.#light(c));
      row.addEventListener("pointerleave", () => this.#light(null));
      row.addEventListener("click", () => store.go({ node: node.index, channel: c, y: 0, x: 0 }));
      terms.set(c, [...(terms.get(c) ?? []), row]);
      table.append(row);
    }
    this.terms = terms;
    const back = element("button", "cs-link", store.text("the logit of {name} comes from {node}", { name: name(channel), node: source.name }));
    back.addEventListener("click", () => store.go({ node: source.index, channel, y: 0, x: 0 }));
    this.root.replaceChildren(formula, table, back);
  }

  /** @param {number|null} channel */
  #light(channel) {
    for (const [c, parts] of this.terms) for (const part of parts) part.classList.toggle("cs-lit", c === channel);
  }
}

/** Stands in until the values of a channel have arrived. */
export class WaitingView extends BarsView {
  /** @param {any} context */
  constructor(context) {
    super(context, null);
    this.root.classList.add("cs-waiting");
    const { store, pictures, node, channel } = context;
    const picture = node.height * node.width > 1 ? pictures.ofChannel(node.index, channel) : null;
    if (picture) {
      const copy = element("canvas", "cs-waiting-map");
      copy.width = picture.canvas.width;
      copy.height = picture.canvas.height;
      copy.getContext("2d")?.drawImage(picture.canvas, 0, 0);
      this.root.append(copy);
    }
    this.root.append(element("span", "cs-pending", store.text("working it out …")));
  }
}
