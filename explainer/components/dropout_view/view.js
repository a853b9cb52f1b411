// Rows of maps: the input, the mask of a draw, the output, the mean of the draws so far.

import { format, rasteriseFloat } from "../shared/colours.js";
import { element } from "../shared/dom.js";
import { iconButton, setIcon, setName } from "../shared/icons.js";
import { Palette } from "../shared/palette.js";
import { cellAt, colourBar, drawMap, mark, prepare } from "../shared/sketch.js";
import { words } from "../shared/words.js";
import { distances, dropped, meanOf } from "./draws.js";

const EVERY = 160;
const STEPS = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };
const ROWS = ["input", "mask", "output", "mean"];

export class View {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    root.classList.add("plain");
    this.palette = new Palette(root);
    this.draw = 1;
    this.training = true;
    this.place = null;
    this.#build();
    this.observer = new ResizeObserver(() => this.#paint());
    this.observer.observe(root);
  }

  destroy() {
    this.observer.disconnect();
    this.#stop();
  }

  themeChanged() {
    this.palette.refresh();
    this.#paint();
  }

  /** @param {any} content */
  receive(content) {
    this.content = content;
    this.text = words(content.text);
    const size = content.height * content.width;
    this.count = content.masks.length / content.x.length;
    this.draw = Math.min(this.draw, this.count);
    this.slider.max = String(this.count);
    this.distances = distances(content.x, content.masks, content.p);
    this.maps = content.x.length / size;
    this.place ??= largest(content.x.subarray(0, size), content.width);
    this.palette.cache.clear();
    this.#fill();
    this.#paint();
  }

  #build() {
    this.tools = element("div", "dv-tools");
    this.play = iconButton("play", () => (this.timer ? this.#stop() : this.#start()), true);
    this.slider = element("input");
    this.slider.type = "range";
    this.slider.min = "1";
    this.slider.addEventListener("input", () => {
      this.draw = Number(this.slider.value);
      this.#stop();
    });
    this.count = 1;
    this.label = element("span", "dv-label");
    this.mode = element("span", "dv-mode");
    this.mode.setAttribute("role", "radiogroup");
    this.modes = [true, false].map((training) => {
      const button = element("button");
      button.setAttribute("role", "radio");
      button.addEventListener("click", () => {
        this.training = training;
        this.#stop();
        this.#paint();
      });
      this.mode.append(button);
      return button;
    });
    this.tools.append(this.mode, this.play, this.slider, this.label);
    this.grid = element("div", "dv-grid");
    this.grid.tabIndex = 0;
    this.grid.setAttribute("role", "group");
    this.line = element("p", "dv-line");
    this.line.setAttribute("aria-live", "polite");
    this.legend = element("canvas", "dv-legend");
    this.legend.setAttribute("aria-hidden", "true");
    this.chart = element("canvas", "dv-chart");
    this.chart.setAttribute("role", "img");
    const foot = element("div", "dv-foot");
    foot.append(this.line, this.legend);
    this.root.replaceChildren(this.tools, this.grid, foot, this.chart);
    this.grid.addEventListener("pointermove", (event) => this.#point(event));
    this.grid.addEventListener("pointerdown", (event) => this.#point(event));
    this.grid.addEventListener("keydown", (event) => this.#onKey(event));
  }

  #fill() {
    const { text } = this;
    const [training, evaluation] = this.modes;
    training.textContent = text("training");
    evaluation.textContent = text("evaluation");
    this.slider.setAttribute("aria-label", text("Number of the draw"));
    this.grid.setAttribute("aria-label", text("Maps before and after dropout. Arrow keys move the place, Space draws again."));
    const titles = {
      input: text("input x"),
      mask: text("mask"),
      output: text("output"),
      mean: text("mean of the draws so far"),
    };
    this.canvases = ROWS.map((row) => Array.from({ length: this.maps }, () => element("canvas", `dv-${row}`)));
    this.titles = ROWS.map((row) => element("span", "dv-title", titles[row]));
    this.grid.replaceChildren(
      ...ROWS.flatMap((_, index) => {
        const line = element("div", "dv-row");
        line.append(this.titles[index], ...this.canvases[index]);
        return [line];
      }),
    );
  }

  // --- the draw and the place ----------------------------------------------------------------------------------------

  #start() {
    if (this.draw >= this.count) this.draw = 1;
    this.timer = setInterval(() => {
      if (this.draw >= this.count) return this.#stop();
      this.draw++;
      this.#paint();
    }, EVERY);
    this.#paint();
  }

  #stop() {
    clearInterval(this.timer);
    this.timer = undefined;
    this.#paint();
  }

  /** @param {PointerEvent} event */
  #point(event) {
    const target = event.composedPath()[0];
    for (const row of this.canvases ?? []) {
      const map = row.indexOf(/** @type {HTMLCanvasElement} */ (target));
      if (map < 0) continue;
      const box = row[map].getBoundingClientRect();
      const cell = cellAt({ x: 0, y: 0, w: box.width, h: box.height }, this.content, event.clientX - box.left, event.clientY - box.top, 2);
      if (!cell) return;
      this.place = { map, ...cell };
      this.#paint();
      return;
    }
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (!this.content || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = STEPS[event.key];
    const { height, width } = this.content;
    if (step) {
      const x = this.place.x + step[1];
      const map = Math.max(0, Math.min(this.maps - 1, this.place.map + (x < 0 ? -1 : x >= width ? 1 : 0)));
      const moved = map !== this.place.map;
      this.place = { map, y: Math.max(0, Math.min(height - 1, this.place.y + step[0])), x: moved ? (x + width) % width : Math.max(0, Math.min(width - 1, x)) };
    } else if (event.key === " ") this.draw = (this.draw % this.count) + 1;
    else return;
    event.preventDefault();
    this.#paint();
  }

  // --- drawing -------------------------------------------------------------------------------------------------------

  #paint() {
    const { content, text } = this;
    if (!content || !this.root.clientWidth) return;
    this.modes.forEach((button, index) => button.setAttribute("aria-checked", String(this.training === (index === 0))));
    for (const one of [this.play, this.slider, this.label, this.chart]) one.hidden = !this.training;
    this.canvases.forEach((_, index) => (this.titles[index].parentElement.hidden = !this.training && index !== 0 && index !== 2));
    this.slider.value = String(this.draw);
    setIcon(this.play, this.timer ? "pause" : "play");
    setName(this.play, this.timer ? text("Pause") : text("Play"));
    this.label.textContent = text("draw {draw} of {count}", { draw: this.draw, count: this.count });
    const { x, masks, p } = content;
    const output = this.training ? dropped(x, masks, this.draw - 1, p) : x;
    const mean = this.training ? meanOf(x, masks, this.draw, p) : x;
    // The largest input has the full colour; what dropout makes still larger has it, too.
    this.peak = x.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const narrow = this.root.clientWidth < 700;
    const room = this.root.clientWidth - (narrow ? 0 : 150);
    const side = Math.max(40, Math.min(104, Math.floor(room / this.maps) - 10));
    const size = content.height * content.width;
    const mask = masks.subarray((this.draw - 1) * x.length, this.draw * x.length);
    [x, mask, output, mean].forEach((values, row) => {
      if (!this.training && row !== 0 && row !== 2) return;
      for (let map = 0; map < this.maps; map++) this.#map(this.canvases[row][map], values.subarray(map * size, (map + 1) * size), side, row === 1, map);
    });
    colourBar(prepare(this.legend, 140, 26), this.palette, { x: 4, y: 3, w: 132, h: 6 }, format(this.peak, 3));
    this.#tell(output, mean);
    if (this.training) this.#drawChart();
  }

  #map(canvas, values, side, isMask, map) {
    const { content, palette } = this;
    const { height, width } = content;
    const box = { x: 0, y: 0, w: side, h: Math.round((side * height) / width) };
    const g = prepare(canvas, box.w, box.h);
    if (isMask) {
      const w = box.w / width;
      const h = box.h / height;
      for (let i = 0; i < values.length; i++) {
        g.fillStyle = values[i] ? palette.theme.accent : palette.theme.soft;
        g.globalAlpha = values[i] ? 0.75 : 1;
        g.fillRect((i % width) * w + 0.5, Math.floor(i / width) * h + 0.5, w - 1, h - 1);
      }
      g.globalAlpha = 1;
    } else {
      const image = rasteriseFloat(values, 0, width, height, this.peak, palette.table("signed"));
      const picture = document.createElement("canvas");
      picture.width = width;
      picture.height = height;
      picture.getContext("2d").putImageData(image, 0, 0);
      drawMap(g, picture, box, palette.theme);
    }
    if (map === this.place.map) mark(g, box, content, [this.place.y, this.place.x, this.place.y, this.place.x], palette.theme);
  }

  #tell(output, mean) {
    const { content, text, place } = this;
    const { x, masks, p, height, width } = content;
    const at = (place.map * height + place.y) * width + place.x;
    const kept = masks[(this.draw - 1) * x.length + at];
    const where = text("map {map}, row {y}, column {x}:", { map: place.map, y: place.y, x: place.x });
    const sum = this.training
      ? `${format(x[at], 4)} × ${kept} / (1 − ${p}) = ${format(output[at], 4)}`
      : text("{value} stays {value}: nothing is dropped and nothing scaled", { value: format(x[at], 4) });
    const after = this.training ? text("mean of {count} draws: {mean}", { count: this.draw, mean: format(mean[at], 4) }) : "";
    this.line.replaceChildren(`${where} `, element("strong", "", sum), after ? `   ${after}` : "");
  }

  #drawChart() {
    const { palette, text } = this;
    const width = Math.min(760, this.root.clientWidth);
    const height = 110;
    const g = prepare(this.chart, width, height);
    const box = { x: 8, y: 22, w: width - 16, h: height - 30 };
    const most = Math.max(...this.distances, 1e-9);
    const toX = (/** @type {number} */ draw) => box.x + ((draw - 1) / Math.max(1, this.count - 1)) * box.w;
    const toY = (/** @type {number} */ value) => box.y + box.h - (value / most) * box.h;
    g.strokeStyle = palette.theme.line;
    g.strokeRect(box.x + 0.5, box.y + 0.5, box.w, box.h);
    g.strokeStyle = palette.theme.accent;
    g.lineWidth = 1.8;
    g.beginPath();
    this.distances.forEach((value, index) => (index ? g.lineTo(toX(index + 1), toY(value)) : g.moveTo(toX(1), toY(value))));
    g.stroke();
    g.fillStyle = palette.theme.accent;
    g.beginPath();
    g.arc(toX(this.draw), toY(this.distances[this.draw - 1]), 4, 0, 7);
    g.fill();
    const title = text("Distance of the mean from x, on average: {now} after {count} draws", { now: format(this.distances[this.draw - 1], 3), count: this.draw });
    g.font = `12px ${palette.theme.font}`;
    g.fillStyle = palette.theme.muted;
    g.fillText(title, box.x, 13);
    this.chart.setAttribute("aria-label", title);
  }
}

/** Where the largest number of the first map stands. @param {Float32Array} map @param {number} width */
function largest(map, width) {
  const at = map.indexOf(map.reduce((most, value) => Math.max(most, value), -Infinity));
  return { map: 0, y: Math.floor(at / width), x: at % width };
}
