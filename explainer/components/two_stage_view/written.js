// Small pieces of the panels: headings, equations with their numbers, bars, switches.

import { element } from "../shared/dom.js";
import { bracketed, brief } from "../shared/numbers.js";
import { roleColour } from "./scene.js";

/** @param {string} title @param {...(Node|string)} parts */
export function section(title, ...parts) {
  const root = element("section", "two-section");
  if (title) root.append(element("h4", "", title));
  root.append(...parts);
  return root;
}

/** @param {string} text */
export function note(text) {
  return element("p", "two-note", text);
}

/** A number for a sentence. @param {number} value @param {number} [digits] */
export function number(value, digits = 4) {
  return brief(value, digits);
}

/** Lines of mathematics: symbols left, numbers right. @param {[string, string][]} lines */
export function equations(lines) {
  const root = element("div", "two-equations");
  for (const [symbols, numbers] of lines) root.append(element("span", "two-symbols", symbols), element("span", "two-numbers", numbers));
  return root;
}

/**
 * How a box was moved and stretched, with its numbers.
 * @param {ReturnType<typeof import("./boxes.js").decoded>} found
 * @param {number[]} weights
 * @param {ArrayLike<number>} raw
 */
export function movedBy({ from, to }, weights, raw) {
  const one = (i) => (weights[i] === 1 ? bracketed(raw[i], 4) : `${bracketed(raw[i], 4)} / ${weights[i]}`);
  const plain = (i) => (weights[i] === 1 ? brief(raw[i], 4) : `${brief(raw[i], 4)} / ${weights[i]}`);
  const over = (i, name) => (weights[i] === 1 ? name : `${name} / ${weights[i]}`);
  return equations([
    [`x = xₐ + wₐ · ${over(0, "dx")}`, `${brief(from.x)} + ${brief(from.w)} · ${one(0)} = ${brief(to.x)}`],
    [`y = yₐ + hₐ · ${over(1, "dy")}`, `${brief(from.y)} + ${brief(from.h)} · ${one(1)} = ${brief(to.y)}`],
    [`w = wₐ · exp(${over(2, "dw")})`, `${brief(from.w)} · exp(${plain(2)}) = ${brief(to.w)}`],
    [`h = hₐ · exp(${over(3, "dh")})`, `${brief(from.h)} · exp(${plain(3)}) = ${brief(to.h)}`],
  ]);
}

/** Which colour means what. @param {[string, string, boolean?][]} items role, name, dashed */
export function legend(items) {
  const root = element("p", "two-legend");
  for (const [role, name, dash] of items) {
    const sign = element("i");
    sign.style.borderColor = roleColour(role);
    if (dash) sign.style.borderStyle = "dashed";
    const item = element("span");
    item.append(sign, name);
    root.append(item);
  }
  return root;
}

/**
 * A row with a bar from 0 to 1, to be chosen or not.
 * @param {{name: string, value: number, shown?: string, on?: boolean, colour?: string, choose?: () => void, key?: string}} row
 */
export function barRow({ name, value, shown, on = false, colour, choose, key }) {
  const root = element(choose ? "button" : "div", "two-bar");
  if (choose) {
    root.addEventListener("click", choose);
    root.setAttribute("aria-pressed", String(on));
    if (key) root.dataset.key = key;
  }
  const track = element("span", "two-track");
  const fill = element("span");
  fill.style.width = `${Math.max(0, Math.min(1, value)) * 100}%`;
  if (colour) fill.style.background = colour;
  track.append(fill);
  root.append(element("span", "two-bar-name", name), track, element("span", "two-bar-value", shown ?? percent(value)));
  return root;
}

/** @param {number} value */
export function percent(value) {
  const shown = 100 * value;
  return `${shown >= 99.95 || shown === 0 ? shown.toFixed(0) : shown >= 10 ? shown.toFixed(1) : shown.toFixed(2)} %`;
}

/**
 * A few choices of which one holds.
 * @param {string} label @param {[string, string][]} options key, name @param {string} chosen @param {(key: string) => void} choose
 */
export function choices(label, options, chosen, choose) {
  const root = element("div", "two-choices");
  root.setAttribute("role", "radiogroup");
  root.setAttribute("aria-label", label);
  for (const [key, name] of options) {
    const button = element("button", "two-choice", name);
    button.dataset.key = key;
    button.setAttribute("role", "radio");
    button.setAttribute("aria-checked", String(key === chosen));
    button.addEventListener("click", () => choose(key));
    root.append(button);
  }
  return root;
}

/** A plain button. @param {string} name @param {() => void} act @param {string} key */
export function button(name, act, key, off = false) {
  const made = element("button", "two-choice", name);
  made.dataset.key = key;
  made.disabled = off;
  made.addEventListener("click", act);
  return made;
}
