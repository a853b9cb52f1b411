// The whole of the part: examples, formula, sliders, graph, player, and what the step does in numbers.

import { isDark } from "../shared/colours.js";
import { element } from "../shared/dom.js";
import { backward, forward } from "../shared/graph.js";
import { brief } from "../shared/numbers.js";
import { Player } from "../shared/player.js";
import { words } from "../shared/words.js";
import { nodeCard, stepCard } from "./card.js";
import { drawGraph, frameOf, titleOf } from "./drawing.js";
import { Inputs } from "./inputs.js";
import { knownAt, stepsOf } from "./steps.js";
import { neighbour } from "./walk.js";

export class View {
  /** @param {HTMLElement} host */
  constructor(host) {
    this.host = host;
    this.ask = () => {};
    this.serial = 0;
    this.step = 0;
    /** Whether the reader is scrubbing or it plays: an answer does not move the step then. */
    this.moving = false;
    /** The node under the pointer or chosen with the keyboard. @type {number|null} */
    this.focus = null;
    /** A node that stays shown when the pointer leaves. @type {number|null} */
    this.pinned = null;
    this.inputs = new Inputs({
      example: (key) => this.#send({ graph: key, step: "" }),
      formula: (f) => this.#send({ graph: "own", f, values: this.#values(), step: "" }),
      value: (name, value, done) => this.#change({ [name]: value }, done),
      reset: () => this.#send(this.content.key === "own" ? { graph: "own", f: this.content.formula, values: "", step: "" } : { graph: this.content.key, step: "" }),
    });
    this.remark = element("p", "gv-remark");
    this.stage = element("div", "gv-stage");
    this.legend = element("p", "gv-legend");
    this.player = new Player((step, done) => this.#go(step, done), 900);
    this.card = element("div", "gv-card");
    this.card.setAttribute("aria-live", "polite");
    const right = element("div", "gv-right");
    right.append(this.remark, this.stage, this.legend, this.player.root, this.card);
    this.right = right;
    const main = element("div", "gv-main");
    main.append(this.inputs.root, right);
    host.replaceChildren(this.inputs.chips, main);
    this.#listen();
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(host);
  }

  destroy() {
    this.player.pause();
    this.inputs.destroy();
    this.observer.disconnect();
  }

  themeChanged() {
    this.host.toggleAttribute("data-dark", isDark(this.host));
  }

  #listen() {
    const nodeOf = (event) => {
      const group = event.target instanceof Element ? event.target.closest("[data-node]") : null;
      return group ? Number(group.getAttribute("data-node")) : null;
    };
    this.stage.addEventListener("pointerover", (event) => event.pointerType === "mouse" && this.#look(nodeOf(event) ?? this.pinned));
    this.stage.addEventListener("pointerleave", () => this.#look(this.pinned));
    this.stage.addEventListener("click", (event) => this.#pin(nodeOf(event)));
    this.stage.addEventListener("focusin", (event) => {
      const node = nodeOf(event);
      if (node !== null && node !== this.focus) this.#look(node);
    });
    this.stage.addEventListener("focusout", (event) => {
      if (!this.drawing && !this.stage.contains(/** @type {Node|null} */ (event.relatedTarget))) this.#look(this.pinned);
    });
    this.stage.addEventListener("keydown", (event) => this.#key(event, nodeOf(event)));
  }

  #key(event, node) {
    if (node === null) return;
    if (event.key === "Escape") {
      this.pinned = null;
      this.#look(null);
    } else if (event.key === "Enter" || event.key === " ") this.#pin(node);
    else {
      const next = neighbour(this.content.nodes, this.content.layout.places, node, event.key, this.frame.flat);
      if (next === null) return;
      this.tab = next;
      this.#look(next);
      this.#node(next)?.focus();
    }
    event.preventDefault();
  }

  #node(index) {
    return /** @type {SVGElement|null} */ (this.stage.querySelector(`[data-node="${index}"]`));
  }

  #pin(node) {
    this.pinned = node === this.pinned ? null : node;
    if (node !== null) this.tab = node;
    this.player.pause();
    this.#look(node);
  }

  #look(node) {
    if (node === this.focus) return;
    this.focus = node;
    this.draw();
  }

  /** @param {any} content a decoded frame */
  receive(content) {
    // An answer to what has been changed meanwhile: the newer one is on its way.
    if (content.serial < this.serial) return;
    this.serial = content.serial;
    const other = JSON.stringify(content.nodes) !== JSON.stringify(this.content?.nodes);
    this.content = content;
    this.text = words(content.texts);
    this.given = { ...content.given };
    this.exact = true;
    if (other) {
      this.player.pause();
      this.moving = false;
      this.focus = this.pinned = null;
      this.tab = content.nodes.length - 1;
      this.step = content.step;
    } else if (!this.moving) this.step = content.step;
    this.#compute();
    this.draw();
  }

  #compute() {
    const { nodes } = this.content;
    this.values = forward(nodes, this.given);
    Object.assign(this, backward(nodes, this.values));
    this.steps = stepsOf(nodes, this.edges);
  }

  #change(values, done) {
    if (!this.content) return;
    this.given = { ...this.given, ...values };
    this.serial += 1;
    this.exact = false;
    this.#compute();
    this.draw();
    if (done) this.#send(this.#link());
  }

  #go(step, done) {
    if (!this.content) return;
    this.step = step;
    this.moving = !done;
    this.focus = this.pinned = null;
    this.draw();
    if (done) this.#send(this.#link());
  }

  #values() {
    return Object.entries(this.given).map(([name, value]) => `${name}:${value}`).join(",");
  }

  #link() {
    const { key, formula } = this.content;
    return { graph: key, f: key === "own" ? formula : "", values: this.#values(), step: String(this.step) };
  }

  #send(link) {
    this.serial += 1;
    this.ask({ serial: this.serial, link });
  }

  draw() {
    if (!this.content) return;
    const { text, content, step, steps, edges, values, gradients } = this;
    const { nodes, layout } = content;
    this.inputs.show(content, this.given, text);
    this.remark.textContent = content.remark;
    this.remark.hidden = !content.remark;
    const now = steps[step];
    // A node that is looked at is shown complete; the step waits.
    const looking = this.focus !== null;
    const known = knownAt(steps, step, nodes, edges);
    const titles = nodes.map((_, i) => (layout.places[i] ? titleOf(nodes, i) : ""));
    this.frame = frameOf(layout, this.right.clientWidth || this.host.clientWidth, titles);
    const output = nodes.length - 1;
    const loss = nodes[output].name;
    const describe = (i) =>
      text("{title}, value {value}, gradient {gradient}", {
        title: titles[i].replace(/\^\{([^}]*)\}/g, " ** $1"),
        value: known.computed[i] ? brief(values[i], 4) : "–",
        gradient: known.arrived[i] ? brief(known.sums[i], 4) : "–",
      });
    const current = looking || step === steps.length - 1 || now.kind === "given" ? null : now;
    const hadFocus = this.stage.contains(/** @type {any} */ (this.host.getRootNode()).activeElement);
    this.drawing = true;
    const label = text("Computational graph of {name}; the arrow keys walk along it", { name: loss });
    this.stage.replaceChildren(drawGraph({ nodes, layout, frame: this.frame, values, edges, known, current, focus: this.focus, output, tab: this.tab, describe, label }));
    this.drawing = false;
    if (hadFocus) this.#node(this.focus ?? this.tab)?.focus({ preventScroll: true });
    this.#legend(loss);
    this.player.show(step, steps.length - 1, {
      first: text("To the start"),
      back: text("One step back"),
      play: text("Play"),
      pause: text("Pause"),
      on: text("One step on"),
      slider: text("Step"),
      place: text("Step {step} of {last}", { step, last: steps.length - 1 }),
    });
    const autograd = this.exact ? content.autograd.map((value) => value ?? NaN) : null;
    if (looking) this.card.replaceChildren(nodeCard(/** @type {number} */ (this.focus), { nodes, values, edges, gradients, autograd }, text));
    else if (step === steps.length - 1) this.card.replaceChildren(this.#summary(autograd));
    else this.card.replaceChildren(stepCard(now, { nodes, values, edges, sums: known.sums }, text));
  }

  #legend(loss) {
    const { text } = this;
    const value = element("span", "", text("left: value"));
    const gradient = element("span", "", text("right: gradient ∂{name}/∂ of the node", { name: loss }));
    const up = element("span", "gv-up", text("positive"));
    const down = element("span", "gv-down", text("negative"));
    const wide = element("span", "", text("width of a line: size of the gradient on it"));
    this.legend.replaceChildren(value, gradient, up, down, wide);
  }

  /** All gradients of the variables, when the backward pass is over. */
  #summary(autograd) {
    const { content, text, gradients, values } = this;
    const { nodes } = content;
    const root = element("div");
    const loss = nodes[nodes.length - 1].name;
    root.append(element("h4", "", text("All gradients of {name} = {value}", { name: loss, value: brief(values[nodes.length - 1], 5) })));
    const line = element("p", "gv-formula gv-all");
    let worst = 0;
    nodes.forEach((node, i) => {
      if (autograd && node.operation !== "constant") worst = Math.max(worst, Math.abs(autograd[i] - gradients[i]) || 0);
      if (node.operation !== "variable") return;
      const part = line.appendChild(element("span", "", `∂${loss}/∂${node.name} = `));
      part.append(element("b", gradients[i] > 0 ? "gv-up" : gradients[i] < 0 ? "gv-down" : "gv-zero", brief(gradients[i], 5)));
    });
    root.append(line);
    const said = autograd
      ? text("PyTorch's autograd gives the same at every node; largest difference {error}.", { error: brief(worst, 2) })
      : text("PyTorch is asked when the slider rests.");
    root.append(element("p", "gv-said", content.undefined && autograd ? text("{name} is not a finite number here: its gradients say nothing.", { name: content.undefined }) : said));
    return root;
  }
}
