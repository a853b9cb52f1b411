// Steps 1 and 2: the photo resized and normalised; the levels of the feature pyramid.

import { element } from "../shared/dom.js";
import { format } from "../shared/colours.js";
import { brief } from "../shared/numbers.js";
import { Maps } from "./maps.js";
import { button, equations, note, section } from "./written.js";

const STEPS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };

export class InputPanel {
  constructor(view) {
    this.view = view;
    this.root = element("div", "two-panel");
  }

  draw() {
    const { frame, text } = this.view;
    const { photo, fitted } = frame;
    const [height, width] = fitted.size;
    const sizes = equations([
      [text("Width"), `${photo.width} · ${brief(fitted.factor)} = ${brief(photo.width * fitted.factor)} → ${width}`],
      [text("Height"), `${photo.height} · ${brief(fitted.factor)} = ${brief(photo.height * fitted.factor)} → ${height}`],
      [text("Filled up"), `${width} × ${height} → ${fitted.input[1]} × ${fitted.input[0]}`],
    ]);
    const [x, y] = fitted.pixel;
    const waits = this.view.state.pixel && (this.view.state.pixel[0] !== x || this.view.state.pixel[1] !== y);
    const lines = ["R", "G", "B"].map((name, i) => [
      name,
      waits ? "…" : `(${brief(fitted.before[i])} − ${brief(fitted.mean[i])}) / ${brief(fitted.std[i])} = ${brief(fitted.after[i])}`,
    ]);
    this.root.replaceChildren(
      section(text("Resize"), sizes, note(text("One factor for both sides keeps the shape. The network halves its maps five times, so zeros (hatched) fill both sides up to a multiple of 32."))),
      section(text("Normalise: column {x}, row {y}", { x, y }), equations(/** @type {[string, string][]} */ (lines)), note(text("(value − mean) / standard deviation, each colour on its own. Click on the photo for another pixel."))),
    );
  }

  point() {
    const [x, y] = this.view.state.pixel ?? this.view.frame.fitted.pixel;
    return { x: x + 0.5, y: y + 0.5 };
  }

  click(point) {
    this.#choose(Math.floor(point.x), Math.floor(point.y), false);
  }

  #choose(x, y, aloud) {
    const [height, width] = this.view.frame.fitted.input;
    const inside = (v, n) => Math.max(0, Math.min(n - 1, v));
    this.view.set({ pixel: [inside(x, width), inside(y, height)] }, aloud);
  }

  key(event) {
    const step = STEPS[event.key];
    if (!step) return false;
    const [x, y] = this.view.state.pixel ?? this.view.frame.fitted.pixel;
    const many = event.shiftKey ? 16 : 1;
    this.#choose(x + many * step[0], y + many * step[1], true);
    return true;
  }

  saying() {
    const { text, state, frame } = this.view;
    const [x, y] = state.pixel ?? frame.fitted.pixel;
    return text("Pixel in column {x}, row {y} of the network's input.", { x, y });
  }
}

export class PyramidPanel {
  constructor(view) {
    this.view = view;
    this.root = element("div", "two-panel");
    this.controls = element("div", "two-row");
    this.reading = element("p", "two-reading");
    this.maps = new Maps("map", {
      hover: (place) => view.hover(place && { place }),
      choose: (place, aloud) => {
        view.hover({ place });
        if (aloud) view.live.textContent = view.said.textContent;
      },
      start: (level) => (this.#place()?.level === level ? this.#place() : { level, row: view.frame.levels[level].height >> 1, column: view.frame.levels[level].width >> 1 }),
    });
  }

  #place() {
    return this.view.hovered?.place ?? null;
  }

  draw() {
    const { frame, text, state } = this.view;
    const step = (by) => this.view.set({ channel: (((state.channel + 1 + by) % (frame.channels + 1)) + frame.channels + 1) % (frame.channels + 1) - 1 });
    const field = element("input", "two-field");
    field.type = "number";
    field.min = "0";
    field.max = String(frame.channels - 1);
    field.dataset.key = "channel";
    field.setAttribute("aria-label", text("Channel"));
    field.placeholder = "–";
    field.value = state.channel < 0 ? "" : String(state.channel);
    field.addEventListener("change", () => {
      const wanted = Math.round(Number(field.value));
      this.view.set({ channel: field.value !== "" && wanted >= 0 && wanted < frame.channels ? wanted : -1 });
    });
    this.controls.replaceChildren(
      button(text("Mean of all channels"), () => this.view.set({ channel: -1 }), "mean", state.channel < 0),
      element("span", "two-quiet", text("Channel")),
      button("‹", () => step(-1), "back"),
      field,
      button("›", () => step(1), "on"),
      element("span", "two-quiet", text("of {count}", { count: frame.channels })),
    );
    for (const one of this.controls.querySelectorAll("button")) if (one.textContent === "‹") one.setAttribute("aria-label", text("Previous channel"));
    for (const one of this.controls.querySelectorAll("button")) if (one.textContent === "›") one.setAttribute("aria-label", text("Next channel"));
    this.root.replaceChildren(
      section(
        text("One photo, several resolutions"),
        this.controls,
        this.maps.root,
        this.reading,
        note(text("The backbone's deep maps know what is there, its early ones where exactly. The pyramid adds each deep map, enlarged, to the next finer one, so that every level knows both (Lin et al., 2017). Large objects are looked for on coarse levels, small ones on fine levels.")),
      ),
    );
  }

  marks() {
    const place = this.#place();
    if (!place) return [];
    const { stride } = this.view.frame.levels[place.level];
    const [y, x] = [place.row * stride[0], place.column * stride[1]];
    return [{ box: [x, y, x + stride[1], y + stride[0]], role: "plain", width: 2 }];
  }

  saying() {
    const { text, hovered, frame } = this.view;
    const place = this.#place() ?? (hovered?.point ? null : null);
    if (!place) return text("Point at a map: the photo shows the square that one of its numbers stands for.");
    const level = frame.levels[place.level];
    return text("Level {name}, row {row}, column {column}: {value}", {
      name: level.name,
      row: place.row,
      column: place.column,
      value: format(level.map[place.row * level.width + place.column], 4),
    });
  }

  paint() {
    const { hovered, frame } = this.view;
    let place = this.#place();
    if (!place && hovered?.point) {
      const level = frame.levels[0];
      place = { level: 0, row: Math.floor(hovered.point.y / level.stride[0]), column: Math.floor(hovered.point.x / level.stride[1]) };
    }
    this.maps.draw(this.view, { chosen: null, hovered: place });
    this.reading.textContent = "";
  }
}
