// Patches that excite a channel: what the unit sees, how strongly it answers, and where that is in the picture.

import { format } from "../shared/colours.js";
import { element } from "../shared/dom.js";
import { mount } from "../shared/mount.js";
import { photoCanvas } from "../shared/photo.js";
import { prepare } from "../shared/sketch.js";
import { words } from "../shared/words.js";

const SIDE = 132;
const SMALL = 48;
const STEPS = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 1, ArrowUp: -1 };

class Wall {
  /** @param {HTMLElement} host */
  constructor(host) {
    this.host = host;
    this.choose = (/** @type {number} */ _) => {};
    host.setAttribute("role", "list");
  }

  /** @param {any} frame a decoded one */
  receive({ cards, label, texts }) {
    const text = words(texts);
    this.host.setAttribute("aria-label", label);
    const most = Math.max(...cards.map(({ value }) => Math.abs(value)), 1e-12);
    this.host.replaceChildren(...cards.map((card, i) => draw(card, i, most, text, this)));
  }
}

function draw(card, number, most, text, wall) {
  const item = element("div", "moment");
  item.setAttribute("role", "listitem");
  const button = item.appendChild(element("button"));
  button.disabled = !card.opens;
  button.append(fitted(card.patch, SIDE), bar(card.value, most));
  const line = button.appendChild(element("span", "line"));
  line.append(context(card), element("span", "words"));
  line.lastElementChild.append(element("b", "", format(card.value, 4)), element("span", "", card.title));
  button.title = [card.where, card.opens ? text("Open this picture here") : ""].filter(Boolean).join(" · ");
  button.setAttribute("aria-label", `${number + 1}. ${card.title}: ${format(card.value, 4)}, ${card.where}`);
  button.addEventListener("click", () => wall.choose(number));
  button.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    const next = step && item.parentElement.children[number + step]?.querySelector("button");
    if (!next) return;
    event.preventDefault();
    next.focus();
  });
  return item;
}

/** The patch, its pixels whole, on a square. */
function fitted(patch, side) {
  const canvas = element("canvas", "patch");
  const g = prepare(canvas, side, side);
  const scale = side / Math.max(patch.width, patch.height);
  const [w, h] = [patch.width * scale, patch.height * scale];
  g.imageSmoothingEnabled = scale < 1;
  g.imageSmoothingQuality = "high";
  g.drawImage(photoCanvas(patch), (side - w) / 2, (side - h) / 2, w, h);
  return canvas;
}

function bar(value, most) {
  const track = element("i", "track");
  const filled = track.appendChild(element("i", value < 0 ? "negative" : ""));
  filled.style.width = `${(100 * Math.abs(value)) / most}%`;
  return track;
}

/** The whole picture with the patch framed. */
function context({ picture, box: [top, left, bottom, right] }) {
  const canvas = element("canvas", "context");
  const scale = SMALL / Math.max(picture.width, picture.height);
  const [w, h] = [picture.width * scale, picture.height * scale];
  const g = prepare(canvas, w, h);
  g.drawImage(photoCanvas(picture), 0, 0, w, h);
  for (const [colour, line] of [["#000000", 3], ["#ffffff", 1.5]]) {
    g.strokeStyle = colour;
    g.lineWidth = line;
    g.strokeRect(left * w, top * h, Math.max(2, (right - left) * w), Math.max(2, (bottom - top) * h));
  }
  return canvas;
}

export default mount(".moments", Wall, (wall, { setTriggerValue }) => {
  wall.choose = (number) => setTriggerValue("card", number);
});
