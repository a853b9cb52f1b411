// Photos with numbered boxes that know of each other: what is pointed at in one is marked in all of them.

import { element } from "../shared/dom.js";
import { mount } from "../shared/mount.js";
import { words } from "../shared/words.js";

/** The photos on the page. They share this module. @type {Set<PairPhoto>} */
const together = new Set();

class PairPhoto {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    root.classList.add("plain");
    this.stage = element("div", "pair-stage");
    this.stage.setAttribute("role", "group");
    this.photo = element("img", "");
    this.said = element("p", "pair-said");
    this.said.setAttribute("aria-live", "polite");
    root.append(this.stage, this.said);
    /** @type {{number: number, said: string, node: HTMLElement}[]} */
    this.boxes = [];
    this.file = "";
    this.stage.addEventListener("keydown", (event) => event.key === "Escape" && tell(null));
    together.add(this);
  }

  destroy() {
    together.delete(this);
    URL.revokeObjectURL(this.file);
  }

  /** @param {any} frame a decoded one */
  receive(frame) {
    const text = words(frame.texts);
    const { width, height } = frame;
    URL.revokeObjectURL(this.file);
    this.file = URL.createObjectURL(new Blob([frame.photo], { type: "image/jpeg" }));
    this.photo.src = this.file;
    this.photo.alt = frame.label;
    this.stage.style.aspectRatio = `${width} / ${height}`;
    this.stage.setAttribute("aria-label", frame.label);
    this.hint = frame.boxes.length ? text("Point at a box: the same number in the other photo is marked, too.") : "";
    this.boxes = frame.boxes.map((/** @type {any} */ one) => ({ ...one, node: this.#node(one, width, height) }));
    this.stage.replaceChildren(this.photo, ...this.boxes.map(({ node }) => node));
    this.mark(null);
  }

  /**
   * @param {{number: number, box: number[], colour: string, said: string}} one box in pixels of the photo
   * @param {number} width
   * @param {number} height
   */
  #node({ number, box: [left, top, right, bottom], colour, said }, width, height) {
    const node = element("button", "pair-box");
    node.type = "button";
    node.dataset.number = String(number);
    const share = (/** @type {number} */ part, /** @type {number} */ whole) => `${(100 * part) / whole}%`;
    Object.assign(node.style, { left: share(left, width), top: share(top, height), width: share(right - left, width), height: share(bottom - top, height) });
    node.style.setProperty("--tone", colour);
    node.setAttribute("aria-label", `${number}: ${said}`);
    node.append(element("span", "", String(number)));
    for (const begin of ["pointerenter", "focus", "click"]) node.addEventListener(begin, () => tell(number));
    node.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && tell(null));
    node.addEventListener("blur", () => tell(null));
    return node;
  }

  /** @param {number|null} number of the boxes that are pointed at */
  mark(number) {
    const mine = this.boxes.find((one) => one.number === number);
    this.stage.classList.toggle("pair-marking", number !== null);
    for (const one of this.boxes) one.node.classList.toggle("pair-marked", one.number === number);
    this.said.textContent = mine ? `${mine.number}: ${mine.said}` : number === null ? this.hint : `${number}: –`;
  }
}

/** @param {number|null} number */
function tell(number) {
  for (const one of together) one.mark(number);
}

export default mount(".pair-photo", PairPhoto);
