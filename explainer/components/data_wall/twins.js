// Pictures that are there more than once, each group side by side.

import { element } from "../shared/dom.js";
import { iconButton, setName } from "../shared/icons.js";
import { mount } from "../shared/mount.js";
import { prepare } from "../shared/sketch.js";
import { words } from "../shared/words.js";
import { place, unpack } from "./sheet.js";

const SIZE = 96;

class Twins {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    /** @type {(ask: object) => void} */
    this.send = () => {};
    /** @type {any} */
    this.frame = null;
    this.text = words({});
    this.kinds = element("div", "twins-kinds");
    this.kinds.setAttribute("role", "radiogroup");
    this.meaning = element("p", "twins-meaning");
    this.list = element("div", "twins-list");
    this.list.setAttribute("role", "list");
    this.back = iconButton("back", () => this.#ask({ page: this.frame.page - 1 }));
    this.on = iconButton("on", () => this.#ask({ page: this.frame.page + 1 }));
    this.count = element("output");
    this.pager = element("div", "data-pager");
    this.pager.append(this.back, this.count, this.on);
    const whole = element("div", "twins plain");
    whole.append(this.kinds, this.meaning, this.list, this.pager);
    root.replaceChildren(whole);
  }

  destroy() {}

  /** @param {object} change */
  #ask(change) {
    const { kind, page } = this.frame;
    this.send({ kind, page, ...change, serial: Date.now() });
  }

  /** @param {any} frame a decoded one */
  async receive(frame) {
    this.text = words(frame.texts);
    this.frame = frame;
    this.#buttons();
    const sheet = await unpack(frame);
    if (this.frame !== frame) return void sheet?.image.close();
    let number = 0;
    this.list.replaceChildren(
      ...frame.groups.map((group) => {
        const card = this.#card(group, sheet, number);
        number += group.members.length;
        return card;
      }),
    );
    sheet?.image.close();
    this.root.dataset.ready = `${frame.kind}/${frame.page}`;
  }

  #words() {
    const { text } = this;
    return {
      leaks: [text("In training and test"), text("The network has seen the answer: the accuracy looks better than it is.")],
      conflicts: [text("Under several classes"), text("Nothing can learn both.")],
      repeats: [text("Repeated in training"), text("They count twice, and validation images may be among them.")],
    };
  }

  #buttons() {
    const { frame, text } = this;
    const named = /** @type {Record<string, string[]>} */ (this.#words());
    this.kinds.setAttribute("aria-label", text("Kind of repetition"));
    const root = /** @type {ShadowRoot} */ (this.kinds.getRootNode());
    const focused = this.kinds.contains(root.activeElement);
    const buttons = frame.kinds.map((kind, i) => {
      const button = element("button", "twins-kind");
      button.append(element("b", "", frame.totals[kind].toLocaleString()), element("span", "", named[kind][0]));
      button.setAttribute("role", "radio");
      button.setAttribute("aria-checked", String(kind === frame.kind));
      button.tabIndex = kind === frame.kind ? 0 : -1;
      button.dataset.kind = kind;
      button.addEventListener("click", () => this.#ask({ kind, page: 0 }));
      button.addEventListener("keydown", (event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (!step) return;
        event.preventDefault();
        this.#ask({ kind: frame.kinds[(i + step + frame.kinds.length) % frame.kinds.length], page: 0 });
      });
      return button;
    });
    this.kinds.replaceChildren(...buttons);
    if (focused) buttons.find((one) => one.dataset.kind === frame.kind)?.focus();
    this.meaning.textContent = frame.totals[frame.kind] ? named[frame.kind][1] : text("There is none.");
    this.pager.hidden = frame.pages < 2;
    this.count.textContent = text("{number} of {count}", { number: frame.page + 1, count: frame.pages });
    setName(this.back, text("Page before"));
    setName(this.on, text("Next page"));
    this.back.disabled = frame.page === 0;
    this.on.disabled = frame.page >= frame.pages - 1;
  }

  /** @param {any} group @param {import("./sheet.js").Sheet|null} sheet @param {number} first */
  #card(group, sheet, first) {
    const { text } = this;
    const parts = /** @type {Record<string, string>} */ ({ train: text("training"), test: text("test") });
    const card = element("div", "twins-card");
    card.setAttribute("role", "listitem");
    const row = element("div", "twins-row");
    group.members.forEach((member, i) => {
      const figure = element("figure");
      const canvas = element("canvas");
      const g = prepare(canvas, SIZE, SIZE);
      if (sheet) place(g, sheet, first + i, 0, 0, SIZE);
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", `${member.label}, ${parts[member.part]} ${member.place}`);
      const name = element("figcaption");
      const from = element("span");
      from.append(element("i", `data-${member.part}`), `${parts[member.part]} ${member.place}`);
      name.append(element("b", "", member.label), from);
      figure.append(canvas, name);
      row.append(figure);
    });
    const note = group.exact ? text("same pixels") : text("nearly the same");
    card.append(row, element("p", "twins-note", group.more ? `${note} · ${text("{count} more", { count: group.more })}` : note));
    return card;
  }
}

export default mount(".twins-root", Twins, (view, { setStateValue }) => {
  view.send = (ask) => setStateValue("ask", ask);
});
