// The pictures of a data set beside the counts of its classes, which choose what is shown.

import { element } from "../shared/dom.js";
import { fits } from "../shared/draw.js";
import { iconButton, setName } from "../shared/icons.js";
import { mount } from "../shared/mount.js";
import { Palette } from "../shared/palette.js";
import { frame as outline, prepare } from "../shared/sketch.js";
import { words } from "../shared/words.js";
import { follow, layout } from "./layout.js";
import { place, unpack } from "./sheet.js";

const PARTS = ["train", "validation", "test"];
const LARGE = 144;

class DataWall {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    /** @type {(ask: object) => void} */
    this.send = () => {};
    /** @type {any} */
    this.frame = null;
    /** @type {import("./sheet.js").Sheet|null} */
    this.sheet = null;
    this.at = 0;
    /** Whether a picture is pointed at, by the pointer or the keys. */
    this.marked = false;
    this.text = words({});
    this.classes = element("div", "data-classes");
    this.classes.setAttribute("role", "radiogroup");
    this.main = element("div", "data-main");
    this.tools = element("div", "data-tools");
    this.parts = element("div", "data-parts");
    this.parts.setAttribute("role", "radiogroup");
    this.back = iconButton("back", () => this.#turn(-1));
    this.on = iconButton("on", () => this.#turn(1));
    this.count = element("output");
    this.pager = element("div", "data-pager");
    this.pager.append(this.back, this.count, this.on);
    this.others = element("button", "data-others");
    this.others.addEventListener("click", () => this.#ask({ draw: this.frame.draw + 1 }));
    this.tools.append(this.parts, this.others, this.pager);
    this.canvas = element("canvas");
    this.canvas.setAttribute("role", "img");
    this.stage = element("div", "data-stage");
    this.stage.tabIndex = 0;
    this.stage.setAttribute("role", "application");
    this.stage.append(this.canvas);
    this.large = element("canvas", "data-large");
    this.large.setAttribute("aria-hidden", "true");
    this.said = element("p", "data-said");
    this.reading = element("div", "data-reading");
    this.reading.append(this.large, this.said);
    this.live = element("div", "plain-unseen");
    this.live.setAttribute("aria-live", "polite");
    this.main.append(this.tools, this.stage, this.reading, this.live);
    const whole = element("div", "data-wall plain");
    whole.append(this.classes, this.main);
    root.replaceChildren(whole);
    this.palette = new Palette(whole);
    this.stage.addEventListener("keydown", (event) => this.#onKey(event));
    this.stage.addEventListener("focus", () => this.draw());
    this.stage.addEventListener("blur", () => this.draw());
    this.canvas.addEventListener("pointermove", (event) => this.#onPointer(event));
    this.canvas.addEventListener("pointerleave", () => this.draw());
    this.canvas.addEventListener("click", (event) => this.#onPointer(event));
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(this.stage);
  }

  destroy() {
    this.observer.disconnect();
    this.sheet?.image.close();
  }

  themeChanged() {
    this.palette.refresh();
    this.draw();
  }

  /** @param {any} frame a decoded one */
  async receive(frame) {
    this.text = words(frame.texts);
    const before = this.frame;
    this.frame = frame;
    const same = before && ["identity", "shown", "label", "page", "draw"].every((name) => before[name] === frame[name]);
    if (!same) this.at = 0;
    this.marked &&= Boolean(same);
    this.#list();
    this.#tools();
    const sheet = await unpack(frame);
    if (this.frame !== frame) return void sheet?.image.close();
    this.sheet?.image.close();
    this.sheet = sheet;
    this.draw();
    this.root.dataset.ready = `${frame.shown}/${frame.label}/${frame.page}/${frame.draw}`;
  }

  /** @param {object} change */
  #ask(change) {
    const { shown, label, page, draw } = this.frame;
    this.send({ shown, label, page, draw, ...change, serial: Date.now() });
  }

  /** @param {number} by */
  #turn(by) {
    const page = this.frame.page + by;
    if (page >= 0 && page < this.frame.pages) this.#ask({ page });
  }

  // --- the classes ------------------------------------------------------------------------------------------

  #list() {
    const { text } = this;
    const { classes, counts } = this.frame;
    const totals = classes.map((_, label) => PARTS.reduce((sum, part) => sum + counts[part][label], 0));
    const most = Math.max(1, ...totals);
    const rows = [this.#row(-1, text("All classes"), PARTS.map((part) => counts[part].reduce((a, b) => a + b, 0)), 0)];
    classes.forEach((name, label) => rows.push(this.#row(label, name, PARTS.map((part) => counts[part][label]), most)));
    const root = /** @type {ShadowRoot} */ (this.classes.getRootNode());
    const focused = this.classes.contains(root.activeElement);
    const { scrollTop } = this.classes;
    this.classes.replaceChildren(...rows);
    this.classes.scrollTop = scrollTop;
    this.classes.setAttribute("aria-label", text("Images of each class"));
    if (focused) /** @type {HTMLElement|null} */ (this.classes.querySelector('[tabindex="0"]'))?.focus();
  }

  /**
   * @param {number} label
   * @param {string} name
   * @param {number[]} counts of each part
   * @param {number} most of any class; 0 for no bar
   */
  #row(label, name, counts, most) {
    const chosen = label === this.frame.label;
    const row = element("button", "data-class");
    row.setAttribute("role", "radio");
    row.setAttribute("aria-checked", String(chosen));
    row.tabIndex = chosen ? 0 : -1;
    const total = counts.reduce((a, b) => a + b, 0);
    row.append(element("span", "data-class-name", name), element("span", "data-class-count", total.toLocaleString()));
    if (most) {
      const bar = element("span", "data-bar");
      PARTS.forEach((part, i) => {
        const piece = element("i", `data-${part}`);
        piece.style.width = `${(100 * counts[i]) / most}%`;
        bar.append(piece);
      });
      row.append(bar);
    }
    const said = PARTS.map((part, i) => `${this.#part(part)} ${counts[i].toLocaleString()}`).join(", ");
    row.title = `${name}: ${said}`;
    row.setAttribute("aria-label", row.title);
    row.dataset.label = String(label);
    row.addEventListener("click", () => this.#ask({ label, page: 0 }));
    row.addEventListener("keydown", (event) => {
      const rows = /** @type {HTMLElement[]} */ ([...this.classes.children]);
      const here = rows.indexOf(row);
      const to = /** @type {Record<string, number>} */ ({ ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: rows.length - 1 })[event.key];
      if (to === undefined || !rows[to]) return;
      event.preventDefault();
      rows[to].focus();
      this.#ask({ label: Number(rows[to].dataset.label), page: 0 });
    });
    return row;
  }

  /** @param {string} part */
  #part(part) {
    const { text } = this;
    return { train: text("training"), validation: text("validation"), test: text("test") }[part] ?? part;
  }

  // --- above the pictures -----------------------------------------------------------------------------------

  #tools() {
    const { frame, text } = this;
    this.parts.setAttribute("aria-label", text("Part of the data set"));
    const buttons = PARTS.map((part) => {
      const count = frame.counts[part].reduce((a, b) => a + b, 0);
      const button = element("button", "data-part");
      button.append(element("i", `data-${part}`), `${this.#part(part)} `, element("b", "", count.toLocaleString()));
      button.setAttribute("role", "radio");
      button.setAttribute("aria-checked", String(part === frame.shown));
      button.tabIndex = part === frame.shown ? 0 : -1;
      button.dataset.part = part;
      button.addEventListener("click", () => this.#ask({ shown: part, page: 0 }));
      button.addEventListener("keydown", (event) => {
        const step = /** @type {Record<string, number>} */ ({ ArrowRight: 1, ArrowLeft: -1 })[event.key];
        if (!step) return;
        event.preventDefault();
        const next = PARTS[(PARTS.indexOf(part) + step + PARTS.length) % PARTS.length];
        this.#ask({ shown: next, page: 0 });
      });
      return button;
    });
    const root = /** @type {ShadowRoot} */ (this.parts.getRootNode());
    const focused = this.parts.contains(root.activeElement);
    this.parts.replaceChildren(...buttons);
    if (focused) buttons.find((one) => one.dataset.part === frame.shown)?.focus();
    this.others.textContent = text("Other examples");
    this.others.hidden = frame.label >= 0;
    this.pager.hidden = frame.pages < 2;
    this.count.textContent = text("{number} of {count}", { number: frame.page + 1, count: frame.pages });
    setName(this.back, text("Page before"));
    setName(this.on, text("Next page"));
    this.back.disabled = frame.page === 0;
    this.on.disabled = frame.page >= frame.pages - 1;
    this.stage.setAttribute("aria-label", text("Pictures: arrow keys go from one to the next, Page Up and Page Down turn the page"));
  }

  // --- the pictures -----------------------------------------------------------------------------------------

  draw() {
    const { frame } = this;
    const width = Math.floor(this.stage.clientWidth);
    if (!frame || !width) return;
    const { theme } = this.palette;
    this.plan = layout(frame.rows.map((row) => row.places.length), width, frame.label >= 0);
    const { spots, titles, size, height } = this.plan;
    const g = prepare(this.canvas, width, height);
    g.textBaseline = "middle";
    for (const title of titles) {
      g.font = `${title.above ? 600 : 500} 12.5px ${theme.font}`;
      g.fillStyle = theme.text;
      g.textAlign = "left";
      g.fillText(fits(g, frame.classes[frame.rows[title.row].label], title.room), title.x, title.y);
    }
    for (const { number, x, y } of spots) {
      if (this.sheet) place(g, this.sheet, number, x, y, size);
      else {
        g.fillStyle = theme.soft;
        g.fillRect(x, y, size, size);
      }
    }
    this.at = Math.max(0, Math.min(this.at, spots.length - 1));
    const root = /** @type {ShadowRoot} */ (this.stage.getRootNode());
    const here = spots[this.at];
    if (here && (this.marked || root.activeElement === this.stage)) {
      outline(g, { x: here.x - 1, y: here.y - 1, w: size + 2, h: size + 2 }, theme.accent, 3);
    }
    this.#read(here);
    this.canvas.setAttribute("aria-label", this.said.textContent ?? "");
  }

  /** Say which picture it is, and show it large. @param {import("./layout.js").Spot|undefined} spot */
  #read(spot) {
    const { frame, text } = this;
    this.large.hidden = !spot;
    if (!spot) {
      this.said.textContent = text("There is no image here.");
      return;
    }
    const row = frame.rows[spot.row];
    const first = frame.rows.slice(0, spot.row).reduce((sum, one) => sum + one.places.length, 0);
    const [channels, tall, wide] = frame.size;
    this.said.replaceChildren(
      element("b", "", frame.classes[row.label]),
      element("span", "", `${this.#part(frame.shown)} · ${text("number {number}", { number: row.places[spot.number - first] })}`),
      element("span", "", `${wide} × ${tall} · ${channels === 1 ? text("grey") : text("colour")}`),
    );
    const g = prepare(this.large, LARGE, LARGE);
    if (this.sheet) place(g, this.sheet, spot.number, 0, 0, LARGE);
  }

  /** @param {PointerEvent|MouseEvent} event */
  #onPointer(event) {
    if (!this.plan) return;
    const bounds = this.canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - bounds.left, event.clientY - bounds.top];
    const { spots, size } = this.plan;
    const found = spots.findIndex((one) => x >= one.x && x < one.x + size && y >= one.y && y < one.y + size);
    if (found < 0) return;
    this.at = found;
    this.marked = true;
    this.draw();
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (!this.plan || event.ctrlKey || event.metaKey || event.altKey) return;
    const turn = { PageUp: -1, PageDown: 1 }[event.key];
    if (turn) {
      event.preventDefault();
      return this.#turn(turn);
    }
    if (!["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"].includes(event.key)) return;
    event.preventDefault();
    this.at = follow(this.plan, this.at, event.key);
    this.marked = true;
    this.draw();
    this.live.textContent = [...this.said.children].map((one) => one.textContent).join(", ");
  }
}

export default mount(".data-wall-root", DataWall, (view, { setStateValue }) => {
  view.send = (ask) => setStateValue("ask", ask);
});
