// One number as the sum it is: products grouped by input channel, bias, total, and whether the tensor agrees.

import { complete, shortLabel, signed } from "./numbers.js";
import { format } from "../shared/colours.js";
import { written } from "./arithmetic_text.js";
import { TermRow } from "./term_row.js";
import { Readings } from "./readings.js";
import { nextSteps } from "./steps.js";
import { copyText, element } from "../shared/dom.js";

export class NumberCard {
  /** @param {any} context store, pictures, node, channel, go(place) */
  constructor(context) {
    this.context = context;
    const { store } = context;
    this.exact = false;
    this.limit = 0;
    this.root = element("section", "cs-card");
    const head = element("header", "cs-card-head");
    this.title = element("h3");
    this.pending = element("span", "cs-pending", store.text("working it out …"));
    this.digits = element("button", "cs-link", store.text("all digits"));
    this.digits.setAttribute("aria-pressed", "false");
    this.digits.addEventListener("click", () => {
      this.exact = !this.exact;
      this.digits.setAttribute("aria-pressed", String(this.exact));
      this.shape = "";
      this.draw();
    });
    head.append(this.title, this.pending, this.digits);
    this.formula = element("p", "cs-card-formula");
    this.groups = element("div", "cs-card-groups");
    this.more = element("button", "cs-card-rest");
    this.moreText = element("span", "cs-card-rest-text");
    this.moreSum = element("span", "cs-card-amount");
    this.more.append(this.moreText, this.moreSum);
    this.more.addEventListener("click", () => {
      this.limit += 24;
      this.draw();
    });
    this.bias = element("div", "cs-card-line");
    this.biasSum = element("span", "cs-card-amount");
    this.biasWord = element("span");
    this.bias.append(this.biasWord, this.biasSum);
    this.sum = element("div", "cs-card-sum");
    this.sumWord = element("span", "cs-card-word", store.text("sum"));
    this.total = element("strong");
    this.tensor = element("span", "cs-card-tensor");
    this.verdict = element("span", "cs-verdict");
    this.sum.append(this.sumWord, this.total, this.tensor, this.verdict);
    this.note = element("p", "cs-card-note");
    this.readings = new Readings(context);
    const line = element("div", "cs-card-expression");
    this.expression = element("code");
    this.expression.tabIndex = 0;
    this.copy = element("button", "cs-link", store.text("copy"));
    this.copy.addEventListener("click", async () => {
      await copyText(this.expression.textContent ?? "");
      this.copy.textContent = store.text("copied");
      setTimeout(() => (this.copy.textContent = store.text("copy")), 1200);
    });
    line.append(this.expression, this.copy);
    this.line = line;
    this.next = element("nav", "cs-card-next");
    this.next.setAttribute("aria-label", store.text("Where this number goes"));
    this.root.append(head, this.formula, this.groups, this.more, this.bias, this.sum, this.note, this.readings.root, line, this.next);
    /** @type {TermRow[]} */
    this.rows = [];
    this.shape = "";
  }

  /**
   * @param {{y: number, x: number, arithmetic: any, pending: boolean, weightPeak: number}} state
   */
  update(state) {
    this.state = state;
    this.draw();
  }

  draw() {
    if (!this.state) return;
    const { store, node, channel } = this.context;
    const { y, x, arithmetic, pending } = this.state;
    this.title.textContent = node.height * node.width > 1 ? store.text("pixel ({y}, {x})", { y, x }) : store.text("channel {number}", { number: channel });
    this.title.title = store.text("row {y}, column {x}", { y, x });
    this.pending.hidden = !pending;
    this.readings.update(y, x);
    this.root.classList.toggle("cs-stale", pending);
    this.root.classList.toggle("cs-exact", this.exact);
    for (const part of [this.formula, this.groups, this.sum, this.line]) part.hidden = !arithmetic;
    if (!arithmetic) {
      for (const part of [this.more, this.bias, this.note]) part.hidden = true;
      this.next.replaceChildren();
      return;
    }
    const unknown = arithmetic.form === "unknown" || arithmetic.form === "given";
    this.#drawFormula(arithmetic);
    this.#drawGroups(arithmetic);
    this.bias.hidden = arithmetic.bias === null;
    this.biasWord.textContent = arithmetic.form === "affine" ? store.text("shift: bias − mean × scale") : store.text("bias");
    if (!this.bias.hidden) this.biasSum.textContent = this.#sum(number(arithmetic.bias));
    this.#drawSum(arithmetic, unknown);
    this.note.textContent = unknown && !arithmetic.note ? store.text("This operation is shown, but not taken apart.") : (arithmetic.note ?? "");
    this.note.hidden = !this.note.textContent;
    this.line.hidden = unknown || !arithmetic.expression;
    if (this.expression.textContent !== arithmetic.expression) this.expression.textContent = arithmetic.expression;
    this.#drawNext(number(arithmetic.value));
  }

  /** @param {any} arithmetic */
  #drawFormula(arithmetic) {
    const weighted = arithmetic.form === "sum" && arithmetic.groups[0]?.factors[1]?.role === "weight";
    this.formula.hidden = !arithmetic.formula || weighted || arithmetic.form === "given";
    if (this.formula.hidden) return;
    const facts = Object.entries(arithmetic.facts ?? {}).map(([name, value]) => `${name} ${written(number(value))}`);
    this.formula.replaceChildren(element("span", "cs-card-symbols", arithmetic.formula.includes("=") ? arithmetic.formula : `y = ${arithmetic.formula}`));
    if (facts.length) this.formula.append(element("span", "cs-card-facts", facts.join("   ")));
  }

  /** @param {any} arithmetic */
  #drawGroups(arithmetic) {
    const { store } = this.context;
    const sorted = arithmetic.form === "sum" && arithmetic.groups.length > 2;
    const groups = sorted ? [...arithmetic.groups].sort((a, b) => Math.abs(b.subtotal) - Math.abs(a.subtotal)) : arithmetic.groups;
    const hide = arithmetic.form === "softmax" || arithmetic.form === "unknown";
    const first = groups[0];
    const terms = first?.products.length ?? 0;
    const columns = columnsOf(first, terms);
    const kind = terms <= 1 ? "one" : terms <= 9 || this.exact ? "cells" : terms <= 49 ? "tiles" : "none";
    const usual = kind === "one" || kind === "none" ? (this.context.compact ? 6 : 12) : 3;
    const shape = `${kind}/${terms}/${columns}/${this.exact}/${arithmetic.form}/${first?.factors.length}`;
    if (shape !== this.shape) {
      this.shape = shape;
      this.limit = Math.max(usual, 1);
      this.rows = [];
      this.groups.replaceChildren();
      this.groups.className = `cs-card-groups cs-kind-${kind}`;
    }
    const shown = hide ? [] : groups.slice(0, this.limit);
    while (this.rows.length < shown.length) {
      const row = new TermRow({ ...this.context, card: this }, { kind, terms, columns, exact: this.exact, form: arithmetic.form, factors: first.factors.length });
      this.rows.push(row);
      this.groups.append(row.root);
    }
    while (this.rows.length > shown.length) this.rows.pop()?.root.remove();
    const largest = Math.max(...shown.map((/** @type {any} */ group) => Math.abs(number(group.subtotal))), 1e-12);
    const weightPeak = this.state.weightPeak || 1;
    shown.forEach((/** @type {any} */ group, /** @type {number} */ i) => this.rows[i].update(group, { largest, weightPeak, chosen: arithmetic.chosen, summed: arithmetic.form === "sum" || arithmetic.form === "affine" }));
    const left = groups.slice(shown.length);
    const rest = arithmetic.rest;
    const count = hide ? 0 : left.length + (rest?.groups ?? 0);
    this.more.hidden = count === 0;
    this.more.disabled = left.length === 0;
    if (count) {
      const amount = left.reduce((/** @type {number} */ sum, /** @type {any} */ group) => sum + number(group.subtotal), number(rest?.subtotal ?? 0));
      this.moreText.textContent = store.text("{count} more channels", { count });
      this.moreSum.textContent = this.#sum(amount);
      this.moreSum.dataset.sign = amount < 0 ? "down" : "up";
    }
  }

  /** @param {any} arithmetic @param {boolean} unknown */
  #drawSum(arithmetic, unknown) {
    const { store } = this.context;
    const total = number(arithmetic.total);
    const value = number(arithmetic.value);
    const show = this.exact ? complete : (/** @type {number} */ v) => format(v, 7);
    const plus = (/** @type {number} */ v) => (v > 0 && arithmetic.form === "sum" ? `+${show(v)}` : show(v));
    this.sumWord.textContent = unknown ? store.text("value") : arithmetic.form === "sum" ? store.text("sum") : store.text("result");
    this.total.textContent = plus(unknown ? value : total);
    this.tensor.hidden = unknown;
    this.verdict.hidden = unknown;
    if (unknown) return;
    this.tensor.textContent = store.text("tensor {value}", { value: plus(value) });
    const error = number(arithmetic.error);
    this.verdict.className = `cs-verdict ${arithmetic.agrees ? "cs-yes" : "cs-no"}`;
    const size = error === 0 ? "0" : error.toExponential(0).replace("e+", "e");
    const text = arithmetic.agrees
      ? arithmetic.exact && error === 0
        ? store.text("equal: yes, exactly")
        : store.text("equal: yes, error {error}", { error: size })
      : store.text("equal: no, error {error}", { error: size });
    this.verdict.textContent = text.replaceAll("e-", "e−");
    this.verdict.title = store.text("float32 rounding can explain a difference of up to {size}", { size: format(number(arithmetic.tolerance), 2) });
  }

  /** @param {number} value */
  #drawNext(value) {
    const { store, node, channel } = this.context;
    const { y, x } = this.state;
    const steps = nextSteps(store, node, channel, y, x, value);
    while (this.next.children.length > steps.length) this.next.lastElementChild?.remove();
    while (this.next.children.length < steps.length) {
      const link = element("button", "cs-next");
      link.append(element("span", "cs-next-word", store.text("next")), element("span", "cs-next-name"), element("span", "cs-next-what"), element("span", "cs-next-arrow", "→"));
      this.next.append(link);
    }
    steps.forEach((step, i) => {
      const link = /** @type {HTMLButtonElement} */ (this.next.children[i]);
      link.onclick = () => store.go(step.place);
      const [, name, what] = link.children;
      const alike = steps.some((other) => other !== step && shortLabel(other.node) === shortLabel(step.node));
      name.textContent = alike ? step.node.name : shortLabel(step.node);
      link.title = step.node.name;
      const shown = step.value === null ? "" : ` = ${format(step.value, 7)}`;
      what.textContent = step.formula ? `${step.formula}${shown}` : shown.trim();
    });
  }

  destroy() {
    this.readings.destroy();
  }

  /** @param {number} value */
  #sum(value) {
    return this.exact ? (value > 0 ? `+${complete(value)}` : complete(value)) : signed(value, 4);
  }
}

/** JSON has no infinity and no nan: they come as words. @param {any} value @returns {number} */
export function number(value) {
  if (typeof value === "number") return value;
  return value === "inf" ? Infinity : value === "-inf" ? -Infinity : value === null || value === undefined ? 0 : NaN;
}

/** How many cells of a kernel stand side by side. @param {any} group @param {number} terms */
function columnsOf(group, terms) {
  if (!group) return 1;
  const positions = group.factors.at(-1)?.role === "weight" ? group.factors.at(-1).positions : null;
  if (positions?.length) return Math.max(...positions.map((/** @type {any} */ p) => (p ? p[2] : 0))) + 1;
  const places = (group.factors[0]?.positions ?? []).filter(Boolean);
  const across = new Set(places.map((/** @type {any} */ p) => p[2])).size;
  return across && terms % across === 0 ? across : Math.ceil(Math.sqrt(terms));
}
