// The optimisers on the map: which there are, which is looked at, its settings.

import { element } from "../shared/dom.js";
import { brief } from "../shared/numbers.js";

export const KINDS = ["sgd", "momentum", "nesterov", "rmsprop", "adam"];
const ADAPTIVE = ["rmsprop", "adam"];
const RATES = [-5, 1];
const MOST = 6;

/** Names of the optimisers. @param {(key: string) => string} text */
export function titles(text) {
  return { sgd: text("SGD"), momentum: text("Momentum"), nesterov: text("Nesterov"), rmsprop: text("RMSprop"), adam: text("Adam") };
}

/** The learning rate above which a quadratic surface makes the optimiser diverge, or null. */
export function largestRate({ kind, momentum }, steepest) {
  if (ADAPTIVE.includes(kind) || !(steepest > 0)) return null;
  const mu = kind === "sgd" ? 0 : momentum;
  const limit = (2 * (1 + mu)) / steepest;
  return kind === "nesterov" ? limit / (1 + 2 * mu) : limit;
}

export class Controls {
  /** @param {{select: (i: number) => void, change: (runs: any[], selected: number, done: boolean) => void}} tell */
  constructor(tell) {
    this.tell = tell;
    this.root = element("div", "dv-controls");
    this.chips = this.root.appendChild(element("div", "dv-runs"));
    this.chips.setAttribute("role", "group");
    this.form = this.root.appendChild(element("div", "dv-form"));
    this.note = this.root.appendChild(element("p", "dv-note"));
    this.kind = "";
  }

  /** @param {any} shown {runs, selected, colours, ends, presets, limit, text} */
  show(shown) {
    const { runs, selected, text } = shown;
    this.shown = shown;
    this.#chips();
    const run = runs[selected];
    const shape = `${run.kind}${Object.keys(shown.presets).length}${text("learning rate η")}`;
    if (shape !== this.kind) this.#build(run, text);
    this.kind = shape;
    this.choice.value = run.kind;
    for (const field of this.fields) field.put(run[field.name]);
    const limit = shown.limit;
    this.mark.hidden = limit === null || limit < 10 ** RATES[0] || limit > 10 ** RATES[1];
    if (limit !== null) this.mark.style.left = `${(100 * (Math.log10(limit) - RATES[0])) / (RATES[1] - RATES[0])}%`;
    this.mark.title = limit === null ? "" : text("largest learning rate: {limit}", { limit: brief(limit, 3) });
    this.rate.classList.toggle("dv-too-large", limit !== null && run.rate > limit);
  }

  #chips() {
    const { runs, selected, colours, ends, text } = this.shown;
    const names = titles(text);
    this.chips.setAttribute("aria-label", text("Optimisers"));
    while (this.chips.children.length > runs.length + 1) this.chips.lastElementChild.remove();
    while (this.chips.children.length < runs.length + 1) this.chips.append(this.#chip(this.chips.children.length));
    runs.forEach((run, i) => {
      const chip = /** @type {any} */ (this.chips.children[i]);
      chip.hidden = false;
      chip.className = "dv-run";
      chip.classList.toggle("dv-chosen", i === selected);
      chip.style.setProperty("--own", colours[i]);
      chip.main.setAttribute("aria-pressed", String(i === selected));
      chip.title_.textContent = `${names[run.kind]}  η = ${brief(run.rate, 3)}`;
      chip.end.textContent = ends[i];
      chip.away.hidden = runs.length < 2;
      chip.away.setAttribute("aria-label", text("Remove {name}", { name: names[run.kind] }));
      chip.away.title = chip.away.getAttribute("aria-label");
    });
    const last = /** @type {any} */ (this.chips.children[runs.length]);
    last.className = "dv-add";
    last.hidden = runs.length >= MOST;
    last.add.textContent = `+ ${text("Compare another")}`;
  }

  /** A place in the row, used for an optimiser or for the button that adds one. */
  #chip(i) {
    const chip = /** @type {any} */ (element("div"));
    chip.main = chip.appendChild(element("button", "dv-run-main"));
    chip.main.append(element("i", "dv-swatch"), (chip.title_ = element("span")), (chip.end = element("span", "dv-end")));
    chip.away = chip.appendChild(element("button", "dv-away", "×"));
    chip.add = chip.appendChild(element("button", "dv-add-button"));
    chip.main.addEventListener("click", () => this.tell.select(i));
    chip.away.addEventListener("click", () => {
      const { runs, selected } = this.shown;
      const left = runs.filter((_, k) => k !== i);
      this.tell.change(left, Math.min(left.length - 1, selected > i ? selected - 1 : selected), true);
    });
    chip.add.addEventListener("click", () => {
      const { runs, selected, presets } = this.shown;
      // First an optimiser that is not there yet; then the chosen one again, to change its settings.
      const kind = KINDS.find((one) => !runs.some((run) => run.kind === one));
      const added = kind ? { ...runs[selected], ...presets[kind] } : { ...runs[selected] };
      this.tell.change([...runs, added], runs.length, true);
    });
    return chip;
  }

  #build(run, text) {
    const names = titles(text);
    this.choice = element("select");
    for (const kind of KINDS) this.choice.append(new Option(names[kind], kind));
    this.choice.addEventListener("change", () => {
      const { runs, selected, presets } = this.shown;
      this.#change({ ...runs[selected], ...presets[this.choice.value] }, true);
    });
    const choice = element("label", "dv-field");
    choice.append(element("span", "", text("optimiser")), this.choice);
    const rate = this.#field("rate", text("learning rate η"), { min: RATES[0], max: RATES[1], step: 0.01 }, (v) => Number((10 ** v).toPrecision(3)), Math.log10);
    this.rate = rate.root;
    this.mark = rate.track.appendChild(element("i", "dv-limit"));
    this.fields = [rate];
    const plain = { min: 0, max: 0.99, step: 0.01 };
    const same = (v) => v;
    if (run.kind === "momentum" || run.kind === "nesterov") this.fields.push(this.#field("momentum", text("momentum μ"), plain, same, same));
    if (run.kind === "adam") this.fields.push(this.#field("beta1", "β₁", plain, same, same));
    // Kept shares near 1 are told apart by what is forgotten: 0.9, 0.99, 0.999.
    const near = (v) => Number((1 - 10 ** -v).toPrecision(4));
    if (run.kind === "adam" || run.kind === "rmsprop") {
      const label = run.kind === "adam" ? "β₂" : text("smoothing α");
      this.fields.push(this.#field("beta2", label, { min: 0, max: 4, step: 0.05 }, near, (v) => -Math.log10(1 - v)));
    }
    this.form.replaceChildren(choice, ...this.fields.map((field) => field.root));
  }

  #field(name, label, range, read, write) {
    const root = element("label", "dv-field");
    const title = root.appendChild(element("span", "", label));
    const track = root.appendChild(element("span", "dv-track"));
    const slider = track.appendChild(Object.assign(element("input"), { type: "range" }));
    Object.assign(slider, { min: String(range.min), max: String(range.max), step: String(range.step) });
    const value = root.appendChild(element("output"));
    const put = (number) => {
      value.textContent = brief(number, 4);
      slider.setAttribute("aria-valuetext", value.textContent);
      if (read(Number(slider.value)) !== number) slider.value = String(write(number));
    };
    const send = (done) => {
      const { runs, selected } = this.shown;
      const number = read(Number(slider.value));
      put(number);
      this.#change({ ...runs[selected], [name]: number }, done);
    };
    slider.addEventListener("input", () => send(false));
    slider.addEventListener("change", () => send(true));
    return { name, root, title, track, put };
  }

  #change(run, done) {
    const { runs, selected } = this.shown;
    this.tell.change(runs.map((one, i) => (i === selected ? run : one)), selected, done);
  }
}
