// One-dimensional convolution to touch: what the reader sets is shown at once, and computed again by conv1d.

import { element } from "../shared/dom.js";
import { iconButton, setIcon, setName } from "../shared/icons.js";
import { bracketed, brief } from "../shared/numbers.js";
import { Palette } from "../shared/palette.js";
import { Postponed } from "../shared/postponed.js";
import { colourBar, prepare, write } from "../shared/sketch.js";
import { words } from "../shared/words.js";
import { Controls } from "./controls.js";
import { Matrix } from "./matrix.js";
import { Pattern } from "./pattern.js";
import { Player } from "./player.js";
import { Plot } from "./plot.js";
import { likenessOf, matrixOf, outputOf, problemOf, reachOf, spanOf, spaced, termsOf } from "./slide.js";
import { Stage } from "./stage.js";

const PANELS = ["pattern", "plot", "matrix"];
/** The server is told of the last of quick changes, and of a place once the window rests: after milliseconds. */
const QUICK = 90;
const REST = 450;
const SPEEDS = [0.5, 1, 2, 4];

export class View {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    /** @type {(ask: object) => void} */
    this.send = () => {};
    this.serial = 0;
    this.panel = PANELS[0];
    this.text = words({});
    this.palette = new Palette(root);
    this.asking = new Postponed(root, () => this.#tell());
    this.player = new Player(
      () => ({ places: this.output?.length ?? 0, terms: this.line?.kernel.length ?? 0 }),
      () => this.#show(),
      () => this.#transport(),
    );
    this.#build();
    this.sizes = new ResizeObserver(() => this.line && this.#show());
    this.sizes.observe(root);
  }

  destroy() {
    this.asking.drop();
    this.player.destroy();
    this.sizes.disconnect();
  }

  themeChanged() {
    this.palette.refresh();
    if (this.line) this.#show();
  }

  /** @param {any} frame a decoded one */
  receive(frame) {
    this.text = words(frame.texts);
    this.presets = frame.presets;
    this.#label(frame.label);
    if (frame.serial >= this.serial) {
      // An answer to an earlier question never takes back what the reader has done since.
      this.serial = frame.serial;
      this.line = frame.line;
      this.panel = frame.panel;
      this.truth = frame;
      this.#compute();
      if (!this.player.playing) this.player.place = Math.max(0, Math.min(this.output.length - 1, frame.place));
    }
    this.#update();
  }

  // --- what is there ---------------------------------------------------------------------------------------------

  #build() {
    this.chips = element("div", "lv-presets");
    this.chips.setAttribute("role", "group");
    this.note = element("p", "lv-note");
    this.controls = new Controls((change) => this.change(change), () => this.#take(this.presets[0]));
    this.stage = new Stage(this.palette, { edit: (row, index, value) => this.edit(row, index, value), go: (place) => this.go(place) });
    this.stageBox = element("div", "lv-stage-box");
    this.stageBox.tabIndex = 0;
    this.stageBox.setAttribute("role", "group");
    this.stageBox.append(this.stage.root);
    this.stageBox.addEventListener("keydown", (event) => this.#key(event));
    this.problem = element("p", "lv-problem");
    this.problem.setAttribute("role", "alert");

    this.bar = element("div", "lv-transport");
    this.play = iconButton("play", () => this.player.toggle(), true);
    this.back = iconButton("back", () => this.go(this.player.place - 1));
    this.forth = iconButton("on", () => this.go(this.player.place + 1));
    this.scrub = element("input", "lv-scrub");
    this.scrub.type = "range";
    this.scrub.min = "0";
    this.scrub.addEventListener("input", () => this.go(Number(this.scrub.value)));
    this.speed = element("select", "lv-select");
    for (const speed of SPEEDS) this.speed.append(new Option(`${speed}×`, String(speed), speed === 1, speed === 1));
    this.speed.addEventListener("change", () => (this.player.speed = Number(this.speed.value)));
    this.legends = [element("canvas", "lv-legend"), element("canvas", "lv-legend")];
    this.bar.append(this.back, this.play, this.forth, this.scrub, this.speed, ...this.legends);

    this.sum = element("p", "lv-sum");
    this.sum.setAttribute("aria-live", "polite");
    this.size = element("p", "lv-size");
    this.check = element("p", "lv-check");
    const words = element("div", "lv-words");
    words.append(this.sum, this.size, this.check);

    this.switch = element("div", "lv-switch lv-panels");
    this.switch.setAttribute("role", "radiogroup");
    this.options = PANELS.map((panel) => {
      const option = element("button", "lv-option");
      option.setAttribute("role", "radio");
      option.addEventListener("click", () => this.#choose(panel));
      option.addEventListener("keydown", (event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (!step) return;
        event.preventDefault();
        const next = (PANELS.indexOf(panel) + step + PANELS.length) % PANELS.length;
        this.#choose(PANELS[next]);
        this.options[next].focus();
      });
      return option;
    });
    this.switch.append(...this.options);
    this.panels = {
      pattern: new Pattern(this.palette, (place) => this.go(place)),
      plot: new Plot(this.palette, (place) => this.go(place)),
      matrix: new Matrix(this.palette, (place) => this.go(place)),
    };
    this.panelBox = element("div", "lv-panel");
    const main = element("div", "lv-main");
    main.append(this.stageBox, words);
    this.root.replaceChildren(this.chips, this.note, this.controls.root, main, this.problem, this.bar, this.switch, this.panelBox);
  }

  #label(label) {
    const { text } = this;
    this.root.setAttribute("aria-label", label);
    this.stageBox.setAttribute("aria-label", text("Data, kernel, products, output. Left and right move the window, Space plays."));
    this.chips.setAttribute("aria-label", text("Examples"));
    this.switch.setAttribute("aria-label", text("Shown below"));
    this.speed.setAttribute("aria-label", text("Speed"));
    this.scrub.setAttribute("aria-label", text("Place of the window"));
    this.back.setAttribute("aria-label", text("One place back"));
    this.forth.setAttribute("aria-label", text("One place on"));
    const names = { pattern: text("Pattern detector"), plot: text("Curves"), matrix: text("Matrix") };
    this.options.forEach((option, i) => (option.textContent = names[PANELS[i]]));
    this.chips.replaceChildren(
      ...this.presets.map((preset) => {
        const chip = element("button", "lv-chip", preset.title);
        chip.dataset.key = preset.key;
        chip.addEventListener("click", () => this.#take(preset));
        return chip;
      }),
    );
  }

  // --- what the reader does --------------------------------------------------------------------------------------

  /** @param {Partial<import("./slide.js").Line>} change */
  change(change) {
    this.player.stop();
    this.line = { ...this.line, ...change };
    this.#compute();
    this.player.place = Math.max(0, Math.min(this.output.length - 1, this.player.place));
    this.#update();
    this.#ask(QUICK);
  }

  #take(preset) {
    this.panel = preset.panel;
    this.player.stop();
    this.player.place = 0;
    this.change({ ...preset.line });
  }

  edit(row, index, value) {
    const values = [...this.line[row]];
    if (values[index] === value) return;
    values[index] = value;
    this.change({ [row]: values });
  }

  go(place) {
    this.player.go(place);
    this.#ask(REST);
  }

  #choose(panel) {
    this.panel = panel;
    this.#update();
    this.#ask(QUICK);
  }

  #key(event) {
    if (event.target !== this.stageBox || event.ctrlKey || event.metaKey || event.altKey) return;
    const { place } = this.player;
    const acts = {
      ArrowRight: () => this.go(place + 1),
      ArrowLeft: () => this.go(place - 1),
      Home: () => this.go(0),
      End: () => this.go(this.output.length - 1),
      " ": () => this.player.toggle(),
      Enter: () => this.stage.cells.find((cell) => cell instanceof HTMLInputElement && cell.classList.contains("lv-under"))?.focus(),
      Escape: () => this.player.stop(),
    };
    if (!acts[event.key]) return;
    event.preventDefault();
    acts[event.key]();
  }

  #ask(after) {
    this.serial = Math.max(Date.now(), this.serial + 1);
    this.asking.after(after);
  }

  #tell() {
    const { line, panel, serial } = this;
    this.send({ ...line, data: spaced(line.data), kernel: spaced(line.kernel), flip: line.flip ? "1" : "0", w: this.player.place, show: panel, serial });
  }

  // --- what is shown ---------------------------------------------------------------------------------------------

  /** The numbers: the tensors' where the server has answered this very question, else the browser's own. */
  #compute() {
    const { line, truth } = this;
    const own = { output: outputOf(line), matrix: matrixOf(line).flat(), likeness: likenessOf(line) };
    this.answered = truth && truth.serial === this.serial && same(truth.line, line);
    const found = this.answered ? truth : own;
    this.difference = this.answered ? own.output.reduce((most, value, j) => Math.max(most, Math.abs(value - truth.output[j])), 0) : NaN;
    Object.assign(this, { output: found.output, matrix: found.matrix, likeness: found.likeness });
  }

  #update() {
    const { line, text } = this;
    this.controls.update(line, text);
    const preset = this.presets.find((one) => same({ ...one.line, flip: line.flip }, line));
    for (const chip of this.chips.children) chip.setAttribute("aria-pressed", String(chip.dataset.key === preset?.key));
    this.note.textContent = preset?.note ?? text("Your own line. Every cell can be typed in; the arrow keys count up and down.");
    this.options.forEach((option, i) => {
      option.setAttribute("aria-checked", String(PANELS[i] === this.panel));
      option.tabIndex = PANELS[i] === this.panel ? 0 : -1;
    });
    const shown = this.panels[this.panel];
    const node = shown.root ?? shown.canvas;
    if (this.panelBox.firstChild !== node) this.panelBox.replaceChildren(node);
    this.problem.textContent = this.#problem();
    this.panelBox.hidden = this.switch.hidden = !this.output.length;
    this.play.disabled = !this.output.length;
    this.#tellSize();
    this.check.textContent = this.answered && this.output.length ? text("conv1d computed these {count} numbers; adding them up here differs by {error} at most.", { count: this.output.length, error: this.difference < 1e-12 ? "0" : this.difference.toExponential(0) }) : "";
    this.#show();
  }

  #problem() {
    const { line, text } = this;
    const values = { padding: line.padding, count: line.data.length, reach: reachOf(line), span: spanOf(line) };
    const found = problemOf(line);
    if (found === "reflect") return text("Reflecting needs more data than padding: {padding} cells cannot be mirrored from {count} values.", values);
    if (found === "circular") return text("Going round needs as much data as padding: {padding} cells cannot be taken from {count} values.", values);
    return found ? text("The kernel reaches over {reach} cells, but there are only {span}: add data or padding.", values) : "";
  }

  #tellSize() {
    const { line, text } = this;
    const { data, kernel, stride, padding, dilation } = line;
    const above = `${data.length} + 2·${padding} − ${dilation}·(${kernel.length} − 1) − 1`;
    const exact = (spanOf(line) - reachOf(line)) / stride;
    const down = Number.isInteger(exact) ? "" : ` = ⌊${brief(exact, 5)}⌋ + 1`;
    const size = Math.floor(exact) + 1;
    this.size.replaceChildren(element("span", "lv-label", text("Size of the output")), ` ⌊(${above}) / ${stride}⌋ + 1${down} = `, element("b", "", brief(size, 5)));
  }

  /** Everything that moves with the window. */
  #show() {
    const { line, output, matrix, likeness, text, player } = this;
    if (!line || !this.root.clientWidth) return;
    const { place, shown, playing } = player;
    const terms = line.kernel.length;
    const known = playing ? place + (shown > terms ? 1 : 0) : output.length;
    this.stage.update({ line, output, place, shown, playing, text });
    this.scrub.max = String(Math.max(0, output.length - 1));
    this.scrub.value = String(place);
    this.scrub.disabled = output.length < 2;
    this.back.disabled = place <= 0;
    this.forth.disabled = place >= output.length - 1;
    this.#tellSum(place, shown);
    this.panels[this.panel].draw({ line, output, matrix, likeness, place, known, text }, this.panelBox.clientWidth);
    this.#transport();
    this.#drawLegends();
  }

  #tellSum(place, shown) {
    const { line, output } = this;
    if (!output.length) return void this.sum.replaceChildren();
    const parts = [element("span", "lv-label", `y[${place}] =`), " "];
    termsOf(line, place).forEach(({ value, weight, product }, k) => {
      const term = element("span", `lv-term ${product < 0 ? "lv-minus" : product > 0 ? "lv-up" : "lv-zero"}`, `${bracketed(value)}·${bracketed(weight)}`);
      term.classList.toggle("lv-later", k >= shown);
      parts.push(...(k ? [" + ", term] : [term]));
    });
    const total = element("b", "", brief(output[place], 5));
    if (shown <= line.kernel.length) total.className = "lv-later";
    this.sum.replaceChildren(...parts, " = ", total);
  }

  #transport() {
    const { text } = this;
    const { playing } = this.player;
    setIcon(this.play, playing ? "pause" : "play");
    setName(this.play, playing ? text("Pause") : text("Play"));
    this.root.classList.toggle("lv-playing", playing);
    this.sum.setAttribute("aria-live", playing ? "off" : "polite");
  }

  #drawLegends() {
    const { peaks } = this.stage;
    const bars = [["signed", peaks.values, "x, y"], ["weights", peaks.kernel, "w"]];
    this.legends.forEach((canvas, i) => {
      const [map, peak, name] = bars[i];
      const left = 12 + 7 * name.length;
      const g = prepare(canvas, left + 92, 26);
      write(g, name, 0, 11, this.palette.theme, { size: 11.5, tone: "muted", weight: 600 });
      colourBar(g, this.palette, { x: left, y: 3, w: 90, h: 7 }, brief(peak, 3), map);
      canvas.setAttribute("aria-hidden", "true");
    });
  }
}

function same(a, b) {
  return a.data.length === b.data.length && a.kernel.length === b.kernel.length && a.data.every((value, i) => value === b.data[i]) &&
    a.kernel.every((value, i) => value === b.kernel[i]) && ["stride", "padding", "dilation", "mode", "flip"].every((name) => a[name] === b[name]);
}
