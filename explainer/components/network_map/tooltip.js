/** The words at the pointer, and the same in words for a screen reader. */

import { format } from "../shared/colours.js";
import { feedsInWords } from "./links.js";
import { shapeText } from "./layout.js";
import { percent } from "./paint_answer.js";
import { short } from "../shared/draw.js";

export class Tooltip {
  /** @param {HTMLElement} host @param {object} store @param {object} bitmaps */
  constructor(host, store, bitmaps) {
    this.store = store;
    this.bitmaps = bitmaps;
    this.host = host;
    this.element = document.createElement("div");
    this.element.className = "nm-tip";
    this.element.hidden = true;
    host.append(this.element);
  }

  hide() {
    this.element.hidden = true;
  }

  /** @param {object|null} hit from hitTest */
  show(hit, px, py) {
    const lines = hit && describe(this.store, this.bitmaps, hit);
    if (!lines) return this.hide();
    const { element, host } = this;
    element.replaceChildren(
      ...lines.filter(({ text }) => text).map(({ text, as }) => {
        const row = document.createElement("div");
        row.className = `nm-tip-${as}`;
        row.textContent = text;
        return row;
      }),
    );
    element.hidden = false;
    const { offsetWidth: w, offsetHeight: h } = element;
    const x = px + 18 + w > host.clientWidth ? px - 14 - w : px + 18;
    const y = Math.min(py + 16, host.clientHeight - h - 6);
    element.style.transform = `translate(${Math.max(4, x)}px, ${Math.max(4, y)}px)`;
  }
}

const line = (text) => ({ text, as: "line" });

/** Lines of the tooltip for what is under the pointer. */
export function describe(store, bitmaps, hit) {
  const { overview } = store;
  if (hit.type === "fold") return [line(store.text("Fold {name}", { name: hit.frame.frame.label }))];
  if (!hit.box) return null;
  const { item } = hit.box;
  const node = overview.nodes[item.node];
  if (item.kind === "output") return answer(store, hit.box.thumbs.find((t) => t.channel === hit.channel)?.row);
  const title = item.kind === "slab" ? item.group.path || item.label : node.name;
  if (hit.type === "picture") {
    const { picture } = overview;
    const x = Math.floor((hit.x * picture.width) / node.width);
    const y = Math.floor((hit.y * picture.height) / node.height);
    const [r, g, b] = picture.pixels.subarray(4 * (y * picture.width + x));
    return [
      { text: store.text("input"), as: "title" },
      line(store.text("pixel ({y}, {x})", { y, x })),
      { text: store.text("red {r}, green {g}, blue {b}", { r, g, b }), as: "value" },
    ];
  }
  if (hit.channel != null) {
    const found = bitmaps.valueAt(node, hit.channel, hit.y, hit.x);
    const feeds = item.kind === "slab" ? "" : feedsInWords(store, node, hit.channel);
    const point = node.height * node.width > 1;
    return [
      { text: `${title} · ${store.text("channel {number}", { number: hit.channel })}`, as: "title" },
      point ? line(store.text("pixel ({y}, {x})", { y: hit.y, x: hit.x })) : { text: "" },
      { text: found ? `${found.exact ? "" : "≈ "}${format(found.value, found.exact ? 6 : 3)}` : "", as: "value" },
      line(feeds),
      { text: item.kind === "slab" ? store.text("the output of {type}", { type: item.group.type }) : "", as: "hint" },
    ];
  }
  if (hit.type === "gap") return null;
  const cost = item.group ?? node;
  const lines = [
    { text: title || store.text("network"), as: "title" },
    { text: item.kind === "slab" ? `${item.group.type} · ${shapeText(node)}` : `${node.summary} · ${shapeText(node)}`, as: "line" },
    cost.parameters || cost.flops
      ? line(store.text("{parameters} parameters, {flops} FLOPs", { parameters: short(cost.parameters ?? 0), flops: short(cost.flops ?? 0) }))
      : { text: "" },
    node.thumb ? line(store.text("values from {low} to {high}", { low: format(node.low, 3), high: format(node.high, 3) })) : { text: "" },
  ];
  if (hit.type === "slab") lines.push({ text: store.text("Click to unfold"), as: "hint" });
  else if (item.kind !== "input") lines.push({ text: store.text("Click to see all channels"), as: "hint" });
  return lines;
}

function answer(store, row) {
  if (!row) return null;
  return [
    { text: row.name, as: "title" },
    { text: percent(row.probability), as: "value" },
    line(store.text("logit {value}", { value: format(row.logit, 4) })),
  ];
}

/** What the focus ring is on, in one sentence. */
export function sentence(store, box, row) {
  const { item } = box;
  const node = store.overview.nodes[item.node];
  if (item.kind === "output") {
    const found = box.thumbs[Math.max(0, row)].row;
    return store.text("class {name}: {probability}", { name: found.name, probability: percent(found.probability) });
  }
  const name = item.kind === "slab" ? item.group.path || item.label : node.name;
  if (row >= 0 && node.thumb) {
    const channel = box.thumbs[row].channel;
    const at = node.shown.indexOf(channel);
    const { width, height, pixels, scale } = node.thumb;
    let low = 255;
    let high = 0;
    for (let i = at * width * height; i < (at + 1) * width * height; i++) {
      low = Math.min(low, pixels[i]);
      high = Math.max(high, pixels[i]);
    }
    const value = (q) => format(((q - 128) / 127) * scale[at], 3);
    return store.text("{name}, channel {channel} of {count}, values about {low} to {high}", {
      name, channel, count: node.channels, low: value(low), high: value(high),
    });
  }
  const fields = { name, shape: shapeText(node), low: format(node.low ?? 0, 3), high: format(node.high ?? 0, 3), count: item.count };
  if (item.kind === "slab") return store.text("{name}, folded, {count} operations, output {shape}. Space unfolds it.", fields);
  return store.text("{name}, output {shape}, values from {low} to {high}", fields);
}
