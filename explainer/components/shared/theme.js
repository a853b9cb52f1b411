/** The page's theme as the canvases need it: parsed colours, mixes of them, fonts. */

import { isDark } from "./colours.js";

/** @param {Element} host */
export function readTheme(host) {
  const style = getComputedStyle(host);
  const read = (name, otherwise) => style.getPropertyValue(name).trim() || otherwise;
  const text = parse(read("--st-text-color", "#1f2430"));
  const background = parse(read("--st-background-color", "#ffffff"));
  const primary = parse(read("--st-primary-color", "#1f5fa8"));
  const secondary = parse(read("--st-secondary-background-color", "#f4f5f7"));
  const dark = isDark(host);
  const over = (a, alpha, base = background) => rgb(a.map((v, i) => Math.round(v * alpha + base[i] * (1 - alpha))));
  return {
    dark,
    font: read("--st-font", "system-ui, sans-serif"),
    text: rgb(text),
    muted: over(text, dark ? 0.66 : 0.62),
    faint: over(text, 0.54),
    background: rgb(background),
    veil: (alpha) => alphaOf(background, alpha),
    slab: over(secondary, dark ? 0.75 : 0.7),
    slabLine: over(text, dark ? 0.2 : 0.13),
    frame: over(primary, 0.42),
    frameFill: alphaOf(secondary, dark ? 0.28 : 0.34),
    primary: rgb(primary),
    primarySoft: over(primary, dark ? 0.22 : 0.12),
    primaryInk: over(primary, dark ? 0.8 : 0.92, text),
    edge: over(text, dark ? 0.2 : 0.13),
    edgeBlock: over(text, dark ? 0.1 : 0.055),
    rail: over(primary, dark ? 0.62 : 0.5),
    ribbons: [over(primary, dark ? 0.26 : 0.15), over([124, 88, 190], dark ? 0.3 : 0.15)],
    gate: over([124, 88, 190], dark ? 0.85 : 0.8),
    hot: over(text, 0.86),
    warm: over(primary, 0.75),
    hair: alphaOf(text, dark ? 0.22 : 0.16),
    bar: over(text, dark ? 0.38 : 0.3),
    track: over(text, dark ? 0.13 : 0.07),
    rgb: ["#c8443c", "#3d8f4f", "#3a6fc4"],
  };
}

function parse(colour) {
  const context = document.createElement("canvas").getContext("2d");
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  return [...context.getImageData(0, 0, 1, 1).data.slice(0, 3)];
}

function rgb([r, g, b]) {
  return `rgb(${r},${g},${b})`;
}

function alphaOf([r, g, b], alpha) {
  return `rgba(${r},${g},${b},${alpha})`;
}
