// The tools above the maps: the picture moves, a brush paints, what has changed is marked or not; the legend.

import { format } from "../shared/colours.js";
import { element } from "../shared/dom.js";
import { trimmed } from "../shared/numbers.js";

const MOVES = [
  ["←", 0, -1],
  ["→", 0, 1],
  ["↑", -1, 0],
  ["↓", 1, 0],
];

export class Tools {
  /** @param {any} view */
  constructor(view) {
    this.view = view;
    this.root = element("div", "pool-tools");
  }

  /** Write what depends on the frame; made once, so that focus stays where it is. */
  receive() {
    const { view } = this;
    const { text } = view;
    if (this.made !== text("Move the picture left") + String(view.paints)) this.#make();
    this.amount.textContent = view.shiftText();
    this.brushes.forEach((button, value) => {
      button.setAttribute("aria-checked", String(value === view.brush));
      button.tabIndex = value === view.brush ? 0 : -1;
    });
    const { low, high } = view.scale;
    this.ends[0].textContent = trimmed(format(low, 3));
    this.ends[1].textContent = trimmed(format(high, 3));
    this.#legend();
  }

  #make() {
    const { view } = this;
    const { text } = view;
    this.made = text("Move the picture left") + String(view.paints);
    const move = element("div", "pool-group");
    move.setAttribute("role", "group");
    move.setAttribute("aria-label", text("Move the picture by one pixel"));
    move.append(element("span", "", text("Move the picture by one pixel")));
    const names = [text("Move the picture left"), text("Move the picture right"), text("Move the picture up"), text("Move the picture down")];
    MOVES.forEach(([sign, down, right], i) => {
      const button = key(sign, names[i]);
      button.addEventListener("click", () => view.move([view.shift[0] + down, view.shift[1] + right]));
      move.append(button);
    });
    const back = key("0", text("Put the picture back"));
    back.addEventListener("click", () => view.move([0, 0]));
    this.amount = element("span", "pool-amount");
    move.append(back, this.amount);
    this.brushes = [];
    const groups = [move];
    if (view.paints) groups.push(this.#brush());
    groups.push(this.#check(), this.#scale());
    this.root.replaceChildren(...groups);
  }

  #brush() {
    const { view } = this;
    const { text } = view;
    const group = element("div", "pool-group");
    group.setAttribute("role", "radiogroup");
    group.setAttribute("aria-label", text("Paint with"));
    group.append(element("span", "", text("Paint with")));
    this.brushes = Array.from({ length: 10 }, (_, value) => {
      const button = key(String(value), "");
      button.removeAttribute("title");
      button.setAttribute("role", "radio");
      const take = (/** @type {number} */ wanted) => {
        view.brush = wanted;
        this.receive();
      };
      button.addEventListener("click", () => take(value));
      button.addEventListener("keydown", (event) => {
        const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
        if (!step) return;
        event.preventDefault();
        take((value + step + 10) % 10);
        this.brushes[(value + step + 10) % 10].focus();
      });
      return button;
    });
    group.append(...this.brushes);
    return group;
  }

  #check() {
    const { view } = this;
    const { text } = view;
    const label = element("label", "pool-check");
    const box = element("input");
    Object.assign(box, { type: "checkbox", checked: view.marked });
    box.addEventListener("input", () => {
      view.marked = box.checked;
      view.draw();
    });
    const sign = element("i", "corner");
    const legend = element("span", "pool-legend");
    legend.append(sign);
    label.append(box, element("span", "", text("Mark what changed")), legend);
    return label;
  }

  #scale() {
    const legend = element("span", "pool-legend");
    this.ends = [element("span"), element("span")];
    this.bar = element("i");
    legend.append(this.ends[0], this.bar, this.ends[1]);
    return legend;
  }

  #legend() {
    const table = this.view.palette.table(this.view.scale.name);
    const stops = [1, 64, 128, 192, 255].map((step) => {
      const c = table[step];
      return `rgb(${c & 255},${(c >> 8) & 255},${(c >> 16) & 255})`;
    });
    this.bar.style.background = `linear-gradient(90deg, ${stops.join(", ")})`;
  }
}

function key(sign, title) {
  const button = element("button", "pool-key", sign);
  button.title = title;
  if (title) button.setAttribute("aria-label", title);
  return button;
}
