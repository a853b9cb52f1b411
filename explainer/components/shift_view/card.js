// One network's card: its name, the probability of each class, and what its first layer says.

import { element } from "../shared/dom.js";

export class Card {
  /** @param {HTMLElement} host */
  constructor(host) {
    this.root = host.appendChild(element("section", "sv-card"));
    this.title = this.root.appendChild(element("h4"));
    this.about = this.root.appendChild(element("p", "sv-said"));
    this.list = this.root.appendChild(element("ol", "sv-bars"));
    this.verdict = this.root.appendChild(element("p", "sv-verdict"));
    this.insideTitle = this.root.appendChild(element("p", "sv-said"));
    this.inside = this.root.appendChild(element("div", "sv-inside"));
    this.rows = Array.from({ length: 10 }, (_, value) => {
      const row = this.list.appendChild(element("li"));
      const track = element("span", "sv-track");
      const bar = track.appendChild(element("i"));
      const share = element("span", "sv-share");
      row.append(element("b", "", String(value)), track, share);
      return { row, bar, share };
    });
  }

  /**
   * @param {Float32Array} probabilities of the ten classes
   * @param {number|null} label what it really is; null where nobody knows
   * @param {(key: string, values?: any) => string} text
   */
  show(probabilities, label, text) {
    const best = probabilities.indexOf(Math.max(...probabilities));
    this.rows.forEach(({ row, bar, share }, value) => {
      bar.style.width = `${100 * probabilities[value]}%`;
      share.textContent = `${(100 * probabilities[value]).toFixed(1)} %`;
      row.dataset.best = String(value === best);
      row.dataset.true = String(value === label);
    });
    const answer = text("reads {digit}", { digit: best });
    this.root.dataset.right = label === null ? "" : String(best === label);
    const judged = label === null ? "" : best === label ? text("right") : text("wrong");
    this.verdict.textContent = judged ? `${answer}: ${judged}` : answer;
  }
}
