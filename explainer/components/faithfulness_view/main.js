// Insertion and deletion curves of several heat maps. A slider, or the pointer on a curve, chooses a share of the
// pixels; the pictures below show what is left of the photo then.

import { element } from "../shared/dom.js";
import { mount } from "../shared/mount.js";
import { Palette } from "../shared/palette.js";
import { photoCanvas } from "../shared/photo.js";
import { words } from "../shared/words.js";
import { drawChart, shareAt } from "./chart.js";

const KINDS = ["deletion", "insertion"];
/** The slider begins where every fifth pixel is gone or shown. */
const FIRST = 0.2;

class View {
  /** @param {HTMLElement} host */
  constructor(host) {
    this.host = host;
    this.palette = new Palette(host);
    this.share = FIRST;
    this.table = element("table", "fv-table");
    this.charts = KINDS.map((kind) => this.#chart(kind));
    this.slider = element("input");
    Object.assign(this.slider, { type: "range", min: "0", step: "1" });
    this.slider.addEventListener("input", () => this.#go(Number(this.slider.value)));
    this.label = element("label", "fv-slider");
    this.caption = element("span");
    this.label.append(this.caption, this.slider);
    this.pictures = element("div", "fv-pictures");
    const charts = element("div", "fv-charts");
    charts.append(...this.charts.map((one) => one.root));
    host.replaceChildren(this.table, charts, this.label, this.pictures);
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(host);
  }

  destroy() {
    this.observer.disconnect();
  }

  themeChanged() {
    this.palette.refresh();
    this.draw();
  }

  #chart(kind) {
    const root = element("figure");
    const title = element("figcaption");
    const canvas = element("canvas");
    canvas.setAttribute("role", "img");
    const point = (event) => {
      const box = canvas.getBoundingClientRect();
      const share = shareAt(event.clientX - box.left, box.width);
      if (this.content) this.#go(Math.round(share * (this.content.fractions.length - 1)));
    };
    canvas.addEventListener("pointermove", point);
    canvas.addEventListener("pointerdown", point);
    root.append(title, canvas);
    return { kind, root, title, canvas };
  }

  /** @param {any} content a decoded frame */
  receive(content) {
    this.content = content;
    const { texts, name, curves, fractions } = content;
    this.text = words(texts);
    const { text } = this;
    const titles = {
      deletion: text("Deletion: the hottest pixels are taken away first"),
      insertion: text("Insertion: the hottest pixels are shown first"),
    };
    for (const one of this.charts) one.title.textContent = titles[one.kind];
    this.slider.max = String(fractions.length - 1);
    this.step = Math.round(this.share * (fractions.length - 1));
    this.#fillTable(curves);
    this.axis = text("probability of {name}", { name });
    this.rows = KINDS.map((kind) => this.#row(kind));
    this.pictures.replaceChildren(...this.rows.map((row) => row.root));
    this.palette.refresh();
    this.#go(this.step);
  }

  #fillTable(curves) {
    const { text } = this;
    const head = element("tr");
    for (const title of [text("order of the pixels"), text("area, deletion ↓"), text("area, insertion ↑")]) {
      const cell = element("th", "", title);
      cell.scope = "col";
      head.append(cell);
    }
    const known = curves.filter((curve) => !curve.neutral);
    const best = {
      deletion: Math.min(...known.map((curve) => curve.deletionArea)),
      insertion: Math.max(...known.map((curve) => curve.insertionArea)),
    };
    const rows = curves.map((curve) => {
      const row = element("tr", curve.neutral ? "fv-neutral" : "");
      const first = element("th");
      first.scope = "row";
      const dot = element("i", "fv-dot");
      dot.style.background = curve.colour;
      first.append(dot, curve.name);
      const cells = KINDS.map((kind) => {
        const value = curve[`${kind}Area`];
        return element("td", !curve.neutral && known.length > 1 && value === best[kind] ? "fv-best" : "", value.toFixed(3));
      });
      row.append(first, ...cells);
      return row;
    });
    const [top, body] = [element("thead"), element("tbody")];
    top.append(head);
    body.append(...rows);
    this.table.replaceChildren(top, body);
  }

  /** The pictures of one kind, one for each order. */
  #row(kind) {
    const root = element("div", "fv-row");
    const title = element("h4");
    const strip = element("div", "fv-strip");
    const { curves, width, height } = this.content;
    const cells = curves.map((curve) => {
      const cell = element("figure");
      const canvas = Object.assign(element("canvas"), { width, height });
      canvas.setAttribute("role", "img");
      const dot = element("i", "fv-dot");
      dot.style.background = curve.colour;
      const name = element("span", "fv-name", curve.name);
      const value = element("span", "fv-value");
      const caption = element("figcaption");
      caption.append(dot, name, value);
      cell.append(canvas, caption);
      strip.append(cell);
      return { curve, canvas, value };
    });
    root.append(title, strip);
    return { kind, root, title, cells };
  }

  #go(step) {
    const { fractions } = this.content;
    this.step = Math.max(0, Math.min(fractions.length - 1, step));
    this.share = this.step / (fractions.length - 1);
    this.slider.value = String(this.step);
    this.draw();
  }

  draw() {
    if (!this.content) return;
    const { text, step } = this;
    const { fractions, curves } = this.content;
    const share = `${Math.round(1000 * fractions[step]) / 10} %`;
    this.caption.textContent = text("Share of the pixels: {share}", { share });
    this.slider.setAttribute("aria-valuetext", share);
    for (const { kind, root, canvas } of this.charts) {
      drawChart(canvas, root.clientWidth, this.palette, { fractions, curves, kind, step, title: this.axis });
      const said = curves.map((curve) => `${curve.name} ${percent(curve[kind][step])}`);
      canvas.setAttribute("aria-label", `${share}: ${said.join(", ")}`);
    }
    const titles = {
      deletion: text("{share} of the pixels taken away", { share }),
      insertion: text("only {share} of the pixels shown", { share }),
    };
    for (const { kind, title, cells } of this.rows) {
      title.textContent = titles[kind];
      for (const { curve, canvas, value } of cells) {
        this.#compose(canvas, curve.order, kind);
        value.textContent = percent(curve.pictured[kind][step]);
        canvas.setAttribute("aria-label", `${curve.name}: ${titles[kind]}, ${value.textContent}`);
      }
    }
  }

  /** Put together the picture of which the first pixels of an order have been exchanged. */
  #compose(canvas, order, kind) {
    const { photo, hole, ground, width, height } = this.content;
    const [before, after] = kind === "deletion" ? [photo, hole] : [ground, photo];
    const pixels = new Uint8Array(3 * order.length);
    for (let i = 0; i < order.length; i++) {
      const source = order[i] <= this.step ? after : before;
      for (let c = 3 * i; c < 3 * i + 3; c++) pixels[c] = source[c];
    }
    canvas.getContext("2d").drawImage(photoCanvas({ width, height, pixels }), 0, 0);
  }
}

function percent(value) {
  return `${(100 * value).toFixed(1)} %`;
}

export default mount(".faithfulness-view", View);
