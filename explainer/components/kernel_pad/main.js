// A kernel's numbers as fields: typed, or stepped with the arrow keys.

import { colourOf, format, inkOn, isDark, lut } from "../shared/colours.js";
import { element } from "../shared/dom.js";
import { mount } from "../shared/mount.js";
import { typedNumber } from "../shared/numbers.js";
import { words } from "../shared/words.js";

class Pad {
  /** @param {HTMLElement} host */
  constructor(host) {
    this.host = host;
    this.grid = host.appendChild(element("div", "fields"));
    this.presets = host.appendChild(element("div", "presets"));
    this.send = () => {};
    this.fields = [];
  }

  /** @param {any} content a decoded frame */
  receive(content) {
    const { values, original, columns, peak, label, texts } = content;
    const text = words(texts);
    this.text = text;
    Object.assign(this, { values: Float64Array.from(values), original, columns, peak: peak || 1 });
    this.host.setAttribute("aria-label", label);
    if (this.fields.length !== values.length) {
      this.fields = [...values].map((_, i) => this.field(i));
      this.grid.replaceChildren(...this.fields);
    }
    this.grid.style.gridTemplateColumns = `repeat(${columns}, minmax(0, 62px))`;
    this.fields.forEach((field, i) => {
      const [row, column] = [Math.floor(i / columns), i % columns];
      field.setAttribute("aria-label", text("row {y}, column {x}", { y: row, x: column }));
      if (field.getRootNode().activeElement !== field || !field.dataset.typing) field.value = this.written(i);
    });
    this.presets.replaceChildren(...this.buttons());
    this.paint();
  }

  written(i) {
    return format(this.values[i], 3);
  }

  field(i) {
    const field = /** @type {HTMLInputElement} */ (element("input"));
    Object.assign(field, { type: "text", inputMode: "decimal", spellcheck: false, autocomplete: "off" });
    field.addEventListener("input", () => {
      field.dataset.typing = "yes";
    });
    field.addEventListener("keydown", (event) => this.key(event, i));
    field.addEventListener("blur", () => this.take(i));
    field.addEventListener("focus", () => field.select());
    return field;
  }

  /** Read what was typed; what is no number is put back. */
  take(i) {
    const field = this.fields[i];
    if (!field.dataset.typing) return;
    delete field.dataset.typing;
    const value = typedNumber(field.value);
    if (Number.isFinite(value)) this.put(i, value);
    else field.value = this.written(i);
  }

  put(i, value) {
    if (this.values[i] === value) return;
    this.values[i] = value;
    this.fields[i].value = this.written(i);
    this.paint();
    this.send(this.values);
  }

  /** @param {KeyboardEvent} event */
  key(event, i) {
    const sign = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (event.key === "Enter") this.take(i);
    else if (event.key === "Escape") {
      delete this.fields[i].dataset.typing;
      this.fields[i].value = this.written(i);
    } else if (sign) {
      event.preventDefault();
      this.take(i);
      const step = (this.peak / 20) * (event.shiftKey ? 10 : 1);
      this.put(i, Number((this.values[i] + sign * step).toPrecision(6)));
    }
  }

  themeChanged() {
    this.paint();
  }

  paint() {
    const { text } = this;
    const table = lut("weights", isDark(this.host));
    this.fields.forEach((field, i) => {
      field.style.background = colourOf(this.values[i], this.peak, table);
      field.style.color = inkOn(this.values[i], this.peak, table);
      field.dataset.edited = String(Math.abs(this.values[i] - this.original[i]) > 1e-6 * this.peak);
      field.title = text("the network has {value}", { value: format(this.original[i], 6) });
    });
  }

  /** Ready-made edits. */
  buttons() {
    const { values, columns, peak, text } = this;
    const count = values.length;
    const rows = count / columns;
    const mean = values.reduce((a, b) => a + b, 0) / count;
    const made = [
      [text("zeros"), () => values.map(() => 0)],
      [text("opposite"), () => values.map((value) => -value || 0)],
    ];
    if (count > 1) {
      made.push(
        [text("turn"), () => values.map((_, i) => values[(columns - 1 - (i % columns)) * columns + Math.floor(i / columns)])],
        [text("mean"), () => values.map(() => mean)],
        [text("vertical edge"), () => values.map((_, i) => peak * ramp(i % columns, columns))],
        [text("horizontal edge"), () => values.map((_, i) => peak * ramp(Math.floor(i / columns), rows))],
      );
      if (rows !== columns) made.splice(2, 1);
    }
    return made.map(([name, make]) => {
      const button = element("button", "", name);
      button.addEventListener("click", () => {
        this.values = Float64Array.from(make());
        this.fields.forEach((field, i) => (field.value = this.written(i)));
        this.paint();
        this.send(this.values);
      });
      return button;
    });
  }
}

/** From -1 at the first place to 1 at the last. */
function ramp(place, count) {
  return count > 1 ? (2 * place) / (count - 1) - 1 : 0;
}

export default mount(".kernel-pad", Pad, (pad, { setTriggerValue }) => {
  pad.send = (values) => setTriggerValue("kernel", [...values]);
});
