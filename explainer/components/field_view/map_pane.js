// The feature map: pointing at a unit shows at once what it can see.

import { format, rasteriseFloat } from "../shared/colours.js";
import { element } from "../shared/dom.js";
import { cellAt, colourBar, drawMap, frame, mark, prepare } from "../shared/sketch.js";

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
      if (found) this.view.pin(found);
      this.stage.focus({ preventScroll: true });
    });
    this.stage.addEventListener("keydown", (event) => this.#key(event));
  }

  /** @param {number} side how wide the pane is @param {number} tall */
  draw(side, tall) {
    const { view } = this;
    const { state, palette, unit, pinned } = view;
    const { text } = view;
    const scale = Math.min(side / state.width, tall / state.height);
    const w = Math.max(10, Math.round(state.width * scale));
    const h = Math.max(10, Math.round(state.height * scale));
    const g = prepare(this.canvas, side, h + 4);
    this.box = { x: Math.round((side - w) / 2), y: 2, w, h };
    drawMap(g, this.#picture(), this.box, palette.theme);
    if (pinned && (pinned.y !== unit.y || pinned.x !== unit.x)) {
      const [sx, sy] = [w / state.width, h / state.height];
      frame(g, { x: this.box.x + pinned.x * sx, y: 2 + pinned.y * sy, w: sx, h: sy }, palette.theme.accent, 1.5);
    }
    mark(g, this.box, state, [unit.y, unit.x, unit.y, unit.x], palette.theme);
    this.stage.setAttribute("aria-label", text("Feature map, {height} × {width} units: arrow keys move, Escape goes back", { height: state.height, width: state.width }));
    this.#read();
  }

  #picture() {
    const { state, palette, place } = this.view;
    const plane = state.planes.get(place.channel);
    if (!plane) return null;
    const { peak, name } = this.#colours();
    return palette.keep(`map/${state.field.node}/${place.channel}`, () => rasteriseFloat(plane, 0, state.width, state.height, peak, palette.table(name)));
  }

  /** One channel is shown, on its own scale. @returns {{peak: number, name: "signed"}} */
  #colours() {
    const { state, place } = this.view;
    return { peak: state.peakOf(place.channel), name: "signed" };
  }

  #read() {
    const { state, place, unit, palette, text } = this.view;
    const value = state.valueAt(place.channel, unit.y, unit.x);
    const spot = element("span", "fv-quiet", text("unit ({y}, {x})", { y: unit.y, x: unit.x }));
    this.readout.replaceChildren(spot, element("strong", "", value === undefined ? "…" : format(value, 5)));
    const { peak, name } = this.#colours();
    colourBar(prepare(this.legend, 132, 24), palette, { x: 1, y: 2, w: 130, h: 8 }, format(peak, 3), name);
  }

  /** @param {MouseEvent} event */
  #find(event) {
    if (!this.box) return null;
    const bounds = this.canvas.getBoundingClientRect();
    return cellAt(this.box, this.view.state, event.clientX - bounds.left, event.clientY - bounds.top, 3);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const { view } = this;
    const far = event.shiftKey ? 10 : 1;
    const step = /** @type {Record<string, [number, number]>} */ ({ ArrowUp: [-far, 0], ArrowDown: [far, 0], ArrowLeft: [0, -far], ArrowRight: [0, far] })[event.key];
    if (event.key === "Escape") view.unpin();
    else if (event.key === "PageUp") view.choose(view.place.channel - 1);
    else if (event.key === "PageDown") view.choose(view.place.channel + 1);
    else if (step) {
      const within = (/** @type {number} */ v, /** @type {number} */ n) => Math.max(0, Math.min(n - 1, v));
      const { y, x } = view.unit;
      view.pin({ y: within(y + step[0], view.state.height), x: within(x + step[1], view.state.width) });
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
