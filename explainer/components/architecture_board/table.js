// The table: a row for each network, sorted by any column; a row opens to what the network is.

import { element } from "../shared/dom.js";
import { Detail } from "./detail.js";
import { beginsDown, chosen, COLUMNS, milliseconds, sorted, valueOf, written } from "./values.js";

/** Columns with a bar under the number. */
const BARS = new Set(["parameters", "multiplyAdds", "activations", "time"]);

export class Table {
  /**
   * @param {HTMLElement} root
   * @param {{point: (key: string) => void, open: (key: string) => void, set: (change: object) => void, leave: (key: string) => void, toShapes: (key: string) => void}} act
   */
  constructor(root, act) {
    this.act = act;
    this.detail = new Detail(act);
    this.tools = element("div", "ab-tools ab-narrow");
    this.table = element("table", "ab-table");
    this.head = this.table.createTHead();
    this.body = this.table.createTBody();
    root.append(this.tools, this.table);
    this.body.addEventListener("keydown", (event) => this.#onKey(event));
  }

  /** @param {any} board */
  show(board) {
    this.board = board;
    const focused = this.body.getRootNode().activeElement;
    const back = this.table.contains(focused) ? focused.dataset.focus : null;
    this.#headings();
    this.#rows();
    if (back) this.table.querySelector(`[data-focus="${back}"]`)?.focus();
  }

  #headings() {
    const { state, names, notes, text } = this.board;
    const row = element("tr");
    for (const name of COLUMNS) {
      const cell = element("th");
      cell.scope = "col";
      const here = state.sort === name;
      cell.setAttribute("aria-sort", here ? (state.down ? "descending" : "ascending") : "none");
      const button = element("button", "", names[name]);
      button.dataset.focus = `sort-${name}`;
      button.title = notes[name] ?? "";
      button.append(element("i", "", here ? (state.down ? "↓" : "↑") : ""));
      button.addEventListener("click", () => this.#sort(name));
      cell.append(button);
      row.append(cell);
    }
    this.head.replaceChildren(row);
    const label = element("label", "", text("Order"));
    const select = element("select");
    select.dataset.focus = "order";
    for (const name of COLUMNS) select.append(new Option(names[name], name, false, name === state.sort));
    select.addEventListener("change", () => this.act.set({ sort: select.value, down: beginsDown(select.value) }));
    label.append(select);
    const turn = element("button", "ab-turn", state.down ? "↓" : "↑");
    turn.dataset.focus = "turn";
    turn.setAttribute("aria-label", text("The other way round"));
    turn.addEventListener("click", () => this.act.set({ down: !state.down }));
    this.tools.replaceChildren(label, turn);
  }

  #sort(name) {
    const { state } = this.board;
    this.act.set({ sort: name, down: state.sort === name ? !state.down : beginsDown(name) });
  }

  #rows() {
    const { content, state } = this.board;
    const context = { timings: content.timings, recipe: state.recipe };
    const most = Object.fromEntries(
      [...BARS].map((name) => [name, Math.max(...content.networks.map((one) => Number(valueOf(one, name, context) ?? 0)))]),
    );
    const rows = sorted(content.networks, state.sort, state.down, context).flatMap((network) => {
      const row = this.#row(network, context, most);
      return network.key === state.open ? [row, this.#opened(network)] : [row];
    });
    this.body.replaceChildren(...rows);
    if (state.open) this.detail.draw();
  }

  #row(network, context, most) {
    const { state, names, text } = this.board;
    const row = element("tr", "ab-row");
    row.dataset.key = network.key;
    const open = network.key === state.open;
    const first = element("th");
    first.scope = "row";
    const button = element("button", "ab-name");
    button.dataset.focus = `row-${network.key}`;
    button.setAttribute("aria-expanded", String(open));
    button.append(element("strong", "", network.title), element("span", "", network.tag));
    first.append(button);
    row.append(first);
    for (const name of COLUMNS.slice(1)) {
      const value = valueOf(network, name, context);
      const cell = element("td", `ab-${name}`);
      cell.dataset.label = names[name];
      cell.append(element("span", "ab-value", written(name, value)));
      if (name === "time" && value !== null) cell.append(element("small", "", spread(context.timings[network.key])));
      if (BARS.has(name) && value !== null) {
        const bar = element("i", "ab-bar");
        bar.style.setProperty("--share", String(Number(value) / most[name]));
        cell.append(bar);
      }
      cell.title = this.#exact(network, name, value);
      if (name === "top1" && network.digits) cell.replaceChildren(this.#digits(network.digits, text));
      row.append(cell);
    }
    row.addEventListener("click", () => this.act.open(open ? "" : network.key));
    row.addEventListener("pointerenter", () => this.act.point(network.key));
    row.addEventListener("pointerleave", () => this.act.point(""));
    return row;
  }

  /** Our LeNet-5 was measured on another task: its number must not look like one of the column. */
  #digits({ accuracy, count }, text) {
    const cell = element("span", "ab-digits");
    cell.append(
      element("span", "", `${(100 * accuracy).toFixed(1)} %`),
      element("small", "", text("{count} handwritten digits: another task, not comparable", { count })),
    );
    return cell;
  }

  #exact(network, name, value) {
    const { content, state, text } = this.board;
    if (name === "time") {
      const timing = content.timings[network.key];
      if (!timing) return text("not measured here yet");
      const [low, , high, count] = timing;
      return text("median of {count} passes; the middle half took {low} to {high}", {
        count,
        low: milliseconds(low),
        high: milliseconds(high),
      });
    }
    if (name === "top1" || name === "top5") return value === null ? "" : `${value} % · ${chosen(network, state.recipe).name}`;
    return typeof value === "number" && value > 9999 ? value.toLocaleString("en") : "";
  }

  #opened(network) {
    const row = element("tr", "ab-opened");
    const cell = element("td");
    cell.colSpan = COLUMNS.length;
    cell.append(this.detail.root);
    row.append(cell);
    this.detail.show(this.board, network);
    return row;
  }

  #onKey(event) {
    const focus = event.target.dataset?.focus ?? "";
    if (event.key === "Escape" && this.board.state.open) {
      const key = this.board.state.open;
      this.act.open("");
      this.body.querySelector(`[data-focus="row-${key}"]`)?.focus();
      return;
    }
    if (!focus.startsWith("row-")) return;
    const buttons = [...this.body.querySelectorAll(".ab-name")];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const next = buttons[buttons.indexOf(event.target) + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
  }

  /** @param {string} key */
  light(key) {
    for (const row of this.body.querySelectorAll(".ab-row")) row.classList.toggle("ab-lit", row.dataset.key === key);
  }

  /** Bring an opened row into sight. */
  reveal() {
    this.body.querySelector(".ab-opened")?.previousElementSibling?.scrollIntoView({ block: "nearest", behavior: calm() });
    this.body.querySelector(".ab-opened")?.scrollIntoView({ block: "nearest", behavior: calm() });
  }
}

/** Where the middle half of the passes lay. @param {number[]} timing */
function spread([low, , high]) {
  return `${milliseconds(low).replace(" ms", "")}–${milliseconds(high).replace(" ms", "")}`;
}

function calm() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
}
