// Where the change goes: one column for each layer behind it, as high as its output is another one.

import { element } from "../shared/dom.js";

const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

export class Layers {
  /** @param {HTMLElement} host @param {(name: string) => void} choose */
  constructor(host, choose) {
    this.host = host;
    this.choose = choose;
    this.title = host.appendChild(element("h4"));
    this.strip = host.appendChild(element("div", "strip"));
    this.strip.setAttribute("role", "radiogroup");
    this.caption = host.appendChild(element("p", "caption"));
    this.strip.addEventListener("pointerover", ({ target }) => this.say(/** @type {any} */ (target).closest?.("button")));
    this.strip.addEventListener("pointerleave", () => this.say(null));
    this.strip.addEventListener("focusin", ({ target }) => this.say(target));
    this.strip.addEventListener("click", ({ target }) => this.pick(/** @type {any} */ (target).closest("button")));
    this.strip.addEventListener("keydown", (event) => this.key(event));
  }

  /** @param {{name: string, kind: string, relative: number|null, peak: number}[]} layers */
  show(layers, shown, text) {
    this.host.hidden = !layers.length;
    this.layers = layers;
    this.shown = shown;
    this.text = text;
    if (!layers.length) return;
    this.title.textContent = text("Where the change goes");
    this.strip.setAttribute("aria-label", text("Where the change goes"));
    const most = Math.max(...layers.map(({ relative }) => relative ?? 0), 1e-12);
    while (this.strip.children.length > layers.length) this.strip.lastChild.remove();
    while (this.strip.children.length < layers.length) this.strip.append(column());
    layers.forEach((layer, i) => {
      const button = /** @type {HTMLButtonElement} */ (this.strip.children[i]);
      const share = layer.relative ?? most; // null stands for infinity: there was nothing before
      button.firstElementChild.style.height = `${Math.max(share > 0 ? 2 : 0, (100 * share) / most)}%`;
      button.dataset.index = String(i);
      button.setAttribute("role", "radio");
      button.setAttribute("aria-checked", String(layer.name === shown));
      button.setAttribute("aria-label", this.words(layer));
      button.tabIndex = layer.name === shown || (i === 0 && !layers.some(({ name }) => name === shown)) ? 0 : -1;
    });
    this.say(null);
  }

  words({ name, relative }) {
    const { text } = this;
    if (relative === null) return text("{name}: was silent before", { name });
    return text("{name}: changed by {share}", { name, share: share(relative) });
  }

  say(button) {
    const layer = button?.dataset?.index ? this.layers[+button.dataset.index] : null;
    const shown = layer ?? this.layers?.find(({ name }) => name === this.shown);
    if (shown) this.caption.textContent = `${this.words(shown)} · ${shown.kind}`;
  }

  pick(button) {
    if (button) this.choose(this.layers[+button.dataset.index].name);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const columns = [...this.strip.children];
    const at = columns.indexOf(/** @type {any} */ (event.target));
    const wanted = { Home: 0, End: columns.length - 1 }[event.key] ?? at + (STEPS[event.key] ?? NaN);
    const next = /** @type {HTMLButtonElement} */ (columns[wanted]);
    if (!next) return;
    event.preventDefault();
    for (const one of columns) /** @type {HTMLElement} */ (one).tabIndex = one === next ? 0 : -1;
    next.focus();
  }
}

function column() {
  const button = element("button");
  button.append(element("i"));
  return button;
}

/** A relative change in per cent. */
function share(value) {
  const percent = 100 * value;
  return `${percent < 1 ? percent.toPrecision(2) : percent < 10 ? percent.toFixed(1) : Math.round(percent)} %`;
}
