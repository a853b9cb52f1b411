// One plot of runs over their epochs.

import { Axes, decadesAround } from "../shared/axes.js";
import { element } from "../shared/dom.js";
import { brief } from "../shared/numbers.js";
import { readable } from "../shared/readable.js";
import { ends, indexAt, smoothed } from "../shared/series.js";
import { prepare } from "../shared/sketch.js";

const HEIGHT = 210;
const DASHES = [[], [7, 4], [2, 3], [9, 3, 2, 3]];
/** What each plot shows: of every step, and after every epoch of training and of validation images. */
const KINDS = {
  loss: { steps: "loss", train: "train_loss", validation: "validation_loss" },
  accuracy: { steps: "", train: "train_accuracy", validation: "validation_accuracy" },
  rate: { steps: "rate", train: "", validation: "" },
  speed: { steps: "images_per_second", train: "", validation: "" },
};

export class Plot {
  /**
   * @param {keyof typeof KINDS} kind
   * @param {(epoch: number|null) => void} point
   * @param {(steps: number) => void} move
   */
  constructor(kind, point, move) {
    this.kind = kind;
    this.root = element("figure", "rv-plot");
    this.caption = element("figcaption");
    this.title = element("b");
    this.said = element("span", "rv-said");
    this.caption.append(this.title, this.said);
    this.canvas = element("canvas");
    this.root.append(this.caption, this.canvas);
    readable(this.canvas, (px) => this.axes && point(this.axes.valueAt(px)), () => point(null), move);
  }

  draw({ runs, end, at, log, smooth, text, palette }) {
    const { kind } = this;
    const fields = KINDS[kind];
    const titles = { loss: text("Loss"), accuracy: text("Accuracy"), rate: text("Learning rate"), speed: text("Images per second") };
    this.title.textContent = titles[kind];
    const curves = runs.flatMap((run) => [
      fields.steps && { run, x: run.steps.at, y: smoothed(run.steps[fields.steps], kind === "loss" ? smooth : 0), style: "steps" },
      fields.train && { run, x: run.epochs.at, y: run.epochs[fields.train], style: "train" },
      fields.validation && { run, x: run.epochs.at, y: run.epochs[fields.validation], style: "validation" },
    ].filter(Boolean));
    const width = Math.max(60, this.root.clientWidth);
    const g = prepare(this.canvas, width, HEIGHT);
    const rows = curves.map((one) => one.y);
    const logarithmic = log && kind === "loss";
    const y = logarithmic ? decadesAround(rows.flatMap((row) => [...row])) : ends(rows, 0);
    if (kind === "accuracy") y[1] = 1;
    const box = { left: 46, top: 8, width: width - 56, height: HEIGHT - 42 };
    const axes = new Axes(box, [0, end], y, { log: logarithmic });
    this.axes = axes;
    axes.draw(g, palette.theme, { name: text("epochs"), written: kind === "accuracy" ? (value) => `${Math.round(value * 100)}%` : undefined });
    axes.within(g, () => {
      for (const curve of curves) drawCurve(g, axes, curve, palette.theme);
      if (at !== null) {
        g.strokeStyle = palette.theme.muted;
        g.lineWidth = 1;
        g.beginPath();
        g.moveTo(axes.px(at), box.top);
        g.lineTo(axes.px(at), box.top + box.height);
        g.stroke();
      }
    });
    const said = curves.filter((one) => one.x.length && one.style !== (kind === "loss" ? "train" : "")).map((one) => {
      const value = one.y[at === null ? one.x.length - 1 : indexAt(one.x, at)];
      return { one, value };
    }).filter(({ value }) => Number.isFinite(value));
    this.said.replaceChildren(...said.map(({ one, value }) => {
      const part = element("span", "", kind === "accuracy" ? `${(value * 100).toFixed(1)}%` : brief(value, 3));
      part.style.color = one.run.colour;
      if (one.style === "validation") part.className = "rv-held";
      return part;
    }));
    const heard = said.map(({ one, value }) => `${one.run.name}${one.style === "validation" ? ` (${text("validation")})` : ""} ${brief(value, 4)}`);
    this.canvas.setAttribute("aria-label", `${titles[kind]}: ${heard.join(", ")}`);
  }
}

/** Steps are thin, what an epoch came to is thick; validation images have dots. */
function drawCurve(g, axes, { run, x, y, style }, theme) {
  g.strokeStyle = run.colour;
  g.lineJoin = "round";
  g.setLineDash(DASHES[run.dash % DASHES.length]);
  g.lineWidth = style === "steps" ? 1.25 : 2;
  g.globalAlpha = style === "steps" && "loss" in run.steps && y.length > 60 ? 0.6 : style === "train" ? 0.55 : 1;
  axes.path(g, (i) => x[i], y);
  g.setLineDash([]);
  g.globalAlpha = 1;
  if (style !== "validation") return;
  for (let i = 0; i < y.length; i++) {
    if (!Number.isFinite(y[i])) continue;
    g.beginPath();
    g.arc(axes.px(x[i]), axes.py(y[i]), y.length > 60 ? 2 : 3.5, 0, 7);
    g.fillStyle = run.colour;
    g.fill();
    g.lineWidth = 1.25;
    g.strokeStyle = theme.back;
    g.stroke();
  }
}
