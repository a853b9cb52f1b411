// Formulas as MathML, which browsers set and screen readers read.

import { brief } from "../shared/numbers.js";

const escape = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

/** A name: one letter is set in italics. */
export const id = (name) => `<mi>${escape(name)}</mi>`;
export const op = (sign) => `<mo>${escape(sign)}</mo>`;
/** A number; negative ones between brackets if asked for. */
export const num = (value, bracket = false) => {
  const text = `<mn>${brief(value, 5)}</mn>`;
  return bracket && value < 0 ? group(text) : text;
};
export const row = (...parts) => `<mrow>${parts.join("")}</mrow>`;
export const group = (...parts) => row(op("("), ...parts, op(")"));
export const frac = (above, below) => `<mfrac>${row(above)}${row(below)}</mfrac>`;
export const sup = (base, above) => `<msup>${row(base)}${row(above)}</msup>`;
export const size = (...parts) => row(op("|"), ...parts, op("|"));
export const call = (name, ...parts) => row(id(name), group(...parts));
export const exp = (...parts) => sup(id("e"), row(...parts));

/** @param {string} inner */
export function math(inner) {
  const made = document.createElement("span");
  made.innerHTML = `<math>${row(inner)}</math>`;
  return made.firstChild;
}

/** What stands for x in a formula: the letter, or a number. */
export const letter = (name) => ({ plain: id(name), bracketed: id(name), minus: row(op("−"), id(name)), negative: false });
export const value = (number) => ({
  plain: num(number),
  bracketed: num(number, true),
  minus: number < 0 ? num(-number) : row(op("−"), num(number)),
  negative: number < 0,
});
