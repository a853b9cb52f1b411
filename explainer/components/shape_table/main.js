// A network's table of shapes, read from its trace, under the picture of its blocks. Row and box light up together;
// the name of a row leads to that layer on the Network page.

import { element } from "../shared/dom.js";
import { mount } from "../shared/mount.js";
import { words } from "../shared/words.js";
import { Picture } from "./picture.js";
import { exact, makeHead, makeRow, shaped } from "./rows.js";

/** Networks with more main rows than these begin with their blocks folded. */
const MANY = 40;
/** Longer chains of shapes are not written out. */
const LONGEST = 14;

class View {
  /** @param {HTMLElement} host */
  constructor(host) {
    this.leave = (_name) => {};
    this.chain = host.appendChild(element("p", "st-chain"));
    this.picture = new Picture(host.appendChild(element("section", "st-picture")), {
      point: (block) => this.#light(block),
      go: (block) => this.#go(block),
    });
    this.tools = host.appendChild(element("div", "st-tools"));
    this.table = host.appendChild(element("table", "st-table"));
    this.head = this.table.createTHead();
    this.body = this.table.createTBody();
    this.foot = this.table.createTFoot();
    this.folded = new Set();
    this.every = false;
    this.body.addEventListener("pointerover", (event) => this.#light(blockOf(event.target)));
    this.body.addEventListener("pointerleave", () => this.#light(-1));
    this.body.addEventListener("focusin", (event) => this.#light(blockOf(event.target)));
    this.body.addEventListener("click", (event) => this.#onClick(event));
    this.body.addEventListener("keydown", (event) => this.#onKey(event));
    this.width = 0;
    this.observer = new ResizeObserver(() => {
      if (host.clientWidth === this.width) return;
      this.width = host.clientWidth;
      this.picture.draw();
    });
    this.observer.observe(host);
  }

  destroy() {
    this.observer.disconnect();
  }

  /** @param {any} content a decoded frame */
  receive(content) {
    const other = content.identity !== this.content?.identity;
    this.content = content;
    this.text = words(content.texts);
    const { text } = this;
    this.names = {
      name: text("Layer"),
      what: text("Operation"),
      shape: text("Output"),
      parameters: text("Parameters"),
      multiplyAdds: text("Multiply-adds"),
      field: text("Receptive field"),
    };
    this.inside = content.blocks.map((_, index) => content.rows.filter((row) => row.block === index));
    if (other) {
      const many = content.rows.filter((row) => row.main).length > MANY;
      this.folded = new Set(many ? content.blocks.map((_, index) => index) : []);
    }
    this.#write();
    this.picture.show(content.blocks, text);
    this.#fill();
  }

  /** The chain of shapes, as papers give it. */
  #write() {
    const { sequence } = this.content;
    this.chain.hidden = sequence.length > LONGEST;
    this.chain.replaceChildren(
      ...sequence.flatMap((shape, i) => [...(i ? [element("i", "", "→")] : []), element("span", "", shaped(shape))]),
    );
    const { text } = this;
    const label = element("label");
    const box = element("input");
    box.type = "checkbox";
    box.checked = this.every;
    box.addEventListener("change", () => {
      this.every = box.checked;
      this.#fill();
    });
    label.append(box, text("also what only changes values: activations, normalisations, dropout"));
    const fold = element("button", "st-fold");
    fold.addEventListener("click", () => {
      const all = this.#foldable();
      this.folded = new Set(this.folded.size ? [] : all);
      this.#fill();
    });
    this.foldButton = fold;
    this.tools.replaceChildren(label, fold);
  }

  /** Blocks with several rows can be folded. */
  #foldable() {
    return this.inside.flatMap((rows, index) => (this.#rows(rows).length > 1 ? [index] : []));
  }

  #rows(rows) {
    return this.every ? rows : rows.filter((row) => row.main);
  }

  #fill() {
    const { content, names, text } = this;
    const back = this.body.getRootNode().activeElement;
    const focus = this.body.contains(back) ? (back.dataset.fold ?? null) : null;
    const titles = element("tr");
    for (const name of ["name", "what", "shape", "parameters", "multiplyAdds", "field"]) {
      const cell = element("th", "", names[name]);
      cell.scope = "col";
      titles.append(cell);
    }
    this.head.replaceChildren(titles);
    const foldable = new Set(this.#foldable());
    const grouped = [...foldable].some((index) => this.inside[index].filter((row) => row.main).length > 1);
    this.foldButton.hidden = !grouped;
    this.foldButton.textContent = this.folded.size ? text("Unfold all blocks") : text("Fold all blocks");
    const href = (name) => `${content.href}&at=${encodeURIComponent(name)}`;
    const rows = this.inside.flatMap((all, index) => {
      const shown = this.#rows(all).map((row) => makeRow(row, { names, text, href }));
      if (!grouped || !foldable.has(index)) return shown;
      const open = !this.folded.has(index);
      const head = makeHead(content.blocks[index], index, { names, text, open, count: all.length });
      for (const row of shown) row.classList.add("st-inner");
      return open ? [head, ...shown] : [head];
    });
    this.body.replaceChildren(...rows);
    this.foot.replaceChildren(this.#sum());
    if (focus !== null) this.body.querySelector(`[data-fold="${focus}"]`)?.focus();
  }

  #sum() {
    const { content, names, text } = this;
    const row = element("tr");
    const add = (name) => content.rows.reduce((sum, one) => sum + one[name], 0);
    const cells = [
      element("th", "", text("All {count} operations", { count: content.rows.length - 1 })),
      element("td"),
      element("td"),
      element("td", "st-parameters"),
      element("td", "st-work"),
      element("td"),
    ];
    cells[3].append(element("strong", "", exact(add("parameters"))));
    cells[4].append(element("strong", "", exact(add("multiplyAdds"))));
    cells[3].dataset.label = names.parameters;
    cells[4].dataset.label = names.multiplyAdds;
    row.append(...cells);
    return row;
  }

  #light(block) {
    this.picture.light(block);
    for (const row of this.body.rows) row.classList.toggle("st-lit", Number(row.dataset.block) === block);
  }

  /** Show the rows of a block. */
  #go(block) {
    if (this.folded.delete(block)) this.#fill();
    this.#light(block);
    const row = this.body.querySelector(`tr[data-block="${block}"]`);
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    row?.scrollIntoView({ block: "nearest", behavior: calm ? "auto" : "smooth" });
    row?.querySelector("a, button")?.focus({ preventScroll: true });
  }

  #onClick(event) {
    const fold = event.target.closest("[data-fold]");
    if (fold) {
      const index = Number(fold.dataset.fold);
      if (!this.folded.delete(index)) this.folded.add(index);
      this.#fill();
      return;
    }
    const link = event.target.closest("a");
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    this.leave(link.dataset.name);
  }

  #onKey(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    const stops = [...this.body.querySelectorAll("a, button")];
    const next = stops[stops.indexOf(event.target) + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
  }
}

function blockOf(target) {
  const row = target.closest?.("tr");
  return row ? Number(row.dataset.block) : -1;
}

export default mount(".shape-table", View, (view, { setTriggerValue }) => {
  view.leave = (name) => setTriggerValue("leave", name);
});
