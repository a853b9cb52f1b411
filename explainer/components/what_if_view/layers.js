// Where the change goes: one column for each layer behind it, as high as its output is another one.

import { Strip } from "./strip.js";

export class Layers extends Strip {
  /** @param {HTMLElement} host @param {(name: string) => void} choose */
  constructor(host, choose) {
    super(host);
    this.choose = choose;
  }

  /** @param {{name: string, kind: string, relative: number|null, peak: number}[]} layers */
  show(layers, shown, text) {
    this.host.hidden = !layers.length;
    this.layers = layers;
    this.text = text;
    this.shown = layers.findIndex(({ name }) => name === shown);
    if (!layers.length) return;
    const most = Math.max(...layers.map(({ relative }) => relative ?? 0), 1e-12);
    const bars = this.lay(text("Where the change goes"), layers.map((layer) => this.words(layer)), this.shown);
    layers.forEach(({ relative }, i) => {
      const share = relative ?? most; // null stands for infinity: there was nothing before
      bars[i].style.height = `${Math.max(share > 0 ? 2 : 0, (100 * share) / most)}%`;
    });
    this.say(null);
  }

  words({ name, relative }) {
    const { text } = this;
    if (relative === null) return text("{name}: was silent before", { name });
    return text("{name}: changed by {share}", { name, share: share(relative) });
  }

  /** @param {number|null} place */
  say(place) {
    const layer = this.layers?.[place ?? this.shown];
    if (layer) this.caption.textContent = `${this.words(layer)} · ${layer.kind}`;
  }

  /** @param {number} place */
  pick(place) {
    this.choose(this.layers[place].name);
  }
}

/** A relative change in per cent. */
function share(value) {
  const percent = 100 * value;
  return `${percent < 1 ? percent.toPrecision(2) : percent < 10 ? percent.toFixed(1) : Math.round(percent)} %`;
}
