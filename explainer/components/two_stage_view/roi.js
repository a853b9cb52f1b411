// Step 6: RoIAlign. One proposal on its map, cut into bins; a bin read at a few points between the map's cells.

import { element } from "../shared/dom.js";
import { brief, bracketed } from "../shared/numbers.js";
import { prepare } from "../shared/sketch.js";
import { writeCell } from "../shared/cells.js";
import { bin, centred } from "./boxes.js";
import { largest } from "./maps.js";
import { equations, note, section } from "./written.js";
import { roleColour } from "./scene.js";

const STEPS = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };
/** Cells of the map shown around the proposal. */
const AROUND = 1.5;

export class RoiPanel {
  constructor(view) {
    this.view = view;
    this.root = element("div", "two-panel");
    this.map = element("canvas", "two-crop");
    this.pooled = element("canvas", "two-pooled");
    this.map.dataset.key = "roi-map";
    this.pooled.dataset.key = "roi-pooled";
    for (const canvas of [this.map, this.pooled]) {
      canvas.tabIndex = 0;
      canvas.setAttribute("role", "application");
      canvas.addEventListener("keydown", (event) => {
        if (this.key(event)) event.preventDefault();
      });
      canvas.addEventListener("click", (event) => {
        const box = canvas.getBoundingClientRect();
        const found = this.#binUnder(canvas, event.clientX - box.left, event.clientY - box.top);
        if (found) this.view.set({ bin: found });
      });
    }
  }

  #binUnder(canvas, x, y) {
    const place = canvas === this.map ? this.grid : this.cells;
    if (!place) return null;
    const [row, column] = [Math.floor((y - place.y) / place.h), Math.floor((x - place.x) / place.w)];
    const [rows, columns] = this.view.frame.region.bins;
    return row >= 0 && column >= 0 && row < rows && column < columns ? [row, column] : null;
  }

  /** The proposal's numbers, if they are here. */
  get full() {
    return this.view.region()?.full ?? null;
  }

  click(point) {
    const region = this.view.region();
    if (!region || !this.full) return;
    const [left, top, right, bottom] = region.box;
    const [rows, columns] = this.full.bins;
    const [row, column] = [Math.floor(((point.y - top) / (bottom - top)) * rows), Math.floor(((point.x - left) / (right - left)) * columns)];
    if (row >= 0 && column >= 0 && row < rows && column < columns) this.view.set({ bin: [row, column] });
  }

  key(event) {
    const step = STEPS[event.key];
    if (!step || !this.full) return false;
    const [rows, columns] = this.full.bins;
    const [row, column] = this.view.state.bin;
    const inside = (v, n) => Math.max(0, Math.min(n - 1, v));
    this.view.set({ bin: [inside(row + step[0], rows), inside(column + step[1], columns)] }, true);
    return true;
  }

  marks() {
    const region = this.view.region();
    if (!region) return [];
    const bins = this.full?.bins ?? [7, 7];
    return [{ box: region.box, role: "proposal", width: 2.5, label: this.view.text("Proposal {rank}", { rank: this.view.state.region + 1 }), grid: [...bins, ...this.view.state.bin] }];
  }

  saying() {
    const { text, state, frame } = this.view;
    if (!this.full) return "";
    const [row, column] = state.bin;
    const found = bin(this.full, frame.levels[this.full.level], row, column);
    return text("Bin in row {row}, column {column}: {value}", { row, column, value: brief(found.value, 5) });
  }

  draw() {
    const { text, frame, state } = this.view;
    const region = this.view.region();
    if (!region) return this.root.replaceChildren(note(text("There is no proposal.")));
    if (!this.full) return this.root.replaceChildren(note("…"));
    const full = this.full;
    const level = frame.levels[full.level];
    const { w, h } = centred(region.box);
    const figures = element("div", "two-figures");
    const one = element("figure", "two-map");
    one.append(element("figcaption", "", text("Level {name}: the bins and their points", { name: level.name })), this.map);
    const two = element("figure", "two-map");
    two.append(element("figcaption", "", text("What is pooled: {rows} × {columns}", { rows: full.bins[0], columns: full.bins[1] })), this.pooled);
    figures.append(one, two);
    const what = state.channel < 0 ? text("Shown: the mean of all {count} channels.", { count: frame.channels }) : text("Shown: channel {channel} of {count}.", { channel: state.channel, count: frame.channels });
    this.root.replaceChildren(
      section(text("Which level?"), equations([["k = ⌊4 + log₂(√(w · h) / 224)⌋", `4 + log₂(√(${brief(w)} · ${brief(h)}) / 224) = ${brief(4 + Math.log2(Math.sqrt(w * h) / 224))}`]]), note(text("A proposal as large as 224 × 224 is read from the level of stride 16 (k = 4); half as large, from one finer; within the levels that there are (Lin et al., 2017). This one: level {name}, stride {stride}.", { name: level.name, stride: level.stride[0] }))),
      section(text("Where is it read?"), figures, note(`${what} ${text("Nothing is rounded: the box lies between the cells, and so do the points (He et al., 2017).")}`)),
      this.#sum(full, level),
    );
    this.map.setAttribute("aria-label", `${text("Level {name}: the bins and their points", { name: level.name })}. ${text("Arrow keys move.")}`);
    this.pooled.setAttribute("aria-label", `${text("What is pooled: {rows} × {columns}", { rows: full.bins[0], columns: full.bins[1] })}. ${text("Arrow keys move.")}`);
  }

  #sum(full, level) {
    const { text, state } = this.view;
    const [row, column] = state.bin;
    const found = bin(full, level, row, column);
    const tensor = full.pooled[row * full.bins[1] + column];
    const lines = found.points.map((point, i) => {
      const terms = point.corners.map((corner) => `${brief(corner.weight, 3)} · ${bracketed(corner.value, 4)}`).join(" + ");
      return [text("Point {number}", { number: i + 1 }), `${terms} = ${brief(point.value, 4)}`];
    });
    const sum = found.points.map((point) => bracketed(point.value, 4)).join(" + ");
    lines.push([text("Mean"), `(${sum}) / ${found.points.length} = ${brief(found.value, 5)}`]);
    return section(
      text("Bin in row {row}, column {column}", { row, column }),
      equations(/** @type {[string, string][]} */ (lines)),
      note(text("Each point: four cells around it, weighted by how near they are (bilinear). PyTorch's tensor says {value} here.", { value: brief(tensor, 5) })),
    );
  }

  paint() {
    const full = this.full;
    if (!full || !this.map.isConnected) return;
    const { frame, theme, palette, state } = this.view;
    const level = frame.levels[full.level];
    const width = Math.max(120, Math.floor(this.map.parentElement?.clientWidth ?? 240));
    this.#paintMap(full, level, width);
    const [rows, columns] = full.bins;
    const small = Math.max(120, Math.floor(this.pooled.parentElement?.clientWidth ?? 200));
    const size = Math.floor(small / columns);
    const g = prepare(this.pooled, size * columns + 2, size * rows + 2);
    const peak = largest(level.map);
    this.cells = { x: 1, y: 1, w: size, h: size };
    const grid = { x: 1, y: 1, size, rows, columns };
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const value = full.pooled[row * columns + column];
        g.fillStyle = palette.colour(value, peak);
        g.fillRect(1 + column * size, 1 + row * size, size - 1, size - 1);
        writeCell(g, grid, row, column, value, palette.ink(value, peak), theme);
      }
    }
    g.strokeStyle = theme.text;
    g.lineWidth = 2;
    g.strokeRect(1 + state.bin[1] * size, 1 + state.bin[0] * size, size - 1, size - 1);
  }

  /** The cells of the map around the proposal; cell (x, y) has its number at the point (x, y). */
  #paintMap(full, level, width) {
    const { palette, theme, state } = this.view;
    const [left, top, right, bottom] = full.onMap;
    const [rows, columns] = full.bins;
    const x0 = Math.max(-0.5, Math.floor(left - AROUND) - 0.5);
    const y0 = Math.max(-0.5, Math.floor(top - AROUND) - 0.5);
    const x1 = Math.min(level.width - 0.5, Math.ceil(Math.max(right, left + 1) + AROUND) + 0.5);
    const y1 = Math.min(level.height - 0.5, Math.ceil(Math.max(bottom, top + 1) + AROUND) + 0.5);
    const scale = Math.min(width / (x1 - x0), 420 / (y1 - y0));
    const g = prepare(this.map, Math.round((x1 - x0) * scale), Math.round((y1 - y0) * scale));
    const at = (x, y) => [(x - x0) * scale, (y - y0) * scale];
    const peak = largest(level.map);
    for (let y = Math.ceil(y0); y <= y1; y++) {
      for (let x = Math.ceil(x0); x <= x1; x++) {
        const [px, py] = at(x - 0.5, y - 0.5);
        g.fillStyle = palette.colour(level.map[y * level.width + x], peak);
        g.fillRect(px, py, scale - (scale > 9 ? 1 : -0.4), scale - (scale > 9 ? 1 : -0.4));
      }
    }
    const [bx, by] = at(left, top);
    const [bw, bh] = [(Math.max(right - left, 1) * scale) / columns, (Math.max(bottom - top, 1) * scale) / rows];
    this.grid = { x: bx, y: by, w: bw, h: bh };
    g.strokeStyle = roleColour("proposal");
    g.lineWidth = 1;
    g.beginPath();
    for (let i = 0; i <= columns; i++) g.moveTo(bx + i * bw, by), g.lineTo(bx + i * bw, by + rows * bh);
    for (let i = 0; i <= rows; i++) g.moveTo(bx, by + i * bh), g.lineTo(bx + columns * bw, by + i * bh);
    g.stroke();
    const radius = Math.max(1, Math.min(2.2, bw / 9));
    for (let i = 0; i < full.points.length; i += 2) dot(g, ...at(full.points[i], full.points[i + 1]), radius, "#ffffff", "rgba(0,0,0,0.7)");
    const found = bin(full, level, state.bin[0], state.bin[1]);
    g.lineWidth = 2.5;
    g.strokeStyle = theme.text;
    g.strokeRect(bx + state.bin[1] * bw, by + state.bin[0] * bh, bw, bh);
    for (const point of found.points) {
      const [px, py] = at(point.x, point.y);
      for (const corner of point.corners) {
        if (!corner.weight) continue;
        const [cx, cy] = at(corner.x, corner.y);
        g.strokeStyle = roleColour("anchor");
        g.globalAlpha = 0.25 + 0.75 * corner.weight;
        g.lineWidth = 1.5;
        g.beginPath();
        g.moveTo(px, py);
        g.lineTo(cx, cy);
        g.stroke();
        dot(g, cx, cy, 2.5, roleColour("anchor"), "rgba(0,0,0,0.7)");
      }
      g.globalAlpha = 1;
    }
    for (const point of found.points) dot(g, ...at(point.x, point.y), radius + 1.4, roleColour("final"), "rgba(0,0,0,0.8)");
  }
}

function dot(g, x, y, radius, fill, rim) {
  g.beginPath();
  g.arc(x, y, radius, 0, 2 * Math.PI);
  g.fillStyle = fill;
  g.strokeStyle = rim;
  const before = g.lineWidth;
  g.lineWidth = 1;
  g.fill();
  g.stroke();
  g.lineWidth = before;
}
