// Softmax to touch: scores on the left, probabilities beside them, temperature above; loss and gradient with a target.

import { element } from "../shared/dom.js";
import { mount } from "../shared/mount.js";
import { brief } from "../shared/numbers.js";
import { Palette } from "../shared/palette.js";
import { Postponed } from "../shared/postponed.js";
import { words } from "../shared/words.js";
import { Row } from "./row.js";
import { crossEntropy, entropy, jacobian, softmax, targets } from "./softmax.js";

/** Milliseconds after the last change of a slider until the server is told. */
const REST = 350;

class View {
  /** @param {HTMLElement} host */
  constructor(host) {
    this.host = host;
    this.palette = new Palette(host);
    this.serial = 0;
    this.sending = new Postponed(host, () => this.send({ ...this.now, serial: this.serial }));
    this.focused = 0;
    this.rows = [];
    this.temperature = this.#slider((share) => {
      const { coldest, hottest } = this.content;
      this.#edit({ temperature: Number((coldest * (hottest / coldest) ** (share / 1000)).toPrecision(3)) }, false);
    });
    this.smoothing = this.#slider((share) => this.#edit({ smoothing: Number(((share / 1000) * this.content.mostSmoothing).toFixed(3)) }, false));
    this.tools = element("div", "sm-tools");
    this.head = element("div", "sm-row sm-head");
    this.list = element("div", "sm-list");
    this.formulas = element("div", "sm-formulas");
    this.matrix = element("div", "sm-matrix");
    const side = element("div", "sm-side");
    side.append(this.formulas, this.matrix);
    const [body, left] = [element("div", "sm-body"), element("div", "sm-left")];
    left.append(this.head, this.list);
    body.append(left, side);
    this.tools.append(this.temperature.root, this.smoothing.root);
    host.replaceChildren(this.tools, body);
  }

  destroy() {
    this.sending.drop();
  }

  themeChanged() {
    this.palette.refresh();
    this.host.dataset.dark = String(this.palette.theme.dark);
    if (this.content) this.#draw();
  }

  #slider(change) {
    const root = element("label", "sm-slider");
    const name = element("span");
    const input = element("input");
    Object.assign(input, { type: "range", min: "0", max: "1000", step: "1" });
    input.addEventListener("input", () => change(Number(input.value)));
    root.append(name, input);
    return { root, name, input };
  }

  /** @param {any} content a decoded frame */
  receive(content) {
    if (content.serial < this.serial && content.source === this.content?.source) return; // the reader has gone on
    const fresh = content.source !== this.content?.source;
    this.content = content;
    this.text = words(content.texts);
    this.now = { logits: content.logits, temperature: content.temperature, target: content.target, smoothing: content.smoothing };
    if (fresh || this.rows.length !== content.names.length) {
      const listener = {
        change: (number, value, done) => this.#edit({ logits: this.now.logits.with(number, value) }, done),
        focus: (number) => {
          if (this.focused === number) return;
          this.focused = number;
          this.#draw();
        },
        aim: (number) => this.#edit({ target: number }, true),
      };
      this.rows = content.names.map((_, number) => new Row(number, listener));
      this.list.replaceChildren(...this.rows.map((row) => row.root));
      this.reach = Math.max(5, Math.ceil(1.15 * Math.max(...content.logits.map(Math.abs))));
      this.focused = content.target ?? content.logits.indexOf(Math.max(...content.logits));
    }
    this.#draw();
  }

  #edit(change, done) {
    this.now = { ...this.now, ...change };
    this.#draw();
    this.serial = Date.now();
    this.sending.after(done ? 0 : REST);
  }

  /** PyTorch's numbers where these are the ones it was asked about, else the browser's own. */
  #found() {
    const { now, content } = this;
    const wanted = now.target === null ? null : targets(now.logits.length, now.target, now.smoothing);
    const same =
      now.temperature === content.temperature && now.target === content.target && now.smoothing === content.smoothing &&
      now.logits.every((value, i) => value === content.logits[i]);
    if (same) return { wanted, p: content.probabilities, loss: content.loss, slopes: content.gradient, matrix: content.jacobian };
    const p = softmax(now.logits, now.temperature);
    return {
      wanted,
      p,
      loss: wanted && crossEntropy(now.logits, now.temperature, wanted),
      slopes: wanted && p.map((value, i) => (value - wanted[i]) / now.temperature),
      matrix: content.jacobian && jacobian(p, now.temperature),
    };
  }

  #draw() {
    const { text, now, content } = this;
    const found = this.#found();
    const aimed = found.wanted !== null;
    this.host.dataset.aimed = String(aimed);
    const { coldest, hottest, mostSmoothing } = content;
    this.temperature.name.textContent = text("Temperature T = {value}", { value: brief(now.temperature, 3) });
    this.temperature.input.value = String(Math.round((1000 * Math.log(now.temperature / coldest)) / Math.log(hottest / coldest)));
    this.smoothing.root.hidden = !aimed;
    this.smoothing.name.textContent = text("Label smoothing ε = {value}", { value: brief(now.smoothing, 3) });
    this.smoothing.input.value = String(Math.round((1000 * now.smoothing) / mostSmoothing));
    const titles = [text("score z: drag it"), text("probability p")];
    if (aimed) titles.push(text("gradient ∂L/∂z"));
    this.head.replaceChildren(...[aimed ? text("right class") : "", "", ...titles].map((title) => element("span", "", title)));
    this.rows.forEach((row, i) =>
      row.draw({
        name: content.names[i],
        logit: now.logits[i],
        reach: this.reach,
        p: found.p[i],
        wanted: found.wanted ? found.wanted[i] : null,
        slope: found.slopes ? found.slopes[i] : null,
        focused: i === this.focused,
        aimed: i === now.target,
        words: { score: text("score of {name}", { name: content.names[i] }), aim: text("{name} is right", { name: content.names[i] }) },
      }),
    );
    this.#drawFormulas(found);
    this.#drawMatrix(found.matrix);
  }

  #drawFormulas({ p, wanted, loss, slopes }) {
    const { text, now, content, focused: i } = this;
    const t = brief(now.temperature, 3);
    const power = (value) => (now.temperature === 1 ? brief(value, 4) : `${brief(value, 4)}/${t}`);
    const exponents = now.logits.map((value) => `e<sup>${power(value)}</sup>`);
    const shown = exponents.length > 5 ? [...exponents.slice(0, 4), "…"] : exponents;
    const lines = [
      [`p<sub>${i + 1}</sub>`, `<span class="sm-frac"><span>${exponents[i]}</span><span>${shown.join(" + ")}</span></span>`, brief(p[i], 5)],
    ];
    if (wanted) {
      const q = now.smoothing ? text("−Σ q ln p with q = (1 − ε) y + ε/n") : `−ln p<sub>${now.target + 1}</sub> = −ln ${brief(p[now.target], 4)}`;
      lines.push(["L", q, brief(loss, 5)]);
      const minus = `${brief(p[i], 4)} − ${brief(wanted[i], 4)}`;
      const quotient = now.temperature === 1 ? minus : `(${minus}) / ${t}`;
      lines.push([`∂L/∂z<sub>${i + 1}</sub>`, `${now.temperature === 1 ? "p − q" : "(p − q) / T"} = ${quotient}`, brief(slopes[i], 4)]);
    } else lines.push([text("entropy"), "−Σ p ln p", `${brief(entropy(p), 4)} (${text("at most ln {n} = {value}", { n: p.length, value: brief(Math.log(p.length), 4) })})`]);
    const made = lines.map(([name, body, value]) => {
      const line = element("div", "sm-line");
      line.innerHTML = `<span class="sm-sym">${name}</span><span>=</span><span>${body}</span><span>=</span><strong>${value}</strong>`;
      return line;
    });
    this.formulas.replaceChildren(element("h4", "", content.names[i]), ...made);
  }

  #drawMatrix(matrix) {
    this.matrix.hidden = !matrix;
    if (!matrix) return;
    const { text, content, palette } = this;
    const peak = Math.max(1e-9, ...matrix.flat().map(Math.abs));
    const table = element("table");
    const head = table.createTHead().insertRow();
    head.append(element("th"), ...content.names.map((name) => element("th", "", `∂ z ${name}`)));
    const body = table.createTBody();
    matrix.forEach((values, i) => {
      const row = body.insertRow();
      row.append(element("th", "", `∂ p ${content.names[i]}`));
      for (const value of values) {
        const cell = row.insertCell();
        cell.textContent = brief(Number(value.toFixed(4)), 3);
        cell.style.background = palette.colour(value, peak);
        cell.style.color = palette.ink(value, peak);
      }
    });
    this.matrix.replaceChildren(
      element("h4", "", text("The derivative is a matrix: ∂pᵢ/∂zⱼ = pᵢ (δᵢⱼ − pⱼ) / T")),
      table,
      element("p", "sm-note", text("Every row and every column adds up to 0: what one class gains the others lose, and adding the same to all scores changes nothing.")),
    );
  }
}

export default mount(".softmax-view", View, (view, { setStateValue }) => {
  view.send = (edit) => setStateValue("edit", edit);
});
