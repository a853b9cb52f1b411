// Buttons that bear an icon: play, pause, step, begin again. Their look stands in plain.css.

import { element } from "./dom.js";
import { svg } from "./svg.js";

const PATHS = {
  first: "M4 3v10M13 3 6 8l7 5z",
  back: "M11 3 5 8l6 5z",
  play: "M5 3l8 5-8 5z",
  pause: "M5 3v10M11 3v10",
  on: "M5 3l6 5-6 5z",
  further: "M2.5 3l5 5-5 5zM8.5 3l5 5-5 5z",
  last: "M12 3v10M3 3l7 5-7 5z",
  again: "M13 8a5 5 0 1 1-5-5h2M8 1l2.5 2L8 5z",
};

/** @typedef {keyof typeof PATHS} Icon */

/**
 * @param {Icon} icon
 * @param {() => void} act
 * @param {boolean} [main] whether it is the one that is pressed most
 */
export function iconButton(icon, act, main = false) {
  const button = element("button", main ? "icon-button icon-button-main" : "icon-button");
  setIcon(button, icon);
  button.addEventListener("click", act);
  return button;
}

/** @param {HTMLButtonElement} button @param {Icon} icon */
export function setIcon(button, icon) {
  if (button.dataset.icon === icon) return;
  button.dataset.icon = icon;
  button.replaceChildren(svg("svg", { viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true" }, svg("path", { d: PATHS[icon] })));
}

/** Name what shows no words, for the pointer and for screen readers. @param {HTMLElement} part @param {string} name */
export function setName(part, name) {
  if (part.title === name) return;
  part.setAttribute("aria-label", name);
  part.title = name;
}
