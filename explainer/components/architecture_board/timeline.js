// The landmarks by year: the outline of each network, its name, its idea in a few words.

import { box, familyOf, places } from "../shared/blocks.js";
import { element } from "../shared/dom.js";
import { svg } from "../shared/svg.js";

const WIDTH = 118;
const HEIGHT = 46;
const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

export class Timeline {
  /**
   * @param {HTMLElement} root
   * @param {{point: (key: string) => void, open: (key: string) => void}} act
   */
  constructor(root, act) {
    this.act = act;
    this.list = element("ol", "ab-years");
    this.note = element("p", "ab-note");
    root.append(this.list, this.note);
    this.list.addEventListener("keydown", (event) => this.#onKey(event));
  }

  /** @param {any} board */
  show({ content, text }) {
    const byYear = grouped(content.networks);
    let before = 0;
    const years = [...byYear].map(([year, networks]) => {
      const item = element("li");
      const head = element("span", "ab-when", String(year));
      if (before && year - before > 4) item.append(element("span", "ab-gap", text("{count} years", { count: year - before })));
      before = year;
      item.append(head, ...networks.map((network) => this.#card(network)));
      return item;
    });
    this.list.replaceChildren(...years);
    this.note.textContent = text(
      "The year is that of the first publication. A box is a block of the trace: as high as the side of its map, as thick as it has channels; grey pools, orange is linear. Point at a network: framed are those whose ideas it takes up.",
    );
    this.cards = [...this.list.querySelectorAll("button")];
    this.cards.forEach((card, i) => (card.tabIndex = i ? -1 : 0));
  }

  #card(network) {
    const card = element("button", "ab-card");
    card.dataset.key = network.key;
    const picture = svg("svg", { viewBox: `0 -1 ${WIDTH} ${HEIGHT + 2}`, "aria-hidden": "true" });
    places(network.blocks, WIDTH, HEIGHT, 1).forEach((place, i) => {
      picture.append(box(place, HEIGHT / 2 + 3, familyOf(network.blocks[i])));
    });
    card.append(picture, element("strong", "", network.title), element("span", "", network.tag));
    card.addEventListener("click", () => this.act.open(network.key));
    card.addEventListener("pointerenter", () => this.act.point(network.key));
    card.addEventListener("pointerleave", () => this.act.point(""));
    card.addEventListener("focus", () => this.act.point(network.key));
    card.addEventListener("blur", () => this.act.point(""));
    return card;
  }

  #onKey(event) {
    const here = this.cards.indexOf(event.target);
    const last = this.cards.length - 1;
    const wanted = { Home: 0, End: last }[event.key] ?? here + (STEPS[event.key] ?? NaN);
    if (here < 0 || !this.cards[wanted]) return;
    event.preventDefault();
    this.cards.forEach((card, i) => (card.tabIndex = i === wanted ? 0 : -1));
    this.cards[wanted].focus();
  }

  /**
   * Bring one network forward, and those whose ideas it took up.
   * @param {string} key
   * @param {readonly string[]} sources
   */
  light(key, sources) {
    for (const card of this.cards ?? []) {
      card.classList.toggle("ab-lit", card.dataset.key === key);
      card.classList.toggle("ab-source", sources.includes(card.dataset.key));
    }
  }
}

function grouped(networks) {
  const found = new Map();
  for (const network of networks) found.set(network.year, [...(found.get(network.year) ?? []), network]);
  return found;
}
