// What the reader looks at, as it stands in the address.

import { fromAddress } from "../shared/address.js";

export const SHOWS = ["colour", "channels", "grey"];
export const SCALES = ["imagenet", "signed", "photo"];
const FIRST = { c: 1, show: SHOWS[0], bits: 3, tint: true, norm: SCALES[0] };

/** The pixel that is chosen at first: with the first photo, on the rim of the cup. @param {{width: number, height: number}} picture */
export function firstPixel({ width, height }) {
  return { x: Math.floor(width * 0.34), y: Math.floor(height * 0.38) };
}

/** @param {{width: number, height: number}} picture @param {(name: string) => string} [read] */
export function readState({ width, height }, read = fromAddress) {
  const whole = (name, low, high, usual) => {
    const text = read(name);
    const value = /^\d{1,6}$/.test(text) ? Number(text) : NaN;
    return value >= low && value <= high ? value : usual;
  };
  const first = firstPixel({ width, height });
  const one = (name, known, usual) => (known.includes(read(name)) ? read(name) : usual);
  const lens = read("lens").split(",").map(Number);
  return {
    pixel: { x: whole("x", 0, width - 1, first.x), y: whole("y", 0, height - 1, first.y) },
    c: whole("c", 0, 2, FIRST.c),
    show: one("show", SHOWS, FIRST.show),
    bits: whole("bits", 1, 8, FIRST.bits),
    tint: read("tint") !== "0",
    norm: one("norm", SCALES, FIRST.norm),
    lens: lens.length === 3 && lens.every(Number.isFinite) && lens[0] > 1 ? lens : null,
  };
}

/**
 * The parameters of the address; what is as at first does not stand there.
 * @param {any} state @param {import("./lens.js").Lens} lens
 */
export function writeState({ pixel, c, show, bits, tint, norm }, lens) {
  const first = { ...FIRST, ...firstPixel(lens.picture) };
  const values = { x: pixel.x, y: pixel.y, c, show, bits, norm };
  const written = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value === first[name] ? "" : String(value)]));
  const zoomed = lens.zoom > 1.01;
  return { ...written, tint: tint ? "" : "0", lens: zoomed ? [lens.zoom.toFixed(2), lens.cx.toFixed(1), lens.cy.toFixed(1)].join() : "" };
}
