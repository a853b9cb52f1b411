// Accuracy against cost: a point for each network, as large as the third quantity, and the line of those that no
// other beats. The cost is drawn on a logarithmic axis.

import { element } from "../shared/dom.js";
import { svg } from "../shared/svg.js";
import { placed } from "./labels.js";
import { AXES, milliseconds, pareto, valueOf, written } from "./values.js";
import { three } from "../shared/blocks.js";

const HEIGHT = 400;
const LARGEST = 26;
const SMALLEST = 4;
const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

export class Plot {
  /**
   * @param {HTMLElement} root
   * @param {{point: (key: string) => void, open: (key: string) => void, set: (change: object) => void, reset: () => void}} act
   */
  constructor(root, act) {
    this.act = act;
    this.tools = element("div", "ab-tools");
    this.stage = element("div", "ab-stage");
    this.legend = element("p", "ab-note");
    root.append(this.tools, this.stage, this.legend);
    this.current = "";
  }

  /** @param {any} board content, state, names of quantities, text */
  show(board) {
    this.board = board;
    const focused = this.tools.getRootNode().activeElement;
    const back = this.tools.contains(focused) ? focused.name : null;
    const { text, names } = board;
    const axes = AXES.map((name) => [name, names[name]]);
    const reset = element("button", "ab-reset", text("Reset"));
    reset.name = "reset";
    reset.addEventListener("click", () => this.act.reset());
    this.tools.replaceChildren(
      this.#select(text("Horizontal axis"), "x", axes),
      this.#select(text("Vertical axis"), "y", [["top1", names.top1], ["top5", names.top5]]),
      this.#select(text("Area of a point"), "area", axes),
      this.#select(text("Weights"), "recipe", [["first", text("the first published")], ["newest", text("the newest published")]]),
      reset,
    );
    if (back) this.tools.querySelector(`[name="${back}"]`)?.focus();
    this.draw();
  }

  #select(title, name, choices) {
    const label = element("label", "", title);
    const select = element("select");
    select.name = name;
    for (const [value, shown] of choices) select.append(new Option(shown, value, false, value === this.board.state[name]));
    select.addEventListener("change", () => this.act.set({ [name]: select.value }));
    label.append(select);
    return label;
  }

  draw() {
    if (!this.board) return;
    const { content, state, names, text } = this.board;
    const width = Math.max(260, this.stage.clientWidth);
    const context = { timings: content.timings, recipe: state.recipe };
    const points = content.networks
      .map((network) => ({
        network,
        cost: valueOf(network, state.x, context),
        y: valueOf(network, state.y, context),
        size: valueOf(network, state.area, context),
      }))
      .filter((point) => point.cost !== null && point.y !== null);
    if (points.length < 2) {
      const words = text("Nothing has been measured here yet. Measure below, and the points appear one by one.");
      this.stage.replaceChildren(element("p", "ab-empty", words));
      this.legend.textContent = "";
      return;
    }
    this.#scale(points, width);
    const picture = svg("svg", { width, height: HEIGHT, role: "group", "aria-label": `${names[state.y]} / ${names[state.x]}` });
    picture.append(this.#grid(), this.#front(points), ...this.#others(points), ...this.#points(points, width));
    const had = this.stage.contains(this.stage.getRootNode().activeElement);
    this.stage.replaceChildren(picture);
    if (had) picture.querySelector('[tabindex="0"]')?.focus();
    const bars = state.x === "time" ? ` ${text("Grey bars: the middle half of the passes.")}` : "";
    this.legend.textContent = `${text(
      "Dashed: the networks that no other beats, none is as cheap and better. Area of a point: {area}. A small ring: the same network with its other published weights, trained by another recipe.",
      { area: names[state.area] },
    )}${bars}`;
    this.light(this.board.lit);
  }

  #scale(points, width) {
    const costs = points.map((point) => point.cost);
    const highs = points.flatMap((point) => [point.y, ...point.network.weights.map((one) => one[this.board.state.y])]);
    const low = Math.log10(Math.min(...costs)) - 0.12;
    const high = Math.log10(Math.max(...costs)) + 0.14;
    const [least, most] = [Math.floor(Math.min(...highs) / 5) * 5, Math.ceil((Math.max(...highs) + 0.5) / 5) * 5];
    this.frame = { left: 44, right: width - 10, top: 14, bottom: HEIGHT - 42, low, high, least, most };
    const { left, right, top, bottom } = this.frame;
    this.x = (cost) => left + ((Math.log10(cost) - low) / (high - low)) * (right - left);
    this.y = (value) => bottom - ((value - least) / (most - least)) * (bottom - top);
    const largest = Math.max(...points.map((point) => point.size ?? 0));
    const scale = width < 560 ? 0.7 : 1;
    for (const point of points) {
      point.x = this.x(point.cost);
      point.top = this.y(point.y);
      point.r = scale * (point.size === null ? SMALLEST : Math.max(SMALLEST, LARGEST * Math.sqrt(point.size / largest)));
    }
  }

  #grid() {
    const { state, names, text } = this.board;
    const { left, right, top, bottom, low, high, least, most } = this.frame;
    const group = svg("g", { class: "ab-grid", "aria-hidden": "true" });
    const line = (x1, y1, x2, y2) => group.append(svg("line", { x1, y1, x2, y2 }));
    const label = (x, y, words, anchor) => group.append(svg("text", { x, y, "text-anchor": anchor }, words));
    for (let value = least; value <= most; value += 5) {
      line(left, this.y(value), right, this.y(value));
      label(left - 7, this.y(value) + 4, `${value} %`, "end");
    }
    for (let power = Math.floor(low); power <= high; power++) {
      for (const digit of [1, 2, 5]) {
        const value = digit * 10 ** power;
        if (Math.log10(value) < low || Math.log10(value) > high) continue;
        line(this.x(value), top, this.x(value), bottom);
        label(this.x(value), bottom + 17, this.#tick(value), "middle");
      }
    }
    label(right, bottom + 35, `${names[state.x]} · ${text("logarithmic")}`, "end");
    return group;
  }

  #tick(value) {
    if (this.board.state.x === "time") return milliseconds(value).replace(/\.0+(?= )/, "");
    return three(value).replace(/\.0+(?= )/, "").replace(/(\.\d)0(?= )/, "$1");
  }

  /** The staircase below which a network is beaten by another; names are not to lie on its steps. */
  #front(points) {
    const front = pareto(points.map((point) => ({ ...point, x: point.cost })));
    const steps = front.map((point) => ({ x: this.x(point.cost), y: this.y(point.y) }));
    const path = steps.map(({ x, y }, i) => (i ? `H${x}V${y}` : `M${x},${y}`)).join("");
    this.lines = steps.flatMap(({ x, y }, i) => {
      const next = steps[i + 1];
      const level = { left: x, right: next?.x ?? this.frame.right, top: y - 1, bottom: y + 1 };
      return next ? [level, { left: next.x - 1, right: next.x + 1, top: next.y, bottom: y }] : [level];
    });
    this.best = new Set(front.map((point) => point.network.key));
    return svg("path", { class: "ab-front", d: `${path}H${this.frame.right}` });
  }

  /** The other published weights of the same networks. */
  #others(points) {
    const { state } = this.board;
    return points.flatMap((point) =>
      point.network.weights
        .filter((one) => one[state.y] !== point.y)
        .map((one) => {
          const y = this.y(one[state.y]);
          this.lines.push({ left: point.x - 4, right: point.x + 4, top: Math.min(y - 4, point.top), bottom: Math.max(y + 4, point.top) });
          return svg(
            "g",
            { class: "ab-other", "data-key": point.network.key },
            svg("line", { x1: point.x, x2: point.x, y1: point.top, y2: y }),
            svg("circle", { cx: point.x, cy: y, r: 4 }),
          );
        }),
    );
  }

  #points(points, width) {
    const size = width < 560 ? 11 : 12.5;
    const measure = document.createElement("canvas").getContext("2d");
    measure.font = `600 ${size}px ${getComputedStyle(this.stage).fontFamily}`;
    const sized = points.map((point) => ({
      x: point.x,
      y: point.top,
      r: point.r,
      width: measure.measureText(point.network.title).width + 2,
      height: size + 3,
    }));
    const { left, right, top, bottom } = this.frame;
    for (const point of points) {
      const [from, , to] = this.#timing(point.network) ?? [point.cost, 0, point.cost];
      this.lines.push({ left: this.x(from), right: this.x(to), top: point.top - 2, bottom: point.top + 2 });
    }
    const boxes = placed(sized, { left: left + 2, right, top: top - 10, bottom }, this.lines);
    const order = [...points].sort((a, b) => b.r - a.r);
    const stop = points.some((point) => point.network.key === this.current) ? this.current : points[0].network.key;
    return order.map((point) => {
      const rect = boxes[points.indexOf(point)];
      const { network } = point;
      const group = svg("g", {
        class: `ab-point${this.best.has(network.key) ? " ab-best" : ""}`,
        "data-key": network.key,
        role: "button",
        tabindex: network.key === stop ? 0 : -1,
        "aria-label": this.#said(point),
      });
      const near = { x: Math.max(rect.left, Math.min(rect.right, point.x)), y: Math.max(rect.top, Math.min(rect.bottom, point.top)) };
      if (rect.far) group.append(svg("line", { class: "ab-leader", x1: point.x, y1: point.top, x2: near.x, y2: near.y }));
      group.append(...this.#whiskers(point), svg("circle", { cx: point.x, cy: point.top, r: point.r }));
      group.append(svg("title", {}, this.#said(point)));
      group.append(svg("text", { x: rect.left + 1, y: rect.bottom - 4, "font-size": size }, network.title));
      group.addEventListener("pointerenter", () => this.act.point(network.key));
      group.addEventListener("pointerleave", () => this.act.point(""));
      group.addEventListener("focus", () => this.act.point(network.key));
      group.addEventListener("click", () => this.act.open(network.key));
      group.addEventListener("keydown", (event) => this.#onKey(event, network.key));
      return group;
    });
  }

  /** Where the time is the cost: the middle half of the passes. */
  #whiskers({ network, top }) {
    const timing = this.#timing(network);
    if (!timing) return [];
    return [svg("line", { class: "ab-whisker", x1: this.x(timing[0]), x2: this.x(timing[2]), y1: top, y2: top })];
  }

  #timing(network) {
    return this.board.state.x === "time" ? this.board.content.timings[network.key] : null;
  }

  #said({ network, cost, y }) {
    const { state, names } = this.board;
    return `${network.title}: ${names[state.x]} ${written(state.x, cost)}, ${names[state.y]} ${written(state.y, y)}`;
  }

  #onKey(event, key) {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      this.act.open(key);
      return;
    }
    const points = [...this.stage.querySelectorAll(".ab-point")];
    const place = (point) => Number(point.querySelector("circle").getAttribute("cx"));
    points.sort((a, b) => place(a) - place(b));
    const here = points.findIndex((point) => point.dataset.key === key);
    const last = points.length - 1;
    const wanted = { Home: 0, End: last }[event.key] ?? here + (STEPS[event.key] ?? NaN);
    if (!points[wanted]) return;
    event.preventDefault();
    this.current = points[wanted].dataset.key;
    for (const point of points) point.setAttribute("tabindex", point === points[wanted] ? "0" : "-1");
    points[wanted].focus();
  }

  /** Bring one network forward. @param {string} key */
  light(key) {
    for (const part of this.stage.querySelectorAll("[data-key]")) part.classList.toggle("ab-lit", part.dataset.key === key);
    this.stage.classList.toggle("ab-some", Boolean(key));
  }
}
