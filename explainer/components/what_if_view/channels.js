// One layer's channels before, after, and what is between: one colour scale, zero in its middle.

import { colourOf, format, isDark, lut, rasteriseFloat } from "../shared/colours.js";
import { element } from "../shared/dom.js";
import { prepare } from "../shared/sketch.js";

export class Channels {
  /** @param {HTMLElement} host */
  constructor(host) {
    this.host = host;
    this.title = host.appendChild(element("h4"));
    this.note = host.appendChild(element("p", "caption"));
    this.table = host.appendChild(element("div", "channel-table"));
    this.reading = host.appendChild(element("p", "reading"));
    this.legend = host.appendChild(element("div", "legend"));
    this.place = null;
  }

  show(shown, text) {
    this.host.hidden = !shown;
    this.shown = shown;
    this.text = text;
    if (!shown) return;
    const { name, size, touched, count } = shown;
    this.title.textContent = text("Inside {name}", { name });
    this.note.textContent = text("{touched} of {count} channels changed; those that changed most, {height} × {width} each", {
      touched,
      count,
      height: size[0],
      width: size[1],
    });
    this.gaps = shown.after.map((value, i) => value - shown.before[i]);
    this.rows = shown.channels.map((channel, i) => this.row(channel, i));
    this.table.replaceChildren(...this.rows.map(({ root }) => root));
    this.place = null;
    this.draw();
  }

  row(channel, number) {
    const { text } = this;
    const root = element("figure");
    const label = root.appendChild(element("figcaption", "", text("channel {number}", { number: channel })));
    const sides = { before: text("before"), after: text("after"), difference: text("difference") };
    const cells = Object.entries(sides).map(([side, name]) => {
      const cell = root.appendChild(element("div", "cell"));
      const canvas = cell.appendChild(element("canvas"));
      const value = cell.appendChild(element("span", "value", name));
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", `${label.textContent}, ${name}`);
      canvas.addEventListener("pointermove", (event) => {
        const box = canvas.getBoundingClientRect();
        this.mark((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height, number);
      });
      canvas.addEventListener("pointerleave", () => this.mark(NaN, NaN, number));
      return { cell, canvas, value, side, name };
    });
    return { root, cells, number };
  }

  mark(x, y, number) {
    const { height, width } = this.shown;
    const inside = (v, n) => Math.max(0, Math.min(n - 1, Math.floor(v * n)));
    this.place = Number.isNaN(x) ? null : { x: inside(x, width), y: inside(y, height), number };
    this.draw();
  }

  draw() {
    const { shown } = this;
    if (!shown || this.host.hidden) return;
    const dark = isDark(this.host);
    const table = lut("signed", dark);
    const { width, height, peak } = shown;
    const single = width * height === 1;
    for (const { cells, number } of this.rows) {
      for (const { cell, canvas, value, side, name } of cells) {
        const values = { before: shown.before, after: shown.after, difference: this.gaps }[side];
        const room = Math.max(24, Math.min(132, Math.floor(cell.clientWidth)));
        const w = single ? 28 : room;
        const h = Math.max(4, Math.round((w * height) / width));
        const g = prepare(canvas, w, h);
        if (single) {
          g.fillStyle = colourOf(values[number], peak, table);
          g.fillRect(0, 0, w, h);
          value.textContent = `${name} ${format(values[number], 4)}`;
          continue;
        }
        const picture = document.createElement("canvas");
        Object.assign(picture, { width, height });
        picture.getContext("2d").putImageData(rasteriseFloat(values, number * width * height, width, height, peak, table), 0, 0);
        g.imageSmoothingEnabled = false;
        g.drawImage(picture, 0, 0, w, h);
        if (this.place) this.frame(g, w / width, h / height, dark, this.place.number === number);
      }
    }
    this.read();
    this.scale(table);
  }

  frame(g, sx, sy, dark, strong) {
    const { x, y } = this.place;
    g.lineWidth = strong ? 1.5 : 1;
    g.strokeStyle = dark ? "#ffffff" : "#10151d";
    g.globalAlpha = strong ? 1 : 0.4;
    g.strokeRect(x * sx - 0.5, y * sy - 0.5, Math.max(4, sx + 1), Math.max(4, sy + 1));
    g.globalAlpha = 1;
  }

  read() {
    const { place, shown, text } = this;
    if (!place) {
      this.reading.textContent = "\u00a0";
      return;
    }
    const { width, height, size } = shown;
    const at = place.number * width * height + place.y * width + place.x;
    const where =
      size[0] === height && size[1] === width
        ? text("row {y}, column {x}", { y: place.y, x: place.x })
        : text("mean around row {y}, column {x}", {
            y: Math.floor(((place.y + 0.5) * size[0]) / height),
            x: Math.floor(((place.x + 0.5) * size[1]) / width),
          });
    const [before, after, gap] = [shown.before[at], shown.after[at], this.gaps[at]].map((value) => format(value, 4));
    this.reading.textContent = `${text("channel {number}", { number: shown.channels[place.number] })}, ${where}: ${before} → ${after} (${gap})`;
  }

  scale(table) {
    const canvas = element("canvas");
    Object.assign(canvas, { width: 255, height: 1 });
    const image = new ImageData(255, 1);
    new Uint32Array(image.data.buffer).set(table.subarray(1));
    canvas.getContext("2d").putImageData(image, 0, 0);
    canvas.setAttribute("aria-hidden", "true");
    const { peak } = this.shown;
    const { text } = this;
    this.legend.replaceChildren(
      element("span", "", format(-peak, 3)),
      canvas,
      element("span", "", `+${format(peak, 3)}`),
      element("span", "caption", text("one scale for all pictures of this layer")),
    );
  }
}
