// Norms of the gradient, stage by stage and step by step, as one strip of colours.

import { shareColour } from "../shared/colours.js";
import { element } from "../shared/dom.js";
import { brief } from "../shared/numbers.js";
import { readable } from "../shared/readable.js";
import { indexAt } from "../shared/series.js";
import { prepare, write } from "../shared/sketch.js";

const ROW = 20;
const RIGHT = 64;

export class Gradients {
  /** @param {(epoch: number|null) => void} point @param {(steps: number) => void} move */
  constructor(point, move) {
    this.root = element("figure", "rv-gradients");
    this.caption = element("figcaption");
    this.title = element("b");
    this.hint = element("span", "rv-hint");
    this.caption.append(this.title, this.hint);
    this.canvas = element("canvas");
    this.root.append(this.caption, this.canvas);
    const read = (px) => this.end && point(Math.max(0, Math.min(1, (px - this.left) / this.width)) * this.end);
    readable(this.canvas, read, () => point(null), move);
  }

  draw({ gradients, end, at, text, palette }) {
    this.root.hidden = !gradients;
    if (!gradients) return;
    const { stages, norms, at: places } = gradients;
    this.end = end;
    this.title.textContent = text("Norm of the gradient by stage");
    this.hint.textContent = text("each colour step is a factor; grey stages do not learn");
    const whole = Math.max(160, this.root.clientWidth);
    const left = whole < 520 ? 76 : 118;
    const width = whole - left - RIGHT;
    Object.assign(this, { left, width });
    const g = prepare(this.canvas, whole, stages.length * ROW + 4);
    const { theme } = palette;
    const known = norms.filter((norm) => norm > 0 && Number.isFinite(norm)).sort();
    const bottom = Math.log10(known[Math.floor(0.02 * known.length)] ?? 1e-3);
    const top = Math.log10(known[Math.floor(0.995 * known.length)] ?? 1);
    const table = palette.table("magnitude");
    const count = places.length;
    const chosen = at === null ? count - 1 : indexAt(places, at);
    const heard = [];
    for (let s = 0; s < stages.length; s++) {
      const y = s * ROW;
      write(g, stages[s], left - 8, y + 14, theme, { size: 11.5, tone: "muted", align: "right", width: left - 10 });
      g.fillStyle = theme.soft;
      g.fillRect(left, y + 1, width, ROW - 2);
      for (let i = 0; i < count; i++) {
        const norm = norms[s * count + i];
        if (!(norm > 0) || !Number.isFinite(norm)) continue;
        const x0 = left + ((i ? places[i - 1] : 0) / end) * width;
        const x1 = left + (places[i] / end) * width;
        const share = Math.max(0.04, Math.min(1, (Math.log10(norm) - bottom) / (top - bottom || 1)));
        g.fillStyle = shareColour(table, share);
        g.fillRect(x0, y + 1, Math.max(1, x1 - x0 + 0.5), ROW - 2);
      }
      const value = norms[s * count + chosen];
      write(g, value > 0 ? brief(value, 3) : "–", left + width + 8, y + 14, theme, { size: 11.5 });
      heard.push(`${stages[s]} ${brief(value, 3)}`);
    }
    if (at !== null) {
      const x = left + (at / end) * width;
      g.strokeStyle = theme.text;
      g.lineWidth = 1;
      g.strokeRect(x, 0, 0.5, stages.length * ROW);
    }
    this.canvas.setAttribute("aria-label", `${this.title.textContent}: ${heard.join(", ")}`);
  }
}
