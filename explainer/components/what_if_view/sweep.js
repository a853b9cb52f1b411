// What each channel of the layer is worth: the answer without it, channel by channel.

import { Strip } from "./strip.js";

export class Sweep extends Strip {
  /** @param {HTMLElement} host @param {(channel: number) => void} choose */
  constructor(host, choose) {
    super(host, "strip signed");
    this.choose = choose;
  }

  /** @param {{layer: string, name: string, whole: number, changes: Float32Array, channel: number}|null} sweep */
  show(sweep, text) {
    this.host.hidden = !sweep;
    this.sweep = sweep;
    this.text = text;
    if (!sweep) return;
    const { layer, name, changes, channel } = sweep;
    const most = Math.max(...changes.map(Math.abs), 1e-9);
    const title = text("{layer} without each of its channels: {name}", { layer, name });
    const bars = this.lay(title, Array.from(changes, (_, i) => this.words(i)), channel);
    changes.forEach((change, i) => {
      const bar = bars[i];
      bar.parentElement.dataset.sign = String(Math.sign(change));
      bar.style.height = `${change ? Math.max(1, (50 * Math.abs(change)) / most) : 0}%`;
      bar.style.bottom = change > 0 ? "50%" : "";
      bar.style.top = change > 0 ? "" : "50%";
    });
    this.say(null);
  }

  words(channel) {
    const { text } = this;
    const { changes, whole } = this.sweep;
    const now = percent(whole + changes[channel]);
    return text("without channel {channel}: {now} instead of {whole}", { channel, now, whole: percent(whole) });
  }

  /** @param {number|null} channel */
  say(channel) {
    if (this.sweep) this.caption.textContent = this.words(channel ?? this.sweep.channel);
  }

  /** @param {number} channel */
  pick(channel) {
    this.choose(channel);
  }
}

function percent(share) {
  return `${(100 * share).toFixed(share < 0.0995 ? 2 : 1)} %`;
}
