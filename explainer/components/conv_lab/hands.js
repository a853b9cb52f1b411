// Pointer and keys over the two grids.

const STEPS = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };

const clamp = (value, count) => Math.max(0, Math.min(count - 1, value));

/** Over the input: look at a number, paint. */
export class FieldHands {
  /** @param {any} view @param {HTMLCanvasElement} canvas */
  constructor(view, canvas) {
    this.view = view;
    canvas.addEventListener("pointerdown", (event) => this.#down(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => this.#up());
    canvas.addEventListener("pointerleave", () => !this.painting && view.look(null));
    canvas.addEventListener("keydown", (event) => this.#key(event));
    canvas.addEventListener("blur", () => {
      view.state.cursor = null;
      view.look(null);
    });
    this.canvas = canvas;
  }

  #down(event) {
    const { view } = this;
    const cell = view.fieldCell(event);
    if (!cell || event.button !== 0) return;
    view.state.cursor = null;
    const place = view.inputAt(cell);
    if (place && view.state.layer.paintable) {
      event.preventDefault();
      this.canvas.setPointerCapture(event.pointerId);
      this.painting = true;
      view.brush.begin(view.state.channel, place.y, place.x);
    }
    view.look({ type: "field", ...cell });
  }

  #move(event) {
    const { view } = this;
    view.state.cursor = null;
    const cell = view.fieldCell(event);
    if (this.painting) {
      const place = cell && view.inputAt(cell);
      if (place) view.brush.move(place.y, place.x);
    }
    if (!view.player.playing) view.look(cell && { type: "field", ...cell });
    this.canvas.style.cursor = cell && view.inputAt(cell) && view.state.layer.paintable ? "crosshair" : "default";
  }

  #up() {
    if (!this.painting) return;
    this.painting = false;
    this.view.brush.end();
  }

  #key(event) {
    const { view } = this;
    const { state } = view;
    const grid = view.fieldGrid;
    const now = state.cursor ?? { row: Math.floor(grid.rows / 2), column: Math.floor(grid.columns / 2) };
    const step = STEPS[event.key];
    if (step) {
      const by = state.cursor ? step : [0, 0]; // the first key shows where one is
      state.cursor = { row: clamp(now.row + by[0], grid.rows), column: clamp(now.column + by[1], grid.columns) };
      view.look({ type: "field", ...state.cursor });
    } else if (event.key === "Escape") {
      state.cursor = null;
      view.look(null);
    } else if (event.key === "Enter" || event.key === " " || /^[0-9]$/.test(event.key)) {
      const place = state.cursor && view.inputAt(state.cursor);
      if (!place || !state.layer.paintable) return;
      const digit = /^[0-9]$/.test(event.key) ? Number(event.key) : view.brush.value;
      view.brush.put(state.channel, place.y, place.x, digit);
    } else return;
    event.preventDefault();
  }
}

/** Over the output: the window follows. */
export class ResultHands {
  /** @param {any} view @param {HTMLCanvasElement} canvas */
  constructor(view, canvas) {
    this.view = view;
    const point = (event) => {
      const cell = view.resultCell(event);
      if (cell && !view.player.playing) view.look({ type: "output", y: cell.row, x: cell.column });
    };
    canvas.addEventListener("pointermove", point);
    canvas.addEventListener("pointerdown", (event) => {
      view.player.pause();
      point(event);
    });
    canvas.addEventListener("keydown", (event) => this.#key(event));
  }

  #key(event) {
    const { view } = this;
    const { layer, at } = view.state;
    const step = STEPS[event.key];
    if (step) {
      view.player.pause();
      view.look({ type: "output", y: clamp(at.y + step[0], layer.rows.out), x: clamp(at.x + step[1], layer.columns.out) });
    } else if (event.key === " ") view.player.toggle();
    else if (event.key === "Home") view.look({ type: "output", y: 0, x: 0 });
    else if (event.key === "End") view.look({ type: "output", y: layer.rows.out - 1, x: layer.columns.out - 1 });
    else if (event.key === "Escape") view.player.finish();
    else return;
    event.preventDefault();
  }
}
