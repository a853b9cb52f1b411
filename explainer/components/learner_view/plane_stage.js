// The network on points in the plane: diagram, surface, and points that the reader paints.

import { format } from "../shared/colours.js";
import { element } from "../shared/dom.js";
import { colourBar, prepare, write } from "../shared/sketch.js";
import { Diagram, SIDE as SMALL } from "./diagram.js";
import { grid, parameters, probability, respond, unpack } from "./forward.js";
import { Plane, SIDE as LARGE } from "./plane.js";
import { Heads } from "./heads.js";
import { Painter } from "./painter.js";

export class PlaneStage {
  /**
   * @param {HTMLElement} host
   * @param {import("../shared/palette.js").Palette} palette
   * @param {() => void} redraw
   */
  constructor(host, palette, redraw) {
    this.palette = palette;
    this.redraw = redraw;
    this.root = element("div", "lv-plane-stage");
    this.left = this.root.appendChild(element("div", "lv-diagram"));
    this.heads = new Heads(this.left);
    this.right = this.root.appendChild(element("div", "lv-plane"));
    this.diagram = new Diagram(this.left, palette);
    this.plane = new Plane(this.right, palette);
    this.legend = this.right.appendChild(element("canvas"));
    this.legend.setAttribute("aria-hidden", "true");
    this.painter = new Painter(this.right, () => redraw());
    this.said = element("p", "lv-said");
    this.said.setAttribute("aria-live", "polite");
    host.replaceChildren(this.root, this.said);
    /** @type {import("./diagram.js").Unit|null} */
    this.pinned = null;
    this.hovered = null;
    this.edge = null;
    this.pointer = null;
    this.#listen();
  }

  #listen() {
    const { canvas } = this.diagram;
    const under = (event) => {
      const box = canvas.getBoundingClientRect();
      return [event.clientX - box.left, event.clientY - box.top];
    };
    canvas.addEventListener("pointermove", (event) => {
      this.hovered = this.diagram.at(...under(event));
      this.edge = this.hovered ? null : this.diagram.edgeAt(...under(event));
      this.redraw();
    });
    canvas.addEventListener("pointerleave", () => {
      this.hovered = this.edge = null;
      this.redraw();
    });
    canvas.addEventListener("click", (event) => {
      const found = this.diagram.at(...under(event));
      this.pinned = found && this.pinned && found.layer === this.pinned.layer && found.unit === this.pinned.unit ? null : found;
      this.redraw();
    });
    canvas.addEventListener("keydown", (event) => this.#key(event));
    const surface = this.plane.canvas;
    surface.addEventListener("pointermove", (event) => {
      this.pointer = this.plane.place(event, this.content.reach);
      this.painter.move(event, this.pointer);
      this.redraw();
    });
    surface.addEventListener("pointerdown", (event) => {
      this.pointer = this.plane.place(event, this.content.reach);
      if (this.painter.down(event, this.pointer)) surface.setPointerCapture(event.pointerId);
      this.redraw();
    });
    for (const end of ["pointerup", "pointercancel"]) surface.addEventListener(end, () => this.painter.up());
    surface.addEventListener("pointerleave", () => {
      this.pointer = null;
      this.redraw();
    });
    surface.addEventListener("keydown", (event) => {
      const step = this.content.reach / 20;
      const move = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] }[event.key];
      if (event.key === "Escape") this.pointer = null;
      else if ((event.key === "Enter" || event.key === " ") && this.pointer) this.painter.put(this.pointer);
      else if (move) {
        const limit = (value) => Math.max(-this.content.reach, Math.min(this.content.reach, value));
        const from = this.pointer ?? { x: 0, y: 0 };
        this.pointer = { x: limit(from.x + move[0]), y: limit(from.y + move[1]) };
      } else return;
      event.preventDefault();
      this.redraw();
    });
  }

  #key(event) {
    const { sizes } = this.content;
    const at = this.pinned ?? { layer: 1, unit: -1 };
    const last = sizes.length - 2;
    if (event.key === "Escape") this.pinned = null;
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const layer = Math.min(at.layer, last);
      const unit = at.unit + (event.key === "ArrowDown" ? 1 : -1);
      this.pinned = { layer, unit: Math.max(0, Math.min(sizes[layer] - 1, unit)) };
    } else if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
      const layer = Math.max(0, Math.min(last, at.layer + (event.key === "ArrowRight" ? 1 : -1)));
      this.pinned = { layer, unit: Math.max(0, Math.min(sizes[layer] - 1, at.unit)) };
    } else return;
    event.preventDefault();
    this.redraw();
  }

  /** @param {any} content a decoded frame @param {(key: string, values?: any) => string} text */
  receive(content, text) {
    this.content = content;
    this.text = text;
    this.heads.receive(content.sizes, text);
    this.painter.receive(content, text);
    const { sizes } = content;
    if (this.pinned && (this.pinned.layer > sizes.length - 2 || this.pinned.unit >= sizes[this.pinned.layer])) this.pinned = null;
    this.small = grid(SMALL, content.reach);
    this.large = grid(LARGE, content.reach);
    this.diagram.canvas.setAttribute("aria-label", text("The network. Arrow keys choose a unit, Escape lets go."));
    this.plane.canvas.setAttribute(
      "aria-label",
      text("The plane with the points. Arrow keys move a probe, Enter puts a point where a brush is chosen."),
    );
  }

  /** @param {number} at the stage to draw */
  draw(at) {
    const { content } = this;
    const { sizes, activation } = content;
    const count = parameters(sizes);
    const row = content.stages.weights.subarray(at * count, (at + 1) * count);
    const layers = unpack(sizes, row);
    const whole = this.root.clientWidth;
    const stacked = whole < 720;
    this.root.dataset.stacked = String(stacked);
    const side = stacked ? Math.min(whole, 400) : Math.min(400, whole * 0.36);
    this.right.style.width = `${side}px`;
    const width = stacked ? whole : whole - side;
    const most = Math.max(...sizes.slice(0, -1));
    const height = stacked ? Math.max(200, Math.min(400, 80 + most * 44)) : side;
    this.diagram.layout(sizes, width, height);
    this.heads.place(this.diagram, width);
    const answers = [this.small, ...respond(layers, activation, this.small)];
    const peaks = answers.map((units) => units.map((values) => peakOf(values, activation)));
    peaks[0] = peaks[0].map(() => content.reach);
    const chosen = this.hovered ?? this.pinned;
    const probe = this.pointer && respondAt(layers, activation, this.pointer);
    this.diagram.draw(answers, peaks, layers, {
      chosen,
      edge: this.edge,
      values: probe ? [[this.pointer.x, this.pointer.y], ...probe] : null,
      names: ({ unit }) => ["x₁", "x₂"][unit],
    });
    const full = [this.large, ...respond(layers, activation, this.large)];
    const logits = full[full.length - 1][0];
    const surface = chosen
      ? { values: full[chosen.layer][chosen.unit], peak: peaks[chosen.layer][chosen.unit], line: null }
      : { values: logits.map((logit) => 2 * probability(logit) - 1), peak: 1, line: logits };
    this.plane.draw(surface, this.painter.points, {
      reach: content.reach,
      width: side,
      pointer: this.pointer,
      faded: Boolean(chosen),
    });
    this.#legend(side, chosen, surface.peak);
    this.said.textContent = this.#words(layers, chosen, probe);
  }

  #legend(width, chosen, peak) {
    const { text } = this;
    const g = prepare(this.legend, width, 30);
    const { theme } = this.palette;
    const bar = { x: 0, y: 8, w: Math.min(width - 130, 220), h: 8 };
    if (chosen) {
      colourBar(g, this.palette, bar, format(peak, 3));
      return;
    }
    colourBar(g, this.palette, bar, "");
    g.clearRect(0, 17, width, 14);
    write(g, text("class 0"), 0, 27, theme, { size: 10.5, tone: "muted" });
    write(g, "p = ½", bar.w / 2, 27, theme, { size: 10.5, tone: "muted", align: "center" });
    write(g, text("class 1"), bar.w, 27, theme, { size: 10.5, tone: "muted", align: "right" });
    const dot = (y, filled, label) => {
      g.beginPath();
      g.arc(bar.w + 26, y, 4, 0, 2 * Math.PI);
      g.lineWidth = 2;
      g.strokeStyle = g.fillStyle = theme.muted;
      if (filled) g.fill();
      else g.stroke();
      write(g, label, bar.w + 35, y + 4, theme, { size: 10.5, tone: "muted" });
    };
    dot(8, true, text("learnt from"));
    if (this.content.testLabels.length) dot(23, false, text("held out"));
  }

  /** What the pointer is on, in words. */
  #words(layers, chosen, probe) {
    const { text, content } = this;
    if (this.edge) {
      const { layer, from, to } = this.edge;
      const weight = layers[layer].weights[to * layers[layer].inputs + from];
      const end = layer === layers.length - 1 ? text("output") : name(layer + 1, to);
      return text("weight from {from} to {to}: {value}", { from: name(layer, from), to: end, value: format(weight, 4) });
    }
    if (chosen && !probe) {
      if (chosen.layer === 0) return text("input {name}", { name: name(0, chosen.unit) });
      const { weights, biases, inputs } = layers[chosen.layer - 1];
      const terms = Array.from({ length: inputs }, (_, i) => `${format(weights[chosen.unit * inputs + i], 3)}·${name(chosen.layer - 1, i)}`);
      const sum = [...terms, format(biases[chosen.unit], 3)].join(" + ").replaceAll("+ −", "− ");
      const act = content.activation === "linear" ? "" : content.activationName;
      return `${name(chosen.layer, chosen.unit)} = ${act}(${sum})`;
    }
    if (probe) {
      const logit = probe[probe.length - 1][0];
      const { x, y } = this.pointer;
      return text("x₁ {x}, x₂ {y}: logit {logit}, probability of class 1 {p}", {
        x: x.toFixed(2).replace("-", "−"),
        y: y.toFixed(2).replace("-", "−"),
        logit: format(logit, 4),
        p: `${(100 * probability(logit)).toFixed(1)} %`,
      });
    }
    return text("{count} parameters. Point at a unit, a line or the plane.", { count: parameters(content.sizes).toLocaleString() });
  }
}

/** @param {number} layer @param {number} unit */
function name(layer, unit) {
  const small = (value) => String(value).replace(/\d/g, (digit) => "₀₁₂₃₄₅₆₇₈₉"[digit]);
  return layer === 0 ? `x${small(unit + 1)}` : `${"hgfe"[layer - 1] ?? "h"}${small(unit + 1)}`;
}

function respondAt(layers, activation, { x, y }) {
  const found = respond(layers, activation, [Float32Array.of(x), Float32Array.of(y)]);
  return found.map((units) => units.map((values) => values[0]));
}

function peakOf(values, activation) {
  if (activation === "tanh" || activation === "sigmoid") return 1;
  return Math.max(1e-6, ...values.map(Math.abs));
}
