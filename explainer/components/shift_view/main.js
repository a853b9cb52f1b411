// The same digits for a dense and for a convolutional network: drag the digit and watch both.

import { element } from "../shared/dom.js";
import { mount } from "../shared/mount.js";
import { Palette } from "../shared/palette.js";
import { Postponed } from "../shared/postponed.js";
import { prepare, write } from "../shared/sketch.js";
import { words } from "../shared/words.js";
import { AccuracyMap } from "./accuracy.js";
import { Card } from "./card.js";
import { Stage } from "./stage.js";

/** Milliseconds between two places of the walk. */
const PACE = 190;
/** Milliseconds of rest before the link is told where the digit is. */
const REST = 500;

class View {
  /** @param {HTMLElement} host */
  constructor(host) {
    this.host = host;
    this.palette = new Palette(host);
    this.here = { right: 0, down: 0 };
    this.sendMove = () => {};
    this.resting = new Postponed(host, () => this.sendMove([this.here.right, this.here.down]));
    const top = host.appendChild(element("div", "sv-top"));
    this.left = top.appendChild(element("div", "sv-left"));
    this.stage = new Stage(this.left, (right, down) => this.#move(right, down), () => this.#rest());
    const tools = this.left.appendChild(element("div", "sv-tools"));
    this.walk = tools.appendChild(element("button"));
    this.centre = tools.appendChild(element("button"));
    this.said = this.left.appendChild(element("p", "sv-said"));
    this.said.setAttribute("aria-live", "polite");
    this.walk.addEventListener("click", () => (this.timer ? this.#stop() : this.#walk()));
    this.centre.addEventListener("click", () => {
      this.#stop();
      this.#move(0, 0);
      this.#rest();
    });
    this.dense = new Card(top);
    this.conv = new Card(top);
    this.units = this.dense.inside.appendChild(element("canvas"));
    this.maps = [];
    const maps = host.appendChild(element("div", "sv-maps"));
    const choose = (right, down) => {
      this.#stop();
      this.#move(right, down);
      this.#rest();
    };
    const look = (place) => {
      this.looked = place;
      this.#numbers();
    };
    this.heat = [0, 1].map(() => new AccuracyMap(maps, this.palette, choose, look));
    this.legend = host.appendChild(element("canvas", "sv-legend"));
    this.legend.setAttribute("aria-hidden", "true");
    this.numbers = host.appendChild(element("p", "sv-said"));
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(host);
  }

  destroy() {
    this.observer.disconnect();
    clearInterval(this.timer);
    this.resting.drop();
  }

  themeChanged() {
    this.palette.refresh();
    this.draw();
  }

  /** @param {any} content a decoded frame */
  receive(content) {
    const first = !this.content;
    this.content = content;
    this.text = words(content.texts);
    if (first) [this.here.right, this.here.down] = content.here;
    this.stage.receive(content.picture, content.side);
    if (this.maps.length !== content.channels.length) {
      this.maps = content.channels.map(() => {
        const canvas = Object.assign(element("canvas"), { width: content.side, height: content.side });
        canvas.setAttribute("role", "img");
        return canvas;
      });
      this.conv.inside.replaceChildren(...this.maps);
    }
    this.draw();
  }

  #move(right, down) {
    const { reach } = this.content;
    const limit = (value) => Math.max(-reach, Math.min(reach, value));
    const next = { right: limit(right), down: limit(down) };
    if (next.right === this.here.right && next.down === this.here.down) return;
    this.here = next;
    this.draw();
  }

  /** The digit has come to rest: the link may know. */
  #rest() {
    this.resting.after(REST);
  }

  /** Along a row, along a column, and back to the middle. */
  #walk() {
    const { reach } = this.content;
    const there = Array.from({ length: reach }, (_, i) => i + 1);
    const back = [...there].reverse().slice(1);
    const line = [...there, ...back, 0, ...there.map((v) => -v), ...back.map((v) => -v), 0];
    const path = [...line.map((right) => [right, 0]), ...line.map((down) => [0, down])];
    let at = 0;
    this.#move(0, 0);
    this.timer = setInterval(() => {
      if (at >= path.length) return this.#stop();
      this.#move(...path[at++]);
    }, PACE);
    this.draw();
  }

  #stop() {
    clearInterval(this.timer);
    this.timer = undefined;
    if (this.content) this.draw();
  }

  get place() {
    const { reach } = this.content;
    return (this.here.down + reach) * (2 * reach + 1) + this.here.right + reach;
  }

  draw() {
    const { content, text, host } = this;
    if (!content || !host.clientWidth) return;
    const { place, here } = this;
    host.dataset.place = `${here.right},${here.down}`;
    const moved = text("moved {right} right, {down} down", { right: signed(here.right), down: signed(here.down) });
    const label = text("The digit. Drag it, or move it with the arrow keys; Escape brings it back.");
    this.stage.draw(here, Math.min(300, this.left.clientWidth), `${label} ${moved}`);
    this.said.textContent = moved;
    this.walk.textContent = this.timer ? text("Pause") : text("Let it walk");
    this.centre.textContent = text("Back to the middle");
    this.dense.title.textContent = text("Dense: {units} hidden units", { units: content.unitCount });
    this.conv.title.textContent = text("Convolutional: three layers");
    const count = (number) => text("{count} parameters", { count: number.toLocaleString() });
    this.dense.about.textContent = count(content.denseParameters);
    this.conv.about.textContent = count(content.convParameters);
    this.dense.show(content.dense.subarray(10 * place, 10 * place + 10), content.label, text);
    this.conv.show(content.conv.subarray(10 * place, 10 * place + 10), content.label, text);
    this.#inside(place);
    const titles = [text("Dense: right answers by move"), text("Convolutional: right answers by move")];
    this.heat.forEach((map, i) => map.draw([content.denseAccuracy, content.convAccuracy][i], content.reach, here, titles[i]));
    this.#numbers();
    this.#legend();
  }

  /** What the first layers say: the dense one changes altogether, the maps move along. */
  #inside(place) {
    const { content, text, palette } = this;
    const { unitCount, units, maps, mapScales, channels, side } = content;
    this.dense.insideTitle.textContent = text("its hidden units");
    this.conv.insideTitle.textContent = text("four of its {count} feature maps: they move along. Difference from the moved map: {value}", {
      count: content.mapCount,
      value: content.differences[place] === 0 ? "0" : content.differences[place].toExponential(1),
    });
    const width = this.dense.inside.clientWidth;
    const g = prepare(this.units, width, 62);
    const peak = Math.max(1e-6, ...units);
    const step = width / unitCount;
    for (let unit = 0; unit < unitCount; unit++) {
      const value = units[place * unitCount + unit];
      const high = (value / peak) * 54;
      g.fillStyle = palette.theme.soft;
      g.fillRect(unit * step + 1, 4, step - 2, 54);
      g.fillStyle = palette.theme.accent;
      g.fillRect(unit * step + 1, 58 - high, step - 2, high);
    }
    const area = side * side;
    const table = palette.table("magnitude");
    channels.forEach((channel, i) => {
      const offset = (place * channels.length + i) * area;
      const image = rasteriseMagnitude(maps, offset, side, table);
      this.maps[i].getContext("2d").putImageData(image, 0, 0);
      this.maps[i].setAttribute("aria-label", text("feature map {channel}, largest value {value}", { channel, value: mapScales[i].toFixed(2) }));
    });
  }

  #numbers() {
    if (!this.content) return;
    const { content, text } = this;
    const place = this.looked ?? this.here;
    const at = (place.down + content.reach) * (2 * content.reach + 1) + place.right + content.reach;
    const share = (values) => `${(100 * values[at]).toFixed(1)} %`;
    this.numbers.textContent = text("digits moved {right} right, {down} down: dense {dense}, convolutional {conv} right ({count} digits, never trained on)", {
      right: signed(place.right),
      down: signed(place.down),
      dense: share(content.denseAccuracy),
      conv: share(content.convAccuracy),
      count: content.tested,
    });
  }

  #legend() {
    const g = prepare(this.legend, 240, 26);
    const { theme } = this.palette;
    const table = this.palette.table("magnitude");
    for (let i = 0; i < 240; i++) {
      const c = table[1 + Math.round((254 * i) / 239)];
      g.fillStyle = `rgb(${c & 255},${(c >> 8) & 255},${(c >> 16) & 255})`;
      g.fillRect(i, 2, 1.5, 8);
    }
    ["0%", "50%", "100%"].forEach((label, i) => {
      write(g, label, i * 120, 22, theme, { size: 10.5, tone: "muted", align: /** @type {any} */ (["left", "center", "right"][i]) });
    });
  }
}

function signed(value) {
  return value > 0 ? `+${value}` : String(value).replace("-", "−");
}

/** A map of bytes from 0 to its largest value. */
function rasteriseMagnitude(pixels, offset, side, table) {
  const image = new ImageData(side, side);
  const out = new Uint32Array(image.data.buffer);
  for (let i = 0; i < out.length; i++) out[i] = table[Math.max(1, pixels[offset + i])];
  return image;
}

export default mount(".shift-view", View, (view, { setTriggerValue }) => {
  view.sendMove = (move) => setTriggerValue("move", move);
});
