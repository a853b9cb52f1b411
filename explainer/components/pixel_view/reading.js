// What one pixel holds: red, green and blue as bytes, from 0 to 1, and as a network is fed them; its grey.

import { element } from "../shared/dom.js";

const NAMES = ["R", "G", "B"];

export class Reading {
  /** @param {{put: (change: any) => void}} on */
  constructor(on) {
    this.on = on;
    this.root = element("div", "px-reading");
    this.fields = ["x", "y"].map((name) => this.#field(name));
    this.swatch = element("span", "px-swatch");
    this.where = element("span", "px-where");
    const head = element("div", "px-head");
    head.append(this.swatch, ...this.fields.map(({ label }) => label), this.where);
    this.table = element("table", "px-table");
    const top = this.table.createTHead().insertRow();
    this.heads = Array.from({ length: 5 }, () => {
      const cell = element("th");
      cell.scope = "col";
      top.append(cell);
      return cell;
    });
    const body = this.table.createTBody();
    this.rows = NAMES.map((name, c) => this.#row(body, name, c));
    this.scale = element("select", "px-select");
    this.scale.addEventListener("change", () => on.put({ norm: this.scale.value }));
    this.scaleLabel = element("label", "px-scale");
    this.scaleText = element("span");
    this.scaleLabel.append(this.scaleText, this.scale);
    this.formula = element("p", "px-formula");
    this.grey = element("p", "px-formula px-luma");
    this.root.append(head, this.table, this.scaleLabel, this.formula, this.grey);
  }

  #field(name) {
    const label = element("label", "px-place");
    const field = /** @type {HTMLInputElement} */ (element("input", "px-number"));
    Object.assign(field, { type: "number", min: "0", step: "1", inputMode: "numeric" });
    field.addEventListener("input", () => {
      const value = Number(field.value);
      if (field.value !== "" && Number.isInteger(value)) this.on.put({ [name]: value, look: true });
    });
    field.addEventListener("blur", () => this.state && this.update(this.state));
    field.addEventListener("keydown", (event) => event.stopPropagation());
    label.append(element("span", "", name), field);
    return { name, label, field };
  }

  #row(body, name, c) {
    const row = body.insertRow();
    const head = element("th");
    head.scope = "row";
    const choose = element("button", `px-channel px-channel-${name.toLowerCase()}`, name);
    choose.addEventListener("click", () => this.on.put({ c }));
    head.append(choose);
    row.append(head);
    row.addEventListener("click", () => this.on.put({ c }));
    const bar = element("i");
    const track = element("span", `px-track px-track-${name.toLowerCase()}`);
    track.append(bar);
    row.insertCell().append(track);
    const cells = [0, 1, 2].map(() => row.insertCell());
    return { row, choose, bar, cells };
  }

  /** @param {any} state */
  update(state) {
    this.state = state;
    const { picture, text, norm, c } = state;
    const { x, y } = state.hovered ?? state.pixel;
    const rgb = picture.rgb(x, y);
    const active = /** @type {any} */ (this.root.getRootNode()).activeElement;
    for (const { name, field } of this.fields) {
      field.max = String((name === "x" ? picture.width : picture.height) - 1);
      field.setAttribute("aria-label", name === "x" ? text("column x") : text("row y"));
      if (active !== field) field.value = String(name === "x" ? x : y);
    }
    this.swatch.style.background = `rgb(${rgb})`;
    this.where.textContent = state.hovered ? text("under the pointer") : text("chosen pixel");
    [text("channel"), "", "0 … 255", "0 … 1", text("normalised")].forEach((title, i) => (this.heads[i].textContent = title));
    this.rows.forEach(({ row, choose, bar, cells }, channel) => {
      row.classList.toggle("px-chosen", channel === c);
      choose.setAttribute("aria-pressed", String(channel === c));
      bar.style.width = `${(100 * rgb[channel]) / 255}%`;
      cells[0].textContent = String(rgb[channel]);
      cells[1].textContent = picture.scaled[rgb[channel]].toFixed(4);
      cells[2].textContent = signed(picture.normalised(channel, rgb[channel], norm), 4);
    });
    this.#tellScale(rgb);
    const level = picture.greyAt(x, y);
    const exact = 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2];
    this.grey.replaceChildren(element("span", "px-label", text("grey")), ` 0.299·${rgb[0]} + 0.587·${rgb[1]} + 0.114·${rgb[2]} = ${exact.toFixed(2)} → `, element("b", "px-level", String(level)));
  }

  #tellScale(rgb) {
    const { picture, text, norm, c } = this.state;
    const names = { imagenet: text("mean and deviation of ImageNet"), signed: text("to −1 … 1"), photo: text("mean and deviation of this photo") };
    const known = Object.keys(picture.scales);
    if (this.scale.options.length !== known.length) this.scale.replaceChildren(...known.map((key) => new Option("", key)));
    for (const option of this.scale.options) option.textContent = names[option.value];
    this.scale.value = norm;
    this.scaleText.textContent = text("Normalised with");
    const { mean, std } = picture.scales[norm];
    const value = picture.normalised(c, rgb[c], norm);
    this.formula.replaceChildren(element("span", "px-label", NAMES[c]), ` (${rgb[c]}/255 − ${mean[c].toFixed(3)}) / ${std[c].toFixed(3)} = `, element("b", "", signed(value, 4)));
  }
}

/** @param {number} value @param {number} digits after the point */
export function signed(value, digits) {
  return value.toFixed(digits).replace("-", "−");
}
