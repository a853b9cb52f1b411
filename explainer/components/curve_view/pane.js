// One plot of the curves: values, or derivatives; a line at the place read off, tangents, balls.

import { element } from "../shared/dom.js";
import { Axes } from "../shared/axes.js";
import { prepare } from "../shared/sketch.js";

const HEIGHT = 320;
const DASHES = [[], [8, 4], [2, 3], [9, 3, 2, 3], [13, 4], [12, 3, 2, 3, 2, 3], [5, 2], [1, 4], [16, 3, 3, 3]];
/** Length of a tangent, in parts of the width. */
const TANGENT = 0.16;

export class Pane {
  /** @param {(value: number, down: boolean) => void} point */
  constructor(point) {
    this.root = element("figure", "cv-pane");
    this.title = element("figcaption");
    this.canvas = element("canvas");
    this.canvas.setAttribute("role", "img");
    const read = (event) => {
      const box = this.canvas.getBoundingClientRect();
      if (this.axes) point(this.axes.valueAt(event.clientX - box.left));
    };
    this.canvas.addEventListener("pointermove", (event) => (event.pointerType === "mouse" || event.buttons) && read(event));
    this.canvas.addEventListener("pointerdown", read);
    this.root.append(this.title, this.canvas);
  }

  /**
   * @param {number} number 0 for values, 1 for derivatives
   * @param {any} content
   * @param {{at: number, chosen: string, step: number}} state
   * @param {import("../shared/palette.js").Palette} palette
   */
  draw(number, { axis, panes, curves, mark, label }, { at, chosen, step }, palette) {
    const pane = panes[number];
    const { theme } = palette;
    const width = Math.max(60, this.root.clientWidth);
    const g = prepare(this.canvas, width, HEIGHT);
    const count = curves[0]?.values[0].length ?? 2;
    const placeOf = (i) => axis.low + i * axis.step;
    const box = { left: 38, top: 10, width: width - 48, height: HEIGHT - 46 };
    const axes = new Axes(box, [axis.low, placeOf(count - 1)], [pane.low, pane.high]);
    this.axes = axes;
    this.title.textContent = pane.title;
    axes.draw(g, theme, { name: axis.name });
    const x = placeOf(at);
    g.lineWidth = 1;
    if (mark !== null && mark !== undefined) dashed(g, axes.px(mark), box, theme.faint);
    g.strokeStyle = theme.muted;
    g.setLineDash([]);
    rule(g, axes.px(x), box.top, axes.px(x), box.top + box.height);
    const drawn = [...curves.filter((one) => one.key !== chosen), ...curves.filter((one) => one.key === chosen)];
    axes.within(g, () => {
      for (const curve of drawn) {
        g.strokeStyle = curve.colour;
        g.lineJoin = "round";
        g.lineWidth = curve.key === chosen ? 3 : 1.75;
        g.setLineDash(DASHES[curve.dash % DASHES.length]);
        axes.path(g, placeOf, curve.values[number]);
      }
      g.setLineDash([]);
      const focus = curves.find((one) => one.key === chosen);
      if (focus && number === 0) tangent(g, axes, x, focus.values[0][at], focus.values[1][at], theme);
      for (const curve of drawn) {
        const value = curve.values[number][at];
        if (Number.isFinite(value)) dot(g, axes.px(x), axes.py(value), curve.key === chosen ? 5 : 3.5, curve.colour, theme);
      }
      for (const curve of drawn) ball(g, axes, curve, number, step, axis, theme);
    });
    const said = curves.map((one) => `${one.name} ${one.values[number][at].toPrecision(5)}`);
    this.canvas.setAttribute("aria-label", `${label}. ${pane.title}: ${axis.name} = ${x.toFixed(axis.digits)}: ${said.join(", ")}`);
  }
}

/** A piece of the tangent: its slope is the derivative. */
function tangent(g, axes, x, value, slope, theme) {
  if (!Number.isFinite(slope)) return;
  const [dx, dy] = [axes.px(x + 1) - axes.px(x), axes.py(value + slope) - axes.py(value)];
  const length = (TANGENT * axes.box.width) / Math.hypot(dx, dy);
  const [px, py] = [axes.px(x), axes.py(value)];
  g.strokeStyle = theme.text;
  g.lineWidth = 1.5;
  rule(g, px - length * dx, py - length * dy, px + length * dx, py + length * dy);
}

/** A ball that rolls down a curve, and where it was. */
function ball(g, axes, curve, number, step, axis, theme) {
  if (!curve.path.length) return;
  const valueAt = (x) => {
    const place = (x - axis.low) / axis.step;
    const below = Math.max(0, Math.min(curve.values[number].length - 2, Math.floor(place)));
    const [a, b] = [curve.values[number][below], curve.values[number][below + 1]];
    return a + (place - below) * (b - a);
  };
  g.fillStyle = curve.colour;
  g.globalAlpha = 0.35;
  curve.path.slice(0, step).forEach((x) => {
    g.beginPath();
    g.arc(axes.px(x), axes.py(valueAt(x)), 3, 0, 7);
    g.fill();
  });
  g.globalAlpha = 1;
  const x = curve.path[Math.min(step, curve.path.length - 1)];
  dot(g, axes.px(x), axes.py(valueAt(x)), 8, curve.colour, theme);
}

function dot(g, x, y, radius, colour, theme) {
  g.beginPath();
  g.arc(x, y, radius, 0, 7);
  g.fillStyle = colour;
  g.fill();
  g.lineWidth = 1.5;
  g.strokeStyle = theme.back;
  g.stroke();
}

function dashed(g, x, box, colour) {
  g.strokeStyle = colour;
  g.setLineDash([3, 4]);
  rule(g, x, box.top, x, box.top + box.height);
  g.setLineDash([]);
}

function rule(g, x0, y0, x1, y1) {
  g.beginPath();
  g.moveTo(x0, y0);
  g.lineTo(x1, y1);
  g.stroke();
}
