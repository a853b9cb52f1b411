// The feature map: pointing at a unit shows at once what it can see.

import { format, rasteriseFloat } from "../shared/colours.js";
import { element } from "../shared/dom.js";
import { cellAt, colourBar, drawMap, frame, mark, prepare } from "../shared/sketch.js";
import { drawBars, listed, rowAt, tallOf } from "./bars.js";

export class MapPane {
  /** @param {HTMLElement} host @param {any} view */
  constructor(host, view) {
    this.view = view;
    this.title = element("div", "fv-title");
    this.stage = element("div", "fv-stage");
    this.stage.tabIndex = 0;
    this.stage.setAttribute("role", "application");
    this.canvas = element("canvas");
    this.canvas.setAttribute("aria-hidden", "true");
    this.stage.append(this.canvas);
    this.foot = element("div", "fv-foot");
    this.legend = element("canvas", "fv-legend");
    this.legend.setAttribute("aria-hidden", "true");
    this.readout = element("output", "fv-readout");
    this.foot.append(this.readout, this.legend);
    host.append(this.title, this.stage, this.foot);
    this.canvas.addEventListener("pointermove", (event) => this.view.hover(this.#find(event)));
    this.canvas.addEventListener("pointerleave", () => this.view.hover(null));
    this.canvas.addEventListener("click", (event) => {
      const found = this.#find(event);
      if (this.rows) this.view.choose(rowAt(this.rows, event.offsetY) ?? this.view.place.channel);
      else if (found) this.view.pin(found);
      this.stage.focus({ preventScroll: true });
    });
    this.stage.addEventListener("keydown", (event) => this.#key(event));
  }

  /** @param {number} side how wide the pane is @param {number} tall */
  draw(side, tall) {
    const { view } = this;
    const { state, palette, unit, pinned } = view;
    const { text } = view;
    this.rows = state.vector ? listed(state, view.place.channel) : null;
    if (this.rows) {
      drawBars(prepare(this.canvas, side, tallOf(this.rows)), view, this.rows, side);
      this.stage.setAttribute("aria-label", text("The largest numbers of {count}: up and down keys choose", { count: state.channels }));
      this.#read();
      return;
    }
    const { shape } = state;
    const scale = Math.min(side / shape.width, tall / shape.height);
    const w = Math.max(10, Math.round(shape.width * scale));
    const h = Math.max(10, Math.round(shape.height * scale));
    const g = prepare(this.canvas, side, h + 4);
    this.box = { x: Math.round((side - w) / 2), y: 2, w, h };
    drawMap(g, this.#picture(), this.box, palette.theme);
    if (pinned && (pinned.y !== unit.y || pinned.x !== unit.x)) {
      const [sx, sy] = [w / shape.width, h / shape.height];
      const cell = state.cellOf(pinned);
      frame(g, { x: this.box.x + cell.x * sx, y: 2 + cell.y * sy, w: sx, h: sy }, palette.theme.accent, 1.5);
    }
    const { y, x } = state.cellOf(unit);
    mark(g, this.box, shape, [y, x, y, x], palette.theme);
    this.stage.setAttribute("aria-label", text("Feature map, {height} × {width} units: arrow keys move, Escape goes back", { height: state.height, width: state.width }));
    this.#read();
  }

  #picture() {
    const { state, palette, place } = this.view;
    const plane = state.planes.get(place.channel);
    if (!plane) return null;
    const { peak, name } = this.#colours();
    return palette.keep(`map/${state.field.node}/${place.channel}`, () => rasteriseFloat(state.laidOut(plane), 0, state.shape.width, state.shape.height, peak, palette.table(name)));
  }

  /** One channel is shown, on its own scale. @returns {{peak: number, name: "signed"}} */
  #colours() {
    const { state, place } = this.view;
    return { peak: state.peakOf(place.channel), name: "signed" };
  }

  #read() {
    const { state, place, unit, palette, text } = this.view;
    const value = state.valueAt(place.channel, unit.y, unit.x);
    const spot = element("span", "fv-quiet", this.rows ? text("value") : text("unit ({y}, {x})", { y: unit.y, x: unit.x }));
    this.readout.replaceChildren(spot, element("strong", "", value === undefined ? "…" : format(value, 5)));
    const { peak, name } = this.#colours();
    this.legend.hidden = Boolean(this.rows);
    colourBar(prepare(this.legend, 132, 24), palette, { x: 1, y: 2, w: 130, h: 8 }, format(peak, 3), name);
  }

  /** @param {MouseEvent} event */
  #find(event) {
    if (!this.box || this.rows) return null;
    const bounds = this.canvas.getBoundingClientRect();
    const { state } = this.view;
    return state.unitIn(cellAt(this.box, state.shape, event.clientX - bounds.left, event.clientY - bounds.top, 3));
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const { view } = this;
    const far = event.shiftKey ? 10 : 1;
    const step = /** @type {Record<string, [number, number]>} */ ({ ArrowUp: [-far, 0], ArrowDown: [far, 0], ArrowLeft: [0, -far], ArrowRight: [0, far] })[event.key];
    if (event.key === "Escape") view.unpin();
    else if (event.key === "PageUp") view.choose(view.place.channel - 1);
    else if (event.key === "PageDown") view.choose(view.place.channel + 1);
    else if (step && this.rows) {
      const at = this.rows.indexOf(view.place.channel) + Math.sign(step[0] + step[1]);
      view.choose(this.rows[Math.max(0, Math.min(this.rows.length - 1, at))]);
    } else if (step) {
      const within = (/** @type {number} */ v, /** @type {number} */ n) => Math.max(0, Math.min(n - 1, v));
      const { shape } = view.state;
      const { y, x } = view.state.cellOf(view.unit);
      const unit = view.state.unitIn({ y: within(y + step[0], shape.height), x: within(x + step[1], shape.width) });
      if (unit) view.pin(unit);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
