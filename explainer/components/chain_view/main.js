// Gradients by layer on a logarithmic axis, and below them the values of every layer as strips of histograms.

import { Axes, plain, ticks } from "../shared/axes.js";
import { element } from "../shared/dom.js";
import { mount } from "../shared/mount.js";
import { Palette } from "../shared/palette.js";
import { prepare, write } from "../shared/sketch.js";
import { words } from "../shared/words.js";

const HEIGHT = 300;
const STRIP = 118;
const LEFT = 52;
const RIGHT = 12;
const DASHES = [[], [8, 4], [2, 3], [9, 3, 2, 3], [13, 4], [12, 3, 2, 3, 2, 3], [5, 2], [1, 4], [16, 3, 3, 3]];

/** A number of any size in four digits. @param {number} value */
export function sized(value) {
  if (value === 0) return "0";
  const size = Math.abs(value);
  const text = size >= 1e4 || size < 1e-3 ? value.toExponential(2) : String(Number(value.toPrecision(4)));
  return text.replace("e+", "e").replaceAll("-", "−");
}

class View {
  /** @param {HTMLElement} host */
  constructor(host) {
    this.host = host;
    this.palette = new Palette(host);
    this.layer = 1;
    this.title = element("h4");
    this.plot = element("canvas");
    this.plot.setAttribute("role", "img");
    this.slider = element("input");
    Object.assign(this.slider, { type: "range", min: "0", step: "1" });
    this.slider.addEventListener("input", () => this.#go(Number(this.slider.value)));
    this.place = element("output");
    const label = element("label", "ch-slider");
    label.append(this.place, this.slider);
    this.table = element("div", "ch-table");
    this.second = element("h4");
    this.strips = element("div", "ch-strips");
    const [top, left] = [element("div", "ch-top"), element("div", "ch-left")];
    left.append(this.title, this.plot, label);
    top.append(left, this.table);
    host.replaceChildren(top, this.second, this.strips);
    this.plotBox = left;
    this.#listen(this.plot);
    this.observer = new ResizeObserver(() => this.#draw());
    this.observer.observe(host);
  }

  destroy() {
    this.observer.disconnect();
  }

  themeChanged() {
    this.palette.refresh();
    this.#draw();
  }

  /** @param {any} content a decoded frame */
  receive(content) {
    const before = this.content?.chains[0]?.mean.length;
    this.content = content;
    this.text = words(content.texts);
    const { text } = this;
    const depth = content.chains[0].mean.length;
    if (before !== depth) this.layer = Math.min(this.layer, depth);
    this.slider.max = String(depth);
    this.slider.setAttribute("aria-label", text("layer"));
    this.title.textContent = text("Length of the gradient that reaches each layer, ‖∂L/∂h‖");
    this.second.textContent = text("Values in each layer, from the first on the left to the last on the right");
    this.pictures = content.chains.map((chain) => this.#strip(chain));
    this.strips.replaceChildren(...this.pictures.map((one) => one.root));
    this.#draw();
  }

  #listen(canvas) {
    const read = (event) => {
      const box = canvas.getBoundingClientRect();
      const share = (event.clientX - box.left - LEFT) / (box.width - LEFT - RIGHT);
      this.#go(Math.round(share * this.content.chains[0].mean.length));
    };
    canvas.addEventListener("pointermove", (event) => (event.pointerType === "mouse" || event.buttons) && read(event));
    canvas.addEventListener("pointerdown", read);
  }

  #go(layer) {
    this.layer = Math.max(0, Math.min(Number(this.slider.max), layer));
    this.#draw();
  }

  #strip(chain) {
    const root = element("figure");
    const caption = element("figcaption");
    const dot = element("i", "ch-dot");
    dot.style.background = chain.colour;
    const said = element("span");
    caption.append(dot, chain.name, said);
    const canvas = element("canvas");
    canvas.setAttribute("role", "img");
    this.#listen(canvas);
    root.append(caption, canvas);
    return { root, canvas, said, chain };
  }

  #draw() {
    if (!this.content) return;
    const { text } = this;
    this.#drawPlot();
    this.#fill();
    for (const one of this.pictures) this.#drawStrip(one);
    const said = this.layer ? text("layer {layer}", { layer: this.layer }) : text("the input");
    this.slider.value = String(this.layer);
    this.slider.setAttribute("aria-valuetext", said);
    this.place.textContent = said;
  }

  #drawPlot() {
    const { text } = this;
    const { chains, label } = this.content;
    const { theme } = this.palette;
    const width = Math.max(80, this.plotBox.clientWidth);
    const g = prepare(this.plot, width, HEIGHT);
    const depth = chains[0].mean.length;
    const known = chains.flatMap((one) => one.gradient.filter((value) => value > 0));
    const exponents = known.length ? known.map(Math.log10) : [-1, 0];
    const low = Math.floor(Math.min(-1, ...exponents));
    const high = Math.ceil(Math.max(0.3, ...exponents));
    const box = { left: LEFT, top: 10, width: width - LEFT - RIGHT, height: HEIGHT - 46 };
    const axes = new Axes(box, [0, depth], [10 ** low, 10 ** high], { log: true });
    const steps = ticks(0, depth, Math.min(depth, 8)).filter(Number.isInteger);
    axes.draw(g, theme, { x: steps, name: text("layer (0 is the input)") });
    g.strokeStyle = theme.muted;
    g.beginPath();
    g.moveTo(axes.px(this.layer), box.top);
    g.lineTo(axes.px(this.layer), box.top + box.height);
    g.stroke();
    for (const chain of chains) {
      g.strokeStyle = g.fillStyle = chain.colour;
      g.lineWidth = 2;
      g.setLineDash(DASHES[chain.dash % DASHES.length]);
      axes.path(g, (i) => i, chain.gradient);
      g.setLineDash([]);
      const value = chain.gradient[this.layer];
      g.beginPath();
      if (value > 0) g.arc(axes.px(this.layer), axes.py(value), 4.5, 0, 7);
      g.fill();
    }
    const said = chains.map((one) => `${one.name} ${sized(one.gradient[this.layer])}`);
    this.plot.setAttribute("aria-label", `${label}: ${text("layer")} ${this.layer}: ${said.join(", ")}`);
  }

  #fill() {
    const { text, layer } = this;
    const table = element("table");
    const head = table.createTHead().insertRow();
    const titles = ["", text("gradient here"), text("per layer"), text("mean"), text("std. dev."), text("silent units")];
    head.append(...titles.map((title) => element("th", "", title)));
    const body = table.createTBody();
    for (const chain of this.content.chains) {
      const row = body.insertRow();
      const name = row.insertCell();
      const dot = element("i", "ch-dot");
      dot.style.background = chain.colour;
      name.append(dot, chain.name);
      const { gradient, mean, deviation, silent } = chain;
      const depth = mean.length;
      const factor = gradient[0] > 0 ? `× ${sized((gradient[0] / gradient[depth]) ** (1 / depth))}` : "0";
      const inside = layer ? [sized(mean[layer - 1]), sized(deviation[layer - 1]), `${Math.round(100 * silent[layer - 1])} %`] : ["–", "–", "–"];
      for (const value of [sized(gradient[layer]), factor, ...inside]) row.insertCell().textContent = value;
    }
    this.table.replaceChildren(table, element("p", "ch-note", text("“Per layer” is the mean factor by which one layer changes the gradient on its way back. A unit is silent for an example when its derivative is below 0.01.")));
  }

  #drawStrip({ root, canvas, said, chain }) {
    const { text } = this;
    const { theme } = this.palette;
    const { mean, deviation, histogram, bins, low, high } = chain;
    const depth = mean.length;
    const width = Math.max(60, root.clientWidth);
    const g = prepare(canvas, width, STRIP);
    const picture = this.palette.keep(`strip/${chain.name}/${this.#mark(chain)}`, () => paint(histogram, depth, bins, this.palette.table("magnitude")));
    const box = { left: LEFT, top: 6, width: width - LEFT - RIGHT, height: STRIP - 12 };
    g.imageSmoothingEnabled = false;
    g.drawImage(picture, box.left, box.top, box.width, box.height);
    g.strokeStyle = theme.line;
    g.strokeRect(box.left - 0.5, box.top - 0.5, box.width + 1, box.height + 1);
    const ink = { size: 10.5, tone: "muted", align: /** @type {CanvasTextAlign} */ ("right") };
    write(g, plain(Number(high.toPrecision(2))), LEFT - 6, box.top + 9, theme, ink);
    write(g, plain(Number(low.toPrecision(2))), LEFT - 6, box.top + box.height, theme, ink);
    const zero = box.top + (box.height * high) / (high - low);
    if (zero > box.top + 18 && zero < box.top + box.height - 12) write(g, "0", LEFT - 6, zero + 4, theme, ink);
    if (this.layer) {
      const step = box.width / depth;
      g.strokeStyle = theme.text;
      g.lineWidth = 1.5;
      g.strokeRect(box.left + (this.layer - 1) * step, box.top, step, box.height);
    }
    const at = Math.max(1, this.layer) - 1;
    said.textContent = text("layer {layer}: {mean} ± {deviation}", { layer: at + 1, mean: sized(mean[at]), deviation: sized(deviation[at]) });
    canvas.setAttribute("aria-label", `${chain.name}, ${said.textContent}`);
  }

  #mark(chain) {
    return `${chain.mean.length}/${chain.high}/${chain.deviation.at(-1)}`;
  }
}

/** A column for each layer, the largest values on top; the darker, the more values. */
function paint(histogram, depth, bins, table) {
  const image = new ImageData(depth, bins);
  const out = new Uint32Array(image.data.buffer);
  for (let layer = 0; layer < depth; layer++) {
    for (let bin = 0; bin < bins; bin++) {
      const share = histogram[layer * bins + bin];
      out[(bins - 1 - bin) * depth + layer] = table[Math.round(1 + 254 * Math.min(1, Math.sqrt(share / 0.25)))];
    }
  }
  return image;
}

export default mount(".chain-view", View);
