// Colours of inputs and outputs: pixels are grey, painted cells and outputs signed.

/** @typedef {{colour: (value: number) => string, ink: (value: number) => string, peak: number, grey: boolean}} Tone */

/** The largest magnitude of some numbers, at least `least`. @param {ArrayLike<number>} values */
export function peakOf(values, least = 0, from = 0, to = values.length) {
  let peak = least;
  for (let i = from; i < to; i++) if (Math.abs(values[i]) > peak) peak = Math.abs(values[i]);
  return peak;
}

/** @param {import("../shared/palette.js").Palette} palette @returns {Tone} */
export function signedTone(palette, peak, name = "signed") {
  return {
    colour: (value) => palette.colour(value, peak, name),
    ink: (value) => palette.ink(value, peak, name),
    peak,
    grey: false,
  };
}

/** Pixels from 0, black, to 1, white. @returns {Tone} */
export function greyTone() {
  const level = (value) => Math.round(Math.max(0, Math.min(1, value)) * 255);
  return {
    colour: (value) => `rgb(${level(value)},${level(value)},${level(value)})`,
    ink: (value) => (level(value) > 128 ? "#14181f" : "#ffffff"),
    peak: 1,
    grey: true,
  };
}

/** How one output channel is shown: as pixels where it is a picture again, else signed. @returns {Tone} */
export function resultTone(palette, layer, values, output) {
  const size = layer.rows.out * layer.columns.out;
  let [low, high] = [Infinity, -Infinity];
  for (let at = output * size; at < (output + 1) * size; at++) {
    const value = layer.relu ? Math.max(0, values[at]) : values[at];
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (layer.grey && !layer.relu && low > -0.004 && high < 1.004 && high > 0) return greyTone();
  return signedTone(palette, Math.max(-low, high, 0) || 1);
}

/** The largest weight of an output's filter. */
export function filterPeak(layer, output) {
  const size = layer.weight.length / layer.outputs;
  return peakOf(layer.weight, 0, output * size, (output + 1) * size) || 1;
}

/** Three channels as one colour. */
export function mixed(red, green, blue) {
  const level = (value) => Math.round(Math.max(0, Math.min(1, value)) * 255);
  return `rgb(${level(red)},${level(green)},${level(blue)})`;
}
