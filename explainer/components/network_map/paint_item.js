/** Painting one item: its header, its thumbnails down to cells and numbers, its footer. Screen coordinates. */

import { colourOf, format, inkOn, lut } from "../shared/colours.js";
import { chevrons, fits, font, roundRect, short, shown, widthOf } from "../shared/draw.js";
import { FOOTER, HEADER, shapeText } from "./layout.js";
import { learningOf, paintLearning } from "./learning.js";
import { paintAnswer } from "./paint_answer.js";

const GRID = 11; // cell size from which cells get lines
export const NUMBERS = 34; // and numbers

export function paintItem(context, scene, box) {
  const { camera } = scene;
  const { k } = camera;
  const at = { x: box.x * k + camera.x, y: box.y * k + camera.y, w: box.w * k, h: box.h * k };
  const rate = learningOf(scene.overview, box.item);
  context.globalAlpha = shown(scene, box.id) * (rate === 0 ? 0.45 : 1);
  const { kind } = box.item;
  if (kind === "plumbing") paintPlumbing(context, scene, box, at);
  else if (kind === "output") paintAnswer(context, scene, box, at);
  else {
    if (kind === "slab") paintSlab(context, scene, box, at);
    if (kind === "input") paintInput(context, scene, box, at);
    paintThumbs(context, scene, box, at);
    header(context, scene, box, at);
    if (kind !== "input") footer(context, scene, box, at);
  }
  context.globalAlpha = shown(scene, box.id);
  if (rate !== null) paintLearning(context, scene, at, rate);
  context.globalAlpha = 1;
}

/** Name and shape above the body, at a readable size or not at all. */
function header(context, scene, box, at) {
  const { theme, camera, overview } = scene;
  const { k } = camera;
  if (k < 0.26) return;
  const node = overview.nodes[box.item.node];
  const size = Math.max(9.5, Math.min(14, 12.5 * k));
  const small = Math.max(9, Math.min(12, 10.5 * k));
  const room = (box.right - box.left + (box.item.kind === "slab" ? 30 : 22)) * k;
  const over = box.picture ?? { x: 0, y: 0, w: box.w };
  const x = at.x + (over.x + over.w / 2) * k;
  context.textAlign = "center";
  context.textBaseline = "alphabetic";
  const both = HEADER * k > size + small + 8;
  if (HEADER * k < size + 4) return;
  const base = at.y + over.y * k - Math.max(4, Math.min(10, 8 * k));
  context.font = font(theme, small);
  const shape = both ? shapes(node).find((text) => widthOf(context, text) <= room) : "";
  if (shape) {
    context.fillStyle = theme.faint;
    context.fillText(shape, x, base);
  }
  context.font = font(theme, size, 600);
  context.fillStyle = theme.text;
  const names = [labelOf(box.item, scene), ...(box.item.kind === "op" ? [className(node), familyOf(node)] : [])].filter(Boolean);
  const label = names.find((name) => widthOf(context, name) <= room) ?? fits(context, names[0], room);
  if (label) context.fillText(label, x, base - (shape ? small + 4 : 0));
}

/** A shape at full length, then with the square written as one, then the channels alone. */
function shapes(node) {
  const [, channels, height, width] = node.shape;
  const square = node.shape.length === 4 && height === width && height > 1;
  return [shapeText(node), square ? `${channels}×${height}²` : "", String(channels)].filter(Boolean);
}

/** What an operation is, in one short word, for where nothing longer fits. */
function familyOf(node) {
  return /pool|conv|norm|relu/.exec(node.kind)?.[0] ?? "";
}

function className(node) {
  return /^[A-Za-z]\w*(?=\()/.exec(node.summary ?? "")?.[0] ?? "";
}

/** What stands above an item: its own name; the whole path is in the tooltip. */
export function labelOf(item, { store }) {
  return item.kind === "input" ? store.text("input") : item.label;
}

/** How many more channels there are, what the operation is, and what it costs. */
function footer(context, scene, box, at) {
  const { theme, camera, overview, store } = scene;
  const { k } = camera;
  const { item } = box;
  const node = overview.nodes[item.node];
  const size = Math.max(9, Math.min(12, 10.5 * k));
  if (k < 0.42) return;
  const x = at.x + at.w / 2;
  const room = (box.right - box.left + 34) * k;
  const line = size + 2.5;
  const lines = [];
  if (item.kind !== "slab" && box.more > 0) lines.push([`+${box.more}`, theme.muted]);
  const what = item.kind === "slab" ? "" : geometry(node);
  const parameters = item.group ? item.group.parameters : node.parameters;
  const cost = parameters ? short(parameters) : "";
  const full = cost && store.text("{count} params", { count: cost });
  context.font = font(theme, size);
  const said = [[what, full], [what, cost], [what || full]].map((words) => words.filter(Boolean).join(" · "));
  const best = said.find((text) => text && widthOf(context, text) <= room);
  if (best) lines.push([best, theme.faint]);
  const space = Math.max(1, Math.floor((FOOTER * k) / line));
  context.textAlign = "center";
  context.textBaseline = "alphabetic";
  lines.slice(0, item.kind === "slab" ? 1 : space).forEach(([text, colour], i) => {
    context.fillStyle = colour;
    context.fillText(text, x, at.y + at.h + 2 + (i + 1) * line);
  });
}

/** "3×3 /2" of a convolution or a pool. */
export function geometry(node) {
  const read = (name) => {
    const found = new RegExp(`${name}=\\(?(\\d+)(?:, (\\d+))?`).exec(node.summary ?? "");
    return found ? [Number(found[1]), Number(found[2] ?? found[1])] : null;
  };
  const kernel = read("kernel_size");
  if (!kernel || !/conv|pool/.test(node.kind)) return "";
  const stride = read("stride");
  const groups = /groups=(\d+)/.exec(node.summary);
  const text = `${kernel[0]}×${kernel[1]}${stride && stride[0] > 1 ? ` /${stride[0]}` : ""}`;
  return groups && Number(groups[1]) > 1 ? `${text} g${groups[1]}` : text;
}

function paintSlab(context, scene, box, at) {
  const { theme, camera, store } = scene;
  const { k } = camera;
  roundRect(context, at.x, at.y, at.w, at.h, Math.min(12, 10 * k + 1));
  context.fillStyle = theme.slab;
  context.fill();
  context.lineWidth = 1;
  context.strokeStyle = theme.slabLine;
  context.stroke();
  if (k < 0.42) return;
  const size = Math.max(9, Math.min(12, 10.5 * k));
  context.textAlign = "center";
  context.textBaseline = "middle";
  const x = at.x + at.w / 2;
  if (box.more > 0) {
    context.font = font(theme, size);
    context.fillStyle = theme.muted;
    context.fillText(`+${box.more}`, x, at.y + at.h - 34 * k);
  }
  const pill = pillOf(box, camera);
  roundRect(context, pill.x, pill.y, pill.w, pill.h, pill.h / 2);
  context.fillStyle = theme.primarySoft;
  context.fill();
  context.font = font(theme, size, 500);
  context.fillStyle = theme.primaryInk;
  const text = store.text("{count} ops", { count: box.item.count });
  const y = pill.y + pill.h / 2 + 0.5;
  if (k >= 0.6 && widthOf(context, text) + 17 < pill.w) {
    context.fillText(text, x - 6, y);
    chevrons(context, x + widthOf(context, text) / 2 + 3, y, theme.primaryInk, false, 3);
  } else chevrons(context, x, y, theme.primaryInk, false, 3.5);
}

/** The unfold button of a slab, on the screen. */
export function pillOf(box, { k, x, y }) {
  const w = Math.min(box.w - 12, 72) * k;
  return { x: (box.x + box.w / 2) * k + x - w / 2, y: (box.y + box.h - 23) * k + y, w, h: 17 * k };
}

function paintPlumbing(context, scene, box, at) {
  const { theme, camera } = scene;
  roundRect(context, at.x, at.y, at.w, at.h, at.w / 2);
  context.fillStyle = theme.background;
  context.fill();
  context.fillStyle = theme.slab;
  context.fill();
  context.lineWidth = 1;
  context.strokeStyle = theme.slabLine;
  context.stroke();
  const size = Math.min(11, 10.5 * camera.k);
  if (size < 7) return;
  context.save();
  context.translate(at.x + at.w / 2, at.y + at.h / 2);
  context.rotate(-Math.PI / 2);
  context.font = font(theme, size);
  context.fillStyle = theme.muted;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(fits(context, box.item.label, at.h - 8), 0, 0.5);
  context.restore();
}

function paintInput(context, scene, box, at) {
  const { theme, bitmaps, camera, store } = scene;
  const { k } = camera;
  const { picture } = box;
  const bitmap = bitmaps.input();
  const r = { x: at.x + picture.x * k, y: at.y + picture.y * k, w: picture.w * k, h: picture.h * k };
  context.imageSmoothingEnabled = r.w < bitmap.width * 1.5;
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap.canvas, r.x, r.y, r.w, r.h);
  outline(context, theme, r);
  context.strokeStyle = theme.edge;
  context.beginPath();
  for (const thumb of box.thumbs) {
    const x = at.x + thumb.x * k;
    const y = at.y + (thumb.y + thumb.h / 2) * k;
    const from = r.x + r.w;
    const mid = r.y + r.h / 2;
    context.moveTo(from, mid);
    context.bezierCurveTo((from + x) / 2, mid, (from + x) / 2, y, x, y);
  }
  context.stroke();
  const size = Math.max(9, Math.min(12, 10.5 * k));
  if (k < 0.45) return;
  context.font = font(theme, size, 400, "italic");
  context.fillStyle = theme.faint;
  context.textAlign = "center";
  context.textBaseline = "alphabetic";
  const text = store.text("as the network received it");
  if (widthOf(context, text) < (r.w + 46 * k)) context.fillText(text, r.x + r.w / 2, r.y + r.h + size + 6);
  const names = [store.text("red"), store.text("green"), store.text("blue")];
  if (box.thumbs.length !== 3) return;
  context.font = font(theme, size);
  box.thumbs.forEach((thumb, i) => {
    context.fillStyle = theme.rgb[i];
    context.fillText(names[i], at.x + (thumb.x + thumb.w / 2) * k, at.y + (thumb.y + thumb.h) * k + size + 3);
  });
}

function paintThumbs(context, scene, box, at) {
  const { camera, overview, bitmaps, theme, height } = scene;
  const { k } = camera;
  const node = overview.nodes[box.item.node];
  if (!box.thumbs.length || !node.thumb) {
    if (box.item.kind === "op") paintBlank(context, scene, box, at, node);
    return;
  }
  const [first] = box.thumbs;
  if (first.w * k < 4) {
    context.fillStyle = theme.bar;
    if (box.item.kind !== "slab") context.fillRect(at.x + first.x * k, at.y, Math.max(1, first.w * k), at.h);
    return;
  }
  const strip = bitmaps.strip(node, theme.dark);
  box.thumbs.forEach((thumb, row) => {
    const r = { x: at.x + thumb.x * k, y: at.y + thumb.y * k, w: thumb.w * k, h: thumb.h * k };
    if (r.y > height || r.y + r.h < 0) return;
    if (node.width * node.height === 1) {
      paintChip(context, scene, node, thumb, row, r);
      return;
    }
    const coarse = strip.width < node.width && r.w > strip.width * 1.5;
    const full = coarse ? bitmaps.full(node, thumb.channel, theme.dark) : null;
    if (coarse && !full && node.role !== "input") scene.wants.push({ layer: node.index, size: r.w });
    const source = full ?? strip;
    const offset = full ? 0 : row * strip.height;
    drawPixels(context, scene, source, offset, r);
    const cell = r.w / node.width;
    if (cell >= GRID) paintCells(context, scene, node, thumb.channel, r, cell);
    if (r.w > 9) outline(context, theme, r);
  });
}

/** Draw the part of a picture that is on the screen: pixels stay sharp squares when they are large. */
function drawPixels(context, { width, height }, source, offset, r) {
  const enlarged = r.w > source.width * 1.25;
  context.imageSmoothingEnabled = !enlarged;
  context.imageSmoothingQuality = "medium";
  if (r.w < 2 * width && r.h < 2 * height) {
    context.drawImage(source.canvas, 0, offset, source.width, source.height, r.x, r.y, r.w, r.h);
    return;
  }
  const cw = r.w / source.width;
  const ch = r.h / source.height;
  const x0 = Math.max(0, Math.floor(-r.x / cw));
  const y0 = Math.max(0, Math.floor(-r.y / ch));
  const x1 = Math.min(source.width, Math.ceil((width - r.x) / cw));
  const y1 = Math.min(source.height, Math.ceil((height - r.y) / ch));
  if (x1 <= x0 || y1 <= y0) return;
  context.drawImage(source.canvas, x0, offset + y0, x1 - x0, y1 - y0, r.x + x0 * cw, r.y + y0 * ch, (x1 - x0) * cw, (y1 - y0) * ch);
}

/** Lines between cells, and in large cells their values. */
function paintCells(context, scene, node, channel, r, cell) {
  const { width, height, theme, bitmaps, store } = scene;
  const ch = r.h / node.height;
  const x0 = Math.max(0, Math.floor(-r.x / cell));
  const y0 = Math.max(0, Math.floor(-r.y / ch));
  const x1 = Math.min(node.width, Math.ceil((width - r.x) / cell));
  const y1 = Math.min(node.height, Math.ceil((height - r.y) / ch));
  if (x1 <= x0 || y1 <= y0) return;
  context.beginPath();
  for (let x = x0; x <= x1; x++) context.rect(Math.round(r.x + x * cell), r.y + y0 * ch, 0, (y1 - y0) * ch);
  for (let y = y0; y <= y1; y++) context.rect(r.x + x0 * cell, Math.round(r.y + y * ch), (x1 - x0) * cell, 0);
  context.lineWidth = 0.5;
  context.strokeStyle = theme.hair;
  context.stroke();
  if (cell < NUMBERS) return;
  const values = store.values(node.index, channel);
  const my = Math.floor((y0 + y1) / 2);
  const mx = Math.floor((x0 + x1) / 2);
  if (!store.tensors?.get(node.index) && !(values && store.covers(values, y0, x0) && store.covers(values, y1 - 1, x1 - 1))) {
    scene.wants.push({ values: { node: node.index, channel, y: my, x: mx }, size: r.w });
  }
  const peak = bitmaps.peak(node, channel);
  const table = lut("signed", theme.dark);
  const size = Math.min(15, cell * 0.25);
  context.font = font(theme, size);
  context.textAlign = "center";
  context.textBaseline = "middle";
  for (let y = y0; y < y1; y++) {
    for (let x = x0; x < x1; x++) {
      const found = bitmaps.valueAt(node, channel, y, x);
      if (!found) continue;
      context.fillStyle = node.role === "input" ? theme.rgb[channel % 3] : inkOn(found.value, peak, table);
      const text = cellText(found, peak, cell);
      context.fillText(text, r.x + (x + 0.5) * cell, r.y + (y + 0.5) * ch);
    }
  }
}

/** A number for a cell: as many decimals as the largest value of the map leaves room for. */
function cellText({ value, exact }, peak, cell) {
  const places = 2 - Math.floor(Math.log10(peak || 1)) + (cell > 70 ? 1 : 0) - (exact ? 0 : 1);
  if (places > 5 || peak >= 1e5) return format(value, 2);
  const text = value.toFixed(Math.max(0, Math.min(5, places))).replace("-", "−");
  return exact ? text : `≈${text}`;
}

/** A single number as a chip in its colour, with the number in it when there is room. */
function paintChip(context, scene, node, thumb, row, r) {
  const { theme, bitmaps, store } = scene;
  const found = bitmaps.valueAt(node, thumb.channel, 0, 0);
  const peak = store.peakFor(node, node.thumb.scale[row]);
  const table = lut("signed", theme.dark);
  roundRect(context, r.x, r.y, r.w, r.h, Math.min(3, r.h / 4));
  context.fillStyle = found ? colourOf(found.value, peak, table) : theme.slab;
  context.fill();
  context.lineWidth = 0.75;
  context.strokeStyle = theme.hair;
  context.stroke();
  if (!found || r.h < 10.5) return;
  context.font = font(theme, Math.min(13, r.h * 0.66));
  context.fillStyle = inkOn(found.value, peak, table);
  context.textAlign = "center";
  context.textBaseline = "middle";
  const text = format(found.value, 2);
  if (widthOf(context, text) < r.w - 2) context.fillText(text, r.x + r.w / 2, r.y + r.h / 2 + 0.5);
}

/** An operation without pictures: tokens, shapes that are no maps. */
function paintBlank(context, { theme, camera }, box, at, node) {
  roundRect(context, at.x, at.y, at.w, at.h, Math.min(8, 8 * camera.k));
  context.fillStyle = theme.slab;
  context.fill();
  context.lineWidth = 1;
  context.strokeStyle = theme.slabLine;
  context.stroke();
  if (camera.k < 0.6) return;
  context.font = font(theme, Math.min(11, 10 * camera.k));
  context.fillStyle = theme.faint;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(fits(context, node.layout, at.w - 6), at.x + at.w / 2, at.y + at.h / 2);
}

function outline(context, theme, r) {
  context.lineWidth = 0.75;
  context.strokeStyle = theme.hair;
  context.strokeRect(r.x, r.y, r.w, r.h);
}
