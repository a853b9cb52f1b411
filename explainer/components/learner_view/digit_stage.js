// The network on digits: the weights of each hidden unit as a picture, the reader's digit, and what goes wrong.

import { lut, rasterise } from "../shared/colours.js";
import { element } from "../shared/dom.js";
import { format } from "../shared/colours.js";

const SIDE = 28;

export class DigitStage {
  /**
   * @param {HTMLElement} host
   * @param {import("../shared/palette.js").Palette} palette
   */
  constructor(host, palette) {
    this.palette = palette;
    this.root = element("div", "lv-digit-stage");
    this.wall = element("section");
    this.wallTitle = element("h4");
    this.tiles = element("div", "lv-tiles");
    this.legend = element("p", "lv-said");
    this.wall.append(this.wallTitle, this.tiles, this.legend);
    this.reading = element("section");
    this.readingTitle = element("h4");
    this.seen = element("canvas", "lv-seen");
    this.bars = element("ol", "lv-bars");
    this.answer = element("p", "lv-said");
    this.answer.setAttribute("aria-live", "polite");
    const row = element("div", "lv-read");
    row.append(this.seen, this.bars);
    this.reading.append(this.readingTitle, row, this.answer);
    this.wrong = element("section");
    this.wrongTitle = element("h4");
    this.mistakes = element("div", "lv-mistakes");
    this.wrong.append(this.wrongTitle, this.mistakes);
    this.root.append(this.wall, this.reading, this.wrong);
    host.replaceChildren(this.root);
    this.cells = [];
  }

  /** @param {any} content a decoded frame @param {(key: string, values?: any) => string} text */
  receive(content, text) {
    this.content = content;
    this.text = text;
    const units = content.sizes.length > 2 ? content.sizes[1] : 10;
    if (this.cells.length !== units) {
      this.cells = Array.from({ length: units }, () => {
        const figure = element("figure");
        const canvas = Object.assign(element("canvas"), { width: SIDE, height: SIDE });
        canvas.setAttribute("role", "img");
        const caption = element("figcaption");
        figure.append(canvas, caption);
        return { figure, canvas, caption };
      });
      this.tiles.replaceChildren(...this.cells.map((cell) => cell.figure));
    }
    this.wallTitle.textContent =
      content.sizes.length > 2 ? text("What each hidden unit looks for: its 28 × 28 weights") : text("What each class looks for: its 28 × 28 weights");
    this.#read(content.reading);
    this.#mistakes(content.wrong);
  }

  /** @param {number} at the stage to draw */
  draw(at) {
    const { content, text } = this;
    const { pictures, pictureStages, pictureScales } = content.stages;
    let best = 0;
    pictureStages.forEach((stage, i) => {
      if (Math.abs(stage - at) < Math.abs(pictureStages[best] - at)) best = i;
    });
    const scale = pictureScales[best];
    const table = lut("weights", this.palette.theme.dark);
    const area = SIDE * SIDE;
    const linear = content.sizes.length === 2;
    this.cells.forEach(({ canvas, caption, figure }, unit) => {
      const offset = (best * this.cells.length + unit) * area;
      canvas.getContext("2d").putImageData(rasterise(pictures, offset, SIDE, SIDE, scale, scale, table), 0, 0);
      const value = content.reading?.hidden?.[unit];
      const name = linear ? String(unit) : `h${unit + 1}`;
      caption.textContent = value === undefined ? name : `${name} = ${format(value, 3)}`;
      canvas.setAttribute("aria-label", text("weights of {name}", { name: caption.textContent }));
      const peak = Math.max(1e-6, ...(content.reading?.hidden ?? [1]));
      figure.dataset.active = String(value !== undefined && value > 0.3 * peak);
    });
    this.legend.textContent = text("brown −{scale} · white 0 · green {scale}", { scale: format(scale, 3) });
  }

  #read(reading) {
    const { text } = this;
    this.readingTitle.textContent = text("Your digit, read by the network as it is now");
    if (!reading) {
      this.bars.replaceChildren();
      this.seen.hidden = true;
      this.answer.textContent = text("Draw a digit on the pad.");
      return;
    }
    this.seen.hidden = false;
    paint(this.seen, reading.picture, 0);
    this.seen.setAttribute("role", "img");
    this.seen.setAttribute("aria-label", text("what the network sees: 28 × 28 pixels"));
    const best = reading.probabilities.indexOf(Math.max(...reading.probabilities));
    this.bars.replaceChildren(
      ...Array.from(reading.probabilities, (p, value) => {
        const row = element("li");
        row.dataset.best = String(value === best);
        const track = element("span", "lv-track");
        const bar = element("i");
        bar.style.width = `${100 * p}%`;
        track.append(bar);
        row.append(element("b", "", String(value)), track, element("span", "lv-share", `${(100 * p).toFixed(1)} %`));
        return row;
      }),
    );
    this.answer.textContent = text("It reads {digit} ({share}).", { digit: best, share: `${(100 * reading.probabilities[best]).toFixed(1)} %` });
  }

  #mistakes({ pictures, labels, answers, count, total }) {
    const { text } = this;
    this.wrongTitle.textContent = text("Held-out digits it gets wrong: {count} of {total}", { count, total });
    this.mistakes.replaceChildren(
      ...Array.from(labels, (label, i) => {
        const figure = element("figure");
        const canvas = element("canvas");
        paint(canvas, pictures, i * SIDE * SIDE);
        const words = `${label} → ${answers[i]}`;
        canvas.setAttribute("role", "img");
        canvas.setAttribute("aria-label", words);
        figure.append(canvas, element("figcaption", "", words));
        return figure;
      }),
    );
  }
}

function paint(canvas, pixels, offset) {
  canvas.width = canvas.height = SIDE;
  const image = new ImageData(SIDE, SIDE);
  for (let i = 0; i < SIDE * SIDE; i++) {
    image.data.fill(pixels[offset + i], 4 * i, 4 * i + 3);
    image.data[4 * i + 3] = 255;
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
}
