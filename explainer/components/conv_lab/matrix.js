// Who is connected with whom: inputs above, outputs at the right, a kernel where an output reads an input.

import { boxOf, fillCells, outline } from "../shared/cells.js";
import { element } from "../shared/dom.js";
import { drawMap, fit, prepare, write } from "../shared/sketch.js";
import { inputsOf } from "./geometry.js";
import { filterPeak, signedTone } from "./tones.js";

const STEPS = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };
const LEFT = 6;
const TOP = 18;

export class Matrix {
  /** @param {any} view */
  constructor(view) {
    this.view = view;
    this.root = element("figure", "cl-matrix");
    this.title = element("figcaption");
    this.canvas = element("canvas");
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "img");
    this.canvas.addEventListener("click", (event) => this.#click(event));
    this.canvas.addEventListener("pointermove", (event) => this.#hover(event));
    this.canvas.addEventListener("pointerleave", () => this.#light(null));
    this.canvas.addEventListener("keydown", (event) => this.#onKey(event));
    this.note = element("p", "cl-note");
    this.root.append(this.title, this.canvas, this.note);
    this.lit = null;
  }

  draw() {
    const { state, text, root } = this.view;
    const { layer } = state;
    this.root.hidden = layer.channels * layer.outputs === 1;
    if (this.root.hidden) return;
    this.#tell();
    const cell = Math.max(18, Math.min(layer.outputs > 4 ? 46 : 58, Math.floor((root.clientWidth - 2 * LEFT - 24) / (layer.channels + 1.25))));
    const thumb = Math.max(26, Math.min(58, cell));
    this.place = { cell, thumb, x: LEFT, y: TOP + thumb + 10, right: LEFT + cell * layer.channels + 26 };
    const height = this.place.y + cell * layer.outputs + 6;
    const g = prepare(this.canvas, this.place.right + thumb + 8, height);
    this.#drawInputs(g);
    for (let o = 0; o < layer.outputs; o++) this.#drawRow(g, o);
    this.canvas.setAttribute(
      "aria-label",
      text("Kernels by input (across) and output (down). Input {input}, output {output} are chosen.", {
        input: state.channel,
        output: state.output,
      }),
    );
  }

  #tell() {
    const { state, text } = this.view;
    const { layer } = state;
    this.title.textContent = text("Channels: which output reads which input");
    const each = layer.channels / layer.groups;
    this.note.textContent =
      layer.groups === 1
        ? text("Every output has a kernel of its own for each of the {inputs} inputs and adds up what they give.", { inputs: layer.channels })
        : layer.groups === layer.channels
          ? text("Depthwise: every input has outputs of its own, nothing is mixed between channels.")
          : text("{groups} groups: an output reads only the {each} inputs of its group; the empty places have no weights.", { groups: layer.groups, each });
  }

  #drawInputs(g) {
    const { state } = this.view;
    const { layer, palette } = state;
    const { cell, thumb, x } = this.place;
    const read = new Set(inputsOf(layer, this.lit?.output ?? state.output));
    for (let i = 0; i < layer.channels; i++) {
      const box = fit(x + i * cell + (cell - thumb) / 2 + 1, TOP, thumb - 4, layer.width, layer.height);
      g.globalAlpha = read.has(i) ? 1 : 0.35;
      drawMap(g, this.#picture("in", i), box, palette.theme);
      g.globalAlpha = 1;
      if (i === state.channel) outline(g, grown(box), palette.theme.accent, palette.theme.back, 2);
      write(g, String(i), x + (i + 0.5) * cell, 11, palette.theme, { size: 10.5, align: "center", tone: "muted" });
    }
  }

  #drawRow(g, o) {
    const { state } = this.view;
    const { layer, palette } = state;
    const { theme } = palette;
    const { cell, thumb, x, y, right } = this.place;
    const chosen = o === (this.lit?.output ?? state.output);
    const read = inputsOf(layer, o);
    const each = read.length;
    const tone = signedTone(palette, filterPeak(layer, o), "weights");
    const middle = y + (o + 0.5) * cell;
    if (chosen) {
      g.fillStyle = theme.dark ? "rgba(111,177,245,0.14)" : "rgba(31,95,168,0.09)";
      g.fillRect(x + read[0] * cell, y + o * cell, each * cell, cell);
      g.strokeStyle = theme.accent;
      g.lineWidth = 1.25;
      g.beginPath();
      for (const i of read) {
        g.moveTo(x + (i + 0.5) * cell, y - 8);
        g.lineTo(x + (i + 0.5) * cell, y + o * cell);
      }
      g.moveTo(x + (read[each - 1] + 1) * cell, middle);
      g.lineTo(right - 14, middle);
      g.stroke();
    }
    for (let i = 0; i < layer.channels; i++) {
      const nth = i - read[0];
      if (nth < 0 || nth >= each) {
        g.fillStyle = theme.line;
        g.fillRect(x + (i + 0.5) * cell - 1, middle - 1, 2.5, 2.5);
        continue;
      }
      const [rows, columns] = [layer.rows.kernel, layer.columns.kernel];
      const side = (cell - 8) / Math.max(rows, columns);
      const grid = { x: x + (i + 0.5) * cell - (side * columns) / 2, y: middle - (side * rows) / 2, size: side, rows, columns };
      const first = (o * each + nth) * rows * columns;
      fillCells(g, grid, (r, c) => tone.colour(layer.weight[first + r * columns + c]));
      const box = boxOf(grid, 0, 0, rows - 1, columns - 1);
      if (o === state.output && i === state.channel) outline(g, grown(box), theme.accent, theme.back, 2);
      else {
        g.strokeStyle = theme.line;
        g.lineWidth = 1;
        g.strokeRect(box.x - 0.5, box.y - 0.5, box.w + 0.5, box.h + 0.5);
      }
    }
    const side = Math.min(thumb, cell) - 6;
    const box = fit(right, middle - side / 2, side, layer.columns.out, layer.rows.out);
    drawMap(g, this.#picture("out", o), box, theme);
    if (o === state.output) outline(g, grown(box), theme.accent, theme.back, 2);
    write(g, String(o), right - 8, middle + 4, theme, { size: 10.5, align: "center", tone: "muted" });
  }

  #picture(side, index) {
    const { state } = this.view;
    const { layer, values, tone, tones } = state;
    const [width, height] = side === "in" ? [layer.width, layer.height] : [layer.columns.out, layer.rows.out];
    const numbers = side === "in" ? layer.input : values;
    const used = side === "in" ? tone : tones[index];
    const key = `${side}/${index}/${state.version}/${layer.relu}`;
    return state.palette.keep(key, () => {
      const image = new ImageData(width, height);
      for (let at = 0; at < width * height; at++) {
        const value = numbers[index * width * height + at];
        const colour = used.colour(side === "out" && layer.relu ? Math.max(0, value) : value);
        image.data.set([...colour.slice(4, -1).split(",").map(Number), 255], 4 * at);
      }
      return image;
    });
  }

  // --- pointer and keys ---

  #at(event) {
    const { layer } = this.view.state;
    const box = this.canvas.getBoundingClientRect();
    const { x, y, cell, right } = this.place;
    const [px, py] = [event.clientX - box.left, event.clientY - box.top];
    const input = Math.floor((px - x) / cell);
    const output = Math.floor((py - y) / cell);
    return {
      input: input >= 0 && input < layer.channels && px < right - 14 ? input : null,
      output: py >= y && output < layer.outputs ? output : null,
    };
  }

  #click(event) {
    const { input, output } = this.#at(event);
    if (output !== null) this.view.chooseOutput(output, input ?? undefined);
    else if (input !== null) this.view.chooseInput(input);
  }

  #hover(event) {
    const { output } = this.#at(event);
    this.#light(output === null ? null : { output });
  }

  #light(lit) {
    if (lit?.output === this.lit?.output) return;
    this.lit = lit;
    this.draw();
  }

  #onKey(event) {
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    const { layer, output, channel } = this.view.state;
    const clamp = (value, count) => Math.max(0, Math.min(count - 1, value));
    if (step[0]) this.view.chooseOutput(clamp(output + step[0], layer.outputs));
    else this.view.chooseInput(clamp(channel + step[1], layer.channels));
  }
}

function grown({ x, y, w, h }) {
  return { x: x - 1.5, y: y - 1.5, w: w + 4, h: h + 4 };
}

