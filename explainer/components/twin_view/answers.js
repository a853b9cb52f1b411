// The answers of the sides as bars on one axis; a class that is clicked becomes the class of the page.

import { element } from "../shared/dom.js";
import { percent, swatch } from "./readout.js";

/**
 * @param {HTMLElement} host
 * @param {import("./state.js").State} store
 * @param {(index: number) => void} choose
 */
export function drawAnswers(host, store, choose) {
  const { answers, sides, chosen } = store.data;
  host.replaceChildren();
  if (!answers.length) return;
  const head = element("div", "tv-answers-head");
  head.append(element("h4", "", store.text("Answers")));
  sides.forEach((/** @type {any} */ side, /** @type {number} */ place) => {
    const name = element("span", "tv-key");
    name.append(swatch(place), document.createTextNode(side.title));
    head.append(name);
  });
  host.append(head);
  for (const { name, values, index } of answers) {
    const row = element("button", "tv-answer");
    row.type = "button";
    row.disabled = index === null || index === chosen;
    row.setAttribute("aria-pressed", String(index !== null && index === chosen));
    row.title = index === null ? "" : store.text("Compare at this class");
    if (index !== null) row.addEventListener("click", () => choose(index));
    row.append(element("span", "tv-class", name));
    const bars = element("span", "tv-bars");
    values.forEach((/** @type {number|null} */ value, /** @type {number} */ place) => {
      const line = element("span", "tv-line");
      const track = element("span", "tv-track");
      const bar = element("span", `tv-bar tv-side-${place}`);
      bar.style.width = `${100 * (value ?? 0)}%`;
      track.append(bar);
      const share = element("span", "tv-share", value === null ? "–" : percent(value));
      if (value === null) {
        track.style.visibility = "hidden";
        share.title = store.text("not a class here");
      }
      line.append(track, share);
      bars.append(line);
    });
    row.append(bars);
    host.append(row);
  }
}
