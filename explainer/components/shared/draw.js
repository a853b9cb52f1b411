/** Small helpers for drawing on a canvas. */

export function font(theme, size, weight = 400, style = "") {
  return `${style} ${weight} ${Math.round(size * 4) / 4}px ${theme.font}`;
}

const widths = new Map();

/** Width of a text in the context's present font, remembered. */
export function widthOf(context, text) {
  const key = `${context.font}|${text}`;
  let width = widths.get(key);
  if (width === undefined) {
    if (widths.size > 6000) widths.clear();
    width = context.measureText(text).width;
    widths.set(key, width);
  }
  return width;
}

/** The text, shortened where it is wider than the room (a number at its end is kept); "" where nothing useful fits. */
export function fits(context, text, room) {
  if (widthOf(context, text) <= room) return text;
  const tail = /\d*$/.exec(text)[0].slice(-4);
  for (let head = text.length - tail.length - 1; head >= 2; head--) {
    const short = `${text.slice(0, head).trimEnd()}…${tail}`;
    if (widthOf(context, short) <= room) return short;
  }
  return "";
}

export function roundRect(context, x, y, w, h, r) {
  context.beginPath();
  context.roundRect(x, y, w, h, Math.min(r, w / 2, h / 2));
}

/** 9400 as "9.4 k" */
export function short(count) {
  if (count < 1000) return String(count);
  const units = ["k", "M", "G", "T"];
  let value = count;
  let unit = -1;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

/** Opacity of something that is just appearing. */
export function shown(scene, id) {
  return scene.appear?.get(id) ?? 1;
}

/** Two small arrows, pointing apart (unfold) or together (fold). */
export function chevrons(context, x, y, colour, inward, size = 4) {
  context.strokeStyle = colour;
  context.lineWidth = 1.5;
  context.lineCap = "round";
  context.lineJoin = "round";
  context.beginPath();
  for (const side of [-1, 1]) {
    const tip = inward ? side * 1.5 : side * (size + 1.5);
    const tail = inward ? side * (size + 1.5) : side * 1.5;
    context.moveTo(x + tail, y - size);
    context.lineTo(x + tip, y);
    context.lineTo(x + tail, y + size);
  }
  context.stroke();
  context.lineCap = "butt";
}
