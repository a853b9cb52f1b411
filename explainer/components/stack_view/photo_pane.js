// The input with the field of the chosen unit: its box, and on how many ways each pixel is read.

import { element } from "../shared/dom.js";
import { outline } from "../shared/cells.js";
import { asCanvas } from "../shared/heat.js";
import { prepare } from "../shared/sketch.js";
import { fieldOf, ways } from "./reach.js";

export class PhotoPane {
  /** @param {any} view */
  constructor(view) {
    this.view = view;
    this.counted = true;
    this.root = element("div", "stack-photo");
    this.title = element("h4");
    this.canvas = element("canvas");
    this.canvas.setAttribute("role", "img");
    this.said = element("p", "stack-said");
    this.check = element("label", "stack-check");
    this.box = element("input");
    Object.assign(this.box, { type: "checkbox", checked: true });
    this.words = element("span");
    this.check.append(this.box, this.words);
    this.box.addEventListener("input", () => {
      this.counted = this.box.checked;
      this.draw();
    });
    this.root.append(this.title, this.canvas, this.check, this.said);
  }

  receive() {
    const { text } = this.view;
    this.margin = 0;
    this.title.textContent = text("What the chosen unit sees");
    this.words.textContent = text("Shade by the number of ways from pixel to unit");
  }

  draw() {
    const { view } = this;
    const { content, at, picture } = view;
    const room = Math.min(this.root.clientWidth, 320);
    if (!room || !content) return;
    const { theme } = view.palette;
    const { side } = content;
    const field = at && this.#field();
    // What the field reaches beyond the picture has to be seen, too.
    const beyond = field ? Math.min(side / 2, Math.max(0, -field.top, -field.left, field.bottom - side, field.right - side)) : 0;
    const margin = Math.ceil(Math.max(beyond, this.margin ?? 0));
    this.margin = margin;
    const size = (room - 6) / (side + 2 * margin);
    const g = prepare(this.canvas, room, room);
    const origin = 3 + margin * size;
    g.imageSmoothingEnabled = false;
    g.drawImage(picture, origin, origin, side * size, side * size);
    g.strokeStyle = theme.line;
    g.lineWidth = 1;
    g.strokeRect(origin - 0.5, origin - 0.5, side * size + 1, side * size + 1);
    if (!at) {
      this.said.textContent = "";
      return;
    }
    const rows = ways(content.steps, view.sizes(0), at.layer, at.y, 0);
    const columns = ways(content.steps, view.sizes(1), at.layer, at.x, 1);
    this.#shade(g, rows, columns, origin, size, theme);
    if (field) {
      const box = { x: origin + field.left * size, y: origin + field.top * size, w: (field.right - field.left) * size, h: (field.bottom - field.top) * size };
      outline(g, box, theme.accent, theme.back, 2);
    }
    const read = rows.filter(Boolean).length * columns.filter(Boolean).length;
    this.said.textContent = this.#say(field, read);
    this.canvas.setAttribute("aria-label", this.said.textContent);
  }

  #field() {
    const { content, at } = this.view;
    const step = content.steps[at.layer];
    const rows = fieldOf(step, at.y, 0);
    const columns = fieldOf(step, at.x, 1);
    if (!rows || !columns) return { top: 0, left: 0, bottom: content.side, right: content.side };
    return { top: rows[0], bottom: rows[1], left: columns[0], right: columns[1] };
  }

  /** Veil the pixels that are not read; the fewer ways, the thicker. */
  #shade(g, rows, columns, origin, size, theme) {
    const most = Math.max(...rows) * Math.max(...columns) || 1;
    const image = new ImageData(columns.length, rows.length);
    const tone = theme.dark ? 14 : 255;
    rows.forEach((down, y) => {
      columns.forEach((across, x) => {
        const share = (down * across) / most;
        const veil = share === 0 ? 0.78 : this.counted ? 0.6 * (1 - Math.sqrt(share)) : 0;
        image.data.set([tone, tone, tone, Math.round(255 * veil)], 4 * (y * columns.length + x));
      });
    });
    g.drawImage(asCanvas(image), origin, origin, columns.length * size, rows.length * size);
  }

  #say(field, read) {
    const { text, content, at } = this.view;
    const unit = text("Layer {number}, row {y}, column {x}", { number: at.layer + 1, y: at.y, x: at.x });
    const [height, width] = [field.bottom - field.top, field.right - field.left];
    const inside = Math.max(0, Math.min(content.side, field.bottom) - Math.max(0, field.top)) * Math.max(0, Math.min(content.side, field.right) - Math.max(0, field.left));
    const parts = [text("{unit} sees {height} × {width} pixels: rows {top} to {bottom}, columns {left} to {right}.", { unit, height, width, top: field.top, bottom: field.bottom - 1, left: field.left, right: field.right - 1 })];
    if (inside < height * width) parts.push(text("Part of it is padding."));
    if (read < inside) parts.push(text("Of {inside} pixels inside it reads only {read}: the field has holes.", { inside, read }));
    return parts.join(" ");
  }
}
