// One map over the photo, its caption, and what can be taken away of it.

import { format } from "../shared/colours.js";
import { element } from "../shared/dom.js";
import { asCanvas, colour, palette } from "../shared/heat.js";
import { cellAt, smooth } from "./upsample.js";

/** Smooth maps are worked out on at most so many points a side. */
const FINEST = 448;
/** How much of the photo's contrast gives way to the heat. */
const VEIL = 0.42;

export class Tile {
  /**
   * @param {object} tile as the server sends it
   * @param {object} wall
   */
  constructor(tile, wall) {
    this.wall = wall;
    this.tile = tile;
    this.root = element("figure", "hw-tile");
    this.stage = element("div", "hw-stage");
    this.canvas = element("canvas");
    this.canvas.setAttribute("aria-hidden", "true");
    this.cross = cross();
    this.stage.append(this.canvas, this.cross);
    this.caption = element("figcaption");
    this.here = element("span", "hw-here");
    this.root.append(this.stage, this.caption);
    this.#listen();
    this.update(tile);
  }

  get map() {
    return this.tile.map;
  }

  /** Take in a new state of the same place on the wall. @param {object} tile */
  update(tile) {
    this.tile = tile;
    this.fine = null;
    this.root.dataset.key = tile.key;
    this.root.classList.toggle("hw-empty", !tile.map);
    this.#caption();
  }

  #listen() {
    const { stage, wall } = this;
    const at = (event) => {
      const box = stage.getBoundingClientRect();
      return { u: (event.clientX - box.left) / box.width, v: (event.clientY - box.top) / box.height };
    };
    stage.addEventListener("pointermove", (event) => wall.point(at(event), this));
    stage.addEventListener("pointerdown", (event) => wall.point(at(event), this));
    stage.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && wall.point(null, this));
    stage.addEventListener("click", () => wall.enlarge(this.tile.key));
    stage.addEventListener("keydown", (event) => this.#key(event));
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const { wall, map } = this;
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (event.key === "Enter" || event.key === " ") wall.enlarge(this.tile.key);
    else if (step && map) {
      const from = cellAt(map, wall.place ?? { u: 0.4999, v: 0.4999 });
      const [dx, dy] = wall.place ? step : [0, 0];
      const x = Math.min(map.width - 1, Math.max(0, from.x + dx));
      const y = Math.min(map.height - 1, Math.max(0, from.y + dy));
      wall.point({ u: (x + 0.5) / map.width, v: (y + 0.5) / map.height }, this, true);
    } else return;
    event.preventDefault();
  }

  #caption() {
    const { tile, wall } = this;
    const { text } = wall;
    const head = element("div", "hw-head");
    const title = element("span", "hw-title", tile.title);
    title.title = tile.title;
    head.append(title, this.here);
    const rows = [head];
    if (tile.subtitle) rows.push(element("div", "hw-sub", tile.subtitle));
    const paper = element("a", "hw-paper");
    paper.append(element("span", "hw-short", tile.short), element("span", "hw-full", `${tile.paper} (${tile.year})`));
    paper.href = tile.url;
    paper.target = "_blank";
    paper.rel = "noopener";
    paper.title = tile.paper;
    const about = element("div", "hw-about");
    if (!tile.subtitle || wall.showsPapers) about.append(paper);
    rows.push(about);
    if (tile.note) rows.push(element("div", "hw-note", tile.note));
    this.stage.querySelector(".hw-message")?.remove();
    if (tile.map) {
      about.append(element("span", "hw-cost", this.#cost()));
      const foot = element("div", "hw-foot");
      const range = element("span", "hw-range", text("{low} to {high}", { low: format(tile.map.low, 3), high: format(tile.map.high, 3) }));
      range.title = text("smallest and largest value, {rows}×{columns} cells", { rows: tile.map.height, columns: tile.map.width });
      if (tile.map.ceiling < Math.max(-tile.map.low, tile.map.high)) {
        range.title += `; ${text("its own colours end at {value}, above 99.5 % of its cells", { value: format(tile.map.ceiling, 3) })}`;
      }
      foot.append(range, this.#actions());
      rows.push(foot);
    } else this.stage.append(this.#message());
    if (tile.map && tile.map.low === 0 && tile.map.high === 0) {
      this.stage.append(element("div", "hw-message hw-quiet", text("Zero everywhere: here nothing speaks for this class.")));
    }
    this.caption.replaceChildren(...rows);
    this.stage.tabIndex = 0;
    this.stage.setAttribute("role", "img");
    this.stage.setAttribute("aria-label", this.#words());
  }

  #words() {
    const { tile } = this;
    const { text } = this.wall;
    if (!tile.map) return `${tile.title}. ${tile.message || text("Waiting to be computed")}`;
    return text("{title}, values from {low} to {high}. Arrow keys read values, Enter enlarges.", {
      title: [tile.title, tile.subtitle].filter(Boolean).join(", "),
      low: format(tile.map.low, 3),
      high: format(tile.map.high, 3),
    });
  }

  #cost() {
    const { tile } = this;
    const { text } = this.wall;
    const passes = [];
    if (tile.forward) passes.push(text("{count} forward", { count: tile.forward }));
    if (tile.backward) passes.push(text("{count} backward", { count: tile.backward }));
    const time = tile.seconds < 0.9995 ? `${Math.max(1, Math.round(tile.seconds * 1000))} ms` : `${tile.seconds.toFixed(1)} s`;
    return [time, passes.join(" + ") || text("no further pass")].join(" · ");
  }

  #actions() {
    const { tile, wall } = this;
    const { text } = wall;
    const bar = element("span", "hw-actions");
    for (const [name, words, act] of [
      ["png", text("Save picture"), () => wall.savePicture(this)],
      ["npy", text("Save numbers (.npy)"), () => wall.saveNumbers(this)],
      ["code", text("PyTorch code"), () => wall.showCode(tile)],
    ]) {
      const button = element("button", "hw-action", { png: "PNG", npy: ".npy", code: text("Code") }[name]);
      button.title = words;
      button.setAttribute("aria-label", `${words}: ${tile.title}`);
      button.addEventListener("click", act);
      bar.append(button);
    }
    return bar;
  }

  #message() {
    const { tile, wall } = this;
    const { text } = wall;
    const box = element("div", "hw-message");
    if (!tile.message) {
      box.classList.add("hw-waiting");
      box.append(element("span", "", text("Waiting to be computed")));
    } else box.append(element("span", "", tile.message));
    if (tile.stopped) {
      const again = element("button", "hw-again", text("Compute"));
      again.addEventListener("click", (event) => {
        event.stopPropagation();
        wall.start(tile.key);
      });
      box.append(again);
    }
    return box;
  }

  /** @param {{u: number, v: number}|null} place */
  point(place) {
    const { map, cross: lines, here } = this;
    lines.hidden = !place;
    if (!place) {
      here.textContent = "";
      return;
    }
    if (!map) {
      frame(lines, place, { left: place.u, top: place.v, width: 0, height: 0 });
      return;
    }
    const { x, y, value } = cellAt(map, place);
    frame(lines, place, { left: x / map.width, top: y / map.height, width: 1 / map.width, height: 1 / map.height });
    here.textContent = format(value, 4);
    here.title = `(${y}, ${x})`;
  }

  /** Draw photo and heat at the size the tile has now. */
  paint() {
    const { canvas, stage, wall } = this;
    const width = Math.round(stage.clientWidth * Math.min(2, devicePixelRatio || 1));
    if (!width) return;
    const { picture } = wall;
    const height = Math.round((width * picture.height) / picture.width);
    if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
    this.paintOn(canvas.getContext("2d"), width, height);
  }

  /** @param {CanvasRenderingContext2D} context @param {number} width @param {number} height */
  paintOn(context, width, height) {
    const { map, wall } = this;
    context.imageSmoothingQuality = "high";
    context.imageSmoothingEnabled = !wall.cells || width < wall.picture.width;
    context.globalAlpha = 1;
    context.drawImage(wall.photo(true), 0, 0, width, height);
    if (!map) return;
    context.fillStyle = wall.background;
    context.globalAlpha = VEIL * wall.opacity;
    context.fillRect(0, 0, width, height);
    context.globalAlpha = 1;
    const colours = palette(map.signed, wall.dark, wall.opacity);
    const peak = wall.peakOf(this);
    context.imageSmoothingEnabled = false;
    if (wall.cells) {
      context.drawImage(asCanvas(colour(map.data, map.width, map.height, peak, map.signed, colours)), 0, 0, width, height);
      return;
    }
    const across = Math.max(map.width, Math.min(width, FINEST));
    const down = Math.max(map.height, Math.min(height, Math.round((FINEST * height) / width)));
    if (this.fine?.across !== across || this.fine.down !== down) this.fine = { across, down, values: smooth(map, across, down) };
    context.imageSmoothingEnabled = true;
    context.drawImage(asCanvas(colour(this.fine.values, across, down, peak, map.signed, colours)), 0, 0, width, height);
  }
}

/** The crosshair: two lines and the frame of a cell. */
export function cross() {
  const box = element("div", "hw-cross");
  box.hidden = true;
  box.append(element("i", "hw-x"), element("i", "hw-y"), element("b", "hw-cell"));
  return box;
}

/**
 * @param {HTMLElement} lines from `cross`
 * @param {{u: number, v: number}} place
 * @param {{left: number, top: number, width: number, height: number}} cell shares of the picture
 */
export function frame(lines, { u, v }, cell) {
  const [x, y, box] = /** @type {HTMLElement[]} */ ([...lines.children]);
  x.style.left = `${u * 100}%`;
  y.style.top = `${v * 100}%`;
  for (const [name, share] of Object.entries(cell)) box.style[name] = `${share * 100}%`;
}
