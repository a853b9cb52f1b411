// Numbers in cells: written short, coloured by value, typed in place.

import { element } from "../shared/dom.js";
import { brief, typedNumber } from "../shared/numbers.js";

/** A number for a cell; one decimal in a narrow one. @param {number} value @param {boolean} [narrow] */
export function cell(value, narrow = false) {
  const short = brief(value, 3);
  if (narrow && short.length > 4) return brief(Number(value.toFixed(1)), 2);
  return short.length > 5 ? brief(value, 2) : short;
}

/**
 * A cell that takes a number.
 * @param {(value: number) => void} take called with every number that is typed
 * @param {(step: number) => void} leave called with -1 or 1 to go to a neighbour
 */
export function makeField(take, leave) {
  const field = /** @type {HTMLInputElement} */ (element("input", "lv-cell lv-field"));
  Object.assign(field, { type: "text", inputMode: "text", spellcheck: false, autocomplete: "off", tabIndex: -1 });
  const read = () => {
    const value = typedNumber(field.value);
    return Math.abs(value) <= 1e6 ? Number(value.toPrecision(6)) + 0 : NaN;
  };
  const rest = () => {
    delete field.dataset.typing;
    field.removeAttribute("aria-invalid");
    field.value = field.dataset.written ?? "";
  };
  field.addEventListener("focus", () => {
    for (const other of field.parentElement?.querySelectorAll(":scope > .lv-field") ?? []) /** @type {any} */ (other).tabIndex = -1;
    field.tabIndex = 0;
    field.value = field.dataset.value ?? field.value;
    field.select();
  });
  field.addEventListener("input", () => {
    field.dataset.typing = "yes";
    const value = read();
    field.setAttribute("aria-invalid", String(Number.isNaN(value)));
    if (!Number.isNaN(value)) take(value);
  });
  field.addEventListener("blur", rest);
  field.addEventListener("keydown", (event) => {
    event.stopPropagation(); // the stage's keys move the window
    const turn = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (event.key === "Enter" || event.key === "Escape") {
      rest();
      field.select();
    } else if (turn) {
      event.preventDefault();
      const value = read();
      if (!Number.isNaN(value)) take(Number((value + turn * (event.shiftKey ? 0.1 : 1)).toPrecision(6)));
      delete field.dataset.typing;
      field.value = field.dataset.value ?? "";
      field.select();
    } else if (step && !event.shiftKey) {
      event.preventDefault();
      leave(step);
    }
  });
  return field;
}

/**
 * Colour a cell by its value and write it, unless the reader is typing there.
 * @param {HTMLElement} node
 * @param {number|null} value null leaves it empty
 * @param {number} peak
 * @param {import("../shared/palette.js").Palette} palette
 * @param {import("../shared/colours.js").MapName} map
 */
export function paintCell(node, value, peak, palette, map) {
  node.style.background = value === null ? "" : palette.colour(value, peak, map);
  node.style.color = value === null ? "" : palette.ink(value, peak, map);
  const text = value === null ? "" : cell(value, parseFloat(node.style.width) < 30);
  if (node instanceof HTMLInputElement) {
    node.dataset.written = text;
    node.dataset.value = String(value);
    if (!node.dataset.typing && /** @type {any} */ (node.getRootNode()).activeElement !== node) node.value = text;
  } else node.textContent = text;
}
