// What the reader sees and does: the input on the left, the kernel, the output; below, one output worked out.

import { cellUnder } from "../shared/cells.js";
import { format } from "../shared/colours.js";
import { element } from "../shared/dom.js";
import { trimmed } from "../shared/numbers.js";
import { Palette } from "../shared/palette.js";
import { colourBar, prepare } from "../shared/sketch.js";
import { words } from "../shared/words.js";
import { Beams } from "./beams.js";
import { Brush } from "./brush.js";
import { convolve, weightIndex } from "./compute.js";
import { Edits, make } from "./edits.js";
import { drawField, kindAt } from "./field.js";
import { inputsOf, INPUT } from "./geometry.js";
import { FieldHands, ResultHands } from "./hands.js";
import { KernelPane } from "./kernel.js";
import { marksOf } from "./marks.js";
import { Matrix } from "./matrix.js";
import { Player } from "./player.js";
import { tell } from "./reading.js";
import { drawResult, outputsOf } from "./result.js";
import { Sums } from "./sums.js";
import { filterPeak, greyTone, peakOf, resultTone, signedTone } from "./tones.js";

const HEIGHT = 430;

export class View {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    root.classList.add("plain");
    /** @type {(name: string, value: unknown) => void} */
    this.tell = () => {};
    this.palette = new Palette(root);
    this.edits = new Edits((edits) => this.tell("edits", edits), root);
    /** @type {any} */
    this.state = { output: 0, channel: 0, nth: 0, at: { y: 0, x: 0 }, focus: { type: "output", y: 0, x: 0 }, version: 0 };
    this.#build();
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(root);
  }

  destroy() {
    this.player.pause();
    this.edits.stop();
    this.observer.disconnect();
  }

  themeChanged() {
    this.palette.refresh();
    this.state.base = this.state.resultBase = null;
    if (this.state.layer) this.#numbersChanged();
  }

  #build() {
    this.player = new Player({
      move: (by) => this.#slide(by),
      begin: (stay) => this.#begin(stay),
      finish: () => this.#finish(),
    });
    this.brush = new Brush(this);
    const tools = element("div", "cl-tools");
    tools.append(this.player.root, this.brush.root);
    this.field = this.#figure("cl-field");
    this.kernel = new KernelPane(this);
    this.result = this.#figure("cl-result");
    this.asColours = element("input");
    this.asColours.type = "checkbox";
    this.asColours.addEventListener("change", () => {
      this.state.mixing = this.asColours.checked;
      this.draw();
    });
    this.asColoursLabel = element("label", "cl-colours");
    this.asColoursText = element("span");
    this.asColoursLabel.append(this.asColours, this.asColoursText);
    this.result.root.append(this.asColoursLabel);
    this.stage = element("div", "cl-stage");
    this.beams = new Beams(this.stage);
    this.stage.append(this.field.root, this.kernel.root, this.result.root, this.beams.svg);
    this.reading = element("p", "cl-reading");
    this.reading.setAttribute("aria-live", "polite");
    this.sums = new Sums(this);
    this.matrix = new Matrix(this);
    this.root.replaceChildren(tools, this.stage, this.reading, this.sums.root, this.matrix.root);
    this.fieldHands = new FieldHands(this, this.field.canvas);
    this.resultHands = new ResultHands(this, this.result.canvas);
  }

  #figure(name) {
    const root = element("figure", name);
    const title = element("figcaption");
    const canvas = element("canvas");
    canvas.tabIndex = 0;
    canvas.setAttribute("role", "img");
    const legend = element("canvas", "cl-legend");
    legend.setAttribute("aria-hidden", "true");
    const marks = element("div", "cl-marks");
    root.append(title, canvas, legend, marks);
    return { root, title, canvas, legend, marks };
  }

  // --- new numbers -------------------------------------------------------------------------------------------------

  /** @param {any} frame a decoded frame */
  receive(frame) {
    const { state } = this;
    const layer = { ...frame, input: frame.input.slice(), weight: frame.weight.slice(), bias: frame.bias?.slice() ?? null };
    this.text = words(frame.texts);
    this.edits.seen(frame.serial);
    this.palette.refresh();
    state.palette = this.palette;
    state.layer = layer;
    state.values = frame.output.slice();
    state.exact = true;
    for (const edit of this.edits.pending) if (make(layer, edit)) state.exact = false;
    if (!state.exact) convolve(layer, state.values);
    state.output = Math.min(state.output, layer.outputs - 1);
    state.channel = Math.min(state.channel, layer.channels - 1);
    const clamp = (value, count) => Math.max(0, Math.min(count - 1, value));
    state.at = { y: clamp(state.at.y, layer.rows.out), x: clamp(state.at.x, layer.columns.out) };
    if (!this.seen) state.at = strongest(state.values, layer);
    this.seen = true;
    this.player.label(this.text);
    this.look(null);
    this.#numbersChanged();
  }

  /** The reader changes a number: shown at once, and told to the server. */
  edit(edit) {
    const { state } = this;
    this.edits.add(edit);
    if (!make(state.layer, edit)) return;
    state.exact = false;
    convolve(state.layer, state.values, edit.kind === "paint" ? undefined : [edit.output]);
    this.#numbersChanged();
  }

  #numbersChanged() {
    const { state } = this;
    const { layer } = state;
    state.version++;
    state.composite = layer.colour && state.whole !== false;
    state.tone = layer.grey ? greyTone() : signedTone(this.palette, peakOf(layer.input, 2));
    state.tones = Array.from({ length: layer.outputs }, (_, o) => resultTone(this.palette, layer, state.values, o));
    this.#chosen();
  }

  /** Which kernel is shown follows from the chosen input and output. */
  #chosen() {
    const { state } = this;
    const read = inputsOf(state.layer, state.output);
    state.nth = read.indexOf(state.channel);
    state.kernelPeak = filterPeak(state.layer, state.output);
    state.resultTone = state.tones[state.output];
    state.weightAt = (row, column) =>
      state.nth < 0 ? 0 : state.layer.weight[weightIndex(state.layer, state.output, state.nth, row, column)];
    this.kernel.update();
    this.brush.update(state.layer, this.text);
    this.draw();
  }

  chooseOutput(output, input) {
    const { state } = this;
    state.output = output;
    const read = inputsOf(state.layer, output);
    const wanted = input ?? state.channel;
    state.channel = read.includes(wanted) ? wanted : read[0];
    if (input !== undefined) state.whole = false;
    this.tell("look", { output, input: state.channel });
    this.#numbersChanged();
  }

  chooseInput(input) {
    const { state } = this;
    // The chosen colour of a photo chosen again: all three.
    state.whole = state.layer.colour && state.whole === false && state.channel === input;
    state.channel = input;
    if (!inputsOf(state.layer, state.output).includes(input)) {
      state.output = Array.from({ length: state.layer.outputs }, (_, o) => o).find((o) => inputsOf(state.layer, o).includes(input));
    }
    this.tell("look", { output: state.output, input });
    this.#numbersChanged();
  }

  // --- what is looked at -------------------------------------------------------------------------------------------

  /** Look at something; at nothing in particular: at the window's position. */
  look(focus) {
    const { state } = this;
    state.focus = focus ?? { type: "output", ...state.at };
    if (focus?.type === "output") state.at = { y: focus.y, x: focus.x };
    this.draw();
  }

  lookAtWeight({ row, column }) {
    const { layer } = this.state;
    const lying = layer.flip ? [layer.rows.kernel - 1 - row, layer.columns.kernel - 1 - column] : [row, column];
    this.look({ type: "weight", row: lying[0], column: lying[1], written: [row, column] });
  }

  /** The weights, as written, that what is looked at has to do with. */
  litWeights() {
    const { focus, layer } = this.state;
    const written = (row, column) => (layer.flip ? [layer.rows.kernel - 1 - row, layer.columns.kernel - 1 - column] : [row, column]);
    if (focus.type === "weight") return [focus.written];
    if (focus.type === "field") return outputsOf(this.state).map(({ row, column }) => written(row, column));
    return [];
  }

  #begin(stay = false) {
    this.state.sweep = true;
    if (!stay) this.state.at = { y: 0, x: 0 };
    this.look(null);
  }

  #finish() {
    this.state.sweep = false;
    this.look(null);
  }

  #slide(by) {
    const { state } = this;
    const { out: columns } = state.layer.columns;
    const now = state.at.y * columns + state.at.x + by;
    const last = state.layer.rows.out * columns - 1;
    const next = Math.max(0, Math.min(last, now));
    state.at = { y: Math.floor(next / columns), x: next % columns };
    this.look(null);
    return now < last;
  }

  // --- drawing -----------------------------------------------------------------------------------------------------

  draw() {
    if (!this.state.layer || this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      if (this.root.isConnected) this.#draw();
    });
  }

  #draw() {
    const { state, text } = this;
    const { layer } = state;
    const mixable = layer.grey && layer.outputs === 3;
    state.mixedOutput = mixable && (state.mixing ?? (layer.colour && layer.groups === 3));
    this.asColours.checked = state.mixedOutput;
    this.asColoursLabel.hidden = !mixable;
    this.asColoursText.textContent = text("as red, green, blue");
    const room = (figure) => Math.max(60, figure.root.clientWidth);
    this.fieldGrid = drawField(this.field.canvas, state, room(this.field), HEIGHT);
    this.resultGrid = drawResult(this.result.canvas, state, room(this.result), HEIGHT, Math.max(this.fieldGrid.size, 30));
    this.#captions();
    this.kernel.paint();
    const at = state.focus.type === "output" ? state.focus : state.at;
    this.sums.draw(at);
    this.matrix.draw();
    this.beams.draw(this);
    this.reading.textContent = tell(state, text);
    this.field.marks.replaceChildren(...marksOf(state, text));
  }

  #captions() {
    const { state, text } = this;
    const { layer } = state;
    const shape = (channels, height, width) => `${channels} × ${height} × ${width}`;
    const several = layer.channels > 1 && !state.composite ? ` · ${text("channel {channel}", { channel: state.channel })}` : "";
    this.field.title.textContent = `${text("Input")} ${shape(layer.channels, layer.height, layer.width)}${several}`;
    const which = layer.outputs > 1 && !state.mixedOutput ? ` · ${text("channel {channel}", { channel: state.output })}` : "";
    this.result.title.textContent = `${text("Output")} ${shape(layer.outputs, layer.rows.out, layer.columns.out)}${which}`;
    this.field.canvas.setAttribute("aria-label", text("The input with its padding. Arrow keys move; digits or Enter paint."));
    this.result.canvas.setAttribute("aria-label", text("The output. Arrow keys move the window, Space lets it slide."));
    const bar = (canvas, peak) => {
      const g = prepare(canvas, 180, 26);
      colourBar(g, this.palette, { x: 10, y: 2, w: 160, h: 7 }, trimmed(format(peak, 3)));
    };
    this.result.legend.hidden = state.resultTone.grey;
    if (!state.resultTone.grey) bar(this.result.legend, state.resultTone.peak);
    this.field.legend.hidden = state.tone.grey;
    if (!state.tone.grey) bar(this.field.legend, state.tone.peak);
  }

  /** The number of the input under a point of the field's canvas, or null. */
  fieldCell(event) {
    const box = this.field.canvas.getBoundingClientRect();
    return cellUnder(this.fieldGrid, event.clientX - box.left, event.clientY - box.top);
  }

  resultCell(event) {
    const box = this.result.canvas.getBoundingClientRect();
    return cellUnder(this.resultGrid, event.clientX - box.left, event.clientY - box.top);
  }

  /** The place in the input of a cell of the field; null for padding and holes. */
  inputAt({ row, column }) {
    const { layer } = this.state;
    return kindAt(layer, row, column) === INPUT ? { y: layer.rows.source[row], x: layer.columns.source[column] } : null;
  }
}

/** Where the first channel has its largest magnitude: there is something to see. */
function strongest(values, { rows, columns }) {
  let best = 0;
  for (let at = 0; at < rows.out * columns.out; at++) if (Math.abs(values[at]) > Math.abs(values[best])) best = at;
  return { y: Math.floor(best / columns.out), x: best % columns.out };
}
