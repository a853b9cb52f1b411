// What each channel of the layer is worth: the answer without it, channel by channel.

import { element } from "../shared/dom.js";

const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

export class Sweep {
  /** @param {HTMLElement} host @param {(channel: number) => void} choose */
  constructor(host, choose) {
    this.host = host;
    this.choose = choose;
    this.title = host.appendChild(element("h4"));
    this.strip = host.appendChild(element("div", "strip signed"));
    this.strip.setAttribute("role", "radiogroup");
    this.caption = host.appendChild(element("p", "caption"));
    this.strip.addEventListener("pointerover", ({ target }) => this.say(/** @type {any} */ (target).closest?.("button")));
    this.strip.addEventListener("pointerleave", () => this.say(null));
    this.strip.addEventListener("focusin", ({ target }) => this.say(target));
    this.strip.addEventListener("click", ({ target }) => {
      const button = /** @type {any} */ (target).closest("button");
      if (button) this.choose(+button.dataset.channel);
    });
    this.strip.addEventListener("keydown", (event) => this.key(event));
  }

  /** @param {{layer: string, name: string, whole: number, changes: Float32Array, channel: number}|null} sweep */
  show(sweep, text) {
    this.host.hidden = !sweep;
    this.sweep = sweep;
    this.text = text;
    if (!sweep) return;
    const { layer, name, changes, channel } = sweep;
    this.title.textContent = text("{layer} without each of its channels: {name}", { layer, name });
    this.strip.setAttribute("aria-label", this.title.textContent);
    const most = Math.max(...changes.map(Math.abs), 1e-9);
    while (this.strip.children.length > changes.length) this.strip.lastChild.remove();
    while (this.strip.children.length < changes.length) this.strip.append(column());
    changes.forEach((change, i) => {
      const button = /** @type {HTMLButtonElement} */ (this.strip.children[i]);
      button.dataset.channel = String(i);
      button.dataset.sign = String(Math.sign(change));
      const size = (50 * Math.abs(change)) / most;
      const bar = /** @type {HTMLElement} */ (button.firstElementChild);
      bar.style.height = `${change ? Math.max(1, size) : 0}%`;
      bar.style.bottom = change > 0 ? "50%" : "";
      bar.style.top = change > 0 ? "" : "50%";
      button.setAttribute("role", "radio");
      button.setAttribute("aria-checked", String(i === channel));
      button.setAttribute("aria-label", this.words(i));
      button.tabIndex = i === channel ? 0 : -1;
    });
    this.say(null);
  }

  words(channel) {
    const { text } = this;
    const { changes, whole } = this.sweep;
    const now = percent(whole + changes[channel]);
    return text("without channel {channel}: {now} instead of {whole}", { channel, now, whole: percent(whole) });
  }

  say(button) {
    if (this.sweep) this.caption.textContent = this.words(+(button?.dataset?.channel ?? this.sweep.channel));
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const columns = [...this.strip.children];
    const at = columns.indexOf(/** @type {any} */ (event.target));
    const next = /** @type {HTMLButtonElement} */ (
      columns[{ Home: 0, End: columns.length - 1 }[event.key] ?? at + (STEPS[event.key] ?? NaN)]
    );
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

function percent(share) {
  return `${(100 * share).toFixed(share < 0.0995 ? 2 : 1)} %`;
}
