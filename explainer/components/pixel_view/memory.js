// The arrays: one and the same number in (H, W, C), in (C, H, W) and in a batch, and its neighbours in memory.

import { element } from "../shared/dom.js";
import { prepare } from "../shared/sketch.js";
import { offset, placeOf } from "./picture.js";

const NAMES = ["R", "G", "B"];
const COLOURS = ["#cc4b43", "#3f9a57", "#4377cf"];
const AROUND = 4;

export class Memory {
  /** @param {{put: (change: any) => void}} on */
  constructor(on) {
    this.on = on;
    this.root = element("div", "px-memory");
    this.cards = ["hwc", "chw", "nchw"].map((order) => this.#card(order));
    this.root.append(...this.cards.map(({ root }) => root));
  }

  #card(order) {
    const root = element("section", "px-card");
    const title = element("h4");
    const note = element("p", "px-note");
    const code = element("code", "px-code");
    const cells = element("div", "px-cells");
    const bar = element("canvas", "px-bar");
    bar.setAttribute("role", "img");
    const said = element("p", "px-said");
    root.append(title, note, code, cells, bar, said);
    return { order, root, title, note, code, cells, bar, said };
  }

  /** @param {any} state @param {any} theme */
  update(state, theme) {
    const { picture, c, text } = state;
    const { x, y } = state.hovered ?? state.pixel;
    const { width, height } = picture;
    const value = picture.rgb(x, y)[c];
    const shapes = { hwc: `(H, W, C) = (${height}, ${width}, 3)`, chw: `(C, H, W) = (3, ${height}, ${width})`, nchw: `(N, C, H, W) = (1, 3, ${height}, ${width})` };
    const notes = { hwc: text("uint8, as a file or a screen holds it"), chw: text("uint8, every channel a picture of its own"), nchw: text("float32, a batch of one: what a network is fed") };
    const codes = { hwc: `pixels[${y}, ${x}, ${c}]`, chw: `planes[${c}, ${y}, ${x}]`, nchw: `x[0, ${c}, ${y}, ${x}]` };
    for (const card of this.cards) {
      const layout = card.order === "hwc" ? "hwc" : "chw";
      const at = offset(layout, picture, c, y, x);
      const written = (byte) => (card.order === "nchw" ? picture.scaled[byte].toFixed(2).replace(/^0/, "") : String(byte));
      card.title.textContent = shapes[card.order];
      card.note.textContent = notes[card.order];
      card.code.textContent = `${codes[card.order]} = ${card.order === "nchw" ? picture.scaled[value].toFixed(4) : value}`;
      this.#cells(card, layout, at, picture, written);
      this.#bar(card.bar, layout, at, picture, x, y, theme);
      card.said.textContent = layout === "hwc" ? text("Number {at} in memory: R, G and B of a pixel side by side.", { at }) : text("Number {at} in memory: a whole channel, then the next.", { at });
      card.bar.setAttribute("aria-label", card.said.textContent);
    }
  }

  /** The neighbours in memory. */
  #cells({ cells }, layout, at, picture, written) {
    const total = 3 * picture.width * picture.height;
    const first = Math.max(0, Math.min(total - 2 * AROUND - 1, at - AROUND));
    const made = [];
    for (let i = first; i < Math.min(total, first + 2 * AROUND + 1); i++) {
      const place = placeOf(layout, picture, i);
      const byte = picture.rgb(place.x, place.y)[place.c];
      const cell = element("span", "px-cell", written(byte));
      cell.dataset.channel = NAMES[place.c];
      cell.title = `${NAMES[place.c]} · x ${place.x}, y ${place.y}`;
      cell.style.setProperty("--channel", COLOURS[place.c]);
      if (i === at) cell.classList.add("px-here");
      made.push(cell);
    }
    cells.replaceChildren(...made);
  }

  /** The whole memory as a bar, with the three numbers of the pixel marked. */
  #bar(canvas, layout, at, picture, x, y, theme) {
    const width = Math.max(40, canvas.parentElement.clientWidth - 2);
    const tall = 26;
    const g = prepare(canvas, width, tall);
    const total = 3 * picture.width * picture.height;
    g.globalAlpha = 0.5;
    if (layout === "chw") COLOURS.forEach((colour, c) => {
      g.fillStyle = colour;
      g.fillRect((c * width) / 3, 9, width / 3 - 1, 8);
    });
    else for (let i = 0; i < width; i += 2) {
      g.fillStyle = COLOURS[(i / 2) % 3];
      g.fillRect(i, 9, 1.5, 8);
    }
    g.globalAlpha = 1;
    for (let c = 0; c < 3; c++) {
      const place = offset(layout, picture, c, y, x);
      const px = (place / total) * width;
      g.fillStyle = place === at ? theme.text : theme.muted;
      g.fillRect(Math.round(px) - (place === at ? 1 : 0.5), place === at ? 3 : 6, place === at ? 2 : 1, place === at ? 20 : 14);
    }
  }
}
