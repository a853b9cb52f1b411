// The network as a diagram: a small picture of each unit's answer over the plane, weights as lines between them.

import { rasteriseFloat } from "../shared/colours.js";
import { prepare, write } from "../shared/sketch.js";

/** Cells along one side of a unit's picture. */
export const SIDE = 24;
const TOP = 62;
const BOTTOM = 18;

/** @typedef {{layer: number, unit: number}} Unit layer 0 is the input */

export class Diagram {
  /** @param {HTMLElement} host @param {import("../shared/palette.js").Palette} palette */
  constructor(host, palette) {
    this.palette = palette;
    this.canvas = host.appendChild(document.createElement("canvas"));
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "application");
    this.pictures = new Map();
    this.sizes = [2, 1];
    this.width = 400;
    this.height = 300;
  }

  /** @param {number[]} sizes @param {number} width @param {number} height */
  layout(sizes, width, height) {
    Object.assign(this, { sizes, width, height });
    const columns = sizes.length - 1;
    this.step = width / (columns + 0.35);
    const most = Math.max(...sizes.slice(0, -1));
    this.box = Math.round(Math.max(16, Math.min(52, this.step * 0.52, (height - TOP - BOTTOM) / Math.max(2, most) - 8)));
  }

  /** The middle of a layer's column. @param {number} layer */
  column(layer) {
    return this.step * (layer + 0.5);
  }

  /** The middle of a unit. @param {Unit} unit */
  centre({ layer, unit }) {
    if (layer === this.sizes.length - 1) return { x: this.width, y: (this.height + TOP - BOTTOM) / 2 };
    const count = this.sizes[layer];
    const room = this.height - TOP - BOTTOM;
    const gap = Math.min(room / count, this.box + 26);
    return { x: this.column(layer), y: TOP + room / 2 + (unit - (count - 1) / 2) * gap };
  }

  /** @returns {Unit|null} the unit under a place */
  at(x, y) {
    for (let layer = 0; layer < this.sizes.length - 1; layer++) {
      for (let unit = 0; unit < this.sizes[layer]; unit++) {
        const { x: cx, y: cy } = this.centre({ layer, unit });
        if (Math.abs(x - cx) <= this.box / 2 + 2 && Math.abs(y - cy) <= this.box / 2 + 2) return { layer, unit };
      }
    }
    return null;
  }

  /** The weight whose line passes near a place. @returns {{layer: number, from: number, to: number}|null} */
  edgeAt(x, y) {
    let best = null;
    let nearest = 6;
    for (let layer = 0; layer < this.sizes.length - 1; layer++) {
      const [x0, x1] = this.span(layer);
      if (x < x0 || x > x1) continue;
      const part = (x - x0) / (x1 - x0);
      const eased = ease(part);
      for (let from = 0; from < this.sizes[layer]; from++) {
        for (let to = 0; to < this.sizes[layer + 1]; to++) {
          const [a, b] = [this.centre({ layer, unit: from }), this.centre({ layer: layer + 1, unit: to })];
          const distance = Math.abs(a.y + (b.y - a.y) * eased - y);
          if (distance < nearest) [best, nearest] = [{ layer, from, to }, distance];
        }
      }
    }
    return best;
  }

  /** From where to where the lines behind a layer run. @param {number} layer */
  span(layer) {
    const end = layer === this.sizes.length - 2 ? this.width : this.column(layer + 1) - this.box / 2;
    return [this.column(layer) + this.box / 2, end];
  }

  /**
   * @param {Float32Array[][]} answers of every unit on a grid of SIDE, the inputs first
   * @param {number[][]} peaks
   * @param {import("./forward.js").Layer[]} layers
   * @param {{chosen: Unit|null, edge: any, values: number[][]|null, names: (unit: Unit) => string}} options
   */
  draw(answers, peaks, layers, { chosen, edge, values, names }) {
    const { theme } = this.palette;
    const g = prepare(this.canvas, this.width, this.height);
    layers.forEach(({ weights, inputs, units }, layer) => {
      const [x0, x1] = this.span(layer);
      const strongest = Math.max(1e-6, ...weights.map(Math.abs));
      for (let to = 0; to < units; to++) {
        for (let from = 0; from < inputs; from++) {
          const weight = weights[to * inputs + from];
          const [a, b] = [this.centre({ layer, unit: from }), this.centre({ layer: layer + 1, unit: to })];
          const marked =
            (edge && edge.layer === layer && edge.from === from && edge.to === to) ||
            (chosen && ((chosen.layer === layer && chosen.unit === from) || (chosen.layer === layer + 1 && chosen.unit === to)));
          const share = Math.abs(weight) / strongest;
          g.strokeStyle = weight < 0 ? theme.down : theme.up;
          g.globalAlpha = (chosen || edge) && !marked ? 0.1 : 0.25 + 0.65 * share;
          g.lineWidth = 0.6 + 5 * share;
          curve(g, x0, a.y, x1, b.y);
        }
      }
    });
    g.globalAlpha = 1;
    for (let layer = 0; layer < this.sizes.length - 1; layer++) {
      for (let unit = 0; unit < this.sizes[layer]; unit++) {
        this.#unit(g, { layer, unit }, answers[layer][unit], peaks[layer][unit], chosen, values?.[layer]?.[unit], names);
      }
    }
  }

  #unit(g, unit, values, peak, chosen, value, names) {
    const { theme } = this.palette;
    const { x, y } = this.centre(unit);
    const { box } = this;
    const id = `${unit.layer}/${unit.unit}`;
    let picture = this.pictures.get(id);
    if (!picture) {
      picture = Object.assign(document.createElement("canvas"), { width: SIDE, height: SIDE });
      this.pictures.set(id, picture);
    }
    picture.getContext("2d").putImageData(rasteriseFloat(values, 0, SIDE, SIDE, peak, this.palette.table("signed")), 0, 0);
    const [left, top] = [Math.round(x - box / 2), Math.round(y - box / 2)];
    g.fillStyle = theme.back;
    g.fillRect(left - 2, top - 2, box + 4, box + 4);
    g.imageSmoothingEnabled = true;
    g.drawImage(picture, left, top, box, box);
    const own = chosen && chosen.layer === unit.layer && chosen.unit === unit.unit;
    g.lineWidth = own ? 2.5 : 1;
    g.strokeStyle = own ? theme.accent : theme.muted;
    g.strokeRect(left - 0.5, top - 0.5, box + 1, box + 1);
    if (value !== undefined && Number.isFinite(value)) {
      const label = value.toFixed(2).replace("-", "−");
      write(g, label, x, top + box + 11, theme, { size: 10, align: "center", tone: "muted" });
    } else if (unit.layer === 0) {
      write(g, names(unit), x, top + box + 13, theme, { size: 12, align: "center" });
    }
  }
}

function ease(part) {
  return part * part * (3 - 2 * part);
}

/** A line that leaves and arrives level, the same that ``edgeAt`` looks for. */
function curve(g, x0, y0, x1, y1) {
  const steps = 14;
  g.beginPath();
  g.moveTo(x0, y0);
  for (let i = 1; i <= steps; i++) g.lineTo(x0 + ((x1 - x0) * i) / steps, y0 + (y1 - y0) * ease(i / steps));
  g.stroke();
}
