// A recipe before it is followed: the learning rate as a curve, and stage by stage what learns when.

import { Axes } from "../shared/axes.js";
import { shareColour } from "../shared/colours.js";
import { element } from "../shared/dom.js";
import { short } from "../shared/draw.js";
import { mount } from "../shared/mount.js";
import { brief } from "../shared/numbers.js";
import { Palette } from "../shared/palette.js";
import { readable } from "../shared/readable.js";
import { ends, indexAt } from "../shared/series.js";
import { prepare, write } from "../shared/sketch.js";
import { words } from "../shared/words.js";

const CURVE = 130;
const ROW = 22;

class View {
  /** @param {HTMLElement} host */
  constructor(host) {
    this.host = host;
    this.palette = new Palette(host);
    /** @type {number|null} */
    this.at = null;
    this.said = element("output", "pv-said");
    this.canvas = element("canvas");
    host.replaceChildren(this.said, this.canvas);
    const move = (steps) => {
      const { at } = this.content;
      const now = this.at === null ? 0 : indexAt(at, this.at);
      this.#point(at[Math.max(0, Math.min(at.length - 1, now + steps))]);
    };
    readable(this.canvas, (px) => this.axes && this.#point(this.axes.valueAt(px)), () => this.#point(null), move);
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

  /** @param {any} content a decoded frame */
  receive(content) {
    this.content = content;
    this.text = words(content.texts);
    this.draw();
  }

  #point(epoch) {
    this.at = epoch;
    this.draw();
  }

  draw() {
    const { content, palette, text } = this;
    if (!content || !this.host.clientWidth) return;
    const { theme } = palette;
    const { at, rate, rates, stages, epochs } = content;
    const whole = this.host.clientWidth;
    const left = whole < 520 ? 84 : 128;
    const right = 74;
    const width = whole - left - right;
    const top = CURVE + 38;
    const g = prepare(this.canvas, whole, top + stages.length * ROW + 6);
    const axes = new Axes({ left, top: 8, width, height: CURVE - 8 }, [0, epochs], ends([rate], 0));
    this.axes = axes;
    axes.draw(g, theme, { name: text("epochs"), written: (value) => brief(value, 2) });
    axes.within(g, () => {
      g.strokeStyle = theme.accent;
      g.lineWidth = 2;
      axes.path(g, (i) => at[i], rate);
    });
    const count = at.length;
    const peak = rates.reduce((most, value) => Math.max(most, value), 0) || 1;
    const table = palette.table("magnitude");
    const chosen = this.at === null ? -1 : indexAt(at, this.at);
    const total = stages.reduce((sum, stage) => sum + stage.parameters, 0);
    let learning = 0;
    stages.forEach((stage, s) => {
      const y = top + s * ROW;
      const now = rates[s * count + (chosen < 0 ? count - 1 : chosen)];
      const ever = rates.subarray(s * count, (s + 1) * count).some((value) => value > 0);
      if (chosen < 0 ? ever : now > 0) learning += stage.parameters;
      write(g, stage.title, left - 8, y + 15, theme, { size: 11.5, tone: ever ? "text" : "faint", align: "right", width: left - 10 });
      hatch(g, { x: left, y: y + 2, w: width, h: ROW - 4 }, theme);
      for (let i = 0; i < count; i++) {
        const value = rates[s * count + i];
        if (!(value > 0)) continue;
        const x0 = left + ((i ? at[i - 1] : 0) / epochs) * width;
        const x1 = left + (at[i] / epochs) * width;
        g.fillStyle = shareColour(table, 0.12 + 0.8 * Math.sqrt(value / peak));
        g.fillRect(x0, y + 2, Math.max(1, x1 - x0 + 0.5), ROW - 4);
      }
      const note = chosen < 0 ? short(stage.parameters) : now > 0 ? brief(now, 2) : text("frozen");
      write(g, note, left + width + 8, y + 15, theme, { size: 11.5, tone: "muted", width: right - 8 });
    });
    if (chosen >= 0) {
      const x = axes.px(/** @type {number} */ (this.at));
      g.strokeStyle = theme.text;
      g.lineWidth = 1;
      g.beginPath();
      g.moveTo(x, 8);
      g.lineTo(x, top + stages.length * ROW);
      g.stroke();
    }
    const values = { share: Math.round((100 * learning) / Math.max(1, total)), count: short(learning), total: short(total) };
    this.said.textContent = chosen < 0
      ? text("{count} of {total} parameters learn ({share}%). Hatched: frozen.", values)
      : text("Epoch {epoch}: rate {rate}; {count} of {total} parameters learn ({share}%).", { ...values, epoch: this.at?.toFixed(1) ?? "", rate: brief(rate[chosen], 3) });
    this.canvas.setAttribute("aria-label", `${content.label}. ${this.said.textContent}`);
  }
}

/** Quiet slanting lines: nothing learns here. */
function hatch(g, { x, y, w, h }, theme) {
  g.fillStyle = theme.soft;
  g.fillRect(x, y, w, h);
  g.save();
  g.beginPath();
  g.rect(x, y, w, h);
  g.clip();
  g.strokeStyle = theme.line;
  g.lineWidth = 1;
  g.beginPath();
  for (let at = x - h; at < x + w; at += 7) {
    g.moveTo(at, y + h);
    g.lineTo(at + h, y);
  }
  g.stroke();
  g.restore();
}

export default mount(".plan-root", View);
